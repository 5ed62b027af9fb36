"""Element sets from files: TLE in twos and threes, OMM in every form, errors with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from forewarn.formats import FormatError
from forewarn.formats.elements import load_elements, read_elements

VECTORS = Path(__file__).parents[1] / "vectors" / "orbits"
LINE_1 = "1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927"
LINE_2 = "2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537"


def test_two_and_three_lines_in_one_text() -> None:
    text = f"{LINE_1}\n{LINE_2}\n\nISS (ZARYA)\r\n{LINE_1}\r\n{LINE_2}\r\n"
    plain, named = read_elements(text)
    assert plain.catalogue_number == named.catalogue_number == 25544
    assert named.object_name == "ISS (ZARYA)"
    assert named.epoch_tai_ns == plain.epoch_tai_ns


def test_files_of_alpha_5_and_omm() -> None:
    (first,) = load_elements(VECTORS / "alpha5-A-100000-saramago-first.tle")
    assert first.catalogue_number == 100_000
    for name in ("v01-baseline-reserialised.kvn", "v07-xml-ndm-reserialised.xml"):
        assert load_elements(VECTORS / name)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", None, "empty"),
        ("No GP data found", None, "there are no elements"),
        (f"{LINE_1}\n", 1, "2 lines"),
        (f"{LINE_1}\n{LINE_2[:-1]}9\n", 1, "checksum"),
        (f"NAME\n{LINE_1}\n{LINE_2}\nNEXT\n", 4, "a name without element lines"),
        (f"NAME\n{LINE_1}\n{LINE_2}\nNEXT\nNEXT\n", 5, "out of place"),
        (f"{LINE_1}\n{LINE_2}\n{LINE_2}\n", 3, "out of place"),
        ("<ndm>", None, "XML"),
        ('{"OBJECT_NAME": NaN}', None, ""),
        ("CCSDS_OMM_VERS = 2.0\n", None, "lacks the mandatory keyword"),
    ],
)
def test_what_is_wrong_and_where(text: str, line: int | None, words: str) -> None:
    with pytest.raises(FormatError, match="sat_file") as caught:
        read_elements(text, file="sat_file")
    assert words in str(caught.value)
    assert caught.value.line == line
