"""What the air lets through, by height, elevation and band."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forewarn.sensors.transmission import (
    CARBON_DIOXIDE_BAND,
    WATER_BAND,
    Band,
    band_transmission,
    sunlit_transmission,
)

BANDS = (WATER_BAND, CARBON_DIOXIDE_BAND)


def test_the_air_hides_low_plumes_and_frees_high_ones() -> None:
    """Near zero below 3 km, about half at the usual cloud-break height, one above 20 km."""
    heights = np.linspace(0.0, 60_000.0, 61)
    overhead = band_transmission(heights, np.ones(61))
    assert overhead[2] < 0.01
    assert 0.3 < overhead[7] < 0.6
    assert overhead[20] > 0.95
    assert np.all(np.diff(overhead) > 0.0)


def test_the_second_colour_opens_higher() -> None:
    """Carbon dioxide reaches higher than water: dark at 10 km, half at 21 km, clear at 40 km."""
    heights = np.array([10_000.0, 21_000.0, 40_000.0])
    overhead = band_transmission(heights, np.ones(3), CARBON_DIOXIDE_BAND)
    assert overhead[0] < 0.1
    assert overhead[1] == pytest.approx(0.5, abs=0.05)
    assert overhead[2] > 0.9


@pytest.mark.parametrize("band", BANDS, ids=lambda band: band.name)
def test_more_height_and_more_elevation_never_darken(band: Band) -> None:
    """Monotone over the whole grid, and always a share between 0 and 1."""
    heights, sines = np.linspace(-500.0, 120_000.0, 121), np.linspace(-0.3, 1.0, 131)
    share = band_transmission(heights[:, None], sines[None, :], band)
    assert np.all((share >= 0.0) & (share <= 1.0))
    assert np.all(np.diff(share, axis=0) >= 0.0)
    assert np.all(np.diff(share, axis=1) >= 0.0)


def test_a_slanted_path_crosses_more_air() -> None:
    """At 30 degrees of elevation the optical depth doubles; on the horizon it stays finite."""
    height = np.array(10_000.0)
    overhead = float(band_transmission(height, np.array(1.0)))
    slanted = float(band_transmission(height, np.array(0.5)))
    assert math.log(slanted) == pytest.approx(2.0 * math.log(overhead), rel=0.01)
    assert float(band_transmission(height, np.array(-0.2))) > 0.0


def test_air_masses_are_those_of_kasten_and_young() -> None:
    """Their table II (1989): 37.92 at 0, 10.31 at 5, 5.58 at 10 and 1.994 at 30 degrees."""
    elevation = np.radians([0.0, 5.0, 10.0, 30.0])
    depth = -np.log(band_transmission(np.full(4, 30_000.0), np.sin(elevation)))
    overhead = -math.log(float(band_transmission(np.array(30_000.0), np.array(1.0))))
    np.testing.assert_allclose(depth / overhead, [37.92, 10.31, 5.58, 1.994], rtol=5e-3)


def test_sunlight_crosses_the_air_twice() -> None:
    """With Sun and satellite overhead the depth doubles; a low Sun darkens the cloud further."""
    top, overhead = np.array(8_000.0), np.array(1.0)
    once = float(band_transmission(top, overhead))
    assert float(sunlit_transmission(top, overhead, overhead)) == pytest.approx(once * once)
    low_sun = float(sunlit_transmission(top, np.array(0.2), overhead))
    low_satellite = float(sunlit_transmission(top, overhead, np.array(0.2)))
    assert low_sun == pytest.approx(low_satellite)
    assert low_sun < 0.1 * once


def test_water_hides_low_clouds_and_shows_high_ones() -> None:
    """What the water band is for: sunlight off a stratus deck is gone, off a cirrus anvil not.

    The other colour sees neither.
    """
    tops, sines = np.array([1_500.0, 14_000.0]), np.full(2, 0.7)
    water = sunlit_transmission(tops, sines, sines)
    assert water[0] < 1e-6
    assert water[1] > 0.6
    assert np.all(sunlit_transmission(tops, sines, sines, CARBON_DIOXIDE_BAND) < 0.02)
