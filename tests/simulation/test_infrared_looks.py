"""What telescopes report: when, of what, how far off, and how often wrongly."""

from __future__ import annotations

import itertools
import math

import msgspec
import numpy as np
import pytest

from forewarn.earth import MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.orbits import Satellite
from forewarn.records import Cone, InfraredMeasurement, Scan
from forewarn.sensors.infrared import line_of_sight_ecef
from forewarn.simulation import Simulation, TruthObject
from tests.simulation.scenes import (
    LAUNCH,
    ORIENTATION,
    SCANNER,
    STARER,
    START,
    VEHICLE,
    flight,
    infrared_of,
    run,
    scans_of,
    scene,
)

BURN_END_S = 195.0  # on the scene's clock


def offsets_rad(scan: Scan, seen: InfraredMeasurement, target: TruthObject) -> np.ndarray:
    """How far a measured direction lies from the truth, along both tangent axes."""
    position, direction = line_of_sight_ecef(scan, seen, ORIENTATION)
    source = target.states_ecef(np.array([seen.seen_tai_ns]))[0][0]
    truth = (source - position) / np.linalg.norm(source - position)
    first = np.cross([0.0, 0.0, 1.0], truth)
    first /= np.linalg.norm(first)
    return np.array([first @ direction, np.cross(truth, first) @ direction])


def errors_rad(simulation: Simulation, sensor_id: str) -> np.ndarray:
    """Errors (n, 2) of all measurements of a run without false alarms."""
    target = simulation.truth.objects[0]
    found = infrared_of(scans_of(simulation, sensor_id))
    return np.array([offsets_rad(scan, seen, target) for scan, seen in found])


def test_every_look_reports_also_when_it_sees_nothing() -> None:
    """Unbroken looks, one after the other, numbered from one, over the whole run."""
    for sensor in (SCANNER, STARER):
        scans = scans_of(flight(), sensor.sensor_id)
        revisit_ns = round(sensor.revisit_s * SECOND_NS)
        assert [s.sequence for s in scans] == list(range(1, len(scans) + 1))
        assert [s.scan_id for s in scans[:1]] == [f"{sensor.sensor_id}-000001"]
        assert {b.start_tai_ns - a.end_tai_ns for a, b in itertools.pairwise(scans)} == {0}
        assert {s.end_tai_ns - s.start_tai_ns for s in scans} == {revisit_ns}
        assert 0 <= scans[0].start_tai_ns - START < revisit_ns
        assert any(not s.measurements for s in scans)


def test_a_plume_is_seen_from_cloud_break_to_burn_out() -> None:
    """The first sighting is one revisit or less after 7 km, the last as much before cut-off."""
    target = flight().truth.objects[0]
    cloud_break = target.cloud_break_tai_ns(7_000.0)
    assert cloud_break is not None
    for sensor in (SCANNER, STARER):
        seen = [m.seen_tai_ns for _, m in infrared_of(scans_of(flight(), sensor.sensor_id))]
        assert 0 <= seen[0] - cloud_break <= sensor.revisit_s * SECOND_NS
        assert 0 <= target.burnout_tai_ns - seen[-1] <= sensor.revisit_s * SECOND_NS


def test_a_scanner_sees_each_direction_at_its_own_time_a_starer_at_mid_frame() -> None:
    """A fixed direction has a fixed phase of the sweep, not that of its start or end."""
    revisit_ns = 10 * SECOND_NS
    sweeps = infrared_of(scans_of(flight(), "SCAN"))
    phases = {round((m.seen_tai_ns - s.start_tai_ns) / revisit_ns, 2) for s, m in sweeps}
    assert max(phases) - min(phases) < 0.1
    assert min(phases) > 0.02
    frames = infrared_of(scans_of(flight(), "STARE"))
    assert {m.seen_tai_ns - s.start_tai_ns for s, m in frames} == {SECOND_NS}
    assert all(s.start_tai_ns <= m.seen_tai_ns <= s.end_tai_ns for s, m in sweeps)


def test_noise_is_as_stated() -> None:
    """Errors over the stated sigma, many seeds: mean square one within five standard errors."""
    scenario = scene(STARER, duration_s=200.0)
    total, count = 0.0, 0
    for seed in range(6):
        simulation = run(scenario, seed)
        found = infrared_of(scans_of(simulation, "STARE"))
        for (_, seen), error in zip(found, errors_rad(simulation, "STARE"), strict=True):
            sigma = max(4e-6, 20e-6 * 6.0 / seen.snr)
            total += float(error @ error) / sigma**2
            count += 2
    assert total / count == pytest.approx(1.0, abs=5.0 * math.sqrt(2.0 / count))


def test_bias_is_common_to_a_run_and_differs_between_runs() -> None:
    """Within a run the mean error is far outside its noise; over runs it spreads as stated."""
    sensor = msgspec.structs.replace(STARER, bias_sigma_rad=30e-6)
    scenario = scene(sensor, duration_s=200.0)
    means = np.array([errors_rad(run(scenario, seed), "STARE").mean(0) for seed in range(20)])
    assert math.sqrt(float(np.mean(means**2))) == pytest.approx(30e-6, rel=0.35)


