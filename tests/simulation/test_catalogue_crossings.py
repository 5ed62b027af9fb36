"""Crossings of a full catalogue: none missed, few too many, and arcs that are where SGP4 says."""

from __future__ import annotations

import math
from functools import cache

import msgspec
import numpy as np
import pytest

from forewarn.epoch import SECOND_NS
from forewarn.orbits import Catalogue, Satellite, geostationary
from forewarn.sensors.network import RadarSensor
from forewarn.sensors.radar import radar_model
from forewarn.simulation.catalogue_crossings import STEP_NS, Crossing, find_crossings
from forewarn.simulation.notional_catalogue import cross_sections_m2, notional_catalogue
from forewarn.simulation.radar_rows import row_bands_rad
from tests.simulation.scenes import ORIENTATION, START
from tests.simulation.skies import FREE, LARGE

SPAN = (START, START + 100 * SECOND_NS)
PLAN = LARGE.beam_plan
assert PLAN is not None
ROWS = msgspec.structs.replace(
    LARGE,
    beam_plan=msgspec.structs.replace(
        PLAN, volume_rows_rad=(math.radians(40.0), math.radians(75.0)), volume_revisit_s=20.0
    ),
)
OBJECTS = notional_catalogue(2_500, seed=1, epoch_tai_ns=START)


@cache
def found(radar: RadarSensor = ROWS) -> list[Crossing]:
    """The crossings of one radar's rows."""
    return find_crossings(
        Catalogue(OBJECTS), [radar], span_tai_ns=SPAN, seed=1, orientation=ORIENTATION
    )[radar.sensor_id]


@pytest.mark.parametrize("row", [0, 1, 2])
def test_no_object_is_missed_that_could_be_seen(row: int) -> None:
    """Every object propagated alone, second by second, is on an arc whenever it is in a row."""
    crossing = found()[row]
    low, high = row_bands_rad(ROWS)[row]
    model = radar_model(ROWS)
    instants = START + np.arange(0, 100, 1, dtype=np.int64) * SECOND_NS
    position, _, _ = Catalogue(OBJECTS).states_ecef(instants, ORIENTATION)
    offset = position - model.site_ecef_m
    range_m = np.linalg.norm(offset, axis=2)
    enu = offset @ model.axes_enu.T
    elevation = np.arcsin(enu[..., 2] / range_m)
    azimuth = np.arctan2(enu[..., 0], enu[..., 1])
    off = np.abs((azimuth - ROWS.boresight_azimuth_rad + np.pi) % (2 * np.pi) - np.pi)
    inside = (elevation >= low) & (elevation <= high) & (off <= ROWS.azimuth_half_width_rad)
    # By the radar equation 1 m2 returns a ratio of one at 4,500 km, so 0.5 m2 three at 2,800 km.
    inside &= range_m < 2_800e3
    i, k = np.nonzero(inside)
    numbers = np.array([each.catalogue_number for each in OBJECTS])[i]
    needed = set(zip(numbers.tolist(), (instants[k] // STEP_NS * STEP_NS).tolist(), strict=True))
    all_numbers = np.array([each.catalogue_number for each in OBJECTS])
    big = set(all_numbers[cross_sections_m2(all_numbers, seed=1) > 0.5].tolist())
    arcs = set(zip(crossing.number.tolist(), crossing.node_tai_ns.tolist(), strict=True))
    needed = {each for each in needed if each[0] in big}
    assert needed <= arcs
    assert needed


def test_arcs_are_where_sgp4_says() -> None:
    """Between nodes to 5 cm, half a step beyond to three metres; rates to 0.3 m/s."""
    crossing = found()[0]
    by_number = {each.catalogue_number: each for each in OBJECTS}
    which = np.arange(0, len(crossing.number), 7)
    for share, most_m in ((0.0, 1e-6), (0.5, 0.05), (1.5, 3.0)):
        instants = crossing.node_tai_ns[which] + round(share * STEP_NS)
        position, velocity = crossing.states_ecef(which, instants)
        for i, instant, p, v in zip(which, instants.tolist(), position, velocity, strict=True):
            satellite = Satellite(by_number[int(crossing.number[i])])
            true_p, true_v = satellite.state_ecef(instant, ORIENTATION)
            assert np.linalg.norm(p - true_p) < most_m
            assert np.linalg.norm(v - true_v) < 0.3


def test_only_what_can_be_seen_is_kept() -> None:
    """Of 2,500 objects, each arc is within reach for its size; a weaker radar keeps fewer."""
    weak = msgspec.structs.replace(ROWS, sensor_id="WEAK", peak_power_w=ROWS.peak_power_w / 100)
    strong, less = found()[0], found(weak)[0]
    assert 0 < len(less.number) < len(strong.number) < 400
    assert less.cross_section_m2.mean() > strong.cross_section_m2.mean()


def test_high_satellites_count_only_for_radars_that_hear_late_echoes() -> None:
    """One over the equator, 40,000 km away, is beyond the limit unless echoes fold."""
    high = geostationary("HIGH", FREE.longitude_rad, START)
    elevation_rad = math.radians(43.0)  # from 40.6 degrees north, straight south
    radar = msgspec.structs.replace(
        FREE,
        boresight_azimuth_rad=math.pi,
        fence_elevation_rad=elevation_rad,
        beam_width_rad=math.radians(10.0),
        gain=1e6,
        peak_power_w=1e9,
    )
    late = msgspec.structs.replace(radar, sensor_id="LATE", pulse_interval_s=0.04)
    both = find_crossings(
        Catalogue([high]), [radar, late], span_tai_ns=SPAN, seed=1, orientation=ORIENTATION
    )
    assert len(both["FREE"][0].number) == 0
    assert len(both["LATE"][0].number) > 0


def test_groups_of_nodes_join_without_gap() -> None:
    """Over a longer span than one group: arcs of an object follow each other, none twice."""
    span = (START, START + 1_500 * SECOND_NS)
    crossing = find_crossings(
        Catalogue(OBJECTS[:400]), [FREE], span_tai_ns=span, seed=1, orientation=ORIENTATION
    )["FREE"][0]
    arcs = list(zip(crossing.number.tolist(), crossing.node_tai_ns.tolist(), strict=True))
    assert len(arcs) == len(set(arcs))
    nodes = {node for _, node in arcs}
    first = START // STEP_NS * STEP_NS
    assert min(nodes) <= first + 5 * STEP_NS
    assert max(nodes) >= first + 45 * STEP_NS
    assert {(node - first) % STEP_NS for node in nodes} == {0}
