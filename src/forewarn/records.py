"""The vocabulary: every record that one room of forewarn passes on to another.

Read this file to know what forewarn talks about. All records are frozen, compare by value and
encode to the same bytes everywhere. Instants are integer TAI nanoseconds (``*_tai_ns``); every
dimensional name ends in its unit and vectors carry their frame. Degrees, kilometres and UTC text
do not exist here: they belong to ``formats`` and ``cli``.

Events (what comes in): `Scan`, `Tick`, `Notice`, `SensorStatus`, `OperatorAction`, and
`Unreadable` for what was meant to be one.
Outputs (what goes out): `Track`, `Assessment`, `WarningDecision`, `SensorHealth`, `Rejected`.
Every output names the records it was derived from in ``input_ids``.
"""

from __future__ import annotations

from enum import Enum

import msgspec

Vector3 = tuple[float, float, float]
Matrix = tuple[tuple[float, ...], ...]


class Realm(str, Enum):
    """Where a record comes from. Nothing derived from outside LIVE may ever warn for real."""

    LIVE = "live"
    EXERCISE = "exercise"
    REPLAY = "replay"
    SIMULATION = "simulation"
    TEST = "test"


class Physics(str, Enum):
    """The physical phenomenon by which a sensor sees."""

    INFRARED = "infrared"
    RADAR = "radar"


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all records: immutable, keyword-only, unknown fields refused when decoded.

    A record repeats ``frozen`` and ``kw_only``: msgspec inherits the first only, checkers neither.
    """


# --------------------------------------------------------------------------- events


class InfraredMeasurement(Record, frozen=True, kw_only=True, tag="infrared", tag_field="kind"):
    """One hot spot seen by a space telescope: a direction and a brightness.

    The direction is from the satellite to the source in GCRF axes, corrected for aberration.
    """

    measurement_id: str
    seen_tai_ns: int
    right_ascension_rad: float
    declination_rad: float
    irradiance_w_m2: float
    snr: float


class RadarMeasurement(Record, frozen=True, kw_only=True, tag="radar", tag_field="kind"):
    """One echo: where it is from the radar, in the radar's local east-north-up frame."""

    measurement_id: str
    seen_tai_ns: int
    range_m: float
    azimuth_rad: float
    elevation_rad: float
    range_rate_m_s: float
    snr: float


Measurement = InfraredMeasurement | RadarMeasurement


class Cone(Record, frozen=True, kw_only=True, tag="cone", tag_field="kind"):
    """A looked-at volume: all directions within ``half_angle_rad`` of an axis (GCRF, unit)."""

    axis_gcrf: Vector3
    half_angle_rad: float


class Sector(Record, frozen=True, kw_only=True, tag="sector", tag_field="kind"):
    """A looked-at volume of a ground radar; azimuth runs clockwise from min to max."""

    azimuth_min_rad: float
    azimuth_max_rad: float
    elevation_min_rad: float
    elevation_max_rad: float
    range_max_m: float


class Beams(Record, frozen=True, kw_only=True, tag="beams", tag_field="kind"):
    """Looked-at volumes of many short looks of a ground radar that are reported together.

    Look i was made at ``seen_tai_ns[i]`` towards an azimuth and elevation, and saw what was within
    ``half_width_rad`` of them across the line of sight, up and to each side, out to
    ``range_max_m``.
    """

    seen_tai_ns: tuple[int, ...]
    azimuth_rad: tuple[float, ...]
    elevation_rad: tuple[float, ...]
    half_width_rad: float
    range_max_m: float


class Scan(Record, frozen=True, kw_only=True, tag="scan", tag_field="event"):
    """One look of one sensor at one volume, with everything it reported there, also nothing.

    ``sequence`` counts up by one per sensor, so a gap is seen. ``position_gcrf_m`` is the
    satellite at ``start_tai_ns`` and ``velocity_gcrf_m_s`` its velocity (None for a ground radar,
    whose site is in the network). ``sensitivity`` is the weakest source the look could see: noise
    equivalent irradiance [W m-2] for infrared, and for a radar the range [m] at which 1 m2 returns
    a single-look signal-to-noise ratio of one.
    """

    scan_id: str
    realm: Realm
    sensor_id: str
    sequence: int
    start_tai_ns: int
    end_tai_ns: int
    received_tai_ns: int
    volume: Cone | Sector | Beams
    sensitivity: float
    measurements: tuple[Measurement, ...]
    position_gcrf_m: Vector3 | None = None
    velocity_gcrf_m_s: Vector3 | None = None


class Tick(Record, frozen=True, kw_only=True, tag="tick", tag_field="event"):
    """The passage of time, as an event: the step has no clock of its own."""

    tick_id: str
    realm: Realm
    received_tai_ns: int


