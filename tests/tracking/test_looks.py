"""Looks as the filter takes them: geometry, biases, and how much a busy scan is believed."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from forewarn.frames import ecef_from_geodetic, gcrf_to_ecef_matrix
from forewarn.kernels import filter as kernel
from forewarn.kernels.measure import line_of_sight_offset
from forewarn.records import InfraredMeasurement, RadarMeasurement, Realm, Scan, Sector
from forewarn.sensors.network import InfraredSensor, RadarSensor
from forewarn.sensors.radar import radar_model
from forewarn.tracking.looks import Biases, Look, echo_points, stacked
from forewarn.tracking.sighting import infrared_sighting, radar_sighting
from forewarn.tracking.tracker import Tracker
from tests.tracking.stage import (
    ORIENTATION,
    Source,
    network_of,
    overflight,
    quiet_events,
    seen_by_telescopes,
)

NETWORK = overflight().network
TELESCOPE = next(s for s in NETWORK.sensors if isinstance(s, InfraredSensor))
RADAR = next(s for s in NETWORK.sensors if isinstance(s, RadarSensor))
START = overflight().start_tai_ns
PLACE = ecef_from_geodetic(0.7, 2.2, 10e3)


def sighted() -> tuple[Scan, InfraredMeasurement]:
    network = network_of(TELESCOPE.sensor_id)
    network = msgspec.structs.replace(
        network, sensors=(msgspec.structs.replace(network.sensors[0], bias_sigma_rad=0.0),)
    )
    events = quiet_events(network, duration_s=30.0)
    events = seen_by_telescopes(events, network, [Source("s", lambda _: PLACE, snr=1e9)])
    scan = next(e for e in events if isinstance(e, Scan))
    (seen,) = scan.measurements
    assert isinstance(seen, InfraredMeasurement)
    return scan, seen


def telescope_look(scan: Scan) -> Look:
    sighting = infrared_sighting(
        scan, sensor=TELESCOPE, number=0, biases=Biases(NETWORK), orientation=ORIENTATION
    )
    return sighting.look(0, sighting.plots.clutter)


def test_a_line_of_sight_points_at_its_source() -> None:
    scan, _ = sighted()
    look = telescope_look(scan)
    g = look.geometry
    assert look.kind == kernel.LINE_OF_SIGHT
    offset = np.empty(2)
    line_of_sight_offset(PLACE, g[0], g[1], g[2:4], offset)
    assert np.abs(offset).max() < 5.0 * TELESCOPE.angle_floor_rad
    assert g[6, 0] == TELESCOPE.angle_floor_rad
    assert look.bias_sigma_rad == TELESCOPE.bias_sigma_rad
    assert np.linalg.norm(gcrf_to_ecef_matrix(look.seen_tai_ns, ORIENTATION) @ g[1]) == (
        pytest.approx(1.0)
    )


def test_a_scan_busier_than_its_sensors_rate_is_believed_less() -> None:
    """What begins of it is weighed against as many false reports as there are others in it."""
    scan, seen = sighted()
    crowd = tuple(msgspec.structs.replace(seen, measurement_id=f"m{k:02d}") for k in range(31))
    densities = []
    for busy in (scan, msgspec.structs.replace(scan, measurements=crowd)):
        tracker = Tracker(NETWORK, ORIENTATION)
        state = tracker.initial_state()
        tracker.step(state, busy)
        (density,) = {k.clutter_density for c in state.core.chains for k in c.looks}
        densities.append(density)
    assert densities[1] / densities[0] == pytest.approx(30.0 / TELESCOPE.false_alarms_per_scan)


def test_an_echo_comes_from_where_its_target_is() -> None:
    model = radar_model(RADAR)
    body = np.concatenate((model.site_ecef_m * 1.05 + np.array((1e5, 2e5, 3e5)), np.zeros(3)))
    range_m, azimuth_rad, elevation_rad, _ = model.predict(body, body)
    seen = RadarMeasurement(
        measurement_id="e",
        seen_tai_ns=START,
        range_m=range_m,
        azimuth_rad=azimuth_rad,
        elevation_rad=elevation_rad,
        range_rate_m_s=-500.0,
        snr=100.0,
    )
    volume = Sector(
        azimuth_min_rad=1.0,
        azimuth_max_rad=0.5,
        elevation_min_rad=0.1,
        elevation_max_rad=0.2,
        range_max_m=1e6,
    )
    scan = Scan(
        scan_id="s",
        realm=Realm.TEST,
        sensor_id=RADAR.sensor_id,
        sequence=1,
        start_tai_ns=START,
        end_tai_ns=START,
        received_tai_ns=START,
        volume=volume,
        sensitivity=1.0,
        measurements=(seen,),
    )
    sighting = radar_sighting(scan, model=model, number=0, biases=Biases(NETWORK))
    look = sighting.look(0, sighting.plots.clutter)
    geometry, seconds = stacked([look, look])
    points, sigmas_m = echo_points(geometry)
    assert points[1] == pytest.approx(body[:3], abs=1e-3)
    assert sigmas_m[0] == pytest.approx(range_m * geometry[0, 6, 2])
    assert seconds.tolist() == [0.0, 0.0]
    # The sector runs from 1.0 through north to 0.5: nearly all the way round.
    width_rad = 2.0 * math.pi - 0.5
    volume_size = width_rad * 0.1 * RADAR.range_max_m * 16_000.0
    assert look.clutter_density == pytest.approx(RADAR.false_alarms_per_scan / volume_size)


def test_every_sensor_has_its_own_biases() -> None:
    biases = Biases(NETWORK)
    taken = [
        index
        for sensor_id, first in biases.first.items()
        for index in range(first, first + biases.count[sensor_id])
    ]
    assert taken == list(range(kernel.BODY, biases.size))
    first = biases.first[RADAR.sensor_id] - kernel.BODY
    assert biases.sigmas[first : first + 3] == pytest.approx(
        [RADAR.range_bias_sigma_m, RADAR.angle_bias_sigma_rad, RADAR.angle_bias_sigma_rad]
    )
