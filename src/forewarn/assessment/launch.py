"""Launch point, time and azimuth of a track: the posterior over ascent families, as draws.

The work is that of `forewarn.tracking.ascent_posterior`; here its draws of the whole ascent become
draws of the launch, and a track's looks become its evidence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.frames import geodetic_from_ecef
from forewarn.kernels.flight import height_m
from forewarn.missiles.families import FAMILIES
from forewarn.tracking.ascent_posterior import (
    IGNITION,
    SLANT_EAST,
    SLANT_NORTH,
    AscentPosterior,
    ascent_posterior,
    evidence_by_family,
    guess,
    parallel_radius_m,
)
from forewarn.tracking.live import LAUNCH_WINDOW_S, LiveTrack
from forewarn.tracking.looks import Look

Array = NDArray[np.float64]

_LEAST_LOOKS = 3
_MOST_LOOKS = 48
_GROWTH = 1.15  # a launch is fitted anew when its lines of sight have grown by this much


def _nothing() -> Array:
    return np.empty(0)


def _no_draws() -> Array:
    return np.empty((0, 4))


@dataclass(frozen=True, slots=True, eq=False)
class LaunchFit:
    """Posterior of (north m, east m, time s, azimuth rad) about a reference, families merged.

    ``available`` is how many lines of sight there were to choose from; ``complete`` that the time
    window of the fit is over. ``modes`` are the fitted parameters by family, None without a fit.
    ``draws`` (n, 4) with ``weights`` (n,) are the posterior itself, ``mean`` and ``covariance`` its
    first two moments; azimuths are within half a turn of the mean. ``family_weights`` are the
    probabilities of the families, ``log_evidence`` the log density of the looks.
    """

    reference_latitude_rad: float
    reference_longitude_rad: float
    reference_tai_ns: int
    mean: Array
    covariance: Array
    available: int
    complete: bool
    modes: tuple[Array | None, ...]
    draws: Array = field(default_factory=_no_draws)
    weights: Array = field(default_factory=_nothing)
    family_weights: Array = field(default_factory=_nothing)
    log_evidence: float = math.nan

    @property
    def latitude_rad(self) -> float:
        """Latitude of the mean launch point."""
        latitude_rad = self.reference_latitude_rad + float(self.mean[0]) / MEAN_RADIUS_M
        return min(max(latitude_rad, -0.5 * math.pi), 0.5 * math.pi)

    @property
    def longitude_rad(self) -> float:
        """Longitude of the mean launch point, -pi to pi."""
        turn_rad = float(self.mean[1]) / parallel_radius_m(self.reference_latitude_rad)
        return math.remainder(self.reference_longitude_rad + turn_rad, 2.0 * math.pi)

    @property
    def time_tai_ns(self) -> int:
        """Mean launch instant."""
        return self.reference_tai_ns + round(float(self.mean[2]) * SECOND_NS)

    def holds(self, latitude_rad: float, longitude_rad: float, share: float) -> bool:
        """Whether a place lies in the smallest region that holds this share of the draws.

        The density is that of the draws smoothed with a normal kernel (Silverman's width).
        """
        turn_rad = math.remainder(longitude_rad - self.reference_longitude_rad, 2.0 * math.pi)
        place = np.array(
            (
                (latitude_rad - self.reference_latitude_rad) * MEAN_RADIUS_M,
                turn_rad * parallel_radius_m(self.reference_latitude_rad),
            )
        )
        lower = np.linalg.cholesky(self.covariance[:2, :2])
        points = np.linalg.solve(lower, (self.draws[:, :2] - self.mean[:2]).T).T
        there = np.linalg.solve(lower, place - self.mean[:2])
        width = float(self.weights @ self.weights) ** (1.0 / 6.0)
        shrunk = math.sqrt(1.0 - min(width, 0.9) ** 2)  # smoothing must not widen the whole

        def density(at: Array) -> Array:
            apart = at[:, None] - shrunk * points[None]
            return np.asarray(np.exp(-0.5 * np.sum(apart**2, axis=2) / width**2) @ self.weights)

        own = density(points)
        order = np.argsort(-own)
        inside = np.cumsum(self.weights[order]) <= share
        limit = float(own[order][inside][-1]) if inside.any() else math.inf
        return bool(density(there[None])[0] >= limit)

    def is_current(self, track: LiveTrack) -> bool:
        """Whether a new fit of the track would tell little more."""
        if self.complete or len(track.launch_looks) <= self.available:
            return True
        return not _is_complete(track) and len(track.launch_looks) < self.available * _GROWTH


def _is_complete(track: LiveTrack) -> bool:
    """Whether the window of lines of sight that a launch is fitted to is over."""
    first_tai_ns = min(look.seen_tai_ns for look in track.launch_looks)
    return track.last_thrust_tai_ns > first_tai_ns + int(LAUNCH_WINDOW_S * SECOND_NS)


def launch_fit(track: LiveTrack, previous: LaunchFit | None) -> LaunchFit | None:
    """Fit the launch of a track from its first looks.

    ``previous`` (of the same track) gives the reference and the starting point. Returns None
    without three looks, and when no ascent of any family can be fitted to them.
    """
    looks = window(track.launch_looks)
    if len(looks) < _LEAST_LOOKS:
        return None
    first_ecef_m = track.known_at(looks[0].seen_tai_ns).body()[0][:3]
    posterior = fitted(looks, first_ecef_m, previous)
    if posterior is None:
        return None
    return launch_of(
        posterior, available=len(track.launch_looks), complete=_is_complete(track)
    )


def window(looks: list[Look]) -> list[Look]:
    """The looks of the first half minute, oldest first, thinned if they are many."""
    looks = sorted(looks, key=lambda k: (k.seen_tai_ns, k.order))
    if not looks:
        return []
    limit = looks[0].seen_tai_ns + int(LAUNCH_WINDOW_S * SECOND_NS)
    looks = [k for k in looks if k.seen_tai_ns <= limit]
    if len(looks) > _MOST_LOOKS:
        keep = np.unique(np.linspace(0, len(looks) - 1, _MOST_LOOKS).astype(int))
        looks = [looks[int(i)] for i in keep]
    return looks


def fitted(
    looks: list[Look], first_ecef_m: Array, previous: LaunchFit | None
) -> AscentPosterior | None:
    """The posterior of the ascent behind looks, the first of them of about ``first_ecef_m``."""
    if not np.isfinite(first_ecef_m).all():
        return None
    latitude_rad, longitude_rad, _ = geodetic_from_ecef(first_ecef_m)
    reference_tai_ns = looks[0].seen_tai_ns
    if previous is not None:
        latitude_rad = previous.reference_latitude_rad
        longitude_rad = previous.reference_longitude_rad
        reference_tai_ns = previous.reference_tai_ns
    evidence = evidence_by_family(
        looks,
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
        reference_tai_ns=reference_tai_ns,
    )
    if evidence is None:
        return None
    known = previous.modes if previous is not None else (None,) * len(FAMILIES)
    first_height_m = height_m(*first_ecef_m)
    starts = tuple(
        guess(family, first_height_m, own) if mode is None else mode
        for family, own, mode in zip(FAMILIES, evidence, known, strict=True)
    )
    return ascent_posterior(evidence, starts)


def launch_of(posterior: AscentPosterior, *, available: int, complete: bool) -> LaunchFit:
    """The launch alone: its draws and their first two moments."""
    phi, weights = posterior.draws, posterior.weights
    draws = np.empty((len(phi), 4))
    draws[:, :3] = phi[:, : IGNITION + 1]
    azimuth_rad = np.arctan2(phi[:, SLANT_EAST], phi[:, SLANT_NORTH])
    middle_rad = math.atan2(weights @ np.sin(azimuth_rad), weights @ np.cos(azimuth_rad))
    off_rad = (azimuth_rad - middle_rad + math.pi) % (2.0 * math.pi) - math.pi
    draws[:, 3] = middle_rad + off_rad
    mean = weights @ draws
    d = draws - mean
    return LaunchFit(
        reference_latitude_rad=posterior.evidence.latitude_rad,
        reference_longitude_rad=posterior.evidence.longitude_rad,
        reference_tai_ns=posterior.evidence.reference_tai_ns,
        mean=mean,
        covariance=d.T @ (d * weights[:, None]),
        available=available,
        complete=complete,
        modes=posterior.modes,
        draws=draws,
        weights=weights,
        family_weights=posterior.family_weights,
        log_evidence=posterior.log_evidence,
    )
