"""Flight against published numbers and against an independent integration of the equations."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from forewarn import earth
from forewarn.frames import ecef_from_geodetic, enu_axes
from forewarn.kernels import flight
from forewarn.kernels.measure import tangent_axes
from tests.kernels.arcs import arc
from tests.kernels.equations import jacobi, motion

Array = NDArray[np.float64]

HERE = Path(__file__).parent


def acceleration(x: Array) -> Array:
    """The kernel's, without thrust and air."""
    out = np.empty(3)
    flight.acceleration(x, 0.0, 0.0, out)
    return out


@pytest.mark.parametrize(
    "place", [(7e6, 0, 0), (3e6, -4e6, 5e6), (1e3, 2e3, -6.6e6), (0, 9e6, 1e5)]
)
def test_the_acceleration_is_that_of_the_potential(place: tuple[float, float, float]) -> None:
    """At speed too, where the turning frame adds its terms."""
    x = np.array((*place, -1200.0, 3400.0, 2500.0), dtype=np.float64)
    assert acceleration(x) == pytest.approx(motion(x, 0.0, 0.0)[3:], rel=1e-13, abs=1e-13)


def test_the_weight_on_the_ellipsoid_is_normal_gravity() -> None:
    """NGA.STND.0036, table 3.6: 9.7803253359 m/s2 at the equator, 9.8321849378 at the poles.

    Normal gravity is that of an ellipsoid; the field's own J4 differs from it by 0.75e-6 (1.4e-5
    m/s2 at the equator, 3.7e-5 at the poles), and J3, which the ellipsoid lacks, by 1.0e-4 m/s2
    with opposite signs at the two poles.
    """
    a, b = earth.SEMI_MAJOR_AXIS_M, earth.SEMI_MINOR_AXIS_M
    equator, north, south = (
        float(np.linalg.norm(acceleration(np.array((*p, 0.0, 0.0, 0.0)))))
        for p in ((a, 0.0, 0.0), (0.0, 0.0, b), (0.0, 0.0, -b))
    )
    assert equator == pytest.approx(9.780_325_335_9, abs=2e-5)
    assert 0.5 * (north + south) == pytest.approx(9.832_184_937_8, abs=5e-5)
    assert north == pytest.approx(9.832_184_937_8, abs=1.5e-4)
    assert south == pytest.approx(9.832_184_937_8, abs=1.5e-4)


def test_height_is_that_of_wgs_84() -> None:
    """The height along the radius is within 2 m of the geodetic one below 200 km."""
    for latitude in np.linspace(-math.pi / 2.0, math.pi / 2.0, 37):
        for height_m in (-100.0, 0.0, 5e3, 80e3, 200e3):
            p = ecef_from_geodetic(float(latitude), 1.1, height_m)
            assert flight.height_m(p[0], p[1], p[2]) == pytest.approx(height_m, abs=2.0)


def test_sinking_is_the_derivative_of_height() -> None:
    """Against a central difference, in a flight that crosses latitudes."""
    x = arc(6e6, height_m=50e3)
    before, after = x[:3] - 0.5 * x[3:], x[:3] + 0.5 * x[3:]
    rate = flight.height_m(*after) - flight.height_m(*before)
    assert flight.sink_m_s(x) == pytest.approx(-rate, abs=1e-3)


def test_the_energy_of_the_turning_frame_is_kept() -> None:
    """Without air, over 10,000 km: to 1e-9 in steps of 10 s.

    The fall's own steps of 40 s keep it to 5e-9, which is 0.03 m/s of 7 km/s.
    """
    x, work = arc(10e6), np.empty((7, 6))
    begun = jacobi(x)
    own = x.copy()
    assert flight.fall(own, 0.0, 100e3, 5400.0, work) > 1500.0
    assert jacobi(own) == pytest.approx(begun, rel=5e-9)
    for _ in range(150):
        flight.coast_step(x, 0.0, 10.0, work)
    assert jacobi(x) == pytest.approx(begun, rel=1e-9)


