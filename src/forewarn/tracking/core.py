"""The tracker's core: what one slice of a scan does to everything that is being followed.

Two banks hold the tracks as arrays. What thrusts, or flies in air, or is young is in the FULL
regime (`kernels.mixed`): interacting models. What has fallen freely in space for a while is in the
CALM one (`kernels.bank`): one linearised filter, thirty times cheaper. The plots of a slice are
offered to both, and given out by one assignment. Lines of sight that nobody takes make chains that
may begin tracks (`initiation`); so do radar plots (`kernels.births`).

A core's state is a plain value, and a function of the slices in their order alone: the tape
(`tracking.tape`) sees to it that they come in order.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.kernels import bank as calm
from forewarn.kernels import births, mixed
from forewarn.kernels import filter as filters
from forewarn.kernels.flight import height_m
from forewarn.records import TrackStatus
from forewarn.tracking.bank import Bank, BankRules, BankState
from forewarn.tracking.initiation import Chain, Start, extend_chains, find_starts, forget
from forewarn.tracking.live import LiveTrack, Posterior, fresh_posterior
from forewarn.tracking.looks import Biases, Look
from forewarn.tracking.sighting import CALM_BODY, Sighting

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

CONFIRM_SCORE = 25.0  # natural log: odds of 7e10 to one against clutter
DOUBT_DROP = 25.0  # a fall this deep below the best score ends a track
COAST_AFTER_S = 20.0
TENTATIVE_FOR_S = 40.0
LONGEST_SILENCE_S = 5_400.0  # no flight lasts longer
MOST_TRACKS = 8_192  # alive at once in each regime; what begins beyond them waits for later looks
WIDEST_M = 150_000.0  # a track less certain than this says nothing any more
LAUNCH_WINDOW_S = 30.0  # lines of sight later than this after the first say little about the pad
MOST_LAUNCH_LOOKS = 512
# Probability of detection if it thrusts, falls freely, falls through air, glides.
_PLUME_SEEN = np.array((0.9, 1e-3, 1e-3, 1e-3))
_PLUME_SEEN_ANEW = np.array((0.5, 1e-3, 1e-3, 1e-3))
_ECHO_SEEN = np.full(4, 0.5)
_NO_WEIGHT = np.full(4, -1.0)  # an echo's strength is unknown: a first one may just be too weak
_DUPLICATE_D2 = 30.0
_CALM_ABOVE_M = 150e3
_AIR_BELOW_M = 125e3
_QUIET_S = 20.0
_RECENT = 8
_MOST_INPUTS = 256
_REMEMBERED_S = 35.0
_LEAST_FALSE_ALARMS = 1e-3  # no sensor is so clean that any echo whatever must be an object
_ALARM_MEMORY = 0.1  # weight of the newest scan in what a sensor is seen to report falsely
_NEAR_PARENT_M = 5_000.0
_NEAR_PARENT_M_S = 300.0
_KEPT_ENDED_S = 30.0

PlotKey = tuple[int, int]  # serial of the scan, and which of its plots in order of time


@dataclass(slots=True, eq=False)
class History:
    """What is remembered of a track beside its numbers."""

    origin: PlotKey
    first_body: Array
    first_seen_tai_ns: int
    recent: deque[PlotKey]
    scan_ids: deque[str]
    launch_looks: tuple[Look, ...] = ()
    parent: int = 0

    def copy(self) -> History:
        """Return an independent copy; looks never change and are shared."""
        return replace(
            self,
            recent=deque(self.recent, maxlen=_RECENT),
            scan_ids=deque(self.scan_ids, maxlen=_MOST_INPUTS),
        )


@dataclass(frozen=True, slots=True)
class Ended:
    """A track that is no more: as it was last known, and when that was."""

    number: int
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
    now_tai_ns: int = 0

    def copy(self) -> CoreState:
        """Return an independent, exact copy."""
        room = max(self.full_count, 8)
        return CoreState(
            full=mixed.MixedRows(*(a[:room].copy() for a in self.full)),
            calm=self.calm.copy(),
            full_count=self.full_count,
            started=self.started,
            chains=[chain.copy() for chain in self.chains],
            histories={number: h.copy() for number, h in self.histories.items()},
            ended=self.ended,
            owners={serial: owner.copy() for serial, owner in self.owners.items()},
            alarms=dict(self.alarms),
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
