"""The sounding rocket of January 1995 over the fan of a radar: seen, lost upwards, seen again.

The flight is an ellipse without engines, from the published apogee and the range to where it came
down; the real one climbed slower and was about a minute later everywhere.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from forewarn.earth import GRAVITATIONAL_PARAMETER_M3_S2, MEAN_RADIUS_M
from forewarn.frames import ecef_from_geodetic, range_azimuth_elevation, surface_destination_rad
from tools.gallery import style

Array = NDArray[np.float64]

LAUNCH_RAD = (math.radians(69.294), math.radians(16.021))  # Andøya
RADAR = {  # Olenegorsk
    "latitude_rad": math.radians(68.1141),
    "longitude_rad": math.radians(33.9102),
    "height_m": 200.0,
}
APOGEE_M, GROUND_RANGE_M, AZIMUTH_RAD = 1_453e3, 1_100e3, math.radians(355.0)
FAN_ELEVATION_RAD = (math.radians(5.5), math.radians(34.5))
FAN_AZIMUTH_RAD = (math.radians(280.0), math.radians(340.0))


class Numbers(NamedTuple):
    """The flight second by second (n,), as the radar sees it, and the seconds it is in the fan.

    ``crossings_s`` (4,) are: into the fan from below, out of its top, into its top, out below.
    """

    time_s: Array
    height_m: Array
    range_m: Array
    azimuth_rad: Array
    elevation_rad: Array
    in_fan: NDArray[np.bool_]
    crossings_s: Array


def numbers() -> Numbers:
    """Kepler's ellipse on a sphere that stands still, seen from the radar."""
    time_s, height_m, along_m = _ellipse()
    looks = []
    for height, along in zip(height_m.tolist(), along_m.tolist(), strict=True):
        under = surface_destination_rad(*LAUNCH_RAD, AZIMUTH_RAD, along)
        looks.append(range_azimuth_elevation(ecef_from_geodetic(*under, height), **RADAR))
    range_m, azimuth, elevation = np.array(looks).T
    low, high = FAN_ELEVATION_RAD
    west, north = FAN_AZIMUTH_RAD
    in_fan = (elevation >= low) & (elevation <= high) & (azimuth >= west) & (azimuth <= north)
    top = int(np.argmax(elevation))
    rising = np.interp([low, high], elevation[:top], time_s[:top])
    falling = np.interp([-high, -low], -elevation[top:], time_s[top:])
    crossings_s = np.concatenate((rising, falling))
    return Numbers(time_s, height_m, range_m, azimuth, elevation, in_fan, crossings_s)


def _ellipse() -> tuple[Array, Array, Array]:
    """Time [s], height [m] and way along the ground [m] of the ellipse, from ground to ground."""
    half_angle = 0.5 * GROUND_RANGE_M / MEAN_RADIUS_M
    far = MEAN_RADIUS_M + APOGEE_M
    e = (far - MEAN_RADIUS_M) / (far - MEAN_RADIUS_M * math.cos(half_angle))
    a = far / (1.0 + e)
    # The eccentric anomaly on the ground: r = a (1 - e cos E).
    launch = math.acos((1.0 - MEAN_RADIUS_M / a) / e)
    anomaly = np.linspace(launch, 2.0 * math.pi - launch, 4_000)
    mean = anomaly - e * np.sin(anomaly)
    elapsed_s = (mean - mean[0]) * math.sqrt(a**3 / GRAVITATIONAL_PARAMETER_M3_S2)
    time_s = np.arange(0.0, math.floor(elapsed_s[-1]) + 1.0)
    anomaly = np.interp(time_s, elapsed_s, anomaly)
    true = 2.0 * np.arctan(math.sqrt((1.0 + e) / (1.0 - e)) * np.tan(0.5 * anomaly))
    along_m = MEAN_RADIUS_M * (true % (2.0 * math.pi) - (math.pi - half_angle))
    return time_s, a * (1.0 - e * np.cos(anomaly)) - MEAN_RADIUS_M, along_m


