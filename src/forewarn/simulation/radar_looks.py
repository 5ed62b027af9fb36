"""Looks of a ground radar at the truth: a search fence, and a track on whatever crosses it.

The fence sweeps its azimuths once per period at one elevation. An object found in it is looked at
every ``track_revisit_s`` until it leaves the coverage or is missed five times running; a false
alarm in it costs one look that confirms nothing. Echoes fade from look to look (Swerling 1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.kernels.measure import radar_from_ecef
from forewarn.records import RadarMeasurement, Scan, Sector
from forewarn.sensors.network import RadarSensor
from forewarn.sensors.radar import (
    RadarModel,
    beam_sigma_rad,
    in_coverage,
    radar_model,
    range_of_unit_echo_m,
    range_sigma_m,
    signal_to_noise,
)
from forewarn.simulation.link import Look, transmit
from forewarn.simulation.streams import stream
from forewarn.simulation.truth import Truth, TruthObject

Array = NDArray[np.float64]
Instants = NDArray[np.int64]

_DWELL_NS = SECOND_NS // 10  # of a track look
_MISSES_TO_DROP = 5
_NEAREST_FALSE_ALARM_M = 100_000.0
_FASTEST_FALSE_ALARM_M_S = 5_000.0
_CLUTTER_SNR_SCALE = 1.0
_TURN = 2.0 * np.pi


@dataclass(frozen=True, slots=True, eq=False)
class _Fence:
    """The search fence of one radar in a run: k sweeps and the sector they cover."""

    model: RadarModel
    start_tai_ns: Instants
    period_ns: int
    sector: Sector
    bias: Array

    @property
    def width_rad(self) -> float:
        """How many radians of azimuth a sweep covers."""
        return 2.0 * self.model.sensor.azimuth_half_width_rad

    def seen_tai_ns(self, sweep: NDArray[np.intp], azimuth_rad: Array) -> Instants:
        """Return when those sweeps pass over azimuths; one outside counts as at the far end."""
        share = np.minimum(
            (azimuth_rad - self.sector.azimuth_min_rad) % _TURN / self.width_rad, 1.0
        )
        seen: Instants = self.start_tai_ns[sweep] + np.rint(share * self.period_ns).astype(np.int64)
        return seen


def radar_scans(sensor: RadarSensor, *, truth: Truth, span_tai_ns: tuple[int, int]) -> list[Scan]:
    """Return every scan of a radar between two instants, in order of looking."""
    clutter = stream(truth.seed, sensor.sensor_id, "clutter")
    fence = _fence(sensor, span_tai_ns, clutter)
    sweeps = [
        Look(start_tai_ns=start, end_tai_ns=start + fence.period_ns, volume=fence.sector)
        for start in fence.start_tai_ns.tolist()
    ]
    looks = sweeps + _false_alarms(fence, sweeps, clutter)
    for target in truth.objects:
        noise = stream(truth.seed, sensor.sensor_id, "launch", target.launch_id)
        looks += _follow(fence, sweeps, target, noise)
    looks = [look for look in looks if look.end_tai_ns <= span_tai_ns[1]]
    looks.sort(key=lambda look: (look.end_tai_ns, look.start_tai_ns))
    return transmit(
        sensor,
        looks,
        sensitivity=range_of_unit_echo_m(sensor),
        randomness=stream(truth.seed, sensor.sensor_id, "link"),
    )


def _fence(
    sensor: RadarSensor, span_tai_ns: tuple[int, int], randomness: np.random.Generator
) -> _Fence:
    period_ns = round(sensor.fence_revisit_s * SECOND_NS)
    first = span_tai_ns[0] + int(randomness.integers(period_ns))
    sigmas = [sensor.range_bias_sigma_m, sensor.angle_bias_sigma_rad, sensor.angle_bias_sigma_rad]
    half_beam_rad = 0.5 * sensor.beam_width_rad
    low = max(sensor.elevation_min_rad, sensor.fence_elevation_rad - half_beam_rad)
    azimuth_min_rad, azimuth_max_rad = 0.0, _TURN
    if sensor.azimuth_half_width_rad < np.pi:
        azimuth_min_rad = (sensor.boresight_azimuth_rad - sensor.azimuth_half_width_rad) % _TURN
        azimuth_max_rad = (sensor.boresight_azimuth_rad + sensor.azimuth_half_width_rad) % _TURN
    return _Fence(
        model=radar_model(sensor),
        start_tai_ns=np.arange(first, span_tai_ns[1] - period_ns + 1, period_ns, dtype=np.int64),
        period_ns=period_ns,
        sector=Sector(
            azimuth_min_rad=azimuth_min_rad,
            azimuth_max_rad=azimuth_max_rad,
            elevation_min_rad=low,
            elevation_max_rad=sensor.fence_elevation_rad + half_beam_rad,
            range_max_m=sensor.range_max_m,
        ),
        bias=np.array([*(randomness.standard_normal(3) * sigmas), 0.0]),
    )


def _observed(model: RadarModel, target: TruthObject, seen_tai_ns: Instants) -> tuple[Array, Array]:
    """Return the target's positions (k, 3) and what the radar would report of it (k, 4)."""
    position, velocity, _ = target.states_ecef(seen_tai_ns)
    states = np.hstack((position, velocity))
    predicted = np.empty((len(states), 4))
    for state, z in zip(states, predicted, strict=True):
        radar_from_ecef(state, model.site_ecef_m, model.axes_enu, z)
    return position, predicted


