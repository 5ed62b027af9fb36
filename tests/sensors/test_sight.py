"""Lines of sight against exact geodesy and against the compiled twin."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forewarn.earth import SEMI_MAJOR_AXIS_M, SEMI_MINOR_AXIS_M
from forewarn.frames import ecef_from_geodetic, range_azimuth_elevation
from forewarn.kernels.measure import tangent_axes as compiled_tangent_axes
from forewarn.sensors.sight import height_m, lowest_height_m, sine_elevation, tangent_axes, unit


@pytest.mark.parametrize("latitude_deg", [-90.0, -45.0, 0.0, 30.0, 60.0])
@pytest.mark.parametrize("height", [0.0, 7_000.0, 150_000.0])
def test_height_is_geodetic_within_two_metres(latitude_deg: float, height: float) -> None:
    """The stated tolerance of measuring along the geocentric radius."""
    point = ecef_from_geodetic(math.radians(latitude_deg), 1.0, height)
    assert float(height_m(point)) == pytest.approx(height, abs=2.0)


def test_the_earth_blocks_exactly_at_the_ellipsoid() -> None:
    """A ray along a meridian tangent to the pole grazes at the polar radius, not at the mean."""
    left = np.array([-2e7, 0.0, SEMI_MINOR_AXIS_M])
    right = np.array([2e7, 0.0, SEMI_MINOR_AXIS_M])
    assert float(lowest_height_m(left, right)) == pytest.approx(0.0, abs=1e-6)
    equator = np.array([0.0, SEMI_MAJOR_AXIS_M + 5.0, 0.0])
    reach = np.array([2e7, 0.0, 0.0])
    assert float(lowest_height_m(equator - reach, equator + reach)) == pytest.approx(5.0, abs=1e-6)


def test_a_path_upwards_is_lowest_at_its_foot() -> None:
    """The nearest point of the line lies behind the source."""
    source = ecef_from_geodetic(0.5, 0.2, 9_000.0)
    assert float(lowest_height_m(source, source * 6.0)) == pytest.approx(9_000.0, abs=1.0)


def test_sine_of_elevation_agrees_with_the_topocentric_one() -> None:
    """Against the frames room, which uses the exact geodetic vertical."""
    source = ecef_from_geodetic(0.7, 2.0, 30_000.0)
    satellite = np.array([-3.0e7, 2.5e7, 1.0e7])
    _, _, elevation = range_azimuth_elevation(
        satellite, latitude_rad=0.7, longitude_rad=2.0, height_m=30_000.0
    )
    assert float(sine_elevation(source, satellite)) == pytest.approx(math.sin(elevation), abs=3e-5)


@pytest.mark.parametrize("direction", [[1.0, 2.0, -0.5], [0.01, 0.02, 1.0], [0.0, 0.1, -3.0]])
def test_tangent_axes_are_those_of_the_kernel(direction: list[float]) -> None:
    """Also near both poles, where the first axis changes its rule."""
    u = unit(np.array(direction))
    compiled = np.empty((2, 3))
    compiled_tangent_axes(u, compiled)
    first, second = tangent_axes(u[None])
    np.testing.assert_allclose(np.vstack((first, second)), compiled, atol=1e-14)
