"""Fly vehicles by the ten thousand, from ignition or from any state, to the ground.

The physics is that of `forewarn.kernels.mass_flight`: rotating ellipsoidal Earth, zonal gravity,
gravity turn through up to three stages, drag by Mach number. A flight's numbers are the same to
the last bit whatever the number of workers and whichever flights fly beside it.
"""

from __future__ import annotations

import enum
import itertools
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forewarn.kernels import mass_flight as kernel
from forewarn.missiles.environment import EARTH, Environment
from forewarn.missiles.vehicle import Vehicle

Array = NDArray[np.float64]

STAGES = 3
TOLERANCE_M = 0.05  # a step's share; then 3,000 of 3,000 flights of 10,000 km landed within 1 m
LONGEST_S = 7_200.0
_MOST_STEPS = 20_000  # a flight of 10,000 km takes about 300


class Outcome(enum.IntEnum):
    """How a flight ended."""

    DOWN = kernel.DOWN
    FELL_WHILE_BURNING = kernel.FELL_WHILE_BURNING
    STILL_UP = kernel.STILL_UP
    NOT_FINITE = kernel.NOT_FINITE
    TOO_MANY_STEPS = kernel.TOO_MANY_STEPS

    @property
    def reason(self) -> str:
        """What that means, and what to do about it."""
        return _REASONS[self]


_REASONS = {
    Outcome.DOWN: "came down to the height of its ground",
    Outcome.FELL_WHILE_BURNING: "hit the ground before its last burn-out; look at its thrust, "
    "mass and tip-over",
    Outcome.STILL_UP: "was not down at the longest time allowed; raise longest_s, or it orbits",
    Outcome.NOT_FINITE: "a number of it is not finite, or became so; look for a zero or nan in the "
    "vehicle or its start",
    Outcome.TOO_MANY_STEPS: "needed more steps than allowed; raise tolerance_m",
}


@dataclass(frozen=True, slots=True, eq=False)
class Boosters:
    """Vehicles as arrays over n flights; per stage (n, 3), an unused stage with zero ``burn_s``.

    ``thrust_acceleration_m_s2`` in vacuum at the ignition of each stage; ``exhaust_speed_m_s``
    effective, in vacuum; ``drag_area_per_mass_m2_kg`` hypersonic Cd A over the mass at ignition;
    ``sea_level_loss`` the share of the vacuum thrust lost at sea level. ``coast_s`` passes between
    burn-out and the next ignition. The payload falls with ``inverse_beta_m2_kg`` = Cd A / m.
    """

    thrust_acceleration_m_s2: Array
    exhaust_speed_m_s: Array
    burn_s: Array
    drag_area_per_mass_m2_kg: Array
    sea_level_loss: Array
    vertical_rise_s: Array
    kick_rad: Array
    coast_s: Array
    inverse_beta_m2_kg: Array

    @classmethod
    def of(cls, vehicles: Sequence[Vehicle]) -> Boosters:
        """The arrays of vehicles.

        A shroud is carried through the whole burn in which it is let go, where a recorded flight
        drops it within. Raises ValueError for a vehicle of more than three stages, one that
        glides or brakes, and one whose stages wait by themselves.
        """
        stages = np.zeros((5, len(vehicles), STAGES))
        stages[1] = 1.0
        for i, vehicle in enumerate(vehicles):
            _refuse_what_lanes_cannot(vehicle)
            mass_kg, ignition_s = vehicle.lift_off_kg, 0.0
            shroud_kg = vehicle.shroud_kg
            for s, stage in enumerate(vehicle.stages):
                if ignition_s >= vehicle.shroud_jettison_s:
                    mass_kg, shroud_kg = mass_kg - shroud_kg, 0.0
                stages[:, i, s] = (
                    stage.thrust_n / mass_kg,
                    stage.exhaust_velocity_m_s,
                    stage.burn_s,
                    stage.drag_area_m2 / mass_kg,
                    stage.sea_level_loss,
                )
                mass_kg -= stage.propellant_kg + stage.structure_kg
                ignition_s += stage.burn_s + vehicle.coast_s
        rest = np.array(
            [
                (v.vertical_rise_s, v.kick_rad, v.coast_s, 1.0 / v.ballistic_coefficient_kg_m2)
                for v in vehicles
            ]
        ).reshape(-1, 4)
        return cls(*stages, *rest.T)

    def plans(self) -> Array:
        """The kernel's plans (n, columns), without a limit of time."""
        n = len(self)
        plans = np.zeros((n, kernel.PLAN_COLUMNS))
        for column, name in (
            (kernel.KICK, "kick_rad"),
            (kernel.RISE, "vertical_rise_s"),
            (kernel.COAST, "coast_s"),
            (kernel.INVERSE_BETA, "inverse_beta_m2_kg"),
        ):
            plans[:, column] = _column(name, getattr(self, name), n)
        for column, name in (
            (kernel.A0, "thrust_acceleration_m_s2"),
            (kernel.VE, "exhaust_speed_m_s"),
            (kernel.DURATION, "burn_s"),
            (kernel.K_DRAG, "drag_area_per_mass_m2_kg"),
            (kernel.LOSS, "sea_level_loss"),
        ):
            every_stage = slice(kernel.BURNS + column, None, kernel.BURN_COLUMNS)
            plans[:, every_stage] = _column(name, getattr(self, name), n, STAGES)
        return plans

    def __len__(self) -> int:
        """How many vehicles."""
        return len(self.burn_s)


