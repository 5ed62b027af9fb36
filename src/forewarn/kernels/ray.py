"""The path of a radar ray through air and plasma of spherical layers, traced from its antenna.

In layers n r cos E is constant along a ray (Snell; B. Bean, E. Dutton, Radio Meteorology, NBS
Monograph 92, 1966, chapter 3). Here the same law is integrated as the curvature of the ray,
dalpha/ds = cos E (dn/dr) / n, which stays regular where a ray is level. Air: n - 1 = A exp(-h/H).
Plasma: n - 1 = -X for the direction, +X for the travel time of a pulse, X = 40.3 N_e / f^2 (SI),
with the layer of Chapman: N_e = N_m exp((1 - u - exp(-u)) / 2), u = (h - h_m) / H_c, which holds
sqrt(2 pi e) N_m H_c electrons in a column (J. Hargreaves, The Solar-Terrestrial Environment, 1992,
section 4.3).

Letters: r distance from the centre of the sphere [m]; h height above the antenna [m]; s path from
it [m]; x, z place across and along the antenna's vertical [m]; a direction of the ray above x
[rad]; E its elevation at that place [rad]; p path that a pulse gains over s [m].
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.jit import kernel

Array = NDArray[np.float64]

_DENSE_TOP_M = 60e3
_DENSE_STEP_M = 500.0
_THIN_STEP_M = 4_000.0
_AIR_TOP_M = 150e3
_PLASMA_TOP_M = 2_000e3


@kernel
def _slopes(x: float, z: float, a: float, medium: Array) -> tuple[float, float]:
    """Return da/ds [rad/m] and dp/ds where the ray is at x, z in the direction a."""
    r = math.sqrt(x * x + z * z)
    h = r - medium[0]
    air = medium[1] * math.exp(-h / medium[2])
    n, gained, slope = 1.0 + air, air, -air / medium[2]
    if medium[3] > 0.0:
        u = (h - medium[4]) / medium[5]
        e = math.exp(-u) if u > -50.0 else math.exp(50.0)
        plasma = medium[3] * math.exp(0.5 * (1.0 - u - e))
        n -= plasma
        gained += plasma
        slope -= plasma * 0.5 * (e - 1.0) / medium[5]
    level = (z * math.cos(a) - x * math.sin(a)) / r
    return level * slope / n, gained


@kernel
def trace_ray(elevation_rad: float, medium: Array, path_m: Array, out: Array) -> None:
    """Follow a ray that leaves at an elevation [rad] to points after path_m[k], rising [m].

    Writes into out[k, 3]: how much lower [rad] the point truly is than the ray leaves, how much
    longer [m] a pulse takes than along the straight line, and the length [m] of that line.
    medium: r of the antenna [m], A, H [m], X at the layer's peak, h_m [m], H_c [m]; no plasma if
    X is 0. Steps of Runge and Kutta of order four; straight on above 2,000 km (150 km without
    plasma). Elevations for which a ray turns back (ducts, A > H / r) are not for this.
    """
    r0 = medium[0]
    x, z, a, p, s = 0.0, r0, elevation_rad, 0.0, 0.0
    top = _PLASMA_TOP_M if medium[3] > 0.0 else _AIR_TOP_M
    for k in range(path_m.shape[0]):
        while s < path_m[k]:
            h = math.sqrt(x * x + z * z) - r0
            d = path_m[k] - s
            if h > top:
                x += d * math.cos(a)
                z += d * math.sin(a)
                s = path_m[k]
                continue
            d = min(d, _DENSE_STEP_M if h < _DENSE_TOP_M else _THIN_STEP_M)
            half = 0.5 * d
            c1, s1 = math.cos(a), math.sin(a)
            a1, p1 = _slopes(x, z, a, medium)
            c2, s2 = math.cos(a + half * a1), math.sin(a + half * a1)
            a2, p2 = _slopes(x + half * c1, z + half * s1, a + half * a1, medium)
            c3, s3 = math.cos(a + half * a2), math.sin(a + half * a2)
            a3, p3 = _slopes(x + half * c2, z + half * s2, a + half * a2, medium)
            c4, s4 = math.cos(a + d * a3), math.sin(a + d * a3)
            a4, p4 = _slopes(x + d * c3, z + d * s3, a + d * a3, medium)
            x += d * (c1 + 2.0 * c2 + 2.0 * c3 + c4) / 6.0
            z += d * (s1 + 2.0 * s2 + 2.0 * s3 + s4) / 6.0
            a += d * (a1 + 2.0 * a2 + 2.0 * a3 + a4) / 6.0
            p += d * (p1 + 2.0 * p2 + 2.0 * p3 + p4) / 6.0
            s = path_m[k] if d >= path_m[k] - s else s + d
        straight = math.sqrt(x * x + (z - r0) * (z - r0))
        out[k, 0] = elevation_rad - math.atan2(z - r0, x)
        out[k, 1] = p + (s - straight)
        out[k, 2] = straight
