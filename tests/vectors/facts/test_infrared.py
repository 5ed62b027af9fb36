"""Published numbers of the infrared: signals and clouds, the Thule Moon, the 1983 sun glints."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from forewarn.epoch import DAY_NS, SECOND_NS, tai_ns_from_utc_text
from forewarn.frames import (
    EarthOrientation,
    ecef_from_geodetic,
    gcrf_to_ecef_matrix,
    geodetic_from_ecef,
    range_azimuth_elevation,
)
from forewarn.frames.sun_moon import moon_gcrf_m, sun_gcrf_m
from forewarn.sensors.glint import glint_geometry, glint_intensity_w_sr
from forewarn.sensors.infrared import background_is_earth, source_irradiance_w_m2
from forewarn.sensors.plume import (
    plume_intensity_w_sr,
    radiative_equilibrium_temperature_k,
    skin_intensity_w_sr,
)
from forewarn.sensors.radiance import (
    pixel_intensity_w_sr,
    point_irradiance_w_m2,
    spectral_radiance_w_m3_sr,
    sunlit_cloud_radiance,
)
from forewarn.sensors.sight import unit
from forewarn.sensors.transmission import CARBON_DIOXIDE_BAND, WATER_BAND, band_transmission

Array = NDArray[np.float64]

THULE = {
    "latitude_rad": math.radians(76.570),
    "longitude_rad": math.radians(-68.299),
    "height_m": 390.0,
}
MALMSTROM = {
    "latitude_rad": math.radians(47.505),
    "longitude_rad": math.radians(-111.187),
    "height_m": 1_000.0,
}
CLOUD_TOP_M = 12_000.0

# ------------------------------------------------------------------ A9: the Moon over Thule


class Sight(NamedTuple):
    """What a radar would have measured of the Moon."""

    range_m: float
    azimuth_deg: float
    elevation_deg: float


def moon_over_thule(clock: str) -> Sight:
    """The Moon on 1960-10-05 at a UT clock time, with UT1 = UTC and no polar motion.

    The shipped table of Earth orientation begins in 1973 and UTC text in 1972; TAI was 1.4 s
    ahead of UTC then (IERS). UT1 = UTC is good to 0.1 s, 1.5 arcseconds.
    """
    elapsed = datetime.fromisoformat(f"1960-10-05T{clock}").replace(tzinfo=UTC)
    seconds = round((elapsed - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    instant = seconds * SECOND_NS + 1_400_000_000
    still = (0.0, 0.0)
    orientation = EarthOrientation(
        source="UT1 = UTC",
        day_tai_ns=(instant - DAY_NS, instant + DAY_NS),
        ut1_minus_tai_s=(-1.4, -1.4),
        pole_x_rad=still,
        pole_y_rad=still,
        celestial_dx_rad=still,
        celestial_dy_rad=still,
    )
    moon = gcrf_to_ecef_matrix(instant, orientation) @ moon_gcrf_m(instant)
    range_m, azimuth, elevation = range_azimuth_elevation(moon, **THULE)
    return Sight(range_m, math.degrees(azimuth), math.degrees(elevation))


def test_a9_the_moon_rises_over_thule() -> None:
    """A9: it crossed 0 degrees at about 21:36 UT at azimuth 65, 3 degrees at 22:29 at azimuth 78.

    Computed elsewhere with astropy; BMEWS Thule, 1960-10-05. In 5 minutes it rises 0.27 degrees.
    """
    rising = moon_over_thule("21:36:00")
    assert rising.elevation_deg == pytest.approx(0.0, abs=0.05)
    assert rising.azimuth_deg == pytest.approx(65.0, abs=0.5)
    risen = moon_over_thule("22:29:30")
    assert risen.elevation_deg == pytest.approx(3.0, abs=0.05)
    assert risen.azimuth_deg == pytest.approx(78.0, abs=0.5)


def test_a9_its_echo_comes_too_late_and_too_slow() -> None:
    """A9: 382,840 km, an echo after 2.554 s, -56 m/s: none of it fits a missile."""
    risen = moon_over_thule("22:29:00")
    assert risen.range_m == pytest.approx(382_840e3, abs=30e3)
    assert 2.0 * risen.range_m / 299_792_458.0 == pytest.approx(2.554, abs=5e-4)
    rate_m_s = (moon_over_thule("22:30:00").range_m - moon_over_thule("22:28:00").range_m) / 120.0
    assert rate_m_s == pytest.approx(-56.0, abs=1.0)


def test_fa1_the_moon_at_the_often_told_time() -> None:
    """FA-1: at 22:15 UT, if 3:15 pm in Colorado is right, azimuth 74.4, elevation 2.2."""
    told = moon_over_thule("22:15:00")
    assert told.azimuth_deg == pytest.approx(74.4, abs=0.15)
    assert told.elevation_deg == pytest.approx(2.2, abs=0.06)


# ------------------------------------------------------------------ A10: Cosmos 1382, 1983-09-25


def sun_ecef_m(clock: str) -> Array:
    """The Sun on 1983-09-25 at a UTC clock time."""
    instant = tai_ns_from_utc_text(f"1983-09-25T{clock}:00Z")
    matrix = gcrf_to_ecef_matrix(instant, EarthOrientation.from_iers())
    return matrix @ sun_gcrf_m(instant)


@pytest.mark.parametrize(
    ("clock", "azimuth_deg", "elevation_deg"),
    [("20:00", 194.4, 40.7), ("20:15", 199.3, 40.0), ("20:40", 207.0, 38.3)],
)
def test_a10_the_sun_over_malmstrom(clock: str, azimuth_deg: float, elevation_deg: float) -> None:
    """A10 and its refinement: azimuth and elevation, computed elsewhere with astropy."""
    _, azimuth, elevation = range_azimuth_elevation(sun_ecef_m(clock), **MALMSTROM)
    assert math.degrees(azimuth) == pytest.approx(azimuth_deg, abs=0.06)
    assert math.degrees(elevation) == pytest.approx(elevation_deg, abs=0.06)


def test_a10_the_subsolar_point() -> None:
    """0.96 S 125.6 W at 20:15 as published, within 0.25 degrees.

    That number takes right ascension of J2000 against sidereal time of date, which is off by the
    precession of 16 years: 0.09 and 0.21 degrees. The equator of date gives 0.87 S 125.8 W.
    """
    latitude, longitude, _ = geodetic_from_ecef(sun_ecef_m("20:15"))
    assert math.degrees(latitude) == pytest.approx(-0.96, abs=0.12)
    assert math.degrees(longitude) == pytest.approx(-125.6, abs=0.25)
    # Declination 2.231 days after the equinox of 1983-09-23 14:42 UT, 0.39 degrees a day.
    assert math.degrees(latitude) == pytest.approx(-2.231 * 0.390, abs=0.01)


class Glint(NamedTuple):
    """The glint geometries of the swept satellite places, as arrays of degrees, and the places."""

    satellites_ecef_m: Array
    azimuth_deg: Array
    elevation_deg: Array
    scattering_deg: Array
    tilt_deg: Array
    offset_deg: Array


def swept() -> Glint:
    """Satellites 30,000 to 39,000 km over 55 to 63 N 10 to 40 E, near the Sun's plane."""
    sun = unit(sun_ecef_m("20:15"))
    cloud = ecef_from_geodetic(MALMSTROM["latitude_rad"], MALMSTROM["longitude_rad"], 1_000.0)
    rows, places = [], []
    for height_m in (30e6, 35e6, 39e6):
        for latitude_deg in (55.0, 60.0, 62.8):
            for longitude_deg in (10.0, 20.0, 25.0, 30.0, 35.0, 40.0):
                place = ecef_from_geodetic(
                    math.radians(latitude_deg), math.radians(longitude_deg), height_m
                )
                _, azimuth, elevation = range_azimuth_elevation(place, **MALMSTROM)
                if abs(math.degrees(azimuth) - 19.3) < 8.0:
                    found = glint_geometry(cloud, sun, place)
                    rows.append((azimuth, elevation, *(float(x) for x in found)))
                    places.append(place)
    return Glint(np.array(places), *np.degrees(np.array(rows)).T)


