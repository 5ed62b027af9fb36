"""The sun glint of September 1983: Sun, cloud top and satellite in one plane, and who could see it.

The satellite's place is not known to the minute: a published region is drawn, and in the side view
a place in it that sees a missile at 150 km against space, as G. Forden has it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from forewarn.epoch import tai_ns_from_utc_text
from forewarn.frames import (
    EarthOrientation,
    ecef_from_geodetic,
    gcrf_to_ecef_matrix,
    geodetic_from_ecef,
    range_azimuth_elevation,
    sun_gcrf_m,
    surface_destination_rad,
)
from forewarn.sensors.glint import GlintGeometry, glint_geometry, glint_intensity_w_sr
from forewarn.sensors.sight import sine_elevation, unit
from forewarn.sensors.transmission import sunlit_transmission
from tools.gallery import mirror_sketch, style
from tools.gallery.globe import Globe

Array = NDArray[np.float64]

WHEN_UTC = "1983-09-25T20:15:00Z"
FIELDS_RAD = (math.radians(47.505), math.radians(-111.187))  # Malmstrom
CLOUD_TOP_M, AREA_M2, TILT_SIGMA_RAD = 12_000.0, 1e6, math.radians(7.0)
HEIGHT_M = 35_000_000.0
PLACE_RAD = (math.radians(60.0), math.radians(35.0))  # under the satellite of the side view
REGION_RAD = np.radians([[55.0, 63.0], [10.0, 40.0]])  # latitudes, longitudes


class Numbers(NamedTuple):
    """Directions [rad], geometries of the side view and all over the region (9, 9), and a map.

    The map (n, m) is intensity by latitude (n,) and longitude (m,) under a satellite.
    """

    sun_azimuth_rad: float
    sun_elevation_rad: float
    satellite_elevation_rad: float
    subsolar_rad: tuple[float, float]
    side: GlintGeometry
    region: GlintGeometry
    region_w_sr: Array
    latitude_rad: Array
    longitude_rad: Array
    intensity_w_sr: Array


def numbers() -> Numbers:
    """Sun from the ephemeris, facets of one square kilometre of ice cloud tilted by 7 degrees."""
    instant = tai_ns_from_utc_text(WHEN_UTC)
    sun_ecef_m = gcrf_to_ecef_matrix(instant, EarthOrientation.from_iers()) @ sun_gcrf_m(instant)
    at_fields = {"latitude_rad": FIELDS_RAD[0], "longitude_rad": FIELDS_RAD[1], "height_m": 1e3}
    _, sun_azimuth, sun_elevation = range_azimuth_elevation(sun_ecef_m, **at_fields)
    satellite = ecef_from_geodetic(*PLACE_RAD, HEIGHT_M)
    _, _, elevation = range_azimuth_elevation(satellite, **at_fields)
    sun = unit(sun_ecef_m)
    over = [np.linspace(low, high, 9) for low, high in REGION_RAD]
    region, region_w_sr = _seen_from(_places(*over), sun)
    latitude, longitude = np.radians(np.arange(91.0)), np.radians(np.arange(-180.0, 181.0, 2.0))
    return Numbers(
        sun_azimuth_rad=sun_azimuth,
        sun_elevation_rad=sun_elevation,
        satellite_elevation_rad=elevation,
        subsolar_rad=geodetic_from_ecef(sun_ecef_m)[:2],
        side=_seen_from(satellite[None, :], sun)[0],
        region=region,
        region_w_sr=region_w_sr,
        latitude_rad=latitude,
        longitude_rad=longitude,
        intensity_w_sr=_seen_from(_places(latitude, longitude), sun)[1],
    )


def _places(latitude_rad: Array, longitude_rad: Array) -> Array:
    """Positions (n, m, 3) of satellites over a grid of latitudes (n,) and longitudes (m,)."""
    return np.array(
        [[ecef_from_geodetic(a, b, HEIGHT_M) for b in longitude_rad] for a in latitude_rad]
    )


def _seen_from(satellites_ecef_m: Array, sun: Array) -> tuple[GlintGeometry, Array]:
    """Geometry and intensity [W/sr] of the cloud top's glint towards satellites (..., 3)."""
    cloud = np.broadcast_to(ecef_from_geodetic(*FIELDS_RAD, CLOUD_TOP_M), satellites_ecef_m.shape)
    geometry = glint_geometry(cloud, sun, satellites_ecef_m)
    up = sine_elevation(cloud, satellites_ecef_m)
    sun_up = sine_elevation(cloud, cloud + 1e11 * sun)
    through = sunlit_transmission(np.array(CLOUD_TOP_M), sun_up, np.maximum(up, 0.0))
    return geometry, glint_intensity_w_sr(geometry, AREA_M2, TILT_SIGMA_RAD, transmission=through)


