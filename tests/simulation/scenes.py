"""Small scenarios that the tests of this room fly: one vehicle, a few notional sensors."""

from __future__ import annotations

import math
from functools import cache

import msgspec

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text
from forewarn.frames import EarthOrientation
from forewarn.missiles.vehicle import Stage, Vehicle
from forewarn.orbits import geostationary
from forewarn.records import InfraredMeasurement, RadarMeasurement, Scan, Tick
from forewarn.sensors.network import (
    FailureDomains,
    InfraredSensor,
    Network,
    RadarSensor,
    Sensor,
)
from forewarn.simulation import Scenario, Simulation, simulate
from forewarn.simulation.scenario import Dispersion, FlownLaunch
from forewarn.warning.policy import Policy

START = tai_ns_from_utc_text("2017-08-28T20:56:30Z")
ORIENTATION = EarthOrientation.from_iers()
DOMAINS = FailureDomains(site="a", power="b", communications="c", clock="d", software="e")

SCANNER = InfraredSensor(
    sensor_id="SCAN",
    satellite_id="GEO",
    revisit_s=10.0,
    field_half_angle_rad=math.radians(8.8),
    noise_equivalent_irradiance_w_m2=2e-12,
    detection_snr=6.0,
    angle_noise_rad=20e-6,
    angle_floor_rad=4e-6,
    bias_sigma_rad=0.0,
    false_alarms_per_scan=0.0,
    latency_s=1.5,
    latency_jitter_s=0.0,
    domains=DOMAINS,
)
STARER = msgspec.structs.replace(
    SCANNER,
    sensor_id="STARE",
    revisit_s=2.0,
    field_half_angle_rad=math.radians(3.0),
    stare_at_rad=(math.radians(40.0), math.radians(130.0)),
)
RADAR = RadarSensor(
    sensor_id="RADAR",
    latitude_rad=math.radians(40.6),
    longitude_rad=math.radians(140.0),
    height_m=200.0,
    boresight_azimuth_rad=math.radians(290.0),
    azimuth_half_width_rad=math.radians(60.0),
    elevation_min_rad=math.radians(2.0),
    elevation_max_rad=math.radians(85.0),
    range_max_m=2_500_000.0,
    frequency_hz=1.3e9,
    peak_power_w=1e6,
    pulse_s=4e-3,
    gain=1e4,
    beam_width_rad=math.radians(1.7),
    noise_temperature_k=400.0,
    loss=5.0,
    bandwidth_hz=1e6,
    detection_snr=20.0,
    fence_elevation_rad=math.radians(3.0),
    fence_revisit_s=3.0,
    track_revisit_s=1.0,
    range_floor_m=20.0,
    angle_floor_rad=0.5e-3,
    range_rate_sigma_m_s=10.0,
    range_bias_sigma_m=0.0,
    angle_bias_sigma_rad=0.0,
    false_alarms_per_scan=0.0,
    latency_s=0.3,
    latency_jitter_s=0.0,
    domains=DOMAINS,
)
VEHICLE = Vehicle(
    vehicle_id="one_stage",
    vehicle_class="intermediate_range",
    stages=(
        Stage(
            thrust_n=420e3,
            sea_level_loss=0.0,
            burn_s=165.0,
            propellant_kg=26e3,
            structure_kg=2.3e3,
            drag_area_m2=0.5,
            intensity_w_sr=6e5,
        ),
    ),
    payload_kg=700.0,
    ballistic_coefficient_kg_m2=5e3,
    radar_cross_section_m2=0.5,
    vertical_rise_s=8.0,
    kick_rad=0.02,
    coast_s=0.0,
    source="notional",
)
LAUNCH = FlownLaunch(
    launch_id="one",
    time_tai_ns=START + 30 * SECOND_NS,
    latitude_rad=math.radians(39.2674),
    longitude_rad=math.radians(125.6752),
    height_m=0.0,
    azimuth_rad=math.radians(72.0),
    vehicle=VEHICLE,
    range_m=2_700e3,
    apogee_m=550e3,
    dispersion=Dispersion(),
)
POLICY = Policy(
    policy_id="p",
    version=1,
    title="p",
    threat_probability=0.3,
    prepare_probability=0.01,
    shelter_probability=0.03,
    release_probability=0.003,
    probable_domains=2,
    confirmed_domains=3,
    minimum_measurements=4,
    lost_after_s=60.0,
    all_clear_after_s=300.0,
)


def scene(
    *sensors: Sensor,
    duration_s: float = 300.0,
    launches: tuple[FlownLaunch, ...] = (LAUNCH,),
    cloud_top_m: float = 7_000.0,
) -> Scenario:
    """A scenario over the Sea of Japan with these sensors; the satellite stands at 128 E."""
    satellites = {"GEO": geostationary("GEO", math.radians(128.0), START)}
    return Scenario(
        scenario_id="scene",
        title="scene",
        description="",
        start_tai_ns=START,
        end_tai_ns=START + round(duration_s * SECOND_NS),
        seed=1,
        cloud_top_m=cloud_top_m,
        network=Network(network_id="n", title="n", satellites=satellites, sensors=sensors),
        areas=(),
        policy=POLICY,
        launches=launches,
        notices=(),
    )


def run(scenario: Scenario, seed: int = 1) -> Simulation:
    """Simulate with the Earth as it was turned."""
    return simulate(scenario, seed=seed, orientation=ORIENTATION)


@cache
def flight() -> Simulation:
    """The whole flight seen by one of each sensor, without bias or false alarms."""
    return run(scene(SCANNER, STARER, RADAR, duration_s=1_020.0))


def scans_of(simulation: Simulation, sensor_id: str) -> list[Scan]:
    """A sensor's scans in order of looking."""
    scans = [e for e in simulation.events if isinstance(e, Scan) and e.sensor_id == sensor_id]
    return sorted(scans, key=lambda scan: scan.sequence)


def ticks_of(simulation: Simulation) -> list[Tick]:
    """All ticks in order of arrival."""
    return [e for e in simulation.events if isinstance(e, Tick)]


def infrared_of(scans: list[Scan]) -> list[tuple[Scan, InfraredMeasurement]]:
    """Every infrared measurement with its scan."""
    return [(s, m) for s in scans for m in s.measurements if isinstance(m, InfraredMeasurement)]


def radar_of(scans: list[Scan]) -> list[RadarMeasurement]:
    """Every radar measurement."""
    return [m for s in scans for m in s.measurements if isinstance(m, RadarMeasurement)]
