"""How fast a full sky of sensors is synthesised: 24 satellites, 12 radars, 300 objects in flight.

    python -m benchmarks.scene --repeats 5

Ten minutes of a notional scene as a ratio to real time (median, least and most of the repeats): the
whole on one worker, by processor time and by the clock, and on two by the clock, their start
included; and each part in processor seconds on one. Flying is no part of synthesis: the generic
vehicle is flown once before the clock starts, and the 300 flights are turns of that one about the
Earth's axis, which a zonal Earth cannot tell from flights of their own. What flying all of them
would cost is printed too. Machines are shared and noisy: the clock counts what others do, too.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import statistics
import time
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from benchmarks.runs import SCENARIOS
from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text
from forewarn.formats.scenario import load_scenario
from forewarn.frames import EarthOrientation
from forewarn.orbits import Elements, geostationary, molniya
from forewarn.records import Scan
from forewarn.sensors.network import InfraredSensor, Network, RadarSensor, Sensor
from forewarn.simulation.faults import Fault, Gaps, LinkFault, Target
from forewarn.simulation.ghosts import turned
from forewarn.simulation.impair import impaired
from forewarn.simulation.link import Look, Message, transmit
from forewarn.simulation.observe import Scene, make_scene, merge, messages_of, observe
from forewarn.simulation.scenario import Scenario
from forewarn.simulation.truth import Truth, make_truth

SPAN_S = 600
SATELLITES, RADARS, OBJECTS, CATALOGUED = 24, 12, 300, 30_000
START_TAI_NS = tai_ns_from_utc_text("2026-01-01T00:00:00Z")
SPAN_TAI_NS = (START_TAI_NS, START_TAI_NS + SPAN_S * SECOND_NS)
_EACH = OBJECTS // RADARS  # flights west of each radar, which stand evenly round the globe
_SHIPPED = SCENARIOS / "overflight-2017-08-29.yaml"


def network() -> Network:
    """Return 16 geostationary and 8 highly inclined satellites, a scanner on each, and 12 radars.

    Sensors are those of the shipped notional network, set up elsewhere and sharing nothing.
    """
    shipped = load_scenario(_SHIPPED).network
    scanner = next(s for s in shipped.sensors if isinstance(s, InfraredSensor))
    radar = next(s for s in shipped.sensors if s.sensor_id == "RADAR-EAST")
    satellites: dict[str, Elements] = {}
    for i in range(SATELLITES):
        place = geostationary if i % 3 else molniya
        longitude_rad = math.radians(360.0 * i / SATELLITES - 180.0)
        satellites[f"SAT-{i:02d}"] = place(f"SAT-{i:02d}", longitude_rad, START_TAI_NS)
    sensors = [_moved(scanner, sensor_id=f"{name}-SCAN", satellite_id=name) for name in satellites]
    for i in range(RADARS):
        longitude_rad = math.radians((_west_deg(i) + 200.0) % 360.0 - 180.0)
        sensors.append(
            _moved(
                radar,
                sensor_id=f"RADAR-{i:02d}",
                longitude_rad=longitude_rad,
                boresight_azimuth_rad=math.radians(270.0),
            )
        )
    return Network(
        network_id="full-sky", title="full sky", satellites=satellites, sensors=tuple(sensors)
    )


def _west_deg(radar: int) -> float:
    """Return where the flights west of a radar begin."""
    return 360.0 * radar / RADARS


def _moved(sensor: Sensor, **changes: object) -> Sensor:
    names = sensor.domains.__struct_fields__
    own = {name: f"{changes['sensor_id']}-{name}" for name in names}
    domains = msgspec.structs.replace(sensor.domains, **own)
    return msgspec.structs.replace(sensor, domains=domains, **changes)


def scenario(catalogued: int = CATALOGUED) -> Scenario:
    """Return ten minutes with that network, and that many satellites that the radars know.

    Its one launch is the shipped overflight's; `truth` makes 300 of it.
    """
    changes: dict[str, object] = {}
    if catalogued and "radar_sky" in Scenario.__struct_fields__:
        from forewarn.simulation.radar_sky import RadarSky

        changes["radar_sky"] = RadarSky(notional_objects_count=catalogued)
    return msgspec.structs.replace(
        load_scenario(_SHIPPED),
        scenario_id="full-sky",
        start_tai_ns=SPAN_TAI_NS[0],
        end_tai_ns=SPAN_TAI_NS[1],
        network=network(),
        **changes,
    )


def truth(stated: Scenario, seed: int) -> tuple[Truth, float]:
    """Return 300 flights that are all in the air in the scene, and the seconds that one took.

    25 west of each radar, 0.2 degrees apart, lifting off every ten seconds up to the start.
    """
    began = time.process_time()
    flown = make_truth(stated, seed=seed)
    flying_s = time.process_time() - began
    (first,) = flown.objects
    objects = tuple(
        turned(
            first,
            math.radians(_west_deg(radar) + 0.2 * i) - first.longitude_rad,
            START_TAI_NS - 10 * (_EACH - 1 - i) * SECOND_NS - first.launch_tai_ns,
            f"{radar}-{i}",
        )
        for radar in range(RADARS)
        for i in range(_EACH)
    )
    return dataclasses.replace(flown, objects=objects), flying_s


def timed(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Seconds of one call, of this process's processors or by another clock."""
    began = clock()
    work()
    return clock() - began