class Notice(Record, frozen=True, kw_only=True, tag="notice", tag_field="event"):
    """A pre-launch notice: somebody said beforehand what they would launch, from where, when."""

    notice_id: str
    realm: Realm
    received_tai_ns: int
    source: str
    vehicle_class: str
    window_start_tai_ns: int
    window_end_tai_ns: int
    latitude_rad: float
    longitude_rad: float
    radius_m: float
    azimuth_rad: float | None = None


class SensorStatus(Record, frozen=True, kw_only=True, tag="sensor_status", tag_field="event"):
    """A sensor says how it is."""

    status_id: str
    realm: Realm
    received_tai_ns: int
    sensor_id: str
    operating: bool
    reason: str


class OperatorAction(Record, frozen=True, kw_only=True, tag="operator_action", tag_field="event"):
    """A person acts on a case. ``action`` is one of `OPERATOR_ACTIONS`."""

    action_id: str
    realm: Realm
    received_tai_ns: int
    operator: str
    action: str
    case_id: str
    reason: str


OPERATOR_ACTIONS = ("withdraw",)


class Unreadable(Record, frozen=True, kw_only=True, tag="unreadable", tag_field="event"):
    """Something came in that no decoder could read: where, why, and how it began.

    It is an event like any other, so that its refusal is journaled, counted and replayed.
    ``sensor_id`` is known only if the rest of a scan could be read.
    """

    unreadable_id: str
    realm: Realm
    received_tai_ns: int
    sensor_id: str | None
    place: str
    reason: str
    text_excerpt: str


Event = Scan | Tick | Notice | SensorStatus | OperatorAction | Unreadable


# --------------------------------------------------------------------------- outputs


class TrackStatus(str, Enum):
    """Life of a track: see ``tracking.core``."""

    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    COASTING = "coasting"
    ENDED = "ended"


class Track(Record, frozen=True, kw_only=True, tag="track", tag_field="output"):
    """Where a moving object is, in the rotating WGS 84 frame, with its covariance.

    ``covariance`` is 6 x 6, order position then velocity, SI. ``score`` is the log-likelihood ratio
    (natural logarithm) of *one object* against *clutter*. ``parent_track_id`` names the track
    beside which it began, as what a vehicle sheds begins. ``boosting_probability`` is the weight of
    the thrusting motion model.
    """

    track_id: str
    realm: Realm
    time_tai_ns: int
    status: TrackStatus
    position_ecef_m: Vector3
    velocity_ecef_m_s: Vector3
    covariance: Matrix
    boosting_probability: float
    thrust_acceleration_m_s2: float
    score: float
    sensor_ids: tuple[str, ...]
    last_seen_tai_ns: int
    measurement_count: int
    input_ids: tuple[str, ...]
    parent_track_id: str | None = None


class GroundRegion(Record, frozen=True, kw_only=True):
    """A Gaussian region on the ground: centre, and covariance of (east, north) [m2]."""

    latitude_rad: float
    longitude_rad: float
    covariance_m2: Matrix


class LaunchEstimate(Record, frozen=True, kw_only=True):
    """Where and when it was launched. ``azimuth_rad`` is clockwise from north.

    ``last_evidence_tai_ns`` is when the newest line of sight that it rests on was seen.
    """

    region: GroundRegion
    time_tai_ns: int
    time_sigma_s: float
    azimuth_rad: float
    azimuth_sigma_rad: float
    site: str | None
    site_distance_m: float | None
    last_evidence_tai_ns: int | None = None


class ImpactEstimate(Record, frozen=True, kw_only=True):
    """Where and when it can come down, as weighted ground points and a summary region.

    ``polygon_rad`` is the boundary of the stated 90 % region as (latitude, longitude) pairs;
    ``cut_off_probability`` is the weight of *no longer thrusting* inside it, and
    ``manoeuvre_probability`` that of a flight which may still turn aside by its lift.
    ``last_evidence_tai_ns`` is when the track that it rests on was last seen.
    """

    region: GroundRegion
    time_tai_ns: int
    time_sigma_s: float
    cut_off_probability: float
    no_impact_probability: float
    polygon_rad: tuple[tuple[float, float], ...]
    manoeuvre_probability: float = 0.0
    last_evidence_tai_ns: int | None = None


class AreaThreat(Record, frozen=True, kw_only=True):
    """What one defended area faces: the probability of an impact inside, and when.

    ``overflown`` says that the object's ground track has passed the area. ``debris_probability``
    is that of a spent stage, a fragment or a decaying object coming down inside, which is not
    counted in ``probability``.
    """

    area_id: str
    probability: float
    earliest_tai_ns: int | None
    expected_tai_ns: int | None
    overflown: bool
    debris_probability: float = 0.0


class Evidence(Record, frozen=True, kw_only=True):
    """One piece of evidence and its weight in decibans (10 log10 of a likelihood ratio).

    Positive speaks for ``hypothesis``, negative against it. ``text`` is a plain sentence.
    """

    hypothesis: str
    decibans: float
    text: str
    input_ids: tuple[str, ...] = ()


