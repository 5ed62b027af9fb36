"""The ground radar: radar equation from engineering figures, accuracy, coverage.

Equations are those of M. Skolnik (ed.), Radar Handbook, 3rd ed. (2008), chapters 1, 7, 12
and 13, in the form that the open PAVE PAWS figures close (US National Research Council, 2005,
report 11205). `forewarn.sensors.detection` turns a ratio into a chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import BOLTZMANN_J_K, SPEED_OF_LIGHT_M_S
from forewarn.frames import ecef_from_geodetic, enu_axes
from forewarn.kernels.measure import radar_from_ecef
from forewarn.sensors.network import RadarSensor
from forewarn.sensors.sight import lowest_height_m

Array = NDArray[np.float64]


def gain_from_aperture(diameter_m: float, efficiency: float, wavelength_m: float) -> float:
    """Gain (a ratio) of a round aperture: efficiency (pi D / lambda)^2, chapter 12."""
    return efficiency * (np.pi * diameter_m / wavelength_m) ** 2


def beam_width_from_aperture_rad(diameter_m: float, wavelength_m: float) -> float:
    """Width [rad] between half-power points of a round aperture, tapered: 70 degrees lambda / D."""
    return float(np.radians(70.0)) * wavelength_m / diameter_m


def off_boresight_rad(
    azimuth_rad: Array, elevation_rad: Array, boresight_azimuth_rad: float, tilt_rad: float
) -> Array:
    """Angle [rad] between a direction and the normal of a face tilted up by ``tilt_rad``."""
    level = np.cos(elevation_rad) * np.cos(tilt_rad)
    cosine = level * np.cos(azimuth_rad - boresight_azimuth_rad) + (
        np.sin(elevation_rad) * np.sin(tilt_rad)
    )
    angle: Array = np.arccos(np.clip(cosine, -1.0, 1.0))
    return angle


def scan_gain(off_boresight_rad: Array, exponent: float = 1.5) -> Array:
    """Gain of a steered array over that at its boresight, one way: cos^n, zero behind the face.

    The signal-to-noise ratio falls with the square. The exponent is 1 for the shortened aperture
    alone and about 1.5 with the pattern of real elements (chapter 13).
    """
    gain: Array = np.maximum(np.cos(off_boresight_rad), 0.0) ** exponent
    return gain


def energy_to_noise(
    energy_j: float,
    wavelength_m: float,
    range_m: Array,
    cross_section_m2: Array | float,
    *,
    gain: float,
    noise_temperature_k: float,
    loss: float,
) -> Array:
    """Signal-to-noise ratio of an echo: E G^2 lambda^2 sigma / ((4 pi)^3 k Ts R^4 L), chapter 1.

    ``energy_j`` is all that is sent and added coherently: peak power, pulse length, pulses.
    ``gain`` and ``loss`` are ratios, and one antenna both sends and receives.
    """
    noise = BOLTZMANN_J_K * noise_temperature_k * loss
    lit = energy_j * (gain * wavelength_m) ** 2 * cross_section_m2
    ratio: Array = lit / ((4.0 * np.pi) ** 3 * noise * range_m**4)
    return ratio


def signal_to_noise(sensor: RadarSensor, range_m: Array, cross_section_m2: Array | float) -> Array:
    """Single-pulse signal-to-noise ratio at the boresight of a radar of the network."""
    return energy_to_noise(
        sensor.peak_power_w * sensor.pulse_s,
        SPEED_OF_LIGHT_M_S / sensor.frequency_hz,
        range_m,
        cross_section_m2,
        gain=sensor.gain,
        noise_temperature_k=sensor.noise_temperature_k,
        loss=sensor.loss,
    )


def range_of_unit_echo_m(sensor: RadarSensor) -> float:
    """Range [m] at which 1 m2 returns a signal-to-noise ratio of one: a scan's ``sensitivity``."""
    ratio_at_one_metre = float(signal_to_noise(sensor, np.array(1.0), 1.0))
    return float(ratio_at_one_metre**0.25)


def detection_range_m(
    unit_echo_range_m: Array | float, cross_section_m2: Array | float, snr: float
) -> Array:
    """Range [m] at which an echo returns ``snr`` in one pulse: the unit range (sigma / S)^(1/4).

    `forewarn.sensors.detection.required_snr` gives ``snr`` from chances of detection and false
    alarm; divide it by the number of pulses where these are added coherently.
    """
    found: Array = unit_echo_range_m * (cross_section_m2 / np.asarray(snr)) ** 0.25
    return found


