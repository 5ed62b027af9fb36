"""What a lying sensor says: repeated, frozen, bent, miscounted or no measurements.

All is told on finished scans, in true time, before clock and link. Invented launches are not here:
they are flown, and looked at by the liar alone (`forewarn.simulation.ghosts`).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn.records import (
    Beams,
    Cone,
    InfraredMeasurement,
    Measurement,
    RadarMeasurement,
    Scan,
    Sector,
)
from forewarn.sensors.network import RadarSensor, Sensor
from forewarn.sensors.sight import tangent_axes
from forewarn.simulation.faults import (
    BiasStep,
    Blind,
    CorruptedCounts,
    Fault,
    FrozenOutput,
    ReplayedTape,
)
from forewarn.simulation.link import numbered, plots_numbered

Array = NDArray[np.float64]

_TURN = 2.0 * np.pi
_QUARTER = 0.5 * np.pi
_SEARCH_BEAMS = 3.0  # a look no wider than this many beams follows a track
_COUNT_DIGITS = 3
_NEAREST_M = 100_000.0  # of filling
_FASTEST_M_S = 5_000.0
_FILLING_SNR_SCALE = 1.0


def told(
    sensor: Sensor,
    scans: list[Scan],
    fault: Fault,
    *,
    randomness: np.random.Generator,
    span_tai_ns: tuple[int, int],
) -> list[Scan]:
    """Return the scans that a sensor with this fault sends in place of what it saw.

    Scans come, and are returned, in order of their ends; numbers and ids are given anew where a lie
    adds or removes scans. Faults that are no lies about measurements change nothing.
    """
    if isinstance(fault, ReplayedTape):
        return _replayed(scans, fault, span_tai_ns)
    ends = np.array([scan.end_tai_ns for scan in scans], dtype=np.int64)
    active = fault.active(ends).tolist()
    if isinstance(fault, FrozenOutput):
        return _frozen(scans, active)
    if isinstance(fault, BiasStep):
        return _changed(scans, active, lambda scan: _bent(scan, fault))
    if isinstance(fault, CorruptedCounts):
        turns = randomness.random((len(scans), _COUNT_DIGITS)) < fault.digit_fraction
        rows = iter(turns[np.flatnonzero(active)].tolist())
        return _changed(
            scans, active, lambda scan: _miscounted(sensor, scan, next(rows), randomness)
        )
    if isinstance(fault, Blind):
        seeing = [s for s, a in zip(scans, active, strict=True) if not (a and _follows(sensor, s))]
        blind = fault.active(np.array([s.end_tai_ns for s in seeing], dtype=np.int64)).tolist()
        return numbered(_changed(seeing, blind, lambda s: _with(s, ())))
    return scans


def _changed(scans: list[Scan], active: list[bool], change: Callable[[Scan], Scan]) -> list[Scan]:
    return [change(scan) if wanted else scan for scan, wanted in zip(scans, active, strict=True)]


def _with(scan: Scan, measurements: tuple[Measurement, ...]) -> Scan:
    return msgspec.structs.replace(scan, measurements=measurements)


def _follows(sensor: Sensor, scan: Scan) -> bool:
    """Say whether a scan follows a track, which a sensor that sees nothing has no cause for."""
    if isinstance(scan.volume, Beams):
        return True
    if not isinstance(scan.volume, Sector) or not isinstance(sensor, RadarSensor):
        return False
    sector = scan.volume
    middle_rad = 0.5 * (sector.elevation_min_rad + sector.elevation_max_rad)
    width_rad = (sector.azimuth_max_rad - sector.azimuth_min_rad) % _TURN or _TURN
    return width_rad * math.cos(middle_rad) < _SEARCH_BEAMS * sensor.beam_width_rad


def _replayed(scans: list[Scan], fault: ReplayedTape, span_tai_ns: tuple[int, int]) -> list[Scan]:
    begins = span_tai_ns[0] if fault.from_tai_ns is None else fault.from_tai_ns
    until = span_tai_ns[1] if fault.until_tai_ns is None else fault.until_tai_ns
    ends = np.array([scan.end_tai_ns for scan in scans], dtype=np.int64)
    live = [s for s, a in zip(scans, fault.active(ends).tolist(), strict=True) if not a]
    tape = [s for s in scans if s.start_tai_ns >= fault.tape_from_tai_ns and s.end_tai_ns < begins]
    length_ns = begins - fault.tape_from_tai_ns
    for turn in range((until - begins) // length_ns + 1 if tape else 0):
        shift_ns = (turn + 1) * length_ns
        live += [_later(s, shift_ns) for s in tape if s.end_tai_ns + shift_ns < until]
    live.sort(key=lambda scan: (scan.end_tai_ns, scan.start_tai_ns))
    return numbered(live)


def _later(scan: Scan, shift_ns: int) -> Scan:
    return msgspec.structs.replace(
        scan,
        start_tai_ns=scan.start_tai_ns + shift_ns,
        end_tai_ns=scan.end_tai_ns + shift_ns,
        received_tai_ns=scan.received_tai_ns + shift_ns,
        measurements=tuple(
            msgspec.structs.replace(m, seen_tai_ns=m.seen_tai_ns + shift_ns)
            for m in scan.measurements
        ),
    )


def _frozen(scans: list[Scan], active: list[bool]) -> list[Scan]:
    """Repeat the last scan before the fault that reported anything."""
    if True not in active:
        return scans
    first = active.index(True)
    held = next((scan for scan in reversed(scans[:first]) if scan.measurements), None)

    def stuck(scan: Scan) -> Scan:
        if held is None:
            return _with(scan, ())
        longest_ns = scan.end_tai_ns - scan.start_tai_ns
        return plots_numbered(
            _with(
                scan,
                tuple(
                    msgspec.structs.replace(
                        m,
                        seen_tai_ns=scan.start_tai_ns
                        + min(m.seen_tai_ns - held.start_tai_ns, longest_ns),
                    )
                    for m in held.measurements
                ),
            )
        )

    return _changed(scans, active, stuck)


def _bent(scan: Scan, fault: BiasStep) -> Scan:
    return _with(scan, tuple(_off(m, fault) for m in scan.measurements))


def _off(seen: Measurement, fault: BiasStep) -> Measurement:
    if isinstance(seen, InfraredMeasurement):
        alpha_rad, delta_rad = _moved(seen.right_ascension_rad, seen.declination_rad, fault)
        return msgspec.structs.replace(
            seen, right_ascension_rad=alpha_rad, declination_rad=delta_rad
        )
    azimuth_rad, elevation_rad = _moved(seen.azimuth_rad, seen.elevation_rad, fault)
    return msgspec.structs.replace(
        seen,
        azimuth_rad=azimuth_rad,
        elevation_rad=elevation_rad,
        range_m=max(seen.range_m + fault.range_offset_m, 1.0),
    )


def _moved(angle_rad: float, up_rad: float, fault: BiasStep) -> tuple[float, float]:
    raised_rad = min(max(up_rad + fault.up_rad, -_QUARTER), _QUARTER)
    arc_rad = fault.across_rad / max(math.cos(raised_rad), 1e-3)
    return (angle_rad + arc_rad) % _TURN, raised_rad


def _miscounted(
    sensor: Sensor, scan: Scan, turns: list[bool], randomness: np.random.Generator
) -> Scan:
    """Return the scan with as many plots as its count says once some zeros have become twos."""
    seen = scan.measurements
    digits = f"{min(len(seen), 10**_COUNT_DIGITS - 1):0{_COUNT_DIGITS}d}"
    stated = int("".join("2" if d == "0" and t else d for d, t in zip(digits, turns, strict=True)))
    filling = _filling(sensor, scan, stated - len(seen), randomness)
    return plots_numbered(_with(scan, seen + filling))


def _filling(
    sensor: Sensor, scan: Scan, count: int, randomness: np.random.Generator
) -> tuple[Measurement, ...]:
    """Return plots at the threshold, anywhere in the volume looked at."""
    count = max(count, 0)
    times = scan.start_tai_ns + randomness.integers(
        scan.end_tai_ns - scan.start_tai_ns + 1, size=count
    )
    snr = sensor.detection_snr + randomness.exponential(_FILLING_SNR_SCALE, count)
    if isinstance(scan.volume, Cone):
        directions = _directions(scan.volume, randomness.random((count, 2)))
        alpha = np.arctan2(directions[:, 1], directions[:, 0]) % _TURN
        delta = np.arcsin(np.clip(directions[:, 2], -1.0, 1.0))
        rows = zip(*(x.tolist() for x in (times, alpha, delta, snr)), strict=True)
        return tuple(
            InfraredMeasurement(
                measurement_id="",
                seen_tai_ns=time,
                right_ascension_rad=a,
                declination_rad=d,
                irradiance_w_m2=s * scan.sensitivity,
                snr=s,
            )
            for time, a, d, s in rows
        )
    low, high = _edges(scan.volume, count, randomness)
    places = randomness.uniform(low, high, (count, 4))
    return tuple(
        RadarMeasurement(
            measurement_id="",
            seen_tai_ns=time,
            range_m=place[0],
            azimuth_rad=place[1] % _TURN,
            elevation_rad=place[2],
            range_rate_m_s=place[3],
            snr=s,
        )
        for time, place, s in zip(times.tolist(), places.tolist(), snr.tolist(), strict=True)
    )


def _directions(cone: Cone, draws: Array) -> Array:
    """Return unit directions (k, 3) spread evenly over a cone, from uniform draws (k, 2)."""
    axis = np.array(cone.axis_gcrf)
    first, second = tangent_axes(axis)
    cosine = 1.0 - draws[:, :1] * (1.0 - math.cos(cone.half_angle_rad))
    sine = np.sqrt(1.0 - cosine * cosine)
    turn = _TURN * draws[:, 1:]
    spread: Array = axis * cosine + (first * np.cos(turn) + second * np.sin(turn)) * sine
    return spread


def _edges(
    volume: Sector | Beams, count: int, randomness: np.random.Generator
) -> tuple[Array, Array]:
    """Least and greatest range, azimuth, elevation and range rate where false plots lie (n, 4)."""
    if isinstance(volume, Beams):
        beam = randomness.integers(len(volume.seen_tai_ns), size=count)
        elevation_rad = np.array(volume.elevation_rad)[beam]
        up_rad = np.full(count, volume.half_width_rad)
        side_rad = up_rad / np.maximum(np.cos(elevation_rad), 0.05)
        azimuth_rad = np.array(volume.azimuth_rad)[beam]
    else:
        width_rad = (volume.azimuth_max_rad - volume.azimuth_min_rad) % _TURN or _TURN
        side_rad = np.full(count, 0.5 * width_rad)
        azimuth_rad = volume.azimuth_min_rad + side_rad
        up_rad = np.full(count, 0.5 * (volume.elevation_max_rad - volume.elevation_min_rad))
        elevation_rad = volume.elevation_min_rad + up_rad
    nearest_m = np.full(count, min(_NEAREST_M, volume.range_max_m))
    farthest_m = np.full(count, volume.range_max_m)
    fastest_m_s = np.full(count, _FASTEST_M_S)
    low = (nearest_m, azimuth_rad - side_rad, elevation_rad - up_rad, -fastest_m_s)
    high = (farthest_m, azimuth_rad + side_rad, elevation_rad + up_rad, fastest_m_s)
    return np.stack(low, axis=1), np.stack(high, axis=1)
