"""Weighted points on the ground, the regions that they fill and the areas that they lie in."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError
from scipy.stats import norm, qmc

from forewarn.earth import MEAN_RADIUS_M
from forewarn.frames import places_from_plane_rad, plane_from_places_m
from forewarn.kernels.density import kernel_density

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

NINETY_PERCENT_D2 = 4.605170186  # chi-square, two degrees of freedom: -2 ln 0.1
LEAST_POINTS = 8
_LEAST_WEIGHT = 1e-9
_OUTLINE_CORNERS = 48
_BOX_SIGMAS = 5.0
_LONGEST_EDGE_M = 300e3
_MOST_PIECES = 24
_FLOOR = np.array((6.0, 6.0, 1e-2))  # least spread of points: east, north [m], time [s]


@functools.lru_cache(maxsize=16)
def normal_scores(count: int, dimensions: int) -> Array:
    """One fixed table of normal scores (count, dimensions), from scrambled Sobol points.

    The same evidence so gives the same region, everywhere and always.
    """
    whole = (count - 1).bit_length()  # Sobol points are even in powers of two
    points = qmc.Sobol(dimensions, scramble=True, seed=20170829).random_base2(whole)[:count]
    return np.asarray(norm.ppf(np.clip(points, 1e-6, 1.0 - 1e-6)))


@dataclass(frozen=True, slots=True, eq=False)
class GroundPoints:
    """Weighted impact points (n,): latitude, longitude [rad], seconds from now, weight.

    Draws that stay up are left out; ``stays_up`` is their share of the weight.
    """

    latitude_rad: Array
    longitude_rad: Array
    after_s: Array
    weight: Array
    stays_up: float

    def centre_rad(self) -> tuple[float, float]:
        """Latitude and longitude of the weighted middle."""
        cos_latitude = np.cos(self.latitude_rad)
        x = float(self.weight @ (cos_latitude * np.cos(self.longitude_rad)))
        y = float(self.weight @ (cos_latitude * np.sin(self.longitude_rad)))
        z = float(self.weight @ np.sin(self.latitude_rad))
        return math.atan2(z, math.hypot(x, y)), math.atan2(y, x)

    def kept(self, mask: Mask) -> GroundPoints:
        """The points of a mask (n,), with their weights; what stays up is left out."""
        return GroundPoints(
            self.latitude_rad[mask],
            self.longitude_rad[mask],
            self.after_s[mask],
            self.weight[mask],
            0.0,
        )

    def weighed(self, weight: Array, stays_up: float) -> GroundPoints:
        """The same points with other weights (n,)."""
        return GroundPoints(self.latitude_rad, self.longitude_rad, self.after_s, weight, stays_up)

    def finite(self) -> GroundPoints:
        """The points without those that are no numbers, as flights of nonsense come to be.

        What these weighed counts as staying up: nothing is known of where it lands.
        """
        good = np.isfinite(self.latitude_rad + self.longitude_rad + self.after_s + self.weight)
        if good.all():
            return self
        kept = self.kept(good)
        stays_up = self.stays_up if math.isfinite(self.stays_up) else 0.0
        left = 1.0 - stays_up - float(kept.weight.sum())
        return kept.weighed(kept.weight, min(1.0, stays_up + max(left, 0.0)))


NOWHERE = GroundPoints(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0), stays_up=1.0)
"""No point at all: everything stays up."""


def mixed(parts: list[tuple[float, GroundPoints]]) -> GroundPoints:
    """Join ground points, each set scaled by its probability."""
    if not parts:
        return NOWHERE
    if len(parts) == 1:
        share, points = parts[0]
        return points.weighed(share * points.weight, share * points.stays_up)
    return GroundPoints(
        latitude_rad=np.concatenate([p.latitude_rad for _, p in parts]),
        longitude_rad=np.concatenate([p.longitude_rad for _, p in parts]),
        after_s=np.concatenate([p.after_s for _, p in parts]),
        weight=np.concatenate([w * p.weight for w, p in parts]),
        stays_up=sum(w * p.stays_up for w, p in parts),
    )


def gaussian_points(
    mean: Array, covariance: Array, *, centre_rad: tuple[float, float], count: int
) -> GroundPoints:
    """Points of a Gaussian of (east, north, seconds) on the plane about a centre, weight 1."""
    lower = _root(covariance + np.diag(_FLOOR**2))
    drawn = mean + normal_scores(count, 3) @ lower.T
    places = places_from_plane_rad(
        drawn[:, :2], latitude_rad=centre_rad[0], longitude_rad=centre_rad[1]
    )
    return GroundPoints(
        places[:, 0], places[:, 1], drawn[:, 2], np.full(count, 1.0 / count), stays_up=0.0
    )


def smeared_points(rows: Array, *, centre_rad: tuple[float, float], copies: int) -> GroundPoints:
    """Points about each of a few flights (n, 3) of (east, north, seconds), weight 1.

    A Gaussian kernel of Silverman's width about every flight, all drawn together so that mean and
    covariance stay (the smoothed bootstrap with shrinkage, Silverman, Density Estimation for
    Statistics and Data Analysis, 1986, section 6.4.1).
    """
    n = len(rows)
    covariance = np.cov(rows, rowvar=False) + np.diag(_FLOOR**2)
    h = (4.0 / (5.0 * n)) ** (1.0 / 7.0)
    shrink = 1.0 / math.sqrt(1.0 + h * h)
    mean = rows.mean(axis=0)
    noise = h * normal_scores(n * copies, 3) @ _root(covariance).T
    drawn = mean + shrink * (np.repeat(rows - mean, copies, axis=0) + noise)
    places = places_from_plane_rad(
        drawn[:, :2], latitude_rad=centre_rad[0], longitude_rad=centre_rad[1]
    )
    count = n * copies
    return GroundPoints(
        places[:, 0], places[:, 1], drawn[:, 2], np.full(count, 1.0 / count), stays_up=0.0
    )


def _root(covariance: Array) -> Array:
    """A square root of a covariance, also of one that rounding has made indefinite."""
    try:
        return np.asarray(np.linalg.cholesky(covariance))
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(covariance)
        return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))


@dataclass(frozen=True, eq=False)
class Moments:
    """A Gaussian of (east [m], north [m], seconds) on the plane about a centre."""

    centre_rad: tuple[float, float]
    mean: Array
    covariance: Array

    def points(self, count: int) -> GroundPoints:
        """So many points of it, of weight 1 together."""
        return gaussian_points(self.mean, self.covariance, centre_rad=self.centre_rad, count=count)

    @functools.cached_property
    def region(self) -> Region:
        """Its moments and the ellipse that holds 90 %."""
        covariance_m2 = self.covariance[:2, :2] + np.diag(_FLOOR[:2] ** 2)
        return _region_of(
            self.mean[:2],
            covariance_m2,
            self.mean[:2] + _ellipse(covariance_m2),
            seconds=(float(self.mean[2]), math.sqrt(max(float(self.covariance[2, 2]), 0.0))),
            centre_rad=self.centre_rad,
        )

    def box_rad(self) -> tuple[float, float, float, float]:
        """South, north, and west and east from the centre: it lies inside, but for 1e-6 of it."""
        half_m = _BOX_SIGMAS * np.sqrt(np.diagonal(self.covariance)[:2]) + np.abs(self.mean[:2])
        north = float(half_m[1]) / MEAN_RADIUS_M
        latitude_rad = self.centre_rad[0]
        widest = min(abs(latitude_rad) + north, 0.5 * math.pi)
        east = float(half_m[0]) / MEAN_RADIUS_M / max(math.cos(widest), 1e-6)
        return latitude_rad - north, latitude_rad + north, -east, east


def moments_of(rows: Array, weight: Array, centre_rad: tuple[float, float]) -> Moments:
    """Moments of weighted rows (n, 3) of (east, north, seconds), weights of sum one."""
    mean = weight @ rows
    offset = rows - mean
    return Moments(centre_rad, mean, (offset * weight[:, None]).T @ offset)


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Moments and 90 % boundary of ground points; covariance of (east, north) in metres."""

    latitude_rad: float
    longitude_rad: float
    covariance_m2: Array
    after_s: float
    after_sigma_s: float
    polygon_rad: tuple[tuple[float, float], ...]


