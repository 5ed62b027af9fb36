"""The picture of a study of bounds: error against time, above what no estimator can do better.

The same study gives the same bytes. Nothing of matplotlib's global state is used or left changed: a
figure of its own, settings in a context, no date in the file. Line, band and hatching tell
everything apart; colour only helps.
"""

from __future__ import annotations

import io
import itertools
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import NDArray

from forewarn.studies import bounds_words as words
from forewarn.studies.bounds_study import LaunchStudy, Moment

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

_INK, _SOFT, _FILL, _HATCH, _DONE = "#1b1f24", "#6a737d", "#eef1f4", "#c9d0d7", "#b3261e"
_SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.edgecolor": _SOFT,
    "axes.labelcolor": _INK,
    "axes.linewidth": 0.8,
    "text.color": _INK,
    "xtick.color": _SOFT,
    "ytick.color": _SOFT,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
    "hatch.linewidth": 0.5,
    "svg.fonttype": "path",  # looks the same with whatever fonts the reader has
    "svg.hashsalt": "forewarn",  # ids that do not change from run to run
    "path.simplify": False,
}
_WIDE, _ROW, _PANEL, _HEAD, _FOOT = 10.0, 0.17, 3.0, 1.2, 1.05  # inches
_PANELS = (("launch_place_m", 0.11), ("impact_place_m", 0.595))
_PANEL_WIDE = 0.385
_SHADES = 4


def draw(launch: LaunchStudy, run_count: int, *, form: str = "svg") -> bytes:
    """Return the picture of a launch's study as the bytes of an SVG or a PNG file."""
    assert form in ("svg", "png"), form
    sensors = sorted(launch.curve[-1].looks, key=_kind) if launch.curve else []
    rows = _ROW * max(len(sensors), 1)
    tall = _HEAD + _PANEL + 0.12 + rows + _FOOT
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(_WIDE, tall), facecolor="white")
        _say(figure, launch, run_count, tall)
        for column, (quantity, left) in enumerate(_PANELS):
            low = _FOOT / tall
            strip = figure.add_axes((left, low, _PANEL_WIDE, rows / tall))
            low = (_FOOT + rows + 0.12) / tall
            panel = figure.add_axes((left, low, _PANEL_WIDE, _PANEL / tall), sharex=strip)
            figure.text(left, (tall - _HEAD + 0.1) / tall, words.HEADINGS[quantity], weight="bold")
            _draw_errors(panel, launch, quantity, legend=column == 0)
            _draw_looks(strip, launch, sensors, named=column == 0)
        stream = io.BytesIO()
        if form == "svg":
            title = words.headline(launch)
            about = {"Date": None, "Creator": "forewarn", "Title": title}
            figure.savefig(stream, format="svg", metadata=about)
        else:
            figure.savefig(stream, format="png", dpi=160, metadata={"Software": "forewarn"})
    return stream.getvalue()


def _kind(sensor_id: str) -> tuple[bool, str]:
    return "RADAR" in sensor_id.upper(), sensor_id


def _say(figure: Figure, launch: LaunchStudy, run_count: int, tall: float) -> None:
    """The words above and below."""
    figure.text(0.035, (tall - 0.42) / tall, words.headline(launch), size=15, weight="bold")
    figure.text(0.035, (tall - 0.70) / tall, words.about(launch, run_count), size=10)
    note = (
        "Hatched: where no estimator gets in the median, from the looks taken and a belief in the "
        "class of vehicle alone. Red: median error achieved, with its 10 to 90 % band.\n"
        "Beneath: each sensor's looks; darker is more often. Silence but for the end of the plume, "
        "brightness and doubt about clutter are no information in this bound."
    )
    figure.text(0.035, 0.16 / tall, note, size=7.5, color=_SOFT, linespacing=1.5)


