"""What begins a track, and above all what does not."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from forewarn.epoch import SECOND_NS
from forewarn.frames import ecef_from_geodetic
from forewarn.records import Scan, TrackStatus
from forewarn.tracking import initiation
from forewarn.tracking.initiation import Chain, extend_chains, find_starts, forget
from forewarn.tracking.looks import Look
from tests.tracking.stage import (
    Source,
    ascending,
    flown,
    network_of,
    overflight,
    quiet_events,
    seen_by_telescopes,
    tracked,
)

START = overflight().start_tai_ns
TWO = ("GEO-WEST-SCAN", "GEO-EAST-SCAN")


def test_two_satellites_that_see_one_ascent_start_one_track_near_it() -> None:
    network = network_of(*TWO)
    flight = flown(39.3, 125.7, 72.0)
    events = quiet_events(network, duration_s=100.0)
    events = seen_by_telescopes(events, network, [ascending("a", flight, START)])
    _, tracks = tracked(network, events)
    (track,) = tracks.values()
    assert track.status is TrackStatus.CONFIRMED
    assert set(track.sensor_ids) == set(TWO)
    mean, covariance = track.latest.body()
    position, velocity = flight.state_ecef_at((track.latest.tai_ns - START) / SECOND_NS)
    error = mean - np.concatenate((position, velocity))
    assert error @ np.linalg.solve(covariance, error) < 22.5  # chi-square of 6, one in a thousand
    assert np.linalg.norm(error[:3]) < 2_000.0
    # Above 7 km from 43 s on: three revisits of two scanners are enough.
    assert track.first_seen_tai_ns - START < 60 * SECOND_NS


def test_one_satellite_alone_starts_a_track_that_knows_how_little_it_knows() -> None:
    """Two telescopes on one satellite: along the line of sight the track is kilometres wide."""
    network = network_of("GEO-MID-SCAN", "GEO-MID-STARE")
    source = ascending("a", flown(39.3, 125.7, 72.0), START)
    events = seen_by_telescopes(quiet_events(network, duration_s=150.0), network, [source])
    assert sum(len(e.measurements) for e in events if isinstance(e, Scan)) > 40
    _, tracks = tracked(network, events)
    (track,) = tracks.values()
    assert track.status is not TrackStatus.TENTATIVE
    mean, covariance = track.latest.body()
    position, velocity = flown(39.3, 125.7, 72.0).state_ecef_at(
        (track.latest.tai_ns - START) / SECOND_NS
    )
    error = mean - np.concatenate((position, velocity))
    assert error @ np.linalg.solve(covariance, error) < 22.5  # chi-square of 6, one in a thousand
    assert np.linalg.eigvalsh(covariance[:3, :3])[-1] > 1_000.0**2


@pytest.mark.parametrize("snr", [6.5, 12.0, 40.0])
@pytest.mark.parametrize("height_m", [0.0, 3_000.0])
def test_a_fire_that_two_satellites_see_for_twenty_minutes_starts_nothing(
    snr: float, height_m: float
) -> None:
    network = network_of(*TWO)
    place = ecef_from_geodetic(math.radians(41.0), math.radians(127.0), height_m)
    fire = Source("fire", lambda _: place, snr)
    events = quiet_events(network, duration_s=1_200.0)
    events = seen_by_telescopes(events, network, [fire], seed=round(snr + height_m))
    assert sum(len(e.measurements) for e in events if isinstance(e, Scan)) > 200
    state, _ = tracked(network, events)
    assert state.started == 0


def test_pure_clutter_at_the_shipped_rates_confirms_nothing() -> None:
    """Scans of all sensors, false alarms and fixed glints as shipped: 25,000 in all."""
    network = network_of(clutter=True)
    scans = 0
    for seed in range(1, 11):
        events = quiet_events(network, duration_s=1_000.0, seed=seed)
        scans += sum(isinstance(event, Scan) for event in events)
        _, tracks = tracked(network, events)
        assert all(t.status is not TrackStatus.CONFIRMED for t in tracks.values())
        assert not any(t.score > 25.0 for t in tracks.values())
    assert scans > 25_000


def looks_of(*sensor_ids: str) -> list[Look]:
    """Every look at one ascent by these sensors, as a track took them."""
    network = network_of(*sensor_ids)
    source = ascending("a", flown(39.3, 125.7, 72.0), START)
    events = seen_by_telescopes(quiet_events(network, duration_s=110.0), network, [source])
    _, tracks = tracked(network, events)
    (track,) = tracks.values()
    return track.launch_looks


def turned(look: Look, towards_ecef_m: np.ndarray) -> Look:
    """The look with its line of sight turned to another place."""
    geometry = look.geometry.copy()
    u = towards_ecef_m - geometry[0]
    geometry[1] = u / np.linalg.norm(u)
    first = np.cross((0.0, 0.0, 1.0), geometry[1])
    geometry[2] = first / np.linalg.norm(first)
    geometry[3] = np.cross(geometry[1], geometry[2])
    return dataclasses.replace(look, geometry=geometry)


def started(looks: list[Look]) -> int:
    """How many starts these looks give, each sensor's looks in one chain."""
    chains: list[Chain] = []
    found = 0
    for look in sorted(looks, key=lambda k: k.seen_tai_ns):
        found += len(find_starts(chains, extend_chains(chains, [look])))
    return found


