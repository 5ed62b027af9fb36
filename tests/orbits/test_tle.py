"""Two-line element sets against the gpconf corpus, and what a wrong one teaches."""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sgp4.io import compute_checksum

from forewarn.epoch import tai_ns_from_utc_text, utc_text_from_tai_ns
from forewarn.orbits import Elements, read_tle

VECTORS = Path(__file__).parents[1] / "vectors" / "orbits"
EXPECTED: dict[str, list[dict[str, Any]]] = json.loads((VECTORS / "expected.json").read_text())
FILES = [name for name in EXPECTED if name.endswith(".tle")]

# The example of Space-Track's and Wikipedia's description of the format.
NAME = "ISS (ZARYA)"
LINE_1 = "1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927"
LINE_2 = "2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537"


def sets_in(name: str) -> list[str]:
    lines = (VECTORS / name).read_text().splitlines()
    return ["\n".join(lines[i : i + 3]) for i in range(0, len(lines), 3)]


def assert_elements(actual: Elements, expected: dict[str, Any]) -> None:
    assert actual.object_name == expected["object_name"]
    assert actual.catalogue_number == expected["norad_cat_id"]
    assert actual.epoch_tai_ns == tai_ns_from_utc_text(expected["epoch"] + "Z")
    for value, keyword in (
        (actual.inclination_rad, "inclination"),
        (actual.right_ascension_rad, "ra_of_asc_node"),
        (actual.argument_of_perigee_rad, "arg_of_pericenter"),
        (actual.mean_anomaly_rad, "mean_anomaly"),
    ):
        assert math.degrees(value) == pytest.approx(float(expected[keyword]), rel=1e-15)
    assert actual.eccentricity == float(expected["eccentricity"])
    assert actual.bstar_per_earth_radius == float(expected["bstar"])
    revolutions_per_day = actual.mean_motion_rad_s * 86_400 / (2 * math.pi)
    assert revolutions_per_day == pytest.approx(float(expected["mean_motion"]), rel=1e-15)


@pytest.mark.parametrize("name", FILES)
def test_the_corpus(name: str) -> None:
    texts = sets_in(name)
    assert len(texts) == len(EXPECTED[name])
    for text, expected in zip(texts, EXPECTED[name], strict=True):
        if expected["epoch"] < "1972":
            with pytest.raises(ValueError, match=r"columns 19-32 \(epoch\): UTC is kept here from"):
                read_tle(text)
        else:
            assert_elements(read_tle(text), expected)


def test_two_lines_or_three() -> None:
    two = read_tle(f"{LINE_1}\n{LINE_2}\n")
    three = read_tle(f"{NAME}\r\n{LINE_1}\r\n{LINE_2}\r\n")
    spaced = read_tle(f"\n0 {NAME}  \n\n{LINE_1}  \n{LINE_2}  \n")
    assert (two.object_name, three.object_name) == ("25544", NAME)
    assert spaced == three
    assert three.bstar_per_earth_radius == -0.11606e-4
    assert three.origin == "two-line element set of 2008-09-20T12:25:40Z"
    assert utc_text_from_tai_ns(three.epoch_tai_ns, 9) == "2008-09-20T12:25:40.104192000Z"


def numbered(field: str) -> str:
    lines = (f"1 {field}{LINE_1[7:68]}0", f"2 {field}{LINE_2[7:68]}0")
    return "\n".join(line[:68] + str(compute_checksum(line)) for line in lines)


def test_alpha_5() -> None:
    vectors = json.loads((VECTORS / "alpha5.json").read_text())
    for group in ("official_examples", "boundaries", "skip_boundaries", "below_100000"):
        for vector in vectors[group]:
            assert read_tle(numbered(vector["field"])).catalogue_number == vector["norad_cat_id"]
    for vector in vectors["decode_invalid"]:
        with pytest.raises(ValueError, match=r"\(catalogue number\)|must have 69"):
            read_tle(numbered(vector["field"]))


