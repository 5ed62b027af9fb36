"""From a scenario's launch to the objects that really fly: the vehicle, and what comes off it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.frames import geodetic_from_ecef
from forewarn.missiles.environment import EARTH, Environment
from forewarn.missiles.flight import WANDER_SPACING_S, fly
from forewarn.missiles.reentry import decayed_stage
from forewarn.missiles.separation import (
    FRAGMENT_NORMALS,
    STAGE_NORMALS,
    Separated,
    fragments,
    shroud_halves,
    spent_stages,
)
from forewarn.missiles.shaping import (
    least_energy_flight,
    orbital_flight,
    shaped_flight,
    timed_flight,
)
from forewarn.missiles.trajectory import FlightStatus, Trajectory
from forewarn.missiles.vehicle import SPREAD_PARAMETERS, Stage, Vehicle, dispersed
from forewarn.simulation.hot_bodies import glowing
from forewarn.simulation.scenario import (
    Decay,
    Dispersion,
    FlownLaunch,
    Launch,
    TelemetryLaunch,
)
from forewarn.simulation.streams import stream
from forewarn.simulation.telemetry import launch_azimuth_rad, telemetry_trajectory
from forewarn.simulation.truth_object import ObjectKind, TruthObject

Array = NDArray[np.float64]

WANDER_CORRELATION_S = 15.0  # a Falcon's throttle bucket round the greatest air load lasts as long
_WANDER_ROWS = 300  # ten minutes of burn

# Noses and skins that glow: soft, round numbers of no real body.
_GLIDER = {"nose_radius_m": 0.05, "area_m2": 1.0}
_SPENT_STAGE = {"nose_radius_m": 1.0, "area_m2": 10.0}


@dataclass(frozen=True, slots=True, eq=False)
class FlownVehicle:
    """The vehicle of a launch as it was dispersed and shaped, and what else its flight was made of.

    `forewarn.missiles.flight.fly`, given these and the launch's site, repeats its trajectory.
    """

    vehicle: Vehicle
    azimuth_rad: float
    wander: Array | None
    trajectory: Trajectory


def launched(launch: Launch, *, seed: int, environment: Environment = EARTH) -> list[TruthObject]:
    """Return what flies of a launch: the vehicle first, then the parts that came off it.

    Raises ShapingError when the vehicle cannot fly what is published of it, and ValueError when
    its flight fails numerically.
    """
    if isinstance(launch, TelemetryLaunch):
        return [_telemetered(launch)]
    as_flown = flown_vehicle(launch, seed=seed, environment=environment)
    vehicle, azimuth_rad, flown = as_flown.vehicle, as_flown.azimuth_rad, as_flown.trajectory
    if flown.status is not FlightStatus.COMPLETE:
        raise ValueError(
            f"launch {launch.launch_id!r}: the flight of vehicle {vehicle.vehicle_id!r} ends after "
            f"{flown.times_s[-1]:.1f} s because {flown.reason}"
        )
    if vehicle.glide is not None:
        flown = glowing(flown, **_GLIDER)
    main = TruthObject(
        launch_id=launch.launch_id,
        vehicle_class=vehicle.vehicle_class,
        source=vehicle.source,
        launch_tai_ns=launch.time_tai_ns,
        latitude_rad=launch.latitude_rad,
        longitude_rad=launch.longitude_rad,
        azimuth_rad=azimuth_rad,
        trajectory=flown,
    )
    parts = _parts(launch, vehicle, flown, stream(seed, "truth", launch.launch_id, "parts"))
    return [main, *(_part(main, part) for part in parts)]


def decaying(decay: Decay) -> TruthObject:
    """Return a decayed stage, which glows as it comes in."""
    flown = decayed_stage(
        latitude_rad=decay.latitude_rad,
        longitude_rad=decay.longitude_rad,
        azimuth_rad=decay.azimuth_rad,
        ballistic_coefficient_kg_m2=decay.ballistic_coefficient_kg_m2,
        radar_cross_section_m2=decay.radar_cross_section_m2,
    )
    return TruthObject(
        launch_id=decay.decay_id,
        vehicle_class="unknown",
        source=decay.source,
        launch_tai_ns=decay.time_tai_ns,
        latitude_rad=decay.latitude_rad,
        longitude_rad=decay.longitude_rad,
        azimuth_rad=decay.azimuth_rad,
        trajectory=glowing(flown, **_SPENT_STAGE),
        kind=ObjectKind.DECAY,
    )


def _telemetered(launch: TelemetryLaunch) -> TruthObject:
    return TruthObject(
        launch_id=launch.launch_id,
        vehicle_class="space_launch",
        source=launch.source,
        launch_tai_ns=launch.time_tai_ns,
        latitude_rad=launch.latitude_rad,
        longitude_rad=launch.longitude_rad,
        azimuth_rad=launch_azimuth_rad(launch),
        trajectory=telemetry_trajectory(launch),
    )


def flown_vehicle(
    launch: FlownLaunch, *, seed: int, environment: Environment = EARTH
) -> FlownVehicle:
    """Disperse the vehicle as the seed says, shape it and fly it. Raises ShapingError.

    A flight that fails numerically says so by its status.
    """
    randomness = stream(seed, "truth", launch.launch_id)
    # Every draw is made, used or not, so that one spread of zero does not move the others.
    thrust, brightness, range_draw, apogee_draw, azimuth_draw, drag = randomness.standard_normal(6)
    spread = launch.dispersion
    wander = _wander(spread, randomness)
    member = randomness.standard_normal(len(SPREAD_PARAMETERS))
    vehicle = dispersed(launch.vehicle, member) if spread.family else launch.vehicle
    vehicle = dispersed_vehicle(
        vehicle,
        thrust_ratio=float(1.0 + spread.thrust_fraction * thrust),
        intensity_ratio=float(np.exp(spread.intensity_fraction * brightness)),
        coefficient_ratio=float(np.exp(spread.ballistic_coefficient_fraction * drag)),
    )
    pad: dict[str, Any] = {
        "latitude_rad": launch.latitude_rad,
        "longitude_rad": launch.longitude_rad,
        "height_m": launch.height_m,
        "azimuth_rad": float(launch.azimuth_rad + spread.azimuth_rad * azimuth_draw),
        "environment": environment,
    }
    flown: Trajectory | None = None
    strayed: Array | None = None
    if launch.to_orbit:
        vehicle, flown = orbital_flight(vehicle, **pad)
    elif launch.range_m is not None:
        range_m = launch.range_m + spread.range_m * range_draw
        if launch.apogee_m is None:
            vehicle, pad["azimuth_rad"], flown = least_energy_flight(
                vehicle, **pad, range_m=range_m
            )
        else:
            shape = pad | {
                "range_m": range_m,
                "apogee_m": launch.apogee_m + spread.apogee_m * apogee_draw,
            }
            if launch.time_s is None:
                strayed = wander
                vehicle, flown = shaped_flight(vehicle, **shape, wander=wander)
            else:
                vehicle, flown = timed_flight(vehicle, **shape, time_s=launch.time_s)
    if flown is None or launch.fails_at_s is not None:
        strayed = wander
        flown = fly(vehicle, **pad, wander=wander, fails_at_s=launch.fails_at_s)
    return FlownVehicle(vehicle, pad["azimuth_rad"], strayed, flown)


def _parts(
    launch: FlownLaunch, vehicle: Vehicle, flown: Trajectory, randomness: np.random.Generator
) -> list[Separated]:
    """Return what comes off in a flight: stages and shroud if asked for, and fragments."""
    stage_normals = randomness.standard_normal((len(vehicle.stages), STAGE_NORMALS))
    shroud_normals = randomness.standard_normal((2, STAGE_NORMALS))
    parts: list[Separated] = []
    if launch.parts:
        parts += spent_stages(vehicle, flown, stage_normals, ground_m=launch.height_m)
        parts += shroud_halves(vehicle, flown, shroud_normals, ground_m=launch.height_m)
    if launch.fragments_count > 0:
        normals = randomness.standard_normal((launch.fragments_count, FRAGMENT_NORMALS))
        share = 1.0 - randomness.random(launch.fragments_count)
        parts += fragments(flown, normals, share, ground_m=launch.height_m)
    return parts


def _part(main: TruthObject, part: Separated) -> TruthObject:
    place = geodetic_from_ecef(part.trajectory.position_ecef_m[0])
    return TruthObject(
        launch_id=main.launch_id,
        vehicle_class=main.vehicle_class,
        source=main.source,
        launch_tai_ns=main.launch_tai_ns + round(part.starts_s * SECOND_NS),
        latitude_rad=float(place[0]),
        longitude_rad=float(place[1]),
        azimuth_rad=main.azimuth_rad,
        trajectory=glowing(part.trajectory, **_SPENT_STAGE),
        kind=ObjectKind.PART,
        part_name=part.name,
    )


def _wander(spread: Dispersion, randomness: np.random.Generator) -> Array | None:
    """Draw how the thrust strays: a Gauss-Markov walk (n, 2), or None if it does not."""
    draws = randomness.standard_normal((_WANDER_ROWS, 2))
    sigmas = np.array((spread.throttle_wander_fraction, spread.steering_wander_rad))
    if not sigmas.any():
        return None
    kept = np.exp(-WANDER_SPACING_S / WANDER_CORRELATION_S)
    walk = np.empty_like(draws)
    walk[0] = draws[0]
    for i in range(1, len(draws)):
        walk[i] = kept * walk[i - 1] + np.sqrt(1.0 - kept**2) * draws[i]
    return np.asarray(walk * sigmas)


def dispersed_vehicle(
    vehicle: Vehicle,
    *,
    thrust_ratio: float,
    intensity_ratio: float,
    coefficient_ratio: float,
) -> Vehicle:
    """Return the vehicle with another thrust, brightness and ballistic coefficient.

    Its specific impulse stays.
    """

    def changed(stage: Stage) -> Stage:
        return msgspec.structs.replace(
            stage,
            thrust_n=stage.thrust_n * thrust_ratio,
            burn_s=stage.burn_s / thrust_ratio,
            intensity_w_sr=stage.intensity_w_sr * intensity_ratio,
        )

    return msgspec.structs.replace(
        vehicle,
        stages=tuple(changed(s) for s in vehicle.stages),
        ballistic_coefficient_kg_m2=vehicle.ballistic_coefficient_kg_m2 * coefficient_ratio,
    )
