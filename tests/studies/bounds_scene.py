"""One short launch under a few notional sensors, for the tests of bounds."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from forewarn.epoch import SECOND_NS
from forewarn.formats.scenario import load_scenario
from forewarn.frames import EarthOrientation
from forewarn.simulation import Scenario, Simulation, simulate

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
ORIENTATION = EarthOrientation.from_iers()


@cache
def scenario(seconds: int = 200) -> Scenario:
    """The overflight of 2017, cut short."""
    whole = load_scenario(SCENARIOS / "overflight-2017-08-29.yaml")
    end_tai_ns = whole.start_tai_ns + seconds * SECOND_NS
    return msgspec.structs.replace(whole, end_tai_ns=end_tai_ns)


@cache
def lean(seconds: int = 100) -> Scenario:
    """The same under two staring telescopes alone, which takes little time."""
    whole = scenario(seconds)
    sensors = tuple(s for s in whole.network.sensors if s.sensor_id.endswith("STARE"))
    network = msgspec.structs.replace(whole.network, sensors=sensors)
    return msgspec.structs.replace(whole, network=network)


@cache
def simulated(seed: int = 1) -> Simulation:
    """Its scans and its truth."""
    return simulate(scenario(), seed=seed, orientation=ORIENTATION)
