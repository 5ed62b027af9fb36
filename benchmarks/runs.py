"""One simulated run through the chain, and what the measurements have in common."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forewarn import pipeline as chain
from forewarn.formats.scenario import load_scenario
from forewarn.frames import EarthOrientation
from forewarn.records import (
    AreaState,
    Assessment,
    GroundRegion,
    Output,
    Realm,
    Scan,
    Track,
    WarningDecision,
)
from forewarn.simulation.observe import simulate
from forewarn.simulation.scenario import Scenario
from forewarn.simulation.truth import TruthObject

SCENARIOS = Path(__file__).parent.parent / "scenarios"
WARNED = {AreaState.PREPARE, AreaState.SHELTER, AreaState.EXTENDED}


@dataclass(frozen=True, slots=True)
class Run:
    """The one launch of a scenario as it was flown, and all that came out of the chain."""

    scenario: Scenario
    truth: TruthObject
    outputs: tuple[Output, ...]
    first_seen_tai_ns: int | None

    @property
    def assessments(self) -> list[Assessment]:
        """Assessments in order."""
        return [x for x in self.outputs if isinstance(x, Assessment)]

    @property
    def decisions(self) -> list[WarningDecision]:
        """Decisions in order."""
        return [x for x in self.outputs if isinstance(x, WarningDecision)]

    @property
    def warnings(self) -> list[WarningDecision]:
        """Public decisions that warn some area."""
        return [d for d in self.decisions if d.public and any(a.state in WARNED for a in d.areas)]


def run(path: Path, seed: int) -> Run:
    """Simulate a scenario of one launch and take every event through the chain."""
    orientation = EarthOrientation.from_iers()
    scenario = load_scenario(path)
    simulated = simulate(scenario, seed=seed, orientation=orientation)
    pipeline = chain.Pipeline(
        scenario.network, scenario.areas, scenario.policy, orientation, Realm.SIMULATION
    )
    state = chain.initial_state(pipeline)
    outputs: list[Output] = []
    for event in simulated.events:
        state, new = chain.step(pipeline, state, event)
        outputs += new
    (truth,) = simulated.truth.objects
    used = {name for x in outputs if isinstance(x, Track) for name in x.input_ids}
    seen = [
        min(m.seen_tai_ns for m in scan.measurements)
        for scan in simulated.events
        if isinstance(scan, Scan) and scan.scan_id in used
    ]
    return Run(scenario, truth, tuple(outputs), min(seen, default=None))


def offset(region: GroundRegion, latitude_rad: float, longitude_rad: float) -> tuple[float, float]:
    """Distance [m] and squared Mahalanobis distance of a point from a region's centre."""
    turn = (longitude_rad - region.longitude_rad + math.pi) % (2.0 * math.pi) - math.pi
    d = 6.371e6 * np.array(
        (turn * math.cos(region.latitude_rad), latitude_rad - region.latitude_rad)
    )
    covariance = np.array(region.covariance_m2)
    return float(np.linalg.norm(d)), float(d @ np.linalg.solve(covariance, d))


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """95 % Wilson score interval of a proportion."""
    z = 1.959964
    p = hits / trials
    middle = p + z * z / (2 * trials)
    half = z * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials))
    return (middle - half) / (1 + z * z / trials), (middle + half) / (1 + z * z / trials)
