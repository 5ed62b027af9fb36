"""Two-model unscented filter with sensor biases in the state, on plain arrays.

Theory of operation. An object either thrusts (model 0) or falls (model 1). Both models carry a
vector x of n = 8 + m elements: position and velocity in ecef [m, m/s], two model parameters, and
the m constant biases of all sensors. The parameters are

    model 0, boost      x[6] = net specific thrust a [m/s2], x[7] = mass-loss rate k [1/s]
    model 1, ballistic  x[6] = ln(1/beta) [ln m2/kg],        x[7] unused

Boost follows the gravity turn of Li and Jilkov, Proc. SPIE 4473 (2001), eq. 36-40: thrust along
the air-relative velocity, da/dt = a k, dk/dt = k^2. The motion is unscented over the first eight
elements (Julier and Uhlmann, Proc. IEEE 92 (2004) 401, with kappa = 0, i.e. the cubature points,
so that every weight is positive); the statistically linearised slope carries the covariance with
the biases, which are thereby estimated for this track and never counted as independent noise (the
consider filter of Schmidt, with update). The models interact as in Blom and Bar-Shalom, IEEE
TAC 33 (1988) 780; a parameter that the other model lacks enters with its prior (Granstrom,
Willett and Bar-Shalom, IEEE TAES 51 (2015) 2361).

Letters: X[2, n] means, P[2, n, n] covariances, mu[2] model probabilities; looks are of kind 0
(line of sight, two offsets) or kind 1 (radar: range, azimuth, elevation, range rate).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.flight import acceleration, coast_step, height_m, step_length_s
from forewarn.kernels.jit import kernel
from forewarn.kernels.measure import line_of_sight_offset, radar_from_ecef

Array = NDArray[np.float64]

BOOST = 0
BALLISTIC = 1
LINE_OF_SIGHT = 0
RADAR = 1
BODY = 8  # elements that move; the rest are biases
POINTS = 2 * BODY

# Priors of the model parameters: mean and standard deviation.
THRUST_PRIOR = (15.0, 10.0)  # m/s2: net of drag, from lift-off to late boost
LOSS_PRIOR = (0.006, 0.004)  # 1/s: a/ve for ve 2.3 to 3.0 km/s
LN_DRAG_PRIOR = (-8.5, 0.5)  # ln(m2/kg): beta 2,300 to 10,400 kg/m2 within 1.5 sigma
# A mass that has burnt away leaves nothing to push: without these bounds a long silence would let
# the boost model run off to any speed.
MOST_THRUST = 100.0  # m/s2
MOST_LOSS = 0.03  # 1/s
# Process noise densities.
BOOST_VELOCITY_PSD = 20.0  # m2/s3: steering and throttling that a gravity turn lacks
MISALIGNMENT_PSD_S = 0.018  # s: thrust 0.03 rad off the velocity for 10 s, 2 tau sigma^2
BOOST_THRUST_PSD = 0.5  # (m/s2)^2/s
BOOST_LOSS_PSD = 1.0e-7  # 1/s3
COAST_VELOCITY_PSD = 1.0e-4  # m2/s3 in vacuum
AIR_VELOCITY_PSD = 0.3  # m2/s3 below 100 km
AIR_DRAG_PSD = 1.0e-3  # 1/s: the coefficient changes with Mach number on the way down
# Rates of the model switch.
CUT_OFF_RATE_S = 1.0 / 120.0
IGNITION_RATE_S = 1.0 / 600.0


@kernel
def cholesky(a: Array, n: int, out: Array) -> bool:
    """Lower Cholesky factor of the leading n x n block; False when it is not positive definite."""
    for i in range(n):
        for j in range(i + 1):
            s = a[i, j]
            for k in range(j):
                s -= out[i, k] * out[j, k]
            if i == j:
                if not s > 0.0:
                    return False
                out[i, i] = math.sqrt(s)
            else:
                out[i, j] = s / out[j, j]
        for j in range(i + 1, n):
            out[i, j] = 0.0
    return True


@kernel
def solve_lower(lower: Array, n: int, b: Array, columns: int) -> None:
    """Solve (L L^T) X = B in place for the leading n rows of b[n, columns]."""
    for c in range(columns):
        for i in range(n):
            s = b[i, c]
            for k in range(i):
                s -= lower[i, k] * b[k, c]
            b[i, c] = s / lower[i, i]
        for i in range(n - 1, -1, -1):
            s = b[i, c]
            for k in range(i + 1, n):
                s -= lower[k, i] * b[k, c]
            b[i, c] = s / lower[i, i]


@kernel
def move(x: Array, model: int, dt: float, w: Array) -> None:
    """Advance the body x[8] by dt [s] (either sign) under a model. w[7, 6]: work space."""
    if model == BOOST:
        pieces = max(1, math.ceil(abs(dt) / 2.0))
        h = dt / pieces
        for _ in range(pieces):
            a, k = x[6], x[7]
            for stage in range(4):
                c = 0.0 if stage == 0 else (1.0 if stage == 3 else 0.5)
                for i in range(6):
                    w[4, i] = x[i] if stage == 0 else x[i] + c * h * w[stage - 1, i]
                acceleration(w[4], a / max(1.0 - k * c * h, 0.2), 0.0, w[5])
                for i in range(3):
                    w[stage, i] = w[4, 3 + i]
                    w[stage, 3 + i] = w[5, i]
            for i in range(6):
                x[i] += h / 6.0 * (w[0, i] + 2.0 * w[1, i] + 2.0 * w[2, i] + w[3, i])
            left = max(1.0 - k * h, 0.2)
            x[6] = min(a / left, MOST_THRUST)
            x[7] = min(k / left, MOST_LOSS)
        return
    inverse_beta = math.exp(min(max(x[6], -15.0), -2.0))
    done = 0.0
    sign = 1.0 if dt >= 0.0 else -1.0
    while done < abs(dt) - 1e-12:
        v = math.sqrt(x[3] * x[3] + x[4] * x[4] + x[5] * x[5])
        h = min(step_length_s(height_m(x[0], x[1], x[2]), v), abs(dt) - done)
        coast_step(x, inverse_beta, sign * h, w)
        done += h


@kernel
def spread_points(x: Array, p: Array, points: Array, lower: Array) -> bool:
    """Write the 16 cubature points of the body into points[16, 8]; False if p is not definite."""
    if not cholesky(p, BODY, lower):
        return False
    scale = math.sqrt(float(BODY))
    for j in range(BODY):
        for i in range(BODY):
            d = scale * lower[i, j]
            points[j, i] = x[i] + d
            points[BODY + j, i] = x[i] - d
    return True


@kernel
def predict_model(x: Array, p: Array, model: int, dt: float) -> bool:
    """Advance one model's mean x[n] and covariance p[n, n] by dt >= 0 seconds in place."""
    n = x.shape[0]
    lower = np.zeros((BODY, BODY))
    points = np.empty((POINTS, BODY))
    w = np.empty((7, 6))
    if not spread_points(x, p, points, lower):
        return False
    moved = points.copy()
    mean = np.zeros(BODY)
    for s in range(POINTS):
        move(moved[s], model, dt, w)
        for i in range(BODY):
            mean[i] += moved[s, i] / POINTS
    block = np.zeros((BODY, BODY))
    cross = np.zeros((BODY, BODY))  # covariance of (before, after)
    for s in range(POINTS):
        for i in range(BODY):
            for j in range(BODY):
                block[i, j] += (moved[s, i] - mean[i]) * (moved[s, j] - mean[j]) / POINTS
                cross[i, j] += (points[s, i] - x[i]) * (moved[s, j] - mean[j]) / POINTS
    solve_lower(lower, BODY, cross, BODY)  # now the transposed slope F^T
    for b in range(BODY, n):
        for i in range(BODY):
            t = 0.0
            for k in range(BODY):
                t += cross[k, i] * p[k, b]
            p[b, i] = t
        for i in range(BODY):
            p[i, b] = p[b, i]
    for i in range(BODY):
        x[i] = mean[i]
        for j in range(BODY):
            p[i, j] = block[i, j]
    add_process_noise(x, p, model, dt)
    return math.isfinite(p[0, 0]) and math.isfinite(x[0])


