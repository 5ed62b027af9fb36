"""Rings on the globe: closing them, turning them counter-clockwise, cutting them at +-180 degrees.

Rings here are (longitude, latitude) in degrees, plain lines between neighbours as RFC 7946 (the
GeoJSON format, section 3.1.1) and CAP 1.2 draw them. A ring may cross the antimeridian, where the
longitude jumps by nearly 360 degrees; it is then cut as RFC 7946, section 3.1.9 asks.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Ring = tuple[Point, ...]
Array = NDArray[np.float64]


def ring_from_latitudes(polygon_rad: tuple[Point, ...]) -> Ring:
    """Return (latitude, longitude) [rad] as an open ring of (longitude, latitude) [deg]."""
    return tuple((math.degrees(lon), math.degrees(lat)) for lat, lon in polygon_rad)


def cut_at_antimeridian(ring: Ring) -> tuple[Ring, ...]:
    """Return ``ring`` as closed rings within +-180 degrees, each counter-clockwise.

    A ring that runs round a pole is closed along the pole's edge of the map first.
    """
    unwrapped, turn_deg = _unwrap(ring)
    if turn_deg:
        pole_deg = math.copysign(90.0, float(np.mean(unwrapped[:, 1])))
        first = unwrapped[0]
        closing = [
            (first[0] + turn_deg, first[1]),
            (first[0] + turn_deg, pole_deg),
            (first[0], pole_deg),
        ]
        unwrapped = np.vstack([unwrapped, closing])
    pieces = []
    west = math.floor((float(np.min(unwrapped[:, 0])) + 180.0) / 360.0)
    east = math.floor((float(np.max(unwrapped[:, 0])) + 180.0) / 360.0)
    for world in range(west, east + 1):
        shifted = unwrapped - np.array([360.0 * world, 0.0])
        piece = _clip(_clip(shifted, -180.0, 1.0), 180.0, -1.0)
        if len(piece) >= 3 and abs(_signed_area(piece)) > 1e-12:
            pieces.append(_closed(piece))
    return tuple(pieces)


def cut_line_at_antimeridian(line: Ring) -> tuple[Ring, ...]:
    """Return a line of (longitude, latitude) [deg] as pieces that do not jump at +-180 degrees."""
    if len(line) < 2:
        return ()
    pieces: list[list[Point]] = [[line[0]]]
    for (lon_a, lat_a), (lon_b, lat_b) in itertools.pairwise(line):
        if abs(lon_b - lon_a) > 180.0:
            side = math.copysign(180.0, lon_a)
            span = lon_b + 2.0 * side - lon_a
            weight = (side - lon_a) / span if span else 0.0
            latitude = lat_a + weight * (lat_b - lat_a)
            pieces[-1].append((side, latitude))
            pieces.append([(-side, latitude)])
        pieces[-1].append((lon_b, lat_b))
    return tuple(tuple(_without_repeats(piece)) for piece in pieces if len(set(piece)) > 1)


def _without_repeats(points: list[Point]) -> list[Point]:
    return [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]


def _unwrap(ring: Ring) -> tuple[Array, float]:
    """Return the ring with continuous longitudes, and its total turn: 0, or +-360 round a pole."""
    points = np.array(ring, dtype=np.float64)
    closed = np.append(points[:, 0], points[0, 0])
    steps = np.mod(np.diff(closed) + 180.0, 360.0) - 180.0
    points[:, 0] = points[0, 0] + np.concatenate(([0.0], np.cumsum(steps[:-1])))
    return points, round(float(np.sum(steps)) / 360.0) * 360.0


def _signed_area(points: Array) -> float:
    """Shoelace formula [deg2], positive for counter-clockwise."""
    x, y = points[:, 0] - points[0, 0], points[:, 1]
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _closed(points: Array) -> Ring:
    ordered = points if _signed_area(points) > 0.0 else points[::-1]
    ring = _without_repeats([(float(lon), float(lat)) for lon, lat in ordered])
    return (*ring, ring[0]) if ring[0] != ring[-1] else tuple(ring)


def _clip(points: Array, edge_deg: float, side: float) -> Array:
    """Keep what lies east (``side`` +1) or west (-1) of a meridian: Sutherland and Hodgman 1974."""
    kept: list[Point] = []
    for i in range(len(points)):
        a, b = points[i - 1], points[i]
        depth_a, depth_b = side * (a[0] - edge_deg), side * (b[0] - edge_deg)
        if (depth_a < 0.0) != (depth_b < 0.0):
            weight = depth_a / (depth_a - depth_b)
            kept.append((edge_deg, float(a[1] + weight * (b[1] - a[1]))))
        if depth_b >= 0.0:
            kept.append((float(b[0]), float(b[1])))
    return np.array(kept, dtype=np.float64).reshape(-1, 2)
