"""How a radar shares its free dwells among what it follows.

A radar follows what its search finds: an object gets a look every revisit until it is out of
coverage or was missed five times running. With a beam plan there are only so many looks to give in
each revisit of the fence on each face. Every second (or every revisit, if that is shorter) the
looks due are given out, until none is left:

1. what is not in the catalogue before what is: a known satellite takes only what is left;
2. what was looked at fewer than three times since it was found, before what was looked at more:
   a new track is the least certain, and may be a false alarm;
3. who waits longest, first; then in order of finding.

A look that is not given is not a miss. A track that is refused fifteen times running is given up:
by then it is no longer where the radar would point; the search may find it again.

Looks are counted in whole dwells and made at the instant at which they were due. That makes an
object's looks depend on what else the radar follows, as in a real one; what is seen in the
search rows never does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import final

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS

Instants = NDArray[np.int64]
Indices = NDArray[np.int64]
Booleans = NDArray[np.bool_]

MISSES_TO_DROP = 5
REFUSALS_TO_DROP = 15
NEW_LOOKS = 3


@final
@dataclass(frozen=True, slots=True, eq=False)
class Due:
    """The looks (k,) that an object found at some instant would get, one a revisit.

    ``face`` says which face each falls to, ``detected`` whether its echo is strong enough. None of
    it depends on which of the looks are made.
    """

    seen_tai_ns: Instants
    face: NDArray[np.int64]
    detected: Booleans


@final
@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """An object found by the search at ``found_tai_ns``: its number, and how to follow it.

    ``due`` is asked once for each time that a track on it begins, and then, when that track has
    ended, ``made`` is told which of those looks were made. Each may draw from the object's stream.
    """

    found_tai_ns: int
    number: int
    due: Callable[[int], Due]
    made: Callable[[Due, list[int]], None]


@final
@dataclass(frozen=True, slots=True, eq=False)
class FreeLooks:
    """How many looks each face can give: ``looks_per_s`` on average, or None for any number.

    Who gets them is decided every ``step_ns``; they are counted by periods of ``period_ns`` since
    ``start_tai_ns``, within which a search can put its beams where it likes.
    """

    start_tai_ns: int
    step_ns: int
    period_ns: int
    looks_per_s: float | None

    def period(self, time_tai_ns: Instants) -> Indices:
        """Return the number of the period of instants."""
        number: Indices = (time_tai_ns - self.start_tai_ns) // self.period_ns
        return number

    def in_period(self, period_index: int) -> int:
        """Return how many looks a face can give in a period; fractions add up over them."""
        assert self.looks_per_s is not None, "asked only where there is a limit"
        looks = self.looks_per_s * self.period_ns / SECOND_NS
        return math.floor((period_index + 1) * looks + 1e-9) - math.floor(
            period_index * looks + 1e-9
        )


@dataclass(slots=True)
class _Track:
    """One object being followed: the looks due, which comes next, which were made."""

    of: Found
    order: int
    due: Due
    seen_tai_ns: list[int]
    face: list[int]
    detected: list[bool]
    last_tai_ns: int
    next: int = 0
    misses: int = 0
    refusals: int = 0
    made: list[int] = field(default_factory=list)

    @property
    def over(self) -> bool:
        return (
            self.next >= len(self.seen_tai_ns)
            or self.misses == MISSES_TO_DROP
            or self.refusals == REFUSALS_TO_DROP
        )

    @property
    def rank(self) -> tuple[int, int, int]:
        return int(len(self.made) >= NEW_LOOKS), self.last_tai_ns, self.order

    def answer(self, granted: bool) -> None:
        """Make the next look, or go without."""
        if granted:
            self.made.append(self.next)
            self.last_tai_ns = self.seen_tai_ns[self.next]
            self.misses = 0 if self.detected[self.next] else self.misses + 1
            self.refusals = 0
        else:
            self.refusals += 1
        self.next += 1


def follow(found: list[Found], free: FreeLooks, *, dwell_ns: int) -> dict[tuple[int, int], int]:
    """Follow what a search found; return how many looks were made by (period, face).

    An object that is found while it is followed, or in its last look, begins no second track.
    """
    found = sorted(found, key=lambda each: each.found_tai_ns)
    busy_until_tai_ns: dict[int, int] = {}
    if free.looks_per_s is None:
        for order, each in enumerate(found):
            if each.found_tai_ns > busy_until_tai_ns.get(each.number, -1):
                track = _begun(each, order)
                while not track.over:
                    track.answer(granted=True)
                _end(track, busy_until_tai_ns, dwell_ns)
        return {}
    return _follow_in_steps(found, free, busy_until_tai_ns, dwell_ns)


def _follow_in_steps(
    found: list[Found], free: FreeLooks, busy_until_tai_ns: dict[int, int], dwell_ns: int
) -> dict[tuple[int, int], int]:
    used: dict[tuple[int, int], int] = {}
    active: dict[int, _Track] = {}
    coming, step = 0, 0
    while coming < len(found) or active:
        if not active:
            step = (found[coming].found_tai_ns - free.start_tai_ns) // free.step_ns
        end_tai_ns = free.start_tai_ns + (step + 1) * free.step_ns
        _share_step(list(active.values()), free, end_tai_ns, used)
        for track in [track for track in active.values() if track.over]:
            _end(active.pop(track.of.number), busy_until_tai_ns, dwell_ns)
        while coming < len(found) and found[coming].found_tai_ns < end_tai_ns:
            each = found[coming]
            idle = each.found_tai_ns > busy_until_tai_ns.get(each.number, -1)
            if idle and each.number not in active:
                track = _begun(each, coming)
                if track.over:
                    _end(track, busy_until_tai_ns, dwell_ns)
                else:
                    active[each.number] = track
            coming += 1
        step += 1
    return used


def _share_step(
    tracks: list[_Track], free: FreeLooks, end_tai_ns: int, used: dict[tuple[int, int], int]
) -> None:
    """Give each track the look that is due before the end of a step, or refuse it."""
    due = [track for track in tracks if track.seen_tai_ns[track.next] < end_tai_ns]
    due.sort(key=lambda track: track.rank)
    limits: dict[int, int] = {}
    for track in due:
        period = (track.seen_tai_ns[track.next] - free.start_tai_ns) // free.period_ns
        key = period, track.face[track.next]
        if period not in limits:
            limits[period] = free.in_period(period)
        taken = used.get(key, 0)
        granted = taken < limits[period]
        if granted:
            used[key] = taken + 1
        track.answer(granted)


def _begun(found: Found, order: int) -> _Track:
    due = found.due(found.found_tai_ns)
    return _Track(
        of=found,
        order=order,
        due=due,
        seen_tai_ns=due.seen_tai_ns.tolist(),
        face=due.face.tolist(),
        detected=due.detected.tolist(),
        last_tai_ns=found.found_tai_ns,
    )


def _end(track: _Track, busy_until_tai_ns: dict[int, int], dwell_ns: int) -> None:
    track.of.made(track.due, track.made)
    if track.made:
        last_tai_ns = track.seen_tai_ns[track.made[-1]]
        busy_until_tai_ns[track.of.number] = last_tai_ns + dwell_ns // 2


def left_over(
    due: Due, number: NDArray[np.int64], free: FreeLooks, used: dict[tuple[int, int], int]
) -> Booleans:
    """Say which looks (n,) at known satellites are made, of what ``follow`` has left.

    In a period and on a face the earlier of an object's looks go first, then by time and number.
    ``number`` (n, 2) is the catalogue number and which of its looks it is.
    """
    if free.looks_per_s is None:
        return np.ones(len(number), dtype=np.bool_)
    period = free.period(due.seen_tai_ns)
    keys = zip(period.tolist(), due.face.tolist(), strict=True)
    left = np.array([free.in_period(key[0]) - used.get(key, 0) for key in keys], dtype=np.int64)
    order = np.lexsort((number[:, 0], due.seen_tai_ns, number[:, 1], due.face, period))
    group = period[order] * (int(due.face.max(initial=0)) + 1) + due.face[order]
    first = np.searchsorted(group, group, side="left")
    made = np.empty(len(order), dtype=np.bool_)
    made[order] = np.arange(len(order)) - first < left[order]
    return made
