"""Two-part Julian dates, as ERFA and SGP4 take them: a day boundary and a fraction below one.

The split keeps 1e-11 s: the first part is a multiple of half a day and exact, the second the
fraction of the day. Definitions: IERS Conventions (2010), chapter 10; SOFA Time Scale Cookbook.
"""

from __future__ import annotations

from forewarn.epoch.utc import DAY_NS, utc_day_from_tai_ns

_JULIAN_DATE_1970 = 2_440_587.5
_TT_MINUS_TAI_NS = 32_184_000_000  # TT = TAI + 32.184 s, by definition


def utc_julian_date(tai_ns: int) -> tuple[float, float]:
    """Return the UTC Julian date (midnight, fraction of 86,400 s since then).

    Within a leap second the fraction is one or more. Raises ValueError outside 1972 to 2261.
    """
    day, nanosecond = utc_day_from_tai_ns(tai_ns)
    return _JULIAN_DATE_1970 + day, nanosecond / DAY_NS


def tt_julian_date(tai_ns: int) -> tuple[float, float]:
    """Return the Terrestrial Time Julian date (midnight, fraction)."""
    day, nanosecond = divmod(tai_ns + _TT_MINUS_TAI_NS, DAY_NS)
    return _JULIAN_DATE_1970 + day, nanosecond / DAY_NS


def ut1_julian_date(tai_ns: int, ut1_minus_tai_s: float) -> tuple[float, float]:
    """Return the UT1 Julian date (midnight of TAI, fraction) from UT1-TAI of the IERS tables."""
    day, nanosecond = divmod(tai_ns, DAY_NS)
    return _JULIAN_DATE_1970 + day, nanosecond / DAY_NS + ut1_minus_tai_s / 86_400.0
