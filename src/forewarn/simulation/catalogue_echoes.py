"""Echoes of catalogued satellites in a radar's rows, and the few looks that each pass gets.

What is drawn for an object depends on seed, radar, catalogue number and instant alone, so no other
object, sensor or launch changes it. A satellite is recognised where it is found: it gets three
looks a pass, from the time that nothing else needs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.simulation.catalogue_crossings import STEP_NS, Crossing
from forewarn.simulation.link import Look
from forewarn.simulation.radar_receiver import drawn_by_key, echoes, reports
from forewarn.simulation.radar_rows import FASTEST_M_S, Row
from forewarn.simulation.radar_search import Search, narrow_looks
from forewarn.simulation.radar_tracks import Due, FreeLooks, left_over
from forewarn.simulation.streams import keyed_stream

Array = NDArray[np.float64]
Instants = NDArray[np.int64]
Indices = NDArray[np.int64]

LOOKS_A_PASS = 3
PASS_GAP_NS = 120 * SECOND_NS
"""An object found again after so long begins another pass."""


def catalogue_looks(
    search: Search,
    crossings: list[Crossing],
    *,
    seed: int,
    free: FreeLooks,
    used: dict[tuple[int, int], int],
) -> list[Look]:
    """Write the echoes of satellites into the sweeps; return the looks at those recognised.

    ``crossings`` are those of each row; ``used`` says how many looks others took, by period, face.
    """
    found = [
        (_swept(search, number, crossing, seed), crossing)
        for number, crossing in enumerate(crossings)
    ]
    passing = Crossing(
        number=np.concatenate([crossing.number[arc] for (arc, _), crossing in found]),
        cross_section_m2=np.concatenate([c.cross_section_m2[arc] for (arc, _), c in found]),
        node_tai_ns=np.concatenate([crossing.node_tai_ns[arc] for (arc, _), crossing in found]),
        arcs=np.concatenate([crossing.arcs[arc] for (arc, _), crossing in found]),
    )
    seen = np.concatenate([seen for (_, seen), _ in found])
    order = np.lexsort((seen, passing.number))
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (np.diff(passing.number[order]) != 0) | (np.diff(seen[order]) > PASS_GAP_NS)
    first = order[new]
    return _recognised(search, passing, first, seen[first], seed=seed, free=free, used=used)


def _swept(search: Search, number: int, crossing: Crossing, seed: int) -> tuple[Indices, Instants]:
    """Write the echoes of arcs into the sweeps of a row; return which arcs were seen, and when."""
    row, radar = search.rows[number], search.receiver
    arc, sweep = _sweeps_on(row, crossing)
    azimuth_rad, elevation_rad, range_m = radar.azimuth_elevation_range(
        crossing.states_ecef(arc, row.middles_tai_ns()[sweep])[0]
    )
    away_m = FASTEST_M_S * 0.5 * row.sweep_ns / SECOND_NS
    near = np.flatnonzero(row.near(elevation_rad, range_m, away_m))
    arc, sweep = arc[near], sweep[near]
    seen = row.seen_tai_ns(sweep, azimuth_rad[near])
    view = radar.view(*crossing.states_ecef(arc, seen))
    near = np.flatnonzero(
        view.covered
        & (view.apparent[:, 2] >= row.sector.elevation_min_rad)
        & (view.apparent[:, 2] <= row.sector.elevation_max_rad)
    )
    arc, sweep, seen, view = arc[near], sweep[near], seen[near], view.part(near)
    strength = radar.strength_towards(view.apparent[:, 1:3], seen)
    snr = radar.signal_to_noise(view, crossing.cross_section_m2[arc], strength)
    names = (search.sensor.sensor_id, "catalogue", f"row {number}")
    exponentials, normals, errors = drawn_by_key(
        keyed_stream(seed, *names), crossing.number[arc], row.start_tai_ns[sweep]
    )
    echo = echoes(search.sensor, snr, exponentials, normals)
    hit = np.flatnonzero(echo >= search.sensor.detection_snr)
    measured = radar.measured(view.part(hit), echo[hit], errors[hit])
    for index, report in zip(
        sweep[hit].tolist(), reports(seen[hit], measured, echo[hit]), strict=True
    ):
        search.sweeps[number][index].measurements.append(report)
    return arc[hit], seen[hit]


def _sweeps_on(row: Row, crossing: Crossing) -> tuple[Indices, Indices]:
    """Return each (arc, sweep) with the middle of the sweep within the arc."""
    middles = row.middles_tai_ns()
    first = np.searchsorted(middles, crossing.node_tai_ns, side="left")
    end = np.searchsorted(middles, crossing.node_tai_ns + STEP_NS, side="left")
    count = end - first
    arc = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(arc)) - np.repeat(np.cumsum(count) - count, count)
    return arc, first[arc] + within


def _recognised(
    search: Search,
    passing: Crossing,
    first: Indices,
    found_tai_ns: Instants,
    *,
    seed: int,
    free: FreeLooks,
    used: dict[tuple[int, int], int],
) -> list[Look]:
    """Return the looks at satellites on arcs ``first`` (n,), found at instants (n,)."""
    radar, sensor = search.receiver, search.sensor
    revisit_ns = round(sensor.track_revisit_s * SECOND_NS)
    arc = np.repeat(first, LOOKS_A_PASS)
    turn = np.tile(np.arange(LOOKS_A_PASS), len(first))
    seen = np.repeat(found_tai_ns, LOOKS_A_PASS) + (turn + 1) * revisit_ns
    view = radar.view(*passing.states_ecef(arc, seen))
    kept = np.flatnonzero(view.covered)
    arc, turn, seen, view = arc[kept], turn[kept], seen[kept], view.part(kept)
    number = passing.number[arc]
    strength = radar.strength_towards(view.apparent[:, 1:3], seen)
    snr = radar.signal_to_noise(view, passing.cross_section_m2[arc], strength)
    keyed = keyed_stream(seed, sensor.sensor_id, "catalogue", "track")
    exponentials, normals, errors = drawn_by_key(keyed, number, seen)
    echo = echoes(sensor, snr, exponentials, normals)
    hit = echo >= sensor.detection_snr
    face = search.rows[0].face(view.apparent[:, 1].copy())
    due = Due(seen_tai_ns=seen, face=face, detected=hit)
    made = left_over(due, np.stack((number, turn), axis=1), free, used)
    told = made & hit
    measured = radar.measured(view.part(told), echo[told], errors[told])
    towards = None if strength is None else strength[made]
    looks = narrow_looks(search, seen[made], view.apparent[made, 1:3], towards)
    told_of = iter(reports(seen[told], measured, echo[told]))
    for look, found in zip(looks, hit[made].tolist(), strict=True):
        if found:
            look.measurements.append(next(told_of))
    return looks
