"""Random streams: one for each run and name, so that no draw of one changes a draw of another.

A `stream` is a generator, to be drawn from in order. A `KeyedStream` has no order: it maps a pair
of whole numbers (which object, which look) to draws, for a hundred thousand pairs at once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Words = NDArray[np.uint64]

# Philox4x64-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
# SC 2011, section 3.3 and the authors' Random123 (multipliers; Weyl steps of the key).
_ROUNDS = 10
_MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
_KEY_STEPS = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
_WORD = 2**64 - 1
_HALF_BITS = np.uint64(32)
_HALF_WORD = np.uint64(2**32 - 1)


def stream(seed: int, *names: str) -> np.random.Generator:
    """Return the generator of a run's seed for a name such as a sensor id, and parts of it.

    Streams of different names are independent: adding a sensor or a launch to a scenario leaves
    the noise of every other one as it was. Names are hashed, so the order of a list is nothing.
    """
    return np.random.Generator(np.random.PCG64(_seed_sequence(seed, names)))


def _seed_sequence(seed: int, names: tuple[str, ...]) -> np.random.SeedSequence:
    key = tuple(int.from_bytes(hashlib.sha256(n.encode()).digest()[:4], "big") for n in names)
    return np.random.SeedSequence(seed, spawn_key=key)


@final
@dataclass(frozen=True, slots=True, eq=False)
class KeyedStream:
    """Draws that depend on a run's seed, a name and two whole numbers; build with `keyed_stream`.

    The generator is Philox4x64-10 with the two numbers as its counter, so that what is drawn for
    one pair does not depend on which others are asked for, or in what order.
    """

    key: tuple[int, int]

    def uniforms(self, first: NDArray[np.int64], second: NDArray[np.int64], count: int) -> Array:
        """Return ``count`` draws (n, count), above zero and below one, for each of n pairs."""
        blocks = -(-count // 4)
        words = np.concatenate(
            [
                philox((np.uint64(block), first, second, np.uint64(0)), self.key)
                for block in range(blocks)
            ],
            axis=1,
        )
        return ((words[:, :count] >> np.uint64(11)).astype(float) + 0.5) * 2.0**-53


def keyed_stream(seed: int, *names: str) -> KeyedStream:
    """Return the draws of a run's seed for a name and parts of it, in any order."""
    a, b = _seed_sequence(seed, names).generate_state(2, np.uint64).tolist()
    return KeyedStream(key=(a, b))


def philox(
    counter: tuple[np.uint64, NDArray[np.int64], NDArray[np.int64], np.uint64],
    key: tuple[int, int],
) -> Words:
    """Return four random words (n, 4) for each of n counters, by Philox4x64-10."""
    shape = np.broadcast_shapes(*(np.shape(c) for c in counter))
    c0, c1, c2, c3 = (np.broadcast_to(c, shape).astype(np.uint64) for c in counter)
    k0, k1 = key
    for _ in range(_ROUNDS):
        high_0, low_0 = _product(c0, _MULTIPLIERS[0])
        high_1, low_1 = _product(c2, _MULTIPLIERS[1])
        c0, c1, c2, c3 = (
            high_1 ^ c1 ^ np.uint64(k0),
            low_1,
            high_0 ^ c3 ^ np.uint64(k1),
            low_0,
        )
        k0, k1 = (k0 + _KEY_STEPS[0]) & _WORD, (k1 + _KEY_STEPS[1]) & _WORD
    return np.stack((c0, c1, c2, c3), axis=-1)


def _product(a: Words, b: int) -> tuple[Words, Words]:
    """Return the upper and the lower word of a product of two words."""
    a_high, a_low = a >> _HALF_BITS, a & _HALF_WORD
    b_high, b_low = np.uint64(b >> 32), np.uint64(b & 0xFFFFFFFF)
    middle = a_high * b_low + (a_low * b_low >> _HALF_BITS)
    other = a_low * b_high + (middle & _HALF_WORD)
    return a_high * b_high + (middle >> _HALF_BITS) + (other >> _HALF_BITS), a * np.uint64(b)
