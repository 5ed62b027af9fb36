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
NOISE_RAD = 1.7e-3  # a beam of 2.2 degrees at 20 dB: theta / (1.6 sqrt(2 SNR))

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
    bending_rad, delay_m, left_rad, left_m = (np.array(column) for column in zip(*rows, strict=True))
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
    at = float(np.interp(np.radians(3.0), found.elevation_rad, found.bending_rad[1]))
    left = float(np.interp(np.radians(3.0), found.elevation_rad, found.left_rad[1]))
    style.headline(
        figure,
        f"At 3° the air lifts a target by {1e3 * at:.1f} mrad, {1e-6 * at * RANGE_M * 1e3:.0f} km"
        f" at 3,000 km: far more than\nnoise. A fair correction leaves {1e3 * left:.1f} mrad",
        "Full lines: what air and ionosphere add. Broken lines: what is left after a correction"
        " that takes the air to be 5 % thinner\nand the ionosphere 20 % thinner than it is.",
        "Air: ITU-R P.453 reference atmosphere, 5 % above it. Ionosphere: a Chapman layer at 350 km"
        " with 50 electron units (TECU), 40.3 N/f²;\nheight and content of the layer are those of"
        " a usual day, soft. Rays are traced.  Drawn by tools/gallery/refraction.py.",
    )
    bending = style.panel(figure, (0.085, 0.165, 0.40, 0.575), "Too high by")
    _rows(bending, found, 1e3 * found.bending_rad, 1e3 * found.left_rad, 1e3 * found.air_bending_rad)
    delay = style.panel(figure, (0.575, 0.165, 0.40, 0.575), "Too far by")
    _rows(delay, found, found.delay_m, found.left_m, found.air_delay_m)


def _rows(axes: Axes, found: Numbers, before: Array, after: Array, air: Array) -> None:
    elevation_deg = np.degrees(found.elevation_rad)
    for (_, color), b, a in zip(_LINES.values(), before, after, strict=True):
        axes.plot(elevation_deg, b, color=color)
        axes.plot(elevation_deg, a, color=color, ls=style.DASHED, lw=1.4)
    axes.plot(elevation_deg, air, color=style.INK, lw=1.0, ls=style.DOTTED)
    axes.set(xscale="log", yscale="log", xlim=(1.0, 60.0))