@kernel
def add_process_noise(x: Array, p: Array, model: int, dt: float) -> None:
    """Add the integrated white noise of velocity and parameters over dt [s]."""
    if model == BOOST:
        q = BOOST_VELOCITY_PSD + MISALIGNMENT_PSD_S * x[6] * x[6]
        p[6, 6] += BOOST_THRUST_PSD * dt
        p[7, 7] += BOOST_LOSS_PSD * dt
    else:
        q = COAST_VELOCITY_PSD
        if height_m(x[0], x[1], x[2]) < 100e3:
            q = AIR_VELOCITY_PSD
            p[6, 6] += AIR_DRAG_PSD * dt
        p[7, 7] = 1.0
    for i in range(3):
        p[i, i] += q * dt * dt * dt / 3.0
        p[i, 3 + i] += q * dt * dt / 2.0
        p[3 + i, i] += q * dt * dt / 2.0
        p[3 + i, 3 + i] += q * dt


@kernel
def set_parameter_prior(x: Array, p: Array, model: int) -> None:
    """Give the two model parameters of x[n], p[n, n] their prior, uncorrelated with the rest."""
    n = x.shape[0]
    for r in (6, 7):
        for j in range(n):
            p[r, j] = 0.0
            p[j, r] = 0.0
    if model == BOOST:
        x[6], p[6, 6] = THRUST_PRIOR[0], THRUST_PRIOR[1] ** 2
        x[7], p[7, 7] = LOSS_PRIOR[0], LOSS_PRIOR[1] ** 2
    else:
        x[6], p[6, 6] = LN_DRAG_PRIOR[0], LN_DRAG_PRIOR[1] ** 2
        x[7], p[7, 7] = 0.0, 1.0


