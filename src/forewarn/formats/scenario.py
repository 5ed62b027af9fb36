"""Scenario files (``forewarn: scenario/1``): what flies, who looks, who is defended, and when.

Network, areas, policy, vehicles and telemetry are files of their own, named relative to the
scenario file.
"""

from __future__ import annotations

import itertools
import math
from pathlib import Path

from forewarn.epoch import SECOND_NS
from forewarn.formats.areas import load_areas
from forewarn.formats.clutter import CLUTTER, clutter_from_row
from forewarn.formats.document import read_document, read_text
from forewarn.formats.fields import (
    AZIMUTH,
    ID,
    LATITUDE,
    LONGITUDE,
    NAME,
    Boolean,
    Choice,
    Field,
    FilePath,
    Integer,
    ListOf,
    Number,
    OneOf,
    Pair,
    Row,
    Table,
    Text,
    TextOrTable,
    Utc,
    read_table,
    unique,
)
from forewarn.formats.impairments import FAULTS, read_faults
from forewarn.formats.network import load_network
from forewarn.formats.policy import load_policy
from forewarn.formats.radar_sky import RADAR_SKY, radar_sky_from_row
from forewarn.formats.telemetry import load_telemetry
from forewarn.formats.vehicles import VEHICLE, load_vehicles, vehicle_from_row
from forewarn.formats.weather import WEATHER, weather_from_row
from forewarn.missiles.vehicle import Vehicle
from forewarn.records import VEHICLE_CLASSES, Notice, Realm
from forewarn.simulation.scenario import (
    Decay,
    Dispersion,
    FlownLaunch,
    History,
    Launch,
    Scenario,
    TelemetryLaunch,
)

HEADER = "scenario/1"
_HALF_TURN_RAD = math.pi
_PERCENT = Number(0.0, 100.0)
_BURN_TIME_S = Number(0.0, 86_400.0)

SITE = Table(
    (
        Field("latitude_deg", LATITUDE, "geodetic latitude, north positive"),
        Field("longitude_deg", LONGITUDE, "longitude, east positive"),
        Field("height_m", Number(-500.0, 9_000.0), "height above the ellipsoid", 0.0),
    )
)

SHAPE = Table(
    (
        Field("range_km", Number(0.0, 20_000.0, True), "range over the ground", None),
        Field(
            "apogee_km",
            Number(0.0, 10_000.0, True),
            "greatest height; left out, the range is flown at the least burn, and azimuth_deg is "
            "that of the impact over the ground",
            None,
        ),
        Field("time_s", Number(0.0, 20_000.0, True), "time of flight, launch to impact", None),
        Field("orbit", Boolean(), "true for a circular orbit instead", False),
    )
)

DISPERSION = Table(
    (
        Field("thrust_percent", _PERCENT, "one sigma of the thrust", 0.0),
        Field("range_km", Number(0.0, 5_000.0), "one sigma of the range", 0.0),
        Field("apogee_km", Number(0.0, 5_000.0), "one sigma of the apogee", 0.0),
        Field("azimuth_deg", Number(0.0, 180.0), "one sigma of the azimuth", 0.0),
        Field("intensity_percent", _PERCENT, "one sigma of the plume's intensity", 0.0),
        Field(
            "ballistic_coefficient_percent",
            _PERCENT,
            "one sigma of the ballistic coefficient's logarithm",
            0.0,
        ),
        Field("throttle_wander_percent", _PERCENT, "one sigma of thrust within a flight", 0.0),
        Field("steering_wander_deg", Number(0.0, 30.0), "one sigma of its pitch", 0.0),
        Field("family", Boolean(), "true to fly another member of its family each seed", False),
    )
)

