"""Instants: integer TAI nanoseconds, UTC as text, and the Julian dates that astronomy asks for.

An instant is the number of nanoseconds since 1970-01-01T00:00:00 TAI, an ``int``, so differences
are exact and a leap second is an instant like any other. UTC exists only as text.
"""

from forewarn.epoch.julian_date import tt_julian_date, ut1_julian_date, utc_julian_date
from forewarn.epoch.utc import (
    DAY_NS,
    SECOND_NS,
    tai_ns_from_utc_day,
    tai_ns_from_utc_text,
    utc_day_from_tai_ns,
    utc_text_from_tai_ns,
)

__all__ = [
    "SECOND_NS",
    "DAY_NS",
    "tai_ns_from_utc_text",
    "utc_text_from_tai_ns",
    "tai_ns_from_utc_day",
    "utc_day_from_tai_ns",
    "utc_julian_date",
    "tt_julian_date",
    "ut1_julian_date",
]
