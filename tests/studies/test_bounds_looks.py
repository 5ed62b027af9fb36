"""Whose a report is, and how it answers to the state."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from forewarn.epoch import SECOND_NS
from forewarn.records import InfraredMeasurement, Scan
from forewarn.sensors.network import RadarSensor
from forewarn.sensors.radar import radar_model
from forewarn.simulation.observe import observe
from forewarn.studies.bounds_looks import Sighting, plume_end, sightings
from tests.studies.bounds_scene import ORIENTATION, scenario, simulated


def found() -> list[Sighting]:
    """The sightings of the one vehicle."""
    run = simulated()
    every = sightings(run.events, run.truth.objects, scenario().network, ORIENTATION)
    return every[run.truth.vehicles[0].object_id]


def reports(events: list[object]) -> set[tuple[str, int, float]]:
    """What scans hold: sensor, instant and strength, which no two reports share."""
    return {
        (event.sensor_id, m.seen_tai_ns, m.snr)
        for event in events
        if isinstance(event, Scan)
        for m in event.measurements
    }


def test_they_are_what_the_sky_without_the_launch_would_not_have_reported() -> None:
    """The simulation's own word: with the launch taken out, telescopes report exactly those less.

    Every false alarm and every launch draws from a stream of its own.
    """
    run, telescopes = simulated(), ("SCAN", "STARE")
    empty = observe(scenario(), replace(run.truth, objects=()), ORIENTATION)
    theirs = {r for r in reports(run.events) - reports(empty) if r[0].endswith(telescopes)}
    ours = [s for s in found() if s.sensor_id.endswith(telescopes)]
    assert len(theirs) > 100
    assert {(s.sensor_id, s.seen_tai_ns) for s in ours} == {(r[0], r[1]) for r in theirs}
    assert len(ours) == len(theirs)


def test_a_radar_sees_it_too_and_all_come_in_order_of_arrival() -> None:
    """Radar looks have four numbers, and a rate without bias; infrared looks two."""
    looks = found()
    received = [s.received_tai_ns for s in looks]
    assert received == sorted(received)
    radar = [s for s in looks if s.sensor_id.startswith("RADAR")]
    assert radar
    assert all(s.slope.shape == (4, 6) and s.bias_sigma[3] == 0.0 for s in radar)
    assert all(s.slope.shape == (2, 6) for s in looks if s not in radar)


def test_nothing_is_seen_twice_when_a_link_repeats_itself() -> None:
    """A copy of a scan that comes later adds no look."""
    run = simulated()
    copies = [
        msgspec.structs.replace(event, received_tai_ns=event.received_tai_ns + 5_000_000_000)
        for event in run.events
        if isinstance(event, Scan)
    ]
    again = sightings([*run.events, *copies], run.truth.objects, scenario().network, ORIENTATION)
    twice = again[run.truth.vehicles[0].object_id]
    assert [s.received_tai_ns for s in twice] == [s.received_tai_ns for s in found()]


def test_a_lie_of_a_degree_is_evidence_of_nothing() -> None:
    """Every infrared report moved by a degree: none is traced to the launch."""
    run = simulated()

    def moved(event: Scan) -> Scan:
        lies = tuple(
            msgspec.structs.replace(m, declination_rad=m.declination_rad + 0.0175)
            if isinstance(m, InfraredMeasurement)
            else m
            for m in event.measurements
        )
        return msgspec.structs.replace(event, measurements=lies)

    events = [moved(e) if isinstance(e, Scan) else e for e in run.events]
    left = sightings(events, run.truth.objects, scenario().network, ORIENTATION)
    assert {s.sensor_id[:5] for s in left[run.truth.vehicles[0].object_id]} <= {"RADAR"}


def test_a_report_belongs_to_the_nearest_of_two() -> None:
    """A second object that flew the same way a kilometre higher takes nothing."""
    run = simulated()
    one = run.truth.vehicles[0]
    path = one.trajectory
    aside = replace(path, position_ecef_m=path.position_ecef_m * (1.0 + 2e4 / 6.4e6))
    other = replace(one, launch_id="other", trajectory=aside)
    every = sightings(run.events, (other, one), scenario().network, ORIENTATION)
    assert len(every[one.object_id]) == len(found())
    assert every["other"] == []


@pytest.mark.parametrize("kind", ["RADAR-WEST", "GEO-MID-STARE"])
def test_slopes_and_sigmas_are_those_of_the_sensors(kind: str) -> None:
    """Slopes by differences of the sensor's own prediction; sigmas within its stated bands."""
    run = simulated()
    look = next(s for s in found() if s.sensor_id == kind)
    instant = np.array([look.seen_tai_ns])
    position, velocity, _ = run.truth.vehicles[0].states_ecef(instant)
    state = np.concatenate((position[0], velocity[0]))
    sensor = scenario().network.sensor(kind)
    if isinstance(sensor, RadarSensor):
        model = radar_model(sensor)
        for i, h in enumerate((1.0,) * 3 + (0.01,) * 3):
            step = np.zeros(6)
            step[i] = h
            rate = (model.predict(state + step, state) - model.predict(state - step, state)) / 2 / h
            np.testing.assert_allclose(look.slope[:, i], rate, rtol=1e-5, atol=1e-9)
        assert np.all(look.bias_sigma == [20.0, 3e-4, 3e-4, 0.0])
        assert look.sigma[3] == 10.0
    else:
        # Two directions across the line of sight, at right angles, over the distance.
        product = look.slope[:, :3] @ look.slope[:, :3].T
        assert product[0, 1] == pytest.approx(0.0, abs=1e-6 * product[0, 0])
        assert product[0, 0] == pytest.approx(product[1, 1])
        assert 35e6 < 1.0 / np.sqrt(product[0, 0]) < 42e6
        assert np.all(look.slope[:, 3:] == 0.0)
        assert sensor.angle_floor_rad <= look.sigma[0] <= sensor.angle_noise_rad
        assert np.all(look.bias_sigma == 8e-6)


def report(sensor_id: str, seen_s: float, late_s: float = 1.0) -> Sighting:
    """Return a report of no content."""
    seen = round(seen_s * SECOND_NS)
    nothing = np.zeros(2)
    return Sighting(
        sensor_id, seen, seen + round(late_s * SECOND_NS), np.zeros((2, 6)), nothing, nothing
    )


def test_the_plume_ended_between_the_last_look_and_the_next() -> None:
    """Of a 10 s and a 2 s telescope: last seen at 101 by either, gone at 102 for the faster."""
    network = scenario().network
    burnout_tai_ns = round(101.5 * SECOND_NS)
    looks = [
        report("GEO-MID-SCAN", 95.0),
        report("GEO-MID-STARE", 100.0),
        report("GEO-EAST-STARE", 101.0, late_s=1.5),
        report("RADAR-WEST", 101.4),
        report("GEO-MID-STARE", 104.0),  # something hot, later: no plume
    ]
    end = plume_end(looks, network, burnout_tai_ns)
    assert end is not None
    assert end.seen_tai_ns == 101 * SECOND_NS
    assert end.gone_tai_ns == 102 * SECOND_NS
    assert end.received_tai_ns == 103 * SECOND_NS


def test_nobody_saw_it_end() -> None:
    """A radar sees no plume, and a telescope that lost it long ago cannot say when it went."""
    network = scenario().network
    assert plume_end([report("RADAR-WEST", 100.0)], network, 101 * SECOND_NS) is None
    assert plume_end([report("GEO-MID-STARE", 90.0)], network, 101 * SECOND_NS) is None
