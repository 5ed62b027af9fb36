"""JSON Lines: canonical bytes out; every bad line one typed fault, and good measurements kept."""

from __future__ import annotations

import io
import json
from typing import Any

import msgspec
import pytest

from forewarn.formats import jsonl
from forewarn.formats.jsonl import (
    Malformed,
    bounded_lines,
    decode_event,
    decode_events,
    decode_output,
    encode_event,
    encode_output,
)
from forewarn.records import Cone, Event, Output, Scan
from tests.formats import samples


def fields_of(event: Event) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(encode_event(event))
    return loaded


def the_fault(line: bytes) -> Malformed:
    (fault,) = decode_event(line, place="in:1")
    assert isinstance(fault, Malformed)
    assert fault.place == "in:1"
    return fault


@pytest.mark.parametrize("event", samples.events(), ids=lambda e: type(e).__name__)
def test_events_come_back_equal_and_to_the_same_bytes(event: Event) -> None:
    line = encode_event(event)
    assert b"\n" not in line
    (back,) = decode_event(line, place="x")
    assert back == event
    assert isinstance(back, type(event))
    assert encode_event(event) == line


@pytest.mark.parametrize("output", samples.outputs(), ids=lambda o: type(o).__name__)
def test_outputs_come_back_equal_and_to_the_same_bytes(output: Output) -> None:
    line = encode_output(output)
    back = decode_output(line, place="x")
    assert back == output
    assert not isinstance(back, Malformed)
    assert encode_output(back) == line


def test_the_order_of_a_mapping_does_not_change_the_bytes() -> None:
    one = samples.assessment()
    other = msgspec.structs.replace(
        one, class_probabilities=dict(reversed(one.class_probabilities.items()))
    )
    assert encode_output(one) == encode_output(other)


def test_an_int_in_a_floats_place_is_written_as_the_float() -> None:
    whole = msgspec.structs.replace(samples.notice(), radius_m=20_000)
    assert encode_event(whole) == encode_event(samples.notice())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_is_not_written(value: float) -> None:
    scan = samples.infrared_scan(samples.hot_spot(snr=value))
    with pytest.raises(ValueError, match="Scan cannot be written"):
        encode_event(scan)
    # An optional number must not turn into "none given" on the way.
    with pytest.raises(ValueError, match="Notice cannot be written"):
        encode_event(msgspec.structs.replace(samples.notice(), azimuth_rad=value))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"", "truncated"),
        (b"not json", "malformed"),
        (b"[1, 2]", "Expected `object`"),
        (b"{}", "missing required field `event`"),
        (b'{"event": "plot"}', "Invalid value 'plot'"),
        (b'{"event": "tick", "tick_id": "t"}', "missing required field"),
        (
            b'{"event":"tick","tick_id":"\xff","realm":"live","received_tai_ns":1}',
            "not UTF-8",
        ),
        (b'{"event":"tick","tick_id":"t","realm":"war","received_tai_ns":1}', "'war'"),
        (b'{"event":"tick","tick_id":"t","realm":"live","received_tai_ns":1.5}', "int"),
        (b'{"event":"tick","tick_id":"t","realm":"live","received_tai_ns":1,"x":2}', "`x`"),
        (b'{"event":"tick","tick_id":"","realm":"live","received_tai_ns":1}', "tick_id has 0"),
        (b'{"event":"tick","tick_id":"t","realm":"live","received_tai_ns":-1}', "TAI since 1970"),
        (
            b'{"event":"tick","tick_id":"t","realm":"live","received_tai_ns":99999999999999999999}',
            "TAI since 1970",
        ),
        (b'{"event":' + b"[" * 200_000, ""),
        (b'{"x":' + b'{"a":' * 200_000, "nested too deeply"),
        (b"[" * 200_000, "Expected `object`"),
        (b"\x00\x01\x02", "malformed"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_line_that_is_no_event_is_one_fault(line: bytes, words: str) -> None:
    fault = the_fault(line)
    assert words in fault.reason
    assert len(fault.text_excerpt) <= 120
    assert len(fault.reason) <= 300


def test_a_huge_line_is_one_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "LONGEST_LINE_BYTES", 500)
    tick = encode_event(samples.events()[3])
    stream = io.BytesIO(tick + b"\n" + b"x" * 10_000 + b"\n" + tick + b"\n" + b"y" * 1_200)
    found = list(decode_events(bounded_lines(stream), source="feed"))
    assert [type(one).__name__ for one in found] == ["Tick", "Malformed", "Tick", "Malformed"]
    assert isinstance(found[1], Malformed)
    assert "longer than 500 bytes" in found[1].reason
    assert (found[1].place, found[3].place) == ("feed:2", "feed:4")  # type: ignore[union-attr]


