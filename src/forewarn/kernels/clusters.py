"""Where who-is-whom stays open: connected clusters, joint probabilities, the k best assignments.

Pairs, gains and "alone" are those of `kernels.pairing`. A hypothesis gives each track of a cluster
one plot or none, each plot to one track at most; its weight is exp(summed gains), alone 1. In a
gain[n, m] of a cluster, -inf means that a pair is impossible.

Sources: joint probabilities (Fortmann, Bar-Shalom and Scheffe, IEEE J. Oceanic Eng. 8 (1983) 173)
by a recursion over sets of taken plots, forward and backward; k best by Murty's partition (Oper.
Res. 16 (1968) 682).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.jit import kernel
from forewarn.kernels.pairing import assign_general

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_EXACT = 12  # of tracks or of plots, whichever is fewer: 4,096 sets
BEYOND = 64  # best hypotheses that stand for all in larger clusters


@kernel
def find_root(parent: Integers, i: int) -> int:
    """Root of i, halving the path to it."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@kernel
def label_clusters(pairs: Integers, n: int, m: int, label: Integers) -> int:
    """Write the cluster of each track, then of each plot, into label[n + m]; return their number.

    Tracks and plots that share a pair share a cluster, and so on. Clusters are numbered from 0 in
    the order of their first track; whoever has no pair has a cluster of its own.
    """
    parent = np.arange(n + m)
    for k in range(pairs.shape[0]):
        a = find_root(parent, pairs[k, 0])
        b = find_root(parent, n + pairs[k, 1])
        if a < b:
            parent[b] = a
        else:
            parent[a] = b
    count = 0
    for i in range(n + m):
        root = find_root(parent, i)
        if root == i:
            label[i] = count
            count += 1
        else:
            label[i] = label[root]
    return count


@kernel
def exact_probabilities(weight: Array, out: Array) -> bool:
    """Sum over all hypotheses by sets of taken columns; few columns. False if they overflow.

    weight[n, 1 + m]: of row i alone in column 0, of pair (i, j) in column 1 + j; out alike.
    """
    n, m = weight.shape[0], weight.shape[1] - 1
    sets = 1 << m
    ahead = np.zeros((n + 1, sets))
    ahead[n, :] = 1.0
    for i in range(n - 1, -1, -1):
        for s in range(sets):
            total = weight[i, 0] * ahead[i + 1, s]
            for j in range(m):
                if not s >> j & 1:
                    total += weight[i, 1 + j] * ahead[i + 1, s | 1 << j]
            ahead[i, s] = total
    if not (math.isfinite(ahead[0, 0]) and ahead[0, 0] > 0.0):
        return False
    behind, new = np.zeros(sets), np.empty(sets)
    behind[0] = 1.0 / ahead[0, 0]
    for i in range(n):
        new[:] = 0.0
        out[i, :] = 0.0
        for s in range(sets):
            f = behind[s]
            if f == 0.0:
                continue
            new[s] += f * weight[i, 0]
            out[i, 0] += f * weight[i, 0] * ahead[i + 1, s]
            for j in range(m):
                if not s >> j & 1:
                    t = s | 1 << j
                    new[t] += f * weight[i, 1 + j]
                    out[i, 1 + j] += f * weight[i, 1 + j] * ahead[i + 1, t]
        behind[:] = new
    return True


