"""A burn flown on: against the motion model flown step by step, and against plain Python."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from forewarn.kernels.burn_on import burn_on, burn_on_all, thrust
from forewarn.kernels.flight import acceleration
from tests.kernels.looks import above

NEVER = np.array((1e9, 15.0, 0.006, 0.0, 0.0))


def start(a: float = 20.0, k: float = 0.006) -> np.ndarray:
    """Over 0.7, 2.2 rad at 60 km, 1.5 km/s, climbing."""
    x = np.empty(8)
    x[:3] = above(0.7, 2.2, 60e3)
    up = x[:3] / np.linalg.norm(x[:3])
    east = np.cross((0.0, 0.0, 1.0), up)
    east /= np.linalg.norm(east)
    x[3:6] = 1_000.0 * up + 1_118.0 * east
    x[6:] = a, k
    return x


def ends(x: np.ndarray, plan: np.ndarray, speeds: np.ndarray) -> np.ndarray:
    out = np.empty((len(speeds), 7))
    burn_on(x, plan, speeds, 600.0, out)
    return out


def test_it_is_where_an_accurate_integration_is_at_every_speed() -> None:
    """scipy's DOP853 with the same equation of motion, to 30 m and 0.6 m/s."""
    x = start()

    def slope(t: float, y: np.ndarray) -> np.ndarray:
        out = np.empty(3)
        acceleration(y, x[6] / (1.0 - x[7] * t), 0.0, out)
        return np.concatenate((y[3:], out))

    flown = solve_ivp(slope, (0.0, 120.0), x[:6], method="DOP853", rtol=1e-10, dense_output=True)
    speeds = np.array((1_500.0, 2_000.0, 3_000.0, 4_000.0))
    for row in ends(x, NEVER, speeds):
        y = flown.sol(row[6])
        assert row[:3] == pytest.approx(y[:3], abs=30.0)
        assert row[3:6] == pytest.approx(y[3:], abs=0.6)


def test_speeds_that_it_has_are_now_and_those_it_never_gets_are_no_numbers() -> None:
    out = ends(start(), NEVER, np.array((500.0, 1_600.0)))
    assert out[0] == pytest.approx((*start()[:6], 0.0))
    weak = ends(start(a=2.0, k=0.0), NEVER, np.array((1_600.0, 9_000.0)))
    assert np.isnan(weak[1]).all()
    broken = start()
    broken[0] = math.nan
    assert np.isnan(ends(broken, NEVER, np.array((1_600.0,)))).all()


def test_a_stage_that_ends_goes_on_with_the_next_ones_thrust() -> None:
    """From 25 m/s2 on at 10: it takes longer to the same speed than without staging."""
    staged = NEVER.copy()
    staged[:3] = 25.0, 10.0, 0.004
    speeds = np.array((1_700.0, 3_500.0))
    one, two = ends(start(), NEVER, speeds), ends(start(), staged, speeds)
    assert two[0] == pytest.approx(one[0])
    assert two[1, 6] > one[1, 6] + 20.0


def test_thrust_off_the_velocity_turns_it_that_way() -> None:
    """Pitch lifts, yaw goes to the right of the flight; both by their share of the thrust."""
    x = start()
    plain, pitched, yawed = np.empty(3), np.empty(3), np.empty(3)
    thrust(x[:6], 20.0, 0.0, 0.0, plain)
    thrust(x[:6], 20.0, 0.05, 0.0, pitched)
    thrust(x[:6], 20.0, 0.0, 0.05, yawed)
    right = np.cross(x[3:6], x[:3])
    right /= np.linalg.norm(right)
    lift = np.cross(right, x[3:6] / np.linalg.norm(x[3:6]))
    assert pitched - plain == pytest.approx(lift, abs=1e-9)
    assert lift @ x[:3] > 0.0
    assert yawed - plain == pytest.approx(right, abs=1e-9)
    straight = np.concatenate((x[:3], 1_500.0 * x[:3] / np.linalg.norm(x[:3])))
    thrust(straight, 20.0, 0.05, 0.05, pitched)
    assert np.isfinite(pitched).all()


PROGRAM = """
import numpy as np
from forewarn.kernels.burn_on import burn_on_all
x = np.array([[4.2e6, 2.1e6, 4.3e6, 600.0, 900.0, 1000.0, 20.0, 0.006]] * 2)
plans = np.array(((40.0, 15.0, 0.006, 0.05, -0.03), (1e9, 15.0, 0.006, 0.0, 0.0)))
out = np.empty((2, 4, 7))
burn_on_all(x, plans, np.array(((1000.0, 2000.0, 4000.0, 6000.0),) * 2), 600.0, out)
print(" ".join(float(v).hex() for v in out.ravel()))
"""


def test_compiled_equals_interpreted() -> None:
    """To 1e-12, relative."""
    printed = []
    for disabled in ("0", "1"):
        result = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(sys.path),
                "NUMBA_DISABLE_JIT": disabled,
            },
            capture_output=True,
            text=True,
            check=True,
        )
        printed.append([float.fromhex(v) for v in result.stdout.split()])
    assert printed[0] == pytest.approx(printed[1], rel=1e-12)


def test_many_are_as_one_by_one() -> None:
    starts, speeds = np.stack((start(), start(a=30.0))), np.array(((2_000.0,), (2_500.0,)))
    out = np.empty((2, 1, 7))
    burn_on_all(starts, np.stack((NEVER, NEVER)), speeds, 600.0, out)
    for i in range(2):
        assert (out[i] == ends(starts[i], NEVER, speeds[i])).all()
