"""The filter believes as much as it knows: normalised squared errors over many random flights.

Truth is drawn from the filter's own models: start, biases and process noise from the stated
covariances. Then e' P^-1 e summed over R runs is chi-square with R n degrees of freedom
(Bar-Shalom, Li and Kirubarajan, Estimation with Applications to Tracking and Navigation, 2001,
section 5.4). The band is the two-sided 99.9 % one; the seeds are fixed. Over 1,000 runs the mean
was 12.2 to 12.6 of 12 in boost (up to 5 % too sure of itself) and 10.0 of 10 in the fall.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2

from forewarn.kernels import filter as filters
from forewarn.kernels import motion
from forewarn.kernels.unscented import update_model
from tests.kernels.looks import SURELY, above, measured, radar_geometry, telescope_look

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
    q = np.zeros((filters.BODY, filters.BODY))
    motion.add_process_noise(truth[: filters.BODY], q, model, dt)
    values, vectors = np.linalg.eigh(q)
    truth[: filters.BODY] += vectors @ (np.sqrt(np.maximum(values, 0.0)) * random.normal(size=8))


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
        assert filters.predict_model(x, p, filters.BOOST, 1.0)
        which = second % 2
        first = filters.BODY + 2 * which
        offset = truth[first : first + 2] + 10e-6 * random.normal(size=2)
        g = telescope_look(truth, satellites[which], 10e-6, first=first, offset=offset)
        update_model(x, p, filters.LINE_OF_SIGHT, g)
        if second in checks:
            checks[second] += error(x, p, truth)


NOISE = np.array((30.0, 1e-3, 1e-3, 10.0))
BIASES = np.array((40.0, 5e-4, 5e-4))
RADAR = radar_geometry(above(0.68, 2.25, 0.0), NOISE, first=filters.BODY)
# Spread of position, velocity and the parameters of a fall and of a glide.
FALL = np.array((800.0,) * 3 + (30.0,) * 3 + (filters.LN_DRAG_PRIOR[1], 0.0))
GLIDE = np.array((800.0,) * 3 + (30.0,) * 3 + (0.4, 0.4))


def start(height_m: float, climb: float, level: float, last: tuple[float, float]) -> Array:
    """A mean (n,) near the radar, with these climbing and level speeds and parameters."""
    mean = np.zeros(filters.BODY + 3)
    mean[:3] = above(0.7, 2.2, height_m)
    up = mean[:3] / np.linalg.norm(mean[:3])
    mean[3:6] = climb * up + level * np.cross(up, (0.0, 0.0, 1.0))
    mean[6:8] = last
    return mean


def echo(truth: Array, random: np.random.Generator) -> Array:
    """An echo (8, 3) of a truth, with the noise and the biases of the radar."""
    wrong = NOISE * random.normal(size=4)
    wrong[:3] += truth[filters.BODY :]
    return measured(RADAR, truth, wrong)


def one_model(
    model: int, mean: Array, spread: Array, random: np.random.Generator, checks: dict[int, float]
) -> None:
    """Follow what moves by one model by that model, seen by one radar with three biases."""
    sigma = np.concatenate((spread, BIASES))
    truth, x = mean + sigma * random.normal(size=len(mean)), mean.copy()
    known = tuple(int(i) for i in np.flatnonzero(sigma == 0.0))
    sigma[sigma == 0.0] = 1.0  # an element without meaning
    p = np.diag(sigma**2)
    for second in range(1, max(checks) + 1):
        moved(truth, model, 1.0, random)
        assert filters.predict_model(x, p, model, 1.0)
        update_model(x, p, filters.RADAR, echo(truth, random))
        if second in checks:
            checks[second] += error(x, p, truth, skip=known)


def all_models(
    models: list[int], mean: Array, spread: Array, random: np.random.Generator
) -> tuple[float, Array]:
    """Follow what moves by a model for each second with all models, from free fall or re-entry.

    Returns the normalised squared error (6 expected) of the merged body, and the weights.
    """
    sigma = np.concatenate((spread, BIASES))
    truth = mean + sigma * random.normal(size=len(mean))
    sigma[7] = 1.0
    means, covariances = np.stack((mean,) * 4), np.stack((np.diag(sigma**2),) * 4)
    for model in (filters.BOOST, filters.GLIDE):
        filters.set_parameter_prior(means[model], covariances[model], model)
    weights = np.zeros(4)
    weights[filters.falling_model(mean, 0.0)] = 1.0
    for model in models:
        moved(truth, model, 1.0, random)
        assert filters.predict(means, covariances, weights, 1.0)
        said, _ = filters.update(
            means, covariances, weights, filters.RADAR, echo(truth, random), SURELY
        )
        assert said > -np.inf
    body = np.average(means[:, :6], weights=weights, axis=0)
    d = means[:, :6] - body
    p = np.einsum("m,mij->ij", weights, covariances[:, :6, :6] + d[:, :, None] * d[:, None, :])
    return error(body, p, truth[:6]), weights


def test_boost_tracking_is_consistent() -> None:
    """Twelve elements, biases included: after 5, 20, 50 and 80 s."""
    checks = dict.fromkeys((5, 20, 50, 80), 0.0)
    for seed in range(RUNS):
        boost_run(np.random.default_rng((17, seed)), checks)
    for total in checks.values():
        assert in_band(total, 12)


@pytest.mark.parametrize(
    ("model", "mean", "spread", "dimensions"),
    [
        (filters.BALLISTIC, start(900e3, -1500.0, 1800.0, (-8.5, 0.0)), FALL, 10),
        (filters.REENTRY, start(200e3, -1500.0, 1800.0, (-8.5, 0.0)), FALL, 10),
        (filters.GLIDE, start(45e3, -50.0, 5000.0, (-8.0, 1.2)), GLIDE, 11),
    ],
    ids=["in free fall", "down to 20 km", "in a glide"],
)
def test_tracking_without_thrust_is_consistent(
    model: int, mean: Array, spread: Array, dimensions: int
) -> None:
    """Biases, drag and lift included: after 5, 40, 80 and 100 s."""
    checks = dict.fromkeys((5, 40, 80, 100), 0.0)
    for seed in range(RUNS):
        one_model(model, mean, spread, np.random.default_rng((18, seed)), checks)
    for total in checks.values():
        assert in_band(total, dimensions)


@pytest.mark.parametrize(
    ("models", "mean", "spread"),
    [
        ([filters.BALLISTIC] * 60, start(900e3, -1500.0, 1800.0, (-8.5, 0.0)), FALL),
        ([filters.REENTRY] * 100, start(200e3, -1500.0, 1800.0, (-8.5, 0.0)), FALL),
        (
            [filters.REENTRY] * 15 + [filters.GLIDE] * 45,
            start(75e3, -800.0, 5000.0, (-8.0, 1.8)),
            np.append(GLIDE[:7], 0.2),
        ),
    ],
    ids=["in free fall", "from space to 20 km", "from a fall into a glide"],
)
def test_all_models_together_are_consistent(models: list[int], mean: Array, spread: Array) -> None:
    """The mixture follows a truth of one model after another, and finds which.

    What falls from space crosses from free fall to re-entry. A fall that is no glide is at most
    taken for one in passing. Since any moment may bring an ignition, the mixture is a little less
    sure of itself than a model that knows (4.9 of 6 in free fall), and never more.
    """
    total, weights = 0.0, np.zeros(4)
    for seed in range(RUNS):
        squared, last = all_models(models, mean, spread, np.random.default_rng((19, seed)))
        total += squared
        weights += last / RUNS
    assert total > 0.75 * 6 * RUNS
    assert total < 6 * RUNS or in_band(total, 6)
    assert weights[models[-1]] > 0.9


def test_the_band_is_narrow_enough_to_see_a_liar() -> None:
    """A filter with half the variance, or twice, would leave it."""
    expected = float(RUNS * 10)
    assert in_band(expected, 10)
    assert not in_band(2.0 * expected, 10)
    assert not in_band(0.5 * expected, 10)
