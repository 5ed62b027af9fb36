"""Configuration files in people's units become records in SI."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import pytest
from scipy.stats import norm

from forewarn.epoch import tai_ns_from_utc_text
from forewarn.formats import FormatError
from forewarn.formats import policy as policy_files
from forewarn.formats.areas import load_areas
from forewarn.formats.check import check_file
from forewarn.formats.network import DEFAULT_EPOCH_TAI_NS, load_network
from forewarn.formats.policy import load_policy
from forewarn.formats.scenario import load_scenario
from forewarn.formats.units import si_name
from forewarn.formats.vehicles import load_vehicles
from forewarn.orbits import geostationary
from forewarn.records import Realm
from forewarn.sensors.network import InfraredSensor, RadarSensor
from forewarn.simulation.scenario import Dispersion, FlownLaunch, TelemetryLaunch
from forewarn.warning.policy import Policy
from tests.formats import samples


def test_a_scenario_with_all_its_files(tmp_path: Path) -> None:
    """Times in any zone, kilometres, degrees and per cent come out as TAI and SI."""
    scenario = load_scenario(samples.write_files(tmp_path))
    # 2017-08-28T20:50:00Z is Unix 1503953400; TAI was 37 s ahead of UTC (IERS Bulletin C 52).
    assert scenario.start_tai_ns == (1_503_953_400 + 37) * 10**9
    assert scenario.end_tai_ns - scenario.start_tai_ns == 1800 * 10**9
    assert (scenario.seed, scenario.cloud_top_m) == (7, 8500.0)
    assert scenario.description == "A flight over the sea, and a space launch."
    flown, telemetry = scenario.launches
    assert isinstance(flown, FlownLaunch)
    assert flown.time_tai_ns == tai_ns_from_utc_text("2017-08-28T20:57:00Z")
    assert (flown.range_m, flown.apogee_m, flown.height_m) == (2.7e6, 5.5e5, 12.0)
    assert flown.azimuth_rad == pytest.approx(math.pi / 3.0)
    assert flown.latitude_rad == pytest.approx(math.radians(39.2))
    assert flown.vehicle.stages[0].thrust_n == 420_500.0
    assert flown.dispersion == Dispersion(
        thrust_fraction=0.01, range_m=3e4, azimuth_rad=math.radians(0.5)
    )
    assert isinstance(telemetry, TelemetryLaunch)
    assert telemetry.samples == ((0.0, 0.0, 0.0), (1.0, 3.5, 2.0), (2.5, 9.25, 11.0))
    assert telemetry.burns_s == ((0.0, 160.0), (168.0, 540.5))
    assert telemetry.intensities_w_sr == (2e6, 1e5)
    assert (telemetry.height_m, telemetry.descending) == (0.0, False)
    (notice,) = scenario.notices
    assert notice.realm is Realm.SIMULATION
    assert notice.radius_m == 2e4
    assert notice.azimuth_rad == pytest.approx(math.pi / 4.0)


def test_engineering_units_of_sensors(tmp_path: Path) -> None:
    """Decibels become ratios; kilowatts, megahertz, picowatts and microradians become SI."""
    samples.write_files(tmp_path)
    network = load_network(tmp_path / "network.yaml")
    telescope, radar = network.sensors
    assert isinstance(telescope, InfraredSensor)
    assert telescope.noise_equivalent_irradiance_w_m2 == 2.5e-12
    assert telescope.angle_noise_rad == 2e-5
    assert telescope.stare_at_rad == (math.radians(40.0), math.radians(127.0))
    assert telescope.domains.communications == "c"
    assert isinstance(radar, RadarSensor)
    assert radar.gain == pytest.approx(6309.573, rel=1e-6)  # 38 dB
    assert radar.loss == pytest.approx(10.0)
    assert radar.detection_snr == pytest.approx(19.9526, rel=1e-5)  # 13 dB
    assert (radar.peak_power_w, radar.pulse_s, radar.frequency_hz) == (6e5, 0.016, 4.4e8)
    assert radar.angle_bias_sigma_rad == 5e-4


def test_satellites_by_each_kind_of_elements(tmp_path: Path) -> None:
    """TLE with a new epoch, geostationary, Molniya and classical elements."""
    samples.write_files(tmp_path)
    satellites = load_network(tmp_path / "network.yaml").satellites
    assert satellites["known"].catalogue_number == 25544
    assert satellites["known"].epoch_tai_ns == tai_ns_from_utc_text("2017-08-28T20:00:00Z")
    assert satellites["known"].mean_anomaly_rad == math.pi / 2.0
    assert satellites["low"].inclination_rad == pytest.approx(math.radians(98.0))
    assert satellites["high"].eccentricity == pytest.approx(0.72)
    here = geostationary("geo-1", math.radians(130.0), DEFAULT_EPOCH_TAI_NS)
    assert satellites["geo-1"] == here


def test_a_satellite_without_epoch_stands_where_it_is_said_when_the_scenario_starts(
    tmp_path: Path,
) -> None:
    """A notional geostationary satellite drifts, so its epoch must be near the simulated time."""
    network = samples.NETWORK.replace("epoch_utc: '2017-08-28T20:00:00Z', ", "")
    network = network.replace(", apogee_utc: 2017-08-28T20:30:00Z", "")
    scenario = load_scenario(samples.write_files(tmp_path, network=network))
    for name in ("geo-1", "known", "high"):
        assert scenario.network.satellites[name].epoch_tai_ns == scenario.start_tai_ns
    alone = load_network(tmp_path / "network.yaml").satellites["known"]
    assert alone.epoch_tai_ns == DEFAULT_EPOCH_TAI_NS


def test_an_omm_file_and_inertial_reepoch(tmp_path: Path) -> None:
    """``omm`` names a file; ``keep: inertial`` leaves the node among the stars."""
    vectors = Path(__file__).parents[1] / "vectors" / "orbits"
    (tmp_path / "one.kvn").write_bytes((vectors / "v01-baseline-reserialised.kvn").read_bytes())
    moved = "reepoch: {epoch_utc: '2020-01-01T00:00:00Z', keep: inertial}"
    text = samples.NETWORK.replace(
        "geostationary: {longitude_deg: 130}", f"omm: one.kvn\n    {moved}"
    )
    samples.write_files(tmp_path, network=text)
    moved_elements = load_network(tmp_path / "network.yaml").satellites["geo-1"]
    unmoved = samples.NETWORK.replace("geostationary: {longitude_deg: 130}", "omm: one.kvn")
    samples.write_files(tmp_path, network=unmoved)
    elements = load_network(tmp_path / "network.yaml").satellites["geo-1"]
    assert moved_elements.right_ascension_rad == pytest.approx(elements.right_ascension_rad)
    assert moved_elements.epoch_tai_ns == tai_ns_from_utc_text("2020-01-01T00:00:00Z")


def test_areas_and_their_corners(tmp_path: Path) -> None:
    samples.write_files(tmp_path)
    north, dateline = load_areas(tmp_path / "areas.yaml")
    assert (north.area_id, north.population, north.time_to_shelter_s) == ("north", 5_000_000, 240.0)
    assert north.polygon_rad[1] == (math.radians(41.4), math.radians(145.8))
    assert dateline.name == "Île de la Ligne"


def test_a_policy_and_what_it_leaves_out(tmp_path: Path) -> None:
    samples.write_files(tmp_path)
    policy = load_policy(tmp_path / "policy.yaml")
    assert (policy.version, policy.confirmed_domains, policy.lost_after_s) == (3, 3, 60.0)
    assert policy.orbital_probability == 0.99


def test_the_policy_table_has_the_fields_and_defaults_of_the_record() -> None:
    """A threshold that cannot be set from a file would be a hidden one."""
    fields = {field.name: field for field in policy_files.TABLE.fields}
    for stated in msgspec.structs.fields(Policy):
        assert si_name(stated.name) == stated.name
        if stated.default is not msgspec.NODEFAULT:
            assert fields[stated.name].default == stated.default
    assert list(fields) == [stated.name for stated in msgspec.structs.fields(Policy)]


def test_an_inline_vehicle(tmp_path: Path) -> None:
    """A vehicle may be written out in the launch."""
    body = samples.VEHICLES.split("  - vehicle_id")[1]
    inline = "vehicle:\n      vehicle_id" + body.replace("\n    ", "\n      ")
    text = samples.SCENARIO.replace("    vehicle: one_stage\n", f"    {inline}")
    scenario = load_scenario(samples.write_files(tmp_path, scenario=text))
    assert isinstance(scenario.launches[0], FlownLaunch)
    vehicles = load_vehicles(tmp_path / "vehicles.yaml")
    assert scenario.launches[0].vehicle == vehicles["one_stage"]


def test_without_shape_and_dispersion_the_vehicle_flies_as_it_stands(tmp_path: Path) -> None:
    head, rest = samples.SCENARIO.split("    shaped_to:")
    text = head + "  - kind: telemetry" + rest.split("  - kind: telemetry")[1]
    launch = load_scenario(samples.write_files(tmp_path, scenario=text)).launches[0]
    assert isinstance(launch, FlownLaunch)
    assert (launch.range_m, launch.apogee_m, launch.dispersion) == (None, None, Dispersion())


@pytest.mark.parametrize("written", ["2700", "2700.0", "2.7e3", "2.7e+3", "+2700", "27e2"])
def test_numbers_in_any_usual_spelling(tmp_path: Path, written: str) -> None:
    text = samples.SCENARIO.replace("range_km: 2700", f"range_km: {written}")
    launch = load_scenario(samples.write_files(tmp_path, scenario=text)).launches[0]
    assert isinstance(launch, FlownLaunch)
    assert launch.range_m == 2.7e6


def test_check_file_says_what_it_is_and_what_is_odd(tmp_path: Path) -> None:
    path = samples.write_files(tmp_path)
    for name in ("network", "areas", "policy", "vehicles"):
        assert check_file(tmp_path / f"{name}.yaml").kind == f"{name}/1"
    assert any("'low' carries no sensor" in w for w in check_file(path).warnings)
    late = samples.SCENARIO.replace("T05:57:00+09:00", "T15:57:00+09:00")
    late = late.replace("received_utc: 2017-08-28", "received_utc: 2017-08-27")
    old = samples.NETWORK.replace("epoch_utc: '2017", "epoch_utc: '2016")
    found = check_file(samples.write_files(tmp_path, scenario=late, network=old)).warnings
    for words in ("'L1' lifts off outside", "'N1' arrives outside", "'known' are 365 days"):
        assert any(words in warning for warning in found), (words, found)
    nothing = samples.SCENARIO.split("launches:")[0]
    found = check_file(samples.write_files(tmp_path, scenario=nothing)).warnings
    assert any("nothing is launched" in warning for warning in found)


def test_a_threshold_from_a_stated_false_alarm_rate(tmp_path: Path) -> None:
    """0.5 false alarms in a million pixels: 4.89 sigma of Gaussian noise (scipy's inverse)."""
    network = samples.FILES["network.yaml"]
    stated = network.replace("detection_snr: 5\n", "pixels_count: 1000000\n")
    path = samples.write_files(tmp_path, network=stated)
    sensor = load_network(path.parent / "network.yaml").sensor("ir-1")
    assert isinstance(sensor, InfraredSensor)
    assert sensor.detection_snr == pytest.approx(float(norm.isf(0.5e-6)), rel=1e-9)
    samples.write_files(tmp_path, network=stated.replace("1000000", "3"))
    with pytest.raises(FormatError, match=r"0\.5 false alarms among 3 pixels give no threshold"):
        load_network(tmp_path / "network.yaml")
    both = network.replace("detection_snr: 5\n", "detection_snr: 5\n    pixels_count: 9\n")
    samples.write_files(tmp_path, network=both)
    with pytest.raises(FormatError, match="exactly one"):
        load_network(tmp_path / "network.yaml")


def test_wind_by_height(tmp_path: Path) -> None:
    """Kilometres become metres; heights must ascend."""
    scenario = samples.FILES["scenario.yaml"]
    rows = (
        "wind:\n  - {height_km: 0, east_m_s: 5, north_m_s: -2}\n"
        "  - {height_km: %s, east_m_s: 40, north_m_s: 0}\n"
    )
    samples.write_files(tmp_path, scenario=scenario + rows % "12")
    found = load_scenario(tmp_path / "scenario.yaml")
    assert found.wind == ((0.0, 5.0, -2.0), (12_000.0, 40.0, 0.0))
    samples.write_files(tmp_path, scenario=scenario + rows % "0")
    with pytest.raises(FormatError, match="heights do not ascend"):
        load_scenario(tmp_path / "scenario.yaml")
