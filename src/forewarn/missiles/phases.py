"""A vehicle as a row of phases, in each of which its forces are smooth.

Stages that fall away are not followed; their state at separation is an event of the flight.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import STANDARD_GRAVITY_M_S2
from forewarn.kernels import trajectory as kernel
from forewarn.missiles.trajectory import FlightEventKind as Kind
from forewarn.missiles.vehicle import Vehicle

Array = NDArray[np.float64]

Happening = tuple[Kind, int | None]
"""What happens, and of which stage (counted from 0), if of one."""

_LONG_COAST_S = 60.0  # longer, it is recorded like a fall


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase. ``flow_kg_s`` leaves it; it also ends where it sinks through ``stop_height_m``."""

    end_s: float
    mass_kg: float
    drag_area_m2: float
    thrust_n: float = 0.0
    sea_level_loss: float = 0.0
    flow_kg_s: float = 0.0
    steering: float = kernel.FORWARD
    kick_rad: float = 0.0
    intensity_w_sr: float = 0.0
    lift_to_drag: float = 0.0
    steady: bool = False
    stop_height_m: float = -math.inf
    is_coast: bool = False
    begins: tuple[Happening, ...] = ()
    ends: tuple[Happening, ...] = ()

    def row(self, spacing_s: float) -> Array:
        """Return it (15,) in the columns of the kernel."""
        row = np.zeros(kernel.PHASE_COLUMNS)
        row[: kernel.BEGAN] = (
            self.end_s,
            spacing_s,
            self.thrust_n,
            self.sea_level_loss,
            self.mass_kg,
            self.flow_kg_s,
            self.drag_area_m2,
            self.lift_to_drag,
            float(self.steady),
            self.steering,
            self.stop_height_m,
            self.kick_rad,
        )
        return row


def phases_of(
    vehicle: Vehicle, *, fails_at_s: float | None = None, longest_fall_s: float
) -> tuple[Phase, ...]:
    """Return the phases of a flight, the last of which is the fall of the payload.

    With ``fails_at_s`` the thrust ends then for good, and the rest falls as one, nose first; once
    the last burn is over there is nothing left to fail. Raises ValueError when the vehicle cannot
    lift itself or its propellant cannot feed a burn.
    """
    _refuse_impossible(vehicle)
    powered = _shed_shroud(_powered(vehicle), vehicle)
    end_s = powered[-1].end_s
    if fails_at_s is not None and fails_at_s < end_s:
        return _failed(powered, max(fails_at_s, 0.0), longest_fall_s)
    payload_m2 = vehicle.payload_kg / vehicle.ballistic_coefficient_kg_m2
    fall = Phase(end_s + longest_fall_s, vehicle.payload_kg, payload_m2, is_coast=True)
    glide = vehicle.glide
    if glide is None:
        return (*powered, fall)
    return (
        *powered,
        dataclasses.replace(fall, stop_height_m=glide.start_height_m),
        dataclasses.replace(
            fall,
            drag_area_m2=vehicle.payload_kg / glide.ballistic_coefficient_kg_m2,
            lift_to_drag=glide.lift_to_drag,
            steady=glide.steady,
            stop_height_m=glide.end_height_m,
            begins=((Kind.GLIDE_START, None),),
            ends=((Kind.GLIDE_END, None),),
        ),
        fall,
    )


def _refuse_impossible(vehicle: Vehicle) -> None:
    first, mass_kg = vehicle.stages[0], vehicle.lift_off_kg
    if first.thrust_n * (1.0 - first.sea_level_loss) <= STANDARD_GRAVITY_M_S2 * mass_kg:
        raise ValueError(
            f"vehicle {vehicle.vehicle_id!r}: stage 1 thrust {first.thrust_n:.0f} N does not "
            f"lift {mass_kg:.0f} kg; raise the thrust or lower the mass"
        )
    for number, stage in enumerate(vehicle.stages, start=1):
        if stage.propellant_kg <= 0.0 or stage.burn_s <= 0.0:
            raise ValueError(
                f"vehicle {vehicle.vehicle_id!r}: stage {number} burns {stage.propellant_kg:g} kg "
                f"in {stage.burn_s:g} s; both must be more than 0"
            )


