"""The known sky: a radar's crossing satellite is recognised before anything is called new.

`KnownPlaces` says where each known object is for each radar. A plot is claimed for an object only
if range, azimuth, elevation and range rate all fit, better than clutter or something new would
explain it, and only one plot of a scan for one object.

Who is claimed again must go on as an orbit error does (`forewarn.kernels.known_sky`): a plot that
fits the prediction, but not what was learned of that object seconds before, is not claimed. After
two of those, or when misfits add up, the object is released: it claims nothing for five minutes. So
a missile that flies by a satellite's prediction is lost to it for a look or two, and no longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from forewarn.epoch import SECOND_NS
from forewarn.frames import EarthOrientation
from forewarn.kernels import known_sky as kernel
from forewarn.orbits import Catalogue
from forewarn.records import RadarMeasurement, Scan
from forewarn.sensors.network import Network, RadarSensor
from forewarn.sensors.radar import RadarModel, beam_sigma_rad, range_sigma_m
from forewarn.sensors.sight import lowest_height_m
from forewarn.tracking.calibration import BiasEstimate, Passes
from forewarn.tracking.claim_memory import ClaimMemory, Released, keys_of
from forewarn.tracking.known_places import SLAB_NS, KnownPlaces, RadarPlace

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Instants = NDArray[np.int64]

GATE_D2 = 23.51  # chi-square of 4: one fitting plot in 10,000 lies beyond
CLAIM_ODDS = 100.0
NEWCOMERS = 1_000.0  # of which nobody has elements, in one radar's whole volume; soft
SEEN_PROBABILITY = 0.5  # of a known object, whose cross-section nobody knows; soft
DOUBT = np.diag(np.array((100.0, 3e-3, 3e-3, 0.15)) ** 2)
"""What a radar may be off by, beyond what is known of it, and still recognise the sky [squared].

Refraction that nobody corrected is 4 or 5 mrad at 3 degrees, and clocks have been wrong by a third
of a second; so far the sky is needed to find out.
"""

_SPEED_SPAN_M_S = 16_000.0
_PAIRS_A_PLOT = 4
_DUMMY = 1e-9


@final
@dataclass(frozen=True, slots=True, eq=False)
class Plots:
    """n echoes of one radar in a scan: when; range, azimuth, elevation, range rate; one sigmas."""

    seen_tai_ns: Instants
    measured: Array
    sigma: Array


@final
@dataclass(frozen=True, slots=True, eq=False)
class Claims:
    """What of a scan is known.

    ``object_index`` (n,) is whose each plot is, -1 if nobody's. For the m claimed ones, in order:
    ``plot`` their numbers; ``residual`` (m, 4) plot less the elements' prediction; ``white`` (m, 4)
    the innovations in sigmas, against all that was known of that object and radar. ``jolted`` says
    that most objects no longer were where the radar had seen them seconds before: it is the radar
    that has moved. ``passes`` is for its calibration.
    """

    object_index: Indices
    plot: Indices
    residual: Array
    white: Array
    released: tuple[Released, ...]
    jolted: bool
    passes: Passes


class _Pairs(NamedTuple):
    """Pairs of plots and objects that may match, weighed; ``row`` is the memory's, or -1."""

    plot: Indices
    objects: Indices
    row: Indices
    weighed: kernel.Weighed


