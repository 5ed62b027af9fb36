"""A track's memory: late, doubled and disordered looks, copies, and its bounds."""

from __future__ import annotations

import dataclasses
import math
import random
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forewarn.epoch import SECOND_NS
from forewarn.records import InfraredMeasurement, Scan, TrackStatus
from forewarn.tracking import live
from forewarn.tracking.live import HISTORY_S, Happening, LiveTrack, Posterior, fresh_posterior
from forewarn.tracking.looks import Biases, infrared_look
from tests.tracking.stage import (
    ORIENTATION,
    ascending,
    flown,
    network_of,
    overflight,
    quiet_events,
    seen_by_telescopes,
)

LAUNCH = overflight().start_tai_ns
NETWORK = network_of()
SEEN_IF = np.array((0.9, 1e-3, 1e-3, 1e-3))


@cache
def happenings() -> tuple[Happening, ...]:
    """A minute of lines of sight to one ascent, in order, with a silent look after every fifth."""
    flight = flown(39.3, 125.7, 72.0)
    events = seen_by_telescopes(
        quiet_events(NETWORK, duration_s=150.0), NETWORK, [ascending("a", flight, LAUNCH)]
    )
    found: list[Happening] = []
    for scan in events:
        if not isinstance(scan, Scan):
            continue
        for seen in scan.measurements:
            assert isinstance(seen, InfraredMeasurement)
            look = infrared_look(
                scan,
                seen,
                sensor=NETWORK.sensor(scan.sensor_id),
                biases=Biases(NETWORK),
                orientation=ORIENTATION,
            )
            found.append(Happening(look.seen_tai_ns, look.order, look, SEEN_IF))
    found.sort(key=lambda h: h.key)
    silent = [Happening(h.tai_ns + SECOND_NS // 2, "silent", None, SEEN_IF) for h in found[4::5]]
    return tuple(sorted(found + silent, key=lambda h: h.key))


def new_track() -> LiveTrack:
    """A track that begins half a minute before the looks, near the truth."""
    first = happenings()[0].tai_ns
    position, velocity = flown(39.3, 125.7, 72.0).state_ecef_at((first - LAUNCH) / SECOND_NS)
    spread = np.diag([1e3**2] * 3 + [200.0**2] * 3)
    base = fresh_posterior(
        first - SECOND_NS,
        np.concatenate((position - velocity, velocity)),
        spread,
        biases=Biases(NETWORK),
        boosting=0.95,
    )
    return LiveTrack("track-0001", TrackStatus.TENTATIVE, base)


def taken(order: list[Happening]) -> LiveTrack:
    track = new_track()
    for happening in order:
        track.take(happening)
    return track


def bits(posterior: Posterior) -> bytes:
    """Every number of a posterior."""
    parts = (posterior.means, posterior.covariances, posterior.weights)
    return str(posterior.tai_ns).encode() + b"".join(part.tobytes() for part in parts)


@given(st.randoms(use_true_random=False))
def test_any_order_of_arrival_within_half_a_minute_gives_the_same_bits(
    randomness: random.Random,
) -> None:
    ordered = list(happenings())
    delayed = sorted(
        ordered, key=lambda h: (h.tai_ns + randomness.randrange(30 * SECOND_NS), h.order)
    )
    expected, found = taken(ordered), taken(delayed)
    assert bits(found.latest) == bits(expected.latest)
    assert found.score == expected.score
    assert found.top_score == expected.top_score
    for name in ("count", "first_seen_tai_ns", "last_seen_tai_ns", "last_thrust_tai_ns"):
        assert getattr(found, name) == getattr(expected, name)
    assert found.sensor_ids == expected.sensor_ids


def test_the_test_above_disorders_and_prunes() -> None:
    """The looks span more than the history, so that pruning happens between them."""
    ordered = list(happenings())
    assert ordered[-1].tai_ns - ordered[0].tai_ns > 1.2 * HISTORY_S * SECOND_NS
    assert taken(ordered).base.tai_ns > new_track().base.tai_ns


def test_a_look_taken_twice_changes_nothing() -> None:
    ordered = list(happenings())[:20]
    track = taken(ordered)
    before = bits(track.latest), track.score, track.count
    for happening in ordered:
        track.take(happening)
    assert (bits(track.latest), track.score, track.count) == before


def test_a_look_before_the_tracks_memory_changes_nothing() -> None:
    track = taken(list(happenings()))
    before = bits(track.latest), track.score, track.count
    old = happenings()[0]
    assert old.tai_ns < track.base.tai_ns
    track.take(old)
    assert (bits(track.latest), track.score, track.count) == before


def test_a_silent_look_lowers_the_score_and_the_thrust() -> None:
    track = taken(list(happenings())[:20])
    boosting, score = track.latest.weights[0], track.score
    track.take(Happening(track.latest.tai_ns + 1, "x", None, SEEN_IF))
    assert track.latest.weights[0] < boosting
    assert track.score < score - 1.0
    assert track.top_score == score


def test_a_copy_lives_its_own_life() -> None:
    ordered = list(happenings())
    track = taken(ordered[:30])
    copied = track.copy()
    before = bits(copied.latest), copied.score, copied.count, len(copied.happenings)
    for happening in ordered[30:]:
        track.take(happening)
    assert (bits(copied.latest), copied.score, copied.count, len(copied.happenings)) == before
    for happening in ordered[30:]:
        copied.take(happening)
    assert bits(copied.latest) == bits(track.latest)


def test_memory_is_bounded_however_fast_and_long_the_looks_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "_MOST_HAPPENINGS", 50)
    monkeypatch.setattr(live, "_MOST_LAUNCH_LOOKS", 15)
    track = taken(list(happenings()))
    for k in range(300):
        track.take(Happening(track.latest.tai_ns + 1000 * (k % 3), f"{k:04d}", None, SEEN_IF))
    assert len(track.happenings) == len(track.posteriors) == len(track.scores)
    assert len(track.happenings) <= 50 + 8
    assert len(track.launch_looks) == 15
    assert track.scan_ids.maxlen is not None


def test_launch_looks_end_with_their_window() -> None:
    track = taken(list(happenings()))
    times = [look.seen_tai_ns for look in track.launch_looks]
    assert max(times) - min(times) <= live.LAUNCH_WINDOW_S * SECOND_NS
    assert track.last_thrust_tai_ns - min(times) > live.LAUNCH_WINDOW_S * SECOND_NS


def test_what_cannot_be_predicted_is_not_sound_and_the_last_knowledge_stands() -> None:
    track = taken(list(happenings())[:20])
    far = track.latest.tai_ns + 6_000 * SECOND_NS
    assert not track.at(far).sound
    assert bits(track.known_at(far)) == bits(track.latest)
    assert track.at(track.latest.tai_ns + SECOND_NS).sound


def test_a_look_the_filter_cannot_take_is_a_low_score_and_never_a_nan() -> None:
    track = taken(list(happenings())[:10])
    good = happenings()[10].look
    assert good is not None
    geometry = good.geometry.copy()
    geometry[1] = math.nan
    bad = dataclasses.replace(good, geometry=geometry)
    track.take(Happening(bad.seen_tai_ns, "bad", bad, SEEN_IF))
    assert track.score < track.top_score - 900.0
    assert track.latest.sound
