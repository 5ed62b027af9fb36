"""A phased array's time: what its search costs, what that leaves, and who gets the rest.

A search is rows of beams. Each beam sends, then listens until the farthest echo is back; the faces
of a radar work in parallel. What a search leaves of a frame, in time and in transmitted energy,
goes to looks at tracks. The figures of PAVE PAWS close exactly so (US National Research Council,
2005, report 11205, chapters 4 and 5): 240 degrees by 2 is 120 beams, 60 a face, and 2.5 s / 60 is
41.7 ms, of which 38 ms is listening and 3.7 ms is left to send.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

from forewarn.earth import SPEED_OF_LIGHT_M_S

DUTY_LIMIT = 0.25  # PAVE PAWS (report 11205): a face sends a quarter of the time at most

# Sums of dwells are compared to this: a nanosecond is far below any pulse, and far above rounding.
_TOLERANCE_S = 1e-9
_ROUNDING = 1e-6  # of a beam


class BeamBudgetError(ValueError):
    """A plan asks for more than a face has; ``shortfall_s`` says by how many seconds a frame."""

    def __init__(self, lesson: str, shortfall_s: float) -> None:
        super().__init__(lesson)
        self.shortfall_s = shortfall_s


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FencePlan:
    """A search that comes round every ``revisit_s``: a fence of one row, or a volume of several.

    Beams stand ``beam_spacing_rad`` apart across the sky, so a row higher up has fewer.
    """

    name: str
    azimuth_width_rad: float
    row_elevations_rad: tuple[float, ...]
    beam_spacing_rad: float
    transmit_s: float
    listen_s: float
    revisit_s: float

    @property
    def beams(self) -> int:
        """How many beams the plan has on all faces together."""
        across = [self.azimuth_width_rad * math.cos(row) for row in self.row_elevations_rad]
        return sum(max(1, math.ceil(w / self.beam_spacing_rad - _ROUNDING)) for w in across)

    @property
    def dwell_s(self) -> float:
        """How long one beam takes."""
        return self.transmit_s + self.listen_s

    @property
    def range_max_m(self) -> float:
        """The farthest range from which an echo is still awaited."""
        return 0.5 * SPEED_OF_LIGHT_M_S * self.listen_s


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How one face spends a frame, the longest revisit of its plans.

    ``free_s`` is left for track looks, of which ``free_transmit_s`` may be spent sending.
    """

    frame_s: float
    search_s: float
    search_transmit_s: float
    free_s: float
    free_transmit_s: float

    @property
    def search_fraction(self) -> float:
        """The share of its time that a face searches."""
        return self.search_s / self.frame_s

    @property
    def duty_fraction(self) -> float:
        """The share of its time that a face sends while searching."""
        return self.search_transmit_s / self.frame_s


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DwellRequest:
    """A look at a track that is due: ``priority`` counts up with urgency, in any unit."""

    request_id: str
    priority: float
    due_s: float
    dwell_s: float
    transmit_s: float = 0.0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Dwells:
    """What became of requests: looks made, as (id, start [s]) in order, and ids left waiting."""

    made: tuple[tuple[str, float], ...]
    waiting: tuple[str, ...]


def listening_s(range_m: float) -> float:
    """Time [s] until an echo from a range is back: 2R/c."""
    return 2.0 * range_m / SPEED_OF_LIGHT_M_S


def close_budget(
    plans: Iterable[FencePlan], faces: int = 1, duty_limit: float = DUTY_LIMIT
) -> Budget:
    """Return what the searches together cost a face, and what they leave of a frame.

    Raises BeamBudgetError where they do not fit into their revisits or send more than the duty
    limit allows, ValueError for a figure that cannot be.
    """
    searches = tuple(plans)
    _check(searches, faces, duty_limit)
    frame_s = max(plan.revisit_s for plan in searches)
    search_s = transmit_s = 0.0
    for plan in searches:
        looks = _beams_a_face(plan, faces) * frame_s / plan.revisit_s
        search_s += looks * plan.dwell_s
        transmit_s += looks * plan.transmit_s
    if search_s - frame_s > _TOLERANCE_S:
        raise _too_long(searches, faces, search_s - frame_s, frame_s)
    if transmit_s - duty_limit * frame_s > _TOLERANCE_S:
        raise BeamBudgetError(
            f"the search sends {1e3 * transmit_s:.1f} ms in a frame of {1e3 * frame_s:.1f} ms: "
            f"that is {transmit_s / frame_s:.1%}, and duty_limit = {duty_limit:.1%}. Make "
            "transmit_s shorter, or revisit_s longer",
            transmit_s - duty_limit * frame_s,
        )
    return Budget(
        frame_s=frame_s,
        search_s=search_s,
        search_transmit_s=transmit_s,
        free_s=max(0.0, frame_s - search_s),
        free_transmit_s=max(0.0, duty_limit * frame_s - transmit_s),
    )


