"""Looks: single measurements as the filter kernels take them, and where sensors' biases live."""

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
from forewarn.records import Beams, Cone, InfraredMeasurement, RadarMeasurement, Scan, Sector
from forewarn.sensors.infrared import angle_sigma_rad, line_of_sight_ecef
from forewarn.sensors.network import InfraredSensor, Network, RadarSensor
from forewarn.sensors.radar import RadarModel

Array = NDArray[np.float64]

LEAST_REACH_M = 100e3  # no telescope is nearer to what it sees
_LEAST_FALSE_ALARMS = 1e-3  # no sensor is so clean that any echo whatever must be an object
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
    look (1/sr for a telescope; 1/(m rad rad m/s) for a radar); a scan that reports more than its
    sensor's stated rate is believed less.
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
    distance_m = max(float(np.linalg.norm(satellite)), MEAN_RADIUS_M)
    disc_rad = math.asin(MEAN_RADIUS_M / distance_m)
    field_sr = math.pi * min(disc_rad, sensor.field_half_angle_rad) ** 2
    return Look(
        measurement_id=seen.measurement_id,
        scan_id=scan.scan_id,
        sensor_id=sensor.sensor_id,
        seen_tai_ns=seen.seen_tai_ns,
        kind=kernel.LINE_OF_SIGHT,
        geometry=g,
        bias_sigma_rad=sensor.bias_sigma_rad,
        clutter_density=_false_alarms(scan, sensor) / field_sr,
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
    assert not isinstance(scan.volume, Cone)
    return Look(
        measurement_id=seen.measurement_id,
        scan_id=scan.scan_id,
        sensor_id=sensor.sensor_id,
        seen_tai_ns=seen.seen_tai_ns,
        kind=kernel.RADAR,
        geometry=g,
        bias_sigma_rad=sensor.angle_bias_sigma_rad,
        clutter_density=_false_alarms(scan, sensor) / measurement_volume(scan.volume, sensor),
    )


def _false_alarms(scan: Scan, sensor: InfraredSensor | RadarSensor) -> float:
    """Mean number of false reports in a scan: as stated, or as many as the others in it if more."""
    others = len(scan.measurements) - 1
    return max(sensor.false_alarms_per_scan, others, _LEAST_FALSE_ALARMS)


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