def test_a10_the_satellite_stood_opposite_the_sun() -> None:
    """A10: azimuth 14 to 27, elevation 5 to 22, scattering 45 to 63, tilt 11 to 18 degrees.

    Everywhere the alarm-prone region: tilt under 20 and offset under 10 degrees.
    """
    found = swept()
    assert found.azimuth_deg.min() == pytest.approx(14.0, abs=0.5)
    assert found.azimuth_deg.max() == pytest.approx(27.0, abs=0.5)
    assert found.elevation_deg.min() == pytest.approx(5.0, abs=0.5)
    assert found.elevation_deg.max() == pytest.approx(22.0, abs=0.5)
    assert found.scattering_deg.min() == pytest.approx(45.0, abs=0.6)
    assert found.scattering_deg.max() == pytest.approx(63.0, abs=0.6)
    assert found.tilt_deg.min() == pytest.approx(11.0, abs=0.6)
    assert found.tilt_deg.max() == pytest.approx(18.0, abs=0.6)
    assert np.all((found.tilt_deg < 20.0) & (found.offset_deg < 10.0))


def lowest_against_space_m(satellite_ecef_m: Array) -> float:
    """Least height over Malmstrom from which a source stands against space, to a kilometre."""
    heights = np.arange(0.0, 600e3, 1e3)
    points = np.array(
        [
            ecef_from_geodetic(MALMSTROM["latitude_rad"], MALMSTROM["longitude_rad"], h)
            for h in heights
        ]
    )
    earth = background_is_earth(points, satellite_ecef_m)
    assert np.all(np.diff(earth.astype(int)) <= 0)  # once against space, always above
    return float(heights[np.argmin(earth)])


