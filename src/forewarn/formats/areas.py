"""Area files (``forewarn: areas/1``): the defended areas and their people."""

from __future__ import annotations

from pathlib import Path

from forewarn.formats.document import read_document, read_text
from forewarn.formats.fields import (
    ID,
    LATITUDE,
    LONGITUDE,
    NAME,
    Field,
    Integer,
    ListOf,
    Number,
    Pair,
    Row,
    Table,
    read_table,
    unique,
)
from forewarn.warning.faults import area_faults
from forewarn.warning.policy import Area

HEADER = "areas/1"
_MOST_CORNERS = 2_000

TABLE = Table(
    (
        Field(
            "areas",
            ListOf(
                Table(
                    (
                        Field("area_id", ID, "the area's id, used in every warning about it"),
                        Field("name", NAME, "the area's name as its people know it"),
                        Field("population", Integer(0, 2_000_000_000), "people in the area"),
                        Field(
                            "time_to_shelter_s",
                            Number(0.0, 86_400.0),
                            "how long people need to reach shelter",
                        ),
                        Field(
                            "polygon_deg",
                            ListOf(
                                Pair(("latitude_deg", "longitude_deg"), LATITUDE, LONGITUDE),
                                least=3,
                                most=_MOST_CORNERS,
                            ),
                            "corners as [latitude, longitude], in order, the first not repeated",
                        ),
                    )
                )
            ),
            "the defended areas",
        ),
    )
)


def load_areas(path: Path) -> tuple[Area, ...]:
    """Return the areas in a file. Raises FormatError."""
    document = read_document(read_text(path), file=str(path))
    rows = read_table(TABLE, document, file=str(path), header=HEADER)["areas"]
    unique(rows, "area_id")
    return tuple(_area(row) for row in rows)


def _area(row: Row) -> Area:
    area = row.build(Area)
    for fault in area_faults((area,)):
        sentence = fault.removeprefix(f"area '{area.area_id}': ")
        raise row.fault("polygon_deg", sentence, "")
    return area
