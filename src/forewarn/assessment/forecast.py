"""One track's forecast: how it goes on, mixed by how likely each way is.

Three ways: it thrusts on (each hypothesis weighs the same possible cut-offs), it falls, or it turns
aside by its lift. The stated 90 % region holds the truth whichever of them, and whichever class, is
the true one: it is the common hull of a region for each that is likely at all. A region of the
mixture alone would leave out a tenth of all flights by leaving out one kind of them nearly always.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forewarn.assessment.classify import INDEX, Fall, Verdict
from forewarn.assessment.footprint import glide_points
from forewarn.assessment.ground import (
    NOWHERE,
    GroundPoints,
    Region,
    dense_part,
    mixed,
    region,
)
from forewarn.assessment.impact import SPREAD, Burnouts, Falls, Going
from forewarn.earth import GRAVITATIONAL_PARAMETER_M3_S2, MEAN_RADIUS_M
from forewarn.frames import ecef_from_geodetic
from forewarn.kernels.flight import height_m
from forewarn.records import HARMLESS, HYPOTHESES
from forewarn.tracking.live import Posterior

Array = NDArray[np.float64]

HARDLY = 0.03  # a way of going on less likely than this is left out of the region
_CLASS_COUNTS_FROM = 0.02  # of the hostile weight: a class below it is left out of the region
_OUTER = 0.03  # share of a class's cut-offs on either side outside its region
_GLIDES_BELOW_M = 80e3
_HOSTILE = [INDEX[name] for name in HYPOTHESES if name not in HARMLESS]


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Weights of the ways to go on, and the ground points of each; weights add to one.

    ``since_launch_s`` is that at the instant of the flights.
    """

    going: Going
    verdict: Verdict
    thrusting: float
    falling: float
    gliding: float
    glide: GroundPoints
    since_launch_s: float

    def thrust(self) -> tuple[Burnouts, Array] | None:
        """The possible ends of the burn and their weights (hypotheses, n); None if it is over."""
        burnouts = self.going.burnouts
        if burnouts is None or not len(burnouts.cell) or self.thrusting <= 0.0:
            return None
        return burnouts, burnouts.weighed(self.since_launch_s)


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """Ground points of the mixture, those of a lone fall left as moments, and the region."""

    points: GroundPoints
    lone_fall: Falls | None
    region: Region | None

    @property
    def stays_up(self) -> float:
        """The share that does not come down, of what is no space launch or satellite."""
        return self.points.stays_up if self.lone_fall is None else self.lone_fall.stays_up


def glide_share(there: Posterior, verdict: Verdict) -> float:
    """The chance that what falls may turn aside by its lift, 0 if hardly any."""
    lifts = float(there.weights[3]) if len(there.weights) > 3 else 0.0
    share = max(verdict.of("glider"), lifts)
    return share if share >= HARDLY else 0.0


def ways_of(
    there: Posterior, going: Going, verdict: Verdict, *, glide: GroundPoints, since_launch_s: float
) -> Ways:
    """Weigh the ways from an instant on. Thrust and fall are those that ``going`` has flown.

    ``glide`` are the points of `footprint_of`, none if it is not to glide.
    """
    thrusting = float(there.weights[0]) if going.burnouts is not None else 0.0
    rest = 1.0 - thrusting if going.falls is not None else 0.0
    gliding = rest * glide_share(there, verdict) if len(glide.weight) else 0.0
    total = thrusting + rest
    return Ways(
        going=going,
        verdict=verdict,
        thrusting=thrusting / total,
        falling=(rest - gliding) / total,
        gliding=gliding / total,
        glide=glide,
        since_launch_s=since_launch_s,
    )


