"""A flown path: where a vehicle was, and how brightly it burnt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """States of one object from ignition (0 s) on, ascending in time.

    ``times_s`` (n,), ``position_ecef_m`` (n, 3), ``velocity_ecef_m_s`` (n, 3), and
    ``intensity_w_sr`` (n,) of the plume before any absorption, 0 while nothing burns.
    ``burnout_s`` is the end of the last burn; ``came_down`` is true if the last state is at the
    ground.
    """

    times_s: Array
    position_ecef_m: Array
    velocity_ecef_m_s: Array
    intensity_w_sr: Array
    radar_cross_section_m2: float
    burnout_s: float
    came_down: bool

    def state_ecef_at(self, time_s: float) -> tuple[Array, Array]:
        """Position [m] and velocity [m/s] in ecef by cubic Hermite interpolation.

        Before ignition the first state is returned at rest; after the end the last state.
        """
        t = self.times_s
        if time_s <= t[0]:
            return self.position_ecef_m[0].copy(), np.zeros(3)
        if time_s >= t[-1]:
            return self.position_ecef_m[-1].copy(), self.velocity_ecef_m_s[-1].copy()
        i = int(np.searchsorted(t, time_s, side="right")) - 1
        h = t[i + 1] - t[i]
        s = (time_s - t[i]) / h
        p0, p1 = self.position_ecef_m[i], self.position_ecef_m[i + 1]
        v0, v1 = self.velocity_ecef_m_s[i], self.velocity_ecef_m_s[i + 1]
        position = (
            p0 * (1 + 2 * s) * (1 - s) ** 2
            + v0 * (h * s * (1 - s) ** 2)
            + p1 * (s * s * (3 - 2 * s))
            + v1 * (h * s * s * (s - 1))
        )
        velocity = (
            (p1 - p0) * (6 * s * (1 - s) / h)
            + v0 * (1 - 4 * s + 3 * s * s)
            + v1 * (3 * s * s - 2 * s)
        )
        return position, velocity
