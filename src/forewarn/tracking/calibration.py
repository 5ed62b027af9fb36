"""How far a radar is off, learned from known satellites: range, azimuth, elevation, clock.

A pass of a satellite says what the radar's biases are only as well as its orbit is known: that
error is integrated out before anything gets here (`ClaimMemory.bias_information`), so one object's
hundred plots are one witness, and it is heard once in `AGAIN_S`, because its elements are off by
the same for hours. Biases wander slowly, as a random walk.

Two beliefs are carried side by side, and weighed by how well they foretold each pass: that the
radar is as its maker states, and that it is off by far more. So the stated sigma is where the
estimate starts, and yet a clock a third of a second wrong is seen, believed and taken away. When
passes have been too far off for too long, the radar has changed at once, and what was known of one
that is off is opened again.

The filters are Kalman's in information form; a belief's evidence from information L, vector l is
-ln det(1 + P L)/2 - m' P^-1 m/2 + (P^-1 m + l)' (P^-1 + L)^-1 (P^-1 m + l)/2: Y. Bar-Shalom, X. Li,
T. Kirubarajan, Estimation with Applications to Tracking and Navigation (2001), sections 7.2
and 11.6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.sensors.network import RadarSensor

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Instants = NDArray[np.int64]

CLOCK_SIGMA_S = 0.01  # of a disciplined clock, its link included; soft, no sensor states it
OFF_SIGMA = np.array((500.0, 5e-3, 5e-3, 0.5))
"""One sigma [m, rad, rad, s] of a radar that is off: refraction not corrected, a clock adrift."""

OFF_PRIOR = 0.01  # of a radar being off when it is first met; soft
_LEAST_WEIGHT = 1e-4  # a belief that looks wrong now may be right later
_WALK_S = 6.0 * 3600.0  # a sound radar's bias wanders by its stated sigma in six hours; soft
_OFF_WALK_S = 3600.0  # and that of one that is off in one
AGAIN_S = 6.0 * 3600.0
_LEAST_INFORMATION = (
    1e-3  # of its prior's: a pass that says less about a direction is no test of it
)
_SURPRISE = 50.0  # of the sum of squares less 1.5 each: by chance once in 2,000,000 passes
_USUAL = 1.5
_WORDS = ("range", "azimuth", "elevation", "clock")
_SHOWN = ((1.0, "m"), (1e3, "mrad"), (1e3, "mrad"), (1e3, "ms"))


@final
@dataclass(frozen=True, slots=True, eq=False)
class BiasEstimate:
    """A radar's biases: range [m], azimuth, elevation [rad], clock [s, positive if it is ahead].

    ``mean`` (4,) is to be taken off its measurements, ``covariance`` (4, 4) carried as uncertainty
    that they share; ``off_probability`` is that of its being off by more than its maker states.
    """

    mean: Array
    covariance: Array
    off_probability: float = 0.0


@final
@dataclass(frozen=True, slots=True, eq=False)
class Passes:
    """What n passes say of one radar's biases: information (n, 4, 4) and its vector (n, 4).

    ``objects`` (n,) are whose passes they are, ``seen_tai_ns`` (n,) when they were last seen.
    """

    sensor_id: str
    objects: Indices
    seen_tai_ns: Instants
    information: Array
    vector: Array


@dataclass(slots=True, eq=False)
class CalibrationState:
    """Both beliefs of each radar: means (2, 4), covariances (2, 4, 4), weights (2,), and when.

    ``surprise`` sums how far passes lay off; ``heard_tai_ns`` says when each object was last heard
    for each radar.
    """

    mean: dict[str, Array] = field(default_factory=dict)
    covariance: dict[str, Array] = field(default_factory=dict)
    weight: dict[str, Array] = field(default_factory=dict)
    at_tai_ns: dict[str, int] = field(default_factory=dict)
    surprise: dict[str, float] = field(default_factory=dict)
    heard_tai_ns: dict[tuple[str, int], int] = field(default_factory=dict)

    def copy(self) -> CalibrationState:
        """Return an independent, exact copy."""
        return CalibrationState(
            {k: v.copy() for k, v in self.mean.items()},
            {k: v.copy() for k, v in self.covariance.items()},
            {k: v.copy() for k, v in self.weight.items()},
            dict(self.at_tai_ns),
            dict(self.surprise),
            dict(self.heard_tai_ns),
        )


@final
@dataclass(frozen=True, slots=True)
class Lesson:
    """What one pass was against what was expected: whitened innovations, each normal(0, 1)."""

    sensor_id: str
    object_index: int
    seen_tai_ns: int
    white: tuple[float, ...]


@final
class Calibrator:
    """The stated biases of the radars of a network; holds nothing that changes."""

    def __init__(
        self, sensors: Sequence[RadarSensor], clock_sigma_s: float = CLOCK_SIGMA_S
    ) -> None:
        """Take what the sensors state; a zero is taken for a thousandth of what off means."""
        self._stated = {
            s.sensor_id: np.maximum(
                (
                    s.range_bias_sigma_m,
                    s.angle_bias_sigma_rad,
                    s.angle_bias_sigma_rad,
                    clock_sigma_s,
                ),
                1e-3 * OFF_SIGMA,
            )
            for s in sensors
        }

    def estimate(self, state: CalibrationState, sensor_id: str, now_tai_ns: int) -> BiasEstimate:
        """Return what is known of a radar's biases now: both beliefs, by their weights."""
        means, covariances, weight = self._beliefs(state, sensor_id, now_tai_ns)
        return BiasEstimate(*_mixed(means, covariances, weight), float(weight[1]))

    def learn(self, state: CalibrationState, passes: Passes) -> list[Lesson]:
        """Take passes into ``state`` (changed in place); return how each was against the known.

        A pass of an object that was heard in the last six hours is passed over.
        """
        lessons = []
        order = np.lexsort((passes.objects, passes.seen_tai_ns))
        for i in order.tolist():
            key = passes.sensor_id, int(passes.objects[i])
            seen = int(passes.seen_tai_ns[i])
            last = state.heard_tai_ns.get(key)
            if last is not None and seen - last < AGAIN_S * SECOND_NS:
                continue
            state.heard_tai_ns[key] = seen
            white = self._hear(state, passes, i, seen)
            lessons.append(Lesson(passes.sensor_id, key[1], seen, white))
        return lessons

    def forget(self, state: CalibrationState, now_tai_ns: int) -> None:
        """Drop what is remembered of objects that may be heard again. Once a minute is enough."""
        since = now_tai_ns - round(AGAIN_S * SECOND_NS)
        state.heard_tai_ns = {k: t for k, t in state.heard_tai_ns.items() if t > since}

    def _beliefs(
        self, state: CalibrationState, sensor_id: str, now_tai_ns: int
    ) -> tuple[Array, Array, Array]:
        """Return means (2, 4), covariances (2, 4, 4), weights (2,) of sound and off, now."""
        stated = self._stated[sensor_id]
        sigma = np.stack((stated, np.hypot(stated, OFF_SIGMA)))
        if sensor_id not in state.mean:
            diagonal = np.einsum("bi,ij->bij", sigma**2, np.eye(4))
            return np.zeros((2, 4)), diagonal, np.array((1.0 - OFF_PRIOR, OFF_PRIOR))
        elapsed_s = max(now_tai_ns - state.at_tai_ns[sensor_id], 0) / SECOND_NS
        walked = sigma**2 * elapsed_s / np.array(((_WALK_S,), (_OFF_WALK_S,)))
        grown = state.covariance[sensor_id] + np.einsum("bi,ij->bij", walked, np.eye(4))
        return state.mean[sensor_id], grown, state.weight[sensor_id]

    def _hear(
        self, state: CalibrationState, passes: Passes, i: int, seen_tai_ns: int
    ) -> tuple[float, ...]:
        """Update both beliefs by one pass; return its whitened innovations."""
        name, sides = passes.sensor_id, OFF_SIGMA[:, None] * OFF_SIGMA
        means, covariances, weight = self._beliefs(state, name, seen_tai_ns)
        m, p = means / OFF_SIGMA, covariances / sides
        information, vector = passes.information[i] * sides, passes.vector[i] * OFF_SIGMA
        white = _white(*_mixed(m, p, weight), information, vector)
        surprise = state.surprise.get(name, 0.0) + sum(w * w - _USUAL for w in white)
        if surprise > _SURPRISE:
            p[1] += np.eye(4)
            surprise = 0.0
        state.surprise[name] = max(surprise, 0.0)
        before = np.linalg.inv(p)
        posterior = np.linalg.inv(before + information)
        had = np.einsum("bij,bj->bi", before, m)
        pull = had + vector
        after = np.einsum("bij,bj->bi", posterior, pull)
        log_det = np.linalg.slogdet(np.eye(4) + p @ information)[1]
        evidence = 0.5 * (np.sum(pull * after, axis=1) - np.sum(m * had, axis=1) - log_det)
        odds = weight * np.exp(evidence - evidence.max())
        odds = np.maximum(odds / odds.sum(), _LEAST_WEIGHT)
        state.mean[name] = after * OFF_SIGMA
        state.covariance[name] = 0.5 * (posterior + posterior.transpose(0, 2, 1)) * sides
        state.weight[name] = odds / odds.sum()
        state.at_tai_ns[name] = max(seen_tai_ns, state.at_tai_ns.get(name, seen_tai_ns))
        return white


