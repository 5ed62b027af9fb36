"""What else infrared satellites see in a scenario: fires, storms, meteoroids, aircraft, glints."""

from __future__ import annotations

import msgspec

from forewarn.missiles.bolide import Meteoroid


class HotSpot(msgspec.Struct, frozen=True, kw_only=True):
    """A fire or a flare at a fixed place, which burns all the time.

    ``radiant_power_w`` is its power in all colours, ``temperature_k`` that of the grey body whose
    colours it has.
    """

    latitude_rad: float
    longitude_rad: float
    height_m: float
    radiant_power_w: float
    temperature_k: float


class Lightning(msgspec.Struct, frozen=True, kw_only=True):
    """Thunderstorms over the whole Earth.

    ``flash_rate_hz`` is their rate together: 44 within 5 by the Optical Transient Detector (H. J.
    Christian et al., J. Geophys. Res. 108 (2003) D1 4005). ``in_band_ratio`` is the light in the
    sensor's band over that in the oxygen line at 777.4 nm, where flashes are counted. Cloud
    swallows light near 2.7 and 4.3 micrometres, so it is small; we know no measurement (soft).
    """

    flash_rate_hz: float = 45.0
    in_band_ratio: float = 0.01


class Fall(msgspec.Struct, frozen=True, kw_only=True):
    """A meteoroid that begins to shine at ``time_tai_ns`` and is brightest above a place.

    ``azimuth_rad`` is where it flies to.
    """

    fall_id: str
    time_tai_ns: int
    latitude_rad: float
    longitude_rad: float
    azimuth_rad: float
    meteoroid: Meteoroid


class Aircraft(msgspec.Struct, frozen=True, kw_only=True):
    """An aircraft in level flight that shines in band: a lit contrail, or an afterburner."""

    aircraft_id: str
    time_tai_ns: int
    latitude_rad: float
    longitude_rad: float
    height_m: float
    azimuth_rad: float
    speed_m_s: float
    duration_s: float
    intensity_w_sr: float


class Glints(msgspec.Struct, frozen=True, kw_only=True):
    """Patches of ice mirrors on the cloud deck: one candidate for each square of ``spacing_m``.

    Each patch leans by a slowly wandering tilt, one sigma ``tilt_sigma_rad`` about each level axis.
    ``area_m2`` is the median of the mirrors' area. Numbers are soft.
    """

    spacing_m: float = 150_000.0
    tilt_sigma_rad: float = 0.122
    area_m2: float = 1e4


class Clutter(msgspec.Struct, frozen=True, kw_only=True):
    """Everything beside launches that shines. ``bolides_per_year`` come at random, Earth over."""

    hot_spots: tuple[HotSpot, ...] = ()
    lightning: Lightning | None = None
    bolides_per_year: float = 0.0
    falls: tuple[Fall, ...] = ()
    aircraft: tuple[Aircraft, ...] = ()
    glints: Glints | None = None
