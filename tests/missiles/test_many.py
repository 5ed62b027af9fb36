"""Flights by the ten thousand: against an independent integration, alone and in company."""

from __future__ import annotations

import dataclasses
import math

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.flights import NOTIONAL, Launches, Truth, gravity_m_s2, launches, reference
from forewarn import earth, kernels
from forewarn.frames import ecef_from_geodetic
from forewarn.kernels import mass_flight
from forewarn.kernels.flight import height_m
from forewarn.missiles.environment import EARTH
from forewarn.missiles.flight import fly
from forewarn.missiles.many import (
    Boosters,
    Flights,
    Outcome,
    fall_many,
    fly_many,
)
from forewarn.missiles.vehicle import Glide
from tests.kernels.arcs import arc
from tests.kernels.equations import gravity
from tests.missiles.vehicles import ONE, SITE, TWO

Array = NDArray[np.float64]


def heights_m(positions: Array) -> Array:
    """Heights (n,) of positions (n, 3)."""
    return np.array([height_m(*p) for p in positions])


def same(a: Flights, b: Flights) -> bool:
    """The same bits in every field."""
    return all(
        np.array_equal(getattr(a, f.name), getattr(b, f.name), equal_nan=True)
        for f in dataclasses.fields(a)
    )


def taken(flown: Launches, rows: NDArray[np.int64]) -> Launches:
    """Some of the launches, in that order."""
    columns = {f.name: getattr(flown, f.name)[rows] for f in dataclasses.fields(flown)[1:]}
    fields = dataclasses.fields(flown.boosters)
    boosters = Boosters(*(getattr(flown.boosters, f.name)[rows] for f in fields))
    return Launches(boosters, **columns)


def missed_m(flights: Flights, i: int, truth: Truth, *, slack: float) -> float:
    """Distance [m] of the impact of flight i from the truth; all else within slack [m, ms]."""
    burnout = flights.burnout_position_ecef_m[i], flights.burnout_velocity_ecef_m_s[i]
    assert flights.outcome[i] == Outcome.DOWN
    assert flights.burnout_s[i] == pytest.approx(truth.burnout_s, abs=1e-9)
    assert burnout[0] == pytest.approx(truth.burnout[:3], abs=0.1 * slack)
    assert burnout[1] == pytest.approx(truth.burnout[3:], abs=1e-3 * slack)
    assert flights.space_up_s[i] == pytest.approx(truth.up_s, abs=1e-3 * slack)
    assert flights.apogee_height_m[i] == pytest.approx(truth.apogee_m, abs=slack)
    assert flights.apogee_s[i] == pytest.approx(truth.apogee_s, abs=1e-3 * slack)
    assert flights.space_down_s[i] == pytest.approx(truth.down_s, abs=1e-3 * slack)
    assert flights.end_s[i] == pytest.approx(truth.end_s, abs=2e-3 * slack)
    # Air takes up to 400 m/s of speed a second from the lightest of these payloads.
    speed_m_s = float(np.linalg.norm(truth.end[3:]))
    assert flights.end_speed_m_s[i] == pytest.approx(speed_m_s, abs=0.8 * slack)
    return float(np.linalg.norm(flights.end_position_ecef_m[i] - truth.end[:3]))


def test_whole_flights_land_within_a_metre_of_an_independent_integration() -> None:
    """Six dispersed flights of 10,000 km against DOP853 at 1e-12: impact, burn-out and events."""
    flown = launches(6, seed=3)
    flights = flown.fly()
    for i in range(6):
        assert missed_m(flights, i, reference(flown, i), slack=1.0) < 1.0


@pytest.mark.evidence
def test_many_whole_flights_land_within_a_metre_of_an_independent_integration() -> None:
    """Forty-eight of them, as in the benchmark."""
    flown = launches(48)
    flights = flown.fly()
    for i in range(48):
        assert missed_m(flights, i, reference(flown, i), slack=1.0) < 1.0