# Range [km], apogee [km] and time [s] of the flight of least energy over a sphere of 6,371 km with
# mu = 398,600.44 km3/s2 that does not turn: closed forms of Bate, Mueller and White, Fundamentals
# of Astrodynamics, 1971, eq. 6.2-18 and 6.2-20.
LEAST_ENERGY = {
    300: (74.1, 251.0),
    500: (122.5, 327.4),
    1000: (239.9, 474.4),
    2000: (458.8, 701.8),
    3000: (655.2, 895.0),
    5000: (976.0, 1236.7),
    8000: (1263.7, 1679.5),
    10000: (1319.5, 1931.0),
    12000: (1264.5, 2143.1),
    13000: (1195.8, 2233.1),
}


@pytest.fixture(scope="module")
def still_earth() -> dict[str, object]:
    """What `still_earth.py` prints."""
    result = subprocess.run(
        [sys.executable, str(HERE / "still_earth.py")],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
    )
    printed: dict[str, object] = json.loads(result.stdout)
    return printed


@pytest.mark.parametrize("range_km", LEAST_ENERGY)
def test_the_least_energy_flights_of_the_textbook(
    still_earth: dict[str, dict[str, tuple[float, float, float]]], range_km: int
) -> None:
    """Time and apogee within the last digit of the table, the range within 5 m."""
    apogee_km, time_s = LEAST_ENERGY[range_km]
    flown_s, top_m, range_m = still_earth["flights"][str(range_km)]
    assert flown_s == pytest.approx(time_s, abs=0.06)
    assert top_m == pytest.approx(1e3 * apogee_km, abs=60.0)
    assert range_m == pytest.approx(1e3 * range_km, abs=5.0)


def test_a_burn_without_gravity_is_the_rocket_equation(
    still_earth: dict[str, tuple[float, float]],
) -> None:
    """Tsiolkovsky: dv = ve ln(m0/m); way v0 t + ve (t - (tau - t) ln(m0/m)), tau = ve/a0."""
    gain, way = still_earth["burn"]
    tau, logarithm = 2800.0 / 20.0, math.log(140.0 / 40.0)
    assert gain == pytest.approx(2800.0 * logarithm, rel=1e-9)
    assert way == pytest.approx(
        1000.0 * 100.0 + 2800.0 * (100.0 - (tau - 100.0) * logarithm), rel=1e-9
    )


FLIGHTS = [(300e3, None), (2_700e3, None), (10_000e3, None), (1_000e3, 1.45)]
each_flight = pytest.mark.parametrize(
    ("range_m", "flight_path_rad"), FLIGHTS, ids=["300", "2700", "10000", "lofted"]
)


@each_flight
def test_a_fall_is_that_of_an_independent_integration(
    range_m: float, flight_path_rad: float | None
) -> None:
    """DOP853 at 1e-12 on equations written apart: the same place on the ground within 20 m.

    beta 3,000 kg/m2. Both use one table of air, which has its own test.
    """
    start = arc(range_m, flight_path_rad=flight_path_rad)
    beta = 3000.0

    def ground(t: float, x: Array) -> float:
        return flight.height_m(x[0], x[1], x[2])

    ground.terminal = True  # type: ignore[attr-defined]
    ground.direction = -1.0  # type: ignore[attr-defined]
    theirs = solve_ivp(
        lambda _, x: motion(x, 0.0, 1.0 / beta),
        (0.0, 4000.0),
        start,
        method="DOP853",
        rtol=1e-12,
        atol=1e-6,
        events=ground,
    )
    x = start.copy()
    flown_s = flight.fall(x, 1.0 / beta, 0.0, 4000.0, np.empty((7, 6)))
    assert flown_s == pytest.approx(theirs.t_events[0][0], abs=0.1)
    assert np.linalg.norm(x[:3] - theirs.y_events[0][0][:3]) < 20.0


