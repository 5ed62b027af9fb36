"""Tables of numbers as CSV: a known header, then rows of numbers within known limits.

Whoever reads one adds what its rows must be to each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec

from forewarn.formats.faults import FormatError, excerpt

_MOST_ROWS = 100_000


class Columns(msgspec.Struct, frozen=True):
    """A kind of table: what it is called, and the name, least and most of each column."""

    kind: str
    limits: tuple[tuple[str, float, float], ...]

    @property
    def header(self) -> str:
        """The first line of such a table."""
        return ",".join(name for name, _, _ in self.limits)


def read_rows(text: str, columns: Columns, *, file: str) -> Iterator[tuple[int, tuple[float, ...]]]:
    """Yield the line number and the numbers of each row; empty lines are passed over.

    Raises FormatError, at once for a header that is missing.
    """
    lines = text.splitlines()
    header = "".join(lines[0].split()) if lines else ""
    if header != columns.header:
        raise FormatError(
            f"the header of {columns.kind} is missing",
            file=file,
            line=1,
            value=header,
            mend=f"make the first line '{columns.header}'",
        )
    rows = [(number, line) for number, line in enumerate(lines[1:], start=2) if line.strip()]
    for count, (number, line) in enumerate(rows):
        if count == _MOST_ROWS:
            mend = f"thin the rows to at most {_MOST_ROWS}"
            raise FormatError("too many rows", file=file, line=number, mend=mend)
        yield number, _read_row(line, columns, file, number)


def _read_row(line: str, columns: Columns, file: str, number: int) -> tuple[float, ...]:
    cells = line.split(",")
    if len(cells) != len(columns.limits):
        raise FormatError(
            f"{len(cells)} values in the row",
            file=file,
            line=number,
            value=line,
            mend=f"write {len(columns.limits)}: {columns.header}",
        )
    return tuple(
        _number(cell, column, file, number)
        for cell, column in zip(cells, columns.limits, strict=True)
    )


def _number(cell: str, column: tuple[str, float, float], file: str, number: int) -> float:
    name, least, most = column
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
    return value
