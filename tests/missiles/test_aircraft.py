"""Aircraft: level, along a great circle, at a steady speed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forewarn.frames import geodetic_from_ecef, surface_azimuth_rad, surface_distance_m
from forewarn.missiles.aircraft import level_flight


def test_it_flies_level_straight_and_steadily() -> None:
    """250 m/s for 25 minutes: 375 km at 11 km, on its azimuth, slower than any missile."""
    flown = level_flight(
        latitude_rad=math.radians(33.0),
        longitude_rad=math.radians(-120.0),
        height_m=11_000.0,
        azimuth_rad=math.radians(300.0),
        speed_m_s=250.0,
        duration_s=1_500.0,
        intensity_w_sr=2e4,
    )
    places = np.array([geodetic_from_ecef(p) for p in flown.position_ecef_m])
    np.testing.assert_allclose(places[:, 2], 11_000.0, atol=0.01)
    distance = surface_distance_m(*places[0, :2], *places[-1, :2])
    assert distance * (1.0 + 11e3 / 6.371e6) == pytest.approx(375e3, rel=1e-6)
    assert surface_azimuth_rad(*places[0, :2], *places[-1, :2]) == pytest.approx(
        math.radians(300.0), abs=1e-6
    )
    speed = np.linalg.norm(flown.velocity_ecef_m_s, axis=1)
    np.testing.assert_allclose(speed, 250.0, rtol=0.006)
    assert flown.times_s[-1] == 1_500.0
    assert set(flown.intensity_w_sr.tolist()) == {2e4}
    assert not flown.came_down


def test_it_moves_as_its_velocity_says() -> None:
    """A state carried for a second by its velocity is where the next second's is, to a metre."""
    flown = level_flight(
        latitude_rad=0.9,
        longitude_rad=3.1,
        height_m=9_000.0,
        azimuth_rad=1.0,
        speed_m_s=300.0,
        duration_s=600.0,
        intensity_w_sr=1.0,
    )
    for time_s in (0.0, 95.3, 400.0):
        position, velocity = flown.state_ecef_at(time_s + 1e-9)
        later, _ = flown.state_ecef_at(time_s + 1.0)
        np.testing.assert_allclose(position + velocity, later, atol=1.0)
