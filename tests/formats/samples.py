"""Sample files and records that the tests of this room read, change and write."""

from __future__ import annotations

from pathlib import Path

from forewarn.records import (
    AreaState,
    AreaThreat,
    AreaWarning,
    Assessment,
    CaseState,
    Cone,
    Evidence,
    GroundRegion,
    ImpactEstimate,
    InfraredMeasurement,
    LaunchEstimate,
    Notice,
    OperatorAction,
    Physics,
    RadarMeasurement,
    Realm,
    Rejected,
    Scan,
    Sector,
    SensorHealth,
    SensorStatus,
    Tick,
    Track,
    TrackStatus,
    WarningDecision,
)
from forewarn.warning.policy import Area

SECOND_NS = 1_000_000_000
NOW_TAI_NS = 1_503_953_897 * SECOND_NS  # 2017-08-28T20:57:40Z, 37 leap seconds behind TAI

POLICY = """\
forewarn: policy/1
policy_id: standard
version: 3
title: Two independent domains
threat_probability: 0.5
prepare_probability: 0.05
shelter_probability: 0.3
release_probability: 0.01
probable_domains: 2
confirmed_domains: 3
minimum_measurements: 4
lost_after_s: 60
all_clear_after_s: 300
"""

AREAS = """\
forewarn: areas/1
areas:
  - area_id: north
    name: North Island
    population: 5000000
    time_to_shelter_s: 240
    polygon_deg: [[41.4, 140.0], [41.4, 145.8], [45.5, 145.8], [45.5, 140.0]]
  - area_id: dateline
    name: Île de la Ligne
    population: 1200
    time_to_shelter_s: 600
    polygon_deg:
      - [-17.0, 178.0]
      - [-17.0, -178.0]
      - [-15.0, -178.0]
      - [-15.0, 178.0]
"""

VEHICLES = """\
forewarn: vehicles/1
vehicles:
  - vehicle_id: one_stage
    vehicle_class: intermediate_range
    stages:
      - thrust_kn: 420.5
        burn_s: 165
        propellant_kg: 26000
        structure_kg: 2300
        drag_area_m2: 0.5
        intensity_w_sr: 6.0e5
    payload_kg: 700
    ballistic_coefficient_kg_m2: 5000
    radar_cross_section_m2: 0.5
    vertical_rise_s: 8
    kick_deg: 1.5
    source: generic
"""

_DOMAINS = "{site: a, power: b, communications: c, clock: d, software: e}"

NETWORK = f"""\
forewarn: network/1
network_id: small
title: One telescope and one radar
satellites:
  - satellite_id: geo-1
    geostationary: {{longitude_deg: 130}}
  - satellite_id: known
    tle:
      - '1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927'
      - '2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537'
    reepoch: {{epoch_utc: '2017-08-28T20:00:00Z', mean_anomaly_deg: 90}}
  - satellite_id: high
    molniya: {{apogee_longitude_deg: -90, apogee_utc: 2017-08-28T20:30:00Z}}
  - satellite_id: low
    elements:
      epoch_utc: 2017-08-28T20:00:00+00:00
      semi_major_axis_km: 7378.0
      eccentricity: 0.001
      inclination_deg: 98
      right_ascension_deg: 10
      argument_of_perigee_deg: 20
      mean_anomaly_deg: 30
sensors:
  - kind: infrared
    sensor_id: ir-1
    satellite_id: geo-1
    revisit_s: 10
    field_half_angle_deg: 9
    noise_equivalent_irradiance_pw_m2: 2.5
    detection_snr: 5
    angle_noise_urad: 20
    angle_floor_urad: 5
    bias_sigma_urad: 15
    false_alarms_per_scan: 0.5
    latency_s: 2
    latency_jitter_s: 0.5
    stare_at: {{latitude_deg: 40, longitude_deg: 127}}
    domains: {_DOMAINS}
  - kind: radar
    sensor_id: radar-1
    latitude_deg: 40.9
    longitude_deg: 140.3
    height_m: 30
    boresight_azimuth_deg: 280
    azimuth_half_width_deg: 60
    elevation_min_deg: 2
    elevation_max_deg: 85
    range_max_km: 3000
    frequency_mhz: 440
    peak_power_kw: 600
    pulse_ms: 16
    gain_db: 38
    beam_width_deg: 2.2
    noise_temperature_k: 450
    loss_db: 10
    bandwidth_mhz: 1
    detection_snr_db: 13
    fence_elevation_deg: 4
    fence_revisit_s: 8
    track_revisit_s: 2
    range_floor_m: 20
    angle_floor_mrad: 1
    range_rate_sigma_m_s: 10
    range_bias_sigma_m: 15
    angle_bias_sigma_mrad: 0.5
    false_alarms_per_scan: 0.2
    latency_s: 1
    latency_jitter_s: 0.2
    domains: {_DOMAINS}
"""

