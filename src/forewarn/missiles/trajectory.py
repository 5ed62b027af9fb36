"""A flown path: where a vehicle was, how brightly it burnt, and what happened on the way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class FlightStatus(str, Enum):
    """How an integration ended: with the flight, or before it, numerically."""

    COMPLETE = "complete"
    NOT_FINITE = "not_finite"
    STEP_TOO_SMALL = "step_too_small"
    TOO_MANY_STEPS = "too_many_steps"
    RECORD_FULL = "record_full"


class FlightEventKind(str, Enum):
    """What can happen in a flight. Space begins at 100 km."""

    IGNITION = "ignition"
    BURN_OUT = "burn_out"
    SEPARATION = "separation"
    SHROUD = "shroud"
    FAILURE = "failure"
    ENTERS_SPACE = "enters_space"
    APOGEE = "apogee"
    LEAVES_SPACE = "leaves_space"
    GLIDE_START = "glide_start"
    GLIDE_END = "glide_end"
    GROUND = "ground"


@dataclass(frozen=True, slots=True, eq=False)
class FlightEvent:
    """What happened when and where; ``stage_index`` counts from 0, None if it is of no stage."""

    kind: FlightEventKind
    stage_index: int | None
    time_s: float
    position_ecef_m: Array
    velocity_ecef_m_s: Array


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """States of one object from ignition (0 s) on, ascending in time.

    ``times_s`` (n,), ``position_ecef_m`` (n, 3), ``velocity_ecef_m_s`` (n, 3), and
    ``intensity_w_sr`` (n,) of the plume before any absorption, 0 while nothing burns.
    ``burnout_s`` is the end of the last burn; ``came_down`` is true if the last state is at the
    ground. Where the integration failed, ``status`` and ``reason`` say how, and the last state is
    the last that it reached. ``events`` ascend in time.
    """

    times_s: Array
    position_ecef_m: Array
    velocity_ecef_m_s: Array
    intensity_w_sr: Array
    radar_cross_section_m2: float
    burnout_s: float
    came_down: bool
    status: FlightStatus = FlightStatus.COMPLETE
    reason: str = ""
    events: tuple[FlightEvent, ...] = ()

    def first_event(
        self, kind: FlightEventKind, stage_index: int | None = None
    ) -> FlightEvent | None:
        """Return the first event of a kind (and stage, if one is given), or None."""
        return next(
            (
                event
                for event in self.events
                if event.kind is kind and stage_index in (None, event.stage_index)
            ),
            None,
        )

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
