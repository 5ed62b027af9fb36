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

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.kernels import bank as calm
from forewarn.kernels import births, mixed
from forewarn.kernels import filter as filters
from forewarn.kernels.flight import height_m
from forewarn.records import TrackStatus
from forewarn.tracking import known
from forewarn.tracking.bank import Bank, BankRules
from forewarn.tracking.calibration import Calibrator
from forewarn.tracking.core_state import (
    CoreState,
    Ended,
    History,
    Slice,
    full_rows,
    grown_rows,
)
from forewarn.tracking.initiation import Start, alone, extend_chains, find_starts, forget
from forewarn.tracking.known import KnownSky
from forewarn.tracking.live import (
    LONGEST_PREDICTION_S,
    LiveTrack,
    PlotKey,
    Posterior,
    fresh_posterior,
)
from forewarn.tracking.looks import Biases
from forewarn.tracking.mono_start import mono_start
from forewarn.tracking.sighting import CALM_BODY, Sighting

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

CONFIRM_SCORE = 25.0  # natural log: odds of 7e10 to one against clutter
DOUBT_DROP = 25.0  # a fall this deep below the best score ends a track
COAST_AFTER_S = 20.0
TENTATIVE_FOR_S = 40.0
MOST_TRACKS = 8_192  # alive at once in each regime; what begins beyond them waits for later looks
WIDEST_M = 150_000.0  # a track less certain than this says nothing any more
# Probability of detection if it thrusts, falls freely, falls through air, glides.
_PLUME_SEEN = np.array((0.9, 1e-3, 1e-3, 1e-3))
_PLUME_SEEN_ANEW = np.array((0.5, 1e-3, 1e-3, 1e-3))
_ECHO_SEEN = np.full(4, 0.5)
_NO_WEIGHT = np.full(4, -1.0)  # an echo's strength is unknown: a first one may just be too weak
_CALM_ABOVE_M = 150e3
_AIR_BELOW_M = 125e3
_QUIET_S = 20.0
CATALOGUED = 2**62  # owner of a plot that a known object claims
MONO_SCORE = 11.0  # the log odds that such a start has at least
_MONO_LOOKS = frozenset((4, 5, 6, 8, 10, 13, 16, 20))
_MOST_MONO = 2  # in a scan: 30 ms each
_REMEMBERED_S = 35.0
_LEAST_FALSE_ALARMS = 1e-3  # no sensor is so clean that any echo whatever must be an object
_ALARM_MEMORY = 0.1  # weight of the newest scan in what a sensor is seen to report falsely
_NEAR_PARENT = np.array((10_000.0, 500.0))  # m, m/s: what is shed begins no farther off
_PLUMES_TO_INHERIT = 2
_PLUME_GONE_S = 4.5  # two frames of a staring telescope without one
_KEPT_ENDED_S = 30.0


