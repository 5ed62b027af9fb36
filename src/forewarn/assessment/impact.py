"""Where it can come down: weighted ground points from *still thrusting* and *cut off*.

While an object thrusts, its flight beyond now is unknown; every class of vehicle says how fast it
will be at cut-off, and the impact region is the mixture over classes of gravity turns flown on to
a drawn cut-off speed and then to the ground. Once it falls, the region is the ballistic posterior
flown to the ground. The two are mixed by the probability that the engine has stopped.

The draws are one fixed table of normal scores (scrambled Sobol points), so that the same evidence
gives the same region, everywhere and always.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError
from scipy.stats import norm, qmc

from forewarn.assessment.vehicle_classes import CLASS_CUT_OFF_M_S, MISSILE_CLASSES
from forewarn.earth import ECCENTRICITY_SQUARED
from forewarn.frames import places_from_plane_rad, plane_from_places_m
from forewarn.kernels import filter as kernel
from forewarn.kernels.density import kernel_density
from forewarn.kernels.flight import fly_out_all
from forewarn.tracking.live import LONGEST_PREDICTION_S, Posterior

Array = NDArray[np.float64]

BOOST_DRAWS = 128  # per class
FEW_BOOST_DRAWS = 32  # where hardly any weight is on a missile
COAST_DRAWS = 64
COAST_SPREAD = 1024  # points drawn from the moments of the cut-off flights
NINETY_PERCENT_D2 = 4.605170186  # chi-square, two degrees of freedom: -2 ln 0.1
_LEAST_POINTS = 8
_LEAST_WEIGHT = 1e-9
_OUTLINE_CORNERS = 48
_FLOOR = np.array((6.0, 6.0, 1e-2))  # least spread of points: east, north [m], time [s]


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


@functools.lru_cache(maxsize=8)
def _normal_scores(count: int, dimensions: int) -> Array:
    points = qmc.Sobol(dimensions, scramble=True, seed=20170829).random(count)
    return np.asarray(norm.ppf(np.clip(points, 1e-6, 1.0 - 1e-6)))


def thrusting_points(posterior: Posterior, draws: int = BOOST_DRAWS) -> list[GroundPoints]:
    """Ground points per missile class, in the order of MISSILE_CLASSES, if it still thrusts."""
    scores = _normal_scores(draws, kernel.BODY + 2)
    states = _draw(posterior.means[0], posterior.covariances[0], scores[:, : kernel.BODY])
    share = norm.cdf(scores[:, kernel.BODY])
    mean_ln_drag, sigma_ln_drag = kernel.LN_DRAG_PRIOR
    inverse_beta = np.exp(mean_ln_drag + sigma_ln_drag * scores[:, kernel.BODY + 1])
    speeds = np.linalg.norm(states[:, 3:6], axis=1)
    points = []
    for name in MISSILE_CLASSES:
        low, high = CLASS_CUT_OFF_M_S[name]
        low_now = np.clip(speeds, low, high)
        v_cut = low_now + share * (high - low_now)
        points.append(_fly(states.copy(), v_cut, inverse_beta))
    return points


def falling_points(posterior: Posterior) -> GroundPoints:
    """Ground points if it has cut off: the likeliest falling model flown to the ground.

    A few flights give the moments of (place, time), which are near enough Gaussian for a falling
    object; many points are drawn from those.
    """
    scores = _normal_scores(COAST_DRAWS, kernel.BODY)
    model = posterior.falling
    states = _draw(posterior.means[model], posterior.covariances[model], scores)
    inverse_beta = np.exp(np.clip(states[:, 6], -15.0, -2.0))
    states[:, 6] = 0.0
    return _spread(_fly(states, np.zeros(len(states)), inverse_beta))


def _spread(flown: GroundPoints) -> GroundPoints:
    """Replace landed flights by many points of the same mean and covariance."""
    if len(flown.weight) < _LEAST_POINTS:
        return flown
    latitude_rad, longitude_rad = flown.centre_rad()
    plane = plane_from_places_m(
        flown.latitude_rad,
        flown.longitude_rad,
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
    )
    rows = np.column_stack((plane, flown.after_s))
    try:
        lower = np.linalg.cholesky(np.cov(rows, rowvar=False) + np.diag(_FLOOR**2))
    except np.linalg.LinAlgError:
        return flown
    drawn = rows.mean(axis=0) + _normal_scores(COAST_SPREAD, 3) @ lower.T
    places = places_from_plane_rad(
        drawn[:, :2], latitude_rad=latitude_rad, longitude_rad=longitude_rad
    )
    return GroundPoints(
        latitude_rad=places[:, 0],
        longitude_rad=places[:, 1],
        after_s=drawn[:, 2],
        weight=np.full(COAST_SPREAD, (1.0 - flown.stays_up) / COAST_SPREAD),
        stays_up=flown.stays_up,
    )


def _draw(mean: Array, covariance: Array, scores: Array) -> Array:
    """States (n, 8) of one model from normal scores (n, 8)."""
    lower = np.zeros((kernel.BODY, kernel.BODY))
    block = np.ascontiguousarray(covariance[: kernel.BODY, : kernel.BODY])
    if not kernel.cholesky(block, kernel.BODY, lower):
        lower = np.diag(np.sqrt(np.maximum(np.diag(block), 0.0)))
    return np.asarray(mean[: kernel.BODY] + scores @ lower.T)


def _fly(states: Array, v_cut: Array, inverse_beta: Array) -> GroundPoints:
    flown_s = np.empty(len(states))
    fly_out_all(states, v_cut, inverse_beta, LONGEST_PREDICTION_S, flown_s)
    landed = (flown_s >= 0.0) & (flown_s < LONGEST_PREDICTION_S)
    x, y, z = states[landed, :3].T
    count = int(landed.sum())
    return GroundPoints(
        # Geodetic latitude of a point at height 0.
        latitude_rad=np.arctan2(z, (1.0 - ECCENTRICITY_SQUARED) * np.hypot(x, y)),
        longitude_rad=np.arctan2(y, x),
        after_s=flown_s[landed],
        weight=np.full(count, 1.0 / len(states)),
        stays_up=1.0 - count / len(states),
    )


def mixed(parts: list[tuple[float, GroundPoints]]) -> GroundPoints:
    """Join ground points, each set scaled by its probability."""
    return GroundPoints(
        latitude_rad=np.concatenate([p.latitude_rad for _, p in parts]),
        longitude_rad=np.concatenate([p.longitude_rad for _, p in parts]),
        after_s=np.concatenate([p.after_s for _, p in parts]),
        weight=np.concatenate([w * p.weight for w, p in parts]),
        stays_up=sum(w * p.stays_up for w, p in parts),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Moments and 90 % boundary of ground points; covariance of (east, north) in metres."""

    latitude_rad: float
    longitude_rad: float
    covariance_m2: Array
    after_s: float
    after_sigma_s: float
    polygon_rad: tuple[tuple[float, float], ...]