def bad_links(sensors: Sequence[Sensor]) -> tuple[Fault, ...]:
    """Return a link fault of every sort for each sensor."""
    return tuple(
        LinkFault(
            target=Target("sensor_id", sensor.sensor_id),
            latency_s=0.5,
            jitter_s=1.0,
            loss_fraction=0.02,
            gaps=Gaps(good_mean_s=60.0, bad_mean_s=3.0),
            garbled_fraction=0.01,
            duplicate_fraction=0.05,
            held_fraction=0.05,
            held_s=10.0,
        )
        for sensor in sensors
    )


def link_seconds(scene: Scene, scans: dict[str, list[Scan]]) -> tuple[float, float]:
    """Processor seconds for looks to become scans, and for those to pass through bad links."""
    sensors = {s.sensor_id: s for s in scene.scenario.network.sensors}
    looks = {name: [_look(scan) for scan in found] for name, found in scans.items()}
    faults = bad_links(scene.scenario.network.sensors)

    def send() -> None:
        for name, sensor in sensors.items():
            transmit(sensor, looks[name], sensitivity=1.0, randomness=np.random.default_rng(1))

    def impair() -> None:
        for name, sensor in sensors.items():
            impaired(sensor, scans[name], faults, seed=1, span_tai_ns=SPAN_TAI_NS)

    return timed(send), timed(impair)


def _look(scan: Scan) -> Look:
    return Look(
        start_tai_ns=scan.start_tai_ns,
        end_tai_ns=scan.end_tai_ns,
        volume=scan.volume,
        position_gcrf_m=scan.position_gcrf_m,
        velocity_gcrf_m_s=scan.velocity_gcrf_m_s,
        measurements=list(scan.measurements),
    )


def parts_s(scene: Scene) -> tuple[dict[str, float], list[Message]]:
    """Processor seconds of each part on one worker, and the messages that came."""
    sensors = scene.scenario.network.sensors
    seconds: dict[str, float] = {}
    scans: dict[str, list[Scan]] = {}
    for part, kind in (("infrared", InfraredSensor), ("radar", RadarSensor)):
        chosen = [sensor for sensor in sensors if isinstance(sensor, kind)]
        seconds[part] = timed(
            lambda chosen=chosen: scans.update(
                {sensor.sensor_id: messages_of(scene, sensor) for sensor in chosen}
            )
        )
    seconds["links, of both"], seconds["bad links instead"] = link_seconds(scene, scans)
    messages = [message for sensor in sensors for message in scans[sensor.sensor_id]]
    seconds["merge"] = timed(lambda: merge(scene.scenario, messages))
    return seconds, messages


def report(repeats: int) -> str:
    """The measurement as a plain table."""
    orientation = EarthOrientation.from_iers()
    stated = scenario()
    made, flying_s = truth(stated, seed=1)
    observe(stated, made, orientation)  # compiles and warms caches
    scene = make_scene(stated, made, orientation)
    whole: dict[str, list[float]] = {}
    parts: dict[str, list[float]] = {"sky and catalogue": []}
    messages: list[Message] = []
    for _ in range(repeats):
        for name, number, clock in (
            ("1 worker, processor time", 1, time.process_time),
            ("1 worker, clock", 1, time.perf_counter),
            ("2 workers, clock", 2, time.perf_counter),
        ):
            seconds = timed(lambda n=number: observe(stated, made, orientation, workers=n), clock)
            whole.setdefault(f"whole, {name}", []).append(SPAN_S / seconds)
        parts["sky and catalogue"].append(timed(lambda: make_scene(stated, made, orientation)))
        found, messages = parts_s(scene)
        for part, seconds in found.items():
            parts.setdefault(part, []).append(seconds)
    plots = sum(len(message.measurements) for message in messages if isinstance(message, Scan))
    catalogue = f"{CATALOGUED:,}" if getattr(stated, "radar_sky", None) else "none"
    lines = [
        f"{SPAN_S} s of {SATELLITES} telescopes, {RADARS} radars, {OBJECTS} objects in flight",
        f"catalogue: {catalogue}; {len(messages):,} scans, {plots:,} plots",
        f"{'what':36s} {'median':>9s} {'least':>9s} {'most':>9s}",
    ]
    lines += [_row(name, ratios, "x", 0) for name, ratios in whole.items()]
    lines += [_row(part, seconds, "s", 2) for part, seconds in parts.items()]
    lines.append(
        f"flying (not counted): {flying_s:.2f} s for one, {flying_s * OBJECTS:.0f} s for all"
    )
    return "\n".join(lines)


def _row(name: str, values: list[float], unit: str, digits: int) -> str:
    cells = [f"{f(values):.{digits}f} {unit}" for f in (statistics.median, min, max)]
    return f"{name:36s} {cells[0]:>9s} {cells[1]:>9s} {cells[2]:>9s}"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    print(report(parser.parse_args().repeats))


if __name__ == "__main__":
    main()
