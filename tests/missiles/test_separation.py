"""What comes off a vehicle: where it starts, how it is pushed, and that it falls by itself."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from forewarn.frames import geodetic_from_ecef, surface_distance_m
from forewarn.missiles.flight import fly
from forewarn.missiles.separation import (
    FRAGMENT_NORMALS,
    STAGE_NORMALS,
    Separated,
    fragment_length_m,
    fragments,
    shroud_halves,
    spent_stages,
)
from forewarn.missiles.trajectory import FlightEventKind, Trajectory
from forewarn.missiles.vehicle import Stage, Vehicle

PAD = {"latitude_rad": 0.7, "longitude_rad": 2.0, "height_m": 20.0, "azimuth_rad": 1.0}
FIRST = Stage(
    thrust_n=565e3,
    sea_level_loss=0.1,
    burn_s=110.0,
    propellant_kg=22_000.0,
    structure_kg=2_000.0,
    drag_area_m2=0.4,
    intensity_w_sr=5e5,
)
SECOND = msgspec.structs.replace(
    FIRST, thrust_n=150e3, burn_s=100.0, propellant_kg=5_400.0, structure_kg=600.0
)
TWO_STAGES = Vehicle(
    vehicle_id="two",
    vehicle_class="intermediate_range",
    stages=(FIRST, SECOND),
    payload_kg=800.0,
    ballistic_coefficient_kg_m2=5_000.0,
    radar_cross_section_m2=0.5,
    vertical_rise_s=8.0,
    kick_rad=math.radians(2.0),
    coast_s=2.0,
    source="for this test",
    shroud_kg=100.0,
    shroud_jettison_s=150.0,
)
NO_PUSH = np.zeros((2, STAGE_NORMALS))


@pytest.fixture(scope="module")
def flown() -> Trajectory:
    return fly(TWO_STAGES, **PAD)


def reach_m(body: Separated) -> float:
    latitude_rad, longitude_rad, _ = geodetic_from_ecef(body.trajectory.position_ecef_m[-1])
    return surface_distance_m(
        PAD["latitude_rad"], PAD["longitude_rad"], latitude_rad, longitude_rad
    )


def test_each_stage_starts_where_it_was_let_go(flown: Trajectory) -> None:
    """At burn-out, with the vehicle's place, a few metres a second slower; and it comes down."""
    stages = spent_stages(TWO_STAGES, flown, NO_PUSH, ground_m=20.0)
    assert [s.name for s in stages] == ["stage-1", "stage-2"]
    for index, stage in enumerate(stages):
        event = flown.first_event(FlightEventKind.SEPARATION, index)
        assert event is not None
        assert stage.starts_s == event.time_s
        assert np.allclose(stage.trajectory.position_ecef_m[0], event.position_ecef_m)
        push = stage.trajectory.velocity_ecef_m_s[0] - event.velocity_ecef_m_s
        assert push @ event.velocity_ecef_m_s / np.linalg.norm(event.velocity_ecef_m_s) == (
            pytest.approx(-3.0)
        )
        assert stage.trajectory.came_down
        assert not stage.trajectory.intensity_w_sr.any()
    assert stages[0].trajectory.radar_cross_section_m2 == 10.0


def test_the_first_stage_falls_short_of_the_second_and_both_of_the_payload(
    flown: Trajectory,
) -> None:
    """Slower and draggier comes down nearer to the pad."""
    first, second = spent_stages(TWO_STAGES, flown, NO_PUSH, ground_m=20.0)
    payload = reach_m(Separated("payload", 0.0, flown))
    assert 50e3 < reach_m(first) < reach_m(second) < payload


def test_the_drawn_push_is_the_push(flown: Trajectory) -> None:
    """One sigma is one metre a second on each axis, of the stage that the row is for."""
    drawn = np.array([[0.0, 0.0, 0.0], [0.5, -1.0, 2.0]])
    quiet = spent_stages(TWO_STAGES, flown, NO_PUSH, ground_m=20.0)
    pushed = spent_stages(TWO_STAGES, flown, drawn, ground_m=20.0)
    for index in (0, 1):
        difference = (
            pushed[index].trajectory.velocity_ecef_m_s[0]
            - quiet[index].trajectory.velocity_ecef_m_s[0]
        )
        assert difference == pytest.approx(drawn[index], abs=1e-9)


def test_a_shroud_parts_to_both_sides(flown: Trajectory) -> None:
    """At the stated time, ten metres a second from each other, across the flight."""
    left, right = shroud_halves(TWO_STAGES, flown, NO_PUSH, ground_m=20.0)
    assert left.starts_s == right.starts_s == pytest.approx(150.0)
    apart = left.trajectory.velocity_ecef_m_s[0] - right.trajectory.velocity_ecef_m_s[0]
    assert np.linalg.norm(apart) == pytest.approx(10.0)
    event = flown.first_event(FlightEventKind.SHROUD)
    assert event is not None
    assert apart @ event.velocity_ecef_m_s == pytest.approx(0.0, abs=1e-6)
    bare = msgspec.structs.replace(TWO_STAGES, shroud_kg=0.0)
    assert shroud_halves(bare, fly(bare, **PAD), NO_PUSH, ground_m=20.0) == ()


def test_only_what_fails_breaks_up(flown: Trajectory) -> None:
    """No failure, no fragments; a failure, as many as are drawn, from its place."""
    randomness = np.random.default_rng(3)
    normals = randomness.standard_normal((40, FRAGMENT_NORMALS))
    share = 1.0 - randomness.random(40)
    assert fragments(flown, normals, share, ground_m=20.0) == ()
    failed = fly(TWO_STAGES, **PAD, fails_at_s=170.0)
    pieces = fragments(failed, normals, share, ground_m=20.0)
    event = failed.first_event(FlightEventKind.FAILURE)
    assert event is not None
    assert len({piece.name for piece in pieces}) == len(pieces) == 40
    pushes = []
    for piece in pieces:
        assert piece.starts_s == pytest.approx(170.0)
        assert np.allclose(piece.trajectory.position_ecef_m[0], event.position_ecef_m)
        assert piece.trajectory.came_down
        pushes.append(piece.trajectory.velocity_ecef_m_s[0] - event.velocity_ecef_m_s)
    speeds = np.linalg.norm(pushes, axis=1)
    # Johnson and others, eq. 11, with log10(A/M) about -0.9: a median of 47 m/s, spread 2.6 times.
    assert 30.0 < np.median(speeds) < 75.0
    assert np.linalg.norm(np.mean(pushes, axis=0)) < 60.0, "to all sides"


def test_nothing_comes_off_that_was_not_let_go() -> None:
    """A vehicle that fails in its first stage has no spent stage to follow."""
    failed = fly(TWO_STAGES, **PAD, fails_at_s=60.0)
    assert spent_stages(TWO_STAGES, failed, NO_PUSH, ground_m=20.0) == ()


def test_lengths_of_fragments_follow_the_breakup_model() -> None:
    """The number longer than L falls as L^-1.6: three times as long is 5.8 times as rare."""
    lengths = fragment_length_m(np.linspace(0.5 / 20_000, 1.0 - 0.5 / 20_000, 20_000))
    assert lengths.min() >= 0.1
    assert lengths.max() <= 3.0
    longer = [np.count_nonzero(lengths > size) for size in (0.1, 0.3)]
    assert longer[0] / longer[1] == pytest.approx(3.0**1.6, rel=0.03)
