"""How a track begins: two satellites see one rising source, or one radar sees one moving echo.

Each sensor keeps short chains of unclaimed looks. Chains of two satellites are intersected and
fitted together; a chain of one radar is fitted alone. A fit that agrees with one moving object, and
for a plume with one that climbs, starts a track, which then takes the chains' looks through the filter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from forewarn.epoch import SECOND_NS
from forewarn.kernels import filter as kernel
from forewarn.kernels.flight import height_m
from forewarn.tracking.looks import Biases, Look

Array = NDArray[np.float64]

CHAIN_S = 35.0  # a chain forgets looks older than this: three revisits of a scanner
_TOP_SPEED_M_S = 8_000.0
_VELOCITY_PRIOR_M_S = 2_500.0
_ACCELERATION_PRIOR_M_S2 = 20.0
_LEAST_LOOKS = 3
_LEAST_ANGLE_RAD = math.radians(3.0)
_HEIGHT_SPAN_M = (1_000.0, 200_000.0)
_TAIL = 1e-4
_LEAST_CLIMB_SIGMAS = 2.0


@dataclass(slots=True, eq=False)
class Chain:
    """Looks of one sensor that may be one object, oldest first."""

    sensor_id: str
    looks: list[Look] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """A fitted beginning: body state in ecef at an instant, and the looks that made it."""

    tai_ns: int
    mean: Array
    covariance: Array
    looks: tuple[Look, ...]
    boosting: float


def extend_chains(chains: list[Chain], looks: list[Look]) -> list[Chain]:
    """Add unclaimed looks of one scan to the sensor's chains; return the chains that grew."""
    grown: list[Chain] = []
    for look in looks:
        best: Chain | None = None
        best_ratio = 1.0
        for chain in chains:
            if chain.sensor_id != look.sensor_id or chain in grown:
                continue
            ratio = _apparent_ratio(chain.looks[-1], look)
            if ratio < best_ratio:
                best, best_ratio = chain, ratio
        if best is None:
            best = Chain(look.sensor_id)
            chains.append(best)
        best.looks.append(look)
        grown.append(best)
    return grown


def forget(chains: list[Chain], now_tai_ns: int) -> None:
    """Drop looks and chains too old to begin anything."""
    horizon = now_tai_ns - int(CHAIN_S * SECOND_NS)
    for chain in chains:
        while chain.looks and chain.looks[0].seen_tai_ns < horizon:
            chain.looks.pop(0)
    chains[:] = [chain for chain in chains if chain.looks]


def _apparent_ratio(before: Look, after: Look) -> float:
    """Apparent motion as a fraction of the most that a missile could show; above 1: another."""
    dt = (after.seen_tai_ns - before.seen_tai_ns) / SECOND_NS
    if dt <= 0.0:
        return math.inf
    if after.kind == kernel.LINE_OF_SIGHT:
        g0, g1 = before.geometry, after.geometry
        moved = float(np.linalg.norm(g1[1] - g0[1]))
        distance_m = float(np.linalg.norm(g1[0])) - 6.4e6
        allowed = _TOP_SPEED_M_S * dt / distance_m + 5.0 * float(g1[6, 0] + g0[6, 0])
        return moved / allowed
    p0, sigma0 = _radar_point(before)
    p1, sigma1 = _radar_point(after)
    allowed = _TOP_SPEED_M_S * dt + 4.0 * (sigma0 + sigma1)
    by_range_rate = abs(
        after.geometry[4, 0] - before.geometry[4, 0] - after.geometry[5, 0] * dt
    ) / (8.0 * math.hypot(after.geometry[6, 0], before.geometry[6, 0]) + 150.0 * dt * dt + 100.0)
    return max(float(np.linalg.norm(p1 - p0)) / allowed, by_range_rate)


def _radar_point(look: Look) -> tuple[Array, float]:
    g = look.geometry
    r, azimuth, elevation = g[4]
    enu = r * np.array(
        (
            math.cos(elevation) * math.sin(azimuth),
            math.cos(elevation) * math.cos(azimuth),
            math.sin(elevation),
        )
    )
    return g[0] + enu @ g[1:4], float(r * g[6, 2])


def plume_start(grown: Chain, chains: list[Chain], biases: Biases) -> Start | None:
    """Try a chain that grew with every chain of another satellite; the best agreeing fit, or None."""
    best: tuple[float, Start] | None = None
    newest = grown.looks[-1]
    for other in chains:
        last = other.looks[-1]
        if (
            other.sensor_id == grown.sensor_id
            or last.kind != kernel.LINE_OF_SIGHT
            or len(other.looks) + len(grown.looks) < _LEAST_LOOKS
        ):
            continue
        meeting = _meeting_point(newest, last)
        if meeting is None:
            continue
        looks = sorted(grown.looks + other.looks, key=lambda k: (k.seen_tai_ns, k.measurement_id))
        fitted = _fit_plume(looks, meeting, biases)
        if fitted is not None and (best is None or fitted[0] < best[0]):
            best = fitted
    return best[1] if best else None


