"""Clocks that sensors stamp their scans with, and how far they are wrong.

A clock that several sensors share is wrong by the same amount for all of them: its random walk is
drawn once, under the clock's name.
"""

from __future__ import annotations

from itertools import islice

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.records import Scan
from forewarn.simulation.faults import ClockFault, Register
from forewarn.simulation.streams import stream

Array = NDArray[np.float64]
Instants = NDArray[np.int64]

_HOUR_S = 3_600.0


def register_error_s(register: Register, running_s: Array) -> Array:
    """Return (k,) what a counting clock reads too little (negative) after running so long.

    It reads whole ticks, each chopped: floor(t / d) floor(d 2^b) / 2^b - t, with t the time, d the
    tick and b the binary places kept.
    """
    tick_ns = round(register.tick_s * SECOND_NS)
    scale = 2**register.fraction_bits
    # How short a tick is, exactly: the remainder of d 2^b after chopping.
    short_s = (tick_ns * scale % SECOND_NS) / SECOND_NS / scale
    running_ns = np.rint(running_s * SECOND_NS).astype(np.int64)
    ticks = running_ns // tick_ns
    error: Array = -(ticks * short_s + (running_ns - ticks * tick_ns) / SECOND_NS)
    return error


def clock_error_ns(
    fault: ClockFault,
    time_tai_ns: Instants,
    *,
    seed: int,
    names: tuple[str, ...],
    span_tai_ns: tuple[int, int],
) -> Instants:
    """Return (k,) how far the clock is ahead at true instants; zero outside the fault's time.

    ``names`` are those of its random stream, ``span_tai_ns`` is the run's.
    """
    begins = span_tai_ns[0] if fault.from_tai_ns is None else fault.from_tai_ns
    elapsed_s = (time_tai_ns - begins) / SECOND_NS
    error_s = fault.offset_s + fault.drift_ratio * elapsed_s
    if fault.walk_s > 0.0:
        error_s += _walk_s(fault.walk_s, time_tai_ns, stream(seed, *names), span_tai_ns)
    if fault.register is not None:
        running_s = fault.register.running_s + np.maximum(elapsed_s, 0.0)
        error_s += register_error_s(fault.register, running_s)
    wrong = np.rint(error_s * SECOND_NS).astype(np.int64)
    return np.where(fault.active(time_tai_ns), wrong, 0)


def _walk_s(
    hour_sigma_s: float,
    time_tai_ns: Instants,
    randomness: np.random.Generator,
    span_tai_ns: tuple[int, int],
) -> Array:
    """Return a Wiener walk at instants (k,), drawn at each second of the run, straight between."""
    seconds = np.arange((span_tai_ns[1] - span_tai_ns[0]) // SECOND_NS + 2)
    steps = randomness.standard_normal(len(seconds)) * hour_sigma_s / np.sqrt(_HOUR_S)
    steps[0] = 0.0
    walk: Array = np.interp(
        (time_tai_ns - span_tai_ns[0]) / SECOND_NS, seconds.astype(np.float64), np.cumsum(steps)
    )
    return walk


def stamped(
    scans: list[Scan],
    faults: list[tuple[ClockFault, tuple[str, ...]]],
    *,
    seed: int,
    span_tai_ns: tuple[int, int],
) -> list[Scan]:
    """Return scans with true times as wrong clocks stamp them; when they arrive stays.

    Errors of several faults add up. Only times are wrong: where a satellite was is known from its
    orbit, and stays true. A scan is stamped as a whole, by the faults there at its end.
    """
    counts = np.array([2 + len(scan.measurements) for scan in scans], dtype=np.int64)
    true = np.array(
        [
            time
            for scan in scans
            for time in (
                scan.start_tai_ns,
                scan.end_tai_ns,
                *(m.seen_tai_ns for m in scan.measurements),
            )
        ],
        dtype=np.int64,
    )
    ends = np.array([scan.end_tai_ns for scan in scans], dtype=np.int64)
    error = np.zeros(len(true), dtype=np.int64)
    for fault, names in faults:
        begins = span_tai_ns[0] if fault.from_tai_ns is None else fault.from_tai_ns
        lasting = msgspec.structs.replace(fault, until_tai_ns=None)
        ahead = clock_error_ns(
            lasting, np.maximum(true, begins), seed=seed, names=names, span_tai_ns=span_tai_ns
        )
        error += np.where(np.repeat(fault.active(ends), counts), ahead, 0)
    wrong = iter((true + error).tolist())
    return [_stamp(scan, list(islice(wrong, 2 + len(scan.measurements)))) for scan in scans]


def _stamp(scan: Scan, times_tai_ns: list[int]) -> Scan:
    """Return the scan with another start, end, and time of each measurement."""
    start_tai_ns, end_tai_ns, *seen = times_tai_ns
    return msgspec.structs.replace(
        scan,
        start_tai_ns=start_tai_ns,
        end_tai_ns=end_tai_ns,
        measurements=tuple(
            msgspec.structs.replace(m, seen_tai_ns=instant)
            for m, instant in zip(scan.measurements, seen, strict=True)
        ),
    )
