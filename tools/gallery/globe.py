"""The Earth seen from far above a place: land, outline, and where places come to lie."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from forewarn.frames import enu_axes
from forewarn.studies.report_coastline import load_coastline
from tools.gallery import style

Array = NDArray[np.float64]

_SEA, _LAND = "#eef3f6", "#dfe3dc"
_SMALLEST_DEG, _STEP_DEG = 1.0, 0.35


class Globe:
    """Orthographic projection: the Earth's radius is 1, the middle of the picture (0, 0)."""

    def __init__(self, latitude_rad: float, longitude_rad: float) -> None:
        self._axes = enu_axes(latitude_rad, longitude_rad)

    def project(self, latitude_rad: Array, longitude_rad: Array) -> tuple[Array, Array, Array]:
        """Return x, y of places of any shape, and the height over the limb: negative is hidden."""
        level = np.cos(latitude_rad)
        outward = np.stack(
            (level * np.cos(longitude_rad), level * np.sin(longitude_rad), np.sin(latitude_rad)),
            axis=-1,
        )
        x, y, z = np.moveaxis(outward @ self._axes.T, -1, 0)
        return x, y, z

    def draw(self, axes: Axes) -> None:
        """Put sea, land, a graticule and the outline on axes, which lose their frame."""
        axes.set_aspect("equal")
        axes.set_axis_off()
        axes.set(xlim=(-1.03, 1.03), ylim=(-1.03, 1.03))
        axes.add_patch(Circle((0.0, 0.0), 1.0, facecolor=_SEA, edgecolor="none", zorder=0))
        for ring in load_coastline():
            self._draw_land(axes, np.radians(ring))
        along = np.radians(np.linspace(-180.0, 180.0, 121))
        for parallel in np.radians(np.arange(0.0, 81.0, 20.0)):
            self.line(axes, np.full_like(along, parallel), along, color="w", lw=0.6, zorder=1.2)
        for meridian in np.radians(np.arange(-180.0, 180.0, 30.0)):
            up = np.linspace(0.0, np.radians(80.0), 41)
            self.line(axes, up, np.full_like(up, meridian), color="w", lw=0.6, zorder=1.2)
        axes.add_patch(Circle((0.0, 0.0), 1.0, facecolor="none", edgecolor=style.QUIET, lw=0.9))

    def line(
        self,
        axes: Axes,
        latitude_rad: Array,
        longitude_rad: Array,
        **look: Any,  # noqa: ANN401
    ) -> None:
        """Draw the part of a line on the ground that is not behind the limb."""
        x, y, z = self.project(latitude_rad, longitude_rad)
        hidden = z < 0.0
        axes.plot(np.where(hidden, np.nan, x), np.where(hidden, np.nan, y), **look)

    def frame(
        self,
        axes: Axes,
        south_north: Array,
        west_east: Array,
        **look: Any,  # noqa: ANN401
    ) -> None:
        """Outline what lies between two latitudes and two longitudes [rad]."""
        side = np.linspace(0.0, 1.0, 20)
        up, across = (lo + (hi - lo) * side for lo, hi in (south_north, west_east))
        south, north = np.full(20, up[0]), np.full(20, up[-1])
        west, east = np.full(20, across[0]), np.full(20, across[-1])
        latitude = np.concatenate((up, north, up[::-1], south))
        self.line(axes, latitude, np.concatenate((west, across, east, across[::-1])), **look)

    def mark(
        self,
        axes: Axes,
        place_rad: tuple[float, float],
        words: str,
        offset: tuple[float, float],
        color: str,
    ) -> None:
        """Put a dot on a place and words beside it, right or left as the offset goes."""
        x, y, _ = (float(c) for c in self.project(*np.array(place_rad)))
        axes.plot(x, y, "o", ms=6, color=color, mec="w", zorder=4)
        side = "left" if offset[0] > 0.0 else "right"
        axes.text(x + offset[0], y + offset[1], words, size=8.5, ha=side, va="center", zorder=4)

    def _draw_land(self, axes: Axes, ring: Array) -> None:
        """Fill one ring of (longitude, latitude); what is hidden runs along the limb."""
        if np.ptp(ring[:, 1]) < np.radians(_SMALLEST_DEG):
            return
        x, y, z = self.project(ring[:, 1], ring[:, 0])
        if np.all(z < 0.0):
            return
        outside = np.where(z < 0.0, np.hypot(x, y), 1.0)
        points = np.column_stack((x, y)) / outside[:, None]
        kept = _thinned(points, np.radians(_STEP_DEG))
        land = PathPatch(Path(kept, closed=False), facecolor=_LAND, edgecolor="#aeb6b0", lw=0.4)
        land.set_zorder(1.0)
        axes.add_patch(land)


def _thinned(points: Array, step: float) -> Array:
    """Points of a ring at least a step apart, closed."""
    kept = [points[0]]
    for point in points[1:]:
        if np.hypot(*(point - kept[-1])) >= step:
            kept.append(point)
    return np.array([*kept, points[0]])
