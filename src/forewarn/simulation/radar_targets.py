"""What a radar can find that is not in its catalogue: launches, and the Moon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from forewarn.sensors.radar import RadarModel
from forewarn.sensors.radar_environment import MOON_CROSS_SECTION_M2
from forewarn.simulation.radar_sky import Surroundings, moon_states_ecef
from forewarn.simulation.truth import TruthObject

Array = NDArray[np.float64]
Instants = NDArray[np.int64]
Booleans = NDArray[np.bool_]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """Something that a radar does not know. ``names`` are those of its random stream.

    ``states_ecef`` gives positions [m] and velocities [m/s] (k, 3) at instants (k,); ``flying``
    says at which of them it is there. It is gone by ``end_tai_ns``.
    """

    names: tuple[str, ...]
    cross_section_m2: float
    end_tai_ns: int
    states_ecef: Callable[[Instants], tuple[Array, Array]]
    flying: Callable[[Instants], Booleans]


def launch_target(launched: TruthObject) -> Target:
    """Return an object of the truth as a radar meets it."""
    return Target(
        names=("launch", launched.launch_id),
        cross_section_m2=launched.trajectory.radar_cross_section_m2,
        end_tai_ns=launched.end_tai_ns,
        states_ecef=lambda time_tai_ns: launched.states_ecef(time_tai_ns)[:2],
        flying=launched.flying,
    )


def moon_target(around: Surroundings, model: RadarModel, end_tai_ns: int) -> Target:
    """Return the Moon: the nearest part of it sends back most of the echo."""
    return Target(
        names=("moon",),
        cross_section_m2=MOON_CROSS_SECTION_M2,
        end_tai_ns=end_tai_ns,
        states_ecef=lambda time_tai_ns: moon_states_ecef(around, model.site_ecef_m, time_tai_ns),
        flying=lambda time_tai_ns: np.ones(len(time_tai_ns), dtype=np.bool_),
    )
