"""Whatever is assessed in whatever order, decisions keep their promises."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from forewarn.records import (
    AreaState,
    Assessment,
    CaseState,
    Physics,
    TrackStatus,
    WarningDecision,
)
from forewarn.warning import explain, instruction
from forewarn.warning.life import AREA_CLOSED, AREA_TRANSITIONS, CASE_CLOSED, CASE_TRANSITIONS
from tests.warning.stage import (
    AREAS,
    DOMAINS,
    MISSILE,
    ROCKET,
    Play,
    assess,
    at,
    impact,
    withdraw,
)

PROBABILITIES = st.sampled_from([0.0, 0.001, 0.002, 0.005, 0.01, 0.05, 0.2, 0.7, 1.0])


@st.composite
def assessments(draw: st.DrawFn, seconds: int) -> Assessment:
    """Any assessment of one of two tracks at about that time."""
    area_ids = draw(st.lists(st.sampled_from(["west", "mid", "east", "moon"]), unique=True))
    assessment = assess(
        seconds,
        {area_id: draw(PROBABILITIES) for area_id in area_ids},
        overflown=tuple(draw(st.lists(st.sampled_from(["west", "mid", "east"])))),
        track_id=draw(st.sampled_from(["track-1", "track-2"])),
        last_evidence_tai_ns=at(seconds - draw(st.sampled_from([0, 0, 0, 30, 100, 700]))),
        status=draw(st.sampled_from([TrackStatus.CONFIRMED, *TrackStatus])),
        impact=draw(st.sampled_from([None, impact(0.0), impact(1.0)])),
        class_probabilities=draw(st.sampled_from([MISSILE, MISSILE, ROCKET])),
        physics=tuple(draw(st.lists(st.sampled_from(Physics)))),
        down=draw(st.sampled_from([False, False, False, True])),
        measurement_count=draw(st.sampled_from([None, 0, 4])),
        silent_sensor_ids=tuple(draw(st.lists(st.sampled_from(["radar-1", "radar-2"])))),
    )
    domains = tuple(draw(st.lists(st.sampled_from(DOMAINS))))
    return msgspec.structs.replace(assessment, domains=domains)


@st.composite
def plays(draw: st.DrawFn) -> Play:
    """A play of any length, in which time never runs backwards."""
    play = Play()
    seconds = 0
    for _ in range(draw(st.integers(1, 25))):
        seconds += draw(st.sampled_from([0, 1, 10, 35, 70, 400]))
        given_now = draw(st.lists(assessments(seconds), max_size=2))
        act = draw(st.sampled_from([None] * 9 + ["case-0001", "case-0002"]))
        actions = () if act is None else (withdraw(seconds, act),)
        play.step(seconds, *given_now, actions=actions)
    for later in (100, 800, 2000):
        play.step(seconds + later)
    return play


def by_case(play: Play) -> dict[str, list[WarningDecision]]:
    """The decisions of each case in order."""
    found: dict[str, list[WarningDecision]] = {}
    for decision in play.said:
        found.setdefault(decision.case_id, []).append(decision)
    return found


def picture(decision: WarningDecision) -> tuple[Any, ...]:
    """What a decision says, apart from numbers."""
    return decision.case_state, {w.area_id: w.state for w in decision.areas}


@settings(max_examples=50, deadline=None)
@given(plays())
def test_promises_of_every_play(play: Play) -> None:
    ids = [d.decision_id for d in play.said]
    assert ids == [f"decision-{n:06d}" for n in range(1, len(ids) + 1)]
    for decisions in by_case(play).values():
        assert [d.sequence for d in decisions] == list(range(1, len(decisions) + 1))
        assert [d.supersedes for d in decisions[1:]] == [d.decision_id for d in decisions[:-1]]
        told: dict[str, AreaState] = {}
        for before, after in pairwise(decisions):
            assert picture(before) != picture(after), "no decision without a change"
            assert before.case_state not in CASE_CLOSED, "what is closed stays closed"
        for decision in decisions:
            now_told = {w.area_id: w.state for w in decision.areas}
            moved = {a for a, s in now_told.items() if told.get(a, AreaState.QUIET) is not s}
            assert moved == {w.area_id for w in decision.areas if w.changed}
            assert decision.public == bool(moved)
            assert told.keys() <= now_told.keys(), "an area once warned is never dropped"
            assert AreaState.QUIET not in now_told.values()
            told = now_told
        last = decisions[-1]
        assert last.case_state in CASE_CLOSED, "left alone, every case closes"
        assert set(told.values()) <= AREA_CLOSED, "and closes every warned area"
    assert play.state.cases == {}


@settings(max_examples=50, deadline=None)
@given(plays())
def test_words_of_every_play(play: Play) -> None:
    for decision in play.said:
        assert decision.headline.endswith(".")
        assert "\n" not in decision.headline
        assert decision.would_change
        assert (decision.end_reason is not None) == (
            decision.case_state in CASE_CLOSED | {CaseState.LOST}
        )
        assert explain(decision, AREAS)[0] == decision.headline
        assert all(instruction(w, decision) for w in decision.areas)
        if decision.case_state is CaseState.LOST:
            assert "passed over" not in " ".join(explain(decision, AREAS))


@settings(max_examples=50, deadline=None)
@given(plays())
def test_every_move_of_every_play_is_one_that_the_tables_know(play: Play) -> None:
    """A step may take several events; each state it comes to is reachable from the one before."""
    case_ways = closure({(s.value, t.value) for (s, _), t in CASE_TRANSITIONS.items()})
    area_ways = closure({(s.value, t.value) for (s, _), t in AREA_TRANSITIONS.items()})
    for decisions in by_case(play).values():
        for before, after in pairwise(decisions):
            assert (before.case_state.value, after.case_state.value) in case_ways
            told = {w.area_id: w.state.value for w in before.areas}
            for warning in after.areas:
                assert (told.get(warning.area_id, "quiet"), warning.state.value) in area_ways


def closure(ways: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """All pairs joined by one way or several."""
    while True:
        longer = ways | {(a, d) for a, b in ways for c, d in ways if b == c}
        if longer == ways:
            return ways
        ways = longer
