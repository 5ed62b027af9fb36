"""The learned band: how much longer than its engine-free arc a boosted flight takes.

``benchmarks/claim_band.py`` learns it and writes the file read here; design note 0003 says why.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from forewarn.formats.claim import BandFile, Grid, decode_band
from forewarn.missiles.kepler import HALF_TURN_M, Arc, arc

Array = NDArray[np.float64]

NEAR_SPEED_RATIO = 0.08
NEAR_ANGLE_RAD = float(np.radians(6.0))
"""How far a real flight may differ in the arc's speed and angle, and still back a verdict."""

_TRIED_APOGEES_M = np.geomspace(5e3, 9e6, 600)


@dataclass(frozen=True, slots=True)
class Excess:
    """The band at one arc [s]: its ends, and the medians of generic solid and liquid flights."""

    shortest_s: float
    solid_s: float
    liquid_s: float
    longest_s: float


@functools.cache
def shipped_band() -> BandFile:
    """Return the band that forewarn ships."""
    file = resources.files("forewarn.studies") / "data" / "claim_band.json"
    return decode_band(file.read_bytes(), file=str(file))


def excess_at(band: BandFile, of: Arc) -> Excess | None:
    """Return the band at an arc, bilinear between nodes; None where nothing was learned.

    An arc steeper than the last node is judged as that node: there is little left to differ. Nodes
    that were not learned are left out where the others hold half of the weight or more.
    """
    speeds, angles = np.array(band.speeds_m_s), np.array(band.angles_rad)
    if not speeds[0] <= of.speed_m_s <= speeds[-1] or of.angle_rad < angles[0]:
        return None
    angle = min(of.angle_rad, angles[-1])
    i = min(int(np.searchsorted(speeds, of.speed_m_s, side="right")) - 1, len(speeds) - 2)
    j = min(int(np.searchsorted(angles, angle, side="right")) - 1, len(angles) - 2)
    u = (of.speed_m_s - speeds[i]) / (speeds[i + 1] - speeds[i])
    w = (angle - angles[j]) / (angles[j + 1] - angles[j])
    weights = np.outer((1.0 - u, u), (1.0 - w, w))
    weights *= [[node is not None for node in row[j : j + 2]] for row in band.longest_s[i : i + 2]]
    if weights.sum() < 0.5:
        return None

    def between(grid: Grid) -> float:
        nodes = [[node or 0.0 for node in row[j : j + 2]] for row in grid[i : i + 2]]
        return float(np.sum(weights * nodes) / weights.sum())

    grids = (band.shortest_s, band.solid_s, band.liquid_s, band.longest_s)
    return Excess(*(between(grid) for grid in grids))


def learned_apogees_m(band: BandFile, range_m: float) -> tuple[float, float] | None:
    """Return the lowest and highest apogee [m] the band knows at a range; None if it knows none."""
    if not 0.0 <= range_m < HALF_TURN_M:
        return None
    known = [a for a in _TRIED_APOGEES_M if excess_at(band, arc(float(a), range_m)) is not None]
    return (float(known[0]), float(known[-1])) if known else None


def real_flights_near(band: BandFile, of: Arc) -> int:
    """Count the real flights to 2021 whose arcs were of like speed and angle."""
    count = 0
    for apogee_m, range_m in band.arcs_m:
        other = arc(apogee_m, range_m)
        like_speed = abs(np.log(other.speed_m_s / of.speed_m_s)) <= NEAR_SPEED_RATIO
        like_angle = abs(other.angle_rad - of.angle_rad) <= NEAR_ANGLE_RAD
        count += bool(like_speed and like_angle)
    return count
