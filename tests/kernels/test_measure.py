"""What a sensor sees, against geometry done in another way."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forewarn.frames import ecef_from_geodetic, enu_axes
from forewarn.kernels.measure import line_of_sight_offset, radar_from_ecef, tangent_axes

LATITUDE, LONGITUDE = math.radians(40.6), math.radians(140.0)
SITE = ecef_from_geodetic(LATITUDE, LONGITUDE, 200.0)
AXES = np.ascontiguousarray(enu_axes(LATITUDE, LONGITUDE))


@pytest.mark.parametrize("azimuth_deg", [0.0, 37.0, 123.0, 250.0, 359.9])
@pytest.mark.parametrize("elevation_deg", [3.0, 45.0, 89.0])
def test_a_radar_reports_where_the_target_was_put(azimuth_deg: float, elevation_deg: float) -> None:
    """Range, azimuth and elevation come back; the rate is the derivative of the range."""
    azimuth, elevation = math.radians(azimuth_deg), math.radians(elevation_deg)
    level = math.cos(elevation)
    direction = np.array(
        (level * math.sin(azimuth), level * math.cos(azimuth), math.sin(elevation))
    )
    target = SITE + 1.2e6 * (direction @ AXES)
    velocity = np.array((1200.0, -3400.0, 2100.0))
    z, later = np.empty(4), np.empty(4)
    radar_from_ecef(np.concatenate((target, velocity)), SITE, AXES, z)
    radar_from_ecef(np.concatenate((target + 0.01 * velocity, velocity)), SITE, AXES, later)
    assert z[0] == pytest.approx(1.2e6, rel=1e-12)
    assert math.remainder(z[1] - azimuth, 2.0 * math.pi) == pytest.approx(0.0, abs=1e-11)
    assert 0.0 <= z[1] < 2.0 * math.pi
    assert z[2] == pytest.approx(elevation, abs=1e-11)
    assert (later[0] - z[0]) / 0.01 == pytest.approx(0.5 * (z[3] + later[3]), abs=1e-3)


@pytest.mark.parametrize(
    "direction", [(1.0, 0.0, 0.0), (0.3, -0.8, 0.2), (0.0, 0.1, 0.995), (0.0, 0.0, -1.0)]
)
def test_the_tangent_axes_are_a_right_handed_frame(direction: tuple[float, float, float]) -> None:
    """Unit, orthogonal, and axis 1 cross axis 2 is the direction, near the poles too."""
    u = np.array(direction) / np.linalg.norm(direction)
    axes = np.empty((2, 3))
    tangent_axes(u, axes)
    frame = np.vstack((axes, u))
    assert frame @ frame.T == pytest.approx(np.eye(3), abs=1e-15)
    assert np.cross(axes[1], u) == pytest.approx(axes[0], abs=1e-15)


def test_a_line_of_sight_offset_is_the_angle() -> None:
    """Turned by a small angle about either axis, the offset is its tangent along the other."""
    sensor, u = np.array((4.2e7, 1e6, -2e6)), np.array((-0.98, 0.1, 0.15))
    u /= np.linalg.norm(u)
    axes, z = np.empty((2, 3)), np.empty(2)
    tangent_axes(u, axes)
    for i, angle in ((0, 3e-4), (1, -2e-3)):
        turned = math.cos(angle) * u + math.sin(angle) * axes[i]
        target = np.concatenate((sensor + 3.8e7 * turned, np.zeros(3)))
        line_of_sight_offset(target, sensor, u, axes, z)
        assert z[i] == pytest.approx(math.tan(angle), rel=1e-10)
        assert z[1 - i] == pytest.approx(0.0, abs=1e-14)
