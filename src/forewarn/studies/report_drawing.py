"""Marks on a page: HTML and SVG elements, scales, axes and lines, all as escaped text.

A plain ``str`` given as a child or an attribute is always escaped; only a `Markup` made here goes
in as it is. So no text of a record can ever become an element.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom [px]."""


@dataclass(frozen=True)
class Markup:
    """Text that is HTML already."""

    html: str


Node = Markup | str


def element(
    name: str, /, *children: Node | None, **attributes: str | float | bool | None
) -> Markup:
    """Return ``<name attributes>children</name>``.

    In attribute names ``_`` becomes ``-`` and a trailing ``_`` is dropped (``class_``). None and
    False leave the attribute out, True gives it without a value, floats get two decimals.
    """
    parts = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        label = key.rstrip("_").replace("_", "-")
        if value is True:
            parts.append(label)
        else:
            shown = value if isinstance(value, str) else short_number(value)
            parts.append(f'{label}="{escape(shown)}"')
    return Markup(f"<{' '.join(parts)}>{joined(children).html}</{name}>")


def joined(nodes: Iterable[Node | None]) -> Markup:
    """Put nodes one after the other; None is nothing, plain text is escaped."""
    given = [node for node in nodes if node is not None]
    return Markup("".join(n.html if isinstance(n, Markup) else escape(n) for n in given))


def short_number(value: float) -> str:
    """Return ``value`` with at most two decimals and no trailing zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def svg(
    width_px: float, height_px: float, *children: Node | None, label: str, class_: str = "chart"
) -> Markup:
    """Return a drawing with a text alternative; it scales with the page."""
    return element(
        "svg",
        element("title", label),
        *children,
        viewBox=f"0 0 {short_number(width_px)} {short_number(height_px)}",
        role="img",
        aria_label=label,
        class_=class_,
    )


def swatch(mark: Markup) -> Markup:
    """Return a legend's picture, 26 by 14 px; the words beside it say what it is."""
    return element("svg", mark, viewBox="0 0 26 14", class_="swatch", aria_hidden="true")


def text(x_px: float, y_px: float, words: str, class_: str = "", anchor: str = "start") -> Markup:
    """Return a line of text; ``anchor`` is start, middle or end."""
    shown_anchor = None if anchor == "start" else anchor
    return element("text", words, x=x_px, y=y_px, class_=class_ or None, text_anchor=shown_anchor)


def line(start: Point, end: Point, class_: str) -> Markup:
    """Return a straight line between two points [px]."""
    return element("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], class_=class_)


def path_data(points: Sequence[Point], closed: bool = False) -> str:
    """Return SVG path data with one decimal; points that would not move the pen are left out."""
    steps: list[str] = []
    before = ""
    for x_px, y_px in points:
        here = f"{_tenth(x_px)},{_tenth(y_px)}"
        if here != before:
            steps.append(here)
            before = here
    if not steps:
        return ""
    return "M" + "L".join(steps) + ("Z" if closed else "")


def path(points: Sequence[Point], class_: str, *, closed: bool = False) -> Markup:
    """Return a line, or with ``closed`` an outline, through ``points`` [px]."""
    return element("path", d=path_data(points, closed), class_=class_)


def _tenth(value: float) -> str:
    shown = f"{value:.1f}".removesuffix(".0")
    return "0" if shown == "-0" else shown


@dataclass(frozen=True)
class Frame:
    """A rectangle on the page [px] and the values at its edges; ``log_y`` makes y logarithmic."""

    left_px: float
    top_px: float
    width_px: float
    height_px: float
    x_min: float
    x_max: float
    y_min: float
    y_max: float
    log_y: bool = False

    @property
    def right_px(self) -> float:
        """The right edge."""
        return self.left_px + self.width_px

    @property
    def bottom_px(self) -> float:
        """The lower edge."""
        return self.top_px + self.height_px

    def x_px(self, value: float) -> float:
        """Where ``value`` lies between the edges; beyond them it is put on the edge."""
        share = (value - self.x_min) / ((self.x_max - self.x_min) or 1.0)
        return self.left_px + min(max(share, 0.0), 1.0) * self.width_px

    def y_px(self, value: float) -> float:
        """Where ``value`` lies between the edges; beyond them it is put on the edge."""
        if self.log_y:
            low, high = math.log10(self.y_min), math.log10(self.y_max)
            share = (math.log10(max(value, self.y_min)) - low) / ((high - low) or 1.0)
        else:
            share = (value - self.y_min) / ((self.y_max - self.y_min) or 1.0)
        return self.bottom_px - min(max(share, 0.0), 1.0) * self.height_px

    def point(self, x: float, y: float) -> Point:
        """The page point [px] of two values."""
        return self.x_px(x), self.y_px(y)

    def data(self) -> str:
        """What the pointer script needs: left, right, top, bottom [px], first and last value."""
        edges = (self.left_px, self.right_px, self.top_px, self.bottom_px, self.x_min, self.x_max)
        return " ".join(short_number(edge) for edge in edges)


_TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)


def time_ticks(span_s: tuple[float, float], most: int) -> list[float]:
    """Return at most about ``most`` round instants [s] inside ``span_s``."""
    low_s, high_s = span_s
    step_s = next((s for s in _TIME_STEPS_S if (high_s - low_s) / s <= most), _TIME_STEPS_S[-1])
    first = math.ceil(low_s / step_s - 1e-9)
    last = math.floor(high_s / step_s + 1e-9)
    return [float(i * step_s) for i in range(first, last + 1)]


