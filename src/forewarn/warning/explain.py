"""A decision as an officer reads it in ten seconds, and as an area is told."""

from __future__ import annotations

from forewarn.records import AreaState, AreaWarning, CaseState, Evidence, WarningDecision
from forewarn.warning.life import AREA_CLOSED
from forewarn.warning.policy import Area
from forewarn.warning.words import AREA_WORDS, percent_words, span_words

_URGENCY = (
    AreaState.SHELTER,
    AreaState.PREPARE,
    AreaState.EXTENDED,
    AreaState.NARROWED,
    AreaState.CANCELLED,
    AreaState.ALL_CLEAR,
)

_INSTRUCTIONS = {
    AreaState.QUIET: "No warning is in force here.",
    AreaState.PREPARE: "A missile may come down here. Go near shelter now and listen.",
    AreaState.SHELTER: "A missile is expected. Take shelter now.",
    AreaState.EXTENDED: "The warned region has grown and now holds this area. "
    "Go near shelter now and listen.",
    AreaState.NARROWED: "This area is no longer in the forecast. "
    "Stay where you are until the object has passed.",
    AreaState.ALL_CLEAR: "All clear. The danger here is over.",
    AreaState.CANCELLED: "The warning is withdrawn.",
}


def explain(
    decision: WarningDecision, areas: tuple[Area, ...], *, evidence_count: int = 3
) -> tuple[str, ...]:
    """Return a decision as short lines: headline, areas by urgency, why, missing, what next.

    ``evidence_count`` bounds the pieces of evidence told, weightiest first; rules that weigh
    nothing (a count of failure domains) are always told.
    """
    names = {area.area_id: area.name for area in areas}
    lines = [decision.headline]
    for state in _URGENCY:
        told = [
            _area_words(warning, decision, names.get(warning.area_id, warning.area_id))
            for warning in decision.areas
            if warning.state is state
        ]
        if told:
            lines.append(f"{AREA_WORDS[state]}: {', '.join(told)}")
    age = span_words(decision.time_tai_ns - decision.last_evidence_tai_ns)
    lines.append(f"Last seen {age} before this decision.")
    weighty = [e for e in decision.evidence if e.decibans != 0.0]
    weighty.sort(key=lambda e: -abs(e.decibans))
    lines += [f"Why: {_evidence_words(e)}" for e in weighty[:evidence_count]]
    lines += [f"Rule: {e.text}" for e in decision.evidence if e.decibans == 0.0]
    lines += [f"Missing: {text}" for text in decision.missing]
    lines += [f"Would change: {text}" for text in decision.would_change]
    return tuple(lines)


def instruction(warning: AreaWarning, decision: WarningDecision) -> str:
    """Return what an area is told, with the age of the forecast when the object is lost."""
    text = _INSTRUCTIONS[warning.state]
    if warning.state is AreaState.CANCELLED:
        return f"{text} Reason: {decision.end_reason}."
    if decision.case_state is CaseState.LOST and warning.state not in AREA_CLOSED:
        age = span_words(decision.time_tai_ns - decision.last_evidence_tai_ns)
        return f"{text} The object has been lost; the forecast is {age} old and may be wrong."
    return text


def weight_words(decibans: float) -> str:
    """Name a weight of evidence by its size (Jeffreys, Theory of Probability, 1961, appendix B)."""
    size = abs(decibans)
    names = ((20.0, "decisive"), (15.0, "very strong"), (10.0, "strong"), (5.0, "substantial"))
    name = next((word for least, word in names if size >= least), "weak")
    return f"{name}, {'for' if decibans >= 0.0 else 'against'}"


def _area_words(warning: AreaWarning, decision: WarningDecision, name: str) -> str:
    parts = [percent_words(warning.probability)] if warning.state not in AREA_CLOSED else []
    if warning.earliest_tai_ns is not None and parts and warning.state is not AreaState.NARROWED:
        left_ns = warning.earliest_tai_ns - decision.time_tai_ns
        parts.append(f"in {span_words(left_ns)}" if left_ns > 0 else "possible now")
    if warning.changed:
        parts.append("new")
    return f"{name} ({', '.join(parts)})" if parts else name


def _evidence_words(piece: Evidence) -> str:
    return f"{piece.text} ({weight_words(piece.decibans)} {piece.hypothesis})"
