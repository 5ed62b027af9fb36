"""What becomes of one sensor's scans on their way: lies, death, the clock, the link; in this order.

Lies and death happen in true time, the clock then stamps what is left, and the link carries it. A
sensor without faults passes through untouched.
"""

from __future__ import annotations

import numpy as np

from forewarn.epoch import SECOND_NS
from forewarn.records import Realm, Scan, SensorStatus
from forewarn.sensors.network import Sensor
from forewarn.simulation.clocks import stamped
from forewarn.simulation.faults import Blind, ClockFault, Death, Fault, LinkFault, faults_of
from forewarn.simulation.lies import told
from forewarn.simulation.link import Message, carry, numbered
from forewarn.simulation.streams import stream

_WELL = "all systems normal"
_STARTED = "started again"


def impaired(
    sensor: Sensor,
    scans: list[Scan],
    faults: tuple[Fault, ...],
    *,
    seed: int,
    span_tai_ns: tuple[int, int],
) -> list[Message]:
    """Return what arrives of a sensor's scans, which come in order of their ends, and its statuses.

    ``faults`` are all of the scenario, ``span_tai_ns`` its start and end. Messages come in order of
    sending; some may arrive later than others sent after them, or after the run.
    """
    struck = list(faults_of(sensor, faults))
    if not struck:
        return list[Message](scans)
    for fault, names in struck:
        randomness = stream(seed, sensor.sensor_id, *names)
        scans = told(sensor, scans, fault, randomness=randomness, span_tai_ns=span_tai_ns)
    deaths = [fault for fault, _ in struck if isinstance(fault, Death)]
    if deaths:
        scans = _alive(scans, deaths)
    clocks = [(fault, names) for fault, names in struck if isinstance(fault, ClockFault)]
    links = [(fault, names) for fault, names in struck if isinstance(fault, LinkFault)]
    messages: list[Message] = [*stamped(scans, clocks, seed=seed, span_tai_ns=span_tai_ns)]
    sent = [scan.end_tai_ns for scan in scans]
    for instant, status in _statuses(sensor, [fault for fault, _ in struck], span_tai_ns):
        messages.append(status)
        sent.append(instant)
    order = np.argsort(np.array(sent, dtype=np.int64), kind="stable")
    return carry(
        [messages[i] for i in order],
        np.array(sent, dtype=np.int64)[order],
        links,
        seed=seed,
        span_tai_ns=span_tai_ns,
        sensor_id=sensor.sensor_id,
    )


def _alive(scans: list[Scan], deaths: list[Death]) -> list[Scan]:
    """Return the scans made while the sensor lived, counted anew after each restart.

    A look that was under way when it died, or had begun before it started again, is lost.
    """
    starts = np.array([scan.start_tai_ns for scan in scans], dtype=np.int64)
    ends = np.array([scan.end_tai_ns for scan in scans], dtype=np.int64)
    living = np.ones(len(scans), dtype=np.bool_)
    for death in deaths:
        living &= ~(death.active(starts) | death.active(ends))
    restarts = sorted({death.until_tai_ns for death in deaths if death.until_tai_ns is not None})
    runs = np.searchsorted(np.array(restarts, dtype=np.int64), starts, side="right")
    return [
        scan
        for run in range(len(restarts) + 1)
        for scan in numbered(
            [scans[i] for i in np.flatnonzero(living & (runs == run))], restarts=run
        )
    ]


def _statuses(
    sensor: Sensor, faults: list[Fault], span_tai_ns: tuple[int, int]
) -> list[tuple[int, SensorStatus]]:
    """Return what the sensor says about itself, with the instants when it says so, in order."""
    said: list[tuple[int, bool, str]] = []
    for fault in faults:
        begins = span_tai_ns[0] if fault.from_tai_ns is None else fault.from_tai_ns
        if isinstance(fault, Blind):
            said.append((begins, True, _WELL))
        elif isinstance(fault, Death) and fault.announced:
            said.append((begins, False, fault.reason))
            if fault.until_tai_ns is not None:
                said.append((fault.until_tai_ns, True, _STARTED))
    latency_ns = round(sensor.latency_s * SECOND_NS)
    return [
        (
            instant,
            SensorStatus(
                status_id=f"{sensor.sensor_id}-status-{number:03d}",
                realm=Realm.SIMULATION,
                received_tai_ns=instant + latency_ns,
                sensor_id=sensor.sensor_id,
                operating=operating,
                reason=reason,
            ),
        )
        for number, (instant, operating, reason) in enumerate(sorted(said), start=1)
    ]