def allocate_dwells(
    requests: Iterable[DwellRequest], budget: Budget, *, start_s: float, patience_s: float
) -> Dwells:
    """Share a face's free time in the frame from ``start_s`` among looks that are due in it.

    The look with the earliest ``due_s - priority * patience_s`` goes first, then the smaller id:
    a step of priority is worth ``patience_s`` of waiting, so whoever waits overtakes in the end.
    The free time lies evenly between the beams of the search, and time in which nothing is due
    passes unused. What does not fit into the rest of the frame lets smaller looks by, and waits.

    The order in which requests are given does not matter. Raises BeamBudgetError for a look that
    no frame could ever hold, ValueError for a patience that is not positive.
    """
    if not patience_s > 0.0:
        raise ValueError(f"patience_s = {patience_s:.6g} must be more than 0 seconds")
    coming = sorted(requests, key=lambda r: (r.due_s, r.request_id))
    for request in coming:
        _check_fits(request, budget)
    ready: list[tuple[float, str, DwellRequest]] = []
    made: list[tuple[str, float]] = []
    passed_over: list[str] = []
    pace = budget.frame_s / max(budget.free_s, _TOLERANCE_S)
    used_s = sent_s = 0.0
    later = 0
    while later < len(coming) or ready:
        now_s = start_s + used_s * pace
        if not ready and coming[later].due_s > now_s:
            if coming[later].due_s >= start_s + budget.frame_s:
                break
            now_s = coming[later].due_s
            used_s = (now_s - start_s) / pace
        while later < len(coming) and coming[later].due_s <= now_s:
            request = coming[later]
            first_s = request.due_s - request.priority * patience_s
            heapq.heappush(ready, (first_s, request.request_id, request))
            later += 1
        request = heapq.heappop(ready)[2]
        if (
            used_s + request.dwell_s > budget.free_s + _TOLERANCE_S
            or sent_s + request.transmit_s > budget.free_transmit_s + _TOLERANCE_S
        ):
            passed_over.append(request.request_id)
            continue
        made.append((request.request_id, now_s))
        used_s += request.dwell_s
        sent_s += request.transmit_s
    waiting = passed_over + [request.request_id for request in coming[later:]]
    return Dwells(made=tuple(made), waiting=tuple(sorted(waiting)))


def _beams_a_face(plan: FencePlan, faces: int) -> int:
    return math.ceil(plan.beams / faces)


def _check(plans: tuple[FencePlan, ...], faces: int, duty_limit: float) -> None:
    if not plans:
        raise ValueError("plans is empty: a budget needs at least one search")
    if faces < 1:
        raise ValueError(f"faces = {faces}: at least one is needed")
    if not 0.0 < duty_limit <= 1.0:
        raise ValueError(f"duty_limit = {duty_limit:.6g} must lie above 0, and not above 1")
    for plan in plans:
        if not plan.row_elevations_rad:
            raise ValueError(f"plan {plan.name!r}: row_elevations_rad is empty: give one a row")
        for name in (
            "azimuth_width_rad",
            "beam_spacing_rad",
            "transmit_s",
            "listen_s",
            "revisit_s",
        ):
            value = getattr(plan, name)
            if not 0.0 < value < math.inf:
                raise ValueError(f"plan {plan.name!r}: {name} = {value:.6g} must be more than 0")


def _too_long(
    plans: tuple[FencePlan, ...], faces: int, shortfall_s: float, frame_s: float
) -> BeamBudgetError:
    """Say which searches take how long, by how much too long, and what would help."""
    parts = "; ".join(
        f"{plan.name!r} has {_beams_a_face(plan, faces)} beams a face of "
        f"{1e3 * plan.transmit_s:.2f} ms sending and {1e3 * plan.listen_s:.2f} ms listening every "
        f"revisit_s = {plan.revisit_s:.6g}"
        for plan in plans
    )
    return BeamBudgetError(
        f"the search is {1e3 * shortfall_s:.1f} ms too long for a frame of {1e3 * frame_s:.1f} ms: "
        f"{parts}. Make revisit_s {1.0 + shortfall_s / frame_s:.4f} times as long, or transmit_s, "
        "listen_s (less range) or azimuth_width_rad smaller, or beam_spacing_rad wider",
        shortfall_s,
    )


def _check_fits(request: DwellRequest, budget: Budget) -> None:
    """Refuse a look that would wait for ever."""
    for name, value_s, bound_s in (
        ("dwell_s", request.dwell_s, budget.free_s),
        ("transmit_s", request.transmit_s, budget.free_transmit_s),
    ):
        if value_s > bound_s + _TOLERANCE_S:
            raise BeamBudgetError(
                f"request {request.request_id!r}: {name} = {1e3 * value_s:.2f} ms, and a frame has "
                f"{1e3 * bound_s:.2f} ms to give: make the look shorter, or the search lighter",
                value_s - bound_s,
            )
    if not request.dwell_s > 0.0 or request.transmit_s < 0.0:
        raise ValueError(
            f"request {request.request_id!r}: dwell_s = {request.dwell_s:.6g} must be more than 0 "
            f"and transmit_s = {request.transmit_s:.6g} not less"
        )
