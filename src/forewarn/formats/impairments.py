"""Faults in scenario files: what is struck, from when to when, and how (`forewarn.simulation`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forewarn.formats import units
from forewarn.formats.fields import (
    AZIMUTH,
    ID,
    LATITUDE,
    LONGITUDE,
    NAME,
    Boolean,
    Choice,
    Field,
    Integer,
    ListOf,
    Number,
    OneOf,
    Row,
    Table,
    Text,
    TextOrTable,
    Utc,
)
from forewarn.formats.vehicles import VEHICLE
from forewarn.missiles.vehicle import Vehicle
from forewarn.sensors.network import Network
from forewarn.simulation.faults import (
    JITTER_LAWS,
    SHARED,
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
    fault_problem,
)

_PERCENT = Number(0.0, 100.0)
_DELAY = Number(0.0, 3_600.0)
_STAY = Number(1e-3, 1e7)
_ANGLE = Number(-500.0, 500.0)
_TARGETS = ("sensor_id", *SHARED)

_STRUCK = (
    Field("sensor_id", ID, "the one sensor that is struck", None),
    *(
        Field(name, NAME, f"every sensor with this {name} in its 'domains' is struck", None)
        for name in SHARED
    ),
    Field("from_utc", Utc(), "when it begins; the run's start if left out", None),
    Field("until_utc", Utc(), "when it is over; the run's end if left out", None),
)


def _table(*fields: Field) -> Table:
    return Table((*_STRUCK, *fields), exactly_one=_TARGETS)


GAPS = Table(
    (
        Field("good_mean_s", _STAY, "mean time that the link is good"),
        Field("bad_mean_s", _STAY, "mean time that it is bad"),
        Field("loss_percent", _PERCENT, "share of messages lost while it is bad", 1.0),
    )
)

LINK = _table(
    Field("latency_s", _DELAY, "further delay", 0.0),
    Field("jitter_s", _DELAY, "mean of a further random delay", 0.0),
    Field("jitter_law", Choice(JITTER_LAWS), "how that is spread", "exponential"),
    Field("loss_percent", _PERCENT, "share of messages lost, outside gaps", 0.0),
    Field("gaps", GAPS, "bursts of loss: the link is good and bad in turn", None),
    Field("garbled_percent", _PERCENT, "share that cannot be read on arrival", 0.0),
    Field("duplicate_percent", _PERCENT, "share that comes a second time", 0.0),
    Field("duplicate_delay_s", Number(0.0, 86_400.0, True), "how long after the first", 1.0),
    Field("held_percent", _PERCENT, "share held back, behind what is sent later", 0.0),
    Field("held_s", Number(0.0, 86_400.0), "how long", 0.0),
)

REGISTER = Table(
    (
        Field("tick_s", Number(1e-9, 10.0), "what the clock counts in"),
        Field("fraction_bits", Integer(1, 62), "binary places kept of a tick in seconds"),
        Field("running_s", Number(0.0, 1e8), "how long it had run when the fault begins", 0.0),
    )
)

CLOCK = _table(
    Field("offset_s", Number(-1e6, 1e6), "how far it is ahead", 0.0),
    Field("drift_ppm", Number(-10_000.0, 10_000.0), "gain, microseconds in a second", 0.0),
    Field("walk_ms", Number(0.0, 5_000.0), "one sigma of a random walk after an hour", 0.0),
    Field("register", REGISTER, "a clock that counts ticks, chopped to so many bits", None),
)

GHOSTS = _table(
    Field(
        "launch_site",
        Table(
            (
                Field("latitude_deg", LATITUDE, "geodetic latitude, north positive"),
                Field("longitude_deg", LONGITUDE, "longitude, east positive"),
                Field("height_m", Number(-500.0, 9_000.0), "height above the ellipsoid", 0.0),
            )
        ),
        "where the first seems to stand",
    ),
    Field("azimuth_deg", AZIMUTH, "launch azimuth, clockwise from north"),
    Field("vehicle", TextOrTable(ID, VEHICLE), "a vehicle's id, or the vehicle itself"),
    Field(
        "shaped_to",
        Table(
            (
                Field("range_km", Number(0.0, 20_000.0, True), "range over the ground"),
                Field("apogee_km", Number(0.0, 10_000.0, True), "greatest height"),
            )
        ),
        "range and apogee that it seems to reach",
        None,
    ),
    Field("number", Integer(1, 10_000), "how many", 1),
    Field("interval_s", Number(0.0, 86_400.0), "from one to the next", 0.0),
    Field("spacing_deg", Number(-5.0, 5.0), "longitude from one to the next, to the east", 0.0),
)

TAPE = _table(Field("tape_from_utc", Utc(), "from when on the tape was recorded in this run"))
FROZEN = _table()
BIAS = _table(
    Field("across_mrad", _ANGLE, "arc added to right ascension or azimuth", 0.0),
    Field("up_mrad", _ANGLE, "added to declination or elevation", 0.0),
    Field("range_offset_km", Number(-10_000.0, 10_000.0), "added to a radar's range", 0.0),
)
COUNTS = _table(
    Field("digit_percent", _PERCENT, "chance of each zero of the count to become a two")
)
BLIND = _table()
DEATH = _table(
    Field("announced", Boolean(), "true if it says so at either end", False),
    Field("reason", Text(200), "what it says", "out of operation"),
)

_TABLES = {
    "link": LINK,
    "clock": CLOCK,
    "ghosts": GHOSTS,
    "tape": TAPE,
    "frozen": FROZEN,
    "bias": BIAS,
    "counts": COUNTS,
    "blind": BLIND,
    "death": DEATH,
}
_PLAIN: dict[str, type[Fault]] = {
    "tape": ReplayedTape,
    "frozen": FrozenOutput,
    "bias": BiasStep,
    "counts": CorruptedCounts,
    "blind": Blind,
    "death": Death,
}

FAULTS = ListOf(OneOf(_TABLES), least=0, most=1_000)
"""The field ``faults`` of a scenario."""


def read_faults(
    rows: tuple[tuple[str, Row], ...],
    *,
    network: Network,
    start_tai_ns: int,
    find_vehicle: Callable[[Row], Vehicle],
) -> tuple[Fault, ...]:
    """Return the faults of a scenario of that network and start.

    ``find_vehicle`` gives the vehicle that a row names. Raises FormatError for a fault that cannot
    be: a name that is not in the network, times in the wrong order, an offset of what is not
    measured.
    """
    return tuple(
        _checked(kind, row, _fault(kind, row, find_vehicle), network, start_tai_ns)
        for kind, row in rows
    )


def _checked(kind: str, row: Row, fault: Fault, network: Network, start_tai_ns: int) -> Fault:
    found = fault_problem(fault, network, start_tai_ns)
    if found is None:
        return fault
    names = {units.si_name(field.name): field.name for field in _TABLES[kind].fields}
    raise row.fault(names.get(found.field, found.field), found.problem, found.mend)


def _fault(kind: str, row: Row, find_vehicle: Callable[[Row], Vehicle]) -> Fault:
    values = {name: value for name, value in row.values.items() if name not in _TARGETS}
    (struck,) = (name for name in _TARGETS if row[name] is not None)
    values["target"] = Target(struck, row[struck])
    if kind == "link":
        gaps = values.pop("gaps")
        return LinkFault(gaps=None if gaps is None else gaps.build(Gaps), **values)
    if kind == "clock":
        return _clock(values)
    if kind == "ghosts":
        return _ghosts(values, find_vehicle(row))
    return _PLAIN[kind](**values)


def _clock(values: dict[str, Any]) -> ClockFault:
    register, drift_ppm = values.pop("register"), values.pop("drift_ppm")
    return ClockFault(
        drift_ratio=drift_ppm / 1e6,
        register=None if register is None else register.build(Register),
        **values,
    )


def _ghosts(values: dict[str, Any], vehicle: Vehicle) -> GhostLaunches:
    site, shape = values.pop("launch_site"), values.pop("shaped_to")
    values |= site.values | {"vehicle": vehicle}
    return GhostLaunches(**values, **({} if shape is None else shape.values))
