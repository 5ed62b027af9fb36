"""Where it can come down: weighted ground points from *still thrusting* and *cut off*.

While an object thrusts, its flight beyond now is unknown; every class of vehicle says how fast it
will be at cut-off, and the impact region is the mixture over classes of gravity turns flown on to a
drawn cut-off speed and then to the ground. Once it falls, the region is the ballistic posterior flown
to the ground. The two are mixed by the probability that the engine has stopped.

The draws are one fixed table of normal scores (scrambled Sobol points), so that the same evidence gives
the same region, everywhere and always.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from scipy.stats import norm, qmc

from forewarn.assessment.vehicle_classes import CLASS_CUT_OFF_M_S, MISSILE_CLASSES
from forewarn.earth import ECCENTRICITY_SQUARED, MEAN_RADIUS_M
from forewarn.kernels import filter as kernel
from forewarn.kernels.density import kernel_density
from forewarn.kernels.flight import fly_out_all
from forewarn.tracking.live import Posterior

Array = NDArray[np.float64]

BOOST_DRAWS = 128  # per class
COAST_DRAWS = 64
COAST_SPREAD = 1024  # points drawn from the moments of the cut-off flights
_LONGEST_FLIGHT_S = 5400.0
_LN_DRAG = kernel.LN_DRAG_PRIOR
NINETY_PERCENT_D2 = 4.605170186  # chi-square, two degrees of freedom: -2 ln 0.1


@dataclass(frozen=True, slots=True, eq=False)
class GroundPoints:
    """Weighted impact points (n,): latitude, longitude [rad], seconds from now, class, weight.

    ``class_index`` is the index in MISSILE_CLASSES that a draw was flown for, -1 for a cut-off draw.
    Draws that stay up are left out; ``stays_up`` is their share.
    """

    latitude_rad: Array
    longitude_rad: Array
    after_s: Array
    class_index: NDArray[np.int64]
    weight: Array
    stays_up: float


@functools.lru_cache(maxsize=8)
def _normal_scores(count: int, dimensions: int) -> Array:
    points = qmc.Sobol(dimensions, scramble=True, seed=20170829).random(count)
    return np.asarray(norm.ppf(np.clip(points, 1e-6, 1.0 - 1e-6)))


def thrusting_points(posterior: Posterior) -> list[GroundPoints]:
    """Ground points per missile class, in the order of MISSILE_CLASSES, if it still thrusts."""
    scores = _normal_scores(BOOST_DRAWS, kernel.BODY + 2)
    states = _draw(posterior.means[0], posterior.covariances[0], scores[:, : kernel.BODY])
    share = norm.cdf(scores[:, kernel.BODY])
    inverse_beta = np.exp(_LN_DRAG[0] + 0.5 * _LN_DRAG[1] * scores[:, kernel.BODY + 1])
    speeds = np.linalg.norm(states[:, 3:6], axis=1)
    points = []
    for index, name in enumerate(MISSILE_CLASSES):
        low, high = CLASS_CUT_OFF_M_S[name]
        low_now = np.clip(speeds, low, high)
        v_cut = low_now + share * (high - low_now)
        points.append(_fly(states.copy(), v_cut, inverse_beta, index))
    return points


def falling_points(posterior: Posterior) -> GroundPoints:
    """Ground points if it has cut off: the ballistic posterior flown to the ground.

    A few flights give the moments of (latitude, longitude, time), which are near enough Gaussian for
    a falling object; many points are drawn from those.
    """
    scores = _normal_scores(COAST_DRAWS, kernel.BODY)
    states = _draw(posterior.means[1], posterior.covariances[1], scores)
    inverse_beta = np.exp(np.clip(states[:, 6], -15.0, -2.0))
    states[:, 6] = 0.0
    return _spread(_fly(states, np.zeros(len(states)), inverse_beta, -1))


def _spread(flown: GroundPoints) -> GroundPoints:
    """Replace landed flights by many points of the same mean and covariance."""
    if len(flown.weight) < 8:
        return flown
    anchor = flown.longitude_rad[0]
    turned = (flown.longitude_rad - anchor + math.pi) % (2.0 * math.pi) - math.pi
    rows = np.stack((flown.latitude_rad, turned, flown.after_s))
    scale = np.array((1e-6, 1e-6, 1e-2))
    covariance = np.cov(rows) + np.diag(scale**2)
    lower = np.linalg.cholesky(covariance)
    points = rows.mean(axis=1)[:, None] + lower @ _normal_scores(COAST_SPREAD, 3).T
    return GroundPoints(
        points[0],
        (points[1] + anchor + math.pi) % (2.0 * math.pi) - math.pi,
        points[2],
        np.full(COAST_SPREAD, -1),
        np.full(COAST_SPREAD, (1.0 - flown.stays_up) / COAST_SPREAD),
        flown.stays_up,
    )


def _draw(mean: Array, covariance: Array, scores: Array) -> Array:
    lower = np.zeros((kernel.BODY, kernel.BODY))
    block = np.ascontiguousarray(covariance[: kernel.BODY, : kernel.BODY])
    if not kernel.cholesky(block, kernel.BODY, lower):
        lower = np.diag(np.sqrt(np.maximum(np.diag(block), 0.0)))
    return np.asarray(mean[: kernel.BODY] + scores @ lower.T)


def _fly(states: Array, v_cut: Array, inverse_beta: Array, class_index: int) -> GroundPoints:
    flown_s = np.empty(len(states))
    fly_out_all(states, v_cut, inverse_beta, _LONGEST_FLIGHT_S, flown_s)
    landed = (flown_s >= 0.0) & (flown_s < _LONGEST_FLIGHT_S)
    x, y, z = states[landed, 0], states[landed, 1], states[landed, 2]
    count = int(landed.sum())
    return GroundPoints(
        np.arctan2(z, (1.0 - ECCENTRICITY_SQUARED) * np.hypot(x, y)),  # geodetic, at height 0
        np.arctan2(y, x),
        flown_s[landed],
        np.full(count, class_index),
        np.full(count, 1.0 / len(states)),
        1.0 - count / len(states),
    )


def mixed(parts: list[tuple[float, GroundPoints]]) -> GroundPoints:
    """Join ground points, each set scaled by its probability."""
    return GroundPoints(
        np.concatenate([p.latitude_rad for _, p in parts]),
        np.concatenate([p.longitude_rad for _, p in parts]),
        np.concatenate([p.after_s for _, p in parts]),
        np.concatenate([p.class_index for _, p in parts]),
        np.concatenate([w * p.weight for w, p in parts]),
        sum(w * p.stays_up for w, p in parts),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Moments and 90 % boundary of ground points; east and north in metres."""

    latitude_rad: float
    longitude_rad: float
    covariance_m2: Array
    after_s: float
    after_sigma_s: float
    polygon_rad: tuple[tuple[float, float], ...]


