"""Plots of a radar held against known satellites: which are near, how well they fit, what they say.

A known object is off its prediction by an orbit error, and the radar by its biases. Both are one
state of ten, which a pass of plots teaches by Kalman's update:

    x = (radial, along, cross [m], their rates [m/s]; range [m], azimuth, elevation [rad],
         clock [s])

The orbit error is in the axes that turn with the orbit, and moves by Hill's equations (W. Clohessy,
R. Wiltshire, Journal of the Aerospace Sciences 27, 1960; D. Vallado, Fundamentals of Astrodynamics,
4th ed., eq. 6-66), so that what moves otherwise is no orbit error. A clock ahead by tau stamps what
it saw late: the plot lies tau of its motion behind.

Letters: p, v position and velocity [m, m/s, ecef]; s site, then its east, north and up axes [4, 3];
z range, azimuth, elevation, range rate; H the derivative of z by x [4, 10]; w the rate of the orbit
[rad/s]; P covariance of x; S that of what is expected of a plot.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import GRAVITATIONAL_PARAMETER_M3_S2, ROTATION_RATE_RAD_S
from forewarn.kernels.jit import kernel
from forewarn.kernels.radar_view import arc_states

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

ORBIT = 6
STATE = 10
RADIAL, ALONG, CROSS, DRIFT, ECCENTRICITY = range(5)

_MU = GRAVITATIONAL_PARAMETER_M3_S2
_EARTH_RATE = ROTATION_RATE_RAD_S
_LEAST_COSINE = 1e-3  # nearer to the zenith than this, azimuth says nothing
_STRAY = 1e-8  # [m2/s3] drag between two looks, and what SGP4 leaves out: 0.1 m in 100 s; soft
_STRAY_FOR_S = 100.0
_CURVE_M = 500.0  # range bends by less in half a slab, at 500 km: v^2/r t^2 / 2
_FASTEST_M_S = 11_000.0  # in ecef, of what is in orbit
_BEND_M_S2 = 125.0  # range rate of what passes at 500 km changes by less a second: v^2/r


class Sky(NamedTuple):
    """Known objects about one radar in one step between nodes ``step_s`` apart.

    arcs[m, 4, 3] as in `radar_view.arc_states`; orbit[m, 5] are the one sigmas of the orbit error:
    radial, along, cross [m] and drift along [m/s], and the eccentricity; site[4, 3] is s;
    ``fold_m`` the range beyond which echoes are folded, 0 if none are.
    """

    arcs: Array
    orbit: Array
    site: Array
    step_s: float
    fold_m: float


class Bias(NamedTuple):
    """What is thought of the radar's biases before a pass: mean[4], covariance[4, 4]."""

    mean: Array
    covariance: Array


class Weighed(NamedTuple):
    """What `weigh` says of m pairs.

    x[m, 10], P[m, 10, 10] as predicted; H[m, 4, 10]; y[m, 4] the plot less what the elements alone
    predict; said[m, 3]: squared distance of the innovation in sigmas, natural log of det(2 pi S),
    squared distance if nothing had been learned in the pass.
    """

    x: Array
    P: Array
    H: Array
    y: Array
    said: Array


