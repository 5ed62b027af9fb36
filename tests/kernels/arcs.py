"""Ballistic arcs for the tests: a start on one side of the Earth that leads to the other."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import GRAVITATIONAL_PARAMETER_M3_S2, MEAN_RADIUS_M, ROTATION_RATE_RAD_S
from forewarn.kernels.flight import launch_state

Array = NDArray[np.float64]


def arc(range_m: float, *, flight_path_rad: float | None = None, height_m: float = 100e3) -> Array:
    """State (6,) in ecef that flies about ``range_m`` over a sphere: at least energy, or so steep.

    From Bate, Mueller and White, Fundamentals of Astrodynamics, 1971, eq. 6.2-16 and 6.2-18.
    """
    psi = range_m / MEAN_RADIUS_M
    steep = (math.pi - psi) / 4.0 if flight_path_rad is None else flight_path_rad
    tangent = math.tan(psi / 2.0)
    q = tangent / (math.sin(steep) * math.cos(steep) + tangent * math.cos(steep) ** 2)
    speed = math.sqrt(q * GRAVITATIONAL_PARAMETER_M3_S2 / MEAN_RADIUS_M)
    x, axes = np.zeros(6), np.zeros((2, 3))
    launch_state(0.6, 0.3, height_m, 0.7, x, axes)
    x[3:] = speed * (math.sin(steep) * axes[0] + math.cos(steep) * axes[1])
    x[3:] -= np.cross((0.0, 0.0, ROTATION_RATE_RAD_S), x[:3])
    return x
