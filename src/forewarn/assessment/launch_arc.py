"""Launch point and time of what was first seen when its engines had stopped: from its arc alone.

An arc drawn back to the ground misses the pad, and by much: the engines worked along the way. With
cut-off at height h_c, the arc is there at a place p(h_c) and an instant t(h_c), and

    pad = p(h_c) - d_c along the heading,    ignition = t(h_c) - T_b

where d_c, h_c and the burn's length T_b are those of an ascent whose velocity at cut-off is that of
the arc at h_c. How the burns were shared out is not seen, so vehicles of one to three burns are
drawn from their families (`missiles.families`), and for each the six numbers that put it on the arc
are solved for: pad (2), ignition, slant (2) and the length of the last burn. With G their map to
the state (6) on the arc, a solution weighs

    w = p(u) / |det dG/du|

since vehicles come from their prior and states from their posterior (change of variables; Chorin
and Tu, PNAS 106 (2009) 17249, for sampling by solving).

u (6,): pad north and east of the reference [m], ignition after the arc's instant [s], slant north
and east [rad], share of the mass that the last burn uses up [1].
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, qmc

from forewarn.assessment.launch_posterior import LaunchFit, moments_of
from forewarn.earth import (
    GRAVITATIONAL_PARAMETER_M3_S2,
    MEAN_RADIUS_M,
    ROTATION_RATE_RAD_S,
)
from forewarn.epoch import SECOND_NS
from forewarn.frames import enu_axes, geodetic_from_ecef
from forewarn.kernels import ascents as kernel
from forewarn.kernels.flight import coast_step, height_m
from forewarn.missiles.families import FAMILIES, AscentFamily
from forewarn.tracking.ascent_modes import parallel_radius_m

Array = NDArray[np.float64]

DRAWS = 48  # for each structure
NORTH, EAST, IGNITION, SLANT_NORTH, SLANT_EAST, SHARE, SIZE = range(7)
_TRAITS = 10  # of a vehicle, see `_vehicles`
_LAST_SHARE = (0.75, 0.20)  # mean, sigma of the share that the last burn uses up: soft
_LEAST_SHARE, _MOST_SHARE = 0.15, 0.95
_PAUSE_S = 1.0
_STEPS = np.array((300.0, 300.0, 0.1, 2e-3, 2e-3, 2e-3))
_SCALE = np.array((1e3,) * 3 + (10.0,) * 3)  # of a misfit: metres, metres a second
_SOLVED = 0.5  # of a misfit, in those scales
# Steering that no gravity turn has, one sigma: this share of the way under thrust, and of its time,
# for every so many seconds of it. Soft: from the errors of the flights of benchmarks/launch.py.
_STRAYING_SHARE = 0.03
_STRAYING_FOR_S = 120.0
_LONGEST_BACK_S = 1_500.0
_BACK_STEP_S = 5.0
_LOWEST_M = 20e3
# An arc of 10,000 km of least energy has its perigee 3,000 km from the centre. One that is nearly
# an orbit was pushed on far from its pad, for how long nobody can see.
_HIGHEST_PERIGEE_M = 5.5e6
_LATER_EXHAUST_SIGMA = 0.06


@dataclass(frozen=True, slots=True, eq=False)
class Arc:
    """Position and velocity ecef in free fall: mean (6,), covariance (6, 6), at an instant."""

    tai_ns: int
    mean: Array
    covariance: Array


@dataclass(frozen=True, slots=True, eq=False)
class _Back:
    """An arc followed back: seconds after its instant (n,), states (n, 6), heights (n,) falling."""

    times_s: Array
    states: Array
    heights_m: Array


@dataclass(frozen=True, slots=True)
class _Structure:
    """A family, the number of its burns, and how many numbers of burns the family may have."""

    family: AscentFamily
    burns: int
    rivals: int


_STRUCTURES = (
    _Structure(FAMILIES[0], 1, 2),
    _Structure(FAMILIES[0], 2, 2),
    _Structure(FAMILIES[1], 1, 3),
    _Structure(FAMILIES[1], 2, 3),
    _Structure(FAMILIES[1], 3, 3),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """The reference place of a fit."""

    latitude_rad: float
    longitude_rad: float


def arc_launch(arc: Arc, *, fell_at_tai_ns: int | None = None) -> LaunchFit | None:
    """The launch behind an arc; None for an orbit or nearly one, or if no vehicle fits it.

    ``fell_at_tai_ns`` is the earliest instant at which it is known to have fallen already; without
    it, the arc's own.
    """
    if not (np.isfinite(arc.mean).all() and np.isfinite(arc.covariance).all()):
        return None
    back = None if _perigee_m(arc.mean) > _HIGHEST_PERIGEE_M else _followed_back(arc.mean)
    if back is None:
        return None
    latitude_rad, longitude_rad, _ = geodetic_from_ecef(back.states[-1, :3])
    place = _Place(latitude_rad, longitude_rad)
    fell_s = 0.0
    if fell_at_tai_ns is not None:
        fell_s = min(0.0, (fell_at_tai_ns - arc.tai_ns) / SECOND_NS)
    draws, log_weights = [], []
    for structure in _STRUCTURES:
        found = _solutions(structure, arc, back, place, fell_s=fell_s)
        if found is not None:
            draws.append(found[0])
            log_weights.append(found[1])
    if not draws:
        return None
    u, logs = np.concatenate(draws), np.concatenate(log_weights)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    return moments_of(
        u[:, : IGNITION + 1],
        np.arctan2(u[:, SLANT_EAST], u[:, SLANT_NORTH]),
        weights,
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
        reference_tai_ns=arc.tai_ns,
    )


def _perigee_m(state: Array) -> float:
    """Least distance of an arc from the Earth's centre; infinite for what is no number.

    Vallado, Fundamentals of Astrodynamics, 4th ed., section 2.4: h^2 / mu / (1 + e).
    """
    r = state[:3]
    v = state[3:] + np.cross((0.0, 0.0, ROTATION_RATE_RAD_S), r)
    mu = GRAVITATIONAL_PARAMETER_M3_S2
    radius_m = float(np.linalg.norm(r))
    energy = 0.5 * float(v @ v) - mu / radius_m
    momentum = float(np.linalg.norm(np.cross(r, v)))
    eccentricity = math.sqrt(max(0.0, 1.0 + 2.0 * energy * momentum**2 / mu**2))
    perigee_m = momentum**2 / mu / (1.0 + eccentricity)
    return perigee_m if math.isfinite(perigee_m) else math.inf


def _followed_back(state: Array) -> _Back | None:
    """The arc before an instant, down to near the ground; None if it rises backward for ever."""
    x = state.copy()
    work = np.empty((7, 6))
    times, states = [0.0], [x.copy()]
    heights = [height_m(x[0], x[1], x[2])]
    while heights[-1] > _LOWEST_M and times[-1] > -_LONGEST_BACK_S:
        coast_step(x, 0.0, -_BACK_STEP_S, work)
        height = height_m(x[0], x[1], x[2])
        times.append(times[-1] - _BACK_STEP_S)
        states.append(x.copy())
        heights.append(height)
    if not math.isfinite(heights[-1]) or heights[-1] > _LOWEST_M or len(times) < 3:
        return None
    return _Back(np.array(times), np.array(states), np.array(heights))


def _vehicles(structure: _Structure, scores: Array) -> Array:
    """Vehicles (n, COLUMNS) without pad, slant or last burn's length, by normal scores."""
    family = structure.family
    theta = np.zeros((len(scores), kernel.COLUMNS))

    def spread(prior: tuple[float, float], column: int) -> Array:
        return np.asarray(prior[0] * np.exp(prior[1] * scores[:, column]))

    loss = np.clip(family.sea_level_loss[0] + family.sea_level_loss[1] * scores[:, 0], 0.0, 0.4)
    theta[:, kernel.RISE] = family.rise_s
    theta[:, kernel.LOSS] = loss
    theta[:, kernel.GAP] = _PAUSE_S
    left = np.ones(len(scores))
    drag = spread(family.drag_area_per_mass_m2_kg, 1)
    for burn in range(structure.burns):
        row = theta[:, kernel.BURNS + burn * kernel.BURN_COLUMNS :]
        if burn == 0:
            row[:, kernel.A0] = spread(family.thrust_acceleration_m_s2, 2) / (1.0 - loss)
            row[:, kernel.VE] = spread(family.exhaust_velocity_m_s, 3)
        else:
            row[:, kernel.A0] = spread(family.later_acceleration_m_s2, 2 + 2 * burn)
            row[:, kernel.VE] = spread(family.later_exhaust_speed_m_s, 3 + 2 * burn)
        mean, sigma = family.burnt_fraction
        share = np.clip(mean + sigma * scores[:, 8 + min(burn, 1)], 0.3, 0.93)
        row[:, kernel.DRAG_AREA] = drag / left
        row[:, kernel.DURATION] = share * row[:, kernel.VE] / row[:, kernel.A0]
        left = left * (1.0 - share)
    return theta


