"""Lies and deaths: what a struck sensor sends, and that nobody else is touched."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import pytest

from forewarn.epoch import SECOND_NS
from forewarn.formats.scenario import load_scenario
from forewarn.pipeline import Pipeline, initial_state, step
from forewarn.records import (
    Event,
    InfraredMeasurement,
    Realm,
    Scan,
    SensorStatus,
    WarningDecision,
)
from forewarn.sensors import screen as screen_module
from forewarn.sensors.network import Network
from forewarn.sensors.ranges import belongs_problem, event_problem, measurement_problem
from forewarn.sensors.screen import Screen, ScreenState
from forewarn.simulation.faults import (
    BiasStep,
    Blind,
    ClockFault,
    CorruptedCounts,
    Death,
    Fault,
    FrozenOutput,
    Gaps,
    GhostLaunches,
    LinkFault,
    Register,
    ReplayedTape,
    Target,
    check_faults,
)
from forewarn.simulation.ghosts import turned
from forewarn.simulation.truth import make_truth
from tests.simulation.scenes import (
    DOMAINS,
    LAUNCH,
    ORIENTATION,
    RADAR,
    SCANNER,
    STARER,
    START,
    VEHICLE,
    infrared_of,
    run,
    scans_of,
    scene,
)

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
SPAN_S = 400
BEGINS, ENDS = START + 150 * SECOND_NS, START + 280 * SECOND_NS
NOISY = {"false_alarms_per_scan": 0.5, "latency_jitter_s": 0.3}
SENSORS = (
    msgspec.structs.replace(SCANNER, **NOISY),
    msgspec.structs.replace(STARER, **NOISY),
    msgspec.structs.replace(
        RADAR,
        domains=msgspec.structs.replace(DOMAINS, site="elsewhere", communications="cable"),
        **NOISY,
    ),
)
SCAN, STARE, RADAR_ONE = (Target("sensor_id", sensor.sensor_id) for sensor in SENSORS)
DURING = {"from_tai_ns": BEGINS, "until_tai_ns": ENDS}
GHOSTS = GhostLaunches(
    target=STARE,
    from_tai_ns=START + 40 * SECOND_NS,
    until_tai_ns=ENDS,
    vehicle=VEHICLE,
    latitude_rad=math.radians(39.0),
    longitude_rad=math.radians(129.0),
    height_m=0.0,
    azimuth_rad=math.radians(70.0),
    range_m=2_700e3,
    apogee_m=550e3,
    number=3,
    interval_s=20.0,
    spacing_rad=math.radians(0.5),
)
EVERY_FAULT: tuple[Fault, ...] = (
    GHOSTS,
    ReplayedTape(target=RADAR_ONE, tape_from_tai_ns=START + 60 * SECOND_NS, **DURING),
    FrozenOutput(target=SCAN, **DURING),
    BiasStep(target=STARE, across_rad=0.01, up_rad=-0.02, **DURING),
    BiasStep(target=RADAR_ONE, up_rad=0.02, range_offset_m=-2e4),
    CorruptedCounts(target=SCAN, digit_fraction=0.3),
    Blind(target=RADAR_ONE, from_tai_ns=ENDS, until_tai_ns=ENDS + 30 * SECOND_NS),
    Death(target=Target("site", "elsewhere"), until_tai_ns=START + 30 * SECOND_NS, announced=True),
    ClockFault(
        target=Target("clock", "d"),
        offset_s=0.05,
        drift_ratio=1e-4,
        walk_s=0.5,
        register=Register(tick_s=0.1, fraction_bits=23, running_s=3.6e5),
    ),
    LinkFault(
        target=Target("communications", "c"),
        latency_s=1.0,
        jitter_s=2.0,
        loss_fraction=0.05,
        gaps=Gaps(good_mean_s=20.0, bad_mean_s=5.0),
        garbled_fraction=0.05,
        duplicate_fraction=0.1,
        held_fraction=0.1,
        held_s=20.0,
    ),
)


@cache
def events(*faults: Fault, seed: int = 1) -> tuple[Event, ...]:
    """All events of two telescopes and a radar over the launch, with these faults."""
    stated = scene(*SENSORS, duration_s=SPAN_S)
    return tuple(run(msgspec.structs.replace(stated, faults=faults), seed).events)


def sent(sensor_id: str, *faults: Fault) -> list[Scan]:
    """A sensor's scans as they arrive with these faults, in order of looking."""
    scans = [e for e in events(*faults) if isinstance(e, Scan) and e.sensor_id == sensor_id]
    return sorted(scans, key=lambda scan: scan.end_tai_ns)


