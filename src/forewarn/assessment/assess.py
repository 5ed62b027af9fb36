"""From a live track to an assessment: launch, impact, class, threat to each area, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forewarn.assessment import impact
from forewarn.assessment.classify import Flight, Verdict, classified, nearest_site
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

Array = NDArray[np.float64]

AreaPolygon = tuple[str, tuple[tuple[float, float], ...]]

_SITE_NAMED_WITHIN_M = 30_000.0
_CUT_OFF_ONLY = 0.97  # beyond this the engine is taken to have stopped
_HARDLY_HOSTILE = 0.05  # below this the impact region is a courtesy and gets fewer draws
_SILENT_AFTER = 3  # looks that covered the track and saw nothing
_NAMED_INPUTS = 3  # the newest scans that an assessment names
_DECIBANS = 10.0 / math.log(10.0)
_LEAST_HEADING_M_S = 1.0


@dataclass(slots=True, eq=False)
class AssessorState:
    """What assessment remembers between steps: launch fits by track, and the ids given."""

    fits: dict[str, LaunchFit] = field(default_factory=dict)
    given: int = 0

    def copy(self) -> AssessorState:
        """Return an independent, exact copy; a fit never changes and is shared."""
        return AssessorState(dict(self.fits), self.given)


@dataclass(frozen=True, slots=True, eq=False)
class _Forecast:
    """One assessment in the making: the track at an instant, its class and its ground points."""

    there: Posterior
    verdict: Verdict
    points: impact.GroundPoints

    @property
    def cut_off(self) -> float:
        return 1.0 - self.there.boosting

    @property
    def space(self) -> float:
        return self.verdict.space_probability


class Assessor:
    """What assessment needs to know beforehand; holds nothing that changes."""

    def __init__(self, network: Network, areas: tuple[AreaPolygon, ...]) -> None:
        """Prepare for a network's sensors and the polygons of the defended areas."""
        self._network = network
        self._areas = areas

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
        fit = _launch(state, track)
        forecast = _forecast(track, track.known_at(now_tai_ns), fit, notices)
        evidence = (*forecast.verdict.evidence, _object_evidence(track))
        cited = {i for line in evidence for i in line.input_ids} - {track.track_id}
        sensor_ids = tuple(sorted(track.sensor_ids))
        state.given += 1
        return Assessment(
            assessment_id=f"assessment-{state.given:06d}",
            realm=realm,
            track_id=track.track_id,
            time_tai_ns=now_tai_ns,
            last_evidence_tai_ns=track.last_seen_tai_ns,
            status=track.status,
            launch=_launch_record(fit),
            impact=_impact_record(forecast),
            class_probabilities={
                name: float(p)
                for name, p in zip(VEHICLE_CLASSES, forecast.verdict.probabilities, strict=True)
            },
            areas=tuple(_area_threat(area, forecast) for area in self._areas),
            domains=independent_domains(self._network, sensor_ids),
            physics=self._physics(sensor_ids),
            silent_sensor_ids=tuple(
                sorted(
                    sensor_id
                    for sensor_id, looks in track.silent.items()
                    if looks >= _SILENT_AFTER and sensor_id not in track.sensor_ids
                )
            ),
            evidence=evidence,
            down=track.status is TrackStatus.ENDED and _is_down(forecast.there),
            measurement_count=track.count,
            input_ids=(
                track.track_id,
                *list(track.scan_ids)[-_NAMED_INPUTS:],
                *sorted(cited),
            ),
        )

    def _physics(self, sensor_ids: tuple[str, ...]) -> tuple[Physics, ...]:
        kinds = {
            Physics.INFRARED
            if isinstance(self._network.sensor(s), InfraredSensor)
            else Physics.RADAR
            for s in sensor_ids
        }
        return tuple(sorted(kinds, key=lambda k: k.value))


def _launch(state: AssessorState, track: LiveTrack) -> LaunchFit | None:
    known = state.fits.get(track.track_id)
    if known is not None and known.is_current(track):
        return known
    fit = launch_fit(track, known)
    if fit is None:
        return known
    state.fits[track.track_id] = fit
    return fit


def _object_evidence(track: LiveTrack) -> Evidence:
    return Evidence(
        hypothesis="object",
        decibans=round(_DECIBANS * track.score, 1),
        text=f"{track.count} detections by {len(track.sensor_ids)} sensors agree on one object",
        input_ids=(track.track_id,),
    )


def _is_down(there: Posterior) -> bool:
    mean, _ = there.body()
    return bool(height_m(mean[0], mean[1], mean[2]) <= 0.0)


