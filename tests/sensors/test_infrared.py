"""The telescope: brightness, what hides a plume, noise, and the measurement model."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text
from forewarn.frames import EarthOrientation, ecef_from_geodetic, gcrf_to_ecef_matrix
from forewarn.orbits import Satellite, molniya
from forewarn.records import Cone, InfraredMeasurement, Realm, Scan
from forewarn.sensors.infrared import (
    InfraredModel,
    angle_sigma_rad,
    band_transmission,
    boresight_ecef,
    irradiance_w_m2,
    line_of_sight_ecef,
    plume_factor,
    satellite_position_gcrf_m,
)
from forewarn.sensors.model import SensorModel
from forewarn.sensors.sight import unit
from tests.sensors.samples import TELESCOPE

SATELLITE = np.array([42_164_000.0, 0.0, 0.0])
NADIR = np.array([-1.0, 0.0, 0.0])


def model(*, cloud_top_m: float = 0.0, **changes: object) -> InfraredModel:
    """The sample telescope over the Gulf of Guinea, with other settings."""
    sensor = msgspec.structs.replace(TELESCOPE, **changes)
    return InfraredModel(sensor, SATELLITE, NADIR, cloud_top_m)


@pytest.mark.parametrize(
    ("intensity_w_sr", "expected_w_m2"), [(1e3, 6.9e-13), (1e4, 6.9e-12), (1e6, 6.9e-10)]
)
def test_irradiance_at_38_000_km(intensity_w_sr: float, expected_w_m2: float) -> None:
    """The published orders of magnitude, for a source above air and trough."""
    source = ecef_from_geodetic(0.0, 0.0, 200_000.0)
    satellite = source + np.array([38_000_000.0, 0.0, 0.0])
    found = irradiance_w_m2(np.array(intensity_w_sr), source, satellite)
    assert float(found) == pytest.approx(expected_w_m2, rel=0.01)


def test_the_air_hides_low_plumes_and_frees_high_ones() -> None:
    """Near zero below 3 km, about half at the usual cloud-break height, one above 20 km."""
    heights = np.linspace(0.0, 60_000.0, 61)
    overhead = band_transmission(heights, np.ones(61))
    assert overhead[2] < 0.01
    assert 0.3 < overhead[7] < 0.6
    assert overhead[20] > 0.95
    assert np.all(np.diff(overhead) > 0.0)


def test_a_slanted_path_crosses_more_air() -> None:
    """At 30 degrees of elevation the optical depth doubles; on the horizon it stays finite."""
    height = np.array(10_000.0)
    overhead = float(band_transmission(height, np.array(1.0)))
    slanted = float(band_transmission(height, np.array(0.5)))
    assert math.log(slanted) == pytest.approx(2.0 * math.log(overhead), rel=0.01)
    assert float(band_transmission(height, np.array(-0.2))) > 0.0


def test_plumes_dim_between_70_and_90_km() -> None:
    """The trough of the released satellite images, and full brightness on both sides."""
    assert float(plume_factor(np.array(80_000.0))) < 0.3
    assert float(plume_factor(np.array(60_000.0))) > 0.99
    assert float(plume_factor(np.array(100_000.0))) > 0.99


def test_a_geostationary_satellite_sees_to_81_degrees() -> None:
    """The textbook edge of coverage, 81.3 degrees of arc from the point below it."""
    wide = model(field_half_angle_rad=0.3)
    assert wide.visible(ecef_from_geodetic(0.0, math.radians(81.2), 0.0))
    assert not wide.visible(ecef_from_geodetic(0.0, math.radians(81.4), 0.0))
    assert not wide.visible(ecef_from_geodetic(0.0, math.radians(180.0), 0.0))


def test_the_cloud_hides_what_is_below_it() -> None:
    """Nothing under ``cloud_top_m`` is seen, also not under another cloud further on."""
    low = ecef_from_geodetic(0.0, 0.1, 6_900.0)
    assert model().visible(low)
    assert not model(cloud_top_m=7_000.0).visible(low)
    assert model(cloud_top_m=7_000.0).visible(ecef_from_geodetic(0.0, 0.1, 7_100.0))
    behind_the_limb = ecef_from_geodetic(0.0, math.radians(85.0), 30_000.0)
    wide = {"field_half_angle_rad": 0.3}
    assert model(**wide).visible(behind_the_limb)
    assert not model(cloud_top_m=25_000.0, **wide).visible(behind_the_limb)


def test_the_field_ends_at_its_half_angle() -> None:
    """One degree of field around nadir reaches 624 km on the ground (36,000 km x tan 1 degree)."""
    narrow = model(field_half_angle_rad=math.radians(1.0))
    assert narrow.visible(ecef_from_geodetic(0.0, 620_000.0 / 6_378_137.0, 0.0))
    assert not narrow.visible(ecef_from_geodetic(0.0, 640_000.0 / 6_378_137.0, 0.0))


def test_a_starer_looks_where_it_is_told() -> None:
    """The axis runs to the ground point, and to nadir without one."""
    ground = ecef_from_geodetic(0.6, 0.5, 0.0)
    np.testing.assert_allclose(boresight_ecef(SATELLITE, ground), unit(ground - SATELLITE))
    np.testing.assert_allclose(boresight_ecef(SATELLITE, None), NADIR)


def test_angle_noise_falls_to_its_floor() -> None:
    """At the threshold the stated noise, at twice the signal half, at last the floor."""
    found = angle_sigma_rad(TELESCOPE, np.array([6.0, 12.0, 600.0]))
    np.testing.assert_allclose(found, [20e-6, 10e-6, 4e-6])


def test_jacobian_is_the_derivative_of_predict() -> None:
    """Central differences over 10 m, at a line of sight off the predicted one."""
    telescope: SensorModel = model()
    state = np.concatenate((ecef_from_geodetic(0.6, 0.3, 90_000.0), [800.0, -300.0, 1500.0]))
    measured = unit(state[:3] - SATELLITE + np.array([0.0, 3e4, -2e4]))
    exact = telescope.jacobian(state, measured)
    for column in range(6):
        step = np.zeros(6)
        step[column] = 10.0
        ahead, behind = (telescope.predict(state + s, measured) for s in (step, -step))
        np.testing.assert_allclose(exact[:, column], (ahead - behind) / 20.0, atol=1e-14)


def test_residual_is_how_far_the_measured_direction_lies_from_the_state() -> None:
    """A direction turned by 100 microradians along the second axis shows exactly that."""
    telescope = model()
    state = np.concatenate((ecef_from_geodetic(0.6, 0.3, 90_000.0), np.zeros(3)))
    truth = unit(state[:3] - SATELLITE)
    first = unit(np.cross([0.0, 0.0, 1.0], truth))
    measured = unit(truth + 100e-6 * np.cross(truth, first))
    residual = telescope.residual(measured, telescope.predict(state, measured))
    np.testing.assert_allclose(residual, [0.0, 100e-6], atol=1e-9)
    np.testing.assert_allclose(telescope.noise(measured, 6.0), [20e-6, 20e-6])


def a_scan(orientation: EarthOrientation) -> tuple[Scan, Satellite]:
    """One empty scan of a satellite in a 12-hour orbit, an hour before perigee."""
    start = tai_ns_from_utc_text("2017-08-28T21:00:00Z")
    satellite = Satellite(molniya("HEO", 1.0, start - 5 * 3600 * SECOND_NS))
    position, velocity = satellite.state_gcrf(start, orientation)
    scan = Scan(
        scan_id="HEO-000001",
        realm=Realm.TEST,
        sensor_id="HEO",
        sequence=1,
        start_tai_ns=start,
        end_tai_ns=start + 10 * SECOND_NS,
        received_tai_ns=start + 11 * SECOND_NS,
        volume=Cone(axis_gcrf=(1.0, 0.0, 0.0), half_angle_rad=0.1),
        sensitivity=1e-12,
        measurements=(),
        position_gcrf_m=tuple(position),
        velocity_gcrf_m_s=tuple(velocity),
    )
    return scan, satellite


def test_the_satellite_is_carried_through_its_sweep() -> None:
    """Ten seconds later, within two metres of SGP4 on a steep orbit."""
    orientation = EarthOrientation.from_iers()
    scan, satellite = a_scan(orientation)
    expected, _ = satellite.state_gcrf(scan.end_tai_ns, orientation)
    carried = satellite_position_gcrf_m(scan, scan.end_tai_ns)
    assert float(np.linalg.norm(carried - expected)) < 2.0


def test_a_line_of_sight_in_ecef_points_at_its_source() -> None:
    """A ground point seen in gcrf is hit again by the line in ecef."""
    orientation = EarthOrientation.from_iers()
    scan, satellite = a_scan(orientation)
    seen = scan.start_tai_ns + 4 * SECOND_NS
    ground = ecef_from_geodetic(1.0, 1.2, 0.0)
    matrix = gcrf_to_ecef_matrix(seen, orientation)
    x, y, z = unit(matrix.T @ ground - satellite.state_gcrf(seen, orientation)[0])
    measurement = InfraredMeasurement(
        measurement_id="m",
        seen_tai_ns=seen,
        right_ascension_rad=math.atan2(y, x) % (2.0 * math.pi),
        declination_rad=math.asin(z),
        irradiance_w_m2=1e-11,
        snr=10.0,
    )
    position, direction = line_of_sight_ecef(scan, measurement, orientation)
    across = np.cross(direction, ground - position)
    assert float(np.linalg.norm(across)) < 1.0


def test_a_scan_without_satellite_is_refused_with_advice() -> None:
    """The error names the scan and what it lacks."""
    scan, _ = a_scan(EarthOrientation.from_iers())
    bare = msgspec.structs.replace(scan, position_gcrf_m=None)
    with pytest.raises(ValueError, match=r"HEO-000001.*must carry position_gcrf_m"):
        satellite_position_gcrf_m(bare, bare.start_tai_ns)
