"""Native JSON Lines: events and outputs of forewarn, one record a line, in canonical bytes.

Encoding is exact and repeatable: the same record gives the same bytes everywhere, floats take
their shortest exact form, and what could not be read back equal (NaN, a wrong type) is refused.

Decoding never raises. A line gives its event, or one `Malformed` that says what was wrong. A scan
with bad measurements keeps its good ones and reports each bad one by itself: one broken detector
must not blind the sensor.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import msgspec

from forewarn.formats.faults import excerpt
from forewarn.records import Event, Measurement, Output, Scan
from forewarn.sensors.ranges import belongs_problem, event_problem, measurement_problem

LONGEST_LINE_BYTES = 16 * 1024 * 1024
_LONGEST_REASON = 300
_LONGEST_EXCERPT = 120
_REPORTED_MEASUREMENTS = 100

_ENCODER = msgspec.json.Encoder(order="deterministic")
_EVENTS: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_OUTPUTS: msgspec.json.Decoder[Output] = msgspec.json.Decoder(Output)


class Malformed(msgspec.Struct, frozen=True, kw_only=True):
    """A line, or one measurement of a scan, that could not be taken: where, why, and how it began.

    ``place`` is like ``scans.jsonl:17`` or ``scans.jsonl:17: measurements[3]``; ``sensor_id`` is
    known only if the rest of the scan could be read.
    """

    place: str
    reason: str
    text_excerpt: str
    sensor_id: str | None = None


def encode_event(event: Event) -> bytes:
    """Return the event as one line of canonical JSON, without a line end.

    Raises ValueError for a record that could not be read back equal, as one holding NaN.
    """
    return _encode(event, _EVENTS)


def encode_output(output: Output) -> bytes:
    """Return the output as one line of canonical JSON, as `encode_event` does."""
    return _encode(output, _OUTPUTS)


def _encode(record: Event | Output, decoder: msgspec.json.Decoder[Any]) -> bytes:
    try:
        back = decoder.decode(_ENCODER.encode(record))
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{type(record).__name__} cannot be written: {error}") from None
    if back != record:
        raise ValueError(f"{type(record).__name__} cannot be written: NaN or a list inside")
    # Encoding what was read back makes an int in a float's place the same bytes as the float.
    return _ENCODER.encode(back)


def decode_event(line: bytes, *, place: str) -> tuple[Event | Malformed, ...]:
    """Return the event in one line, followed by a `Malformed` for each measurement left out.

    A line that holds no event gives one `Malformed` alone. Never raises.
    """
    if len(line) > LONGEST_LINE_BYTES:
        reason = f"the line is longer than {LONGEST_LINE_BYTES} bytes: send smaller scans"
        return (_malformed(line, place, reason),)
    try:
        event = _EVENTS.decode(line)
    except (ValueError, RecursionError) as error:
        return _salvage(line, place, _reason(error))
    problem = event_problem(event)
    if problem:
        return (_malformed(line, place, problem),)
    return _checked(event, place) if isinstance(event, Scan) else (event,)


def decode_output(line: bytes, *, place: str) -> Output | Malformed:
    """Return the output in one line, or what is wrong with it. Never raises."""
    try:
        return _OUTPUTS.decode(line)
    except (ValueError, RecursionError) as error:
        return _malformed(line, place, _reason(error))


def decode_events(lines: Iterable[bytes], *, source: str) -> Iterator[Event | Malformed]:
    """Yield every event of a stream and every fault in it, in order. Blank lines are skipped.

    ``source`` names the stream in the faults. Give an open file through `bounded_lines`.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield from decode_event(line, place=f"{source}:{number}")


def bounded_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a binary file; of a line that is too long, only its beginning.

    What is yielded of it is one byte longer than a decoder takes, so it is reported as too long.
    """
    while line := stream.readline(LONGEST_LINE_BYTES + 1):
        yield line
        while len(line) > LONGEST_LINE_BYTES and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE_BYTES + 1)


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "the line is not UTF-8"
    return excerpt(str(error), longest=_LONGEST_REASON)


def _malformed(line: bytes, place: str, reason: str) -> Malformed:
    begin = line[: 4 * _LONGEST_EXCERPT].decode("utf-8", errors="replace").strip()
    shown = excerpt(begin, longest=_LONGEST_EXCERPT)
    return Malformed(place=place, reason=reason, text_excerpt=shown)


def _salvage(line: bytes, place: str, reason: str) -> tuple[Event | Malformed, ...]:
    """Read a scan whose measurements, or some of them, spoil the line; ``reason`` says how."""
    try:
        # Python's own reader takes NaN and Infinity, which broken writers do write. What it takes
        # and we could not write back, as half of a surrogate pair, is refused by encoding it.
        fields = json.loads(line.decode())
        measurements = fields["measurements"]
        if not isinstance(measurements, list):
            raise TypeError
        scan = msgspec.convert(fields | {"measurements": []}, Event)
        _ENCODER.encode(scan)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return (_malformed(line, place, reason),)
    assert isinstance(scan, Scan)
    problem = event_problem(scan)
    if problem:
        return (_malformed(line, place, problem),)
    good: list[Measurement] = []
    bad: list[Malformed] = []
    for index, raw in enumerate(measurements):
        try:
            measurement: Measurement = msgspec.convert(raw, Measurement)
            _ENCODER.encode(measurement)
            fault = _measurement_fault(scan, measurement)
            if not fault:
                good.append(measurement)
        except (ValueError, RecursionError) as error:
            fault = _reason(error)
        if fault:
            bad.append(_bad_measurement(raw, index, place, fault, scan.sensor_id))
    kept = msgspec.structs.replace(scan, measurements=tuple(good))
    return (kept, *_bounded(bad, place))


def _checked(scan: Scan, place: str) -> tuple[Event | Malformed, ...]:
    """Leave out the measurements that cannot be true, and report them."""
    faults = [_measurement_fault(scan, measurement) for measurement in scan.measurements]
    if not any(faults):
        return (scan,)
    pairs = list(zip(scan.measurements, faults, strict=True))
    bad = [
        _bad_measurement(measurement, index, place, fault, scan.sensor_id)
        for index, (measurement, fault) in enumerate(pairs)
        if fault
    ]
    good = tuple(measurement for measurement, fault in pairs if not fault)
    return (msgspec.structs.replace(scan, measurements=good), *_bounded(bad, place))


def _measurement_fault(scan: Scan, measurement: Measurement) -> str | None:
    return measurement_problem(measurement) or belongs_problem(scan, measurement)


def _bad_measurement(
    found: object, index: int, place: str, fault: str, sensor_id: str
) -> Malformed:
    try:
        text = repr(found)
    except (ValueError, RecursionError):
        text = "(cannot be shown)"
    return Malformed(
        place=f"{place}: measurements[{index}]",
        reason=fault,
        text_excerpt=excerpt(text, longest=_LONGEST_EXCERPT),
        sensor_id=sensor_id,
    )


def _bounded(bad: list[Malformed], place: str) -> list[Malformed]:
    """Keep the report of a wholly broken scan short: the first hundred, and how many more."""
    if len(bad) <= _REPORTED_MEASUREMENTS:
        return bad
    more = len(bad) - _REPORTED_MEASUREMENTS
    last = msgspec.structs.replace(
        bad[0], place=place, reason=f"{more} more measurements of this scan are malformed"
    )
    return [*bad[:_REPORTED_MEASUREMENTS], last]
