"""The journal: every event and output of a run, in order, in one file whose rows are chained.

A journal is an SQLite database in WAL mode with ``synchronous=FULL`` and one writer. Row 0 is the
header, which holds everything that is needed to step the events again; then come events and
outputs; an ``end`` row closes a run that finished. Each row's hash is

    SHA-256(hash of the row before || sequence, 8 bytes big-endian || kind || 0x00 || body)

(before row 0: 32 zero bytes), so that a row that was changed, taken out or put in breaks the
chain at that row. The chain is not a signature: whoever can write the file can also write a new
chain; publish or sign the last hash if that matters.

Events are committed before they are stepped, in groups: a group's events and the outputs of the
group before are one transaction. A machine that dies leaves the last whole transaction (SQLite's
own guarantee) and no ``end`` row. A file that lost or damaged its tail after that is *torn*:
`verify` names the first bad row, and ``read_rows(path, before=row)`` gives what is sound.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import apsw
import msgspec

from forewarn.frames import EarthOrientation
from forewarn.orbits import Elements
from forewarn.records import Event, Realm
from forewarn.sensors.network import Network
from forewarn.warning.policy import Area, Policy

FORMAT_VERSION = 1
_APPLICATION_ID = 0x66776A6E  # "fwjn", in the SQLite file header where file(1) can see it
_GENESIS = bytes(32)

Kind = Literal["header", "event", "output", "end"]
KINDS: tuple[Kind, ...] = ("header", "event", "output", "end")

_SCHEMA = """
CREATE TABLE row (
    sequence INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL,
    body     BLOB NOT NULL,
    hash     BLOB NOT NULL
) STRICT
"""

# The header keeps the order of its mappings: a replay must be given exactly what the run had.
_encoder = msgspec.json.Encoder()
_event_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


class JournalError(Exception):
    """A journal that cannot be read or written; says what, where and what to do.

    ``row`` is the first bad row when the file is a journal whose chain is broken, else None.
    """

    def __init__(self, message: str, *, row: int | None = None) -> None:
        super().__init__(message)
        self.row = row


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Row 0: the configuration of the chain, enough to step the events again.

    ``orientation`` is the Earth orientation that was used, itself, because the published table
    changes every week. ``scenario_id`` and ``seed`` say where simulated events came from;
    ``catalogue`` are the element sets by which satellites are known again.
    """

    format_version: int
    forewarn_version: str
    realm: Realm
    network: Network
    areas: tuple[Area, ...]
    policy: Policy
    orientation: EarthOrientation
    scenario_id: str | None = None
    seed: int | None = None
    catalogue: tuple[Elements, ...] = ()