TELEMETRY = """\
time_s,speed_m_s,altitude_m
0,0,0
1,3.5,2
2.5,9.25,11
"""

SCENARIO = """\
forewarn: scenario/1
scenario_id: overflight
title: An overflight
description: >-
  A flight over the sea, and a space launch.
start_utc: 2017-08-28T20:50:00Z
duration_s: 1800
seed: 7
cloud_top_km: 8.5
network: network.yaml
areas: areas.yaml
policy: policy.yaml
vehicles: vehicles.yaml
launches:
  - kind: flown
    launch_id: L1
    time_utc: 2017-08-29T05:57:00+09:00
    site: {latitude_deg: 39.2, longitude_deg: 125.67, height_m: 12}
    azimuth_deg: 60
    vehicle: one_stage
    shaped_to:
      range_km: 2700
      apogee_km: 550
    dispersion: {thrust_percent: 1, range_km: 30, azimuth_deg: 0.5}
  - kind: telemetry
    launch_id: L2
    time_utc: 2017-08-28T21:00:00Z
    site: {latitude_deg: 28.6, longitude_deg: -80.6}
    inclination_deg: 51.6
    source: a webcast
    file: ascent.csv
    burns_s: [[0, 160], [168, 540.5]]
    intensities_w_sr: [2.0e6, 1.0e5]
notices:
  - notice_id: N1
    received_utc: 2017-08-28T20:51:00Z
    source: range safety
    vehicle_class: space_launch
    window_start_utc: 2017-08-28T20:55:00Z
    window_end_utc: 2017-08-28T22:00:00Z
    latitude_deg: 28.6
    longitude_deg: -80.6
    radius_km: 20
    azimuth_deg: 45
"""

FILES = {
    "scenario.yaml": SCENARIO,
    "network.yaml": NETWORK,
    "areas.yaml": AREAS,
    "policy.yaml": POLICY,
    "vehicles.yaml": VEHICLES,
    "ascent.csv": TELEMETRY,
}


def write_files(folder: Path, **changed: str) -> Path:
    """Write the sample files; ``changed`` replaces some by their name without its ending."""
    for name, text in FILES.items():
        (folder / name).write_text(changed.get(name.split(".")[0], text), encoding="utf-8")
    return folder / "scenario.yaml"


def hot_spot(number: int = 0, **changes: float) -> InfraredMeasurement:
    values = {"right_ascension_rad": 1.25, "declination_rad": -0.5, "snr": 7.5} | changes
    return InfraredMeasurement(
        measurement_id=f"m{number}",
        seen_tai_ns=NOW_TAI_NS + SECOND_NS,
        irradiance_w_m2=3e-11,
        **values,
    )


def infrared_scan(*measurements: InfraredMeasurement) -> Scan:
    return Scan(
        scan_id="ir-1/17",
        realm=Realm.SIMULATION,
        sensor_id="ir-1",
        sequence=17,
        start_tai_ns=NOW_TAI_NS,
        end_tai_ns=NOW_TAI_NS + 10 * SECOND_NS,
        received_tai_ns=NOW_TAI_NS + 12 * SECOND_NS,
        volume=Cone(axis_gcrf=(0.0, 0.6, -0.8), half_angle_rad=0.15),
        sensitivity=2.5e-12,
        measurements=measurements,
        position_gcrf_m=(4.2164e7, 0.0, 0.0),
        velocity_gcrf_m_s=(0.0, 3074.7, 0.0),
    )


