"""The stream of events as it reaches the centre, and the truth behind it."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from forewarn.epoch import SECOND_NS
from forewarn.records import Notice, Realm, Scan
from forewarn.sensors.ranges import event_problem
from forewarn.simulation.launches import dispersed_vehicle
from forewarn.simulation.scenario import Dispersion
from forewarn.simulation.truth import make_truth
from tests.simulation.scenes import (
    LAUNCH,
    RADAR,
    SCANNER,
    STARER,
    START,
    VEHICLE,
    flight,
    run,
    scans_of,
    scene,
    ticks_of,
)


def test_events_come_in_the_order_they_arrive() -> None:
    """Sorted by arrival, all inside the run, every one acceptable to the chain's door."""
    events = flight().events
    arrivals = [event.received_tai_ns for event in events]
    assert arrivals == sorted(arrivals)
    assert arrivals[0] >= START
    assert arrivals[-1] <= START + 1_020 * SECOND_NS
    assert [p for p in map(event_problem, events) if p] == []


def test_ticks_count_the_seconds() -> None:
    """One at each second from start to end, both included."""
    ticks = ticks_of(flight())
    assert [t.received_tai_ns for t in ticks] == [START + i * SECOND_NS for i in range(1_021)]
    assert len({t.tick_id for t in ticks}) == len(ticks)


def test_links_delay_and_disorder() -> None:
    """Latency exactly without jitter; with it at least that, its mean as stated, order broken."""
    assert {s.received_tai_ns - s.end_tai_ns for s in scans_of(flight(), "SCAN")} == {1_500_000_000}
    jittery = msgspec.structs.replace(STARER, latency_jitter_s=2.0)
    scans = scans_of(run(scene(jittery, duration_s=2_000.0, launches=())), "STARE")
    delays = np.array([s.received_tai_ns - s.end_tai_ns for s in scans]) / SECOND_NS - 1.5
    assert delays.min() >= 0.0
    assert delays.mean() == pytest.approx(2.0, rel=0.2)
    arrivals = [s.received_tai_ns for s in scans]
    assert arrivals != sorted(arrivals)


def test_the_order_of_measurements_reveals_nothing() -> None:
    """With one target among many false alarms, it is not always first or last."""
    sensor = msgspec.structs.replace(SCANNER, false_alarms_per_scan=6.0)
    brightest = [
        int(np.argmax([m.snr for m in scan.measurements]))
        for scan in scans_of(run(scene(sensor)), "SCAN")
        if scan.measurements and max(m.snr for m in scan.measurements) > 30.0
    ]
    assert len(set(brightest)) > 3
    scan = next(s for s in scans_of(run(scene(sensor)), "SCAN") if len(s.measurements) > 1)
    assert [m.measurement_id for m in scan.measurements[:2]] == [
        f"{scan.scan_id}.01",
        f"{scan.scan_id}.02",
    ]


def test_notices_travel_with_the_scans() -> None:
    """A scenario's notice arrives when the scenario says."""
    notice = Notice(
        notice_id="N1",
        realm=Realm.SIMULATION,
        received_tai_ns=START + 5 * SECOND_NS,
        source="s",
        vehicle_class="space_launch",
        window_start_tai_ns=START,
        window_end_tai_ns=START + SECOND_NS,
        latitude_rad=0.0,
        longitude_rad=0.0,
        radius_m=1e3,
    )
    scenario = msgspec.structs.replace(scene(SCANNER), notices=(notice,))
    assert notice in run(scenario).events


def test_everything_is_marked_as_simulated() -> None:
    """No record of a simulation may pass for a real one."""
    assert {event.realm for event in flight().events} == {Realm.SIMULATION}


def test_a_sensor_without_its_satellite_is_refused_by_name() -> None:
    """The error says which sensor, which satellite, and what to do."""
    lost = msgspec.structs.replace(SCANNER, satellite_id="NOWHERE")
    with pytest.raises(ValueError, match=r"'SCAN' is on satellite 'NOWHERE'.*add them"):
        run(scene(lost))


def test_the_flight_of_2017_is_reproduced() -> None:
    """Open figures: 2,700 km, 550 km, 14 to 15 minutes, 1,180 km east of Cape Erimo."""
    target = flight().truth.objects[0]
    assert target.apogee_m == pytest.approx(550e3, abs=2e3)
    assert (target.end_tai_ns - target.launch_tai_ns) / SECOND_NS == pytest.approx(900, abs=60)
    assert target.impact_rad is not None
    latitude, longitude = map(math.degrees, target.impact_rad)
    assert latitude == pytest.approx(42.0, abs=0.7)
    assert longitude == pytest.approx(157.4, abs=0.7)


