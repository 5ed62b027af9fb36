"""The posterior of an ascent over all families, as weighted draws.

Modes of each family (`forewarn.tracking.ascent_modes`) are only where it is looked for. Looks fix
four of an ascent's parameters sharply, and the rest little: the posterior is a thin, bent sheet. So
what is slow is drawn, of heavy-tailed t about the modes, what is sharp is solved for by a
Gauss-Newton step, and the integral over it taken as normal (the nested Laplace approximation: Rue,
Martino and Chopin, J. R. Stat. Soc. B 71 (2009) 319, section 3). Draws come from one fixed table of
scrambled Sobol points, so that the same evidence always gives the same draws; they weigh prior
times likelihood over proposal (Geweke, Econometrica 57 (1989) 1317), and their mean weight is the
family's evidence. Where too few draws carry the weight, the proposal takes a component with their
moments and draws anew (Cappe and others, Stat. Comput. 18 (2008) 447). Weights are cut at sqrt(n)
times their mean (Ionides, J. Comput. Graph. Stat. 17 (2008) 295).
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import chi2, norm, qmc

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
from forewarn.missiles.families import FAMILIES
from forewarn.tracking.ascent_evidence import Evidence
from forewarn.tracking.ascent_modes import STEPS, Mode, mode_of, states_of

Array = NDArray[np.float64]

SHARP = np.array((NORTH, EAST, SLANT_NORTH, SLANT_EAST))
SLOW = np.array((IGNITION, THRUST, EXHAUST, DRAG, LOSS, BURNT, LATER))
DRAWS = 64
_LEAST_DRAWS = 32  # of a family that is not out of the question
_OUT_OF_THE_QUESTION = 3e-3  # share of the evidence of a mode
_LEAST_EFFICIENCY = 0.15
_ROUNDS = 2
_FREEDOM = 8.0  # of the t: its tails are heavier than those of any posterior met
_INFLATION = 1.1  # of its sigmas
_SAME_MODE_D2 = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class AscentPosterior:
    """Weighted draws of phi (n, 11), the family (n,) of each, and how the families compare.

    ``weights`` (n,) add up to 1, and so do ``family_weights`` (f,). ``modes`` are the likeliest phi
    of each family and ``mode_covariances`` the inverse of the information there, None without a
    fit: the Bayesian Cramer-Rao bound of the family. ``log_evidence`` is the log density of the
    looks, families merged; ``least_misfit`` the squared whitened offsets of the best mode, its
    prior's included; ``effective_count`` how many even draws the weights are worth.
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


def ascent_posterior(
    evidence: tuple[Evidence, ...], starts: tuple[tuple[Array, ...], ...], *, draws: int = DRAWS
) -> AscentPosterior | None:
    """The posterior of the ascent behind looks, whose evidence is given for each family.

    ``starts`` are where each family's fits begin: one or more phi (11,). None if none is fitted.
    """
    modes = [
        _distinct([mode_of(e, family, start) for start in own])
        for e, family, own in zip(evidence, FAMILIES, starts, strict=True)
    ]
    top = max((m.log_evidence for own in modes for m in own), default=-math.inf)
    if not math.isfinite(top):
        return None
    shares = [[math.exp(m.log_evidence - top) for m in own] for own in modes]
    total = sum(sum(own) for own in shares)
    parts = []
    for index, (own, share) in enumerate(zip(modes, shares, strict=True)):
        kept = [m for m, x in zip(own, share, strict=True) if x > _OUT_OF_THE_QUESTION * total]
        if kept:
            count = max(_LEAST_DRAWS * len(kept), round(draws * sum(share) / total))
            parts.append((index, *_drawn(kept, count)))
    return _merged(evidence[0], parts, [own[0] if own else None for own in modes])


def _distinct(found: list[Mode | None]) -> list[Mode]:
    """The modes that differ, the likeliest first."""
    kept: list[Mode] = []
    for mode in sorted((m for m in found if m is not None), key=lambda m: -m.log_evidence):
        apart = [(mode.phi - known.phi)[SLOW] for known in kept]
        near = [
            float(d @ np.linalg.solve(known.covariance[np.ix_(SLOW, SLOW)], d)) < _SAME_MODE_D2
            for d, known in zip(apart, kept, strict=True)
        ]
        if not any(near):
            kept.append(mode)
    return kept


def _merged(
    evidence: Evidence,
    parts: list[tuple[int, Array, Array]],
    modes: list[Mode | None],
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
        family_weights=np.bincount(families, weights, minlength=len(FAMILIES)).astype(float),
        log_evidence=top + math.log(total) - math.log(len(FAMILIES)),
        least_misfit=min(m.misfit for m in modes if m is not None),
        effective_count=1.0 / float(weights @ weights),
    )


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
class _Component:
    """A t of what is slow: mean (7,) and covariance (7, 7).

    ``phi`` (11,) is a mode to solve from, and ``slope`` (4, 7) how what is sharp goes with what is
    slow about it.
    """

    phi: Array
    slope: Array
    mean: Array
    covariance: Array


