"""``forewarn claim``: words, JSON and picture, and bad input as one lesson."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from forewarn.cli.app import BAD_INPUT, start

ROOT = Path(__file__).resolve().parents[2]
SOUND = ["claim", "--apogee-km", "6040.9", "--range-km", "999.2", "--time-s", "4135"]
FALSE = ["claim", "--apogee-km", "6248.5", "--range-km", "1090", "--time-s", "4052"]


def test_the_verdict_its_numbers_and_its_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    """The verdict comes first; then the arc, the excess, the reasons and what is unknown."""
    assert start(FALSE) == 0
    text = capsys.readouterr().out
    assert text.startswith("Too short: 67 min 32 s is 23 s less than the engine-free arc\n")
    assert "engine-free arc   4,074.7 s, from the ground at 7.88 km/s, 85.1 deg" in text
    assert "excess            -22.7 s, error 0.41 s" in text
    assert "apogees that fit  5," in text
    assert text.index("\nWhy\n") < text.index("\nNot known\n")
    assert max(map(len, text.splitlines())) <= 100
    assert start(SOUND) == 0
    assert capsys.readouterr().out.startswith("Consistent: 188 s over the engine-free arc")


def test_json_fits_its_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """SI units, the schema of docs/reference, and nothing else on the output."""
    schema = json.loads((ROOT / "docs" / "reference" / "claim.schema.json").read_text())
    for arguments, verdict in ((SOUND, "consistent"), (FALSE, "too short")):
        assert start([*arguments, "--json"]) == 0
        judged = json.loads(capsys.readouterr().out)
        jsonschema.Draft202012Validator(schema).validate(judged)
        assert judged["verdict"] == verdict
        assert judged["apogee_m"] == pytest.approx(float(arguments[2]) * 1e3)
        assert judged["forewarn"] == "claim/1"


@pytest.mark.parametrize(
    ("option", "value", "field", "si"),
    [
        ("--apogee-error-km", "25", "apogee_error_m", 25e3),
        ("--range-error-km", "50", "range_error_m", 50e3),
        ("--time-error-s", "30", "time_error_s", 30.0),
    ],
)
def test_each_error_option_is_heard(
    option: str, value: str, field: str, si: float, capsys: pytest.CaptureFixture[str]
) -> None:
    """It arrives in SI, and makes the error of the excess larger."""
    assert start([*SOUND, "--json"]) == 0
    before = json.loads(capsys.readouterr().out)
    assert start([*SOUND, option, value, "--json"]) == 0
    after = json.loads(capsys.readouterr().out)
    assert after[field] == pytest.approx(si)
    assert after["excess_error_s"] > before["excess_error_s"]


def test_no_picture_is_written_unless_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --picture nothing appears; with it one file; again only with --force, the same."""
    monkeypatch.chdir(tmp_path)
    assert start(SOUND) == 0
    assert not list(tmp_path.iterdir())
    file = tmp_path / "claim.svg"
    assert start([*SOUND, "--picture", "claim.svg"]) == 0
    assert "picture: claim.svg" in capsys.readouterr().out
    drawn = file.read_bytes()
    assert b"<svg" in drawn
    assert start([*SOUND, "--picture", "claim.svg"]) == BAD_INPUT
    assert "--picture: claim.svg is there already; name another file" in capsys.readouterr().err
    assert start([*SOUND, "--picture", "claim.svg", "--force"]) == 0
    assert file.read_bytes() == drawn
    assert start([*SOUND, "--picture", "claim.PNG", "--json"]) == 0
    assert (tmp_path / "claim.PNG").read_bytes().startswith(b"\x89PNG")
    json.loads(capsys.readouterr().out.partition("picture: claim.svg\n")[2])


@pytest.mark.parametrize(
    ("picture", "lesson"),
    [
        ("claim.jpg", "end its name in .svg or .png"),
        ("nowhere/claim.svg", "no folder nowhere; make that folder first"),
        ("folder.svg", "folder.svg is there already"),
    ],
)
def test_a_picture_that_cannot_be_is_refused_before_anything_is_said(
    picture: str,
    lesson: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One message, status 2, no verdict printed, no file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.svg").mkdir()
    assert start([*SOUND, "--picture", picture, "--force"]) == BAD_INPUT
    captured = capsys.readouterr()
    assert lesson in captured.err
    assert captured.out == ""
    assert [p.name for p in tmp_path.iterdir()] == ["folder.svg"]


@pytest.mark.parametrize(
    ("numbers", "lesson"),
    [
        (("-3", "1000", "840"), "claim: --apogee-km: -3 is not a number above 0"),
        (("nan", "1000", "840"), "--apogee-km: nan is not a number above 0"),
        (("1000", "25000", "840"), "--range-km: 25,000 is over half the way round the Earth"),
        (("20", "2700", "840"), "--apogee-km: 20 is too low for a ballistic arc of 2,700 km"),
        (("6248.5", "1090", "67.5"), "--time-s: 67.5 looks like minutes"),
        (("high", "1090", "4052"), "Invalid value for '--apogee-km'"),
    ],
)
def test_bad_numbers_are_one_message_and_status_2(
    numbers: tuple[str, str, str], lesson: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What, where, which value; nothing on the output."""
    apogee_km, range_km, time_s = numbers
    arguments = ["--apogee-km", apogee_km, "--range-km", range_km, "--time-s", time_s]
    assert start(["claim", *arguments]) == BAD_INPUT
    captured = capsys.readouterr()
    assert lesson in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_a_time_in_minutes_is_mended_as_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The suggested option works."""
    assert start([*FALSE[:-1], "67.5"]) == BAD_INPUT
    mend = capsys.readouterr().err.rpartition("write --time-s ")[2].strip()
    assert mend == "4050"
    assert start([*FALSE[:-1], mend]) == 0
    assert capsys.readouterr().out.startswith("Too short")
