"""A replay gives the same bytes, and says where it does not."""

from __future__ import annotations

import json
from pathlib import Path

import apsw
import msgspec
import pytest

from forewarn.formats import FormatError
from forewarn.pipeline import Pipeline
from forewarn.records import Event, Output, Track
from forewarn.service import journal
from forewarn.service.journal import JournalError
from forewarn.service.replay import compare_outputs, replay
from forewarn.service.runs import run_events
from tests.service.toy import ToyChain, toy_events


@pytest.fixture
def folder(tmp_path: Path, toy_pipeline: Pipeline) -> Path:
    """A finished toy run."""
    run_events(toy_pipeline, toy_events(10), tmp_path / "toy", step_event=ToyChain())
    return tmp_path / "toy"


class ForgetfulChain:
    """The toy chain with one digit of one track other, or one output left out."""

    def __init__(self, *, omit: bool) -> None:
        self.toy = ToyChain()
        self.omit = omit

    def __call__(self, event: Event) -> tuple[Output, ...]:
        outputs = self.toy(event)
        if self.toy.scans == 5 and outputs and isinstance(outputs[0], Track):
            if self.omit:
                return outputs[1:]
            return (msgspec.structs.replace(outputs[0], score=50.000000000000007), *outputs[1:])
        return outputs


def test_the_same_chain_gives_the_same_bytes(folder: Path) -> None:
    found = replay(folder / "journal.db", step_event=ToyChain())
    assert found.identical
    assert (found.events, found.outputs, found.unwritten) == (20, 13, 0)


def test_the_last_bit_of_one_number_is_found(folder: Path) -> None:
    found = replay(folder / "journal.db", step_event=ForgetfulChain(omit=False))
    assert not found.identical
    assert found.difference is not None
    assert found.difference.number == 6  # three tracks, decision, track, rejected, then this one
    assert found.difference.journaled is not None
    assert '"score":50.0,' in found.difference.journaled
    assert found.difference.replayed is not None
    assert '"score":50.00000000000001,' in found.difference.replayed
    rows = list(journal.read_rows(folder / "journal.db"))
    assert found.difference.row is not None
    assert rows[found.difference.row].body.decode() == found.difference.journaled


def test_a_missing_output_is_found(folder: Path) -> None:
    found = replay(folder / "journal.db", step_event=ForgetfulChain(omit=True))
    assert not found.identical
    silent = replay(folder / "journal.db", step_event=lambda _: ())
    assert silent.difference is not None
    assert (silent.difference.number, silent.difference.replayed) == (0, None)


def test_an_output_too_many_is_found(tmp_path: Path, toy_pipeline: Pipeline) -> None:
    run_events(toy_pipeline, toy_events(3), tmp_path / "toy", step_event=lambda _: ())
    found = replay(tmp_path / "toy" / "journal.db", step_event=ToyChain())
    assert found.difference is not None
    assert (found.difference.row, found.difference.journaled) == (None, None)


def test_replay_writes_a_folder_of_its_own(folder: Path) -> None:
    other = folder.with_name("again")
    found = replay(folder / "journal.db", folder=other, step_event=ToyChain())
    assert found.identical
    assert (other / "outputs.jsonl").read_bytes() == (folder / "outputs.jsonl").read_bytes()
    assert journal.read_header(other / "journal.db") == journal.read_header(folder / "journal.db")
    assert json.loads((other / "summary.json").read_text())["title"] == "Replay of journal.db"


def test_a_run_cut_off_is_not_a_difference(folder: Path) -> None:
    """Events that were journaled but not yet stepped give outputs that nobody wrote."""
    connection = apsw.Connection(str(folder / "journal.db"))
    last = 20  # the run died after committing this event
    connection.execute("DELETE FROM row WHERE sequence > ?", (last,))
    connection.close()
    found = replay(folder / "journal.db", step_event=ToyChain())
    assert found.identical
    assert not found.chain.complete
    assert found.unwritten > 0


