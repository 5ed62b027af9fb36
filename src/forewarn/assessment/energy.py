"""What a falling state says of the flight that it is on: how far, how steep, how high.

In the rotating frame of the Earth the energy of free flight is v^2/2 - mu/r - omega^2 rho^2/2
(Jacobi's integral), the same at every point of the arc. The speed that it gives at the surface is
that of a cut-off on the ground, and the farthest that such a speed reaches is the range of least
energy, s / (1 + s) = v^2 R / (2 mu), s = sin(range angle / 2) (Bate, Mueller and White,
Fundamentals of Astrodynamics, 1971, eq. 6.2-17). That range says what a vehicle can do, whether its
flight is lofted, depressed or neither; the slant of the orbit at the surface says which.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import GRAVITATIONAL_PARAMETER_M3_S2 as MU
from forewarn.earth import MEAN_RADIUS_M, ROTATION_RATE_RAD_S

Array = NDArray[np.float64]

HALF_ROUND_M = math.pi * MEAN_RADIUS_M
"""The range of what is fast enough for any place."""
_LEAST_RANGE_M = 1.0
_LEAST_SPEED_M_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Arcs:
    """The free flight of n states: each (n,).

    ``range_m``: the farthest that a cut-off with this energy reaches. ``slant_rad``: of the orbit
    at the Earth's surface, above the horizontal; ``best_slant_rad``: that of least energy.
    ``perigee_m``, ``apogee_m``: heights above the mean sphere, apogee infinite if it escapes.
    """

    range_m: Array
    slant_rad: Array
    best_slant_rad: Array
    perigee_m: Array
    apogee_m: Array


def reach_m(states: Array) -> Array:
    """Return the range (n,) of least energy of states (n, 6) in ecef, `HALF_ROUND_M` at most."""
    position, velocity = states[:, :3], states[:, 3:6]
    r = np.linalg.norm(position, axis=1)
    off_axis2 = position[:, 0] ** 2 + position[:, 1] ** 2
    inward2 = ROTATION_RATE_RAD_S**2 * off_axis2 * ((MEAN_RADIUS_M / r) ** 2 - 1.0)
    surface_speed2 = np.einsum("ij,ij->i", velocity, velocity) + inward2
    surface_speed2 = surface_speed2 + 2.0 * MU * (1.0 / MEAN_RADIUS_M - 1.0 / r)
    return _least_energy_range_m(surface_speed2)


def _least_energy_range_m(speed2_m2_s2: Array) -> Array:
    x = np.clip(speed2_m2_s2 * MEAN_RADIUS_M / (2.0 * MU), 0.0, 0.5)
    s = np.minimum(x / (1.0 - x), 1.0)
    return np.maximum(2.0 * MEAN_RADIUS_M * np.arcsin(s), _LEAST_RANGE_M)


def arcs(states: Array) -> Arcs:
    """Return the free flight of states (n, 6) in ecef: two bodies, no air."""
    position = states[:, :3]
    velocity = states[:, 3:6] + ROTATION_RATE_RAD_S * np.column_stack(
        (-position[:, 1], position[:, 0], np.zeros(len(states)))
    )
    r = np.linalg.norm(position, axis=1)
    momentum = np.maximum(np.linalg.norm(np.cross(position, velocity), axis=1), 1.0)
    energy = 0.5 * np.einsum("ij,ij->i", velocity, velocity) - MU / r
    p = momentum**2 / MU
    eccentricity = np.sqrt(np.maximum(1.0 + 2.0 * energy * p / MU, 0.0))
    perigee_m = p / (1.0 + eccentricity)
    apogee_m = np.where(eccentricity < 1.0, p / np.maximum(1.0 - eccentricity, 1e-12), np.inf)
    surface_speed2 = np.maximum(2.0 * (energy + MU / MEAN_RADIUS_M), _LEAST_SPEED_M_S**2)
    level = np.minimum(momentum / (MEAN_RADIUS_M * np.sqrt(surface_speed2)), 1.0)
    range_m = reach_m(states)
    return Arcs(
        range_m=range_m,
        slant_rad=np.arccos(level),
        best_slant_rad=0.25 * (math.pi - _least_energy_range_m(surface_speed2) / MEAN_RADIUS_M),
        perigee_m=perigee_m - MEAN_RADIUS_M,
        apogee_m=apogee_m - MEAN_RADIUS_M,
    )


def perigee_m(state: Array) -> float:
    """Return the height of the perigee above the mean sphere for one state (6,) in ecef."""
    x, y, z, u, v, w = (float(i) for i in state[:6])
    u, v = u - ROTATION_RATE_RAD_S * y, v + ROTATION_RATE_RAD_S * x
    momentum2 = (y * w - z * v) ** 2 + (z * u - x * w) ** 2 + (x * v - y * u) ** 2
    energy = 0.5 * (u * u + v * v + w * w) - MU / math.sqrt(x * x + y * y + z * z)
    eccentricity = math.sqrt(max(1.0 + 2.0 * energy * momentum2 / MU**2, 0.0))
    return momentum2 / MU / (1.0 + eccentricity) - MEAN_RADIUS_M
