"""Kernels of the known sky give the same numbers compiled and interpreted. Run, it prints them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from forewarn.kernels import known_sky as kernel
from tests.kernels.looks import above

Array = NDArray[np.float64]

TURNED = np.arange(9.0).reshape(3, 3) ** 2


def space(count: int) -> kernel.Weighed:
    """Room for what is said of so many pairs."""
    size = kernel.STATE
    shapes = (count, size), (count, size, size), (count, 4, size), (count, 4), (count, 3)
    return kernel.Weighed(*(np.zeros(shape) for shape in shapes))


def numbers() -> list[float]:
    """Two objects, three plots in two scans: found, weighed, learned, moved on, weighed again."""
    site = np.vstack((above(0.7, 2.2, 100.0), np.linalg.qr(TURNED)[0]))
    first = np.stack((above(0.8, 2.3, 900e3), above(0.75, 2.1, 700e3)))
    speed = np.array(((3e3, -4e3, 5e3), (-5e3, 3e3, 4e3)))
    arcs = np.stack((first, speed, first + 60.0 * speed, speed), axis=1)
    orbit = np.array(((150.0, 900.0, 200.0, 0.02, 0.001), (2e3, 3e3, 1e3, 0.02, 0.3)))
    sky = kernel.Sky(arcs, orbit, site, 60.0, 5e6)
    bias = kernel.Bias(np.zeros(4), np.diag((100.0, 3e-3, 3e-3, 0.1)) ** 2)
    view, H, z = np.zeros((2, 5)), np.zeros((4, 10)), np.zeros(4)
    rates = []
    for row, p, v in zip(view, first + 20.0 * speed, speed, strict=True):
        rates.append(kernel.expected(p, v, site, z, H))
        row[:4], row[4] = z, 1e3
    order = np.argsort(view[:, 0])
    plots = np.zeros((3, 9))
    plots[:, 1:5] = view[(0, 1, 1), :4] + np.array((30.0, 1e-3, -1e-3, 5.0))
    plots[:, 5:] = 50.0, 1e-3, 1e-3, 10.0
    found = np.full((8, 2), -1, dtype=np.int64)
    sigma = np.sqrt(np.diag(bias.covariance))
    near = view[order]
    count = kernel.near(np.ascontiguousarray(near[:, 0]), near, plots, sigma, 5.0, 2.0, found)
    plots[:, 0] = 20.0
    pairs = np.column_stack((found[:count, 0], order[found[:count, 1]], np.full(count, -1)))
    one, two = space(count), space(count)
    kernel.weigh(sky, bias, space(0), pairs, plots, np.zeros(count), one)
    white = np.zeros((count, 4))
    said = [one.said.copy(), one.y.copy(), one.H.copy()]
    kernel.learn(np.arange(count), plots[pairs[:, 0], 5:].copy(), one, white)
    pairs[:, 2] = np.arange(count)
    plots[:, 0] = 32.0
    kernel.weigh(sky, bias, one, pairs, plots, np.full(count, 12.0), two)
    scale = np.sqrt(np.diagonal(two.P, axis1=1, axis2=2))
    correlation = two.P / (scale[:, :, None] * scale[:, None, :])
    said += [white, two.x / scale, correlation, two.said, np.array((count, *rates))]
    return [float(number) for part in said for number in np.ravel(part)]


def test_compiled_equals_interpreted() -> None:
    """To 1e-9, relative, or absolute in sigmas; three pairs are found, and a state is moved."""
    here = Path(__file__)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(here.parents[2]), *sys.path]),
        "NUMBA_DISABLE_JIT": "1",
    }
    printed = subprocess.run(
        [sys.executable, str(here)], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert numbers()[-3] == 3.0
    assert numbers() == pytest.approx(json.loads(printed), rel=1e-9, abs=1e-9)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(numbers()))