def test_the_two_digit_year() -> None:
    for vector in json.loads((VECTORS / "two-digit-epoch-year.json").read_text())["vectors"]:
        line = f"{LINE_1[:18]}{vector['yy']}{LINE_1[20:]}"
        text = f"{line[:68]}{compute_checksum(line)}\n{LINE_2}"
        if vector["year"] < 1972:
            with pytest.raises(ValueError, match="UTC is kept here from 1972"):
                read_tle(text)
        else:
            epoch = utc_text_from_tai_ns(read_tle(text).epoch_tai_ns)
            assert epoch.startswith(str(vector["year"]))


def changed(first: int, last: int, to: str, *, line: int) -> str:
    """Return the example with columns replaced and its checksum made right again."""
    lines = [LINE_1, LINE_2]
    old = lines[line - 1]
    new = old[: first - 1] + to + old[last:]
    lines[line - 1] = new[:68] + str(compute_checksum(new))
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "lesson"),
    [
        (f"{LINE_1[:-1]}8\n{LINE_2}", "line 1 ends in checksum '8', but its columns give 7"),
        (f"{LINE_1}\n{LINE_2[:-1]}1", "line 2 ends in checksum '1', but its columns give 7"),
        (f"{LINE_1}\n{LINE_2.replace('51.6416', '51.6417')}", "line 2 ends in checksum '7'"),
        (f"{LINE_1[:-1]}\n{LINE_2}", "line 1 has 68 columns: it must have 69"),
        (f"{LINE_2}\n{LINE_1}", "line 1 must begin with '1 '"),
        (f"{LINE_1}\n{LINE_1}", "line 2 must begin with '2 '"),
        (LINE_1, "this text has 1"),
        ("", "this text has 0"),
        (f"{NAME}\n{LINE_1}\n{LINE_2}\n{NAME}", "this text has 4"),
        (changed(3, 7, "25545", line=2), "different objects, '25544' and '25545'"),
        (changed(63, 63, "4", line=1), "only element sets for SGP4"),
        (changed(19, 20, "x8", line=1), r"line 1 columns 19-20 \(epoch year\) are 'x8'"),
        (changed(21, 23, "000", line=1), "say day 0: 2008 has no such day"),
        (changed(21, 23, "367", line=1), "say day 367: 2008 has no such day"),
        (changed(54, 61, "  11606-", line=1), r"columns 54-61 \(drag term B\*\)"),
        (changed(9, 16, " 51,6416", line=2), r"line 2 columns 9-16 \(inclination\) are ' 51,6416'"),
        (changed(9, 16, "180.0001", line=2), "at most 180 degrees"),
        (changed(18, 25, "360.1000", line=2), r"columns 18-25 \(right ascension of the node\)"),
        (changed(27, 33, "0.00670", line=2), r"columns 27-33 \(eccentricity\)"),
        (changed(35, 42, "nan     ", line=2), r"columns 35-42 \(argument of perigee\)"),
        (changed(44, 51, "325.02 8", line=2), r"columns 44-51 \(mean anomaly\)"),
        (changed(53, 63, "15.7212539x", line=2), r"columns 53-63 \(mean motion\)"),
        (changed(53, 63, " 0.00000000", line=2), "an orbit must revolve"),
    ],
)
def test_errors_teach(text: str, lesson: str) -> None:
    with pytest.raises(ValueError, match=lesson):
        read_tle(text)


def test_the_last_day_of_a_leap_year_exists() -> None:
    assert read_tle(changed(21, 23, "366", line=1)).epoch_tai_ns > 0


@given(st.integers(0, 137), st.characters(codec="utf-8"))
def test_any_one_change_is_read_or_refused_with_a_value_error(place: int, character: str) -> None:
    text = f"{LINE_1}\n{LINE_2}"
    text = text[:place] + character + text[place + 1 :]
    with contextlib.suppress(ValueError):
        assert isinstance(read_tle(text), Elements)
