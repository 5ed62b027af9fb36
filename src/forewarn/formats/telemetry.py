"""Telemetry of a real ascent as CSV: ``time_s,speed_m_s,altitude_m``, one sample a line."""

from __future__ import annotations

import math
from pathlib import Path

from forewarn.formats.document import read_text
from forewarn.formats.faults import FormatError, excerpt

HEADER = "time_s,speed_m_s,altitude_m"
Sample = tuple[float, float, float]

_MOST_SAMPLES = 100_000
_RANGES = (
    ("time_s", 0.0, 86_400.0),
    ("speed_m_s", 0.0, 20_000.0),
    ("altitude_m", -500.0, 5e7),
)


def load_telemetry(path: Path) -> tuple[Sample, ...]:
    """Return (time since launch [s], Earth-relative speed [m/s], altitude [m]) rows of a file.

    Times strictly increase and there are at least two rows. Raises FormatError.
    """
    return read_telemetry(read_text(path), file=str(path))


def read_telemetry(text: str, *, file: str) -> tuple[Sample, ...]:
    """Return the rows of a telemetry text, as `load_telemetry` does."""
    lines = text.splitlines()
    header = "".join(lines[0].split()) if lines else ""
    if header != HEADER:
        raise FormatError(
            "the header of a telemetry file is missing",
            file=file,
            line=1,
            value=header,
            mend=f"make the first line '{HEADER}'",
        )
    samples: list[Sample] = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        sample = _read_sample(line, file, number)
        if samples and sample[0] <= samples[-1][0]:
            raise FormatError(
                f"time {sample[0]:g} s does not come after {samples[-1][0]:g} s",
                file=file,
                line=number,
                path="time_s",
                mend="sort the rows by time and remove repeated times",
            )
        samples.append(sample)
        if len(samples) > _MOST_SAMPLES:
            mend = f"thin the rows to at most {_MOST_SAMPLES}"
            raise FormatError("too many rows", file=file, line=number, mend=mend)
    if len(samples) < 2:
        raise FormatError("fewer than two rows", file=file, mend="check that it is complete")
    return tuple(samples)


def _read_sample(line: str, file: str, number: int) -> Sample:
    cells = line.split(",")
    if len(cells) != len(_RANGES):
        raise FormatError(
            f"{len(cells)} values in the row",
            file=file,
            line=number,
            value=line,
            mend=f"write three: {HEADER}",
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
    return (values[0], values[1], values[2])
