"""Why a decision is what it is: headline, evidence, what is missing, what would change it.

All text is plain words without degrees or clock times; instants stay in the decision's fields.
"""

from __future__ import annotations

import math

from forewarn.epoch import SECOND_NS
from forewarn.records import AreaState, AreaWarning, CaseState, Evidence, Physics
from forewarn.warning.case import Case
from forewarn.warning.findings import (
    Setting,
    forecast_expiry_tai_ns,
    highest_area_probability,
    is_space_launch,
    threat_probability,
)
from forewarn.warning.life import AREA_CLOSED
from forewarn.warning.words import (
    CASE_WORDS,
    PHYSICS_WORDS,
    class_words,
    count_words,
    origin_words,
    percent_words,
    span_words,
)


def headline(setting: Setting, case: Case, warnings: tuple[AreaWarning, ...]) -> str:
    """Say in one sentence what it is, where from, how many areas are warned and how soon."""
    what = f"{class_words(case.assessment)}, {origin_words(case.assessment)}"
    warned = tuple(w for w in warnings if w.state not in AREA_CLOSED)
    count = count_words(len(warned), "area")
    last_seen = span_words(setting.now_tai_ns - case.assessment.last_evidence_tai_ns)
    if case.state is CaseState.LOST:
        stay = f"{count} still warned by a forecast that is no longer fed"
        return f"Lost: {what}, last seen {last_seen} ago; {stay if warned else 'no area warned'}."
    if case.is_closed:
        reason = f"{CASE_WORDS[case.state]}, {case.end_reason}: {what}, last seen {last_seen} ago"
        return f"{reason}; {_closing_words(warnings)}."
    first = [w.earliest_tai_ns for w in warned if w.earliest_tai_ns is not None]
    soon = ""
    if case.settled_tai_ns is None and first:
        left_ns = min(first) - setting.now_tai_ns
        soon = f", earliest in {span_words(left_ns)}" if left_ns > 0 else ", possible now"
    return f"{CASE_WORDS[case.state]}: {what}; {count} warned{soon}."


def _closing_words(warnings: tuple[AreaWarning, ...]) -> str:
    parts = []
    for state, words in ((AreaState.ALL_CLEAR, "all clear"), (AreaState.CANCELLED, "cancelled")):
        count = sum(w.state is state for w in warnings)
        if count:
            parts.append(f"{words} for {count_words(count, 'area')}")
    return " and ".join(parts) or "no area was warned"


def evidence(
    setting: Setting, case: Case, warnings: tuple[AreaWarning, ...]
) -> tuple[Evidence, ...]:
    """Return the assessment's evidence, weightiest first, then how it stands to the policy.

    The policy's pieces weigh what lies between the estimate and the threshold: the decibans that
    would have to come or go for the threshold to be crossed. A count weighs nothing, it is a rule.
    """
    given = sorted(case.assessment.evidence, key=lambda e: (-abs(e.decibans), e.hypothesis, e.text))
    ours = [_area_evidence(setting, case, warning) for warning in warnings if warning.changed]
    return (*given, _threat_evidence(setting, case), _domain_evidence(setting, case), *ours)


def _threat_evidence(setting: Setting, case: Case) -> Evidence:
    probability, threshold = threat_probability(case.assessment), setting.policy.threat_probability
    return Evidence(
        hypothesis="threat",
        decibans=_margin_decibans(probability, threshold),
        text=f"probability that it is not a space launch is {percent_words(probability)}, "
        f"policy treats it as a threat at {percent_words(threshold)}",
        input_ids=(case.assessment.assessment_id,),
    )


def _domain_evidence(setting: Setting, case: Case) -> Evidence:
    policy = setting.policy
    count = len(set(case.assessment.domains))
    return Evidence(
        hypothesis="independent confirmation",
        decibans=0.0,
        text=f"seen by {count_words(count, 'independent failure domain')}, policy asks "
        f"{policy.probable_domains} for probable and {policy.confirmed_domains} for confirmed",
        input_ids=(case.assessment.assessment_id,),
    )


def _area_evidence(setting: Setting, case: Case, warning: AreaWarning) -> Evidence:
    policy = setting.policy
    name = setting.area_names[warning.area_id]
    if warning.state in AREA_CLOSED:
        text, decibans = f"{name}: {_closing_cause(case, warning)}", 0.0
    else:
        threshold, rule = policy.prepare_probability, "policy warns at"
        if warning.state is AreaState.SHELTER:
            threshold, rule = policy.shelter_probability, "policy orders shelter at"
        elif warning.state is AreaState.NARROWED:
            threshold, rule = policy.release_probability, "policy narrows out below"
        said = f"probability of impact in {name} is {percent_words(warning.probability)}"
        text = f"{said}, {rule} {percent_words(threshold)}"
        decibans = _margin_decibans(warning.probability, threshold)
    return Evidence(
        hypothesis=f"impact in {name}",
        decibans=decibans,
        text=text,
        input_ids=(case.assessment.assessment_id,),
    )


