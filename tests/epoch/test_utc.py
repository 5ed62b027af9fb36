"""UTC text and instants, against POSIX time, ERFA and the published leap seconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import erfa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forewarn.epoch import (
    DAY_NS,
    SECOND_NS,
    tai_ns_from_utc_day,
    tai_ns_from_utc_text,
    utc_day_from_tai_ns,
    utc_text_from_tai_ns,
)

FIRST_TAI_NS = tai_ns_from_utc_text("1972-01-01T00:00:00Z")
LAST_TAI_NS = tai_ns_from_utc_text("2261-12-31T23:59:59.999999999Z")
LEAP_TAI_NS = tai_ns_from_utc_text("2016-12-31T23:59:60Z")

# IERS Bulletin C: TAI-UTC from each date on.
BULLETIN_C = {
    "1972-01-01": 10,
    "1972-07-01": 11,
    "1985-07-01": 23,
    "1999-01-01": 32,
    "2006-01-01": 33,
    "2012-07-01": 35,
    "2015-07-01": 36,
    "2017-01-01": 37,
    "2026-11-01": 37,
}


@pytest.mark.parametrize(("day", "tai_minus_utc_s"), BULLETIN_C.items())
def test_offset_is_bulletin_c(day: str, tai_minus_utc_s: int) -> None:
    posix_s = int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp())
    assert tai_ns_from_utc_text(f"{day}T00:00:00Z") == (posix_s + tai_minus_utc_s) * SECOND_NS


def test_no_digit_is_lost() -> None:
    instant = tai_ns_from_utc_text("2017-08-28T20:58:01.123456789Z")
    assert instant == (1503953881 + 37) * SECOND_NS + 123_456_789
    assert utc_text_from_tai_ns(instant, 9) == "2017-08-28T20:58:01.123456789Z"


def test_a_leap_second_is_an_instant_like_any_other() -> None:
    before = tai_ns_from_utc_text("2016-12-31T23:59:59Z")
    after = tai_ns_from_utc_text("2017-01-01T00:00:00Z")
    assert (before + SECOND_NS, LEAP_TAI_NS + SECOND_NS) == (LEAP_TAI_NS, after)
    assert utc_text_from_tai_ns(LEAP_TAI_NS + SECOND_NS // 2) == "2016-12-31T23:59:60.500Z"
    assert utc_text_from_tai_ns(after - 1, 9) == "2016-12-31T23:59:60.999999999Z"
    assert tai_ns_from_utc_text("2017-01-01T05:29:60+05:30") == LEAP_TAI_NS


@pytest.mark.parametrize(
    "text",
    ["2017-12-31T23:59:60Z", "2016-12-31T22:59:60Z", "2016-12-31T23:59:60+01:00"],
)
def test_no_leap_second_where_utc_had_none(text: str) -> None:
    with pytest.raises(ValueError, match="UTC had no second 60 there"):
        tai_ns_from_utc_text(text)


def test_zones_are_taken_off() -> None:
    instant = tai_ns_from_utc_text("2017-08-28T20:58:00Z")
    assert tai_ns_from_utc_text("2017-08-29T05:58:00+09:00") == instant
    assert tai_ns_from_utc_text("2017-08-28T17:28:00-03:30") == instant
    assert tai_ns_from_utc_text("2017-08-28T20:58Z") == instant
    assert tai_ns_from_utc_text("2017-240T20:58:00Z") == instant


@pytest.mark.parametrize(
    ("text", "lesson"),
    [
        ("2017-08-29 05:58", "has no zone: write 2017-08-29T05:58:00Z"),
        ("2017-08-29T05:58:00", "has no zone: write 2017-08-29T05:58:00Z"),
        ("2017-8-9 5:58:07.25", "has no zone: write 2017-08-09T05:58:07.25Z"),
        ("2017-08-29 05:58:00Z", "is not ISO 8601: write 2017-08-29T05:58:00Z"),
        ("2017-08-29 05:58:00 +09:00", r"is not ISO 8601: write 2017-08-29T05:58:00\+09:00"),
        ("2017-08-29T05:58:00.1234567891Z", "finer than a nanosecond: write .*00.123456789Z"),
        ("yesterday", "write it like 2017-08-29T05:58:00Z"),
        ("", "write it like 2017-08-29T05:58:00Z"),
        ("2017-02-29T00:00:00Z", "day"),
        ("2017-366T00:00:00Z", "2017 has no day 366"),
        ("2017-000T00:00:00Z", "2017 has no day 000"),
        ("2017-08-29T24:00:00Z", "the clock runs from"),
        ("2017-08-29T23:60:00Z", "the clock runs from"),
        ("2017-08-29T23:59:61Z", "the clock runs from"),
        ("2017-08-29T23:59:00+15:00", r"zone \+15:00 does not exist"),
        ("1971-12-31T23:59:59Z", "UTC is kept here from 1972"),
        ("1972-01-01T00:00:00+01:00", "UTC is kept here from 1972"),
        ("2262-01-01T00:00:00Z", "to 2261"),
        ("9999-12-31T23:59:59-14:00", "to 2261"),
        ("0001-01-01T00:00:00+14:00", "from 1972"),
    ],
)
def test_errors_teach(text: str, lesson: str) -> None:
    with pytest.raises(ValueError, match=lesson) as caught:
        tai_ns_from_utc_text(text)
    assert repr(text) in str(caught.value)


def test_text_is_rounded_half_up_and_carries() -> None:
    instant = tai_ns_from_utc_text("2016-12-31T23:59:60.999500000Z")
    assert utc_text_from_tai_ns(instant) == "2017-01-01T00:00:00.000Z"
    assert utc_text_from_tai_ns(instant - 1) == "2016-12-31T23:59:60.999Z"
    assert utc_text_from_tai_ns(instant, 0) == "2017-01-01T00:00:00Z"
    assert utc_text_from_tai_ns(instant, 4) == "2016-12-31T23:59:60.9995Z"
    for digits in (-1, 10):
        with pytest.raises(ValueError, match="0 to 9 exist"):
            utc_text_from_tai_ns(instant, digits)


def test_instants_outside_are_refused() -> None:
    with pytest.raises(ValueError, match="before 1972"):
        utc_day_from_tai_ns(FIRST_TAI_NS - 1)
    with pytest.raises(ValueError, match="after 2261"):
        utc_day_from_tai_ns(LAST_TAI_NS + 1)
    with pytest.raises(ValueError, match="UTC is kept here from 1972"):
        tai_ns_from_utc_day(729, 0)
    assert utc_day_from_tai_ns(LEAP_TAI_NS) == (17166, DAY_NS)


@given(st.integers(FIRST_TAI_NS, LAST_TAI_NS))
def test_round_trip(tai_ns: int) -> None:
    assert tai_ns_from_utc_text(utc_text_from_tai_ns(tai_ns, 9)) == tai_ns


@given(st.sampled_from(range(27)), st.integers(-2 * SECOND_NS, 2 * SECOND_NS))
def test_round_trip_about_leap_seconds(which: int, offset_ns: int) -> None:
    rows = [row for row in erfa.leap_seconds.get() if (row["year"], row["month"]) > (1972, 1)]
    row = rows[which]
    tai_ns = tai_ns_from_utc_text(f"{row['year']}-{row['month']:02d}-01T00:00:00Z") + offset_ns
    text = utc_text_from_tai_ns(tai_ns, 9)
    assert tai_ns_from_utc_text(text) == tai_ns
    assert ("23:59:60" in text) == (-SECOND_NS <= offset_ns < 0)


@given(
    st.datetimes(datetime(1972, 1, 2), datetime(2030, 1, 1)),  # noqa: DTZ001 (zone given below)
    st.integers(-14 * 60, 14 * 60),
)
def test_zone_agrees_with_datetime(moment: datetime, zone_minutes: int) -> None:
    sign, (hours, minutes) = "-" if zone_minutes < 0 else "+", divmod(abs(zone_minutes), 60)
    text = f"{moment.isoformat(timespec='microseconds')}{sign}{hours:02d}:{minutes:02d}"
    utc = moment.replace(tzinfo=UTC) - timedelta(minutes=zone_minutes)
    try:
        tai_ns = tai_ns_from_utc_text(text)
    except ValueError:
        assert utc.year < 1972
    else:
        assert utc_text_from_tai_ns(tai_ns, 6) == utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