def draw(figure: Figure) -> None:
    """The plane of Sun, cloud and satellite on the left; on the right who sees how much light."""
    found = numbers()
    tilt = np.degrees(found.region.facet_tilt_rad)
    least, most = (1e3 * round(1e-3 * f(found.region_w_sr)) for f in (np.min, np.max))
    style.headline(
        figure,
        f"25 September 1983: facets tilted {tilt.min():.0f} to {tilt.max():.0f}° in a cloud top"
        " mirrored the Sun\ninto the satellite that watched the missile fields",
        f"Malmstrom, 20:15 UTC. Not dusk: the Sun stood {np.degrees(found.sun_elevation_rad):.0f}°"
        " up, and the satellite low in the opposite direction.\nOne square kilometre of ice cloud"
        f" sent it {least:,.0f} to {most:,.0f} W/sr, as much as an upper stage.",
        "Time, place and region: PBS and G. Forden on Cosmos 1382, whose place in the region is not"
        " known to the minute. Sun: ERFA. Notional: cloud top at\n12 km, facets tilted 7° (one"
        " sigma), satellite 35,000 km up, band at 2.7 µm.  Drawn by tools/gallery/glint_1983.py.",
    )
    style.subhead(figure, 0.035, "In the plane of the Sun")
    sketch = style.panel(figure, (0.02, 0.115, 0.47, 0.60))
    mirror_sketch.draw(sketch, found.side, found.sun_elevation_rad, found.satellite_elevation_rad)
    style.subhead(figure, 0.515, "Glint towards a satellite over a place")
    _map(style.panel(figure, (0.505, 0.095, 0.48, 0.635)), found)


def _map(axes: Axes, found: Numbers) -> None:
    globe = Globe(*np.radians([58.0, -66.0]))
    globe.draw(axes)
    x, y, z = globe.project(*np.meshgrid(found.latitude_rad, found.longitude_rad, indexing="ij"))
    light = np.ma.masked_where(z < 0.0, np.log10(np.maximum(found.intensity_w_sr, 1.0)))
    axes.contourf(x, y, light, np.arange(3.0, 5.6, 0.5), cmap="YlOrBr", alpha=0.72, zorder=1.5)
    axes.contour(x, y, light, [3.0, 4.0, 5.0], colors=[style.INK], linewidths=0.8, zorder=1.6)
    column = int(np.argmax(found.longitude_rad >= np.radians(-40.0)))
    for power, words in ((5.0, "100,000 W/sr"), (4.0, "10,000"), (3.0, "1,000")):
        row = int(np.argmax(light[:, column] >= power))
        at = (x[row, column], y[row, column] - 0.012)
        axes.text(*at, words, size=8.0, ha="center", va="top", zorder=3)
    for turn in (0.0, np.pi):
        way = [
            surface_destination_rad(*FIELDS_RAD, found.sun_azimuth_rad + turn, distance_m)
            for distance_m in np.linspace(0.0, 8.2e6, 60)
        ]
        globe.line(axes, *np.array(way).T, color=style.INK, lw=1.0, ls=style.DASHED, zorder=2)
    globe.frame(axes, *REGION_RAD, color=style.BLUE, lw=1.8, zorder=3)
    globe.mark(axes, FIELDS_RAD, "Malmstrom", (-0.05, 0.03), style.VERMILION)
    globe.mark(axes, found.subsolar_rad, "Sun overhead", (0.05, -0.06), style.ORANGE)
    x, y, _ = globe.project(REGION_RAD[0, 0], REGION_RAD[1, 1])
    words, at = "watching satellites\nstood over here", (float(x), float(y))
    style.leader(axes, words, (1.06, 1.0), at, color=style.BLUE, zorder=4)
