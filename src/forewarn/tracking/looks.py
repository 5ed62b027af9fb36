"""Looks: single measurements in the form the filter kernels take, and where each sensor's biases live."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation
from forewarn.kernels import filter as kernel
from forewarn.kernels.measure import tangent_axes
from forewarn.records import InfraredMeasurement, RadarMeasurement, Scan
from forewarn.sensors.infrared import angle_sigma_rad, line_of_sight_ecef
from forewarn.sensors.network import InfraredSensor, Network, RadarSensor
from forewarn.sensors.radar import RadarModel

Array = NDArray[np.float64]


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
            sigmas += [max(s, 1e-12) for s in own]
        self.sigmas: Array = np.array(sigmas)

    @property
    def size(self) -> int:
        """Length of a track's state: body and all biases."""
        return kernel.BODY + len(self.sigmas)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One measurement, ready for the filter: see ``kernels.filter.expect`` for ``geometry``.

    ``clutter_density`` is the mean number of false reports per unit of measurement space in the
    look (1/sr for a telescope; 1/(m rad rad m/s) for a radar).
    """

    measurement_id: str
    scan_id: str
    sensor_id: str
    seen_tai_ns: int
    kind: int
    geometry: Array
    clutter_density: float
    snr: float


def infrared_look(
    scan: Scan,
    seen: InfraredMeasurement,
    *,
    sensor: InfraredSensor,
    biases: Biases,
    orientation: EarthOrientation,
) -> Look:
    """A telescope's measurement with its satellite in ecef at the instant it was seen."""
    satellite, direction = line_of_sight_ecef(scan, seen, orientation)
    g = np.zeros((8, 3))
    g[0] = satellite
    g[1] = direction
    tangent_axes(g[1], g[2:4])
    g[6] = float(angle_sigma_rad(sensor, np.array(max(seen.snr, 1.0))))
    g[7, 1] = biases.first[sensor.sensor_id]
    g[7, 2] = biases.count[sensor.sensor_id]
    disc_rad = math.asin(min(1.0, MEAN_RADIUS_M / float(np.linalg.norm(g[0]))))
    field_sr = math.pi * min(disc_rad, sensor.field_half_angle_rad) ** 2
    return Look(
        seen.measurement_id,
        scan.scan_id,
        sensor.sensor_id,
        seen.seen_tai_ns,
        kernel.LINE_OF_SIGHT,
        g,
        max(sensor.false_alarms_per_scan, _LEAST_FALSE_ALARMS) / field_sr,
        seen.snr,
    )


def radar_look(scan: Scan, seen: RadarMeasurement, *, model: RadarModel, biases: Biases) -> Look:
    """A radar's measurement with its stated random errors."""
    sensor = model.sensor
    measured = np.array((seen.range_m, seen.azimuth_rad, seen.elevation_rad, seen.range_rate_m_s))
    sigmas = model.noise(measured, max(seen.snr, 1.0))
    g = np.zeros((8, 3))
    g[0] = model.site_ecef_m
    g[1:4] = model.axes_enu
    g[4] = measured[:3]
    g[5, 0] = measured[3]
    g[6] = sigmas[:3]
    g[7, 0] = sigmas[3]
    g[7, 1] = biases.first[sensor.sensor_id]
    g[7, 2] = biases.count[sensor.sensor_id]
    return Look(
        seen.measurement_id,
        scan.scan_id,
        sensor.sensor_id,
        seen.seen_tai_ns,
        kernel.RADAR,
        g,
        max(sensor.false_alarms_per_scan, _LEAST_FALSE_ALARMS) / _radar_volume(scan, sensor),
        seen.snr,
    )


_LEAST_FALSE_ALARMS = 1e-3  # no sensor is so clean that any echo whatever must be an object
_SPEED_SPAN_M_S = 16_000.0  # a false echo's range rate may be anything between +-8 km/s


def _radar_volume(scan: Scan, sensor: RadarSensor) -> float:
    """Size of the looked-at measurement space [m rad rad m/s]."""
    v = scan.volume
    width = getattr(v, "azimuth_max_rad", 1.0) - getattr(v, "azimuth_min_rad", 0.0)
    width %= 2.0 * math.pi
    height = getattr(v, "elevation_max_rad", 1.0) - getattr(v, "elevation_min_rad", 0.0)
    return (
        max(width, sensor.beam_width_rad)
        * max(height, sensor.beam_width_rad)
        * sensor.range_max_m
        * _SPEED_SPAN_M_S
    )
