"""One run of a scenario: the truth, and every event that reaches the warning centre.

Each sensor is synthesised by itself from streams of its own, so its events are the same to the bit
whatever other sensors there are, in whatever order, on however many workers. Workers are processes,
because threads gain nothing: records are made under the interpreter's lock. They hand back
MessagePack, which costs a quarter of pickled records.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

import msgspec

from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation
from forewarn.records import Event, Realm, Scan, Tick
from forewarn.sensors.network import InfraredSensor, RadarSensor, Sensor
from forewarn.simulation.faults import GhostLaunches, check_faults, faults_of
from forewarn.simulation.ghosts import ghosts
from forewarn.simulation.impair import impaired
from forewarn.simulation.infrared_looks import infrared_scans
from forewarn.simulation.link import Message
from forewarn.simulation.radar_looks import radar_scans
from forewarn.simulation.radar_sky import RadarSurroundings, radar_surroundings
from forewarn.simulation.scenario import Scenario
from forewarn.simulation.sky import Sky, sky_between
from forewarn.simulation.truth import Truth, TruthObject, make_truth

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[Message])


@dataclass(frozen=True, slots=True, eq=False)
class Simulation:
    """Events in the order they reach the centre, and the truth behind them."""

    events: list[Event]
    truth: Truth


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """All that looking needs, for every sensor: the truth, the sky, and what each liar invents.

    ``inventions`` are the false launches of each sensor that sees any; ``around_radars`` is what
    the scenario's radar sky holds, if it has one. Build it with `make_scene`.
    """

    scenario: Scenario
    truth: Truth
    sky: Sky
    inventions: dict[str, tuple[TruthObject, ...]]
    around_radars: RadarSurroundings | None = None


def simulate(
    scenario: Scenario, *, seed: int, orientation: EarthOrientation, workers: int = 1
) -> Simulation:
    """Run a scenario: scans of every sensor, a tick each second, and the scenario's notices.

    Scenario, seed and orientation determine every event to the bit, on any number of ``workers``
    (processes; with one, none is started). Looks end, and events arrive, within the scenario's
    span. Raises ShapingError or ValueError for a launch that cannot be flown, and ValueError for a
    sensor whose satellite has no elements, or a fault that cannot be.
    """
    truth = make_truth(scenario, seed=seed)
    return Simulation(events=observe(scenario, truth, orientation, workers=workers), truth=truth)


def observe(
    scenario: Scenario, truth: Truth, orientation: EarthOrientation, *, workers: int = 1
) -> list[Event]:
    """Return every event of a scenario in which this is what flies, in order of arrival.

    Raises what `simulate` does.
    """
    scene = make_scene(scenario, truth, orientation)
    with _quiet_collector():
        messages = _all_messages(scene, workers)
        return merge(scenario, messages)


def make_scene(scenario: Scenario, truth: Truth, orientation: EarthOrientation) -> Scene:
    """Prepare what all sensors look at.

    Raises ValueError for a fault that cannot be, ShapingError for a ghost that cannot be flown.
    """
    check_faults(scenario.faults, scenario.network, scenario.start_tai_ns)
    flown = {
        names: ghosts(fault, names, scenario)
        for sensor in scenario.network.sensors
        for fault, names in faults_of(sensor, scenario.faults)
        if isinstance(fault, GhostLaunches)
    }
    inventions = {
        sensor.sensor_id: tuple(
            ghost
            for _, names in faults_of(sensor, scenario.faults)
            for ghost in flown.get(names, ())
        )
        for sensor in scenario.network.sensors
    }
    return Scene(
        scenario=scenario,
        truth=truth,
        sky=sky_between(scenario.start_tai_ns, scenario.end_tai_ns, orientation),
        inventions={sensor_id: found for sensor_id, found in inventions.items() if found},
        around_radars=_around_radars(scenario, truth.seed, orientation),
    )


def _around_radars(
    scenario: Scenario, seed: int, orientation: EarthOrientation
) -> RadarSurroundings | None:
    if scenario.radar_sky is None:
        return None
    return radar_surroundings(
        scenario.radar_sky,
        [sensor for sensor in scenario.network.sensors if isinstance(sensor, RadarSensor)],
        span_tai_ns=(scenario.start_tai_ns, scenario.end_tai_ns),
        seed=seed,
        orientation=orientation,
    )


def messages_of(scene: Scene, sensor: Sensor) -> list[Message]:
    """Return what one sensor's link delivers in a run, in order of sending.

    Raises ValueError for a sensor whose satellite has no elements.
    """
    scenario, truth = scene.scenario, scene.truth
    span = scenario.start_tai_ns, scenario.end_tai_ns
    invented = scene.inventions.get(sensor.sensor_id, ())
    if invented:
        truth = replace(truth, objects=(*truth.objects, *invented))
    if isinstance(sensor, InfraredSensor):
        elements = scenario.network.satellites.get(sensor.satellite_id)
        if elements is None:
            raise ValueError(
                f"sensor {sensor.sensor_id!r} is on satellite {sensor.satellite_id!r}, which "
                f"network {scenario.network.network_id!r} has no elements of; add them"
            )
        scans = infrared_scans(sensor, elements, sky=scene.sky, truth=truth, span_tai_ns=span)
    else:
        scans = radar_scans(sensor, truth=truth, span_tai_ns=span, around=scene.around_radars)
    return impaired(sensor, scans, scenario.faults, seed=truth.seed, span_tai_ns=span)


def merge(scenario: Scenario, messages: Iterable[Message]) -> list[Event]:
    """Return all events that arrive within a scenario's span, by time of arrival, then by id."""
    events: list[Event] = [*messages, *_ticks(scenario), *scenario.notices]
    span = range(scenario.start_tai_ns, scenario.end_tai_ns + 1)
    keyed = [
        (event.received_tai_ns, _event_id(event), index)
        for index, event in enumerate(events)
        if event.received_tai_ns in span
    ]
    keyed.sort()
    return [events[index] for _, _, index in keyed]


