"""Real ascents: what their authors and other sources say must come out again."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest

from forewarn.earth import MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.formats.scenario import load_scenario
from forewarn.frames import (
    EarthOrientation,
    gcrf_state_from_ecef,
    geodetic_from_ecef,
    surface_distance_m,
)
from forewarn.missiles.trajectory import Trajectory
from forewarn.simulation.scenario import TelemetryLaunch
from forewarn.simulation.telemetry import launch_azimuth_rad, telemetry_trajectory
from forewarn.simulation.truth import make_truth

FALCON = Path(__file__).resolve().parents[2] / "scenarios" / "falcon"
MISSIONS = sorted(path.stem for path in FALCON.glob("*.yaml"))


@cache
def launch(mission: str) -> TelemetryLaunch:
    """The recorded ascent of a shipped scenario."""
    (found,) = load_scenario(FALCON / f"{mission}.yaml").launches
    assert isinstance(found, TelemetryLaunch)
    return found


@cache
def path(mission: str) -> Trajectory:
    """Its reconstruction."""
    return telemetry_trajectory(launch(mission))


def heights_m(flown: Trajectory) -> np.ndarray:
    """Geodetic heights of all samples."""
    return np.array([geodetic_from_ecef(p)[2] for p in flown.position_ecef_m])


def test_ten_missions_ship() -> None:
    """All that the telemetry folder's page lists."""
    assert len(MISSIONS) == 10


@pytest.mark.parametrize("mission", MISSIONS)
def test_speed_is_the_record_and_altitude_follows_it(mission: str) -> None:
    """Speed exactly; altitude within 150 m rms, where its own steps are 100 m and 1 km."""
    recorded = np.array(launch(mission).samples)
    flown = path(mission)
    speed = np.linalg.norm(flown.velocity_ecef_m_s, axis=1)
    np.testing.assert_allclose(speed, recorded[:, 1], atol=1e-6)
    climb = heights_m(flown) - launch(mission).height_m
    error = climb - (recorded[:, 2] - recorded[0, 2])
    assert math.sqrt(float(np.mean(error**2))) < 150.0


@pytest.mark.parametrize("mission", MISSIONS)
def test_velocity_is_the_derivative_of_position(mission: str) -> None:
    """Central differences; at staging the acceleration jumps by tens of m/s2 within a second."""
    flown = path(mission)
    difference = (flown.position_ecef_m[2:] - flown.position_ecef_m[:-2]) / 2.0
    error = np.linalg.norm(difference - flown.velocity_ecef_m_s[1:-1], axis=1)
    assert float(np.median(error)) < 0.3
    assert float(error.max()) < 10.0


@pytest.mark.parametrize("mission", MISSIONS)
def test_inclination_at_the_end_is_the_published_one(mission: str) -> None:
    """From the inertial state of the last sample, within one degree."""
    flown = path(mission)
    end = launch(mission).time_tai_ns + round(float(flown.times_s[-1]) * SECOND_NS)
    position, velocity = gcrf_state_from_ecef(
        end,
        EarthOrientation.from_iers(),
        flown.position_ecef_m[-1],
        flown.velocity_ecef_m_s[-1],
    )
    normal = np.cross(position, velocity)
    found = math.degrees(math.acos(float(normal[2] / np.linalg.norm(normal))))
    assert found == pytest.approx(math.degrees(launch(mission).inclination_rad), abs=1.0)


@pytest.mark.parametrize(
    ("mission", "time_s", "downrange_km"),
    [("abs-2a", 540, 1_599.5), ("crs-10", 440, 758.7), ("formosat-5", 540, 990.8)],
)
def test_downrange_agrees_with_the_records_author(
    mission: str, time_s: int, downrange_km: float
) -> None:
    """His own integration, over a flat Earth from smoothed altitudes: within 2 %."""
    flown = path(mission)
    places = [geodetic_from_ecef(p) for p in flown.position_ecef_m[: time_s + 1]]
    # He counts the way through the air, which is longer than that on the ground below.
    steps_m = [
        surface_distance_m(*a[:2], *b[:2]) * (1.0 + 0.5 * (a[2] + b[2]) / MEAN_RADIUS_M)
        for a, b in pairwise(places)
    ]
    assert sum(steps_m) / 1e3 == pytest.approx(downrange_km, rel=0.02)


@pytest.mark.parametrize(
    ("mission", "seconds"), [("abs-2a", 58.1), ("formosat-5", 57.1), ("crs-10", 58.7)]
)
def test_cloud_break_time(mission: str, seconds: float) -> None:
    """When the raw record passes 7 km, to one second."""
    scenario = load_scenario(FALCON / f"{mission}.yaml")
    target = make_truth(scenario, seed=1).objects[0]
    found = target.cloud_break_tai_ns(7_000.0)
    assert found is not None
    assert (found - target.launch_tai_ns) / SECOND_NS == pytest.approx(seconds, abs=1.0)


def test_plumes_burn_when_the_record_says() -> None:
    """Two burns with a pause; nothing after the last."""
    scenario = load_scenario(FALCON / "abs-2a.yaml")
    target = make_truth(scenario, seed=1).objects[0]
    instants = target.launch_tai_ns + np.array([-1, 1, 158, 165, 175, 551, 560]) * SECOND_NS
    assert list(target.states_ecef(instants)[2]) == [0.0, 8e5, 8e5, 0.0, 1e5, 1e5, 0.0]
    assert target.burnout_tai_ns == target.launch_tai_ns + 552 * SECOND_NS
    assert target.vehicle_class == "space_launch"
    assert target.impact_rad is None


@pytest.mark.parametrize(
    ("inclination_deg", "descending", "low_deg", "high_deg"),
    [
        (51.6, False, 41.0, 46.0),  # to the International Space Station: north-east
        (51.6, True, 134.0, 139.0),
        (97.4, True, 186.0, 196.0),  # sun-synchronous: a little west of south
        (97.4, False, 344.0, 354.0),
        (20.0, False, 89.0, 91.0),  # below the latitude: due east
    ],
)
def test_launch_azimuth(
    inclination_deg: float, descending: bool, low_deg: float, high_deg: float
) -> None:
    """The textbook directions from 28.6 degrees north."""
    changed = msgspec.structs.replace(
        launch("crs-10"), inclination_rad=math.radians(inclination_deg), descending=descending
    )
    found = math.degrees(launch_azimuth_rad(changed)) % 360.0
    assert low_deg < found < high_deg


@pytest.mark.parametrize(
    ("changes", "lesson"),
    [
        ({"samples": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))}, r"2 samples; at least 60"),
        ({"samples": ((0.0, 0.0, 0.0),) * 70}, r"times do not ascend; sort"),
        ({"burns_s": ()}, r"0 burns and 2 intensities"),
    ],
)
def test_a_record_that_gives_no_path_is_refused(
    changes: dict[str, tuple[object, ...]], lesson: str
) -> None:
    """The error names the launch, the trouble and the remedy."""
    with pytest.raises(ValueError, match=rf"'crs-10'.*{lesson}"):
        telemetry_trajectory(msgspec.structs.replace(launch("crs-10"), **changes))
