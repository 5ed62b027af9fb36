"""What one assessment amounts to under a policy: pure questions with short answers."""

from __future__ import annotations

from dataclasses import dataclass

from forewarn.epoch import SECOND_NS
from forewarn.records import HARMLESS, Assessment, CaseState, Realm, TrackStatus
from forewarn.warning.case import Case
from forewarn.warning.life import CaseEvent
from forewarn.warning.policy import Policy


@dataclass(frozen=True)
class Setting:
    """What is the same for all cases of one call."""

    policy: Policy
    now_tai_ns: int
    realm: Realm
    area_names: dict[str, str]  # of the defended areas by id, in the order of their file


def threat_probability(assessment: Assessment) -> float:
    """Return the probability that it may come down as a weapon; *unknown* counts as a threat.

    An assessment without hypotheses is judged by its classes, of which a space launch is harmless.
    """
    if not assessment.hypotheses:
        return 1.0 - assessment.class_probabilities.get("space_launch", 0.0)
    return 1.0 - min(sum(assessment.hypotheses.get(name, 0.0) for name in HARMLESS), 1.0)


def is_in_orbit_already(assessment: Assessment) -> bool:
    """True where a satellite, decaying or not, explains it better than a space launch."""
    told = assessment.hypotheses
    aloft = told.get("satellite", 0.0) + told.get("decaying_object", 0.0)
    return aloft > told.get("space_launch", 0.0)


def is_space_launch(setting: Setting, assessment: Assessment) -> bool:
    """True when the threat is below what the policy asks for more than watching.

    So is a satellite, or one that decays: no threat either.
    """
    return threat_probability(assessment) < setting.policy.threat_probability


def highest_area_probability(setting: Setting, assessment: Assessment) -> float:
    """Return the highest probability of an impact in any one defended area, else 0."""
    names = setting.area_names
    return max((t.probability for t in assessment.areas if t.area_id in names), default=0.0)


def is_firm(setting: Setting, assessment: Assessment) -> bool:
    """True for a confirmed track, coasting or not, with the measurements the policy asks for."""
    if assessment.status not in (TrackStatus.CONFIRMED, TrackStatus.COASTING):
        return False
    count = assessment.measurement_count
    return count is None or count >= setting.policy.minimum_measurements


def support(setting: Setting, assessment: Assessment, state: CaseState) -> CaseEvent:
    """Return the event that the assessment is for a case in ``state``.

    The area threshold opens the way to PROBABLE only: an object once held to threaten an area is
    confirmed by who sees it, not by where its forecast has moved since.
    """
    policy = setting.policy
    if not is_firm(setting, assessment):
        return CaseEvent.DOUBTED
    domains = len(set(assessment.domains))
    probability = highest_area_probability(setting, assessment)
    threatens = state is CaseState.PROBABLE or probability >= policy.prepare_probability
    if is_space_launch(setting, assessment) or not threatens or domains < policy.probable_domains:
        return CaseEvent.SUPPORTED
    enough_physics = len(set(assessment.physics)) >= policy.confirmed_physics
    if domains >= policy.confirmed_domains and enough_physics:
        return CaseEvent.CONFIRMED
    return CaseEvent.CORROBORATED


def may_narrow(setting: Setting, assessment: Assessment) -> bool:
    """True once the engine has stopped: what still thrusts may yet fall shorter than forecast."""
    impact = assessment.impact
    return impact is None or impact.cut_off_probability >= setting.policy.narrow_probability


def is_settled(setting: Setting, assessment: Assessment) -> bool:
    """True when the object is down, or is a space launch in orbit."""
    if assessment.down:
        return True
    if assessment.impact is None or not is_space_launch(setting, assessment):
        return False
    return assessment.impact.no_impact_probability >= setting.policy.orbital_probability


def is_lost(setting: Setting, assessment: Assessment) -> bool:
    """True when nobody has seen it for longer than the policy allows and it is not down.

    A track that the tracker itself no longer reports on is as unseen as a coasting one.
    """
    limit_ns = setting.policy.lost_after_s * SECOND_NS
    unseen = (
        assessment.status in (TrackStatus.COASTING, TrackStatus.ENDED)
        or setting.now_tai_ns - assessment.time_tai_ns > limit_ns
    )
    aged = setting.now_tai_ns - assessment.last_evidence_tai_ns > limit_ns
    return unseen and aged and not assessment.down


def forecast_expiry_tai_ns(setting: Setting, case: Case) -> int:
    """Return when a LOST case's forecast is too old to stand.

    Never before the object could have arrived in a warned area and the all-clear wait has passed:
    a warning must not be lifted while the missile may still be on its way.
    """
    policy = setting.policy
    age_limit_ns = round(policy.extrapolation_limit_s * SECOND_NS)
    expiry_tai_ns = case.assessment.last_evidence_tai_ns + age_limit_ns
    for threat in case.assessment.areas:
        if threat.area_id in case.open_area_ids and threat.expected_tai_ns is not None:
            wait_ns = round(policy.all_clear_after_s * SECOND_NS)
            expiry_tai_ns = max(expiry_tai_ns, threat.expected_tai_ns + wait_ns)
    return expiry_tai_ns
