"""Planck's law and sunlit clouds against quadrature and the laws of Wien, Stefan and Boltzmann."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.constants import Stefan_Boltzmann, Wien
from scipy.integrate import quad

from forewarn.sensors.radiance import (
    pixel_intensity_w_sr,
    point_irradiance_w_m2,
    solar_irradiance_w_m2,
    spectral_radiance_w_m3_sr,
    sunlit_cloud_radiance,
    thermal_radiance,
)
from forewarn.sensors.transmission import CARBON_DIOXIDE_BAND, WATER_BAND, Band

WAVELENGTH = np.linspace(0.1e-6, 200e-6, 400_001)


def test_planck_has_the_total_of_stefan_and_boltzmann() -> None:
    """pi times the integral over all wavelengths is sigma T^4 (CODATA)."""
    total = np.pi * np.trapezoid(
        spectral_radiance_w_m3_sr(WAVELENGTH, np.array(1_500.0)), WAVELENGTH
    )
    assert float(total) == pytest.approx(Stefan_Boltzmann * 1_500.0**4, rel=1e-4)


def test_planck_peaks_where_wien_says() -> None:
    """Wavelength of the peak times temperature is 2,898 um K (CODATA)."""
    spectrum = spectral_radiance_w_m3_sr(WAVELENGTH, np.array(1_000.0))
    assert float(WAVELENGTH[np.argmax(spectrum)]) * 1_000.0 == pytest.approx(Wien, rel=1e-3)


@pytest.mark.parametrize("band", [WATER_BAND, CARBON_DIOXIDE_BAND], ids=lambda band: band.name)
@pytest.mark.parametrize("temperature_k", [220.0, 1_800.0, 5_772.0])
def test_a_band_is_integrated_not_multiplied(band: Band, temperature_k: float) -> None:
    """Against adaptive quadrature; at 220 K the mid-band value times the width is 7 % off."""
    low, high = band.wavelength_m - band.width_m / 2, band.wavelength_m + band.width_m / 2
    scale = 1e6

    def per_micrometre(x: float) -> float:
        wavelength = np.array(x / scale)
        return float(spectral_radiance_w_m3_sr(wavelength, np.array(temperature_k))) / scale

    expected, _ = quad(per_micrometre, low * scale, high * scale, epsrel=1e-12, epsabs=0.0)
    assert float(thermal_radiance(band, temperature_k)) == pytest.approx(expected, rel=1e-10)


def test_the_sun_in_band_is_near_the_measured_one() -> None:
    """ASTM E490 has about 33 W m-2 um-1 at 2.7 um and 6 at 4.3 um (from memory, soft)."""
    for band, expected in ((WATER_BAND, 33.0), (CARBON_DIOXIDE_BAND, 6.0)):
        spectral = solar_irradiance_w_m2(band) / (band.width_m * 1e6)
        assert spectral == pytest.approx(expected, rel=0.25)


def test_a_cloud_reflects_by_lambert() -> None:
    """All light of a white cloud leaves it: pi L = E cos(zenith). At night there is none."""
    zenith = math.radians(60.0)
    white = float(sunlit_cloud_radiance(WATER_BAND, 1.0, zenith))
    assert math.pi * white == pytest.approx(0.5 * solar_irradiance_w_m2(WATER_BAND))
    assert float(sunlit_cloud_radiance(WATER_BAND, 1.0, math.radians(91.0))) == 0.0
    grey = sunlit_cloud_radiance(WATER_BAND, 0.3, np.array([zenith]), transmission=0.5)
    np.testing.assert_allclose(grey, [0.15 * white])


def test_a_pixel_is_a_point_of_its_area() -> None:
    """Radiance times area, then the inverse square: the same as radiance times solid angle."""
    intensity = float(pixel_intensity_w_sr(2.0, 500.0))
    assert intensity == pytest.approx(5e5)
    solid_angle_sr = (500.0 / 4e7) ** 2
    assert float(point_irradiance_w_m2(intensity, 4e7)) == pytest.approx(2.0 * solid_angle_sr)
