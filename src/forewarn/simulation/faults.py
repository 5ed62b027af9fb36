"""Faults of a run as data: what breaks, lies or is lost, where, and from when to when.

A fault strikes one sensor, or something that several share (`FailureDomains`: a communications
path, a clock, a site, a power supply, software): then all of them are struck by the very same
event, drawn once under the shared thing's name. Instants are true ones, whatever the sensor's clock
says. What each fault does stands beside it: `forewarn.simulation.lies` (what a sensor says),
`clocks` (when it says it happened), `link` (what of that arrives).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn.missiles.vehicle import Vehicle
from forewarn.sensors.network import FailureDomains, Network, RadarSensor, Sensor

Instants = NDArray[np.int64]

SHARED = FailureDomains.__struct_fields__
"""What sensors can share, and so lose together."""

JITTER_LAWS = ("exponential", "uniform", "heavy_tailed")


class Target(msgspec.Struct, frozen=True):
    """What is struck: ``kind`` is ``sensor_id`` or one of `SHARED`, ``name`` its name there."""

    kind: str
    name: str

    def covers(self, sensor: Sensor) -> bool:
        """Say whether a sensor is struck."""
        if self.kind == "sensor_id":
            return sensor.sensor_id == self.name
        return bool(getattr(sensor.domains, self.kind) == self.name)


class FaultBase(msgspec.Struct, frozen=True, kw_only=True):
    """What all faults have in common; None stands for the run's own start or end."""

    target: Target
    from_tai_ns: int | None = None
    until_tai_ns: int | None = None

    def active(self, time_tai_ns: Instants) -> NDArray[np.bool_]:
        """Say at which instants (k,) the fault is there: from the first, before the second."""
        during = np.ones(len(time_tai_ns), dtype=np.bool_)
        if self.from_tai_ns is not None:
            during &= time_tai_ns >= self.from_tai_ns
        if self.until_tai_ns is not None:
            during &= time_tai_ns < self.until_tai_ns
        return during


class Gaps(msgspec.Struct, frozen=True, kw_only=True):
    """Losses in bursts: a link that is good for a while, then bad for a while.

    The two-state channel of Gilbert (Bell System Technical Journal 39, 1960, p. 1253) and Elliott
    (42, 1963, p. 1977) in continuous time: both stays last exponentially long. In the bad state
    ``loss_fraction`` of all messages is lost; in the good one, the link's own ``loss_fraction``.
    """

    good_mean_s: float
    bad_mean_s: float
    loss_fraction: float = 1.0


class LinkFault(FaultBase, frozen=True, kw_only=True, tag="link"):
    """A link that delays, loses, garbles, repeats and overtakes, beside the sensor's own latency.

    ``jitter_s`` is the mean of a further delay by ``jitter_law``: exponential, uniform from zero to
    twice the mean, or heavy-tailed (Lomax of index 2.5, whose variance is five times the squared
    mean). A garbled message arrives as `forewarn.records.Unreadable`. A repeated one is the same
    record again, ``duplicate_delay_s`` after the first. A held one comes ``held_s`` later, behind
    those sent after it.
    """

    latency_s: float = 0.0
    jitter_s: float = 0.0
    jitter_law: str = "exponential"
    loss_fraction: float = 0.0
    gaps: Gaps | None = None
    garbled_fraction: float = 0.0
    duplicate_fraction: float = 0.0
    duplicate_delay_s: float = 1.0
    held_fraction: float = 0.0
    held_s: float = 0.0


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """A clock that counts ticks and multiplies the count by a tick chopped to so many bits.

    The clock of the Patriot battery at Dhahran counted tenths of a second, and a tenth chopped
    after 23 binary places (24 bits) is 95 ns short: 0.34 s in 100 hours (US General Accounting
    Office, IMTEC-92-26, 1992). ``running_s`` is how long it had run when the fault begins.
    """

    tick_s: float
    fraction_bits: int
    running_s: float = 0.0


class ClockFault(FaultBase, frozen=True, kw_only=True, tag="clock"):
    """A wrong clock: it stamps all times of the sensor's scans, never when we received them.

    Its error is ``offset_s``, plus ``drift_ratio`` times the time since the fault began, plus a
    random walk of one sigma ``walk_s`` after an hour, plus what a ``register`` chops off. After the
    fault's end it is set right.
    """

    offset_s: float = 0.0
    drift_ratio: float = 0.0
    walk_s: float = 0.0
    register: Register | None = None