def test_a_stream_goes_on_after_a_bad_line_and_a_truncated_last_one() -> None:
    good = [encode_event(event) for event in samples.events()]
    lines = [good[0], b"garbage", b"", good[3], good[4][: len(good[4]) // 2]]
    found = list(decode_events(lines, source="scans.jsonl"))
    assert found[0] == samples.events()[0]
    assert found[2] == samples.events()[3]
    faults = [one for one in found if isinstance(one, Malformed)]
    assert [fault.place for fault in faults] == ["scans.jsonl:2", "scans.jsonl:5"]


BAD_MEASUREMENTS: list[tuple[object, str]] = [
    ({"snr": "NaN-token"}, "snr"),
    ({"snr": "Infinity-token"}, "snr"),
    ({"snr": None}, "snr"),
    ({"snr": "7"}, "snr"),
    ({"snr": -1.0}, "snr = -1"),
    ({"declination_rad": 1.6}, "declination_rad = 1.6 is outside"),
    ({"declination_rad": "NaN-token"}, "declination_rad = nan"),
    ({"right_ascension_rad": 6.4}, "right_ascension_rad"),
    ({"irradiance_w_m2": -1e-9}, "irradiance_w_m2"),
    ({"seen_tai_ns": samples.NOW_TAI_NS + 60 * 10**9}, "outside the time of its scan"),
    ({"seen_tai_ns": samples.NOW_TAI_NS - 60 * 10**9}, "outside the time of its scan"),
    ({"measurement_id": ""}, "measurement_id"),
    ({"measurement_id": "\ud800"}, "surrogate"),
    ({"surprise": 1}, "surprise"),
    ({"kind": "sonar"}, "sonar"),
    ("text", "Expected"),
]


@pytest.mark.parametrize(("change", "words"), BAD_MEASUREMENTS, ids=lambda v: str(v)[:50])
def test_a_scan_keeps_its_good_measurements(change: object, words: str) -> None:
    """One bad measurement is left out and reported by itself; the others are the scan's."""
    scan = samples.infrared_scan(samples.hot_spot(0), samples.hot_spot(1), samples.hot_spot(2))
    fields = fields_of(scan)
    bad = fields["measurements"][1]
    fields["measurements"][1] = bad | change if isinstance(change, dict) else change
    line = json.dumps(fields).replace('"NaN-token"', "NaN").replace('"Infinity-token"', "Infinity")
    kept, fault = decode_event(line.encode(), place="in:4")
    assert kept == samples.infrared_scan(samples.hot_spot(0), samples.hot_spot(2))
    assert isinstance(fault, Malformed)
    assert fault.place == "in:4: measurements[1]"
    assert fault.sensor_id == "ir-1"
    assert words in fault.reason


def test_a_measurement_without_a_field_is_left_out() -> None:
    fields = fields_of(samples.infrared_scan(samples.hot_spot(0), samples.hot_spot(1)))
    del fields["measurements"][0]["snr"]
    kept, fault = decode_event(json.dumps(fields).encode(), place="in")
    assert kept == samples.infrared_scan(samples.hot_spot(1))
    assert isinstance(fault, Malformed)
    assert "missing required field `snr`" in fault.reason


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"range_m": 0.0}, "range_m = 0 must be more than 0"),
        ({"range_m": -5.0}, "must be more than 0"),
        ({"range_m": 1e12}, "range_m"),
        ({"elevation_rad": 2.0}, "elevation_rad"),
        ({"azimuth_rad": 7.0}, "azimuth_rad"),
        ({"range_rate_m_s": 3e8}, "range_rate_m_s"),
    ],
)
def test_a_radar_measurement_that_cannot_be(change: dict[str, float], words: str) -> None:
    fields = fields_of(samples.radar_scan())
    fields["measurements"][0] |= change
    kept, fault = decode_event(json.dumps(fields).encode(), place="in")
    assert isinstance(kept, Scan)
    assert kept.measurements == ()
    assert isinstance(fault, Malformed)
    assert words in fault.reason


