"""FACTS of sensor calibration: errors that were made in history are seen and taken away."""

from __future__ import annotations

import numpy as np
import pytest

from forewarn.tracking.calibration import BiasEstimate, CalibrationState, Calibrator
from forewarn.tracking.claim_memory import ClaimMemory
from tests.simulation.scenes import START
from tests.tracking.sky_stage import RADAR, SCAN_NS, Stage

NAME = RADAR.sensor_id


def calibrated(
    bias: tuple[float, ...], ahead_s: float, *, scans_count: int, seed: int = 1
) -> BiasEstimate:
    """What is known of a radar with these errors after some scans of satellites."""
    stage, memory, state = Stage(count=8_000, seed=seed), ClaimMemory(), CalibrationState()
    calibrator = Calibrator([RADAR])
    now = START
    for number in range(scans_count):
        now = START + number * SCAN_NS
        estimate = calibrator.estimate(state, NAME, now)
        plots, _ = stage.scan(number, bias, ahead_s)
        found = stage.known.claim(memory, NAME, plots, bias=estimate, clutter=1e-12)
        calibrator.learn(state, found.passes)
    return calibrator.estimate(state, NAME, now)


@pytest.mark.parametrize("seed", [1, 2])
def test_4_7_elevation_and_clock_are_recovered(seed: int) -> None:
    """FACTS 4.7, two-sensor bias estimation: 4 mrad of elevation (refraction), 100 ms of time.

    Each within 3 sigmas in 40 scans of 3 s, and the sigmas are worth having.
    """
    estimate = calibrated((0.0, 0.0, 4e-3), 0.1, scans_count=40, seed=seed)
    sigma = np.sqrt(np.diag(estimate.covariance))
    off = estimate.mean - np.array((0.0, 0.0, 4e-3, 0.1))
    assert np.all(np.abs(off) < 3.0 * sigma)
    assert sigma[2] < 0.4e-3
    assert sigma[3] < 0.05
    assert estimate.off_probability > 0.99


def test_4_7_the_clock_of_dhahran_is_seen() -> None:
    """FACTS 4.7: a clock 0.34 s wrong after 100 h (GAO/IMTEC-92-26, 1992), seen in two minutes.

    The centre knows it for wrong by 10 sigmas of what it would be if all were well.
    """
    estimate = calibrated((0.0, 0.0, 0.0), 0.34, scans_count=40)
    sigma_s = float(np.sqrt(estimate.covariance[3, 3]))
    assert abs(estimate.mean[3] - 0.34) < 3.0 * sigma_s
    assert estimate.mean[3] > 5.0 * sigma_s
    assert estimate.off_probability > 0.99


def test_4_7_a_sound_radar_is_not_called_off() -> None:
    """FACTS 4.7, the other side of it: nothing injected, nothing found, 40 scans."""
    estimate = calibrated((0.0, 0.0, 0.0), 0.0, scans_count=40)
    sigma = np.sqrt(np.diag(estimate.covariance))
    assert np.all(np.abs(estimate.mean) < 3.0 * sigma)
    assert estimate.off_probability < 0.01


def test_7_7_refraction_that_nobody_corrected_is_removed() -> None:
    """FACTS 7.7: a bias of 4.5 mrad is removed to less than 0.3 mrad, in three minutes of sky."""
    estimate = calibrated((0.0, 0.0, 4.5e-3), 0.0, scans_count=60)
    assert abs(estimate.mean[2] - 4.5e-3) < 0.3e-3


def test_7_6_satellites_are_no_news() -> None:
    """FACTS 7.6 and A14 (a real unknown satellite in 1962): in a known sky nothing is left over."""
    stage, memory = Stage(count=8_000), ClaimMemory()
    calibrator = Calibrator([RADAR])
    estimate = calibrator.estimate(CalibrationState(), NAME, START)
    left = total = 0
    for number in range(10):
        plots, own = stage.scan(number)
        found = stage.known.claim(memory, NAME, plots, bias=estimate, clutter=1e-12)
        left += int(np.sum(found.object_index != own))
        total += len(own)
    assert left <= 0.001 * total
