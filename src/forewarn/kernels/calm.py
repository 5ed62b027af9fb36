"""The calm regime: one object in free fall above the air, a linearised filter of 1 us a cycle.

x[n]: position and velocity in ecef [m, m/s], then n - 6 constant biases of sensors; P[n, n]. The
biases' cross-covariances are carried, so that a bias is estimated and never counted as independent
noise (Schmidt; Jazwinski, Stochastic Processes and Filtering Theory, 1970, sec. 8.4). Free fall at
these steps is so nearly linear that one analytic slope replaces the sigma points of
`kernels.filter`: Phi = exp(A h) to third order, A = [[0, I], [G, C]] with G the gradient of gravity
and of the centrifugal term and C that of Coriolis', at the middle of the step.

A look has four elements: range [m], azimuth, elevation [rad], range rate [m/s] about the axes of
its sensor; an element whose sigma is NaN was not measured, so that a telescope's line of sight is
azimuth and elevation alone (about axes turned to keep it near the horizon). Elements are taken one
after the other, which equals the joint update since their noises are independent. Range and range
rate bend across the line of sight; their second-order shift and spread are included (Bar-Shalom,
Li and Kirubarajan, Estimation with Applications, 2001, eq. 10.3.3-7), the spread by its bound.

Workspace w[24, m], m >= max(n, 6). Numerical trouble comes back as -inf, the state untouched.
"""

from __future__ import annotations

import math
from typing import Any

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
from forewarn.kernels.jit import kernel

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

VELOCITY_PSD = 1.0e-4  # m2/s3: what J2-J4 leave out (J22, sun, moon: 1e-5 m/s2) held for 1,000 s
LONGEST_STEP_S = 10.0  # the slope is then good to 1e-5, the mean to a millimetre
LONGEST_PREDICTION_S = 5_400.0  # no flight lasts longer
WORK_ROWS = 24
LEAST_COSINE = 1e-6  # of elevation: nearer the zenith azimuth says nothing


@kernel
def falling(px: float, py: float, pz: float, vx: float, vy: float) -> tuple[float, float, float]:
    """Acceleration of free fall in ecef [m/s2]: `flight.acceleration` without thrust and air."""
    r2 = px * px + py * py + pz * pz
    r = math.sqrt(r2)
    s = pz / r
    s2 = s * s
    q = RE / r
    c2 = J2 * q * q
    c3 = J3 * q * q * q
    c4 = J4 * q * q * q * q
    m = MU / r2
    axial = -m * (3.0 * c2 * s + 1.5 * c3 * (5.0 * s2 - 1.0) + 2.5 * c4 * s * (7.0 * s2 - 3.0))
    radial = -m * (
        1.0
        - 1.5 * c2 * (3.0 * s2 - 1.0)
        - 2.0 * c3 * s * (5.0 * s2 - 3.0)
        - 0.625 * c4 * (35.0 * s2 * s2 - 30.0 * s2 + 3.0)
    )
    g = (radial - s * axial) / r + OMEGA * OMEGA
    return (
        g * px + 2.0 * OMEGA * vy,
        g * py - 2.0 * OMEGA * vx,
        (radial - s * axial) / r * pz + axial,
    )


@kernel
def fall_step(x: Array, h: float) -> None:
    """Advance x[6] in place by h [s], either sign: classical fourth-order Runge-Kutta."""
    p0, p1, p2, v0, v1, v2 = x[0], x[1], x[2], x[3], x[4], x[5]
    e = 0.5 * h
    a0, a1, a2 = falling(p0, p1, p2, v0, v1)
    q0, q1, q2 = v0 + e * a0, v1 + e * a1, v2 + e * a2
    b0, b1, b2 = falling(p0 + e * v0, p1 + e * v1, p2 + e * v2, q0, q1)
    s0, s1, s2 = v0 + e * b0, v1 + e * b1, v2 + e * b2
    c0, c1, c2 = falling(p0 + e * q0, p1 + e * q1, p2 + e * q2, s0, s1)
    u0, u1, u2 = v0 + h * c0, v1 + h * c1, v2 + h * c2
    d0, d1, d2 = falling(p0 + h * s0, p1 + h * s1, p2 + h * s2, u0, u1)
    k = h / 6.0
    x[0] = p0 + k * (v0 + 2.0 * (q0 + s0) + u0)
    x[1] = p1 + k * (v1 + 2.0 * (q1 + s1) + u1)
    x[2] = p2 + k * (v2 + 2.0 * (q2 + s2) + u2)
    x[3] = v0 + k * (a0 + 2.0 * (b0 + c0) + d0)
    x[4] = v1 + k * (a1 + 2.0 * (b1 + c1) + d1)
    x[5] = v2 + k * (a2 + 2.0 * (b2 + c2) + d2)


