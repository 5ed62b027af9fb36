"""The one place where kernels are compiled: without fast-math, with a cache that is never stale.

numba's own cache does not notice that a function called from another file has changed, so the
cache directory's name holds a digest of every source that a kernel can see (this room and
``earth``). It lies in ``FOREWARN_CACHE``, else in ``XDG_CACHE_HOME``, else in ``~/.cache``; where
it cannot be made, kernels are compiled anew by every process. Set ``NUMBA_DISABLE_JIT=1`` to run
every kernel as plain Python.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numba

_HERE = Path(__file__).parent


def _source_digest() -> str:
    digest = hashlib.sha256()
    for room in (_HERE, _HERE.parent / "earth"):
        for source in sorted(room.glob("*.py")):
            digest.update(source.name.encode())
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _cache_directory() -> Path | None:
    """The cache's directory, made if need be; None where none can be made."""
    root = os.environ.get("FOREWARN_CACHE") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        directory = Path(root).expanduser() / "forewarn" / f"kernels-{_source_digest()}"
        directory.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # a disk that is only read, or a user without a home
        return None
    return directory


_CACHE = _cache_directory()
if _CACHE is not None:
    numba.config.CACHE_DIR = str(_CACHE)

Function = TypeVar("Function", bound=Callable[..., object])


def kernel(function: Function) -> Function:
    """Compile ``function`` on its first call: strict IEEE 754 arithmetic, in the order written."""
    compiled: Function = numba.njit(
        cache=_CACHE is not None,
        fastmath=False,
        error_model="numpy",
        nogil=True,
        boundscheck=False,
    )(function)
    return compiled


def leaf(function: Function) -> Function:
    """Compile ``function`` into each kernel that calls it, by the same rules as `kernel`.

    For the physics inside a lane kernel, which the compiler turns into vector instructions only
    where no call is left in the loop over lanes.
    """
    compiled: Function = numba.njit(
        cache=_CACHE is not None,
        fastmath=False,
        error_model="numpy",
        nogil=True,
        boundscheck=False,
        forceinline=True,
    )(function)
    return compiled
