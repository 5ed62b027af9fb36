"""The one step: the same bytes again, nothing forgotten that matters, nothing kept for ever."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec
import numpy as np
import pytest

from forewarn import pipeline as module
from forewarn.epoch import SECOND_NS
from forewarn.pipeline import State, initial_state, step
from forewarn.records import (
    Assessment,
    Beams,
    Notice,
    OperatorAction,
    Output,
    Realm,
    Rejected,
    Scan,
    SensorHealth,
    SensorStatus,
    Track,
    WarningDecision,
)
from forewarn.sensors import screen
from tests.pipeline.stage import (
    REALM,
    START,
    a_scan,
    encoded,
    event_id,
    first_minutes,
    pipeline_of,
    stepped,
    tick,
)
from tests.tracking.stage import (
    ascending,
    flown,
    network_of,
    quiet_events,
    seen_by_telescopes,
)


def rejections(outputs: Iterable[Output]) -> list[str]:
    return [x.reason for x in outputs if isinstance(x, Rejected)]


# ------------------------------------------------------------------- the same bytes


@pytest.fixture(scope="module")
def whole() -> list[Output]:
    return stepped(pipeline_of(), first_minutes().events)[1]


def test_the_run_used_here_has_every_kind_of_news(whole: list[Output]) -> None:
    assert {type(x) for x in whole} >= {Track, Assessment, WarningDecision}


def test_two_runs_are_equal(whole: list[Output]) -> None:
    assert encoded(stepped(pipeline_of(), first_minutes().events)[1]) == encoded(whole)


@pytest.mark.parametrize("share", [0.25, 0.3, 0.6])
def test_a_snapshot_and_the_rest_give_the_same_bytes(share: float, whole: list[Output]) -> None:
    """Also when the state that was copied has been used on meanwhile."""
    pipeline, events = pipeline_of(), first_minutes().events
    cut = round(share * len(events))
    state, before = stepped(pipeline, events[:cut])
    snapshot = state.copy()
    _, after = stepped(pipeline, events[cut:], state)
    assert encoded(before + after) == encoded(whole)
    _, again = stepped(pipeline, events[cut:], snapshot)
    assert encoded(before + again) == encoded(whole)


def test_ids_count_up_and_never_repeat(whole: list[Output]) -> None:
    for kind, prefix in ((Assessment, "assessment"), (WarningDecision, "decision")):
        ids = [str(getattr(x, x.__struct_fields__[0])) for x in whole if isinstance(x, kind)]
        assert ids == [f"{prefix}-{n:06d}" for n in range(1, len(ids) + 1)]
    assert {x.track_id for x in whole if isinstance(x, Track)} == {"track-0001"}


def test_every_output_names_what_it_came_from(whole: list[Output]) -> None:
    """Inputs are events that came before, or what came out before."""
    known = {event_id(e) for e in first_minutes().events}
    for output in whole:
        assert output.input_ids
        assert set(output.input_ids) <= known
        if isinstance(output, Track):
            known.add(output.track_id)
        known.add(str(getattr(output, output.__struct_fields__[0])))


def test_a_track_names_every_scan_it_was_seen_in(whole: list[Output]) -> None:
    tracks = [x for x in whole if isinstance(x, Track)]
    named = {i for track in tracks for i in track.input_ids}
    assert len(named) == tracks[-1].measurement_count
    new = tracks[0].input_ids
    assert not any(set(new) & set(track.input_ids) for track in tracks[1:])


# ------------------------------------------------------------------- what is refused


@pytest.mark.parametrize("realm", [r for r in Realm if r is not REALM])
def test_another_realm_is_refused(realm: Realm) -> None:
    pipeline = pipeline_of()
    for event in (
        tick(START, realm),
        msgspec.structs.replace(a_scan(), realm=realm),
        SensorStatus(
            status_id="s",
            realm=realm,
            received_tai_ns=START,
            sensor_id="GEO-MID-SCAN",
            operating=True,
            reason="",
        ),
    ):
        state, outputs = step(pipeline, initial_state(pipeline), event)
        assert rejections(outputs) == ["realm"]
        assert state.now_tai_ns == 0


def test_one_bad_measurement_costs_only_itself() -> None:
    pipeline = pipeline_of()
    scan = a_scan(with_measurements=1)
    good = scan.measurements[0]
    bad = msgspec.structs.replace(good, measurement_id="bad", declination_rad=math.nan)
    strange = msgspec.structs.replace(good, measurement_id="strange", seen_tai_ns=0)
    mixed = msgspec.structs.replace(scan, measurements=(bad, good, strange, good))
    state, outputs = step(pipeline, initial_state(pipeline), mixed)
    assert rejections(outputs) == ["bad_measurement"] * 3
    assert [x.input_ids[1] for x in outputs] == ["bad", "strange", good.measurement_id]
    clean, _ = step(pipeline, initial_state(pipeline), scan)
    assert (
        len(state.tracker.core.chains) == len(clean.tracker.core.chains) == len(scan.measurements)
    )
    mine, theirs = state.tracker.core.chains[0].looks[0], clean.tracker.core.chains[0].looks[0]
    assert mine.measurement_id == theirs.measurement_id
    assert (mine.geometry == theirs.geometry).all()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sensor_id": "nobody"}, "unknown_sensor"),
        ({"position_gcrf_m": None}, "impossible"),
        ({"sensitivity": math.nan}, "impossible"),
        ({"sequence": -1}, "impossible"),
        ({"received_tai_ns": 10**30}, "impossible"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_scan_that_cannot_be_is_refused(change: dict[str, object], reason: str) -> None:
    pipeline = pipeline_of()
    scan = msgspec.structs.replace(a_scan(), **change)
    _, outputs = step(pipeline, initial_state(pipeline), scan)
    assert rejections(outputs) == [reason]
    assert encoded(outputs)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"azimuth_rad": (0.1,)}, "as many"),
        ({"seen_tai_ns": (), "azimuth_rad": (), "elevation_rad": ()}, "0 beams"),
        ({"elevation_rad": (0.1, math.nan)}, "elevation_rad"),
        ({"azimuth_rad": (0.1, 99.0)}, "the greatest"),
        ({"half_width_rad": -0.1}, "half_width_rad"),
        ({"seen_tai_ns": (START, START + 60 * SECOND_NS)}, "outside the time"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_beams_that_cannot_be_are_refused(change: dict[str, object], word: str) -> None:
    pipeline = pipeline_of()
    beams = Beams(
        seen_tai_ns=(START, START),
        azimuth_rad=(0.1, 0.2),
        elevation_rad=(0.1, 0.2),
        half_width_rad=0.02,
        range_max_m=3e6,
    )
    scan = msgspec.structs.replace(
        a_scan(),
        sensor_id="RADAR-WEST",
        start_tai_ns=START,
        end_tai_ns=START,
        volume=beams,
        measurements=(),
        position_gcrf_m=None,
        velocity_gcrf_m_s=None,
    )
    _, outputs = step(pipeline, initial_state(pipeline), scan)
    assert rejections(outputs) == []
    wrong = msgspec.structs.replace(scan, volume=msgspec.structs.replace(beams, **change))
    _, outputs = step(pipeline, initial_state(pipeline), wrong)
    assert rejections(outputs) == ["impossible"]
    assert word in outputs[0].detail


def test_a_scan_of_another_kind_of_sensor_is_refused() -> None:
    pipeline = pipeline_of()
    radar_id = next(s.sensor_id for s in pipeline.network.sensors if not hasattr(s, "satellite_id"))
    scan = msgspec.structs.replace(a_scan(), sensor_id=radar_id)
    assert rejections(step(pipeline, initial_state(pipeline), scan)[1]) == ["wrong_kind"]


def shifted(scan: Scan, by_ns: int, *, late_ns: int = 0) -> Scan:
    return msgspec.structs.replace(
        scan,
        measurements=(),
        start_tai_ns=scan.start_tai_ns + by_ns,
        end_tai_ns=scan.end_tai_ns + by_ns,
        received_tai_ns=scan.received_tai_ns + by_ns + late_ns,
    )


def test_late_doubled_and_undatable_scans_are_refused() -> None:
    pipeline = pipeline_of()
    scan = msgspec.structs.replace(a_scan(), measurements=())
    state, outputs = step(pipeline, initial_state(pipeline), scan)
    assert rejections(outputs) == []
    state, outputs = step(pipeline, state, scan)
    assert rejections(outputs) == ["duplicate"]
    state, outputs = step(pipeline, state, shifted(scan, 10**10, late_ns=61 * SECOND_NS))
    assert rejections(outputs) == ["late"]
    state, outputs = step(pipeline, state, shifted(scan, 100 * 365 * 86_400 * SECOND_NS))
    assert rejections(outputs) == ["no_orientation"]
    # A sensor that starts anew counts anew: that is no duplicate.
    state, outputs = step(pipeline, state, shifted(scan, 30 * SECOND_NS))
    assert rejections(outputs) == []


def test_the_weakest_of_too_many_plots_are_shed_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(screen, "MOST_PLOTS", 128)
    pipeline = pipeline_of()
    scan = a_scan()
    one = scan.measurements[0]
    many = tuple(
        msgspec.structs.replace(one, measurement_id=f"m{k}", snr=float(k)) for k in range(5_000)
    )
    state, outputs = step(
        pipeline, initial_state(pipeline), msgspec.structs.replace(scan, measurements=many)
    )
    assert rejections(outputs) == ["shed"]
    assert f"{5_000 - screen.MOST_PLOTS} of 5000" in outputs[0].detail
    kept = {look.measurement_id for chain in state.tracker.core.chains for look in chain.looks}
    assert kept == {f"m{k}" for k in range(5_000 - screen.MOST_PLOTS, 5_000)}


def test_thousands_of_bad_measurements_are_reported_shortly() -> None:
    pipeline = pipeline_of()
    scan = a_scan()
    one = msgspec.structs.replace(scan.measurements[0], snr=-1.0)
    many = tuple(msgspec.structs.replace(one, measurement_id=f"m{k}") for k in range(3_000))
    _, outputs = step(
        pipeline, initial_state(pipeline), msgspec.structs.replace(scan, measurements=many)
    )
    assert len(outputs) == 21
    assert "2980 more" in outputs[-1].detail


# ------------------------------------------------------------------- what is remembered


def test_a_sensors_word_about_itself_goes_out() -> None:
    pipeline = pipeline_of()
    status = SensorStatus(
        status_id="status-1",
        realm=REALM,
        received_tai_ns=START,
        sensor_id="GEO-MID-SCAN",
        operating=False,
        reason="eclipse",
    )
    state, (health,) = step(pipeline, initial_state(pipeline), status)
    assert isinstance(health, SensorHealth)
    assert (health.health_id, health.operating, health.reason) == (
        "health-000001",
        False,
        "eclipse",
    )
    assert health.input_ids == ("status-1",)
    stranger = msgspec.structs.replace(status, sensor_id="nobody")
    assert rejections(step(pipeline, state, stranger)[1]) == ["unknown_sensor"]


def test_an_officer_may_withdraw_a_case() -> None:
    pipeline = pipeline_of()
    state, outputs = stepped(pipeline, first_minutes().events)
    (case_id,) = {x.case_id for x in outputs if isinstance(x, WarningDecision)}
    action = OperatorAction(
        action_id="action-1",
        realm=REALM,
        received_tai_ns=state.now_tai_ns,
        operator="duty officer",
        action="withdraw",
        case_id=case_id,
        reason="drill",
    )
    _, outputs = step(pipeline, state, action)
    decisions = [x for x in outputs if isinstance(x, WarningDecision)]
    assert [d.case_state.value for d in decisions] == ["withdrawn"]


def a_notice(name: str, *, closes_s: float) -> Notice:
    return Notice(
        notice_id=name,
        realm=REALM,
        received_tai_ns=START,
        source="an agency",
        vehicle_class="space_launch",
        window_start_tai_ns=START - SECOND_NS,
        window_end_tai_ns=START + round(closes_s * SECOND_NS),
        latitude_rad=0.6,
        longitude_rad=2.0,
        radius_m=1e4,
    )


def test_notices_are_replaced_by_name_and_forgotten_after_their_window() -> None:
    pipeline = pipeline_of()
    notices = [a_notice("a", closes_s=10.0), a_notice("b", closes_s=4_000.0)]
    state, _ = stepped(pipeline, [*notices, a_notice("a", closes_s=20.0)])
    assert [n.notice_id for n in state.notices] == ["b", "a"]
    state, _ = step(pipeline, state, tick(START + 5_400 * SECOND_NS))
    assert [n.notice_id for n in state.notices] == ["b", "a"]
    state, _ = step(pipeline, state, tick(START + 5_430 * SECOND_NS))
    assert [n.notice_id for n in state.notices] == ["b"]


def test_more_notices_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_NOTICES", 2)
    pipeline = pipeline_of()
    state, outputs = stepped(pipeline, [a_notice(n, closes_s=1e5) for n in "abcb"])
    assert rejections(outputs) == ["too_many_notices"]
    assert {n.notice_id for n in state.notices} == {"a", "b"}


def size_of(state: State) -> dict[str, int]:
    return {
        "tracks": len(state.tracker.core.histories),
        "chains": sum(len(chain.looks) for chain in state.tracker.core.chains),
        "fits": len(state.assessor.fits),
        "reports": len(state.reports),
        "cases": len(state.warning.cases),
    }


def test_nothing_is_remembered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three launches, then quiet: what they left is gone within the hour."""
    monkeypatch.setattr(screen, "_REMEMBERED", 20)
    network = network_of("GEO-WEST-SCAN", "GEO-MID-SCAN", "GEO-EAST-SCAN", clutter=True)
    flight = flown(39.3, 125.7, 72.0)
    sources = [
        ascending(f"launch-{n}", flight, START + (20 + 200 * n) * SECOND_NS) for n in range(3)
    ]
    events = quiet_events(network, duration_s=3_900.0)
    events = seen_by_telescopes(events, network, sources)
    pipeline = pipeline_of(network)
    state = initial_state(pipeline)
    largest: dict[str, int] = {}
    for event in events:
        state, _ = step(pipeline, state, event)
        size = size_of(state)
        largest = {name: max(count, largest.get(name, 0)) for name, count in size.items()}
    assert largest["tracks"] >= 3
    assert largest["fits"] >= 3
    final = size_of(state)
    assert final["chains"] < 40
    assert {k: v for k, v in final.items() if k != "chains"} == {
        "tracks": 0,
        "fits": 0,
        "reports": 0,
        "cases": 0,
    }
    assert all(len(scans) <= 20 for scans in state.screen.seen.values())


def test_outputs_are_plain_numbers(whole: list[Output]) -> None:
    def walk(value: object) -> None:
        assert not isinstance(value, np.generic)
        if isinstance(value, msgspec.Struct):
            for name in value.__struct_fields__:
                walk(getattr(value, name))
        elif isinstance(value, tuple):
            for item in value:
                walk(item)
        elif isinstance(value, dict):
            for item in value.values():
                walk(item)
        elif isinstance(value, float):
            assert math.isfinite(value)

    for output in whole:
        walk(output)
