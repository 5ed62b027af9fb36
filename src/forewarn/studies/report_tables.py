"""The record: sensors, refused inputs, other tracks, and how to make the run again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from forewarn.records import Rejected
from forewarn.studies.report_coastline import CREDIT
from forewarn.studies.report_drawing import Markup, element, joined, table, table_row
from forewarn.studies.report_run import Run, looks_of
from forewarn.studies.report_words import clock, counted, duration_words, short_since

MOST_ROWS = 40


@dataclass
class _SensorStory:
    """What one sensor did in the run."""

    kind: str = "–"
    looks_tai_ns: list[int] = field(default_factory=list)
    silent_tai_ns: list[int] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)


def sensor_table(run: Run) -> Markup:
    """Return which sensor saw it, when first, how often, and which were silent or out of order."""
    stories = _sensor_stories(run)
    if not stories:
        return element("p", "No sensor took part.")
    zero_tai_ns = run.cases[0].zero_tai_ns if run.cases else None

    def shown(tai_ns: int) -> str:
        if zero_tai_ns is None:
            return clock(tai_ns)
        return short_since((tai_ns - zero_tai_ns) / 1e9)

    rows = []
    for sensor_id, story in list(stories.items())[:MOST_ROWS]:
        looks, silent = story.looks_tai_ns, story.silent_tai_ns
        cells = (
            sensor_id,
            story.kind,
            shown(looks[0]) if looks else "never",
            f"{len(looks):,}" if looks else "0",
            shown(looks[-1]) if looks else "–",
            f"{shown(silent[0])} to {shown(silent[-1])}" if silent else "–",
            "; ".join(story.reports) or "–",
        )
        rows.append(table_row(cells, numeric=(2, 3, 4)))
    heads = ("Sensor", "Kind", "First saw", "Looks used", "Last saw",
             "Silent though it should see", "Reports about it")  # fmt: skip
    hidden = len(stories) - MOST_ROWS
    more = element("p", f"{counted(hidden, 'further sensor')} not listed.") if hidden > 0 else None
    origin = f"Times are since launch of case {run.cases[0].case_id}." if len(run.cases) > 1 else ""
    return joined(
        [table("What each sensor did", heads, rows, numeric=(2, 3, 4)), more,
         element("p", origin, class_="note") if origin else None]
    )  # fmt: skip


def _sensor_stories(run: Run) -> dict[str, _SensorStory]:
    stories: dict[str, _SensorStory] = {}
    listed = run.summary.get("sensors", [])
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict) and "sensor_id" in entry:
            stories[str(entry["sensor_id"])] = _SensorStory(kind=str(entry.get("kind", "–")))
    for case in run.cases:
        for look in looks_of(case.tracks):
            story = stories.setdefault(look.sensor_id, _SensorStory())
            story.looks_tai_ns.append(look.seen_tai_ns)
    for assessment in run.assessments:
        for sensor_id in assessment.silent_sensor_ids:
            story = stories.setdefault(sensor_id, _SensorStory())
            story.silent_tai_ns.append(assessment.time_tai_ns)
    for health in run.health:
        story = stories.setdefault(health.sensor_id, _SensorStory())
        state = "working" if health.operating else "out of order"
        story.reports.append(f"{clock(health.time_tai_ns)} {state}: {health.reason}")
    for story in stories.values():
        story.looks_tai_ns.sort()
        story.silent_tai_ns.sort()
    return stories


def rejected_table(run: Run) -> Markup:
    """Return the refused inputs by reason and sensor, with one example each."""
    if not run.rejected:
        return element("p", "No input was refused.")
    groups: dict[tuple[str, str], list[Rejected]] = {}
    for rejected in run.rejected:
        groups.setdefault((rejected.reason, rejected.sensor_id or "–"), []).append(rejected)
    order = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    rows = [
        table_row(
            (reason, sensor_id, f"{len(members):,}", clock(members[0].time_tai_ns),
             members[0].detail),
            numeric=(2, 3),
        )
        for (reason, sensor_id), members in order[:MOST_ROWS]
    ]  # fmt: skip
    heads = ("Reason", "Sensor", "How many", "First, UTC", "For example")
    caption = f"{counted(len(run.rejected), 'input')} refused"
    return table(caption, heads, rows, numeric=(2, 3))


def other_tracks_table(run: Run) -> Markup | None:
    """Return the tracks that never became a case."""
    if not run.other_tracks:
        return None
    rows = []
    for tracks in run.other_tracks[:MOST_ROWS]:
        first, last = tracks[0], tracks[-1]
        lived_s = (last.time_tai_ns - first.time_tai_ns) / 1e9
        cells = (
            first.track_id,
            clock(first.time_tai_ns),
            duration_words(lived_s),
            f"{last.measurement_count:,}",
            ", ".join(last.sensor_ids),
            last.status.value,
        )
        rows.append(table_row(cells, numeric=(1, 2, 3)))
    heads = ("Track", "First, UTC", "Lived", "Looks", "Sensors", "Ended as")
    caption = f"{counted(len(run.other_tracks), 'track')} that never became a case"
    if len(run.other_tracks) > MOST_ROWS:
        caption += f" (the first {MOST_ROWS})"
    return table(caption, heads, rows, numeric=(1, 2, 3))


def record_section(run: Run) -> Markup:
    """Return how this run was made and how to make it again."""
    facts: list[tuple[str, str | Markup]] = []
    for label, key in (("Scenario", "scenario_id"), ("forewarn", "version"), ("Seed", "seed")):
        value = run.fact(key)
        if value:
            facts.append((label, value))
    digests = run.summary.get("input_digests")
    if isinstance(digests, dict):
        facts += [(f"Digest of {k}", element("code", str(digests[k]))) for k in sorted(digests)]
    command = run.fact("command")
    if command:
        facts.append(("To make it again", element("code", command)))
    if run.alert_names:
        facts.append(("Alert messages", _names(run.alert_names)))
    if run.unread_lines:
        facts.append(("Incomplete", "the last output record broke off and was left out"))
    terms = [joined([element("dt", label), element("dd", value)]) for label, value in facts]
    return joined([element("dl", *terms) if terms else None])


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:12])
    more = len(names) - 12
    return f"{counted(len(names), 'file')}: {shown}" + (f" and {more} more" if more > 0 else "")


def closing() -> Markup:
    """Return the lines every report ends with."""
    times = "All times are UTC, or counted from launch where they carry a sign."
    use = (
        "forewarn is purely defensive. It detects, tracks, forecasts and warns; it computes no aim "
        "point, no interception and no way to hide from or defeat a sensor. This report may be "
        "used to protect people, to check a warning, and to learn from one."
    )
    return joined([element("p", words) for words in (times, use, f"Coastlines: {CREDIT}.")])
