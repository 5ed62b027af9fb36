"""The overflight of 29 August 2017 over many seeds: how early the warning, how true the regions.

    python -m benchmarks.overflight --seeds 200

Prints, with 95 % Wilson intervals: seconds from launch to the first public warning; how often the
stated 90 % regions hold the true launch and impact points at given moments; errors; how each case
ended.
"""

from __future__ import annotations

import argparse
import math
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from benchmarks.runs import SCENARIOS, offset, run, wilson
from forewarn.epoch import SECOND_NS

SCENARIO = SCENARIOS / "overflight-2017-08-29.yaml"
NINETY_PERCENT_D2 = -2.0 * math.log(0.1)
MOMENTS = ("first warning", "burn-out + 20 s", "burn-out + 60 s", "burn-out + 180 s", "last seen")


@dataclass(frozen=True, slots=True)
class Row:
    """What is measured of one seed: (error [m], squared distance) by moment for both points."""

    seed: int
    first_warning_s: float | None
    tracks: int
    endings: tuple[str, ...]
    launch: dict[str, tuple[float, float]]
    impact: dict[str, tuple[float, float]]


def one(seed: int) -> Row:
    """Run one seed."""
    flown = run(SCENARIO, seed)
    truth = flown.truth
    moments: dict[str, int] = {}
    if flown.warnings:
        moments["first warning"] = flown.warnings[0].time_tai_ns
    for extra_s in (20, 60, 180):
        moments[f"burn-out + {extra_s} s"] = truth.burnout_tai_ns + extra_s * SECOND_NS
    seen = [a.time_tai_ns for a in flown.assessments if a.status.value == "confirmed"]
    moments["last seen"] = max(seen, default=0)
    launch: dict[str, tuple[float, float]] = {}
    impact: dict[str, tuple[float, float]] = {}
    for name, instant in moments.items():
        current = [a for a in flown.assessments if a.time_tai_ns <= instant]
        if not current:
            continue
        if current[-1].launch is not None:
            region = current[-1].launch.region
            launch[name] = offset(region, truth.latitude_rad, truth.longitude_rad)
        if current[-1].impact is not None and truth.impact_rad is not None:
            impact[name] = offset(current[-1].impact.region, *truth.impact_rad)
    impact.pop("first warning", None)  # a corridor, not a Gaussian: its moments say nothing
    return Row(
        seed=seed,
        first_warning_s=(
            (flown.warnings[0].time_tai_ns - truth.launch_tai_ns) / SECOND_NS
            if flown.warnings
            else None
        ),
        tracks=len({a.track_id for a in flown.assessments}),
        endings=tuple(d.end_reason or "" for d in flown.decisions if d.case_state.value == "ended"),
        launch=launch,
        impact=impact,
    )


def measure(seeds: int, first_seed: int = 1, workers: int = 2) -> list[Row]:
    """Run seeds in parallel processes, in order of seed."""
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(one, range(first_seed, first_seed + seeds)))


def held(rows: list[Row], kind: str, moment: str) -> tuple[int, int]:
    """How many of how many stated 90 % regions of ``launch`` or ``impact`` held the truth."""
    found = [d[moment][1] for d in (getattr(r, kind) for r in rows) if moment in d]
    return sum(d2 <= NINETY_PERCENT_D2 for d2 in found), len(found)


def report(rows: list[Row]) -> str:
    """A plain-text table of the measurement."""
    times = np.array([r.first_warning_s for r in rows if r.first_warning_s is not None])
    lines = [
        f"overflight of 29 August 2017, seeds {rows[0].seed} to {rows[-1].seed}",
        (
            f"first public warning: {len(times)} of {len(rows)} runs; launch + "
            f"{np.median(times):.1f} s median, {times.min():.1f} to {times.max():.1f} s"
        ),
        (
            f"runs with one track only: {sum(r.tracks == 1 for r in rows)}; "
            f"cases ended 'passed over': {sum(r.endings == ('passed over',) for r in rows)}"
        ),
        (
            f"{'90 % region':28s} {'held':>9s} {'share':>7s} {'95 % interval':>16s} "
            f"{'mean d2':>8s} {'median error':>13s}"
        ),
    ]
    for kind in ("launch", "impact"):
        for moment in MOMENTS:
            hits, trials = held(rows, kind, moment)
            if trials:
                values = np.array(
                    [getattr(r, kind)[moment] for r in rows if moment in getattr(r, kind)]
                )
                low, high = wilson(hits, trials)
                lines.append(
                    f"{kind + ', ' + moment:28s} {hits:5d}/{trials:<3d} {hits / trials:7.1%} "
                    f"{low:7.1%} to {high:5.1%} {values[:, 1].mean():8.2f} "
                    f"{np.median(values[:, 0]) / 1e3:10.2f} km"
                )
    lines.append("mean d2 is the mean squared Mahalanobis distance; 2 is expected")
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