def radar_scan() -> Scan:
    return Scan(
        scan_id="radar-1/3",
        realm=Realm.SIMULATION,
        sensor_id="radar-1",
        sequence=3,
        start_tai_ns=NOW_TAI_NS,
        end_tai_ns=NOW_TAI_NS,
        received_tai_ns=NOW_TAI_NS + SECOND_NS,
        volume=Sector(
            azimuth_min_rad=3.0,
            azimuth_max_rad=5.5,
            elevation_min_rad=0.0,
            elevation_max_rad=1.5,
            range_max_m=3e6,
        ),
        sensitivity=1.5e6,
        measurements=(
            RadarMeasurement(
                measurement_id="r0",
                seen_tai_ns=NOW_TAI_NS,
                range_m=1_234_567.875,
                azimuth_rad=4.5,
                elevation_rad=0.25,
                range_rate_m_s=-1500.5,
                snr=25.0,
            ),
        ),
    )


def notice() -> Notice:
    return Notice(
        notice_id="N1",
        realm=Realm.EXERCISE,
        received_tai_ns=NOW_TAI_NS,
        source="range safety",
        vehicle_class="space_launch",
        window_start_tai_ns=NOW_TAI_NS,
        window_end_tai_ns=NOW_TAI_NS + 3600 * SECOND_NS,
        latitude_rad=0.5,
        longitude_rad=-1.5,
        radius_m=2e4,
    )


def events() -> tuple[Scan | Tick | Notice | SensorStatus | OperatorAction, ...]:
    return (
        infrared_scan(hot_spot(0), hot_spot(1)),
        infrared_scan(),
        radar_scan(),
        Tick(tick_id="t1", realm=Realm.LIVE, received_tai_ns=NOW_TAI_NS),
        notice(),
        SensorStatus(
            status_id="s1",
            realm=Realm.LIVE,
            received_tai_ns=NOW_TAI_NS,
            sensor_id="ir-1",
            operating=False,
            reason="eclipse",
        ),
        OperatorAction(
            action_id="a1",
            realm=Realm.LIVE,
            received_tai_ns=NOW_TAI_NS,
            operator="duty officer",
            action="withdraw",
            case_id="C1",
            reason="a test that was not announced",
        ),
    )


def track(second: int = 0, position_ecef_m: tuple[float, float, float] | None = None) -> Track:
    return Track(
        track_id="T1",
        realm=Realm.SIMULATION,
        time_tai_ns=NOW_TAI_NS + second * SECOND_NS,
        status=TrackStatus.CONFIRMED,
        position_ecef_m=position_ecef_m or (-3.3e6, 3.5e6 + 1000.0 * second, 4.4e6),
        velocity_ecef_m_s=(-1000.0, 2000.0, 500.0),
        covariance=tuple(tuple(float(i == j) for j in range(6)) for i in range(6)),
        boosting_probability=0.125,
        thrust_acceleration_m_s2=25.0,
        score=18.5,
        sensor_ids=("ir-1",),
        last_seen_tai_ns=NOW_TAI_NS,
        measurement_count=9,
        input_ids=("ir-1/17",),
    )


