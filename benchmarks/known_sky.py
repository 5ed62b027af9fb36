"""How fast, how surely and how seldom wrongly a radar's satellites are recognised in a full sky.

    python -m benchmarks.known_sky [--objects 30000] [--scans 60] [--missiles 1000] [--seed 1]

One large radar in the proportions of PAVE PAWS sweeps its whole volume every 3 s, and reports
10,000 plots: every satellite in it once, off its half-day-old elements as far as such usually are,
missiles in free fall anywhere, and false plots. Processor time of one process; machines are shared
and noisy. Nothing is a test.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.sensors.radar import radar_model
from forewarn.tracking.calibration import CalibrationState, Calibrator, in_words
from forewarn.tracking.claim_memory import ClaimMemory
from forewarn.tracking.known import Plots
from forewarn.tracking.known_places import SLAB_NS
from tests.simulation.scenes import START
from tests.tracking.sky_stage import RADAR, SCAN_NS, Stage, fallen, joined

Array = NDArray[np.float64]

PLOTS = 10_000
GOAL_MS = 10.0


def missiles_of(count: int, stage: Stage, randomness: np.random.Generator) -> tuple[Array, Array]:
    """States of missiles in the radar's volume: 100 to 1,300 km high, 3 to 7 km/s, any way."""
    model = radar_model(RADAR)
    position, velocity = np.empty((0, 3)), np.empty((0, 3))
    while len(position) < count:
        away = randomness.standard_normal((40 * count, 3)) @ model.axes_enu
        away[:] = model.site_ecef_m + away / np.linalg.norm(away, axis=1)[:, None] * (
            randomness.uniform(3e5, 5e6, (40 * count, 1))
        )
        radius = np.linalg.norm(away, axis=1)
        away = away[(radius > MEAN_RADIUS_M + 1e5) & (radius < MEAN_RADIUS_M + 1.3e6)]
        fast = randomness.standard_normal(away.shape)
        fast *= randomness.uniform(3e3, 7e3, (len(away), 1)) / np.linalg.norm(fast, axis=1)[:, None]
        inside = stage.inside(away, fast)
        position = np.concatenate((position, away[inside]))[:count]
        velocity = np.concatenate((velocity, fast[inside]))[:count]
    return position, velocity


def false_plots(count: int, start: int, like: Plots, randomness: np.random.Generator) -> Plots:
    """Plots of nothing, anywhere in the volume, with any range rate."""
    low = np.array((2e5, 0.0, RADAR.elevation_min_rad, -7e3))
    high = np.array((RADAR.range_max_m, 2.0 * math.pi, RADAR.elevation_max_rad, 7e3))
    return Plots(
        start + randomness.integers(0, SCAN_NS, count),
        randomness.uniform(low, high, (count, 4)),
        np.tile(np.median(like.sigma, axis=0), (count, 1)),
    )


def scans(
    stage: Stage, scans_count: int, missiles_count: int
) -> Iterator[tuple[Plots, NDArray[np.int64], int]]:
    """Each scan's plots, whose the first are, and how many missiles come after those."""
    randomness = stage.randomness
    position, velocity = missiles_of(missiles_count, stage, randomness)
    since_s = np.zeros(missiles_count)
    for number in range(scans_count):
        satellites, own = stage.scan(number)
        start = START + number * SCAN_NS
        times = start + randomness.integers(0, SCAN_NS, missiles_count)
        position, velocity = fallen(position, velocity, (times - START) / SECOND_NS - since_s)
        since_s = (times - START) / SECOND_NS
        flying = stage.inside(position, velocity)
        threats = stage.plots(position[flying], velocity[flying], times[flying])
        rest = PLOTS - len(own) - len(flying)
        nothing = false_plots(rest, start, satellites, randomness)
        yield joined(satellites, threats, nothing), own, len(flying)


def say(what: str, usual_ms: float, worst_ms: float, more: str = "") -> None:
    """Print one row of times."""
    print(f"{what + ', a scan':20} usually {usual_ms:.1f} ms, most {worst_ms:.1f}{more}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--objects", type=int, default=30_000)
    parser.add_argument("--scans", type=int, default=60)
    parser.add_argument("--missiles", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    stage = Stage(count=asked.objects, seed=asked.seed)
    memory, state, calibrator = ClaimMemory(), CalibrationState(), Calibrator([RADAR])
    name, now = RADAR.sensor_id, START
    claim_ms, learn_ms, place_ms = [], [], []
    right = wrong = satellites = of_missiles = missiles = of_nothing = released = clutter = 0
    for plots, own, flying in scans(stage, asked.scans, asked.missiles):
        now = int(plots.seen_tai_ns.max())
        estimate = calibrator.estimate(state, name, now)
        began = time.process_time()
        for slab in np.unique(plots.seen_tai_ns // SLAB_NS).tolist():
            stage.known.places.slab(name, slab)
        placed = time.process_time()
        found = stage.known.claim(memory, name, plots, bias=estimate, clutter=1e-9)
        claimed = time.process_time()
        calibrator.learn(state, found.passes)
        learned = time.process_time()
        place_ms.append(1e3 * (placed - began))
        claim_ms.append(1e3 * (claimed - placed))
        learn_ms.append(1e3 * (learned - claimed))
        index, count = found.object_index, len(own)
        right += int(np.sum(index[:count] == own))
        wrong += int(np.sum((index[:count] >= 0) & (index[:count] != own)))
        satellites += count
        of_missiles += int(np.sum(index[count : count + flying] >= 0))
        of_nothing += int(np.sum(index[count + flying :] >= 0))
        missiles += flying
        clutter += PLOTS - count - flying
        released += len(found.released)
    middle, worst = statistics.median(claim_ms[1:]), max(claim_ms[1:])
    verdict = "met" if middle <= GOAL_MS else "MISSED"
    print(f"{asked.objects} objects, {asked.scans} scans of {PLOTS} plots, seed {asked.seed}")
    say("claims", middle, worst, f" (goal {GOAL_MS}, {verdict})")
    say("places", statistics.mean(place_ms[1:]), max(place_ms[1:]))
    say("calibration", statistics.median(learn_ms), max(learn_ms))
    print(f"satellites           {right} of {satellites} recognised ({right / satellites:.5f})")
    print(f"taken for another    {wrong}")
    print(f"missiles             {of_missiles} of {missiles} looks claimed")
    print(f"false plots          {of_nothing} of {clutter} claimed")
    print(f"released             {released}")
    print(f"the radar is         {in_words(calibrator.estimate(state, name, now))}")


if __name__ == "__main__":
    main()
