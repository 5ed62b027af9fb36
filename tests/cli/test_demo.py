"""The guided first run ends by itself and tells the truth."""

from __future__ import annotations

from pathlib import Path

import pytest

from forewarn.cli.app import start
from forewarn.cli.story import launch_moments, tell_moments


def test_the_demo_tells_both_launches(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert start(["demo", "--out", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    first, _, second = text.partition("\n2. ")
    for words in (
        "lift-off",
        "above the cloud",
        "first look",
        "confirmed",
        "FIRST WARNING",
        "NARROWED",
        "passed over",
        "the first public alert came at launch + 4 min",
    ):
        assert words in first
    assert "space launch, no threat; nobody was warned" in second
    assert "WARNING" not in second
    for run in ("overflight", "ses-10"):
        assert str(tmp_path / run / "report.html") in second
        assert (tmp_path / run / "report.html").is_file()
    assert not list((tmp_path / "ses-10" / "alerts").iterdir())
    assert "launch + 4 min" in (tmp_path / "overflight" / "summary.json").read_text()


def test_moments_stand_in_the_order_of_time() -> None:
    launch = {
        "launch_id": "x",
        "time_utc": "2020-01-01T00:00:00.000Z",
        "cloud_break_s": 40.0,
        "first_look_s": 45.0,
        "first_detection_s": 50.0,
        "confirmed_s": 60.0,
        "burnout_s": 55.0,
        "impact_s": None,
        "case_closed_s": 90.0,
        "case_ids": ["case-1"],
        "end_reasons": ["passed over"],
        "warned_area_ids": ["a", "b"],
    }
    summary = {
        "cloud_top_m": 7000.0,
        "areas": [{"area_id": "a", "name": "Alpha (notional)"}, {"area_id": "b", "name": "Beta"}],
        "warnings": [
            {
                "case_id": case,
                "area_id": area,
                "state": state,
                "time_utc": f"2020-01-01T00:01:{second}Z",
            }
            for case, area, state, second in (
                ("case-1", "a", "prepare", "02"),
                ("case-1", "b", "prepare", "02"),
                ("case-2", "a", "shelter", "03"),
                ("case-1", "b", "narrowed", "10"),
            )
        ],
    }
    assert tell_moments(launch_moments(summary, launch)) == [
        "     +0 s  lift-off",
        "    +40 s  above the cloud (7 km): from here on it can be seen",
        "    +45 s  first look: a sensor measures it",
        "    +50 s  followed: several looks agree on one rising object",
        "    +55 s  its engines stop",
        "    +60 s  confirmed by sensors that share no failure",
        "    +62 s  FIRST WARNING. PREPARE: Alpha, Beta",
        "    +70 s  NARROWED, no longer in danger: Beta",
        "    +90 s  case ended: passed over",
    ]
    unseen = launch | {"case_ids": [], "case_closed_s": None, "warned_area_ids": []}
    assert launch_moments(summary, unseen)[-1] == (60.0, "by now no case has been opened")
    unwarned = launch | {"warned_area_ids": [], "end_reasons": ["space launch, no threat"]}
    last = launch_moments(summary | {"warnings": []}, unwarned)[-1]
    assert last == (90.0, "case ended: space launch, no threat; nobody was warned")
