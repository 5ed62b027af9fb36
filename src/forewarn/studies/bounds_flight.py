"""How a launch's flight answers to everything that is not known of it.

The unknowns u are counted in their prior's one sigma, so that the prior is a standard normal one:
launch point, time and azimuth (all but unknown), the numbers of the vehicle, and the steps of the
Gauss-Markov walk by which its thrust strays. Per stage three numbers - thrust, exhaust speed, burn
time - give every history of thrust and mass over mass, so masses are no unknowns of their own. A
longer burn is at the cost of structure: what happens before a burn-out says nothing of when
it comes. Slopes are central differences of whole flights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn.frames import enu_axes, geodetic_from_ecef
from forewarn.missiles.environment import EARTH, Environment
from forewarn.missiles.flight import LONGEST_FALL_S, WANDER_SPACING_S, fall, fly
from forewarn.missiles.phases import phases_of
from forewarn.missiles.trajectory import Trajectory
from forewarn.missiles.vehicle import Stage, Vehicle
from forewarn.simulation.launches import WANDER_CORRELATION_S
from forewarn.simulation.path import Path

Array = NDArray[np.float64]

NORTH, EAST, TIME, AZIMUTH = range(4)
"""The first unknowns."""

_PLACE_STEP_M = 500.0
_AZIMUTH_STEP_RAD = 1e-3
_LOG_STEP = 5e-4
_BLUNT_LOG_STEP = 2e-2  # of what moves a flight little
_STRAY_STEP = 1e-2
_TIME_STEP_S = 0.05
_FALL_STEP_M = 100.0
_FALL_STEP_M_S = 0.1
_CLEAR_S = 1.0  # after the last burn-out: no step moves it so far


class Belief(msgspec.Struct, frozen=True, kw_only=True):
    """One sigma of what an estimator knows beforehand that knows the class of a vehicle, no more.

    A place, a time within minutes and any azimuth; and fractions, of the logarithm, of thrust (more
    of it is a shorter burn of the same impulse), exhaust speed (a faster one is more thrust) and
    burn time, each stage by itself; and of the other numbers of the vehicle. Thrust and burn time
    spread within a class by 10 to 15 %, exhaust speeds by 6 % (2.3 to 3.0 km/s: G. P. Sutton,
    O. Biblarz, Rocket Propulsion Elements, 9th ed., tables 5-5 and 13-1); tip-over and drag are
    little known, as in `forewarn.missiles.families`. All are round and soft. Where a vehicle's own
    family is said to spread wider, that counts.
    """

    place_m: float = 1_000e3
    time_s: float = 300.0
    azimuth_rad: float = math.pi / math.sqrt(3.0)  # of an even one
    thrust_fraction: float = 0.12
    exhaust_velocity_fraction: float = 0.06
    burn_fraction: float = 0.12
    drag_area_fraction: float = 0.5
    sea_level_loss_fraction: float = 0.3
    rise_fraction: float = 0.3
    kick_fraction: float = 0.8
    coast_fraction: float = 0.5
    ballistic_coefficient_fraction: float = 0.5
    lift_to_drag_fraction: float = 0.3

    def of(self, vehicle: Vehicle) -> Belief:
        """Return this belief, widened to the spread of the vehicle's own family."""
        own = {
            name: max(getattr(self, name), getattr(vehicle.spread, name))
            for name in self.__struct_fields__
            if hasattr(vehicle.spread, name)
        }
        own["burn_fraction"] = max(self.burn_fraction, vehicle.spread.propellant_fraction)
        return msgspec.structs.replace(self, **own)


@dataclass(frozen=True, slots=True, eq=False)
class Ascent:
    """A flight as it is flown: `forewarn.missiles.flight.fly`'s arguments.

    ``stray_sigmas`` are the one sigma of its wander along and across.
    """

    vehicle: Vehicle
    latitude_rad: float
    longitude_rad: float
    height_m: float
    azimuth_rad: float
    wander: Array | None = None
    stray_sigmas: tuple[float, float] = (0.0, 0.0)
    fails_at_s: float | None = None
    environment: Environment = EARTH

    def flown(self) -> Trajectory:
        """Fly it."""
        return fly(
            self.vehicle,
            latitude_rad=self.latitude_rad,
            longitude_rad=self.longitude_rad,
            height_m=self.height_m,
            azimuth_rad=self.azimuth_rad,
            wander=self.wander,
            fails_at_s=self.fails_at_s,
            environment=self.environment,
        )


