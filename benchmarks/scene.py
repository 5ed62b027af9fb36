"""How fast a full sky of sensors is synthesised: 24 satellites, 12 radars, 300 objects in flight.

    python -m benchmarks.scene --repeats 5

Ten minutes of a notional scene as a ratio to real time (median, least and most of the repeats): the
whole on one and on two worker processes, their start included, and each part in seconds on one.
Flying is no part of synthesis: the generic vehicle is flown once before the clock starts, and the
300 flights are turns of that one about the Earth's axis, which a zonal Earth cannot tell from
flights of their own. What flying all 300 would have cost is printed by itself. Machines are shared
and noisy: quote the ratio and the spread.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import msgspec

from benchmarks.runs import SCENARIOS
from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text
from forewarn.formats.scenario import load_scenario
from forewarn.orbits import Elements, geostationary, molniya
from forewarn.sensors.network import InfraredSensor, Network, RadarSensor, Sensor
from forewarn.simulation.ghosts import turned
from forewarn.simulation.scenario import Scenario
from forewarn.simulation.truth import Truth, make_truth

SPAN_S = 600
SATELLITES, RADARS, OBJECTS, CATALOGUED = 24, 12, 300, 30_000
START_TAI_NS = tai_ns_from_utc_text("2026-01-01T00:00:00Z")
_SITES_DEG = tuple(30.0 * i for i in range(RADARS))  # radars stand about the globe, at 43 north
_LAUNCHES_PER_SITE = OBJECTS // RADARS


def network() -> Network:
    """Return 24 satellites (16 geostationary, 8 highly inclined), a scanner each, and 12 radars.

    Sensors are those of the shipped notional network, set up again elsewhere.
    """
    shipped = load_scenario(SCENARIOS / "overflight-2017-08-29.yaml").network
    scanner = next(s for s in shipped.sensors if isinstance(s, InfraredSensor))
    radar = next(s for s in shipped.sensors if s.sensor_id == "RADAR-EAST")
    satellites: dict[str, Elements] = {}
    for i in range(SATELLITES):
        name = f"SAT-{i:02d}"
        longitude_rad = math.radians(360.0 * i / SATELLITES - 180.0)
        if i % 3:
            satellites[name] = geostationary(name, longitude_rad, START_TAI_NS)
        else:
            satellites[name] = molniya(name, longitude_rad, START_TAI_NS)
    sensors: list[Sensor] = [
        _moved(scanner, sensor_id=f"{name}-SCAN", satellite_id=name) for name in satellites
    ]
    assert isinstance(radar, RadarSensor)
    sensors += [
        _moved(
            radar,
            sensor_id=f"RADAR-{i:02d}",
            longitude_rad=math.radians((degrees + 20.0 + 180.0) % 360.0 - 180.0),
            boresight_azimuth_rad=math.radians(270.0),
        )
        for i, degrees in enumerate(_SITES_DEG)
    ]
    return Network(
        network_id="full-sky", title="full sky", satellites=satellites, sensors=tuple(sensors)
    )


def _moved(sensor: Sensor, **changes: object) -> Sensor:
    name = str(changes["sensor_id"]).lower()
    domains = {field: f"{name}-{field}" for field in sensor.domains.__struct_fields__}
    shared = msgspec.structs.replace(sensor.domains, **domains)
    return msgspec.structs.replace(sensor, domains=shared, **changes)


def scenario() -> Scenario:
    """Return ten minutes with that network; what flies is made by `truth`.

    With a catalogue of satellites for the radars, where scenarios can state one.
    """
    shipped = load_scenario(SCENARIOS / "overflight-2017-08-29.yaml")
    changes: dict[str, object] = {}
    return msgspec.structs.replace(
        shipped,
        scenario_id="full-sky",
        start_tai_ns=START_TAI_NS,
        end_tai_ns=START_TAI_NS + SPAN_S * SECOND_NS,
        network=network(),
        launches=shipped.launches,
        **changes,
    )


def truth(stated: Scenario, seed: int) -> tuple[Truth, float]:
    """Return 300 flights that are all in the air in the scene, and the seconds to fly one.

    25 west of each radar, one degree apart, one lifting off every ten seconds from four minutes
    before the scene to its start.
    """
    began = time.perf_counter()
    flown = make_truth(stated, seed=seed)
    seconds = time.perf_counter() - began
    (first,) = flown.objects
    objects = tuple(
        turned(
            first,
            math.radians(degrees + 0.2 * i) - first.longitude_rad,
            START_TAI_NS - (240 - 10 * i) * SECOND_NS - first.launch_tai_ns,
            f"{degrees:.0f}-{i}",
        )
        for degrees in _SITES_DEG
        for i in range(_LAUNCHES_PER_SITE)
    )
    kept = Truth(
        scenario_id=stated.scenario_id, seed=seed, cloud_top_m=flown.cloud_top_m, objects=objects
    )
    return kept, seconds


def timed(work: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
