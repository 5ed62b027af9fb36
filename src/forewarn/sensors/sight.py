"""Lines of sight over the WGS 84 ellipsoid, on arrays of points (..., 3) in ecef [m]."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import SEMI_MAJOR_AXIS_M, SEMI_MINOR_AXIS_M

Array = NDArray[np.float64]

# Stretching z by a/b turns the ellipsoid into a sphere, and straight lines into straight lines.
_STRETCH = np.array([1.0, 1.0, SEMI_MAJOR_AXIS_M / SEMI_MINOR_AXIS_M]) / SEMI_MAJOR_AXIS_M


def dot(a: Array, b: Array) -> Array:
    """Return scalar products (...) of vectors (..., 3).

    Written out, it gives the bits of numpy's sum over the last axis five times as fast, and the
    same bits however many vectors there are, which neither ``einsum`` nor a product promises.
    """
    product: Array = a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2]
    return product


def height_m(position_ecef_m: Array) -> Array:
    """Height above the ellipsoid along the geocentric radius: within 2 m of geodetic to 200 km."""
    radius_m = np.sqrt(dot(position_ecef_m, position_ecef_m))
    stretched = position_ecef_m * _STRETCH
    height: Array = radius_m * (1.0 - 1.0 / np.sqrt(dot(stretched, stretched)))
    return height


def lowest_height_m(from_ecef_m: Array, to_ecef_m: Array) -> Array:
    """Return the least height [m] of the straight path; negative if it passes through the Earth.

    Exact in sign; in size within 0.4 % of the height.
    """
    a = from_ecef_m * _STRETCH
    d = to_ecef_m * _STRETCH - a
    nearest = np.clip(-dot(a, d) / dot(d, d), 0.0, 1.0)
    return height_m(from_ecef_m + nearest[..., None] * (to_ecef_m - from_ecef_m))


def sine_elevation(from_ecef_m: Array, to_ecef_m: Array) -> Array:
    """Sine of the elevation of ``to`` above the local horizon of ``from``.

    The vertical is the ellipsoid's normal, which is good to height times flattening / radius.
    """
    up = from_ecef_m * _STRETCH * _STRETCH
    d = to_ecef_m - from_ecef_m
    sine: Array = dot(up, d) / np.sqrt(dot(up, up) * dot(d, d))
    return sine


def unit(vector: Array) -> Array:
    """Return the vectors (..., 3) divided by their lengths."""
    length: Array = np.sqrt(dot(vector, vector))[..., None]
    return vector / length


def tangent_axes(direction: Array) -> tuple[Array, Array]:
    """Two unit vectors (..., 3) across each unit direction.

    The array form of `forewarn.kernels.measure.tangent_axes`: the first is z-cross-u normalised
    (x-cross-u near the poles), the second u cross the first.
    """
    pole = np.where(np.abs(direction[..., 2:]) < 0.99, [0.0, 0.0, 1.0], [1.0, 0.0, 0.0])
    first = unit(np.cross(pole, direction))
    return first, np.cross(direction, first)
