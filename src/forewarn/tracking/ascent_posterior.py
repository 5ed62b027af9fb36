"""The posterior of an ascent over all families: modes, then weighted draws.

Each family's posterior is first met at its mode by Levenberg-Marquardt (Marquardt, J. SIAM 11
(1963) 431). Draws of a heavy-tailed t about it, from one fixed table of scrambled Sobol points so
that the same evidence always gives the same draws, are weighed by prior times likelihood over
proposal (Geweke, Econometrica 57 (1989) 1317); their mean weight is the family's evidence. Where
too few draws carry the weight, the proposal takes their moments and draws anew (Oh and Berger, J.
Stat. Comput. Simul. 41 (1992) 143). Weights are cut at sqrt(n) times their mean (Ionides, J.
Comput. Graph. Stat. 17 (2008) 295).

phi (11,): pad north and east of the reference [m], ignition after it [s], north and east part of the
slant [rad], logarithms of thrust acceleration at sea level [m/s2], exhaust velocity [m/s] and
drag area over mass [m2/kg], the loss of thrust at sea level [1], the share of the mass at ignition
that the first burn uses up [1], and the logarithm of the thrust acceleration with which a second
begins [m/s2]. The slant is how far off the
vertical the flight is when it passes 300 m/s, by the gravity turn of constant thrust-to-weight n,
tan(slant / 2) / tan(tip-over / 2) = (v / v_0)^(1 / (n - 1)) (Culler and Fried, J. Appl. Phys. 28
(1957) 672): unlike the tip-over itself it is what looks show, whatever the thrust.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import chi2, norm, qmc

from forewarn.earth import MEAN_RADIUS_M
from forewarn.kernels import ascents as kernel
from forewarn.kernels.ascents import (
    BURNT,
    DRAG,
    EAST,
    EXHAUST,
    IGNITION,
    LATER,
    NORTH,
    SIZE,
    SLANT_EAST,
    SLANT_NORTH,
    THRUST,
)
from forewarn.kernels.ascents import LOSS_OF_THRUST as LOSS
from forewarn.kernels.flight import height_m
from forewarn.missiles.families import FAMILIES, AscentFamily
from forewarn.tracking.ascent_evidence import Evidence, evidence_of
from forewarn.tracking.looks import Look

Array = NDArray[np.float64]

SHARP = np.array((NORTH, EAST, SLANT_NORTH, SLANT_EAST))
SLOW = np.array((IGNITION, THRUST, EXHAUST, DRAG, LOSS, BURNT, LATER))
DRAWS = 64
_LEAST_DRAWS = 32  # of a family that is not out of the question
_OUT_OF_THE_QUESTION = 3e-3
_LEAST_EFFICIENCY = 0.15
_ROUNDS = 2
_FREEDOM = 8.0  # of the t: its tails are heavier than those of any posterior met
_INFLATION = 1.05  # of its sigmas
PRIOR_GROUND_M = 200e3
_PRIOR_TIME_S = 120.0
_STEPS = np.array((100.0, 100.0, 0.1, 1e-3, 1e-3, 1e-3, 1e-3, 1e-2, 1e-3, 1e-2, 1e-2))
_ITERATIONS = 15
_LONGEST_ASCENT_S = 900.0


@dataclass(frozen=True, slots=True, eq=False)
class AscentPosterior:
    """Weighted draws of phi (n, 11), the family (n,) of each, and how the families compare.

    ``weights`` (n,) add up to 1, and so do ``family_weights`` (f,); ``modes`` are the fitted phi
    by family and ``mode_covariances`` the inverse of the information there, None without a fit; that
    is the Bayesian Cramer-Rao bound of the family (van Trees, 1968). ``log_evidence`` is the log density of the looks, families
    merged; ``least_misfit`` the squared whitened offsets of the best mode, prior's included;
    ``effective_count`` how many even draws those weights are worth.
    """

    evidence: Evidence
    draws: Array
    families: NDArray[np.int64]
    weights: Array
    modes: tuple[Array | None, ...]
    mode_covariances: tuple[Array | None, ...]
    family_weights: Array
    log_evidence: float
    least_misfit: float
    effective_count: float

    def states_ecef(self, after_s: float) -> Array:
        """Position and velocity (n, 6) of every draw, this long after the reference instant."""
        states = np.empty((len(self.draws), 6))
        for index, family in enumerate(FAMILIES):
            own = self.families == index
            draws = self.draws[own]
            states[own] = states_of(family, self.evidence, draws, np.array((after_s,)))[:, 0]
        return states


def parallel_radius_m(latitude_rad: float) -> float:
    """Radius of a circle of latitude, never nothing."""
    return MEAN_RADIUS_M * max(math.cos(latitude_rad), 1e-2)


@functools.cache
def prior_of(family: AscentFamily) -> tuple[Array, Array]:
    """Mean and one sigma of phi (11,)."""
    thrust, exhaust, drag = (
        family.thrust_acceleration_m_s2,
        family.exhaust_velocity_m_s,
        family.drag_area_per_mass_m2_kg,
    )
    mean = np.zeros(SIZE)
    mean[THRUST:LOSS] = [math.log(m) for m, _ in (thrust, exhaust, drag)]
    mean[LOSS:LATER] = family.sea_level_loss[0], family.burnt_fraction[0]
    mean[LATER] = math.log(family.later_acceleration_m_s2[0])
    sigma = np.array(
        [PRIOR_GROUND_M, PRIOR_GROUND_M, _PRIOR_TIME_S, family.slant_rad, family.slant_rad]
        + [s for _, s in (thrust, exhaust, drag)]
        + [family.sea_level_loss[1], family.burnt_fraction[1], family.later_acceleration_m_s2[1]]
    )
    return mean, sigma


def states_of(family: AscentFamily, evidence: Evidence, phi: Array, times_s: Array) -> Array:
    """States ecef (n, m, 6) of ascents phi (n, 11), this long (m,) after the reference instant."""
    mean, sigma = prior_of(family)
    belief = np.empty(kernel.BELIEF)
    belief[kernel.REFERENCE_LATITUDE] = evidence.latitude_rad
    belief[kernel.REFERENCE_LONGITUDE] = evidence.longitude_rad
    belief[kernel.RISE_S] = family.rise_s
    belief[kernel.LATER_EXHAUST] = family.later_exhaust_velocity_m_s[0]
    belief[kernel.EARLIEST] = times_s[-1] - _LONGEST_ASCENT_S
    states = np.empty((len(phi), len(times_s), 6))
    kernel.believed_states(phi, mean, sigma, belief, times_s, states)
    return states


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """The fit of one family to evidence: residuals are whitened looks, then whitened prior."""

    evidence: Evidence
    family: AscentFamily
    mean: Array
    sigma: Array

    def white(self, phi: Array) -> Array:
        """Measured less flown, whitened (n, k), of phi (n, 11)."""
        e = self.evidence
        z = np.empty((len(phi), e.offset_count))
        states = states_of(self.family, e, phi, e.times_s)
        kernel.white_offsets(states, e.kinds, e.geometry, e.whitener, z)
        return z

    def residuals(self, phi: Array) -> Array:
        """Residuals (n, k + 9)."""
        white = self.white(phi)
        return np.concatenate((white, (phi - self.mean) / self.sigma), axis=1)

    @property
    def log_constant(self) -> float:
        """Log of likelihood times prior where every residual is nothing."""
        log_prior = -float(np.sum(np.log(self.sigma))) - 0.5 * SIZE * math.log(2.0 * math.pi)
        return self.evidence.log_scale + log_prior


@dataclass(frozen=True, slots=True, eq=False)
class _Mode:
    """Mode (11,), covariance (11, 11), Laplace's log evidence and the misfit of one family."""

    problem: _Problem
    phi: Array
    covariance: Array
    log_evidence: float
    misfit: float


