"""A run writes its whole folder, or leaves nothing behind."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text, utc_text_from_tai_ns
from forewarn.formats import FormatError
from forewarn.formats.cap import decode_cap
from forewarn.frames import EarthOrientation, ecef_from_geodetic, gcrf_to_ecef_matrix
from forewarn.missiles.trajectory import Trajectory
from forewarn.pipeline import Pipeline
from forewarn.records import Event, Realm
from forewarn.service import journal
from forewarn.service.folder import check_free, is_run_folder, staged
from forewarn.service.runs import (
    Progress,
    groups,
    orientation_between,
    paced,
    run_events,
)
from forewarn.service.summary import About
from forewarn.simulation.truth import Truth, TruthObject
from tests.service.toy import ORIENTATION, START_TAI_NS, ToyChain, scan, tick, toy_events

PARTS = {"journal.db", "outputs.jsonl", "alerts", "tracks.czml", "impact.geojson", "summary.json"}


def run(
    pipeline: Pipeline, folder: Path, *, truth: Truth | None = None, force: bool = False
) -> dict[str, object]:
    """Ten seconds of the toy chain."""
    about = About(title="Toy", scenario_id="toy", seed=7)
    result = run_events(
        pipeline,
        toy_events(10),
        folder,
        about=about,
        truth=truth,
        step_event=ToyChain(),
        force=force,
    )
    return result.summary


def toy_truth() -> Truth:
    """A flight that stands at the toy track's place from one second before the first scan."""
    position = np.tile([-3.0e6, 3.8e6 / 3.0, 4.1e6], (2, 1))
    trajectory = Trajectory(
        times_s=np.array([0.0, 21.0]),
        position_ecef_m=position,
        velocity_ecef_m_s=np.zeros((2, 3)),
        intensity_w_sr=np.array([1e5, 1e5]),
        radar_cross_section_m2=1.0,
        burnout_s=15.0,
        came_down=True,
    )
    flown = TruthObject(
        launch_id="toy-1",
        vehicle_class="medium_range",
        source="toy",
        launch_tai_ns=START_TAI_NS - SECOND_NS,
        latitude_rad=0.7,
        longitude_rad=2.2,
        azimuth_rad=1.0,
        trajectory=trajectory,
    )
    return Truth(scenario_id="toy", seed=7, cloud_top_m=-2e7, objects=(flown,))


def test_folder_holds_every_part(tmp_path: Path, toy_pipeline: Pipeline) -> None:
    run(toy_pipeline, tmp_path / "toy")
    assert {entry.name for entry in (tmp_path / "toy").iterdir()} == PARTS
    assert list(tmp_path.iterdir()) == [tmp_path / "toy"]
    assert is_run_folder(tmp_path / "toy")


def test_lines_are_the_journals_bytes(tmp_path: Path, toy_pipeline: Pipeline) -> None:
    run(toy_pipeline, tmp_path / "toy")
    rows = list(journal.read_rows(tmp_path / "toy" / "journal.db"))
    bodies = [row.body for row in rows if row.kind == "output"]
    assert (tmp_path / "toy" / "outputs.jsonl").read_bytes() == b"".join(b + b"\n" for b in bodies)
    events = [journal.decode_event(row.body) for row in rows if row.kind == "event"]
    assert events == toy_events(10)
    assert journal.verify(tmp_path / "toy" / "journal.db").complete


def test_header_is_enough_to_build_the_chain(tmp_path: Path, toy_pipeline: Pipeline) -> None:
    run(toy_pipeline, tmp_path / "toy")
    header = journal.read_header(tmp_path / "toy" / "journal.db")
    assert header.network == toy_pipeline.network
    assert header.areas == toy_pipeline.areas
    assert header.policy == toy_pipeline.policy
    assert header.orientation == ORIENTATION
    assert (header.realm, header.scenario_id, header.seed) == (Realm.SIMULATION, "toy", 7)


def test_events_are_on_the_disk_before_they_are_stepped(
    tmp_path: Path, toy_pipeline: Pipeline
) -> None:
    """Seen from a second connection while the step runs: the event at hand is there already."""
    toy = ToyChain()
    seen = 0

    def step_event(event: Event) -> tuple[object, ...]:
        nonlocal seen
        writer_file = tmp_path / ".toy.partial" / "journal.db-wal"
        identity = getattr(event, "scan_id", None) or event.tick_id
        assert f'"{identity}"'.encode() in writer_file.read_bytes()
        seen += 1
        return toy(event)

    run_events(toy_pipeline, toy_events(10), tmp_path / "toy", step_event=step_event)
    assert seen == 20


