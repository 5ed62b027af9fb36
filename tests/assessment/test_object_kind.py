"""A missile or what fell off it: each sign moves the probability the right way, by its size."""

from __future__ import annotations

import math

import pytest
from scipy.integrate import quad
from scipy.stats import norm

from forewarn.assessment.object_kind import LN_STAGE_DRAG, Sight, stage_probability
from forewarn.kernels import filter as kernel

ALONE = Sight(parent_boosting=None, has_children=False, ln_drag=None)


def test_a_lone_track_is_hardly_a_stage() -> None:
    assert stage_probability(ALONE) == pytest.approx(0.02)
    assert not ALONE.has_relatives


def test_what_fell_off_a_thrusting_track_is_a_stage() -> None:
    assert stage_probability(Sight(1.0, has_children=False, ln_drag=None)) > 0.95
    assert stage_probability(Sight(0.0, has_children=False, ln_drag=None)) == pytest.approx(0.5)


def test_light_for_its_size_is_a_stage_and_heavy_is_not() -> None:
    """100 kg/m2 against 5,000, each known to a fifth."""
    pair = 0.5
    light = Sight(0.0, has_children=False, ln_drag=(-math.log(100.0), 0.2))
    heavy = Sight(0.0, has_children=False, ln_drag=(-math.log(5_000.0), 0.2))
    assert stage_probability(light) > 0.99 > pair > 0.02 > stage_probability(heavy)


def test_drag_that_is_only_the_prior_says_nothing() -> None:
    blind = Sight(0.0, has_children=False, ln_drag=kernel.LN_DRAG_PRIOR)
    assert stage_probability(blind) == pytest.approx(0.5)


def test_the_ratio_of_the_drag_is_that_of_the_integrals() -> None:
    """The likelihood freed of its prior, integrated numerically over what each kind has."""
    mean0, sigma0 = kernel.LN_DRAG_PRIOR
    mean, sigma = -7.6, 0.34

    def likelihood(x: float) -> float:
        return float(norm.pdf(x, mean, sigma) / norm.pdf(x, mean0, sigma0))

    def over(prior: tuple[float, float]) -> float:
        return float(quad(lambda x: likelihood(x) * norm.pdf(x, *prior), -12.0, 0.0, limit=200)[0])

    expected = over(LN_STAGE_DRAG) / over((mean0, sigma0))
    found = stage_probability(Sight(0.0, has_children=False, ln_drag=(mean, sigma)))
    assert found / (1.0 - found) == pytest.approx(expected, rel=1e-3)


def test_a_large_cross_section_speaks_for_a_stage() -> None:
    large = Sight(None, has_children=True, ln_drag=None, ln_section=(math.log(15.0), 0.3))
    small = Sight(None, has_children=True, ln_drag=None, ln_section=(math.log(0.1), 0.3))
    assert stage_probability(large) > 3.0 * 0.02
    assert stage_probability(small) < 0.02
