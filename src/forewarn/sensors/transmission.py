"""How much in-band light the air lets through: two notional bands, and the paths in them.

The water band near 2.7 micrometres, where water vapour and carbon dioxide of a plume radiate and
those of the air absorb, is the one that open literature names first (Forden, armscontrolwonk
302134); the carbon dioxide band near 4.3 micrometres is the second colour. Each gas has one
optical depth from the ground to space and one scale height, and light dies by Beer's law. Real
band averages fall more slowly along long paths, because line centres go dark first. The depths are
ours and stand for no real system.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Scale heights [m]: of water vapour in the mean, and of the well-mixed air of the troposphere.
_WATER_SCALE_M = 2_200.0
_CARBON_DIOXIDE_SCALE_M = 7_500.0
_LARGEST_AIR_MASS = 38.0  # along the horizon; F. Kasten, A. T. Young, Appl. Opt. 28 (1989) 4735


@final
@dataclass(frozen=True, slots=True)
class Band:
    """One colour of a telescope: where it lies, what the air does to it, and how ice mirrors it.

    ``water_depth`` and ``carbon_dioxide_depth`` are optical depths from the ground to space,
    straight up. ``ice_index`` is the complex refractive index of ice (S. G. Warren, R. E. Brandt,
    J. Geophys. Res. 113 (2008) D14220, interpolated linearly).
    """

    name: str
    wavelength_m: float
    width_m: float
    water_depth: float
    carbon_dioxide_depth: float
    ice_index: complex


WATER_BAND = Band(
    name="2.7 um",
    wavelength_m=2.7e-6,
    width_m=0.2e-6,
    water_depth=12.0,
    carbon_dioxide_depth=0.6,
    ice_index=1.164 + 0.0024j,
)
CARBON_DIOXIDE_BAND = Band(
    name="4.3 um",
    wavelength_m=4.3e-6,
    width_m=0.2e-6,
    water_depth=0.1,
    carbon_dioxide_depth=12.0,
    ice_index=1.342 + 0.0217j,
)


def band_transmission(
    source_height_m: Array, sine_elevation: Array, band: Band = WATER_BAND
) -> Array:
    """Share of the in-band light that leaves the air upwards at that elevation; notional.

    In the water band near zero below 3 km, about one half at 7 km straight up, above 0.95 from
    20 km on; in the carbon dioxide band one half at 21 km. The air mass is that of Kasten and
    Young (1989), eq. 3, for the elevation of the line of sight; below the horizon it is that of
    the horizon.
    """
    elevation_deg = np.degrees(np.arcsin(np.clip(sine_elevation, 0.0, 1.0)))
    sine = np.sin(np.radians(elevation_deg))
    air_mass = 1.0 / (sine + 0.50572 * (elevation_deg + 6.07995) ** -1.6364)
    height = np.maximum(source_height_m, 0.0)
    depth = band.water_depth * np.exp(-height / _WATER_SCALE_M)
    depth = depth + band.carbon_dioxide_depth * np.exp(-height / _CARBON_DIOXIDE_SCALE_M)
    share: Array = np.exp(-depth * np.minimum(air_mass, _LARGEST_AIR_MASS))
    return share


def sunlit_transmission(
    cloud_top_m: Array, sine_sun_elevation: Array, sine_elevation: Array, band: Band = WATER_BAND
) -> Array:
    """Share of in-band sunlight left on its way down to a cloud top and up to a satellite.

    ``sine_elevation`` is that of the satellite at the cloud. Multiplies what
    `forewarn.sensors.radiance` and `forewarn.sensors.glint` give without air.
    """
    down = band_transmission(cloud_top_m, sine_sun_elevation, band)
    return down * band_transmission(cloud_top_m, sine_elevation, band)