def _forecast(
    track: LiveTrack, there: Posterior, fit: LaunchFit | None, notices: tuple[Notice, ...]
) -> _Forecast:
    mean, _ = there.body()
    cut_off = 1.0 - there.boosting
    launch_tai_ns = fit.time_tai_ns if fit is not None else track.first_seen_tai_ns
    pause_ns = there.tai_ns - track.last_thrust_tai_ns if track.last_thrust_tai_ns else 0
    flight = Flight(
        speed_m_s=float(np.linalg.norm(mean[3:])),
        since_launch_s=(there.tai_ns - launch_tai_ns) / SECOND_NS,
        pause_s=max(0.0, pause_ns / SECOND_NS),
        cut_off_probability=cut_off,
    )
    falling = impact.falling_points(there) if cut_off > 1.0 - _CUT_OFF_ONLY else None
    verdict = classified(flight, fit=fit, falling=falling, notices=notices)
    parts: list[tuple[float, impact.GroundPoints]] = []
    if cut_off < _CUT_OFF_ONLY:
        hostile = max(1.0 - verdict.space_probability, 1e-12)
        draws = impact.BOOST_DRAWS if hostile > _HARDLY_HOSTILE else impact.FEW_BOOST_DRAWS
        flown = impact.thrusting_points(there, draws)
        for name, points in zip(MISSILE_CLASSES, flown, strict=True):
            share = float(verdict.probabilities[VEHICLE_CLASSES.index(name)]) / hostile
            parts.append(((1.0 - cut_off) * share, points))
    if falling is not None:
        parts.append((cut_off if parts else 1.0, falling))
    return _Forecast(there, verdict, impact.mixed(parts))


def _matrix(values: Array) -> Matrix:
    return tuple(tuple(float(v) for v in row) for row in values)


def _launch_record(fit: LaunchFit | None) -> LaunchEstimate | None:
    if fit is None:
        return None
    site, distance_m = nearest_site(fit)
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


def _impact_record(forecast: _Forecast) -> ImpactEstimate | None:
    summary = impact.region(forecast.points, gaussian=forecast.cut_off >= _CUT_OFF_ONLY)
    if summary is None:
        return None
    return ImpactEstimate(
        region=GroundRegion(
            latitude_rad=summary.latitude_rad,
            longitude_rad=summary.longitude_rad,
            covariance_m2=_matrix(summary.covariance_m2),
        ),
        time_tai_ns=forecast.there.tai_ns + round(summary.after_s * SECOND_NS),
        time_sigma_s=summary.after_sigma_s,
        cut_off_probability=forecast.cut_off,
        no_impact_probability=min(
            forecast.space + (1.0 - forecast.space) * forecast.points.stays_up, 1.0
        ),
        polygon_rad=summary.polygon_rad,
    )


def _area_threat(area: AreaPolygon, forecast: _Forecast) -> AreaThreat:
    area_id, polygon_rad = area
    points = forecast.points
    hit = impact.inside(points, polygon_rad)
    weight = float(points.weight[hit].sum())
    earliest = expected = None
    if weight > 0.0:
        after_s = points.after_s[hit]
        mean_s = float(points.weight[hit] @ after_s) / weight
        earliest = forecast.there.tai_ns + round(float(after_s.min()) * SECOND_NS)
        expected = forecast.there.tai_ns + round(mean_s * SECOND_NS)
    return AreaThreat(
        area_id=area_id,
        probability=min((1.0 - forecast.space) * weight, 1.0),
        earliest_tai_ns=earliest,
        expected_tai_ns=expected,
        overflown=_is_behind(forecast.there, polygon_rad),
    )


def _is_behind(there: Posterior, polygon_rad: tuple[tuple[float, float], ...]) -> bool:
    """Whether every corner of an area now lies behind the object's direction of flight."""
    mean, _ = there.body()
    latitude_rad, longitude_rad, _ = geodetic_from_ecef(mean[:3])
    axes = enu_axes(latitude_rad, longitude_rad)
    heading = (axes @ mean[3:])[:2]
    if float(np.linalg.norm(heading)) < _LEAST_HEADING_M_S:
        return False
    latitudes_rad, longitudes_rad = np.array(polygon_rad).T
    corners = np.stack(
        (
            np.cos(latitudes_rad) * np.cos(longitudes_rad),
            np.cos(latitudes_rad) * np.sin(longitudes_rad),
            np.sin(latitudes_rad),
        )
    )
    return bool((heading @ (axes @ corners)[:2] <= 0.0).all())
