"""The instants between ignition and warning, and the life of each area's warning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forewarn.epoch import SECOND_NS
from forewarn.records import AreaState, AreaWarning, CaseState, TrackStatus, WarningDecision
from forewarn.studies.report_run import WARNED_STATES, Case, Run


@dataclass(frozen=True)
class Milestone:
    """An instant that matters. ``stage`` names the time that went by since the one before."""

    name: str
    tai_ns: int
    stage: str
    why: str


@dataclass(frozen=True)
class AreaSpan:
    """One state of one area, from when to when."""

    state: AreaState
    start_tai_ns: int
    end_tai_ns: int


@dataclass(frozen=True)
class AreaStory:
    """The warning of one area: its states, and what was forecast when it was first warned."""

    area_id: str
    spans: tuple[AreaSpan, ...]
    first: AreaWarning
    first_tai_ns: int

    @property
    def lead_s(self) -> float | None:
        """Time from the first warning to the expected arrival as forecast then [s]."""
        arrival_tai_ns = self.first.expected_tai_ns or self.first.earliest_tai_ns
        if arrival_tai_ns is None:
            return None
        return (arrival_tai_ns - self.first_tai_ns) / SECOND_NS


def first_look_tai_ns(run: Run, case: Case) -> int | None:
    """Return when a sensor first looked and saw: from the summary, else from the track's records.

    A track's first record may already rest on several looks, so the summary knows better.
    """
    launches = run.summary.get("launches", [])
    for entry in launches if isinstance(launches, list) and case.flight else []:
        if case.flight and entry.get("launch_id") == case.flight.launch_id:
            first_s = entry.get("first_look_s")
            if isinstance(first_s, int | float):
                return case.zero_tai_ns + round(first_s * SECOND_NS)
    return min((t.last_seen_tai_ns for t in case.tracks), default=None)


def chain_milestones(run: Run, case: Case) -> tuple[Milestone, ...]:
    """Return ignition, cloud break, first look, track, decision and warning, as far as known.

    An instant that comes out earlier than the one before it (a cloud break seen late in the
    record, say) is kept: its stage then simply has no length.
    """
    found = [Milestone("Ignition", case.zero_tai_ns, "", case.zero_is)]
    flight = case.flight
    if flight and flight.cloud_break_tai_ns is not None:
        found.append(
            Milestone(
                "Cloud break",
                flight.cloud_break_tai_ns,
                "Hidden under cloud",
                "physics: no telescope sees the plume yet",
            )
        )
    look_tai_ns = first_look_tai_ns(run, case)
    if look_tai_ns is not None:
        found.append(Milestone("First look", look_tai_ns, "Waiting for a look", "sensor revisit"))
    confirmed = next((t for t in case.tracks if t.status is TrackStatus.CONFIRMED), None)
    if confirmed:
        found.append(
            Milestone(
                "Track confirmed",
                confirmed.time_tai_ns,
                "Establishing the track",
                "further looks, latency, association",
            )
        )
    found += _decision_milestones(case)
    return tuple(found)


def _decision_milestones(case: Case) -> list[Milestone]:
    found = []
    grave = (CaseState.PROBABLE, CaseState.CONFIRMED)
    decided = next((d for d in case.decisions if d.case_state in grave), None)
    if decided:
        found.append(
            Milestone(
                "Decided",
                decided.time_tai_ns,
                "Reaching a decision",
                "enough independent evidence of a threat",
            )
        )
    warned = first_warning(case)
    if warned:
        found.append(
            Milestone(
                "Warned", warned.time_tai_ns, "Issuing the warning", "from decision to message"
            )
        )
    return found


def first_warning(case: Case) -> WarningDecision | None:
    """Return the first decision that told an area to prepare or to shelter."""
    return next((d for d in case.decisions if any(a.state in WARNED_STATES for a in d.areas)), None)


def area_stories(case: Case, end_tai_ns: int) -> tuple[AreaStory, ...]:
    """Return the story of each area that was ever warned, in the order of the warnings.

    The last state lasts until ``end_tai_ns``, or is a moment if it came later.
    """
    changes: dict[str, list[tuple[int, AreaWarning]]] = {}
    for decision in case.decisions:
        for area in decision.areas:
            known = changes.setdefault(area.area_id, [])
            if not known or known[-1][1].state != area.state:
                known.append((decision.time_tai_ns, area))
    stories = []
    for area_id, steps in changes.items():
        warned = next(((t, a) for t, a in steps if a.state in WARNED_STATES), None)
        if warned is None:
            continue
        ends = [t for t, _ in steps[1:]] + [max(end_tai_ns, steps[-1][0])]
        spans = tuple(
            AreaSpan(area.state, start, end) for (start, area), end in zip(steps, ends, strict=True)
        )
        stories.append(AreaStory(area_id, spans, warned[1], warned[0]))
    return tuple(sorted(stories, key=lambda s: (s.first_tai_ns, s.area_id)))


def last_instant_tai_ns(case: Case) -> int:
    """Return the last instant the case's charts have to show."""
    instants = [d.time_tai_ns for d in case.decisions]
    instants += [t.time_tai_ns for t in case.tracks[-1:]]
    instants += [a.time_tai_ns for a in case.assessments[-1:]]
    if case.flight and case.flight.impact:
        instants.append(case.flight.impact.time_tai_ns)
    return max([*instants, case.zero_tai_ns + 60 * SECOND_NS])


def history_alert_s(summary: Mapping[str, object]) -> float | None:
    """Return when history's own alert came [s after launch], if that is stated."""
    stated = summary.get("history_alert_s")
    return float(stated) if isinstance(stated, int | float) else None


def run_history(run: Run) -> tuple[str | None, float | None]:
    """Return history's note and the time of its alert after launch [s]."""
    return run.fact("history_note"), history_alert_s(run.summary)
