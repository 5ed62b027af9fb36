"""From places to page: an azimuthal equidistant map, its land, graticule and scale bar.

Distances from the centre are true and directions from it too (`forewarn.frames.great_circle`). The
point opposite the centre has no place on the map, so rings are pulled in to a circle just beyond
the view.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M
from forewarn.frames import places_from_plane_rad, plane_from_places_m
from forewarn.studies.report_coastline import load_coastline
from forewarn.studies.report_drawing import Markup, Point, element, joined, line, path_data, text

Array = NDArray[np.float64]

_RIM_STEP_RAD = math.radians(4.0)
_LEAST_STEP_PX = 0.7


@dataclass(frozen=True)
class Projection:
    """An azimuthal equidistant map of ``width_px`` by ``height_px``, its centre in the middle."""

    latitude_deg: float
    longitude_deg: float
    pixels_per_rad: float
    width_px: float
    height_px: float

    def plane(self, latitudes_deg: Array, longitudes_deg: Array) -> tuple[Array, Array]:
        """Return east and north [rad of arc] of places; the opposite point is put due north."""
        plane_m = plane_from_places_m(
            np.radians(latitudes_deg),
            np.radians(longitudes_deg),
            latitude_rad=math.radians(self.latitude_deg),
            longitude_rad=math.radians(self.longitude_deg),
        )
        return plane_m[:, 0] / MEAN_RADIUS_M, plane_m[:, 1] / MEAN_RADIUS_M

    def on_page(self, east: Array, north: Array) -> tuple[Array, Array]:
        """Return page coordinates [px] of plane coordinates [rad of arc]."""
        return (
            self.width_px / 2 + east * self.pixels_per_rad,
            self.height_px / 2 - north * self.pixels_per_rad,
        )

    def points(self, latitudes_deg: Array, longitudes_deg: Array) -> list[Point]:
        """Return the page points [px] of places."""
        x_px, y_px = self.on_page(*self.plane(latitudes_deg, longitudes_deg))
        return list(zip(x_px.tolist(), y_px.tolist(), strict=True))

    def point(self, latitude_deg: float, longitude_deg: float) -> Point:
        """Return the page point [px] of one place."""
        return self.points(np.array([latitude_deg]), np.array([longitude_deg]))[0]

    def shows(self, point: Point) -> bool:
        """Whether a page point lies on the map."""
        return 0 <= point[0] <= self.width_px and 0 <= point[1] <= self.height_px


def fitted(places_deg: Array, width_px: float, heights_px: tuple[float, float]) -> Projection:
    """Return the projection that shows ``places_deg`` (n, 2: latitude, longitude) with a margin.

    The height lies between the two of ``heights_px``; at least 500 km are shown.
    """
    vectors = _unit_vectors(places_deg)
    middle = vectors.mean(axis=0)
    projection = Projection(*_place(middle), 1.0, 0.0, 0.0)
    for _ in range(3):
        east, north = projection.plane(places_deg[:, 0], places_deg[:, 1])
        shift = ((east.min() + east.max()) / 2, (north.min() + north.max()) / 2)
        projection = Projection(*_inverse(projection, *shift), 1.0, 0.0, 0.0)
    east, north = projection.plane(places_deg[:, 0], places_deg[:, 1])
    least = 500e3 / MEAN_RADIUS_M
    wide = max(float(np.ptp(east)), least) * 1.16
    high = max(float(np.ptp(north)), least * 0.6) * 1.2
    height_px = min(max(width_px * high / wide, heights_px[0]), heights_px[1])
    pixels_per_rad = min(width_px / wide, height_px / high)
    return Projection(
        projection.latitude_deg, projection.longitude_deg, pixels_per_rad, width_px, height_px
    )


def near(core_deg: Array, places_deg: Array, reach: float) -> Array:
    """Return those of ``places_deg`` within ``reach`` radii of the middle of ``core_deg``."""
    vectors = _unit_vectors(core_deg)
    middle = vectors.mean(axis=0)
    middle = middle / max(float(np.linalg.norm(middle)), 1e-9)
    radius = max(float(np.max(np.arccos(np.clip(vectors @ middle, -1, 1)))), 0.05)
    arc = np.arccos(np.clip(_unit_vectors(places_deg) @ middle, -1, 1))
    kept: Array = places_deg[arc <= reach * radius]
    return kept


def _unit_vectors(places_deg: Array) -> Array:
    phi, lam = np.radians(places_deg[:, 0]), np.radians(places_deg[:, 1])
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def _place(vector: Array) -> tuple[float, float]:
    x, y, z = (float(v) for v in vector)
    return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))


def _inverse(projection: Projection, east: float, north: float) -> tuple[float, float]:
    """Return latitude and longitude [deg] of plane coordinates [rad of arc]."""
    (place_rad,) = places_from_plane_rad(
        np.array([[east, north]]) * MEAN_RADIUS_M,
        latitude_rad=math.radians(projection.latitude_deg),
        longitude_rad=math.radians(projection.longitude_deg),
    )
    return math.degrees(place_rad[0]), math.degrees(place_rad[1])


def land(projection: Projection) -> Markup:
    """Return all land in view as one path (fill rule even-odd)."""
    corner = math.hypot(projection.width_px, projection.height_px) / 2
    rim = min(1.1 * corner / projection.pixels_per_rad, 0.985 * math.pi)
    parts = []
    for ring in load_coastline():
        parts += _ring_paths(projection, ring, rim)
    return element("path", d="".join(parts), class_="land", fill_rule="evenodd")


def _ring_paths(projection: Projection, ring: Array, rim: float) -> list[str]:
    east, north = projection.plane(ring[:, 1], ring[:, 0])
    arc = np.hypot(east, north)
    azimuth = np.unwrap(np.arctan2(east, north))
    turn = azimuth[-1] - azimuth[0] + _half_turn(azimuth[0] - azimuth[-1])
    circle = [(rim, a) for a in np.arange(0.0, 2 * math.pi, _RIM_STEP_RAD)]
    if np.all(arc > rim):
        # Land runs clockwise: round the centre once to the right means the view is all land.
        return [_polar_path(projection, circle)] if turn > math.pi else []
    parts = [_polar_path(projection, _pulled_in(arc, azimuth, rim))]
    if turn < -math.pi:
        parts.append(_polar_path(projection, circle))  # it holds the point opposite the centre
    return parts


def _half_turn(angle_rad: float) -> float:
    return (angle_rad + math.pi) % (2 * math.pi) - math.pi


def _pulled_in(arc: Array, azimuth_rad: Array, rim: float) -> list[tuple[float, float]]:
    """Return (arc, azimuth) pairs no farther than ``rim``, walking along the rim outside."""
    walked: list[tuple[float, float]] = []
    count = len(arc)
    for i in range(count):
        here = (min(float(arc[i]), rim), float(azimuth_rad[i]))
        j = (i + 1) % count
        walked.append(here)
        if arc[i] >= rim and arc[j] >= rim:
            step = _half_turn(float(azimuth_rad[j] - azimuth_rad[i]))
            pieces = int(abs(step) / _RIM_STEP_RAD)
            walked += [(rim, here[1] + step * k / (pieces + 1)) for k in range(1, pieces + 1)]
    return walked


def _polar_path(projection: Projection, walked: list[tuple[float, float]]) -> str:
    table = np.array(walked)
    x_px, y_px = projection.on_page(
        table[:, 0] * np.sin(table[:, 1]), table[:, 0] * np.cos(table[:, 1])
    )
    kept: list[Point] = []
    for x, y in zip(x_px.tolist(), y_px.tolist(), strict=True):
        if not kept or abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= _LEAST_STEP_PX:
            kept.append((x, y))
    return path_data(kept, closed=True) if len(kept) >= 3 else ""


def graticule(projection: Projection) -> Markup:
    """Return meridians and parallels at a round spacing, without labels."""
    span_deg = math.degrees(projection.width_px / projection.pixels_per_rad)
    step_deg = next((s for s in (1, 2, 5, 10, 15) if span_deg / s <= 9), 30)
    reach = math.hypot(projection.width_px, projection.height_px) / 2 / projection.pixels_per_rad
    parts = []
    fine = np.arange(-90.0, 90.01, 1.0)
    for longitude_deg in range(-180, 180, step_deg):
        parts += _visible_runs(projection, fine, np.full(len(fine), float(longitude_deg)), reach)
    round_the_world = np.arange(-180.0, 180.01, 1.0)
    for latitude_deg in range(-90 + step_deg, 90, step_deg):
        flat = np.full(len(round_the_world), float(latitude_deg))
        parts += _visible_runs(projection, flat, round_the_world, reach)
    return element("path", d="".join(parts), class_="graticule")


def _visible_runs(
    projection: Projection, latitudes_deg: Array, longitudes_deg: Array, reach: float
) -> list[str]:
    east, north = projection.plane(latitudes_deg, longitudes_deg)
    near = np.hypot(east, north) <= reach + math.radians(2.0)
    x_px, y_px = projection.on_page(east, north)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], near, [False]]).astype(np.int8)))
    runs = []
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        run = list(zip(x_px[start:stop].tolist(), y_px[start:stop].tolist(), strict=True))
        if len(run) > 1:
            runs.append(path_data(run))
    return runs


def scale_bar(left_px: float, bottom_px: float, metres_per_pixel: float, most_px: float) -> Markup:
    """Return a scale bar of a round length, at most ``most_px`` long."""
    most_m = most_px * metres_per_pixel
    power = 10.0 ** math.floor(math.log10(most_m))
    length_m = next(m * power for m in (5.0, 2.0, 1.0) if m * power <= most_m)
    length_px = length_m / metres_per_pixel
    words = f"{length_m / 1e3:,.0f} km" if length_m >= 1e3 else f"{length_m:.0f} m"
    return joined(
        [
            line((left_px, bottom_px), (left_px + length_px, bottom_px), "bar"),
            line((left_px, bottom_px - 4), (left_px, bottom_px + 4), "bar"),
            line((left_px + length_px, bottom_px - 4), (left_px + length_px, bottom_px + 4), "bar"),
            text(left_px + length_px / 2, bottom_px - 7, words, "tick halo", "middle"),
        ]
    )
