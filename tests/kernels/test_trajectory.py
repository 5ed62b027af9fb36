"""The recording integrator: its forces, its order, its events, and how it fails."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from forewarn.kernels import flight as old
from forewarn.kernels import trajectory as kernel
from forewarn.kernels.air import PRESSURE_SCALE_M, density_kg_m3, speed_of_sound_m_s
from forewarn.kernels.drag import drag_factor
from forewarn.missiles.environment import EARTH, Environment
from tests.kernels.arcs import arc
from tests.kernels.equations import motion

Array = NDArray[np.float64]

NO_AIR = Environment(has_air=False)


def a_flight(
    *phases: dict[int, float], environment: Environment = EARTH, tolerance: float = 1e-10
) -> kernel.Flight:
    """Phases of 1,000 kg by their columns, each until its END, recorded every 2 s."""
    table = np.zeros((len(phases), kernel.PHASE_COLUMNS))
    table[:, kernel.SPACING], table[:, kernel.STOP], table[:, kernel.MASS] = 2.0, -math.inf, 1e3
    for row, columns in zip(table, phases, strict=True):
        for column, value in columns.items():
            row[column] = value
    return kernel.Flight(
        phases=table,
        earth=environment.earth_row(),
        wind=environment.wind_rows(),
        wander=np.zeros((0, 2)),
        axes=np.eye(3)[:2].copy(),
        ground_m=0.0,
        tolerance=tolerance,
        rows=np.zeros((4_000, 8)),
        events=np.zeros((20, kernel.EVENT_COLUMNS)),
    )


def fly(x: Array, flight: kernel.Flight) -> tuple[int, int, int]:
    """With a fresh work space."""
    return kernel.fly(x, flight, kernel.work_space())


def slope(x: Array, flight: kernel.Flight, t: float = 0.0) -> Array:
    """d(x)/dt of the first phase."""
    out = np.empty(6)
    kernel.motion(t, x, flight.phases[0], flight, out)
    return out


def test_without_engine_and_air_it_is_the_free_motion() -> None:
    """Against the potential's gradient by complex steps, written apart."""
    x = np.array((3e6, -4e6, 5e6, -1200.0, 3400.0, 2500.0))
    assert slope(x, a_flight({}, environment=NO_AIR)) == pytest.approx(
        motion(x, 0.0, 0.0), rel=1e-13, abs=1e-13
    )


@pytest.mark.parametrize("speed_m_s", [150.0, 400.0, 1_500.0, 4_000.0])
def test_drag_follows_the_mach_number(speed_m_s: float) -> None:
    """Below, at and above the speed of sound: 1/2 rho v2 S f(Mach) / m against the velocity."""
    x = arc(3e6, height_m=12e3)
    x[3:] *= speed_m_s / np.linalg.norm(x[3:])
    height = old.height_m(x[0], x[1], x[2])
    mach = speed_m_s / speed_of_sound_m_s(height)
    drag = 0.5 * density_kg_m3(height) * speed_m_s**2 * 0.4 / 1e3 * drag_factor(mach)
    wanted = motion(x, -drag, 0.0)
    assert slope(x, a_flight({kernel.AREA: 0.4})) == pytest.approx(wanted, rel=1e-9)


def test_thrust_follows_the_velocity_and_loses_to_pressure() -> None:
    """F (1 - loss exp(-h/H)) over the mass that is left; braking is the same backward."""
    x = arc(3e6, height_m=5e3)
    burn = {kernel.THRUST: 40e3, kernel.LOSS: 0.1, kernel.FLOW: 10.0, kernel.BEGAN: 3.0}
    height = old.height_m(x[0], x[1], x[2])
    for steering, sign in ((kernel.FORWARD, 1.0), (kernel.BACKWARD, -1.0)):
        along = sign * 40e3 * (1.0 - 0.1 * math.exp(-height / PRESSURE_SCALE_M)) / (1e3 - 70.0)
        flight = a_flight(burn | {kernel.STEERING: steering}, environment=NO_AIR)
        assert slope(x, flight, 10.0) == pytest.approx(motion(x, along, 0.0), rel=1e-9)


