"""``version``: what decides about results."""

from __future__ import annotations

import platform
from importlib.metadata import version

from forewarn import __version__

_DECISIVE = ("numpy", "numba", "scipy", "sgp4", "pyerfa", "astropy-iers-data", "msgspec", "apsw")


def versions() -> dict[str, str]:
    """Return the versions of forewarn, Python and the packages whose numbers enter results."""
    return {
        "forewarn": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in _DECISIVE},
    }