def _closing_cause(case: Case, warning: AreaWarning) -> str:
    if warning.state is AreaState.CANCELLED:
        return f"the warning is taken back ({case.end_reason})"
    if case.areas[warning.area_id].passed_tai_ns is not None:
        return "the object was seen to have passed and the wait after it is over"
    return f"{case.end_reason}, and the wait after it is over"


def _margin_decibans(probability: float, threshold: float) -> float:
    """Return 10 log10 of the odds of one probability over the odds of another.

    Good, Probability and the Weighing of Evidence, 1950, section 6.1. A certainty is held one
    part in a thousand million short of it, for its odds are not a number.
    """

    def log_odds(p: float) -> float:
        p = min(max(p, 1e-9), 1.0 - 1e-9)
        return 10.0 * math.log10(p / (1.0 - p))

    return log_odds(probability) - log_odds(threshold)


def missing(setting: Setting, case: Case) -> tuple[str, ...]:
    """Say what the policy would like and the assessment does not have."""
    policy, assessment = setting.policy, case.assessment
    lines = [
        f"no {PHYSICS_WORDS[physics]} has seen it"
        for physics in Physics
        if physics not in assessment.physics
    ]
    count = assessment.measurement_count
    if count is None:
        lines.append("the number of measurements is not stated")
    elif count < policy.minimum_measurements:
        short = policy.minimum_measurements - count
        lines.append(f"{count_words(short, 'measurement')} fewer than the policy asks")
    domains = len(set(assessment.domains))
    if domains < policy.confirmed_domains:
        asked = count_words(policy.confirmed_domains, "independent failure domain")
        lines.append(f"seen by {domains or 'none'} of the {asked} that confirmation asks")
    lines += [
        f"sensor {sensor_id} should see it and is silent"
        for sensor_id in sorted(assessment.silent_sensor_ids)
    ]
    if assessment.launch is None:
        lines.append("no estimate of where it was launched")
    if assessment.impact is None:
        lines.append("no forecast of where it comes down")
    return tuple(lines)


def would_change(
    setting: Setting, case: Case, warnings: tuple[AreaWarning, ...]
) -> tuple[str, ...]:
    """Say what would move the case or its areas from here."""
    if case.is_closed:
        if case.action_id is not None:
            return ("nothing: an officer withdrew it, and this track opens no other case",)
        return ("nothing; the same object seen to be a threat again opens a new case",)
    if case.state is CaseState.LOST:
        left = span_words(forecast_expiry_tai_ns(setting, case) - setting.now_tai_ns)
        expiry = "withdraws the warning" if case.open_area_ids else "ends the case"
        return (
            "a new sighting of the same object takes the case up where it stood",
            f"no sighting in the next {left} {expiry}",
            "an officer can withdraw it",
        )
    if case.settled_tai_ns is not None:
        wait = span_words(round(setting.policy.all_clear_after_s * SECOND_NS))
        return (f"all clear {wait} after the object was known to be down or in orbit",)
    lines = _rise(setting, case) + _fall(setting, warnings)
    lost = span_words(round(setting.policy.lost_after_s * SECOND_NS))
    return (*lines, f"no sighting for {lost} makes it lost", "an officer can withdraw it")


def _rise(setting: Setting, case: Case) -> tuple[str, ...]:
    """Say what the next higher state asks for."""
    policy, assessment = setting.policy, case.assessment
    if case.state is CaseState.WATCHING:
        asked = count_words(policy.minimum_measurements, "measurement")
        return (f"a confirmed track with at least {asked} makes it possible",)
    lines = []
    domains = len(set(assessment.domains))
    if case.state is CaseState.POSSIBLE:
        if is_space_launch(setting, assessment):
            threshold = percent_words(policy.threat_probability)
            lines.append(f"at least {threshold} for not being a space launch lets it rise")
        if highest_area_probability(setting, assessment) < policy.prepare_probability:
            threshold = percent_words(policy.prepare_probability)
            lines.append(f"at least {threshold} for an impact in any area lets it rise")
        short = policy.probable_domains - domains
        if short > 0:
            lines.append(f"{count_words(short, 'more independent failure domain')} lets it rise")
    if case.state is CaseState.PROBABLE:
        short = policy.confirmed_domains - domains
        if short > 0:
            lines.append(f"{count_words(short, 'more independent failure domain')} confirms it")
        short = policy.confirmed_physics - len(set(assessment.physics))
        if short > 0:
            lines.append("a sensor of different physics confirms it")
    return tuple(lines)


def _fall(setting: Setting, warnings: tuple[AreaWarning, ...]) -> tuple[str, ...]:
    """Say below what probability the warned areas would be narrowed out."""
    release = percent_words(setting.policy.release_probability)
    narrowable = (AreaState.SHELTER, AreaState.PREPARE, AreaState.EXTENDED)
    names = [setting.area_names[w.area_id] for w in warnings if w.state in narrowable]
    if not names:
        return ()
    return (f"less than {release} for an impact narrows out {', '.join(names)}",)
