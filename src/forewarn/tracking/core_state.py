"""What the tracker's core remembers: the tracks of both regimes as arrays, and their histories."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.kernels import filter as filters
from forewarn.kernels import mixed
from forewarn.tracking.bank import BankState
from forewarn.tracking.calibration import CalibrationState
from forewarn.tracking.claim_memory import ClaimMemory
from forewarn.tracking.initiation import Chain
from forewarn.tracking.live import LAUNCH_WINDOW_S, LiveTrack, PlotKey
from forewarn.tracking.looks import Look
from forewarn.tracking.sighting import Sighting

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_LAUNCH_LOOKS = 512
_RECENT = 8
_MOST_INPUTS = 64  # scans that a track names as its evidence


def full_rows(room: int, n: int, sensors: int) -> mixed.MixedRows:
    """Rows for ``room`` tracks of states of ``n`` elements, all zero."""
    m = filters.MODELS
    return mixed.MixedRows(
        np.zeros((room, m, n)),
        np.zeros((room, m, n, n)),
        np.zeros((room, m)),
        np.zeros((room, mixed.MARKS)),
        np.zeros((room, mixed.FACTS), np.int64),
        np.zeros((room, sensors), np.int64),
    )


def _first_rows(rows: mixed.MixedRows, room: int) -> mixed.MixedRows:
    """A copy of the first rows."""
    return mixed.MixedRows(
        rows.X[:room].copy(),
        rows.P[:room].copy(),
        rows.mu[:room].copy(),
        rows.marks[:room].copy(),
        rows.facts[:room].copy(),
        rows.silent[:room].copy(),
    )


def grown_rows(rows: mixed.MixedRows, count: int, room: int) -> mixed.MixedRows:
    """The first ``count`` rows with room for ``room``."""
    larger = full_rows(room, rows.X.shape[2], rows.silent.shape[1])
    for new, old in zip(larger, rows, strict=True):
        new[:count] = old[:count]
    return larger


@dataclass(slots=True, eq=False)
class History:
    """What is remembered of a track beside its numbers.

    ``origin`` names the plot that it began with, ``recent`` its newest ones; ``silent`` (sensors,)
    and ``thrust_tai_ns`` are kept here while it is calm.
    """

    origin: PlotKey
    first_body: Array
    first_seen_tai_ns: int
    parent: PlotKey | None = None
    recent: deque[PlotKey] = field(default_factory=lambda: deque(maxlen=_RECENT))
    scan_ids: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_INPUTS))
    sensor_ids: dict[str, int] = field(default_factory=dict)
    launch_looks: tuple[Look, ...] = ()
    plumes: int = 0
    silent: Integers | None = None
    thrust_tai_ns: int = 0
    quiet_tai_ns: int = 0

    def copy(self) -> History:
        """Return an independent copy; looks never change and are shared."""
        return History(
            self.origin,
            self.first_body,
            self.first_seen_tai_ns,
            self.parent,
            self.recent.copy(),
            self.scan_ids.copy(),
            self.sensor_ids.copy(),
            self.launch_looks,
            self.plumes,
            self.silent,
            self.thrust_tai_ns,
            self.quiet_tai_ns,
        )

    def take(self, scan_id: str, sensor_id: str, measurement_id: str) -> None:
        """Remember one plot."""
        self.recent.append((scan_id, measurement_id))
        self.scan_ids.append(scan_id)
        self.sensor_ids[sensor_id] = self.sensor_ids.get(sensor_id, 0) + 1

    def keep_for_launch(self, look: Look) -> None:
        """Keep a line of sight of the first half minute, in order of time."""
        kept = self.launch_looks
        window_ns = int(LAUNCH_WINDOW_S * SECOND_NS)
        if kept and look.seen_tai_ns > kept[0].seen_tai_ns + window_ns:
            return
        if len(kept) < MOST_LAUNCH_LOOKS:
            self.launch_looks = (*kept, look)


@dataclass(frozen=True, slots=True)
class Ended:
    """A track that is no more: as it was last known, and when that was."""

    origin: PlotKey
    track: LiveTrack
    ended_tai_ns: int


@dataclass(slots=True, eq=False)
class CoreState:
    """Everything the core remembers between slices."""

    full: mixed.MixedRows
    calm: BankState
    full_count: int = 0
    started: int = 0
    chains: list[Chain] = field(default_factory=list)
    histories: dict[int, History] = field(default_factory=dict)
    ended: tuple[Ended, ...] = ()
    owners: dict[int, Integers] = field(default_factory=dict)
    alarms: dict[str, float] = field(default_factory=dict)
    claims: ClaimMemory = field(default_factory=ClaimMemory)
    calibration: CalibrationState = field(default_factory=CalibrationState)
    now_tai_ns: int = 0
    owned: set[int] = field(default_factory=set)

    def own(self, number: int) -> History:
        """The history of a track, to be changed."""
        if number not in self.owned:
            self.histories[number] = self.histories[number].copy()
            self.owned.add(number)
        return self.histories[number]

    def copy(self) -> CoreState:
        """Return an independent, exact copy; histories are shared until either changes one."""
        self.owned.clear()
        room = max(self.full_count, 8)
        return CoreState(
            full=_first_rows(self.full, room),
            calm=self.calm.copy(),
            full_count=self.full_count,
            started=self.started,
            chains=[chain.copy() for chain in self.chains],
            histories=dict(self.histories),
            ended=self.ended,
            owners={serial: owner.copy() for serial, owner in self.owners.items()},
            alarms=dict(self.alarms),
            claims=self.claims.copy(),
            calibration=self.calibration.copy(),
            now_tai_ns=self.now_tai_ns,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """Some of a scan's plots; the last slice of a scan weighs its silence too."""

    sighting: Sighting
    first: int
    last: int
    closes: bool

    @property
    def tai_ns(self) -> int:
        """When the slice ended."""
        if self.closes:
            return self.sighting.end_tai_ns
        return int(self.sighting.plots.tai_ns[self.last - 1])
