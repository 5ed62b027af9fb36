"""What is let into the chain: an event is checked once, at its door, and refused in words.

Refused are events of another realm, what cannot be true of the world (``sensors.ranges``), sensors that
the network does not have, and scans seen before. One bad measurement costs itself, never its scan.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

import msgspec

from forewarn.records import Cone, Event, Realm, Scan
from forewarn.sensors.network import InfraredSensor, Network
from forewarn.sensors.ranges import belongs_problem, event_problem, measurement_problem

_REMEMBERED = 4096  # sequence numbers per sensor; a scan older than these is refused as stale


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
    """Sequence numbers taken in, by sensor."""

    seen: dict[str, set[int]] = field(default_factory=dict)

    def copy(self) -> ScreenState:
        """Return an independent, exact copy."""
        return copy.deepcopy(self)


class Screen:
    """The door of the chain for one network and one realm."""

    def __init__(self, network: Network, realm: Realm) -> None:
        """Remember which sensors there are."""
        self._sensors = {s.sensor_id: s for s in network.sensors}
        self._realm = realm

    def check(self, state: ScreenState, event: Event) -> tuple[Event | None, list[Fault]]:
        """Return the event without what is wrong in it (None if nothing is left), and the faults.

        ``state`` is changed in place: a scan let in is remembered.
        """
        if event.realm is not self._realm:
            detail = (
                f"it is of realm {event.realm.value} and this chain is {self._realm.value}; "
                "records of another realm never mix"
            )
            return None, [_fault(event, "realm", detail)]
        problem = event_problem(event)
        if problem is not None:
            return None, [_fault(event, "impossible", problem)]
        if not isinstance(event, Scan):
            return event, []
        return self._check_scan(state, event)

    def _check_scan(self, state: ScreenState, scan: Scan) -> tuple[Scan | None, list[Fault]]:
        sensor = self._sensors.get(scan.sensor_id)
        if sensor is None:
            known = ", ".join(sorted(self._sensors))
            detail = f"sensor {scan.sensor_id!r} is not in the network; it has {known}"
            return None, [_fault(scan, "unknown_sensor", detail)]
        if isinstance(sensor, InfraredSensor) != isinstance(scan.volume, Cone):
            detail = f"{scan.sensor_id} cannot look at a {type(scan.volume).__name__.lower()}"
            return None, [_fault(scan, "wrong_kind", detail)]
        if isinstance(sensor, InfraredSensor) and (
            scan.position_gcrf_m is None or scan.velocity_gcrf_m_s is None
        ):
            detail = "a telescope's scan must say where its satellite was and how it moved"
            return None, [_fault(scan, "no_position", detail)]
        seen = state.seen.setdefault(scan.sensor_id, set())
        if scan.sequence in seen:
            detail = f"scan {scan.sequence} of {scan.sensor_id} came before; it is not taken twice"
            return None, [_fault(scan, "duplicate", detail)]
        if seen and scan.sequence < max(seen) - _REMEMBERED:
            detail = f"scan {scan.sequence} of {scan.sensor_id} is far older than {max(seen)}"
            return None, [_fault(scan, "stale", detail)]
        seen.add(scan.sequence)
        if len(seen) > 2 * _REMEMBERED:
            newest = max(seen)
            state.seen[scan.sensor_id] = {s for s in seen if s >= newest - _REMEMBERED}
        return _without_bad_measurements(scan)


def _without_bad_measurements(scan: Scan) -> tuple[Scan, list[Fault]]:
    faults: list[Fault] = []
    kept = []
    names: set[str] = set()
    for seen in scan.measurements:
        problem = measurement_problem(seen) or belongs_problem(scan, seen)
        if problem is None and seen.measurement_id in names:
            problem = "another measurement of this scan has the same id"
        if problem is None:
            names.add(seen.measurement_id)
            kept.append(seen)
            continue
        ids = (scan.scan_id, seen.measurement_id)
        faults.append(
            Fault(scan.received_tai_ns, scan.sensor_id, "bad_measurement", problem, ids)
        )
    if not faults:
        return scan, []
    return msgspec.structs.replace(scan, measurements=tuple(kept)), faults


def _fault(event: Event, reason: str, detail: str) -> Fault:
    name = str(getattr(event, event.__struct_fields__[0]))
    sensor_id = getattr(event, "sensor_id", None)
    return Fault(event.received_tai_ns, sensor_id, reason, detail, (name,))