class GhostLaunches(FaultBase, frozen=True, kw_only=True, tag="ghosts"):
    """Launches that a sensor invents: flown like real ones, seen by the liars alone.

    The first lifts off when the fault begins, each further one ``interval_s`` later and
    ``spacing_rad`` of longitude to the east; all vanish when it ends. Sensors that share the liar
    (software, say, that was fed a tape of an exercise) see the same ghosts, each from its own side.
    """

    vehicle: Vehicle
    latitude_rad: float
    longitude_rad: float
    height_m: float
    azimuth_rad: float
    range_m: float | None = None
    apogee_m: float | None = None
    number: int = 1
    interval_s: float = 0.0
    spacing_rad: float = 0.0


class ReplayedTape(FaultBase, frozen=True, kw_only=True, tag="tape"):
    """A recording in place of the sensor: its scans from ``tape_from_tai_ns`` on, with new times.

    The tape ends where the fault begins; if the fault lasts longer, it is played again. Numbers and
    ids go on as if the scans were new, and all else is as recorded.
    """

    tape_from_tai_ns: int


class FrozenOutput(FaultBase, frozen=True, kw_only=True, tag="frozen"):
    """The last measurements before the fault, in every scan again, with new times."""


class BiasStep(FaultBase, frozen=True, kw_only=True, tag="bias"):
    """A sensor knocked out of line: all it measures is off by a constant.

    ``across_rad`` turns right ascension or azimuth, as an arc; ``up_rad`` declination or elevation;
    ``range_offset_m`` is a radar's.
    """

    across_rad: float = 0.0
    up_rad: float = 0.0
    range_offset_m: float = 0.0


class CorruptedCounts(FaultBase, frozen=True, kw_only=True, tag="counts"):
    """A broken chip: zeros of the three-digit count of measurements turn into twos.

    Each zero does so with probability ``digit_fraction`` in each scan, and plots that are no more
    than filling make up the number. On 3 and 6 June 1980 a failed circuit put twos in place of
    zeros in the count of missiles (US General Accounting Office, MASAD-81-30, 1981).
    """

    digit_fraction: float


class Blind(FaultBase, frozen=True, kw_only=True, tag="blind"):
    """A sensor that sees nothing and says that it is well."""


class Death(FaultBase, frozen=True, kw_only=True, tag="death"):
    """A sensor that falls silent; where the fault ends it starts again and counts from one.

    If ``announced``, a `forewarn.records.SensorStatus` says so at either end. Scan ids of a
    restarted sensor carry the number of restarts, so that no two scans share one.
    """

    announced: bool = False
    reason: str = "out of operation"


Lie = GhostLaunches | ReplayedTape | FrozenOutput | BiasStep | CorruptedCounts | Blind
Fault = LinkFault | ClockFault | Lie | Death

BOUNDS = {
    "latency_s": (0.0, 3_600.0),
    "jitter_s": (0.0, 3_600.0),
    "loss_fraction": (0.0, 1.0),
    "garbled_fraction": (0.0, 1.0),
    "duplicate_fraction": (0.0, 1.0),
    "duplicate_delay_s": (1e-9, 86_400.0),
    "held_fraction": (0.0, 1.0),
    "held_s": (0.0, 86_400.0),
    "good_mean_s": (1e-3, 1e7),
    "bad_mean_s": (1e-3, 1e7),
    "offset_s": (-1e6, 1e6),
    "drift_ratio": (-0.01, 0.01),
    "walk_s": (0.0, 5.0),
    "tick_s": (1e-9, 10.0),
    "fraction_bits": (1, 62),
    "running_s": (0.0, 1e8),
    "number": (1, 10_000),
    "interval_s": (0.0, 86_400.0),
    "spacing_rad": (-0.1, 0.1),
    "across_rad": (-0.5, 0.5),
    "up_rad": (-0.5, 0.5),
    "range_offset_m": (-1e7, 1e7),
    "range_m": (1.0, 2e7),
    "apogee_m": (1.0, 1e7),
    "digit_fraction": (0.0, 1.0),
}
"""Least and greatest of what faults state, in SI."""


