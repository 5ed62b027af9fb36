"""Families of ascents that the estimator believes in: wide, never the vehicles a scenario flies.

A family is a prior over gravity turns through one to three burns. Thrust-to-weight bands at
lift-off are those of open literature (liquid 1.3 to 1.5, solid from 2 up), widened so that a space
launcher at 1.2 and a fast liquid at 1.8 lie within two sigma; exhaust velocities in vacuum are
those at low altitude (2.3 to 3.0 km/s; Sutton and Biblarz, Rocket Propulsion Elements, 9th ed.,
tables 5-5 and 13-1) over the share of thrust that is left there. That share is 0.7 to 0.9 (idem,
section 3.3: thrust rises by 10 to 30 % with altitude; nozzles of first stages are at the low end).
Slant, drag and the later burns are little known beforehand, and their spread says so.
"""

from __future__ import annotations

import msgspec


class AscentFamily(msgspec.Struct, frozen=True, kw_only=True):
    """Prior of the parameters of an ascent.

    Thrust at lift-off (at sea level), exhaust velocity (in vacuum) and drag area over mass are
    log-normal: (median, sigma of the logarithm). ``slant_rad`` is the normal sigma of the north
    and east parts of how far off the vertical it flies at 300 m/s. ``sea_level_loss`` (mean,
    sigma) is the share of the vacuum thrust lost at sea level. ``later_...`` are those of the
    burns after the first, in vacuum; ``burnt_fraction`` (mean, sigma) is the share of the mass at
    its ignition that a burn uses up. ``straying_m`` is how far a real ascent strays from every
    member for some time, one sigma (docs/design/0002): more, the harder it is pushed. The vertical
    rise has one length, because a longer one looks like a smaller slant.
    """

    name: str
    rise_s: float
    thrust_acceleration_m_s2: tuple[float, float]
    exhaust_velocity_m_s: tuple[float, float]
    slant_rad: float
    drag_area_per_mass_m2_kg: tuple[float, float]
    sea_level_loss: tuple[float, float]
    later_acceleration_m_s2: tuple[float, float]
    later_exhaust_speed_m_s: tuple[float, float]
    burnt_fraction: tuple[float, float]
    straying_m: float


FAMILIES = (
    AscentFamily(
        name="liquid",
        rise_s=7.0,
        thrust_acceleration_m_s2=(13.5, 0.16),
        exhaust_velocity_m_s=(2850.0, 0.09),
        slant_rad=0.25,
        drag_area_per_mass_m2_kg=(1.5e-5, 0.6),
        sea_level_loss=(0.11, 0.04),
        later_acceleration_m_s2=(15.0, 0.45),
        later_exhaust_speed_m_s=(3000.0, 0.07),
        burnt_fraction=(0.75, 0.10),
        straying_m=200.0,
    ),
    AscentFamily(
        name="solid",
        rise_s=3.0,
        thrust_acceleration_m_s2=(26.0, 0.22),
        exhaust_velocity_m_s=(2550.0, 0.07),
        slant_rad=0.25,
        drag_area_per_mass_m2_kg=(2.0e-5, 0.6),
        sea_level_loss=(0.11, 0.04),
        later_acceleration_m_s2=(30.0, 0.30),
        later_exhaust_speed_m_s=(2750.0, 0.05),
        burnt_fraction=(0.63, 0.08),
        straying_m=380.0,
    ),
)
