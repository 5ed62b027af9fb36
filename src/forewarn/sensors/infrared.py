"""The infrared telescope on a satellite: what it sees of a source, against what, and how well.

The air is in `forewarn.sensors.transmission`, plumes and hot bodies in `plume`, clouds and the Sun
on them in `radiance` and `glint`; here is the telescope: lines of sight, noise, thresholds and the
measurement model. Numbers are notional and stand for no real system. ``seen_tai_ns`` is the
instant at the source: light time and aberration are removed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from forewarn.earth import GRAVITATIONAL_PARAMETER_M3_S2, PLANCK_J_S, SPEED_OF_LIGHT_M_S
from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation, gcrf_to_ecef_matrix
from forewarn.kernels.measure import line_of_sight_offset, tangent_axes
from forewarn.records import InfraredMeasurement, Scan
from forewarn.sensors.network import InfraredSensor
from forewarn.sensors.plume import plume_factor
from forewarn.sensors.sight import height_m, lowest_height_m, sine_elevation, unit
from forewarn.sensors.transmission import WATER_BAND, Band, band_transmission

Array = NDArray[np.float64]

_FAR_M = 1e9  # beyond anything of the Earth; the Sun's parallax over it does not matter


def source_irradiance_w_m2(
    intensity_w_sr: Array, source_ecef_m: Array, satellite_ecef_m: Array, band: Band = WATER_BAND
) -> Array:
    """In-band irradiance at the telescope of sources of that intensity, through the air.

    A line of sight that leaves downwards crosses the air at its lowest height.
    """
    separation = satellite_ecef_m - source_ecef_m
    transmission = band_transmission(
        lowest_height_m(source_ecef_m, satellite_ecef_m),
        sine_elevation(source_ecef_m, satellite_ecef_m),
        band,
    )
    distance_squared_m2 = np.sum(separation * separation, axis=-1)
    result: Array = intensity_w_sr * transmission / distance_squared_m2
    return result


def irradiance_w_m2(intensity_w_sr: Array, source_ecef_m: Array, satellite_ecef_m: Array) -> Array:
    """In-band irradiance at the telescope of plumes of that full intensity: `plume_factor` too."""
    shown_w_sr = intensity_w_sr * plume_factor(height_m(source_ecef_m))
    return source_irradiance_w_m2(shown_w_sr, source_ecef_m, satellite_ecef_m)


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


def background_is_earth(
    source_ecef_m: Array, satellite_ecef_m: Array, tangent_height_m: float = 0.0
) -> NDArray[np.bool_]:
    """Say whether the line from the satellite through a source ends on the Earth, not in space.

    It does if, beyond the source, it dips below ``tangent_height_m``: 0 for the ground, more to
    count the bright air above it as Earth too.
    """
    beyond = source_ecef_m + _FAR_M * unit(source_ecef_m - satellite_ecef_m)
    below: NDArray[np.bool_] = lowest_height_m(source_ecef_m, beyond) < tangent_height_m
    return below


def sun_excluded(
    satellite_ecef_m: Array,
    direction_ecef: Array,
    sun_direction_ecef: Array,
    exclusion_half_angle_rad: float,
) -> NDArray[np.bool_]:
    """Say whether the Sun blinds a telescope in those unit directions (..., 3).

    It does within ``exclusion_half_angle_rad`` of its centre, unless the Earth hides that centre;
    half its disc is 0.27 degrees, a minute of a geostationary satellite's way.
    """
    cosine = np.sum(direction_ecef * sun_direction_ecef, axis=-1)
    near = cosine > np.cos(exclusion_half_angle_rad)
    to_sun_ecef_m = satellite_ecef_m + _FAR_M * sun_direction_ecef
    excluded: NDArray[np.bool_] = near & (lowest_height_m(satellite_ecef_m, to_sun_ecef_m) > 0.0)
    return excluded


def noise_irradiance_w_m2(
    noise_equivalent_irradiance_w_m2: float,
    background_w_m2_sr: Array,
    pixel_sr: float,
    *,
    gathering_m2_s: float,
    band: Band = WATER_BAND,
) -> Array:
    """One-sigma noise of a pixel before a background: its own noise and that of the photons.

    In a dwell t an aperture A of efficiency n counts N = n A t L W / (h c / wavelength) photons of
    a background L in a pixel of solid angle W; the count strays by sqrt(N), which is an irradiance
    of sqrt(L W h c / (wavelength n A t)). ``gathering_m2_s`` is n A t. Added in squares to the
    noise in the dark. (E. L. Dereniak, G. D. Boreman, Infrared Detectors and Systems, Wiley 1996,
    on background-limited operation.)
    """
    photon_j = PLANCK_J_S * SPEED_OF_LIGHT_M_S / band.wavelength_m
    variance = background_w_m2_sr * (pixel_sr * photon_j / gathering_m2_s)
    noise: Array = np.sqrt(noise_equivalent_irradiance_w_m2**2 + variance)
    return noise


def threshold_snr(false_alarm_probability: Array | float) -> Array:
    """Threshold in units of the noise that Gaussian noise passes so rarely, per pixel and frame."""
    threshold: Array = -ndtri(false_alarm_probability)
    return threshold


def false_alarm_probability(detection_snr: Array | float) -> Array:
    """Probability that Gaussian noise alone passes a threshold: the inverse of `threshold_snr`."""
    probability: Array = ndtr(np.negative(detection_snr))
    return probability


def detection_probability(snr: Array | float, detection_snr: Array | float) -> Array:
    """Probability that a signal with unit Gaussian noise on it passes a threshold."""
    probability: Array = ndtr(np.subtract(snr, detection_snr))
    return probability


def centroid_sigma_rad(spot_sigma_rad: Array | float, snr: Array | float) -> Array:
    """Least one-sigma error [rad] on each axis of the place of a Gaussian spot in white noise.

    sqrt(2) s / snr, with s the spot's own sigma and the signal-to-noise ratio that of its matched
    filter: the Cramer-Rao bound of a background-limited sensor with fine pixels (K. A. Winick,
    J. Opt. Soc. Am. A 3 (1986) 1809). `angle_sigma_rad` has the same fall, down to a floor.
    """
    sigma: Array = np.sqrt(2.0) * np.divide(spot_sigma_rad, snr)
    return sigma


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
