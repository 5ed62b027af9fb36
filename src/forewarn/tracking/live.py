"""One live track, and its posterior: the models' means, covariances and probabilities."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.kernels import filter as kernel
from forewarn.records import TrackStatus
from forewarn.tracking.looks import Biases, Look

Array = NDArray[np.float64]

LAUNCH_WINDOW_S = 30.0  # lines of sight later than this after the first say little about the pad
LONGEST_PREDICTION_S = 5_400.0  # no flight lasts longer
_FARTHEST_M = 1e9  # also the fastest in metres a second: beyond, arithmetic has failed


@dataclass(slots=True, eq=False)
class Posterior:
    """The models of a track at an instant: means, covariances, model probabilities.

    ``means`` (4, n), ``covariances`` (4, n, n) and ``weights`` (4,) are in the order of
    ``kernels.filter``: boost, ballistic, re-entry, glide. A model of weight 0 is not computed: its
    numbers are stale.
    """

    tai_ns: int
    means: Array
    covariances: Array
    weights: Array

    def copy(self) -> Posterior:
        """Return an independent copy."""
        return Posterior(
            self.tai_ns, self.means.copy(), self.covariances.copy(), self.weights.copy()
        )

    def predicted(self, tai_ns: int) -> Posterior:
        """Return the posterior moved to a later instant; itself copied when that is not later.

        What cannot be predicted, or not so far, comes back not ``sound``.
        """
        moved = self.copy()
        dt = (tai_ns - self.tai_ns) / SECOND_NS
        if dt > 0.0:
            if dt > LONGEST_PREDICTION_S or not kernel.predict(
                moved.means, moved.covariances, moved.weights, dt
            ):
                moved.means[:] = math.nan
            moved.tai_ns = tai_ns
        return moved

    @property
    def sound(self) -> bool:
        """False once a number is not finite, far out of this world, or no variance."""
        variances = np.diagonal(self.covariances, axis1=1, axis2=2)[:, :6]
        return bool(
            np.isfinite(self.means).all()
            and np.isfinite(self.covariances).all()
            and (np.abs(self.means[:, :6]) < _FARTHEST_M).all()
            and ((variances > 0.0) & (variances < _FARTHEST_M**2)).all()
        )

    @property
    def boosting(self) -> float:
        """Probability that it thrusts."""
        return float(self.weights[kernel.BOOST])

    @property
    def falling(self) -> int:
        """The likeliest model of one that does not thrust; ``x[6]`` is its ln(1/beta)."""
        return 1 + int(np.argmax(self.weights[1:]))

    def body(self) -> tuple[Array, Array]:
        """Mean (6,) and covariance (6, 6) of position and velocity, all models merged."""
        mean = self.weights @ self.means[:, :6]
        covariance = np.zeros((6, 6))
        for weight, x, p in zip(self.weights, self.means, self.covariances, strict=True):
            d = x[:6] - mean
            covariance += weight * (p[:6, :6] + np.outer(d, d))
        return mean, covariance


PlotKey = tuple[str, str]
"""Names of a scan and of a plot in it."""


@dataclass(frozen=True, slots=True)
class Brief:
    """One track in short: what those ask who look at all tracks at once."""

    track_id: str
    status: TrackStatus
    score: float
    boosting: float
    parent_track_id: str | None


@dataclass(slots=True, eq=False)
class LiveTrack:
    """One track as the tracker knows it now: what assessment and the outputs are made from.

    ``latest`` is its newest posterior; ``first_body`` (6,) where it was when it began.
    ``sensor_ids`` counts looks by the sensors that saw it, ``silent`` those that covered it and did
    not. ``launch_looks`` are the lines of sight of its first half minute; ``scan_ids`` the newest
    scans it was seen in, of ``count`` looks in all. ``confirmed`` says that it ever was; ``origin``
    is the plot that it began with, ``parent_origin`` that of the track beside which it began, as
    what is shed begins; ``parent_track_id`` is that one's name. ``falls_since_tai_ns`` is since
    when it has all but certainly been falling freely. ``known_object`` is the catalogue's name of
    what moves there, for whoever looks it up: the tracker does not.
    """

    track_id: str
    origin: PlotKey
    status: TrackStatus
    confirmed: bool
    latest: Posterior
    first_body: Array
    score: float
    sensor_ids: dict[str, int]
    silent: dict[str, int]
    launch_looks: list[Look]
    scan_ids: tuple[str, ...]
    first_seen_tai_ns: int
    last_seen_tai_ns: int
    last_thrust_tai_ns: int
    falls_since_tai_ns: int
    count: int
    parent_origin: PlotKey | None = None
    parent_track_id: str | None = None
    known_object: str | None = None

    def known_at(self, tai_ns: int) -> Posterior:
        """The track at an instant, or as it was last known if it cannot be predicted so far.

        Before its newest posterior only its beginning is known, without a spread.
        """
        if tai_ns < self.latest.tai_ns and tai_ns <= self.first_seen_tai_ns:
            began = self.latest.copy()
            began.tai_ns = self.first_seen_tai_ns
            began.means[:, :6] = self.first_body
            return began
        there = self.latest.predicted(tai_ns)
        return there if there.sound else self.latest


def brief_of(track: LiveTrack) -> Brief:
    """A track in short."""
    return Brief(
        track.track_id, track.status, track.score, track.latest.boosting, track.parent_track_id
    )


def fresh_posterior(
    tai_ns: int,
    mean: Array,
    covariance: Array,
    *,
    biases: Biases,
    boosting: float,
) -> Posterior:
    """A posterior of all models about one body state (6,), (6, 6), all biases at their prior.

    If it does not thrust, it falls as its height says: freely, or through air.
    """
    n = biases.size
    means = np.zeros((kernel.MODELS, n))
    covariances = np.zeros((kernel.MODELS, n, n))
    for model in range(kernel.MODELS):
        means[model, :6] = mean
        covariances[model, :6, :6] = covariance
        spread = np.diag_indices(n - kernel.BODY)
        covariances[model, kernel.BODY :, kernel.BODY :][spread] = biases.sigmas**2
        kernel.set_parameter_prior(means[model], covariances[model], model)
    weights = np.zeros(kernel.MODELS)
    weights[kernel.BOOST] = boosting
    weights[kernel.falling_model(means[0], 0.0)] = 1.0 - boosting
    return Posterior(tai_ns, means, covariances, weights)
