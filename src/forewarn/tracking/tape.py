"""The tape: what comes late is put in its place, as if it had come in time.

A tracker's state depends on the order of its scans: which look went to which track, what began a
track, what was silence. So a late scan cannot merely be added. The tape keeps the scans of the last
minute and copies of the state (marks) at ages that grow by doubling; a scan that is late by L is
inserted, the state goes back to the youngest mark before it, and what came after is stepped again,
at most about 2 L of it. The state is then equal, to the bit, to that of scans that came in order.

This is the exact out-of-sequence treatment (Bar-Shalom, Willett and Tian, Tracking and Data Fusion,
2011, section 10.7, *reprocessing*); approximations save little where a scan costs milliseconds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, Self, TypeVar

from forewarn.epoch import SECOND_NS

MARK_EVERY_S = 1.0  # marks are never closer than this
MOST_ENTRIES = 4096  # scans on the tape; a network of a dozen sensors makes some hundreds a minute


class Copyable(Protocol):
    """A state that can be copied."""

    def copy(self) -> Self:
        """Return an independent, exact copy."""
        ...


S = TypeVar("S", bound=Copyable)
E = TypeVar("E")
Key = tuple[int, str, int]  # end of the scan [TAI ns], its sensor, its sequence number


def _key(entry: tuple[Key, object]) -> Key:
    return entry[0]


@dataclass(slots=True, eq=False)
class Tape(Generic[S, E]):
    """Scans of the last ``reach_s`` in order of their keys, and marks of the state among them.

    A mark is a state after everything up to its key. Marks never change once made, so that copies
    of a tape share them; the first is that before anything.
    """

    reach_s: float
    marks: list[tuple[Key, S]]
    entries: list[tuple[Key, E]] = field(default_factory=list)

    @classmethod
    def beginning(cls, state: S, reach_s: float) -> Tape[S, E]:
        """An empty tape whose first mark is a copy of ``state``."""
        return cls(reach_s, [((-(2**63), "", 0), state.copy())])

    def copy(self) -> Tape[S, E]:
        """Return an independent, exact copy."""
        return Tape(self.reach_s, list(self.marks), list(self.entries))

    def holds(self, key: Key) -> bool:
        """Whether a scan of this key can still be put in its place."""
        return key > self.marks[0][0]

    def take(self, state: S, key: Key, entry: E, step: Callable[[S, E], None]) -> S:
        """Return the state after this entry too, wherever its place is; ``holds(key)`` must be.

        ``state`` is that after everything on the tape. It is changed in place by ``step`` when the
        entry is the newest, else left behind for a copy of a mark.
        """
        assert self.holds(key), f"{key} is older than anything the tape can go back to"
        if not self.entries or key > self.entries[-1][0]:
            self.entries.append((key, entry))
            step(state, entry)
            self._mark(key, state)
            self._forget()
            return state
        self.entries.insert(bisect_left(self.entries, key, key=_key), (key, entry))
        del self.marks[bisect_left(self.marks, key, key=_key) :]
        mark_key, mark = self.marks[-1]
        again = mark.copy()
        for later_key, later in self.entries[bisect_right(self.entries, mark_key, key=_key) :]:
            step(again, later)
            self._mark(later_key, again)
        self._forget()
        return again

    def _mark(self, key: Key, state: S) -> None:
        """Keep a copy of the state, unless the newest mark is young; thin out the older ones."""
        if key[0] - self.marks[-1][0][0] < MARK_EVERY_S * SECOND_NS:
            return
        self.marks.append((key, state.copy()))
        index = len(self.marks) - 2
        while index > 0:
            younger, older = self.marks[index + 1][0][0], self.marks[index - 1][0][0]
            if younger - older <= key[0] - younger:
                del self.marks[index]
            index -= 1

    def _forget(self) -> None:
        """Drop what no scan within reach can need: entries before the oldest mark still needed."""
        horizon = self.entries[-1][0][0] - round(self.reach_s * SECOND_NS)
        needed = bisect_right(self.marks, (horizon, "", 0), key=_key) - 1
        while len(self.entries) > MOST_ENTRIES and needed < len(self.marks) - 1:
            needed += 1
            left = bisect_right(self.entries, self.marks[needed][0], key=_key)
            if len(self.entries) - left <= MOST_ENTRIES:
                break
        if needed > 0:
            del self.marks[:needed]
            del self.entries[: bisect_right(self.entries, self.marks[0][0], key=_key)]