@kernel
def slope(px: float, py: float, pz: float, h: float, phi: Array) -> None:
    """Write the state transition phi[6, 6] over h [s] about the middle position of the step."""
    r2 = px * px + py * py + pz * pz
    m = MU / (r2 * math.sqrt(r2))
    k = 3.0 * m / r2
    w2 = OMEGA * OMEGA
    c = 2.0 * OMEGA
    g00, g11, g22 = k * px * px - m + w2, k * py * py - m + w2, k * pz * pz - m
    g01, g02, g12 = k * px * py, k * px * pz, k * py * pz
    e, f = 0.5 * h * h, h * h * h / 6.0
    cc = -c * c
    # Rows of C: (0, c, 0), (-c, 0, 0), (0, 0, 0).
    phi[0, 0], phi[0, 1], phi[0, 2] = 1.0 + e * g00, e * g01, e * g02
    phi[1, 0], phi[1, 1], phi[1, 2] = e * g01, 1.0 + e * g11, e * g12
    phi[2, 0], phi[2, 1], phi[2, 2] = e * g02, e * g12, 1.0 + e * g22
    phi[0, 3], phi[0, 4], phi[0, 5] = h + f * (g00 + cc), e * c + f * g01, f * g02
    phi[1, 3], phi[1, 4], phi[1, 5] = f * g01 - e * c, h + f * (g11 + cc), f * g12
    phi[2, 3], phi[2, 4], phi[2, 5] = f * g02, f * g12, h + f * g22
    phi[3, 0], phi[3, 1], phi[3, 2] = (
        h * g00 + e * c * g01,
        h * g01 + e * c * g11,
        h * g02 + e * c * g12,
    )
    phi[4, 0], phi[4, 1], phi[4, 2] = (
        h * g01 - e * c * g00,
        h * g11 - e * c * g01,
        h * g12 - e * c * g02,
    )
    phi[5, 0], phi[5, 1], phi[5, 2] = h * g02, h * g12, h * g22
    phi[3, 3], phi[3, 4], phi[3, 5] = 1.0 + e * (g00 + cc), h * c + e * g01, e * g02
    phi[4, 3], phi[4, 4], phi[4, 5] = e * g01 - h * c, 1.0 + e * (g11 + cc), e * g12
    phi[5, 3], phi[5, 4], phi[5, 5] = e * g02, e * g12, 1.0 + e * g22


@kernel
def predict(x: Array, P: Array, dt: float, w: Array) -> bool:
    """Advance x[n] and P[n, n] in place by dt [s]; False if that is too long or not finite.

    Backward (dt < 0) the process noise is still added: what lies between is unknown both ways.
    """
    if not abs(dt) <= LONGEST_PREDICTION_S:
        return False
    pieces = int(max(math.ceil(abs(dt) / LONGEST_STEP_S), 1.0))
    n = x.shape[0]
    h = dt / pieces
    phi, t = w[:6], w[6:12]
    q = VELOCITY_PSD
    for _ in range(pieces):
        px, py, pz = x[0], x[1], x[2]
        fall_step(x, h)
        slope(0.5 * (px + x[0]), 0.5 * (py + x[1]), 0.5 * (pz + x[2]), h, phi)
        for i in range(6):
            for j in range(n):
                s = 0.0
                for k in range(6):
                    s += phi[i, k] * P[k, j]
                t[i, j] = s
        for i in range(6):
            for j in range(i + 1):
                s = 0.0
                for k in range(6):
                    s += t[i, k] * phi[j, k]
                P[i, j] = s
                P[j, i] = s
            for j in range(6, n):
                P[i, j] = t[i, j]
                P[j, i] = t[i, j]
        a = abs(h)
        for i in range(3):
            P[i, i] += q * a * a * a / 3.0
            P[i, 3 + i] += 0.5 * q * h * a
            P[3 + i, i] += 0.5 * q * h * a
            P[3 + i, 3 + i] += q * a
    return math.isfinite(x[0] + x[1] + x[2] + x[3] + x[4] + x[5] + P[0, 0] + P[5, 5])


