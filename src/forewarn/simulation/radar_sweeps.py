"""Echoes of everything that a radar does not know, in the sweeps of one row, all at once.

Each target has its own random stream, drawn from in order; what happens between the draws is done
for all targets together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.simulation.radar_receiver import drawn_in_order, echoes, reports
from forewarn.simulation.radar_rows import FASTEST_M_S
from forewarn.simulation.radar_search import Search
from forewarn.simulation.radar_targets import Target

Array = NDArray[np.float64]
Instants = NDArray[np.int64]
Booleans = NDArray[np.bool_]
Indices = NDArray[np.intp]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Passing:
    """A target that may be in a row: ``near`` says at which instants; always, if it is None."""

    number: int
    target: Target
    randomness: np.random.Generator
    near: Callable[[Instants], Booleans] | None


@final
@dataclass(frozen=True, slots=True, eq=False)
class _Lit:
    """The n sweeps that may pass over one target: when, its state then, the draws of its echo."""

    of: Passing
    sweep: Indices
    seen_tai_ns: Instants
    position_ecef_m: Array
    velocity_ecef_m_s: Array
    exponentials: Array
    normals: Array


def swept(search: Search, row_index: int, passing: list[Passing]) -> list[tuple[int, int]]:
    """Write the echoes of targets into the sweeps of a row; return (number, instant) of each."""
    row, radar = search.rows[row_index], search.receiver
    lit = [each for each in (_lit(search, row_index, one) for one in passing) if each is not None]
    if not lit:
        return []
    owner = np.repeat(np.arange(len(lit)), [len(each.sweep) for each in lit])
    sweep = np.concatenate([each.sweep for each in lit])
    seen = np.concatenate([each.seen_tai_ns for each in lit])
    view = radar.view(
        np.concatenate([each.position_ecef_m for each in lit]),
        np.concatenate([each.velocity_ecef_m_s for each in lit]),
    )
    inside = np.flatnonzero(
        view.covered
        & (view.apparent[:, 2] >= row.sector.elevation_min_rad)
        & (view.apparent[:, 2] <= row.sector.elevation_max_rad)
    )
    strength = radar.strength_towards(view.apparent[inside, 1:3], seen[inside])
    sections_m2 = np.array([each.of.target.cross_section_m2 for each in lit])[owner[inside]]
    snr = radar.signal_to_noise(view.part(inside), sections_m2, strength)
    exponentials = np.concatenate([each.exponentials for each in lit])[inside]
    normals = np.concatenate([each.normals for each in lit])[inside]
    echo = echoes(search.sensor, snr, exponentials, normals)
    strong = echo >= search.sensor.detection_snr
    heard, echo = inside[strong], echo[strong]
    counts = np.bincount(owner[heard], minlength=len(lit)).tolist()
    errors = [
        each.of.randomness.standard_normal((count, 4))
        for each, count in zip(lit, counts, strict=True)
    ]
    measured = radar.measured(view.part(heard), echo, np.concatenate(errors))
    found = reports(seen[heard], measured, echo)
    for index, report in zip(sweep[heard].tolist(), found, strict=True):
        search.sweeps[row_index][index].measurements.append(report)
    numbers = [lit[i].of.number for i in owner[heard].tolist()]
    return list(zip(numbers, seen[heard].tolist(), strict=True))


def _lit(search: Search, row_index: int, passing: Passing) -> _Lit | None:
    """Draw a target's echoes for every sweep of its flight; keep those that may pass over it."""
    row, radar, target = search.rows[row_index], search.receiver, passing.target
    middles = row.middles_tai_ns()
    sweep = np.flatnonzero(target.flying(middles))
    exponentials, normals = drawn_in_order(search.sensor, len(sweep), passing.randomness)
    kept = np.arange(len(sweep))
    if passing.near is not None:
        kept = np.flatnonzero(passing.near(middles[sweep]))
    azimuth_rad, elevation_rad, range_m = radar.azimuth_elevation_range(
        target.states_ecef(middles[sweep[kept]])[0]
    )
    away_m = FASTEST_M_S * 0.5 * row.sweep_ns / SECOND_NS
    near = row.near(elevation_rad, range_m, away_m)
    kept = kept[near]
    seen = row.seen_tai_ns(sweep[kept], azimuth_rad[near])
    there = target.flying(seen)
    kept, seen = kept[there], seen[there]
    if len(kept) == 0:
        return None
    position, velocity = target.states_ecef(seen)
    return _Lit(
        of=passing,
        sweep=sweep[kept],
        seen_tai_ns=seen,
        position_ecef_m=position,
        velocity_ecef_m_s=velocity,
        exponentials=exponentials[kept],
        normals=normals[kept],
    )
