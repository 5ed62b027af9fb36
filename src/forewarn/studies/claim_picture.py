"""The picture of a verdict: the arc to scale, and the claimed excess beside the band.

The same verdict gives the same bytes. Nothing of matplotlib's global state is used or left changed:
a figure of its own, settings in a context, no date in the file. Light and dark, filled and
open tell everything apart; colour only helps.
"""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from forewarn.earth import MEAN_RADIUS_M
from forewarn.formats.claim import BandFile, JudgedClaim, RealFlight
from forewarn.missiles import kepler
from forewarn.studies import claim_words as words
from forewarn.studies.claim import ALLOWED_SIGMAS, Claim, judge
from forewarn.studies.claim_band import excess_at, shipped_band

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

_INK, _SOFT, _BAND, _EARTH, _CLAIM = "#1b1f24", "#6a737d", "#cfd6dd", "#e9edf0", "#b3261e"
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
_LOWEST_S, _HIGHEST_S = -400.0, 900.0  # of the excess axis; what lies beyond stands at its edge
_LIKE_ANGLE_RAD = math.radians(15.0)  # real flights steeper or flatter by more are not shown
_SAME_S = 5.0
_ARC_PANEL = (10.0 * 0.265) / (5.8 * 0.65)  # width over height of the left panel
_MOST_TICKS = 9
_TICKS_S = (30.0, 60.0, 120.0, 300.0, 600.0)


def draw(judged: JudgedClaim, *, form: str = "svg", band: BandFile | None = None) -> bytes:
    """Return the picture of a verdict as the bytes of an SVG or, with ``form="png"``, a PNG file.

    ``band`` is the one that the verdict was made with; None is the shipped one.
    """
    assert form in ("svg", "png"), form
    band = shipped_band() if band is None else band
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(10.0, 5.8), facecolor="white")
        _say(figure, judged)
        _draw_arc(figure.add_axes((0.035, 0.14, 0.265, 0.65)), judged)
        _draw_excess(figure.add_axes((0.375, 0.185, 0.605, 0.605)), judged, band)
        stream = io.BytesIO()
        if form == "svg":
            about = {"Date": None, "Creator": "forewarn", "Title": words.headline(judged)}
            figure.savefig(stream, format="svg", metadata=about)
        else:
            figure.savefig(stream, format="png", dpi=200, metadata={"Software": "forewarn"})
    return stream.getvalue()


def _say(figure: Figure, judged: JudgedClaim) -> None:
    """The words above and below."""
    figure.text(0.035, 0.925, words.headline(judged), size=16, weight="bold")
    claimed = (
        f"Published: apogee {judged.apogee_m / 1e3:,.6g} km, range {judged.range_m / 1e3:,.6g} km, "
        f"{judged.time_s:,.6g} s ({words.clock(judged.time_s)}).  Engine-free arc: "
        f"{judged.arc_time_s:,.0f} s ({words.clock(judged.arc_time_s)})."
    )
    figure.text(0.035, 0.875, claimed, size=10)
    figure.text(0.035, 0.805, f"The arc, to scale; a ring each {words.clock(_step_s(judged))}")
    figure.text(0.375, 0.805, "What a boost adds")
    note = (
        f"Band and lines: generic boosted flights whose arcs are as steep as this one "
        f"({math.degrees(judged.arc_angle_rad):.0f}°). Dots: published real flights within "
        f"{math.degrees(_LIKE_ANGLE_RAD):.0f}° of it; bars: twice the error of the numbers.\n"
        "Filled: durations to 2021, which the band learned from. Open: durations that taught it "
        "nothing. Cross: one that is not consistent itself."
    )
    figure.text(0.035, 0.03, note, size=7.5, color=_SOFT, linespacing=1.5)


def _step_s(judged: JudgedClaim) -> float:
    """Seconds between the rings along the arc."""
    return next((s for s in _TICKS_S if judged.arc_time_s / s <= _MOST_TICKS), 1200.0)


