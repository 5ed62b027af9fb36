"""The tables of the lives: every move is stated here once more, and nothing else moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from forewarn.records import AreaState, CaseState
from forewarn.warning.life import (
    AREA_TRANSITIONS,
    CASE_TRANSITIONS,
    AreaEvent,
    CaseEvent,
    as_mermaid,
)

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "life-cycles.md"

CASE_MOVES = """
watching: supported possible, corroborated probable, confirmed confirmed, sight_lost ended
watching: withdrawn withdrawn, concluded ended
possible: corroborated probable, confirmed confirmed, doubted watching, sight_lost lost
possible: withdrawn withdrawn, concluded ended
probable: confirmed confirmed, sight_lost lost, withdrawn withdrawn, concluded ended
confirmed: sight_lost lost, withdrawn withdrawn, concluded ended
lost: regained watching, withdrawn withdrawn, concluded ended
"""
AREA_MOVES = """
quiet: warned prepare, widened extended, sheltered shelter
prepare: sheltered shelter, subsided narrowed, cleared all_clear, retracted cancelled
shelter: subsided narrowed, cleared all_clear, retracted cancelled
extended: sheltered shelter, subsided narrowed, cleared all_clear, retracted cancelled
narrowed: warned prepare, widened extended, sheltered shelter
narrowed: cleared all_clear, retracted cancelled
all_clear: warned prepare, widened extended, sheltered shelter
"""


def moves(text: str) -> dict[tuple[str, str], str]:
    """Read ``state: event target, event target`` lines."""
    found = {}
    for line in text.strip().splitlines():
        state, rest = line.split(": ")
        for pair in rest.split(", "):
            event, target = pair.split(" ")
            found[state, event.replace("_", " ")] = target
    return found


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("event", CaseEvent)
def test_case_moves(state: CaseState, event: CaseEvent) -> None:
    expected = moves(CASE_MOVES).get((state.value, event.value), state.value)
    assert CASE_TRANSITIONS[state, event].value == expected


@pytest.mark.parametrize("state", AreaState)
@pytest.mark.parametrize("event", AreaEvent)
def test_area_moves(state: AreaState, event: AreaEvent) -> None:
    expected = moves(AREA_MOVES).get((state.value, event.value), state.value)
    assert AREA_TRANSITIONS[state, event].value == expected


def test_the_tables_hold_every_pair_and_no_other() -> None:
    assert set(CASE_TRANSITIONS) == {(s, e) for s in CaseState for e in CaseEvent}
    assert set(AREA_TRANSITIONS) == {(s, e) for s in AreaState for e in AreaEvent}


@pytest.mark.parametrize("state", [CaseState.PROBABLE, CaseState.CONFIRMED])
def test_no_doubt_takes_back_what_the_public_was_told(state: CaseState) -> None:
    for event in (CaseEvent.SEEN, CaseEvent.SUPPORTED, CaseEvent.DOUBTED):
        assert CASE_TRANSITIONS[state, event] is state


def test_the_page_is_drawn_from_the_tables() -> None:
    assert as_mermaid() in PAGE.read_text(encoding="utf-8"), (
        "docs/explanation/life-cycles.md does not show the tables as they are; "
        "put in the text of forewarn.warning.life.as_mermaid()"
    )


def test_the_drawing_shows_every_move_once() -> None:
    drawn = [line.strip() for line in as_mermaid().splitlines() if " : " in line]
    found = []
    for line in drawn:
        arrow, events = line.split(" : ")
        source, target = arrow.split(" --> ")
        found += [((source, event), target) for event in events.split(", ")]
    assert sorted(found) == sorted((moves(CASE_MOVES) | moves(AREA_MOVES)).items())
