"""The kernel density estimate against another implementation of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import gaussian_kde

from forewarn.kernels.density import kernel_density


def test_it_is_the_weighted_gaussian_estimate() -> None:
    """In units of the bandwidth it is scipy's estimate, but for the constant factor."""
    random = np.random.default_rng(3)
    points = random.normal(size=(60, 2)) @ np.array(((2.0, 0.4), (0.0, 0.7)))
    weight = random.uniform(0.1, 1.0, 60)
    weight /= weight.sum()
    theirs = gaussian_kde(points.T, weights=weight)
    whitened = np.linalg.solve(np.linalg.cholesky(theirs.covariance), points.T).T
    ours = np.empty(60)
    kernel_density(np.ascontiguousarray(whitened), weight, ours)
    scale = 2.0 * math.pi * math.sqrt(np.linalg.det(theirs.covariance))
    assert ours / scale == pytest.approx(theirs(points.T), rel=1e-10)
