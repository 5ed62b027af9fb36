"""Geometry of measurements on plain floats: what a telescope or a radar sees of a moving point.

Letters: p, v target position and velocity [m, m/s, ecef]; s sensor position [m, ecef];
R rows are the east, north and up axes of the site [3 x 3].
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.jit import kernel

Array = NDArray[np.float64]


@kernel
def radar_from_ecef(x: Array, site_ecef_m: Array, axes_enu: Array, z: Array) -> None:
    """Write range [m], azimuth [rad, 0 <= z < 2 pi], elevation [rad], range rate [m/s] into z[4].

    x[0:6] is position and velocity in ecef; the site does not move in that frame.
    """
    dx = x[0] - site_ecef_m[0]
    dy = x[1] - site_ecef_m[1]
    dz = x[2] - site_ecef_m[2]
    east = axes_enu[0, 0] * dx + axes_enu[0, 1] * dy + axes_enu[0, 2] * dz
    north = axes_enu[1, 0] * dx + axes_enu[1, 1] * dy + axes_enu[1, 2] * dz
    up = axes_enu[2, 0] * dx + axes_enu[2, 1] * dy + axes_enu[2, 2] * dz
    r = math.sqrt(dx * dx + dy * dy + dz * dz)
    azimuth = math.atan2(east, north)
    if azimuth < 0.0:
        azimuth += 2.0 * math.pi
    if azimuth >= 2.0 * math.pi:  # a hair west of north, rounded up
        azimuth = 0.0
    z[0] = r
    z[1] = azimuth
    z[2] = math.asin(min(1.0, max(-1.0, up / r)))
    z[3] = (dx * x[3] + dy * x[4] + dz * x[5]) / r


@kernel
def tangent_axes(u: Array, e: Array) -> None:
    """Write two unit vectors across the unit direction u into the rows of e[2, 3].

    The first is z-cross-u normalised (x-cross-u near the poles), the second u cross the first.
    """
    if abs(u[2]) < 0.99:
        a, b, c = -u[1], u[0], 0.0
    else:
        a, b, c = 0.0, -u[2], u[1]
    n = math.sqrt(a * a + b * b + c * c)
    e[0, 0] = a / n
    e[0, 1] = b / n
    e[0, 2] = c / n
    e[1, 0] = u[1] * e[0, 2] - u[2] * e[0, 1]
    e[1, 1] = u[2] * e[0, 0] - u[0] * e[0, 2]
    e[1, 2] = u[0] * e[0, 1] - u[1] * e[0, 0]


@kernel
def line_of_sight_offset(x: Array, s: Array, u: Array, e: Array, z: Array) -> None:
    """Write into z[2] how far [rad] the direction from s to x[0:3] lies from u along the axes e.

    Valid for offsets well under a radian (gnomonic projection about u).
    """
    dx = x[0] - s[0]
    dy = x[1] - s[1]
    dz = x[2] - s[2]
    along = u[0] * dx + u[1] * dy + u[2] * dz
    z[0] = (e[0, 0] * dx + e[0, 1] * dy + e[0, 2] * dz) / along
    z[1] = (e[1, 0] * dx + e[1, 1] * dy + e[1, 2] * dz) / along
