"""From assessments to decisions: who is warned, of what, and when that is taken back.

Theory of operation. Each call lays new assessments on their cases, then the acts of the officers,
then lets time work: at once on the cases touched, on all others once a second. A case's latest
assessment is compared with the policy and with the clock, and what is found is put as an event to
the tables in ``life``. A decision is issued for a case exactly when its state or the state of one
of its areas changed.

Only observed facts close a warning. That an area was overflown counts when it was said of an object
that was being seen at that moment; a coasting forecast that runs past an area has seen nothing (a
forecast overflight of 2022-11-03 was announced as a fact and had to be taken back). A forecast that
nobody has fed for too long is withdrawn aloud, not left to fade.
"""

from __future__ import annotations

from msgspec.structs import replace

from forewarn.epoch import SECOND_NS
from forewarn.records import (
    OPERATOR_ACTIONS,
    AreaState,
    AreaThreat,
    AreaWarning,
    Assessment,
    CaseState,
    OperatorAction,
    Realm,
    Rejected,
    TrackStatus,
    WarningDecision,
)
from forewarn.warning import reasons
from forewarn.warning.case import (
    CAME_DOWN,
    CLOSED_WITHOUT_FACT,
    FORECAST_TOO_OLD,
    LOST,
    NEVER_CONFIRMED,
    NOT_SEEN_AGAIN,
    PASSED_OVER,
    SATELLITE,
    SPACE_LAUNCH,
    AreaLife,
    Case,
    WarningState,
)
from forewarn.warning.findings import (
    Setting,
    forecast_expiry_tai_ns,
    is_in_orbit_already,
    is_lost,
    is_settled,
    is_space_launch,
    may_narrow,
    support,
)
from forewarn.warning.life import AREA_TRANSITIONS, CASE_TRANSITIONS, AreaEvent, CaseEvent
from forewarn.warning.policy import Area, Policy

WarningOutput = WarningDecision | Rejected

_SWEEP_NS = SECOND_NS
"""How often time works on cases that nothing is reported of; between sweeps only those that are
touched cost anything, whatever the rate of events. Timers so run at most this much late."""

_RANK = (CaseState.WATCHING, CaseState.POSSIBLE, CaseState.PROBABLE, CaseState.CONFIRMED)
_PUBLIC_STATES = frozenset({CaseState.PROBABLE, CaseState.CONFIRMED})


def decide(
    policy: Policy,
    areas: tuple[Area, ...],
    state: WarningState,
    *,
    assessments: tuple[Assessment, ...],
    actions: tuple[OperatorAction, ...],
    now_tai_ns: int,
    realm: Realm,
) -> tuple[WarningState, tuple[WarningOutput, ...]]:
    """Return the next state and what is to be said, without changing ``state``.

    ``assessments`` may be empty (time alone has passed). One that is older than what its case
    already has is ignored. Threats to places that are not among ``areas`` are not decided on.
    Records of another realm, and actions that name no open case, are answered with a `Rejected`.
    Decisions come in the order in which their cases were opened. Raises nothing: check policy and
    areas once with ``faults.policy_faults`` and ``faults.area_faults``.
    """
    names = {area.area_id: area.name for area in areas}
    setting = Setting(policy=policy, now_tai_ns=now_tai_ns, realm=realm, area_names=names)
    cases, case_count = dict(state.cases), state.case_count
    refused: list[tuple[str, str, str]] = []
    touched: set[str] = set()
    for assessment in assessments:
        if assessment.realm is realm:
            case_count += _lay(setting, cases, assessment, f"case-{case_count + 1:04d}")
            touched.add(assessment.track_id)
        else:
            refused.append((*_wrong_realm(assessment.realm, realm), assessment.assessment_id))
    withdrawals: dict[str, OperatorAction] = {}
    for action in actions:
        case, refusal = _named_case(cases, action, realm)
        if case is not None:
            withdrawals.setdefault(case.track_id, action)
        else:
            refused.append((*refusal, action.action_id))
    swept_tai_ns = state.swept_tai_ns
    if swept_tai_ns is None or now_tai_ns - swept_tai_ns >= _SWEEP_NS:
        swept_tai_ns = now_tai_ns
        due = list(cases)
    else:
        due = [track_id for track_id in cases if track_id in touched or track_id in withdrawals]
    outputs: list[WarningOutput] = []
    decision_count = state.decision_count
    for track_id in due:
        moved = _move(setting, cases[track_id], withdrawals.get(track_id))
        earlier = state.cases.get(track_id)
        if earlier is not None and earlier.case_id != moved.case_id:
            earlier = None
        if _changed(earlier, moved):
            decision_count += 1
            decision_id = f"decision-{decision_count:06d}"
            moved, decision = _decision(setting, earlier, moved, decision_id)
            outputs.append(decision)
        cases[track_id] = moved
        if _is_forgettable(setting, moved):
            del cases[track_id]
    first = state.rejected_count + 1
    outputs += [_rejected(setting, number, why) for number, why in enumerate(refused, start=first)]
    following = WarningState(
        cases=cases,
        case_count=case_count,
        decision_count=decision_count,
        rejected_count=state.rejected_count + len(refused),
        swept_tai_ns=swept_tai_ns,
    )
    return following, tuple(outputs)


