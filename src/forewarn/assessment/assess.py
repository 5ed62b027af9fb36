"""From live tracks to assessments: launch, impact, what it is, threat to each area, and why.

All tracks that are due are assessed together, because the flights of their forecasts are flown
together. What a look cannot have changed is remembered: a launch's fit, what its place says, and
the flights of a track that nobody has seen since.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forewarn.assessment.classify import (
    Fall,
    Flight,
    Origin,
    Verdict,
    classified,
    origin_of,
)
from forewarn.assessment.energy import arcs, reach_m
from forewarn.assessment.forecast import (
    Forecast,
    footprint_of,
    forecast_of,
    glide_share,
    points_of,
    ways_of,
)
from forewarn.assessment.ground import NOWHERE, Areas, GroundPoints
from forewarn.assessment.impact import Going, Question, go_on
from forewarn.assessment.launch import launch_fit
from forewarn.assessment.launch_posterior import LaunchFit
from forewarn.assessment.object_kind import LN_STAGE_DRAG, Sight, stage_probability
from forewarn.assessment.raid import counted, existence
from forewarn.assessment.vehicle_classes import PRIOR
from forewarn.epoch import SECOND_NS
from forewarn.frames import enu_axes, geodetic_from_ecef
from forewarn.kernels import filter as kernel
from forewarn.kernels.flight import height_m
from forewarn.records import (
    HARMLESS,
    HYPOTHESES,
    OBJECT_KINDS,
    VEHICLE_CLASSES,
    AreaThreat,
    Assessment,
    Evidence,
    GroundRegion,
    ImpactEstimate,
    LaunchEstimate,
    Matrix,
    Notice,
    Physics,
    RaidSize,
    Realm,
    TrackStatus,
)
from forewarn.sensors.domains import independent_domains
from forewarn.sensors.network import InfraredSensor, Network
from forewarn.tracking.live import Brief, LiveTrack, Posterior, brief_of

Array = NDArray[np.float64]

AreaPolygon = tuple[str, tuple[tuple[float, float], ...]]

_SITE_NAMED_WITHIN_M = 30_000.0
_CUT_OFF_ONLY = 0.97  # beyond this the engine is taken to have stopped
_SILENT_AFTER = 3  # looks that covered the track and saw nothing
_NAMED_INPUTS = 3  # the newest scans that an assessment names
_DECIBANS = 10.0 / math.log(10.0)
_LEAST_HEADING_M_S = 1.0
_SLOWED_BELOW_M = 90e3  # on the way down: from here the energy is no longer that of the cut-off
_FLIGHTS_KEEP_S = 30.0  # flights of what falls, while nobody sees it
_BURNS_KEEP_S = 4.0  # of what may thrust, too
_UNSEEN_COUNTS_NS = 30 * SECOND_NS  # of a pause: not to be seen is not to be seen coasting
_HOSTILE_PRIOR = 1.0 - sum(PRIOR[name] for name in HARMLESS)
_BODY = math.sqrt(6.0) * np.concatenate((np.eye(6), -np.eye(6)))  # cubature points of six elements


@dataclass(frozen=True, slots=True, eq=False)
class _Memory:
    """What is remembered of a track: what its launch point says, its fall in space, its flights.

    ``flown_tai_ns`` is the instant of the flights, ``key`` the looks that they rest on; ``missile``
    the probability that it is a missile in flight.
    """

    fit: LaunchFit | None
    origin: Origin | None
    fall: Fall | None
    going: Going
    glide: GroundPoints
    flown_tai_ns: int
    key: tuple[int, int, bool]
    missile: float


@dataclass(frozen=True, slots=True)
class _Raid:
    """The size of the raid as last counted: when, and how many tracks and known ones there were."""

    counted_tai_ns: int
    tracks: tuple[int, int]
    size: RaidSize


@dataclass(slots=True, eq=False)
class AssessorState:
    """What assessment remembers between steps: launch fits and more by track, and the ids given."""

    fits: dict[str, LaunchFit] = field(default_factory=dict)
    given: int = 0
    memories: dict[str, _Memory] = field(default_factory=dict)
    raid: _Raid | None = None

    def copy(self) -> AssessorState:
        """Return an independent, exact copy; fits and memories never change and are shared."""
        return AssessorState(dict(self.fits), self.given, dict(self.memories), self.raid)

    def forget(self, track_ids: Iterable[str]) -> None:
        """Drop all that is remembered of tracks."""
        for track_id in track_ids:
            self.fits.pop(track_id, None)
            self.memories.pop(track_id, None)


@dataclass(slots=True, eq=False)
class _Case:
    """One assessment in the making."""

    track: LiveTrack
    there: Posterior
    mean: Array
    fit: LaunchFit | None
    memory: _Memory | None
    fall: Fall | None
    flight: Flight
    verdict: Verdict
    stage: float
    sight: Sight
    origin: Origin | None
    going: Going
    glide: GroundPoints
    flown_tai_ns: int

    @property
    def cut_off(self) -> float:
        return 1.0 - float(self.there.weights[0])

    @property
    def hostile(self) -> float:
        return 1.0 - self.verdict.harmless_probability

    @property
    def body(self) -> float:
        """Weight of the missile itself: a lone track stands for it, whatever part is seen."""
        return 1.0 - self.stage if self.sight.has_relatives else 1.0


class Assessor:
    """What assessment needs to know beforehand; holds nothing that changes but a cache."""

    def __init__(self, network: Network, areas: tuple[AreaPolygon, ...]) -> None:
        """Prepare for a network's sensors and the polygons of the defended areas."""
        self._network = network
        self._areas = Areas(dict(areas))
        self._seen_by = functools.lru_cache(maxsize=1024)(self._corroboration)

    def assess(
        self,
        state: AssessorState,
        track: LiveTrack,
        *,
        notices: tuple[Notice, ...],
        now_tai_ns: int,
        realm: Realm,
    ) -> Assessment:
        """Assess one track as of ``now_tai_ns``; ``state`` is changed in place."""
        (found,) = self.assess_all(
            state, [track], notices=notices, now_tai_ns=now_tai_ns, realm=realm
        )
        return found

    def assess_all(
        self,
        state: AssessorState,
        due: Sequence[LiveTrack],
        *,
        notices: tuple[Notice, ...],
        now_tai_ns: int,
        realm: Realm,
        every: Sequence[Brief] | None = None,
    ) -> list[Assessment]:
        """Assess the tracks that are due, in their order; ``state`` is changed in place.

        ``every`` is all tracks there are, confirmed or in the making: from them come a track's
        relatives and the size of the raid, which is not stated without.
        """
        if not due:
            return []
        tracks = [brief_of(track) for track in due] if every is None else every
        kin = _Kin.among(tracks)
        cases = _cases(state, due, kin=kin, notices=notices, now_tai_ns=now_tai_ns)
        _fly(cases)
        for case in cases:
            state.memories[case.track.track_id] = _memory(case)
        raid = None if every is None else _raid(state, every, now_tai_ns)
        found = []
        for case in cases:
            state.given += 1
            found.append(
                self._record(case, f"assessment-{state.given:06d}", now_tai_ns, realm, raid)
            )
        return found

    def _record(
        self, case: _Case, name: str, now_tai_ns: int, realm: Realm, raid: RaidSize | None
    ) -> Assessment:
        track, verdict = case.track, case.verdict
        forecast = forecast_of(
            ways_of(
                case.there,
                case.going,
                verdict,
                glide=case.glide,
                since_launch_s=case.flight.since_launch_s
                - (now_tai_ns - case.flown_tai_ns) / SECOND_NS,
            )
        )
        evidence = (*verdict.evidence, *_kind_evidence(case), _object_evidence(track))
        cited = {i for line in evidence for i in line.input_ids} - {track.track_id}
        sensor_ids = tuple(sorted(track.sensor_ids))
        domains, physics = self._seen_by(sensor_ids)
        return Assessment(
            assessment_id=name,
            realm=realm,
            track_id=track.track_id,
            time_tai_ns=now_tai_ns,
            last_evidence_tai_ns=track.last_seen_tai_ns,
            status=track.status,
            launch=_launch_record(case),
            impact=_impact_record(case, forecast),
            class_probabilities=dict(
                zip(VEHICLE_CLASSES, verdict.probabilities.tolist(), strict=True)
            ),
            areas=self._threats(case, forecast),
            domains=domains,
            physics=physics,
            silent_sensor_ids=tuple(
                sorted(
                    sensor_id
                    for sensor_id, looks in track.silent.items()
                    if looks >= _SILENT_AFTER and sensor_id not in track.sensor_ids
                )
            ),
            evidence=evidence,
            down=track.status is TrackStatus.ENDED
            and height_m(case.mean[0], case.mean[1], case.mean[2]) <= 0.0,
            measurement_count=track.count,
            input_ids=(
                track.track_id,
                *list(track.scan_ids)[-_NAMED_INPUTS:],
                *sorted(cited),
            ),
            hypotheses=dict(zip(HYPOTHESES, verdict.hypotheses.tolist(), strict=True)),
            class_evidence_tai_ns=track.last_seen_tai_ns,
            object_kinds=dict(zip(OBJECT_KINDS, (1.0 - case.stage, case.stage), strict=True)),
            raid=raid,
        )

    def _corroboration(
        self, sensor_ids: tuple[str, ...]
    ) -> tuple[tuple[str, ...], tuple[Physics, ...]]:
        kinds = {
            Physics.INFRARED
            if isinstance(self._network.sensor(s), InfraredSensor)
            else Physics.RADAR
            for s in sensor_ids
        }
        return (
            independent_domains(self._network, sensor_ids),
            tuple(sorted(kinds, key=lambda k: k.value)),
        )

    def _threats(self, case: _Case, forecast: Forecast) -> tuple[AreaThreat, ...]:
        points = self._points_near(forecast)
        hits = self._areas.hits(points) if points is not None else {}
        behind = self._areas.behind(_heading_ecef(case.mean)).tolist()
        harm = case.hostile * case.body
        debris = case.hostile * (1.0 - case.body) + case.verdict.of("decaying_object")
        threats = []
        for index, area_id in enumerate(self._areas.area_ids):
            weight, earliest, expected = 0.0, None, None
            if index in hits and points is not None:
                mask = hits[index]
                after_s = points.after_s[mask]
                weight = float(points.weight[mask].sum())
                if weight > 0.0:
                    mean_s = float(points.weight[mask] @ after_s) / weight
                    earliest = case.flown_tai_ns + round(float(after_s.min()) * SECOND_NS)
                    expected = case.flown_tai_ns + round(mean_s * SECOND_NS)
            threats.append(
                AreaThreat(
                    area_id=area_id,
                    probability=min(harm * weight, 1.0),
                    earliest_tai_ns=earliest,
                    expected_tai_ns=expected,
                    overflown=behind[index],
                    debris_probability=min(debris * weight, 1.0),
                )
            )
        return tuple(threats)

    def _points_near(self, forecast: Forecast) -> GroundPoints | None:
        """The ground points, unless a lone fall ends nowhere near any area."""
        fall = forecast.lone_fall
        if fall is not None:
            if fall.moments is None:
                return None
            if not self._areas.near(fall.moments.box_rad(), fall.moments.centre_rad[1]):
                return None
        return points_of(forecast)


