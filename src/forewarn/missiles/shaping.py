"""Shape a flight to a published one: find tip-over and cut-off that give a range and an apogee.

Searches look at sketches, flights integrated loosely; what is returned is flown in full. The
cut-off ends the thrust for good: what is not burnt is carried, whole upper stages too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M, STANDARD_GRAVITY_M_S2
from forewarn.frames import geodetic_from_ecef, surface_azimuth_rad
from forewarn.kernels import flight as kernel
from forewarn.missiles.environment import EARTH, Environment
from forewarn.missiles.flight import fly, sketch
from forewarn.missiles.trajectory import FlightEventKind, FlightStatus, Trajectory
from forewarn.missiles.vehicle import Stage, Vehicle

Array = NDArray[np.float64]

_ITERATIONS = 40
_TOLERANCE_M = 500.0
_SEARCH_TOLERANCE_M = 250.0
_TIME_TOLERANCE_S = 1.0
_TRIED_STARTS = 6
_GOOD_START = 1000.0  # misses, in tolerances, from which Newton's iteration need not be helped
_FIRST_LOG_KICKS = np.log(np.radians(np.geomspace(0.1, 45.0, 18)))
_FIRST_BURNT_FRACTIONS = (0.25, 0.40, 0.55, 0.70, 0.80, 0.90, 0.97)
_LEAST_BURNT_FRACTION = 0.02
_HALVINGS = 40
_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
_KICK_TOLERANCE = 0.01  # of the logarithm: the range is flat there
_LEVEL_RAD = 1e-3
_AZIMUTH_TURNS = 6
_AZIMUTH_TOLERANCE_RAD = 1e-5
_MOST_PACE = 3.0  # a burn three times as fast as the vehicle's own
_LEAST_LIFT = 1.02

_Missed = tuple[Array, "_Tried"]


class ShapingError(ValueError):
    """No tip-over and cut-off of this vehicle give the flight asked for; it says by how much."""


@dataclass(frozen=True, slots=True)
class _Pad:
    """Where, whither and through what every flight of a search is flown."""

    latitude_rad: float
    longitude_rad: float
    height_m: float
    azimuth_rad: float
    wander: Array | None
    environment: Environment

    def try_out(self, vehicle: Vehicle, kick_rad: float, burnt_fraction: float) -> _Tried:
        """Sketch the vehicle with another tip-over and cut-off."""
        tuned = _tuned(vehicle, kick_rad, burnt_fraction)
        return _Tried(tuned, self.fly(tuned, sketch))

    def fly(self, vehicle: Vehicle, how: Callable[..., Trajectory] = fly) -> Trajectory:
        """Fly a vehicle, in full or as a sketch."""
        return how(
            vehicle,
            latitude_rad=self.latitude_rad,
            longitude_rad=self.longitude_rad,
            height_m=self.height_m,
            azimuth_rad=self.azimuth_rad,
            wander=self.wander,
            environment=self.environment,
        )

    def turned(self, by_rad: float) -> _Pad:
        """The same pad with another launch azimuth."""
        azimuth_rad = (self.azimuth_rad + by_rad) % (2.0 * math.pi)
        return _Pad(
            self.latitude_rad,
            self.longitude_rad,
            self.height_m,
            azimuth_rad,
            self.wander,
            self.environment,
        )

    def azimuth_off_rad(self, trajectory: Trajectory, wanted_rad: float) -> float:
        """By how much the impact lies beside the azimuth that is wanted."""
        latitude, longitude, _ = geodetic_from_ecef(trajectory.position_ecef_m[-1])
        seen = surface_azimuth_rad(self.latitude_rad, self.longitude_rad, latitude, longitude)
        return math.remainder(wanted_rad - seen, 2.0 * math.pi)


@dataclass(frozen=True, slots=True)
class _Tried:
    """A vehicle as it was tuned, and its sketch."""

    vehicle: Vehicle
    trajectory: Trajectory

    @property
    def arrival_s(self) -> float:
        """When it is over."""
        return float(self.trajectory.times_s[-1])

    @property
    def range_m(self) -> float:
        """How far it came; what stays up goes half-way round."""
        if not self.trajectory.came_down:
            return math.pi * MEAN_RADIUS_M
        return ground_range_m(self.trajectory)


def ground_range_m(trajectory: Trajectory) -> float:
    """Great-circle distance [m] on the mean sphere from the first to the last state."""
    a, b = trajectory.position_ecef_m[0], trajectory.position_ecef_m[-1]
    cosine = float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
    return MEAN_RADIUS_M * float(np.arccos(min(1.0, max(-1.0, cosine))))


def highest_point_m(trajectory: Trajectory) -> float:
    """Greatest height [m] above WGS 84: of its apogees, else of its states."""
    tops = [e.position_ecef_m for e in trajectory.events if e.kind is FlightEventKind.APOGEE]
    points = np.array(tops) if tops else trajectory.position_ecef_m
    return max(float(kernel.height_m(p[0], p[1], p[2])) for p in points)


def shaped_flight(
    vehicle: Vehicle,
    *,
    latitude_rad: float,
    longitude_rad: float,
    height_m: float,
    azimuth_rad: float,
    range_m: float,
    apogee_m: float,
    wander: Array | None = None,
    environment: Environment = EARTH,
) -> tuple[Vehicle, Trajectory]:
    """Return the vehicle with tip-over and cut-off for a range and an apogee, and its flight.

    Newton iteration on (log tip-over, burnt fraction) with a difference Jacobian, until range and
    apogee are met to 500 m; ``wander`` and ``environment`` are as in `flight.fly`. Raises
    ShapingError with the nearest flight found.
    """
    pad = _Pad(latitude_rad, longitude_rad, height_m, azimuth_rad, wander, environment)
    tried, _ = _shaped(pad, vehicle, np.array([range_m, apogee_m]), None)
    return tried.vehicle, pad.fly(tried.vehicle)


def timed_flight(
    vehicle: Vehicle,
    *,
    latitude_rad: float,
    longitude_rad: float,
    height_m: float,
    azimuth_rad: float,
    range_m: float,
    apogee_m: float,
    time_s: float,
    environment: Environment = EARTH,
) -> tuple[Vehicle, Trajectory]:
    """Return the vehicle shaped to a published triple of range, apogee and time, and its flight.

    The third unknown is the pace of the burn: thrust times a factor, burn time over it, so that
    the impulse is kept. Met to 500 m and 1 s. Raises ShapingError with the nearest time.
    """
    pad = _Pad(latitude_rad, longitude_rad, height_m, azimuth_rad, None, environment)
    asked = np.array([range_m, apogee_m])
    lift_n = vehicle.stages[0].thrust_n * (1.0 - vehicle.stages[0].sea_level_loss)
    slowest = math.log(_LEAST_LIFT * STANDARD_GRAVITY_M_S2 * vehicle.lift_off_kg / lift_n)
    nearest, unknown = _shaped(pad, vehicle, asked, None)
    first_late_s = nearest.arrival_s - time_s
    near, far = 0.0, math.log(_MOST_PACE) if first_late_s > 0.0 else slowest
    while abs(nearest.arrival_s - time_s) > _TIME_TOLERANCE_S and abs(far - near) > 1e-4:
        middle = 0.5 * (near + far)
        try:
            tried, unknown = _shaped(pad, _paced(vehicle, math.exp(middle)), asked, unknown)
        except ShapingError:  # too slow to get there, or too fast to be steered there
            far = middle
            continue
        late_s = tried.arrival_s - time_s
        near, far = (middle, far) if late_s * first_late_s > 0.0 else (near, middle)
        if abs(late_s) < abs(nearest.arrival_s - time_s):
            nearest = tried
    if abs(nearest.arrival_s - time_s) <= _TIME_TOLERANCE_S:
        return nearest.vehicle, pad.fly(nearest.vehicle)
    raise ShapingError(
        f"vehicle {vehicle.vehicle_id!r} cannot fly {range_m / 1e3:.0f} km with an apogee of "
        f"{apogee_m / 1e3:.0f} km in {time_s:.0f} s; nearest found: "
        f"{nearest.arrival_s:.0f} s. Ask for a time nearer to it, or give a "
        "vehicle that burns at another pace"
    )


def least_energy_flight(
    vehicle: Vehicle,
    *,
    latitude_rad: float,
    longitude_rad: float,
    height_m: float,
    azimuth_rad: float,
    range_m: float,
    environment: Environment = EARTH,
) -> tuple[Vehicle, float, Trajectory]:
    """Return the vehicle shaped to a range at the least burn, its launch azimuth, and its flight.

    ``azimuth_rad`` is that of the impact as seen over the ground from the pad; the Earth turns
    under the flight, so the azimuth that it is launched at differs. Range to 500 m, azimuth to
    1e-5 rad. Raises ShapingError, with the greatest range, when the vehicle falls short.
    """
    pad = _Pad(latitude_rad, longitude_rad, height_m, azimuth_rad, None, environment)
    kick, furthest = _furthest(pad, vehicle, 1.0)
    if furthest.range_m < range_m:
        raise ShapingError(
            f"vehicle {vehicle.vehicle_id!r} falls {(range_m - furthest.range_m) / 1e3:.0f} km "
            f"short of {range_m / 1e3:.0f} km: it flies {furthest.range_m / 1e3:.0f} km at most. "
            "Give it more propellant or a lighter payload, or ask for less"
        )
    low, high = _LEAST_BURNT_FRACTION, 1.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        kick, tried = _furthest(pad, vehicle, middle, kick)
        low, high = (middle, high) if tried.range_m < range_m else (low, middle)
        if high - low < 1e-4:
            break
    for _ in range(_AZIMUTH_TURNS):
        tried = _cut_at_range(pad, vehicle, kick, range_m)
        off_rad = pad.azimuth_off_rad(tried.trajectory, azimuth_rad)
        if abs(off_rad) < _AZIMUTH_TOLERANCE_RAD:
            break
        pad = pad.turned(off_rad)
    if abs(tried.range_m - range_m) > _TOLERANCE_M:
        raise ShapingError(
            f"vehicle {vehicle.vehicle_id!r} cannot fly as little as {range_m / 1e3:.0f} km; "
            f"nearest found: {tried.range_m / 1e3:.0f} km. Take a smaller vehicle"
        )
    return tried.vehicle, pad.azimuth_rad, pad.fly(tried.vehicle)


def orbital_flight(
    vehicle: Vehicle,
    *,
    latitude_rad: float,
    longitude_rad: float,
    height_m: float,
    azimuth_rad: float,
    environment: Environment = EARTH,
) -> tuple[Vehicle, Trajectory]:
    """Return the vehicle with tip-over and cut-off chosen for a circular orbit, and its flight.

    The last burn before any braking ends level within 1 mrad and within 1 m/s of circular speed;
    at which height is the vehicle's affair. Raises ShapingError when that cannot be.
    """
    pad = _Pad(latitude_rad, longitude_rad, height_m, azimuth_rad, None, environment)
    last = len(_ascent(vehicle)) - 1
    turn = np.array((0.0, 0.0, environment.rotation_rate_rad_s))

    def miss(unknown: Array) -> _Missed:
        tried = pad.try_out(vehicle, float(np.exp(unknown[0])), float(unknown[1]))
        end = tried.trajectory.first_event(FlightEventKind.BURN_OUT, last)
        if end is None:
            return np.full(2, 1e6), tried
        r = float(np.linalg.norm(end.position_ecef_m))
        velocity = end.velocity_ecef_m_s + np.cross(turn, end.position_ecef_m)  # not turning
        speed = float(np.linalg.norm(velocity))
        slant = float(end.position_ecef_m @ velocity) / (r * speed)
        circular = math.sqrt(environment.gravitational_parameter_m3_s2 / r)
        return np.array([slant / _LEVEL_RAD, speed - circular]), tried

    error, tried, _ = _search(miss, None)
    if np.max(np.abs(error)) >= 1.0:
        raise ShapingError(
            f"vehicle {vehicle.vehicle_id!r} reaches no orbit towards this azimuth; its nearest "
            f"burn-out is {error[0] * _LEVEL_RAD:.3f} rad off level and {error[1]:.0f} m/s off "
            "circular speed. Give it more propellant or a lighter payload"
        )
    return tried.vehicle, pad.fly(tried.vehicle)


def _ascent(vehicle: Vehicle) -> tuple[Stage, ...]:
    """The burns before any braking: those that shaping may cut."""
    braking = (i for i, stage in enumerate(vehicle.stages) if stage.retrograde)
    return vehicle.stages[: next(braking, len(vehicle.stages))]


def _shaped(pad: _Pad, vehicle: Vehicle, asked: Array, start: Array | None) -> tuple[_Tried, Array]:
    """The sketch that meets range and apogee, and its unknowns; from a start, or from a grid."""

    def miss(unknown: Array) -> _Missed:
        tried = pad.try_out(vehicle, float(np.exp(unknown[0])), float(unknown[1]))
        flown = tried.trajectory
        if flown.status is not FlightStatus.COMPLETE:
            return 10.0 * asked / _SEARCH_TOLERANCE_M, tried
        reached = np.array([ground_range_m(flown), highest_point_m(flown)])
        return (reached - asked) / _SEARCH_TOLERANCE_M, tried

    error, tried, found = _search(miss, start)
    if np.max(np.abs(error)) < 1.0:
        return tried, found
    nearest = error * _SEARCH_TOLERANCE_M
    reached_m = nearest + asked
    raise ShapingError(
        f"vehicle {vehicle.vehicle_id!r} cannot fly {asked[0] / 1e3:.0f} km with an apogee of "
        f"{asked[1] / 1e3:.0f} km; nearest found: {reached_m[0] / 1e3:.0f} km, "
        f"{reached_m[1] / 1e3:.0f} km ({-nearest[0] / 1e3:.0f} km short in range, "
        f"{-nearest[1] / 1e3:.0f} km in apogee). Give it more propellant or ask for less"
    )


def _search(miss: Callable[[Array], _Missed], start: Array | None) -> tuple[Array, _Tried, Array]:
    """The nearest flight: from a start if it is a good one, else from the best of a grid."""
    starts = [] if start is None else [start]
    if start is None or np.max(np.abs(miss(start)[0])) > _GOOD_START:
        # A tip-over far from the right one ends in the ground at once, where no slope leads.
        grid = [
            np.array([log_kick, fraction])
            for log_kick in _FIRST_LOG_KICKS
            for fraction in _FIRST_BURNT_FRACTIONS
        ]
        grid.sort(key=lambda at: float(np.linalg.norm(miss(at)[0])))
        starts += grid[:_TRIED_STARTS]
    nearest: tuple[Array, _Tried, Array] | None = None
    for at in starts:
        found = _solve(miss, at)
        if nearest is None or np.linalg.norm(found[0]) < np.linalg.norm(nearest[0]):
            nearest = found
        if np.max(np.abs(nearest[0])) < 1.0:
            break
    assert nearest is not None, "a grid has points"
    return nearest


def _solve(miss: Callable[[Array], _Missed], start: Array) -> tuple[Array, _Tried, Array]:
    """Newton's iteration from one start, each step halved until it gains.

    Misses are in tolerances: it is over where all are below 1.
    """
    unknown, (error, tried) = start, miss(start)
    for _ in range(_ITERATIONS):
        if np.max(np.abs(error)) < 1.0:
            break
        jacobian = np.empty((2, 2))
        for column, delta in enumerate((1e-3, -1e-3)):
            moved = unknown.copy()
            moved[column] += delta
            jacobian[:, column] = (miss(moved)[0] - error) / delta
        step = np.clip(_newton_step(jacobian, error), (-0.3, -0.05), (0.3, 0.05))
        for _halving in range(6):
            trial = unknown + step
            trial[1] = min(max(trial[1], _LEAST_BURNT_FRACTION), 1.0)
            attempt = miss(trial)
            if np.linalg.norm(attempt[0]) < np.linalg.norm(error):
                break
            step = step / 2
        else:
            break
        unknown, (error, tried) = trial, attempt
    return error, tried, unknown


def _newton_step(jacobian: Array, error: Array) -> Array:
    """Newton's step; of least length where the Jacobian is singular."""
    try:
        return np.asarray(-np.linalg.solve(jacobian, error), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.asarray(-np.linalg.lstsq(jacobian, error)[0], dtype=np.float64)


def _furthest(
    pad: _Pad, vehicle: Vehicle, burnt_fraction: float, near: float | None = None
) -> tuple[float, _Tried]:
    """The log tip-over that carries furthest, by golden section, and its flight."""

    def carried(log_kick: float) -> _Tried:
        return pad.try_out(vehicle, math.exp(log_kick), burnt_fraction)

    if near is None:
        ranges = [carried(float(log_kick)).range_m for log_kick in _FIRST_LOG_KICKS]
        near = float(_FIRST_LOG_KICKS[int(np.argmax(ranges))])
    width = float(_FIRST_LOG_KICKS[1] - _FIRST_LOG_KICKS[0])
    low, high = near - width, near + width
    inner = [high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)]
    tried = [carried(inner[0]), carried(inner[1])]
    while high - low > _KICK_TOLERANCE:
        if tried[0].range_m > tried[1].range_m:
            high, inner[1], tried[1] = inner[1], inner[0], tried[0]
            inner[0] = high - _GOLDEN * (high - low)
            tried[0] = carried(inner[0])
        else:
            low, inner[0], tried[0] = inner[0], inner[1], tried[1]
            inner[1] = low + _GOLDEN * (high - low)
            tried[1] = carried(inner[1])
    best = 0 if tried[0].range_m > tried[1].range_m else 1
    return inner[best], tried[best]