def faults_of(sensor: Sensor, faults: tuple[Fault, ...]) -> Iterator[tuple[Fault, tuple[str, ...]]]:
    """Yield each fault that strikes a sensor, with the names of its random stream.

    The names tell faults of one kind on one target apart by their order, and do not depend on what
    other faults or sensors there are.
    """
    counts: dict[tuple[str, ...], int] = {}
    for fault in faults:
        names = (str(fault.__struct_config__.tag), fault.target.kind, fault.target.name)
        counts[names] = counts.get(names, 0) + 1
        if fault.target.covers(sensor):
            yield fault, ("fault", *names, str(counts[names]))


class Problem(msgspec.Struct, frozen=True):
    """Why a fault cannot be: the field, what is wrong with it, and what to do."""

    field: str
    problem: str
    mend: str


def fault_problem(fault: Fault, network: Network, start_tai_ns: int) -> Problem | None:
    """Return what is wrong with a fault of a run that starts then, or None."""
    return (
        _target_problem(fault.target, network)
        or _time_problem(fault, start_tai_ns)
        or _range_problem(fault)
        or _kind_problem(fault, network)
    )


def check_faults(faults: tuple[Fault, ...], network: Network, start_tai_ns: int) -> None:
    """Raise ValueError for the first fault that cannot be, naming field, value and mend."""
    for index, fault in enumerate(faults):
        found = fault_problem(fault, network, start_tai_ns)
        if found is not None:
            raise ValueError(f"faults[{index}].{found.field}: {found.problem}; {found.mend}")


def _target_problem(target: Target, network: Network) -> Problem | None:
    if target.kind not in ("sensor_id", *SHARED):
        known = ", ".join(("sensor_id", *SHARED))
        return Problem("target", f"'{target.kind}' cannot be struck", f"use one of {known}")
    if any(target.covers(sensor) for sensor in network.sensors):
        return None
    names = sorted({_name(sensor, target.kind) for sensor in network.sensors})
    near = difflib.get_close_matches(target.name[:100], names, n=1)
    meant = f"did you mean '{near[0]}'? " if near else ""
    what = "sensor" if target.kind == "sensor_id" else target.kind
    return Problem(
        target.kind,
        f"network '{network.network_id}' has no {what} '{target.name[:60]}'",
        f"{meant}known here: {', '.join(names)}",
    )


def _name(sensor: Sensor, kind: str) -> str:
    return sensor.sensor_id if kind == "sensor_id" else str(getattr(sensor.domains, kind))


def _time_problem(fault: Fault, start_tai_ns: int) -> Problem | None:
    begins = start_tai_ns if fault.from_tai_ns is None else fault.from_tai_ns
    if fault.until_tai_ns is not None and fault.until_tai_ns <= begins:
        return Problem(
            "until_tai_ns", "the fault ends before it begins", "exchange the two, or correct one"
        )
    if isinstance(fault, ReplayedTape) and not (start_tai_ns <= fault.tape_from_tai_ns < begins):
        return Problem(
            "tape_from_tai_ns",
            "the tape must be recorded in this run, before the fault begins",
            "take an instant from the run's start on, and state when the fault begins",
        )
    return None


def _range_problem(fault: Fault) -> Problem | None:
    parts: list[tuple[str, msgspec.Struct]] = [("", fault)]
    for name in ("gaps", "register"):
        part = getattr(fault, name, None)
        if part is not None:
            parts.append((f"{name}.", part))
    for prefix, part in parts:
        for name in part.__struct_fields__:
            value = getattr(part, name)
            if name not in BOUNDS or value is None:
                continue
            least, most = BOUNDS[name]
            if not least <= value <= most:
                mend = f"it must be at least {least:g} and at most {most:g}"
                return Problem(prefix + name, f"{value:g} is out of range", mend)
    return None


def _kind_problem(fault: Fault, network: Network) -> Problem | None:
    if isinstance(fault, LinkFault) and fault.jitter_law not in JITTER_LAWS:
        mend = f"use one of {', '.join(JITTER_LAWS)}"
        return Problem("jitter_law", f"'{fault.jitter_law[:60]}' is not known here", mend)
    struck = [sensor for sensor in network.sensors if fault.target.covers(sensor)]
    if isinstance(fault, BiasStep) and fault.range_offset_m != 0.0:
        if not any(isinstance(sensor, RadarSensor) for sensor in struck):
            mend = "state 'across' or 'up', or strike a radar"
            return Problem("range_offset_m", "a telescope measures no range", mend)
    if isinstance(fault, GhostLaunches) and (fault.range_m is None) != (fault.apogee_m is None):
        return Problem("range_m", "range and apogee belong together", "state both, or neither")
    return None