def _completed(structure: _Structure, theta: Array, u: Array, place: _Place) -> Array:
    """Vehicles with pad, slant and the last burn of u (n, 6)."""
    theta = theta.copy()
    ground = np.clip(u[:, : EAST + 1], -5e6, 5e6)
    theta[:, kernel.LATITUDE] = place.latitude_rad + ground[:, NORTH] / MEAN_RADIUS_M
    theta[:, kernel.LONGITUDE] = place.longitude_rad + ground[:, EAST] / parallel_radius_m(
        place.latitude_rad
    )
    first = theta[:, kernel.BURNS :]
    thrust = first[:, kernel.A0] * (1.0 - theta[:, kernel.LOSS])
    rise_s = structure.family.rise_s
    per_slant = np.array([kernel.tilt_per_slant(a, rise_s) for a in thrust])
    tilt = u[:, SLANT_NORTH : SLANT_EAST + 1] * per_slant[:, None]
    theta[:, kernel.TILT_NORTH : kernel.TILT_EAST + 1] = np.clip(tilt, -0.9, 0.9)
    last = theta[:, kernel.BURNS + (structure.burns - 1) * kernel.BURN_COLUMNS :]
    share = np.clip(u[:, SHARE], 0.02, 0.97)
    last[:, kernel.DURATION] = share * last[:, kernel.VE] / last[:, kernel.A0]
    return theta


