"""A bank of tracks as arrays: thousands of objects, every stage of a scan one compiled loop.

A `BankState` is plain arrays, one row a track; `Bank.scan` takes one sensor's scan into it, in
place: tracks move to the scan and are asked what they would look like, plots are given to them by
the best joint assignment, silence is weighed where the sensor looked, and what no track claims may
begin new ones (`kernels.bank`, `kernels.births`). Nothing here knows a clock, draws a number or
raises for one: a track whose arithmetic fails is ended, with a reason.

The work of a scan is bounded. What goes beyond is shed in this order and counted in `Scanned`: new
tracks, the least supported first; predecessors of plots; pairs of tentative tracks; then the gates
narrow. Plots beyond the budget are those at the end of the list, which is therefore best given
strongest first. A confirmed track is never shed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.kernels import bank as kernel
from forewarn.kernels import births
from forewarn.kernels.bank import Plots
from forewarn.tracking.plots import first_of

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

_FIRST_ROOM = 64
_TIDY_EVERY = 4  # scans between looks for company and duplicates, beside those with births
_YOUNG_NS = 16 * SECOND_NS  # duplicates are sought for tracks this young


@dataclass(frozen=True, slots=True)
class BankRules:
    """What a bank goes by. One set serves all scenes; every number has its reason.

    Scores are natural log-likelihood ratios. ``new_fraction``: share of new objects among the plots
    that no track claims, a priori.
    """

    confirm_score: float = 9.0  # one false track in 8,000 chains that clutter offers
    doubt_drop: float = 25.0  # as DOUBT_DROP of the tracker: eleven misses at 0.9
    vanish_rate_per_s: float = 1.0 / 600.0  # a flight ends, breaks up or leaves once in ten minutes
    longest_silence_s: float = 60.0
    widest_m: float = 150_000.0  # a track less certain than this says nothing any more
    new_fraction: float = 0.01
    least_pair_score: float = 3.0
    least_chain_score: float = 6.0
    memory_scans: int = 3
    memory_s: float = 35.0  # three revisits of a slow radar
    most_tracks: int = 50_000
    most_plots: int = 50_000  # in a scan
    most_pairs: int = 1_000_000
    most_starts: int = 5_000  # in a scan


@dataclass(slots=True, eq=False)
class BankState:
    """Everything a bank remembers: ``count`` rows of growing arrays, and unclaimed plots."""

    rows: kernel.Rows
    count: int = 0
    started: int = 0
    scans: int = 0
    memories: dict[str, births.Memory] = field(default_factory=dict)

    def copy(self) -> BankState:
        """Return an independent, exact copy."""
        room = max(self.count, _FIRST_ROOM)
        x, P, marks, facts = self.rows
        rows = kernel.Rows(
            x[:room].copy(), P[:room].copy(), marks[:room].copy(), facts[:room].copy()
        )
        # Memories are never changed once stored.
        return BankState(rows, self.count, self.started, self.scans, dict(self.memories))

    @property
    def numbers(self) -> Integers:
        """Identity of each row, a counter."""
        return self.rows.facts[: self.count, kernel.NUMBER]

    @property
    def statuses(self) -> Integers:
        """Status of each row: TENTATIVE, CONFIRMED, DOUBTED, ENDED of `kernels.bank`."""
        return self.rows.facts[: self.count, kernel.STATUS]

    @property
    def reasons(self) -> Integers:
        """Why a row ended, or did not take its plot: a code of `kernels.bank`."""
        return self.rows.facts[: self.count, kernel.REASON]

    @property
    def scores(self) -> Array:
        """Log-likelihood ratio of each row to clutter."""
        return self.rows.marks[: self.count, kernel.SCORE]

    @property
    def means(self) -> Array:
        """State (count, n) in ecef, each row at its own ``tai_ns``."""
        return self.rows.x[: self.count]

    @property
    def covariances(self) -> Array:
        """Covariance (count, n, n)."""
        return self.rows.P[: self.count]

    @property
    def tai_ns(self) -> Integers:
        """Instant of each row's state."""
        return self.rows.facts[: self.count, kernel.TAI_NS]

    def confirmed(self) -> NDArray[np.intp]:
        """Rows of the confirmed tracks that are probably there."""
        return np.flatnonzero(self.statuses == kernel.CONFIRMED)


@dataclass(frozen=True, slots=True, eq=False)
class Scanned:
    """What became of a scan: the row that took each plot (-1: none), and what was done and shed."""

    owner: Integers
    born: int = 0
    merged: int = 0
    pairs: int = 0
    troubles: int = 0
    plots_shed: int = 0
    pairs_shed: int = 0
    ways_shed: int = 0
    starts_shed: int = 0


