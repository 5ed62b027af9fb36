"""The calm filter: physics as `kernels.flight`, slopes by differences, the update by textbook."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from forewarn.kernels import calm, company, flight
from forewarn.kernels.measure import radar_from_ecef

Array = NDArray[np.float64]

STATE = np.array((4.2e6, 1.5e6, 5.0e6, -3000.0, 2000.0, 4000.0))
SITE = np.array((5.2e6, 1.7e6, 3.2e6))
AXES = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
SIGMA = np.array((50.0, 1e-3, 1e-3, 10.0))
NO_BIAS = np.full(4, -1)


def covariance(n: int = 6, seed: int = 2) -> Array:
    """A full covariance: 2 km and 100 m/s, biases of 1e-3, correlated."""
    scale = np.array((2e3,) * 3 + (100.0,) * 3 + (1e-3,) * (n - 6))
    a = np.random.default_rng(seed).normal(size=(n, n))
    correlation = a @ a.T + n * np.eye(n)
    d = np.sqrt(np.diagonal(correlation))
    return correlation / np.outer(d, d) * np.outer(scale, scale)


def work(n: int = 6) -> Array:
    """Workspace of the kernels."""
    return np.empty((calm.WORK_ROWS, max(n, 6)))


def seen(x: Array) -> Array:
    """The look of a state, by `kernels.measure`."""
    z = np.empty(4)
    radar_from_ecef(x, SITE, AXES, z)
    return z


def numeric_slope(x: Array) -> Array:
    """dz/dx by central differences."""
    out = np.empty((4, 6))
    for i, h in enumerate((10.0,) * 3 + (0.1,) * 3):
        d = np.eye(6)[i] * h
        out[:, i] = (seen(x + d) - seen(x - d)) / (2.0 * h)
    return out


def test_free_fall_is_that_of_flight() -> None:
    """The acceleration equals `flight.acceleration` without thrust and air, to rounding."""
    random = np.random.default_rng(3)
    for _ in range(20):
        x = np.concatenate((random.normal(size=3) * 5e6, random.normal(size=3) * 5e3))
        expected = np.empty(3)
        flight.acceleration(x, 0.0, 0.0, expected)
        assert calm.falling(*x[:5]) == pytest.approx(expected, rel=1e-13, abs=1e-12)


@pytest.mark.parametrize("seconds", [1.0, 10.0, -10.0, 95.0])
def test_a_prediction_is_that_of_a_fine_integration(seconds: float) -> None:
    """To a centimetre in 95 s against scipy's DOP853, forward and backward."""

    def rates(_: float, y: Array) -> Array:
        return np.concatenate((y[3:], calm.falling(*y[:5])))

    truth = solve_ivp(rates, (0.0, seconds), STATE, method="DOP853", rtol=1e-12, atol=1e-6).y[:, -1]
    x, p = STATE.copy(), covariance()
    assert calm.predict(x, p, seconds, work())
    assert np.abs(x - truth)[:3].max() < 0.01
    assert np.abs(x - truth)[3:].max() < 1e-4


def test_the_covariance_moves_by_the_true_slope() -> None:
    """Phi P Phi' with Phi by differences, the biases' cross terms too; noise as integrated."""
    n, dt = 8, 10.0
    x, p = np.concatenate((STATE, (1e-3, -2e-3))), covariance(n)
    phi = np.eye(n)
    for i, h in enumerate((100.0,) * 3 + (1.0,) * 3):
        moved = []
        for sign in (1.0, -1.0):
            y = STATE + sign * h * np.eye(6)[i]
            calm.fall_step(y, dt)
            moved.append(y)
        phi[:6, i] = (moved[0] - moved[1]) / (2.0 * h)
    noise = np.zeros((n, n))
    for i in range(3):
        noise[i, i] = calm.VELOCITY_PSD * dt**3 / 3.0
        noise[i, 3 + i] = noise[3 + i, i] = calm.VELOCITY_PSD * dt**2 / 2.0
        noise[3 + i, 3 + i] = calm.VELOCITY_PSD * dt
    expected = phi @ p @ phi.T + noise
    assert calm.predict(x, p, dt, work(n))
    scale = np.sqrt(np.outer(np.diagonal(expected), np.diagonal(expected)))
    assert np.abs((p - expected) / scale).max() < 1e-5
    assert x[6:].tolist() == [1e-3, -2e-3]