def test_lift_stands_on_the_velocity_in_its_vertical_plane() -> None:
    """L/D times the drag, across the velocity, upward; without lift only drag is left."""
    x = arc(3e6, height_m=40e3, flight_path_rad=-0.02)
    bare = slope(x, a_flight({kernel.AREA: 0.1}))
    free = slope(x, a_flight({kernel.AREA: 0.0}))
    lifted = slope(x, a_flight({kernel.AREA: 0.1, kernel.LIFT: 2.6}))
    drag, lift = (bare - free)[3:], (lifted - bare)[3:]
    assert np.linalg.norm(lift) == pytest.approx(2.6 * np.linalg.norm(drag), rel=1e-9)
    speed = float(np.linalg.norm(x[3:]))
    assert lift @ x[3:] == pytest.approx(0.0, abs=1e-9 * speed)
    assert lift @ np.cross(x[:3], x[3:]) == pytest.approx(0.0, abs=1e-3)
    assert lift @ x[:3] > 0.0


def test_a_vertical_rise_is_held() -> None:
    """What is not along the pad's up is taken away."""
    x = np.array((6.4e6, 0.0, 0.0, 50.0, 0.0, 0.0))
    held = slope(x, a_flight({kernel.STEERING: kernel.HELD_UP, kernel.THRUST: 30e3}))
    assert held[3] > 0.0
    assert held[4:].tolist() == [0.0, 0.0]


def test_heights_and_climbs_are_those_of_wgs_84() -> None:
    """The same as of the older kernels, which are tested against the geodetic height."""
    for x in (arc(1e6), arc(8e6, height_m=20e3)):
        row = EARTH.earth_row()
        assert kernel.height_over_m(x, row) == pytest.approx(old.height_m(*x[:3]), abs=1e-6)
        assert kernel.climb_m_s(x, row) == pytest.approx(-old.sink_m_s(x), rel=1e-12)


def test_the_record_is_the_solution_at_its_times() -> None:
    """Every sample of an arc and re-entry within 5 cm of scipy's DOP853 at 1e-12."""
    x = arc(2e6)
    flight = a_flight({kernel.END: 3e3, kernel.AREA: 0.2}, tolerance=5e-10)
    start = x.copy()
    status, rows, _ = fly(x, flight)
    assert status == kernel.DOWN
    times = flight.rows[:rows, 0]
    exact = solve_ivp(
        lambda _, state: slope(state, flight),
        (0.0, float(times[-1])),
        start,
        method="DOP853",
        rtol=1e-12,
        atol=1e-9,
        t_eval=times,
    ).y.T
    assert np.max(np.linalg.norm(flight.rows[:rows, 1:4] - exact[:, :3], axis=1)) < 0.05
    assert np.max(np.linalg.norm(flight.rows[:rows, 4:7] - exact[:, 3:], axis=1)) < 0.02


def test_a_tighter_tolerance_is_a_smaller_error() -> None:
    """A hundred times tighter: at least twenty times nearer."""
    ends = []
    for tolerance in (1e-6, 1e-8, 1e-12):
        x = arc(5e6)
        fly(x, a_flight({kernel.END: 4e3, kernel.AREA: 0.2}, tolerance=tolerance))
        ends.append(x)
    loose, tight = (float(np.linalg.norm(end[:3] - ends[2][:3])) for end in ends[:2])
    assert loose < 100.0
    assert tight < loose / 20.0


def test_samples_are_even_and_events_stand_between() -> None:
    """Whole multiples of the spacing, but for events, whose rows carry their exact time."""
    x = arc(2e6)
    flight = a_flight({kernel.END: 3e3, kernel.AREA: 0.2})
    _, rows, events = fly(x, flight)
    times, extra = flight.rows[:rows, 0], flight.events[:events, 2]
    even = times[~np.isin(times, extra)]
    assert even == pytest.approx(2.0 * np.arange(len(even)), abs=1e-9)
    assert np.all(np.isin(extra, times))
    assert np.all(np.diff(times) > 0.0)