def within(scans: list[Scan], begins: int = BEGINS, ends: int = ENDS) -> list[Scan]:
    """Those that end in a time."""
    return [scan for scan in scans if begins <= scan.end_tai_ns < ends]


def test_whatever_happens_the_records_are_ones_that_could_be() -> None:
    """All faults at once: every event, scan and measurement passes the checks of every decoder."""
    found = events(*EVERY_FAULT)
    assert [problem for event in found if (problem := event_problem(event))] == []
    scans = [event for event in found if isinstance(event, Scan)]
    for scan in scans:
        for seen in scan.measurements:
            assert measurement_problem(seen) is None
            assert belongs_problem(scan, seen) is None
    assert {event.realm for event in found} == {Realm.SIMULATION}
    arrivals = [event.received_tai_ns for event in found]
    assert arrivals == sorted(arrivals)


def test_the_chains_door_refuses_duplicates_and_garbled_messages_and_no_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Restarted counters, replays and wrong clocks are let in; nothing is impossible."""
    monkeypatch.setattr(screen_module, "MOST_PLOTS", 128)
    network = scene(*SENSORS).network
    screen, state = Screen(network, ORIENTATION, Realm.SIMULATION), ScreenState()
    reasons = {
        fault.reason for event in events(*EVERY_FAULT) for fault in screen.check(state, event)[1]
    }
    assert reasons == {"duplicate", "unreadable", "shed"}


@pytest.mark.parametrize("fault", EVERY_FAULT, ids=lambda fault: type(fault).__name__)
def test_a_fault_of_one_leaves_the_others_as_they_were(fault: Fault) -> None:
    """FA-5, the raw data of the satellites showed nothing: who does not share it, is untouched."""
    for sensor in SENSORS:
        untouched = sent(sensor.sensor_id) == sent(sensor.sensor_id, fault)
        assert untouched is not fault.target.covers(sensor)


@pytest.mark.parametrize(
    "fault",
    [fault for fault in EVERY_FAULT if fault.from_tai_ns == BEGINS],
    ids=lambda fault: type(fault).__name__,
)
def test_a_fault_has_its_time(fault: Fault) -> None:
    """What was said before it and after it is as if it had not been, but for how it is numbered."""

    def outside(scans: list[Scan]) -> list[bytes]:
        kept = [scan for scan in scans if not BEGINS <= scan.end_tai_ns < ENDS]
        return [
            msgspec.json.encode(
                msgspec.structs.replace(
                    scan,
                    scan_id="",
                    sequence=0,
                    measurements=tuple(
                        msgspec.structs.replace(m, measurement_id="") for m in scan.measurements
                    ),
                )
            )
            for scan in kept
        ]

    name = fault.target.name
    assert outside(sent(name, fault)) == outside(sent(name))
    assert within(sent(name, fault)) != within(sent(name))


def bright(scans: list[Scan]) -> list[InfraredMeasurement]:
    """Sightings far above any false alarm."""
    return [m for _, m in infrared_of(scans) if m.snr > 30.0]


def test_ghosts_fly_as_a_real_launch_would() -> None:
    """Their sightings lie on the lines of sight of launches flown at the claimed places."""
    claimed = msgspec.structs.replace(
        LAUNCH,
        launch_id="claimed",
        time_tai_ns=GHOSTS.from_tai_ns,
        latitude_rad=GHOSTS.latitude_rad,
        longitude_rad=GHOSTS.longitude_rad,
        azimuth_rad=GHOSTS.azimuth_rad,
    )
    one = msgspec.structs.replace(GHOSTS, number=1, until_tai_ns=None)
    real = run(scene(*SENSORS, duration_s=SPAN_S, launches=(LAUNCH, claimed)))
    seen = bright(scans_of(real, "STARE"))
    told = bright(sent("STARE", one))
    assert [m.seen_tai_ns for m in told] == [m.seen_tai_ns for m in seen]
    off_rad = [
        max(
            abs(a.declination_rad - b.declination_rad),
            abs(a.right_ascension_rad - b.right_ascension_rad),
        )
        for a, b in zip(
            sorted(told, key=lambda m: (m.seen_tai_ns, m.declination_rad)),
            sorted(seen, key=lambda m: (m.seen_tai_ns, m.declination_rad)),
            strict=True,
        )
    ]
    assert max(off_rad) < 6.0 * math.sqrt(2.0) * STARER.angle_noise_rad


def test_ghosts_come_in_the_number_stated_and_vanish_together() -> None:
    """Three beside the real one, the last 40 s after the first; none once the fault is over."""
    scans = sent("STARE", GHOSTS)
    most = max(len(bright([scan])) for scan in scans)
    assert most == 1 + GHOSTS.number
    real = len(bright(sent("STARE")))
    assert len(bright(scans)) > 2.5 * real
    after = [s for s in scans if s.start_tai_ns >= ENDS]
    assert bright(after) == bright([s for s in sent("STARE") if s.start_tai_ns >= ENDS])


def test_sensors_that_share_the_liar_see_the_same_ghosts() -> None:
    """Fed with one exercise tape, telescopes agree: ghosts by software are seen by both."""
    shared = msgspec.structs.replace(GHOSTS, target=Target("software", "e"))
    for sensor_id in ("SCAN", "STARE"):
        assert len(bright(sent(sensor_id, shared))) > 2.0 * len(bright(sent(sensor_id)))


def test_a_turned_flight_is_the_flight_from_there() -> None:
    """Flown from 50 degrees further east, a vehicle takes the turned path to a millimetre."""
    here = make_truth(scene(SCANNER), seed=1).objects[0]
    east = msgspec.structs.replace(LAUNCH, longitude_rad=LAUNCH.longitude_rad + math.radians(50.0))
    there = make_truth(scene(SCANNER, launches=(east,)), seed=1).objects[0]
    moved = turned(here, math.radians(50.0), SECOND_NS, "moved")
    assert moved.launch_tai_ns == here.launch_tai_ns + SECOND_NS
    assert moved.longitude_rad == pytest.approx(there.longitude_rad, abs=1e-12)
    instants = there.launch_tai_ns + np.array([10, 150, 500, 900]) * SECOND_NS
    for mine, theirs, within_m in zip(
        moved.states_ecef(instants + SECOND_NS),
        there.states_ecef(instants),
        (1e-3, 1e-6, 0.0),
        strict=True,
    ):
        np.testing.assert_allclose(mine, theirs, atol=within_m)


def test_a_tape_repeats_what_was_with_new_times() -> None:
    """FA-2: the recorded minute and a half comes again, and again until the fault is over."""
    tape = EVERY_FAULT[1]
    assert isinstance(tape, ReplayedTape)
    length_ns = BEGINS - tape.tape_from_tai_ns
    scans = sent("RADAR", tape)
    assert [scan.sequence for scan in scans] == list(range(1, len(scans) + 1))
    recorded = {
        scan.end_tai_ns: scan
        for scan in within(sent("RADAR"), tape.tape_from_tai_ns, BEGINS)
        if scan.start_tai_ns >= tape.tape_from_tai_ns
    }
    played = within(scans)
    assert len(played) > len(recorded)
    for scan in played:
        turns = 1 + (scan.end_tai_ns - BEGINS) // length_ns
        old = recorded[scan.end_tai_ns - turns * length_ns]
        assert scan.volume == old.volume
        assert scan.received_tai_ns - scan.end_tai_ns == old.received_tai_ns - old.end_tai_ns
        assert [(m.snr, m.seen_tai_ns - turns * length_ns) for m in scan.measurements] == [
            (m.snr, m.seen_tai_ns) for m in old.measurements
        ]


def test_an_empty_tape_is_silence() -> None:
    """Shorter than any scan, it holds none; the fault passes without a word, and at once."""
    empty = ReplayedTape(target=SCAN, tape_from_tai_ns=BEGINS - 1, **DURING)
    assert within(sent("SCAN", empty)) == []


def test_a_frozen_sensor_says_the_same_at_new_times() -> None:
    """Directions and brightness of the last look before; ids and times of the new one."""
    scans = within(sent("SCAN", EVERY_FAULT[2]))
    before = [s for s in sent("SCAN") if s.end_tai_ns < BEGINS and s.measurements][-1]
    for scan in scans:
        assert [(m.right_ascension_rad, m.snr) for _, m in infrared_of([scan])] == [
            (m.right_ascension_rad, m.snr) for _, m in infrared_of([before])
        ]
        assert [m.measurement_id for m in scan.measurements] == [
            f"{scan.scan_id}.{number:02d}" for number in range(1, len(scan.measurements) + 1)
        ]
        for m in scan.measurements:
            assert scan.start_tai_ns <= m.seen_tai_ns <= scan.end_tai_ns


def test_a_bias_step_turns_and_stretches_by_what_is_stated() -> None:
    """Arc on the sky for a telescope; azimuth, elevation and range for a radar."""
    for (_, bent), (_, true) in zip(
        infrared_of(within(sent("STARE", EVERY_FAULT[3]))),
        infrared_of(within(sent("STARE"))),
        strict=True,
    ):
        assert bent.declination_rad == pytest.approx(true.declination_rad - 0.02, abs=1e-12)
        arc_rad = (bent.right_ascension_rad - true.right_ascension_rad) * math.cos(
            bent.declination_rad
        )
        assert arc_rad == pytest.approx(0.01, abs=1e-12)
    pairs = zip(sent("RADAR", EVERY_FAULT[4]), sent("RADAR"), strict=True)
    plots = [(a, b) for x, y in pairs for a, b in zip(x.measurements, y.measurements, strict=True)]
    assert len(plots) > 50
    for bent, true in plots:
        assert bent.range_m == pytest.approx(true.range_m - 2e4)
        assert bent.elevation_rad == pytest.approx(true.elevation_rad + 0.02)
        assert bent.azimuth_rad == pytest.approx(true.azimuth_rad)


def test_zeros_of_a_count_become_twos() -> None:
    """FA-6: 000 is told as 002, 020, 200, 220 or 222; each zero turns as often as stated."""
    quiet = tuple(msgspec.structs.replace(s, false_alarms_per_scan=0.0) for s in SENSORS)
    stated = scene(*quiet, duration_s=2_000, launches=())
    fault = CorruptedCounts(target=STARE, digit_fraction=0.3)
    scans = scans_of(run(msgspec.structs.replace(stated, faults=(fault,))), "STARE")
    digits = [f"{len(scan.measurements):03d}" for scan in scans]
    assert {digit for count in digits for digit in count} == {"0", "2"}
    share = np.mean([[digit == "2" for digit in count] for count in digits], axis=0)
    np.testing.assert_allclose(share, 0.3, atol=4.0 * math.sqrt(0.3 * 0.7 / len(scans)))
    for scan, seen in infrared_of(scans):
        towards = np.array(
            (
                math.cos(seen.declination_rad) * math.cos(seen.right_ascension_rad),
                math.cos(seen.declination_rad) * math.sin(seen.right_ascension_rad),
                math.sin(seen.declination_rad),
            )
        )
        off_rad = math.acos(min(1.0, float(towards @ scan.volume.axis_gcrf)))
        assert off_rad <= scan.volume.half_angle_rad + 1e-7
        assert scan.start_tai_ns <= seen.seen_tai_ns <= scan.end_tai_ns
        assert seen.snr >= STARER.detection_snr


def test_a_miscounting_radar_fills_its_sector() -> None:
    """Plots at the threshold or above, in azimuths and elevations that were looked at."""
    fault = CorruptedCounts(target=RADAR_ONE, digit_fraction=1.0)
    scan = next(s for s in sent("RADAR", fault) if len(s.measurements) == 222)
    for seen in scan.measurements:
        turn = (seen.azimuth_rad - scan.volume.azimuth_min_rad) % (2.0 * math.pi)
        width = (scan.volume.azimuth_max_rad - scan.volume.azimuth_min_rad) % (2.0 * math.pi)
        assert turn <= width + 1e-9
        assert scan.volume.elevation_min_rad <= seen.elevation_rad <= scan.volume.elevation_max_rad
        assert 0.0 < seen.range_m <= scan.volume.range_max_m


@pytest.mark.parametrize("sensor", SENSORS, ids=lambda sensor: sensor.sensor_id)
def test_a_blind_sensor_looks_sees_nothing_and_says_it_is_well(sensor: object) -> None:
    """MS-3, a silent sensor is no clear sky: searches go on, empty; no track is followed."""
    blind = Blind(target=Target("sensor_id", sensor.sensor_id), **DURING)
    scans = sent(sensor.sensor_id, blind)
    during = within(scans)
    assert during
    assert all(scan.measurements == () for scan in during)
    searches = [
        s for s in within(sent(sensor.sensor_id)) if s.end_tai_ns - s.start_tai_ns >= SECOND_NS
    ]
    assert [s.start_tai_ns for s in during] == [s.start_tai_ns for s in searches]
    assert [scan.sequence for scan in scans] == list(range(1, len(scans) + 1))
    (status,) = (e for e in events(blind) if isinstance(e, SensorStatus))
    assert status.operating
    assert status.sensor_id == sensor.sensor_id
    assert status.received_tai_ns == BEGINS + round(sensor.latency_s * SECOND_NS)


def test_what_shares_a_site_dies_together() -> None:
    """MS-3: both telescopes of a station fall silent at once, the radar elsewhere does not."""
    death = Death(target=Target("site", "a"), from_tai_ns=BEGINS)
    for sensor_id, dies in (("SCAN", True), ("STARE", True), ("RADAR", False)):
        last = sent(sensor_id, death)[-1].end_tai_ns
        assert (last < BEGINS) is dies
    assert not [e for e in events(death) if isinstance(e, SensorStatus)]


def test_a_restarted_sensor_counts_from_one_under_new_ids() -> None:
    """It is silent in between, tells so if it can, and no id comes twice."""
    death = Death(target=STARE, announced=True, reason="struck", **DURING)
    scans = sent("STARE", death)
    assert within(scans) == []
    before = [s for s in scans if s.end_tai_ns < BEGINS]
    after = [s for s in scans if s.start_tai_ns >= ENDS]
    assert before == [s for s in sent("STARE") if s.end_tai_ns < BEGINS]
    assert [s.sequence for s in after] == list(range(1, len(after) + 1))
    assert after[0].scan_id == "STARE.1-000001"
    assert len({scan.scan_id for scan in scans}) == len(scans)
    statuses = [e for e in events(death) if isinstance(e, SensorStatus)]
    assert [(s.operating, s.reason) for s in statuses] == [
        (False, "struck"),
        (True, "started again"),
    ]
    assert len({s.status_id for s in statuses}) == 2


NETWORK: Network = scene(*SENSORS).network


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            Death(target=Target("sensor_id", "SCAM")),
            ("faults[0].sensor_id", "no sensor 'SCAM'", "did you mean 'SCAN'?", "RADAR, SCAN"),
        ),
        (
            LinkFault(target=Target("communications", "cables")),
            ("no communications 'cables'", "did you mean 'cable'?", "known here: c, cable"),
        ),
        (Death(target=Target("colour", "c")), ("'colour' cannot be struck", "sensor_id, site")),
        (
            Death(target=SCAN, from_tai_ns=ENDS, until_tai_ns=BEGINS),
            ("until_tai_ns", "ends before it begins", "exchange the two"),
        ),
        (
            Death(target=SCAN, until_tai_ns=START),
            ("until_tai_ns", "ends before it begins"),
        ),
        (
            LinkFault(target=SCAN, loss_fraction=1.5),
            ("loss_fraction: 1.5 is out of range", "at least 0 and at most 1"),
        ),
        (
            LinkFault(target=SCAN, gaps=Gaps(good_mean_s=0.0, bad_mean_s=1.0)),
            ("gaps.good_mean_s: 0 is out of range", "at least 0.001"),
        ),
        (
            LinkFault(target=SCAN, jitter_s=math.nan),
            ("jitter_s: nan is out of range", "at least 0"),
        ),
        (
            LinkFault(target=SCAN, jitter_law="normal"),
            ("jitter_law: 'normal' is not known", "exponential, uniform, heavy_tailed"),
        ),
        (
            BiasStep(target=SCAN, range_offset_m=5.0),
            ("range_offset_m", "a telescope measures no range", "or strike a radar"),
        ),
        (
            ReplayedTape(target=SCAN, tape_from_tai_ns=ENDS, from_tai_ns=BEGINS),
            ("tape_from_tai_ns", "before the fault begins", "from the run's start on"),
        ),
        (
            msgspec.structs.replace(GHOSTS, apogee_m=None),
            ("range_m", "range and apogee belong together", "both, or neither"),
        ),
    ],
)
def test_a_fault_that_cannot_be_is_refused_with_a_lesson(
    fault: Fault, words: tuple[str, ...]
) -> None:
    """The field, what is wrong, which value, what exists, what to do; and simulate asks."""
    with pytest.raises(ValueError, match="faults\\[0\\]") as told:
        check_faults((fault,), NETWORK, START)
    for word in words:
        assert word in str(told.value)
    with pytest.raises(ValueError, match="faults\\[0\\]"):
        run(msgspec.structs.replace(scene(*SENSORS), faults=(fault,)))


@pytest.mark.evidence
def test_a_bad_day_still_warns_once_and_of_the_real_launch_alone() -> None:
    """The shipped example: lossy, late, doubled links, a drifting clock, a ghost, a dead radar.

    One case, a first warning by 100 s after lift-off, and no public word about the ghost.
    """
    scenario = load_scenario(SCENARIOS / "impaired-links.yaml")
    simulation = run(scenario, scenario.seed)
    pipeline = Pipeline(
        scenario.network, scenario.areas, scenario.policy, ORIENTATION, Realm.SIMULATION
    )
    state = initial_state(pipeline)
    outputs = []
    for event in simulation.events:
        state, new = step(pipeline, state, event)
        outputs += new
    public = [x for x in outputs if isinstance(x, WarningDecision) and x.public]
    launched = simulation.truth.objects[0].launch_tai_ns
    assert public[0].time_tai_ns - launched <= 100 * SECOND_NS
    assert len({decision.case_id for decision in public}) == 1
