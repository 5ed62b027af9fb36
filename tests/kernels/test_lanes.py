"""Elementary functions of lane kernels, to the last digits of numpy's extended precision."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from forewarn.kernels import lanes
from forewarn.kernels.jit import kernel

Array = NDArray[np.float64]
COUNT = 100_000


@kernel
def exponentials(x: Array, out: Array) -> None:
    for l in range(x.shape[0]):
        out[l] = lanes.exp(x[l])


@kernel
def roots(x: Array, out: Array) -> None:
    for l in range(x.shape[0]):
        out[l] = lanes.sqrt(x[l])


@kernel
def circles(x: Array, sine: Array, cosine: Array) -> None:
    for l in range(x.shape[0]):
        sine[l], cosine[l] = lanes.sincos(x[l])


@kernel
def angles(y: Array, x: Array, out: Array) -> None:
    for l in range(x.shape[0]):
        out[l] = lanes.atan2(y[l], x[l])


@kernel
def near(x: Array, logarithm: Array, back: Array) -> None:
    for l in range(x.shape[0]):
        logarithm[l] = lanes.near_log2(x[l])
        back[l] = lanes.near_exp2(logarithm[l])


def last_places(ours: Array, exact: NDArray[np.longdouble]) -> float:
    """The largest error in units in the last place."""
    return float(np.max(np.abs(ours - exact) / np.spacing(np.abs(exact.astype(np.float64)))))


def test_exp() -> None:
    """Within 1.5 units in the last place over all that does not overflow."""
    x = np.random.default_rng(1).uniform(-700.0, 700.0, COUNT)
    out = np.empty(COUNT)
    exponentials(x, out)
    assert last_places(out, np.exp(x.astype(np.longdouble))) < 1.5


def test_exp_is_held_where_it_would_overflow() -> None:
    """Beyond 700 its value at 700, below -700 and for not-a-number that at -700, never inf."""
    x = np.array((800.0, math.inf, -800.0, -math.inf, math.nan, 0.0, -0.0))
    out = np.empty(len(x))
    exponentials(x, out)
    assert out[:2] == pytest.approx(math.exp(700.0), rel=1e-14)
    assert out[2:5] == pytest.approx(math.exp(-700.0), rel=1e-14)
    assert list(out[5:]) == [1.0, 1.0]


def test_sqrt() -> None:
    """The machine's: the same bits as numpy's; not a number below zero."""
    x = np.exp(np.random.default_rng(2).uniform(-700.0, 700.0, COUNT))
    out = np.empty(COUNT)
    roots(x, out)
    assert np.array_equal(out, np.sqrt(x))
    odd = np.array((0.0, -1.0, math.nan, math.inf))
    out = np.empty(4)
    roots(odd, out)
    assert np.array_equal(out, (0.0, math.nan, math.nan, math.inf), equal_nan=True)


@pytest.mark.parametrize("size", [1e-8, 4.0, 1e3])
def test_sine_and_cosine(size: float) -> None:
    """Within two units in the last place for angles up to 1,000 rad, all quadrants."""
    x = np.random.default_rng(3).uniform(-size, size, COUNT)
    sine, cosine = np.empty(COUNT), np.empty(COUNT)
    circles(x, sine, cosine)
    exact = x.astype(np.longdouble)
    assert last_places(sine, np.sin(exact)) < 2.0
    assert last_places(cosine, np.cos(exact)) < 2.0


def test_angle_of_a_point() -> None:
    """Within three units in the last place, whatever the quadrant and the lengths."""
    rng = np.random.default_rng(4)
    y, x = rng.normal(size=(2, COUNT)) * np.exp(rng.uniform(-20.0, 20.0, (2, COUNT)))
    out = np.empty(COUNT)
    angles(y, x, out)
    assert last_places(out, np.arctan2(y.astype(np.longdouble), x.astype(np.longdouble))) < 3.0


def test_angle_of_points_on_the_axes() -> None:
    """As `math.atan2` has it; the origin has angle 0."""
    points = [(0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0), (0.0, 0.0), (1e-310, 0.0)]
    y, x = np.array(points).T
    out = np.empty(len(points))
    angles(np.ascontiguousarray(y), np.ascontiguousarray(x), out)
    assert list(out) == [math.atan2(*point) for point in points]


def test_near_functions_are_near_and_inverse() -> None:
    """The logarithm lags by up to 1 - (1 + ln ln 2) / ln 2; the power is its inverse.

    The largest gap between log2(1 + m) and m, for m between 0 and 1, is 0.0861.
    """
    x = np.exp(np.random.default_rng(5).uniform(-60.0, 60.0, COUNT))
    logarithm, back = np.empty(COUNT), np.empty(COUNT)
    near(x, logarithm, back)
    gap = np.log2(x) - logarithm
    assert np.min(gap) > -2e-6
    most = 1.0 - (1.0 + math.log(math.log(2.0))) / math.log(2.0)
    assert np.max(gap) == pytest.approx(most, abs=2e-5)
    assert back == pytest.approx(x, rel=2e-6)


@pytest.mark.parametrize("name", ["exp", "sqrt", "sincos", "atan2"])
def test_they_take_plain_floats(name: str) -> None:
    """A test or a caller may use one outside a kernel."""
    function: Callable[..., object] = getattr(lanes, name)
    arguments = (1.0, 2.0) if name == "atan2" else (1.0,)
    assert np.all(np.isfinite(np.array(function(*arguments), dtype=np.float64)))
