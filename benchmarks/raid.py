"""A raid with its spent stages in a sky of known satellites: does the chain keep up, keep apart?

    python -m benchmarks.raid --launches 1000 --catalogued 30000
    python -m benchmarks.raid --launches 50 --catalogued 0 --seeds 20

Six sensors of the shipped network (three telescopes, three radars without a beam plan, whose track
looks are bundled) watch launches of every missile class from one region within some minutes. Sixty
flights are flown, with stages and shrouds; the raid is made of turns of these about the Earth's
axis, at other instants, drawn from the seed: a zonal Earth cannot tell them from flights of their
own. Identity is told from the tracks that go out and from truth: a vehicle keeps its track while
that is within five sigma (or 1.5 km) of it, whatever flies beside it. When it is not, the vehicle
takes the nearest free track within 10 km: nothing is amiss if that is told as having parted from
its old one, as what a stage sheds does; else it is a *swap* if that was another vehicle's before,
and a *break* if it has a new name. Chain time alone is counted, on one core; making the scene is
not.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import resource
import time
from dataclasses import dataclass, field
from functools import cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.runs import SCENARIOS
from forewarn import pipeline as chain
from forewarn.epoch import SECOND_NS
from forewarn.formats.scenario import load_scenario
from forewarn.formats.vehicles import load_vehicles
from forewarn.frames import EarthOrientation
from forewarn.missiles.shaping import ShapingError
from forewarn.orbits import Catalogue
from forewarn.records import Output, Realm, Scan, Track, TrackStatus
from forewarn.sensors.network import Network, RadarSensor
from forewarn.simulation.ghosts import turned
from forewarn.simulation.observe import observe
from forewarn.simulation.radar_sky import RadarSky, published_elements
from forewarn.simulation.scenario import Dispersion, FlownLaunch, Scenario
from forewarn.simulation.truth import Truth, TruthObject, make_truth

Array = NDArray[np.float64]

SENSORS = (
    "GEO-MID-STARE",
    "GEO-EAST-STARE",
    "HEO-A-SCAN",
    "RADAR-WEST",
    "RADAR-NORTH",
    "RADAR-EAST",
)
REPORT_S = 0.25
SPREAD_RAD = math.radians(3.0)
_SHIPPED = SCENARIOS / "overflight-2017-08-29.yaml"
_NEAR_M = 10_000.0
FLIGHTS = 60
# Vehicle, range and apogee [m].
_FLIGHTS = (
    ("short_range_liquid", 180e3, None),
    ("medium_range_liquid", 700e3, None),
    ("intermediate_liquid", 2_200e3, None),
    ("intermediate_solid", 2_500e3, None),
    ("intercontinental_liquid", 7_000e3, None),
    ("intercontinental_solid", 8_000e3, None),
)


def network() -> Network:
    """Return the six sensors of the shipped network."""
    shipped = load_scenario(_SHIPPED).network
    kept = [s for s in shipped.sensors if s.sensor_id in SENSORS]
    return msgspec.structs.replace(
        shipped,
        sensors=tuple(
            msgspec.structs.replace(s, report_s=REPORT_S) if isinstance(s, RadarSensor) else s
            for s in kept
        ),
    )


@cache
def flown_once(seed: int) -> tuple[Scenario, list[tuple[TruthObject, ...]]]:
    """Return the shipped scenario, and by flight what flies of it: the vehicle, then its parts."""
    shipped = load_scenario(_SHIPPED)
    vehicles = load_vehicles(SCENARIOS / "vehicles" / "generic.yaml")
    randomness = np.random.default_rng(seed)
    groups: list[tuple[TruthObject, ...]] = []
    while len(groups) < FLIGHTS:
        name, range_m, apogee_m = _FLIGHTS[len(groups) % len(_FLIGHTS)]
        launch = FlownLaunch(
            launch_id=f"base-{len(groups)}-{int(randomness.integers(10**9))}",
            time_tai_ns=shipped.start_tai_ns,
            latitude_rad=math.radians(float(randomness.uniform(37.5, 42.0))),
            longitude_rad=math.radians(126.5),
            height_m=0.0,
            azimuth_rad=math.radians(float(randomness.uniform(60.0, 110.0))),
            vehicle=vehicles[name],
            range_m=range_m,
            apogee_m=apogee_m,
            dispersion=Dispersion(
                throttle_wander_fraction=0.05, steering_wander_rad=math.radians(1.0), family=True
            ),
            parts=True,
        )
        alone = msgspec.structs.replace(shipped, launches=(launch,))
        try:
            groups.append(make_truth(alone, seed=seed).objects)
        except ShapingError:
            continue  # this member of its family cannot fly so far
    return shipped, groups


def raid(
    count: int, catalogued: int, seed: int, *, window_s: float, duration_s: float
) -> tuple[Scenario, Truth]:
    """Return a scenario and its truth: ``count`` launches within ``window_s`` of 30 s from now."""
    shipped, groups = flown_once(seed=1)
    randomness = np.random.default_rng(seed)
    objects: list[TruthObject] = []
    for i in range(count):
        group = groups[int(randomness.integers(len(groups)))]
        angle_rad = float(randomness.uniform(-SPREAD_RAD, SPREAD_RAD))
        delay_ns = round((30.0 + window_s * float(randomness.random())) * SECOND_NS)
        objects += [turned(one, angle_rad, delay_ns, f"raid-{i:04d}") for one in group]
    scenario = msgspec.structs.replace(
        shipped,
        scenario_id=f"raid-{count}",
        end_tai_ns=shipped.start_tai_ns + round(duration_s * SECOND_NS),
        network=network(),
        launches=(),
        notices=(),
        radar_sky=RadarSky(
            notional_objects_count=catalogued, notional_age_s=43_200.0, element_error_ratio=1.0
        )
        if catalogued
        else None,
    )
    truth = dataclasses.replace(make_truth(scenario, seed=seed), objects=tuple(objects))
    return scenario, truth


@dataclass(slots=True)
class Identity:
    """Who was followed under which name, told report by report."""

    truth: Truth
    names: dict[str, str] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    swaps: int = 0
    breaks: int = 0
    latest: dict[str, Track] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)

    def take(self, outputs: tuple[Output, ...]) -> None:
        """Remember the newest report of each track."""
        for x in outputs:
            if isinstance(x, Track):
                self.parents[x.track_id] = x.parent_track_id
                if x.status in (TrackStatus.CONFIRMED, TrackStatus.COASTING):
                    self.latest[x.track_id] = x
                else:
                    self.latest.pop(x.track_id, None)

    def judge(self, now_tai_ns: int) -> None:
        """Ask of every vehicle whether its track follows it still; else find it another."""
        fresh = [t for t in self.latest.values() if now_tai_ns - t.time_tai_ns < 3 * SECOND_NS]
        if not fresh:
            return
        moved = np.array(
            [
                np.array(t.position_ecef_m)
                + np.array(t.velocity_ecef_m_s) * ((now_tai_ns - t.time_tai_ns) / SECOND_NS)
                for t in fresh
            ]
        )
        spread = np.array([np.array(t.covariance)[:3, :3] for t in fresh])
        at = {t.track_id: i for i, t in enumerate(fresh)}
        now = np.array([now_tai_ns])
        taken: set[str] = set()
        lost: list[TruthObject] = []
        places: dict[str, Array] = {}
        for one in self.truth.vehicles:
            if not bool(one.flying(now)[0]):
                continue
            places[one.object_id] = one.states_ecef(now)[0][0]
            name = self.names.get(one.object_id)
            if name in at and self._is_there(
                places[one.object_id], moved[at[name]], spread[at[name]]
            ):
                taken.add(name)
            elif name is None or name not in self.latest or name in at:
                lost.append(one)
        for one in lost:
            apart_m = np.linalg.norm(moved - places[one.object_id], axis=1)
            for i in np.argsort(apart_m).tolist():
                if apart_m[i] > _NEAR_M:
                    break
                if fresh[i].track_id not in taken:
                    taken.add(fresh[i].track_id)
                    self._named(one.object_id, fresh[i].track_id)
                    break

    @staticmethod
    def _is_there(place: Array, estimate: Array, spread: Array) -> bool:
        """Whether a place is within an estimate's five sigma, or a kilometre and a half."""
        away = place - estimate
        near = float(away @ away) < 1_500.0**2
        return near or float(away @ np.linalg.solve(spread + np.eye(3), away)) < 33.0

    def _is_heir(self, track_id: str, before: str) -> bool:
        """Whether a track parted from another, itself or through others."""
        seen = 0
        name: str | None = track_id
        while name is not None and seen < 10:
            if name == before:
                return True
            name, seen = self.parents.get(name), seen + 1
        return False

    def _named(self, vehicle: str, track_id: str) -> None:
        before = self.names.get(vehicle)
        if before is not None and before != track_id and not self._is_heir(track_id, before):
            if self.owners.get(track_id, vehicle) != vehicle:
                self.swaps += 1
            else:
                self.breaks += 1
        self.names[vehicle] = track_id
        self.owners.setdefault(track_id, vehicle)


