"""Where known objects are for each radar, at any instant, and how well that is known.

SGP4 gives every object's state at nodes a minute apart, when they are first asked for. Of each
minute the arcs that a radar can see are kept, and within it slabs of four seconds, sorted by
range. All of this is a cache of bounded size: what is answered depends on what is asked alone.

The error of public elements at their epoch is that of T. Flohrer, H. Krag, H. Klinkrad, Assessment
and categorization of TLE orbit errors for the US SSN catalogue, AMOS 2008, its table by
eccentricity, rounded up (from memory, soft). It grows along track by 1 to 3 km a day in low
orbits (T. Kelso, CelesTrak, FAQ on two-line elements, and AAS 07-127, 2007: about 1 km within some
days; soft), and little in the other directions.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import SPEED_OF_LIGHT_M_S
from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation
from forewarn.kernels import known_sky as kernel
from forewarn.kernels.radar_view import arc_states, crossings, view_all
from forewarn.orbits import Catalogue
from forewarn.sensors.network import Network, RadarSensor
from forewarn.sensors.radar import detection_range_m, radar_model, range_of_unit_echo_m

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Instants = NDArray[np.int64]

OLDEST_ELEMENTS_S = 14.0 * 86_400.0  # by then an object is tens of km off: it would fit too much
SLAB_NS = 4 * SECOND_NS

# One sigma at epoch, radial, along, cross [m]: near-circular orbits, eccentric ones. Soft, above.
_ROUND_M = (150.0, 600.0, 200.0)
_ECCENTRIC_M = (2_300.0, 3_300.0, 1_400.0)
_ECCENTRIC = 0.1
_GROWTH_M_S = np.array((30.0, 1_500.0, 100.0)) / 86_400.0  # a day; soft, above

_STEP_NS = 60 * SECOND_NS  # cubics between nodes: 0.4 m off in low orbits
_NODES_KEPT = 12  # 1.5 MB each, of 30,000 objects
_MINUTES_KEPT = 8  # a radar; 0.3 MB each
_SLABS_KEPT = 16  # a radar
_LEAD_S = 4.0
_MARGIN_RAD = 0.02
_LARGEST_M2 = 100.0  # no known object echoes more
_NEVER_SNR = 0.25


class RadarPlace(NamedTuple):
    """A radar as the kernels take it: its number, site [4, 3], volume, reach, folding of range."""

    number: int
    site: Array
    sector: Array
    band: Array
    reach_m: Array
    fold_m: float


class Minute(NamedTuple):
    """What one radar can see between two nodes: objects (m,), and the kernel's arrays."""

    start_tai_ns: int
    objects: Indices
    sky: kernel.Sky


class Slab(NamedTuple):
    """Seconds of a minute: ranges, rising; the arc of each; what is seen of it in the middle."""

    middle_tai_ns: int
    minute: Minute
    keys: Array
    arc: Indices
    view: Array


