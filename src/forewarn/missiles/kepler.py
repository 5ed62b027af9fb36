"""The engine-free arc: a symmetric ellipse from the ground to an apogee and back to the ground.

A sphere that does not turn, no air, no engine: the yardstick that a real flight is held against.
With A the apogee's height, psi the range angle and s = sin(psi/4), the conic through ground and
apogee (Vallado, Fundamentals of Astrodynamics and Applications, 4th ed., eq. 1-24 and section 2.2)
has, after the half-angle identities, no difference of nearly equal numbers left in it:

    q = 2 R s^2,  a = (R + A)(A + q)/(2A + q),  e = A/(A + q),
    tan(gamma) = A / ((R + A) tan(psi/4)),
    tan(F/2) = sqrt((2A + q)/(2R)) / cos(psi/4),  T = 2 sqrt(a^3/mu) (F + e sin F),

F being pi less the eccentric anomaly at the ground. All of it holds down to range 0, straight up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import GRAVITATIONAL_PARAMETER_M3_S2 as MU
from forewarn.earth import MEAN_RADIUS_M as R

Array = NDArray[np.float64]

HALF_TURN_M = math.pi * R
"""Half the way round the Earth [m]: no arc is longer."""

_SLOPE_STEP = 1e-4


@dataclass(frozen=True, slots=True)
class Arc:
    """An engine-free arc: ``speed_m_s`` and ``angle_rad`` above the horizon are at the ground."""

    apogee_m: float
    range_m: float
    time_s: float
    speed_m_s: float
    angle_rad: float


@dataclass(frozen=True, slots=True)
class RangeSlopes:
    """How the range moves [m] with the speed, the angle and the azimuth at the ground."""

    per_speed_s: float
    per_angle_m: float
    per_azimuth_m: float


def arc(apogee_m: float, range_m: float) -> Arc:
    """Return the arc of an apogee above, and a range along, the mean sphere.

    An apogee above 0 and a range from 0 to half the way round the Earth, both in metres: anything
    else is the caller's mistake.
    """
    assert 0.0 < apogee_m < math.inf, apogee_m
    assert 0.0 <= range_m < HALF_TURN_M, range_m
    quarter = range_m / R / 4.0
    a, e, f = _conic(apogee_m, quarter)
    return Arc(
        apogee_m=apogee_m,
        range_m=range_m,
        time_s=2.0 * math.sqrt(a**3 / MU) * (f + e * math.sin(f)),
        speed_m_s=math.sqrt(MU * (2.0 / R - 1.0 / a)),
        angle_rad=math.atan2(apogee_m, (R + apogee_m) * math.tan(quarter)),
    )


def _conic(apogee_m: float, quarter: float) -> tuple[float, float, float]:
    """The module's a [m], e and F [rad], of a quarter of the range angle [rad]."""
    q = 2.0 * R * math.sin(quarter) ** 2
    a = (R + apogee_m) * (apogee_m + q) / (2.0 * apogee_m + q)
    e = apogee_m / (apogee_m + q)
    f = 2.0 * math.atan(math.sqrt((2.0 * apogee_m + q) / (2.0 * R)) / math.cos(quarter))
    return a, e, f


def path(of: Arc, count: int) -> tuple[Array, Array, Array]:
    """Return ``count`` points along an arc: time [s], angle from apogee [rad], radius [m].

    The angle is at the Earth's centre, from minus half the range angle to plus half. Points are
    even in the eccentric anomaly.
    """
    a, e, f = _conic(of.apogee_m, of.range_m / R / 4.0)
    at = np.linspace(-f, f, count)  # eccentric anomaly less pi
    times_s = of.time_s / 2.0 + math.sqrt(a**3 / MU) * (at + e * np.sin(at))
    radius_m = a * (1.0 + e * np.cos(at))
    angle_rad = np.arctan2(math.sqrt(max(1.0 - e**2, 0.0)) * np.sin(at), np.cos(at) + e)
    return times_s, angle_rad, radius_m


def arc_from_speed(speed_m_s: float, angle_rad: float) -> Arc:
    """Return the arc that leaves the ground with a speed at an angle above the horizon.

    The range angle follows from the hit equation, tan(psi/2) = L sin g cos g / (1 - L cos^2 g) with
    L = v^2 R / mu (Bate, Mueller and White, Fundamentals of Astrodynamics, section 6.2). The speed
    is below escape and the angle within (0, pi/2]: anything else is the caller's mistake.
    """
    ratio = speed_m_s**2 * R / MU
    assert 0.0 < ratio < 2.0, speed_m_s
    assert 0.0 < angle_rad <= math.pi / 2.0, angle_rad
    sine, cosine = math.sin(angle_rad), math.cos(angle_rad)
    range_m = 2.0 * R * math.atan2(ratio * sine * cosine, 1.0 - ratio * cosine**2)
    e = math.sqrt(max(1.0 - ratio * (2.0 - ratio) * cosine**2, 0.0))
    apogee_m = R * ((1.0 + e) / (2.0 - ratio) - 1.0)
    return arc(apogee_m, max(range_m, 0.0))


def minimum_energy(range_m: float) -> Arc:
    """Return the arc of least speed for a range.

    v^2 = (2 mu/R) sin(psi/2)/(1 + sin(psi/2)), gamma = (pi - psi)/4 (Bate, Mueller and White,
    Fundamentals of Astrodynamics, eq. 6.2-18 and 6.2-19). Its apogee is R (sin + cos - 1)/2 of half
    the range angle.
    """
    assert 0.0 < range_m < HALF_TURN_M, range_m
    half = range_m / R / 2.0
    return arc(R / 2.0 * (math.sin(half) + math.cos(half) - 1.0), range_m)


def range_slopes(of: Arc) -> RangeSlopes:
    """Return the exact slopes of the range of an arc: how far an error at the ground carries."""
    ratio = of.speed_m_s**2 * R / MU
    sine, cosine = math.sin(of.angle_rad), math.cos(of.angle_rad)
    along = 1.0 - ratio * cosine**2
    scale = 2.0 * R * ratio / ((ratio * sine * cosine) ** 2 + along**2)
    return RangeSlopes(
        per_speed_s=scale * sine * cosine * 2.0 / of.speed_m_s,
        per_angle_m=scale * (along * (cosine**2 - sine**2) - 2.0 * ratio * (sine * cosine) ** 2),
        per_azimuth_m=R * math.sin(of.range_m / R),
    )


def time_slopes(of: Arc) -> tuple[float, float]:
    """Return how the time moves with the apogee and with the range [s/m, s/m].

    Central differences over a ten-thousandth: good to 1e-6 of the slope.
    """
    up_m = _SLOPE_STEP * of.apogee_m
    longest_m = min(of.range_m, HALF_TURN_M - of.range_m)
    out_m = _SLOPE_STEP * longest_m
    higher = arc(of.apogee_m + up_m, of.range_m).time_s
    lower = arc(of.apogee_m - up_m, of.range_m).time_s
    if out_m <= 0.0:
        return (higher - lower) / (2.0 * up_m), 0.0
    longer = arc(of.apogee_m, of.range_m + out_m).time_s
    shorter = arc(of.apogee_m, of.range_m - out_m).time_s
    return (higher - lower) / (2.0 * up_m), (longer - shorter) / (2.0 * out_m)