@dataclass(frozen=True, slots=True)
class Result:
    """What one raid came to. Times are processor seconds of the chain."""

    launches: int
    objects: int
    scans: int
    plots: int
    followed: int
    swaps: int
    breaks: int
    tracks: int
    real_time_ratio: float
    busiest_minute_share: float
    worst_step_s: float
    worst_plots: int
    memory_mb: float


def measure(scenario: Scenario, truth: Truth, catalogue: bool) -> Result:
    """Take a raid through the chain."""
    orientation = EarthOrientation.from_iers()
    events = observe(scenario, truth, orientation, workers=2)
    extra = {"catalogue": _catalogue(scenario, truth.seed)} if catalogue else {}
    pipeline = chain.Pipeline(
        scenario.network, scenario.areas, scenario.policy, orientation, Realm.SIMULATION, **extra
    )
    state = chain.initial_state(pipeline)
    identity = Identity(truth)
    seen: set[str] = set()
    spent_s, worst_s, worst_plots, plots, scans = 0.0, 0.0, 0, 0, 0
    minutes: dict[int, float] = {}
    next_judged_ns = scenario.start_tai_ns
    for event in events:
        began_s = time.process_time()
        state, outputs = chain.step(pipeline, state, event)
        took_s = time.process_time() - began_s
        spent_s += took_s
        minute = (event.received_tai_ns - scenario.start_tai_ns) // (60 * SECOND_NS)
        minutes[minute] = minutes.get(minute, 0.0) + took_s
        if isinstance(event, Scan):
            scans += 1
            plots += len(event.measurements)
            if took_s > worst_s:
                worst_s, worst_plots = took_s, len(event.measurements)
        identity.take(outputs)
        seen |= {x.track_id for x in outputs if isinstance(x, Track)}
        if event.received_tai_ns >= next_judged_ns:
            identity.judge(event.received_tai_ns)
            next_judged_ns += 2 * SECOND_NS
    span_s = (scenario.end_tai_ns - scenario.start_tai_ns) / SECOND_NS
    return Result(
        launches=len(truth.vehicles),
        objects=len(truth.objects),
        scans=scans,
        plots=plots,
        followed=len(identity.names),
        swaps=identity.swaps,
        breaks=identity.breaks,
        tracks=len(seen),
        real_time_ratio=span_s / spent_s,
        busiest_minute_share=max(minutes.values()) / 60.0,
        worst_step_s=worst_s,
        worst_plots=worst_plots,
        memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    )


def _catalogue(scenario: Scenario, seed: int) -> Catalogue:
    """What the chain is given of the known sky."""
    assert scenario.radar_sky is not None, "a sky with satellites has one"
    return Catalogue(
        published_elements(scenario.radar_sky, start_tai_ns=scenario.start_tai_ns, seed=seed)
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--launches", type=int, default=50)
    parser.add_argument("--catalogued", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--window-s", type=float, default=300.0)
    parser.add_argument("--duration-s", type=float, default=900.0)
    stated = parser.parse_args()
    for seed in range(stated.first_seed, stated.first_seed + stated.seeds):
        scenario, truth = raid(
            stated.launches,
            stated.catalogued,
            seed,
            window_s=stated.window_s,
            duration_s=stated.duration_s,
        )
        result = measure(scenario, truth, bool(stated.catalogued))
        print(json.dumps({"seed": seed, **dataclasses.asdict(result)}), flush=True)


if __name__ == "__main__":
    main()
