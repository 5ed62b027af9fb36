"""Two-line element sets, with five-digit and Alpha-5 catalogue numbers.

Layout: Space-Track "Basic Description of the Two Line Element (TLE) Format"; Alpha-5 and the
two-digit year: Space-Track "What is Alpha-5?" and Kelso, Satellite Times 4 (3), 1998. A line is
69 columns, the last its checksum: digits count their value, a minus one, modulo ten.
"""

from __future__ import annotations

import math
import re
from datetime import date
from typing import NamedTuple

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_day, utc_text_from_tai_ns
from forewarn.orbits.elements import Elements

_LINE_COLUMNS = 69
_ALPHA_5 = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # A is 10 to Z 33; I and O look like digits and are left out
_FIRST_YEAR_OF_PIVOT = 57  # 57 to 99 are 1957 to 1999, 00 to 56 are 2000 to 2056
_EPHEMERIS_TYPES_OF_SGP4 = ("0", "2", " ")
# What each character counts in a checksum, as a table of 256 bytes.
_WORTH = bytes(c - 48 if 48 <= c <= 57 else int(c == ord("-")) for c in range(256))
_DAY_1970 = date(1970, 1, 1).toordinal()


class _Field(NamedTuple):
    """A field by its columns as the format's description counts them: from one, end included."""

    name: str
    first: int
    last: int
    form: str
    example: str


_NUMBER = _Field("catalogue number", 3, 7, rf"[{_ALPHA_5}\d ][\d ]{{3}}\d", "25544 or T0449")
_EPOCH_YEAR = _Field("epoch year", 19, 20, r"\d\d", "08")
_EPOCH_DAY = _Field("epoch day of the year", 21, 32, r"[\d ]{2}\d\.\d{8}", "264.51782528")
_DRAG = _Field("drag term B*", 54, 61, r"[ +-]\d{5}[ +-]\d", " 11606-4")
_EPHEMERIS_TYPE = _Field("ephemeris type", 63, 63, r"[\d ]", "0")
_ANGLE = r"[\d ]{2}\d\.\d{4}"
_INCLINATION = _Field("inclination", 9, 16, _ANGLE, " 51.6416")
_RIGHT_ASCENSION = _Field("right ascension of the node", 18, 25, _ANGLE, "247.4627")
_ECCENTRICITY = _Field("eccentricity", 27, 33, r"\d{7}", "0006703")
_PERIGEE = _Field("argument of perigee", 35, 42, _ANGLE, "130.5360")
_MEAN_ANOMALY = _Field("mean anomaly", 44, 51, _ANGLE, "325.0288")
_MEAN_MOTION = _Field("mean motion", 53, 63, r"[\d ]\d\.\d{8}", "15.72125391")


def read_tle(text: str) -> Elements:
    """Read one element set: two lines, with or without a line with the name before.

    Raises ValueError naming the line, the columns or the checksum digit that is wrong.
    """
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if len(lines) not in (2, 3):
        raise ValueError(
            f"a TLE is 2 lines, or 3 with a name first, and this text has {len(lines)}: "
            "give one element set at a time"
        )
    line_1, line_2 = lines[-2:]
    _check_line(line_1, 1)
    _check_line(line_2, 2)
    number = _catalogue_number(_text(line_1, _NUMBER))
    if _catalogue_number(_text(line_2, _NUMBER)) != number:
        raise ValueError(
            f"TLE lines 1 and 2 are of different objects, {line_1[2:7]!r} and {line_2[2:7]!r}: "
            "put the two lines of one object together"
        )
    if _text(line_1, _EPHEMERIS_TYPE) not in _EPHEMERIS_TYPES_OF_SGP4:
        raise ValueError(
            f"TLE line 1 column 63 (ephemeris type) is {line_1[62]!r}: "
            "only element sets for SGP4 (0) can be propagated here, not those for SGP4-XP (4)"
        )
    epoch_tai_ns = _epoch_tai_ns(line_1)
    name = lines[0].removeprefix("0 ").strip() if len(lines) == 3 else str(number)
    return Elements(
        object_name=name,
        catalogue_number=number,
        epoch_tai_ns=epoch_tai_ns,
        inclination_rad=_angle_rad(line_2, _INCLINATION, 180.0),
        right_ascension_rad=_angle_rad(line_2, _RIGHT_ASCENSION, 360.0),
        eccentricity=float("0." + _text(line_2, _ECCENTRICITY)),
        argument_of_perigee_rad=_angle_rad(line_2, _PERIGEE, 360.0),
        mean_anomaly_rad=_angle_rad(line_2, _MEAN_ANOMALY, 360.0),
        mean_motion_rad_s=_mean_motion_rad_s(line_2),
        bstar_per_earth_radius=_drag(line_1),
        origin=f"two-line element set of {utc_text_from_tai_ns(epoch_tai_ns, 0)}",
    )


