"""From looks to scans: what a sensor saw becomes numbered, timed records as they arrive.

Links add a fixed latency and an exponential jitter, so scans can arrive out of order; sequence
numbers and ids follow the order of looking, never that of arriving.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import numpy as np

from forewarn.epoch import SECOND_NS
from forewarn.records import Cone, Measurement, Realm, Scan, Sector, Vector3
from forewarn.sensors.network import Sensor


@dataclass(slots=True)
class Look:
    """One look while it is being filled; measurements have no ids yet.

    ``sensitivity`` is that of the sensor unless the look had another.
    """

    start_tai_ns: int
    end_tai_ns: int
    volume: Cone | Sector
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
    scans = []
    for sequence, (look, delay_ns) in enumerate(zip(looks, delays_ns, strict=True), start=1):
        scan_id = f"{sensor.sensor_id}-{sequence:06d}"
        reported = look.measurements
        if len(reported) > 1:
            reported = [reported[i] for i in randomness.permutation(len(reported))]
        scans.append(
            Scan(
                scan_id=scan_id,
                realm=Realm.SIMULATION,
                sensor_id=sensor.sensor_id,
                sequence=sequence,
                start_tai_ns=look.start_tai_ns,
                end_tai_ns=look.end_tai_ns,
                received_tai_ns=look.end_tai_ns + delay_ns,
                volume=look.volume,
                sensitivity=sensitivity if look.sensitivity is None else look.sensitivity,
                measurements=tuple(
                    msgspec.structs.replace(m, measurement_id=f"{scan_id}.{number:02d}")
                    for number, m in enumerate(reported, start=1)
                ),
                position_gcrf_m=look.position_gcrf_m,
                velocity_gcrf_m_s=look.velocity_gcrf_m_s,
            )
        )
    return scans
