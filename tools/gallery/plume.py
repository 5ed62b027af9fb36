"""Brightness of a plume by altitude: at its source, and as it leaves the air."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from forewarn.sensors.plume import plume_intensity_w_sr
from forewarn.sensors.transmission import CARBON_DIOXIDE_BAND, WATER_BAND, band_transmission
from tools.gallery import style

Array = NDArray[np.float64]

ELEVATIONS_RAD = np.radians([90.0, 20.0, 5.0])
CLOUD_TOP_M = 7_000.0
TROUGH_M = (70_000.0, 90_000.0)

_DASHES = (style.SOLID, style.DASHED, style.DOTTED)


class Numbers(NamedTuple):
    """Heights (n,) [m], and shares of the full brightness at the source (n,) and outside the air.

    ``water`` and ``carbon_dioxide`` (3, n) are shares of the full brightness that leave the air in
    the two bands, one row for each of `ELEVATIONS_RAD`.
    """

    height_m: Array
    source: Array
    water: Array
    carbon_dioxide: Array

    def height_of_half_m(self, band: Array) -> Array:
        """Heights [m] at which half of the light that a row ends up with at 40 km gets out."""
        rising = self.height_m < 40e3
        return np.array(
            [np.interp(0.5, r[rising] / r[rising][-1], self.height_m[rising]) for r in band]
        )


def numbers() -> Numbers:
    """A plume at full throttle, seen broadside, from the ground to 130 km."""
    height_m = np.arange(0.0, 130e3 + 1.0, 250.0)
    source = plume_intensity_w_sr(1.0, height_m)
    sines = np.sin(ELEVATIONS_RAD)[:, None]
    return Numbers(
        height_m=height_m,
        source=source,
        water=source * band_transmission(height_m, sines, WATER_BAND),
        carbon_dioxide=source * band_transmission(height_m, sines, CARBON_DIOXIDE_BAND),
    )


def draw(figure: Figure) -> None:
    """The whole climb on the left, the lowest 40 km in both bands on the right."""
    found = numbers()
    least = float(found.source[found.height_m > 40e3].min())
    half_km = 1e-3 * found.height_of_half_m(found.water)
    style.headline(
        figure,
        f"A plume comes out of the air at {half_km[0]:.0f} to {half_km[-1]:.0f} km, the lower the"
        f" satellite the later,\nand dims to {least:.0%} near 80 km before it recovers",
        "In-band brightness at full throttle, as a share of the brightness in space; ° up is where"
        " the satellite stands.\nThe regimes are published, the numbers notional: they stand for no"
        " real vehicle.",
        "Trough at 70 to 90 km: G. Forden on two released satellite images. Regimes: F. S. Simmons,"
        " Rocket Exhaust Plume Phenomenology (2000).\nAir: one optical depth and scale height a"
        " gas, air mass of Kasten and Young (1989).  Drawn by tools/gallery/plume.py.",
    )
    _whole(style.panel(figure, (0.085, 0.165, 0.40, 0.585), "From the ground to space"), found)
    _lowest(style.panel(figure, (0.575, 0.165, 0.40, 0.585), "The lowest 40 km, two bands"), found)


def _whole(axes: Axes, found: Numbers) -> None:
    height_km = 1e-3 * found.height_m
    axes.axhspan(*(1e-3 * h for h in TROUGH_M), color=style.ORANGE, alpha=0.16, lw=0)
    _cloud(axes, 2.9)
    for row, dash in zip(found.water, _DASHES, strict=True):
        axes.plot(row, height_km, color=style.BLUE, ls=dash)
    axes.plot(found.source, height_km, color=style.INK, lw=2.4)
    style.leader(axes, "at the source", (0.52, 55.0), (0.985, 48.0))
    style.leader(axes, "seen from space,\n2.7 µm", (0.42, 34.0), (0.93, 22.4), color=style.BLUE)
    axes.text(1.015, 80.0, "trough", ha="right", va="center", size=8.5)
    _share_by_height(axes, 130.0)


def _lowest(axes: Axes, found: Numbers) -> None:
    height_km = 1e-3 * found.height_m
    _cloud(axes, 1.5)
    axes.plot(found.source, height_km, color=style.INK, lw=2.4)
    for band, color in ((found.water, style.BLUE), (found.carbon_dioxide, style.VERMILION)):
        for elevation_rad, row, dash in zip(ELEVATIONS_RAD, band, _DASHES, strict=True):
            axes.plot(row, height_km, color=color, ls=dash)
            at = float(np.interp(0.28, row, height_km))
            words = f"{np.degrees(elevation_rad):.0f}° up"
            style.label(axes, 0.28, at, words, color, ha="center", va="center")
    style.label(axes, 0.56, 15.8, "2.7 µm", style.BLUE, weight="bold", va="center", ha="center")
    style.label(axes, 0.50, 25.8, "4.3 µm", style.VERMILION, weight="bold", va="center")
    style.label(axes, 0.60, 4.0, "at the source", ha="right", va="center")
    _share_by_height(axes, 40.0)


def _cloud(axes: Axes, words_km: float) -> None:
    axes.axhspan(0.0, 1e-3 * CLOUD_TOP_M, color=style.CLOUD, alpha=0.75, lw=0)
    axes.text(1.015, words_km, "cloud up to 7 km", ha="right", va="center", size=8.5)


def _share_by_height(axes: Axes, top_km: float) -> None:
    axes.set(xlim=(0.0, 1.04), ylim=(0.0, top_km), ylabel="altitude, km")
    axes.set_xlabel("share of full brightness")
