"""Between the stars and the turning Earth: GCRF, TEME and ecef (ITRF).

GCRF to ITRF is the CIO-based chain of the IERS Conventions (2010), section 5.4: the celestial
pole X, Y and locator s of IAU 2006/2000A with the IERS offsets dX, dY; the Earth rotation angle
of UT1; polar motion with the TIO locator s'. All come from ERFA (IAU SOFA). X, Y and s are smooth
over days, so they are computed once an hour and interpolated by a cubic; the rest is exact.

Velocities gain or lose the transport term: the Earth's angular velocity crossed with the position.
Its axis is the celestial pole; the pole's own motion in the stars (under 2e-11 rad/s, 1 mm/s at
geostationary height) is left out.
"""

from __future__ import annotations

import math
from functools import lru_cache

import erfa
import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS, tt_julian_date, ut1_julian_date
from forewarn.frames.earth_orientation import EarthOrientation

Array = NDArray[np.float64]

_GRID_STEP_NS = 3_600 * SECOND_NS
# d(ERA)/d(UT1), IERS Conventions (2010), equation 5.15.
_ROTATION_RATE_RAD_S = 2.0 * math.pi * 1.00273781191135448 / 86_400.0


def gcrf_to_ecef_matrix(tai_ns: int, orientation: EarthOrientation) -> Array:
    """Return the rotation R [3, 3] with position_ecef = R @ position_gcrf.

    Raises ValueError outside the dates of ``orientation``.
    """
    return _earth_rotation(tai_ns, orientation)[0]


def ecef_state_from_gcrf(
    tai_ns: int, orientation: EarthOrientation, position_gcrf_m: Array, velocity_gcrf_m_s: Array
) -> tuple[Array, Array]:
    """Return position [m] and velocity [m/s] in the rotating Earth, each [3].

    Raises ValueError outside the dates of ``orientation``.
    """
    rotation, rate_ecef_rad_s = _earth_rotation(tai_ns, orientation)
    position_ecef_m = rotation @ position_gcrf_m
    transport_m_s = _cross(rate_ecef_rad_s, position_ecef_m)
    return position_ecef_m, rotation @ velocity_gcrf_m_s - transport_m_s


def gcrf_state_from_ecef(
    tai_ns: int, orientation: EarthOrientation, position_ecef_m: Array, velocity_ecef_m_s: Array
) -> tuple[Array, Array]:
    """Return position [m] and velocity [m/s] in the GCRF, each [3].

    Raises ValueError outside the dates of ``orientation``.
    """
    rotation, rate_ecef_rad_s = _earth_rotation(tai_ns, orientation)
    transport_m_s = _cross(rate_ecef_rad_s, position_ecef_m)
    return rotation.T @ position_ecef_m, rotation.T @ (velocity_ecef_m_s + transport_m_s)


def ecef_state_from_teme(
    tai_ns: int, orientation: EarthOrientation, position_teme_m: Array, velocity_teme_m_s: Array
) -> tuple[Array, Array]:
    """Return the ecef position [m] and velocity [m/s] of a state in SGP4's frame, each [3].

    TEME is turned about its pole by the mean sidereal time of 1982 and then by polar motion:
    Vallado, Crawford, Hujsak, Kelso, "Revisiting Spacetrack Report #3", AIAA 2006-6753, appendix C.
    Raises ValueError outside the dates of ``orientation``.
    """
    angles = orientation.at(tai_ns)
    sidereal_rad = float(erfa.gmst82(*ut1_julian_date(tai_ns, angles.ut1_minus_tai_s)))
    cosine, sine = math.cos(sidereal_rad), math.sin(sidereal_rad)
    turn = np.array(((cosine, sine, 0.0), (-sine, cosine, 0.0), (0.0, 0.0, 1.0)))
    polar_motion = _polar_motion(tai_ns, angles.pole_x_rad, angles.pole_y_rad)
    rotation = polar_motion @ turn
    position_ecef_m = rotation @ position_teme_m
    rate_ecef_rad_s = polar_motion[:, 2] * (_ROTATION_RATE_RAD_S * angles.ut1_rate)
    return position_ecef_m, rotation @ velocity_teme_m_s - _cross(rate_ecef_rad_s, position_ecef_m)


def gcrf_state_from_teme(
    tai_ns: int, orientation: EarthOrientation, position_teme_m: Array, velocity_teme_m_s: Array
) -> tuple[Array, Array]:
    """Return the GCRF position [m] and velocity [m/s] of a state in SGP4's frame, by way of ecef.

    Raises ValueError outside the dates of ``orientation``.
    """
    state_ecef = ecef_state_from_teme(tai_ns, orientation, position_teme_m, velocity_teme_m_s)
    return gcrf_state_from_ecef(tai_ns, orientation, *state_ecef)


def _earth_rotation(tai_ns: int, orientation: EarthOrientation) -> tuple[Array, Array]:
    """Return the GCRF to ecef rotation and the Earth's angular velocity in ecef [rad/s]."""
    angles = orientation.at(tai_ns)
    x, y, s = _celestial_pole(tai_ns)
    celestial = erfa.c2ixys(x + angles.celestial_dx_rad, y + angles.celestial_dy_rad, s)
    era_rad = erfa.era00(*ut1_julian_date(tai_ns, angles.ut1_minus_tai_s))
    polar_motion = _polar_motion(tai_ns, angles.pole_x_rad, angles.pole_y_rad)
    rotation: Array = erfa.c2tcio(celestial, era_rad, polar_motion)
    return rotation, polar_motion[:, 2] * (_ROTATION_RATE_RAD_S * angles.ut1_rate)


def _polar_motion(tai_ns: int, pole_x_rad: float, pole_y_rad: float) -> Array:
    matrix: Array = erfa.pom00(pole_x_rad, pole_y_rad, erfa.sp00(*tt_julian_date(tai_ns)))
    return matrix


@lru_cache(maxsize=4096)
def _celestial_pole_on_grid(step: int) -> tuple[float, float, float]:
    """Return X, Y [rad] and s [rad] of IAU 2006/2000A at a whole number of grid steps of TAI."""
    x, y, s = erfa.xys06a(*tt_julian_date(step * _GRID_STEP_NS))
    return float(x), float(y), float(s)


def _celestial_pole(tai_ns: int) -> tuple[float, float, float]:
    """Return X, Y [rad] and s [rad] by Lagrange's cubic through the four nearest grid points."""
    step, rest_ns = divmod(tai_ns, _GRID_STEP_NS)
    u = rest_ns / _GRID_STEP_NS
    a = -u * (u - 1.0) * (u - 2.0) / 6.0
    b = (u + 1.0) * (u - 1.0) * (u - 2.0) / 2.0
    c = -(u + 1.0) * u * (u - 2.0) / 2.0
    d = (u + 1.0) * u * (u - 1.0) / 6.0
    xa, ya, sa = _celestial_pole_on_grid(step - 1)
    xb, yb, sb = _celestial_pole_on_grid(step)
    xc, yc, sc = _celestial_pole_on_grid(step + 1)
    xd, yd, sd = _celestial_pole_on_grid(step + 2)
    return (
        a * xa + b * xb + c * xc + d * xd,
        a * ya + b * yb + c * yc + d * yd,
        a * sa + b * sb + c * sc + d * sd,
    )


def _cross(a: Array, b: Array) -> Array:
    """Return a x b; numpy's own takes ten times as long on three numbers."""
    ax, ay, az = a
    bx, by, bz = b
    return np.array((ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx))
