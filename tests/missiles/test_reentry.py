"""A decayed stage: it comes in level and fast, glows where stages do, and falls to the ground."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forewarn.earth import (
    GRAVITATIONAL_PARAMETER_M3_S2,
    ROTATION_RATE_RAD_S,
    STANDARD_GRAVITY_M_S2,
)
from forewarn.frames import geodetic_from_ecef
from forewarn.kernels.air import density_kg_m3
from forewarn.missiles.reentry import ENTRY_HEIGHT_M, decayed_stage
from forewarn.missiles.trajectory import Trajectory
from forewarn.sensors.sight import height_m


def decay(**changes: float) -> Trajectory:
    """A stage that comes in over the Pacific west of Oregon."""
    stated = {
        "latitude_rad": math.radians(30.0),
        "longitude_rad": math.radians(-150.0),
        "azimuth_rad": math.radians(50.0),
        "ballistic_coefficient_kg_m2": 100.0,
        "radar_cross_section_m2": 10.0,
    }
    return decayed_stage(**(stated | changes))


def test_it_starts_at_circular_speed_among_the_stars() -> None:
    """7.8 km/s at 120 km, the Earth's turn added back, and a third of a degree downwards."""
    start = decay()
    p, v = start.position_ecef_m[0], start.velocity_ecef_m_s[0].copy()
    v += ROTATION_RATE_RAD_S * np.array((-p[1], p[0], 0.0))
    radius = np.linalg.norm(p)
    assert np.linalg.norm(v) == pytest.approx(math.sqrt(GRAVITATIONAL_PARAMETER_M3_S2 / radius))
    assert float(height_m(p)) == pytest.approx(ENTRY_HEIGHT_M, abs=10.0)
    assert math.degrees(math.asin(v @ p / radius / np.linalg.norm(v))) == pytest.approx(
        -0.3, abs=0.2
    )


@pytest.mark.parametrize("ballistic_coefficient_kg_m2", [50.0, 100.0, 300.0])
def test_it_slows_as_decaying_orbits_do(ballistic_coefficient_kg_m2: float) -> None:
    """About 8 g at most, whatever the body (D. R. Chapman, NASA TR R-11, 1959: without lift).

    His 8.3 g is for r / H = 900 and an atmosphere at rest; it goes as sqrt(r / H), H being the
    scale height where the body slows most, and as the square of the speed through the air.
    """
    flown = decay(ballistic_coefficient_kg_m2=ballistic_coefficient_kg_m2)
    assert flown.came_down
    assert 600.0 < flown.times_s[-1] < 2_400.0
    speed = np.linalg.norm(flown.velocity_ecef_m_s, axis=1)
    slowing_g = -np.gradient(speed, flown.times_s) / STANDARD_GRAVITY_M_S2
    peak_m = float(height_m(flown.position_ecef_m)[int(np.argmax(slowing_g))])
    scale_m = 2_000.0 / math.log(density_kg_m3(peak_m - 1e3) / density_kg_m3(peak_m + 1e3))
    through_air = speed[0] ** 2 * 6_498e3 / GRAVITATIONAL_PARAMETER_M3_S2
    chapman_g = 8.3 * math.sqrt(6_430e3 / scale_m / 900.0) * through_air
    assert slowing_g.max() == pytest.approx(chapman_g, rel=0.1)
    assert speed[-1] < 300.0, "it falls at its last speed"


def test_a_lighter_body_comes_down_sooner() -> None:
    """Drag by ballistic coefficient."""
    assert decay(ballistic_coefficient_kg_m2=40.0).times_s[-1] > 0.0
    heavy, light = (
        decay(ballistic_coefficient_kg_m2=beta).position_ecef_m[-1] for beta in (400.0, 40.0)
    )
    start = decay().position_ecef_m[0]
    assert np.linalg.norm(heavy - start) > np.linalg.norm(light - start)


def test_its_azimuth_and_angle_are_those_asked_for() -> None:
    """North leads north; a steeper entry is a shorter one."""
    north = decay(azimuth_rad=0.0)
    assert geodetic_from_ecef(north.position_ecef_m[40])[0] > math.radians(30.0)
    assert decay(entry_angle_rad=math.radians(2.0)).times_s[-1] < decay().times_s[-1]
