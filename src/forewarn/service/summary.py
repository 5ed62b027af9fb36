"""``summary.json``: what a run was about, what came of it, and when, measured from each launch."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import msgspec
import numpy as np

from forewarn.epoch import SECOND_NS, utc_text_from_tai_ns
from forewarn.records import (
    AreaState,
    Assessment,
    Event,
    Output,
    Rejected,
    Scan,
    Track,
    TrackStatus,
    WarningDecision,
)
from forewarn.sensors.network import Network
from forewarn.simulation.truth import Truth, TruthObject
from forewarn.warning.life import CASE_CLOSED
from forewarn.warning.policy import Area

MATCH_DISTANCE_M = 300e3
"""A track this near a true flight, when it is first reported, is of that flight."""

WARNED_STATES = frozenset({AreaState.PREPARE, AreaState.SHELTER, AreaState.EXTENDED})
_REMEMBERED_SCANS = 20_000


class About(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run comes from and what it is called, for its summary and report.

    ``history_note`` says in a sentence what happened on the day, and ``history_alert_s`` when its
    first public alert came, after the launch. ``input_digests`` maps names to SHA-256.
    """

    title: str | None = None
    scenario_id: str | None = None
    description: str | None = None
    seed: int | None = None
    cloud_top_m: float | None = None
    command: str | None = None
    history_note: str | None = None
    history_alert_s: float | None = None
    input_digests: dict[str, str] = {}


