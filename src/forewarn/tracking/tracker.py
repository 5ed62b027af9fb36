"""The multi-sensor tracker: one scan in, the live tracks changed.

For every scan: turn measurements into looks, give each to the track it fits best, tell the tracks
that were looked at and not seen, and let what is left begin new tracks. Nothing here knows the
time but from the scans and ticks it is given.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation, gcrf_to_ecef_matrix
from forewarn.kernels import filter as kernel
from forewarn.kernels.flight import height_m
from forewarn.records import Cone, InfraredMeasurement, Scan, Sector, TrackStatus
from forewarn.sensors.infrared import satellite_position_gcrf_m
from forewarn.sensors.network import InfraredSensor, Network, RadarSensor
from forewarn.sensors.radar import radar_model
from forewarn.tracking.association import associate
from forewarn.tracking.initiation import (
    Chain,
    Start,
    extend_chains,
    forget,
    plume_start,
    radar_start,
)
from forewarn.tracking.life import TRACK_TRANSITIONS, TrackHappening
from forewarn.tracking.live import Happening, LiveTrack, fresh_posterior
from forewarn.tracking.looks import (
    Biases,
    Look,
    infrared_look,
    radar_look,
)

Array = NDArray[np.float64]

CONFIRM_SCORE = 25.0  # natural log: odds of 7e10 to one against clutter
DOUBT_DROP = 25.0  # a fall this deep below the best score ends a track
COAST_AFTER_S = 20.0
TENTATIVE_FOR_S = 40.0
_WIDEST_M = 150_000.0  # a track less certain than this says nothing any more
_PLUME_SEEN = np.array((0.9, 1e-3))  # probability of detection if boosting, if falling
_PLUME_SEEN_ANEW = np.array((0.5, 1e-3))
_ECHO_SEEN = np.array((0.5, 0.5))
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
        return copy.deepcopy(self)


class Tracker:
    """What the tracker needs to know beforehand; holds nothing that changes."""

    def __init__(self, network: Network, orientation: EarthOrientation) -> None:
        """Prepare for a network's sensors."""
        self.network = network
        self.orientation = orientation
        self.biases = Biases(network)
        self._sensors = {s.sensor_id: s for s in network.sensors}
        self._radars = {
            s.sensor_id: radar_model(s) for s in network.sensors if isinstance(s, RadarSensor)
        }

    def step(self, state: TrackerState, scan: Scan) -> None:
        """Take one scan into ``state`` (changed in place). Its measurements must be valid."""
        looks = self._looks(scan)
        tracks = [t for t in state.tracks if t.status is not TrackStatus.ENDED]
        pairs = associate(tracks, looks)
        for row, column in pairs.items():
            self._give(tracks[column], looks[row])
        taken = set(pairs.values())
        for column, track in enumerate(tracks):
            if column not in taken:
                self._tell_miss(track, scan)
        forget(state.chains, scan.end_tai_ns)
        unclaimed = [look for row, look in enumerate(looks) if row not in pairs]
        for chain in extend_chains(state.chains, unclaimed):
            self._try_start(state, chain)
        for track in tracks:
            self._settle(track, scan.end_tai_ns)

    def tick(self, state: TrackerState, now_tai_ns: int) -> None:
        """Let time pass: tracks that nobody sees coast, come down or end."""
        for track in state.tracks:
            self._settle(track, now_tai_ns)

    def _looks(self, scan: Scan) -> list[Look]:
        sensor = self._sensors[scan.sensor_id]
        looks: list[Look] = []
        for seen in scan.measurements:
            if isinstance(seen, InfraredMeasurement):
                assert isinstance(sensor, InfraredSensor)
                looks.append(
                    infrared_look(
                        scan,
                        seen,
                        sensor=sensor,
                        biases=self.biases,
                        orientation=self.orientation,
                    )
                )
            else:
                model = self._radars[scan.sensor_id]
                looks.append(radar_look(scan, seen, model=model, biases=self.biases))
        return looks

    def _give(self, track: LiveTrack, look: Look) -> None:
        seen_if = _PLUME_SEEN if look.kind == kernel.LINE_OF_SIGHT else _ECHO_SEEN
        track.take(Happening(look.seen_tai_ns, look.measurement_id, look, seen_if))
        _live(track, TrackHappening.SEEN)

    def _tell_miss(self, track: LiveTrack, scan: Scan) -> None:
        """Weigh a silent look if it covered the track and the sensor should have seen it."""
        middle = (scan.start_tai_ns + scan.end_tai_ns) // 2
        if middle < track.base.tai_ns:
            return
        known = scan.sensor_id in track.sensor_ids
        mean, _ = track.at(middle).body()
        if not np.isfinite(mean).all() or not self._covers(scan, mean, middle):
            return
        echo = isinstance(scan.volume, Sector)
        if not known:
            track.silent[scan.sensor_id] = track.silent.get(scan.sensor_id, 0) + 1
            if echo:
                return  # its cross-section is unknown: a first echo may just be too weak
        seen_if = _ECHO_SEEN if echo else _PLUME_SEEN if known else _PLUME_SEEN_ANEW
        track.take(Happening(middle, scan.scan_id, None, seen_if))

    def _covers(self, scan: Scan, mean: Array, at_tai_ns: int) -> bool:
        """Whether a body state (6,) in ecef lay in the looked-at volume with nothing before it."""
        volume = scan.volume
        if isinstance(volume, Cone):
            if height_m(mean[0], mean[1], mean[2]) < _CLOUD_DOUBT_M:
                return False
            rotation = gcrf_to_ecef_matrix(at_tai_ns, self.orientation)
            satellite = rotation @ satellite_position_gcrf_m(scan, at_tai_ns)
            away = mean[:3] - satellite
            direction = away / np.linalg.norm(away)
            axis = rotation @ np.array(volume.axis_gcrf)
            up = mean[:3] / np.linalg.norm(mean[:3])
            return bool(direction @ axis > math.cos(volume.half_angle_rad) and direction @ up < 0.0)
        z = self._radars[scan.sensor_id].predict(mean, mean)
        turn = (z[1] - volume.azimuth_min_rad) % (2.0 * math.pi)
        width = (volume.azimuth_max_rad - volume.azimuth_min_rad) % (2.0 * math.pi)
        return bool(
            turn < width
            and volume.elevation_min_rad < z[2] < volume.elevation_max_rad
            and z[0] < volume.range_max_m
        )

    def _try_start(self, state: TrackerState, chain: Chain) -> None:
        if not chain.looks:
            return
        if chain.looks[-1].kind == kernel.LINE_OF_SIGHT:
            start = plume_start(chain, state.chains, self.biases)
        else:
            start = radar_start(chain)
        if start is None:
            return
        used = {look.measurement_id for look in start.looks}
        for other in state.chains:
            other.looks = [k for k in other.looks if k.measurement_id not in used]
        state.chains[:] = [c for c in state.chains if c.looks]
        if self._known_already(state, start):
            return
        track = self._begin(state, start)
        state.tracks.append(track)
        self._settle(track, start.looks[-1].seen_tai_ns)

    def _begin(self, state: TrackerState, start: Start) -> LiveTrack:
        state.started += 1
        posterior = fresh_posterior(
            start.tai_ns,
            start.mean,
            start.covariance,
            biases=self.biases,
            boosting=start.boosting,
        )
        track = LiveTrack(
            track_id=f"track-{state.started:04d}",
            status=TrackStatus.TENTATIVE,
            base=posterior,
            base_score=0.0,
        )
        for look in start.looks:
            self._give(track, look)
        return track

    def _known_already(self, state: TrackerState, start: Start) -> bool:
        """Whether the start is an object that a live track follows."""
        for track in state.tracks:
            if track.status is TrackStatus.ENDED or start.tai_ns < track.base.tai_ns:
                continue
            mean, covariance = track.at(start.tai_ns).body()
            d = start.mean[:3] - mean[:3]
            spread = covariance[:3, :3] + start.covariance[:3, :3]
            if np.isfinite(mean).all() and d @ np.linalg.solve(spread, d) < _DUPLICATE_D2:
                return True
        return False

    def _settle(self, track: LiveTrack, now_tai_ns: int) -> None:
        """Move a track through its life by what its score, age and height say."""
        if track.status is TrackStatus.ENDED:
            return
        score = track.score
        if track.status is TrackStatus.TENTATIVE and score > CONFIRM_SCORE:
            _live(track, TrackHappening.SUPPORTED)
        if math.isnan(score) or score < track.top_score - DOUBT_DROP or not track.latest.sound:
            _live(track, TrackHappening.DOUBTED)
            return
        silent_s = (now_tai_ns - track.last_seen_tai_ns) / SECOND_NS
        limit_s = TENTATIVE_FOR_S if track.status is TrackStatus.TENTATIVE else COAST_AFTER_S
        if silent_s > limit_s:
            _live(track, TrackHappening.UNSEEN)
        if track.status is TrackStatus.COASTING:
            mean, covariance = track.at(now_tai_ns).body()
            widest = math.sqrt(float(np.linalg.eigvalsh(covariance[:3, :3])[-1]))
            if height_m(mean[0], mean[1], mean[2]) < 0.0:
                _live(track, TrackHappening.CAME_DOWN)
            elif not math.isfinite(widest) or widest > _WIDEST_M:
                _live(track, TrackHappening.DOUBTED)


def _live(track: LiveTrack, happening: TrackHappening) -> None:
    after = TRACK_TRANSITIONS[(track.status, happening)]
    if after is not track.status:
        track.status = after
        track.changed = True
