"""Launches as they are stated: shapes that are met, failures, parts, bodies that glow."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from forewarn.epoch import SECOND_NS
from forewarn.formats.vehicles import load_vehicles
from forewarn.frames import surface_azimuth_rad, surface_distance_m
from forewarn.missiles.shaping import ShapingError
from forewarn.missiles.vehicle import Vehicle
from forewarn.sensors.sight import height_m
from forewarn.simulation import Simulation
from forewarn.simulation.launches import decaying, launched
from forewarn.simulation.scenario import Decay, Dispersion, FlownLaunch
from forewarn.simulation.truth import make_truth
from forewarn.simulation.truth_object import ObjectKind, TruthObject
from tests.simulation.scenes import (
    LAUNCH,
    SCANNER,
    STARER,
    START,
    infrared_of,
    run,
    scans_of,
    scene,
)

FLEET = load_vehicles(Path("scenarios/vehicles/generic.yaml"))


def launch(vehicle: Vehicle = LAUNCH.vehicle, **changes: object) -> FlownLaunch:
    return msgspec.structs.replace(LAUNCH, vehicle=vehicle, **changes)


def vehicle_of(stated: FlownLaunch, seed: int = 1) -> TruthObject:
    return launched(stated, seed=seed)[0]


def test_a_range_alone_is_flown_at_the_azimuth_of_the_impact() -> None:
    """The impact lies there over the ground, although the Earth turned meanwhile."""
    flown = vehicle_of(launch(range_m=2_000e3, apogee_m=None))
    assert flown.impact_rad is not None
    there = (LAUNCH.latitude_rad, LAUNCH.longitude_rad, *flown.impact_rad)
    # Two spheres for the ellipsoid, by geocentric and by geodetic latitude: 0.6 % apart at most.
    assert surface_distance_m(*there) == pytest.approx(2_000e3, rel=6e-3)
    assert surface_azimuth_rad(*there) == pytest.approx(LAUNCH.azimuth_rad, abs=6e-3)
    assert abs(flown.azimuth_rad - LAUNCH.azimuth_rad) > 0.01, "it was launched another way"


def test_a_published_triple_is_met() -> None:
    """Range, apogee and time; the pace of the burn is what gives."""
    free = vehicle_of(launch(range_m=2_700e3, apogee_m=550e3))
    free_s = (free.end_tai_ns - free.launch_tai_ns) / SECOND_NS
    flown = vehicle_of(launch(range_m=2_700e3, apogee_m=550e3, time_s=free_s - 15.0))
    assert (flown.end_tai_ns - flown.launch_tai_ns) / SECOND_NS == (
        pytest.approx(free_s - 15.0, abs=1.1)
    )
    assert flown.apogee_m == pytest.approx(550e3, abs=2e3)
    with pytest.raises(ShapingError, match="nearest found"):
        vehicle_of(launch(range_m=2_700e3, apogee_m=550e3, time_s=300.0))


def test_what_cannot_reach_its_range_says_by_how_much() -> None:
    """In kilometres, and what it can."""
    with pytest.raises(ShapingError, match=r"falls \d+ km short of 9000 km: it flies \d+ km"):
        vehicle_of(launch(range_m=9_000e3, apogee_m=None))


def test_an_orbit_stays_up() -> None:
    """It does not come down within the longest time that is followed."""
    eastward = {"latitude_rad": 0.5, "azimuth_rad": 1.57, "range_m": None}
    stated = launch(FLEET["space_launch_two_stage"], **eastward, to_orbit=True)
    flown = vehicle_of(stated)
    assert not flown.trajectory.came_down
    heights = height_m(flown.trajectory.position_ecef_m[flown.trajectory.times_s > 1_000.0])
    assert heights.min() > 120e3


def test_a_failed_boost_breaks_up() -> None:
    """The thrust ends at the stated second; as many pieces as stated, and no more."""
    stated = launch(fails_at_s=70.0, fragments_count=12)
    main, *pieces = launched(stated, seed=4)
    assert main.trajectory.burnout_s == pytest.approx(70.0)
    assert len(pieces) == 12
    assert {piece.kind for piece in pieces} == {ObjectKind.PART}
    assert all(piece.launch_tai_ns == LAUNCH.time_tai_ns + 70 * SECOND_NS for piece in pieces)
    assert len({piece.object_id for piece in (main, *pieces)}) == 13
    assert launched(launch(fails_at_s=70.0), seed=4)[1:] == []


def test_parts_fly_on_only_where_asked_for() -> None:
    """Stages and shroud of the solid three-stage vehicle, each named, each coming down."""
    vehicle = FLEET["intercontinental_solid"]
    stated = launch(vehicle, range_m=None, apogee_m=None, parts=True)
    main, *parts = launched(stated, seed=1)
    assert [p.part_name for p in parts][:3] == ["stage-1", "stage-2", "stage-3"]
    assert all(p.launch_id == main.launch_id and p.trajectory.came_down for p in parts)
    assert launched(msgspec.structs.replace(stated, parts=False), seed=1)[1:] == []


def test_the_family_spread_is_drawn_only_where_asked_for() -> None:
    """Another member each seed; without it, the vehicle as it stands."""
    vehicle = FLEET["intermediate_solid"]
    plain = launch(vehicle, range_m=None, apogee_m=None)
    family = msgspec.structs.replace(plain, dispersion=Dispersion(family=True))
    same = {vehicle_of(plain, seed).trajectory.burnout_s for seed in (1, 2, 3)}
    other = {vehicle_of(family, seed).trajectory.burnout_s for seed in (1, 2, 3)}
    assert (len(same), len(other)) == (1, 3)


def test_a_shaped_launch_meets_its_shape_in_wind_too() -> None:
    """A jet stream moves the impact aside; range and apogee are met by another tip-over."""
    jet = ((0.0, 0.0, 0.0), (2e3, 5.0, 0.0), (12e3, 40.0, 0.0), (25e3, 0.0, 0.0))
    still = scene(SCANNER)
    calm, blown = (
        make_truth(msgspec.structs.replace(still, wind=wind), seed=1).objects[0]
        for wind in ((), jet)
    )
    assert blown.apogee_m == pytest.approx(calm.apogee_m, abs=2e3)
    assert calm.impact_rad is not None
    assert blown.impact_rad is not None
    assert 1e3 < surface_distance_m(*calm.impact_rad, *blown.impact_rad) < 300e3


def test_a_glider_glows_and_a_plain_payload_does_not() -> None:
    """1e3 to 1e4 W/sr in band, an order of magnitude from memory, in the glide (soft)."""
    glider = vehicle_of(launch(FLEET["boost_glide"], range_m=None, apogee_m=None))
    flown = glider.trajectory
    gliding = (
        (flown.times_s > flown.burnout_s + 60.0)
        & (height_m(flown.position_ecef_m) < 55e3)
        & (np.linalg.norm(flown.velocity_ecef_m_s, axis=1) > 3_500.0)
    )
    assert np.count_nonzero(gliding) > 20
    assert 3e2 < np.median(flown.intensity_w_sr[gliding]) < 3e4
    plain = vehicle_of(LAUNCH).trajectory
    assert not plain.intensity_w_sr[plain.times_s > plain.burnout_s].any()


def test_a_decayed_stage_is_an_object_that_glows() -> None:
    """It shines where stages do, between 100 and 40 km, and is nobody's launch."""
    decay = Decay(
        decay_id="old-stage",
        time_tai_ns=START,
        latitude_rad=0.6,
        longitude_rad=2.2,
        azimuth_rad=1.0,
        ballistic_coefficient_kg_m2=100.0,
        radar_cross_section_m2=10.0,
        source="this test",
    )
    body = decaying(decay)
    bright = body.trajectory.intensity_w_sr > 1e3
    heights = height_m(body.trajectory.position_ecef_m)[bright]
    assert 35e3 < heights.min() < heights.max() < 105e3
    scenario = msgspec.structs.replace(scene(SCANNER), decays=(decay,))
    truth = make_truth(scenario, seed=1)
    assert [o.launch_id for o in truth.vehicles] == ["one"]
    assert [o.object_id for o in truth.objects] == ["one", "old-stage"]


def test_what_comes_off_leaves_what_is_seen_of_the_vehicle_as_it_was() -> None:
    """Noise is by object: measurements of the vehicle stay, to the bit, when parts fly too."""
    stated = launch(FLEET["intermediate_solid"], range_m=None, apogee_m=None)
    with_parts = msgspec.structs.replace(stated, parts=True)
    plain = run(scene(STARER, launches=(stated,)))
    more = run(scene(STARER, launches=(with_parts,)))

    def rows(simulation: Simulation) -> set[tuple[float, float, float]]:
        seen = infrared_of(scans_of(simulation, "STARE"))
        return {(m.right_ascension_rad, m.declination_rad, m.snr) for _, m in seen}

    assert len(rows(plain)) > 20
    assert rows(plain) <= rows(more)
