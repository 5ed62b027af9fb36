"""The multi-sensor tracker: one scan in, the live tracks changed.

For every scan: turn measurements into looks, give each to the track it fits best, tell the tracks
that were looked at and not seen, and let what is left begin new tracks. Nothing here knows the
time but from the scans and ticks it is given.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation, gcrf_to_ecef_matrix
from forewarn.kernels import filter as kernel
from forewarn.kernels.flight import height_m
from forewarn.records import Beams, Cone, InfraredMeasurement, Scan, TrackStatus
from forewarn.sensors.infrared import satellite_position_gcrf_m
from forewarn.sensors.network import InfraredSensor, Network, RadarSensor
from forewarn.sensors.radar import radar_model
from forewarn.tracking.association import associate
from forewarn.tracking.initiation import Chain, Start, extend_chains, find_starts, forget
from forewarn.tracking.life import TrackHappening
from forewarn.tracking.live import Happening, LiveTrack, fresh_posterior
from forewarn.tracking.looks import Biases, Look, infrared_look, radar_look

Array = NDArray[np.float64]

CONFIRM_SCORE = 25.0  # natural log: odds of 7e10 to one against clutter
DOUBT_DROP = 25.0  # a fall this deep below the best score ends a track
COAST_AFTER_S = 20.0
TENTATIVE_FOR_S = 40.0
MOST_TRACKS = 256  # alive at once; what begins beyond them is left to later looks
_WIDEST_M = 150_000.0  # a track less certain than this says nothing any more
# Probability of detection if it thrusts, falls freely, falls through air, glides.
_PLUME_SEEN = np.array((0.9, 1e-3, 1e-3, 1e-3))
_PLUME_SEEN_ANEW = np.array((0.5, 1e-3, 1e-3, 1e-3))
_ECHO_SEEN = np.full(4, 0.5)
_DUPLICATE_D2 = 30.0
_CLOUD_DOUBT_M = 15_000.0


@dataclass(slots=True, eq=False)
class TrackerState:
    """Everything the tracker remembers between scans."""

    tracks: list[LiveTrack] = field(default_factory=list)
    chains: list[Chain] = field(default_factory=list)
    started: int = 0

    def copy(self) -> TrackerState:
        """Return an independent, exact copy."""
        return TrackerState(
            [track.copy() for track in self.tracks],
            [chain.copy() for chain in self.chains],
            self.started,
        )

    def live(self) -> list[LiveTrack]:
        """The tracks that have not ended."""
        return [track for track in self.tracks if track.status is not TrackStatus.ENDED]


class Tracker:
    """What the tracker needs to know beforehand; holds nothing that changes."""

    def __init__(self, network: Network, orientation: EarthOrientation) -> None:
        """Prepare for a network's sensors."""
        self._orientation = orientation
        self._biases = Biases(network)
        self._telescopes = {
            s.sensor_id: s for s in network.sensors if isinstance(s, InfraredSensor)
        }
        self._radars = {
            s.sensor_id: radar_model(s) for s in network.sensors if isinstance(s, RadarSensor)
        }

    def step(self, state: TrackerState, scan: Scan) -> None:
        """Take one scan into ``state`` (changed in place). It must have passed the screen."""
        looks = self._looks(scan)
        tracks = state.live()
        pairs = associate(tracks, looks)
        for row, column in pairs.items():
            _give(tracks[column], looks[row])
        taken = set(pairs.values())
        for column, track in enumerate(tracks):
            if column not in taken:
                self._tell_miss(track, scan)
        # A clock that runs ahead must not make tracks older than they are.
        now_tai_ns = min(scan.end_tai_ns, scan.received_tai_ns)
        forget(state.chains, now_tai_ns)
        unclaimed = [look for row, look in enumerate(looks) if row not in pairs]
        grown = extend_chains(state.chains, unclaimed)
        for start in find_starts(state.chains, grown):
            self._begin(state, start)
        for track in tracks:
            _settle(track, now_tai_ns)

    def tick(self, state: TrackerState, now_tai_ns: int) -> None:
        """Let time pass: tracks that nobody sees coast, come down or end."""
        for track in state.live():
            _settle(track, now_tai_ns)

    def _looks(self, scan: Scan) -> list[Look]:
        return [
            infrared_look(
                scan,
                seen,
                sensor=self._telescopes[scan.sensor_id],
                biases=self._biases,
                orientation=self._orientation,
            )
            if isinstance(seen, InfraredMeasurement)
            else radar_look(scan, seen, model=self._radars[scan.sensor_id], biases=self._biases)
            for seen in scan.measurements
        ]

    def _tell_miss(self, track: LiveTrack, scan: Scan) -> None:
        """Weigh a silent look if it covered the track and the sensor should have seen it."""
        middle = (scan.start_tai_ns + scan.end_tai_ns) // 2
        if middle < track.base.tai_ns:
            return
        there = track.at(middle)
        if not there.sound or not self._covers(scan, there.body()[0], middle):
            return
        known = scan.sensor_id in track.sensor_ids
        echo = not isinstance(scan.volume, Cone)
        if not known:
            track.silent[scan.sensor_id] = track.silent.get(scan.sensor_id, 0) + 1
            if echo:
                return  # its cross-section is unknown: a first echo may just be too weak
        seen_if = _ECHO_SEEN if echo else _PLUME_SEEN if known else _PLUME_SEEN_ANEW
        track.take(Happening(middle, f"{scan.sensor_id}/{scan.scan_id}", None, seen_if))

    def _covers(self, scan: Scan, mean: Array, at_tai_ns: int) -> bool:
        """Whether a body state (6,) in ecef lay in the looked-at volume with nothing before it."""
        volume = scan.volume
        if isinstance(volume, Cone):
            if height_m(mean[0], mean[1], mean[2]) < _CLOUD_DOUBT_M:
                return False
            rotation = gcrf_to_ecef_matrix(at_tai_ns, self._orientation)
            away = mean[:3] - rotation @ satellite_position_gcrf_m(scan, at_tai_ns)
            along = float(away @ (rotation @ np.array(volume.axis_gcrf)))
            inside = along > math.cos(volume.half_angle_rad) * float(np.linalg.norm(away))
            return inside and float(away @ mean[:3]) < 0.0
        z = self._radars[scan.sensor_id].predict(mean, mean)
        if isinstance(volume, Beams):
            up_rad = np.abs(np.array(volume.elevation_rad) - z[2])
            past_rad = (np.array(volume.azimuth_rad) - z[1] + math.pi) % (2.0 * math.pi)
            side_rad = np.abs(past_rad - math.pi) * math.cos(z[2])
            in_beam = np.maximum(up_rad, side_rad) < volume.half_width_rad
            return bool(in_beam.any() and z[0] < volume.range_max_m)
        turn = (z[1] - volume.azimuth_min_rad) % (2.0 * math.pi)
        width = (volume.azimuth_max_rad - volume.azimuth_min_rad) % (2.0 * math.pi)
        return bool(
            turn < width
            and volume.elevation_min_rad < z[2] < volume.elevation_max_rad
            and z[0] < volume.range_max_m
        )

    def _begin(self, state: TrackerState, start: Start) -> None:
        """Make a track of a start, unless a live track follows that object already."""
        live = state.live()
        if len(live) >= MOST_TRACKS or any(_follows(track, start) for track in live):
            return
        state.started += 1
        track = LiveTrack(
            track_id=f"track-{state.started:04d}",
            status=TrackStatus.TENTATIVE,
            base=fresh_posterior(
                start.tai_ns,
                start.mean,
                start.covariance,
                biases=self._biases,
                boosting=start.boosting,
            ),
        )
        for look in start.looks:
            _give(track, look)
        state.tracks.append(track)
        _settle(track, start.looks[-1].seen_tai_ns)


