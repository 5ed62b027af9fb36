"""Stated 90 % regions on the ground: ellipses and polygons, and how far they reach."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forewarn.frames import surface_azimuth_rad, surface_destination_rad, surface_distance_m
from forewarn.records import GroundRegion, ImpactEstimate

# chi-square, 2 degrees of freedom: P(d2 <= q) = 1 - exp(-q / 2), so q = 2 ln 10 for 90 %
NINETY_PERCENT = math.sqrt(2.0 * math.log(10.0))


@dataclass(frozen=True)
class Miss:
    """An estimate against the truth: how far off, and how far the stated region reaches there."""

    time_s: float
    error_m: float
    stated_m: float

    @property
    def inside(self) -> bool:
        """Whether the truth lies inside the stated region."""
        return self.error_m <= self.stated_m


def ellipse_axes(region: GroundRegion) -> tuple[float, float, float]:
    """Return the half-axes [m] of the 90 % ellipse, long then short, and the long one's azimuth."""
    values, vectors = np.linalg.eigh(np.array(region.covariance_m2, dtype=np.float64))
    long_m, short_m = (NINETY_PERCENT * math.sqrt(max(float(v), 0.0)) for v in values[::-1])
    return long_m, short_m, math.atan2(float(vectors[0, 1]), float(vectors[1, 1]))


def ellipse_offsets_m(region: GroundRegion, steps: int = 60) -> NDArray[np.float64]:
    """Return the boundary of the 90 % ellipse as (steps, 2) east, north offsets [m]."""
    long_m, short_m, azimuth_rad = ellipse_axes(region)
    angle = np.arange(steps) * 2 * math.pi / steps
    along_m, across_m = long_m * np.cos(angle), short_m * np.sin(angle)
    sine, cosine = math.sin(azimuth_rad), math.cos(azimuth_rad)
    return np.column_stack([along_m * sine + across_m * cosine, along_m * cosine - across_m * sine])


def outline_deg(impact: ImpactEstimate) -> NDArray[np.float64]:
    """Return the stated region of an impact, (n, 2) latitude, longitude [deg].

    The polygon as stated, or the ellipse of the summary region if there is none.
    """
    if len(impact.polygon_rad) >= 3:
        corners_deg: NDArray[np.float64] = np.degrees(np.array(impact.polygon_rad))
        return corners_deg
    region = impact.region
    places = [
        surface_destination_rad(
            region.latitude_rad,
            region.longitude_rad,
            math.atan2(east_m, north_m),
            math.hypot(east_m, north_m),
        )
        for east_m, north_m in ellipse_offsets_m(region)
    ]
    places_deg: NDArray[np.float64] = np.degrees(np.array(places))
    return places_deg


def launch_miss(
    region: GroundRegion, latitude_rad: float, longitude_rad: float, time_s: float
) -> Miss:
    """Compare a Gaussian region with the true place."""
    east_m, north_m = _offset_m(region, latitude_rad, longitude_rad)
    error_m = math.hypot(east_m, north_m)
    return Miss(time_s, error_m, _gaussian_reach_m(region, east_m, north_m))


def impact_miss(
    impact: ImpactEstimate, latitude_rad: float, longitude_rad: float, time_s: float
) -> Miss:
    """Compare a stated impact region with the true place: its polygon, if it has one."""
    east_m, north_m = _offset_m(impact.region, latitude_rad, longitude_rad)
    error_m = math.hypot(east_m, north_m)
    reach_m = _polygon_reach_m(impact, east_m, north_m)
    if reach_m is None:
        reach_m = _gaussian_reach_m(impact.region, east_m, north_m)
    return Miss(time_s, error_m, reach_m)


def _offset_m(
    region: GroundRegion, latitude_rad: float, longitude_rad: float
) -> tuple[float, float]:
    here = (region.latitude_rad, region.longitude_rad)
    distance_m = surface_distance_m(*here, latitude_rad, longitude_rad)
    azimuth_rad = surface_azimuth_rad(*here, latitude_rad, longitude_rad)
    return distance_m * math.sin(azimuth_rad), distance_m * math.cos(azimuth_rad)


def _gaussian_reach_m(region: GroundRegion, east_m: float, north_m: float) -> float:
    """Return how far the 90 % ellipse reaches along a unit vector u: q / sqrt(u' C^-1 u)."""
    length_m = math.hypot(east_m, north_m)
    towards = np.array([east_m, north_m]) / length_m if length_m > 0 else np.array([1.0, 0.0])
    covariance_m2 = np.array(region.covariance_m2, dtype=np.float64)
    covariance_m2 = covariance_m2 + 1e-6 * np.eye(2)  # a point-like region reaches a millimetre
    return NINETY_PERCENT / math.sqrt(float(towards @ np.linalg.solve(covariance_m2, towards)))


def _polygon_reach_m(impact: ImpactEstimate, east_m: float, north_m: float) -> float | None:
    """Return where the ray from the centre to the truth leaves the polygon for the last time.

    None when there is no polygon or the centre lies outside it. A truth inside the polygon but
    beyond a dent of it counts as inside: the crossing farthest out is taken.
    """
    if len(impact.polygon_rad) < 3:
        return None
    corners = np.array([_offset_m(impact.region, *corner) for corner in impact.polygon_rad])
    length_m = math.hypot(east_m, north_m)
    ray = (east_m / length_m, north_m / length_m) if length_m > 0 else (1.0, 0.0)
    along = corners @ np.array(ray)
    across = corners @ np.array([-ray[1], ray[0]])
    crossings = []
    for i in range(len(corners)):
        j = (i + 1) % len(corners)
        if (across[i] > 0) != (across[j] > 0):
            share = across[i] / (across[i] - across[j])
            crossings.append(float(along[i] + share * (along[j] - along[i])))
    ahead = [c for c in crossings if c > 0]
    return max(ahead) if len(ahead) % 2 == 1 else None