def draw(figure: Figure) -> None:
    """Elevation by time on the left, the radar's sky on the right."""
    found = numbers()
    _, lost_s, again_s, _ = found.crossings_s / 60.0
    style.headline(
        figure,
        f"25 January 1995: the radar's fan lost the rocket after {lost_s:.1f} minutes, upwards,"
        f"\nand had it back only at {again_s:.0f} minutes",
        "Black Brant XII from Andøya, as a fan of 5.5 to 34.5° at Olenegorsk could see it. The arc"
        " up to its loss had to tell\na flight away, to Spitsbergen, from one towards Russia.",
        "Apogee of 1,453 km, fall near Spitsbergen: press of 1995. Fan: open catalogue of sensors"
        " after russianforces.org. The arc is an ellipse without\nengines, 1,100 km towards 355°;"
        " the real rocket came about a minute later.  Drawn by tools/gallery/radar_window_1995.py.",
    )
    _by_time(style.panel(figure, (0.085, 0.165, 0.47, 0.575), "Elevation by time"), found)
    _sky(style.panel(figure, (0.645, 0.165, 0.33, 0.575), "In the radar's sky"), found)


def _track(axes: Axes, found: Numbers, x: Array) -> None:
    """Draw elevation by x: a thick line where the fan holds the rocket, a thin one elsewhere."""
    elevation_deg = np.degrees(found.elevation_rad)
    axes.plot(x, elevation_deg, color=style.INK, lw=1.3, ls=style.DOTTED)
    axes.plot(x, np.where(found.in_fan, elevation_deg, np.nan), color=style.BLUE, lw=3)
    _, lost, again, _ = found.crossings_s.round().astype(int)
    for at, color in ((lost, style.VERMILION), (again, style.GREEN)):
        axes.plot(x[at], elevation_deg[at], "o", ms=7, color=color, mec="w", zorder=3)
    axes.set(ylim=(0.0, 66.0))
    axes.set_yticks([0, 5.5, 20, 34.5, 50], ["0°", "5.5°", "20°", "34.5°", "50°"])


def _by_time(axes: Axes, found: Numbers) -> None:
    minutes = found.time_s / 60.0
    axes.axhspan(*np.degrees(FAN_ELEVATION_RAD), color=style.SKY, alpha=0.22, lw=0)
    _track(axes, found, minutes)
    begin, lost, again, end = found.crossings_s / 60.0
    style.label(axes, lost - 0.3, 36.2, f"lost\n{lost:.1f} min", style.VERMILION, ha="right")
    style.label(axes, again + 0.3, 36.2, f"regained\n{again:.1f} min", style.GREEN)
    top = float(np.degrees(found.elevation_rad.max()))
    axes.text(0.5 * (lost + again), top + 1.5, f"at most {top:.0f}° up", size=8.5, ha="center")
    spans = ((begin, lost, "in sight"), (lost, again, "above the fan"), (again, end, "in sight"))
    for left, right, words in spans:
        arrow = {"arrowstyle": "<->", "color": style.QUIET, "lw": 0.9, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", (left, 57.0), (right, 57.0), arrowprops=arrow)
        words = f"{words}\n{right - left:.1f} min"
        axes.text(0.5 * (left + right), 58.5, words, ha="center", size=8.5, linespacing=1.2)
    for x in (begin, lost, again, end):
        axes.plot([x, x], [5.5, 58.0], color=style.QUIET, lw=0.5, zorder=0)
    axes.text(12, 22, "the radar's fan", size=8.5, ha="right", color=style.BLUE)
    axes.set(xlim=(-0.6, 22.0), xlabel="minutes after launch")


def _sky(axes: Axes, found: Numbers) -> None:
    west, north = np.degrees(FAN_AZIMUTH_RAD)
    low, high = np.degrees(FAN_ELEVATION_RAD)
    axes.fill_between([west, north], low, high, color=style.SKY, alpha=0.22, lw=0)
    azimuth_deg = np.degrees(found.azimuth_rad)
    _track(axes, found, azimuth_deg)
    for minute in (1, 4, 8, 12, 16, 20):
        at = (azimuth_deg[60 * minute], np.degrees(found.elevation_rad[60 * minute]))
        axes.plot(*at, "o", ms=3.5, color=style.INK, zorder=3)
        side, away = ("left", 1.8) if minute < 12 else ("right", -1.8)
        axes.text(at[0] + away, at[1] - 2.2, f"{minute}", size=8.5, ha=side)
    axes.text(297, 7.0, "minutes beside the track", size=8.5, color=style.QUIET)
    axes.set(xlim=(275, 345), xlabel="azimuth from Olenegorsk")
    axes.set_xticks([280, 300, 320, 340], ["280°", "300°", "320°", "340°"])
