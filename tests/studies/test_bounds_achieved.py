"""What was said of a launch, held against the truth: each number worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from forewarn.epoch import SECOND_NS
from forewarn.records import (
    Assessment,
    GroundRegion,
    ImpactEstimate,
    LaunchEstimate,
    Realm,
    Track,
    TrackStatus,
)
from forewarn.simulation.truth_object import ObjectKind
from forewarn.studies.bounds_achieved import Said, at, said_of
from tests.studies.bounds_scene import simulated

TRUTH = simulated().truth.vehicles[0]
NOW = TRUTH.launch_tai_ns + 120 * SECOND_NS
DEGREE_M = math.radians(1.0) * 6.371e6
STATUS = TrackStatus.CONFIRMED


def track(*, off_m: tuple[float, ...] = (0.0, 0.0, 0.0), name: str = "T1", looks: int = 9) -> Track:
    """Return a track of the launch that is off by so much, with sigmas of 100 m and 10 m/s."""
    position, velocity, _ = TRUTH.states_ecef(np.array([NOW]))
    return Track(
        track_id=name,
        realm=Realm.SIMULATION,
        time_tai_ns=NOW,
        status=STATUS,
        position_ecef_m=tuple(position[0] + off_m),
        velocity_ecef_m_s=tuple(velocity[0] + [0.0, 20.0, 0.0]),
        covariance=tuple(map(tuple, np.diag([1e4] * 3 + [100.0] * 3).tolist())),
        boosting_probability=1.0,
        thrust_acceleration_m_s2=30.0,
        score=20.0,
        sensor_ids=(),
        last_seen_tai_ns=NOW,
        measurement_count=looks,
        input_ids=(),
    )


def region(place_rad: tuple[float, float], *, north_deg: float = 0.0) -> GroundRegion:
    """Return a region north of a place, sigma 30 km east and 60 km north."""
    return GroundRegion(
        latitude_rad=place_rad[0] + math.radians(north_deg),
        longitude_rad=place_rad[1],
        covariance_m2=((9e8, 0.0), (0.0, 36e8)),
    )


def square(place_rad: tuple[float, float], half_deg: float) -> tuple[tuple[float, float], ...]:
    """Return a square about a place."""
    half, (lat, lon) = math.radians(half_deg), place_rad
    return tuple((lat + a * half, lon + b * half) for a, b in ((1, 1), (1, -1), (-1, -1), (-1, 1)))


def assessment(*, name: str = "T1", north_deg: float = 1.0, half_deg: float = 2.0) -> Assessment:
    """Return an assessment whose launch and impact lie a degree north, 3 and 5 s late."""
    pad = TRUTH.latitude_rad, TRUTH.longitude_rad
    impact_rad = TRUTH.impact_rad
    assert impact_rad is not None
    return Assessment(
        assessment_id="A",
        realm=Realm.SIMULATION,
        track_id=name,
        time_tai_ns=NOW,
        last_evidence_tai_ns=NOW,
        status=STATUS,
        launch=LaunchEstimate(
            region=region(pad, north_deg=north_deg),
            time_tai_ns=TRUTH.launch_tai_ns + 3 * SECOND_NS,
            time_sigma_s=2.0,
            azimuth_rad=1.0,
            azimuth_sigma_rad=0.1,
            site=None,
            site_distance_m=None,
        ),
        impact=ImpactEstimate(
            region=region(impact_rad, north_deg=north_deg),
            time_tai_ns=TRUTH.end_tai_ns + 5 * SECOND_NS,
            time_sigma_s=2.0,
            cut_off_probability=0.5,
            no_impact_probability=0.0,
            polygon_rad=square(impact_rad, half_deg),
        ),
        class_probabilities={},
        areas=(),
        domains=(),
        physics=(),
        silent_sensor_ids=(),
        evidence=(),
        down=False,
        input_ids=(),
    )


def only(outputs: list[object]) -> list[Said]:
    """Return what was said of the launch."""
    return said_of(outputs, (TRUTH,))[TRUTH.launch_id]


def test_each_error_its_nees_and_whether_it_held() -> None:
    """A degree north is 111 km, 1.85 sigmas; 3 s are 1.5 sigmas, 5 s are 2.5."""
    (said,) = only([track(off_m=(200.0, 0.0, 0.0)), assessment()])
    assert said.confirmed
    found = said.misses
    assert found["launch_place_m"].error == pytest.approx(DEGREE_M, rel=1e-3)
    assert found["launch_place_m"].nees == pytest.approx((DEGREE_M / 60e3) ** 2 / 2, rel=1e-2)
    assert found["launch_place_m"].held  # 3.43 of 4.61
    assert found["launch_time_s"].error == pytest.approx(3.0)
    assert found["launch_time_s"].nees == pytest.approx(2.25)
    assert found["launch_time_s"].held  # 1.5 of 1.645 sigmas
    assert found["impact_time_s"].nees == pytest.approx(6.25)
    assert not found["impact_time_s"].held
    assert found["position_m"].error == pytest.approx(200.0)
    assert found["position_m"].nees == pytest.approx(4.0 / 3.0)
    assert found["velocity_m_s"].error == pytest.approx(20.0)
    assert found["velocity_m_s"].nees == pytest.approx(4.0 / 3.0)


def test_an_impact_is_held_by_its_polygon() -> None:
    """Not by its ellipse, which a corridor has none of."""
    (said,) = only([track(), assessment(half_deg=0.5, north_deg=5.0)])
    assert said.misses["impact_place_m"].held
    empty = assessment()
    assert empty.impact is not None
    aside = square((empty.impact.region.latitude_rad, empty.impact.region.longitude_rad), 0.5)
    impact = msgspec.structs.replace(empty.impact, polygon_rad=aside)
    (said,) = only([track(), msgspec.structs.replace(empty, impact=impact)])
    assert not said.misses["impact_place_m"].held


def test_what_was_not_said_is_not_measured() -> None:
    """No launch, no impact: the track alone."""
    bare = msgspec.structs.replace(assessment(), launch=None, impact=None)
    (said,) = only([track(), bare])
    assert set(said.misses) == {"position_m", "velocity_m_s"}


def test_a_covariance_without_inverse_is_never_honest() -> None:
    """It claims to know what it cannot: infinitely many sigmas off."""
    sure = msgspec.structs.replace(
        track(off_m=(1.0, 0.0, 0.0)), covariance=tuple((0.0,) * 6 for _ in range(6))
    )
    (said,) = only([sure, assessment()])
    assert math.isinf(said.misses["position_m"].nees)
    assert not said.misses["position_m"].held


def test_a_track_of_something_else_is_not_of_the_launch() -> None:
    """A thousand kilometres away it is of nothing; near a spent stage it is the stage's."""
    far = track(off_m=(1e6, 0.0, 0.0))
    assert only([far, assessment()]) == []
    part = replace(TRUTH, kind=ObjectKind.PART, part_name="stage 1")
    assert said_of([track(), assessment()], (part,)) == {}


def test_what_stands_is_the_newest_of_the_best_track() -> None:
    """Of two tracks the one with most looks; nothing older than ten seconds."""
    both = [
        track(),
        assessment(),
        track(name="T2", looks=12, off_m=(50.0, 0.0, 0.0)),
        assessment(name="T2"),
    ]
    said = only(both)
    assert at(said, NOW).track_id == "T2"
    assert at(said, NOW + 9 * SECOND_NS).track_id == "T2"
    assert at(said, NOW + 11 * SECOND_NS) is None
    assert at(said, NOW - 1) is None


def test_an_ended_track_says_nothing_more() -> None:
    """Its last assessment is of the past."""
    ended = msgspec.structs.replace(assessment(), status=TrackStatus.ENDED)
    assert only([track(), ended]) == []
