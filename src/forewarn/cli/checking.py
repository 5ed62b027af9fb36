"""``check``: is a file right, and is there something odd about it?"""

from __future__ import annotations

import sys
from pathlib import Path

from forewarn.formats import FormatError
from forewarn.formats.check import check_file


def check_files(files: list[Path]) -> bool:
    """Print what each file is and what is odd or wrong about it; return whether all can be used."""
    good = True
    for file in files:
        try:
            checked = check_file(file)
        except FormatError as error:
            good = False
            print(f"bad: {error}", file=sys.stderr)
            continue
        print(f"good: {file}: {checked.kind}")
        for warning in checked.warnings:
            print(f"  note: {warning}")
    return good
