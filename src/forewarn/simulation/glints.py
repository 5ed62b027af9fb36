"""Sun glints off the cloud deck: the light that five times looked like a launch in 1983.

Ice plates in a cloud lie nearly level and mirror the Sun. Candidate patches of them are scattered
over the Earth once a run, wherever there is cloud, and stay where they are. Each leans by a tilt
that wanders over minutes, and its own mirrors are spread a little about that. A satellite sees it
flash up while the lean is the one that sends sunlight its way: near the plane that holds the Sun,
the vertical and the satellite, for some seconds to minutes, always at the height of the cloud.
Another satellite needs another lean of the same patch, so the two do not see the same glints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import SEMI_MAJOR_AXIS_M, SEMI_MINOR_AXIS_M
from forewarn.epoch import SECOND_NS
from forewarn.sensors.glint import fresnel_reflectance, glint_geometry, glint_intensity_w_sr
from forewarn.sensors.radiance import solar_irradiance_w_m2
from forewarn.sensors.sight import dot, tangent_axes, unit
from forewarn.sensors.transmission import Band, band_transmission
from forewarn.simulation.clutter import Glints
from forewarn.simulation.places import above_ground_ecef_m, scattered_directions
from forewarn.simulation.streams import stream
from forewarn.simulation.weather import CloudField

Array = NDArray[np.float64]
Instants = NDArray[np.int64]
Indices = NDArray[np.intp]

_EARTH_M2 = 5.1007e14  # surface of the WGS 84 ellipsoid
_NORMAL = np.array([1.0, 1.0, (SEMI_MAJOR_AXIS_M / SEMI_MINOR_AXIS_M) ** 2])
_WAVES, _SHORTEST_S, _LONGEST_S = 4, 60.0, 900.0  # of the lean's wander (soft)
_ROUGHNESS_RAD = np.radians(1.5)  # of a patch's mirrors about its lean (soft)
_AREA_SIGMA = 1.0  # of the logarithm of areas (soft)
_ABOVE_M = 10.0  # a patch lies on its cloud, not in it
_LEAN_SIGMAS = 3.0  # no patch leans more
_STEEP = 1.1  # more than 1 / cos^4 of the farthest tilt from the lean
_DAY_NS = 86_400 * SECOND_NS
_SPREADS = 5.0  # farther from a patch's lean than so many times its roughness it is dark


@final
@dataclass(frozen=True, slots=True, eq=False)
class MirrorPatches:
    """Patches (n,) of a run: where they lie (n, 3) [m], how large, how they lean."""

    position_ecef_m: Array
    height_m: Array
    area_m2: Array
    slope_sigma: float
    turn_rad_s: Array
    phase_rad: Array
    up_ecef: Array
    east_ecef: Array
    north_ecef: Array

    def most_w_sr(
        self,
        band: Band,
        *,
        sun_ecef: Array,
        satellite_ecef_m: Array,
        sun_turns_rad: float,
        satellite_moves_m: float,
    ) -> Array:
        """Intensity (n,) that patches cannot exceed towards a satellite, by what it could be there.

        The satellite may move so many metres and the sunlight turn so many radians; the air above
        counts as at the satellite's highest. 0 for patches that cannot lean so far. A bisector
        turns by half of what either side does.
        """
        towards = satellite_ecef_m - self.position_ecef_m
        apart_m = np.sqrt(dot(towards, towards))
        view_up = dot(towards, self.up_ecef) / apart_m
        sun_up, cosine = self.up_ecef @ sun_ecef, (towards @ sun_ecef) / apart_m
        turns = sun_turns_rad + satellite_moves_m / apart_m
        level = (sun_up + view_up) / np.sqrt(np.maximum(2.0 + 2.0 * cosine, 1e-12))
        steepest = np.arctan(_LEAN_SIGMAS * self.slope_sigma) + _SPREADS * _ROUGHNESS_RAD
        near = level > np.cos(np.minimum(np.pi, steepest + 0.5 * turns))
        on = np.flatnonzero(near & (sun_up > -turns) & (view_up > -turns))
        most = np.zeros(len(apart_m))
        widest_rad = 0.5 * (np.arccos(np.clip(cosine[on], -1.0, 1.0)) + turns[on])
        mirrored = fresnel_reflectance(np.minimum(widest_rad, 0.5 * np.pi), band.ice_index)
        for sine in (sun_up[on], view_up[on]):
            mirrored *= band_transmission(self.height_m[on], sine + turns[on], band)
        peak = _STEEP * solar_irradiance_w_m2(band) / (8.0 * np.pi * np.tan(_ROUGHNESS_RAD) ** 2)
        most[on] = peak * mirrored * self.area_m2[on]
        return most

    def intensity_w_sr(
        self,
        band: Band,
        which: Indices,
        time_tai_ns: Instants,
        *,
        sun_ecef: Array,
        satellite_ecef_m: Array,
    ) -> Array:
        """In-band intensity (k,) of patches towards a satellite (k, 3), before the air above them.

        The air on the Sun's way down to them is taken off already.
        """
        intensity = np.zeros(len(which))
        normal = self._normals(which, time_tai_ns)
        half = sun_ecef + unit(satellite_ecef_m - self.position_ecef_m[which])
        facing = dot(half, normal)
        cosine = facing / np.sqrt(dot(half, half))
        on = np.flatnonzero(cosine > np.cos(_SPREADS * _ROUGHNESS_RAD))
        which, sun = which[on], sun_ecef[on]
        geometry = glint_geometry(self.position_ecef_m[which], sun, satellite_ecef_m[on])
        off = np.arccos(np.minimum(cosine[on], 1.0))
        lit = geometry.facet_tilt_rad < 0.5 * np.pi
        sine_sun = dot(self.up_ecef[which], sun)
        intensity[on] = glint_intensity_w_sr(
            geometry._replace(facet_tilt_rad=np.where(lit, off, 0.5 * np.pi)),
            self.area_m2[which],
            _ROUGHNESS_RAD,
            band,
            transmission=band_transmission(self.height_m[which], sine_sun, band),
        )
        return intensity

    def _normals(self, which: Indices, time_tai_ns: Instants) -> Array:
        """Normals (k, 3) of leaning patches, of length one."""
        seconds = (time_tai_ns % _DAY_NS) / SECOND_NS
        slope = np.zeros((len(which), 2))
        for axis in (0, 1):
            for wave in range(_WAVES):
                angle = self.turn_rad_s[wave, axis][which] * seconds
                angle += self.phase_rad[wave, axis][which]
                slope[:, axis] += np.cos(angle.astype(np.float32))
        slope *= np.sqrt(2.0 / _WAVES)
        slope *= self.slope_sigma / np.maximum(1.0, np.hypot(*slope.T) / _LEAN_SIGMAS)[:, None]
        east, north = self.east_ecef[which], self.north_ecef[which]
        return unit(self.up_ecef[which] + slope[:, :1] * east + slope[:, 1:] * north)


def mirror_patches(glints: Glints, clouds: CloudField, *, seed: int) -> MirrorPatches:
    """Scatter the patches of a run, drawn from its seed; those in clear air are left out."""
    randomness = stream(seed, "glints")
    count = round(_EARTH_M2 / glints.spacing_m**2)
    direction = scattered_directions(count, randomness)
    area = glints.area_m2 * np.exp(_AREA_SIGMA * randomness.standard_normal(count))
    periods_s = np.exp(
        randomness.uniform(np.log(_SHORTEST_S), np.log(_LONGEST_S), (count, 2, _WAVES))
    )
    phase = 2.0 * np.pi * randomness.random((count, 2, _WAVES))
    top = clouds.top_under(direction)
    on = np.flatnonzero(top > 0.0)
    position = above_ground_ecef_m(direction[on], top[on] + _ABOVE_M)
    up = unit(position * _NORMAL)
    east, north = tangent_axes(up)
    return MirrorPatches(
        position_ecef_m=position,
        height_m=top[on] + _ABOVE_M,
        area_m2=area[on],
        slope_sigma=float(np.tan(glints.tilt_sigma_rad)),
        turn_rad_s=np.ascontiguousarray((2.0 * np.pi / periods_s[on]).T),
        phase_rad=np.ascontiguousarray(phase[on].T),
        up_ecef=up,
        east_ecef=east,
        north_ecef=north,
    )
