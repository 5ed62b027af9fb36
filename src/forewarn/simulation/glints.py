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
from forewarn.sensors.glint import glint_geometry, glint_intensity_w_sr
from forewarn.sensors.sight import tangent_axes, unit
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
_SPREADS = 5.0  # farther from a patch's lean than so many times its roughness it is dark


@final
@dataclass(frozen=True, slots=True, eq=False)
class MirrorPatches:
    """Patches (n,) of a run: where they lie (n, 3) [m], how large, and how they lean (n, 2, w)."""

    position_ecef_m: Array
    height_m: Array
    area_m2: Array
    slope_sigma: float
    turn_rad_s: Array
    phase_rad: Array

    @property
    def steepest_rad(self) -> float:
        """No patch mirrors light that needs more tilt than this: the waves' bound and the spread."""
        slope = self.slope_sigma * np.sqrt(2.0 * 2.0 * _WAVES)
        return float(np.arctan(slope) + _SPREADS * _ROUGHNESS_RAD)

    def tilt_rad(self, which: Indices, sun_ecef: Array, satellite_ecef_m: Array) -> Array:
        """Tilt (k,) [rad] that patches need; pi/2 where Sun or satellite is below the horizon."""
        return glint_geometry(self.position_ecef_m[which], sun_ecef, satellite_ecef_m)[1]

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
        place = self.position_ecef_m[which]
        geometry = glint_geometry(place, sun_ecef, satellite_ecef_m)
        half = unit(sun_ecef + unit(satellite_ecef_m - place))
        off = np.arccos(np.clip(np.sum(half * self._normals(which, time_tai_ns), axis=-1), -1.0, 1.0))
        lit = (geometry.facet_tilt_rad < 0.5 * np.pi) & (off < _SPREADS * _ROUGHNESS_RAD)
        down = band_transmission(
            self.height_m[which], np.sum(unit(place * _NORMAL) * sun_ecef, axis=-1), band
        )
        return glint_intensity_w_sr(
            geometry._replace(facet_tilt_rad=np.where(lit, off, 0.5 * np.pi)),
            self.area_m2[which],
            _ROUGHNESS_RAD,
            band,
            transmission=down,
        )

    def _normals(self, which: Indices, time_tai_ns: Instants) -> Array:
        """Normals (k, 3) of leaning patches."""
        seconds = (time_tai_ns % (86_400 * SECOND_NS)) / SECOND_NS
        angle = self.turn_rad_s[which] * seconds[:, None, None] + self.phase_rad[which]
        slope = self.slope_sigma * np.sqrt(2.0 / _WAVES) * np.sum(np.cos(angle), axis=-1)
        up = unit(self.position_ecef_m[which] * _NORMAL)
        east, north = tangent_axes(up)
        return unit(up + slope[:, :1] * east + slope[:, 1:] * north)


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
    return MirrorPatches(
        position_ecef_m=above_ground_ecef_m(direction[on], top[on] + _ABOVE_M),
        height_m=top[on] + _ABOVE_M,
        area_m2=area[on],
        slope_sigma=float(np.tan(glints.tilt_sigma_rad)),
        turn_rad_s=2.0 * np.pi / periods_s[on],
        phase_rad=phase[on],
    )
