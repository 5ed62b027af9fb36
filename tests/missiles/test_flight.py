"""Whole flights: their book-keeping, an independent integration, and how they end badly."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from forewarn.formats.vehicles import load_vehicles
from forewarn.frames import ecef_from_geodetic, enu_axes, geodetic_from_ecef
from forewarn.kernels.flight import height_m
from forewarn.missiles.environment import Environment, sphere
from forewarn.missiles.flight import BOOST_SPACING_S, COAST_SPACING_S, fall, fly, sketch
from forewarn.missiles.trajectory import FlightEventKind, FlightStatus, Trajectory
from forewarn.missiles.vehicle import Stage, Vehicle
from tests.missiles.reference import burn_out, impact
from tests.missiles.vehicles import ONE, SITE, TWO

Array = NDArray[np.float64]

GENERIC = Path(__file__).parents[2] / "scenarios" / "vehicles" / "generic.yaml"


def heights_m(flown: Trajectory) -> Array:
    """Heights (n,) of all states."""
    return np.array([height_m(*p) for p in flown.position_ecef_m])


@pytest.mark.parametrize("vehicle", [ONE, TWO], ids=["one", "two"])
def test_a_flight_is_a_row_of_states_from_ignition_to_the_ground(vehicle: Vehicle) -> None:
    """Times ascend, samples are as close as stated, the ends are at the site's height."""
    flown = fly(vehicle, **SITE)
    assert flown.came_down
    assert flown.times_s[0] == 0.0
    steps = np.diff(flown.times_s)
    assert np.all(steps > 0.0)
    burning = flown.times_s[1:] <= flown.burnout_s + 1e-9
    assert np.all(steps[burning] <= BOOST_SPACING_S + 1e-9)
    assert np.all(steps <= COAST_SPACING_S + 1e-9)
    assert heights_m(flown)[[0, -1]] == pytest.approx(SITE["height_m"], abs=0.2)
    latitude, longitude, _ = geodetic_from_ecef(flown.position_ecef_m[0])
    assert latitude == pytest.approx(SITE["latitude_rad"], abs=1e-9)
    assert longitude == pytest.approx(SITE["longitude_rad"], abs=1e-9)
    assert flown.radar_cross_section_m2 == vehicle.radar_cross_section_m2


def test_the_plume_burns_while_a_stage_does() -> None:
    """Stage by stage, dark between, dark after; the last burn ends at ``burnout_s``."""
    flown = fly(TWO, **SITE)
    first, second = (stage.burn_s for stage in TWO.stages)
    assert flown.burnout_s == pytest.approx(first + TWO.coast_s + second, rel=1e-12)
    t, bright = flown.times_s, flown.intensity_w_sr
    spans = (
        (t <= first, TWO.stages[0].intensity_w_sr),
        ((t > first + 1e-9) & (t <= first + TWO.coast_s), 0.0),
        ((t > first + TWO.coast_s + 1e-9) & (t <= flown.burnout_s), TWO.stages[1].intensity_w_sr),
        (t > flown.burnout_s + 1e-9, 0.0),
    )
    for during, intensity in spans:
        assert during.any()
        assert np.all(bright[during] == intensity)


def test_it_rises_vertically_and_tips_over_to_its_azimuth() -> None:
    """No drift until the tip-over; right after it the slant is the tip-over, at the azimuth."""
    flown = fly(ONE, **SITE)
    axes = enu_axes(SITE["latitude_rad"], SITE["longitude_rad"])
    up_at_8_s = int(np.searchsorted(flown.times_s, ONE.vertical_rise_s))
    east, north, up = axes @ flown.velocity_ecef_m_s[up_at_8_s]
    assert math.hypot(east, north) < 1e-6 * up
    east, north, up = axes @ flown.velocity_ecef_m_s[up_at_8_s + 1]
    assert math.atan2(east, north) == pytest.approx(SITE["azimuth_rad"], abs=0.01)
    # Gravity has turned it on for half a second, by g sin(slant) / v each second.
    wanted = ONE.kick_rad * (1.0 + 0.5 * 9.8 / up)
    assert math.atan2(math.hypot(east, north), up) == pytest.approx(wanted, rel=0.01)


THREE = load_vehicles(GENERIC)["intercontinental_solid"]


