"""What each radar has learned in the passes of known satellites: one filter an object and radar.

The state of a pass is that of `forewarn.kernels.known_sky`: the object's orbit error and the
radar's biases. Rows lie in arrays that grow; a sorted list of keys finds them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.kernels.known_sky import ORBIT, STATE, Bias, Weighed

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Instants = NDArray[np.int64]

MOST_PASSES = 50_000
"""Passes remembered at once; 40 MB. The longest unseen are forgotten beyond it."""

STRIKES = 2
SURPRISE = 50.0  # of the sum of d2 - 6: by chance once in 2,000,000 claims, exp(-0.2915 x 50)
BARRED_S = 300.0
KEPT_S = 600.0  # what was learned in a pass is forgotten so long after it was last seen
RIPE_AFTER_S = 20.0  # unseen for so long, or seen for a minute, a pass says what it has learned
RIPE_LATEST_S = 60.0

MOST_RIPE = 16  # passes that speak at once; the others wait for the next scan

_USUAL_D2 = 6.0  # 4 is the mean
_JOLT_LOOKS = 8.0  # over about so many looks is counted how many no longer fit
_JOLT_LEAST = 4.0
_TIDY_S = 5.0
_RADAR = 2**32
_LEAST_ROWS = 64


@final
@dataclass(frozen=True, slots=True)
class Released:
    """An object whose plots moved unlike an orbit error: what it claimed may not have been it."""

    object_index: int
    catalogue_number: int
    first_tai_ns: int
    claims_count: int
    reason: str


@dataclass(slots=True, eq=False)
class ClaimMemory:
    """Open passes, and objects that a radar may not claim for a while.

    ``keys`` are sorted; ``rows`` says where in the other arrays each is. ``x`` and ``P`` are the
    state of the pass at ``seen_tai_ns``; ``surprise`` sums how far successive plots lay off.
    ``bias_mean`` and ``bias_covariance`` are what the pass began with. ``barred`` maps keys to the
    instant until which nothing is claimed; ``misfits`` a radar to how many of its last looks at
    objects with a pass fitted it no longer, and how many looks that is of.
    """

    keys: Indices = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    rows: Indices = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    free: Indices = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    x: Array = field(default_factory=lambda: np.zeros((0, STATE)))
    P: Array = field(default_factory=lambda: np.zeros((0, STATE, STATE)))
    seen_tai_ns: Instants = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    first_tai_ns: Instants = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    claims: Indices = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    strikes: Indices = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    surprise: Array = field(default_factory=lambda: np.zeros(0))
    bias_mean: Array = field(default_factory=lambda: np.zeros((0, 4)))
    bias_covariance: Array = field(default_factory=lambda: np.zeros((0, 4, 4)))
    told: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    barred: dict[int, int] = field(default_factory=dict)
    due_tai_ns: dict[int, int] = field(default_factory=dict)
    misfits: dict[int, tuple[float, float]] = field(default_factory=dict)

    def copy(self) -> ClaimMemory:
        """Return an independent, exact copy."""
        own = {name: getattr(self, name).copy() for name in self.__dataclass_fields__}
        return ClaimMemory(**own)

    def __len__(self) -> int:
        return len(self.keys)

    def rows_of(self, keys: Indices) -> Indices:
        """Return the row (n,) of each key, -1 where nothing is remembered."""
        if len(self.keys) == 0:
            return np.full(len(keys), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, self.rows[at], -1)

    def of_radar(self, radar: int) -> tuple[Indices, Indices]:
        """Return the objects (n,) that a radar remembers, and their rows (n,)."""
        first, end = np.searchsorted(self.keys, (radar * _RADAR, (radar + 1) * _RADAR))
        return self.keys[first:end] - radar * _RADAR, self.rows[first:end]

    def open(self, keys: Indices) -> Indices:
        """Begin a pass for each of these keys (n,), none of which is remembered; return rows."""
        if len(self.free) < len(keys):
            self._grow(len(keys) - len(self.free))
        rows, self.free = self.free[: len(keys)].copy(), self.free[len(keys) :]
        merged = np.concatenate((self.keys, keys))
        order = np.argsort(merged, kind="stable")
        self.keys = merged[order]
        self.rows = np.concatenate((self.rows, rows))[order]
        self.claims[rows] = self.strikes[rows] = 0
        self.surprise[rows] = 0.0
        self.told[rows] = False
        return rows

    def forget(self, keys: Indices) -> None:
        """Drop the passes of these keys."""
        gone = np.isin(self.keys, keys)
        self.free = np.concatenate((self.free, self.rows[gone]))
        self.keys, self.rows = self.keys[~gone], self.rows[~gone]

    def last_seen_tai_ns(self, rows: Indices) -> Instants:
        """Return when each row (n,) was last seen; anything where a row is -1."""
        if len(self.seen_tai_ns) == 0:
            return np.zeros(len(rows), dtype=np.int64)
        return self.seen_tai_ns[rows]

    def is_barred(self, keys: Indices, now_tai_ns: int) -> NDArray[np.bool_]:
        """Say which keys (n,) may claim nothing now."""
        barred = [key for key, until in self.barred.items() if until > now_tai_ns]
        return np.isin(keys, np.array(barred, dtype=np.int64))

    def keep(
        self,
        keys: Indices,
        seen_tai_ns: Instants,
        chosen: Indices,
        weighed: Weighed,
        bias: Bias,
    ) -> None:
        """Remember what claims (n,) have taught: rows ``chosen`` of what was weighed."""
        if not len(keys):
            return
        rows = self.rows_of(keys)
        new = rows < 0
        if new.any():
            rows[new] = self.open(keys[new])
            self.first_tai_ns[rows[new]] = seen_tai_ns[new]
            self.bias_mean[rows[new]] = bias.mean
            self.bias_covariance[rows[new]] = bias.covariance
        self.x[rows], self.P[rows] = weighed.x[chosen], weighed.P[chosen]
        self.seen_tai_ns[rows] = seen_tai_ns
        self.claims[rows] += 1

    def release(
        self,
        radar: int,
        claimed: Indices,
        struck: Indices,
        told: tuple[Array, Indices, int],
    ) -> list[Released]:
        """Count misfits, let go of the objects with too many, and bar them for a while.

        ``claimed`` are the keys of the claims just kept, with the squared innovations (n,) first in
        ``told``; ``struck`` are objects with a plot that fits them no longer. ``told`` also holds
        the objects' catalogue numbers, and now.
        """
        if not len(claimed) and not len(struck):
            return []
        d2, numbers, now_tai_ns = told
        rows = self.rows_of(claimed)
        self.surprise[rows] = np.maximum(self.surprise[rows] + d2 - _USUAL_D2, 0.0)
        self.strikes[rows] = 0
        loud = claimed[self.surprise[rows] > SURPRISE]
        if not len(loud) and not len(struck):
            return []
        against = self.rows_of(keys_of(radar, struck))
        self.strikes[against] += 1
        gone = np.union1d(loud, keys_of(radar, struck[self.strikes[against] >= STRIKES]))
        released = []
        for key in gone.tolist():
            (row,) = self.rows_of(np.array((key,))).tolist()
            claims, strikes = int(self.claims[row]), int(self.strikes[row])
            why = (
                f"{strikes} plots fit its elements but not its {claims} last plots"
                if strikes >= STRIKES
                else f"its {claims} plots move unlike an orbit error "
                f"(misfit {self.surprise[row]:.0f}, bound {SURPRISE:.0f})"
            )
            index = key - radar * _RADAR
            first = int(self.first_tai_ns[row])
            released.append(Released(index, int(numbers[index]), first, claims, why))
            self.barred[key] = now_tai_ns + round(BARRED_S * SECOND_NS)
        if released:
            self.forget(gone)
        return released

    def ripe(self, radar: int, now_tai_ns: int | None) -> tuple[Indices, Indices]:
        """Return the objects (n,) and rows (n,) of passes that say now what they have learned.

        Each does once, every five seconds some; at no instant there are none. Passes that ended
        long ago are forgotten at the same time, and bars that are over.
        """
        nothing = np.empty(0, dtype=np.int64)
        if now_tai_ns is None or now_tai_ns < self.due_tai_ns.get(radar, 0):
            return nothing, nothing
        objects, rows = self.of_radar(radar)
        silent_s = (now_tai_ns - self.seen_tai_ns[rows]) / SECOND_NS
        lasting_s = (now_tai_ns - self.first_tai_ns[rows]) / SECOND_NS
        ripe = ~self.told[rows] & ((silent_s > RIPE_AFTER_S) | (lasting_s > RIPE_LATEST_S))
        now = np.flatnonzero(ripe)
        now = now[np.argsort(self.first_tai_ns[rows[now]], kind="stable")][:MOST_RIPE]
        self.told[rows[now]] = True
        if len(now) < MOST_RIPE:
            self.due_tai_ns[radar] = now_tai_ns + round(_TIDY_S * SECOND_NS)
            self._tidy(radar, now_tai_ns)
        return objects[now], rows[now]

    def is_jolted(self, radar: int, struck: int, fitting: int) -> bool:
        """Count looks at objects with a pass, and say whether most of the last no longer fit.

        Then it is the radar that has moved and not they: what was learned is forgotten, and bars
        are lifted, for all the objects of that radar.
        """
        looks = struck + fitting
        if not looks:
            return False
        kept = 0.5 ** (looks / _JOLT_LOOKS)
        odd, total = self.misfits.get(radar, (0.0, 0.0))
        odd, total = kept * odd + struck, kept * total + looks
        self.misfits[radar] = odd, total
        if odd < _JOLT_LEAST or odd < 0.5 * total:
            return False
        del self.misfits[radar]
        objects, _ = self.of_radar(radar)
        self.forget(keys_of(radar, objects))
        self.barred = {k: until for k, until in self.barred.items() if k // _RADAR != radar}
        return True

    def _tidy(self, radar: int, now_tai_ns: int) -> None:
        objects, rows = self.of_radar(radar)
        old = self.seen_tai_ns[rows] < now_tai_ns - round(KEPT_S * SECOND_NS)
        if old.any():
            self.forget(keys_of(radar, objects[old]))
        if len(self) > MOST_PASSES:
            order = np.argsort(self.seen_tai_ns[self.rows], kind="stable")
            self.forget(self.keys[order[: len(self) - MOST_PASSES]])
        self.barred = {k: until for k, until in self.barred.items() if until > now_tai_ns}

    def bias_information(self, rows: Indices) -> tuple[Array, Array]:
        """Return what passes say of the radar's biases: information (n, 4, 4) and vector (n, 4).

        It is what the pass knows of them now less what it began with. The orbit error, which all
        plots of a pass share, is integrated out, so a hundred plots do not count as a hundred.
        """
        if not len(rows):
            return np.zeros((0, 4, 4)), np.zeros((0, 4))
        began = self.bias_covariance[rows]
        scale = 1.0 / np.sqrt(np.einsum("nii->ni", began))
        sides = scale[:, :, None] * scale[:, None, :]
        before = np.linalg.inv(began * sides)
        after = np.linalg.inv(self.P[rows, ORBIT:, ORBIT:] * sides)
        vector = np.einsum("nij,nj->ni", after, self.x[rows, ORBIT:] * scale) - np.einsum(
            "nij,nj->ni", before, self.bias_mean[rows] * scale
        )
        return (after - before) * sides, vector * scale

    def _grow(self, least: int) -> None:
        size = len(self.surprise)
        more = max(least, size, _LEAST_ROWS)
        for name in (
            *("x", "P", "seen_tai_ns", "first_tai_ns", "claims", "strikes"),
            *("surprise", "bias_mean", "bias_covariance", "told"),
        ):
            old = getattr(self, name)
            setattr(self, name, np.concatenate((old, np.zeros((more, *old.shape[1:]), old.dtype))))
        self.free = np.concatenate((self.free, np.arange(size, size + more, dtype=np.int64)))


def keys_of(radar: int, objects: Indices) -> Indices:
    """Return the key (n,) of each object for a radar, both by their number."""
    return radar * _RADAR + objects
