"""The looks of one telescope in a run: when each begins, where it points, where the satellite is.

A scanner sweeps its field once per revisit, as a line of detectors that turns about the boresight:
each direction is seen at its own instant. A starer sees its whole field at mid-frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.frames import ecef_from_geodetic
from forewarn.frames.sun_moon import sun_gcrf_m
from forewarn.orbits import Elements
from forewarn.records import Cone
from forewarn.sensors.infrared import boresight_ecef
from forewarn.sensors.network import InfraredSensor
from forewarn.sensors.sight import dot, tangent_axes, unit
from forewarn.sensors.transmission import CARBON_DIOXIDE_BAND, WATER_BAND, Band
from forewarn.simulation.link import Look
from forewarn.simulation.path import Path
from forewarn.simulation.sky import Sky, rotate, rotate_back

Array = NDArray[np.float64]
Instants = NDArray[np.int64]
Indices = NDArray[np.intp]

# Revisits up to this long are frames of a staring array, longer ones sweeps of a scanner.
LONGEST_FRAME_S = 3.0
_BIAS_TIME_S = 1800.0  # correlation time of the pointing bias
_BANDS = {"2.7um": WATER_BAND, "4.3um": CARBON_DIOXIDE_BAND}


class Placed(NamedTuple):
    """A telescope at instants (k,): rotation gcrf to ecef (k, 3, 3), place [m] and boresight."""

    matrices: Array
    satellite_ecef_m: Array
    axis_ecef: Array

    def at(self, rows: Indices) -> Placed:
        """Return those of some of the instants."""
        return Placed(self.matrices[rows], self.satellite_ecef_m[rows], self.axis_ecef[rows])


@final
@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """All looks of one telescope: k instants, the satellite, the field, the bias.

    ``stare_ecef_m`` (k, 3) is the point that each look stares at, None for nadir. ``across_gcrf``
    and ``along_gcrf`` (k, 3) are the axes from which a sweep counts, ``middle`` is the telescope in
    the middle of each look, and ``sun_gcrf`` (2, 3) the Sun's direction at the first and last.
    """

    sensor: InfraredSensor
    band: Band
    sky: Sky
    path: Path
    start_tai_ns: Instants
    stare_ecef_m: Array | None
    bias_rad: Array
    across_gcrf: Array
    along_gcrf: Array
    middle: Placed
    sun_gcrf: Array

    @property
    def revisit_ns(self) -> int:
        """Time from look to look."""
        return round(self.sensor.revisit_s * SECOND_NS)

    @property
    def stares(self) -> bool:
        """A starer sees the whole field at once, in the middle of its frame."""
        return self.sensor.revisit_s <= LONGEST_FRAME_S

    @property
    def middle_tai_ns(self) -> Instants:
        """The middle (k,) of each look."""
        return self.start_tai_ns + self.revisit_ns // 2

    def placed(self, look: Indices, time_tai_ns: Instants) -> Placed:
        """Return the telescope at instants of looks."""
        if self.stares:
            return self.middle.at(look)
        return _placed(self.sky, self.path, _rows(self.stare_ecef_m, look), time_tai_ns)

    def starting(self, look: Indices) -> Placed:
        """Return the telescope at the start of looks."""
        start = self.start_tai_ns[look]
        return _placed(self.sky, self.path, _rows(self.stare_ecef_m, look), start)

    def seen_tai_ns(self, look: Indices, direction_gcrf: Array) -> Instants:
        """Return when a direction is seen in those looks."""
        if self.stares:
            return self.middle_tai_ns[look]
        angle = np.arctan2(
            dot(self.along_gcrf[look], direction_gcrf),
            dot(self.across_gcrf[look], direction_gcrf),
        )
        share = angle / (2.0 * np.pi) % 1.0
        seen: Instants = self.start_tai_ns[look] + np.rint(share * self.revisit_ns).astype(np.int64)
        return seen

    def sun_ecef(self, look: Indices, matrices: Array) -> Array:
        """Return the Sun's direction (k, 3) in looks whose rotation is (k, 3, 3)."""
        share = look[:, None] / max(1, len(self.start_tai_ns) - 1)
        return rotate(matrices, unit(self.sun_gcrf[0] * (1.0 - share) + self.sun_gcrf[1] * share))

    def empty_looks(self) -> list[Look]:
        """Return the looks with nothing seen in them yet."""
        start = self.start_tai_ns
        matrices, _, axis_ecef = _placed(self.sky, self.path, self.stare_ecef_m, start)
        axes = rotate_back(matrices, axis_ecef).tolist()
        position, velocity = self.path.states(self.sky.since_first_node_s(start))
        half_angle_rad = self.sensor.field_half_angle_rad
        return [
            Look(
                start_tai_ns=begin,
                end_tai_ns=begin + self.revisit_ns,
                volume=Cone(axis_gcrf=tuple(axis), half_angle_rad=half_angle_rad),
                position_gcrf_m=tuple(r),
                velocity_gcrf_m_s=tuple(v),
            )
            for begin, axis, r, v in zip(
                start.tolist(), axes, position.tolist(), velocity.tolist(), strict=True
            )
        ]


