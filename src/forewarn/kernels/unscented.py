"""One model's unscented prediction and update, for any motion and any kind of look.

Julier and Uhlmann, Proc. IEEE 92 (2004) 401. Points are spread only over the m elements that the
function at hand depends on: those that a model moves, or those that a look sees. With m + kappa = 3
their fourth moments are a Gaussian's; from m = 4 on that would take a negative weight, and kappa is
0: the cubature points. The covariance with all other elements, biases included, is carried by the
statistically linearised slope. They are thereby estimated for this track and never counted as
independent noise (the consider filter of Schmidt, with update).

A look is an array g[8, 3] of a kind:

    row 0      sensor position, ecef [m]; in a plane x, y
    rows 1-3   line of sight: unit direction and the two axes across it; radar: east, north, up
    rows 4-5   measured values: radar range, azimuth, elevation, and range rate in [5, 0]; in a
               plane range and bearing, or x and y, or bearing, from [4, 0]
    row 6      one-sigma noise of elements 0-2; of element 3 in [7, 0]
    [7, 1]     index in the state of the sensor's first bias; [7, 2] number of its biases

Trouble is a returned value: a covariance that is not positive definite even when its variances
are raised by a hundred-millionth, a look from the very place of the target, a number that is not
finite.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.jit import kernel
from forewarn.kernels.measure import line_of_sight_offset, radar_from_ecef
from forewarn.kernels.motion import BODY, MODELS, MOVING, add_process_noise, move

Array = NDArray[np.float64]

LINE_OF_SIGHT = 0
RADAR = 1
PLANE_RANGE_BEARING = 2
PLANE_POSITION = 3
PLANE_BEARING = 4
SEEN = (3, 6, 2, 2, 2)  # leading elements that a kind of look depends on
WIDTH = (2, 4, 2, 2, 1)  # numbers in a look
CHECKED = (BODY, BODY, 4, 4, 4)  # leading elements whose covariance an update must leave definite

LEAST_RANGE_M = 1.0  # nearer than this a direction means nothing
# Rounding may cost a covariance that much of its variances: products of condition 1e8 in doubles.
# More is not rounding, and is refused.
JITTERS = (0.0, 1e-12, 1e-10, 1e-8)
# Where a look is so much sharper than what was expected (ratio of variances), subtraction leaves
# fewer than six digits, and Joseph's form pays.
SHARP = 1e10


@kernel
def cholesky(a: Array, n: int, out: Array) -> bool:
    """Lower Cholesky factor of the leading n x n block; False when it is not positive definite."""
    return raised_cholesky(a, n, 0.0, out)


@kernel
def raised_cholesky(a: Array, n: int, jitter: float, out: Array) -> bool:
    """`cholesky` of a block whose diagonal is raised by a share of itself."""
    for i in range(n):
        for j in range(i + 1):
            s = a[i, j]
            if i == j:
                s += jitter * s
            for k in range(j):
                s -= out[i, k] * out[j, k]
            if i == j:
                if not (s > 0.0 and s < math.inf):
                    return False
                out[i, i] = math.sqrt(s)
            else:
                out[i, j] = s / out[j, j]
        for j in range(i + 1, n):
            out[i, j] = 0.0
    return True


@kernel
def factor(a: Array, n: int, out: Array) -> float:
    """`cholesky` with the least jitter that makes the block definite: that jitter, or -1.0."""
    for jitter in JITTERS:
        if raised_cholesky(a, n, jitter, out):
            return jitter
    return -1.0


@kernel
def solve_lower(lower: Array, n: int, b: Array, columns: int) -> None:
    """Solve (L L^T) X = B in place for the leading n rows of b[n, columns]."""
    forward(lower, n, b, columns)
    backward(lower, n, b, columns)


@kernel
def forward(lower: Array, n: int, b: Array, columns: int) -> None:
    """Solve L X = B in place for the leading n rows of b[n, columns]."""
    for i in range(n):
        for k in range(i):
            f = lower[i, k]
            for c in range(columns):
                b[i, c] -= f * b[k, c]
        for c in range(columns):
            b[i, c] /= lower[i, i]


@kernel
def backward(lower: Array, n: int, b: Array, columns: int) -> None:
    """Solve L^T X = B in place for the leading n rows of b[n, columns]."""
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            f = lower[k, i]
            for c in range(columns):
                b[i, c] -= f * b[k, c]
        for c in range(columns):
            b[i, c] /= lower[i, i]


@kernel
def spread_points(x: Array, lower: Array, m: int, points: Array) -> float:
    """Write 2 m points about x, spread over its leading m elements, into points[2 m, len(x)].

    Returns m + kappa: each point weighs half of its inverse, and x itself the rest, if any.
    """
    reach = max(float(m), 3.0)
    scale = math.sqrt(reach)
    for j in range(m):
        for i in range(x.shape[0]):
            d = scale * lower[i, j] if i < m else 0.0
            points[j, i] = x[i] + d
            points[m + j, i] = x[i] - d
    return reach


@kernel
def predict_model(x: Array, p: Array, model: int, dt: float) -> bool:
    """Advance one model's mean x[n] and covariance p[n, n] by dt >= 0 seconds in place.

    False on numerical trouble; x and p are then of no use.
    """
    n = x.shape[0]
    m = MOVING[model]
    lower = np.empty((m, m))
    if factor(p, m, lower) < 0.0:
        return False
    points = np.empty((2 * m, min(n, BODY)))
    w = np.empty((7, 6))
    spread_points(x[: points.shape[1]], lower, m, points)
    for s in range(2 * m):
        move(points[s], model, dt, w)
    for i in range(m):
        t = 0.0
        for s in range(2 * m):
            t += points[s, i]
        x[i] = t / (2 * m)
    # With points at +- sqrt(m) times the columns of L, the half differences d of the pairs after
    # the move, over sqrt(m), carry the whitened covariance with the constants: d^T (L^-1 p).
    # Nothing in it is divided by a spread that is not there.
    whitened = p[:m, m:].copy()
    forward(lower, m, whitened, n - m)
    for i in range(m):
        p[i, m:] = 0.0
        for k in range(m):
            f = (points[k, i] - points[m + k, i]) / (2.0 * math.sqrt(float(m)))
            for b in range(n - m):
                p[i, m + b] += f * whitened[k, b]
        for b in range(n - m):
            p[m + b, i] = p[i, m + b]
        for j in range(i + 1):
            t = 0.0
            for s in range(2 * m):
                t += (points[s, i] - x[i]) * (points[s, j] - x[j])
            p[i, j] = t / (2 * m)
            p[j, i] = p[i, j]
    add_process_noise(x, p, model, dt)
    return is_sound(x, p) and mended(p, BODY if model < MODELS else m)


@kernel
def is_sound(x: Array, p: Array) -> bool:
    """Whether x[n] is finite and every variance of p[n, n] finite and not negative."""
    for i in range(x.shape[0]):
        if not (math.isfinite(x[i]) and p[i, i] >= 0.0 and p[i, i] < math.inf):
            return False
    return True


@kernel
def residual(x: Array, kind: int, g: Array, z: Array) -> bool:
    """Write what is measured less what x would show into z[4]; angles within half a turn.

    False where x is at the sensor, or behind it.
    """
    if kind == LINE_OF_SIGHT:
        along = 0.0
        for i in range(3):
            along += (x[i] - g[0, i]) * g[1, i]
        if not along > LEAST_RANGE_M:
            return False
        line_of_sight_offset(x, g[0], g[1], g[2:4], z)
        z[0], z[1] = -z[0], -z[1]
        return True
    if kind == RADAR:
        radar_from_ecef(x, g[0], g[1:4], z)
        if not z[0] > LEAST_RANGE_M:
            return False
        for i in range(3):
            z[i] = g[4, i] - z[i]
        z[1] = wrapped(z[1])
        z[3] = g[5, 0] - z[3]
        return True
    dx, dy = x[0] - g[0, 0], x[1] - g[0, 1]
    if kind == PLANE_POSITION:
        z[0], z[1] = g[4, 0] - dx, g[4, 1] - dy
        return True
    r = math.sqrt(dx * dx + dy * dy)
    if kind == PLANE_RANGE_BEARING:
        z[0], z[1] = g[4, 0] - r, wrapped(g[4, 1] - math.atan2(dy, dx))
    else:
        z[0] = wrapped(g[4, 0] - math.atan2(dy, dx))
    return r > LEAST_RANGE_M


@kernel
def wrapped(angle_rad: float) -> float:
    """The same angle between -pi and pi."""
    return angle_rad - 2.0 * math.pi * math.floor(angle_rad / (2.0 * math.pi) + 0.5)


@kernel
def expect(x: Array, p: Array, kind: int, g: Array, z: Array, work: Array) -> bool:
    """Residual of a look under one model: its mean z[4], and in work[3, 6, 6] its moments.

    z: measured minus predicted, biases not removed. work[0]: Cholesky factor L of the elements that
    the look sees; work[1]: covariance of L^-1 x with the predicted look, one column an element of
    it; work[2]: what the look's curvature and its noise add to its covariance. Points lie in pairs
    about the mean, and so the half difference of a pair is all that is linear, the half sum all
    that is not.
    """
    m = SEEN[kind]
    width = WIDTH[kind]
    lower, columns, rest = work[0], work[1], work[2]
    if factor(p, m, lower) < 0.0:
        return False
    points = np.empty((2 * m, 6))
    reach = spread_points(x[:6], lower, m, points)
    seen, middle = np.empty((2 * m, 4)), np.zeros(4)
    for q in range(2 * m):
        if not residual(points[q], kind, g, seen[q]):
            return False
    own = 1.0 - m / reach  # weight of x itself
    if own > 0.0 and not residual(x[:6], kind, g, middle):
        return False
    for i in range(width):
        z[i] = own * middle[i]
        for j in range(m):
            columns[j, i] = (seen[m + j, i] - seen[j, i]) / (2.0 * math.sqrt(reach))
            seen[j, i] = 0.5 * (seen[j, i] + seen[m + j, i])
            z[i] += seen[j, i] / reach
    for i in range(width):
        for j in range(i + 1):
            rest[i, j] = noise_of(g, i) ** 2 if i == j else 0.0
            rest[i, j] += own * (middle[i] - z[i]) * (middle[j] - z[j])
            for k in range(m):
                rest[i, j] += (seen[k, i] - z[i]) * (seen[k, j] - z[j]) / reach
            rest[j, i] = rest[i, j]
    return True


@kernel
def noise_of(g: Array, i: int) -> float:
    """One-sigma noise of element i of a look."""
    return float(g[7, 0] if i == 3 else g[6, i])


@kernel
def innovation(
    x: Array, p: Array, kind: int, g: Array, nu: Array, s: Array, gain: Array, work: Array
) -> bool:
    """Innovation nu[4] of one model, its covariance s[4, 4], and cov(z, x) in gain[4, n].

    Biases add to the measurement: z = h(body) + b + noise. work[3, 6, 6]: see `expect`.
    """
    n = x.shape[0]
    m = SEEN[kind]
    width = WIDTH[kind]
    if not expect(x, p, kind, g, nu, work):
        return False
    first, count = int(g[7, 1]), int(g[7, 2])
    whitened = p[:m, :].copy()
    forward(work[0], m, whitened, n)
    for i in range(width):
        gain[i, :] = 0.0
        for k in range(m):
            f = work[1, k, i]
            for r in range(n):
                gain[i, r] += f * whitened[k, r]
    for i in range(width):
        for j in range(width):
            s[i, j] = work[2, i, j]
            for k in range(m):
                s[i, j] += work[1, k, i] * work[1, k, j]
            # Body with bias, bias with body, bias with bias.
            if j < count:
                s[i, j] += gain[i, first + j]
            if i < count:
                s[i, j] += gain[j, first + i]
            if i < count and j < count:
                s[i, j] += p[first + i, first + j]
    for i in range(min(count, width)):
        nu[i] -= x[first + i]
        for r in range(n):
            gain[i, r] += p[first + i, r]
    return True


@kernel
def gaussian(nu: Array, s: Array, width: int) -> tuple[float, float]:
    """Squared distance nu' s^-1 nu and log density; (inf, -inf) if s is not positive definite."""
    lower = np.empty((width, width))
    b = np.empty((width, 1))
    return whitened(nu, s, lower, b)