class RaidSize(Record, frozen=True, kw_only=True):
    """How many missiles are in flight, all tracks together: a 90 % interval and the mean.

    Spent stages, fragments and what does not come down count by the chance that they are none.
    """

    low: int
    high: int
    expected: float


class Assessment(Record, frozen=True, kw_only=True, tag="assessment", tag_field="output"):
    """What a track means. Times say when the last evidence was seen, so that age is known.

    ``class_probabilities`` maps each of `VEHICLE_CLASSES` to its probability; they sum to one.
    ``hypotheses`` does so for each of `HYPOTHESES`, innocent ones among them, and
    ``class_evidence_tai_ns`` is when the newest evidence of both was seen. ``object_kinds`` maps
    each of `OBJECT_KINDS` to its probability: what is seen may be a stage of what was launched.
    ``raid`` counts the missiles of all tracks at that instant.
    ``measurement_count`` is the track's; None says that it was not stated, never that it is zero.
    """

    assessment_id: str
    realm: Realm
    track_id: str
    time_tai_ns: int
    last_evidence_tai_ns: int
    status: TrackStatus
    launch: LaunchEstimate | None
    impact: ImpactEstimate | None
    class_probabilities: dict[str, float]
    areas: tuple[AreaThreat, ...]
    domains: tuple[str, ...]
    physics: tuple[Physics, ...]
    silent_sensor_ids: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    down: bool
    input_ids: tuple[str, ...]
    measurement_count: int | None = None
    hypotheses: dict[str, float] = {}
    class_evidence_tai_ns: int | None = None
    object_kinds: dict[str, float] = {}
    raid: RaidSize | None = None


VEHICLE_CLASSES = (
    "short_range",
    "medium_range",
    "intermediate_range",
    "intercontinental",
    "space_launch",
    "unknown",
)

HYPOTHESES = (
    "short_range",
    "medium_range",
    "intermediate_range",
    "intercontinental",
    "space_launch",
    "glider",
    "sounding_rocket",
    "failed_boost",
    "satellite",
    "decaying_object",
    "unknown",
)
"""What a track may be of, each against all others; those that are no class count as *unknown*."""

HARMLESS = ("space_launch", "satellite", "decaying_object")
"""Hypotheses under which nothing comes down as a weapon. A sounding rocket and a failed boost do
come down, and a glider: their forecasts say where, and no name excuses them."""

OBJECT_KINDS = ("missile_body", "stage_or_fragment")
"""What part of a launched vehicle a track may follow."""


class CaseState(str, Enum):
    """Life of a case: see ``warning.life`` for the table."""

    WATCHING = "watching"
    POSSIBLE = "possible"
    PROBABLE = "probable"
    CONFIRMED = "confirmed"
    LOST = "lost"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class AreaState(str, Enum):
    """Life of the warning for one area inside one case: see ``warning.life`` for the table."""

    QUIET = "quiet"
    PREPARE = "prepare"
    SHELTER = "shelter"
    EXTENDED = "extended"
    NARROWED = "narrowed"
    ALL_CLEAR = "all_clear"
    CANCELLED = "cancelled"


class AreaWarning(Record, frozen=True, kw_only=True):
    """The state of one area in one decision. ``changed`` is true if this decision moved it."""

    area_id: str
    state: AreaState
    changed: bool
    probability: float
    earliest_tai_ns: int | None
    expected_tai_ns: int | None


class WarningDecision(
    Record, frozen=True, kw_only=True, tag="warning_decision", tag_field="output"
):
    """A decision about one case, with its reasons. Issued whenever the case or an area changes.

    ``sequence`` counts up by one per case; ``supersedes`` is the id of the case's decision before.
    ``public`` is true if some area's public state changed, so that messages must go out.
    ``end_reason`` is set when ``case_state`` is LOST, WITHDRAWN or ENDED: ``passed over`` and such.
    """

    decision_id: str
    realm: Realm
    case_id: str
    sequence: int
    supersedes: str | None
    time_tai_ns: int
    last_evidence_tai_ns: int
    case_state: CaseState
    end_reason: str | None
    public: bool
    areas: tuple[AreaWarning, ...]
    headline: str
    evidence: tuple[Evidence, ...]
    missing: tuple[str, ...]
    would_change: tuple[str, ...]
    policy_id: str
    input_ids: tuple[str, ...]


class SensorHealth(Record, frozen=True, kw_only=True, tag="sensor_health", tag_field="output"):
    """A sensor's state as the chain sees it changed."""

    health_id: str
    realm: Realm
    time_tai_ns: int
    sensor_id: str
    operating: bool
    reason: str
    input_ids: tuple[str, ...]


class Rejected(Record, frozen=True, kw_only=True, tag="rejected", tag_field="output"):
    """An input, or part of one, that was refused: what, where, and what to do about it."""

    rejected_id: str
    realm: Realm
    time_tai_ns: int
    sensor_id: str | None
    reason: str
    detail: str
    input_ids: tuple[str, ...]


Output = Track | Assessment | WarningDecision | SensorHealth | Rejected
