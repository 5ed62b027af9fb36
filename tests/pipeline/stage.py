"""Short runs of the whole chain that the tests of this room share."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import msgspec

from forewarn.epoch import SECOND_NS
from forewarn.pipeline import Pipeline, State, initial_state, step
from forewarn.records import Event, Output, Realm, Scan, Tick
from forewarn.sensors.network import Network
from forewarn.simulation import Simulation, simulate
from tests.tracking.stage import ORIENTATION, overflight

REALM = Realm.SIMULATION
START = overflight().start_tai_ns


def pipeline_of(network: Network | None = None, realm: Realm = REALM) -> Pipeline:
    """The chain with the shipped areas and policy."""
    scenario = overflight()
    return Pipeline(
        network or scenario.network, scenario.areas, scenario.policy, ORIENTATION, realm
    )


def stepped(
    pipeline: Pipeline, events: Iterable[Event], state: State | None = None
) -> tuple[State, list[Output]]:
    """The state after the events, and everything that came out."""
    state = state or initial_state(pipeline)
    outputs: list[Output] = []
    for event in events:
        state, out = step(pipeline, state, event)
        outputs += out
    return state, outputs


@cache
def first_minutes() -> Simulation:
    """The shipped overflight until five and a half minutes after launch, with the default seed."""
    scenario = overflight()
    scenario = msgspec.structs.replace(scenario, end_tai_ns=scenario.start_tai_ns + 360 * SECOND_NS)
    return simulate(scenario, seed=scenario.seed, orientation=ORIENTATION)


def encoded(outputs: Iterable[Output]) -> bytes:
    """The outputs as bytes; numbers that are not plain Python's are refused."""
    return b"\n".join(msgspec.json.encode(output) for output in outputs)


def event_id(event: Event) -> str:
    return str(getattr(event, event.__struct_fields__[0]))


def tick(received_tai_ns: int, realm: Realm = REALM) -> Tick:
    return Tick(tick_id=f"tick-{received_tai_ns}", realm=realm, received_tai_ns=received_tai_ns)


def a_scan(sensor_id: str = "GEO-MID-SCAN", *, with_measurements: int = 1) -> Scan:
    """The first scan of a sensor in the shipped run that holds so many measurements."""
    return next(
        e
        for e in first_minutes().events
        if isinstance(e, Scan)
        and e.sensor_id == sensor_id
        and len(e.measurements) >= with_measurements
    )
