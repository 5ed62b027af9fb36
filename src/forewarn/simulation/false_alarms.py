"""False alarms of a telescope without a cause in the scene: noise spikes and odd bright spots."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M
from forewarn.sensors.sight import dot, lowest_height_m, tangent_axes, unit
from forewarn.simulation.infrared_sources import Glimpses
from forewarn.simulation.infrared_watch import Watch
from forewarn.simulation.sky import rotate, rotate_back

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

_FIXED_SPOTS = 6  # places on the ground that glint at this satellite again and again
_FIXED_SHARE = 0.5  # of all false alarms
_SNR_SCALE = 1.0  # false alarms exceed the threshold by an exponential of this mean


def false_alarms(watch: Watch, randomness: np.random.Generator) -> Glimpses:
    """Return false alarms: half anywhere on the Earth's disc, half at a few fixed spots.

    Fixed spots are this satellite's own: a lake or an edge glints one way only.
    """
    sensor, count = watch.sensor, len(watch.start_tai_ns)
    anywhere = randomness.poisson(sensor.false_alarms_per_scan * (1.0 - _FIXED_SHARE), count)
    look = np.repeat(np.arange(count), anywhere)
    direction = _directions_on_disc(watch, look, randomness)
    spots = _fixed_spots_ecef_m(watch, randomness)
    each = min(1.0, sensor.false_alarms_per_scan * _FIXED_SHARE / max(1, len(spots)))
    glints = np.argwhere(randomness.random((count, len(spots))) < each)
    again, towards = _glints(watch, glints[:, 0], spots[glints[:, 1]])
    look = np.concatenate((look, again))
    direction = np.concatenate((direction, towards))
    excess = randomness.exponential(_SNR_SCALE, len(look))
    return Glimpses(
        source=np.arange(len(look)),
        look=look,
        seen_tai_ns=watch.seen_tai_ns(look, direction),
        direction_gcrf=direction,
        snr=sensor.detection_snr + excess,
        noise_w_m2=np.full(len(look), sensor.noise_equivalent_irradiance_w_m2),
    )


def _glints(watch: Watch, look: Indices, spot_ecef_m: Array) -> tuple[Indices, Array]:
    """Return the looks that have their spot in the field, and its direction in gcrf."""
    placed = watch.starting(look)
    towards = unit(spot_ecef_m - placed.satellite_ecef_m)
    inside = dot(towards, placed.axis_ecef) >= np.cos(watch.sensor.field_half_angle_rad)
    # Spots lie on the mean sphere, up to 14 km below the ellipsoid.
    clear = lowest_height_m(spot_ecef_m, placed.satellite_ecef_m) > -20_000.0
    seen = inside & clear
    return look[seen], rotate_back(placed.matrices[seen], towards[seen])


def _directions_on_disc(watch: Watch, look: Indices, randomness: np.random.Generator) -> Array:
    """Draw a direction (k, 3) in gcrf for each of the looks, uniform in the field.

    A field around nadir is cut at the limb; a stared-at one is taken to lie on the disc.
    """
    matrices, satellite, axis = watch.starting(look)
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


def _fixed_spots_ecef_m(watch: Watch, randomness: np.random.Generator) -> Array:
    """Return ground points (k, 3) [m] that lie in the field at the first look."""
    if len(watch.start_tai_ns) == 0:
        return np.empty((0, 3))
    first = np.zeros(_FIXED_SPOTS, dtype=np.intp)
    matrices, satellite, _ = watch.starting(first)
    direction = rotate(matrices, _directions_on_disc(watch, first, randomness))
    along = dot(direction, satellite)
    inside = along * along - dot(satellite, satellite) + MEAN_RADIUS_M**2
    hits = inside > 0.0
    reach = -along[hits] - np.sqrt(inside[hits])
    spots: Array = satellite[hits] + direction[hits] * reach[:, None]
    return spots
