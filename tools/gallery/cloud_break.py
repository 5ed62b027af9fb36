"""Ten real ascents through a cloud deck, and when a telescope that looks every 10 s sees them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from forewarn.formats.telemetry import load_telemetry
from tools.gallery import style

Array = NDArray[np.float64]

FOLDER = Path(__file__).resolve().parents[2] / "scenarios" / "telemetry"
MISSIONS = {
    "abs-2a": "ABS-2A",
    "crs-10": "CRS-10",
    "echostar-23": "EchoStar 23",
    "formosat-5": "FormoSat-5",
    "intelsat-35e": "Intelsat 35e",
    "iridium-next-4": "Iridium NEXT 4",
    "jcsat-2b": "JCSAT-2B",
    "paz": "Paz",
    "ses-10": "SES-10",
    "thaicom-8": "Thaicom 8",
}
CLOUD_TOP_M = 7_000.0
LOOK_INTERVAL_S = 10.0


class Ascent(NamedTuple):
    """One flight: its name, time [s] and altitude [m] (n,), and when it leaves the cloud [s]."""

    name: str
    time_s: Array
    altitude_m: Array
    break_s: float


def numbers() -> list[Ascent]:
    """The ten ascents, earliest out of the cloud first; times are interpolated between seconds."""
    ascents = []
    for file, name in MISSIONS.items():
        time_s, _, altitude_m = np.array(load_telemetry(FOLDER / f"{file}.csv")).T
        first = int(np.argmax(altitude_m > CLOUD_TOP_M))
        near = slice(first - 1, first + 1)
        break_s = float(np.interp(CLOUD_TOP_M, altitude_m[near], time_s[near]))
        ascents.append(Ascent(name, time_s, altitude_m, break_s))
    return sorted(ascents, key=lambda ascent: ascent.break_s)


def draw(figure: Figure) -> None:
    """Altitude by time on the left; on the right, one row a flight, the windows of two looks."""
    ascents = numbers()
    broke_s = np.array([ascent.break_s for ascent in ascents])
    middle_s = float(np.median(broke_s))
    style.headline(
        figure,
        f"A liquid rocket leaves a 7 km cloud deck {middle_s:.0f} s after lift-off; two looks of a"
        f" slow\ntelescope later, at {middle_s + 10:.0f} to {middle_s + 20:.0f} s, it can be"
        " confirmed",
        f"Ten real Falcon 9 ascents, {broke_s.min():.1f} to {broke_s.max():.1f} s. A telescope that"
        " comes round every 10 s looks at no set moment,\nso a look falls anywhere in its window.",
        "Ascents: webcast numbers collected by shahar603 (Telemetry-Data, Unlicense); altitude in"
        " steps of 0.1 km, time good to about 1 s. Deck of 7 km as in the\nAPS study of boost-phase"
        " defence (2003). A look every 10 s is notional.  Drawn by tools/gallery/cloud_break.py.",
    )
    _climb(style.panel(figure, (0.085, 0.165, 0.41, 0.59), "Altitude"), ascents, middle_s)
    _looks(style.panel(figure, (0.655, 0.165, 0.32, 0.59), "Windows of the looks"), ascents)


def _climb(axes: Axes, ascents: list[Ascent], middle_s: float) -> None:
    for i in range(14):  # a deck with a soft underside
        top_km = 1e-3 * CLOUD_TOP_M
        axes.axhspan(3.5 + 0.25 * i, top_km, color=style.CLOUD, alpha=0.09, lw=0)
    axes.axhline(1e-3 * CLOUD_TOP_M, color=style.QUIET, lw=0.8)
    for ascent in ascents:
        axes.plot(ascent.time_s, 1e-3 * ascent.altitude_m, color=style.BLUE, lw=1.0, alpha=0.8)
        axes.plot(ascent.break_s, 1e-3 * CLOUD_TOP_M, "o", ms=4, color=style.VERMILION, mec="w")
    axes.plot([middle_s, middle_s], [0.0, 1e-3 * CLOUD_TOP_M], color=style.VERMILION, lw=1.0)
    style.label(axes, middle_s + 1.2, 1.0, f"median {middle_s:.1f} s", style.VERMILION)
    axes.text(2.0, 5.9, "cloud", size=8.5)
    axes.text(2.0, 7.4, "free sight from above", size=8.5, color=style.QUIET)
    axes.set(xlim=(0.0, 90.0), ylim=(0.0, 20.0), ylabel="altitude, km")
    axes.set_yticks([0, 5, 7, 10, 15, 20])
    axes.set_xlabel("seconds after lift-off")


def _looks(axes: Axes, ascents: list[Ascent]) -> None:
    rows = np.arange(len(ascents))
    broke_s = np.array([ascent.break_s for ascent in ascents])
    for begin, color, hatch in ((0.0, style.SKY, ""), (1.0, style.BLUE, "////")):
        left_s = broke_s + begin * LOOK_INTERVAL_S
        axes.barh(rows, LOOK_INTERVAL_S, 0.62, left=left_s, color=color, edgecolor="w", hatch=hatch)
    axes.plot(broke_s, rows, "o", ms=5, color=style.VERMILION, mec="w")
    axes.text(broke_s[0], -1.25, "out of cloud", size=8.5, color=style.VERMILION, ha="center")
    axes.text(broke_s[0] + 5.0, -0.62, "first look", size=8.5, color=style.INK, ha="center")
    axes.text(broke_s[0] + 15.8, -0.62, "second look", size=8.5, color=style.BLUE, ha="center")
    axes.set_yticks(rows, [ascent.name for ascent in ascents])
    axes.set(xlim=(50.0, 90.0), ylim=(len(ascents) - 0.4, -1.7))
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0, labelcolor=style.INK)
    axes.set_xlabel("seconds after lift-off")
