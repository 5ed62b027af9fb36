"""Ten real Falcon ascents seen from real orbits: is the pad found, is it called a space launch?

    python -m benchmarks.falcon --seeds 1

For each shipped mission: distance from the estimated launch point to the pad 30 s after the first
detection, the stated one-sigma radius, when *space launch* first holds more than half the probability
and from when it holds it for good (limit: end of the first stage's burn + 120 s), and the warnings issued.
"""

from __future__ import annotations

import argparse
import math
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from benchmarks.overflight import WARNED, offset
from forewarn import pipeline as chain
from forewarn.epoch import SECOND_NS
from forewarn.formats.scenario import load_scenario
from forewarn.frames import EarthOrientation
from forewarn.records import Assessment, Realm, WarningDecision
from forewarn.simulation.observe import simulate
from forewarn.simulation.scenario import TelemetryLaunch

FOLDER = Path(__file__).parent.parent / "scenarios" / "falcon"
AFTER_FIRST_S = 30.0
AFTER_STAGE_S = 120.0


def one(job: tuple[str, int]) -> dict[str, float | str | int | None]:
    """Run one mission with one seed; return what is measured of it."""
    name, seed = job
    orientation = EarthOrientation.from_iers()
    scenario = load_scenario(FOLDER / f"{name}.yaml")
    (launch,) = scenario.launches
    assert isinstance(launch, TelemetryLaunch)
    run = simulate(scenario, seed=seed, orientation=orientation)
    pipeline = chain.Pipeline(
        scenario.network, scenario.areas, scenario.policy, orientation, Realm.SIMULATION
    )
    state = chain.initial_state(pipeline)
    assessments: list[Assessment] = []
    warned = 0
    first_seen: int | None = None
    for event in run.events:
        state, outputs = chain.step(pipeline, state, event)
        assessments += [x for x in outputs if isinstance(x, Assessment)]
        for x in outputs:
            if isinstance(x, WarningDecision):
                warned += x.public or any(a.state in WARNED for a in x.areas)
        for track in state.tracker.tracks:
            if first_seen is None and track.count:
                first_seen = track.first_seen_tai_ns
    stage_end = launch.time_tai_ns + round(launch.burns_s[0][1] * SECOND_NS)
    row: dict[str, float | str | int | None] = {"mission": name, "seed": seed, "warnings": warned}
    row["tracks"] = len({a.track_id for a in assessments})
    if first_seen is None or not assessments:
        return row
    row["first_s"] = (first_seen - launch.time_tai_ns) / SECOND_NS
    due = first_seen + int(AFTER_FIRST_S * SECOND_NS)
    located = [a for a in assessments if a.launch is not None and a.time_tai_ns <= due]
    if located and located[-1].launch is not None:
        region = located[-1].launch.region
        error_m, d2 = offset(region, launch.latitude_rad, launch.longitude_rad)
        row["error_m"] = error_m
        row["d2"] = d2
        row["sigma_m"] = math.sqrt(np.trace(np.array(region.covariance_m2)) / 2.0)
    limit = stage_end + int(AFTER_STAGE_S * SECOND_NS)
    said = [(a.time_tai_ns, a.class_probabilities["space_launch"] > 0.5) for a in assessments]
    doubts = [t for t, yes in said if not yes]
    row["space_from_s"] = next(
        ((t - launch.time_tai_ns) / SECOND_NS for t, yes in said if yes), None
    )
    row["in_time"] = int(any(yes and t <= limit for t, yes in said))
    row["doubts"] = len(doubts)
    row["stage_end_s"] = (stage_end - launch.time_tai_ns) / SECOND_NS
    return row


def measure(seeds: int, workers: int = 2) -> list[dict[str, float | str | int | None]]:
    """Run every shipped mission with seeds 1 to ``seeds``."""
    names = sorted(p.stem for p in FOLDER.glob("*.yaml"))
    jobs = [(name, seed) for name in names for seed in range(1, seeds + 1)]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(one, jobs))


def report(rows: list[dict[str, float | str | int | None]]) -> str:
    """A plain-text table of the measurement."""
    lines = [
        f"{'mission':16s} {'seed':>4s} {'seen s':>7s} {'error km':>9s} {'sigma km':>9s} {'d2':>6s} "
        f"{'space from s':>13s} {'limit s':>8s} {'doubts':>7s} {'warnings':>9s}"
    ]
    for r in rows:
        cells = [
            f"{r['mission']:16s} {r['seed']:4d}",
            _cell(r.get("first_s"), 7, 1),
            _cell(r.get("error_m"), 9, 2, 1e-3),
            _cell(r.get("sigma_m"), 9, 2, 1e-3),
            _cell(r.get("d2"), 6, 1),
            _cell(r.get("space_from_s"), 13, 1),
            _cell(r.get("stage_end_s"), 8, 0, 1.0, AFTER_STAGE_S),
            _cell(r.get("doubts"), 7, 0),
            _cell(r.get("warnings"), 9, 0),
        ]
        lines.append(" ".join(cells))
    errors = np.array([r["error_m"] for r in rows if "error_m" in r], dtype=float) / 1e3
    lines.append(
        f"pad error over {len(errors)} of {len(rows)} runs: median {np.median(errors):.2f} km, "
        f"worst {errors.max():.2f} km; space launch in time: "
        f"{sum(bool(r.get('in_time')) for r in rows)} of {len(rows)}; "
        f"warnings: {sum(int(r['warnings'] or 0) for r in rows)}"
    )
    return "\n".join(lines)


def _cell(
    value: float | str | None, width: int, digits: int, scale: float = 1.0, shift: float = 0.0
) -> str:
    if value is None:
        return "-".rjust(width)
    return f"{float(value) * scale + shift:{width}.{digits}f}"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    print(report(measure(arguments.seeds, arguments.workers)))


if __name__ == "__main__":
    main()
