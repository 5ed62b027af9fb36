"""Thunderstorms: bursts of light too short for a scanner to see twice.

Durations, energies, storm sizes and rates of storms follow one minute of the Geostationary
Lightning Mapper of GOES-16 (2 July 2018, 04:33 UTC, 579 flashes in the two files that we have),
where storms are the flashes within 25 km of each other. Latitudes are such that 78 % of all
flashes fall within 30 degrees of the equator (H. J. Christian et al., J. Geophys. Res. 108 (2003)
D1 4005). ``tools/clutter_extracts.py`` made the extract that the numbers are tested against.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from forewarn.earth import MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.sensors.sight import tangent_axes, unit
from forewarn.simulation.clutter import Lightning
from forewarn.simulation.places import above_ground_ecef_m
from forewarn.simulation.streams import stream

Array = NDArray[np.float64]
Instants = NDArray[np.int64]

_SHARES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
_DURATIONS_S = (0.002, 0.018, 0.149, 0.302, 0.523, 0.887, 1.400, 2.086)  # of those shares
_LENS_ENERGIES_J = (3.05e-15, 1.07e-14, 5.49e-14, 1.37e-13, 4.15e-13, 1.52e-12, 2.78e-12, 4.79e-12)
_CORRELATION = 0.66  # between the logarithms of duration and energy
# A flash's energy at the lens over its energy per steradian: the lens, 11 cm wide (S. J. Goodman
# et al., Atmos. Res. 125-126 (2013) 34), over the square of the usual distance, 37,500 km.
_LENS_SR = np.pi * 0.055**2 / 37.5e6**2
# Rates of storms: lognormal, so that in 40 s half of those that flash at all flash once.
_RATE_MEDIAN_PER_S, _RATE_SIGMA = np.exp(-3.0) / 40.0, 2.4
_STORM_SIGMA_M = 7_700.0  # on each axis; 10.9 km root mean square
_LATITUDE_SIGMA_RAD = np.radians(24.5)
_HIGHEST_LATITUDE_RAD = np.radians(75.0)
_TOP_M = 12_000.0  # light leaves a storm at its top, 10 to 15 km (from memory, soft)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Flashes:
    """Flashes (n,) in order of time: when, where (n, 3), and energy in the band [J/sr]."""

    start_tai_ns: Instants
    duration_s: Array
    position_ecef_m: Array
    energy_j_sr: Array


def flashes(lightning: Lightning, *, seed: int, span_tai_ns: tuple[int, int]) -> Flashes:
    """Return every flash on Earth that begins in a span, drawn from the seed alone."""
    randomness = stream(seed, "lightning")
    span_s = (span_tai_ns[1] - span_tai_ns[0]) / SECOND_NS
    mean_rate = _RATE_MEDIAN_PER_S * np.exp(0.5 * _RATE_SIGMA**2)
    storms = max(1, round(lightning.flash_rate_hz / mean_rate))
    rates = np.exp(_RATE_SIGMA * randomness.standard_normal(storms))
    # The rate of all is as stated; which storms have it is chance.
    rates *= lightning.flash_rate_hz / np.sum(rates)
    counts = randomness.poisson(rates * span_s)
    storm = np.repeat(np.arange(storms), counts)
    place = _places(storms, storm, randomness)
    start = span_tai_ns[0] + np.rint(
        randomness.random(len(storm)) * (span_tai_ns[1] - span_tai_ns[0])
    ).astype(np.int64)
    duration_s, energy_j = _sizes(len(storm), randomness)
    order = np.argsort(start, kind="stable")
    return Flashes(
        start_tai_ns=start[order],
        duration_s=duration_s[order],
        position_ecef_m=place[order],
        energy_j_sr=(energy_j * lightning.in_band_ratio / _LENS_SR)[order],
    )


def _places(storms: int, storm: NDArray[np.intp], randomness: np.random.Generator) -> Array:
    """Return points (k, 3) [m] of flashes: Gaussian about the centres of their storms."""
    latitude = np.clip(
        _LATITUDE_SIGMA_RAD * randomness.standard_normal(storms),
        -_HIGHEST_LATITUDE_RAD,
        _HIGHEST_LATITUDE_RAD,
    )
    longitude = 2.0 * np.pi * randomness.random(storms)
    level = np.cos(latitude)
    centre = np.stack(
        (level * np.cos(longitude), level * np.sin(longitude), np.sin(latitude)), axis=-1
    )
    east, north = tangent_axes(centre)
    offset = _STORM_SIGMA_M / MEAN_RADIUS_M * randomness.standard_normal((len(storm), 2))
    direction = centre[storm] + east[storm] * offset[:, :1] + north[storm] * offset[:, 1:]
    return above_ground_ecef_m(unit(direction), _TOP_M)


def _sizes(count: int, randomness: np.random.Generator) -> tuple[Array, Array]:
    """Draw durations [s] and energies at the lens [J]: each as observed, long ones brighter."""
    normal = randomness.standard_normal((count, 2))
    other = _CORRELATION * normal[:, 0] + np.sqrt(1.0 - _CORRELATION**2) * normal[:, 1]
    duration_s = np.interp(ndtr(normal[:, 0]), _SHARES, _DURATIONS_S)
    energy_j = np.exp(np.interp(ndtr(other), _SHARES, np.log(_LENS_ENERGIES_J)))
    return duration_s, energy_j
