"""How a track begins: two satellites see one rising source, or one radar sees one moving echo.

Each sensor keeps short chains of unclaimed looks. Chains of two satellites are intersected and
fitted together; a chain of one radar is fitted alone. A fit that agrees with one moving object and,
for a plume, with one that climbs and that no fixed place on the ground explains, starts a track,
which then takes the chains' looks through the filter.

One satellite alone starts nothing: a single line of sight does not tell a near plume from a far
fire, and the families of ascent that could tell are not tried here.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from forewarn.earth import MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.kernels import filter as kernel
from forewarn.kernels.flight import height_m
from forewarn.tracking.looks import LEAST_REACH_M, Look, echo_points, stacked

Array = NDArray[np.float64]

CHAIN_S = 35.0  # a chain forgets looks older than this: three revisits of a scanner
_TOP_SPEED_M_S = 8_000.0
_VELOCITY_PRIOR_M_S = 2_500.0
_ACCELERATION_PRIOR_M_S2 = 20.0
_LEAST_LOOKS = 3
_LEAST_ANGLE_RAD = math.radians(3.0)
_LONGEST_REACH_M = 4.0e7
_HEIGHT_SPAN_M = (1_000.0, 200_000.0)
_TAIL = 1e-4
_LEAST_CLIMB_SIGMAS = 2.0
# A fire, a flare or a volcano stands still, this high (one sigma). Its misfit must exceed that of
# the moving source by 45: chi-square with the six degrees that motion adds passes it once in 2e7.
_FIXED_HEIGHT_SIGMA_M = 1_500.0
_FIXED_REFUTED = 45.0
# Limits on the work and memory of a sensor gone mad.
_MOST_LOOKS = 48  # in a chain
_MOST_CHAINS = 256  # of one sensor
_MOST_FITS = 256  # in one scan


@dataclass(slots=True, eq=False)
class Chain:
    """Looks of one sensor that may be one object, oldest first."""

    sensor_id: str
    looks: list[Look] = field(default_factory=list)

    def copy(self) -> Chain:
        """Return an independent copy; looks never change and are shared."""
        return Chain(self.sensor_id, list(self.looks))


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """A fitted beginning: body state in ecef at an instant, and the looks that made it."""

    tai_ns: int
    mean: Array
    covariance: Array
    looks: tuple[Look, ...]
    boosting: float


def forget(chains: list[Chain], now_tai_ns: int) -> None:
    """Drop looks and chains too old to begin anything, and the least of too many."""
    horizon = now_tai_ns - int(CHAIN_S * SECOND_NS)
    by_sensor: dict[str, list[Chain]] = {}
    for chain in chains:
        chain.looks = [k for k in chain.looks if k.seen_tai_ns >= horizon][-_MOST_LOOKS:]
        if chain.looks:
            by_sensor.setdefault(chain.sensor_id, []).append(chain)
    dropped = {
        id(chain)
        for own in by_sensor.values()
        for chain in sorted(own, key=lambda c: (len(c.looks), c.looks[-1].seen_tai_ns))[
            : max(0, len(own) - _MOST_CHAINS)
        ]
    }
    chains[:] = [chain for chain in chains if chain.looks and id(chain) not in dropped]


def extend_chains(chains: list[Chain], looks: list[Look]) -> list[Chain]:
    """Add the unclaimed looks of one scan to its sensor's chains; return the chains that grew."""
    if not looks:
        return []
    own = [chain for chain in chains if chain.sensor_id == looks[0].sensor_id]
    ratios = _apparent_ratios([chain.looks[-1] for chain in own], looks)
    grown: list[Chain] = []
    for row, look in enumerate(looks):
        column = int(np.argmin(ratios[row])) if own else -1
        if own and ratios[row, column] < 1.0:
            chain = own[column]
            ratios[:, column] = math.inf
        else:
            chain = Chain(look.sensor_id)
            chains.append(chain)
        chain.looks.append(look)
        grown.append(chain)
    return grown