@pytest.mark.parametrize("vehicle", [ONE, TWO, THREE], ids=["one", "two", "three"])
def test_a_whole_flight_is_that_of_an_independent_integration(vehicle: Vehicle) -> None:
    """From the pad through all stages to the ground: 1 m and a millisecond at impact.

    Written apart: other code, another integrator (scipy's DOP853 at 1e-12).
    """
    flown = fly(vehicle, **SITE)
    ends_s, x = burn_out(vehicle, SITE)
    assert flown.burnout_s == pytest.approx(ends_s, rel=1e-12)
    position, velocity = flown.state_ecef_at(flown.burnout_s)
    assert np.linalg.norm(position - x[:3]) < 0.1
    assert np.linalg.norm(velocity - x[3:]) < 1e-3
    down_s, down = impact(vehicle, ends_s, x, SITE["height_m"])
    assert flown.times_s[-1] == pytest.approx(down_s, abs=1e-3)
    assert np.linalg.norm(flown.position_ecef_m[-1] - down[:3]) < 1.0


def test_a_heavier_stage_structure_costs_speed_as_the_rocket_equation_says() -> None:
    """Dead weight on the upper stage: the loss of speed is that of its mass ratio within 2 %."""
    heavy = msgspec.structs.replace(
        TWO, stages=(TWO.stages[0], msgspec.structs.replace(TWO.stages[1], structure_kg=800.0))
    )
    ve = TWO.stages[1].thrust_n * TWO.stages[1].burn_s / TWO.stages[1].propellant_kg
    first_ve = TWO.stages[0].thrust_n * TWO.stages[0].burn_s / TWO.stages[0].propellant_kg

    def ideal(vehicle: Vehicle) -> float:
        upper = vehicle.payload_kg + vehicle.stages[1].structure_kg
        full = upper + vehicle.stages[1].propellant_kg
        lower = full + vehicle.stages[0].structure_kg
        whole = lower + vehicle.stages[0].propellant_kg
        return ve * math.log(full / upper) + first_ve * math.log(whole / lower)

    speeds = []
    for vehicle in (TWO, heavy):
        flown = fly(vehicle, **SITE)
        speeds.append(float(np.linalg.norm(flown.state_ecef_at(flown.burnout_s)[1])))
    assert speeds[0] - speeds[1] == pytest.approx(ideal(TWO) - ideal(heavy), rel=0.05)


def strayed(*row: float) -> tuple[Trajectory, Trajectory]:
    """A flight whose thrust strays by one row all the way, and one that does not stray."""
    still, wander = np.zeros((1, 2)), np.array([row])
    return fly(TWO, **SITE, wander=wander), fly(TWO, **SITE, wander=still)


def test_not_to_stray_is_to_fly_as_ever() -> None:
    """Burnt in pieces of 2 s, of which each starts lighter: the same end of burn within 1 m."""
    _, still = strayed(0.0, 0.0)
    plain = fly(TWO, **SITE)
    for a, b in zip(
        plain.state_ecef_at(plain.burnout_s), still.state_ecef_at(still.burnout_s), strict=True
    ):
        assert np.linalg.norm(a - b) < 1.0
    assert still.burnout_s == pytest.approx(plain.burnout_s, rel=1e-12)


def test_straying_along_is_more_thrust() -> None:
    """One per cent more of it: one per cent of the ideal speed of what burns after the rise."""
    more, still = strayed(0.01, 0.0)
    gain = [np.linalg.norm(f.state_ecef_at(f.burnout_s)[1]) for f in (more, still)]
    ideal = 0.0
    left_kg = TWO.payload_kg + sum(s.propellant_kg + s.structure_kg for s in TWO.stages)
    for index, stage in enumerate(TWO.stages):
        burnt_s = TWO.vertical_rise_s if index == 0 else 0.0
        begun_kg = left_kg - stage.propellant_kg * burnt_s / stage.burn_s
        ve = stage.thrust_n * stage.burn_s / stage.propellant_kg
        ideal += ve * math.log(begun_kg / (left_kg - stage.propellant_kg))
        left_kg -= stage.propellant_kg + stage.structure_kg
    # Some of the gain goes into height instead of speed.
    assert gain[0] - gain[1] == pytest.approx(0.01 * ideal, rel=0.15)


