"""What disturbs a warning radar from outside: Sun, Moon, late echoes, noise, and its own horizon.

In 1960 the echo of the Moon, back after 2.55 s, was taken for an attack; in 1967 the noise of a
solar storm for jamming. A radar that knows these can say so. Noise from a transmitter is here only
for what a radar has to report of itself: how much hotter it got, and how much nearer it now sees.

Sources: [RH] M. Skolnik (ed.), Radar Handbook, 3rd ed. (2008), chapters 2, 12 and 24; J. Kraus,
Radio Astronomy, 2nd ed. (1986), chapter 3; G. Pettengill, Lunar Radar Reflections (1965,
AD0628197), and J. Evans, T. Hagfors (ed.), Radar Astronomy (1968), for the Moon.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forewarn.earth import (
    ASTRONOMICAL_UNIT_M,
    BOLTZMANN_J_K,
    MOON_RADIUS_M,
    SPEED_OF_LIGHT_M_S,
    SUN_RADIUS_M,
)

Array = NDArray[np.float64]

# Mean over 7.8 m to 8.6 mm, 0.07 of the disk, each measurement good to a factor of 2 [Pettengill].
MOON_CROSS_SECTION_M2 = 0.07 * np.pi * MOON_RADIUS_M**2

_SFU_W_M2_HZ = 1e-22  # definition of the solar flux unit
# Quiet Sun at the fixed frequencies of the solar radio network (USAF RSTN), near solar minimum:
# MHz and solar flux units. From memory, soft to a fifth; 2,695 MHz is 65 to 70 in every source.
_QUIET_SUN = np.log(
    [
        (245.0, 12.0),
        (410.0, 27.0),
        (610.0, 38.0),
        (1_415.0, 55.0),
        (2_695.0, 68.0),
        (4_995.0, 115.0),
        (8_800.0, 220.0),
        (15_400.0, 520.0),
    ]
)
_TURN = 2.0 * np.pi


def beam_pattern(off_axis_rad: Array, beam_width_rad: float, sidelobe_ratio: float) -> Array:
    """Gain of a beam over that at its axis, one way: Gaussian, never below its sidelobes."""
    main = np.exp(-4.0 * np.log(2.0) * (off_axis_rad / beam_width_rad) ** 2)
    pattern: Array = np.maximum(main, sidelobe_ratio)
    return pattern


def quiet_sun_flux_w_m2_hz(frequency_hz: float) -> float:
    """Flux of the Sun without storms, both polarisations; a power law between table values.

    Outside 245 MHz to 15.4 GHz the last power law is carried on. A storm is 10 to 10,000 times it.
    """
    x, y = _QUIET_SUN[:, 0], _QUIET_SUN[:, 1]
    at = np.log(frequency_hz * 1e-6)
    i = int(np.clip(np.searchsorted(x, at) - 1, 0, len(x) - 2))
    ln_sfu = y[i] + (y[i + 1] - y[i]) * (at - x[i]) / (x[i + 1] - x[i])
    return float(np.exp(ln_sfu)) * _SFU_W_M2_HZ


def sun_temperature_k(
    flux_w_m2_hz: float, gain: float, wavelength_m: float, pattern: Array | float = 1.0
) -> Array:
    """Noise temperature [K] that the Sun adds to an antenna of one polarisation: S A / 2k.

    A = G lambda^2 / 4 pi; ``pattern`` is the gain towards the Sun over that at the axis. A beam
    narrower than the disk sees no more than the disk's own temperature, S lambda^2 / (2 k Omega).
    """
    disk_sr = np.pi * (SUN_RADIUS_M / ASTRONOMICAL_UNIT_M) ** 2
    per_sr = flux_w_m2_hz * wavelength_m**2 / (2.0 * BOLTZMANN_J_K)
    added: Array = per_sr * np.minimum(gain * pattern / (4.0 * np.pi), 1.0 / disk_sr)
    return added


def ambiguous_range_m(range_m: Array, pulse_interval_s: float) -> Array:
    """Range [m] at which an echo appears to a radar that takes it for one of its last pulse."""
    folded: Array = range_m % (0.5 * SPEED_OF_LIGHT_M_S * pulse_interval_s)
    return folded


def pulses_between(range_m: Array, pulse_interval_s: float) -> NDArray[np.int64]:
    """Return how many pulses were sent between one and its echo: 0 where range is unambiguous.

    A change of interval by some per cent moves a late echo, and no true one.
    """
    whole = np.floor_divide(range_m, 0.5 * SPEED_OF_LIGHT_M_S * pulse_interval_s)
    return np.asarray(whole, dtype=np.int64)


def interference_temperature_k(
    erp_w: float, bandwidth_hz: float, distance_m: Array, gain: Array | float, wavelength_m: float
) -> Array:
    """Noise temperature [K] that a distant source of noise adds: P / (4 pi R^2 B) A / k, one way.

    ``gain`` is that of the radar towards the source, most often of a sidelobe.
    """
    flux_w_m2_hz = erp_w / (4.0 * np.pi * distance_m**2 * bandwidth_hz)
    added: Array = flux_w_m2_hz * gain * wavelength_m**2 / (4.0 * np.pi * BOLTZMANN_J_K)
    return added


def shortened_range_m(range_m: Array, noise_temperature_k: float, added_k: Array) -> Array:
    """Range [m] that a radar is left with when its noise rises: R (Ts / (Ts + Ta))^(1/4)."""
    left: Array = range_m * (noise_temperature_k / (noise_temperature_k + added_k)) ** 0.25
    return left


@final
@dataclass(frozen=True, slots=True, eq=False)
class HorizonMask:
    """The skyline of a site: elevations [rad] at azimuths [rad], rising, joined by straight lines.

    Build it with `horizon_mask`.
    """

    azimuth_rad: Array
    elevation_rad: Array

    def skyline_rad(self, azimuth_rad: Array) -> Array:
        """Elevation [rad] of the skyline at azimuths, across north too."""
        found: Array = np.interp(azimuth_rad, self.azimuth_rad, self.elevation_rad, period=_TURN)
        return found

    def above_mask(self, azimuth_rad: Array, elevation_rad: Array) -> NDArray[np.bool_]:
        """Say which directions clear the skyline."""
        return np.asarray(elevation_rad > self.skyline_rad(azimuth_rad))


def horizon_mask(azimuth_rad: ArrayLike, elevation_rad: ArrayLike) -> HorizonMask:
    """Return the skyline through points; one point is a level skyline.

    Raises ValueError for lists that do not fit each other, azimuths that do not rise within one
    turn, and elevations that are no angle between nadir and zenith.
    """
    azimuth = np.atleast_1d(np.asarray(azimuth_rad, dtype=np.float64))
    elevation = np.atleast_1d(np.asarray(elevation_rad, dtype=np.float64))
    if azimuth.ndim != 1 or azimuth.shape != elevation.shape or len(azimuth) == 0:
        raise ValueError(
            f"a skyline needs as many elevations as azimuths, and at least one: azimuth_rad has "
            f"the shape {azimuth.shape}, elevation_rad {elevation.shape}"
        )
    rising = bool(np.all(np.diff(azimuth) > 0.0)) and azimuth[-1] - azimuth[0] < _TURN
    if not rising or not np.all(np.isfinite(azimuth)):
        raise ValueError("azimuth_rad must rise from point to point, by less than a turn in all")
    bad = elevation[~(np.abs(elevation) <= 0.5 * np.pi)]
    if len(bad):
        raise ValueError(f"elevation_rad = {bad[0]:.6g} must lie within a quarter turn of level")
    return HorizonMask(azimuth_rad=azimuth, elevation_rad=elevation)
