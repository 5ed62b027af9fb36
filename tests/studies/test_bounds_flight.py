"""How a flight answers to what is not known of it: against other integrators and plain physics."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from forewarn.formats.scenario import load_scenario
from forewarn.formats.vehicles import load_vehicles
from forewarn.frames import enu_axes, geodetic_from_ecef
from forewarn.missiles.environment import EARTH
from forewarn.missiles.many import fly_many
from forewarn.missiles.vehicle import FamilySpread, Glide, Vehicle
from forewarn.simulation.launches import flown_vehicle
from forewarn.studies.bounds_flight import (
    AZIMUTH,
    TIME,
    Ascent,
    Belief,
    slopes,
    unknowns_of,
)
from forewarn.studies.bounds_study import ascent_of

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
VEHICLES = load_vehicles(SCENARIOS / "vehicles" / "generic.yaml")


def ascent(vehicle_id: str = "medium_range_liquid", **changes: object) -> Ascent:
    """Return a flight from a place of no meaning."""
    still = Ascent(
        vehicle=VEHICLES[vehicle_id],
        latitude_rad=0.6,
        longitude_rad=2.0,
        height_m=100.0,
        azimuth_rad=1.2,
    )
    return replace(still, **changes)


def column(found: object, name: str) -> int:
    """Return where an unknown stands."""
    return found.names.index(name)


def test_the_ascent_of_a_launch_repeats_its_truth() -> None:
    """To the bit: bounds are taken about the flight that the scans were made of."""
    scenario = load_scenario(SCENARIOS / "overflight-2017-08-29.yaml")
    (launch,) = scenario.launches
    flown = flown_vehicle(launch, seed=3)
    again = ascent_of(launch, seed=3, environment=EARTH).flown()
    np.testing.assert_array_equal(again.position_ecef_m, flown.trajectory.position_ecef_m)
    assert flown.wander is not None


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("tip-over", lambda v, r: msgspec.structs.replace(v, kick_rad=v.kick_rad * r)),
        (
            "ballistic coefficient",
            lambda v, r: msgspec.structs.replace(
                v, ballistic_coefficient_kg_m2=v.ballistic_coefficient_kg_m2 * r
            ),
        ),
        (
            "thrust 1",
            lambda v, r: msgspec.structs.replace(
                v,
                stages=(
                    msgspec.structs.replace(
                        v.stages[0],
                        thrust_n=v.stages[0].thrust_n * r,
                        burn_s=v.stages[0].burn_s / r,
                    ),
                ),
            ),
        ),
    ],
)
def test_the_impact_answers_as_another_integrator_says(name: str, change: object) -> None:
    """Differences of flights in lanes, a program of its own, agree to 2 %."""
    middle = ascent()
    found = slopes(middle, np.array([10.0]))
    sigma = {u.name: u.sigma for u in unknowns_of(middle, Belief(), 100.0)}[name]
    h = 0.002
    pair = [change(middle.vehicle, math.exp(sign * h)) for sign in (1.0, -1.0)]
    lanes = fly_many(
        pair,
        latitude_rad=middle.latitude_rad,
        longitude_rad=middle.longitude_rad,
        height_m=middle.height_m,
        azimuth_rad=middle.azimuth_rad,
        tolerance_m=1e-3,
    )
    place = geodetic_from_ecef(lanes.end_position_ecef_m.mean(axis=0))
    east, north, _ = enu_axes(float(place[0]), float(place[1]))
    apart_m = lanes.end_position_ecef_m[0] - lanes.end_position_ecef_m[1]
    expected = sigma / (2.0 * h) * np.array([north @ apart_m, east @ apart_m])
    assert found.impact is not None
    size = np.linalg.norm(expected)
    np.testing.assert_allclose(found.impact[:2, column(found, name)], expected, atol=0.02 * size)


def test_a_later_launch_is_the_same_flight_later() -> None:
    """It lags by its speed, comes down where it did, as much later; the clock is all that moved."""
    middle = ascent()
    found = slopes(middle, np.array([60.0, 300.0]))
    sigma = Belief().time_s
    for state, time_s in zip(found.states, (60.0, 300.0), strict=True):
        _, velocity = middle.flown().state_ecef_at(time_s)
        np.testing.assert_allclose(state[:3, TIME], -sigma * velocity, rtol=1e-3)
    assert found.impact is not None
    np.testing.assert_allclose(found.impact[:2, TIME], 0.0, atol=0.02 * sigma * 1e3)
    assert found.impact[2, TIME] == pytest.approx(sigma, rel=1e-3)
    np.testing.assert_array_equal(found.launch[2, TIME], sigma)


def test_nothing_before_a_burn_out_says_when_it_comes() -> None:
    """A longer burn is at the cost of structure; the impact answers to it by thousands of km."""
    middle = ascent()
    burnout_s = middle.flown().burnout_s
    found = slopes(middle, np.array([0.5 * burnout_s, burnout_s - 1.0, burnout_s + 5.0]))
    longer = column(found, "burn time 1")
    np.testing.assert_allclose(found.states[:2, :, longer], 0.0, atol=1e-3)
    assert np.linalg.norm(found.states[2, 3:, longer]) > 100.0
    assert found.impact is not None
    assert np.linalg.norm(found.impact[:2, longer]) > 300e3
    assert found.burnout[longer] == pytest.approx(Belief().burn_fraction * burnout_s, rel=1e-3)
    more = column(found, "thrust 1")
    assert found.burnout[more] == pytest.approx(-Belief().thrust_fraction * burnout_s, rel=1e-3)
    assert found.burnout[TIME] == Belief().time_s


def test_half_the_steps_change_nothing() -> None:
    """All slopes but the smallest hold to 1 % of the flight's own spread."""
    times_s = np.array([20.0, 60.0, 100.0, 200.0, 400.0])
    whole = slopes(ascent(), times_s)
    half = slopes(ascent(), times_s, step_ratio=0.5)
    size = np.abs(whole.states).max(axis=2, keepdims=True)
    assert np.max(np.abs(whole.states - half.states) / size) < 0.002
    assert whole.impact is not None
    assert half.impact is not None
    far = np.abs(whole.impact).max(axis=1, keepdims=True)
    assert np.max(np.abs(whole.impact - half.impact) / far) < 0.002


