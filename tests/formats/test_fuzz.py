"""Bytes in give records or the one typed fault, never anything else."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forewarn.formats import FormatError
from forewarn.formats.cap import decode_cap, encode_cap
from forewarn.formats.check import check_file
from forewarn.formats.elements import read_elements
from forewarn.formats.jsonl import (
    Malformed,
    decode_event,
    decode_output,
    encode_event,
    encode_output,
)
from forewarn.formats.telemetry import read_telemetry
from forewarn.records import AreaState
from tests.formats import samples

VECTORS = Path(__file__).parents[1] / "vectors"
FUZZ = settings(max_examples=150, deadline=None)
CAP_MESSAGE = encode_cap(
    samples.decision(AreaState.SHELTER, AreaState.PREPARE), samples.areas(), sender="a@b.example"
)
ELEMENTS = [
    (VECTORS / "orbits" / name).read_bytes()
    for name in (
        "alpha5-A-100000-saramago-first.tle",
        "v01-baseline-reserialised.kvn",
        "v07-xml-ndm-reserialised.xml",
    )
]
WORDS = [
    b"NaN",
    b"-.inf",
    b"1e999",
    b"-1",
    b"''",
    b"[]",
    b"{}",
    b"null",
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b'"\\ud800"',
    b"&a",
    b"*a",
    b"!!x",
    b"\t",
    b"\n",
    b"9" * 5000,
    b"[" * 3000,
    b"<!DOCTYPE a>",
    b"&x;",
    b"0001-01-01T00:00:00Z",
    b"9999-12-31T24:00:00-00:00",
    "\N{ARABIC-INDIC DIGIT FIVE}".encode(),
]


@st.composite
def mutations(draw: st.DrawFn, valid: bytes) -> bytes:
    """A valid text with pieces cut, doubled, overwritten, or replaced by something nasty."""
    data = valid
    for _ in range(draw(st.integers(1, 3))):
        first = draw(st.integers(0, len(data)))
        last = draw(st.integers(first, min(len(data), first + 40)))
        replacement = draw(
            st.one_of(
                st.sampled_from(WORDS),
                st.just(b""),
                st.just(data[first:last] * 2),
                st.binary(max_size=6),
            )
        )
        data = data[:first] + replacement + data[last:]
    return data


def takes(read: Callable[[bytes], object], data: bytes) -> None:
    with suppress(FormatError):
        read(data)


@pytest.mark.parametrize("name", sorted(samples.FILES))
@FUZZ
@given(st.data())
def test_configuration_files(name: str, data: st.DataObject) -> None:
    changed = data.draw(st.one_of(mutations(samples.FILES[name].encode()), st.binary()))
    with TemporaryDirectory() as folder:
        path = samples.write_files(Path(folder))
        (Path(folder) / name).write_bytes(changed)
        takes(lambda _: check_file(path), changed)


@FUZZ
@given(st.data())
def test_events(data: st.DataObject) -> None:
    line = encode_event(data.draw(st.sampled_from(samples.events())))
    changed = data.draw(st.one_of(mutations(line), st.binary()))
    for found in decode_event(changed, place="fuzz"):
        if not isinstance(found, Malformed):
            encode_event(found)  # what was taken can be written


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@FUZZ
@given(st.sampled_from(samples.events()), st.data())
def test_events_with_any_value_in_any_field(event: object, data: st.DataObject) -> None:
    fields = json.loads(encode_event(event))  # type: ignore[arg-type]
    target = fields
    if fields.get("measurements") and data.draw(st.booleans()):
        target = fields["measurements"][0]
    target[data.draw(st.sampled_from(sorted(target)))] = data.draw(json_values)
    for found in decode_event(json.dumps(fields).encode(), place="fuzz"):
        if not isinstance(found, Malformed):
            encode_event(found)


@FUZZ
@given(st.data())
def test_outputs(data: st.DataObject) -> None:
    line = encode_output(data.draw(st.sampled_from(samples.outputs())))
    decode_output(data.draw(st.one_of(mutations(line), st.binary())), place="fuzz")


@FUZZ
@given(st.one_of(mutations(CAP_MESSAGE), st.binary()))
def test_cap(data: bytes) -> None:
    takes(decode_cap, data)


@FUZZ
@given(st.data())
def test_elements(data: st.DataObject) -> None:
    valid = data.draw(st.sampled_from(ELEMENTS))
    changed = data.draw(st.one_of(mutations(valid), st.binary()))
    takes(lambda raw: read_elements(raw.decode("utf-8", errors="replace")), changed)


@FUZZ
@given(st.one_of(mutations(samples.TELEMETRY.encode()), st.binary()))
def test_telemetry(data: bytes) -> None:
    takes(lambda raw: read_telemetry(raw.decode("latin-1"), file="t"), data)
