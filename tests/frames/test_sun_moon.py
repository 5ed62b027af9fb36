"""The Sun and the Moon against Meeus's worked examples, an eclipse and an equinox."""

from __future__ import annotations

import math

import erfa
import numpy as np
import pytest
from numpy.typing import NDArray

from forewarn.earth import ASTRONOMICAL_UNIT_M
from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text, tt_julian_date
from forewarn.frames import (
    EarthOrientation,
    enu_axes,
    gcrf_to_ecef_matrix,
    range_azimuth_elevation,
)
from forewarn.frames.sun_moon import moon_gcrf_m, sun_gcrf_m

Array = NDArray[np.float64]


def of_date(tai_ns: int, position_gcrf_m: Array) -> tuple[float, float, float]:
    """Right ascension and declination [deg] in the true equator and equinox of date, range [m]."""
    x, y, z = erfa.pnm06a(*tt_julian_date(tai_ns)) @ position_gcrf_m
    r = math.sqrt(x * x + y * y + z * z)
    return math.degrees(math.atan2(y, x)) % 360.0, math.degrees(math.asin(z / r)), r


def test_the_sun_of_meeus() -> None:
    """Meeus, Astronomical Algorithms, example 25.b: 1992 October 13, 0h TD, from VSOP87."""
    instant = tai_ns_from_utc_text("1992-10-12T23:59:00.816Z")
    right_ascension, declination, range_m = of_date(instant, sun_gcrf_m(instant))
    assert right_ascension == pytest.approx(198.37812, abs=1e-4)  # 13h 13m 30.749s
    assert declination == pytest.approx(-7.78382, abs=1e-4)  # -7 deg 47' 01.74"
    assert range_m / ASTRONOMICAL_UNIT_M == pytest.approx(0.99760853, abs=2e-6)


def test_the_moon_of_meeus() -> None:
    """Meeus, example 47.a: 1992 April 12, 0h TD."""
    instant = tai_ns_from_utc_text("1992-04-11T23:59:01.816Z")
    right_ascension, declination, range_m = of_date(instant, moon_gcrf_m(instant))
    assert right_ascension == pytest.approx(134.688470, abs=5e-4)
    assert declination == pytest.approx(13.768368, abs=5e-4)
    assert range_m == pytest.approx(368_409_700.0, abs=1_000.0)


def test_the_sun_is_seen_where_it_was_a_light_time_ago() -> None:
    """Annual aberration, 20.5 arcseconds, 1.7 % more or less with the distance; the Moon's is 0.7.

    The Moon runs with the Earth, so that only its own way in 1.3 s of light time shows.
    """
    instant = tai_ns_from_utc_text("2003-05-06T07:08:09Z")
    tt = tt_julian_date(instant)
    geometric = {"sun": -erfa.epv00(*tt)[0]["p"], "moon": erfa.moon98(*tt)["p"]}
    moved = {
        "sun": float(erfa.sepp(geometric["sun"], sun_gcrf_m(instant))) / erfa.DAS2R,
        "moon": float(erfa.sepp(geometric["moon"], moon_gcrf_m(instant))) / erfa.DAS2R,
    }
    assert moved["sun"] == pytest.approx(20.5, abs=0.4)
    assert moved["moon"] == pytest.approx(0.7, abs=0.1)


def test_an_eclipse_is_central_where_and_when_it_was() -> None:
    """2017-08-21, greatest eclipse 18:25:32 UT at 36.97 N 87.67 W, Sun 63.9 degrees high (NASA).

    The Moon covers the Sun's centre to 0.01 degrees, and is 1.0306 times as large.
    """
    instant = tai_ns_from_utc_text("2017-08-21T18:25:32Z")
    matrix = gcrf_to_ecef_matrix(instant, EarthOrientation.from_iers())
    site = {
        "latitude_rad": math.radians(36.9664),
        "longitude_rad": math.radians(-87.6709),
        "height_m": 0.0,
    }
    sun, moon = (
        range_azimuth_elevation(matrix @ body(instant), **site)
        for body in (sun_gcrf_m, moon_gcrf_m)
    )
    assert math.degrees(sun[2]) == pytest.approx(63.9, abs=0.1)
    across = (moon[1] - sun[1]) * math.cos(sun[2])
    assert math.degrees(math.hypot(across, moon[2] - sun[2])) < 0.01
    size_ratio = (1_737_400.0 / moon[0]) / (6.957e8 / sun[0])
    assert size_ratio == pytest.approx(1.0306, abs=0.003)


def test_the_sun_crosses_the_equator_at_the_equinox() -> None:
    """The March equinox of 2000 was at 07:35 UT (Meeus, appendix); the Sun climbs 1 arcmin/hour."""
    rows = []
    for clock in ("07:25", "07:45"):
        instant = tai_ns_from_utc_text(f"2000-03-20T{clock}:00Z")
        rows.append(of_date(instant, sun_gcrf_m(instant))[1])
    assert rows[0] < 0.0 < rows[1]


def test_many_instants_are_each_as_one() -> None:
    """An array of instants, also before 1970, gives the rows that single instants give."""
    first = tai_ns_from_utc_text("1983-09-25T20:15:00Z")
    instants = first + np.array([0, 1, 86_400, -20 * 365 * 86_400], dtype=np.int64) * SECOND_NS
    for body in (sun_gcrf_m, moon_gcrf_m):
        rows = body(instants)
        assert rows.shape == (4, 3)
        each = np.array([body(int(instant)) for instant in instants])
        # The array counts from its first instant, which rounds at 1e-12 of twenty years.
        np.testing.assert_allclose(rows, each, rtol=0.0, atol=1.0)
    assert sun_gcrf_m(instants[:0]).shape == (0, 3)


def test_directions_keep_up_with_the_turning_earth() -> None:
    """In an hour the Sun moves 15 degrees westwards across the local sky of the equator."""
    start = tai_ns_from_utc_text("2020-03-20T09:00:00Z")
    east = []
    for hours in (0, 1):
        instant = start + hours * 3600 * SECOND_NS
        sun = gcrf_to_ecef_matrix(instant, EarthOrientation.from_iers()) @ sun_gcrf_m(instant)
        local = enu_axes(0.0, 0.0) @ sun
        east.append(math.degrees(math.atan2(local[0], local[2])))
    assert east[0] - east[1] == pytest.approx(15.0, abs=0.02)
