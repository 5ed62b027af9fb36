"""A made-up run folder to draw a report from. Not a simulation: smooth curves and fixed noise.

An overflight: launch 39.27 N 125.68 E towards 064 degrees, 2,700 km, apogee 550 km, with a
five-area coast under it. Everything is computed from the formulas below; nothing here is evidence.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import msgspec
import numpy as np

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text, utc_text_from_tai_ns
from forewarn.frames import ecef_from_geodetic, surface_azimuth_rad, surface_destination_rad
from forewarn.records import (
    AreaState,
    AreaThreat,
    AreaWarning,
    Assessment,
    CaseState,
    Evidence,
    GroundRegion,
    ImpactEstimate,
    LaunchEstimate,
    Output,
    Physics,
    Realm,
    Rejected,
    SensorHealth,
    Track,
    TrackStatus,
    WarningDecision,
)

LAUNCH_UTC = "2017-08-28T20:57:00Z"
LAUNCH_TAI_NS = tai_ns_from_utc_text(LAUNCH_UTC)
LAUNCH_DEG = (39.27, 125.68)
AZIMUTH_RAD = math.radians(64.0)
RANGE_M, APOGEE_M = 2.7e6, 550e3
FLIGHT_S, BURNOUT_S, CLOUD_BREAK_S = 860.0, 110.0, 38.0
FIRST_S, CONFIRMED_S, DECIDED_S, WARNED_S, LAST_SEEN_S = 46, 58, 70, 82, 560
SENSORS = {"geo-east": 46, "geo-west": 51, "radar-north": 205, "radar-coast": 262}
AREAS = {
    "hokkaido-south": ("Southern Hokkaidō", [(41.4, 140.0), (42.3, 139.8), (43.2, 141.3),
                       (43.0, 143.0), (42.0, 143.3), (42.4, 141.4), (41.8, 141.1)]),
    "aomori": ("Aomori", [(40.5, 139.9), (41.2, 140.3), (41.5, 141.0), (40.5, 141.7),
                          (40.3, 140.9)]),
    "iwate": ("Iwate", [(40.3, 140.9), (40.45, 141.75), (39.6, 142.05), (38.9, 141.6),
                        (38.9, 140.8)]),
    "akita": ("Akita", [(38.9, 139.85), (40.4, 139.9), (40.4, 140.8), (39.0, 140.7)]),
    "tokyo": ("Tokyo", [(35.5, 139.0), (35.9, 139.0), (35.8, 139.9), (35.5, 139.8)]),
}  # fmt: skip
PEAKS = {"hokkaido-south": (0.34, 150.0), "aomori": (0.22, 120.0), "iwate": (0.09, 105.0),
         "akita": (0.03, 95.0), "tokyo": (0.0, 90.0)}  # fmt: skip
WARNED = ("hokkaido-south", "aomori", "iwate")


def instant(seconds: float) -> int:
    return LAUNCH_TAI_NS + round(seconds * SECOND_NS)


def truth_at(seconds: float) -> tuple[float, float, float]:
    """Latitude, longitude [rad] and height [m]: slow start, then near-constant ground speed."""
    share = seconds / FLIGHT_S
    ground_m = RANGE_M * (share - 0.06 * math.sin(2 * math.pi * share) * (1 - share)) * share**0.08
    height_m = APOGEE_M * 4 * share * (1 - share) * (1 - math.exp(-((seconds / 60.0) ** 2)))
    latitude_rad, longitude_rad = surface_destination_rad(
        math.radians(LAUNCH_DEG[0]), math.radians(LAUNCH_DEG[1]), AZIMUTH_RAD, ground_m
    )
    return latitude_rad, longitude_rad, height_m


def truth_document() -> dict[str, object]:
    rows = []
    for seconds in range(0, int(FLIGHT_S) + 1, 2):
        latitude_rad, longitude_rad, height_m = truth_at(seconds)
        rows.append([utc_text_from_tai_ns(instant(seconds)), math.degrees(latitude_rad),
                     math.degrees(longitude_rad), height_m / 1e3, 3.5])  # fmt: skip
    end_rad = truth_at(FLIGHT_S)
    launch = {
        "launch_id": "l1",
        "vehicle_class": "intermediate_range",
        "source": "test fixture",
        "launch": {
            "latitude_deg": LAUNCH_DEG[0],
            "longitude_deg": LAUNCH_DEG[1],
            "time_utc": LAUNCH_UTC,
        },
        "impact": {
            "latitude_deg": math.degrees(end_rad[0]),
            "longitude_deg": math.degrees(end_rad[1]),
            "time_utc": utc_text_from_tai_ns(instant(FLIGHT_S)),
        },
        "apogee_km": 550.0,
        "cloud_break_utc": utc_text_from_tai_ns(instant(CLOUD_BREAK_S)),
        "burnout_utc": utc_text_from_tai_ns(instant(BURNOUT_S)),
        "samples": rows,
    }
    return {"launches": [launch]}


def sample_track(counted: int, seconds: int, noise: np.random.Generator) -> Track:
    latitude_rad, longitude_rad, height_m = truth_at(seconds)
    spread_m = 6e3 * math.exp(-(seconds - FIRST_S) / 60.0) + 400.0
    position = ecef_from_geodetic(latitude_rad, longitude_rad, height_m)
    position = position + noise.normal(0.0, spread_m, 3)
    seen = tuple(s for s, start in SENSORS.items() if seconds >= start)
    infrared = [s for s in seen if s.startswith("geo") and seconds <= BURNOUT_S + 12]
    radar = [s for s in seen if s.startswith("radar")]
    feeding = [s for s in infrared if (seconds - SENSORS[s]) % 10 == 0]
    feeding += [s for s in radar if seconds % 2 == 0 and seconds <= LAST_SEEN_S]
    status = TrackStatus.CONFIRMED if seconds >= CONFIRMED_S else TrackStatus.TENTATIVE
    if BURNOUT_S + 20 < seconds < SENSORS["radar-north"] or seconds > LAST_SEEN_S:
        status = TrackStatus.COASTING
    return Track(
        track_id="T1", realm=Realm.SIMULATION, time_tai_ns=instant(seconds + 0.8), status=status,
        position_ecef_m=tuple(float(x) for x in position), velocity_ecef_m_s=(0.0, 0.0, 0.0),
        covariance=tuple(tuple(spread_m**2 * (i == j) for j in range(6)) for i in range(6)),
        boosting_probability=0.97 if seconds < BURNOUT_S + 3 else 0.02,
        thrust_acceleration_m_s2=25.0, score=12.0, sensor_ids=seen,
        last_seen_tai_ns=instant(seconds if feeding else min(seconds, LAST_SEEN_S) - 1),
        measurement_count=counted + len(feeding),
        input_ids=tuple(f"{s}/{seconds}/0" for s in feeding),
    )  # fmt: skip


def region(
    latitude_rad: float, longitude_rad: float, along_m: float, across_m: float
) -> GroundRegion:
    """A Gaussian stretched along the flight."""
    east, north = math.sin(AZIMUTH_RAD + 0.15), math.cos(AZIMUTH_RAD + 0.15)
    a2, c2 = along_m**2, across_m**2
    return GroundRegion(
        latitude_rad=latitude_rad, longitude_rad=longitude_rad,
        covariance_m2=((a2 * east**2 + c2 * north**2, (a2 - c2) * east * north),
                       ((a2 - c2) * east * north, a2 * north**2 + c2 * east**2)),
    )  # fmt: skip


def sample_impact(seconds: int) -> ImpactEstimate:
    fade = math.exp(-(seconds - FIRST_S) / 45.0)
    along_m, across_m = 520e3 * fade + 16e3, 120e3 * fade + 7e3
    end_rad = truth_at(FLIGHT_S)
    short_m = 0.75 * along_m * math.cos(seconds / 40.0)
    back_rad = surface_azimuth_rad(end_rad[0], end_rad[1], *map(math.radians, LAUNCH_DEG))
    centre_rad = surface_destination_rad(end_rad[0], end_rad[1], back_rad, short_m)
    outline = []
    for step in range(48):
        angle = 2 * math.pi * step / 48
        x, y = 2.146 * along_m * math.cos(angle), 2.146 * across_m * math.sin(angle)
        bearing_rad = back_rad + math.atan2(y, x)
        outline.append(surface_destination_rad(*centre_rad, bearing_rad, math.hypot(x, y)))
    return ImpactEstimate(
        region=region(centre_rad[0], centre_rad[1], along_m, across_m),
        time_tai_ns=instant(FLIGHT_S + 60 * fade), time_sigma_s=90 * fade + 3,
        cut_off_probability=0.1 if seconds < BURNOUT_S else 0.98, no_impact_probability=0.0,
        polygon_rad=tuple(outline),
    )  # fmt: skip


def sample_launch(seconds: int) -> LaunchEstimate:
    fade = math.exp(-(seconds - FIRST_S) / 30.0)
    sigma_m = 5.5e3 * fade + 1.1e3
    latitude_rad, longitude_rad = surface_destination_rad(
        math.radians(LAUNCH_DEG[0]),
        math.radians(LAUNCH_DEG[1]),
        1.0 + seconds / 90.0,
        1.2 * sigma_m,
    )
    return LaunchEstimate(
        region=region(latitude_rad, longitude_rad, sigma_m * 1.3, sigma_m * 0.8),
        time_tai_ns=instant(0.8 * fade), time_sigma_s=3 * fade + 0.4, azimuth_rad=AZIMUTH_RAD,
        azimuth_sigma_rad=0.02, site="airfield north of the capital", site_distance_m=2.1e3,
    )  # fmt: skip


def threat(area_id: str, seconds: int) -> AreaThreat:
    peak, centre_s = PEAKS[area_id]
    probability = peak * math.exp(-(((seconds - centre_s) / 45.0) ** 2))
    return AreaThreat(
        area_id=area_id, probability=probability,
        earliest_tai_ns=instant(390) if peak else None,
        expected_tai_ns=instant(432) if peak else None, overflown=seconds > 500 and peak > 0,
    )  # fmt: skip


def sample_classes(seconds: int) -> dict[str, float]:
    known = 1 - math.exp(-(seconds - FIRST_S) / 25.0)
    return {
        "short_range": 0.30 * (1 - known), "medium_range": 0.25 * (1 - known) + 0.10 * known,
        "intermediate_range": 0.10 + 0.74 * known, "intercontinental": 0.15 * (1 - known),
        "space_launch": 0.10 * (1 - known) + 0.02 * known,
        "unknown": 0.10 * (1 - known) + 0.04 * known,
    }  # fmt: skip


def sample_evidence(seconds: int) -> tuple[Evidence, ...]:
    return (
        Evidence(hypothesis="a real launch", decibans=34.0,
                 text="Two telescopes on different satellites saw the same rising source."),
        Evidence(hypothesis="a real launch", decibans=11.5,
                 text="The brightness held for 20 s; a glint or a fire would have faded."),
        Evidence(hypothesis="missile, not space launch", decibans=8.0 + seconds / 50.0,
                 text="The climb is flatter than any known space launch from this place."),
        Evidence(hypothesis="missile, not space launch", decibans=-3.0,
                 text="The azimuth would also suit a polar orbit <after a dog-leg>."),
        Evidence(hypothesis="a real launch", decibans=-1.2,
                 text="One radar that could have seen it has not looked yet."),
    )  # fmt: skip


def sample_assessment(seconds: int) -> Assessment:
    both = seconds >= SENSORS["radar-north"]
    return Assessment(
        assessment_id=f"A{seconds}", realm=Realm.SIMULATION, track_id="T1",
        time_tai_ns=instant(seconds + 0.9), last_evidence_tai_ns=instant(seconds),
        status=TrackStatus.CONFIRMED, launch=sample_launch(seconds), impact=sample_impact(seconds),
        class_probabilities=sample_classes(seconds),
        areas=tuple(threat(area_id, seconds) for area_id in AREAS),
        domains=("site:a", "site:b"),
        physics=(Physics.INFRARED, Physics.RADAR) if both else (Physics.INFRARED,),
        silent_sensor_ids=("leo-3",) if seconds < 300 else (),
        evidence=sample_evidence(seconds), down=False, input_ids=("T1",),
    )  # fmt: skip


STEPS = (
    (60, CaseState.POSSIBLE, None, False, {}, "A launch is possible"),
    (DECIDED_S, CaseState.PROBABLE, None, False, {}, "A missile launch is probable"),
    (WARNED_S, CaseState.CONFIRMED, None, True, dict.fromkeys(WARNED, AreaState.PREPARE),
     "Missile launch: prepare to take shelter"),
    (118, CaseState.CONFIRMED, None, True,
     {"hokkaido-south": AreaState.SHELTER, "aomori": AreaState.SHELTER,
      "iwate": AreaState.PREPARE}, "Missile approaching: take shelter now"),
    (260, CaseState.CONFIRMED, None, True,
     {"hokkaido-south": AreaState.SHELTER, "aomori": AreaState.SHELTER,
      "iwate": AreaState.NARROWED}, "Iwate is no longer threatened"),
    (545, CaseState.ENDED, "passed over", True,
     dict.fromkeys(WARNED, AreaState.ALL_CLEAR), "The missile passed over: all clear"),
)  # fmt: skip


def sample_decisions() -> list[WarningDecision]:
    made: list[WarningDecision] = []
    before: dict[str, AreaState] = {}
    for number, (seconds, state, reason, public, areas, headline) in enumerate(STEPS, start=1):
        warnings = tuple(
            AreaWarning(area_id=i, state=s, changed=before.get(i) != s,
                        probability=threat(i, seconds).probability,
                        earliest_tai_ns=instant(390), expected_tai_ns=instant(432))
            for i, s in areas.items()
        )  # fmt: skip
        made.append(WarningDecision(
            decision_id=f"D{number}", realm=Realm.SIMULATION, case_id="C1", sequence=number,
            supersedes=f"D{number - 1}" if number > 1 else None, time_tai_ns=instant(seconds),
            last_evidence_tai_ns=instant(seconds - 2), case_state=state, end_reason=reason,
            public=public, areas=warnings, headline=headline, evidence=sample_evidence(seconds),
            missing=("A radar has not confirmed it yet.",) if seconds < 205 else (),
            would_change=("A matching launch notice would lower the threat.",
                          "A third telescope without a sighting would cast doubt."),
            policy_id="coast-1", input_ids=(f"A{seconds}", "T1"),
        ))  # fmt: skip
        before = areas
    return made


def sample_outputs(seed: int = 7) -> list[Output]:
    noise = np.random.default_rng(seed)
    timed: list[tuple[int, Output]] = []
    counted = 0
    for seconds in range(FIRST_S, LAST_SEEN_S + 30):
        track = sample_track(counted, seconds, noise)
        counted = track.measurement_count
        timed.append((track.time_tai_ns, track))
        if seconds >= CONFIRMED_S and seconds % 2 == 0:
            judged = sample_assessment(seconds)
            timed.append((judged.time_tai_ns, judged))
    timed += [(d.time_tai_ns, d) for d in sample_decisions()]
    for count, seconds in enumerate((20, 90, 91, 240)):
        timed.append((instant(seconds), Rejected(
            rejected_id=f"R{count}", realm=Realm.SIMULATION, time_tai_ns=instant(seconds),
            sensor_id="leo-3", reason="too late",
            detail=f"scan leo-3/{seconds} came 41 s after it was seen; the limit is 30 s",
            input_ids=(f"leo-3/{seconds}",))))  # fmt: skip
    timed.append((instant(300), SensorHealth(
        health_id="H1", realm=Realm.SIMULATION, time_tai_ns=instant(300), sensor_id="leo-3",
        operating=False, reason="clock drifting", input_ids=())))  # fmt: skip
    return [output for _, output in sorted(timed, key=lambda pair: pair[0])]


def sample_summary() -> dict[str, object]:
    return {
        "scenario_id": "overflight-sample",
        "title": "Overflight of a northern coast",
        "description": "A made-up overflight, only to draw the report from.",
        "realm": "simulation", "seed": 7, "version": "0.1.0",
        "command": "forewarn run scenarios/overflight-sample.yaml --seed 7",
        "cloud_top_m": 9000.0,
        "history_note": "On 29 August 2017 the public alert came at launch + 4 min.",
        "history_alert_s": 240.0,
        "input_digests": {"scenario": "sha256:" + "0f" * 32, "network": "sha256:" + "a7" * 32},
        "areas": [
            {"area_id": i, "name": name, "population": 1_000_000, "time_to_shelter_s": 120.0,
             "polygon_deg": polygon}
            for i, (name, polygon) in AREAS.items()
        ],
        "sensors": [
            {"sensor_id": s, "kind": "infrared" if s.startswith(("geo", "leo")) else "radar"}
            for s in (*SENSORS, "leo-3")
        ],
    }  # fmt: skip


def write_sample_run(
    folder: Path, *, truth: bool = True, outputs: list[Output] | None = None
) -> Path:
    """Write a run folder into ``folder`` and return it."""
    (folder / "alerts").mkdir(parents=True, exist_ok=True)
    records = sample_outputs() if outputs is None else outputs
    lines = b"".join(msgspec.json.encode(record) + b"\n" for record in records)
    (folder / "outputs.jsonl").write_bytes(lines)
    (folder / "summary.json").write_text(json.dumps(sample_summary()), encoding="utf-8")
    if truth:
        (folder / "truth.json").write_text(json.dumps(truth_document()), encoding="utf-8")
    (folder / "alerts" / "C1-3.xml").write_text("<alert/>", encoding="utf-8")
    return folder
