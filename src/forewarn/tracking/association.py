"""Which look belongs to which track: gate, then the assignment of greatest likelihood."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import linear_sum_assignment

from forewarn.kernels import filter as kernel
from forewarn.tracking.live import LiveTrack
from forewarn.tracking.looks import Look

# Squared distance that a true look exceeds once in 1e5: chi-square with 2 and 4 degrees.
GATE = {kernel.LINE_OF_SIGHT: 23.03, kernel.RADAR: 28.47}
_FORBIDDEN = 1e6


def associate(tracks: list[LiveTrack], looks: list[Look]) -> dict[int, int]:
    """Map look index to track index, maximising the summed log-likelihood ratio to clutter.

    A look in no track's gate, or better explained as clutter, is left out.
    """
    if not tracks or not looks:
        return {}
    cost = np.full((len(looks), len(tracks)), _FORBIDDEN)
    for column, track in enumerate(tracks):
        for row, look in enumerate(looks):
            there = track.at(look.seen_tai_ns)
            if not there.sound or look.seen_tai_ns < track.base.tai_ns:
                continue
            d2, ln = kernel.distance(
                there.means, there.covariances, there.weights, look.kind, look.geometry
            )
            if d2 < GATE[look.kind]:
                gain = ln - math.log(look.clutter_density)
                if gain > 0.0:
                    cost[row, column] = -gain
    rows, columns = linear_sum_assignment(cost)
    return {
        int(r): int(c) for r, c in zip(rows, columns, strict=True) if cost[r, c] < _FORBIDDEN / 2
    }
