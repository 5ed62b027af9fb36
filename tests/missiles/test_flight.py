"""Whole flights: their book-keeping, an independent integration, and how they end badly."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from forewarn.frames import enu_axes, geodetic_from_ecef
from forewarn.kernels.flight import PRESSURE_SCALE_M, height_m
from forewarn.missiles.flight import BOOST_SPACING_S, COAST_SPACING_S, fly
from forewarn.missiles.trajectory import Trajectory
from forewarn.missiles.vehicle import Vehicle
from tests.kernels.equations import motion
from tests.missiles.vehicles import ONE, SITE, TWO

Array = NDArray[np.float64]


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


def reference(vehicle: Vehicle, x: Array, begun_s: float) -> Array:
    """The state at the end of the last burn, from one at ``begun_s``: DOP853 at 1e-12."""
    left_kg = vehicle.payload_kg + sum(s.propellant_kg + s.structure_kg for s in vehicle.stages)
    for index, stage in enumerate(vehicle.stages):
        flow = stage.propellant_kg / stage.burn_s
        start_kg = left_kg

        def powered(t: float, state: Array) -> Array:
            mass_kg = start_kg - flow * t  # noqa: B023  (called within the loop)
            height = float(geodetic_from_ecef(state[:3])[2])
            lost = stage.sea_level_loss * math.exp(-height / PRESSURE_SCALE_M)  # noqa: B023
            along = stage.thrust_n * (1.0 - lost) / mass_kg  # noqa: B023
            return motion(state, along, stage.drag_area_m2 / mass_kg)  # noqa: B023

        span = (begun_s, stage.burn_s)
        x = solve_ivp(powered, span, x, method="DOP853", rtol=1e-12, atol=1e-6).y[:, -1]
        begun_s = 0.0
        left_kg -= stage.propellant_kg + stage.structure_kg
        if index + 1 < len(vehicle.stages):
            x = solve_ivp(
                lambda _, state: motion(state, 0.0, 0.0),
                (0.0, vehicle.coast_s),
                x,
                method="DOP853",
                rtol=1e-12,
                atol=1e-6,
            ).y[:, -1]
    return x


@pytest.mark.parametrize("vehicle", [ONE, TWO], ids=["one", "two"])
def test_the_boost_is_that_of_an_independent_integration(vehicle: Vehicle) -> None:
    """From half a second after the tip-over to the end of the last burn: 2 m and 0.05 m/s.

    Masses are counted here in kilograms, stage by stage; the kernels count in fractions.
    """
    flown = fly(vehicle, **SITE)
    i = int(np.searchsorted(flown.times_s, vehicle.vertical_rise_s)) + 1
    start = np.concatenate((flown.position_ecef_m[i], flown.velocity_ecef_m_s[i]))
    x = reference(vehicle, start, float(flown.times_s[i]))
    position, velocity = flown.state_ecef_at(flown.burnout_s)
    assert np.linalg.norm(position - x[:3]) < 2.0
    assert np.linalg.norm(velocity - x[3:]) < 0.05


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


@pytest.mark.parametrize(
    "broken", [{"ballistic_coefficient_kg_m2": math.nan}, {"kick_rad": math.nan}]
)
def test_a_flight_that_is_not_a_number_is_refused(broken: dict[str, float]) -> None:
    """The message names the vehicle and says where to look."""
    with pytest.raises(ValueError, match=r"'one_stage'.*not finite; look for a zero or nan"):
        fly(msgspec.structs.replace(ONE, **broken), **SITE)


def test_the_same_flight_twice_is_the_same_to_the_bit() -> None:
    """Nothing random, nothing left over."""
    a, b = fly(TWO, **SITE), fly(TWO, **SITE)
    for name in ("times_s", "position_ecef_m", "velocity_ecef_m_s", "intensity_w_sr"):
        assert np.array_equal(getattr(a, name), getattr(b, name))
