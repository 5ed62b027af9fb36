"""Fires and flares as CSV: place, power, temperature and height, one a line."""

from __future__ import annotations

import math
from pathlib import Path

from forewarn.formats.document import read_text
from forewarn.formats.faults import FormatError
from forewarn.formats.rows import Columns, read_rows
from forewarn.simulation.clutter import HotSpot

_COLUMNS = Columns(
    "a file of hot spots",
    (
        ("latitude_deg", -90.0, 90.0),
        ("longitude_deg", -180.0, 180.0),
        ("radiant_power_mw", 0.001, 100_000.0),
        ("temperature_k", 400.0, 4_000.0),
        ("height_m", -500.0, 9_000.0),
    ),
)
HEADER = _COLUMNS.header


def load_hot_spots(path: Path) -> tuple[HotSpot, ...]:
    """Return the hot spots of a file. Raises FormatError."""
    return read_hot_spots(read_text(path), file=str(path))


def read_hot_spots(text: str, *, file: str) -> tuple[HotSpot, ...]:
    """Return the hot spots of a text, as `load_hot_spots` does."""
    spots = tuple(_spot(row) for _, row in read_rows(text, _COLUMNS, file=file))
    if not spots:
        raise FormatError("no hot spots", file=file, mend="check that the file is complete")
    return spots


def _spot(row: tuple[float, ...]) -> HotSpot:
    latitude_deg, longitude_deg, power_mw, temperature_k, height_m = row
    return HotSpot(
        latitude_rad=math.radians(latitude_deg),
        longitude_rad=math.radians(longitude_deg),
        height_m=height_m,
        radiant_power_w=power_mw * 1e6,
        temperature_k=temperature_k,
    )
