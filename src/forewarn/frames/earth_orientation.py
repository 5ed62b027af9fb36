"""How the Earth is turned: the IERS table as an immutable value.

The numbers are read from ``finals2000A.all`` as shipped in the package ``astropy-iers-data``
(column layout: ``readme.finals2000A`` of the IERS Rapid Service). Final values (Bulletin B) are
taken where the file has them, rapid values and predictions (Bulletin A) after that; the pole
offsets dX, dY, which are predicted for a shorter time than the rest, are zero beyond. Between
days everything is interpolated linearly, UT1 as UT1-TAI, so that a leap second is no step. The
tides of a day and less, under 1 mas (3 cm on the ground), are left out.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from pathlib import Path
from typing import NamedTuple

import astropy_iers_data
import erfa
import msgspec

from forewarn.epoch import DAY_NS, SECOND_NS, tai_ns_from_utc_day, utc_text_from_tai_ns

_MJD_1970 = 40_587
_ARCSECOND_RAD: float = erfa.DAS2R
_MILLIARCSECOND_RAD: float = erfa.DMAS2R

# Columns of finals2000A (from zero, end excluded), Bulletin B first, then A.
_MJD = slice(7, 15)
_POLE_X_ARCSECOND = (slice(134, 144), slice(18, 27))
_POLE_Y_ARCSECOND = (slice(144, 154), slice(37, 46))
_UT1_MINUS_UTC_S = (slice(154, 165), slice(58, 68))
_CELESTIAL_DX_MAS = (slice(165, 175), slice(97, 106))
_CELESTIAL_DY_MAS = (slice(175, 185), slice(116, 125))


class OrientationAngles(NamedTuple):
    """Earth orientation at one instant; ``ut1_rate`` is d(UT1)/d(TAI), dimensionless."""

    ut1_minus_tai_s: float
    ut1_rate: float
    pole_x_rad: float
    pole_y_rad: float
    celestial_dx_rad: float
    celestial_dy_rad: float


class EarthOrientation(msgspec.Struct, frozen=True, kw_only=True):
    """A table of Earth orientation: one entry a day in each tuple, at ``day_tai_ns`` (0h UTC).

    UT1-TAI [s], the pole xp, yp in the ITRF [rad] and its offsets dX, dY from IAU 2006/2000A in
    the GCRF [rad]. ``source`` says where the numbers come from.
    """

    source: str
    day_tai_ns: tuple[int, ...]
    ut1_minus_tai_s: tuple[float, ...]
    pole_x_rad: tuple[float, ...]
    pole_y_rad: tuple[float, ...]
    celestial_dx_rad: tuple[float, ...]
    celestial_dy_rad: tuple[float, ...]

    @classmethod
    def from_iers(cls) -> EarthOrientation:
        """Return the table shipped with ``astropy-iers-data``, read once a process."""
        return _shipped_table()

    @classmethod
    def from_finals2000a(cls, text: str, *, source: str) -> EarthOrientation:
        """Read the text of an IERS ``finals2000A`` file, up to the last day with UT1 and pole.

        Raises ValueError naming the line that cannot be read.
        """
        rows: list[tuple[int, float, float, float, float, float]] = []
        for number, line in enumerate(text.splitlines(), start=1):
            try:
                row = _row(line)
            except ValueError as error:
                raise ValueError(f"{source}, line {number}: {error}") from None
            if row is None:
                break
            rows.append(row)
        if len(rows) < 2:
            raise ValueError(f"{source} holds {len(rows)} days of Earth orientation: 2 are needed")
        columns = tuple(zip(*rows, strict=True))
        return cls(
            source=source,
            day_tai_ns=columns[0],
            ut1_minus_tai_s=columns[1],
            pole_x_rad=columns[2],
            pole_y_rad=columns[3],
            celestial_dx_rad=columns[4],
            celestial_dy_rad=columns[5],
        )

    def at(self, tai_ns: int) -> OrientationAngles:
        """Return the orientation at an instant, interpolated linearly between days.

        Raises ValueError outside the table's dates.
        """
        days = self.day_tai_ns
        if not days[0] <= tai_ns <= days[-1]:
            raise ValueError(
                f"no Earth orientation for TAI instant {tai_ns} ns: {self.source} runs from "
                f"{utc_text_from_tai_ns(days[0], 0)} to {utc_text_from_tai_ns(days[-1], 0)}; "
                "use an instant inside, or update the package astropy-iers-data"
            )
        i = min(bisect_right(days, tai_ns), len(days) - 1)
        step_ns = days[i] - days[i - 1]
        b = (tai_ns - days[i - 1]) / step_ns
        a = 1.0 - b
        ut1 = self.ut1_minus_tai_s
        return OrientationAngles(
            a * ut1[i - 1] + b * ut1[i],
            1.0 + (ut1[i] - ut1[i - 1]) * SECOND_NS / step_ns,
            a * self.pole_x_rad[i - 1] + b * self.pole_x_rad[i],
            a * self.pole_y_rad[i - 1] + b * self.pole_y_rad[i],
            a * self.celestial_dx_rad[i - 1] + b * self.celestial_dx_rad[i],
            a * self.celestial_dy_rad[i - 1] + b * self.celestial_dy_rad[i],
        )


def _field(line: str, columns: tuple[slice, slice]) -> float | None:
    """Return the first of the two bulletins' values that is not blank."""
    for part in columns:
        if text := line[part].strip():
            return float(text)
    return None


def _row(line: str) -> tuple[int, float, float, float, float, float] | None:
    """Return a day's numbers, or None for a day that is not predicted yet."""
    day_tai_ns = tai_ns_from_utc_day(round(float(line[_MJD])) - _MJD_1970, 0)
    ut1_minus_utc_s = _field(line, _UT1_MINUS_UTC_S)
    pole_x, pole_y = _field(line, _POLE_X_ARCSECOND), _field(line, _POLE_Y_ARCSECOND)
    if ut1_minus_utc_s is None or pole_x is None or pole_y is None:
        return None
    tai_minus_utc_s = (
        day_tai_ns % DAY_NS / SECOND_NS
    )  # the day starts at 0h UTC, a whole day of TAI
    return (
        day_tai_ns,
        ut1_minus_utc_s - tai_minus_utc_s,
        pole_x * _ARCSECOND_RAD,
        pole_y * _ARCSECOND_RAD,
        (_field(line, _CELESTIAL_DX_MAS) or 0.0) * _MILLIARCSECOND_RAD,
        (_field(line, _CELESTIAL_DY_MAS) or 0.0) * _MILLIARCSECOND_RAD,
    )


@cache
def _shipped_table() -> EarthOrientation:
    path = Path(astropy_iers_data.IERS_A_FILE)
    text = path.read_text(encoding="ascii")
    return EarthOrientation.from_finals2000a(text, source=f"IERS {path.name}")
