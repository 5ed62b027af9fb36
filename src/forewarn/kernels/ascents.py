"""Whole ascents of a crowd of believed vehicles: burns with loss of thrust in air, drag, coast.

The equations of `forewarn.kernels.flight`, with the thrust that air takes away and drag that varies
with the Mach number; gravity to J2:

    dv/dt = g(p) + (a_T - D) v/|v| - 2 w x v - w x (w x p)
    a_T = a0 / m (1 - loss exp(-h / H)),   D = rho v^2 k C(v / c) / (2 m),   m = 1 - a0 t / ve

a0: vacuum thrust acceleration at the ignition of a burn [m/s2]; ve: exhaust velocity in vacuum
[m/s]; k: hypersonic drag area over the mass at ignition [m2/kg]; loss: share of the vacuum thrust
lost at sea level [1], nozzle exit area times pressure over thrust (Sutton and Biblarz, Rocket
Propulsion Elements, 9th ed., eq. 2-13); C: `drag_factor`; m: share of the mass left [1]. A coast
has neither thrust nor drag.

A vehicle is a row theta[COLUMNS]. It rises vertically, tips over by an angle with a north and an
east part (so that a flight straight up is nothing special), and follows its velocity from there.

Theory of operation. A flight is a row of legs: rise, rest of the first burn, pause, burn, pause,
burn, coast. `LANES` flights take each leg together, each in as many even steps as it needs, by the
classical Runge-Kutta method; who is at its end waits with steps of nothing, so that a flight's
numbers do not depend on its company. Looks between two steps are met by Hermite's cubic. A lane's
numbers are column l of the work space w[rows, LANES], kept flat: row r at r LANES + l. The loops
over lanes are as they are so that the compiler makes vectors of them (`forewarn.kernels.lanes`).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import GRAVITATIONAL_PARAMETER_M3_S2 as MU
from forewarn.earth import J2, MEAN_RADIUS_M
from forewarn.earth import ROTATION_RATE_RAD_S as OMEGA
from forewarn.earth import SEMI_MAJOR_AXIS_M as RE
from forewarn.earth import SEMI_MINOR_AXIS_M as RP
from forewarn.kernels.air import LN_RHO, LN_RHO_SLOPE, PRESSURE_SCALE_M, SOUND_M_S, SOUND_SLOPE
from forewarn.kernels.drag import DRAG_FACTOR, DRAG_SLOPE, MACH_STEP
from forewarn.kernels.flight import kick, launch_state
from forewarn.kernels.jit import kernel, leaf
from forewarn.kernels.lanes import LANES, exp, sqrt
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
BURN_STEP_S = 2.0  # within 0.1 % of the way of far shorter steps (tests/kernels/test_ascents.py)
COAST_STEP_S = 20.0
_LEAST_MASS = 0.02
_LEGS = 2 * STAGES + 1
_AIR_CELLS = 128  # of a kilometre: drag above is nothing

# Rows of the work space, each of LANES numbers.
_X, _K, _SUM, _OLD = 0, 6, 12, 18  # state, last derivative, sum of a step, state before it
_T, _STEP, _TAU, _LEFT, _LAST, _BEGAN = range(24, 30)
_THRUST, _FLOW, _AREA, _LOSS, _DRAGGED = range(30, 35)  # what a leg flies on
_Y, _INVERSE_R, _SINE, _HEIGHT, _CELL, _PART = 35, 41, 42, 43, 44, 45
_FORCE, _PUSH, _INVERSE_V, _MASS = 46, 47, 48, 49
_UP, _DOWNRANGE = 50, 53
_ROWS = 56


def _cells(values: Array, slopes: Array) -> Array:
    """Coefficients (n - 1, 4), ascending, of Hermite's cubics between values on a unit grid."""
    rise = np.diff(values)
    bend = 3.0 * rise - 2.0 * slopes[:-1] - slopes[1:]
    twist = slopes[:-1] + slopes[1:] - 2.0 * rise
    return np.column_stack((values[:-1], slopes[:-1], bend, twist))


