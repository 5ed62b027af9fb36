"""The one place where kernels are compiled: without fast-math, with a cache that is never stale.

numba's own cache does not notice that a function called from another file has changed, so the
name of a file's cache directory holds a digest of every source that its kernels can see (in this
room and ``earth``). It lies in ``FOREWARN_CACHE``, else in ``XDG_CACHE_HOME``, else in
``~/.cache``; where it cannot be made, kernels are compiled anew by every process. Set
``NUMBA_DISABLE_JIT=1`` to run every kernel as plain Python.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numba

_ROOMS = Path(__file__).parents[1]
_MENTION = re.compile(r"\bforewarn\.(kernels|earth)(?:\.(\w+))?")


def _sources(source: Path) -> set[Path]:
    """A kernel's file and every file that it can see: whatever these mention, and so on."""
    found: set[Path] = set()
    left = {source, source.with_name("jit.py")}
    while left:
        path = left.pop()
        if path in found or not path.is_file():
            continue
        found.add(path)
        for room, module in _MENTION.findall(path.read_text()):
            left |= set((_ROOMS / room).glob(f"{module}.py" if module else "*.py"))
    return found


def _source_digest(source: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(_sources(source)):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@functools.cache
def _cache_directory(source: Path) -> Path | None:
    """The directory for the kernels of one file, made if need be; None where none can be made."""
    root = os.environ.get("FOREWARN_CACHE") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        name = f"{source.stem}-{_source_digest(source)}"
        directory = Path(root).expanduser() / "forewarn" / name
        directory.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # a disk that is only read, or a user without a home
        return None
    return directory


def _is_cached(function: Callable[..., object]) -> bool:
    """Point numba to the cache of the function's file; False where there is none."""
    directory = _cache_directory(Path(function.__code__.co_filename))
    if directory is not None:
        numba.config.CACHE_DIR = str(directory)
    return directory is not None


Function = TypeVar("Function", bound=Callable[..., object])


def kernel(function: Function) -> Function:
    """Compile ``function`` on its first call: strict IEEE 754 arithmetic, in the order written."""
    compiled: Function = numba.njit(
        cache=_is_cached(function),
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
        cache=_is_cached(function),
        fastmath=False,
        error_model="numpy",
        nogil=True,
        boundscheck=False,
        forceinline=True,
    )(function)
    return compiled
