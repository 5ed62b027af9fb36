"""Whole flights by the ten thousand, side by side: boost through re-entry to the ground.

The equations are those of `forewarn.kernels.flight`, with drag that varies with the Mach number:

    dv/dt = g(p) + (a_T - D) v/|v| - 2 w x v - w x (w x p)
    a_T = a0 / m (1 - loss exp(-h / H)),   D = rho v^2 k C(v / c) / (2 m),   m = 1 - a0 t / ve

a0: vacuum thrust acceleration at ignition [m/s2]; ve: exhaust velocity [m/s]; k: hypersonic drag
area over the mass at ignition [m2/kg]; C: `drag_factor`; m: share of the mass left [1]. In the
vertical rise only the part of dv/dt along v counts, which keeps v vertical.

Theory of operation. A flight is a row of legs: vertical rise, rest of the first burn, coast,
second burn, coast, third burn, fall. Steps land on the ends of legs. All lanes take one step of
the pair of Dormand and Prince together (`_stages`), then each decides by itself whether it was
good and how long the next should be (`_judge`). A lane whose step ends a leg, turns over, crosses
100 km or the ground is seen to one at a time (`_attend`), rarely enough to cost little; a lane
that has finished takes the next flight. No lane knows of the others, so that a flight's bits do
not depend on its company. The error of a step is weighed by what it moves the impact.

A lane's numbers are column l of the work space w[rows, LANES], kept flat: row r at r LANES + l.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.air import (
    LN_RHO,
    LN_RHO_SLOPE,
    PRESSURE_SCALE_M,
    SOUND_M_S,
    SOUND_SLOPE,
    TOP_KM,
    TOP_LN_RHO,
)
from forewarn.kernels.drag import DRAG_FACTOR, DRAG_SLOPE, MACH_STEP
from forewarn.kernels.jit import kernel, leaf
from forewarn.kernels.lanes import LANES, atan2, exp, near_exp2, near_log2, sincos, sqrt

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
World = tuple[float, float, float, float, float, float, float, float]
"""mu, equatorial radius R, second eccentricity squared, 3/2 J2 R^2, 5/2 J3 R^3, 15/8 J4 R^4,
rotation rate, air (1 or 0)."""

# Columns of a start, of a plan and of a result; the plan's burns repeat for each of three stages.
UP, DOWNRANGE, GROUND, START_COLUMNS = 6, 9, 12, 13  # after the state (6): two axes, a height
RISE, KICK, COAST, INVERSE_BETA, LIMIT, BURNS = range(6)
A0, VE, DURATION, K_DRAG, LOSS, BURN_COLUMNS = range(6)
PLAN_COLUMNS = BURNS + 3 * BURN_COLUMNS
END, END_TIME, TOP, TOP_TIME, OFF, OFF_TIME = 0, 6, 7, 8, 9, 15
UP_TIME, DOWN_TIME, SPEED, SLANT, STEPS, RESULT_COLUMNS = range(16, 22)
DOWN, FELL_WHILE_BURNING, STILL_UP, NOT_FINITE, TOO_MANY_STEPS = range(5)

SPACE_M = 100e3  # the height whose crossings are timed (Karman's line)
_FALL = 6  # the last leg; even legs before it are coasts, but for the rise, leg 0
_SHORTEST_S = 1e-6  # a step below this is no progress
_LONGEST_S = 400.0
_REACH_S = 5_000.0  # metres of impact per m/s of error: about 6,000 at 10,000 km, least energy
_ROUGH_BELOW_M = 90e3  # the curves of air and drag have kinks that no estimate of error sees
_ROUGHNESS = 10.0
_SHRINK, _GROW = 0.2, 1.25  # a step that grows faster leaps over a kink unseen

# Dormand and Prince, J. Comput. Appl. Math. 6 (1980) 19: RK5(4)7M. The last row is the solution.
_A = np.array(
    (
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        (1 / 5, 0.0, 0.0, 0.0, 0.0, 0.0),
        (3 / 40, 9 / 40, 0.0, 0.0, 0.0, 0.0),
        (44 / 45, -56 / 15, 32 / 9, 0.0, 0.0, 0.0),
        (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729, 0.0, 0.0),
        (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656, 0.0),
        (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
    )
)
_C = np.array((0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0))
_E = np.array(
    (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)
)  # fifth less fourth order

# Rows of the work space, each of LANES numbers.
_Y, _K, _RATE, _YN, _MID = 0, 6, 42, 48, 54  # state; derivatives, the last; new; a state between
_H, _STEP, _T, _T_END, _T0, _TAU, _LAST = range(60, 67)  # steps and times of a leg
_A0, _FLOW, _DRAG_AREA, _LOSS, _RISING, _FALLING = range(67, 73)  # what a leg flies on
_HEIGHT, _CLIMB, _HEIGHT_NEW, _CLIMB_NEW, _GROUND = range(73, 78)
_LOG_ERROR, _GOOD, _FLAG, _COUNT, _ALIVE, _PIECE_END = range(78, 84)
_INVERSE_R, _SINE, _H_AIR, _CELL, _PART, _FORCE, _THRUST, _INVERSE_V, _INVERSE_MV = range(84, 93)
_LN_RHO, _V2, _PLACE, _PACE = range(93, 97)
_ROWS = 97


def _cells(values: Array, slopes: Array) -> Array:
    """Coefficients (n - 1, 4), ascending, of Hermite's cubics between values on a unit grid."""
    rise = np.diff(values)
    c2 = 3.0 * rise - 2.0 * slopes[:-1] - slopes[1:]
    c3 = slopes[:-1] + slopes[1:] - 2.0 * rise
    return np.column_stack((values[:-1], slopes[:-1], c2, c3))


