"""Drag against Mach number: level, peak, level, without a step."""

from __future__ import annotations

import numpy as np
import pytest

from forewarn.kernels.drag import MACH_TOP, drag_factor


@pytest.mark.parametrize(
    ("mach", "factor", "within"),
    [  # V-2 at zero angle of attack, read off Sutton and Biblarz figure 4-4, over its Mach 5 value
        (0.3, 1.0, 0.02),
        (1.2, 2.7, 0.15),
        (2.0, 1.85, 0.15),
        (3.0, 1.35, 0.15),
        (5.0, 1.0, 1e-3),
        (25.0, 1.0, 0.0),
    ],
)
def test_the_shape_is_the_published_one(mach: float, factor: float, within: float) -> None:
    """Level below Mach 0.7, a peak near 1.2, level again from 5 up."""
    assert drag_factor(mach) == pytest.approx(factor, abs=within)


def test_it_has_no_step_and_no_negative_value() -> None:
    """An adaptive integrator must not trip over it."""
    machs = np.arange(0.0, 6.0, 1e-3)
    values = np.array([drag_factor(m) for m in machs])
    assert values.min() > 0.98
    assert np.abs(np.diff(values)).max() < 0.02
    assert drag_factor(MACH_TOP - 1e-9) == pytest.approx(drag_factor(MACH_TOP), abs=1e-6)


def test_a_speed_that_is_no_number_gives_a_number() -> None:
    """The integrator sees trouble in the state, not in the drag."""
    assert drag_factor(float("nan")) == 1.0
