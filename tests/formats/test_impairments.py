"""Faults in scenario files: every field becomes a record in SI, and every mistake is a lesson."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import pytest

from forewarn.epoch import tai_ns_from_utc_text
from forewarn.formats import FormatError, impairments, units
from forewarn.formats.fields import Integer, Number, Table
from forewarn.formats.scenario import load_scenario
from forewarn.simulation import faults as in_si
from forewarn.simulation.faults import (
    BiasStep,
    Blind,
    ClockFault,
    CorruptedCounts,
    Death,
    Fault,
    FrozenOutput,
    Gaps,
    GhostLaunches,
    LinkFault,
    Register,
    ReplayedTape,
    Target,
)
from tests.formats import samples

SHIPPED = Path(__file__).resolve().parents[2] / "scenarios" / "impaired-links.yaml"
IR, PATH = Target("sensor_id", "ir-1"), Target("communications", "c")

FAULTS = """\
faults:
  - kind: link
    communications: c
    from_utc: 2017-08-28T20:55:00Z
    until_utc: 2017-08-29T06:00:00+09:00
    latency_s: 2
    jitter_s: 1.5
    jitter_law: heavy_tailed
    loss_percent: 2
    gaps: {good_mean_s: 30, bad_mean_s: 6, loss_percent: 90}
    garbled_percent: 1
    duplicate_percent: 10
    duplicate_delay_s: 5
    held_percent: 20
    held_s: 30
  - kind: link
    power: b
    gaps: {good_mean_s: 30, bad_mean_s: 6}
  - kind: clock
    clock: d
    offset_s: -0.5
    drift_ppm: 20
    walk_ms: 5
    register: {tick_s: 0.1, fraction_bits: 23, running_s: 360000}
  - kind: ghosts
    sensor_id: ir-1
    launch_site: {latitude_deg: 33, longitude_deg: 145, height_m: 12}
    azimuth_deg: 300
    vehicle: one_stage
    shaped_to: {range_km: 2700, apogee_km: 550}
    number: 3
    interval_s: 20
    spacing_deg: 0.5
  - kind: tape
    sensor_id: ir-1
    from_utc: 2017-08-28T20:58:00Z
    tape_from_utc: 2017-08-28T20:56:00Z
  - kind: frozen
    site: a
  - kind: bias
    sensor_id: radar-1
    across_mrad: 5
    up_mrad: -4
    range_offset_km: 3
  - kind: counts
    software: e
    digit_percent: 30
  - kind: blind
    sensor_id: radar-1
  - kind: death
    site: a
    announced: true
    reason: struck