# ------------------------------------------------------------------- what comes in


def _lay(
    setting: Setting, cases: dict[str, Case], assessment: Assessment, next_case_id: str
) -> bool:
    """Give an assessment to its case; open one, and return True, where there is none to take it."""
    case = cases.get(assessment.track_id)
    if case is not None and assessment.time_tai_ns < case.assessment.time_tai_ns:
        return False
    if case is not None and not _reopens(setting, case, assessment):
        cases[case.track_id] = replace(case, assessment=assessment)
        return False
    cases.pop(assessment.track_id, None)  # a new case goes to the end of the order
    cases[assessment.track_id] = Case(
        case_id=next_case_id,
        track_id=assessment.track_id,
        state=CaseState.WATCHING,
        standing=CaseState.WATCHING,
        assessment=assessment,
    )
    return True


def _reopens(setting: Setting, case: Case, assessment: Assessment) -> bool:
    """True when a closed case must not keep us from seeing what the track does now.

    What an officer withdrew stays withdrawn. What ended by a fact opens anew only for a threat
    that would be public; what ended by not knowing opens anew when the object is seen again.
    """
    if case.closed_tai_ns is None or case.action_id is not None:
        return False
    if assessment.last_evidence_tai_ns <= case.closed_tai_ns:
        return False
    if is_settled(setting, assessment) or is_lost(setting, assessment):
        return False
    if case.end_reason in CLOSED_WITHOUT_FACT:
        return True
    found = support(setting, assessment, CaseState.WATCHING)
    return found in (CaseEvent.CORROBORATED, CaseEvent.CONFIRMED)


def _wrong_realm(theirs: Realm, ours: Realm) -> tuple[str, str]:
    return (
        "wrong realm",
        f"a {theirs.value} record in a {ours.value} chain; feed it to a chain of its own realm",
    )


def _named_case(
    cases: dict[str, Case], action: OperatorAction, realm: Realm
) -> tuple[Case | None, tuple[str, str]]:
    """Return the open case that an action names, or None and why not, as (reason, detail)."""
    if action.realm is not realm:
        return None, _wrong_realm(action.realm, realm)
    if action.action not in OPERATOR_ACTIONS:
        known = ", ".join(OPERATOR_ACTIONS)
        return None, ("unknown action", f"no action '{action.action}'; use one of: {known}")
    case = next((c for c in cases.values() if c.case_id == action.case_id), None)
    if case is None:
        live = ", ".join(c.case_id for c in cases.values() if not c.is_closed) or "none"
        return None, ("unknown case", f"no case '{action.case_id}'; open now: {live}")
    if case.is_closed:
        detail = f"{case.case_id} is {case.state.value} already; there is nothing to withdraw"
        return None, ("case closed", detail)
    return case, ("", "")


# ------------------------------------------------------------------- what follows


def _move(setting: Setting, case: Case, withdrawal: OperatorAction | None) -> Case:
    """Let one case live until now."""
    if case.is_closed:
        return case
    if withdrawal is not None:
        text = f"withdrawn by {withdrawal.operator}: {withdrawal.reason}"
        return replace(_withdraw(setting, case, text), action_id=withdrawal.action_id)
    if is_settled(setting, case.assessment):
        return _settle(setting, case)
    case = replace(case, settled_tai_ns=None)
    unseen = is_lost(setting, case.assessment)
    case = _lose(setting, case) if unseen else _follow(setting, case)
    return case if case.is_closed else _clear_passed(setting, case)


def _settle(setting: Setting, case: Case) -> Case:
    """Handle an object that is down or in orbit: all clear after the policy's wait, then the end.

    Areas are frozen meanwhile: people shelter on until they are told that it is over.
    """
    since_tai_ns = case.settled_tai_ns
    if since_tai_ns is None:
        since_tai_ns = case.assessment.time_tai_ns
        case = replace(case, settled_tai_ns=since_tai_ns)
    open_ids = case.open_area_ids
    waited_ns = setting.now_tai_ns - since_tai_ns
    if open_ids and waited_ns < setting.policy.all_clear_after_s * SECOND_NS:
        return case
    fell_on_warned = case.assessment.down and bool(case.areas)
    innocent = is_space_launch(setting, case.assessment) and not fell_on_warned
    case = _area_events(case, open_ids, AreaEvent.CLEARED)
    reason = _harmless(case) if innocent else CAME_DOWN
    return _end(setting, case, CaseEvent.CONCLUDED, reason)


