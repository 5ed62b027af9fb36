"""Generic vehicles as data: stages of open-literature thrust and mass, never a real design.

A vehicle is the middle of a family; `FamilySpread` says how far its members lie round it.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

_TUMBLING_RATIO = 10.0  # drag area of a spent stage, broadside on average, over nose on: soft


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One burn of one stage. ``thrust_n`` is in vacuum; ``sea_level_loss`` of it is lost there.

    ``drag_area_m2`` is the hypersonic drag coefficient times area of everything that still flies
    while it burns. ``intensity_w_sr`` is the in-band radiant intensity of its plume above the
    absorbing air. ``structure_kg`` falls away after burn-out; with 0 the next burn is of the same
    stage. ``coast_s`` is a pause before ignition beside the vehicle's own; ``retrograde`` turns
    the thrust against the velocity. ``spent_drag_area_m2`` is drag coefficient times area of what
    falls away, tumbling; None: ten times ``drag_area_m2``.
    """

    thrust_n: float
    sea_level_loss: float
    burn_s: float
    propellant_kg: float
    structure_kg: float
    drag_area_m2: float
    intensity_w_sr: float
    coast_s: float = 0.0
    retrograde: bool = False
    spent_drag_area_m2: float | None = None
    spent_radar_cross_section_m2: float = 10.0

    @property
    def exhaust_velocity_m_s(self) -> float:
        """Effective exhaust velocity in vacuum: thrust over mass flow."""
        return self.thrust_n * self.burn_s / self.propellant_kg

    @property
    def spent_ballistic_coefficient_kg_m2(self) -> float:
        """Mass of what falls away over its tumbling drag area."""
        area_m2 = self.spent_drag_area_m2
        if area_m2 is None:
            area_m2 = _TUMBLING_RATIO * self.drag_area_m2
        return self.structure_kg / max(area_m2, 1e-3)


class Glide(msgspec.Struct, frozen=True, kw_only=True):
    """How a glider flies: it lifts from ``start_height_m`` on its way down to ``end_height_m``.

    ``ballistic_coefficient_kg_m2`` is mass / (hypersonic drag coefficient x area) in the glide. A
    ``steady`` one damps its skips by using part of its lift; another one skips.
    """

    lift_to_drag: float
    ballistic_coefficient_kg_m2: float
    start_height_m: float
    end_height_m: float
    steady: bool = True


class FamilySpread(msgspec.Struct, frozen=True, kw_only=True):
    """One sigma of the logarithm of each parameter of a family, alike for all of its stages.

    More thrust is a shorter burn of the same impulse; a faster exhaust is more thrust.
    """

    thrust_fraction: float = 0.0
    exhaust_velocity_fraction: float = 0.0
    propellant_fraction: float = 0.0
    structure_fraction: float = 0.0
    payload_fraction: float = 0.0
    drag_area_fraction: float = 0.0
    kick_fraction: float = 0.0
    intensity_fraction: float = 0.0
    ballistic_coefficient_fraction: float = 0.0
    radar_cross_section_fraction: float = 0.0
    lift_to_drag_fraction: float = 0.0


SPREAD_PARAMETERS = FamilySpread.__struct_fields__
"""The parameters that `dispersed` takes a drawn number for, in its order."""


class Vehicle(msgspec.Struct, frozen=True, kw_only=True):
    """A generic vehicle: it rises vertically, tips over by ``kick_rad``, then flies a gravity turn.

    ``coast_s`` is the pause between burn-out of a stage and ignition of the next. The payload
    re-enters with ``ballistic_coefficient_kg_m2`` = mass / (hypersonic drag coefficient x area).
    ``radar_cross_section_m2`` is the mean of the payload in flight. ``shroud_kg`` is carried until
    ``shroud_jettison_s`` after ignition. ``source`` cites where the numbers come from.
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
    shroud_kg: float = 0.0
    shroud_jettison_s: float = 0.0
    glide: Glide | None = None
    spread: FamilySpread = FamilySpread()

    @property
    def lift_off_kg(self) -> float:
        """Mass of the whole vehicle at lift-off."""
        stages_kg = sum(s.propellant_kg + s.structure_kg for s in self.stages)
        return self.payload_kg + self.shroud_kg + stages_kg

    @property
    def powered_s(self) -> float:
        """Time from ignition to the end of the last burn, pauses within."""
        pauses_s = self.coast_s * (len(self.stages) - 1)
        return pauses_s + sum(s.burn_s + s.coast_s for s in self.stages)


def dispersed(vehicle: Vehicle, normals: Sequence[float] | NDArray[np.float64]) -> Vehicle:
    """Return a member of the vehicle's family: its numbers times exp(sigma x drawn number).

    ``normals`` are standard normal draws, one for each of `SPREAD_PARAMETERS`.
    """
    assert len(normals) == len(SPREAD_PARAMETERS), "one draw for each parameter, used or not"
    ratio = {
        name.removesuffix("_fraction"): float(np.exp(getattr(vehicle.spread, name) * draw))
        for name, draw in zip(SPREAD_PARAMETERS, normals, strict=True)
    }

    def member(stage: Stage) -> Stage:
        spent_m2 = stage.spent_drag_area_m2
        return msgspec.structs.replace(
            stage,
            thrust_n=stage.thrust_n * ratio["thrust"] * ratio["exhaust_velocity"],
            burn_s=stage.burn_s / ratio["thrust"] * ratio["propellant"],
            propellant_kg=stage.propellant_kg * ratio["propellant"],
            structure_kg=stage.structure_kg * ratio["structure"],
            drag_area_m2=stage.drag_area_m2 * ratio["drag_area"],
            spent_drag_area_m2=None if spent_m2 is None else spent_m2 * ratio["drag_area"],
            intensity_w_sr=stage.intensity_w_sr * ratio["intensity"],
        )

    glide = vehicle.glide
    if glide is not None:
        glide = msgspec.structs.replace(
            glide,
            lift_to_drag=glide.lift_to_drag * ratio["lift_to_drag"],
            ballistic_coefficient_kg_m2=glide.ballistic_coefficient_kg_m2
            * ratio["ballistic_coefficient"],
        )
    return msgspec.structs.replace(
        vehicle,
        stages=tuple(member(stage) for stage in vehicle.stages),
        payload_kg=vehicle.payload_kg * ratio["payload"],
        kick_rad=vehicle.kick_rad * ratio["kick"],
        ballistic_coefficient_kg_m2=vehicle.ballistic_coefficient_kg_m2
        * ratio["ballistic_coefficient"],
        radar_cross_section_m2=vehicle.radar_cross_section_m2 * ratio["radar_cross_section"],
        glide=glide,
    )
