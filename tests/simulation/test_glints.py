"""Sun glints off clouds: where, when and for whom they flash; the light of September 1983."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text
from forewarn.frames import ecef_from_geodetic, gcrf_to_ecef_matrix
from forewarn.frames.sun_moon import sun_gcrf_m
from forewarn.orbits import Elements, geostationary, molniya
from forewarn.sensors.glint import glint_geometry
from forewarn.sensors.infrared import line_of_sight_ecef
from forewarn.sensors.sight import height_m, sine_elevation, unit
from forewarn.sensors.transmission import WATER_BAND, band_transmission
from forewarn.simulation import Simulation
from forewarn.simulation.clutter import Clutter, Glints
from forewarn.simulation.glints import MirrorPatches, mirror_patches
from forewarn.simulation.places import scattered_directions
from forewarn.simulation.weather import Weather, cloud_field
from tests.simulation.scenes import ORIENTATION, SCANNER, infrared_of, run, scans_of, scene

Array = NDArray[np.float64]

# 20:15 UT on 25 September 1983, Malmstrom, a satellite near 60 N 30 E (PBS after G. Forden).
NIGHT = tai_ns_from_utc_text("1983-09-25T20:10:00Z")
HALF_DAY_NS = 43_200 * SECOND_NS
MALMSTROM_ECEF_M = ecef_from_geodetic(math.radians(47.5), math.radians(-111.2), 10e3)
HIGH_DECK = Weather(cover_fraction=0.8, mean_top_m=10e3, top_sigma_m=1e3, correlation_m=200e3)
HEO = molniya(
    "HEO", apogee_longitude_rad=math.radians(30.0), apogee_tai_ns=NIGHT - 3_600 * SECOND_NS
)
# It sees Montana as low, from the east: 73 degrees off the Sun's plane.
USUAL = Glints()
GEO = geostationary("HEO", math.radians(-40.0), NIGHT)


@cache
def watched(
    elements: Elements, seed: int, start_tai_ns: int = NIGHT, glints: Glints = USUAL
) -> Simulation:
    """Ten minutes of clouds and glints, and nothing else, under a satellite."""
    sensor = msgspec.structs.replace(
        SCANNER, satellite_id="HEO", field_half_angle_rad=math.radians(9.5)
    )
    sky = scene(sensor, launches=())
    network = msgspec.structs.replace(sky.network, satellites={"HEO": elements})
    return run(
        msgspec.structs.replace(
            sky,
            start_tai_ns=start_tai_ns,
            end_tai_ns=start_tai_ns + 600 * SECOND_NS,
            network=network,
            cloud_top_m=0.0,
            weather=HIGH_DECK,
            clutter=Clutter(glints=glints),
        ),
        seed,
    )


class Sighted(NamedTuple):
    """Detections (k,): the look, the place on the deck [m], the satellite [m], the Sun."""

    look: NDArray[np.int64]
    place: Array
    satellite: Array
    sun: Array

    @property
    def off_m(self) -> Array:
        """How far from Malmstrom."""
        return np.linalg.norm(self.place - MALMSTROM_ECEF_M, axis=-1)


@cache
def sighted(simulation: Simulation) -> Sighted:
    """What the scanner reports, where its lines meet the deck at 10 km."""
    found = infrared_of(scans_of(simulation, "SCAN"))
    if not found:
        return Sighted(np.empty(0, dtype=np.int64), *(np.empty((0, 3)),) * 3)
    lines = [line_of_sight_ecef(scan, measurement, ORIENTATION) for scan, measurement in found]
    satellite, direction = (np.array(column) for column in zip(*lines, strict=True))
    middle = (found[0][1].seen_tai_ns + found[-1][1].seen_tai_ns) // 2
    sun = unit(gcrf_to_ecef_matrix(middle, ORIENTATION) @ sun_gcrf_m(middle))
    return Sighted(
        look=np.array([scan.sequence for scan, _ in found]),
        place=satellite + direction * on_deck_m(satellite, direction)[:, None],
        satellite=satellite,
        sun=np.broadcast_to(sun, satellite.shape),
    )


def on_deck_m(position: Array, direction: Array) -> Array:
    """Ways (k,) along lines to 10 km over the ellipsoid, by halving."""
    low, high = np.zeros(len(position)), -np.sum(position * direction, axis=-1)
    for _ in range(40):
        middle = 0.5 * (low + high)
        above = height_m(position + direction * middle[:, None]) > 10e3
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return high


@pytest.mark.parametrize("seed", range(4))
def test_under_the_light_of_1983_a_threshold_fires_again_and_again(seed: int) -> None:
    """FA-7: five alarms within minutes stand in the record: ten here, in 1,000 km of the base."""
    found = sighted(watched(HEO, seed))
    near = found.off_m < 1e6
    assert np.sum(near) >= 10
    assert len(set(found.look[near].tolist())) >= 5


@pytest.mark.parametrize("seed", range(4))
def test_away_from_that_light_it_never_fires(seed: int) -> None:
    """Twelve hours before, over a dark Montana; and from 73 degrees beside the Sun's plane."""
    for elements, start_tai_ns in ((HEO, NIGHT - HALF_DAY_NS), (GEO, NIGHT)):
        assert not np.any(sighted(watched(elements, seed, start_tai_ns)).off_m < 1e6)


