"""Charts of a case over time: altitude and looks, errors, threats to areas, what it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from forewarn.records import VEHICLE_CLASSES, Assessment
from forewarn.studies.report_drawing import (
    Frame,
    Markup,
    Point,
    decade_ticks,
    element,
    joined,
    line,
    number_ticks,
    path,
    path_data,
    svg,
    table,
    table_row,
    text,
    text_width_px,
    time_axis,
    value_axis,
)
from forewarn.studies.report_milestones import area_stories, first_warning, last_instant_tai_ns
from forewarn.studies.report_regions import Miss, impact_miss, launch_miss
from forewarn.studies.report_run import Case, Look, Run, looks_of
from forewarn.studies.report_words import (
    class_words,
    clock,
    counted,
    kilometres,
    listed,
    percent,
    short_since,
    warned_area_ids,
)

WIDE_PX, HALF_PX = 960.0, 468.0
MOST_AREAS = 24
LEAST_DRAWN = 0.001  # probability below which an unwarned area gets no chart
MOST_POINTS = 320


def thinned(assessments: Sequence[Assessment]) -> list[Assessment]:
    """Return at most about 320 assessments, the first and the last among them."""
    stride = max(1, math.ceil(len(assessments) / MOST_POINTS))
    chosen = list(assessments[::stride])
    if assessments and chosen[-1] is not assessments[-1]:
        chosen.append(assessments[-1])
    return chosen


def _warned_mark(case: Case, frame: Frame, *, above: bool = False) -> Markup | None:
    """Return the thin line at the first warning."""
    warned = first_warning(case)
    if warned is None:
        return None
    x_px = frame.x_px(case.seconds(warned.time_tai_ns))
    y_px = frame.top_px + (-5 if above else 11)
    words = text(x_px if above else x_px + 4, y_px, "first warning", "mark halo")
    return joined([line((x_px, frame.top_px), (x_px, frame.bottom_px), "warned-line"), words])


def _chart(case: Case, frame: Frame, size_px: Point, *parts: Markup | None, label: str) -> Markup:
    """Return a drawing that the pointer script can read times from."""
    cursor = element("g", class_="cursor")
    drawing = svg(size_px[0], size_px[1], *parts, cursor, label=label)
    hours, minutes, seconds = clock(case.zero_tai_ns, 3).split(":")
    day_s = 3600 * int(hours) + 60 * int(minutes) + float(seconds)
    return element("div", drawing, class_="hover", data_frame=frame.data(), data_zero=day_s)


# --------------------------------------------------------------------------- altitude


def altitude_figure(run: Run, case: Case) -> Markup | None:
    """Return altitude against time, and a lane for each sensor with a tick for each look."""
    track = case.path
    if not len(track.times_s):
        return None
    looks = looks_of(case.tracks)
    sensors = list(dict.fromkeys(look.sensor_id for look in looks))[:12]
    flight = case.flight
    end_s = float(track.times_s[-1])
    top_km = float(track.heights_km.max())
    if flight is not None and len(flight.samples):
        end_s = max(end_s, float(flight.samples[-1, 0]))
        top_km = max(top_km, float(flight.samples[:, 3].max()))
    frame = Frame(64, 16, WIDE_PX - 84, 250, 0.0, end_s * 1.01, 0.0, max(top_km, 10.0) * 1.1)
    frame = _room_for_lanes(case, frame, looks)
    parts: list[Markup | None] = [time_axis(frame, 12)]
    parts.append(value_axis(frame, number_ticks(0, frame.y_max, 6), _kilo))
    parts.append(text(8, 10, "km above the ellipsoid", "tick"))
    parts += _cloud(run, frame)
    if flight is not None and len(flight.samples):
        curve = [frame.point(float(t), float(h)) for t, h in flight.samples[:, (0, 3)]]
        parts.append(path(curve, "truth-line"))
    points = [
        frame.point(float(t), float(h))
        for t, h in zip(track.times_s, track.heights_km, strict=True)
    ]
    parts += _split_line(points, [bool(b >= 0.5) for b in track.boosting])
    parts.append(_warned_mark(case, frame))
    parts.append(_burnout(case, frame))
    lanes_px = frame.bottom_px + 34
    parts += _lanes(case, frame, sensors, looks, lanes_px)
    height_px = lanes_px + 22 * len(sensors) + 6
    label = f"Altitude against time for case {case.case_id}, highest {top_km:.0f} km."
    figure = _chart(case, frame, (WIDE_PX, height_px), *parts, label=label)
    return element("div", figure, class_="scroll")


def _kilo(value: float) -> str:
    return f"{value:,.0f}"


def _split_line(points: Sequence[Point], boosting: Sequence[bool]) -> list[Markup]:
    """Return the track line, thrusting and coasting parts in their own style."""
    parts: list[Markup] = []
    start = 0
    for i in range(1, len(points) + 1):
        if i == len(points) or boosting[i] != boosting[start]:
            piece = points[start : min(i + 1, len(points))]
            parts.append(path(piece, "track boost" if boosting[start] else "track coast"))
            start = i
    return parts


def _cloud(run: Run, frame: Frame) -> list[Markup]:
    top_m = run.summary.get("cloud_top_m")
    if not isinstance(top_m, int | float) or top_m <= 0:
        return []
    y_px = frame.y_px(top_m / 1e3)
    band = element(
        "rect", x=frame.left_px, y=y_px, width=frame.width_px,
        height=max(frame.bottom_px - y_px, 1.0), class_="cloud",
    )  # fmt: skip
    middle_px = (frame.left_px + frame.right_px) / 2
    words = text(middle_px, y_px - 5, f"cloud top {top_m / 1e3:.0f} km", "mark", "middle")
    return [band, words]


def _burnout(case: Case, frame: Frame) -> Markup | None:
    """Return the burn-out mark: true if known, else where thrust was last believed in."""
    track = case.path
    flight = case.flight
    if flight and flight.burnout_tai_ns is not None:
        time_s, words = case.seconds(flight.burnout_tai_ns), "true burn-out"
    else:
        thrusting = [
            float(t) for t, b in zip(track.times_s, track.boosting, strict=True) if b >= 0.5
        ]
        if not thrusting or thrusting[-1] >= float(track.times_s[-1]):
            return None
        time_s, words = thrusting[-1], "thrust ended, as estimated"
    nearest = min(range(len(track.times_s)), key=lambda i: abs(float(track.times_s[i]) - time_s))
    x_px, y_px = frame.x_px(time_s), frame.y_px(float(track.heights_km[nearest]))
    shown = f"{words} {short_since(time_s)}"
    fits = x_px + 9 + text_width_px(shown, 12.0) < frame.right_px
    label = (x_px + 9, y_px + 12, "start") if fits else (x_px - 4, y_px + 20, "end")
    return joined(
        [
            element("circle", cx=x_px, cy=y_px, r=4.0, class_="burnout"),
            text(label[0], label[1], shown, "mark halo", label[2]),
        ]
    )


def _lanes(
    case: Case, frame: Frame, sensors: Sequence[str], looks: Sequence[Look], top_px: float
) -> list[Markup]:
    """Return one lane a sensor, with a tick at each look that fed the track."""
    parts = []
    for row, sensor_id in enumerate(sensors):
        y_px = top_px + row * 22
        times = [case.seconds(k.seen_tai_ns) for k in looks if k.sensor_id == sensor_id]
        ticks = "".join(f"M{frame.x_px(t):.1f},{y_px + 3:.0f}v12" for t in times)
        # The last two visible ticks of a dense lane may share a pixel: a set keeps the path short.
        unique = dict.fromkeys(part for part in ticks.split("M") if part)
        parts.append(line((frame.left_px, y_px + 15), (frame.right_px, y_px + 15), "grid"))
        parts.append(element("path", d="".join("M" + u for u in unique), class_="look"))
        words = _lane_words(sensor_id, times)
        if _fits_before(frame, times, words):
            parts.append(text(frame.x_px(times[0]) - 8, y_px + 13, words, "lane", "end"))
        else:
            parts.append(text(frame.x_px(times[-1]) + 8, y_px + 13, words, "lane halo"))
    return parts


def _lane_words(sensor_id: str, times_s: Sequence[float]) -> str:
    return f"{sensor_id}: {counted(len(times_s), 'look')}"


def _fits_before(frame: Frame, times_s: Sequence[float], words: str) -> bool:
    return frame.x_px(times_s[0]) - frame.left_px > 10 + text_width_px(words)


def _room_for_lanes(case: Case, frame: Frame, looks: Sequence[Look]) -> Frame:
    """Return the frame, narrower if a lane's words would fit neither before nor after its ticks."""
    for sensor_id in {look.sensor_id for look in looks}:
        times = [case.seconds(k.seen_tai_ns) for k in looks if k.sensor_id == sensor_id]
        words = _lane_words(sensor_id, times)
        ends_px = frame.x_px(times[-1]) + 10 + text_width_px(words)
        if not _fits_before(frame, times, words) and ends_px > WIDE_PX:
            return replace(frame, width_px=frame.width_px - 170)
    return frame


