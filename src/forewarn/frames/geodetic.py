"""Places on the WGS 84 ellipsoid, and the local east, north, up axes there.

The closed form with one refinement by Fukushima (Journal of Geodesy 79, 2006) as ERFA has it:
exact to 1e-10 rad and 1e-6 m from -10 km to 50,000 km, poles and equator included.
"""

from __future__ import annotations

import math

import erfa
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_WGS_84 = 1  # ERFA's number for the ellipsoid, the same as in `forewarn.earth`


def geodetic_from_ecef(position_ecef_m: Array) -> tuple[float, float, float]:
    """Return latitude [rad], longitude [rad, -pi to pi] and height [m] of a position [3]."""
    longitude_rad, latitude_rad, height_m = erfa.gc2gd(_WGS_84, position_ecef_m)
    return float(latitude_rad), float(longitude_rad), float(height_m)


def ecef_from_geodetic(latitude_rad: float, longitude_rad: float, height_m: float) -> Array:
    """Return the ecef position [3] in metres of a geodetic place."""
    position_ecef_m: Array = erfa.gd2gc(_WGS_84, longitude_rad, latitude_rad, height_m)
    return position_ecef_m


def enu_axes(latitude_rad: float, longitude_rad: float) -> Array:
    """Return the rotation R [3, 3] whose rows are east, north and up: enu = R @ ecef difference."""
    sin_latitude, cos_latitude = math.sin(latitude_rad), math.cos(latitude_rad)
    sin_longitude, cos_longitude = math.sin(longitude_rad), math.cos(longitude_rad)
    return np.array(
        (
            (-sin_longitude, cos_longitude, 0.0),
            (-sin_latitude * cos_longitude, -sin_latitude * sin_longitude, cos_latitude),
            (cos_latitude * cos_longitude, cos_latitude * sin_longitude, sin_latitude),
        )
    )


def range_azimuth_elevation(
    position_ecef_m: Array, *, latitude_rad: float, longitude_rad: float, height_m: float
) -> tuple[float, float, float]:
    """Return range [m], azimuth [rad, 0 to 2 pi, clockwise from north] and elevation [rad].

    The site is given in geodetic coordinates; straight lines, no refraction. Straight overhead
    the azimuth is 0.
    """
    site_ecef_m = ecef_from_geodetic(latitude_rad, longitude_rad, height_m)
    east_m, north_m, up_m = enu_axes(latitude_rad, longitude_rad) @ (position_ecef_m - site_ecef_m)
    level_m = math.hypot(east_m, north_m)
    azimuth_rad = math.atan2(east_m, north_m) % (2.0 * math.pi)
    return math.hypot(level_m, up_m), azimuth_rad, math.atan2(up_m, level_m)
