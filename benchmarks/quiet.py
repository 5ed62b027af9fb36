"""Days in which nothing flies: how many tracks does clutter alone confirm?

    python -m benchmarks.quiet --days 30 --workers 2

Hours of the shipped busy sky without its launch, stage and satellites: each sensor's stated false
alarms, broken cloud with glints, a real day's fires and flares, lightning, meteoroids. Each hour
has a seed of its own, and begins at another hour of the day. Printed are the confirmed tracks, the
cases and the warnings that came of it, and the upper 95 % bound of their rate.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import cache

import msgspec

from benchmarks.runs import SCENARIOS
from forewarn import pipeline as chain
from forewarn.epoch import SECOND_NS
from forewarn.formats.scenario import load_scenario
from forewarn.frames import EarthOrientation
from forewarn.records import Realm, Scan, Track, TrackStatus, WarningDecision
from forewarn.simulation.observe import simulate
from forewarn.simulation.scenario import Scenario

HOUR_S = 3_600
_HOUR_NS = HOUR_S * SECOND_NS


@cache
def world() -> tuple[Scenario, EarthOrientation]:
    """Return the busy sky with nothing that flies in it, and the Earth."""
    busy = load_scenario(SCENARIOS / "busy-sky.yaml")
    empty = msgspec.structs.replace(busy, launches=(), decays=(), notices=(), radar_sky=None)
    return empty, EarthOrientation.from_iers()


def hour(number: int) -> Counter[str]:
    """Count what one hour, the seed of which is its number, makes of nothing."""
    empty, orientation = world()
    start_tai_ns = empty.start_tai_ns + (number % 24) * _HOUR_NS
    scenario = msgspec.structs.replace(
        empty, start_tai_ns=start_tai_ns, end_tai_ns=start_tai_ns + _HOUR_NS
    )
    events = simulate(scenario, seed=number, orientation=orientation).events
    pipeline = chain.Pipeline(
        scenario.network, scenario.areas, scenario.policy, orientation, Realm.SIMULATION
    )
    state = chain.initial_state(pipeline)
    found: Counter[str] = Counter(hours=1)
    confirmed: set[str] = set()
    cases: set[str] = set()
    for event in events:
        state, outputs = chain.step(pipeline, state, event)
        if isinstance(event, Scan):
            found["scans"] += 1
            found["plots"] += len(event.measurements)
        for x in outputs:
            if isinstance(x, Track) and x.status is TrackStatus.CONFIRMED:
                confirmed.add(x.track_id)
            if isinstance(x, WarningDecision):
                cases.add(x.case_id)
                found["warnings"] += x.public
    found["confirmed tracks"] = len(confirmed)
    found["cases"] = len(cases)
    return found


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=float, default=1.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--first-hour", type=int, default=0)
    stated = parser.parse_args()
    hours = range(stated.first_hour, stated.first_hour + round(24 * stated.days))
    began_s = time.perf_counter()
    total: Counter[str] = Counter()
    with ProcessPoolExecutor(stated.workers) as pool:
        for number, found in zip(hours, pool.map(hour, hours), strict=True):
            total += found
            if found["confirmed tracks"]:
                print(f"hour {number}: {found['confirmed tracks']} confirmed", flush=True)
    days = total["hours"] / 24.0
    took_s = time.perf_counter() - began_s
    print(f"{days:.1f} days, {total['scans']:,} scans, {total['plots']:,} plots, {took_s:.0f} s")
    for what in ("confirmed tracks", "cases", "warnings"):
        bound = "" if total[what] else f" (less than {3.0 / days:.2g} a day, 95 %)"
        print(f"{what}: {total[what]}{bound}")


if __name__ == "__main__":
    main()
