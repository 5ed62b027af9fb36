"""The filter against textbook algebra, where that is exact, and against Monte Carlo."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.stats import multivariate_normal

from forewarn import earth
from forewarn.kernels import filter as filters
from forewarn.kernels import motion
from forewarn.kernels.air import density_kg_m3
from forewarn.kernels.flight import acceleration, coast_step
from forewarn.kernels.measure import radar_from_ecef
from tests.kernels.looks import (
    SURELY,
    above,
    measured,
    process_noise,
    radar_geometry,
    telescope_look,
)

Array = NDArray[np.float64]

N = filters.BODY + 4


def covariance(random: np.random.Generator, sigmas: Array) -> Array:
    """A full covariance with these standard deviations."""
    n = len(sigmas)
    loose = random.normal(size=(n, 3 * n))
    spread = loose @ loose.T
    d = np.sqrt(np.diag(spread))
    return np.asarray(spread / np.outer(d, d) * np.outer(sigmas, sigmas))


def track() -> tuple[Array, Array, Array]:
    """Means (4, N), covariances (4, N, N), weights (4,) of a track at 80 km, climbing at 3 km/s."""
    random = np.random.default_rng(11)
    body = np.array((400.0, 500.0, 600.0, 30.0, 40.0, 50.0, 0.5, 0.002, 1e-5, 1e-5, 20.0, 1e-3))
    means, covariances = np.zeros((4, N)), np.empty((4, N, N))
    means[:, :3] = above(0.7, 2.2, 80e3)
    means[:, 3:6] = -1500.0, 2000.0, -1700.0
    means[0, 6:8] = 25.0, 0.009
    means[1:, 6] = -8.5
    means[filters.GLIDE, 7] = 1.5
    for model in range(filters.MODELS):
        covariances[model] = covariance(random, body)
    return means, covariances, np.array((0.7, 0.0, 0.3, 0.0))


def alike(x: Array, p: Array) -> tuple[Array, Array]:
    """Means and covariances of a track all of whose models have the same."""
    return np.stack((x,) * filters.MODELS), np.stack((p,) * filters.MODELS)


def textbook_update(
    x: Array, p: Array, slope: Array, residual: Array, noise: Array
) -> tuple[Array, Array, float]:
    """Kalman's update in Joseph's form, and the log-likelihood of the residual."""
    s = slope @ p @ slope.T + noise
    gain = p @ slope.T @ np.linalg.inv(s)
    left = np.eye(len(x)) - gain @ slope
    d2 = residual @ np.linalg.solve(s, residual)
    likelihood = -0.5 * float(d2 + np.linalg.slogdet(2.0 * math.pi * s)[1])
    return x + gain @ residual, left @ p @ left.T + gain @ noise @ gain.T, likelihood


def same(ours: Array, theirs: Array, tolerance: float) -> None:
    """Two covariances agree, in units of their standard deviations."""
    d = np.sqrt(np.diag(theirs))
    assert ours / np.outer(d, d) == pytest.approx(theirs / np.outer(d, d), abs=tolerance)


# ------------------------------------------------------------------ where everything is linear


def far_out() -> tuple[Array, Array]:
    """Mean (N,) and covariance (N, N) of a body a million kilometres above the north pole.

    There gravity bends by 1e-18 of itself over the spread, and so the motion is linear.
    """
    sigmas = np.array((900.0, 1100.0, 800.0, 3.0, 5.0, 4.0, 0.5, 1.0, 1e-5, 2e-5, 1e-5, 1e-5))
    x = np.zeros(N)
    x[:6] = 2e3, -1e3, 1e9, 3.0, 4.0, -2.0
    x[6:] = -8.5, 0.0, 1e-5, -2e-5, 0.0, 1e-5
    p = covariance(np.random.default_rng(5), sigmas)
    p[7, :], p[:, 7] = 0.0, 0.0
    p[7, 7] = 1.0
    return x, p


def test_far_out_a_prediction_is_kalmans() -> None:
    """Mean and covariance, cross-covariance with biases included, to 1e-9."""
    x, p = far_out()
    dt, w = 30.0, earth.ROTATION_RATE_RAD_S
    g = earth.GRAVITATIONAL_PARAMETER_M3_S2 / x[2] ** 3
    system = np.zeros((6, 6))
    system[:3, 3:] = np.eye(3)
    system[3:, :3] = np.diag((w * w - g, w * w - g, 2.0 * g))
    system[3, 4], system[4, 3] = 2.0 * w, -2.0 * w
    slope = np.eye(N)
    slope[:6, :6] = expm(dt * system)
    pull = np.zeros(3)
    acceleration(x[:6].copy(), 0.0, 0.0, pull)
    # The mean's own path: x(t) = x + integral of exp(A s) ds (velocity, pull at x).
    begun = np.concatenate((x[3:6], pull))
    augmented = np.zeros((7, 7))
    augmented[:6, :6], augmented[:6, 6] = system, begun
    mean = x.copy()
    mean[:6] += expm(dt * augmented)[:6, 6]
    wanted = slope @ p @ slope.T
    wanted[:8, :8] += process_noise(filters.BALLISTIC, dt, in_air=False)
    wanted[7, 7] = 1.0
    assert filters.predict_model(x, p, filters.BALLISTIC, dt)
    assert (x - mean) / np.sqrt(np.diag(wanted)) == pytest.approx(0.0, abs=1e-9)
    same(p, wanted, 1e-9)


def test_far_out_a_line_of_sight_is_taken_in_as_kalman_does() -> None:
    """From 10,000 km, 0.1 mm deep and 1 km wide: that is linear, and so equal to 1e-9."""
    x, p = far_out()
    x[2] = 0.0
    p[2, :] *= 1e-7
    p[:, 2] *= 1e-7
    g = telescope_look(x, np.array((0.0, 0.0, -1e7)), 1e-6, first=9)
    g[1] = 0.0, 0.0, 1.0
    g[2], g[3] = (0.0, 1.0, 0.0), (-1.0, 0.0, 0.0)
    slope = np.zeros((2, N))
    slope[:, :3] = g[2:4] / 1e7
    slope[:, 9:11] = np.eye(2)
    residual = -slope @ x  # the measured direction is the axis itself
    noise = 1e-12 * np.eye(2)
    mean, wanted, likelihood = textbook_update(x, p, slope, residual, noise)
    means, covariances = alike(x, p)
    weights = np.array((0.4, 0.3, 0.2, 0.1))
    said, d2 = filters.update(means, covariances, weights, filters.LINE_OF_SIGHT, g, SURELY)
    for model in range(filters.MODELS):
        assert (means[model] - mean) / np.sqrt(np.diag(p)) == pytest.approx(0.0, abs=1e-9)
        same(covariances[model], wanted, 1e-9)
    assert said == pytest.approx(likelihood, rel=1e-9)
    s = slope @ p @ slope.T + noise
    assert d2 == pytest.approx(residual @ np.linalg.solve(s, residual), rel=1e-9)
    assert weights == pytest.approx((0.4, 0.3, 0.2, 0.1), rel=1e-9)


@pytest.mark.parametrize("biases", [0, 3])
def test_a_sharp_track_takes_in_an_echo_as_kalman_does(biases: int) -> None:
    """With metres of spread at 700 km a radar is linear to 1e-5; range rate has no bias."""
    x, p, _ = (a.copy() for a in track())
    p *= 1e-7
    site = above(0.72, 2.1, 0.0)
    sigmas = np.array((0.3, 1e-6, 2e-6, 0.05))
    empty = radar_geometry(site, sigmas, first=8, biases=biases)
    g = measured(empty, x[0], np.array((0.4, 1e-6, -2e-6, 0.03)))
    axes = np.ascontiguousarray(g[1:4])
    slope, z, step = np.zeros((4, N)), np.empty((2, 4)), 1.0
    for i in range(6):
        for side, sign in enumerate((-1.0, 1.0)):
            moved = x[0].copy()
            moved[i] += sign * step
            radar_from_ecef(moved, g[0], axes, z[side])
        slope[:, i] = (z[1] - z[0]) / (2.0 * step)
    slope[:biases, 8 : 8 + biases] = np.eye(biases)
    radar_from_ecef(x[0], g[0], axes, z[0])
    residual = np.array((*g[4], g[5, 0])) - z[0] - slope[:, 8:] @ x[0, 8:]
    mean, wanted, likelihood = textbook_update(x[0], p[0], slope, residual, np.diag(sigmas**2))
    means, covariances = alike(x[0], p[0])
    said, _ = filters.update(means, covariances, np.ones(4) / 4, filters.RADAR, g, SURELY)
    assert (means[0] - mean) / np.sqrt(np.diag(wanted)) == pytest.approx(0.0, abs=1e-4)
    same(covariances[0], wanted, 1e-5)
    assert said == pytest.approx(likelihood, abs=1e-4)


def test_an_azimuth_wraps() -> None:
    """An echo just east of north of a track just west of it is near, not a turn away."""
    x, p, weights = track()
    site = above(0.6, 2.2, 0.0)
    north = above(0.7, 2.2 - 1e-5, 80e3)
    x[:, :3] = north
    g = measured(
        radar_geometry(site, np.array((50.0, 1e-3, 1e-3, 10.0)), first=8), x[0], np.zeros(4)
    )
    assert g[4, 1] > 6.28
    g[4, 1] = 1e-4
    d2, _ = filters.distance(x, p, weights, filters.RADAR, g)
    assert d2 < 1.0


# ------------------------------------------------------------------ models and their mixture


def test_the_boost_model_is_the_rocket_equation() -> None:
    """Specific thrust a/(1 - k t) and loss k/(1 - k t): Li and Jilkov 2001, eq. 38, solved."""
    x, w = np.zeros(8), np.empty((7, 6))
    x[:3] = above(0.6, 2.2, 60e3)
    x[3:6] = 800.0, 600.0, 900.0
    x[6:] = 20.0, 0.007
    begun = x.copy()
    filters.move(x, filters.BOOST, 60.0, w)
    left = 1.0 - 0.007 * 60.0
    assert x[6:] == pytest.approx((20.0 / left, 0.007 / left), rel=1e-12)
    filters.move(x, filters.BOOST, -60.0, w)
    assert x == pytest.approx(begun, rel=1e-6)


def test_the_re_entry_model_is_the_fall_through_air() -> None:
    """x[6] is the logarithm of 1/beta; time runs both ways."""
    x, w = np.zeros(8), np.empty((7, 6))
    x[:3] = above(0.6, 2.2, 60e3)
    x[3:6] = -2000.0 * x[:3] / np.linalg.norm(x[:3])
    x[6] = math.log(1.0 / 3000.0)
    begun, other = x.copy(), x[:6].copy()
    filters.move(x, filters.REENTRY, 20.0, w)
    for _ in range(2000):
        coast_step(other, 1.0 / 3000.0, 0.01, w)
    assert np.linalg.norm(x[:3] - other[:3]) < 1.0
    assert x[6] == begun[6]
    filters.move(x, filters.REENTRY, -20.0, w)
    assert np.linalg.norm(x[:3] - begun[:3]) < 1.0


def test_blurring_has_the_moments_of_a_switch_at_any_instant() -> None:
    """Against 400,000 draws of the instant: mean to 0.5 %, covariance to 1 %."""
    a, dt, draws = 40.0, 8.0, 400_000
    switch = np.random.default_rng(2).uniform(0.0, dt, draws)
    gain = a * switch
    # Thrust until the switch, carried back to the start at the speed gained.
    way = a * switch * dt - 0.5 * a * switch**2 - gain * dt
    x, p = np.zeros(N), np.zeros((N, N))
    u = np.array((0.6, 0.0, 0.8))
    x[3:6] = 500.0 * u
    filters.blur_switch(x, p, a, dt)
    assert x[:3] == pytest.approx(np.mean(way) * u, rel=5e-3, abs=1e-9)
    assert x[3:6] - 500.0 * u == pytest.approx(np.mean(gain) * u, rel=5e-3, abs=1e-9)
    drawn = np.cov(np.stack((way, gain)))
    for i, j, block in ((0, 0, p[:3, :3]), (0, 1, p[:3, 3:6]), (1, 1, p[3:6, 3:6])):
        assert block == pytest.approx(drawn[i, j] * np.outer(u, u), rel=1e-2, abs=1e-9)
    assert not p[6:].any()
    assert np.array_equal(p, p.T)


def test_blurring_leaves_what_stands_still() -> None:
    """Without a direction of flight there is none to thrust along."""
    x, p = np.zeros(N), np.eye(N)
    filters.blur_switch(x, p, 40.0, 8.0)
    assert not x.any()
    assert np.array_equal(p, np.eye(N))


def test_mixing_keeps_the_moments_of_the_mixture() -> None:
    """Weights follow the Markov chain; re-entry is (1 - c) itself and c the blurred guest."""
    old_x, old_p, old_mu = track()
    means, covariances = old_x.copy(), old_p.copy()
    dt = 10.0
    weights = filters.interact(old_x, old_p, old_mu, dt, means, covariances)
    off = 1.0 - math.exp(-filters.CUT_OFF_RATE_S * dt)
    on = 1.0 - math.exp(-filters.IGNITION_RATE_S * dt)
    into = old_mu[2] * (1.0 - on) + old_mu[0] * off
    assert weights == pytest.approx((1.0 - into, 0.0, into, 0.0), rel=1e-12)
    guest_x, guest_p = old_x[0].copy(), old_p[0].copy()
    filters.set_parameter_prior(guest_x, guest_p, filters.REENTRY)
    filters.blur_switch(guest_x, guest_p, old_x[0, 6], dt)
    c = old_mu[0] * off / into
    mean = (1.0 - c) * old_x[2] + c * guest_x
    wanted = np.zeros((N, N))
    for share, x, p in ((1.0 - c, old_x[2], old_p[2]), (c, guest_x, guest_p)):
        wanted += share * (p + np.outer(x - mean, x - mean))
    assert means[2] == pytest.approx(mean, rel=1e-12)
    same(covariances[2], wanted, 1e-12)


def test_a_missed_plume_speaks_for_falling() -> None:
    """Bayes: 0.7 (1 - 0.9) against 0.3 (1 - 0.001). What cannot be explained changes nothing."""
    weights = np.array((0.7, 0.3, 0.0, 0.0))
    said = filters.miss(weights, np.array((0.9, 1e-3, 0.5, 0.5)))
    total = 0.7 * 0.1 + 0.3 * 0.999
    assert weights == pytest.approx((0.07 / total, 0.2997 / total, 0.0, 0.0), rel=1e-12)
    assert weights[1] > 0.8
    assert said == pytest.approx(math.log(total), rel=1e-12)
    before = weights.copy()
    assert filters.miss(weights, SURELY) == -math.inf
    assert np.array_equal(weights, before)


def test_a_plume_seen_speaks_for_thrusting() -> None:
    """The same look, better explained by a model in which it is seen more often."""
    means, covariances, weights = track()
    g = telescope_look(means[0], above(0.0, 2.2, 35.8e6), 1e-5, first=8)
    means, covariances = alike(means[0], covariances[0])
    seen_if = np.array((0.9, 1.0, 1e-3, 1.0))
    filters.update(means, covariances, weights, filters.LINE_OF_SIGHT, g, seen_if)
    assert not weights[[1, 3]].any()
    assert weights[0] / weights[2] == pytest.approx(0.7 * 0.9 / (0.3 * 1e-3), rel=1e-9)


def test_a_cut_off_is_noticed_in_the_echoes() -> None:
    """A body that thrust at 30 m/s2 and falls from now on: after 15 s of echoes that is certain."""
    random = np.random.default_rng(8)
    means, covariances, weights = track()
    weights[:] = 0.99, 0.0, 0.01, 0.0
    for model in range(filters.MODELS):
        covariances[model] = np.diag(np.diag(covariances[model]))
    truth, w = np.append(means[0, :6], (-8.5, 0.0)), np.empty((7, 6))
    sigmas = np.array((30.0, 1e-3, 1e-3, 10.0))
    empty = radar_geometry(above(0.72, 2.1, 0.0), sigmas, first=8, biases=0)
    for _ in range(15):
        filters.move(truth, filters.REENTRY, 1.0, w)
        assert filters.predict(means, covariances, weights, 1.0)
        g = measured(empty, truth, random.normal(size=4) * sigmas)
        filters.update(means, covariances, weights, filters.RADAR, g, SURELY)
    assert weights[filters.BOOST] < 0.01


def coasting(height_m: float) -> tuple[Array, Array, Array, Array]:
    """A truth (8,) that coasts upwards, and means, covariances and weights of a track of it."""
    truth = np.zeros(8)
    truth[:3] = above(0.7, 2.2, height_m)
    up = truth[:3] / np.linalg.norm(truth[:3])
    truth[3:6] = 900.0 * up + 2500.0 * np.cross(up, (0.0, 0.0, 1.0))
    truth[6] = -8.5
    sigma = np.array((500.0,) * 3 + (20.0,) * 3 + (0.5, 1.0))
    means, covariances = alike(truth, np.diag(sigma**2))
    filters.set_parameter_prior(means[0], covariances[0], filters.BOOST)
    weights = np.zeros(filters.MODELS)
    weights[filters.falling_model(truth, 1.0)] = 1.0
    return truth, means, covariances, weights


@pytest.mark.parametrize("kind", [filters.LINE_OF_SIGHT, filters.RADAR])
@pytest.mark.parametrize("height_m", [60e3, 200e3])
@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_thrust_is_found_again_after_a_coast(kind: int, height_m: float, dt: float) -> None:
    """A second stage lights after a minute: two lines of sight tell, or echoes within 20 s."""
    random = np.random.default_rng(12)
    truth, means, covariances, weights = coasting(height_m)
    satellites = (above(0.0, 1.6, 35.8e6), above(0.0, 2.7, 35.8e6))
    sigmas = np.array((30.0, 1e-3, 1e-3, 10.0))
    radar = radar_geometry(above(0.68, 2.25, 0.0), sigmas, first=8, biases=0)
    plume = np.array((0.9, 1e-3, 1e-3, 1e-3))
    w = np.empty((7, 6))
    on = round(60.0 / dt)
    for k in range(on + (2 if kind == filters.LINE_OF_SIGHT else round(20.0 / dt))):
        if k == on:
            assert weights[filters.BOOST] < 0.01
            truth[6:] = 15.0, 0.006
        falling = filters.falling_model(truth, dt)
        filters.move(truth, falling if k < on else filters.BOOST, dt, w)
        assert filters.predict(means, covariances, weights, dt)
        if kind == filters.RADAR:
            g = measured(radar, truth, random.normal(size=4) * sigmas)
            filters.update(means, covariances, weights, kind, g, SURELY)
        elif k < on:
            filters.miss(weights, plume)
        else:
            offset = 1e-5 * random.normal(size=2)
            g = telescope_look(truth, satellites[k % 2], 1e-5, first=8, offset=offset)
            g[7, 2] = 0.0
            filters.update(means, covariances, weights, kind, g, plume)
    assert weights[filters.BOOST] > 0.9


# ------------------------------------------------------------------ what is computed


def switched(height_m: float, climb: float, dt: float = 1.0) -> Array:
    """Chances of the switch for a body at a height that climbs and moves 4 km/s level."""
    x = np.zeros(6)
    x[:3] = above(0.0, 0.0, height_m + 7e3)  # the ellipsoid stands 7 km above that sphere here
    x[3], x[4] = climb, 4000.0
    chances = np.empty((4, 4))
    filters.switch(x, dt, chances)
    assert chances.sum(axis=1) == pytest.approx(1.0, rel=1e-12)
    return chances


def test_height_and_climb_say_what_can_be() -> None:
    """In space no drag, in air no free fall; a glide begins in a fall, thrust not in a dive."""
    boost, ballistic, reentry, glide = range(4)
    space, rising, diving = switched(200e3, 500.0), switched(50e3, 500.0), switched(50e3, -1500.0)
    for chances, other in ((space, reentry), (rising, ballistic), (diving, ballistic)):
        assert not chances[:, other].any()
    assert space[glide, ballistic] == 1.0
    assert space[ballistic, boost] == rising[reentry, boost] > 0.0
    assert diving[reentry, boost] == 0.0
    assert not space[:, glide].any()
    assert rising[reentry, glide] == 0.0
    assert diving[reentry, glide] == pytest.approx(1.0 - math.exp(-filters.PULL_UP_RATE_S))
    assert rising[ballistic, reentry] == pytest.approx(math.exp(-filters.IGNITION_RATE_S))
    assert switched(50e3, -200.0)[reentry, boost] > 0.0
    assert switched(110e3, -1500.0)[reentry, glide] == 0.0


def test_a_long_step_that_ends_in_air_is_taken_with_air() -> None:
    """From 200 km, at 1.5 km/s downwards, 100 s end far below 120 km; 10 s do not."""
    x = np.zeros(6)
    x[0] = earth.SEMI_MAJOR_AXIS_M + 200e3
    x[3], x[4] = -1500.0, 3000.0
    assert filters.falling_model(x, 10.0) == filters.BALLISTIC
    assert filters.falling_model(x, 100.0) == filters.REENTRY
    x[3] = 1500.0  # up, and down again
    assert filters.falling_model(x, 100.0) == filters.BALLISTIC
    assert filters.falling_model(x, 450.0) == filters.REENTRY


def test_a_model_without_weight_is_neither_read_nor_written() -> None:
    """Numbers that are not numbers stay in it, and reach nothing else."""
    means, covariances, weights = track()
    weights[:] = 0.0, 0.0, 1.0, 0.0
    means[[1, 3]], covariances[[1, 3]] = math.nan, math.nan
    means[:, 3:6] *= -1.0  # sinking: nothing ignites
    means[0] = math.nan
    assert filters.predict(means, covariances, weights, 1e-4)  # too short for a glide to begin
    g = telescope_look(means[2], above(0.0, 2.2, 35.8e6), 1e-5, first=8)
    said, _ = filters.update(means, covariances, weights, filters.LINE_OF_SIGHT, g, SURELY)
    assert math.isfinite(said)
    assert np.isnan(means[[0, 1, 3]]).all()
    assert np.isfinite(means[2]).all()
    assert weights.tolist() == [0.0, 0.0, 1.0, 0.0]


def test_a_model_of_little_weight_that_cannot_take_a_look_is_dropped() -> None:
    """One in ten thousand that is no covariance: the others are as if it had not been there."""
    states = []
    for broken in (1e-4, 0.0):
        means, covariances, weights = track()
        weights[:] = 0.6 - broken, 0.0, 0.4, broken
        covariances[filters.GLIDE] = -1.0
        g = telescope_look(means[0], above(0.0, 2.2, 35.8e6), 1e-5, first=8)
        said, _ = filters.update(means, covariances, weights, filters.LINE_OF_SIGHT, g, SURELY)
        assert math.isfinite(said)
        assert weights[filters.GLIDE] == 0.0
        assert weights.sum() == pytest.approx(1.0, rel=1e-12)
        states.append((means[[0, 2]], covariances[[0, 2]]))
    assert np.array_equal(states[0][0], states[1][0])
    assert np.array_equal(states[0][1], states[1][1])


def test_a_model_that_nothing_supports_is_dropped_and_comes_back() -> None:
    """Below a millionth a model costs nothing; the switch brings it back from the others."""
    means, covariances, weights = track()
    weights[:] = 0.0, 0.0, 1.0 - 1e-7, 1e-7
    means[:, 3:6] *= -1.0
    assert filters.predict(means, covariances, weights, 1e-4)
    assert weights[filters.GLIDE] == 0.0
    assert filters.predict(means, covariances, weights, 1.0)
    wanted = 1.0 - math.exp(-filters.PULL_UP_RATE_S)
    assert weights[filters.GLIDE] == pytest.approx(wanted, rel=1e-9)
    assert means[filters.GLIDE, 6] == pytest.approx(means[filters.REENTRY, 6], abs=1e-6)


def test_a_glide_that_lifts_its_weight_flies_level() -> None:
    """Lift over drag times drag equals weight less v^2/r: height keeps within 5 m for 5 s.

    The equilibrium glide of Eggers, Allen and Neice, NACA Report 1382 (1958), eq. 12.
    """
    x, w = np.zeros(8), np.empty((7, 6))
    x[0], x[4] = earth.SEMI_MAJOR_AXIS_M + 40e3, 4000.0
    pull = np.empty(3)
    acceleration(x, 0.0, 0.0, pull)
    needed = -pull[0] - x[4] ** 2 / x[0]
    x[6] = -8.0
    drag = 0.5 * density_kg_m3(40e3) * x[4] ** 2 * math.exp(x[6])
    x[7] = needed / drag
    filters.move(x, filters.GLIDE, 5.0, w)
    assert np.linalg.norm(x[:3]) - earth.SEMI_MAJOR_AXIS_M - 40e3 == pytest.approx(0.0, abs=5.0)
    x[7] = 0.0
    fallen = x.copy()
    filters.move(x, filters.GLIDE, 5.0, w)
    filters.move(fallen, filters.REENTRY, 5.0, w)
    assert np.array_equal(x[:6], fallen[:6])


def test_banking_pushes_level_and_across() -> None:
    """The noise of a glide beyond the re-entry's is along v x r alone, with the lift squared."""
    x, p, q = np.zeros(8), np.zeros((8, 8)), np.zeros((8, 8))
    x[0], x[4], x[5] = earth.SEMI_MAJOR_AXIS_M + 40e3, 4000.0, 1000.0
    x[6:] = -8.0, 1.5
    motion.add_process_noise(x, p, filters.GLIDE, 2.0)
    motion.add_process_noise(x, q, filters.REENTRY, 2.0)
    more = (p - q)[3:6, 3:6]
    side = np.cross(x[3:6], x[:3])
    side /= np.linalg.norm(side)
    lift = 1.5 * 0.5 * density_kg_m3(40e3) * (x[3:6] @ x[3:6]) * math.exp(-8.0)
    wanted = motion.BANK_PSD_S * lift**2 * 2.0 * np.outer(side, side)
    assert more == pytest.approx(wanted, rel=1e-3, abs=1e-6)