def _check_line(line: str, number: int) -> None:
    if not line.isascii() or not line.startswith(f"{number} "):
        raise ValueError(f"TLE line {number} must begin with '{number} ': it is {line[:24]!r}")
    if len(line) != _LINE_COLUMNS:
        raise ValueError(
            f"TLE line {number} has {len(line)} columns: it must have {_LINE_COLUMNS}, "
            "keep every space between the fields"
        )
    expected = sum(line[:-1].encode("ascii").translate(_WORTH)) % 10
    if line[-1] != str(expected):
        raise ValueError(
            f"TLE line {number} ends in checksum {line[-1]!r}, but its columns give {expected}: "
            "a character was changed, get the line again from its source"
        )


def _text(line: str, field: _Field) -> str:
    text = line[field.first - 1 : field.last]
    if re.fullmatch(field.form, text) is None:
        raise ValueError(
            f"TLE line {line[0]} columns {field.first}-{field.last} ({field.name}) are {text!r}: "
            f"write them like {field.example!r}"
        )
    return text


def _catalogue_number(text: str) -> int:
    if text[0] in _ALPHA_5:
        return (10 + _ALPHA_5.index(text[0])) * 10_000 + int(text[1:].replace(" ", "0"))
    return int(text)


def _epoch_tai_ns(line: str) -> int:
    """Return the epoch exactly: the eighth decimal of a day is 864 microseconds."""
    short_year = int(_text(line, _EPOCH_YEAR))
    year = short_year + (1900 if short_year >= _FIRST_YEAR_OF_PIVOT else 2000)
    whole, fraction = _text(line, _EPOCH_DAY).split(".")
    first_day = date(year, 1, 1).toordinal() - _DAY_1970
    day = first_day + int(whole) - 1
    if not first_day <= day < date(year + 1, 1, 1).toordinal() - _DAY_1970:
        raise ValueError(
            f"TLE line 1 columns 21-32 (epoch day of the year) say day {int(whole)}: "
            f"{year} has no such day, the first is 001"
        )
    try:
        return tai_ns_from_utc_day(day, int(fraction) * (864 * SECOND_NS // 1_000_000))
    except ValueError as error:
        raise ValueError(f"TLE line 1 columns 19-32 (epoch): {error}") from None


def _angle_rad(line: str, field: _Field, most_deg: float) -> float:
    angle_deg = float(_text(line, field))
    if angle_deg > most_deg:
        raise ValueError(
            f"TLE line 2 columns {field.first}-{field.last} ({field.name}) are {angle_deg}: "
            f"at most {most_deg:.0f} degrees are possible"
        )
    return math.radians(angle_deg)


def _mean_motion_rad_s(line: str) -> float:
    revolutions_per_day = float(_text(line, _MEAN_MOTION))
    if revolutions_per_day <= 0.0:
        raise ValueError("TLE line 2 columns 53-63 (mean motion) are 0: an orbit must revolve")
    return revolutions_per_day * 2.0 * math.pi / 86_400.0


def _drag(line: str) -> float:
    """Return B* from its form with the point left out: ' 11606-4' is 0.11606e-4."""
    text = _text(line, _DRAG)
    return float(f"{text[0].strip()}.{text[1:6]}e{text[6:].strip()}")