def region(points: GroundPoints, *, gaussian: bool) -> Region | None:
    """Summarise ground points; None when nothing lands.

    ``gaussian`` draws the 90 % ellipse of the moments; otherwise the boundary is the convex hull
    of the densest 90 % of the weight, which a curved corridor needs.
    """
    weight = points.weight / max(float(points.weight.sum()), 1e-300)
    if len(weight) < 8:
        return None
    unit = np.stack(
        (
            np.cos(points.latitude_rad) * np.cos(points.longitude_rad),
            np.cos(points.latitude_rad) * np.sin(points.longitude_rad),
            np.sin(points.latitude_rad),
        ),
        axis=1,
    )
    centre = weight @ unit
    latitude = math.atan2(float(centre[2]), math.hypot(float(centre[0]), float(centre[1])))
    longitude = math.atan2(float(centre[1]), float(centre[0]))
    plane = _to_plane(points.latitude_rad, points.longitude_rad, latitude, longitude)
    mean = weight @ plane
    offset = plane - mean
    covariance = (offset * weight[:, None]).T @ offset
    after = float(weight @ points.after_s)
    spread = math.sqrt(max(float(weight @ (points.after_s - after) ** 2), 0.0))
    if gaussian:
        values, vectors = np.linalg.eigh(covariance)
        turn = np.linspace(0.0, 2.0 * math.pi, 48, endpoint=False)
        circle = np.stack((np.cos(turn), np.sin(turn)), axis=1)
        radii = np.sqrt(np.maximum(values, 1.0) * NINETY_PERCENT_D2)
        outline = mean + (circle * radii) @ vectors.T
    else:
        outline = _dense_hull(plane, weight, covariance)
    middle = _from_plane(mean[None, :], latitude, longitude)[0]
    polygon = _from_plane(outline, latitude, longitude)
    return Region(
        float(middle[0]),
        float(middle[1]),
        covariance,
        after,
        spread,
        tuple((float(a), float(b)) for a, b in polygon),
    )