def _raid(state: AssessorState, every: Sequence[Brief], now_tai_ns: int) -> RaidSize:
    """The size of the raid, counted anew once a second and whenever a track comes or goes."""
    known, tracks = state.raid, (len(every), len(state.memories))
    if known is not None and known.tracks == tracks:
        age_ns = now_tai_ns - known.counted_tai_ns
        if 0 <= age_ns < SECOND_NS:
            return known.size
    state.raid = _Raid(now_tai_ns, tracks, raid_size(state, every))
    return state.raid.size


def raid_size(state: AssessorState, tracks: Sequence[Brief]) -> RaidSize:
    """How many missiles the tracks are, those in the making weighed by their score."""
    chances = []
    for track in tracks:
        if track.status is TrackStatus.ENDED:
            continue
        known = state.memories.get(track.track_id)
        missile = _HOSTILE_PRIOR if known is None else known.missile
        sure = track.status is not TrackStatus.TENTATIVE
        chances.append(missile if sure else missile * existence(track.score))
    return counted(chances)


# ------------------------------------------------------------------- what is known of a track


@dataclass(frozen=True, slots=True, eq=False)
class _Kin:
    """Which tracks have children, and the chance that each parent thrusts."""

    parents: dict[str, float]

    @classmethod
    def among(cls, tracks: Sequence[Brief]) -> _Kin:
        names = {t.parent_track_id for t in tracks if t.parent_track_id is not None}
        boosting = {t.track_id: t.boosting for t in tracks if t.track_id in names}
        return cls({name: boosting.get(name, 0.0) for name in names})

    def sight(self, track: LiveTrack, there: Posterior) -> Sight:
        parent = track.parent_track_id
        drag = None
        model = 2 if len(there.weights) > 2 else 1  # re-entry, where there is such a model
        if there.weights[model] > 0.5:
            variance = max(float(there.covariances[model, 6, 6]), 1e-6)
            drag = float(there.means[model, 6]), math.sqrt(variance)
        return Sight(
            parent_boosting=None if parent is None else self.parents.get(parent, 0.0),
            has_children=track.track_id in self.parents,
            ln_drag=drag,
        )