@kernel
def whitened(nu: Array, s: Array, lower: Array, b: Array) -> tuple[float, float]:
    """`gaussian` that leaves its Cholesky factor in lower[w, w] and L^-1 nu in b[w, 1]."""
    width = b.shape[0]
    if not cholesky(s, width, lower):
        return math.inf, -math.inf
    for i in range(width):
        b[i, 0] = nu[i]
    forward(lower, width, b, 1)
    d2 = 0.0
    ln = -0.5 * width * math.log(2.0 * math.pi)
    for i in range(width):
        d2 += b[i, 0] * b[i, 0]
        ln -= math.log(lower[i, i])
    if not math.isfinite(d2 + ln):
        return math.inf, -math.inf
    return d2, ln - 0.5 * d2


@kernel
def update_model(x: Array, p: Array, kind: int, g: Array) -> tuple[float, float]:
    """Take a look into one model's x[n], p[n, n] in place; its squared distance and log density.

    (inf, -inf) on numerical trouble; x and p are then of no use. With s = L L^T and u = L^-1 gain,
    x grows by u^T L^-1 nu and p shrinks by u^T u, which is symmetric to the bit.
    """
    n = x.shape[0]
    width = WIDTH[kind]
    nu, s, work = np.empty(4), np.empty((4, 4)), np.empty((3, 6, 6))
    u, lower, b = np.empty((4, n)), np.empty((width, width)), np.empty((width, 1))
    if not innovation(x, p, kind, g, nu, s, u, work):
        return math.inf, -math.inf
    d2, ln = whitened(nu, s, lower, b)
    if ln == -math.inf:
        return math.inf, -math.inf
    sharp = False
    for i in range(width):
        sharp = sharp or s[i, i] > SHARP * work[2, i, i]
    forward(lower, width, u, n)
    for i in range(width):
        f = b[i, 0]
        for r in range(n):
            x[r] += f * u[i, r]
    for r in range(n):
        for i in range(width):
            f = u[i, r]
            for c in range(n):
                p[r, c] -= f * u[i, c]
    if sharp:
        backward(lower, width, u, n)  # now the transposed Kalman gain
        refine(p, kind, g, u, work)
    if not is_sound(x, p) or not mended(p, CHECKED[kind]):
        return math.inf, -math.inf
    return d2, ln


