"""Launches by the thousand, class by class: is any inside coverage missed, and how late is a track?

    python -m benchmarks.missed --launches 2995 --workers 2

Dispersed vehicles of each class (family, thrust and steering stray) are flown by the simulation,
and turned about the Earth's axis to random longitudes at random instants, so that twenty-five fly
within ten minutes of the shipped network's sky, clutter included. A launch is inside coverage when
at least two telescopes looked at its plume, above the cloud and before burn-out, three times each.
It is found when a confirmed track comes within 10 km of it before it is down; late is
counted from the second look of the second telescope.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import statistics
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import cache

import msgspec
import numpy as np

from benchmarks.runs import SCENARIOS
from forewarn import pipeline as chain
from forewarn.epoch import SECOND_NS
from forewarn.formats.scenario import load_scenario
from forewarn.formats.vehicles import load_vehicles
from forewarn.frames import EarthOrientation
from forewarn.missiles.shaping import ShapingError
from forewarn.records import Event, InfraredMeasurement, Realm, Scan, Track, TrackStatus
from forewarn.sensors.infrared import line_of_sight_ecef
from forewarn.simulation.ghosts import turned
from forewarn.simulation.observe import observe
from forewarn.simulation.scenario import Dispersion, FlownLaunch, Scenario
from forewarn.simulation.truth import Truth, TruthObject, make_truth

CLASSES: dict[str, tuple[tuple[str, float | None], ...]] = {
    "short_range": (("short_range_liquid", 150e3),),
    "medium_range": (("medium_range_liquid", 600e3),),
    "intermediate_range": (("intermediate_liquid", 2_000e3), ("intermediate_solid", 2_200e3)),
    "intercontinental": (
        ("intercontinental_liquid", 6_000e3),
        ("intercontinental_solid", 6_500e3),
    ),
    "space_launch": (("space_launch_two_stage", None),),
}
AT_ONCE = 25
FLIGHTS = 12  # flown by class; all others are turns of these
SPREAD_RAD = math.radians(8.0)
_WINDOW_S, _SPAN_S = 480.0, 900.0
_NEAR_M = 10_000.0
_SIGHT_RAD = 2e-4  # a look this near the truth is taken to be of it
_LOOKS = 3


@cache
def shipped() -> tuple[Scenario, EarthOrientation]:
    """Return the shipped scenario without what flies in it, and the Earth."""
    scenario = load_scenario(SCENARIOS / "overflight-2017-08-29.yaml")
    end_tai_ns = scenario.start_tai_ns + round(_SPAN_S * SECOND_NS)
    empty = msgspec.structs.replace(scenario, launches=(), notices=(), end_tai_ns=end_tai_ns)
    return empty, EarthOrientation.from_iers()


@cache
def flown(name: str) -> tuple[TruthObject, ...]:
    """Return the flights of a class: dispersed members of its vehicles' families."""
    empty, _ = shipped()
    flights: list[TruthObject] = []
    number = 0
    while len(flights) < FLIGHTS:
        launch = _launch(name, number, empty.start_tai_ns)
        number += 1
        try:
            flights += make_truth(
                msgspec.structs.replace(empty, launches=(launch,)), seed=1
            ).vehicles
        except ShapingError:
            continue  # this member of its family cannot fly so far
    return tuple(flights)


def _launch(name: str, number: int, time_tai_ns: int) -> FlownLaunch:
    vehicles = load_vehicles(SCENARIOS / "vehicles" / "generic.yaml")
    vehicle, range_m = CLASSES[name][number % len(CLASSES[name])]
    return FlownLaunch(
        launch_id=f"{name}-{number}",
        time_tai_ns=time_tai_ns,
        latitude_rad=math.radians(36.0 + 0.7 * (number % 12)),
        longitude_rad=math.radians(130.0),
        height_m=0.0,
        azimuth_rad=math.radians(45.0 + 7.5 * ((7 * number) % 12)),
        vehicle=vehicles[vehicle],
        range_m=range_m,
        apogee_m=None,
        to_orbit=range_m is None,
        dispersion=Dispersion(
            thrust_fraction=0.05,
            intensity_fraction=0.2,
            throttle_wander_fraction=0.1,
            steering_wander_rad=math.radians(2.0),
            family=True,
        ),
    )


