"""Plumes by height, throttle and aspect; hot bodies by temperature."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forewarn.sensors.plume import (
    plume_factor,
    plume_intensity_w_sr,
    radiative_equilibrium_temperature_k,
    skin_intensity_w_sr,
)
from forewarn.sensors.transmission import CARBON_DIOXIDE_BAND, WATER_BAND

HEIGHTS = np.arange(-1_000.0, 300_000.0, 100.0)


def test_plumes_dim_between_70_and_90_km() -> None:
    """The trough of the released satellite images, and full brightness on both sides."""
    assert float(plume_factor(np.array(80_000.0))) < 0.3
    assert float(plume_factor(np.array(60_000.0))) > 0.99
    assert float(plume_factor(np.array(100_000.0))) > 0.99
    shown = plume_intensity_w_sr(1e6, np.array([60e3, 80e3, 100e3]))
    assert shown[1] < 0.3 * min(shown[0], shown[2])


def test_a_plume_grows_out_of_the_air() -> None:
    """From less than half at sea level, always brighter to 50 km; from 20 km on close to full."""
    climbing = plume_intensity_w_sr(1.0, np.linspace(0.0, 50_000.0, 501))
    assert 0.1 < climbing[0] < 0.5
    assert np.all(np.diff(climbing) > 0.0)
    high = HEIGHTS[HEIGHTS >= 20_000.0]
    np.testing.assert_allclose(plume_intensity_w_sr(1.0, high), plume_factor(high), rtol=0.04)


@pytest.mark.parametrize("aspect_rad", [0.0, 0.4, 1.5])
def test_brightness_is_smooth_and_positive(aspect_rad: float) -> None:
    """No step and no kink: the second difference over 100 m stays small, at every aspect."""
    shown = plume_intensity_w_sr(1.0, HEIGHTS[HEIGHTS > 0.0], 1.0, aspect_rad)
    assert np.all((shown > 0.0) & (shown <= 1.0))
    assert float(np.max(np.abs(np.diff(shown)))) < 0.02
    assert float(np.max(np.abs(np.diff(shown, 2)))) < 5e-4


def test_brightness_goes_with_the_mass_flow() -> None:
    """Half throttle, half the light; an engine that is off shows none."""
    shown = plume_intensity_w_sr(3e5, 40_000.0, np.array([0.0, 0.5, 1.0]))
    np.testing.assert_allclose(shown, shown[2] * np.array([0.0, 0.5, 1.0]))


def test_a_plume_end_on_is_smaller() -> None:
    """Projected area of a spheroid, by counting points of its outline: a fifth below, 0.6 above."""
    length, width = 1.0, 0.2
    aspect = 0.7
    turn = np.linspace(0.0, 2.0 * np.pi, 2_001)
    # The shadow across the line of sight is an ellipse; its long half axis is found from points.
    along, across = length * np.cos(turn), width * np.sin(turn)
    reach = float(np.max(along * math.sin(aspect) + across * math.cos(aspect)))
    expected = reach / length
    full = float(plume_intensity_w_sr(1.0, 30_000.0))
    assert float(plume_intensity_w_sr(1.0, 30_000.0, 1.0, aspect)) == pytest.approx(
        expected * full, rel=1e-3
    )
    end_on = plume_intensity_w_sr(1.0, np.array([30_000.0, 120_000.0]), 1.0, 0.0)
    np.testing.assert_allclose(end_on, [0.2 * full, 0.6], rtol=2e-3)
    head_on = plume_intensity_w_sr(1.0, 30_000.0, 1.0, np.array([0.3, math.pi - 0.3]))
    assert head_on[0] == pytest.approx(head_on[1])


def test_skin_is_a_grey_body() -> None:
    """Planck's law by hand at 1,800 K and 2.7 um: 45.3 kW m-2 sr-1 um-1, within 1 % over 0.2 um."""
    found = float(skin_intensity_w_sr(2.0, 1_800.0, 0.85))
    assert found == pytest.approx(2.0 * 0.85 * 45.3e3 * 0.2, rel=0.01)
    cooler = skin_intensity_w_sr(2.0, np.array([900.0, 1_800.0]), 0.85, WATER_BAND)
    assert cooler[0] < 0.1 * cooler[1]
    # By Wien's law the peak is at 1.6 um for 1,800 K and at 4.8 um for 600 K.
    longer = skin_intensity_w_sr(2.0, np.array([600.0, 1_800.0]), 0.85, CARBON_DIOXIDE_BAND)
    shorter = skin_intensity_w_sr(2.0, np.array([600.0, 1_800.0]), 0.85, WATER_BAND)
    np.testing.assert_array_equal(longer > shorter, [True, False])


def test_a_capsule_is_heated_as_stardust_was() -> None:
    """Stardust's peak, about 11 km/s at 60 km, nose 0.23 m: near 1,000 W/cm2 (soft, from memory).

    The flux is recovered from the temperature by Stefan and Boltzmann.
    """
    temperature = float(radiative_equilibrium_temperature_k(11_000.0, 60_000.0, 0.23, 1.0))
    flux_w_cm2 = 5.670374e-8 * temperature**4 * 1e-4
    assert 600.0 < flux_w_cm2 < 1_400.0


def test_the_orbiter_nose_glows_as_it_did() -> None:
    """Shuttle Orbiter, 6.7 km/s at 71 km, nose near 0.8 m: about 1,700 K (soft, from memory).

    Its nose cap was rated for 1,920 K.
    """
    temperature = float(radiative_equilibrium_temperature_k(6_700.0, 71_000.0, 0.8, 0.85))
    assert 1_500.0 < temperature < 1_920.0


def test_temperature_scales_as_the_flux_does() -> None:
    """T^4 goes with V^3, with 1/sqrt(radius), with sqrt(density) and with 1/emissivity."""
    base = float(radiative_equilibrium_temperature_k(6_000.0, 50_000.0, 0.1, 0.8))
    faster = float(radiative_equilibrium_temperature_k(3_000.0, 50_000.0, 0.1, 0.8))
    blunter = float(radiative_equilibrium_temperature_k(6_000.0, 50_000.0, 1.6, 0.8))
    blacker = float(radiative_equilibrium_temperature_k(6_000.0, 50_000.0, 0.1, 0.4))
    assert base / faster == pytest.approx(2.0**0.75)
    assert base / blunter == pytest.approx(16.0**0.125)
    assert blacker / base == pytest.approx(2.0**0.25)
    heights = radiative_equilibrium_temperature_k(6_000.0, np.array([0.0, 18_000.0]), 0.1, 0.8)
    # U.S. Standard Atmosphere 1976, table I: 1.2250 and 0.12165 kg/m3.
    assert heights[0] / heights[1] == pytest.approx((1.2250 / 0.12165) ** 0.125, rel=1e-4)