@kernel
def blur_switch(x: Array, p: Array, a: float, dt: float) -> None:
    """Account in x[n], p[n, n] for a switch of thrust a [m/s2] somewhere inside dt [s], in place.

    With the switch uniform in (0, dt) the thrust acts for a share of the step. The mean gain of
    velocity along the flight is a dt / 2 with variance (a dt)^2 / 12; the gain of position, carried
    back to the start of the step, is -a dt^2 / 6 with variance a^2 dt^4 / 45 and covariance
    -a^2 dt^3 / 24 with that of velocity.
    """
    v = math.sqrt(x[3] * x[3] + x[4] * x[4] + x[5] * x[5])
    if v < 1.0:
        return
    gain = a * dt
    u = (x[3] / v, x[4] / v, x[5] / v)
    for i in range(3):
        for j in range(3):
            uu = u[i] * u[j]
            p[i, j] += uu * gain * gain * dt * dt / 45.0
            p[i, 3 + j] -= uu * gain * gain * dt / 24.0
            p[3 + i, j] -= uu * gain * gain * dt / 24.0
            p[3 + i, 3 + j] += uu * gain * gain / 12.0
        x[i] -= u[i] * gain * dt / 6.0
        x[3 + i] += u[i] * gain / 2.0


@kernel
def interact(X: Array, P: Array, mu: Array, dt: float) -> None:
    """Mix the two models for a Markov switch over dt [s] (Blom and Bar-Shalom, eq. 7-9).

    The switch happens at an unknown instant within dt: see `blur_switch`.
    """
    n = X.shape[1]
    stay = (math.exp(-CUT_OFF_RATE_S * dt), math.exp(-IGNITION_RATE_S * dt))
    into = (
        mu[0] * stay[0] + mu[1] * (1.0 - stay[1]),
        mu[1] * stay[1] + mu[0] * (1.0 - stay[0]),
    )
    old_x = X.copy()
    old_p = P.copy()
    guest_x = np.empty(n)
    guest_p = np.empty((n, n))
    for model in range(2):
        other = 1 - model
        c = mu[other] * (1.0 - stay[other]) / into[model]
        if c < 1e-9:
            continue
        guest_x[:] = old_x[other]
        guest_p[:, :] = old_p[other]
        thrust = guest_x[6] if model == BALLISTIC else -THRUST_PRIOR[0]
        set_parameter_prior(guest_x, guest_p, model)
        blur_switch(guest_x, guest_p, thrust, dt)
        for i in range(n):
            X[model, i] = (1.0 - c) * old_x[model, i] + c * guest_x[i]
        for i in range(n):
            di = old_x[model, i] - guest_x[i]
            for j in range(n):
                dj = old_x[model, j] - guest_x[j]
                P[model, i, j] = (
                    (1.0 - c) * old_p[model, i, j] + c * guest_p[i, j] + c * (1.0 - c) * di * dj
                )
    mu[0] = into[0]
    mu[1] = into[1]