def _harmless(case: Case) -> str:
    """Why a case without a threat ends."""
    return SATELLITE if is_in_orbit_already(case.assessment) else SPACE_LAUNCH


def _lose(setting: Setting, case: Case) -> Case:
    """Handle an object that nobody sees: say so, keep the areas, withdraw what grew too old."""
    ended = case.assessment.status is TrackStatus.ENDED
    if ended and not case.open_area_ids and is_space_launch(setting, case.assessment):
        return _end(setting, case, CaseEvent.CONCLUDED, _harmless(case))
    if case.state is not CaseState.LOST:
        moved = _case_event(case, CaseEvent.SIGHT_LOST)
        if moved.state is CaseState.ENDED:
            reason = NEVER_CONFIRMED
            return replace(moved, end_reason=reason, closed_tai_ns=setting.now_tai_ns)
        return replace(moved, end_reason=LOST)
    if setting.now_tai_ns < forecast_expiry_tai_ns(setting, case):
        return case
    if case.open_area_ids:
        return _withdraw(setting, case, FORECAST_TOO_OLD)
    return _end(setting, case, CaseEvent.CONCLUDED, NOT_SEEN_AGAIN)


def _follow(setting: Setting, case: Case) -> Case:
    """Handle an object that is being seen, or was a moment ago."""
    if case.assessment.status is TrackStatus.ENDED:
        if is_space_launch(setting, case.assessment) and not case.open_area_ids:
            return _end(setting, case, CaseEvent.CONCLUDED, _harmless(case))
        return case
    if case.state is CaseState.LOST:
        stood = case.standing
        case = replace(_case_event(case, CaseEvent.REGAINED), end_reason=None)
        case = _case_event(case, _RAISED_TO[stood])
    else:
        case = _case_event(case, CaseEvent.SEEN)
    case = _case_event(case, support(setting, case.assessment, case.state))
    return _threaten(setting, case) if case.state in _PUBLIC_STATES else case


_RAISED_TO = dict(
    zip(
        _RANK,
        (CaseEvent.SEEN, CaseEvent.SUPPORTED, CaseEvent.CORROBORATED, CaseEvent.CONFIRMED),
        strict=True,
    )
)


def _threaten(setting: Setting, case: Case) -> Case:
    """Compare every area's probability with the thresholds.

    A case that now looks like a space launch raises no further area, but what is warned stays
    warned until its own probability falls.
    """
    policy = setting.policy
    may_raise = not is_space_launch(setting, case.assessment)
    for threat in _threats(setting, case):
        warned = threat.area_id in case.areas
        if may_raise and threat.probability >= policy.prepare_probability:
            sheltering = (
                case.state is CaseState.CONFIRMED
                and threat.probability >= policy.shelter_probability
            )
            raised = AreaEvent.WIDENED if case.public else AreaEvent.WARNED
            event = AreaEvent.SHELTERED if sheltering else raised
            case = _area_events(case, (threat.area_id,), event)
        elif (
            warned
            and threat.probability < policy.release_probability
            and may_narrow(setting, case.assessment)
        ):
            case = _area_events(case, (threat.area_id,), AreaEvent.SUBSIDED)
        if warned:
            case = _note_passage(setting, case, threat)
    return case


def _note_passage(setting: Setting, case: Case, threat: AreaThreat) -> Case:
    """Remember since when a warned area is known, by sight, to be behind the object."""
    life = case.areas[threat.area_id]
    since_tai_ns = life.passed_tai_ns
    if threat.probability >= setting.policy.release_probability:
        since_tai_ns = None
    elif case.assessment.status is TrackStatus.CONFIRMED:
        if not threat.overflown:
            since_tai_ns = None
        elif since_tai_ns is None:
            since_tai_ns = case.assessment.time_tai_ns
    life = replace(life, passed_tai_ns=since_tai_ns)
    return replace(case, areas=case.areas | {threat.area_id: life})


def _clear_passed(setting: Setting, case: Case) -> Case:
    """Give the all clear where the object was seen to have passed, and end the case with the last.

    This works in LOST too: what was seen to pass before sight was lost has passed.
    """
    wait_ns = setting.policy.all_clear_after_s * SECOND_NS
    passed = tuple(
        area_id
        for area_id in case.open_area_ids
        if (since_tai_ns := case.areas[area_id].passed_tai_ns) is not None
        and setting.now_tai_ns - since_tai_ns >= wait_ns
    )
    case = _area_events(case, passed, AreaEvent.CLEARED)
    if passed and not case.open_area_ids:
        return _end(setting, case, CaseEvent.CONCLUDED, PASSED_OVER)
    return case