FLOWN = Table(
    (
        Field("launch_id", ID, "the launch's id"),
        Field("time_utc", Utc(), "lift-off"),
        Field("site", SITE, "where it stands"),
        Field("azimuth_deg", AZIMUTH, "launch azimuth, clockwise from north"),
        Field(
            "vehicle",
            TextOrTable(ID, VEHICLE),
            "a vehicle's id in the 'vehicles' file, or the vehicle itself",
        ),
        Field("shaped_to", SHAPE, "what is published of the flight, which it must meet", None),
        Field("dispersion", DISPERSION, "one-sigma spread from seed to seed", None),
        Field("parts", Boolean(), "true if spent stages and shroud fly on by themselves", False),
        Field("fails_at_s", _BURN_TIME_S, "when its thrust ends for good", None),
        Field("fragments_count", Integer(0, 1_000), "pieces it breaks into when it fails", 0),
    )
)

WIND = Table(
    (
        Field("height_km", Number(0.0, 1_000.0), "height; linear between, held outside"),
        Field("east_m_s", Number(-300.0, 300.0), "wind towards east"),
        Field("north_m_s", Number(-300.0, 300.0), "wind towards north"),
    )
)

DECAY = Table(
    (
        Field("decay_id", ID, "the falling body's id"),
        Field("time_utc", Utc(), "when it is 120 km above the place"),
        Field("latitude_deg", LATITUDE, "where"),
        Field("longitude_deg", LONGITUDE, "where"),
        Field("azimuth_deg", AZIMUTH, "where its orbit leads, among the stars"),
        Field(
            "ballistic_coefficient_kg_m2",
            Number(0.0, 1e5, True),
            "mass over drag coefficient times area",
            100.0,
        ),
        Field("radar_cross_section_m2", Number(0.0, 1e4, True), "mean radar cross-section", 10.0),
        Field("source", Text(), "where the numbers come from"),
    )
)

TELEMETRY = Table(
    (
        Field("launch_id", ID, "the launch's id"),
        Field("time_utc", Utc(), "lift-off"),
        Field("site", SITE, "the pad"),
        Field("inclination_deg", Number(0.0, 180.0), "orbital inclination at insertion"),
        Field("descending", Boolean(), "true if it flies towards the equator", False),
        Field("source", Text(), "who measured it, for credit"),
        Field("file", FilePath(), "CSV with the columns time_s,speed_m_s,altitude_m"),
        Field(
            "burns_s",
            ListOf(Pair(("start_s", "end_s"), _BURN_TIME_S, _BURN_TIME_S), most=50),
            "start and end of each engine burn after lift-off",
        ),
        Field(
            "intensities_w_sr",
            ListOf(Number(0.0, 1e9), most=50),
            "in-band radiant intensity of the plume in each burn",
        ),
    )
)

NOTICE = Table(
    (
        Field("notice_id", ID, "the notice's id"),
        Field("received_utc", Utc(), "when the centre received it"),
        Field("source", NAME, "who gave notice"),
        Field("vehicle_class", Choice(VEHICLE_CLASSES), "what they said they would launch"),
        Field("window_start_utc", Utc(), "when the stated window opens"),
        Field("window_end_utc", Utc(), "when the stated window closes"),
        Field("latitude_deg", LATITUDE, "stated launch place"),
        Field("longitude_deg", LONGITUDE, "stated launch place"),
        Field("radius_km", Number(0.0, 1_000.0, True), "how far from it still counts as there"),
        Field("azimuth_deg", AZIMUTH, "stated launch azimuth", None),
    )
)

HISTORY = Table(
    (
        Field("note", Text(1_000), "what happened on the day, in a sentence"),
        Field("alert_s", Number(0.0, 604_800.0), "the first public alert, seconds after launch"),
    )
)