@kernel
def refine(p: Array, kind: int, g: Array, k: Array, work: Array) -> None:
    """Make p - K H p, as subtracted, into Joseph's form (I - K H) p (I - K H)^T + K N K^T.

    k[4, n]: the gain K transposed; work: as `innovation` left it. Rounding that lies along what the
    look sees is taken out by the second factor.
    """
    n = p.shape[0]
    width = WIDTH[kind]
    slope, rest = work[1], work[2]
    backward(work[0], SEEN[kind], slope, width)
    first, count = int(g[7, 1]), int(g[7, 2])
    t = np.zeros((4, n))
    for i in range(width):
        for r in range(n):
            for c in range(SEEN[kind]):
                t[i, r] -= slope[c, i] * p[r, c]
            if i < count:
                t[i, r] -= p[r, first + i]
            for j in range(width):
                t[i, r] += rest[i, j] * k[j, r]
    for r in range(n):
        for i in range(width):
            for c in range(n):
                p[r, c] += t[i, r] * k[i, c]
    for r in range(n):
        for c in range(r):
            p[r, c] = p[c, r] = 0.5 * (p[r, c] + p[c, r])


@kernel
def mended(p: Array, m: int) -> bool:
    """Raise the variances of the leading m elements by what rounding took; False if it is more."""
    jitter = factor(p, m, np.empty((m, m)))
    if jitter < 0.0:
        return False
    if jitter > 0.0:
        for i in range(m):
            p[i, i] += jitter * p[i, i]
    return True
