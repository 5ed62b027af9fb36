"""Meteoroids that enter the air: bright, brief, fast, and always on their way down.

Single-body theory of drag and ablation (Z. Ceplecha et al., Space Sci. Rev. 84 (1998) 327,
equations 1 to 5), with a body that spreads once the ram pressure exceeds its strength (J. G. Hills,
M. P. Goda, Astron. J. 105 (1993) 1114, equation 11). Light is a share of the energy given to the
air, the share that links optical to total energy of observed fireballs (P. Brown et al., Nature
420 (2002) 294: E = 8.2508 E0^0.885 in kilotons), radiated alike in all directions. Paths are
straight; nothing that is left below 3 km/s, where ablation ends, is followed.

Height is the independent variable, so that many bodies fall in step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn.earth import STANDARD_GRAVITY_M_S2
from forewarn.frames import ecef_from_geodetic, enu_axes
from forewarn.kernels.air import density_kg_m3
from forewarn.missiles.trajectory import Trajectory

Array = NDArray[np.float64]

KILOTON_J = 4.184e12  # definition of the kiloton of TNT
COLOUR_K = 6_000.0  # black body that radiated energies assume: E. Tagliaferri et al., 1994

_TOP_M, _STEP_M = 100_000.0, 200.0
_DRAG = 0.5  # half the drag coefficient of a sphere in free-molecular to hypersonic flow, 1.0
_ABLATION_S2_M2 = 1.4e-8  # ordinary chondrites, type I: Ceplecha et al. (1998), table XVII
_SPREADING = 3.5  # Hills and Goda (1993), equation 11: 7/2 under the root
_WIDEST = 6.0  # the spread body ends as a swarm; Chyba et al., Nature 361 (1993) 40, use 5 to 10
_DARK_BELOW_M_S = 3_000.0
_MOST_SAMPLES = 400


class Meteoroid(msgspec.Struct, frozen=True, kw_only=True):
    """A stony body at the edge of the air: ``entry_angle_rad`` is below the horizontal."""

    mass_kg: float
    speed_m_s: float
    entry_angle_rad: float
    strength_pa: float = 1e6
    density_kg_m3: float = 3_300.0

    @property
    def energy_j(self) -> float:
        """Energy of its motion."""
        return 0.5 * self.mass_kg * self.speed_m_s**2


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Falls of n bodies through m heights, from the highest: arrays (m, n), or (m,) of heights.

    ``power_w`` is all light of all colours in all directions; ``time_s`` counts from 100 km.
    """

    height_m: Array
    time_s: Array
    speed_m_s: Array
    mass_kg: Array
    power_w: Array


def enter(meteoroids: tuple[Meteoroid, ...]) -> Entries:
    """Let bodies fall from 100 km to the ground, or to the end of their light."""
    m0 = np.array([m.mass_kg for m in meteoroids])
    sine = np.sin([m.entry_angle_rad for m in meteoroids])
    solid = np.array([m.density_kg_m3 for m in meteoroids])
    strength = np.array([m.strength_pa for m in meteoroids])
    efficiency = luminous_efficiency(np.array([m.energy_j for m in meteoroids]))
    heights = np.arange(_TOP_M, 0.0, -_STEP_M)
    state = np.stack((m0, np.array([m.speed_m_s for m in meteoroids]), np.ones_like(m0)))
    times = np.zeros_like(m0)
    rows: list[tuple[Array, Array, Array, Array]] = []
    for height in heights.tolist():
        rates, power = _rates(state, density_kg_m3(height), solid, strength, sine)
        rows.append((times, state[1], state[0], efficiency * power))
        halfway = _bounded(state + 0.5 * _STEP_M * rates, m0)
        rates, _ = _rates(halfway, density_kg_m3(height - 0.5 * _STEP_M), solid, strength, sine)
        times = times + _STEP_M / (halfway[1] * sine)
        state = _bounded(state + _STEP_M * rates, m0)
    time, speed, mass, power = (np.array(column) for column in zip(*rows, strict=True))
    return Entries(heights, time, speed, mass, power)


def luminous_efficiency(energy_j: Array) -> Array:
    """Share of the energy that becomes light: Brown et al. (2002), solved for E0 / E."""
    energy = energy_j / KILOTON_J
    share: Array = (energy / 8.2508) ** (1.0 / 0.885) / energy
    return share