def test_a_light_body_that_enters_deep_is_flown_stably() -> None:
    """7 kg/m2 at 7 km/s and 60 km: steps of a second land within 1 m of steps of a millisecond."""
    x, w = np.zeros(8), np.empty((7, 6))
    x[:3] = above(0.3, 1.0, 60e3)
    x[3:6] = -5000.0 * x[:3] / np.linalg.norm(x[:3]) + np.array((0.0, 0.0, 5000.0))
    x[6] = -2.0
    fine = x.copy()
    for _ in range(10):
        filters.move(x, filters.REENTRY, 1.0, w)
    for _ in range(10_000):
        filters.move(fine, filters.REENTRY, 1e-3, w)
    assert x[:3] == pytest.approx(fine[:3], abs=1.0)


# ------------------------------------------------------------------ biases


def test_two_telescopes_and_a_radar_find_their_biases() -> None:
    """A falling body seen by all: every bias is found within three of its stated sigmas.

    The radar's range bias, which nothing else could tell, shrinks least; all must have shrunk.
    """
    random = np.random.default_rng(21)
    n = filters.BODY + 7
    prior = np.array((2e-5, 2e-5, 2e-5, 2e-5, 60.0, 1e-3, 1e-3))
    biases = prior * np.array((1.2, -0.8, -1.0, 0.9, 1.1, -1.3, 0.7))
    truth, w = np.zeros(8), np.empty((7, 6))
    truth[:3] = above(0.7, 2.3, 250e3)
    truth[3:7] = -1800.0, -1500.0, 900.0, -8.5
    spread = np.array((2e3, 2e3, 2e3, 50.0, 50.0, 50.0, 0.5, 1.0))
    x, p = np.zeros(n), np.diag(np.concatenate((spread, prior)) ** 2)
    x[:8] = truth + spread * random.normal(size=8) * (1, 1, 1, 1, 1, 1, 1, 0)
    telescopes = (above(0.0, 1.7, 35.8e6), above(0.0, 2.8, 35.8e6))
    sigmas = np.array((20.0, 3e-4, 3e-4, 5.0))
    radar = radar_geometry(above(0.72, 2.1, 0.0), sigmas, first=filters.BODY + 4)
    means, covariances = alike(x, p)
    weights = np.array((0.0, 1.0, 0.0, 0.0))
    for _ in range(60):
        filters.move(truth, filters.BALLISTIC, 1.0, w)
        filters.predict_model(means[1], covariances[1], filters.BALLISTIC, 1.0)
        for i, telescope in enumerate(telescopes):
            first = filters.BODY + 2 * i
            error = biases[2 * i : 2 * i + 2] + 5e-6 * random.normal(size=2)
            g = telescope_look(truth, telescope, 5e-6, first=first, offset=error)
            filters.update(means, covariances, weights, filters.LINE_OF_SIGHT, g, SURELY)
        error = random.normal(size=4) * sigmas
        error[:3] += biases[4:]
        g = measured(radar, truth, error)
        filters.update(means, covariances, weights, filters.RADAR, g, SURELY)
    found = means[1, filters.BODY :]
    sigma = np.sqrt(np.diag(covariances[1]))[filters.BODY :]
    assert np.all(np.abs(found - biases) < 3.0 * sigma)
    assert np.all(sigma < prior)
    assert np.all(np.delete(sigma, 4) < 0.6 * np.delete(prior, 4))
    body = np.sqrt(np.diag(covariances[1]))[:6]
    assert np.all(np.abs(means[1, :6] - truth[:6]) < 3.5 * body)


