"""Information, and the least error that it allows: Fisher's, van Trees' and Tichavsky's.

For a parameter vector u with prior information J0 and independent looks z = h(u) + noise of
covariance R, the covariance of any estimator that knows the same prior is at least the inverse of

    J = J0 + sum of H' R^-1 H,      H = dh/du

averaged over the prior (H. L. van Trees, Detection, Estimation, and Modulation Theory, part I,
Wiley 1968, eq. 2.4.217 ff.), and that of a function g(u) at least G J^-1 G' with G = dg/du. Here
J is taken at one truth, which for linear looks is the same. A state that is driven by noise
follows the recursion of P. Tichavsky, C. H. Muravchik, A. Nehorai, Posterior Cramer-Rao bounds for
discrete-time nonlinear filtering, IEEE Trans. Signal Processing 46 (1998) 1386, eq. 21.

A root is an upper triangle r with J = r' r. Roots are joined by QR, never squared, so that what is
known to metres beside what is known to thousands of kilometres keeps its digits.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.optimize import brentq
from scipy.stats import chi

Array = NDArray[np.float64]

_DIRECTIONS_2D = 720
_DIRECTIONS_3D = 3000


def next_information(
    information: Array, before: Array, across: Array, after: Array, seen: Array
) -> Array:
    """Return Tichavsky's J (n, n) of the next instant from that of this one (n, n).

    With ln p(x'|x) the logarithm of the transition, ``before`` = -E d2/dx dx, ``across`` =
    -E d2/dx dx' and ``after`` = -E d2/dx' dx'; ``seen`` is the information E H' R^-1 H of the looks
    at the next instant. For x' = f(x) + noise of covariance Q they are E F' Q^-1 F, -E F' Q^-1
    and Q^-1.
    """
    joint: Array = after + seen - across.T @ np.linalg.solve(information + before, across)
    return joint


def joined(root: Array, rows: Array) -> Array:
    """Return the root (p, p) of the information of a root (p, p) and of whitened rows (k, p).

    A whitened row is H / sigma.
    """
    if len(rows) == 0:
        return root
    return np.asarray(np.linalg.qr(np.vstack((root, rows)), mode="r"), dtype=np.float64)


def least_covariance(root: Array, slope: Array) -> Array:
    """Return G J^-1 G' (k, k) of a root (p, p) of J and a slope G (k, p)."""
    half = solve_triangular(root, slope.T, trans="T", lower=False)
    covariance: Array = half.T @ half
    return covariance


def median_length(covariance: Array) -> float:
    """Return the median of the length of a normal vector with covariance (n, n), n = 1, 2 or 3.

    Given its direction, a standard normal vector's length is chi distributed: the chance that the
    vector is no longer than r is the mean of chi's over all directions.
    """
    spread, _ = np.linalg.eigh(covariance)
    spread = np.maximum(spread, 0.0)
    most = math.sqrt(float(spread[-1]))
    if most == 0.0 or not math.isfinite(most):
        return most
    reach = np.sqrt(_directions(len(spread)) ** 2 @ (spread / spread[-1]))
    law = chi(len(spread))

    def excess(r: float) -> float:
        share = law.cdf(np.divide(r, reach, out=np.full(len(reach), np.inf), where=reach > 0))
        return float(np.mean(share)) - 0.5

    return most * float(brentq(excess, 1e-6, 4.0, xtol=1e-9))


@lru_cache(maxsize=3)
def _directions(n: int) -> Array:
    """Return unit vectors (k, n) that lie evenly in all directions."""
    if n == 1:
        return np.ones((1, 1))
    if n == 2:
        angle = (np.arange(_DIRECTIONS_2D) + 0.5) * (2.0 * math.pi / _DIRECTIONS_2D)
        return np.stack((np.cos(angle), np.sin(angle)), axis=1)
    assert n == 3, "lines, planes and space"
    # A spiral of the golden angle: A. Gonzalez, Math. Geosciences 42 (2010) 49.
    k = np.arange(_DIRECTIONS_3D)
    z = 1.0 - (2.0 * k + 1.0) / _DIRECTIONS_3D
    angle = k * math.pi * (3.0 - math.sqrt(5.0))
    level = np.sqrt(1.0 - z * z)
    return np.stack((level * np.cos(angle), level * np.sin(angle), z), axis=1)