def test_summary_tells_what_happened(tmp_path: Path, toy_pipeline: Pipeline) -> None:
    run(toy_pipeline, tmp_path / "toy", truth=toy_truth())
    summary = json.loads((tmp_path / "toy" / "summary.json").read_text())
    assert (summary["title"], summary["seed"], summary["realm"]) == ("Toy", 7, "simulation")
    assert summary["events"] == {"scan": 10, "tick": 10}
    assert summary["outputs"] == {"rejected": 1, "track": 10, "warning_decision": 2}
    assert summary["rejected"] == {"duplicate": 1}
    assert summary["simulated_s"] == 9.5
    assert summary["real_time_ratio"] == pytest.approx(9.5 / summary["wall_s"], rel=0.05)
    (case,) = summary["cases"]
    assert (case["state"], case["end_reason"]) == ("ended", "passed over")
    assert [w["state"] for w in summary["warnings"]] == ["shelter", "all_clear"]
    first = tai_ns_from_utc_text(summary["warnings"][0]["time_utc"])
    assert first == START_TAI_NS + 5 * SECOND_NS // 2


def test_summary_measures_from_the_launch(tmp_path: Path, toy_pipeline: Pipeline) -> None:
    """Lift-off a second before the first look; each scan arrives half a second after it."""
    summary = run(toy_pipeline, tmp_path / "toy", truth=toy_truth())
    (launch,) = summary["launches"]
    assert launch["launch_id"] == "toy-1"
    assert launch["first_look_s"] == 1.0
    assert launch["first_detection_s"] == 1.5
    assert launch["case_ids"] == []  # the toy's decisions name no assessment, so no track
    assert (launch["burnout_s"], launch["impact_s"]) == (15.0, 21.0)


def test_truth_file(tmp_path: Path, toy_pipeline: Pipeline) -> None:
    run(toy_pipeline, tmp_path / "toy", truth=toy_truth())
    (launch,) = json.loads((tmp_path / "toy" / "truth.json").read_text())["launches"]
    assert launch["launch"]["time_utc"] == utc_text_from_tai_ns(START_TAI_NS - SECOND_NS)
    assert launch["launch"]["latitude_deg"] == pytest.approx(np.degrees(0.7), abs=1e-6)
    assert launch["impact"]["time_utc"] == utc_text_from_tai_ns(START_TAI_NS + 20 * SECOND_NS)
    assert len(launch["samples"]) == 22
    _, latitude_deg, longitude_deg, height_km, speed_km_s = launch["samples"][3]
    there = ecef_from_geodetic(np.radians(latitude_deg), np.radians(longitude_deg), height_km * 1e3)
    assert np.allclose(there, [-3.0e6, 3.8e6 / 3.0, 4.1e6], atol=1.0)
    assert speed_km_s == 0.0


def test_alerts_are_cap_and_refer_to_each_other(tmp_path: Path, toy_pipeline: Pipeline) -> None:
    run(toy_pipeline, tmp_path / "toy")
    first, second = sorted((tmp_path / "toy" / "alerts").iterdir())
    assert (first.name, second.name) == ("0001-case-1-1.xml", "0002-case-1-2.xml")
    alert, update = decode_cap(first.read_bytes()), decode_cap(second.read_bytes())
    assert (alert.message_type, update.message_type) == ("Alert", "Update")
    assert alert.status == "Test"
    assert update.references[0].identifier == alert.identifier


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_nothing_is_left_of_a_run_that_failed(
    tmp_path: Path, toy_pipeline: Pipeline, error: type[BaseException]
) -> None:
    run(toy_pipeline, tmp_path / "toy")
    before = (tmp_path / "toy" / "outputs.jsonl").read_bytes()

    def failing() -> Iterator[Event]:
        yield from toy_events(5)
        raise error

    for folder in ("toy", "other"):
        with pytest.raises(error):
            run_events(
                toy_pipeline,
                failing(),
                tmp_path / folder,
                step_event=ToyChain(),
                force=True,
            )
    assert list(tmp_path.iterdir()) == [tmp_path / "toy"]
    assert (tmp_path / "toy" / "outputs.jsonl").read_bytes() == before
    assert gc.get_freeze_count() == 0