def _refuse_what_lanes_cannot(vehicle: Vehicle) -> None:
    """Raise ValueError for a vehicle that flies in a way that lanes do not."""
    problem = ""
    if len(vehicle.stages) > STAGES:
        problem = f"has {len(vehicle.stages)} stages, and {STAGES} is the most: join some"
    elif vehicle.glide is not None:
        problem = "glides: drop 'glide'"
    elif any(stage.retrograde for stage in vehicle.stages):
        problem = "brakes: drop the retrograde burn"
    elif any(stage.coast_s > 0.0 for stage in vehicle.stages):
        problem = "has stages that wait before ignition: use the vehicle's coast_s"
    if problem:
        raise ValueError(
            f"fly_many cannot fly vehicle {vehicle.vehicle_id!r}: it {problem}, or fly it by "
            "itself with missiles.flight.fly"
        )


def _world(environment: Environment) -> kernel.World:
    """The numbers of the kernel's `World`. Raises ValueError for one with wind."""
    if environment.wind:
        raise ValueError(
            f"the environment has {len(environment.wind)} rows of wind, which lanes do not feel: "
            "leave 'wind' out, or fly with missiles.flight.fly"
        )
    a = environment.semi_major_axis_m
    return (
        float(environment.gravitational_parameter_m3_s2),
        float(a),
        (a / environment.semi_minor_axis_m) ** 2 - 1.0,
        1.5 * environment.j2 * a**2,
        2.5 * environment.j3 * a**3,
        1.875 * environment.j4 * a**4,
        float(environment.rotation_rate_rad_s),
        1.0 if environment.has_air else 0.0,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Flights:
    """What n flights did; what one has not reached is not a number.

    ``outcome`` (n,) holds `Outcome` numbers. The end is the impact if the flight came down, else
    the last state: position and velocity (n, 3), seconds since the start, speed, and the angle of
    the velocity above the plane across the geocentric radius. Burn-out is where the fall begins.
    The apogee is the greatest height on the way. 100 km is first crossed upward at
    ``space_up_s`` and last downward at ``space_down_s``. ``step_count`` counts attempts.
    """

    outcome: NDArray[np.int64]
    end_position_ecef_m: Array
    end_velocity_ecef_m_s: Array
    end_s: Array
    end_speed_m_s: Array
    end_flight_path_rad: Array
    apogee_height_m: Array
    apogee_s: Array
    burnout_position_ecef_m: Array
    burnout_velocity_ecef_m_s: Array
    burnout_s: Array
    space_up_s: Array
    space_down_s: Array
    step_count: Array

    def __len__(self) -> int:
        """How many flights."""
        return len(self.outcome)

    @property
    def came_down(self) -> NDArray[np.bool_]:
        """Which of them ended on the ground after their last burn-out."""
        return np.asarray(self.outcome == Outcome.DOWN)


def fly_many(
    vehicles: Sequence[Vehicle] | Boosters,
    *,
    latitude_rad: ArrayLike,
    longitude_rad: ArrayLike,
    height_m: ArrayLike,
    azimuth_rad: ArrayLike,
    environment: Environment = EARTH,
    longest_s: float = LONGEST_S,
    tolerance_m: float = TOLERANCE_M,
    workers: int | None = 1,
) -> Flights:
    """Fly each vehicle from its site until it is down at the site's height.

    Sites are geodetic, azimuths clockwise from north; each a number for all or an array (n,).
    ``tolerance_m`` is the error of the impact that one step may add; ``workers`` threads share the
    work (None: one for each processor). Raises ValueError for arguments that do not fit together;
    a flight that goes wrong says so by its outcome.
    """
    boosters = vehicles if isinstance(vehicles, Boosters) else Boosters.of(vehicles)
    n = len(boosters)
    plans = boosters.plans()
    sites = np.empty((n, 4))
    for column, (name, values) in enumerate(
        (
            ("latitude_rad", latitude_rad),
            ("longitude_rad", longitude_rad),
            ("height_m", height_m),
            ("azimuth_rad", azimuth_rad),
        )
    ):
        sites[:, column] = _column(name, values, n)
    starts = np.zeros((n, kernel.START_COLUMNS))
    kernel.stand(sites, _world(environment), starts)
    plans[:, kernel.LIMIT] = longest_s
    return _fly(starts, plans, environment, tolerance_m=tolerance_m, workers=workers)


def fall_many(
    position_ecef_m: ArrayLike,
    velocity_ecef_m_s: ArrayLike,
    *,
    inverse_beta_m2_kg: ArrayLike = 0.0,
    ground_m: ArrayLike = 0.0,
    environment: Environment = EARTH,
    longest_s: float = LONGEST_S,
    tolerance_m: float = TOLERANCE_M,
    workers: int | None = 1,
) -> Flights:
    """Follow states (n, 3) without thrust until each is down at the height of its ground.

    Arguments and errors as of `fly_many`; ``inverse_beta_m2_kg`` = Cd A / m at hypersonic speed.
    """
    position = np.atleast_2d(np.asarray(position_ecef_m, dtype=np.float64))
    n = len(position)
    starts = np.zeros((n, kernel.START_COLUMNS))
    starts[:, 0:3] = _column("position_ecef_m", position, n, 3)
    velocity = np.atleast_2d(np.asarray(velocity_ecef_m_s, dtype=np.float64))
    starts[:, 3:6] = _column("velocity_ecef_m_s", velocity, n, 3)
    starts[:, kernel.GROUND] = _column("ground_m", ground_m, n)
    plans = np.zeros((n, kernel.PLAN_COLUMNS))
    plans[:, kernel.INVERSE_BETA] = _column("inverse_beta_m2_kg", inverse_beta_m2_kg, n)
    plans[:, kernel.LIMIT] = longest_s
    return _fly(starts, plans, environment, tolerance_m=tolerance_m, workers=workers)


def _column(name: str, values: ArrayLike, *shape: int) -> Array:
    """Values as floats of one shape. Raises ValueError that names what does not fit."""
    array = np.asarray(values, dtype=np.float64)
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        raise ValueError(
            f"{name} has shape {array.shape}, which does not fit {shape}: give one number for all "
            "flights or one row for each"
        ) from None


def _fly(
    starts: Array,
    plans: Array,
    environment: Environment,
    *,
    tolerance_m: float,
    workers: int | None,
) -> Flights:
    """Cut the flights into contiguous parts, fly them on threads, and name the results."""
    if not tolerance_m > 0.0:
        raise ValueError(f"tolerance_m is {tolerance_m}; give a length above 0, {TOLERANCE_M} say")
    longest_s = float(plans[:, kernel.LIMIT].max(initial=0.0))
    if not 0.0 <= longest_s < np.inf:
        raise ValueError(f"longest_s is {longest_s}; give a finite time, {LONGEST_S} say")
    count = (os.cpu_count() or 1) if workers is None else workers
    if count < 1:
        raise ValueError(f"workers is {workers}; give 1 or more, or None for all processors")
    n, world = len(starts), _world(environment)
    results = np.empty((n, kernel.RESULT_COLUMNS))
    outcome = np.empty(n, dtype=np.int64)
    edges = np.linspace(0, n, min(count, max(n, 1)) + 1).astype(int)

    def fly_part(part: slice) -> None:
        kernel.fly_lanes(
            starts[part],
            plans[part],
            world,
            float(tolerance_m),
            _MOST_STEPS,
            results[part],
            outcome[part],
        )

    parts = [slice(a, b) for a, b in itertools.pairwise(edges)]
    if len(parts) == 1:
        fly_part(parts[0])
    else:
        with ThreadPoolExecutor(len(parts)) as pool:
            list(pool.map(fly_part, parts))
    end, off = kernel.END, kernel.OFF
    return Flights(
        outcome=outcome,
        end_position_ecef_m=results[:, end : end + 3],
        end_velocity_ecef_m_s=results[:, end + 3 : end + 6],
        end_s=results[:, kernel.END_TIME],
        end_speed_m_s=results[:, kernel.SPEED],
        end_flight_path_rad=results[:, kernel.SLANT],
        apogee_height_m=results[:, kernel.TOP],
        apogee_s=results[:, kernel.TOP_TIME],
        burnout_position_ecef_m=results[:, off : off + 3],
        burnout_velocity_ecef_m_s=results[:, off + 3 : off + 6],
        burnout_s=results[:, kernel.OFF_TIME],
        space_up_s=results[:, kernel.UP_TIME],
        space_down_s=results[:, kernel.DOWN_TIME],
        step_count=results[:, kernel.STEPS],
    )