@final
class KnownSky:
    """A catalogue over the radars of a network. What it caches never changes what it answers."""

    def __init__(
        self, catalogue: Catalogue, network: Network, orientation: EarthOrientation
    ) -> None:
        """Take the elements that the chain is given; nothing is propagated before it is needed."""
        self.places = KnownPlaces(catalogue, network, orientation)
        self._newcomers = {
            s.sensor_id: NEWCOMERS / _measurement_space(s)
            for s in network.sensors
            if isinstance(s, RadarSensor)
        }

    def claim(
        self,
        memory: ClaimMemory,
        sensor_id: str,
        plots: Plots,
        *,
        bias: BiasEstimate,
        clutter: float,
    ) -> Claims:
        """Say which plots of a radar's scan are of known objects; ``memory`` is changed in place.

        ``bias`` is what is known of the radar, ``clutter`` the mean number of false plots in a scan
        per m rad rad m/s. Raises ValueError outside the dates of the Earth's orientation.
        """
        radar = self.places.radars[sensor_id]
        before = kernel.Bias(bias.mean, bias.covariance + DOUBT)
        unknown = clutter + self._newcomers[sensor_id]
        pairs = self._pairs(memory, sensor_id, plots, before)
        now_tai_ns = int(plots.seen_tai_ns.max()) if len(plots.seen_tai_ns) else None
        chosen, struck = _chosen(memory, radar.number, pairs, unknown, now_tai_ns)
        jolted = memory.is_jolted(radar.number, len(struck), int(np.sum(pairs.row[chosen] >= 0)))
        if jolted:
            pairs = self._pairs(memory, sensor_id, plots, before)
            chosen, struck = _chosen(memory, radar.number, pairs, unknown, now_tai_ns)
        plot, objects = pairs.plot[chosen], pairs.objects[chosen]
        residual, white = pairs.weighed.y[chosen], np.empty((len(chosen), 4))
        kernel.learn(chosen, np.ascontiguousarray(plots.sigma[plot]), pairs.weighed, white)
        released: list[Released] = []
        if now_tai_ns is not None:
            keys = keys_of(radar.number, objects)
            memory.keep(keys, plots.seen_tai_ns[plot], chosen, pairs.weighed, before)
            told = (np.sum(white**2, axis=1), self.places.numbers, now_tai_ns)
            released = memory.release(radar.number, keys, struck, told)
        still = np.ones(len(objects), dtype=np.bool_)
        if released:
            still = ~np.isin(objects, [each.object_index for each in released])
        object_index = np.full(len(plots.seen_tai_ns), -1, dtype=np.int64)
        object_index[plot[still]] = objects[still]
        return Claims(
            object_index=object_index,
            plot=plot[still],
            residual=residual[still],
            white=white[still],
            released=tuple(released),
            jolted=jolted,
            passes=_passes(memory, radar, sensor_id, now_tai_ns),
        )

    def lines_of_sight(
        self, satellite_ecef_m: Array, direction_ecef: Array, time_tai_ns: int, within_rad: float
    ) -> list[Indices]:
        """Return the known objects in sight within an angle of each direction (n, 3), unit vectors.

        A hint for what a burning or glinting object may be, never a claim: in a full sky one
        direction in a hundred from a stationary telescope to the Earth has a known object within
        100 microradians.
        """
        position, _ = self.places.states_ecef(time_tai_ns)
        away = position - satellite_ecef_m
        hidden = lowest_height_m(position, satellite_ecef_m) < 0.0
        away /= np.linalg.norm(away, axis=1)[:, None]
        apart = [np.linalg.norm(away - d, axis=1) for d in direction_ecef]
        return [np.flatnonzero((a < within_rad) & ~hidden) for a in apart]

    def _pairs(
        self, memory: ClaimMemory, sensor_id: str, plots: Plots, before: kernel.Bias
    ) -> _Pairs:
        """Weigh every pair of plot and object that may match, slab of time by slab."""
        numbers = plots.seen_tai_ns // SLAB_NS
        parts = [
            self._pairs_in_slab(
                memory, sensor_id, plots, (np.flatnonzero(numbers == number), number), before
            )
            for number in sorted(set(numbers.tolist()))
        ]
        if len(parts) == 1:
            return parts[0]
        if not parts:
            nothing = np.empty(0, dtype=np.int64)
            return _Pairs(nothing, nothing, nothing, _space(0))
        plot, objects, row = (np.concatenate([p[i] for p in parts]) for i in range(3))
        columns = zip(*(p.weighed for p in parts), strict=True)
        return _Pairs(plot, objects, row, kernel.Weighed(*(np.concatenate(c) for c in columns)))

    def _pairs_in_slab(
        self,
        memory: ClaimMemory,
        sensor_id: str,
        plots: Plots,
        part: tuple[Indices, int],
        before: kernel.Bias,
    ) -> _Pairs:
        rows, number = part
        slab = self.places.slab(sensor_id, number)
        seen = plots.seen_tai_ns[rows]
        table = np.column_stack(
            (
                (seen - slab.middle_tai_ns) / SECOND_NS,
                plots.measured[rows],
                plots.sigma[rows],
            )
        )
        found = _near(slab.keys, slab.view, table, np.sqrt(np.diag(before.covariance)))
        arc, plot = slab.arc[found[:, 1]], rows[found[:, 0]]
        objects = slab.minute.objects[arc]
        row = memory.rows_of(keys_of(self.places.radars[sensor_id].number, objects))
        gap_s = (plots.seen_tai_ns[plot] - memory.last_seen_tai_ns(row)) / SECOND_NS
        table[:, 0] = (seen - slab.minute.start_tai_ns) / SECOND_NS
        weighed = _space(len(found))
        learned = kernel.Weighed(memory.x, memory.P, weighed.H, weighed.y, weighed.said)
        pairs = np.column_stack((found[:, 0], arc, row))
        kernel.weigh(slab.minute.sky, before, learned, pairs, table, gap_s, weighed)
        return _Pairs(plot, objects, row, weighed)


def radar_plots(scan: Scan, model: RadarModel) -> Plots:
    """Return the plots of a radar's scan as arrays, with the errors that its sensor states."""
    seen = [m for m in scan.measurements if isinstance(m, RadarMeasurement)]
    measured = np.array(
        [(m.range_m, m.azimuth_rad, m.elevation_rad, m.range_rate_m_s) for m in seen]
    ).reshape(-1, 4)
    snr = np.maximum(np.array([m.snr for m in seen]), 1.0)
    across = beam_sigma_rad(model.sensor, snr)
    sigma = np.empty_like(measured)
    sigma[:, 0] = range_sigma_m(model.sensor, snr)
    sigma[:, 1] = across / np.maximum(np.cos(measured[:, 2]), 1e-3)
    sigma[:, 2] = across
    sigma[:, 3] = model.sensor.range_rate_sigma_m_s
    times = np.array([m.seen_tai_ns for m in seen], dtype=np.int64)
    return Plots(seen_tai_ns=times, measured=measured, sigma=sigma)


