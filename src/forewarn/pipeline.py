"""The whole chain in one deterministic step: this file is the topology.

    event -> screen -> track -> assess -> decide -> outputs

`step` has no clock, no I/O and no randomness. Live operation, replay, simulation and Monte Carlo
are callers of it. `State` is a plain value owned by the caller; the step may reuse its arrays, so
keep ``state.copy()`` to go back. What it remembers is bounded: tracks and all that is kept by track
are forgotten soon after their end, notices after their window.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from forewarn.assessment.assess import Assessor, AssessorState
from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation
from forewarn.orbits import Catalogue
from forewarn.records import (
    Event,
    Notice,
    OperatorAction,
    Output,
    Realm,
    Rejected,
    Scan,
    SensorHealth,
    SensorStatus,
    Track,
    TrackStatus,
)
from forewarn.sensors.network import Network
from forewarn.sensors.screen import Fault, Screen, ScreenState
from forewarn.tracking.live import LONGEST_PREDICTION_S, LiveTrack
from forewarn.tracking.tracker import Tracker, TrackerState
from forewarn.warning.case import WarningState
from forewarn.warning.decide import decide
from forewarn.warning.policy import Area, Policy

# A confirmed track is assessed this often, and at once when its status changes.
ASSESS_EVERY_S = 2.0
MOST_ASSESSED = 64  # in one step: what its work is bounded by
MOST_NOTICES = 1_000
_FEW = 64  # of more tracks than that it is asked less often who is due
_ASK_EVERY_S = 0.25
_KEEP_ENDED_S = 30.0


class Report(NamedTuple):
    """What was last said of a track: when, its status, and which of its scans were named."""

    tai_ns: int
    status: TrackStatus
    scan_ids: frozenset[str]


@dataclass(slots=True, eq=False)
class State:
    """Everything the chain remembers between events."""

    tracker: TrackerState
    assessor: AssessorState = field(default_factory=AssessorState)
    warning: WarningState = field(default_factory=WarningState)
    screen: ScreenState = field(default_factory=ScreenState)
    notices: tuple[Notice, ...] = ()
    reports: dict[str, Report] = field(default_factory=dict)
    now_tai_ns: int = 0
    asked_tai_ns: int = 0
    rejected: int = 0
    health: int = 0

    def copy(self) -> State:
        """Return an independent, exact copy."""
        return State(
            tracker=self.tracker.copy(),
            assessor=self.assessor.copy(),
            warning=self.warning.copy(),
            screen=self.screen.copy(),
            notices=self.notices,
            reports=dict(self.reports),
            now_tai_ns=self.now_tai_ns,
            asked_tai_ns=self.asked_tai_ns,
            rejected=self.rejected,
            health=self.health,
        )


class Pipeline:
    """The chain's configuration: network, areas, policy, Earth orientation, realm. It is fixed."""

    def __init__(
        self,
        network: Network,
        areas: tuple[Area, ...],
        policy: Policy,
        orientation: EarthOrientation,
        realm: Realm,
        *,
        catalogue: Catalogue | None = None,
    ) -> None:
        """Wire the rooms together; ``catalogue`` holds the satellites that radars know again."""
        self.network = network
        self.areas = areas
        self.policy = policy
        self.orientation = orientation
        self.realm = realm
        self.catalogue = () if catalogue is None else catalogue.elements
        self.screen = Screen(network, orientation, realm)
        self.tracker = Tracker(network, orientation, catalogue)
        self.assessor = Assessor(network, tuple((a.area_id, a.polygon_rad) for a in areas))


def initial_state(pipeline: Pipeline) -> State:
    """Return the state before the first event."""
    return State(pipeline.tracker.initial_state())


def step(pipeline: Pipeline, state: State, event: Event) -> tuple[State, tuple[Output, ...]]:
    """Take one event; return the new state and what came out. Never raises for what it says."""
    checked, faults = pipeline.screen.check(state.screen, event)
    outputs: list[Output] = [_rejected(pipeline, state, fault) for fault in faults]
    if checked is None:
        return state, tuple(outputs)
    state.now_tai_ns = max(state.now_tai_ns, checked.received_tai_ns)
    actions: tuple[OperatorAction, ...] = ()
    if isinstance(checked, Scan):
        pipeline.tracker.step(state.tracker, checked)
    elif isinstance(checked, Notice):
        outputs += _note(pipeline, state, checked)
    elif isinstance(checked, OperatorAction):
        actions = (checked,)
    elif isinstance(checked, SensorStatus):
        outputs.append(_health(pipeline, state, checked))
    else:
        pipeline.tracker.tick(state.now_tai_ns)
    due = _due(pipeline, state)
    assessments = pipeline.assessor.assess_all(
        state.assessor,
        due,
        notices=state.notices,
        now_tai_ns=state.now_tai_ns,
        realm=pipeline.realm,
        every=pipeline.tracker.briefs(state.tracker, state.now_tai_ns) if due else (),
    )
    for track, assessment in zip(due, assessments, strict=True):
        outputs += [_track_record(pipeline, state, track), assessment]
    state.warning, decisions = decide(
        pipeline.policy,
        pipeline.areas,
        state.warning,
        assessments=tuple(assessments),
        actions=actions,
        now_tai_ns=state.now_tai_ns,
        realm=pipeline.realm,
    )
    outputs += decisions
    _forget(state)
    return state, tuple(outputs)


