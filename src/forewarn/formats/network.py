"""Network files (``forewarn: network/1``): satellites, and sensors in orbit and on the ground."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from forewarn.earth import SEMI_MAJOR_AXIS_M
from forewarn.epoch import tai_ns_from_utc_text
from forewarn.formats.document import read_document, read_text
from forewarn.formats.elements import load_elements, read_elements
from forewarn.formats.faults import FormatError
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
    Utc,
    read_table,
    unique,
)
from forewarn.orbits import Elements, geostationary, molniya, notional, perigee_height_m, reepoch
from forewarn.sensors.beam_budget import BeamBudgetError, close_budget
from forewarn.sensors.infrared import threshold_snr
from forewarn.sensors.network import (
    BeamPlan,
    FailureDomains,
    InfraredSensor,
    Network,
    RadarSensor,
    Sensor,
)
from forewarn.sensors.radar_environment import horizon_mask
from forewarn.sensors.search_budget import search_budget, search_plans

HEADER = "network/1"
DEFAULT_EPOCH_TAI_NS = tai_ns_from_utc_text("2026-01-01T00:00:00Z")
"""When satellites placed without an epoch stand where the file says, if nobody says otherwise."""

_SECONDS = Number(0.0, 3_600.0)
_REVISIT = Number(0.0, 3_600.0, True)
_ELEVATION = Number(-10.0, 90.0)
_SMALL_ANGLE_URAD = Number(0.0, 1e5)
_SMALL_ANGLE_MRAD = Number(0.0, 100.0)
_TURN = Number(0.0, 360.0)
_PERCENT = Number(0.0, 100.0)
_MOST_FALSE_SHARE = 0.1  # of pixels: above, it is noise that is reported

DOMAINS = Table(
    tuple(
        Field(name, NAME, f"{what}; sensors with the same word here can fail together")
        for name, what in (
            ("site", "where the sensor's data come down"),
            ("power", "its power supply"),
            ("communications", "its way to the centre"),
            ("clock", "its source of time"),
            ("software", "the software that processes it"),
        )
    )
)

INFRARED = Table(
    (
        Field("sensor_id", ID, "the sensor's id, as in its scans"),
        Field("satellite_id", ID, "the satellite that carries it"),
        Field("revisit_s", _REVISIT, "time between two looks at the same place"),
        Field("field_half_angle_deg", Number(0.0, 90.0, True), "half width of the field of view"),
        Field(
            "noise_equivalent_irradiance_pw_m2",
            Number(0.0, 1e6, True),
            "irradiance that gives a signal-to-noise ratio of one",
        ),
        Field(
            "detection_snr",
            Number(1.0, 1e3),
            "amplitude signal-to-noise ratio of a detection",
            None,
        ),
        Field(
            "pixels_count",
            Integer(1, 10**12),
            "pixels looked at in a scan; the detection ratio then follows from "
            "false_alarms_per_scan, noise being Gaussian",
            None,
        ),
        Field("angle_noise_urad", Number(0.0, 1e5, True), "one sigma an axis at the threshold"),
        Field("angle_floor_urad", Number(0.0, 1e5, True), "one sigma an axis of a bright source"),
        Field("bias_sigma_urad", _SMALL_ANGLE_URAD, "one sigma an axis of the slow pointing bias"),
        Field("false_alarms_per_scan", Number(0.0, 1e4), "mean number over the field"),
        Field("latency_s", _SECONDS, "from the end of a look to the centre"),
        Field("latency_jitter_s", _SECONDS, "spread of that"),
        Field("domains", DOMAINS, "what it shares with other sensors"),
        Field(
            "stare_at",
            Table(
                (
                    Field("latitude_deg", LATITUDE, "ground point"),
                    Field("longitude_deg", LONGITUDE, "ground point"),
                )
            ),
            "ground point it looks at; nadir if left out",
            None,
        ),
        Field(
            "stare_cycle_deg",
            ListOf(Pair(("latitude", "longitude"), LATITUDE, LONGITUDE), least=0, most=100),
            "further ground points, stared at in turn after 'stare_at', one a frame",
            (),
        ),
        Field("band", Choice(("2.7um", "4.3um")), "spectral band", "2.7um"),
        Field(
            "pixel_urad",
            Number(0.0, 1e5, True),
            "width of one detector's view; background is left out without it",
            None,
        ),
        Field("sun_exclusion_deg", Number(0.0, 90.0), "nearer the Sun it sees nothing", 0.0),
        Field(
            "space_background_only",
            Boolean(),
            "true if it reports only what stands against space",
            False,
        ),
    ),
    exactly_one=("detection_snr", "pixels_count"),
)

BEAM_PLAN = Table(
    (
        Field("faces_count", Integer(1, 16), "faces that work at the same time"),
        Field("fence_beams_count", Integer(1, 100_000), "positions of the fence, all faces"),
        Field("listen_ms", Number(0.0, 1e3, True), "listening time after each pulse"),
        Field("duty_limit_percent", _PERCENT, "largest share of time a face may send", 0.25),
        Field(
            "volume_rows_deg",
            ListOf(_ELEVATION, least=0, most=100),
            "elevations of further rows that are searched",
            (),
        ),
        Field("volume_revisit_s", _REVISIT, "time between two looks at such a row", None),
    )
)

RADAR = Table(
    (
        Field("sensor_id", ID, "the sensor's id, as in its scans"),
        Field("latitude_deg", LATITUDE, "the site"),
        Field("longitude_deg", LONGITUDE, "the site"),
        Field("height_m", Number(-500.0, 9_000.0), "the site, above the ellipsoid"),
        Field("boresight_azimuth_deg", AZIMUTH, "middle of its view, clockwise from north"),
        Field("azimuth_half_width_deg", Number(0.0, 180.0, True), "how far it sees to each side"),
        Field("elevation_min_deg", _ELEVATION, "lowest elevation it sees"),
        Field("elevation_max_deg", _ELEVATION, "highest elevation it sees"),
        Field("range_max_km", Number(0.0, 50_000.0, True), "farthest range it can report"),
        Field("frequency_mhz", Number(10.0, 100_000.0), "carrier frequency"),
        Field("peak_power_kw", Number(0.0, 1e6, True), "transmitted peak power"),
        Field("pulse_ms", Number(0.0, 1e3, True), "length of a pulse"),
        Field("gain_db", Number(0.0, 80.0), "antenna gain"),
        Field("beam_width_deg", Number(0.0, 90.0, True), "width of the beam at half power"),
        Field("noise_temperature_k", Number(0.0, 1e5, True), "system noise temperature"),
        Field("loss_db", Number(0.0, 60.0), "all losses together"),
        Field("bandwidth_mhz", Number(0.0, 1e4, True), "bandwidth, which sets range accuracy"),
        Field("detection_snr_db", Number(0.0, 60.0), "signal-to-noise ratio of a detection"),
        Field("fence_elevation_deg", _ELEVATION, "elevation of the search fence"),
        Field("fence_revisit_s", _REVISIT, "time between two looks along the fence"),
        Field("track_revisit_s", _REVISIT, "time between two looks at a tracked object"),
        Field("range_floor_m", Number(0.0, 1e5, True), "one sigma of range, strong echo"),
        Field("angle_floor_mrad", Number(0.0, 1e3, True), "one sigma an axis, strong echo"),
        Field("range_rate_sigma_m_s", Number(0.0, 1e4, True), "one sigma of range rate"),
        Field("range_bias_sigma_m", Number(0.0, 1e5), "one sigma of the constant range bias"),
        Field("angle_bias_sigma_mrad", _SMALL_ANGLE_MRAD, "one sigma of the angle bias"),
        Field("false_alarms_per_scan", Number(0.0, 1e4), "mean number in a look"),
        Field("latency_s", _SECONDS, "from the end of a look to the centre"),
        Field("latency_jitter_s", _SECONDS, "spread of that"),
        Field("domains", DOMAINS, "what it shares with other sensors"),
        Field("beam_plan", BEAM_PLAN, "how it spends its time; no limit if left out", None),
        Field("swerling", Integer(0, 3), "how echoes fluctuate: 0 steady, 1 or 3", 1),
        Field(
            "pulse_interval_ms",
            Number(0.0, 1e4, True),
            "from pulse to pulse: farther echoes fold into range; none does if left out",
            None,
        ),
        Field("scan_loss_exponent", Number(0.0, 4.0), "gain falls as cos^n off boresight", 0.0),
        Field("surface_refractivity", Number(0.0, 500.0), "N units that it corrects for", 0.0),
        Field(
            "electron_content_tecu",
            Number(0.0, 1_000.0),
            "vertical electron content that it corrects for",
            0.0,
        ),
        Field("refraction_error_percent", _PERCENT, "one sigma of what the true ones differ", 0.0),
        Field(
            "horizon_mask_deg",
            ListOf(Pair(("azimuth", "elevation"), AZIMUTH, _ELEVATION), least=0, most=1_000),
            "its skyline: least elevation by azimuth",
            (),
        ),
        Field(
            "report_s",
            Number(0.01, 10.0),
            "track looks are reported together once in this time; each by itself if left out",
            None,
        ),
    )
)

GEOSTATIONARY = Table(
    (
        Field("longitude_deg", LONGITUDE, "where over the equator it stands"),
        Field("epoch_utc", Utc(), "when; the start of the scenario if left out", None),
    )
)

MOLNIYA = Table(
    (
        Field("apogee_longitude_deg", LONGITUDE, "longitude below its northern apogee"),
        Field("apogee_utc", Utc(), "when it is there; the scenario's start if left out", None),
    )
)

CLASSICAL = Table(
    (
        Field("epoch_utc", Utc(), "when the elements hold"),
        Field("semi_major_axis_km", Number(6_400.0, 500_000.0), "mean semi-major axis"),
        Field("eccentricity", Number(0.0, 0.99), "mean eccentricity"),
        Field("inclination_deg", Number(0.0, 180.0), "mean inclination"),
        Field("right_ascension_deg", _TURN, "right ascension of the ascending node"),
        Field("argument_of_perigee_deg", _TURN, "argument of perigee"),
        Field("mean_anomaly_deg", _TURN, "mean anomaly"),
    )
)

REEPOCH = Table(
    (
        Field("epoch_utc", Utc(), "when; the start of the scenario if left out", None),
        Field(
            "keep",
            Choice(("earth_fixed", "inertial")),
            "keep the orbit's place over the Earth, or among the stars",
            "earth_fixed",
        ),
        Field("mean_anomaly_deg", _TURN, "where on its orbit it stands then", None),
    )
)

_SOURCES = ("tle", "omm", "geostationary", "molniya", "elements")

SATELLITE = Table(
    (
        Field("satellite_id", ID, "the satellite's id, named by its sensors"),
        Field(
            "tle", ListOf(Text(69), least=2, most=2), "its two-line elements, each in quotes", None
        ),
        Field("omm", FilePath(), "a file with its elements, OMM or TLE, and no others", None),
        Field("geostationary", GEOSTATIONARY, "a notional place over the equator", None),
        Field("molniya", MOLNIYA, "a notional 12-hour, highly inclined orbit", None),
        Field("elements", CLASSICAL, "notional mean elements", None),
        Field("reepoch", REEPOCH, "move the elements to another date", None),
    ),
    exactly_one=_SOURCES,
)

TABLE = Table(
    (
        Field("network_id", ID, "the network's id"),
        Field("title", NAME, "what it is"),
        Field("satellites", ListOf(SATELLITE, least=0), "satellites that carry sensors", ()),
        Field("sensors", ListOf(OneOf({"infrared": INFRARED, "radar": RADAR})), "all the sensors"),
    )
)


def load_network(path: Path, *, epoch_tai_ns: int = DEFAULT_EPOCH_TAI_NS) -> Network:
    """Return the network in a file. Raises FormatError.

    Satellites that the file places over the Earth, or moves to another date, without saying when
    stand there at ``epoch_tai_ns``: the scenario's start, when a scenario names the network.
    """
    document = read_document(read_text(path), file=str(path))
    row = read_table(TABLE, document, file=str(path), header=HEADER)
    unique(row["satellites"], "satellite_id")
    unique(tuple(sensor for _, sensor in row["sensors"]), "sensor_id")
    satellites = {
        satellite["satellite_id"]: _elements(satellite, epoch_tai_ns)
        for satellite in row["satellites"]
    }
    sensors = tuple(_sensor(kind, sensor, satellites) for kind, sensor in row["sensors"])
    return Network(
        network_id=row["network_id"], title=row["title"], satellites=satellites, sensors=sensors
    )


def _elements(row: Row, epoch_tai_ns: int) -> Elements:
    source = next(name for name in _SOURCES if row[name] is not None)
    if source == "elements":
        _refuse_below_ground(row["elements"])
    try:
        elements = _stated_elements(source, row, epoch_tai_ns)
        if perigee_height_m(elements) <= 0.0:
            problem = (
                f"its perigee lies {-perigee_height_m(elements) / 1e3:.0f} km below the ground"
            )
            raise row.fault(source, problem, "check mean motion and eccentricity")
        move = row["reepoch"]
        if move is None:
            return elements
        return reepoch(
            elements,
            _or_else(move["epoch_tai_ns"], epoch_tai_ns),
            keep=move["keep"],
            mean_anomaly_rad=move["mean_anomaly_rad"],
        )
    except FormatError:
        raise
    except ValueError as error:
        raise row.fault(source, str(error), "") from None


def _refuse_below_ground(stated: Row) -> None:
    axis_m, eccentricity = stated["semi_major_axis_m"], stated["eccentricity"]
    least_m = SEMI_MAJOR_AXIS_M / (1.0 - eccentricity)
    if axis_m <= least_m:
        depth_km = (SEMI_MAJOR_AXIS_M - axis_m * (1.0 - eccentricity)) / 1e3
        raise stated.fault(
            "semi_major_axis_km",
            f"its perigee lies {depth_km:.0f} km below the ground",
            f"with eccentricity {eccentricity:g} it must be more than {least_m / 1e3:.0f}, "
            f"or the eccentricity less than {max(1.0 - SEMI_MAJOR_AXIS_M / axis_m, 0.0):.4f}",
        )


def _stated_elements(source: str, row: Row, epoch_tai_ns: int) -> Elements:
    name, stated = row["satellite_id"], row[source]
    if source == "tle":
        return _from_tle(stated, row)
    if source == "omm":
        found = load_elements(stated)
        if len(found) != 1:
            problem = f"the file holds {len(found)} element sets"
            raise row.fault("omm", problem, "name a file with the one satellite's elements")
        return found[0]
    if source == "geostationary":
        there_tai_ns = _or_else(stated["epoch_tai_ns"], epoch_tai_ns)
        return geostationary(name, stated["longitude_rad"], there_tai_ns)
    if source == "molniya":
        apogee_tai_ns = _or_else(stated["apogee_tai_ns"], epoch_tai_ns)
        return molniya(name, stated["apogee_longitude_rad"], apogee_tai_ns)
    return notional(name, **stated.values)


def _or_else(stated_tai_ns: int | None, otherwise_tai_ns: int) -> int:
    return otherwise_tai_ns if stated_tai_ns is None else stated_tai_ns


def _from_tle(lines: tuple[str, ...], row: Row) -> Elements:
    try:
        return read_elements("\n".join(lines))[0]
    except FormatError as error:
        raise row.fault("tle", error.problem, error.mend) from None


def _sensor(kind: str, row: Row, satellites: dict[str, Elements]) -> Sensor:
    domains = row["domains"].build(FailureDomains)
    if kind == "radar":
        return _radar(row, domains)
    if row["satellite_id"] not in satellites:
        known = ", ".join(satellites) or "none"
        problem = f"there is no satellite '{row['satellite_id']}'"
        raise row.fault("satellite_id", problem, f"satellites of this file: {known}")
    if row["angle_floor_rad"] > row["angle_noise_rad"]:
        raise row.fault(
            "angle_floor_urad",
            "the noise of a bright source is above that at the threshold",
            "lower it to at most angle_noise_urad",
        )
    stare: Any = row["stare_at"]
    stare_at_rad = None if stare is None else (stare["latitude_rad"], stare["longitude_rad"])
    values = {k: v for k, v in row.values.items() if k not in ("stare_at", "pixels_count")}
    made = {
        "domains": domains,
        "stare_at_rad": stare_at_rad,
        "detection_snr": row["detection_snr"] or _stated_rate_snr(row),
    }
    return InfraredSensor(**(values | made))


def _stated_rate_snr(row: Row) -> float:
    """Return the threshold that noise passes as often in a scan as stated."""
    share = row["false_alarms_per_scan"] / row["pixels_count"]
    if not 0.0 < share < _MOST_FALSE_SHARE:
        raise row.fault(
            "pixels_count",
            f"{row['false_alarms_per_scan']:g} false alarms among {row['pixels_count']} pixels "
            "give no threshold",
            "state more pixels, and more than 0 false alarms, or detection_snr instead",
        )
    return float(threshold_snr(share))


def _radar(row: Row, domains: FailureDomains) -> RadarSensor:
    if row["elevation_min_rad"] >= row["elevation_max_rad"]:
        problem = "elevation_min_deg is not below elevation_max_deg"
        raise row.fault("elevation_min_deg", problem, "exchange the two, or correct one")
    if not row["elevation_min_rad"] <= row["fence_elevation_rad"] <= row["elevation_max_rad"]:
        raise row.fault(
            "fence_elevation_deg",
            f"the fence at {math.degrees(row['fence_elevation_rad']):g} degrees is out of view",
            "put it between elevation_min_deg and elevation_max_deg",
        )
    if row["swerling"] == 2:
        problem = "case 2 is not modelled"
        raise row.fault("swerling", problem, "use 0 (steady), 1 or 3; case 2 is 1 for one pulse")
    _check_skyline(row)
    plan = row["beam_plan"]
    if plan is None:
        return row.build(RadarSensor, domains=domains)
    sensor = row.build(RadarSensor, domains=domains, beam_plan=_beam_plan(plan))
    _check_budget(plan, sensor)
    return sensor


def _check_skyline(row: Row) -> None:
    """Refuse a skyline whose azimuths do not rise once round."""
    mask = row["horizon_mask_rad"]
    try:
        if mask:
            horizon_mask(*zip(*mask, strict=True))
    except ValueError:
        problem = "the azimuths of the skyline do not rise from point to point within one turn"
        raise row.fault("horizon_mask_deg", problem, "sort them, each azimuth once") from None


def _beam_plan(row: Row) -> BeamPlan:
    if row["volume_rows_rad"] and row["volume_revisit_s"] is None:
        problem = "rows to search, and no time to do it in"
        raise row.fault("volume_rows_deg", problem, "add volume_revisit_s, or drop the rows")
    if row["duty_limit_fraction"] <= 0.0:
        raise row.fault("duty_limit_percent", "a face may never send", "25 is usual")
    return row.build(BeamPlan)


def _check_budget(row: Row, sensor: RadarSensor) -> None:
    """Refuse a plan that asks for more time, or for more sending, than a face has."""
    plan = sensor.beam_plan
    assert plan is not None, "a radar without a plan has no budget to check"
    try:
        close_budget(search_plans(sensor), plan.faces_count, duty_limit=1.0)
    except BeamBudgetError as error:
        raise row.fault(
            "fence_beams_count",
            f"the search takes {1e3 * error.shortfall_s:.1f} ms more than a face has in "
            f"{_frame_s(sensor):g} s",
            "lower fence_beams_count, listen_ms, pulse_ms or the volume's rows, or raise "
            "fence_revisit_s or volume_revisit_s",
        ) from None
    try:
        search_budget(sensor)
    except BeamBudgetError as error:
        raise row.fault(
            "duty_limit_percent",
            f"the search sends for {1e3 * error.shortfall_s:.1f} ms more than a face may in "
            f"{_frame_s(sensor):g} s",
            "lower pulse_ms or fence_beams_count, or raise the revisit or the limit",
        ) from None


def _frame_s(sensor: RadarSensor) -> float:
    return max(plan.revisit_s for plan in search_plans(sensor))
