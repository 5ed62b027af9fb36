"""The radar sky of a scenario file: known satellites, Sun, and sources of noise."""

from __future__ import annotations

from forewarn.formats.elements import load_elements
from forewarn.formats.fields import (
    ID,
    LATITUDE,
    LONGITUDE,
    Field,
    FilePath,
    Integer,
    ListOf,
    Number,
    Row,
    Table,
    Utc,
    unique,
)
from forewarn.simulation.radar_sky import Jammer, RadarSky

JAMMER = Table(
    (
        Field("jammer_id", ID, "its id"),
        Field("latitude_deg", LATITUDE, "where it is"),
        Field("longitude_deg", LONGITUDE, "where it is"),
        Field("height_m", Number(-500.0, 40_000.0), "above the ellipsoid", 0.0),
        Field(
            "effective_power_kw", Number(0.0, 1e6, True), "power times the gain it radiates with"
        ),
        Field("frequency_mhz", Number(10.0, 100_000.0), "middle of its band"),
        Field("bandwidth_mhz", Number(0.0, 1e4, True), "width of its band"),
        Field("start_utc", Utc(), "when its noise begins"),
        Field("end_utc", Utc(), "when it ends"),
    )
)

RADAR_SKY = Table(
    (
        Field(
            "elements",
            FilePath(),
            "a file with the elements, OMM or TLE, of satellites that every radar knows",
            None,
        ),
        Field(
            "notional_objects_count",
            Integer(0, 100_000),
            "known satellites that do not exist, in orbits as real ones have; 30000 is a full sky",
            0,
        ),
        Field(
            "notional_age_s",
            Number(0.0, 1_209_600.0),
            "how old their elements are when the run begins, at most two weeks",
            0.0,
        ),
        Field(
            "element_error_ratio",
            Number(0.0, 10.0),
            "how far satellites fly off their elements, 1 as far as usual; 0 is not at all",
            0.0,
        ),
        Field(
            "sun_flux_ratio",
            Number(0.0, 1e6),
            "radio flux of the Sun over that of the quiet one; storms reach 10000",
            1.0,
        ),
        Field("jammers", ListOf(JAMMER, least=0, most=100), "sources of noise", ()),
    )
)


def radar_sky_from_row(row: Row) -> RadarSky:
    """Return what the radars of a scenario meet besides its launches. Raises FormatError."""
    unique(row["jammers"], "jammer_id")
    elements = () if row["elements"] is None else load_elements(row["elements"])
    jammers = tuple(_jammer(jammer) for jammer in row["jammers"])
    return row.build(RadarSky, elements=elements, jammers=jammers)


def _jammer(row: Row) -> Jammer:
    if row["end_tai_ns"] <= row["start_tai_ns"]:
        problem = "its noise ends before it begins"
        raise row.fault("start_utc", problem, "exchange the two, or correct one")
    return row.build(Jammer)
