"""Engine-free arcs against a numerical flight, against each other, and at their limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from forewarn.missiles import kepler

ARCS = [(25e3, 220e3), (550e3, 2700e3), (1319e3, 10_000e3), (300e3, 15_000e3), (7687.5e3, 1001.2e3)]


def flown(arc: kepler.Arc) -> tuple[float, float, float]:
    """Time [s], range [m] and apogee [m] of the two-body flight, integrated by scipy."""

    def rate(_: float, state: np.ndarray) -> np.ndarray:
        pull = -kepler.MU / np.linalg.norm(state[:2]) ** 3
        return np.array([state[2], state[3], pull * state[0], pull * state[1]])

    def ground(_: float, state: np.ndarray) -> float:
        return float(np.linalg.norm(state[:2])) - kepler.R

    def top(_: float, state: np.ndarray) -> float:
        return float(state[:2] @ state[2:])

    ground.terminal = True  # type: ignore[attr-defined]
    ground.direction = -1.0  # type: ignore[attr-defined]
    start = np.array(
        [
            kepler.R,
            0.0,
            arc.speed_m_s * math.sin(arc.angle_rad),
            arc.speed_m_s * math.cos(arc.angle_rad),
        ]
    )
    flight = solve_ivp(
        rate,
        (0.0, 1e5),
        start,
        events=(ground, top),
        method="DOP853",
        rtol=1e-11,
        atol=1e-6,
    )
    end = flight.y_events[0][-1]
    highest = np.linalg.norm(flight.y_events[1][:, :2], axis=1).max() - kepler.R
    turned = math.atan2(end[1], end[0]) % (2.0 * math.pi)
    return float(flight.t_events[0][-1]), kepler.R * turned, float(highest)


@pytest.mark.parametrize(("apogee_m", "range_m"), ARCS)
def test_an_arc_is_the_two_body_flight(apogee_m: float, range_m: float) -> None:
    """Started with the arc's speed and angle, a numerical flight has its time, range and apogee."""
    arc = kepler.arc(apogee_m, range_m)
    time_s, flown_m, highest_m = flown(arc)
    assert time_s == pytest.approx(arc.time_s, rel=1e-7)
    assert flown_m == pytest.approx(range_m, rel=1e-7)
    assert highest_m == pytest.approx(apogee_m, rel=1e-7)


@pytest.mark.parametrize(("apogee_m", "range_m"), ARCS)
def test_speed_and_angle_lead_back_to_the_arc(apogee_m: float, range_m: float) -> None:
    """`arc_from_speed` undoes `arc`."""
    arc = kepler.arc(apogee_m, range_m)
    again = kepler.arc_from_speed(arc.speed_m_s, arc.angle_rad)
    assert again.apogee_m == pytest.approx(apogee_m, rel=1e-9)
    assert again.range_m == pytest.approx(range_m, rel=1e-9)


def test_straight_up_is_the_radial_fall() -> None:
    """Range 0: the closed form of a radial orbit, and no loss of digits on the way there."""
    apogee_m = 2_000e3
    a = (kepler.R + apogee_m) / 2.0
    lifted = math.acos(kepler.R / a - 1.0)
    radial_s = 2.0 * math.sqrt(a**3 / kepler.MU) * (lifted + math.sin(lifted))
    assert kepler.arc(apogee_m, 0.0).time_s == pytest.approx(radial_s, rel=1e-12)
    assert kepler.arc(apogee_m, 1e-3).time_s == pytest.approx(radial_s, rel=1e-12)
    assert kepler.arc(apogee_m, 0.0).angle_rad == math.pi / 2.0
    up = kepler.arc_from_speed(kepler.arc(apogee_m, 0.0).speed_m_s, math.pi / 2.0)
    assert up.apogee_m == pytest.approx(apogee_m, rel=1e-9)


def test_a_low_arc_is_a_parabola() -> None:
    """A flight of 1 km by 100 m: g of the sphere's surface, flat ground, to a thousandth."""
    g = kepler.MU / kepler.R**2
    arc = kepler.arc(100.0, 1000.0)
    assert arc.time_s == pytest.approx(2.0 * math.sqrt(2.0 * 100.0 / g), rel=1e-3)
    assert math.tan(arc.angle_rad) == pytest.approx(0.4, rel=1e-3)


@pytest.mark.parametrize(("apogee_m", "range_m"), ARCS)
def test_slopes_are_those_of_neighbouring_arcs(apogee_m: float, range_m: float) -> None:
    """Range by speed and angle, time by apogee and range: against whole differences."""
    arc = kepler.arc(apogee_m, range_m)
    slopes = kepler.range_slopes(arc)

    def ranges(speed_m_s: float, angle_rad: float) -> float:
        moved = kepler.arc_from_speed(arc.speed_m_s + speed_m_s, arc.angle_rad + angle_rad)
        return moved.range_m

    quicker = (ranges(0.1, 0.0) - ranges(-0.1, 0.0)) / 0.2
    assert slopes.per_speed_s == pytest.approx(quicker, rel=1e-3)
    turned = (ranges(0.0, 1e-5) - ranges(0.0, -1e-5)) / 2e-5
    assert slopes.per_angle_m == pytest.approx(turned, rel=1e-3, abs=1.0)
    per_apogee, per_range = kepler.time_slopes(arc)
    higher, longer = kepler.arc(apogee_m + 1e3, range_m), kepler.arc(apogee_m, range_m + 1e3)
    assert per_apogee == pytest.approx((higher.time_s - arc.time_s) / 1e3, rel=0.03)
    assert per_range == pytest.approx((longer.time_s - arc.time_s) / 1e3, rel=0.03, abs=1e-7)


def test_time_slopes_straight_up() -> None:
    """At range 0 the time does not move with the range, and does with the apogee."""
    per_apogee, per_range = kepler.time_slopes(kepler.arc(1e6, 0.0))
    assert per_range == 0.0
    assert per_apogee > 0.0


@pytest.mark.parametrize(("apogee_m", "range_m"), ARCS)
def test_the_path_runs_from_ground_to_ground(apogee_m: float, range_m: float) -> None:
    """Even about the apogee, ends at the ground, and keeps Kepler's areas."""
    arc = kepler.arc(apogee_m, range_m)
    times_s, angle_rad, radius_m = kepler.path(arc, 2001)
    assert times_s[0] == pytest.approx(0.0, abs=1e-6)
    assert times_s[-1] == pytest.approx(arc.time_s)
    assert radius_m[[0, -1]] == pytest.approx(kepler.R, rel=1e-9)
    assert radius_m[1000] == pytest.approx(kepler.R + apogee_m)
    assert angle_rad[-1] * 2.0 * kepler.R == pytest.approx(range_m)
    assert angle_rad == pytest.approx(-angle_rad[::-1])
    swept = 0.5 * (radius_m[:-1] * radius_m[1:]) * np.sin(np.diff(angle_rad)) / np.diff(times_s)
    areal = 0.5 * kepler.R * arc.speed_m_s * math.cos(arc.angle_rad)
    assert swept == pytest.approx(areal, rel=1e-4)


@pytest.mark.parametrize(
    ("apogee_m", "range_m"), [(0.0, 1e6), (-1.0, 1e6), (math.nan, 1e6), (1e5, -1.0), (1e5, 2.1e7)]
)
def test_what_is_no_arc_is_the_callers_mistake(apogee_m: float, range_m: float) -> None:
    """An assertion, not a number."""
    with pytest.raises(AssertionError):
        kepler.arc(apogee_m, range_m)
