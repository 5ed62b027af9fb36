"""How soon a liquid booster stands above the clouds: anchor A1, on thirty real ascents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import cloud_break
from forewarn.formats.telemetry import load_telemetry

TELEMETRY = Path(__file__).resolve().parents[3] / "scenarios" / "telemetry"
IN_FULL = {
    "abs-2a": "ABS-2A",
    "crs-10": "SpaceX CRS-10",
    "echostar-23": "EchoStar 23",
    "formosat-5": "FormoSat-5",
    "intelsat-35e": "Intelsat 35e",
    "iridium-next-4": "Iridium NEXT 4",
    "jcsat-2b": "JCSAT-2B",
    "paz": "Paz",
    "ses-10": "SES-10",
    "thaicom-8": "Thaicom 8",
}
"""The ten ascents that are in the repository, sample by sample."""


@pytest.fixture(scope="module")
def ascents() -> list[cloud_break.Ascent]:
    """The table of thirty missions."""
    return cloud_break.from_table()


def test_time_to_seven_ten_and_twelve_kilometres(ascents: list[cloud_break.Ascent]) -> None:
    """A1 (46 flights of shahar603/Telemetry-Data): medians 57.9, 68.3 and 74.2 s; 47.5 to 66.1 s.

    These are 30 of the 46: medians within a second, all within the published spread.
    """
    climbs = np.array([a.climb_s for a in ascents])
    assert climbs.shape == (30, 3)
    assert 55.0 <= np.median(climbs[:, 0]) <= 61.0
    assert np.median(climbs, axis=0) == pytest.approx((57.9, 68.3, 74.2), abs=1.0)
    assert climbs[:, 0].min() >= 47.5
    assert climbs[:, 0].max() <= 66.1
    assert np.all(np.diff(climbs, axis=1) > 0.0)


def test_the_first_stage_ends_as_published(ascents: list[cloud_break.Ascent]) -> None:
    """A1: mostly 140 to 185 s, at 60 to 94 km and 1.6 to 2.7 km/s; nine in ten at least."""
    for values, least, most in (
        ([a.cut_off_s for a in ascents], 140.0, 185.0),
        ([a.cut_off_altitude_m for a in ascents], 60e3, 94.5e3),
        ([a.cut_off_speed_m_s for a in ascents], 1.6e3, 2.7e3),
    ):
        assert np.mean([least <= v <= most for v in values]) >= 0.9


@pytest.mark.parametrize("name", sorted(IN_FULL))
def test_the_table_is_that_of_the_telemetry(name: str, ascents: list[cloud_break.Ascent]) -> None:
    """The ten ascents in the repository give the rows of the table again."""
    samples = np.array(load_telemetry(TELEMETRY / f"{name}.csv"))
    (row,) = (a for a in ascents if a.mission == IN_FULL[name])
    climb_s = cloud_break.times_to_s(samples[:, 0], samples[:, 2])
    assert climb_s == pytest.approx(row.climb_s, abs=0.06)
    at_cut_off = [float(np.interp(row.cut_off_s, samples[:, 0], samples[:, i])) for i in (1, 2)]
    assert at_cut_off[0] == pytest.approx(row.cut_off_speed_m_s, abs=0.6)
    assert at_cut_off[1] == pytest.approx(row.cut_off_altitude_m, abs=60.0)


def test_the_table_survives_writing(tmp_path: Path, ascents: list[cloud_break.Ascent]) -> None:
    """Written and read it is the same; so is telemetry that is read as the author lays it out."""
    file = tmp_path / "table.csv"
    cloud_break.write_table(ascents, file)
    assert file.read_bytes() == cloud_break.TABLE.read_bytes()
    mission = tmp_path / "Mission 1"
    mission.mkdir()
    (mission / "analysed.json").write_text(
        '{"time": [0, 50, 100, 150], "altitude": [0, 5, 15, 60], "velocity": [0, 200, 800, 2000]}'
    )
    (mission / "events.json").write_text('{"meco": 125}')
    (read,) = cloud_break.from_telemetry(tmp_path)
    assert read == cloud_break.Ascent("Mission 1", (60.0, 75.0, 85.0), 125.0, 37.5e3, 1400.0)
    assert "Mission 1" in cloud_break.report([read])