def test_straying_upward_lofts() -> None:
    """The flight stays in its plane and goes higher."""
    lofted, still = strayed(0.0, 0.01)
    assert np.max(heights_m(lofted)) > 1.01 * np.max(heights_m(still))
    pole = np.cross(still.position_ecef_m[0], still.position_ecef_m[-1])
    aside_m = lofted.position_ecef_m[-1] @ pole / np.linalg.norm(pole)
    assert (
        abs(aside_m)
        < 0.05 * np.linalg.norm(lofted.position_ecef_m[-1] - still.position_ecef_m[-1]) + 5e3
    )


def test_a_strayed_flight_is_recorded_as_it_flies() -> None:
    """The change of velocity between samples explains the change of place: no hidden jumps."""
    wander = np.random.default_rng(4).normal(size=(150, 2)) * (0.05, 0.03)
    flown = fly(TWO, **SITE, wander=wander)
    h = np.diff(flown.times_s)[:, None]
    v = flown.velocity_ecef_m_s
    moved = np.diff(flown.position_ecef_m, axis=0)
    # Beside the trapezium: a stray lands at the end of a step, at most a0 2 s 0.2 = 30 m/s.
    misfit = np.linalg.norm(moved - 0.5 * h * (v[:-1] + v[1:]), axis=1)
    burning = flown.times_s[1:] <= flown.burnout_s
    assert np.all(misfit[burning] < 0.5 * 0.5 * 30.0)
    after = int(np.searchsorted(flown.times_s, flown.burnout_s))
    assert misfit[after] < 0.5  # and none is left over for the fall


def test_a_vehicle_that_cannot_lift_itself_is_refused() -> None:
    """The message names it, its thrust and mass, and what to do. At the limit it just flies."""
    weak = msgspec.structs.replace(
        ONE, stages=(msgspec.structs.replace(ONE.stages[0], thrust_n=320e3),)
    )
    with pytest.raises(ValueError, match=r"stage': stage 1 thrust 320000 N does not lift 29000 kg"):
        fly(weak, **SITE)
    lossless = msgspec.structs.replace(
        weak, stages=(msgspec.structs.replace(weak.stages[0], sea_level_loss=0.0),)
    )
    assert fly(lossless, **SITE).came_down


def test_a_vehicle_that_comes_down_burning_ends_there() -> None:
    """Tipped over by 60 degrees it flies into the ground: a short record, bright to its end."""
    flown = fly(msgspec.structs.replace(ONE, kick_rad=math.radians(60.0)), **SITE)
    assert flown.came_down
    assert flown.burnout_s == flown.times_s[-1] < ONE.stages[0].burn_s
    assert heights_m(flown)[-1] == pytest.approx(SITE["height_m"], abs=1.0)
    assert np.all(heights_m(flown)[:-1] > SITE["height_m"] - 1.0)
    assert np.all(flown.intensity_w_sr == ONE.stages[0].intensity_w_sr)


def test_a_vehicle_that_stays_up_has_not_come_down() -> None:
    """With a first stage of impossible speed it is up after 90 minutes, and says so."""
    fast = msgspec.structs.replace(
        TWO,
        stages=(TWO.stages[0], msgspec.structs.replace(TWO.stages[1], thrust_n=240e3)),
        kick_rad=0.01,
    )
    flown = fly(fast, **SITE)
    assert not flown.came_down
    assert flown.times_s[-1] == pytest.approx(flown.burnout_s + 5400.0, abs=COAST_SPACING_S)


def test_a_burn_that_nothing_feeds_is_refused() -> None:
    """A stage without propellant would burn for ever: the message names it and the rule."""
    dry = msgspec.structs.replace(
        TWO, stages=(TWO.stages[0], msgspec.structs.replace(TWO.stages[1], propellant_kg=0.0))
    )
    with pytest.raises(ValueError, match=r"stage 2 burns 0 kg in 130 s; both must be more than 0"):
        fly(dry, **SITE)


@pytest.mark.parametrize(
    ("broken", "reached_s"),
    [({"ballistic_coefficient_kg_m2": math.nan}, 158.0), ({"kick_rad": math.nan}, 8.0)],
)
def test_a_flight_that_is_not_a_number_says_so(broken: dict[str, float], reached_s: float) -> None:
    """It comes back as far as it got, every state of it finite, with what to look for."""
    flown = fly(msgspec.structs.replace(ONE, **broken), **SITE)
    assert flown.status is FlightStatus.NOT_FINITE
    assert "look for a zero or nan" in flown.reason
    assert not flown.came_down
    assert flown.times_s[-1] == pytest.approx(reached_s)
    assert np.isfinite(flown.position_ecef_m).all()
    assert np.isfinite(flown.velocity_ecef_m_s).all()