# --------------------------------------------------------------------------- errors


def error_figures(case: Case) -> Markup | None:
    """Return the launch and impact errors beside the stated 90 % limits, and their table."""
    flight = case.flight
    if flight is None:
        return None
    launch, impact = launch_misses(case), impact_misses(case)
    if not launch and not impact:
        return None
    charts = [
        _error_chart(case, "Launch point", launch),
        _error_chart(case, "Impact point", impact),
    ]
    return joined(
        [
            element("div", *[c for c in charts if c], class_="pair"),
            element(
                "p",
                "Solid: distance from the estimate to the truth. Dashed: how far the stated 90 % "
                "region reaches towards the truth. Where the solid line runs below the dashed one, "
                "the truth lay inside the region. An honest region holds it nine times in ten.",
                class_="note",
            ),
            _error_table(case, launch, impact),
        ]
    )


def launch_misses(case: Case) -> list[Miss]:
    """Return the launch-point error of each assessment that states one."""
    if case.flight is None:
        return []
    place = case.flight.launch
    latitude_rad, longitude_rad = (
        math.radians(place.latitude_deg),
        math.radians(place.longitude_deg),
    )
    return [
        launch_miss(a.launch.region, latitude_rad, longitude_rad, case.seconds(a.time_tai_ns))
        for a in thinned(case.assessments)
        if a.launch is not None
    ]