def footprint_of(there: Posterior, falls: Falls | None, fall: Fall | None) -> GroundPoints:
    """Where it can glide to: from where it is, or from where it will meet the air."""
    model = 3 if len(there.weights) > 3 and there.weights[3] > HARDLY else 1
    position, velocity = there.means[model, :3], there.means[model, 3:6]
    if height_m(position[0], position[1], position[2]) < _GLIDES_BELOW_M:
        return glide_points(position, velocity, fall_rad=0.0)
    if falls is None or falls.moments is None:
        return NOWHERE
    latitude_rad, longitude_rad = falls.moments.centre_rad
    end = ecef_from_geodetic(latitude_rad, longitude_rad, 0.0)
    r = float(np.linalg.norm(position))
    gained = 2.0 * GRAVITATIONAL_PARAMETER_M3_S2 * (1.0 / MEAN_RADIUS_M - 1.0 / r)
    speed = math.sqrt(max(float(velocity @ velocity) + gained, 1.0))
    up = end / np.linalg.norm(end)
    onward = -(position - (position @ up) * up)
    onward /= max(float(np.linalg.norm(onward)), 1.0)
    return glide_points(end, speed * onward, fall_rad=fall.slant_rad[0] if fall else 0.3)


def forecast_of(ways: Ways) -> Forecast:
    """Mix the ways, and state the region that holds each of them."""
    falls = ways.going.falls
    alone = ways.thrusting < HARDLY and ways.gliding == 0.0
    if alone and falls is not None and falls.scattered is None:
        moments = falls.moments
        return Forecast(NOWHERE, falls, moments.region if moments is not None else None)
    parts: list[tuple[float, GroundPoints]] = []
    outlines: list[GroundPoints] = []
    thrust = ways.thrust()
    if thrust is not None:
        burnouts, weights = thrust
        hostile = ways.verdict.hypotheses[_HOSTILE]
        shares = hostile / max(float(hostile.sum()), 1e-300)
        mean = shares @ weights[_HOSTILE]
        landed = burnouts.landed
        points = burnouts.points.weighed(mean, 0.0).kept(landed)
        points = points.weighed(points.weight, max(0.0, 1.0 - float(points.weight.sum())))
        parts.append((ways.thrusting, points))
        if ways.thrusting >= HARDLY:
            kept = _central(burnouts, weights[_HOSTILE][shares >= _CLASS_COUNTS_FROM])
            outlines.append(burnouts.spread(kept & landed))
    if falls is not None and falls.moments is not None and ways.falling > 0.0:
        points = falls.points
        parts.append((ways.falling, points))
        if ways.falling >= HARDLY:
            outlines.append(dense_part(points) if falls.scattered else _ellipse_of(falls))
    if ways.gliding > 0.0 and len(ways.glide.weight):
        parts.append((ways.gliding, ways.glide))
        outlines.append(dense_part(ways.glide))
    points = mixed(parts).finite()
    outlines = [part.finite() for part in outlines]
    whole = region(points, gaussian=False, parts=outlines)
    if whole is not None and falls is not None and ways.falling > 0.5:
        # The middle of a fall and of a glide that may follow it is where neither comes down: the
        # moments are those of the likelier, the boundary holds both.
        likeliest = falls.moments.region if falls.moments is not None else None
        if likeliest is not None:
            whole = replace(likeliest, polygon_rad=whole.polygon_rad)
    return Forecast(points, None, whole)


def _central(burnouts: Burnouts, weights: Array) -> NDArray[np.bool_]:
    """Cells that lie in the middle of some class's cut-offs by energy. ``weights`` (classes, n)."""
    order = np.argsort(burnouts.reach_ln_m, kind="stable")
    kept = np.zeros(len(order), dtype=np.bool_)
    for row in weights:
        below = np.cumsum(row[order])
        kept[order[(below > _OUTER) & (below - row[order] < 1.0 - _OUTER)]] = True
    return kept


def _ellipse_of(falls: Falls) -> GroundPoints:
    """The outline of a fall's 90 % ellipse, as points without weight."""
    assert falls.moments is not None
    corners = np.array(falls.moments.region.polygon_rad)
    nothing = np.zeros(len(corners))
    return GroundPoints(corners[:, 0], corners[:, 1], nothing, nothing, 0.0)


def points_of(forecast: Forecast) -> GroundPoints:
    """Ground points of a forecast, those of a lone fall drawn from its moments (`SPREAD`)."""
    if forecast.lone_fall is None:
        return forecast.points
    points = forecast.lone_fall.points
    assert len(points.weight) in (0, SPREAD)
    return points
