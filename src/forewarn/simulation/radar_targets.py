"""What a radar can find that is not in its catalogue: launches, and the Moon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import final

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.sensors.radar import RadarModel
from forewarn.sensors.radar_environment import MOON_CROSS_SECTION_M2
from forewarn.simulation.path import Path
from forewarn.simulation.radar_receiver import Receiver
from forewarn.simulation.radar_rows import Row
from forewarn.simulation.radar_sky import RadarSurroundings, moon_states_ecef
from forewarn.simulation.truth import Truth, TruthObject

Array = NDArray[np.float64]
Instants = NDArray[np.int64]
Booleans = NDArray[np.bool_]

_WAYPOINT_NS = 10 * SECOND_NS
_HARDEST_M_S2 = 150.0  # thrust or drag that nothing here exceeds for long


@final
@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """Something that a radar does not know. ``names`` are those of its random stream.

    ``states_ecef`` gives positions [m] and velocities [m/s] (k, 3) at instants (k,); ``flying``
    says at which of them it is there: never outside ``start_tai_ns`` to ``end_tai_ns``.
    """

    names: tuple[str, ...]
    cross_section_m2: float
    start_tai_ns: int
    end_tai_ns: int
    states_ecef: Callable[[Instants], tuple[Array, Array]]
    flying: Callable[[Instants], Booleans]


@final
@dataclass(frozen=True, slots=True, eq=False)
class LaunchTargets:
    """All launches of a run as targets, and where each is every ten seconds, to look no further.

    The waypoints (m, 3) in ecef [m] of target i are rows ``first[i]`` to ``first[i + 1]``, and
    ``fastest_m_s`` (m,) bounds its speed from the one before to the one after.
    """

    targets: list[Target]
    first: NDArray[np.int64]
    waypoints: Array
    fastest_m_s: Array

    def perhaps(self, receiver: Receiver, row: Row) -> Booleans:
        """Say for each waypoint (m,) whether its target may be in a row about then."""
        sensor = receiver.model.sensor
        away_s = 0.5 * (_WAYPOINT_NS + row.sweep_ns) / SECOND_NS
        _, elevation_rad, range_m = receiver.azimuth_elevation_range(self.waypoints)
        away_m = self.fastest_m_s * away_s
        perhaps = row.near(elevation_rad, range_m, away_m)
        if sensor.pulse_interval_s is None:
            perhaps &= range_m - away_m <= sensor.range_max_m
        return perhaps

    def any_of(self, perhaps: Booleans) -> list[int]:
        """Return the numbers of the targets with a waypoint for which ``perhaps`` (m,) is true."""
        owner = np.repeat(np.arange(len(self.targets)), np.diff(self.first))
        numbers: list[int] = np.unique(owner[perhaps]).tolist()
        return numbers

    def at(self, number: int, perhaps: Booleans, time_tai_ns: Instants) -> Booleans:
        """Return ``perhaps`` of one target at instants (k,) of its flight."""
        since = time_tai_ns - self.targets[number].start_tai_ns
        near: Booleans = perhaps[self.first[number] + (since + _WAYPOINT_NS // 2) // _WAYPOINT_NS]
        return near


@lru_cache(maxsize=1)
def launch_targets(truth: Truth) -> LaunchTargets:
    """Return the objects of the truth as radars meet them; made once for all radars of a run."""
    targets = [_launch_target(each) for each in truth.objects]
    waypoints = [target.states_ecef(_every_ten_s(target))[0] for target in targets]
    return LaunchTargets(
        targets=targets,
        first=np.cumsum([0, *map(len, waypoints)]),
        waypoints=np.concatenate([np.empty((0, 3)), *waypoints]),
        fastest_m_s=np.concatenate([np.empty(0), *map(_fastest_m_s, waypoints)]),
    )


def _fastest_m_s(waypoints: Array) -> Array:
    """Return a bound of the speed about each waypoint (k,): the mean to the next, and a margin."""
    step_s = _WAYPOINT_NS / SECOND_NS
    mean_m_s = np.linalg.norm(np.diff(waypoints, axis=0), axis=1) / step_s
    before, after = np.append(0.0, mean_m_s), np.append(mean_m_s, 0.0)
    bound: Array = np.maximum(before, after) + _HARDEST_M_S2 * step_s
    return bound


def _every_ten_s(target: Target) -> Instants:
    return np.arange(
        target.start_tai_ns, target.end_tai_ns + _WAYPOINT_NS, _WAYPOINT_NS, dtype=np.int64
    )


def _launch_target(flying: TruthObject) -> Target:
    flown = flying.trajectory
    path = Path(flown.times_s, flown.position_ecef_m, flown.velocity_ecef_m_s)
    return Target(
        names=("launch", flying.object_id),
        cross_section_m2=flown.radar_cross_section_m2,
        start_tai_ns=flying.launch_tai_ns,
        end_tai_ns=flying.end_tai_ns,
        states_ecef=lambda instants: path.states((instants - flying.launch_tai_ns) / SECOND_NS),
        flying=flying.flying,
    )


def moon_target(
    around: RadarSurroundings, model: RadarModel, span_tai_ns: tuple[int, int]
) -> Target:
    """Return the Moon: the nearest part of it sends back most of the echo."""
    return Target(
        names=("moon",),
        cross_section_m2=MOON_CROSS_SECTION_M2,
        start_tai_ns=span_tai_ns[0],
        end_tai_ns=span_tai_ns[1],
        states_ecef=lambda time_tai_ns: moon_states_ecef(around, model.site_ecef_m, time_tai_ns),
        flying=lambda time_tai_ns: np.ones(len(time_tai_ns), dtype=np.bool_),
    )
