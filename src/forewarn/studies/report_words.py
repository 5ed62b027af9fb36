"""Plain words: names of states and classes, durations, and the outcome in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from forewarn.epoch import utc_text_from_tai_ns
from forewarn.records import AreaState, CaseState
from forewarn.studies.report_run import WARNED_STATES, Case, ReportArea, Run, TrueEvent

CLASS_WORDS = {
    "short_range": "Short-range missile",
    "medium_range": "Medium-range missile",
    "intermediate_range": "Intermediate-range missile",
    "intercontinental": "Intercontinental missile",
    "space_launch": "Space launch",
    "unknown": "Unknown",
}
CASE_WORDS = {
    CaseState.WATCHING: "watching",
    CaseState.POSSIBLE: "possible",
    CaseState.PROBABLE: "probable",
    CaseState.CONFIRMED: "confirmed",
    CaseState.LOST: "lost from sight",
    CaseState.WITHDRAWN: "withdrawn",
    CaseState.ENDED: "ended",
}
AREA_WORDS = {
    AreaState.QUIET: "Quiet",
    AreaState.PREPARE: "Prepare",
    AreaState.SHELTER: "Shelter",
    AreaState.EXTENDED: "Extended",
    AreaState.NARROWED: "Narrowed out",
    AreaState.ALL_CLEAR: "All clear",
    AreaState.CANCELLED: "Cancelled",
}
END_WORDS = {
    "passed over": "the missile passed over",
    "came down": "the object came down",
    "space launch, no threat": "a space launch, no threat",
    "never confirmed": "never confirmed",
    "lost and not seen again": "lost from sight and not seen again",
    "lost, forecast too old": "lost from sight; the forecast was too old to stand",
}
REALM_WORDS = {
    "live": "LIVE. This report is about sensors that looked at the real world.",
    "exercise": "EXERCISE. A drill: nothing in this report happened.",
    "replay": "REPLAY. Recorded data stepped again: nobody was warned by it.",
    "simulation": "SIMULATION. Nothing in this report happened; nobody was warned by it.",
    "test": "TEST. Nothing in this report happened; nobody was warned by it.",
}


def realm_words(realm: str) -> str:
    """Return the banner's sentence; an unknown realm is never taken for LIVE."""
    return REALM_WORDS.get(realm, "REALM NOT STATED. Treat nothing in this report as real.")


def class_words(vehicle_class: str) -> str:
    """Return a class in plain words; one not listed is shown as it stands."""
    return CLASS_WORDS.get(vehicle_class, vehicle_class.replace("_", " ").capitalize())


def duration_words(seconds: float) -> str:
    """Return ``12.3 s`` below a minute and a half, ``5 min 8 s`` above."""
    sign = "−" if seconds < 0 else ""
    size_s = abs(seconds)
    if size_s < 9.95:
        return f"{sign}{size_s:.1f} s"
    if size_s < 119.5:
        return f"{sign}{size_s:.0f} s"
    whole = round(size_s)
    if whole < 5400:
        minutes, rest = divmod(whole, 60)
        return f"{sign}{minutes} min" + (f" {rest} s" if rest else "")
    hours, rest = divmod(round(size_s / 60), 60)
    return f"{sign}{hours} h" + (f" {rest} min" if rest else "")


def since_launch(seconds: float) -> str:
    """Return ``launch + 82 s``."""
    if seconds < 0:
        return f"launch − {duration_words(-seconds)}"
    return f"launch + {duration_words(seconds)}"


def short_since(seconds: float) -> str:
    """Return ``+ 82 s``."""
    if seconds < 0:
        return f"− {duration_words(-seconds)}"
    return f"+ {duration_words(seconds)}"


def clock(tai_ns: int, digits: int = 0) -> str:
    """Return the UTC time of day, ``20:58:22``."""
    return utc_text_from_tai_ns(tai_ns, digits)[11:].rstrip("Z")


def day(tai_ns: int) -> str:
    """Return the UTC date, ``2017-08-28``."""
    return utc_text_from_tai_ns(tai_ns, 0)[:10]


def kilometres(distance_m: float) -> str:
    """Return a distance: metres below one kilometre, one decimal below ten, then none."""
    if distance_m < 950:
        return f"{distance_m:.0f} m"
    if distance_m < 9_950:
        return f"{distance_m / 1e3:.1f} km"
    return f"{distance_m / 1e3:,.0f} km"


