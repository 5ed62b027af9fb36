"""Looks: single measurements as the filter kernels take them, and where sensors' biases live."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.kernels import filter as kernel
from forewarn.records import Beams, Sector
from forewarn.sensors.network import InfraredSensor, Network, RadarSensor

Array = NDArray[np.float64]

LEAST_REACH_M = 100e3  # no telescope is nearer to what it sees
_SPEED_SPAN_M_S = 16_000.0  # a false echo's range rate may be anything between +-8 km/s
_LEAST_BIAS_SIGMA = 1e-12


class Biases:
    """Which elements of a track's state are which sensor's biases, and their prior sigmas."""

    def __init__(self, network: Network) -> None:
        """Lay out two biases [rad] per telescope, three (range [m], two angles) per radar."""
        self.first: dict[str, int] = {}
        self.count: dict[str, int] = {}
        sigmas: list[float] = []
        for sensor in network.sensors:
            self.first[sensor.sensor_id] = kernel.BODY + len(sigmas)
            own = (
                [sensor.bias_sigma_rad] * 2
                if isinstance(sensor, InfraredSensor)
                else [sensor.range_bias_sigma_m] + [sensor.angle_bias_sigma_rad] * 2
            )
            self.count[sensor.sensor_id] = len(own)
            sigmas += [max(s, _LEAST_BIAS_SIGMA) for s in own]
        self.sigmas: Array = np.array(sigmas)

    @property
    def size(self) -> int:
        """Length of a track's state: body and all biases."""
        return kernel.BODY + len(self.sigmas)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One measurement, ready for the filter: see ``kernels.filter.expect`` for ``geometry``.

    ``bias_sigma_rad`` is the one sigma of the sensor's constant angular bias on each axis.
    ``clutter_density`` is the mean number of false reports per unit of measurement space in the
    look (1/sr for a telescope; 1/(m rad rad m/s) for a radar).
    """

    measurement_id: str
    scan_id: str
    sensor_id: str
    seen_tai_ns: int
    kind: int
    geometry: Array
    bias_sigma_rad: float
    clutter_density: float

    @property
    def order(self) -> str:
        """A name that no other look has: it settles the order of looks at one instant."""
        return f"{self.sensor_id}/{self.scan_id}/{self.measurement_id}"


def measurement_volume(sector: Sector | Beams, sensor: RadarSensor) -> float:
    """Size of the looked-at measurement space [m rad rad m/s]."""
    if isinstance(sector, Beams):
        width_rad = max(2.0 * sector.half_width_rad, sensor.beam_width_rad)
        level = np.maximum(np.cos(sector.elevation_rad), 0.05)
        beam_rad2 = float(np.sum(width_rad**2 / level))
        return beam_rad2 * sensor.range_max_m * _SPEED_SPAN_M_S
    width_rad = (sector.azimuth_max_rad - sector.azimuth_min_rad) % (2.0 * math.pi)
    height_rad = sector.elevation_max_rad - sector.elevation_min_rad
    return (
        max(width_rad, sensor.beam_width_rad)
        * max(height_rad, sensor.beam_width_rad)
        * sensor.range_max_m
        * _SPEED_SPAN_M_S
    )


def stacked(looks: list[Look]) -> tuple[Array, Array]:
    """Geometry (n, 8, 3) of looks, and the seconds (n,) after the first of them."""
    first_tai_ns = looks[0].seen_tai_ns
    seconds = [(look.seen_tai_ns - first_tai_ns) / SECOND_NS for look in looks]
    return np.array([look.geometry for look in looks]), np.array(seconds)


def echo_points(geometry: Array) -> tuple[Array, Array]:
    """Where echoes came from: positions (n, 3) in ecef [m], and their largest one sigma (n,) [m].

    ``geometry`` (n, 8, 3) is that of radar looks.
    """
    range_m, azimuth_rad, elevation_rad = geometry[:, 4].T
    level_m = range_m * np.cos(elevation_rad)
    enu = np.stack(
        (
            level_m * np.sin(azimuth_rad),
            level_m * np.cos(azimuth_rad),
            range_m * np.sin(elevation_rad),
        ),
        axis=1,
    )
    points = geometry[:, 0] + np.einsum("ni,nij->nj", enu, geometry[:, 1:4])
    return points, np.maximum(range_m * geometry[:, 6, 2], geometry[:, 6, 0])
