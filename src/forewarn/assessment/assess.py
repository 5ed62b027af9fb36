"""From a live track to an assessment: launch, impact, class, threat to each area, and the reasons."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forewarn.assessment import classify, impact
from forewarn.assessment.launch import LaunchFit, launch_fit
from forewarn.assessment.vehicle_classes import MISSILE_CLASSES
from forewarn.epoch import SECOND_NS
from forewarn.frames import enu_axes, geodetic_from_ecef
from forewarn.kernels.flight import height_m
from forewarn.records import (
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
    Realm,
    TrackStatus,
)
from forewarn.sensors.domains import independent_domains
from forewarn.sensors.network import InfraredSensor, Network
from forewarn.tracking.live import LiveTrack, Posterior
from forewarn.tracking.looks import Biases

Array = NDArray[np.float64]

AreaPolygon = tuple[str, tuple[tuple[float, float], ...]]

_SITE_NAMED_WITHIN_M = 30_000.0
_REFIT_GROWTH = 1.15  # refit the launch when the looks it rests on have grown by this much
_CUT_OFF_ONLY = 0.97  # beyond this the engine is taken to have stopped


@dataclass(slots=True, eq=False)
class AssessorState:
    """What assessment remembers between steps: launch fits by track, and the ids given."""

    fits: dict[str, LaunchFit] = field(default_factory=dict)
    given: int = 0

    def copy(self) -> AssessorState:
        """Return an independent, exact copy."""
        return copy.deepcopy(self)


@dataclass(frozen=True, slots=True, eq=False)
class _Forecast:
    """The classes and the ground points of one assessment."""

    posterior: Array
    points: impact.GroundPoints
    cut_off: float
    space: float
    evidence: list[Evidence]


class Assessor:
    """What assessment needs to know beforehand; holds nothing that changes."""

    def __init__(self, network: Network, areas: tuple[AreaPolygon, ...], biases: Biases) -> None:
        """Prepare for a network's sensors and the polygons of the defended areas."""
        self.network = network
        self.areas = areas
        self.biases = biases

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
        fit = self._launch(state, track)
        there = track.at(now_tai_ns)
        forecast = _forecast(track, there, fit, notices)
        state.given += 1
        down = track.status is TrackStatus.ENDED and track.latest.sound and _is_down(there)
        sensor_ids = tuple(sorted(track.sensor_ids))
        return Assessment(
            assessment_id=f"assessment-{state.given:06d}",
            realm=realm,
            track_id=track.track_id,
            time_tai_ns=now_tai_ns,
            last_evidence_tai_ns=track.last_seen_tai_ns,
            status=track.status,
            launch=_launch_record(fit),
            impact=_impact_record(forecast, now_tai_ns),
            class_probabilities={
                name: float(p) for name, p in zip(VEHICLE_CLASSES, forecast.posterior, strict=True)
            },
            areas=tuple(
                _area_threat(area, forecast, there, now_tai_ns=now_tai_ns) for area in self.areas
            ),
            domains=independent_domains(self.network, sensor_ids),
            physics=self._physics(sensor_ids),
            silent_sensor_ids=tuple(
                sorted(s for s, n in track.silent.items() if n >= 3 and s not in track.sensor_ids)
            ),
            evidence=tuple(forecast.evidence),
            down=down,
            measurement_count=track.count,
            input_ids=(track.track_id, *track.inputs[-3:]),
        )

    def _launch(self, state: AssessorState, track: LiveTrack) -> LaunchFit | None:
        known = state.fits.get(track.track_id)
        available = len(track.launch_looks)
        if known is not None and (available < known.looks * _REFIT_GROWTH or known.complete):
            return known
        fit = launch_fit(track, self.biases, known)
        if fit is not None:
            state.fits[track.track_id] = fit
        return fit

    def _physics(self, sensor_ids: tuple[str, ...]) -> tuple[Physics, ...]:
        kinds = {
            Physics.INFRARED
            if isinstance(self.network.sensor(s), InfraredSensor)
            else Physics.RADAR
            for s in sensor_ids
        }
        return tuple(sorted(kinds, key=lambda k: k.value))


def _is_down(there: Posterior) -> bool:
    mean, _ = there.body()
    return bool(height_m(mean[0], mean[1], mean[2]) <= 0.0)


