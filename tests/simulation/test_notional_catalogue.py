"""The notional catalogue: nobody's objects, in everybody's orbits."""

from __future__ import annotations

import math

import numpy as np

from forewarn.orbits import Catalogue
from forewarn.simulation.notional_catalogue import (
    FIRST_NUMBER,
    cross_sections_m2,
    notional_catalogue,
)
from tests.simulation.scenes import ORIENTATION, START


def test_shares_of_the_regimes() -> None:
    """Heights fall into the four regimes as stated; SGP4 can propagate every object for a day."""
    catalogue = Catalogue(notional_catalogue(5_000, seed=1, epoch_tai_ns=START))
    instants = START + np.array([0, 86_400_000_000_000])
    position, _, codes = catalogue.states_ecef(instants, ORIENTATION)
    assert not codes.any()
    assert np.linalg.norm(position, axis=2).min() > 6_378e3 + 200e3
    axes_m = np.array([3.986008e14 / e.mean_motion_rad_s**2 for e in catalogue.elements]) ** (1 / 3)
    eccentricity = np.array([e.eccentricity for e in catalogue.elements])
    shares = [
        np.mean(axes_m < 8_400e3),
        np.mean((axes_m > 25_000e3) & (axes_m < 28_000e3) & (eccentricity < 0.1)),
        np.mean((axes_m > 41_900e3) & (eccentricity < 0.1)),
        np.mean(eccentricity > 0.1),
    ]
    np.testing.assert_allclose(shares, [0.82, 0.03, 0.05, 0.10], atol=0.02)


def test_a_larger_catalogue_begins_with_the_smaller() -> None:
    """Seed and number decide an object; another seed gives others."""
    small = notional_catalogue(20, seed=1, epoch_tai_ns=START)
    assert notional_catalogue(50, seed=1, epoch_tai_ns=START)[:20] == small
    assert notional_catalogue(20, seed=2, epoch_tai_ns=START) != small
    assert [e.catalogue_number for e in small] == list(range(FIRST_NUMBER, FIRST_NUMBER + 20))
    assert {e.origin for e in small} == {"notional"}


def test_cross_sections_are_of_seed_and_number() -> None:
    """In any order and company the same; small, medium and large objects in the stated shares."""
    numbers = np.arange(20_000) + 5
    drawn = cross_sections_m2(numbers, seed=3)
    np.testing.assert_array_equal(cross_sections_m2(numbers[::-7], seed=3), drawn[::-7])
    assert not np.array_equal(cross_sections_m2(numbers, seed=4), drawn)
    # Public size classes (small below 0.1 m2, large above 1 m2); shares from memory, soft.
    assert 0.35 < np.mean(drawn < 0.1) < 0.55
    assert 0.25 < np.mean(drawn > 1.0) < 0.4
    assert math.isclose(float(np.median(drawn)), 0.13, rel_tol=0.5)