def _powered(vehicle: Vehicle) -> list[Phase]:
    """The phases to the end of the last burn, the shroud carried all the way."""
    phases: list[Phase] = []
    clock_s, mass_kg = 0.0, vehicle.lift_off_kg
    for index, stage in enumerate(vehicle.stages):
        coast_s = stage.coast_s + (vehicle.coast_s if index > 0 else 0.0)
        if coast_s > 0.0:
            clock_s += coast_s
            long = coast_s > _LONG_COAST_S
            phases.append(Phase(clock_s, mass_kg, stage.drag_area_m2, is_coast=long))
        burn = Phase(
            end_s=clock_s + stage.burn_s,
            mass_kg=mass_kg,
            drag_area_m2=stage.drag_area_m2,
            thrust_n=stage.thrust_n,
            sea_level_loss=stage.sea_level_loss,
            flow_kg_s=stage.propellant_kg / stage.burn_s,
            steering=kernel.BACKWARD if stage.retrograde else kernel.FORWARD,
            intensity_w_sr=stage.intensity_w_sr,
            begins=((Kind.IGNITION, index),),
            ends=((Kind.BURN_OUT, index),),
        )
        if stage.structure_kg > 0.0:
            burn = dataclasses.replace(burn, ends=(*burn.ends, (Kind.SEPARATION, index)))
        if index == 0:
            rise, turn = _split(burn, 0.0, min(vehicle.vertical_rise_s, stage.burn_s))
            phases.append(dataclasses.replace(rise, steering=kernel.HELD_UP))
            burn = dataclasses.replace(turn, kick_rad=vehicle.kick_rad)
        phases.append(burn)
        clock_s += stage.burn_s
        mass_kg -= stage.propellant_kg + stage.structure_kg
    return phases


def _split(phase: Phase, began_s: float, at_s: float) -> tuple[Phase, Phase]:
    """The parts of a phase before and after an instant within it."""
    left_kg = phase.mass_kg - phase.flow_kg_s * (at_s - began_s)
    before = dataclasses.replace(phase, end_s=at_s, ends=())
    after = dataclasses.replace(phase, mass_kg=left_kg, kick_rad=0.0, begins=())
    return before, after


def _cut(phases: list[Phase], at_s: float) -> int:
    """Split the phase that holds an instant, in place; the index of the one that begins then."""
    began_s = 0.0
    for index, phase in enumerate(phases):
        if at_s <= began_s:
            return index
        if at_s < phase.end_s:
            phases[index : index + 1] = _split(phase, began_s, at_s)
            return index + 1
        began_s = phase.end_s
    return len(phases)


def _shed_shroud(phases: list[Phase], vehicle: Vehicle) -> list[Phase]:
    """The same phases, lighter by the shroud from its jettison on."""
    if vehicle.shroud_kg == 0.0:
        return phases
    index = _cut(phases, vehicle.shroud_jettison_s)
    lighter = [
        dataclasses.replace(p, mass_kg=p.mass_kg - vehicle.shroud_kg) for p in phases[index:]
    ]
    phases[index:] = lighter
    if 0 < index < len(phases):
        last = phases[index - 1]
        phases[index - 1] = dataclasses.replace(last, ends=(*last.ends, (Kind.SHROUD, None)))
    return phases


def _failed(phases: list[Phase], at_s: float, longest_fall_s: float) -> tuple[Phase, ...]:
    """The phases until the thrust fails, and the fall of what is left, in one piece."""
    index = _cut(phases, at_s)
    left = phases[index]
    fall = Phase(at_s + longest_fall_s, left.mass_kg, left.drag_area_m2, is_coast=True)
    fall = dataclasses.replace(fall, begins=((Kind.FAILURE, None),))
    return (*phases[:index], fall)
