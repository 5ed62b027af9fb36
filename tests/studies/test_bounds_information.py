"""Information and the least error: against textbooks, a Kalman filter and another's table."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi

from forewarn.studies.bounds_information import (
    joined,
    least_covariance,
    median_length,
    next_information,
)


def kalman(covariance: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the covariance after scalar looks of unit noise, one by one (Joseph's form)."""
    for h in rows:
        gain = covariance @ h / (h @ covariance @ h + 1.0)
        kept = np.eye(len(covariance)) - np.outer(gain, h)
        covariance = kept @ covariance @ kept.T + np.outer(gain, gain)
    return covariance


def test_linear_looks_give_the_covariance_of_least_squares_and_of_a_kalman_filter() -> None:
    """All is linear and Gaussian: the bound is met, to 1e-6 of itself, whatever the scales."""
    rng = np.random.default_rng(4)
    scales = np.array([1e6, 1e6, 300.0, 2.0, 0.1, 0.5])
    rows = rng.standard_normal((40, 6)) / 20.0 * scales
    slope = rng.standard_normal((3, 6))
    root = np.eye(6)
    for part in np.split(rows, 8):
        root = joined(root, part)
    found = least_covariance(root, slope)
    stacked = np.vstack((np.eye(6), rows))
    inverse = np.linalg.pinv(stacked)
    np.testing.assert_allclose(found, slope @ inverse @ inverse.T @ slope.T, rtol=1e-6)
    np.testing.assert_allclose(found, slope @ kalman(np.eye(6), rows) @ slope.T, rtol=1e-6)


def test_no_looks_leave_the_prior() -> None:
    """A root without rows is itself, and its covariance the prior's."""
    root = np.diag([2.0, 0.5])
    assert joined(root, np.empty((0, 2))) is root
    np.testing.assert_allclose(least_covariance(root, np.eye(2)), np.diag([0.25, 4.0]))


def test_the_recursion_is_a_kalman_filter_where_all_is_linear() -> None:
    """Tichavsky's J is the inverse of the filter's covariance: 30 steps of a drifting body."""
    rng = np.random.default_rng(5)
    f = np.array([[1.0, 2.0], [0.0, 1.0]])
    q = np.array([[8 / 3, 2.0], [2.0, 2.0]]) * 0.3
    information, covariance = np.eye(2), np.eye(2)
    for _ in range(30):
        h = rng.standard_normal((1, 2))
        across = -f.T @ np.linalg.inv(q)
        information = next_information(information, -across @ f, across, np.linalg.inv(q), h.T @ h)
        covariance = kalman(f @ covariance @ f.T + q, h)
    np.testing.assert_allclose(information, np.linalg.inv(covariance), rtol=1e-9)


@pytest.mark.parametrize("crossing_rad", [math.radians(20.0), math.radians(90.0), 2.5])
def test_a_stereo_fix_has_the_textbook_ellipse(crossing_rad: float) -> None:
    """Two lines of sight of one length R and error s, crossing at an angle c.

    Along the bisector s R / (sqrt(2) sin(c/2)), across it in their plane s R / (sqrt(2) cos(c/2)),
    out of the plane s R / sqrt(2) (Bar-Shalom, Li, Kirubarajan, Estimation with Applications to
    Tracking and Navigation, Wiley 2001, section 1.4: information of bearings adds up).
    """
    away_m, sigma_rad, half = 38e6, 8e-6, 0.5 * crossing_rad
    rows = []
    for side in (1.0, -1.0):
        u = np.array([math.cos(half), side * math.sin(half), 0.0])
        across = np.array([[-u[1], u[0], 0.0], [0.0, 0.0, 1.0]])
        rows.extend(across / (away_m * sigma_rad))
    prior_m = 1e7
    found = least_covariance(joined(np.eye(3), np.array(rows) * prior_m), np.eye(3) * prior_m)
    spread_m = away_m * sigma_rad / math.sqrt(2.0)
    textbook = spread_m / np.array([math.sin(half), math.cos(half), 1.0])
    np.testing.assert_allclose(np.sqrt(np.diag(found)), textbook, rtol=1e-6)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_median_of_a_round_normal_vector(n: int) -> None:
    """It is that of chi: 0.6745, 1.1774 and 1.5382 sigmas."""
    assert median_length(4.0 * np.eye(n)) == pytest.approx(2.0 * chi.median(n), rel=1e-5)


@pytest.mark.parametrize("spread", [(9.0, 1.0), (100.0, 0.0), (25.0, 4.0, 1.0), (1.0, 1.0, 1e-6)])
def test_the_median_of_a_long_one_is_that_of_draws(spread: tuple[float, ...]) -> None:
    """A million draws of each, turned somehow."""
    rng = np.random.default_rng(6)
    n = len(spread)
    turn, _ = np.linalg.qr(rng.standard_normal((n, n)))
    drawn = rng.standard_normal((1_000_000, n)) * np.sqrt(spread)
    median = float(np.median(np.linalg.norm(drawn, axis=1)))
    covariance = turn @ np.diag(spread) @ turn.T
    assert median_length(covariance) == pytest.approx(median, rel=3e-3)


def test_no_error_and_no_end_of_it() -> None:
    """What is known exactly has no length, and what is not a number stays one."""
    assert median_length(np.zeros((2, 2))) == 0.0
    assert median_length(np.diag([1e-300, 0.0])) >= 0.0
