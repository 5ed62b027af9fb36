"""Sensors that the tests of this room share; the radar has the open figures of PAVE PAWS."""

from __future__ import annotations

import math

from forewarn.sensors.network import FailureDomains, InfraredSensor, RadarSensor

DOMAINS = FailureDomains(site="a", power="b", communications="c", clock="d", software="e")

TELESCOPE = InfraredSensor(
    sensor_id="GEO-SCAN",
    satellite_id="GEO",
    revisit_s=10.0,
    field_half_angle_rad=math.radians(8.8),
    noise_equivalent_irradiance_w_m2=2e-12,
    detection_snr=6.0,
    angle_noise_rad=20e-6,
    angle_floor_rad=4e-6,
    bias_sigma_rad=8e-6,
    false_alarms_per_scan=0.3,
    latency_s=1.0,
    latency_jitter_s=0.2,
    domains=DOMAINS,
)

# US National Research Council (2005), report 11205; power, temperature and loss as commonly quoted.
RADAR = RadarSensor(
    sensor_id="RADAR",
    latitude_rad=math.radians(41.7548),
    longitude_rad=math.radians(-70.5392),
    height_m=80.0,
    boresight_azimuth_rad=math.radians(350.0),
    azimuth_half_width_rad=math.radians(60.0),
    elevation_min_rad=math.radians(3.0),
    elevation_max_rad=math.radians(85.0),
    range_max_m=5_556_000.0,
    frequency_hz=435e6,
    peak_power_w=582e3,
    pulse_s=16e-3,
    gain=10**3.79,
    beam_width_rad=math.radians(2.2),
    noise_temperature_k=450.0,
    loss=10**0.8,
    bandwidth_hz=1e6,
    detection_snr=20.0,
    fence_elevation_rad=math.radians(3.0),
    fence_revisit_s=2.5,
    track_revisit_s=1.0,
    range_floor_m=15.0,
    angle_floor_rad=0.5e-3,
    range_rate_sigma_m_s=10.0,
    range_bias_sigma_m=20.0,
    angle_bias_sigma_rad=0.3e-3,
    false_alarms_per_scan=0.02,
    latency_s=0.3,
    latency_jitter_s=0.1,
    domains=DOMAINS,
)
