"""Small worlds that the tests of tracking, assessment and the pipeline share.

The shipped notional network looks at a quiet Earth; `seen_by_telescopes` puts sources of any
motion into its scans, so that a test says exactly what is there to be seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.formats.scenario import load_scenario
from forewarn.frames import (
    EarthOrientation,
    ecef_from_geodetic,
    enu_axes,
    gcrf_to_ecef_matrix,
)
from forewarn.missiles.flight import fly
from forewarn.missiles.trajectory import Trajectory
from forewarn.records import Cone, Event, InfraredMeasurement, Scan, Tick
from forewarn.sensors.infrared import angle_sigma_rad, satellite_position_gcrf_m
from forewarn.sensors.network import InfraredSensor, Network
from forewarn.sensors.sight import height_m, lowest_height_m, tangent_axes
from forewarn.simulation import Scenario, simulate
from forewarn.simulation.scenario import FlownLaunch
from forewarn.tracking.live import LiveTrack, Posterior, fresh_posterior
from forewarn.tracking.looks import Biases
from forewarn.tracking.tracker import Tracker, TrackerState

Array = NDArray[np.float64]

ORIENTATION = EarthOrientation.from_iers()
OVERFLIGHT = Path(__file__).resolve().parents[2] / "scenarios" / "overflight-2017-08-29.yaml"


@dataclass(frozen=True)
class Source:
    """Something hot: where it is in ecef [m] at an instant (None: not there), how bright it is."""

    name: str
    position_ecef_m: Callable[[int], Array | None]
    snr: float = 40.0


@cache
def overflight() -> Scenario:
    """The shipped scenario, whose network and areas most tests use."""
    return load_scenario(OVERFLIGHT)


def network_of(*sensor_ids: str, clutter: bool = False) -> Network:
    """The shipped network's sensors of these ids (all, if none), without false alarms or with."""
    network = overflight().network
    kept = [s for s in network.sensors if not sensor_ids or s.sensor_id in sensor_ids]
    if not clutter:
        kept = [msgspec.structs.replace(s, false_alarms_per_scan=0.0) for s in kept]
    return msgspec.structs.replace(network, sensors=tuple(kept))


def quiet_events(network: Network, *, duration_s: float, seed: int = 1) -> list[Event]:
    """Every event while nothing flies; scans hold false alarms alone."""
    scenario = overflight()
    scenario = msgspec.structs.replace(
        scenario,
        network=network,
        launches=(),
        notices=(),
        end_tai_ns=scenario.start_tai_ns + round(duration_s * SECOND_NS),
    )
    return simulate(scenario, seed=seed, orientation=ORIENTATION).events


def seen_by_telescopes(
    events: Iterable[Event], network: Network, sources: Iterable[Source], *, seed: int = 1
) -> list[Event]:
    """Put every source into each telescope scan whose field holds it above the horizon.

    Each sensor has one constant pointing bias of its stated size; noise is as stated.
    """
    randomness = np.random.default_rng(seed)
    biases = {
        s.sensor_id: s.bias_sigma_rad * randomness.standard_normal(2)
        for s in network.sensors
        if isinstance(s, InfraredSensor)
    }
    sources = list(sources)
    changed: list[Event] = []
    for event in events:
        if isinstance(event, Scan) and isinstance(event.volume, Cone):
            sensor = network.sensor(event.sensor_id)
            assert isinstance(sensor, InfraredSensor)
            seen = [
                m
                for source in sources
                if (m := _sighting(event, sensor, source, biases[event.sensor_id], randomness))
            ]
            event = msgspec.structs.replace(event, measurements=(*event.measurements, *seen))
        changed.append(event)
    return changed