def batch(name: str, number: int) -> tuple[Counter[str], list[float]]:
    """Take twenty-five launches of a class through the chain: counts, and seconds of lateness."""
    empty, orientation = shipped()
    # hash() differs from run to run; the class's place does not.
    randomness = np.random.default_rng((list(CLASSES).index(name), number))
    objects = [
        turned(
            flown(name)[int(randomness.integers(FLIGHTS))],
            float(randomness.uniform(-SPREAD_RAD, SPREAD_RAD)),
            round(float(randomness.uniform(5.0, _WINDOW_S)) * SECOND_NS),
            f"{name}-{number}-{i}",
        )
        for i in range(AT_ONCE)
    ]
    made = make_truth(empty, seed=number)
    truth: Truth = dataclasses.replace(made, objects=tuple(objects))
    events = observe(empty, truth, orientation)
    earliest = _seen_twice(events, truth, orientation)
    pipeline = chain.Pipeline(
        empty.network, empty.areas, empty.policy, orientation, Realm.SIMULATION
    )
    state = chain.initial_state(pipeline)
    found: dict[str, int] = {}
    for event in events:
        state, outputs = chain.step(pipeline, state, event)
        for x in outputs:
            if isinstance(x, Track) and x.status is TrackStatus.CONFIRMED:
                _note(found, x, truth, event.received_tai_ns)
    counts = Counter(
        launches=AT_ONCE,
        covered=len(earliest),
        missed=sum(launch_id not in found for launch_id in earliest),
    )
    late = [
        (found[launch_id] - tai_ns) / SECOND_NS
        for launch_id, tai_ns in earliest.items()
        if launch_id in found
    ]
    return counts, late


def _note(found: dict[str, int], track: Track, truth: Truth, now_tai_ns: int) -> None:
    """Remember which launches this track has found."""
    position = np.array(track.position_ecef_m)
    at = np.array([track.time_tai_ns])
    for one in truth.objects:
        if one.launch_id not in found and bool(one.flying(at)[0]):
            if np.linalg.norm(one.states_ecef(at)[0][0] - position) < _NEAR_M:
                found[one.launch_id] = now_tai_ns


def _seen_twice(events: list[Event], truth: Truth, orientation: EarthOrientation) -> dict[str, int]:
    """For each launch inside coverage, when the second look of the second telescope came in."""
    looks: dict[str, dict[str, list[int]]] = {}
    for event in events:
        if not isinstance(event, Scan):
            continue
        for seen in event.measurements:
            if not isinstance(seen, InfraredMeasurement):
                continue
            satellite, direction = line_of_sight_ecef(event, seen, orientation)
            for one in _bright(truth, seen.seen_tai_ns):
                away = one.states_ecef(np.array([seen.seen_tai_ns]))[0][0] - satellite
                across = np.linalg.norm(np.cross(away, direction)) / np.linalg.norm(away)
                if across < _SIGHT_RAD:
                    own = looks.setdefault(one.launch_id, {})
                    own.setdefault(event.sensor_id, []).append(event.received_tai_ns)
    earliest = {}
    for launch_id, own in looks.items():
        enough = sorted(times[1] for times in own.values() if len(times) >= _LOOKS)
        if len(enough) >= 2:
            earliest[launch_id] = enough[1]
    return earliest


def _bright(truth: Truth, at_tai_ns: int) -> list[TruthObject]:
    return [o for o in truth.objects if o.launch_tai_ns < at_tai_ns < o.burnout_tai_ns]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--launches", type=int, default=250, help="inside coverage, of each class")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--classes", nargs="*", default=list(CLASSES))
    stated = parser.parse_args()
    print(
        f"{'class':20s} {'flown':>7s} {'covered':>8s} {'missed':>7s} {'late s: median':>15s} 95 %"
    )
    for name in stated.classes:
        began_s = time.perf_counter()
        total: Counter[str] = Counter()
        late: list[float] = []
        with ProcessPoolExecutor(stated.workers) as pool:
            number = 0
            while total["covered"] < stated.launches:
                turn = range(number, number + 2 * stated.workers)
                for counts, seconds in pool.map(batch, [name] * len(turn), turn):
                    total += counts
                    late += seconds
                number = turn.stop
        late.sort()
        print(
            f"{name:20s} {total['launches']:7d} {total['covered']:8d} {total['missed']:7d} "
            f"{statistics.median(late):15.1f} {late[int(0.95 * len(late))]:.1f} "
            f"({time.perf_counter() - began_s:.0f} s)",
            flush=True,
        )


if __name__ == "__main__":
    main()
