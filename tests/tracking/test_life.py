"""The life of a track is a complete table: whatever befalls it, there is an answer."""

from __future__ import annotations

from forewarn.records import TrackStatus
from forewarn.tracking.life import TRACK_TRANSITIONS, TrackHappening
from tests.architecture.test_lives import closed, gaps, reachable


def test_every_happening_has_an_answer_in_every_status() -> None:
    assert gaps(TRACK_TRANSITIONS, TrackStatus) == set()
    assert {happening for _, happening in TRACK_TRANSITIONS} == set(TrackHappening)


def test_every_status_is_reached_and_every_track_can_end() -> None:
    assert reachable(TRACK_TRANSITIONS, TrackStatus.TENTATIVE) == set(TrackStatus)
    for status in TrackStatus:
        assert TrackStatus.ENDED in reachable(TRACK_TRANSITIONS, status)


def test_what_ended_stays_ended() -> None:
    assert closed(TRACK_TRANSITIONS) == {TrackStatus.ENDED}


def test_only_support_confirms_and_only_sight_brings_back() -> None:
    into = {
        (source, happening)
        for (source, happening), target in TRACK_TRANSITIONS.items()
        if target is TrackStatus.CONFIRMED and source is not target
    }
    assert into == {
        (TrackStatus.TENTATIVE, TrackHappening.SUPPORTED),
        (TrackStatus.COASTING, TrackHappening.SEEN),
    }
