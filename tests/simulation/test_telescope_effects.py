"""What else a telescope answers to: Sun, space behind, cycles, colour, background, aspect."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text
from forewarn.frames import ecef_from_geodetic, gcrf_to_ecef_matrix
from forewarn.frames.sun_moon import sun_gcrf_m
from forewarn.missiles.trajectory import Trajectory
from forewarn.orbits import Satellite
from forewarn.records import Scan
from forewarn.sensors.infrared import background_is_earth, line_of_sight_ecef
from forewarn.sensors.network import InfraredSensor
from forewarn.sensors.sight import height_m, unit
from forewarn.simulation import Scenario, Truth
from forewarn.simulation.clutter import Aircraft, Clutter
from forewarn.simulation.infrared_looks import infrared_scans
from forewarn.simulation.sky import sky_between
from forewarn.simulation.truth import TruthObject
from forewarn.simulation.weather import Weather, cloud_field
from tests.simulation.scenes import (
    LAUNCH,
    ORIENTATION,
    SCANNER,
    STARER,
    START,
    infrared_of,
    run,
    scans_of,
    scene,
)

GEO = scene(SCANNER).network.satellites["GEO"]


def hovering(
    latitude_deg: float,
    longitude_deg: float,
    height: float,
    *,
    intensity: float = 1e6,
    heading: np.ndarray | None = None,
    burns: bool = True,
    at: int = START,
) -> TruthObject:
    """A source that stands still in the sky for ten minutes, and seems to fly along ``heading``."""
    place = ecef_from_geodetic(math.radians(latitude_deg), math.radians(longitude_deg), height)
    velocity = np.zeros(3) if heading is None else 1e-3 * heading
    times = np.array([0.0, 300.0, 600.0])
    return TruthObject(
        launch_id=f"at {latitude_deg} {longitude_deg}",
        vehicle_class="intermediate_range",
        source="",
        launch_tai_ns=at,
        latitude_rad=0.0,
        longitude_rad=0.0,
        azimuth_rad=0.0,
        trajectory=Trajectory(
            times_s=times,
            position_ecef_m=np.repeat(place[None], 3, axis=0),
            velocity_ecef_m_s=np.repeat(velocity[None], 3, axis=0),
            intensity_w_sr=np.full(3, intensity),
            radar_cross_section_m2=1.0,
            burnout_s=600.0 if burns else 0.0,
            came_down=False,
        ),
    )


def looks(
    sensor: InfraredSensor,
    *objects: TruthObject,
    truth: Truth | None = None,
    at: int = START,
    seconds: int = 300,
    seed: int = 1,
) -> list[Scan]:
    """Scans of a telescope at objects put straight into the sky."""
    span = at, at + seconds * SECOND_NS
    bare = Truth(scenario_id="s", seed=seed, cloud_top_m=0.0, objects=())
    return infrared_scans(
        sensor,
        GEO,
        sky=sky_between(*span, ORIENTATION),
        truth=replace(truth or bare, objects=objects),
        span_tai_ns=span,
    )


def mean_snr(scans: list[Scan]) -> float:
    """The mean signal of everything seen."""
    return float(np.mean([m.snr for _, m in infrared_of(scans)]))


def test_a_grazing_telescope_reports_only_what_stands_against_space() -> None:
    """One plume beyond the limb, one before the Earth: both, or with the option the first."""
    wide = msgspec.structs.replace(SCANNER, field_half_angle_rad=math.radians(10.0))
    position, _ = Satellite(GEO).state_ecef(START, ORIENTATION)
    beyond, before = hovering(0.0, 208.5, 200e3), hovering(20.0, 130.0, 200e3)
    for target, earth in ((beyond, False), (before, True)):
        place = target.trajectory.position_ecef_m[0]
        assert bool(background_is_earth(place, position)) is earth
    both = looks(wide, beyond, before)
    grazing = looks(msgspec.structs.replace(wide, space_background_only=True), beyond, before)
    assert len(infrared_of(both)) == 2 * len(both)
    assert len(infrared_of(grazing)) == len(grazing)
    for scan, seen in infrared_of(grazing):
        _, direction = line_of_sight_ecef(scan, seen, ORIENTATION)
        away = unit(beyond.trajectory.position_ecef_m[0] - position)
        assert float(direction @ away) > math.cos(1e-3)


def test_the_sun_blinds_near_itself_and_behind_the_earth_it_does_not() -> None:
    """Near the equinox it nears one limb before midnight, and about midnight it is eclipsed."""
    sensor = msgspec.structs.replace(SCANNER, sun_exclusion_rad=math.radians(8.0))
    wide = msgspec.structs.replace(sensor, field_half_angle_rad=math.radians(12.0))
    # True midnight at 128 E is 15:21 UT; 43 minutes before, the Sun is 10.8 degrees from nadir.
    seen = {}
    for clock in ("14:38:00", "15:21:00", "20:00:00"):
        at = tai_ns_from_utc_text(f"2017-09-22T{clock}Z")
        limbs = (hovering(0.0, 208.5, 200e3, at=at), hovering(0.0, 47.5, 200e3, at=at))
        found = infrared_of(looks(wide, *limbs, at=at, seconds=200))
        unblinded = msgspec.structs.replace(wide, sun_exclusion_rad=0.0)
        assert len(infrared_of(looks(unblinded, *limbs, at=at, seconds=200))) == 38
        seen[clock] = len(found)
        matrix = gcrf_to_ecef_matrix(at, ORIENTATION)
        sun = unit(matrix @ sun_gcrf_m(at))
        position, _ = Satellite(GEO).state_ecef(at, ORIENTATION)
        near = [
            math.degrees(math.acos(float(unit(t.trajectory.position_ecef_m[0] - position) @ sun)))
            for t in limbs
        ]
        if clock == "14:38:00":
            assert min(near) < 6.5 < 9.5 < max(near), near
        if clock == "15:21:00":
            assert max(near) > 8.0
            assert math.degrees(math.acos(float(-unit(position) @ sun))) < 2.0
    assert seen == {"14:38:00": 19, "15:21:00": 38, "20:00:00": 38}


def test_a_starer_works_through_its_cycle_frame_by_frame() -> None:
    """Three points: each is looked at in every third frame, and only there its plume is seen."""
    points = ((40.0, 130.0), (0.0, 110.0), (-20.0, 150.0))
    radians = [(math.radians(a), math.radians(b)) for a, b in points]
    sensor = msgspec.structs.replace(
        STARER,
        field_half_angle_rad=math.radians(1.0),
        stare_at_rad=radians[0],
        stare_cycle_rad=tuple(radians[1:]),
    )
    scans = looks(sensor, *(hovering(*point, 50e3) for point in points))
    assert len(infrared_of(scans)) == len(scans)
    for number, scan in enumerate(scans):
        (seen,) = scan.measurements
        position, direction = line_of_sight_ecef(scan, seen, ORIENTATION)
        towards = unit(ecef_from_geodetic(*radians[number % 3], 0.0) - position)
        assert float(direction @ towards) > math.cos(math.radians(0.2))
        matrix = gcrf_to_ecef_matrix(scan.start_tai_ns, ORIENTATION)
        assert float(matrix @ np.array(scan.volume.axis_gcrf) @ towards) > math.cos(1e-4)


def test_a_cycle_alone_needs_no_first_point() -> None:
    """Without ``stare_at`` the cycle is all there is."""
    sensor = msgspec.structs.replace(
        STARER, stare_at_rad=None, stare_cycle_rad=((0.7, 2.3), (0.0, 2.0))
    )
    assert (
        len(infrared_of(looks(sensor, hovering(math.degrees(0.7), math.degrees(2.3), 5e4)))) == 75
    )


def test_the_second_colour_sees_through_another_air() -> None:
    """At 10 km the carbon dioxide band is dark, the water band clear; at 60 km both are."""
    for height, ratio in ((10e3, 0.1), (60e3, 1.0)):
        target = hovering(38.0, 130.0, height)
        snr = {}
        for band in ("2.7um", "4.3um"):
            found = looks(msgspec.structs.replace(STARER, band=band), target)
            snr[band] = mean_snr(found) if infrared_of(found) else 0.0
        assert snr["4.3um"] / snr["2.7um"] == pytest.approx(ratio, abs=0.12)


def test_a_plume_end_on_is_fainter_than_broadside() -> None:
    """At 40 km an opaque spheroid a fifth as wide as long shows a fifth, and a dark body all."""
    position, _ = Satellite(GEO).state_ecef(START, ORIENTATION)
    place = ecef_from_geodetic(math.radians(38.0), math.radians(130.0), 40e3)
    along = unit(position - place)
    across = unit(np.cross(along, [0.0, 0.0, 1.0]))
    ends, side, body = (
        mean_snr(looks(STARER, hovering(38.0, 130.0, 40e3, heading=heading, burns=burns)))
        for heading, burns in ((along, True), (across, True), (along, False))
    )
    assert ends / side == pytest.approx(0.2, abs=0.01)
    assert body / side == pytest.approx(1.0, abs=0.02)


CLOUDY = Weather(cover_fraction=1.0, mean_top_m=12e3, top_sigma_m=0.0, correlation_m=200e3)
PIXELS = msgspec.structs.replace(STARER, pixel_rad=30e-6)


def snr_over(weather: Weather | None, clock: str, sensor: InfraredSensor = PIXELS) -> float:
    """Mean signal of a plume at 40 km over clouds at a time of the day."""
    at = tai_ns_from_utc_text(f"2017-06-21T{clock}Z")
    clouds = None if weather is None else cloud_field(weather, seed=1)
    truth = Truth(scenario_id="s", seed=1, cloud_top_m=0.0, objects=(), clouds=clouds)
    target = hovering(38.0, 130.0, 40e3, at=at)
    return mean_snr(looks(sensor, target, truth=truth, at=at, seconds=100))


def test_sunlit_cloud_behind_a_plume_makes_noise() -> None:
    """By noon over a 12 km deck, with a pixel of 30 microradians; not by night, nor without.

    E a mu / pi of the Sun, twice through the air, in the pixel; a hundredth of it stays. With
    7.4 W/m2 of Sun, an albedo of a half, the Sun 15 degrees down and 0.8 of it left by the air it
    is 0.9 W m-2 sr-1: 8e-12 W/m2 against a noise in the dark of 2e-12.
    """
    noon, night = snr_over(CLOUDY, "03:20:00"), snr_over(CLOUDY, "15:20:00")
    assert 3.0 < night / noon < 6.0
    assert snr_over(None, "03:20:00") == pytest.approx(night, rel=0.02)
    clear = msgspec.structs.replace(CLOUDY, cover_fraction=0.0)
    assert snr_over(clear, "03:20:00") == pytest.approx(night, rel=0.02)
    assert snr_over(CLOUDY, "03:20:00", STARER) == pytest.approx(night, rel=0.02)


def test_darker_clouds_and_finer_pixels_make_less_noise() -> None:
    """Albedo 0.1 for 0.5, or a third of the pixel's width: most of the noise is gone."""
    noon = snr_over(CLOUDY, "03:20:00")
    dark = snr_over(msgspec.structs.replace(CLOUDY, albedo=0.1), "03:20:00")
    fine = snr_over(CLOUDY, "03:20:00", msgspec.structs.replace(PIXELS, pixel_rad=10e-6))
    assert dark > 2.0 * noon
    assert fine > 2.0 * noon


