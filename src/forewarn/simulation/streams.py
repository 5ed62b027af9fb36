"""Random streams: one for each run and name, so that no draw of one changes a draw of another."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, *names: str) -> np.random.Generator:
    """Return the generator of a run's seed for a name such as a sensor id, and parts of it.

    Streams of different names are independent: adding a sensor or a launch to a scenario leaves
    the noise of every other one as it was. Names are hashed, so the order of a list is nothing.
    """
    key = tuple(int.from_bytes(hashlib.sha256(n.encode()).digest()[:4], "big") for n in names)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))
