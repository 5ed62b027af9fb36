"""Geodetic coordinates against their definition and a published example."""

from __future__ import annotations

import math

import erfa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from forewarn.earth import FLATTENING, SEMI_MAJOR_AXIS_M, SEMI_MINOR_AXIS_M
from forewarn.frames import (
    ecef_from_geodetic,
    enu_axes,
    geodetic_from_ecef,
    range_azimuth_elevation,
)

LATITUDES = st.floats(-math.pi / 2, math.pi / 2)
LONGITUDES = st.floats(-math.pi, math.pi)
HEIGHTS = st.floats(-10_000.0, 50_000_000.0)


def by_definition(
    latitude_rad: float, longitude_rad: float, height_m: float
) -> NDArray[np.float64]:
    """Return the position by the definition of geodetic coordinates on the ellipsoid a, b."""
    a, b = SEMI_MAJOR_AXIS_M, SEMI_MINOR_AXIS_M
    sine, cosine = math.sin(latitude_rad), math.cos(latitude_rad)
    normal_m = a * a / math.hypot(a * cosine, b * sine)
    level_m = (normal_m + height_m) * cosine
    return np.array(
        (
            level_m * math.cos(longitude_rad),
            level_m * math.sin(longitude_rad),
            (normal_m * (b / a) ** 2 + height_m) * sine,
        )
    )


def test_the_ellipsoid_is_that_of_the_earth_room() -> None:
    radius_m, flattening = erfa.eform(1)
    assert (radius_m, flattening) == (SEMI_MAJOR_AXIS_M, pytest.approx(FLATTENING, rel=1e-15))


def test_published_example() -> None:
    """Vallado, Fundamentals of Astrodynamics, example 3-3."""
    latitude, longitude, height = geodetic_from_ecef(np.array((6524.834, 6862.875, 6448.296)) * 1e3)
    assert math.degrees(latitude) == pytest.approx(34.352496, abs=1e-6)
    assert math.degrees(longitude) == pytest.approx(46.4464, abs=1e-4)
    assert height == pytest.approx(5_085_220.0, abs=5.0)


@given(LATITUDES, LONGITUDES, HEIGHTS)
def test_position_is_the_definition(latitude: float, longitude: float, height: float) -> None:
    expected = by_definition(latitude, longitude, height)
    actual = ecef_from_geodetic(latitude, longitude, height)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-7)


@given(LATITUDES, LONGITUDES, HEIGHTS)
def test_round_trip(latitude: float, longitude: float, height: float) -> None:
    back = geodetic_from_ecef(by_definition(latitude, longitude, height))
    assert back[0] == pytest.approx(latitude, abs=1e-9)
    assert back[2] == pytest.approx(height, abs=1e-6)
    across_m = math.sin(back[1] - longitude) * math.cos(latitude)
    assert across_m == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("height", [-10_000.0, 0.0, 400_000.0, 50_000_000.0])
@pytest.mark.parametrize("latitude", [-math.pi / 2, 0.0, math.pi / 2])
def test_poles_and_equator(latitude: float, height: float) -> None:
    back = geodetic_from_ecef(by_definition(latitude, 0.5, height))
    assert back[0] == pytest.approx(latitude, abs=1e-9)
    assert back[2] == pytest.approx(height, abs=1e-6)


def test_axes_are_east_north_and_up() -> None:
    latitude, longitude = math.radians(41.0), math.radians(129.7)
    east, north, up = enu_axes(latitude, longitude)
    place = ecef_from_geodetic(latitude, longitude, 0.0)
    for axis, moved in (
        (east, ecef_from_geodetic(latitude, longitude + 1e-6, 0.0)),
        (north, ecef_from_geodetic(latitude + 1e-6, longitude, 0.0)),
        (up, ecef_from_geodetic(latitude, longitude, 10.0)),
    ):
        direction = (moved - place) / np.linalg.norm(moved - place)
        np.testing.assert_allclose(axis, direction, atol=1e-6)


@given(
    st.floats(-1.5, 1.5),
    LONGITUDES,
    st.floats(0.0, 6.28),
    st.floats(-1.5, 1.5),
    st.floats(1e3, 5e7),
)
def test_range_azimuth_elevation(
    latitude: float, longitude: float, azimuth: float, elevation: float, distance: float
) -> None:
    level = math.cos(elevation)
    enu = np.array((math.sin(azimuth) * level, math.cos(azimuth) * level, math.sin(elevation)))
    site = by_definition(latitude, longitude, 250.0)
    target = site + distance * enu @ enu_axes(latitude, longitude)
    seen = range_azimuth_elevation(
        target, latitude_rad=latitude, longitude_rad=longitude, height_m=250.0
    )
    assert seen[0] == pytest.approx(distance, abs=1e-6)
    assert math.remainder(seen[1] - azimuth, 2 * math.pi) * level == pytest.approx(0.0, abs=1e-9)
    assert 0.0 <= seen[1] <= 2 * math.pi
    assert seen[2] == pytest.approx(elevation, abs=1e-9)
