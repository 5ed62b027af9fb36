"""Where it can come down: weighted ground points from *still thrusting*, *cut off*, *may glide*.

While an object thrusts, its flight beyond now is unknown. A few burns drawn from the posterior are
flown on as gravity turns, through further stages, and cut off at every speed up to an orbit's; each
cut-off is flown to the ground. Those ends are the same for every explanation of the flight: each
only weighs them anew, by where on the scale of energy it expects the cut-off, given that it has not
come yet. Once it falls, the region is the falling posterior flown to the ground. A glider may turn
aside (``assessment.footprint``). The three are mixed by their weights.

The falls of all tracks are flown together, in lanes. The draws are fixed tables of scores.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.assessment.energy import perigee_m, reach_m
from forewarn.assessment.ground import (
    LEAST_POINTS,
    NOWHERE,
    GroundPoints,
    Moments,
    moments_of,
    normal_scores,
    smeared_points,
)
from forewarn.assessment.vehicle_classes import burning_on, stopping_density
from forewarn.earth import ECCENTRICITY_SQUARED
from forewarn.frames import plane_from_places_m
from forewarn.kernels import filter as kernel
from forewarn.kernels.burn_on import burn_on_all
from forewarn.missiles.many import fall_many
from forewarn.tracking.live import LONGEST_PREDICTION_S, Posterior

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

BURNS = 16  # drawn from the thrusting posterior
CUT_OFFS = 9  # of each, between the speed now and the fastest
PIECES = 5  # between two cut-offs of a burn, by interpolation
WIDE_DRAWS = 64  # of a falling posterior too wide for its moments
SPREAD = 1024  # points drawn from the moments of a falling posterior
_COPIES = 8
_APART = 1.35  # benchmarks/impact.py: regions of thrusting objects then hold what they say
_NARROW = 0.02  # velocity known to this share: moments describe where it falls
_NEARLY_UP_M = -500e3  # a perigee above this: a small change of speed is a long way on the ground
_FASTEST_M_S = 7_900.0  # over the ground: an orbit's, whatever the direction
_LONGEST_BURN_S = 600.0
_TOLERANCE_M = 20.0  # of a step of a flight whose end is uncertain by kilometres
_LN_DRAG_SPAN = (-15.0, -2.0)
_LEAST_SHARE = 0.01  # of the falling weight: a model below it is left out
# What comes after now, soft and wide: the specific thrust at which a stage ends (median, sigma of
# the logarithm), that at which the next begins, the loss of mass for it, and how far its thrust
# lies off the velocity for the rest of the burn, up and aside.
_STAGE_END = (70.0, 0.5)
_NEXT_STAGE = (17.0, 0.3)
_NEXT_EXHAUST_M_S = 2_800.0
_PITCH_RAD = 0.06
_YAW_RAD = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Burnouts:
    """Possible ends of a burn (n,) and where each leads, in the order of burn and energy.

    ``reach_ln_m`` is the logarithm of the range that its energy reaches, ``cell`` the span of that
    logarithm for which it stands, ``burnt_s`` the seconds of burning from now. ``landed`` says
    which come down; only those have a place. Ends of one ``slot`` are alike but for their burn.
    """

    points: GroundPoints
    reach_ln_m: Array
    cell: Array
    burnt_s: Array
    landed: Mask
    slot: NDArray[np.int64]

    def spread(self, mask: Mask) -> GroundPoints:
        """The places of a mask (n,), pushed apart from those of their slot.

        A dozen burns seldom hold the farthest in twenty: this is what makes their hull a region.
        """
        latitude_rad, longitude_rad = (
            self.points.latitude_rad[mask],
            self.points.longitude_rad[mask],
        )
        cos_latitude = np.cos(latitude_rad)
        units = np.stack(
            (
                cos_latitude * np.cos(longitude_rad),
                cos_latitude * np.sin(longitude_rad),
                np.sin(latitude_rad),
            )
        )
        slot = self.slot[mask]
        count = np.maximum(np.bincount(slot), 1)
        middle = np.stack([np.bincount(slot, weights=u) / count for u in units])[:, slot]
        x, y, z = middle + _APART * (units - middle)
        return GroundPoints(
            np.arctan2(z, np.hypot(x, y)),
            np.arctan2(y, x),
            np.zeros(len(slot)),
            np.zeros(len(slot)),
            0.0,
        )

    def weighed(self, since_launch_s: float) -> Array:
        """Weight (hypotheses, n) of every end under each hypothesis, rows of sum one.

        Each is the density of a cut-off at that energy, given that it is yet to come, and the
        chance to burn for so long.
        """
        density = stopping_density(np.exp(self.reach_ln_m)).T * self.cell
        late = burning_on(since_launch_s + self.burnt_s).T
        weight = density * late + 1e-9 * self.cell + 1e-12
        return np.asarray(weight / weight.sum(axis=1, keepdims=True))


@dataclass(frozen=True, eq=False)
class Falls:
    """The falling posterior flown on: moments of where and when, and points if those are few.

    ``stays_up`` is the share that does not come down; ``scattered`` is None where the moments
    tell all.
    """

    moments: Moments | None
    scattered: GroundPoints | None
    stays_up: float

    @functools.cached_property
    def points(self) -> GroundPoints:
        """Ground points, `SPREAD` of them from the moments."""
        if self.moments is None:
            return NOWHERE
        points = self.scattered or self.moments.points(SPREAD)
        return points.weighed((1.0 - self.stays_up) * points.weight, self.stays_up)


@dataclass(frozen=True, slots=True, eq=False)
class Going:
    """How a track can go on from an instant: burnouts if it may thrust, falls if it may not."""

    burnouts: Burnouts | None
    falls: Falls | None


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is to be flown for one track: see `go_on`."""

    there: Posterior
    may_thrust: bool
    may_fall: bool
    ln_drag: tuple[float, float] = kernel.LN_DRAG_PRIOR


