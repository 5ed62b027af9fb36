"""What a radar reports of satellites, Sun, Moon and noise, and whom each of them leaves alone."""

from __future__ import annotations

import math
from functools import cache

import msgspec
import numpy as np
import pytest

from forewarn.epoch import SECOND_NS
from forewarn.orbits import Satellite
from forewarn.records import RadarMeasurement, Scan
from forewarn.sensors.radar import radar_model, range_of_unit_echo_m
from forewarn.simulation import simulate
from forewarn.simulation.catalogue_echoes import LOOKS_A_PASS
from forewarn.simulation.notional_catalogue import notional_catalogue
from forewarn.simulation.radar_sky import Jammer, RadarSky, noise_of, radar_surroundings
from tests.simulation.scenes import ORIENTATION, RADAR, SCANNER, START, radar_of, run, scans_of
from tests.simulation.skies import FREE, LARGE, is_fence, scans_in, world

OBJECTS = notional_catalogue(4_000, seed=1, epoch_tai_ns=START)
SKY = RadarSky(elements=OBJECTS)
JAMMER = Jammer(
    jammer_id="J",
    latitude_rad=math.radians(41.6),
    longitude_rad=math.radians(136.5),
    height_m=12_000.0,
    effective_power_w=2e3,
    frequency_hz=436e6,
    bandwidth_hz=10e6,
    start_tai_ns=START + 60 * SECOND_NS,
    end_tai_ns=START + 120 * SECOND_NS,
)
NO_SUN_BUT_A_JAMMER = RadarSky(sun_flux_ratio=0.0, jammers=(JAMMER,))


@cache
def satellites() -> tuple[Scan, ...]:
    """Four minutes of a radar without a plan under satellites alone."""
    return tuple(scans_in(world(FREE, sky=SKY, launches=())))


def seen_of(scans: tuple[Scan, ...] | list[Scan]) -> set[bytes]:
    """All measurements but for their ids."""
    return {
        msgspec.json.encode(msgspec.structs.replace(m, measurement_id=""))
        for m in radar_of(list(scans))
    }


def nearest(seen: RadarMeasurement) -> np.ndarray:
    """The true range, azimuth, elevation and range rate of the object that this must be."""
    model = radar_model(FREE)
    states = [Satellite(each).state_ecef(seen.seen_tai_ns, ORIENTATION) for each in OBJECTS[:]]
    z = np.array([model.predict(np.hstack(s), np.zeros(4)) for s in states])
    return z[np.argmin(np.abs(z[:, 0] - seen.range_m) + 1e6 * np.abs(z[:, 2] - seen.elevation_rad))]


