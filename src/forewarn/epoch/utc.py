"""UTC text to integer TAI nanoseconds and back, exactly, leap seconds included.

Everything is integer arithmetic on days and nanoseconds, so no digit is lost. The table of leap
seconds is ERFA's own (IERS Bulletin C), compiled into ``pyerfa``: nothing is downloaded. UTC is
defined here from 1972, when it became whole seconds from TAI, to 2262, where nanoseconds leave
64 bits. Instants after the last announced leap second use the last known offset.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import date

import erfa

SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS

_ORDINAL_1970 = date(1970, 1, 1).toordinal()
_FIRST_YEAR, _LAST_YEAR = 1972, 2261
_FIRST_DAY = date(_FIRST_YEAR, 1, 1).toordinal() - _ORDINAL_1970
_LAST_DAY = date(_LAST_YEAR, 12, 31).toordinal() - _ORDINAL_1970
_WIDEST_ZONE_MINUTES = 14 * 60

_ISO_8601 = re.compile(
    r"(?P<year>\d{4})-(?:(?P<month>\d\d)-(?P<day>\d\d)|(?P<day_of_year>\d{3}))"
    r"T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)",
    re.ASCII,
)
_ALMOST_ISO_8601 = re.compile(
    r"\s*(\d{4})-(\d\d?)-(\d\d?)[\sTt]+(\d\d?):(\d\d)(?::(\d\d)(\.\d*)?)?\s*(.*?)\s*", re.ASCII
)


def _leap_second_table() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the UTC days since 1970 on which TAI-UTC changed, and TAI-UTC [s] from then on."""
    rows = [row for row in erfa.leap_seconds.get() if row["year"] >= _FIRST_YEAR]
    days = (date(int(r["year"]), int(r["month"]), 1).toordinal() - _ORDINAL_1970 for r in rows)
    return tuple(days), tuple(round(float(r["tai_utc"])) for r in rows)


_LEAP_DAYS, _TAI_MINUS_UTC_S = _leap_second_table()
_ERA_STARTS_TAI_NS = tuple(
    day * DAY_NS + offset_s * SECOND_NS
    for day, offset_s in zip(_LEAP_DAYS, _TAI_MINUS_UTC_S, strict=True)
)


def _tai_minus_utc_ns(day: int) -> int:
    return _TAI_MINUS_UTC_S[bisect_right(_LEAP_DAYS, day) - 1] * SECOND_NS


def _day_length_ns(day: int) -> int:
    """Return how long a UTC day is: 86,400 s, or 86,401 s if it ends in a leap second."""
    return DAY_NS + _tai_minus_utc_ns(day + 1) - _tai_minus_utc_ns(day)


def tai_ns_from_utc_day(day: int, nanosecond: int) -> int:
    """Return the instant ``nanosecond`` ns after the start of a UTC day (1970-01-01 is day 0).

    Raises ValueError for a day outside 1972 to 2261.
    """
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise ValueError(
            f"UTC is kept here from {_FIRST_YEAR} (before, it did not run in whole seconds of TAI) "
            f"to {_LAST_YEAR}, and day {day} after 1970-01-01 is outside: use a date inside"
        )
    return day * DAY_NS + _tai_minus_utc_ns(day) + nanosecond


def utc_day_from_tai_ns(tai_ns: int) -> tuple[int, int]:
    """Return the UTC day since 1970-01-01 and the nanoseconds gone since its start.

    Within a leap second the nanoseconds are 86,400e9 or more. Raises ValueError outside 1972-2261.
    """
    era = bisect_right(_ERA_STARTS_TAI_NS, tai_ns) - 1
    if era < 0:
        raise ValueError(
            f"instant {tai_ns} ns (TAI) is before 1972-01-01T00:00:00Z: use a later one"
        )
    day = (tai_ns - _TAI_MINUS_UTC_S[era] * SECOND_NS) // DAY_NS
    if era + 1 < len(_LEAP_DAYS):
        day = min(day, _LEAP_DAYS[era + 1] - 1)  # a leap second belongs to the day it ends
    if day > _LAST_DAY:
        raise ValueError(f"instant {tai_ns} ns (TAI) is after {_LAST_YEAR}: use an earlier one")
    return day, tai_ns - tai_ns_from_utc_day(day, 0)


