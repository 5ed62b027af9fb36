"""Drag of a slender body against Mach number, as one shape that scales a hypersonic drag area.

The shape is that of the V-2 at zero angle of attack (Sutton and Biblarz, Rocket Propulsion
Elements, 9th ed., figure 4-4, read off to about 5 %): level below Mach 0.7, a transonic peak near
1.2, then a fall to a hypersonic level equal to the subsonic one within reading. Drag area is the
hypersonic Cd A; the factor is 1 from Mach 5 up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from forewarn.kernels.air import spline_slopes
from forewarn.kernels.jit import kernel

Array = NDArray[np.float64]

_MACH = (0.0, 0.7, 0.9, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0)
_FACTOR = (1.0, 1.0, 1.3, 2.1, 2.7, 2.35, 1.85, 1.55, 1.35, 1.1, 1.0, 1.0)
MACH_STEP = 0.1
MACH_TOP = 5.0
# Monotone between the nodes: a kink there would cost an adaptive integrator its accuracy.
DRAG_FACTOR: Array = PchipInterpolator(_MACH, _FACTOR)(
    np.arange(round(MACH_TOP / MACH_STEP) + 1) * MACH_STEP
)
DRAG_SLOPE = spline_slopes(DRAG_FACTOR)  # per grid step


@kernel
def drag_factor(mach: float) -> float:
    """Drag coefficient at a Mach number over that at hypersonic speed [1]."""
    m = mach / MACH_STEP
    if not m < MACH_TOP / MACH_STEP:
        return 1.0
    i = int(m)
    s = m - i
    q = 1.0 - s
    return float(
        DRAG_FACTOR[i] * (1.0 + 2.0 * s) * q * q
        + DRAG_FACTOR[i + 1] * s * s * (3.0 - 2.0 * s)
        + s * q * (DRAG_SLOPE[i] * q - DRAG_SLOPE[i + 1] * s)
    )