@dataclass(frozen=True, slots=True, eq=False)
class _Crowd:
    """Draws of one family: phi (n, 11) and log weights (n,).

    ``lower`` (n, 4, 4) are Cholesky factors of what is `SHARP` given the rest; ``efficiency`` is
    how many even draws the weights are worth, as a share.
    """

    phi: Array
    lower: Array
    log_weights: Array
    efficiency: float


def _about(mode: Mode) -> _Component:
    slow = mode.covariance[np.ix_(SLOW, SLOW)]
    slope = mode.covariance[np.ix_(SHARP, SLOW)] @ np.linalg.inv(slow)
    return _Component(mode.phi, slope, mode.phi[SLOW], slow)


def _drawn(modes: list[Mode], count: int) -> tuple[Array, Array]:
    """Draws (n, 11) of one family's posterior and their log weights (n,)."""
    components = [_about(mode) for mode in modes]
    best: _Crowd | None = None
    for _ in range(_ROUNDS):
        try:
            crowd = _crowd(modes[0], components, count)
        except np.linalg.LinAlgError:  # all weight on too few draws to span a covariance
            break
        if crowd is None:
            break
        if best is None or crowd.efficiency > best.efficiency:
            best = crowd
        if crowd.efficiency > _LEAST_EFFICIENCY:
            break
        weights = np.exp(crowd.log_weights - crowd.log_weights.max())
        weights /= weights.sum()
        heaviest = crowd.phi[int(np.argmax(weights))]
        mean = weights @ crowd.phi[:, SLOW]
        d = crowd.phi[:, SLOW] - mean
        covariance = d.T @ (d * weights[:, None]) + 0.1 * components[0].covariance
        components = [
            *components,
            _Component(heaviest, components[0].slope, mean, covariance),
        ]
    if best is None:
        return _normal(modes[0], count)
    scores = _scores(len(best.phi))[2]
    spread = np.einsum("nij,nj->ni", best.lower, scores)
    both = np.concatenate((best.phi, best.phi))
    both[:, SHARP] += np.concatenate((spread, -spread))
    return both, np.concatenate((best.log_weights, best.log_weights))


def _normal(mode: Mode, count: int) -> tuple[Array, Array]:
    """Draws of Laplace's normal, all of one weight: what is left where no proposal fits."""
    scale = np.sqrt(np.diagonal(mode.covariance))
    values, axes = np.linalg.eigh(mode.covariance / np.outer(scale, scale))
    slow, _, sharp = _scores(count)
    scores = np.concatenate((slow, sharp), axis=1) * np.sqrt(np.maximum(values, 0.0))
    return mode.phi + scale * (scores @ axes.T), np.full(count, mode.log_evidence)


def _crowd(mode: Mode, components: list[_Component], count: int) -> _Crowd | None:
    """Draw what is slow, solve for what is sharp, and weigh; None if nothing has weight."""
    problem = mode.problem
    phi, log_proposal = _proposed(components, count)
    count = len(phi)
    steps = np.zeros((1 + len(SHARP), SIZE))
    steps[np.arange(1, 1 + len(SHARP)), SHARP] = STEPS[SHARP]
    around = problem.residuals((phi[:, None] + steps).reshape(-1, SIZE))
    around = around.reshape(count, len(steps), -1)
    sharp = (around[:, 1:] - around[:, :1]) / STEPS[SHARP][:, None]
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


def _proposed(components: list[_Component], count: int) -> tuple[Array, Array]:
    """Draws phi (n, 11), as many of each component, and the log density of all in all (n,)."""
    each = max(1, count // len(components))
    z, stretch, _ = _scores(each * len(components))
    phi, factors = [], []
    for j, component in enumerate(components):
        scale = np.sqrt(np.diagonal(component.covariance))
        correlation = component.covariance / np.outer(scale, scale)
        lower = np.linalg.cholesky(correlation + 1e-12 * np.eye(len(SLOW)))
        factors.append(_INFLATION * scale[:, None] * lower)
        own = slice(j * each, (j + 1) * each)
        slow = component.mean + (z[own] * stretch[own]) @ factors[j].T
        drawn = np.tile(component.phi, (each, 1))
        drawn[:, SHARP] += (slow - component.phi[SLOW]) @ component.slope.T
        drawn[:, SLOW] = slow
        phi.append(drawn)
    draws = np.concatenate(phi)
    logs = np.stack(
        [_log_t(draws[:, SLOW], c.mean, f) for c, f in zip(components, factors, strict=True)]
    )
    top = logs.max(axis=0)
    density = np.log(np.mean(np.exp(logs - top), axis=0)) + top
    return draws, np.asarray(density)


def _log_t(x: Array, mean: Array, lower: Array) -> Array:
    """Log density (n,) of a t about ``mean`` with Cholesky factor ``lower`` of its scale."""
    size = len(mean)
    t = np.linalg.solve(lower, (x - mean).T)
    half = 0.5 * (_FREEDOM + size)
    constant = float(gammaln(half) - gammaln(0.5 * _FREEDOM))
    constant -= 0.5 * size * math.log(_FREEDOM * math.pi)
    constant -= float(np.sum(np.log(np.diagonal(lower))))
    return np.asarray(constant - half * np.log1p(np.sum(t * t, axis=0) / _FREEDOM))
