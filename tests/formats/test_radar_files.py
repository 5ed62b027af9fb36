"""What network and scenario files say of radars: their time, their skyline, their sky."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from forewarn.epoch import tai_ns_from_utc_text
from forewarn.formats.faults import FormatError
from forewarn.formats.network import load_network
from forewarn.formats.scenario import load_scenario
from forewarn.sensors.network import RadarSensor
from forewarn.simulation.radar_sky import Jammer, RadarSky
from tests.formats import samples

ISS = """\
ISS
1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927
2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537
"""
JAMMER = """\
    - jammer_id: J
      latitude_deg: 40
      longitude_deg: 130
      height_m: 9000
      effective_power_kw: 2
      frequency_mhz: 440
      bandwidth_mhz: 5
      start_utc: 2017-08-28T21:00:00Z
      end_utc: 2017-08-28T21:10:00Z
"""


def radar_with(folder: Path, *lines: str, pulse_ms: float = 3.6) -> RadarSensor:
    """The sample's radar with more said of it; its fence takes 8 s."""
    text = samples.NETWORK.replace("pulse_ms: 16", f"pulse_ms: {pulse_ms}")
    samples.write_files(folder, network=text + "".join(f"    {line}\n" for line in lines))
    (radar,) = [
        s for s in load_network(folder / "network.yaml").sensors if isinstance(s, RadarSensor)
    ]
    return radar


def plan(beams: int = 100, duty: float = 25.0, more: str = "") -> str:
    """A beam plan of one face, in a line."""
    return (
        f"beam_plan: {{faces_count: 1, fence_beams_count: {beams}, listen_ms: 38, "
        f"duty_limit_percent: {duty}{more}}}"
    )


def refusal(folder: Path, *lines: str, pulse_ms: float = 3.6) -> str:
    """What the error says."""
    with pytest.raises(FormatError) as caught:
        radar_with(folder, *lines, pulse_ms=pulse_ms)
    return str(caught.value)


def test_a_plan_that_closes_is_read(tmp_path: Path) -> None:
    """192 beams of 41.6 ms are 7.99 s of the 8."""
    radar = radar_with(tmp_path, plan(192))
    assert radar.beam_plan is not None
    assert radar.beam_plan.fence_beams_count == 192
    assert radar.beam_plan.listen_s == pytest.approx(38e-3)


def test_a_plan_over_its_time_is_refused_with_the_shortfall(tmp_path: Path) -> None:
    """193 beams of 41.6 ms are 28.8 ms more than 8 s: the field, by how much, the mend."""
    said = refusal(tmp_path, plan(193))
    assert "beam_plan.fence_beams_count" in said
    assert "28.8 ms more than a face has in 8 s" in said
    assert "lower fence_beams_count" in said
    assert "network.yaml" in said


def test_a_volume_counts_too(tmp_path: Path) -> None:
    """100 beams in 8 s leave 15.36 of 32 s; four rows of 100 take 16.64: 1,280 ms too long."""
    volume = ", volume_rows_deg: [10, 20, 30, 40], volume_revisit_s: 32"
    said = refusal(tmp_path, plan(100, more=volume))
    assert "1280.0 ms more than a face has in 32 s" in said
    radar = radar_with(tmp_path, plan(100, more=volume.replace(", 40]", "]")))
    assert radar.beam_plan is not None
    assert radar.beam_plan.volume_rows_rad == pytest.approx(
        [math.radians(e) for e in (10.0, 20.0, 30.0)]
    )


def test_a_plan_over_its_duty_is_refused(tmp_path: Path) -> None:
    """100 pulses of 16 ms are 1.6 s; 10 % of 8 s are 0.8: 800 ms too much."""
    said = refusal(tmp_path, plan(100, duty=10.0), pulse_ms=16)
    assert "beam_plan.duty_limit_percent" in said
    assert "800.0 ms more than a face may" in said
    assert "a face may never send" in refusal(tmp_path, plan(100, duty=0.0))


def test_a_skyline_that_turns_back_is_refused(tmp_path: Path) -> None:
    """Azimuths rise once round; a good one is read in radians."""
    said = refusal(tmp_path, "horizon_mask_deg: [[10, 1], [5, 2]]")
    assert "horizon_mask_deg" in said
    assert "do not rise" in said
    radar = radar_with(tmp_path, "horizon_mask_deg: [[5, 1], [10, 2]]")
    assert radar.horizon_mask_rad[1] == pytest.approx((math.radians(10), math.radians(2)))


def scenario_with(folder: Path, sky: str) -> RadarSky | None:
    """The radar sky of the sample scenario with these lines under it."""
    (folder / "known.tle").write_text(ISS)
    scenario = samples.write_files(folder, scenario=samples.SCENARIO + sky)
    return load_scenario(scenario).radar_sky


def test_a_radar_sky_with_all_its_parts(tmp_path: Path) -> None:
    """Kilowatts, megahertz and instants in SI; the satellites of the file that it names."""
    sky = scenario_with(
        tmp_path,
        "radar_sky:\n  elements: known.tle\n  notional_objects_count: 30000\n"
        f"  sun_flux_ratio: 100\n  jammers:\n{JAMMER}",
    )
    assert sky is not None
    assert [each.catalogue_number for each in sky.elements] == [25544]
    assert (sky.notional_objects_count, sky.sun_flux_ratio) == (30_000, 100.0)
    assert sky.jammers == (
        Jammer(
            jammer_id="J",
            latitude_rad=math.radians(40.0),
            longitude_rad=math.radians(130.0),
            height_m=9_000.0,
            effective_power_w=2e3,
            frequency_hz=440e6,
            bandwidth_hz=5e6,
            start_tai_ns=tai_ns_from_utc_text("2017-08-28T21:00:00Z"),
            end_tai_ns=tai_ns_from_utc_text("2017-08-28T21:10:00Z"),
        ),
    )


def test_satellites_off_their_elements(tmp_path: Path) -> None:
    """Their age and how far off they fly; not said, elements are new and flown to the letter."""
    sky = scenario_with(tmp_path, "radar_sky: {notional_age_s: 43200, element_error_ratio: 1.5}\n")
    assert sky == RadarSky(notional_age_s=43_200.0, element_error_ratio=1.5)
    assert (RadarSky().notional_age_s, RadarSky().element_error_ratio) == (0.0, 0.0)
    with pytest.raises(FormatError, match="element_error_ratio"):
        scenario_with(tmp_path, "radar_sky: {element_error_ratio: -1}\n")
    with pytest.raises(FormatError, match="notional_age_s"):
        scenario_with(tmp_path, "radar_sky: {notional_age_s: 2000000}\n")


def test_without_a_word_there_is_no_radar_sky(tmp_path: Path) -> None:
    """Left out it is None; an empty one has Sun and Moon alone."""
    assert scenario_with(tmp_path, "") is None
    assert scenario_with(tmp_path, "radar_sky: {sun_flux_ratio: 1}\n") == RadarSky()


def test_noise_that_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    """And two jammers of one id."""
    with pytest.raises(FormatError, match="ends before it begins"):
        scenario_with(tmp_path, f"radar_sky:\n  jammers:\n{JAMMER.replace('21:10', '20:10')}")
    with pytest.raises(FormatError, match="already the id"):
        scenario_with(tmp_path, f"radar_sky:\n  jammers:\n{JAMMER}{JAMMER}")
