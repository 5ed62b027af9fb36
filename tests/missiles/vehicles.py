"""Vehicles for the tests: one stage, two stages, and a site."""

from __future__ import annotations

import math
from typing import TypedDict

import msgspec

from forewarn.missiles.vehicle import Stage, Vehicle


class Site(TypedDict):
    """Where and whither a flight begins."""

    latitude_rad: float
    longitude_rad: float
    height_m: float
    azimuth_rad: float


SITE: Site = {
    "latitude_rad": math.radians(39.2674),
    "longitude_rad": math.radians(125.6752),
    "height_m": 30.0,
    "azimuth_rad": math.radians(72.0),
}
ONE = Vehicle(
    vehicle_id="one_stage",
    vehicle_class="intermediate_range",
    stages=(
        Stage(
            thrust_n=465e3,
            sea_level_loss=0.12,
            burn_s=158.0,
            propellant_kg=26e3,
            structure_kg=2.3e3,
            drag_area_m2=0.5,
            intensity_w_sr=6e5,
        ),
    ),
    payload_kg=700.0,
    ballistic_coefficient_kg_m2=5e3,
    radar_cross_section_m2=0.5,
    vertical_rise_s=8.0,
    kick_rad=0.02,
    coast_s=0.0,
    source="notional",
)
TWO = msgspec.structs.replace(
    ONE,
    vehicle_id="two_stages",
    stages=(
        msgspec.structs.replace(ONE.stages[0], thrust_n=600e3, burn_s=120.0, drag_area_m2=0.6),
        Stage(
            thrust_n=60e3,
            sea_level_loss=0.0,
            burn_s=130.0,
            propellant_kg=3000.0,
            structure_kg=400.0,
            drag_area_m2=0.3,
            intensity_w_sr=5e4,
        ),
    ),
    coast_s=3.0,
)
