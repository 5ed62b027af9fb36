"""Many flights in one table, so that all of them can be asked at once where they are.

One row a sample of every flight. Times are whole nanoseconds, each flight in its own slice of the
integers, so that one sorted search finds the rows of all, exactly, whatever else is in the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.missiles.trajectory import Trajectory

Array = NDArray[np.float64]
Instants = NDArray[np.int64]
Indices = NDArray[np.intp]

_SLICE_NS = 1 << 47  # 39 hours: longer than any flight, and room for 65,000 of them


@dataclass(frozen=True, slots=True, eq=False)
class Flier:
    """Something in flight: the name of its stream of noise, when it starts, and its path."""

    name: str
    start_tai_ns: int
    trajectory: Trajectory


@final
@dataclass(frozen=True, slots=True, eq=False)
class Flights:
    """Flights (m,) over their samples (n,); build it with `flights`.

    Each shines only between ``bright_from_tai_ns`` and ``bright_to_tai_ns`` (m,); until
    ``burnout_tai_ns`` it is a plume, afterwards a hot body. ``brightest_w_sr`` is its most.
    """

    names: tuple[str, ...]
    start_tai_ns: Instants
    end_tai_ns: Instants
    burnout_tai_ns: Instants
    bright_from_tai_ns: Instants
    bright_to_tai_ns: Instants
    brightest_w_sr: Array
    _key_ns: Instants
    _first_row: Indices
    _last_row: Indices
    _time_s: Array
    _state_ecef: Array
    _intensity_w_sr: Array

    def positions_ecef_m(self, which: Indices, time_tai_ns: Instants) -> Array:
        """Return positions (k, 3) [m] of flights (k,) at instants, held at either end."""
        i, s, h = self._between(which, time_tai_ns)
        return _position(self._state_ecef[i], self._state_ecef[i + 1], s, h)

    def states_ecef(self, which: Indices, time_tai_ns: Instants) -> tuple[Array, Array, Array]:
        """Position [m], velocity [m/s] (k, 3) and intensity [W/sr] (k,); see TruthObject's.

        A plume goes on and off at once: between two samples it is as bright as at the later one.
        """
        i, s, h = self._between(which, time_tai_ns)
        a, b = self._state_ecef[i], self._state_ecef[i + 1]
        position = _position(a, b, s, h)
        r = 1.0 - s
        velocity = (b[:, :3] - a[:, :3]) * (6.0 * s * r / h)
        velocity += a[:, 3:] * (1.0 - 4.0 * s + 3.0 * s * s)
        velocity += b[:, 3:] * (3.0 * s * s - 2.0 * s)
        later = np.where(s[:, 0] > 0.0, i + 1, i)
        flying = (time_tai_ns >= self.start_tai_ns[which]) & (time_tai_ns <= self.end_tai_ns[which])
        intensity = np.where(flying, self._intensity_w_sr[later], 0.0)
        return position, velocity, intensity

    def _between(self, which: Indices, time_tai_ns: Instants) -> tuple[Indices, Array, Array]:
        """Return the row before, the share (k, 1) of the step gone by, and the step [s]."""
        first, last = self._first_row[which], self._last_row[which]
        start = self.start_tai_ns[which]
        held = np.clip(time_tai_ns, start, self.end_tai_ns[which]) - start
        row = np.searchsorted(self._key_ns, held + which * _SLICE_NS, side="right") - 1
        row = np.clip(row, first, last - 1)
        step = self._time_s[row + 1] - self._time_s[row]
        gone = np.clip((held / SECOND_NS - self._time_s[row]) / step, 0.0, 1.0)
        return row, gone[:, None], step[:, None]


def flights(fliers: Sequence[Flier]) -> Flights:
    """Put fliers into one table."""
    paths = [flier.trajectory for flier in fliers]
    lengths = np.array([len(path.times_s) for path in paths], dtype=np.intp)
    last = np.cumsum(lengths) - 1
    start = np.array([flier.start_tai_ns for flier in fliers], dtype=np.int64)
    time_s = _joined([path.times_s for path in paths])
    since_ns = np.rint(time_s * SECOND_NS).astype(np.int64)
    bright = np.array([_bright_span_s(path) for path in paths]).reshape(-1, 2)
    bright_ns = np.rint(bright * SECOND_NS).astype(np.int64)
    burnout_s = np.array([path.burnout_s for path in paths])
    state = [np.hstack((path.position_ecef_m, path.velocity_ecef_m_s)) for path in paths]
    return Flights(
        names=tuple(flier.name for flier in fliers),
        start_tai_ns=start,
        end_tai_ns=start + since_ns[last],
        burnout_tai_ns=start + np.rint(burnout_s * SECOND_NS).astype(np.int64),
        bright_from_tai_ns=start + bright_ns[:, 0],
        bright_to_tai_ns=start + bright_ns[:, 1],
        brightest_w_sr=np.array([np.max(path.intensity_w_sr) for path in paths]),
        _key_ns=since_ns + np.repeat(np.arange(len(paths)) * _SLICE_NS, lengths),
        _first_row=last - lengths + 1,
        _last_row=last,
        _time_s=time_s,
        _state_ecef=np.concatenate(state) if state else np.empty((0, 6)),
        _intensity_w_sr=_joined([path.intensity_w_sr for path in paths]),
    )


def _joined(columns: list[Array]) -> Array:
    return np.concatenate(columns) if columns else np.empty(0)


def _bright_span_s(path: Trajectory) -> tuple[float, float]:
    """From the sample before the first bright one to the last; an empty span if it never shines."""
    bright = np.flatnonzero(path.intensity_w_sr > 0.0)
    if len(bright) == 0:
        return 0.0, -1.0
    return float(path.times_s[max(bright[0] - 1, 0)]), float(path.times_s[bright[-1]])


def _position(a: Array, b: Array, s: Array, h: Array) -> Array:
    """Interpolate by cubic Hermite between states a and b (k, 6), as `Path.states` does."""
    r = 1.0 - s
    position: Array = a[:, :3] * ((1.0 + 2.0 * s) * r * r)
    position += a[:, 3:] * (h * s * r * r)
    position += b[:, :3] * (s * s * (3.0 - 2.0 * s))
    position -= b[:, 3:] * (h * s * s * r)
    return position
