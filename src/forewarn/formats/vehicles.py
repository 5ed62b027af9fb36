"""Vehicle files (``forewarn: vehicles/1``): generic vehicles from open literature, by name."""

from __future__ import annotations

from pathlib import Path

from forewarn.earth import STANDARD_GRAVITY_M_S2
from forewarn.formats.document import read_document, read_text
from forewarn.formats.fields import (
    ID,
    Boolean,
    Choice,
    Field,
    ListOf,
    Number,
    Row,
    Table,
    Text,
    read_table,
    unique,
)
from forewarn.missiles.vehicle import FamilySpread, Glide, Stage, Vehicle
from forewarn.records import VEHICLE_CLASSES

HEADER = "vehicles/1"

_EXHAUST_M_S = (1_500.0, 5_000.0)
"""From weak solids to hydrogen: Sutton and Biblarz, 9th ed., tables 5-5 and 13-1, widened."""
_STRUCTURE_SHARE = (0.03, 0.6)
"""Of a stage; the lightest large stages come near 0.05, small solid ones near 0.3 (idem)."""
_SIGMA = Number(0.0, 100.0)

STAGE = Table(
    (
        Field("thrust_kn", Number(0.0, 1e5, True), "thrust in vacuum"),
        Field("sea_level_loss", Number(0.0, 0.5), "share of the thrust lost at sea level", 0.0),
        Field("burn_s", Number(0.0, 3_600.0, True), "burn time"),
        Field("propellant_kg", Number(0.0, 1e7, True), "mass of the propellant burned"),
        Field("structure_kg", Number(0.0, 1e6), "mass that falls away after burn-out"),
        Field(
            "drag_area_m2",
            Number(0.0, 1e3),
            "hypersonic drag coefficient times area of all that flies while it burns",
        ),
        Field(
            "intensity_w_sr",
            Number(0.0, 1e9),
            "in-band radiant intensity of the plume above the absorbing air",
        ),
        Field("coast_s", Number(0.0, 86_400.0), "pause before its ignition", 0.0),
        Field("retrograde", Boolean(), "true if it brakes: a burn against the velocity", False),
        Field(
            "spent_drag_area_m2",
            Number(0.0, 1e3, True),
            "drag coefficient times area of what falls away, tumbling",
            None,
        ),
        Field(
            "spent_radar_cross_section_m2",
            Number(0.0, 1e4, True),
            "mean radar cross-section of what falls away",
            10.0,
        ),
    )
)

GLIDE = Table(
    (
        Field("lift_to_drag", Number(0.1, 5.0), "lift over drag in the glide"),
        Field(
            "ballistic_coefficient_kg_m2",
            Number(0.0, 1e6, True),
            "mass over hypersonic drag coefficient times area in the glide",
        ),
        Field("start_height_km", Number(20.0, 100.0), "it lifts from here on its way down"),
        Field("end_height_km", Number(0.0, 60.0), "the glide ends here"),
        Field("steady", Boolean(), "true if it damps its skips", True),
    )
)

SPREAD = Table(
    (
        Field("thrust_percent", _SIGMA, "more thrust is a shorter burn of the same impulse", 0.0),
        Field("exhaust_velocity_percent", _SIGMA, "a faster exhaust is more thrust", 0.0),
        Field("propellant_percent", _SIGMA, "propellant of each stage", 0.0),
        Field("structure_percent", _SIGMA, "structure of each stage", 0.0),
        Field("payload_percent", _SIGMA, "mass after the last burn-out", 0.0),
        Field("drag_area_percent", _SIGMA, "drag area, of spent stages too", 0.0),
        Field("kick_percent", _SIGMA, "tip-over angle", 0.0),
        Field("intensity_percent", _SIGMA, "brightness of the plumes", 0.0),
        Field("ballistic_coefficient_percent", _SIGMA, "of the payload, in its glide too", 0.0),
        Field("radar_cross_section_percent", _SIGMA, "of the payload", 0.0),
        Field("lift_to_drag_percent", _SIGMA, "of a glider", 0.0),
    )
)

VEHICLE = Table(
    (
        Field("vehicle_id", ID, "the vehicle's name in scenarios"),
        Field("vehicle_class", Choice(VEHICLE_CLASSES), "the class that it is one of"),
        Field("stages", ListOf(STAGE, most=6), "stages in the order they burn"),
        Field("payload_kg", Number(0.0, 1e6, True), "mass after the last burn-out"),
        Field(
            "ballistic_coefficient_kg_m2",
            Number(0.0, 1e6, True),
            "re-entry mass over hypersonic drag coefficient times area",
        ),
        Field("radar_cross_section_m2", Number(0.0, 1e4, True), "mean radar cross-section"),
        Field("vertical_rise_s", Number(0.0, 300.0), "time of vertical rise before tip-over"),
        Field("kick_deg", Number(0.0, 90.0), "tip-over angle"),
        Field("coast_s", Number(0.0, 3_600.0), "pause between stages", 0.0),
        Field("source", Text(), "where the numbers come from"),
        Field("shroud_kg", Number(0.0, 1e5), "mass of a shroud", 0.0),
        Field("shroud_jettison_s", Number(0.0, 3_600.0), "when it is shed, after ignition", 0.0),
        Field("glide", GLIDE, "how the payload glides, if it does", None),
        Field("spread", SPREAD, "one sigma of the logarithm of each number of the family", None),
    )
)