def bolide_trajectories(
    meteoroids: tuple[Meteoroid, ...], headings_rad: Array
) -> tuple[Trajectory, ...]:
    """Return the bright part of falls, ``headings_rad`` (n, 3) being where they go.

    A heading is latitude and longitude of the place below the brightest point, and the azimuth
    that the body flies to. ``intensity_w_sr`` is of all colours; a sensor sees the share of its
    band in the light of a black body of `COLOUR_K`. The radar cross-section is that of the whole
    body, a large sphere. Raises ValueError for a body without mass or speed, which never shines.
    """
    for meteoroid in meteoroids:
        if not (meteoroid.mass_kg > 0.0 and meteoroid.speed_m_s > _DARK_BELOW_M_S):
            raise ValueError(
                f"a meteoroid of {meteoroid.mass_kg:g} kg at {meteoroid.speed_m_s:g} m/s gives no "
                f"light; it must have mass, and more than {_DARK_BELOW_M_S:g} m/s"
            )
    if not meteoroids:
        return ()
    falls = enter(meteoroids)
    return tuple(
        _bright_part(falls, n, meteoroid, heading)
        for n, (meteoroid, heading) in enumerate(zip(meteoroids, headings_rad, strict=True))
    )


def _bright_part(falls: Entries, n: int, meteoroid: Meteoroid, heading_rad: Array) -> Trajectory:
    """Lay one fall along its line through its brightest point, as far as it is bright."""
    power, speed = falls.power_w[:, n], falls.speed_m_s[:, n]
    bright = np.flatnonzero((power > 1e-4 * np.max(power)) & (speed > _DARK_BELOW_M_S))
    rows = bright[:: max(1, len(bright) // _MOST_SAMPLES)]
    latitude_rad, longitude_rad, azimuth_rad = heading_rad.tolist()
    east, north, up = enu_axes(latitude_rad, longitude_rad)
    level = math.sin(azimuth_rad) * east + math.cos(azimuth_rad) * north
    sine, cosine = math.sin(meteoroid.entry_angle_rad), math.cos(meteoroid.entry_angle_rad)
    peak_height_m = float(falls.height_m[np.argmax(power)])
    peak_ecef_m = ecef_from_geodetic(latitude_rad, longitude_rad, peak_height_m)
    along = (peak_height_m - falls.height_m[rows]) / sine
    forward = cosine * level - sine * up
    times = falls.time_s[rows, n]
    return Trajectory(
        times_s=times - times[0],
        position_ecef_m=peak_ecef_m + along[:, None] * forward,
        velocity_ecef_m_s=speed[rows, None] * forward,
        intensity_w_sr=power[rows] / (4.0 * math.pi),
        radar_cross_section_m2=_disc_m2(meteoroid),
        burnout_s=float(times[-1] - times[0]),
        came_down=False,
    )


def _rates(
    state: Array, air: float, solid: Array, strength: Array, sine: Array
) -> tuple[Array, Array]:
    """Change of mass, speed and spread (3, n) per metre of descent, and the power (n,) [W] lost."""
    mass, speed, spread = state
    radius = (3.0 * mass / (4.0 * np.pi * solid)) ** (1.0 / 3.0)
    push = _DRAG * air * np.pi * (radius * spread) ** 2 * speed * speed  # drag force [N]
    burnt = _ABLATION_S2_M2 * push * speed  # kg/s
    slowed = push / mass
    broken = (air * speed * speed > strength) & (spread < _WIDEST)
    spreads = np.where(broken, speed * np.sqrt(_SPREADING * air / solid) / radius, 0.0)
    power = 0.5 * burnt * speed * speed + push * speed
    rates = np.stack((-burnt, STANDARD_GRAVITY_M_S2 * sine - slowed, spreads)) / (speed * sine)
    return rates, power


def _disc_m2(meteoroid: Meteoroid) -> float:
    volume_m3 = meteoroid.mass_kg / meteoroid.density_kg_m3
    return float(math.pi * (3.0 * volume_m3 / (4.0 * math.pi)) ** (2.0 / 3.0))


def _bounded(state: Array, first_mass_kg: Array) -> Array:
    """Keep what is nearly gone from becoming less than nothing."""
    one = np.ones_like(first_mass_kg)
    floor = np.stack((1e-6 * first_mass_kg, 100.0 * one, one))
    bounded: Array = np.maximum(state, floor)
    return bounded