def _rejected(pipeline: Pipeline, state: State, fault: Fault) -> Rejected:
    state.rejected += 1
    return Rejected(
        rejected_id=f"rejected-{state.rejected:06d}",
        realm=pipeline.realm,
        time_tai_ns=max(state.now_tai_ns, fault.time_tai_ns),
        sensor_id=fault.sensor_id,
        reason=fault.reason,
        detail=fault.detail,
        input_ids=fault.input_ids,
    )


def _note(pipeline: Pipeline, state: State, notice: Notice) -> list[Output]:
    """Remember a notice, in the place of an earlier one of its id."""
    others = tuple(n for n in state.notices if n.notice_id != notice.notice_id)
    if len(others) < MOST_NOTICES:
        state.notices = (*others, notice)
        return []
    detail = f"{MOST_NOTICES} notices are open already; withdraw some or wait for their windows"
    ids = (notice.notice_id,)
    fault = Fault(notice.received_tai_ns, None, "too_many_notices", detail, ids)
    return [_rejected(pipeline, state, fault)]


def _due(pipeline: Pipeline, state: State) -> list[LiveTrack]:
    """The tracks to be assessed now: those whose status changed, and those not told for a while.

    At most `MOST_ASSESSED` at once, those first that changed, then those that waited longest; a
    tentative track is never told. What has ended is told once.
    """
    now_tai_ns = state.now_tai_ns
    many = len(state.reports) > _FEW
    if many and now_tai_ns - state.asked_tai_ns < round(_ASK_EVERY_S * SECOND_NS):
        return []
    state.asked_tai_ns = now_tai_ns
    living = pipeline.tracker.statuses(state.tracker, now_tai_ns)
    waiting: list[tuple[bool, int, str]] = []
    for track_id, (_, status) in living.items():
        if status is TrackStatus.TENTATIVE:
            continue
        known = state.reports.get(track_id)
        if known is None or known.status is not status:
            waiting.append((False, 0, track_id))
        elif now_tai_ns - known.tai_ns >= round(ASSESS_EVERY_S * SECOND_NS):
            waiting.append((True, known.tai_ns, track_id))
    waiting.sort()
    due = [
        pipeline.tracker.view(state.tracker, living[track_id][0], now_tai_ns)
        for _, _, track_id in waiting[:MOST_ASSESSED]
    ]
    gone = [
        track_id
        for track_id, known in state.reports.items()
        if known.status is not TrackStatus.ENDED and track_id not in living
    ]
    if gone:
        ended = {track.track_id: track for track in pipeline.tracker.ended(state.tracker)}
        due += [ended[track_id] for track_id in gone if track_id in ended]
    return due


def _track_record(pipeline: Pipeline, state: State, track: LiveTrack) -> Track:
    """The track now, naming the scans that are new in it, or its last one if none is."""
    known = state.reports.get(track.track_id)
    named = frozenset(track.scan_ids)
    told = known.scan_ids if known else frozenset[str]()
    # A late scan has its place among those of before.
    new = tuple(i for i in dict.fromkeys(track.scan_ids) if i not in told)
    state.reports[track.track_id] = Report(state.now_tai_ns, track.status, named)
    there = track.known_at(state.now_tai_ns)
    mean, covariance = there.body()
    return Track(
        track_id=track.track_id,
        realm=pipeline.realm,
        time_tai_ns=there.tai_ns,
        status=track.status,
        position_ecef_m=(float(mean[0]), float(mean[1]), float(mean[2])),
        velocity_ecef_m_s=(float(mean[3]), float(mean[4]), float(mean[5])),
        covariance=tuple(tuple(float(v) for v in row) for row in covariance),
        boosting_probability=float(there.weights[0]),
        thrust_acceleration_m_s2=float(there.means[0, 6]) if there.boosting > 0.0 else 0.0,
        score=float(track.score),
        sensor_ids=tuple(sorted(track.sensor_ids)),
        last_seen_tai_ns=track.last_seen_tai_ns,
        measurement_count=track.count,
        input_ids=new or track.scan_ids[-1:],
        parent_track_id=track.parent_track_id,
    )


def _health(pipeline: Pipeline, state: State, event: SensorStatus) -> SensorHealth:
    state.health += 1
    return SensorHealth(
        health_id=f"health-{state.health:06d}",
        realm=pipeline.realm,
        time_tai_ns=state.now_tai_ns,
        sensor_id=event.sensor_id,
        operating=event.operating,
        reason=event.reason,
        input_ids=(event.status_id,),
    )


def _forget(state: State) -> None:
    """Drop what nothing late can still concern: ended tracks, and notices past their window."""
    horizon_tai_ns = state.now_tai_ns - int(_KEEP_ENDED_S * SECOND_NS)
    gone = [
        track_id
        for track_id, known in state.reports.items()
        if known.status is TrackStatus.ENDED and known.tai_ns < horizon_tai_ns
    ]
    for track_id in gone:
        state.reports.pop(track_id)
    state.assessor.forget(gone)
    # What was launched in a window may fly on for as long as anything flies.
    closed_tai_ns = state.now_tai_ns - int(LONGEST_PREDICTION_S * SECOND_NS)
    if any(notice.window_end_tai_ns < closed_tai_ns for notice in state.notices):
        state.notices = tuple(n for n in state.notices if n.window_end_tai_ns >= closed_tai_ns)
