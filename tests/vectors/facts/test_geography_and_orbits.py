"""Published geography of history's false alarms, and orbits of early-warning satellites."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text
from forewarn.frames import (
    EarthOrientation,
    geodetic_from_ecef,
    surface_azimuth_rad,
    surface_destination_rad,
    surface_distance_m,
)
from forewarn.orbits import Elements, Satellite, molniya, notional

# Degrees north and east; sites as in IEEE Spectrum 2000 (copy at russianforces.org).
ANDOYA = (69.294, 16.021)
OLENEGORSK = (68.1141, 33.9102)
GRAND_FORKS = (47.95, -97.4)
MOSCOW = (55.75, 37.62)
EPOCH_TAI_NS = tai_ns_from_utc_text("2014-03-01T00:00:00Z")


def radians(*places: tuple[float, float]) -> tuple[float, ...]:
    return tuple(math.radians(angle) for place in places for angle in place)


def unit(place: tuple[float, float]) -> np.ndarray:
    latitude, longitude = map(math.radians, place)
    return np.array(
        [
            math.cos(latitude) * math.cos(longitude),
            math.cos(latitude) * math.sin(longitude),
            math.sin(latitude),
        ]
    )


def test_andoya_as_seen_from_olenegorsk() -> None:
    """Norwegian rocket, 1995 (A11): 731 km away at azimuth 288.6 degrees."""
    towards = radians(OLENEGORSK, ANDOYA)
    assert surface_distance_m(*towards) == pytest.approx(731e3, abs=1e3)
    assert math.degrees(surface_azimuth_rad(*towards)) == pytest.approx(288.6, abs=0.1)


def test_andoya_lies_beside_the_great_circle_from_grand_forks_to_moscow() -> None:
    """A11: 103 km from the corridor, so a rule by place alone, or by azimuth alone, fails."""
    azimuth_rad = surface_azimuth_rad(*radians(GRAND_FORKS, MOSCOW))
    start = radians(GRAND_FORKS)
    along_m = np.linspace(0.0, surface_distance_m(*radians(GRAND_FORKS, MOSCOW)), 4001)
    corridor = [surface_destination_rad(*start, azimuth_rad, d) for d in along_m]
    nearest_m = min(surface_distance_m(*place, *radians(ANDOYA)) for place in corridor)
    normal = np.cross(unit(GRAND_FORKS), unit(MOSCOW))
    by_plane_m = 6_371e3 * abs(math.asin(normal @ unit(ANDOYA) / np.linalg.norm(normal)))
    assert by_plane_m == pytest.approx(103e3, abs=1e3)
    assert nearest_m == pytest.approx(by_plane_m, abs=1e3)


def elliptical(perigee_km: float, apogee_km: float, inclination_deg: float) -> Elements:
    """Return an orbit of stated heights over the equatorial radius."""
    low_m, high_m = 6_378_137.0 + perigee_km * 1e3, 6_378_137.0 + apogee_km * 1e3
    return notional(
        "host",
        EPOCH_TAI_NS,
        semi_major_axis_m=0.5 * (low_m + high_m),
        eccentricity=(high_m - low_m) / (high_m + low_m),
        inclination_rad=math.radians(inclination_deg),
        right_ascension_rad=0.0,
        argument_of_perigee_rad=1.5 * math.pi,
        mean_anomaly_rad=math.pi,
    )


@pytest.mark.parametrize(
    ("name", "perigee_km", "apogee_km", "inclination_deg"),
    [
        ("USA 184, host of SBIRS HEO-1 (sattrackcam 2014-03)", 1_590.0, 38_760.0, 63.58),
        ("EKS (der-orion 2017, russianforces 2024-01)", 1_650.0, 38_500.0, 63.8),
    ],
)
def test_published_twelve_hour_orbits(
    name: str, perigee_km: float, apogee_km: float, inclination_deg: float
) -> None:
    """Their stated heights give half a day's period, and apogee stands as high in the north."""
    host = elliptical(perigee_km, apogee_km, inclination_deg)
    period_s = 2.0 * math.pi / host.mean_motion_rad_s
    assert period_s == pytest.approx(43_082.0, rel=0.01), name  # half a sidereal day
    orientation = EarthOrientation.from_iers()
    heights = []
    for share in (0.0, 0.5):
        instant = EPOCH_TAI_NS + round(share * period_s * SECOND_NS)
        latitude_rad, _, height_m = geodetic_from_ecef(
            Satellite(host).state_ecef(instant, orientation)[0]
        )
        heights.append((math.degrees(latitude_rad), height_m / 1e3))
    (north_deg, high_km), (south_deg, low_km) = heights
    assert north_deg == pytest.approx(inclination_deg, abs=0.5)
    assert south_deg == pytest.approx(-inclination_deg, abs=0.5)
    assert high_km == pytest.approx(apogee_km, abs=60.0)  # 17 km of it is the Earth's flattening
    assert low_km == pytest.approx(perigee_km, abs=60.0)


def test_our_notional_molniya_orbit_is_of_that_kind() -> None:
    """Twelve hours, critical inclination, apogee within the published 35,000 to 40,000 km."""
    satellite = molniya("notional", 1.0, EPOCH_TAI_NS)
    axis_m = (3.986008e14 / satellite.mean_motion_rad_s**2) ** (1.0 / 3.0)
    apogee_m = axis_m * (1.0 + satellite.eccentricity) - 6_378_137.0
    assert 35_000e3 < apogee_m < 40_000e3
    assert math.degrees(satellite.inclination_rad) == pytest.approx(63.4, abs=0.1)


@pytest.mark.parametrize(
    ("dimension", "runs", "low", "high"),
    [
        (4, 500, 3.76, 4.25),
        (4, 50, 3.26, 4.82),
        (4, 100, 3.47, 4.57),
        (6, 100, 5.34, 6.70),
        (7, 100, 6.29, 7.75),
    ],
)
def test_bounds_of_consistency(dimension: int, runs: int, low: float, high: float) -> None:
    """95 % bounds of a mean normalised error (Bar-Shalom, Li, Kirubarajan 2001, section 5.4)."""
    bounds = chi2.ppf((0.025, 0.975), dimension * runs) / runs
    assert bounds == pytest.approx((low, high), abs=0.006)
