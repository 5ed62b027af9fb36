"""The life-cycle tables are complete: whatever happens to a case, they have an answer."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import pytest

from forewarn.records import AreaState, CaseState

life = pytest.importorskip("forewarn.warning.life", reason="the life-cycle tables are not there")

Table = Mapping[tuple[Any, Any], Any]

CASES: Table = life.CASE_TRANSITIONS
AREAS: Table = life.AREA_TRANSITIONS
LIVES: list[tuple[Table, type[Enum], Enum, set[Enum]]] = [
    (CASES, CaseState, CaseState.WATCHING, {CaseState.WITHDRAWN, CaseState.ENDED}),
    (AREAS, AreaState, AreaState.QUIET, {AreaState.CANCELLED}),
]
each_life = pytest.mark.parametrize(
    ("table", "states", "first", "final"), LIVES, ids=["case", "area"]
)


def gaps(table: Table, states: type[Enum]) -> set[tuple[Any, Any]]:
    """Pairs of state and event that the table does not answer, or answers with no state."""
    (event_type,) = {type(event) for _, event in table}
    wanted = {(state, event) for state in states for event in event_type}
    return (wanted ^ set(table)) | {k for k, target in table.items() if type(target) is not states}


def reachable(table: Table, first: Enum) -> set[Enum]:
    """States that some sequence of events leads to from ``first``."""
    found, waiting = {first}, [first]
    while waiting:
        state = waiting.pop()
        for (source, _), target in table.items():
            if source is state and target not in found:
                found.add(target)
                waiting.append(target)
    return found


def closed(table: Table) -> set[Enum]:
    """States that no event leaves."""
    return {s for s, _ in table if all(t is s for (source, _), t in table.items() if source is s)}


@each_life
def test_every_event_has_an_answer_in_every_state(
    table: Table, states: type[Enum], first: Enum, final: set[Enum]
) -> None:
    """No gap, no stranger."""
    assert gaps(table, states) == set()


@each_life
def test_every_state_is_reached_and_every_life_can_end(
    table: Table, states: type[Enum], first: Enum, final: set[Enum]
) -> None:
    """No state is unreachable, and none is a trap without a way to an end."""
    assert reachable(table, first) == set(states)
    for state in states:
        assert final & reachable(table, state), f"{state} never ends"


@each_life
def test_what_is_final_stays(
    table: Table, states: type[Enum], first: Enum, final: set[Enum]
) -> None:
    """Exactly the final states are closed."""
    assert closed(table) == final


class Light(Enum):
    """A small life to try the checks on."""

    GREEN = "green"
    RED = "red"


class Press(Enum):
    """What can happen to a light."""

    STOP = "stop"
    GO = "go"


def test_the_checks_see_a_bad_table() -> None:
    """A missing pair, an unreachable state and a state without exit are found."""
    whole = {(light, press): Light.RED for light in Light for press in Press}
    assert gaps(whole, Light) == set()
    assert closed(whole) == {Light.RED}
    assert reachable(whole, Light.RED) == {Light.RED}
    short = {k: v for k, v in whole.items() if k != (Light.GREEN, Press.GO)}
    assert gaps(short, Light) == {(Light.GREEN, Press.GO)}
    assert gaps({**whole, (Light.RED, Press.GO): "blue"}, Light) == {(Light.RED, Press.GO)}