@kernel
def expect(x: Array, site: Array, axes: Array, z: Array, H: Array) -> bool:
    """Write the look z[4] at x[6:] and its slope H[4, 6]; False at the zenith or at the site.

    site[3]: the sensor in ecef; axes[3, 3]: its east, north and up. 0 <= azimuth < 2 pi.
    """
    dx, dy, dz = x[0] - site[0], x[1] - site[1], x[2] - site[2]
    east = axes[0, 0] * dx + axes[0, 1] * dy + axes[0, 2] * dz
    north = axes[1, 0] * dx + axes[1, 1] * dy + axes[1, 2] * dz
    up = axes[2, 0] * dx + axes[2, 1] * dy + axes[2, 2] * dz
    level2 = east * east + north * north
    r2 = level2 + up * up
    r = math.sqrt(r2)
    level = math.sqrt(level2)
    if not level > LEAST_COSINE * r:
        return False
    azimuth = math.atan2(east, north)
    if azimuth < 0.0:
        azimuth += 2.0 * math.pi
    rate = (dx * x[3] + dy * x[4] + dz * x[5]) / r
    z[0] = r
    z[1] = azimuth if azimuth < 2.0 * math.pi else 0.0
    z[2] = math.atan2(up, level)
    z[3] = rate
    a, b = north / level2, -east / level2
    c, d = -up * east / (r2 * level), -up * north / (r2 * level)
    e = level / r2
    dd = (dx / r, dy / r, dz / r)
    for i in range(3):
        H[0, i] = dd[i]
        H[1, i] = a * axes[0, i] + b * axes[1, i]
        H[2, i] = c * axes[0, i] + d * axes[1, i] + e * axes[2, i]
        H[3, i] = (x[3 + i] - rate * dd[i]) / r
        H[0, 3 + i] = 0.0
        H[1, 3 + i] = 0.0
        H[2, 3 + i] = 0.0
        H[3, 3 + i] = dd[i]
    return True


@kernel
def bend(x: Array, P: Array, z: Array, H: Array, elements: int, extra: Array) -> None:
    """Second order: add to z[0], z[3] what curvature shifts them by; write its variance[4]."""
    r = z[0]
    extra[:] = 0.0
    pu = (
        P[0, 0] * H[0, 0] + P[0, 1] * H[0, 1] + P[0, 2] * H[0, 2],
        P[1, 0] * H[0, 0] + P[1, 1] * H[0, 1] + P[1, 2] * H[0, 2],
        P[2, 0] * H[0, 0] + P[2, 1] * H[0, 1] + P[2, 2] * H[0, 2],
    )
    along = pu[0] * H[0, 0] + pu[1] * H[0, 1] + pu[2] * H[0, 2]
    across = max(P[0, 0] + P[1, 1] + P[2, 2] - along, 0.0)
    z[0] += 0.5 * across / r
    extra[0] = 0.5 * across * across / (r * r)
    if elements < 4:
        return
    mixed, fast, turn = 0.0, P[3, 3] + P[4, 4] + P[5, 5], 0.0
    for i in range(3):
        mixed += P[i, 3 + i]
        turn += x[3 + i] * (pu[i] - H[0, i] * along)
        for j in range(3):
            mixed -= H[0, i] * P[i, 3 + j] * H[0, j]
            fast -= H[0, i] * P[3 + i, 3 + j] * H[0, j]
    z[3] += (mixed - turn / r - 0.5 * z[3] * across / r) / r
    extra[3] = max(fast, 0.0) * across / (r * r)


@kernel
def spread(P: Array, H: Array, looks: tuple[Any, ...], bias: Integers, S: Array, w: Array) -> None:
    """Write the covariance S[4, 4] of a look without noise.

    looks: first, last (first <= element < last are wanted) and the variances[4] of `bend`. w: at
    least four rows of six.
    """
    first, last, extra = looks
    for a in range(first, last):
        t, h = w[a], H[a]
        for i in range(6):
            t[i] = P[i, 0] * h[0] + P[i, 1] * h[1] + P[i, 2] * h[2]
        if a == 3:
            for i in range(6):
                t[i] += P[i, 3] * h[3] + P[i, 4] * h[4] + P[i, 5] * h[5]
        for b in range(first, a + 1):
            s = H[b, 0] * t[0] + H[b, 1] * t[1] + H[b, 2] * t[2]
            if b == 3:
                s += H[b, 3] * t[3] + H[b, 4] * t[4] + H[b, 5] * t[5]
            S[a, b] = s
            S[b, a] = s
        S[a, a] += extra[a]
    if P.shape[0] == 6:
        return
    for a in range(first, last):
        for b in range(first, last):
            if bias[b] < 0:
                continue
            s = 0.0
            for i in range(6):
                s += H[a, i] * P[i, bias[b]]
            S[a, b] += s
            S[b, a] += s
            if bias[a] >= 0:
                S[a, b] += P[bias[a], bias[b]]


