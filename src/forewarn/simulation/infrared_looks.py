"""Looks of an infrared telescope at the truth: sweeps or stares, misses, noise, false alarms.

A scanner sweeps its field once per revisit, as a line of detectors that turns about the boresight:
each direction is seen at its own instant. A starer sees its whole field at mid-frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.frames import ecef_from_geodetic
from forewarn.orbits import Elements
from forewarn.records import Cone, InfraredMeasurement, Scan
from forewarn.sensors.infrared import (
    angle_sigma_rad,
    boresight_ecef,
    in_view,
    irradiance_w_m2,
)
from forewarn.sensors.network import InfraredSensor
from forewarn.sensors.sight import tangent_axes, unit
from forewarn.simulation.link import Look, transmit
from forewarn.simulation.path import Path
from forewarn.simulation.sky import Sky, rotate, rotate_back
from forewarn.simulation.streams import stream
from forewarn.simulation.truth import Truth, TruthObject

Array = NDArray[np.float64]
Instants = NDArray[np.int64]

# Revisits up to this long are frames of a staring array, longer ones sweeps of a scanner.
_LONGEST_FRAME_S = 3.0
_BIAS_TIME_S = 1800.0  # correlation time of the pointing bias
_FIXED_SPOTS = 6  # places on the ground that glint at this satellite again and again
_FIXED_SHARE = 0.5  # of all false alarms
_CLUTTER_SNR_SCALE = 1.0  # false alarms exceed the threshold by an exponential of this mean


@dataclass(frozen=True, slots=True, eq=False)
class _Watch:
    """All looks of one telescope in a run: k instants, the satellite, the field, the bias."""

    sensor: InfraredSensor
    sky: Sky
    path: Path
    start_tai_ns: Instants
    stare_ecef_m: Array | None
    bias_rad: Array

    def satellite_gcrf_m(self, time_tai_ns: Instants) -> Array:
        return self.path.states(self.sky.since_first_node_s(time_tai_ns))[0]

    def placed(self, time_tai_ns: Instants) -> tuple[Array, Array, Array]:
        """Rotation to ecef, satellite and boresight in ecef at instants (k,)."""
        matrices = self.sky.gcrf_to_ecef(time_tai_ns)
        satellite = rotate(matrices, self.satellite_gcrf_m(time_tai_ns))
        return matrices, satellite, boresight_ecef(satellite, self.stare_ecef_m)

    def seen_tai_ns(self, look: NDArray[np.intp], direction_gcrf: Array) -> Instants:
        """Return when a direction is seen in those looks."""
        start = self.start_tai_ns[look]
        revisit_ns = round(self.sensor.revisit_s * SECOND_NS)
        if self.sensor.revisit_s <= _LONGEST_FRAME_S:
            middle: Instants = start + revisit_ns // 2
            return middle
        matrices, _, axis_ecef = self.placed(start)
        across, along = tangent_axes(rotate_back(matrices, axis_ecef))
        angle = np.arctan2(
            np.sum(along * direction_gcrf, axis=-1), np.sum(across * direction_gcrf, axis=-1)
        )
        share = angle / (2.0 * np.pi) % 1.0
        seen: Instants = start + np.rint(share * revisit_ns).astype(np.int64)
        return seen


@dataclass(frozen=True, slots=True, eq=False)
class _Sightings:
    """Detections (k,) of one origin: the look, when, the true direction in gcrf, and the signal."""

    look: NDArray[np.intp]
    seen_tai_ns: Instants
    direction_gcrf: Array
    snr: Array


def infrared_scans(
    sensor: InfraredSensor,
    elements: Elements,
    *,
    sky: Sky,
    truth: Truth,
    span_tai_ns: tuple[int, int],
) -> list[Scan]:
    """Return every scan of a telescope between two instants, in order of looking."""
    clutter = stream(truth.seed, sensor.sensor_id, "clutter")
    watch = _watch(sensor, elements, sky, span_tai_ns, clutter)
    looks = _empty_looks(watch)
    _report(watch, _false_alarms(watch, clutter), looks, clutter)
    for target in truth.objects:
        noise = stream(truth.seed, sensor.sensor_id, "launch", target.launch_id)
        _report(watch, _detections(watch, target, truth.cloud_top_m, noise), looks, noise)
    return transmit(
        sensor,
        looks,
        sensitivity=sensor.noise_equivalent_irradiance_w_m2,
        randomness=stream(truth.seed, sensor.sensor_id, "link"),
    )


def _watch(
    sensor: InfraredSensor,
    elements: Elements,
    sky: Sky,
    span_tai_ns: tuple[int, int],
    randomness: np.random.Generator,
) -> _Watch:
    revisit_ns = round(sensor.revisit_s * SECOND_NS)
    first = span_tai_ns[0] + int(randomness.integers(revisit_ns))
    start = np.arange(first, span_tai_ns[1] - revisit_ns + 1, revisit_ns, dtype=np.int64)
    stare = sensor.stare_at_rad
    return _Watch(
        sensor=sensor,
        sky=sky,
        path=sky.satellite_path(elements),
        start_tai_ns=start,
        stare_ecef_m=None if stare is None else ecef_from_geodetic(stare[0], stare[1], 0.0),
        bias_rad=_pointing_bias_rad(sensor, len(start), randomness),
    )


def _pointing_bias_rad(
    sensor: InfraredSensor, count: int, randomness: np.random.Generator
) -> Array:
    """Return a first-order Gauss-Markov bias (count, 2) on the two tangent axes."""
    memory = np.exp(-sensor.revisit_s / _BIAS_TIME_S)
    bias = sensor.bias_sigma_rad * randomness.standard_normal((count, 2))
    bias[1:] *= np.sqrt(1.0 - memory * memory)
    for k in range(1, count):
        bias[k] += memory * bias[k - 1]
    return bias


def _empty_looks(watch: _Watch) -> list[Look]:
    start = watch.start_tai_ns
    matrices, _, axis_ecef = watch.placed(start)
    axes = rotate_back(matrices, axis_ecef).tolist()
    position, velocity = watch.path.states(watch.sky.since_first_node_s(start))
    revisit_ns = round(watch.sensor.revisit_s * SECOND_NS)
    half_angle_rad = watch.sensor.field_half_angle_rad
    return [
        Look(
            start_tai_ns=begin,
            end_tai_ns=begin + revisit_ns,
            volume=Cone(axis_gcrf=tuple(axis), half_angle_rad=half_angle_rad),
            position_gcrf_m=tuple(r),
            velocity_gcrf_m_s=tuple(v),
        )
        for begin, axis, r, v in zip(
            start.tolist(), axes, position.tolist(), velocity.tolist(), strict=True
        )
    ]


def _detections(
    watch: _Watch, target: TruthObject, cloud_top_m: float, randomness: np.random.Generator
) -> _Sightings:
    """Return the looks that see the target: its signal plus unit noise exceeds the threshold."""
    sensor = watch.sensor
    noise = randomness.standard_normal(len(watch.start_tai_ns))
    seen = _seen_tai_ns(watch, target)
    look = np.flatnonzero(target.flying(seen))
    seen = seen[look]
    matrices, satellite, axis = watch.placed(seen)
    source, _, intensity = target.states_ecef(seen)
    irradiance = irradiance_w_m2(intensity, source, satellite)
    snr = irradiance / sensor.noise_equivalent_irradiance_w_m2 + noise[look]
    visible = in_view(
        source,
        satellite,
        axis,
        half_angle_rad=sensor.field_half_angle_rad,
        cloud_top_m=cloud_top_m,
    )
    hit = np.flatnonzero(visible & (irradiance > 0.0) & (snr >= sensor.detection_snr))
    direction = rotate_back(matrices[hit], unit(source[hit] - satellite[hit]))
    return _Sightings(look[hit], seen[hit], direction, snr[hit])


def _seen_tai_ns(watch: _Watch, target: TruthObject) -> Instants:
    """Return when each look passes over the target, from where the target is at mid-look."""
    middle = watch.start_tai_ns + round(watch.sensor.revisit_s * SECOND_NS) // 2
    matrices, satellite, _ = watch.placed(middle)
    source, _, _ = target.states_ecef(middle)
    direction = rotate_back(matrices, unit(source - satellite))
    return watch.seen_tai_ns(np.arange(len(middle)), direction)


def _false_alarms(watch: _Watch, randomness: np.random.Generator) -> _Sightings:
    """Return false alarms: half anywhere on the Earth's disc, half at a few fixed spots.

    Fixed spots are this satellite's own: a cloud edge or a lake glints one way only.
    """
    sensor, count = watch.sensor, len(watch.start_tai_ns)
    anywhere = randomness.poisson(sensor.false_alarms_per_scan * (1.0 - _FIXED_SHARE), count)
    look = np.repeat(np.arange(count), anywhere)
    direction = _directions_on_disc(watch, look, randomness)
    spots = _fixed_spots_ecef_m(watch, randomness)
    each = min(1.0, sensor.false_alarms_per_scan * _FIXED_SHARE / max(1, len(spots)))
    glints = np.argwhere(randomness.random((count, len(spots))) < each)
    matrices, satellite, _ = watch.placed(watch.start_tai_ns[glints[:, 0]])
    towards = unit(spots[glints[:, 1]] - satellite) if len(glints) else np.empty((0, 3))
    look = np.concatenate((look, glints[:, 0]))
    direction = np.concatenate((direction, rotate_back(matrices, towards)))
    excess = randomness.exponential(_CLUTTER_SNR_SCALE, len(look))
    return _Sightings(
        look, watch.seen_tai_ns(look, direction), direction, sensor.detection_snr + excess
    )


def _directions_on_disc(
    watch: _Watch, look: NDArray[np.intp], randomness: np.random.Generator
) -> Array:
    """Draw a direction (k, 3) in gcrf for each of the looks, uniform in the field.

    A field around nadir is cut at the limb; a stared-at one is taken to lie on the disc.
    """
    matrices, satellite, axis = watch.placed(watch.start_tai_ns[look])
    distance_m = np.linalg.norm(satellite, axis=-1)
    disc_rad = np.arcsin(np.minimum(1.0, MEAN_RADIUS_M / distance_m))
    half_angle = np.full(len(look), watch.sensor.field_half_angle_rad)
    if watch.stare_ecef_m is None:
        half_angle = np.minimum(half_angle, disc_rad)
    cosine = 1.0 - randomness.random(len(look)) * (1.0 - np.cos(half_angle))
    sine = np.sqrt(1.0 - cosine * cosine)
    turn = 2.0 * np.pi * randomness.random(len(look))
    across, along = tangent_axes(axis)
    direction = axis * cosine[:, None]
    direction += across * (sine * np.cos(turn))[:, None] + along * (sine * np.sin(turn))[:, None]
    return rotate_back(matrices, direction)


def _fixed_spots_ecef_m(watch: _Watch, randomness: np.random.Generator) -> Array:
    """Return ground points (k, 3) [m] that lie in the field at the first look."""
    if len(watch.start_tai_ns) == 0:
        return np.empty((0, 3))
    first = np.zeros(_FIXED_SPOTS, dtype=np.intp)
    matrices, satellite, _ = watch.placed(watch.start_tai_ns[first])
    direction = rotate(matrices, _directions_on_disc(watch, first, randomness))
    along = np.sum(direction * satellite, axis=-1)
    inside = along * along - np.sum(satellite * satellite, axis=-1) + MEAN_RADIUS_M**2
    hits = inside > 0.0
    reach = -along[hits] - np.sqrt(inside[hits])
    spots: Array = satellite[hits] + direction[hits] * reach[:, None]
    return spots


def _report(
    watch: _Watch, sightings: _Sightings, looks: list[Look], randomness: np.random.Generator
) -> None:
    """Add bias and noise to sightings and write them into their looks."""
    sensor, look, snr = watch.sensor, sightings.look, sightings.snr
    error = angle_sigma_rad(sensor, snr)[:, None] * randomness.standard_normal((len(look), 2))
    error += watch.bias_rad[look]
    first, second = tangent_axes(sightings.direction_gcrf)
    direction = unit(sightings.direction_gcrf + first * error[:, :1] + second * error[:, 1:])
    right_ascension = np.arctan2(direction[:, 1], direction[:, 0]) % (2.0 * np.pi)
    declination = np.arcsin(np.clip(direction[:, 2], -1.0, 1.0))
    irradiance = snr * sensor.noise_equivalent_irradiance_w_m2
    rows = zip(
        look.tolist(),
        sightings.seen_tai_ns.tolist(),
        right_ascension.tolist(),
        declination.tolist(),
        irradiance.tolist(),
        snr.tolist(),
        strict=True,
    )
    for index, seen_tai_ns, alpha, delta, brightness, ratio in rows:
        looks[index].measurements.append(
            InfraredMeasurement(
                measurement_id="",
                seen_tai_ns=seen_tai_ns,
                right_ascension_rad=alpha,
                declination_rad=delta,
                irradiance_w_m2=brightness,
                snr=ratio,
            )
        )