TABLE = Table(
    (
        Field("scenario_id", ID, "the scenario's id"),
        Field("title", NAME, "what it shows"),
        Field("description", Text(10_000), "what happens, and where the facts come from", ""),
        Field("start_utc", Utc(), "start of the simulation"),
        Field("duration_s", Number(0.0, 604_800.0, True), "how long it runs"),
        Field("seed", Integer(0), "where all randomness comes from", 0),
        Field("cloud_top_km", Number(0.0, 20.0), "height above which a plume is seen", 0.0),
        Field("network", FilePath(), "the network file"),
        Field("areas", FilePath(), "the areas file"),
        Field("policy", FilePath(), "the policy file"),
        Field("vehicles", FilePath(), "the vehicles file that launches refer to", None),
        Field(
            "launches",
            ListOf(OneOf({"flown": FLOWN, "telemetry": TELEMETRY}), least=0, most=1_000),
            "what is launched",
            (),
        ),
        Field("decays", ListOf(DECAY, least=0, most=1_000), "spent stages coming down", ()),
        Field("notices", ListOf(NOTICE, least=0, most=1_000), "launch notices given", ()),
        Field("faults", FAULTS, "what breaks, lies or is lost on the way", ()),
        Field("history", HISTORY, "what happened on the day, to compare with", None),
        Field(
            "wind", ListOf(WIND, least=0, most=1_000), "wind that vehicles fly in, by height", ()
        ),
        Field("radar_sky", RADAR_SKY, "what else is in the sky of its radars", None),
        Field("weather", WEATHER, "random clouds, in place of 'cloud_top_km'", None),
        Field("clutter", CLUTTER, "what else telescopes see", None),
    )
)


def load_scenario(path: Path) -> Scenario:
    """Return the scenario in a file, with every file that it names. Raises FormatError."""
    document = read_document(read_text(path), file=str(path))
    row = read_table(TABLE, document, file=str(path), header=HEADER)
    vehicles = {} if row["vehicles"] is None else load_vehicles(row["vehicles"])
    unique(tuple(launch for _, launch in row["launches"]), "launch_id")
    unique(row["notices"], "notice_id")
    network = load_network(row["network"], epoch_tai_ns=row["start_tai_ns"])
    weather, clutter = row["weather"], row["clutter"]
    if weather is not None and row["cloud_top_m"] > 0.0:
        problem = "one cloud top for all the Earth, and 'weather' as well"
        raise row.fault("cloud_top_km", problem, "remove one of the two")
    unique(row["decays"], "decay_id")
    return Scenario(
        scenario_id=row["scenario_id"],
        title=row["title"],
        description=row["description"],
        start_tai_ns=row["start_tai_ns"],
        end_tai_ns=row["start_tai_ns"] + round(row["duration_s"] * SECOND_NS),
        seed=row["seed"],
        cloud_top_m=row["cloud_top_m"],
        network=network,
        areas=load_areas(row["areas"]),
        policy=load_policy(row["policy"]),
        launches=tuple(_launch(kind, launch, vehicles) for kind, launch in row["launches"]),
        notices=tuple(_notice(notice) for notice in row["notices"]),
        wind=_wind(row["wind"]),
        decays=tuple(decay.build(Decay) for decay in row["decays"]),
        history=None if row["history"] is None else row["history"].build(History),
        radar_sky=None if row["radar_sky"] is None else radar_sky_from_row(row["radar_sky"]),
        faults=read_faults(
            row["faults"],
            network=network,
            start_tai_ns=row["start_tai_ns"],
            find_vehicle=lambda ghost: _vehicle(ghost, vehicles),
        ),
        weather=None if weather is None else weather_from_row(weather),
        clutter=None if clutter is None else clutter_from_row(clutter, cloudy=weather is not None),
    )


def _wind(rows: tuple[Row, ...]) -> tuple[tuple[float, float, float], ...]:
    for lower, upper in itertools.pairwise(rows):
        if upper["height_m"] <= lower["height_m"]:
            problem = "the heights do not ascend"
            raise upper.fault("height_km", problem, "sort the rows by height")
    return tuple((row["height_m"], row["east_m_s"], row["north_m_s"]) for row in rows)


def _launch(kind: str, row: Row, vehicles: dict[str, Vehicle]) -> Launch:
    return _flown(row, vehicles) if kind == "flown" else _telemetry(row)


