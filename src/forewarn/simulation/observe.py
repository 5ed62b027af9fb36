"""One run of a scenario: the truth, and every event that reaches the warning centre."""

from __future__ import annotations

from dataclasses import dataclass

from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation
from forewarn.records import Event, Realm, Scan, Tick
from forewarn.sensors.network import InfraredSensor, RadarSensor
from forewarn.simulation.infrared_looks import infrared_scans
from forewarn.simulation.radar_looks import radar_scans
from forewarn.simulation.radar_sky import Surroundings, surroundings
from forewarn.simulation.radar_targets import launched
from forewarn.simulation.scenario import Scenario
from forewarn.simulation.sky import sky_between
from forewarn.simulation.truth import Truth, make_truth


@dataclass(frozen=True, slots=True, eq=False)
class Simulation:
    """Events in the order they reach the centre, and the truth behind them."""

    events: list[Event]
    truth: Truth


def simulate(scenario: Scenario, *, seed: int, orientation: EarthOrientation) -> Simulation:
    """Run a scenario: scans of every sensor, a tick each second, and the scenario's notices.

    Scenario, seed and orientation determine every event to the bit. Looks end, and events arrive,
    within the scenario's span. Raises ShapingError or ValueError for a launch that cannot be
    flown, and ValueError for a sensor whose satellite has no elements.
    """
    truth = make_truth(scenario, seed=seed)
    events: list[Event] = [*_scans(scenario, truth, orientation), *_ticks(scenario)]
    events += scenario.notices
    span = range(scenario.start_tai_ns, scenario.end_tai_ns + 1)
    events = [event for event in events if event.received_tai_ns in span]
    events.sort(key=lambda event: (event.received_tai_ns, _event_id(event)))
    return Simulation(events=events, truth=truth)


def _scans(scenario: Scenario, truth: Truth, orientation: EarthOrientation) -> list[Scan]:
    span = scenario.start_tai_ns, scenario.end_tai_ns
    sky = sky_between(*span, orientation)
    around, launches = _around(scenario, truth, orientation), launched(truth)
    scans: list[Scan] = []
    for sensor in scenario.network.sensors:
        if isinstance(sensor, InfraredSensor):
            elements = scenario.network.satellites.get(sensor.satellite_id)
            if elements is None:
                raise ValueError(
                    f"sensor {sensor.sensor_id!r} is on satellite {sensor.satellite_id!r}, which "
                    f"network {scenario.network.network_id!r} has no elements of; add them"
                )
            scans += infrared_scans(sensor, elements, sky=sky, truth=truth, span_tai_ns=span)
        else:
            scans += radar_scans(
                sensor, truth=truth, span_tai_ns=span, around=around, launches=launches
            )
    return scans


def _around(scenario: Scenario, truth: Truth, orientation: EarthOrientation) -> Surroundings | None:
    """Return what else is in the sky of the scenario's radars, if it says."""
    if scenario.radar_sky is None:
        return None
    return surroundings(
        scenario.radar_sky,
        [sensor for sensor in scenario.network.sensors if isinstance(sensor, RadarSensor)],
        span_tai_ns=(scenario.start_tai_ns, scenario.end_tai_ns),
        seed=truth.seed,
        orientation=orientation,
    )


def _ticks(scenario: Scenario) -> list[Tick]:
    instants = range(scenario.start_tai_ns, scenario.end_tai_ns + 1, SECOND_NS)
    return [
        Tick(tick_id=f"TICK-{count:06d}", realm=Realm.SIMULATION, received_tai_ns=instant)
        for count, instant in enumerate(instants)
    ]


def _event_id(event: Event) -> str:
    if isinstance(event, Scan):
        return event.scan_id
    if isinstance(event, Tick):
        return event.tick_id
    return str(getattr(event, event.__struct_fields__[0]))
