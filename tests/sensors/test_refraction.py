"""Refraction: the table against the rays it was made of, thin-shell mapping, and what is left."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from forewarn.earth import MEAN_RADIUS_M
from forewarn.kernels.ray import trace_ray
from forewarn.sensors.refraction import (
    SCALE_HEIGHT_M,
    atmosphere,
    ionospheric_delay_m,
    plasma_table,
    refraction_table,
    residual,
    surface_refractivity,
)

UHF_HZ = 435e6
AIR = refraction_table(315.0)
PLASMA = plasma_table()
SKY = atmosphere(UHF_HZ, 0.0, electrons_per_m2=50e16)


def test_the_table_agrees_with_rays_between_its_nodes() -> None:
    """A thousand seeded directions and ranges: to 1e-6 rad and 1 cm."""
    random = np.random.default_rng(7)
    elevation = np.radians(
        np.concatenate((random.uniform(-1, 10, 700), random.uniform(0, 90, 300)))
    )
    distance = np.exp(random.uniform(math.log(1e3), math.log(4e7), 1_000))
    medium = np.array((MEAN_RADIUS_M, 315e-6, SCALE_HEIGHT_M, 0.0, 0.0, 1.0))
    traced = np.empty((1_000, 1, 3))
    for row, angle, far in zip(traced, elevation, distance, strict=True):
        trace_ray(float(angle), medium, np.array([far]), row)
    assert AIR.bending_rad(elevation, distance) == pytest.approx(traced[:, 0, 0], abs=1e-6)
    assert AIR.delay_m(elevation, distance) == pytest.approx(traced[:, 0, 1], abs=1e-2)


def test_the_ionosphere_is_nearly_in_proportion_to_its_electrons() -> None:
    """Rays at 435 MHz and 50 TECU against ten times less, scaled: to 2e-6 rad and 1.2 m."""
    vertical_m = ionospheric_delay_m(50e16, UHF_HZ)
    peak = vertical_m / (math.sqrt(2.0 * math.pi * math.e) * 60e3)
    medium = np.array((MEAN_RADIUS_M, 0.0, SCALE_HEIGHT_M, peak, 350e3, 60e3))
    distance = np.geomspace(3e5, 4e7, 30)
    for elevation in np.radians([-0.5, 0.0, 3.0, 10.0, 60.0]).tolist():
        traced = np.empty((30, 3))
        trace_ray(elevation, medium, distance, traced)
        bending = vertical_m * PLASMA.bending_rad(elevation, distance)
        assert bending == pytest.approx(traced[:, 0], abs=2e-6)
        delay = vertical_m * PLASMA.delay_m(elevation, distance)
        assert delay == pytest.approx(traced[:, 1], abs=1.2)


@pytest.mark.parametrize("elevation_deg", [3.0, 5.0, 10.0, 30.0, 90.0])
def test_ionospheric_delay_follows_the_thin_shell(elevation_deg: float) -> None:
    """Beyond the layer: 1 / sqrt(1 - (R cos E / (R + h))^2) with h = 400 km, within 2 %."""
    elevation = math.radians(elevation_deg)
    shell = MEAN_RADIUS_M * math.cos(elevation) / (MEAN_RADIUS_M + 400e3)
    expected = 1.0 / math.sqrt(1.0 - shell**2)
    assert float(PLASMA.delay_m(elevation, 1e7)) == pytest.approx(expected, rel=0.02)


def test_the_ionosphere_does_not_touch_what_is_below_it() -> None:
    """A target at 100 km of height, straight up, has under 1 % of the delay."""
    assert float(PLASMA.delay_m(0.5 * math.pi, 100e3)) < 0.01


def test_what_is_corrected_by_the_right_air_is_true() -> None:
    """There and back, from the horizon to the zenith: 1e-9 rad, 0.1 mm."""
    elevation = np.radians(np.linspace(-0.5, 90.0, 100))
    distance = np.geomspace(5e4, 6e6, 100)
    seen, seen_m = SKY.apparent_from_true(elevation, distance)
    assert np.all(seen[:-1] > elevation[:-1])
    assert np.all(seen_m > distance)
    back, back_m = SKY.corrected(seen, seen_m)
    assert back == pytest.approx(elevation, abs=1e-9)
    assert back_m == pytest.approx(distance, abs=1e-4)
    left, left_m = residual(SKY, SKY, elevation, distance)
    assert left == pytest.approx(np.zeros(100), abs=1e-9)
    assert left_m == pytest.approx(np.zeros(100), abs=1e-4)


def test_a_wrong_model_leaves_its_share() -> None:
    """5 % too little refractivity leaves 5 to 6 % of the bending; half the electrons, half."""
    elevation, distance = np.radians([3.0, 10.0, 30.0]), 2e6
    sky = atmosphere(UHF_HZ, 0.0, refractivity=315.0, electrons_per_m2=0.0)
    wrong = atmosphere(UHF_HZ, 0.0, refractivity=0.95 * 315.0, electrons_per_m2=0.0)
    left, left_m = residual(sky, wrong, elevation, distance)
    share = left / sky.bending_rad(elevation, distance)
    assert np.all((share > 0.045) & (share < 0.065))
    assert np.all(np.abs(left_m / sky.delay_m(elevation, distance) - 0.05) < 0.015)
    half = replace(SKY, vertical_delay_m=0.5 * SKY.vertical_delay_m)
    _, left_m = residual(SKY, half, elevation, 1e7)
    plasma_m = SKY.vertical_delay_m * PLASMA.delay_m(elevation, 1e7)
    assert left_m == pytest.approx(0.5 * plasma_m, rel=0.01)


def test_a_higher_frequency_sees_less_ionosphere() -> None:
    """One over the square: ten times the frequency, a hundredth of the delay; air stays."""
    low, high = (atmosphere(f, 0.0, electrons_per_m2=50e16) for f in (UHF_HZ, 10.0 * UHF_HZ))
    assert low.vertical_delay_m == pytest.approx(100.0 * high.vertical_delay_m)
    x_band = float(high.delay_m(0.1, 3e6)) - float(AIR.delay_m(0.1, 3e6))
    uhf = float(low.delay_m(0.1, 3e6)) - float(AIR.delay_m(0.1, 3e6))
    assert uhf == pytest.approx(100.0 * x_band)


def test_a_mountain_has_less_air_above_it() -> None:
    """Refractivity falls by e in a scale height, and the zenith delay with it."""
    assert surface_refractivity(SCALE_HEIGHT_M) == pytest.approx(315.0 / math.e)
    high = atmosphere(UHF_HZ, 3_000.0, electrons_per_m2=0.0)
    expected = 1e-6 * surface_refractivity(3_000.0) * SCALE_HEIGHT_M
    assert float(high.delay_m(0.5 * math.pi, 1e6)) == pytest.approx(expected, rel=1e-3)


def test_lookups_outside_the_grid_are_held() -> None:
    """Deep below the horizon, very near and very far give the value at the edge."""
    assert float(AIR.bending_rad(-0.5, 1e6)) == float(AIR.bending_rad(math.radians(-1.0), 1e6))
    assert float(AIR.delay_m(0.1, 1e9)) == float(AIR.delay_m(0.1, 4e7))
    assert float(AIR.slope(-0.5, 1e6)) == 0.0
    seen, _ = SKY.apparent_from_true(-0.5, 1e6)
    assert float(seen) == pytest.approx(-0.5 + float(SKY.bending_rad(-0.5, 1e6)))


def test_ducting_air_is_refused() -> None:
    """200 parts in a million a kilometre would trap rays: the lesson says so."""
    with pytest.raises(ValueError, match="rays no longer rise"):
        refraction_table(400.0, scale_height_m=2_000.0)
    with pytest.raises(ValueError, match="surface_refractivity = -1"):
        refraction_table(-1.0)


def test_vertical_delay_needs_only_electrons_and_frequency() -> None:
    """Double the electrons, double the delay."""
    assert ionospheric_delay_m(2e17, 1e9) == pytest.approx(2.0 * ionospheric_delay_m(1e17, 1e9))