def _measurement_space(sensor: RadarSensor) -> float:
    """Size of all that a radar can measure [m rad rad m/s]."""
    up_rad = sensor.elevation_max_rad - sensor.elevation_min_rad
    across_rad = 2.0 * sensor.azimuth_half_width_rad
    return sensor.range_max_m * across_rad * max(up_rad, sensor.beam_width_rad) * _SPEED_SPAN_M_S


def _space(count: int) -> kernel.Weighed:
    size = kernel.STATE
    return kernel.Weighed(
        x=np.empty((count, size)),
        P=np.empty((count, size, size)),
        H=np.empty((count, 4, size)),
        y=np.empty((count, 4)),
        said=np.empty((count, 3)),
    )


def _near(keys: Array, view: Array, table: Array, bias_sigma: Array) -> Indices:
    """Return the pairs (m, 2) of plots and objects that pass the coarse test."""
    gate, half_s = float(np.sqrt(GATE_D2)), 0.5 * SLAB_NS / SECOND_NS
    out = np.empty((_PAIRS_A_PLOT * len(table), 2), dtype=np.int64)
    count = kernel.near(keys, view, table, bias_sigma, gate, half_s, out)
    if count > len(out):
        out = np.empty((count, 2), dtype=np.int64)
        kernel.near(keys, view, table, bias_sigma, gate, half_s, out)
    return out[:count]


def _score(said: Array, unknown: float) -> Array:
    """Log odds (m,) of each pair against clutter and newcomers; -inf where it does not fit."""
    seen = np.log(SEEN_PROBABILITY / (1.0 - SEEN_PROBABILITY))
    score = seen - 0.5 * (said[:, 0] + said[:, 1]) - np.log(unknown)
    fits = (said[:, 0] <= GATE_D2) & (score >= np.log(CLAIM_ODDS))
    return np.where(fits, score, -np.inf)


def _best(plot: Indices, objects: Indices, score: Array) -> Indices:
    """Choose pairs, no plot and no object twice, whose scores have the greatest sum."""
    good = np.flatnonzero(np.isfinite(score))
    if len(good) < 2:
        return good
    plot, objects, score = plot[good], objects[good], score[good]
    _, a, plots = np.unique(plot, return_inverse=True, return_counts=True)
    _, b, others = np.unique(objects, return_inverse=True, return_counts=True)
    alone = (plots[a] == 1) & (others[b] == 1)
    rest = np.flatnonzero(~alone)
    chosen = [good[alone]]
    if len(rest):
        _, row = np.unique(plot[rest], return_inverse=True)
        _, column = np.unique(objects[rest], return_inverse=True)
        height, width = int(row.max()) + 1, int(column.max()) + 1
        own = np.arange(height)  # each plot may also stay nobody's
        costs = np.concatenate((-score[rest], np.full(height, -_DUMMY)))
        at = (np.concatenate((row, own)), np.concatenate((column, width + own)))
        taken = min_weight_full_bipartite_matching(
            csr_array((costs, at), shape=(height, width + height))
        )[1]
        chosen.append(good[rest[taken[row] == column]])
    return np.sort(np.concatenate(chosen))


def _chosen(
    memory: ClaimMemory, radar: int, pairs: _Pairs, unknown: float, now_tai_ns: int | None
) -> tuple[Indices, Indices]:
    """Return the pairs that are claims, and the objects whose plots speak against their pass.

    Those plots fit the elements, but not what the pass had shown, and nobody else claims them.
    """
    score = _score(pairs.weighed.said, unknown)
    if memory.barred and now_tai_ns is not None:
        score[memory.is_barred(keys_of(radar, pairs.objects), now_tai_ns)] = -np.inf
    chosen = _best(pairs.plot, pairs.objects, score)
    said = pairs.weighed.said
    odd = np.flatnonzero((pairs.row >= 0) & (said[:, 0] > GATE_D2) & (said[:, 2] <= GATE_D2))
    if not len(odd):
        return chosen, odd
    odd = odd[~np.isin(pairs.plot[odd], pairs.plot[chosen])]
    return chosen, np.setdiff1d(pairs.objects[odd], pairs.objects[chosen])


def _passes(
    memory: ClaimMemory, radar: RadarPlace, sensor_id: str, now_tai_ns: int | None
) -> Passes:
    """Return what ended or long passes of a radar have to say."""
    objects, rows = memory.ripe(radar.number, now_tai_ns)
    information, vector = memory.bias_information(rows)
    return Passes(sensor_id, objects, memory.seen_tai_ns[rows], information, vector)
