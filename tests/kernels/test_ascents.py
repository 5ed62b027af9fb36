"""Ascents in lanes: against the integrator that scenarios fly with, and lane by lane."""

from __future__ import annotations

import math
import re

import llvmlite.binding
import numba
import numpy as np
import pytest

from forewarn.kernels import ascents as kernel
from forewarn.missiles.flight import fly
from forewarn.missiles.vehicle import Stage, Vehicle
from tests.kernels.looks import radar_geometry, telescope_look

AVX2 = bool(llvmlite.binding.get_host_cpu_features().get("avx2", False))
LIFT_OFF_KG = 30e3
TILT_RAD = (0.02, -0.03)
SITE_RAD = (0.6, 2.2)


def stage(
    a0: float, ve: float, area: float, *, burn_s: float, mass_kg: float, loss: float
) -> Stage:
    return Stage(
        thrust_n=a0 * mass_kg,
        sea_level_loss=loss,
        burn_s=burn_s,
        propellant_kg=a0 * mass_kg * burn_s / ve,
        structure_kg=1_000.0,
        drag_area_m2=area * mass_kg,
        intensity_w_sr=1.0,
    )


def vehicle() -> tuple[Vehicle, np.ndarray]:
    """Two stages, and the same as a row of the kernel."""
    first = stage(26.0, 2600.0, 2e-5, burn_s=60.0, mass_kg=LIFT_OFF_KG, loss=0.1)
    left_kg = LIFT_OFF_KG - first.propellant_kg - first.structure_kg
    second = stage(30.0, 2800.0, 4e-5, burn_s=50.0, mass_kg=left_kg, loss=0.0)
    whole = Vehicle(
        vehicle_id="two",
        vehicle_class="unknown",
        stages=(first, second),
        payload_kg=left_kg - second.propellant_kg - second.structure_kg,
        ballistic_coefficient_kg_m2=1e7,
        radar_cross_section_m2=1.0,
        vertical_rise_s=3.0,
        kick_rad=math.hypot(*TILT_RAD),
        coast_s=2.0,
        source="made up",
    )
    theta = np.zeros(kernel.COLUMNS)
    theta[: kernel.BURNS] = *SITE_RAD, *TILT_RAD, 3.0, 0.1, 2.0
    theta[kernel.BURNS : kernel.BURNS + 8] = (
        *(26.0, 2600.0, 2e-5, 60.0),
        *(30.0, 2800.0, 4e-5, 50.0),
    )
    return whole, theta


TIMES_S = np.array((-3.0, 0.0, 2.0, 10.0, 33.3, 59.0, 61.0, 90.0, 112.0, 150.0, 400.0))


def states_of(theta: np.ndarray, ignition: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    states = np.empty((len(theta), len(times_s), 6))
    kernel.ascent_states(theta, ignition, times_s, states)
    return states


def test_an_ascent_is_that_of_the_integrator_that_scenarios_fly_with() -> None:
    """That one is adaptive; steps of 2 s lie within 0.1 % of the way and 0.2 % of the speed."""
    whole, theta = vehicle()
    flown = fly(
        whole,
        latitude_rad=SITE_RAD[0],
        longitude_rad=SITE_RAD[1],
        height_m=0.0,
        azimuth_rad=math.atan2(TILT_RAD[1], TILT_RAD[0]),
    )
    states = states_of(theta[None], np.zeros(1), TIMES_S)[0]
    for t, state in zip(TIMES_S[2:], states[2:], strict=True):
        position, velocity = flown.state_ecef_at(float(t))
        way_m = float(np.linalg.norm(position - states[0, :3]))
        assert np.linalg.norm(state[:3] - position) < 1.0 + 1e-3 * way_m
        assert np.linalg.norm(state[3:] - velocity) < 0.5 + 2e-3 * np.linalg.norm(velocity)


def test_before_ignition_it_stands_on_the_pad() -> None:
    _, theta = vehicle()
    states = states_of(theta[None], np.zeros(1), TIMES_S)[0]
    assert (states[:2, 3:] == 0.0).all()
    assert (states[0, :3] == states[1, :3]).all()


def test_a_flight_does_not_know_its_company() -> None:
    """Alone, among copies with other ignitions, or past the end of a group of lanes."""
    _, theta = vehicle()
    crowd = np.repeat(theta[None], 2 * kernel.LANES + 3, axis=0)
    ignition = np.linspace(-20.0, 5.0, len(crowd))
    together = states_of(crowd, ignition, TIMES_S)
    for row in (0, kernel.LANES - 1, kernel.LANES, len(crowd) - 1):
        alone = states_of(theta[None], ignition[row : row + 1], TIMES_S)[0]
        assert (together[row] == alone).all()


def test_offsets_are_measured_less_expected_and_whitened() -> None:
    """A telescope and a radar look a known way off; the lower triangle is that of numpy."""
    _, theta = vehicle()
    times_s = np.array((40.0, 50.0))
    states = states_of(theta[None], np.zeros(1), times_s)
    seen = telescope_look(
        states[0, 0], 6.6 * states[0, 0, :3], 1e-5, first=8, offset=np.array((3e-5, -2e-5))
    )
    radar = radar_geometry(1.02 * states[0, 1, :3], np.array((30.0, 1e-3, 1e-3, 10.0)), first=8)
    kinds = np.array((0, 1))
    z = np.empty((1, 6))
    lower = np.tril(np.random.default_rng(1).normal(size=(6, 6)))
    geometry = np.stack((seen, radar))
    kernel.white_offsets(states, kinds, geometry, np.eye(6), z)
    assert z[0, :2] == pytest.approx((3e-5, -2e-5), abs=1e-9)
    plain = z[0].copy()
    kernel.white_offsets(states, kinds, geometry, lower, z)
    assert z[0] == pytest.approx(lower @ plain, rel=1e-12)


def test_a_slant_of_the_gravity_turn() -> None:
    """With thrust to weight 2, n = 2.4: tilt grows as v^(1 / 1.4) from 29.4 to 300 m/s."""
    tilt = kernel.tilt_per_slant(2.0 * 9.80665, 3.0)
    assert tilt == pytest.approx((29.42 / 300.0) ** (1.0 / 1.4), rel=1e-3)


@pytest.mark.skipif(not AVX2 or numba.config.DISABLE_JIT, reason="counts registers of AVX2 up")
def test_the_lane_loops_are_vectors() -> None:
    """Square roots are packed, and nearly all arithmetic is. Compiled anew: caches show none."""
    compiled = numba.njit(error_model="numpy", nogil=True)(kernel._rates.py_func)
    compiled(np.ones(kernel._ROWS * kernel.LANES))
    (text,) = compiled.inspect_asm().values()
    assert len(re.findall(r"\tvsqrtpd\t.*%[yz]mm", text)) >= 2
    assert len(re.findall(r"\tv(?:add|sub|mul|div)pd\t.*%[yz]mm", text)) > 60
