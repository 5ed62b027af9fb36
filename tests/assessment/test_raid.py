"""How many missiles: the interval is that of the exact distribution of the number."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from forewarn.assessment.raid import counted, existence, number_distribution


@given(st.lists(st.floats(0.0, 1.0), max_size=8))
def test_the_distribution_is_that_of_all_outcomes(chances: list[float]) -> None:
    """Added up one by one over every subset."""
    expected = np.zeros(len(chances) + 1)
    for outcome in itertools.product((0, 1), repeat=len(chances)):
        p = np.prod([c if o else 1.0 - c for c, o in zip(chances, outcome, strict=True)])
        expected[sum(outcome)] += p
    assert number_distribution(np.array(chances)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("count", [10, 250, 1_000])
def test_alike_chances_give_the_binomial_interval(count: int) -> None:
    """Against scipy's quantiles; beyond some hundred the interval may be one wider."""
    found = counted([0.3] * count)
    low, high = binom.ppf([0.05, 0.95], count, 0.3)
    slack = 0 if count < 300 else 1
    assert low - slack <= found.low <= low
    assert high <= found.high <= high + slack
    assert found.expected == pytest.approx(0.3 * count)


def test_certain_ones_are_counted_and_nobody_is_none() -> None:
    assert (counted([]).low, counted([]).high) == (0, 0)
    found = counted([1.0] * 5 + [0.0] * 7)
    assert (found.low, found.high, found.expected) == (5, 5, 5.0)
    one_more = counted([1.0] * 5 + [0.5])
    assert (one_more.low, one_more.high) == (5, 6)


def test_the_interval_holds_what_it_says() -> None:
    """Raids drawn from their own chances: at least nine in ten lie inside."""
    random = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        chances = random.beta(0.6, 0.4, 40)
        found = counted(chances)
        held += found.low <= (random.random(40) < chances).sum() <= found.high
    assert held / 400 > 0.88


def test_a_track_exists_by_its_score() -> None:
    assert existence(25.0) > 0.999
    assert existence(0.0) < 1e-4
    assert existence(12.0) == pytest.approx(0.5)