def test_a_plume_against_space_has_no_cloud_behind_it() -> None:
    """Beyond the limb, pixels or not, clouds or not, the signal is the same."""
    at = tai_ns_from_utc_text("2017-06-21T03:20:00Z")
    truth = Truth(
        scenario_id="s", seed=1, cloud_top_m=0.0, objects=(), clouds=cloud_field(CLOUDY, seed=1)
    )
    target = hovering(0.0, 208.5, 200e3, at=at)
    wide = {"field_half_angle_rad": math.radians(10.0)}
    snrs = [
        mean_snr(looks(msgspec.structs.replace(SCANNER, **wide, **pixel), target, truth=t, at=at))
        for pixel, t in (({"pixel_rad": 30e-6}, truth), ({}, None))
    ]
    assert snrs[0] == pytest.approx(snrs[1], rel=0.02)


def flying(intensity_w_sr: float) -> Scenario:
    """An aircraft with its afterburner on, or a lit contrail, off a coast."""
    aircraft = Aircraft(
        aircraft_id="A",
        time_tai_ns=START,
        latitude_rad=math.radians(38.0),
        longitude_rad=math.radians(130.0),
        height_m=11e3,
        azimuth_rad=math.radians(90.0),
        speed_m_s=250.0,
        duration_s=240.0,
        intensity_w_sr=intensity_w_sr,
    )
    bare = scene(STARER, launches=(), cloud_top_m=0.0)
    return msgspec.structs.replace(bare, clutter=Clutter(aircraft=(aircraft,)))


