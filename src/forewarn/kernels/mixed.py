"""The loops of a bank of tracks in the FULL regime: interacting models, biases in every state.

Rows of the bank, as arrays (`MixedRows`): X[rows, 4, n], P[rows, 4, n, n] and mu[rows, 4] of
`kernels.filter`, marks[rows, 2] (score, best score so far), facts[rows, FACTS] whose columns are
named below (KNOWN: a bit for each sensor that saw it), and silent[rows, sensors]: looks that
covered it in vain. A scan comes as `Plots` of `kernels.bank`, for where plots are, with the
geometry g[m, 8, 3] of each for the filter. A row stays at the instant of its last look; it is moved
to a plot, on a copy, to weigh it, and in place to take it. A plot that is older than its row by
less than a slice of a scan is met by the row where it was, with its velocity's uncertainty.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import GRAVITATIONAL_PARAMETER_M3_S2 as MU
from forewarn.kernels import bank
from forewarn.kernels import filter as filters
from forewarn.kernels.bank import (
    CAME_DOWN,
    CONFIRMED,
    DISBELIEVED,
    ENDED,
    NO_NUMBER,
    TENTATIVE,
    TOO_WIDE,
    UNSEEN,
    Plots,
)
from forewarn.kernels.flight import height_m
from forewarn.kernels.jit import kernel
from forewarn.kernels.measure import radar_from_ecef
from forewarn.kernels.pairing import candidate_pairs

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

SCORE, TOP = range(2)
MARKS = 2
(
    NUMBER,
    STATUS,
    REASON,
    TAI_NS,
    BEGUN_TAI_NS,
    SEEN_TAI_NS,
    THRUST_TAI_NS,
    QUIET_TAI_NS,
    COUNT,
    PLOT,
    SERIAL,
    KNOWN,
) = range(12)
FACTS = 12

CONE, SECTOR, BEAMS = range(3)

NEAR_SIGMAS = 10.0  # a plot farther than this cannot pass the gate
STRAY_M_S2 = 60.0  # by which the coarse path may be wrong: thrust, or its end
NEAR_M = 500.0
# Squared distance that a true look exceeds once in 1e5: chi-square with 2 and 4 degrees.
GATES = (23.03, 28.47)
CLOUD_DOUBT_M = 15_000.0  # below, a cloud may hide a plume, and silence says nothing
TROUBLE = -1e3  # score of a look that the filter could not take: more than any track survives
SAME_D2 = 30.0  # chi-square of three degrees passes it once in a million
QUIET = 0.995  # weight of free fall from which a track is counted as quiet


class MixedRows(NamedTuple):
    """The arrays of a bank, each with one row a track."""

    X: Array
    P: Array
    mu: Array
    marks: Array
    facts: Integers
    silent: Integers


class Cover(NamedTuple):
    """What a scan looked at: a cone (axis in ecef, cosine of its half angle), a sector, or beams.

    numbers[6]: as `kind` says. beams[k, 2]: azimuth and elevation; numbers then holds half width
    and greatest range. sensor: its column and bit; serial: a number that no other scan has.
    """

    kind: int
    numbers: Array
    beams: Array
    sensor: int
    serial: int


@kernel
def coarse_body(rows: MixedRows, i: int, dt: float, body: Array) -> float:
    """Write where row i is about to be in dt seconds into body[6]; return its spread [m]."""
    X, P, mu = rows.X[i], rows.P[i], rows.mu[i]
    body[:] = 0.0
    for model in range(mu.shape[0]):
        if mu[model] > 0.0:
            for a in range(6):
                body[a] += mu[model] * X[model, a]
    variance, drift = 0.0, 0.0
    for model in range(mu.shape[0]):
        if mu[model] > 0.0:
            for a in range(3):
                d, e = X[model, a] - body[a], X[model, 3 + a] - body[3 + a]
                variance += mu[model] * (P[model, a, a] + d * d)
                drift += mu[model] * (P[model, 3 + a, 3 + a] + e * e)
    r2 = body[0] * body[0] + body[1] * body[1] + body[2] * body[2]
    v2 = body[3] * body[3] + body[4] * body[4] + body[5] * body[5]
    pull = -MU / (r2 * math.sqrt(r2))
    push = mu[0] * X[0, 6] / math.sqrt(v2) if mu[0] > 0.0 and v2 > 1.0 else 0.0
    for a in range(3):
        force = pull * body[a] + push * body[3 + a]
        body[a] += dt * (body[3 + a] + 0.5 * dt * force)
        body[3 + a] += dt * force
    return float(math.sqrt(variance) + abs(dt) * math.sqrt(drift))


@kernel
def expect_coarsely(
    rows: MixedRows, count: int, plots: Plots, bias: Array, serial: int, z: Array, box: Array
) -> None:
    """Write what every row is expected to show, z[count, 4], and the half-widths box[count, w].

    bias[4]: one-sigma biases of the elements. A row that has ended, or took a plot of this scan
    already, has no box.
    """
    worst = np.zeros(4)
    apart_s = 0.0
    for j in range(plots.measured.shape[0]):
        for a in range(plots.first, min(plots.last, 3)):
            if plots.sigma[j, a] < math.inf:
                worst[a] = max(worst[a], plots.sigma[j, a])
        apart_s = max(apart_s, abs(plots.tai_ns[j] - plots.middle_tai_ns) * 1e-9)
    body = np.empty(6)
    for i in range(count):
        box[i, :] = math.nan
        z[i, :] = math.nan
        if rows.facts[i, STATUS] == ENDED or rows.facts[i, SERIAL] == serial:
            continue
        dt = (plots.middle_tai_ns - rows.facts[i, TAI_NS]) * 1e-9
        spread = coarse_body(rows, i, dt, body)
        if not math.isfinite(spread + body[0] + body[3]):
            continue
        radar_from_ecef(body, plots.middle_site, plots.axes, z[i])
        v = math.sqrt(body[3] * body[3] + body[4] * body[4] + body[5] * body[5])
        stray = 0.5 * STRAY_M_S2 * dt * dt
        reach = NEAR_SIGMAS * spread + stray + NEAR_M + apart_s * (1.1 * v + 8_000.0)
        for d in range(box.shape[1]):
            a = plots.first + d
            box[i, d] = NEAR_SIGMAS * (worst[a] + bias[a])
            if a == 0:
                box[i, d] += reach
            else:
                level = max(math.cos(z[i, 2]), 1e-3) if a == 1 else 1.0
                box[i, d] += reach / (max(z[i, 0], 1.0) * level)


@kernel
def older_look(g: Array, x: Array, p: Array, dt: float, out: Array) -> None:
    """Write a look g[8, 3] that is older than the state x by -dt > 0 as one of now.

    The target was back by v dt: the sensor is put forward by as much, and noisier by what v is.
    """
    out[:, :] = g
    drift = 0.0
    away = 0.0
    for a in range(3):
        out[0, a] = g[0, a] - x[3 + a] * dt
        drift += p[3 + a, 3 + a] * dt * dt
        away += (x[a] - g[0, a]) ** 2
    across = drift / max(away, 1.0)
    out[6, 0] = math.sqrt(g[6, 0] ** 2 + across)
    out[6, 1] = math.sqrt(g[6, 1] ** 2 + across)
    out[6, 2] = math.sqrt(g[6, 2] ** 2 + across)


@kernel
def heaviest(mu: Array) -> int:
    """The likeliest model."""
    best = 0
    for model in range(1, mu.shape[0]):
        if mu[model] > mu[best]:
            best = model
    return best


@kernel
def look_of(rows: MixedRows, i: int, g: Array, kind: int, tai_ns: int, out: Array) -> float:
    """Write the look as row i meets it into out[8, 3]; return the seconds the row must move."""
    dt = float((tai_ns - rows.facts[i, TAI_NS]) * 1e-9)
    if dt >= 0.0:
        out[:, :] = g
        return dt
    model = heaviest(rows.mu[i])
    older_look(g, rows.X[i, model], rows.P[i, model], dt, out)
    if kind == filters.RADAR:
        spread = math.hypot(out[6, 1], g[6, 1]) * g[4, 0]
        out[6, 0] = math.hypot(g[6, 0], min(1000.0, spread))
    return 0.0


@kernel
def propose(
    rows: MixedRows, count: int, plots: Plots, g: Array, kind: int, bias: Array, serial: int
) -> tuple[Integers, Array]:
    """Pairs [k, 2] of row and plot within the gate, sorted, and gains: see `bank.gain_all`."""
    a, b = plots.first, min(plots.last, 3)
    z, box = np.empty((count, 4)), np.empty((count, b - a))
    expect_coarsely(rows, count, plots, bias, serial, z, box)
    period = np.zeros(b - a)
    period[1 - a] = 2.0 * math.pi
    expected, seen = np.ascontiguousarray(z[:, a:b]), np.ascontiguousarray(plots.measured[:, a:b])
    room = 4 * (count + seen.shape[0]) + 64
    pairs = np.empty((room, 2), np.int64)
    found = candidate_pairs(expected, box, seen, period, pairs)
    while found > room:  # the boxes hold more than there is time for: the gates narrow
        box *= 0.5
        found = candidate_pairs(expected, box, seen, period, pairs)
    gain = np.empty(found)
    X, P, mu = np.empty_like(rows.X[0]), np.empty_like(rows.P[0]), np.empty_like(rows.mu[0])
    look = np.empty((8, 3))
    log_density = math.log(plots.clutter)
    kept, moved_row, moved_dt = 0, -1, -1.0
    for k in range(found):
        i, j = pairs[k, 0], pairs[k, 1]
        dt = look_of(rows, i, g[j], kind, plots.tai_ns[j], look)
        if i != moved_row or dt != moved_dt:
            X[:, :], P[:, :, :], mu[:] = rows.X[i], rows.P[i], rows.mu[i]
            moved_row, moved_dt = i, dt
            if dt > 0.0 and not filters.predict(X, P, mu, dt):
                moved_row = -1
                continue
        d2, ln = filters.distance(X, P, mu, kind, look)
        worth = ln - log_density
        if d2 < GATES[kind] and worth > 0.0:
            pairs[kept, 0], pairs[kept, 1], gain[kept] = i, j, worth
            kept += 1
    return pairs[:kept], gain[:kept]


@kernel
def move_row(rows: MixedRows, i: int, tai_ns: int) -> bool:
    """Move row i to an instant, if that is later than where it is. False: it cannot be moved."""
    dt = (tai_ns - rows.facts[i, TAI_NS]) * 1e-9
    if dt <= 0.0:
        return True
    if not filters.predict(rows.X[i], rows.P[i], rows.mu[i], dt):
        return False
    rows.facts[i, TAI_NS] = tai_ns
    return True


@kernel
def take(
    rows: MixedRows, i: int, plots: Plots, g: Array, kind: int, j: int, seen_if: Array
) -> None:
    """Give plot j to row i. Trouble costs it more score than it can have: it will end."""
    facts, marks = rows.facts[i], rows.marks[i]
    look = np.empty((8, 3))
    ln = -math.inf
    dt = look_of(rows, i, g[j], kind, plots.tai_ns[j], look)
    if dt <= 0.0 or move_row(rows, i, plots.tai_ns[j]):
        ln, _ = filters.update(rows.X[i], rows.P[i], rows.mu[i], kind, look, seen_if)
    marks[SCORE] += TROUBLE if ln == -math.inf else ln - math.log(plots.clutter)
    marks[TOP] = max(marks[TOP], marks[SCORE])
    facts[SEEN_TAI_NS] = max(facts[SEEN_TAI_NS], plots.tai_ns[j])
    if kind == filters.LINE_OF_SIGHT:
        facts[THRUST_TAI_NS] = max(facts[THRUST_TAI_NS], plots.tai_ns[j])
    facts[COUNT] += 1
    facts[PLOT] = j
    note_quiet(rows, i)


@kernel
def note_quiet(rows: MixedRows, i: int) -> None:
    """Remember since when free fall is all but certain."""
    facts = rows.facts[i]
    if not rows.mu[i, filters.BALLISTIC] > QUIET:
        facts[QUIET_TAI_NS] = 0
    elif facts[QUIET_TAI_NS] == 0:
        facts[QUIET_TAI_NS] = facts[TAI_NS]


@kernel
def is_covered(body: Array, plots: Plots, cover: Cover, z: Array) -> bool:
    """Whether a scan looked where body[6] is, with nothing before it. z[4]: work space."""
    if cover.kind == CONE:
        if height_m(body[0], body[1], body[2]) < CLOUD_DOUBT_M:
            return False
        along, away2, facing = 0.0, 0.0, 0.0
        for a in range(3):
            d = body[a] - plots.middle_site[a]
            along += d * cover.numbers[a]
            away2 += d * d
            facing += d * body[a]
        return bool(along > cover.numbers[3] * math.sqrt(away2) and facing < 0.0)
    radar_from_ecef(body, plots.middle_site, plots.axes, z)
    if cover.kind == SECTOR:
        n = cover.numbers
        turn = z[1] - n[2]
        turn -= 2.0 * math.pi * math.floor(turn / (2.0 * math.pi))
        return bool(n[0] <= z[0] <= n[1] and turn < n[3] and n[4] < z[2] < n[5])
    half, farthest = cover.numbers[0], cover.numbers[1]
    if z[0] > farthest:
        return False
    for k in range(cover.beams.shape[0]):
        up = abs(cover.beams[k, 1] - z[2])
        side = cover.beams[k, 0] - z[1]
        side -= 2.0 * math.pi * math.floor(side / (2.0 * math.pi) + 0.5)
        if up < half and abs(side) * math.cos(z[2]) < half:
            return True
    return False


@kernel
def weigh_silence(
    rows: MixedRows, count: int, plots: Plots, cover: Cover, known_if: Array, anew_if: Array
) -> None:
    """Weigh a whole scan by the rows that it covered and did not see.

    known_if[4]: probability of being seen under each model by a sensor that saw it before;
    anew_if[4]: by one that never did; no weight at all where that is negative.
    """
    body, z = np.empty(6), np.empty(4)
    for i in range(count):
        facts = rows.facts[i]
        if facts[STATUS] == ENDED or facts[SERIAL] == cover.serial:
            continue
        dt = (plots.middle_tai_ns - facts[TAI_NS]) * 1e-9
        spread = coarse_body(rows, i, dt, body)
        if not math.isfinite(spread) or not is_covered(body, plots, cover, z):
            continue
        known = facts[KNOWN] >> cover.sensor & 1 == 1
        if not known:
            rows.silent[i, cover.sensor] += 1
            if anew_if[0] < 0.0:
                continue
        if not move_row(rows, i, plots.middle_tai_ns):
            rows.marks[i, SCORE] += TROUBLE
            continue
        ln = filters.miss(rows.mu[i], known_if if known else anew_if)
        rows.marks[i, SCORE] += ln if ln > -math.inf else TROUBLE
        note_quiet(rows, i)


@kernel
def take_all(
    rows: MixedRows,
    chosen: Integers,
    plots: Plots,
    g: Array,
    kind: int,
    cover: Cover,
    seen_if: Array,
) -> None:
    """Give each row its plot, chosen[rows], -1 for none."""
    for i in range(chosen.shape[0]):
        rows.facts[i, PLOT] = -1
        if chosen[i] >= 0:
            take(rows, i, plots, g, kind, chosen[i], seen_if)
            rows.facts[i, SERIAL] = cover.serial
            rows.facts[i, KNOWN] |= 1 << cover.sensor


@kernel
def is_sound(X: Array, P: Array, mu: Array) -> bool:
    """Whether the models that have weight are finite, of this world, with positive variances."""
    total = 0.0
    for model in range(mu.shape[0]):
        if not mu[model] >= 0.0:
            return False
        total += mu[model]
        if mu[model] > 0.0:
            for a in range(6):
                if not (abs(X[model, a]) < bank.FARTHEST_M and P[model, a, a] > 0.0):
                    return False
                if not P[model, a, a] < bank.FARTHEST_M * bank.FARTHEST_M:
                    return False
    return total > 0.5


@kernel
def settle_all(rows: MixedRows, count: int, now_tai_ns: int, life: Array) -> None:
    """Move rows through their lives by what scores, silence and height say.

    life[5]: confirming score, drop of the score that ends, seconds of silence after which a
    tentative row ends and after which a confirmed one is looked after, greatest spread [m].
    """
    body = np.empty(6)
    for i in range(count):
        facts, marks = rows.facts[i], rows.marks[i]
        if facts[STATUS] == ENDED:
            continue
        if not is_sound(rows.X[i], rows.P[i], rows.mu[i]):
            facts[STATUS], facts[REASON] = ENDED, NO_NUMBER
            continue
        silent_s = (now_tai_ns - facts[SEEN_TAI_NS]) * 1e-9
        if facts[STATUS] == TENTATIVE and marks[SCORE] > life[0]:
            facts[STATUS] = CONFIRMED
        if not marks[SCORE] >= marks[TOP] - life[1]:
            facts[STATUS], facts[REASON] = ENDED, DISBELIEVED
        elif facts[STATUS] == TENTATIVE:
            if silent_s > life[2]:
                facts[STATUS], facts[REASON] = ENDED, UNSEEN
        elif silent_s > life[3]:
            if (now_tai_ns - facts[TAI_NS]) * 1e-9 > 5.0 and not move_row(rows, i, now_tai_ns):
                facts[STATUS], facts[REASON] = ENDED, NO_NUMBER
                continue
            spread = coarse_body(rows, i, 0.0, body)
            if not spread < life[4]:
                facts[STATUS], facts[REASON] = ENDED, TOO_WIDE
            elif height_m(body[0], body[1], body[2]) < 0.0:
                facts[STATUS], facts[REASON] = ENDED, CAME_DOWN


@kernel
def weigh_calm_silence(
    rows: bank.Rows, count: int, plots: Plots, cover: Cover, seen_if: float, rules: bank.Rules
) -> None:
    """Weigh a radar's whole scan by the calm rows that it knows, covered, and did not see."""
    body, z = np.empty(6), np.empty(4)
    for i in range(count):
        facts, marks = rows.facts[i], rows.marks[i]
        if facts[bank.STATUS] == ENDED or facts[bank.SERIAL] == cover.serial:
            continue
        if facts[bank.KNOWN] >> cover.sensor & 1:
            fallen_body(rows, i, plots.middle_tai_ns, body)
            if is_covered(body, plots, cover, z):
                marks[bank.SCORE] += math.log(1.0 - seen_if * bank.chance(marks[bank.PRESENCE]))
                marks[bank.PRESENCE] = max(
                    marks[bank.PRESENCE] + math.log(1.0 - seen_if), -bank.MOST_PRESENCE
                )
        bank.settle(rows, i, rules)