def _flown(row: Row, vehicles: dict[str, Vehicle]) -> FlownLaunch:
    shape, spread = row["shaped_to"], row["dispersion"]
    dispersion = Dispersion() if spread is None else spread.build(Dispersion)
    strays = dispersion.throttle_wander_fraction > 0.0 or dispersion.steering_wander_rad > 0.0
    if shape is not None:
        _check_shape(shape, strays=strays)
    if row["fragments_count"] > 0 and row["fails_at_s"] is None:
        problem = "it breaks up without failing"
        raise row.fault("fragments_count", problem, "add fails_at_s, or write 0")
    return FlownLaunch(
        launch_id=row["launch_id"],
        time_tai_ns=row["time_tai_ns"],
        **row["site"].values,
        azimuth_rad=row["azimuth_rad"],
        vehicle=_vehicle(row, vehicles),
        range_m=None if shape is None else shape["range_m"],
        apogee_m=None if shape is None else shape["apogee_m"],
        time_s=None if shape is None else shape["time_s"],
        to_orbit=shape is not None and shape["orbit"],
        dispersion=dispersion,
        parts=row["parts"],
        fails_at_s=row["fails_at_s"],
        fragments_count=row["fragments_count"],
    )


def _check_shape(row: Row, *, strays: bool) -> None:
    """Refuse what cannot be met together. Raises FormatError."""
    given = [name for name in ("range_m", "apogee_m", "time_s") if row[name] is not None]
    if row["orbit"]:
        if given:
            mend = "drop 'orbit', or the range, apogee and time"
            raise row.fault("orbit", "an orbit comes down nowhere", mend)
    elif row["range_m"] is None:
        raise row.fault("range_km", "there is no range to fly", "add range_km, or orbit: true")
    elif row["apogee_m"] is None and row["time_s"] is not None:
        raise row.fault("time_s", "a time of flight without an apogee", "add apogee_km")
    simple = row["apogee_m"] is not None and row["time_s"] is None
    if strays and not simple:
        raise row.fault(
            "orbit" if row["orbit"] else "range_km",
            "thrust that strays is flown only to a range and an apogee",
            "drop throttle_wander_percent and steering_wander_deg, or state only those two",
        )


def _vehicle(row: Row, vehicles: dict[str, Vehicle]) -> Vehicle:
    stated = row["vehicle"]
    if isinstance(stated, Row):
        return vehicle_from_row(stated)
    if stated not in vehicles:
        known = ", ".join(vehicles) or "none, as the scenario names no 'vehicles' file"
        raise row.fault("vehicle", f"there is no vehicle '{stated}'", f"known here: {known}")
    return vehicles[stated]


def _telemetry(row: Row) -> TelemetryLaunch:
    burns, intensities = row["burns_s"], row["intensities_w_sr"]
    if len(burns) != len(intensities):
        problem = f"{len(intensities)} intensities for {len(burns)} burns"
        raise row.fault("intensities_w_sr", problem, "give one intensity for each burn")
    times = [time for burn in burns for time in burn]
    if any(later <= earlier for earlier, later in itertools.pairwise(times)):
        raise row.fault("burns_s", "the burns are not in order", "write [start, end] by time")
    samples = load_telemetry(row["file"])
    site = row["site"].values
    inclination, latitude = row["inclination_rad"], abs(site["latitude_rad"])
    if not latitude <= inclination <= _HALF_TURN_RAD - latitude:
        raise row.fault(
            "inclination_deg",
            "no launch from this latitude reaches this inclination",
            "it must be at least the latitude of the site and at most 180 degrees less it",
        )
    return TelemetryLaunch(
        launch_id=row["launch_id"],
        time_tai_ns=row["time_tai_ns"],
        **site,
        inclination_rad=inclination,
        descending=row["descending"],
        source=row["source"],
        samples=samples,
        burns_s=burns,
        intensities_w_sr=intensities,
    )


def _notice(row: Row) -> Notice:
    if row["window_end_tai_ns"] <= row["window_start_tai_ns"]:
        problem = "the window closes before it opens"
        raise row.fault("window_end_utc", problem, "exchange the two, or correct one")
    return row.build(Notice, realm=Realm.SIMULATION)
