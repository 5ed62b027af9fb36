"""The infrared telescope on a satellite: what it sees of a plume, and how well.

The band is notional: a narrow one near 2.7 micrometres, where water vapour and carbon dioxide of
the plume radiate and those of the air absorb (Forden, armscontrolwonk 302134). The shapes of
`band_transmission` and `plume_factor` follow open literature; their numbers are ours and stand
for no real system. ``seen_tai_ns`` is the instant at the source: light time and aberration are
removed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import GRAVITATIONAL_PARAMETER_M3_S2
from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation, gcrf_to_ecef_matrix
from forewarn.kernels.measure import line_of_sight_offset, tangent_axes
from forewarn.records import InfraredMeasurement, Scan
from forewarn.sensors.network import InfraredSensor
from forewarn.sensors.sight import height_m, lowest_height_m, sine_elevation, unit

Array = NDArray[np.float64]

# Notional optical depths from the ground to space, straight up, and their scale heights.
_WATER_DEPTH, _WATER_SCALE_M = 12.0, 2_200.0
_CARBON_DIOXIDE_DEPTH, _CARBON_DIOXIDE_SCALE_M = 0.6, 7_500.0
_LARGEST_AIR_MASS = 38.0  # along the horizon; F. Kasten, A. T. Young, Appl. Opt. 28 (1989) 4735

# The brightness trough that both released images show between about 70 and 90 km (Forden).
_TROUGH_HEIGHT_M, _TROUGH_WIDTH_M, _TROUGH_DEPTH = 80_000.0, 10_000.0, 0.8


def band_transmission(source_height_m: Array, sine_elevation: Array) -> Array:
    """Share of the in-band light that leaves the air upwards at that elevation; notional.

    Near zero below 3 km, about one half at 7 km straight up, above 0.95 from 20 km on. The air
    mass is that of Kasten and Young (1989), eq. 3, for the elevation of the line of sight.
    """
    elevation_deg = np.degrees(np.arcsin(np.clip(sine_elevation, 0.0, 1.0)))
    sine = np.sin(np.radians(elevation_deg))
    air_mass = 1.0 / (sine + 0.50572 * (elevation_deg + 6.07995) ** -1.6364)
    height = np.maximum(source_height_m, 0.0)
    depth = _WATER_DEPTH * np.exp(-height / _WATER_SCALE_M)
    depth = depth + _CARBON_DIOXIDE_DEPTH * np.exp(-height / _CARBON_DIOXIDE_SCALE_M)
    share: Array = np.exp(-depth * np.minimum(air_mass, _LARGEST_AIR_MASS))
    return share


def plume_factor(source_height_m: Array) -> Array:
    """Brightness of a plume at that height over that elsewhere: the trough at 70 to 90 km."""
    x = (source_height_m - _TROUGH_HEIGHT_M) / _TROUGH_WIDTH_M
    factor: Array = 1.0 - _TROUGH_DEPTH * np.exp(-(x**4))
    return factor


def irradiance_w_m2(intensity_w_sr: Array, source_ecef_m: Array, satellite_ecef_m: Array) -> Array:
    """In-band irradiance at the telescope of plumes of that intensity above the air.

    A line of sight that leaves downwards crosses the air at its lowest height.
    """
    separation = satellite_ecef_m - source_ecef_m
    transmission = band_transmission(
        lowest_height_m(source_ecef_m, satellite_ecef_m),
        sine_elevation(source_ecef_m, satellite_ecef_m),
    )
    factor = plume_factor(height_m(source_ecef_m))
    distance_squared_m2 = np.sum(separation * separation, axis=-1)
    result: Array = intensity_w_sr * factor * transmission / distance_squared_m2
    return result


def in_view(
    source_ecef_m: Array,
    satellite_ecef_m: Array,
    axis_ecef: Array,
    *,
    half_angle_rad: float,
    cloud_top_m: float,
) -> NDArray[np.bool_]:
    """Say whether sources lie in the field, with a path that clears cloud and Earth."""
    towards = unit(source_ecef_m - satellite_ecef_m)
    inside = np.sum(towards * axis_ecef, axis=-1) >= np.cos(half_angle_rad)
    # The ground itself counts as the lowest possible cloud; a metre forgives rounding.
    clear = lowest_height_m(source_ecef_m, satellite_ecef_m) >= max(cloud_top_m, 0.0) - 1.0
    seen: NDArray[np.bool_] = inside & clear
    return seen


def angle_sigma_rad(sensor: InfraredSensor, snr: Array) -> Array:
    """One-sigma random error [rad] on each axis, falling with signal-to-noise down to the floor."""
    falling = sensor.angle_noise_rad * sensor.detection_snr / snr
    sigma: Array = np.maximum(sensor.angle_floor_rad, falling)
    return sigma


def boresight_ecef(satellite_ecef_m: Array, ground_ecef_m: Array | None) -> Array:
    """Return unit axes (..., 3) of the field: to the stared-at point, or else to nadir."""
    target = np.zeros(3) if ground_ecef_m is None else ground_ecef_m
    return unit(target - satellite_ecef_m)


def satellite_position_gcrf_m(scan: Scan, time_tai_ns: int) -> Array:
    """Carry the satellite of a scan to an instant near its start: free fall to second order.

    Good to two metres over a 10 s sweep, as consistent as SGP4's own velocities are. Raises
    ValueError if the scan names no satellite.
    """
    if scan.position_gcrf_m is None or scan.velocity_gcrf_m_s is None:
        raise ValueError(
            f"scan {scan.scan_id!r} has no satellite position; an infrared scan must carry "
            "position_gcrf_m and velocity_gcrf_m_s"
        )
    r = np.array(scan.position_gcrf_m)
    v = np.array(scan.velocity_gcrf_m_s)
    t = (time_tai_ns - scan.start_tai_ns) / SECOND_NS
    pull = -GRAVITATIONAL_PARAMETER_M3_S2 / float(np.sqrt(r @ r)) ** 3
    carried: Array = r + v * t + r * (0.5 * pull * t * t)
    return carried


def line_of_sight_ecef(
    scan: Scan, measurement: InfraredMeasurement, orientation: EarthOrientation
) -> tuple[Array, Array]:
    """Return (satellite position [m], unit direction to the source) in ecef when it was seen."""
    matrix = gcrf_to_ecef_matrix(measurement.seen_tai_ns, orientation)
    cosine = np.cos(measurement.declination_rad)
    direction_gcrf = np.array(
        [
            cosine * np.cos(measurement.right_ascension_rad),
            cosine * np.sin(measurement.right_ascension_rad),
            np.sin(measurement.declination_rad),
        ]
    )
    position_gcrf_m = satellite_position_gcrf_m(scan, measurement.seen_tai_ns)
    return matrix @ position_gcrf_m, matrix @ direction_gcrf


@final
@dataclass(frozen=True, slots=True, eq=False)
class InfraredModel:
    """`forewarn.sensors.model.SensorModel` of a telescope at one place.

    Its measurement is the offset [rad] of a direction from the measured line of sight, along the
    two tangent axes of `forewarn.kernels.measure.tangent_axes`; the measured one lies at (0, 0).
    """

    sensor: InfraredSensor
    position_ecef_m: Array
    axis_ecef: Array
    cloud_top_m: float = 0.0

    @property
    def sensor_id(self) -> str:
        """The id of the sensor in its network."""
        return self.sensor.sensor_id

    def visible(self, position_ecef_m: Array) -> bool:
        """Say whether a source there is in the field and above Earth and cloud."""
        seen = in_view(
            position_ecef_m,
            self.position_ecef_m,
            self.axis_ecef,
            half_angle_rad=self.sensor.field_half_angle_rad,
            cloud_top_m=self.cloud_top_m,
        )
        return bool(seen)

    def predict(self, state_ecef: Array, measured: Array) -> Array:
        """Return the offsets (2,) [rad] of the state's direction from ``measured``."""
        axes, offset = np.empty((2, 3)), np.empty(2)
        tangent_axes(measured, axes)
        line_of_sight_offset(state_ecef, self.position_ecef_m, measured, axes, offset)
        return offset

    def jacobian(self, state_ecef: Array, measured: Array) -> Array:
        """Derivative (2, 6) of ``predict``: d(e.d / u.d)/dp = (e - (e.d / u.d) u) / u.d."""
        axes = np.empty((2, 3))
        tangent_axes(measured, axes)
        d = state_ecef[:3] - self.position_ecef_m
        along = measured @ d
        result = np.zeros((2, 6))
        result[:, :3] = (axes - np.outer(axes @ d / along, measured)) / along
        return result

    def residual(self, measured: Array, predicted: Array) -> Array:  # noqa: ARG002
        """Return minus ``predicted`` (2,): the measured direction is its own chart's origin."""
        return -predicted

    def noise(self, measured: Array, snr: float) -> Array:  # noqa: ARG002
        """Return the one-sigma random error (2,) [rad], the same on both axes."""
        return np.full(2, float(angle_sigma_rad(self.sensor, np.array(snr))))
