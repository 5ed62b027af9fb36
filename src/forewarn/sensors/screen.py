"""What is let into the chain: an event is checked once, at its door, and refused in words.

Refused are events of another realm, what cannot be true of the world (``sensors.ranges``), sensors
that the network does not have, scans seen before and scans too late or too far from the Earth's
known orientation to be used. One bad measurement costs itself, never its scan; of more than
`MOST_PLOTS` good ones the strongest are kept and the rest is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
import numpy as np

from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation
from forewarn.records import Cone, Event, Measurement, Realm, Scan, SensorStatus, Unreadable
from forewarn.sensors.network import InfraredSensor, Network
from forewarn.sensors.ranges import (
    CLOCK_TOLERANCE_NS,
    LATEST_TAI_NS,
    belongs_problem,
    event_problem,
    measurement_problem,
    suspects,
)

LATEST_S = 60.0  # a scan that comes later than this after its end is of no use to any track
MOST_PLOTS = 16_384  # per scan: what the chain's work is bounded by
_MOST_REPORTED = 20  # bad measurements of one scan that are reported one by one
_REMEMBERED = 4096  # scans per sensor
_LONGEST_NAME = 200  # of what is refused, which may be named anything


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something was refused. ``reason`` is a short constant, ``detail`` a sentence."""

    time_tai_ns: int
    sensor_id: str | None
    reason: str
    detail: str
    input_ids: tuple[str, ...]


@dataclass(slots=True, eq=False)
class ScreenState:
    """The newest scans taken in, oldest first, by sensor: sequence number and start.

    A sensor that counts anew after a restart is no duplicate, because its scans start later.
    """

    seen: dict[str, dict[tuple[int, int], None]] = field(default_factory=dict)

    def copy(self) -> ScreenState:
        """Return an independent, exact copy."""
        return ScreenState({sensor_id: dict(scans) for sensor_id, scans in self.seen.items()})


class Screen:
    """The door of the chain for one network and one realm."""

    def __init__(self, network: Network, orientation: EarthOrientation, realm: Realm) -> None:
        """Remember which sensors there are, and when the Earth's orientation is known."""
        self._sensors = {s.sensor_id: s for s in network.sensors}
        days_tai_ns = orientation.day_tai_ns
        self._dates_tai_ns = range(
            days_tai_ns[0] + CLOCK_TOLERANCE_NS, days_tai_ns[-1] - CLOCK_TOLERANCE_NS
        )
        self._realm = realm

    def check(self, state: ScreenState, event: Event) -> tuple[Event | None, list[Fault]]:
        """Return the event without what is wrong in it (None if nothing is left), and the faults.

        ``state`` is changed in place: a scan let in is remembered.
        """
        refusal = self._refusal(state, event)
        if refusal is not None:
            return None, [_fault(event, *refusal)]
        if isinstance(event, Unreadable):
            detail = f"{event.place}: {event.reason}; it began {event.text_excerpt!r}"
            return None, [_fault(event, "unreadable", detail)]
        if not isinstance(event, Scan):
            return event, []
        _remember(state, event)
        return _without_bad_measurements(event)

    def _refusal(self, state: ScreenState, event: Event) -> tuple[str, str] | None:
        """Reason and detail why an event cannot be let in, or None."""
        if event.realm is not self._realm:
            return "realm", (
                f"it is of realm {event.realm.value} and this chain is {self._realm.value}; "
                "records of another realm never mix"
            )
        problem = event_problem(event)
        if problem is not None:
            return "impossible", problem
        if not isinstance(event, Scan | SensorStatus):
            return None
        if event.sensor_id not in self._sensors:
            known = ", ".join(sorted(self._sensors))
            detail = f"sensor {event.sensor_id!r} is not in the network; it has {known}"
            return "unknown_sensor", detail
        return self._scan_refusal(state, event) if isinstance(event, Scan) else None

    def _scan_refusal(self, state: ScreenState, scan: Scan) -> tuple[str, str] | None:
        infrared = isinstance(self._sensors[scan.sensor_id], InfraredSensor)
        if infrared != isinstance(scan.volume, Cone):
            kind = type(scan.volume).__name__.lower()
            return "wrong_kind", f"{scan.sensor_id} cannot look at a {kind}"
        dates = self._dates_tai_ns
        if infrared and not (scan.start_tai_ns in dates and scan.end_tai_ns in dates):
            return "no_orientation", (
                "the Earth's orientation is not known at its time; check the sensor's clock, or "
                "update the table of Earth orientation"
            )
        late_s = (scan.received_tai_ns - scan.end_tai_ns) / SECOND_NS
        if late_s > LATEST_S:
            return "late", (
                f"it came {late_s:.0f} s after it was seen, and {LATEST_S:.0f} s is the limit; "
                "check the link and the sensor's clock"
            )
        if (scan.sequence, scan.start_tai_ns) in state.seen.get(scan.sensor_id, {}):
            detail = f"scan {scan.sequence} of {scan.sensor_id} came before; it is not taken twice"
            return "duplicate", detail
        return None


