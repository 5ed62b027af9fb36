"""Pairing: candidates as by brute force, the best assignment as scipy's, all hypotheses counted."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from forewarn.kernels import clusters, pairing

Array = NDArray[np.float64]
TURN = 2.0 * math.pi


def brute_pairs(
    expected: Array, radius: Array, plots: Array, period: Array
) -> set[tuple[int, int]]:
    """Every pair inside its box, by looking at all."""
    away = plots[None] - expected[:, None]
    turns = np.where(period > 0.0, np.round(away / np.where(period > 0.0, period, 1.0)), 0.0)
    return {
        (int(i), int(j))
        for i, j in np.argwhere((np.abs(away - turns * period) <= radius[:, None]).all(axis=2))
    }


def found_pairs(
    expected: Array, radius: Array, plots: Array, period: Array
) -> list[tuple[int, int]]:
    """What the kernel finds, in its order."""
    pairs = np.full((200_000, 2), -1)
    count = pairing.candidate_pairs(expected, radius, plots, period, pairs)
    return [(int(i), int(j)) for i, j in pairs[:count]]


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("share", [0.003, 0.05, 0.9])
def test_candidates_are_those_in_the_box(width: int, share: float) -> None:
    """Small and huge boxes, one to four coordinates, the second one periodic; sorted, complete."""
    random = np.random.default_rng(width)
    period = np.array((0.0, TURN, 0.0, 0.0))[:width]
    size = np.array((3e6, TURN, 1.5, 7e3))[:width]
    plots = random.uniform(-0.5, 0.5, (300, width)) * size
    expected = random.uniform(-0.7, 0.7, (200, width)) * size
    radius = random.uniform(0.1, 1.0, (200, width)) * share * size
    found = found_pairs(expected, radius, plots, period)
    assert set(found) == brute_pairs(expected, radius, plots, period)
    assert found == sorted(found)


def test_candidates_across_the_seam() -> None:
    """An azimuth just east of north meets one just west of it, also a turn away."""
    found = found_pairs(
        np.array(((0.01,), (TURN - 0.01,))),
        np.full((2, 1), 0.05),
        np.array(((TURN - 0.02,), (0.02,), (1.0,), (-0.02,))),
        np.array((TURN,)),
    )
    assert found == [(0, 0), (0, 1), (0, 3), (1, 0), (1, 1), (1, 3)]


def test_candidates_survive_bad_numbers() -> None:
    """NaN, infinite and huge coordinates and boxes are never paired, and the rest is found."""
    plots = np.array(((1.0, 0.1), (math.nan, 0.1), (math.inf, 0.1), (1e300, 0.1), (1.1, math.nan)))
    expected = np.array(((1.0, 0.1), (math.nan, 0.0), (1.0, 0.1), (1.0, 1e308)))
    radius = np.array(((0.5, 0.1), (1.0, 1.0), (math.inf, 0.1), (1.0, math.nan)))
    assert found_pairs(expected, radius, plots, np.array((0.0, TURN))) == [(0, 0)]
    nothing = np.empty((0, 2))
    assert found_pairs(expected, radius, nothing, np.zeros(2)) == []
    assert found_pairs(nothing, nothing, plots, np.zeros(2)) == []


def test_candidates_beyond_the_room_are_counted() -> None:
    """A full list says how long it should have been, and what it holds is right."""
    pairs = np.full((7, 2), -1)
    spots = np.zeros((5, 1))
    assert pairing.candidate_pairs(spots, np.ones((5, 1)), spots, np.zeros(1), pairs) == 25
    assert {tuple(p) for p in pairs} <= set(itertools.product(range(5), range(5)))


def sparse(gain: Array) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    """Rows of finite entries as the kernel wants them."""
    keep = ~np.isneginf(gain)
    first = np.concatenate(((0,), np.cumsum(keep.sum(axis=1))))
    return first, np.nonzero(keep)[1], gain[keep]


def assigned(gain: Array) -> list[int]:
    """The plot of each track, or -1."""
    first, plot, worth = sparse(gain)
    chosen = np.empty(len(gain), np.int64)
    pairing.assign(first, plot, worth, gain.shape[1], chosen)
    return [int(plot[k]) if k >= 0 else -1 for k in chosen]


def total(gain: Array, plots: list[int]) -> float:
    """Summed gain of an assignment, which must be one."""
    taken = [j for j in plots if j >= 0]
    assert len(set(taken)) == len(taken)
    return math.fsum(gain[i, j] for i, j in enumerate(plots) if j >= 0)


def scipy_total(gain: Array) -> float:
    """The optimum by scipy's dense solver, with a column to stay alone in for each track."""
    n = len(gain)
    padded = np.hstack((np.where(np.isfinite(gain), gain, -1e9), np.zeros((n, n))))
    rows, columns = linear_sum_assignment(padded, maximize=True)
    return float(padded[rows, columns].sum())