def _cases(
    state: AssessorState,
    due: Sequence[LiveTrack],
    *,
    kin: _Kin,
    notices: tuple[Notice, ...],
    now_tai_ns: int,
) -> list[_Case]:
    there = [track.known_at(now_tai_ns) for track in due]
    means = np.array([p.weights @ p.means[:, :6] for p in there]).reshape(-1, 6)
    reach = reach_m(np.array([p.means[0, :6] for p in there]).reshape(-1, 6))
    falls = _falls_of(there)
    cases = []
    for track, posterior, mean, range_m, fall in zip(
        due, there, means, reach.tolist(), falls, strict=True
    ):
        memory = state.memories.get(track.track_id)
        if fall is None or (fall.slowed and memory is not None and memory.fall is not None):
            fall = memory.fall if memory is not None and posterior.weights[0] < 0.5 else fall
        fit = _launch(state, track)
        origin = memory.origin if memory is not None and memory.fit is fit else None
        if fit is not None and origin is None:
            origin = origin_of(fit)
        flight = _flight(track, posterior, mean, range_m, fit)
        sight = kin.sight(track, posterior)
        cases.append(
            _Case(
                track=track,
                there=posterior,
                mean=mean,
                fit=fit,
                memory=memory,
                fall=fall,
                flight=flight,
                verdict=classified(
                    flight,
                    fit=fit,
                    fall=fall,
                    notices=notices,
                    origin=origin,
                    known_object=track.known_object,
                ),
                stage=stage_probability(sight),
                sight=sight,
                origin=origin,
                going=Going(None, None),
                glide=NOWHERE,
                flown_tai_ns=posterior.tai_ns,
            )
        )
    return cases


