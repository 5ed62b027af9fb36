"""The clutter of a scenario file: fires, storms, meteoroids, aircraft and glints."""

from __future__ import annotations

from forewarn.formats.fields import (
    AZIMUTH,
    ID,
    LATITUDE,
    LONGITUDE,
    Field,
    FilePath,
    ListOf,
    Number,
    Row,
    Table,
    Utc,
    unique,
)
from forewarn.formats.hot_spots import load_hot_spots
from forewarn.missiles.bolide import KILOTON_J, Meteoroid
from forewarn.simulation.clutter import Aircraft, Clutter, Fall, Glints, Lightning

LIGHTNING = Table(
    (
        Field("flash_rate_hz", Number(0.0, 1_000.0), "flashes a second, all Earth over", 45.0),
        Field(
            "in_band_ratio",
            Number(0.0, 100.0),
            "light in the sensors' band over that in the oxygen line at 777.4 nm; soft",
            0.01,
        ),
    )
)

BOLIDE = Table(
    (
        Field("bolide_id", ID, "the meteoroid's id"),
        Field("time_utc", Utc(), "when it begins to shine"),
        Field("latitude_deg", LATITUDE, "where it is brightest"),
        Field("longitude_deg", LONGITUDE, "where it is brightest"),
        Field("azimuth_deg", AZIMUTH, "where it flies to, clockwise from north"),
        Field("energy_kt", Number(0.0, 1e5, True), "energy of its motion, in kilotons of TNT"),
        Field("speed_km_s", Number(9.0, 72.0), "speed at the edge of the air"),
        Field("entry_angle_deg", Number(4.0, 90.0), "how steeply it comes, below the horizontal"),
    )
)

AIRCRAFT = Table(
    (
        Field("aircraft_id", ID, "the aircraft's id"),
        Field("time_utc", Utc(), "when it begins to be seen"),
        Field("latitude_deg", LATITUDE, "where it is then"),
        Field("longitude_deg", LONGITUDE, "where it is then"),
        Field("height_km", Number(0.0, 30.0), "how high it flies"),
        Field("azimuth_deg", AZIMUTH, "where it flies to, clockwise from north"),
        Field("speed_m_s", Number(0.0, 1_000.0, True), "speed over the ground"),
        Field("duration_s", Number(0.0, 36_000.0, True), "how long it shines"),
        Field("intensity_w_sr", Number(0.0, 1e9), "in-band radiant intensity before the air"),
    )
)

_USUAL = Glints()

GLINTS = Table(
    (
        Field(
            "spacing_km",
            Number(20.0, 2_000.0),
            "one patch of ice mirrors for each square of this side",
            _USUAL.spacing_m,
        ),
        Field(
            "tilt_sigma_deg",
            Number(0.0, 20.0, True),
            "how far patches lean about each level axis, one sigma",
            _USUAL.tilt_sigma_rad,
        ),
        Field("area_m2", Number(0.0, 1e9, True), "median area of its mirrors", _USUAL.area_m2),
    )
)

CLUTTER = Table(
    (
        Field("hot_spots", ListOf(FilePath(), most=100), "CSV files of fires and flares", ()),
        Field("lightning", LIGHTNING, "thunderstorms; {} for as many as there are", None),
        Field(
            "bolides_per_year",
            Number(0.0, 1e6),
            "random meteoroids of 0.1 kiloton and more, all Earth over; about 30 are real",
            0.0,
        ),
        Field("bolides", ListOf(BOLIDE, least=0, most=1_000), "meteoroids by name", ()),
        Field("aircraft", ListOf(AIRCRAFT, least=0, most=1_000), "aircraft that shine", ()),
        Field("glints", GLINTS, "sun glints off the clouds of 'weather'; {} for usual ones", None),
    )
)


def clutter_from_row(row: Row, *, cloudy: bool) -> Clutter:
    """Return the clutter that a row says, with the files that it names. Raises FormatError.

    Glints are refused unless it is ``cloudy``.
    """
    unique(row["bolides"], "bolide_id")
    unique(row["aircraft"], "aircraft_id")
    lightning, glints = row["lightning"], row["glints"]
    if glints is not None and not cloudy:
        problem = "glints come off clouds, and the scenario has no 'weather'"
        raise row.fault("glints", problem, "add 'weather' to the scenario, or remove 'glints'")
    return Clutter(
        hot_spots=tuple(spot for file in row["hot_spots"] for spot in load_hot_spots(file)),
        lightning=None if lightning is None else lightning.build(Lightning),
        bolides_per_year=row["bolides_per_year"],
        falls=tuple(_fall(fall) for fall in row["bolides"]),
        aircraft=tuple(aircraft.build(Aircraft) for aircraft in row["aircraft"]),
        glints=None if glints is None else glints.build(Glints),
    )


def _fall(row: Row) -> Fall:
    speed_m_s = row["speed_m_s"]
    return Fall(
        fall_id=row["bolide_id"],
        time_tai_ns=row["time_tai_ns"],
        latitude_rad=row["latitude_rad"],
        longitude_rad=row["longitude_rad"],
        azimuth_rad=row["azimuth_rad"],
        meteoroid=Meteoroid(
            mass_kg=2.0 * row["energy_kt"] * KILOTON_J / speed_m_s**2,
            speed_m_s=speed_m_s,
            entry_angle_rad=row["entry_angle_rad"],
        ),
    )