def test_a_finer_tolerance_converges_to_the_reference() -> None:
    """At 1e-3 m a step: 2 cm and 0.04 ms, all events; at 3 m: half a metre off, in half the steps.

    The latter on average: a single coarse flight may end near the truth by luck.
    """
    flown = launches(6, seed=11)
    site = {f.name: getattr(flown, f.name) for f in dataclasses.fields(flown)[1:]}
    fine = fly_many(flown.boosters, **site, tolerance_m=1e-3)
    coarse = fly_many(flown.boosters, **site, tolerance_m=3.0)
    off_m = []
    for i in range(6):
        truth = reference(flown, i)
        assert missed_m(fine, i, truth, slack=0.02) < 0.02
        off_m.append(np.linalg.norm(coarse.end_position_ecef_m[i] - truth.end[:3]))
    assert np.mean(off_m) > 0.5
    assert np.mean(coarse.step_count) < 0.5 * np.mean(fine.step_count)


def test_the_reference_has_the_gravity_of_the_potential() -> None:
    """Its closed forms against a complex-step derivative: 1e-12."""
    rng = np.random.default_rng(7)
    for p in rng.normal(size=(20, 3)):
        p *= 7e6 / np.linalg.norm(p)
        assert gravity_m_s2(p) == pytest.approx(gravity(p), rel=1e-12, abs=1e-12)


def test_the_same_bits_for_any_number_of_workers() -> None:
    """One, two and three threads over 100 flights, and one for each processor."""
    flown = launches(100)
    once = flown.fly()
    assert np.all(once.came_down)
    for workers in (2, 3):
        assert same(flown.fly(workers), once)
    site = {f.name: getattr(flown, f.name) for f in dataclasses.fields(flown)[1:]}
    assert same(fly_many(flown.boosters, **site, workers=None), once)


def test_the_same_bits_in_any_company() -> None:
    """Shuffled, and one alone."""
    flown = launches(70)
    once = flown.fly()
    order = np.random.default_rng(1).permutation(70)
    shuffled = taken(flown, order).fly()
    alone = taken(flown, np.array([33])).fly()
    for f in dataclasses.fields(once):
        values = getattr(once, f.name)
        assert np.array_equal(getattr(shuffled, f.name), values[order], equal_nan=True)
        assert np.array_equal(getattr(alone, f.name), values[33:34], equal_nan=True)


def test_the_warm_up_leaves_nothing_to_compile() -> None:
    """Flights add no signature to what `kernels.warmup` compiled."""
    kernels.warmup()
    launches(2).fly(2)
    fall_many(arc(500e3)[:3], arc(500e3)[3:])
    for function in (mass_flight.fly_lanes, mass_flight.stand):
        assert len(getattr(function, "signatures", [None])) == 1


@pytest.mark.parametrize("vehicle", [ONE, TWO], ids=["one", "two"])
def test_vehicles_fly_as_one_by_one(vehicle: msgspec.Struct) -> None:
    """Without air, where the drags of the two agree: burn-out of `flight.fly` within 3 m.

    That one integrates in steps of half a second and coasts without drag.
    """
    stages = tuple(msgspec.structs.replace(s, drag_area_m2=0.0) for s in vehicle.stages)
    bare = msgspec.structs.replace(vehicle, stages=stages)
    flown = fly(bare, **SITE)
    flights = fly_many([bare, bare], **SITE)
    position, velocity = flown.state_ecef_at(flown.burnout_s)
    for i in range(2):
        assert flights.burnout_s[i] == pytest.approx(flown.burnout_s, rel=1e-12)
        assert np.linalg.norm(flights.burnout_position_ecef_m[i] - position) < 3.0
        assert np.linalg.norm(flights.burnout_velocity_ecef_m_s[i] - velocity) < 0.05


def test_a_flight_ends_on_its_ground_and_crosses_100_km() -> None:
    """Heights at the end, and 100 km at the two times, found by falling from burn-out so long."""
    flown = launches(40)
    flights = flown.fly()
    assert heights_m(flights.end_position_ecef_m) == pytest.approx(flown.height_m, abs=1e-4)
    assert np.all(flights.space_up_s < flights.apogee_s)
    assert np.all(flights.apogee_s < flights.space_down_s)
    assert np.all(flights.space_down_s < flights.end_s)
    assert np.all(flights.end_flight_path_rad < 0.0)
    for i in range(0, 40, 8):
        for until_s, expected_m in (
            (flights.space_down_s[i], 100e3),
            (flights.apogee_s[i], flights.apogee_height_m[i]),
        ):
            stopped = fall_many(
                flights.burnout_position_ecef_m[i],
                flights.burnout_velocity_ecef_m_s[i],
                inverse_beta_m2_kg=flown.boosters.inverse_beta_m2_kg[i],
                longest_s=float(until_s - flights.burnout_s[i]),
                tolerance_m=1e-3,
            )
            assert stopped.outcome[0] == Outcome.STILL_UP
            assert heights_m(stopped.end_position_ecef_m)[0] == pytest.approx(expected_m, abs=0.5)


