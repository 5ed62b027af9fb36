"""What the warning room remembers: one `Case` for each track, and the counters for ids.

Everything is a frozen value; ``decide`` builds the next one and never changes the one it was given.
"""

from __future__ import annotations

import msgspec

from forewarn.records import AreaState, Assessment, CaseState
from forewarn.warning.life import AREA_CLOSED, CASE_CLOSED

LOST = "lost"
PASSED_OVER = "passed over"
CAME_DOWN = "came down"
SPACE_LAUNCH = "space launch, no threat"
SATELLITE = "satellite, no threat"
NEVER_CONFIRMED = "never confirmed"
NOT_SEEN_AGAIN = "lost and not seen again"
FORECAST_TOO_OLD = "lost, forecast too old"

CLOSED_WITHOUT_FACT = frozenset({NEVER_CONFIRMED, NOT_SEEN_AGAIN, FORECAST_TOO_OLD})
"""End reasons that say what we do not know; a new sighting of the track opens a new case."""


class AreaLife(msgspec.Struct, frozen=True, kw_only=True):
    """One warned area of a case. ``passed_tai_ns`` is when it was first *seen* to be overflown."""

    state: AreaState
    passed_tai_ns: int | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One launch as the public would know it, with its latest assessment.

    ``standing`` is the last state outside LOST, to which a regained case returns. ``areas`` holds
    the areas that were ever warned. ``settled_tai_ns`` is since when the object is down or in
    orbit; ``public`` is true once some decision reached the public; ``action_id`` names the act
    by which an officer withdrew the case.
    """

    case_id: str
    track_id: str
    state: CaseState
    standing: CaseState
    assessment: Assessment
    areas: dict[str, AreaLife] = {}
    sequence: int = 0
    last_decision_id: str | None = None
    public: bool = False
    settled_tai_ns: int | None = None
    end_reason: str | None = None
    closed_tai_ns: int | None = None
    action_id: str | None = None

    @property
    def is_closed(self) -> bool:
        """True when the case is WITHDRAWN or ENDED."""
        return self.state in CASE_CLOSED

    @property
    def open_area_ids(self) -> tuple[str, ...]:
        """The warned areas that have had neither all clear nor cancellation."""
        return tuple(i for i, life in self.areas.items() if life.state not in AREA_CLOSED)


class WarningState(msgspec.Struct, frozen=True, kw_only=True):
    """All cases by track id, in the order they were opened, and the counters behind the ids.

    ``swept_tai_ns`` is when time last worked on all cases.
    """

    cases: dict[str, Case] = {}
    case_count: int = 0
    decision_count: int = 0
    rejected_count: int = 0
    swept_tai_ns: int | None = None

    def copy(self) -> WarningState:
        """Return an equal state whose tables of cases and areas are its own."""
        cases = {
            track_id: msgspec.structs.replace(case, areas=dict(case.areas))
            for track_id, case in self.cases.items()
        }
        return msgspec.structs.replace(self, cases=cases)
