"""Scenes of the comparison from any seed: falling objects before one radar, alone or in groups.

Notional and fictional, after the description of the shared scenes: a radar at 35 N 20 E; unpowered
suborbital objects between 80 and 1,500 km at 2 to 7 km/s that stay in its field of view; 80 % live
through all 60 scans of a second, 10 % appear in scans 5 to 30, 10 % vanish in 30 to 55; detection
0.9, N/2 false alarms a scan, 50 m and 1 mrad. Point mass, J2 and the Earth's rotation, no drag,
integrated here, by code that no tracker shares.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import (
    ECCENTRICITY_SQUARED,
    GRAVITATIONAL_PARAMETER_M3_S2,
    J2,
    MEAN_RADIUS_M,
    ROTATION_RATE_RAD_S,
    SEMI_MAJOR_AXIS_M,
)

Array = NDArray[np.float64]

SCANS = 60
SIGMA = np.array((50.0, 1e-3, 1e-3))
DETECTION = 0.9
FOV = np.array(((200e3, 3_500e3), np.radians((-60.0, 60.0)), np.radians((3.0, 75.0))))
GROUP = 10
SPREADS = {"spread": None, "cluster": (15e3, 30.0), "tight": (2e3, 5.0)}
"""One sigma of position [m] and velocity [m/s] inside a group of ten."""


def radar(latitude_rad: float, longitude_rad: float, height_m: float) -> tuple[Array, Array]:
    """Site in ecef and its east, north, up axes."""
    s, c = np.sin(latitude_rad), np.cos(latitude_rad)
    sl, cl = np.sin(longitude_rad), np.cos(longitude_rad)
    n = SEMI_MAJOR_AXIS_M / np.sqrt(1.0 - ECCENTRICITY_SQUARED * s * s)
    level = (n + height_m) * c
    site = np.array((level * cl, level * sl, (n * (1.0 - ECCENTRICITY_SQUARED) + height_m) * s))
    return site, np.array(((-sl, cl, 0.0), (-s * cl, -s * sl, c), (c * cl, c * sl, s)))


def rates(states: Array) -> Array:
    """Time derivative of states (k, 6) in ecef."""
    p, v = states[:, :3], states[:, 3:]
    r2 = np.sum(p * p, axis=1, keepdims=True)
    z2 = p[:, 2:] ** 2 / r2
    g = -GRAVITATIONAL_PARAMETER_M3_S2 * p / r2**1.5
    k = 1.5 * J2 * GRAVITATIONAL_PARAMETER_M3_S2 * SEMI_MAJOR_AXIS_M**2 / r2**2.5
    g = g + k * p * (5.0 * z2 - np.array((1.0, 1.0, 3.0)))
    w = ROTATION_RATE_RAD_S
    turn = np.stack((2.0 * w * v[:, 1], -2.0 * w * v[:, 0], 0.0 * v[:, 0]), axis=1)
    out = np.stack((w * w * p[:, 0], w * w * p[:, 1], 0.0 * p[:, 0]), axis=1)
    return np.concatenate((v, g + turn + out), axis=1)


def flown(states: Array) -> Array:
    """States (SCANS, k, 6) at each second, by Runge-Kutta's fourth order in half seconds."""
    path = [states]
    x = states
    for _ in range(SCANS - 1):
        for _ in range(2):
            a = rates(x)
            b = rates(x + 0.25 * a)
            c = rates(x + 0.25 * b)
            x = x + (a + 2.0 * b + 2.0 * c + rates(x + 0.5 * c)) / 12.0
        path.append(x)
    return np.array(path)


def looks(points_enu: Array) -> Array:
    """Range, azimuth and elevation (..., 3) of points (..., 3) about the radar."""
    e, n, u = np.moveaxis(points_enu, -1, 0)
    return np.stack(
        (np.linalg.norm(points_enu, axis=-1), np.arctan2(e, n), np.arctan2(u, np.hypot(e, n))),
        axis=-1,
    )