@dataclass(frozen=True, slots=True)
class Unknown:
    """One number that is not known: its name, its one sigma, a step, and how it moves a flight.

    What moves the clock alone has None: in ecef a later launch is the same flight.
    """

    name: str
    sigma: float
    step: float
    moved: Callable[[Ascent, float], Ascent] | None


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """How states and impact answer to p unknowns, each counted in its sigma.

    ``states`` (k, 6, p): ecef position [m] and velocity [m/s] at k instants. ``impact`` (3, p):
    north [m], east [m] and time [s], or None if it does not come down. ``launch`` (3, p): likewise.
    ``burnout`` (p,): the end of the last burn [s].
    """

    names: tuple[str, ...]
    states: Array
    impact: Array | None
    launch: Array
    burnout: Array


def slopes(
    ascent: Ascent, times_s: Array, *, belief: Belief | None = None, step_ratio: float = 1.0
) -> Slopes:
    """Return the slopes of an ascent at times (k,) since its launch.

    ``step_ratio`` scales every step of the differences. What falls is followed from one instant
    after the last burn, so that all that comes later answers to that instant's state alone.
    """
    belief = (Belief() if belief is None else belief).of(ascent.vehicle)
    middle = ascent.flown()
    unknowns = unknowns_of(ascent, belief, middle.burnout_s)
    falls = ascent.vehicle.glide is None and middle.burnout_s + _CLEAR_S < middle.times_s[-1]
    clear_s = middle.burnout_s + _CLEAR_S if falls else float(middle.times_s[-1])
    direct = np.append(np.where(times_s <= clear_s, times_s, 0.0), clear_s)
    states = np.empty((len(direct), 6, len(unknowns)))
    ends = np.zeros((5, len(unknowns)))  # impact, ballistic coefficient, burn-out
    down = middle.came_down
    for i, unknown in enumerate(unknowns):
        if unknown.moved is None:
            states[:, :, i] = -unknown.sigma * _rate(middle, direct)
            ends[[2, 4], i] = unknown.sigma
            continue
        h = step_ratio * unknown.step
        more, less = (unknown.moved(ascent, sign * h) for sign in (1.0, -1.0))
        high, low = more.flown(), less.flown()
        scale = unknown.sigma / (2.0 * h)
        states[:, :, i] = scale * (_at(high, direct) - _at(low, direct))
        down &= high.came_down and low.came_down
        ends[:3, i] = scale * _apart(middle, high, low)
        ends[3, i] = scale * (_log_inverse_beta(more) - _log_inverse_beta(less))
        ends[4, i] = scale * (high.burnout_s - low.burnout_s)
    names = tuple(unknown.name for unknown in unknowns)
    _walked(names, (states, ends))
    impact = ends[:3]
    if falls:
        then = np.vstack((states[-1], ends[3]))
        late = times_s > clear_s
        moved, ground = _fallen(ascent, middle, clear_s, times_s[late] - clear_s, step_ratio)
        states[:-1][late] = moved @ then
        impact = ground @ then
    launch = np.zeros((3, len(names)))
    for row, column in enumerate((NORTH, EAST, TIME)):
        launch[row, column] = unknowns[column].sigma
    return Slopes(
        names=names,
        states=states[:-1],
        impact=impact if down else None,
        launch=launch,
        burnout=ends[4],
    )


def unknowns_of(ascent: Ascent, belief: Belief, burnout_s: float) -> list[Unknown]:
    """Return all that is not known of an ascent; its wander comes last, row by row."""
    return _place(belief) + _numbers(ascent.vehicle, belief) + _strays(ascent, burnout_s)


def _walked(names: tuple[str, ...], per_row: Sequence[Array]) -> None:
    """Turn slopes by the rows of the wander, last in (..., p), into those by its draws."""
    n = names.count("thrust strays")
    walk = _walk(n)
    for axis in range(2):
        part = slice(len(names) - (2 - axis) * n, len(names) - (1 - axis) * n)
        for each in per_row:
            each[..., part] = each[..., part] @ walk


def _fallen(
    ascent: Ascent, middle: Trajectory, start_s: float, times_s: Array, step_ratio: float
) -> tuple[Array, Array]:
    """Return how states (k, 6, 7) and impact (3, 7) of a fall answer to where it starts.

    Last of the seven is the logarithm of the inverse ballistic coefficient; times are since the
    start.
    """
    start = _at(middle, np.array([start_s]))[0]
    log_inverse_beta = _log_inverse_beta(ascent)
    states, impact = np.empty((len(times_s), 6, 7)), np.empty((3, 7))
    for i, step in enumerate((*(_FALL_STEP_M,) * 3, *(_FALL_STEP_M_S,) * 3, _BLUNT_LOG_STEP)):
        h = step_ratio * step
        ends = []
        for sign in (1.0, -1.0):
            y = np.append(start, log_inverse_beta)
            y[i] += sign * h
            ends.append(
                fall(
                    y[:3],
                    y[3:6],
                    ballistic_coefficient_kg_m2=math.exp(-y[6]),
                    radar_cross_section_m2=ascent.vehicle.radar_cross_section_m2,
                    ground_m=ascent.height_m,
                    environment=ascent.environment,
                )
            )
        high, low = ends
        states[:, :, i] = (_at(high, times_s) - _at(low, times_s)) / (2.0 * h)
        impact[:, i] = _apart(middle, high, low) / (2.0 * h)
    return states, impact