@each_flight
@pytest.mark.parametrize("beta", [2000.0, 10000.0])
def test_steps_fifty_times_finer_land_within_20_m(
    range_m: float, flight_path_rad: float | None, beta: float
) -> None:
    """The claim of `step_length_s`; and the crossing is met to 0.1 m."""
    x = arc(range_m, flight_path_rad=flight_path_rad)
    fine, work = x.copy(), np.empty((7, 6))
    flight.fall(x, 1.0 / beta, 0.0, 4000.0, work)
    assert flight.height_m(*x[:3]) == pytest.approx(0.0, abs=0.1)
    while True:
        height_m = flight.height_m(*fine[:3])
        sink = flight.sink_m_s(fine)
        step = flight.step_length_s(height_m, float(np.linalg.norm(fine[3:]))) / 50.0
        if sink > 0.0 and height_m < sink * step:
            break
        flight.coast_step(fine, 1.0 / beta, step, work)
    flight.coast_step(fine, 1.0 / beta, height_m / sink, work)
    assert np.linalg.norm(x[:3] - fine[:3]) < 20.0


def test_a_powered_flight_is_that_of_an_independent_integration() -> None:
    """A gravity turn of 150 s from 100 m/s, with drag: within 1 m and 0.01 m/s."""
    a0, ve, k = 15.0, 2800.0, 2e-5
    x, axes, work = np.zeros(6), np.zeros((2, 3)), np.empty((7, 6))
    flight.launch_state(0.7, 2.0, 1000.0, 1.2, x, axes)
    x[3:] = 100.0 * (math.cos(0.02) * axes[0] + math.sin(0.02) * axes[1])

    def powered(t: float, state: Array) -> Array:
        mass = 1.0 - a0 * t / ve
        return motion(state, a0 / mass, k / mass)

    theirs = solve_ivp(powered, (0.0, 150.0), x, method="DOP853", rtol=1e-12, atol=1e-6).y[:, -1]
    for i in range(300):
        flight.boost_step(x, a0, ve, k, 0.5 * i, 0.5, work)
    assert np.linalg.norm(x[:3] - theirs[:3]) < 1.0
    assert np.linalg.norm(x[3:] - theirs[3:]) < 0.01


def test_an_ascent_is_the_rise_the_tip_over_and_the_burn() -> None:
    """`ascend` is a rise held vertical, `kick`, and a burn; before ignition, rest on the pad.

    The burn goes on as that of a rocket lit at the tip-over with the mass that was left.
    """
    theta = np.array((0.6, 2.2, 50.0, 1.2, 14.0, 2600.0, 0.03, 1e-5))
    times = np.array((-3.0, 0.0, 8.0, 68.0))
    out, x, axes, work = np.empty((4, 6)), np.zeros(6), np.zeros((2, 3)), np.empty((11, 6))
    flight.ascend(theta, 8.0, times, out, work)
    flight.launch_state(0.6, 2.2, 50.0, 1.2, x, axes)
    assert np.array_equal(out[:2, :3], np.tile(x[:3], (2, 1)))
    assert not out[:2, 3:].any()
    for t in range(8):
        flight.boost_step(x, 14.0, 2600.0, 1e-5, float(t), 1.0, work)
        flight.hold_vertical(x, axes[0])
    assert out[2] == pytest.approx(x, abs=1e-6)
    flight.kick(x, axes[0], axes[1], 0.03)
    left = 1.0 - 14.0 * 8.0 / 2600.0
    for t in range(60):
        flight.boost_step(x, 14.0 / left, 2600.0, 1e-5 / left, float(t), 1.0, work)
    assert out[3] == pytest.approx(x, abs=1e-5)


def test_a_rise_is_vertical() -> None:
    """It gains (a0 - g) t upward and nothing aside, however slowly it begins."""
    theta = np.array((0.7, 2.2, 0.0, 1.2, 12.0, 1e9, 0.03, 0.0))
    times, out = np.linspace(0.0, 8.0, 17), np.empty((17, 6))
    flight.ascend(theta, 8.0, times, out, np.empty((11, 6)))
    up = enu_axes(0.7, 2.2)[2]
    assert np.cross(out[:, 3:], up) == pytest.approx(0.0, abs=1e-12)
    assert out[1:, 3:] @ up == pytest.approx(1.0 + (12.0 - 9.80) * times[1:], abs=0.1)
    enu = enu_axes(0.7, 2.2) @ (out[-1, :3] - out[0, :3])
    assert enu == pytest.approx((0.0, 0.0, 8.0 + 0.5 * (12.0 - 9.80) * 64.0), abs=0.5)