def test_a_flight_without_end_says_so() -> None:
    """Thrown with a drag area of square kilometres, or for centuries: a value, not an error."""
    start = fly(ONE, **SITE)
    position, velocity = start.state_ecef_at(start.burnout_s)
    feather = fall(
        position, velocity, ballistic_coefficient_kg_m2=1e-12, radar_cross_section_m2=1.0
    )
    assert feather.status in (FlightStatus.STEP_TOO_SMALL, FlightStatus.TOO_MANY_STEPS)
    circular = 7_700.0 * np.cross((0.0, 0.0, 1.0), position) / np.linalg.norm(position[:2])
    for_ever = fall(
        1.1 * position,
        circular,
        ballistic_coefficient_kg_m2=math.inf,
        radar_cross_section_m2=1.0,
        longest_fall_s=3e6,
    )
    assert for_ever.status is FlightStatus.RECORD_FULL
    assert "fly a shorter time" in for_ever.reason


def kinds(flown: Trajectory) -> list[tuple[str, int | None]]:
    """The events of a flight in words."""
    return [(event.kind.value, event.stage_index) for event in flown.events]


def test_events_come_in_their_order() -> None:
    """Two stages into space and back: each event of theirs once, in time, with its state."""
    flown = fly(TWO, **SITE)
    assert kinds(flown) == [
        ("ignition", 0),
        ("enters_space", None),
        ("burn_out", 0),
        ("separation", 0),
        ("ignition", 1),
        ("burn_out", 1),
        ("separation", 1),
        ("apogee", None),
        ("leaves_space", None),
        ("ground", None),
    ]
    times = [event.time_s for event in flown.events]
    assert times == sorted(times)
    for event in flown.events:
        assert event.time_s in flown.times_s  # exactly: each is a row of the record
        position, velocity = flown.state_ecef_at(event.time_s)
        if event.time_s > 0.0:
            assert np.linalg.norm(position - event.position_ecef_m) < 1e-6
            assert np.linalg.norm(velocity - event.velocity_ecef_m_s) < 1e-6


def test_events_are_where_they_say() -> None:
    """100 km up and down, no climb at the apogee, the ground: to a millimetre and a mm/s."""
    flown = fly(TWO, **SITE)
    for kind in (FlightEventKind.ENTERS_SPACE, FlightEventKind.LEAVES_SPACE):
        event = flown.first_event(kind)
        assert event is not None
        assert height_m(*event.position_ecef_m) == pytest.approx(100e3, abs=1e-3)
    ground = flown.first_event(FlightEventKind.GROUND)
    assert ground is not None
    assert height_m(*ground.position_ecef_m) == pytest.approx(SITE["height_m"], abs=1e-3)
    top = flown.first_event(FlightEventKind.APOGEE)
    assert top is not None
    step = 0.01 * top.velocity_ecef_m_s
    rate = height_m(*(top.position_ecef_m + step)) - height_m(*(top.position_ecef_m - step))
    assert abs(rate / 0.02) < 1e-3
    assert flown.first_event(FlightEventKind.IGNITION, 1) is not None
    assert flown.first_event(FlightEventKind.IGNITION, 2) is None
    assert flown.first_event(FlightEventKind.GLIDE_START) is None


