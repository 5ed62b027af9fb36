"""The most likely ascents behind looks, family by family, and how sharp they are.

Levenberg-Marquardt on the log posterior (Marquardt, J. SIAM 11 (1963) 431); the inverse of the
information at a mode is the Bayesian Cramer-Rao bound of its family (van Trees, Detection,
Estimation, and Modulation Theory, part I, 1968, section 2.4).

phi (11,): pad north and east of the reference [m], ignition after it [s], north and east part of
the slant [rad], logarithms of thrust acceleration at sea level [m/s2], exhaust velocity [m/s] and
drag area over mass [m2/kg], the loss of thrust at sea level [1], the share of the mass at ignition
that the first burn uses up [1], and the logarithm of the thrust acceleration with which a second
begins [m/s2]. The slant is how far off the vertical the flight is when it passes 300 m/s, by the
gravity turn of constant thrust-to-weight: unlike the tip-over itself it is what looks show,
whatever the thrust.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M
from forewarn.kernels import ascents as kernel
from forewarn.kernels.ascents import IGNITION, LATER, SIZE, THRUST
from forewarn.kernels.ascents import LOSS_OF_THRUST as LOSS
from forewarn.kernels.flight import height_m
from forewarn.missiles.families import FAMILIES, AscentFamily
from forewarn.tracking.ascent_evidence import Evidence, evidence_of
from forewarn.tracking.looks import Look

Array = NDArray[np.float64]

PRIOR_GROUND_M = 200e3
STEPS = np.array((100.0, 100.0, 0.1, 1e-3, 1e-3, 1e-3, 1e-3, 1e-2, 1e-3, 1e-2, 1e-2))
MONO_HEIGHTS_M = (9e3, 30e3, 90e3)
"""Of a first look along one line of sight: just through the clouds, or later. Each is tried."""
_PRIOR_TIME_S = 120.0
_ITERATIONS = 15
_LONGEST_ASCENT_S = 900.0


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
    belief[kernel.LATER_EXHAUST] = family.later_exhaust_speed_m_s[0]
    belief[kernel.EARLIEST] = times_s[-1] - _LONGEST_ASCENT_S
    states = np.empty((len(phi), len(times_s), 6))
    kernel.believed_states(phi, mean, sigma, belief, times_s, states)
    return states


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
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
class Mode:
    """Mode (11,), covariance (11, 11), Laplace's log evidence and the misfit of one family."""

    problem: Problem
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


def guesses(
    family: AscentFamily, first_heights_m: tuple[float, ...], evidence: Evidence
) -> tuple[Array, ...]:
    """The family's middle ascent straight up, so ignited that the first look sees it this high."""
    mean = prior_of(family)[0]
    times_s = np.arange(0.0, 200.0, 2.0)
    states = states_of(family, evidence, mean[None], times_s)
    heights = np.array([height_m(s[0], s[1], s[2]) for s in states[0]])
    found = []
    for first_height_m in first_heights_m:
        above = np.nonzero(heights >= first_height_m)[0]
        phi = mean.copy()
        phi[IGNITION] = evidence.times_s[0] - (float(times_s[above[0]]) if len(above) else 60.0)
        found.append(phi)
    return tuple(found)


def mode_of(evidence: Evidence, family: AscentFamily, start: Array) -> Mode | None:
    """Levenberg-Marquardt from ``start``; None if the numbers lead nowhere."""
    problem = Problem(evidence, family, *prior_of(family))
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
    return Mode(problem, phi, covariance, log_evidence, cost)


def _slopes(problem: Problem, phi: Array) -> tuple[Array, Array]:
    """Residuals (n, k + 11) and their derivatives (n, k + 11, 11), all of one crowd of ascents."""
    steps = np.vstack((np.zeros(SIZE), np.diag(STEPS)))
    around = problem.residuals((phi[:, None] + steps).reshape(-1, SIZE))
    around = around.reshape(len(phi), SIZE + 1, -1)
    slopes = (around[:, 1:] - around[:, :1]) / STEPS[:, None]
    return around[:, 0], np.swapaxes(slopes, 1, 2)


def _descend(problem: Problem, start: Array) -> tuple[Array, float, Array]:
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
