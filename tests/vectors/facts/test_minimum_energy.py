"""Ballistic flights over a sphere against Kepler's, as published tables have them.

FACTS 3.1 and A17. The table follows from Bate, Mueller and White, Fundamentals of Astrodynamics,
Dover 1971, section 6.2 (eq. 6.2-16: least energy; 6.2-18: its flight path): v2 = 2 mu/R sin(psi/2)
/ (1 + sin(psi/2)), gamma = (pi - psi)/4, over R = 6,371 km with mu = 398,600.44 km3/s2, surface to
surface, without rotation or air.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from forewarn import earth
from forewarn.missiles.environment import EARTH, sphere
from forewarn.missiles.many import Flights, fall_many

Array = NDArray[np.float64]

RADIUS_M, MU = 6_371e3, 398_600.44e9
SPHERE = sphere(radius_m=RADIUS_M, gravitational_parameter_m3_s2=MU)

# range km, speed km/s, flight path deg, apogee km, time s, dR/dv km per m/s (0: not given)
LEAST_ENERGY = [
    (300, 1.6965, 44.33, 74.1, 251.0, 0.0),
    (500, 2.1734, 43.88, 122.5, 327.4, 0.48),
    (1000, 3.0161, 42.75, 239.9, 474.4, 0.72),
    (2000, 4.1129, 40.50, 458.8, 701.8, 1.13),
    (3000, 4.8650, 38.26, 655.2, 895.0, 1.55),
    (5000, 5.8834, 33.76, 976.0, 1236.7, 2.48),
    (8000, 6.8046, 27.01, 1263.7, 1679.5, 4.31),
    (10000, 7.1981, 22.52, 1319.5, 1931.0, 6.04),
    (12000, 7.4796, 18.02, 1264.5, 2143.1, 8.47),
    (13000, 7.5877, 15.77, 1195.8, 2233.1, 0.0),
]
# range km, flight path deg, time s, apogee km (0: not given)
OFF_LEAST_ENERGY = [
    (1850, 8.0, 332, 66),
    (1850, 15.0, 404, 127),
    (1850, 40.0, 660, 0),
    (1850, 60.0, 1004, 0),
    (3000, 10.0, 514, 136),
    (3000, 40.0, 925, 0),
    (3000, 70.0, 2274, 0),
]
# range km, flight path deg, dR/dv km per m/s, dR/dgamma km per mrad
SENSITIVITIES = [(3000, 10.0, 2.24, 14.5), (10000, 10.0, 11.5, 22.3), (10000, 30.0, 4.78, -5.4)]


def speed_m_s(range_m: float, steep: float) -> float:
    """Speed at the surface that flies a range at a flight path angle [rad] (eq. 6.2-12)."""
    psi = range_m / RADIUS_M
    q = (1.0 - math.cos(psi)) / (
        math.cos(steep) ** 2 * (1.0 - math.cos(psi)) + math.sin(psi) * math.sin(2.0 * steep) / 2.0
    )
    return math.sqrt(q * MU / RADIUS_M)


def least_energy(range_m: float) -> tuple[float, float]:
    """Speed [m/s] and flight path angle [rad] of least energy."""
    psi = range_m / RADIUS_M
    half = math.sin(psi / 2.0)
    return math.sqrt(2.0 * MU / RADIUS_M * half / (1.0 + half)), (math.pi - psi) / 4.0


def flown(speeds: list[float], steeps: list[float]) -> Flights:
    """Flights from one point of the sphere along its equator."""
    v, g = np.array(speeds), np.array(steeps)
    position = np.tile((RADIUS_M, 0.0, 0.0), (len(v), 1))
    velocity = np.column_stack((v * np.sin(g), v * np.cos(g), np.zeros(len(v))))
    return fall_many(position, velocity, environment=SPHERE)


def ranges_m(flights: Flights) -> Array:
    """Ranges over the sphere, all the way round."""
    end = flights.end_position_ecef_m
    turn = np.arctan2(end[:, 1], end[:, 0]) % (2.0 * math.pi)
    return np.asarray(turn * RADIUS_M, dtype=np.float64)


def derivatives(speed: float, steep: float) -> tuple[float, float]:
    """dR/dv [m per m/s] and dR/dgamma [m per rad] by central differences of flights."""
    dv, dg = 0.5, 1e-4
    r = ranges_m(
        flown([speed - dv, speed + dv, speed, speed], [steep, steep, steep - dg, steep + dg])
    )
    return float(r[1] - r[0]) / (2.0 * dv), float(r[3] - r[2]) / (2.0 * dg)


def test_flights_of_least_energy() -> None:
    """FACTS 3.1, every row: the printed digits of the start, and range, apogee, time to 1e-4.

    The start is exact, by the formulas, where the table's is rounded.
    """
    starts = [least_energy(1e3 * row[0]) for row in LEAST_ENERGY]
    flights = flown([s[0] for s in starts], [s[1] for s in starts])
    assert np.all(flights.came_down)
    table = np.array(LEAST_ENERGY)
    for (speed, steep), row in zip(starts, LEAST_ENERGY, strict=True):
        assert speed / 1e3 == pytest.approx(row[1], abs=6e-5)
        assert math.degrees(steep) == pytest.approx(row[2], abs=6e-3)
    assert ranges_m(flights) == pytest.approx(1e3 * table[:, 0], rel=1e-6)
    # Half a unit of the last printed digit is more than 1e-4 in the short rows.
    assert flights.apogee_height_m / 1e3 == pytest.approx(table[:, 3], rel=1e-4, abs=0.051)
    assert flights.end_s == pytest.approx(table[:, 4], rel=1e-4, abs=0.051)
    assert flights.end_speed_m_s == pytest.approx([s[0] for s in starts], rel=1e-8)
    assert flights.end_flight_path_rad == pytest.approx([-s[1] for s in starts], abs=1e-6)


def test_flights_of_least_energy_against_kepler() -> None:
    """FACTS 3.1, every row, beyond the printed digits: apogee and time of the ellipse to 1e-7."""
    starts = [least_energy(1e3 * row[0]) for row in LEAST_ENERGY]
    flights = flown([s[0] for s in starts], [s[1] for s in starts])
    for i, (speed, steep) in enumerate(starts):
        q = speed**2 * RADIUS_M / MU
        a = RADIUS_M / (2.0 - q)
        e = math.sqrt(1.0 + q * (q - 2.0) * math.cos(steep) ** 2)
        eccentric = math.acos((1.0 - RADIUS_M / a) / e)
        half = math.pi - eccentric + e * math.sin(eccentric)  # from the surface to the apogee
        assert flights.apogee_height_m[i] == pytest.approx(a * (1.0 + e) - RADIUS_M, rel=1e-7)
        assert flights.end_s[i] == pytest.approx(2.0 * math.sqrt(a**3 / MU) * half, rel=1e-7)
        assert flights.apogee_s[i] == pytest.approx(0.5 * flights.end_s[i], rel=1e-6)


def test_depressed_and_lofted_flights() -> None:
    """FACTS 3.1, depressed against lofted: times and apogees within the printed digits."""
    steeps = [math.radians(row[1]) for row in OFF_LEAST_ENERGY]
    speeds = [speed_m_s(1e3 * r[0], g) for r, g in zip(OFF_LEAST_ENERGY, steeps, strict=True)]
    flights = flown(speeds, steeps)
    table = np.array(OFF_LEAST_ENERGY)
    assert ranges_m(flights) == pytest.approx(1e3 * table[:, 0], rel=1e-6)
    assert flights.end_s == pytest.approx(table[:, 2], abs=0.6)
    told = table[:, 3] > 0.0
    assert flights.apogee_height_m[told] / 1e3 == pytest.approx(table[told, 3], abs=0.6)


def test_an_error_of_speed_at_least_energy() -> None:
    """FACTS 3.1 and A17: 1 m/s is 1.55 km at 3,000 km, 6.04 km at 10,000 km, and the rows between.

    And dR/dgamma is zero there: under 1e-3 km per mrad.
    """
    for range_km, *_, km_per_m_s in LEAST_ENERGY:
        along, turned = derivatives(*least_energy(1e3 * range_km))
        if km_per_m_s:
            assert along / 1e3 == pytest.approx(km_per_m_s, abs=0.006)
        assert abs(turned) / 1e6 < 1e-3


@pytest.mark.parametrize(("range_km", "path_deg", "per_m_s", "per_mrad"), SENSITIVITIES)
def test_errors_off_least_energy(
    range_km: float, path_deg: float, per_m_s: float, per_mrad: float
) -> None:
    """FACTS 3.1 and A17: depressed and lofted, within the printed digits."""
    steep = math.radians(path_deg)
    along, turned = derivatives(speed_m_s(1e3 * range_km, steep), steep)
    assert along / 1e3 == pytest.approx(per_m_s, abs=0.06 if per_m_s > 10.0 else 0.006)
    assert turned / 1e6 == pytest.approx(per_mrad, abs=0.06)


def test_the_earth_turns_under_a_flight() -> None:
    """FACTS 3.1, rotation check: 32 min of flight are 8.0 deg, up to 893 km at the equator.

    The same flight in space, over a sphere that turns and one that does not.
    """
    speed, steep = least_energy(9_940e3)  # 32 min
    position = np.array((RADIUS_M, 0.0, 0.0))
    still = np.array((speed * math.sin(steep), 0.0, speed * math.cos(steep)))
    w = earth.ROTATION_RATE_RAD_S
    ends = []
    for rate in (0.0, w):
        world = msgspec.structs.replace(SPHERE, rotation_rate_rad_s=rate)
        velocity = still - np.cross((0.0, 0.0, rate), position)
        ends.append(fall_many(position, velocity, environment=world))
    turn = [math.atan2(f.end_position_ecef_m[0, 1], f.end_position_ecef_m[0, 0]) for f in ends]
    assert ends[1].end_s[0] == pytest.approx(ends[0].end_s[0], abs=1e-4)
    assert ends[0].end_s[0] / 60.0 == pytest.approx(32.0, abs=0.1)
    assert turn[0] - turn[1] == pytest.approx(w * ends[0].end_s[0], rel=1e-7)
    assert math.degrees(turn[0] - turn[1]) == pytest.approx(8.0, abs=0.06)
    assert EARTH.semi_major_axis_m * w * 32 * 60 / 1e3 == pytest.approx(893.0, abs=0.6)
