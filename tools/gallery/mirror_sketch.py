"""Side view of one mirror in a cloud top: light in, light out, and the tilt that it takes."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from forewarn.sensors.glint import GlintGeometry
from tools.gallery import style


def draw(
    axes: Axes, side: GlintGeometry, sun_elevation_rad: float, satellite_elevation_rad: float
) -> None:
    """Draw Sun, facet and satellite to angle, not to scale; ``side`` is of one satellite (1,)."""
    turn, tilt, apart = (float(angle[0]) for angle in side)
    sun, up = np.pi - sun_elevation_rad, satellite_elevation_rad
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set(xlim=(-1.12, 1.2), ylim=(-0.42, 1.15))
    _deck(axes, tilt)
    for angle, color, inward in ((sun, style.ORANGE, True), (up, style.BLUE, False)):
        end = (1.08 * np.cos(angle), 1.08 * np.sin(angle))
        tail, head = (end, (0.0, 0.0)) if inward else ((0.0, 0.0), end)
        arrow = {"arrowstyle": "-|>", "color": color, "lw": 2.4, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", head, tail, arrowprops=arrow)
    axes.plot([0, 0], [0, 0.98], color=style.QUIET, ls=style.DOTTED, lw=1.2)
    axes.plot([0, 0.9 * np.sin(tilt)], [0, 0.9 * np.cos(tilt)], color=style.INK, lw=1.2)
    axes.plot([-0.95, 1.12], [0, 0], color=style.QUIET, lw=0.7)
    facet = 0.17 * np.array([np.cos(tilt), -np.sin(tilt)])
    axes.plot(*np.column_stack((-facet, facet)), color=style.INK, lw=4)
    _angle(axes, 0.52, (sun, np.pi), style.ORANGE)
    _angle(axes, 0.78, (0.0, up), style.BLUE)
    _angle(axes, 0.66, (0.5 * np.pi - tilt, 0.5 * np.pi), style.INK)
    axes.plot(1.17 * np.cos(sun), 1.17 * np.sin(sun), "o", ms=17, color=style.ORANGE)
    axes.plot(1.14 * np.cos(up), 1.14 * np.sin(up), "s", ms=7, color=style.BLUE)
    d = np.degrees
    axes.text(-0.56, 0.17, f"Sun\n{d(-sun + np.pi):.1f}° up", ha="right", size=8.5)
    axes.text(1.2, 0.3, f"satellite\n{d(up):.1f}° up", ha="right", size=8.5)
    axes.text(0.26, 0.70, f"upright of the facet\n{d(tilt):.1f}° off the vertical", size=8.5)
    axes.text(0.17, 0.40, f"light turned by {d(turn):.0f}°", size=8.5, color=style.QUIET)
    words = f"cloud top; the two rays' upright planes are {d(apart):.1f}° apart"
    axes.text(0.04, -0.2, words, size=8.5, ha="center", va="center")
    axes.text(-1.1, -0.36, "south", size=8.5, color=style.QUIET)
    axes.text(1.18, -0.36, "north", size=8.5, color=style.QUIET, ha="right")


def _deck(axes: Axes, tilt_rad: float) -> None:
    """A cloud top whose waves are as steep as the facet in the middle."""
    x = np.linspace(-1.12, 1.2, 241)
    y = -np.tan(tilt_rad) * np.sin(9.0 * x) / 9.0 - 0.012 * (1.0 - np.cos(27.0 * x))
    axes.fill_between(x, y, -0.28, color=style.CLOUD, lw=0)
    axes.plot(x, y, color=style.QUIET, lw=0.9)


def _angle(axes: Axes, radius: float, ends_rad: tuple[float, float], color: str) -> None:
    turn = np.linspace(*ends_rad, 30)
    axes.plot(radius * np.cos(turn), radius * np.sin(turn), color=color, lw=1.1)