class Summary:
    """Counts and instants, gathered while a run goes by.

    Instants are those at which the centre knew: the ``received_tai_ns`` of the event whose step
    gave the output. Only a track's first look is when the sensor looked.
    """

    def __init__(self, truth: Truth | None = None) -> None:
        """Begin with nothing seen; with ``truth``, times are also given relative to launches."""
        self._truth = truth
        self._events: Counter[str] = Counter()
        self._outputs: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        self._looked: dict[str, int] = {}
        self._first_tai_ns: int | None = None
        self._last_tai_ns = 0
        self._tracks: dict[str, dict[str, Any]] = {}
        self._track_of: dict[str, str] = {}
        self._cases: dict[str, dict[str, Any]] = {}
        self._warnings: list[dict[str, Any]] = []

    @property
    def warned_areas(self) -> int:
        """How many areas have been warned so far."""
        return len({w["area_id"] for w in self._warnings if w["state"] in WARNED_STATES})

    @property
    def tracks(self) -> int:
        """How many tracks have been reported so far."""
        return len(self._tracks)

    @property
    def simulated_s(self) -> float:
        """Time from the first event to the last [s]."""
        if self._first_tai_ns is None:
            return 0.0
        return (self._last_tai_ns - self._first_tai_ns) / SECOND_NS

    def take(self, event: Event, outputs: tuple[Output, ...]) -> None:
        """Note an event and what its step put out."""
        now_tai_ns = event.received_tai_ns
        if self._first_tai_ns is None:
            self._first_tai_ns = now_tai_ns
        self._last_tai_ns = max(self._last_tai_ns, now_tai_ns)
        self._events[_tag(event)] += 1
        if isinstance(event, Scan):
            self._looked[event.scan_id] = event.end_tai_ns
            if len(self._looked) > _REMEMBERED_SCANS:
                del self._looked[next(iter(self._looked))]
        for output in outputs:
            self._outputs[_tag(output)] += 1
            if isinstance(output, Track):
                self._take_track(output, now_tai_ns)
            elif isinstance(output, Assessment):
                self._track_of[output.assessment_id] = output.track_id
            elif isinstance(output, WarningDecision):
                self._take_decision(output, now_tai_ns)
            elif isinstance(output, Rejected):
                self._rejected[output.reason] += 1

    def _take_track(self, track: Track, now_tai_ns: int) -> None:
        known = self._tracks.get(track.track_id)
        if known is None:
            looks = [self._looked[i] for i in track.input_ids if i in self._looked]
            flown = self._flight_of(track)
            known = self._tracks[track.track_id] = {
                "track_id": track.track_id,
                "launch_id": None if flown is None else flown.launch_id,
                "first_look": min(looks, default=track.last_seen_tai_ns),
                "first_track": now_tai_ns,
                "confirmed": None,
                "measurement_count": 0,
            }
        if known["confirmed"] is None and track.status is TrackStatus.CONFIRMED:
            known["confirmed"] = now_tai_ns
        known["measurement_count"] = track.measurement_count
        known["status"] = track.status.value

    def _flight_of(self, track: Track) -> TruthObject | None:
        best: tuple[float, TruthObject] | None = None
        at = np.array([track.time_tai_ns], dtype=np.int64)
        for flown in self._truth.objects if self._truth else ():
            if not flown.flying(at)[0]:
                continue
            apart_m = float(np.linalg.norm(flown.states_ecef(at)[0][0] - track.position_ecef_m))
            if apart_m <= MATCH_DISTANCE_M and (best is None or apart_m < best[0]):
                best = (apart_m, flown)
        return best[1] if best else None

    def _take_decision(self, decision: WarningDecision, now_tai_ns: int) -> None:
        case = self._cases.setdefault(
            decision.case_id,
            {"case_id": decision.case_id, "track_ids": {}, "states": {}, "decisions": 0},
        )
        for input_id in decision.input_ids:
            if input_id in self._track_of:
                case["track_ids"][self._track_of[input_id]] = None
        case["decisions"] += 1
        case["states"].setdefault(decision.case_state.value, now_tai_ns)
        case["state"] = decision.case_state.value
        case["end_reason"] = decision.end_reason
        case["ended"] = now_tai_ns if decision.case_state in CASE_CLOSED else None
        case["headline"] = decision.headline
        for area in decision.areas:
            if area.changed and area.state is not AreaState.QUIET:
                self._warnings.append(
                    {
                        "case_id": decision.case_id,
                        "area_id": area.area_id,
                        "state": area.state,
                        "time": now_tai_ns,
                        "probability": area.probability,
                        "expected": area.expected_tai_ns,
                    }
                )

    def _launch_of_case(self, case_id: str) -> str | None:
        """Return the launch that most measurements of the case's tracks are of."""
        weights: Counter[str] = Counter()
        for track_id in self._cases[case_id]["track_ids"]:
            track = self._tracks.get(track_id)
            if track and track["launch_id"]:
                weights[track["launch_id"]] += track["measurement_count"]
        return weights.most_common(1)[0][0] if weights else None

    def launches(self) -> list[dict[str, Any]]:
        """Return, for each true launch, when what became of it [s after launch], None if never."""
        return [self._launch(flown) for flown in self._truth.objects] if self._truth else []

    def _launch(self, flown: TruthObject) -> dict[str, Any]:
        launch_id = flown.launch_id
        tracks = [t for t in self._tracks.values() if t["launch_id"] == launch_id]
        cases = [c for i, c in self._cases.items() if self._launch_of_case(i) == launch_id]
        case_ids = [case["case_id"] for case in cases]
        warnings = [w for w in self._warnings if w["case_id"] in case_ids]
        released = (AreaState.NARROWED, AreaState.ALL_CLEAR, AreaState.CANCELLED)

        def after_s(instants_tai_ns: list[int | None]) -> float | None:
            known = [instant for instant in instants_tai_ns if instant is not None]
            return round((min(known) - flown.launch_tai_ns) / SECOND_NS, 3) if known else None

        def first_s(*states: AreaState) -> float | None:
            return after_s([w["time"] for w in warnings if w["state"] in states])

        cloud_top_m = self._truth.cloud_top_m if self._truth else 0.0
        return {
            "launch_id": launch_id,
            "vehicle_class": flown.vehicle_class,
            "time_utc": utc_text_from_tai_ns(flown.launch_tai_ns),
            "cloud_break_s": after_s([flown.cloud_break_tai_ns(cloud_top_m)]),
            "first_look_s": after_s([t["first_look"] for t in tracks]),
            "first_track_s": after_s([t["first_track"] for t in tracks]),
            "first_detection_s": after_s([t["confirmed"] for t in tracks]),
            "probable_s": after_s([c["states"].get("probable") for c in cases]),
            "confirmed_s": after_s([c["states"].get("confirmed") for c in cases]),
            "first_warning_s": first_s(*WARNED_STATES),
            "first_shelter_s": first_s(AreaState.SHELTER),
            "first_narrowed_s": first_s(AreaState.NARROWED),
            "first_release_s": first_s(*released),
            "burnout_s": after_s([flown.burnout_tai_ns]),
            "impact_s": after_s([flown.end_tai_ns]) if flown.trajectory.came_down else None,
            "case_ended_s": after_s([c["ended"] for c in cases]),
            "case_ids": case_ids,
            "end_reasons": [c["end_reason"] for c in cases],
            "warned_area_ids": sorted(
                {w["area_id"] for w in warnings if w["state"] in WARNED_STATES}
            ),
        }

    def _case_entries(self) -> list[dict[str, Any]]:
        return [
            {
                **{k: v for k, v in case.items() if k not in ("track_ids", "states", "ended")},
                "launch_id": self._launch_of_case(case_id),
                "track_ids": list(case["track_ids"]),
                "first_utc": {
                    state: utc_text_from_tai_ns(instant)
                    for state, instant in case["states"].items()
                },
            }
            for case_id, case in self._cases.items()
        ]

    def _warning_entries(self) -> list[dict[str, Any]]:
        entries = []
        for warning in self._warnings:
            expected_tai_ns = warning["expected"]
            entries.append(
                {
                    "case_id": warning["case_id"],
                    "area_id": warning["area_id"],
                    "state": warning["state"].value,
                    "time_utc": utc_text_from_tai_ns(warning["time"]),
                    "probability": warning["probability"],
                    "expected_utc": (
                        None if expected_tai_ns is None else utc_text_from_tai_ns(expected_tai_ns)
                    ),
                }
            )
        return entries

    def entries(self) -> dict[str, Any]:
        """Return what happened, ready for JSON."""
        first_tai_ns = self._first_tai_ns
        return {
            "start_utc": None if first_tai_ns is None else utc_text_from_tai_ns(first_tai_ns),
            "end_utc": None if first_tai_ns is None else utc_text_from_tai_ns(self._last_tai_ns),
            "simulated_s": self.simulated_s,
            "events": dict(sorted(self._events.items())),
            "outputs": dict(sorted(self._outputs.items())),
            "tracks": len(self._tracks),
            "rejected": dict(sorted(self._rejected.items())),
            "launches": self.launches(),
            "cases": self._case_entries(),
            "warnings": self._warning_entries(),
        }


def _tag(record: Event | Output) -> str:
    return str(type(record).__struct_config__.tag)


def configuration_entries(network: Network, areas: tuple[Area, ...]) -> dict[str, Any]:
    """Return the sensors and areas as the report lists them, polygons in degrees."""
    return {
        "sensors": [
            {
                "sensor_id": sensor.sensor_id,
                "kind": str(type(sensor).__struct_config__.tag),
                "title": sensor.domains.site,
            }
            for sensor in network.sensors
        ],
        "areas": [
            {
                "area_id": area.area_id,
                "name": area.name,
                "population": area.population,
                "time_to_shelter_s": area.time_to_shelter_s,
                "polygon_deg": [
                    [round(math.degrees(lat_rad), 6), round(math.degrees(lon_rad), 6)]
                    for lat_rad, lon_rad in area.polygon_rad
                ],
            }
            for area in areas
        ],
    }