def test_satellites_are_reported_where_they_are() -> None:
    """Each echo belongs to an object of the catalogue, within five sigma in all four."""
    model = radar_model(FREE)
    echoes = radar_of(list(satellites()))
    assert len(echoes) > 40
    for seen in echoes[:: len(echoes) // 8]:
        z = np.array([seen.range_m, seen.azimuth_rad, seen.elevation_rad, seen.range_rate_m_s])
        error = model.residual(z, nearest(seen)) / model.noise(z, seen.snr)
        assert np.abs(error).max() < 5.0


def test_a_known_satellite_gets_three_looks_and_no_more() -> None:
    """Passes found in the fence, three narrow looks each, a revisit apart."""
    looks = [s for s in satellites() if not is_fence(s)]
    fence = [s for s in satellites() if is_fence(s)]
    assert len(radar_of(fence)) > len(looks) / LOOKS_A_PASS > 5
    assert 0.2 < sum(bool(s.measurements) for s in looks) / len(looks) < 1.0
    middles = sorted((s.start_tai_ns + s.end_tai_ns) // 2 for s in looks)
    firsts = {m.seen_tai_ns for m in radar_of(fence)}
    begun = [middle for middle in middles if middle - SECOND_NS in firsts]
    assert len(begun) >= len(middles) / LOOKS_A_PASS - 3


def test_every_look_is_a_scan_in_order() -> None:
    """Numbered without a gap in order of ending, ids unique, everything inside the run."""
    scans = satellites()
    assert [s.sequence for s in scans] == list(range(1, len(scans) + 1))
    assert [s.end_tai_ns for s in scans] == sorted(s.end_tai_ns for s in scans)
    ids = [m.measurement_id for m in radar_of(list(scans))]
    assert len(ids) == len(set(ids))


def test_what_does_not_cross_a_radar_changes_not_a_byte() -> None:
    """Objects elsewhere, other sensors: the same scans to the byte, with the same seed."""
    model = radar_model(FREE)
    crossing = radar_surroundings(
        SKY, [FREE], span_tai_ns=(START, START + 240 * SECOND_NS), seed=1, orientation=ORIENTATION
    ).crossings["FREE"][0]
    here = set(crossing.number.tolist())
    some = tuple(each for each in OBJECTS if each.catalogue_number in here)
    assert 20 < len(some) < len(OBJECTS) / 2
    assert model.sensor_id == "FREE"
    alone = scans_in(world(FREE, sky=RadarSky(elements=some[::-1]), launches=()))
    assert msgspec.json.encode(alone) == msgspec.json.encode(list(satellites()))
    company = world(FREE, RADAR, SCANNER, LARGE, sky=SKY, launches=())
    assert scans_of(run(company), "FREE") == list(satellites())


def test_launches_and_satellites_do_not_disturb_each_other_in_the_fence() -> None:
    """Together a fence reports all that it reports of each alone, and nothing else."""

    def fence(scans: tuple[Scan, ...] | list[Scan]) -> set[bytes]:
        return seen_of([s for s in scans if is_fence(s)])

    both = fence(scans_in(world(FREE, sky=SKY)))
    launch = fence(scans_in(world(FREE, sky=RadarSky())))
    assert launch
    assert both == launch | fence(satellites())
    fewer = RadarSky(elements=OBJECTS[::2])
    assert fence(scans_in(world(FREE, sky=fewer, launches=()))) < fence(satellites())


def test_satellites_never_take_time_from_what_is_not_known() -> None:
    """With few free dwells a launch is tracked alike, whether the sky is full or empty."""
    empty = scans_in(world(LARGE, sky=RadarSky()))
    full = scans_in(world(LARGE, sky=SKY))
    assert any(not is_fence(s) and s.measurements for s in empty)
    assert seen_of(empty) < seen_of(full)


def test_any_number_of_workers_sees_the_same_sky() -> None:
    """The surroundings travel to other processes, and every event comes back to the byte."""
    scenario = world(FREE, LARGE, sky=RadarSky(elements=OBJECTS[::8], jammers=(JAMMER,)))
    one, two = (
        simulate(scenario, seed=1, orientation=ORIENTATION, workers=workers).events
        for workers in (1, 2)
    )
    assert msgspec.json.encode(one) == msgspec.json.encode(two)


def test_another_seed_gives_another_sky() -> None:
    """And the same seed the same."""
    scenario = world(FREE, sky=RadarSky(notional_objects_count=1_000), launches=())
    assert scans_in(scenario, seed=2) == scans_in(scenario, seed=2)
    assert seen_of(scans_in(scenario, seed=2)) != seen_of(scans_in(scenario, seed=3))


def test_an_empty_radar_sky_leaves_launches_as_they_are() -> None:
    """Sun below the horizon, no Moon, no satellites: the looks of a scenario without it."""
    dark = msgspec.structs.replace(RADAR, fence_elevation_rad=math.radians(3.0))
    with_sky = scans_in(world(dark, sky=RadarSky(sun_flux_ratio=0.0)))
    without = scans_in(world(dark))
    assert seen_of(with_sky) == seen_of(without)


def test_late_echoes_of_satellites_are_folded() -> None:
    """With a short pulse interval a fence reports objects nearer than any of them is."""
    late = msgspec.structs.replace(FREE, sensor_id="LATE", pulse_interval_s=10e-3, pulse_s=1e-3)
    late = msgspec.structs.replace(late, peak_power_w=3.0 * FREE.peak_power_w)
    fold_m = 0.5 * 299_792_458.0 * 10e-3
    fence = radar_of([s for s in scans_in(world(late, sky=SKY, launches=())) if is_fence(s)])
    assert len(fence) > 20
    assert max(m.range_m for m in fence) < fold_m + 1e3
    # At 3 degrees nothing in orbit, above 300 km, is within 1,200 km.
    assert min(m.range_m for m in fence) < 1_000e3
    assert max(abs(m.range_rate_m_s) for m in fence) > 2_000.0


def reach(scans: list[Scan]) -> np.ndarray:
    """Sensitivity of each fence sweep over that in silence, in order."""
    ratio = [s.sensitivity / range_of_unit_echo_m(LARGE) for s in scans if is_fence(s)]
    return np.array(ratio)


def test_a_jammer_shortens_the_reach_while_it_is_on_and_is_reported() -> None:
    """Sweeps say how much nearer they saw: by the fourth root of noise over that in silence."""
    scans = scans_in(world(LARGE, sky=NO_SUN_BUT_A_JAMMER, launches=()))
    times = np.array([(s.start_tai_ns - START) / SECOND_NS for s in scans if is_fence(s)])
    on = (times > 61.0) & (times < 116.0)
    off = (times < 55.0) | (times > 121.0)
    assert reach(scans)[off].min() == pytest.approx(1.0)
    assert reach(scans)[on].max() < 0.75
    # Sidelobes, 30 dB down, everywhere: P G s L^2 / ((4 pi)^2 R^2 B k T). R = 314 km: 1.0 degree of
    # latitude and 3.5 of longitude at 41.1 N are 111 and 293 km on a sphere.
    noise = 2e3 * 10**3.79 * 1e-3 * 0.6892**2 / ((4 * math.pi) ** 2 * 314e3**2 * 10e6)
    ratio = noise / (1.380649e-23 * 450.0)
    assert np.median(reach(scans)[on]) == pytest.approx((1.0 + ratio) ** -0.25, rel=0.05)


def test_jammers_out_of_band_or_out_of_sight_are_not_heard() -> None:
    """Another frequency; the ground beyond the horizon: as if they were not there."""
    quiet = scans_in(world(LARGE, sky=RadarSky(), launches=()))
    for changes in ({"frequency_hz": 450e6}, {"height_m": 0.0}):
        jammer = msgspec.structs.replace(JAMMER, **changes)
        sky = RadarSky(jammers=(jammer,))
        assert scans_in(world(LARGE, sky=sky, launches=())) == quiet


def test_a_jammer_hides_an_echo_behind_it_that_noise_alone_would_not() -> None:
    """The launch is seen in the fence without it, and not with it in the beam's sidelobes."""
    jammer = msgspec.structs.replace(
        JAMMER, effective_power_w=2e5, start_tai_ns=START, end_tai_ns=START + 600 * SECOND_NS
    )
    seen = radar_of(scans_in(world(LARGE, sky=RadarSky())))
    jammed = radar_of(scans_in(world(LARGE, sky=RadarSky(jammers=(jammer,)))))
    assert len(seen) > 20
    assert len(jammed) < 0.3 * len(seen)


def almanac_sun_deg() -> tuple[float, float]:
    """Azimuth and elevation at the start, by the low-precision Sun of the Astronomical Almanac."""
    days = 6_449.37257  # 2017-08-28T20:56:30 after 2000-01-01T12:00:00
    anomaly = math.radians(357.528 + 0.9856003 * days)
    longitude = math.radians(
        280.460 + 0.9856474 * days + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly)
    )
    tilt = math.radians(23.439 - 4e-7 * days)
    declination = math.asin(math.sin(tilt) * math.sin(longitude))
    ascension = math.atan2(math.cos(tilt) * math.sin(longitude), math.cos(longitude))
    sidereal = math.radians(15.0 * (18.697374558 + 24.06570982441908 * days))
    hour = sidereal + LARGE.longitude_rad - ascension
    latitude = LARGE.latitude_rad
    up = math.sin(latitude) * math.sin(declination) + (
        math.cos(latitude) * math.cos(declination) * math.cos(hour)
    )
    north = math.cos(latitude) * math.sin(declination) - (
        math.sin(latitude) * math.cos(declination) * math.cos(hour)
    )
    east = -math.cos(declination) * math.sin(hour)
    return math.degrees(math.atan2(east, north)) % 360.0, math.degrees(math.asin(up))


def test_the_sun_raises_noise_where_it_stands_and_a_storm_everywhere() -> None:
    """At 21 h UT the Sun is up over Japan: 17 dB in the beam, a twentieth away from it."""
    span = (START, START + 600 * SECOND_NS)
    model = radar_model(LARGE)
    around = radar_surroundings(
        RadarSky(), [LARGE], span_tai_ns=span, seed=1, orientation=ORIENTATION
    )
    noise = noise_of(around, model)
    east, north, up = noise.sun_enu[0]
    azimuth, elevation = math.atan2(east, north), math.asin(up)
    assert math.degrees(azimuth) == pytest.approx(almanac_sun_deg()[0], abs=0.03)
    assert math.degrees(elevation) == pytest.approx(almanac_sun_deg()[1], abs=0.03)
    rise = noise.rise(np.array([azimuth, azimuth + 0.3]), np.full(2, elevation), np.full(2, START))
    # S A / 2 k T with A = G L^2 / 4 pi and 28 solar flux units at 435 MHz (soft, to a third).
    by_hand = 28e-22 * 10**3.79 * 0.689**2 / (4 * math.pi) / (2 * 1.380649e-23 * 450.0)
    assert rise[0] - 1.0 == pytest.approx(by_hand, rel=0.35)
    assert rise[1] - 1.0 == pytest.approx(1e-3 * by_hand, rel=0.35)  # in a sidelobe
    storm = RadarSky(sun_flux_ratio=10_000.0)
    stormy = scans_in(world(LARGE, sky=storm, launches=()))
    assert np.median(reach(stormy)) < 0.6
    assert seen_of(stormy) == set()
