"""Fires and flares as CSV: place, power and temperature, one a line."""

from __future__ import annotations

import math
from pathlib import Path

from forewarn.formats.document import read_text
from forewarn.formats.faults import FormatError, excerpt
from forewarn.simulation.clutter import HotSpot

HEADER = "latitude_deg,longitude_deg,radiant_power_mw,temperature_k,height_m"

_MOST_SPOTS = 100_000
_RANGES = (
    ("latitude_deg", -90.0, 90.0),
    ("longitude_deg", -180.0, 180.0),
    ("radiant_power_mw", 0.001, 100_000.0),
    ("temperature_k", 400.0, 4_000.0),
    ("height_m", -500.0, 9_000.0),
)


def load_hot_spots(path: Path) -> tuple[HotSpot, ...]:
    """Return the hot spots of a file. Raises FormatError."""
    return read_hot_spots(read_text(path), file=str(path))


def read_hot_spots(text: str, *, file: str) -> tuple[HotSpot, ...]:
    """Return the hot spots of a text, as `load_hot_spots` does."""
    lines = text.splitlines()
    header = "".join(lines[0].split()) if lines else ""
    if header != HEADER:
        raise FormatError(
            "the header of a file of hot spots is missing",
            file=file,
            line=1,
            value=header,
            mend=f"make the first line '{HEADER}'",
        )
    spots: list[HotSpot] = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        if len(spots) == _MOST_SPOTS:
            mend = f"thin the rows to at most {_MOST_SPOTS}"
            raise FormatError("too many rows", file=file, line=number, mend=mend)
        spots.append(_read_spot(line, file, number))
    if not spots:
        raise FormatError("no hot spots", file=file, mend="check that the file is complete")
    return tuple(spots)


def _read_spot(line: str, file: str, number: int) -> HotSpot:
    cells = line.split(",")
    if len(cells) != len(_RANGES):
        raise FormatError(
            f"{len(cells)} values in the row",
            file=file,
            line=number,
            value=line,
            mend=f"write five: {HEADER}",
        )
    values = []
    for cell, (name, least, most) in zip(cells, _RANGES, strict=True):
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise FormatError(
                f"'{excerpt(cell.strip())}' is not a number from {least:g} to {most:g}",
                file=file,
                line=number,
                path=name,
                value=cell,
                mend="correct or remove the row",
            )
        values.append(value)
    latitude_deg, longitude_deg, power_mw, temperature_k, height_m = values
    return HotSpot(
        latitude_rad=math.radians(latitude_deg),
        longitude_rad=math.radians(longitude_deg),
        height_m=height_m,
        radiant_power_w=power_mw * 1e6,
        temperature_k=temperature_k,
    )
