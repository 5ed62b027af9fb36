"""Fires and flares as points on a telescope's map: fixed, steady, and back at every look.

Of a grey body's power P in all colours, the share f = pi L(band, T) / (s T^4) lies in the band (L
Planck's radiance, s Stefan and Boltzmann's constant), and a level surface sends P f / pi into each
steradian straight up. Flames stand, so that is taken in every direction:

    I = P L(band, T) / (s T^4).

The fire radiative power of satellites is this P (M. J. Wooster, G. Roberts, G. L. W. Perry, Y. J.
Kaufman, J. Geophys. Res. 110 (2005) D24311, equation 1). The air then takes nearly all of it from
a fire at sea level in either band; high ground is another matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import BOLTZMANN_J_K, PLANCK_J_S, SPEED_OF_LIGHT_M_S
from forewarn.epoch import SECOND_NS
from forewarn.frames import ecef_from_geodetic
from forewarn.sensors.radiance import thermal_radiance
from forewarn.sensors.transmission import Band
from forewarn.simulation.clutter import HotSpot
from forewarn.simulation.streams import stream

Array = NDArray[np.float64]
Instants = NDArray[np.int64]

# 2 pi^5 k^4 / (15 h^3 c^2): Stefan and Boltzmann's constant [W m-2 K-4], exact in the SI.
_STEFAN_BOLTZMANN = (2.0 * np.pi**5 * BOLTZMANN_J_K**4) / (
    15.0 * PLANCK_J_S**3 * SPEED_OF_LIGHT_M_S**2
)
# Flames waver over seconds to minutes; a fire of many flames by a tenth or so (soft).
_WAVES, _SHORTEST_S, _LONGEST_S, FLICKER = 3, 20.0, 300.0, 0.1


def in_band_per_sr(band: Band, temperature_k: Array | float) -> Array:
    """Share of a grey body's whole power that it sends, in band, into a steradian [1/sr]."""
    whole = _STEFAN_BOLTZMANN * np.asarray(temperature_k) ** 4
    share: Array = thermal_radiance(band, temperature_k) / whole
    return share


@final
@dataclass(frozen=True, slots=True, eq=False)
class BurningSpots:
    """Hot spots of a run: places (n, 3) [m], powers and temperatures (n,), and their flicker."""

    position_ecef_m: Array
    radiant_power_w: Array
    temperature_k: Array
    turn_rad_s: Array
    phase_rad: Array

    def intensity_w_sr(self, band: Band, which: NDArray[np.intp], time_tai_ns: Instants) -> Array:
        """In-band intensity (k,) of spots at instants, the same for whoever looks."""
        steady = self.radiant_power_w * in_band_per_sr(band, self.temperature_k)
        seconds = (time_tai_ns % (86_400 * SECOND_NS)) / SECOND_NS
        angle = self.turn_rad_s[which] * seconds[:, None] + self.phase_rad[which]
        wave = np.sqrt(2.0 / _WAVES) * np.sum(np.cos(angle), axis=-1)
        shown: Array = steady[which] * (1.0 + FLICKER * wave)
        return shown

    def most_w_sr(self, band: Band) -> Array:
        """In-band intensity (n,) that a spot's flicker never exceeds."""
        steady = self.radiant_power_w * in_band_per_sr(band, self.temperature_k)
        most: Array = steady * (1.0 + FLICKER * np.sqrt(2.0 * _WAVES))
        return most


def burning_spots(spots: tuple[HotSpot, ...], *, seed: int) -> BurningSpots:
    """Return the spots of a run, their flicker drawn from its seed."""
    randomness = stream(seed, "hot spots")
    periods_s = np.exp(
        randomness.uniform(np.log(_SHORTEST_S), np.log(_LONGEST_S), (len(spots), _WAVES))
    )
    return BurningSpots(
        position_ecef_m=np.array(
            [ecef_from_geodetic(s.latitude_rad, s.longitude_rad, s.height_m) for s in spots]
        ).reshape(-1, 3),
        radiant_power_w=np.array([s.radiant_power_w for s in spots]),
        temperature_k=np.array([s.temperature_k for s in spots]),
        turn_rad_s=2.0 * np.pi / periods_s,
        phase_rad=2.0 * np.pi * randomness.random((len(spots), _WAVES)),
    )
