"""What the chain said of a launch, held against where it truly was.

A track is of the object nearest to where it says it is. Of several tracks of one launch that which
rests on most looks counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from forewarn.earth import MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.records import Assessment, GroundRegion, Output, Track, TrackStatus
from forewarn.simulation.truth import TruthObject
from forewarn.simulation.truth_object import ObjectKind

Array = NDArray[np.float64]

HELD_PROBABILITY = 0.9
_OLDEST_S = 10.0  # an assessment older than this is none; they come every other second
_NEAR_M = 50e3
_NEAR_SIGMAS = 6.0


@dataclass(frozen=True, slots=True)
class Miss:
    """How far an estimate is off, and what it said of that itself.

    ``error`` is a length [m, m/s] or a time [s]; ``nees`` the squared error over its covariance, by
    its dimension, so that an honest estimate's mean is 1; ``held`` says whether the stated 90 %
    region held the truth.
    """

    error: float
    nees: float
    held: bool


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What was said of a launch at one instant; ``misses`` by quantity, those alone that were."""

    time_tai_ns: int
    track_id: str
    confirmed: bool
    looks_count: int
    misses: dict[str, Miss]


def said_of(outputs: Iterable[Output], objects: Sequence[TruthObject]) -> dict[str, list[Said]]:
    """Return what was said of each launch's vehicle, in order of time."""
    found: dict[str, list[Said]] = {o.launch_id: [] for o in objects if o.kind is _VEHICLE}
    tracks: dict[str, Track] = {}
    for output in outputs:
        if isinstance(output, Track):
            tracks[output.track_id] = output
        elif isinstance(output, Assessment) and output.status is not TrackStatus.ENDED:
            track = tracks.get(output.track_id)
            if track is None or track.time_tai_ns != output.time_tai_ns:
                continue
            truth = _whose(track, objects)
            if truth is not None and truth.kind is _VEHICLE:
                found[truth.launch_id].append(_held_against(truth, track, output))
    return found


_VEHICLE = ObjectKind.VEHICLE


def at(said: Sequence[Said], instant_tai_ns: int) -> Said | None:
    """Return what stood at an instant, or None if nothing was said shortly before."""
    oldest = instant_tai_ns - round(_OLDEST_S * SECOND_NS)
    standing = {s.track_id: s for s in said if oldest <= s.time_tai_ns <= instant_tai_ns}
    return max(standing.values(), key=lambda s: s.looks_count, default=None)


def _whose(track: Track, objects: Sequence[TruthObject]) -> TruthObject | None:
    """Return the object that a track is of, or None if it is of none."""
    instant = np.array([track.time_tai_ns], dtype=np.int64)
    there = [o for o in objects if o.flying(instant)[0]]
    if not there:
        return None
    position = np.array(track.position_ecef_m)
    away_m = [float(np.linalg.norm(o.states_ecef(instant)[0][0] - position)) for o in there]
    nearest = int(np.argmin(away_m))
    spread_m = math.sqrt(float(np.trace(np.array(track.covariance)[:3, :3])))
    return there[nearest] if away_m[nearest] <= max(_NEAR_M, _NEAR_SIGMAS * spread_m) else None


def _held_against(truth: TruthObject, track: Track, assessment: Assessment) -> Said:
    misses: dict[str, Miss] = {}
    launch, impact = assessment.launch, assessment.impact
    if launch is not None:
        pad = truth.latitude_rad, truth.longitude_rad
        misses["launch_place_m"] = _miss(*_ground(launch.region, *pad))
        late_s = (launch.time_tai_ns - truth.launch_tai_ns) / SECOND_NS
        misses["launch_time_s"] = _miss(np.array([late_s]), np.array([[launch.time_sigma_s**2]]))
    if impact is not None and truth.impact_rad is not None:
        miss = _miss(*_ground(impact.region, *truth.impact_rad))
        inside = _inside(impact.polygon_rad, *truth.impact_rad)
        misses["impact_place_m"] = Miss(miss.error, miss.nees, inside)
        late_s = (impact.time_tai_ns - truth.end_tai_ns) / SECOND_NS
        misses["impact_time_s"] = _miss(np.array([late_s]), np.array([[impact.time_sigma_s**2]]))
    position, velocity, _ = truth.states_ecef(np.array([track.time_tai_ns], dtype=np.int64))
    covariance = np.array(track.covariance)
    off_m = np.array(track.position_ecef_m) - position[0]
    misses["position_m"] = _miss(off_m, covariance[:3, :3])
    off_m_s = np.array(track.velocity_ecef_m_s) - velocity[0]
    misses["velocity_m_s"] = _miss(off_m_s, covariance[3:, 3:])
    return Said(
        time_tai_ns=track.time_tai_ns,
        track_id=track.track_id,
        confirmed=assessment.status is TrackStatus.CONFIRMED,
        looks_count=track.measurement_count,
        misses=misses,
    )


def _miss(error: Array, covariance: Array) -> Miss:
    """Measure an error (n,) by what was said of it (n, n)."""
    n = len(error)
    try:
        distance2 = float(error @ np.linalg.solve(covariance, error))
    except np.linalg.LinAlgError:
        distance2 = math.inf  # a covariance without inverse claims to know what it cannot
    if not distance2 >= 0.0:
        distance2 = math.inf
    held = distance2 <= float(chi2.ppf(HELD_PROBABILITY, n))
    return Miss(error=float(np.linalg.norm(error)), nees=distance2 / n, held=held)


def _ground(region: GroundRegion, latitude_rad: float, longitude_rad: float) -> tuple[Array, Array]:
    """Return the error (2,), east and north [m], of a region's centre, and its covariance."""
    turn = math.remainder(region.longitude_rad - longitude_rad, 2.0 * math.pi)
    east_m = MEAN_RADIUS_M * turn * math.cos(latitude_rad)
    north_m = MEAN_RADIUS_M * (region.latitude_rad - latitude_rad)
    return np.array((east_m, north_m)), np.array(region.covariance_m2)


def _inside(
    polygon_rad: Sequence[tuple[float, float]], latitude_rad: float, longitude_rad: float
) -> bool:
    """Say whether a polygon holds a place, by the even-odd rule."""
    inside = False
    corners = [
        (lat, math.remainder(lon - longitude_rad, 2.0 * math.pi)) for lat, lon in polygon_rad
    ]
    for (lat_1, lon_1), (lat_2, lon_2) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (lat_1 > latitude_rad) != (lat_2 > latitude_rad):
            share = (latitude_rad - lat_1) / (lat_2 - lat_1)
            if lon_1 + share * (lon_2 - lon_1) > 0.0:
                inside = not inside
    return inside