def zonal_energy(p: Array, v: Array, n: int, j: float) -> float:
    """Energy [J/kg] in the field of a sphere with one zonal coefficient (Vallado, section 8.6)."""
    r = float(np.linalg.norm(p))
    legendre = np.polynomial.Legendre.basis(n)(p[2] / r)
    u = earth.GRAVITATIONAL_PARAMETER_M3_S2 / r
    potential = u * (1.0 - j * (earth.SEMI_MAJOR_AXIS_M / r) ** n * legendre)
    return float(0.5 * v @ v - potential)


@pytest.mark.parametrize(("name", "n"), [("j2", 2), ("j3", 3), ("j4", 4)])
def test_each_zonal_coefficient_is_used_and_can_be_switched_off(name: str, n: int) -> None:
    """Exaggerated a hundredfold, energy is kept with it and lost without it."""
    j = 100.0 * getattr(earth, name.upper())
    still = msgspec.structs.replace(
        EARTH, j2=0.0, j3=0.0, j4=0.0, rotation_rate_rad_s=0.0, has_air=False
    )
    for world, coefficient in ((msgspec.structs.replace(still, **{name: j}), j), (still, 0.0)):
        x = arc(5_000e3)
        f = fall_many(x[:3], x[3:], environment=world, tolerance_m=1e-4)
        after = (f.end_position_ecef_m[0], f.end_velocity_ecef_m_s[0])
        scale = 0.5 * float(x[3:] @ x[3:])
        kept = zonal_energy(*after, n, coefficient) - zonal_energy(x[:3], x[3:], n, coefficient)
        other = j - coefficient
        lost = zonal_energy(*after, n, other) - zonal_energy(x[:3], x[3:], n, other)
        assert abs(kept) < 1e-10 * scale
        assert abs(lost) > 1e-6 * scale


def test_flattening_is_where_the_ground_is() -> None:
    """Dropped over a pole: down at the polar radius, or at the equatorial one of a sphere."""
    start = np.array((0.0, 0.0, 6_500e3))
    for flattening in (earth.FLATTENING, 0.0):
        world = msgspec.structs.replace(
            EARTH, semi_minor_axis_m=(1.0 - flattening) * EARTH.semi_major_axis_m, has_air=False
        )
        down = fall_many(start, np.array((0.0, 0.0, -1.0)), environment=world)
        expected = earth.SEMI_MAJOR_AXIS_M * (1.0 - flattening)
        assert down.end_position_ecef_m[0, 2] == pytest.approx(expected, abs=1e-4)


def test_without_air_nothing_is_lost_to_it() -> None:
    """Heavy and light payloads fall alike; in air the light one is slower and later."""
    x = arc(3_000e3)
    thin, light = (
        fall_many(
            np.tile(x[:3], (2, 1)),
            np.tile(x[3:], (2, 1)),
            inverse_beta_m2_kg=np.array((1e-4, 1e-3)),
            environment=msgspec.structs.replace(EARTH, has_air=air),
        )
        for air in (False, True)
    )
    assert thin.end_speed_m_s[0] == thin.end_speed_m_s[1]
    assert light.end_speed_m_s[1] < 0.5 * light.end_speed_m_s[0] < 0.5 * thin.end_speed_m_s[0]
    assert light.end_s[1] > light.end_s[0] > thin.end_s[0]


def test_without_air_thrust_is_that_of_a_vacuum() -> None:
    """The loss at sea level counts in air only, and there costs a vertical climb its speed."""
    world = msgspec.structs.replace(EARTH, has_air=False)
    first = msgspec.structs.replace(ONE.stages[0], sea_level_loss=0.0)
    lossless = msgspec.structs.replace(ONE, stages=(first,))
    still = fly_many([ONE, lossless], **SITE, environment=world)
    assert np.array_equal(still.burnout_velocity_ecef_m_s[0], still.burnout_velocity_ecef_m_s[1])
    upright = [msgspec.structs.replace(v, kick_rad=0.0) for v in (ONE, lossless)]
    aired = fly_many(upright, **SITE)
    speed = np.linalg.norm(aired.burnout_velocity_ecef_m_s, axis=1)
    assert speed[1] - speed[0] > 10.0


