"""Same seed, same scans of one telescope, to the bit, whatever else is added to the scene."""

from __future__ import annotations

import math
from functools import cache

import msgspec
import pytest

from forewarn.epoch import SECOND_NS
from forewarn.missiles.bolide import KILOTON_J, Meteoroid
from forewarn.orbits import geostationary
from forewarn.sensors.network import Sensor
from forewarn.simulation import Scenario, Simulation
from forewarn.simulation.clutter import Aircraft, Clutter, Fall, Glints, HotSpot, Lightning
from forewarn.simulation.scenario import FlownLaunch
from forewarn.simulation.weather import Weather
from tests.simulation.scenes import LAUNCH, RADAR, SCANNER, STARER, START, run, scans_of, scene
from tests.simulation.test_streams import without_ids

FULL = {
    "false_alarms_per_scan": 0.5,
    "bias_sigma_rad": 8e-6,
    "pixel_rad": 30e-6,
    "sun_exclusion_rad": 0.05,
}
SCAN = msgspec.structs.replace(SCANNER, **FULL)
STARE = msgspec.structs.replace(STARER, **FULL)
WEATHER = Weather(cover_fraction=0.6, mean_top_m=9e3, top_sigma_m=2e3, correlation_m=150e3)
PLACE = {"latitude_rad": math.radians(38.0), "longitude_rad": math.radians(130.0)}
EVERY_KIND = Clutter(
    hot_spots=tuple(
        HotSpot(
            latitude_rad=math.radians(38.0 + n),
            longitude_rad=math.radians(130.0 + n),
            height_m=6e3,
            radiant_power_w=2e8,
            temperature_k=1_100.0,
        )
        for n in range(-2, 3)
    ),
    lightning=Lightning(in_band_ratio=3.0),
    bolides_per_year=2e6,
    falls=(
        Fall(
            fall_id="F",
            time_tai_ns=START + 40 * SECOND_NS,
            **PLACE,
            azimuth_rad=1.0,
            meteoroid=Meteoroid(
                mass_kg=2.0 * KILOTON_J / 18e3**2, speed_m_s=18e3, entry_angle_rad=0.7
            ),
        ),
    ),
    aircraft=(
        Aircraft(
            aircraft_id="A",
            time_tai_ns=START,
            **PLACE,
            height_m=12e3,
            azimuth_rad=1.0,
            speed_m_s=250.0,
            duration_s=100.0,
            intensity_w_sr=1e5,
        ),
    ),
    glints=Glints(),
)
NOTHING = {
    "hot_spots": (),
    "lightning": None,
    "bolides_per_year": 0.0,
    "falls": (),
    "aircraft": (),
    "glints": None,
}


def cloudy(
    *sensors: Sensor, clutter: Clutter = EVERY_KIND, launches: tuple[FlownLaunch, ...] = (LAUNCH,)
) -> Scenario:
    """Two minutes of everything."""
    bare = scene(*sensors, duration_s=150.0, launches=launches, cloud_top_m=0.0)
    return msgspec.structs.replace(bare, weather=WEATHER, clutter=clutter)


@cache
def everything() -> Simulation:
    """One run of it."""
    return run(cloudy(SCAN, STARE), 4)


def test_a_seed_decides_all_of_it() -> None:
    """The same to the byte, and another seed gives others."""
    again = run(cloudy(SCAN, STARE), 4)
    assert msgspec.json.encode(again.events) == msgspec.json.encode(everything().events)
    assert scans_of(run(cloudy(SCAN), 5), "SCAN") != scans_of(again, "SCAN")


def test_other_sensors_change_nothing() -> None:
    """Scans, ids, order and delays of each are those that it has alone."""
    other = msgspec.structs.replace(SCAN, sensor_id="OTHER", satellite_id="EAST")
    together = cloudy(RADAR, other, STARE, SCAN)
    satellites = together.network.satellites | {
        "EAST": geostationary("EAST", math.radians(170.0), START)
    }
    network = msgspec.structs.replace(together.network, satellites=satellites)
    found = run(msgspec.structs.replace(together, network=network), 4)
    for sensor in (SCAN, STARE):
        alone = scans_of(run(cloudy(sensor), 4), sensor.sensor_id)
        assert alone == scans_of(found, sensor.sensor_id)
    assert sum(len(s.measurements) for s in scans_of(found, "OTHER")) > 10


@pytest.mark.parametrize("kind", list(NOTHING))
def test_a_kind_of_clutter_only_adds(kind: str) -> None:
    """Without it, each scan reports all that it did with it, to the bit, but for that kind."""
    clutter = msgspec.structs.replace(EVERY_KIND, **{kind: NOTHING[kind]})
    less = run(cloudy(SCAN, STARE, clutter=clutter), 4)
    added = 0
    for sensor_id in ("SCAN", "STARE"):
        few, many = (without_ids(scans_of(found, sensor_id)) for found in (less, everything()))
        assert all(a <= b for a, b in zip(few, many, strict=True))
        added += sum(map(len, many)) - sum(map(len, few))
    assert added > 0


def test_a_launch_only_adds() -> None:
    """Clutter and other launches are seen as before."""
    other = msgspec.structs.replace(LAUNCH, launch_id="two", azimuth_rad=1.0)
    few = without_ids(scans_of(everything(), "STARE"))
    many = without_ids(scans_of(run(cloudy(STARE, launches=(other, LAUNCH)), 4), "STARE"))
    assert all(a <= b for a, b in zip(few, many, strict=True))
    assert sum(map(len, many)) > sum(map(len, few))


def test_what_a_scenario_does_not_ask_for_is_not_there() -> None:
    """Empty clutter is no clutter, to the byte."""
    bare = scene(SCAN, duration_s=150.0)
    empty = msgspec.structs.replace(bare, clutter=Clutter())
    assert msgspec.json.encode(run(empty).events) == msgspec.json.encode(run(bare).events)
