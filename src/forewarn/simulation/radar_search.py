"""One radar searching in one run: its rows of sweeps, what they see at best, their false alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.records import Beams, RadarMeasurement, Sector
from forewarn.sensors.network import RadarSensor
from forewarn.sensors.radar import radar_model
from forewarn.sensors.search_budget import track_look_s
from forewarn.simulation.link import Look
from forewarn.simulation.radar_receiver import Receiver, View, receiver, reports
from forewarn.simulation.radar_rows import TURN, Row, fence_row, volume_rows
from forewarn.simulation.radar_sky import RadarSurroundings, noise_of
from forewarn.simulation.streams import stream

Array = NDArray[np.float64]
Instants = NDArray[np.int64]

_NEAREST_FALSE_ALARM_M = 100_000.0
_FASTEST_FALSE_ALARM_M_S = 5_000.0
_CLUTTER_SNR_SCALE = 1.0


@final
@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """A radar in a run: its rows, the fence first, and their sweeps as looks being filled."""

    receiver: Receiver
    rows: list[Row]
    sweeps: list[list[Look]]
    end_tai_ns: int

    @property
    def sensor(self) -> RadarSensor:
        """The radar."""
        return self.receiver.model.sensor


def search_of(
    sensor: RadarSensor,
    *,
    span_tai_ns: tuple[int, int],
    seed: int,
    clutter: np.random.Generator,
    around: RadarSurroundings | None,
) -> Search:
    """Return the empty sweeps of a run, and the radar with its errors.

    ``clutter`` gives the fence's phase and the biases.
    """
    fence = fence_row(sensor, span_tai_ns, clutter)
    sigmas = [sensor.range_bias_sigma_m, sensor.angle_bias_sigma_rad, sensor.angle_bias_sigma_rad]
    bias = np.array([*(clutter.standard_normal(3) * sigmas), 0.0])
    model = radar_model(sensor)
    noise = None if around is None else noise_of(around, model)
    volume = volume_rows(sensor, span_tai_ns, stream(seed, sensor.sensor_id, "volume"))
    rows = [fence, *volume]
    search = Search(
        receiver=receiver(model, seed=seed, bias=bias, noise=noise),
        rows=rows,
        sweeps=[row.looks() for row in rows],
        end_tai_ns=span_tai_ns[1],
    )
    if not search.receiver.steady:
        for row, sweeps in zip(rows, search.sweeps, strict=True):
            _state_sensitivity(search.receiver, row, sweeps)
    return search


def _state_sensitivity(radar: Receiver, row: Row, sweeps: list[Look]) -> None:
    """Give each sweep the mean over its beams of the range at which 1 m2 returns a ratio of one."""
    sensor = radar.model.sensor
    beams = row.beams_count or max(1, round(row.width_rad / sensor.beam_width_rad))
    azimuth_rad = row.sector.azimuth_min_rad + row.width_rad * (np.arange(beams) + 0.5) / beams
    middle_rad = 0.5 * (row.sector.elevation_min_rad + row.sector.elevation_max_rad)
    instants = np.repeat(row.middles_tai_ns(), beams)
    strength = radar.strength(
        np.tile(azimuth_rad % TURN, len(sweeps)), np.full(len(instants), middle_rad), instants
    )
    means = radar.reach_m(strength).reshape(len(sweeps), beams).mean(axis=1)
    for look, mean in zip(sweeps, means.tolist(), strict=True):
        look.sensitivity = mean


def narrow_looks(
    search: Search, seen_tai_ns: Instants, pointing: Array, strength: Array | None
) -> list[Look]:
    """Return looks (n,) one beam wide to each side of azimuths and elevations (n, 2) [rad].

    ``strength`` (n,) is that of `Receiver.strength_towards`.
    """
    sensor = search.sensor
    half_ns = round(track_look_s(sensor) * SECOND_NS) // 2
    azimuth_rad, elevation_rad = pointing.T.copy()
    across = sensor.beam_width_rad / np.maximum(np.cos(elevation_rad), 0.05)
    edges = np.stack(
        (
            (azimuth_rad - across) % TURN,
            (azimuth_rad + across) % TURN,
            np.maximum(elevation_rad - sensor.beam_width_rad, -0.5 * np.pi),
            np.minimum(elevation_rad + sensor.beam_width_rad, 0.5 * np.pi),
        ),
        axis=1,
    )
    sensitivities: list[float | None] = [None] * len(edges)
    if strength is not None:
        sensitivities = search.receiver.reach_m(strength).tolist()
    return [
        Look(
            start_tai_ns=seen - half_ns,
            end_tai_ns=seen + half_ns,
            volume=Sector(
                azimuth_min_rad=left,
                azimuth_max_rad=right,
                elevation_min_rad=low,
                elevation_max_rad=high,
                range_max_m=sensor.range_max_m,
            ),
            sensitivity=sensitivity,
        )
        for seen, (left, right, low, high), sensitivity in zip(
            seen_tai_ns.tolist(), edges.tolist(), sensitivities, strict=True
        )
    ]


def bundled(search: Search, looks: list[Look], start_tai_ns: int) -> list[Look]:
    """Return narrow looks put together, those made in one ``report_s`` in one; see `Beams`.

    The least of their sensitivities is that of the whole.
    """
    sensor = search.sensor
    assert sensor.report_s is not None, "this sensor reports each look by itself"
    period_ns = round(sensor.report_s * SECOND_NS)
    turns: dict[int, list[Look]] = {}
    for look in looks:
        turns.setdefault((look.end_tai_ns - start_tai_ns) // period_ns, []).append(look)
    return [_bundle(sensor, turns[turn]) for turn in sorted(turns)]


def _bundle(sensor: RadarSensor, looks: list[Look]) -> Look:
    looks = sorted(looks, key=lambda look: (look.end_tai_ns, look.start_tai_ns))
    sectors = [look.volume for look in looks if isinstance(look.volume, Sector)]
    reaches = [look.sensitivity for look in looks if look.sensitivity is not None]
    return Look(
        start_tai_ns=min(look.start_tai_ns for look in looks),
        end_tai_ns=looks[-1].end_tai_ns,
        volume=Beams(
            seen_tai_ns=tuple((look.start_tai_ns + look.end_tai_ns) // 2 for look in looks),
            azimuth_rad=tuple(
                (s.azimuth_min_rad + 0.5 * ((s.azimuth_max_rad - s.azimuth_min_rad) % TURN)) % TURN
                for s in sectors
            ),
            elevation_rad=tuple(0.5 * (s.elevation_min_rad + s.elevation_max_rad) for s in sectors),
            half_width_rad=sensor.beam_width_rad,
            range_max_m=sensor.range_max_m,
        ),
        measurements=[m for look in looks for m in look.measurements],
        sensitivity=min(reaches) if reaches else None,
    )


def false_alarms(
    search: Search, *, seed: int, clutter: np.random.Generator
) -> list[RadarMeasurement]:
    """Write false alarms into the sweeps, uniform in each row, and return them.

    Those of the fence come from ``clutter``, those of each further row from a stream of its own.
    """
    alarms = []
    for number, row in enumerate(search.rows):
        own = clutter
        if number:
            own = stream(seed, search.sensor.sensor_id, "clutter", f"row {number}")
        alarms += _false_alarms_of(search, row, search.sweeps[number], own)
    return alarms


def _false_alarms_of(
    search: Search, row: Row, sweeps: list[Look], randomness: np.random.Generator
) -> list[RadarMeasurement]:
    sensor, sector = search.sensor, row.sector
    number = randomness.poisson(sensor.false_alarms_per_scan, len(sweeps))
    sweep = np.repeat(np.arange(len(sweeps)), number)
    low = [_NEAREST_FALSE_ALARM_M, 0.0, sector.elevation_min_rad, -_FASTEST_FALSE_ALARM_M_S]
    high = [
        sensor.range_max_m,
        row.width_rad,
        sector.elevation_max_rad,
        _FASTEST_FALSE_ALARM_M_S,
    ]
    false = randomness.uniform(low, high, (len(sweep), 4))
    false[:, 1] += sector.azimuth_min_rad
    echo = sensor.detection_snr + randomness.exponential(_CLUTTER_SNR_SCALE, len(sweep))
    seen = row.seen_tai_ns(sweep, false[:, 1])
    view = View(apparent=false, range_m=false[:, 0].copy(), covered=np.ones(len(sweep), np.bool_))
    measured = search.receiver.measured(view, echo, randomness.standard_normal(false.shape))
    alarms = reports(seen, measured, echo)
    for index, report in zip(sweep.tolist(), alarms, strict=True):
        sweeps[index].measurements.append(report)
    return alarms
