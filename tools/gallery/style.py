"""One look for every picture: paper, inks, a headline that states the finding, and its sources.

Colours are those of M. Okabe and K. Ito (2008), which colour-blind readers tell apart; lines differ
in their dashes too, so that a print in grey can be read. Letters stay letters in the SVG, in the
reader's own sans-serif; they are laid out by DejaVu Sans, which comes with matplotlib and is wider
than most. The same input gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

SIZE_IN = (8.6, 5.9)

PAPER, INK, QUIET, FAINT = "#fdfcf8", "#1c2733", "#59646e", "#dcdedb"
ORANGE, SKY, GREEN, BLUE = "#e69f00", "#56b4e9", "#009e73", "#0072b2"
VERMILION, PURPLE = "#d55e00", "#cc79a7"
CLOUD = "#c9d2d9"

SOLID, DASHED, DOTTED = "solid", (0, (5, 2)), (0, (1.2, 1.6))
DASH_DOTTED = (0, (6, 1.8, 1.2, 1.8))

_LOOK: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "forewarn",
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Segoe UI", "Helvetica Neue", "sans-serif"],
    "font.size": 9.0,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.labelsize": 9.0,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.major.size": 3.0,
    "ytick.major.size": 3.0,
    "xtick.minor.size": 0.0,
    "ytick.minor.size": 0.0,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "hatch.linewidth": 0.8,
    "patch.linewidth": 0.8,
}


def svg(draw: Callable[[Figure], None]) -> bytes:
    """Return the SVG of what ``draw`` puts on an empty figure, whatever the user's own style is."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_LOOK)
        figure = Figure(figsize=SIZE_IN)
        canvas = FigureCanvasSVG(figure)
        draw(figure)
        page = io.BytesIO()
        about = {"Date": None, "Creator": "forewarn, tools.gallery"}
        canvas.print_figure(page, format="svg", metadata=about)
    lines = page.getvalue().decode().splitlines()
    return ("\n".join(line.rstrip() for line in lines) + "\n").encode()


def headline(figure: Figure, finding: str, detail: str, source: str) -> None:
    """Write over a picture what it shows and of what, and at its foot the sources."""
    figure.text(0.035, 0.965, finding, size=12.5, weight="bold", va="top", linespacing=1.25)
    lines = 1 + finding.count("\n")
    top = 0.958 - 0.044 * lines
    figure.text(0.035, top, detail, size=9.0, color=QUIET, va="top", linespacing=1.35)
    figure.text(0.035, 0.022, source, size=7.6, color=QUIET, va="bottom", linespacing=1.35)


def subhead(figure: Figure, left: float, words: str, height: float = 0.765) -> None:
    """Write over a part of the picture that has no axes to carry a title."""
    figure.text(left, height, words, size=9.5, weight="bold", va="center")


def panel(figure: Figure, box: tuple[float, float, float, float], title: str = "") -> Axes:
    """Add axes at left, bottom, width, height, each a share of the figure."""
    axes = figure.add_axes(box)
    axes.set_title(title, pad=7.0)
    return axes


def label(
    axes: Axes,
    x: float,
    y: float,
    words: str,
    color: str = INK,
    **look: Any,  # noqa: ANN401
) -> None:
    """Write beside a line or a mark, on a halo of paper so that grids do not cross the letters."""
    text = axes.text(x, y, words, color=color, **({"size": 8.5, "linespacing": 1.2} | look))
    text.set_bbox({"facecolor": PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.85})


def leader(
    axes: Axes,
    words: str,
    words_at: tuple[float, float],
    end: tuple[float, float],
    **look: Any,  # noqa: ANN401
) -> None:
    """Write words at a place and lead a thin line from them to what they speak of."""
    for name, value in {"size": 8.5, "ha": "right", "va": "center", "color": INK}.items():
        look.setdefault(name, value)
    line = {"arrowstyle": "-", "lw": 0.8, "color": look["color"], "shrinkA": 1.0, "shrinkB": 2.0}
    axes.annotate(words, end, xytext=words_at, arrowprops=line, **look)
