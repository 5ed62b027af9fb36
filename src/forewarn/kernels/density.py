"""Kernel density of weighted points in the plane."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.jit import kernel

Array = NDArray[np.float64]


@kernel
def kernel_density(points: Array, weight: Array, density: Array) -> None:
    """Write sum_j w_j exp(-|p_i - p_j|^2 / 2) into density[n], for points[n, 2] in bandwidths."""
    n = points.shape[0]
    for i in range(n):
        density[i] = weight[i]
    for i in range(n):
        for j in range(i):
            dx = points[i, 0] - points[j, 0]
            dy = points[i, 1] - points[j, 1]
            d2 = dx * dx + dy * dy
            if d2 < 60.0:
                e = math.exp(-0.5 * d2)
                density[i] += weight[j] * e
                density[j] += weight[i] * e
