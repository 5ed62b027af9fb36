"""Which looks were taken of which object, told from where everything truly was.

A report belongs to the object that it lies nearest to, in sigmas of its noise and bias, if within
`GATE_SIGMAS`. That is what simulation knows and no estimator does. False alarms stay with no
object, and so does a report that a fault or a folded echo has moved farther: it is then evidence
of nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation
from forewarn.records import Event, InfraredMeasurement, RadarMeasurement, Scan
from forewarn.sensors.infrared import angle_sigma_rad, line_of_sight_ecef
from forewarn.sensors.network import InfraredSensor, Network, RadarSensor
from forewarn.sensors.radar import RadarModel, beam_sigma_rad, radar_model, range_sigma_m
from forewarn.sensors.sight import tangent_axes, unit
from forewarn.simulation.truth import TruthObject

Array = NDArray[np.float64]
Instants = NDArray[np.int64]

GATE_SIGMAS = 6.0


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One report of an object: how it answers to the state, its noise, and its sensor's biases.

    ``slope`` (r, 6) is the derivative of the r numbers reported by ecef position and velocity at
    the truth, ``sigma`` (r,) their one-sigma noise at their signal-to-noise ratio. Each has a
    constant bias of its own with the one sigma ``bias_sigma`` (r,), added to it.
    """

    sensor_id: str
    seen_tai_ns: int
    received_tai_ns: int
    slope: Array
    sigma: Array
    bias_sigma: Array


@dataclass(frozen=True, slots=True)
class PlumeEnd:
    """The last burn ended after a telescope last saw it, and before one looked and saw nothing.

    This is known from ``received_tai_ns`` on, when that silent look arrives.
    """

    seen_tai_ns: int
    gone_tai_ns: int
    received_tai_ns: int


def plume_end(looks: Sequence[Sighting], network: Network, burnout_tai_ns: int) -> PlumeEnd | None:
    """Return between which looks the last burn ended, or None if no telescope was looking.

    A telescope that saw the plume within its last two visits looks again a visit later.
    """
    last: dict[str, Sighting] = {}
    for look in looks:
        if isinstance(network.sensor(look.sensor_id), InfraredSensor):
            known = last.get(look.sensor_id)
            if look.seen_tai_ns <= burnout_tai_ns and (
                known is None or look.seen_tai_ns > known.seen_tai_ns
            ):
                last[look.sensor_id] = look
    silent: list[tuple[int, int]] = []
    for sensor_id, look in last.items():
        sensor = network.sensor(sensor_id)
        assert isinstance(sensor, InfraredSensor), "only those were gathered"
        visit_ns = round(sensor.revisit_s * SECOND_NS)
        visits = (burnout_tai_ns - look.seen_tai_ns) // visit_ns + 1
        if visits <= 2:
            gone = look.seen_tai_ns + visits * visit_ns
            silent.append((gone, look.received_tai_ns + visits * visit_ns))
    if not silent:
        return None
    gone, received = min(silent)
    return PlumeEnd(max(look.seen_tai_ns for look in last.values()), gone, received)


@dataclass(frozen=True, slots=True, eq=False)
class _Reports:
    """What one sensor reported (n,), each once, at its first arrival."""

    seen_tai_ns: Instants
    received_tai_ns: Instants
    scans: list[Scan]
    measurements: list[InfraredMeasurement | RadarMeasurement]


def sightings(
    events: Iterable[Event],
    objects: Sequence[TruthObject],
    network: Network,
    orientation: EarthOrientation,
) -> dict[str, list[Sighting]]:
    """Return the reports of each object by its id, in order of arrival."""
    found: dict[str, list[Sighting]] = {one.object_id: [] for one in objects}
    by_sensor = _by_sensor(events)
    for sensor in network.sensors:
        reports = by_sensor.get(sensor.sensor_id)
        if reports is None or not objects:
            continue
        if isinstance(sensor, InfraredSensor):
            _telescope(sensor, reports, objects, orientation, found)
        else:
            _radar(sensor, reports, objects, found)
    for each in found.values():
        each.sort(key=lambda s: (s.received_tai_ns, s.seen_tai_ns, s.sensor_id))
    return found


def _by_sensor(events: Iterable[Event]) -> dict[str, _Reports]:
    """Gather reports by sensor; a copy that a faulty link delivered is no second look."""
    known: set[str] = set()
    gathered: dict[str, list[tuple[Scan, InfraredMeasurement | RadarMeasurement]]] = {}
    for event in events:
        if not isinstance(event, Scan) or event.scan_id in known:
            continue
        known.add(event.scan_id)
        gathered.setdefault(event.sensor_id, []).extend((event, m) for m in event.measurements)
    return {
        sensor_id: _Reports(
            seen_tai_ns=np.array([m.seen_tai_ns for _, m in pairs], dtype=np.int64),
            received_tai_ns=np.array([scan.received_tai_ns for scan, _ in pairs], dtype=np.int64),
            scans=[scan for scan, _ in pairs],
            measurements=[m for _, m in pairs],
        )
        for sensor_id, pairs in gathered.items()
        if pairs
    }


