"""Glints: mirror geometry, Fresnel's law, and the energy that a rough sea sends back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from forewarn.frames import ecef_from_geodetic, enu_axes
from forewarn.sensors.glint import (
    GlintGeometry,
    fresnel_reflectance,
    glint_geometry,
    glint_intensity_w_sr,
    sea_tilt_sigma_rad,
)
from forewarn.sensors.radiance import solar_irradiance_w_m2
from forewarn.sensors.transmission import CARBON_DIOXIDE_BAND, WATER_BAND

Array = NDArray[np.float64]

PLACE = ecef_from_geodetic(0.8, -1.9, 0.0)
UP_AXES = enu_axes(0.8, -1.9)
FAR = 4e7


def towards(azimuth_deg: Array | float, elevation_deg: Array | float) -> Array:
    """Unit directions in ecef from the place."""
    azimuth, elevation = np.radians(azimuth_deg), np.radians(elevation_deg)
    local = np.stack(
        np.broadcast_arrays(
            np.sin(azimuth) * np.cos(elevation),
            np.cos(azimuth) * np.cos(elevation),
            np.sin(elevation),
        ),
        axis=-1,
    )
    return local @ UP_AXES


def geometry(
    sun: tuple[float, float], satellite: tuple[float, float], *, place: Array = PLACE
) -> GlintGeometry:
    """The glint geometry for azimuths and elevations of the Sun and the satellite [deg]."""
    return glint_geometry(place, towards(*sun), place + FAR * towards(*satellite))


def test_a_level_mirror_sends_light_to_the_opposite_azimuth() -> None:
    """Sun at 40 degrees, satellite at 40 degrees opposite: no tilt, turned by 80, in the plane."""
    found = geometry((200.0, 40.0), (20.0, 40.0))
    assert math.degrees(float(found.facet_tilt_rad)) == pytest.approx(0.0, abs=1e-5)
    assert math.degrees(float(found.scattering_angle_rad)) == pytest.approx(80.0)
    assert math.degrees(float(found.plane_offset_rad)) == pytest.approx(0.0, abs=1e-6)


def test_tilt_and_offset_by_hand() -> None:
    """In the plane the tilt is half the difference of elevations; out of it the azimuths count."""
    lower = geometry((200.0, 40.0), (20.0, 10.0))
    assert math.degrees(float(lower.facet_tilt_rad)) == pytest.approx(15.0)
    assert math.degrees(float(lower.scattering_angle_rad)) == pytest.approx(50.0)
    for azimuth, offset in ((27.0, 7.0), (13.0, 7.0), (200.0, 180.0), (-100.0, 120.0)):
        found = geometry((200.0, 40.0), (azimuth, 10.0))
        assert math.degrees(float(found.plane_offset_rad)) == pytest.approx(offset, abs=1e-5)
    back = geometry((200.0, 40.0), (200.0, 40.0))
    assert math.degrees(float(back.scattering_angle_rad)) == pytest.approx(180.0, abs=1e-5)


def test_arrays_are_rows_of_single_ones() -> None:
    """(k, 3) in, (k,) out."""
    sun, satellites = towards(200.0, 40.0), PLACE + FAR * towards(np.array([0.0, 20.0]), 10.0)
    both = glint_geometry(PLACE, sun, satellites)
    for row in range(2):
        one = glint_geometry(PLACE, sun, satellites[row])
        np.testing.assert_allclose([x[row] for x in both], [float(x) for x in one])


def test_no_glint_from_below_the_horizon() -> None:
    """A Sun that has set makes none, though a facet could be found; nor is a hidden satellite lit.

    Light straight on (a grazing line) divides by nothing.
    """
    set_sun = geometry((200.0, -5.0), (20.0, 25.0))
    hidden = geometry((200.0, 40.0), (20.0, -2.0))
    straight = geometry((200.0, 5.0), (20.0, -5.0))
    for found in (set_sun, hidden, straight):
        assert float(found.facet_tilt_rad) == pytest.approx(math.pi / 2)
        assert float(glint_intensity_w_sr(found, 1e6, 0.2)) == 0.0


def test_fresnel_by_its_landmarks() -> None:
    """((n-1)/(n+1))^2 straight on; all at grazing; Hecht, Optics: 2.0 % for water, 4 % for glass.

    At Brewster's angle only one polarisation is left: half of ((n^2-1)/(n^2+1))^2.
    """
    assert float(fresnel_reflectance(0.0, 1.333)) == pytest.approx(0.0204, abs=1e-4)
    assert float(fresnel_reflectance(0.0, 1.5)) == pytest.approx(0.04)
    assert float(fresnel_reflectance(math.pi / 2, 1.333)) == pytest.approx(1.0)
    brewster = float(fresnel_reflectance(math.atan(1.5), 1.5))
    assert brewster == pytest.approx(0.5 * (1.25 / 3.25) ** 2)
    n, k = 1.2, 0.3  # an absorbing surface: ((n-1)^2 + k^2) / ((n+1)^2 + k^2)
    expected = ((n - 1) ** 2 + k * k) / ((n + 1) ** 2 + k * k)
    assert float(fresnel_reflectance(0.0, complex(n, k))) == pytest.approx(expected)


def test_a_perfect_rough_mirror_sends_back_all_the_light() -> None:
    """Integrated over the sky, what a patch under a high Sun sends out is what falls on it.

    An index of 1e9 mirrors all. With a Sun overhead and slopes of 5 degrees no light is lost
    below the horizon; the integral over the hemisphere is the irradiance times the area.
    """
    zenith = np.radians(np.arange(0.25, 90.0, 0.5))
    directions = towards(0.0, 90.0 - np.degrees(zenith))
    found = glint_geometry(PLACE, towards(0.0, 90.0), PLACE + FAR * directions)
    intensity = glint_intensity_w_sr(found, 1.0, math.radians(5.0), refractive_index=1e9)
    sent = float(np.sum(intensity * 2.0 * np.pi * np.sin(zenith))) * math.radians(0.5)
    # A tilted facet takes in cos(tilt) of the light on 1 / cos(tilt) of the area: nothing lost.
    assert sent == pytest.approx(solar_irradiance_w_m2(WATER_BAND), rel=2e-3)


def test_intensity_by_hand() -> None:
    """Cox and Munk's formula with numbers put in: level facets, 7 degrees, one square kilometre."""
    found = geometry((200.0, 40.0), (20.0, 40.0))
    variance = math.tan(math.radians(7.0)) ** 2
    expected = 7.4588 * 0.0204 * 1e6 / (8.0 * math.pi * variance)
    steep = GlintGeometry(np.array(math.pi), found.facet_tilt_rad, found.plane_offset_rad)
    shown = glint_intensity_w_sr(steep, 1e6, math.radians(7.0), refractive_index=1.3331)
    assert float(shown) == pytest.approx(expected, rel=2e-3)
    dimmed = glint_intensity_w_sr(
        steep, 5e5, math.radians(7.0), refractive_index=1.3331, transmission=0.5
    )
    assert float(dimmed) == pytest.approx(0.25 * float(shown))


def test_the_second_colour_glints_less() -> None:
    """The Sun is five times weaker there; ice mirrors better, so the ratio is below that."""
    found = geometry((200.0, 40.0), (20.0, 12.0))
    water, carbon_dioxide = (
        float(glint_intensity_w_sr(found, 1e6, 0.12, band))
        for band in (WATER_BAND, CARBON_DIOXIDE_BAND)
    )
    assert 1.0 < water / carbon_dioxide < 5.3


def test_the_slopes_of_cox_and_munk() -> None:
    """Mean square slope 0.0542 in 10 m/s of wind, so 9.4 degrees about each axis; 2.2 in calm."""
    found = np.degrees(sea_tilt_sigma_rad(np.array([0.0, 10.0])))
    np.testing.assert_allclose(found, [2.2, 9.35], atol=0.05)
