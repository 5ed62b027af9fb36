"""Random clouds: as much, as high and as patchy as the scenario says, the same for all who ask."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from functools import cache

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import gamma, kv

from forewarn.earth import MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.frames import ecef_from_geodetic
from forewarn.sensors.sight import height_m, lowest_height_m, unit
from forewarn.simulation.places import above_ground_ecef_m, scattered_directions
from forewarn.simulation.weather import (
    HIGHEST_CLOUD_M,
    CloudField,
    Weather,
    cloud_break_tai_ns,
    cloud_field,
)
from tests.simulation.scenes import SCANNER, STARER, flight, infrared_of, run, scans_of, scene

Array = NDArray[np.float64]
Instants = NDArray[np.int64]

PATCHY = Weather(cover_fraction=0.5, mean_top_m=7e3, top_sigma_m=2e3, correlation_m=200e3)
EVEN_TOPS = msgspec.structs.replace(PATCHY, cover_fraction=1.0)
SMALL = msgspec.structs.replace(PATCHY, correlation_m=10e3)
EVEN = Weather(cover_fraction=1.0, mean_top_m=7e3, top_sigma_m=0.0, correlation_m=200e3)
SEEDS = range(30)


@cache
def field(seed: int, weather: Weather = PATCHY) -> CloudField:
    """The clouds of a seed."""
    return cloud_field(weather, seed=seed)


@cache
def everywhere() -> Array:
    """Directions spread over the Earth."""
    return scattered_directions(2_500, np.random.default_rng(5))


def neighbours(direction: Array, apart_m: float, towards: Array) -> Array:
    """Directions so far away along great circles."""
    across = unit(np.cross(direction, towards))
    angle = apart_m / MEAN_RADIUS_M
    return math.cos(angle) * direction + math.sin(angle) * across


@pytest.mark.parametrize("cover", [0.0, 0.2, 0.5, 0.85, 1.0])
def test_cover_is_as_stated(cover: float) -> None:
    """The mean over 30 seeds, within 5 of its own standard errors."""
    weather = msgspec.structs.replace(PATCHY, cover_fraction=cover)
    shares = [np.mean(field(s, weather).top_under(everywhere()) > 0.0) for s in SEEDS]
    error = max(float(np.std(shares)), 1e-9) / math.sqrt(len(SEEDS))
    # Three in ten thousand tops lie below the ground, 3.5 sigma down, and count as clear.
    assert float(np.mean(shares)) == pytest.approx(cover, abs=5.0 * error + 4e-4)
    assert error < 0.015


def test_tops_have_the_stated_mean_and_spread() -> None:
    """7 km within 2 km over the cloudy places of 30 seeds, to a hundredth; none above its bound."""
    tops = np.concatenate([field(s).top_under(everywhere()) for s in SEEDS])
    tops = tops[tops > 0.0]
    assert float(tops.mean()) == pytest.approx(7e3, rel=0.01)
    assert float(tops.std()) == pytest.approx(2e3, rel=0.02)
    high = msgspec.structs.replace(PATCHY, mean_top_m=14e3, top_sigma_m=2e3)
    highest = max(float(field(s, high).top_under(everywhere()).max()) for s in range(10))
    assert 17e3 < highest <= HIGHEST_CLOUD_M


def matern(distance_m: float) -> float:
    """Matern's correlation of order 3/2 by its general form with a Bessel function."""
    x = math.sqrt(3.0) * distance_m / 200e3
    return float(2.0**-0.5 / gamma(1.5) * x**1.5 * kv(1.5, x))


@pytest.mark.parametrize("apart_m", [50e3, 200e3, 500e3, 1_500e3])
def test_places_are_correlated_as_stated(apart_m: float) -> None:
    """Cloud or none at two places, at half cover: 2/pi arcsin of the field's correlation.

    W. F. Sheppard's theorem of 1899 on medial dichotomy, with Matern's correlation of order 3/2.
    """
    near = neighbours(everywhere(), apart_m, np.array([0.3, -0.5, 0.8]))
    found = []
    for seed in SEEDS:
        clouds = field(seed)
        pair = (clouds.top_under(everywhere()) > 0.0, clouds.top_under(near) > 0.0)
        found.append(np.corrcoef(*(p.astype(float) for p in pair))[0, 1])
    error = float(np.std(found)) / math.sqrt(len(found))
    expected = 2.0 / math.pi * math.asin(matern(apart_m))
    assert float(np.mean(found)) == pytest.approx(expected, abs=5.0 * error)
    assert error < 0.015


