"""A real ascent from its webcast: speed and altitude at 1 Hz become a path over the Earth.

The speed is good to 0.3 m/s but the altitude is read in steps of 0.1 km (1 km above 100 km), so the
altitude is never differentiated. Instead the sine s of the flight-path angle is a smooth spline and

    altitude(t) - altitude(0) = integral of v s dt

is fitted to all samples at once, linear least squares in the coefficients of s. Vertical and
horizontal speed are then v s and v sqrt(1 - s^2), consistent with speed and altitude together.

The ground track is the geodesic from the pad whose first azimuth follows from the velocity
triangle at insertion: inertial velocity of a circular orbit at the last altitude and published
inclination, less the Earth's rotation (Vallado, Fundamentals of Astrodynamics, 4th ed., eq. 6-35).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline

from forewarn.earth import (
    ECCENTRICITY_SQUARED,
    GRAVITATIONAL_PARAMETER_M3_S2,
    MEAN_RADIUS_M,
    ROTATION_RATE_RAD_S,
    SEMI_MAJOR_AXIS_M,
)
from forewarn.frames import ecef_from_geodetic, enu_axes
from forewarn.missiles.trajectory import Trajectory
from forewarn.simulation.scenario import TelemetryLaunch

Array = NDArray[np.float64]

_KNOT_SPACING_S = 12.0
_ALTITUDE_STEP_CHANGE_M = 100_000.0
_LOW_SIGMA_M, _HIGH_SIGMA_M = 30.0, 290.0  # step / sqrt(12)
_ROUGHNESS_SIGMA = 0.02  # of the second difference of the spline's coefficients
_VERTICAL_S, _VERTICAL_SIGMA = 8.0, 0.01  # a rocket clears its tower going straight up
_STAGE_CROSS_SECTION_M2 = 10.0  # notional: an upper stage with its payload


def telemetry_trajectory(launch: TelemetryLaunch) -> Trajectory:
    """Return the path that the telemetry describes, sampled at its own times.

    Raises ValueError if there are too few samples, times do not ascend, or burns and intensities
    differ in number.
    """
    _check(launch)
    time_s, speed_m_s, altitude_m = np.array(launch.samples).T
    sine = climb_sine(time_s, speed_m_s, altitude_m)
    height_m = launch.height_m + _integral(speed_m_s * sine, time_s)
    horizontal_m_s = speed_m_s * np.sqrt(1.0 - sine * sine)
    latitude_rad, longitude_rad, azimuth_rad = _geodesic(launch, time_s, horizontal_m_s, height_m)
    position = np.empty((len(time_s), 3))
    velocity = np.empty((len(time_s), 3))
    for i in range(len(time_s)):
        position[i] = ecef_from_geodetic(latitude_rad[i], longitude_rad[i], height_m[i])
        east = horizontal_m_s[i] * np.sin(azimuth_rad[i])
        north = horizontal_m_s[i] * np.cos(azimuth_rad[i])
        enu = np.array([east, north, speed_m_s[i] * sine[i]])
        velocity[i] = enu @ enu_axes(latitude_rad[i], longitude_rad[i])
    intensity_w_sr = np.zeros(len(time_s))
    for (start_s, end_s), brightness in zip(launch.burns_s, launch.intensities_w_sr, strict=True):
        intensity_w_sr[(time_s > start_s) & (time_s <= end_s)] = brightness
    return Trajectory(
        times_s=time_s,
        position_ecef_m=position,
        velocity_ecef_m_s=velocity,
        intensity_w_sr=intensity_w_sr,
        radar_cross_section_m2=_STAGE_CROSS_SECTION_M2,
        burnout_s=min(max(end for _, end in launch.burns_s), float(time_s[-1])),
        came_down=False,
    )


def _check(launch: TelemetryLaunch) -> None:
    name = f"telemetry of launch {launch.launch_id!r}"
    times = [sample[0] for sample in launch.samples]
    if len(times) < 60:
        raise ValueError(f"{name} has {len(times)} samples; at least 60 are needed for a path")
    if any(b <= a for a, b in pairwise(times)):
        raise ValueError(f"{name}: times do not ascend; sort the rows and remove duplicates")
    if not launch.burns_s or len(launch.burns_s) != len(launch.intensities_w_sr):
        raise ValueError(
            f"{name} has {len(launch.burns_s)} burns and {len(launch.intensities_w_sr)} "
            "intensities; give at least one burn and one intensity for each"
        )


def climb_sine(time_s: Array, speed_m_s: Array, altitude_m: Array) -> Array:
    """Return the sine (n,) of the flight-path angle that explains altitude by speed.

    Altitudes count from the first one, so a webcast that starts at the pad's height does no harm.
    """
    inner = np.arange(time_s[0], time_s[-1], _KNOT_SPACING_S)
    knots = np.concatenate(([time_s[0]] * 3, inner, [time_s[-1]] * 4))
    basis = BSpline.design_matrix(time_s, knots, 3).toarray()
    climb_m = _integral(speed_m_s[:, None] * basis, time_s)
    weight = 1.0 / np.where(altitude_m < _ALTITUDE_STEP_CHANGE_M, _LOW_SIGMA_M, _HIGH_SIGMA_M)
    rough = np.diff(np.eye(basis.shape[1]), 2, axis=0) / _ROUGHNESS_SIGMA
    tower = basis[time_s <= time_s[0] + _VERTICAL_S] / _VERTICAL_SIGMA
    rows = np.vstack((climb_m * weight[:, None], rough, tower))
    wanted = np.concatenate(
        (
            (altitude_m - altitude_m[0]) * weight,
            np.zeros(len(rough)),
            np.full(len(tower), 1.0 / _VERTICAL_SIGMA),
        )
    )
    coefficients = np.linalg.lstsq(rows, wanted, rcond=None)[0]
    sine: Array = np.clip(basis @ coefficients, -1.0, 1.0)
    return sine


def _integral(rate: Array, time_s: Array) -> Array:
    """Return the running integral along the first axis by trapezoids, zero at the start."""
    strips = 0.5 * ((rate[1:] + rate[:-1]).T * np.diff(time_s)).T
    result = np.zeros_like(rate)
    np.cumsum(strips, axis=0, out=result[1:])
    return result


def launch_azimuth_rad(launch: TelemetryLaunch) -> float:
    """Earth-relative azimuth at the pad that leads to the published inclination.

    An inclination below the pad's latitude cannot be reached: due east (or west) is returned.
    """
    latitude = np.arctan((1.0 - ECCENTRICITY_SQUARED) * np.tan(launch.latitude_rad))
    radius_m = MEAN_RADIUS_M + launch.samples[-1][2]
    inertial_m_s = np.sqrt(GRAVITATIONAL_PARAMETER_M3_S2 / radius_m)
    sine = np.clip(np.cos(launch.inclination_rad) / np.cos(latitude), -1.0, 1.0)
    north = np.sqrt(1.0 - sine * sine) * (-1.0 if launch.descending else 1.0)
    rotation_m_s = ROTATION_RATE_RAD_S * radius_m * np.cos(latitude)
    return float(np.arctan2(inertial_m_s * sine - rotation_m_s, inertial_m_s * north))


def _geodesic(
    launch: TelemetryLaunch, time_s: Array, horizontal_m_s: Array, height_m: Array
) -> tuple[Array, Array, Array]:
    """Latitude, longitude and azimuth (n,) along the geodesic from the pad, flown at that speed.

    Midpoint steps of d(latitude) = v cos A / (M + h), d(longitude) = v sin A / ((N + h) cos phi),
    d(A) = v sin A tan(phi) / (N + h), with M and N the meridian and prime-vertical radii.
    """

    def rate(track: Array, speed_m_s: float, above_m: float) -> Array:
        latitude, _, azimuth = track
        flat = 1.0 - ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
        prime_vertical = SEMI_MAJOR_AXIS_M / np.sqrt(flat) + above_m
        meridian = SEMI_MAJOR_AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / flat**1.5 + above_m
        east = speed_m_s * np.sin(azimuth) / prime_vertical
        north = speed_m_s * np.cos(azimuth) / meridian
        return np.array([north, east / np.cos(latitude), east * np.tan(latitude)])

    tracks = np.empty((len(time_s), 3))
    tracks[0] = launch.latitude_rad, launch.longitude_rad, launch_azimuth_rad(launch)
    for i in range(len(time_s) - 1):
        step_s = time_s[i + 1] - time_s[i]
        speed = 0.5 * (horizontal_m_s[i] + horizontal_m_s[i + 1])
        above_m = 0.5 * (height_m[i] + height_m[i + 1])
        half = tracks[i] + 0.5 * step_s * rate(tracks[i], speed, above_m)
        tracks[i + 1] = tracks[i] + step_s * rate(half, speed, above_m)
    return tracks[:, 0], tracks[:, 1], tracks[:, 2]
