"""Who belongs to whom, also where paths cross."""

from __future__ import annotations

import numpy as np
import pytest

from forewarn.epoch import SECOND_NS
from forewarn.records import TrackStatus
from forewarn.tracking import association
from forewarn.tracking.association import associate
from forewarn.tracking.live import LiveTrack, fresh_posterior
from forewarn.tracking.looks import Biases, Look
from tests.tracking.stage import (
    ascending,
    flown,
    network_of,
    overflight,
    quiet_events,
    seen_by_telescopes,
    tracked,
)

START = overflight().start_tai_ns


def test_two_ascents_whose_paths_cross_keep_their_own_looks() -> None:
    """Two plumes 60 km apart fly towards each other and cross within 3 s and a few kilometres."""
    network = network_of("GEO-WEST-SCAN", "GEO-EAST-SCAN", "GEO-MID-STARE", "GEO-EAST-STARE")
    flights = {"a": flown(39.55, 125.7, 110.0), "b": flown(39.05, 125.7, 70.0)}
    launches = {"a": START, "b": START + 3 * SECOND_NS}
    events = seen_by_telescopes(
        quiet_events(network, duration_s=160.0),
        network,
        [ascending(name, flight, launches[name]) for name, flight in flights.items()],
    )
    times = np.arange(60.0, 158.0, 1.0)
    apart_m = [
        np.linalg.norm(flights["a"].state_ecef_at(t)[0] - flights["b"].state_ecef_at(t - 3.0)[0])
        for t in times
    ]
    assert min(apart_m) < 10e3
    assert apart_m[0] > 25e3
    assert apart_m[-1] > 25e3
    _, tracks = tracked(network, events)
    assert len(tracks) == 2
    for track in tracks.values():
        assert track.status is TrackStatus.CONFIRMED
        names = [h.look.measurement_id[-1] for h in track.happenings if h.look is not None]
        (own,) = {n for n in names if names.count(n) > len(names) / 2}
        assert names.count(own) >= 0.95 * len(names)
        mean, _ = track.latest.body()
        time_s = (track.latest.tai_ns - launches[own]) / SECOND_NS
        position, velocity = flights[own].state_ecef_at(time_s)
        assert np.linalg.norm(mean[:3] - position) < 3_000.0
        assert np.linalg.norm(mean[3:] - velocity) < 400.0


def small_track(name: str) -> LiveTrack:
    posterior = fresh_posterior(
        START, np.zeros(6), np.eye(6), biases=Biases(network_of()), boosting=0.5
    )
    return LiveTrack(name, TrackStatus.CONFIRMED, posterior)


def bare_look(name: str) -> Look:
    return Look(
        measurement_id=name,
        scan_id="s",
        sensor_id="GEO-WEST-SCAN",
        seen_tai_ns=START,
        kind=0,
        geometry=np.zeros((8, 3)),
        bias_sigma_rad=0.0,
        clutter_density=1.0,
    )


@pytest.mark.parametrize(
    ("gains", "expected"),
    [
        # One excellent pair beats two poor ones: the second look is clutter.
        ({("x", "1"): 20.0, ("x", "2"): 1.0, ("y", "1"): 0.5}, {0: 0}),
        # Two fair pairs beat one good one.
        ({("x", "1"): 5.0, ("x", "2"): 4.0, ("y", "1"): 4.0}, {0: 1, 1: 0}),
        ({("x", "2"): 3.0}, {0: 1}),
        ({}, {}),
    ],
)
def test_the_summed_gain_over_clutter_is_greatest(
    monkeypatch: pytest.MonkeyPatch,
    gains: dict[tuple[str, str], float],
    expected: dict[int, int],
) -> None:
    monkeypatch.setattr(association, "_near", lambda *_: [0, 1])
    monkeypatch.setattr(
        association,
        "_gain",
        lambda track, look: gains.get((look.measurement_id, track.track_id), 0.0),
    )
    tracks, looks = [small_track("1"), small_track("2")], [bare_look("x"), bare_look("y")]
    assert associate(tracks, looks) == expected


def test_no_tracks_or_no_looks_is_no_pair() -> None:
    assert associate([], [bare_look("x")]) == {}
    assert associate([small_track("1")], []) == {}