def beam_sigma_rad(sensor: RadarSensor, snr: Array) -> Array:
    """Angle error across the beam [rad]: theta / (1.6 sqrt(2 S)), floor added in quadrature."""
    thermal = sensor.beam_width_rad / (1.6 * np.sqrt(2.0 * snr))
    sigma: Array = np.hypot(thermal, sensor.angle_floor_rad)
    return sigma


def range_sigma_m(sensor: RadarSensor, snr: Array) -> Array:
    """Range error [m]: c / (2 B sqrt(2 S)), floor added in quadrature."""
    thermal = SPEED_OF_LIGHT_M_S / (2.0 * sensor.bandwidth_hz * np.sqrt(2.0 * snr))
    sigma: Array = np.hypot(thermal, sensor.range_floor_m)
    return sigma


def wrapped_rad(angle_rad: Array) -> Array:
    """Return angles brought to [-pi, pi)."""
    turned: Array = (angle_rad + np.pi) % (2.0 * np.pi) - np.pi
    return turned


@final
@dataclass(frozen=True, slots=True, eq=False)
class RadarModel:
    """`forewarn.sensors.model.SensorModel` of a ground radar; build it with `radar_model`.

    It measures range, azimuth, elevation and range rate in its local east-north-up frame.
    """

    sensor: RadarSensor
    site_ecef_m: Array
    axes_enu: Array

    @property
    def sensor_id(self) -> str:
        """The id of the sensor in its network."""
        return self.sensor.sensor_id

    def visible(self, position_ecef_m: Array) -> bool:
        """Say whether a point is inside the azimuth, elevation and range limits and in sight."""
        state = np.zeros(6)
        state[:3] = position_ecef_m
        return bool(in_coverage(self, position_ecef_m, self.predict(state, state)))

    def predict(self, state_ecef: Array, measured: Array) -> Array:  # noqa: ARG002
        """Return range [m], azimuth [rad, 0..2 pi], elevation [rad], range rate [m/s] (4,)."""
        z = np.empty(4)
        radar_from_ecef(state_ecef, self.site_ecef_m, self.axes_enu, z)
        return z

    def jacobian(self, state_ecef: Array, measured: Array) -> Array:  # noqa: ARG002
        """Return the derivative (4, 6) of ``predict``; undefined straight above the site."""
        east, north, up = self.axes_enu
        d = state_ecef[:3] - self.site_ecef_m
        r = np.sqrt(d @ d)
        u = d / r
        x, y = east @ d, north @ d
        across_squared = x * x + y * y
        speed = u @ state_ecef[3:]
        result = np.zeros((4, 6))
        result[0, :3] = u
        result[1, :3] = (y * east - x * north) / across_squared
        result[2, :3] = (up - (up @ u) * u) / np.sqrt(across_squared)
        result[3, :3] = (state_ecef[3:] - speed * u) / r
        result[3, 3:] = u
        return result

    def residual(self, measured: Array, predicted: Array) -> Array:
        """Return measured minus predicted (4,), the azimuth the short way round."""
        difference = measured - predicted
        difference[1] = wrapped_rad(difference[1])
        return difference

    def noise(self, measured: Array, snr: float) -> Array:
        """One-sigma errors (4,). Azimuth error grows with 1 / cos(elevation): beams are round."""
        across = float(beam_sigma_rad(self.sensor, np.array(snr)))
        return np.array(
            [
                float(range_sigma_m(self.sensor, np.array(snr))),
                across / max(float(np.cos(measured[2])), 1e-3),
                across,
                self.sensor.range_rate_sigma_m_s,
            ]
        )


def radar_model(sensor: RadarSensor) -> RadarModel:
    """Place a radar of the network on the Earth."""
    return RadarModel(
        sensor=sensor,
        site_ecef_m=ecef_from_geodetic(sensor.latitude_rad, sensor.longitude_rad, sensor.height_m),
        axes_enu=enu_axes(sensor.latitude_rad, sensor.longitude_rad),
    )


def in_coverage(model: RadarModel, position_ecef_m: Array, predicted: Array) -> NDArray[np.bool_]:
    """Say which points (..., 3), seen as ``predicted`` (..., 4), the radar covers."""
    sensor = model.sensor
    off_boresight = wrapped_rad(predicted[..., 1] - sensor.boresight_azimuth_rad)
    inside = (
        (predicted[..., 0] <= sensor.range_max_m)
        & (np.abs(off_boresight) <= sensor.azimuth_half_width_rad)
        & (predicted[..., 2] >= sensor.elevation_min_rad)
        & (predicted[..., 2] <= sensor.elevation_max_rad)
    )
    above = lowest_height_m(position_ecef_m, model.site_ecef_m) >= min(sensor.height_m, 0.0) - 1.0
    result: NDArray[np.bool_] = inside & above
    return result
