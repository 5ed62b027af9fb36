"""A sampled motion made continuous, for many instants at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Points (n, 3) [m] and rates (n, 3) [m/s] of any one frame, at ascending times (n,) [s]."""

    times_s: Array
    points: Array
    rates: Array

    def states(self, time_s: Array) -> tuple[Array, Array]:
        """Return positions and velocities (k, 3) at times (k,), by cubic Hermite interpolation.

        The error in position is h^4/384 times the fourth derivative: centimetres for a satellite
        in 30 s steps. Times outside the samples are held at the nearest end.
        """
        t = np.clip(time_s, self.times_s[0], self.times_s[-1])
        i = np.clip(np.searchsorted(self.times_s, t, side="right") - 1, 0, len(self.times_s) - 2)
        h = (self.times_s[i + 1] - self.times_s[i])[:, None]
        s = (t - self.times_s[i])[:, None] / h
        p0, p1 = self.points[i], self.points[i + 1]
        v0, v1 = self.rates[i], self.rates[i + 1]
        r = 1.0 - s
        position: Array = (
            p0 * ((1.0 + 2.0 * s) * r * r)
            + v0 * (h * s * r * r)
            + p1 * (s * s * (3.0 - 2.0 * s))
            - v1 * (h * s * s * r)
        )
        velocity: Array = (
            (p1 - p0) * (6.0 * s * r / h)
            + v0 * (1.0 - 4.0 * s + 3.0 * s * s)
            + v1 * (3.0 * s * s - 2.0 * s)
        )
        return position, velocity
