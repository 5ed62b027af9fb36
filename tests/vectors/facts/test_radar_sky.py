"""Published numbers of what radars met in their sky: the Moon of 1960, a fence, refraction."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest

from forewarn.epoch import DAY_NS, SECOND_NS
from forewarn.frames import EarthOrientation
from forewarn.records import RadarMeasurement, Scan
from forewarn.sensors.network import BeamPlan, FailureDomains, RadarSensor
from forewarn.sensors.radar import radar_model
from forewarn.sensors.search_budget import search_budget
from forewarn.simulation.radar_looks import radar_scans
from forewarn.simulation.radar_receiver import receiver
from forewarn.simulation.radar_sky import RadarSky, radar_surroundings
from forewarn.simulation.truth import Truth

LIGHT_M_S = 299_792_458.0
MOON_RADIUS_M = 1_737_400.0
UNAMBIGUOUS_M = 0.5 * LIGHT_M_S / 27.0  # 27 pulses a second, from memory, soft

# A notional radar at the place, in the direction and of the figures that are told of 1960: 425 MHz
# and 10 MW; its beam, gain, losses and fence are made up.
BMEWS = RadarSensor(
    sensor_id="NORTH",
    latitude_rad=math.radians(76.570),
    longitude_rad=math.radians(-68.299),
    height_m=390.0,
    boresight_azimuth_rad=math.radians(57.0),
    azimuth_half_width_rad=math.radians(60.0),
    elevation_min_rad=math.radians(1.0),
    elevation_max_rad=math.radians(85.0),
    range_max_m=UNAMBIGUOUS_M,
    frequency_hz=425e6,
    peak_power_w=10e6,
    pulse_s=2e-3,
    gain=10**3.8,
    beam_width_rad=math.radians(2.0),
    noise_temperature_k=600.0,
    loss=10**0.8,
    bandwidth_hz=1e5,
    detection_snr=20.0,
    fence_elevation_rad=math.radians(3.0),
    fence_revisit_s=4.0,
    track_revisit_s=4.0,
    range_floor_m=500.0,
    angle_floor_rad=5e-3,
    range_rate_sigma_m_s=20.0,
    range_bias_sigma_m=0.0,
    angle_bias_sigma_rad=0.0,
    false_alarms_per_scan=0.0,
    latency_s=0.5,
    latency_jitter_s=0.0,
    domains=FailureDomains(site="n", power="n", communications="n", clock="n", software="n"),
    pulse_interval_s=1.0 / 27.0,
)


def tai_1960(clock: str) -> int:
    """An instant of 1960-10-05; TAI was 1.4 s ahead of UTC then (IERS)."""
    elapsed = datetime.fromisoformat(f"1960-10-05T{clock}").replace(tzinfo=UTC)
    seconds = round((elapsed - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    return seconds * SECOND_NS + 1_400_000_000


def moonrise(sensor: RadarSensor) -> list[Scan]:
    """What a radar reports from 22:20 to 22:38 UT with nothing in its sky but Sun and Moon."""
    span = (tai_1960("22:20:00"), tai_1960("22:38:00"))
    still = (0.0, 0.0)
    orientation = EarthOrientation(
        source="UT1 = UTC",
        day_tai_ns=(span[0] - DAY_NS, span[1] + DAY_NS),
        ut1_minus_tai_s=(-1.4, -1.4),
        pole_x_rad=still,
        pole_y_rad=still,
        celestial_dx_rad=still,
        celestial_dy_rad=still,
    )
    around = radar_surroundings(RadarSky(), [sensor], span_tai_ns=span, seed=1, orientation=orientation)
    truth = Truth(scenario_id="fa1", seed=1, cloud_top_m=0.0, objects=())
    return radar_scans(sensor, truth=truth, span_tai_ns=span, around=around)


def echoes(scans: list[Scan]) -> list[RadarMeasurement]:
    """All echoes."""
    return [m for s in scans for m in s.measurements if isinstance(m, RadarMeasurement)]


def test_fa1_the_moon_rises_into_a_fence() -> None:
    """A9, FA-1 (CACM 1987; computed elsewhere with astropy): 3 degrees at 22:29 UT, azimuth 78.

    382,840 km to its centre, so 381,103 to what is nearest; back after 2.54 s, 68 pulses late; the
    range that is reported is that less 68 times 5,552 km. It closes at 56 m/s. And many of them:
    it stays in the beam for a quarter of an hour and more.
    """
    found = echoes(moonrise(BMEWS))
    assert len(found) > 150
    at_three = [m for m in found if abs(math.degrees(m.elevation_rad) - 3.0) < 0.2]
    assert len(at_three) > 20
    middle = np.median([m.seen_tai_ns for m in at_three])
    assert middle == pytest.approx(tai_1960("22:29:30"), abs=90 * SECOND_NS)
    azimuths = np.degrees([m.azimuth_rad for m in at_three])
    assert np.median(azimuths) == pytest.approx(78.0, abs=0.5)
    rates = np.array([m.range_rate_m_s for m in at_three])
    assert np.median(rates) == pytest.approx(-56.0, abs=8.0)
    ranges = np.median([m.range_m for m in at_three]) + 68 * UNAMBIGUOUS_M
    assert ranges == pytest.approx(382_840e3 - MOON_RADIUS_M, abs=60e3)
    assert 2.0 * ranges / LIGHT_M_S == pytest.approx(2.554, abs=0.015)


def test_fa1_is_strong_and_steady_and_turns_with_the_sky() -> None:
    """FA-1: huge cross-section (0.07 of the disk): more than 30 dB; azimuth 15 degrees an hour."""
    found = echoes(moonrise(BMEWS))
    assert np.median([m.snr for m in found]) > 1e3
    times_h = np.array([m.seen_tai_ns for m in found]) / (3_600 * SECOND_NS)
    slope = np.polyfit(times_h - times_h[0], np.degrees([m.azimuth_rad for m in found]), 1)[0]
    # Near the pole azimuth runs as hour angle does, 15 less the Moon's own half degree.
    assert slope == pytest.approx(14.3, abs=0.7)


def test_fa1_a_radar_that_waits_for_no_late_echo_has_no_moon() -> None:
    """The same radar, told that nothing returns so late: silence."""
    early = msgspec.structs.replace(BMEWS, pulse_interval_s=None)
    assert echoes(moonrise(early)) == []


def test_a8_the_plan_of_pave_paws_closes_with_no_time_left() -> None:
    """A8: 120 azimuths, two faces, 2.5 s: 41.7 ms a beam, 38 ms listening, 3.7 ms sending.

    US National Research Council, report 11205 (2005), chapters 4 and 5.
    """
    plan = BeamPlan(faces_count=2, fence_beams_count=120, listen_s=38e-3)
    sensor = msgspec.structs.replace(
        BMEWS, beam_plan=plan, fence_revisit_s=2.5, pulse_s=2.5 / 60 - 38e-3
    )
    budget = search_budget(sensor)
    assert budget is not None
    assert budget.free_s == pytest.approx(0.0, abs=1e-9)
    assert budget.duty_fraction == pytest.approx(3.67 / 41.67, abs=0.001)


def test_a18_a_corrected_radar_is_left_with_little() -> None:
    """A18, check 7: 4.5 mrad of bending at 3 degrees, removed to less than 0.3 mrad.

    By an air that is known to 5 %, in two of three runs (one sigma); from memory, soft.
    """
    sensor = msgspec.structs.replace(
        BMEWS, surface_refractivity=315.0, electron_content_per_m2=20e16,
        refraction_error_fraction=0.05,
    )  # fmt: skip
    elevation, range_m = np.array([math.radians(3.0)]), np.array([3_000e3])
    left = []
    for seed in range(60):
        radar = receiver(radar_model(sensor), seed=seed, bias=np.zeros(4), noise=None)
        assert radar.refraction is not None
        bending = float(radar.refraction.assumed.bending_rad(elevation, range_m)[0])
        assert 4e-3 < bending < 5.5e-3
        left.append(abs(float(radar.refraction.residual(elevation, range_m)[0][0])))
    assert np.percentile(left, 68) < 0.3e-3
    assert max(left) > 0.1e-3
