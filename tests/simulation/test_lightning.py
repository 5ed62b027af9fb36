"""Thunderstorms against a real minute of lightning seen from geostationary orbit."""

from __future__ import annotations

import math
from functools import cache

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from forewarn.epoch import SECOND_NS
from forewarn.sensors.sight import height_m
from forewarn.simulation.clutter import Clutter, Lightning
from forewarn.simulation.lightning import Flashes, flashes
from tests.simulation.extracts import columns
from tests.simulation.scenes import SCANNER, STARER, START, infrared_of, run, scans_of, scene

Array = NDArray[np.float64]

EXTRACT = "lightning/flashes.csv"
LENS_SR = math.pi * 0.055**2 / 37.5e6**2


@cache
def drawn(seconds: int = 300, seed: int = 1, rate_hz: float = 45.0) -> Flashes:
    """Five minutes of it."""
    lightning = Lightning(flash_rate_hz=rate_hz, in_band_ratio=1.0)
    return flashes(lightning, seed=seed, span_tai_ns=(0, seconds * SECOND_NS))


def test_rate_over_the_whole_earth() -> None:
    """44 within 5 a second (Christian et al., 2003), whatever the storms; spread over the span."""
    counts = [len(drawn(40, seed).duration_s) / 40.0 for seed in range(10)]
    assert float(np.mean(counts)) == pytest.approx(45.0, abs=1.7)
    start = drawn().start_tai_ns / SECOND_NS
    assert np.all(np.diff(start) >= 0)
    assert np.histogram(start, 3, (0.0, 300.0))[0] == pytest.approx([4_500] * 3, rel=0.06)


@pytest.mark.parametrize("share", [0.05, 0.25, 0.5, 0.75, 0.95, 0.99])
def test_durations_and_energies_are_those_observed(share: float) -> None:
    """Quantiles of both, within 15 % or 10 ms: half last 0.3 s, 3 in 100 more than one."""
    real = columns(EXTRACT)
    duration = np.quantile(drawn().duration_s, share)
    assert duration == pytest.approx(np.quantile(real["duration_s"], share), rel=0.15, abs=0.01)
    energy = np.quantile(drawn().energy_j_sr * LENS_SR, share)
    assert energy == pytest.approx(np.quantile(real["energy_j"], share), rel=0.15)


def test_long_flashes_are_bright() -> None:
    """The correlation of the logarithms, as observed, within 0.06."""
    real = columns(EXTRACT)
    observed = np.corrcoef(np.log(real["duration_s"]), np.log(real["energy_j"]))[0, 1]
    found = np.corrcoef(np.log(drawn().duration_s), np.log(drawn().energy_j_sr))[0, 1]
    assert found == pytest.approx(observed, abs=0.06)


def storm_sizes(place_m: Array) -> NDArray[np.int64]:
    """Numbers of flashes within 25 km of each other, step by step."""
    pairs = cKDTree(place_m).query_pairs(25e3, output_type="ndarray")
    links = coo_matrix((np.ones(len(pairs)), pairs.T), shape=(len(place_m),) * 2)
    return np.bincount(connected_components(links, directed=False)[1])


def test_flashes_come_in_storms_as_observed() -> None:
    """In 40 s: half of the storms flash once, one in ten nine times, one in a hundred fifty."""
    real = columns(EXTRACT)
    level = np.cos(np.radians(real["latitude_deg"]))
    east = np.radians(real["longitude_deg"])
    direction = np.stack(
        (level * np.cos(east), level * np.sin(east), np.sin(np.radians(real["latitude_deg"]))), -1
    )
    observed = storm_sizes(6.371e6 * direction)
    found = np.concatenate([storm_sizes(drawn(40, s).position_ecef_m) for s in range(5)])
    assert np.mean(found == 1) == pytest.approx(np.mean(observed == 1), abs=0.12)
    assert np.mean(found) == pytest.approx(np.mean(observed), rel=0.35)
    assert np.quantile(found, 0.9) == pytest.approx(np.quantile(observed, 0.9), rel=0.35)
    assert np.quantile(found, 0.99) == pytest.approx(np.quantile(observed, 0.99), rel=0.5)


def test_most_lightning_is_in_the_tropics_and_all_at_the_tops() -> None:
    """78 % within 30 degrees (Christian et al., 2003), in the mean of ten seeds; 12 km up."""
    inside = []
    for seed in range(10):
        place = drawn(40, seed).position_ecef_m
        sine = place[:, 2] / np.linalg.norm(place, axis=1)
        inside.append(np.mean(np.abs(sine) < 0.5))
        np.testing.assert_allclose(height_m(place), 12e3, atol=1.0)
    assert float(np.mean(inside)) == pytest.approx(0.78, abs=0.06)


def test_lightning_is_the_same_for_all_and_differs_by_seed() -> None:
    """A span, a seed and a rate decide it."""
    again = flashes(Lightning(in_band_ratio=1.0), seed=1, span_tai_ns=(0, 300 * SECOND_NS))
    assert again.position_ecef_m.tolist() == drawn().position_ecef_m.tolist()
    assert drawn(40, 1).position_ecef_m.tolist() != drawn(40, 2).position_ecef_m.tolist()


BRIGHT = Clutter(lightning=Lightning(flash_rate_hz=45.0, in_band_ratio=30.0))


@cache
def watched() -> dict[str, list[tuple[int, int]]]:
    """(look, seen) of everything that a scanner and a starer report of very bright lightning."""
    stare = msgspec.structs.replace(STARER, stare_at_rad=(0.0, math.radians(128.0)))
    sensors = (SCANNER, msgspec.structs.replace(stare, field_half_angle_rad=math.radians(8.8)))
    sky = scene(*sensors, duration_s=300.0, launches=(), cloud_top_m=0.0)
    simulation = run(msgspec.structs.replace(sky, clutter=BRIGHT))
    return {
        name: [
            (scan.sequence, m.seen_tai_ns) for scan, m in infrared_of(scans_of(simulation, name))
        ]
        for name in ("SCAN", "STARE")
    }


def test_a_scanner_sees_a_flash_only_while_it_passes_over() -> None:
    """As many as duration / 10 s of what a starer counts, 4 %; each within a flash's life."""
    scanned, stared = len(watched()["SCAN"]), len(watched()["STARE"])
    assert stared > 1_000
    expected = stared * float(np.mean(drawn().duration_s)) / 10.0
    assert scanned == pytest.approx(expected, abs=5.0 * math.sqrt(expected))
    found = flashes(Lightning(), seed=1, span_tai_ns=(START, START + 300 * SECOND_NS))
    end = found.start_tai_ns + np.rint(found.duration_s * SECOND_NS).astype(np.int64)
    for _, seen in watched()["SCAN"]:
        assert np.any((found.start_tai_ns <= seen) & (seen <= end))


def test_usual_lightning_stays_below_the_threshold() -> None:
    """A hundredth of the line's light, 1e2 to 1e4 W/sr against 1.7e4: nothing is reported."""
    sky = scene(SCANNER, STARER, duration_s=300.0, launches=(), cloud_top_m=0.0)
    simulation = run(msgspec.structs.replace(sky, clutter=Clutter(lightning=Lightning())))
    assert len(infrared_of(scans_of(simulation, "SCAN"))) <= 1
    assert len(infrared_of(scans_of(simulation, "STARE"))) <= 1
