"""Satellites placed over the Earth: they must stand where they were put."""

from __future__ import annotations

import math

import msgspec
import pytest

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text
from forewarn.frames import EarthOrientation, geodetic_from_ecef
from forewarn.orbits import (
    Elements,
    Satellite,
    geostationary,
    molniya,
    notional,
    read_tle,
    reepoch,
)

ORIENTATION = EarthOrientation.from_iers()
HOUR_NS = 3_600 * SECOND_NS
EPOCHS = [
    tai_ns_from_utc_text(text)
    for text in ("2000-06-21T12:00:00Z", "2017-08-28T20:58:00Z", "2024-12-13T00:00:00Z")
]
# From the official SGP4 verification: a low orbit, and one with the period of a day.
LOW = read_tle(
    "1 06251U 62025E   06176.82412014  .00008885  00000-0  12808-3 0  3985\n"
    "2 06251  58.0579  54.0425 0030035 139.1568 221.1854 15.56387291  6774"
)
DAILY = read_tle(
    "1 28626U 05008A   06176.46683397 -.00000205  00000-0  10000-3 0  2190\n"
    "2 28626   0.0019 286.9433 0000335  13.7918  55.6504  1.00270176  4891"
)


def place_deg(elements: Elements, tai_ns: int) -> tuple[float, float, float]:
    """Return latitude and longitude [degrees] and height [m] of the point below."""
    position_ecef_m = Satellite(elements).state_ecef(tai_ns, ORIENTATION)[0]
    latitude_rad, longitude_rad, height_m = geodetic_from_ecef(position_ecef_m)
    return math.degrees(latitude_rad), math.degrees(longitude_rad), height_m


def apart_deg(a_deg: float, b_deg: float) -> float:
    return abs(math.remainder(a_deg - b_deg, 360.0))


@pytest.mark.parametrize("new_tai_ns", EPOCHS)
def test_a_reepoched_satellite_stands_over_the_same_place(new_tai_ns: int) -> None:
    moved = reepoch(LOW, new_tai_ns)
    old, new = place_deg(LOW, LOW.epoch_tai_ns), place_deg(moved, new_tai_ns)
    assert apart_deg(new[0], old[0]) < 0.01
    assert apart_deg(new[1], old[1]) < 0.01
    assert new[2] == pytest.approx(old[2], abs=10.0)
    assert moved.mean_anomaly_rad == LOW.mean_anomaly_rad
    assert moved.epoch_tai_ns == new_tai_ns
    assert moved.origin == (
        "two-line element set of 2006-06-25T19:46:44Z; "
        "re-epoched from 2006-06-25, node shifted to keep the ground track"
    )
    # An hour and a half later the ground track is still the same one.
    later = 90 * 60 * SECOND_NS
    old, new = place_deg(LOW, LOW.epoch_tai_ns + later), place_deg(moved, new_tai_ns + later)
    assert apart_deg(new[1], old[1]) < 0.01


@pytest.mark.parametrize("new_tai_ns", EPOCHS)
def test_moon_and_sun_move_a_daily_orbit_a_little(new_tai_ns: int) -> None:
    old = place_deg(DAILY, DAILY.epoch_tai_ns)
    new = place_deg(reepoch(DAILY, new_tai_ns), new_tai_ns)
    assert apart_deg(new[0], old[0]) < 0.03
    assert apart_deg(new[1], old[1]) < 0.03


def test_an_inertial_reepoch_keeps_the_orbit_among_the_stars() -> None:
    moved = reepoch(LOW, EPOCHS[1], keep="inertial")
    assert moved.right_ascension_rad == LOW.right_ascension_rad
    assert moved.origin.endswith("re-epoched from 2006-06-25, node kept among the stars")
    old, new = place_deg(LOW, LOW.epoch_tai_ns), place_deg(moved, EPOCHS[1])
    assert apart_deg(new[1], old[1]) > 1.0


