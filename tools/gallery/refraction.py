"""Bending and delay of a radar's rays by elevation, before and after a correction."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from forewarn.sensors.refraction import SEA_LEVEL_REFRACTIVITY, atmosphere, residual
from tools.gallery import style

Array = NDArray[np.float64]

RANGE_M = 3_000e3
TRUE_AIR_FACTOR = 1.05  # how far surface refractivity strays from its mean over a day, soft
TRUE_ELECTRONS_PER_M2, ASSUMED_ELECTRONS_PER_M2 = 50e16, 40e16
NOISE_RAD = np.radians(2.2) / (1.6 * np.sqrt(2.0 * 100.0))  # beam of 2.2 degrees at 20 dB

_LINES = {
    150e6: ("150 MHz", style.VERMILION),
    435e6: ("435 MHz", style.BLUE),
    1_300e6: ("1.3 GHz", style.GREEN),
}


class Numbers(NamedTuple):
    """By true elevation (n,) [rad], one row a frequency (3, n): what is added, and what is left.

    ``air_bending_rad`` and ``air_delay_m`` (n,) are those of air alone.
    """

    elevation_rad: Array
    bending_rad: Array
    delay_m: Array
    left_rad: Array
    left_m: Array
    air_bending_rad: Array
    air_delay_m: Array


def numbers() -> Numbers:
    """A point 3,000 km off, seen through a sky that the radar's correction knows imperfectly."""
    elevation_rad = np.radians(np.geomspace(1.0, 60.0, 90))
    refractivity = TRUE_AIR_FACTOR * SEA_LEVEL_REFRACTIVITY
    rows: list[tuple[Array, ...]] = []
    for frequency_hz in _LINES:
        sky = atmosphere(frequency_hz, 0.0, refractivity, TRUE_ELECTRONS_PER_M2)
        assumed = atmosphere(frequency_hz, 0.0, None, ASSUMED_ELECTRONS_PER_M2)
        seen_rad, seen_m = sky.apparent_from_true(elevation_rad, RANGE_M)
        left_rad, left_m = residual(sky, assumed, elevation_rad, RANGE_M)
        rows.append((seen_rad - elevation_rad, seen_m - RANGE_M, np.abs(left_rad), np.abs(left_m)))
    air = sky.air
    bending_rad, delay_m, left_rad, left_m = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    return Numbers(
        elevation_rad=elevation_rad,
        bending_rad=bending_rad,
        delay_m=delay_m,
        left_rad=left_rad,
        left_m=left_m,
        air_bending_rad=air.bending_rad(elevation_rad + bending_rad[-1], RANGE_M),
        air_delay_m=air.delay_m(elevation_rad + bending_rad[-1], RANGE_M),
    )


def draw(figure: Figure) -> None:
    """Bending on the left, delay on the right."""
    found = numbers()
    at_3 = np.radians(3.0)
    added = float(np.interp(at_3, found.elevation_rad, found.bending_rad[1]))
    left = float(np.interp(at_3, found.elevation_rad, found.left_rad[1]))
    style.headline(
        figure,
        f"At 3° a radar of 435 MHz sees a target {1e3 * added:.1f} mrad too high, which is"
        f" {1e-3 * added * RANGE_M:.0f} km\nat 3,000 km and more than noise; corrected,"
        f" {1e3 * left:.1f} mrad are left",
        "Full lines: what air and ionosphere add, most at the lowest frequency. Broken lines: what"
        " is left by a correction\nthat takes the air to be 5 % thinner and the ionosphere 20 %"
        " thinner than they are.",
        "Air: reference atmosphere of ITU-R P.453, here 5 % denser. Ionosphere: a Chapman layer"
        " 350 km up, 50 TECU, delay 40.3 N/f²; the layer and both"
        "\nerrors are soft. Noise: a beam of 2.2° at 20 dB. Rays are traced as far as 3,000 km."
        "  Drawn by tools/gallery/refraction.py.",
    )
    bending = style.panel(figure, (0.085, 0.165, 0.40, 0.575), "Too high by, mrad")
    mrad = [1e3 * row for row in (found.bending_rad, found.left_rad, found.air_bending_rad)]
    _rows(bending, found.elevation_rad, *mrad)
    bending.axhline(1e3 * NOISE_RAD, color=style.QUIET, lw=0.9)
    style.label(bending, 1.06, 1.85, "noise of one look", style.QUIET)
    bending.set(ylim=(0.005, 20.0))
    bending.set_yticks([0.01, 0.1, 1.0, 10.0], ["0.01", "0.1", "1", "10"])
    delay = style.panel(figure, (0.575, 0.165, 0.40, 0.575), "Too far by, m")
    _rows(delay, found.elevation_rad, found.delay_m, found.left_m, found.air_delay_m)
    delay.set_yticks([1, 10, 100, 1_000], ["1", "10", "100", "1,000"])
    delay.set(ylim=(1.0, 5_000.0))


def _rows(axes: Axes, elevation_rad: Array, before: Array, after: Array, air: Array) -> None:
    elevation_deg = np.degrees(elevation_rad)
    axes.set(xscale="log", yscale="log", xlim=(1.0, 60.0), xlabel="true elevation")
    for (words, color), full, left in zip(_LINES.values(), before, after, strict=True):
        axes.plot(elevation_deg, full, color=color, label=words)
        axes.plot(elevation_deg, left, color=color, ls=style.DASHED, lw=1.4)
    axes.plot(elevation_deg, air, color=style.INK, lw=1.2, ls=style.DOTTED, label="air alone")
    axes.legend(loc="lower left", frameon=False, handlelength=2.4)
    axes.set_xticks([1, 2, 3, 5, 10, 20, 40], [f"{e}°" for e in (1, 2, 3, 5, 10, 20, 40)])
    axes.minorticks_off()
