"""Ten real Falcon ascents seen from real orbits: is the pad found, is it called a space launch?

    python -m benchmarks.falcon --seeds 5

For each shipped mission and seed: distance from the estimated launch point to the pad 30 s after
the first detection with the stated one-sigma radius; from when *space launch* holds more than half
of the probability, against the limit (end of the first stage's burn + 120 s); how many later
assessments doubt it; warnings issued.
"""

from __future__ import annotations

import argparse
import math
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from benchmarks.runs import SCENARIOS, offset, run
from forewarn.epoch import SECOND_NS
from forewarn.simulation.scenario import TelemetryLaunch

FOLDER = SCENARIOS / "falcon"
AFTER_FIRST_S = 30.0
AFTER_STAGE_S = 120.0


@dataclass(frozen=True, slots=True)
class Row:
    """What is measured of one mission and seed; times are seconds after lift-off."""

    mission: str
    seed: int
    first_seen_s: float
    pad_error_m: float
    pad_sigma_m: float
    pad_d2: float
    space_from_s: float
    limit_s: float
    doubts: int
    warnings: int

    @property
    def in_time(self) -> bool:
        """Whether it was called a space launch before the limit, and never doubted after."""
        return self.space_from_s <= self.limit_s and self.doubts == 0


def one(job: tuple[str, int]) -> Row:
    """Run one mission with one seed."""
    mission, seed = job
    flown = run(FOLDER / f"{mission}.yaml", seed)
    (launch,) = flown.scenario.launches
    assert isinstance(launch, TelemetryLaunch)
    lift_off = launch.time_tai_ns
    error_m = sigma_m = d2 = math.inf
    first = flown.first_seen_tai_ns
    if first is not None:
        due = first + int(AFTER_FIRST_S * SECOND_NS)
        located = [a.launch for a in flown.assessments if a.launch and a.time_tai_ns <= due]
        if located:
            region = located[-1].region
            error_m, d2 = offset(region, launch.latitude_rad, launch.longitude_rad)
            sigma_m = math.sqrt(float(np.trace(np.array(region.covariance_m2))) / 2.0)
    said = [(a.time_tai_ns, a.class_probabilities["space_launch"] > 0.5) for a in flown.assessments]
    space_from = min((t for t, yes in said if yes), default=None)
    return Row(
        mission=mission,
        seed=seed,
        first_seen_s=math.inf if first is None else (first - lift_off) / SECOND_NS,
        pad_error_m=error_m,
        pad_sigma_m=sigma_m,
        pad_d2=d2,
        space_from_s=math.inf if space_from is None else (space_from - lift_off) / SECOND_NS,
        limit_s=launch.burns_s[0][1] + AFTER_STAGE_S,
        doubts=sum(not yes for t, yes in said if space_from is not None and t > space_from),
        warnings=len(flown.warnings),
    )


def measure(seeds: int, workers: int = 2) -> list[Row]:
    """Run every shipped mission with seeds 1 to ``seeds``."""
    names = sorted(p.stem for p in FOLDER.glob("*.yaml"))
    jobs = [(name, seed) for name in names for seed in range(1, seeds + 1)]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(one, jobs))


def report(rows: list[Row]) -> str:
    """A plain-text table: each mission's median over its seeds, and all together."""
    lines = [
        (
            f"{'mission':16s} {'seen s':>7s} {'error km':>9s} {'worst':>6s} {'sigma':>6s} "
            f"{'d2':>5s} {'space from s':>13s} {'limit s':>8s} {'in time':>8s} {'warnings':>9s}"
        )
    ]
    for mission in sorted({r.mission for r in rows}):
        own = [r for r in rows if r.mission == mission]
        errors = np.array([r.pad_error_m for r in own]) / 1e3
        lines.append(
            f"{mission:16s} {np.median([r.first_seen_s for r in own]):7.1f} "
            f"{np.median(errors):9.2f} {errors.max():6.2f} "
            f"{np.median([r.pad_sigma_m for r in own]) / 1e3:6.2f} "
            f"{np.mean([r.pad_d2 for r in own]):5.1f} "
            f"{np.median([r.space_from_s for r in own]):13.1f} {own[0].limit_s:8.0f} "
            f"{sum(r.in_time for r in own):5d}/{len(own):<2d} {sum(r.warnings for r in own):9d}"
        )
    errors = np.array([r.pad_error_m for r in rows]) / 1e3
    lines.append(
        f"pad error over {len(rows)} runs: median {np.median(errors):.2f} km, worst "
        f"{errors.max():.2f} km; space launch in time and never doubted: "
        f"{sum(r.in_time for r in rows)} of {len(rows)}; warnings: {sum(r.warnings for r in rows)}"
    )
    lines.append(
        f"mean squared Mahalanobis distance {np.mean([r.pad_d2 for r in rows]):.2f}; 2 is expected"
    )
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    print(report(measure(arguments.seeds, arguments.workers)))


if __name__ == "__main__":
    main()
