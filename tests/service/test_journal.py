"""The journal keeps what it was given, and says exactly which row is no longer that."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import apsw
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forewarn.formats.jsonl import encode_event
from forewarn.service import journal
from forewarn.service.journal import Header, JournalError, JournalWriter
from tests.service.toy import toy_events


def write(path: Path, header: Header, *, count: int = 6, end: bool = True) -> Path:
    """A journal of ``count`` events, each followed by one output-shaped body."""
    writer = JournalWriter(path, header)
    for event in toy_events(count)[:count]:
        writer.append_event(encode_event(event))
        writer.append_output(b'{"output":"toy"}')
    writer.commit()
    if end:
        writer.close()
    else:
        writer.__exit__(KeyboardInterrupt)
    return path


def change(path: Path, statement: str, *values: object) -> None:
    """Do to the file what a forger with an SQLite shell would do."""
    connection = apsw.Connection(str(path))
    connection.execute(statement, values)
    connection.close()


def test_rows_come_back_as_they_were_written(tmp_path: Path, header: Header) -> None:
    path = write(tmp_path / "journal.db", header)
    rows = list(journal.read_rows(path))
    assert [row.kind for row in rows] == ["header", *["event", "output"] * 6, "end"]
    assert [row.sequence for row in rows] == list(range(14))
    events = [journal.decode_event(row.body) for row in rows if row.kind == "event"]
    assert events == toy_events(6)[:6]
    assert journal.read_header(path) == header


def test_chain_is_the_documented_one(tmp_path: Path, header: Header) -> None:
    """Any program can follow the chain with SHA-256 and the formula in the module's docstring."""
    path = write(tmp_path / "journal.db", header)
    connection = apsw.Connection(str(path))
    previous = bytes(32)
    for sequence, kind, body, digest in connection.execute("SELECT * FROM row ORDER BY sequence"):
        content = previous + sequence.to_bytes(8, "big") + kind.encode() + b"\0" + body
        previous = hashlib.sha256(content).digest()
        assert digest == previous
    assert journal.verify(path).last_hash == previous.hex()


def test_finished_journal_is_one_file_and_read_only_media_can_hold_it(
    tmp_path: Path, header: Header
) -> None:
    path = write(tmp_path / "journal.db", header)
    assert list(tmp_path.iterdir()) == [path]
    found = journal.verify(path)
    assert (found.events, found.outputs) == (6, 6)
    assert found.sound
    assert found.complete
    connection = apsw.Connection(str(path))
    assert connection.pragma("journal_mode") == "delete"


def test_durability_settings(tmp_path: Path, header: Header) -> None:
    """WAL and a sync at every commit: what was committed survives a loss of power."""
    writer = JournalWriter(tmp_path / "journal.db", header)
    assert writer._connection.pragma("journal_mode") == "wal"
    assert writer._connection.pragma("synchronous") == 2  # FULL
    writer.close()


@pytest.mark.parametrize(
    ("statement", "row", "reason"),
    [
        ("UPDATE row SET kind = 'note' WHERE sequence = 5", 5, "malformed"),
        ("UPDATE row SET body = CAST('{}' AS BLOB) WHERE sequence = 5", 5, "does not match"),
        ("UPDATE row SET kind = 'output' WHERE sequence = 3", 3, "does not match"),
        ("UPDATE row SET hash = zeroblob(32) WHERE sequence = 7", 7, "does not match"),
        ("DELETE FROM row WHERE sequence = 4", 4, "missing"),
        ("DELETE FROM row WHERE sequence = 0", 0, "missing"),
        ("DELETE FROM row", 0, "header is missing"),
        ("INSERT INTO row VALUES (14, 'event', x'7b7d', zeroblob(32))", 14, "after the end"),
        ("UPDATE row SET sequence = 99 WHERE sequence = 6", 6, "missing"),
    ],
)
def test_verify_names_the_first_bad_row(
    tmp_path: Path, header: Header, statement: str, row: int, reason: str
) -> None:
    path = write(tmp_path / "journal.db", header)
    change(path, statement)
    found = journal.verify(path)
    assert found.first_bad_row == row
    assert not found.sound
    assert not found.complete
    assert found.reason is not None
    assert reason in found.reason
    assert f"row {row}" in found.reason
    with pytest.raises(JournalError, match=f"row {row} is bad"):
        list(journal.read_rows(path))