def go_on(questions: Sequence[Question]) -> list[Going]:
    """Fly every question's flights to the ground, all together.

    ``ln_drag`` is what is believed of ln(1/beta) [ln m2/kg] where the posterior itself has no say.
    """
    fans = [_burns(q.there) if q.may_thrust else None for q in questions]
    sets = [_falling_sets(q) if q.may_fall else [] for q in questions]
    bodies: list[Array] = []
    drags: list[Array] = []
    for fan, some in zip(fans, sets, strict=True):
        if fan is not None:
            bodies.append(fan.states.reshape(-1, 6))
            drags.append(np.repeat(fan.inverse_beta, CUT_OFFS))
        for one in some:
            bodies.append(one.states)
            drags.append(one.inverse_beta)
    if not bodies:
        return [Going(None, None) for _ in questions]
    landings = _land(np.concatenate(bodies), np.concatenate(drags))
    answers, first = [], 0
    for fan, some in zip(fans, sets, strict=True):
        burnouts = falls = None
        if fan is not None:
            count = BURNS * CUT_OFFS
            burnouts = _burnouts(fan, landings.part(first, first + count))
            first += count
        if some:
            parts = []
            for one in some:
                parts.append((one, landings.part(first, first + len(one.states))))
                first += len(one.states)
            falls = _falls(parts)
        answers.append(Going(burnouts, falls))
    return answers


def falling_points(posterior: Posterior) -> GroundPoints:
    """Ground points if it has cut off: the falling posterior flown to the ground."""
    (going,) = go_on([Question(posterior, may_thrust=False, may_fall=True)])
    assert going.falls is not None
    return going.falls.points


def thrusting_ends(posterior: Posterior) -> Burnouts:
    """The ends that its burn may have, if it still thrusts."""
    (going,) = go_on([Question(posterior, may_thrust=True, may_fall=False)])
    assert going.burnouts is not None
    return going.burnouts


# ------------------------------------------------------------------- to the ground


@dataclass(frozen=True, slots=True, eq=False)
class _Landings:
    """Ends (n, 3) in ecef and durations (n,) of falls; ``landed`` (n,) says which came down."""

    ecef_m: Array
    after_s: Array
    landed: Mask

    def part(self, first: int, end: int) -> _Landings:
        return _Landings(self.ecef_m[first:end], self.after_s[first:end], self.landed[first:end])


def _land(states: Array, inverse_beta: Array) -> _Landings:
    """Fall from states (n, 6). One that begins below the ground is down at once."""
    flights = fall_many(
        states[:, :3],
        states[:, 3:],
        inverse_beta_m2_kg=inverse_beta,
        longest_s=LONGEST_PREDICTION_S,
        tolerance_m=_TOLERANCE_M,
    )
    return _Landings(flights.end_position_ecef_m, flights.end_s, flights.came_down)


def _places(ecef_m: Array) -> tuple[Array, Array]:
    """Geodetic latitude and longitude (n,) of points (n, 3) at height 0."""
    x, y, z = ecef_m.T
    latitude_rad = np.arctan2(z, (1.0 - ECCENTRICITY_SQUARED) * np.hypot(x, y))
    return latitude_rad, np.arctan2(y, x)


def _draw(mean: Array, covariance: Array, scores: Array) -> Array:
    """States (n, k) from scores (n, k) of unit covariance."""
    try:
        lower = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        lower = np.diag(np.sqrt(np.maximum(np.diag(covariance), 0.0)))
    return np.asarray(mean + scores @ lower.T)