def test_an_earlier_run_is_replaced_only_by_force(tmp_path: Path, toy_pipeline: Pipeline) -> None:
    run(toy_pipeline, tmp_path / "toy")
    with pytest.raises(FormatError, match=r"holds an earlier run.*--force"):
        run(toy_pipeline, tmp_path / "toy")
    (tmp_path / "toy" / "old-mark").touch()
    run(toy_pipeline, tmp_path / "toy", force=True)
    assert not (tmp_path / "toy" / "old-mark").exists()
    assert list(tmp_path.iterdir()) == [tmp_path / "toy"]


def test_other_peoples_files_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter-1.txt").touch()
    with pytest.raises(FormatError, match="not a run folder"):
        check_free(tmp_path / "thesis", force=True)
    (tmp_path / "file").touch()
    with pytest.raises(FormatError, match="is a file"):
        check_free(tmp_path / "file", force=True)
    (tmp_path / "empty").mkdir()
    check_free(tmp_path / "empty")
    check_free(tmp_path / "missing")


def test_a_run_killed_between_renames_is_put_back(tmp_path: Path) -> None:
    (tmp_path / ".toy.former").mkdir()
    for name in ("journal.db", "outputs.jsonl", "summary.json"):
        (tmp_path / ".toy.former" / name).touch()
    with pytest.raises(FormatError, match="holds an earlier run"), staged(tmp_path / "toy"):
        pass
    assert is_run_folder(tmp_path / "toy")


def test_a_folder_that_cannot_be_made_is_a_lesson(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FormatError, match="cannot be written"), staged(tmp_path / "file" / "run"):
        pass


def test_events_are_grouped_by_a_second_of_event_time() -> None:
    grouped = list(groups(toy_events(4)))
    assert [len(group) for group in grouped] == [2, 2, 2, 2]
    assert [event for group in grouped for event in group] == toy_events(4)
    assert list(groups([])) == []


def test_no_events_make_an_empty_run(tmp_path: Path, toy_pipeline: Pipeline) -> None:
    result = run_events(toy_pipeline, [], tmp_path / "toy", step_event=ToyChain())
    assert result.summary["start_utc"] is None
    assert result.summary["real_time_ratio"] == 0.0


def test_a_number_that_is_not_finite_is_refused(tmp_path: Path, toy_pipeline: Pipeline) -> None:
    """JSON has no NaN, so an event that holds one could not be replayed."""
    bad = scan(0, irradiance_w_m2=float("nan"))
    with pytest.raises(ValueError, match="cannot be written"):
        run_events(toy_pipeline, [bad], tmp_path / "toy", step_event=ToyChain())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("wait", "group_s"), [(None, 10), (lambda _: None, 1)])
def test_progress_is_told_after_each_group(
    tmp_path: Path, toy_pipeline: Pipeline, wait: Callable[[int], None] | None, group_s: int
) -> None:
    """A run by the clock commits each second; one as fast as possible each ten."""
    told: list[Progress] = []
    run_events(
        toy_pipeline,
        toy_events(20),
        tmp_path / "toy",
        step_event=ToyChain(),
        progress=told.append,
        wait=wait,
    )
    assert [progress.events for progress in told] == list(range(2 * group_s, 41, 2 * group_s))
    assert (told[-1].tracks, told[-1].warned_areas) == (1, 1)


def test_waiting_keeps_the_pace(tmp_path: Path, toy_pipeline: Pipeline) -> None:
    """Nine seconds of events at 30 times life take at least 0.3 s, and not much longer."""
    begun_s = time.monotonic()
    run_events(
        toy_pipeline,
        [tick(n) for n in range(10)],
        tmp_path / "toy",
        step_event=ToyChain(),
        wait=paced(30.0),
    )
    assert 0.3 <= time.monotonic() - begun_s < 3.0


def test_a_part_of_the_orientation_table_gives_the_same_angles() -> None:
    whole = EarthOrientation.from_iers()
    start = tai_ns_from_utc_text("2024-06-01T22:00:00Z")
    end = start + 7200 * SECOND_NS
    part = orientation_between(whole, start, end)
    assert len(part.day_tai_ns) < 7
    for instant in (start, start + 5_000 * SECOND_NS, end):
        assert part.at(instant) == whole.at(instant)
        assert np.array_equal(
            gcrf_to_ecef_matrix(instant, part), gcrf_to_ecef_matrix(instant, whole)
        )
    assert orientation_between(whole, 0, 1) == whole