def _falls_of(there: list[Posterior]) -> list[Fall | None]:
    """The free flight of each posterior that may fall, by the cubature points of its likeliest."""
    found: list[Fall | None] = [None] * len(there)
    rows = [i for i, p in enumerate(there) if p.weights[0] < _CUT_OFF_ONLY]
    if not rows:
        return found
    models = [1 + int(np.argmax(there[i].weights[1:])) for i in rows]
    middle = np.array([there[i].means[m, :6] for i, m in zip(rows, models, strict=True)])
    covariance = np.array(
        [there[i].covariances[m, :6, :6] for i, m in zip(rows, models, strict=True)]
    )
    lower = _roots(covariance)
    points = middle[:, None, :] + np.einsum("kj,nij->nki", _BODY, lower)
    flown = arcs(points.reshape(-1, 6))
    shape = (len(rows), len(_BODY))
    moments = []
    for values in (np.log(flown.range_m), flown.slant_rad, flown.perigee_m, flown.apogee_m):
        table = np.minimum(values, 1e12).reshape(shape)
        moments.append(np.column_stack((table.mean(axis=1), table.std(axis=1))).tolist())
    best = flown.best_slant_rad.reshape(shape).mean(axis=1).tolist()
    for row, i in enumerate(rows):
        x = middle[row]
        sinking = float(x[:3] @ x[3:]) < 0.0
        found[i] = Fall(
            reach_ln_m=tuple(moments[0][row]),
            slant_rad=tuple(moments[1][row]),
            best_slant_rad=best[row],
            perigee_m=tuple(moments[2][row]),
            apogee_m=tuple(moments[3][row]),
            slowed=sinking and height_m(x[0], x[1], x[2]) < _SLOWED_BELOW_M,
        )
    return found