@kernel
def near(
    keys: Array, view: Array, plots: Array, sigma: Array, gate: float, half_s: float, out: Indices
) -> int:
    """Find the pairs of plot and object that can match at all; a coarse test that misses none.

    keys[m] are ranges of the objects in the middle of a slab of time, rising; view[m, 5] range,
    azimuth, elevation, range rate then, and the largest one sigma of its place [m]. plots[n, 9] are
    seconds since that middle (at most ``half_s``), z[4], and one sigmas [4]; sigma[4] one sigmas of
    the radar's biases: range, azimuth, elevation, clock [s]. ``gate`` is in sigmas.
    Writes (plot, object) into out[k, 2] while there are rows; returns how many there were.
    """
    widest = 0.0
    for j in range(view.shape[0]):
        widest = max(widest, view[j, 4])
    found = 0
    for i in range(plots.shape[0]):
        t = plots[i, 0]
        r = plots[i, 1] - plots[i, 4] * t
        clock_m = _FASTEST_M_S * sigma[3]
        range2 = plots[i, 5] ** 2 + sigma[0] ** 2
        reach = gate * math.sqrt(range2 + clock_m**2 + widest**2) + _CURVE_M
        j = np.searchsorted(keys, r - reach)
        while j < keys.shape[0] and keys[j] <= r + reach:
            o = view[j]
            placed2 = o[4] ** 2 + clock_m**2
            slack = gate * math.sqrt(range2 + placed2) + _CURVE_M
            fits = abs(r - keys[j]) <= slack
            if fits:
                aside = _FASTEST_M_S * half_s / o[0]
                place2 = placed2 / o[0] ** 2
                up = gate * math.sqrt(plots[i, 7] ** 2 + sigma[2] ** 2 + place2) + aside
                fits = abs(plots[i, 3] - o[2]) <= up
            if fits:
                turn = abs(plots[i, 2] - o[1])
                turn = min(turn, 2.0 * math.pi - turn)
                level = max(math.cos(min(abs(o[2]) + up, 0.5 * math.pi)), _LEAST_COSINE)
                across = gate * math.sqrt(plots[i, 6] ** 2 + sigma[1] ** 2 + place2 / level**2) + (
                    aside / level
                )
                fits = turn <= across or level < 0.1
            if fits:
                bend = max(_BEND_M_S2, _FASTEST_M_S**2 / o[0])
                rate2 = plots[i, 8] ** 2 + (bend * sigma[3]) ** 2 + (bend / 7e3 * o[4]) ** 2
                fits = abs(plots[i, 4] - o[3]) <= gate * math.sqrt(rate2) + bend * half_s
            if fits:
                if found < out.shape[0]:
                    out[found, 0] = i
                    out[found, 1] = j
                found += 1
            j += 1
    return found


@kernel
def expected(p: Array, v: Array, s: Array, z: Array, H: Array) -> float:
    """Write what a radar sees of p, v into z[4], its derivative by x into H[4, 10]; return w."""
    d0, d1, d2 = p[0] - s[0, 0], p[1] - s[0, 1], p[2] - s[0, 2]
    east = s[1, 0] * d0 + s[1, 1] * d1 + s[1, 2] * d2
    north = s[2, 0] * d0 + s[2, 1] * d1 + s[2, 2] * d2
    up = s[3, 0] * d0 + s[3, 1] * d1 + s[3, 2] * d2
    r = math.sqrt(d0 * d0 + d1 * d1 + d2 * d2)
    level = max(math.sqrt(east * east + north * north), _LEAST_COSINE * r)
    rate = (d0 * v[0] + d1 * v[1] + d2 * v[2]) / r
    z[0] = r
    z[1] = math.atan2(east, north) % (2.0 * math.pi)
    z[2] = math.asin(min(1.0, max(-1.0, up / r)))
    z[3] = rate
    G = np.empty((4, 3))  # by position
    u = np.array((d0 / r, d1 / r, d2 / r))
    h = np.array(  # position x inertial velocity
        (
            p[1] * v[2] - p[2] * (v[1] + _EARTH_RATE * p[0]),
            p[2] * (v[0] - _EARTH_RATE * p[1]) - p[0] * v[2],
            p[0] * (v[1] + _EARTH_RATE * p[0]) - p[1] * (v[0] - _EARTH_RATE * p[1]),
        )
    )
    p2 = p[0] * p[0] + p[1] * p[1] + p[2] * p[2]
    h1, p1 = math.sqrt(h[0] * h[0] + h[1] * h[1] + h[2] * h[2]), math.sqrt(p2)
    w: float = h1 / p2
    axes = np.empty((3, 3))
    for c in range(3):
        G[0, c] = u[c]
        G[1, c] = (north * s[1, c] - east * s[2, c]) / (level * level)
        G[2, c] = (s[3, c] - up / r * u[c]) / level
        G[3, c] = (v[c] - rate * u[c]) / r
        axes[0, c], axes[2, c] = p[c] / p1, h[c] / h1
    axes[1, 0] = axes[2, 1] * axes[0, 2] - axes[2, 2] * axes[0, 1]
    axes[1, 1] = axes[2, 2] * axes[0, 0] - axes[2, 0] * axes[0, 2]
    axes[1, 2] = axes[2, 0] * axes[0, 1] - axes[2, 1] * axes[0, 0]
    H[:] = 0.0
    for c in range(3):
        e = axes[c]
        for k in range(4):
            H[k, c] = G[k, 0] * e[0] + G[k, 1] * e[1] + G[k, 2] * e[2]
        H[3, 3 + c] = H[0, c]
        # An offset at rest in the turning axes moves with them, and with the Earth less.
        H[3, c] += _EARTH_RATE * (u[0] * e[1] - u[1] * e[0])
    H[3, 0] += w * H[0, 1]
    H[3, 1] -= w * H[0, 0]
    a = np.array(
        (
            -_MU * p[0] / (p2 * p1) + 2.0 * _EARTH_RATE * v[1] + _EARTH_RATE**2 * p[0],
            -_MU * p[1] / (p2 * p1) - 2.0 * _EARTH_RATE * v[0] + _EARTH_RATE**2 * p[1],
            -_MU * p[2] / (p2 * p1),
        )
    )
    for k in range(4):
        H[k, 9] = -(G[k, 0] * v[0] + G[k, 1] * v[1] + G[k, 2] * v[2])
    H[3, 9] -= u[0] * a[0] + u[1] * a[1] + u[2] * a[2]
    H[0, 6] = H[1, 7] = H[2, 8] = 1.0
    return w


