"""Fly a generic vehicle: vertical rise, tip-over, gravity turn through all stages, fall.

Thrust follows the air-relative velocity after the tip-over (zero angle of attack), as in Li and
Jilkov, Survey of maneuvering target tracking, part II: ballistic target models, Proc. SPIE 4473
(2001), section 4. Stages that fall away are not followed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels import flight as kernel
from forewarn.missiles.trajectory import Trajectory
from forewarn.missiles.vehicle import Vehicle

Array = NDArray[np.float64]

BOOST_SPACING_S = 0.5
COAST_SPACING_S = 2.0
_LONGEST_FLIGHT_S = 5400.0


def _lift_off_mass_kg(vehicle: Vehicle, stage_index: int) -> float:
    above = vehicle.stages[stage_index:]
    return vehicle.payload_kg + sum(s.propellant_kg + s.structure_kg for s in above)


def fly(
    vehicle: Vehicle,
    *,
    latitude_rad: float,
    longitude_rad: float,
    height_m: float,
    azimuth_rad: float,
) -> Trajectory:
    """Fly ``vehicle`` from a site to the ground (or for 90 minutes).

    Azimuth is clockwise from north. Raises ValueError when the vehicle cannot lift itself.
    """
    work = np.zeros((11, 6))
    x = np.zeros(6)
    axes = np.zeros((2, 3))
    kernel.launch_state(latitude_rad, longitude_rad, height_m, azimuth_rad, x, axes)
    blocks: list[Array] = []
    times: list[Array] = []
    intensities: list[Array] = []
    clock_s = 0.0

    def record(states: Array, duration_s: float, intensity_w_sr: float) -> None:
        nonlocal clock_s
        first = 1 if blocks else 0
        stamps = clock_s + np.linspace(0.0, duration_s, len(states))
        blocks.append(states[first:])
        times.append(stamps[first:])
        intensities.append(np.full(len(states) - first, intensity_w_sr))
        clock_s += duration_s

    for index, stage in enumerate(vehicle.stages):
        mass_kg = _lift_off_mass_kg(vehicle, index)
        a0 = stage.thrust_n / mass_kg
        if index == 0 and a0 * (1.0 - stage.sea_level_loss) <= 9.81:
            raise ValueError(
                f"vehicle {vehicle.vehicle_id!r}: stage 1 thrust {stage.thrust_n:.0f} N does not lift "
                f"{mass_kg:.0f} kg; raise the thrust or lower the mass"
            )
        ve = stage.thrust_n * stage.burn_s / stage.propellant_kg
        k = stage.drag_area_m2 / mass_kg
        burn_s = stage.burn_s
        if index == 0:
            rise_s = min(vehicle.vertical_rise_s, burn_s)
            states = np.zeros((_rows(rise_s), 6))
            kernel.record_burn(x, a0, ve, k, stage.sea_level_loss, rise_s, states, work)
            record(states, rise_s, stage.intensity_w_sr)
            kernel.kick(x, axes[0], axes[1], vehicle.kick_rad)
            mass_fraction = 1.0 - a0 * rise_s / ve
            a0, k, burn_s = a0 / mass_fraction, k / mass_fraction, burn_s - rise_s
        states = np.zeros((_rows(burn_s), 6))
        kernel.record_burn(x, a0, ve, k, stage.sea_level_loss, burn_s, states, work)
        record(states, burn_s, stage.intensity_w_sr)
        if index + 1 < len(vehicle.stages) and vehicle.coast_s > 0.0:
            states = np.zeros((_rows(vehicle.coast_s), 6))
            kernel.record_burn(x, 0.0, 1.0, 0.0, 0.0, vehicle.coast_s, states, work)
            record(states, vehicle.coast_s, 0.0)
    burnout_s = clock_s
    states = np.zeros((int(_LONGEST_FLIGHT_S / COAST_SPACING_S), 6))
    rows, flown_s = kernel.record_coast(
        x, 1.0 / vehicle.ballistic_coefficient_kg_m2, COAST_SPACING_S, height_m, states, work
    )
    stamps = np.minimum(np.arange(rows) * COAST_SPACING_S, flown_s)
    blocks.append(states[1:rows])
    times.append(clock_s + stamps[1:])
    intensities.append(np.zeros(rows - 1))
    path = np.concatenate(blocks)
    return Trajectory(
        times_s=np.concatenate(times),
        position_ecef_m=path[:, :3].copy(),
        velocity_ecef_m_s=path[:, 3:].copy(),
        intensity_w_sr=np.concatenate(intensities),
        radar_cross_section_m2=vehicle.radar_cross_section_m2,
        burnout_s=burnout_s,
        came_down=rows < len(states),
    )


def _rows(duration_s: float) -> int:
    return max(2, int(np.ceil(duration_s / BOOST_SPACING_S)) + 1)