def test_truth_without_spread_is_the_same_for_every_seed_and_with_it_is_not() -> None:
    """Range, apogee, azimuth, thrust and brightness each spread as their own knob says."""
    still = [make_truth(scene(SCANNER), seed=seed).objects[0] for seed in (1, 2)]
    assert still[0].impact_rad == still[1].impact_rad

    def spread(dispersion: Dispersion) -> tuple[np.ndarray, ...]:
        launch = msgspec.structs.replace(LAUNCH, dispersion=dispersion)
        flown = [
            make_truth(scene(SCANNER, launches=(launch,)), seed=seed).objects[0]
            for seed in range(8)
        ]
        return (
            np.ptp([o.impact_rad[1] for o in flown if o.impact_rad]),
            np.ptp([o.apogee_m for o in flown]),
            np.ptp([o.azimuth_rad for o in flown]),
            np.ptp([o.trajectory.burnout_s for o in flown]),
            np.ptp([o.trajectory.intensity_w_sr[0] for o in flown]),
        )

    # Impact longitude and burn-out answer to several knobs; the other three to their own alone.
    by_range = spread(Dispersion(range_m=40e3))
    assert by_range[0] > math.radians(0.5)
    assert by_range[1] < 1.5e3
    assert by_range[2] == by_range[4] == 0.0
    by_apogee = spread(Dispersion(apogee_m=15e3))
    assert by_apogee[1] > 20e3
    assert by_apogee[0] < math.radians(0.05)
    assert spread(Dispersion(azimuth_rad=0.01))[2] > 0.01
    by_thrust = spread(Dispersion(thrust_fraction=0.03))
    assert by_thrust[3] > 5.0
    assert by_thrust[1] < 1.5e3
    by_brightness = spread(Dispersion(intensity_fraction=0.2))
    assert by_brightness[4] > 1e5
    assert by_brightness[0] == 0.0


def test_more_thrust_burns_the_same_propellant_sooner() -> None:
    """Exhaust velocity, thrust x time / propellant, is kept."""
    vehicle = dispersed_vehicle(
        VEHICLE, thrust_ratio=1.1, intensity_ratio=0.5, coefficient_ratio=1.2
    )
    changed = vehicle.stages[0]
    stated = VEHICLE.stages[0]
    assert changed.thrust_n == pytest.approx(1.1 * stated.thrust_n)
    assert changed.thrust_n * changed.burn_s == pytest.approx(stated.thrust_n * stated.burn_s)
    assert changed.propellant_kg == stated.propellant_kg
    assert changed.intensity_w_sr == 0.5 * stated.intensity_w_sr
    ratio = vehicle.ballistic_coefficient_kg_m2 / VEHICLE.ballistic_coefficient_kg_m2
    assert ratio == pytest.approx(1.2)


def test_a_vehicle_may_fly_as_it_stands() -> None:
    """Without a published range and apogee nothing is retuned."""
    launch = msgspec.structs.replace(LAUNCH, range_m=None, apogee_m=None)
    target = make_truth(scene(SCANNER, launches=(launch,)), seed=1).objects[0]
    assert target.trajectory.burnout_s == pytest.approx(165.0)
    assert target.trajectory.came_down


def test_states_between_samples_agree_with_the_trajectory() -> None:
    """The many-instants form is the one-instant form, and stops at both ends."""
    target = flight().truth.objects[0]
    instants = target.launch_tai_ns + np.array([-5, 33, 100, 500, 5_000]) * SECOND_NS + 123_456_789
    position, velocity, intensity = target.states_ecef(instants)
    for i in (1, 2, 3):
        time_s = (int(instants[i]) - target.launch_tai_ns) / SECOND_NS
        p, v = target.trajectory.state_ecef_at(time_s)
        np.testing.assert_allclose(position[i], p, atol=1e-6)
        np.testing.assert_allclose(velocity[i], v, atol=1e-9)
    assert list(intensity > 0.0) == [False, True, True, False, False]
    assert list(target.flying(instants)) == [False, True, True, True, False]


def test_cloud_break_is_when_the_height_is_reached() -> None:
    """Against the heights at that instant, and never for a cloud above the apogee."""
    target = flight().truth.objects[0]
    instant = target.cloud_break_tai_ns(7_000.0)
    assert instant is not None
    position = target.states_ecef(np.array([instant]))[0][0]
    ground = np.linalg.norm(target.trajectory.position_ecef_m[0])
    assert float(np.linalg.norm(position) - ground) == pytest.approx(7_000.0, abs=20.0)
    assert target.cloud_break_tai_ns(-5.0) == target.launch_tai_ns
    assert target.cloud_break_tai_ns(600e3) is None


def test_a_scan_is_complete() -> None:
    """Telescopes say where they were; radars, whose site is known, do not."""
    for sensor in (SCANNER, STARER, RADAR):
        for event in scans_of(flight(), sensor.sensor_id):
            assert isinstance(event, Scan)
            assert (event.position_gcrf_m is None) == (sensor is RADAR)
            assert (event.velocity_gcrf_m_s is None) == (sensor is RADAR)
