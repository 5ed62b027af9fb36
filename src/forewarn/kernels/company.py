"""Objects that were released together: what the group says of the velocity of each of its members.

A radar that is a hundred times sharper in range than across it needs minutes to learn the velocity
across its line of sight. Ten objects of one release share that velocity but for a few metres a
second, and together they have ten times the evidence. Model: v_i = v + d_i, v of no known value,
d_i normal with the group's dispersion s in each coordinate, the tracks' own errors independent:

    own estimate of v_i ~ N(v, C_i^-1),  C_i = (P_i + s^2 I)^-1

(a one-way random-effects model; DerSimonian and Laird, Controlled Clinical Trials 7 (1986) 177). A
member is conditioned on the v of all the others, never on its own part in it, so that nothing
counts twice; its position gains through its covariance with velocity. The dispersion is the one of
a few under which the members' velocities are likeliest. The tracks themselves stay as their own
plots made them: company says where to look for a member, and what is known of it, no more.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.clusters import find_root
from forewarn.kernels.jit import kernel
from forewarn.kernels.pairing import candidate_pairs

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

NEAR_M = 30_000.0  # two neighbours of a group; a group may be longer
DISPERSIONS_M_S = (3.0, 10.0, 30.0)
LINK_M_S = 42.0  # a difference of two members of the widest dispersion
AGREE = 16.27  # chi-square, three degrees, once in 1,000
LEAST = 3  # fewer are a coincidence
MOST_NEIGHBOURS = 16


@kernel
def invert(a: Array, out: Array) -> float:
    """Write the inverse of a symmetric a[3, 3]; return its determinant, 0 if not positive."""
    c00 = a[1, 1] * a[2, 2] - a[1, 2] * a[1, 2]
    c01 = a[0, 2] * a[1, 2] - a[0, 1] * a[2, 2]
    c02 = a[0, 1] * a[1, 2] - a[0, 2] * a[1, 1]
    det = a[0, 0] * c00 + a[0, 1] * c01 + a[0, 2] * c02
    if not (det > 0.0 and a[0, 0] > 0.0 and det < math.inf):
        return 0.0
    out[0, 0] = c00 / det
    out[0, 1] = c01 / det
    out[0, 2] = c02 / det
    out[1, 1] = (a[0, 0] * a[2, 2] - a[0, 2] * a[0, 2]) / det
    out[1, 2] = (a[0, 1] * a[0, 2] - a[0, 0] * a[1, 2]) / det
    out[2, 2] = (a[0, 0] * a[1, 1] - a[0, 1] * a[0, 1]) / det
    out[1, 0], out[2, 0], out[2, 1] = out[0, 1], out[0, 2], out[1, 2]
    return float(det)


@kernel
def quadratic(c: Array, v: Array) -> float:
    """Return v' c v of three dimensions."""
    total = 0.0
    for a in range(3):
        for b in range(3):
            total += c[a, b] * v[a] * v[b]
    return total


@kernel
def link(x: Array, P: Array, live: Integers, parent: Integers) -> None:
    """Join in parent[n] the live tracks that are near each other and move alike."""
    n = x.shape[0]
    place, box = np.full((n, 3), math.nan), np.full((n, 3), NEAR_M)
    for i in range(n):
        parent[i] = i
        if live[i]:
            place[i] = x[i, :3]
    pairs = np.empty((MOST_NEIGHBOURS * n + 64, 2), np.int64)
    found = min(candidate_pairs(place, box, place, np.zeros(3), pairs), len(pairs))
    s, c, v = np.empty((3, 3)), np.empty((3, 3)), np.empty(3)
    for k in range(found):
        i, j = pairs[k, 0], pairs[k, 1]
        if i >= j:
            continue
        a, b = find_root(parent, i), find_root(parent, j)
        if a == b:
            continue
        for e in range(3):
            v[e] = x[i, 3 + e] - x[j, 3 + e]
            for f in range(3):
                s[e, f] = P[i, 3 + e, 3 + f] + P[j, 3 + e, 3 + f]
            s[e, e] += LINK_M_S * LINK_M_S
        if invert(s, c) > 0.0 and quadratic(c, v) < AGREE:
            parent[max(a, b)] = min(a, b)


@kernel
def pool(x: Array, P: Array, members: Integers, spread: float, C: Array, total: Array) -> float:
    """Write C_i[k, 3, 3] of the members and their sums; return the log-likelihood of a dispersion.

    total[4, 3]: the summed C_i, then the summed C_i v_i.
    """
    s, mean, v = np.empty((3, 3)), np.empty((3, 3)), np.empty(3)
    total[:, :] = 0.0
    ln = 0.0
    for k in range(len(members)):
        i = members[k]
        for e in range(3):
            for f in range(3):
                s[e, f] = P[i, 3 + e, 3 + f]
            s[e, e] += spread * spread
        det = invert(s, C[k])
        if det == 0.0:
            return -math.inf
        ln -= 0.5 * math.log(det)
        for e in range(3):
            for f in range(3):
                total[e, f] += C[k, e, f]
                total[3, e] += C[k, e, f] * x[i, 3 + f]
    det = invert(total, mean)
    if det == 0.0:
        return -math.inf
    ln -= 0.5 * math.log(det)
    at = np.zeros(3)
    for e in range(3):
        for f in range(3):
            at[e] += mean[e, f] * total[3, f]
    for k in range(len(members)):
        for e in range(3):
            v[e] = x[members[k], 3 + e] - at[e]
        ln -= 0.5 * quadratic(C[k], v)
    return ln


