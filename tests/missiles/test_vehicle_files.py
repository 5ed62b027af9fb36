"""Vehicle files are refused with the field, its value, the bound and the mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from forewarn.formats.faults import FormatError
from forewarn.formats.vehicles import load_vehicles
from forewarn.missiles.vehicle import FamilySpread, Glide

GOOD = """\
forewarn: vehicles/1
vehicles:
  - vehicle_id: glider
    vehicle_class: unknown
    stages:
      - thrust_kn: 870
        sea_level_loss: 0.1
        burn_s: 60
        propellant_kg: 20000
        structure_kg: 2000
        drag_area_m2: 0.8
        intensity_w_sr: 1e6
        spent_drag_area_m2: 12
        spent_radar_cross_section_m2: 9
      - thrust_kn: 30
        coast_s: 90
        retrograde: true
        burn_s: 10
        propellant_kg: 110
        structure_kg: 0
        drag_area_m2: 0.5
        intensity_w_sr: 1e4
    payload_kg: 1000
    ballistic_coefficient_kg_m2: 9000
    radar_cross_section_m2: 0.1
    vertical_rise_s: 2
    kick_deg: 14
    source: notional
    shroud_kg: 200
    shroud_jettison_s: 50
    glide:
      lift_to_drag: 2.6
      ballistic_coefficient_kg_m2: 12000
      start_height_km: 60
      end_height_km: 30
      steady: false
    spread:
      thrust_percent: 3
      kick_percent: 5
"""


def load(folder: Path, text: str) -> object:
    """The vehicle that a text states."""
    path = folder / "vehicles.yaml"
    path.write_text(text, encoding="utf-8")
    return load_vehicles(path)["glider"]


def test_every_field_arrives(tmp_path: Path) -> None:
    """The newer ones, in SI."""
    path = tmp_path / "vehicles.yaml"
    path.write_text(GOOD, encoding="utf-8")
    vehicle = load_vehicles(path)["glider"]
    assert vehicle.glide == Glide(
        lift_to_drag=2.6,
        ballistic_coefficient_kg_m2=12_000.0,
        start_height_m=60e3,
        end_height_m=30e3,
        steady=False,
    )
    assert vehicle.spread == FamilySpread(thrust_fraction=0.03, kick_fraction=0.05)
    assert (vehicle.shroud_kg, vehicle.shroud_jettison_s) == (200.0, 50.0)
    first, second = vehicle.stages
    assert (first.spent_drag_area_m2, first.spent_radar_cross_section_m2) == (12.0, 9.0)
    assert (first.coast_s, first.retrograde) == (0.0, False)
    assert (second.coast_s, second.retrograde) == (90.0, True)
    assert (second.spent_drag_area_m2, second.spent_radar_cross_section_m2) == (None, 10.0)


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        (
            "propellant_kg: 20000",
            "propellant_kg: 50000",
            (
                "stages[0].propellant_kg: 50000 kg cannot feed 870 kN for 60 s: the exhaust would "
                "be 1044 m/s fast; it must be 1500 to 5000 m/s: write 10440 to 34800 kg"
            ),
        ),
        ("propellant_kg: 20000", "propellant_kg: 9000", "the exhaust would be 5800 m/s fast"),
        (
            "structure_kg: 2000",
            "structure_kg: 400",
            "structure is 2.0 % of the stage; it must be 3 to 60 %: write 619 to 30000 kg",
        ),
        ("structure_kg: 2000", "structure_kg: 40000", "structure is 66.7 % of the stage"),
        (
            "thrust_kn: 870",
            "thrust_kn: 510",
            (
                "stages[0].thrust_kn: does not lift the vehicle, which is 23310 kg; it must be "
                "more than 254.0 kN"
            ),
        ),
        ("start_height_km: 60", "start_height_km: 140", "140 is out of range"),
        ("start_height_km: 60", "start_height_km: 25", "the glide ends above its start"),
        ("lift_to_drag: 2.6", "lift_to_drag: 26", "26 is out of range"),
        (
            "shroud_jettison_s: 50",
            "shroud_jettison_s: 500",
            "the shroud is shed at 500 s; write a time within the powered flight, 0 to 160 s",
        ),
        ("thrust_percent: 3", "thrust_percent: 300", "300 is out of range"),
        ("retrograde: true", "retrograde: back", "'back' is neither true nor false"),
    ],
)
def test_what_could_not_fly_is_refused_with_a_lesson(
    tmp_path: Path, good: str, bad: str, says: str
) -> None:
    """Which line, which field, which value, what bound, what to do."""
    assert good in GOOD
    text = GOOD.replace(good, bad, 1)
    if bad == "thrust_kn: 510":  # weaker and slower, so that only the lifting fails
        text = text.replace("thrust_kn: 510", "thrust_kn: 240").replace("burn_s: 60", "burn_s: 160")
    with pytest.raises(FormatError) as refused:
        load(tmp_path, text)
    assert says in str(refused.value)
    assert refused.value.line is not None
    field = refused.value.path.split(".")[-1]
    assert field in text.splitlines()[refused.value.line - 1]


def test_a_first_stage_cannot_wait_on_the_pad(tmp_path: Path) -> None:
    """A pause before lift-off is a later launch."""
    text = GOOD.replace("        burn_s: 60\n", "        burn_s: 60\n        coast_s: 5\n", 1)
    with pytest.raises(FormatError, match="the first stage waits on the pad; leave it out"):
        load(tmp_path, text)


def test_a_stage_that_burns_twice_is_weighed_as_one(tmp_path: Path) -> None:
    """A burn without structure belongs to the stage of the next: 11 % of the two together."""
    twice = GOOD.replace("structure_kg: 2000", "structure_kg: 0").replace(
        "        structure_kg: 0\n        drag_area_m2: 0.5",
        "        structure_kg: 1500\n        drag_area_m2: 0.5",
    )
    assert load(tmp_path, twice)