def test_glints_lie_where_mirrors_can_send_the_sun() -> None:
    """Tilts of all: under 3 sigma of 7 degrees and the patch's own 7.5; half under 16."""
    _, place, satellite, sun = sighted(watched(HEO, 0))
    tilt = np.degrees(glint_geometry(place, sun, satellite).facet_tilt_rad)
    assert len(tilt) > 50
    assert float(np.quantile(tilt, 0.98)) < 28.5
    assert float(np.median(tilt)) < 16.0


def test_glints_stay_in_their_place_for_some_looks() -> None:
    """Near half are there in the look before or after, within 8 km; half are gone in 5 minutes.

    Places drawn anew at each look would come back in one of thirty.
    """
    look, place, *_ = sighted(watched(HEO, 1))
    near = np.linalg.norm(place[:, None] - place[None], axis=-1) < 8e3
    apart = np.abs(look[:, None] - look[None])
    assert np.mean(np.any(near & (apart == 1), axis=1)) > 0.35
    assert np.mean(np.any(near & (apart == 30), axis=1)) < 0.25
    lasts = np.max(np.where(near, apart, 0), axis=1)
    assert float(np.median(lasts)) < 30.0


def test_two_satellites_do_not_see_the_same_glints() -> None:
    """Of what one sees, less than one in twenty is within 20 km of what the other sees then."""
    other = molniya(
        "HEO", apogee_longitude_rad=math.radians(-20.0), apogee_tai_ns=NIGHT - 3_600 * SECOND_NS
    )
    look_1, place_1, *_ = sighted(watched(HEO, 2))
    look_2, place_2, *_ = sighted(watched(other, 2))
    near = np.linalg.norm(place_1[:, None] - place_2[None], axis=-1) < 20e3
    both = near & (np.abs(look_1[:, None] - look_2[None]) <= 1)
    assert np.mean(np.any(both, axis=1)) < 0.05


@cache
def patches() -> MirrorPatches:
    """The patches of a seed."""
    return mirror_patches(Glints(), cloud_field(HIGH_DECK, seed=1), seed=1)


def test_patches_lie_on_the_clouds_at_the_stated_density() -> None:
    """80 % of one in each 150 km square; each at the top of its cloud."""
    count = 5.1e14 / 150e3**2 * 0.8
    assert len(patches().area_m2) == pytest.approx(count, rel=0.05)
    top = cloud_field(HIGH_DECK, seed=1).top_under(patches().position_ecef_m)
    np.testing.assert_allclose(height_m(patches().position_ecef_m), top + 10.0, atol=0.5)
    np.testing.assert_allclose(patches().height_m, top + 10.0, atol=0.5)


def test_nothing_is_brighter_than_was_allowed_for() -> None:
    """Over all patches, many places of Sun and satellite, and ten times: the bound holds.

    It is what spares the work of looking at patches that cannot be seen.
    """
    randomness = np.random.default_rng(6)
    every = np.arange(len(patches().area_m2))
    shining = 0
    for direction in scattered_directions(10, randomness):
        sun = unit(direction + 0.5 * scattered_directions(1, randomness)[0])
        satellite = (7e6 + 3.5e7 * randomness.random()) * direction
        moved = satellite + 3e5 * scattered_directions(1, randomness)[0]
        most = patches().most_w_sr(
            WATER_BAND,
            sun_ecef=sun,
            satellite_ecef_m=moved,
            sun_turns_rad=0.0,
            satellite_moves_m=3e5,
        )
        for second in range(0, 1_000, 100):
            shown = patches().intensity_w_sr(
                WATER_BAND,
                every,
                np.full(len(every), second * SECOND_NS),
                sun_ecef=np.broadcast_to(sun, (len(every), 3)),
                satellite_ecef_m=np.broadcast_to(satellite, (len(every), 3)),
            )
            shining += int(np.sum(shown > 0.0))
            rises = sine_elevation(patches().position_ecef_m, satellite)
            above = shown * band_transmission(patches().height_m, rises, WATER_BAND)
            assert np.all(above <= most * (1.0 + 1e-9))
    assert shining > 500


@pytest.mark.parametrize(
    ("change", "more"),
    [({"area_m2": 3e4}, True), ({"spacing_m": 90e3}, True), ({"tilt_sigma_rad": 0.06}, False)],
)
def test_larger_denser_or_more_level_mirrors(change: dict[str, float], more: bool) -> None:
    """Each knob at twice and more its value: many more alarms near the base, or many fewer."""
    glints = msgspec.structs.replace(Glints(), **change)
    usual, found = (
        sum(np.sum(sighted(watched(HEO, seed, glints=g)).off_m < 600e3) for seed in (0, 3))
        for g in (USUAL, glints)
    )
    assert found > 1.3 * usual if more else found < 0.5 * usual


def test_without_clouds_there_are_no_glints() -> None:
    """Nothing to come off: a scenario made by hand without weather is silent."""
    sky = scene(SCANNER, launches=(), cloud_top_m=0.0)
    bare = run(msgspec.structs.replace(sky, clutter=Clutter(glints=Glints())))
    assert infrared_of(scans_of(bare, "SCAN")) == []
