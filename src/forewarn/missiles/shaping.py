"""Shape a flight to a published one: find tip-over and cut-off that give a range and an apogee."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M
from forewarn.kernels import flight as kernel
from forewarn.missiles.flight import fly
from forewarn.missiles.trajectory import Trajectory
from forewarn.missiles.vehicle import Vehicle

Array = NDArray[np.float64]

_ITERATIONS = 40
_TOLERANCE_M = 500.0
_FIRST_BURNT_FRACTIONS = (0.90, 0.97)
_TRIED_STARTS = 6
_FIRST_LOG_KICKS = np.log(np.radians(np.geomspace(0.1, 30.0, 16)))
_LEAST_BURNT_FRACTION = 0.02


_Missed = tuple[Array, Vehicle, Trajectory]


class ShapingError(ValueError):
    """No tip-over and cut-off of this vehicle give the range and apogee asked for."""


def ground_range_m(trajectory: Trajectory) -> float:
    """Great-circle distance [m] on the mean sphere from the first to the last state."""
    a, b = trajectory.position_ecef_m[0], trajectory.position_ecef_m[-1]
    cosine = float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
    return MEAN_RADIUS_M * float(np.arccos(min(1.0, max(-1.0, cosine))))


def highest_point_m(trajectory: Trajectory) -> float:
    """Greatest height [m] above WGS 84, refined by a parabola through the highest samples."""
    heights = np.array([kernel.height_m(p[0], p[1], p[2]) for p in trajectory.position_ecef_m])
    top = int(np.argmax(heights))
    if top in (0, len(heights) - 1):
        return float(heights[top])
    t = trajectory.times_s[top - 1 : top + 2] - trajectory.times_s[top]
    parabola = np.linalg.solve(np.vander(t, 3, increasing=True), heights[top - 1 : top + 2])
    c0, c1, c2 = (float(c) for c in parabola)
    return c0 - c1 * c1 / (4.0 * c2) if c2 < 0.0 else float(heights[top])


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
) -> tuple[Vehicle, Trajectory]:
    """Return the vehicle with tip-over and last cut-off chosen, and its flight.

    Newton iteration on (log tip-over, burnt fraction) with a difference Jacobian, until range and
    apogee are met to 500 m; ``wander`` is as in `flight.fly`. Raises ShapingError with the nearest
    flight found.
    """
    asked = np.array([range_m, apogee_m])

    def miss(unknown: Array) -> _Missed:
        tuned = _tuned(vehicle, float(np.exp(unknown[0])), float(unknown[1]))
        flown = fly(
            tuned,
            latitude_rad=latitude_rad,
            longitude_rad=longitude_rad,
            height_m=height_m,
            azimuth_rad=azimuth_rad,
            wander=wander,
        )
        return np.array([ground_range_m(flown), highest_point_m(flown)]) - asked, tuned, flown

    # A tip-over far from the right one ends in the ground at once, where no slope leads anywhere.
    starts = [
        np.array([log_kick, fraction])
        for log_kick in _FIRST_LOG_KICKS
        for fraction in _FIRST_BURNT_FRACTIONS
    ]
    starts.sort(key=lambda start: float(np.linalg.norm(miss(start)[0])))
    nearest = asked
    for start in starts[:_TRIED_STARTS]:
        error, tuned, flown = _solve(miss, start)
        if np.max(np.abs(error)) < _TOLERANCE_M:
            return tuned, flown
        nearest = min(nearest, error, key=lambda e: float(np.linalg.norm(e)))
    raise ShapingError(
        f"vehicle {vehicle.vehicle_id!r} cannot fly {range_m / 1e3:.0f} km with an apogee of "
        f"{apogee_m / 1e3:.0f} km; nearest found: {(nearest[0] + range_m) / 1e3:.0f} km, "
        f"{(nearest[1] + apogee_m) / 1e3:.0f} km. Give it more propellant or ask for less"
    )


def _solve(miss: Callable[[Array], _Missed], start: Array) -> _Missed:
    """Newton's iteration from one start, each step halved until it gains."""
    unknown, (error, tuned, flown) = start, miss(start)
    for _ in range(_ITERATIONS):
        if np.max(np.abs(error)) < _TOLERANCE_M:
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
            tried = miss(trial)
            if np.linalg.norm(tried[0]) < np.linalg.norm(error):
                break
            step = step / 2
        else:
            break
        unknown, (error, tuned, flown) = trial, tried
    return error, tuned, flown


def _newton_step(jacobian: Array, error: Array) -> Array:
    """Newton's step; of least length where the Jacobian is singular."""
    try:
        return np.asarray(-np.linalg.solve(jacobian, error), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.asarray(-np.linalg.lstsq(jacobian, error)[0], dtype=np.float64)


def _tuned(vehicle: Vehicle, kick_rad: float, burnt_fraction: float) -> Vehicle:
    last = vehicle.stages[-1]
    burnt_kg = last.propellant_kg * burnt_fraction
    cut = msgspec.structs.replace(
        last,
        burn_s=last.burn_s * burnt_fraction,
        propellant_kg=burnt_kg,
        structure_kg=last.structure_kg + last.propellant_kg - burnt_kg,
    )
    return msgspec.structs.replace(vehicle, kick_rad=kick_rad, stages=(*vehicle.stages[:-1], cut))