@pytest.mark.parametrize("fails_at_s", [0.0, 5.0, 60.0, 121.0, 200.0])
def test_a_boost_that_fails_falls_in_one_piece(fails_at_s: float) -> None:
    """On the pad, in the rise, in each burn and between: bright until then, dark after, down."""
    flown = fly(TWO, **SITE, fails_at_s=fails_at_s)
    whole = fly(TWO, **SITE)
    assert flown.came_down
    assert flown.status is FlightStatus.COMPLETE
    failure = flown.first_event(FlightEventKind.FAILURE)
    assert failure is not None
    assert failure.time_s == pytest.approx(fails_at_s, abs=1e-9)
    assert flown.times_s[-1] < whole.times_s[-1]
    assert np.all(flown.intensity_w_sr[flown.times_s > fails_at_s + 1e-9] == 0.0)
    position, velocity = flown.state_ecef_at(fails_at_s)
    if fails_at_s > 0.0:
        assert np.linalg.norm(position - whole.state_ecef_at(fails_at_s)[0]) < 0.1
        assert flown.burnout_s == pytest.approx(
            min(fails_at_s, 120.0 if fails_at_s < 123.0 else 999)
        )
    # What falls is the rest of the stack: its mass over the drag area that it flew with.
    burnt_kg = sum(
        s.propellant_kg * min(max((fails_at_s - begun) / s.burn_s, 0.0), 1.0)
        for s, begun in zip(TWO.stages, (0.0, 123.0), strict=True)
    )
    first_gone = fails_at_s > 120.0
    stage = TWO.stages[1 if first_gone else 0]
    left_kg = TWO.lift_off_kg - burnt_kg - (TWO.stages[0].structure_kg if first_gone else 0.0)
    same = fall(
        position,
        velocity if fails_at_s > 0.0 else failure.velocity_ecef_m_s,
        ballistic_coefficient_kg_m2=left_kg / stage.drag_area_m2,
        radar_cross_section_m2=1.0,
        ground_m=SITE["height_m"],
    )
    assert np.linalg.norm(same.position_ecef_m[-1] - flown.position_ecef_m[-1]) < 1.0


def test_after_the_last_burn_nothing_is_left_to_fail() -> None:
    """The flight is the whole one, to the bit."""
    late, whole = fly(TWO, **SITE, fails_at_s=300.0), fly(TWO, **SITE)
    assert np.array_equal(late.position_ecef_m, whole.position_ecef_m)
    assert late.first_event(FlightEventKind.FAILURE) is None


def test_a_shroud_is_dead_weight_until_it_is_shed() -> None:
    """Carried for longer it costs more speed; its event stands at its time, within the burn."""
    speeds = []
    for shed_s in (130.0, 240.0):
        shrouded = msgspec.structs.replace(TWO, shroud_kg=150.0, shroud_jettison_s=shed_s)
        flown = fly(shrouded, **SITE)
        event = flown.first_event(FlightEventKind.SHROUD)
        assert event is not None
        assert event.time_s == pytest.approx(shed_s, abs=1e-9)
        speeds.append(float(np.linalg.norm(flown.state_ecef_at(flown.burnout_s)[1])))
    bare = fly(TWO, **SITE)
    speeds.append(float(np.linalg.norm(bare.state_ecef_at(bare.burnout_s)[1])))
    assert speeds[1] < speeds[0] - 50.0 < speeds[2] - 50.0


def test_a_braking_burn_takes_what_the_rocket_equation_says() -> None:
    """Above the air, short: the speed falls by the exhaust velocity times the mass ratio's log."""
    brake = Stage(
        thrust_n=20e3,
        sea_level_loss=0.0,
        burn_s=10.0,
        propellant_kg=70.0,
        structure_kg=0.0,
        drag_area_m2=0.3,
        intensity_w_sr=1e4,
        coast_s=100.0,
        retrograde=True,
    )
    flown = fly(msgspec.structs.replace(TWO, stages=(*TWO.stages, brake)), **SITE)
    begun, ended = (
        flown.first_event(kind, 2) for kind in (FlightEventKind.IGNITION, FlightEventKind.BURN_OUT)
    )
    assert begun is not None
    assert ended is not None
    whole = fly(TWO, **SITE)
    lost = np.linalg.norm(whole.state_ecef_at(ended.time_s)[1]) - np.linalg.norm(
        ended.velocity_ecef_m_s
    )
    full_kg = TWO.payload_kg + 70.0
    # 70 kg more on board cost the boost a little; compare what is lost across the burn alone.
    across = np.linalg.norm(begun.velocity_ecef_m_s) - np.linalg.norm(ended.velocity_ecef_m_s)
    coast = np.linalg.norm(whole.state_ecef_at(begun.time_s)[1]) - np.linalg.norm(
        whole.state_ecef_at(ended.time_s)[1]
    )
    ideal = brake.exhaust_velocity_m_s * math.log(full_kg / TWO.payload_kg)
    assert across - coast == pytest.approx(ideal, rel=0.02)
    assert lost > ideal


