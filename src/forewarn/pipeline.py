"""The whole chain in one deterministic step: this file is the topology.

    event -> validate -> track -> assess -> decide -> outputs

`step` has no clock, no I/O and no randomness. Live operation, replay, simulation and Monte Carlo are
callers of it. `State` is a plain value owned by the caller; the step may reuse its arrays, so keep
``state.copy()`` to go back.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from forewarn.assessment.assess import Assessor, AssessorState
from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation
from forewarn.records import (
    Assessment,
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
from forewarn.sensors.screen import Screen, ScreenState
from forewarn.tracking.live import LiveTrack
from forewarn.tracking.tracker import Tracker, TrackerState
from forewarn.warning.case import WarningState
from forewarn.warning.decide import decide
from forewarn.warning.policy import Area, Policy

ASSESS_EVERY_S = (
    2.0  # a confirmed track is assessed this often, and at once when its status changes
)
_KEEP_ENDED_S = 30.0


@dataclass(slots=True, eq=False)
class State:
    """Everything the chain remembers between events."""

    tracker: TrackerState = field(default_factory=TrackerState)
    assessor: AssessorState = field(default_factory=AssessorState)
    warning: WarningState = field(default_factory=WarningState)
    screen: ScreenState = field(default_factory=ScreenState)
    notices: tuple[Notice, ...] = ()
    now_tai_ns: int = 0
    rejected: int = 0
    health: int = 0
    assessed: dict[str, tuple[int, TrackStatus]] = field(default_factory=dict)
    reported: dict[str, int] = field(default_factory=dict)

    def copy(self) -> State:
        """Return an independent, exact copy."""
        return State(
            self.tracker.copy(),
            self.assessor.copy(),
            self.warning.copy(),
            self.screen.copy(),
            self.notices,
            self.now_tai_ns,
            self.rejected,
            self.health,
            dict(self.assessed),
            dict(self.reported),
        )


class Pipeline:
    """The chain's configuration: network, areas, policy, Earth orientation, realm. Never changes."""

    def __init__(
        self,
        network: Network,
        areas: tuple[Area, ...],
        policy: Policy,
        orientation: EarthOrientation,
        realm: Realm,
    ) -> None:
        """Wire the rooms together."""
        self.network = network
        self.areas = areas
        self.policy = policy
        self.orientation = orientation
        self.realm = realm
        self.screen = Screen(network, realm)
        self.tracker = Tracker(network, orientation)
        polygons = tuple((a.area_id, a.polygon_rad) for a in areas)
        self.assessor = Assessor(network, polygons, self.tracker.biases)


def initial_state(pipeline: Pipeline) -> State:  # noqa: ARG001  (part of the stable face)
    """Return the state before the first event."""
    return State()


def step(pipeline: Pipeline, state: State, event: Event) -> tuple[State, tuple[Output, ...]]:
    """Take one event; return the new state and what came out. Never raises for what an event says."""
    outputs: list[Output] = []
    checked, faults = pipeline.screen.check(state.screen, event)
    for fault in faults:
        state.rejected += 1
        outputs.append(
            Rejected(
                rejected_id=f"rejected-{state.rejected:06d}",
                realm=pipeline.realm,
                time_tai_ns=max(state.now_tai_ns, fault.time_tai_ns),
                sensor_id=fault.sensor_id,
                reason=fault.reason,
                detail=fault.detail,
                input_ids=fault.input_ids,
            )
        )
    if checked is None:
        return state, tuple(outputs)
    event = checked
    state.now_tai_ns = max(state.now_tai_ns, event.received_tai_ns)
    actions: tuple[OperatorAction, ...] = ()
    if isinstance(event, Scan):
        pipeline.tracker.step(state.tracker, event)
    elif isinstance(event, Notice):
        state.notices = (*state.notices, event)
    elif isinstance(event, OperatorAction):
        actions = (event,)
    elif isinstance(event, SensorStatus):
        outputs.append(_health(pipeline, state, event))
    else:
        pipeline.tracker.tick(state.tracker, state.now_tai_ns)
    assessments: list[Assessment] = []
    for track in state.tracker.tracks:
        if _due(state, track):
            assessment = _assess(pipeline, state, track)
            assessments.append(assessment)
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
    _forget_ended(state)
    return state, tuple(outputs)


def _due(state: State, track: LiveTrack) -> bool:
    """Assess a track that is or was confirmed: every other second, and when its status changes."""
    if track.status is TrackStatus.TENTATIVE:
        return False
    known = state.assessed.get(track.track_id)
    if known is None:
        return track.status is not TrackStatus.ENDED
    when, status = known
    if status is not track.status:
        return True
    if track.status is TrackStatus.ENDED:
        return False
    return state.now_tai_ns - when >= int(ASSESS_EVERY_S * SECOND_NS)


def _assess(pipeline: Pipeline, state: State, track: LiveTrack) -> Assessment:
    state.assessed[track.track_id] = (state.now_tai_ns, track.status)
    return pipeline.assessor.assess(
        state.assessor,
        track,
        notices=state.notices,
        now_tai_ns=state.now_tai_ns,
        realm=pipeline.realm,
    )


def _track_record(pipeline: Pipeline, state: State, track: LiveTrack) -> Track:
    there = track.at(state.now_tai_ns)
    mean, covariance = there.body()
    track.changed = False
    inputs = tuple(track.inputs[state.reported.get(track.track_id, 0) :])
    state.reported[track.track_id] = len(track.inputs)
    return Track(
        track_id=track.track_id,
        realm=pipeline.realm,
        time_tai_ns=state.now_tai_ns,
        status=track.status,
        position_ecef_m=(float(mean[0]), float(mean[1]), float(mean[2])),
        velocity_ecef_m_s=(float(mean[3]), float(mean[4]), float(mean[5])),
        covariance=tuple(tuple(float(v) for v in row) for row in covariance),
        boosting_probability=float(there.weights[0]),
        thrust_acceleration_m_s2=float(there.means[0, 6]),
        score=float(track.score),
        sensor_ids=tuple(sorted(track.sensor_ids)),
        last_seen_tai_ns=track.last_seen_tai_ns,
        measurement_count=track.count,
        input_ids=inputs,
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


def _forget_ended(state: State) -> None:
    """Drop ended tracks once nothing late can still concern them."""
    horizon = state.now_tai_ns - int(_KEEP_ENDED_S * SECOND_NS)
    gone: deque[str] = deque()
    for track in state.tracker.tracks:
        if track.status is TrackStatus.ENDED and track.latest.tai_ns < horizon:
            gone.append(track.track_id)
    if gone:
        state.tracker.tracks = [t for t in state.tracker.tracks if t.track_id not in gone]