def one_flight(**changes: object) -> Flights:
    """`NOTIONAL` with changed fields, from `SITE`."""
    return fly_many([msgspec.structs.replace(NOTIONAL, **changes)], **SITE)


def test_how_flights_end_badly() -> None:
    """Each way has its outcome, the time and state it reached, and its reason in words."""
    weak = msgspec.structs.replace(NOTIONAL.stages[0], thrust_n=1e5)
    ended = {
        Outcome.FELL_WHILE_BURNING: one_flight(kick_rad=1.4),
        Outcome.STILL_UP: fly_many([NOTIONAL], **SITE, longest_s=300.0),
        Outcome.NOT_FINITE: one_flight(payload_kg=math.nan),
        Outcome.TOO_MANY_STEPS: fly_many([NOTIONAL], **SITE, tolerance_m=1e-11),
    }
    for outcome, flights in ended.items():
        assert flights.outcome[0] == outcome
        assert outcome.reason
        assert np.all(np.isfinite(flights.end_position_ecef_m))
        assert np.isfinite(flights.end_s[0])
        assert not flights.came_down[0]
    assert len({outcome.reason for outcome in Outcome}) == len(Outcome)
    assert ended[Outcome.STILL_UP].end_s[0] == 300.0
    assert 4.0 < ended[Outcome.FELL_WHILE_BURNING].end_s[0] < 60.0
    assert np.isnan(ended[Outcome.FELL_WHILE_BURNING].burnout_s[0])
    fallen = one_flight(stages=(weak, *NOTIONAL.stages[1:]))
    assert fallen.outcome[0] == Outcome.FELL_WHILE_BURNING
    assert fallen.end_s[0] < 1.0


@pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(Boosters)])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_no_number_flies_for_ever(field: str, value: float) -> None:
    """A vehicle with what is not a number among forty: it says so, the others do not notice."""
    flown = launches(40)
    healthy = flown.fly()
    values = getattr(flown.boosters, field).copy()
    values[7] = value
    sick = dataclasses.replace(
        flown, boosters=dataclasses.replace(flown.boosters, **{field: values})
    )
    flights = sick.fly()
    assert flights.outcome[7] == Outcome.NOT_FINITE
    others = np.arange(40) != 7
    assert np.array_equal(flights.end_position_ecef_m[others], healthy.end_position_ecef_m[others])


def test_numbers_that_overflow_on_the_way_end_the_flight() -> None:
    """A thrust beyond all bounds is not finite within a step; a start at the centre, too."""
    flown = launches(2)
    thrust = flown.boosters.thrust_acceleration_m_s2.copy()
    thrust[0] = 1e300
    wild = dataclasses.replace(flown.boosters, thrust_acceleration_m_s2=thrust)
    site = {f.name: getattr(flown, f.name) for f in dataclasses.fields(flown)[1:]}
    flights = fly_many(wild, **site)
    assert list(flights.outcome) == [Outcome.NOT_FINITE, Outcome.DOWN]
    centre = fall_many(np.zeros(3), np.zeros(3))
    assert centre.outcome[0] in {Outcome.NOT_FINITE, Outcome.DOWN}


def test_an_orbit_stays_up() -> None:
    """A polar circle 400 km over the equator, for two hours: 400 to 430 km over the flat Earth.

    The poles are 21 km lower, and J2 moves a circle by some kilometres.
    """
    x = np.array((6_778e3, 0.0, 0.0, 0.0, 0.0, math.sqrt(3.986e14 / 6_778e3)))
    x[3:] -= np.cross((0.0, 0.0, earth.ROTATION_RATE_RAD_S), x[:3])
    flights = fall_many(x[:3], x[3:], inverse_beta_m2_kg=1e-3)
    assert flights.outcome[0] == Outcome.STILL_UP
    assert flights.end_s[0] == 7_200.0
    assert heights_m(flights.end_position_ecef_m)[0] == pytest.approx(410e3, abs=25e3)


