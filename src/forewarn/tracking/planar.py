"""Motion and sensors in a plane, for `MultiHypothesis`: state (x, vx, y, vy) in a local frame.

The two axes are any two at right angles (east and north, north and east); a bearing is the angle
from the first axis towards the second.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.tracking.hypotheses import Points, by_cubature, linearised

Array = NDArray[np.float64]

_PLACE = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])


def places(states: Array) -> Array:
    """Places (k, 2) of states (k, 4)."""
    return states[:, ::2]


@dataclass(frozen=True, slots=True)
class ConstantVelocity:
    """White-noise acceleration of density ``noise_m2_s3`` an axis, and an end at any moment.

    Bar-Shalom, Li, Kirubarajan, Estimation with Applications to Tracking and Navigation, 2001, eq.
    6.2.2-12. An object lasts ``lasting_s`` seconds on average.
    """

    noise_m2_s3: float
    lasting_s: float = math.inf

    def predict(self, means: Array, covariances: Array, dt_s: float) -> tuple[Array, Array]:
        """Means (k, 4) and covariances (k, 4, 4) after ``dt_s`` seconds."""
        F = np.kron(np.eye(2), [[1.0, dt_s], [0.0, 1.0]])
        q = [[dt_s**3 / 3.0, dt_s**2 / 2.0], [dt_s**2 / 2.0, dt_s]]
        return means @ F.T, F @ covariances @ F.T + self.noise_m2_s3 * np.kron(np.eye(2), q)

    def survival(self, dt_s: float) -> float:
        """Probability to last ``dt_s`` seconds more."""
        return math.exp(-dt_s / self.lasting_s)


@dataclass(frozen=True, slots=True)
class Position:
    """Sees places (x, y) with error ``sigma_m`` an axis; ``clutter_per_m2`` false ones a look."""

    sigma_m: float
    detection_probability: float
    clutter_per_m2: float

    def expected(self, means: Array, covariances: Array) -> tuple[Array, Array, Array]:
        """Places (k, 2), exactly."""
        H = np.broadcast_to(_PLACE, (len(means), 2, 4))
        return means @ _PLACE.T, *linearised(covariances, H)

    def residual(self, measurements: Array, expected: Array) -> Array:
        """Plain differences."""
        return measurements - expected

    def noise(self, measurements: Array) -> Array:
        """One covariance (1, 2, 2) for all."""
        del measurements
        return self.sigma_m**2 * np.eye(2)[None]

    def detection(self, means: Array) -> Array:
        """The same for all states."""
        return np.full(len(means), self.detection_probability)

    def clutter(self, measurements: Array) -> Array:
        """The same everywhere."""
        return np.full(len(measurements), self.clutter_per_m2)

    def points(self, measurements: Array) -> Points:
        """The measurements as they are."""
        noise = np.broadcast_to(self.noise(measurements), (len(measurements), 2, 2))
        return Points(measurements, noise, _PLACE, np.ones(len(measurements)))


@dataclass(frozen=True, slots=True)
class Bearing:
    """Sees bearings only, from ``place_m`` (x, y). It starts no track: a bearing has no range."""

    place_m: tuple[float, float]
    sigma_rad: float
    detection_probability: float
    clutter_per_rad: float

    def expected(self, means: Array, covariances: Array) -> tuple[Array, Array, Array]:
        """Bearings (k, 1) to first order: at a place that is known they hardly bend."""
        x, y = means[:, 0] - self.place_m[0], means[:, 2] - self.place_m[1]
        square = x * x + y * y
        H = np.zeros((len(means), 1, 4))
        H[:, 0, 0], H[:, 0, 2] = -y / square, x / square
        return np.arctan2(y, x)[:, None], *linearised(covariances, H)

    def residual(self, measurements: Array, expected: Array) -> Array:
        """Differences in [-pi, pi)."""
        return _wrapped(measurements - expected)

    def noise(self, measurements: Array) -> Array:
        """One variance (1, 1, 1) for all."""
        del measurements
        return np.full((1, 1, 1), self.sigma_rad**2)

    def detection(self, means: Array) -> Array:
        """The same for all states."""
        return np.full(len(means), self.detection_probability)

    def clutter(self, measurements: Array) -> Array:
        """The same everywhere."""
        return np.full(len(measurements), self.clutter_per_rad)

    def points(self, measurements: Array) -> None:
        """None: a bearing is no place."""
        del measurements


@dataclass(frozen=True, slots=True)
class RangeBearing:
    """Sees (range, bearing) from ``place_m`` (x, y); false ones per metre and radian of a look."""

    place_m: tuple[float, float]
    sigma_m: float
    sigma_rad: float
    detection_probability: float
    clutter_per_m_rad: float

    def measured(self, states: Array) -> Array:
        """(range, bearing) (..., 2) of states (..., 4)."""
        x, y = states[..., 0] - self.place_m[0], states[..., 2] - self.place_m[1]
        return np.stack([np.hypot(x, y), np.arctan2(y, x)], axis=-1)

    def expected(self, means: Array, covariances: Array) -> tuple[Array, Array, Array]:
        """(range, bearing) (k, 2), by cubature."""
        return by_cubature(self, means, covariances)

    def residual(self, measurements: Array, expected: Array) -> Array:
        """Differences, that of the bearing in [-pi, pi)."""
        away = measurements - expected
        away[..., 1] = _wrapped(away[..., 1])
        return away

    def noise(self, measurements: Array) -> Array:
        """One covariance (1, 2, 2) for all."""
        del measurements
        return np.diag([self.sigma_m**2, self.sigma_rad**2])[None]

    def detection(self, means: Array) -> Array:
        """The same for all states."""
        return np.full(len(means), self.detection_probability)

    def clutter(self, measurements: Array) -> Array:
        """The same everywhere."""
        return np.full(len(measurements), self.clutter_per_m_rad)

    def points(self, measurements: Array) -> Points:
        """Places with the errors of range and bearing turned into the plane, to first order."""
        far, bearing = measurements[:, 0], measurements[:, 1]
        along = np.stack([np.cos(bearing), np.sin(bearing)], axis=1)
        across = np.stack([-along[:, 1], along[:, 0]], axis=1)
        J = np.stack([along, far[:, None] * across], axis=2)
        covariances = J @ self.noise(measurements) @ J.transpose(0, 2, 1)
        values = np.array(self.place_m) + far[:, None] * along
        return Points(values, covariances, _PLACE, far)


def _wrapped(angle_rad: Array) -> Array:
    """The same angle in [-pi, pi)."""
    return np.asarray((angle_rad + math.pi) % (2.0 * math.pi) - math.pi)