@kernel
def follows(
    rows: MixedRows, calm: bank.Rows, counts: tuple[int, int], tai_ns: int, x: Array, P: Array
) -> bool:
    """Whether some row is about where a start x[6], P[6, 6] of an instant is."""
    body, s, d = np.empty(6), np.empty((3, 3)), np.empty(3)
    for i in range(counts[0] + counts[1]):
        k = i - counts[0]
        if k < 0:
            dt = (tai_ns - rows.facts[i, TAI_NS]) * 1e-9
            model = heaviest(rows.mu[i])
            ended = rows.facts[i, STATUS] == ENDED or not math.isfinite(
                coarse_body(rows, i, dt, body)
            )
            own = rows.P[i, model]
        else:
            dt = (tai_ns - calm.facts[k, bank.TAI_NS]) * 1e-9
            fallen_body(calm, k, tai_ns, body)
            ended = calm.facts[k, bank.STATUS] == ENDED
            own = calm.P[k]
        if ended:
            continue
        for a in range(3):
            d[a] = x[a] - body[a]
            for b in range(3):
                s[a, b] = P[a, b] + own[a, b]
            s[a, a] += own[3 + a, 3 + a] * dt * dt + 30.0 * dt * dt * dt * dt
        d2, _ = filters.gaussian(d, s, 3)
        if d2 < SAME_D2:
            return True
    return False