# ------------------------------------------------------------------- still thrusting


@dataclass(frozen=True, slots=True, eq=False)
class _Fan:
    """Burns flown on: cut-off states (burns, cut-offs, 6), seconds to each, drag of each burn."""

    states: Array
    after_s: Array
    inverse_beta: Array


def _burns(there: Posterior) -> _Fan:
    body = kernel.BODY
    scores = normal_scores(BURNS, body + 6)
    mean, covariance = there.means[0, :body], there.covariances[0, :body, :body]
    starts = np.ascontiguousarray(_draw(mean, covariance, scores[:, :body]))
    plans = np.empty((BURNS, 5))
    plans[:, 0] = _STAGE_END[0] * np.exp(_STAGE_END[1] * scores[:, body])
    plans[:, 1] = _NEXT_STAGE[0] * np.exp(_NEXT_STAGE[1] * scores[:, body + 1])
    plans[:, 2] = plans[:, 1] / _NEXT_EXHAUST_M_S
    plans[:, 3] = _PITCH_RAD * scores[:, body + 2]
    plans[:, 4] = _YAW_RAD * scores[:, body + 3]
    now = np.linalg.norm(starts[:, 3:6], axis=1)
    span = np.maximum(_FASTEST_M_S - now, 50.0)
    speeds = now[:, None] + span[:, None] * np.linspace(0.0, 1.0, CUT_OFFS)
    out = np.empty((BURNS, CUT_OFFS, 7))
    burn_on_all(starts, plans, speeds, _LONGEST_BURN_S, out)
    mean_ln, sigma_ln = kernel.LN_DRAG_PRIOR
    inverse_beta = np.exp(mean_ln + sigma_ln * scores[:, body + 4])
    return _Fan(np.ascontiguousarray(out[:, :, :6]), out[:, :, 6], inverse_beta)


def _burnouts(fan: _Fan, landings: _Landings) -> Burnouts:
    """Cells between neighbouring cut-offs of a burn, interpolated on the ground and in energy."""
    shape = (BURNS, CUT_OFFS)
    reached = np.isfinite(fan.after_s)
    flat = np.where(reached[:, :, None], fan.states, 0.0).reshape(-1, 6)
    flat[~reached.ravel(), 0] = 7e6
    ln_range = np.log(reach_m(flat)).reshape(shape)
    landed = landings.landed.reshape(shape)
    ends = np.where(landed[:, :, None], landings.ecef_m.reshape(*shape, 3), 0.0)
    fall_s = np.where(landed, landings.after_s.reshape(shape), 0.0)
    after_s = np.where(reached, fan.after_s, 0.0)
    part = (np.arange(PIECES) + 0.5) / PIECES

    def between(values: Array) -> Array:
        low, high = values[:, :-1, None], values[:, 1:, None]
        share = part.reshape(-1, *([1] * (values.ndim - 2)))
        return np.asarray((1.0 - share) * low + share * high)

    width = np.maximum(ln_range[:, 1:] - ln_range[:, :-1], 0.0) / PIECES
    known = reached[:, :-1] & reached[:, 1:]
    both = known & landed[:, :-1] & landed[:, 1:]
    every = np.broadcast_to(known[:, :, None], (*known.shape, PIECES))
    down = np.broadcast_to(both[:, :, None], every.shape)[every]
    latitude_rad, longitude_rad = _places(between(ends)[every])
    cell = np.broadcast_to(width[:, :, None], every.shape)[every]
    burnt_s = between(after_s)[every]
    return Burnouts(
        points=GroundPoints(
            latitude_rad, longitude_rad, between(fall_s)[every] + burnt_s, np.zeros(len(cell)), 0.0
        ),
        reach_ln_m=between(ln_range)[every],
        cell=cell,
        burnt_s=burnt_s,
        landed=down,
        slot=np.tile(np.arange(width.shape[1] * PIECES), BURNS)[every.ravel()],
    )


# ------------------------------------------------------------------- falling


@dataclass(frozen=True, slots=True, eq=False)
class _FallingSet:
    """States (n, 6) of one falling model and their drag (n,), all of one weight."""

    share: float
    states: Array
    inverse_beta: Array
    wide: bool


def falling_shares(there: Posterior) -> list[tuple[int, float]]:
    """Models that fall without lift, with their shares of the weight of all those.

    Only where none of them has any weight is the glide followed, as if its lift ceased.
    """
    shares = [(m, float(there.weights[m])) for m in range(1, min(len(there.weights), 3))]
    total = sum(share for _, share in shares)
    if total <= 0.0:
        return [(len(there.weights) - 1, 1.0)]
    kept = [(m, s) for m, s in shares if s >= _LEAST_SHARE * total]
    kept_total = sum(s for _, s in kept)
    return [(m, s / kept_total) for m, s in kept]