def _draw_errors(axes: Axes, launch: LaunchStudy, quantity: str, *, legend: bool) -> None:
    """Bound and error against time."""
    seen = [m for m in launch.curve if sum(m.looks.values()) > 0 and quantity in m.scores]
    axes.set_yscale("log")
    axes.tick_params(labelbottom=False)
    axes.spines[["top", "right"]].set_visible(False)
    if not seen:
        said: dict[str, Any] = {"ha": "center", "va": "center", "transform": axes.transAxes}
        why = "does not come down" if quantity.startswith("impact") else "was not seen"
        axes.text(0.5, 0.5, f"it {why}", color=_SOFT, **said)
        axes.set_yticks([])
        return
    times = np.array([m.since_launch_s for m in seen])
    bound = np.array([m.scores[quantity].bound for m in seen])
    done = _column(seen, quantity, "error")
    low, high = _column(seen, quantity, "error_low"), _column(seen, quantity, "error_high")
    values = np.concatenate((bound, low[np.isfinite(low)], high[np.isfinite(high)]))
    bottom, top = 0.5 * float(values.min()), 2.0 * float(values.max())
    axes.set_ylim(bottom, top)
    axes.fill_between(times, bottom, bound, facecolor=_FILL, edgecolor=_HATCH, hatch="////")
    axes.fill_between(times, low, high, facecolor=_DONE, alpha=0.15, linewidth=0.0)
    axes.plot(times, bound, color=_INK, linewidth=1.6, label="bound")
    axes.plot(times, done, color=_DONE, linewidth=1.6, label="achieved, median")
    alone = np.isfinite(done) & ~_beside(np.isfinite(done))
    axes.plot(times[alone], done[alone], "o", color=_DONE, markersize=3.0)
    _mark_moments(axes, launch)
    axes.yaxis.set_major_locator(LogLocator(numticks=8))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.amount(quantity, value)))
    axes.grid(axis="y", color="#e3e7eb", linewidth=0.6)
    axes.set_axisbelow(True)
    if legend:
        axes.legend(loc="upper right", frameon=False)


def _column(moments: list[Moment], quantity: str, name: str) -> Array:
    """Return one number of a quantity over time; not a number where nothing was estimated."""
    values = [getattr(m.scores[quantity], name) for m in moments]
    return np.array([np.nan if value is None else value for value in values])


def _beside(there: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say which have a neighbour that is there."""
    padded = np.concatenate(([False], there, [False]))
    beside: NDArray[np.bool_] = padded[:-2] | padded[2:]
    return beside


def _mark_moments(axes: Axes, launch: LaunchStudy) -> None:
    """Thin lines at first confirmation and burn-out."""
    marks = [m.since_launch_s for m in launch.moments if m.name == "first confirmation"]
    line: dict[str, Any] = {"color": _SOFT, "linewidth": 0.9, "linestyle": (0, (3, 2)), "zorder": 1}
    name = "first confirmation, burn-out" if marks else "burn-out"
    axes.axvline(launch.burnout_s, label=name, **line)
    for at_s in marks:
        axes.axvline(at_s, **line)


def _draw_looks(axes: Axes, launch: LaunchStudy, sensors: list[str], *, named: bool) -> None:
    """A row for each sensor, dark where it looks."""
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel("seconds since launch")
    if launch.curve:
        axes.set_xlim(0.0, launch.curve[-1].since_launch_s)
    if not sensors:
        axes.set_yticks([])
        return
    times = np.array([0.0] + [m.since_launch_s for m in launch.curve])
    counts = np.array([[m.looks.get(s, 0.0) for m in launch.curve] for s in sensors])
    fresh = np.maximum(np.diff(counts, axis=1, prepend=0.0), 0.0)
    shades = np.ceil(_SHADES * fresh / max(float(fresh.max()), 1.0))
    bar: dict[str, Any] = {"height": 0.62, "color": _INK, "linewidth": 0}
    for row, shade in enumerate(shades):
        turns = np.flatnonzero(np.diff(shade, prepend=-1.0, append=-1.0))
        for start, end in itertools.pairwise(turns.tolist()):
            if shade[start] > 0.0:
                dark = 0.25 + 0.75 * float(shade[start]) / _SHADES
                axes.barh(row, times[end] - times[start], left=times[start], alpha=dark, **bar)
    axes.set_ylim(len(sensors) - 0.4, -0.6)
    axes.set_yticks(range(len(sensors)), sensors if named else [""] * len(sensors), size=6.5)
    axes.tick_params(axis="y", length=0)