"""


def written(folder: Path, faults: str) -> Path:
    """The sample scenario with those faults."""
    samples.write_files(folder)
    path = folder / "scenario.yaml"
    path.write_text(f"{path.read_text().rstrip()}\n{faults}")
    return path


def read(folder: Path, faults: str) -> tuple[Fault, ...]:
    """Faults as the scenario has them."""
    return load_scenario(written(folder, faults)).faults


def test_every_field_of_every_fault(tmp_path: Path) -> None:
    """Per cent, milliradians, kilometres, parts in a million and UTC come out as SI and TAI."""
    found = read(tmp_path, FAULTS)
    link, gaps, clock, ghosts, tape, frozen, bias, counts, blind, death = found
    assert link == LinkFault(
        target=PATH,
        from_tai_ns=tai_ns_from_utc_text("2017-08-28T20:55:00Z"),
        until_tai_ns=tai_ns_from_utc_text("2017-08-28T21:00:00Z"),
        latency_s=2.0,
        jitter_s=1.5,
        jitter_law="heavy_tailed",
        loss_fraction=0.02,
        gaps=Gaps(good_mean_s=30.0, bad_mean_s=6.0, loss_fraction=0.9),
        garbled_fraction=0.01,
        duplicate_fraction=0.1,
        duplicate_delay_s=5.0,
        held_fraction=0.2,
        held_s=30.0,
    )
    assert gaps == LinkFault(
        target=Target("power", "b"), gaps=Gaps(good_mean_s=30.0, bad_mean_s=6.0)
    )
    assert clock == ClockFault(
        target=Target("clock", "d"),
        offset_s=-0.5,
        drift_ratio=20e-6,
        walk_s=0.005,
        register=Register(tick_s=0.1, fraction_bits=23, running_s=360_000.0),
    )
    assert isinstance(ghosts, GhostLaunches)
    assert ghosts.vehicle.vehicle_id == "one_stage"
    assert (ghosts.latitude_rad, ghosts.longitude_rad) == (math.radians(33), math.radians(145))
    assert (ghosts.height_m, ghosts.azimuth_rad) == (12.0, math.radians(300))
    assert (ghosts.range_m, ghosts.apogee_m, ghosts.number) == (2.7e6, 5.5e5, 3)
    assert (ghosts.interval_s, ghosts.spacing_rad) == (20.0, math.radians(0.5))
    assert tape == ReplayedTape(
        target=IR,
        from_tai_ns=tai_ns_from_utc_text("2017-08-28T20:58:00Z"),
        tape_from_tai_ns=tai_ns_from_utc_text("2017-08-28T20:56:00Z"),
    )
    assert frozen == FrozenOutput(target=Target("site", "a"))
    radar = Target("sensor_id", "radar-1")
    assert bias == BiasStep(target=radar, across_rad=0.005, up_rad=-0.004, range_offset_m=3_000.0)
    assert counts == CorruptedCounts(target=Target("software", "e"), digit_fraction=0.3)
    assert blind == Blind(target=radar)
    assert death == Death(target=Target("site", "a"), announced=True, reason="struck")


def test_what_is_left_out_is_as_in_the_records(tmp_path: Path) -> None:
    """Defaults of the file and of the records are the same; without faults there are none."""
    stated = "faults:\n  - {kind: link, sensor_id: ir-1}\n  - {kind: clock, clock: d}\n"
    stated += "  - {kind: death, site: a}\n  - {kind: bias, sensor_id: ir-1}\n"
    assert read(tmp_path, stated) == (
        LinkFault(target=IR),
        ClockFault(target=Target("clock", "d")),
        Death(target=Target("site", "a")),
        BiasStep(target=IR),
    )
    samples.write_files(tmp_path)
    assert load_scenario(tmp_path / "scenario.yaml").faults == ()


def numbers(table: Table) -> list[tuple[str, Number | Integer]]:
    """All fields of a table, and of the tables in it, that hold one number."""
    found: list[tuple[str, Number | Integer]] = []
    for field in table.fields:
        if isinstance(field.kind, Table):
            found += numbers(field.kind)
        elif isinstance(field.kind, Number | Integer):
            found.append((field.name, field.kind))
    return found


@pytest.mark.parametrize("name", ["LINK", "CLOCK", "BIAS", "COUNTS"])
def test_files_and_records_allow_the_same(name: str) -> None:
    """What a file may say is what a record may hold, converted: one bound, never two."""
    for field, kind in numbers(getattr(impairments, name)):
        if field == "drift_ppm":
            least, most = kind.minimum / 1e6, kind.maximum / 1e6
            bounds = in_si.BOUNDS["drift_ratio"]
        else:
            unit = units.unit_of(field)
            least, most = kind.minimum, kind.maximum
            if unit is not None:
                least, most = unit.to_si(least), unit.to_si(most)
            bounds = in_si.BOUNDS[units.si_name(field)]
        assert bounds == pytest.approx((least, most), abs=1e-8), field


NOWHERE = "{latitude_deg: 0, longitude_deg: 0}"
CASES = {
    "unknown sensor": (
        "  - {kind: blind, sensor_id: ir-2}",
        ("faults[0].sensor_id: network 'small' has no sensor 'ir-2'", "did you mean 'ir-1'?"),
    ),
    "unknown path": (
        "  - {kind: link, communications: cable, loss_percent: 5}",
        ("faults[0].communications", "no communications 'cable'", "known here: c"),
    ),
    "nothing struck": (
        "  - {kind: blind}",
        ("faults[0]: none of sensor_id, site, power, communications, clock", "exactly one"),
    ),
    "two struck": (
        "  - {kind: blind, sensor_id: ir-1, site: a}",
        ("sensor_id and site are given", "exactly one"),
    ),
    "end before begin": (
        "  - {kind: blind, site: a, from_utc: 2017-08-28T21:00Z, until_utc: 2017-08-28T20:59Z}",
        ("faults[0].until_utc: the fault ends before it begins", "exchange the two"),
    ),
    "more than all": (
        "  - {kind: link, sensor_id: ir-1, loss_percent: 101}",
        ("faults[0].loss_percent: 101 is out of range", "at least 0 and at most 100"),
    ),
    "less than none": (
        "  - {kind: counts, sensor_id: ir-1, digit_percent: -1}",
        ("faults[0].digit_percent: -1 is out of range",),
    ),
    "other unit": (
        "  - {kind: clock, clock: d, walk_s: 0.1}",
        ("faults[0].walk_s: unknown field 'walk_s'", "'walk_ms'", "in milliseconds"),
    ),
    "probability": (
        "  - {kind: link, sensor_id: ir-1, loss_probability: 0.1}",
        ("unknown field 'loss_probability'", "known here: sensor_id", "loss_percent"),
    ),
    "range of a telescope": (
        "  - {kind: bias, sensor_id: ir-1, range_offset_km: 5}",
        ("faults[0].range_offset_km: a telescope measures no range", "strike a radar"),
    ),
    "tape after the fact": (
        "  - {kind: tape, site: a, from_utc: 2017-08-28T20:52Z, tape_from_utc: 2017-08-28T20:53Z}",
        ("faults[0].tape_from_utc: the tape must be recorded", "before the fault begins"),
    ),
    "law": (
        "  - {kind: link, sensor_id: ir-1, jitter_law: gaussian}",
        ("faults[0].jitter_law: 'gaussian' is not known", "exponential, uniform, heavy_tailed"),
    ),
    "kind": (
        "  - {kind: death_ray, sensor_id: ir-1}",
        ("faults[0].kind: 'death_ray' is not known", "did you mean 'death'?"),
    ),
    "vehicle": (
        f"  - {{kind: ghosts, site: a, launch_site: {NOWHERE}, azimuth_deg: 0, vehicle: other}}",
        ("faults[0].vehicle: there is no vehicle 'other'", "one_stage"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_told_with_its_place_and_what_to_do(case: str, tmp_path: Path) -> None:
    """File, line, field, value, bound, mend."""
    fault, words = CASES[case]
    path = written(tmp_path, f"faults:\n{fault}\n")
    with pytest.raises(FormatError) as told:
        load_scenario(path)
    assert told.value.line == len(path.read_text().splitlines())
    for word in words:
        assert word in str(told.value)


def test_the_shipped_example_has_a_bad_day_of_every_sort() -> None:
    """Links that lose, repeat and garble, a drifting clock, a liar, a death; the same flight."""
    scenario = load_scenario(SHIPPED)
    kinds = [type(fault) for fault in scenario.faults]
    assert set(kinds) == {LinkFault, ClockFault, GhostLaunches, Death}
    plain = load_scenario(SHIPPED.with_name("overflight-2017-08-29.yaml"))
    assert scenario.launches == plain.launches
    assert scenario.network == plain.network
    assert msgspec.structs.replace(scenario, faults=()).areas == plain.areas
