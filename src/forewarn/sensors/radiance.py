"""In-band light of warm and of sunlit things, before the air, in SI units throughout.

Spectral radiance is per metre of wavelength: W m-2 sr-1 um-1 is 1e-6 of it. The Sun is a black
body of 5,772 K at one astronomical unit, which is about a tenth too bright beyond two micrometres
(soft: against the solar spectra of ASTM E490). Clouds reflect alike in all directions; the mirror
facets on top of that are in `forewarn.sensors.glint`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import (
    ASTRONOMICAL_UNIT_M,
    BOLTZMANN_J_K,
    PLANCK_J_S,
    SPEED_OF_LIGHT_M_S,
    SUN_RADIUS_M,
    SUN_TEMPERATURE_K,
)
from forewarn.sensors.transmission import Band

Array = NDArray[np.float64]

# Gauss-Legendre nodes and weights on -1 to 1: Planck's law over a band, exact to rounding.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
_SUN_PROJECTED_SR = np.pi * (SUN_RADIUS_M / ASTRONOMICAL_UNIT_M) ** 2


def spectral_radiance_w_m3_sr(wavelength_m: Array, temperature_k: Array) -> Array:
    """Spectral radiance of a black body [W m-2 sr-1 per m of wavelength]: Planck's law."""
    exponent = PLANCK_J_S * SPEED_OF_LIGHT_M_S / (wavelength_m * BOLTZMANN_J_K * temperature_k)
    numerator = 2.0 * PLANCK_J_S * SPEED_OF_LIGHT_M_S**2 / wavelength_m**5
    radiance: Array = numerator / np.expm1(exponent)
    return radiance


def thermal_radiance(band: Band, temperature_k: Array | float) -> Array:
    """In-band radiance [W m-2 sr-1] of a black body: Planck's law integrated over the band."""
    half_m = 0.5 * band.width_m
    temperature = np.asarray(temperature_k, dtype=np.float64)
    wavelength_m = band.wavelength_m + half_m * _NODES
    spectral = spectral_radiance_w_m3_sr(wavelength_m, temperature[..., None])
    radiance: Array = half_m * np.sum(_WEIGHTS * spectral, axis=-1)
    return radiance


def solar_irradiance_w_m2(band: Band) -> float:
    """In-band irradiance of the Sun outside the air, across its rays, at one astronomical unit."""
    return _SUN_PROJECTED_SR * float(thermal_radiance(band, SUN_TEMPERATURE_K))


def sunlit_cloud_radiance(
    band: Band,
    albedo: Array | float,
    sun_zenith_rad: Array | float,
    *,
    transmission: Array | float = 1.0,
) -> Array:
    """In-band radiance [W m-2 sr-1] of a level cloud, snowfield or sea that reflects by Lambert.

    ``transmission`` is that of `sunlit_transmission`, down and up; one is the bare cloud. An
    albedo of 0.5 is an upper bound near 2.7 micrometres, where ice and water absorb. Nothing is
    lit when the Sun is below the horizon.
    """
    level = np.maximum(np.cos(sun_zenith_rad), 0.0)
    radiance: Array = solar_irradiance_w_m2(band) / np.pi * (albedo * level * transmission)
    return radiance


def pixel_intensity_w_sr(radiance_w_m2_sr: Array | float, footprint_m: float) -> Array:
    """Intensity of the point that a pixel cannot tell from a filled footprint of that side.

    The footprint is measured across the line of sight.
    """
    intensity: Array = np.asarray(radiance_w_m2_sr) * footprint_m**2
    return intensity


def point_irradiance_w_m2(intensity_w_sr: Array | float, range_m: Array | float) -> Array:
    """Irradiance of a point source at a distance, without air between."""
    irradiance: Array = np.asarray(intensity_w_sr) / np.square(range_m)
    return irradiance