def _air_table() -> Array:
    """Cubics of ln rho and of the speed of sound, kilometre by kilometre, eight numbers each."""
    table = np.zeros((_AIR_CELLS, 8))
    table[:, :4] = _cells(LN_RHO, LN_RHO_SLOPE)[:_AIR_CELLS]
    sound = _cells(SOUND_M_S, SOUND_SLOPE)
    table[:, 4] = SOUND_M_S[-1]
    table[: len(sound), 4:] = sound
    return table


_AIR = _air_table().ravel()
_DRAG = np.append(_cells(DRAG_FACTOR, DRAG_SLOPE), (1.0, 0.0, 0.0, 0.0))
_LAST_DRAG_CELL = float(len(_DRAG) // 4 - 1)
_LAST_AIR_CELL = _AIR_CELLS - 1e-6
_FLATTENED = (RE / RP) ** 2 - 1.0
_ZONAL = 1.5 * J2 * RE * RE


@leaf
def _cubic(table: Array, i: np.uint32, f: float) -> float:
    """Return the cubic whose coefficients begin at table[i], at f."""
    return float((table[i] + table[i + 1] * f) + (table[i + 2] + table[i + 3] * f) * (f * f))


@leaf
def _locate(w: Array, l: int) -> None:
    """Write 1 / r, height and place in the air's table for the state at row `_Y`."""
    px, py, pz = w[_Y * LANES + l], w[(_Y + 1) * LANES + l], w[(_Y + 2) * LANES + l]
    r2 = px * px + py * py + pz * pz
    inverse_r = 1.0 / sqrt(r2)
    s = pz * inverse_r
    u = _FLATTENED * s * s
    # 1 / sqrt(1 + u), the surface's radius over RE, for u < 0.007: to 1e-10.
    surface = 1.0 - u * (0.5 - u * (0.375 - u * 0.3125))
    h = max(0.0, r2 * inverse_r - RE * surface)
    cell = min(_LAST_AIR_CELL, h * 1e-3)
    n = np.float64(np.int32(cell))
    w[_INVERSE_R * LANES + l] = inverse_r
    w[_SINE * LANES + l] = s
    w[_HEIGHT * LANES + l] = h
    w[_CELL * LANES + l] = n
    w[_PART * LANES + l] = cell - n


@leaf
def _breathe(w: Array, l: int) -> None:
    """Write drag but for the Mach number's part, and the place in the table of that."""
    i = np.uint32(8 * np.int32(w[_CELL * LANES + l]))
    f = w[_PART * LANES + l]
    ln_rho = _cubic(_AIR, i, f)
    sound = _cubic(_AIR, i + np.uint32(4), f)
    vx, vy, vz = w[(_Y + 3) * LANES + l], w[(_Y + 4) * LANES + l], w[(_Y + 5) * LANES + l]
    v2 = vx * vx + vy * vy + vz * vz + 1e-12
    inverse_v = 1.0 / sqrt(v2)
    cell = min(_LAST_DRAG_CELL, v2 * inverse_v / (sound * MACH_STEP))
    n = np.float64(np.int32(cell))
    w[_FORCE * LANES + l] = ln_rho
    w[_PUSH * LANES + l] = v2
    w[_INVERSE_V * LANES + l] = inverse_v
    w[_CELL * LANES + l] = n
    w[_PART * LANES + l] = cell - n


@leaf
def _push(w: Array, l: int) -> None:
    """Write thrust and drag, but for the Mach number's part, over the mass at ignition."""
    loss = w[_LOSS * LANES + l] * exp(w[_HEIGHT * LANES + l] * (-1.0 / PRESSURE_SCALE_M))
    rho = exp(w[_FORCE * LANES + l])
    w[_FORCE * LANES + l] = 0.5 * rho * w[_AREA * LANES + l] * w[_PUSH * LANES + l]
    w[_PUSH * LANES + l] = w[_THRUST * LANES + l] * (1.0 - loss)
    w[_MASS * LANES + l] = max(_LEAST_MASS, 1.0 - w[_FLOW * LANES + l] * w[_TAU * LANES + l])


@leaf
def _derive(w: Array, l: int) -> None:
    """Write the derivative of the state at row `_Y` into row `_K`."""
    px, py, pz = w[_Y * LANES + l], w[(_Y + 1) * LANES + l], w[(_Y + 2) * LANES + l]
    vx, vy, vz = w[(_Y + 3) * LANES + l], w[(_Y + 4) * LANES + l], w[(_Y + 5) * LANES + l]
    inverse_r = w[_INVERSE_R * LANES + l]
    s = w[_SINE * LANES + l]
    i2 = inverse_r * inverse_r
    m = MU * i2
    z2 = _ZONAL * i2
    g = m * inverse_r * (z2 * (5.0 * s * s - 1.0) - 1.0)
    axial = -2.0 * m * z2 * s
    i = np.uint32(4 * np.int32(w[_CELL * LANES + l]))
    factor = _cubic(_DRAG, i, w[_PART * LANES + l])
    net = w[_PUSH * LANES + l] - factor * w[_FORCE * LANES + l]
    along = net * w[_INVERSE_V * LANES + l] / w[_MASS * LANES + l]
    level = g + OMEGA * OMEGA
    w[_K * LANES + l] = vx
    w[(_K + 1) * LANES + l] = vy
    w[(_K + 2) * LANES + l] = vz
    w[(_K + 3) * LANES + l] = level * px + along * vx + 2.0 * OMEGA * vy
    w[(_K + 4) * LANES + l] = level * py + along * vy - 2.0 * OMEGA * vx
    w[(_K + 5) * LANES + l] = g * pz + axial + along * vz


@kernel
def _rates(w: Array) -> None:
    """Write the derivative of the state `_Y` at `_TAU` in every lane into row `_K`."""
    for l in range(LANES):
        _locate(w, l)
    for l in range(LANES):
        _breathe(w, l)
    for l in range(LANES):
        _push(w, l)
    for l in range(LANES):
        _derive(w, l)


@kernel
def _advance(w: Array) -> None:
    """Take one Runge-Kutta step of each lane's own length; the state before it stays in `_OLD`."""
    for c in range(6):
        for l in range(LANES):
            x = w[(_X + c) * LANES + l]
            w[(_OLD + c) * LANES + l] = x
            w[(_Y + c) * LANES + l] = x
            w[(_SUM + c) * LANES + l] = 0.0
    for stage in range(4):
        share = 0.0 if stage == 0 else (1.0 if stage == 3 else 0.5)
        weight = 1.0 if stage == 0 or stage == 3 else 2.0
        for l in range(LANES):
            tau = w[_T * LANES + l] - w[_BEGAN * LANES + l] + share * w[_STEP * LANES + l]
            w[_TAU * LANES + l] = tau
        if stage > 0:
            for c in range(6):
                for l in range(LANES):
                    move = share * w[_STEP * LANES + l] * w[(_K + c) * LANES + l]
                    w[(_Y + c) * LANES + l] = w[(_X + c) * LANES + l] + move
        _rates(w)
        for c in range(6):
            for l in range(LANES):
                w[(_SUM + c) * LANES + l] += weight * w[(_K + c) * LANES + l]
    for c in range(6):
        for l in range(LANES):
            w[(_X + c) * LANES + l] += w[_STEP * LANES + l] / 6.0 * w[(_SUM + c) * LANES + l]


@kernel
def _hold_up(w: Array) -> None:
    """Take from each velocity what is not along the vertical of the pad."""
    for l in range(LANES):
        climb = 0.0
        for c in range(3):
            climb += w[(_X + 3 + c) * LANES + l] * w[(_UP + c) * LANES + l]
        for c in range(3):
            w[(_X + 3 + c) * LANES + l] = climb * w[(_UP + c) * LANES + l]


@kernel
def _begin_leg(theta: Array, leg: int, w: Array) -> float:
    """Set every lane on a leg; return how many steps the longest needs.

    theta[LANES, COLUMNS]. Leg 0 is the rise, odd legs are burns, the others coasts.
    """
    burning = leg == 0 or (leg % 2 == 1 and leg < _LEGS - 1)
    stage = max(leg - 1, 0) // 2
    first = BURNS + stage * BURN_COLUMNS
    steps = 0.0
    for l in range(LANES):
        t = w[_T * LANES + l]
        length = math.inf
        if leg == 0:
            length = min(theta[l, RISE], theta[l, BURNS + DURATION])
        elif leg == 1:
            length = theta[l, BURNS + DURATION] - t
        elif burning:
            length = theta[l, first + DURATION]
        elif leg < _LEGS - 1:
            following = theta[l, first + BURN_COLUMNS + DURATION]
            length = theta[l, GAP] if following > 0.0 else 0.0
        length = max(0.0, min(length, w[_LAST * LANES + l] - t))
        if leg != 1:
            w[_BEGAN * LANES + l] = t
        w[_THRUST * LANES + l] = theta[l, first + A0] if burning else 0.0
        flow = theta[l, first + A0] / max(theta[l, first + VE], 1.0)
        w[_FLOW * LANES + l] = flow if burning else 0.0
        w[_AREA * LANES + l] = theta[l, first + DRAG_AREA] if burning else 0.0
        w[_LOSS * LANES + l] = theta[l, LOSS]
        own = math.ceil(length / (BURN_STEP_S if burning else COAST_STEP_S))
        w[_LEFT * LANES + l] = own
        w[_STEP * LANES + l] = length / max(own, 1.0)
        steps = max(steps, own)
    return steps


@kernel
def _meet_looks(times_s: Array, ignition: Array, met: Integers, out: Array, w: Array) -> None:
    """Write the states at the looks within the step just taken; out[LANES, m, 6]."""
    m = times_s.shape[0]
    for l in range(LANES):
        h = w[_STEP * LANES + l]
        t = w[_T * LANES + l]
        while h > 0.0 and met[l] < m and times_s[met[l]] - ignition[l] <= t + h:
            k = met[l]
            s = (times_s[k] - ignition[l] - t) / h
            q = 1.0 - s
            for c in range(3):
                a, b = w[(_OLD + c) * LANES + l], w[(_X + c) * LANES + l]
                va, vb = w[(_OLD + 3 + c) * LANES + l], w[(_X + 3 + c) * LANES + l]
                # Hermite's cubic and its derivative.
                out[l, k, c] = a + (b - a) * s * s * (3.0 - 2.0 * s) + h * s * q * (q * va - s * vb)
                slope = 6.0 * s * q * (b - a) / h
                out[l, k, 3 + c] = slope + q * (1.0 - 3.0 * s) * va + s * (3.0 * s - 2.0) * vb
            met[l] = k + 1
        w[_T * LANES + l] = t + h
        left = w[_LEFT * LANES + l] - 1.0
        w[_LEFT * LANES + l] = left
        if left <= 0.0:  # the rest of the leg is for others
            w[_STEP * LANES + l] = 0.0


@kernel
def _stand(
    theta: Array, times_s: Array, ignition: Array, met: Integers, out: Array, w: Array
) -> None:
    """Put every lane on its pad; looks before ignition see the pad at rest."""
    x, e = np.empty(6), np.empty((2, 3))
    for l in range(LANES):
        azimuth = math.atan2(theta[l, TILT_EAST], theta[l, TILT_NORTH])
        launch_state(theta[l, LATITUDE], theta[l, LONGITUDE], 0.0, azimuth, x, e)
        for c in range(6):
            w[(_X + c) * LANES + l] = x[c]
        for c in range(3):
            w[(_UP + c) * LANES + l] = e[0, c]
            w[(_DOWNRANGE + c) * LANES + l] = e[1, c]
        w[_T * LANES + l] = 0.0
        w[_LAST * LANES + l] = max(0.0, times_s[times_s.shape[0] - 1] - ignition[l])
        met[l] = 0
        while met[l] < times_s.shape[0] and times_s[met[l]] - ignition[l] <= 0.0:
            for c in range(3):
                out[l, met[l], c] = x[c]
                out[l, met[l], 3 + c] = 0.0
            met[l] += 1


@kernel
def _tip_over(theta: Array, w: Array) -> None:
    """Turn the velocity of every lane off the vertical by its tip-over."""
    x, e = np.empty(6), np.empty((2, 3))
    for l in range(LANES):
        for c in range(3):
            x[3 + c] = w[(_X + 3 + c) * LANES + l]
            e[0, c] = w[(_UP + c) * LANES + l]
            e[1, c] = w[(_DOWNRANGE + c) * LANES + l]
        kick(x, e[0], e[1], math.hypot(theta[l, TILT_NORTH], theta[l, TILT_EAST]))
        for c in range(3):
            w[(_X + 3 + c) * LANES + l] = x[3 + c]


@kernel
def _fly_lanes(theta: Array, ignition: Array, times_s: Array, out: Array, w: Array) -> None:
    """Fly theta[LANES, COLUMNS] from ignition[LANES] through times_s[m]; states into out."""
    met = np.zeros(LANES, dtype=np.int64)
    _stand(theta, times_s, ignition, met, out, w)
    for leg in range(_LEGS):
        steps = _begin_leg(theta, leg, w)
        for _ in range(int(steps)):
            _advance(w)
            if leg == 0:
                _hold_up(w)
            _meet_looks(times_s, ignition, met, out, w)
        if leg == 0:
            _tip_over(theta, w)
    for l in range(LANES):  # what rounding left just behind the last step
        for k in range(met[l], times_s.shape[0]):
            for c in range(6):
                out[l, k, c] = w[(_X + c) * LANES + l]


@kernel
def ascent_states(theta: Array, ignition: Array, times_s: Array, out: Array) -> None:
    """Write the states of ascents theta[n, COLUMNS] at times_s[m] into out[n, m, 6].

    times_s [ascending] and ignition[n] [s] count from one instant; out is ecef [m, m/s]. Before
    ignition it stands on the pad. All numbers must be finite.
    """
    n = theta.shape[0]
    w = np.zeros(_ROWS * LANES)
    some = np.empty((LANES, COLUMNS))
    lit = np.empty(LANES)
    states = np.empty((LANES, times_s.shape[0], 6))
    for first in range(0, n, LANES):
        for l in range(LANES):
            row = min(first + l, n - 1)
            some[l] = theta[row]
            lit[l] = ignition[row]
        _fly_lanes(some, lit, times_s, states, w)
        for l in range(min(LANES, n - first)):
            out[first + l] = states[l]


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
def white_offsets(states: Array, kinds: Integers, geometry: Array, lower: Array, z: Array) -> None:
    """`look_offsets` of states[n, m, 6], each row times the lower triangle lower[k, k]; z[n, k].

    A library's product would start threads for it, at ten times the cost.
    """
    k = lower.shape[0]
    for d in range(states.shape[0]):
        look_offsets(states[d], kinds, geometry, z[d])
        for i in range(k - 1, -1, -1):
            s = 0.0
            for j in range(i + 1):
                s += lower[i, j] * z[d, j]
            z[d, i] = s


NORTH, EAST, IGNITION, SLANT_NORTH, SLANT_EAST, THRUST = range(6)
EXHAUST, DRAG, LOSS_OF_THRUST, BURNT, LATER, SIZE = range(6, 12)
"""Columns of phi: pad north and east of a reference [m], ignition after a reference instant [s],
slant [rad], ln of thrust acceleration at sea level [m/s2], of exhaust velocity [m/s] and of drag
area over mass [m2/kg], loss of thrust at sea level [1], share of the mass that the first burn uses
up [1], ln of the thrust acceleration with which a second begins [m/s2]."""
REFERENCE_LATITUDE, REFERENCE_LONGITUDE, RISE_S, LATER_EXHAUST, EARLIEST, BELIEF = range(6)
"""Columns of what one family's fit holds fixed: place [rad], rise [s], exhaust velocity of a second
burn [m/s], the earliest ignition [s] that is tried."""
SLANT_SPEED_M_S = 300.0
_MIDWAY = 1.2  # thrust over weight there, with less mass and air, over that at lift-off: soft
_G0_M_S2 = 9.80665
_MOST_TILT = 0.9
_MOST_GROUND_M = 1e7
_LOG_SPAN_SIGMAS = 6.0
_PAUSE_S = 1.0  # between two burns
_LAST_SHARE = 0.9  # of the mass that the second burn uses up


@kernel
def clipped(x: float, low: float, high: float) -> float:
    """X within low and high; low for what is not a number."""
    return min(high, max(low, x)) if math.isfinite(x) else low


@kernel
def _held(phi: Array, mean: Array, sigma: Array, i: int) -> float:
    """phi[i] within six of its prior's sigmas."""
    reach = _LOG_SPAN_SIGMAS * sigma[i]
    return clipped(phi[i], mean[i] - reach, mean[i] + reach)


@kernel
def tilt_per_slant(thrust_m_s2: float, rise_s: float) -> float:
    """Tip-over [rad] for a slant of 1 rad at 300 m/s, both small.

    The gravity turn of constant thrust-to-weight n has tan(slant / 2) growing as v^(1 / (n - 1))
    (Culler and Fried, J. Appl. Phys. 28 (1957) 672).
    """
    net = max(thrust_m_s2 - _G0_M_S2, 0.5)
    n = max(_MIDWAY * thrust_m_s2 / _G0_M_S2, 1.2)
    return float((net * rise_s / SLANT_SPEED_M_S) ** (1.0 / (n - 1.0)))


@kernel
def believe(phi: Array, mean: Array, sigma: Array, belief: Array, theta: Array) -> None:
    """Write the vehicle theta[COLUMNS] of phi[SIZE]; its second burn is its last.

    mean[SIZE] and sigma[SIZE] are the family's prior, beyond six of which a trial is held back.
    """
    thrust = math.exp(_held(phi, mean, sigma, THRUST))
    exhaust = math.exp(_held(phi, mean, sigma, EXHAUST))
    drag = math.exp(_held(phi, mean, sigma, DRAG))
    loss = clipped(phi[LOSS_OF_THRUST], 0.0, 0.4)
    burnt = clipped(phi[BURNT], 0.3, 0.97)
    latitude = belief[REFERENCE_LATITUDE]
    across = MEAN_RADIUS_M * max(math.cos(latitude), 1e-2)
    theta[LATITUDE] = (
        latitude + clipped(phi[NORTH], -_MOST_GROUND_M, _MOST_GROUND_M) / MEAN_RADIUS_M
    )
    theta[LONGITUDE] = (
        belief[REFERENCE_LONGITUDE] + clipped(phi[EAST], -_MOST_GROUND_M, _MOST_GROUND_M) / across
    )
    tilt = tilt_per_slant(thrust, belief[RISE_S])
    theta[TILT_NORTH] = clipped(tilt * phi[SLANT_NORTH], -_MOST_TILT, _MOST_TILT)
    theta[TILT_EAST] = clipped(tilt * phi[SLANT_EAST], -_MOST_TILT, _MOST_TILT)
    theta[RISE] = belief[RISE_S]
    theta[LOSS] = loss
    theta[GAP] = _PAUSE_S
    theta[BURNS + A0] = thrust / (1.0 - loss)
    theta[BURNS + VE] = exhaust
    theta[BURNS + DRAG_AREA] = drag
    theta[BURNS + DURATION] = burnt * exhaust / theta[BURNS + A0]
    later = BURNS + BURN_COLUMNS
    theta[later + A0] = math.exp(clipped(phi[LATER], 1.0, 5.3))
    theta[later + VE] = belief[LATER_EXHAUST]
    theta[later + DRAG_AREA] = drag / (1.0 - burnt)
    theta[later + DURATION] = _LAST_SHARE * theta[later + VE] / theta[later + A0]


@kernel
def believed_states(
    phi: Array, mean: Array, sigma: Array, belief: Array, times_s: Array, out: Array
) -> None:
    """States of the ascents phi[n, SIZE] of one family at times_s[m] into out[n, m, 6]."""
    n = phi.shape[0]
    theta = np.zeros((n, COLUMNS))
    ignition = np.empty(n)
    for d in range(n):
        believe(phi[d], mean, sigma, belief, theta[d])
        ignition[d] = clipped(phi[d, IGNITION], belief[EARLIEST], 1e6)
    ascent_states(theta, ignition, times_s, out)