def watch(
    sensor: InfraredSensor,
    elements: Elements,
    *,
    sky: Sky,
    span_tai_ns: tuple[int, int],
    randomness: np.random.Generator,
) -> Watch:
    """Return the looks of a telescope that begin and end in a span."""
    revisit_ns = round(sensor.revisit_s * SECOND_NS)
    first = span_tai_ns[0] + int(randomness.integers(revisit_ns))
    start = np.arange(first, span_tai_ns[1] - revisit_ns + 1, revisit_ns, dtype=np.int64)
    path = sky.satellite_path(elements)
    stare = _stare_ecef_m(sensor, len(start))
    begins = _placed(sky, path, stare, start)
    across, along = tangent_axes(rotate_back(begins.matrices, begins.axis_ecef))
    return Watch(
        sensor=sensor,
        band=_BANDS[sensor.band],
        sky=sky,
        path=path,
        start_tai_ns=start,
        stare_ecef_m=stare,
        bias_rad=_pointing_bias_rad(sensor, len(start), randomness),
        across_gcrf=across,
        along_gcrf=along,
        middle=_placed(sky, path, stare, start + revisit_ns // 2),
        sun_gcrf=unit(sun_gcrf_m(np.array(span_tai_ns, dtype=np.int64))),
    )


def _placed(sky: Sky, path: Path, stare_ecef_m: Array | None, time_tai_ns: Instants) -> Placed:
    matrices = sky.gcrf_to_ecef(time_tai_ns)
    satellite = rotate(matrices, path.states(sky.since_first_node_s(time_tai_ns))[0])
    return Placed(matrices, satellite, boresight_ecef(satellite, stare_ecef_m))


def _rows(array: Array | None, rows: Indices) -> Array | None:
    return None if array is None else array[rows]


def _stare_ecef_m(sensor: InfraredSensor, count: int) -> Array | None:
    """Return the point (count, 3) [m] of each look: those of the cycle in turn, or None."""
    first = () if sensor.stare_at_rad is None else (sensor.stare_at_rad,)
    points = (*first, *sensor.stare_cycle_rad)
    if not points:
        return None
    places = np.array(
        [ecef_from_geodetic(latitude, longitude, 0.0) for latitude, longitude in points]
    )
    return places[np.arange(count) % len(places)]


def _pointing_bias_rad(
    sensor: InfraredSensor, count: int, randomness: np.random.Generator
) -> Array:
    """Return a first-order Gauss-Markov bias (count, 2) on the two tangent axes."""
    memory = np.exp(-sensor.revisit_s / _BIAS_TIME_S)
    bias = sensor.bias_sigma_rad * randomness.standard_normal((count, 2))
    bias[1:] *= np.sqrt(1.0 - memory * memory)
    for k in range(1, count):
        bias[k] += memory * bias[k - 1]
    return bias
