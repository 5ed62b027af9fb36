"""Many runs of a scenario through the chain: what was achieved, beside what could be at best.

At each moment of each run the bound counts the looks that had arrived when the chain last said
something of the launch. The *bound* of a quantity is the median length of a normal error with the
least covariance. The *ratio* is the median over runs of error over that: 1 for an estimator that is
at the bound, whatever the runs have in common, and never much less.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn import pipeline as chain
from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation
from forewarn.missiles.environment import Environment
from forewarn.records import Assessment, Event, Output, Realm, Track
from forewarn.simulation.launches import flown_vehicle
from forewarn.simulation.observe import simulate
from forewarn.simulation.scenario import FlownLaunch, Scenario
from forewarn.simulation.truth_object import TruthObject
from forewarn.studies.bounds import LeastErrors, least_errors
from forewarn.studies.bounds_achieved import Miss, Said, at, said_of
from forewarn.studies.bounds_flight import Ascent, Belief
from forewarn.studies.bounds_information import median_length
from forewarn.studies.bounds_looks import Sighting, plume_end, sightings

Array = NDArray[np.float64]

QUANTITIES = (
    "launch_place_m",
    "launch_time_s",
    "impact_place_m",
    "impact_time_s",
    "position_m",
    "velocity_m_s",
)
MOMENTS = (
    "first confirmation",
    "+ 30 s",
    "+ 60 s",
    "burn-out",
    "burn-out + 60 s",
    "burn-out + 180 s",
    "last look",
)
EVERY_S = 5.0


class ScenarioError(ValueError):
    """A scenario that cannot be simulated; it says why."""


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """One quantity at one moment over the runs in which it could be estimated.

    ``bound`` is the median over runs of the median length of the least error, ``bound_rms`` the
    root of its mean square, in the unit that the quantity's name ends in; ``error`` and
    ``error_rms`` are those achieved, ``error_low`` and ``error_high`` its 10 and 90 % points.
    ``nees`` is the mean normalised squared error by dimension (1 if honest), and ``held_count`` of
    ``estimate_count`` stated 90 % regions held the truth. None where nothing was estimated.
    """

    bound: float
    bound_rms: float
    estimate_count: int
    held_count: int
    error: float | None = None
    error_rms: float | None = None
    error_low: float | None = None
    error_high: float | None = None
    ratio: float | None = None
    nees: float | None = None


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """All quantities at one moment, of the ``run_count`` runs that had it; counts are medians."""

    name: str
    since_launch_s: float
    run_count: int
    looks: dict[str, float]
    scores: dict[str, Score]


class LaunchStudy(msgspec.Struct, frozen=True, kw_only=True):
    """One launch: its moments, and every few seconds while all its runs are in flight."""

    launch_id: str
    vehicle_id: str
    vehicle_class: str
    burnout_s: float
    moments: tuple[Moment, ...]
    curve: tuple[Moment, ...]


class BoundsStudy(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario's launches over ``run_count`` runs from seed 1 on."""

    forewarn: Literal["bounds/1"] = "bounds/1"
    scenario_id: str
    title: str
    run_count: int
    belief: Belief
    launches: tuple[LaunchStudy, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One launch at one moment of one run: median length and mean square of the least errors."""

    since_launch_s: float
    looks: dict[str, int]
    bounds: dict[str, tuple[float, float]]
    misses: dict[str, Miss]


@dataclass(frozen=True, slots=True, eq=False)
class LaunchRun:
    """One launch in one run."""

    launch_id: str
    burnout_s: float
    moments: dict[str, Sample]
    curve: dict[float, Sample]


def bounded_launches(scenario: Scenario, launch_id: str | None = None) -> tuple[FlownLaunch, ...]:
    """Return the launches of a scenario that have a bound: those flown by a vehicle.

    Raises ValueError, saying what to do, if there is none, or the one that is named has none.
    """
    if not scenario.launches:
        raise ValueError("it has no launches: there is nothing to bound; name another scenario")
    flown = tuple(one for one in scenario.launches if isinstance(one, FlownLaunch))
    names = ", ".join(one.launch_id for one in flown)
    if launch_id is None:
        if flown:
            return flown
        raise ValueError(
            "all its launches are telemetry, which has no vehicle whose numbers could be unknown: "
            "name a scenario with a launch of kind 'flown'"
        )
    chosen = [one for one in scenario.launches if one.launch_id == launch_id]
    if not chosen:
        known = ", ".join(one.launch_id for one in scenario.launches)
        raise ValueError(f"it has no launch {launch_id!r}: write one of {known}")
    if not isinstance(chosen[0], FlownLaunch):
        mend = f"write one of {names}" if flown else "name another scenario"
        raise ValueError(
            f"launch {launch_id!r} is telemetry, which has no vehicle whose numbers could be "
            f"unknown: {mend}"
        )
    return (chosen[0],)


def study(
    scenario: Scenario,
    orientation: EarthOrientation,
    *,
    run_count: int,
    launch_id: str | None = None,
    every_s: float = EVERY_S,
    belief: Belief | None = None,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> BoundsStudy:
    """Run a scenario with seeds 1, 2 and on, and gather bounds and errors of its launches.

    ``progress`` is told after each run how many are done. Raises ValueError as `bounded_launches`
    does, and ScenarioError where `forewarn.simulation.observe.simulate` refuses.
    """
    launches = bounded_launches(scenario, launch_id)
    belief = Belief() if belief is None else belief
    seeds = range(1, run_count + 1)
    runs: list[list[LaunchRun]] = []
    plan = _Plan(scenario, orientation, launches, every_s, belief)
    if workers <= 1:
        found: Iterable[list[LaunchRun]] = (_one(plan, seed) for seed in seeds)
        _gather(found, runs, progress)
    else:
        with ProcessPoolExecutor(workers) as pool:
            futures = [pool.submit(_one, plan, seed) for seed in seeds]
            _gather((future.result() for future in futures), runs, progress)
    return BoundsStudy(
        scenario_id=scenario.scenario_id,
        title=scenario.title,
        run_count=run_count,
        belief=belief,
        launches=tuple(
            summed_up(launch, [run[i] for run in runs]) for i, launch in enumerate(launches)
        ),
    )


def _gather(
    found: Iterable[list[LaunchRun]],
    runs: list[list[LaunchRun]],
    progress: Callable[[int], None] | None,
) -> None:
    for run in found:
        runs.append(run)
        if progress is not None:
            progress(len(runs))


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """What all runs of a study have in common."""

    scenario: Scenario
    orientation: EarthOrientation
    launches: tuple[FlownLaunch, ...]
    every_s: float
    belief: Belief


def _one(plan: _Plan, seed: int) -> list[LaunchRun]:
    """Take one run through the chain and hold each launch against its bounds."""
    scenario, orientation = plan.scenario, plan.orientation
    try:
        simulation = simulate(scenario, seed=seed, orientation=orientation)
    except ValueError as error:
        raise ScenarioError(f"seed {seed}: {error}") from error
    objects = simulation.truth.objects
    outputs = taken_through(scenario, simulation.events, orientation)
    said = said_of(outputs, objects)
    seen = sightings(simulation.events, objects, scenario.network, orientation)
    found = []
    for launch in plan.launches:
        truth = next(o for o in simulation.truth.vehicles if o.launch_id == launch.launch_id)
        ascent = ascent_of(launch, seed=seed, environment=Environment(wind=scenario.wind))
        found.append(_held(plan, ascent, truth, said[launch.launch_id], seen[truth.object_id]))
    return found


def _held(
    plan: _Plan, ascent: Ascent, truth: TruthObject, said: list[Said], looks: list[Sighting]
) -> LaunchRun:
    """Hold what was said of one launch against its bounds."""
    end_tai_ns = min(plan.scenario.end_tai_ns, truth.end_tai_ns)
    step_ns = round(plan.every_s * SECOND_NS)
    grid = range(truth.launch_tai_ns + step_ns, end_tai_ns + 1, step_ns)
    moments = _moments(truth, said, looks, end_tai_ns)
    named = {name: _standing(said, instant) for name, instant in moments.items()}
    steps = [_standing(said, instant) for instant in grid]
    wanted = sorted({tai_ns for tai_ns, _ in (*named.values(), *steps)})
    bounds = least_errors(
        ascent,
        truth.launch_tai_ns,
        looks,
        wanted,
        ending=plume_end(looks, plan.scenario.network, truth.burnout_tai_ns),
        belief=plan.belief,
    )
    least = {bound.time_tai_ns: bound for bound in bounds}
    return LaunchRun(
        launch_id=truth.launch_id,
        burnout_s=truth.trajectory.burnout_s,
        moments={name: _sample(truth, least[tai], then) for name, (tai, then) in named.items()},
        curve={
            (instant - truth.launch_tai_ns) / SECOND_NS: _sample(truth, least[tai], then)
            for instant, (tai, then) in zip(grid, steps, strict=True)
        },
    )


def taken_through(
    scenario: Scenario, events: Iterable[Event], orientation: EarthOrientation
) -> list[Output]:
    """Return the tracks and assessments that the chain makes of a scenario's events."""
    pipeline = chain.Pipeline(
        scenario.network, scenario.areas, scenario.policy, orientation, Realm.SIMULATION
    )
    state = chain.initial_state(pipeline)
    outputs: list[Output] = []
    for event in events:
        state, new = chain.step(pipeline, state, event)
        outputs += (output for output in new if isinstance(output, Track | Assessment))
    return outputs


def ascent_of(launch: FlownLaunch, *, seed: int, environment: Environment) -> Ascent:
    """Return the ascent of a launch as it is flown in the run of a seed."""
    flown = flown_vehicle(launch, seed=seed, environment=environment)
    spread = launch.dispersion
    return Ascent(
        vehicle=flown.vehicle,
        latitude_rad=launch.latitude_rad,
        longitude_rad=launch.longitude_rad,
        height_m=launch.height_m,
        azimuth_rad=flown.azimuth_rad,
        wander=flown.wander,
        stray_sigmas=(spread.throttle_wander_fraction, spread.steering_wander_rad),
        fails_at_s=launch.fails_at_s,
        environment=environment,
    )


def _moments(
    truth: TruthObject, said: Sequence[Said], looks: Sequence[Sighting], end_tai_ns: int
) -> dict[str, int]:
    """Return the moments that a run has, by name."""
    found: dict[str, int] = {}
    confirmed = next((s.time_tai_ns for s in said if s.confirmed), None)
    if confirmed is not None:
        for name, later_s in (("first confirmation", 0), ("+ 30 s", 30), ("+ 60 s", 60)):
            found[name] = confirmed + later_s * SECOND_NS
    for name, later_s in (("burn-out", 0), ("burn-out + 60 s", 60), ("burn-out + 180 s", 180)):
        found[name] = truth.burnout_tai_ns + later_s * SECOND_NS
    arrived = [look.received_tai_ns for look in looks if look.received_tai_ns <= end_tai_ns]
    if arrived:
        # Assessments come every other second: one that rests on the last look has come by then.
        found["last look"] = min(arrived[-1] + 3 * SECOND_NS, end_tai_ns)
    return {name: instant for name, instant in found.items() if instant <= end_tai_ns}


def _standing(said: Sequence[Said], instant_tai_ns: int) -> tuple[int, Said | None]:
    """Return what stood at an instant, and since when: the instant itself if nothing did."""
    then = at(said, instant_tai_ns)
    return (instant_tai_ns if then is None else then.time_tai_ns), then


def _sample(truth: TruthObject, least: LeastErrors, said: Said | None) -> Sample:
    parts = {
        "launch_place_m": least.launch[:2, :2],
        "launch_time_s": least.launch[2:, 2:],
        "position_m": least.state[:3, :3],
        "velocity_m_s": least.state[3:, 3:],
    }
    if least.impact is not None and truth.impact_rad is not None:
        parts["impact_place_m"] = least.impact[:2, :2]
        parts["impact_time_s"] = least.impact[2:, 2:]
    return Sample(
        since_launch_s=(least.time_tai_ns - truth.launch_tai_ns) / SECOND_NS,
        looks=least.looks,
        bounds={name: (median_length(c), float(np.trace(c))) for name, c in parts.items()},
        misses={} if said is None else said.misses,
    )


def summed_up(launch: FlownLaunch, runs: Sequence[LaunchRun]) -> LaunchStudy:
    """Return the study of one launch from its runs."""
    named = [
        moment_of(name, [run.moments[name] for run in runs if name in run.moments])
        for name in MOMENTS
        if any(name in run.moments for run in runs)
    ]
    # While all are in flight: medians of ever fewer runs would jump.
    times = sorted(set.intersection(*(set(run.curve) for run in runs)))
    curve = [moment_of("", [run.curve[time] for run in runs], at_s=time) for time in times]
    return LaunchStudy(
        launch_id=launch.launch_id,
        vehicle_id=launch.vehicle.vehicle_id,
        vehicle_class=launch.vehicle.vehicle_class,
        burnout_s=float(np.median([run.burnout_s for run in runs])),
        moments=tuple(named),
        curve=tuple(curve),
    )


def moment_of(name: str, samples: Sequence[Sample], *, at_s: float | None = None) -> Moment:
    """Sum samples of one moment up; they may be of different launches."""
    assert samples, "a moment that no run had is not asked for"
    sensor_ids = sorted({sensor_id for sample in samples for sensor_id in sample.looks})
    return Moment(
        name=name,
        since_launch_s=float(np.median([s.since_launch_s for s in samples]))
        if at_s is None
        else at_s,
        run_count=len(samples),
        looks={s: float(np.median([one.looks.get(s, 0) for one in samples])) for s in sensor_ids},
        scores={
            quantity: _score(quantity, [s for s in samples if quantity in s.bounds])
            for quantity in QUANTITIES
            if any(quantity in s.bounds for s in samples)
        },
    )


def _score(quantity: str, samples: Sequence[Sample]) -> Score:
    bounds = np.array([s.bounds[quantity] for s in samples])
    misses = [(s.bounds[quantity][0], s.misses[quantity]) for s in samples if quantity in s.misses]
    score = Score(
        bound=float(np.median(bounds[:, 0])),
        bound_rms=math.sqrt(float(np.mean(bounds[:, 1]))),
        estimate_count=len(misses),
        held_count=sum(miss.held for _, miss in misses),
    )
    if not misses:
        return score
    errors = np.array([miss.error for _, miss in misses])
    low, middle, high = np.quantile(errors, (0.1, 0.5, 0.9)).tolist()
    nees = float(np.mean([miss.nees for _, miss in misses]))
    return msgspec.structs.replace(
        score,
        error=middle,
        error_rms=math.sqrt(float(np.mean(errors**2))),
        error_low=low,
        error_high=high,
        ratio=float(np.median(errors / [bound for bound, _ in misses])),
        nees=nees if math.isfinite(nees) else None,
    )