def test_a_step_that_jumps_over_the_line_still_sees_it() -> None:
    """An arc that pokes 200 m out of 100 km for seconds, in steps of minutes: up, top, down."""
    x = np.zeros(6)
    x[0], x[3], x[4] = 6_378_137.0 + 99e3, 0.0, 3e3
    x[3] = math.sqrt(2.0 * 8.0 * 1.2e3)
    flight = a_flight({kernel.END: 60.0}, environment=NO_AIR, tolerance=1e-6)
    fly(x, flight)
    seen = [int(kind) for kind in flight.events[:4, 0]]
    assert seen[:3] == [kernel.RISES_THROUGH, kernel.APOGEE, kernel.FALLS_THROUGH]


def test_a_phase_ends_where_it_sinks_through_its_height() -> None:
    """At the height on the way down, not on the way up; one that begins below ends at once."""
    x = arc(2e6, height_m=10e3)
    until = {kernel.END: 3e3, kernel.STOP: 60e3}
    flight = a_flight(until, until, {kernel.END: 3e3})
    status, _, events = fly(x, flight)
    assert status == kernel.DOWN
    ends = flight.events[:events][flight.events[:events, 0] == kernel.PHASE_END]
    assert len(ends) == 2
    assert kernel.height_over_m(ends[0, 3:], flight.earth) == pytest.approx(60e3, abs=1e-3)
    assert ends[1, 2] == pytest.approx(ends[0, 2], abs=1e-6)


def test_wander_bends_the_thrust_above_its_speed() -> None:
    """A share of the vacuum thrust, full from twice 200 m/s, none below once."""
    for speed, share in ((150.0, 0.0), (300.0, 0.5), (900.0, 1.0)):
        x = arc(3e6, height_m=30e3)
        x[3:] *= speed / np.linalg.norm(x[3:])
        still = a_flight({kernel.THRUST: 40e3}, environment=NO_AIR)
        bent = a_flight(
            {kernel.THRUST: 40e3, kernel.ALONG: 0.1, kernel.UPWARD: 0.02}, environment=NO_AIR
        )
        change = (slope(x, bent) - slope(x, still))[3:]
        along = change @ x[3:] / speed
        assert along == pytest.approx(share * 0.1 * 40.0, abs=1e-9)
        assert np.linalg.norm(change) == pytest.approx(share * 40.0 * math.hypot(0.1, 0.02))


def test_each_row_of_the_wander_holds_for_its_two_seconds() -> None:
    """Five rows: the speed gained is their sum times two seconds of thrust; the last holds on."""
    gains = np.array((0.1, -0.2, 0.3, 0.0, 0.05))
    speeds = []
    for rows in (np.zeros((1, 2)), np.stack((gains, np.zeros(5)), axis=1)):
        x = np.array((7e6, 0.0, 0.0, 0.0, 5e3, 0.0))
        flight = a_flight({kernel.END: 14.0, kernel.THRUST: 20e3}, environment=NO_AIR)
        fly(x, flight._replace(wander=rows))
        speeds.append(float(np.linalg.norm(x[3:])))
    wanted = 2.0 * 20.0 * (gains.sum() + 2.0 * gains[-1])
    assert speeds[1] - speeds[0] == pytest.approx(wanted, rel=0.01)


def test_failures_are_values() -> None:
    """Not a number, no small step, too many events: each a status, states finite."""
    x = arc(2e6)
    x[4] = math.nan
    assert fly(x, a_flight({kernel.END: 10.0}))[0] == kernel.NOT_FINITE
    x = arc(2e6, height_m=20e3)
    flight = a_flight({kernel.END: 100.0, kernel.AREA: 1e16})
    status, rows, _ = fly(x, flight)
    assert status in (kernel.STEP_TOO_SMALL, kernel.TOO_MANY_STEPS)
    assert np.isfinite(flight.rows[:rows]).all()
    flight = a_flight({kernel.END: 10.0})._replace(rows=np.zeros((3, 8)))
    assert fly(arc(2e6), flight) == (kernel.RECORD_FULL, 3, 1)
