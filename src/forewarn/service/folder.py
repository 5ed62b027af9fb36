"""Run folders appear whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forewarn.formats import FormatError

MARKS = frozenset({"journal.db", "outputs.jsonl", "summary.json"})
"""A folder that holds these is a run folder."""


def is_run_folder(folder: Path) -> bool:
    """Say whether ``folder`` was written by a run."""
    return folder.is_dir() and {entry.name for entry in folder.iterdir()} >= MARKS


def check_free(folder: Path, *, force: bool = False) -> None:
    """Raise FormatError unless a run may be written to ``folder``.

    It may be missing or empty, or, with ``force``, an earlier run. Anything else is somebody's.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise FormatError("is a file", file=str(folder), mend="name a folder that does not exist")
    if not any(folder.iterdir()):
        return
    if not is_run_folder(folder):
        raise FormatError(
            "is not empty and not a run folder, so it is never replaced",
            file=str(folder),
            mend="name another folder with --out",
        )
    if not force:
        raise FormatError(
            "holds an earlier run",
            file=str(folder),
            mend="replace it with --force, or name another folder with --out",
        )


@contextmanager
def staged(folder: Path, *, force: bool = False) -> Iterator[Path]:
    """Give an empty folder to write to, which becomes ``folder`` when the block ends well.

    It lies beside ``folder`` as ``.NAME.partial``, so that the last step is a rename, and is
    removed when the block ends by an exception, Ctrl-C included. Raises FormatError as
    `check_free` does.
    """
    folder = folder.resolve()
    partial = folder.with_name(f".{folder.name}.partial")
    former = folder.with_name(f".{folder.name}.former")
    if former.exists() and not folder.exists():
        former.rename(folder)  # killed between the two renames below
    check_free(folder, force=force)
    try:
        for rest in (partial, former):  # of a run that was killed
            shutil.rmtree(rest, ignore_errors=True)
        partial.mkdir(parents=True)
    except OSError as error:
        raise FormatError(
            f"cannot be written: {error.strerror}", file=str(folder), mend="name another folder"
        ) from error
    try:
        yield partial
        if folder.exists():
            folder.rename(former)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        if former.exists() and not folder.exists():
            former.rename(folder)
        shutil.rmtree(former, ignore_errors=True)