@kernel
def prior(orbit: Array, w: float, bias: Bias, x: Array, P: Array) -> None:
    """Write what is known of x before any look: no orbit error on average, of the stated size.

    A radial error comes and goes once a revolution, with its rate and the one along; the rest of
    the rate along is the drift.
    """
    x[:] = 0.0
    P[:] = 0.0
    radial2, along2, cross2 = orbit[RADIAL] ** 2, orbit[ALONG] ** 2, orbit[CROSS] ** 2
    odd2 = (orbit[ECCENTRICITY] * w * orbit[ALONG]) ** 2
    P[0, 0], P[1, 1], P[2, 2] = radial2, along2, cross2
    P[3, 3] = w * w * radial2 + odd2
    P[4, 4] = 4.0 * w * w * radial2 + orbit[DRIFT] ** 2 + odd2
    P[5, 5] = w * w * cross2 + odd2
    P[0, 4] = P[4, 0] = -2.0 * w * radial2
    for k in range(4):
        x[ORBIT + k] = bias.mean[k]
        for j in range(4):
            P[ORBIT + k, ORBIT + j] = bias.covariance[k, j]


@kernel
def hill(w: float, t: float, F: Array) -> None:
    """Write the transition of an orbit error over t seconds into F[6, 6]."""
    s, c = math.sin(w * t), math.cos(w * t)
    F[:] = 0.0
    F[0, 0], F[0, 3], F[0, 4] = 4.0 - 3.0 * c, s / w, 2.0 * (1.0 - c) / w
    F[1, 0], F[1, 1] = 6.0 * (s - w * t), 1.0
    F[1, 3], F[1, 4] = -2.0 * (1.0 - c) / w, 4.0 * s / w - 3.0 * t
    F[2, 2], F[2, 5] = c, s / w
    F[3, 0], F[3, 3], F[3, 4] = 3.0 * w * s, c, 2.0 * s
    F[4, 0], F[4, 3], F[4, 4] = 6.0 * w * (c - 1.0), -2.0 * s, 4.0 * c - 3.0
    F[5, 2], F[5, 5] = -w * s, c


@kernel
def advance(x: Array, P: Array, orbit: Array, w: float, t: float) -> None:
    """Move x[10], P[10, 10] on by t seconds; the biases stay."""
    F, A = np.empty((ORBIT, ORBIT)), np.empty((ORBIT, STATE))
    hill(w, t, F)
    y = np.empty(ORBIT)
    for i in range(ORBIT):
        total = 0.0
        for k in range(ORBIT):
            total += F[i, k] * x[k]
        y[i] = total
        for j in range(STATE):
            total = 0.0
            for k in range(ORBIT):
                total += F[i, k] * P[k, j]
            A[i, j] = total
    x[:ORBIT] = y
    for i in range(ORBIT):
        for j in range(i + 1):
            total = 0.0
            for k in range(ORBIT):
                total += A[i, k] * F[j, k]
            P[i, j] = P[j, i] = total
        for j in range(ORBIT, STATE):
            P[i, j] = P[j, i] = A[i, j]
    q = _STRAY + _STRAY_FOR_S * (orbit[ECCENTRICITY] * w * w * orbit[ALONG]) ** 2
    a = abs(t)
    for i in range(3):
        P[i, i] += q * a**3 / 3.0
        P[3 + i, 3 + i] += q * a
        P[i, 3 + i] += q * a * t / 2.0
        P[3 + i, i] += q * a * t / 2.0