def test_a_low_arc_that_tops_out_just_above_100_km_crosses_it_twice() -> None:
    """Both crossings lie within one step round the apogee."""
    vertical = math.sqrt(2.0 * 9.5 * 10.0)  # 10 m from 99,999 m; g there is 9.5 m/s2
    start = ecef_from_geodetic(0.0, 0.0, 99_999.0)
    world = msgspec.structs.replace(EARTH, rotation_rate_rad_s=0.0, has_air=False)
    flights = fall_many(start, np.array((vertical, 0.0, 0.0)), environment=world)
    assert flights.apogee_height_m[0] == pytest.approx(100_009.0, abs=0.2)
    assert 0.0 < flights.space_up_s[0] < flights.apogee_s[0] < flights.space_down_s[0]
    rise_s = flights.apogee_s[0] - flights.space_up_s[0]
    fall_s = flights.space_down_s[0] - flights.apogee_s[0]
    assert rise_s == pytest.approx(fall_s, abs=1e-4)
    assert rise_s == pytest.approx(math.sqrt(2.0 * 9.0 / 9.5), abs=0.02)


def test_no_flights_are_no_flights() -> None:
    """An empty list comes back as empty arrays."""
    flights = fly_many([], **SITE, workers=4)
    assert len(flights) == 0
    assert flights.end_position_ecef_m.shape == (0, 3)


def test_arguments_that_do_not_fit_are_explained() -> None:
    """Shapes, tolerance, workers, longest time, number of stages: each error names its value."""
    with pytest.raises(ValueError, match=r"azimuth_rad has shape \(3,\).*\(2,\)"):
        fly_many([ONE, ONE], **{**SITE, "azimuth_rad": np.zeros(3)})
    with pytest.raises(ValueError, match="tolerance_m is 0"):
        fly_many([ONE], **SITE, tolerance_m=0.0)
    with pytest.raises(ValueError, match="workers is 0"):
        fly_many([ONE], **SITE, workers=0)
    with pytest.raises(ValueError, match="longest_s is inf"):
        fly_many([ONE], **SITE, longest_s=math.inf)
    four = msgspec.structs.replace(ONE, stages=ONE.stages * 4)
    with pytest.raises(ValueError, match="'one_stage': it has 4 stages"):
        fly_many([four], **SITE)


GLIDE = Glide(
    lift_to_drag=2.6,
    ballistic_coefficient_kg_m2=5e3,
    start_height_m=50e3,
    end_height_m=30e3,
)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"glide": GLIDE}, "glides"),
        ({"stages": (msgspec.structs.replace(ONE.stages[0], retrograde=True),)}, "brakes"),
        (
            {"stages": (msgspec.structs.replace(ONE.stages[0], coast_s=3.0),)},
            "has stages that wait",
        ),
    ],
)
def test_what_lanes_cannot_fly_is_refused(changes: dict[str, object], words: str) -> None:
    """By name, with what to do instead."""
    odd = msgspec.structs.replace(ONE, **changes)
    with pytest.raises(
        ValueError, match=f"'one_stage': it .*{words.removeprefix('it ')}.*flight.fly"
    ):
        fly_many([odd], **SITE)


def test_wind_is_refused() -> None:
    """Lanes do not feel it, and say so."""
    windy = msgspec.structs.replace(EARTH, wind=((0.0, 5.0, 0.0),))
    with pytest.raises(ValueError, match="1 rows of wind"):
        fly_many([ONE], **SITE, environment=windy)


def test_a_shroud_is_carried_to_the_end_of_its_burn() -> None:
    """Let go within the second burn: the first two stages carry it, the fall does not."""
    shrouded = msgspec.structs.replace(TWO, shroud_kg=100.0, shroud_jettison_s=1e9)
    bare, carried = (Boosters.of([v]).thrust_acceleration_m_s2[0] for v in (TWO, shrouded))
    assert carried[0] < bare[0]
    assert carried[1] < bare[1]
    early = msgspec.structs.replace(shrouded, shroud_jettison_s=TWO.stages[0].burn_s)
    dropped = Boosters.of([early]).thrust_acceleration_m_s2[0]
    assert dropped[0] == carried[0]
    assert dropped[1] == bare[1]
