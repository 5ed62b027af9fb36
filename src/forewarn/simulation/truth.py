"""What really flies: the paths of a run that the estimator never sees."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.frames import geodetic_from_ecef
from forewarn.missiles.flight import WANDER_SPACING_S, fly
from forewarn.missiles.shaping import shaped_flight
from forewarn.missiles.trajectory import Trajectory
from forewarn.missiles.vehicle import Stage, Vehicle
from forewarn.sensors.sight import height_m
from forewarn.simulation.path import Path
from forewarn.simulation.scenario import Dispersion, FlownLaunch, Launch, Scenario
from forewarn.simulation.streams import stream
from forewarn.simulation.surroundings import Surroundings, surroundings
from forewarn.simulation.telemetry import launch_azimuth_rad, telemetry_trajectory
from forewarn.simulation.weather import CloudField, cloud_field

Array = NDArray[np.float64]
Instants = NDArray[np.int64]

_WANDER_CORRELATION_S = 15.0  # a Falcon's throttle bucket round the greatest air load lasts as long
_WANDER_ROWS = 300  # ten minutes of burn


@dataclass(frozen=True, slots=True, eq=False)
class TruthObject:
    """One object in flight, from ignition until it is down or its record ends."""

    launch_id: str
    vehicle_class: str
    source: str
    launch_tai_ns: int
    latitude_rad: float
    longitude_rad: float
    azimuth_rad: float
    trajectory: Trajectory

    @property
    def end_tai_ns(self) -> int:
        """The instant of the last state: at the ground, or where the record ends."""
        return self._instant(float(self.trajectory.times_s[-1]))

    @property
    def burnout_tai_ns(self) -> int:
        """The end of the last burn."""
        return self._instant(self.trajectory.burnout_s)

    @property
    def impact_rad(self) -> tuple[float, float] | None:
        """Latitude and longitude [rad] where it came down, or None if it did not."""
        if not self.trajectory.came_down:
            return None
        latitude_rad, longitude_rad, _ = geodetic_from_ecef(self.trajectory.position_ecef_m[-1])
        return float(latitude_rad), float(longitude_rad)

    @property
    def apogee_m(self) -> float:
        """Greatest height above WGS 84 among its states."""
        return float(np.max(height_m(self.trajectory.position_ecef_m)))

    def cloud_break_tai_ns(self, cloud_top_m: float) -> int | None:
        """Return the first instant above the cloud, or None if it stays below."""
        heights = height_m(self.trajectory.position_ecef_m)
        above = np.flatnonzero(heights >= cloud_top_m)
        if len(above) == 0:
            return None
        i = int(above[0])
        if i == 0:
            return self.launch_tai_ns
        share = (cloud_top_m - heights[i - 1]) / (heights[i] - heights[i - 1])
        times_s = self.trajectory.times_s
        return self._instant(float(times_s[i - 1] + share * (times_s[i] - times_s[i - 1])))

    def states_ecef(self, time_tai_ns: Instants) -> tuple[Array, Array, Array]:
        """Position [m], velocity [m/s] (k, 3) and plume intensity [W/sr] (k,) at instants (k,).

        Outside its flight the nearest end is returned, with no intensity; see ``flying``.
        """
        time_s = (time_tai_ns - self.launch_tai_ns) / SECOND_NS
        flown = self.trajectory
        position, velocity = Path(
            flown.times_s, flown.position_ecef_m, flown.velocity_ecef_m_s
        ).states(time_s)
        # A plume goes on and off at once: between two samples it is as bright as at the later one.
        later = np.minimum(np.searchsorted(flown.times_s, time_s), len(flown.times_s) - 1)
        brightness = np.where(self.flying(time_tai_ns), flown.intensity_w_sr[later], 0.0)
        return position, velocity, brightness

    def flying(self, time_tai_ns: Instants) -> NDArray[np.bool_]:
        """Say at which instants it is in flight."""
        during: NDArray[np.bool_] = (time_tai_ns >= self.launch_tai_ns) & (
            time_tai_ns <= self.end_tai_ns
        )
        return during

    def _instant(self, time_s: float) -> int:
        return self.launch_tai_ns + round(time_s * SECOND_NS)


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Everything that flies in one run, and what is round it.

    With ``clouds``, those hide and ``cloud_top_m`` counts for nothing.
    """

    scenario_id: str
    seed: int
    cloud_top_m: float
    objects: tuple[TruthObject, ...]
    clouds: CloudField | None = None
    surroundings: Surroundings | None = None


