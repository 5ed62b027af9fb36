"""Julian dates against ERFA's own conversions."""

from __future__ import annotations

import erfa
import pytest

from forewarn.epoch import (
    tai_ns_from_utc_text,
    tt_julian_date,
    ut1_julian_date,
    utc_julian_date,
)

DAY_S = 86_400.0
CASES = [
    (1975, 1, 1, 0, 0, 0.0),
    (2004, 4, 6, 7, 51, 28.386009),
    (2017, 8, 28, 20, 58, 0.0),
    (2026, 11, 22, 23, 59, 59.999999),
]


def text_of(case: tuple[int, int, int, int, int, float]) -> str:
    year, month, day, hour, minute, second = case
    return f"{year}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:09.6f}Z"


def seconds_apart(a: tuple[float, float], b: tuple[float, float]) -> float:
    return abs((a[0] - b[0]) + (a[1] - b[1])) * DAY_S


@pytest.mark.parametrize("case", CASES)
def test_julian_dates_are_those_of_erfa(case: tuple[int, int, int, int, int, float]) -> None:
    tai_ns = tai_ns_from_utc_text(text_of(case))
    utc = erfa.dtf2d("UTC", *case)
    tt = erfa.taitt(*erfa.utctai(*utc))
    ut1 = erfa.utcut1(*utc, -0.3)
    tai_minus_utc_s = erfa.dat(*case[:3], 0.0)
    assert seconds_apart(utc_julian_date(tai_ns), utc) < 1e-10
    assert seconds_apart(tt_julian_date(tai_ns), tt) < 1e-9
    assert seconds_apart(ut1_julian_date(tai_ns, -0.3 - tai_minus_utc_s), ut1) < 1e-9


def test_the_first_part_is_a_midnight_and_the_second_below_a_day() -> None:
    for case in CASES:
        for midnight, fraction in (
            utc_julian_date(tai_ns_from_utc_text(text_of(case))),
            tt_julian_date(tai_ns_from_utc_text(text_of(case))),
        ):
            assert midnight % 1.0 == 0.5
            assert 0.0 <= fraction < 1.0


def test_known_dates() -> None:
    assert utc_julian_date(tai_ns_from_utc_text("2000-01-01T12:00:00Z")) == (2451544.5, 0.5)
    assert utc_julian_date(tai_ns_from_utc_text("2016-12-31T23:59:60Z")) == (2457753.5, 1.0)
    # J2000.0 is 2000-01-01T11:58:55.816 UTC.
    assert tt_julian_date(tai_ns_from_utc_text("2000-01-01T11:58:55.816Z")) == (2451544.5, 0.5)
