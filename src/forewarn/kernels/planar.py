"""Motion in a plane: the models of published benchmarks, for the same unscented filter.

A state is x = (position x, y; velocity x, y; then what the model needs), in metres and seconds:

    model 4, straight       x[4] = density of white acceleration q [m2/s3]; constant velocity
    model 5, flat re-entry  x[4] = ln(1/beta) [ln m2/kg], known; x[5] = q; uniform gravity
    model 6, flat re-entry  x[4] = ln(1/beta), estimated;        x[5] = q; x[6] = its density [1/s]
    model 7, re-entry       x[4] = logarithm of the drag over a nominal one, estimated;
                            x[5] = q, x[6] = density of x[4] [1/s]; about a round Earth

What a model does not move is a constant, known without variance. Models 5 and 6: Farina, Ristic and
Benvenuti, IEEE TAES 38 (2002) 854; their state equation is itself discrete, so the step between
looks is part of the benchmark. Model 7: Julier and Uhlmann, Proc. IEEE 92 (2004) 401, section VI.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.jit import kernel

Array = NDArray[np.float64]

STRAIGHT = 4
FLAT_REENTRY = 5
FLAT_REENTRY_DRAG = 6
ROUND_REENTRY = 7
MOVING = (4, 4, 5, 5)  # leading elements that each moves

# Farina, Ristic and Benvenuti 2002, section II.
GRAVITY_M_S2 = 9.81
LOWER_AIR = (1.227, 1.093e-4)  # kg/m3 at the ground, 1/m; below the knee
UPPER_AIR = (1.754, 1.49e-4)
KNEE_M = 9_144.0
# Julier and Uhlmann 2004, eq. 24-25, in metres.
ROUND_PULL_M3_S2 = 3.986e14
ROUND_RADIUS_M = 6_374e3
ROUND_SCALE_M = 13_406.0
ROUND_DRAG_1_M = 0.59783e-3


@kernel
def flat_density_kg_m3(height_m: float) -> float:
    """Density of the air of the flat-Earth benchmark: two exponentials."""
    if height_m < KNEE_M:
        return LOWER_AIR[0] * math.exp(-LOWER_AIR[1] * height_m)
    return UPPER_AIR[0] * math.exp(-UPPER_AIR[1] * height_m)


@kernel
def move(x: Array, model: int, dt: float) -> None:
    """Advance the state x by dt [s] under a planar model, in place."""
    if model == ROUND_REENTRY:
        pieces = max(1, math.ceil(abs(dt) / 0.1))  # the benchmark's own step
        for _ in range(pieces):
            round_step(x, dt / pieces)
        return
    a = (0.0, 0.0)
    if model != STRAIGHT:
        v = math.sqrt(x[2] * x[2] + x[3] * x[3])
        k = 0.5 * flat_density_kg_m3(x[1]) * v * math.exp(min(x[4], 0.0))
        a = (-k * x[2], -k * x[3] - GRAVITY_M_S2)
    for i in range(2):
        x[i] += dt * x[2 + i] + 0.5 * dt * dt * a[i]
        x[2 + i] += dt * a[i]


@kernel
def round_step(x: Array, h: float) -> None:
    """Advance the round-Earth model by h [s]: the explicit midpoint rule."""
    half = (0.5 * h, h)
    mid = (x[0], x[1], x[2], x[3])
    for c in half:
        r = math.sqrt(mid[0] * mid[0] + mid[1] * mid[1])
        v = math.sqrt(mid[2] * mid[2] + mid[3] * mid[3])
        thin = math.exp(min(x[4], 20.0) + min((ROUND_RADIUS_M - r) / ROUND_SCALE_M, 20.0))
        k = ROUND_DRAG_1_M * thin * v
        g = ROUND_PULL_M3_S2 / (r * r * r)
        mid = (
            x[0] + c * mid[2],
            x[1] + c * mid[3],
            x[2] - c * (k * mid[2] + g * mid[0]),
            x[3] - c * (k * mid[3] + g * mid[1]),
        )
    x[0], x[1], x[2], x[3] = mid


@kernel
def add_process_noise(x: Array, p: Array, model: int, dt: float) -> None:
    """Add to p[n, n] white acceleration, and the random walk of what is estimated, over dt [s]."""
    q = x[4] if model == STRAIGHT else x[5]
    for i in range(2):
        p[i, i] += q * dt * dt * dt / 3.0
        p[i, 2 + i] += q * dt * dt / 2.0
        p[2 + i, i] += q * dt * dt / 2.0
        p[2 + i, 2 + i] += q * dt
    if model >= FLAT_REENTRY_DRAG:
        p[4, 4] += x[6] * dt