def percent(probability: float) -> str:
    """Return a probability, never rounded to certainty."""
    if probability <= 0:
        return "0 %"
    if probability < 0.001:
        return "< 0.1 %"
    if probability < 0.0995:
        return f"{100 * probability:.1f} %"
    if 0.995 <= probability < 1:
        return "> 99 %"
    return f"{100 * probability:.0f} %"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return ``1 area`` or ``3 areas``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """Return ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]


def warned_area_ids(case: Case) -> tuple[str, ...]:
    """Return the areas that were ever told to prepare or shelter, in the order of the warnings."""
    ids = [
        area.area_id
        for decision in case.decisions
        for area in decision.areas
        if area.state in WARNED_STATES
    ]
    return tuple(dict.fromkeys(ids))


def final_area_states(cases: Sequence[Case]) -> dict[str, AreaState]:
    """Return the last state of each area; of several cases the gravest counts."""
    gravity = (
        AreaState.QUIET,
        AreaState.CANCELLED,
        AreaState.ALL_CLEAR,
        AreaState.NARROWED,
        AreaState.PREPARE,
        AreaState.EXTENDED,
        AreaState.SHELTER,
    )
    states: dict[str, AreaState] = {}
    for case in cases:
        last = {a.area_id: a.state for d in case.decisions for a in d.areas}
        for area_id, state in last.items():
            before = states.get(area_id, AreaState.QUIET)
            states[area_id] = max(before, state, key=gravity.index)
    return states


def holds(area: ReportArea, latitude_deg: float, longitude_deg: float) -> bool:
    """Whether a place lies inside an area, by the even-odd rule.

    The area may cross the antimeridian; it must not span half the globe in longitude.
    """
    inside = False
    corners = [
        (lat, (lon - longitude_deg + 180.0) % 360.0 - 180.0) for lat, lon in area.polygon_deg
    ]
    for (lat_1, lon_1), (lat_2, lon_2) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (lat_1 > latitude_deg) != (lat_2 > latitude_deg):
            share = (latitude_deg - lat_1) / (lat_2 - lat_1)
            if lon_1 + share * (lon_2 - lon_1) > 0:
                inside = not inside
    return inside


def outcome_sentence(run: Run) -> str:
    """Return what happened, in one sentence a reader needs no glossary for."""
    if not run.cases:
        return _nothing_seen(run)
    sentences = [_case_outcome(run, case) for case in run.cases[:3]]
    if len(run.cases) == 1:
        return _capital(sentences[0]) + "."
    named = [f"{case.case_id}: {words}" for case, words in zip(run.cases, sentences, strict=False)]
    more = len(run.cases) - len(named)
    rest = f" {counted(more, 'further case')} below." if more else ""
    return ". ".join(named) + "." + rest


def _nothing_seen(run: Run) -> str:
    if run.flights:
        flown = counted(len(run.flights), "vehicle was", "vehicles were")
        return f"{flown} launched, and no case was opened; no warning was issued."
    return "Nothing was seen that asked for a decision; no warning was issued."


def _case_outcome(run: Run, case: Case) -> str:
    last = case.decisions[-1] if case.decisions else None
    how = ""
    if last and last.end_reason:
        how = END_WORDS.get(last.end_reason, last.end_reason)
    elif last:
        how = f"the case was still {CASE_WORDS[last.case_state]} when the record ended"
    warned = warned_area_ids(case)
    first = next((d for d in case.decisions if _warns(d.areas)), None)
    if not warned or first is None:
        return (f"{how}; " if how else "") + "no warning was issued"
    at = since_launch(case.seconds(first.time_tai_ns))
    parts = [f"warned {counted(len(warned), 'area')} at {at}"]
    if how:
        parts.append(how)
    parts.append(_impact_words(run, case))
    return "; ".join(p for p in parts if p)


def _warns(areas: Sequence[object]) -> bool:
    return any(getattr(area, "state", None) in WARNED_STATES for area in areas)


def _impact_words(run: Run, case: Case) -> str:
    impact = case.flight.impact if case.flight else None
    if impact is None:
        return ""
    drawn = [area for area in run.areas.values() if len(area.polygon_deg) >= 3]
    if not drawn:
        return ""
    hit = areas_hit(drawn, impact)
    if hit:
        return f"impact in {listed([area.name for area in hit])}"
    return "no impact in any area"


def areas_hit(areas: Sequence[ReportArea], impact: TrueEvent) -> list[ReportArea]:
    """Return the areas in which a true impact lies."""
    return [a for a in areas if holds(a, impact.latitude_deg, impact.longitude_deg)]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
