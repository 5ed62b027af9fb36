"""The IERS table: its columns, its interpolation, its ends."""

from __future__ import annotations

import math
import pickle
from pathlib import Path

import astropy_iers_data
import erfa
import pytest

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_day, tai_ns_from_utc_text
from forewarn.frames import EarthOrientation

ARCSECOND_RAD = math.pi / 648_000
SHIPPED = EarthOrientation.from_iers()

# Two lines as the IERS publishes them: one with Bulletin B, one rapid.
BOTH_BULLETINS = (
    "17 828 57993.00 I  0.218932 0.000090  0.367137 0.000090  I 0.3336411 0.0000108  1.0161 0.0080"
    "  I     0.115    0.112     0.093    0.040  0.219010  0.367110  0.3336600     0.120     0.080  "
)
RAPID_ONLY = (
    "17 829 57994.00 I  0.218000 0.000090  0.366000 0.000090  I 0.3325000 0.0000108  1.0161 0.0080"
    "  I     0.110    0.112     0.090    0.040                                                     "
)
WITHOUT_POLE_OFFSETS = RAPID_ONLY[:95] + " " * 90
NOT_PREDICTED = "17 830 57995.00" + " " * 170


def c04_rows() -> dict[int, list[float]]:
    """Return the IERS C04 series, another product, by modified Julian date."""
    rows = {}
    for line in Path(astropy_iers_data.IERS_B_FILE).read_text().splitlines():
        words = line.split()
        if line[:1] != "#" and len(words) > 10:
            rows[round(float(words[4]))] = [float(word) for word in words[5:]]
    return rows


def test_final_values_come_before_rapid_ones() -> None:
    table = EarthOrientation.from_finals2000a(f"{BOTH_BULLETINS}\n{RAPID_ONLY}", source="sample")
    first, second = (table.at(day) for day in table.day_tai_ns)
    assert table.day_tai_ns[0] == tai_ns_from_utc_text("2017-08-28T00:00:00Z")
    assert first.ut1_minus_tai_s == pytest.approx(0.33366 - 37.0, abs=1e-12)
    assert first.pole_x_rad == pytest.approx(0.21901 * ARCSECOND_RAD, rel=1e-12)
    assert first.pole_y_rad == pytest.approx(0.36711 * ARCSECOND_RAD, rel=1e-12)
    assert first.celestial_dx_rad == pytest.approx(0.12e-3 * ARCSECOND_RAD, rel=1e-12)
    assert first.celestial_dy_rad == pytest.approx(0.08e-3 * ARCSECOND_RAD, rel=1e-12)
    assert second.ut1_minus_tai_s == pytest.approx(0.3325 - 37.0, abs=1e-12)
    assert second.pole_x_rad == pytest.approx(0.218 * ARCSECOND_RAD, rel=1e-12)
    assert second.pole_y_rad == pytest.approx(0.366 * ARCSECOND_RAD, rel=1e-12)
    assert second.celestial_dx_rad == pytest.approx(0.11e-3 * ARCSECOND_RAD, rel=1e-12)
    assert second.celestial_dy_rad == pytest.approx(0.09e-3 * ARCSECOND_RAD, rel=1e-12)
    # UT1 fell behind TAI by 1.16 ms in this day.
    assert first.ut1_rate == pytest.approx(1.0 - 1.16e-3 / 86_400, abs=1e-14)


def test_the_shipped_table_is_that_of_the_c04_series() -> None:
    rows = c04_rows()
    for mjd in range(51_544, max(rows), 997):
        angles = SHIPPED.at(tai_ns_from_utc_day(mjd - 40_587, 0))
        x, y, ut1_minus_utc_s, dx, dy = rows[mjd][:5]
        utc = erfa.dat(*erfa.jd2cal(2_400_000.5, mjd)[:3], 0.0)
        assert angles.ut1_minus_tai_s == pytest.approx(ut1_minus_utc_s - utc, abs=1e-4)
        assert angles.pole_x_rad == pytest.approx(x * ARCSECOND_RAD, abs=5e-4 * ARCSECOND_RAD)
        assert angles.pole_y_rad == pytest.approx(y * ARCSECOND_RAD, abs=5e-4 * ARCSECOND_RAD)
        assert angles.celestial_dx_rad == pytest.approx(dx * ARCSECOND_RAD, abs=1e-8)
        assert angles.celestial_dy_rad == pytest.approx(dy * ARCSECOND_RAD, abs=1e-8)


def test_between_days_it_is_linear_and_a_leap_second_is_no_step() -> None:
    start = tai_ns_from_utc_text("2016-12-31T00:00:00Z")
    end = tai_ns_from_utc_text("2017-01-01T00:00:00Z")
    assert end - start == 86_401 * SECOND_NS
    quarter = start + (end - start) // 4
    a, b, c = SHIPPED.at(start), SHIPPED.at(quarter), SHIPPED.at(end)
    assert abs(c.ut1_minus_tai_s - a.ut1_minus_tai_s) < 0.003
    for name in ("ut1_minus_tai_s", "pole_x_rad", "pole_y_rad", "celestial_dx_rad"):
        expected = 0.75 * getattr(a, name) + 0.25 * getattr(c, name)
        assert getattr(b, name) == pytest.approx(expected, rel=1e-12)


def test_outside_its_dates_the_table_teaches() -> None:
    with pytest.raises(ValueError, match=r"runs from 1973-01-02T00:00:00Z to .*update the package"):
        SHIPPED.at(tai_ns_from_utc_text("1972-06-01T00:00:00Z"))
    with pytest.raises(ValueError, match=r"IERS finals2000A\.all runs from"):
        SHIPPED.at(SHIPPED.day_tai_ns[-1] + 1)
    assert SHIPPED.at(SHIPPED.day_tai_ns[-1]).pole_x_rad == SHIPPED.pole_x_rad[-1]


def test_missing_pole_offsets_are_zero_and_days_not_predicted_end_the_table() -> None:
    text = f"{BOTH_BULLETINS}\n{WITHOUT_POLE_OFFSETS}\n{NOT_PREDICTED}"
    table = EarthOrientation.from_finals2000a(text, source="sample")
    assert len(table.day_tai_ns) == 2
    assert (table.celestial_dx_rad[1], table.celestial_dy_rad[1]) == (0.0, 0.0)


def test_a_broken_table_is_refused_by_line() -> None:
    with pytest.raises(ValueError, match="sample, line 2: could not convert"):
        EarthOrientation.from_finals2000a(
            BOTH_BULLETINS + "\n" + RAPID_ONLY.replace("0.3325000", "0.33x5000"), source="sample"
        )
    with pytest.raises(ValueError, match="holds 1 days"):
        EarthOrientation.from_finals2000a(BOTH_BULLETINS, source="sample")


def test_it_is_an_immutable_value_that_travels() -> None:
    with pytest.raises(AttributeError):
        SHIPPED.source = "another"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(SHIPPED)) == SHIPPED
    assert EarthOrientation.from_iers() is SHIPPED