def test_an_aircraft_is_a_slow_level_point_for_minutes() -> None:
    """Every frame of four minutes; 60 km along its way; as a missile would have gone 500."""
    found = infrared_of(scans_of(run(flying(1e5)), "STARE"))
    assert 118 <= len(found) <= 121
    places = []
    for scan, seen in (found[0], found[-1]):
        position, direction = line_of_sight_ecef(scan, seen, ORIENTATION)
        low, high = 0.0, float(-position @ direction)
        for _ in range(60):
            middle = 0.5 * (low + high)
            above = float(height_m(position + direction * middle)) > 11e3
            low, high = (middle, high) if above else (low, middle)
        places.append(position + direction * low)
    flown_m = float(np.linalg.norm(places[1] - places[0]))
    took_s = (found[-1][1].seen_tai_ns - found[0][1].seen_tai_ns) / SECOND_NS
    assert flown_m / took_s == pytest.approx(250.0, rel=0.05)


def test_an_ordinary_aircraft_is_not_seen() -> None:
    """A few hundred watts per steradian stay far below the threshold."""
    assert infrared_of(scans_of(run(flying(300.0)), "STARE")) == []


def test_launches_outside_their_time_are_not_seen() -> None:
    """A flight after the run, one before it: nothing."""
    for offset in (-2_000, 400):
        late = msgspec.structs.replace(LAUNCH, time_tai_ns=START + offset * SECOND_NS)
        assert infrared_of(scans_of(run(scene(STARER, launches=(late,))), "STARE")) == []
