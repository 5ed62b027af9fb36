"""What every sensor model offers a tracker; `infrared` and `radar` each implement it in one file.

``state_ecef`` is (6,): position [m] and velocity [m/s] in ecef. ``measured`` is the sensor's own
vector: for infrared the unit direction to the source in ecef (3,), for a radar range [m], azimuth
[rad], elevation [rad] and range rate [m/s] (4,). Azimuths wrap in ``residual`` and nowhere else.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class SensorModel(Protocol):
    """One sensor at the instant of one look."""

    @property
    def sensor_id(self) -> str:
        """The id of the sensor in its network."""
        ...

    def visible(self, position_ecef_m: Array) -> bool:
        """Say whether geometry lets the look see a source at that place, however bright."""
        ...

    def predict(self, state_ecef: Array, measured: Array) -> Array:
        """Return (m,) what the sensor would report of that state, in the chart of ``measured``."""
        ...

    def jacobian(self, state_ecef: Array, measured: Array) -> Array:
        """Return (m, 6) the derivative of ``predict`` with respect to ``state_ecef``."""
        ...

    def residual(self, measured: Array, predicted: Array) -> Array:
        """Return (m,) measured minus predicted."""
        ...

    def noise(self, measured: Array, snr: float) -> Array:
        """Return (m,) the one-sigma random error of each component of ``residual``."""
        ...
