"""Aircraft in level flight: slow, low and warm, the innocent ones that fly.

A contrail lit by a low sun, or an engine with its afterburner on, has been taken for a missile
(California, 8 November 2010). What tells it apart is the kinematics: 250 m/s, level, for minutes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M
from forewarn.frames import ecef_from_geodetic, surface_destination_rad
from forewarn.missiles.trajectory import Trajectory

Array = NDArray[np.float64]

_SPACING_S = 10.0
_RADAR_CROSS_SECTION_M2 = 10.0  # a fighter to an airliner, 1 to 100 m2 (from memory, soft)


def level_flight(
    *,
    latitude_rad: float,
    longitude_rad: float,
    height_m: float,
    azimuth_rad: float,
    speed_m_s: float,
    duration_s: float,
    intensity_w_sr: float,
) -> Trajectory:
    """Fly level along a great circle from a place at a steady ground speed.

    ``intensity_w_sr`` is in band and steady, before the air takes its share. The speed is true
    within the 0.6 % by which the mean sphere stands for the ellipsoid.
    """
    rows = max(2, math.ceil(duration_s / _SPACING_S) + 1)
    times = np.linspace(0.0, duration_s, rows)
    over_ground_m = times * (speed_m_s * MEAN_RADIUS_M / (MEAN_RADIUS_M + height_m))
    position_ecef_m = np.array(
        [
            ecef_from_geodetic(
                *surface_destination_rad(latitude_rad, longitude_rad, azimuth_rad, distance_m),
                height_m,
            )
            for distance_m in over_ground_m.tolist()
        ]
    )
    velocity_ecef_m_s = np.gradient(position_ecef_m, times, axis=0)
    return Trajectory(
        times_s=times,
        position_ecef_m=position_ecef_m,
        velocity_ecef_m_s=velocity_ecef_m_s,
        intensity_w_sr=np.full(rows, intensity_w_sr),
        radar_cross_section_m2=_RADAR_CROSS_SECTION_M2,
        burnout_s=duration_s,
        came_down=False,
    )
