"""Families of ascents that the estimator believes in: wide, never the vehicles a scenario flies.

A family is a prior over one constant-thrust gravity turn. Thrust-to-weight bands are those of open
literature (liquid 1.3 to 1.5, solid from 2 up at lift-off; effective exhaust velocities 2.3 to 3.0
km/s at low altitude, Sutton and Biblarz, Rocket Propulsion Elements, 9th ed., tables 5-5 and 13-1),
widened so that a space launcher at 1.2 and a fast liquid at 1.8 lie within two sigma. Tip-over
and drag are little known beforehand, and their spread says so.
"""

from __future__ import annotations

import math

import msgspec

RISE_S = 8.0  # vertical rise before the tip-over; a longer one looks like a smaller tip-over


class AscentFamily(msgspec.Struct, frozen=True, kw_only=True):
    """Log-normal prior of the parameters of an ascent: each a (median, sigma of the logarithm)."""

    name: str
    thrust_acceleration_m_s2: tuple[float, float]
    exhaust_velocity_m_s: tuple[float, float]
    tip_over_rad: tuple[float, float]
    drag_area_per_mass_m2_kg: tuple[float, float]


FAMILIES = (
    AscentFamily(
        name="liquid",
        thrust_acceleration_m_s2=(14.2, 0.14),
        exhaust_velocity_m_s=(2600.0, 0.08),
        tip_over_rad=(math.radians(2.0), 0.9),
        drag_area_per_mass_m2_kg=(1.2e-5, 0.6),
    ),
    AscentFamily(
        name="solid",
        thrust_acceleration_m_s2=(26.0, 0.22),
        exhaust_velocity_m_s=(2450.0, 0.08),
        tip_over_rad=(math.radians(12.0), 0.7),
        drag_area_per_mass_m2_kg=(1.2e-5, 0.6),
    ),
)
