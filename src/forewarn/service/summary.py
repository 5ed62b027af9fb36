"""``summary.json``: what a run was about, what came of it, and when, measured from each launch."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from forewarn.epoch import SECOND_NS, utc_text_from_tai_ns
from forewarn.formats.jsonl import Malformed
from forewarn.records import (
    AreaState,
    AreaWarning,
    Assessment,
    CaseState,
    Event,
    Output,
    Rejected,
    Scan,
    Track,
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
    first public alert came, after the launch. ``input_digests`` maps names to SHA-256, and
    ``malformed`` lists lines of the input that could not be read.
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
    malformed: tuple[Malformed, ...] = ()


@dataclass(slots=True)
class _TrackFacts:
    launch_id: str | None
    first_look_tai_ns: int
    reported_tai_ns: int
    measurement_count: int = 0


@dataclass(slots=True)
class _CaseFacts:
    case_id: str
    last: WarningDecision
    track_ids: dict[str, None] = field(default_factory=dict)
    reached_tai_ns: dict[CaseState, int] = field(default_factory=dict)
    changes: list[_Change] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Change:
    """The warning of one area was changed; ``tai_ns`` is when."""

    tai_ns: int
    case_id: str
    area: AreaWarning


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
        self._looked_tai_ns: dict[str, int] = {}
        self._span_tai_ns: tuple[int, int] | None = None
        self._tracks: dict[str, _TrackFacts] = {}
        self._track_of: dict[str, str] = {}
        self._cases: dict[str, _CaseFacts] = {}
        self._warned: set[str] = set()

    @property
    def warned_areas(self) -> int:
        """How many areas have been warned so far."""
        return len(self._warned)

    @property
    def tracks(self) -> int:
        """How many tracks have been reported so far."""
        return len(self._tracks)

    @property
    def simulated_s(self) -> float:
        """Time from the first event to the last [s]."""
        first_tai_ns, last_tai_ns = self._span_tai_ns or (0, 0)
        return (last_tai_ns - first_tai_ns) / SECOND_NS

    def take(self, event: Event, outputs: tuple[Output, ...]) -> None:
        """Note an event and what its step put out."""
        now_tai_ns = event.received_tai_ns
        first_tai_ns, last_tai_ns = self._span_tai_ns or (now_tai_ns, now_tai_ns)
        self._span_tai_ns = (first_tai_ns, max(last_tai_ns, now_tai_ns))
        self._events[_tag(event)] += 1
        if isinstance(event, Scan):
            self._looked_tai_ns[event.scan_id] = event.end_tai_ns
            if len(self._looked_tai_ns) > _REMEMBERED_SCANS:
                del self._looked_tai_ns[next(iter(self._looked_tai_ns))]
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
            looks = [self._looked_tai_ns.get(input_id) for input_id in track.input_ids]
            flown = self._flight_of(track)
            known = self._tracks[track.track_id] = _TrackFacts(
                launch_id=None if flown is None else flown.launch_id,
                first_look_tai_ns=min(
                    (look for look in looks if look is not None), default=track.last_seen_tai_ns
                ),
                reported_tai_ns=now_tai_ns,
            )
        known.measurement_count = track.measurement_count

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
        case = self._cases.get(decision.case_id)
        if case is None:
            case = self._cases[decision.case_id] = _CaseFacts(decision.case_id, decision)
        case.last = decision
        case.reached_tai_ns.setdefault(decision.case_state, now_tai_ns)
        for input_id in decision.input_ids:
            if input_id in self._track_of:
                case.track_ids[self._track_of[input_id]] = None
        for area in decision.areas:
            if area.changed and area.state is not AreaState.QUIET:
                case.changes.append(_Change(now_tai_ns, decision.case_id, area))
                if area.state in WARNED_STATES:
                    self._warned.add(area.area_id)

    def _launch_of(self, case: _CaseFacts) -> str | None:
        """Return the launch that most measurements of the case's tracks are of."""
        weights: Counter[str] = Counter()
        for track_id in case.track_ids:
            track = self._tracks.get(track_id)
            if track and track.launch_id:
                weights[track.launch_id] += track.measurement_count
        return weights.most_common(1)[0][0] if weights else None

    def _launch_entry(self, flown: TruthObject, cloud_break_tai_ns: int | None) -> dict[str, Any]:
        """Return what became of a launch, and when [s after it], None if never."""
        tracks = [t for t in self._tracks.values() if t.launch_id == flown.launch_id]
        cases = [c for c in self._cases.values() if self._launch_of(c) == flown.launch_id]
        changes = [change for case in cases for change in case.changes]

        def after_s(instants_tai_ns: Iterable[int | None]) -> float | None:
            known = [instant for instant in instants_tai_ns if instant is not None]
            return round((min(known) - flown.launch_tai_ns) / SECOND_NS, 3) if known else None

        def reached_s(*states: CaseState) -> float | None:
            return after_s(c.reached_tai_ns.get(state) for c in cases for state in states)

        def changed_s(*states: AreaState) -> float | None:
            return after_s(c.tai_ns for c in changes if c.area.state in states)

        return {
            "launch_id": flown.launch_id,
            "vehicle_class": flown.vehicle_class,
            "time_utc": utc_text_from_tai_ns(flown.launch_tai_ns),
            "cloud_break_s": after_s([cloud_break_tai_ns]),
            "first_look_s": after_s(t.first_look_tai_ns for t in tracks),
            "first_detection_s": after_s(t.reported_tai_ns for t in tracks),
            "probable_s": reached_s(CaseState.PROBABLE),
            "confirmed_s": reached_s(CaseState.CONFIRMED),
            "first_warning_s": changed_s(*WARNED_STATES),
            "first_shelter_s": changed_s(AreaState.SHELTER),
            "first_narrowed_s": changed_s(AreaState.NARROWED),
            "all_clear_s": changed_s(AreaState.ALL_CLEAR),
            "burnout_s": after_s([flown.burnout_tai_ns]),
            "impact_s": after_s([flown.end_tai_ns]) if flown.trajectory.came_down else None,
            "case_closed_s": reached_s(*CASE_CLOSED),
            "case_ids": [case.case_id for case in cases],
            "end_reasons": [case.last.end_reason for case in cases],
            "warned_area_ids": sorted(
                {c.area.area_id for c in changes if c.area.state in WARNED_STATES}
            ),
        }

    def _case_entry(self, case: _CaseFacts) -> dict[str, Any]:
        return {
            "case_id": case.case_id,
            "launch_id": self._launch_of(case),
            "track_ids": list(case.track_ids),
            "state": case.last.case_state.value,
            "end_reason": case.last.end_reason,
            "headline": case.last.headline,
            "decisions": case.last.sequence,
            "reached_utc": {
                state.value: utc_text_from_tai_ns(instant_tai_ns)
                for state, instant_tai_ns in case.reached_tai_ns.items()
            },
        }

    def entries(self) -> dict[str, Any]:
        """Return what happened, ready for JSON."""
        span = self._span_tai_ns
        changes = sorted(
            (change for case in self._cases.values() for change in case.changes),
            key=lambda change: change.tai_ns,
        )
        truth = self._truth
        return {
            "start_utc": None if span is None else utc_text_from_tai_ns(span[0]),
            "end_utc": None if span is None else utc_text_from_tai_ns(span[1]),
            "simulated_s": self.simulated_s,
            "events": dict(sorted(self._events.items())),
            "outputs": dict(sorted(self._outputs.items())),
            "tracks": len(self._tracks),
            "rejected": dict(sorted(self._rejected.items())),
            "launches": (
                [
                    self._launch_entry(flown, truth.cloud_break_tai_ns(flown))
                    for flown in truth.vehicles
                ]
                if truth
                else []
            ),
            "cases": [self._case_entry(case) for case in self._cases.values()],
            "warnings": [_change_entry(change) for change in changes],
        }


def _change_entry(change: _Change) -> dict[str, Any]:
    expected_tai_ns = change.area.expected_tai_ns
    return {
        "case_id": change.case_id,
        "area_id": change.area.area_id,
        "state": change.area.state.value,
        "time_utc": utc_text_from_tai_ns(change.tai_ns),
        "probability": change.area.probability,
        "expected_utc": None if expected_tai_ns is None else utc_text_from_tai_ns(expected_tai_ns),
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
