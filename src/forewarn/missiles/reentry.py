"""Bodies that come down from orbit: a spent stage whose orbit has decayed.

An orbit decays in a spiral that is nearly a circle, until drag turns it into a fall near 80 km
(R. H. Allen and A. J. Eggers, NACA report 1381, 1958, for the fall; W. Ley, K. Wittmann and
W. Hallmann, Handbook of Space Technology, 2009, section 4.3, for entry angles of 0 to 2 degrees).
"""

from __future__ import annotations

import math

import numpy as np

from forewarn.earth import GRAVITATIONAL_PARAMETER_M3_S2, ROTATION_RATE_RAD_S
from forewarn.frames import ecef_from_geodetic, enu_axes
from forewarn.missiles.flight import fall
from forewarn.missiles.trajectory import Trajectory

ENTRY_HEIGHT_M = 120e3  # where entry is taken to begin
_ENTRY_ANGLE_RAD = math.radians(0.3)  # below the horizontal, of a decayed orbit: soft


def decayed_stage(
    *,
    latitude_rad: float,
    longitude_rad: float,
    azimuth_rad: float,
    ballistic_coefficient_kg_m2: float,
    radar_cross_section_m2: float,
    entry_angle_rad: float = _ENTRY_ANGLE_RAD,
) -> Trajectory:
    """Return the last minutes of a decayed orbit, from `ENTRY_HEIGHT_M` over a place to the ground.

    It moves at circular speed among the stars, towards ``azimuth_rad`` (of the inertial velocity,
    clockwise from north) and ``entry_angle_rad`` below the horizontal.
    """
    position_ecef_m = ecef_from_geodetic(latitude_rad, longitude_rad, ENTRY_HEIGHT_M)
    radius_m = float(np.linalg.norm(position_ecef_m))
    speed_m_s = math.sqrt(GRAVITATIONAL_PARAMETER_M3_S2 / radius_m)
    level_m_s = speed_m_s * math.cos(entry_angle_rad)
    enu = np.array(
        (
            level_m_s * math.sin(azimuth_rad),
            level_m_s * math.cos(azimuth_rad),
            -speed_m_s * math.sin(entry_angle_rad),
        )
    )
    velocity_ecef_m_s = enu @ enu_axes(latitude_rad, longitude_rad)
    velocity_ecef_m_s[0] += ROTATION_RATE_RAD_S * position_ecef_m[1]
    velocity_ecef_m_s[1] -= ROTATION_RATE_RAD_S * position_ecef_m[0]
    return fall(
        position_ecef_m,
        velocity_ecef_m_s,
        ballistic_coefficient_kg_m2=ballistic_coefficient_kg_m2,
        radar_cross_section_m2=radar_cross_section_m2,
    )