@kernel
def _innovate(x: Array, P: Array, H: Array, y: Array, sigma: Array, M: Array) -> None:
    """Write into M[4, 15]: H P in columns 0 to 9, the lower root of S in 10 to 13, e in 14."""
    for i in range(4):
        e = y[i]
        for j in range(STATE):
            e -= H[i, j] * x[j]
            total = 0.0
            for k in range(STATE):
                total += H[i, k] * P[k, j]
            M[i, j] = total
        M[i, 14] = e
    for i in range(4):
        for j in range(i + 1):
            total = sigma[i] ** 2 if i == j else 0.0
            for k in range(STATE):
                total += M[i, k] * H[j, k]
            for k in range(j):
                total -= M[i, 10 + k] * M[j, 10 + k]
            if i == j:
                M[i, 10 + i] = math.sqrt(max(total, 1e-300))
            else:
                M[i, 10 + j] = total / M[j, 10 + j]
                M[j, 10 + i] = 0.0


@kernel
def _forward(M: Array, e: Array) -> float:
    """Divide e[4] by the root in M, in place; return the squared length."""
    d2 = 0.0
    for i in range(4):
        for k in range(i):
            e[i] -= M[i, 10 + k] * e[k]
        e[i] /= M[i, 10 + i]
        d2 += e[i] * e[i]
    return d2


@kernel
def weigh(
    sky: Sky, bias: Bias, memory: Weighed, pairs: Indices, plots: Array, gap: Array, out: Weighed
) -> None:
    """Weigh each pair of a plot and a known object.

    pairs[m, 3] are the plot, the object's arc, and the row of ``memory`` that has learned of it (-1
    if none has), ``gap[m]`` seconds before. plots[n, 9] are seconds since the arc's first node,
    z[4], and one sigmas [4]. Of ``memory`` only x and P are read.
    """
    p, v, z = np.empty((1, 3)), np.empty((1, 3)), np.empty(4)
    M, e = np.empty((4, 15)), np.empty(4)
    x, P = np.empty(STATE), np.empty((STATE, STATE))
    for i in range(pairs.shape[0]):
        plot, row, kept = plots[pairs[i, 0]], pairs[i, 1], pairs[i, 2]
        arc_states(sky.arcs, pairs[i, 1:2], plot[:1], sky.step_s, p, v)
        H, y = out.H[i], out.y[i]
        w = expected(p[0], v[0], sky.site, z, H)
        if sky.fold_m > 0.0:
            z[0] %= sky.fold_m
        for k in range(4):
            y[k] = plot[1 + k] - z[k]
        y[1] = (y[1] + math.pi) % (2.0 * math.pi) - math.pi
        orbit = sky.orbit[row]
        prior(orbit, w, bias, x, P)
        _innovate(x, P, H, y, plot[5:], M)
        e[:] = M[:, 14]
        d2 = _forward(M, e)
        out.said[i, 2] = d2
        if kept < 0:
            out.x[i] = x
            out.P[i] = P
        else:
            out.x[i] = memory.x[kept]
            out.P[i] = memory.P[kept]
            advance(out.x[i], out.P[i], orbit, w, gap[i])
            _innovate(out.x[i], out.P[i], H, y, plot[5:], M)
            e[:] = M[:, 14]
            d2 = _forward(M, e)
        log_det = 4.0 * math.log(2.0 * math.pi)
        for k in range(4):
            log_det += 2.0 * math.log(M[k, 10 + k])
        out.said[i, 0] = d2
        out.said[i, 1] = log_det


@kernel
def learn(chosen: Indices, sigma: Array, weighed: Weighed, white: Array) -> None:
    """Update x and P of the chosen pairs, in place, by Kalman's equations.

    sigma[k, 4] are the plots' one sigmas; the innovations in sigmas go into white[k, 4].
    """
    M = np.empty((4, 15))
    column = np.empty(4)
    for n in range(chosen.shape[0]):
        i = chosen[n]
        x, P = weighed.x[i], weighed.P[i]
        _innovate(x, P, weighed.H[i], weighed.y[i], sigma[n], M)
        e = white[n]
        e[:] = M[:, 14]
        _forward(M, e)
        for j in range(STATE):  # columns of L^-1 H P take the place of H P
            column[:] = M[:, j]
            _forward(M, column)
            M[:, j] = column
        for j in range(STATE):
            for k in range(4):
                x[j] += M[k, j] * e[k]
            for k in range(j + 1):
                lost = 0.0
                for m in range(4):
                    lost += M[m, j] * M[m, k]
                P[j, k] -= lost
                P[k, j] = P[j, k]
