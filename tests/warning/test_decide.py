"""Decisions over whole events: what is said, when, and what is not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from forewarn.records import (
    HYPOTHESES,
    CaseState,
    OperatorAction,
    Physics,
    Realm,
    TrackStatus,
)
from forewarn.warning import WarningState, decide
from forewarn.warning.findings import threat_probability
from tests.warning.stage import (
    AREAS,
    POLICY,
    ROCKET,
    Play,
    assess,
    at,
    changed,
    classes,
    impact,
    states,
    withdraw,
)

COASTING, ENDED, TENTATIVE = TrackStatus.COASTING, TrackStatus.ENDED, TrackStatus.TENTATIVE
WIDE = {"west": 0.05, "mid": 0.05, "east": 0.05}


def confirmed_play() -> Play:
    """A play in which the west shelters and the middle prepares, in a confirmed case."""
    play = Play()
    decision = play.one(0, assess(0, {"west": 0.5, "mid": 0.05, "east": 0.0}))
    assert decision.case_state is CaseState.CONFIRMED
    assert states(decision) == {"west": "shelter", "mid": "prepare"}
    return play


# ------------------------------------------------------------------- how a case rises


def test_a_case_rises_step_by_step() -> None:
    play = Play()
    seen = play.one(0, assess(0, WIDE, domains=1, status=TENTATIVE, measurement_count=1))
    assert (seen.case_state, seen.public, seen.areas) == (CaseState.WATCHING, False, ())
    assert play.step(1, assess(1, WIDE, domains=1, measurement_count=3)) == ()
    possible = play.one(2, assess(2, WIDE, domains=1, measurement_count=4))
    assert (possible.case_state, possible.public) == (CaseState.POSSIBLE, False)
    probable = play.one(3, assess(3, WIDE, domains=2))
    assert (probable.case_state, probable.public) == (CaseState.PROBABLE, True)
    assert states(probable) == {"west": "prepare", "mid": "prepare", "east": "prepare"}
    confirmed = play.one(4, assess(4, WIDE, domains=3))
    assert (confirmed.case_state, confirmed.public) == (CaseState.CONFIRMED, False)
    assert [d.sequence for d in play.said] == [1, 2, 3, 4]
    assert [d.supersedes for d in play.said] == [None, *[d.decision_id for d in play.said[:-1]]]
    assert {d.case_id for d in play.said} == {"case-0001"}
    assert [d.decision_id for d in play.said] == [f"decision-{n:06d}" for n in (1, 2, 3, 4)]


def test_shelter_waits_for_confirmation() -> None:
    play = Play()
    assert states(play.one(0, assess(0, {"west": 0.9}, domains=2))) == {"west": "prepare"}
    assert states(play.one(1, assess(1, {"west": 0.9}, domains=3))) == {"west": "shelter"}


def test_one_failure_domain_is_never_probable() -> None:
    """However many sensors, measurements and physics lie in it, and however sure it sounds."""
    play = Play()
    for second in range(100):
        play.step(
            second,
            assess(second, {"west": 1.0}, measurement_count=10_000, domains=1)
            if second % 2
            else assess(second, {"west": 1.0}, domains=0),
        )
    same = assess(100, {"west": 1.0}, domains=0)
    play.step(100, msgspec.structs.replace(same, domains=("domain-a",) * 5))
    assert {d.case_state for d in play.said} == {CaseState.POSSIBLE}
    assert not any(d.public for d in play.said)


def test_confirmation_can_ask_for_two_physics() -> None:
    policy = msgspec.structs.replace(POLICY, confirmed_physics=2)
    for physics, expected in (
        ((Physics.INFRARED,), CaseState.PROBABLE),
        ((Physics.INFRARED, Physics.INFRARED), CaseState.PROBABLE),
        ((Physics.INFRARED, Physics.RADAR), CaseState.CONFIRMED),
    ):
        decision = Play(policy).one(0, assess(0, WIDE, physics=physics))
        assert decision.case_state is expected
        different = "a sensor of different physics confirms it" in decision.would_change
        assert different is (expected is CaseState.PROBABLE)
    only_infrared = assess(0, WIDE, physics=(Physics.INFRARED,))
    assert Play().one(0, only_infrared).case_state is CaseState.CONFIRMED


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": TENTATIVE}, CaseState.WATCHING),
        ({"measurement_count": 3}, CaseState.WATCHING),
        ({"measurement_count": None}, CaseState.CONFIRMED),
        ({"status": COASTING}, CaseState.CONFIRMED),
        ({"class_probabilities": classes(space_launch=0.81, unknown=0.19)}, CaseState.POSSIBLE),
        ({"class_probabilities": classes(space_launch=0.79, unknown=0.21)}, CaseState.CONFIRMED),
    ],
)
def test_what_firmness_and_threat_allow(changes: dict[str, Any], expected: CaseState) -> None:
    assert Play().one(0, assess(0, WIDE, **changes)).case_state is expected


def test_thresholds_include_their_own_value() -> None:
    assert Play().one(0, assess(0, {"west": 0.0099})).case_state is CaseState.POSSIBLE
    assert states(Play().one(0, assess(0, {"west": 0.01}))) == {"west": "prepare"}
    assert states(Play().one(0, assess(0, {"west": 0.1999}))) == {"west": "prepare"}
    assert states(Play().one(0, assess(0, {"west": 0.2}))) == {"west": "shelter"}


def test_threats_to_places_that_are_not_defended_warn_nobody() -> None:
    decision = Play().one(0, assess(0, {"elsewhere": 1.0}))
    assert (decision.case_state, decision.areas) == (CaseState.POSSIBLE, ())


def test_doubt_lowers_only_what_nobody_was_told() -> None:
    play = Play()
    play.one(0, assess(0, {}))
    doubted = play.one(1, assess(1, {}, status=TENTATIVE))
    assert doubted.case_state is CaseState.WATCHING
    play = confirmed_play()
    weak = assess(1, {"west": 0.5, "mid": 0.05}, domains=1, status=TENTATIVE)
    assert play.step(1, weak) == ()
    assert play.state.cases["track-1"].state is CaseState.CONFIRMED


# ------------------------------------------------------------------- how areas change


def test_an_overflight_is_warned_wide_narrowed_and_passes_over() -> None:
    """First all three; then the forecast runs beyond; then it is seen to pass; then it is over."""
    play = Play()
    wide = play.one(0, assess(0, WIDE))
    assert set(states(wide).values()) == {"prepare"}
    narrow = play.one(60, assess(60, {"west": 0.001, "mid": 0.05, "east": 0.3}))
    assert states(narrow) == {"west": "narrowed", "mid": "prepare", "east": "shelter"}
    past = {"west": 0.0, "mid": 0.0, "east": 0.0}
    gone = play.one(100, assess(100, past, overflown=("west", "mid")))
    assert states(gone) == {"west": "narrowed", "mid": "narrowed", "east": "narrowed"}
    assert play.step(129, assess(129, past, overflown=("west", "mid"))) == ()
    behind = play.one(130, assess(130, past, overflown=("west", "mid", "east")))
    assert states(behind) == {"west": "all_clear", "mid": "all_clear", "east": "narrowed"}
    assert behind.case_state is CaseState.CONFIRMED
    over = play.one(160)
    assert set(states(over).values()) == {"all_clear"}
    assert (over.case_state, over.end_reason) == (CaseState.ENDED, "passed over")
    assert changed(over) == {"east"}
    assert "passed over" in over.headline
    assert play.step(161, assess(161, past, overflown=("west", "mid", "east"))) == ()


def test_an_impact_is_prepared_for_sheltered_from_and_cleared() -> None:
    play = Play()
    assert states(play.one(0, assess(0, {"west": 0.05}, domains=2))) == {"west": "prepare"}
    assert states(play.one(30, assess(30, {"west": 0.6}))) == {"west": "shelter"}
    down = assess(300, {"west": 0.0}, down=True, status=ENDED, seen=290)
    assert play.step(300, down) == (), "sheltered people are not moved at the moment of impact"
    assert play.step(329) == ()
    clear = play.one(330)
    assert states(clear) == {"west": "all_clear"}
    assert (clear.case_state, clear.end_reason) == (CaseState.ENDED, "came down")


def test_a_later_area_extends_the_warning() -> None:
    play = Play()
    play.one(0, assess(0, {"west": 0.05}))
    wider = play.one(10, assess(10, {"west": 0.05, "mid": 0.05, "east": 0.5}))
    assert states(wider) == {"west": "prepare", "mid": "extended", "east": "shelter"}
    assert changed(wider) == {"mid", "east"}
    worse = play.one(20, assess(20, {"west": 0.05, "mid": 0.5, "east": 0.5}))
    assert states(worse)["mid"] == "shelter"


def test_between_release_and_prepare_nothing_changes() -> None:
    """Hysteresis: the band between the two thresholds keeps whatever was said."""
    play = Play()
    play.one(0, assess(0, {"west": 0.05}))
    for second, probability in enumerate((0.009, 0.002, 0.0099, 0.003), start=1):
        assert play.step(second, assess(second, {"west": probability})) == ()
    assert states(play.one(10, assess(10, {"west": 0.0019}))) == {"west": "narrowed"}
    for second, probability in enumerate((0.009, 0.002, 0.0001), start=11):
        assert play.step(second, assess(second, {"west": probability})) == ()
    assert states(play.one(20, assess(20, {"west": 0.01}))) == {"west": "extended"}


def test_an_area_that_is_no_longer_spoken_of_is_narrowed_out() -> None:
    play = Play()
    play.one(0, assess(0, {"west": 0.05}))
    assert states(play.one(1, assess(1, {}))) == {"west": "narrowed"}


def test_a_case_that_turns_out_a_space_launch_warns_no_further_area() -> None:
    play = Play()
    play.one(0, assess(0, {"west": 0.05}))
    rocket = assess(1, {"west": 0.05, "mid": 0.5}, class_probabilities=ROCKET)
    assert play.step(1, rocket) == ()


def test_an_area_is_warned_again_after_its_all_clear() -> None:
    play = confirmed_play()
    play.one(10, assess(10, {"west": 0.0, "mid": 0.05}, overflown=("west",)))
    clear = play.one(40, assess(40, {"west": 0.0, "mid": 0.05}, overflown=("west",)))
    assert states(clear) == {"west": "all_clear", "mid": "prepare"}
    back = play.one(41, assess(41, {"west": 0.05, "mid": 0.05}, overflown=("west",)))
    assert states(back) == {"west": "extended", "mid": "prepare"}
    assert play.step(80, assess(80, {"west": 0.05, "mid": 0.05}, overflown=("west",))) == ()


def test_a_passage_must_last_to_be_all_clear() -> None:
    play = confirmed_play()
    play.one(10, assess(10, {"west": 0.0, "mid": 0.05}, overflown=("west",)))
    assert play.step(30, assess(30, {"west": 0.0, "mid": 0.05})) == ()
    assert play.step(45, assess(45, {"west": 0.0, "mid": 0.05}, overflown=("west",))) == ()
    assert play.step(74, assess(74, {"west": 0.0, "mid": 0.05}, overflown=("west",))) == ()
    clear = play.one(75, assess(75, {"west": 0.0, "mid": 0.05}, overflown=("west",)))
    assert states(clear)["west"] == "all_clear"


# ------------------------------------------------------------------- innocent launches


def test_a_space_launch_never_warns() -> None:
    play = Play()
    rocket: dict[str, Any] = {"class_probabilities": ROCKET}
    possible = play.one(0, assess(0, {"west": 0.9}, **rocket))
    assert possible.case_state is CaseState.POSSIBLE
    assert play.step(60, assess(60, {"west": 0.9}, **rocket)) == ()
    assert play.step(61, assess(61, {}, **rocket, impact=impact(0.98))) == ()
    orbit = play.one(200, assess(200, {}, **rocket, impact=impact(0.99)))
    assert (orbit.case_state, orbit.end_reason) == (CaseState.ENDED, "space launch, no threat")
    assert not any(d.public for d in play.said)
    assert all(d.areas == () for d in play.said)


@pytest.mark.parametrize("change", [{"down": True}, {"status": ENDED}])
def test_a_space_launch_is_over_when_down_or_untracked(change: dict[str, Any]) -> None:
    play = Play()
    play.one(0, assess(0, {}, class_probabilities=ROCKET))
    end = play.one(10, assess(10, {}, class_probabilities=ROCKET, **change))
    assert (end.case_state, end.end_reason) == (CaseState.ENDED, "space launch, no threat")


def test_a_space_launch_first_heard_of_long_after_it_ended_is_over() -> None:
    play = Play()
    play.one(0, assess(0, {}, class_probabilities=ROCKET))
    late = assess(100, {}, class_probabilities=ROCKET, status=ENDED, seen=10)
    assert play.one(100, late).end_reason == "space launch, no threat"


def test_a_warned_space_launch_is_cleared_only_by_a_fact() -> None:
    """It was a missile once; that its track ended proves nothing, its orbit does."""
    play = confirmed_play()
    rocket: dict[str, Any] = {"class_probabilities": ROCKET}
    assert play.step(10, assess(10, {"west": 0.5, "mid": 0.05}, status=ENDED, **rocket)) == ()
    assert play.step(20, assess(20, {}, impact=impact(1.0), **rocket)) == ()
    clear = play.one(50)
    assert set(states(clear).values()) == {"all_clear"}
    assert clear.end_reason == "space launch, no threat"


def test_a_rocket_that_falls_in_a_warned_case_came_down() -> None:
    play = confirmed_play()
    play.step(20, assess(20, {}, class_probabilities=ROCKET, down=True))
    assert play.one(50).end_reason == "came down"


# ------------------------------------------------------------------- lost and found


def test_lost_is_said_as_lost_and_a_new_sighting_takes_the_case_up() -> None:
    play = confirmed_play()
    ahead = {"west": 0.5, "mid": 0.05}
    assert play.step(60, assess(60, ahead, status=COASTING, seen=0)) == ()
    lost = play.one(61, assess(61, {"mid": 0.9}, status=COASTING, seen=0, overflown=("west",)))
    assert (lost.case_state, lost.end_reason, lost.public) == (CaseState.LOST, "lost", False)
    assert states(lost) == {"west": "shelter", "mid": "prepare"}, "areas keep their state"
    assert lost.headline.startswith("Lost:")
    assert "1 min" not in lost.headline
    assert "61 s ago" in lost.headline
    assert "pass" not in " ".join((lost.headline, *lost.would_change))
    assert play.step(120, assess(120, {}, status=COASTING, seen=0, overflown=("west",))) == ()
    back = play.one(130, assess(130, {"west": 0.5, "mid": 0.001}, domains=1))
    assert (back.case_state, back.end_reason) == (CaseState.CONFIRMED, None)
    assert states(back) == {"west": "shelter", "mid": "narrowed"}


def test_a_coasting_forecast_has_seen_nothing_pass() -> None:
    """A forecast overflight of 2022-11-03 was announced as a fact and had to be taken back."""
    play = confirmed_play()
    past = {"west": 0.0, "mid": 0.0}
    for second in range(10, 600, 10):
        coasting = assess(second, past, status=COASTING, seen=0, overflown=("west", "mid"))
        play.step(second, coasting)
    assert play.said[-1].case_state is CaseState.LOST
    assert not any("all_clear" in states(d).values() for d in play.said)
    assert not any("passed over" in d.headline for d in play.said)


def test_what_was_seen_to_pass_before_sight_was_lost_has_passed() -> None:
    play = confirmed_play()
    past = {"west": 0.0, "mid": 0.0}
    play.one(10, assess(10, past, overflown=("west", "mid")))
    over = play.one(40, assess(40, past, overflown=("west", "mid"), status=COASTING, seen=10))
    assert over.end_reason == "passed over"
    play = confirmed_play()
    policy = msgspec.structs.replace(POLICY, all_clear_after_s=100.0)
    play.policy = policy
    play.one(10, assess(10, past, overflown=("west", "mid")))
    coasting = assess(80, past, overflown=("west", "mid"), status=COASTING, seen=10)
    assert play.one(80, coasting).case_state is CaseState.LOST
    assert play.one(110).end_reason == "passed over"


def test_a_forecast_too_old_is_withdrawn_aloud() -> None:
    """The policy lets it stand 600 s; it was expected at 320 s, long before."""
    play = confirmed_play()
    lost = play.one(100, assess(90, {"west": 0.5, "mid": 0.05}, status=ENDED, seen=0))
    assert any("10 min" not in text and "8 min 20 s" in text for text in lost.would_change)
    assert play.step(599) == ()
    old = play.one(600)
    assert (old.case_state, old.public) == (CaseState.WITHDRAWN, True)
    assert set(states(old).values()) == {"cancelled"}
    assert old.end_reason == "lost, forecast too old"


def test_a_warning_is_not_withdrawn_before_the_object_could_arrive() -> None:
    play = Play(msgspec.structs.replace(POLICY, extrapolation_limit_s=200.0))
    play.one(0, assess(0, {"west": 0.5}))
    play.one(100)
    assert play.step(349) == (), "expected at 320 s, and 30 s to wait"
    assert play.one(350).case_state is CaseState.WITHDRAWN


def test_a_track_that_nobody_reports_on_any_more_is_lost_too() -> None:
    play = confirmed_play()
    assert play.step(60) == ()
    assert play.one(61).case_state is CaseState.LOST


def test_a_watched_spot_that_vanishes_is_over_without_a_fuss() -> None:
    play = Play()
    play.one(0, assess(0, {}, status=TENTATIVE))
    end = play.one(61)
    assert (end.case_state, end.end_reason) == (CaseState.ENDED, "never confirmed")


def test_a_lost_case_that_warned_nobody_ends() -> None:
    play = Play()
    play.one(0, assess(0, {}))
    lost = play.one(70)
    assert "no area warned" in lost.headline
    assert any("ends the case" in text for text in lost.would_change)
    end = play.one(600)
    assert (end.case_state, end.end_reason) == (CaseState.ENDED, "lost and not seen again")


def test_a_lost_object_that_is_down_came_down() -> None:
    play = confirmed_play()
    play.one(70)
    assert play.step(300, assess(300, {}, status=ENDED, seen=0, down=True)) == ()
    end = play.one(330)
    assert (end.case_state, end.end_reason) == (CaseState.ENDED, "came down")
    assert "last seen 5 min 30 s ago" in end.headline


# ------------------------------------------------------------------- an officer acts


def test_a_withdrawal_cancels_at_once() -> None:
    play = confirmed_play()
    raised = assess(5, {"west": 0.5, "mid": 0.9, "east": 0.9})
    decision = play.one(5, raised, actions=(withdraw(5, "case-0001"),))
    assert decision.case_state is CaseState.WITHDRAWN
    assert states(decision) == {"west": "cancelled", "mid": "cancelled"}
    assert decision.public
    assert decision.end_reason == "withdrawn by officer-7: a drill was mistaken for real"
    assert decision.input_ids == ("assessment-5", "action-5")
    assert play.step(6, assess(6, {"west": 1.0})) == (), "withdrawn stays withdrawn"
    assert play.step(200, assess(200, {"west": 1.0})) == ()


def test_a_withdrawal_keeps_an_all_clear_that_was_given() -> None:
    play = confirmed_play()
    past = {"west": 0.0, "mid": 0.05}
    play.step(10, assess(10, past, overflown=("west",)))
    play.step(40, assess(40, past, overflown=("west",)))
    decision = play.one(41, actions=(withdraw(41, "case-0001"),))
    assert states(decision) == {"west": "all_clear", "mid": "cancelled"}
    assert decision.headline.endswith("all clear for 1 area and cancelled for 1 area.")


def test_a_withdrawal_works_on_a_lost_case() -> None:
    play = confirmed_play()
    play.one(70)
    assert play.one(71, actions=(withdraw(71, "case-0001"),)).case_state is CaseState.WITHDRAWN


@pytest.mark.parametrize(
    ("action", "reason", "word"),
    [
        (withdraw(5, "case-0009"), "unknown case", "case-0001"),
        (withdraw(5, "case-0001", action="confirm"), "unknown action", "withdraw"),
        (withdraw(5, "case-0001", realm=Realm.LIVE), "wrong realm", "live"),
    ],
)
def test_an_action_that_cannot_be_done_is_answered(
    action: OperatorAction, reason: str, word: str
) -> None:
    play = confirmed_play()
    assert play.step(5, actions=(action,)) == ()
    (rejected,) = play.rejected
    assert rejected.reason == reason
    assert word in rejected.detail
    assert rejected.input_ids == (action.action_id,)
    assert rejected.rejected_id == "rejected-warning-000001"
    assert play.state.cases["track-1"].state is CaseState.CONFIRMED


def test_a_closed_case_cannot_be_withdrawn_again() -> None:
    play = confirmed_play()
    play.step(5, actions=(withdraw(5, "case-0001"), withdraw(5, "case-0001")))
    play.step(6, actions=(withdraw(6, "case-0001"),))
    assert [r.reason for r in play.rejected] == ["case closed"]


def test_records_of_another_realm_decide_nothing() -> None:
    """The exercise tape of 1979-11-09 in the live system."""
    play = Play()
    assert play.step(0, assess(0, WIDE, realm=Realm.EXERCISE)) == ()
    assert [r.reason for r in play.rejected] == ["wrong realm"]
    assert play.rejected[0].input_ids == ("assessment-0",)
    assert play.state.cases == {}


# ------------------------------------------------------------------- cases and ids


def test_cases_do_not_disturb_each_other() -> None:
    play = Play()
    first = assess(0, {"west": 0.5})
    second = assess(0, {"east": 0.05}, track_id="track-2", domains=2)
    third = assess(0, {}, track_id="track-3", class_probabilities=ROCKET)
    decisions = play.step(0, first, second, third)
    assert [d.case_id for d in decisions] == ["case-0001", "case-0002", "case-0003"]
    assert [states(d) for d in decisions] == [{"west": "shelter"}, {"east": "prepare"}, {}]
    play.one(1, actions=(withdraw(1, "case-0001"),))
    assert play.state.cases["track-2"].state is CaseState.PROBABLE
    confirmed = play.one(2, assess(2, {"east": 0.5}, track_id="track-2"))
    assert (confirmed.case_id, confirmed.sequence) == ("case-0002", 2)
    assert confirmed.supersedes == decisions[1].decision_id


def test_an_ended_case_does_not_blind_us_to_the_track() -> None:
    """It flew over, and then it turned: the threat opens a new case under a new id."""
    play = confirmed_play()
    past = {"west": 0.0, "mid": 0.0}
    play.step(10, assess(10, past, overflown=("west", "mid")))
    assert play.one(40).end_reason == "passed over"
    assert play.step(41, assess(41, past)) == ()
    assert play.step(42, assess(42, {"east": 0.9}, down=True)) == ()
    again = play.one(43, assess(43, {"east": 0.9}))
    assert (again.case_id, again.sequence, again.supersedes) == ("case-0002", 1, None)
    assert states(again) == {"east": "shelter"}


def test_what_ended_by_not_knowing_opens_again_at_the_next_sighting() -> None:
    play = Play()
    play.one(0, assess(0, {}, status=TENTATIVE))
    play.one(61)
    assert play.step(62, assess(62, {}, status=COASTING, seen=0)) == ()
    again = play.one(63, assess(63, {}))
    assert (again.case_id, again.case_state) == ("case-0002", CaseState.POSSIBLE)


def test_a_closed_case_is_forgotten_when_its_track_is_silent() -> None:
    play = confirmed_play()
    play.step(1, actions=(withdraw(1, "case-0001"),))
    play.step(600)
    assert "track-1" in play.state.cases
    play.step(601)
    assert play.state.cases == {}


def test_an_older_assessment_changes_nothing() -> None:
    play = confirmed_play()
    old = assess(-1, {})
    assert play.step(1, old) == ()
    assert play.state.cases["track-1"].assessment.assessment_id == "assessment-0"


def test_the_state_given_is_not_changed_and_a_copy_is_exact() -> None:
    play = confirmed_play()
    state = play.state
    copied = state.copy()
    assert copied == state
    assert copied.cases is not state.cases
    before = msgspec.msgpack.encode(state)
    assert msgspec.msgpack.decode(before, type=WarningState) == state
    arguments: dict[str, Any] = {
        "assessments": (assess(9, {"east": 0.9}),),
        "actions": (),
        "now_tai_ns": at(9),
        "realm": Realm.TEST,
    }
    first = decide(POLICY, AREAS, state, **arguments)
    assert msgspec.msgpack.encode(state) == before
    assert decide(POLICY, AREAS, copied, **arguments) == first
    copied.cases["track-1"].areas.clear()
    assert msgspec.msgpack.encode(state) == before


def test_time_works_on_all_cases_once_a_second_and_on_a_touched_one_at_once() -> None:
    play = Play()
    pair = (assess(0, {}), assess(0, {}, track_id="track-2"))
    play.step(0, *pair)
    assert play.step(59.5) == ()
    late = assess(60.4, {}, status=COASTING, seen=0)
    assert [d.case_id for d in play.step(60.4, late)] == ["case-0001"]
    assert [d.case_id for d in play.step(60.5)] == ["case-0002"]
    play.step(60.6, actions=(withdraw(60.6, "case-0002"),))
    assert play.said[-1].case_state is CaseState.WITHDRAWN


# ------------------------------------------------------------------- hypotheses


def hypotheses(**given: float) -> dict[str, float]:
    return {name: given.get(name, 0.0) for name in HYPOTHESES}


def test_a_satellite_is_no_threat_and_ends_as_one() -> None:
    """All it could do to an area is held against what it is: unknown by class, harmless by name."""
    play = Play()
    told = hypotheses(satellite=0.95, unknown=0.05)
    seen = assess(0, {"west": 0.5}, class_probabilities=classes(unknown=1.0), hypotheses=told)
    first = play.one(0, seen)
    assert first.case_state is CaseState.POSSIBLE
    assert "satellite" in first.headline
    up = assess(
        60,
        class_probabilities=classes(unknown=1.0),
        hypotheses=told,
        impact=impact(no_impact_probability=0.999),
    )
    assert play.one(60, up).end_reason == "satellite, no threat"


def test_a_sounding_rocket_and_a_glider_are_threats_by_where_they_come_down() -> None:
    for name in ("sounding_rocket", "glider", "failed_boost", "unknown"):
        told = hypotheses(**{name: 1.0})
        found = assess(0, {"west": 0.5}, class_probabilities=classes(unknown=1.0), hypotheses=told)
        assert Play().one(0, found).case_state is CaseState.CONFIRMED


def test_hypotheses_count_where_the_classes_cannot_tell() -> None:
    """Without any, the class of space launch alone is harmless, as it always was."""
    assert threat_probability(assess(0, class_probabilities=ROCKET)) == pytest.approx(0.05)
    told = hypotheses(space_launch=0.3, decaying_object=0.3, medium_range=0.4)
    found = assess(0, class_probabilities=ROCKET, hypotheses=told)
    assert threat_probability(found) == pytest.approx(0.4)
