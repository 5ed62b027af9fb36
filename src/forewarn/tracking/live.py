"""One live track: a short, replayable history of looks, so that a late look changes nothing but time.

The filter state after each look is kept for ``HISTORY_S``. A look older than the newest is put in
its place and everything after it is filtered again: the estimate is then the same, to the bit, as if
the looks had come in order (their association is not revisited).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.kernels import filter as kernel
from forewarn.records import TrackStatus
from forewarn.tracking.looks import Biases, Look

Array = NDArray[np.float64]

HISTORY_S = 60.0


@dataclass(slots=True, eq=False)
class Posterior:
    """Both models of a track at an instant: means, covariances, model probabilities."""

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
        """Return the posterior moved to a later instant; itself copied when that is not later."""
        moved = self.copy()
        dt = (tai_ns - self.tai_ns) / SECOND_NS
        if dt > 0.0:
            if not kernel.predict(moved.means, moved.covariances, moved.weights, dt):
                moved.means[:] = math.nan
            moved.tai_ns = tai_ns
        return moved

    @property
    def sound(self) -> bool:
        """False once a number in it is not finite or a variance not positive."""
        diagonal = np.diagonal(self.covariances, axis1=1, axis2=2)
        return bool(np.isfinite(self.means).all() and (diagonal[:, :6] > 0.0).all())

    def body(self) -> tuple[Array, Array]:
        """Mean (6,) and covariance (6, 6) of position and velocity, both models merged."""
        mean = self.weights @ self.means[:, :6]
        covariance = np.zeros((6, 6))
        for weight, x, p in zip(self.weights, self.means, self.covariances, strict=True):
            d = x[:6] - mean
            covariance += weight * (p[:6, :6] + np.outer(d, d))
        return mean, covariance


@dataclass(frozen=True, slots=True, eq=False)
class Happening:
    """A look that was given to a track (``look`` set) or that saw nothing where it should be."""

    tai_ns: int
    order: str
    look: Look | None
    seen_if: Array


@dataclass(slots=True, eq=False)
class LiveTrack:
    """A track in the making or in being; see ``tracking.life`` for its states."""

    track_id: str
    status: TrackStatus
    base: Posterior
    base_score: float
    happenings: list[Happening] = field(default_factory=list)
    posteriors: list[Posterior] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    top_score: float = 0.0
    sensor_ids: dict[str, int] = field(default_factory=dict)
    silent: dict[str, int] = field(default_factory=dict)
    launch_looks: list[Look] = field(default_factory=list)
    last_seen_tai_ns: int = 0
    last_thrust_tai_ns: int = 0
    first_seen_tai_ns: int = 0
    count: int = 0
    inputs: list[str] = field(default_factory=list)
    changed: bool = False

    @property
    def latest(self) -> Posterior:
        """The newest posterior."""
        return self.posteriors[-1] if self.posteriors else self.base

    @property
    def score(self) -> float:
        """Log-likelihood ratio of one object against clutter."""
        return self.scores[-1] if self.scores else self.base_score

    def before(self, tai_ns: int) -> Posterior:
        """The posterior after everything that happened up to an instant."""
        index = bisect_right([h.tai_ns for h in self.happenings], tai_ns)
        return self.posteriors[index - 1] if index else self.base

    def at(self, tai_ns: int) -> Posterior:
        """The track predicted to an instant from everything up to it."""
        return self.before(tai_ns).predicted(tai_ns)

    def take(self, happening: Happening) -> float:
        """Put a happening in its place, filter again from there; return what it did to the score."""
        if happening.tai_ns < self.base.tai_ns:
            return 0.0
        key = (happening.tai_ns, happening.order)
        index = bisect_right([(h.tai_ns, h.order) for h in self.happenings], key)
        self.happenings.insert(index, happening)
        old_score = self.score
        self._filter_from(index)
        look = happening.look
        if look is not None:
            self._remember(look)
        self.changed = True
        self._prune()
        return self.score - old_score

    def _filter_from(self, index: int) -> None:
        del self.posteriors[index:]
        del self.scores[index:]
        posterior = self.posteriors[-1] if self.posteriors else self.base
        score = self.scores[-1] if self.scores else self.base_score
        for happening in self.happenings[index:]:
            posterior = posterior.predicted(happening.tai_ns)
            score += _weigh(posterior, happening)
            self.posteriors.append(posterior)
            self.scores.append(score)
        self.top_score = max(self.top_score, score)

    def _remember(self, look: Look) -> None:
        self.count += 1
        self.sensor_ids[look.sensor_id] = self.sensor_ids.get(look.sensor_id, 0) + 1
        self.last_seen_tai_ns = max(self.last_seen_tai_ns, look.seen_tai_ns)
        first = self.first_seen_tai_ns or look.seen_tai_ns
        self.first_seen_tai_ns = min(first, look.seen_tai_ns)
        self.inputs.append(look.scan_id)
        if look.kind == kernel.LINE_OF_SIGHT:
            self.last_thrust_tai_ns = max(self.last_thrust_tai_ns, look.seen_tai_ns)
            self.launch_looks.append(look)

    def _prune(self) -> None:
        """Forget filter states too old for any look that may still arrive."""
        horizon = self.happenings[-1].tai_ns - int(HISTORY_S * SECOND_NS)
        index = bisect_right([h.tai_ns for h in self.happenings], horizon)
        if index > 8:
            self.base = self.posteriors[index - 1]
            self.base_score = self.scores[index - 1]
            del self.happenings[:index], self.posteriors[:index], self.scores[:index]


def _weigh(posterior: Posterior, happening: Happening) -> float:
    """Update a posterior in place by one happening; return its log-likelihood ratio."""
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
        return -math.inf
    return float(log_likelihood) - math.log(look.clutter_density)


def fresh_posterior(
    tai_ns: int,
    mean: Array,
    covariance: Array,
    *,
    biases: Biases,
    boosting: float,
) -> Posterior:
    """A posterior of both models about one body state (6,), (6, 6), all biases at their prior."""
    n = biases.size
    means = np.zeros((2, n))
    covariances = np.zeros((2, n, n))
    for model in (kernel.BOOST, kernel.BALLISTIC):
        means[model, :6] = mean
        covariances[model, :6, :6] = covariance
        spread = np.diag_indices(n - kernel.BODY)
        covariances[model, kernel.BODY :, kernel.BODY :][spread] = biases.sigmas**2
        kernel.set_parameter_prior(means[model], covariances[model], model)
    return Posterior(tai_ns, means, covariances, np.array((boosting, 1.0 - boosting)))
