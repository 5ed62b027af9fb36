"""The least error with which a launch could be known, from exactly the looks taken of it.

The posterior Cramer-Rao bound of launch, impact and present state of one object, as of any instant:
its information is that of the reports which had arrived by then, with their noise at their
signal-to-noise ratio, and what is believed beforehand of its place, vehicle and straying
(`forewarn.studies.bounds_flight.Belief`) and of its sensors' biases, which are constant here. It
is the bound of an estimator that knows which reports are of this object, and of no other object.

Of looks that saw nothing only the one that finds the plume gone counts: then the engine stopped
between two instants, evenly. All others, the strength of a signal, and all doubt about what is
clutter give nothing and cost nothing here; that a failure would come is known. A mean over the
prior is replaced by its value at the truth. So no estimator that believes as much, or less, and
looks at no more, does better on average over many flights. While the engine burns, when it will
stop is among the unknowns, and the slope of the impact is that of the true flight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.studies.bounds_flight import Ascent, Belief, slopes
from forewarn.studies.bounds_information import joined, least_covariance
from forewarn.studies.bounds_looks import PlumeEnd, Sighting

Array = NDArray[np.float64]
Instants = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class LeastErrors:
    """Covariances that no estimator beats, as of ``time_tai_ns``.

    ``launch`` and ``impact`` (3, 3): north [m], east [m], time [s]; ``impact`` is None if the
    flight does not come down. ``state`` (6, 6): ecef position [m] and velocity [m/s] at that
    instant. ``looks`` counts the reports by then, by sensor.
    """

    time_tai_ns: int
    launch: Array
    impact: Array | None
    state: Array
    looks: dict[str, int]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Looks as rows over all unknowns, in order of arrival: (n, p), each H over its sigma."""

    received_tai_ns: Instants
    rows: Array

    def roots(self, size: int, times_tai_ns: Sequence[int]) -> list[Array]:
        """Return the root (size, size) of all information at ascending instants."""
        root, done, found = np.eye(size), 0, []
        for instant in times_tai_ns:
            until = int(np.searchsorted(self.received_tai_ns, instant, side="right"))
            root = joined(root, self.rows[done:until])
            done = until
            found.append(root)
        return found

    def with_end(self, ending: PlumeEnd, burnout: Array) -> Evidence:
        """Return these and the end of the plume, by the slope (p,) of the burn-out [s].

        An even chance over a time T has the variance T^2 / 12.
        """
        gap_s = (ending.gone_tai_ns - ending.seen_tai_ns) / SECOND_NS
        row = np.zeros((1, self.rows.shape[1]))
        row[0, : len(burnout)] = burnout * (math.sqrt(12.0) / gap_s)
        place = int(np.searchsorted(self.received_tai_ns, ending.received_tai_ns, side="right"))
        return Evidence(
            received_tai_ns=np.insert(self.received_tai_ns, place, ending.received_tai_ns),
            rows=np.insert(self.rows, place, row, axis=0),
        )


def evidence(looks: Sequence[Sighting], states: Array) -> Evidence:
    """Return looks as rows over p unknowns of the object and then every sensor's biases.

    ``states`` (k, 6, p) are the slopes of the state at each look. Looks come in order of arrival.
    """
    places: dict[tuple[str, int], int] = {}
    for look in looks:
        for r in np.flatnonzero(look.bias_sigma > 0.0).tolist():
            places.setdefault((look.sensor_id, r), len(places))
    p = states.shape[2]
    parts, received = [np.empty((0, p + len(places)))], [np.empty(0, dtype=np.int64)]
    for look, state in zip(looks, states, strict=True):
        row = np.zeros((len(look.sigma), p + len(places)))
        row[:, :p] = look.slope @ state
        for r in np.flatnonzero(look.bias_sigma > 0.0).tolist():
            row[r, p + places[look.sensor_id, r]] = look.bias_sigma[r]
        parts.append(row / look.sigma[:, None])
        received.append(np.full(len(row), look.received_tai_ns))
    return Evidence(received_tai_ns=np.concatenate(received), rows=np.vstack(parts))


def least_errors(
    ascent: Ascent,
    launch_tai_ns: int,
    looks: Sequence[Sighting],
    times_tai_ns: Sequence[int],
    *,
    ending: PlumeEnd | None = None,
    belief: Belief | None = None,
    step_ratio: float = 1.0,
) -> list[LeastErrors]:
    """Return the bounds of a launch at ascending instants, from the looks that had arrived.

    ``looks`` come in order of arrival. ``ending`` is when the plume was seen to be gone.
    ``belief`` and ``step_ratio`` are as in `forewarn.studies.bounds_flight.slopes`.
    """
    assert list(times_tai_ns) == sorted(times_tai_ns), "instants ascend"
    seen = np.array([look.seen_tai_ns for look in looks], dtype=np.int64)
    instants = np.concatenate((seen, np.array(times_tai_ns, dtype=np.int64)))
    since_s = (instants - launch_tai_ns) / SECOND_NS
    answer = slopes(ascent, since_s, belief=belief, step_ratio=step_ratio)
    known = evidence(looks, answer.states[: len(looks)])
    if ending is not None:
        known = known.with_end(ending, answer.burnout)
    p, size = len(answer.names), known.rows.shape[1]

    def wide(slope: Array) -> Array:
        return np.hstack((slope, np.zeros((len(slope), size - p))))

    counts: dict[str, int] = {}
    found, done = [], 0
    for i, root in enumerate(known.roots(size, times_tai_ns)):
        while done < len(looks) and looks[done].received_tai_ns <= times_tai_ns[i]:
            name = looks[done].sensor_id
            counts[name] = counts.get(name, 0) + 1
            done += 1
        found.append(
            LeastErrors(
                time_tai_ns=times_tai_ns[i],
                launch=least_covariance(root, wide(answer.launch)),
                impact=None
                if answer.impact is None
                else least_covariance(root, wide(answer.impact)),
                state=least_covariance(root, wide(answer.states[len(looks) + i])),
                looks=dict(counts),
            )
        )
    return found