def _sighting(
    scan: Scan,
    sensor: InfraredSensor,
    source: Source,
    bias_rad: Array,
    randomness: np.random.Generator,
) -> InfraredMeasurement | None:
    seen_tai_ns = (scan.start_tai_ns + scan.end_tai_ns) // 2
    position = source.position_ecef_m(seen_tai_ns)
    assert isinstance(scan.volume, Cone)
    if position is None:
        return None
    matrix = gcrf_to_ecef_matrix(seen_tai_ns, ORIENTATION)
    satellite = matrix @ satellite_position_gcrf_m(scan, seen_tai_ns)
    direction = matrix.T @ (position - satellite)
    direction /= np.linalg.norm(direction)
    if direction @ np.array(scan.volume.axis_gcrf) < np.cos(scan.volume.half_angle_rad):
        return None
    if float(lowest_height_m(position, satellite)) < -2.0:
        return None
    sigma = float(angle_sigma_rad(sensor, np.array(source.snr)))
    error = bias_rad + sigma * randomness.standard_normal(2)
    axes = np.stack(tangent_axes(direction))
    direction = direction + error @ axes
    direction /= np.linalg.norm(direction)
    return InfraredMeasurement(
        measurement_id=f"{scan.scan_id}.{source.name}",
        seen_tai_ns=seen_tai_ns,
        right_ascension_rad=float(np.arctan2(direction[1], direction[0])) % (2.0 * np.pi),
        declination_rad=float(np.arcsin(direction[2])),
        irradiance_w_m2=source.snr * sensor.noise_equivalent_irradiance_w_m2,
        snr=source.snr,
    )


def ascending(
    name: str,
    trajectory: Trajectory,
    launch_tai_ns: int,
    *,
    cloud_top_m: float = 7_000.0,
    snr: float = 40.0,
) -> Source:
    """A plume that follows a flight while its engine burns, once it is above the cloud."""

    def position_ecef_m(tai_ns: int) -> Array | None:
        time_s = (tai_ns - launch_tai_ns) / SECOND_NS
        if not 0.0 < time_s < trajectory.burnout_s:
            return None
        position, _ = trajectory.state_ecef_at(time_s)
        return position if height_m(position) > cloud_top_m else None

    return Source(name, position_ecef_m, snr)


def flown(
    latitude_deg: float, longitude_deg: float, azimuth_deg: float, **changes: float
) -> Trajectory:
    """A flight of the shipped scenario's vehicle from a place, with changes to the vehicle."""
    (launch,) = overflight().launches
    assert isinstance(launch, FlownLaunch)
    return fly(
        msgspec.structs.replace(launch.vehicle, **changes),
        latitude_rad=math.radians(latitude_deg),
        longitude_rad=math.radians(longitude_deg),
        height_m=0.0,
        azimuth_rad=math.radians(azimuth_deg),
    )


def tracked(network: Network, events: Iterable[Event]) -> tuple[TrackerState, dict[str, LiveTrack]]:
    """The tracker's state after the events, and every track it ever held, as it last was.

    Looked at are the tracks after each tick, and at the end.
    """
    tracker = Tracker(network, ORIENTATION)
    state = tracker.initial_state()
    tracks: dict[str, LiveTrack] = {}
    now_tai_ns = 0
    for event in events:
        now_tai_ns = max(now_tai_ns, event.received_tai_ns)
        if isinstance(event, Scan):
            tracker.step(state, event)
        elif isinstance(event, Tick):
            tracks |= _told(tracker, state, now_tai_ns)
    return state, tracks | _told(tracker, state, now_tai_ns)


def _told(tracker: Tracker, state: TrackerState, now_tai_ns: int) -> dict[str, LiveTrack]:
    told = [*tracker.ended(state), *tracker.tracks(state, now_tai_ns)]
    return {track.track_id: track for track in told}


def posterior_at(
    latitude_deg: float,
    longitude_deg: float,
    height_m: float,
    *,
    azimuth_deg: float,
    climb_deg: float,
    speed_m_s: float,
    boosting: float,
    sigma_m: float = 500.0,
    sigma_m_s: float = 5.0,
) -> Posterior:
    """What is known of an object over a place that flies in a direction; both models agree."""
    latitude_rad, longitude_rad = math.radians(latitude_deg), math.radians(longitude_deg)
    azimuth_rad, climb_rad = math.radians(azimuth_deg), math.radians(climb_deg)
    enu = (
        math.sin(azimuth_rad) * math.cos(climb_rad),
        math.cos(azimuth_rad) * math.cos(climb_rad),
        math.sin(climb_rad),
    )
    velocity = speed_m_s * (np.array(enu) @ enu_axes(latitude_rad, longitude_rad))
    return fresh_posterior(
        overflight().start_tai_ns,
        np.concatenate((ecef_from_geodetic(latitude_rad, longitude_rad, height_m), velocity)),
        np.diag([sigma_m**2] * 3 + [sigma_m_s**2] * 3),
        biases=Biases(overflight().network),
        boosting=boosting,
    )