def _mixed(means: Array, covariances: Array, weight: Array) -> tuple[Array, Array]:
    """Return mean (4,) and covariance (4, 4) of both beliefs together, by their weights."""
    mean = weight @ means
    apart = means - mean
    spread = (weight[:, None] * apart).T @ apart
    return mean, np.tensordot(weight, covariances, 1) + spread


def in_words(estimate: BiasEstimate) -> str:
    """Say how far a radar is off, each bias with its one sigma."""
    sigma = np.sqrt(np.diag(estimate.covariance)).tolist()
    parts = [
        f"{word} {scale * value:+.3g} +- {scale * one_sigma:.2g} {unit}"
        for word, (scale, unit), value, one_sigma in zip(
            _WORDS, _SHOWN, estimate.mean.tolist(), sigma, strict=True
        )
    ]
    verdict = (
        "off by more than it states" if estimate.off_probability > 0.5 else "within what it states"
    )
    return f"{verdict} (probability of being off {estimate.off_probability:.3g}): " + ", ".join(
        parts
    )


def _white(mean: Array, covariance: Array, information: Array, vector: Array) -> tuple[float, ...]:
    """Whiten what a pass says against what was foretold, in the directions that it tells of.

    vector - L m has covariance L + L P L; both are brought to the axes of L.
    """
    size, axes = np.linalg.eigh(information)
    told = size > _LEAST_INFORMATION
    if not told.any():
        return ()
    axes, size = axes[:, told], size[told]
    root = np.sqrt(size)
    off = (axes.T @ vector) / root - root * (axes.T @ mean)
    inner = np.eye(len(size)) + root[:, None] * (axes.T @ covariance @ axes) * root
    lower = np.linalg.cholesky(inner)
    return tuple(np.linalg.solve(lower, off).tolist())
