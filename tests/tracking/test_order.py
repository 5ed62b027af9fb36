"""Late, doubled and disordered scans: the tracker ends up as if all had come in order."""

from __future__ import annotations

import itertools
from functools import cache

import msgspec
import numpy as np
import pytest

from forewarn.epoch import SECOND_NS
from forewarn.records import Scan
from forewarn.simulation import simulate
from forewarn.tracking.tracker import Tracker, TrackerState
from tests.tracking.stage import ORIENTATION, network_of, overflight
from tests.tracking.test_tracker import everything

NETWORK = network_of(clutter=True)


@cache
def scans() -> tuple[Scan, ...]:
    """The shipped flight until 150 s after launch, seen by all sensors, in order of ending."""
    scenario = overflight()
    scenario = msgspec.structs.replace(
        scenario, network=NETWORK, end_tai_ns=scenario.start_tai_ns + 180 * SECOND_NS
    )
    events = simulate(scenario, seed=3, orientation=ORIENTATION).events
    found = [e for e in events if isinstance(e, Scan)]
    return tuple(sorted(found, key=lambda s: (s.end_tai_ns, s.sensor_id, s.sequence)))


def after(order: list[Scan]) -> TrackerState:
    tracker = Tracker(NETWORK, ORIENTATION)
    state = tracker.initial_state()
    for scan in order:
        tracker.step(state, scan)
    return state


@cache
def sorted_state() -> TrackerState:
    return after(list(scans()))


def test_the_sorted_run_follows_the_flight() -> None:
    """So that the others have something to be equal to."""
    core = sorted_state().core
    assert len(core.histories) >= 1
    assert max(sum(h.sensor_ids.values()) for h in core.histories.values()) > 50
    assert sorted_state().rewound > 0  # a sweep's plots are older than its end


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("late_s", [2.0, 60.0])
def test_scans_late_by_up_to_a_minute_change_nothing(seed: int, late_s: float) -> None:
    """To the bit, whatever the order of arrival."""
    randomness = np.random.default_rng(seed)
    delays = randomness.uniform(0.0, late_s, len(scans()))
    # One in four in ten seconds is held back; the rest come in order.
    delays[randomness.random(len(delays)) < 0.75] = 0.0
    arrivals = sorted(
        (scan.end_tai_ns + round(delay * SECOND_NS), i)
        for i, (scan, delay) in enumerate(zip(scans(), delays, strict=True))
    )
    order = [scans()[i] for _, i in arrivals]
    assert order != list(scans())
    state = after(order)
    assert everything(state.core) == everything(sorted_state().core)


def test_a_track_keeps_its_name_when_late_looks_move_its_beginning() -> None:
    """The first scans of the flight come last of all, a minute late: one name throughout."""
    tracker = Tracker(NETWORK, ORIENTATION)
    state = tracker.initial_state()
    begun = next(
        h.first_seen_tai_ns for h in sorted_state().core.histories.values() if h.launch_looks
    )
    early = [s for s in scans() if begun <= s.end_tai_ns < begun + 6 * SECOND_NS]
    others = [s for s in scans() if s not in early]
    late_tai_ns = begun + 50 * SECOND_NS
    names: list[set[str]] = []
    for scan in itertools.chain(
        (s for s in others if s.end_tai_ns < late_tai_ns),
        early,
        (s for s in others if s.end_tai_ns >= late_tai_ns),
    ):
        tracker.step(state, scan)
        told = tracker.statuses(state, scan.end_tai_ns)
        if told:
            names.append(set(told))
    assert everything(state.core) == everything(sorted_state().core)
    assert names[0] <= names[-1]
    assert len(set.union(*names)) == len(names[-1])
