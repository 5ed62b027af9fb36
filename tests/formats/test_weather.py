"""Weather and clutter in scenario files: what they say in SI, and how they refuse nonsense."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from forewarn.epoch import tai_ns_from_utc_text
from forewarn.formats import FormatError
from forewarn.formats.check import check_file
from forewarn.formats.hot_spots import HEADER, read_hot_spots
from forewarn.formats.scenario import load_scenario
from forewarn.missiles.bolide import KILOTON_J
from forewarn.simulation.clutter import Clutter, Glints, Lightning
from forewarn.simulation.weather import Weather
from tests.formats import samples

WEATHER = """\
weather: {cover_percent: 60, mean_top_km: 7, top_sigma_km: 2, correlation_km: 200, albedo: 0.4}
"""
CLUTTER = """\
clutter:
  hot_spots: [fires.csv]
  lightning: {flash_rate_hz: 20, in_band_ratio: 0.5}
  bolides_per_year: 30
  bolides:
    - bolide_id: greenland
      time_utc: 2018-07-25T21:55:00Z
      latitude_deg: 76.9
      longitude_deg: -69.0
      azimuth_deg: 10
      energy_kt: 2.1
      speed_km_s: 24.4
      entry_angle_deg: 45
  aircraft:
    - aircraft_id: contrail
      time_utc: 2010-11-09T01:00:00Z
      latitude_deg: 33
      longitude_deg: -119
      height_km: 11.3
      azimuth_deg: 45
      speed_m_s: 240
      duration_s: 600
      intensity_w_sr: 5.0e3
  glints: {spacing_km: 80, tilt_sigma_deg: 6, area_m2: 2.0e4}