def evidence_by_family(
    looks: list[Look], *, latitude_rad: float, longitude_rad: float, reference_tai_ns: int
) -> tuple[Evidence, ...] | None:
    """The evidence of looks for each family; None if their numbers are no evidence."""
    found = [
        evidence_of(
            looks,
            latitude_rad=latitude_rad,
            longitude_rad=longitude_rad,
            reference_tai_ns=reference_tai_ns,
            straying_m=family.straying_m,
        )
        for family in FAMILIES
    ]
    return None if any(e is None for e in found) else tuple(e for e in found if e is not None)


def guess(family: AscentFamily, first_height_m: float, evidence: Evidence) -> Array:
    """The family's middle ascent straight up, ignited so that the first look sees it this high."""
    phi = prior_of(family)[0]
    times_s = np.arange(0.0, 200.0, 2.0)
    states = states_of(family, evidence, phi[None], times_s)
    heights = np.array([height_m(s[0], s[1], s[2]) for s in states[0]])
    above = np.nonzero(heights >= first_height_m)[0]
    phi[IGNITION] = evidence.times_s[0] - (float(times_s[above[0]]) if len(above) else 60.0)
    return phi


def ascent_posterior(
    evidence: tuple[Evidence, ...], starts: tuple[Array, ...], *, draws: int = DRAWS
) -> AscentPosterior | None:
    """The posterior of the ascent behind looks, whose evidence is given for each family.

    ``starts`` (11,) are where each family's fit begins.
    None if no family can be fitted.
    """
    modes = [
        _mode_of(e, family, start)
        for e, family, start in zip(evidence, FAMILIES, starts, strict=True)
    ]
    logs = np.array([-math.inf if m is None else m.log_evidence for m in modes])
    if not np.isfinite(logs).any():
        return None
    share = np.exp(logs - logs.max())
    share /= share.sum()
    parts = []
    for index, mode in enumerate(modes):
        if mode is not None and share[index] > _OUT_OF_THE_QUESTION:
            count = max(_LEAST_DRAWS, round(draws * float(share[index])))
            parts.append((index, *_drawn(mode, count)))
    return _merged(evidence[0], parts, modes)


