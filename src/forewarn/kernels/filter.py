"""Interacting unscented filters of one track, with sensor biases in the state, on plain arrays.

Theory of operation. An object thrusts, falls freely, falls through air or glides: four models of
motion (``motion``), each an unscented filter of its own (``unscented``) over a state of n = 8 + m
elements: position and velocity in ecef [m, m/s], two model parameters, and the m constant biases of
all sensors. The models interact as in Blom and Bar-Shalom, IEEE TAC 33 (1988) 780; a parameter that
the other model lacks enters with its prior (Granstrom, Willett and Bar-Shalom, IEEE TAES 51 (2015)
2361).

The structure is variable (Li and Bar-Shalom, IEEE TAC 41 (1996) 478): before every step it is
decided from height and climb what the object can be doing, and only that is computed.

    in space      boost, ballistic
    in air        boost, re-entry; and glide once it sinks
    sinking fast  re-entry, glide; boost while it is believed, but nothing ignites

*In air* is a step that comes below 120 km: falling freely and falling through air are one
hypothesis, without and with what can be neglected, and hand over whole. A model of less than a
millionth is dropped: its weight is 0 and its numbers are stale. It comes back by the switch, with
the numbers of those that switch to it.

Letters: X[4, n] means, P[4, n, n] covariances, mu[4] model probabilities, g a look (``unscented``).
Numerical trouble is a returned value that leaves X, P and mu as they were.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.flight import height_m
from forewarn.kernels.jit import kernel
from forewarn.kernels.motion import (
    BALLISTIC,
    BODY,
    BOOST,
    GLIDE,
    LIFT_PRIOR,
    LN_DRAG_PRIOR,
    LOSS_PRIOR,
    MODELS,
    REENTRY,
    THRUST_PRIOR,
    move,
    set_parameter,
    set_parameter_prior,
)
from forewarn.kernels.unscented import (
    LINE_OF_SIGHT,
    RADAR,
    WIDTH,
    cholesky,
    gaussian,
    innovation,
    predict_model,
    solve_lower,
    update_model,
)

Array = NDArray[np.float64]

__all__ = [
    "BALLISTIC",
    "BODY",
    "BOOST",
    "GLIDE",
    "LINE_OF_SIGHT",
    "LN_DRAG_PRIOR",
    "LOSS_PRIOR",
    "MODELS",
    "RADAR",
    "REENTRY",
    "THRUST_PRIOR",
    "blur_switch",
    "cholesky",
    "distance",
    "falling_model",
    "gaussian",
    "interact",
    "miss",
    "move",
    "predict",
    "predict_model",
    "set_parameter_prior",
    "solve_lower",
    "switch",
    "update",
]

# Rates [1/s] of the Markov switch: one over the mean time in the one model before the other.
CUT_OFF_RATE_S = 1.0 / 120.0  # stages burn for one to three minutes
IGNITION_RATE_S = 1.0 / 600.0  # a coast between stages, or none ever
# One fall through air in five is of something that can glide; it pulls up within the minute or so
# that the fall from 90 km takes.
PULL_UP_RATE_S = 1.0 / 300.0
# Glides last 10 to 30 minutes in open literature (30 planned for the test vehicle of 2010 and 2011,
# Acton, Science and Global Security 23 (2015) 191).
GLIDE_END_RATE_S = 1.0 / 900.0

# Drag is neglected above: on an empty stage of 100 kg/m2 at orbital speed it is 5 mm/s2 there
# (2.2e-8 kg/m3, U.S. Standard Atmosphere 1976), and 1e-4 on what is built to come down.
AIR_TOP_M = 120e3
GLIDE_TOP_M = 90e3  # above, 3 of lift over drag moves 2,000 kg/m2 at 7 km/s by less than 0.2 m/s2
STEEP_SINK_M_S = 300.0  # what sinks faster in air is on its way down, and ignites nothing
GLIDE_DRAG_SPREAD = 0.5  # of ln(1/beta): a glider shows the air another side than one that falls
NEGLIGIBLE = 1e-6  # weight under which a model is not computed
EXPENDABLE = 1e-3  # a model of no more weight that cannot take a look is dropped, and all else can
LEAST_WEIGHT = 1e-9  # which no look takes from a model that is computed
LONGEST_S = 1e5  # a step longer than a day's flight is a mistake


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
def lowest_and_climb(x: Array, dt: float) -> tuple[float, float]:
    """Least height [m] of the body x[6] within dt [s], and its rate of climb [m/s] now.

    As on a parabola under the pull at the surface less what the level speed takes off: never higher
    than the true one, but for the few metres that its rounding of the Earth costs.
    """
    r = math.sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2])
    climb = (x[0] * x[3] + x[1] * x[4] + x[2] * x[5]) / r
    level2 = x[3] * x[3] + x[4] * x[4] + x[5] * x[5] - climb * climb
    pull = max(9.8 - level2 / r, 0.0)
    h = height_m(x[0], x[1], x[2])
    return min(h, h + dt * (climb - 0.5 * pull * dt)), climb


@kernel
def falling_model(x: Array, dt: float) -> int:
    """The model by which a body x[6] that does not thrust falls in the next dt [s]."""
    lowest, _ = lowest_and_climb(x, dt)
    return REENTRY if lowest < AIR_TOP_M else BALLISTIC


@kernel
def switch(x: Array, dt: float, chances: Array) -> None:
    """Write the probabilities of the switch from model i to model j within dt [s] into [4, 4].

    x[6]: the body by whose height and climb it is decided what can be.
    """
    lowest, climb = lowest_and_climb(x, dt)
    in_air = lowest < AIR_TOP_M
    falling = REENTRY if in_air else BALLISTIC
    off = 1.0 - math.exp(-CUT_OFF_RATE_S * dt)
    on = 1.0 - math.exp(-IGNITION_RATE_S * dt)
    pull_up = 1.0 - math.exp(-PULL_UP_RATE_S * dt)
    end = 1.0 - math.exp(-GLIDE_END_RATE_S * dt)
    if in_air and climb < -STEEP_SINK_M_S:
        on = 0.0
    if not (lowest < GLIDE_TOP_M and climb < 0.0):
        pull_up = 0.0
    if not in_air:
        end = 1.0
    chances[:, :] = 0.0
    chances[BOOST, BOOST] = 1.0 - off
    chances[BOOST, falling] = off
    for model in (BALLISTIC, REENTRY):
        chances[model, BOOST] = on
        chances[model, GLIDE] = (1.0 - on) * pull_up
        chances[model, falling] = (1.0 - on) * (1.0 - pull_up)
    chances[GLIDE, GLIDE] = 1.0 - end
    chances[GLIDE, falling] = end


@kernel
def enter(x: Array, p: Array, origin: int, model: int, dt: float) -> None:
    """Make the state x[n], p[n, n] of one model one of another that it switches to within dt [s].

    Thrust begins or ends at an unknown instant: see `blur_switch`. What both know is kept.
    """
    if origin == model:
        return
    if origin == BOOST or model == BOOST:
        thrust = x[6] if origin == BOOST else -THRUST_PRIOR[0]
        set_parameter_prior(x, p, model)
        blur_switch(x, p, thrust, dt)
    elif model == GLIDE:
        p[6, 6] += GLIDE_DRAG_SPREAD**2
        set_parameter(x, p, 7, LIFT_PRIOR[0], LIFT_PRIOR[1])
    elif origin == GLIDE:
        set_parameter(x, p, 7, 0.0, 1.0)


@kernel
def keep(X: Array, P: Array, mu: Array, kept_x: Array, kept_p: Array) -> None:
    """Copy what has weight from X[4, n], P[4, n, n] to another place."""
    for model in range(MODELS):
        if mu[model] > 0.0:
            kept_x[model], kept_p[model] = X[model], P[model]


@kernel
def mean_body(X: Array, mu: Array, body: Array) -> bool:
    """Write the weighted mean of position and velocity into body[6]; False without any weight."""
    total = 0.0
    body[:] = 0.0
    for model in range(MODELS):
        if mu[model] > 0.0:
            total += mu[model]
            for i in range(6):
                body[i] += mu[model] * X[model, i]
    for i in range(6):
        body[i] /= total
    return total > 0.0 and total < math.inf


@kernel
def interact(X: Array, P: Array, mu: Array, dt: float, new_x: Array, new_p: Array) -> Array:
    """Mix the models for a Markov switch over dt [s] (Blom and Bar-Shalom, eq. 7-9).

    Writes the mixtures into new_x[4, n] and new_p[4, n, n] and returns their weights [4], which are
    all 0 when there was none.
    """
    n = X.shape[1]
    mixed = np.zeros(MODELS)
    body, chances = np.empty(6), np.empty((MODELS, MODELS))
    if not mean_body(X, mu, body):
        return mixed
    switch(body, dt, chances)
    guest_x, guest_p = np.empty(n), np.empty((n, n))
    for model in range(MODELS):
        into = 0.0
        for origin in range(MODELS):
            into += mu[origin] * chances[origin, model]
        if not into >= NEGLIGIBLE:
            continue
        mixed[model] = into
        had = 0.0
        for turn in range(MODELS):
            origin = (model + turn) % MODELS
            more = mu[origin] * chances[origin, model]
            if more < 1e-9 * into:
                continue
            had += more
            if had == more:
                new_x[model], new_p[model] = X[origin], P[origin]
                enter(new_x[model], new_p[model], origin, model, dt)
                continue
            guest_x[:], guest_p[:, :] = X[origin], P[origin]
            enter(guest_x, guest_p, origin, model, dt)
            merge(new_x[model], new_p[model], more / had, guest_x, guest_p)
    total = mixed.sum()
    return mixed / total if total > 0.0 else mixed


@kernel
def merge(x: Array, p: Array, c: float, guest_x: Array, guest_p: Array) -> None:
    """Give x[n], p[n, n] the moments of the mixture of 1 - c of itself and c of a guest."""
    n = x.shape[0]
    d = guest_x - x
    for i in range(n):
        x[i] += c * d[i]
        for j in range(n):
            p[i, j] = (1.0 - c) * p[i, j] + c * guest_p[i, j] + c * (1.0 - c) * (d[i] * d[j])


@kernel
def predict(X: Array, P: Array, mu: Array, dt: float) -> bool:
    """Advance all models by dt seconds in place, which up to 0 changes nothing.

    False on numerical trouble, and then the state is as it was.
    """
    if dt <= 0.0:
        return True
    if not dt < LONGEST_S:
        return False
    new_x, new_p = np.empty_like(X), np.empty_like(P)
    mixed = interact(X, P, mu, dt, new_x, new_p)
    if not mixed.max() > 0.0:
        return False
    for model in range(MODELS):
        if mixed[model] > 0.0 and not predict_model(new_x[model], new_p[model], model, dt):
            return False
    mu[:] = mixed
    keep(new_x, new_p, mu, X, P)
    return True


@kernel
def distance(X: Array, P: Array, mu: Array, kind: int, g: Array) -> tuple[float, float]:
    """Squared Mahalanobis distance and log-likelihood of a look; the best model's distance.

    Models with less than 1 % weight are not asked. Returns (inf, -inf) on numerical trouble.
    """
    n = X.shape[1]
    nu, s, work = np.empty(4), np.empty((4, 4)), np.empty((3, 6, 6))
    gain = np.empty((4, n))
    best = math.inf
    logs = np.full(MODELS, -math.inf)
    for model in range(MODELS):
        if not mu[model] >= 0.01:
            continue
        if not innovation(X[model], P[model], kind, g, nu, s, gain, work):
            continue
        d2, ln = gaussian(nu, s, WIDTH[kind])
        best = min(best, d2)
        logs[model] = ln + math.log(mu[model])
    return best, log_sum(logs)


@kernel
def log_sum(logs: Array) -> float:
    """The logarithm of the sum of exp(logs[k]); -inf of nothing, or of what is not a number."""
    top = -math.inf
    for value in logs:
        top = max(top, value)
    if not math.isfinite(top):
        return -math.inf
    total = 0.0
    for value in logs:
        total += math.exp(value - top)
    return top + math.log(total) if math.isfinite(total) else -math.inf


@kernel
def update(
    X: Array, P: Array, mu: Array, kind: int, g: Array, seen_if: Array
) -> tuple[float, float]:
    """Take in one look in place. seen_if[4]: probability of detection under each model.

    Returns (log-likelihood of the look given the track, best squared distance); the likelihood
    is -inf on numerical trouble, and then the state is as it was.
    """
    new_x, new_p = np.empty_like(X), np.empty_like(P)
    keep(X, P, mu, new_x, new_p)
    logs = np.full(MODELS, -math.inf)
    best = math.inf
    for model in range(MODELS):
        if not mu[model] > 0.0:
            continue
        d2, ln = update_model(new_x[model], new_p[model], kind, g)
        if ln == -math.inf:
            if mu[model] > EXPENDABLE:
                return -math.inf, math.inf
            continue
        best = min(best, d2)
        logs[model] = ln + math.log(mu[model]) + math.log(max(seen_if[model], 1e-9))
    likelihood = log_sum(logs)
    if likelihood == -math.inf:
        return -math.inf, math.inf
    for model in range(MODELS):
        believed = mu[model] > 0.0 and logs[model] > -math.inf
        mu[model] = max(math.exp(logs[model] - likelihood), LEAST_WEIGHT) if believed else 0.0
    keep(new_x, new_p, mu, X, P)
    return likelihood, best


@kernel
def miss(mu: Array, seen_if: Array) -> float:
    """Weigh the models by a look that saw nothing, in place; return its log-likelihood.

    When no model can explain it (-inf is returned) the weights stay as they were.
    """
    total = 0.0
    for model in range(MODELS):
        total += mu[model] * (1.0 - seen_if[model])
    if not (total > 0.0 and total < math.inf):
        return -math.inf
    for model in range(MODELS):
        if mu[model] > 0.0:
            mu[model] = max(mu[model] * (1.0 - seen_if[model]) / total, LEAST_WEIGHT)
    return math.log(total)