def _all_messages(scene: Scene, workers: int) -> list[Message]:
    sensors = scene.scenario.network.sensors
    if workers <= 1 or len(sensors) <= 1:
        return [message for sensor in sensors for message in messages_of(scene, sensor)]
    # Radars, which follow every object, take longest: begun first, they leave no worker idle.
    order = sorted(range(len(sensors)), key=lambda i: not isinstance(sensors[i], RadarSensor))
    with ProcessPoolExecutor(
        min(workers, len(sensors)), initializer=_set_scene, initargs=(scene,)
    ) as pool:
        futures = [pool.submit(_encoded_messages, i) for i in order]
        return [message for future in futures for message in _DECODER.decode(future.result())]


_scene_of_worker: list[Scene] = []  # in a worker process, the one scene it works on


def _set_scene(scene: Scene) -> None:
    """Give a worker process its scene, once, which is far larger than a task."""
    _scene_of_worker.append(scene)
    gc.disable()


def _encoded_messages(index: int) -> bytes:
    """Return one sensor's messages from a worker process."""
    (scene,) = _scene_of_worker
    return _ENCODER.encode(messages_of(scene, scene.scenario.network.sensors[index]))


@contextmanager
def _quiet_collector() -> Iterator[None]:
    """Hold back garbage collection, which would walk through every record made so far, and again.

    Nothing that is made here holds itself, so nothing is left behind.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _ticks(scenario: Scenario) -> list[Tick]:
    instants = tick_instants_tai_ns(scenario.start_tai_ns, scenario.end_tai_ns)
    return [
        Tick(tick_id=f"TICK-{count:06d}", realm=Realm.SIMULATION, received_tai_ns=instant)
        for count, instant in enumerate(instants)
    ]


def tick_instants_tai_ns(start_tai_ns: int, end_tai_ns: int) -> range:
    """Return the instants of a run's ticks: whole numbers of nanoseconds, which never drift."""
    return range(start_tai_ns, end_tai_ns + 1, SECOND_NS)


def _event_id(event: Event) -> str:
    if isinstance(event, Scan):
        return event.scan_id
    if isinstance(event, Tick):
        return event.tick_id
    return str(getattr(event, event.__struct_fields__[0]))