def _roots(covariances: Array) -> Array:
    """Square roots (n, 6, 6); those of the diagonals if any of them is not definite."""
    try:
        return np.asarray(np.linalg.cholesky(covariances))
    except np.linalg.LinAlgError:
        variances = np.maximum(np.diagonal(covariances, axis1=1, axis2=2), 0.0)
        return np.asarray(np.sqrt(variances)[:, :, None] * np.eye(6))


def _flight(
    track: LiveTrack, there: Posterior, mean: Array, range_m: float, fit: LaunchFit | None
) -> Flight:
    launch_tai_ns = fit.time_tai_ns if fit is not None else track.first_seen_tai_ns
    seen = track.last_thrust_tai_ns > 0
    unseen_ns = min(there.tai_ns - track.last_seen_tai_ns, _UNSEEN_COUNTS_NS)
    thrust_tai_ns = track.last_thrust_tai_ns if seen else track.first_seen_tai_ns
    pause_ns = track.last_seen_tai_ns - thrust_tai_ns + unseen_ns
    return Flight(
        speed_m_s=math.hypot(mean[3], mean[4], mean[5]),
        range_m=range_m,
        since_launch_s=(there.tai_ns - launch_tai_ns) / SECOND_NS,
        pause_s=max(0.0, pause_ns / SECOND_NS),
        cut_off_probability=1.0 - float(there.weights[0]),
        burnt_s=max(0.0, (track.last_thrust_tai_ns - launch_tai_ns) / SECOND_NS) if seen else 0.0,
        thrust_seen=seen,
        lift_probability=float(there.weights[3]) if len(there.weights) > 3 else 0.0,
    )


def _launch(state: AssessorState, track: LiveTrack) -> LaunchFit | None:
    known = state.fits.get(track.track_id)
    if known is not None and known.is_current(track):
        return known
    fit = launch_fit(track, known)
    if fit is None:
        return known
    state.fits[track.track_id] = fit
    return fit


def _fly(cases: list[_Case]) -> None:
    """Fly what is not remembered, all cases together."""
    questions, asking = [], []
    for case in cases:
        may_thrust = case.cut_off < _CUT_OFF_ONLY
        may_fall = case.cut_off > 1.0 - _CUT_OFF_ONLY
        known = case.memory
        if known is not None and _still_good(case, known, may_thrust, may_fall):
            case.going, case.flown_tai_ns = known.going, known.flown_tai_ns
            case.glide = known.glide
            continue
        stage = case.sight.has_relatives and case.stage > 0.5
        drag = LN_STAGE_DRAG if stage else kernel.LN_DRAG_PRIOR
        questions.append(Question(case.there, may_thrust, may_fall, drag))
        asking.append(case)
    for case, going in zip(asking, go_on(questions), strict=True):
        case.going = going
    for case in cases:
        falls = case.going.falls is not None and not len(case.glide.weight)
        if falls and glide_share(case.there, case.verdict) > 0.0:
            case.glide = footprint_of(case.there, case.going.falls, case.fall)


def _key(case: _Case) -> tuple[int, int, bool]:
    return case.track.count, case.track.last_seen_tai_ns, case.stage > 0.5


def _still_good(case: _Case, known: _Memory, may_thrust: bool, may_fall: bool) -> bool:
    """Whether remembered flights still tell: no new look, and not too old."""
    age_s = (case.there.tai_ns - known.flown_tai_ns) / SECOND_NS
    keep_s = _BURNS_KEEP_S if may_thrust else _FLIGHTS_KEEP_S
    return (
        known.key == _key(case)
        and 0.0 <= age_s <= keep_s
        and (known.going.burnouts is not None) == may_thrust
        and (known.going.falls is not None) == may_fall
    )