def _draw_arc(axes: Axes, judged: JudgedClaim) -> None:
    """The engine-free arc over the Earth, all to one scale, with its minutes."""
    arc = kepler.arc(judged.apogee_m, judged.range_m)
    times_s, angle_rad, radius_m = kepler.path(arc, 201)
    x, y = radius_m * np.sin(angle_rad), radius_m * np.cos(angle_rad)
    ground = MEAN_RADIUS_M * math.cos(float(angle_rad[-1]))
    ticks_s = np.arange(_step_s(judged), arc.time_s, _step_s(judged))
    rings = np.interp(ticks_s, times_s, x), np.interp(ticks_s, times_s, y)
    axes.plot(x, y, color=_INK, linewidth=1.6, zorder=3)
    dot: dict[str, Any] = {"markersize": 4.5, "markeredgecolor": _INK, "zorder": 4}
    axes.plot(*rings, "o", markerfacecolor="white", **dot)
    axes.plot((x[0], x[-1]), (y[0], y[-1]), "o", markerfacecolor=_INK, **dot)
    high, wide = float(y.max()) - ground, float(np.ptp(x))
    scale = max(wide / 0.84, high / 0.68 * _ARC_PANEL)  # metres across the panel
    tall = scale / _ARC_PANEL
    bottom = min(ground - 0.16 * tall, (ground + float(y.max()) - tall) / 2.0)
    axes.set_xlim(-0.5 * scale, 0.5 * scale)
    axes.set_ylim(bottom, bottom + tall)
    widest = min(0.5 * scale / MEAN_RADIUS_M, 1.0)
    limb = np.linspace(-math.asin(widest), math.asin(widest), 121)
    across, up = MEAN_RADIUS_M * np.sin(limb), MEAN_RADIUS_M * np.cos(limb)
    axes.fill_between(across, up, bottom, facecolor=_EARTH, edgecolor="none", zorder=1)
    axes.plot(across, up, color=_SOFT, linewidth=1.0, zorder=2)
    said: dict[str, Any] = {"textcoords": "offset points", "ha": "center"}
    apogee = f"{judged.apogee_m / 1e3:,.6g} km up"
    axes.annotate(apogee, (0.0, y.max()), (0, 7), weight="bold", va="bottom", **said)
    distance = f"{judged.range_m / 1e3:,.6g} km away"
    axes.annotate(distance, (0.0, MEAN_RADIUS_M), (0, -7), va="top", zorder=5, **said)
    axes.set_axis_off()


def _draw_excess(axes: Axes, judged: JudgedClaim, band: BandFile) -> None:
    """The excess of the claim and of real flights against the band."""
    around = np.linspace(band.speeds_m_s[0], band.speeds_m_s[-1], 97)
    found = [(v, excess_at(band, _like(judged, float(v)))) for v in around]
    speeds = np.array([v for v, e in found if e is not None]) / 1e3
    low, solid, liquid, high = np.array(
        [(e.shortest_s, e.solid_s, e.liquid_s, e.longest_s) for _, e in found if e]
    ).T
    boosted = f"{band.probability:.0%} of boosted flights"
    edge: dict[str, Any] = {"facecolor": _BAND, "edgecolor": _SOFT, "linewidth": 0.8, "zorder": 1}
    axes.fill_between(speeds, low, high, label=boosted, **edge)
    line: dict[str, Any] = {"color": _SOFT, "linewidth": 1.2, "zorder": 2}
    axes.plot(speeds, liquid, linestyle=(0, (5, 2)), label="liquid, median", **line)
    axes.plot(speeds, solid, linestyle=(0, (1, 1.2)), label="solid, median", **line)
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.01, 0.985), ncols=3, frameon=False, columnspacing=1.4
    )
    reach_s = ALLOWED_SIGMAS * judged.excess_error_s
    lowest = max(_LOWEST_S, min(-75.0, judged.excess_s - reach_s - 40.0, float(low.min()) - 30.0))
    upper_s = max(float(high.max()) + 30.0, judged.excess_s + reach_s + 40.0, 300.0)
    axes.set_xlim(speeds[0] - 0.1, speeds[-1] + 0.6)  # room for the band's ends in words
    axes.set_ylim(lowest, min(_HIGHEST_S, upper_s))
    axes.axhspan(lowest, 0.0, facecolor="none", edgecolor="#b8bfc6", hatch="////", zorder=0)
    axes.axhline(0.0, color=_INK, linewidth=1.4, zorder=2)
    for flight in band.flights:
        _mark(axes, flight, judged, band)
    paper: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 2.0}
    beneath = (sum(axes.get_xlim()) / 2.0, 0.72 * lowest)
    said: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 3}
    axes.text(*beneath, "less than falling alone takes", bbox=paper, **said)
    _mark_claim(axes, judged)
    axes.set_xlabel("speed with which the arc leaves the ground, km/s")
    axes.set_ylabel("seconds longer than the engine-free arc")
    axes.spines[["top", "right"]].set_visible(False)