def _falling_sets(question: Question) -> list[_FallingSet]:
    there = question.there
    sets = []
    for model, share in falling_shares(there):
        mean = there.means[model, :7].copy()
        covariance = there.covariances[model, :7, :7].copy()
        if len(there.weights) > 2 and model == 1:  # free fall: the model knows no drag
            mean[6] = question.ln_drag[0]
            covariance[6, :] = covariance[:, 6] = 0.0
            covariance[6, 6] = question.ln_drag[1] ** 2
        wide = _is_wide(mean, covariance)
        scores = normal_scores(WIDE_DRAWS, 7) if wide else _CUBATURE
        states = _draw(mean, covariance, scores)
        inverse_beta = np.exp(np.clip(states[:, 6], *_LN_DRAG_SPAN))
        sets.append(_FallingSet(share, np.ascontiguousarray(states[:, :6]), inverse_beta, wide))
    return sets


_CUBATURE = np.concatenate(
    (
        math.sqrt(6.0) * np.eye(7)[:6],
        -math.sqrt(6.0) * np.eye(7)[:6],
        math.sqrt(3.0) * np.eye(7)[6:],
        -math.sqrt(3.0) * np.eye(7)[6:],
        np.zeros((1, 7)),
    )
)
"""Scores of fifteen flights: the cubature points of position and velocity (Arasaratnam and Haykin,
IEEE TAC 54 (2009) 1254), and Gauss and Hermite's three nodes of the drag, in which the time of
arrival is far from straight. What the two do is added."""
_STATE_PART, _DRAG_PART = slice(0, 12), slice(12, 15)
_DRAG_WEIGHTS = np.array((1.0, 1.0, 4.0)) / 6.0


def _is_wide(mean: Array, covariance: Array) -> bool:
    """Whether the landing is too curved a function of the state for a few points to tell."""
    speed = math.hypot(mean[3], mean[4], mean[5])
    sigma = math.sqrt(max(covariance[3, 3] + covariance[4, 4] + covariance[5, 5], 0.0))
    return sigma > _NARROW * speed or perigee_m(mean) > _NEARLY_UP_M


def _falls(parts: list[tuple[_FallingSet, _Landings]]) -> Falls:
    """Join the models' landings: by their moments if those tell all, else point by point."""
    wide = any(one.wide for one, _ in parts)
    stays_up = sum(one.share * float(1.0 - x.landed.mean()) for one, x in parts)
    weights = np.concatenate(
        [np.full(int(x.landed.sum()), one.share / len(one.states)) for one, x in parts]
    )
    ecef_m = np.concatenate([x.ecef_m[x.landed] for _, x in parts])
    after_s = np.concatenate([x.after_s[x.landed] for _, x in parts])
    if len(weights) < LEAST_POINTS or weights.sum() < 1e-6:
        return Falls(None, None, 1.0)
    latitude_rad, longitude_rad = _places(ecef_m)
    weights = weights / weights.sum()
    few = GroundPoints(latitude_rad, longitude_rad, after_s, weights, 0.0)
    centre_rad = few.centre_rad()
    plane = plane_from_places_m(
        latitude_rad, longitude_rad, latitude_rad=centre_rad[0], longitude_rad=centre_rad[1]
    )
    rows = np.column_stack((plane, after_s))
    scattered = None
    if wide and len(parts) == 1:
        scattered = smeared_points(rows, centre_rad=centre_rad, copies=_COPIES)
    if wide or stays_up > 0.0:
        return Falls(moments_of(rows, weights, centre_rad), scattered, stays_up)
    return Falls(_joined(rows, [one.share for one, _ in parts], centre_rad), None, 0.0)


def _joined(rows: Array, shares: list[float], centre_rad: tuple[float, float]) -> Moments:
    """Moments of the models' mixture from fifteen landings (east, north, seconds) of each."""
    even = np.full(12, 1.0 / 12.0)
    found = []
    for own in rows.reshape(len(shares), 15, 3):
        states = moments_of(own[_STATE_PART], even, centre_rad)
        drag = moments_of(own[_DRAG_PART], _DRAG_WEIGHTS, centre_rad)
        found.append((states.mean + drag.mean - own[-1], states.covariance + drag.covariance))
    mean = sum(share * m for share, (m, _) in zip(shares, found, strict=True))
    covariance = sum(
        share * (c + np.outer(m - mean, m - mean))
        for share, (m, c) in zip(shares, found, strict=True)
    )
    return Moments(centre_rad, np.asarray(mean), np.asarray(covariance))
