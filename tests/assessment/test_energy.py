"""What a state says of its flight: range, slant and perigee against the textbook's ellipses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forewarn.assessment.energy import HALF_ROUND_M, arcs, perigee_m, reach_m
from forewarn.assessment.vehicle_classes import (
    DENSITY,
    GRID,
    RANGE_BAND_M,
    burning_on,
    going_on,
    stopping_density,
)
from forewarn.earth import GRAVITATIONAL_PARAMETER_M3_S2, MEAN_RADIUS_M, ROTATION_RATE_RAD_S
from forewarn.missiles.many import fall_many
from forewarn.records import HYPOTHESES

# FACTS 3.1, computed from Bate, Mueller and White, 1971, eq. 6.2-17: range, speed, slant, apogee
# of least energy on a sphere of 6,371 km that does not turn.
LEAST_ENERGY = (
    (300e3, 1_696.5, 44.33, 74.1e3),
    (1_000e3, 3_016.1, 42.75, 239.9e3),
    (3_000e3, 4_865.0, 38.26, 655.2e3),
    (10_000e3, 7_198.1, 22.52, 1_319.5e3),
)


def start(speed_m_s: float, slant_deg: float) -> np.ndarray:
    """A state at the pole, on the sphere's surface, where the Earth's turning adds no speed."""
    slant = math.radians(slant_deg)
    level, up = speed_m_s * math.cos(slant), speed_m_s * math.sin(slant)
    return np.array((0.0, 0.0, MEAN_RADIUS_M, level, 0.0, up))


@pytest.mark.parametrize(("range_m", "speed_m_s", "slant_deg", "apogee_m"), LEAST_ENERGY)
def test_a_start_of_least_energy_is_seen_as_one(
    range_m: float, speed_m_s: float, slant_deg: float, apogee_m: float
) -> None:
    """FACTS 3.1: the speed gives back its range, the ellipse its slant and its apogee."""
    found = arcs(start(speed_m_s, slant_deg)[None])
    assert found.range_m[0] == pytest.approx(range_m, rel=2e-3)
    assert math.degrees(found.slant_rad[0]) == pytest.approx(slant_deg, abs=0.05)
    assert math.degrees(found.best_slant_rad[0]) == pytest.approx(slant_deg, abs=0.05)
    assert found.apogee_m[0] == pytest.approx(apogee_m, rel=2e-3)


def test_energy_and_slant_are_the_same_all_along_a_fall() -> None:
    """A flight integrated in the turning frame: Jacobi's integral keeps the range to 0.5 %."""
    x = np.array((5.0e6, 2.5e6, 3.4e6, 1_500.0, 2_500.0, 3_000.0))
    states = [x]
    for _ in range(4):
        flown = fall_many(states[-1][:3], states[-1][3:], longest_s=100.0)
        states.append(
            np.concatenate((flown.end_position_ecef_m[0], flown.end_velocity_ecef_m_s[0]))
        )
    found = arcs(np.array(states))
    assert np.ptp(found.range_m) < 0.005 * found.range_m.mean()
    assert np.ptp(found.perigee_m) < 10e3
    assert np.ptp(found.slant_rad) < math.radians(0.5)


def test_perigee_of_a_round_orbit_is_its_height() -> None:
    r = MEAN_RADIUS_M + 400e3
    speed = math.sqrt(GRAVITATIONAL_PARAMETER_M3_S2 / r) - ROTATION_RATE_RAD_S * r
    state = np.array((r, 0.0, 0.0, 0.0, speed, 0.0))
    found = arcs(state[None])
    assert found.perigee_m[0] == pytest.approx(400e3, abs=1.0)
    assert perigee_m(state) == pytest.approx(400e3, abs=1.0)
    over_the_poles = np.array((r, 0.0, 0.0, 0.0, 0.0, math.sqrt(GRAVITATIONAL_PARAMETER_M3_S2 / r)))
    assert reach_m(over_the_poles[None])[0] == pytest.approx(HALF_ROUND_M)
    assert 13_000e3 < reach_m(state[None])[0] < HALF_ROUND_M  # eastward, slower over the ground


def test_every_hypothesis_expects_each_energy_with_a_density() -> None:
    """Densities add to one; a band's middle belongs to its class; the chance to go on falls."""
    step = GRID[1] - GRID[0]
    assert DENSITY.sum(axis=1) * step == pytest.approx(1.0)
    for name, (low, high) in RANGE_BAND_M.items():
        middle = stopping_density(np.array((math.sqrt(low * high),)))[0]
        missiles = {n: middle[HYPOTHESES.index(n)] for n in RANGE_BAND_M}
        assert max(missiles, key=lambda n: missiles[n]) == name
        beyond = going_on(np.array((0.2 * low, 0.9 * high, 1.3 * high)))[:, HYPOTHESES.index(name)]
        assert beyond[0] > 0.95
        assert beyond[0] > beyond[1] > beyond[2]
        assert beyond[2] < 0.01


def test_long_burns_are_unlikely_of_short_range_missiles() -> None:
    short, space = HYPOTHESES.index("short_range"), HYPOTHESES.index("space_launch")
    early, late = burning_on(np.array((60.0, 160.0)))
    assert early[short] == 1.0
    assert late[short] == pytest.approx(math.exp(-3.0))
    assert late[space] == 1.0
