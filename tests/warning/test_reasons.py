"""Decisions explain themselves: evidence, what is missing, what would change it, in plain words."""

from __future__ import annotations

import math
import re

import msgspec
import pytest

from forewarn.records import (
    VEHICLE_CLASSES,
    AreaState,
    CaseState,
    Physics,
    TrackStatus,
    WarningDecision,
)
from forewarn.warning import explain, instruction
from forewarn.warning.explain import weight_words
from forewarn.warning.words import (
    AREA_WORDS,
    CASE_WORDS,
    CLASS_WORDS,
    PHYSICS_WORDS,
    percent_words,
    span_words,
)
from tests.warning.stage import AREAS, DOMAINS, LAUNCH, ROCKET, Play, assess, classes, withdraw

SECOND = 1_000_000_000


def say(probabilities: dict[str, float], seconds: float = 0, **changes: object) -> WarningDecision:
    """The first decision on one assessment."""
    assessment = msgspec.structs.replace(assess(seconds, probabilities), **changes)
    return Play().one(seconds, assessment)


def test_every_word_is_there() -> None:
    assert set(CLASS_WORDS) == set(VEHICLE_CLASSES)
    assert set(CASE_WORDS) == set(CaseState)
    assert set(AREA_WORDS) == set(AreaState)
    assert set(PHYSICS_WORDS) == set(Physics)


def test_the_headline_says_what_where_from_how_many_and_how_soon() -> None:
    assert say({"west": 0.5, "mid": 0.02}).headline == (
        "Confirmed: medium-range missile, from near Rocket Field; 2 areas warned, "
        "earliest in 5 min."
    )
    assert say({}, launch=None, class_probabilities=classes(unknown=1.0)).headline == (
        "Possible: object of unknown class, origin not known; no areas warned."
    )
    nowhere = msgspec.structs.replace(LAUNCH, site=None)
    assert "origin away from known sites" in say({}, launch=nowhere).headline
    assert say({"west": 0.5}, seconds=300).headline.endswith("1 area warned, possible now.")
    assert say({}, class_probabilities=ROCKET).headline.startswith("Possible: space launch")


def test_evidence_is_the_assessments_weightiest_first_and_then_the_policys() -> None:
    decision = say({"west": 0.041, "mid": 0.001})
    texts = [e.text for e in decision.evidence]
    assert texts == [
        "it burns like a missile",
        "it flies high",
        "probability that it is not a space launch is 95 %, policy treats it as a threat at 20 %",
        "seen by 3 independent failure domains, policy asks 2 for probable and 3 for confirmed",
        "probability of impact in Area West is 4.1 %, policy warns at 1 %",
    ]
    area = decision.evidence[-1]
    assert area.hypothesis == "impact in Area West"
    assert area.decibans == pytest.approx(10 * math.log10((0.041 / 0.959) / (0.01 / 0.99)))
    assert area.input_ids == decision.input_ids == ("assessment-0",)
    assert decision.evidence[3].decibans == 0.0


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_certainty_has_a_finite_weight(probability: float) -> None:
    space = 1.0 - probability
    given = classes(space_launch=space, unknown=probability)
    decision = say({"west": probability}, class_probabilities=given)
    assert all(math.isfinite(e.decibans) for e in decision.evidence)


def test_each_area_state_cites_its_own_threshold() -> None:
    play = Play()
    shelter = play.one(0, assess(0, {"west": 0.5, "mid": 0.05}))
    assert "policy orders shelter at 20 %" in shelter.evidence[-2].text
    assert "policy warns at 1 %" in shelter.evidence[-1].text
    narrowed = play.one(1, assess(1, {"west": 0.001, "mid": 0.05}))
    assert "policy narrows out below 0.2 %" in narrowed.evidence[-1].text
    assert narrowed.evidence[-1].decibans < 0.0
    play.step(2, assess(2, {"mid": 0.05, "west": 0.0}, overflown=("west",)))
    clear = play.one(40, assess(40, {"mid": 0.05, "west": 0.0}, overflown=("west",)))
    assert "seen to have passed" in clear.evidence[-1].text
    cancelled = play.one(41, actions=(withdraw(41, "case-0001"),))
    assert "taken back (withdrawn by officer-7" in cancelled.evidence[-1].text
    play = Play()
    play.one(0, assess(0, {"west": 0.5}))
    play.step(1, assess(1, {}, down=True))
    assert "came down, and the wait after it is over" in play.one(31).evidence[-1].text


def test_missing_names_what_the_policy_would_like() -> None:
    assert say({"west": 0.5}).missing == ()
    decision = say(
        {"west": 0.5},
        domains=DOMAINS[:1],
        physics=(Physics.INFRARED,),
        silent_sensor_ids=("radar-2", "radar-1"),
        measurement_count=3,
        launch=None,
        impact=None,
    )
    assert decision.missing == (
        "no radar has seen it",
        "1 measurement fewer than the policy asks",
        "seen by 1 of the 3 independent failure domains that confirmation asks",
        "sensor radar-1 should see it and is silent",
        "sensor radar-2 should see it and is silent",
        "no estimate of where it was launched",
        "no forecast of where it comes down",
    )
    assert "no infrared satellite has seen it" in say({}, physics=(Physics.RADAR,)).missing
    assert "the number of measurements is not stated" in say({}, measurement_count=None).missing


