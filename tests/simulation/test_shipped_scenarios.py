"""The scenarios that ship: they load, their satellites see, and history's times come out."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text
from forewarn.formats.check import check_file
from forewarn.formats.scenario import load_scenario
from forewarn.frames import (
    EarthOrientation,
    ecef_from_geodetic,
    geodetic_from_ecef,
    surface_distance_m,
)
from forewarn.orbits import Satellite
from forewarn.records import Scan
from forewarn.sensors import independent_domains
from forewarn.sensors.sight import lowest_height_m, unit
from forewarn.simulation import Simulation, simulate

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
FALCON = sorted(SCENARIOS.glob("falcon/*.yaml"))
OVERFLIGHT = SCENARIOS / "overflight-2017-08-29.yaml"
ORIENTATION = EarthOrientation.from_iers()


@cache
def overflight(seed: int = 1) -> Simulation:
    """The overflight of 2017-08-29."""
    return simulate(load_scenario(OVERFLIGHT), seed=seed, orientation=ORIENTATION)


@pytest.mark.parametrize("file", [*FALCON, OVERFLIGHT], ids=lambda file: file.stem)
def test_nothing_about_a_shipped_scenario_is_odd(file: Path) -> None:
    """It loads, and the checker has nothing to remark."""
    assert check_file(file).warnings == ()


@pytest.mark.parametrize("file", FALCON, ids=lambda file: file.stem)
def test_two_satellites_see_each_pad_from_well_apart(file: Path) -> None:
    """At cloud break three or more satellites, two of them 60 degrees or more apart."""
    scenario = load_scenario(file)
    launch = scenario.launches[0]
    source = ecef_from_geodetic(launch.latitude_rad, launch.longitude_rad, 7_000.0)
    instant = launch.time_tai_ns + 60 * SECOND_NS
    seeing = []
    for elements in scenario.network.satellites.values():
        position, _ = Satellite(elements).state_ecef(instant, ORIENTATION)
        if float(lowest_height_m(source, position)) > 6_990.0:
            seeing.append(unit(position - source))
    assert len(seeing) >= 3
    assert min(float(a @ b) for a in seeing for b in seeing) < math.cos(math.radians(60.0))


def detecting(simulation: Simulation, before_tai_ns: int) -> set[str]:
    """Sensors with a bright sighting (ten times the noise) before an instant."""
    return {
        event.sensor_id
        for event in simulation.events
        if isinstance(event, Scan) and event.received_tai_ns <= before_tai_ns
        if any(seen.snr > 20.0 for seen in event.measurements)
    }


@pytest.mark.parametrize("file", FALCON, ids=lambda file: file.stem)
def test_three_independent_telescopes_have_seen_a_real_launch_by_90_seconds(file: Path) -> None:
    """The physical basis of an early confirmation: cloud break near 58 s, then two sweeps."""
    scenario = load_scenario(file)
    simulation = simulate(scenario, seed=1, orientation=ORIENTATION)
    found = detecting(simulation, scenario.launches[0].time_tai_ns + 90 * SECOND_NS)
    assert len(independent_domains(scenario.network, found)) >= 3


def test_the_overflight_keeps_its_published_times() -> None:
    """Over Cape Erimo 06:05 to 06:07 Japan time, down by 06:14, within a sigma of 40 km."""
    target = overflight().truth.objects[0]
    cape = math.radians(42.0), math.radians(143.15)
    instants = target.launch_tai_ns + np.arange(0, 900, 2) * SECOND_NS
    positions, _, _ = target.states_ecef(instants)
    distances = [surface_distance_m(*geodetic_from_ecef(p)[:2], *cape) for p in positions]
    nearest = int(np.argmin(distances))
    assert distances[nearest] < 60e3
    assert tai_ns_from_utc_text("2017-08-29T06:05:00+09:00") <= instants[nearest]
    assert instants[nearest] <= tai_ns_from_utc_text("2017-08-29T06:07:30+09:00")
    assert target.impact_rad is not None
    east_m = surface_distance_m(*cape, *target.impact_rad)
    assert east_m == pytest.approx(1_180e3, abs=120e3)
    assert target.end_tai_ns < tai_ns_from_utc_text("2017-08-29T06:14:00+09:00")


def test_every_sensor_of_the_pacific_network_sees_the_overflight() -> None:
    """Five satellites while it burns, the radars afterwards; all eight domains are distinct."""
    scenario = load_scenario(OVERFLIGHT)
    found = detecting(overflight(), scenario.end_tai_ns)
    assert found == {sensor.sensor_id for sensor in scenario.network.sensors}
    assert len(independent_domains(scenario.network, found)) == 8
