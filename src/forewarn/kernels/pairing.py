"""Who can belong to whom, and who does: candidate pairs, exact assignment. Model-free.

Theory of operation. A track expects a plot inside a box of measurement space; a plot is found in
it through a grid of cells, so that no track-by-plot array ever exists. Each pair that a model then
finds plausible has a gain, the log-likelihood ratio of "this plot is that track's" to "both are
alone", so that being alone is worth 0. The assignment of the greatest summed gain is found by
shortest augmenting paths on the sparse pairs (Jonker and Volgenant, Computing 38 (1987) 325, with
a heap for the Dijkstra search); a path never leaves its connected cluster, and a track whose best
plot is still free costs one look at its pairs. Clusters, joint probabilities and the k best
assignments are in `kernels.clusters`.

Letters: n tracks, m plots, w coordinates. Pairs are rows (track, plot), sorted by both.
Nothing here loops or fails on NaN or infinity: such tracks, plots and gains are never paired.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forewarn.kernels.jit import kernel

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_BINS = 4096  # along one coordinate
CELLS_PER_PLOT = 4


@kernel
def choose_cells(
    reach: Array, plots: Array, turn: Array, low: Array, step: Array, bins: Integers
) -> None:
    """Write the grid: its low corner[4], cell size[4] and number of cells[4] along a coordinate.

    A cell is about as wide as a mean box; there are at most four cells to a plot.
    """
    w = plots.shape[1]
    low[:] = 0.0
    step[:] = 1.0
    bins[:] = 1
    for d in range(w):
        total, count = 0.0, 0
        for i in range(reach.shape[0]):
            if math.isfinite(reach[i, d]):
                total += reach[i, d]
                count += 1
        width = max(2.0 * total / max(count, 1), 1e-300)
        span = turn[d]
        if not span > 0.0:
            a, b = math.inf, -math.inf
            for j in range(plots.shape[0]):
                if math.isfinite(plots[j, d]):
                    a = min(a, plots[j, d])
                    b = max(b, plots[j, d])
            if not a < b:
                low[d] = a if a == b else 0.0
                continue
            low[d] = a
            span = b - a
        bins[d] = int(min(max(span / width, 1.0), float(MOST_BINS)))
        step[d] = span / bins[d]
    while bins[0] * bins[1] * bins[2] * bins[3] > CELLS_PER_PLOT * plots.shape[0] + 8:
        widest = 0
        for d in range(1, 4):
            if bins[d] > bins[widest]:
                widest = d
        span = step[widest] * bins[widest]
        bins[widest] = (bins[widest] + 1) // 2
        step[widest] = span / bins[widest]


@kernel
def cell_along(value: float, low: float, step: float, bins: int) -> int:
    """Cell number of a value along one coordinate, from -1 (below) to ``bins`` (above)."""
    return math.floor(min(max((value - low) / step, -1.0), float(bins)))


@kernel
def sort_into_cells(
    plots: Array, turn: Array, low: Array, step: Array, bins: Integers, first: Integers
) -> Integers:
    """Counting sort: plots by cell, then by index; cell c holds order[first[c]:first[c + 1]]."""
    m, w = plots.shape
    cell = np.empty(m, np.int64)
    first[:] = 0
    for j in range(m):
        c = 0
        for d in range(w):
            value = plots[j, d]
            if not math.isfinite(value):
                c = -1
                break
            if turn[d] > 0.0:
                value -= turn[d] * math.floor(value / turn[d])
            c = c * bins[d] + min(cell_along(value, low[d], step[d], bins[d]), bins[d] - 1)
        cell[j] = c
        if c >= 0:
            first[c + 1] += 1
    for c in range(first.shape[0] - 1):
        first[c + 1] += first[c]
    at = first.copy()
    order = np.empty(m, np.int64)
    for j in range(m):
        if cell[j] >= 0:
            order[at[cell[j]]] = j
            at[cell[j]] += 1
    return order


@kernel
def box_cells(
    e: float, r: float, turn: float, low: float, step: float, bins: int
) -> tuple[int, int]:
    """First and last cell that e +- r touches along one coordinate; periodic ones may exceed."""
    if turn > 0.0:
        if 2.0 * r >= turn - step:
            return 0, bins - 1
        e -= turn * math.floor(e / turn)
        return math.floor((e - r) / step), math.floor((e + r) / step)
    return max(cell_along(e - r, low, step, bins), 0), min(
        cell_along(e + r, low, step, bins), bins - 1
    )


@kernel
def inside_box(expected: Array, reach: Array, plot: Array, turn: Array) -> bool:
    """Whether a plot[w] lies in the box expected[w] +- reach[w]; False on NaN."""
    for d in range(plot.shape[0]):
        away = plot[d] - expected[d]
        if turn[d] > 0.0:
            away -= turn[d] * math.floor(away / turn[d] + 0.5)
        if not abs(away) <= reach[d]:
            return False
    return True


@kernel
def candidate_pairs(
    expected: Array, reach: Array, plots: Array, turn: Array, pairs: Integers
) -> int:
    """Write every (track, plot) whose plot lies in the track's box, sorted; return their number.

    expected[n, w], reach[n, w]: centre and half-width of the tracks' boxes; plots[m, w]; w <= 4;
    turn[w]: the period of a coordinate, 0 if it has none. pairs[most, 2]: when more than
    ``most`` are found the rest is counted and not written.
    """
    low, step, bins = np.empty(4), np.empty(4), np.empty(4, np.int64)
    choose_cells(reach, plots, turn, low, step, bins)
    first = np.empty(bins[0] * bins[1] * bins[2] * bins[3] + 1, np.int64)
    order = sort_into_cells(plots, turn, low, step, bins, first)
    w = plots.shape[1]
    a, b = np.zeros(4, np.int64), np.zeros(4, np.int64)
    found = 0
    for i in range(expected.shape[0]):
        sound = True
        for d in range(w):
            e, r = expected[i, d], reach[i, d]
            if not (math.isfinite(e) and math.isfinite(r) and r >= 0.0):
                sound = False
                break
            a[d], b[d] = box_cells(e, r, turn[d], low[d], step[d], bins[d])
        if not sound:
            continue
        begun = found
        for c0 in range(a[0], b[0] + 1):
            for c1 in range(a[1], b[1] + 1):
                for c2 in range(a[2], b[2] + 1):
                    base = ((c0 % bins[0]) * bins[1] + c1 % bins[1]) * bins[2] + c2 % bins[2]
                    for c3 in range(a[3], b[3] + 1):
                        c = base * bins[3] + c3 % bins[3]
                        for s in range(first[c], first[c + 1]):
                            j = order[s]
                            if not inside_box(expected[i], reach[i], plots[j], turn):
                                continue
                            if found < pairs.shape[0]:
                                k = found  # insertion keeps a track's few plots in order
                                while k > begun and pairs[k - 1, 1] > j:
                                    pairs[k, 1] = pairs[k - 1, 1]
                                    k -= 1
                                pairs[k, 1] = j
                                pairs[found, 0] = i
                            found += 1
    return found


@kernel
def sift_down(heap: Array, column: Integers, size: int) -> None:
    """Restore the heap order (distance, then column) after the first of ``size`` was replaced."""
    k = 0
    d, c = heap[0], column[0]
    while True:
        child = 2 * k + 1
        if child >= size:
            break
        other = child + 1
        if other < size and (
            heap[other] < heap[child]
            or (heap[other] == heap[child] and column[other] < column[child])
        ):
            child = other
        if d < heap[child] or (d == heap[child] and c <= column[child]):
            break
        heap[k], column[k] = heap[child], column[child]
        k = child
    heap[k], column[k] = d, c


@kernel
def push(heap: Array, column: Integers, size: int, d: float, c: int) -> None:
    """Add (d, c) to a heap of ``size`` entries."""
    k = size
    while k > 0:
        up = (k - 1) // 2
        if heap[up] < d or (heap[up] == d and column[up] <= c):
            break
        heap[k], column[k] = heap[up], column[up]
        k = up
    heap[k], column[k] = d, c


@kernel
def relax(
    row: int,
    offset: float,
    edges: tuple[Any, ...],
    v: Array,
    search: tuple[Any, ...],
    size: int,
) -> int:
    """Offer the columns of a row at their distances; return the new size of the heap.

    Column m + n - 1 - row is the row's own: to stay alone, on a tie the last row.
    """
    first, plot, gain, alone = edges
    best, via, heap, column, touched, closed = search
    m = v.shape[0]
    for k in range(first[row], first[row + 1]):
        j = plot[k]
        if closed[j] or not math.isfinite(gain[k]):
            continue  # rounding must not reopen a column: the path would close on itself
        d = -gain[k] - v[j] - offset
        if d < best[j]:
            if best[j] == math.inf:
                touched[touched[-1]] = j
                touched[-1] += 1
            best[j] = d
            via[j] = k
            push(heap, column, size, d, j)
            size += 1
    if alone[row] > -math.inf:
        push(heap, column, size, -alone[row] - offset, m + alone.shape[0] - 1 - row)
        size += 1
    return size


@kernel
def augment(
    row: int,
    edges: tuple[Any, ...],
    rows: Integers,
    v: Array,
    owner: Integers,
    search: tuple[Any, ...],
) -> int:
    """Find the shortest augmenting path from a free row; write potentials; return its last column.

    rows[pair]: the track of a pair; owner[m]: the pair that a plot is taken by, or -1. Returns -1
    when there is no path.
    """
    _, _, gain, _ = edges
    best, _, heap, column, touched, closed = search
    m = v.shape[0]
    touched[-1] = 0
    size = relax(row, 0.0, edges, v, search, 0)
    end = -1
    shortest = 0.0
    while size > 0:
        d, c = heap[0], column[0]
        size -= 1
        heap[0], column[0] = heap[size], column[size]
        sift_down(heap, column, size)
        if c < m and closed[c]:
            continue  # an older offer
        if c >= m or owner[c] < 0:
            end, shortest = c, d
            break
        closed[c] = True
        k = owner[c]
        size = relax(rows[k], -gain[k] - v[c] - d, edges, v, search, size)
    for s in range(touched[-1]):
        j = touched[s]
        if end >= 0 and closed[j]:
            v[j] += best[j] - shortest
        best[j] = math.inf
        closed[j] = False
    return end


@kernel
def assign_general(
    first: Integers, plot: Integers, gain: Array, alone: Array, m: int, chosen: Integers
) -> bool:
    """`assign` where staying alone has a worth of its own, -inf if forbidden. False: impossible."""
    n = chosen.shape[0]
    pairs = plot.shape[0]
    v = np.zeros(m)
    owner = np.full(m, -1, np.int64)
    rows = np.empty(pairs, np.int64)
    best, via = np.full(m, math.inf), np.empty(m, np.int64)
    heap, column = np.empty(pairs + n + 1), np.empty(pairs + n + 1, np.int64)
    touched = np.zeros(m + 1, np.int64)
    closed = np.zeros(m, np.bool_)
    edges, search = (first, plot, gain, alone), (best, via, heap, column, touched, closed)
    for i in range(n):
        chosen[i] = -1
        for k in range(first[i], first[i + 1]):
            rows[k] = i
    for i in range(n):
        top, top_k = alone[i], -1
        for k in range(first[i], first[i + 1]):
            worth = gain[k] + v[plot[k]]
            if math.isfinite(gain[k]) and worth > top:
                top, top_k = worth, k
        if top_k < 0 and top > -math.inf:
            continue
        if top_k >= 0 and owner[plot[top_k]] < 0:
            owner[plot[top_k]] = top_k
            chosen[i] = top_k
            continue
        c = augment(i, edges, rows, v, owner, search)
        if c < 0:
            return False
        if c >= m:  # that row gives up its plot, which the path then hands on
            row = m + n - 1 - c
            if row == i:
                continue
            c = plot[chosen[row]]
            chosen[row] = -1
        while True:
            k = via[c]
            row = rows[k]
            before = chosen[row]
            owner[c] = k
            chosen[row] = k
            if row == i:
                break
            c = plot[before]
    return True


@kernel
def assign(first: Integers, plot: Integers, gain: Array, m: int, chosen: Integers) -> None:
    """Write the assignment of the greatest summed gain; to stay alone is worth 0.

    first[n + 1]: track i has the pairs first[i]:first[i + 1], by rising plot; plot[pairs] < m;
    gain[pairs]: log-likelihood ratios; what is not finite is never chosen. chosen[n]: the pair of a
    track, or -1. Ties go to the lower index.
    """
    assign_general(first, plot, gain, np.zeros(chosen.shape[0]), m, chosen)