@kernel
def condition(x: Array, P: Array, C: Array, total: Array, spread: float, w: Array) -> bool:
    """Take into x[n], P[n, n] what the others of its group know of its velocity. w[12, n]: work."""
    n = x.shape[0]
    rest, vague, s = w[:3], w[3:6], w[6:9]
    for e in range(3):
        for f in range(3):
            rest[e, f] = total[e, f] - C[e, f]
    if invert(rest, vague) == 0.0:
        return False
    right, off, old = w[9], w[10], w[11:]
    for e in range(3):
        right[e] = total[3, e] - C[e, 0] * x[3] - C[e, 1] * x[4] - C[e, 2] * x[5]
    for e in range(3):
        off[e] = vague[e, 0] * right[0] + vague[e, 1] * right[1] + vague[e, 2] * right[2] - x[3 + e]
        for f in range(3):
            s[e, f] = vague[e, f] + P[3 + e, 3 + f]
        s[e, e] += spread * spread
    if invert(s, rest) == 0.0:
        return False
    for i in range(n):
        for e in range(3):
            old[e, i] = P[i, 3 + e]
    for i in range(n):
        k0 = old[0, i] * rest[0, 0] + old[1, i] * rest[1, 0] + old[2, i] * rest[2, 0]
        k1 = old[0, i] * rest[0, 1] + old[1, i] * rest[1, 1] + old[2, i] * rest[2, 1]
        k2 = old[0, i] * rest[0, 2] + old[1, i] * rest[1, 2] + old[2, i] * rest[2, 2]
        x[i] += k0 * off[0] + k1 * off[1] + k2 * off[2]
        for j in range(i + 1):
            P[i, j] -= k0 * old[0, j] + k1 * old[1, j] + k2 * old[2, j]
            P[j, i] = P[i, j]
    return True


@kernel
def find_company(x: Array, P: Array, live: Integers, label: Integers, choice: Integers) -> None:
    """Write the group of each of the states x[t, n], P[t, n, n] of one instant: label[t].

    live[t]: 1 for a track that may have company. A group is named by the label that its first row
    comes with, a number of its own above 0; a track without company gets 0. choice[t]: which of
    `DISPERSIONS_M_S` the group has.
    """
    t = x.shape[0]
    parent, size = np.empty(t, np.int64), np.zeros(t, np.int64)
    link(x, P, live, parent)
    for i in range(t):
        parent[i] = find_root(parent, i)
        size[parent[i]] += 1
        choice[i] = 0
    for i in range(t - 1, -1, -1):  # the first row of a group is read last
        label[i] = label[parent[i]] if size[parent[i]] >= LEAST else 0
    total = np.empty((4, 3))
    for root in range(t):
        if parent[root] != root or size[root] < LEAST:
            continue
        members, k = np.empty(size[root], np.int64), 0
        for i in range(root, t):
            if parent[i] == root:
                members[k] = i
                k += 1
        C, top = np.empty((k, 3, 3)), -math.inf
        for c in range(len(DISPERSIONS_M_S)):
            ln = pool(x, P, members, DISPERSIONS_M_S[c], C, total)
            if ln > top:
                choice[root], top = c, ln
        for i in members:
            choice[i] = choice[root]


@kernel
def keep_company(x: Array, P: Array, label: Integers, choice: Integers) -> None:
    """Condition the states x[t, n], P[t, n, n] of one instant on their groups, in place.

    label[t]: above 0 the group of a track, else it has none; choice[t] of `find_company`.
    """
    t, n = x.shape
    grouped = 0
    for i in range(t):
        if label[i] > 0:
            grouped += 1
    if grouped < LEAST:
        return
    order = np.argsort(label, kind="mergesort")
    w, total = np.empty((14, n)), np.empty((4, 3))
    begun = t - grouped
    while begun < t:
        end = begun + 1
        while end < t and label[order[end]] == label[order[begun]]:
            end += 1
        members = order[begun:end]
        begun = end
        if len(members) < LEAST:
            continue
        C, spread = np.empty((len(members), 3, 3)), DISPERSIONS_M_S[choice[members[0]]]
        if pool(x, P, members, spread, C, total) == -math.inf:
            continue
        for m in range(len(members)):
            condition(x[members[m]], P[members[m]], C[m], total, spread, w)
