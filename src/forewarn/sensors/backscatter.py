"""Over-the-horizon backscatter radar: a coarse model of where and what it can see, and how well.

A short wave is turned back by the ionosphere, lights the ground 1,000 to 3,500 km away, and comes
back the same way. The layer is a mirror at its virtual height, over a spherical Earth, and the
secant law says up to which frequency it reflects (K. Davies, Ionospheric Radio, 1990, chapter 6;
Radar Handbook, 3rd ed., 2008, chapter 20). By night the layer reflects less, and near ranges go
first. Targets are told from the strong echo of the ground by Doppler alone.

Everything here is coarse and soft: such a radar gives early word of a launch within tens of
kilometres and a degree or two, not a track. Real layers tilt, split and move by the hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M, SPEED_OF_LIGHT_M_S

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_WORKING_SHARE = 0.85  # [Davies 1990] optimum working over maximum usable frequency
_TWILIGHT_RAD = np.radians(12.0)  # the layer follows the Sun this far about the horizon; soft
_EXHAUST_FLOOR_M = 100e3  # exhaust disturbs the ionosphere from about here up; soft
_TURN = 2.0 * np.pi


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """The reflecting layer over a region: critical frequency by day and night, virtual height.

    The defaults are a middle latitude at low solar activity, from memory, soft.
    """

    day_hz: float = 7e6
    night_hz: float = 3e6
    virtual_height_m: float = 320e3

    def critical_hz(self, sun_elevation_rad: Array) -> Array:
        """Return the critical frequency [Hz] where the Sun stands so high; linear in twilight."""
        day = np.clip(0.5 + 0.5 * sun_elevation_rad / _TWILIGHT_RAD, 0.0, 1.0)
        critical: Array = self.night_hz + (self.day_hz - self.night_hz) * day
        return critical


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BackscatterRadar:
    """What a backscatter radar is: its sector, band, the elevations it can send to, and its grain.

    The defaults give the open figures of such radars of the 1980s: 5 to 28 MHz, 60 degrees, 20 to
    40 km by 1 to 2 degrees. Below ``clutter_hz`` of Doppler shift the ground hides everything.
    """

    boresight_azimuth_rad: float
    azimuth_half_width_rad: float = np.pi / 6.0
    frequency_min_hz: float = 5e6
    frequency_max_hz: float = 28e6
    takeoff_min_rad: float = np.pi / 60.0
    takeoff_max_rad: float = np.pi / 6.0
    bandwidth_hz: float = 5e3
    aperture_m: float = 800.0
    clutter_hz: float = 2.0

    @property
    def range_resolution_m(self) -> float:
        """How far apart [m] along the ground two echoes must be: c / 2B."""
        return SPEED_OF_LIGHT_M_S / (2.0 * self.bandwidth_hz)

    def azimuth_resolution_rad(self, frequency_hz: Array) -> Array:
        """How far apart [rad] two echoes must be in azimuth: 0.886 lambda / L."""
        width: Array = 0.886 * SPEED_OF_LIGHT_M_S / (frequency_hz * self.aperture_m)
        return width


def hop_m(takeoff_rad: Array, virtual_height_m: float) -> Array:
    """Ground range [m] of one hop: 2 R (pi/2 - E - i), with sin i = R cos E / (R + h)."""
    hop: Array = (
        2.0
        * MEAN_RADIUS_M
        * (0.5 * np.pi - takeoff_rad - _incidence_rad(takeoff_rad, virtual_height_m))
    )
    return hop


def takeoff_rad(ground_range_m: Array, virtual_height_m: float) -> Array:
    """Elevation [rad] at which a hop of that ground range leaves: the inverse of ``hop_m``."""
    half = 0.5 * ground_range_m / MEAN_RADIUS_M
    top = MEAN_RADIUS_M + virtual_height_m
    elevation: Array = np.arctan2(top * np.cos(half) - MEAN_RADIUS_M, top * np.sin(half))
    return elevation


def working_frequency_hz(
    radar: BackscatterRadar, layer: Layer, ground_range_m: Array, sun_elevation_rad: Array
) -> Array:
    """Frequency [Hz] to use for a ground range; 0 where none in the band comes back from there.

    ``sun_elevation_rad`` is taken where the layer reflects, half way. 0.85 of the highest
    frequency that is reflected, critical frequency x sec i, and not above the radar's band.
    """
    takeoff = takeoff_rad(ground_range_m, layer.virtual_height_m)
    incidence = _incidence_rad(takeoff, layer.virtual_height_m)
    usable = _WORKING_SHARE * layer.critical_hz(sun_elevation_rad) / np.cos(incidence)
    sendable = (takeoff >= radar.takeoff_min_rad) & (takeoff <= radar.takeoff_max_rad)
    lit = sendable & (usable >= radar.frequency_min_hz)
    return np.where(lit, np.minimum(usable, radar.frequency_max_hz), 0.0)


def range_window_m(
    radar: BackscatterRadar, layer: Layer, sun_elevation_rad: float
) -> tuple[float, float] | None:
    """Return the nearest and farthest ground range [m] that is lit, to 5 km, or None if none is."""
    grid = np.arange(0.0, 5_000e3, 5e3)
    lit = grid[working_frequency_hz(radar, layer, grid, np.array(sun_elevation_rad)) > 0.0]
    return (float(lit[0]), float(lit[-1])) if len(lit) else None


def detectable(
    radar: BackscatterRadar,
    frequency_hz: Array,
    azimuth_rad: Array,
    *,
    layer: Layer,
    height_m: Array,
    range_rate_m_s: Array,
    burning: Flags,
) -> Flags:
    """Say which objects the radar can tell from the ground.

    ``frequency_hz`` is what ``working_frequency_hz`` gives for their ground range. Seen are a
    burning object below the layer whose Doppler shift, 2 v f / c, clears the ground's, and the
    hole that exhaust makes above 100 km, up to the layer, at any speed. An object that no longer
    burns is too small at these wavelengths to count on.
    """
    off = np.abs((azimuth_rad - radar.boresight_azimuth_rad + np.pi) % _TURN - np.pi)
    shift_hz = 2.0 * np.abs(range_rate_m_s) * frequency_hz / SPEED_OF_LIGHT_M_S
    shows = (shift_hz > radar.clutter_hz) | (height_m >= _EXHAUST_FLOOR_M)
    within = (off <= radar.azimuth_half_width_rad) & (height_m <= layer.virtual_height_m)
    return np.asarray((frequency_hz > 0.0) & within & burning & shows)


def _incidence_rad(takeoff_rad: Array, virtual_height_m: float) -> Array:
    """Angle [rad] between ray and vertical at the layer."""
    incidence: Array = np.arcsin(
        MEAN_RADIUS_M * np.cos(takeoff_rad) / (MEAN_RADIUS_M + virtual_height_m)
    )
    return incidence
