"""The rows that a radar searches: when each place of a row is looked at, and by which face."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.records import Sector
from forewarn.sensors.network import BeamPlan, RadarSensor
from forewarn.simulation.link import Look

Array = NDArray[np.float64]
Instants = NDArray[np.int64]
Indices = NDArray[np.intp]

TURN = 2.0 * np.pi
FASTEST_M_S = 12_000.0  # escape speed, and the turning of the Earth


@final
@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A row of beams at one elevation: sweeps from ``start_tai_ns``, each ``sweep_ns`` long.

    Without a beam plan one face passes over the azimuths steadily. With one, ``beams_count``
    positions are shared among ``faces_count`` faces, which work at the same time, each through its
    own from left to right; an object is seen in the middle of the dwell of the position it is in.
    """

    start_tai_ns: Instants
    sweep_ns: int
    sector: Sector
    width_rad: float
    beams_count: int | None
    faces_count: int

    def seen_tai_ns(self, sweep: Indices, azimuth_rad: Array) -> Instants:
        """Return when those sweeps look at azimuths; one outside counts as at the far end."""
        share = self._share(azimuth_rad)
        if self.beams_count is not None:
            a_face = -(-self.beams_count // self.faces_count)
            share = (self._beam(share, self.beams_count) % a_face + 0.5) / a_face
        seen: Instants = self.start_tai_ns[sweep] + np.rint(share * self.sweep_ns).astype(np.int64)
        return seen

    def face(self, azimuth_rad: Array) -> NDArray[np.int64]:
        """Return which face (from 0) looks at azimuths."""
        if self.beams_count is None:
            return np.zeros(np.shape(azimuth_rad), dtype=np.int64)
        beam = self._beam(self._share(azimuth_rad), self.beams_count)
        return beam // -(-self.beams_count // self.faces_count)

    def near(
        self, elevation_rad: Array, range_m: Array, away_m: Array | float
    ) -> NDArray[np.bool_]:
        """Say which points may be inside the row's elevations after moving so far anywhere."""
        slack_rad = away_m / np.maximum(range_m - away_m, 1.0)
        return np.asarray(
            (elevation_rad + slack_rad >= self.sector.elevation_min_rad)
            & (elevation_rad - slack_rad <= self.sector.elevation_max_rad)
        )

    def middles_tai_ns(self) -> Instants:
        """Return the middle instant of each sweep."""
        middles: Instants = self.start_tai_ns + self.sweep_ns // 2
        return middles

    def looks(self) -> list[Look]:
        """Return the sweeps as empty looks."""
        return [
            Look(start_tai_ns=start, end_tai_ns=start + self.sweep_ns, volume=self.sector)
            for start in self.start_tai_ns.tolist()
        ]

    def _share(self, azimuth_rad: Array) -> Array:
        past_rad = (azimuth_rad - self.sector.azimuth_min_rad) % TURN
        share: Array = np.minimum(past_rad / self.width_rad, 1.0)
        return share

    @staticmethod
    def _beam(share: Array, beams_count: int) -> NDArray[np.int64]:
        return np.minimum((share * beams_count).astype(np.int64), beams_count - 1)


def fence_row(
    sensor: RadarSensor, span_tai_ns: tuple[int, int], randomness: np.random.Generator
) -> Row:
    """Return the search fence of a run; the first sweep begins at random within a period."""
    period_ns = round(sensor.fence_revisit_s * SECOND_NS)
    first = span_tai_ns[0] + int(randomness.integers(period_ns))
    starts = np.arange(first, span_tai_ns[1] - period_ns + 1, period_ns, dtype=np.int64)
    return _row(sensor, sensor.fence_elevation_rad, starts, period_ns)


def volume_rows(
    sensor: RadarSensor, span_tai_ns: tuple[int, int], randomness: np.random.Generator
) -> list[Row]:
    """Return the further rows of the sensor's beam plan, searched one after the other."""
    plan = sensor.beam_plan
    if plan is None or plan.volume_revisit_s is None or not plan.volume_rows_rad:
        return []
    period_ns = round(plan.volume_revisit_s * SECOND_NS)
    sweep_ns = period_ns // len(plan.volume_rows_rad)
    first = span_tai_ns[0] + int(randomness.integers(period_ns))
    rows = []
    for number, elevation_rad in enumerate(plan.volume_rows_rad):
        begin = first + number * sweep_ns
        starts = np.arange(begin, span_tai_ns[1] - sweep_ns + 1, period_ns, dtype=np.int64)
        rows.append(_row(sensor, elevation_rad, starts, sweep_ns))
    return rows


def row_bands_rad(sensor: RadarSensor) -> list[tuple[float, float]]:
    """Return the least and greatest elevation of the fence and of each further row."""
    plan = sensor.beam_plan
    rows = () if plan is None or plan.volume_revisit_s is None else plan.volume_rows_rad
    return [
        _band_rad(sensor, elevation_rad) for elevation_rad in (sensor.fence_elevation_rad, *rows)
    ]


def longest_sweep_s(sensor: RadarSensor) -> float:
    """Return how long the longest sweep of a row takes [s]."""
    plan = sensor.beam_plan
    if plan is None or plan.volume_revisit_s is None or not plan.volume_rows_rad:
        return sensor.fence_revisit_s
    return max(sensor.fence_revisit_s, plan.volume_revisit_s / len(plan.volume_rows_rad))


def faces_of(plan: BeamPlan | None) -> int:
    """Return how many faces a radar has."""
    return 1 if plan is None else plan.faces_count


def _band_rad(sensor: RadarSensor, elevation_rad: float) -> tuple[float, float]:
    half_beam_rad = 0.5 * sensor.beam_width_rad
    low = max(sensor.elevation_min_rad, elevation_rad - half_beam_rad)
    return low, elevation_rad + half_beam_rad


def _row(sensor: RadarSensor, elevation_rad: float, starts: Instants, sweep_ns: int) -> Row:
    low, high = _band_rad(sensor, elevation_rad)
    azimuth_min_rad, azimuth_max_rad = 0.0, TURN
    if sensor.azimuth_half_width_rad < math.pi:
        azimuth_min_rad = (sensor.boresight_azimuth_rad - sensor.azimuth_half_width_rad) % TURN
        azimuth_max_rad = (sensor.boresight_azimuth_rad + sensor.azimuth_half_width_rad) % TURN
    plan = sensor.beam_plan
    return Row(
        start_tai_ns=starts,
        sweep_ns=sweep_ns,
        sector=Sector(
            azimuth_min_rad=azimuth_min_rad,
            azimuth_max_rad=azimuth_max_rad,
            elevation_min_rad=low,
            elevation_max_rad=high,
            range_max_m=sensor.range_max_m,
        ),
        width_rad=2.0 * sensor.azimuth_half_width_rad,
        beams_count=None if plan is None else plan.fence_beams_count,
        faces_count=faces_of(plan),
    )
