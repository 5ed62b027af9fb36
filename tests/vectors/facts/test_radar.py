"""Ground radars against published figures, one test an anchor."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from forewarn.frames import ecef_from_geodetic, surface_destination_rad
from forewarn.sensors.beam_budget import BeamBudgetError, FencePlan, close_budget, listening_s
from forewarn.sensors.detection import (
    Swerling,
    required_snr,
    resolution_cells_per_s,
)
from forewarn.sensors.radar import (
    beam_sigma_rad,
    beam_width_from_aperture_rad,
    detection_range_m,
    energy_to_noise,
    gain_from_aperture,
    radar_model,
    range_of_unit_echo_m,
    range_sigma_m,
    signal_to_noise,
)
from forewarn.sensors.radar_environment import ambiguous_range_m, pulses_between
from forewarn.sensors.refraction import (
    atmosphere,
    ionospheric_delay_m,
    refraction_table,
    residual,
)
from tests.sensors.samples import RADAR

PAVE_PAWS_WAVELENGTH_M = 299_792_458.0 / 435e6


def db(ratio: float) -> float:
    """A power ratio in decibels."""
    return 10.0 * math.log10(ratio)


@pytest.mark.parametrize(
    ("cross_section_m2", "range_km", "expected_db"),
    [
        (1.0, 2_000.0, 21.3),
        (1.0, 3_000.0, 14.3),
        (1.0, 5_556.0, 3.6),
        (0.1, 2_000.0, 11.3),
        (0.1, 3_000.0, 4.3),
        (0.1, 5_556.0, -6.4),
        (10.0, 2_000.0, 31.3),
        (10.0, 3_000.0, 24.3),
        (10.0, 5_556.0, 13.6),
    ],
)
def test_a7_pave_paws_closes(cross_section_m2: float, range_km: float, expected_db: float) -> None:
    """A7 (NRC 2005, report 11205): 16 ms, 582 kW, 37.9 dB, 450 K, 8 dB; asked 0.5, held 0.1 dB."""
    found = float(signal_to_noise(RADAR, np.array(range_km * 1e3), cross_section_m2))
    assert db(found) == pytest.approx(expected_db, abs=0.1)


def test_a7_the_claimed_range_is_a_claim_of_detection() -> None:
    """A7: 10 m2 at 3,000 nautical miles is found nine times in ten at Pfa 1e-6 if it is steady."""
    needed = required_snr(0.9, 1e-6, 0)
    reach_m = float(detection_range_m(range_of_unit_echo_m(RADAR), 10.0, needed))
    assert reach_m / 1e3 == pytest.approx(5_556.0, rel=0.5 * 0.25 * math.log(10.0) / 10.0)


def test_pave_paws_gain_and_beam_follow_from_its_aperture() -> None:
    """NRC 2005: 72.5 ft at 435 MHz. At 60 % 37.8 to 37.9 dB, 2.18 degrees (2.2 published)."""
    diameter_m = 72.5 * 0.3048
    gain = gain_from_aperture(diameter_m, 0.6, PAVE_PAWS_WAVELENGTH_M)
    assert 37.8 <= round(db(gain), 1) <= 37.9
    width = beam_width_from_aperture_rad(diameter_m, PAVE_PAWS_WAVELENGTH_M)
    assert math.degrees(width) == pytest.approx(2.18, abs=0.005)


@pytest.mark.parametrize(
    ("noise_temperature_k", "loss_db", "expected_km"),
    [(400.0, 5.0, 1_001.0), (500.0, 6.0, 894.0), (500.0, 8.0, 797.0)],
)
def test_tpy_2_reaches_800_to_1_000_km(
    noise_temperature_k: float, loss_db: float, expected_km: float
) -> None:
    """Lewis and Postol 2012 (87 % of 1,000 km): 9.2 m2, efficiency 0.8, 81 kW over 100 ms, 13 dB.

    Power and area are from memory, and soft; the arithmetic on them is not.
    """
    wavelength_m = 299_792_458.0 / 9.5e9
    gain = gain_from_aperture(math.sqrt(4.0 * 9.2 / math.pi), 0.8, wavelength_m)
    ratio_at_one_metre = energy_to_noise(
        81e3 * 0.1,
        wavelength_m,
        np.array(1.0),
        1.0,
        gain=gain,
        noise_temperature_k=noise_temperature_k,
        loss=10.0 ** (0.1 * loss_db),
    )
    reach_m = float(detection_range_m(float(ratio_at_one_metre) ** 0.25, 0.01, 20.0))
    assert reach_m / 1e3 == pytest.approx(expected_km, abs=1.0)


@pytest.mark.parametrize(
    ("swerling", "chance", "false_alarm", "needed_db"),
    [
        (0, 0.9, 1e-6, 13.18),
        (0, 0.9, 1e-8, 14.23),
        (0, 0.9, 1e-12, 15.73),
        (1, 0.5, 1e-6, 12.77),
        (1, 0.5, 1e-8, 14.08),
        (1, 0.5, 1e-12, 15.90),
        (1, 0.9, 1e-6, 21.14),
        (1, 0.9, 1e-8, 22.40),
        (1, 0.9, 1e-12, 24.17),
    ],
)
def test_detection_table(
    swerling: Swerling, chance: float, false_alarm: float, needed_db: float
) -> None:
    """Single pulse, square law (Radar Handbook, chapter 2), to 0.02 dB."""
    assert db(required_snr(chance, false_alarm, swerling)) == pytest.approx(needed_db, abs=0.02)


def test_false_alarm_arithmetic() -> None:
    """120 beams in 2.5 s, 38 ms of listening at 1 MHz: 1.8e6 cells/s, 6e-12 for one alarm a day."""
    cells_per_s = resolution_cells_per_s(120 / 2.5, 38e-3, 1e6)
    assert cells_per_s == pytest.approx(1.8e6, rel=0.02)
    assert 1.0 / (86_400.0 * cells_per_s) == pytest.approx(6e-12, rel=0.08)


@pytest.mark.parametrize(
    ("width_deg", "snr_db", "expected_mrad", "expected_km"),
    [
        (2.2, 13, 3.80, 11.4),
        (2.2, 20, 1.70, 5.1),
        (2.2, 30, 0.54, 1.6),
        (0.6, 13, 1.04, 3.1),
        (0.6, 20, 0.46, 1.4),
        (0.6, 30, 0.15, 0.4),
    ],
)
def test_angle_accuracy(
    width_deg: float, snr_db: float, expected_mrad: float, expected_km: float
) -> None:
    """theta / (1.6 sqrt(2 SNR)) (Radar Handbook, chapter 9), and across the beam at 3,000 km."""
    radar = msgspec.structs.replace(
        RADAR, beam_width_rad=math.radians(width_deg), angle_floor_rad=0.0
    )
    found = float(beam_sigma_rad(radar, np.array(10 ** (snr_db / 10))))
    assert found * 1e3 == pytest.approx(expected_mrad, abs=0.006)
    assert found * 3_000.0 == pytest.approx(expected_km, abs=0.06)


def test_range_accuracy() -> None:
    """c / (2 B sqrt(2 SNR)): 23.7 m at 1 MHz and 13 dB."""
    bare = msgspec.structs.replace(RADAR, range_floor_m=0.0)
    assert float(range_sigma_m(bare, np.array(20.0))) == pytest.approx(23.7, abs=0.05)


@pytest.mark.parametrize(
    ("ground_km", "elevation_deg", "height_km"),
    [
        (1_000, 2.0, 115),
        (1_000, 3.0, 133),
        (1_000, 5.5, 179),
        (2_000, 2.0, 404),
        (2_000, 3.0, 443),
        (2_000, 5.5, 544),
        (3_000, 2.0, 907),
        (3_000, 3.0, 974),
        (3_000, 5.5, 1_147),
        (4_000, 2.0, 1_706),
        (4_000, 3.0, 1_813),
        (4_000, 5.5, 2_093),
    ],
)
def test_height_a_target_needs(ground_km: int, elevation_deg: float, height_km: int) -> None:
    """Visibility table (vacuum, sphere of 6,371 km); the ellipsoid moves it by under 1.5 %."""
    model = radar_model(
        msgspec.structs.replace(
            RADAR, height_m=0.0, elevation_min_rad=math.radians(elevation_deg), range_max_m=1e7
        )
    )
    place = surface_destination_rad(
        RADAR.latitude_rad, RADAR.longitude_rad, RADAR.boresight_azimuth_rad, ground_km * 1e3
    )
    assert not model.visible(ecef_from_geodetic(*place, height_km * 0.985e3))
    assert model.visible(ecef_from_geodetic(*place, height_km * 1.015e3))


def test_a8_the_fence_of_pave_paws_closes_exactly() -> None:
    """A8 (NRC 2005): 120 azimuths in 2.5 s, two faces, 41.7 ms a beam, 38 of them listening."""
    fence = FencePlan(
        name="enhanced search",
        azimuth_width_rad=math.radians(240.0),
        row_elevations_rad=(math.radians(3.0),),
        beam_spacing_rad=math.radians(2.0),
        transmit_s=2.5 / 60 - 38e-3,
        listen_s=38e-3,
        revisit_s=2.5,
    )
    assert fence.beams == 120
    assert fence.dwell_s == pytest.approx(41.7e-3, abs=0.05e-3)
    assert fence.transmit_s == pytest.approx(3.7e-3, abs=0.05e-3)
    assert close_budget([fence], faces=2).free_s == pytest.approx(0.0, abs=1e-9)
    for tighter, shortfall_s in (
        ({"transmit_s": 3.7e-3}, 2.0e-3),
        ({"revisit_s": 2.4}, 100.0e-3),
        ({"listen_s": 39e-3}, 60.0e-3),
        ({"azimuth_width_rad": math.radians(244.1)}, 41.7e-3),
    ):
        with pytest.raises(BeamBudgetError, match="ms too long") as refusal:
            close_budget([replace(fence, **tighter)], faces=2)
        assert refusal.value.shortfall_s == pytest.approx(shortfall_s, abs=0.1e-3)


def test_listening_to_5556_km_fits_38_ms() -> None:
    """2R/c: 37.07 ms for 3,000 nautical miles, under the published 38 ms."""
    assert listening_s(5_556e3) == pytest.approx(37.07e-3, abs=0.005e-3)


def test_tropospheric_delay() -> None:
    """Zenith 2.4 m and 36 m at 3 degrees (Bean and Dutton 1966; from memory, soft): 5 %."""
    air = refraction_table(315.0)
    assert float(air.delay_m(0.5 * math.pi, 3e6)) == pytest.approx(2.4, rel=0.05)
    assert float(air.delay_m(math.radians(3.0), 3e6)) == pytest.approx(36.0, rel=0.05)


def test_a18_tropospheric_bending() -> None:
    """A18 (Bean and Dutton 1966, from memory, soft): 4 to 5 mrad at 3 degrees, 2.9 at 5.

    At 3,000 km and 3 degrees that is about 13 km across, more than beam noise at 20 dB.
    """
    air = refraction_table(315.0)
    at_3 = air.bending_rad(math.radians(3.0), np.array([800e3, 1_500e3, 3_000e3]))
    assert np.all((at_3 > 4e-3) & (at_3 < 5e-3))
    assert float(air.bending_rad(math.radians(5.0), 800e3)) == pytest.approx(2.9e-3, rel=0.05)
    assert float(at_3[-1]) * 3_000.0 == pytest.approx(13.0, abs=2.0)
    assert float(at_3[-1]) > 1.70e-3


@pytest.mark.parametrize(
    ("frequency_mhz", "expected_m"), [(150, 896.0), (435, 107.0), (1_300, 11.9), (9_500, 0.2)]
)
def test_ionospheric_delay(frequency_mhz: int, expected_m: float) -> None:
    """40.3 TEC / f^2 at 50 TECU (Hargreaves 1992)."""
    found = ionospheric_delay_m(50e16, frequency_mhz * 1e6)
    assert found == pytest.approx(expected_m, rel=0.005, abs=0.05)


def test_refraction_bias_is_removed() -> None:
    """Check 7.7: 4.5 mrad of bias injected at 3 degrees; with a model wrong by 5 % under 0.3 left.

    5 % is how far surface refractivity strays from its mean over a day (soft).
    """
    sky = atmosphere(1.3e9, 0.0, refractivity=315.0 * 1.05)
    assumed = atmosphere(1.3e9, 0.0, refractivity=315.0, electrons_per_m2=30e16)
    true = math.radians(2.8)
    injected = float(sky.apparent_from_true(true, 1_100e3)[0]) - true
    assert injected == pytest.approx(4.5e-3, abs=0.1e-3)
    left, left_m = residual(sky, assumed, true, 1_100e3)
    assert 0.1e-3 < abs(float(left)) < 0.3e-3
    assert abs(float(left_m)) < 10.0


def test_a9_the_moon_folds_into_the_window_of_a_1960_radar() -> None:
    """A9 (Thule, 5 October 1960): 382,840 km, back after 2.554 s, 68 pulses of 27 Hz late.

    27 Hz is from memory, soft; it is unambiguous to the 5,552 km of the published 3,000 miles.
    """
    range_m = np.array(382_840e3)
    assert listening_s(float(range_m)) == pytest.approx(2.554, abs=0.0005)
    assert pulses_between(np.array([5_551e3, 5_553e3]), 1.0 / 27.0).tolist() == [0, 1]
    assert int(pulses_between(range_m, 1.0 / 27.0)) == 68
    assert float(ambiguous_range_m(range_m, 1.0 / 27.0)) == pytest.approx(5_324e3, abs=2e3)
