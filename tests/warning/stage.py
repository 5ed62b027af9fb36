"""A small stage for decisions: three areas, a policy, and assessments made by hand."""

from __future__ import annotations

import msgspec

from forewarn.epoch import SECOND_NS
from forewarn.records import (
    VEHICLE_CLASSES,
    AreaThreat,
    Assessment,
    Evidence,
    GroundRegion,
    ImpactEstimate,
    LaunchEstimate,
    OperatorAction,
    Physics,
    Realm,
    Rejected,
    TrackStatus,
    WarningDecision,
)
from forewarn.warning import Area, Policy, WarningState, decide

T0_TAI_NS = 1_900_000_000 * SECOND_NS

POLICY = Policy(
    policy_id="policy-test",
    version=1,
    title="Test",
    threat_probability=0.2,
    prepare_probability=0.01,
    shelter_probability=0.2,
    release_probability=0.002,
    probable_domains=2,
    confirmed_domains=3,
    minimum_measurements=4,
    lost_after_s=60.0,
    all_clear_after_s=30.0,
    extrapolation_limit_s=600.0,
)


def area(area_id: str, name: str, longitude_rad: float) -> Area:
    """A square of 0.02 rad with its south-west corner on the equator."""
    corners = ((0.0, 0.0), (0.0, 0.02), (0.02, 0.02), (0.02, 0.0))
    return Area(
        area_id=area_id,
        name=name,
        population=1000,
        time_to_shelter_s=90.0,
        polygon_rad=tuple((lat, longitude_rad + lon) for lat, lon in corners),
    )


AREAS = (area("west", "Area West", 0.1), area("mid", "Area Mid", 0.2), area("east", "East", 0.3))


def at(seconds: float) -> int:
    """The instant so many seconds into the play."""
    return T0_TAI_NS + round(seconds * SECOND_NS)


REGION = GroundRegion(latitude_rad=0.0, longitude_rad=0.0, covariance_m2=((1e6, 0.0), (0.0, 1e6)))

LAUNCH = LaunchEstimate(
    region=REGION,
    time_tai_ns=at(-60),
    time_sigma_s=3.0,
    azimuth_rad=1.5,
    azimuth_sigma_rad=0.01,
    site="Rocket Field",
    site_distance_m=900.0,
)


def impact(no_impact_probability: float = 0.0) -> ImpactEstimate:
    """A forecast that it comes down, or does not."""
    return ImpactEstimate(
        region=REGION,
        time_tai_ns=at(600),
        time_sigma_s=10.0,
        cut_off_probability=1.0,
        no_impact_probability=no_impact_probability,
        polygon_rad=(),
    )


def classes(**given: float) -> dict[str, float]:
    """Class probabilities, zero where not given."""
    return {name: given.get(name, 0.0) for name in VEHICLE_CLASSES}


MISSILE = classes(medium_range=0.9, unknown=0.05, space_launch=0.05)
ROCKET = classes(space_launch=0.95, unknown=0.05)

DOMAINS = ("domain-a", "domain-b", "domain-c")


class Play:
    """Puts assessments to ``decide`` and keeps what it says."""

    def __init__(self, policy: Policy = POLICY, areas: tuple[Area, ...] = AREAS) -> None:
        self.policy = policy
        self.areas = areas
        self.state = WarningState()
        self.said: list[WarningDecision] = []
        self.rejected: list[Rejected] = []

    def step(
        self,
        seconds: float,
        *assessments: Assessment,
        actions: tuple[OperatorAction, ...] = (),
    ) -> tuple[WarningDecision, ...]:
        """Let it be so many seconds; return the decisions of this step."""
        self.state, outputs = decide(
            self.policy,
            self.areas,
            self.state,
            assessments=assessments,
            actions=actions,
            now_tai_ns=at(seconds),
            realm=Realm.TEST,
        )
        decisions = tuple(o for o in outputs if isinstance(o, WarningDecision))
        self.said += decisions
        self.rejected += [o for o in outputs if isinstance(o, Rejected)]
        return decisions

    def one(
        self,
        seconds: float,
        *assessments: Assessment,
        actions: tuple[OperatorAction, ...] = (),
    ) -> WarningDecision:
        """Step and return the only decision."""
        (decision,) = self.step(seconds, *assessments, actions=actions)
        return decision


def assess(
    seconds: float,
    probabilities: dict[str, float] | None = None,
    *,
    domains: int = 3,
    overflown: tuple[str, ...] = (),
    seen: float | None = None,
    **changes: object,
) -> Assessment:
    """A confirmed missile track, seen now by three domains of both physics, changed as asked."""
    threats = tuple(
        AreaThreat(
            area_id=area_id,
            probability=probability,
            earliest_tai_ns=at(300),
            expected_tai_ns=at(320),
            overflown=area_id in overflown,
        )
        for area_id, probability in (probabilities or {}).items()
    )
    plain = Assessment(
        assessment_id=f"assessment-{seconds:g}",
        realm=Realm.TEST,
        track_id="track-1",
        time_tai_ns=at(seconds),
        last_evidence_tai_ns=at(seconds if seen is None else seen),
        status=TrackStatus.CONFIRMED,
        launch=LAUNCH,
        impact=impact(),
        class_probabilities=MISSILE,
        areas=threats,
        domains=DOMAINS[:domains],
        physics=(Physics.INFRARED, Physics.RADAR),
        silent_sensor_ids=(),
        evidence=(
            Evidence(hypothesis="threat", decibans=-3.0, text="it flies high"),
            Evidence(hypothesis="threat", decibans=12.0, text="it burns like a missile"),
        ),
        down=False,
        input_ids=("track-1",),
        measurement_count=10,
    )
    return msgspec.structs.replace(plain, **changes)


def withdraw(seconds: float, case_id: str, **changes: object) -> OperatorAction:
    """An officer's withdrawal."""
    plain = OperatorAction(
        action_id=f"action-{seconds:g}",
        realm=Realm.TEST,
        received_tai_ns=at(seconds),
        operator="officer-7",
        action="withdraw",
        case_id=case_id,
        reason="a drill was mistaken for real",
    )
    return msgspec.structs.replace(plain, **changes)


def states(decision: WarningDecision) -> dict[str, str]:
    """The state of each warned area."""
    return {w.area_id: w.state.value for w in decision.areas}


def changed(decision: WarningDecision) -> set[str]:
    """The areas that the decision moved."""
    return {w.area_id for w in decision.areas if w.changed}