TABLE = Table((Field("vehicles", ListOf(VEHICLE), "the vehicles"),))


def vehicle_from_row(row: Row) -> Vehicle:
    """Return the vehicle that a row of the `VEHICLE` table states.

    Raises FormatError for one that could not fly: whose propellant cannot feed its burns, whose
    structure is none or all, that does not lift itself, or whose glide ends above its start.
    """
    vehicle = row.build(
        Vehicle,
        stages=tuple(stage.build(Stage) for stage in row["stages"]),
        glide=None if row["glide"] is None else row["glide"].build(Glide),
        spread=FamilySpread() if row["spread"] is None else row["spread"].build(FamilySpread),
    )
    for stage, stated in zip(vehicle.stages, row["stages"], strict=True):
        _refuse_unfed(stage, stated)
    _refuse_odd_structure(vehicle, row["stages"])
    _refuse_heavy(vehicle, row["stages"][0])
    _refuse_odd_times(vehicle, row)
    if vehicle.glide is not None and vehicle.glide.end_height_m >= vehicle.glide.start_height_m:
        problem = "the glide ends above its start"
        raise row["glide"].fault("end_height_km", problem, "write less than start_height_km")
    return vehicle


def _refuse_unfed(stage: Stage, row: Row) -> None:
    low, high = _EXHAUST_M_S
    if not low <= stage.exhaust_velocity_m_s <= high:
        least_kg, most_kg = (stage.thrust_n * stage.burn_s / speed for speed in (high, low))
        problem = (
            f"{stage.propellant_kg:g} kg cannot feed {stage.thrust_n / 1e3:g} kN for "
            f"{stage.burn_s:g} s: the exhaust would be {stage.exhaust_velocity_m_s:.0f} m/s fast"
        )
        mend = (
            f"it must be {low:.0f} to {high:.0f} m/s: write {least_kg:.0f} to {most_kg:.0f} kg, "
            "or correct thrust or burn time"
        )
        raise row.fault("propellant_kg", problem, mend)


def _refuse_odd_structure(vehicle: Vehicle, rows: tuple[Row, ...]) -> None:
    """Burns without structure belong to the stage of the next burn that has some."""
    low, high = _STRUCTURE_SHARE
    propellant_kg = 0.0
    for stage, row in zip(vehicle.stages, rows, strict=True):
        propellant_kg += stage.propellant_kg
        if stage.structure_kg == 0.0:
            continue
        share = stage.structure_kg / (stage.structure_kg + propellant_kg)
        if not low <= share <= high:
            problem = f"structure is {100.0 * share:.1f} % of the stage"
            ends_kg = [propellant_kg * limit / (1.0 - limit) for limit in (low, high)]
            mend = (
                f"it must be {100.0 * low:.0f} to {100.0 * high:.0f} %: write {ends_kg[0]:.0f} to "
                f"{ends_kg[1]:.0f} kg, or 0 if the next burn is of the same stage"
            )
            raise row.fault("structure_kg", problem, mend)
        propellant_kg = 0.0


def _refuse_heavy(vehicle: Vehicle, first: Row) -> None:
    weight_n = STANDARD_GRAVITY_M_S2 * vehicle.lift_off_kg
    loss = vehicle.stages[0].sea_level_loss
    if vehicle.stages[0].thrust_n * (1.0 - loss) <= weight_n:
        problem = f"does not lift the vehicle, which is {vehicle.lift_off_kg:.0f} kg"
        least_kn = weight_n / (1.0 - loss) / 1e3
        raise first.fault("thrust_kn", problem, f"it must be more than {least_kn:.1f} kN")


def _refuse_odd_times(vehicle: Vehicle, row: Row) -> None:
    if vehicle.stages[0].coast_s > 0.0:
        problem = "the first stage waits on the pad"
        raise row["stages"][0].fault("coast_s", problem, "leave it out, or write 0")
    if vehicle.shroud_kg > 0.0 and not 0.0 < vehicle.shroud_jettison_s < vehicle.powered_s:
        problem = f"the shroud is shed at {vehicle.shroud_jettison_s:g} s"
        mend = f"write a time within the powered flight, 0 to {vehicle.powered_s:g} s"
        raise row.fault("shroud_jettison_s", problem, mend)


def load_vehicles(path: Path) -> dict[str, Vehicle]:
    """Return the vehicles in a file by their id. Raises FormatError."""
    document = read_document(read_text(path), file=str(path))
    rows = read_table(TABLE, document, file=str(path), header=HEADER)["vehicles"]
    unique(rows, "vehicle_id")
    return {row["vehicle_id"]: vehicle_from_row(row) for row in rows}