def test_a_constellation_is_phased_by_the_mean_anomaly() -> None:
    moved = reepoch(LOW, EPOCHS[1], mean_anomaly_rad=LOW.mean_anomaly_rad + 3.0)
    assert moved.mean_anomaly_rad == pytest.approx(LOW.mean_anomaly_rad + 3.0 - 2.0 * math.pi)
    assert moved.right_ascension_rad == reepoch(LOW, EPOCHS[1]).right_ascension_rad
    assert moved.origin.endswith("node shifted to keep the ground track, mean anomaly chosen")


@pytest.mark.parametrize("epoch_tai_ns", EPOCHS)
@pytest.mark.parametrize("longitude_deg", [-170.0, -37.5, 0.0, 10.0, 75.0, 139.9, 180.0])
def test_a_geostationary_satellite_stays(longitude_deg: float, epoch_tai_ns: int) -> None:
    elements = geostationary("notional", math.radians(longitude_deg), epoch_tai_ns)
    for hour in range(0, 49, 6):
        latitude, longitude, height_m = place_deg(elements, epoch_tai_ns + hour * HOUR_NS)
        assert apart_deg(longitude, longitude_deg) < 0.03
        assert abs(latitude) < 0.03
        assert height_m == pytest.approx(35_786e3, abs=10e3)
    assert elements.origin == "notional"


@pytest.mark.parametrize("apogee_tai_ns", EPOCHS)
@pytest.mark.parametrize("longitude_deg", [-100.0, 0.0, 90.0])
def test_a_molniya_returns_to_its_apogee(longitude_deg: float, apogee_tai_ns: int) -> None:
    elements = molniya("notional", math.radians(longitude_deg), apogee_tai_ns)
    half_sidereal_day_ns = 43_082 * SECOND_NS
    for revolution in range(5):
        instant = apogee_tai_ns + revolution * half_sidereal_day_ns
        latitude, longitude, height_m = place_deg(elements, instant)
        over_deg = longitude_deg + 180.0 * (revolution % 2)
        assert apart_deg(longitude, over_deg) < 0.2
        assert latitude == pytest.approx(63.43, abs=0.1)
        assert height_m == pytest.approx(39_300e3, abs=50e3)
    assert place_deg(elements, apogee_tai_ns + half_sidereal_day_ns // 2)[0] < -50.0
    assert elements.origin == "notional"


def test_a_notional_satellite_is_its_classical_elements() -> None:
    elements = notional(
        "walker 1",
        EPOCHS[1],
        semi_major_axis_m=7_378_135.0,
        eccentricity=0.001,
        inclination_rad=1.0,
        right_ascension_rad=-1.0,
        argument_of_perigee_rad=7.0,
        mean_anomaly_rad=2.0,
    )
    period_s = 2.0 * math.pi / elements.mean_motion_rad_s
    assert period_s == pytest.approx(6307.1, abs=0.1)  # 2 pi sqrt(a^3 / mu)
    assert elements.right_ascension_rad == pytest.approx(2.0 * math.pi - 1.0)
    assert elements.argument_of_perigee_rad == pytest.approx(7.0 - 2.0 * math.pi)
    expected = (1.0, 0.001, 2.0, 0.0, "notional", 0)
    assert expected == (
        elements.inclination_rad,
        elements.eccentricity,
        elements.mean_anomaly_rad,
        elements.bstar_per_earth_radius,
        elements.origin,
        elements.catalogue_number,
    )
    assert msgspec.json.decode(msgspec.json.encode(elements), type=Elements) == elements


@pytest.mark.parametrize(
    ("axis_m", "eccentricity", "lesson"),
    [
        (6_600e3, 0.1, "has its perigee -438135 m above"),
        (math.nan, 0.0, "has its perigee"),
        (7_000e3, 1.0, "it runs from 0 to below 1"),
        (7_000e3, -0.1, "it runs from 0 to below 1"),
    ],
)
def test_an_impossible_orbit_is_refused(axis_m: float, eccentricity: float, lesson: str) -> None:
    with pytest.raises(ValueError, match=lesson):
        notional(
            "n",
            EPOCHS[0],
            semi_major_axis_m=axis_m,
            eccentricity=eccentricity,
            inclination_rad=1.0,
            right_ascension_rad=0.0,
            argument_of_perigee_rad=0.0,
            mean_anomaly_rad=0.0,
        )
