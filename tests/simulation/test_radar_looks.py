"""What radars report: the fence, the tracks it starts, fading, noise, false alarms."""

from __future__ import annotations

import itertools
import math

import msgspec
import numpy as np
import pytest

from forewarn.epoch import SECOND_NS
from forewarn.records import Beams, RadarMeasurement, Scan, Sector
from forewarn.sensors.radar import radar_model, range_of_unit_echo_m, signal_to_noise
from forewarn.simulation import Simulation
from tests.simulation.scenes import (
    RADAR,
    SCANNER,
    STARER,
    flight,
    radar_of,
    run,
    scans_of,
    scene,
)

MODEL = radar_model(RADAR)
DROPPED_SEED = 5  # of a run in which a faint track is lost and found again


def is_fence(scan: Scan) -> bool:
    """A fence sweep, told from a track look by its length."""
    return scan.end_tai_ns - scan.start_tai_ns == 3 * SECOND_NS


def true_z(simulation: Simulation, seen_tai_ns: int) -> np.ndarray:
    """What a perfect radar would have measured."""
    position, velocity, _ = simulation.truth.objects[0].states_ecef(np.array([seen_tai_ns]))
    state = np.concatenate((position[0], velocity[0]))
    return MODEL.predict(state, state)


def z(seen: RadarMeasurement) -> np.ndarray:
    """A measurement as the model's vector."""
    return np.array([seen.range_m, seen.azimuth_rad, seen.elevation_rad, seen.range_rate_m_s])


def test_the_fence_is_swept_without_gaps() -> None:
    """One scan a period over the whole sector, full or empty, sequence in order of ending."""
    scans = scans_of(flight(), "RADAR")
    assert [s.sequence for s in scans] == list(range(1, len(scans) + 1))
    assert [s.end_tai_ns for s in scans] == sorted(s.end_tai_ns for s in scans)
    fence = [s for s in scans if is_fence(s)]
    assert {b.start_tai_ns - a.start_tai_ns for a, b in itertools.pairwise(fence)} == {
        3 * SECOND_NS
    }
    volume = fence[0].volume
    assert isinstance(volume, Sector)
    assert volume.azimuth_min_rad == pytest.approx(math.radians(230.0))
    assert volume.azimuth_max_rad == pytest.approx(math.radians(350.0))
    assert volume.elevation_min_rad == pytest.approx(math.radians(3.0 - 0.85))
    assert volume.elevation_max_rad == pytest.approx(math.radians(3.0 + 0.85))
    assert fence[0].sensitivity == pytest.approx(range_of_unit_echo_m(RADAR))


