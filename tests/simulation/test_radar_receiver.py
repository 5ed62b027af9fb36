"""One radar's reception: fading, loss off boresight, late echoes, skyline, refraction."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from numpy.typing import ArrayLike

from forewarn.sensors.detection import detection_probability, false_alarm_probability
from forewarn.sensors.network import RadarSensor
from forewarn.sensors.radar import radar_model, range_of_unit_echo_m
from forewarn.sensors.refraction import atmosphere, refraction_table, residual
from forewarn.simulation.radar_receiver import (
    Receiver,
    Refraction,
    drawn_by_key,
    drawn_in_order,
    echoes,
    face_boresight_rad,
    receiver,
)
from forewarn.simulation.streams import keyed_stream
from tests.simulation.scenes import RADAR
from tests.simulation.skies import LARGE

LIGHT_M_S = 299_792_458.0
LATE = msgspec.structs.replace(RADAR, pulse_interval_s=1 / 50, pulse_s=1e-3)  # 2,998 km


def of(sensor: RadarSensor, seed: int = 1) -> Receiver:
    """A radar without biases in silence."""
    return receiver(radar_model(sensor), seed=seed, bias=np.zeros(4), noise=None)


def points(
    sensor: RadarSensor, azimuth_deg: ArrayLike, elevation_deg: ArrayLike, range_m: ArrayLike
) -> np.ndarray:
    """Positions in ecef [m] at azimuths, elevations and ranges from a radar."""
    model = radar_model(sensor)
    azimuth, elevation, r = np.broadcast_arrays(
        np.radians(azimuth_deg), np.radians(elevation_deg), range_m
    )
    level = r * np.cos(elevation)
    enu = np.stack((level * np.sin(azimuth), level * np.cos(azimuth), r * np.sin(elevation)), -1)
    return np.atleast_2d(model.site_ecef_m + enu @ model.axes_enu)


@pytest.mark.parametrize("swerling", [0, 1, 3])
def test_echoes_fade_as_the_case_says(swerling: int) -> None:
    """Hits of both kinds of draws against the exact chance, within four standard errors."""
    sensor = msgspec.structs.replace(RADAR, swerling=swerling)
    number = np.arange(40_000)
    in_order = drawn_in_order(sensor, len(number), np.random.default_rng(5))
    by_key = drawn_by_key(keyed_stream(5, "R"), number, np.zeros_like(number))[:2]
    false_alarm = false_alarm_probability(sensor.detection_snr)
    for mean_snr in (10.0, 30.0, 100.0):
        snr = np.full(len(number), mean_snr)
        expected = float(detection_probability(np.array(mean_snr), false_alarm, swerling))
        spread = 4.0 * math.sqrt(expected * (1.0 - expected) / len(number)) + 1e-4
        for draws in (in_order, by_key):
            hits = np.mean(echoes(sensor, snr, *draws) >= sensor.detection_snr)
            assert hits == pytest.approx(expected, abs=spread)


def test_gain_falls_off_the_boresight_of_the_nearer_face() -> None:
    """Two-way cos^2n of the angle from a normal tilted up by 20 degrees; reach its root."""
    sensor = msgspec.structs.replace(LARGE, boresight_azimuth_rad=0.0, scan_loss_exponent=1.5)
    azimuth = np.radians([-60.0, 60.0, 0.0, 110.0])
    boresights = np.degrees(face_boresight_rad(sensor, azimuth))
    np.testing.assert_allclose(boresights, [-60.0, 60.0, 60.0, 60.0])
    zero = np.zeros(4, dtype=np.int64)
    strength = of(sensor).strength(azimuth, np.radians([20.0, 3.0, 20.0, 20.0]), zero)
    assert strength[0] == pytest.approx(1.0)
    assert strength[1] == pytest.approx(math.cos(math.radians(17.0)) ** 3)
    # cos(off) = cos^2 20 cos 60 + sin^2 20, by hand 0.5585.
    assert strength[2] == pytest.approx(0.5585**3, rel=1e-3)
    reach = of(sensor).reach_m(strength)
    np.testing.assert_allclose(reach / reach[0], strength**0.25)
    assert reach[0] == pytest.approx(range_of_unit_echo_m(sensor))
    assert of(LARGE).strength_towards(np.zeros((4, 2)), zero) is None
    assert of(LARGE).steady
    assert not of(sensor).steady


def test_an_echo_after_the_next_pulse_is_folded() -> None:
    """At 3,400 km with 20 ms between pulses: 402 km, with the strength of 3,400."""
    far = points(LATE, 290.0, [20.0, 20.0], [3_400e3, 402e3])
    seen = of(LATE).view(far, np.zeros_like(far))
    assert seen.apparent[0, 0] == pytest.approx(3_400e3 - 0.5 * LIGHT_M_S / 50, abs=1.0)
    assert seen.range_m[0] == pytest.approx(3_400e3, abs=1.0)
    assert seen.covered.all()
    snr = of(LATE).signal_to_noise(seen, 1.0, None)
    assert snr[1] / snr[0] == pytest.approx((3_400 / 402) ** 4, rel=1e-3)
    # The same sky without late echoes: beyond 2,500 km there is nothing.
    assert of(RADAR).view(far, np.zeros_like(far)).covered.tolist() == [False, True]


def test_an_echo_that_comes_back_while_the_radar_sends_is_lost() -> None:
    """100 km beyond the unambiguous range lies within a pulse of 1 ms; near echoes are not lost."""
    edge_m = 0.5 * LIGHT_M_S / 50
    far = points(LATE, 290.0, 20.0, [edge_m + 100e3, edge_m + 160e3, 100e3])
    assert of(LATE).view(far, np.zeros_like(far)).covered.tolist() == [False, True, True]


def test_the_skyline_hides_what_is_behind_it() -> None:
    """A hill of 5 degrees in the north-west, straight lines beside it."""
    mask = tuple((math.radians(a), math.radians(e)) for a, e in [(280, 0), (300, 5), (320, 0)])
    sensor = msgspec.structs.replace(RADAR, horizon_mask_rad=mask)
    there = points(sensor, [300.0, 300.0, 310.0, 330.0], [4.9, 5.1, 2.6, 2.1], 800e3)
    assert of(sensor).view(there, np.zeros_like(there)).covered.tolist() == [
        False, True, True, True,
    ]  # fmt: skip


REFRACTED = msgspec.structs.replace(
    LARGE,
    surface_refractivity=315.0,
    electron_content_per_m2=50e16,
    refraction_error_fraction=0.05,
)


def test_what_a_wrong_atmosphere_leaves() -> None:
    """The residual against `sensors.refraction`, which traces the true and the assumed one."""
    assumed = atmosphere(435e6, 0.0, 315.0, 50e16)
    elevation = np.radians([2.0, 3.0, 5.0, 10.0, 30.0, 80.0])
    range_m = np.array([1_500e3, 3_000e3, 2_000e3, 1_500e3, 4_000e3, 1_000e3])
    for air, plasma in ((0.05, 0.0), (0.0, -0.05), (-0.05, 0.05)):
        sky = replace(
            assumed,
            air=refraction_table(315.0 * (1.0 + air)),
            vertical_delay_m=assumed.vertical_delay_m * (1.0 + plasma),
        )
        ours = Refraction(assumed, air, plasma).residual(elevation, range_m)
        theirs = residual(sky, assumed, elevation, range_m)
        np.testing.assert_allclose(ours[0], theirs[0], rtol=0.12, atol=2e-6)
        np.testing.assert_allclose(ours[1], theirs[1], rtol=0.12, atol=0.1)


def test_the_atmosphere_differs_from_run_to_run_and_not_within_one() -> None:
    """One sigma of 5 % over seeds, in elevation and range; none without an error or an air."""
    there = points(REFRACTED, 290.0, 3.0, [3_000e3, 3_000e3])
    errors = []
    for seed in range(300):
        radar = of(REFRACTED, seed)
        seen = radar.view(there, np.zeros_like(there))
        off = radar.measured(seen, np.full(2, 100.0), np.zeros((2, 4))) - seen.apparent
        np.testing.assert_array_equal(off[0], off[1])
        errors.append(off[0])
    spread = np.std(errors, axis=0)
    whole = atmosphere(435e6, LARGE.height_m, 315.0, 50e16)
    bending, delay = whole.bending_rad(0.0565, 3_000e3), whole.delay_m(0.0565, 3_000e3)
    assert spread[2] == pytest.approx(0.05 * float(bending), rel=0.25)
    assert spread[0] == pytest.approx(0.05 * float(delay), rel=0.35)
    assert spread[1] == spread[3] == 0.0
    for change in ({"refraction_error_fraction": 0.0},
                   {"surface_refractivity": 0.0, "electron_content_per_m2": 0.0}):  # fmt: skip
        assert of(msgspec.structs.replace(REFRACTED, **change)).refraction is None


def test_ranges_never_fall_below_a_metre() -> None:
    """However far noise would throw an echo from close by."""
    there = points(RADAR, 290.0, 20.0, 20.0)
    radar = of(RADAR)
    seen = radar.view(there, np.zeros_like(there))
    assert radar.measured(seen, np.array([20.0]), np.full((1, 4), -9.0))[0, 0] == 1.0
