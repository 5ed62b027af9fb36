"""The launch behind an arc: solved for, honest, and nothing where there is none."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from forewarn.assessment.launch_arc import Arc, arc_launch
from forewarn.assessment.launch_posterior import LaunchFit
from forewarn.earth import MEAN_RADIUS_M
from tests.tracking.stage import flown

INSTANT_TAI_NS = 10**18
SITE_DEG = (39.3, 125.7)
SIGMAS = np.array((300.0,) * 3 + (5.0,) * 3)


@cache
def known(
    azimuth_deg: float, after_s: float, fell_s: float = 20.0
) -> tuple[LaunchFit, float, float]:
    """The launch of the shipped vehicle from its arc; error [m] and squared distance of the pad.

    The state is that so long after burn-out; that it fell is known from ``fell_s`` after on, or
    with 0 from the state alone.
    """
    trajectory = flown(*SITE_DEG, azimuth_deg)
    state = np.concatenate(trajectory.state_ecef_at(trajectory.burnout_s + after_s))
    fell_at_tai_ns = INSTANT_TAI_NS - round((after_s - fell_s) * 1e9) if fell_s else None
    arc = Arc(INSTANT_TAI_NS, state, np.diag(SIGMAS**2))
    fit = arc_launch(arc, fell_at_tai_ns=fell_at_tai_ns)
    assert fit is not None
    off_m = MEAN_RADIUS_M * np.array(
        (
            math.radians(SITE_DEG[0]) - fit.latitude_rad,
            (math.radians(SITE_DEG[1]) - fit.longitude_rad) * math.cos(fit.latitude_rad),
        )
    )
    d2 = float(off_m @ np.linalg.solve(fit.covariance[:2, :2], off_m))
    return fit, float(np.linalg.norm(off_m)), d2


@pytest.mark.parametrize("azimuth_deg", [72.0, 200.0, 330.0])
def test_the_pad_lies_where_it_says(azimuth_deg: float) -> None:
    """Within three sigma and 40 km, whichever way it flew; drawn back it would miss by 150 km."""
    fit, error_m, d2 = known(azimuth_deg, 20.0)
    assert error_m < 40e3
    assert d2 < 9.0
    turn = math.remainder(float(fit.mean[3]) - math.radians(azimuth_deg), 2.0 * math.pi)
    assert abs(turn) < math.radians(6.0)


def test_the_launch_time_is_that_of_a_burn_before() -> None:
    trajectory = flown(*SITE_DEG, 72.0)
    fit, _, _ = known(72.0, 20.0)
    since_s = -float(fit.mean[2])
    sigma_s = math.sqrt(float(fit.covariance[2, 2]))
    assert abs(since_s - (trajectory.burnout_s + 20.0)) < 3.0 * sigma_s
    assert sigma_s < 60.0


def test_a_later_state_of_the_same_arc_says_the_same() -> None:
    """The arc is one, wherever on it the state is known, if it is known since when it fell."""
    early, _, _ = known(72.0, 20.0)
    late, _, _ = known(72.0, 120.0)
    unaware, _, _ = known(72.0, 120.0, fell_s=0.0)

    def sigma_m(fit: LaunchFit) -> float:
        return math.sqrt(float(np.trace(fit.covariance[:2, :2])))

    apart_m = MEAN_RADIUS_M * math.hypot(
        early.latitude_rad - late.latitude_rad,
        (early.longitude_rad - late.longitude_rad) * math.cos(early.latitude_rad),
    )
    assert apart_m < 0.8 * sigma_m(early)
    assert sigma_m(unaware) > 1.3 * sigma_m(late)


def test_an_orbit_has_no_launch() -> None:
    """What does not come down, followed back, was launched who knows where."""
    state = np.array((7.0e6, 0.0, 0.0, 0.0, 7_100.0, 0.0))
    assert arc_launch(Arc(INSTANT_TAI_NS, state, np.diag(SIGMAS**2))) is None


@pytest.mark.parametrize("trouble", [math.nan, math.inf])
def test_numbers_that_are_none_are_no_launch(trouble: float) -> None:
    state = np.full(6, trouble)
    assert arc_launch(Arc(INSTANT_TAI_NS, state, np.diag(SIGMAS**2))) is None
