"""The unit rule: which names pass, which do not, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.tidy import check_sources
from tools.tidy.units import ALLOWED

ROOT = Path(__file__).resolve().parents[2]


def lessons(parameter: str, path: str = "src/forewarn/tracking/gate.py") -> list[str]:
    """What the unit rule says about one parameter."""
    source = f'"""M."""\n\n\ndef f({parameter}) -> None:\n    """D."""\n'
    return [f.lesson for f in check_sources({path: source}) if f.rule == "unit-suffix"]


@pytest.mark.parametrize(
    "parameter",
    [
        "position_ecef_m: Vector3",
        "velocities_gcrf_m_s: NDArray[np.float64]",
        "time_tai_ns: int",
        "times_s: Array",
        "noise_equivalent_irradiance_w_m2: float",
        "thrust_fraction: float",
        "thrust_factor: float",
        "position_count: int",
        "sine_elevation: float",  # a pure number
        "time_utc: str",
        "latitude: Callable[[float], float]",  # called, so not itself a number
        "range_ambiguous: bool",
        "v: float",  # a textbook letter
        "score: float",
    ],
)
def test_a_good_name_passes(parameter: str) -> None:
    """Names with their unit, textbook letters, and names of no quantity."""
    assert lessons(parameter) == []


@pytest.mark.parametrize(
    ("parameter", "complaint"),
    [
        ("height: float", "no known unit"),
        ("times: list[float]", "no known unit"),
        ("velocities_ecef: Array", "no known unit"),
        ("range_rate: 'float | None'", "no known unit"),
        ("azimuth", "no known unit"),
        ("position_m: Vector3", "carries no frame"),
        ("velocity_m_s: Array", "carries no frame"),
        ("position_eci_m: Vector3", "carries no frame"),
        ("latitude_deg: float", "belong to formats"),
        ("reach_km: float", "belong to formats"),
    ],
)
def test_a_bad_name_is_told_what_is_missing(parameter: str, complaint: str) -> None:
    """Names without unit or frame, and readers' units inside."""
    (lesson,) = lessons(parameter)
    assert complaint in lesson


@pytest.mark.parametrize(
    "path",
    [
        "src/forewarn/formats/geojson.py",
        "src/forewarn/cli/claim.py",
        "src/forewarn/studies/report_map.py",
    ],
)
def test_degrees_are_at_home_where_people_read(path: str) -> None:
    """The same name is wrong in the core and right at the border."""
    assert lessons("latitude_deg: float", path) == []


def test_fields_are_judged_like_parameters() -> None:
    """A field of a class without unit is found."""
    source = '"""M."""\n\n\nclass C:\n    """D."""\n\n    altitude: float\n'
    (finding,) = check_sources({"src/forewarn/tracking/gate.py": source})
    assert finding.rule == "unit-suffix"
    assert finding.line == 7


def test_an_allowed_name_is_allowed_in_its_own_file_only() -> None:
    """The list of exceptions does not loosen the rule elsewhere."""
    assert lessons("most_deg: float", "src/forewarn/orbits/tle.py") == []
    assert lessons("most_deg: float") != []


def test_every_exception_is_still_needed() -> None:
    """An exception whose name or file is gone is removed from the list."""
    for key in ALLOWED:
        file, _, name = key.partition(":")
        source = (ROOT / "src" / "forewarn" / file).read_text(encoding="utf-8")
        assert f"{name}:" in source, f"{key} is allowed but not there"
