"""How bright a rocket plume and a hot body are in band, by height, throttle and aspect.

Low down the plume is squeezed by the air and burns on in it; it grows as the outside pressure
falls, dims in a trough near 70 to 90 km, where burning in the air has ended and the gas expands
freely, and recovers above (F. S. Simmons, Rocket Exhaust Plume Phenomenology, Aerospace Press
2000, for the regimes; Forden, armscontrolwonk 302134, for the trough in both released images). The
regimes are from the literature; the numbers below are ours, soft, and stand for no real vehicle.
Flashes and gaps at staging belong to the trajectory, not to this module.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import BOLTZMANN_J_K, PLANCK_J_S, SPEED_OF_LIGHT_M_S
from forewarn.kernels.air import density_kg_m3
from forewarn.sensors.radiance import thermal_radiance
from forewarn.sensors.transmission import WATER_BAND, Band

Array = NDArray[np.float64]

# The brightness trough that both released images show between about 70 and 90 km (Forden).
_TROUGH_HEIGHT_M, _TROUGH_WIDTH_M, _TROUGH_DEPTH = 80_000.0, 10_000.0, 0.8
# Share of its full brightness that a plume lacks at sea level; falls with the pressure outside.
_SEA_LEVEL_LACK, _PRESSURE_SCALE_M = 0.6, 7_000.0
# Width over length: drawn out at 20 to 50 km, spread out above 70 to 80 km, as seen by GOES-16
# (CIMSS satellite blog, 2024-03-14); the two shares are ours.
_SLENDER, _SPREAD, _SPREADING_HEIGHT_M, _SPREADING_WIDTH_M = 0.2, 0.6, 75_000.0, 8_000.0

# 2 pi^5 k^4 / (15 h^3 c^2): Stefan and Boltzmann's constant [W m-2 K-4], exact in the SI.
_STEFAN_BOLTZMANN = (2.0 * np.pi**5 * BOLTZMANN_J_K**4) / (
    15.0 * PLANCK_J_S**3 * SPEED_OF_LIGHT_M_S**2
)
# Stagnation heating of air, kg^(1/2)/m: K. Sutton, R. A. Graves, NASA TR R-376 (1971).
_SUTTON_GRAVES = 1.7415e-4

_density_kg_m3 = np.vectorize(density_kg_m3, otypes=[np.float64])


def plume_factor(source_height_m: Array) -> Array:
    """Brightness of a plume at that height over that elsewhere: the trough at 70 to 90 km."""
    x = (source_height_m - _TROUGH_HEIGHT_M) / _TROUGH_WIDTH_M
    factor: Array = 1.0 - _TROUGH_DEPTH * np.exp(-(x**4))
    return factor


def plume_intensity_w_sr(
    full_intensity_w_sr: Array | float,
    height_m: Array | float,
    throttle: Array | float = 1.0,
    aspect_rad: Array | float = 0.5 * np.pi,
) -> Array:
    """In-band intensity of a plume; the full one is that at full throttle, broadside, in space.

    It is in proportion to ``throttle``, the share of the full mass flow. ``aspect_rad`` is the
    angle between the thrust and the line of sight, 0 or pi end on: the plume is taken to be opaque
    in band, so that it shows the projected area of an elongated spheroid (pi b sqrt(a^2 sin^2 +
    b^2 cos^2) for half axes a and b; G. T. Vickers, Powder Technology 86 (1996) 195). A thin
    plume would show no aspect: the effect is an upper bound. At full throttle and broadside it
    is within 4 % of `plume_factor` from 20 km up; below, it falls to 0.78 at 7 km and 0.4 at sea
    level.
    """
    height = np.asarray(height_m, dtype=np.float64)
    rise = 1.0 - _SEA_LEVEL_LACK * np.exp(-np.maximum(height, 0.0) / _PRESSURE_SCALE_M)
    spread = 0.5 + 0.5 * np.tanh((height - _SPREADING_HEIGHT_M) / _SPREADING_WIDTH_M)
    slenderness = _SLENDER + (_SPREAD - _SLENDER) * spread
    shown = np.hypot(np.sin(aspect_rad), slenderness * np.cos(aspect_rad))
    intensity: Array = full_intensity_w_sr * throttle * rise * plume_factor(height) * shown
    return intensity


def skin_intensity_w_sr(
    area_m2: Array | float,
    temperature_k: Array | float,
    emissivity: Array | float,
    band: Band = WATER_BAND,
) -> Array:
    """In-band intensity of a hot surface of that area across the line of sight: a grey body."""
    intensity: Array = np.asarray(area_m2) * emissivity * thermal_radiance(band, temperature_k)
    return intensity


def radiative_equilibrium_temperature_k(
    speed_m_s: Array | float,
    height_m: Array | float,
    nose_radius_m: Array | float,
    emissivity: Array | float,
) -> Array:
    """Stagnation temperature of a nose that radiates away what the air brings.

    The heat flux is Sutton and Graves's, K sqrt(density / nose radius) speed^3, for a cold wall
    and air at rest in chemical equilibrium; a hot wall takes up less, so this is an upper bound,
    fair above 3 km/s and below 80 km. Conduction and ablation are left out. The rest of a body is
    colder: a few tenths of this flux.
    """
    speed = np.asarray(speed_m_s, dtype=np.float64)
    flux_w_m2 = _SUTTON_GRAVES * np.sqrt(_density_kg_m3(height_m) / nose_radius_m) * speed**3
    temperature_k: Array = (flux_w_m2 / (emissivity * _STEFAN_BOLTZMANN)) ** 0.25
    return temperature_k