def test_wind_carries_what_falls_slowly() -> None:
    """A body of low ballistic coefficient drifts with the wind: about its speed times the fall."""
    position = ecef_from_geodetic(0.5, 1.0, 10e3)
    axes = enu_axes(0.5, 1.0)
    fallen = []
    for wind in ((), ((0.0, 20.0, -10.0), (20e3, 20.0, -10.0))):
        down = fall(
            position,
            -50.0 * axes[2],
            ballistic_coefficient_kg_m2=20.0,
            radar_cross_section_m2=1.0,
            environment=Environment(wind=wind),
        )
        fallen.append(down)
    still, blown = fallen
    east, north, _ = axes @ (blown.position_ecef_m[-1] - still.position_ecef_m[-1])
    time_s = float(blown.times_s[-1])
    assert east == pytest.approx(20.0 * time_s, rel=0.05)
    assert north == pytest.approx(-10.0 * time_s, rel=0.05)


def test_wind_shears_with_height() -> None:
    """Linear between its rows: half the wind on average carries half as far."""
    position = ecef_from_geodetic(0.5, 1.0, 10e3)
    axes = enu_axes(0.5, 1.0)
    drifts = []
    for low, high in ((20.0, 20.0), (20.0, 0.0), (0.0, 20.0)):
        down = fall(
            position,
            -20.0 * axes[2],
            ballistic_coefficient_kg_m2=20.0,
            radar_cross_section_m2=1.0,
            environment=Environment(wind=((0.0, low, 0.0), (10e3, high, 0.0))),
        )
        drifts.append(float((axes @ (down.position_ecef_m[-1] - position))[0]))
    still = fall(
        position, -20.0 * axes[2], ballistic_coefficient_kg_m2=20.0, radar_cross_section_m2=1.0
    )
    base = float((axes @ (still.position_ecef_m[-1] - position))[0])
    full, falling, rising = (d - base for d in drifts)
    assert falling + rising == pytest.approx(full, rel=0.01)  # drift is linear in a weak wind
    assert 0.3 * full < rising < falling < 0.7 * full  # it falls faster high up


def test_what_is_off_is_off() -> None:
    """Without air a feather falls as a stone does; on a ball that stands still, straight down."""
    position = ecef_from_geodetic(0.5, 1.0, 300e3)
    axes = enu_axes(0.5, 1.0)
    airless = Environment(has_air=False)
    ends = [
        fall(
            position,
            100.0 * axes[2],
            ballistic_coefficient_kg_m2=beta,
            radar_cross_section_m2=1.0,
            environment=airless,
        ).position_ecef_m[-1]
        for beta in (10.0, 1e5)
    ]
    assert np.array_equal(ends[0], ends[1])
    ball = sphere(radius_m=6.371e6, gravitational_parameter_m3_s2=3.986004e14)
    up = np.array((0.6, 0.0, 0.8))
    still = fall(
        6.671e6 * up,
        100.0 * up,
        ballistic_coefficient_kg_m2=math.inf,
        radar_cross_section_m2=1.0,
        environment=ball,
    )
    end = still.position_ecef_m[-1]
    assert np.linalg.norm(end) == pytest.approx(6.371e6, abs=1e-3)
    assert np.linalg.norm(end - 6.371e6 * up) < 1e-3


def test_a_sketch_is_the_flight_without_its_states() -> None:
    """The same events within 50 m, far fewer rows."""
    rough, fine = sketch(TWO, **SITE), fly(TWO, **SITE)
    assert kinds(rough) == kinds(fine)
    assert len(rough.times_s) < 20 < len(fine.times_s)
    for a, b in zip(rough.events, fine.events, strict=True):
        assert a.time_s == pytest.approx(b.time_s, abs=0.02)
        assert np.linalg.norm(a.position_ecef_m - b.position_ecef_m) < 50.0 + abs(
            a.time_s - b.time_s
        ) * np.linalg.norm(b.velocity_ecef_m_s)


def test_the_same_flight_twice_is_the_same_to_the_bit() -> None:
    """Nothing random, nothing left over."""
    a, b = fly(TWO, **SITE), fly(TWO, **SITE)
    for name in ("times_s", "position_ecef_m", "velocity_ecef_m_s", "intensity_w_sr"):
        assert np.array_equal(getattr(a, name), getattr(b, name))
