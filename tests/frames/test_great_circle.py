"""Great circles against the worked examples of Williams, Aviation Formulary (spherical Earth)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forewarn.earth import MEAN_RADIUS_M
from forewarn.frames import (
    places_from_plane_rad,
    plane_from_places_m,
    surface_azimuth_rad,
    surface_destination_rad,
    surface_distance_m,
)

# The Formulary's examples: Los Angeles and New York, radians, here with east positive.
LAX = (0.592539, -2.066470)
JFK = (0.709186, -1.287762)


def test_distance_and_azimuth() -> None:
    assert surface_distance_m(*LAX, *JFK) / MEAN_RADIUS_M == pytest.approx(0.623585, abs=2e-6)
    assert surface_azimuth_rad(*LAX, *JFK) == pytest.approx(1.150035, abs=2e-6)


def test_destination() -> None:
    """100 nautical miles (0.0290888 rad) from Los Angeles towards New York."""
    latitude, longitude = surface_destination_rad(*LAX, 1.150035, 0.0290888 * MEAN_RADIUS_M)
    assert latitude == pytest.approx(0.604180, abs=2e-6)
    assert longitude == pytest.approx(-2.034206, abs=2e-6)


def test_poles_antipodes_and_the_date_line() -> None:
    half_turn_m = math.pi * MEAN_RADIUS_M
    assert surface_distance_m(0.3, 0.1, -0.3, 0.1 - math.pi) == pytest.approx(half_turn_m)
    assert surface_distance_m(0.5, 1.0, 0.5, 1.0) == 0.0
    assert surface_distance_m(0.0, 0.0, 0.0, 1e-9) == pytest.approx(1e-9 * MEAN_RADIUS_M)
    assert surface_azimuth_rad(0.5, 3.1, 0.5, -3.1) < math.pi
    assert surface_azimuth_rad(0.5, -3.1, 0.5, 3.1) > math.pi
    latitude, longitude = surface_destination_rad(0.0, 3.0, math.pi / 2, 0.5 * MEAN_RADIUS_M)
    assert (latitude, longitude) == pytest.approx((0.0, 3.5 - 2 * math.pi))
    assert surface_destination_rad(1.0, 0.0, 0.0, (math.pi / 2 - 1) * MEAN_RADIUS_M)[
        0
    ] == pytest.approx(math.pi / 2)


@given(st.floats(-1.5, 1.5), st.floats(-3.1, 3.1), st.floats(0.0, 6.28), st.floats(1e3, 1.9e7))
def test_there_and_back(latitude: float, longitude: float, azimuth: float, distance: float) -> None:
    end = surface_destination_rad(latitude, longitude, azimuth, distance)
    assert surface_distance_m(latitude, longitude, *end) == pytest.approx(distance, abs=1e-6)
    seen = surface_azimuth_rad(latitude, longitude, *end)
    assert math.remainder(seen - azimuth, 2 * math.pi) == pytest.approx(0.0, abs=1e-9)


def test_the_plane_has_snyders_numbers() -> None:
    """Snyder, USGS PP 1395, numerical example of the sphere: R 3, centre 40 N 100 W."""
    plane = plane_from_places_m(
        np.radians([-20.0]),
        np.radians([100.0]),
        latitude_rad=math.radians(40.0),
        longitude_rad=math.radians(-100.0),
    )
    assert plane[0] * 3.0 / MEAN_RADIUS_M == pytest.approx([-5.8311398, 5.5444634], abs=2e-7)
    back = places_from_plane_rad(
        plane, latitude_rad=math.radians(40.0), longitude_rad=math.radians(-100.0)
    )
    assert np.degrees(back[0]) == pytest.approx([-20.0, 100.0])


def test_the_plane_at_its_centre_and_opposite_it() -> None:
    centre = {"latitude_rad": 0.7, "longitude_rad": 3.0}
    assert plane_from_places_m(np.array([0.7]), np.array([3.0]), **centre)[0] == pytest.approx(
        [0.0, 0.0], abs=1e-6
    )
    assert places_from_plane_rad(np.zeros((1, 2)), **centre)[0] == pytest.approx([0.7, 3.0])
    opposite = plane_from_places_m(np.array([-0.7]), np.array([3.0 - math.pi]), **centre)[0]
    assert np.linalg.norm(opposite) == pytest.approx(math.pi * MEAN_RADIUS_M)


@given(st.floats(-1.5, 1.5), st.floats(-3.1, 3.1), st.floats(0.0, 6.28), st.floats(1e3, 1.9e7))
def test_the_plane_keeps_distance_and_azimuth(
    latitude: float, longitude: float, azimuth: float, distance: float
) -> None:
    centre = {"latitude_rad": latitude, "longitude_rad": longitude}
    place = np.array([surface_destination_rad(latitude, longitude, azimuth, distance)])
    plane = plane_from_places_m(place[:, 0], place[:, 1], **centre)
    expected = distance * np.array((math.sin(azimuth), math.cos(azimuth)))
    assert plane[0] == pytest.approx(expected, abs=1e-2)
    back = places_from_plane_rad(plane, **centre)[0]
    assert surface_distance_m(*back, *place[0]) < 1e-2
