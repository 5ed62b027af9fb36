"""The one place where kernels are compiled: numba without fast-math, and a cache that cannot be stale.

numba's own cache does not notice that a function called from another file has changed, so the
cache directory's name holds a digest of every source that a kernel can see (this room and
``earth``). Set ``NUMBA_DISABLE_JIT=1`` to run every kernel as plain Python.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

_HERE = Path(__file__).parent


def _source_digest() -> str:
    digest = hashlib.sha256()
    for room in (_HERE, _HERE.parent / "earth"):
        for source in sorted(room.glob("*.py")):
            digest.update(source.name.encode())
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _cache_directory() -> Path:
    root = os.environ.get("FOREWARN_CACHE") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(root).expanduser() / "forewarn" / f"kernels-{_source_digest()}"


os.environ["NUMBA_CACHE_DIR"] = str(_cache_directory())

import numba  # noqa: E402  (numba reads the cache directory when it is imported)

numba.config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]

Function = TypeVar("Function", bound=Callable[..., object])


def kernel(function: Function) -> Function:
    """Compile ``function`` on its first call; the same bits on every machine with the same inputs."""
    compiled: Function = numba.njit(
        cache=True, fastmath=False, error_model="numpy", nogil=True, boundscheck=False
    )(function)
    return compiled
