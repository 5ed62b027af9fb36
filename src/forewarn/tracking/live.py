"""One live track: a short, replayable history of looks, so that a late look changes nothing.

The filter state after each look is kept for ``HISTORY_S``. A look older than the newest is put in
its place and everything after it is filtered again: the estimate is then the same, to the bit, as
if the looks had come in order (their association is not revisited). Filter states are never changed
once stored, so that a copy of a track may share them.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import deque
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.kernels import filter as kernel
from forewarn.records import TrackStatus
from forewarn.sensors.screen import LATEST_S
from forewarn.tracking.life import TRACK_TRANSITIONS, TrackHappening
from forewarn.tracking.looks import Biases, Look

Array = NDArray[np.float64]

HISTORY_S = LATEST_S  # as late as a scan may come
LAUNCH_WINDOW_S = 30.0  # lines of sight later than this after the first say little about the pad
LONGEST_PREDICTION_S = 5_400.0  # no flight lasts longer
_MOST_HAPPENINGS = 1024
_MOST_LAUNCH_LOOKS = 512
_MOST_INPUTS = 256
_PRUNED_AT_ONCE = 8
_FARTHEST_M = 1e9  # also the fastest in metres a second: beyond, arithmetic has failed
_TROUBLE = -1e3  # score of a look that the filter could not take: more than any track survives


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


@dataclass(frozen=True, slots=True, eq=False)
class Happening:
    """A look that was given to a track (``look`` set) or that saw nothing where it should be.

    ``order`` names it among all that happen at one instant. ``seen_if`` (4,) is the probability
    of being seen under each model.
    """

    tai_ns: int
    order: str
    look: Look | None
    seen_if: Array

    @property
    def key(self) -> tuple[int, str]:
        """Its place among the happenings of a track."""
        return self.tai_ns, self.order


@dataclass(slots=True, eq=False)
class LiveTrack:
    """A track in the making or in being; see ``tracking.life`` for its states.

    ``sensor_ids`` counts looks by the sensors that saw it, ``silent`` those that covered it and
    did not. ``launch_looks`` are the lines of sight of its first minute; ``scan_ids`` the newest
    scans it was seen in, of ``count`` in all.
    """

    track_id: str
    status: TrackStatus
    base: Posterior
    base_score: float = 0.0
    base_top_score: float = 0.0
    happenings: list[Happening] = field(default_factory=list)
    posteriors: list[Posterior] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    sensor_ids: dict[str, int] = field(default_factory=dict)
    silent: dict[str, int] = field(default_factory=dict)
    launch_looks: list[Look] = field(default_factory=list)
    scan_ids: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_INPUTS))
    first_seen_tai_ns: int = 0
    last_seen_tai_ns: int = 0
    last_thrust_tai_ns: int = 0
    count: int = 0

    def copy(self) -> LiveTrack:
        """Return an independent, exact copy; what never changes is shared."""
        return replace(
            self,
            happenings=list(self.happenings),
            posteriors=list(self.posteriors),
            scores=list(self.scores),
            sensor_ids=dict(self.sensor_ids),
            silent=dict(self.silent),
            launch_looks=list(self.launch_looks),
            scan_ids=deque(self.scan_ids, maxlen=_MOST_INPUTS),
        )

    @property
    def latest(self) -> Posterior:
        """The newest posterior."""
        return self.posteriors[-1] if self.posteriors else self.base

    @property
    def score(self) -> float:
        """Log-likelihood ratio of one object against clutter."""
        return self.scores[-1] if self.scores else self.base_score

    @property
    def top_score(self) -> float:
        """The highest score that the track has had."""
        return max(self.base_top_score, max(self.scores, default=-math.inf))

    def befall(self, happening: TrackHappening) -> None:
        """Move the track through its life."""
        self.status = TRACK_TRANSITIONS[self.status, happening]

    def before(self, tai_ns: int) -> Posterior:
        """The posterior after everything that happened up to an instant."""
        index = bisect_right(self.happenings, tai_ns, key=lambda h: h.tai_ns)
        return self.posteriors[index - 1] if index else self.base

    def at(self, tai_ns: int) -> Posterior:
        """The track predicted to an instant from everything up to it; check that it is sound."""
        return self.before(tai_ns).predicted(tai_ns)

    def known_at(self, tai_ns: int) -> Posterior:
        """The track at an instant, or as it was last known if it cannot be predicted so far."""
        there = self.at(tai_ns)
        return there if there.sound else self.before(tai_ns)

    def take(self, happening: Happening) -> None:
        """Put a happening in its place and filter again from there.

        One that is older than the track's memory, or that was taken before, changes nothing.
        """
        if happening.tai_ns < self.base.tai_ns:
            return
        index = bisect_left(self.happenings, happening.key, key=lambda h: h.key)
        if index < len(self.happenings) and self.happenings[index].key == happening.key:
            return
        self.happenings.insert(index, happening)
        self._filter_from(index)
        if happening.look is not None:
            self._remember(happening.look)
        self._prune()

    def _filter_from(self, index: int) -> None:
        del self.posteriors[index:]
        del self.scores[index:]
        posterior, score = self.latest, self.score
        for happening in self.happenings[index:]:
            moved = posterior.predicted(happening.tai_ns)
            if moved.sound:
                posterior = moved
                score += _weigh(posterior, happening)
            else:
                score += _TROUBLE
            self.posteriors.append(posterior)
            self.scores.append(score)

    def _remember(self, look: Look) -> None:
        self.count += 1
        self.sensor_ids[look.sensor_id] = self.sensor_ids.get(look.sensor_id, 0) + 1
        self.last_seen_tai_ns = max(self.last_seen_tai_ns, look.seen_tai_ns)
        first_tai_ns = self.first_seen_tai_ns if self.count > 1 else look.seen_tai_ns
        self.first_seen_tai_ns = min(first_tai_ns, look.seen_tai_ns)
        self.scan_ids.append(look.scan_id)
        if look.kind == kernel.LINE_OF_SIGHT:
            self.last_thrust_tai_ns = max(self.last_thrust_tai_ns, look.seen_tai_ns)
            self._keep_for_launch(look)

    def _keep_for_launch(self, look: Look) -> None:
        kept = self.launch_looks
        first_tai_ns = min((k.seen_tai_ns for k in kept), default=look.seen_tai_ns)
        window_ns = int(LAUNCH_WINDOW_S * SECOND_NS)
        if look.seen_tai_ns <= first_tai_ns + window_ns and len(kept) < _MOST_LAUNCH_LOOKS:
            kept.append(look)

    def _prune(self) -> None:
        """Forget filter states too old for any look that may still arrive."""
        horizon = self.happenings[-1].tai_ns - int(HISTORY_S * SECOND_NS)
        index = bisect_right(self.happenings, horizon, key=lambda h: h.tai_ns)
        index = max(index, len(self.happenings) - _MOST_HAPPENINGS)
        if index > _PRUNED_AT_ONCE:
            self.base = self.posteriors[index - 1]
            self.base_top_score = max(self.base_top_score, *self.scores[:index])
            self.base_score = self.scores[index - 1]
            del self.happenings[:index], self.posteriors[:index], self.scores[:index]


def _weigh(posterior: Posterior, happening: Happening) -> float:
    """Update a fresh posterior in place by one happening; return its log-likelihood ratio."""
    if happening.look is None:
        return float(kernel.miss(posterior.weights, happening.seen_if))
    look = happening.look
    log_likelihood, _ = kernel.update(
        posterior.means,
        posterior.covariances,
        posterior.weights,
        look.kind,
        look.geometry,
        happening.seen_if,
    )
    if log_likelihood == -math.inf:
        return _TROUBLE
    return float(log_likelihood) - math.log(look.clutter_density)


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