def test_would_change_names_the_next_step_up_and_down() -> None:
    watching = say({}, status=TrackStatus.TENTATIVE).would_change
    assert watching[0] == "a confirmed track with at least 4 measurements makes it possible"
    possible = say({}, domains=DOMAINS[:1], class_probabilities=ROCKET).would_change
    assert possible[:3] == (
        "at least 20 % for not being a space launch lets it rise",
        "at least 1 % for an impact in any area lets it rise",
        "1 more independent failure domain lets it rise",
    )
    probable = say({"west": 0.05, "mid": 0.05}, domains=DOMAINS[:2]).would_change
    assert probable == (
        "1 more independent failure domain confirms it",
        "less than 0.2 % for an impact narrows out Area West, Area Mid",
        "no sighting for 60 s makes it lost",
        "an officer can withdraw it",
    )
    play = Play()
    play.one(0, assess(0, {"west": 0.05}))
    lost = play.one(100, assess(100, {"west": 0.05}, status=TrackStatus.COASTING, seen=0))
    assert lost.would_change[:2] == (
        "a new sighting of the same object takes the case up where it stood",
        "no sighting in the next 8 min 20 s withdraws the warning",
    )
    withdrawn = play.one(101, actions=(withdraw(101, "case-0001"),))
    assert withdrawn.would_change[0].startswith("nothing: an officer withdrew it")


def test_text_is_free_of_degrees_and_clock_times() -> None:
    play = Play()
    play.step(0, assess(0, {"west": 0.5, "mid": 0.05}))
    play.step(70)
    play.step(71, actions=(withdraw(71, "case-0001"),))
    for decision in play.said:
        text = " ".join(explain(decision, AREAS, evidence_count=99))
        assert not re.search(r"°|\bdeg|UTC|\d\d:\d\d|\bkm\b", text)


def test_explain_reads_from_the_urgent_to_the_possible() -> None:
    decision = say({"mid": 0.05, "west": 0.5}, domains=DOMAINS, physics=(Physics.INFRARED,))
    lines = explain(decision, AREAS)
    assert lines[0] == decision.headline
    assert lines[1] == "Take shelter: Area West (50 %, in 5 min, new)"
    assert lines[2] == "Prepare: Area Mid (5 %, in 5 min, new)"
    assert lines[3] == "Last seen 0 s before this decision."
    assert lines[4].startswith("Why: probability that it is not a space launch")
    assert lines[4].endswith("(very strong, for threat)")
    assert sum(line.startswith("Why: ") for line in lines) == 3
    assert sum(line.startswith("Why: ") for line in explain(decision, AREAS, evidence_count=1)) == 1
    assert any(line.startswith("Rule: seen by 3 independent") for line in lines)
    assert "Missing: no radar has seen it" in lines
    assert lines[-1] == "Would change: an officer can withdraw it"


def test_an_area_is_told_what_to_do_and_how_old_a_lost_forecast_is() -> None:
    play = Play()
    live = play.one(0, assess(0, {"west": 0.5}))
    assert instruction(live.areas[0], live) == "A missile is expected. Take shelter now."
    lost = play.one(75)
    told = instruction(lost.areas[0], lost)
    assert told.startswith("A missile is expected. Take shelter now. The object has been lost;")
    assert "75 s old" in told
    over = play.one(80, actions=(withdraw(80, "case-0001"),))
    assert "a drill was mistaken for real" in instruction(over.areas[0], over)


def test_narrowed_people_are_told_to_stay() -> None:
    play = Play()
    play.one(0, assess(0, {"west": 0.5}))
    narrowed = play.one(1, assess(1, {"west": 0.0}))
    assert "until the object has passed" in instruction(narrowed.areas[0], narrowed)


def test_spans_and_percentages_in_words() -> None:
    spans = [0, -5 * SECOND, 119 * SECOND, 120 * SECOND, 250 * SECOND]
    assert [span_words(s) for s in spans] == ["0 s", "0 s", "119 s", "2 min", "4 min 10 s"]
    shares = [0.0, 1e-6, 0.002, 0.041, 0.1, 0.994, 0.9999, 1.0]
    assert [percent_words(p) for p in shares] == [
        "0 %",
        "below 0.01 %",
        "0.2 %",
        "4.1 %",
        "10 %",
        "99 %",
        "above 99 %",
        "100 %",
    ]


def test_weights_of_evidence_carry_jeffreys_names() -> None:
    """Jeffreys 1961, appendix B: half powers of ten of the odds, that is every 5 decibans."""
    named = [weight_words(d) for d in (4.9, 5.0, -10.0, 15.0, 20.0)]
    assert named == [
        "weak, for",
        "substantial, for",
        "strong, against",
        "very strong, for",
        "decisive, for",
    ]
