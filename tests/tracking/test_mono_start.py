"""One satellite alone: plumes start tracks; what stands, drifts, falls or is chance does not."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from forewarn.frames import ecef_from_geodetic, enu_axes
from forewarn.missiles.trajectory import Trajectory
from forewarn.records import Cone, Scan
from forewarn.sensors.network import InfraredSensor
from forewarn.tracking.initiation import Chain, extend_chains, forget
from forewarn.tracking.looks import Biases, Look
from forewarn.tracking.mono_start import LEAST_LOOKS, mono_start
from forewarn.tracking.sighting import infrared_sighting
from tests.tracking.stage import (
    ORIENTATION,
    Source,
    ascending,
    flown,
    network_of,
    overflight,
    quiet_events,
    seen_by_telescopes,
)

SENSOR = "GEO-MID-SCAN"


def looks_of(scan: Scan, sensor: InfraredSensor, biases: Biases) -> list[Look]:
    """Every look of a telescope's scan, against as much clutter as it states or shows."""
    sighting = infrared_sighting(
        scan, sensor=sensor, number=0, biases=biases, orientation=ORIENTATION
    )
    count = len(scan.measurements)
    alarms = max(sensor.false_alarms_per_scan, count - 1, 1e-3)
    return [sighting.look(j, alarms * sighting.clutter_per_alarm) for j in range(count)]


def chain_of(source: Source, *, seed: int = 1, duration_s: float = 140.0) -> list[Look]:
    """The looks of one scanner at a source in a quiet world, oldest first."""
    network = network_of(SENSOR)
    biases = Biases(network)
    events = seen_by_telescopes(
        quiet_events(network, duration_s=duration_s), network, [source], seed=seed
    )
    return [
        look
        for scan in events
        if isinstance(scan, Scan) and isinstance(scan.volume, Cone)
        for look in looks_of(scan, network.sensor(SENSOR), biases)
    ]


def plume(azimuth_deg: float, seed: int) -> tuple[Trajectory, list[Look]]:
    trajectory = flown(39.3, 125.7, azimuth_deg)
    source = ascending("a", trajectory, overflight().start_tai_ns)
    return trajectory, chain_of(source, seed=seed)


@pytest.mark.parametrize(("azimuth_deg", "seed"), [(72.0, 1), (180.0, 2), (330.0, 3)])
def test_a_plume_starts_a_track(azimuth_deg: float, seed: int) -> None:
    """And its stated state holds the true one: 22.5 is passed once in a thousand by six normals.

    Southward, toward the point below the satellite, its climb hardly shows, and it takes longest.
    """
    trajectory, looks = plume(azimuth_deg, seed)
    start = next(s for n in range(LEAST_LOOKS, 10) if (s := mono_start(looks[:n])) is not None)
    since_s = (start.tai_ns - overflight().start_tai_ns) / 1e9
    error = np.concatenate(trajectory.state_ecef_at(since_s)) - start.mean
    assert error @ np.linalg.solve(start.covariance, error) < 22.5
    assert start.looks[-1].seen_tai_ns == start.tai_ns
    # Well known across the line of sight, badly along it.
    sigma_m = np.sqrt(np.linalg.eigvalsh(start.covariance[:3, :3]))
    assert sigma_m[0] < 1_000.0
    assert sigma_m[2] > 3_000.0


def moving(height_m: float, speed_m_s: float, climb_m_s: float, jitter_m: float) -> Source:
    """A source over the stage's sea that moves east and up and leaps about."""
    place = ecef_from_geodetic(math.radians(38.0), math.radians(130.0), height_m)
    east, _, up = enu_axes(math.radians(38.0), math.radians(130.0))
    randomness = np.random.default_rng(7)
    start_tai_ns = overflight().start_tai_ns

    def position_ecef_m(tai_ns: int) -> np.ndarray:
        since_s = (tai_ns - start_tai_ns) / 1e9
        moved = (speed_m_s * east + climb_m_s * up) * since_s
        return np.asarray(place + moved + jitter_m * randomness.standard_normal(3))

    return Source("b", position_ecef_m)


@pytest.mark.parametrize(
    "source",
    [
        moving(500.0, 0.0, 0.0, 0.0),
        moving(500.0, 0.0, 0.0, 300.0),
        moving(500.0, 0.0, 0.0, 1_000.0),
        moving(10e3, 250.0, 0.0, 0.0),
        moving(12e3, 500.0, 50.0, 0.0),
        moving(80e3, 12e3, -400.0, 0.0),
    ],
    ids=["fire", "flickering fire", "front of fires", "aircraft", "afterburner", "bolide"],
)
def test_what_is_no_launch_starts_nothing(source: Source) -> None:
    looks = chain_of(source)
    assert len(looks) > 8
    assert all(mono_start(looks[:n]) is None for n in (4, 6, 8, 12))


def test_an_hour_of_false_alarms_starts_nothing() -> None:
    """Chains as the tracker makes them, of every telescope of the shipped network."""
    network = network_of(clutter=True)
    biases = Biases(network)
    chains: list[Chain] = []
    seen = 0
    for event in quiet_events(network, duration_s=3_600.0):
        if not (isinstance(event, Scan) and isinstance(event.volume, Cone)):
            continue
        sensor = network.sensor(event.sensor_id)
        looks = looks_of(event, sensor, biases)
        seen += len(looks)
        forget(chains, event.end_tai_ns)
        for chain in extend_chains(chains, looks):
            assert mono_start(chain.looks) is None
    assert seen > 300


def test_a_line_of_sight_past_the_earth_and_too_few_start_nothing() -> None:
    _, looks = plume(72.0, 1)
    assert mono_start(looks[: LEAST_LOOKS - 1]) is None
    past = []
    for look in looks[:5]:
        geometry = look.geometry.copy()
        geometry[1] = -geometry[1]
        past.append(dataclasses.replace(look, geometry=geometry))
    assert mono_start(past) is None
    lost = [dataclasses.replace(look, geometry=np.full((8, 3), math.nan)) for look in looks[:5]]
    assert mono_start(lost) is None