class Row(msgspec.Struct, frozen=True):
    """One row of a journal."""

    sequence: int
    kind: Kind
    body: bytes


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What `verify` found: ``first_bad_row`` is None if every row is sound.

    ``complete`` is true if the journal closes with its ``end`` row; one that does not was cut
    off, by a crash or by having its tail removed. ``last_hash`` is that of the last sound row.
    """

    path: str
    events: int
    outputs: int
    complete: bool
    first_bad_row: int | None
    reason: str | None
    last_hash: str

    @property
    def sound(self) -> bool:
        """True if every row that is there is as it was written."""
        return self.first_bad_row is None


def decode_event(body: bytes) -> Event:
    """Return the event of a row. Raises `msgspec.ValidationError` for anything else."""
    return _event_decoder.decode(body)


def _chain(previous: bytes, sequence: int, kind: str, body: bytes) -> bytes:
    digest = hashlib.sha256(previous)
    digest.update(sequence.to_bytes(8, "big") + kind.encode() + b"\0")
    digest.update(body)
    return digest.digest()


def _create(path: Path) -> apsw.Connection:
    if path.exists():
        raise JournalError(
            f"{path}: exists already. A journal is never written over: "
            "remove it or choose another folder."
        )
    connection = apsw.Connection(str(path))
    connection.execute(f"PRAGMA application_id={_APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={FORMAT_VERSION}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    connection.execute(_SCHEMA)
    return connection


class JournalWriter:
    """The one writer of a new journal: append, commit, close.

    Nothing is on the disk before `commit` returns. `close` adds the ``end`` row; leaving the
    ``with`` block by an exception does not, and rolls the open transaction back.
    """

    def __init__(self, path: Path, header: Header) -> None:
        """Create ``path``. Raises `JournalError` if it exists: a journal is never written over."""
        self._connection = _create(path)
        self._pending: list[tuple[int, str, bytes, bytes]] = []
        self._sequence = 0
        self._hash = _GENESIS
        self._counts = {"event": 0, "output": 0}
        self._append("header", _encoder.encode(header))
        self.commit()

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *details: object) -> None:
        if kind is None:
            self.close()
        else:
            self._connection.close()

    def _append(self, kind: Kind, body: bytes) -> None:
        self._hash = _chain(self._hash, self._sequence, kind, body)
        self._pending.append((self._sequence, kind, body, self._hash))
        self._sequence += 1

    def append_event(self, body: bytes) -> None:
        """Add an encoded event to the open group."""
        self._append("event", body)
        self._counts["event"] += 1

    def append_output(self, body: bytes) -> None:
        """Add an encoded output to the open group."""
        self._append("output", body)
        self._counts["output"] += 1

    def commit(self) -> None:
        """Write the open group as one transaction and wait until the disk has it."""
        if not self._pending:
            return
        with self._connection:
            self._connection.executemany("INSERT INTO row VALUES (?, ?, ?, ?)", self._pending)
        self._pending.clear()

    def close(self) -> None:
        """Add the ``end`` row, commit, and leave one plain file, fit for read-only media."""
        self._append("end", _encoder.encode(self._counts))
        self.commit()
        self._connection.execute("PRAGMA journal_mode=DELETE")
        self._connection.close()


def _open(path: Path, flags: int = apsw.SQLITE_OPEN_READONLY) -> apsw.Connection:
    if not path.is_file():
        raise JournalError(f"{path}: no such file. Give the journal.db of a run folder.")
    try:
        connection = apsw.Connection(str(path), flags=flags)
        application_id = connection.pragma("application_id")
        version = connection.pragma("user_version")
    except apsw.Error as error:
        raise JournalError(
            f"{path}: not a journal ({error}). Give the journal.db of a run folder."
        ) from error
    if application_id != _APPLICATION_ID:
        connection.close()
        raise JournalError(
            f"{path}: an SQLite database, but not a forewarn journal "
            f"(application id {application_id}). Give the journal.db of a run folder."
        )
    if version != FORMAT_VERSION:
        connection.close()
        raise JournalError(
            f"{path}: journal format {version}, but this forewarn reads format "
            f"{FORMAT_VERSION}. Read it with the forewarn version that wrote it."
        )
    return connection


def _broken(path: Path, row: int, reason: str) -> JournalError:
    return JournalError(
        f"{path}: row {row} is bad: {reason}. The rows before it are sound; "
        "do not rely on anything from there on.",
        row=row,
    )


def _chained_rows(path: Path) -> Iterator[tuple[Row, bytes]]:
    """Yield each sound row with its hash; raise `JournalError` at the first that is not."""
    connection = _open(path)
    expected = 0
    previous = _GENESIS
    ended = False
    try:
        # typeof and NOT NULL cannot be trusted in a damaged file, so every column is checked.
        for sequence, kind, body, digest in connection.execute(
            "SELECT sequence, kind, body, hash FROM row ORDER BY sequence"
        ):
            if sequence != expected:
                raise _broken(path, expected, f"it is missing, the next row is {sequence}")
            if ended:
                raise _broken(path, expected, "it comes after the end row")
            if kind not in KINDS or not isinstance(body, bytes) or not isinstance(digest, bytes):
                raise _broken(path, expected, f"it is malformed (kind {kind!r})")
            previous = _chain(previous, sequence, kind, body)
            if previous != digest:
                raise _broken(path, expected, "its content does not match its hash")
            if (kind == "header") != (sequence == 0):
                raise _broken(path, expected, f"a row of kind {kind!r} cannot stand there")
            ended = kind == "end"
            yield Row(sequence, kind, body), digest
            expected += 1
    except apsw.Error as error:
        raise _broken(path, expected, f"the file is damaged there ({error})") from error
    finally:
        connection.close()
    if expected == 0:
        raise _broken(path, 0, "the header is missing")


def read_rows(path: Path, *, before: int | None = None) -> Iterator[Row]:
    """Yield the rows of a journal in order, the header first, checking the chain on the way.

    Stops before row ``before`` if given: the part of a torn journal that `verify` found sound.
    Raises `JournalError` if the file is no journal, is of another format version, or at the first
    bad row (after every sound row before it has been yielded).
    """
    if before == 0:
        return
    for row, _ in _chained_rows(path):
        yield row
        if before is not None and row.sequence + 1 == before:
            return


def read_header(path: Path) -> Header:
    """Return the header of a journal. Raises `JournalError` as `read_rows` does."""
    rows = read_rows(path)
    body = next(rows).body
    try:
        return msgspec.json.decode(body, type=Header)
    except msgspec.ValidationError as error:
        raise JournalError(
            f"{path}: the header does not fit this forewarn ({error}). "
            "Read the journal with the forewarn version that wrote it."
        ) from error


def verify(path: Path) -> Verification:
    """Follow the chain from the first row to the last and say what is there.

    Raises `JournalError` only if the file is no journal of this format; a broken chain is a result.
    """
    counts = dict.fromkeys(KINDS, 0)
    last = _GENESIS
    bad: JournalError | None = None
    try:
        for row, digest in _chained_rows(path):
            counts[row.kind] += 1
            last = digest
    except JournalError as error:
        if error.row is None:
            raise
        bad = error
    return Verification(
        path=str(path),
        events=counts["event"],
        outputs=counts["output"],
        complete=counts["end"] == 1 and bad is None,
        first_bad_row=None if bad is None else bad.row,
        reason=None if bad is None else str(bad),
        last_hash=last.hex(),
    )