class Core:
    """What the core needs to know beforehand; holds nothing that changes."""

    def __init__(
        self,
        biases: Biases,
        sensor_ids: tuple[str, ...],
        known_sky: KnownSky | None = None,
        calibrator: Calibrator | None = None,
        rules: BankRules | None = None,
    ) -> None:
        """Prepare for a network's sensors, in this order, and for what is catalogued."""
        self._known = known_sky
        self._calibrator = calibrator or Calibrator([])
        self.biases = biases
        self.sensor_ids = sensor_ids
        self.bank = Bank(
            rules
            or BankRules(
                confirm_score=CONFIRM_SCORE,
                doubt_drop=DOUBT_DROP,
                longest_silence_s=LONGEST_PREDICTION_S,
                widest_m=WIDEST_M,
                memory_scans=10**6,
                memory_s=_REMEMBERED_S,
                most_tracks=MOST_TRACKS,
            ),
            biases.sigmas,
        )
        self._life = np.array((CONFIRM_SCORE, DOUBT_DROP, TENTATIVE_FOR_S, COAST_AFTER_S, WIDEST_M))

    def initial_state(self) -> CoreState:
        """Return the state before the first slice."""
        return CoreState(
            full=full_rows(8, self.biases.size, len(self.sensor_ids)),
            calm=self.bank.initial_state(),
        )

    # ------------------------------------------------------------------ a slice

    def step(self, state: CoreState, piece: Slice) -> None:
        """Take one slice into ``state``, in place."""
        sighting = piece.sighting
        state.now_tai_ns = piece.tai_ns
        alarms = max(
            sighting.stated_alarms, state.alarms.get(sighting.sensor_id, 0.0), _LEAST_FALSE_ALARMS
        )
        clutter = alarms * sighting.clutter_per_alarm
        if piece.last > piece.first:
            owner = state.owners.get(sighting.serial)
            if owner is None:
                owner = np.full(len(sighting.measurements), -1, np.int64)
                state.owners[sighting.serial] = owner
            which = np.arange(piece.first, piece.last)
            if self._known is not None and sighting.kind == filters.RADAR:
                claimed = self._claim(state, sighting, which, clutter)
                owner[which[claimed]] = CATALOGUED
                which = which[~claimed]
            if len(which):
                self._give(state, sighting, which, clutter, owner)
        if piece.closes:
            owner = state.owners.pop(sighting.serial, _NOBODY)
            self._close(state, sighting, clutter, owner)

    def _claim(
        self, state: CoreState, sighting: Sighting, which: Integers, clutter: float
    ) -> NDArray[np.bool_]:
        """Say which plots are of catalogued objects, which also tell of the radar's biases."""
        assert self._known is not None
        sensor_id, p = sighting.sensor_id, sighting.plots
        bias = self._calibrator.estimate(state.calibration, sensor_id, state.now_tai_ns)
        claims = self._known.claim(
            state.claims,
            sensor_id,
            known.Plots(p.tai_ns[which], p.measured[which], p.sigma[which]),
            bias=bias,
            clutter=clutter,
        )
        self._calibrator.learn(state.calibration, claims.passes)
        return np.asarray(claims.object_index >= 0)

    def _give(
        self,
        state: CoreState,
        sighting: Sighting,
        which: Integers,
        clutter: float,
        owner: Integers,
    ) -> None:
        """Give the plots ``which`` to tracks; ``owner`` gets the number of the track of each."""
        if state.full_count + state.calm.count == 0:
            return
        plots, g = sighting.part(which, clutter)
        counters = np.zeros(calm.COUNTERS, np.int64)
        self._bury_calm(state)
        full, rows = state.full_count, state.calm.count
        pairs, gain = mixed.propose(
            state.full, full, plots, g, sighting.kind, sighting.bias_sigma, sighting.serial
        )
        calm_pairs, calm_gain, z = calm.propose(
            state.calm.rows, rows, plots, self.bank.kernel_rules, counters
        )
        calm_pairs[:, 0] += full
        chosen = np.empty(full + rows, np.int64)
        owned = np.empty(len(which), np.int64)
        calm.assign_pairs(
            np.concatenate((pairs, calm_pairs)),
            np.concatenate((gain, calm_gain)),
            full + rows,
            owned,
            chosen,
        )
        seen_if = _PLUME_SEEN if sighting.kind == filters.LINE_OF_SIGHT else _ECHO_SEEN
        calm_chosen = chosen[full:]
        if sighting.kind == filters.LINE_OF_SIGHT:
            hot = np.flatnonzero(calm_chosen >= 0)
            chosen = np.concatenate((chosen[:full], calm_chosen[hot]))
            if len(hot):  # it thrusts again: the mixture of models takes it from here
                self._promote(state, hot, boosting=0.5)
        else:
            unseen = np.zeros(rows)
            calm.conclude(
                state.calm.rows,
                rows,
                plots,
                self.bank.kernel_rules,
                (calm_chosen, z, unseen),
                counters,
            )
            taken = np.flatnonzero(calm_chosen >= 0)
            facts = state.calm.rows.facts
            facts[taken, calm.SERIAL] = sighting.serial
            facts[taken, calm.KNOWN] |= 1 << sighting.sensor
            for row in taken.tolist():
                self._note(
                    state,
                    int(facts[row, calm.NUMBER]),
                    sighting,
                    int(which[calm_chosen[row]]),
                    clutter,
                )
                owner[which[calm_chosen[row]]] = facts[row, calm.NUMBER]
            chosen = chosen[:full]
        mixed.take_all(state.full, chosen, plots, g, sighting.kind, sighting.cover, seen_if)
        for row in np.flatnonzero(chosen >= 0).tolist():
            number = int(state.full.facts[row, mixed.NUMBER])
            owner[which[chosen[row]]] = number
            self._note(state, number, sighting, int(which[chosen[row]]), clutter)

    def _note(
        self, state: CoreState, number: int, sighting: Sighting, plot: int, clutter: float
    ) -> None:
        """Remember that a track took a plot of a scan."""
        history = state.own(number)
        seen = sighting.measurements[plot]
        history.take(sighting.scan_id, sighting.sensor_id, seen.measurement_id)
        if sighting.kind == filters.LINE_OF_SIGHT:
            history.keep_for_launch(sighting.look(plot, clutter))
            history.plumes += 1
            if history.parent is not None and history.plumes >= _PLUMES_TO_INHERIT:
                self._inherit(state, number, int(sighting.plots.tai_ns[plot]))

    def _inherit(self, state: CoreState, number: int, now_tai_ns: int) -> None:
        """Let the identity go with the plume: what thrusts on is the vehicle, not what it shed.

        A track that began beside another and is seen thrusting, while that one no longer is, takes
        its history; the other goes on as what was shed.
        """
        child = state.own(number)
        parent = next((n for n, h in state.histories.items() if h.origin == child.parent), None)
        if parent is None:
            return
        elder = state.own(parent)
        rows = np.flatnonzero(state.full.facts[: state.full_count, mixed.NUMBER] == parent)
        thrust = elder.thrust_tai_ns
        if len(rows):
            thrust = int(state.full.facts[rows[0], mixed.THRUST_TAI_NS])
        if thrust == 0 or now_tai_ns - thrust < round(_PLUME_GONE_S * SECOND_NS):
            return
        elder.origin, child.origin = child.origin, elder.origin
        elder.parent, child.parent = child.origin, elder.parent
        elder.first_body, child.first_body = child.first_body, elder.first_body
        elder.launch_looks, child.launch_looks = (), elder.launch_looks
        elder.first_seen_tai_ns, child.first_seen_tai_ns = (
            child.first_seen_tai_ns,
            elder.first_seen_tai_ns,
        )
        for sensor_id, count in elder.sensor_ids.items():
            child.sensor_ids[sensor_id] = child.sensor_ids.get(sensor_id, 0) + count

    # ------------------------------------------------------------------ the end of a scan

    def _close(self, state: CoreState, sighting: Sighting, clutter: float, owner: Integers) -> None:
        """Weigh what a scan did not see, let what nobody took begin tracks, and settle them all."""
        plots = sighting.plots
        infrared = sighting.kind == filters.LINE_OF_SIGHT
        if state.full_count:
            mixed.weigh_silence(
                state.full,
                state.full_count,
                plots,
                sighting.cover,
                _PLUME_SEEN if infrared else _ECHO_SEEN,
                _PLUME_SEEN_ANEW if infrared else _NO_WEIGHT,
            )
        if state.calm.count and not infrared:
            mixed.weigh_calm_silence(
                state.calm.rows,
                state.calm.count,
                plots,
                sighting.cover,
                0.5,
                self.bank.kernel_rules,
            )
        # Each plot of a scan busier than its sensor's rate is believed less: others may be false.
        others = int(np.count_nonzero(owner == -1)) - 1
        clutter = max(clutter, others * sighting.clutter_per_alarm)
        if infrared:
            begun = self._begin_plumes(state, sighting, clutter, owner)
        else:
            begun = self._begin_echoes(state, sighting, clutter, owner)
        if len(owner) or sighting.sensor_id in state.alarms:
            strange = max(int(np.count_nonzero(owner == -1)) - begun, 0)
            known = state.alarms.get(sighting.sensor_id, 0.0)
            state.alarms[sighting.sensor_id] = known + _ALARM_MEMORY * (strange - known)
        self._settle(state)

    def _begin_plumes(
        self, state: CoreState, sighting: Sighting, clutter: float, owner: Integers
    ) -> int:
        """Let unclaimed lines of sight begin tracks; return how many of this scan they used."""
        forget(state.chains, state.now_tai_ns)
        unclaimed = [sighting.look(j, clutter) for j in np.flatnonzero(owner == -1).tolist()]
        grown = extend_chains(state.chains, unclaimed)
        used = 0
        for start in find_starts(state.chains, grown):
            used += sum(look.scan_id == sighting.scan_id for look in start.looks)
            self._begin(state, start)
        # What one satellite alone sees is asked about now and then: the answer is dear.
        asked = [c for c in alone(state.chains, grown) if len(c.looks) in _MONO_LOOKS]
        for chain in asked[:_MOST_MONO]:
            mono = mono_start(chain.looks)
            if mono is not None:
                chain.looks = []
                used += 1
                self._begin(state, mono, score=MONO_SCORE)
        state.chains = [chain for chain in state.chains if chain.looks]
        return used

    def _begin(self, state: CoreState, start: Start, score: float | None = None) -> None:
        """Make a track of a start, unless a live track follows that object already.

        The looks of a start are filtered from its beginning; with ``score`` they are in it already.
        """
        counts = (state.full_count, state.calm.count)
        if state.full_count >= MOST_TRACKS or mixed.follows(
            state.full, state.calm.rows, counts, start.tai_ns, start.mean, start.covariance
        ):
            return
        posterior = fresh_posterior(
            start.tai_ns,
            start.mean,
            start.covariance,
            biases=self.biases,
            boosting=start.boosting,
        )
        first = start.looks[0]
        number = self.add(state, posterior, (first.scan_id, first.measurement_id))
        row, history = state.full_count - 1, state.own(number)
        facts, marks = state.full.facts[row], state.full.marks[row]
        if score is not None:
            marks[:] = score
        for look in start.looks:
            history.take(look.scan_id, look.sensor_id, look.measurement_id)
            history.keep_for_launch(look)
            history.plumes += 1
            facts[mixed.COUNT] += 1
            facts[mixed.SEEN_TAI_NS] = max(facts[mixed.SEEN_TAI_NS], look.seen_tai_ns)
            facts[mixed.THRUST_TAI_NS] = facts[mixed.SEEN_TAI_NS]
            facts[mixed.KNOWN] |= 1 << self.sensor_ids.index(look.sensor_id)
            if score is not None:
                continue
            moved = posterior.predicted(look.seen_tai_ns)
            posterior = moved if moved.sound else posterior
            ln, _ = filters.update(
                posterior.means,
                posterior.covariances,
                posterior.weights,
                look.kind,
                look.geometry,
                _PLUME_SEEN if look.kind == filters.LINE_OF_SIGHT else _ECHO_SEEN,
            )
            good = moved.sound and ln > -math.inf
            marks[mixed.SCORE] += ln - math.log(look.clutter_density) if good else mixed.TROUBLE
            marks[mixed.TOP] = max(marks[mixed.TOP], marks[mixed.SCORE])
        facts[mixed.TAI_NS] = posterior.tai_ns
        state.full.X[row], state.full.P[row] = posterior.means, posterior.covariances
        state.full.mu[row] = posterior.weights

    def _begin_echoes(
        self, state: CoreState, sighting: Sighting, clutter: float, owner: Integers
    ) -> int:
        """Let unclaimed radar plots begin tracks; return how many of this scan they used."""
        sensor_id = sighting.sensor_id
        memory = state.calm.memories.get(sensor_id, self.bank.no_memory)
        if not len(owner) and not len(memory.tai_ns):
            return 0
        memory, x, P, score, facts, _ = births.find_births(
            memory,
            sighting.plots._replace(clutter=clutter),
            owner,
            self.biases.sigmas,
            sighting.serial,
            self.bank.birth_rules,
        )
        state.calm.memories[sensor_id] = memory
        for s in range(len(score)):
            counts = (state.full_count, state.calm.count)
            if state.full_count >= MOST_TRACKS or mixed.follows(
                state.full, state.calm.rows, counts, int(facts[s, 1]), x[s, :6], P[s, :6, :6]
            ):
                continue
            self._begin_echo(state, sighting, x[s], P[s], (float(score[s]), facts[s]))
        return 2 * len(score)

    def _begin_echo(
        self,
        state: CoreState,
        sighting: Sighting,
        x: Array,
        P: Array,
        begun: tuple[float, Integers],
    ) -> None:
        """Make a track of plots of one radar, which may thrust still."""
        score, facts = begun
        wide = P.copy()
        wide[3:6, 3:6] += np.eye(3) * _THRUST_SLACK_M_S**2
        posterior = calm_posterior(int(facts[1]), x, wide, 0.2)
        # A chain's plots have lost their names; its instants, to the nanosecond, are as good.
        number = self.add(state, posterior, (sighting.scan_id, f"{facts[2]}/{facts[1]}"))
        row = state.full_count - 1
        own = state.full.facts[row]
        state.full.marks[row] = score
        own[mixed.COUNT] = facts[0]
        own[mixed.SEEN_TAI_NS] = facts[1]
        own[mixed.BEGUN_TAI_NS] = facts[2]
        own[mixed.KNOWN] = 1 << sighting.sensor
        history = state.own(number)
        history.first_seen_tai_ns = int(facts[2])
        history.sensor_ids[sighting.sensor_id] = int(facts[0])
        history.scan_ids.append(sighting.scan_id)

    def add(self, state: CoreState, posterior: Posterior, origin: PlotKey) -> int:
        """Append a row about a posterior; return its number."""
        if state.full_count == len(state.full.facts):
            state.full = grown_rows(state.full, state.full_count, 2 * state.full_count + 8)
        row = state.full_count
        state.full_count += 1
        state.started += 1
        number = state.started
        for array in state.full:
            array[row] = 0
        mean, _ = posterior.body()
        nearest = mixed.nearest_row(
            state.full,
            state.calm.rows,
            (row, state.calm.count),
            posterior.tai_ns,
            mean,
            _NEAR_PARENT,
        )
        parent = None
        if nearest >= row:
            parent = int(state.calm.rows.facts[nearest - row, calm.NUMBER])
        elif nearest >= 0:
            parent = int(state.full.facts[nearest, mixed.NUMBER])
        facts = state.full.facts[row]
        facts[mixed.NUMBER] = number
        facts[mixed.STATUS] = calm.TENTATIVE
        facts[mixed.TAI_NS] = facts[mixed.BEGUN_TAI_NS] = posterior.tai_ns
        facts[mixed.SEEN_TAI_NS] = posterior.tai_ns
        facts[mixed.PLOT] = -1
        state.full.X[row], state.full.P[row] = posterior.means, posterior.covariances
        state.full.mu[row] = posterior.weights
        state.histories[number] = History(
            origin=origin,
            first_body=mean,
            first_seen_tai_ns=posterior.tai_ns,
            parent=None if parent is None else state.histories[parent].origin,
        )
        return number

    # ------------------------------------------------------------------ lives

    def _settle(self, state: CoreState) -> None:
        """Move tracks through their lives, and between the regimes."""
        full, count = state.full, state.full_count
        if count:
            mixed.settle_all(full, count, state.now_tai_ns, self._life)
            facts = full.facts[:count]
            gone = facts[:, mixed.STATUS] == calm.ENDED
            for row in np.flatnonzero(gone).tolist():
                self._bury(state, int(facts[row, mixed.NUMBER]))
            quiet = self._quiet(state) & ~gone
            if quiet.any():
                self._demote(state, np.flatnonzero(quiet))
            if gone.any() or quiet.any():
                state.full_count = mixed.drop_rows(full, count, gone | quiet)
        rows = state.calm
        if rows.count:
            self._bury_calm(state)
            low = _low(rows.rows.x[: rows.count])
            if len(low):
                self._promote(state, low, boosting=0.0)
        if state.ended:
            horizon_tai_ns = state.now_tai_ns - round(_KEPT_ENDED_S * SECOND_NS)
            if state.ended[0].ended_tai_ns < horizon_tai_ns:
                state.ended = tuple(e for e in state.ended if e.ended_tai_ns >= horizon_tai_ns)

    def _quiet(self, state: CoreState) -> NDArray[np.bool_]:
        """Which full rows have been falling freely, in space, for a while."""
        facts = state.full.facts[: state.full_count]
        since = facts[:, mixed.QUIET_TAI_NS]
        quiet = (
            (facts[:, mixed.STATUS] == calm.CONFIRMED)
            & (since > 0)
            & (facts[:, mixed.TAI_NS] - since > round(_QUIET_S * SECOND_NS))
        )
        for row in np.flatnonzero(quiet).tolist():
            x = state.full.X[row, filters.BALLISTIC]
            quiet[row] = height_m(x[0], x[1], x[2]) > _CALM_ABOVE_M
        return np.asarray(quiet, dtype=np.bool_)

    def _demote(self, state: CoreState, which: NDArray[np.intp]) -> None:
        """Copy full rows into the calm regime."""
        bank = state.calm
        if bank.count + len(which) > len(bank.rows.x):
            bank.rows = self.bank.grown(bank.rows, bank.count, 2 * (bank.count + len(which)))
        kept = np.r_[0:CALM_BODY, filters.BODY : self.biases.size]
        for row in which.tolist():
            i, full = bank.count, state.full
            bank.rows.x[i] = full.X[row, filters.BALLISTIC, kept]
            bank.rows.P[i] = full.P[row, filters.BALLISTIC][np.ix_(kept, kept)]
            bank.rows.marks[i] = (
                full.marks[row, mixed.SCORE],
                full.marks[row, mixed.TOP],
                calm.MOST_PRESENCE,
            )
            facts = bank.rows.facts[i]
            facts[:] = 0
            for column, source in _SHARED_FACTS:
                facts[column] = full.facts[row, source]
            facts[calm.PLOT] = facts[calm.GROUP] = -1
            history = state.own(int(facts[calm.NUMBER]))
            history.silent = full.silent[row].copy()
            history.thrust_tai_ns = int(full.facts[row, mixed.THRUST_TAI_NS])
            history.quiet_tai_ns = int(full.facts[row, mixed.QUIET_TAI_NS])
            bank.count += 1

    def _promote(self, state: CoreState, which: NDArray[np.intp], *, boosting: float) -> None:
        """Move calm rows into the full regime, to its end, in order."""
        bank = state.calm
        for row in which.tolist():
            if state.full_count == len(state.full.facts):
                state.full = grown_rows(state.full, state.full_count, 2 * state.full_count + 8)
            i, full = state.full_count, state.full
            for array in full:
                array[i] = 0
            posterior = calm_posterior(
                int(bank.rows.facts[row, calm.TAI_NS]), bank.rows.x[row], bank.rows.P[row], boosting
            )
            full.X[i], full.P[i], full.mu[i] = (
                posterior.means,
                posterior.covariances,
                posterior.weights,
            )
            full.marks[i] = bank.rows.marks[row, :2]
            for column, source in _SHARED_FACTS:
                full.facts[i, source] = bank.rows.facts[row, column]
            full.facts[i, mixed.STATUS] = min(full.facts[i, mixed.STATUS], calm.CONFIRMED)
            full.facts[i, mixed.PLOT] = -1
            history = state.histories[int(full.facts[i, mixed.NUMBER])]
            full.facts[i, mixed.THRUST_TAI_NS] = history.thrust_tai_ns
            if history.silent is not None:
                full.silent[i] = history.silent
            bank.rows.facts[row, calm.STATUS] = calm.ENDED
            bank.rows.facts[row, calm.REASON] = calm.MOVED
            state.full_count += 1
        bank.count = calm.drop_ended(bank.rows, bank.count)

    def _bury_calm(self, state: CoreState) -> None:
        """Bury the calm tracks that have ended, and close their gaps."""
        rows = state.calm
        facts = rows.rows.facts[: rows.count]
        for row in np.flatnonzero(facts[:, calm.STATUS] == calm.ENDED).tolist():
            self._bury(state, int(facts[row, calm.NUMBER]))
        rows.count = calm.drop_ended(rows.rows, rows.count)

    def _bury(self, state: CoreState, number: int) -> None:
        """Forget a track that has ended; keep for a while how it was, if it was ever confirmed."""
        track = self.view(state, number, state.now_tai_ns)
        history = state.histories.pop(number)
        state.owned.discard(number)
        if track is not None and track.confirmed:
            track.status = TrackStatus.ENDED
            state.ended = (*state.ended, Ended(history.origin, track, state.now_tai_ns))

    # ------------------------------------------------------------------ views

    def statuses(self, state: CoreState, now_tai_ns: int) -> list[tuple[int, TrackStatus]]:
        """Number and status of every track that lives, as of an instant."""
        told: list[tuple[int, TrackStatus]] = []
        columns = (mixed.NUMBER, mixed.STATUS, mixed.SEEN_TAI_NS)
        for number, status, seen_tai_ns in state.full.facts[: state.full_count, columns].tolist():
            told.append((number, _status(status, seen_tai_ns, now_tai_ns)))
        columns = (calm.NUMBER, calm.STATUS, calm.SEEN_TAI_NS)
        for number, status, seen_tai_ns in state.calm.rows.facts[
            : state.calm.count, columns
        ].tolist():
            told.append((number, _status(status, seen_tai_ns, now_tai_ns)))
        return told

    def briefs(
        self, state: CoreState, now_tai_ns: int
    ) -> list[tuple[int, TrackStatus, float, float]]:
        """Number, status, score and chance to thrust of every track, in the order of `statuses`."""
        full, bank = state.full_count, state.calm.count
        scores = [
            *state.full.marks[:full, mixed.SCORE].tolist(),
            *state.calm.rows.marks[:bank, calm.SCORE].tolist(),
        ]
        boosting = [*state.full.mu[:full, filters.BOOST].tolist(), *([0.0] * bank)]
        told = self.statuses(state, now_tai_ns)
        return [(*a, b, c) for a, b, c in zip(told, scores, boosting, strict=True)]

    def view(self, state: CoreState, number: int, now_tai_ns: int) -> LiveTrack | None:
        """A track as of an instant, for those who assess it; None if there is none of that number.

        It bears no name yet.
        """
        full, bank = state.full, state.calm
        history = state.histories.get(number)
        if history is None:
            return None
        found = np.flatnonzero(full.facts[: state.full_count, mixed.NUMBER] == number)
        if len(found):
            row = int(found[0])
            facts, marks = full.facts[row], full.marks[row]
            posterior = Posterior(
                int(facts[mixed.TAI_NS]),
                full.X[row].copy(),
                full.P[row].copy(),
                full.mu[row].copy(),
            )
            columns = (mixed.STATUS, mixed.SEEN_TAI_NS, mixed.COUNT)
            thrust_tai_ns, silent = int(facts[mixed.THRUST_TAI_NS]), full.silent[row]
            quiet_tai_ns = int(facts[mixed.QUIET_TAI_NS])
        else:
            row = int(np.flatnonzero(bank.rows.facts[: bank.count, calm.NUMBER] == number)[0])
            facts, marks = bank.rows.facts[row], bank.rows.marks[row]
            posterior = calm_posterior(
                int(facts[calm.TAI_NS]), bank.rows.x[row], bank.rows.P[row], 0.0
            )
            columns = (calm.STATUS, calm.SEEN_TAI_NS, calm.COUNT)
            thrust_tai_ns, silent = history.thrust_tai_ns, history.silent
            quiet_tai_ns = history.quiet_tai_ns
        status, seen_tai_ns, count = (int(facts[c]) for c in columns)
        return LiveTrack(
            track_id="",
            origin=history.origin,
            status=_status(status, seen_tai_ns, now_tai_ns),
            confirmed=bool(marks[mixed.TOP] > CONFIRM_SCORE),
            latest=posterior,
            first_body=history.first_body,
            score=float(marks[mixed.SCORE]),
            sensor_ids=dict(history.sensor_ids),
            silent={}
            if silent is None
            else {self.sensor_ids[i]: int(silent[i]) for i in np.flatnonzero(silent).tolist()},
            launch_looks=list(history.launch_looks),
            scan_ids=tuple(history.scan_ids),
            first_seen_tai_ns=history.first_seen_tai_ns,
            last_seen_tai_ns=seen_tai_ns,
            last_thrust_tai_ns=thrust_tai_ns,
            falls_since_tai_ns=quiet_tai_ns or posterior.tai_ns,
            count=count,
            parent_origin=history.parent,
        )


