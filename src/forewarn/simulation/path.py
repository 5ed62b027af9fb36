"""A sampled motion made continuous, for many instants at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Positions (n, 3) and velocities (n, 3) at ascending times (n,) [s], one frame throughout."""

    times_s: Array
    position_m: Array
    velocity_m_s: Array

    def states(self, time_s: Array) -> tuple[Array, Array]:
        """Return positions and velocities (k, 3) at times (k,), by cubic Hermite interpolation.

        The error in position is h^4/384 times the fourth derivative: centimetres for a satellite
        in 30 s steps. Times outside the samples are held at the nearest end.
        """
        t = np.clip(time_s, self.times_s[0], self.times_s[-1])
        i = np.clip(np.searchsorted(self.times_s, t, side="right") - 1, 0, len(self.times_s) - 2)
        h = (self.times_s[i + 1] - self.times_s[i])[:, None]
        s = (t - self.times_s[i])[:, None] / h
        p0, p1 = self.position_m[i], self.position_m[i + 1]
        v0, v1 = self.velocity_m_s[i], self.velocity_m_s[i + 1]
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