@kernel
def association_probabilities(gain: Array, out: Array) -> bool:
    """Write P(track i is alone) into out[n, m] and P(plot j is track i's) into out[n, j].

    gain[n, m]: log-likelihood ratios of one cluster; out[n, m + 1]. Exact if the cluster has at
    most 12 tracks or at most 12 plots; beyond, the 64 best hypotheses stand for all. Returns
    whether it is exact.
    """
    n, m = gain.shape
    few = min(n, m)
    out[:, :] = 0.0
    if few <= MOST_EXACT:
        # Rows of the recursion are the more numerous side; each is scaled by its largest weight.
        rows, columns = max(n, m), few
        weight, found = np.zeros((rows, columns + 1)), np.zeros((rows, columns + 1))
        for r in range(rows):
            top = 0.0
            for c in range(columns):
                g = gain[r, c] if m <= n else gain[c, r]
                if g < math.inf:
                    top = max(top, g)
            weight[r, 0] = math.exp(-top)
            for c in range(columns):
                g = gain[r, c] if m <= n else gain[c, r]
                if g < math.inf:
                    weight[r, 1 + c] = math.exp(g - top)
        if exact_probabilities(weight, found):
            for r in range(rows):
                for c in range(columns):
                    if m <= n:
                        out[r, c] = found[r, 1 + c]
                    else:
                        out[c, r] = found[r, 1 + c]
            left_alone(out)
            return True
    chosen, worth = np.empty((BEYOND, n), np.int64), np.empty(BEYOND)
    count = k_best(gain, chosen, worth)
    total = 0.0
    for q in range(count):
        total += math.exp(worth[q] - worth[0])
    for q in range(count):
        p = math.exp(worth[q] - worth[0]) / total
        for i in range(n):
            if chosen[q, i] >= 0:
                out[i, chosen[q, i]] += p
    left_alone(out)
    return False


@kernel
def left_alone(out: Array) -> None:
    """Write what the plots leave of each row's probability into its last column."""
    n, m = out.shape[0], out.shape[1] - 1
    for i in range(n):
        taken = 0.0
        for j in range(m):
            taken += out[i, j]
        out[i, m] = max(1.0 - taken, 0.0)


@kernel
def best_of(gain: Array, chosen: Integers) -> float:
    """Best hypothesis under gain[n, m + 1], whose last column is alone; -inf if there is none."""
    n, m = gain.shape[0], gain.shape[1] - 1
    first, plot, worth = np.zeros(n + 1, np.int64), np.empty(n * m, np.int64), np.empty(n * m)
    alone, k = gain[:, m].copy(), 0
    for i in range(n):
        for j in range(m):
            if math.isfinite(gain[i, j]):
                plot[k], worth[k] = j, gain[i, j]
                k += 1
        first[i + 1] = k
    pair = np.empty(n, np.int64)
    if not assign_general(first, plot[:k], worth[:k], alone, m, pair):
        return -math.inf
    total = 0.0
    for i in range(n):
        chosen[i] = plot[pair[i]] if pair[i] >= 0 else -1
        total += worth[pair[i]] if pair[i] >= 0 else alone[i]
    return total


@kernel
def k_best(gain: Array, chosen: Integers, worth: Array) -> int:
    """Write the best hypotheses of a cluster, best first; return how many there are, up to k.

    gain[n, m]; chosen[k, n]: the plot of each track or -1; worth[k]: summed gain. Each answer is
    the best of a part of all hypotheses; taking it splits its part by where others first differ.
    """
    n, m = gain.shape
    k = worth.shape[0]
    parts = np.empty((k + 1, n, m + 1))  # what each part allows
    tops = np.full(k + 1, -math.inf)
    answers = np.empty((k + 1, n), np.int64)
    fixed = np.zeros(k + 1, np.int64)  # rows before this one are the same throughout the part
    parts[0, :, :m] = gain
    parts[0, :, m] = 0.0
    tops[0] = best_of(parts[0], answers[0])
    allowed, answer = np.empty((n, m + 1)), np.empty(n, np.int64)
    found = 0
    while found < k:
        p = int(np.argmax(tops))
        if tops[p] == -math.inf:
            break
        chosen[found], worth[found] = answers[p], tops[p]
        found += 1
        allowed[:, :] = parts[p]
        begun = fixed[p]
        tops[p] = -math.inf
        for i in range(begun, n):
            j = chosen[found - 1, i] if chosen[found - 1, i] >= 0 else m
            kept = allowed[i, j]
            allowed[i, j] = -math.inf
            top = best_of(allowed, answer)
            weakest = int(np.argmin(tops))
            if top > tops[weakest]:
                parts[weakest], answers[weakest] = allowed, answer
                tops[weakest], fixed[weakest] = top, i
            allowed[i, :] = -math.inf
            allowed[i, j] = kept
    return found