def test_a_launch_starts_where_and_whither_it_should() -> None:
    """Against the frames' own geodesy: position, up, and downrange at the azimuth."""
    x, axes = np.zeros(6), np.zeros((2, 3))
    flight.launch_state(0.65, -1.4, 120.0, 2.0, x, axes)
    east, north, up = enu_axes(0.65, -1.4)
    assert x[:3] == pytest.approx(ecef_from_geodetic(0.65, -1.4, 120.0), abs=1e-6)
    assert axes[0] == pytest.approx(up, abs=1e-15)
    assert axes[1] == pytest.approx(math.sin(2.0) * east + math.cos(2.0) * north, abs=1e-15)
    assert x[3:] == pytest.approx(up, abs=1e-15)


def test_offsets_vanish_for_the_ascent_that_was_flown() -> None:
    """Lines of sight laid through an ascent have no offset from it; moved by 1 km they have."""
    theta = np.array((0.6, 2.2, 0.0, 1.2, 14.0, 2600.0, 0.03, 1e-5))
    times = np.array((20.0, 40.0, 60.0))
    states, geometry, z = np.empty((3, 6)), np.zeros((3, 4, 3)), np.empty(6)
    flight.ascend(theta, 8.0, times, states, np.empty((11, 6)))
    geometry[:, 0] = 6.6 * states[0, :3]
    geometry[:, 1] = states[:, :3] - geometry[:, 0]
    reach_m = np.linalg.norm(geometry[:, 1], axis=1)
    geometry[:, 1] /= reach_m[:, None]
    for g in geometry:
        tangent_axes(g[1], g[2:4])
    flight.ascent_offsets(theta, 8.0, times, geometry, z)
    assert z == pytest.approx(0.0, abs=1e-15)
    moved = theta.copy()
    moved[0] += 1000.0 / earth.MEAN_RADIUS_M
    flight.ascent_offsets(moved, 8.0, times, geometry, z)
    north = enu_axes(0.6, 2.2)[1]
    wanted = -1000.0 * (geometry[:, 2:4] @ north) / reach_m[:, None]
    assert z.reshape(3, 2) == pytest.approx(wanted, rel=0.02, abs=1e-6)


def test_a_fall_in_pieces_is_the_same_fall() -> None:
    """Stopped and resumed every 2 s it lands where, and when, it lands in one piece."""
    x, work = arc(300e3), np.empty((7, 6))
    once = x.copy()
    whole_s = flight.fall(once, 2e-4, 0.0, 5400.0, work)
    count = math.ceil(whole_s / 2.0)
    pieces_s = [flight.fall(x, 2e-4, 0.0, 2.0, work) for _ in range(count)]
    assert pieces_s[:-1] == [2.0] * (count - 1)
    assert sum(pieces_s) == pytest.approx(whole_s, abs=0.01)
    assert x == pytest.approx(once, abs=5.0)


@pytest.mark.parametrize("broken", range(6))
def test_a_fall_of_what_is_not_a_number_ends_at_once(broken: int) -> None:
    """-1 and no endless loop, whichever number it is."""
    x, work = arc(300e3), np.empty((7, 6))
    x[broken] = math.nan
    assert flight.fall(x.copy(), 1e-4, 0.0, 5400.0, work) == -1.0
    assert flight.fall(arc(300e3), math.nan, 0.0, 5400.0, work) == -1.0


