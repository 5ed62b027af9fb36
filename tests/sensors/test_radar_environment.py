"""Sun, Moon, late echoes, noise and skyline, against published values and first principles."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from forewarn.earth import BOLTZMANN_J_K, SPEED_OF_LIGHT_M_S
from forewarn.sensors.radar import signal_to_noise
from forewarn.sensors.radar_environment import (
    MOON_CROSS_SECTION_M2,
    ambiguous_range_m,
    beam_pattern,
    horizon_mask,
    interference_temperature_k,
    pulses_between,
    quiet_sun_flux_w_m2_hz,
    shortened_range_m,
    sun_temperature_k,
)
from tests.sensors.samples import RADAR

WAVELENGTH_M = SPEED_OF_LIGHT_M_S / 435e6
SUN_SR = math.pi * math.radians(0.2666) ** 2


@pytest.mark.parametrize(
    ("frequency_hz", "low_k", "high_k"),
    [
        (127e6, 0.7e6, 1.5e6),  # 9e5 K at the peak, corona wider than the disk: Borkowski 1982
        (2_800e6, 0.3e5, 0.5e5),  # 65 to 70 flux units
        (10e9, 1.0e4, 1.4e4),  # chromosphere; Kraus 1986, from memory, soft
    ],
)
def test_the_quiet_sun_has_the_temperature_of_its_layers(
    frequency_hz: float, low_k: float, high_k: float
) -> None:
    """Flux as the temperature of the disk: corona at metres, chromosphere at centimetres."""
    wavelength_m = SPEED_OF_LIGHT_M_S / frequency_hz
    flux = quiet_sun_flux_w_m2_hz(frequency_hz)
    assert low_k < flux * wavelength_m**2 / (2.0 * BOLTZMANN_J_K * SUN_SR) < high_k


def test_flux_at_table_frequencies_and_between() -> None:
    """65 to 70 flux units at 10.7 cm (Tapping 2013); rising with frequency throughout."""
    assert 65.0 < quiet_sun_flux_w_m2_hz(2_695e6) * 1e22 < 70.0
    flux = [quiet_sun_flux_w_m2_hz(f) for f in np.geomspace(100e6, 20e9, 60)]
    assert flux == sorted(flux)


def test_the_sun_in_the_beam_drowns_a_uhf_radar() -> None:
    """An antenna as the sum over the disk of its temperature: solid angle in the beam's, times T.

    At 435 MHz and 37.9 dB that is some 23,000 K on 450: 17 dB, and 2.7 times less range.
    """
    flux = quiet_sun_flux_w_m2_hz(435e6)
    disk_k = flux * WAVELENGTH_M**2 / (2.0 * BOLTZMANN_J_K * SUN_SR)
    beam_sr = 4.0 * math.pi / RADAR.gain
    added = float(sun_temperature_k(flux, RADAR.gain, WAVELENGTH_M))
    assert added == pytest.approx(disk_k * SUN_SR / beam_sr, rel=0.01)
    assert added == pytest.approx(23_000.0, rel=0.2)
    left = float(shortened_range_m(np.array(2.7), 450.0, np.array(added)))
    assert left == pytest.approx(1.0, abs=0.05)


def test_the_sun_beside_the_beam_comes_in_by_the_sidelobes() -> None:
    """Half the temperature half a beam off; 30 dB down far off; a pencil beam sees the disk's."""
    flux = quiet_sun_flux_w_m2_hz(435e6)
    axis = float(sun_temperature_k(flux, RADAR.gain, WAVELENGTH_M))
    width = RADAR.beam_width_rad
    pattern = beam_pattern(np.array([0.0, 0.5 * width, 10.0 * width]), width, 1e-3)
    assert pattern == pytest.approx([1.0, 0.5, 1e-3])
    found = sun_temperature_k(flux, RADAR.gain, WAVELENGTH_M, pattern)
    assert found == pytest.approx(axis * pattern)
    disk_k = flux * WAVELENGTH_M**2 / (2.0 * BOLTZMANN_J_K * SUN_SR)
    assert float(sun_temperature_k(flux, 1e7, WAVELENGTH_M)) == pytest.approx(disk_k, rel=0.01)


