"""The multi-sensor tracker: scans in, in whatever order, tracks out.

A scan is made ready (`sighting`) and cut into slices of its time, which go onto a tape (`tape`)
each in its place; the core (`core`) does the tracking. Because a late scan may change what was
thought before, the core's own numbers are not names: a track keeps the name under which it was
first told as long as it goes back to the same plot, or shares its newest plots with what had that
name.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import msgspec

from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation
from forewarn.orbits import Catalogue
from forewarn.records import Cone, Scan, TrackStatus
from forewarn.sensors.network import InfraredSensor, Network, RadarSensor
from forewarn.sensors.radar import radar_model
from forewarn.sensors.screen import LATEST_S
from forewarn.tracking.calibration import Calibrator
from forewarn.tracking.core import Core
from forewarn.tracking.core_state import CoreState, Ended, Slice
from forewarn.tracking.known import KnownSky
from forewarn.tracking.live import Brief, LiveTrack, PlotKey
from forewarn.tracking.looks import Biases
from forewarn.tracking.sighting import Sighting, infrared_sighting, radar_sighting
from forewarn.tracking.tape import Tape

_MOST_VANISHED = 64
_VANISHED_AFTER_S = 10.0
_CLOCK_SIGMA_S = 0.01  # of a radar's clock: networks do not state it
_REACH_S = LATEST_S + 10.0  # a sensor's clock may be ahead by some seconds, too


@dataclass(slots=True, eq=False)
class TrackerState:
    """Everything the tracker remembers between scans; make one with `Tracker.initial_state`.

    ``names`` are those told of tracks, by the plot that each began with; ``vanished`` the tracks
    that a late scan made never to have been, as they were last thought to be.
    """

    core: CoreState
    tape: Tape[CoreState, Slice]
    names: dict[PlotKey, str] = field(default_factory=dict)
    vanished: tuple[Ended, ...] = ()
    named: int = 0
    named_until: int = 0
    rewound: int = 0

    def copy(self) -> TrackerState:
        """Return an independent, exact copy."""
        return replace(self, core=self.core.copy(), tape=self.tape.copy(), names=dict(self.names))

    @property
    def started(self) -> int:
        """How many tracks were ever begun, by those that live and what came before them."""
        return self.core.started


class Tracker:
    """What the tracker needs to know beforehand; holds nothing that changes."""

    def __init__(
        self,
        network: Network,
        orientation: EarthOrientation,
        catalogue: Catalogue | None = None,
    ) -> None:
        """Prepare for a network's sensors, and to know catalogued satellites again."""
        self._orientation = orientation
        self._biases = Biases(network)
        self._sensors = {s.sensor_id: s for s in network.sensors}
        self._numbers = {s.sensor_id: i for i, s in enumerate(network.sensors)}
        self._radars = {
            s.sensor_id: radar_model(s) for s in network.sensors if isinstance(s, RadarSensor)
        }
        radars = [s for s in network.sensors if isinstance(s, RadarSensor)]
        self.known_sky = None
        if catalogue is not None and radars:
            self.known_sky = KnownSky(catalogue, network, orientation)
        self.core = Core(
            self._biases,
            tuple(self._sensors),
            self.known_sky,
            Calibrator(radars, clock_sigma_s=_CLOCK_SIGMA_S),
        )

    def initial_state(self) -> TrackerState:
        """Return the state before the first scan."""
        core = self.core.initial_state()
        return TrackerState(core, Tape.beginning(core, _REACH_S))

    def step(self, state: TrackerState, scan: Scan) -> None:
        """Take one scan into ``state`` (changed in place). It must have passed the screen."""
        sighting = self.sighting(scan)
        for part, (first, last) in enumerate(sighting.slices):
            piece = Slice(sighting, first, last, part == len(sighting.slices) - 1)
            key = (piece.tai_ns, f"{scan.sensor_id}/{part:06d}", scan.sequence)
            if not state.tape.holds(key):
                continue  # the screen lets in nothing so old
            before = state.core
            state.core = state.tape.take(before, key, piece, self.core.step)
            if state.core is not before:
                state.rewound += 1
                self._know_again(state, before)
        self._name(state)

    def tick(self, now_tai_ns: int) -> None:
        """Make ready what the next minute needs, so that no scan waits for it."""
        if self.known_sky is not None:
            self.known_sky.places.prepare(now_tai_ns)

    def sighting(self, scan: Scan) -> Sighting:
        """A scan made ready; one from a clock that runs ahead ends when it came, no later."""
        if scan.end_tai_ns > scan.received_tai_ns:
            end_tai_ns = max(scan.start_tai_ns, scan.received_tai_ns)
            scan = msgspec.structs.replace(scan, end_tai_ns=end_tai_ns)
        sensor, number = self._sensors[scan.sensor_id], self._numbers[scan.sensor_id]
        if isinstance(sensor, InfraredSensor):
            assert isinstance(scan.volume, Cone)
            return infrared_sighting(
                scan,
                sensor=sensor,
                number=number,
                biases=self._biases,
                orientation=self._orientation,
            )
        return radar_sighting(
            scan, model=self._radars[scan.sensor_id], number=number, biases=self._biases
        )

    # ------------------------------------------------------------------ names

    def _know_again(self, state: TrackerState, before: CoreState) -> None:
        """After a late scan: let names go over to the tracks that took their plots."""
        left = {h.origin: h for h in state.core.histories.values() if h.origin not in state.names}
        kept = {h.origin for h in state.core.histories.values()}
        kept |= {e.origin for e in state.core.ended}
        for number, history in before.histories.items():
            track_id = state.names.get(history.origin)
            if track_id is None or history.origin in kept:
                continue
            del state.names[history.origin]
            recent = set(history.recent)
            shared = {origin: len(recent & set(h.recent)) for origin, h in left.items()}
            heir = max(shared, key=lambda origin: (shared[origin], origin), default=None)
            if heir is not None and shared[heir] > 0:
                state.names[heir] = track_id
                del left[heir]
                continue
            track = self.core.view(before, number, before.now_tai_ns)
            if track is not None and track.confirmed:
                track.track_id, track.status = track_id, TrackStatus.ENDED
                gone = Ended(track.origin, track, state.core.now_tai_ns)
                state.vanished = (*state.vanished[-_MOST_VANISHED:], gone)

    def _name(self, state: TrackerState) -> None:
        """Give a new name to every track that has none; forget those of what is long gone."""
        core = state.core
        if core.started != state.named_until or state.rewound:
            for history in core.histories.values():
                if history.origin not in state.names:
                    state.names[history.origin] = self._new_name(state, history.origin)
            state.named_until = core.started
        if len(state.names) > 2 * (len(core.histories) + len(core.ended)) + _MOST_VANISHED:
            kept = {h.origin for h in core.histories.values()} | {e.origin for e in core.ended}
            state.names = {origin: name for origin, name in state.names.items() if origin in kept}

    def _new_name(self, state: TrackerState, origin: PlotKey) -> str:
        """The name of what vanished and is there again, from the same plot; or else a new one."""
        again = next((v for v in state.vanished if v.track.origin == origin), None)
        if again is not None:
            state.vanished = tuple(v for v in state.vanished if v is not again)
            return again.track.track_id
        state.named += 1
        return f"track-{state.named:04d}"

    # ------------------------------------------------------------------ what is told

    def statuses(self, state: TrackerState, now_tai_ns: int) -> dict[str, tuple[int, TrackStatus]]:
        """Number and status by name of every track that lives, as of an instant."""
        names = {n: state.names[h.origin] for n, h in state.core.histories.items()}
        return {
            names[number]: (number, status)
            for number, status in self.core.statuses(state.core, now_tai_ns)
        }

    def briefs(self, state: TrackerState, now_tai_ns: int) -> list[Brief]:
        """Every track that lives, in short, as of an instant."""
        names = state.names
        told = []
        for number, status, score, boosting in self.core.briefs(state.core, now_tai_ns):
            history = state.core.histories[number]
            parent = None if history.parent is None else names.get(history.parent)
            told.append(Brief(names[history.origin], status, score, boosting, parent))
        return told

    def view(self, state: TrackerState, number: int, now_tai_ns: int) -> LiveTrack:
        """A track that lives, of a number told by `statuses`, as of an instant."""
        track = self.core.view(state.core, number, now_tai_ns)
        assert track is not None, f"no track has the number {number}"
        return self._named(state, track)

    def tracks(self, state: TrackerState, now_tai_ns: int) -> list[LiveTrack]:
        """Every track that lives, as of an instant."""
        return [
            self.view(state, number, now_tai_ns)
            for number, _ in self.statuses(state, now_tai_ns).values()
        ]

    def ended(self, state: TrackerState) -> list[LiveTrack]:
        """Tracks that were confirmed once and have ended within the last half minute.

        What a late scan made vanish is told after some seconds only: more looks may bring it back.
        """
        now_tai_ns = state.core.now_tai_ns
        vanished = [
            v.track
            for v in state.vanished
            if now_tai_ns - v.ended_tai_ns >= round(_VANISHED_AFTER_S * SECOND_NS)
        ]
        return [self._named(state, e.track) for e in state.core.ended] + vanished

    def _named(self, state: TrackerState, track: LiveTrack) -> LiveTrack:
        """The track under the names told, its own and its parent's."""
        parent = state.names.get(track.parent_origin) if track.parent_origin else None
        return replace(track, track_id=state.names[track.origin], parent_track_id=parent)