def test_a_fall_that_has_nowhere_to_go() -> None:
    """On the ground and not climbing: 0 s. In a hurry: the time allowed, state moved by it."""
    x, work = arc(300e3, height_m=0.0), np.empty((7, 6))
    x[3:] *= -1.0
    before = x.copy()
    assert flight.fall(x, 1e-4, 0.0, 100.0, work) == 0.0
    assert np.array_equal(x, before)
    x[3:] = 0.0
    assert flight.fall(x, 1e-4, 1.0, 100.0, work) == 0.0
    x = arc(300e3)
    assert flight.fall(x, 1e-4, 0.0, 7.5, work) == 7.5
    assert flight.fall(arc(300e3), 1e-4, 0.0, 0.0, work) == 0.0
    x = arc(300e3, height_m=0.5)
    x[3:] = -1e-6 * x[:3] / np.linalg.norm(x[:3])  # let go half a metre above the ground
    assert flight.fall(x, 1e-4, 0.0, 5400.0, work) == pytest.approx(math.sqrt(1.0 / 9.81), rel=0.15)


def test_a_flight_that_stays_up_takes_the_time_allowed() -> None:
    """A circular orbit at 1,000 km."""
    x = np.array((7.378e6, 0.0, 0.0, 0.0, 0.0, 7350.0))
    assert flight.fall(x, 1e-4, 0.0, 5400.0, np.empty((7, 6))) == 5400.0


def flyer(thrust: float = 20.0, loss: float = 0.007) -> Array:
    """A body (8,) that thrusts at 30 km height and 1 km/s, up at 45 degrees."""
    x, axes = np.zeros(8), np.zeros((2, 3))
    flight.launch_state(0.6, 2.2, 30e3, 1.2, x[:6], axes)
    x[3:6] = 1000.0 * math.sqrt(0.5) * (axes[0] + axes[1])
    x[6:] = thrust, loss
    return x


def test_flying_out_reaches_the_cut_off_speed_and_falls() -> None:
    """It is the burn of a rocket of that thrust and loss, without drag, and then the fall."""
    x, other, work = flyer(), flyer()[:6].copy(), np.empty((7, 6))
    ve = 20.0 / 0.007
    burn_s = 70.0
    for i in range(700):
        flight.boost_step(other, 20.0, ve, 0.0, 0.1 * i, 0.1, work)
    speed = float(np.linalg.norm(other[3:]))
    fall_s = flight.fall(other, 1e-4, 0.0, 5400.0, work)
    flown_s = flight.fly_out(x, speed, 1e-4, 5400.0, work)
    # The last step is at least 0.05 s long: up to 2 m/s beyond the cut-off.
    assert flown_s == pytest.approx(burn_s + fall_s, rel=2e-3)
    assert np.linalg.norm(x[:3] - other[:3]) < 2e-3 * np.linalg.norm(other[:3] - flyer()[:3])


def test_flying_out_at_its_speed_falls_at_once() -> None:
    """No thrust acts; and in a batch each row is as alone."""
    x, work = flyer(), np.empty((7, 6))
    alone = x[:6].copy()
    fall_s = flight.fall(alone, 1e-4, 0.0, 5400.0, work)
    states, flown_s = np.stack((x, flyer(), flyer())), np.empty(3)
    flight.fly_out_all(states, np.array((900.0, 3000.0, 0.0)), np.full(3, 1e-4), 5400.0, flown_s)
    assert flown_s[0] == flown_s[2] == fall_s
    assert np.array_equal(states[0, :6], alone)
    assert flown_s[1] == flight.fly_out(x, 3000.0, 1e-4, 5400.0, work)
    assert np.array_equal(states[1], x)


@pytest.mark.parametrize("broken", range(8))
def test_flying_out_what_is_not_a_number_ends_at_once(broken: int) -> None:
    """-1 and no endless loop, whichever number it is."""
    x, work = flyer(), np.empty((7, 6))
    x[broken] = math.nan
    assert flight.fly_out(x, 3000.0, 1e-4, 5400.0, work) == -1.0
    for v_cut, inverse_beta in ((math.nan, 1e-4), (3000.0, math.nan), (math.inf, 1e-4)):
        assert flight.fly_out(flyer(), v_cut, inverse_beta, 5400.0, work) == -1.0