def test_bias_moves_slowly() -> None:
    """Its step from look to look is sqrt(2 x 2 s / 1800 s) of its sigma."""
    sensor = msgspec.structs.replace(STARER, bias_sigma_rad=1e-3)
    errors = errors_rad(run(scene(sensor, duration_s=200.0)), "STARE")
    step = float(np.sqrt(np.mean(np.diff(errors, axis=0) ** 2)))
    assert step == pytest.approx(1e-3 * math.sqrt(2.0 * 2.0 / 1800.0), rel=0.3)


def test_brightness_falls_with_cloud_trough_and_distance() -> None:
    """Reported irradiance over that of a bare 6e5 W/sr: below one low down, a dip at 80 km."""
    target = flight().truth.objects[0]
    ratios = {}
    for scan, seen in infrared_of(scans_of(flight(), "STARE")):
        source = target.states_ecef(np.array([seen.seen_tai_ns]))[0][0]
        position, _ = line_of_sight_ecef(scan, seen, ORIENTATION)
        bare = 6e5 / float(np.sum((source - position) ** 2))
        height_km = round((float(np.linalg.norm(source)) - 6_369e3) / 1e3)
        ratios[height_km] = seen.irradiance_w_m2 / bare
        assert seen.snr == pytest.approx(seen.irradiance_w_m2 / 2e-12)
    low = ratios[min(ratios)]
    trough = min(ratio for height, ratio in ratios.items() if 75 <= height <= 85)
    clear = [ratio for height, ratio in ratios.items() if 40 <= height <= 60]
    assert low < 0.6
    assert trough < 0.3
    assert min(clear) > 0.9


@pytest.mark.parametrize(
    ("intensity_w_sr", "expected"),
    [(1.0e4, 0.0), (1.6e4, 0.5), (3.0e4, 1.0)],
)
def test_faint_plumes_are_missed_by_chance(intensity_w_sr: float, expected: float) -> None:
    """Half are missed where the signal equals the threshold: 6 x 2e-12 x (37,600 km)^2 = 1.7e4."""
    stage = msgspec.structs.replace(VEHICLE.stages[0], intensity_w_sr=intensity_w_sr)
    launch = msgspec.structs.replace(
        LAUNCH, vehicle=msgspec.structs.replace(VEHICLE, stages=(stage,))
    )
    scenario = scene(STARER, duration_s=200.0, launches=(launch,))
    seen, looked = 0, 0
    for seed in range(6):
        simulation = run(scenario, seed)
        target = simulation.truth.objects[0]
        for scan in scans_of(simulation, "STARE"):
            middle = scan.start_tai_ns + SECOND_NS
            height = float(np.linalg.norm(target.states_ecef(np.array([middle]))[0])) - 6_369e3
            if height > 100e3 and middle < target.burnout_tai_ns:
                looked += 1
                seen += len(scan.measurements)
    assert looked > 20
    assert seen / looked == pytest.approx(expected, abs=0.35)


def test_false_alarms_come_at_the_stated_rate_on_the_earth() -> None:
    """Poisson in number; every direction hits the Earth; some places come back again."""
    sensor = msgspec.structs.replace(SCANNER, false_alarms_per_scan=2.0, angle_floor_rad=1e-6)
    scans = scans_of(run(scene(sensor, duration_s=3_000.0, launches=())), "SCAN")
    found = infrared_of(scans)
    assert len(found) / len(scans) == pytest.approx(2.0, abs=5.0 * math.sqrt(2.0 / len(scans)))
    places = []
    for scan, seen in found:
        assert seen.snr >= sensor.detection_snr
        position, direction = line_of_sight_ecef(scan, seen, ORIENTATION)
        across = float(np.linalg.norm(np.cross(position, direction)))
        assert across < MEAN_RADIUS_M + 5e3
        along = -position @ direction
        depth = math.sqrt(max(0.0, MEAN_RADIUS_M**2 - across**2))
        places.append(position + direction * (along - depth))
    close = np.linalg.norm(np.array(places)[:, None] - np.array(places)[None], axis=-1) < 10e3
    again = np.sum(close, axis=1) > 10
    assert 0.3 < np.mean(again) < 0.7


def test_the_scan_says_where_the_satellite_was_and_looked() -> None:
    """Position, velocity and nadir axis at the start, against SGP4 itself."""
    scan = scans_of(flight(), "SCAN")[7]
    elements = scene(SCANNER).network.satellites["GEO"]
    position, velocity = Satellite(elements).state_gcrf(scan.start_tai_ns, ORIENTATION)
    assert scan.position_gcrf_m is not None
    assert scan.velocity_gcrf_m_s is not None
    np.testing.assert_allclose(scan.position_gcrf_m, position, atol=0.1)
    np.testing.assert_allclose(scan.velocity_gcrf_m_s, velocity, atol=0.15)
    assert isinstance(scan.volume, Cone)
    np.testing.assert_allclose(
        scan.volume.axis_gcrf, -position / np.linalg.norm(position), atol=1e-6
    )
    assert scan.volume.half_angle_rad == SCANNER.field_half_angle_rad
    assert scan.sensitivity == SCANNER.noise_equivalent_irradiance_w_m2


def test_a_starer_sees_only_its_field() -> None:
    """Turned to Australia it sees nothing of the same flight."""
    away = msgspec.structs.replace(STARER, stare_at_rad=(math.radians(-25.0), math.radians(130.0)))
    assert not infrared_of(scans_of(run(scene(away)), "STARE"))


def test_a_run_too_short_for_a_look_is_silent() -> None:
    """No scan, and no error."""
    assert scans_of(run(scene(SCANNER, duration_s=4.0)), "SCAN") == []
