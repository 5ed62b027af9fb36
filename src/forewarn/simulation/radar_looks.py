"""Looks of a ground radar at a simulated world: its search rows, and tracks on what crosses them.

The fence, and the further rows of a beam plan, sweep their azimuths again and again. What is found
in them is followed: `forewarn.simulation.radar_tracks` says how often and for how long. A false
alarm costs one look that confirms nothing. A satellite of the catalogue is recognised, so a few
looks are enough; the Moon and everything else are followed like a launch. Every look is reported,
also one that saw nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import final

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.records import RadarMeasurement, Scan
from forewarn.sensors.network import RadarSensor
from forewarn.sensors.radar import range_of_unit_echo_m
from forewarn.sensors.search_budget import free_looks_per_s, track_look_s
from forewarn.simulation.catalogue_echoes import catalogue_looks
from forewarn.simulation.link import Look, transmit
from forewarn.simulation.radar_receiver import View, drawn_in_order, echoes, reports
from forewarn.simulation.radar_search import Search, bundled, false_alarms, narrow_looks, search_of
from forewarn.simulation.radar_sky import RadarSurroundings
from forewarn.simulation.radar_sweeps import Passing, swept
from forewarn.simulation.radar_targets import LaunchTargets, Target, launch_targets, moon_target
from forewarn.simulation.radar_tracks import Due, Found, FreeLooks, follow
from forewarn.simulation.streams import stream
from forewarn.simulation.truth import Truth

Array = NDArray[np.float64]

_POINTING_FRACTION = 0.2  # of a beam, one sigma: how far the radar's own track is off the truth


def radar_scans(
    sensor: RadarSensor,
    *,
    truth: Truth,
    span_tai_ns: tuple[int, int],
    around: RadarSurroundings | None = None,
) -> list[Scan]:
    """Return every scan of a radar between two instants, in order of looking.

    ``around`` is what else is in its sky. Raises BeamBudgetError for a beam plan that asks for
    more than the radar has.
    """
    free = FreeLooks(
        start_tai_ns=span_tai_ns[0],
        step_ns=min(SECOND_NS, round(sensor.track_revisit_s * SECOND_NS)),
        period_ns=round(sensor.fence_revisit_s * SECOND_NS),
        looks_per_s=free_looks_per_s(sensor),
    )
    clutter = stream(truth.seed, sensor.sensor_id, "clutter")
    search = search_of(
        sensor, span_tai_ns=span_tai_ns, seed=truth.seed, clutter=clutter, around=around
    )
    tracks: list[Look] = []
    alarms = false_alarms(search, seed=truth.seed, clutter=clutter)
    found = [_after(search, alarm, -1 - i, tracks) for i, alarm in enumerate(alarms)]
    moon = None
    if around is not None:
        moon = moon_target(around, search.receiver.model, span_tai_ns)
    found += _found(search, launch_targets(truth), moon, seed=truth.seed, tracks=tracks)
    used = follow(found, free, dwell_ns=round(track_look_s(sensor) * SECOND_NS))
    crossings = None if around is None else around.crossings[sensor.sensor_id]
    if crossings:
        tracks += catalogue_looks(search, crossings, seed=truth.seed, free=free, used=used)
    if sensor.report_s is not None:
        tracks = bundled(search, tracks, span_tai_ns[0])
    looks = [look for sweeps in search.sweeps for look in sweeps] + tracks
    looks = [look for look in looks if look.end_tai_ns <= span_tai_ns[1]]
    looks.sort(key=lambda look: (look.end_tai_ns, look.start_tai_ns))
    return transmit(
        sensor,
        looks,
        sensitivity=range_of_unit_echo_m(sensor),
        randomness=stream(truth.seed, sensor.sensor_id, "link"),
    )


def _after(search: Search, alarm: RadarMeasurement, number: int, tracks: list[Look]) -> Found:
    """Return the one look, at an empty place, that a false alarm asks for."""
    revisit_ns = round(search.sensor.track_revisit_s * SECOND_NS)
    pointing = np.array([[alarm.azimuth_rad, alarm.elevation_rad]])

    def due(found_tai_ns: int) -> Due:
        return Due(
            seen_tai_ns=np.array([found_tai_ns + revisit_ns]),
            face=search.rows[0].face(pointing[:, 0]),
            detected=np.zeros(1, dtype=np.bool_),
        )

    def made(due: Due, which: list[int]) -> None:
        seen_tai_ns = due.seen_tai_ns[which]
        strength = search.receiver.strength_towards(pointing[which], seen_tai_ns)
        tracks.extend(narrow_looks(search, seen_tai_ns, pointing[which], strength))

    return Found(found_tai_ns=alarm.seen_tai_ns, number=number, due=due, made=made)


def _found(
    search: Search, launches: LaunchTargets, moon: Target | None, *, seed: int, tracks: list[Look]
) -> list[Found]:
    """Write the echoes of launches and Moon into the sweeps; return each that may be followed.

    All that the search rows draw comes before any track, so that it depends on none.
    """
    sensor_id = search.sensor.sensor_id
    perhaps = [launches.perhaps(search.receiver, row) for row in search.rows]
    somewhere = launches.any_of(np.logical_or.reduce(perhaps))
    targets = {i: launches.targets[i] for i in somewhere}
    if moon is not None:
        targets[len(launches.targets)] = moon
    noise = {i: stream(seed, sensor_id, *target.names) for i, target in targets.items()}
    found: list[tuple[int, int]] = []
    for row in range(len(search.rows)):
        passing = [
            Passing(
                number=i,
                target=target,
                randomness=stream(seed, sensor_id, *target.names, f"row {row}")
                if row
                else noise[i],
                near=None if target is moon else partial(launches.at, i, perhaps[row]),
            )
            for i, target in targets.items()
        ]
        found += swept(search, row, passing)
    following = {
        i: _Following(search=search, target=targets[i], noise=noise[i], tracks=tracks)
        for i in {i for i, _ in found}
    }
    return [
        Found(found_tai_ns=instant, number=i, due=following[i].due, made=following[i].made)
        for i, instant in found
    ]


@final
@dataclass(slots=True, eq=False)
class _Following:
    """The track that a radar keeps on one target: what it would see, then what it has seen."""

    search: Search
    target: Target
    noise: np.random.Generator
    tracks: list[Look]
    view: View | None = None
    echo: Array | None = None
    strength: Array | None = None

    def due(self, found_tai_ns: int) -> Due:
        """Return the looks due from a discovery until the target leaves the coverage or ends."""
        radar, target = self.search.receiver, self.target
        revisit_ns = round(self.search.sensor.track_revisit_s * SECOND_NS)
        end_tai_ns = target.end_tai_ns
        if self.search.sensor.beam_plan is not None:
            end_tai_ns = min(end_tai_ns, self.search.end_tai_ns)
        seen = np.arange(found_tai_ns + revisit_ns, end_tai_ns, revisit_ns, dtype=np.int64)
        view = radar.view(*target.states_ecef(seen))
        outside = np.flatnonzero(~view.covered)
        kept = np.arange(outside[0] if len(outside) else len(seen))
        seen, self.view = seen[kept], view.part(kept)
        self.strength = radar.strength_towards(self.view.apparent[:, 1:3], seen)
        snr = radar.signal_to_noise(self.view, target.cross_section_m2, self.strength)
        drawn = drawn_in_order(self.search.sensor, len(snr), self.noise)
        self.echo = echoes(self.search.sensor, snr, *drawn)
        return Due(
            seen_tai_ns=seen,
            face=self.search.rows[0].face(self.view.apparent[:, 1]),
            detected=self.echo >= self.search.sensor.detection_snr,
        )

    def made(self, due: Due, which: list[int]) -> None:
        """Write those of the due looks that were made, with what they saw."""
        assert self.view is not None, "a track that was not begun cannot have been made"
        assert self.echo is not None, "a track that was not begun cannot have been made"
        hit = np.array([i for i in which if due.detected[i]], dtype=np.intp)
        normals = self.noise.standard_normal((len(hit), 4))
        measured = self.search.receiver.measured(self.view.part(hit), self.echo[hit], normals)
        seen = iter(reports(due.seen_tai_ns[hit], measured, self.echo[hit]))
        off = (
            _POINTING_FRACTION
            * self.search.sensor.beam_width_rad
            * (self.noise.standard_normal((len(which), 2)))
        )
        pointing = self.view.apparent[which, 1:3] + off
        strength = None if self.strength is None else self.strength[which]
        looks = narrow_looks(self.search, due.seen_tai_ns[which], pointing, strength)
        for i, look in zip(which, looks, strict=True):
            if due.detected[i]:
                look.measurements.append(next(seen))
        self.tracks.extend(looks)
