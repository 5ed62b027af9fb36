"""A run folder, read: what was put out, what it was about, and what was true.

``summary.json`` may hold any of: ``title``, ``scenario_id``, ``description``, ``realm``, ``seed``,
``version``, ``command``, ``start_utc``, ``end_utc``, ``cloud_top_m``, ``history_note``,
``history_alert_s``, ``input_digests`` (name to digest), ``areas`` (each ``area_id``, ``name``,
``population``, ``time_to_shelter_s``, ``polygon_deg`` of latitude, longitude pairs) and
``sensors`` (each ``sensor_id``, ``kind``, ``title``). What is absent is left out of the report.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text
from forewarn.frames import geodetic_from_ecef, surface_distance_m
from forewarn.records import (
    AreaState,
    Assessment,
    CaseState,
    Output,
    Rejected,
    SensorHealth,
    Track,
    WarningDecision,
)

MATCH_DISTANCE_M = 300e3  # a track this near a true flight, at the median, is that flight
MATCH_TIME_S = 600.0


@dataclass(frozen=True)
class ReportArea:
    """A defended area as the report draws it; the polygon is (latitude, longitude) pairs [deg]."""

    area_id: str
    name: str
    population: int | None
    polygon_deg: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class TrueEvent:
    """A true launch or impact."""

    latitude_deg: float
    longitude_deg: float
    time_tai_ns: int


@dataclass(frozen=True)
class TrueFlight:
    """What was really flown. ``samples``: (n, 4), time since launch [s], lat, lon [deg], km."""

    launch_id: str
    vehicle_class: str
    source: str
    launch: TrueEvent
    impact: TrueEvent | None
    apogee_km: float | None
    cloud_break_tai_ns: int | None
    burnout_tai_ns: int | None
    samples: NDArray[np.float64]


WARNED_STATES = frozenset({AreaState.PREPARE, AreaState.SHELTER, AreaState.EXTENDED})
_CLIMB = (CaseState.WATCHING, CaseState.POSSIBLE, CaseState.PROBABLE, CaseState.CONFIRMED)


@dataclass(frozen=True)
class DrawnPath:
    """A track as the report draws it: (n,) seconds since launch, deg, deg, km, boost weight."""

    times_s: NDArray[np.float64]
    latitudes_deg: NDArray[np.float64]
    longitudes_deg: NDArray[np.float64]
    heights_km: NDArray[np.float64]
    boosting: NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """One launch as the system knew it. ``zero_tai_ns`` is the launch: true, or as estimated."""

    case_id: str
    decisions: tuple[WarningDecision, ...]
    tracks: tuple[Track, ...]
    assessments: tuple[Assessment, ...]
    flight: TrueFlight | None
    zero_tai_ns: int
    zero_is: str
    path: DrawnPath

    def seconds(self, tai_ns: int) -> float:
        """Return the time since launch [s]."""
        return (tai_ns - self.zero_tai_ns) / SECOND_NS

    @property
    def gravity(self) -> tuple[int, int]:
        """How grave it became: areas that were ever warned, then the state it reached."""
        warned = {a.area_id for d in self.decisions for a in d.areas if a.state in WARNED_STATES}
        reached = (_CLIMB.index(d.case_state) for d in self.decisions if d.case_state in _CLIMB)
        return len(warned), max(reached, default=-1)


@dataclass(frozen=True)
class Run:
    """Everything the report is made from; cases with the gravest first."""

    summary: Mapping[str, Any]
    areas: Mapping[str, ReportArea]
    cases: tuple[Case, ...]
    other_tracks: tuple[tuple[Track, ...], ...]
    flights: tuple[TrueFlight, ...]
    has_truth: bool
    health: tuple[SensorHealth, ...]
    rejected: tuple[Rejected, ...]
    assessments: tuple[Assessment, ...]
    alert_names: tuple[str, ...]
    realm: str
    unread_lines: int

    @property
    def mapped_cases(self) -> tuple[Case, ...]:
        """The cases that the map shows: those that warned, or all if none did."""
        warned = tuple(case for case in self.cases if case.gravity[0] > 0)
        return warned or self.cases

    def fact(self, key: str) -> str | None:
        """Return a summary value as text, or None if it is absent or not a plain value."""
        value = self.summary.get(key)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        return str(value)

    def area_name(self, area_id: str) -> str:
        """Return the name of an area, or its id when the summary does not list it."""
        area = self.areas.get(area_id)
        return area.name if area else area_id


def read_run(folder: Path) -> Run:
    """Read a run folder.

    Raises FileNotFoundError if there is no ``outputs.jsonl``, and ValueError naming file and line
    for what cannot be read. A last line that breaks off (a run that was killed) is counted only.
    """
    source = folder / "outputs.jsonl"
    if not source.is_file():
        raise FileNotFoundError(
            f"{source}: not found; give the folder that run, process or replay wrote"
        )
    outputs, unread = _read_outputs(source)
    summary = _read_object(folder / "summary.json")
    flights = _read_flights(folder / "truth.json")
    assessments = tuple(o for o in outputs if isinstance(o, Assessment))
    cases, other = _build_cases(outputs, assessments, flights)
    realm = next((o.realm.value for o in outputs), str(summary.get("realm", "unstated")))
    return Run(
        summary=summary,
        areas=_read_areas(summary),
        cases=cases,
        other_tracks=other,
        flights=flights,
        has_truth=(folder / "truth.json").is_file(),
        health=tuple(o for o in outputs if isinstance(o, SensorHealth)),
        rejected=tuple(o for o in outputs if isinstance(o, Rejected)),
        assessments=assessments,
        alert_names=tuple(sorted(p.name for p in (folder / "alerts").glob("*.xml"))),
        realm=realm,
        unread_lines=unread,
    )


def _read_outputs(source: Path) -> tuple[list[Output], int]:
    decoder: msgspec.json.Decoder[Output] = msgspec.json.Decoder(Output)
    outputs: list[Output] = []
    data = source.read_bytes()
    lines = data.split(b"\n")
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        try:
            outputs.append(decoder.decode(raw))
        except (msgspec.DecodeError, UnicodeDecodeError) as fault:
            if number == len(lines):
                return outputs, 1
            raise ValueError(
                f"{source}, line {number}: not an output record ({fault}); "
                "write the run again, or remove that line"
            ) from fault
    return outputs, 0


def _read_object(source: Path) -> dict[str, Any]:
    if not source.is_file():
        return {}
    try:
        value = json.loads(source.read_text("utf-8"))
    except ValueError as fault:
        raise ValueError(f"{source}: not JSON ({fault}); write the run again") from fault
    if not isinstance(value, dict):
        raise ValueError(f"{source}: a JSON object was expected; write the run again")
    return value


def _read_areas(summary: Mapping[str, Any]) -> dict[str, ReportArea]:
    areas = {}
    listed = summary.get("areas", [])
    for entry in listed if isinstance(listed, list) else []:
        if not isinstance(entry, dict) or "area_id" not in entry:
            continue
        polygon = entry.get("polygon_deg") or []
        areas[str(entry["area_id"])] = ReportArea(
            area_id=str(entry["area_id"]),
            name=str(entry.get("name", entry["area_id"])),
            population=entry.get("population"),
            polygon_deg=tuple((float(p[0]), float(p[1])) for p in polygon),
        )
    return areas


def _read_flights(source: Path) -> tuple[TrueFlight, ...]:
    document = _read_object(source)
    try:
        return tuple(_flight(entry) for entry in document.get("launches", []))
    except (KeyError, TypeError, ValueError, IndexError) as fault:
        raise ValueError(
            f"{source}: a launch cannot be read ({fault!r}); write the run again"
        ) from fault


def _flight(entry: Mapping[str, Any]) -> TrueFlight:
    launch = _true_event(entry["launch"])
    rows = [
        ((tai_ns_from_utc_text(row[0]) - launch.time_tai_ns) / SECOND_NS, row[1], row[2], row[3])
        for row in entry.get("samples", [])
    ]
    return TrueFlight(
        launch_id=str(entry["launch_id"]),
        vehicle_class=str(entry.get("vehicle_class", "unknown")),
        source=str(entry.get("source") or ""),
        launch=launch,
        impact=_true_event(entry["impact"]) if entry.get("impact") else None,
        apogee_km=entry.get("apogee_km"),
        cloud_break_tai_ns=_optional_instant(entry.get("cloud_break_utc")),
        burnout_tai_ns=_optional_instant(entry.get("burnout_utc")),
        samples=np.array(rows, dtype=np.float64).reshape(-1, 4),
    )


def _true_event(entry: Mapping[str, Any]) -> TrueEvent:
    return TrueEvent(
        latitude_deg=float(entry["latitude_deg"]),
        longitude_deg=float(entry["longitude_deg"]),
        time_tai_ns=tai_ns_from_utc_text(entry["time_utc"]),
    )


def _optional_instant(utc_text: str | None) -> int | None:
    return None if utc_text is None else tai_ns_from_utc_text(utc_text)


def _build_cases(
    outputs: Sequence[Output],
    assessments: Sequence[Assessment],
    flights: tuple[TrueFlight, ...],
) -> tuple[tuple[Case, ...], tuple[tuple[Track, ...], ...]]:
    """Group records by case: decisions name assessments or tracks, those name their track."""
    tracks: dict[str, list[Track]] = {}
    decisions: dict[str, list[WarningDecision]] = {}
    for output in outputs:
        if isinstance(output, Track):
            tracks.setdefault(output.track_id, []).append(output)
        elif isinstance(output, WarningDecision):
            decisions.setdefault(output.case_id, []).append(output)
    track_of = {a.assessment_id: a.track_id for a in assessments}
    track_of |= {track_id: track_id for track_id in tracks}
    cases = []
    used: set[str] = set()
    for case_id, made in decisions.items():
        named = [track_of[i] for d in made for i in d.input_ids if i in track_of]
        ids = list(dict.fromkeys(named))
        used.update(ids)
        seen = [t for i in ids for t in tracks.get(i, [])]
        judged = [a for a in assessments if a.track_id in ids]
        cases.append(_case(case_id, made, seen, judged, flights))
    for track_id in dict.fromkeys(a.track_id for a in assessments):
        if track_id not in used:
            used.add(track_id)
            judged = [a for a in assessments if a.track_id == track_id]
            cases.append(_case(track_id, [], tracks.get(track_id, []), judged, flights))
    other = tuple(tuple(t) for track_id, t in tracks.items() if track_id not in used)
    cases.sort(key=lambda case: case.gravity, reverse=True)
    return tuple(cases), other


def _case(
    case_id: str,
    decisions: Sequence[WarningDecision],
    tracks: Sequence[Track],
    assessments: Sequence[Assessment],
    flights: tuple[TrueFlight, ...],
) -> Case:
    ordered = sorted(tracks, key=lambda t: t.time_tai_ns)
    flight = _matching_flight(ordered, assessments, flights)
    launch = next((a.launch for a in reversed(assessments) if a.launch), None)
    if flight:
        zero_tai_ns, zero_is = flight.launch.time_tai_ns, "true launch"
    elif launch:
        zero_tai_ns, zero_is = launch.time_tai_ns, "launch as estimated at the end"
    elif ordered:
        zero_tai_ns, zero_is = ordered[0].time_tai_ns, "first sight"
    else:
        first = [a.time_tai_ns for a in assessments] or [d.time_tai_ns for d in decisions]
        zero_tai_ns, zero_is = min(first), "first record"
    return Case(
        case_id=case_id,
        decisions=tuple(sorted(decisions, key=lambda d: d.sequence)),
        tracks=tuple(ordered),
        assessments=tuple(sorted(assessments, key=lambda a: a.time_tai_ns)),
        flight=flight,
        zero_tai_ns=zero_tai_ns,
        zero_is=zero_is,
        path=_drawn_path(ordered, zero_tai_ns),
    )


def _matching_flight(
    tracks: Sequence[Track],
    assessments: Sequence[Assessment],
    flights: tuple[TrueFlight, ...],
) -> TrueFlight | None:
    """Return the true flight that was nearest at the median instant, if it was near at all."""
    best: tuple[float, TrueFlight] | None = None
    for flight in flights:
        distance_m = _track_distance_m(tracks, flight)
        if distance_m is None:
            distance_m = _launch_distance_m(assessments, flight)
        if distance_m is not None and (best is None or distance_m < best[0]):
            best = (distance_m, flight)
    return best[1] if best and best[0] <= MATCH_DISTANCE_M else None


def _track_distance_m(tracks: Sequence[Track], flight: TrueFlight) -> float | None:
    if len(flight.samples) < 2:
        return None
    near = []
    for track in tracks[:: max(1, len(tracks) // 60)]:
        time_s = (track.time_tai_ns - flight.launch.time_tai_ns) / SECOND_NS
        if flight.samples[0, 0] <= time_s <= flight.samples[-1, 0]:
            near.append(_distance_to_sample_m(track, flight.samples, time_s))
    return float(np.median(near)) if near else None


def _distance_to_sample_m(track: Track, samples: NDArray[np.float64], time_s: float) -> float:
    latitude_rad, longitude_rad, height_m = geodetic_from_ecef(np.array(track.position_ecef_m))
    true_lat_deg, true_lon_deg, true_km = sample_at(samples, time_s)
    ground_m = surface_distance_m(
        latitude_rad, longitude_rad, np.radians(true_lat_deg), np.radians(true_lon_deg)
    )
    return float(np.hypot(ground_m, height_m - true_km * 1e3))


def sample_at(samples: NDArray[np.float64], time_s: float) -> tuple[float, float, float]:
    """Return latitude [deg], longitude [deg] and height [km] of a true flight at ``time_s``."""
    longitudes = np.degrees(np.unwrap(np.radians(samples[:, 2])))
    return (
        float(np.interp(time_s, samples[:, 0], samples[:, 1])),
        float(np.interp(time_s, samples[:, 0], longitudes)),
        float(np.interp(time_s, samples[:, 0], samples[:, 3])),
    )


def _launch_distance_m(assessments: Sequence[Assessment], flight: TrueFlight) -> float | None:
    launch = next((a.launch for a in reversed(assessments) if a.launch), None)
    if launch is None:
        return None
    if abs(launch.time_tai_ns - flight.launch.time_tai_ns) > MATCH_TIME_S * SECOND_NS:
        return None
    return surface_distance_m(
        launch.region.latitude_rad,
        launch.region.longitude_rad,
        np.radians(flight.launch.latitude_deg),
        np.radians(flight.launch.longitude_deg),
    )


def _drawn_path(tracks: Sequence[Track], zero_tai_ns: int, most: int = 900) -> DrawnPath:
    """Return at most about ``most`` points of the track, the last one always among them."""
    stride = max(1, -(-len(tracks) // most))
    chosen = list(tracks[::stride])
    if tracks and chosen[-1] is not tracks[-1]:
        chosen.append(tracks[-1])
    places = [geodetic_from_ecef(np.array(t.position_ecef_m)) for t in chosen]
    table = np.array(places, dtype=np.float64).reshape(-1, 3)
    return DrawnPath(
        times_s=np.array([(t.time_tai_ns - zero_tai_ns) / SECOND_NS for t in chosen]),
        latitudes_deg=np.degrees(table[:, 0]),
        longitudes_deg=np.degrees(table[:, 1]),
        heights_km=table[:, 2] / 1e3,
        boosting=np.array([t.boosting_probability for t in chosen]),
    )


@dataclass(frozen=True)
class Look:
    """One use of a sensor by a track."""

    sensor_id: str
    seen_tai_ns: int


def looks_of(tracks: Sequence[Track]) -> tuple[Look, ...]:
    """Return the looks that fed a track, as far as its records tell.

    A record that counts more measurements than the one before was fed at ``last_seen_tai_ns``, by
    those of its sensors whose id begins an input id; failing that, by those that are new to the
    track; failing that, by all of them.
    """
    looks = []
    counted: dict[str, int] = {}
    known: dict[str, set[str]] = {}
    for track in tracks:
        before = known.setdefault(track.track_id, set())
        if track.measurement_count > counted.get(track.track_id, 0):
            named = _named_sensors(track)
            fresh = [s for s in track.sensor_ids if s not in before]
            used = named or fresh or track.sensor_ids
            looks += [Look(sensor_id, track.last_seen_tai_ns) for sensor_id in used]
        counted[track.track_id] = track.measurement_count
        before.update(track.sensor_ids)
    return tuple(dict.fromkeys(looks))


def _named_sensors(track: Track) -> list[str]:
    """Return the track's sensors whose id begins one of its input ids; the longest id wins."""
    named = []
    for input_id in track.input_ids:
        begins = [s for s in track.sensor_ids if input_id.startswith(s)]
        if begins:
            named.append(max(begins, key=len))
    return list(dict.fromkeys(named))
