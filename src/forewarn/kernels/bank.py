"""The loops of a bank of tracks over one scan: predict, gate, assign, update, weigh silence.

Rows of a bank, as arrays (`Rows`): x[rows, n] and P[rows, n, n] (see `kernels.calm`), marks[rows,
MARKS] of floats and facts[rows, FACTS] of integers, whose columns are named below. GROUP is
the number of the track that its company is named after, 0 for none. What was seen comes as `Plots`.

Score and presence. The score of a track is the log-likelihood ratio of "one object made these
plots, and was missed where it was not seen" to "clutter made them" (Sittler, IEEE Trans. Mil. El. 8
(1964) 125). Presence is the log-odds that it is still there to be seen: objects vanish at a small
rate, so that silence tells (Musicki, Evans and Stankovic, IEEE TAC 39 (1994) 1237, the chance of
existence of an integrated data association filter). A track that is probably gone asks for plots
with the weight that is left to it, and comes back under its number when it is seen again.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from forewarn.earth import SEMI_MINOR_AXIS_M as RP
from forewarn.kernels import calm
from forewarn.kernels.company import find_company, keep_company
from forewarn.kernels.jit import kernel, leaf
from forewarn.kernels.pairing import assign, candidate_pairs

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

SCORE, TOP, PRESENCE = range(3)
MARKS = 3
NUMBER, STATUS, REASON, TAI_NS, BEGUN_TAI_NS, SEEN_TAI_NS = range(6)
COUNT, HISTORY, PLOT, GROUP, DISPERSION, SERIAL, KNOWN = range(6, 13)
FACTS = 13

TENTATIVE, CONFIRMED, DOUBTED, ENDED = range(4)
NONE, NO_NUMBER, TOO_WIDE, DISBELIEVED, UNSEEN, DUPLICATE, NOT_TAKEN = range(7)
CAME_DOWN, MOVED = 7, 8  # to the ground, to another regime

# Squared distance that a true look exceeds once in 1e5: chi-square with 1 to 4 degrees of freedom.
GATES = (0.0, 19.51, 23.03, 25.90, 28.47)
FEW_LOOKS = 10  # from then on a track's own velocity says as well where its next plot is
LONGEST_SCAN_S = 60.0  # plots farther than this from the middle of their scan are no one's
FARTHEST_M = 1e9  # also the fastest in m/s: beyond, arithmetic has failed
MOST_PRESENCE = 30.0

PAIRS_FOUND, PAIRS_SHED, TROUBLES = range(3)
COUNTERS = 3


class Rows(NamedTuple):
    """The arrays of a bank, each with one row a track."""

    x: Array
    P: Array
    marks: Array
    facts: Integers


class Plots(NamedTuple):
    """What one sensor reported of one scan: m plots of four elements, and what it looked at.

    measured[m, 4]: range [m], azimuth, elevation [rad] about ``axes``, range rate [m/s]; sigma[m,
    4], NaN where an element was not measured; first <= element < last are those that the sensor
    measures at all (1, 3: a telescope). tai_ns[m] and site[m, 3] [m, ecef]: of each plot; axes[3,
    3]: east, north, up of the sensor. sector[6]: what was looked at: least and greatest range,
    first azimuth and width, least and greatest elevation. bias[4]: column of x with the bias of an
    element, -1 for none. clutter: false plots per unit of measured space and scan; seen_if:
    probability that an object that was looked at is seen. middle_tai_ns: middle of the scan.
    """

    measured: Array
    sigma: Array
    tai_ns: Integers
    site: Array
    axes: Array
    sector: Array
    bias: Integers
    clutter: float
    seen_if: float
    first: int
    last: int
    middle_tai_ns: int
    middle_site: Array


class Rules(NamedTuple):
    """What a bank goes by; see `tracking.bank.Bank` for units and sources."""

    confirm_score: float
    doubt_drop: float
    vanish_rate_s: float
    longest_silence_s: float
    widest_m: float
    most_pairs: int


@kernel
def drop_ended(rows: Rows, count: int) -> int:
    """Close the gaps that ended tracks leave, in order; return how many are left."""
    left = 0
    for i in range(count):
        if rows.facts[i, STATUS] == ENDED:
            continue
        if left != i:
            rows.x[left] = rows.x[i]
            rows.P[left] = rows.P[i]
            rows.marks[left] = rows.marks[i]
            rows.facts[left] = rows.facts[i]
        left += 1
    return left


@leaf
def end(rows: Rows, i: int, reason: int) -> None:
    """End track i for a reason."""
    rows.facts[i, STATUS] = ENDED
    rows.facts[i, REASON] = reason


@leaf
def is_sound(x: Array, P: Array) -> bool:
    """Whether all is finite, of this world, and every variance positive."""
    total = 0.0
    for i in range(x.shape[0]):
        if not abs(x[i]) < FARTHEST_M:
            return False
        if i < 6 and not 0.0 < P[i, i] < FARTHEST_M * FARTHEST_M:
            return False
        for j in range(x.shape[0]):
            total += P[i, j]
    return math.isfinite(total)


@kernel
def predict_all(rows: Rows, count: int, tai_ns: int, rules: Rules, w: Array) -> None:
    """Move every live track to an instant; end those without numbers, too wide, or long unseen."""
    for i in range(count):
        facts = rows.facts[i]
        facts[PLOT] = -1
        facts[REASON] = NONE
        dt = (tai_ns - facts[TAI_NS]) * 1e-9
        if dt != 0.0:
            if not calm.predict(rows.x[i], rows.P[i], dt, w):
                end(rows, i, NO_NUMBER)
                continue
            facts[TAI_NS] = tai_ns
            if dt > 0.0:  # objects vanish at a rate
                stay = math.exp(-rules.vanish_rate_s * dt)
                odds = math.exp(rows.marks[i, PRESENCE])
                rows.marks[i, PRESENCE] = math.log(
                    max(odds * stay / (1.0 + odds * (1.0 - stay)), 1e-300)
                )
        P = rows.P[i]
        if not is_sound(rows.x[i], P):
            end(rows, i, NO_NUMBER)
        elif P[0, 0] + P[1, 1] + P[2, 2] > rules.widest_m * rules.widest_m:
            end(rows, i, TOO_WIDE)
        elif (tai_ns - facts[SEEN_TAI_NS]) * 1e-9 > rules.longest_silence_s:
            end(rows, i, UNSEEN)


@leaf
def expect_one(x: Array, P: Array, site: Array, plots: Plots, work: tuple[Any, ...]) -> bool:
    """Write the look z[4] that a track expects, its bias included, and its covariance S[4, 4].

    work: z, S and the workspace.
    """
    z, S, w = work
    H, extra = w[:4], w[4]
    if not calm.expect(x, site, plots.axes, z, H):
        return False
    calm.bend(x, P, z, H, plots.last, extra)
    calm.spread(P, H, (plots.first, plots.last, extra), plots.bias, S, w[5:9])
    for a in range(4):
        if plots.bias[a] >= 0:
            z[a] += x[plots.bias[a]]
    return True


@leaf
def is_hidden(x: Array, site: Array) -> bool:
    """Whether the Earth, a ball of its polar radius, stands between a place x[3] and a site[3]."""
    u2, su, s2 = 0.0, 0.0, 0.0
    for i in range(3):
        d = x[i] - site[i]
        u2 += d * d
        su += site[i] * d
        s2 += site[i] * site[i]
    k = min(max(-su / u2, 0.0), 1.0) if u2 > 0.0 else 0.0
    return s2 + 2.0 * k * su + k * k * u2 < RP * RP


@kernel
def expect_all(
    rows: Rows, count: int, plots: Plots, z: Array, S: Array, box: Array, w: Array
) -> None:
    """Write what every track expects at the middle of the scan, z[count, 4], S[count, 4, 4].

    box[count, width]: half-widths that a true plot leaves once in 1e5, wider by what the track
    moves within the scan; NaN for a track that cannot be seen.
    """
    worst = np.zeros(4)
    apart_s = 0.0
    for j in range(plots.measured.shape[0]):
        for a in range(plots.first, plots.last):
            if plots.sigma[j, a] < math.inf:
                worst[a] = max(worst[a], plots.sigma[j, a])
        late_s = abs(plots.tai_ns[j] - plots.middle_tai_ns) * 1e-9
        if late_s <= LONGEST_SCAN_S:
            apart_s = max(apart_s, late_s)
    reach = math.sqrt(GATES[plots.last - plots.first])
    for i in range(count):
        box[i, :] = math.nan
        if rows.facts[i, STATUS] == ENDED:
            continue
        x = rows.x[i]
        if plots.first > 0 and is_hidden(x, plots.middle_site):
            continue
        if not expect_one(x, rows.P[i], plots.middle_site, plots, (z[i], S[i], w)):
            continue
        speed = 1.1 * math.sqrt(x[3] * x[3] + x[4] * x[4] + x[5] * x[5]) + 100.0
        if apart_s > 0.0:  # a telescope moves too
            m = plots.site.shape[0]
            for a in range(3):
                d = plots.site[m - 1, a] - plots.site[0, a]
                speed += abs(d) / apart_s
        for d in range(box.shape[1]):
            a = plots.first + d
            box[i, d] = reach * math.sqrt(S[i, a, a] + worst[a] * worst[a])
            if apart_s > 0.0:
                turn = speed / z[i, 0] if a > 0 else speed
                box[i, d] += apart_s * turn / (max(math.cos(z[i, 2]), 1e-3) if a == 1 else 1.0)


@kernel
def find_pairs(
    rows: Rows, count: int, plots: Plots, z: Array, box: Array, rules: Rules, counters: Integers
) -> Integers:
    """Candidate pairs, within the budget of pairs.

    Beyond it tentative tracks are left out first, then boxes are narrowed until the rest fits.
    """
    a, b = plots.first, min(plots.last, 3)
    period = np.zeros(b - a)
    period[1 - a] = 2.0 * math.pi
    expected, seen = np.ascontiguousarray(z[:, a:b]), np.ascontiguousarray(plots.measured[:, a:b])
    room = 4 * (count + seen.shape[0]) + 64
    pairs = np.empty((min(room, rules.most_pairs), 2), np.int64)
    found = candidate_pairs(expected, box, seen, period, pairs)
    counters[PAIRS_FOUND] = found
    if found > pairs.shape[0]:
        pairs = np.empty((min(found, rules.most_pairs), 2), np.int64)
        if found > rules.most_pairs:
            for i in range(count):
                if rows.facts[i, STATUS] == TENTATIVE:
                    box[i, :] = math.nan
        found = candidate_pairs(expected, box, seen, period, pairs)
        while found > rules.most_pairs:
            box *= 0.5
            found = candidate_pairs(expected, box, seen, period, pairs)
        counters[PAIRS_SHED] = counters[PAIRS_FOUND] - found
    return pairs[:found]


@leaf
def chance(log_odds: float) -> float:
    """Probability of log-odds."""
    return 1.0 / (1.0 + math.exp(-log_odds))


@kernel
def gain_all(
    rows: Rows, plots: Plots, pairs: Integers, z: Array, S: Array, gain: Array, w: Array
) -> None:
    """Write the log-likelihood ratio of each pair to both alone; -inf outside the gate.

    A plot of another instant than the scan's middle is met by the track at that instant.
    """
    n = rows.x.shape[1]
    gate = GATES[plots.last - plots.first]
    there_x, there_p = np.empty(n), np.empty((n, n))
    there_z, there_s = np.zeros(4), np.zeros((4, 4))
    log_clutter = math.log(plots.clutter)
    for k in range(pairs.shape[0]):
        i, j = pairs[k, 0], pairs[k, 1]
        gain[k] = -math.inf
        dt = (plots.tai_ns[j] - rows.facts[i, TAI_NS]) * 1e-9
        if abs(dt) > LONGEST_SCAN_S:
            continue
        if dt == 0.0:
            d2, ln = calm.distance(
                plots.measured[j], plots.sigma[j], z[i], S[i], plots.first, plots.last
            )
        else:
            there_x[:] = rows.x[i]
            there_p[:, :] = rows.P[i]
            if not calm.predict(there_x, there_p, dt, w):
                continue
            if not expect_one(there_x, there_p, plots.site[j], plots, (there_z, there_s, w)):
                continue
            d2, ln = calm.distance(
                plots.measured[j], plots.sigma[j], there_z, there_s, plots.first, plots.last
            )
        if d2 < gate:
            seen = plots.seen_if * chance(rows.marks[i, PRESENCE])
            gain[k] = ln - log_clutter + math.log(seen / (1.0 - seen))


@leaf
def was_looked_at(z: Array, plots: Plots) -> bool:
    """Whether a look z[4] lies in the sector of the scan."""
    sector = plots.sector
    turn = z[1] - sector[2]
    turn -= 2.0 * math.pi * math.floor(turn / (2.0 * math.pi))
    inside = sector[0] <= z[0] <= sector[1] and sector[4] <= z[2] <= sector[5]
    return bool(inside and turn <= sector[3])


@leaf
def take(rows: Rows, i: int, plots: Plots, j: int, w: Array) -> bool:
    """Give plot j to track i. False on trouble: the track stays as predicted."""
    facts = rows.facts[i]
    dt = (plots.tai_ns[j] - facts[TAI_NS]) * 1e-9
    if dt != 0.0:
        if not calm.predict(rows.x[i], rows.P[i], dt, w):
            end(rows, i, NO_NUMBER)
            return False
        facts[TAI_NS] = plots.tai_ns[j]
    look = (plots.measured[j], plots.sigma[j], plots.site[j], plots.axes)
    ln, _ = calm.update(rows.x[i], rows.P[i], look, plots.first, plots.last, plots.bias, w)
    if ln == -math.inf:
        facts[REASON] = NOT_TAKEN
        return False
    marks = rows.marks[i]
    evidence = ln - math.log(plots.clutter) + math.log(plots.seen_if)
    marks[SCORE] += evidence
    marks[TOP] = max(marks[TOP], marks[SCORE])
    marks[PRESENCE] = min(max(marks[PRESENCE] + evidence, -MOST_PRESENCE), MOST_PRESENCE)
    facts[SEEN_TAI_NS] = max(facts[SEEN_TAI_NS], plots.tai_ns[j])
    facts[COUNT] += 1
    facts[PLOT] = j
    return True


@leaf
def settle(rows: Rows, i: int, rules: Rules) -> None:
    """Move a track through its life by what its score and presence say."""
    marks, facts = rows.marks[i], rows.facts[i]
    if facts[STATUS] == ENDED:
        return
    if facts[STATUS] == TENTATIVE:
        if marks[SCORE] < 0.0:
            end(rows, i, DISBELIEVED)
        elif marks[SCORE] > rules.confirm_score:
            facts[STATUS] = CONFIRMED
    elif marks[SCORE] < marks[TOP] - rules.doubt_drop:
        end(rows, i, DISBELIEVED)
    elif facts[STATUS] == CONFIRMED and marks[PRESENCE] < 0.0:
        facts[STATUS] = DOUBTED
    elif facts[STATUS] == DOUBTED and marks[PRESENCE] > 0.0:
        facts[STATUS] = CONFIRMED


@kernel
def at_instant(rows: Rows, count: int, tai_ns: int) -> tuple[Array, Array]:
    """States and covariances of all rows at an instant; NaN for those that have ended."""
    n = rows.x.shape[1]
    x, P = rows.x[:count].copy(), rows.P[:count].copy()
    w = np.empty((max(calm.WORK_ROWS, 8 + n), max(n, 6)))
    for i in range(count):
        dt = (tai_ns - rows.facts[i, TAI_NS]) * 1e-9
        if rows.facts[i, STATUS] == ENDED or (dt != 0.0 and not calm.predict(x[i], P[i], dt, w)):
            x[i] = math.nan
            P[i] = math.nan
    return x, P


@kernel
def regroup(rows: Rows, count: int, tai_ns: int) -> None:
    """Find anew who keeps company with whom at an instant; write it into the rows."""
    x, P = at_instant(rows, count, tai_ns)
    live, choice = np.zeros(count, np.int64), np.empty(count, np.int64)
    label = rows.facts[:count, NUMBER].copy()
    for i in range(count):
        if rows.facts[i, STATUS] == CONFIRMED or rows.facts[i, STATUS] == DOUBTED:
            live[i] = 1
    find_company(x, P, live, label, choice)
    for i in range(count):
        rows.facts[i, GROUP] = label[i]
        rows.facts[i, DISPERSION] = choice[i]


@kernel
def in_company(rows: Rows, count: int) -> Rows:
    """The rows with the states that company gives to groups with a member of few looks.

    Among old members the plots themselves tell as well whose they are.
    """
    label, young = np.zeros(count, np.int64), np.zeros(count, np.int64)
    few = 0
    for i in range(count):
        facts = rows.facts[i]
        if facts[GROUP] > 0 and facts[STATUS] != ENDED and facts[COUNT] < FEW_LOOKS:
            young[few] = facts[GROUP]
            few += 1
    if few == 0:
        return rows
    young = np.sort(young[:few])
    for i in range(count):
        group = rows.facts[i, GROUP]
        if group > 0 and rows.facts[i, STATUS] != ENDED:
            if young[min(np.searchsorted(young, group), few - 1)] == group:
                label[i] = group
    x, P = rows.x[:count].copy(), rows.P[:count].copy()
    keep_company(x, P, label, rows.facts[:count, DISPERSION].copy())
    return Rows(x, P, rows.marks, rows.facts)


@kernel
def propose(
    rows: Rows, count: int, plots: Plots, rules: Rules, counters: Integers
) -> tuple[Integers, Array, Array]:
    """Move all rows to the scan; return pairs [k, 2] that may be, their gains, expected looks z.

    Gains are positive: what is better explained by clutter is no pair.
    """
    n = rows.x.shape[1]
    w = np.empty((max(calm.WORK_ROWS, 8 + n), max(n, 6)))
    predict_all(rows, count, plots.middle_tai_ns, rules, w)
    known = in_company(rows, count)
    z, S = np.full((count, 4), math.nan), np.empty((count, 4, 4))
    box = np.empty((count, min(plots.last, 3) - plots.first))
    expect_all(known, count, plots, z, S, box, w)
    pairs = find_pairs(rows, count, plots, z, box, rules, counters)
    gain = np.empty(pairs.shape[0])
    gain_all(known, plots, pairs, z, S, gain, w)
    kept = 0
    for k in range(len(gain)):
        if gain[k] > 0.0:
            pairs[kept, 0], pairs[kept, 1], gain[kept] = pairs[k, 0], pairs[k, 1], gain[k]
            kept += 1
    return pairs[:kept], gain[:kept], z


@kernel
def conclude(
    rows: Rows,
    count: int,
    plots: Plots,
    rules: Rules,
    found: tuple[Any, ...],
    counters: Integers,
) -> None:
    """Give rows their plots, weigh silence for the others, and settle what becomes of each.

    found: the plot of each row or -1, z of `propose`, and what overrides seen_if for the misses of
    each row, or empty.
    """
    chosen, z, unseen = found
    n = rows.x.shape[1]
    w = np.empty((max(calm.WORK_ROWS, 8 + n), max(n, 6)))
    for i in range(count):
        facts = rows.facts[i]
        if facts[STATUS] == ENDED:
            continue
        facts[HISTORY] = (facts[HISTORY] << 1) & 0xFFFFFFFF
        if chosen[i] >= 0:
            if take(rows, i, plots, chosen[i], w):
                facts[HISTORY] |= 1
            else:
                counters[TROUBLES] += 1
        elif was_looked_at(z[i], plots):
            seen_if = unseen[i] if unseen.shape[0] > i else plots.seen_if
            marks = rows.marks[i]
            marks[SCORE] += math.log(1.0 - seen_if * chance(marks[PRESENCE]))
            marks[PRESENCE] = max(marks[PRESENCE] + math.log(1.0 - seen_if), -MOST_PRESENCE)
        settle(rows, i, rules)


@kernel
def assign_pairs(
    pairs: Integers, gain: Array, count: int, owner: Integers, chosen: Integers
) -> None:
    """Choose the best joint assignment: chosen[count], the plot of each row; owner[m], the row."""
    first = np.zeros(count + 1, np.int64)
    plot = np.empty(len(gain), np.int64)
    for k in range(len(gain)):
        first[pairs[k, 0] + 1] += 1
        plot[k] = pairs[k, 1]
    for i in range(count):
        first[i + 1] += first[i]
    assign(first, plot, gain, owner.shape[0], chosen)
    owner[:] = -1
    for i in range(count):
        if chosen[i] >= 0:
            chosen[i] = plot[chosen[i]]
            owner[chosen[i]] = i


@kernel
def scan_all(
    rows: Rows, count: int, plots: Plots, rules: Rules, unseen: Array, owner: Integers
) -> tuple[int, Integers]:
    """Take one scan into the bank, in place, but for births; return rows left and counters.

    unseen: what overrides seen_if for the misses of each row, or empty; owner[m]: the row that took
    a plot, or -1.
    """
    counters = np.zeros(COUNTERS, np.int64)
    pairs, gain, z = propose(rows, count, plots, rules, counters)
    chosen = np.empty(count, np.int64)
    assign_pairs(pairs, gain, count, owner, chosen)
    conclude(rows, count, plots, rules, (chosen, z, unseen), counters)
    return count, counters


@kernel
def begin_all(
    rows: Rows,
    count: int,
    begun: tuple[Any, ...],
    rules: Rules,
    number: int,
    history: int,
) -> None:
    """Write new tracks into the rows from ``count`` on: x, P, score and facts of `find_births`."""
    x, P, score, facts = begun
    for s in range(len(score)):
        i = count + s
        rows.x[i] = x[s]
        rows.P[i] = P[s]
        rows.marks[i, SCORE] = score[s]
        rows.marks[i, TOP] = score[s]
        rows.marks[i, PRESENCE] = min(score[s], MOST_PRESENCE)
        own = rows.facts[i]
        own[:] = 0
        own[NUMBER] = number + s
        own[STATUS] = TENTATIVE
        own[TAI_NS] = facts[s, 1]
        own[SEEN_TAI_NS] = facts[s, 1]
        own[BEGUN_TAI_NS] = facts[s, 2]
        own[COUNT] = facts[s, 0]
        own[HISTORY] = history
        own[PLOT] = -1
        if not is_sound(rows.x[i], rows.P[i]):
            end(rows, i, NO_NUMBER)
        settle(rows, i, rules)


@kernel
def merge_duplicates(rows: Rows, count: int, fresh_ns: int, now_tai_ns: int) -> int:
    """End the weaker of two tracks of one object; return how many.

    Looked at are tracks begun within ``fresh_ns``. Two are one object if their states agree and, of
    the scans since the younger began (three at least), none gave a plot to both: two objects
    that close would soon both be seen in one scan.
    """
    young = 0
    for i in range(count):
        if now_tai_ns - rows.facts[i, BEGUN_TAI_NS] < fresh_ns:
            young += 1
    if young == 0:
        return 0
    x, P = at_instant(rows, count, now_tai_ns)
    place, box = np.full((count, 3), math.nan), np.full((count, 3), math.nan)
    for i in range(count):
        if rows.facts[i, STATUS] == ENDED:
            continue
        place[i] = x[i, :3]
        if now_tai_ns - rows.facts[i, BEGUN_TAI_NS] < fresh_ns:
            for a in range(3):
                box[i, a] = min(4.0 * math.sqrt(P[i, a, a]), 20_000.0)
    pairs = np.empty((8 * count + 64, 2), np.int64)
    found = min(candidate_pairs(place, box, place, np.zeros(3), pairs), len(pairs))
    lower = np.zeros((6, 6))
    ended = 0
    for k in range(found):
        i, j = pairs[k, 0], pairs[k, 1]
        if i == j or rows.facts[i, STATUS] == ENDED or rows.facts[j, STATUS] == ENDED:
            continue
        a, b = rows.facts[i, HISTORY], rows.facts[j, HISTORY]
        seen_scans = 0
        while seen_scans < 32 and (a | b) >> seen_scans:
            seen_scans += 1
        if a & b or seen_scans < 3:
            continue
        if agree(x[i] - x[j], P[i] + P[j], lower):
            weaker = i if rows.marks[i, SCORE] < rows.marks[j, SCORE] else j
            end(rows, weaker, DUPLICATE)
            ended += 1
    return ended


@kernel
def agree(off: Array, spread: Array, lower: Array) -> bool:
    """Whether two bodies with this difference and its covariance differ less than once in 100."""
    y, d2 = np.empty(6), 0.0
    for a in range(6):
        for b in range(a + 1):
            s = spread[a, b]
            for k in range(b):
                s -= lower[a, k] * lower[b, k]
            if a == b:
                if not s > 0.0:
                    return False
                lower[a, a] = math.sqrt(s)
            else:
                lower[a, b] = s / lower[b, b]
        v = off[a]
        for k in range(a):
            v -= lower[a, k] * y[k]
        y[a] = v / lower[a, a]
        d2 += y[a] * y[a]
    return d2 < 16.81  # chi-square, six degrees, once in 100


@kernel
def estimate_all(rows: Rows, count: int, tai_ns: int) -> tuple[Array, Array, Integers]:
    """States and covariances at an instant, by own plots and company's; and the groups."""
    x, P = at_instant(rows, count, tai_ns)
    label = rows.facts[:count, GROUP].copy()
    for i in range(count):
        if not math.isfinite(x[i, 0]):
            label[i] = 0
    keep_company(x, P, label, rows.facts[:count, DISPERSION].copy())
    return x, P, label
