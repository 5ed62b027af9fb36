"""Places on the Earth's ellipsoid by their direction from its centre, many at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import SEMI_MAJOR_AXIS_M, SEMI_MINOR_AXIS_M
from forewarn.sensors.sight import dot

Array = NDArray[np.float64]

_STRETCH = np.array([1.0, 1.0, SEMI_MAJOR_AXIS_M / SEMI_MINOR_AXIS_M]) / SEMI_MAJOR_AXIS_M


def above_ground_ecef_m(direction: Array, height_m: Array | float) -> Array:
    """Return points (..., 3) [m] at heights along the geocentric unit directions (..., 3).

    The inverse of `forewarn.sensors.sight.height_m`.
    """
    stretched = direction * _STRETCH
    ground = 1.0 / np.sqrt(dot(stretched, stretched))
    place: Array = direction * (ground + height_m)[..., None]
    return place


def scattered_directions(count: int, randomness: np.random.Generator) -> Array:
    """Draw unit directions (count, 3), alike in all directions."""
    sine = 2.0 * randomness.random(count) - 1.0
    turn = 2.0 * np.pi * randomness.random(count)
    cosine = np.sqrt(1.0 - sine * sine)
    return np.stack((cosine * np.cos(turn), cosine * np.sin(turn), sine), axis=-1)
