"""Launches as targets of a radar: looked for only where they may be, and found all the same."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from forewarn.records import Scan
from forewarn.sensors.network import RadarSensor
from forewarn.simulation.radar_looks import radar_scans
from forewarn.simulation.radar_targets import LaunchTargets, launch_targets
from forewarn.simulation.truth import make_truth
from tests.simulation.scenes import LAUNCH, RADAR, VEHICLE
from tests.simulation.skies import LARGE, world

STEEP = msgspec.structs.replace(
    LAUNCH,
    launch_id="steep",
    range_m=None,
    apogee_m=None,
    latitude_rad=RADAR.latitude_rad + 0.01,
    longitude_rad=RADAR.longitude_rad - 0.02,
    vehicle=msgspec.structs.replace(VEHICLE, kick_rad=0.004),
)


@pytest.mark.parametrize("radar", [RADAR, LARGE], ids=["small", "large"])
def test_looking_only_where_a_launch_may_be_misses_nothing(
    radar: RadarSensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same scans as when every launch is looked for in every sweep, also 100 km away."""
    scenario = world(radar, duration_s=900.0, launches=(LAUNCH, STEEP))
    truth = make_truth(scenario, seed=1)
    span = (scenario.start_tai_ns, scenario.end_tai_ns)

    def scans() -> list[Scan]:
        return radar_scans(radar, truth=truth, span_tai_ns=span)

    few = scans()
    whole = np.ones(len(launch_targets(truth).waypoints), dtype=np.bool_)
    monkeypatch.setattr(LaunchTargets, "perhaps", lambda *_: whole)
    assert scans() == few
    assert sum(len(s.measurements) for s in few) > 50


def test_waypoints_span_the_flight_and_bound_its_speed() -> None:
    """Ten seconds apart from ignition to past the end; no step is longer than the bound allows."""
    truth = make_truth(world(RADAR, launches=(LAUNCH, STEEP)), seed=1)
    both = launch_targets(truth)
    assert both.first.tolist()[0] == 0
    assert both.first.tolist()[-1] == len(both.waypoints)
    for i, flown in enumerate(truth.objects):
        rows = slice(both.first[i], both.first[i + 1])
        instants = np.arange(flown.launch_tai_ns, flown.end_tai_ns, 10**9)
        _, velocity, _ = flown.states_ecef(instants)
        speed = np.linalg.norm(velocity, axis=1)
        bound = both.fastest_m_s[rows][(instants - flown.launch_tai_ns + 5 * 10**9) // 10**10]
        assert (speed <= bound).all()
        assert len(both.waypoints[rows]) == math.ceil(
            (flown.end_tai_ns - flown.launch_tai_ns) / 1e10 + 1
        )


def test_without_launches_there_is_nothing_to_find() -> None:
    """No targets, no waypoints, no complaint."""
    none = launch_targets(make_truth(world(RADAR, launches=()), seed=1))
    assert none.targets == []
    assert none.waypoints.shape == (0, 3)
    assert none.first.tolist() == [0]
