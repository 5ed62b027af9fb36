"""Frames: GCRF, TEME and the rotating Earth (ecef, ITRF and WGS 84), and places on it.

Earth orientation is an argument everywhere, an immutable `EarthOrientation`, never a global.
"""

from forewarn.frames.celestial import (
    ecef_state_from_gcrf,
    ecef_state_from_teme,
    gcrf_state_from_ecef,
    gcrf_state_from_teme,
    gcrf_to_ecef_matrix,
)
from forewarn.frames.earth_orientation import EarthOrientation, OrientationAngles
from forewarn.frames.geodetic import (
    ecef_from_geodetic,
    enu_axes,
    geodetic_from_ecef,
    range_azimuth_elevation,
)
from forewarn.frames.great_circle import (
    places_from_plane_rad,
    plane_from_places_m,
    surface_azimuth_rad,
    surface_destination_rad,
    surface_distance_m,
)
from forewarn.frames.sun_moon import moon_gcrf_m, sun_gcrf_m

__all__ = [
    "EarthOrientation",
    "OrientationAngles",
    "gcrf_to_ecef_matrix",
    "ecef_state_from_gcrf",
    "gcrf_state_from_ecef",
    "ecef_state_from_teme",
    "gcrf_state_from_teme",
    "geodetic_from_ecef",
    "ecef_from_geodetic",
    "enu_axes",
    "range_azimuth_elevation",
    "surface_distance_m",
    "surface_azimuth_rad",
    "surface_destination_rad",
    "plane_from_places_m",
    "places_from_plane_rad",
    "moon_gcrf_m",
    "sun_gcrf_m",
]
