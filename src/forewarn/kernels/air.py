"""Air of the U.S. Standard Atmosphere 1976, smooth enough for adaptive integration.

Density: below 86 km the seven layers of [USSA76] equations 33a and 33b; above, values of its
table I. ln(density) is carried by one natural cubic spline on a 1 km grid to 200 km (so that the
kink at 86 km does not force an integrator into tiny steps) and falls log-linearly between table
values beyond. Speed of sound: [USSA76] equation 50 on the same grid, held from 86 km up, where
the standard does not define it. [USSA76] U.S. Standard Atmosphere 1976, NOAA-S/T 76-1562.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.jit import kernel

Array = NDArray[np.float64]

PRESSURE_SCALE_M = 7_400.0
"""exp(-h / this) is the pressure [USSA76] within 3 % of its sea-level value, at every height."""

_EARTH_RADIUS_M = 6_356_766.0  # [USSA76] r0 of the geopotential
_GAS_CONSTANT_J_KG_K = 8314.32 / 28.9644  # [USSA76] R* / M0
_G0_M_S2 = 9.80665
_LAYERS = (  # [USSA76] table 4: base (geopotential m), lapse rate K/m, base temperature K
    (0.0, -0.0065, 288.15),
    (11_000.0, 0.0, 216.65),
    (20_000.0, 0.001, 216.65),
    (32_000.0, 0.0028, 228.65),
    (47_000.0, 0.0, 270.65),
    (51_000.0, -0.0028, 270.65),
    (71_000.0, -0.002, 214.65),
    (84_852.0, 0.0, 186.946),
)
_UPPER_TABLE = (  # [USSA76] table I: geometric height km, density kg/m3
    (86.0, 6.958e-6),
    (90.0, 3.416e-6),
    (95.0, 1.393e-6),
    (100.0, 5.604e-7),
    (105.0, 2.325e-7),
    (110.0, 9.708e-8),
    (115.0, 4.289e-8),
    (120.0, 2.222e-8),
    (130.0, 8.152e-9),
    (140.0, 3.831e-9),
    (150.0, 2.076e-9),
    (160.0, 1.233e-9),
    (180.0, 5.194e-10),
    (200.0, 2.541e-10),
    (250.0, 6.073e-11),
    (300.0, 1.916e-11),
    (400.0, 2.803e-12),
    (500.0, 5.215e-13),
    (600.0, 1.137e-13),
    (700.0, 3.070e-14),
    (800.0, 1.136e-14),
    (900.0, 5.759e-15),
    (1000.0, 3.561e-15),
)
_GRID_TOP_KM = 200
_SOUND_TOP_KM = 86
_HEAT_CAPACITY_RATIO = 1.4  # [USSA76] gamma


def layer_state(height_m: float) -> tuple[float, float]:
    """Temperature [K] and pressure [Pa] below 86 km by the layer equations, exact."""
    geopotential_m = _EARTH_RADIUS_M * height_m / (_EARTH_RADIUS_M + height_m)
    pressure_pa = 101_325.0
    for (base_m, lapse_k_m, base_k), following in itertools.pairwise(_LAYERS):
        top_m = min(geopotential_m, following[0])
        if lapse_k_m == 0.0:
            pressure_pa *= math.exp(-_G0_M_S2 * (top_m - base_m) / (_GAS_CONSTANT_J_KG_K * base_k))
            temperature_k = base_k
        else:
            temperature_k = base_k + lapse_k_m * (top_m - base_m)
            pressure_pa *= (base_k / temperature_k) ** (_G0_M_S2 / _GAS_CONSTANT_J_KG_K / lapse_k_m)
        if geopotential_m <= following[0]:
            break
    return temperature_k, pressure_pa


def layer_density_kg_m3(height_m: float) -> float:
    """Density below 86 km by the layer equations, exact: the reference for the spline."""
    temperature_k, pressure_pa = layer_state(height_m)
    return pressure_pa / (_GAS_CONSTANT_J_KG_K * temperature_k)


def layer_sound_m_s(height_m: float) -> float:
    """Speed of sound to 86 km, exact ([USSA76] equation 50): the reference for the spline."""
    temperature_k, _ = layer_state(min(height_m, 1000.0 * _SOUND_TOP_KM))
    return math.sqrt(_HEAT_CAPACITY_RATIO * _GAS_CONSTANT_J_KG_K * temperature_k)


def _grid_values() -> Array:
    heights_km = np.arange(_GRID_TOP_KM + 1, dtype=np.float64)
    upper = np.array(_UPPER_TABLE)
    values: Array = np.interp(heights_km, upper[:, 0], np.log(upper[:, 1]))
    for index in range(86):
        values[index] = math.log(layer_density_kg_m3(1000.0 * heights_km[index]))
    return values


def spline_slopes(values: Array) -> Array:
    """Slopes at the nodes of the natural cubic spline on a unit grid (tridiagonal solve)."""
    n = len(values)
    matrix = np.zeros((n, n))
    right = np.zeros(n)
    matrix[0, :2] = (2.0, 1.0)
    right[0] = 3.0 * (values[1] - values[0])
    matrix[-1, -2:] = (1.0, 2.0)
    right[-1] = 3.0 * (values[-1] - values[-2])
    for i in range(1, n - 1):
        matrix[i, i - 1 : i + 2] = (1.0, 4.0, 1.0)
        right[i] = 3.0 * (values[i + 1] - values[i - 1])
    return np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)


LN_RHO = _grid_values()
LN_RHO_SLOPE = spline_slopes(LN_RHO)
SOUND_M_S = np.array([layer_sound_m_s(1000.0 * km) for km in range(_SOUND_TOP_KM + 1)])
SOUND_SLOPE = spline_slopes(SOUND_M_S)
TOP_KM = np.array([row[0] for row in _UPPER_TABLE if row[0] >= _GRID_TOP_KM])
TOP_LN_RHO = np.log(np.array([row[1] for row in _UPPER_TABLE if row[0] >= _GRID_TOP_KM]))


@kernel
def density_kg_m3(height_m: float) -> float:
    """Density [kg/m3] at a geometric height [m]; sea-level value below 0, zero above 1,000 km."""
    h = height_m * 1e-3
    if h <= 0.0:
        return math.exp(LN_RHO[0])
    if h > 1000.0:
        return 0.0
    if h < 200.0:
        i = int(h)
        s = h - i
        q = 1.0 - s
        return math.exp(
            LN_RHO[i] * (1.0 + 2.0 * s) * q * q
            + LN_RHO[i + 1] * s * s * (3.0 - 2.0 * s)
            + s * q * (LN_RHO_SLOPE[i] * q - LN_RHO_SLOPE[i + 1] * s)
        )
    i = 0
    while TOP_KM[i + 1] < h:
        i += 1
    s = (h - TOP_KM[i]) / (TOP_KM[i + 1] - TOP_KM[i])
    return math.exp(TOP_LN_RHO[i] * (1.0 - s) + TOP_LN_RHO[i + 1] * s)


@kernel
def speed_of_sound_m_s(height_m: float) -> float:
    """Speed of sound [m/s] at a geometric height [m]; held below 0 and above 86 km."""
    h = min(max(height_m * 1e-3, 0.0), _SOUND_TOP_KM - 1e-9)
    i = int(h)
    s = h - i
    q = 1.0 - s
    return float(
        SOUND_M_S[i] * (1.0 + 2.0 * s) * q * q
        + SOUND_M_S[i + 1] * s * s * (3.0 - 2.0 * s)
        + s * q * (SOUND_SLOPE[i] * q - SOUND_SLOPE[i + 1] * s)
    )
