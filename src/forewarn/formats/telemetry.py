"""Telemetry of a real ascent as CSV: ``time_s,speed_m_s,altitude_m``, one sample a line."""

from __future__ import annotations

from pathlib import Path

from forewarn.formats.document import read_text
from forewarn.formats.faults import FormatError
from forewarn.formats.rows import Columns, read_rows

_COLUMNS = Columns(
    "a telemetry file",
    (
        ("time_s", 0.0, 86_400.0),
        ("speed_m_s", 0.0, 20_000.0),
        ("altitude_m", -500.0, 5e7),
    ),
)
HEADER = _COLUMNS.header
Sample = tuple[float, float, float]


def load_telemetry(path: Path) -> tuple[Sample, ...]:
    """Return (time since launch [s], Earth-relative speed [m/s], altitude [m]) rows of a file.

    Times strictly increase and there are at least two rows. Raises FormatError.
    """
    return read_telemetry(read_text(path), file=str(path))


def read_telemetry(text: str, *, file: str) -> tuple[Sample, ...]:
    """Return the rows of a telemetry text, as `load_telemetry` does."""
    samples: list[Sample] = []
    for number, (time_s, speed_m_s, altitude_m) in read_rows(text, _COLUMNS, file=file):
        if samples and time_s <= samples[-1][0]:
            raise FormatError(
                f"time {time_s:g} s does not come after {samples[-1][0]:g} s",
                file=file,
                line=number,
                path="time_s",
                mend="sort the rows by time and remove repeated times",
            )
        samples.append((time_s, speed_m_s, altitude_m))
    if len(samples) < 2:
        raise FormatError("fewer than two rows", file=file, mend="check that it is complete")
    return tuple(samples)
