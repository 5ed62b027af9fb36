"""Lines of sight as the filter takes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.jit import kernel
from forewarn.kernels.measure import tangent_axes

Array = NDArray[np.float64]


@kernel
def sight_geometry(
    directions: Array, sites: Array, sigma_rad: Array, first_bias: int, g: Array
) -> None:
    """Write the geometry g[m, 8, 3] (see `unscented`) of unit lines of sight [m, 3] from sites.

    sigma_rad[m]: one sigma on each axis; first_bias: column of the first of the sensor's two
    biases. g comes as zeros.
    """
    for j in range(directions.shape[0]):
        g[j, 0] = sites[j]
        g[j, 1] = directions[j]
        tangent_axes(directions[j], g[j, 2:4])
        g[j, 6, :] = sigma_rad[j]
        g[j, 7, 1] = first_bias
        g[j, 7, 2] = 2.0
