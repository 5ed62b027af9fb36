"""How air and ionosphere bend and delay what a radar sees, and what a correction leaves of it.

A ray is traced once for a grid of elevations and ranges (`forewarn.kernels.ray`), and the grid is
interpolated by cubic splines. Air is the exponential reference atmosphere, the ionosphere one
Chapman layer; both are the same in all directions. The bending of the two is added, and that of
the ionosphere taken in proportion to its electron content: within 2e-6 rad and 1 m at 435 MHz.

A simulation gives the sky one `Atmosphere` and the radar another, which is wrong by a few per
cent; what the radar's correction then leaves is `residual`.

Sources: [P453] Recommendation ITU-R P.453, reference atmosphere n = 1 + 315e-6 exp(-h / 7.35 km);
close to it is the CRPL exponential atmosphere (313 and about 6.95 km, from memory) of B. Bean, E.
Dutton, Radio Meteorology, NBS Monograph 92 (1966), chapter 3; group delay 40.3 N_e / f^2: J.
Hargreaves, The Solar-Terrestrial Environment (1992). Height and thickness of the layer are those
of a usual day, from memory, soft.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RectBivariateSpline

from forewarn.earth import MEAN_RADIUS_M
from forewarn.kernels.ray import trace_ray

Array = NDArray[np.float64]
Angles = Array | float

SEA_LEVEL_REFRACTIVITY = 315.0  # [P453], parts in a million
SCALE_HEIGHT_M = 7_350.0  # [P453]
ELECTRON_COLUMN_PER_M2 = 20e16  # 20 TECU, a quiet day in middle latitudes; soft, 5 to 100 occur

_PLASMA_DELAY_M3_S2 = 40.3  # [Hargreaves 1992] e^2 / (8 pi^2 eps0 m_e)
_PEAK_HEIGHT_M = 350e3  # soft
_PLASMA_SCALE_HEIGHT_M = 60e3  # soft
_REFERENCE_DELAY_M = 10.0
_LOWEST_RAD = np.radians(-1.0)
_NEAREST_M = 1e3
_FARTHEST_M = 4e7
_ELEVATIONS = 64
_RANGES = 97
_NEWTON_STEPS = 8


@final
@dataclass(frozen=True, slots=True, eq=False)
class RefractionTable:
    """Bending and delay by apparent elevation [rad] and range [m], in one medium.

    Held constant below -1 degree, under 1 km and beyond 40,000 km.
    """

    bending: RectBivariateSpline
    delay: RectBivariateSpline

    def bending_rad(self, apparent_elevation_rad: Angles, range_m: Angles) -> Array:
        """How much higher [rad] a point seems than it is."""
        found: Array = self.bending.ev(*_inside(apparent_elevation_rad, range_m))
        return found

    def delay_m(self, apparent_elevation_rad: Angles, range_m: Angles) -> Array:
        """How much farther [m] a point seems than it is."""
        found: Array = self.delay.ev(*_inside(apparent_elevation_rad, range_m))
        return found

    def slope(self, apparent_elevation_rad: Angles, range_m: Angles) -> Array:
        """Derivative of the bending by the apparent elevation; zero where the table is held."""
        inside, ln_range = _inside(apparent_elevation_rad, range_m)
        slope: Array = self.bending.ev(inside, ln_range, dx=1)
        return np.where(inside == np.asarray(apparent_elevation_rad), slope, 0.0)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Atmosphere:
    """Air and ionosphere over one radar. Build it with `atmosphere`.

    ``vertical_delay_m`` is what the whole ionosphere adds straight up; `dataclasses.replace` it to
    follow the electron content through a day without tracing rays again.
    """

    air: RefractionTable
    plasma_per_metre: RefractionTable
    vertical_delay_m: float

    def bending_rad(self, apparent_elevation_rad: Angles, range_m: Angles) -> Array:
        """How much higher [rad] a point seems than it is."""
        plasma = self.plasma_per_metre.bending_rad(apparent_elevation_rad, range_m)
        bending: Array = self.air.bending_rad(apparent_elevation_rad, range_m) + (
            self.vertical_delay_m * plasma
        )
        return bending

    def delay_m(self, apparent_elevation_rad: Angles, range_m: Angles) -> Array:
        """How much farther [m] a point seems than it is."""
        plasma = self.plasma_per_metre.delay_m(apparent_elevation_rad, range_m)
        delay: Array = self.air.delay_m(apparent_elevation_rad, range_m) + (
            self.vertical_delay_m * plasma
        )
        return delay

    def apparent_from_true(self, elevation_rad: Angles, range_m: Angles) -> tuple[Array, Array]:
        """Return the elevation [rad] and range [m] at which a radar sees a point.

        The apparent elevation less its bending is the true one; solved by Newton's method.
        """
        true = np.asarray(elevation_rad, dtype=np.float64)
        seen = true + self.bending_rad(true, range_m)
        for _ in range(_NEWTON_STEPS):
            slope = self.air.slope(seen, range_m) + (
                self.vertical_delay_m * self.plasma_per_metre.slope(seen, range_m)
            )
            seen = seen - (seen - self.bending_rad(seen, range_m) - true) / (1.0 - slope)
        return seen, np.asarray(range_m + self.delay_m(seen, range_m))

    def corrected(self, elevation_rad: Angles, range_m: Angles) -> tuple[Array, Array]:
        """Return the true elevation [rad] and range [m] of what is seen, if this is the air."""
        seen = np.asarray(elevation_rad, dtype=np.float64)
        nearer = np.asarray(range_m, dtype=np.float64)
        for _ in range(3):  # the delay changes by under 1e-3 a metre of range
            nearer = range_m - self.delay_m(seen, nearer)
        return seen - self.bending_rad(seen, nearer), nearer


def surface_refractivity(height_m: float) -> float:
    """Return the refractivity [parts in a million] of the reference atmosphere at a height."""
    return SEA_LEVEL_REFRACTIVITY * float(np.exp(-height_m / SCALE_HEIGHT_M))


def ionospheric_delay_m(electrons_per_m2: float, frequency_hz: float) -> float:
    """Range [m] that a column of electrons adds to a pulse that crosses it: 40.3 N / f^2."""
    return _PLASMA_DELAY_M3_S2 * electrons_per_m2 / frequency_hz**2


def refraction_table(
    surface_refractivity: float,
    scale_height_m: float = SCALE_HEIGHT_M,
    site_height_m: float = 0.0,
) -> RefractionTable:
    """Trace rays through air whose refractivity [parts in a million] at the site is given.

    Raises ValueError where air would lead rays round the Earth (157 parts in a million a km).
    """
    gradient_per_m = 1e-6 * surface_refractivity / scale_height_m
    if not 0.0 <= gradient_per_m < 0.9 / MEAN_RADIUS_M:
        raise ValueError(
            f"surface_refractivity = {surface_refractivity:.6g} over scale_height_m = "
            f"{scale_height_m:.6g} falls by {1e9 * gradient_per_m:.4g} parts in a million a "
            "kilometre: it must be 0 to 141, or rays no longer rise"
        )
    radius_m = MEAN_RADIUS_M + site_height_m
    medium = np.array((radius_m, 1e-6 * surface_refractivity, scale_height_m, 0.0, 0.0, 1.0))
    return _traced(medium, 1.0)


def plasma_table(site_height_m: float = 0.0) -> RefractionTable:
    """Trace rays through an ionosphere; bending and delay are per metre of vertical delay."""
    column_m = np.sqrt(2.0 * np.pi * np.e) * _PLASMA_SCALE_HEIGHT_M
    medium = np.array(
        (
            MEAN_RADIUS_M + site_height_m,
            0.0,
            SCALE_HEIGHT_M,
            _REFERENCE_DELAY_M / column_m,
            _PEAK_HEIGHT_M - site_height_m,
            _PLASMA_SCALE_HEIGHT_M,
        )
    )
    return _traced(medium, 1.0 / _REFERENCE_DELAY_M)


def atmosphere(
    frequency_hz: float,
    site_height_m: float,
    refractivity: float | None = None,
    electrons_per_m2: float = ELECTRON_COLUMN_PER_M2,
) -> Atmosphere:
    """Return the atmosphere over a radar; the reference refractivity where none is given."""
    at_site = surface_refractivity(site_height_m) if refractivity is None else refractivity
    return Atmosphere(
        air=refraction_table(at_site, site_height_m=site_height_m),
        plasma_per_metre=plasma_table(site_height_m),
        vertical_delay_m=ionospheric_delay_m(electrons_per_m2, frequency_hz),
    )


def residual(
    sky: Atmosphere, assumed: Atmosphere, elevation_rad: Angles, range_m: Angles
) -> tuple[Array, Array]:
    """Return the errors in elevation [rad] and range [m] that a radar's correction leaves.

    The point at a true elevation and range is seen through ``sky``, and corrected by ``assumed``.
    """
    elevation, distance = assumed.corrected(*sky.apparent_from_true(elevation_rad, range_m))
    return elevation - elevation_rad, distance - range_m


def _nodes() -> tuple[Array, Array]:
    """Return the elevations [rad] and ranges [m] of the grid, dense where low and near."""
    share = np.linspace(0.0, 1.0, _ELEVATIONS)
    elevation = _LOWEST_RAD + (0.5 * np.pi - _LOWEST_RAD) * share**2
    return elevation, np.geomspace(_NEAREST_M, _FARTHEST_M, _RANGES)


def _traced(medium: Array, scale: float) -> RefractionTable:
    elevation, distance = _nodes()
    found = np.empty((_ELEVATIONS, _RANGES, 3))
    for row, angle in zip(found, elevation.tolist(), strict=True):
        trace_ray(angle, medium, distance, row)
    bending, delay = scale * found[..., 0], scale * found[..., 1]
    return RefractionTable(
        bending=RectBivariateSpline(elevation, np.log(distance), bending),
        delay=RectBivariateSpline(elevation, np.log(distance), delay),
    )


def _inside(elevation_rad: Angles, range_m: Angles) -> tuple[Array, Array]:
    """Return the coordinates of the splines, held to the grid."""
    inside = np.clip(np.asarray(elevation_rad, dtype=np.float64), _LOWEST_RAD, 0.5 * np.pi)
    return inside, np.log(np.clip(range_m, _NEAREST_M, _FARTHEST_M))
