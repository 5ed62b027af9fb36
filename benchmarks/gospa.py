"""The GOSPA metric, as the benchmarks of several objects score with it.

Rahmathullah, Garcia-Fernandez, Svensson, Generalized optimal sub-pattern assignment metric,
Fusion 2017, eq. (1) with p = 2 and alpha = 2, for which it falls into three parts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Array = NDArray[np.float64]


def squared_gospa(truth_m: Array, found_m: Array, cutoff_m: float) -> Array:
    """Squared GOSPA of places [t, d] and [f, d]: parts of localisation, missed and false."""
    apart, _, _ = matched(truth_m, found_m, cutoff_m)
    half = 0.5 * cutoff_m**2
    missed, false = len(truth_m) - len(apart), len(found_m) - len(apart)
    return np.array([float(np.sum(apart**2)), half * missed, half * false])


def matched(
    truth_m: Array, found_m: Array, cutoff_m: float
) -> tuple[Array, NDArray[np.int64], NDArray[np.int64]]:
    """Distances of pairs nearer than the cut-off, with their rows in ``truth`` and ``found``."""
    if not len(truth_m) or not len(found_m):
        return np.zeros(0), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    apart = np.linalg.norm(truth_m[:, None] - found_m[None], axis=2)
    rows, columns = linear_sum_assignment(np.minimum(apart, cutoff_m) ** 2)
    near = apart[rows, columns] < cutoff_m
    return apart[rows, columns][near], rows[near], columns[near]


def interval(values: Array) -> tuple[float, float]:
    """Mean and half the width of its 95 % confidence interval (normal), over runs."""
    return float(np.mean(values)), 1.96 * float(np.std(values, ddof=1)) / len(values) ** 0.5
