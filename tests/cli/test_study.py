"""``forewarn study bounds``: tables, files, and bad input as one lesson."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from forewarn.cli.app import BAD_INPUT, start

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """The overflight of 2017 until 70 s after launch, under two staring telescopes alone."""
    network = yaml.safe_load((SCENARIOS / "networks" / "notional-pacific.yaml").read_text())
    network["sensors"] = [s for s in network["sensors"] if s["sensor_id"].endswith("STARE")]
    (tmp_path / "network.yaml").write_text(yaml.safe_dump(network))
    text = (SCENARIOS / "overflight-2017-08-29.yaml").read_text()
    for name in ("areas", "policies", "vehicles"):
        text = text.replace(f": {name}/", f": {SCENARIOS}/{name}/")
    text = text.replace("networks/notional-pacific.yaml", "network.yaml")
    text = text.replace("duration_s: 1020", "duration_s: 100")
    path = tmp_path / "short.yaml"
    path.write_text(text)
    return path


def test_tables_and_files(short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every quantity's table; with --out numbers, picture and page, whole."""
    out = tmp_path / "bounds"
    command = ["study", "bounds", str(short), "--seeds", "1", "--out", str(out)]
    assert start([*command, "--launch", "sunan-1"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""  # progress is for a terminal alone
    for heading in ("Launch place", "Impact time", "Position of the track"):
        assert heading in captured.out
    assert "first confirmation" in captured.out
    assert "GEO-MID-STARE" in captured.out
    assert str(out) in captured.out
    assert sorted(p.name for p in out.iterdir()) == ["bounds.html", "bounds.json", "bounds.svg"]
    numbers = json.loads((out / "bounds.json").read_text())
    assert numbers["forewarn"] == "bounds/1"
    assert numbers["run_count"] == 1
    assert numbers["belief"]["thrust_fraction"] > 0.0
    (launch,) = numbers["launches"]
    assert launch["moments"][0]["name"] == "first confirmation"
    assert launch["curve"][-1]["since_launch_s"] == 70.0
    ET.fromstring((out / "bounds.svg").read_text())
    assert (out / "bounds.html").read_text().startswith("<!doctype html>")


def test_a_folder_that_is_taken_is_refused_before_anything_runs(
    short: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The scenario's own folder holds other things."""
    assert start(["study", "bounds", str(short), "--out", str(short.parent)]) == BAD_INPUT
    captured = capsys.readouterr()
    assert "name another folder with --out" in captured.err
    assert captured.out == ""


@pytest.mark.parametrize(
    ("arguments", "lesson"),
    [
        (("nowhere",), "nowhere: no such scenario; give a file, or one of the shipped"),
        (("ses-10",), "all its launches are telemetry"),
        (("overflight-2017-08-29", "--launch", "x"), "no launch 'x': write one of sunan-1"),
        (("overflight-2017-08-29", "--seeds", "0"), "'--seeds'"),
        (("overflight-2017-08-29", "--workers", "none"), "'--workers'"),
        ((), "Missing argument"),
    ],
)
def test_bad_input_is_one_message_and_status_2(
    arguments: tuple[str, ...], lesson: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What, where, and what to do; nothing on the output."""
    assert start(["study", "bounds", *arguments]) == BAD_INPUT
    captured = capsys.readouterr()
    assert lesson in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_a_flight_that_cannot_be_is_the_scenarios_mistake(
    short: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Farther than the vehicle can go."""
    short.write_text(short.read_text().replace("range_km: 2700", "range_km: 19000"))
    assert start(["study", "bounds", str(short), "--seeds", "1"]) == BAD_INPUT
    message = capsys.readouterr().err
    assert "cannot be simulated: seed 1" in message
    assert "change the scenario" in message


def test_help_lists_the_studies(capsys: pytest.CaptureFixture[str]) -> None:
    """The group and the command help, with examples and exit statuses."""
    assert start(["study", "--help"]) == 0
    group = capsys.readouterr().out
    assert "bounds" in group
    assert "3    a verification failed" in group
    assert start(["study", "bounds", "--help"]) == 0
    text = capsys.readouterr().out
    assert "forewarn study bounds overflight-2017-08-29" in text.partition("Examples")[2]