def number_ticks(low: float, high: float, most: int) -> list[float]:
    """Return at most about ``most`` round numbers between ``low`` and ``high``."""
    if high <= low:
        return [low]
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= raw * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [i * step for i in range(first, last + 1)]


def decade_ticks(low: float, high: float) -> list[float]:
    """Return the powers of ten from ``low`` to ``high``."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    return [10.0**i for i in range(first, last + 1)]


def tick_text(seconds: float) -> str:
    """Return an axis label: ``0``, ``30 s``, ``2 min``, ``2:30``, ``1 h``."""
    sign = "−" if seconds < 0 else ""
    whole = abs(round(seconds))
    if whole == 0:
        return "0"
    if whole < 60 or (whole < 120 and whole % 60):
        return f"{sign}{whole} s"
    if whole % 3600 == 0:
        return f"{sign}{whole // 3600} h"
    if whole % 60:
        return f"{sign}{whole // 60}:{whole % 60:02d}"
    return f"{sign}{whole // 60} min"


def time_axis(frame: Frame, most: int = 8) -> Markup:
    """Return the x axis of a frame whose x is seconds since launch: faint lines and labels."""
    marks = []
    for tick_s in time_ticks((frame.x_min, frame.x_max), most):
        x_px = frame.x_px(tick_s)
        marks.append(line((x_px, frame.top_px), (x_px, frame.bottom_px), "grid"))
        marks.append(text(x_px, frame.bottom_px + 16, tick_text(tick_s), "tick", "middle"))
    marks.append(line((frame.left_px, frame.bottom_px), (frame.right_px, frame.bottom_px), "axis"))
    return joined(marks)


def value_axis(frame: Frame, ticks: Sequence[float], shown: Callable[[float], str]) -> Markup:
    """Return the y axis of a frame: faint lines, labels to the left."""
    marks = []
    for tick in ticks:
        y_px = frame.y_px(tick)
        marks.append(line((frame.left_px, y_px), (frame.right_px, y_px), "grid"))
        marks.append(text(frame.left_px - 6, y_px + 4, shown(tick), "tick", "end"))
    return joined(marks)


def table(
    caption: str, heads: Sequence[str], rows: Sequence[Markup], numeric: Sequence[int] = ()
) -> Markup:
    """Return a captioned table that scrolls sideways on a narrow page."""
    cells = [
        element("th", head, scope="col", class_="number" if i in numeric else None)
        for i, head in enumerate(heads)
    ]
    return element(
        "div",
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", *cells)),
            element("tbody", *rows),
        ),
        class_="scroll",
    )


def table_row(cells: Sequence[str | Markup], numeric: Sequence[int] = ()) -> Markup:
    """Return a row whose first cell is its heading."""
    parts = []
    for i, cell in enumerate(cells):
        class_ = "number" if i in numeric else None
        if i == 0:
            parts.append(element("th", cell, scope="row", class_=class_))
        else:
            parts.append(element("td", cell, class_=class_))
    return element("tr", *parts)


def text_width_px(words: str, size_px: float = 12.0) -> float:
    """Estimate the width of ``words`` in a system sans-serif; meant to err on the wide side."""
    narrow = sum(words.count(c) for c in "iljt.,:;'|!() ")
    return size_px * (0.64 * (len(words) - narrow) + 0.37 * narrow)


@dataclass
class LabelBoard:
    """Places labels so that none covers another; it knows the boxes that are taken."""

    bounds: Box
    taken: list[Box]

    def place(self, around: Box, width_px: float, height_px: float) -> tuple[Point, bool]:
        """Return the left top corner for a label beside a box, and whether it needs a leader.

        Tries eight places round the box at growing distance and takes the first that is free;
        when all are taken, the one that overlaps least.
        """
        best: tuple[float, Point, bool] | None = None
        for distance_px in (4.0, 12.0, 24.0, 40.0, 60.0, 85.0, 115.0):
            for corner in _corners(around, width_px, height_px, distance_px):
                box = (corner[0], corner[1], corner[0] + width_px, corner[1] + height_px)
                overlap = self._overlap(box)
                if best is None or overlap < best[0] - 1e-6:
                    best = (overlap, corner, distance_px > 12.0)
            if best is not None and best[0] <= 0.0:
                break
        assert best is not None
        corner = best[1]
        self.taken.append((corner[0], corner[1], corner[0] + width_px, corner[1] + height_px))
        return corner, best[2]

    def block(self, box: Box) -> None:
        """Keep labels away from ``box``."""
        self.taken.append(box)

    def _overlap(self, box: Box) -> float:
        left, top, right, bottom = self.bounds
        outside = max(left - box[0], 0) + max(box[2] - right, 0)
        outside += max(top - box[1], 0) + max(box[3] - bottom, 0)
        total = outside * 1e3
        for other in self.taken:
            wide = min(box[2], other[2]) - max(box[0], other[0])
            high = min(box[3], other[3]) - max(box[1], other[1])
            if wide > 0 and high > 0:
                total += wide * high
        return total


def _corners(around: Box, width_px: float, height_px: float, away_px: float) -> list[Point]:
    left, top, right, bottom = around
    middle_x, middle_y = (left + right - width_px) / 2, (top + bottom - height_px) / 2
    slant = away_px * 0.7
    return [
        (right + away_px, middle_y),
        (right + slant, top - slant - height_px / 2),
        (right + slant, bottom + slant - height_px / 2),
        (middle_x, bottom + away_px),
        (middle_x, top - away_px - height_px),
        (left - away_px - width_px, middle_y),
        (left - slant - width_px, top - slant - height_px / 2),
        (left - slant - width_px, bottom + slant - height_px / 2),
    ]