@final
class KnownPlaces:
    """A catalogue over the radars of a network."""

    def __init__(
        self, catalogue: Catalogue, network: Network, orientation: EarthOrientation
    ) -> None:
        """Prepare; nothing is propagated before it is asked for."""
        self.catalogue = catalogue
        self._orientation = orientation
        elements = catalogue.elements
        self.numbers: Indices = np.array([e.catalogue_number for e in elements], dtype=np.int64)
        self._epoch_tai_ns = np.array([e.epoch_tai_ns for e in elements], dtype=np.int64)
        self._eccentricity = np.array([e.eccentricity for e in elements])
        radars = [s for s in network.sensors if isinstance(s, RadarSensor)]
        self.radars = {s.sensor_id: _place(n, s, len(catalogue)) for n, s in enumerate(radars)}
        self._nodes: OrderedDict[int, tuple[Array, Array]] = OrderedDict()
        self._minutes: OrderedDict[tuple[str, int], Minute] = OrderedDict()
        self._slabs: OrderedDict[tuple[str, int], Slab] = OrderedDict()

    def orbit_errors(self, objects: Indices, time_tai_ns: int) -> Array:
        """Return what `known_sky.Sky` calls orbit (n, 5): one sigmas of the orbit errors."""
        age_s = np.abs(time_tai_ns - self._epoch_tai_ns[objects]) / SECOND_NS
        eccentricity = self._eccentricity[objects]
        start_m = np.where((eccentricity < _ECCENTRIC)[:, None], _ROUND_M, _ECCENTRIC_M)
        found = np.empty((len(objects), 5))
        found[:, :3] = np.hypot(start_m, _GROWTH_M_S * age_s[:, None])
        found[:, kernel.DRIFT] = _GROWTH_M_S[kernel.ALONG]
        found[:, kernel.ECCENTRICITY] = eccentricity
        return found

    def states_ecef(self, time_tai_ns: int) -> tuple[Array, Array]:
        """Return positions [m] and velocities [m/s] (n, 3) of all objects; NaN where one is not."""
        node = time_tai_ns // _STEP_NS
        ends = (*self._node(node), *self._node(node + 1))
        arcs = np.stack(ends, axis=1)
        position, velocity = np.empty((len(arcs), 3)), np.empty((len(arcs), 3))
        since_s = np.full(len(arcs), (time_tai_ns - node * _STEP_NS) / SECOND_NS)
        which = np.arange(len(arcs), dtype=np.int64)
        arc_states(arcs, which, since_s, _STEP_NS / SECOND_NS, position, velocity)
        return position, velocity

    def prepare(self, now_tai_ns: int) -> None:
        """Make ready a part of what the next minute needs, so that no scan waits for all of it.

        Called about once a second, each call does one part at most: SGP4 on all, or one radar.
        """
        node = now_tai_ns // _STEP_NS + 1
        if node + 1 not in self._nodes:
            self._node(node + 1)
            return
        for sensor_id in self.radars:
            if (sensor_id, node) not in self._minutes:
                self._minute(sensor_id, node)
                return

    def slab(self, sensor_id: str, number: int) -> Slab:
        """Return what a radar can see in seconds ``number`` times `SLAB_NS` since 1970, and after.

        Raises ValueError outside the dates of the Earth's orientation.
        """
        key = sensor_id, number
        found = self._slabs.get(key)
        if found is None:
            found = self._slabs[key] = self._new_slab(sensor_id, number)
            _bound(self._slabs, _SLABS_KEPT * len(self.radars))
        return found

    def _new_slab(self, sensor_id: str, number: int) -> Slab:
        start = number * SLAB_NS
        minute = self._minute(sensor_id, start // _STEP_NS)
        radar, count = self.radars[sensor_id], len(minute.objects)
        middle = start + SLAB_NS // 2
        since_s = np.full(count, (middle - minute.start_tai_ns) / SECOND_NS)
        position, velocity, seen = np.empty((count, 3)), np.empty((count, 3)), np.empty((count, 4))
        which = np.arange(count, dtype=np.int64)
        arc_states(minute.sky.arcs, which, since_s, minute.sky.step_s, position, velocity)
        view_all(position, velocity, radar.site[0], radar.site[1:], seen)
        if radar.fold_m > 0.0:
            seen[:, 0] %= radar.fold_m
        placed_m = np.sqrt(np.sum(minute.sky.orbit[:, :3] ** 2, axis=1))
        order = np.argsort(seen[:, 0], kind="stable").astype(np.int64)
        view = np.column_stack((seen, placed_m))[order]
        return Slab(middle, minute, np.ascontiguousarray(view[:, 0]), order, view)

    def _minute(self, sensor_id: str, node: int) -> Minute:
        key = sensor_id, node
        found = self._minutes.get(key)
        if found is None:
            found = self._minutes[key] = self._new_minute(self.radars[sensor_id], node)
            _bound(self._minutes, _MINUTES_KEPT * len(self.radars))
        return found

    def _new_minute(self, radar: RadarPlace, node: int) -> Minute:
        (p0, v0), (p1, v1) = self._node(node), self._node(node + 1)
        position, velocity = np.stack((p0, p1), axis=1), np.stack((v0, v1), axis=1)
        step_s = _STEP_NS / SECOND_NS
        found = np.empty((len(p0), 2), dtype=np.int64)
        count = crossings(
            *(position, velocity, step_s, radar.site),
            *(radar.sector, radar.band, radar.reach_m, found),
        )
        start = node * _STEP_NS
        objects = np.sort(found[:count, 0])
        age_s = np.abs(start - self._epoch_tai_ns[objects]) / SECOND_NS
        objects = objects[age_s < OLDEST_ELEMENTS_S]
        ends = (p0[objects], v0[objects], p1[objects], v1[objects])
        sky = kernel.Sky(
            arcs=np.stack(ends, axis=1),
            orbit=self.orbit_errors(objects, start),
            site=radar.site,
            step_s=step_s,
            fold_m=radar.fold_m,
        )
        return Minute(start, objects, sky)

    def _node(self, node: int) -> tuple[Array, Array]:
        found = self._nodes.get(node)
        if found is None:
            instants = np.array([node * _STEP_NS], dtype=np.int64)
            position, velocity, _ = self.catalogue.states_ecef(instants, self._orientation)
            found = self._nodes[node] = position[:, 0], velocity[:, 0]
            _bound(self._nodes, _NODES_KEPT)
        return found


def _bound(cache: OrderedDict[Any, Any], most: int) -> None:
    while len(cache) > most:
        cache.popitem(last=False)


def _place(number: int, sensor: RadarSensor, count: int) -> RadarPlace:
    model = radar_model(sensor)
    half_width_rad = sensor.azimuth_half_width_rad + _MARGIN_RAD
    fold_m, reach_m = 0.0, sensor.range_max_m
    if sensor.pulse_interval_s is not None:
        fold_m = 0.5 * SPEED_OF_LIGHT_M_S * sensor.pulse_interval_s
        unit_m = range_of_unit_echo_m(sensor)
        reach_m = float(detection_range_m(unit_m, _LARGEST_M2, _NEVER_SNR))
    return RadarPlace(
        number=number,
        site=np.vstack((model.site_ecef_m, model.axes_enu)),
        sector=np.array((sensor.boresight_azimuth_rad, half_width_rad)),
        band=np.array(
            (
                sensor.elevation_min_rad - _MARGIN_RAD,
                sensor.elevation_max_rad + _MARGIN_RAD,
                _LEAD_S,
            )
        ),
        reach_m=np.full(count, reach_m * (1.0 + _MARGIN_RAD)),
        fold_m=fold_m,
    )