def _memory(case: _Case) -> _Memory:
    return _Memory(
        fit=case.fit,
        origin=case.origin,
        fall=case.fall,
        going=case.going,
        glide=case.glide,
        flown_tai_ns=case.flown_tai_ns,
        key=_key(case),
        missile=case.hostile * case.body,
    )


# ------------------------------------------------------------------- records


def _object_evidence(track: LiveTrack) -> Evidence:
    return Evidence(
        hypothesis="object",
        decibans=round(_DECIBANS * track.score, 1),
        text=f"{track.count} detections by {len(track.sensor_ids)} sensors agree on one object",
        input_ids=(track.track_id,),
    )


def _kind_evidence(case: _Case) -> tuple[Evidence, ...]:
    if not case.sight.has_relatives:
        return ()
    odds = max(case.stage, 1e-9) / max(1.0 - case.stage, 1e-9)
    parent = case.track.parent_track_id
    return (
        Evidence(
            hypothesis="stage_or_fragment",
            decibans=round(10.0 * math.log10(odds), 1),
            text=f"it parted from {parent}" if parent else "other objects parted from it",
            input_ids=(parent,) if parent else (),
        ),
    )


def _heading_ecef(mean: Array) -> Array:
    """The level part of the velocity (3,); upward if there is none, so that nothing is behind."""
    latitude_rad, longitude_rad, _ = geodetic_from_ecef(mean[:3])
    axes = enu_axes(latitude_rad, longitude_rad)
    heading = (axes @ mean[3:])[:2]
    if math.hypot(heading[0], heading[1]) < _LEAST_HEADING_M_S:
        return np.full(3, math.nan)
    return np.asarray(heading @ axes[:2])


def _matrix(values: Array) -> Matrix:
    return tuple(tuple(row) for row in values.tolist())


_TO_EAST_NORTH = np.array((1, 0))  # the fit's (north, east) to the record's (east, north)


def _launch_record(case: _Case) -> LaunchEstimate | None:
    fit, origin, track = case.fit, case.origin, case.track
    if fit is None or origin is None:
        return None
    named = origin.distance_m < _SITE_NAMED_WITHIN_M
    used = [look.seen_tai_ns for look in track.launch_looks[: fit.available]]
    return LaunchEstimate(
        region=GroundRegion(
            latitude_rad=fit.latitude_rad,
            longitude_rad=fit.longitude_rad,
            covariance_m2=_matrix(fit.covariance[np.ix_(_TO_EAST_NORTH, _TO_EAST_NORTH)]),
        ),
        time_tai_ns=fit.time_tai_ns,
        time_sigma_s=math.sqrt(float(fit.covariance[2, 2])),
        azimuth_rad=float(fit.mean[3]) % (2.0 * math.pi),
        azimuth_sigma_rad=math.sqrt(float(fit.covariance[3, 3])),
        site=origin.site.name if named else None,
        site_distance_m=origin.distance_m if named else None,
        last_evidence_tai_ns=max(used, default=None),
    )


def _impact_record(case: _Case, forecast: Forecast) -> ImpactEstimate | None:
    summary = forecast.region
    if summary is None:
        return None
    verdict = case.verdict
    up = verdict.of("space_launch") + verdict.of("satellite")
    lifts = case.flight.lift_probability
    return ImpactEstimate(
        region=GroundRegion(
            latitude_rad=summary.latitude_rad,
            longitude_rad=summary.longitude_rad,
            covariance_m2=_matrix(summary.covariance_m2),
        ),
        time_tai_ns=case.flown_tai_ns + round(summary.after_s * SECOND_NS),
        time_sigma_s=summary.after_sigma_s,
        cut_off_probability=case.cut_off,
        no_impact_probability=min(up + (1.0 - up) * forecast.stays_up, 1.0),
        polygon_rad=summary.polygon_rad,
        manoeuvre_probability=case.cut_off * max(verdict.of("glider"), lifts),
        last_evidence_tai_ns=case.track.last_seen_tai_ns,
    )