def _cut_at_range(pad: _Pad, vehicle: Vehicle, log_kick: float, range_m: float) -> _Tried:
    """The flight of one tip-over that is cut off for a range, by halving."""
    low, high = _LEAST_BURNT_FRACTION, 1.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        tried = pad.try_out(vehicle, math.exp(log_kick), middle)
        if abs(tried.range_m - range_m) < _SEARCH_TOLERANCE_M:
            break
        low, high = (middle, high) if tried.range_m < range_m else (low, middle)
    return tried


def _tuned(vehicle: Vehicle, kick_rad: float, burnt_fraction: float) -> Vehicle:
    """The vehicle with a tip-over, cut off after a fraction of its burning time."""
    ascent = _ascent(vehicle)
    left_s = burnt_fraction * sum(stage.burn_s for stage in ascent)
    stages: list[Stage] = []
    for index, stage in enumerate(ascent):
        if left_s <= stage.burn_s or index + 1 == len(ascent):
            burnt = min(left_s / stage.burn_s, 1.0)
            above_kg = sum(s.propellant_kg + s.structure_kg for s in ascent[index + 1 :])
            unburnt_kg = stage.propellant_kg * (1.0 - burnt)
            stages.append(
                msgspec.structs.replace(
                    stage,
                    burn_s=stage.burn_s * burnt,
                    propellant_kg=stage.propellant_kg * burnt,
                    structure_kg=stage.structure_kg + unburnt_kg + above_kg,
                )
            )
            break
        stages.append(stage)
        left_s -= stage.burn_s
    stages += vehicle.stages[len(ascent) :]
    return msgspec.structs.replace(vehicle, kick_rad=kick_rad, stages=tuple(stages))


def _paced(vehicle: Vehicle, pace: float) -> Vehicle:
    """The vehicle with thrusts times a pace and burns over it."""
    return msgspec.structs.replace(
        vehicle,
        stages=tuple(
            msgspec.structs.replace(s, thrust_n=s.thrust_n * pace, burn_s=s.burn_s / pace)
            for s in vehicle.stages
        ),
    )