def _forecast(
    track: LiveTrack, there: Posterior, fit: LaunchFit | None, notices: tuple[Notice, ...]
) -> _Forecast:
    mean, _ = there.body()
    cut_off = float(there.weights[1])
    flight = classify.Flight(
        speed_m_s=float(np.linalg.norm(mean[3:])),
        since_launch_s=(there.tai_ns - _launch_time(track, fit)) / SECOND_NS,
        pause_s=max(0.0, (there.tai_ns - track.last_thrust_tai_ns) / SECOND_NS)
        if track.last_thrust_tai_ns
        else 0.0,
        cut_off_probability=cut_off,
    )
    falling = impact.falling_points(there) if cut_off > 1.0 - _CUT_OFF_ONLY else None
    site = classify.site_log_likelihoods(fit) if fit else np.zeros(len(VEHICLE_CLASSES))
    notice = classify.matching_notice(fit, notices) if fit else None
    notice_part = classify.notice_log_likelihoods(notice)
    burn = classify.burn_log_likelihoods(flight)
    fallen = classify.range_log_likelihoods(flight, fit, falling)
    posterior = classify.probabilities([site, notice_part, burn, fallen])
    evidence = classify.class_evidence(
        posterior=posterior,
        fit=fit,
        site=site,
        notice=notice,
        notice_part=notice_part,
        burn=burn,
        fallen=fallen,
        flight=flight,
    )
    space = float(posterior[classify.SPACE])
    parts: list[tuple[float, impact.GroundPoints]] = []
    hostile = max(1.0 - space, 1e-12)
    if cut_off < _CUT_OFF_ONLY:
        for index, points in enumerate(impact.thrusting_points(there)):
            weight = float(posterior[VEHICLE_CLASSES.index(MISSILE_CLASSES[index])]) / hostile
            parts.append(((1.0 - cut_off) * weight, points))
    if falling is not None:
        parts.append((cut_off if parts else 1.0, falling))
    evidence.append(
        Evidence(
            hypothesis="object",
            decibans=round(10.0 / math.log(10.0) * min(track.score, 1e6), 1),
            text=f"{track.count} detections by {len(track.sensor_ids)} sensors agree on one object",
            input_ids=(track.track_id,),
        )
    )
    return _Forecast(posterior, impact.mixed(parts), cut_off, space, evidence)


def _launch_time(track: LiveTrack, fit: LaunchFit | None) -> int:
    return fit.time_tai_ns if fit is not None else track.first_seen_tai_ns


def _matrix(values: Array) -> Matrix:
    return tuple(tuple(float(v) for v in row) for row in values)


def _launch_record(fit: LaunchFit | None) -> LaunchEstimate | None:
    if fit is None:
        return None
    site, distance_m = classify.nearest_site(fit)
    order = np.array((1, 0))  # the fit's (north, east) to the record's (east, north)
    named = distance_m < _SITE_NAMED_WITHIN_M
    return LaunchEstimate(
        region=GroundRegion(
            latitude_rad=fit.latitude_rad,
            longitude_rad=fit.longitude_rad,
            covariance_m2=_matrix(fit.covariance[np.ix_(order, order)]),
        ),
        time_tai_ns=fit.time_tai_ns,
        time_sigma_s=math.sqrt(float(fit.covariance[2, 2])),
        azimuth_rad=float(fit.mean[3]) % (2.0 * math.pi),
        azimuth_sigma_rad=math.sqrt(float(fit.covariance[3, 3])),
        site=site.name if named else None,
        site_distance_m=distance_m if named else None,
    )


def _impact_record(forecast: _Forecast, now_tai_ns: int) -> ImpactEstimate | None:
    summary = impact.region(forecast.points, gaussian=forecast.cut_off >= _CUT_OFF_ONLY)
    if summary is None:
        return None
    return ImpactEstimate(
        region=GroundRegion(
            latitude_rad=summary.latitude_rad,
            longitude_rad=summary.longitude_rad,
            covariance_m2=_matrix(summary.covariance_m2),
        ),
        time_tai_ns=now_tai_ns + round(summary.after_s * SECOND_NS),
        time_sigma_s=summary.after_sigma_s,
        cut_off_probability=forecast.cut_off,
        no_impact_probability=forecast.space + (1.0 - forecast.space) * forecast.points.stays_up,
        polygon_rad=summary.polygon_rad,
    )


def _area_threat(
    area: AreaPolygon, forecast: _Forecast, there: Posterior, *, now_tai_ns: int
) -> AreaThreat:
    area_id, polygon = area
    points = forecast.points
    hit = impact.inside(points, polygon)
    weight = float(points.weight[hit].sum())
    probability = (1.0 - forecast.space) * weight
    earliest = expected = None
    if weight > 0.0:
        after = points.after_s[hit]
        mean = float(points.weight[hit] @ after) / weight
        earliest = now_tai_ns + round(float(after.min()) * SECOND_NS)
        expected = now_tai_ns + round(mean * SECOND_NS)
    return AreaThreat(
        area_id=area_id,
        probability=min(probability, 1.0),
        earliest_tai_ns=earliest,
        expected_tai_ns=expected,
        overflown=_overflown(there, polygon),
    )


def _overflown(there: Posterior, polygon: tuple[tuple[float, float], ...]) -> bool:
    """Whether every corner of an area now lies behind the object's direction of flight."""
    mean, _ = there.body()
    latitude, longitude, _ = geodetic_from_ecef(mean[:3])
    axes = enu_axes(latitude, longitude)
    heading = (axes @ mean[3:])[:2]
    if float(np.linalg.norm(heading)) < 1.0:
        return False
    for corner_latitude, corner_longitude in polygon:
        cos_latitude = math.cos(corner_latitude)
        corner = np.array(
            (
                cos_latitude * math.cos(corner_longitude),
                cos_latitude * math.sin(corner_longitude),
                math.sin(corner_latitude),
            )
        )
        if float((axes @ corner)[:2] @ heading) > 0.0:
            return False
    return True