def _apparent_ratios(before: list[Look], after: list[Look]) -> Array:
    """Apparent motion (after, before) as a fraction of what a missile can show; above 1: another.

    A look that is not later than one before it cannot follow it.
    """
    if not before:
        return np.empty((len(after), 0))
    g, seconds = stacked([*before, *after])
    count = len(before)
    g0, g1 = g[:count], g[count:]
    dt = seconds[count:, None] - seconds[None, :count]
    if after[0].kind == kernel.LINE_OF_SIGHT:
        moved = np.linalg.norm(g1[:, None, 1] - g0[None, :, 1], axis=2)
        reach_m = np.maximum(np.linalg.norm(g1[:, 0], axis=1) - MEAN_RADIUS_M, LEAST_REACH_M)
        sigma_rad = g1[:, None, 6, 0] + g0[None, :, 6, 0]
        ratio = moved / (_TOP_SPEED_M_S * np.abs(dt) / reach_m[:, None] + 5.0 * sigma_rad)
    else:
        p0, sigma0_m = echo_points(g0)
        p1, sigma1_m = echo_points(g1)
        moved = np.linalg.norm(p1[:, None] - p0[None], axis=2)
        sigma_m = sigma1_m[:, None] + sigma0_m[None]
        ratio = moved / (_TOP_SPEED_M_S * np.abs(dt) + 4.0 * sigma_m)
        drift = g1[:, None, 4, 0] - g0[None, :, 4, 0] - g1[:, None, 5, 0] * dt
        range_sigma_m = np.hypot(g1[:, None, 6, 0], g0[None, :, 6, 0])
        slack_m = 8.0 * range_sigma_m + 150.0 * dt * dt + 100.0
        ratio = np.maximum(ratio, np.abs(drift) / slack_m)
    return np.where(dt > 0.0, ratio, math.inf)


def find_starts(chains: list[Chain], grown: list[Chain]) -> list[Start]:
    """Begin what the chains that grew give reason to; the looks used leave their chains."""
    starts: list[Start] = []
    if not grown:
        return starts
    radar = grown[0].looks[-1].kind == kernel.RADAR
    meetings = {} if radar else _meetings(chains, grown)
    fits_left = _MOST_FITS
    for chain in grown:
        met = meetings.get(id(chain), [])[:fits_left]
        fits_left -= len(met)
        start = _radar_start(chain) if radar else _plume_start(chain, met)
        if start is not None:
            starts.append(start)
            _use(chains, start)
    chains[:] = [chain for chain in chains if chain.looks]
    return starts


def alone(chains: list[Chain], grown: list[Chain]) -> list[Chain]:
    """Those chains of a telescope that grew and meet no other satellite's."""
    left = [chain for chain in grown if chain.looks]
    if not left or left[0].looks[-1].kind == kernel.RADAR:
        return []
    met = _meetings(chains, left)
    return [chain for chain in left if id(chain) not in met]


def _use(chains: list[Chain], start: Start) -> None:
    used = {id(look) for look in start.looks}
    for chain in chains:
        chain.looks = [look for look in chain.looks if id(look) not in used]


@dataclass(frozen=True, slots=True, eq=False)
class _Meeting:
    """Another satellite's chain whose newest line of sight passes near: where, in ecef [m]."""

    other: Chain
    newest: Look
    place: Array