def region(
    points: GroundPoints, *, gaussian: bool, parts: list[GroundPoints] | None = None
) -> Region | None:
    """Summarise ground points; None when too few land to say anything.

    ``gaussian`` draws the 90 % ellipse of the moments; otherwise the boundary is the convex hull
    of the densest 90 % of the weight, which a curved corridor needs. ``parts`` are regions already:
    then the boundary is their common hull, so that it holds whichever of them is the true one.
    """
    total = float(points.weight.sum())
    if len(points.weight) < LEAST_POINTS or total < _LEAST_WEIGHT:
        return None
    weight = points.weight / total
    latitude_rad, longitude_rad = points.centre_rad()

    def on_plane(some: GroundPoints) -> Array:
        return plane_from_places_m(
            some.latitude_rad,
            some.longitude_rad,
            latitude_rad=latitude_rad,
            longitude_rad=longitude_rad,
        )

    plane = on_plane(points)
    mean = weight @ plane
    offset = plane - mean
    covariance = (offset * weight[:, None]).T @ offset
    after_s = float(weight @ points.after_s)
    variance_s2 = float(weight @ (points.after_s - after_s) ** 2)
    outline = None
    if parts:
        outline = _hull(np.concatenate([on_plane(part) for part in parts]))
    elif not gaussian:
        outline = _hull(plane[_densest(plane, weight, covariance)])
    if outline is None:
        outline = mean + _ellipse(covariance)
    return _region_of(
        mean,
        covariance,
        outline,
        seconds=(after_s, math.sqrt(variance_s2)),
        centre_rad=(latitude_rad, longitude_rad),
    )


