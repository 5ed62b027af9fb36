"""What of a source reaches a telescope: field, Earth, clouds, Sun and background decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import SEMI_MAJOR_AXIS_M, SEMI_MINOR_AXIS_M
from forewarn.sensors.infrared import (
    background_is_earth,
    in_view,
    noise_irradiance_w_m2,
    source_irradiance_w_m2,
    sun_excluded,
)
from forewarn.sensors.network import InfraredSensor
from forewarn.sensors.radiance import sunlit_cloud_radiance, thermal_radiance
from forewarn.sensors.sight import dot, sine_elevation, unit
from forewarn.sensors.transmission import sunlit_transmission
from forewarn.simulation.infrared_watch import LONGEST_FRAME_S, Placed, Watch
from forewarn.simulation.weather import CloudField

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

LUCK_SNR = 5.0
"""Sources so far below the threshold are not looked at: noise lifts one in three million."""

# Of a bright steady background, what is left after frames are subtracted: jitter over cloud edges
# (from memory, soft).
_RESIDUE = 0.01
_GATHERING_M2 = 0.2  # aperture times efficiency (soft)
_AIR_K = 230.0  # of cloud tops, and of the air that the carbon dioxide band sees
_STRETCH = np.array([1.0, 1.0, SEMI_MAJOR_AXIS_M / SEMI_MINOR_AXIS_M]) / SEMI_MAJOR_AXIS_M


class Signal(NamedTuple):
    """Signal-to-noise ratio (k,) of sources, 0 where hidden, and the noise (k,) [W/m2] there."""

    snr: Array
    noise_w_m2: Array


@final
@dataclass(frozen=True, slots=True, eq=False)
class Air:
    """What lies between: a random cloud field, or else one cloud top for all the Earth."""

    clouds: CloudField | None
    cloud_top_m: float

    def signal(
        self,
        watch: Watch,
        placed: Placed,
        look: Indices,
        *,
        source_ecef_m: Array,
        intensity_w_sr: Array,
    ) -> Signal:
        """Return the signal of sources (k, 3) that send intensities (k,) towards the telescope."""
        sensor, dark_w_m2 = watch.sensor, watch.sensor.noise_equivalent_irradiance_w_m2
        least = max(0.0, sensor.detection_snr - LUCK_SNR)
        snr, noise = np.zeros(len(look)), np.full(len(look), dark_w_m2)
        rows = np.flatnonzero(self._in_sight(watch, placed, look, source_ecef_m))
        irradiance = source_irradiance_w_m2(
            intensity_w_sr[rows], source_ecef_m[rows], placed.satellite_ecef_m[rows], watch.band
        )
        bright = irradiance > least * dark_w_m2
        rows, irradiance = rows[bright], irradiance[bright]
        if self.clouds is not None:
            free = ~self.clouds.hides(source_ecef_m[rows], placed.satellite_ecef_m[rows])
            rows, irradiance = rows[free], irradiance[free]
        if sensor.pixel_rad is not None:
            noise[rows] = self._noise_w_m2(watch, placed.at(rows), look[rows], source_ecef_m[rows])
        snr[rows] = irradiance / noise[rows]
        return Signal(snr, noise)

    def _in_sight(
        self, watch: Watch, placed: Placed, look: Indices, source_ecef_m: Array
    ) -> NDArray[np.bool_]:
        sensor, satellite = watch.sensor, placed.satellite_ecef_m
        seen = in_view(
            source_ecef_m,
            satellite,
            placed.axis_ecef,
            half_angle_rad=sensor.field_half_angle_rad,
            cloud_top_m=self.cloud_top_m if self.clouds is None else 0.0,
        )
        if sensor.space_background_only:
            seen = seen & ~background_is_earth(source_ecef_m, satellite)
        if sensor.sun_exclusion_rad > 0.0:
            sun, direction = watch.sun_ecef(look, placed.matrices), unit(source_ecef_m - satellite)
            seen = seen & ~sun_excluded(satellite, direction, sun, sensor.sun_exclusion_rad)
        return seen

    def _noise_w_m2(
        self, watch: Watch, placed: Placed, look: Indices, source_ecef_m: Array
    ) -> Array:
        """Noise (k,) [W/m2] of pixels that hold the sources: dark, photons, and cloud edges."""
        sensor, band, satellite = watch.sensor, watch.band, placed.satellite_ecef_m
        assert sensor.pixel_rad is not None, "the caller asks only for sensors with pixels"
        pixel_sr = sensor.pixel_rad**2
        sunlit = self._sunlit_w_m2_sr(watch, placed, look, source_ecef_m)
        earth = background_is_earth(source_ecef_m, satellite)
        photons = noise_irradiance_w_m2(
            sensor.noise_equivalent_irradiance_w_m2,
            sunlit + np.where(earth, thermal_radiance(band, _AIR_K), 0.0),
            pixel_sr,
            gathering_m2_s=_GATHERING_M2 * dwell_s(sensor),
            band=band,
        )
        noise: Array = np.hypot(photons, _RESIDUE * sunlit * pixel_sr)
        return noise

    def _sunlit_w_m2_sr(
        self, watch: Watch, placed: Placed, look: Indices, source_ecef_m: Array
    ) -> Array:
        """Radiance (k,) of sunlit cloud behind sources: 0 before clear sky, sea or space."""
        radiance = np.zeros(len(look))
        if self.clouds is None:
            return radiance
        weather, satellite = self.clouds.weather, placed.satellite_ecef_m
        hit, deck = _first_point(satellite, source_ecef_m, weather.mean_top_m)
        tops = self.clouds.top_under(deck)
        cloudy = np.flatnonzero(tops > 0.0)
        rows, deck, tops = hit[cloudy], deck[cloudy], tops[cloudy]
        up = unit(deck * _STRETCH * _STRETCH)
        sine_sun = dot(up, watch.sun_ecef(look[rows], placed.matrices[rows]))
        radiance[rows] = sunlit_cloud_radiance(
            watch.band,
            weather.albedo,
            np.arccos(np.clip(sine_sun, -1.0, 1.0)),
            transmission=sunlit_transmission(
                tops, sine_sun, sine_elevation(deck, satellite[rows]), watch.band
            ),
        )
        return radiance


def dwell_s(sensor: InfraredSensor) -> float:
    """Time that a pixel gathers light: the whole frame of a starer, or one pass of a sweep's line.

    A line of detectors that turns once in a revisit passes a place at the edge of the field in
    pixel / (2 pi field half angle) of it.
    """
    if sensor.revisit_s <= LONGEST_FRAME_S or sensor.pixel_rad is None:
        return sensor.revisit_s
    return sensor.revisit_s * sensor.pixel_rad / (2.0 * np.pi * sensor.field_half_angle_rad)


def _first_point(
    satellite_ecef_m: Array, source_ecef_m: Array, height_m: float
) -> tuple[Indices, Array]:
    """Return which lines of sight (k, 3) meet a level surface, and where each first does."""
    a = satellite_ecef_m * _STRETCH
    d = source_ecef_m * _STRETCH - a
    dd, ad = dot(d, d), dot(a, d)
    radius = 1.0 + height_m / SEMI_MAJOR_AXIS_M
    inside = ad * ad - dd * (dot(a, a) - radius * radius)
    hit = np.flatnonzero((inside > 0.0) & (ad < 0.0))
    share = (-ad[hit] - np.sqrt(inside[hit])) / dd[hit]
    path = source_ecef_m[hit] - satellite_ecef_m[hit]
    return hit, satellite_ecef_m[hit] + share[:, None] * path
