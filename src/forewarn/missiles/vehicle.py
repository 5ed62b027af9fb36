"""Generic vehicles as data: stages of open-literature thrust and mass, never a real design."""

from __future__ import annotations

import msgspec


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One stage. ``thrust_n`` is in vacuum; at sea level ``sea_level_loss`` of it is lost.

    ``drag_area_m2`` is drag coefficient times area of everything that still flies while it burns.
    ``intensity_w_sr`` is the in-band radiant intensity of its plume above the absorbing air.
    """

    thrust_n: float
    sea_level_loss: float
    burn_s: float
    propellant_kg: float
    structure_kg: float
    drag_area_m2: float
    intensity_w_sr: float


class Vehicle(msgspec.Struct, frozen=True, kw_only=True):
    """A generic vehicle: it rises vertically, tips over by ``kick_rad``, then flies a gravity turn.

    ``coast_s`` is the pause between burn-out of a stage and ignition of the next. The payload
    re-enters with ``ballistic_coefficient_kg_m2`` = mass / (drag coefficient x area).
    ``radar_cross_section_m2`` is the mean of the payload in flight. ``source`` cites where the
    numbers come from.
    """

    vehicle_id: str
    vehicle_class: str
    stages: tuple[Stage, ...]
    payload_kg: float
    ballistic_coefficient_kg_m2: float
    radar_cross_section_m2: float
    vertical_rise_s: float
    kick_rad: float
    coast_s: float
    source: str
