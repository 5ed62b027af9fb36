"""A burn flown on from any state, with its cut-off anywhere: one flight, many possible ends.

The motion is that of `forewarn.kernels.flight`: thrust along the velocity over the ground (gravity
turn), net of drag. Two small angles of thrust off the velocity stand for steering.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.flight import acceleration, height_m
from forewarn.kernels.jit import kernel

Array = NDArray[np.float64]

STEP_S = 2.5  # a cut-off at 4 km/s is within 30 m and 0.6 m/s of an accurate integration
_LEAST_THRUST = 1.0  # m/s2
_MOST_LOSS = 0.02  # 1/s


@kernel
def thrust(x: Array, a: float, pitch: float, yaw: float, out: Array) -> None:
    """Write dv/dt [m/s2] into out[3] under a thrust a [m/s2] that is off the velocity.

    pitch: upward in the plane of flight, yaw: to the right of it [rad], both small.
    """
    acceleration(x, a, 0.0, out)
    # right = velocity x up: its length is |v| |r| cos(climb); 0 straight up, where no plane is.
    r0 = x[4] * x[2] - x[5] * x[1]
    r1 = x[5] * x[0] - x[3] * x[2]
    r2 = x[3] * x[1] - x[4] * x[0]
    n = math.sqrt(r0 * r0 + r1 * r1 + r2 * r2)
    v = math.sqrt(x[3] * x[3] + x[4] * x[4] + x[5] * x[5])
    if n < 1.0 or v < 1.0:
        return
    side = a * yaw / n
    lift = a * pitch / (n * v)
    out[0] += side * r0 + lift * (r1 * x[5] - r2 * x[4])
    out[1] += side * r1 + lift * (r2 * x[3] - r0 * x[5])
    out[2] += side * r2 + lift * (r0 * x[4] - r1 * x[3])


@kernel
def burn_on(start: Array, plan: Array, speeds_m_s: Array, longest_s: float, out: Array) -> None:
    """Thrust on from a state and note where it is as each of some speeds is first reached.

    start[8]: position, velocity, net specific thrust a [m/s2], mass-loss rate k [1/s]; da/dt = a k.
    plan[5]: the specific thrust at which its stage ends, a and k of every stage after it, and the
    angles of `thrust`. speeds_m_s[m] ascending; out[m, 7]: position, velocity, seconds from the
    start, not a number where the speed is not reached within longest_s or above the ground.
    Between steps positions are Hermite's cubic and velocities straight.
    """
    out[:, :] = math.nan
    w = np.empty((6, 6))
    x = w[5]
    x[:] = start[:6]
    a = max(start[6], _LEAST_THRUST)
    k = min(max(start[7], 0.0), _MOST_LOSS)
    t = 0.0
    mark = 0
    v0 = math.sqrt(x[3] * x[3] + x[4] * x[4] + x[5] * x[5])
    if not math.isfinite(v0 + x[0] + x[1] + x[2] + a + k):
        return
    while mark < speeds_m_s.shape[0] and speeds_m_s[mark] <= v0:
        out[mark, :6] = x
        out[mark, 6] = 0.0
        mark += 1
    h = STEP_S
    while mark < speeds_m_s.shape[0] and t < longest_s:
        for stage in range(4):
            c = 0.0 if stage == 0 else (1.0 if stage == 3 else 0.5)
            for i in range(6):
                w[4, i] = x[i] if stage == 0 else x[i] + c * h * w[stage - 1, i]
            thrust(w[4], a / (1.0 - k * c * h), plan[3], plan[4], w[stage, 3:])
            for i in range(3):
                w[stage, i] = w[4, 3 + i]
        for i in range(6):
            w[4, i] = x[i] + h / 6.0 * (w[0, i] + 2.0 * w[1, i] + 2.0 * w[2, i] + w[3, i])
        y = w[4]
        v1 = math.sqrt(y[3] * y[3] + y[4] * y[4] + y[5] * y[5])
        if not math.isfinite(v1) or height_m(y[0], y[1], y[2]) < 0.0:
            return
        while mark < speeds_m_s.shape[0] and speeds_m_s[mark] <= v1:
            s = (speeds_m_s[mark] - v0) / (v1 - v0) if v1 > v0 else 1.0
            for i in range(3):
                d = y[i] - x[i]
                bend = s * (1.0 - s) * ((1.0 - s) * (h * x[3 + i] - d) + s * (d - h * y[3 + i]))
                out[mark, i] = x[i] + s * d + bend
                out[mark, 3 + i] = x[3 + i] + s * (y[3 + i] - x[3 + i])
            out[mark, 6] = t + s * h
            mark += 1
        x[:] = y
        v0 = v1
        t += h
        left = 1.0 - k * h
        a, k = a / left, k / left
        if a > plan[0]:
            a, k = plan[1], plan[2]


@kernel
def burn_on_all(
    starts: Array, plans: Array, speeds_m_s: Array, longest_s: float, out: Array
) -> None:
    """`burn_on` for each of starts[n, 8], plans[n, 5], speeds_m_s[n, m], out[n, m, 7]."""
    for i in range(starts.shape[0]):
        burn_on(starts[i], plans[i], speeds_m_s[i], longest_s, out[i])
