"""Small real extracts that the clutter is tested against; tools/clutter_extracts.py made them."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_VECTORS = Path(__file__).resolve().parents[1] / "vectors"


@cache
def columns(name: str) -> dict[str, Array]:
    """The columns of an extract as numbers, nan where a cell is empty."""
    with (_VECTORS / name).open(encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    return {
        key: np.array([float(row[key]) if row[key] else np.nan for row in rows])
        for key in rows[0]
        if not key.endswith("_utc")
    }


def known(name: str, key: str) -> Array:
    """A column without its empty cells."""
    values = columns(name)[key]
    return values[~np.isnan(values)]