def test_a_tail_that_was_taken_out_is_noticed(tmp_path: Path, header: Header) -> None:
    """A chain alone cannot see that its last rows are gone; the end row can."""
    path = write(tmp_path / "journal.db", header)
    change(path, "DELETE FROM row WHERE sequence > 8")
    found = journal.verify(path)
    assert found.sound
    assert not found.complete
    assert (found.events, found.outputs) == (4, 4)


def test_interrupted_run_leaves_no_end_row(tmp_path: Path, header: Header) -> None:
    path = write(tmp_path / "journal.db", header, end=False)
    found = journal.verify(path)
    assert found.sound
    assert not found.complete
    assert found.events == 6


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.floats(min_value=0.02, max_value=0.999))
def test_torn_file_gives_its_sound_rows_or_one_error(
    tmp_path: Path, header: Header, kept: float
) -> None:
    """However much of the file is lost, nothing but sound rows or a JournalError comes out."""
    whole, torn = tmp_path / "journal.db", tmp_path / "torn.db"
    if not whole.exists():
        write(whole, header, count=60)
    content = whole.read_bytes()
    torn.write_bytes(content[: int(len(content) * kept)])
    try:
        found = journal.verify(torn)
    except JournalError:
        return
    assert not found.complete
    assert found.first_bad_row is not None
    rows = list(journal.read_rows(torn, before=found.first_bad_row))
    assert rows == list(journal.read_rows(whole))[: found.first_bad_row]


def test_killed_writer_loses_nothing_that_was_committed(tmp_path: Path, header: Header) -> None:
    """SIGKILL after n commits: at least n events are there, the chain is sound, no end row."""
    (tmp_path / "header.json").write_bytes(msgspec.json.encode(header))
    program = textwrap.dedent("""
        import msgspec, sys
        from pathlib import Path
        from forewarn.service.journal import Header, JournalWriter
        folder = Path(sys.argv[1])
        header = msgspec.json.decode((folder / "header.json").read_bytes(), type=Header)
        writer = JournalWriter(folder / "journal.db", header)
        for n in range(10**6):
            writer.append_event(b'{"n": %d}' % n)
            writer.commit()
            print(n, flush=True)
    """)
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for _ in range(200):
        acknowledged = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    process.wait()
    found = journal.verify(tmp_path / "journal.db")
    assert found.sound
    assert not found.complete
    assert found.events >= acknowledged + 1


def test_errors_teach(tmp_path: Path, header: Header) -> None:
    with pytest.raises(JournalError, match=r"no such file.*journal\.db of a run folder"):
        journal.read_header(tmp_path / "nothing.db")
    (tmp_path / "text.db").write_text("this is not a database, " * 100)
    with pytest.raises(JournalError, match="not a journal"):
        journal.verify(tmp_path / "text.db")
    (tmp_path / "empty.db").touch()
    with pytest.raises(JournalError, match="not a forewarn journal"):
        journal.verify(tmp_path / "empty.db")
    change(tmp_path / "other.db", "CREATE TABLE row (x)")
    with pytest.raises(JournalError, match="not a forewarn journal"):
        journal.verify(tmp_path / "other.db")
    path = write(tmp_path / "journal.db", header)
    with pytest.raises(JournalError, match="exists already"):
        JournalWriter(path, header)
    change(path, "PRAGMA user_version=2")
    with pytest.raises(JournalError, match="format 2, but this forewarn reads format 1"):
        journal.read_header(path)


def test_header_of_another_version_teaches(tmp_path: Path, header: Header) -> None:
    writer = JournalWriter(tmp_path / "journal.db", header)
    writer._pending.clear()
    writer.close()
    change(tmp_path / "journal.db", "DELETE FROM row")
    body = b'{"unknown": 1}'
    digest = hashlib.sha256(bytes(32) + bytes(8) + b"header\0" + body).digest()
    change(tmp_path / "journal.db", "INSERT INTO row VALUES (0, 'header', ?, ?)", body, digest)
    with pytest.raises(JournalError, match="the header does not fit this forewarn"):
        journal.read_header(tmp_path / "journal.db")
