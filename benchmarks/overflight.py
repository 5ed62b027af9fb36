"""The overflight of 29 August 2017 over many seeds: how early the warning, how true the regions.

    python -m benchmarks.overflight --seeds 200

Prints, with 95 % Wilson intervals: seconds from launch to the first public warning; how often the stated
90 % regions hold the true launch and impact points at given moments; errors; how each case ended.
"""

from __future__ import annotations

import argparse
import math
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from forewarn import pipeline as chain
from forewarn.epoch import SECOND_NS
from forewarn.formats.scenario import load_scenario
from forewarn.frames import EarthOrientation
from forewarn.records import (
    AreaState,
    Assessment,
    GroundRegion,
    Realm,
    WarningDecision,
)
from forewarn.simulation.observe import simulate

SCENARIO = Path(__file__).parent.parent / "scenarios" / "overflight-2017-08-29.yaml"
NINETY_PERCENT_D2 = -2.0 * math.log(0.1)
WARNED = {AreaState.PREPARE, AreaState.SHELTER, AreaState.EXTENDED}
MOMENTS = ("first warning", "burn-out + 20 s", "burn-out + 60 s", "burn-out + 180 s", "last seen")


def offset(region: GroundRegion, latitude_rad: float, longitude_rad: float) -> tuple[float, float]:
    """Distance [m] and squared Mahalanobis distance of a point from a region's centre."""
    turn = (longitude_rad - region.longitude_rad + math.pi) % (2.0 * math.pi) - math.pi
    d = 6.371e6 * np.array(
        (turn * math.cos(region.latitude_rad), latitude_rad - region.latitude_rad)
    )
    covariance = np.array(region.covariance_m2)
    return float(np.linalg.norm(d)), float(d @ np.linalg.solve(covariance, d))


def one(seed: int) -> dict[str, object]:
    """Run one seed; return what is measured of it."""
    orientation = EarthOrientation.from_iers()
    scenario = load_scenario(SCENARIO)
    run = simulate(scenario, seed=seed, orientation=orientation)
    pipeline = chain.Pipeline(
        scenario.network, scenario.areas, scenario.policy, orientation, Realm.SIMULATION
    )
    state = chain.initial_state(pipeline)
    assessments: list[Assessment] = []
    decisions: list[WarningDecision] = []
    for event in run.events:
        state, outputs = chain.step(pipeline, state, event)
        assessments += [x for x in outputs if isinstance(x, Assessment)]
        decisions += [x for x in outputs if isinstance(x, WarningDecision)]
    (truth,) = run.truth.objects
    warned = [d for d in decisions if d.public and any(a.state in WARNED for a in d.areas)]
    first = warned[0].time_tai_ns if warned else None
    seen = [a for a in assessments if a.status.value == "confirmed"]
    moments: dict[str, int] = {}
    if first is not None:
        moments["first warning"] = first
    for extra in (20, 60, 180):
        moments[f"burn-out + {extra} s"] = truth.burnout_tai_ns + extra * SECOND_NS
    if seen:
        moments["last seen"] = seen[-1].time_tai_ns
    row: dict[str, object] = {
        "seed": seed,
        "first_s": None if first is None else (first - truth.launch_tai_ns) / SECOND_NS,
        "tracks": len({a.track_id for a in assessments}),
        "ends": sorted({d.end_reason for d in decisions if d.case_state.value == "ended"}),
    }
    for name, instant in moments.items():
        current = [a for a in assessments if a.time_tai_ns <= instant]
        if not current:
            continue
        a = current[-1]
        if a.launch is not None:
            row[f"launch@{name}"] = offset(a.launch.region, truth.latitude_rad, truth.longitude_rad)
        if a.impact is not None and truth.impact_rad is not None and name != "first warning":
            row[f"impact@{name}"] = offset(a.impact.region, *truth.impact_rad)
    return row


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """95 % Wilson score interval of a proportion."""
    z = 1.959964
    p = hits / trials
    middle = p + z * z / (2 * trials)
    half = z * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials))
    return (middle - half) / (1 + z * z / trials), (middle + half) / (1 + z * z / trials)


def measure(seeds: int, first_seed: int = 1, workers: int = 2) -> list[dict[str, object]]:
    """Run seeds in parallel processes, in order of seed."""
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(one, range(first_seed, first_seed + seeds)))


def report(rows: list[dict[str, object]]) -> str:
    """A plain-text table of the measurement."""
    times = np.array([r["first_s"] for r in rows if r["first_s"] is not None], dtype=float)
    lines = [
        f"overflight of 29 August 2017, seeds {rows[0]['seed']} to {rows[-1]['seed']}",
        f"first public warning: {len(times)} of {len(rows)} runs; launch + "
        f"{np.median(times):.1f} s median, {times.min():.1f} to {times.max():.1f} s",
        f"runs with one track only: {sum(r['tracks'] == 1 for r in rows)}; "
        f"cases ended 'passed over': {sum(r['ends'] == ['passed over'] for r in rows)}",
        f"{'region':32s} {'held':>11s}  {'share':>6s}  {'95 % interval':>14s}  "
        f"{'mean d2 (2)':>11s}  {'median error':>12s}",
    ]
    for kind in ("launch", "impact"):
        for name in MOMENTS:
            found = [r[f"{kind}@{name}"] for r in rows if f"{kind}@{name}" in r]
            if not found:
                continue
            values = np.array(found, dtype=float)
            held = int((values[:, 1] <= NINETY_PERCENT_D2).sum())
            low, high = wilson(held, len(values))
            lines.append(
                f"{kind + ' at ' + name:32s} {held:5d}/{len(values):<5d}  {held / len(values):6.1%}  "
                f"{low:6.1%}-{high:6.1%}  {values[:, 1].mean():11.2f}  "
                f"{np.median(values[:, 0]) / 1e3:9.2f} km"
            )
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    print(report(measure(arguments.seeds, arguments.first_seed, arguments.workers)))


if __name__ == "__main__":
    main()
