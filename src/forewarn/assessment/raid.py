"""How many missiles there are, as an interval: the distribution of a sum of unlike chances.

Each track is a missile in flight with its own probability: that it exists at all, that it is no
space launch or satellite, and that it is no spent stage. The number of missiles among independent
tracks has the Poisson-binomial distribution; its interval leaves 5 % on either side.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from forewarn.records import RaidSize

Array = NDArray[np.float64]

TAIL = 0.05
_SURE = 1e-9
_SUMMED_ONE_BY_ONE = 300
# Log-odds that a track in the making follows anything, before its own looks are counted: chance
# chains are that much commoner than objects. Soft; a track is confirmed at twice this score.
_LN_CHANCE = -12.0


def existence(score: float) -> float:
    """The probability that a track follows an object, from its log-likelihood ratio."""
    return 1.0 / (1.0 + math.exp(-min(max(score + _LN_CHANCE, -700.0), 700.0)))


def counted(chances: Iterable[float]) -> RaidSize:
    """The number of missiles among tracks of these probabilities: 90 % interval and mean."""
    p = np.clip(np.fromiter(chances, dtype=np.float64), 0.0, 1.0)
    sure = int((p > 1.0 - _SURE).sum())
    p = p[(p >= _SURE) & (p <= 1.0 - _SURE)]
    expected = sure + float(p.sum())
    if len(p) <= _SUMMED_ONE_BY_ONE:
        cumulative = np.cumsum(number_distribution(p))
        low = int(np.searchsorted(cumulative, TAIL))
        high = int(np.searchsorted(cumulative, 1.0 - TAIL - 1e-12))
    else:
        half = -float(ndtri(TAIL)) * math.sqrt(float((p * (1.0 - p)).sum())) + 0.5
        low = max(0, math.floor(float(p.sum()) - half))
        high = min(len(p), math.ceil(float(p.sum()) + half))
    return RaidSize(low=sure + low, high=sure + min(high, len(p)), expected=expected)


def number_distribution(p: Array) -> Array:
    """Probability (n + 1,) of each number of successes of independent trials (n,)."""
    q = np.zeros(len(p) + 1)
    q[0] = 1.0
    for i, chance in enumerate(p):
        q[1 : i + 2] = q[1 : i + 2] * (1.0 - chance) + q[: i + 1] * chance
        q[0] *= 1.0 - chance
    return q
