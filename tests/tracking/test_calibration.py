"""A radar's biases from known satellites: found, honest, and no more certain than orbits allow."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2

from forewarn.epoch import SECOND_NS
from forewarn.tracking.calibration import (
    AGAIN_S,
    OFF_SIGMA,
    CalibrationState,
    Calibrator,
    Passes,
    in_words,
)
from forewarn.tracking.claim_memory import ClaimMemory
from tests.simulation.scenes import START
from tests.tracking.sky_stage import RADAR, Stage

Array = NDArray[np.float64]

STATED = np.array((RADAR.range_bias_sigma_m, *[RADAR.angle_bias_sigma_rad] * 2, 0.01))
CALIBRATOR = Calibrator([RADAR])


def passes_of(bias: Array, count: int, randomness: np.random.Generator, first: int = 0) -> Passes:
    """Passes as orbits allow them: what each says of four biases, wrong by its own covariance."""
    wide = np.array((800.0, 1e-3, 1e-3, 0.15))
    mixing = randomness.standard_normal((count, 4, 4))
    covariance = np.einsum("nij,nkj->nik", mixing, mixing) + 0.2 * np.eye(4)
    information = np.linalg.inv(covariance) / (wide[:, None] * wide)
    root = np.linalg.cholesky(information)
    noise = np.einsum("nij,nj->ni", root, randomness.standard_normal((count, 4)))
    return Passes(
        sensor_id=RADAR.sensor_id,
        objects=np.arange(first, first + count),
        seen_tai_ns=START + SECOND_NS * np.arange(count),
        information=information,
        vector=information @ bias + noise,
    )


def error_squared(state: CalibrationState, bias: Array, now_tai_ns: int) -> float:
    """The squared error of the estimate in its own sigmas."""
    estimate = CALIBRATOR.estimate(state, RADAR.sensor_id, now_tai_ns)
    off = bias - estimate.mean
    return float(off @ np.linalg.solve(estimate.covariance, off))


def test_it_starts_from_what_the_sensor_states() -> None:
    """No bias on average, of the stated size, but for the hundredth of radars that are off."""
    estimate = CALIBRATOR.estimate(CalibrationState(), RADAR.sensor_id, START)
    assert np.all(estimate.mean == 0.0)
    expected = np.sqrt(STATED**2 + 0.01 * OFF_SIGMA**2)
    assert np.sqrt(np.diag(estimate.covariance)) == pytest.approx(expected, rel=1e-9)


def test_its_errors_are_as_large_as_it_says() -> None:
    """100 radars with biases of the stated size, 40 satellites each: squared errors are chi-square.

    So are the whitened innovations, on which sensors are judged.
    """
    randomness = np.random.default_rng(11)
    total, squares = 0.0, []
    for _ in range(100):
        bias = STATED * randomness.standard_normal(4)
        state = CalibrationState()
        lessons = CALIBRATOR.learn(state, passes_of(bias, 40, randomness))
        squares += [w * w for lesson in lessons for w in lesson.white]
        total += error_squared(state, bias, START + 40 * SECOND_NS)
    assert chi2.ppf(0.001, 400) < total < chi2.ppf(0.999, 400)
    count = len(squares)
    assert count > 10_000
    # The hundredth of doubt makes expectations a little wide: 1 % below, never above.
    assert 0.97 * count < sum(squares) < chi2.ppf(0.999, count)


def test_its_errors_are_as_large_as_it_says_of_radars_that_are_off() -> None:
    """And 50 radars that are off by as much as a radar that is off may be."""
    randomness = np.random.default_rng(12)
    total = off = 0.0
    for _ in range(50):
        bias = OFF_SIGMA * randomness.standard_normal(4)
        state = CalibrationState()
        CALIBRATOR.learn(state, passes_of(bias, 40, randomness))
        now = START + 40 * SECOND_NS
        off += CALIBRATOR.estimate(state, RADAR.sensor_id, now).off_probability > 0.99
        total += error_squared(state, bias, now)
    assert off >= 48  # the others are off by little
    assert total < chi2.ppf(0.999, 200)
    assert total > 0.5 * chi2.ppf(0.001, 200)  # it allows for a walk that did not happen


def test_a_hundred_plots_of_one_satellite_are_one_witness() -> None:
    """However often it is seen, it says nothing of the clock beyond its own error along track.

    Half a day old, it is known to 960 m along track, 0.13 s of its motion; one scan in a hundred
    of a fixed orbit would say a hundredth of that.
    """
    stage, memory = Stage(count=4_000), ClaimMemory()
    estimate = CALIBRATOR.estimate(CalibrationState(), RADAR.sensor_id, START)
    for number in range(20):
        plots, _ = stage.scan(number)
        stage.known.claim(memory, RADAR.sensor_id, plots, bias=estimate, clutter=1e-12)
    objects, rows = memory.of_radar(0)
    rows = rows[memory.claims[rows] > 15]
    assert len(rows) > 50
    information, _ = memory.bias_information(rows)
    assert np.all(np.linalg.eigvalsh(information * OFF_SIGMA[:, None] * OFF_SIGMA) > -1e-6)
    clock_sigma_s = 1.0 / np.sqrt(information[:, 3, 3])
    along_m = stage.known.places.orbit_errors(objects, START)[:, 1].min()
    # If range, angles and orbit but for the clock were known, what it says of it: no better.
    assert np.all(clock_sigma_s > 0.5 * along_m / 7.8e3)


def test_an_object_is_heard_once_in_six_hours() -> None:
    """Its elements are off by the same all the time."""
    state, randomness = CalibrationState(), np.random.default_rng(2)
    passes = passes_of(np.zeros(4), 10, randomness)
    assert len(CALIBRATOR.learn(state, passes)) == 10
    copied = state.copy()
    before = CALIBRATOR.estimate(state, RADAR.sensor_id, START + 10**10)
    assert not CALIBRATOR.learn(state, passes)
    after = CALIBRATOR.estimate(state, RADAR.sensor_id, START + 10**10)
    assert np.array_equal(before.covariance, after.covariance)
    CALIBRATOR.forget(state, START + round((AGAIN_S + 60.0) * SECOND_NS))
    assert not state.heard_tai_ns
    assert len(copied.heard_tai_ns) == 10
    assert len(CALIBRATOR.learn(state, passes)) == 10


def test_biases_wander() -> None:
    """What was learned is worth less later: by the stated sigma, squared, in six hours."""
    state, randomness = CalibrationState(), np.random.default_rng(3)
    CALIBRATOR.learn(state, passes_of(np.zeros(4), 200, randomness))
    at = START + 199 * SECOND_NS
    now = CALIBRATOR.estimate(state, RADAR.sensor_id, at).covariance
    later = CALIBRATOR.estimate(state, RADAR.sensor_id, at + 6 * 3600 * SECOND_NS).covariance
    grown = np.diag(later - now) / STATED**2
    # The little chance that it is off, and wanders its far larger sigma every hour, comes on top.
    sound, off = state.weight[RADAR.sensor_id]
    extra = 6.0 * off * (1.0 + (OFF_SIGMA / STATED) ** 2)
    assert off < 1e-3
    assert grown == pytest.approx(sound + extra, rel=1e-6)


def test_a_radar_that_goes_off_is_followed() -> None:
    """After a day in order elevation steps by 4 mrad: 60 satellites later it is known, and said."""
    state, randomness = CalibrationState(), np.random.default_rng(4)
    CALIBRATOR.learn(state, passes_of(np.zeros(4), 300, randomness))
    bias = np.array((0.0, 0.0, 4e-3, 0.0))
    surprise = CALIBRATOR.learn(state, passes_of(bias, 60, randomness, first=1_000))
    first = [w for lesson in surprise[:3] for w in lesson.white]
    assert sum(w * w for w in first) > 3.0 * len(first)
    estimate = CALIBRATOR.estimate(state, RADAR.sensor_id, START + 60 * SECOND_NS)
    assert estimate.off_probability > 0.99
    sigma = np.sqrt(np.diag(estimate.covariance))
    assert abs(estimate.mean[2] - 4e-3) < 3.0 * sigma[2]
    assert sigma[2] < 1e-3
    said = in_words(estimate)
    assert "off by more than it states" in said
    assert "elevation +" in said
    assert "mrad" in said