def test_the_moon_is_a_plain_echo() -> None:
    """0.07 of its disk is 6.6e11 m2: 48 dB in one pulse of PAVE PAWS, from 382,840 km."""
    assert pytest.approx(6.64e11, rel=0.01) == MOON_CROSS_SECTION_M2
    ratio = signal_to_noise(RADAR, np.array(382_840e3), MOON_CROSS_SECTION_M2)
    assert 10.0 * math.log10(float(ratio)) == pytest.approx(48.4, abs=0.5)


def test_late_echoes_fold() -> None:
    """Range less the whole number of pulse intervals; near ones stay where they are."""
    interval_s = 1.0 / 27.0
    window_m = 0.5 * SPEED_OF_LIGHT_M_S * interval_s
    ranges = np.array([1_000e3, 5_000e3, 6_000e3, 20_000e3])
    number = pulses_between(ranges, interval_s)
    assert number.tolist() == [0, 0, 1, 3]
    assert ambiguous_range_m(ranges, interval_s) == pytest.approx(ranges - number * window_m)


def test_a_change_of_interval_moves_only_late_echoes() -> None:
    """The way a radar tells: 1 % of interval moves the Moon by hundreds of kilometres."""
    ranges = np.array([3_000e3, 382_840e3])
    moved = ambiguous_range_m(ranges, 1.01 / 27.0) - ambiguous_range_m(ranges, 1.0 / 27.0)
    assert moved[0] == 0.0
    assert abs(moved[1]) > 100e3


def test_noise_from_afar_follows_the_one_way_equation() -> None:
    """Power received over k B, from Friis: P G lambda^2 / ((4 pi R)^2 k B)."""
    found = interference_temperature_k(100.0, 2e6, np.array([1e6, 2e6]), 3.0, WAVELENGTH_M)
    received_w = 100.0 * 3.0 * (WAVELENGTH_M / (4.0 * math.pi * 1e6)) ** 2
    assert found[0] == pytest.approx(received_w / (BOLTZMANN_J_K * 2e6))
    assert found[1] == pytest.approx(0.25 * found[0])


def test_range_left_is_where_the_ratio_is_as_before() -> None:
    """The signal-to-noise ratio there, with more noise, is that of silence farther out."""
    left = shortened_range_m(np.array(3e6), RADAR.noise_temperature_k, np.array(5_000.0))
    hot = msgspec.structs.replace(RADAR, noise_temperature_k=RADAR.noise_temperature_k + 5_000.0)
    before = float(signal_to_noise(RADAR, np.array(3e6), 1.0))
    assert float(signal_to_noise(hot, left, 1.0)) == pytest.approx(before)


def test_the_skyline_joins_its_points_and_crosses_north() -> None:
    """Between points a straight line, also from the last to the first."""
    mask = horizon_mask(np.radians([90.0, 180.0, 350.0]), np.radians([1.0, 3.0, 2.0]))
    azimuth = np.radians([90.0, 135.0, 350.0, 0.0, 40.0, -10.0, 450.0])
    expected = [1.0, 2.0, 2.0, 1.9, 1.5, 2.0, 1.0]
    assert np.degrees(mask.skyline_rad(azimuth)) == pytest.approx(expected)
    seen = mask.above_mask(np.radians([0.0, 0.0]), np.radians([1.8, 2.0]))
    assert seen.tolist() == [False, True]


def test_one_point_is_a_level_skyline() -> None:
    """The same on every side."""
    mask = horizon_mask(0.0, 0.02)
    assert mask.skyline_rad(np.array([0.0, 1.0, 6.0])) == pytest.approx([0.02] * 3)


@pytest.mark.parametrize(
    ("azimuth", "elevation", "lesson"),
    [
        ([0.0, 1.0], [0.1], "as many elevations as azimuths"),
        ([], [], "at least one"),
        ([1.0, 0.5], [0.1, 0.1], "must rise"),
        ([0.0, 7.0], [0.1, 0.1], "less than a turn"),
        ([0.0, math.nan], [0.1, 0.1], "must rise"),
        ([0.0, 1.0], [0.1, 2.0], "elevation_rad = 2 must lie"),
        ([0.0, 1.0], [0.1, math.nan], "elevation_rad = nan"),
    ],
)
def test_a_skyline_that_cannot_be(
    azimuth: list[float], elevation: list[float], lesson: str
) -> None:
    """Each mistake has its lesson."""
    with pytest.raises(ValueError, match=lesson):
        horizon_mask(azimuth, elevation)