def _meetings(chains: list[Chain], grown: list[Chain]) -> dict[int, list[_Meeting]]:
    """For each chain that grew, by its id: what it may meet, within what motion allows."""
    theirs = [c for c in chains if c.looks and c.looks[-1].kind == kernel.LINE_OF_SIGHT]
    a, seconds_a = stacked([chain.looks[-1] for chain in grown])
    b, seconds_b = stacked([chain.looks[-1] for chain in theirs])
    offset_ns = theirs[0].looks[-1].seen_tai_ns - grown[0].looks[-1].seen_tai_ns
    apart_s = np.abs(seconds_a[:, None] - seconds_b[None] - offset_ns / SECOND_NS)
    middle, gap_m = _midpoints(a, b)
    sigma_m = _LONGEST_REACH_M * (a[:, None, 6, 0] + b[None, :, 6, 0])
    count = np.array([len(c.looks) for c in grown])[:, None] + [len(c.looks) for c in theirs]
    another = np.array([[c.sensor_id != d.sensor_id for d in theirs] for c in grown])
    near = gap_m < _TOP_SPEED_M_S * apart_s + 6.0 * sigma_m + 2_000.0
    # Both satellites must be above the horizon of the place, on the near side of the Earth.
    above = (np.sum(middle * a[:, None, 0], axis=2) > np.sum(middle * middle, axis=2)) & (
        np.sum(middle * b[None, :, 0], axis=2) > np.sum(middle * middle, axis=2)
    )
    met: dict[int, list[_Meeting]] = {}
    for i, j in np.argwhere(another & near & above & (count >= _LEAST_LOOKS)):
        place = middle[i, j]
        slack_m = gap_m[i, j] + 20_000.0
        height = height_m(place[0], place[1], place[2])
        if _HEIGHT_SPAN_M[0] - slack_m < height < _HEIGHT_SPAN_M[1] + slack_m:
            meeting = _Meeting(theirs[j], theirs[j].looks[-1], place)
            met.setdefault(id(grown[i]), []).append(meeting)
    return met


def _midpoints(a: Array, b: Array) -> tuple[Array, Array]:
    """Points (n, m, 3) midway between lines of sight a (n, 8, 3) and b (m, 8, 3), and their gaps.

    Lines within 3 degrees of parallel give an infinite gap.
    """
    origin_a, u = a[:, None, 0], a[:, None, 1]
    origin_b, v = b[None, :, 0], b[None, :, 1]
    cosine = np.sum(u * v, axis=2)
    parallel = np.abs(cosine) > math.cos(_LEAST_ANGLE_RAD)
    w = origin_a - origin_b
    d, e = np.sum(u * w, axis=2), np.sum(v * w, axis=2)
    denominator = np.where(parallel, 1.0, 1.0 - cosine * cosine)
    on_a = origin_a + u * ((cosine * e - d) / denominator)[:, :, None]
    on_b = origin_b + v * ((e - cosine * d) / denominator)[:, :, None]
    gap_m = np.where(parallel, math.inf, np.linalg.norm(on_a - on_b, axis=2))
    return 0.5 * (on_a + on_b), gap_m


def _plume_start(chain: Chain, meetings: list[_Meeting]) -> Start | None:
    """The best agreeing fit of a chain with those it meets, or None."""
    best: tuple[float, Start] | None = None
    for meeting in meetings:
        other = meeting.other
        if not chain.looks or not other.looks or other.looks[-1] is not meeting.newest:
            continue  # another start of this scan has used it
        looks = sorted(chain.looks + other.looks, key=lambda k: (k.seen_tai_ns, k.order))
        fitted = _fit_plume(looks, meeting.place)
        if fitted is not None and (best is None or fitted[0] < best[0]):
            best = fitted
    return best[1] if best else None


def _sighting_equations(looks: list[Look], meeting: Array) -> tuple[Array, Array]:
    """Whitened equations A (2n, 9) x = b (2n,) of a source near ``meeting``, at the newest look.

    x: position less ``meeting`` [m], velocity [m/s], acceleration [m/s2]. Pointing biases count
    as noise of each look.
    """
    g, seconds = stacked(looks)
    dt = (seconds - seconds[-1])[:, None, None]
    away = meeting - g[:, 0]
    along = np.maximum(np.sum(away * g[:, 1], axis=1), LEAST_REACH_M)
    sigma_rad = np.hypot(g[:, 6, 0], [look.bias_sigma_rad for look in looks])
    scale = (along * sigma_rad)[:, None, None]
    axes = g[:, 2:4] / scale
    rows = np.concatenate((axes, axes * dt, axes * (0.5 * dt * dt)), axis=2)
    right = -np.einsum("nij,nj->ni", axes, away)
    return rows.reshape(-1, 9), right.reshape(-1)


@functools.cache
def _largest_misfit(degrees: int) -> float:
    return float(chi2.ppf(1.0 - _TAIL, degrees))


