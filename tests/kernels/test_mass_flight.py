"""The lane kernel of whole flights: its instructions, its air, its laws of conservation."""

from __future__ import annotations

import re

import llvmlite.binding
import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from forewarn.kernels import mass_flight
from forewarn.kernels.air import density_kg_m3, speed_of_sound_m_s
from forewarn.kernels.drag import drag_factor
from forewarn.kernels.jit import kernel
from forewarn.kernels.lanes import exp

Array = NDArray[np.float64]

AVX2 = bool(llvmlite.binding.get_host_cpu_features().get("avx2", False))


def assembly() -> str:
    """Instructions of the lane loop, compiled anew: numba shows none that come from a cache."""
    compiled = numba.njit(error_model="numpy", nogil=True)(mass_flight.fly_lanes.py_func)
    (signature,) = mass_flight.fly_lanes.signatures
    compiled.compile(signature)
    return str(compiled.inspect_asm(signature))


@pytest.mark.skipif(not AVX2 or numba.config.DISABLE_JIT, reason="counts registers of AVX2 up")
def test_the_lane_loops_are_vectors() -> None:
    """Square roots of place, speed and height are packed, and nearly all arithmetic is."""
    fly_nothing()
    text = assembly()
    packed = re.findall(r"\tv(?:add|sub|mul|div|sqrt)pd\t.*%[yz]mm", text)
    roots = re.findall(r"\tvsqrtpd\t.*%[yz]mm", text)
    assert len(roots) >= 3
    assert len(packed) > 600


def fly_nothing() -> None:
    """Compile the kernel for the types that it is called with."""
    results, status = np.zeros((0, mass_flight.RESULT_COLUMNS)), np.zeros(0, np.int64)
    starts = np.zeros((0, mass_flight.START_COLUMNS))
    plans = np.zeros((0, mass_flight.PLAN_COLUMNS))
    world = (4e14, 6.4e6, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    mass_flight.fly_lanes(starts, plans, world, 1.0, 1, results, status)


@kernel
def look_up(heights: Array, machs: Array, out: Array) -> None:
    """Density, speed of sound and drag factor from the tables of the lane kernel."""
    w = np.zeros(mass_flight._ROWS * mass_flight.LANES)
    world = (4e14, 6.4e6, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    lanes = mass_flight.LANES
    for i in range(heights.shape[0]):
        w[0] = 6.4e6 + heights[i]
        mass_flight._locate(w, 0, 0, world)
        w[3 * lanes] = 1.0
        mass_flight._breathe(w, 0, 0)
        out[i, 0] = exp(w[mass_flight._LN_RHO * lanes])
        # With mass and speed 1: 1 / (m v c), and the cell of the Mach number 1 / c.
        mach = w[mass_flight._CELL * lanes] + w[mass_flight._PART * lanes]
        out[i, 1] = 1.0 / (mach * mass_flight.MACH_STEP)
        w[3 * lanes] = machs[i] * out[i, 1]
        mass_flight._locate(w, 0, 0, world)
        mass_flight._breathe(w, 0, 0)
        cell = np.uint32(4 * np.int32(w[mass_flight._CELL * lanes]))
        out[i, 2] = mass_flight._cubic(mass_flight._DRAG, cell, w[mass_flight._PART * lanes])


def test_the_air_is_that_of_the_other_kernels() -> None:
    """Density, speed of sound and drag against `air` and `drag`, from below the ground to space."""
    heights = np.concatenate((np.linspace(-500.0, 250e3, 3_000), np.linspace(250e3, 1_100e3, 500)))
    machs = np.linspace(0.01, 8.0, len(heights))
    out = np.empty((len(heights), 3))
    look_up(heights, machs, out)
    # Heights come back from a radius, to a nanometre or two.
    density = np.array([density_kg_m3(h) for h in heights])
    assert out[:, 0] == pytest.approx(density, rel=1e-9, abs=1e-30)
    assert out[:, 1] == pytest.approx([speed_of_sound_m_s(h) for h in heights], rel=1e-9)
    assert out[:, 2] == pytest.approx([drag_factor(m) for m in machs], rel=1e-6)
