"""Where the seconds went: from ignition to the warning, and each area's warning to its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from forewarn.epoch import SECOND_NS
from forewarn.records import AreaState
from forewarn.studies.report_drawing import (
    Frame,
    Markup,
    Point,
    element,
    joined,
    line,
    path_data,
    svg,
    swatch,
    table,
    table_row,
    text,
    text_width_px,
    tick_text,
    time_ticks,
)
from forewarn.studies.report_milestones import (
    AreaSpan,
    AreaStory,
    Milestone,
    area_stories,
    chain_milestones,
    last_instant_tai_ns,
    run_history,
)
from forewarn.studies.report_run import Case, Run
from forewarn.studies.report_words import (
    AREA_WORDS,
    clock,
    counted,
    duration_words,
    short_since,
)

WIDTH_PX = 960.0
_LEFT_PX, _RIGHT_PX = 196.0, 24.0
_ROW_PX = 30.0
MOST_AREAS = 24


def timeline_figure(run: Run, case: Case) -> Markup:
    """Return the two aligned time lines of a case and the table beneath them."""
    milestones = chain_milestones(run, case)
    end_tai_ns = last_instant_tai_ns(case)
    stories = area_stories(case, end_tai_ns)
    note, alert_s = run_history(run)
    whole = _Whole(run, case, stories[:MOST_AREAS], alert_s, case.seconds(end_tai_ns))
    drawing = _drawing(case, milestones, whole)
    caption = element("p", note, class_="note") if note else None
    hidden = len(stories) - MOST_AREAS
    more = element("p", f"{counted(hidden, 'further area')} not drawn.") if hidden > 0 else None
    return joined(
        [
            element("div", drawing, class_="scroll"),
            _legend(stories),
            caption,
            more,
            _milestone_table(case, milestones),
            _area_table(run, case, stories),
        ]
    )


def _drawing(case: Case, milestones: Sequence[Milestone], whole: _Whole) -> Markup:
    top_px = 44.0
    chain_s = [case.seconds(m.tai_ns) for m in milestones]
    zoom_s = max(max(chain_s) * 1.12, 10.0)
    rows = max(len(milestones) - 1, 1)
    wide = WIDTH_PX - _LEFT_PX - _RIGHT_PX
    zoom = Frame(_LEFT_PX, top_px, wide, rows * _ROW_PX, min(0.0, *chain_s), zoom_s, 0, 1)
    parts = [text(0, 16, "From ignition to the warning", "figure-title"), _both_axes(case, zoom)]
    parts += _waterfall(case, milestones, zoom)
    height_px = zoom.bottom_px + 34
    if whole.stories:
        rest = whole.frame(zoom.bottom_px + 112)
        parts.insert(0, _magnifier(zoom, rest, max(chain_s)))
        parts.append(whole.drawn(rest))
        height_px = rest.bottom_px + 34
    label = (
        f"Time line of case {case.case_id}: "
        + "; ".join(f"{m.name} {short_since(case.seconds(m.tai_ns))}" for m in milestones)
        + "."
    )
    return svg(WIDTH_PX, height_px, *parts, label=label)


def _legend(stories: Sequence[AreaStory]) -> Markup | None:
    """Return the colours of the states that were drawn, and what the diamond is."""
    if not stories:
        return None
    drawn = {span.state for story in stories for span in story.spans} - {AreaState.QUIET}
    entries = []
    for state in (s for s in AreaState if s in drawn):
        box = element("rect", x=2.0, y=1.0, width=22.0, height=12.0, class_=f"state-{state.value}")
        entries.append((box, AREA_WORDS[state].lower()))
    diamond = path_data([(13, 0.5), (19, 7), (13, 13.5), (7, 7)], closed=True)
    arrival = element("path", d=diamond, class_="arrival")
    entries.append((arrival, "arrival, as forecast at the first warning"))
    items = [element("li", swatch(mark), words) for mark, words in entries]
    return element("ul", *items, class_="legend")


def _both_axes(case: Case, frame: Frame, avoid_px: float = -100.0) -> Markup:
    """Return grid lines with the time since launch below and UTC above, none at ``avoid_px``."""
    marks = []
    clear_px = -100.0
    for tick_s in time_ticks((frame.x_min, frame.x_max), 9):
        x_px = frame.x_px(tick_s)
        marks.append(line((x_px, frame.top_px), (x_px, frame.bottom_px), "grid"))
        words = tick_text(tick_s) if tick_s else "launch"
        marks.append(text(x_px, frame.bottom_px + 16, words, "tick", "middle"))
        if x_px - clear_px > 78 and abs(x_px - avoid_px) > 40:
            utc = clock(case.zero_tai_ns + round(tick_s * SECOND_NS))
            marks.append(text(x_px, frame.top_px - 7, utc, "tick utc", "middle"))
            clear_px = x_px
    marks.append(text(_LEFT_PX - 40, frame.top_px - 7, "UTC", "tick utc", "end"))
    marks.append(line((frame.left_px, frame.bottom_px), (frame.right_px, frame.bottom_px), "axis"))
    return joined(marks)


def _waterfall(case: Case, milestones: Sequence[Milestone], frame: Frame) -> list[Markup]:
    """Return one row a stage: its name, its bar from one instant to the next, how long it took."""
    parts = []
    for row, (before, after) in enumerate(pairwise(milestones)):
        start_s, end_s = case.seconds(before.tai_ns), case.seconds(after.tai_ns)
        y_px = frame.top_px + row * _ROW_PX
        x_px, width_px = frame.x_px(start_s), max(frame.x_px(end_s) - frame.x_px(start_s), 1.5)
        physics = after.name == "Cloud break"
        parts.append(text(_LEFT_PX - 12, y_px + 19, after.stage, "row", "end"))
        parts.append(
            element(
                "rect",
                element("title", f"{after.stage}: {after.why}"),
                x=x_px,
                y=y_px + 6,
                width=width_px,
                height=_ROW_PX - 12,
                rx=2.0,
                class_="stage physics" if physics else "stage",
            )
        )
        if row + 2 < len(milestones):
            parts.append(line((x_px + width_px, y_px + 15), (x_px + width_px, y_px + 36), "step"))
        spent = duration_words(max(end_s - start_s, 0.0))
        words = f"{spent}  ·  {after.name.lower()} {short_since(end_s)}"
        fits = x_px + width_px + 10 + text_width_px(words) < frame.right_px + 16
        anchor, at_px = ("start", x_px + width_px + 8) if fits else ("end", x_px - 8)
        parts.append(text(at_px, y_px + 19, words, "value halo", anchor))
    return parts


def _magnifier(zoom: Frame, rest: Frame, warned_s: float) -> Markup:
    """Return the faint wedge that says which part of the lower axis the upper one magnifies."""
    upper = [(zoom.left_px, zoom.bottom_px + 24), (zoom.right_px, zoom.bottom_px + 24)]
    end_px = rest.x_px(min(zoom.x_max, rest.x_max))
    lower: list[Point] = [(end_px, rest.top_px - 24), (rest.x_px(zoom.x_min), rest.top_px - 24)]
    shape = element("path", d=path_data([*upper, *lower], closed=True), class_="wedge")
    return joined([shape, line((rest.x_px(warned_s), rest.top_px), (rest.x_px(warned_s),
                   rest.bottom_px), "warned-line")])  # fmt: skip


@dataclass(frozen=True)
class _Whole:
    """The lower time line: one row an area, from launch to the end."""

    run: Run
    case: Case
    stories: Sequence[AreaStory]
    alert_s: float | None
    end_s: float

    def frame(self, top_px: float) -> Frame:
        """Return the frame: from launch until something was last heard or should have arrived."""
        arrivals = [s.first.expected_tai_ns for s in self.stories if s.first.expected_tai_ns]
        last_s = max([self.end_s, *(self.case.seconds(a) for a in arrivals)])
        wide = WIDTH_PX - _LEFT_PX - _RIGHT_PX
        return Frame(_LEFT_PX, top_px, wide, len(self.stories) * 40.0, 0.0, last_s * 1.02, 0, 1)

    def drawn(self, frame: Frame) -> Markup:
        """Return the rows with their axis."""
        parts = [
            text(0, frame.top_px - 40, "Each warned area, from launch to the end", "figure-title"),
            _both_axes(self.case, frame, self._history_px(frame)),
        ]
        parts += self._history(frame)
        for number, story in enumerate(self.stories):
            parts.append(self._row(frame, story, frame.top_px + number * 40.0))
        return joined(parts)

    def _history_px(self, frame: Frame) -> float:
        return -100.0 if self.alert_s is None else frame.x_px(self.alert_s)

    def _history(self, frame: Frame) -> list[Markup]:
        if self.alert_s is None or not self.stories:
            return []
        x_px = self._history_px(frame)
        words = f"in history, the alert came {short_since(self.alert_s)}"
        return [
            line((x_px, frame.top_px - 22), (x_px, frame.bottom_px), "history-line"),
            text(x_px + 6, frame.top_px - 24, words, "history halo"),
        ]

    def _row(self, frame: Frame, story: AreaStory, top_px: float) -> Markup:
        parts = [text(_LEFT_PX - 12, top_px + 17, self.run.area_name(story.area_id), "row", "end")]
        lead_s = story.lead_s
        if lead_s is not None:
            words = f"{duration_words(lead_s)} left"
            parts.append(text(_LEFT_PX - 12, top_px + 32, words, "row-note", "end"))
        loud = [span for span in story.spans if span.state is not AreaState.QUIET]
        parts += [self._span(frame, span, top_px) for span in loud]
        arrival = story.first.expected_tai_ns or story.first.earliest_tai_ns
        if arrival is not None:
            x_px = frame.x_px(self.case.seconds(arrival))
            diamond = [(x_px, top_px + 5), (x_px + 7, top_px + 17), (x_px, top_px + 29),
                       (x_px - 7, top_px + 17)]  # fmt: skip
            title = f"Arrival as forecast at the first warning: {clock(arrival)} UTC"
            parts.append(
                element("path", element("title", title), d=path_data(diamond, closed=True),
                        class_="arrival")
            )  # fmt: skip
        return joined(parts)

    def _span(self, frame: Frame, span: AreaSpan, top_px: float) -> Markup:
        start_s, end_s = self.case.seconds(span.start_tai_ns), self.case.seconds(span.end_tai_ns)
        x_px = frame.x_px(start_s)
        width_px = max(frame.x_px(end_s) - x_px, 3.0)
        words = AREA_WORDS[span.state]
        bar = element(
            "rect",
            element("title", f"{words}, {short_since(start_s)} to {short_since(end_s)}"),
            x=x_px,
            y=top_px + 8,
            width=width_px,
            height=18.0,
            class_=f"bar-state state-{span.state.value}",
        )
        named = None
        if width_px > text_width_px(words, 11.5) + 10:
            named = text(x_px + 5, top_px + 21, words, f"bar-text on-{span.state.value}")
        return joined([bar, named])


def _milestone_table(case: Case, milestones: Sequence[Milestone]) -> Markup:
    heads = ("Instant", "UTC", "Since launch", "Spent in this step", "What the time went into")
    rows = []
    before: Milestone | None = None
    for milestone in milestones:
        spent = ""
        if before is not None:
            spent = duration_words(case.seconds(milestone.tai_ns) - case.seconds(before.tai_ns))
        cells = (
            milestone.name,
            clock(milestone.tai_ns, 1),
            short_since(case.seconds(milestone.tai_ns)) if before else "0",
            spent,
            f"{milestone.stage}: {milestone.why}" if milestone.stage else milestone.why,
        )
        rows.append(table_row(cells, numeric=(1, 2, 3)))
        before = milestone
    return table("The instants of this case", heads, rows, numeric=(1, 2, 3))


def _area_table(run: Run, case: Case, stories: Sequence[AreaStory]) -> Markup | None:
    if not stories:
        return None
    heads = ("Area", "Prepare", "Shelter", "Extended", "Narrowed", "Ended", "Left at first warning")
    order = (AreaState.PREPARE, AreaState.SHELTER, AreaState.EXTENDED, AreaState.NARROWED)
    rows = []
    for story in stories:
        first: dict[AreaState, int] = {}
        for span in story.spans:
            first.setdefault(span.state, span.start_tai_ns)
        cells = [run.area_name(story.area_id)]
        cells += [short_since(case.seconds(first[s])) if s in first else "–" for s in order]
        ended = [s for s in (AreaState.ALL_CLEAR, AreaState.CANCELLED) if s in first]
        cells.append(
            f"{AREA_WORDS[ended[0]].lower()} {short_since(case.seconds(first[ended[0]]))}"
            if ended
            else "open"
        )
        cells.append(duration_words(story.lead_s) if story.lead_s is not None else "–")
        rows.append(table_row(cells, numeric=(1, 2, 3, 4, 6)))
    return table("The warnings, area by area", heads, rows, numeric=(1, 2, 3, 4, 6))
