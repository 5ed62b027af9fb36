"""Flight over the rotating, oblate Earth on plain arrays, in the Earth-fixed frame.

x: position [m] and velocity [m/s], ecef. Equations of motion in the rotating frame
(Vallado, Fundamentals of Astrodynamics, 4th ed., eq. 3-27 and 8-22 for the zonal field):

    dv/dt = g(p) + (a_T - D) v/|v| - 2 w x v - w x (w x p)

a_T: thrust acceleration along the air-relative velocity (gravity turn) [m/s2];
D = rho v^2 / (2 beta): drag [m/s2]; beta: ballistic coefficient m/(Cd A) [kg/m2].
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import (
    GRAVITATIONAL_PARAMETER_M3_S2 as MU,
)
from forewarn.earth import (
    J2,
    J3,
    J4,
)
from forewarn.earth import (
    ROTATION_RATE_RAD_S as OMEGA,
)
from forewarn.earth import (
    SEMI_MAJOR_AXIS_M as RE,
)
from forewarn.earth import (
    SEMI_MINOR_AXIS_M as RP,
)
from forewarn.kernels.air import density_kg_m3
from forewarn.kernels.jit import kernel
from forewarn.kernels.measure import line_of_sight_offset

Array = NDArray[np.float64]


@kernel
def height_m(x: float, y: float, z: float) -> float:
    """Height [m] above WGS 84 along the geocentric radius: within 2 m of geodetic below 200 km."""
    rho2 = x * x + y * y
    r2 = rho2 + z * z
    surface = RE * RP * math.sqrt(r2 / (RP * RP * rho2 + RE * RE * z * z))
    return math.sqrt(r2) - surface


@kernel
def acceleration(x: Array, along_m_s2: float, inverse_beta: float, out: Array) -> None:
    """Write dv/dt [m/s2] into out[3]: J2-J4 gravity, rotation, thrust along velocity, drag."""
    px, py, pz = x[0], x[1], x[2]
    vx, vy, vz = x[3], x[4], x[5]
    r2 = px * px + py * py + pz * pz
    r = math.sqrt(r2)
    s = pz / r
    s2 = s * s
    q = RE / r
    # Zonal field: radial and axial parts of the gradient of
    # U = mu/r (1 - sum J_n q^n P_n(s)), with P_n' in closed form.
    c2 = J2 * q * q
    c3 = J3 * q * q * q
    c4 = J4 * q * q * q * q
    p2 = 0.5 * (3.0 * s2 - 1.0)
    p3 = 0.5 * s * (5.0 * s2 - 3.0)
    p4 = 0.125 * (35.0 * s2 * s2 - 30.0 * s2 + 3.0)
    d2 = 3.0 * s
    d3 = 1.5 * (5.0 * s2 - 1.0)
    d4 = 2.5 * s * (7.0 * s2 - 3.0)
    m = MU / r2
    axial = -m * (c2 * d2 + c3 * d3 + c4 * d4)
    radial = -m * (1.0 - 3.0 * c2 * p2 - 4.0 * c3 * p3 - 5.0 * c4 * p4) - s * axial
    along = along_m_s2
    v = math.sqrt(vx * vx + vy * vy + vz * vz)
    if inverse_beta > 0.0:
        along -= 0.5 * density_kg_m3(height_m(px, py, pz)) * v * v * inverse_beta
    k = along / v if v > 1e-6 else 0.0
    g = radial / r
    out[0] = g * px + k * vx + 2.0 * OMEGA * vy + OMEGA * OMEGA * px
    out[1] = g * py + k * vy - 2.0 * OMEGA * vx + OMEGA * OMEGA * py
    out[2] = g * pz + axial + k * vz


@kernel
def coast_step(x: Array, inverse_beta: float, h: float, w: Array) -> None:
    """Advance x[6] in place by h [s] without thrust: classical fourth-order Runge-Kutta.

    w[7, 6] is work space.
    """
    for stage in range(4):
        c = 0.0 if stage == 0 else (1.0 if stage == 3 else 0.5)
        for i in range(6):
            w[4, i] = x[i] if stage == 0 else x[i] + c * h * w[stage - 1, i]
        acceleration(w[4], 0.0, inverse_beta, w[5])
        for i in range(3):
            w[stage, i] = w[4, 3 + i]
            w[stage, 3 + i] = w[5, i]
    for i in range(6):
        x[i] += h / 6.0 * (w[0, i] + 2.0 * w[1, i] + 2.0 * w[2, i] + w[3, i])


@kernel
def boost_step(x: Array, a0: float, ve: float, k: float, t: float, h: float, w: Array) -> None:
    """Advance x[6] in place from t to t + h [s] of a burn: fourth-order Runge-Kutta.

    a0: thrust acceleration at ignition [m/s2]; ve: exhaust velocity [m/s], so that the mass is
    m0 (1 - a0 t / ve) (constant thrust and mass flow); k: Cd A / m0 [m2/kg]. w[7, 6]: work space.
    """
    for stage in range(4):
        c = 0.0 if stage == 0 else (1.0 if stage == 3 else 0.5)
        for i in range(6):
            w[4, i] = x[i] if stage == 0 else x[i] + c * h * w[stage - 1, i]
        mass = max(1.0 - a0 * (t + c * h) / ve, 0.02)
        acceleration(w[4], a0 / mass, k / mass, w[5])
        for i in range(3):
            w[stage, i] = w[4, 3 + i]
            w[stage, 3 + i] = w[5, i]
    for i in range(6):
        x[i] += h / 6.0 * (w[0, i] + 2.0 * w[1, i] + 2.0 * w[2, i] + w[3, i])


@kernel
def step_length_s(h: float, v: float) -> float:
    """Integration step [s] for a coast at height h [m], speed v [m/s].

    Above the sensible air the arc is smooth; inside it a step spans half a scale height. Against
    steps fifty times shorter, flights of 300 to 10,000 km, lofted ones too, land within 20 m for
    ballistic coefficients of 2,000 kg/m2 and more (tests/kernels/test_flight.py).
    """
    if h > 300e3:
        return 40.0
    if h > 90e3:
        return 10.0
    return min(4.0, max(0.1, 3500.0 / max(v, 100.0)))


@kernel
def sink_m_s(x: Array) -> float:
    """Rate [m/s] at which `height_m` of x[6] falls: its exact derivative, negated."""
    r = math.sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2])
    horizontal = x[0] * x[3] + x[1] * x[4]
    axial = x[2] * x[5]
    q = RP * RP * (x[0] * x[0] + x[1] * x[1]) + RE * RE * x[2] * x[2]
    outward = (horizontal + axial) / r
    # d/dt of the surface radius RE RP r / sqrt(q) below the point.
    turned = (RP * RP * horizontal + RE * RE * axial) / q
    surface = RE * RP / math.sqrt(q) * (outward - r * turned)
    return float(surface - outward)


@kernel
def fall(x: Array, inverse_beta: float, height_stop_m: float, t_max: float, w: Array) -> float:
    """Coast x[6] in place until it descends through a height; return the time taken [s].

    The crossing is met to 0.1 m by Newton's iteration. Returns 0 if it is below already and does
    not climb, t_max if it is not down by then, -1.0 if a number is not finite. w[7, 6]: work space.
    """
    t = 0.0
    newton = 0
    above = height_m(x[0], x[1], x[2]) - height_stop_m
    sink = sink_m_s(x)
    if above <= 0.0 and sink >= 0.0:
        return 0.0
    while t < t_max or (above < 0.0 and sink > 0.0):
        v = math.sqrt(x[3] * x[3] + x[4] * x[4] + x[5] * x[5])
        if not math.isfinite(above + v + inverse_beta):
            return -1.0
        longest = step_length_s(above + height_stop_m, v)
        step = min(longest, t_max - t)
        if sink > 0.0 and above < sink * step:  # the crossing is within the step, or was
            if abs(above) < 0.1 or newton == 20:
                return t
            newton += 1
            step = max(above / sink, -longest, -t)
        coast_step(x, inverse_beta, step, w)
        t += step
        above = height_m(x[0], x[1], x[2]) - height_stop_m
        sink = sink_m_s(x)
    return t_max if math.isfinite(above) else -1.0


@kernel
def kick(x: Array, up: Array, downrange: Array, angle_rad: float) -> None:
    """Turn the velocity of x[6] from its vertical rise to an angle [rad] off the vertical."""
    v = math.sqrt(x[3] * x[3] + x[4] * x[4] + x[5] * x[5])
    c = math.cos(angle_rad)
    s = math.sin(angle_rad)
    for i in range(3):
        x[3 + i] = v * (c * up[i] + s * downrange[i])


@kernel
def hold_vertical(x: Array, up: Array) -> None:
    """Take from the velocity of x[6] what is not along ``up``: the steering of a vertical rise.

    Without it a slow rise tips over by itself: a gravity turn amplifies the least slant by
    g / v each second, 9.8 times in the first.
    """
    climb = x[3] * up[0] + x[4] * up[1] + x[5] * up[2]
    for i in range(3):
        x[3 + i] = climb * up[i]


@kernel
def launch_state(lat: float, lon: float, h: float, azimuth_rad: float, x: Array, e: Array) -> None:
    """Write a start into x[6] and the axes up and downrange into e[2, 3].

    lat, lon [rad] and h [m]: geodetic, WGS 84. It moves up at 1 m/s, because thrust is along the
    velocity, which must have a direction.
    """
    e2 = 1.0 - (RP / RE) ** 2
    sp, cp, sl, cl = math.sin(lat), math.cos(lat), math.sin(lon), math.cos(lon)
    n = RE / math.sqrt(1.0 - e2 * sp * sp)
    x[0] = (n + h) * cp * cl
    x[1] = (n + h) * cp * sl
    x[2] = (n * (1.0 - e2) + h) * sp
    sa, ca = math.sin(azimuth_rad), math.cos(azimuth_rad)
    e[0, 0], e[0, 1], e[0, 2] = cp * cl, cp * sl, sp
    e[1, 0] = -sl * sa - sp * cl * ca
    e[1, 1] = cl * sa - sp * sl * ca
    e[1, 2] = cp * ca
    for i in range(3):
        x[3 + i] = e[0, i]


@kernel
def ascend(theta: Array, rise_s: float, times_s: Array, out: Array, w: Array) -> None:
    """Fly one constant-thrust gravity turn and write positions and velocities at given times.

    theta[8]: latitude, longitude [rad], height [m], azimuth [rad], a0 [m/s2], ve [m/s],
    tip-over angle [rad], Cd A / m0 [m2/kg]. times_s[n] ascending, since ignition; out[n, 6].
    A time before ignition gives the pad at rest. w[11, 6]: work space.
    """
    x = w[7]
    e = w[8:10, :3]
    launch_state(theta[0], theta[1], theta[2], theta[3], x, e)
    t = 0.0
    tipped = False
    for k in range(times_s.shape[0]):
        target = times_s[k]
        while t < target - 1e-9:
            if not tipped and t >= rise_s - 1e-9:
                kick(x, e[0], e[1], theta[6])
                tipped = True
            limit = rise_s if not tipped else target
            h = min(1.0, min(target, limit) - t)
            boost_step(x, theta[4], theta[5], theta[7], t, h, w)
            if not tipped:
                hold_vertical(x, e[0])
            t += h
        for i in range(6):
            out[k, i] = x[i]
        if target <= 0.0:
            for i in range(3):
                out[k, 3 + i] = 0.0


@kernel
def ascent_offsets(theta: Array, rise_s: float, times_s: Array, geometry: Array, z: Array) -> None:
    """Write measured-minus-flown line-of-sight offsets [rad] of one ascent into z[2 n].

    theta[8] as in `ascend`; times_s[n] since ignition, ascending; geometry[n, 4, 3]: satellite
    position ecef [m], unit line of sight and the two axes across it.
    """
    n = times_s.shape[0]
    w = np.empty((11, 6))
    states = np.empty((n, 6))
    ascend(theta, rise_s, times_s, states, w)
    for i in range(n):
        line_of_sight_offset(states[i], geometry[i, 0], geometry[i, 1], geometry[i, 2:4], w[0])
        z[2 * i] = -w[0, 0]
        z[2 * i + 1] = -w[0, 1]


@kernel
def fly_out(x: Array, v_cut: float, inverse_beta: float, t_max: float, w: Array) -> float:
    """Thrust x[8] on until its speed reaches v_cut [m/s], then fall to the ground, in place.

    x: position, velocity, net specific thrust [m/s2], mass-loss rate [1/s]. When the specific
    thrust passes 80 m/s2 a next stage takes over at 15 m/s2, so that any cut-off speed can be
    reached. With v_cut at or below the speed it falls at once. Returns the seconds to the ground,
    t_max if it stays up, -1.0 if a number is not finite. w[7, 6]: work space.
    """
    if not math.isfinite(x[6] + x[7] + v_cut + inverse_beta):
        return -1.0
    t = 0.0
    while t < 600.0:
        v = math.sqrt(x[3] * x[3] + x[4] * x[4] + x[5] * x[5])
        if not math.isfinite(v):
            return -1.0
        if v >= v_cut:
            break
        a = max(x[6], 1.0)
        k = min(max(x[7], 0.0), 0.02)
        h: float = min(4.0, max(0.05, (v_cut - v) / a))
        for stage in range(4):
            c = 0.0 if stage == 0 else (1.0 if stage == 3 else 0.5)
            for i in range(6):
                w[4, i] = x[i] if stage == 0 else x[i] + c * h * w[stage - 1, i]
            acceleration(w[4], a / (1.0 - k * c * h), 0.0, w[5])
            for i in range(3):
                w[stage, i] = w[4, 3 + i]
                w[stage, 3 + i] = w[5, i]
        for i in range(6):
            x[i] += h / 6.0 * (w[0, i] + 2.0 * w[1, i] + 2.0 * w[2, i] + w[3, i])
        x[6] = a / (1.0 - k * h)
        x[7] = k / (1.0 - k * h)
        if x[6] > 80.0:
            x[6] = 15.0
            x[7] = 0.006
        t += h
        if height_m(x[0], x[1], x[2]) < 0.0:
            return t
    down = fall(x[:6], inverse_beta, 0.0, t_max - t, w)
    return down if down < 0.0 else t + down


@kernel
def fly_out_all(
    states: Array, v_cut: Array, inverse_beta: Array, t_max: float, flown_s: Array
) -> None:
    """`fly_out` for each row of states[n, 8]; ends in place, durations into flown_s[n]."""
    w = np.empty((11, 6))
    for i in range(states.shape[0]):
        flown_s[i] = fly_out(states[i], v_cut[i], inverse_beta[i], t_max, w)
