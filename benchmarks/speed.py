"""How fast it is on this machine: whole commands and the chain, as ratios to real time.

    python -m benchmarks.speed

Medians of several runs in one process (the chain) and of fresh processes (`--help`). Machines are
shared and noisy: quote the ratio and the spread, not one number. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

from benchmarks.overflight import SCENARIO
from forewarn import pipeline as chain
from forewarn.epoch import SECOND_NS
from forewarn.formats.scenario import load_scenario
from forewarn.frames import EarthOrientation
from forewarn.records import Realm
from forewarn.simulation.observe import simulate


def chain_times_real_time(repeats: int) -> tuple[list[float], list[float]]:
    """Times real time of simulation and chain together, and of the chain alone, on one core.

    The first run, which warms caches, is not counted.
    """
    orientation = EarthOrientation.from_iers()
    scenario = load_scenario(SCENARIO)
    span_s = (scenario.end_tai_ns - scenario.start_tai_ns) / SECOND_NS
    together: list[float] = []
    alone: list[float] = []
    for seed in range(repeats + 1):
        started = time.process_time()
        run = simulate(scenario, seed=seed + 1, orientation=orientation)
        simulated = time.process_time()
        pipeline = chain.Pipeline(
            scenario.network, scenario.areas, scenario.policy, orientation, Realm.SIMULATION
        )
        state = chain.initial_state(pipeline)
        for event in run.events:
            state, _ = chain.step(pipeline, state, event)
        ended = time.process_time()
        if seed:
            together.append(span_s / (ended - started))
            alone.append(span_s / (ended - simulated))
    return together, alone


def help_seconds(repeats: int) -> list[float]:
    """Wall seconds of ``forewarn --help`` in fresh processes; the first is not counted."""
    times: list[float] = []
    for turn in range(repeats + 1):
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "forewarn", "--help"], check=True, stdout=subprocess.DEVNULL
        )
        if turn:
            times.append(time.perf_counter() - started)
    return times


def report(repeats: int) -> str:
    """The measurement as a plain table."""
    together, alone = chain_times_real_time(repeats)
    lines = [f"{'what':44s} {'median':>9s} {'least':>9s} {'most':>9s}"]
    for name, values, unit in (
        ("overflight, simulation and chain, one core", together, "x"),
        ("overflight, chain alone, one core", alone, "x"),
        ("forewarn --help", help_seconds(repeats), "s"),
    ):
        digits = 0 if unit == "x" else 2
        cells = [f"{f(values):.{digits}f} {unit}" for f in (statistics.median, min, max)]
        lines.append(f"{name:44s} {cells[0]:>9s} {cells[1]:>9s} {cells[2]:>9s}")
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    print(report(parser.parse_args().repeats))


if __name__ == "__main__":
    main()
