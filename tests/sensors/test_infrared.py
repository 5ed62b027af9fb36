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
    background_is_earth,
    boresight_ecef,
    centroid_sigma_rad,
    detection_probability,
    false_alarm_probability,
    irradiance_w_m2,
    line_of_sight_ecef,
    noise_irradiance_w_m2,
    satellite_position_gcrf_m,
    source_irradiance_w_m2,
    sun_excluded,
    threshold_snr,
)
from forewarn.sensors.model import SensorModel
from forewarn.sensors.sight import unit
from forewarn.sensors.transmission import CARBON_DIOXIDE_BAND, WATER_BAND
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


def test_the_band_and_the_trough_reach_the_telescope() -> None:
    """At 10 km the second colour is dark; at 80 km a plume shows a fifth, a bare source all."""
    low, high = (ecef_from_geodetic(0.0, 0.0, h) for h in (10_000.0, 80_000.0))
    full = np.array(1e6)
    water, carbon_dioxide = (
        float(source_irradiance_w_m2(full, low, SATELLITE, band))
        for band in (WATER_BAND, CARBON_DIOXIDE_BAND)
    )
    assert carbon_dioxide < 0.1 * water
    bare = float(source_irradiance_w_m2(full, high, SATELLITE))
    assert float(irradiance_w_m2(full, high, SATELLITE)) == pytest.approx(0.2 * bare, rel=1e-3)


def test_only_what_stands_above_the_limb_is_against_space() -> None:
    """A ray that grazes the Earth beyond the source splits the two; the tangent height moves it.

    Seen along the equator's tangent, a source 1,000 km behind the tangent point has space behind
    it, 1,000 km before it the ground or the air at the tangent height.
    """
    satellite = np.array([-30_000_000.0, 6_378_137.0 + 20_000.0, 0.0])
    source = np.array([-1_000_000.0, 6_378_137.0 + 20_000.0, 0.0])
    assert not background_is_earth(source, satellite)
    assert background_is_earth(source, satellite, 30_000.0)
    assert background_is_earth(source - np.array([0.0, 30_000.0, 0.0]), satellite)
    behind = source + np.array([2_000_000.0, 0.0, 0.0])
    assert not background_is_earth(behind, satellite, 30_000.0)
    sources = np.stack((source, behind))
    np.testing.assert_array_equal(background_is_earth(sources, satellite, 3e4), [True, False])


def test_the_sun_blinds_near_it_and_not_behind_the_earth() -> None:
    """At 42,164 km the Earth hides what is within 8.7 degrees of nadir, Sun included."""

    def sun_from_nadir(angle_deg: float) -> np.ndarray:
        angle = math.radians(angle_deg)
        return np.array([-math.cos(angle), math.sin(angle), 0.0])

    half_angle = math.radians(15.0)
    assert sun_excluded(SATELLITE, NADIR, sun_from_nadir(10.0), half_angle)
    assert not sun_excluded(SATELLITE, NADIR, sun_from_nadir(20.0), half_angle)
    assert not sun_excluded(SATELLITE, NADIR, sun_from_nadir(8.6), half_angle)
    assert sun_excluded(SATELLITE, NADIR, sun_from_nadir(8.8), half_angle)
    assert not sun_excluded(SATELLITE, NADIR, sun_from_nadir(10.0), math.radians(9.0))
    directions = np.stack((NADIR, -NADIR))
    found = sun_excluded(SATELLITE, directions, sun_from_nadir(10.0), half_angle)
    np.testing.assert_array_equal(found, [True, False])


def test_background_noise_is_the_counting_of_photons() -> None:
    """Poisson's law, photon by photon; in the dark the telescope's own noise remains."""
    background, pixel_sr, gathering = 0.5, 2e-10, 5e-5
    photon_j = 6.62607015e-34 * 299_792_458.0 / 2.7e-6
    per_count_w_m2 = photon_j / gathering
    count = background * pixel_sr / per_count_w_m2
    drawn = np.random.default_rng(1).poisson(count, 200_000)
    expected = float(np.std(drawn)) * per_count_w_m2
    found = noise_irradiance_w_m2(0.0, np.array(background), pixel_sr, gathering_m2_s=gathering)
    assert float(found) == pytest.approx(expected, rel=0.01)
    dark = noise_irradiance_w_m2(2e-12, np.array(0.0), pixel_sr, gathering_m2_s=gathering)
    assert float(dark) == pytest.approx(2e-12)
    both = noise_irradiance_w_m2(2e-12, np.array(background), pixel_sr, gathering_m2_s=gathering)
    assert float(both) == pytest.approx(math.hypot(2e-12, float(found)))
    longer = noise_irradiance_w_m2(
        0.0, np.array(background), pixel_sr, gathering_m2_s=gathering, band=CARBON_DIOXIDE_BAND
    )
    assert float(longer / found) == pytest.approx(math.sqrt(2.7 / 4.3))


def test_thresholds_are_the_table_of_the_normal_law() -> None:
    """Abramowitz and Stegun, table 26.5: Q = 1e-3 and 1e-6 at 3.09023 and 4.75342."""
    found = threshold_snr(np.array([1e-3, 1e-6]))
    np.testing.assert_allclose(found, [3.09023, 4.75342], atol=1e-5)
    np.testing.assert_allclose(false_alarm_probability(found), [1e-3, 1e-6], rtol=1e-9)
    assert float(detection_probability(6.0, 6.0)) == pytest.approx(0.5)
    assert float(detection_probability(7.2816, 6.0)) == pytest.approx(0.9, abs=1e-4)


def test_the_centroid_bound_is_fishers() -> None:
    """From the Fisher information of a Gaussian spot on a fine grid, differentiated by hand."""
    step, sigma, noise = 0.05, 1.0, 0.02
    x = np.arange(-8.0, 8.0, step)
    spot = np.exp(-0.5 * (x[:, None] ** 2 + x**2) / sigma**2)
    ahead = np.exp(-0.5 * ((x[:, None] - 1e-4) ** 2 + x**2) / sigma**2)
    information = np.sum(((ahead - spot) / 1e-4) ** 2) / noise**2
    snr = math.sqrt(float(np.sum(spot**2))) / noise
    bound = float(centroid_sigma_rad(sigma, snr))
    assert bound == pytest.approx(float(information) ** -0.5, rel=1e-3)


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