def test_no_direction_is_special() -> None:
    """Tops along and across meridians, near the poles and the equator, vary alike."""
    steps = []
    for latitude in (0.0, 80.0):
        polar = everywhere()[:500] * np.array([1.0, 1.0, 0.05])
        place = unit(polar + np.array([0.0, 0.0, math.tan(math.radians(latitude))]))
        for towards in (np.array([0.0, 0.0, 1.0]), np.cross(place, [0.0, 0.0, 1.0])):
            near = neighbours(place, 100e3, towards)
            change = [
                np.mean(
                    (field(s, EVEN_TOPS).top_under(place) - field(s, EVEN_TOPS).top_under(near))
                    ** 2
                )
                for s in SEEDS
            ]
            steps.append(math.sqrt(float(np.mean(change))))
    assert max(steps) / min(steps) < 1.1
    expected = 2e3 * math.sqrt(2.0 * (1.0 - matern(100e3)))
    assert float(np.mean(steps)) == pytest.approx(expected, rel=0.08)


def test_a_cloud_does_not_depend_on_who_else_asks() -> None:
    """One place at a time, many, or in another order: the same to the bit. Another seed: others."""
    clouds = field(1)
    tops = clouds.top_under(everywhere())
    alone = [float(clouds.top_under(everywhere()[i : i + 1])[0]) for i in range(0, 900, 7)]
    assert alone == tops[0:900:7].tolist()
    assert clouds.top_under(everywhere()[::-1]).tolist() == tops[::-1].tolist()
    assert cloud_field(PATCHY, seed=1).top_under(everywhere()).tolist() == tops.tolist()
    assert field(2).top_under(everywhere()).tolist() != tops.tolist()


def test_places_by_latitude_and_longitude() -> None:
    """The same as by geocentric direction, also across the date line and at the pole."""
    latitude, longitude = np.array([0.4, 0.4, math.pi / 2]), np.array([math.pi, -math.pi, 1.0])
    tops = field(3, EVEN_TOPS).cloud_top_m(latitude, longitude)
    assert tops[0] == pytest.approx(tops[1], abs=1.0)
    pole = field(3, EVEN_TOPS).top_under(np.array([0.0, 0.0, 1.0]))
    assert tops[2] == pytest.approx(float(pole), abs=1.0)
    assert field(3).top_under(np.ones((2, 5, 3))).shape == (2, 5)


def hidden_by_many_points(clouds: CloudField, source: Array, satellite: Array) -> bool:
    """Whether any of 1,000 points of the path below 15 km lies in cloud."""
    reach = np.linspace(0.0, 6e5, 1_000)[:, None]
    points = source + reach * unit(satellite - source)
    return bool(np.any(height_m(points) < clouds.top_under(points)))


def test_paths_are_hidden_where_any_of_them_runs_in_cloud() -> None:
    """Against a path in 1,000 pieces: 97 % agree at all heights and elevations."""
    clouds, randomness = field(4), np.random.default_rng(8)
    source = above_ground_ecef_m(everywhere()[:300], 15e3 * randomness.random(300))
    satellite = 4.2e7 * unit(unit(source) + 1.2 * scattered_directions(300, randomness))
    above = np.sum(unit(source) * unit(satellite - source), axis=-1) > 0.04
    source, satellite = source[above], satellite[above]
    found = clouds.hides(source, satellite)
    truth = [hidden_by_many_points(clouds, *pair) for pair in zip(source, satellite, strict=True)]
    assert 0.2 < np.mean(truth) < 0.8
    assert np.mean(found == np.array(truth)) > 0.97


def test_a_hole_in_the_clouds_shows_only_from_above() -> None:
    """Sources at 4 km in clear air: none hidden from overhead, a good part at 10 degrees."""
    clouds = field(6)
    clear = everywhere()[clouds.top_under(everywhere()) == 0.0]
    source = above_ground_ecef_m(clear, 4e3)
    level = unit(np.cross(clear, [0.1, 0.2, 0.97]))
    low = source + 4e7 * (math.sin(0.17) * clear + math.cos(0.17) * level)
    assert not np.any(clouds.hides(source, 7.0 * source))
    assert 0.03 < np.mean(clouds.hides(source, low)) < 0.4


