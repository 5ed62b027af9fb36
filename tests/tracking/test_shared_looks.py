"""A track's looks against where it was foretold: what trust compares between sensors."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from forewarn.kernels import filter as kernel
from forewarn.sensors.radar import radar_model
from forewarn.tracking.looks import Look
from forewarn.tracking.shared_looks import WEAK_INFORMATION, shared_look
from forewarn.tracking.trust import Shared, SharedLook, Standing, TrustState, judge, share
from tests.kernels.looks import above, measured, radar_geometry, telescope_look
from tests.tracking.sky_stage import RADAR

Array = NDArray[np.float64]

TRUTH = np.array((*above(0.8, 2.45, 250e3), -2e3, 3e3, 1e3))
MODEL = radar_model(RADAR)
SIGMAS = np.array((30.0, 1e-3, 1e-3, 10.0))
SATELLITES = {"EAST": above(0.0, 2.9, 35.8e6), "WEST": above(0.0, 2.0, 35.8e6)}
BIASES = {
    RADAR.sensor_id: np.diag((20.0, 3e-4, 3e-4)) ** 2,
    "EAST": (8e-6) ** 2 * np.eye(2),
    "WEST": (8e-6) ** 2 * np.eye(2),
}


def look(sensor_id: str, error: Array) -> Look:
    """A look at the truth, wrong by ``error``."""
    if sensor_id == RADAR.sensor_id:
        empty = radar_geometry(MODEL.site_ecef_m, SIGMAS, first=8)
        kind, geometry = kernel.RADAR, measured(empty, TRUTH, error)
    else:
        kind = kernel.LINE_OF_SIGHT
        geometry = telescope_look(TRUTH, SATELLITES[sensor_id], 1e-5, first=8, offset=error)
    return Look("m", "s", sensor_id, 0, kind, geometry, 0.0, 1.0)


def compared(sensor_id: str, error: Array, state: Array, bias: Array) -> SharedLook:
    """That look against a foretold state."""
    model = MODEL if sensor_id == RADAR.sensor_id else None
    return shared_look(look(sensor_id, error), state, bias, model)


@pytest.mark.parametrize("sensor_id", [RADAR.sensor_id, "EAST"])
def test_offsets_and_their_derivatives(sensor_id: str) -> None:
    """Nothing off at the truth; a foretold state that is off is seen by its derivative; no bias."""
    size = 4 if sensor_id == RADAR.sensor_id else 2
    bias = np.array((25.0, 1e-4, -2e-4)[: max(size - 1, 2)])
    none = compared(sensor_id, np.zeros(size), TRUTH, 0.0 * bias)
    assert none.offset == pytest.approx(np.zeros(size), abs=1e-8)
    for column in range(6):
        step = np.zeros(6)
        step[column] = 10.0
        (ahead, behind) = (
            compared(sensor_id, np.zeros(size), TRUTH + sign * step, 0.0 * bias)
            for sign in (1.0, -1.0)
        )
        slope = (behind.offset - ahead.offset) / 20.0
        assert none.by_state[:, column] == pytest.approx(slope, rel=1e-5, abs=1e-10)
    error = np.array((50.0, 2e-4, 3e-4, 5.0)) if size == 4 else np.array((3e-5, -2e-5))
    off = compared(sensor_id, error, TRUTH, bias)
    expected = error - np.array((*bias, 0.0)[:size])
    assert off.offset == pytest.approx(expected, rel=1e-3, abs=1e-8)
    assert off.by_bias.shape == (size, len(bias))


@pytest.mark.parametrize("liar", [RADAR.sensor_id, "EAST", None])
def test_a_radar_and_two_telescopes_find_the_one_that_is_off(liar: str | None) -> None:
    """Off by 20 sigmas of its bias: it alone is doubted, though the track was dragged along."""
    randomness = np.random.default_rng(1)
    state = TrustState()
    names = (RADAR.sensor_id, "EAST", "WEST")
    fixed = {
        name: randomness.standard_normal(len(BIASES[name])) * np.sqrt(np.diag(BIASES[name]))
        for name in names
    }
    if liar is not None:
        fixed[liar] = 20.0 * np.sqrt(np.diag(BIASES[liar]))
    foretold = TRUTH + np.array((5e3, -3e3, 2e3, 20.0, 0.0, 10.0))
    for number in range(12):
        looks = []
        for name in names:
            sigma = SIGMAS if name == RADAR.sensor_id else np.full(2, 1e-5)
            error = sigma * randomness.standard_normal(len(sigma))
            error[: len(fixed[name])] += fixed[name]
            looks.append(compared(name, error, foretold, np.zeros(len(fixed[name]))))
        share(state, Shared(number, tuple(looks), WEAK_INFORMATION))
    judge(state, 10**9, BIASES)
    doubted = {name for name in names if state.of(name).standing is not Standing.TRUSTED}
    assert doubted == ({liar} if liar else set())
