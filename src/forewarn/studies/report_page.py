"""The page: sections in reading order, with their headings, style and script inside."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from forewarn.records import AreaState
from forewarn.studies.report_charts import (
    altitude_figure,
    class_figure,
    error_figures,
    launch_misses,
    threat_figures,
)
from forewarn.studies.report_decisions import decision_cards
from forewarn.studies.report_drawing import Markup, element, joined
from forewarn.studies.report_map import map_figure
from forewarn.studies.report_milestones import (
    area_stories,
    first_look_tai_ns,
    first_warning,
    last_instant_tai_ns,
)
from forewarn.studies.report_run import Case, Run
from forewarn.studies.report_tables import (
    closing,
    other_tracks_table,
    record_section,
    rejected_table,
    sensor_table,
)
from forewarn.studies.report_timeline import timeline_figure
from forewarn.studies.report_words import (
    class_words,
    clock,
    counted,
    day,
    duration_words,
    kilometres,
    outcome_sentence,
    percent,
    realm_words,
    since_launch,
)

MOST_CASES = 12


def page(run: Run) -> str:
    """Return the whole report as one HTML document that fetches nothing."""
    title = run.fact("title") or run.fact("scenario_id") or "Untitled run"
    body = joined(
        [
            _banner(run),
            element("main", _header(run, title), *_sections(run), id="top"),
            element("footer", closing()),
            _script(),
        ]
    )
    head = joined(
        [
            Markup('<meta charset="utf-8">'),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Markup('<meta name="color-scheme" content="light dark">'),
            element("title", f"{title} · {run.realm.upper()} · after-action report"),
            Markup(f"<style>\n{_asset('report.css')}</style>"),
        ]
    )
    document = element("html", element("head", head), element("body", body), lang="en")
    return f"<!doctype html>\n{document.html}\n"


def _asset(name: str) -> str:
    folder = resources.files("forewarn.studies").joinpath("data")
    return folder.joinpath(name).read_text("utf-8")


def _script() -> Markup:
    return Markup(f"<script>\n{_asset('report.js')}</script>")


def _banner(run: Run) -> Markup:
    known = run.realm if run.realm in ("live", "exercise", "replay", "simulation") else "test"
    first, _, rest = realm_words(run.realm).partition(". ")
    words = [element("strong", first), element("span", rest)]
    return element("div", *words, class_=f"realm realm-{known}", role="note")


def _header(run: Run, title: str) -> Markup:
    start = run.fact("start_utc")
    dates = [day(case.zero_tai_ns) for case in run.cases]
    when = dates[0] if dates else (start or "")[:10]
    kicker = "After-action report" + (f" · {when} UTC" if when else "")
    description = run.fact("description")
    return element(
        "header",
        element("p", kicker, class_="kicker"),
        element("h1", title),
        element("p", outcome_sentence(run), class_="outcome"),
        _key_numbers(run),
        element("p", description, class_="about") if description else None,
    )


def _key_numbers(run: Run) -> Markup | None:
    """Return up to four numbers that sum a single case up."""
    if len(run.cases) != 1:
        return None
    case = run.cases[0]
    cells: list[tuple[str, str]] = []
    warned = first_warning(case)
    if warned:
        taken_s = case.seconds(warned.time_tai_ns)
        cells.append((duration_words(taken_s), "from launch to the first warning"))
        look_tai_ns = first_look_tai_ns(run, case)
        if look_tai_ns is not None:
            after_s = taken_s - case.seconds(look_tai_ns)
            cells.append((duration_words(after_s), "of that after the first look"))
        leads = [s.lead_s for s in area_stories(case, last_instant_tai_ns(case))]
        known = [lead for lead in leads if lead is not None]
        if known:
            cells.append((duration_words(min(known)), "left then, in the area with least"))
    misses = launch_misses(case)
    if misses:
        cells.append((kilometres(misses[-1].error_m), "launch point off by, at the end"))
    if not warned:
        cells += _class_cells(case)
    if not cells:
        return None
    items = [element("li", element("b", number), element("span", words)) for number, words in cells]
    return element("ul", *items, class_="numbers")


def _class_cells(case: Case) -> list[tuple[str, str]]:
    """Return what the vehicle was taken for when the last decision was made."""
    last_tai_ns = case.decisions[-1].time_tai_ns if case.decisions else None
    known = [a for a in case.assessments if last_tai_ns is None or a.time_tai_ns <= last_tai_ns]
    shares = known[-1].class_probabilities if known else {}
    if not shares:
        return []
    likely = max(shares, key=lambda name: shares[name])
    return [(percent(shares[likely]), f"{class_words(likely).lower()}, at the last decision")]


def _sections(run: Run) -> list[Markup]:
    parts = [_section("map", "The map", _map_words(run), map_figure(run))]
    for case in run.cases[:MOST_CASES]:
        parts += _case_sections(run, case, only=len(run.cases) == 1)
    hidden = len(run.cases) - MOST_CASES
    if hidden > 0:
        words = f"{counted(hidden, 'further case')} in outputs.jsonl, not drawn here."
        parts.append(element("p", words))
    parts += [
        _section("sensors", "The sensors", None, sensor_table(run)),
        _section("refused", "Refused inputs", None, rejected_table(run)),
        _section("tracks", "Other tracks", None, other_tracks_table(run)),
        _section("record", "How this was made", None, record_section(run)),
    ]
    return parts


def _section(
    name: str, title: str, lead: str | None, *contents: Markup | None, level: str = "h2"
) -> Markup:
    """Return a section with its heading, or nothing if it has nothing to show."""
    shown = [c for c in contents if c is not None and c.html]
    if not shown:
        return Markup("")
    return element(
        "section",
        element(level, title, id=f"{name}-title"),
        element("p", lead, class_="lead") if lead else None,
        *shown,
        id=name,
        aria_labelledby=f"{name}-title",
    )


def _case_sections(run: Run, case: Case, *, only: bool) -> list[Markup]:
    tag = "" if only else f"-{_safe(case.case_id)}"
    level = "h2" if only else "h3"
    chapters: Sequence[tuple[str, str, str | None, Markup | None]] = (
        ("seconds", "Where the seconds went", _seconds_words(case), timeline_figure(run, case)),
        (
            "altitude",
            "Altitude, and who looked",
            "The line is the track, thrusting then coasting; below it, one tick for every look.",
            altitude_figure(run, case),
        ),
        ("errors", "Error against truth", None, error_figures(case)),
        ("threat", "Threat to each area", _threat_words(case), threat_figures(run, case)),
        ("class", "What it was taken for", None, class_figure(case)),
        ("decisions", "Why each decision was made", None, decision_cards(run, case)),
    )
    sections = [
        _section(name + tag, title, lead, figure, level=level)
        for name, title, lead, figure in chapters
    ]
    if only:
        return sections
    head = element("h2", f"Case {case.case_id}", id=f"case{tag}")
    return [element("div", head, *sections, class_="case")]


def _safe(case_id: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in case_id)


def _map_words(run: Run) -> str | None:
    if not run.cases:
        return None
    return (
        "Distances from the middle of the map are true. Each outline is the region that was "
        "stated to hold the impact with 90 % probability at that moment, if it came down at all. "
        "Wide early ones may run off the map."
    )


def _seconds_words(case: Case) -> str:
    zero = f"Seconds count from the {case.zero_is}, {clock(case.zero_tai_ns, 1)} UTC."
    warned = first_warning(case)
    if warned is None:
        return f"{zero} No area was warned."
    return f"{zero} The first warning came at {since_launch(case.seconds(warned.time_tai_ns))}."


def _threat_words(case: Case) -> str:
    warned = {a.state for d in case.decisions for a in d.areas} - {AreaState.QUIET}
    strip = " The strip above each chart shows the warning in force." if warned else ""
    return "The probability of an impact inside each area, all on one scale." + strip