def _meeting_point(a: Look, b: Look) -> Array | None:
    """The point midway between two lines of sight if they pass within what motion allows."""
    u, v = a.geometry[1], b.geometry[1]
    cosine = float(u @ v)
    if abs(cosine) > math.cos(_LEAST_ANGLE_RAD):
        return None
    w = a.geometry[0] - b.geometry[0]
    d, e = float(u @ w), float(v @ w)
    denominator = 1.0 - cosine * cosine
    on_a = a.geometry[0] + u * ((cosine * e - d) / denominator)
    on_b = b.geometry[0] + v * ((e - cosine * d) / denominator)
    gap_m = float(np.linalg.norm(on_a - on_b))
    dt = abs(a.seen_tai_ns - b.seen_tai_ns) / SECOND_NS
    sigma_m = 4.0e7 * float(a.geometry[6, 0] + b.geometry[6, 0])
    if gap_m > _TOP_SPEED_M_S * dt + 6.0 * sigma_m + 2_000.0:
        return None
    middle = 0.5 * (on_a + on_b)
    height = height_m(middle[0], middle[1], middle[2])
    slack = gap_m + 20_000.0
    if not _HEIGHT_SPAN_M[0] - slack < height < _HEIGHT_SPAN_M[1] + slack:
        return None
    return np.asarray(middle)


def _fit_plume(looks: list[Look], meeting: Array, biases: Biases) -> tuple[float, Start] | None:
    """Least squares for position, velocity and acceleration at the newest look."""
    newest = looks[-1].seen_tai_ns
    rows: list[Array] = []
    right: list[float] = []
    for look in looks:
        g = look.geometry
        dt = (look.seen_tai_ns - newest) / SECOND_NS
        away = meeting - g[0]
        bias = float(biases.sigmas[int(g[7, 1]) - kernel.BODY])
        scale = float(away @ g[1]) * math.hypot(float(g[6, 0]), bias)
        for axis in g[2:4]:
            rows.append(np.concatenate((axis, axis * dt, axis * (0.5 * dt * dt))) / scale)
            right.append(-float(axis @ away) / scale)
    prior = np.zeros((6, 9))
    prior[:3, 3:6] = np.eye(3) / _VELOCITY_PRIOR_M_S
    prior[3:, 6:9] = np.eye(3) / _ACCELERATION_PRIOR_M_S2
    matrix = np.vstack((*rows, prior))
    target = np.concatenate((right, np.zeros(6)))
    information = matrix.T @ matrix
    solution = np.linalg.solve(information, matrix.T @ target)
    misfit = float(np.sum((matrix @ solution - target) ** 2))
    if misfit > chi2.ppf(1.0 - _TAIL, len(right)):
        return None
    covariance = np.linalg.inv(information)[:6, :6]
    mean = solution[:6].copy()
    mean[:3] += meeting
    up = mean[:3] / np.linalg.norm(mean[:3])
    climb = float(up @ mean[3:])
    climb_sigma = math.sqrt(float(up @ covariance[3:, 3:] @ up))
    height = height_m(mean[0], mean[1], mean[2])
    height_sigma = math.sqrt(float(up @ covariance[:3, :3] @ up))
    if climb < _LEAST_CLIMB_SIGMAS * climb_sigma:
        return None
    if height < _HEIGHT_SPAN_M[0] - 3.0 * height_sigma or height > _HEIGHT_SPAN_M[1]:
        return None
    return misfit, _start_at_oldest(looks, solution, meeting, covariance, boosting=0.95)


def _start_at_oldest(
    looks: list[Look], solution: Array, meeting: Array, covariance: Array, *, boosting: float
) -> Start:
    """Move a fit to its oldest look and widen it threefold: the looks are filtered again after."""
    oldest = looks[0].seen_tai_ns
    dt = (oldest - looks[-1].seen_tai_ns) / SECOND_NS
    mean = np.concatenate(
        (
            meeting + solution[:3] + solution[3:6] * dt + solution[6:9] * (0.5 * dt * dt),
            solution[3:6] + solution[6:9] * dt,
        )
    )
    slope = np.eye(6)
    slope[:3, 3:] = np.eye(3) * dt
    wide = 9.0 * (slope @ covariance @ slope.T)
    wide[:3, :3] += np.eye(3) * 500.0**2
    wide[3:, 3:] += np.eye(3) * 100.0**2
    return Start(oldest, mean, wide, tuple(looks), boosting)


def radar_start(chain: Chain) -> Start | None:
    """A start from three echoes of one radar that move as one object can; None if they do not."""
    if len(chain.looks) < _LEAST_LOOKS or chain.looks[-1].kind != kernel.RADAR:
        return None
    looks = chain.looks
    oldest = looks[0].seen_tai_ns
    times = np.array([(k.seen_tai_ns - oldest) / SECOND_NS for k in looks])
    if times[-1] < 1.5:
        return None
    points, sigmas = zip(*(_radar_point(k) for k in looks), strict=True)
    design = np.stack((np.ones_like(times), times), axis=1) / np.array(sigmas)[:, None]
    gravity = -0.5 * 9.0 * times[:, None] ** 2 * (points[0] / np.linalg.norm(points[0]))
    target = (np.array(points) - gravity) / np.array(sigmas)[:, None]
    information = design.T @ design
    solution = np.linalg.solve(information, design.T @ target)
    misfit = float(np.sum((design @ solution - target) ** 2))
    speed = float(np.linalg.norm(solution[1]))
    if misfit > chi2.ppf(1.0 - _TAIL, 3 * len(looks)) or not 500.0 < speed < 9_000.0:
        return None
    spread = np.linalg.inv(information)
    covariance = 4.0 * np.kron(spread, np.eye(3))
    mean = np.concatenate((solution[0], solution[1]))
    return Start(oldest, mean, covariance, tuple(looks), boosting=0.2)