@kernel
def nearest_row(
    rows: MixedRows, calm: bank.Rows, counts: tuple[int, int], tai_ns: int, x: Array, near: Array
) -> int:
    """The confirmed row nearest to x[6] at an instant, within near[2] = so many metres and m/s.

    Rows of the full regime come first, then those of the calm one; -1 if none is so near.
    """
    body = np.empty(6)
    best, found = near[0], -1
    for i in range(counts[0] + counts[1]):
        k = i - counts[0]
        if k < 0:
            status = rows.facts[i, STATUS]
            coarse_body(rows, i, (tai_ns - rows.facts[i, TAI_NS]) * 1e-9, body)
        else:
            status = calm.facts[k, bank.STATUS]
            fallen_body(calm, k, tai_ns, body)
        if status in (TENTATIVE, ENDED):
            continue
        d2, v2 = 0.0, 0.0
        for a in range(3):
            d2 += (x[a] - body[a]) ** 2
            v2 += (x[3 + a] - body[3 + a]) ** 2
        if d2 < best * best and v2 < near[1] * near[1]:
            best, found = math.sqrt(d2), i
    return found


@kernel
def fallen_body(calm: bank.Rows, k: int, tai_ns: int, body: Array) -> None:
    """Write where a calm row is at an instant near its own into body[6]."""
    dt = (tai_ns - calm.facts[k, bank.TAI_NS]) * 1e-9
    r2 = 0.0
    for a in range(3):
        r2 += calm.x[k, a] * calm.x[k, a]
    pull = -MU / (r2 * math.sqrt(r2))
    for a in range(3):
        body[a] = calm.x[k, a] + dt * (calm.x[k, 3 + a] + 0.5 * dt * pull * calm.x[k, a])
        body[3 + a] = calm.x[k, 3 + a] + dt * pull * calm.x[k, a]


@kernel
def drop_rows(rows: MixedRows, count: int, gone: NDArray[np.bool_]) -> int:
    """Close the gaps of rows that are gone, in order; return how many are left."""
    left = 0
    for i in range(count):
        if gone[i]:
            continue
        if left != i:
            rows.X[left], rows.P[left], rows.mu[left] = rows.X[i], rows.P[i], rows.mu[i]
            rows.marks[left], rows.facts[left] = rows.marks[i], rows.facts[i]
            rows.silent[left] = rows.silent[i]
        left += 1
    return left
