"""Distances, azimuths, destinations and a plane map on the mean sphere, for wide areas.

The sphere of radius (2a + b) / 3 stands for the ellipsoid within 0.6 % of a distance. Formulas:
the spherical triangle in the arctangent form that keeps its digits for near and for opposite
points (Vincenty, Survey Review 23, 1975, equations 14, 16 and 20, with zero flattening). The plane
is the azimuthal equidistant one: distances and directions from its centre are true (Snyder, Map
Projections: a Working Manual, USGS PP 1395, 1987, equations 25-1 to 25-4, 20-14 and 20-15).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M

Array = NDArray[np.float64]

_NO_ARC_RAD = 1e-12


def surface_distance_m(
    latitude_1_rad: float, longitude_1_rad: float, latitude_2_rad: float, longitude_2_rad: float
) -> float:
    """Return the great-circle distance [m] between two places."""
    east, north, along = _seen_from(
        latitude_1_rad, longitude_1_rad, latitude_2_rad, longitude_2_rad
    )
    return MEAN_RADIUS_M * math.atan2(math.hypot(east, north), along)


def surface_azimuth_rad(
    latitude_1_rad: float, longitude_1_rad: float, latitude_2_rad: float, longitude_2_rad: float
) -> float:
    """Return the azimuth [rad, 0 to 2 pi, clockwise from north] at place 1 towards place 2."""
    east, north, _ = _seen_from(latitude_1_rad, longitude_1_rad, latitude_2_rad, longitude_2_rad)
    return math.atan2(east, north) % (2.0 * math.pi)


def surface_destination_rad(
    latitude_rad: float, longitude_rad: float, azimuth_rad: float, distance_m: float
) -> tuple[float, float]:
    """Return latitude and longitude [rad, -pi to pi] reached along a great circle."""
    angle_rad = distance_m / MEAN_RADIUS_M
    sin_latitude, cos_latitude = math.sin(latitude_rad), math.cos(latitude_rad)
    along, across = math.cos(angle_rad), math.sin(angle_rad)
    east = across * math.sin(azimuth_rad)
    north = across * math.cos(azimuth_rad)
    polar = sin_latitude * along + cos_latitude * north
    outward = cos_latitude * along - sin_latitude * north
    destination_longitude_rad = longitude_rad + math.atan2(east, outward)
    return (
        math.atan2(polar, math.hypot(east, outward)),
        math.remainder(destination_longitude_rad, 2.0 * math.pi),
    )


def plane_from_places_m(
    latitudes_rad: Array, longitudes_rad: Array, *, latitude_rad: float, longitude_rad: float
) -> Array:
    """Return (n, 2) east and north [m] of places (n,) on the plane about a centre.

    The point opposite the centre is put due north.
    """
    delta = longitudes_rad - longitude_rad
    sin_centre, cos_centre = math.sin(latitude_rad), math.cos(latitude_rad)
    sin_place, cos_place = np.sin(latitudes_rad), np.cos(latitudes_rad)
    east = cos_place * np.sin(delta)
    north = cos_centre * sin_place - sin_centre * cos_place * np.cos(delta)
    along = sin_centre * sin_place + cos_centre * cos_place * np.cos(delta)
    across = np.hypot(east, north)
    arc_rad = np.arctan2(across, along)
    near = across <= _NO_ARC_RAD
    stretch = np.where(near, 1.0, arc_rad / np.maximum(across, _NO_ARC_RAD))
    north = np.where(near & (along < 0.0), math.pi, north * stretch)
    return MEAN_RADIUS_M * np.stack((east * stretch, north), axis=-1)


def places_from_plane_rad(plane_m: Array, *, latitude_rad: float, longitude_rad: float) -> Array:
    """Return (n, 2) latitude and longitude [rad, -pi to pi] of (n, 2) east and north [m]."""
    east, north = plane_m[:, 0] / MEAN_RADIUS_M, plane_m[:, 1] / MEAN_RADIUS_M
    arc_rad = np.maximum(np.hypot(east, north), _NO_ARC_RAD)
    sin_arc, cos_arc = np.sin(arc_rad) / arc_rad, np.cos(arc_rad)
    sin_centre, cos_centre = math.sin(latitude_rad), math.cos(latitude_rad)
    sine = cos_arc * sin_centre + north * sin_arc * cos_centre
    delta = np.arctan2(east * sin_arc, cos_centre * cos_arc - north * sin_centre * sin_arc)
    turned = (longitude_rad + delta + math.pi) % (2.0 * math.pi) - math.pi
    return np.stack((np.arcsin(np.clip(sine, -1.0, 1.0)), turned), axis=-1)


def _seen_from(
    latitude_1_rad: float, longitude_1_rad: float, latitude_2_rad: float, longitude_2_rad: float
) -> tuple[float, float, float]:
    """Return the unit vector to place 2 along the east, north and up axes of place 1."""
    sin_1, cos_1 = math.sin(latitude_1_rad), math.cos(latitude_1_rad)
    sin_2, cos_2 = math.sin(latitude_2_rad), math.cos(latitude_2_rad)
    sin_difference = math.sin(longitude_2_rad - longitude_1_rad)
    cos_difference = math.cos(longitude_2_rad - longitude_1_rad)
    east = cos_2 * sin_difference
    north = cos_1 * sin_2 - sin_1 * cos_2 * cos_difference
    up = sin_1 * sin_2 + cos_1 * cos_2 * cos_difference
    return east, north, up
