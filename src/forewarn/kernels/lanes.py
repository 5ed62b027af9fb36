"""Elementary functions for lane kernels: without branches or calls, so that they become vectors.

A lane kernel runs one loop ``for l in range(LANES)`` round a body of straight-line arithmetic on a
flat work space ``W[row * LANES + l]``; the compiler turns the loop into vector instructions. A
call of the C library would stop it, and would differ between machines; these do neither. They are
within two or three units in the last place of the exact value (tests/kernels/test_lanes.py).

Reductions and coefficients of `sincos` and `atan2` are those of fdlibm, Sun Microsystems 1993
(e_rem_pio2.c, k_sin.c, k_cos.c, s_atan.c), whose licence allows their use with this notice.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from llvmlite.ir import IRBuilder, Value  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic, overload

from forewarn.kernels.jit import leaf

LANES = 32
"""Flights side by side. With fewer than 24 the compiler writes short loops out instead of making
vectors of them (tests/kernels/test_mass_flight.py would tell); with more than 40 the work space
leaves the first cache. What a flight does is the same for any number."""

_TO_INTEGER = 6_755_399_441_055_744.0  # 1.5 * 2^52: added, it leaves the nearest integer
_SHIFT = np.int64(52)  # bits of a double's fraction
_BIAS = np.int64(1023)  # of a double's exponent
_HALF_WORD = np.int64(32)
_LN2_HIGH = 6.93147180369123816490e-01  # fdlibm: high bits, so that a product with k is exact
_LN2_LOW = 1.90821492927058770002e-10
_TAYLOR = tuple(1.0 / math.factorial(n) for n in range(14))
_HALF_PI = (
    1.57079632673412561417e00,
    6.07710050630396597660e-11,
    2.02226624879595063154e-21,
)
_SIN = (
    1.58969099521155010221e-10,
    -2.50507602534068634195e-08,
    2.75573137070700676789e-06,
    -1.98412698298579493134e-04,
    8.33333333332248946124e-03,
    -1.66666666666666324348e-01,
)
_COS = (
    -1.13596475577881948265e-11,
    2.08757232129817482790e-09,
    -2.75573143513906633035e-07,
    2.48015872894767294178e-05,
    -1.38888888888741095749e-03,
    4.16666666666666019037e-02,
)
_ATAN = (
    1.62858201153657823623e-02,
    -3.65315727442169155270e-02,
    4.97687799461593236017e-02,
    -5.83357013379057348645e-02,
    6.66107313738753120669e-02,
    -7.69187620504482999495e-02,
    9.09088713343650656196e-02,
    -1.11111104054623557880e-01,
    1.42857142725034663711e-01,
    -1.99999999998764832476e-01,
    3.33333333333329318027e-01,
)
_QUARTER_PI_LOW = 3.06161699786838301793e-17  # pi/4 less its double
_HALF_PI_LOW = 6.12323399573676603587e-17
_PI_LOW = 1.22464679914735320717e-16


def sqrt(x: float) -> float:
    """Return the square root: the machine's own, correctly rounded; not a number below zero.

    Compiled, `math.sqrt` is a call of the C library, which becomes no vector.
    """
    return math.sqrt(x) if x >= 0.0 else math.nan


@intrinsic  # type: ignore[untyped-decorator]
def _machine_sqrt(_typing: object, _x: object) -> tuple[object, Callable[..., object]]:
    def emit(_context: object, builder: IRBuilder, _signature: object, x: list[Value]) -> object:
        return builder.call(builder.module.declare_intrinsic("llvm.sqrt", [x[0].type]), x)

    return types.float64(types.float64), emit


@overload(sqrt, jit_options={"forceinline": True})  # type: ignore[untyped-decorator]
def _compiled_sqrt(x: object) -> Callable[[object], object]:  # noqa: ARG001 (its type is looked at)
    def inlined(x: object) -> object:
        return _machine_sqrt(x)

    return inlined


@leaf
def exp(x: float) -> float:
    """Return e to the x; x is held within -700 and 700, not a number counts as -700.

    x = k ln 2 + r with |r| < 0.347, and Taylor's series of e^r to r^13 (remainder 4e-18).
    """
    x = max(-700.0, x)
    x = min(700.0, x)
    shifted = x * 1.4426950408889634 + _TO_INTEGER  # log2(e)
    k = shifted - _TO_INTEGER
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    # Estrin's scheme: short chains of operations side by side instead of one long.
    r2 = r * r
    r4 = r2 * r2
    low = (_TAYLOR[2] + _TAYLOR[3] * r) + (_TAYLOR[4] + _TAYLOR[5] * r) * r2
    middle = (_TAYLOR[6] + _TAYLOR[7] * r) + (_TAYLOR[8] + _TAYLOR[9] * r) * r2
    high = (_TAYLOR[10] + _TAYLOR[11] * r) + (_TAYLOR[12] + _TAYLOR[13] * r) * r2
    p = 1.0 + (r + r2 * (low + r4 * (middle + r4 * high)))
    # The low bits of ``shifted`` are those of the integer k; they become the exponent.
    bits = (np.float64(shifted).view(np.int64) + _BIAS) << _SHIFT
    return p * np.int64(bits).view(np.float64)


@leaf
def near_log2(x: float) -> float:
    """Return the logarithm to base 2 of a normal positive number to 0.09: for step control."""
    bits = np.float64(x).view(np.int64)
    return np.float64(np.int32(bits >> _HALF_WORD)) * 2.0**-20 - 1023.0


@leaf
def near_exp2(x: float) -> float:
    """Return 2 to the x to 7 %, for x between -1000 and 1000: the inverse of `near_log2`."""
    word = np.int64(np.int32((x + 1023.0) * 2.0**20))
    return np.int64(word << _HALF_WORD).view(np.float64)


@leaf
def sincos(x: float) -> tuple[float, float]:
    """Return sine and cosine of an angle [rad] of size at most 1,000."""
    shifted = x * 0.6366197723675814 + _TO_INTEGER  # 2 / pi
    k = shifted - _TO_INTEGER
    r = ((x - k * _HALF_PI[0]) - k * _HALF_PI[1]) - k * _HALF_PI[2]
    z = r * r
    p = 0.0
    for c in _SIN:
        p = p * z + c
    s = r + r * z * p
    q = 0.0
    for c in _COS:
        q = q * z + c
    half = 0.5 * z
    w = 1.0 - half
    c = w + (((1.0 - w) - half) + z * z * q)
    quadrant = np.float64(shifted).view(np.int64)
    odd = (quadrant & 1) != 0
    sine = c if odd else s
    cosine = s if odd else c
    sine = -sine if (quadrant & 2) != 0 else sine
    cosine = -cosine if ((quadrant + 1) & 2) != 0 else cosine
    return sine, cosine


@leaf
def atan2(y: float, x: float) -> float:
    """Return the angle [rad] of the point (x, y), between -pi and pi; 0 of the origin."""
    ax, ay = abs(x), abs(y)
    steep = ay > ax
    small = ax if steep else ay
    large = ay if steep else ax
    large = max(1e-300, large)
    eighth = small > 0.41421356237309503 * large  # tan(pi/8)
    t = (small - large if eighth else small) / (small + large if eighth else large)
    z = t * t
    p = 0.0
    for c in _ATAN:
        p = p * z + c
    angle = t - t * z * p
    angle = 0.7853981633974483 + (angle + _QUARTER_PI_LOW) if eighth else angle
    angle = 1.5707963267948966 - (angle - _HALF_PI_LOW) if steep else angle
    angle = 3.141592653589793 - (angle - _PI_LOW) if x < 0.0 else angle
    return -angle if y < 0.0 else angle
