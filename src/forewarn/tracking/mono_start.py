"""How one satellite alone begins a track: a rising plume against what stands or moves slowly.

One line of sight does not tell a near plume from a far fire, but a chain of them does: whatever the
families of ascent can fly, and what no fire, glint or aircraft does, is a launch. The marginal
likelihood of the chain under the families is weighed against those of its rivals, all with one
prior of place:

    standing   a place near the ground, constant, whose light may leap about
    drifting   a place in the lower air that moves evenly and levelly, and strays a little
    falling    a place in the upper air that moves evenly and may be very fast: a bolide
    chance     false reports that have nothing to do with each other

The rivals' are normal integrals, closed (MacKay, Information Theory, Inference, and Learning
Algorithms, 2003, section 28.2). A start is the first two moments of where the ascents are at the
newest look: wide along the line of sight, because that is not seen.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from forewarn.frames import ecef_from_geodetic, enu_axes, geodetic_from_ecef
from forewarn.kernels import filter as kernel
from forewarn.kernels.flight import height_m
from forewarn.missiles.families import FAMILIES
from forewarn.tracking.ascent_evidence import Evidence, evidence_of
from forewarn.tracking.ascent_modes import (
    MONO_HEIGHTS_M,
    PRIOR_GROUND_M,
    evidence_by_family,
    guesses,
)
from forewarn.tracking.ascent_posterior import AscentPosterior, ascent_posterior
from forewarn.tracking.initiation import Start
from forewarn.tracking.looks import Look

Array = NDArray[np.float64]

LEAST_LOOKS = 4  # three of a plume fit an aircraft as well
# Log of the odds demanded. Sources that stand and drift are by the thousand and are looked at
# every scan, launches come by the day. At 16, 11 and 8, one scanner starts 69, 75 and 78 of 96 true
# ascents; 600 chains of eight sorts of rivals, tried at five lengths, started nothing at 11 or 8.
_LEAST_LOG_ODDS = 11.0
_TAIL = 1e-4
# What the ascents strayed by when the start is made, one sigma.
_STRAYED_M = 400.0
_STRAYED_M_S = 40.0


def mono_start(looks: list[Look]) -> Start | None:
    """A start from the chain of one telescope, oldest look first; None if it may be no launch.

    The start is of the newest look's instant, with that look in it already.
    """
    if len(looks) < LEAST_LOOKS or any(k.kind != kernel.LINE_OF_SIGHT for k in looks):
        return None
    place = _below(looks[0])
    if place is None:
        return None
    latitude_rad, longitude_rad, _ = geodetic_from_ecef(place)
    reference_tai_ns = looks[-1].seen_tai_ns
    # What stands is looked for first: most chains are that, and it costs least.
    rivals = _rivals(looks, place, reference_tai_ns)
    evidence = evidence_by_family(
        looks,
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
        reference_tai_ns=reference_tai_ns,
    )
    if rivals is None or evidence is None or rivals > _ceiling(evidence, place) - _LEAST_LOG_ODDS:
        return None
    starts = tuple(
        guesses(family, MONO_HEIGHTS_M, own) for family, own in zip(FAMILIES, evidence, strict=True)
    )
    posterior = ascent_posterior(evidence, starts)
    if posterior is None or posterior.log_evidence - rivals < _LEAST_LOG_ODDS:
        return None
    if posterior.least_misfit > _largest_misfit(evidence[0].offset_count):
        return None
    return _start(posterior, looks)


def _below(look: Look) -> Array | None:
    """Where a line of sight comes down to the height of a first look, ecef; None if it does not."""
    origin, u = look.geometry[0], look.geometry[1]
    along_m = -float(origin @ u)
    nearest_m2 = float(origin @ origin) - along_m**2
    point = origin + along_m * u
    if not (math.isfinite(nearest_m2) and along_m > 0.0):
        return None
    for _ in range(8):  # the height is that of an ellipsoid: a few steps along the line
        r = float(np.linalg.norm(point))
        surface_m = r - height_m(*point) + MONO_HEIGHTS_M[0]
        if surface_m**2 < nearest_m2:
            return None
        point = origin + (along_m - math.sqrt(surface_m**2 - nearest_m2)) * u
    return np.asarray(point)


@dataclass(frozen=True, slots=True)
class _Rival:
    """A source that is no launch: how it strays and jumps, and the sigmas of its prior.

    The first is of its height [m], those that follow of its speed east, north and up [m/s].
    """

    straying_m: float
    jitter_m: float
    sigmas: tuple[float, ...]


# Fires, flares and volcanoes lie near the ground; a large one's light leaps about in it. After-
# burners and glints on cloud drift in the lower air; a bolide falls through the upper. All soft:
# wide guesses, made to be beaten.
_RIVALS = (
    _Rival(0.0, 0.0, (1_500.0,)),
    _Rival(0.0, 400.0, (1_500.0,)),
    _Rival(0.0, 1_500.0, (1_500.0,)),
    _Rival(150.0, 0.0, (8_000.0, 300.0, 300.0)),
    _Rival(150.0, 400.0, (8_000.0, 300.0, 300.0)),
    _Rival(150.0, 400.0, (50_000.0, 15_000.0, 15_000.0, 15_000.0)),
)


def _ceiling(evidence: tuple[Evidence, ...], place: Array) -> float:
    """More than the log evidence of any ascent: of one whose place alone had to be found."""
    latitude_rad, longitude_rad, _ = geodetic_from_ecef(place)
    axes = enu_axes(latitude_rad, longitude_rad)
    sigmas = np.array((PRIOR_GROUND_M, PRIOR_GROUND_M))
    return max(_linear(e, place, axes, sigmas)[1] for e in evidence)


@functools.cache
def _largest_misfit(degrees: int) -> float:
    return float(chi2.ppf(1.0 - _TAIL, degrees))


def _rivals(looks: list[Look], place: Array, reference_tai_ns: int) -> float | None:
    """Log evidence of the best rival; None without numbers."""
    latitude_rad, longitude_rad, _ = geodetic_from_ecef(place)
    ground = ecef_from_geodetic(latitude_rad, longitude_rad, 0.0)
    axes = enu_axes(latitude_rad, longitude_rad)
    found = [sum(math.log(k.clutter_density) for k in looks)]
    for rival in _RIVALS:
        evidence = evidence_of(
            looks,
            latitude_rad=latitude_rad,
            longitude_rad=longitude_rad,
            reference_tai_ns=reference_tai_ns,
            straying_m=rival.straying_m,
            jitter_m=rival.jitter_m,
        )
        if evidence is None:
            return None
        sigmas = np.array((PRIOR_GROUND_M, PRIOR_GROUND_M, *rival.sigmas))
        found.append(_linear(evidence, ground, axes, sigmas)[0])
    return max(found)


def _linear(evidence: Evidence, ground: Array, axes: Array, sigmas: Array) -> tuple[float, float]:
    """Log evidence of a source, and what it would be of one without misfit.

    Its prior is normal: east, north, up [m], then such speeds [m/s]; as many as it has sigmas.

    Offsets are linear in these to a part in ten thousand over hundreds of kilometres seen from an
    orbit; one step of Newton from the ground puts the place right before the integral is taken.
    """
    since_s = evidence.times_s - evidence.times_s[-1]

    def offsets(x: Array) -> Array:
        states = np.zeros((len(since_s), 6))
        states[:, :3] = ground + x[:3] @ axes[: len(x)]
        if len(x) > 3:
            states[:, 3:] = x[3:] @ axes[: len(x) - 3]
            states[:, :3] += since_s[:, None] * states[:, 3:]
        return evidence.offsets_from(states)

    x = np.zeros(len(sigmas))
    steps = np.where(np.arange(len(x)) < 3, 100.0, 1.0)
    for _ in range(2):
        r = offsets(x)
        rows = np.stack(
            [(offsets(x + d) - r) / s for d, s in zip(np.diag(steps), steps, strict=True)], 1
        )
        information = rows.T @ rows + np.diag(1.0 / sigmas**2)
        x = x - np.linalg.solve(information, rows.T @ r + x / sigmas**2)
    r = offsets(x)
    cost = float(r @ r + np.sum((x / sigmas) ** 2))
    _, log_information = np.linalg.slogdet(information)
    best = evidence.log_scale - 0.5 * float(log_information) - float(np.sum(np.log(sigmas)))
    return best - 0.5 * cost, best


def _start(posterior: AscentPosterior, looks: list[Look]) -> Start:
    """First two moments of position and velocity at the newest look."""
    states = posterior.states_ecef(0.0)
    mean = posterior.weights @ states
    d = states - mean
    covariance = d.T @ (d * posterior.weights[:, None])
    covariance += np.diag([_STRAYED_M**2] * 3 + [_STRAYED_M_S**2] * 3)
    return Start(looks[-1].seen_tai_ns, mean, covariance, tuple(looks), boosting=0.95)
