"""The radar against published figures: PAVE PAWS closes, detection tables, accuracy, horizon."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from forewarn.frames import ecef_from_geodetic, surface_destination_rad
from forewarn.sensors.model import SensorModel
from forewarn.sensors.radar import (
    beam_sigma_rad,
    detection_range_m,
    off_boresight_rad,
    radar_model,
    range_of_unit_echo_m,
    range_sigma_m,
    scan_gain,
    signal_to_noise,
)
from tests.sensors.samples import RADAR


def db(ratio: float) -> float:
    """A power ratio in decibels."""
    return 10.0 * math.log10(ratio)


@pytest.mark.parametrize(
    ("cross_section_m2", "range_km", "expected_db"),
    [
        (10.0, 5_556.0, 13.6),
        (1.0, 2_000.0, 21.3),
        (1.0, 3_000.0, 14.3),
        (1.0, 5_556.0, 3.6),
        (0.1, 2_000.0, 11.3),
        (0.1, 5_556.0, -6.4),
        (10.0, 3_000.0, 24.3),
    ],
)
def test_the_open_figures_of_pave_paws_close(
    cross_section_m2: float, range_km: float, expected_db: float
) -> None:
    """582 kW, 16 ms, 37.9 dB, 435 MHz, 450 K, 8 dB loss: 10 m2 at 3,000 nautical miles, 13.6 dB."""
    found = signal_to_noise(RADAR, np.array(range_km * 1e3), cross_section_m2)
    assert db(float(found)) == pytest.approx(expected_db, abs=0.1)


def test_sensitivity_is_the_range_of_a_unit_echo() -> None:
    """1 m2 there returns a ratio of one."""
    found = signal_to_noise(RADAR, np.array(range_of_unit_echo_m(RADAR)), 1.0)
    assert float(found) == pytest.approx(1.0)


def test_range_grows_with_the_fourth_root_of_size() -> None:
    """The range for a wanted ratio is where the radar equation gives that ratio; 16 times, 2."""
    unit = range_of_unit_echo_m(RADAR)
    found = detection_range_m(unit, np.array([0.1, 1.6]), 20.0)
    assert signal_to_noise(RADAR, found, np.array([0.1, 1.6])) == pytest.approx([20.0, 20.0])
    assert found[1] / found[0] == pytest.approx(2.0)


def test_the_angle_off_a_tilted_face() -> None:
    """Against the angle between unit vectors; on the normal it is zero."""
    tilt, azimuth, elevation = 0.35, np.array([0.0, 0.5, 3.0]), np.array([0.35, 1.2, -0.1])
    found = off_boresight_rad(azimuth + 2.0, elevation, 2.0, tilt)
    rays = np.stack(
        (
            np.cos(elevation) * np.cos(azimuth),
            np.cos(elevation) * np.sin(azimuth),
            np.sin(elevation),
        ),
        axis=-1,
    )
    expected = np.arccos(np.clip(rays @ [math.cos(tilt), 0.0, math.sin(tilt)], -1.0, 1.0))
    assert found == pytest.approx(expected, abs=1e-7)


def test_a_steered_array_loses_gain() -> None:
    """At 60 degrees 3 dB for the aperture alone and 4.5 dB with elements; behind it nothing."""
    angles = np.radians([0.0, 60.0, 120.0])
    assert scan_gain(angles, 1.0) == pytest.approx([1.0, 0.5, 0.0])
    assert scan_gain(angles) == pytest.approx([1.0, 10**-0.4515, 0.0], rel=1e-3)


@pytest.mark.parametrize(
    ("width_deg", "snr_db", "expected_mrad"),
    [(2.2, 13, 3.80), (2.2, 20, 1.70), (2.2, 30, 0.54), (0.6, 13, 1.04), (0.6, 30, 0.15)],
)
def test_angle_accuracy_table(width_deg: float, snr_db: float, expected_mrad: float) -> None:
    """theta / (1.6 sqrt(2 SNR)), without floor."""
    radar = msgspec.structs.replace(
        RADAR, beam_width_rad=math.radians(width_deg), angle_floor_rad=0.0
    )
    found = float(beam_sigma_rad(radar, np.array(10 ** (snr_db / 10))))
    assert found * 1e3 == pytest.approx(expected_mrad, abs=0.006)


def test_range_accuracy_and_floors() -> None:
    """23.7 m at 1 MHz and 13 dB; floors add in quadrature."""
    bare = msgspec.structs.replace(RADAR, range_floor_m=0.0)
    assert float(range_sigma_m(bare, np.array(20.0))) == pytest.approx(23.7, abs=0.05)
    strong = np.array(1e12)
    assert float(range_sigma_m(RADAR, strong)) == pytest.approx(RADAR.range_floor_m, rel=1e-3)
    assert float(beam_sigma_rad(RADAR, strong)) == pytest.approx(RADAR.angle_floor_rad, rel=1e-3)
    both = math.hypot(23.7, RADAR.range_floor_m)
    assert float(range_sigma_m(RADAR, np.array(20.0))) == pytest.approx(both, abs=0.05)


@pytest.mark.parametrize(("ground_km", "height_km"), [(1_000, 133), (2_000, 443), (3_000, 974)])
def test_height_needed_to_clear_three_degrees(ground_km: int, height_km: int) -> None:
    """The published visibility table (vacuum, sphere); the ellipsoid moves it by under 1 %."""
    model = radar_model(msgspec.structs.replace(RADAR, height_m=0.0))
    place = surface_destination_rad(
        RADAR.latitude_rad, RADAR.longitude_rad, RADAR.boresight_azimuth_rad, ground_km * 1e3
    )
    assert not model.visible(ecef_from_geodetic(*place, height_km * 0.98e3))
    assert model.visible(ecef_from_geodetic(*place, height_km * 1.02e3))


@pytest.mark.parametrize(
    ("azimuth_deg", "distance_km", "height_km", "seen"),
    [
        (291.0, 600.0, 200.0, True),
        (289.0, 600.0, 200.0, False),
        (49.0, 600.0, 200.0, True),  # across north: 350 + 59 degrees
        (51.0, 600.0, 200.0, False),
        (350.0, 5.0, 200.0, False),  # above 85 degrees
        (350.0, 3_000.0, 6_000.0, False),  # beyond the range limit
    ],
)
def test_limits_of_coverage(
    azimuth_deg: float, distance_km: float, height_km: float, seen: bool
) -> None:
    """Azimuth limits across north, the upper elevation, and range, each on both sides."""
    place = surface_destination_rad(
        RADAR.latitude_rad, RADAR.longitude_rad, math.radians(azimuth_deg), distance_km * 1e3
    )
    assert radar_model(RADAR).visible(ecef_from_geodetic(*place, height_km * 1e3)) is seen


def test_the_earth_hides_what_a_low_limit_would_let_in() -> None:
    """A radar allowed to look below its horizon still does not see through the ground."""
    low = msgspec.structs.replace(RADAR, elevation_min_rad=math.radians(-10.0))
    place = surface_destination_rad(
        RADAR.latitude_rad, RADAR.longitude_rad, RADAR.boresight_azimuth_rad, 1_000e3
    )
    assert not radar_model(low).visible(ecef_from_geodetic(*place, 60e3))
    assert radar_model(low).visible(ecef_from_geodetic(*place, 90e3))


def test_jacobian_is_the_derivative_of_predict() -> None:
    """Central differences over 1 m and 1 m/s."""
    model: SensorModel = radar_model(RADAR)
    place = surface_destination_rad(RADAR.latitude_rad, RADAR.longitude_rad, 0.4, 900e3)
    state = np.concatenate((ecef_from_geodetic(*place, 250e3), [1_500.0, -2_500.0, 900.0]))
    z = model.predict(state, np.zeros(4))
    exact = model.jacobian(state, z)
    for column in range(6):
        step = np.zeros(6)
        step[column] = 1.0
        ahead, behind = (model.predict(state + s, z) for s in (step, -step))
        numeric = model.residual(ahead, behind) / 2.0
        np.testing.assert_allclose(exact[:, column], numeric, rtol=1e-6, atol=1e-9)


def test_the_residual_takes_the_short_way_round_north() -> None:
    """359.9 against 0.1 degrees is 0.2 degrees, with the right sign, and the rest plain."""
    measured = np.array([1e6, math.radians(0.1), 0.2, 50.0])
    predicted = np.array([9e5, math.radians(359.9), 0.3, 20.0])
    found = radar_model(RADAR).residual(measured, predicted)
    np.testing.assert_allclose(found, [1e5, math.radians(0.2), -0.1, 30.0], atol=1e-9)
    back = radar_model(RADAR).residual(predicted, measured)
    assert back[1] == pytest.approx(-math.radians(0.2))


def test_noise_holds_across_the_beam() -> None:
    """At 60 degrees of elevation the same cross-range is twice the azimuth."""
    measured = np.array([1e6, 0.3, math.radians(60.0), 0.0])
    noise = radar_model(RADAR).noise(measured, 100.0)
    across = float(beam_sigma_rad(RADAR, np.array(100.0)))
    expected = [float(range_sigma_m(RADAR, np.array(100.0))), 2.0 * across, across, 10.0]
    np.testing.assert_allclose(noise, expected, rtol=1e-12)


def test_predict_gives_range_along_the_vertical() -> None:
    """A point 500 km up, moving up: range, elevation and range rate follow."""
    model = radar_model(RADAR)
    up = model.axes_enu[2]
    state = np.concatenate((model.site_ecef_m + 5e5 * up, 1_000.0 * up))
    found = model.predict(state, np.zeros(4))
    assert found[0] == pytest.approx(5e5)
    assert found[2] == pytest.approx(math.pi / 2, abs=1e-6)
    assert found[3] == pytest.approx(1_000.0)
