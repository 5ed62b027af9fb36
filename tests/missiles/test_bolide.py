"""Meteoroids in the air: the laws of single bodies, and where and how they shine."""

from __future__ import annotations

import math
from itertools import pairwise

import msgspec
import numpy as np
import pytest

from forewarn.frames import (
    ecef_from_geodetic,
    geodetic_from_ecef,
    surface_azimuth_rad,
)
from forewarn.missiles.bolide import (
    KILOTON_J,
    Meteoroid,
    bolide_trajectories,
    enter,
    luminous_efficiency,
)

STONE = Meteoroid(mass_kg=4_000.0, speed_m_s=18e3, entry_angle_rad=math.radians(40.0))
FIRM = msgspec.structs.replace(STONE, strength_pa=1e12)


def test_mass_follows_speed_by_the_law_of_ablation() -> None:
    """ln m / m0 = s (v^2 - v0^2) / 2, s = 0.014 s2/km2: Ceplecha et al. (1998), equation 7.

    It holds for the body that drag alone slows: gravity speeds it up a little before that.
    """
    fall = enter((FIRM, STONE))
    for n in (0, 1):
        mass, speed = fall.mass_kg[:, n], fall.speed_m_s[:, n]
        rows = (speed > 4e3) & (speed < 17.5e3)
        expected = 0.5 * 1.4e-8 * (speed[rows] ** 2 - np.max(speed) ** 2)
        np.testing.assert_allclose(np.log(mass[rows] / 4_000.0), expected, atol=0.02)


def test_light_is_the_stated_share_of_the_energy() -> None:
    """The integral of the power over time, for bodies that stop in the air."""
    fall = enter((STONE,))
    power, time = fall.power_w[:, 0], fall.time_s[:, 0]
    radiated = float(np.sum(0.5 * (power[1:] + power[:-1]) * np.diff(time)))
    share = float(luminous_efficiency(np.array(STONE.energy_j)))
    assert radiated == pytest.approx(share * STONE.energy_j, rel=0.03)


@pytest.mark.parametrize(("optical_kt", "total_kt"), [(0.01, 0.140), (0.1, 1.075), (1.0, 8.2508)])
def test_luminous_efficiency_as_published(optical_kt: float, total_kt: float) -> None:
    """E = 8.2508 E0^0.885 in kilotons: Brown et al., Nature 420 (2002) 294, equation 1."""
    share = float(luminous_efficiency(np.array(total_kt * KILOTON_J)))
    assert share * total_kt == pytest.approx(optical_kt, rel=0.01)


def test_what_makes_light_peak_higher() -> None:
    """Weaker, shallower, smaller and faster bodies spend themselves higher up."""
    changes = (
        {"strength_pa": 1e5},
        {"entry_angle_rad": math.radians(15.0)},
        {"mass_kg": 400.0},
        {"speed_m_s": 30e3},
    )
    bodies = tuple(msgspec.structs.replace(STONE, **change) for change in changes)
    fall = enter((STONE, *bodies))
    peaks = fall.height_m[np.argmax(fall.power_w, axis=0)]
    assert np.all(peaks[1:] > peaks[0] + 200.0)


def test_bodies_fall_alone() -> None:
    """One of many falls as it does by itself, to the bit."""
    alone, together = enter((STONE,)), enter((FIRM, STONE, STONE))
    assert alone.power_w[:, 0].tolist() == together.power_w[:, 1].tolist()


def test_a_trajectory_peaks_over_its_place_on_a_straight_way_down() -> None:
    """Its brightest sample stands there; it flies to its azimuth, brief, fast, descending."""
    latitude, longitude, azimuth = math.radians(-35.0), math.radians(140.0), math.radians(250.0)
    (flown,) = bolide_trajectories((STONE,), np.array([[latitude, longitude, azimuth]]))
    places = [geodetic_from_ecef(p) for p in flown.position_ecef_m]
    peak = places[int(np.argmax(flown.intensity_w_sr))]
    assert peak[0] == pytest.approx(latitude, abs=2e-4)
    assert peak[1] == pytest.approx(longitude, abs=2e-4)
    assert all(later[2] < earlier[2] for earlier, later in pairwise(places))
    headed = surface_azimuth_rad(places[0][0], places[0][1], places[-1][0], places[-1][1])
    assert headed == pytest.approx(azimuth, abs=0.01)
    assert 1.0 < flown.times_s[-1] < 10.0
    assert float(np.linalg.norm(flown.velocity_ecef_m_s[0])) == pytest.approx(18e3, rel=0.01)
    lines = np.diff(flown.position_ecef_m, axis=0)
    lines /= np.linalg.norm(lines, axis=1)[:, None]
    np.testing.assert_allclose(lines, np.broadcast_to(lines[0], lines.shape), atol=1e-6)
    start = ecef_from_geodetic(*places[0])
    drop = math.asin(-float(lines[0] @ start) / float(np.linalg.norm(start)))
    assert drop == pytest.approx(STONE.entry_angle_rad, abs=0.02)


def test_speed_is_the_rate_of_the_way() -> None:
    """Between samples the way is the mean speed times the time, to 2 %."""
    (flown,) = bolide_trajectories((STONE,), np.array([[0.3, 0.0, 0.0]]))
    way = np.linalg.norm(np.diff(flown.position_ecef_m, axis=0), axis=1)
    speed = np.linalg.norm(flown.velocity_ecef_m_s, axis=1)
    mean = 0.5 * (speed[1:] + speed[:-1])
    np.testing.assert_allclose(way, mean * np.diff(flown.times_s), rtol=0.02)


def test_nothing_gives_no_light() -> None:
    """A body without mass is refused with what to do."""
    with pytest.raises(ValueError, match="it must have mass"):
        bolide_trajectories((msgspec.structs.replace(STONE, mass_kg=0.0),), np.zeros((1, 3)))
    assert bolide_trajectories((), np.empty((0, 3))) == ()