def _log_inverse_beta(ascent: Ascent) -> float:
    """Return the logarithm of drag area over mass [m2/kg] of what falls in the end."""
    last = phases_of(ascent.vehicle, fails_at_s=ascent.fails_at_s, longest_fall_s=LONGEST_FALL_S)[
        -1
    ]
    return math.log(last.drag_area_m2 / last.mass_kg)


def _apart(middle: Trajectory, high: Trajectory, low: Trajectory) -> Array:
    """Return how far the ends of two flights are apart: north [m], east [m], time [s]."""
    place = geodetic_from_ecef(middle.position_ecef_m[-1])
    east, north, _ = enu_axes(float(place[0]), float(place[1]))
    apart_m = high.position_ecef_m[-1] - low.position_ecef_m[-1]
    return np.array((north @ apart_m, east @ apart_m, high.times_s[-1] - low.times_s[-1]))


def _at(flown: Trajectory, times_s: Array) -> Array:
    """Return states (k, 6), as the simulation reads them."""
    path = Path(flown.times_s, flown.position_ecef_m, flown.velocity_ecef_m_s)
    return np.hstack(path.states(times_s))


def _rate(flown: Trajectory, times_s: Array) -> Array:
    """Return the rate of change (k, 6) of states."""
    h = _TIME_STEP_S
    rate: Array = (_at(flown, times_s + h) - _at(flown, times_s - h)) / (2.0 * h)
    return rate


def _place(belief: Belief) -> list[Unknown]:
    def northward(ascent: Ascent, by_m: float) -> Ascent:
        meridian_m, _ = _radii_m(ascent)
        return replace(ascent, latitude_rad=ascent.latitude_rad + by_m / meridian_m)

    def eastward(ascent: Ascent, by_m: float) -> Ascent:
        _, parallel_m = _radii_m(ascent)
        return replace(ascent, longitude_rad=ascent.longitude_rad + by_m / parallel_m)

    return [
        Unknown("launch north", belief.place_m, _PLACE_STEP_M, northward),
        Unknown("launch east", belief.place_m, _PLACE_STEP_M, eastward),
        Unknown("launch time", belief.time_s, _TIME_STEP_S, None),
        Unknown(
            "launch azimuth",
            belief.azimuth_rad,
            _AZIMUTH_STEP_RAD,
            lambda ascent, by: replace(ascent, azimuth_rad=ascent.azimuth_rad + by),
        ),
    ]


def _radii_m(ascent: Ascent) -> tuple[float, float]:
    """Return metres per radian of latitude and of longitude (Vallado, 4th ed., eq. 3-7)."""
    a, b = ascent.environment.semi_major_axis_m, ascent.environment.semi_minor_axis_m
    e2 = 1.0 - (b / a) ** 2
    w2 = 1.0 - e2 * math.sin(ascent.latitude_rad) ** 2
    normal_m = a / math.sqrt(w2)
    meridian_m = normal_m * (1.0 - e2) / w2
    height_m, cosine = ascent.height_m, math.cos(ascent.latitude_rad)
    return meridian_m + height_m, (normal_m + height_m) * max(cosine, 1e-6)


def _numbers(vehicle: Vehicle, belief: Belief) -> list[Unknown]:
    """Return the unknown numbers of a vehicle, those alone that it has."""
    found: list[Unknown] = []
    for index in range(len(vehicle.stages)):
        for name, sigma, changed in (
            ("thrust", belief.thrust_fraction, _more_thrust),
            ("exhaust speed", belief.exhaust_velocity_fraction, _faster_exhaust),
            ("burn time", belief.burn_fraction, _longer_burn),
        ):
            found.append(
                Unknown(f"{name} {index + 1}", sigma, _LOG_STEP, _of_stage(index, changed))
            )
    blunt = _BLUNT_LOG_STEP
    every: list[tuple[str, float, float, Callable[[Vehicle, float], Vehicle]]] = [
        ("drag area", belief.drag_area_fraction, blunt, _more_drag),
        ("sea-level loss", belief.sea_level_loss_fraction, blunt, _more_loss),
        ("vertical rise", belief.rise_fraction, _LOG_STEP, _scaled("vertical_rise_s")),
        ("tip-over", belief.kick_fraction, _LOG_STEP, _scaled("kick_rad")),
        (
            "ballistic coefficient",
            belief.ballistic_coefficient_fraction,
            blunt,
            _scaled("ballistic_coefficient_kg_m2"),
        ),
    ]
    if vehicle.coast_s > 0.0 or any(stage.coast_s > 0.0 for stage in vehicle.stages):
        every.append(("coast", belief.coast_fraction, _LOG_STEP, _longer_coast))
    if vehicle.glide is not None:
        every.append(("lift over drag", belief.lift_to_drag_fraction, blunt, _more_lift))
    found += [
        Unknown(name, sigma, step, _of_vehicle(change)) for name, sigma, step, change in every
    ]
    return found


