"""The shipped scenarios, start to end, through the whole chain."""

from __future__ import annotations

from pathlib import Path

from forewarn.epoch import SECOND_NS
from forewarn.formats.jsonl import encode_output
from forewarn.formats.scenario import load_scenario
from forewarn.pipeline import Pipeline
from forewarn.records import AreaState, Assessment, Output, Realm, WarningDecision
from forewarn.simulation import Simulation, simulate
from tests.pipeline.stage import stepped
from tests.tracking.stage import ORIENTATION

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
WARNED = {AreaState.PREPARE, AreaState.SHELTER, AreaState.EXTENDED}


def whole_run(name: str) -> tuple[Simulation, list[Output]]:
    scenario = load_scenario(SCENARIOS / name)
    run = simulate(scenario, seed=scenario.seed, orientation=ORIENTATION)
    pipeline = Pipeline(
        scenario.network, scenario.areas, scenario.policy, ORIENTATION, Realm.SIMULATION
    )
    _, outputs = stepped(pipeline, run.events)
    for output in outputs:
        encode_output(output)  # raises for what could not be read back equal
    return run, outputs


def test_the_overflight_is_warned_of_in_time_followed_as_one_and_ended_by_its_passing() -> None:
    run, outputs = whole_run("overflight-2017-08-29.yaml")
    (truth,) = run.truth.objects
    decisions = [x for x in outputs if isinstance(x, WarningDecision)]
    warnings = [d for d in decisions if d.public and any(a.state in WARNED for a in d.areas)]
    assert (warnings[0].time_tai_ns - truth.launch_tai_ns) / SECOND_NS <= 100.0
    assert len({x.track_id for x in outputs if isinstance(x, Assessment)}) == 1
    assert len({d.case_id for d in decisions}) == 1
    assert decisions[-1].end_reason == "passed over"


def test_a_falcon_is_a_space_launch_and_warns_nobody() -> None:
    _, outputs = whole_run("falcon/crs-10.yaml")
    assessments = [x for x in outputs if isinstance(x, Assessment)]
    decisions = [x for x in outputs if isinstance(x, WarningDecision)]
    assert len({x.track_id for x in assessments}) == 1
    assert assessments[-1].class_probabilities["space_launch"] > 0.9
    assert assessments[-1].launch is not None
    assert assessments[-1].launch.site is not None
    assert not any(d.public for d in decisions)
    assert not any(a.state in WARNED for d in decisions for a in d.areas)