def _status(status: int, seen_tai_ns: int, now_tai_ns: int) -> TrackStatus:
    if status == calm.TENTATIVE:
        return TrackStatus.TENTATIVE
    silent_s = (now_tai_ns - seen_tai_ns) / SECOND_NS
    return TrackStatus.COASTING if silent_s > COAST_AFTER_S else TrackStatus.CONFIRMED


_NOBODY = np.zeros(0, np.int64)
_THRUST_SLACK_M_S = 60.0  # 30 m/s2 for two seconds: what a falling fit of three plots may hide
_SHARED_FACTS = (
    (calm.NUMBER, mixed.NUMBER),
    (calm.STATUS, mixed.STATUS),
    (calm.TAI_NS, mixed.TAI_NS),
    (calm.BEGUN_TAI_NS, mixed.BEGUN_TAI_NS),
    (calm.SEEN_TAI_NS, mixed.SEEN_TAI_NS),
    (calm.COUNT, mixed.COUNT),
    (calm.SERIAL, mixed.SERIAL),
    (calm.KNOWN, mixed.KNOWN),
)


def calm_posterior(tai_ns: int, x: Array, P: Array, boosting: float) -> Posterior:
    """A calm row x (6 + m,), P as a posterior of all models: it falls freely, or else thrusts."""
    n = len(x) - CALM_BODY + filters.BODY
    kept = np.r_[0:CALM_BODY, filters.BODY : n]
    means, covariances = np.zeros((filters.MODELS, n)), np.zeros((filters.MODELS, n, n))
    for model in range(filters.MODELS):
        means[model, kept] = x
        covariances[model][np.ix_(kept, kept)] = P
        filters.set_parameter_prior(means[model], covariances[model], model)
    weights = np.zeros(filters.MODELS)
    weights[filters.BOOST] = boosting
    weights[filters.falling_model(x[:6], 1.0)] = 1.0 - boosting
    return Posterior(tai_ns, means, covariances, weights)


def _low(x: Array) -> NDArray[np.intp]:
    """Rows (n, 6 + m) that have come down to where there is air."""
    r = np.linalg.norm(x[:, :3], axis=1)
    sinking = np.sum(x[:, :3] * x[:, 3:6], axis=1) < 0.0
    near = np.flatnonzero(sinking & (r < _AIR_BELOW_M + 6.3785e6))
    low = [i for i in near.tolist() if height_m(*x[i, :3]) < _AIR_BELOW_M]
    return np.array(low, dtype=np.intp)
