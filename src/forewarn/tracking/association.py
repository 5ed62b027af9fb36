"""Which look belongs to which track: gate, then the assignment of greatest likelihood."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from forewarn.kernels import filter as kernel
from forewarn.tracking.live import LiveTrack
from forewarn.tracking.looks import Look, echo_points, stacked

Array = NDArray[np.float64]

# Squared distance that a true look exceeds once in 1e5: chi-square with 2 and 4 degrees.
GATE = {kernel.LINE_OF_SIGHT: 23.03, kernel.RADAR: 28.47}
_FASTEST_M_S = 12_000.0
_NEAR_SIGMAS = 10.0  # a look farther than this cannot pass the gate


def associate(tracks: list[LiveTrack], looks: list[Look]) -> dict[int, int]:
    """Map look index to track index, maximising the summed log-likelihood ratio to clutter.

    The looks are of one scan. A look in no track's gate, or better explained as clutter, is left
    out: to stay alone gains nothing and costs nothing.
    """
    if not tracks or not looks:
        return {}
    geometry, seconds = stacked(looks)
    gain = np.zeros((len(looks), len(tracks)))
    for column, track in enumerate(tracks):
        for row in _near(track, looks, geometry, seconds):
            gain[row, column] = _gain(track, looks[row])
    rows, columns = linear_sum_assignment(gain, maximize=True)
    return {int(r): int(c) for r, c in zip(rows, columns, strict=True) if gain[r, c] > 0.0}


def _near(track: LiveTrack, looks: list[Look], geometry: Array, seconds: Array) -> list[int]:
    """Rows of the looks that pass so near to the track that their gate is worth computing."""
    there = track.at(looks[0].seen_tai_ns)
    if not there.sound:
        return []
    mean, covariance = there.body()
    spread_m = math.sqrt(float(np.trace(covariance[:3, :3])))
    allowed_m = _NEAR_SIGMAS * spread_m + _FASTEST_M_S * np.abs(seconds)
    if looks[0].kind == kernel.LINE_OF_SIGHT:
        away = mean[:3] - geometry[:, 0]
        along = np.sum(away * geometry[:, 1], axis=1)
        off_m = np.linalg.norm(away - along[:, None] * geometry[:, 1], axis=1)
        sigma_rad = geometry[:, 6, 0] + looks[0].bias_sigma_rad
        allowed_m = allowed_m + _NEAR_SIGMAS * sigma_rad * np.abs(along)
        close = (off_m < allowed_m) & (along > 0.0)
    else:
        points, sigma_m = echo_points(geometry)
        off_m = np.linalg.norm(points - mean[:3], axis=1)
        bias_m = looks[0].bias_sigma_rad * geometry[:, 4, 0]
        close = off_m < allowed_m + _NEAR_SIGMAS * 2.0 * (sigma_m + bias_m)
    return [int(row) for row in np.flatnonzero(close)]


def _gain(track: LiveTrack, look: Look) -> float:
    """Log-likelihood ratio of the look to clutter; 0 if it is outside the gate or below clutter."""
    if look.seen_tai_ns < track.base.tai_ns:
        return 0.0
    there = track.at(look.seen_tai_ns)
    if not there.sound:
        return 0.0
    d2, log_likelihood = kernel.distance(
        there.means, there.covariances, there.weights, look.kind, look.geometry
    )
    if not d2 < GATE[look.kind]:
        return 0.0
    return max(0.0, float(log_likelihood) - math.log(look.clutter_density))