def test_where_it_is_launched_moves_all_of_it() -> None:
    """A pad 1 km north moves the whole flight about as far, and turns it about itself."""
    found = slopes(ascent(), np.array([5.0, 60.0]))
    place_m = Belief().place_m
    lengths = np.linalg.norm(found.states[:, :3, :2], axis=1) / place_m
    np.testing.assert_allclose(lengths, 1.0, atol=0.02)
    np.testing.assert_allclose(found.launch[:2, :2], np.eye(2) * place_m)
    turned = found.states[1, :3, AZIMUTH]
    assert abs(turned @ ascent().flown().state_ecef_at(60.0)[1]) < 0.05 * np.linalg.norm(turned) * (
        np.linalg.norm(ascent().flown().state_ecef_at(60.0)[1])
    )


def test_the_thrusts_straying_is_the_walk_that_the_truth_is_drawn_from() -> None:
    """The spread of states under drawn walks is that of the slopes: 200 flights, to 15 %."""
    sigmas = 0.05, 0.02
    quiet = ascent(wander=np.zeros((300, 2)), stray_sigmas=sigmas)
    found = slopes(quiet, np.array([100.0]))
    strays = [i for i, name in enumerate(found.names) if "strays" in name]
    expected = np.linalg.norm(found.states[0][:, strays], axis=1)
    rng = np.random.default_rng(8)
    kept = math.exp(-2.0 / 15.0)
    drawn = rng.standard_normal((200, 300, 2))
    for i in range(1, 300):
        drawn[:, i] = kept * drawn[:, i - 1] + math.sqrt(1.0 - kept**2) * drawn[:, i]
    states = [
        np.concatenate(replace(quiet, wander=walk * sigmas).flown().state_ecef_at(100.0))
        for walk in drawn
    ]
    np.testing.assert_allclose(np.std(states, axis=0), expected, rtol=0.15)


def test_what_falls_later_answers_to_its_burn_out_alone() -> None:
    """A state in the fall follows from the one just after burn-out: rank 7 at most."""
    burnout_s = ascent().flown().burnout_s
    found = slopes(ascent(), burnout_s + np.array([2.0, 50.0, 100.0, 150.0, 200.0]))
    all_states = found.states.reshape(30, -1)
    sizes = np.linalg.svd(all_states / np.abs(all_states).max(), compute_uv=False)
    assert np.sum(sizes > 1e-9 * sizes[0]) <= 7


def test_a_gliders_and_a_failed_flights_slopes_are_there() -> None:
    """Both come down; the glider answers to its lift, the failed one not to a burn never flown."""
    glider = next(v for v in VEHICLES.values() if v.glide is not None)
    found = slopes(ascent(glider.vehicle_id, vehicle=glider), np.array([30.0]))
    assert "lift over drag" in found.names
    failed = slopes(ascent(fails_at_s=60.0), np.array([30.0, 90.0]))
    assert failed.impact is not None
    np.testing.assert_allclose(failed.impact[:, column(failed, "burn time 1")], 0.0, atol=1.0)
    assert np.linalg.norm(failed.impact[:2, column(failed, "drag area")]) > 0.0


def test_a_belief_widens_to_the_vehicles_own_spread() -> None:
    """The wider of the two counts, number by number; a glider's lift too."""
    vehicle: Vehicle = msgspec.structs.replace(
        VEHICLES["medium_range_liquid"],
        spread=FamilySpread(
            thrust_fraction=0.2, propellant_fraction=0.3, kick_fraction=0.1, lift_to_drag_fraction=1
        ),
        glide=Glide(
            lift_to_drag=2.0,
            ballistic_coefficient_kg_m2=5e3,
            start_height_m=60e3,
            end_height_m=20e3,
        ),
    )
    wide = Belief().of(vehicle)
    assert wide.thrust_fraction == 0.2
    assert wide.burn_fraction == 0.3
    assert wide.kick_fraction == Belief().kick_fraction
    assert wide.lift_to_drag_fraction == 1.0
    sigmas = {u.name: u.sigma for u in unknowns_of(ascent(vehicle=vehicle), wide, 10.0)}
    assert sigmas["thrust 1"] == 0.2
    assert sigmas["lift over drag"] == 1.0