def impact_misses(case: Case) -> list[Miss]:
    """Return the impact-point error of each assessment that states one."""
    if case.flight is None or case.flight.impact is None:
        return []
    place = case.flight.impact
    latitude_rad, longitude_rad = (
        math.radians(place.latitude_deg),
        math.radians(place.longitude_deg),
    )
    return [
        impact_miss(a.impact, latitude_rad, longitude_rad, case.seconds(a.time_tai_ns))
        for a in thinned(case.assessments)
        if a.impact is not None
    ]


def _error_chart(case: Case, title: str, misses: Sequence[Miss]) -> Markup | None:
    if not misses:
        return None
    sizes_km = [max(m.error_m, 1.0) / 1e3 for m in misses]
    stated_km = [max(m.stated_m, 1.0) / 1e3 for m in misses]
    low = 10.0 ** math.floor(math.log10(min(sizes_km + stated_km)))
    low = max(low, 10.0 ** math.floor(math.log10(min(stated_km)) - 1))
    high = 10.0 ** math.ceil(math.log10(max(sizes_km + stated_km)) + 1e-9)
    last_s = max(misses[-1].time_s, misses[0].time_s + 1)
    frame = Frame(56, 30, HALF_PX - 70, 194, _floor_s(misses[0].time_s), last_s, low, high, True)
    error = [frame.point(m.time_s, k) for m, k in zip(misses, sizes_km, strict=True)]
    stated = [frame.point(m.time_s, k) for m, k in zip(misses, stated_km, strict=True)]
    inside = sum(m.inside for m in misses)
    label = f"{title}: error and stated 90 % limit, {inside} of {len(misses)} times inside."
    return _chart(
        case,
        frame,
        (HALF_PX, 250),
        text(0, 14, f"{title}, km", "figure-title"),
        text(
            HALF_PX - 14, 14, f"inside {percent(inside / len(misses))} of the time", "tick", "end"
        ),
        time_axis(frame, 6),
        value_axis(frame, decade_ticks(low, high), _power),
        _warned_mark(case, frame),
        path(stated, "stated"),
        path(error, "error"),
        label=label,
    )


def _floor_s(time_s: float) -> float:
    return math.floor(time_s / 10.0) * 10.0