def test_lines_of_sight_that_meet_behind_the_earth_or_in_parallel_start_nothing() -> None:
    looks = looks_of(*TWO)[:6]
    assert {look.sensor_id for look in looks} == set(TWO)
    assert started(looks) == 1
    up = np.array([look.geometry[0] for look in looks]).mean(axis=0)
    first_tai_ns = looks[0].seen_tai_ns

    def rising(look: Look, side: float) -> np.ndarray:
        """A climbing place under the satellites (1) or opposite them (-1)."""
        height_m = 10e3 + 600.0 * (look.seen_tai_ns - first_tai_ns) / SECOND_NS
        return side * up / np.linalg.norm(up) * (6.378e6 + height_m)

    assert started([turned(look, rising(look, 1.0)) for look in looks]) == 1
    assert started([turned(look, rising(look, -1.0)) for look in looks]) == 0
    parallel = []
    for look in looks:
        geometry = look.geometry.copy()
        geometry[0] = looks[0].geometry[0] + (1e3 if look.sensor_id == TWO[0] else 0.0)
        parallel.append(turned(dataclasses.replace(look, geometry=geometry), rising(look, 1.0)))
    assert started(parallel) == 0


def test_two_looks_at_one_instant_are_two_chains() -> None:
    look = looks_of(*TWO)[0]
    chains: list[Chain] = []
    extend_chains(chains, [look])
    extend_chains(chains, [dataclasses.replace(look, measurement_id="again")])
    assert [len(chain.looks) for chain in chains] == [1, 1]


def test_chains_forget_and_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(initiation, "_MOST_CHAINS", 5)
    monkeypatch.setattr(initiation, "_MOST_LOOKS", 3)
    look = looks_of(*TWO)[0]
    chains = [
        Chain(
            "a",
            [
                dataclasses.replace(look, seen_tai_ns=look.seen_tai_ns + k * SECOND_NS)
                for k in range(n)
            ],
        )
        for n in range(1, 9)
    ]
    forget(chains, look.seen_tai_ns + 8 * SECOND_NS)
    assert [len(chain.looks) for chain in chains] == [3] * 5
    assert chains[-1].looks[-1].seen_tai_ns == look.seen_tai_ns + 7 * SECOND_NS
    forget(chains, look.seen_tai_ns + round((initiation.CHAIN_S + 6.5) * SECOND_NS))
    assert [len(chain.looks) for chain in chains] == [1]
    forget(chains, look.seen_tai_ns + 60 * SECOND_NS)
    assert chains == []