def _dense_hull(plane: Array, weight: Array, covariance: Array) -> Array:
    """Convex hull of the densest points that hold 90 % of the weight (Gaussian kernel density)."""
    count = 1.0 / float(np.sum(weight**2))
    shrink = count ** (-1.0 / 6.0)  # Silverman's factor in two dimensions
    lower = np.linalg.cholesky(covariance * shrink**2 + np.eye(2))
    density = np.empty(len(weight))
    kernel_density(np.ascontiguousarray(np.linalg.solve(lower, plane.T).T), weight, density)
    order = np.argsort(-density, kind="stable")
    kept = order[: int(np.searchsorted(np.cumsum(weight[order]), 0.9)) + 1]
    if len(kept) < 3:
        kept = order[:3]
    return np.asarray(plane[kept][ConvexHull(plane[kept]).vertices])


def _to_plane(latitudes: Array, longitudes: Array, latitude: float, longitude: float) -> Array:
    """Azimuthal equidistant (east, north) [m] about a point (Snyder, USGS PP 1395, eq. 22-4)."""
    d = longitudes - longitude
    cosine = math.sin(latitude) * np.sin(latitudes) + math.cos(latitude) * np.cos(
        latitudes
    ) * np.cos(d)
    angle = np.arccos(np.clip(cosine, -1.0, 1.0))
    scale = np.where(angle > 1e-9, angle / np.maximum(np.sin(angle), 1e-12), 1.0) * MEAN_RADIUS_M
    east = scale * np.cos(latitudes) * np.sin(d)
    north = scale * (
        math.cos(latitude) * np.sin(latitudes) - math.sin(latitude) * np.cos(latitudes) * np.cos(d)
    )
    return np.stack((east, north), axis=1)


def _from_plane(plane: Array, latitude: float, longitude: float) -> Array:
    """Inverse of `_to_plane`: (latitude, longitude) [rad] rows (Snyder eq. 20-14, 20-15)."""
    rho = np.maximum(np.linalg.norm(plane, axis=1), 1e-6)
    angle = rho / MEAN_RADIUS_M
    east, north = plane[:, 0], plane[:, 1]
    lat = np.arcsin(
        np.clip(
            np.cos(angle) * math.sin(latitude) + north * np.sin(angle) * math.cos(latitude) / rho,
            -1.0,
            1.0,
        )
    )
    lon = longitude + np.arctan2(
        east * np.sin(angle),
        rho * math.cos(latitude) * np.cos(angle) - north * math.sin(latitude) * np.sin(angle),
    )
    return np.stack((lat, (lon + math.pi) % (2.0 * math.pi) - math.pi), axis=1)


def inside(points: GroundPoints, polygon_rad: tuple[tuple[float, float], ...]) -> NDArray[np.bool_]:
    """Which ground points lie in a polygon of (latitude, longitude) corners (even-odd rule).

    Edges are straight in longitude and latitude; the polygon may cross the antimeridian.
    """
    corners = np.array(polygon_rad)
    reference = corners[0, 1]
    lon = (points.longitude_rad - reference + math.pi) % (2.0 * math.pi) - math.pi
    edge_lon = (corners[:, 1] - reference + math.pi) % (2.0 * math.pi) - math.pi
    odd = np.zeros(len(lon), dtype=np.bool_)
    for i in range(len(corners)):
        lat0, lat1 = corners[i - 1, 0], corners[i, 0]
        lon0, lon1 = edge_lon[i - 1], edge_lon[i]
        crosses = (lat0 > points.latitude_rad) != (lat1 > points.latitude_rad)
        if lat0 == lat1:
            continue
        at = lon0 + (points.latitude_rad - lat0) / (lat1 - lat0) * (lon1 - lon0)
        odd ^= crosses & (lon < at)
    return odd