def _give(track: LiveTrack, look: Look) -> None:
    seen_if = _PLUME_SEEN if look.kind == kernel.LINE_OF_SIGHT else _ECHO_SEEN
    track.take(Happening(look.seen_tai_ns, look.order, look, seen_if))
    track.befall(TrackHappening.SEEN)


def _follows(track: LiveTrack, start: Start) -> bool:
    """Whether the start is the object that a track follows."""
    if start.tai_ns < track.base.tai_ns:
        return False
    there = track.at(start.tai_ns)
    if not there.sound:
        return False
    mean, covariance = there.body()
    apart = start.mean[:3] - mean[:3]
    d2, _ = kernel.gaussian(apart, covariance[:3, :3] + start.covariance[:3, :3], 3)
    return bool(d2 < _DUPLICATE_D2)


def _settle(track: LiveTrack, now_tai_ns: int) -> None:
    """Move a track through its life by what its score, age and height say."""
    score = track.score
    if track.status is TrackStatus.TENTATIVE and score > CONFIRM_SCORE:
        track.befall(TrackHappening.SUPPORTED)
    if score < track.top_score - DOUBT_DROP:
        track.befall(TrackHappening.DOUBTED)
        return
    silent_s = (now_tai_ns - track.last_seen_tai_ns) / SECOND_NS
    limit_s = TENTATIVE_FOR_S if track.status is TrackStatus.TENTATIVE else COAST_AFTER_S
    if silent_s > limit_s:
        track.befall(TrackHappening.UNSEEN)
    if track.status is TrackStatus.COASTING:
        there = track.at(now_tai_ns)
        if not there.sound:
            track.befall(TrackHappening.DOUBTED)
            return
        mean, covariance = there.body()
        if height_m(mean[0], mean[1], mean[2]) < 0.0:
            track.befall(TrackHappening.CAME_DOWN)
        elif np.linalg.eigvalsh(covariance[:3, :3])[-1] > _WIDEST_M**2:
            track.befall(TrackHappening.DOUBTED)