def _like(judged: JudgedClaim, speed_m_s: float) -> kepler.Arc:
    """An arc as steep as the claim's, of another speed: only speed and angle are looked at."""
    return kepler.Arc(
        apogee_m=judged.apogee_m,
        range_m=judged.range_m,
        time_s=judged.arc_time_s,
        speed_m_s=speed_m_s,
        angle_rad=judged.arc_angle_rad,
    )


def _mark(axes: Axes, flight: RealFlight, judged: JudgedClaim, band: BandFile) -> None:
    """A real flight as steep as the claim, unless it is the claim."""
    same = flight.apogee_m == judged.apogee_m and abs(flight.time_s - judged.time_s) < _SAME_S
    arc = kepler.arc(flight.apogee_m, flight.range_m)
    if same or abs(arc.angle_rad - judged.arc_angle_rad) > _LIKE_ANGLE_RAD:
        return
    error_s = flight.time_step_s / math.sqrt(6.0)
    real = judge(Claim(flight.apogee_m, flight.range_m, flight.time_s, time_error_s=error_s), band)
    good = real.verdict == "consistent"
    axes.errorbar(
        real.arc_speed_m_s / 1e3,
        real.excess_s,
        yerr=ALLOWED_SIGMAS * real.excess_error_s,
        fmt="o" if good else "X",
        markersize=5.0 if good else 7.0,
        markerfacecolor=_INK if flight.use == "learn" or not good else "white",
        markeredgecolor=_INK,
        ecolor=_INK,
        elinewidth=0.7,
        zorder=5,
    )


def _mark_claim(axes: Axes, judged: JudgedClaim) -> None:
    """The claim, the band's ends at its speed, and its words; at the edge if it lies beyond."""
    lowest, highest = axes.get_ylim()
    x = judged.arc_speed_m_s / 1e3
    y = min(max(judged.excess_s, lowest + 14.0), highest - 14.0)
    beyond = y != judged.excess_s
    ends = (judged.shortest_s, judged.longest_s)
    axes.plot((x, x), ends, color=_CLAIM, linewidth=1.4, marker="_", markersize=9, zorder=4)
    axes.errorbar(
        x,
        y,
        yerr=None if beyond else ALLOWED_SIGMAS * judged.excess_error_s,
        fmt=("^" if judged.excess_s > 0.0 else "v") if beyond else "D",
        markersize=11,
        markerfacecolor=_CLAIM,
        markeredgecolor="white",
        markeredgewidth=1.4,
        ecolor=_CLAIM,
        elinewidth=1.6,
        zorder=8,
    )
    left = x > sum(axes.get_xlim()) / 2.0
    said: dict[str, Any] = {"textcoords": "offset points", "color": _CLAIM, "va": "center"}
    paper: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.85}
    for end_s in ends:
        away, side = ((9, 0), "left") if left else ((-9, 0), "right")
        end = f"{end_s:,.0f} s".replace("-", "−")
        axes.annotate(end, (x, end_s), away, ha=side, size=8, bbox=paper, zorder=7, **said)
    claim = f"this claim: {judged.excess_s:+,.0f} s".replace("-", "−")
    away, at = (14, 0), x
    if left:  # at the axis, so that it hides no flight
        at = axes.get_xlim()[0]
        axes.plot((at, x), (y, y), color=_CLAIM, linewidth=0.8, zorder=4)
        away = (5, 0)
    axes.annotate(claim, (at, y), away, ha="left", weight="bold", bbox=paper, zorder=7, **said)
