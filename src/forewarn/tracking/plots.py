"""The arrays that a scan becomes: radar plots and lines of sight in one shape, `Plots`."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.bank import Plots

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

_WHOLE_SKY = np.array((0.0, math.inf, 0.0, 2.0 * math.pi, -math.pi, math.pi))


def radar_plots(
    measured: Array,
    sigma: Array,
    seen_tai_ns: Integers | int,
    *,
    site_ecef_m: Array,
    axes_enu: Array,
    false_plots_per_volume: float,
    detection_probability: float,
    sector: Array | None = None,
    bias_columns: tuple[int, ...] = (-1, -1, -1, -1),
    middle_tai_ns: int | None = None,
) -> Plots:
    """Plots of one radar's scan.

    ``measured`` (m, 3 or 4): range [m], azimuth from north by east, elevation [rad], range rate
    [m/s]; ``sigma`` alike, or one row for all, NaN for what was not measured. ``seen_tai_ns``: of
    each plot, or of all. ``false_plots_per_volume``: mean number of false plots of a scan per unit
    of measured space (m rad rad, times m/s if the rate is measured). ``sector`` (6,): least and
    greatest range, first azimuth and width, least and greatest elevation looked at; all without.
    ``bias_columns``: column of the state that holds the bias of an element, -1 for none.
    """
    m, width = measured.shape
    whole, noise = np.full((m, 4), math.nan), np.full((m, 4), math.nan)
    whole[:, :width] = measured
    noise[:, :width] = sigma
    seen = np.broadcast_to(np.asarray(seen_tai_ns, np.int64), (m,)).copy()
    return Plots(
        measured=whole,
        sigma=noise,
        tai_ns=seen,
        site=np.broadcast_to(site_ecef_m, (m, 3)).copy(),
        axes=np.ascontiguousarray(axes_enu, np.float64),
        sector=_WHOLE_SKY.copy() if sector is None else np.asarray(sector, np.float64),
        bias=np.array(bias_columns, np.int64),
        clutter=float(false_plots_per_volume),
        seen_if=float(detection_probability),
        first=0,
        last=width,
        middle_tai_ns=_middle(seen) if middle_tai_ns is None else middle_tai_ns,
        middle_site=np.array(site_ecef_m, np.float64),
    )


def sight_plots(
    directions_ecef: Array,
    sigma_rad: Array | float,
    seen_tai_ns: Integers,
    *,
    sites_ecef_m: Array,
    middle_site_ecef_m: Array,
    middle_tai_ns: int,
    false_plots_per_sr: float,
    detection_probability: float,
    bias_columns: tuple[int, int] = (-1, -1),
) -> Plots:
    """Plots of one telescope's scan: unit vectors (m, 3) from sites (m, 3), in ecef.

    They become azimuth and elevation about axes whose north points from the middle site to the
    centre of the Earth, so that the Earth lies near the horizon of those axes and no line of sight
    that matters is near their zenith.
    """
    m = len(directions_ecef)
    axes = sight_axes(middle_site_ecef_m)
    east, north, up = axes @ directions_ecef.T
    measured, noise = np.full((m, 4), math.nan), np.full((m, 4), math.nan)
    measured[:, 1] = np.arctan2(east, north) % (2.0 * math.pi)
    measured[:, 2] = np.arctan2(up, np.hypot(east, north))
    noise[:, 2] = sigma_rad
    noise[:, 1] = noise[:, 2] / np.maximum(np.hypot(east, north), 1e-6)
    return Plots(
        measured=measured,
        sigma=noise,
        tai_ns=np.asarray(seen_tai_ns, np.int64),
        site=np.ascontiguousarray(sites_ecef_m, np.float64),
        axes=axes,
        sector=_WHOLE_SKY.copy(),
        bias=np.array((-1, *bias_columns, -1), np.int64),
        clutter=float(false_plots_per_sr),
        seen_if=float(detection_probability),
        first=1,
        last=3,
        middle_tai_ns=middle_tai_ns,
        middle_site=np.array(middle_site_ecef_m, np.float64),
    )


def sight_axes(site_ecef_m: Array) -> Array:
    """East, north and up (3, 3) of a telescope: north towards the centre of the Earth."""
    north = -site_ecef_m / np.linalg.norm(site_ecef_m)
    pole = np.array((0.0, 0.0, 1.0)) if abs(north[2]) < 0.99 else np.array((1.0, 0.0, 0.0))
    east = np.cross(north, pole)
    east /= np.linalg.norm(east)
    return np.stack((east, north, np.cross(east, north)))


def first_of(plots: Plots, most: int) -> Plots:
    """The first ``most`` plots of a scan."""
    return plots._replace(
        measured=plots.measured[:most],
        sigma=plots.sigma[:most],
        tai_ns=plots.tai_ns[:most],
        site=plots.site[:most],
    )


def _middle(seen: Integers) -> int:
    if not len(seen):
        return 0
    first, last = int(seen.min()), int(seen.max())
    return first + (last - first) // 2