def test_the_look_and_its_slope() -> None:
    """As `measure.radar_from_ecef`, and its derivative by differences."""
    z, slope = np.empty(4), np.empty((4, 6))
    assert calm.expect(STATE, SITE, AXES, z, slope)
    assert z == pytest.approx(seen(STATE), rel=1e-12)
    expected = numeric_slope(STATE)
    scale = np.abs(expected).max(axis=1, keepdims=True)
    assert slope / scale == pytest.approx(expected / scale, abs=1e-6)


def test_nothing_is_expected_at_the_zenith() -> None:
    """Straight above, and at the site itself, there is no azimuth."""
    z, slope = np.empty(4), np.empty((4, 6))
    above = np.concatenate((SITE + 1e6 * AXES[2], (0.0, 0.0, 1.0)))
    assert not calm.expect(above, SITE, AXES, z, slope)
    assert not calm.expect(np.concatenate((SITE, (0.0, 0.0, 1.0))), SITE, AXES, z, slope)


def test_second_order_against_chance() -> None:
    """Range and range rate: shift and spread of 200,000 draws with 20 km across; spread bounded."""
    random = np.random.default_rng(4)
    p = covariance() * 100.0
    p[3:] /= 10.0
    p[:, 3:] /= 10.0
    z, slope, extra = np.empty(4), np.empty((4, 6)), np.empty(4)
    calm.expect(STATE, SITE, AXES, z, slope)
    first = z.copy()
    calm.bend(STATE, p, z, slope, 4, extra)
    draws = random.multivariate_normal(np.zeros(6), p, 100_000)
    x = STATE + np.concatenate((draws, -draws))  # antithetic: the first order cancels
    away = x[:, :3] - SITE
    r = np.linalg.norm(away, axis=1)
    rate = np.sum(away * x[:, 3:], axis=1) / r
    for found, a in ((r, 0), (rate, 3)):
        curved = found - first[a] - np.concatenate((draws, -draws)) @ slope[a]
        assert z[a] - first[a] == pytest.approx(curved.mean(), rel=0.05)
        assert 0.5 * curved.var() < extra[a] < 6.0 * curved.var()


@pytest.mark.parametrize("missing", [(), (3,), (0, 3), (1,)])
def test_update_is_the_textbooks(missing: tuple[int, ...]) -> None:
    """Gain, state, covariance and density by numpy and scipy, biases included, elements missing."""
    n = 8
    x, p = np.concatenate((STATE, (1e-3, -2e-3))), covariance(n) * 1e-4
    bias = np.array((-1, 6, 7, -1))
    slope = np.zeros((4, n))
    slope[:, :6] = numeric_slope(STATE)
    slope[1, 6] = slope[2, 7] = 1.0
    z = seen(STATE)
    z[1:3] += x[6:]
    off = np.array((40.0, 1e-3, -2e-3, 5.0))
    sigma = SIGMA.copy()
    sigma[list(missing)] = math.nan
    keep = [a for a in range(4) if a not in missing]
    h = slope[keep]
    s = h @ p @ h.T + np.diag(sigma[keep] ** 2)
    gain = p @ h.T @ np.linalg.inv(s)
    look = (z + off, sigma, SITE, AXES)
    new_x, new_p = x.copy(), p.copy()
    ln, d2 = calm.update(new_x, new_p, look, 0, 4, bias, work(n))
    v = off[keep]
    expected_d2 = v @ np.linalg.solve(s, v)
    assert d2 == pytest.approx(expected_d2, rel=1e-3)
    log_det = np.linalg.slogdet(2.0 * math.pi * s)[1]
    assert ln == pytest.approx(-0.5 * (expected_d2 + log_det), rel=1e-3)
    sigmas = np.sqrt(np.diagonal(p))
    assert (new_x - x) / sigmas == pytest.approx(gain @ v / sigmas, abs=2e-3)
    scale = np.outer(sigmas, sigmas)
    assert new_p / scale == pytest.approx((p - gain @ h @ p) / scale, abs=1e-3)