def test_a_torn_tail_is_cut_and_told(folder: Path) -> None:
    connection = apsw.Connection(str(folder / "journal.db"))
    connection.execute("UPDATE row SET body = x'00' WHERE sequence = 12")
    connection.close()
    mended = folder.with_name("mended")
    found = replay(folder / "journal.db", folder=mended, step_event=ToyChain())
    assert not found.identical
    assert found.chain.first_bad_row == 12
    assert found.difference is None
    assert journal.verify(mended / "journal.db").complete
    events = [row for row in journal.read_rows(mended / "journal.db") if row.kind == "event"]
    assert len(events) == found.events


def test_what_is_no_journal_is_a_lesson(folder: Path) -> None:
    with pytest.raises(JournalError, match="not a journal"):
        replay(folder / "summary.json")


def write_lines(path: Path, *lines: object) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.mark.parametrize(
    ("first", "second", "relative", "path"),
    [
        ({"a": 1.0}, {"a": 1.0 + 1e-12}, 1e-9, None),
        ({"a": 1.0}, {"a": 1.0 + 1e-12}, 0.0, ".a"),
        ({"a": 1.0}, {"a": 1.0 + 1e-8}, 1e-9, ".a"),
        ({"a": [1e6, 1e-9]}, {"a": [1e6, 2e-9]}, 1e-9, None),  # cancelled component
        ({"a": [1e6, 1.0]}, {"a": [1e6, 1.1]}, 1e-9, ".a"),
        ({"m": [[4.0, 0.0], [0.0, 4.0]]}, {"m": [[4.0, 1e-10], [0.0, 4.0]]}, 1e-9, None),
        ({"a": [{"b": 1.0}]}, {"a": [{"b": 2.0}]}, 1e-9, ".a[0].b"),
        ({"n": 3}, {"n": 4}, 0.5, ".n"),
        ({"x_tai_ns": 10**18}, {"x_tai_ns": 10**18 + 900}, 1e-9, None),
        ({"x_tai_ns": 10**18}, {"x_tai_ns": 10**18 + 900}, 0.0, ".x_tai_ns"),
        ({"x_tai_ns": 10**18}, {"x_tai_ns": 10**18 + 2000}, 1e-9, ".x_tai_ns"),
        ({"s": "a"}, {"s": "b"}, 1e-9, ".s"),
        ({"s": None}, {"s": 0.0}, 1e-9, ".s"),
        ({"s": True}, {"s": 1}, 1e-9, ".s"),
        ({"a": 1}, {"b": 1}, 1e-9, "."),
        ({"a": [1.0]}, {"a": [1.0, 2.0]}, 1e-9, ".a"),
    ],
)
def test_outputs_are_compared_number_by_number(
    tmp_path: Path, first: object, second: object, relative: float, path: str | None
) -> None:
    one = write_lines(tmp_path / "one.jsonl", {"same": 0}, first)
    two = write_lines(tmp_path / "two.jsonl", {"same": 0}, second)
    found = compare_outputs(one, two, relative=relative)
    assert (found.path if found else None) == path
    if found:
        assert found.number == 1


def test_a_line_too_many_is_a_difference(tmp_path: Path) -> None:
    one = write_lines(tmp_path / "one.jsonl", {"a": 1})
    two = write_lines(tmp_path / "two.jsonl", {"a": 1}, {"b": 1})
    found = compare_outputs(one, two, relative=1.0)
    assert found is not None
    assert (found.number, found.journaled) == (1, None)


def test_outputs_that_cannot_be_read_are_a_lesson(tmp_path: Path) -> None:
    one = write_lines(tmp_path / "one.jsonl", {"a": 1})
    (tmp_path / "two.jsonl").write_text("{")
    with pytest.raises(FormatError, match=r"two\.jsonl:1: not JSON"):
        compare_outputs(one, tmp_path / "two.jsonl")
    with pytest.raises(FormatError, match="cannot be read"):
        compare_outputs(one, tmp_path / "three.jsonl")
