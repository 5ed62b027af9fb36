"""Wrong clocks: offset, drift, random walk and what scans look like under them."""

from __future__ import annotations

from functools import cache

import msgspec
import numpy as np
import pytest
from scipy import stats

from forewarn.epoch import SECOND_NS
from forewarn.records import Event, Scan
from forewarn.simulation.clocks import clock_error_ns
from forewarn.simulation.faults import ClockFault, Register, Target
from tests.simulation.scenes import DOMAINS, RADAR, SCANNER, STARER, START, run, scene

SPAN = (START, START + 7_200 * SECOND_NS)
SHARED = Target("clock", "d")
OTHER_CLOCK = msgspec.structs.replace(
    RADAR, domains=msgspec.structs.replace(DOMAINS, clock="caesium")
)


def error_s(fault: ClockFault, *seconds: float, seed: int = 1) -> np.ndarray:
    """How far the clock is ahead so many seconds after the run's start."""
    instants = START + np.rint(np.array(seconds) * SECOND_NS).astype(np.int64)
    found = clock_error_ns(fault, instants, seed=seed, names=("clock",), span_tai_ns=SPAN)
    return found / SECOND_NS


@cache
def events(*faults: ClockFault) -> tuple[Event, ...]:
    """Two telescopes on one clock, a radar on another."""
    stated = scene(SCANNER, STARER, OTHER_CLOCK, duration_s=300.0)
    return tuple(run(msgspec.structs.replace(stated, faults=faults)).events)


def scans(sensor_id: str, *faults: ClockFault) -> list[Scan]:
    """A sensor's scans in order of looking."""
    found = [e for e in events(*faults) if isinstance(e, Scan) and e.sensor_id == sensor_id]
    return sorted(found, key=lambda scan: scan.sequence)


def test_offset_and_drift() -> None:
    """Ahead by the offset when the fault begins, and by the drift for each second after."""
    fault = ClockFault(
        target=SHARED, from_tai_ns=START + 100 * SECOND_NS, offset_s=0.5, drift_ratio=2e-5
    )
    np.testing.assert_allclose(error_s(fault, 99.9, 100.0, 1_100.0), [0.0, 0.5, 0.52], atol=1e-9)


def test_the_random_walk_grows_with_the_root_of_time() -> None:
    """Over 400 seeds: one sigma after an hour as stated, half of it after a quarter, Gaussian."""
    fault = ClockFault(target=SHARED, walk_s=0.2)
    found = np.array([error_s(fault, 900.0, 3_600.0, seed=seed) for seed in range(400)])
    for column, sigma in zip(found.T, (0.1, 0.2), strict=True):
        assert stats.kstest(column, stats.norm(0.0, sigma).cdf).pvalue > 1e-3
    # Increments after the first quarter owe nothing to it.
    later = found[:, 1] - found[:, 0]
    assert abs(np.corrcoef(found[:, 0], later)[0, 1]) < 4.0 / np.sqrt(400)


def test_all_on_a_clock_are_wrong_alike_and_others_are_right() -> None:
    """Both telescopes' times move by one and the same function of time; the radar's stay."""
    fault = ClockFault(target=SHARED, offset_s=0.2, walk_s=2.0)
    errors: dict[int, int] = {}
    for sensor_id in ("SCAN", "STARE"):
        for wrong, right in zip(scans(sensor_id, fault), scans(sensor_id), strict=True):
            errors[right.end_tai_ns] = wrong.end_tai_ns - right.end_tai_ns
    times = np.array(sorted(errors))
    expected = clock_error_ns(
        fault,
        times,
        seed=1,
        names=("fault", "clock", "clock", "d", "1"),
        span_tai_ns=(START, START + 300 * SECOND_NS),
    )
    assert [errors[time] for time in times.tolist()] == expected.tolist()
    assert np.ptp(expected) > SECOND_NS // 100
    assert scans("RADAR", fault) == scans("RADAR")


def test_every_time_of_the_sensor_moves_and_none_of_ours() -> None:
    """Start, end and each measurement are stamped wrong; when it was received is our clock's."""
    fault = ClockFault(target=SHARED, offset_s=-0.34)
    pairs = list(zip(scans("STARE", fault), scans("STARE"), strict=True))
    assert sum(len(right.measurements) for _, right in pairs) > 30
    for wrong, right in pairs:
        back = msgspec.structs.replace(
            wrong,
            start_tai_ns=wrong.start_tai_ns + 340_000_000,
            end_tai_ns=wrong.end_tai_ns + 340_000_000,
            measurements=tuple(
                msgspec.structs.replace(m, seen_tai_ns=m.seen_tai_ns + 340_000_000)
                for m in wrong.measurements
            ),
        )
        assert back == right


def test_faults_of_one_clock_add_up() -> None:
    """An offset, and later a second one on top."""
    first = ClockFault(target=SHARED, offset_s=0.5)
    begins = START + 150 * SECOND_NS
    second = ClockFault(target=SHARED, from_tai_ns=begins, offset_s=-0.2)
    moved = [
        (right.end_tai_ns >= begins, wrong.end_tai_ns - right.end_tai_ns)
        for wrong, right in zip(scans("STARE", first, second), scans("STARE"), strict=True)
    ]
    assert set(moved) == {(False, 500_000_000), (True, 300_000_000)}


def test_a_clock_set_right_is_right() -> None:
    """After the fault's end the scans are as without it."""
    ends = START + 150 * SECOND_NS
    fault = ClockFault(target=SHARED, until_tai_ns=ends, offset_s=0.5, walk_s=1.0)
    for wrong, right in zip(scans("SCAN", fault), scans("SCAN"), strict=True):
        assert (wrong == right) is (right.end_tai_ns >= ends)


def test_times_stay_in_order_under_the_worst_clock() -> None:
    """Start before sighting before end, also across the tick of a coarse register."""
    fault = ClockFault(
        target=SHARED,
        drift_ratio=-0.01,
        walk_s=5.0,
        register=Register(tick_s=0.1, fraction_bits=23, running_s=3.6e5),
    )
    for scan in scans("SCAN", fault) + scans("STARE", fault):
        for seen in scan.measurements:
            assert scan.start_tai_ns <= seen.seen_tai_ns <= scan.end_tai_ns


@pytest.mark.parametrize("tick_s", [0.1, 0.5])
def test_a_register_counts_whole_ticks(tick_s: float) -> None:
    """Between two ticks it stands still: the error saws between none and a tick."""
    fault = ClockFault(target=SHARED, register=Register(tick_s=tick_s, fraction_bits=40))
    seconds = np.arange(0.0, 3.0, 0.05)
    expected = np.floor(np.round(seconds / tick_s, 9)) * tick_s - seconds
    np.testing.assert_allclose(error_s(fault, *seconds), expected, atol=1e-8)
