"""A scan made ready for the tracker: arrays of its plots, what it covered, slices of its time.

A scan may last ten seconds, in which other sensors look too. So its plots are put in order of time
and cut into slices of at most `SLICE_S`; the tracker takes slice by slice, each in its place among
those of all sensors. What the scan covered and did not see is weighed with its last slice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M, ROTATION_RATE_RAD_S
from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation, gcrf_to_ecef_matrix
from forewarn.kernels import filter as filters
from forewarn.kernels import mixed
from forewarn.kernels.bank import Plots
from forewarn.kernels.mixed import Cover
from forewarn.kernels.sights import sight_geometry
from forewarn.records import Beams, Cone, Measurement, Scan, Sector
from forewarn.sensors.infrared import angle_sigma_rad, satellite_position_gcrf_m
from forewarn.sensors.network import InfraredSensor, RadarSensor
from forewarn.sensors.radar import RadarModel, beam_sigma_rad, range_sigma_m
from forewarn.tracking.looks import Biases, Look, measurement_volume
from forewarn.tracking.plots import radar_plots, sight_plots

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

SLICE_S = 0.5
CALM_BODY = 6  # elements of a calm track's state before the biases
_SENSORS = 64  # serial numbers leave room for so many


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One scan: its plots in order of time, as the bank and as the filter take them.

    ``measurements`` are in that order. ``g`` (m, 8, 3) is each plot's geometry for the filter (see
    `kernels.unscented`); ``clutter_per_alarm`` times the mean number of false alarms of the scan is
    their density in measurement space. ``bias_sigma`` (4,) are the prior biases by element.
    """

    scan_id: str
    sensor_id: str
    sensor: int
    kind: int
    end_tai_ns: int
    measurements: tuple[Measurement, ...]
    plots: Plots
    g: Array
    cover: Cover
    slices: tuple[tuple[int, int], ...]
    stated_alarms: float
    clutter_per_alarm: float
    bias_sigma: Array

    @property
    def serial(self) -> int:
        """A number that no other scan has."""
        return self.cover.serial

    def part(self, which: Integers, clutter: float) -> tuple[Plots, Array]:
        """The plots of these numbers, at least one, seen against clutter of this density."""
        p = self.plots
        seen = p.tai_ns[which]
        part = p._replace(
            measured=p.measured[which],
            sigma=p.sigma[which],
            tai_ns=seen,
            site=p.site[which],
            clutter=clutter,
            middle_tai_ns=int(seen[0] + (seen[-1] - seen[0]) // 2),
            middle_site=p.site[which[len(which) // 2]].copy(),
        )
        return part, self.g[which]

    def look(self, j: int, clutter: float) -> Look:
        """One plot as a look of its own."""
        seen = self.measurements[j]
        return Look(
            measurement_id=seen.measurement_id,
            scan_id=self.scan_id,
            sensor_id=self.sensor_id,
            seen_tai_ns=seen.seen_tai_ns,
            kind=self.kind,
            geometry=self.g[j].copy(),
            bias_sigma_rad=float(self.bias_sigma[1]),
            clutter_density=clutter,
        )


def infrared_sighting(
    scan: Scan,
    *,
    sensor: InfraredSensor,
    number: int,
    biases: Biases,
    orientation: EarthOrientation,
) -> Sighting:
    """A telescope's scan; ``number`` is the sensor's among all of the network."""
    measurements = _in_time(scan)
    middle = (scan.start_tai_ns + scan.end_tai_ns) // 2
    rotation = gcrf_to_ecef_matrix(middle, orientation)
    m = len(measurements)
    seen = np.fromiter(map(attrgetter("seen_tai_ns"), measurements), np.int64, m)
    alpha, delta, snr = (
        np.fromiter(map(attrgetter(name), measurements), np.float64, m)
        for name in ("right_ascension_rad", "declination_rad", "snr")
    )
    level = np.cos(delta)
    directions = np.stack((level * np.cos(alpha), level * np.sin(alpha), np.sin(delta)), axis=1)
    turn_rad = ROTATION_RATE_RAD_S * (seen - middle) / SECOND_NS
    sites = _satellite_gcrf_m(scan, seen)
    directions = _turned(directions @ rotation.T, turn_rad)
    sites = _turned(sites @ rotation.T, turn_rad)
    sigma_rad = angle_sigma_rad(sensor, np.maximum(snr, 1.0))
    first = biases.first[sensor.sensor_id]
    g = np.zeros((m, 8, 3))
    sight_geometry(directions, sites, sigma_rad, first, g)
    middle_site = rotation @ satellite_position_gcrf_m(scan, middle)
    assert isinstance(scan.volume, Cone)
    cover = Cover(
        kind=mixed.CONE,
        numbers=np.array(
            (
                *(rotation @ np.array(scan.volume.axis_gcrf)),
                math.cos(scan.volume.half_angle_rad),
                0.0,
                0.0,
            )
        ),
        beams=np.zeros((0, 2)),
        sensor=number,
        serial=scan.sequence * _SENSORS + number,
    )
    per_alarm = 1.0 / _field_sr(middle_site, sensor)
    plots = sight_plots(
        directions,
        sigma_rad,
        seen,
        sites_ecef_m=sites,
        middle_site_ecef_m=middle_site,
        middle_tai_ns=middle,
        false_plots_per_sr=per_alarm * sensor.false_alarms_per_scan,
        detection_probability=0.5,
        bias_columns=(-1, -1),
    )
    bias = sensor.bias_sigma_rad
    return _sighting(
        scan,
        sensor,
        number=number,
        kind=filters.LINE_OF_SIGHT,
        measurements=measurements,
        plots=plots,
        g=g,
        cover=cover,
        per_alarm=per_alarm,
        bias_sigma=np.array((0.0, bias, bias, 0.0)),
    )


def radar_sighting(scan: Scan, *, model: RadarModel, number: int, biases: Biases) -> Sighting:
    """A radar's scan; ``number`` is the sensor's among all of the network."""
    sensor = model.sensor
    measurements = _in_time(scan)
    m = len(measurements)
    seen = np.fromiter(map(attrgetter("seen_tai_ns"), measurements), np.int64, m)
    names = ("range_m", "azimuth_rad", "elevation_rad", "range_rate_m_s")
    measured = np.empty((m, 4))
    for column, name in enumerate(names):
        measured[:, column] = np.fromiter(map(attrgetter(name), measurements), np.float64, m)
    snr = np.fromiter(map(attrgetter("snr"), measurements), np.float64, m)
    across = beam_sigma_rad(sensor, np.maximum(snr, 1.0))
    sigma = np.empty((m, 4))
    sigma[:, 0] = range_sigma_m(sensor, np.maximum(snr, 1.0))
    sigma[:, 1] = across / np.maximum(np.cos(measured[:, 2]), 1e-3)
    sigma[:, 2] = across
    sigma[:, 3] = sensor.range_rate_sigma_m_s
    first = biases.first[sensor.sensor_id]
    g = np.zeros((m, 8, 3))
    g[:, 0] = model.site_ecef_m
    g[:, 1:4] = model.axes_enu
    g[:, 4] = measured[:, :3]
    g[:, 5, 0] = measured[:, 3]
    g[:, 6] = sigma[:, :3]
    g[:, 7, 0] = sigma[:, 3]
    g[:, 7, 1] = first
    g[:, 7, 2] = biases.count[sensor.sensor_id]
    cover = _radar_cover(scan, number)
    volume = scan.volume
    assert not isinstance(volume, Cone)
    per_alarm = 1.0 / measurement_volume(volume, sensor)
    column = first - filters.BODY + CALM_BODY
    plots = radar_plots(
        measured,
        sigma,
        seen,
        site_ecef_m=model.site_ecef_m,
        axes_enu=model.axes_enu,
        false_plots_per_volume=per_alarm * sensor.false_alarms_per_scan,
        detection_probability=0.5,
        bias_columns=(column, column + 1, column + 2, -1),
        middle_tai_ns=(scan.start_tai_ns + scan.end_tai_ns) // 2,
    )
    angle = sensor.angle_bias_sigma_rad
    return _sighting(
        scan,
        sensor,
        number=number,
        kind=filters.RADAR,
        measurements=measurements,
        plots=plots,
        g=g,
        cover=cover,
        per_alarm=per_alarm,
        bias_sigma=np.array((sensor.range_bias_sigma_m, angle, angle, 0.0)),
    )


def _sighting(
    scan: Scan,
    sensor: InfraredSensor | RadarSensor,
    *,
    number: int,
    kind: int,
    measurements: tuple[Measurement, ...],
    plots: Plots,
    g: Array,
    cover: Cover,
    per_alarm: float,
    bias_sigma: Array,
) -> Sighting:
    return Sighting(
        scan_id=scan.scan_id,
        sensor_id=sensor.sensor_id,
        sensor=number,
        kind=kind,
        end_tai_ns=scan.end_tai_ns,
        measurements=measurements,
        plots=plots,
        g=g,
        cover=cover,
        slices=_slices(plots.tai_ns),
        stated_alarms=sensor.false_alarms_per_scan,
        clutter_per_alarm=per_alarm,
        bias_sigma=bias_sigma,
    )


def _in_time(scan: Scan) -> tuple[Measurement, ...]:
    """The scan's measurements in order of time, then of their ids."""
    found = scan.measurements
    if len(found) < 2:
        return found
    return tuple(sorted(found, key=attrgetter("seen_tai_ns", "measurement_id")))


def _slices(seen: Integers) -> tuple[tuple[int, int], ...]:
    """First and end of each run of plots no longer than `SLICE_S`; one empty one without plots."""
    if not len(seen):
        return ((0, 0),)
    slices = []
    first = 0
    longest_ns = round(SLICE_S * SECOND_NS)
    while first < len(seen):
        last = int(np.searchsorted(seen, seen[first] + longest_ns, side="right"))
        slices.append((first, last))
        first = last
    return tuple(slices)


def _satellite_gcrf_m(scan: Scan, seen: Integers) -> Array:
    """Where the satellite was at each instant (m, 3): free fall to second order."""
    start = satellite_position_gcrf_m(scan, scan.start_tai_ns)
    if not len(seen):
        return np.zeros((0, 3))
    # The same parabola as `satellite_position_gcrf_m`, at all instants at once.
    t = ((seen - scan.start_tai_ns) / SECOND_NS)[:, None]
    step = SECOND_NS
    ahead = satellite_position_gcrf_m(scan, scan.start_tai_ns + step)
    behind = satellite_position_gcrf_m(scan, scan.start_tai_ns - step)
    carried: Array = (
        start + 0.5 * (ahead - behind) * t + 0.5 * (ahead - 2.0 * start + behind) * t * t
    )
    return carried


def _turned(vectors: Array, turn_rad: Array) -> Array:
    """Vectors (m, 3) in ecef as in ecef of other instants, by which the Earth has turned (m,)."""
    cosine, sine = np.cos(turn_rad), np.sin(turn_rad)
    x, y = vectors[:, 0], vectors[:, 1]
    return np.stack((cosine * x + sine * y, cosine * y - sine * x, vectors[:, 2]), axis=1)


def _field_sr(satellite_ecef_m: Array, sensor: InfraredSensor) -> float:
    """Solid angle in which a false alarm may lie: the Earth's disc, or the field if narrower."""
    distance_m = max(float(np.linalg.norm(satellite_ecef_m)), MEAN_RADIUS_M)
    disc_rad = math.asin(MEAN_RADIUS_M / distance_m)
    return math.pi * min(disc_rad, sensor.field_half_angle_rad) ** 2


def _radar_cover(scan: Scan, number: int) -> Cover:
    volume = scan.volume
    beams = np.zeros((0, 2))
    if isinstance(volume, Beams):
        beams = np.array((volume.azimuth_rad, volume.elevation_rad)).T.copy()
        kind = mixed.BEAMS
        numbers = np.array((volume.half_width_rad, volume.range_max_m, 0.0, 0.0, 0.0, 0.0))
    else:
        assert isinstance(volume, Sector)
        kind = mixed.SECTOR
        width_rad = (volume.azimuth_max_rad - volume.azimuth_min_rad) % (2.0 * math.pi)
        numbers = np.array(
            (
                0.0,
                volume.range_max_m,
                volume.azimuth_min_rad,
                width_rad,
                volume.elevation_min_rad,
                volume.elevation_max_rad,
            )
        )
    return Cover(kind, numbers, beams, number, scan.sequence * _SENSORS + number)
