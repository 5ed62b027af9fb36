"""From looks to scans, and from scans to what arrives.

Every link adds a fixed latency and an exponential jitter (`transmit`), so scans can arrive out of
order; sequence numbers and ids follow the order of looking, never that of arriving. A faulty one
also delays, loses, garbles, repeats and holds back (`carry`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.records import (
    Beams,
    Cone,
    Measurement,
    Realm,
    Scan,
    Sector,
    SensorStatus,
    Unreadable,
    Vector3,
)
from forewarn.sensors.network import Sensor
from forewarn.simulation.faults import Gaps, LinkFault
from forewarn.simulation.streams import stream

Array = NDArray[np.float64]
Instants = NDArray[np.int64]

Message = Scan | SensorStatus | Unreadable
"""What a sensor's link delivers."""

_HEAVY_TAIL_INDEX = 2.5  # of a Lomax law: finite mean and variance, no third moment
_LONGEST_EXCERPT = 40


@dataclass(slots=True)
class Look:
    """One look while it is being filled; measurements have no ids yet.

    ``sensitivity`` is that of the sensor unless the look had another.
    """

    start_tai_ns: int
    end_tai_ns: int
    volume: Cone | Sector | Beams
    position_gcrf_m: Vector3 | None = None
    velocity_gcrf_m_s: Vector3 | None = None
    measurements: list[Measurement] = field(default_factory=list)
    sensitivity: float | None = None


def transmit(
    sensor: Sensor, looks: list[Look], *, sensitivity: float, randomness: np.random.Generator
) -> list[Scan]:
    """Return a sensor's looks as scans in order of looking, measurements in random order."""
    jitter_s = randomness.exponential(1.0, len(looks)) * sensor.latency_jitter_s
    delays_ns = np.rint((sensor.latency_s + jitter_s) * SECOND_NS).astype(np.int64).tolist()
    sensor_id = sensor.sensor_id
    scans = []
    for sequence, (look, delay_ns) in enumerate(zip(looks, delays_ns, strict=True), start=1):
        scan_id = f"{sensor_id}-{sequence:06d}"
        reported = look.measurements
        if len(reported) > 1:
            reported = [reported[i] for i in randomness.permutation(len(reported))]
        scans.append(
            Scan(
                scan_id=scan_id,
                realm=Realm.SIMULATION,
                sensor_id=sensor_id,
                sequence=sequence,
                start_tai_ns=look.start_tai_ns,
                end_tai_ns=look.end_tai_ns,
                received_tai_ns=look.end_tai_ns + delay_ns,
                volume=look.volume,
                sensitivity=sensitivity if look.sensitivity is None else look.sensitivity,
                measurements=_named(scan_id, reported),
                position_gcrf_m=look.position_gcrf_m,
                velocity_gcrf_m_s=look.velocity_gcrf_m_s,
            )
        )
    return scans


def _named(
    scan_id: str, measurements: list[Measurement] | tuple[Measurement, ...]
) -> tuple[Measurement, ...]:
    if not measurements:
        return ()
    if len(measurements) == 1:  # nearly every look that follows a track
        return (msgspec.structs.replace(measurements[0], measurement_id=f"{scan_id}.01"),)
    return tuple(
        msgspec.structs.replace(m, measurement_id=f"{scan_id}.{number:02d}")
        for number, m in enumerate(measurements, start=1)
    )


def plots_numbered(scan: Scan) -> Scan:
    """Return the scan with its measurements' ids made from its own, in their order."""
    return msgspec.structs.replace(scan, measurements=_named(scan.scan_id, scan.measurements))


def numbered(scans: list[Scan], *, restarts: int = 0) -> list[Scan]:
    """Return a sensor's scans counted from one in their order, with ids to match.

    Ids of a sensor that was started again carry how often, so that no two scans share one.
    """
    again = f".{restarts}" if restarts else ""
    return [
        plots_numbered(
            msgspec.structs.replace(
                scan, sequence=sequence, scan_id=f"{scan.sensor_id}{again}-{sequence:06d}"
            )
        )
        for sequence, scan in enumerate(scans, start=1)
    ]


def gap_edges_tai_ns(
    gaps: Gaps, randomness: np.random.Generator, span_tai_ns: tuple[int, int]
) -> tuple[bool, Instants]:
    """Draw a link's good and bad times over a run: is it bad at first, and when does it turn.

    The state at the start is drawn from the long-run shares, so the whole run is stationary.
    """
    means_s = (gaps.good_mean_s, gaps.bad_mean_s)
    bad_at_first = bool(randomness.random() * sum(means_s) < gaps.bad_mean_s)
    span_s = (span_tai_ns[1] - span_tai_ns[0]) / SECOND_NS
    edges: list[float] = []
    elapsed_s, bad = 0.0, bad_at_first
    while elapsed_s <= span_s:
        elapsed_s += float(randomness.exponential(means_s[bad]))
        edges.append(elapsed_s)
        bad = not bad
    return bad_at_first, span_tai_ns[0] + np.rint(np.array(edges) * SECOND_NS).astype(np.int64)


