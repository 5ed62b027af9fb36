"""A full satellite catalogue that is nobody's: as many objects, in such orbits, as really fly.

Scenarios can ask for it without shipping element sets that may not be passed on. Shares, heights
and inclinations are soft: from memory of the public statistics (ESA's Annual Space Environment
Report; the public catalogue's radar size classes), rounded. No object has the elements of a real
one, and none has drag.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from forewarn.orbits import Elements, notional
from forewarn.simulation.streams import keyed_stream

Array = NDArray[np.float64]

FIRST_NUMBER = 990_000_001
"""Catalogue number of the first notional object: far above every real one."""

_EARTH_RADIUS_M = 6_378_135.0  # WGS 72, as in SGP4
_LOW, _MEDIUM, _GEOSTATIONARY, _ECCENTRIC = range(4)
_SHARES = (0.82, 0.03, 0.05, 0.10)  # of the regimes in that order; soft
# Low orbits by family: share, mean height and its spread [m], inclination and its spread [rad].
# Large constellation, sun-synchronous, polar, the two crowded debris shells; soft.
_LOW_FAMILIES = (
    (0.36, 540e3, 15e3, math.radians(53.1), math.radians(0.1)),
    (0.27, 780e3, 110e3, math.radians(98.4), math.radians(0.7)),
    (0.10, 790e3, 60e3, math.radians(86.4), math.radians(0.3)),
    (0.17, 960e3, 90e3, math.radians(82.6), math.radians(0.8)),
    (0.10, 1_450e3, 60e3, math.radians(74.0), math.radians(0.6)),
)
_LEAST_HEIGHT_M = 300e3
_MEDIUM_AXIS_M = 26_560e3  # half a sidereal day, where navigation satellites are
_STATIONARY_AXIS_M = 42_164e3
# Radar size classes: share, median [m2] and sigma of the natural logarithm. The classes below
# 0.1 m2, to 1 m2 and above are those of the public catalogue; shares and medians are soft.
_SIZES = ((0.47, 0.03, 0.7), (0.20, 0.3, 0.6), (0.33, 4.0, 0.8))


def notional_catalogue(count: int, *, seed: int, epoch_tai_ns: int) -> tuple[Elements, ...]:
    """Return ``count`` notional element sets: 82 % low, 3 % medium, 5 % stationary, 10 % eccentric.

    Seed and number decide each: a larger catalogue begins with the objects of a smaller one.
    """
    numbers = FIRST_NUMBER + np.arange(count, dtype=np.int64)
    draws = keyed_stream(seed, "notional catalogue").uniforms(numbers, np.zeros_like(numbers), 8)
    regime = np.searchsorted(np.cumsum(_SHARES)[:-1], draws[:, 0], side="right")
    axis_m, eccentricity, inclination_rad = np.empty((3, count))
    for which, shape in (
        (_LOW, _low),
        (_MEDIUM, _medium),
        (_GEOSTATIONARY, _geostationary),
        (_ECCENTRIC, _eccentric),
    ):
        rows = regime == which
        axis_m[rows], eccentricity[rows], inclination_rad[rows] = shape(draws[rows, 1:5])
    turns = 2.0 * np.pi * draws[:, 5:]
    columns = (numbers, axis_m, eccentricity, inclination_rad, *turns.T)
    return tuple(
        _numbered(int(number), epoch_tai_ns, orbit)
        for number, *orbit in zip(*(column.tolist() for column in columns), strict=True)
    )


def cross_sections_m2(numbers: NDArray[np.int64], *, seed: int) -> Array:
    """Draw the mean radar cross-section (n,) [m2] of each catalogue number: log-normal in a class.

    Seed and number alone decide it, so that every radar of a run sees the same object.
    """
    draws = keyed_stream(seed, "cross-sections").uniforms(numbers, np.zeros_like(numbers), 2)
    share, median_m2, sigma = np.array(_SIZES).T
    size = np.searchsorted(np.cumsum(share)[:-1], draws[:, 0], side="right")
    drawn: Array = median_m2[size] * np.exp(sigma[size] * ndtri(draws[:, 1]))
    return drawn


def _numbered(number: int, epoch_tai_ns: int, orbit: list[float]) -> Elements:
    axis_m, eccentricity, inclination_rad, node_rad, perigee_rad, anomaly_rad = orbit
    return notional(
        f"NOTIONAL {number}",
        epoch_tai_ns,
        semi_major_axis_m=axis_m,
        eccentricity=eccentricity,
        inclination_rad=inclination_rad,
        right_ascension_rad=node_rad,
        argument_of_perigee_rad=perigee_rad,
        mean_anomaly_rad=anomaly_rad,
        catalogue_number=number,
    )


def _low(draws: Array) -> tuple[Array, Array, Array]:
    """Near-circular orbits in families of height and inclination."""
    share, height_m, spread_m, inclination_rad, spread_rad = np.array(_LOW_FAMILIES).T
    family = np.searchsorted(np.cumsum(share)[:-1], draws[:, 0], side="right")
    heights_m = height_m[family] + spread_m[family] * ndtri(draws[:, 1])
    axis_m = _EARTH_RADIUS_M + np.maximum(heights_m, _LEAST_HEIGHT_M)
    tilt_rad = inclination_rad[family] + spread_rad[family] * ndtri(draws[:, 2])
    return axis_m, 0.006 * draws[:, 3], tilt_rad


def _medium(draws: Array) -> tuple[Array, Array, Array]:
    axis_m = _MEDIUM_AXIS_M + 300e3 * ndtri(draws[:, 0])
    return axis_m, 0.01 * draws[:, 1], math.radians(56.0) + math.radians(3.0) * ndtri(draws[:, 2])


def _geostationary(draws: Array) -> tuple[Array, Array, Array]:
    axis_m = _STATIONARY_AXIS_M + 40e3 * ndtri(draws[:, 0])
    return axis_m, 0.001 * draws[:, 1], math.radians(15.0) * draws[:, 2] ** 2


def _eccentric(draws: Array) -> tuple[Array, Array, Array]:
    """Transfer orbits from low perigees up, a quarter of them at the critical inclination."""
    critical = draws[:, 3] < 0.25
    perigee_m = _EARTH_RADIUS_M + 250e3 + 900e3 * draws[:, 0]
    apogee_m = np.where(critical, 46_300e3, 20_000e3 + 22_000e3 * draws[:, 1])
    inclination_rad = np.radians(np.where(critical, 63.4, 5.0 + 25.0 * draws[:, 2]))
    return (
        0.5 * (perigee_m + apogee_m),
        (apogee_m - perigee_m) / (apogee_m + perigee_m),
        inclination_rad,
    )