def _burning_s(theta: Array) -> Array:
    """Seconds (n,) from ignition to cut-off."""
    lengths = theta[:, kernel.BURNS + kernel.DURATION :: kernel.BURN_COLUMNS]
    return np.asarray(lengths.sum(axis=1) + _PAUSE_S * (np.sum(lengths > 0.0, axis=1) - 1))


def _on_arc(structure: _Structure, theta: Array, u: Array, place: _Place) -> Array:
    """G(u): states (n, 6) at the arc's instant."""
    states = np.empty((len(u), 1, 6))
    ignition = np.clip(np.nan_to_num(u[:, IGNITION]), -3_000.0, -1.0)
    kernel.ascent_states(_completed(structure, theta, u, place), ignition, np.zeros(1), states)
    return states[:, 0]


def _guess(structure: _Structure, theta: Array, back: _Back, place: _Place) -> Array:
    """U (6,) of the ascent, of a grid of slants and shares, whose cut-off fits the arc best."""
    last = back.states[-1]
    axes = enu_axes(place.latitude_rad, place.longitude_rad)
    east, north, _ = axes @ last[3:]
    azimuth_rad = math.atan2(east, north)
    slants, shares = np.meshgrid(np.geomspace(0.02, 0.9, 8), np.linspace(0.3, 0.92, 8))
    u = np.zeros((slants.size, SIZE))
    u[:, SLANT_NORTH] = slants.ravel() * math.cos(azimuth_rad)
    u[:, SLANT_EAST] = slants.ravel() * math.sin(azimuth_rad)
    u[:, SHARE] = shares.ravel()
    whole = _completed(structure, np.repeat(theta[None], len(u), axis=0), u, place)
    burning_s = _burning_s(whole)
    ends = np.empty((len(u), 1, 6))
    kernel.ascent_states(whole, -burning_s, np.zeros(1), ends)
    ends = ends[:, 0]
    heights = np.array([height_m(*p) for p in ends[:, :3]])
    there = np.clip(heights, back.heights_m[-1], back.heights_m[0])
    order = np.argsort(back.heights_m)
    arc = np.stack([np.interp(there, back.heights_m[order], c[order]) for c in back.states.T], 1)
    climb = np.sum(ends[:, :3] * ends[:, 3:], axis=1) / np.linalg.norm(ends[:, :3], axis=1)
    arc_climb = np.sum(arc[:, :3] * arc[:, 3:], axis=1) / np.linalg.norm(arc[:, :3], axis=1)
    speed, arc_speed = np.linalg.norm(ends[:, 3:], axis=1), np.linalg.norm(arc[:, 3:], axis=1)
    # Out of its reach, or in the air for long: worse by what is missing in speed.
    off = (climb - arc_climb) ** 2 + (speed - arc_speed) ** 2 + (0.05 * (heights - there)) ** 2
    best = int(np.nanargmin(off))
    shift = axes @ (arc[best, :3] - ends[best, :3])
    found = np.asarray(u[best])
    found[NORTH], found[EAST] = shift[1], shift[0]
    instant_s = np.interp(there[best], back.heights_m[order], back.times_s[order])
    found[IGNITION] = instant_s - burning_s[best]
    return found