@pytest.mark.parametrize("seed", range(60))
def test_assignment_is_optimal(seed: int) -> None:
    """Of any shape and density, gains of both signs: as good as scipy's optimum."""
    random = np.random.default_rng(seed)
    n, m = random.integers(1, 60, 2)
    gain = random.normal(2.0, 4.0, (n, m))
    gain[random.uniform(size=(n, m)) > random.choice((0.05, 0.3, 1.0))] = -math.inf
    assert total(gain, assigned(gain)) == pytest.approx(scipy_total(gain), abs=1e-9)


def test_assignment_of_ties_and_crowds() -> None:
    """Equal integer gains (many optima) and more tracks than plots: optimal, lower index first."""
    random = np.random.default_rng(5)
    for _ in range(40):
        gain = random.integers(-1, 4, random.integers(1, 25, 2)).astype(float)
        assert total(gain, assigned(gain)) == scipy_total(gain)
    assert assigned(np.ones((3, 3))) == [0, 1, 2]
    assert assigned(np.ones((3, 1))) == [0, -1, -1]
    assert assigned(np.zeros((2, 2))) == [-1, -1]


def test_assignment_survives_bad_numbers() -> None:
    """NaN and infinite gains are never chosen; huge ones do not loop."""
    gain = np.array(((math.nan, 2.0), (math.inf, 3.0), (1e300, math.nan)))
    plots = assigned(gain)
    assert plots == [-1, 1, 0]
    assert assigned(np.full((4, 4), math.nan)) == [-1] * 4


def hypotheses(gain: Array) -> list[tuple[float, tuple[int, ...]]]:
    """All of them, with their summed gain, best first."""
    n, m = gain.shape
    found = []
    for plots in itertools.product(range(-1, m), repeat=n):
        taken = [j for j in plots if j >= 0]
        worth = math.fsum(gain[i, j] for i, j in enumerate(plots) if j >= 0)
        if len(set(taken)) == len(taken) and worth > -math.inf:
            found.append((worth, plots))
    return sorted(found, reverse=True)


def small_cluster(seed: int) -> Array:
    """A random cluster, with impossible pairs."""
    random = np.random.default_rng(seed)
    gain = random.normal(1.0, 3.0, random.integers(1, 5, 2))
    gain[random.uniform(size=gain.shape) > 0.8] = -math.inf
    return gain


@pytest.mark.parametrize("seed", range(20))
def test_joint_probabilities_are_those_of_all_hypotheses(seed: int) -> None:
    """Marginals by recursion equal the sum over every hypothesis."""
    gain = small_cluster(seed)
    n, m = gain.shape
    expected = np.zeros((n, m + 1))
    for worth, plots in hypotheses(gain):
        for i, j in enumerate(plots):
            expected[i, j] += math.exp(worth)  # -1 is the last column
    expected /= expected.sum(axis=1, keepdims=True)
    out = np.empty((n, m + 1))
    assert clusters.association_probabilities(gain, out)
    assert out == pytest.approx(expected, abs=1e-12)


def test_joint_probabilities_beyond_the_cap() -> None:
    """Thirteen well separated pairs: said to be inexact, and within 1e-4 of independent ones."""
    gain = np.full((13, 13), -math.inf)
    np.fill_diagonal(gain, 9.0)
    out = np.empty((13, 14))
    assert not clusters.association_probabilities(gain, out)
    assert np.diagonal(out) == pytest.approx(1.0 / (1.0 + math.exp(-9.0)), abs=1e-4)
    wide = np.full((2, 40), -math.inf)
    wide[0, 3], wide[1, 3], wide[1, 30] = 800.0, 800.0, 790.0
    out = np.empty((2, 41))
    assert clusters.association_probabilities(wide, out)
    assert out[0, 3] == pytest.approx(1.0)
    assert out[1, 30] == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(20))
def test_k_best_are_the_best(seed: int) -> None:
    """The ten best of all hypotheses, in order, without repetition."""
    gain = small_cluster(seed + 100)
    everything = hypotheses(gain)
    chosen, worth = np.empty((10, len(gain)), np.int64), np.empty(10)
    count = clusters.k_best(gain, chosen, worth)
    assert count == min(10, len(everything))
    assert worth[:count] == pytest.approx([w for w, _ in everything[:count]])
    assert len({tuple(c) for c in chosen[:count]}) == count
    for w, c in zip(worth[:count], chosen[:count], strict=True):
        assert total(gain, [int(j) for j in c]) == pytest.approx(w)


def test_clusters_are_the_connected_ones() -> None:
    """Tracks 0 and 2 share plot 1; track 1 has plot 3; plots 0, 2 and track 3 nobody."""
    label = np.empty(8, np.int64)
    pairs = np.array(((0, 1), (1, 3), (2, 1)))
    assert clusters.label_clusters(pairs, 4, 4, label) == 5
    assert label.tolist() == [0, 1, 0, 2, 3, 0, 4, 1]
