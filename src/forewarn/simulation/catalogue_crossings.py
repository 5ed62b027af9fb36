"""Which objects of a full catalogue may be seen in which row of which radar, and when.

SGP4 gives every object's state at nodes 30 s apart, once for all radars. For each row of a radar
a compiled pass keeps the steps in which an object can be inside the row and near enough to be
seen at all; from then on only those few arcs are carried, as cubics between their nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation
from forewarn.kernels.radar_view import arc_states, crossings
from forewarn.orbits import Catalogue
from forewarn.sensors.network import RadarSensor
from forewarn.sensors.radar import RadarModel, detection_range_m, radar_model, range_of_unit_echo_m
from forewarn.simulation.notional_catalogue import cross_sections_m2
from forewarn.simulation.radar_rows import longest_sweep_s, row_bands_rad

Array = NDArray[np.float64]
Instants = NDArray[np.int64]
Indices = NDArray[np.int64]

STEP_NS = 30 * SECOND_NS
_STEP_S = STEP_NS / SECOND_NS
_NODES_AT_ONCE = 21  # ten minutes: 30 MB for 30,000 objects
_NEVER = 1e-6  # an echo that exceeds the threshold as seldom as this is left out
_LEAST_SNR = 0.25  # and what exceeds a low threshold with less is noise, a false alarm
_MARGIN_RAD = 0.01  # for what bends rays, and for the row's edge


@final
@dataclass(frozen=True, slots=True, eq=False)
class Crossing:
    """The arcs of catalogued objects that may be inside one row of one radar.

    For each of m arcs: its object's catalogue number and mean radar cross-section, the instant of
    its first node, and (m, 4, 3) position and velocity in ecef at that node and the next.
    """

    number: NDArray[np.int64]
    cross_section_m2: Array
    node_tai_ns: Instants
    arcs: Array

    def states_ecef(self, which: Indices, time_tai_ns: Instants) -> tuple[Array, Array]:
        """Return positions [m] and velocities [m/s] (n, 3) on arcs ``which`` at instants (n,).

        An instant may lie a step outside the arc, at a cost of some metres.
        """
        elapsed_s = (time_tai_ns - self.node_tai_ns[which]) / SECOND_NS
        position, velocity = np.empty((len(which), 3)), np.empty((len(which), 3))
        arc_states(self.arcs, which, elapsed_s, _STEP_S, position, velocity)
        return position, velocity


def find_crossings(
    catalogue: Catalogue,
    radars: list[RadarSensor],
    *,
    span_tai_ns: tuple[int, int],
    seed: int,
    orientation: EarthOrientation,
) -> dict[str, list[Crossing]]:
    """Return the crossings of every row of every radar between two instants, by sensor id.

    An object without a position, as after its decay, crosses nothing. Raises ValueError outside
    the dates of ``orientation``.
    """
    numbers = np.array([each.catalogue_number for each in catalogue.elements], dtype=np.int64)
    sections_m2 = cross_sections_m2(numbers, seed=seed)
    models = [radar_model(radar) for radar in radars]
    reaches_m = [_reach_m(radar, sections_m2) for radar in radars]
    found: dict[str, list[list[Crossing]]] = {
        radar.sensor_id: [[] for _ in row_bands_rad(radar)] for radar in radars
    }
    for nodes in _node_groups(span_tai_ns):
        position, velocity, _ = catalogue.states_ecef(nodes, orientation)
        for model, reach_m in zip(models, reaches_m, strict=True):
            bands = row_bands_rad(model.sensor)
            for band, rows in zip(bands, found[model.sensor_id], strict=True):
                which, k = _steps_inside(model, band, reach_m, (position, velocity)).T
                ends = (position[which, k], velocity[which, k])
                later = (position[which, k + 1], velocity[which, k + 1])
                rows.append(
                    Crossing(
                        number=numbers[which],
                        cross_section_m2=sections_m2[which],
                        node_tai_ns=nodes[k],
                        arcs=np.stack((*ends, *later), axis=1),
                    )
                )
    return {name: [_joined(parts) for parts in rows] for name, rows in found.items()}


def _node_groups(span_tai_ns: tuple[int, int]) -> Iterator[Instants]:
    """Yield the nodes of a span in groups of some, each group beginning where the last ended.

    Nodes are whole steps since 1970, so that a run that begins later has the same ones.
    """
    first, last = span_tai_ns[0] // STEP_NS, -(-span_tai_ns[1] // STEP_NS)
    for start in range(first, last, _NODES_AT_ONCE - 1):
        end = min(start + _NODES_AT_ONCE - 1, last)
        yield STEP_NS * np.arange(start, end + 1, dtype=np.int64)


def _reach_m(sensor: RadarSensor, cross_sections_m2: Array) -> Array:
    """Return how far away (n,) each object could be seen with a fortunate echo.

    The mean ratio that exceeds the threshold once in a million looks, of an echo that fades
    exponentially; the others fade less. Without late echoes, never beyond the radar's own limit.
    """
    least_snr = max(sensor.detection_snr / -float(np.log(_NEVER)) - 1.0, _LEAST_SNR)
    reach_m = detection_range_m(range_of_unit_echo_m(sensor), cross_sections_m2, least_snr)
    if sensor.pulse_interval_s is None:
        reach_m = np.minimum(reach_m, sensor.range_max_m)
    return reach_m


def _steps_inside(
    model: RadarModel,
    band_rad: tuple[float, float],
    reach_m: Array,
    states: tuple[Array, Array],
) -> Indices:
    """Return (object, first node) of every step (m, 2) in which an object may be in a row."""
    sensor = model.sensor
    site = np.vstack((model.site_ecef_m, model.axes_enu))
    sector = np.array((sensor.boresight_azimuth_rad, sensor.azimuth_half_width_rad + _MARGIN_RAD))
    low, high = band_rad
    band = np.array((low - _MARGIN_RAD, high + _MARGIN_RAD, longest_sweep_s(sensor)))
    out = np.empty((len(reach_m) // 4 + 64, 2), dtype=np.int64)
    count = crossings(*states, _STEP_S, site, sector, band, reach_m, out)
    if count > len(out):
        out = np.empty((count, 2), dtype=np.int64)
        crossings(*states, _STEP_S, site, sector, band, reach_m, out)
    return out[:count]


def _joined(parts: list[Crossing]) -> Crossing:
    """Return all arcs in order of number and time, whatever the order of the catalogue."""
    number = np.concatenate([part.number for part in parts])
    node_tai_ns = np.concatenate([part.node_tai_ns for part in parts])
    order = np.lexsort((node_tai_ns, number))
    return Crossing(
        number=number[order],
        cross_section_m2=np.concatenate([part.cross_section_m2 for part in parts])[order],
        node_tai_ns=node_tai_ns[order],
        arcs=np.concatenate([part.arcs for part in parts])[order],
    )
