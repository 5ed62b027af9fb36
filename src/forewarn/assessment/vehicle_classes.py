"""What each explanation of a launch can do: how far it reaches, how long it burns, how often.

The energy of a cut-off is told by the range that it reaches at best (``assessment.energy``). A
class of missile is a band of that range, of open usage: short to 1,000 km, medium to 3,000,
intermediate to 5,500, intercontinental beyond. Most flights use nearly all that the vehicle has;
some are cut off early, and so fall in the band of a lesser class (the intermediate one of
2017-08-29 flew 2,700 km). The bands have soft ends, because nobody's vehicle knows them. *Unknown*
has no band at all: where nothing else fits, it is what is left.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.records import HYPOTHESES, VEHICLE_CLASSES

Array = NDArray[np.float64]

RANGE_BAND_M: dict[str, tuple[float, float]] = {
    "short_range": (80e3, 1_000e3),
    "medium_range": (1_000e3, 3_000e3),
    "intermediate_range": (3_000e3, 5_500e3),
    "intercontinental": (5_500e3, 20_000e3),
}
# The others, log-uniform between ends; all soft, from memory. A glider's booster is that of a
# medium to an intercontinental missile; Black Brant XII rises to 1,450 km, with which it would
# reach 3,000; what fails may have any energy short of an orbit's. An orbit to the east
# is slower over the ground than one to the west. Beyond 20,000 km, half round the Earth, all that
# is as fast as an orbit counts as one.
_WIDE_BAND_M: dict[str, tuple[float, float]] = {
    "glider": (800e3, 16_000e3),
    "sounding_rocket": (100e3, 4_500e3),
    "failed_boost": (20e3, 8_000e3),
    "space_launch": (300e3, 40_000e3),
    "satellite": (9_000e3, 40_000e3),
    "decaying_object": (9_000e3, 40_000e3),
    "unknown": (20e3, 30_000e3),
}
LONGEST_BURN_S: dict[str, float] = {  # generic; a burn this long makes the class unlikely
    "short_range": 100.0,
    "medium_range": 150.0,
    "intermediate_range": 200.0,
    "intercontinental": 330.0,
    "space_launch": 900.0,
    "glider": 330.0,
    "sounding_rocket": 200.0,
    "failed_boost": 600.0,
    "satellite": 400.0,
    "decaying_object": 400.0,
    "unknown": 400.0,
}
# Share of each among what a network sees rise, before anything is known of this one. Orbital
# launches are counted yearly (about 220 in 2023, of which a few per cent fail); missiles of all
# ranges are of the same order; the small shares are soft.
PRIOR: dict[str, float] = {
    "short_range": 0.25,
    "medium_range": 0.15,
    "intermediate_range": 0.10,
    "intercontinental": 0.08,
    "space_launch": 0.335,
    "glider": 0.02,
    "sounding_rocket": 0.015,
    "failed_boost": 0.01,
    "satellite": 0.012,
    "decaying_object": 0.003,
    "unknown": 0.025,
}
CLASS_OF: dict[str, str] = {h: h if h in VEHICLE_CLASSES else "unknown" for h in HYPOTHESES}
"""The vehicle class that each hypothesis counts as."""

_FULL_SHARE = 0.7  # of flights that use nearly all of the vehicle's range
_FULL_FROM = 0.88  # nearly all of it
_LEAST_USED = 0.25  # of the range, in any other flight
_SOFT_END = 0.08  # one sigma of the logarithm of a band's ends
_GRID_FROM, _GRID_TO, _GRID_STEP = math.log(1e3), math.log(60e6), 0.02
GRID = np.arange(_GRID_FROM, _GRID_TO, _GRID_STEP)
"""Natural logarithms of a range in metres, at which the densities are tabulated."""


def _log_uniform(low_m: float, high_m: float) -> Array:
    inside = (math.log(low_m) <= GRID) & (math.log(high_m) > GRID)
    return np.where(inside, 1.0, 0.0)


def _softened(shares: Array) -> Array:
    """Shares of a grid convolved with the softness of its ends, normalised."""
    steps = np.arange(-4.0 * _SOFT_END, 4.0 * _SOFT_END + _GRID_STEP, _GRID_STEP)
    bell = np.exp(-0.5 * (steps / _SOFT_END) ** 2)
    soft = np.convolve(shares, bell, mode="same")
    return np.asarray(soft / (soft.sum() * _GRID_STEP))


def _missile(name: str) -> Array:
    """What the vehicle can do times the part of it that a flight uses: a sum of logarithms."""
    able = _log_uniform(*RANGE_BAND_M[name])
    used = np.arange(math.log(_LEAST_USED), 0.5 * _GRID_STEP, _GRID_STEP)
    full = used >= math.log(_FULL_FROM)
    share = np.where(full, _FULL_SHARE / full.sum(), (1.0 - _FULL_SHARE) / (~full).sum())
    # A part used moves the range down the grid: convolved in the grid's other direction.
    flown = np.convolve(able[::-1], share[::-1])[: len(GRID)][::-1]
    return _softened(flown)


def _density_table() -> Array:
    rows = [
        _missile(name) if name in RANGE_BAND_M else _softened(_log_uniform(*_WIDE_BAND_M[name]))
        for name in HYPOTHESES
    ]
    return np.array(rows)


DENSITY = _density_table()
"""Density (hypotheses, grid) per unit of the logarithm of the range that the cut-off reaches."""
_BEYOND = np.maximum(1.0 - np.cumsum(DENSITY, axis=1) * _GRID_STEP, 0.0)
_BEYOND[HYPOTHESES.index("space_launch")] = 1.0
_DENSITY_T = np.ascontiguousarray(DENSITY.T)
_BEYOND_T = np.ascontiguousarray(_BEYOND.T)


def _at(ranges_m: Array, table: Array) -> Array:
    place = (np.log(np.maximum(ranges_m, 1.0)) - _GRID_FROM) / _GRID_STEP
    place = np.clip(place, 0.0, len(GRID) - 1.001)
    cell = place.astype(np.int64)
    part = (place - cell)[:, None]
    return np.asarray(table[cell] * (1.0 - part) + table[cell + 1] * part)


def stopping_density(ranges_m: Array) -> Array:
    """Density (n, hypotheses) of a cut-off at the energy of these ranges (n,), per logarithm."""
    return _at(ranges_m, _DENSITY_T)


def going_on(ranges_m: Array) -> Array:
    """Probability (n, hypotheses) that the cut-off lies beyond the energy of these ranges (n,).

    That of a space launch is 1 at any energy short of an orbit's.
    """
    return _at(ranges_m, _BEYOND_T)


def burning_on(burnt_s: Array) -> Array:
    """Probability (n, hypotheses) that the engine still burns after so many seconds (n,)."""
    return np.asarray(np.exp(-np.maximum(burnt_s[:, None] - _LONGEST_S, 0.0) / _OVERTIME_TAIL_S))


_OVERTIME_TAIL_S = 20.0
_LONGEST_S = np.array([LONGEST_BURN_S[name] for name in HYPOTHESES])