def _air_table() -> Array:
    """The curves of `air`, cell by cell: ln rho and speed of sound, four coefficients each.

    Cells are 1 km wide to 200 km and 50 km wide to 1,000 km, where all its nodes are; the last is
    empty space.
    """
    table = np.zeros((len(LN_RHO) + 16, 8))
    low = len(LN_RHO) - 1
    table[:low, :4] = _cells(LN_RHO, LN_RHO_SLOPE)
    nodes = np.interp(np.arange(200.0, 1001.0, 50.0), TOP_KM, TOP_LN_RHO)
    table[low:-1, 0], table[low:-1, 1] = nodes[:-1], np.diff(nodes)
    table[-1, 0] = -500.0  # no air, and no numbers so small that processors slow down
    table[: len(SOUND_M_S) - 1, 4:] = _cells(SOUND_M_S, SOUND_SLOPE)
    table[len(SOUND_M_S) - 1 :, 4] = SOUND_M_S[-1]
    return table


_AIR = _air_table().ravel()
_LOW_CELLS = float(len(LN_RHO) - 1)
_LAST_CELL = float(len(_AIR) // 8 - 1)
_DRAG = np.append(_cells(DRAG_FACTOR, DRAG_SLOPE), (1.0, 0.0, 0.0, 0.0))
_LAST_DRAG_CELL = float(len(_DRAG) // 4 - 1)
_CELLS_PER_MACH = 1.0 / MACH_STEP
_PER_SCALE = 1.0 / PRESSURE_SCALE_M


@leaf
def _surface(u: float) -> float:
    """Return 1 / sqrt(1 + u) for u < 0.007 by its series: to 3e-14, which is 0.2 um of height."""
    u2 = u * u
    return (1.0 - 0.5 * u) + u2 * ((3 / 8 - 5 / 16 * u) + u2 * (35 / 128 - 63 / 256 * u))


@leaf
def _cubic(table: Array, i: np.uint32, f: float) -> float:
    """Return the cubic whose coefficients begin at table[i], at f."""
    return float((table[i] + table[i + 1] * f) + (table[i + 2] + table[i + 3] * f) * (f * f))


@leaf
def _locate(w: Array, l: int, y: int, world: World) -> None:
    """Write 1 / r, height and place in the air's table for the state at row y."""
    px, py, pz = w[y * LANES + l], w[(y + 1) * LANES + l], w[(y + 2) * LANES + l]
    r2 = px * px + py * py + pz * pz
    inverse_r = 1.0 / sqrt(r2)
    s = pz * inverse_r
    h = r2 * inverse_r - world[1] * _surface(world[2] * s * s)
    h = max(0.0, h)
    cell = h * 1e-3
    cell = cell if cell < _LOW_CELLS else _LOW_CELLS + (cell - _LOW_CELLS) * 0.02
    cell = min(_LAST_CELL, cell)
    n = np.float64(np.int32(cell))
    w[_INVERSE_R * LANES + l] = inverse_r
    w[_SINE * LANES + l] = s
    w[_H_AIR * LANES + l] = h
    w[_CELL * LANES + l] = n
    w[_PART * LANES + l] = cell - n


@leaf
def _breathe(w: Array, l: int, y: int) -> None:
    """Look the air up: ln of the density, 1 / v, 1 / (m v), and the place in the table of drag."""
    i = np.uint32(8 * np.int32(w[_CELL * LANES + l]))
    f = w[_PART * LANES + l]
    ln_rho = _cubic(_AIR, i, f)
    sound = _cubic(_AIR, i + np.uint32(4), f)
    vx, vy, vz = w[(y + 3) * LANES + l], w[(y + 4) * LANES + l], w[(y + 5) * LANES + l]
    v2 = vx * vx + vy * vy + vz * vz + 1e-12
    mass = 1.0 - w[_FLOW * LANES + l] * w[_TAU * LANES + l]
    mass = max(0.02, mass)
    one = 1.0 / (mass * sqrt(v2) * sound)  # one division for three
    cell = v2 * mass * one * _CELLS_PER_MACH
    cell = min(_LAST_DRAG_CELL, cell)
    n = np.float64(np.int32(cell))
    w[_LN_RHO * LANES + l] = ln_rho
    w[_V2 * LANES + l] = v2
    w[_INVERSE_MV * LANES + l] = one * sound
    w[_INVERSE_V * LANES + l] = mass * one * sound
    w[_CELL * LANES + l] = n
    w[_PART * LANES + l] = cell - n


@leaf
def _push(w: Array, l: int) -> None:
    """Write thrust and drag, but for the Mach number's part."""
    loss = w[_LOSS * LANES + l] * exp(w[_H_AIR * LANES + l] * -_PER_SCALE)
    rho = exp(w[_LN_RHO * LANES + l])
    w[_THRUST * LANES + l] = w[_A0 * LANES + l] * (1.0 - loss)
    w[_FORCE * LANES + l] = 0.5 * rho * w[_DRAG_AREA * LANES + l] * w[_V2 * LANES + l]


@leaf
def _derive(w: Array, l: int, y: int, k: int, world: World) -> None:
    """Write the derivative of the state at row y, at time `_TAU`, into rows k to k + 5."""
    mu, _, _, zonal2, zonal3, zonal4, spin, air = world
    px, py, pz = w[y * LANES + l], w[(y + 1) * LANES + l], w[(y + 2) * LANES + l]
    vx, vy, vz = w[(y + 3) * LANES + l], w[(y + 4) * LANES + l], w[(y + 5) * LANES + l]
    inverse_r = w[_INVERSE_R * LANES + l]
    s = w[_SINE * LANES + l]
    s2 = s * s
    # The zonal field of `flight.acceleration`, its radial and axial sums collected by powers.
    i2 = inverse_r * inverse_r
    m = mu * i2
    z2 = zonal2 * i2
    z3 = zonal3 * (i2 * inverse_r)
    z4 = zonal4 * (i2 * i2)
    k3 = s * (7.0 * s2 - 3.0)
    axial = -m * (z2 * (s + s) + z3 * (3.0 * s2 - 0.6) + z4 * (4.0 / 3.0) * k3)
    bulged = z2 * (5.0 * s2 - 1.0) + z3 * k3 + z4 * (s2 * (21.0 * s2 - 14.0) + 1.0)
    g = m * inverse_r * (bulged - 1.0)
    f = w[_PART * LANES + l]
    i = np.uint32(4 * np.int32(w[_CELL * LANES + l]))
    factor = _cubic(_DRAG, i, f)
    inverse_v = w[_INVERSE_V * LANES + l]
    drag = air * factor * w[_FORCE * LANES + l]
    along = (w[_THRUST * LANES + l] - drag) * w[_INVERSE_MV * LANES + l]
    g_level = g + spin * spin
    ax = g_level * px + along * vx + 2.0 * spin * vy
    ay = g_level * py + along * vy - 2.0 * spin * vx
    az = g * pz + axial + along * vz
    rising = w[_RISING * LANES + l]
    keep = 1.0 - rising
    up = rising * (ax * vx + ay * vy + az * vz) * inverse_v * inverse_v
    w[k * LANES + l] = vx
    w[(k + 1) * LANES + l] = vy
    w[(k + 2) * LANES + l] = vz
    w[(k + 3) * LANES + l] = keep * ax + up * vx
    w[(k + 4) * LANES + l] = keep * ay + up * vy
    w[(k + 5) * LANES + l] = keep * az + up * vz


@kernel
def _rates(w: Array, world: World) -> None:
    """Write the derivative of the state `_YN` at time `_TAU`, in every lane, into row `_RATE`.

    Four loops, because the compiler computes an index apart for each lane, and all that leads to
    it: what leads to a place in a table is left in the work space by the loop before.
    """
    for l in range(LANES):
        _locate(w, l, _YN, world)
    for l in range(LANES):
        _breathe(w, l, _YN)
    for l in range(LANES):
        _push(w, l)
    for l in range(LANES):
        _derive(w, l, _YN, _RATE, world)


@leaf
def _partway(w: Array, s: int) -> None:
    """Keep the derivative of stage s - 1 of a step in every lane, and go on to stage s."""
    for l in range(LANES):
        h = w[_STEP * LANES + l]
        for c in range(6):
            if s > 1:
                w[(_K + 6 * (s - 1) + c) * LANES + l] = w[(_RATE + c) * LANES + l]
            total = 0.0
            for j in range(s):
                if _A[s, j] != 0.0:
                    total += _A[s, j] * w[(_K + 6 * j + c) * LANES + l]
            w[(_YN + c) * LANES + l] = w[(_Y + c) * LANES + l] + h * total
        w[_TAU * LANES + l] = w[_T * LANES + l] + _C[s] * h


@leaf
def _stages(w: Array, world: World) -> None:
    """Try a step in every lane. What is long stands once, so that it fits the processor's cache."""
    for s in range(1, 7):
        if s == 1:
            _partway(w, 1)
        elif s == 2:
            _partway(w, 2)
        elif s == 3:
            _partway(w, 3)
        elif s == 4:
            _partway(w, 4)
        elif s == 5:
            _partway(w, 5)
        else:
            _partway(w, 6)
        _rates(w, world)


@leaf
def _above(w: Array, l: int, y: int, world: World) -> tuple[float, float]:
    """Return the height [m] of the state at row y and its rate [m/s], exact (`flight.height_m`)."""
    px, py, pz = w[y * LANES + l], w[(y + 1) * LANES + l], w[(y + 2) * LANES + l]
    vx, vy, vz = w[(y + 3) * LANES + l], w[(y + 4) * LANES + l], w[(y + 5) * LANES + l]
    r = sqrt(px * px + py * py + pz * pz)
    inverse_r = 1.0 / r
    s = pz * inverse_r
    outward = (px * vx + py * vy + pz * vz) * inverse_r
    surface = _surface(world[2] * s * s)
    turning = (vz - s * outward) * inverse_r
    slope = world[2] * s * turning * surface * surface * surface
    return r - world[1] * surface, outward + world[1] * slope


@leaf
def _measure(w: Array, world: World) -> None:
    """Height and climb after a step, and the squares of its errors in place and pace."""
    for l in range(LANES):
        new, rate = _above(w, l, _YN, world)
        w[_HEIGHT_NEW * LANES + l] = new
        w[_CLIMB_NEW * LANES + l] = rate
    for l in range(LANES):
        place, pace = 0.0, 0.0
        for c in range(3):
            a, b = 0.0, 0.0
            for j in range(7):
                if _E[j] != 0.0:
                    a += _E[j] * w[(_K + 6 * j + c) * LANES + l]
                    b += _E[j] * w[(_K + 6 * j + c + 3) * LANES + l]
            place += a * a
            pace += b * b
        w[_PLACE * LANES + l] = place
        w[_PACE * LANES + l] = pace


@leaf
def _judge(w: Array, tolerance_m: float, most_steps: float) -> None:
    """Choose the next step in every lane, and flag what needs attention.

    Step control after Hairer, Norsett and Wanner, Solving Ordinary Differential Equations I, 2nd
    ed., section IV.2 (proportional and integral, exponents 0.7/5 and 0.4/5).
    """
    per_tolerance2 = 1.0 / (tolerance_m * tolerance_m)
    for l in range(LANES):
        h = w[_STEP * LANES + l]
        height, climb = w[_HEIGHT * LANES + l], w[_CLIMB * LANES + l]
        rough = (w[_A0 * LANES + l] > 0.0) & (height < _ROUGH_BELOW_M)
        reach = _REACH_S * _ROUGHNESS if rough else _REACH_S
        left = 5.0 + height / (-climb if climb < -1.0 else 1.0)
        falling = (w[_FALLING * LANES + l] > 0.0) & (climb < -1.0) & (left < _REACH_S)
        reach = left if falling else reach
        error = w[_PLACE * LANES + l] + reach * reach * w[_PACE * LANES + l]
        e2 = h * h * error * per_tolerance2
        good = e2 <= 1.0
        e2 = min(1000000000000.0, e2)  # not a number, too
        new = near_log2(max(1e-12, e2))
        old = w[_LOG_ERROR * LANES + l]
        factor = 0.9 * near_exp2(-0.07 * new + 0.04 * old if good else -0.1 * new)
        factor = max(_SHRINK, factor)
        factor = min(_GROW, factor)
        following, planned = h * factor, w[_H * LANES + l]
        # A step cut short by the end of a leg is no reason for short ones after it.
        keep = good & (factor >= 1.0) & (following < planned)
        following = planned if keep else following
        following = min(_LONGEST_S, following)
        w[_H * LANES + l] = following
        w[_LOG_ERROR * LANES + l] = new if good else old
        w[_GOOD * LANES + l] = 1.0 if good else 0.0
    for l in range(LANES):
        good = w[_GOOD * LANES + l] > 0.0
        old, new = w[_HEIGHT * LANES + l], w[_HEIGHT_NEW * LANES + l]
        event = (
            (w[_LAST * LANES + l] > 0.0)
            | (w[_CLIMB * LANES + l] * w[_CLIMB_NEW * LANES + l] <= 0.0)
            | ((old - SPACE_M) * (new - SPACE_M) <= 0.0)
            | (new <= w[_GROUND * LANES + l])
        )
        count = w[_COUNT * LANES + l] + 1.0
        flag = 1.0 if (good & event) | (w[_H * LANES + l] < _SHORTEST_S) else 0.0
        flag = 2.0 if count >= most_steps else flag
        w[_COUNT * LANES + l] = count
        w[_FLAG * LANES + l] = w[_ALIVE * LANES + l] * flag


@leaf
def _commit(w: Array) -> None:
    """Move every lane whose step was good, and plan the next so that it lands on a leg's end."""
    for c in range(6):
        for l in range(LANES):
            good = w[_GOOD * LANES + l] > 0.0
            y, k = w[(_Y + c) * LANES + l], w[(_K + c) * LANES + l]
            y_new, k_new = w[(_YN + c) * LANES + l], w[(_K + 36 + c) * LANES + l]
            w[(_Y + c) * LANES + l] = y_new if good else y
            w[(_K + c) * LANES + l] = k_new if good else k
    for l in range(LANES):
        good = w[_GOOD * LANES + l] > 0.0
        height, climb, t = w[_HEIGHT * LANES + l], w[_CLIMB * LANES + l], w[_T * LANES + l]
        t = t + w[_STEP * LANES + l] if good else t
        w[_HEIGHT * LANES + l] = w[_HEIGHT_NEW * LANES + l] if good else height
        w[_CLIMB * LANES + l] = w[_CLIMB_NEW * LANES + l] if good else climb
        w[_T * LANES + l] = t
        left = w[_T_END * LANES + l] - t
        h = w[_H * LANES + l]
        last = h >= left
        half = (h < left) & (2.0 * h > left)
        h = left if last else h
        h = 0.5 * left if half else h
        w[_STEP * LANES + l] = h if w[_ALIVE * LANES + l] > 0.0 else 0.0
        w[_LAST * LANES + l] = 1.0 if last else 0.0


@leaf
def _between(w: Array, l: int, s: float) -> None:
    """Write the state at share s of the step into row `_MID`: Hermite's quintic.

    Positions, velocities and accelerations of both ends are met, so that the error is of the sixth
    order in the step: below that of the step itself.
    """
    h = w[_STEP * LANES + l]
    for c in range(3):
        p0, p1 = w[(_Y + c) * LANES + l], w[(_YN + c) * LANES + l]
        v0, v1 = h * w[(_Y + c + 3) * LANES + l], h * w[(_YN + c + 3) * LANES + l]
        a0, a1 = h * h * w[(_K + c + 3) * LANES + l], h * h * w[(_K + 39 + c) * LANES + l]
        # p0 + s v0 + s^2 a0 / 2, and three terms that make up what is missed at s = 1.
        d0 = p1 - p0 - v0 - 0.5 * a0
        d1 = v1 - v0 - a0
        d2 = a1 - a0
        c3 = 10.0 * d0 - 4.0 * d1 + 0.5 * d2
        c4 = -15.0 * d0 + 7.0 * d1 - d2
        c5 = 6.0 * d0 - 3.0 * d1 + 0.5 * d2
        w[(_MID + c) * LANES + l] = p0 + s * (v0 + s * (0.5 * a0 + s * (c3 + s * (c4 + s * c5))))
        slope = v0 + s * (a0 + s * (3.0 * c3 + s * (4.0 * c4 + s * 5.0 * c5)))
        w[(_MID + c + 3) * LANES + l] = slope / h


@kernel
def _meet(
    w: Array, l: int, what: int, target: float, lo: float, f_lo: float, f_hi: float, world: World
) -> float:
    """Return the share of the step, after lo, at which height (what 0) or climb (1) is met.

    f_lo, f_hi: height or climb, less the target, at lo and at `_PIECE_END`. Illinois' regula
    falsi, to 1e-6 m or m/s; leaves the state in row `_MID`.
    """
    hi = float(w[_PIECE_END * LANES + l])
    s, side = hi, 0
    for _ in range(60):
        s = (lo * f_hi - hi * f_lo) / (f_hi - f_lo)
        _between(w, l, s)
        f = _above(w, l, _MID, world)[what] - target
        if not abs(f) > 1e-6:
            break
        if (f < 0.0) == (f_hi < 0.0):
            hi, f_hi = s, f
            f_lo = 0.5 * f_lo if side == 1 else f_lo
            side = 1
        else:
            lo, f_lo = s, f
            f_hi = 0.5 * f_hi if side == -1 else f_hi
            side = -1
    return s


@kernel
def _events(w: Array, l: int, i: int, results: Array, world: World) -> float:
    """Note what a good step passes: apogee, 100 km; return its share to the ground, or -1.

    A step in which the climb changes sign is looked at in two pieces, so that a crossing up and
    another down are both seen.
    """
    h, begun = w[_STEP * LANES + l], w[_T0 * LANES + l] + w[_T * LANES + l]
    ground = w[_GROUND * LANES + l]
    climb, climb_new = w[_CLIMB * LANES + l], w[_CLIMB_NEW * LANES + l]
    middle, top = 1.0, w[_HEIGHT_NEW * LANES + l]
    w[_PIECE_END * LANES + l] = 1.0
    if climb * climb_new < 0.0:
        middle = _meet(w, l, 1, 0.0, 0.0, climb, climb_new, world)
        top = _above(w, l, _MID, world)[0]
        if climb > 0.0 and top > results[i, TOP]:
            results[i, TOP] = top
            results[i, TOP_TIME] = begun + middle * h
    lo, low = 0.0, w[_HEIGHT * LANES + l]
    for piece in range(2):
        hi = middle if piece == 0 else 1.0
        high = top if piece == 0 else w[_HEIGHT_NEW * LANES + l]
        w[_PIECE_END * LANES + l] = hi
        if hi <= lo:
            break
        if (low < SPACE_M) != (high < SPACE_M):
            s = _meet(w, l, 0, SPACE_M, lo, low - SPACE_M, high - SPACE_M, world)
            if low > high:
                results[i, DOWN_TIME] = begun + s * h
            elif not results[i, UP_TIME] >= 0.0:
                results[i, UP_TIME] = begun + s * h
        if high <= ground and low > high:
            if low <= ground:
                _between(w, l, lo)
                return lo
            return _meet(w, l, 0, ground, lo, low - ground, high - ground, world)
        lo, low = hi, high
    return -1.0


@kernel
def _refresh(w: Array, l: int, world: World) -> None:
    """Work out the height, its rate and the derivative of a lane's state."""
    w[_TAU * LANES + l] = w[_T * LANES + l]
    height, climb = _above(w, l, _Y, world)
    w[_HEIGHT * LANES + l], w[_CLIMB * LANES + l] = height, climb
    _locate(w, l, _Y, world)
    _breathe(w, l, _Y)
    _push(w, l)
    _derive(w, l, _Y, _K, world)


@kernel
def _kick(w: Array, l: int, i: int, starts: Array, angle_rad: float) -> None:
    """Turn a lane's velocity to an angle off the vertical, downrange (`flight.kick`)."""
    v2 = 0.0
    for c in range(3, 6):
        v2 += w[(_Y + c) * LANES + l] ** 2
    v = sqrt(v2)
    sine, cosine = sincos(angle_rad)
    for c in range(3):
        along = cosine * starts[i, UP + c] + sine * starts[i, DOWNRANGE + c]
        w[(_Y + 3 + c) * LANES + l] = v * along


@kernel
def _begin(
    w: Array, l: int, i: int, leg: int, starts: Array, plans: Array, world: World, results: Array
) -> int:
    """Put a lane on the first leg from ``leg`` on that takes time, and return it."""
    now = w[_T0 * LANES + l] + w[_T * LANES + l]
    first_s = plans[i, BURNS + DURATION]
    rise_s = min(plans[i, RISE], first_s)
    from_s, to_s = 0.0, math.inf
    while leg < _FALL:
        burn_s = plans[i, BURNS + (leg // 2) * BURN_COLUMNS + DURATION]
        from_s = rise_s if leg == 1 else 0.0
        to_s = rise_s if leg == 0 else burn_s
        if leg == 1 and first_s > 0.0:
            _kick(w, l, i, starts, plans[i, KICK])
        if leg == 2 or leg == 4:  # a coast, if anything burns after it
            to_s = plans[i, COAST] if burn_s > 0.0 else 0.0
        if to_s > from_s:
            break
        leg += 1
        from_s, to_s = 0.0, math.inf
    burning = leg == 0 or leg % 2 == 1
    b = BURNS + (leg // 2) * BURN_COLUMNS if leg < _FALL else BURNS
    w[_A0 * LANES + l] = plans[i, b + A0] if burning else 0.0
    w[_FLOW * LANES + l] = plans[i, b + A0] / plans[i, b + VE] if burning else 0.0
    w[_LOSS * LANES + l] = world[7] * plans[i, b + LOSS] if burning else 0.0
    w[_DRAG_AREA * LANES + l] = plans[i, b + K_DRAG] if leg < _FALL else plans[i, INVERSE_BETA]
    w[_RISING * LANES + l] = 1.0 if leg == 0 else 0.0
    w[_FALLING * LANES + l] = 1.0 if leg == _FALL else 0.0
    w[_T0 * LANES + l] = now - from_s
    w[_T * LANES + l] = from_s
    w[_T_END * LANES + l] = min(to_s, plans[i, LIMIT] - (now - from_s))
    _refresh(w, l, world)
    if leg == _FALL:
        for c in range(6):
            results[i, OFF + c] = w[(_Y + c) * LANES + l]
        results[i, OFF_TIME] = now
    return leg


@kernel
def _finish(w: Array, l: int, y: int, i: int, time_s: float, results: Array) -> None:
    """Write the state at row y as the end of flight i, at a time since its start."""
    px, py, pz = w[y * LANES + l], w[(y + 1) * LANES + l], w[(y + 2) * LANES + l]
    vx, vy, vz = w[(y + 3) * LANES + l], w[(y + 4) * LANES + l], w[(y + 5) * LANES + l]
    for c in range(6):
        results[i, END + c] = w[(y + c) * LANES + l]
    results[i, END_TIME] = time_s
    results[i, STEPS] = w[_COUNT * LANES + l]
    results[i, SPEED] = sqrt(vx * vx + vy * vy + vz * vz)
    a, b, c = py * vz - pz * vy, pz * vx - px * vz, px * vy - py * vx
    results[i, SLANT] = atan2(px * vx + py * vy + pz * vz, sqrt(a * a + b * b + c * c))


@kernel
def _is_finite(i: int, starts: Array, plans: Array) -> bool:
    """Tell whether all that flight i flies on is finite."""
    total = 0.0
    for c in range(START_COLUMNS):
        total += 0.0 * starts[i, c]
    for c in range(PLAN_COLUMNS):
        total += 0.0 * plans[i, c]
    return total == 0.0


@kernel
def _refill(
    w: Array, l: int, lane: Integers, starts: Array, plans: Array, world: World, results: Array
) -> None:
    """Give a lane the next flight that can be flown, or nothing to do if there is none.

    lane[LANES + 1, 2]: each lane's flight and leg; in the last row the next flight's number, and
    how many lanes are busy.
    """
    while lane[LANES, 0] < starts.shape[0]:
        i = lane[LANES, 0]
        lane[LANES, 0] += 1
        for c in range(RESULT_COLUMNS):
            results[i, c] = math.nan
        for c in range(6):
            results[i, END + c] = starts[i, c]
        results[i, END_TIME] = 0.0
        if not _is_finite(i, starts, plans):
            continue
        for c in range(6):
            w[(_Y + c) * LANES + l] = starts[i, c]
        w[_GROUND * LANES + l] = starts[i, GROUND]
        for row in (_T0, _T, _COUNT, _GOOD, _LOG_ERROR):
            w[row * LANES + l] = 0.0
        w[_H * LANES + l] = 1.0
        w[_ALIVE * LANES + l] = 1.0
        lane[l, 0] = i
        lane[l, 1] = _begin(w, l, i, 0, starts, plans, world, results)
        results[i, TOP], results[i, TOP_TIME] = w[_HEIGHT * LANES + l], 0.0
        return
    w[_ALIVE * LANES + l] = 0.0
    w[_GOOD * LANES + l] = 0.0
    lane[LANES, 1] -= 1


@kernel
def _attend(
    w: Array, l: int, lane: Integers, starts: Array, plans: Array, world: World, results: Array
) -> int:
    """See to a flagged lane: return -1, or the status that its flight ends with."""
    i, leg = lane[l, 0], lane[l, 1]
    begun = w[_T0 * LANES + l] + w[_T * LANES + l]
    if w[_GOOD * LANES + l] == 0.0:
        _finish(w, l, _Y, i, begun, results)
        return NOT_FINITE if w[_H * LANES + l] < _SHORTEST_S else TOO_MANY_STEPS
    share = _events(w, l, i, results, world)
    if share >= 0.0:
        _finish(w, l, _MID, i, begun + share * w[_STEP * LANES + l], results)
        return DOWN if leg == _FALL else FELL_WHILE_BURNING
    ended = begun + w[_STEP * LANES + l]
    if w[_LAST * LANES + l] > 0.0:
        ended = w[_T0 * LANES + l] + w[_T_END * LANES + l]
        if leg == _FALL or ended >= plans[i, LIMIT]:
            _finish(w, l, _YN, i, ended, results)
            return STILL_UP
        for c in range(6):
            w[(_Y + c) * LANES + l] = w[(_YN + c) * LANES + l]
        w[_T * LANES + l] = w[_T_END * LANES + l]
        w[_GOOD * LANES + l] = 0.0
        lane[l, 1] = _begin(w, l, i, leg + 1, starts, plans, world, results)
    elif w[_FLAG * LANES + l] > 1.0:
        _finish(w, l, _YN, i, ended, results)
        return TOO_MANY_STEPS
    return -1


@kernel
def stand(sites: Array, world: World, starts: Array) -> None:
    """Write starts[n, START_COLUMNS] on sites[n, 4]: latitude, longitude, height, azimuth.

    Angles geodetic [rad], heights above the world's ellipsoid [m]. They rise at 1 m/s, as in
    `flight.launch_state`: thrust is along the velocity, which must have a direction.
    """
    e2 = world[2] / (1.0 + world[2])
    for i in range(sites.shape[0]):
        sp, cp = sincos(sites[i, 0])
        sl, cl = sincos(sites[i, 1])
        sa, ca = sincos(sites[i, 3])
        h = sites[i, 2]
        n = world[1] / sqrt(1.0 - e2 * sp * sp)
        starts[i, 0] = (n + h) * cp * cl
        starts[i, 1] = (n + h) * cp * sl
        starts[i, 2] = (n * (1.0 - e2) + h) * sp
        starts[i, UP], starts[i, UP + 1], starts[i, UP + 2] = cp * cl, cp * sl, sp
        starts[i, DOWNRANGE] = -sl * sa - sp * cl * ca
        starts[i, DOWNRANGE + 1] = cl * sa - sp * sl * ca
        starts[i, DOWNRANGE + 2] = cp * ca
        for c in range(3):
            starts[i, 3 + c] = starts[i, UP + c]
        starts[i, GROUND] = h


@kernel
def fly_lanes(
    starts: Array,
    plans: Array,
    world: World,
    tolerance_m: float,
    most_steps: int,
    results: Array,
    status: Integers,
) -> None:
    """Fly starts[n, START_COLUMNS] by plans[n, PLAN_COLUMNS]; write results[n, RESULT_COLUMNS].

    status[n] becomes one of DOWN, FELL_WHILE_BURNING, STILL_UP, NOT_FINITE and TOO_MANY_STEPS.
    What a flight has not reached is not a number. tolerance_m: the error of the impact that one
    step may add, as far as it can be told; most_steps: the most attempts at a step.
    """
    w = np.zeros(_ROWS * LANES)
    w[_Y * LANES : (_Y + 6) * LANES] = 7e6  # lanes without a flight compute, too
    lane = np.zeros((LANES + 1, 2), np.int64)
    lane[LANES, 1] = LANES
    status[:] = NOT_FINITE
    for l in range(LANES):
        _refill(w, l, lane, starts, plans, world, results)
    most = float(most_steps)
    while lane[LANES, 1] > 0:
        _commit(w)
        _stages(w, world)
        _measure(w, world)
        _judge(w, tolerance_m, most)
        for l in range(LANES):
            if w[_FLAG * LANES + l] > 0.0:
                end = _attend(w, l, lane, starts, plans, world, results)
                if end >= 0:
                    status[lane[l, 0]] = end
                    _refill(w, l, lane, starts, plans, world, results)