def test_a_crossing_starts_a_track_that_lasts_while_covered() -> None:
    """First echo in the fence as it rises through 3 degrees, then a look a second to the edge."""
    scans = scans_of(flight(), "RADAR")
    crossing = min(radar_of(scans), key=lambda m: m.seen_tai_ns)
    assert crossing in radar_of([s for s in scans if is_fence(s)])
    assert math.degrees(crossing.elevation_rad) == pytest.approx(3.0, abs=0.9)
    looks = [s for s in scans if not is_fence(s)]
    middles = [(s.start_tai_ns + s.end_tai_ns) // 2 for s in looks]
    assert middles[0] == crossing.seen_tai_ns + SECOND_NS
    assert set(np.diff(middles)) == {SECOND_NS}
    after = true_z(flight(), middles[-1] + SECOND_NS)
    off = abs((after[1] - RADAR.boresight_azimuth_rad + math.pi) % (2 * math.pi) - math.pi)
    assert off > RADAR.azimuth_half_width_rad or after[2] > RADAR.elevation_max_rad


def test_a_track_look_holds_its_target() -> None:
    """The truth is inside every track look's sector, which is two beams wide."""
    for scan in scans_of(flight(), "RADAR"):
        if is_fence(scan) or not scan.measurements:
            continue
        volume, seen = scan.volume, radar_of([scan])[0]
        assert isinstance(volume, Sector)
        truth = true_z(flight(), seen.seen_tai_ns)
        assert volume.elevation_min_rad <= truth[2] <= volume.elevation_max_rad
        width = (volume.azimuth_max_rad - volume.azimuth_min_rad) % (2 * math.pi)
        assert (truth[1] - volume.azimuth_min_rad) % (2 * math.pi) <= width
        assert volume.elevation_max_rad - volume.elevation_min_rad == pytest.approx(
            2.0 * RADAR.beam_width_rad
        )


def test_bundled_looks_are_the_same_looks() -> None:
    """With ``report_s`` the same plots come in fewer scans, each beam where its look was."""
    alone = [s for s in scans_of(flight(), "RADAR") if not is_fence(s)]
    radar = msgspec.structs.replace(RADAR, report_s=2.0)
    together = [
        s
        for s in scans_of(run(scene(SCANNER, STARER, radar, duration_s=1_020.0)), "RADAR")
        if isinstance(s.volume, Beams)
    ]
    assert 0.4 * len(alone) <= len(together) <= 0.6 * len(alone)
    unnamed = [msgspec.structs.replace(m, measurement_id="") for m in radar_of(alone)]
    bundled = [msgspec.structs.replace(m, measurement_id="") for m in radar_of(together)]
    bundled.sort(key=lambda m: m.seen_tai_ns)
    assert bundled == unnamed
    beams = [b for s in together for b in _beams(s)]
    for (seen, azimuth_rad, elevation_rad), scan in zip(beams, alone, strict=True):
        assert seen == (scan.start_tai_ns + scan.end_tai_ns) // 2
        assert isinstance(scan.volume, Sector)
        assert scan.volume.elevation_min_rad == pytest.approx(elevation_rad - RADAR.beam_width_rad)
        left_rad = (azimuth_rad - scan.volume.azimuth_min_rad) % (2 * math.pi)
        right_rad = (scan.volume.azimuth_max_rad - azimuth_rad) % (2 * math.pi)
        assert left_rad == pytest.approx(right_rad)
    assert all(s.end_tai_ns - s.start_tai_ns < 2 * SECOND_NS for s in together)


def _beams(scan: Scan) -> list[tuple[int, float, float]]:
    assert isinstance(scan.volume, Beams)
    v = scan.volume
    return list(zip(v.seen_tai_ns, v.azimuth_rad, v.elevation_rad, strict=True))


def test_noise_is_as_stated() -> None:
    """Mean square of error over sigma is one in each component, within five standard errors."""
    found = radar_of(scans_of(flight(), "RADAR"))
    squares = np.array(
        [
            (MODEL.residual(z(m), true_z(flight(), m.seen_tai_ns)) / MODEL.noise(z(m), m.snr)) ** 2
            for m in found
        ]
    )
    limit = 5.0 * math.sqrt(2.0 / len(found))
    np.testing.assert_allclose(squares.mean(axis=0), np.ones(4), atol=limit)


def test_echoes_fade_like_swerling_1() -> None:
    """Where the mean ratio is known, the share of hits is exp(-threshold / (1 + S))."""
    faint = msgspec.structs.replace(RADAR, peak_power_w=2e5)
    hits, expected, looked = 0.0, 0.0, 0
    for seed in range(4):
        simulation = run(scene(faint, duration_s=600.0), seed)
        for scan in scans_of(simulation, "RADAR"):
            if is_fence(scan):
                continue
            truth = true_z(simulation, (scan.start_tai_ns + scan.end_tai_ns) // 2)
            snr = float(signal_to_noise(faint, truth[0], 0.5))
            expected += math.exp(-faint.detection_snr / (1.0 + snr))
            hits += len(scan.measurements)
            looked += 1
    assert looked > 100
    assert 0.1 < hits / looked < 0.95
    # A track ends with five misses, so the share of hits is a little low.
    assert hits == pytest.approx(expected, abs=20 + 4.0 * math.sqrt(expected))


def test_five_misses_drop_a_track() -> None:
    """The last five looks of a dropped track are empty, and the fence may start another."""
    faint = msgspec.structs.replace(RADAR, peak_power_w=1e5)
    scans = scans_of(run(scene(faint, duration_s=350.0), seed=DROPPED_SEED), "RADAR")
    looks = [s for s in scans if not is_fence(s)]
    gaps = [
        i
        for i, (a, b) in enumerate(itertools.pairwise(looks), start=1)
        if b.start_tai_ns - a.start_tai_ns != SECOND_NS
    ]
    assert gaps
    for end in gaps:
        assert not any(s.measurements for s in looks[max(0, end - 5) : end])


def test_bias_is_constant_in_a_run_and_spreads_as_stated() -> None:
    """Mean residual of a run over many seeds."""
    biased = msgspec.structs.replace(RADAR, range_bias_sigma_m=300.0, angle_bias_sigma_rad=10e-3)
    means = []
    for seed in range(16):
        simulation = run(scene(biased, duration_s=400.0), seed)
        found = radar_of(scans_of(simulation, "RADAR"))
        residuals = [MODEL.residual(z(m), true_z(simulation, m.seen_tai_ns)) for m in found]
        means.append(np.mean(residuals, axis=0))
    spread = np.sqrt(np.mean(np.square(means), axis=0))
    np.testing.assert_allclose(spread[:3], [300.0, 10e-3, 10e-3], rtol=0.5)
    assert spread[3] < 3.0


def test_false_alarms_fill_the_fence_and_cost_a_look_each() -> None:
    """Poisson in number, spread over range and azimuth, each followed by one empty look."""
    sensor = msgspec.structs.replace(RADAR, false_alarms_per_scan=1.0)
    scans = scans_of(run(scene(sensor, duration_s=1_500.0, launches=())), "RADAR")
    fence = [s for s in scans if is_fence(s)]
    looks = [s for s in scans if not is_fence(s)]
    found = radar_of(fence)
    assert len(found) == pytest.approx(len(fence), abs=5.0 * math.sqrt(len(fence)))
    assert abs(len(looks) - len(found)) <= 3
    assert not radar_of(looks)
    off = np.array([(m.azimuth_rad - math.radians(290.0) + math.pi) % (2 * math.pi) for m in found])
    assert np.std(off - math.pi) == pytest.approx(math.radians(120.0) / math.sqrt(12.0), rel=0.1)
    assert min(m.range_m for m in found) < 0.1 * RADAR.range_max_m
    assert max(m.range_m for m in found) > 0.9 * RADAR.range_max_m


def test_a_radar_that_sees_all_round_says_so() -> None:
    """A full circle is 0 to 2 pi, not an empty sector."""
    whole = msgspec.structs.replace(RADAR, azimuth_half_width_rad=math.pi)
    volume = scans_of(run(scene(whole, launches=())), "RADAR")[0].volume
    assert isinstance(volume, Sector)
    assert (volume.azimuth_min_rad, volume.azimuth_max_rad) == (0.0, 2.0 * math.pi)
