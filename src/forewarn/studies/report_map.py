"""The map: areas, launch, ground track, the impact region as it shrank, and what was true."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.records import Assessment
from forewarn.studies.report_drawing import (
    Box,
    LabelBoard,
    Markup,
    Node,
    Point,
    element,
    joined,
    line,
    path,
    path_data,
    svg,
    swatch,
    text,
    text_width_px,
    time_ticks,
)
from forewarn.studies.report_inset import INSET_HEIGHT_PX, INSET_WIDTH_PX, launch_inset
from forewarn.studies.report_milestones import first_warning
from forewarn.studies.report_projection import (
    Projection,
    fitted,
    graticule,
    land,
    near,
    scale_bar,
)
from forewarn.studies.report_regions import outline_deg
from forewarn.studies.report_run import Case, ReportArea, Run
from forewarn.studies.report_words import (
    AREA_WORDS,
    counted,
    final_area_states,
    short_since,
    warned_area_ids,
)

WIDTH_PX = 960.0
HEIGHTS_PX = (430.0, 640.0)
AFTER_WARNING_S = (0.0, 15.0, 30.0, 60.0, 120.0, 240.0, 480.0)
MOST_INSTANTS = 6
EARLY_REACH = 1.3  # how far early regions may widen the map, in radii of what happened
MOST_LABELLED_CASES = 6
MOST_LEADER_PX = 180.0  # a longer line to the inset would cut the picture in two


@dataclass(frozen=True)
class Instant:
    """One moment at which the impact region is drawn."""

    assessment: Assessment
    time_s: float
    words: str


def map_figure(run: Run) -> Markup | None:
    """Return the map with its controls, legend and caption, or None if nothing has a place."""
    places = _places_deg(run)
    if places is None:
        return None
    projection = fitted(places, WIDTH_PX, HEIGHTS_PX)
    case = main_case(run.mapped_cases)
    instants = region_instants(case) if case else ()
    board = _board(projection, run, instants)
    inset = _inset(projection, case, board) if case else None  # before the labels, to keep clear
    layers = [
        element("rect", width=projection.width_px, height=projection.height_px, class_="water"),
        graticule(projection),
        land(projection),
        *[_area(projection, run, area) for area in run.areas.values()],
        *[_region(projection, case, instant, k) for k, instant in enumerate(instants) if case],
        *[_ground_track(projection, one) for one in run.mapped_cases],
        *_labels(projection, run, instants, board),
        scale_bar(20, projection.height_px - 18, MEAN_RADIUS_M / projection.pixels_per_rad, 150),
        text(20, 26, run.realm.upper(), "realm-mark"),
    ]
    drawing = svg(
        projection.width_px,
        projection.height_px,
        _clip(projection),
        element("g", *layers, inset, clip_path="url(#map-view)"),
        label=_description(run, case, instants),
        class_="chart map",
    )
    return joined(
        [
            _steps(instants),
            element("div", drawing, class_="scroll"),
            _legend(run, instants),
        ]
    )


def main_case(cases: Sequence[Case]) -> Case | None:
    """Return the case whose regions are drawn: the first that warned, else that has a forecast."""
    for case in cases:
        if first_warning(case):
            return case
    for case in cases:
        if any(a.impact for a in case.assessments):
            return case
    return cases[0] if cases else None


def region_instants(case: Case) -> tuple[Instant, ...]:
    """Return up to six assessments with an impact region, from the first warning to the last one.

    Without a warning they start at the first forecast.
    """
    forecasts = [a for a in case.assessments if a.impact is not None]
    if not forecasts:
        return ()
    warned = first_warning(case)
    start_tai_ns = warned.time_tai_ns if warned else forecasts[0].time_tai_ns
    origin = "first warning" if warned else "first forecast"
    chosen: list[Instant] = []
    for after_s in AFTER_WARNING_S[: MOST_INSTANTS - 1]:
        at_tai_ns = start_tai_ns + round(after_s * SECOND_NS)
        known = [a for a in forecasts if a.time_tai_ns <= at_tai_ns]
        found = known[-1] if known else forecasts[0]
        if at_tai_ns <= forecasts[-1].time_tai_ns + SECOND_NS and _is_new(chosen, found):
            time_s = case.seconds(at_tai_ns)
            words = short_since(time_s) + (f", {origin}" if after_s == 0 else "")
            chosen.append(Instant(found, time_s, words))
    if _is_new(chosen, forecasts[-1]):
        time_s = case.seconds(forecasts[-1].time_tai_ns)
        chosen.append(Instant(forecasts[-1], time_s, f"{short_since(time_s)}, last"))
    return tuple(chosen)


def _is_new(chosen: Sequence[Instant], found: Assessment) -> bool:
    return all(found is not instant.assessment for instant in chosen)


def _places_deg(run: Run) -> NDArray[np.float64] | None:
    """Return the places the map has to show, (n, 2) latitude, longitude [deg].

    That is what happened: launches, tracks, true impacts, warned areas and the last region. Of the
    regions before, which may span oceans, only what lies near by; the rest runs off the map.
    """
    parts: list[NDArray[np.float64]] = []
    early: list[NDArray[np.float64]] = []
    for case in run.mapped_cases:
        parts.append(np.column_stack([case.path.latitudes_deg, case.path.longitudes_deg]))
        impacts = [instant.assessment.impact for instant in region_instants(case)]
        outlines = [outline_deg(impact) for impact in impacts if impact]
        parts += outlines[-1:]
        early += outlines[:-1]
        launch = next((a.launch for a in reversed(case.assessments) if a.launch), None)
        if launch:
            here = (launch.region.latitude_rad, launch.region.longitude_rad)
            parts.append(np.degrees(np.array([here])))
        warned = warned_area_ids(case)
        polygons = [a.polygon_deg for i, a in run.areas.items() if i in warned and a.polygon_deg]
        parts += [np.array(polygon) for polygon in polygons]
    for flight in run.flights:
        parts.append(np.array([(flight.launch.latitude_deg, flight.launch.longitude_deg)]))
        if flight.impact:
            parts.append(np.array([(flight.impact.latitude_deg, flight.impact.longitude_deg)]))
    if not any(len(part) for part in parts):
        parts = [np.array(a.polygon_deg) for a in run.areas.values() if a.polygon_deg]
    if not parts:
        return None
    core = np.vstack([part for part in parts if len(part)])
    return np.vstack([core, *(near(core, outline, EARLY_REACH) for outline in early)])


def _clip(projection: Projection) -> Markup:
    view = element("rect", width=projection.width_px, height=projection.height_px, rx=6.0)
    return element("defs", element("clipPath", view, id="map-view"))


def _area(projection: Projection, run: Run, area: ReportArea) -> Markup | None:
    if len(area.polygon_deg) < 3:
        return None
    corners = np.array(area.polygon_deg)
    state = final_area_states(run.cases).get(area.area_id)
    warned = any(area.area_id in warned_area_ids(case) for case in run.cases)
    class_ = f"area state-{state.value if state else 'quiet'}" + (" warned" if warned else "")
    words = AREA_WORDS[state] if state else "Never warned"
    return element(
        "path",
        element("title", f"{area.name}: {words}"),
        d=path_data(projection.points(corners[:, 0], corners[:, 1]), closed=True),
        class_=class_,
    )


def _region(projection: Projection, case: Case, instant: Instant, number: int) -> Markup | None:
    if instant.assessment.impact is None:
        return None
    outline = outline_deg(instant.assessment.impact)
    shape = element(
        "path",
        element("title", f"90 % impact region, {instant.words}"),
        d=path_data(projection.points(outline[:, 0], outline[:, 1]), closed=True),
        class_="region",
    )
    marker = None
    if len(case.path.times_s):
        nearest = int(np.argmin(np.abs(case.path.times_s - instant.time_s)))
        at = projection.point(
            float(case.path.latitudes_deg[nearest]), float(case.path.longitudes_deg[nearest])
        )
        marker = element("circle", cx=at[0], cy=at[1], r=5.0, class_="object")
    return element("g", shape, marker, class_="instant", data_instant=str(number))


def _ground_track(projection: Projection, case: Case) -> Markup:
    """Return the true ground track (dashed), the estimated one by motion, and minute marks."""
    parts: list[Node | None] = []
    flight = case.flight
    if flight is not None and len(flight.samples):
        true_points = projection.points(flight.samples[:, 1], flight.samples[:, 2])
        parts.append(path(true_points, "truth-line"))
    track = case.path
    points = projection.points(track.latitudes_deg, track.longitudes_deg)
    for boosting, run_points in _runs(points, track.boosting >= 0.5):
        parts.append(path(run_points, "track boost" if boosting else "track coast"))
    if len(points) > 1:
        span = (float(track.times_s[0]), float(track.times_s[-1]))
        for tick_s in time_ticks(span, 8):
            x_px = float(np.interp(tick_s, track.times_s, [p[0] for p in points]))
            y_px = float(np.interp(tick_s, track.times_s, [p[1] for p in points]))
            parts.append(element("circle", cx=x_px, cy=y_px, r=2.6, class_="minute"))
    return joined(parts)


def _runs(points: list[Point], flags: NDArray[np.bool_]) -> list[tuple[bool, list[Point]]]:
    """Split a line where a flag changes; neighbouring pieces share the point between them."""
    pieces: list[tuple[bool, list[Point]]] = []
    for point, flag in zip(points, flags.tolist(), strict=True):
        if not pieces or pieces[-1][0] != flag:
            start = [pieces[-1][1][-1]] if pieces else []
            pieces.append((flag, start))
        pieces[-1][1].append(point)
    return pieces


def _board(projection: Projection, run: Run, instants: Sequence[Instant]) -> LabelBoard:
    """Return the label board with the lines and marks of the map already taken."""
    wide, high = projection.width_px, projection.height_px
    board = LabelBoard(bounds=(6, 6, wide - 6, high - 6), taken=[])
    board.block((0, high - 48, 190, high))
    board.block((0, 0, 160, 36))
    for case in run.mapped_cases:
        points = projection.points(case.path.latitudes_deg, case.path.longitudes_deg)
        stride = max(1, len(points) // 120)
        for x_px, y_px in points[::stride]:
            board.block((x_px - 4, y_px - 4, x_px + 4, y_px + 4))
    for instant in instants:
        for x_px, y_px in _outline_points(projection, instant):
            board.block((x_px - 3, y_px - 3, x_px + 3, y_px + 3))
    for area in run.areas.values():
        if len(area.polygon_deg) >= 3:
            corners = np.array(area.polygon_deg)
            board.block(_box(projection.points(corners[:, 0], corners[:, 1])))
    for flight in run.flights:
        for event in (flight.launch, flight.impact):
            if event:
                x_px, y_px = projection.point(event.latitude_deg, event.longitude_deg)
                board.block((x_px - 9, y_px - 9, x_px + 9, y_px + 9))
    return board


def _labels(
    projection: Projection, run: Run, instants: Sequence[Instant], board: LabelBoard
) -> list[Markup]:
    """Return all marks that carry words; the most important words are placed first."""
    parts: list[Markup] = []
    for flight in run.flights[:MOST_LABELLED_CASES]:
        if flight.impact:
            at = projection.point(flight.impact.latitude_deg, flight.impact.longitude_deg)
            parts.append(_cross(at, "truth-mark"))
            parts.append(_label(board, _round(at, 8), ["True impact"], "strong"))
    for case in run.mapped_cases[:MOST_LABELLED_CASES]:
        at_launch = _launch_place(projection, case)
        if at_launch:
            parts.append(
                element("circle", cx=at_launch[0], cy=at_launch[1], r=5.0, class_="launch")
            )
            words = "Launch" if len(run.cases) == 1 else f"Launch, {case.case_id}"
            parts.append(_label(board, _round(at_launch, 7), [words], "strong"))
    parts += _area_labels(projection, run, board)
    parts += _region_labels(projection, instants, board)
    parts += _minute_labels(projection, run.mapped_cases, board)
    return parts


def _area_labels(projection: Projection, run: Run, board: LabelBoard) -> list[Markup]:
    parts = []
    states = final_area_states(run.cases)
    warned = {i for case in run.cases for i in warned_area_ids(case)}
    order = sorted(run.areas.values(), key=lambda a: (a.area_id not in warned, a.area_id))
    for area in order[:24]:
        if len(area.polygon_deg) < 3:
            continue
        corners = np.array(area.polygon_deg)
        box = _box(projection.points(corners[:, 0], corners[:, 1]))
        if not projection.shows(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)):
            continue
        if area.area_id in warned:
            words = [area.name, AREA_WORDS[states[area.area_id]].lower()]
            parts.append(_label(board, box, words, "area-label"))
        else:
            parts.append(_label(board, box, [area.name], "minute-label"))
    return parts


def _box(points: Sequence[Point]) -> Box:
    xs_px, ys_px = [p[0] for p in points], [p[1] for p in points]
    return min(xs_px), min(ys_px), max(xs_px), max(ys_px)


def _region_labels(
    projection: Projection, instants: Sequence[Instant], board: LabelBoard
) -> list[Markup]:
    """Return the times of the first and the last region; those between lie between."""
    parts = []
    for number in dict.fromkeys((0, len(instants) - 1)) if instants else ():
        instant = instants[number]
        points = [p for p in _outline_points(projection, instant) if projection.shows(p)]
        if points:
            top = min(points, key=lambda p: p[1])
            words = [f"90 %, {short_since(instant.time_s)}"]
            label = _label(board, (*top, *top), words, "region-label")
            parts.append(element("g", label, class_="instant", data_instant=str(number)))
    return parts


def _outline_points(projection: Projection, instant: Instant) -> list[Point]:
    if instant.assessment.impact is None:
        return []
    outline = outline_deg(instant.assessment.impact)
    return projection.points(outline[:, 0], outline[:, 1])


def _minute_labels(
    projection: Projection, cases: Sequence[Case], board: LabelBoard
) -> list[Markup]:
    parts = []
    for case in cases[:2]:
        track = case.path
        if len(track.times_s) < 2:
            continue
        points = projection.points(track.latitudes_deg, track.longitudes_deg)
        for tick_s in time_ticks((float(track.times_s[0]), float(track.times_s[-1])), 8):
            x_px = float(np.interp(tick_s, track.times_s, [p[0] for p in points]))
            y_px = float(np.interp(tick_s, track.times_s, [p[1] for p in points]))
            box = _round((x_px, y_px), 5)
            parts.append(_label(board, box, [short_since(tick_s)], "minute-label"))
    return parts


def _label(board: LabelBoard, around: Box, words: Sequence[str], class_: str) -> Markup:
    """Return one to two lines of text beside a box, with a leader if they had to move away."""
    size_px = 11.5 if class_ in ("minute-label", "region-label") else 13.0
    wide = max(text_width_px(w, size_px) for w in words) + 4
    high = (size_px + 3) * len(words)
    (left, top), leader = board.place(around, wide, high)
    anchor = ((around[0] + around[2]) / 2, (around[1] + around[3]) / 2)
    parts: list[Markup] = []
    if leader:
        near = (min(max(anchor[0], left), left + wide), min(max(anchor[1], top), top + high))
        parts.append(line(anchor, near, "leader"))
    for number, one in enumerate(words):
        shown = class_ if number == 0 else f"{class_} second"
        y_px = top + (size_px + 3) * (number + 0.8)
        parts.append(text(left + 2, y_px, one, f"{shown} halo"))
    return joined(parts)


def _round(at: Point, radius_px: float) -> Box:
    return at[0] - radius_px, at[1] - radius_px, at[0] + radius_px, at[1] + radius_px


def _cross(at: Point, class_: str) -> Markup:
    x, y = at
    arms = [((x - 7, y - 7), (x + 7, y + 7)), ((x - 7, y + 7), (x + 7, y - 7))]
    return joined([line(start, end, class_) for start, end in arms])


def _launch_place(projection: Projection, case: Case) -> Point | None:
    launch = next((a.launch for a in reversed(case.assessments) if a.launch), None)
    if launch:
        region = launch.region
        return projection.point(
            float(np.degrees(region.latitude_rad)), float(np.degrees(region.longitude_rad))
        )
    if case.flight:
        return projection.point(case.flight.launch.latitude_deg, case.flight.launch.longitude_deg)
    return None


def _inset(projection: Projection, case: Case, board: LabelBoard) -> Markup | None:
    """Return the magnified launch region in the corner that hides least."""
    drawn = launch_inset(case)
    at = _launch_place(projection, case)
    if drawn is None or at is None:
        return None
    wide, high = INSET_WIDTH_PX, INSET_HEIGHT_PX
    right, bottom = projection.width_px - wide - 14, projection.height_px - high - 14
    corners = [(14.0, 40.0), (right, 14.0), (right, bottom), (14.0, bottom - 44)]
    marks = [((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for b in board.taken]
    marks += _region_points(projection, case)

    def cost(corner: Point) -> float:
        """Count what a corner hides, and its distance from the launch, 60 px for one mark."""
        left, top, right, bottom = corner[0] - 8, corner[1] - 8, corner[0] + wide, corner[1] + high
        hidden = sum(left < x < right + 8 and top < y < bottom + 8 for x, y in marks)
        away_px = math.hypot((left + right) / 2 - at[0], (top + bottom) / 2 - at[1])
        return hidden + away_px / 60.0

    corner = min(corners, key=cost)
    board.block((corner[0] - 4, corner[1] - 4, corner[0] + wide + 4, corner[1] + high + 4))
    edge = (
        min(max(at[0], corner[0]), corner[0] + wide),
        min(max(at[1], corner[1]), corner[1] + high),
    )
    far = math.hypot(edge[0] - at[0], edge[1] - at[1]) > MOST_LEADER_PX
    place = f"translate({corner[0]:.0f} {corner[1]:.0f})"
    leader = None if far else line(at, edge, "leader")
    return joined([leader, element("g", drawn, transform=place)])


def _region_points(projection: Projection, case: Case) -> list[Point]:
    points: list[Point] = []
    for instant in region_instants(case):
        points += _outline_points(projection, instant)[::2]
    return points


def _steps(instants: Sequence[Instant]) -> Markup | None:
    """Return the buttons that show one region at a time; the script takes ``hidden`` away."""
    if len(instants) < 2:
        return None
    choices = [("all", "all together")] + [(str(k), i.words) for k, i in enumerate(instants)]
    buttons = [
        element(
            "label",
            element("input", type="radio", name="instant", value=value, checked=value == "all"),
            element("span", words),
        )
        for value, words in choices
    ]
    legend = element("legend", "Show the impact region at")
    return element("fieldset", legend, *buttons, class_="steps", hidden=True)


def _legend(run: Run, instants: Sequence[Instant]) -> Markup:
    entries: list[tuple[str, str, str]] = []
    if run.cases and any(len(c.path.times_s) for c in run.cases):
        entries.append(("line", "track boost", "ground track, thrusting"))
        entries.append(("line", "track coast", "ground track, coasting"))
    if any(c.flight is not None and len(c.flight.samples) for c in run.cases):
        entries.append(("line", "truth-line", "true ground track"))
    if instants:
        entries.append(("box", "region", "90 % impact region"))
    states = final_area_states(run.cases)
    entries += [
        ("box", f"area state-{state.value} warned", AREA_WORDS[state].lower())
        for state in dict.fromkeys(states.values())
    ]
    if any(i not in states for i in run.areas):
        entries.append(("box", "area state-quiet", "area never warned"))
    items = [element("li", _swatch(kind, class_), words) for kind, class_, words in entries]
    return element("ul", *items, class_="legend") if items else Markup("")


def _swatch(kind: str, class_: str) -> Markup:
    if kind == "line":
        mark = line((1, 7), (25, 7), class_)
    else:
        mark = element("rect", x=2.0, y=1.0, width=22.0, height=12.0, class_=class_)
    return swatch(mark)


def _description(run: Run, case: Case | None, instants: Sequence[Instant]) -> str:
    words = [f"Map. {counted(len(run.areas), 'defended area')}"]
    if case and len(case.path.times_s):
        words.append("the ground track from first sight to the last")
    if instants:
        words.append(f"the stated 90 % impact region at {counted(len(instants), 'instant')}")
    return ", ".join(words) + f". Realm: {run.realm}."