def _of_vehicle(change: Callable[[Vehicle, float], Vehicle]) -> Callable[[Ascent, float], Ascent]:
    return lambda ascent, by: replace(ascent, vehicle=change(ascent.vehicle, math.exp(by)))


def _of_stage(
    index: int, change: Callable[[Stage, float], Stage]
) -> Callable[[Ascent, float], Ascent]:
    def changed(vehicle: Vehicle, ratio: float) -> Vehicle:
        stages = list(vehicle.stages)
        stages[index] = change(stages[index], ratio)
        return msgspec.structs.replace(vehicle, stages=tuple(stages))

    return _of_vehicle(changed)


def _more_thrust(stage: Stage, ratio: float) -> Stage:
    return msgspec.structs.replace(
        stage, thrust_n=stage.thrust_n * ratio, burn_s=stage.burn_s / ratio
    )


def _faster_exhaust(stage: Stage, ratio: float) -> Stage:
    return msgspec.structs.replace(stage, thrust_n=stage.thrust_n * ratio)


def _longer_burn(stage: Stage, ratio: float) -> Stage:
    longer_kg = stage.propellant_kg * (ratio - 1.0)
    return msgspec.structs.replace(
        stage,
        burn_s=stage.burn_s * ratio,
        propellant_kg=stage.propellant_kg + longer_kg,
        structure_kg=stage.structure_kg - longer_kg,
    )


def _scaled(name: str) -> Callable[[Vehicle, float], Vehicle]:
    return lambda vehicle, ratio: msgspec.structs.replace(
        vehicle, **{name: getattr(vehicle, name) * ratio}
    )


def _every_stage(vehicle: Vehicle, ratio: float, name: str) -> Vehicle:
    stages = tuple(
        msgspec.structs.replace(stage, **{name: getattr(stage, name) * ratio})
        for stage in vehicle.stages
    )
    return msgspec.structs.replace(vehicle, stages=stages)


def _more_drag(vehicle: Vehicle, ratio: float) -> Vehicle:
    return _every_stage(vehicle, ratio, "drag_area_m2")


def _more_loss(vehicle: Vehicle, ratio: float) -> Vehicle:
    return _every_stage(vehicle, ratio, "sea_level_loss")


def _longer_coast(vehicle: Vehicle, ratio: float) -> Vehicle:
    longer = _every_stage(vehicle, ratio, "coast_s")
    return msgspec.structs.replace(longer, coast_s=vehicle.coast_s * ratio)


def _more_lift(vehicle: Vehicle, ratio: float) -> Vehicle:
    assert vehicle.glide is not None, "asked only of gliders"
    glide = msgspec.structs.replace(vehicle.glide, lift_to_drag=vehicle.glide.lift_to_drag * ratio)
    return msgspec.structs.replace(vehicle, glide=glide)


def _strays(ascent: Ascent, burnout_s: float) -> list[Unknown]:
    """Return each row of the wander while it burns, along and then across, where it wanders."""
    if ascent.wander is None:
        return []
    count = min(int(burnout_s / WANDER_SPACING_S) + 1, len(ascent.wander))
    names = "thrust strays", "steering strays"
    return [
        Unknown(names[axis], ascent.stray_sigmas[axis], _STRAY_STEP, _strayed(row, axis))
        for axis in range(2)
        for row in range(count)
    ]


def _strayed(row: int, axis: int) -> Callable[[Ascent, float], Ascent]:
    def moved(ascent: Ascent, by: float) -> Ascent:
        assert ascent.wander is not None, "asked only of what wanders"
        wander = ascent.wander.copy()
        wander[row, axis] += by
        return replace(ascent, wander=wander)

    return moved


def _walk(n: int) -> Array:
    """Return the lower triangle (n, n) that makes a Gauss-Markov walk of unit size from draws."""
    kept = math.exp(-WANDER_SPACING_S / WANDER_CORRELATION_S)
    ages = np.arange(n)[:, None] - np.arange(n)
    triangle = np.where(ages >= 0, kept ** np.maximum(ages, 0), 0.0)
    triangle[:, 1:] *= math.sqrt(1.0 - kept * kept)
    return triangle
