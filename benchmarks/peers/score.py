"""The scorer that every tracker of the comparison goes through.

GOSPA of order 2, alpha 2 (Rahmathullah, Garcia-Fernandez and Svensson, FUSION 2017, eq. 1): squared
distance of what is paired, cut off at 10 km, and half the squared cut-off for each object missed
and each track of nothing.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Array = NDArray[np.float64]

CUT_OFF_M = 10e3
FIRST_SCAN = 10  # trackers may settle before it


def gospa(truth_m: Array, tracks_m: Array) -> tuple[float, Array, NDArray[np.intp], Array]:
    """GOSPA [m] of positions (n, 3) and (k, 3), and the pairs: truth rows, track rows, distance."""
    none = np.zeros(0, np.intp)
    if not len(truth_m) or not len(tracks_m):
        lone = math.sqrt(0.5 * CUT_OFF_M**2 * (len(truth_m) + len(tracks_m)))
        return lone, none, none, np.zeros(0)
    away = np.linalg.norm(truth_m[:, None] - tracks_m[None], axis=2)
    rows, columns = linear_sum_assignment(np.minimum(away, CUT_OFF_M) ** 2)
    near = away[rows, columns] < CUT_OFF_M
    rows, columns = rows[near], columns[near]
    paired = away[rows, columns]
    alone = len(truth_m) + len(tracks_m) - 2 * len(paired)
    total = float((paired**2).sum()) + 0.5 * CUT_OFF_M**2 * alone
    return math.sqrt(total), rows, columns, paired


def score(truth: Array, estimates: list[tuple[list[int], Array]]) -> dict[str, Any]:
    """Figures of tracks after each scan, (ids, positions (k, 3)), against truth (scans, n, 6).

    Identity switches count from the first scan, the rest from the eleventh.
    """
    last: dict[int, object] = {}
    switches = 0
    seen: set[object] = set()
    figures: list[tuple[float, float, float, float, float]] = []
    for t, (ids, points) in enumerate(estimates):
        alive = np.flatnonzero(~np.isnan(truth[t, :, 0]))
        value, rows, columns, paired = gospa(truth[t, alive, :3], points.reshape(-1, 3))
        for row, column in zip(rows, columns, strict=True):
            own = int(alive[row])
            switches += own in last and last[own] != ids[column]
            last[own] = ids[column]
        seen |= set(ids)
        if t >= FIRST_SCAN:
            n = max(len(alive), 1)
            off = math.sqrt(float((paired**2).mean())) if len(paired) else math.nan
            missed, false = len(alive) - len(paired), len(ids) - len(paired)
            figures.append((value, value / math.sqrt(n), missed / n, false / n, off))
    mean = np.nanmean(np.array(figures), axis=0)
    named = ("gospa_mean", "gospa_per_sqrtN", "missed_frac", "false_frac", "loc_rms")
    return {
        **{name: float(v) for name, v in zip(named, mean, strict=True)},
        "id_switches": switches,
        "n_confirmed_ids": len(seen),
        "n_truth": int((~np.isnan(truth[: len(estimates), :, 0])).any(axis=0).sum()),
        "scans_scored": len(figures),
    }
