"""How a bank's tracks begin: chains of two or three radar plots that one falling object can make.

Plots that no track took are remembered for a few scans. A plot may follow an older one if the
speed between them is one that objects have; three in a row must also agree with free fall, tested
in the radar's own coordinates, where its errors are independent (a range is a hundred times
sharper than an angle is wide). A chain's score is the log-likelihood ratio of one new object to
clutter: ln(share of new objects among unclaimed plots), then each further plot against the density
of clutter, the first step under a prior of speed.

Two plots that are each other's only choice begin a track at once. In a dense group nearly every
pair of plots is possible; there chains of three begin tracks, best first, each plot used once.
Objects that were released together move alike, so that true chains of a group agree in their range
rate, and false ones do not: each chain is raised by those that support it with other plots.

The state at the newest plot is that of the chain's ends and its gravity, with the stated speed
prior and the plot between taken in by the filter; the radar's biases keep their covariance with it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels import calm
from forewarn.kernels.bank import Plots
from forewarn.kernels.jit import kernel
from forewarn.kernels.pairing import candidate_pairs

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

WAYS = 12  # predecessors that a plot keeps, the best ones
SPEED_SIGMA_M_S = 4_000.0  # a coordinate of velocity: objects fall at 2 to 7 km/s
TOP_SPEED_M_S = 9_000.0
SLACK_M_S2 = 30.0  # by which an arc may bend off the straight line through its chords
GATE = 25.90  # chi-square, three degrees, once in 1e5
WIDE_M = 60_000.0  # a group: chains that far apart may support each other
SUPPORT = 2.0  # nats that a chain which moves alike is worth: 690 true among 5,512 chains, best
LEAST_APART_S = 0.05

STARTS_FOUND, STARTS_SHED, PLOTS_FORGOTTEN, WAYS_FOUND, WAYS_SHED = range(5)
COUNTERS = 5


class Memory(NamedTuple):
    """Unclaimed plots of one radar, oldest first, of the last scans.

    measured[k, 4], sigma[k, 4], tai_ns[k], site[k, 3] and point[k, 3] (ecef) as in `Plots`;
    scan[k]: number of the scan; before[k, WAYS]: plots that it may follow, -1 where there is none;
    worth[k, WAYS]: log-likelihood ratio of that.
    """

    measured: Array
    sigma: Array
    tai_ns: Integers
    site: Array
    point: Array
    scan: Integers
    before: Integers
    worth: Array


class BirthRules(NamedTuple):
    """What births go by; see `tracking.bank.Bank`."""

    log_new: float
    least_pair: float
    least_chain: float
    most_starts: int
    most_ways: int
    scans: int
    longest_s: float


@kernel
def to_point(look: Array, site: Array, axes: Array, p: Array) -> None:
    """Write the place p[3] in ecef of a look."""
    level = look[0] * math.cos(look[2])
    e, n, u = level * math.sin(look[1]), level * math.cos(look[1]), look[0] * math.sin(look[2])
    for i in range(3):
        p[i] = site[i] + axes[0, i] * e + axes[1, i] * n + axes[2, i] * u


@kernel
def across(look: Array, axes: Array, J: Array) -> None:
    """Write dp/d(range, azimuth, elevation) of a look into the columns of J[3, 3]."""
    ca, sa, ce, se = math.cos(look[1]), math.sin(look[1]), math.cos(look[2]), math.sin(look[2])
    r = look[0]
    for i in range(3):
        J[i, 0] = ce * sa * axes[0, i] + ce * ca * axes[1, i] + se * axes[2, i]
        J[i, 1] = r * ce * (ca * axes[0, i] - sa * axes[1, i])
        J[i, 2] = r * (-se * sa * axes[0, i] - se * ca * axes[1, i] + ce * axes[2, i])


@kernel
def gathered(memory: Memory, plots: Plots, owner: Integers, scan: int, rules: BirthRules) -> Memory:
    """The memory with what is too old forgotten and the unclaimed plots of a scan added."""
    old = memory.tai_ns.shape[0]
    new = np.empty(old, np.int64)  # where a remembered plot goes
    kept = 0
    oldest = plots.middle_tai_ns - int(rules.longest_s * 1e9)
    for k in range(old):
        new[k] = -1
        if memory.scan[k] > scan - rules.scans and memory.tai_ns[k] >= oldest:
            if memory.measured[k, 0] > 0.0:  # not used
                new[k] = kept
                kept += 1
    fresh = 0
    for j in range(owner.shape[0]):
        if owner[j] < 0 and is_whole(plots, j):
            fresh += 1
    total = kept + fresh
    both = Memory(
        np.empty((total, 4)),
        np.empty((total, 4)),
        np.empty(total, np.int64),
        np.empty((total, 3)),
        np.empty((total, 3)),
        np.empty(total, np.int64),
        np.full((total, WAYS), -1),
        np.full((total, WAYS), -math.inf),
    )
    for k in range(old):
        t = new[k]
        if t < 0:
            continue
        both.measured[t], both.sigma[t] = memory.measured[k], memory.sigma[k]
        both.tai_ns[t], both.scan[t] = memory.tai_ns[k], memory.scan[k]
        both.site[t], both.point[t] = memory.site[k], memory.point[k]
        ways = 0
        for q in range(WAYS):
            b = memory.before[k, q]
            if b >= 0 and new[b] >= 0:
                both.before[t, ways], both.worth[t, ways] = new[b], memory.worth[k, q]
                ways += 1
    for j in range(owner.shape[0]):
        if owner[j] < 0 and is_whole(plots, j):
            both.measured[kept], both.sigma[kept] = plots.measured[j], plots.sigma[j]
            both.tai_ns[kept], both.scan[kept] = plots.tai_ns[j], scan
            both.site[kept] = plots.site[j]
            to_point(plots.measured[j], plots.site[j], plots.axes, both.point[kept])
            kept += 1
    return both


@kernel
def is_whole(plots: Plots, j: int) -> bool:
    """Whether a plot has a range and both angles, with their noise."""
    for a in range(3):
        if not (math.isfinite(plots.measured[j, a]) and 0.0 < plots.sigma[j, a] < math.inf):
            return False
    return bool(plots.measured[j, 0] > 1.0)


@kernel
def step_worth(both: Memory, b: int, c: int, plots: Plots) -> float:
    """Log-likelihood ratio of plot c to clutter if the object of plot b made it; -inf: it cannot.

    The velocity is normal about zero, 4 km/s in each coordinate.
    """
    dt = (both.tai_ns[c] - both.tai_ns[b]) * 1e-9
    if dt < LEAST_APART_S:
        return -math.inf
    zb, zc, sb, sc = both.measured[b], both.measured[c], both.sigma[b], both.sigma[c]
    r = zc[0]
    cos = max(math.cos(zc[2]), 1e-3)
    noise = (
        sb[0] * sb[0] + sc[0] * sc[0],
        r * r * cos * cos * (sb[1] * sb[1] + sc[1] * sc[1]),
        r * r * (sb[2] * sb[2] + sc[2] * sc[2]),
    )
    d2 = 0.0
    for i in range(3):
        d = both.point[c, i] - both.point[b, i]
        d2 += d * d
    room = TOP_SPEED_M_S * dt + 4.0 * math.sqrt(noise[0] + noise[1] + noise[2])
    if d2 > room * room:
        return -math.inf
    turn = zc[1] - zb[1]
    turn -= 2.0 * math.pi * math.floor(turn / (2.0 * math.pi) + 0.5)
    offs = (zc[0] - zb[0], r * cos * turn, r * (zc[2] - zb[2]))
    ln = math.log(plots.seen_if / plots.clutter) + math.log(r * r * cos)
    speed = SPEED_SIGMA_M_S * dt
    for i in range(3):
        s = speed * speed + noise[i]
        ln -= 0.5 * (offs[i] * offs[i] / s + math.log(s)) + 0.9189385332046727  # ln sqrt(2 pi)
    if plots.last > 3 and sc[3] < math.inf and sb[3] < math.inf:
        # Half the bend between is what a chord's rate may miss by.
        slack = SLACK_M_S2 * dt
        s = 0.25 * (sb[3] * sb[3] + sc[3] * sc[3]) + noise[0] / (dt * dt) + slack * slack
        off = 0.5 * (zb[3] + zc[3]) - (zc[0] - zb[0]) / dt
        ln += -0.5 * (off * off / s + math.log(s)) - 0.9189385332046727
        if off * off > 25.0 * s:
            return -math.inf
    return ln


@kernel
def find_ways(both: Memory, fresh: int, plots: Plots, rules: BirthRules, said: Integers) -> None:
    """Fill ``before`` and ``worth`` of the new plots, those from row ``fresh`` on."""
    total = both.tai_ns.shape[0]
    box = np.empty((fresh, 3))
    latest, worst = 0, np.zeros(3)
    for c in range(fresh, total):
        latest = max(latest, both.tai_ns[c])
        for a in range(3):
            worst[a] = max(worst[a], both.sigma[c, a])
    for b in range(fresh):
        z = both.measured[b]
        apart_s = min(max((latest - both.tai_ns[b]) * 1e-9, 0.0), rules.longest_s)
        reach = TOP_SPEED_M_S * apart_s
        turn = reach / max(z[0] - reach, 1e3)
        box[b, 0] = reach + 4.0 * (both.sigma[b, 0] + worst[0])
        box[b, 1] = turn / max(math.cos(z[2]), 1e-3) + 4.0 * (both.sigma[b, 1] + worst[1])
        box[b, 2] = turn + 4.0 * (both.sigma[b, 2] + worst[2])
    period = np.array((0.0, 2.0 * math.pi, 0.0))
    older = np.ascontiguousarray(both.measured[:fresh, :3])
    newer = np.ascontiguousarray(both.measured[fresh:, :3])
    pairs = np.empty((min(4 * total + 64, rules.most_ways), 2), np.int64)
    found = candidate_pairs(older, box, newer, period, pairs)
    if found > pairs.shape[0] and pairs.shape[0] < rules.most_ways:
        pairs = np.empty((min(found, rules.most_ways), 2), np.int64)
        found = candidate_pairs(older, box, newer, period, pairs)
    said[WAYS_FOUND] = found
    said[WAYS_SHED] = max(found - pairs.shape[0], 0)
    for k in range(min(found, pairs.shape[0])):
        b, c = pairs[k, 0], fresh + pairs[k, 1]
        if (both.tai_ns[c] - both.tai_ns[b]) * 1e-9 > rules.longest_s:
            continue
        worth = step_worth(both, b, c, plots)
        if worth == -math.inf:
            continue
        q = WAYS - 1
        if worth <= both.worth[c, q]:
            continue
        while q > 0 and worth > both.worth[c, q - 1]:
            both.worth[c, q], both.before[c, q] = both.worth[c, q - 1], both.before[c, q - 1]
            q -= 1
        both.worth[c, q], both.before[c, q] = worth, b


@kernel
def chain_worth(both: Memory, chain: Integers, plots: Plots, p: Array) -> float:
    """Log-likelihood ratio of the last of three plots to clutter, given the two before it."""
    a, b, c = chain[0], chain[1], chain[2]
    t1 = (both.tai_ns[b] - both.tai_ns[a]) * 1e-9
    t2 = (both.tai_ns[c] - both.tai_ns[b]) * 1e-9
    k = t2 / t1
    zc = both.measured[c]
    # Straight on from the chord, and half the fall of the whole arc, with Coriolis' turn.
    v = np.empty(3)
    for i in range(3):
        v[i] = (both.point[b, i] - both.point[a, i]) / t1
    g = calm.falling(both.point[b, 0], both.point[b, 1], both.point[b, 2], v[0], v[1])
    bend = 0.5 * t2 * (t1 + t2)
    for i in range(3):
        p[i] = both.point[b, i] + v[i] * t2 + g[i] * bend - both.site[c, i]
    e = plots.axes[0, 0] * p[0] + plots.axes[0, 1] * p[1] + plots.axes[0, 2] * p[2]
    n = plots.axes[1, 0] * p[0] + plots.axes[1, 1] * p[1] + plots.axes[1, 2] * p[2]
    u = plots.axes[2, 0] * p[0] + plots.axes[2, 1] * p[1] + plots.axes[2, 2] * p[2]
    level = math.sqrt(e * e + n * n)
    off0 = zc[0] - math.sqrt(level * level + u * u)
    slack = 0.05 * SLACK_M_S2 * bend
    ln, d2 = math.log(plots.seen_if / plots.clutter), 0.0
    for i in range(3):
        if i == 0:
            off = off0
        elif i == 1:
            off = zc[1] - math.atan2(e, n)
            off -= 2.0 * math.pi * math.floor(off / (2.0 * math.pi) + 0.5)
        else:
            off = zc[2] - math.atan2(u, level)
        sa, sb, sc = both.sigma[a, i], both.sigma[b, i], both.sigma[c, i]
        s = sc * sc + (1.0 + k) * (1.0 + k) * sb * sb + k * k * sa * sa
        s += slack * slack if i == 0 else (slack / zc[0]) ** 2
        if i == 0:  # the chord's angles, wrong by their noise, bend its range
            w = zc[0] * ((1.0 + k) * both.sigma[b, 2]) ** 2
            s += w * w
        d2 += off * off / s
        if d2 > GATE:
            return -math.inf
        ln -= 0.5 * math.log(s) + 0.9189385332046727  # ln sqrt(2 pi)
    if plots.last > 3 and both.sigma[c, 3] < math.inf:
        s = both.sigma[c, 3] ** 2 + 2.0 * (both.sigma[c, 0] / (t1 + t2)) ** 2
        slack = 0.5 * SLACK_M_S2 * (t1 + t2)
        s += slack * slack
        off = zc[3] - (zc[0] - both.measured[a, 0]) / (t1 + t2)
        d2 += off * off / s
        ln -= 0.5 * math.log(s) + 0.9189385332046727
        if d2 > GATE + 3.0:
            return -math.inf
    return ln - 0.5 * d2


@kernel
def find_chains(
    both: Memory, fresh: int, plots: Plots, rules: BirthRules
) -> tuple[Integers, Array, Array]:
    """All chains of three that end in a new plot: rows[q, 3], score[q], range rate[q]."""
    most = rules.most_ways
    chains, score, rate = np.empty((64, 3), np.int64), np.empty(64), np.empty(64)
    count = 0
    p = np.empty(3)
    chain = np.empty(3, np.int64)
    for c in range(fresh, both.tai_ns.shape[0]):
        for q in range(WAYS):
            b = both.before[c, q]
            if b < 0:
                break
            for s in range(WAYS):
                a = both.before[b, s]
                if a < 0:
                    break
                chain[0], chain[1], chain[2] = a, b, c
                worth = chain_worth(both, chain, plots, p)
                if worth == -math.inf or count == most:
                    continue
                if count == len(score):
                    bigger = min(2 * count, most)
                    more, more_s, more_r = (
                        np.empty((bigger, 3), np.int64),
                        np.empty(bigger),
                        np.empty(bigger),
                    )
                    more[:count], more_s[:count], more_r[:count] = chains, score, rate
                    chains, score, rate = more, more_s, more_r
                chains[count] = chain
                score[count] = rules.log_new + both.worth[b, s] + worth
                dt = (both.tai_ns[c] - both.tai_ns[a]) * 1e-9
                rate[count] = (both.measured[c, 0] - both.measured[a, 0]) / dt
                count += 1
    return chains[:count], score[:count], rate[:count]


@kernel
def support(both: Memory, chains: Integers, rate: Array, out: Array) -> None:
    """Write how many other plots' chains of the same group each chain moves with.

    A chain that moves just alike counts one, one that is a sigma off (of the difference of the two
    velocities, along and across) counts exp(-1/2).
    """
    count = rate.shape[0]
    order = np.argsort(rate, kind="mergesort")
    u, v = np.empty(3), np.empty(3)
    for s in range(count):
        i = order[s]
        a, b, c = chains[i, 0], chains[i, 1], chains[i, 2]
        dt = (both.tai_ns[c] - both.tai_ns[a]) * 1e-9
        r = both.measured[c, 0]
        along = math.sqrt(2.0) * math.hypot(both.sigma[a, 0], both.sigma[c, 0]) / dt
        across_m_s = math.sqrt(2.0) * r * math.hypot(both.sigma[a, 2], both.sigma[c, 2]) / dt
        for e in range(3):
            u[e] = (both.point[c, e] - both.site[c, e]) / r
            v[e] = (both.point[c, e] - both.point[a, e]) / dt
        total = 0.0
        for way in (-1, 1):
            k = s + way
            while 0 <= k < count and abs(rate[order[k]] - rate[i]) < 4.0 * along:
                o = order[k]
                k += way
                if chains[o, 0] == a or chains[o, 1] == b or chains[o, 2] == c:
                    continue
                then = (both.tai_ns[chains[o, 2]] - both.tai_ns[chains[o, 0]]) * 1e-9
                d2, w2, wu = 0.0, 0.0, 0.0
                for e in range(3):
                    at = both.point[chains[o, 2], e]
                    d = at - both.point[c, e]
                    w = (at - both.point[chains[o, 0], e]) / then - v[e]
                    d2 += d * d
                    w2 += w * w
                    wu += w * u[e]
                if d2 < WIDE_M * WIDE_M:
                    off = (rate[o] - rate[i]) / along
                    off2 = off * off + max(w2 - wu * wu, 0.0) / (across_m_s * across_m_s)
                    total += math.exp(-0.5 * off2)
        out[i] = total


@kernel
def pick(
    both: Memory, fresh: int, plots: Plots, rules: BirthRules, said: Integers
) -> tuple[Integers, Array]:
    """Choose what begins: rows[s, 3] of plots (first -1 for a pair) and scores[s]; marks them."""
    total = both.tai_ns.shape[0]
    chains, score, rate = find_chains(both, fresh, plots, rules)
    held = np.zeros(len(score))
    support(both, chains, rate, held)
    order = np.argsort(-(score + SUPPORT * held), kind="mergesort")
    used = np.zeros(total, np.bool_)
    starts, worth, count = np.empty((total - fresh, 3), np.int64), np.empty(total - fresh), 0
    for q in order:
        a, b, c = chains[q, 0], chains[q, 1], chains[q, 2]
        if score[q] < rules.least_chain or used[a] or used[b] or used[c]:
            continue
        used[a] = used[b] = used[c] = True
        starts[count] = chains[q]
        worth[count] = score[q]
        count += 1
    after = np.zeros(total, np.int64)
    for c in range(fresh, total):
        for q in range(WAYS):
            if both.before[c, q] >= 0:
                after[both.before[c, q]] += 1
    for c in range(fresh, total):
        b = both.before[c, 0]
        if b < 0 or both.before[c, 1] >= 0 or after[b] != 1 or used[b] or used[c]:
            continue
        alone = rules.log_new + both.worth[c, 0]
        if alone > rules.least_pair:
            used[b] = used[c] = True
            starts[count, 0], starts[count, 1], starts[count, 2] = -1, b, c
            worth[count] = alone
            count += 1
    said[STARTS_FOUND] = count
    starts, worth = starts[:count], worth[:count]
    if count > rules.most_starts:
        best = np.sort(np.argsort(-worth, kind="mergesort")[: rules.most_starts])
        starts, worth = starts[best], worth[best]
        said[STARTS_SHED] = count - rules.most_starts
    return starts, worth


@kernel
def start_state(
    both: Memory, chain: Integers, plots: Plots, bias_sigma: Array, x: Array, P: Array
) -> None:
    """Write the state x[n], P[n, n] at the newest of two plots, the last of ``chain``."""
    b, c = chain[1], chain[2]
    dt = (both.tai_ns[c] - both.tai_ns[b]) * 1e-9
    jb, jc = np.empty((3, 3)), np.empty((3, 3))
    across(both.measured[b], plots.axes, jb)
    across(both.measured[c], plots.axes, jc)
    mid, v = np.empty(3), np.empty(3)
    for i in range(3):
        mid[i] = 0.5 * (both.point[b, i] + both.point[c, i])
        v[i] = (both.point[c, i] - both.point[b, i]) / dt
    g = calm.falling(mid[0], mid[1], mid[2], v[0], v[1])
    x[:] = 0.0
    P[:, :] = 0.0
    for k in range(bias_sigma.shape[0]):
        P[6 + k, 6 + k] = bias_sigma[k] ** 2
    for i in range(3):
        x[i] = both.point[c, i]
        x[3 + i] = v[i] + 0.5 * g[i] * dt
        for j in range(3):
            for a in range(3):
                nc = jc[i, a] * jc[j, a] * both.sigma[c, a] ** 2
                nb = jb[i, a] * jb[j, a] * both.sigma[b, a] ** 2
                P[i, j] += nc
                P[i, 3 + j] += nc / dt
                P[3 + i, j] += nc / dt
                P[3 + i, 3 + j] += (nc + nb) / (dt * dt)
    d = np.empty(6)
    for a in range(3):  # a plot lies where the object is, moved by the bias
        k = plots.bias[a]
        if k < 0:
            continue
        for i in range(3):
            d[i] = -jc[i, a]
            d[3 + i] = (jb[i, a] - jc[i, a]) / dt
        for i in range(6):
            P[i, k] += d[i] * P[k, k]
            P[k, i] = P[i, k]
            for j in range(6):
                P[i, j] += d[i] * d[j] * P[k, k]
    n = x.shape[0]
    gain = np.empty(n)
    for a in range(3, 6):  # the prior of speed
        s = P[a, a] + SPEED_SIGMA_M_S**2
        gain[:] = P[:, a]
        k = x[a] / s
        for i in range(n):
            x[i] -= gain[i] * k
            for j in range(n):
                P[i, j] -= gain[i] * gain[j] / s


@kernel
def find_births(
    memory: Memory, plots: Plots, owner: Integers, bias_sigma: Array, scan: int, rules: BirthRules
) -> tuple[Memory, Array, Array, Array, Integers, Integers]:
    """Remember the unclaimed plots of a scan, and begin what they give reason to.

    Returns the new memory; x[s, n], P[s, n, n], score[s] and the facts (count, instant, begun)[s,
    3] of what begins; counters.
    """
    said = np.zeros(COUNTERS, np.int64)
    both = gathered(memory, plots, owner, scan, rules)
    total, n = both.tai_ns.shape[0], 6 + bias_sigma.shape[0]
    fresh = total
    while fresh > 0 and both.scan[fresh - 1] == scan:
        fresh -= 1
    find_ways(both, fresh, plots, rules, said)
    starts, score = pick(both, fresh, plots, rules, said)
    count = len(score)
    x, P, facts = np.empty((count, n)), np.empty((count, n, n)), np.empty((count, 3), np.int64)
    w = np.empty((max(calm.WORK_ROWS, 8 + n), max(n, 6)))
    pair = np.empty(3, np.int64)
    for s in range(count):
        a, b, c = starts[s, 0], starts[s, 1], starts[s, 2]
        pair[1], pair[2] = (b, c) if a < 0 else (a, b)
        start_state(both, pair, plots, bias_sigma, x[s], P[s])
        facts[s, 0], facts[s, 1], facts[s, 2] = 2, both.tai_ns[c], both.tai_ns[pair[1]]
        if a >= 0:
            facts[s, 0] = 3
            look = (both.measured[c], both.sigma[c], both.site[c], plots.axes)
            calm.predict(x[s], P[s], (both.tai_ns[c] - both.tai_ns[b]) * 1e-9, w)
            calm.update(x[s], P[s], look, plots.first, plots.last, plots.bias, w)
        for k in (a, b, c):
            if k >= 0:
                both.measured[k, 0] = -1.0  # used
    return both, x, P, score, facts, said