def _withdraw(setting: Setting, case: Case, reason: str) -> Case:
    case = _area_events(case, case.open_area_ids, AreaEvent.RETRACTED)
    return _end(setting, case, CaseEvent.WITHDRAWN, reason)


def _end(setting: Setting, case: Case, event: CaseEvent, reason: str) -> Case:
    case = _case_event(case, event)
    return replace(case, end_reason=reason, closed_tai_ns=setting.now_tai_ns)


def _case_event(case: Case, event: CaseEvent) -> Case:
    state = CASE_TRANSITIONS[case.state, event]
    return replace(case, state=state, standing=state if state in _RANK else case.standing)


def _area_events(case: Case, area_ids: tuple[str, ...], event: AreaEvent) -> Case:
    lives = dict(case.areas)
    for area_id in area_ids:
        life = lives.get(area_id, AreaLife(state=AreaState.QUIET))
        lives[area_id] = replace(life, state=AREA_TRANSITIONS[life.state, event])
    return replace(case, areas=lives)


def _is_forgettable(setting: Setting, case: Case) -> bool:
    """True for a closed case whose track has been silent so long that it cannot come back."""
    silent_ns = setting.now_tai_ns - case.assessment.time_tai_ns
    return case.is_closed and silent_ns > setting.policy.extrapolation_limit_s * SECOND_NS


# ------------------------------------------------------------------- what goes out


def _changed(earlier: Case | None, case: Case) -> bool:
    if earlier is None:
        return True
    return earlier.state is not case.state or bool(_changed_area_ids(earlier, case))


def _changed_area_ids(earlier: Case | None, case: Case) -> frozenset[str]:
    lives = {} if earlier is None else earlier.areas
    return frozenset(
        area_id
        for area_id, life in case.areas.items()
        if lives.get(area_id, AreaLife(state=AreaState.QUIET)).state is not life.state
    )


def _threats(setting: Setting, case: Case) -> tuple[AreaThreat, ...]:
    """Return the threats to defended areas, those warned included.

    A warned area that the assessment does not speak of faces nothing and was not overflown.
    """
    given = [t for t in case.assessment.areas if t.area_id in setting.area_names]
    silent = case.areas.keys() - {t.area_id for t in given}
    return (*given, *(_nothing(area_id) for area_id in sorted(silent)))


def _nothing(area_id: str) -> AreaThreat:
    return AreaThreat(
        area_id=area_id,
        probability=0.0,
        earliest_tai_ns=None,
        expected_tai_ns=None,
        overflown=False,
    )


def _area_warnings(
    setting: Setting, case: Case, changed: frozenset[str]
) -> tuple[AreaWarning, ...]:
    threats = {threat.area_id: threat for threat in _threats(setting, case)}
    return tuple(
        AreaWarning(
            area_id=area_id,
            state=case.areas[area_id].state,
            changed=area_id in changed,
            probability=threats[area_id].probability,
            earliest_tai_ns=threats[area_id].earliest_tai_ns,
            expected_tai_ns=threats[area_id].expected_tai_ns,
        )
        for area_id in setting.area_names
        if area_id in case.areas
    )


def _decision(
    setting: Setting, earlier: Case | None, case: Case, decision_id: str
) -> tuple[Case, WarningDecision]:
    changed = _changed_area_ids(earlier, case)
    warnings = _area_warnings(setting, case, changed)
    action_ids = () if case.action_id is None else (case.action_id,)
    decision = WarningDecision(
        decision_id=decision_id,
        realm=setting.realm,
        case_id=case.case_id,
        sequence=case.sequence + 1,
        supersedes=case.last_decision_id,
        time_tai_ns=setting.now_tai_ns,
        last_evidence_tai_ns=case.assessment.last_evidence_tai_ns,
        case_state=case.state,
        end_reason=case.end_reason,
        public=bool(changed),
        areas=warnings,
        headline=reasons.headline(setting, case, warnings),
        evidence=reasons.evidence(setting, case, warnings),
        missing=reasons.missing(setting, case),
        would_change=reasons.would_change(setting, case, warnings),
        policy_id=setting.policy.policy_id,
        input_ids=(case.assessment.assessment_id, *action_ids),
    )
    case = replace(
        case,
        sequence=decision.sequence,
        last_decision_id=decision_id,
        public=case.public or decision.public,
    )
    return case, decision


def _rejected(setting: Setting, number: int, refusal: tuple[str, str, str]) -> Rejected:
    reason, detail, input_id = refusal
    return Rejected(
        rejected_id=f"rejected-warning-{number:06d}",
        realm=setting.realm,
        time_tai_ns=setting.now_tai_ns,
        sensor_id=None,
        reason=reason,
        detail=detail,
        input_ids=(input_id,),
    )
