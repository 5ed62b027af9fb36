"""Satellite element sets from files or text: TLE (two or three lines each) and OMM in any form."""

from __future__ import annotations

import re
from pathlib import Path

from forewarn.formats.document import LARGEST_FILE_BYTES, read_text
from forewarn.formats.faults import FormatError, excerpt
from forewarn.orbits import Elements, read_omm, read_tle

_TLE_LINE_1 = re.compile(r"1 [ 0-9A-Z]")
_TLE_LINE_2 = re.compile(r"2 [ 0-9A-Z]")


def load_elements(path: Path) -> tuple[Elements, ...]:
    """Return every element set in a file, TLE or OMM (KVN, XML, JSON, CSV). Raises FormatError."""
    return read_elements(read_text(path), file=str(path))


def read_elements(text: str, *, file: str = "elements") -> tuple[Elements, ...]:
    """Return every element set in a text, TLE or OMM. Raises FormatError."""
    if len(text) > LARGEST_FILE_BYTES:
        raise FormatError("the text is too long", file=file, mend="split it into several")
    lines = text.removeprefix("\ufeff").splitlines()
    filled = [line for line in lines if line.strip()]
    if any(_TLE_LINE_1.match(line) for line in filled[:2]):
        return _tle_sets(lines, file)
    try:
        elements = read_omm(text)
    except ValueError as error:
        raise FormatError(excerpt(str(error), longest=300), file=file) from None
    if not elements:
        raise FormatError(
            "there are no elements in it", file=file, mend="get the element sets again"
        )
    return elements


def _tle_sets(lines: list[str], file: str) -> tuple[Elements, ...]:
    """Read each line 1 with the line after it, and with the line before it if that is a name."""
    sets: list[Elements] = []
    name: tuple[int, str] | None = None
    numbered = [(n, line) for n, line in enumerate(lines, start=1) if line.strip()]
    rest = iter(numbered)
    for number, line in rest:
        if not _TLE_LINE_1.match(line):
            if name is not None or _TLE_LINE_2.match(line):
                mend = "a TLE is a name, if any, then line 1, then line 2"
                raise FormatError(
                    f"'{excerpt(line)}' is out of place", file=file, line=number, mend=mend
                )
            name = (number, line)
            continue
        _, line_2 = next(rest, (number, ""))
        parts = ([] if name is None else [name[1]]) + [line, line_2]
        try:
            sets.append(read_tle("\n".join(parts)))
        except ValueError as error:
            problem = excerpt(str(error), longest=300)
            raise FormatError(problem, file=file, line=number) from None
        name = None
    if name is not None:
        mend = "add lines 1 and 2 of the set, or remove the name"
        raise FormatError("a name without element lines", file=file, line=name[0], mend=mend)
    return tuple(sets)
