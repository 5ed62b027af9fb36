"""Kernel density of weighted points in the plane."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.jit import kernel

Array = NDArray[np.float64]


@kernel
def kernel_density(points: Array, weight: Array, out: Array) -> None:
    """Write sum_j w_j exp(-|p_i - p_j|^2 / 2) into out[n], for points[n, 2] in bandwidths.

    Pairs more than sqrt(60) bandwidths apart add less than 1e-13 each and are left out.
    """
    n = points.shape[0]
    for i in range(n):
        out[i] = weight[i]
    for i in range(n):
        for j in range(i):
            dx = points[i, 0] - points[j, 0]
            dy = points[i, 1] - points[j, 1]
            d2 = dx * dx + dy * dy
            if d2 < 60.0:
                e = math.exp(-0.5 * d2)
                out[i] += weight[j] * e
                out[j] += weight[i] * e