def test_a10_how_high_a_target_stands_against_space() -> None:
    """Section 5.2: from 25 to 475 km for those places, on a sphere in steps of 5 km."""
    lowest = [lowest_against_space_m(place) for place in swept().satellites_ecef_m]
    assert min(lowest) == pytest.approx(25e3, abs=10e3)
    assert max(lowest) == pytest.approx(475e3, abs=15e3)


def test_a10_fordens_150_km() -> None:
    """Forden's hypothetical missile at 150 km is against space at elevations of 12 to 13 degrees.

    Sub-point 60 N 35 to 40 E: it is so at 39,000 km over 40 E and at 35,000 km over 35 E.
    """
    for height_m, longitude_deg in ((39e6, 40.0), (35e6, 35.0)):
        place = ecef_from_geodetic(math.radians(60.0), math.radians(longitude_deg), height_m)
        _, _, elevation = range_azimuth_elevation(place, **MALMSTROM)
        assert 11.8 < math.degrees(elevation) < 13.2
        assert lowest_against_space_m(place) == pytest.approx(150e3, abs=12e3)


@pytest.mark.parametrize("sigma_deg", [5.0, 7.0, 10.0])
def test_a10_a_cloud_top_reaches_the_light_of_a_plume(sigma_deg: float) -> None:
    """Facets of 5 to 10 degrees on 1 km2: 1e4 to 2e5 W/sr, an upper stage to a first stage.

    Through the air over a 12 km deck the largest still passes 6 sigma of 2e-12 W/m2.
    """
    sun = unit(sun_ecef_m("20:15"))
    satellites = swept().satellites_ecef_m
    cloud = ecef_from_geodetic(MALMSTROM["latitude_rad"], MALMSTROM["longitude_rad"], CLOUD_TOP_M)
    geometry = glint_geometry(cloud, sun, satellites)
    shown = glint_intensity_w_sr(geometry, 1e6, math.radians(sigma_deg))
    assert 1e4 < float(np.median(shown)) < 2e5
    assert 5e4 < float(shown.max()) < 3e5
    best = int(np.argmax(shown))
    arriving = source_irradiance_w_m2(shown[best], cloud, satellites[best])
    sunlight_down = band_transmission(np.array(CLOUD_TOP_M), np.sin(np.radians(40.0)))
    assert float(arriving * sunlight_down) > 6.0 * 2e-12