@kernel
def predict(X: Array, P: Array, mu: Array, dt: float) -> bool:
    """Advance both models by dt >= 0 seconds in place; False on numerical trouble."""
    if dt <= 0.0:
        return True
    interact(X, P, mu, dt)
    return predict_model(X[0], P[0], BOOST, dt) and predict_model(X[1], P[1], BALLISTIC, dt)


@kernel
def expect(x: Array, p: Array, kind: int, g: Array, z: Array, slope: Array, s: Array) -> bool:
    """Predicted look of one model: write its offset from g's measurement, slope and covariance.

    g[8, 3]: row 0 sensor position ecef; rows 1-3 for a line of sight: unit direction and the two
    axes across it; for a radar: the east, north, up axes; rows 4-5: measured values of a radar
    (range, azimuth, elevation; range rate in [5, 0]); row 6: one-sigma noise of elements 0-2, and
    of element 3 in [7, 0]; [7, 1]: index of the first bias in x; [7, 2]: number of biases.
    z[4]: measured minus predicted, biases not removed. slope[4, 8]. s[4, 4]: covariance of z over
    the body alone, without noise.
    """
    lower = np.zeros((BODY, BODY))
    points = np.empty((POINTS, BODY))
    if not spread_points(x, p, points, lower):
        return False
    width = 2 if kind == LINE_OF_SIGHT else 4
    seen = np.zeros((POINTS, 4))
    for q in range(POINTS):
        if kind == LINE_OF_SIGHT:
            line_of_sight_offset(points[q], g[0], g[1], g[2:4], seen[q])
            for i in range(2):
                seen[q, i] = -seen[q, i]
        else:
            radar_from_ecef(points[q], g[0], g[1:4], seen[q])
            for i in range(3):
                seen[q, i] = g[4, i] - seen[q, i]
            turns = math.floor(seen[q, 1] / (2.0 * math.pi) + 0.5)
            seen[q, 1] -= 2.0 * math.pi * turns
            seen[q, 3] = g[5, 0] - seen[q, 3]
    z[:] = 0.0
    s[:, :] = 0.0
    cross = np.zeros((BODY, 4))
    for q in range(POINTS):
        for i in range(width):
            z[i] += seen[q, i] / POINTS
    for q in range(POINTS):
        for i in range(width):
            d = seen[q, i] - z[i]
            for j in range(width):
                s[i, j] += d * (seen[q, j] - z[j]) / POINTS
            for j in range(BODY):
                cross[j, i] -= (points[q, j] - x[j]) * d / POINTS
    solve_lower(lower, BODY, cross, width)
    for i in range(width):
        for j in range(BODY):
            slope[i, j] = cross[j, i]
    return True


@kernel
def innovation(x: Array, p: Array, kind: int, g: Array, nu: Array, s: Array, gain: Array) -> bool:
    """Innovation nu[4], its covariance s[4, 4] and cov(x, z) in gain[n, 4], of one model.

    Biases add to the measurement: z = h(body) + b + noise.
    """
    n = x.shape[0]
    width = 2 if kind == LINE_OF_SIGHT else 4
    slope = np.zeros((4, BODY))
    if not expect(x, p, kind, g, nu, slope, s):
        return False
    first = int(g[7, 1])
    count = int(g[7, 2])
    for i in range(count):
        nu[i] -= x[first + i]
    for r in range(n):
        for i in range(width):
            t = 0.0
            for k in range(BODY):
                t += p[r, k] * slope[i, k]
            if i < count:
                t += p[r, first + i]
            gain[r, i] = t
    for i in range(width):
        for j in range(width):
            if i < count:
                for k in range(BODY):
                    s[i, j] += p[first + i, k] * slope[j, k]
            if j < count:
                for k in range(BODY):
                    s[i, j] += p[first + j, k] * slope[i, k]
            if i < count and j < count:
                s[i, j] += p[first + i, first + j]
        noise = g[7, 0] if i == 3 else g[6, i]
        s[i, i] += noise * noise
    return True