def assessment(second: int = 0, *, polygon_rad: tuple[tuple[float, float], ...] = ()) -> Assessment:
    region = GroundRegion(
        latitude_rad=0.7, longitude_rad=2.2, covariance_m2=((4e8, 0.0), (0.0, 1e8))
    )
    corners = polygon_rad or ((0.70, 2.45), (0.70, 2.55), (0.75, 2.55), (0.75, 2.45))
    return Assessment(
        assessment_id=f"A{second}",
        realm=Realm.SIMULATION,
        track_id="T1",
        time_tai_ns=NOW_TAI_NS + second * SECOND_NS,
        last_evidence_tai_ns=NOW_TAI_NS,
        status=TrackStatus.CONFIRMED,
        launch=LaunchEstimate(
            region=region,
            time_tai_ns=NOW_TAI_NS - 100 * SECOND_NS,
            time_sigma_s=5.0,
            azimuth_rad=1.0,
            azimuth_sigma_rad=0.05,
            site=None,
            site_distance_m=None,
        ),
        impact=ImpactEstimate(
            region=region,
            time_tai_ns=NOW_TAI_NS + 600 * SECOND_NS,
            time_sigma_s=20.0,
            cut_off_probability=0.5,
            no_impact_probability=0.0,
            polygon_rad=corners,
        ),
        class_probabilities={"unknown": 0.25, "intermediate_range": 0.75},
        areas=(
            AreaThreat(
                area_id="north",
                probability=0.5,
                earliest_tai_ns=NOW_TAI_NS + 500 * SECOND_NS,
                expected_tai_ns=None,
                overflown=False,
            ),
        ),
        domains=("ir-1",),
        physics=(Physics.INFRARED,),
        silent_sensor_ids=(),
        evidence=(Evidence(hypothesis="missile", decibans=12.5, text="It burns."),),
        down=False,
        input_ids=("ir-1/17",),
    )


def decision(
    *states: AreaState, realm: Realm = Realm.LIVE, sequence: int = 1, **changes: object
) -> WarningDecision:
    """A decision that puts the sample areas, in their order, into ``states``."""
    values: dict[str, object] = {
        "decision_id": f"C1/{sequence}",
        "realm": realm,
        "case_id": "C1",
        "sequence": sequence,
        "supersedes": None,
        "time_tai_ns": NOW_TAI_NS + sequence * 30 * SECOND_NS,
        "last_evidence_tai_ns": NOW_TAI_NS,
        "case_state": CaseState.CONFIRMED,
        "end_reason": None,
        "public": True,
        "areas": tuple(
            AreaWarning(
                area_id=area.area_id,
                state=state,
                changed=True,
                probability=0.5,
                earliest_tai_ns=NOW_TAI_NS + 500 * SECOND_NS,
                expected_tai_ns=NOW_TAI_NS + 600 * SECOND_NS,
            )
            for area, state in zip(areas(), states, strict=False)
        ),
        "headline": "free text that must never reach the public",
        "evidence": (),
        "missing": (),
        "would_change": (),
        "policy_id": "standard",
        "input_ids": (),
    }
    return WarningDecision(**(values | changes))  # type: ignore[arg-type]


def outputs() -> tuple[Track | Assessment | WarningDecision | SensorHealth | Rejected, ...]:
    return (
        track(),
        assessment(),
        decision(AreaState.SHELTER),
        SensorHealth(
            health_id="h1",
            realm=Realm.LIVE,
            time_tai_ns=NOW_TAI_NS,
            sensor_id="ir-1",
            operating=True,
            reason="heard again",
            input_ids=("ir-1/17",),
        ),
        Rejected(
            rejected_id="j1",
            realm=Realm.TEST,
            time_tai_ns=NOW_TAI_NS,
            sensor_id=None,
            reason="not a scan",
            detail="line 3",
            input_ids=(),
        ),
    )


def areas() -> tuple[Area, ...]:
    """The areas of the sample file, as records."""
    rad = 0.017453292519943295
    corners = {
        "north": ((41.4, 140.0), (41.4, 145.8), (45.5, 145.8), (45.5, 140.0)),
        "dateline": ((-17.0, 178.0), (-17.0, -178.0), (-15.0, -178.0), (-15.0, 178.0)),
    }
    return tuple(
        Area(
            area_id=area_id,
            name={"north": "North Island", "dateline": "Île de la Ligne"}[area_id],
            population={"north": 5_000_000, "dateline": 1_200}[area_id],
            time_to_shelter_s={"north": 240.0, "dateline": 600.0}[area_id],
            polygon_rad=tuple((lat * rad, lon * rad) for lat, lon in polygon_deg),
        )
        for area_id, polygon_deg in corners.items()
    )