def _slopes(structure: _Structure, theta: Array, u: Array, place: _Place) -> tuple[Array, Array]:
    """G (n, 6) and dG/du (n, 6, 6)."""
    n = len(u)
    steps = np.vstack((np.zeros(SIZE), np.diag(_STEPS)))
    around = (u[:, None] + steps).reshape(-1, SIZE)
    states = _on_arc(structure, np.repeat(theta, SIZE + 1, axis=0), around, place)
    states = states.reshape(n, SIZE + 1, 6)
    slope = (states[:, 1:] - states[:, :1]) / _STEPS[:, None]
    return states[:, 0], np.swapaxes(slope, 1, 2)


def _solve_middle(
    structure: _Structure, theta: Array, target: Array, start: Array, place: _Place
) -> Array | None:
    """U (6,) that puts one vehicle on the arc, by Levenberg-Marquardt; None if nothing does."""
    u, damping = start, 1e-2
    state, slope = _slopes(structure, theta[None], u[None], place)
    r = (target - state[0]) / _SCALE
    cost = float(r @ r)
    for _ in range(25):
        j = slope[0] / _SCALE[:, None]
        normal = j.T @ j
        dampings = damping * np.array((0.03, 1.0, 30.0))
        try:
            trials = u + np.stack(
                [
                    np.linalg.solve(normal + d * np.diag(np.diagonal(normal) + 1e-12), j.T @ r)
                    for d in dampings
                ]
            )
        except np.linalg.LinAlgError:
            return None
        off = target - _on_arc(structure, np.repeat(theta[None], 3, axis=0), trials, place)
        costs = np.sum((off / _SCALE) ** 2, axis=1)
        best = int(np.argmin(costs))
        if costs[best] < cost:
            u, damping = trials[best], max(float(dampings[best]), 1e-9)
            state, slope = _slopes(structure, theta[None], u[None], place)
            r = (target - state[0]) / _SCALE
            cost = float(r @ r)
        else:
            damping *= 1e3
        if cost < 0.1 * _SOLVED**2 or damping > 1e6:
            break
    return u if cost < 1e4 * _SOLVED**2 else None


@functools.cache
def _scores(count: int) -> Array:
    """Normal scores (count, 19): traits of a vehicle, state on the arc, straying."""
    size = _TRAITS + 6 + 3
    points = qmc.Sobol(size, scramble=True, seed=19950125).random_base2(
        math.ceil(math.log2(count))
    )[:count]
    return np.asarray(norm.ppf(np.clip(points, 1e-9, 1.0 - 1e-9)))


