"""The filter believes as much as it knows: normalised squared errors over many random flights.

Truth is drawn from the filter's own models: start, biases and process noise from the stated
covariances. Then e' P^-1 e summed over R runs is chi-square with R n degrees of freedom
(Bar-Shalom, Li and Kirubarajan, Estimation with Applications to Tracking and Navigation, 2001,
section 5.4). The band is the two-sided 99.9 % one; the seeds are fixed. Over 1,000 runs the mean
was 12.2 to 12.6 of 12 in boost (up to 5 % too sure of itself) and 10.0 of 10 in the fall.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from forewarn.kernels import filter as filters
from forewarn.kernels.flight import height_m
from tests.kernels.looks import (
    SURELY,
    above,
    measured,
    process_noise,
    radar_geometry,
    telescope_look,
)

Array = NDArray[np.float64]

RUNS = 100


def in_band(total: float, dimensions: int) -> bool:
    """Whether a sum over all runs lies in the band; for 100 runs of 10 it is 859 to 1,154."""
    low, high = chi2.ppf((0.0005, 0.9995), RUNS * dimensions)
    return bool(low < total < high)


def error(x: Array, p: Array, truth: Array, skip: tuple[int, ...] = ()) -> float:
    """Normalised squared error, of all elements but some."""
    e, p = np.delete(x - truth, skip), np.delete(np.delete(p, skip, 0), skip, 1)
    return float(e @ np.linalg.solve(p, e))


def moved(truth: Array, model: int, dt: float, random: np.random.Generator) -> None:
    """Move a truth (n,) in place by a model and its process noise."""
    filters.move(truth[: filters.BODY], model, dt, np.empty((7, 6)))
    in_air = height_m(*truth[:3]) < 100e3
    q = process_noise(model, dt, in_air=in_air)
    values, vectors = np.linalg.eigh(q)
    truth[: filters.BODY] += vectors @ (np.sqrt(np.maximum(values, 0.0)) * random.normal(size=8))


def step(x: Array, p: Array, model: int, dt: float) -> tuple[Array, Array]:
    """Predict one model and lay it on both, so that `update` takes it in."""
    assert filters.predict_model(x, p, model, dt)
    return np.stack((x, x)), np.stack((p, p))


def boost_run(random: np.random.Generator, checks: dict[int, float]) -> None:
    """80 s of boost from 10 km, seen by two telescopes in turn, each with two biases."""
    n = filters.BODY + 4
    mean = np.zeros(n)
    mean[:3] = above(0.7, 2.2, 10e3)
    up = mean[:3] / np.linalg.norm(mean[:3])
    mean[3:6] = 280.0 * up + 120.0 * np.array((-0.2, 0.6, 0.5))
    mean[6:8] = 20.0, 0.006
    sigma = np.array((500.0,) * 3 + (30.0,) * 3 + (2.0, 0.001) + (15e-6,) * 4)
    truth, x, p = mean + sigma * random.normal(size=n), mean, np.diag(sigma**2)
    satellites = (above(0.0, 1.6, 35.8e6), above(0.0, 2.7, 35.8e6))
    for second in range(1, max(checks) + 1):
        moved(truth, filters.BOOST, 1.0, random)
        means, covariances = step(x, p, filters.BOOST, 1.0)
        which = second % 2
        first = filters.BODY + 2 * which
        offset = truth[first : first + 2] + 10e-6 * random.normal(size=2)
        g = telescope_look(truth, satellites[which], 10e-6, first=first, offset=offset)
        filters.update(means, covariances, np.full(2, 0.5), filters.LINE_OF_SIGHT, g, SURELY)
        x, p = means[0], covariances[0]
        if second in checks:
            checks[second] += error(x, p, truth)


def ballistic_run(random: np.random.Generator, checks: dict[int, float]) -> None:
    """100 s from 200 km down to about 20 km, seen by one radar with three biases."""
    n = filters.BODY + 3
    mean = np.zeros(n)
    mean[:3] = above(0.7, 2.2, 200e3)
    up = mean[:3] / np.linalg.norm(mean[:3])
    mean[3:6] = -1500.0 * up + 1800.0 * np.cross(up, (0.0, 0.0, 1.0))
    mean[6] = filters.LN_DRAG_PRIOR[0]
    sigma = np.array((800.0,) * 3 + (30.0,) * 3 + (filters.LN_DRAG_PRIOR[1], 0.0, 40.0, 5e-4, 5e-4))
    truth, x = mean + sigma * random.normal(size=n), mean
    sigma[7] = 1.0  # the element without meaning
    p = np.diag(sigma**2)
    noise = np.array((30.0, 1e-3, 1e-3, 10.0))
    radar = radar_geometry(above(0.68, 2.25, 0.0), noise, first=filters.BODY)
    for second in range(1, max(checks) + 1):
        moved(truth, filters.BALLISTIC, 1.0, random)
        means, covariances = step(x, p, filters.BALLISTIC, 1.0)
        wrong = noise * random.normal(size=4)
        wrong[:3] += truth[filters.BODY :]
        g = measured(radar, truth, wrong)
        filters.update(means, covariances, np.full(2, 0.5), filters.RADAR, g, SURELY)
        x, p = means[0], covariances[0]
        if second in checks:
            checks[second] += error(x, p, truth, skip=(7,))


def test_boost_tracking_is_consistent() -> None:
    """Twelve elements, biases included: after 5, 20, 50 and 80 s."""
    checks = dict.fromkeys((5, 20, 50, 80), 0.0)
    for seed in range(RUNS):
        boost_run(np.random.default_rng((17, seed)), checks)
    for total in checks.values():
        assert in_band(total, 12)


def test_ballistic_tracking_is_consistent() -> None:
    """Ten elements, biases and drag included: after 5, 40, 80 and 100 s, in vacuum and in air."""
    checks = dict.fromkeys((5, 40, 80, 100), 0.0)
    for seed in range(RUNS):
        ballistic_run(np.random.default_rng((18, seed)), checks)
    for total in checks.values():
        assert in_band(total, 10)


def test_the_band_is_narrow_enough_to_see_a_liar() -> None:
    """A filter with half the variance, or twice, would leave it."""
    expected = float(RUNS * 10)
    assert in_band(expected, 10)
    assert not in_band(2.0 * expected, 10)
    assert not in_band(0.5 * expected, 10)