def test_a_measurement_of_the_other_physics_is_left_out() -> None:
    radar = samples.radar_scan()
    mixed = msgspec.structs.replace(samples.infrared_scan(), measurements=radar.measurements)
    kept, fault = decode_event(encode_event(mixed), place="in")
    assert kept == samples.infrared_scan()
    assert isinstance(fault, Malformed)
    assert "belongs to a cone" in fault.reason


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"end_tai_ns": samples.NOW_TAI_NS - 1}, "end_tai_ns must be at or after"),
        ({"end_tai_ns": samples.NOW_TAI_NS + 7200 * 10**9}, "by an hour at most"),
        ({"received_tai_ns": samples.NOW_TAI_NS + 4 * 10**9}, "check the sensor's clock"),
        ({"sequence": -1}, "sequence = -1"),
        ({"sensitivity": 0.0}, "sensitivity"),
        ({"sensor_id": ""}, "sensor_id has 0 characters"),
        ({"position_gcrf_m": None}, "needs position_gcrf_m"),
        ({"position_gcrf_m": (1.0, 0.0, 0.0)}, "length of position_gcrf_m"),
        ({"velocity_gcrf_m_s": (1e9, 0.0, 0.0)}, "length of velocity_gcrf_m_s"),
        ({"volume": Cone(axis_gcrf=(0.0, 0.0, 2.0), half_angle_rad=0.1)}, "unit vector"),
        ({"volume": Cone(axis_gcrf=(0.0, 0.0, 1.0), half_angle_rad=4.0)}, "half_angle_rad"),
        ({"volume": samples.radar_scan().volume}, "a ground radar's scan has no position"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_scan_that_cannot_be_is_refused_whole(change: dict[str, Any], words: str) -> None:
    line = encode_event(msgspec.structs.replace(samples.infrared_scan(), **change))
    assert words in the_fault(line).reason


def test_a_sensors_clock_may_run_ahead_a_little() -> None:
    scan = msgspec.structs.replace(
        samples.infrared_scan(), received_tai_ns=samples.NOW_TAI_NS + 6 * 10**9
    )
    assert decode_event(encode_event(scan), place="in") == (scan,)


@pytest.mark.parametrize(
    ("number", "change", "words"),
    [
        (4, {"vehicle_class": "kite"}, "use short_range, medium_range"),
        (4, {"window_end_tai_ns": samples.NOW_TAI_NS}, "must be after window_start"),
        (4, {"latitude_rad": 1.6}, "latitude_rad"),
        (4, {"azimuth_rad": 9.0}, "azimuth_rad"),
        (4, {"radius_m": -1.0}, "radius_m"),
        (5, {"sensor_id": ""}, "sensor_id"),
        (6, {"action": "launch"}, "action 'launch' is not known: use withdraw"),
        (6, {"reason": ""}, "reason has 0 characters"),
        (6, {"operator": "x" * 2001}, "operator has 2001 characters"),
    ],
)
def test_other_events_that_cannot_be(number: int, change: dict[str, Any], words: str) -> None:
    line = encode_event(msgspec.structs.replace(samples.events()[number], **change))
    assert words in the_fault(line).reason


def test_a_wholly_broken_scan_is_reported_briefly() -> None:
    """A million bad measurements must not become a million reports."""
    spots = tuple(samples.hot_spot(n, snr=-1.0) for n in range(250))
    found = decode_event(encode_event(samples.infrared_scan(*spots)), place="in:1")
    assert found[0] == samples.infrared_scan()
    assert len(found) == 102
    assert isinstance(found[-1], Malformed)
    assert found[-1].reason == "150 more measurements of this scan are malformed"


def test_a_bad_output_is_one_fault() -> None:
    fault = decode_output(b'{"output":"track"}', place="o:2")
    assert isinstance(fault, Malformed)
    assert "missing required field" in fault.reason
