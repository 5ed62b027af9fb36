"""The tracker over whole flights: burn-out, radar alone, silence, shedding and copies."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from forewarn.epoch import SECOND_NS
from forewarn.frames import ecef_from_geodetic
from forewarn.kernels import bank, mixed
from forewarn.records import Event, Scan, TrackStatus
from forewarn.sensors.network import Network, RadarSensor
from forewarn.simulation import Simulation, simulate
from forewarn.tracking import core as module
from forewarn.tracking.core_state import CoreState, Slice
from forewarn.tracking.live import fresh_posterior
from forewarn.tracking.looks import Biases
from forewarn.tracking.tracker import Tracker
from tests.tracking.stage import (
    ORIENTATION,
    ascending,
    flown,
    network_of,
    overflight,
    quiet_events,
    seen_by_telescopes,
    tracked,
)

START = overflight().start_tai_ns
SCANNERS = ("GEO-WEST-SCAN", "GEO-MID-SCAN", "GEO-EAST-SCAN")


def everything(core: CoreState) -> bytes:
    """All numbers of a core as bytes, and all that it remembers beside them as text."""
    arrays = [a[: core.full_count] for a in core.full] + [
        a[: core.calm.count] for a in core.calm.rows
    ]
    texts = [
        f"{number} {h.origin} {list(h.recent)} {h.sensor_ids} {len(h.launch_looks)} {h.parent}"
        for number, h in sorted(core.histories.items())
    ]
    chains = [[look.order for look in chain.looks] for chain in core.chains]
    return b"".join(a.tobytes() for a in arrays) + repr((texts, chains, core.alarms)).encode()


def watched_ascent(duration_s: float) -> tuple[Network, list[Event]]:
    """Three scanners, ten seconds a revisit, and one ascent of the shipped vehicle."""
    network = network_of(*SCANNERS)
    source = ascending("a", flown(39.3, 125.7, 72.0), START)
    return network, seen_by_telescopes(
        quiet_events(network, duration_s=duration_s), network, [source]
    )


def test_burn_out_is_found_within_two_revisits() -> None:
    network, events = watched_ascent(220.0)
    burnout = START + round(flown(39.3, 125.7, 72.0).burnout_s * SECOND_NS)
    tracker = Tracker(network, ORIENTATION)
    state = tracker.initial_state()
    before, found = 0.0, 0
    for event in events:
        if isinstance(event, Scan):
            tracker.step(state, event)
            tracks = tracker.tracks(state, event.end_tai_ns)
            boosting = tracks[0].latest.boosting if tracks else 1.0
            if event.end_tai_ns <= burnout:
                before = boosting
            if boosting < 0.1:
                found = found or event.end_tai_ns
    assert before > 0.9
    assert burnout < found <= burnout + 20 * SECOND_NS


def test_a_track_nobody_sees_any_more_coasts() -> None:
    network, events = watched_ascent(220.0)
    _, tracks = tracked(network, events)
    (track,) = tracks.values()
    assert track.status is TrackStatus.COASTING


@pytest.mark.parametrize(
    ("height_m", "climb_m_s", "sigma_m", "coasts"),
    [
        (200e3, 1_000.0, 1e3, True),
        (20e3, -2_000.0, 1e3, False),  # on the ground by now
        (200e3, 1_000.0, 200e3, False),  # it may be anywhere
    ],
)
def test_an_unseen_track_coasts_until_it_is_down_or_says_nothing_any_more(
    height_m: float, climb_m_s: float, sigma_m: float, coasts: bool
) -> None:
    """Scans elsewhere are all that happens; they tell the time."""
    network = network_of(*SCANNERS)
    core = Tracker(network, ORIENTATION).core
    place = ecef_from_geodetic(0.7, -2.2, height_m)
    up = place / np.linalg.norm(place)
    base = fresh_posterior(
        START,
        np.concatenate((place, climb_m_s * up)),
        np.diag([sigma_m**2] * 3 + [10.0**2] * 3),
        biases=Biases(network),
        boosting=1e-6,
    )
    state = core.initial_state()
    core.add(state, base, ("scan", "plot"))
    state.full.facts[0, mixed.STATUS] = bank.CONFIRMED
    state.full.marks[0] = 50.0
    tracker = Tracker(network, ORIENTATION)
    scans = [e for e in quiet_events(network, duration_s=60.0) if isinstance(e, Scan)]
    told: dict[bool, list[TrackStatus]] = {False: [], True: []}
    for scan in sorted(scans, key=lambda s: s.end_tai_ns):
        core.step(state, Slice(tracker.sighting(scan), 0, 0, closes=True))
        late = scan.end_tai_ns - START > 25 * SECOND_NS
        told[late] += [status for _, status in core.statuses(state, scan.end_tai_ns)]
    assert set(told[True]) == ({TrackStatus.COASTING} if coasts else set())
    if coasts:
        assert TrackStatus.CONFIRMED in told[False]


def radars_alone(seed: int) -> tuple[Network, Simulation]:
    scenario = overflight()
    radars = [s.sensor_id for s in scenario.network.sensors if isinstance(s, RadarSensor)]
    network = network_of(*radars)
    scenario = msgspec.structs.replace(
        scenario, network=network, end_tai_ns=scenario.start_tai_ns + 330 * SECOND_NS
    )
    return network, simulate(scenario, seed=seed, orientation=ORIENTATION)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_radar_alone_starts_a_true_track(seed: int) -> None:
    network, run = radars_alone(seed)
    _, tracks = tracked(network, run.events)
    (track,) = tracks.values()
    assert track.status is TrackStatus.CONFIRMED
    assert track.launch_looks == []
    (truth,) = run.truth.objects
    mean, covariance = track.latest.body()
    position, velocity, _ = truth.states_ecef(np.array([track.latest.tai_ns]))
    error = mean - np.concatenate((position[0], velocity[0]))
    assert error @ np.linalg.solve(covariance, error) < 22.5
    assert np.linalg.norm(error[:3]) < 2_000.0


def test_who_should_have_seen_it_and_did_not_is_remembered() -> None:
    network, events = watched_ascent(150.0)
    blind = "GEO-MID-SCAN"
    events = [
        msgspec.structs.replace(e, measurements=())
        if isinstance(e, Scan) and e.sensor_id == blind
        else e
        for e in events
    ]
    _, tracks = tracked(network, events)
    (track,) = tracks.values()
    assert set(track.sensor_ids) == set(SCANNERS) - {blind}
    assert track.silent[blind] >= 3


def test_a_clock_that_runs_ahead_ends_no_track() -> None:
    network, events = watched_ascent(140.0)
    tracker = Tracker(network, ORIENTATION)
    state, _ = tracked(network, events)
    ahead = next(e for e in reversed(events) if isinstance(e, Scan))
    ahead = msgspec.structs.replace(
        ahead,
        sequence=ahead.sequence + 1,
        end_tai_ns=ahead.end_tai_ns + 3_000 * SECOND_NS,
        measurements=(),
    )
    tracker.step(state, ahead)
    (track,) = tracker.tracks(state, ahead.received_tai_ns)
    assert track.status is TrackStatus.CONFIRMED


def test_no_more_tracks_live_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TRACKS", 1)
    network = network_of(*SCANNERS)
    sources = [ascending(n, flown(36.0 + 3 * k, 125.7, 72.0), START) for k, n in enumerate("abc")]
    events = seen_by_telescopes(quiet_events(network, duration_s=140.0), network, sources)
    state, _ = tracked(network, events)
    assert len(state.core.histories) == 1


def test_a_copied_state_is_independent_and_exact() -> None:
    network, events = watched_ascent(160.0)
    tracker = Tracker(network, ORIENTATION)
    state = tracker.initial_state()
    scans = [e for e in events if isinstance(e, Scan)]
    middle = len(scans) // 2
    for scan in scans[:middle]:
        tracker.step(state, scan)
    copied = state.copy()
    for scan in scans[middle:]:
        tracker.step(state, scan)
    assert everything(copied.core) != everything(state.core)
    for scan in scans[middle:]:
        tracker.step(copied, scan)
    assert everything(copied.core) == everything(state.core)
    assert copied.names == state.names