def test_a_path_past_the_limb_is_hidden_by_clouds_there() -> None:
    """From 400 km behind the limb, passing it at 5 km and at 9 km, under an even deck of 7 km."""
    clouds = field(1, EVEN)
    for lowest, hidden in ((5e3, True), (9e3, False)):
        nearest = ecef_from_geodetic(0.0, 0.0, lowest)
        along = np.array([0.0, 1.0, 0.0])
        source, satellite = nearest - 2.3e6 * along, nearest + 4e7 * along
        assert float(lowest_height_m(source, satellite)) == pytest.approx(lowest, abs=50.0)
        assert bool(clouds.hides(source[None], satellite[None])[0]) is hidden


def test_an_even_deck_is_the_one_cloud_top() -> None:
    """Full cover without spread: the same scans as with ``cloud_top_m``."""
    simple = scene(SCANNER, STARER, duration_s=200.0)
    random = msgspec.structs.replace(simple, cloud_top_m=0.0, weather=EVEN)
    for sensor_id in ("SCAN", "STARE"):
        assert scans_of(run(random), sensor_id) == scans_of(run(simple), sensor_id)


def test_clouds_hide_launches_in_scans() -> None:
    """Under tops of 12 km the first sighting comes later than under 4 km, and none is lost."""
    first = {}
    for top_m in (4e3, 12e3):
        weather = msgspec.structs.replace(EVEN, mean_top_m=top_m)
        cloudy = msgspec.structs.replace(scene(STARER), cloud_top_m=0.0, weather=weather)
        found = infrared_of(scans_of(run(cloudy), "STARE"))
        first[top_m] = min(m.seen_tai_ns for _, m in found)
    cleared = flight().truth.objects[0].cloud_break_tai_ns(12e3)
    assert cleared is not None
    assert 0 <= first[12e3] - cleared <= 2.1 * SECOND_NS
    assert first[4e3] < cleared - 10 * SECOND_NS


def test_cloud_break_of_a_flight() -> None:
    """An even deck: when the height is 7 km. Patchy cloud: by satellite, between 0 and 13 km."""
    target = flight().truth.objects[0]
    span = target.launch_tai_ns, target.launch_tai_ns + 200 * SECOND_NS

    def satellite(longitude_deg: float) -> Callable[[Instants], Array]:
        place = ecef_from_geodetic(0.0, math.radians(longitude_deg), 35_786e3)
        return lambda times: np.broadcast_to(place, (len(times), 3))

    def source(times: Instants) -> Array:
        return target.states_ecef(times)[0]

    even = cloud_break_tai_ns(field(1, EVEN), span, source, satellite(128.0))
    expected = target.cloud_break_tai_ns(7e3)
    assert even is not None
    assert expected is not None
    assert abs(even - expected) < 0.2 * SECOND_NS
    differ, heights = 0, []
    for seed in range(30):
        broken = [
            cloud_break_tai_ns(field(seed, SMALL), span, source, satellite(longitude_deg))
            for longitude_deg in (80.0, 175.0)
        ]
        differ += broken[0] != broken[1]
        heights += height_m(source(np.array(broken))).tolist()
    assert differ >= 5
    assert min(heights) < 100.0
    assert max(heights) < 13e3
    ceiling = cloud_break_tai_ns(
        field(1, EVEN), (span[0], span[0] + SECOND_NS), source, satellite(128.0)
    )
    assert ceiling is None


def test_the_truth_says_when_a_launch_is_above_the_cloud_over_its_pad() -> None:
    """By random tops where there are any, by the one top otherwise; at once where it is clear."""
    plain = flight().truth
    flown = plain.objects[0]
    assert plain.cloud_break_tai_ns(flown) == flown.cloud_break_tai_ns(7e3)
    even = dataclasses.replace(plain, clouds=field(1, EVEN))
    assert even.cloud_break_tai_ns(flown) == plain.cloud_break_tai_ns(flown)
    clear = msgspec.structs.replace(EVEN, cover_fraction=0.0)
    assert dataclasses.replace(plain, clouds=field(1, clear)).cloud_break_tai_ns(flown) == (
        flown.launch_tai_ns
    )
    breaks = {
        dataclasses.replace(plain, clouds=field(s, EVEN_TOPS)).cloud_break_tai_ns(flown)
        for s in range(8)
    }
    assert len(breaks) == 8, "another sky, another top over the pad"
