"""Backscatter radar: geometry of the hop, the open figures of its window, night, and Doppler."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from forewarn.earth import MEAN_RADIUS_M
from forewarn.sensors.backscatter import (
    BackscatterRadar,
    Layer,
    detectable,
    hop_m,
    range_window_m,
    takeoff_rad,
    working_frequency_hz,
)

RADAR = BackscatterRadar(boresight_azimuth_rad=math.radians(350.0))
LAYER = Layer()
NOON, MIDNIGHT = math.radians(50.0), math.radians(-40.0)


def test_the_hop_is_a_triangle_from_the_centre_of_the_earth() -> None:
    """Against the law of sines in triangle centre, radar, mirror; and there and back."""
    takeoff = np.radians([1.0, 3.0, 10.0, 30.0, 89.0])
    ground = hop_m(takeoff, 300e3)
    half = 0.5 * ground / MEAN_RADIUS_M
    ray = (MEAN_RADIUS_M + 300e3) * np.sin(half) / np.cos(takeoff)  # length to the mirror
    squared = MEAN_RADIUS_M**2 + ray**2 + 2.0 * MEAN_RADIUS_M * ray * np.sin(takeoff)
    assert squared == pytest.approx(np.full(5, (MEAN_RADIUS_M + 300e3) ** 2), rel=1e-12)
    assert takeoff_rad(ground, 300e3) == pytest.approx(takeoff, abs=1e-9)


def test_a_level_ray_reaches_four_thousand_kilometres() -> None:
    """The textbook limit of one hop by the F2 layer (Davies 1990)."""
    assert float(hop_m(np.array(0.0), 320e3)) == pytest.approx(4_000e3, rel=0.02)


def test_by_day_the_window_is_the_published_one() -> None:
    """About 1,000 to 3,500 km (open figures of one-hop radars: 500 to 1,800 nautical miles)."""
    window = range_window_m(RADAR, LAYER, NOON)
    assert window is not None
    assert window[0] == pytest.approx(1_000e3, rel=0.15)
    assert window[1] == pytest.approx(3_400e3, rel=0.05)


def test_by_night_near_ranges_go_first_and_a_poor_night_takes_all() -> None:
    """A critical frequency of 3 MHz no longer turns 5 MHz back steeply; one of 1 MHz nowhere."""
    day, night = (range_window_m(RADAR, LAYER, sun) for sun in (NOON, MIDNIGHT))
    assert day is not None
    assert night is not None
    assert night[0] > day[0] + 100e3
    assert night[1] == day[1]
    assert range_window_m(RADAR, replace(LAYER, night_hz=1e6), MIDNIGHT) is None


def test_twilight_lies_between_day_and_night() -> None:
    """Half way at sunrise, and level beyond 12 degrees."""
    sun = np.radians([-90.0, -12.0, 0.0, 12.0, 90.0])
    assert LAYER.critical_hz(sun) / 1e6 == pytest.approx([3.0, 3.0, 5.0, 7.0, 7.0])


def test_the_frequency_follows_the_secant_law_within_the_band() -> None:
    """0.85 f_c sec i; farther needs more; held to the band; zero outside the window."""
    ground = np.array([1_200e3, 2_000e3, 3_000e3])
    found = working_frequency_hz(RADAR, LAYER, ground, np.array(NOON))
    half = 0.5 * ground / MEAN_RADIUS_M
    to_mirror = np.stack(
        (
            (MEAN_RADIUS_M + 320e3) * np.sin(half),
            (MEAN_RADIUS_M + 320e3) * np.cos(half) - MEAN_RADIUS_M,
        )
    )
    vertical = np.stack((np.sin(half), np.cos(half)))
    cosine = np.sum(to_mirror * vertical, axis=0) / np.hypot(*to_mirror)
    assert found == pytest.approx(0.85 * 7e6 / cosine)
    low = replace(RADAR, frequency_max_hz=10e6)
    assert working_frequency_hz(low, LAYER, ground, np.array(NOON)).max() == 10e6
    outside = working_frequency_hz(RADAR, LAYER, np.array([300e3, 4_500e3]), np.array(NOON))
    assert outside.tolist() == [0.0, 0.0]


def test_the_grain_is_coarse() -> None:
    """20 to 40 km by 1 to 2 degrees at working frequencies (Radar Handbook, chapter 20)."""
    assert 20e3 <= RADAR.range_resolution_m <= 40e3
    width = np.degrees(RADAR.azimuth_resolution_rad(np.array([10e6, 18e6])))
    assert np.all((width >= 1.0) & (width <= 2.0))


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({}, True),
        ({"range_rate_m_s": 5.0}, False),  # within the ground's own spread
        ({"range_rate_m_s": -800.0}, True),
        ({"range_rate_m_s": 5.0, "height_m": 150e3}, True),  # the hole its exhaust makes
        ({"height_m": 400e3}, False),  # above the mirror
        ({"burning": False}, False),
        ({"frequency_hz": 0.0}, False),  # no frequency comes back from there
        ({"azimuth_rad": math.radians(19.0)}, True),  # across north
        ({"azimuth_rad": math.radians(21.0)}, False),
        ({"azimuth_rad": math.radians(319.0)}, False),
    ],
)
def test_what_is_seen(change: dict[str, Any], seen: bool) -> None:
    """A rising, burning vehicle in the sector; one thing changed at a time."""
    case: dict[str, Any] = {
        "frequency_hz": 15e6,
        "azimuth_rad": math.radians(350.0),
        "height_m": 30e3,
        "range_rate_m_s": 600.0,
        "burning": True,
    } | change
    arrays = {name: np.array([value]) for name, value in case.items()}
    frequency, azimuth = arrays.pop("frequency_hz"), arrays.pop("azimuth_rad")
    assert detectable(RADAR, frequency, azimuth, layer=LAYER, **arrays).tolist() == [seen]
