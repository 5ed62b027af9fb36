"""The lives of a case and of one area's warning, as two complete tables.

Nothing else in this room moves a state: ``decide`` finds out what happened and looks up here what
follows. Three rules are built into the tables and can be read off them:

* Once the public has been told (PROBABLE, CONFIRMED), doubt alone changes nothing: only sight
  lost, an explicit withdrawal or a conclusion moves the case on.
* What is LOST is neither over nor past. It comes back through WATCHING and is then raised to
  where it stood, or it is withdrawn or concluded.
* WITHDRAWN, ENDED and CANCELLED are final. ALL_CLEAR is not: a new threat warns the area again.
"""

from __future__ import annotations

from enum import Enum

from forewarn.records import AreaState, CaseState


class CaseEvent(Enum):
    """What can happen to a case."""

    SEEN = "seen"  # the object was reported
    SUPPORTED = "supported"  # a confirmed track with enough measurements
    CORROBORATED = "corroborated"  # a threat to an area, seen by enough independent domains
    CONFIRMED = "confirmed"  # the same, by as many domains and physics as confirmation asks
    DOUBTED = "doubted"  # support fell back below what the present state asks
    SIGHT_LOST = "sight lost"  # nobody sees it any more, though it cannot be down
    REGAINED = "regained"  # seen again after sight was lost
    WITHDRAWN = "withdrawn"  # taken back, by a person or because the forecast is too old
    CONCLUDED = "concluded"  # over, by an observed fact


class AreaEvent(Enum):
    """What can happen to the warning for one area."""

    WARNED = "warned"  # prepare threshold reached, in the case's first public decision
    WIDENED = "widened"  # prepare threshold reached, later than that
    SHELTERED = "sheltered"  # shelter threshold reached in a confirmed case
    SUBSIDED = "subsided"  # probability fell below the release threshold
    CLEARED = "cleared"  # the object was seen to pass, is down, or is in orbit
    RETRACTED = "retracted"  # the warning was withdrawn


_W, _P, _R, _C = CaseState.WATCHING, CaseState.POSSIBLE, CaseState.PROBABLE, CaseState.CONFIRMED
_L, _X, _E = CaseState.LOST, CaseState.WITHDRAWN, CaseState.ENDED

# Columns in the order of CaseEvent:
# seen, supported, corroborated, confirmed, doubted, sight lost, regained, withdrawn, concluded
_CASE_ROWS = {
    CaseState.WATCHING: (_W, _P, _R, _C, _W, _E, _W, _X, _E),
    CaseState.POSSIBLE: (_P, _P, _R, _C, _W, _L, _P, _X, _E),
    CaseState.PROBABLE: (_R, _R, _R, _C, _R, _L, _R, _X, _E),
    CaseState.CONFIRMED: (_C, _C, _C, _C, _C, _L, _C, _X, _E),
    CaseState.LOST: (_L, _L, _L, _L, _L, _L, _W, _X, _E),
    CaseState.WITHDRAWN: (_X, _X, _X, _X, _X, _X, _X, _X, _X),
    CaseState.ENDED: (_E, _E, _E, _E, _E, _E, _E, _E, _E),
}

_Q, _PR, _SH, _EX = AreaState.QUIET, AreaState.PREPARE, AreaState.SHELTER, AreaState.EXTENDED
_NA, _AC, _CA = AreaState.NARROWED, AreaState.ALL_CLEAR, AreaState.CANCELLED

# Columns in the order of AreaEvent: warned, widened, sheltered, subsided, cleared, retracted
_AREA_ROWS = {
    AreaState.QUIET: (_PR, _EX, _SH, _Q, _Q, _Q),
    AreaState.PREPARE: (_PR, _PR, _SH, _NA, _AC, _CA),
    AreaState.SHELTER: (_SH, _SH, _SH, _NA, _AC, _CA),
    AreaState.EXTENDED: (_EX, _EX, _SH, _NA, _AC, _CA),
    AreaState.NARROWED: (_PR, _EX, _SH, _NA, _AC, _CA),
    AreaState.ALL_CLEAR: (_PR, _EX, _SH, _AC, _AC, _AC),
    AreaState.CANCELLED: (_CA, _CA, _CA, _CA, _CA, _CA),
}

CASE_TRANSITIONS: dict[tuple[CaseState, CaseEvent], CaseState] = {
    (state, event): target
    for state, row in _CASE_ROWS.items()
    for event, target in zip(CaseEvent, row, strict=True)
}
AREA_TRANSITIONS: dict[tuple[AreaState, AreaEvent], AreaState] = {
    (state, event): target
    for state, row in _AREA_ROWS.items()
    for event, target in zip(AreaEvent, row, strict=True)
}

CASE_CLOSED = frozenset({CaseState.WITHDRAWN, CaseState.ENDED})
AREA_CLOSED = frozenset({AreaState.ALL_CLEAR, AreaState.CANCELLED})


def as_mermaid() -> str:
    """Draw both tables as Mermaid state diagrams in Markdown, without events that move nothing.

    The page ``docs/explanation/life-cycles.md`` contains this text, and a test keeps it so.
    """
    case_arrows = [(s.value, e.value, t.value) for (s, e), t in CASE_TRANSITIONS.items()]
    area_arrows = [(s.value, e.value, t.value) for (s, e), t in AREA_TRANSITIONS.items()]
    case_diagram = _diagram(case_arrows, _W.value, [s.value for s in CaseState if s in CASE_CLOSED])
    area_diagram = _diagram(area_arrows, _Q.value, [s.value for s in AreaState if s in AREA_CLOSED])
    return (
        f"## A case\n\n```mermaid\n{case_diagram}\n```\n\n"
        f"## The warning for one area\n\n```mermaid\n{area_diagram}\n```\n"
    )


def _diagram(arrows: list[tuple[str, str, str]], first: str, last: list[str]) -> str:
    labels: dict[tuple[str, str], list[str]] = {}
    for source, event, target in arrows:
        if source != target:
            labels.setdefault((source, target), []).append(event)
    lines = ["stateDiagram-v2", f"    [*] --> {first}"]
    for (source, target), events in labels.items():
        lines.append(f"    {source} --> {target} : {', '.join(events)}")
    lines += [f"    {state} --> [*]" for state in last]
    return "\n".join(lines)