"""
FIRES = HEADER + "\n-4.997,-37.427,64.94,1100,250\n\n 60.2 , -3.87, 5, 1800, 0\n"
PLAIN = samples.SCENARIO.replace("cloud_top_km: 8.5\n", "")


def written(folder: Path, text: str) -> Path:
    """The scenario file of a text, with everything that it names."""
    (folder / "fires.csv").write_text(FIRES, encoding="utf-8")
    return samples.write_files(folder, scenario=text)


def refused(folder: Path, text: str) -> str:
    """The message with which a scenario is refused."""
    with pytest.raises(FormatError) as caught:
        load_scenario(written(folder, text))
    return str(caught.value)


def test_weather_and_clutter_in_si(tmp_path: Path) -> None:
    """Kilometres, degrees, per cent, megawatts and kilotons become SI; times TAI."""
    scenario = load_scenario(written(tmp_path, PLAIN + WEATHER + CLUTTER))
    assert scenario.weather == Weather(
        cover_fraction=0.6, mean_top_m=7e3, top_sigma_m=2e3, correlation_m=2e5, albedo=0.4
    )
    clutter = scenario.clutter
    assert clutter is not None
    assert clutter.lightning == Lightning(flash_rate_hz=20.0, in_band_ratio=0.5)
    assert clutter.bolides_per_year == 30.0
    assert clutter.glints == Glints(spacing_m=8e4, tilt_sigma_rad=math.radians(6.0), area_m2=2e4)
    (fall,), (aircraft,) = clutter.falls, clutter.aircraft
    assert fall.fall_id == "greenland"
    assert fall.time_tai_ns == tai_ns_from_utc_text("2018-07-25T21:55:00Z")
    assert fall.meteoroid.energy_j == pytest.approx(2.1 * KILOTON_J)
    assert fall.meteoroid.speed_m_s == 24_400.0
    assert fall.meteoroid.entry_angle_rad == math.radians(45.0)
    assert (fall.latitude_rad, fall.azimuth_rad) == (math.radians(76.9), math.radians(10.0))
    assert (aircraft.aircraft_id, aircraft.height_m) == ("contrail", 11_300.0)
    assert (aircraft.speed_m_s, aircraft.duration_s) == (240.0, 600.0)
    first, second = clutter.hot_spots
    assert first.radiant_power_w == 64.94e6
    assert first.latitude_rad == math.radians(-4.997)
    assert (first.temperature_k, first.height_m) == (1_100.0, 250.0)
    assert (second.temperature_k, second.longitude_rad) == (1_800.0, math.radians(-3.87))


def test_what_is_left_out_is_not_there(tmp_path: Path) -> None:
    """Neither by default; of clutter, nothing that is not asked for; ``{}`` asks for the usual."""
    plain = load_scenario(written(tmp_path, PLAIN))
    assert plain.weather is None
    assert plain.clutter is None
    empty = load_scenario(written(tmp_path, PLAIN + "clutter: {}\n"))
    assert empty.clutter == Clutter()
    usual = load_scenario(
        written(tmp_path, PLAIN + WEATHER + "clutter: {lightning: {}, glints: {}}\n")
    )
    assert usual.clutter == Clutter(lightning=Lightning(), glints=Glints())


def test_the_checker_takes_it(tmp_path: Path) -> None:
    """No remark about a good file."""
    assert check_file(written(tmp_path, PLAIN + WEATHER + CLUTTER)).warnings == (
        check_file(written(tmp_path, PLAIN)).warnings
    )


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        (
            "mean_top_km: 7, top_sigma_km: 2",
            "mean_top_km: 14, top_sigma_km: 3",
            ("weather.top_sigma_km", "14 km within 3 km reach 20 km", "stratosphere", "at most 2"),
        ),
        (
            "mean_top_km: 7,",
            "mean_top_km: 19,",
            ("weather.mean_top_km", "19 is out of range", "more than 0 and at most 18"),
        ),
        (
            "top_sigma_km: 2",
            "top_sigma_km: 4",
            ("weather.top_sigma_km", "below the ground", "at most 3.5"),
        ),
        (
            "correlation_km: 200",
            "correlation_km: 0.1",
            ("weather.correlation_km", "0.1 is out of range", "at least 1 and at most 2000"),
        ),
        ("cover_percent: 60", "cover_percent: 120", ("weather.cover_percent", "120", "most 100")),
        ("albedo: 0.4", "albedo: 1.4", ("weather.albedo", "1.4", "at most 1")),
        ("cover_percent", "cover", ("did you mean 'cover_percent'? This field is in per cent",)),
        ("bolide_id: greenland", "bolide_id: ''", ("clutter.bolides[0].bolide_id",)),
        ("energy_kt: 2.1", "energy_kt: 0", ("bolides[0].energy_kt", "more than 0")),
        ("speed_km_s: 24.4", "speed_km_s: 4", ("bolides[0].speed_km_s", "at least 9")),
        ("entry_angle_deg: 45", "entry_angle_deg: 1", ("entry_angle_deg", "at least 4")),
        ("height_km: 11.3", "height_km: 40", ("aircraft[0].height_km", "at most 30")),
        ("spacing_km: 80", "spacing_km: 2", ("glints.spacing_km", "at least 20")),
        ("fires.csv", "no.csv", ("clutter.hot_spots[0]", "there is no file 'no.csv'")),
    ],
)
def test_nonsense_is_refused_with_what_to_do(
    tmp_path: Path, old: str, new: str, parts: tuple[str, ...]
) -> None:
    """Field, value, bound and mend."""
    text = PLAIN + WEATHER + CLUTTER
    assert old in text
    message = refused(tmp_path, text.replace(old, new))
    assert all(part in message for part in parts), message


def test_glints_need_clouds_and_clouds_come_one_way(tmp_path: Path) -> None:
    """Glints without weather, and two statements of the cloud top, are contradictions."""
    message = refused(tmp_path, PLAIN + "clutter: {glints: {}}\n")
    assert "clutter.glints" in message
    assert "add 'weather'" in message
    message = refused(tmp_path, samples.SCENARIO + WEATHER)
    assert "cloud_top_km" in message
    assert "remove one of the two" in message


@pytest.mark.parametrize(
    ("begin", "end"), [("  bolides:\n", "  aircraft:\n"), ("  aircraft:\n", "  glints:")]
)
def test_ids_are_unique(tmp_path: Path, begin: str, end: str) -> None:
    """Two of a kind cannot share a stream of noise."""
    before, rest = CLUTTER.split(begin)
    item, after = rest.split(end)
    twice = before + begin + item + item + end + after
    assert "is already the id of" in refused(tmp_path, PLAIN + WEATHER + twice)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ("header of a file of hot spots is missing", HEADER)),
        (HEADER, ("no hot spots",)),
        (HEADER + "\n1,2,3", ("3 values in the row", "write 5")),
        (HEADER + "\n95,2,3,1100,0", ("latitude_deg", "'95' is not a number from -90 to 90")),
        (HEADER + "\n1,2,3,90,0", ("temperature_k", "'90' is not a number from 400 to 4000")),
        (HEADER + "\n1,2,nan,1100,0", ("radiant_power_mw", "'nan'")),
        (HEADER + "\n1,2,x,1100,0", ("radiant_power_mw", "'x'", "correct or remove the row")),
    ],
)
def test_bad_hot_spots_are_refused(text: str, parts: tuple[str, ...]) -> None:
    """Line, column, value and mend."""
    with pytest.raises(FormatError) as caught:
        read_hot_spots(text, file="fires.csv")
    assert all(part in str(caught.value) for part in parts), str(caught.value)
