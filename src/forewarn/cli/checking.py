"""``check`` and ``version``."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version
from pathlib import Path

from forewarn import __version__
from forewarn.formats import FormatError
from forewarn.formats.check import check_file

_DECISIVE = ("numpy", "numba", "scipy", "sgp4", "pyerfa", "astropy-iers-data", "msgspec", "apsw")


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


def versions() -> dict[str, str]:
    """Return the versions of forewarn, Python and the packages whose numbers enter results."""
    return {
        "forewarn": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in _DECISIVE},
    }
