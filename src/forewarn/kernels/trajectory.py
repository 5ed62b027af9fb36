"""One flight over the turning Earth, integrated to a tolerance and recorded, with its events.

Equations of motion in the Earth-fixed frame (Vallado, Fundamentals of Astrodynamics, 4th ed., eq.
3-27, and 8-22 for the zonal field), u = v - wind being the velocity through the air:

    dv/dt = g(p) - 2 w x v - w x (w x p) + F/m v/|v| - D u/|u| + L n
    D = 1/2 rho |u|^2 S f(Mach) / m,   L = share x (L/D) x D,   m = m0 - flow t

F: thrust, less its loss to air pressure [N]; S: hypersonic drag coefficient times area [m2]; f: the
shape of `kernels.drag`; n: across u, in its vertical plane, upward. Thrust is along v, not u: a
vehicle is steered along its way and does not turn into the wind. A flight is a row of phases; in
each the forces are smooth, so that the integrator never steps over a jump. Integrator: Dormand and
Prince 5(4), first same as last, with the continuous extension of Hairer, Norsett and Wanner,
Solving Ordinary Differential Equations I, 2nd ed., section II.6; states between steps and events
come from that extension. Every way to fail is a returned value.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.air import PRESSURE_SCALE_M, density_kg_m3, speed_of_sound_m_s
from forewarn.kernels.drag import drag_factor
from forewarn.kernels.flight import kick
from forewarn.kernels.jit import kernel

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

# Columns of a phase. END: since ignition [s]; SPACING: of recorded states [s]; THRUST [N] in vacuum
# and LOSS, its share lost at sea level; MASS [kg] and FLOW [kg/s] out of it; AREA: hypersonic drag
# area [m2]; LIFT: lift over drag, 0 without; STEADY: 1 if lift damps the skips; STOP: the phase
# ends where it sinks through this height [m]; KICK: tip-over at its start [rad]. The kernel's own:
# BEGAN: start of the phase [s]; ALONG, UPWARD: how the thrust strays now [1].
END, SPACING, THRUST, LOSS, MASS, FLOW, AREA, LIFT = range(8)
STEADY, STEERING, STOP, KICK, BEGAN, ALONG, UPWARD = range(8, 15)
PHASE_COLUMNS = 15
FORWARD, HELD_UP, BACKWARD = 0.0, 1.0, -1.0  # STEERING: thrust along v, straight up, against v

# Columns of the Earth: mu [m3/s2], semi-axes [m], zonal harmonics, turn [rad/s], 1 if it has air.
MU, SEMI_MAJOR, SEMI_MINOR, ZONAL_2, ZONAL_3, ZONAL_4, TURN, AIR = range(8)

FLYING, DOWN, UP, NOT_FINITE, STEP_TOO_SMALL, TOO_MANY_STEPS, RECORD_FULL = range(7)  # status
PHASE_END, APOGEE, RISES_THROUGH, FALLS_THROUGH, GROUND = range(5)  # kinds of event
EVENT_COLUMNS = 9  # kind, phase, time, state

WANDER_SPACING_S = 2.0  # between the rows of how the thrust strays
STEADY_BELOW_M_S = 200.0  # slower, a gravity turn would amplify any slant by g / v each second
SPACE_M = 100e3  # the Karman line of the FAI, whose crossings are events

_AIR_TOP_M = 1_000e3  # of `kernels.air`
_DAMPING_1_S = 0.1  # of a glider's skips: settles in a quarter of one
_RETURN_S = 60.0  # in which a glider comes back to the height of its glide
_GLIDE_SCALE_M = 7_200.0  # scale height of density, 30 to 50 km, [USSA76] within 10 %
_SLOW_M_S = 100.0  # errors of lower speeds are held to those of this one
_FIRST_STEP_S = 0.1
_SMALLEST_STEP_S = 1e-7
_MOST_STEPS = 200_000
_ROW_GAP_S = 1e-6  # rows closer than this would be one
_BISECTIONS = 50  # to 1e-15 of a step

# Dormand and Prince 1980; Hairer, Norsett and Wanner I, table II.5.2 and eq. II.6.
_C = np.array((0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0))
_A = np.array(
    (
        (0, 0, 0, 0, 0, 0),
        (1 / 5, 0, 0, 0, 0, 0),
        (3 / 40, 9 / 40, 0, 0, 0, 0),
        (44 / 45, -56 / 15, 32 / 9, 0, 0, 0),
        (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729, 0, 0),
        (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656, 0),
        (35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
    ),
    dtype=np.float64,
)
_E = np.array(
    (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40), dtype=np.float64
)
_D = np.array(
    (
        -12715105075 / 11282082432,
        0.0,
        87487479700 / 32700410799,
        -10690763975 / 1880347072,
        701980252875 / 199316789632,
        -1453857185 / 822651844,
        69997945 / 29380423,
    )
)


class Flight(NamedTuple):
    """What is flown over what, and where the record goes.

    phases[n, 15]; earth[8]; wind[k, 3]: height [m], ascending, east and north [m/s], held outside;
    wander[j, 2]: how the thrust strays every `WANDER_SPACING_S` since ignition, by a fraction along
    and across, upward; axes[2, 3]: up and downrange at the pad; ground_m: where it is down;
    tolerance: error of one step over |p|, and over |v| or 100 m/s; rows[., 8]: time, state, phase;
    events[., 9]: kind, phase, time, state.
    """

    phases: Array
    earth: Array
    wind: Array
    wander: Array
    axes: Array
    ground_m: float
    tolerance: float
    rows: Array
    events: Array


class Work(NamedTuple):
    """Work space of `fly`, as `work_space` makes it, and where it has got to.

    k[7, 6]: slopes; y[6]: end of step; r[5, 6]: its extension; s[6]: a state in between.

    clock[3]: time, next step and next sample [s]; tally[3]: rows, events and steps so far.
    """

    k: Array
    y: Array
    r: Array
    s: Array
    clock: Array
    tally: Counts


def work_space() -> Work:
    """Return a fresh one. Not a kernel: allocating in one costs seconds of compiling."""
    return Work(
        k=np.zeros((7, 6)),
        y=np.zeros(6),
        r=np.zeros((5, 6)),
        s=np.zeros(6),
        clock=np.array((0.0, _FIRST_STEP_S, 0.0)),
        tally=np.zeros(3, dtype=np.int64),
    )


@kernel
def height_over_m(x: Array, earth: Array) -> float:
    """Height [m] over the ellipsoid of ``earth`` along the radius: as `kernels.flight.height_m`."""
    a, b = earth[SEMI_MAJOR], earth[SEMI_MINOR]
    rho2 = x[0] * x[0] + x[1] * x[1]
    r2 = rho2 + x[2] * x[2]
    surface = a * b * math.sqrt(r2 / (b * b * rho2 + a * a * x[2] * x[2]))
    return float(math.sqrt(r2) - surface)


@kernel
def climb_m_s(x: Array, earth: Array) -> float:
    """Rate [m/s] of `height_over_m` of x[6], exact."""
    a, b = earth[SEMI_MAJOR], earth[SEMI_MINOR]
    rho2 = x[0] * x[0] + x[1] * x[1]
    r = math.sqrt(rho2 + x[2] * x[2])
    across = x[0] * x[3] + x[1] * x[4]
    axial = x[2] * x[5]
    q = b * b * rho2 + a * a * x[2] * x[2]
    outward = (across + axial) / r
    turned = (b * b * across + a * a * axial) / q
    return float(outward - a * b / math.sqrt(q) * (outward - r * turned))


@kernel
def free_motion(x: Array, earth: Array, out: Array) -> None:
    """Write d(x)/dt into out[6] with gravity and the turn of the Earth alone."""
    px, py, pz = x[0], x[1], x[2]
    r2 = px * px + py * py + pz * pz
    r = math.sqrt(r2)
    s = pz / r
    s2 = s * s
    q = earth[SEMI_MAJOR] / r
    # Gradient of U = mu/r (1 - sum J_n q^n P_n(s)), radial and axial.
    c2 = earth[ZONAL_2] * q * q
    c3 = earth[ZONAL_3] * q * q * q
    c4 = earth[ZONAL_4] * q * q * q * q
    p2 = 0.5 * (3.0 * s2 - 1.0)
    p3 = 0.5 * s * (5.0 * s2 - 3.0)
    p4 = 0.125 * (35.0 * s2 * s2 - 30.0 * s2 + 3.0)
    d4 = 2.5 * s * (7.0 * s2 - 3.0)
    m = earth[MU] / r2
    axial = -m * (c2 * 3.0 * s + c3 * 1.5 * (5.0 * s2 - 1.0) + c4 * d4)
    g = (-m * (1.0 - 3.0 * c2 * p2 - 4.0 * c3 * p3 - 5.0 * c4 * p4) - s * axial) / r
    w = earth[TURN]
    for i in range(3):
        out[i] = x[3 + i]
    out[3] = g * px + 2.0 * w * x[4] + w * w * px
    out[4] = g * py - 2.0 * w * x[3] + w * w * py
    out[5] = g * pz + axial


@kernel
def wind_ecef_m_s(x: Array, height_m: float, wind: Array) -> tuple[float, float, float]:
    """Wind [m/s] at a height [m] over x[3]: linear in wind[k, 3], held outside its heights."""
    n = wind.shape[0]
    rho = math.sqrt(x[0] * x[0] + x[1] * x[1])
    if n == 0 or rho < 1.0:  # at a pole there is no east
        return 0.0, 0.0, 0.0
    i = 0
    while i < n and wind[i, 0] <= height_m:
        i += 1
    low, high = max(i - 1, 0), min(i, n - 1)
    share = 0.0
    if high > low:
        share = (height_m - wind[low, 0]) / (wind[high, 0] - wind[low, 0])
    east = wind[low, 1] + share * (wind[high, 1] - wind[low, 1])
    north = wind[low, 2] + share * (wind[high, 2] - wind[low, 2])
    r = math.sqrt(rho * rho + x[2] * x[2])
    inward = north * x[2] / (r * rho)
    return -east * x[1] / rho - inward * x[0], east * x[0] / rho - inward * x[1], north * rho / r


@kernel
def lift_share(x: Array, lift_m_s2: float, lift_to_drag: float, free_up_m_s2: float) -> float:
    """Share of the lift that a steady glider uses upward; the rest it banks away, evenly.

    What carries it (its weight less v2/r) and steers its climb, damped, to that of the equilibrium
    glide, -2 H g / (v L/D), and to the height of that glide, which is H ln(lift / carried) off
    (Eggers, Allen and Neice, NACA Report 1382, 1958, from eq. 12). Within 0 and 1.
    free_up_m_s2: upward acceleration without air.
    """
    r = math.sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2])
    v2 = x[3] * x[3] + x[4] * x[4] + x[5] * x[5]
    climb = (x[0] * x[3] + x[1] * x[4] + x[2] * x[5]) / r
    carried = max(-free_up_m_s2 - (v2 - climb * climb) / r, 0.1)
    lift = max(lift_m_s2, 1e-9)
    off = _GLIDE_SCALE_M * math.log(min(max(lift / carried, 0.05), 20.0))
    wanted = off / _RETURN_S - 2.0 * _GLIDE_SCALE_M * 9.81 / (math.sqrt(v2) * lift_to_drag)
    needed = carried - _DAMPING_1_S * (climb - wanted)
    return float(min(max(needed / lift, 0.0), 1.0))


@kernel
def motion(t: float, x: Array, p: Array, flight: Flight, out: Array) -> None:
    """Write d(x)/dt into out[6], for x[6] at t [s] in the phase p[15]."""
    free_motion(x, flight.earth, out)
    r = math.sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2])
    in_air = flight.earth[AIR] > 0.0 and r < flight.earth[SEMI_MAJOR] + _AIR_TOP_M
    if not in_air and p[THRUST] == 0.0:
        return
    u = (x[3], x[4], x[5])
    height = height_over_m(x, flight.earth)
    mass = p[MASS] - p[FLOW] * (t - p[BEGAN])
    a = p[THRUST] / mass
    drag = 0.0
    if in_air:
        blown = wind_ecef_m_s(x, height, flight.wind)
        u = (u[0] - blown[0], u[1] - blown[1], u[2] - blown[2])
        rho = density_kg_m3(height)
        u2 = u[0] * u[0] + u[1] * u[1] + u[2] * u[2]
        drag = 0.5 * rho * u2 * p[AREA] / mass
        drag *= drag_factor(math.sqrt(u2) / speed_of_sound_m_s(height))
    speed = max(math.sqrt(u[0] * u[0] + u[1] * u[1] + u[2] * u[2]), 1e-6)
    thrust = a * (1.0 - p[LOSS] * math.exp(-max(height, 0.0) / PRESSURE_SCALE_M))
    share = min(max(speed / STEADY_BELOW_M_S - 1.0, 0.0), 1.0)
    if p[STEERING] == BACKWARD:
        thrust *= -share  # without speed there is nothing to brake
    along = thrust - drag + share * a * p[ALONG]
    upward = share * a * p[UPWARD]
    if p[LIFT] > 0.0:
        lift = p[LIFT] * drag
        if p[STEADY] > 0.0:
            free_up = (out[3] * x[0] + out[4] * x[1] + out[5] * x[2]) / r
            lift *= lift_share(x, lift, p[LIFT], free_up)
        upward += lift
    guided = max(math.sqrt(x[3] * x[3] + x[4] * x[4] + x[5] * x[5]), 1e-6)
    # n: of the radius, what is across u.
    sine = (x[0] * u[0] + x[1] * u[1] + x[2] * u[2]) / (r * speed)
    cosine = math.sqrt(max(1.0 - sine * sine, 1e-18))
    for i in range(3):
        e, way = u[i] / speed, x[3 + i] / guided
        out[3 + i] += along * way + drag * (way - e) + upward * (x[i] / r - sine * e) / cosine
    if p[STEERING] == HELD_UP:
        up = flight.axes[0]
        held = out[3] * up[0] + out[4] * up[1] + out[5] * up[2]
        for i in range(3):
            out[3 + i] = held * up[i]


@kernel
def _try_step(x: Array, h: float, p: Array, flight: Flight, work: Work) -> float:
    """Step from x[6], slopes work.k[0], by h [s] into work.y; return error over tolerance."""
    k, y, t = work.k, work.y, work.clock[0]
    for stage in range(1, 7):
        for i in range(6):
            total = 0.0
            for j in range(stage):
                total += _A[stage, j] * k[j, i]
            y[i] = x[i] + h * total
        motion(t + _C[stage] * h, y, p, flight, k[stage])
    moved, sped, place, speed = 0.0, 0.0, 0.0, _SLOW_M_S**2
    for i in range(6):
        e = 0.0
        for j in range(7):
            e += _E[j] * k[j, i]
        if i < 3:
            moved += h * h * e * e
            place += x[i] * x[i]
        else:
            sped += h * h * e * e
            speed = max(speed, x[3] * x[3] + x[4] * x[4] + x[5] * x[5])
    return math.sqrt(moved / place + sped / speed) / flight.tolerance


@kernel
def _extend(x: Array, h: float, work: Work) -> None:
    """Write the continuous extension of the step from x[6] to work.y into work.r."""
    k, r = work.k, work.r
    for i in range(6):
        total = 0.0
        for j in range(7):
            total += _D[j] * k[j, i]
        r[0, i] = x[i]
        r[1, i] = work.y[i] - x[i]
        r[2, i] = h * k[0, i] - r[1, i]
        r[3, i] = r[1, i] - h * k[6, i] - r[2, i]
        r[4, i] = h * total


@kernel
def _state_at(q: float, work: Work) -> None:
    """Write the state at the share q of the step into work.s."""
    r = work.r
    for i in range(6):
        inner = r[3, i] + (1.0 - q) * r[4, i]
        work.s[i] = r[0, i] + q * (r[1, i] + (1.0 - q) * (r[2, i] + q * inner))


@kernel
def _crossing(q0: float, q1: float, level: float, flight: Flight, work: Work) -> float:
    """Share of the step at which the height passes a level [m], by halving [q0, q1]."""
    _state_at(q0, work)
    below = height_over_m(work.s, flight.earth) < level
    for _ in range(_BISECTIONS):
        middle = 0.5 * (q0 + q1)
        _state_at(middle, work)
        if (height_over_m(work.s, flight.earth) < level) == below:
            q0 = middle
        else:
            q1 = middle
    return q1


@kernel
def _turning(rises: bool, flight: Flight, work: Work) -> float:
    """Share of the step at which its climb changes sign, by halving."""
    q0, q1 = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = 0.5 * (q0 + q1)
        _state_at(middle, work)
        if (climb_m_s(work.s, flight.earth) > 0.0) == rises:
            q0 = middle
        else:
            q1 = middle
    return q1


@kernel
def _write(t: float, phase: int, flight: Flight, work: Work) -> None:
    """Append work.s at t [s] to the record; a full one takes no more."""
    n = work.tally[0]
    if n < flight.rows.shape[0]:
        flight.rows[n, 0] = t
        for i in range(6):
            flight.rows[n, 1 + i] = work.s[i]
        flight.rows[n, 7] = phase
    work.tally[0] = n + 1


@kernel
def _sample(q: float, h: float, phase: int, flight: Flight, work: Work) -> None:
    """Append every sample due before the share q of the step, then the state at q itself."""
    t0 = work.clock[0]
    t = t0 + q * h
    while work.clock[2] < t - _ROW_GAP_S:
        _state_at((work.clock[2] - t0) / h, work)
        _write(work.clock[2], phase, flight, work)
        work.clock[2] += flight.phases[phase, SPACING]
    while work.clock[2] <= t + _ROW_GAP_S:
        work.clock[2] += flight.phases[phase, SPACING]
    _state_at(q, work)
    if work.tally[0] == 0 or t > flight.rows[work.tally[0] - 1, 0] + _ROW_GAP_S:
        _write(t, phase, flight, work)


@kernel
def _note(kind: int, phase: int, t: float, flight: Flight, work: Work) -> None:
    """Append an event with the state work.s."""
    n = work.tally[1]
    if n < flight.events.shape[0]:
        flight.events[n, 0] = kind
        flight.events[n, 1] = phase
        flight.events[n, 2] = t
        for i in range(6):
            flight.events[n, 3 + i] = work.s[i]
    work.tally[1] = n + 1


@kernel
def _note_at(q: float, h: float, kind: int, phase: int, flight: Flight, work: Work) -> None:
    """Append an event at the share q of the step, and its state to the record."""
    _sample(q, h, phase, flight, work)
    _note(kind, phase, work.clock[0] + q * h, flight, work)


@kernel
def _watch_span(
    q0: float, q1: float, h: float, phase: int, flight: Flight, work: Work
) -> tuple[int, float]:
    """Note what happens in [q0, q1] of the step, where the height only rises or only falls.

    Returns (kind, share) of what ends the phase there, kind -1 if nothing does.
    """
    _state_at(q0, work)
    first = height_over_m(work.s, flight.earth)
    _state_at(q1, work)
    last = height_over_m(work.s, flight.earth)
    if first < SPACE_M <= last:
        _note_at(_crossing(q0, q1, SPACE_M, flight, work), h, RISES_THROUGH, phase, flight, work)
    if last >= first:
        return -1, 1.0
    if last < SPACE_M <= first:
        _note_at(_crossing(q0, q1, SPACE_M, flight, work), h, FALLS_THROUGH, phase, flight, work)
    stop, ground = flight.phases[phase, STOP], flight.ground_m
    if stop > ground and last <= stop:
        q = q0 if first <= stop else _crossing(q0, q1, stop, flight, work)
        return PHASE_END, q
    if last <= ground:
        q = q0 if first <= ground else _crossing(q0, q1, ground, flight, work)
        return GROUND, q
    return -1, 1.0


@kernel
def _watch(x: Array, h: float, phase: int, flight: Flight, work: Work) -> tuple[int, float]:
    """Note the events of one step from x[6]; (kind, share) of what ends the phase, or (-1, 1)."""
    begins, ends = climb_m_s(x, flight.earth), climb_m_s(work.y, flight.earth)
    rises = begins > 0.0
    if (ends > 0.0) == rises:
        return _watch_span(0.0, 1.0, h, phase, flight, work)
    turn = _turning(rises, flight, work)
    kind, q = _watch_span(0.0, turn, h, phase, flight, work)
    if kind >= 0:
        return kind, q
    if rises:
        _note_at(turn, h, APOGEE, phase, flight, work)
    return _watch_span(turn, 1.0, h, phase, flight, work)


@kernel
def _next_limit_s(phase: int, flight: Flight, work: Work) -> float:
    """When the forces next jump [s]: the end of the phase or the next row of the wander."""
    p, t, n = flight.phases[phase], work.clock[0], flight.wander.shape[0]
    p[ALONG], p[UPWARD] = 0.0, 0.0
    if n == 0 or p[THRUST] == 0.0 or p[STEERING] != FORWARD:
        return float(p[END])
    row = int(t / WANDER_SPACING_S + 1e-9)
    p[ALONG], p[UPWARD] = flight.wander[min(row, n - 1), 0], flight.wander[min(row, n - 1), 1]
    return float(min(p[END], (row + 1) * WANDER_SPACING_S))


@kernel
def _fly_phase(x: Array, phase: int, flight: Flight, work: Work) -> int:
    """Fly x[6] in place to the end of a phase; FLYING, or the status in which the flight ends."""
    p, clock = flight.phases[phase], work.clock
    limit = -1.0
    while clock[0] < p[END] - _ROW_GAP_S:
        if limit <= clock[0] + _ROW_GAP_S:
            limit = _next_limit_s(phase, flight, work)
            motion(clock[0], x, p, flight, work.k[0])
        left = limit - clock[0]
        h: float = left if clock[1] > 0.95 * left else clock[1]
        error = _try_step(x, h, p, flight, work)
        work.tally[2] += 1
        if work.tally[2] > _MOST_STEPS:
            return TOO_MANY_STEPS
        if not error <= 1.0:  # worse, or not a number
            clock[1] = h * (max(0.2, 0.9 * error**-0.2) if math.isfinite(error) else 0.2)
            if clock[1] < _SMALLEST_STEP_S:
                return STEP_TOO_SMALL if math.isfinite(error) else NOT_FINITE
            continue
        longer = h * min(5.0, 0.9 * max(error, 1e-9) ** -0.2)
        clock[1] = max(clock[1], longer) if h == left else longer
        _extend(x, h, work)
        kind, q = _watch(x, h, phase, flight, work)
        if q >= 1.0 and h == left and limit >= p[END]:
            kind = max(kind, PHASE_END)
        if kind < 0:
            _sample_between(h, phase, flight, work)
            clock[0] = limit if h == left else clock[0] + h
            for i in range(6):
                x[i] = work.y[i]
                work.k[0, i] = work.k[6, i]
            continue
        _note_at(q, h, kind, phase, flight, work)
        clock[0] += q * h
        for i in range(6):
            x[i] = work.s[i]
        return DOWN if kind == GROUND else FLYING
    for i in range(6):  # a phase of no length
        work.s[i] = x[i]
    _note(PHASE_END, phase, clock[0], flight, work)
    return FLYING


@kernel
def _sample_between(h: float, phase: int, flight: Flight, work: Work) -> None:
    """Append every sample due within the step."""
    t0 = work.clock[0]
    while work.clock[2] < t0 + h - _ROW_GAP_S:
        _state_at((work.clock[2] - t0) / h, work)
        _write(work.clock[2], phase, flight, work)
        work.clock[2] += flight.phases[phase, SPACING]


@kernel
def fly(x: Array, flight: Flight, work: Work) -> tuple[int, int, int]:
    """Fly x[6] (ecef [m, m/s]) in place through the phases; (status, rows, events written).

    ``work`` is a fresh `work_space`. The first row is the start; others stand at each phase's even
    spacing and at every event. DOWN: it sank through ground_m, in the last row; UP: it did not, to
    the end of the last phase; NOT_FINITE, STEP_TOO_SMALL, TOO_MANY_STEPS: the integration failed,
    the last row being the last finite state that it reached; RECORD_FULL: rows or events are too
    few.
    """
    for i in range(6):
        work.s[i] = x[i]
    status = FLYING
    _write(0.0, 0, flight, work)
    for phase in range(flight.phases.shape[0]):
        p = flight.phases[phase]
        p[BEGAN] = work.clock[0]
        if p[KICK] != 0.0:
            kick(x, flight.axes[0], flight.axes[1], p[KICK])
        work.clock[1] = min(work.clock[1], 1.0)
        work.clock[2] = work.clock[0] + p[SPACING]
        if height_over_m(x, flight.earth) <= flight.ground_m and climb_m_s(x, flight.earth) <= 0.0:
            for i in range(6):
                work.s[i] = x[i]
            _note(GROUND, phase, work.clock[0], flight, work)
            status = DOWN
        else:
            status = _fly_phase(x, phase, flight, work)
        if status != FLYING:
            break
    if status > UP and math.isfinite(x[0] + x[1] + x[2] + x[3] + x[4] + x[5]):
        for i in range(6):
            work.s[i] = x[i]
        if work.clock[0] > flight.rows[work.tally[0] - 1, 0] + _ROW_GAP_S:
            _write(work.clock[0], phase, flight, work)
    rows, events = work.tally[0], work.tally[1]
    if rows > flight.rows.shape[0] or events > flight.events.shape[0]:
        return RECORD_FULL, min(rows, flight.rows.shape[0]), min(events, flight.events.shape[0])
    return (UP if status == FLYING else status), rows, events
