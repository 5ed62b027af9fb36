"""Whole ascents of a crowd of believed vehicles: burns with loss of thrust in air, drag, coast.

The equations of `forewarn.kernels.flight`, with the thrust that air takes away and drag that varies
with the Mach number:

    dv/dt = g(p) + (a_T - D) v/|v| - 2 w x v - w x (w x p)
    a_T = a0 / m (1 - loss exp(-h / H)),   D = rho v^2 k C(v / c) / (2 m),   m = 1 - a0 t / ve

a0: vacuum thrust acceleration at the ignition of a burn [m/s2]; ve: exhaust velocity in vacuum
[m/s]; k: hypersonic drag area over the mass at ignition [m2/kg]; loss: share of the vacuum thrust
lost at sea level [1], nozzle exit area times pressure over thrust (Sutton and Biblarz, Rocket
Propulsion Elements, 9th ed., eq. 2-13); C: `drag_factor`; m: share of the mass left [1].

A vehicle is a row theta[COLUMNS]. It rises vertically, tips over by an angle with a north and an
east part (so that a flight straight up is nothing special), and follows its velocity from there.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.air import PRESSURE_SCALE_M, density_kg_m3, speed_of_sound_m_s
from forewarn.kernels.drag import drag_factor
from forewarn.kernels.flight import acceleration, height_m, hold_vertical, kick, launch_state
from forewarn.kernels.jit import kernel
from forewarn.kernels.measure import line_of_sight_offset, radar_from_ecef

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

LATITUDE, LONGITUDE, TILT_NORTH, TILT_EAST, RISE, LOSS, GAP, BURNS = range(8)
"""Pad [rad, geodetic, height 0], tip-over [rad], vertical rise [s], loss [1], pause [s]; then three
burns of `BURN_COLUMNS`; one that is not there has no duration."""
A0, VE, DRAG_AREA, DURATION, BURN_COLUMNS = range(5)
STAGES = 3
COLUMNS = BURNS + STAGES * BURN_COLUMNS

LINE_OF_SIGHT = 0  # as in kernels.filter
AIR_TOP_M = 90e3  # drag above is less than a millionth of the weight
BURN_STEP_S = 2.0  # within 3 m of steps of 0.05 s up to burn-out (tests/kernels/test_ascents.py)
COAST_STEP_S = 20.0
_LEAST_MASS = 0.02
_LEGS = 2 * STAGES + 1


@kernel
def burn_rates(x: Array, burn: Array, loss: float, tau: float, out: Array) -> None:
    """Write dv/dt [m/s2] of x[6] into out[3], ``tau`` seconds into a burn; with no A0 it coasts."""
    h = height_m(x[0], x[1], x[2])
    a0 = burn[A0]
    m = max(1.0 - a0 * tau / burn[VE], _LEAST_MASS)
    along = a0 / m
    if h < AIR_TOP_M:
        along *= 1.0 - loss * math.exp(-max(h, 0.0) / PRESSURE_SCALE_M)
        v2 = x[3] * x[3] + x[4] * x[4] + x[5] * x[5]
        mach = math.sqrt(v2) / speed_of_sound_m_s(h)
        along -= 0.5 * density_kg_m3(h) * v2 * burn[DRAG_AREA] * drag_factor(mach) / m
    acceleration(x, along, 0.0, out)


@kernel
def burn_step(x: Array, burn: Array, loss: float, tau: float, h: float, w: Array) -> None:
    """Advance x[6] in place by h [s] from ``tau`` into a burn: classical Runge-Kutta of order 4.

    w[6, 6] is work space; its first row holds the derivative at the start.
    """
    for stage in range(4):
        c = 0.0 if stage == 0 else (1.0 if stage == 3 else 0.5)
        for i in range(6):
            w[4, i] = x[i] if stage == 0 else x[i] + c * h * w[stage - 1, i]
        burn_rates(w[4], burn, loss, tau + c * h, w[5])
        for i in range(3):
            w[stage, i] = w[4, 3 + i]
            w[stage, 3 + i] = w[5, i]
    for i in range(6):
        x[i] += h / 6.0 * (w[0, i] + 2.0 * w[1, i] + 2.0 * w[2, i] + w[3, i])


@kernel
def leg_ends(theta: Array, ends: Array) -> None:
    """Write when [s] each leg ends into ends[7]: rise, burn, then pause and burn twice, coast."""
    t = theta[BURNS + DURATION]
    ends[0] = min(theta[RISE], t)
    ends[1] = t
    for stage in range(1, STAGES):
        burn_s = theta[BURNS + stage * BURN_COLUMNS + DURATION]
        if burn_s > 0.0:
            t += theta[GAP]
        ends[2 * stage] = t
        t += burn_s
        ends[2 * stage + 1] = t
    ends[_LEGS - 1] = math.inf


@kernel
def hermite(a: Array, b: Array, h: float, s: float, out: Array) -> None:
    """Write the state at share s of a step of h [s] from a[6] to b[6] into out[6]: cubic."""
    s2 = s * s
    q = 1.0 - s
    for i in range(3):
        out[i] = (
            (1.0 + 2.0 * s) * q * q * a[i]
            + s * q * q * h * a[3 + i]
            + s2 * (3.0 - 2.0 * s) * b[i]
            - s2 * q * h * b[3 + i]
        )
        slope = 6.0 * s * q * (b[i] - a[i]) / h
        out[3 + i] = slope + q * (1.0 - 3.0 * s) * a[3 + i] + s * (3.0 * s - 2.0) * b[3 + i]


@kernel
def fly_ascent(theta: Array, times: Array, out: Array, w: Array) -> None:
    """Write position and velocity at times[n] [s, ascending, since ignition] into out[n, 6].

    A time before ignition gives the pad at rest. w[12, 7]: work space.
    """
    n = times.shape[0]
    x, before, e, ends = w[6, :6], w[7, :6], w[8:10, :3], w[10]
    idle = w[11]
    azimuth = math.atan2(theta[TILT_EAST], theta[TILT_NORTH])
    launch_state(theta[LATITUDE], theta[LONGITUDE], 0.0, azimuth, x, e)
    leg_ends(theta, ends)
    idle[A0], idle[VE], idle[DRAG_AREA] = 0.0, 1.0, 0.0
    k = 0
    while k < n and times[k] <= 0.0:
        for i in range(3):
            out[k, i] = x[i]
            out[k, 3 + i] = 0.0
        k += 1
    t, began = 0.0, 0.0
    leg = 0
    while k < n:
        while t >= ends[leg] - 1e-9:
            if leg == 0:
                kick(x, e[0], e[1], math.hypot(theta[TILT_NORTH], theta[TILT_EAST]))
            else:
                began = ends[leg]
            leg += 1
        stage = max(leg - 1, 0) // 2
        burning = leg != _LEGS - 1 and (leg == 0 or leg % 2 == 1)
        first = BURNS + stage * BURN_COLUMNS
        burn = theta[first : first + BURN_COLUMNS] if burning else idle
        h = min(BURN_STEP_S if burning else COAST_STEP_S, ends[leg] - t)
        for i in range(6):
            before[i] = x[i]
        burn_step(x, burn, theta[LOSS], t - began, h, w[:6, :6])
        if leg == 0:
            hold_vertical(x, e[0])
        while k < n and times[k] <= t + h:
            hermite(before, x, h, (times[k] - t) / h, out[k])
            k += 1
        t += h


@kernel
def ascent_states(theta: Array, ignition: Array, times: Array, out: Array) -> None:
    """`fly_ascent` of each row of theta[n, COLUMNS], at times[m] after ignition[n] into out[n, m, 6]."""
    w = np.empty((12, 7))
    since = np.empty(times.shape[0])
    for d in range(theta.shape[0]):
        for k in range(times.shape[0]):
            since[k] = times[k] - ignition[d]
        fly_ascent(theta[d], since, out[d], w)


@kernel
def look_offsets(states: Array, kinds: Integers, geometry: Array, z: Array) -> None:
    """Write measured less expected of each look [rad; for a radar m, rad, rad, m/s] into z.

    states[m, 6]; kinds[m] and geometry[m, 8, 3] as in `kernels.filter`; two numbers a line of
    sight, four an echo.
    """
    q = np.empty(4)
    j = 0
    for k in range(kinds.shape[0]):
        g = geometry[k]
        if kinds[k] == LINE_OF_SIGHT:
            line_of_sight_offset(states[k], g[0], g[1], g[2:4], q)
            z[j] = -q[0]
            z[j + 1] = -q[1]
            j += 2
        else:
            radar_from_ecef(states[k], g[0], g[1:4], q)
            turn = g[4, 1] - q[1]
            z[j] = g[4, 0] - q[0]
            z[j + 1] = turn - 2.0 * math.pi * math.floor(turn / (2.0 * math.pi) + 0.5)
            z[j + 2] = g[4, 2] - q[2]
            z[j + 3] = g[5, 0] - q[3]
            j += 4


@kernel
def ascent_offsets(
    theta: Array, ignition: Array, times: Array, kinds: Integers, geometry: Array, z: Array
) -> None:
    """`look_offsets` of each ascent theta[n, COLUMNS], ignited at ignition[n], into z[n, :]."""
    m = times.shape[0]
    w = np.empty((12, 7))
    since = np.empty(m)
    states = np.empty((m, 6))
    for d in range(theta.shape[0]):
        for k in range(m):
            since[k] = times[k] - ignition[d]
        fly_ascent(theta[d], since, states, w)
        look_offsets(states, kinds, geometry, z[d])


@kernel
def whiten(z: Array, lower: Array) -> None:
    """Replace each row of z[n, k] by lower[k, k] times it; lower triangular.

    A library's product would start threads for it, at ten times the cost.
    """
    k = lower.shape[0]
    for d in range(z.shape[0]):
        for i in range(k - 1, -1, -1):
            s = 0.0
            for j in range(i + 1):
                s += lower[i, j] * z[d, j]
            z[d, i] = s