def _echo(
    model: RadarModel, target: TruthObject, predicted: Array, randomness: np.random.Generator
) -> Array:
    """Draw echo powers (k,) over mean noise; a fading echo in noise is exponential of 1 + S."""
    snr = signal_to_noise(model.sensor, predicted[:, 0], target.trajectory.radar_cross_section_m2)
    return randomness.exponential(1.0, len(predicted)) * (1.0 + snr)


def _follow(
    fence: _Fence, sweeps: list[Look], target: TruthObject, randomness: np.random.Generator
) -> list[Look]:
    """Write the target's echoes into the fence sweeps; return the track looks they lead to."""
    model, sector = fence.model, fence.sector
    sweep = np.flatnonzero(target.flying(fence.start_tai_ns + fence.period_ns // 2))
    middle = fence.start_tai_ns[sweep] + fence.period_ns // 2
    seen = fence.seen_tai_ns(sweep, _observed(model, target, middle)[1][:, 1])
    position, predicted = _observed(model, target, seen)
    echo = _echo(model, target, predicted, randomness)
    found = np.flatnonzero(
        in_coverage(model, position, predicted)
        & (predicted[:, 2] >= sector.elevation_min_rad)
        & (predicted[:, 2] <= sector.elevation_max_rad)
        & target.flying(seen)
        & (echo >= model.sensor.detection_snr)
    )
    reports = _report(fence, seen[found], predicted[found], echo[found], randomness)
    looks: list[Look] = []
    tracked_until_tai_ns = -1
    for index, report in zip(found.tolist(), reports, strict=True):
        sweeps[sweep[index]].measurements.append(report)
        if report.seen_tai_ns > tracked_until_tai_ns:
            looks += _track(fence, target, report.seen_tai_ns, randomness)
            tracked_until_tai_ns = looks[-1].end_tai_ns if looks else report.seen_tai_ns
    return looks


def _track(
    fence: _Fence, target: TruthObject, found_tai_ns: int, randomness: np.random.Generator
) -> list[Look]:
    """Return the looks at a target from its discovery until it is lost or out of coverage."""
    model = fence.model
    revisit_ns = round(model.sensor.track_revisit_s * SECOND_NS)
    seen = np.arange(found_tai_ns + revisit_ns, target.end_tai_ns, revisit_ns, dtype=np.int64)
    if len(seen) == 0:
        return []
    position, predicted = _observed(model, target, seen)
    outside = np.flatnonzero(~in_coverage(model, position, predicted))
    if len(outside):
        seen, predicted = seen[: outside[0]], predicted[: outside[0]]
    echo = _echo(model, target, predicted, randomness)
    detected = echo >= model.sensor.detection_snr
    kept = _looks_until_dropped(detected)
    seen, predicted, echo, detected = seen[:kept], predicted[:kept], echo[:kept], detected[:kept]
    hits = _report(fence, seen[detected], predicted[detected], echo[detected], randomness)
    # The radar points where its own track predicts: off the truth by a fraction of a beam.
    off = 0.2 * model.sensor.beam_width_rad * randomness.standard_normal((kept, 2))
    looks = []
    for instant, pointing, hit in zip(
        seen.tolist(), predicted[:, 1:3] + off, detected.tolist(), strict=True
    ):
        look = _narrow_look(model.sensor, instant, float(pointing[0]), float(pointing[1]))
        if hit:
            look.measurements.append(next(hits))
        looks.append(look)
    return looks


def _looks_until_dropped(detected: NDArray[np.bool_]) -> int:
    """Return how many looks are made before a run of misses ends the track."""
    misses = 0
    for index, hit in enumerate(detected.tolist()):
        misses = 0 if hit else misses + 1
        if misses == _MISSES_TO_DROP:
            return index + 1
    return len(detected)


def _narrow_look(
    sensor: RadarSensor, seen_tai_ns: int, azimuth_rad: float, elevation_rad: float
) -> Look:
    """Return a look one beam wide to each side of a direction."""
    across = sensor.beam_width_rad / max(float(np.cos(elevation_rad)), 0.05)
    return Look(
        start_tai_ns=seen_tai_ns - _DWELL_NS // 2,
        end_tai_ns=seen_tai_ns + _DWELL_NS // 2,
        volume=Sector(
            azimuth_min_rad=(azimuth_rad - across) % _TURN,
            azimuth_max_rad=(azimuth_rad + across) % _TURN,
            elevation_min_rad=max(elevation_rad - sensor.beam_width_rad, -0.5 * np.pi),
            elevation_max_rad=min(elevation_rad + sensor.beam_width_rad, 0.5 * np.pi),
            range_max_m=sensor.range_max_m,
        ),
    )


def _false_alarms(fence: _Fence, sweeps: list[Look], randomness: np.random.Generator) -> list[Look]:
    """Write false alarms into the sweeps, uniform in the fence; return the looks they cost."""
    model, sector = fence.model, fence.sector
    sensor = model.sensor
    number = randomness.poisson(sensor.false_alarms_per_scan, len(sweeps))
    sweep = np.repeat(np.arange(len(sweeps)), number)
    low = [_NEAREST_FALSE_ALARM_M, 0.0, sector.elevation_min_rad, -_FASTEST_FALSE_ALARM_M_S]
    high = [
        sensor.range_max_m,
        fence.width_rad,
        sector.elevation_max_rad,
        _FASTEST_FALSE_ALARM_M_S,
    ]
    false = randomness.uniform(low, high, (len(sweep), 4))
    false[:, 1] += sector.azimuth_min_rad
    echo = sensor.detection_snr + randomness.exponential(_CLUTTER_SNR_SCALE, len(sweep))
    seen = fence.seen_tai_ns(sweep, false[:, 1])
    revisit_ns = round(sensor.track_revisit_s * SECOND_NS)
    looks = []
    for index, report in zip(
        sweep.tolist(), _report(fence, seen, false, echo, randomness), strict=True
    ):
        sweeps[index].measurements.append(report)
        again_tai_ns = report.seen_tai_ns + revisit_ns
        looks.append(_narrow_look(sensor, again_tai_ns, report.azimuth_rad, report.elevation_rad))
    return looks


def _report(
    fence: _Fence,
    seen_tai_ns: Instants,
    predicted: Array,
    echo: Array,
    randomness: np.random.Generator,
) -> Iterator[RadarMeasurement]:
    """Return the echoes (k,) as measurements with bias and noise."""
    sensor = fence.model.sensor
    across = beam_sigma_rad(sensor, echo)
    sigma = np.empty_like(predicted)
    sigma[:, 0] = range_sigma_m(sensor, echo)
    sigma[:, 1] = across / np.maximum(np.cos(predicted[:, 2]), 1e-3)
    sigma[:, 2] = across
    sigma[:, 3] = sensor.range_rate_sigma_m_s
    measured = predicted + fence.bias + sigma * randomness.standard_normal(predicted.shape)
    measured[:, 1] %= _TURN
    rows = zip(seen_tai_ns.tolist(), measured.tolist(), echo.tolist(), strict=True)
    return (
        RadarMeasurement(
            measurement_id="",
            seen_tai_ns=seen,
            range_m=range_m,
            azimuth_rad=azimuth_rad,
            elevation_rad=elevation_rad,
            range_rate_m_s=range_rate_m_s,
            snr=snr,
        )
        for seen, (range_m, azimuth_rad, elevation_rad, range_rate_m_s), snr in rows
    )
