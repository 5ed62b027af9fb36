"""The families we ship: what they claim, what they can do, and how they disperse."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest

from forewarn.earth import STANDARD_GRAVITY_M_S2
from forewarn.formats.vehicles import load_vehicles
from forewarn.missiles.flight import fly
from forewarn.missiles.shaping import ShapingError, ground_range_m, least_energy_flight
from forewarn.missiles.vehicle import SPREAD_PARAMETERS, FamilySpread, Vehicle, dispersed
from tests.missiles.vehicles import SITE

VEHICLES = load_vehicles(Path(__file__).parents[2] / "scenarios" / "vehicles" / "generic.yaml")
CLASSES = {
    "short_range_liquid": ("short_range", 300e3),
    "medium_range_liquid": ("medium_range", 1_300e3),
    "intermediate_liquid": ("intermediate_range", 2_700e3),
    "intermediate_solid": ("intermediate_range", 4_500e3),
    "intercontinental_liquid": ("intercontinental", 10_000e3),
    "intercontinental_solid": ("intercontinental", 10_000e3),
    "submarine_launched_solid": ("intercontinental", 7_500e3),
}


@pytest.mark.parametrize("vehicle", VEHICLES.values(), ids=VEHICLES)
def test_each_says_where_its_numbers_come_from(vehicle: Vehicle) -> None:
    """A source of some length, a spread that is not all zero, and lift-off in its band.

    Thrust-to-weight: solids 2 and more, liquid intercontinental ones 1.3 to 1.5, a launcher from
    1.2 (FACTS 1.2, soft); short ranges more (V-2 class: 25 t on 13 t).
    """
    assert len(vehicle.source) > 80
    assert any(getattr(vehicle.spread, name) > 0.0 for name in SPREAD_PARAMETERS)
    first = vehicle.stages[0]
    lift = first.thrust_n * (1.0 - first.sea_level_loss)
    ratio = lift / (STANDARD_GRAVITY_M_S2 * vehicle.lift_off_kg)
    low, high = (1.2, 1.6)
    if "solid" in vehicle.source and "liquid" not in vehicle.source:
        low, high = 2.0, 10.0
    if vehicle.vehicle_class == "short_range":
        low, high = 1.5, 2.5
    assert low <= ratio <= high


@pytest.mark.parametrize(("vehicle_id", "wanted"), CLASSES.items())
def test_each_reaches_the_range_of_its_class(vehicle_id: str, wanted: tuple[str, float]) -> None:
    """It flies its range, and not twice as far (the 2,700 km one is older, and strong)."""
    vehicle_class, range_m = wanted
    vehicle = VEHICLES[vehicle_id]
    assert vehicle.vehicle_class == vehicle_class
    _, _, flown = least_energy_flight(vehicle, **SITE, range_m=range_m)
    assert ground_range_m(flown) == pytest.approx(range_m, abs=500.0)
    with pytest.raises(ShapingError, match="short of"):
        least_energy_flight(vehicle, **SITE, range_m=2.0 * range_m)


def test_a_draw_of_zero_is_the_vehicle_itself() -> None:
    """And none of the parameters is missing from the draw."""
    for vehicle in VEHICLES.values():
        assert dispersed(vehicle, np.zeros(len(SPREAD_PARAMETERS))) == vehicle


@pytest.mark.parametrize("name", SPREAD_PARAMETERS)
def test_each_spread_moves_what_it_names(name: str) -> None:
    """One sigma up: the ratio of what it names is exp(sigma); what else changes is implied."""
    spread = FamilySpread(**{name: 0.1})
    vehicle = msgspec.structs.replace(VEHICLES["boost_glide"], spread=spread)
    normals = [1.0 if parameter == name else 0.7 for parameter in SPREAD_PARAMETERS]
    member = dispersed(vehicle, normals)

    def numbers(of: Vehicle) -> dict[str, float]:
        stage, glide = of.stages[0], of.glide
        assert glide is not None
        assert stage.spent_drag_area_m2 is not None
        return {
            "thrust": stage.thrust_n,
            "burn": stage.burn_s,
            "exhaust_velocity": stage.exhaust_velocity_m_s,
            "propellant": stage.propellant_kg,
            "structure": stage.structure_kg,
            "payload": of.payload_kg,
            "drag_area": stage.drag_area_m2,
            "spent_drag_area": stage.spent_drag_area_m2,
            "kick": of.kick_rad,
            "intensity": stage.intensity_w_sr,
            "ballistic_coefficient": of.ballistic_coefficient_kg_m2,
            "glide_coefficient": glide.ballistic_coefficient_kg_m2,
            "radar_cross_section": of.radar_cross_section_m2,
            "lift_to_drag": glide.lift_to_drag,
        }

    implied = {
        "thrust": {"burn": -1},
        "exhaust_velocity": {"thrust": 1},
        "propellant": {"burn": 1},
        "drag_area": {"spent_drag_area": 1},
        "ballistic_coefficient": {"glide_coefficient": 1},
    }
    stem = name.removesuffix("_fraction")
    moved = {stem: 1} | implied.get(stem, {})
    before, after = numbers(vehicle), numbers(member)
    for key in before:
        sigmas = math.log(after[key] / before[key]) / 0.1
        assert sigmas == pytest.approx(moved.get(key, 0), abs=1e-9), key


def test_a_family_is_dispersed_as_stated() -> None:
    """Over 400 members the logarithm of the thrust has the stated sigma within 10 %."""
    vehicle = VEHICLES["intercontinental_liquid"]
    draws = np.random.default_rng(3).standard_normal((400, len(SPREAD_PARAMETERS)))
    members = [dispersed(vehicle, draw) for draw in draws]
    logs = np.log([m.stages[0].thrust_n / vehicle.stages[0].thrust_n for m in members])
    wanted = math.hypot(vehicle.spread.thrust_fraction, vehicle.spread.exhaust_velocity_fraction)
    assert np.std(logs) == pytest.approx(wanted, rel=0.1)
    assert all(fly(m, **SITE).times_s[-1] > 0.0 for m in members[:20])


def test_what_a_spent_stage_is_to_the_air() -> None:
    """Its mass over its tumbling drag area; ten times the stage's own where none is stated."""
    stage = VEHICLES["intercontinental_solid"].stages[0]
    assert stage.spent_ballistic_coefficient_kg_m2 == pytest.approx(2_000.0 / 10.0)
    unstated = msgspec.structs.replace(stage, spent_drag_area_m2=None)
    assert unstated.spent_ballistic_coefficient_kg_m2 == pytest.approx(2_000.0 / 8.0)