def _merged(
    evidence: Evidence,
    parts: list[tuple[int, Array, Array]],
    modes: list[_Mode | None],
) -> AscentPosterior | None:
    """Join the draws and log weights of the families."""
    log_weights = np.concatenate([w - math.log(len(w)) for _, _, w in parts])
    top = float(log_weights.max())
    if not math.isfinite(top):
        return None
    weights = np.exp(log_weights - top)
    total = float(weights.sum())
    weights /= total
    families = np.concatenate([np.full(len(w), i, dtype=np.int64) for i, _, w in parts])
    return AscentPosterior(
        evidence=evidence,
        draws=np.concatenate([phi for _, phi, _ in parts]),
        families=families,
        weights=weights,
        modes=tuple(None if m is None else m.phi for m in modes),
        mode_covariances=tuple(None if m is None else m.covariance for m in modes),
        family_weights=np.bincount(families, weights, minlength=len(FAMILIES)),
        log_evidence=top + math.log(total) - math.log(len(FAMILIES)),
        least_misfit=min(m.misfit for m in modes if m is not None),
        effective_count=1.0 / float(weights @ weights),
    )


def _mode_of(evidence: Evidence, family: AscentFamily, start: Array) -> _Mode | None:
    """Levenberg-Marquardt from ``start``; None if the numbers lead nowhere."""
    problem = _Problem(evidence, family, *prior_of(family))
    try:
        phi, cost, jacobian = _descend(problem, start)
        covariance = np.asarray(np.linalg.inv(jacobian.T @ jacobian), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    if not (np.isfinite(phi).all() and np.isfinite(covariance).all()):
        return None
    sign, log_determinant = np.linalg.slogdet(covariance)
    log_evidence = evidence.log_scale - 0.5 * cost + 0.5 * float(log_determinant)
    log_evidence -= float(np.sum(np.log(problem.sigma)))
    if sign <= 0.0 or not math.isfinite(log_evidence):
        return None
    return _Mode(problem, phi, covariance, log_evidence, cost)


def _slopes(problem: _Problem, phi: Array) -> tuple[Array, Array]:
    """Residuals (n, k + 11) and their derivatives (n, k + 11, 11), all of one crowd of ascents."""
    steps = np.vstack((np.zeros(SIZE), np.diag(_STEPS)))
    around = problem.residuals((phi[:, None] + steps).reshape(-1, SIZE))
    around = around.reshape(len(phi), SIZE + 1, -1)
    slopes = (around[:, 1:] - around[:, :1]) / _STEPS[:, None]
    return around[:, 0], np.swapaxes(slopes, 1, 2)


def _descend(problem: _Problem, start: Array) -> tuple[Array, float, Array]:
    """The mode that descent from ``start`` finds, its cost, and the Jacobian there."""
    r, jacobian = (part[0] for part in _slopes(problem, start[None]))
    phi, cost, damping = start, float(r @ r), 1e-3
    for _ in range(_ITERATIONS):
        normal = jacobian.T @ jacobian
        scale = np.diag(np.diagonal(normal))
        # Two dampings at once, with the slopes there: lanes that idle cost as much.
        dampings = damping * np.array((1.0, 100.0))
        steps = np.linalg.solve(
            normal + dampings[:, None, None] * scale, -(jacobian.T @ r)[None, :, None]
        )
        trials = phi + steps[:, :, 0]
        residuals, slopes = _slopes(problem, trials)
        costs = np.sum(residuals * residuals, axis=1)
        best = int(np.argmin(costs))
        if not costs[best] < cost:
            damping *= 1e4
            if damping > 1e6:
                break
            continue
        gained = cost - float(costs[best])
        damping = max(1e-6, 0.1 * float(dampings[best]))
        phi, cost, r, jacobian = trials[best], float(costs[best]), residuals[best], slopes[best]
        if gained < 0.05:
            break
    return phi, cost, jacobian


@functools.cache
def _scores(count: int) -> tuple[Array, Array, Array]:
    """Normal scores (count, 7), sqrt(freedom / chi-square) (count, 1) and scores (count, 4)."""
    points = qmc.Sobol(SIZE + 1, scramble=True, seed=19570821).random_base2(
        math.ceil(math.log2(count))
    )[:count]
    points = np.clip(points, 1e-9, 1.0 - 1e-9)
    stretch = np.sqrt(_FREEDOM / chi2.ppf(points[:, :1], _FREEDOM))
    scores = np.asarray(norm.ppf(points[:, 1:]))
    return scores[:, : len(SLOW)], np.asarray(stretch), scores[:, len(SLOW) :]


@dataclass(frozen=True, slots=True, eq=False)
class _Crowd:
    """Draws of one family: phi (n, 11), Cholesky factors (n, 4, 4) of what is `SHARP` given the
    rest, log weights (n,), and how many even draws they are worth as a share."""

    phi: Array
    lower: Array
    log_weights: Array
    efficiency: float


def _drawn(mode: _Mode, count: int) -> tuple[Array, Array]:
    """Draws (n, 11) of one family's posterior and their log weights (n,)."""
    slope = mode.covariance[np.ix_(SHARP, SLOW)] @ np.linalg.inv(
        mode.covariance[np.ix_(SLOW, SLOW)]
    )
    mean, covariance = mode.phi[SLOW], mode.covariance[np.ix_(SLOW, SLOW)]
    best: _Crowd | None = None
    for _ in range(_ROUNDS):
        crowd = _crowd(mode, slope, mean, covariance, count)
        if crowd is None:
            break
        if best is None or crowd.efficiency > best.efficiency:
            best = crowd
        if crowd.efficiency > _LEAST_EFFICIENCY:
            break
        weights = np.exp(crowd.log_weights - crowd.log_weights.max())
        weights /= weights.sum()
        mean = weights @ crowd.phi[:, SLOW]
        d = crowd.phi[:, SLOW] - mean
        covariance = d.T @ (d * weights[:, None]) + 0.1 * mode.covariance[np.ix_(SLOW, SLOW)]
    if best is None:
        return mode.phi[None], np.array((-math.inf,))
    scores = _scores(count)[2]
    spread = np.einsum("nij,nj->ni", best.lower, scores)
    both = np.concatenate((best.phi, best.phi))
    both[:, SHARP] += np.concatenate((spread, -spread))
    return both, np.concatenate((best.log_weights, best.log_weights))


def _crowd(mode: _Mode, slope: Array, mean: Array, covariance: Array, count: int) -> _Crowd | None:
    """Draw what is slow, solve for what is sharp, and weigh; None if nothing has weight."""
    problem = mode.problem
    slow, log_proposal = _proposed(mean, covariance, count)
    phi = np.tile(mode.phi, (count, 1))
    phi[:, SLOW] = slow
    phi[:, SHARP] += (slow - mode.phi[SLOW]) @ slope.T
    steps = np.zeros((1 + len(SHARP), SIZE))
    steps[np.arange(1, 1 + len(SHARP)), SHARP] = _STEPS[SHARP]
    around = problem.residuals((phi[:, None] + steps).reshape(-1, SIZE))
    around = around.reshape(count, len(steps), -1)
    sharp = (around[:, 1:] - around[:, :1]) / _STEPS[SHARP][:, None]
    normal = np.einsum("nik,njk->nij", sharp, sharp)
    scale = np.sqrt(np.einsum("nii->ni", normal))
    if not np.isfinite(normal).all() or not (scale > 0.0).all():
        return None
    inverse = np.linalg.inv(normal / scale[:, :, None] / scale[:, None, :])
    inverse = inverse / scale[:, :, None] / scale[:, None, :]
    phi[:, SHARP] -= np.einsum("nij,njk,nk->ni", inverse, sharp, around[:, 0])
    r = problem.residuals(phi)
    # What is left of the way down is short and straight: no flight for it.
    downhill = np.einsum("njk,nk->nj", sharp, r)
    left = np.einsum("nij,nj->ni", inverse, downhill)
    phi[:, SHARP] -= left
    cost = np.sum(r * r, axis=1) - np.sum(downhill * left, axis=1)
    lower = np.linalg.cholesky(inverse)
    log_width = np.sum(np.log(np.einsum("nii->ni", lower)), axis=1)
    log_weights = problem.log_constant - 0.5 * cost + log_width - log_proposal
    log_weights += 0.5 * len(SHARP) * math.log(2.0 * math.pi)
    log_weights = np.where(np.isfinite(log_weights), log_weights, -math.inf)
    top = float(log_weights.max())
    if not math.isfinite(top):
        return None
    weights = np.exp(log_weights - top)
    weights = np.minimum(weights, math.sqrt(count) * float(weights.mean()))
    efficiency = float(weights.sum()) ** 2 / float(weights @ weights) / count
    return _Crowd(phi, lower, top + np.log(np.maximum(weights, 1e-300)), efficiency)


def _proposed(mean: Array, covariance: Array, count: int) -> tuple[Array, Array]:
    """Draws (count, 7) of a t and their log density (count,)."""
    size = len(mean)
    scale = np.sqrt(np.diagonal(covariance))
    lower = np.linalg.cholesky(covariance / np.outer(scale, scale) + 1e-12 * np.eye(size))
    lower = _INFLATION * scale[:, None] * lower
    z, stretch, _ = _scores(count)
    t = z * stretch
    half = 0.5 * (_FREEDOM + size)
    constant = float(gammaln(half) - gammaln(0.5 * _FREEDOM))
    constant -= 0.5 * size * math.log(_FREEDOM * math.pi)
    constant -= float(np.sum(np.log(np.diagonal(lower))))
    log_density = constant - half * np.log1p(np.sum(t * t, axis=1) / _FREEDOM)
    return mean + t @ lower.T, np.asarray(log_density)