def _in_gap(
    gaps: Gaps, randomness: np.random.Generator, span_tai_ns: tuple[int, int], sent: Instants
) -> NDArray[np.bool_]:
    bad_at_first, edges = gap_edges_tai_ns(gaps, randomness, span_tai_ns)
    turns = np.searchsorted(edges, sent, side="right")
    bad: NDArray[np.bool_] = (turns % 2 == 1) != bad_at_first
    return bad


def jitter_draws(law: str, randomness: np.random.Generator, count: int) -> Array:
    """Draw delays (k,) of mean one by the law of a `LinkFault`."""
    if law == "uniform":
        return randomness.uniform(0.0, 2.0, count)
    if law == "heavy_tailed":
        return randomness.pareto(_HEAVY_TAIL_INDEX, count) * (_HEAVY_TAIL_INDEX - 1.0)
    return randomness.exponential(1.0, count)


def carry(
    messages: list[Message],
    sent_tai_ns: Instants,
    faults: list[tuple[LinkFault, tuple[str, ...]]],
    *,
    seed: int,
    span_tai_ns: tuple[int, int],
    sensor_id: str,
) -> list[Message]:
    """Return what arrives of the messages (k,) that a sensor sent at those true instants.

    Gaps are drawn under the name of what is struck alone, all else also under the sensor's. Every
    draw is made for every message, struck or not, so that the time of a fault moves no other draw.
    """
    for fault, names in faults:
        arriving: list[Message] = []
        sent: list[int] = []
        rows = _fates(
            fault, names, sent_tai_ns, seed=seed, span_tai_ns=span_tai_ns, sensor_id=sensor_id
        )
        for message, instant, fate in zip(messages, sent_tai_ns.tolist(), rows, strict=True):
            lost, garbled, duplicate_ns, delay_ns = fate
            if lost:
                continue
            if delay_ns:
                message = _delayed(message, delay_ns)
            if garbled:
                message = _garbled(message, fault)
            arriving.append(message)
            sent.append(instant)
            if duplicate_ns:
                arriving.append(_delayed(message, duplicate_ns))
                sent.append(instant)
        messages, sent_tai_ns = arriving, np.array(sent, dtype=np.int64)
    return messages


def _fates(
    fault: LinkFault,
    names: tuple[str, ...],
    sent: Instants,
    *,
    seed: int,
    span_tai_ns: tuple[int, int],
    sensor_id: str,
) -> list[tuple[bool, bool, int, int]]:
    """Draw for each message: lost, garbled, how long after it a copy comes (or 0), its delay."""
    randomness = stream(seed, sensor_id, *names)
    active = fault.active(sent)
    loss, garble, copy, hold, in_gap = randomness.random((5, len(sent)))
    delay_s = fault.latency_s + fault.jitter_s * jitter_draws(
        fault.jitter_law, randomness, len(sent)
    )
    lost = loss < fault.loss_fraction
    if fault.gaps is not None:
        bad = _in_gap(fault.gaps, stream(seed, *names), span_tai_ns, sent)
        lost = np.where(bad, in_gap < fault.gaps.loss_fraction, lost)
    delay_s += np.where(hold < fault.held_fraction, fault.held_s, 0.0)
    duplicate_ns = round(fault.duplicate_delay_s * SECOND_NS)
    return list(
        zip(
            (lost & active).tolist(),
            ((garble < fault.garbled_fraction) & active).tolist(),
            np.where((copy < fault.duplicate_fraction) & active, duplicate_ns, 0).tolist(),
            np.where(active, np.rint(delay_s * SECOND_NS).astype(np.int64), 0).tolist(),
            strict=True,
        )
    )


def _delayed(message: Message, delay_ns: int) -> Message:
    return msgspec.structs.replace(message, received_tai_ns=message.received_tai_ns + delay_ns)


def _garbled(message: Message, fault: LinkFault) -> Message:
    """Return what a reader makes of a message whose check sum is wrong: it trusts nothing in it."""
    if isinstance(message, Unreadable):
        return message
    name = message.scan_id if isinstance(message, Scan) else message.status_id
    return Unreadable(
        unreadable_id=f"{name}-garbled",
        realm=message.realm,
        received_tai_ns=message.received_tai_ns,
        sensor_id=None,
        place=f"{fault.target.kind} {fault.target.name}",
        reason="the check sum is wrong: the message was changed on its way",
        text_excerpt=name[:_LONGEST_EXCERPT],
    )