def region(points: GroundPoints, *, gaussian: bool) -> Region | None:
    """Summarise ground points; None when too few land to say anything.

    ``gaussian`` draws the 90 % ellipse of the moments; otherwise the boundary is the convex hull
    of the densest 90 % of the weight, which a curved corridor needs.
    """
    total = float(points.weight.sum())
    if len(points.weight) < _LEAST_POINTS or total < _LEAST_WEIGHT:
        return None
    weight = points.weight / total
    latitude_rad, longitude_rad = points.centre_rad()
    plane = plane_from_places_m(
        points.latitude_rad,
        points.longitude_rad,
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
    )
    mean = weight @ plane
    offset = plane - mean
    covariance = (offset * weight[:, None]).T @ offset
    after_s = float(weight @ points.after_s)
    variance_s2 = float(weight @ (points.after_s - after_s) ** 2)
    outline = None if gaussian else _dense_hull(plane, weight, covariance)
    if outline is None:
        outline = mean + _ellipse(covariance)
    places = places_from_plane_rad(
        np.vstack((mean, outline)), latitude_rad=latitude_rad, longitude_rad=longitude_rad
    )
    return Region(
        latitude_rad=float(places[0, 0]),
        longitude_rad=float(places[0, 1]),
        covariance_m2=covariance,
        after_s=after_s,
        after_sigma_s=math.sqrt(variance_s2),
        polygon_rad=tuple((float(a), float(b)) for a, b in places[1:]),
    )


def _ellipse(covariance_m2: Array) -> Array:
    """Outline (n, 2) of the 90 % ellipse about its centre."""
    values, vectors = np.linalg.eigh(covariance_m2)
    turn = np.linspace(0.0, 2.0 * math.pi, _OUTLINE_CORNERS, endpoint=False)
    circle = np.stack((np.cos(turn), np.sin(turn)), axis=1)
    radii = np.sqrt(np.maximum(values, 1.0) * NINETY_PERCENT_D2)
    return np.asarray((circle * radii) @ vectors.T)


def _dense_hull(plane: Array, weight: Array, covariance_m2: Array) -> Array | None:
    """Convex hull of the densest points that hold 90 % of the weight (Gaussian kernel density).

    None if the points do not span an area.
    """
    count = 1.0 / float(np.sum(weight**2))
    shrink = count ** (-1.0 / 6.0)  # Silverman's factor in two dimensions
    try:
        lower = np.linalg.cholesky(covariance_m2 * shrink**2 + np.eye(2))
    except np.linalg.LinAlgError:
        return None
    density = np.empty(len(weight))
    kernel_density(np.ascontiguousarray(np.linalg.solve(lower, plane.T).T), weight, density)
    order = np.argsort(-density, kind="stable")
    kept = order[: int(np.searchsorted(np.cumsum(weight[order]), 0.9)) + 1]
    try:
        return np.asarray(plane[kept][ConvexHull(plane[kept]).vertices])
    except QhullError:
        return None


def inside(points: GroundPoints, polygon_rad: tuple[tuple[float, float], ...]) -> NDArray[np.bool_]:
    """Which ground points lie in a polygon of (latitude, longitude) corners (even-odd rule).

    Edges are straight in longitude and latitude; the polygon may cross the antimeridian.
    """
    corners = np.array(polygon_rad)
    longitude_rad = _from_meridian(points.longitude_rad, corners[0, 1])
    edge_rad = _from_meridian(corners[:, 1], corners[0, 1])
    odd = np.zeros(len(longitude_rad), dtype=np.bool_)
    for i in range(len(corners)):
        lat0, lat1 = corners[i - 1, 0], corners[i, 0]
        lon0, lon1 = edge_rad[i - 1], edge_rad[i]
        if lat0 == lat1:
            continue
        crosses = (lat0 > points.latitude_rad) != (lat1 > points.latitude_rad)
        at = lon0 + (points.latitude_rad - lat0) / (lat1 - lat0) * (lon1 - lon0)
        odd ^= crosses & (longitude_rad < at)
    return odd


def _from_meridian(longitude_rad: Array, meridian_rad: float) -> Array:
    """Longitudes counted from a meridian, -pi to pi."""
    turned: Array = (longitude_rad - meridian_rad + math.pi) % (2.0 * math.pi) - math.pi
    return turned
