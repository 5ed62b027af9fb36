"""What comes off a vehicle and flies on by itself: spent stages, shrouds, fragments.

Each is a body without thrust that starts with the state of the vehicle at an event of its flight
and a small push of its own. The pushes are soft: springs and retro-rockets give a few metres a
second; those of a break-up, and the sizes and masses of its fragments, are those of the NASA
standard breakup model for explosions of rocket bodies (N. L. Johnson and others, Advances in Space
Research 28 (2001) 1377, equations 2, 6 and 11, for pieces of a tenth of a metre and more).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.missiles.flight import fall
from forewarn.missiles.trajectory import FlightEvent, FlightEventKind, Trajectory
from forewarn.missiles.vehicle import Vehicle

Array = NDArray[np.float64]

STAGE_NORMALS = 3  # drawn numbers that one stage, or one half of a shroud, takes
FRAGMENT_NORMALS = 5  # and one fragment: direction (3), area over mass, size of the push

_STAGE_RETRO_M_S = 3.0  # soft
_STAGE_PUSH_SIGMA_M_S = 1.0  # soft, each axis
_SHROUD_PUSH_M_S = 5.0  # soft, each half to its side
_SHROUD_BALLISTIC_COEFFICIENT_KG_M2 = 15.0  # a thin tumbling shell: soft
_SHROUD_CROSS_SECTION_M2 = 2.0  # soft

_SMALLEST_FRAGMENT_M = 0.1
_LARGEST_FRAGMENT_M = 3.0
_SIZE_POWER = 1.6  # Johnson and others, eq. 2: the number longer than L goes as L^-1.6
_LOG_AREA_PER_MASS = (-0.9, 0.3)  # eq. 6 for large pieces: log10 of m2/kg, mean and sigma; soft
_LOG_PUSH = (0.2, 1.85, 0.4)  # eq. 11, explosions: log10 v = 0.2 chi + 1.85, sigma 0.4
_DRAG_COEFFICIENT = 1.0  # of a tumbling plate in hypersonic flow, on its mean area: soft


@dataclass(frozen=True, slots=True, eq=False)
class Separated:
    """A body that came off ``starts_s`` after ignition; its own path counts from then."""

    name: str
    starts_s: float
    trajectory: Trajectory


def spent_stages(
    vehicle: Vehicle, flown: Trajectory, normals: Array, *, ground_m: float
) -> tuple[Separated, ...]:
    """Return the stages that fell away in a flight, in order, each falling to the ground.

    ``normals`` (stages, `STAGE_NORMALS`) are standard normal draws, one row a stage, used or not.
    A stage that is not yet spent when the vehicle comes down or fails has not come off.
    """
    assert normals.shape == (len(vehicle.stages), STAGE_NORMALS), "one row a stage"
    return tuple(
        _came_off(
            f"stage-{index + 1}",
            event,
            _STAGE_PUSH_SIGMA_M_S * normals[index] - _STAGE_RETRO_M_S * _along(event),
            ballistic_coefficient_kg_m2=vehicle.stages[index].spent_ballistic_coefficient_kg_m2,
            radar_cross_section_m2=vehicle.stages[index].spent_radar_cross_section_m2,
            ground_m=ground_m,
        )
        for index, event in _separations(flown)
    )


def shroud_halves(
    vehicle: Vehicle, flown: Trajectory, normals: Array, *, ground_m: float
) -> tuple[Separated, ...]:
    """Return the two halves of a jettisoned shroud, or none.

    ``normals`` (2, `STAGE_NORMALS`) are standard normal draws, one row a half.
    """
    assert normals.shape == (2, STAGE_NORMALS), "one row a half"
    event = flown.first_event(FlightEventKind.SHROUD)
    if event is None or vehicle.shroud_kg == 0.0:
        return ()
    side = np.cross(event.position_ecef_m, event.velocity_ecef_m_s)
    side /= max(float(np.linalg.norm(side)), 1e-9)
    return tuple(
        _came_off(
            f"shroud-{number + 1}",
            event,
            _STAGE_PUSH_SIGMA_M_S * normals[number] + sign * _SHROUD_PUSH_M_S * side,
            ballistic_coefficient_kg_m2=_SHROUD_BALLISTIC_COEFFICIENT_KG_M2,
            radar_cross_section_m2=_SHROUD_CROSS_SECTION_M2,
            ground_m=ground_m,
        )
        for number, sign in enumerate((1.0, -1.0))
    )


def fragments(
    flown: Trajectory, normals: Array, lengths_fraction: Array, *, ground_m: float
) -> tuple[Separated, ...]:
    """Return the pieces of a vehicle that broke up where its flight failed, or none.

    ``normals`` (n, `FRAGMENT_NORMALS`) are standard normal draws and ``lengths_fraction`` (n,)
    draws uniform in (0, 1], one of each a piece; their number is the number of pieces.
    """
    assert normals.shape == (len(lengths_fraction), FRAGMENT_NORMALS), "one row a fragment"
    event = flown.first_event(FlightEventKind.FAILURE)
    if event is None:
        return ()
    length_m = fragment_length_m(lengths_fraction)
    chi = _LOG_AREA_PER_MASS[0] + _LOG_AREA_PER_MASS[1] * normals[:, 3]
    slope, base, sigma = _LOG_PUSH
    push_m_s = 10.0 ** (slope * chi + base + sigma * normals[:, 4])
    direction = normals[:, :3] / np.linalg.norm(normals[:, :3], axis=1, keepdims=True)
    return tuple(
        _came_off(
            f"fragment-{number + 1:03d}",
            event,
            push_m_s[number] * direction[number],
            ballistic_coefficient_kg_m2=float(10.0 ** -chi[number]) / _DRAG_COEFFICIENT,
            radar_cross_section_m2=0.25 * np.pi * float(length_m[number]) ** 2,
            ground_m=ground_m,
        )
        for number in range(len(length_m))
    )


def fragment_length_m(share: Array) -> Array:
    """Return lengths [m] of which a share in (0, 1] is longer: eq. 2, cut at both ends."""
    largest = (_SMALLEST_FRAGMENT_M / _LARGEST_FRAGMENT_M) ** _SIZE_POWER
    longer = largest + (1.0 - largest) * share
    length: Array = _SMALLEST_FRAGMENT_M * longer ** (-1.0 / _SIZE_POWER)
    return length


def _separations(flown: Trajectory) -> Iterator[tuple[int, FlightEvent]]:
    for event in flown.events:
        if event.kind is FlightEventKind.SEPARATION:
            assert event.stage_index is not None, "a separation is of a stage"
            yield event.stage_index, event


def _along(event: FlightEvent) -> Array:
    speed = float(np.linalg.norm(event.velocity_ecef_m_s))
    along: Array = event.velocity_ecef_m_s / max(speed, 1e-9)
    return along


def _came_off(
    name: str,
    event: FlightEvent,
    push_m_s: Array,
    *,
    ballistic_coefficient_kg_m2: float,
    radar_cross_section_m2: float,
    ground_m: float,
) -> Separated:
    return Separated(
        name=name,
        starts_s=event.time_s,
        trajectory=fall(
            event.position_ecef_m,
            event.velocity_ecef_m_s + push_m_s,
            ballistic_coefficient_kg_m2=ballistic_coefficient_kg_m2,
            radar_cross_section_m2=radar_cross_section_m2,
            ground_m=ground_m,
        ),
    )
