"""Mirror light: sun glints off cloud tops and water, the light that once looked like five launches.

A rough surface is many small mirrors. One sends sunlight to a satellite if its normal bisects the
directions to both; how many stand so is given by the slope distribution. Radiance of a surface
with slope density P, after C. Cox and W. Munk, J. Opt. Soc. Am. 44 (1954) 838, is

    L = E r(w) P / (4 cos(view zenith) cos^4(tilt)),

with the Sun's irradiance E across its rays, Fresnel's reflectance r at the angle of incidence w
on the facet, and the facet's tilt from the vertical. The intensity of a level patch of area A is
L A cos(view zenith), so the view zenith cancels. Slopes are Gaussian and alike in all directions.
Shadowing, several reflections and the forward peak of cloud droplets are left out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import SEMI_MAJOR_AXIS_M, SEMI_MINOR_AXIS_M
from forewarn.sensors.radiance import solar_irradiance_w_m2
from forewarn.sensors.sight import dot, unit
from forewarn.sensors.transmission import WATER_BAND, Band

Array = NDArray[np.float64]

# The ellipsoid's normal is the gradient of (x/a)^2 + (y/a)^2 + (z/b)^2.
_NORMAL = np.array([1.0, 1.0, (SEMI_MAJOR_AXIS_M / SEMI_MINOR_AXIS_M) ** 2])


class GlintGeometry(NamedTuple):
    """How the Sun, a place and a satellite lie to each other, arrays (k,) [rad].

    The angle by which light has to turn (0 is straight on), the tilt of the mirror that does it
    (pi/2 where the Sun or the satellite is below the horizon, so that there is none), and the
    angle between the two vertical planes that hold the ray in and the ray out.
    """

    scattering_angle_rad: Array
    facet_tilt_rad: Array
    plane_offset_rad: Array


def glint_geometry(
    point_ecef_m: Array, sun_direction_ecef: Array, satellite_ecef_m: Array
) -> GlintGeometry:
    """Return the geometry of glints at places (..., 3), for unit directions to the Sun (..., 3).

    The vertical is the ellipsoid's normal, off by height times flattening / radius: 6e-6 rad at
    12 km.
    """
    up = unit(point_ecef_m * _NORMAL)
    view = unit(satellite_ecef_m - point_ecef_m)
    sun = sun_direction_ecef
    # atan2 of sum and difference keeps its digits at both ends, where arccos loses them.
    total, difference = _length(sun + view), _length(sun - view)
    scattering = 2.0 * np.arctan2(total, difference)
    sun_height, view_height = dot(sun, up), dot(view, up)
    up_share = np.where(total > 0.0, (sun_height + view_height) / np.maximum(total, 1e-300), 0.0)
    tilt = np.arccos(np.clip(up_share, -1.0, 1.0))
    lit = (sun_height > 0.0) & (view_height > 0.0)
    onward, outward = sun_height[..., None] * up - sun, view - view_height[..., None] * up
    turned, along = dot(np.cross(onward, outward), up), dot(onward, outward)
    return GlintGeometry(
        scattering_angle_rad=scattering,
        facet_tilt_rad=np.where(lit, tilt, 0.5 * np.pi),
        plane_offset_rad=np.abs(np.arctan2(turned, along)),
    )


def glint_intensity_w_sr(
    geometry: GlintGeometry,
    area_m2: Array | float,
    tilt_sigma_rad: Array | float,
    band: Band = WATER_BAND,
    *,
    refractive_index: complex | None = None,
    transmission: Array | float = 1.0,
) -> Array:
    """In-band intensity [W/sr] towards the satellite of a level patch of facets.

    ``tilt_sigma_rad`` is one sigma of the tilt about each level axis, ``refractive_index`` that of
    the surface (of ice where left out), ``transmission`` that of `sunlit_transmission`.
    """
    tilt = geometry.facet_tilt_rad
    variance = np.tan(tilt_sigma_rad) ** 2
    cosine = np.cos(tilt)
    faces_up = cosine > 1e-6
    slope = np.tan(np.where(faces_up, tilt, 0.0))
    density = np.exp(-0.5 * slope * slope / variance) / (2.0 * np.pi * variance)
    incidence_rad = 0.5 * (np.pi - geometry.scattering_angle_rad)
    index = band.ice_index if refractive_index is None else refractive_index
    mirrored = solar_irradiance_w_m2(band) * fresnel_reflectance(incidence_rad, index)
    per_area = mirrored * density / (4.0 * np.where(faces_up, cosine, 1.0) ** 4)
    intensity: Array = np.where(faces_up, per_area * area_m2 * transmission, 0.0)
    return intensity


def fresnel_reflectance(incidence_rad: Array | float, refractive_index: complex) -> Array:
    """Share of unpolarised light that a smooth surface in air mirrors: Fresnel's equations.

    M. Born, E. Wolf, Principles of Optics, section 1.5.2, equation 21.
    """
    cosine = np.cos(np.asarray(incidence_rad, dtype=np.float64))
    sine = np.sin(incidence_rad) / refractive_index
    inside = np.sqrt(1.0 - sine * sine)
    across = (cosine - refractive_index * inside) / (cosine + refractive_index * inside)
    within = (refractive_index * cosine - inside) / (refractive_index * cosine + inside)
    share: Array = 0.5 * (np.abs(across) ** 2 + np.abs(within) ** 2)
    return share


def sea_tilt_sigma_rad(wind_speed_m_s: Array | float) -> Array:
    """One sigma of the facets' tilt about each level axis of a clean sea in wind, at 12.5 m.

    Cox and Munk (1954): the mean square slope is 0.003 + 0.00512 W, shared by two axes.
    """
    mean_square_slope = 0.003 + 5.12e-3 * np.asarray(wind_speed_m_s, dtype=np.float64)
    sigma: Array = np.arctan(np.sqrt(0.5 * mean_square_slope))
    return sigma


def _length(a: Array) -> Array:
    length: Array = np.sqrt(dot(a, a))
    return length
