"""Replay: step a journal's events again, with its header's configuration, and compare.

The step is deterministic, so the outputs must come out byte for byte as they were journaled, on
any machine. Where kernels run uncompiled, sums may be rounded otherwise: `compare_outputs` compares
two ``outputs.jsonl`` number by number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeGuard

import msgspec

from forewarn.formats import FormatError
from forewarn.formats.jsonl import encode_output
from forewarn.records import Event
from forewarn.service.journal import Verification, decode_event, read_header, read_rows, verify
from forewarn.service.runs import Progress, StepEvent, pipeline_of, run_events, stepper
from forewarn.service.summary import About

_INSTANT_TOLERANCE_NS = 1_000
"""Instants that are computed (an expected impact) are rounded to nanoseconds from floats."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """The first output that is not the same: its number from zero, and both texts.

    ``row`` is its row in the journal, and None where only the replay has an output. A text is None
    where one side has come to its end. ``path`` names the field, where that is known.
    """

    number: int
    row: int | None
    path: str
    journaled: str | None
    replayed: str | None


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay found.

    ``unwritten`` counts outputs that the replay gave beyond those journaled, where the journal has
    no end row: the run was cut off before it could write them.
    """

    chain: Verification
    events: int
    outputs: int
    unwritten: int
    difference: Difference | None

    @property
    def identical(self) -> bool:
        """True if the chain is whole and every journaled output came out again, byte for byte."""
        return self.chain.sound and self.difference is None


def replay(
    journal: Path,
    *,
    folder: Path | None = None,
    step_event: StepEvent | None = None,
    progress: Callable[[Progress], None] | None = None,
    force: bool = False,
) -> Replay:
    """Step the events of a journal again and compare what comes out with what it holds.

    Rows from the first bad one on are left out; ``chain`` says which. With ``folder`` the replay
    writes a run folder of its own there, with a sound journal. ``step_event`` replaces the chain,
    for tests.

    Raises JournalError if the file is no journal or its header is bad, FormatError as `run_events`.
    """
    chain = verify(journal)
    header = read_header(journal)
    pipeline = pipeline_of(header)
    before = chain.first_bad_row
    if folder is None:
        replayed = _step_again(_events(journal, before), step_event or stepper(pipeline))
        return _compare(journal, chain, replayed)
    about = About(title=f"Replay of {journal.name}", scenario_id=header.scenario_id)
    events = _events(journal, before)
    run_events(
        pipeline,
        events,
        folder,
        about=msgspec.structs.replace(about, seed=header.seed),
        step_event=step_event,
        progress=progress,
        force=force,
    )
    with (folder / "outputs.jsonl").open("rb") as lines:
        return _compare(journal, chain, (line.rstrip(b"\n") for line in lines))


def _events(journal: Path, before: int | None) -> Iterator[Event]:
    for row in read_rows(journal, before=before):
        if row.kind == "event":
            yield decode_event(row.body)


def _step_again(events: Iterable[Event], step_event: StepEvent) -> Iterator[bytes]:
    for event in events:
        for output in step_event(event):
            yield encode_output(output)


def _compare(journal: Path, chain: Verification, replayed: Iterable[bytes]) -> Replay:
    rows = read_rows(journal, before=chain.first_bad_row)
    journaled = (row for row in rows if row.kind == "output")
    difference: Difference | None = None
    outputs = unwritten = 0
    for number, (row, body) in enumerate(zip_longest(journaled, replayed)):
        outputs += body is not None
        if row is None and not chain.complete:
            unwritten += 1
        elif difference is None and (row is None or row.body != body):
            difference = Difference(
                number=number,
                row=None if row is None else row.sequence,
                path="",
                journaled=None if row is None else row.body.decode(),
                replayed=None if body is None else body.decode(),
            )
    return Replay(
        chain=chain,
        events=chain.events,
        outputs=outputs,
        unwritten=unwritten,
        difference=difference,
    )


def compare_outputs(first: Path, second: Path, *, relative: float = 0.0) -> Difference | None:
    """Compare two ``outputs.jsonl`` field by field; return the first difference, or None.

    Two numbers agree within ``relative`` of the greater, and inside a vector or matrix within
    ``relative`` of its greatest element (a component that cancels to nearly zero has no digits of
    its own). Instants agree within a microsecond if ``relative`` is not zero. Everything else must
    be equal. Raises FormatError for a file that cannot be read.
    """
    lines = zip_longest(_json_lines(first), _json_lines(second))
    for number, (one, other) in enumerate(lines):
        path = _first_apart(one, other, "", relative)
        if path is not None:
            return Difference(
                number=number,
                row=None,
                path=path,
                journaled=None if one is None else msgspec.json.encode(one).decode(),
                replayed=None if other is None else msgspec.json.encode(other).decode(),
            )
    return None


def _json_lines(path: Path) -> Iterator[Any]:
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield msgspec.json.decode(line)
                except msgspec.DecodeError as error:
                    mend = "give the outputs.jsonl of a run folder"
                    raise FormatError(
                        f"not JSON: {error}", file=str(path), line=number, mend=mend
                    ) from None
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror}", file=str(path)) from None


def _first_apart(one: object, other: object, path: str, relative: float) -> str | None:
    """Return the path of the first field that is apart, or None."""
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return path or "."
        pairs = ((f"{path}.{key}", one[key], other[key]) for key in one)
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return path
        vector, other_vector = _numbers(one), _numbers(other)
        if vector is not None and other_vector is not None:
            return path if _vectors_apart(vector, other_vector, relative) else None
        pairs = ((f"{path}[{i}]", a, b) for i, (a, b) in enumerate(zip(one, other, strict=True)))
    elif _is_number(one) and _is_number(other):
        return path if _numbers_apart(one, other, path, relative) else None
    else:
        return None if type(one) is type(other) and one == other else path or "."
    return next((found for p, a, b in pairs if (found := _first_apart(a, b, p, relative))), None)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numbers(values: list[Any]) -> list[float] | None:
    """Return the elements of a vector or matrix one after the other; None for any other list."""
    flat: list[float] = []
    for value in values:
        if isinstance(value, list):
            inner = _numbers(value)
            if inner is None:
                return None
            flat += inner
        elif _is_number(value):
            flat.append(value)
        else:
            return None
    return flat


def _vectors_apart(one: list[float], other: list[float], relative: float) -> bool:
    if len(one) != len(other):
        return True
    greatest = max((abs(value) for value in (*one, *other)), default=0.0)
    pairs = zip(one, other, strict=True)
    return any(abs(a - b) > relative * greatest for a, b in pairs)


def _numbers_apart(one: float, other: float, path: str, relative: float) -> bool:
    if isinstance(one, int) and isinstance(other, int):
        slack_ns = _INSTANT_TOLERANCE_NS if path.endswith("_tai_ns") and relative > 0.0 else 0
        return abs(one - other) > slack_ns
    return not math.isclose(one, other, rel_tol=relative, abs_tol=0.0)