@kernel
def distance(
    look: Array, sigma: Array, z: Array, S: Array, first: int, last: int
) -> tuple[float, float]:
    """Squared Mahalanobis distance of a look[4] from z[4], and its log density.

    S[4, 4] is the covariance of z; sigma[4] the look's noise, NaN where it was not measured.
    Returns (inf, -inf) when nothing was measured or S is not positive definite.
    """
    d2, ln, count = 0.0, 0.0, 0
    # Cholesky factor of S + R on the measured elements, rows of four.
    l00 = l10 = l20 = l30 = l11 = l21 = l31 = l22 = l32 = l33 = 0.0
    y0 = y1 = y2 = 0.0
    i0 = i1 = i2 = 0
    for a in range(first, last):
        noise = sigma[a]
        if not noise > 0.0:
            continue
        nu = look[a] - z[a]
        if a == 1:
            nu -= 2.0 * math.pi * math.floor(nu / (2.0 * math.pi) + 0.5)
        s = S[a, a] + noise * noise
        if count == 0:
            l00 = math.sqrt(s)
            y = nu / l00
            y0, i0, pivot = y, a, l00
        elif count == 1:
            l10 = S[a, i0] / l00
            l11 = math.sqrt(s - l10 * l10)
            y = (nu - l10 * y0) / l11
            y1, i1, pivot = y, a, l11
        elif count == 2:
            l20 = S[a, i0] / l00
            l21 = (S[a, i1] - l20 * l10) / l11
            l22 = math.sqrt(s - l20 * l20 - l21 * l21)
            y = (nu - l20 * y0 - l21 * y1) / l22
            y2, i2, pivot = y, a, l22
        else:
            l30 = S[a, i0] / l00
            l31 = (S[a, i1] - l30 * l10) / l11
            l32 = (S[a, i2] - l30 * l20 - l31 * l21) / l22
            l33 = math.sqrt(s - l30 * l30 - l31 * l31 - l32 * l32)
            y = (nu - l30 * y0 - l31 * y1 - l32 * y2) / l33
            pivot = l33
        d2 += y * y
        ln -= math.log(pivot) + 0.9189385332046727  # ln sqrt(2 pi)
        count += 1
    ln -= 0.5 * d2
    if count == 0 or not math.isfinite(ln):
        return math.inf, -math.inf
    return d2, ln


@kernel
def update(
    x: Array,
    P: Array,
    look: tuple[Any, ...],
    first: int,
    last: int,
    bias: Integers,
    w: Array,
) -> tuple[float, float]:
    """Take a look into x[n], P[n, n] in place; return its log density and squared distance.

    look: measured[4], sigma[4] (NaN: not measured), site[3], axes[3, 3]. bias[4]: the index in x of
    the bias of an element, -1 for none. Returns (-inf, inf) on trouble.
    """
    measured, sigma, site, axes = look
    n = x.shape[0]
    H, z, extra, gain = w[:4], w[4], w[5], w[6]
    if not expect(x, site, axes, z, H):
        return -math.inf, math.inf
    bend(x, P, z, H, last, extra)
    new_x, new_p = w[7], w[8:]
    for i in range(n):
        new_x[i] = x[i]
        for j in range(n):
            new_p[i, j] = P[i, j]
    ln, d2 = 0.0, 0.0
    for a in range(first, last):
        noise = sigma[a]
        if not noise > 0.0:
            continue
        nu = measured[a] - z[a]
        if a == 1:
            nu -= 2.0 * math.pi * math.floor(nu / (2.0 * math.pi) + 0.5)
        width = 3 if a < 3 else 6
        for j in range(width):
            nu -= H[a, j] * (new_x[j] - x[j])
        b = bias[a]
        for i in range(n):
            s = 0.0
            for j in range(width):
                s += new_p[i, j] * H[a, j]
            gain[i] = s if b < 0 else s + new_p[i, b]
        s = noise * noise + extra[a]
        for j in range(width):
            s += H[a, j] * gain[j]
        if b >= 0:
            s += gain[b]
            nu -= new_x[b]
        ln -= 0.5 * (math.log(s) + nu * nu / s) + 0.9189385332046727  # ln sqrt(2 pi)
        d2 += nu * nu / s
        for i in range(n):
            k = gain[i] / s
            new_x[i] += k * nu
            for j in range(i + 1):
                new_p[i, j] -= k * gain[j]
                new_p[j, i] = new_p[i, j]
    sound = math.isfinite(ln) and d2 < math.inf
    for i in range(n):
        sound = sound and new_p[i, i] >= 0.0 and math.isfinite(new_x[i])
    if not sound or ln == 0.0:
        return -math.inf, math.inf
    for i in range(n):
        x[i] = new_x[i]
        for j in range(n):
            P[i, j] = new_p[i, j]
    return ln, d2