class Bank:
    """What a bank needs to know beforehand; holds nothing that changes."""

    def __init__(self, rules: BankRules | None = None, bias_sigmas: Array | None = None) -> None:
        """Prepare for sensors whose constant biases have these one-sigma values, if any."""
        self.rules = rules or BankRules()
        self.bias_sigmas = np.zeros(0) if bias_sigmas is None else bias_sigmas
        r = self.rules
        self.kernel_rules = kernel.Rules(
            r.confirm_score,
            r.doubt_drop,
            r.vanish_rate_per_s,
            r.longest_silence_s,
            r.widest_m,
            r.most_pairs,
        )
        self.birth_rules = births.BirthRules(
            float(np.log(r.new_fraction)),
            r.least_pair_score,
            r.least_chain_score,
            r.most_starts,
            r.most_pairs,
            r.memory_scans,
            r.memory_s,
        )

    @property
    def no_memory(self) -> births.Memory:
        """What is remembered of a sensor that was never heard."""
        return _NO_MEMORY

    @staticmethod
    def grown(rows: kernel.Rows, count: int, room: int) -> kernel.Rows:
        """Return the first ``count`` rows with room for ``room``."""
        return _grown(rows, count, room)

    def initial_state(self) -> BankState:
        """Return an empty bank."""
        return BankState(_empty_rows(_FIRST_ROOM, 6 + len(self.bias_sigmas)))

    def forget_ended(self, state: BankState) -> None:
        """Drop the rows of ended tracks. `scan` begins with this."""
        state.count = kernel.drop_ended(state.rows, state.count)

    def scan(
        self,
        state: BankState,
        plots: Plots,
        *,
        sensor_id: str = "",
        unseen_if: Array | None = None,
    ) -> Scanned:
        """Take one scan into ``state`` (changed in place).

        ``unseen_if`` (count,) is, for each row, the probability with which this scan would have
        shown that track, 0 where it was not looked at; without it the sector of the scan and its
        ``seen_if`` decide. It counts rows after `forget_ended`.
        """
        self.forget_ended(state)
        m = len(plots.tai_ns)
        shed = max(m - self.rules.most_plots, 0)
        if shed:
            plots, m = first_of(plots, self.rules.most_plots), self.rules.most_plots
        owner = np.empty(m, np.int64)
        unseen = _NO_MASK if unseen_if is None else unseen_if
        _, said = kernel.scan_all(state.rows, state.count, plots, self.kernel_rules, unseen, owner)
        state.scans += 1
        if plots.first > 0 or plots.last < 3:  # no ranges: nothing begins
            return Scanned(
                owner, 0, 0, int(said[0]), int(said[2]), plots_shed=shed, pairs_shed=int(said[1])
            )
        memory = state.memories.get(sensor_id, _NO_MEMORY)
        memory, x, P, score, facts, tried = births.find_births(
            memory, plots, owner, self.bias_sigmas, state.scans, self.birth_rules
        )
        state.memories[sensor_id] = memory
        born, refused = self._begin(state, (x, P, score, facts))
        merged = 0
        if born or state.scans % _TIDY_EVERY == 0:
            kernel.regroup(state.rows, state.count, plots.middle_tai_ns)
            merged = kernel.merge_duplicates(
                state.rows, state.count, _YOUNG_NS, plots.middle_tai_ns
            )
        return Scanned(
            owner,
            born,
            merged,
            int(said[0]),
            int(said[2]),
            shed,
            int(said[1]),
            int(tried[4]),
            int(tried[1]) + refused,
        )

    def estimates(self, state: BankState, tai_ns: int) -> tuple[Array, Array, Integers]:
        """States (count, n), covariances (count, n, n) of all rows at an instant, and their groups.

        Tracks that move alike side by side, as objects of one release do, lend each other what they
        know of their common velocity (`kernels.company`); the group (count,) is the number of its
        first track, 0 for a track alone. What is not known is NaN.
        """
        x, P, group = kernel.estimate_all(state.rows, state.count, tai_ns)
        return x, P, group

    def _begin(
        self, state: BankState, begun: tuple[Array, Array, Array, Integers]
    ) -> tuple[int, int]:
        """Append what begins; return how many did, and how many found no room."""
        score = begun[2]
        room = self.rules.most_tracks - state.count
        refused = max(len(score) - room, 0)
        if refused:
            best = np.sort(np.argsort(-score, kind="stable")[:room])
            begun = (begun[0][best], begun[1][best], score[best], begun[3][best])
        born = len(score) - refused
        if not born:
            return 0, refused
        if state.count + born > len(state.rows.x):
            state.rows = _grown(state.rows, state.count, 2 * (state.count + born))
        kernel.begin_all(state.rows, state.count, begun, self.kernel_rules, state.started + 1, 1)
        state.count += born
        state.started += born
        return born, refused


def _empty_rows(room: int, n: int) -> kernel.Rows:
    return kernel.Rows(
        np.zeros((room, n)),
        np.zeros((room, n, n)),
        np.zeros((room, kernel.MARKS)),
        np.zeros((room, kernel.FACTS), np.int64),
    )


def _grown(rows: kernel.Rows, count: int, room: int) -> kernel.Rows:
    larger = _empty_rows(room, rows.x.shape[1])
    for new, old in zip(larger, rows, strict=True):
        new[:count] = old[:count]
    return larger


_NO_MASK = np.zeros(0)
_NO_MEMORY = births.Memory(
    np.zeros((0, 4)),
    np.zeros((0, 4)),
    np.zeros(0, np.int64),
    np.zeros((0, 3)),
    np.zeros((0, 3)),
    np.zeros(0, np.int64),
    np.zeros((0, births.WAYS), np.int64),
    np.zeros((0, births.WAYS)),
)
