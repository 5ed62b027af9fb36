"""Looks and tracks for the tests of the filter, as plain arrays."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.frames import enu_axes, geodetic_from_ecef
from forewarn.kernels import filter as filters
from forewarn.kernels import motion
from forewarn.kernels.measure import radar_from_ecef, tangent_axes

Array = NDArray[np.float64]

SURELY = np.ones(filters.MODELS)  # probability of detection under each model


def telescope_look(
    target: Array, sensor_ecef_m: Array, sigma: float, *, first: int, offset: Array | None = None
) -> Array:
    """Geometry (8, 3) of a line of sight to ``target`` (6,), turned by ``offset`` (2,) [rad].

    Two biases begin at state element ``first``.
    """
    g = np.zeros((8, 3))
    g[0] = sensor_ecef_m
    g[1] = target[:3] - sensor_ecef_m
    g[1] /= np.linalg.norm(g[1])
    tangent_axes(g[1], g[2:4])
    if offset is not None:
        g[1] += offset @ g[2:4]
        g[1] /= np.linalg.norm(g[1])
        tangent_axes(g[1], g[2:4])
    g[6] = sigma
    g[7] = 0.0, first, 2.0
    return g


def radar_geometry(site_ecef_m: Array, sigmas: Array, *, first: int, biases: int = 3) -> Array:
    """Geometry (8, 3) of a radar without a measurement; its biases begin at ``first``."""
    g = np.zeros((8, 3))
    g[0] = site_ecef_m
    latitude, longitude, _ = geodetic_from_ecef(site_ecef_m)
    g[1:4] = enu_axes(float(latitude), float(longitude))
    g[6] = sigmas[:3]
    g[7] = sigmas[3], first, biases
    return g


def measured(geometry: Array, target: Array, error: Array) -> Array:
    """A copy of a radar's geometry with its measurement of ``target`` (6,), wrong by ``error``."""
    g, z = geometry.copy(), np.empty(4)
    radar_from_ecef(np.ascontiguousarray(target[:6]), g[0], np.ascontiguousarray(g[1:4]), z)
    z += error
    g[4], g[5, 0] = z[:3], z[3]
    return g


def process_noise(model: int, dt: float, *, in_air: bool) -> Array:
    """Covariance (8, 8) that a step of ``dt`` adds, from the densities that the module states.

    Without what a glider banks away, which depends on where it is.
    """
    q = np.zeros((filters.BODY, filters.BODY))
    psd = motion.COAST_VELOCITY_PSD
    if model == filters.BOOST:
        psd = motion.BOOST_VELOCITY_PSD
        q[6, 6] = motion.BOOST_THRUST_PSD * dt
        q[7, 7] = motion.BOOST_LOSS_PSD * dt
    elif in_air and model != filters.BALLISTIC:
        psd = motion.AIR_VELOCITY_PSD
        q[6, 6] = motion.AIR_DRAG_PSD * dt
        if model == filters.GLIDE:
            q[6, 6] = motion.GLIDE_DRAG_PSD * dt
            q[7, 7] = motion.GLIDE_LIFT_PSD * dt
    one = np.array(((dt**3 / 3.0, dt**2 / 2.0), (dt**2 / 2.0, dt)))
    q[:6, :6] = psd * np.kron(one, np.eye(3))
    return q


def above(latitude: float, longitude: float, height_m: float) -> Array:
    """A point (3,) in ecef on a sphere: good enough to stand a sensor on."""
    r = 6_371e3 + height_m
    level = math.cos(latitude)
    return r * np.array(
        (level * math.cos(longitude), level * math.sin(longitude), math.sin(latitude))
    )