def tai_ns_from_utc_text(text: str) -> int:
    """Return the instant that an ISO 8601 text states; its zone, Z or +hh:mm, is mandatory.

    Calendar dates and days of the year (2017-241) are both read; a fraction has at most nine
    digits. Second 60 is accepted exactly where UTC had one. Raises ValueError saying what to write.
    """
    match = _ISO_8601.fullmatch(text)
    if match is None:
        raise ValueError(_what_to_write(text))
    day = _day_of(text, match)
    minutes = int(match["hour"]) * 60 + int(match["minute"])
    second = int(match["second"] or 0)
    if int(match["hour"]) > 23 or int(match["minute"]) > 59 or second > 60:
        raise ValueError(f"time {text!r}: the clock runs from 00:00:00 to 23:59:59")
    days_off, minutes = divmod(minutes - _zone_minutes(text, match["zone"]), 24 * 60)
    fraction_ns = int((match["fraction"] or "0").ljust(9, "0"))
    nanosecond = (minutes * 60 + second) * SECOND_NS + fraction_ns
    day += days_off
    try:
        instant_tai_ns = tai_ns_from_utc_day(day, nanosecond)
    except ValueError as error:
        raise ValueError(f"time {text!r}: {error}") from None
    leap_minute = minutes == 24 * 60 - 1
    if (second == 60 and not leap_minute) or nanosecond >= _day_length_ns(day):
        raise ValueError(
            f"time {text!r}: UTC had no second 60 there: leap seconds end the days before "
            "the 1 January or 1 July of a new TAI-UTC; write the next minute, second 00"
        )
    return instant_tai_ns


def utc_text_from_tai_ns(tai_ns: int, digits: int = 3) -> str:
    """Return the instant as ISO 8601 UTC text ending in Z, rounded half up to ``digits`` (0 to 9).

    Nine digits are exact. Raises ValueError outside 1972 to 2261.
    """
    if not 0 <= digits <= 9:
        raise ValueError(f"{digits} digits of a second asked for: 0 to 9 exist, 9 is a nanosecond")
    unit_ns = 10 ** (9 - digits)
    day, nanosecond = utc_day_from_tai_ns((tai_ns + unit_ns // 2) // unit_ns * unit_ns)
    second, fraction_ns = divmod(nanosecond, SECOND_NS)
    minute = min(second // 60, 24 * 60 - 1)  # second 86,400 is 23:59:60
    fraction = f".{fraction_ns // unit_ns:0{digits}d}" if digits else ""
    clock = f"{minute // 60:02d}:{minute % 60:02d}:{second - minute * 60:02d}{fraction}"
    return f"{date.fromordinal(_ORDINAL_1970 + day)}T{clock}Z"


def _day_of(text: str, match: re.Match[str]) -> int:
    try:
        if match["day_of_year"] is None:
            stated = date(int(match["year"]), int(match["month"]), int(match["day"]))
            return stated.toordinal() - _ORDINAL_1970
        first = date(int(match["year"]), 1, 1).toordinal()
        stated = date.fromordinal(first + int(match["day_of_year"]) - 1)
        if stated.year != int(match["year"]):
            raise ValueError(f"{match['year']} has no day {match['day_of_year']}")
        return stated.toordinal() - _ORDINAL_1970
    except (ValueError, OverflowError) as error:
        raise ValueError(f"time {text!r}: {error}") from None


def _zone_minutes(text: str, zone: str) -> int:
    if zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    if minutes > _WIDEST_ZONE_MINUTES or int(zone[4:6]) > 59:
        raise ValueError(f"time {text!r}: zone {zone} does not exist: use Z or -14:00 to +14:00")
    return -minutes if zone[0] == "-" else minutes


def _what_to_write(text: str) -> str:
    almost = _ALMOST_ISO_8601.fullmatch(text)
    if almost is None:
        return f"time {text!r} is not ISO 8601 with a zone: write it like 2017-08-29T05:58:00Z"
    year, month, day, hour, minute, second, fraction, rest = almost.groups()
    digits = (fraction or "").rstrip(".")
    zone = rest if re.fullmatch(r"[+-]\d\d:\d\d", rest) else "Z"
    clock = f"{int(hour):02d}:{minute}:{second or '00'}{digits[:10]}{zone}"
    reason = "is not ISO 8601" if rest else "has no zone"
    if len(digits) > 10:
        reason = "is finer than a nanosecond"
    return f"time {text!r} {reason}: write {year}-{int(month):02d}-{int(day):02d}T{clock}"