def _region_of(
    mean: Array,
    covariance_m2: Array,
    outline: Array,
    *,
    seconds: tuple[float, float],
    centre_rad: tuple[float, float],
) -> Region:
    places = places_from_plane_rad(
        np.vstack((mean, outline)), latitude_rad=centre_rad[0], longitude_rad=centre_rad[1]
    ).tolist()
    return Region(
        latitude_rad=places[0][0],
        longitude_rad=places[0][1],
        covariance_m2=covariance_m2,
        after_s=seconds[0],
        after_sigma_s=seconds[1],
        polygon_rad=tuple((a, b) for a, b in places[1:]),
    )


_TURN = np.linspace(0.0, 2.0 * math.pi, _OUTLINE_CORNERS, endpoint=False)
_CIRCLE = np.stack((np.cos(_TURN), np.sin(_TURN)), axis=1)


def _ellipse(covariance_m2: Array) -> Array:
    """Outline (n, 2) of the 90 % ellipse about its centre."""
    values, vectors = np.linalg.eigh(covariance_m2)
    radii = np.sqrt(np.maximum(values, 1.0) * NINETY_PERCENT_D2)
    return np.asarray((_CIRCLE * radii) @ vectors.T)


def dense_part(points: GroundPoints) -> GroundPoints:
    """The densest points that hold 90 % of the weight."""
    latitude_rad, longitude_rad = points.centre_rad()
    plane = plane_from_places_m(
        points.latitude_rad,
        points.longitude_rad,
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
    )
    weight = points.weight / points.weight.sum()
    offset = plane - weight @ plane
    mask = np.zeros(len(weight), dtype=np.bool_)
    mask[_densest(plane, weight, (offset * weight[:, None]).T @ offset)] = True
    return points.kept(mask)


def _densest(plane: Array, weight: Array, covariance_m2: Array) -> NDArray[np.intp]:
    """Indices of the densest points that hold 90 % of the weight (Gaussian kernel density)."""
    count = 1.0 / float(np.sum(weight**2))
    shrink = count ** (-1.0 / 6.0)  # Silverman's factor in two dimensions
    lower = _root(covariance_m2 * shrink**2 + np.eye(2))
    density = np.empty(len(weight))
    kernel_density(np.ascontiguousarray(np.linalg.solve(lower, plane.T).T), weight, density)
    order = np.argsort(-density, kind="stable")
    return order[: int(np.searchsorted(np.cumsum(weight[order]), 0.9)) + 1]


def _hull(plane: Array) -> Array | None:
    """Outline of the convex hull of points (n, 2); None if they do not span an area.

    Long edges are given corners in between: they are straight on the plane, not on a map.
    """
    if len(plane) < 3:
        return None
    try:
        corners = plane[ConvexHull(plane).vertices]
    except QhullError:
        return None
    onward = np.roll(corners, -1, axis=0) - corners
    pieces = np.ceil(np.linalg.norm(onward, axis=1) / _LONGEST_EDGE_M).astype(int)
    pieces = np.clip(pieces, 1, _MOST_PIECES)
    share = np.concatenate([np.arange(n) / n for n in pieces])
    edge = np.repeat(np.arange(len(corners)), pieces)
    return np.asarray(corners[edge] + share[:, None] * onward[edge])


def inside(points: GroundPoints, polygon_rad: tuple[tuple[float, float], ...]) -> Mask:
    """Which ground points lie in a polygon of (latitude, longitude) corners (even-odd rule).

    Edges are straight in longitude and latitude; the polygon may cross the antimeridian.
    """
    corners = np.array(polygon_rad)
    return _inside(points.latitude_rad, points.longitude_rad, corners)