# ------------------------------------------------------------------ trouble is a value


def test_a_look_at_a_broken_track_changes_nothing() -> None:
    """A covariance that is not positive definite: -inf, infinitely far, and every bit as before."""
    for broken in (filters.BOOST, filters.REENTRY):
        means, covariances, weights = track()
        covariances[broken, :8, :8] = 0.0
        before = means.copy(), covariances.copy(), weights.copy()
        for kind, g in (
            (filters.LINE_OF_SIGHT, telescope_look(means[0], 6.0 * means[0, :3], 1e-5, first=8)),
            (filters.RADAR, radar_geometry(above(0.7, 2.1, 0.0), np.ones(4), first=8)),
        ):
            said = filters.update(means, covariances, weights, kind, g, SURELY)
            assert said == (-math.inf, math.inf)
            for now, then in zip((means, covariances, weights), before, strict=True):
                assert np.array_equal(now, then)
    covariances[:, :8, :8] = 0.0
    assert filters.distance(means, covariances, weights, kind, g) == (math.inf, -math.inf)


def test_a_look_that_is_not_a_number_changes_nothing() -> None:
    """A measurement of nan is refused like a broken covariance."""
    means, covariances, weights = track()
    before = means.copy(), covariances.copy(), weights.copy()
    g = measured(radar_geometry(above(0.7, 2.1, 0.0), np.ones(4), first=8), means[0], np.zeros(4))
    g[4, 0] = math.nan
    said, _ = filters.update(means, covariances, weights, filters.RADAR, g, SURELY)
    assert said == -math.inf
    for now, then in zip((means, covariances, weights), before, strict=True):
        assert np.array_equal(now, then)


