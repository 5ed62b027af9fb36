"""Vehicle files (``forewarn: vehicles/1``): generic vehicles from open literature, by name."""

from __future__ import annotations

from pathlib import Path

from forewarn.formats.document import read_document, read_text
from forewarn.formats.fields import (
    ID,
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
from forewarn.missiles.vehicle import Stage, Vehicle
from forewarn.records import VEHICLE_CLASSES

HEADER = "vehicles/1"

STAGE = Table(
    (
        Field("thrust_kn", Number(0.0, 1e5, True), "thrust in vacuum"),
        Field("sea_level_loss", Number(0.0, 0.5), "share of the thrust lost at sea level", 0.0),
        Field("burn_s", Number(0.0, 3_600.0, True), "burn time"),
        Field("propellant_kg", Number(0.0, 1e7, True), "mass of the propellant burned"),
        Field("structure_kg", Number(0.0, 1e6), "mass that falls away after burn-out"),
        Field("drag_area_m2", Number(0.0, 1e3), "drag coefficient times area while it burns"),
        Field(
            "intensity_w_sr",
            Number(0.0, 1e9),
            "in-band radiant intensity of the plume above the absorbing air",
        ),
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
            "re-entry mass over drag coefficient times area",
        ),
        Field("radar_cross_section_m2", Number(0.0, 1e4, True), "mean radar cross-section"),
        Field("vertical_rise_s", Number(0.0, 300.0), "time of vertical rise before tip-over"),
        Field("kick_deg", Number(0.0, 90.0), "tip-over angle"),
        Field("coast_s", Number(0.0, 3_600.0), "pause between stages", 0.0),
        Field("source", Text(), "where the numbers come from"),
    )
)

TABLE = Table((Field("vehicles", ListOf(VEHICLE), "the vehicles"),))


def vehicle_from_row(row: Row) -> Vehicle:
    """Return the vehicle that a row of the `VEHICLE` table states."""
    stages = tuple(stage.build(Stage) for stage in row["stages"])
    return row.build(Vehicle, stages=stages)


def load_vehicles(path: Path) -> dict[str, Vehicle]:
    """Return the vehicles in a file by their id. Raises FormatError."""
    document = read_document(read_text(path), file=str(path))
    rows = read_table(TABLE, document, file=str(path), header=HEADER)["vehicles"]
    unique(rows, "vehicle_id")
    return {row["vehicle_id"]: vehicle_from_row(row) for row in rows}