def encloses(
    outline_rad: tuple[tuple[float, float], ...], latitude_rad: Array, longitude_rad: Array
) -> Mask:
    """Which places (n,) a wide outline goes round, also one about a pole or half the Earth.

    Told on the plane about the outline's own middle, where its edges are straight.
    """
    corners = np.array(outline_rad)
    cos_latitude = np.cos(corners[:, 0])
    x = float((cos_latitude * np.cos(corners[:, 1])).sum())
    y = float((cos_latitude * np.sin(corners[:, 1])).sum())
    z = float(np.sin(corners[:, 0]).sum())
    centre = {"latitude_rad": math.atan2(z, math.hypot(x, y)), "longitude_rad": math.atan2(y, x)}
    edge = plane_from_places_m(corners[:, 0], corners[:, 1], **centre)
    place = plane_from_places_m(latitude_rad, longitude_rad, **centre)
    scale = MEAN_RADIUS_M * 4.0  # small numbers, which the rule below takes for angles
    return _inside(place[:, 1] / scale, place[:, 0] / scale, edge[:, ::-1] / scale)


def _inside(latitude_rad: Array, longitude_rad: Array, corners: Array) -> Mask:
    turned_rad = _from_meridian(longitude_rad, corners[0, 1])
    edge_rad = _from_meridian(corners[:, 1], corners[0, 1])
    odd = np.zeros(len(turned_rad), dtype=np.bool_)
    for i in range(len(corners)):
        lat0, lat1 = corners[i - 1, 0], corners[i, 0]
        lon0, lon1 = edge_rad[i - 1], edge_rad[i]
        if lat0 == lat1:
            continue
        crosses = (lat0 > latitude_rad) != (lat1 > latitude_rad)
        at = lon0 + (latitude_rad - lat0) / (lat1 - lat0) * (lon1 - lon0)
        odd ^= crosses & (turned_rad < at)
    return odd


def _from_meridian(longitude_rad: Array, meridian_rad: float) -> Array:
    """Longitudes counted from a meridian, -pi to pi."""
    turned: Array = (longitude_rad - meridian_rad + math.pi) % (2.0 * math.pi) - math.pi
    return turned


class Areas:
    """The defended areas, laid out so that what lies nowhere near an area costs nothing."""

    def __init__(self, polygons_rad: dict[str, tuple[tuple[float, float], ...]]) -> None:
        """Take polygons of (latitude, longitude) corners by area id."""
        self.area_ids = tuple(polygons_rad)
        self._corners = [np.array(p) for p in polygons_rad.values()]
        self._south = np.array([c[:, 0].min() for c in self._corners])
        self._north = np.array([c[:, 0].max() for c in self._corners])
        self._first = np.array([c[0, 1] for c in self._corners])
        away = [_from_meridian(c[:, 1], c[0, 1]) for c in self._corners]
        self._west = np.array([a.min() for a in away])
        self._east = np.array([a.max() for a in away])
        every = np.concatenate([*self._corners, np.zeros((0, 2))])
        cos_latitude = np.cos(every[:, 0])
        self._units = np.stack(
            (
                cos_latitude * np.cos(every[:, 1]),
                cos_latitude * np.sin(every[:, 1]),
                np.sin(every[:, 0]),
            )
        )
        self._starts = np.cumsum([0, *(len(c) for c in self._corners)])[:-1]

    def hits(self, points: GroundPoints) -> dict[int, Mask]:
        """Which points lie in each area that holds any: masks (n,) by the area's index."""
        found: dict[int, Mask] = {}
        if not len(points.weight):
            return found
        latitude_rad, longitude_rad = points.latitude_rad, points.longitude_rad
        near = (self._south <= latitude_rad.max()) & (self._north >= latitude_rad.min())
        for index in np.flatnonzero(near):
            turned = _from_meridian(longitude_rad, self._first[index])
            box = (turned >= self._west[index]) & (turned <= self._east[index])
            box &= (latitude_rad >= self._south[index]) & (latitude_rad <= self._north[index])
            if not box.any():
                continue
            mask = box.copy()
            mask[box] = _inside(latitude_rad[box], longitude_rad[box], self._corners[index])
            if mask.any():
                found[int(index)] = mask
        return found

    def near(self, box_rad: tuple[float, float, float, float], longitude_rad: float) -> bool:
        """Whether any area overlaps a box: south, north, west and east from a longitude."""
        south, north, west, east = box_rad
        rows = (self._south <= north) & (self._north >= south)
        if not rows.any():
            return False
        middle = _from_meridian(self._first[rows], longitude_rad)
        beside = (middle + self._west[rows] <= east) & (middle + self._east[rows] >= west)
        # On the other side of the date line of the box, too.
        beside |= np.abs(middle) + np.maximum(-self._west[rows], self._east[rows]) > math.pi - east
        return bool(beside.any())

    def behind(self, heading_ecef_m: Array) -> Mask:
        """Whether every corner of each area lies behind: away from a level heading (3,)."""
        if not len(self._starts):
            return np.zeros(0, dtype=np.bool_)
        ahead = heading_ecef_m @ self._units
        return np.asarray(np.maximum.reduceat(ahead, self._starts) <= 0.0)
