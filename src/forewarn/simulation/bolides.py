"""Bright meteoroids over the whole Earth, as many and as large as satellites have counted.

Infrared satellites have reported about thirty a year, which is the number above 0.1 kiloton in the
law that a decade of them gave: N(> E) = 3.7 E^-0.90 a year, E in kilotons (P. Brown, R. E.
Spalding, D. O. ReVelle, E. Tagliaferri, S. P. Worden, Nature 420 (2002) 294). Speeds are those of
JPL's table of fireballs (CNEOS, 127 with a speed), angles those of bodies that come from all
sides (E. M. Shoemaker, 1962: density sin 2 a). Strengths are ours, chosen so that brightness peaks
where the table says: lognormal about 1.5 MPa, and one in eight a thousand times weaker.
"""

from __future__ import annotations

import numpy as np

from forewarn.epoch import DAY_NS
from forewarn.missiles.bolide import KILOTON_J, Meteoroid, bolide_trajectories
from forewarn.simulation.clutter import Fall
from forewarn.simulation.flights import Flier
from forewarn.simulation.places import scattered_directions
from forewarn.simulation.streams import stream

LEAST_ENERGY_J = 0.1 * KILOTON_J
_SLOPE = 0.90
_SHARES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
_SPEEDS_M_S = (9.8e3, 11.8e3, 13.55e3, 16.9e3, 19.7e3, 28.9e3, 49.0e3)  # of those shares
_STRENGTH_MEDIAN_PA, _STRENGTH_SIGMA = 1.5e6, 1.2
_WEAK_SHARE, _WEAKER = 0.12, 1e-3
_SHALLOWEST_RAD = np.radians(4.0)  # the table's shallowest; below, straight paths leave the air
_YEAR_NS = 365.25 * DAY_NS


def meteoroids(count: int, randomness: np.random.Generator) -> tuple[Meteoroid, ...]:
    """Draw bodies of 0.1 kiloton and more."""
    energy_j = LEAST_ENERGY_J * (1.0 - randomness.random(count)) ** (-1.0 / _SLOPE)
    speed_m_s = np.interp(randomness.random(count), _SHARES, _SPEEDS_M_S)
    angle_rad = np.maximum(np.arcsin(np.sqrt(randomness.random(count))), _SHALLOWEST_RAD)
    strength_pa = _STRENGTH_MEDIAN_PA * np.exp(_STRENGTH_SIGMA * randomness.standard_normal(count))
    strength_pa *= np.where(randomness.random(count) < _WEAK_SHARE, _WEAKER, 1.0)
    columns = (2.0 * energy_j / speed_m_s**2, speed_m_s, angle_rad, strength_pa)
    return tuple(
        Meteoroid(mass_kg=mass, speed_m_s=speed, entry_angle_rad=angle, strength_pa=strength)
        for mass, speed, angle, strength in zip(*(c.tolist() for c in columns), strict=True)
    )


def random_falls(per_year: float, *, seed: int, span_tai_ns: tuple[int, int]) -> tuple[Fall, ...]:
    """Draw the falls that begin in a span, at a mean rate over the whole Earth."""
    randomness = stream(seed, "bolides")
    span_ns = span_tai_ns[1] - span_tai_ns[0]
    count = int(randomness.poisson(per_year * span_ns / _YEAR_NS))
    direction = scattered_directions(count, randomness)
    azimuth_rad = 2.0 * np.pi * randomness.random(count)
    start = span_tai_ns[0] + (randomness.random(count) * span_ns).astype(np.int64)
    return tuple(
        Fall(
            fall_id=f"random {i + 1}",
            time_tai_ns=int(start[i]),
            latitude_rad=float(np.arcsin(direction[i, 2])),
            longitude_rad=float(np.arctan2(direction[i, 1], direction[i, 0])),
            azimuth_rad=float(azimuth_rad[i]),
            meteoroid=meteoroid,
        )
        for i, meteoroid in enumerate(meteoroids(count, randomness))
    )


def falling(falls: tuple[Fall, ...]) -> tuple[Flier, ...]:
    """Fly the falls; intensities are of all colours, for a black body of 6,000 K."""
    headings_rad = np.array([(f.latitude_rad, f.longitude_rad, f.azimuth_rad) for f in falls])
    paths = bolide_trajectories(tuple(fall.meteoroid for fall in falls), headings_rad)
    return tuple(
        Flier(name=fall.fall_id, start_tai_ns=fall.time_tai_ns, trajectory=path)
        for fall, path in zip(falls, paths, strict=True)
    )