def _nearest(objects: Sequence[TruthObject], seen: Instants, away: Array) -> NDArray[np.intp]:
    """Return whose each report (n,) is, -1 for nobody's, by its sigmas away (objects, n)."""
    there = np.stack([one.flying(seen) for one in objects])
    away = np.where(there, away, np.inf)
    nearest = np.argmin(away, axis=0)
    own = away[nearest, np.arange(len(seen))] <= GATE_SIGMAS
    return np.where(own, nearest, -1)


def _telescope(
    sensor: InfraredSensor,
    reports: _Reports,
    objects: Sequence[TruthObject],
    orientation: EarthOrientation,
    found: dict[str, list[Sighting]],
) -> None:
    """Add a telescope's sightings to those found."""
    lines = [
        line_of_sight_ecef(scan, m, orientation)
        for scan, m in zip(reports.scans, reports.measurements, strict=True)
        if isinstance(m, InfraredMeasurement)
    ]
    satellite, measured = (np.array(each) for each in zip(*lines, strict=True))
    snr = np.array([m.snr for m in reports.measurements])
    sigma = angle_sigma_rad(sensor, np.maximum(snr, 1.0))
    away = np.empty((len(objects), len(lines)))
    separation = np.empty((len(objects), len(lines), 3))
    for i, one in enumerate(objects):
        separation[i] = one.states_ecef(reports.seen_tai_ns)[0] - satellite
        off_rad = np.linalg.norm(np.cross(unit(separation[i]), measured), axis=1)
        ahead = np.sum(separation[i] * measured, axis=1) > 0.0
        away[i] = np.where(ahead, off_rad / np.hypot(sigma, sensor.bias_sigma_rad), np.inf)
    owner = _nearest(objects, reports.seen_tai_ns, away)
    for k in np.flatnonzero(owner >= 0).tolist():
        d = separation[owner[k], k]
        across = np.array(tangent_axes(unit(d)))
        slope = np.hstack((across / np.linalg.norm(d), np.zeros((2, 3))))
        found[objects[owner[k]].object_id].append(
            Sighting(
                sensor_id=sensor.sensor_id,
                seen_tai_ns=int(reports.seen_tai_ns[k]),
                received_tai_ns=int(reports.received_tai_ns[k]),
                slope=slope,
                sigma=np.full(2, sigma[k]),
                bias_sigma=np.full(2, sensor.bias_sigma_rad),
            )
        )


def _radar(
    sensor: RadarSensor,
    reports: _Reports,
    objects: Sequence[TruthObject],
    found: dict[str, list[Sighting]],
) -> None:
    """Add a radar's sightings to those found."""
    model = radar_model(sensor)
    bias = np.array(
        [sensor.range_bias_sigma_m, sensor.angle_bias_sigma_rad, sensor.angle_bias_sigma_rad, 0.0]
    )
    z = np.array(
        [
            (m.range_m, m.azimuth_rad, m.elevation_rad, m.range_rate_m_s)
            for m in reports.measurements
            if isinstance(m, RadarMeasurement)
        ]
    )
    snr = np.maximum([m.snr for m in reports.measurements], 1.0)
    states = np.stack([np.hstack(one.states_ecef(reports.seen_tai_ns)[:2]) for one in objects])
    away = np.full(states.shape[:2], np.inf)
    sigma = np.zeros((*states.shape[:2], 4))
    apart_m = np.linalg.norm(states[:, :, :3] - _places(model, z), axis=2)
    close = apart_m <= _reach_m(sensor, z[:, 0], snr)
    for i, k in np.argwhere(close).tolist():
        predicted = model.predict(states[i, k], z[k])
        sigma[i, k] = model.noise(predicted, float(snr[k]))
        off = model.residual(z[k], predicted) / np.hypot(sigma[i, k], bias)
        away[i, k] = np.max(np.abs(off))
    owner = _nearest(objects, reports.seen_tai_ns, away)
    for k in np.flatnonzero(owner >= 0).tolist():
        i = int(owner[k])
        found[objects[i].object_id].append(
            Sighting(
                sensor_id=sensor.sensor_id,
                seen_tai_ns=int(reports.seen_tai_ns[k]),
                received_tai_ns=int(reports.received_tai_ns[k]),
                slope=model.jacobian(states[i, k], z[k]),
                sigma=sigma[i, k],
                bias_sigma=bias,
            )
        )


def _reach_m(sensor: RadarSensor, range_m: Array, snr: Array) -> Array:
    """Return how far (n,) an object may be from its echo, generously: a first, quick look."""
    along_m = np.hypot(range_sigma_m(sensor, snr), sensor.range_bias_sigma_m)
    across_rad = np.hypot(beam_sigma_rad(sensor, snr), sensor.angle_bias_sigma_rad)
    reach: Array = 2.0 * GATE_SIGMAS * np.hypot(along_m, 2.0 * across_rad * range_m)
    return reach


def _places(model: RadarModel, z: Array) -> Array:
    """Return where echoes (n, 4) came from: positions (n, 3) in ecef [m]."""
    level_m = z[:, 0] * np.cos(z[:, 2])
    enu = np.stack(
        (level_m * np.sin(z[:, 1]), level_m * np.cos(z[:, 1]), z[:, 0] * np.sin(z[:, 2])), axis=1
    )
    places: Array = model.site_ecef_m + enu @ model.axes_enu
    return places
