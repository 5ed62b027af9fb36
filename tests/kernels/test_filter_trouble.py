"""Trouble is a value: whatever goes in, what comes out is a covariance, or nothing has changed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from forewarn.kernels import filter as filters
from forewarn.kernels import unscented
from tests.kernels.looks import SURELY, above, measured, radar_geometry, telescope_look

Array = NDArray[np.float64]

N = filters.BODY + 3
SITE = above(0.68, 2.25, 0.0)
SIGMAS = np.array((30.0, 1e-3, 1e-3, 10.0))
NASTY = (math.nan, math.inf, -math.inf, 0.0, -1.0, 1e300, -1e300, 1e-300)


def covariance(seed: int, rank: int, exponents: tuple[float, float]) -> Array:
    """A covariance (N, N) of a rank, its standard deviations spread over decades."""
    random = np.random.default_rng(seed)
    loose = random.normal(size=(N, rank))
    sigma = 10.0 ** random.uniform(*exponents, N)
    p = loose @ loose.T
    d = np.sqrt(np.diag(p))
    p = p / np.outer(d, d) * np.outer(sigma, sigma)
    return np.asarray(0.5 * (p + p.T))


def track(seed: int, rank: int, exponents: tuple[float, float]) -> tuple[Array, Array, Array]:
    """Means, covariances and weights of a track in air, all models alike but for parameters."""
    random = np.random.default_rng(seed)
    x = np.zeros(N)
    x[:3] = above(0.7, 2.2, 10.0 ** random.uniform(2.0, 6.0))
    x[3:6] = random.normal(size=3) * 10.0 ** random.uniform(0.0, 4.0)
    means = np.stack((x,) * filters.MODELS)
    means[0, 6:8] = 20.0, 0.006
    means[1:, 6] = -8.5
    weights = random.dirichlet(np.ones(filters.MODELS)) * (random.random(4) < 0.8)
    return means, np.stack((covariance(seed, rank, exponents),) * filters.MODELS), weights


def is_covariance(p: Array) -> bool:
    """Finite, symmetric to the bit; the body definite, the whole as nearly so as doubles allow."""
    sigma = np.sqrt(np.diag(p))
    if not (np.isfinite(p).all() and np.array_equal(p, p.T)):
        return False
    if not filters.cholesky(p, filters.BODY, np.empty((filters.BODY, filters.BODY))):
        return False
    scale = np.where(sigma > 0.0, sigma, 1.0)
    return bool(np.linalg.eigvalsh(p / np.outer(scale, scale)).min() > -1e-7)


def geometry(kind: int, x: Array, off: float) -> Array:
    """A look (8, 3) at a body, ``off`` sigmas wrong."""
    if kind == filters.LINE_OF_SIGHT:
        satellite = above(0.0, 1.7, 35.8e6)
        return telescope_look(x, satellite, 1e-5, first=filters.BODY, offset=np.full(2, off * 1e-5))
    return measured(radar_geometry(SITE, SIGMAS, first=filters.BODY), x, off * SIGMAS)


tracks = st.builds(
    track,
    st.integers(0, 2**32 - 1),
    st.integers(1, 3 * N),
    st.tuples(st.floats(-6.0, 0.0), st.floats(0.0, 6.0)),
)
kinds = st.sampled_from((filters.LINE_OF_SIGHT, filters.RADAR))


def check_unless_refused(ok: bool, state: tuple[Array, ...], before: tuple[Array, ...]) -> None:
    """What was taken is sound where it has weight; what was refused is as it was."""
    if not ok:
        for now, then in zip(state, before, strict=True):
            assert np.array_equal(now, then, equal_nan=True)
        return
    means, covariances, weights = state
    assert np.isfinite(weights).all()
    assert (weights >= 0.0).all()
    for model in np.flatnonzero(weights):
        assert np.isfinite(means[model]).all()
        assert is_covariance(covariances[model])


@given(tracks, st.floats(1e-3, 100.0))
@settings(max_examples=150)
def test_what_is_predicted_is_a_covariance(state: tuple[Array, Array, Array], dt: float) -> None:
    """Any rank, twelve decades of spread: a covariance comes out, or all is as it was."""
    before = tuple(a.copy() for a in state)
    check_unless_refused(filters.predict(*state, dt), state, before)


@given(tracks, kinds, st.floats(-5.0, 5.0))
@settings(max_examples=150)
def test_what_takes_in_a_look_is_a_covariance(
    state: tuple[Array, Array, Array], kind: int, off: float
) -> None:
    """The same of an update; `distance` agrees on what can be done."""
    before = tuple(a.copy() for a in state)
    g = geometry(kind, state[0][0], off)
    d2, likelihood = filters.distance(*state, kind, g)
    assert not math.isnan(d2)
    assert not math.isnan(likelihood)
    said, _ = filters.update(*state, kind, g, SURELY)
    check_unless_refused(said > -math.inf, state, before)


@given(st.integers(0, 1000), kinds, st.sampled_from(NASTY), st.data())
@settings(max_examples=150)
def test_a_nasty_number_anywhere_is_refused_or_harmless(
    seed: int, kind: int, nasty: float, data: st.DataObject
) -> None:
    """One element of state, look, chance or time is not a number, not finite or absurd."""
    means, covariances, weights = track(seed, 3 * N, (0.0, 2.0))
    g, seen_if, dt = geometry(kind, means[0], 0.5), SURELY.copy(), np.array((1.0,))
    # Not into g[7, 1:]: those are indices, and the caller's own.
    flat = data.draw(
        st.sampled_from((means, covariances, weights, g[:7], seen_if, dt)), label="where"
    ).reshape(-1)
    flat[data.draw(st.integers(0, flat.size - 1), label="which")] = nasty
    state = (means, covariances, weights)
    before = tuple(a.copy() for a in state)
    said, _ = filters.update(*state, kind, g, seen_if)
    assert not math.isnan(said)
    if said == -math.inf:
        check_unless_refused(False, state, before)
    for step in (filters.predict(*state, float(dt[0])), filters.miss(weights, seen_if)):
        assert not math.isnan(step)
    for model in np.flatnonzero(before[2] == 0.0):
        if not weights[model] > 0.0:
            assert np.array_equal(means[model], before[0][model], equal_nan=True)


def test_a_covariance_without_its_rank_is_mended_by_a_hundred_millionth_at_most() -> None:
    """Two elements that are one: both are still predicted and updated, and stay within 1e-6."""
    means, covariances, _ = track(4, 3 * N, (0.0, 2.0))
    x, p = means[0], covariances[0]
    p[1, :], p[:, 1] = p[0, :], p[:, 0]
    p[1, 1] = p[0, 0]
    assert np.linalg.matrix_rank(p[:8, :8]) < 8
    assert unscented.predict_model(x, p, filters.REENTRY, 1.0)
    assert is_covariance(p)
    assert p[0, 1] / math.sqrt(p[0, 0] * p[1, 1]) < 1.0
    _, ln = unscented.update_model(x, p, filters.RADAR, geometry(filters.RADAR, x, 0.0))
    assert math.isfinite(ln)
    assert is_covariance(p)
    broken = np.diag(np.array((1.0, 1.0, -1e-6)))
    assert unscented.factor(broken, 3, np.empty((3, 3))) < 0.0


@pytest.mark.parametrize("kind", [filters.LINE_OF_SIGHT, filters.RADAR])
def test_a_target_at_the_sensor_is_refused(kind: int) -> None:
    """On the site, or behind the telescope: -inf, infinitely far, nothing changed."""
    state = track(1, 3 * N, (0.0, 1.0))
    state[2][:] = 0.25
    state[1][:] *= 1e-12
    g = geometry(kind, state[0][0], 0.0)
    if kind == filters.RADAR:
        state[0][:, :3] = SITE
    else:
        g[1] *= -1.0
    before = tuple(a.copy() for a in state)
    assert filters.update(*state, kind, g, SURELY) == (-math.inf, math.inf)
    assert filters.distance(*state, kind, g) == (math.inf, -math.inf)
    check_unless_refused(False, state, before)


def test_a_pass_through_the_zenith_is_followed() -> None:
    """Azimuth turns by half a circle within a second: the error stays within four sigmas.

    The radar states its azimuth as it does: its beam's width over the cosine of elevation.
    """
    random = np.random.default_rng(7)
    truth, w = np.zeros(N), np.empty((7, 6))
    up = SITE / np.linalg.norm(SITE)
    east = np.cross((0.0, 0.0, 1.0), up) / np.linalg.norm(np.cross((0.0, 0.0, 1.0), up))
    truth[:3] = SITE + 400e3 * up - 150e3 * east
    truth[3:6] = 7_000.0 * east
    truth[6] = -8.5
    sigma = np.array((500.0,) * 3 + (20.0,) * 3 + (0.5, 1.0, 40.0, 1e-9, 1e-9))
    x, p = truth + sigma * random.normal(size=N) * (np.arange(N) < 6), np.diag(sigma**2)
    empty = radar_geometry(SITE, SIGMAS, first=filters.BODY)
    for _ in range(43):
        filters.move(truth[:8], filters.BALLISTIC, 1.0, w)
        assert unscented.predict_model(x, p, filters.BALLISTIC, 1.0)
        g = measured(empty, truth, np.zeros(4))
        g[6, 1] = min(SIGMAS[1] / math.cos(g[4, 2]), 1e3 * SIGMAS[1])
        g = measured(g, truth, np.append(g[6], 10.0) * random.normal(size=4))
        _, ln = unscented.update_model(x, p, filters.RADAR, g)
        assert math.isfinite(ln)
        e = x[:6] - truth[:6]
        assert e @ np.linalg.solve(p[:6, :6], e) < 30.0
    assert np.linalg.norm(x[:3] - truth[:3]) < 500.0


def test_a_look_a_million_times_sharper_than_the_track_keeps_its_digits() -> None:
    """Joseph's form: the variance along the look is that of the look, to a thousandth.

    1,000 km of spread and 0.1 mm of noise: 20 digits apart, where subtraction leaves none.
    """
    x = np.zeros(6)
    p = np.diag(np.array((1e12, 1e12, 1e2, 1e2, 0.0, 0.0)))
    p[0, 2] = p[2, 0] = 9e6
    g = np.zeros((8, 3))
    g[6] = 1e-4
    _, ln = unscented.update_model(x, p, unscented.PLANE_POSITION, g)
    assert math.isfinite(ln)
    assert np.diag(p)[:2] == pytest.approx(1e-8, rel=1e-3)
    assert p[2, 2] == pytest.approx(1e2 - 81.0, rel=1e-6)
    assert np.array_equal(p, p.T)


@pytest.mark.parametrize("dt", [math.nan, math.inf, 1e9])
def test_a_step_without_end_is_refused(dt: float) -> None:
    """A step must be a time that a flight may take."""
    state = track(1, 3 * N, (0.0, 1.0))
    before = tuple(a.copy() for a in state)
    assert not filters.predict(*state, dt)
    check_unless_refused(False, state, before)
