"""Published and recomputable figures of engine-free arcs: minimum energy, depressed and lofted."""

from __future__ import annotations

import math

import pytest

from forewarn.missiles import kepler

MINIMUM_ENERGY = [
    # range km, speed km/s, angle deg, apogee km, time s, km per m/s, cross-range km per mrad
    (300, 1.6965, 44.33, 74.1, 251.0, None, 0.30),
    (500, 2.1734, 43.88, 122.5, 327.4, 0.48, 0.50),
    (1000, 3.0161, 42.75, 239.9, 474.4, 0.72, 1.00),
    (2000, 4.1129, 40.50, 458.8, 701.8, 1.13, 1.97),
    (3000, 4.8650, 38.26, 655.2, 895.0, 1.55, 2.89),
    (5000, 5.8834, 33.76, 976.0, 1236.7, 2.48, 4.50),
    (8000, 6.8046, 27.01, 1263.7, 1679.5, 4.31, 6.06),
    (10000, 7.1981, 22.52, 1319.5, 1931.0, 6.04, 6.37),
    (12000, 7.4796, 18.02, 1264.5, 2143.1, 8.47, 6.06),
    (13000, 7.5877, 15.77, 1195.8, 2233.1, None, None),
]
OFF_MINIMUM = [
    # range km, angle deg, time s, apogee km or None, km per m/s, km per mrad or None
    (1850, 8, 332, 66, None, None),
    (1850, 15, 404, 127, None, None),
    (1850, 40, 660, None, None, None),
    (1850, 60, 1004, None, None, None),
    (3000, 10, 514, 136, 2.24, 14.5),
    (3000, 40, 925, None, None, None),
    (3000, 70, 2274, None, None, None),
    (10000, 10, None, None, 11.5, 22.3),
    (10000, 30, None, None, 4.78, -5.4),
]
LOFTED = [
    # apogee km, range km, time s
    (2111.5, 787, 1676),
    (2802, 933, 2065),
    (3724.9, 998, 2587),
    (4475, 950, 3017),
    (6248.5, 1090, 4075),
    (6040.9, 999.2, 3947),
    (5768.5, 989, 3782),
    (6045, 1000.2, 3949),
    (6648.4, 1001.2, 4319),
    (6518.2, 1002.3, 4239),
    (7687.5, 1001.2, 4973),
    (550, 2700, 806),
    (800, 3700, 1033),
    (970, 4600, 1201),
    (1453, 1050, 1304),
]


@pytest.mark.parametrize("row", MINIMUM_ENERGY, ids=lambda row: f"{row[0]} km")
def test_the_minimum_energy_table(row: tuple[float, ...]) -> None:
    """Table 3.1: v^2 = (2 mu/R) sin(psi/2)/(1 + sin(psi/2)), sphere of 6,371 km, recomputable."""
    range_km, speed_km_s, angle_deg, apogee_km, time_s, per_speed_km, per_azimuth_km = row
    arc = kepler.minimum_energy(range_km * 1e3)
    assert arc.speed_m_s == pytest.approx(speed_km_s * 1e3, abs=0.11)
    assert math.degrees(arc.angle_rad) == pytest.approx(angle_deg, abs=0.006)
    assert arc.apogee_m == pytest.approx(apogee_km * 1e3, abs=60.0)
    assert arc.time_s == pytest.approx(time_s, abs=0.06)
    slopes = kepler.range_slopes(arc)
    if per_speed_km is not None:
        assert slopes.per_speed_s == pytest.approx(per_speed_km * 1e3, abs=5.1)
    if per_azimuth_km is not None:
        assert slopes.per_azimuth_m == pytest.approx(per_azimuth_km * 1e6, abs=5.1e3)


@pytest.mark.parametrize("row", MINIMUM_ENERGY, ids=lambda row: f"{row[0]} km")
def test_the_range_is_flat_in_the_angle_at_minimum_energy(row: tuple[float, ...]) -> None:
    """Check 2: dR/dgamma is below 1e-3 km/mrad there, and the speed is the least of all angles."""
    arc = kepler.minimum_energy(row[0] * 1e3)
    assert abs(kepler.range_slopes(arc).per_angle_m) < 1e3
    for lift in (0.9, 1.1):
        assert kepler.arc(lift * arc.apogee_m, arc.range_m).speed_m_s > arc.speed_m_s


@pytest.mark.parametrize("row", OFF_MINIMUM, ids=lambda row: f"{row[0]} km at {row[1]} deg")
def test_depressed_and_lofted_arcs(row: tuple[float, ...]) -> None:
    """Section 3.1, off minimum energy: time, apogee and slopes; Gronlund and Wright 1992's cases."""
    range_km, angle_deg, time_s, apogee_km, per_speed_km, per_angle_km = row
    angle_rad = math.radians(angle_deg)
    half = math.tan(range_km * 1e3 / kepler.R / 2.0)
    ratio = half / (math.sin(angle_rad) * math.cos(angle_rad) + half * math.cos(angle_rad) ** 2)
    arc = kepler.arc_from_speed(math.sqrt(ratio * kepler.MU / kepler.R), angle_rad)
    assert arc.range_m == pytest.approx(range_km * 1e3, rel=1e-9)
    if time_s is not None:
        assert arc.time_s == pytest.approx(time_s, abs=0.6)
    if apogee_km is not None:
        assert arc.apogee_m == pytest.approx(apogee_km * 1e3, abs=600.0)
    slopes = kepler.range_slopes(arc)
    if per_speed_km is not None:
        assert slopes.per_speed_s == pytest.approx(per_speed_km * 1e3, rel=5e-3)
        assert slopes.per_angle_m == pytest.approx(per_angle_km * 1e6, abs=5.1e4)


@pytest.mark.parametrize("row", LOFTED, ids=lambda row: f"{row[0]} km up")
def test_the_engine_free_times_of_published_flights(row: tuple[float, float, float]) -> None:
    """Table 3.2, column *model*: whole seconds, with the apogees and ranges as published."""
    apogee_km, range_km, time_s = row
    assert kepler.arc(apogee_km * 1e3, range_km * 1e3).time_s == pytest.approx(time_s, abs=0.6)


def test_a_long_public_test_range() -> None:
    """Section 3.2: 6,759 km takes about 1,506 s at minimum energy."""
    assert kepler.minimum_energy(6759e3).time_s == pytest.approx(1506.0, abs=1.0)