@pytest.mark.parametrize("broken", [math.nan, -1.0])
def test_predicting_a_broken_track_says_so(broken: float) -> None:
    """False comes back and every bit is as it was; no time, no change, no matter what."""
    means, covariances, weights = track()
    covariances[filters.REENTRY, 2, 2] = broken
    before = means.copy(), covariances.copy(), weights.copy()
    assert filters.predict(means, covariances, weights, 0.0)
    assert not filters.predict(means, covariances, weights, 1.0)
    for now, then in zip((means, covariances, weights), before, strict=True):
        assert np.array_equal(now, then, equal_nan=True)


def test_distance_is_the_likelihood_of_the_mixture() -> None:
    """Weighted over the models, as `update` says it; a model of less than 1 % is not asked."""
    means, covariances, weights = track()
    g = telescope_look(means[0], above(0.0, 2.2, 35.8e6), 1e-5, first=8, offset=np.array((3e-5, 0)))
    d2, likelihood = filters.distance(means, covariances, weights, filters.LINE_OF_SIGHT, g)
    alone = []
    for model in (filters.BOOST, filters.REENTRY):
        one = np.zeros(4)
        one[model] = 1.0
        alone.append(filters.distance(means, covariances, one, filters.LINE_OF_SIGHT, g))
    assert d2 == min(a[0] for a in alone)
    mixed = sum(w * math.exp(a[1]) for w, a in zip(weights[[0, 2]], alone, strict=True))
    assert likelihood == pytest.approx(math.log(mixed), rel=1e-12)
    said = filters.update(means, covariances, weights, filters.LINE_OF_SIGHT, g, SURELY)
    assert said == pytest.approx((likelihood, d2), rel=1e-12)


def test_the_parts_of_linear_algebra() -> None:
    """Cholesky, solve and Gaussian density against numpy and scipy."""
    p = covariance(np.random.default_rng(1), np.array((1.0, 2.0, 0.5, 3.0)))
    lower, b = np.zeros((4, 4)), np.arange(12.0).reshape(4, 3)
    assert filters.cholesky(p, 4, lower)
    assert lower == pytest.approx(np.linalg.cholesky(p), rel=1e-12, abs=1e-15)
    wanted = np.linalg.solve(p, b)
    filters.solve_lower(lower, 4, b, 3)
    assert b == pytest.approx(wanted, rel=1e-9)
    nu = np.array((0.3, -0.2, 0.1, 1.0))
    d2, likelihood = filters.gaussian(nu, p, 4)
    assert d2 == pytest.approx(nu @ np.linalg.solve(p, nu), rel=1e-10)
    assert likelihood == pytest.approx(multivariate_normal.logpdf(nu, cov=p), rel=1e-10)
    assert not filters.cholesky(-p, 4, lower)
    assert filters.gaussian(nu, -p, 4) == (math.inf, -math.inf)
