"""Published numbers of what is taken for a launch: fireballs, contrails, flares."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from forewarn.epoch import DAY_NS
from forewarn.formats.hot_spots import load_hot_spots
from forewarn.frames import range_azimuth_elevation
from forewarn.missiles.aircraft import level_flight
from forewarn.missiles.bolide import KILOTON_J, Meteoroid, bolide_trajectories, enter
from forewarn.sensors.sight import height_m
from forewarn.simulation.bolides import random_falls

CLUTTER = Path(__file__).resolve().parents[3] / "scenarios" / "clutter"


def test_fa_8_as_many_fireballs_a_year_as_infrared_satellites_saw() -> None:
    """About 30 a year (AFTAC, by way of FAS): of them 2 to 7.6 a year above a kiloton.

    136 of 1 kt and more in 1975 to 1992 (Sky & Telescope, soft) is 7.6 a year; the law of Brown et
    al. (2002) gives 3.7.
    """
    years = 40
    span = (0, round(years * 365.25 * DAY_NS))
    energies = [f.meteoroid.energy_j for f in random_falls(30.0, seed=1, span_tai_ns=span)]
    assert 25.0 < len(energies) / years < 35.0
    assert 2.0 < sum(e > KILOTON_J for e in energies) / years < 7.6


def test_fa_8_the_fireball_near_thule_in_2018() -> None:
    """2.1 kt, 24.4 km/s, brightest at 43.3 km (CNEOS): as a stone of some strength does.

    Its angle is not published; 30 degrees here.
    """
    speed = 24.4e3
    bodies = tuple(
        Meteoroid(
            mass_kg=2.0 * 2.1 * KILOTON_J / speed**2,
            speed_m_s=speed,
            entry_angle_rad=math.radians(30.0),
            strength_pa=strength,
        )
        for strength in np.geomspace(1e5, 1e7, 9).tolist()
    )
    fall = enter(bodies)
    peaks = fall.height_m[np.argmax(fall.power_w, axis=0)]
    assert peaks.min() < 43.3e3 < peaks.max()
    assert np.all((peaks > 20e3) & (peaks < 50e3))


def test_fa_8_what_tells_a_fireball_from_a_missile() -> None:
    """Seconds, not minutes; down, not up; faster than any missile; no speed gained."""
    stone = Meteoroid(mass_kg=3e4, speed_m_s=19e3, entry_angle_rad=math.radians(35.0))
    (flown,) = bolide_trajectories((stone,), np.array([[0.6, 2.3, 1.0]]))
    speed = np.linalg.norm(flown.velocity_ecef_m_s, axis=1)
    assert flown.times_s[-1] < 15.0
    assert np.all(np.diff(height_m(flown.position_ecef_m)) < 0.0)
    assert np.all(np.diff(speed) < 5.0)
    assert speed[0] > 9.8e3


def test_fa_10_a_contrail_hardly_moves() -> None:
    """Off California, 2010: seen from 300 km its direction turns by under 0.1 degrees a second.

    A missile at burn-out, at 3 km/s, turns several times as fast.
    """
    flown = level_flight(
        latitude_rad=math.radians(32.5),
        longitude_rad=math.radians(-121.0),
        height_m=11e3,
        azimuth_rad=math.radians(60.0),
        speed_m_s=250.0,
        duration_s=600.0,
        intensity_w_sr=1e4,
    )
    site = {"latitude_rad": math.radians(34.0), "longitude_rad": math.radians(-118.2)}
    found = np.array(
        [range_azimuth_elevation(p, **site, height_m=0.0) for p in flown.position_ecef_m]
    )
    rate = np.hypot(np.diff(found[:, 1]), np.diff(found[:, 2])) / np.diff(flown.times_s)
    assert 150e3 < found[:, 0].min() < found[:, 0].max() < 400e3
    assert math.degrees(float(rate.max())) < 0.1
    assert np.all(np.abs(height_m(flown.position_ecef_m) - 11e3) < 5.0)


def test_clut_1_flares_are_hotter_than_fires() -> None:
    """Gas flares 1,600 to 2,200 K, above a screen of 1,200 K (Remote Sensing 18 (2026) 314)."""
    flares = load_hot_spots(CLUTTER / "flares-north-sea.csv")
    fires = load_hot_spots(CLUTTER / "fires-2022-02-27.csv")
    assert all(1_600.0 <= flare.temperature_k <= 2_200.0 for flare in flares)
    assert all(fire.temperature_k < 1_200.0 for fire in fires)
