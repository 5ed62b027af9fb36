"""What is known of a launch: weighted draws of its point, time and azimuth, and their moments."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.missiles.families import FAMILIES
from forewarn.tracking.ascent_modes import parallel_radius_m
from forewarn.tracking.live import LAUNCH_WINDOW_S, LiveTrack

Array = NDArray[np.float64]

LEAST_LOOKS = 3
_ARC_GROWTH = 2.0  # and one of an arc when it has been seen so much more often
_GROWTH = 1.15  # a launch is fitted anew when its lines of sight have grown by this much


def _nothing() -> Array:
    return np.empty(0)


def _no_draws() -> Array:
    return np.empty((0, 4))


@dataclass(frozen=True, slots=True, eq=False)
class LaunchFit:
    """Posterior of (north m, east m, time s, azimuth rad) about a reference, families merged.

    ``available`` is how many looks there were to choose from; ``from_arc`` says that no look was of
    the ascent, and the launch is what the arc after it allows; ``complete`` that the time
    window of the fit is over. ``modes`` are the fitted parameters by family, None without a fit.
    ``draws`` (n, 4) with ``weights`` (n,) are the posterior itself, ``mean`` and ``covariance`` its
    first two moments; azimuths are within half a turn of the mean. ``family_weights`` are the
    probabilities of the families, ``log_evidence`` the log density of the looks: not of an arc.
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
    from_arc: bool = False

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
        looks = len(track.launch_looks)
        if self.from_arc:
            return looks < LEAST_LOOKS and track.count < self.available * _ARC_GROWTH
        if self.complete or looks <= self.available:
            return True
        return not is_complete(track) and looks < self.available * _GROWTH


def is_complete(track: LiveTrack) -> bool:
    """Whether the window of lines of sight that a launch is fitted to is over."""
    first_tai_ns = min(look.seen_tai_ns for look in track.launch_looks)
    return track.last_thrust_tai_ns > first_tai_ns + int(LAUNCH_WINDOW_S * SECOND_NS)


def moments_of(
    places: Array,
    azimuth_rad: Array,
    weights: Array,
    *,
    latitude_rad: float,
    longitude_rad: float,
    reference_tai_ns: int,
) -> LaunchFit:
    """The launch of draws of north [m], east [m], time [s] (n, 3) and azimuth (n,)."""
    draws = np.empty((len(places), 4))
    draws[:, :3] = places
    middle_rad = math.atan2(weights @ np.sin(azimuth_rad), weights @ np.cos(azimuth_rad))
    off_rad = (azimuth_rad - middle_rad + math.pi) % (2.0 * math.pi) - math.pi
    draws[:, 3] = middle_rad + off_rad
    mean = weights @ draws
    d = draws - mean
    return LaunchFit(
        reference_latitude_rad=latitude_rad,
        reference_longitude_rad=longitude_rad,
        reference_tai_ns=reference_tai_ns,
        mean=mean,
        covariance=d.T @ (d * weights[:, None]),
        available=0,
        complete=False,
        modes=(None,) * len(FAMILIES),
        draws=draws,
        weights=weights,
    )