def make_truth(scenario: Scenario, *, seed: int) -> Truth:
    """Fly every launch of the scenario, dispersed as the seed says.

    Raises ShapingError when a vehicle cannot reach its published range and apogee.
    """
    clouds = None if scenario.weather is None else cloud_field(scenario.weather, seed=seed)
    span = scenario.start_tai_ns, scenario.end_tai_ns
    return Truth(
        scenario_id=scenario.scenario_id,
        seed=seed,
        cloud_top_m=scenario.cloud_top_m,
        objects=tuple(_object(launch, seed) for launch in scenario.launches),
        clouds=clouds,
        surroundings=None
        if scenario.clutter is None
        else surroundings(scenario.clutter, clouds, seed=seed, span_tai_ns=span),
    )


def _object(launch: Launch, seed: int) -> TruthObject:
    if isinstance(launch, FlownLaunch):
        return _flown(launch, stream(seed, "truth", launch.launch_id))
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


def _flown(launch: FlownLaunch, randomness: np.random.Generator) -> TruthObject:
    # Every draw is made, used or not, so that one spread of zero does not move the others.
    thrust, brightness, range_draw, apogee_draw, azimuth_draw, drag = randomness.standard_normal(6)
    spread = launch.dispersion
    azimuth_rad = launch.azimuth_rad + spread.azimuth_rad * azimuth_draw
    wander = _wander(spread, randomness)
    vehicle = dispersed_vehicle(
        launch.vehicle,
        thrust_ratio=float(1.0 + spread.thrust_fraction * thrust),
        intensity_ratio=float(np.exp(spread.intensity_fraction * brightness)),
        coefficient_ratio=float(np.exp(spread.ballistic_coefficient_fraction * drag)),
    )
    if launch.range_m is None or launch.apogee_m is None:
        trajectory = fly(
            vehicle,
            latitude_rad=launch.latitude_rad,
            longitude_rad=launch.longitude_rad,
            height_m=launch.height_m,
            azimuth_rad=azimuth_rad,
            wander=wander,
        )
    else:
        vehicle, trajectory = shaped_flight(
            vehicle,
            latitude_rad=launch.latitude_rad,
            longitude_rad=launch.longitude_rad,
            height_m=launch.height_m,
            azimuth_rad=azimuth_rad,
            range_m=launch.range_m + spread.range_m * range_draw,
            apogee_m=launch.apogee_m + spread.apogee_m * apogee_draw,
            wander=wander,
        )
    return TruthObject(
        launch_id=launch.launch_id,
        vehicle_class=vehicle.vehicle_class,
        source=vehicle.source,
        launch_tai_ns=launch.time_tai_ns,
        latitude_rad=launch.latitude_rad,
        longitude_rad=launch.longitude_rad,
        azimuth_rad=azimuth_rad,
        trajectory=trajectory,
    )


def _wander(spread: Dispersion, randomness: np.random.Generator) -> Array | None:
    """Draw how the thrust strays: a Gauss-Markov walk (n, 2), or None if it does not."""
    draws = randomness.standard_normal((_WANDER_ROWS, 2))
    sigmas = np.array((spread.throttle_wander_fraction, spread.steering_wander_rad))
    if not sigmas.any():
        return None
    kept = np.exp(-WANDER_SPACING_S / _WANDER_CORRELATION_S)
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