def points_of(seen: Array) -> Array:
    """Points (..., 3) east, north, up of looks (..., 3)."""
    r, azimuth, elevation = np.moveaxis(seen, -1, 0)
    level = r * np.cos(elevation)
    return np.stack(
        (level * np.sin(azimuth), level * np.cos(azimuth), r * np.sin(elevation)), axis=-1
    )


def in_view(path: Array, site: Array, axes: Array) -> NDArray[np.bool_]:
    """Which of the objects of a path (SCANS, k, 6) stay in view and between the heights."""
    seen = looks((path[..., :3] - site) @ axes.T)
    height = np.linalg.norm(path[..., :3], axis=2) - MEAN_RADIUS_M
    inside = ((seen > FOV[:, 0]) & (seen < FOV[:, 1])).all(axis=2)
    return np.asarray((inside & (height > 80e3) & (height < 1_500e3)).all(axis=0))


def leaders(count: int, site: Array, axes: Array, random: np.random.Generator) -> Array:
    """First states (count, 6) of objects that stay in view."""
    found: list[Array] = []
    while len(found) < count:
        point = points_of(random.uniform(FOV[:, 0], FOV[:, 1], (64, 3))) @ axes + site
        way = random.normal(size=(64, 3))
        way /= np.linalg.norm(way, axis=1, keepdims=True)
        states = np.concatenate((point, way * random.uniform(2e3, 7e3, (64, 1))), axis=1)
        found.extend(states[in_view(flown(states), site, axes)])
    return np.array(found[:count])


def objects(kind: str, count: int, site: Array, axes: Array, random: np.random.Generator) -> Array:
    """True paths (SCANS, count, 6) in ecef."""
    spread = SPREADS[kind]
    if spread is None:
        return flown(leaders(count, site, axes, random))
    groups: list[Array] = []
    while sum(len(g) for g in groups) < count:
        leader = leaders(1, site, axes, random)
        off = random.normal(size=(GROUP, 6)) * np.repeat(spread, 3)
        states = (leader + off)[: count - sum(len(g) for g in groups)]
        if in_view(flown(states), site, axes).all():
            groups.append(states)
    return flown(np.concatenate(groups))


def make_scene(kind: str, count: int, seed: int) -> dict[str, Any]:
    """A scene as a dictionary of arrays, shaped like the shared files."""
    random = np.random.default_rng((seed, count, sorted(SPREADS).index(kind)))
    site, axes = radar(np.radians(35.0), np.radians(20.0), 100.0)
    path = objects(kind, count, site, axes, random)
    truth = np.concatenate(((path[..., :3] - site) @ axes.T, path[..., 3:] @ axes.T), axis=2)
    fate = random.permutation(count)
    for i in fate[: count // 10]:
        truth[: random.integers(5, 31), i] = np.nan
    for i in fate[count // 10 : 2 * (count // 10)]:
        truth[random.integers(30, 56) :, i] = np.nan
    rows = []
    for t in range(SCANS):
        seen = np.flatnonzero(~np.isnan(truth[t, :, 0]) & (random.uniform(size=count) < DETECTION))
        echoes = looks(truth[t, seen, :3]) + random.normal(size=(len(seen), 3)) * SIGMA
        false = random.uniform(FOV[:, 0], FOV[:, 1], (random.poisson(count / 2.0), 3))
        both = np.concatenate((echoes, false))
        ids = np.concatenate((seen, np.full(len(false), -1)))
        whole = np.column_stack((np.full(len(both), float(t)), both, ids))
        rows.append(random.permutation(whole))
    table = np.concatenate(rows)
    return {
        "meas": table[:, :4],
        "meas_truth_id": table[:, 4].astype(int),
        "truth": truth,
        "times": np.arange(float(SCANS)),
        "sigma": SIGMA,
        "pd": np.array(DETECTION),
        "clutter_mean": np.array(count / 2.0),
        "fov": FOV,
        "sensor_ecef": site,
        "R_enu": axes,
    }