def _least_squares(rows: Array, right: Array) -> tuple[Array, Array, float] | None:
    """Solution, its covariance and the misfit of whitened equations; None if they do not tell."""
    information = rows.T @ rows
    try:
        covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    solution = covariance @ (rows.T @ right)
    misfit = float(np.sum((rows @ solution - right) ** 2))
    if not math.isfinite(misfit) or not (np.diagonal(covariance) > 0.0).all():
        return None
    return solution, covariance, misfit


def _fit_plume(looks: list[Look], meeting: Array) -> tuple[float, Start] | None:
    """Least squares for position, velocity and acceleration at the newest look; misfit, start."""
    rows, right = _sighting_equations(looks, meeting)
    prior = np.zeros((6, 9))
    prior[:3, 3:6] = np.eye(3) / _VELOCITY_PRIOR_M_S
    prior[3:, 6:9] = np.eye(3) / _ACCELERATION_PRIOR_M_S2
    fitted = _least_squares(np.vstack((rows, prior)), np.concatenate((right, np.zeros(6))))
    if fitted is None:
        return None
    solution, covariance, misfit = fitted
    if misfit > _largest_misfit(len(right)):
        return None
    mean = solution[:6].copy()
    mean[:3] += meeting
    up = mean[:3] / np.linalg.norm(mean[:3])
    climb = float(up @ mean[3:])
    climb_sigma = math.sqrt(float(up @ covariance[3:6, 3:6] @ up))
    height = height_m(mean[0], mean[1], mean[2])
    height_sigma = math.sqrt(float(up @ covariance[:3, :3] @ up))
    if (
        climb < _LEAST_CLIMB_SIGMAS * climb_sigma
        or height < _HEIGHT_SPAN_M[0] - 3.0 * height_sigma
        or height > _HEIGHT_SPAN_M[1]
        or _fixed_misfit(rows, right, meeting) - misfit < _FIXED_REFUTED
    ):
        return None
    return misfit, _start_at_oldest(looks, solution, meeting, covariance)


def _fixed_misfit(rows: Array, right: Array, meeting: Array) -> float:
    """Misfit of a source that stands still near the ground."""
    up = meeting / np.linalg.norm(meeting)
    height = height_m(meeting[0], meeting[1], meeting[2])
    fitted = _least_squares(
        np.vstack((rows[:, :3], up / _FIXED_HEIGHT_SIGMA_M)),
        np.append(right, -height / _FIXED_HEIGHT_SIGMA_M),
    )
    return 0.0 if fitted is None else fitted[2]


def _start_at_oldest(
    looks: list[Look], solution: Array, meeting: Array, covariance: Array
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
    wide = 9.0 * (slope @ covariance[:6, :6] @ slope.T)
    wide[:3, :3] += np.eye(3) * 500.0**2
    wide[3:, 3:] += np.eye(3) * 100.0**2
    return Start(oldest, mean, wide, tuple(looks), boosting=0.95)


def _radar_start(chain: Chain) -> Start | None:
    """A start from three echoes of one radar that move as one object can; None if they do not."""
    looks = chain.looks
    if len(looks) < _LEAST_LOOKS:
        return None
    geometry, times = stacked(looks)
    if times[-1] < 1.5:
        return None
    points, sigmas_m = echo_points(geometry)
    gravity = -0.5 * 9.0 * times[:, None] ** 2 * (points[0] / np.linalg.norm(points[0]))
    design = np.stack((np.ones_like(times), times), axis=1) / sigmas_m[:, None]
    target = (points - gravity) / sigmas_m[:, None]
    try:
        spread = np.asarray(np.linalg.inv(design.T @ design), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    solution = spread @ (design.T @ target)
    misfit = float(np.sum((design @ solution - target) ** 2))
    speed = float(np.linalg.norm(solution[1]))
    if not misfit <= _largest_misfit(3 * len(looks)) or not 500.0 < speed < 9_000.0:
        return None
    covariance = np.asarray(4.0 * np.kron(spread, np.eye(3)), dtype=np.float64)
    mean = np.concatenate((solution[0], solution[1]))
    return Start(looks[0].seen_tai_ns, mean, covariance, tuple(looks), boosting=0.2)