def _solutions(
    structure: _Structure, arc: Arc, back: _Back, place: _Place, *, fell_s: float
) -> tuple[Array, Array] | None:
    """Draws u (n, 6) of one structure and their log weights (n,); None if none is on the arc."""
    middle = _vehicles(structure, np.zeros((1, _TRAITS)))[0]
    start = _guess(structure, middle, back, place)
    centre = _solve_middle(structure, middle, arc.mean, start, place)
    if centre is None:
        return None
    scores = _scores(DRAWS)
    theta = _vehicles(structure, scores[:, :_TRAITS])
    scale = np.sqrt(np.maximum(np.diagonal(arc.covariance), 1e-6))
    correlation = arc.covariance / np.outer(scale, scale) + 1e-9 * np.eye(6)
    try:
        lower = scale[:, None] * np.linalg.cholesky(correlation)
    except np.linalg.LinAlgError:
        return None
    targets = arc.mean + scores[:, _TRAITS : _TRAITS + 6] @ lower.T
    u = _predicted(structure, middle, centre, scores[:, :_TRAITS], place)
    for _ in range(4):
        states, slope = _slopes(structure, theta, u, place)
        r = targets - states
        u = u + _bounded(_step(slope, r))
    states, slope = _slopes(structure, theta, u, place)
    misfit = np.max(np.abs((targets - states) / _SCALE), axis=1)
    _, log_volume = np.linalg.slogdet(slope)
    share = u[:, SHARE]
    family = structure.family
    log_prior = -0.5 * np.sum((u[:, SLANT_NORTH:SHARE] / family.slant_rad) ** 2, axis=1)
    log_prior -= 2.0 * math.log(family.slant_rad)
    log_prior -= 0.5 * ((share - _LAST_SHARE[0]) / _LAST_SHARE[1]) ** 2
    cut_off_s = u[:, IGNITION] + _burning_s(_completed(structure, theta, u, place))
    good = (
        (misfit < _SOLVED) & (share > _LEAST_SHARE) & (share < _MOST_SHARE) & (cut_off_s < fell_s)
    )
    good &= np.isfinite(log_volume) & np.isfinite(u).all(axis=1)
    if not good.any():
        return None
    strayed = u[good].copy()
    burning_s = _burning_s(_completed(structure, theta, u, place))[good]
    share = _STRAYING_SHARE * burning_s / _STRAYING_FOR_S
    way_m = _way_m(structure, theta[good], strayed, place)
    off = scores[good, _TRAITS + 6 :]
    strayed[:, : EAST + 1] += (share * way_m)[:, None] * off[:, :2]
    strayed[:, IGNITION] += share * burning_s * off[:, 2]
    return strayed, (log_prior - log_volume)[good] - math.log(DRAWS * structure.rivals)


def _step(slope: Array, r: Array) -> Array:
    """Newton's step (n, 6), damped by so little that it matters only where dG/du is singular."""
    j = np.nan_to_num(slope / _SCALE[:, None] * _STEPS)
    normal = np.einsum("nki,nkj->nij", j, j)
    own = np.einsum("nii->ni", normal)
    normal += 1e-7 * (own[:, :, None] + 1e-12) * np.eye(SIZE)
    downhill = np.einsum("nki,nk->ni", j, np.nan_to_num(r / _SCALE))
    return np.asarray(np.linalg.solve(normal, downhill[:, :, None])[:, :, 0] * _STEPS)


def _bounded(step: Array) -> Array:
    """Newton's step (n, 6), no longer than the map is nearly straight."""
    most = np.array((200e3, 200e3, 60.0, 0.15, 0.15, 0.15))
    step = np.nan_to_num(step)
    ratio = np.max(np.abs(step) / most, axis=1, keepdims=True)
    return np.asarray(step / np.maximum(ratio, 1.0))


def _predicted(
    structure: _Structure, middle: Array, centre: Array, scores: Array, place: _Place
) -> Array:
    """Where the solutions of vehicles (n, 10 scores) lie, to first order about the middle one's."""
    around = np.vstack((np.zeros(_TRAITS), 0.3 * np.eye(_TRAITS)))
    theta = _vehicles(structure, around)
    states = _on_arc(structure, theta, np.repeat(centre[None], len(around), axis=0), place)
    by_trait = ((states[1:] - states[0]) / 0.3).T
    _, slope = _slopes(structure, middle[None], centre[None], place)
    try:
        per_trait = -np.linalg.solve(slope[0], by_trait)
    except np.linalg.LinAlgError:
        return np.repeat(centre[None], len(scores), axis=0)
    moved = _bounded(0.7 * scores @ per_trait.T)
    return np.asarray(centre + moved)


def _way_m(structure: _Structure, theta: Array, u: Array, place: _Place) -> Array:
    """How far (n,) [m] from the pad the engines carry it."""
    whole = _completed(structure, theta, u, place)
    pads, ends = np.empty((len(u), 1, 6)), np.empty((len(u), 1, 6))
    kernel.ascent_states(whole, np.ones(len(u)), np.zeros(1), pads)
    kernel.ascent_states(whole, -_burning_s(whole), np.zeros(1), ends)
    return np.asarray(np.linalg.norm(ends[:, 0, :3] - pads[:, 0, :3], axis=1))