@kernel
def distance(X: Array, P: Array, mu: Array, kind: int, g: Array) -> tuple[float, float]:
    """Squared Mahalanobis distance and log-likelihood of a look; the best model's distance.

    Models with less than 1 % weight are not asked. Returns (inf, -inf) on numerical trouble.
    """
    n = X.shape[1]
    nu = np.zeros(4)
    s = np.zeros((4, 4))
    gain = np.zeros((n, 4))
    best = math.inf
    total = 0.0
    top = -math.inf
    logs = np.full(2, -math.inf)
    for model in range(2):
        if mu[model] < 0.01:
            continue
        if not innovation(X[model], P[model], kind, g, nu, s, gain):
            continue
        d2, ln = gaussian(nu, s, 2 if kind == LINE_OF_SIGHT else 4)
        best = min(best, d2)
        logs[model] = ln + math.log(mu[model])
        top = max(top, logs[model])
    if top == -math.inf:
        return math.inf, -math.inf
    for model in range(2):
        total += math.exp(logs[model] - top)
    return best, top + math.log(total)


@kernel
def gaussian(nu: Array, s: Array, width: int) -> tuple[float, float]:
    """Squared distance nu' s^-1 nu and log density; (inf, -inf) if s is not positive definite."""
    lower = np.zeros((4, 4))
    if not cholesky(s, width, lower):
        return math.inf, -math.inf
    b = np.zeros((4, 1))
    for i in range(width):
        b[i, 0] = nu[i]
    solve_lower(lower, width, b, 1)
    d2 = 0.0
    ln = -0.5 * width * math.log(2.0 * math.pi)
    for i in range(width):
        d2 += nu[i] * b[i, 0]
        ln -= math.log(lower[i, i])
    return d2, ln - 0.5 * d2


@kernel
def update(
    X: Array, P: Array, mu: Array, kind: int, g: Array, seen_if: Array
) -> tuple[float, float]:
    """Take in one look in place. seen_if[2]: probability of detection under each model.

    Returns (log-likelihood of the look given the track, best squared distance); the likelihood
    is -inf on numerical trouble, and then the state is as it was.
    """
    n = X.shape[1]
    width = 2 if kind == LINE_OF_SIGHT else 4
    new_x = X.copy()
    new_p = P.copy()
    logs = np.empty(2)
    best = math.inf
    for model in range(2):
        nu = np.zeros(4)
        s = np.zeros((4, 4))
        gain = np.zeros((n, 4))
        if not innovation(X[model], P[model], kind, g, nu, s, gain):
            return -math.inf, math.inf
        d2, ln = gaussian(nu, s, width)
        if ln == -math.inf:
            return -math.inf, math.inf
        best = min(best, d2)
        logs[model] = ln + math.log(max(mu[model], 1e-12)) + math.log(max(seen_if[model], 1e-9))
        lower = np.zeros((4, 4))
        cholesky(s, width, lower)
        k = np.zeros((4, n))
        for r in range(n):
            for i in range(width):
                k[i, r] = gain[r, i]
        solve_lower(lower, width, k, n)  # now the transposed Kalman gain
        for r in range(n):
            for i in range(width):
                new_x[model, r] += k[i, r] * nu[i]
            for c in range(r + 1):
                t = 0.0
                for i in range(width):
                    t += k[i, r] * gain[c, i]
                value = 0.5 * (P[model, r, c] + P[model, c, r]) - t
                new_p[model, r, c] = value
                new_p[model, c, r] = value
    top = max(logs[0], logs[1])
    total = math.exp(logs[0] - top) + math.exp(logs[1] - top)
    if not math.isfinite(total) or not math.isfinite(new_p[0, 0, 0] + new_p[1, 0, 0]):
        return -math.inf, math.inf
    X[:, :] = new_x
    P[:, :, :] = new_p
    for model in range(2):
        mu[model] = max(math.exp(logs[model] - top) / total, 1e-9)
    return top + math.log(total), best


@kernel
def miss(mu: Array, seen_if: Array) -> float:
    """Weigh the models by a look that saw nothing, in place; return its log-likelihood.

    When no model can explain it (-inf is returned) the weights stay as they were.
    """
    a = mu[0] * (1.0 - seen_if[0])
    b = mu[1] * (1.0 - seen_if[1])
    total = a + b
    if not total > 0.0:
        return -math.inf
    mu[0] = max(a / total, 1e-9)
    mu[1] = max(b / total, 1e-9)
    return math.log(total)
