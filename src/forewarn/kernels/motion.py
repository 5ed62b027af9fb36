"""How a tracked object moves, model by model, and how much its motion strays from the model.

A body is x of 8 elements: position and velocity in ecef [m, m/s] and two parameters of the model.

    model 0, boost     x[6] = net specific thrust a [m/s2],  x[7] = mass-loss rate k [1/s]
    model 1, ballistic x[6] = ln(1/beta) [ln m2/kg], carried and not felt: no air; x[7] unused
    model 2, re-entry  x[6] = ln(1/beta), felt;               x[7] unused
    model 3, glide     x[6] = ln(1/beta), felt;               x[7] = lift over drag, upward

Boost follows the gravity turn of Li and Jilkov, Proc. SPIE 4473 (2001), eq. 36-40: thrust along the
air-relative velocity, da/dt = a k, dk/dt = k^2. Re-entry is their drag with a ballistic coefficient
in the state; its logarithm keeps it positive. Glide adds lift across the velocity in the vertical
plane (Vinh, Busemann and Culp, Hypersonic and Planetary Entry Flight Mechanics, 1980, chapter 2);
what is banked to the side is noise in proportion to the lift, for a turn may begin at any moment.
beta = m/(Cd A) [kg/m2]. Codes from 4 up move in a plane: see ``planar``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels import planar
from forewarn.kernels.air import density_kg_m3
from forewarn.kernels.flight import acceleration, coast_step, height_m, step_length_s
from forewarn.kernels.jit import kernel

Array = NDArray[np.float64]

BOOST = 0
BALLISTIC = 1
REENTRY = 2
GLIDE = 3
MODELS = 4
BODY = 8  # elements of a body; the rest of a state are biases
MOVING = (8, 6, 7, 8, *planar.MOVING)  # leading elements that a model moves; the rest is constant

# Priors of the model parameters: mean and standard deviation.
THRUST_PRIOR = (15.0, 10.0)  # m/s2: net of drag, from lift-off to late boost
LOSS_PRIOR = (0.006, 0.004)  # 1/s: a/ve for ve 2.3 to 3.0 km/s
LN_DRAG_PRIOR = (-8.5, 0.5)  # ln(m2/kg): beta 2,300 to 10,400 kg/m2 within 1.5 sigma
# Lift over drag: 0.3 for a capsule, 1 for a winged orbiter, 2.6 for the fastest glider modelled in
# open literature (Tracy and Wright, Science and Global Security 28, 2020); the share that is not
# banked away.
LIFT_PRIOR = (1.5, 1.0)
# A mass that has burnt away leaves nothing to push: without these bounds a long silence would let
# the boost model run off to any speed.
MOST_THRUST = 100.0  # m/s2
MOST_LOSS = 0.03  # 1/s
LN_DRAG_BOUNDS = (-15.0, -2.0)  # beta from 7 kg/m2, a sheet, to 3e6: heavier than any solid
MOST_LIFT = 6.0  # lift over drag: no hypersonic shape comes near

# Process noise densities.
BOOST_VELOCITY_PSD = 20.0  # m2/s3: steering and throttling that a gravity turn lacks
MISALIGNMENT_PSD_S = 0.018  # s: thrust 0.03 rad off the velocity for 10 s, 2 tau sigma^2
BOOST_THRUST_PSD = 0.5  # (m/s2)^2/s
BOOST_LOSS_PSD = 1.0e-7  # 1/s3
COAST_VELOCITY_PSD = 1.0e-4  # m2/s3 in vacuum
AIR_VELOCITY_PSD = 0.3  # m2/s3 below 100 km
AIR_DRAG_PSD = 1.0e-3  # 1/s: the coefficient changes with Mach number on the way down
GLIDE_DRAG_PSD = 3.0e-3  # 1/s: and, in a glide, with the angle of attack: 0.4 in a minute
GLIDE_LIFT_PSD = 1.0e-2  # 1/s: a bank that takes off half the lift of 1.5 within a minute
BANK_PSD_S = 5.0  # s: half the lift to one side for 10 s, 2 tau sigma^2
LEAST_LIFT = 0.5  # lift over drag that may be banked away where the upward one is about 0
AIR_TOP_M = 100e3  # above, the coefficient has nothing to change


@kernel
def set_parameter(x: Array, p: Array, r: int, mean: float, sigma: float) -> None:
    """Give one element r of x[n], p[n, n] a mean and sigma, uncorrelated with the rest."""
    for j in range(x.shape[0]):
        p[r, j] = 0.0
        p[j, r] = 0.0
    x[r] = mean
    p[r, r] = sigma * sigma


@kernel
def set_parameter_prior(x: Array, p: Array, model: int) -> None:
    """Give the two model parameters of x[n], p[n, n] their prior, uncorrelated with the rest."""
    if model == BOOST:
        set_parameter(x, p, 6, THRUST_PRIOR[0], THRUST_PRIOR[1])
        set_parameter(x, p, 7, LOSS_PRIOR[0], LOSS_PRIOR[1])
        return
    set_parameter(x, p, 6, LN_DRAG_PRIOR[0], LN_DRAG_PRIOR[1])
    if model == GLIDE:
        set_parameter(x, p, 7, LIFT_PRIOR[0], LIFT_PRIOR[1])
    else:
        set_parameter(x, p, 7, 0.0, 1.0)


@kernel
def move(x: Array, model: int, dt: float, w: Array) -> None:
    """Advance the body x[8] by dt [s] (either sign) under a model. w[7, 6]: work space."""
    if model == BOOST:
        boost(x, dt, w)
    elif model == BALLISTIC:
        pieces = max(1, math.ceil(abs(dt) / 40.0))  # 2 m off in a lap of the Earth
        for _ in range(pieces):
            coast_step(x, 0.0, dt / pieces, w)
    elif model < MODELS:
        inverse_beta = math.exp(min(max(x[6], LN_DRAG_BOUNDS[0]), LN_DRAG_BOUNDS[1]))
        lift = min(max(x[7], -MOST_LIFT), MOST_LIFT) if model == GLIDE else 0.0
        done = 0.0
        while done < abs(dt) - 1e-12:
            h = air_step(x, inverse_beta, lift, math.copysign(abs(dt) - done, dt), w)
            if not h > 0.0:
                return
            done += h
    else:
        planar.move(x, model, dt)


@kernel
def boost(x: Array, dt: float, w: Array) -> None:
    """Advance a thrusting body x[8] by dt [s], in place. w[7, 6]: work space."""
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


@kernel
def air_acceleration(x: Array, inverse_beta: float, lift_to_drag: float, out: Array) -> float:
    """Write dv/dt [m/s2] of x[6] into out[3]: gravity, rotation, drag, lift.

    Returns the rate [1/s] at which air changes a velocity: drag levels a difference of speed by
    rho v / beta, lift turns by half of that and its ratio to drag. Lift is across the velocity in
    the vertical plane, upward; straight down there is no such plane, and none.
    """
    acceleration(x, 0.0, 0.0, out)
    v = math.sqrt(x[3] * x[3] + x[4] * x[4] + x[5] * x[5])
    k = 0.5 * density_kg_m3(height_m(x[0], x[1], x[2])) * v * inverse_beta
    for i in range(3):
        out[i] -= k * x[3 + i]
    if lift_to_drag != 0.0 and v > 1.0:
        r = math.sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2])
        sine = (x[0] * x[3] + x[1] * x[4] + x[2] * x[5]) / (r * v)
        cosine = math.sqrt(max(1.0 - sine * sine, 1e-6))
        lift = k * v * lift_to_drag / cosine
        for i in range(3):
            out[i] += lift * (x[i] / r - sine * x[3 + i] / v)
    return (2.0 + abs(lift_to_drag)) * k


@kernel
def air_step(x: Array, inverse_beta: float, lift: float, left: float, w: Array) -> float:
    """Advance x[6] in place by a step in air, no longer than ``left`` [s] (either sign).

    Classical fourth-order Runge-Kutta over half a scale height (`step_length_s`) or the time in
    which the air changes the velocity, whichever is less: a light body that enters deep would
    make longer steps unstable. A quarter more is allowed, to save a last short one. Returns the
    length of the step [s], -1.0 if a number is not finite.
    w[7, 6]: work space.
    """
    h = 0.0
    for stage in range(4):
        c = 0.0 if stage == 0 else (1.0 if stage == 3 else 0.5)
        for i in range(6):
            w[4, i] = x[i] if stage == 0 else x[i] + c * h * w[stage - 1, i]
        rate = air_acceleration(w[4], inverse_beta, lift, w[5])
        if stage == 0:
            v = math.sqrt(x[3] * x[3] + x[4] * x[4] + x[5] * x[5])
            if not math.isfinite(v + rate):
                return -1.0
            h = min(step_length_s(height_m(x[0], x[1], x[2]), v), 1.0 / max(rate, 1e-3))
            h = math.copysign(h if 1.25 * h < abs(left) else abs(left), left)
        for i in range(3):
            w[stage, i] = w[4, 3 + i]
            w[stage, 3 + i] = w[5, i]
    for i in range(6):
        x[i] += h / 6.0 * (w[0, i] + 2.0 * w[1, i] + 2.0 * w[2, i] + w[3, i])
    return abs(h)


@kernel
def add_process_noise(x: Array, p: Array, model: int, dt: float) -> None:
    """Add to p[n, n] the integrated white noise of velocity and parameters over dt [s]."""
    if model >= MODELS:
        planar.add_process_noise(x, p, model, dt)
        return
    if model == BOOST:
        p[6, 6] += BOOST_THRUST_PSD * dt
        p[7, 7] += BOOST_LOSS_PSD * dt
        add_velocity_noise(p, 3, BOOST_VELOCITY_PSD + MISALIGNMENT_PSD_S * x[6] * x[6], dt)
        return
    if model == BALLISTIC or height_m(x[0], x[1], x[2]) > AIR_TOP_M:
        add_velocity_noise(p, 3, COAST_VELOCITY_PSD, dt)
        return
    add_velocity_noise(p, 3, AIR_VELOCITY_PSD, dt)
    if model == REENTRY:
        p[6, 6] += AIR_DRAG_PSD * dt
        return
    p[6, 6] += GLIDE_DRAG_PSD * dt
    p[7, 7] += GLIDE_LIFT_PSD * dt
    add_bank_noise(x, p, dt)


@kernel
def add_velocity_noise(p: Array, axes: int, q: float, dt: float) -> None:
    """Add white acceleration of density q [m2/s3] on each axis; velocities follow positions."""
    for i in range(axes):
        p[i, i] += q * dt * dt * dt / 3.0
        p[i, axes + i] += q * dt * dt / 2.0
        p[axes + i, i] += q * dt * dt / 2.0
        p[axes + i, axes + i] += q * dt


@kernel
def add_bank_noise(x: Array, p: Array, dt: float) -> None:
    """Add the noise of lift that is banked to the side: level and across the flight of x[8]."""
    v = math.sqrt(x[3] * x[3] + x[4] * x[4] + x[5] * x[5])
    side = (x[4] * x[2] - x[5] * x[1], x[5] * x[0] - x[3] * x[2], x[3] * x[1] - x[4] * x[0])
    size = math.sqrt(side[0] * side[0] + side[1] * side[1] + side[2] * side[2])
    if not size > 0.0:
        return
    inverse_beta = math.exp(min(max(x[6], LN_DRAG_BOUNDS[0]), LN_DRAG_BOUNDS[1]))
    drag = 0.5 * density_kg_m3(height_m(x[0], x[1], x[2])) * v * v * inverse_beta
    lift = drag * min(max(abs(x[7]), LEAST_LIFT), MOST_LIFT)
    q = BANK_PSD_S * lift * lift / (size * size)
    for i in range(3):
        for j in range(3):
            uu = q * (side[i] * side[j])
            p[i, j] += uu * dt * dt * dt / 3.0
            p[i, 3 + j] += uu * dt * dt / 2.0
            p[3 + i, j] += uu * dt * dt / 2.0
            p[3 + i, 3 + j] += uu * dt