def test_a10_off_the_plane_it_is_gone() -> None:
    """With the same elevations, 60 degrees off the Sun's plane: under a hundredth; behind: 1e-4."""
    cloud = ecef_from_geodetic(MALMSTROM["latitude_rad"], MALMSTROM["longitude_rad"], CLOUD_TOP_M)
    satellite = ecef_from_geodetic(math.radians(60.0), math.radians(30.0), 35e6)
    up = unit(cloud)
    sun = unit(sun_ecef_m("20:15"))
    level = sun - (sun @ up) * up
    sideways = np.cross(up, level)
    turns = np.radians([0.0, 30.0, 60.0, 90.0, 180.0])[:, None]
    suns = (sun @ up) * up + np.cos(turns) * level + np.sin(turns) * sideways
    geometry = glint_geometry(cloud, suns, satellite)
    shown = glint_intensity_w_sr(geometry, 1e6, math.radians(7.0))
    assert np.all(np.diff(shown[:-1]) < 0.0)
    assert shown[2] < 1e-2 * shown[0]
    assert shown[3] < 1e-4 * shown[0]
    assert shown[4] < 1e-4 * shown[0]


# ------------------------------------------------------------------ 1.3: signal and background


def test_1_3_a_sunlit_cloud() -> None:
    """3.8 and 0.72 W m-2 sr-1 um-1, ratio 5.3: albedo 0.5, Sun 50 degrees down, no air."""
    zenith = math.radians(50.0)
    short = float(sunlit_cloud_radiance(WATER_BAND, 0.5, zenith)) / 0.2
    long = float(sunlit_cloud_radiance(CARBON_DIOXIDE_BAND, 0.5, zenith)) / 0.2
    assert short == pytest.approx(3.8, abs=0.05)
    assert long == pytest.approx(0.72, abs=0.005)
    assert short / long == pytest.approx(5.3, abs=0.05)


def test_1_3_a_bare_cloud_pixel_equals_a_plume() -> None:
    """1.9e5 W/sr in a 0.5 km pixel and 7.6e5 in 1 km: as a large first stage, 1e5 to 1e6."""
    radiance = sunlit_cloud_radiance(WATER_BAND, 0.5, math.radians(50.0))
    half, whole = (float(pixel_intensity_w_sr(radiance, side)) for side in (500.0, 1_000.0))
    assert half == pytest.approx(1.9e5, rel=0.02)
    assert whole == pytest.approx(7.6e5, rel=0.02)
    plume = float(plume_intensity_w_sr(5e5, 40_000.0))
    assert 0.2 < half / plume < 5.0
    assert 0.2 < whole / plume < 5.0


def test_1_3_a_cold_cloud_by_night() -> None:
    """2.5e-5 W m-2 sr-1 um-1 at 220 K and 2.7 um, 1.5e5 times below the sunlit one."""
    thermal = float(spectral_radiance_w_m3_sr(np.array(2.7e-6), np.array(220.0))) * 1e-6
    assert thermal == pytest.approx(2.5e-5, rel=0.02)
    sunlit = float(sunlit_cloud_radiance(WATER_BAND, 0.5, math.radians(50.0))) / 0.2
    assert sunlit / thermal == pytest.approx(1.5e5, rel=0.03)


@pytest.mark.parametrize(
    ("intensity_w_sr", "expected_w_m2"),
    [(1e3, 6.9e-13), (1e4, 6.9e-12), (1e5, 6.9e-11), (1e6, 6.9e-10)],
)
def test_1_3_irradiance_at_38_000_km(intensity_w_sr: float, expected_w_m2: float) -> None:
    """The inverse square, as published."""
    found = float(point_irradiance_w_m2(intensity_w_sr, 38_000e3))
    assert found == pytest.approx(expected_w_m2, rel=0.005)


def test_1_3_a_glider_shows_a_hundredth_of_a_plume() -> None:
    """1e3 to 1e4 W/sr from memory (soft): a square metre of hot belly and a small hot nose.

    A boost-glide body at 6 km/s and 50 km; the belly takes a tenth of the stagnation flux.
    """
    nose = radiative_equilibrium_temperature_k(6_000.0, 50_000.0, 0.1, 0.85)
    belly = nose * 0.1**0.25
    assert 2_000.0 < float(nose) < 3_500.0
    shown = float(skin_intensity_w_sr(1.0, belly, 0.85) + skin_intensity_w_sr(0.03, nose, 0.85))
    assert 1e3 < shown < 2e4
    slower = radiative_equilibrium_temperature_k(3_000.0, 40_000.0, 0.1, 0.85) * 0.1**0.25
    assert float(skin_intensity_w_sr(1.0, slower, 0.85)) < 0.5 * shown