def _remember(state: ScreenState, scan: Scan) -> None:
    seen = state.seen.setdefault(scan.sensor_id, {})
    seen[scan.sequence, scan.start_tai_ns] = None
    if len(seen) > _REMEMBERED:
        del seen[next(iter(seen))]


def _without_bad_measurements(scan: Scan) -> tuple[Scan, list[Fault]]:
    kept, faults = _strongest(scan)
    suspicious = set(suspects(scan, kept).tolist())
    names = {seen.measurement_id for seen in kept}
    if not suspicious and len(names) == len(kept):
        return (msgspec.structs.replace(scan, measurements=kept) if faults else scan), faults
    good: list[Measurement] = []
    bad: list[tuple[Measurement, str]] = []
    names.clear()
    for index, seen in enumerate(kept):
        problem = None
        if index in suspicious:
            problem = measurement_problem(seen) or belongs_problem(scan, seen)
        if problem is None and seen.measurement_id in names:
            problem = "another measurement of this scan has the same id"
        if problem is None:
            names.add(seen.measurement_id)
            good.append(seen)
        else:
            bad.append((seen, problem))
    faults += _measurement_faults(scan, bad)
    return msgspec.structs.replace(scan, measurements=tuple(good)), faults


def _strongest(scan: Scan) -> tuple[tuple[Measurement, ...], list[Fault]]:
    """As many measurements as the chain takes of one scan, and the fault that tells of the rest.

    One whose strength is no number is the weakest of all.
    """
    count = len(scan.measurements)
    if count <= MOST_PLOTS:
        return scan.measurements, []
    snr = np.fromiter((seen.snr for seen in scan.measurements), np.float64, count)
    snr[~np.isfinite(snr)] = -1.0
    kept = np.sort(np.argsort(-snr, kind="stable")[:MOST_PLOTS])
    detail = f"{count - MOST_PLOTS} of {count} measurements, the weakest, were left out"
    return tuple(scan.measurements[i] for i in kept), [_fault(scan, "shed", detail)]


def _measurement_faults(scan: Scan, bad: list[tuple[Measurement, str]]) -> Iterator[Fault]:
    for seen, problem in bad[:_MOST_REPORTED]:
        ids = (scan.scan_id, seen.measurement_id[:_LONGEST_NAME])
        yield Fault(scan.received_tai_ns, scan.sensor_id, "bad_measurement", problem, ids)
    if len(bad) > _MOST_REPORTED:
        detail = f"{len(bad) - _MOST_REPORTED} more measurements of this scan are bad"
        yield _fault(scan, "bad_measurement", detail)


def _fault(event: Event, reason: str, detail: str) -> Fault:
    name = str(getattr(event, event.__struct_fields__[0]))[:_LONGEST_NAME]
    stated = event.sensor_id if isinstance(event, Scan | SensorStatus | Unreadable) else None
    sensor_id = None if stated is None else stated[:_LONGEST_NAME]
    received_tai_ns = min(max(event.received_tai_ns, 0), LATEST_TAI_NS)
    return Fault(received_tai_ns, sensor_id, reason, detail, (name,))
