"""What is impossible in a policy or in a set of areas, said so that it can be put right.

Both functions return messages, none when all is well. They are asked once, when a file is loaded.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from forewarn.warning.policy import Area, Policy


def policy_faults(policy: Policy) -> tuple[str, ...]:
    """Return what is impossible or self-contradictory in a policy."""
    return (
        *_probability_faults(policy),
        *_count_faults(policy),
        *_time_faults(policy),
    )


def _probability_faults(policy: Policy) -> list[str]:
    faults = []
    for name in (
        "threat_probability",
        "prepare_probability",
        "shelter_probability",
        "release_probability",
        "orbital_probability",
    ):
        value = getattr(policy, name)
        if not 0.0 < value < 1.0:
            faults.append(f"{name} is {value}; a probability threshold lies between 0 and 1")
    if not policy.release_probability < policy.prepare_probability:
        faults.append(
            f"release_probability {policy.release_probability} is not below prepare_probability "
            f"{policy.prepare_probability}; an area would be warned and narrowed out by turns: "
            "set release to about half of prepare"
        )
    if not policy.prepare_probability <= policy.shelter_probability:
        faults.append(
            f"shelter_probability {policy.shelter_probability} is below prepare_probability "
            f"{policy.prepare_probability}; nobody would ever be told to prepare: raise it"
        )
    return faults


def _count_faults(policy: Policy) -> list[str]:
    faults = []
    if policy.probable_domains < 2:
        faults.append(
            f"probable_domains is {policy.probable_domains}; one failing domain alone could warn "
            "the public: ask for at least 2"
        )
    if policy.confirmed_domains < policy.probable_domains:
        faults.append(
            f"confirmed_domains {policy.confirmed_domains} is below probable_domains "
            f"{policy.probable_domains}; confirmation cannot ask for less: raise it"
        )
    if policy.confirmed_physics not in (1, 2):
        faults.append(
            f"confirmed_physics is {policy.confirmed_physics}; there are two, infrared and radar: "
            "set 1 or 2"
        )
    if policy.minimum_measurements < 1:
        faults.append(
            f"minimum_measurements is {policy.minimum_measurements}; what nobody measured cannot "
            "be possible: set 1 or more"
        )
    return faults


def _time_faults(policy: Policy) -> list[str]:
    faults = []
    for name in ("lost_after_s", "all_clear_after_s", "extrapolation_limit_s"):
        value = getattr(policy, name)
        if not (math.isfinite(value) and value >= 0.0):
            faults.append(f"{name} is {value}; give a number of seconds, 0 or more")
    if policy.lost_after_s == 0.0:
        faults.append("lost_after_s is 0; every object would be lost between two looks: raise it")
    if policy.extrapolation_limit_s <= policy.lost_after_s:
        faults.append(
            f"extrapolation_limit_s {policy.extrapolation_limit_s} is not above lost_after_s "
            f"{policy.lost_after_s}; a lost forecast would be withdrawn at once: raise it"
        )
    return faults


def area_faults(areas: tuple[Area, ...]) -> tuple[str, ...]:
    """Return what is wrong with a set of defended areas, each message naming its area."""
    counts = Counter(area.area_id for area in areas)
    faults = [
        f"area id '{area_id}' is given {count} times; every area needs its own id"
        for area_id, count in counts.items()
        if count > 1
    ]
    for area in areas:
        faults += [f"area '{area.area_id}': {fault}" for fault in _one_area_faults(area)]
    return tuple(faults)


def _one_area_faults(area: Area) -> list[str]:
    faults = []
    if not area.area_id.strip():
        faults.append("the id is empty; give it one")
    if not area.name.strip():
        faults.append("the name is empty; officers and messages need one")
    if area.population < 0:
        faults.append(f"population is {area.population}; give 0 or more")
    if not (math.isfinite(area.time_to_shelter_s) and area.time_to_shelter_s >= 0.0):
        faults.append(f"time_to_shelter_s is {area.time_to_shelter_s}; give 0 or more seconds")
    return faults + _polygon_faults(area.polygon_rad)


def _polygon_faults(polygon_rad: tuple[tuple[float, float], ...]) -> list[str]:
    if len(polygon_rad) < 3:
        return [f"the polygon has {len(polygon_rad)} corners; give at least 3, without closing it"]
    for number, (latitude_rad, longitude_rad) in enumerate(polygon_rad, start=1):
        if not (abs(latitude_rad) <= math.pi / 2.0 and abs(longitude_rad) <= math.pi):
            where = f"latitude {latitude_rad} rad, longitude {longitude_rad} rad"
            cure = "swap them, or turn degrees into radians"
            return [f"corner {number} is not on the Earth ({where}); {cure}"]
    corners = np.array(polygon_rad, dtype=np.float64)
    following = np.roll(corners, -1, axis=0)
    same = np.flatnonzero(np.all(corners == following, axis=1))
    if same.size:
        cure = "remove one, and do not repeat the first corner at the end"
        return [f"corner {int(same[0]) + 1} is given twice in a row; {cure}"]
    return _outline_faults(corners, following)


def _outline_faults(corners: NDArray[np.float64], following: NDArray[np.float64]) -> list[str]:
    """Check the outline with each edge taken the short way, also across the antimeridian."""
    steps_rad = (following[:, 1] - corners[:, 1] + math.pi) % (2.0 * math.pi) - math.pi
    if abs(float(np.sum(steps_rad))) > math.pi:
        return ["the polygon goes round a pole; cut it into areas that do not hold the pole"]
    outline = corners.copy()
    outline[1:, 1] = corners[0, 1] + np.cumsum(steps_rad[:-1])
    if float(np.ptp(outline[:, 1])) >= math.pi:
        return ["the polygon spans half the globe or more; cut it into smaller areas"]
    crossing = _first_crossing(outline)
    if crossing is not None:
        where = f"corners {crossing[0] + 1} and {crossing[1] + 1}"
        return [f"the edges after {where} cross or touch; list the corners in order round it"]
    x, y = outline[:, 1], outline[:, 0]
    if abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))) < 1e-14:
        return ["all corners lie on one line; the area is empty"]
    return []


def _first_crossing(outline: NDArray[np.float64]) -> tuple[int, int] | None:
    """Return the first two edges, not neighbours, that share a point, or None.

    Two segments share a point when the ends of each do not lie strictly on one side of the other
    (O'Rourke, Computational Geometry in C, 1998, section 1.5) and their boxes overlap.
    """
    starts, ends = outline, np.roll(outline, -1, axis=0)
    count = len(outline)
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    for first in range(count - 2):
        stop = count - 1 if first == 0 else count
        others = slice(first + 2, stop)
        a, b = starts[first], ends[first]
        c, d = starts[others], ends[others]
        split = _side(a, b, c) * _side(a, b, d) <= 0.0
        parted = _side(c, d, a) * _side(c, d, b) <= 0.0
        near = np.all((low[others] <= high[first]) & (high[others] >= low[first]), axis=1)
        hits = np.flatnonzero(split & parted & near)
        if hits.size:
            return first, first + 2 + int(hits[0])
    return None


def _side(
    a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the sign of the area of triangles a, b, c: on which side of a, b is c."""
    area = (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (
        c[..., 0] - a[..., 0]
    )
    return np.sign(area)