def _power(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _error_table(case: Case, launch: Sequence[Miss], impact: Sequence[Miss]) -> Markup:
    heads = ("When", "Since launch", "Launch point off by", "stated 90 %", "truth",
             "Impact point off by", "stated 90 %", "truth")  # fmt: skip
    rows = []
    starts = [m[0].time_s for m in (launch, impact) if m]
    ends = [m[-1].time_s for m in (launch, impact) if m]
    moments = [("first stated", min(starts))]
    warned = first_warning(case)
    if warned:
        warned_s = case.seconds(warned.time_tai_ns)
        moments += [("first warning", warned_s), ("30 s later", warned_s + 30)]
    moments.append(("at the end", max(ends)))
    for words, time_s in moments:
        if time_s > max(ends) + 1:
            continue
        cells = [words, short_since(time_s)]
        cells += [*_miss_cells(launch, time_s), *_miss_cells(impact, time_s)]
        rows.append(table_row(cells, numeric=(1, 2, 3, 5, 6)))
    return table("Estimate against truth", heads, rows, numeric=(1, 2, 3, 5, 6))


def _miss_cells(misses: Sequence[Miss], time_s: float) -> tuple[str, str, str]:
    known = [m for m in misses if m.time_s <= time_s + 0.5]
    if not known:
        return ("–", "–", "–")
    miss = known[-1]
    side = "inside" if miss.inside else "outside"
    return kilometres(miss.error_m), kilometres(miss.stated_m), side


# --------------------------------------------------------------------------- threats


def threat_figures(run: Run, case: Case) -> Markup | None:
    """Return the probability of an impact in each area over time, one small chart an area."""
    judged = thinned([a for a in case.assessments if a.areas])
    if not judged:
        return None
    curves: dict[str, list[tuple[float, float]]] = {}
    for assessment in judged:
        for area in assessment.areas:
            point = (case.seconds(assessment.time_tai_ns), area.probability)
            curves.setdefault(area.area_id, []).append(point)
    peaks = {area_id: max(p for _, p in curve) for area_id, curve in curves.items()}
    warned = warned_area_ids(case)
    order = sorted(curves, key=lambda i: (-peaks[i], i))
    drawn = [i for i in order if peaks[i] >= LEAST_DRAWN or i in warned][:MOST_AREAS]
    span = _threat_span(case, judged, curves)
    top = _nice_top(max(peaks.values()))
    charts = [_threat_chart(run, case, i, curves[i], (*span, top)) for i in drawn]
    return joined(
        [
            element("div", *charts, class_="multiples") if charts else None,
            _undrawn(run, [i for i in order if i not in drawn], peaks),
        ]
    )


def _threat_span(
    case: Case,
    judged: Sequence[Assessment],
    curves: Mapping[str, Sequence[tuple[float, float]]],
) -> tuple[float, float]:
    """Return the first instant and the one some time after which no threat was left [s]."""
    start_s = _floor_s(case.seconds(judged[0].time_tai_ns))
    end_s = case.seconds(judged[-1].time_tai_ns)
    threatened = [t for curve in curves.values() for t, p in curve if p >= LEAST_DRAWN]
    if not threatened:
        return start_s, end_s
    return start_s, min(end_s, max(threatened) + max(0.25 * (max(threatened) - start_s), 20.0))


def _undrawn(run: Run, area_ids: Sequence[str], peaks: Mapping[str, float]) -> Markup | None:
    if not area_ids:
        return None
    highest = max(peaks[i] for i in area_ids)
    names = [run.area_name(i) for i in area_ids[:MOST_AREAS]]
    if len(area_ids) > MOST_AREAS:
        names.append(counted(len(area_ids) - MOST_AREAS, "more"))
    above = percent(highest).removeprefix("< ")
    level = "no threat at all" if highest <= 0 else f"never more than {above}"
    return element("p", f"Not drawn, {level}: {listed(names)}.", class_="note")


def _nice_top(peak: float) -> float:
    return next(t for t in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if peak <= t or t == 1.0)


def _threat_chart(
    run: Run,
    case: Case,
    area_id: str,
    curve: Sequence[tuple[float, float]],
    limits: tuple[float, float, float],
) -> Markup:
    start_s, end_s, top = limits
    frame = Frame(40, 50, 176, 74, start_s, max(end_s, start_s + 1), 0.0, top)
    name = run.area_name(area_id)
    peak = max(p for _, p in curve)
    shown = [(t, p) for t, p in curve if t <= end_s + 1e-6] or list(curve[:1])
    points = [frame.point(t, p) for t, p in shown]
    base = [(points[-1][0], frame.bottom_px), (points[0][0], frame.bottom_px)]
    label = f"{name}: probability of an impact over time, highest {percent(peak)}."
    return _chart(
        case,
        frame,
        (226, 144),
        text(0, 13, name, "figure-title small"),
        text(0, 29, f"highest {percent(peak)}", "tick"),
        *_state_bands(case, area_id, frame),
        time_axis(frame, 4),
        value_axis(frame, [0.0, top], percent),
        element("path", d=path_data([*points, *base], closed=True), class_="threat-fill"),
        path(points, "threat"),
        label=label,
    )


def _state_bands(case: Case, area_id: str, frame: Frame) -> list[Markup]:
    """Return a thin strip above the chart that shows the area's warning state."""
    parts = []
    for story in area_stories(case, last_instant_tai_ns(case)):
        if story.area_id != area_id:
            continue
        for span in story.spans:
            left = frame.x_px(case.seconds(span.start_tai_ns))
            right = frame.x_px(case.seconds(span.end_tai_ns))
            if right - left > 0.5:
                parts.append(
                    element(
                        "rect", x=left, y=frame.top_px - 7, width=right - left, height=5.0,
                        class_=f"state-{span.state.value}",
                    )
                )  # fmt: skip
    return parts


# --------------------------------------------------------------------------- classes


def class_figure(case: Case) -> Markup | None:
    """Return the class probabilities over time as bands that always fill the height."""
    judged = thinned([a for a in case.assessments if a.class_probabilities])
    if not judged:
        return None
    times_s = [case.seconds(a.time_tai_ns) for a in judged]
    known = [c for c in VEHICLE_CLASSES if any(a.class_probabilities.get(c, 0) for a in judged)]
    frame = Frame(
        44, 24, WIDE_PX - 340, 210, _floor_s(times_s[0]), max(times_s[-1], times_s[0] + 1), 0, 1
    )
    floor = [0.0] * len(judged)
    parts = []
    ends: list[tuple[float, str, float]] = []
    for name in known:
        shares = [a.class_probabilities.get(name, 0.0) for a in judged]
        roof = [f + s for f, s in zip(floor, shares, strict=True)]
        upper = [frame.point(t, r) for t, r in zip(times_s, roof, strict=True)]
        lower = [frame.point(t, f) for t, f in zip(times_s, floor, strict=True)]
        band = path_data([*upper, *lower[::-1]], closed=True)
        parts.append(
            element("path", element("title", class_words(name)), d=band, class_=f"class-{name}")
        )
        ends.append((frame.y_px((roof[-1] + floor[-1]) / 2), name, shares[-1]))
        floor = roof
    likely = max(ends, key=lambda e: e[2])
    label = (
        f"Class probabilities over time; at the end {class_words(likely[1])} {percent(likely[2])}."
    )
    figure = _chart(
        case,
        frame,
        (WIDE_PX, 262),
        time_axis(frame, 8),
        value_axis(frame, [0.0, 0.5, 1.0], percent),
        *parts,
        _warned_mark(case, frame, above=True),
        *_class_labels(frame, ends),
        label=label,
    )
    return element("div", figure, class_="scroll")


def _class_labels(frame: Frame, ends: Sequence[tuple[float, str, float]]) -> list[Markup]:
    """Return the names at the right edge, moved apart where bands end close together."""
    parts = []
    ordered = sorted(ends)
    places_px = _spread([e[0] for e in ordered], 19.0, (frame.top_px + 6, frame.bottom_px - 4))
    for y_px, (end_px, name, share) in zip(places_px, ordered, strict=True):
        x_px = frame.right_px
        parts.append(line((x_px + 2, end_px), (x_px + 18, y_px), "leader"))
        parts.append(
            element("rect", x=x_px + 22, y=y_px - 6, width=12.0, height=12.0,
                    class_=f"class-{name}")
        )  # fmt: skip
        parts.append(text(x_px + 40, y_px + 4, f"{class_words(name)}  {percent(share)}", "row"))
    return parts


def _spread(
    wanted_px: Sequence[float], apart_px: float, limits: tuple[float, float]
) -> list[float]:
    """Return places as near ``wanted_px`` (ascending) as being ``apart_px`` apart allows."""
    places: list[float] = []
    for i, wanted in enumerate(wanted_px):
        lowest = limits[0] if not places else places[-1] + apart_px
        places.append(max(wanted, lowest))
        highest = limits[1] - (len(wanted_px) - 1 - i) * apart_px
        places[-1] = max(min(places[-1], highest), lowest)
    return places