def test_distance_is_that_of_the_update() -> None:
    """Squared distance and density before the update equal those it reports; the azimuth wraps."""
    x, p = STATE.copy(), covariance()
    w, z, slope = work(), np.empty(4), np.empty((4, 6))
    s, extra = np.empty((4, 4)), np.empty(4)
    calm.expect(x, SITE, AXES, z, slope)
    look = z + np.array((40.0, 1e-3 + 2.0 * math.pi, -2e-3, 5.0))
    calm.bend(x, p, z, slope, 4, extra)
    calm.spread(p, slope, (0, 4, extra), NO_BIAS, s, w)
    d2, ln = calm.distance(look, SIGMA, z, s, 0, 4)
    ln_update, d2_update = calm.update(x, p, (look, SIGMA, SITE, AXES), 0, 4, NO_BIAS, w)
    assert d2 == pytest.approx(d2_update, rel=1e-9)
    assert ln == pytest.approx(ln_update, rel=1e-9)


@pytest.mark.parametrize("trouble", ["look", "sigma", "state", "covariance"])
def test_trouble_leaves_the_state(trouble: str) -> None:
    """A NaN look, no element measured, a NaN state, a covariance that is none: -inf, untouched."""
    x, p, sigma, look = STATE.copy(), covariance(), SIGMA.copy(), seen(STATE)
    if trouble == "look":
        look[1] = math.nan
    elif trouble == "sigma":
        sigma[:] = math.nan
    elif trouble == "state":
        x[0] = math.nan
    else:
        p = -p
    before = x.copy(), p.copy()
    ln, _ = calm.update(x, p, (look, sigma, SITE, AXES), 0, 4, NO_BIAS, work())
    assert ln == -math.inf
    assert np.array_equal(x, before[0], equal_nan=True)
    assert np.array_equal(p, before[1])
    assert not calm.predict(x.copy() * math.nan, p.copy(), 1.0, work())
    assert not calm.predict(x.copy(), p.copy(), math.inf, work())


def group(random: np.random.Generator, dispersion: float) -> tuple[Array, Array, Array]:
    """Truth, estimates and covariances of ten objects seen sharply along one axis only."""
    truth = STATE + random.normal(size=(10, 6)) * np.repeat((2e3, dispersion), 3)
    p = np.diag((50.0, 1e3, 1e3, 5.0, 150.0, 150.0)) ** 2
    p[[0, 1, 2], [3, 4, 5]] = p[[3, 4, 5], [0, 1, 2]] = 0.85 * np.sqrt(
        p[[0, 1, 2], [0, 1, 2]] * p[[3, 4, 5], [3, 4, 5]]
    )
    x = truth + random.multivariate_normal(np.zeros(6), p, 10)
    return truth, x, np.repeat(p[None], 10, axis=0)


def test_company_halves_errors_and_stays_honest() -> None:
    """Ten released together: velocity errors shrink threefold, and their NEES stays one."""
    random = np.random.default_rng(6)
    before, after, nees = [], [], []
    for _ in range(60):
        truth, x, p = group(random, 5.0)
        own = x.copy()
        label, choice = np.arange(31, 41), np.empty(10, np.int64)
        company.find_company(x, p, np.ones(10, np.int64), label, choice)
        assert label.tolist() == [31] * 10
        company.keep_company(x, p, label, choice)
        before.append(own[:, 4:] - truth[:, 4:])
        after.append(x[:, 4:] - truth[:, 4:])
        nees += [e @ np.linalg.solve(c, e) / 6.0 for e, c in zip(x - truth, p, strict=True)]
    assert np.std(after) < np.std(before) / 2.5
    assert 0.8 < np.mean(nees) < 1.25


def test_company_is_not_kept_with_strangers() -> None:
    """Two only, others far away, others that move otherwise, tracks not to be asked: unchanged."""
    random = np.random.default_rng(7)
    live = np.ones(10, np.int64)
    _, x, p = group(random, 5.0)
    for change in ("two", "far", "otherwise", "asleep"):
        y, asked = x.copy(), live.copy()
        if change == "two":
            asked[2:] = 0
        elif change == "far":
            y[:, 1] += 1e5 * np.arange(10)
        elif change == "otherwise":
            y[:, 3] += 1e3 * np.arange(10)
        else:
            asked[:] = 0
        label, choice, z = np.arange(1, 11), np.empty(10, np.int64), y.copy()
        company.find_company(y, p, asked, label, choice)
        assert (label == 0).all()
        company.keep_company(z, p.copy(), label, choice)
        assert np.array_equal(z, y)
