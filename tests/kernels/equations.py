"""The equations of flight written apart from the kernels: slow, plain, to compare with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forewarn import earth
from forewarn.frames import geodetic_from_ecef
from forewarn.kernels.air import density_kg_m3

Array = NDArray[np.float64]

# Vallado, Fundamentals of Astrodynamics, 4th ed., section 8.6: the zonal potential.
ZONALS = ((2, earth.J2), (3, earth.J3), (4, earth.J4))
LEGENDRE = {
    n: np.polynomial.Legendre.basis(n).convert(kind=np.polynomial.Polynomial) for n in (2, 3, 4)
}


def potential(p: NDArray[np.inexact]) -> complex:
    """Gravitational potential [m2/s2] at a point (3,), complex for differentiation."""
    r = np.sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2])
    ratio = earth.SEMI_MAJOR_AXIS_M / r
    series = 1.0 - sum(j * ratio**n * LEGENDRE[n](p[2] / r) for n, j in ZONALS)
    return complex(earth.GRAVITATIONAL_PARAMETER_M3_S2 / r * series)


def gravity(p: Array) -> Array:
    """Gradient of the potential by a complex step: exact to rounding (Squire and Trapp 1998)."""
    step = 1e-20 * np.linalg.norm(p)
    return np.array([potential(p + 1j * step * e).imag / step for e in np.eye(3)])


def motion(x: Array, along: float, inverse_beta: float) -> Array:
    """d(x)/dt (6,) in the turning frame, written apart from the kernels."""
    p, v = x[:3], x[3:]
    turn = np.array((0.0, 0.0, earth.ROTATION_RATE_RAD_S))
    speed = float(np.linalg.norm(v))
    drag = 0.0
    if inverse_beta:
        height_m = geodetic_from_ecef(p)[2]
        drag = 0.5 * density_kg_m3(float(height_m)) * speed**2 * inverse_beta
    own = (along - drag) * v / speed
    fictitious = -2.0 * np.cross(turn, v) - np.cross(turn, np.cross(turn, p))
    return np.concatenate((v, gravity(p) + own + fictitious))


def jacobi(x: Array) -> float:
    """The energy integral of the turning frame, v2/2 - U - w2 rho2/2 [m2/s2]."""
    spin = 0.5 * earth.ROTATION_RATE_RAD_S**2 * float(x[0] ** 2 + x[1] ** 2)
    return 0.5 * float(x[3:] @ x[3:]) - potential(x[:3].astype(complex)).real - spin
