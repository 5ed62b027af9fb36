"""Search rows: which beam is where when, and which face it belongs to."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from forewarn.epoch import SECOND_NS
from forewarn.sensors.network import BeamPlan
from forewarn.simulation.radar_rows import fence_row, row_bands_rad, volume_rows
from tests.simulation.scenes import RADAR, START
from tests.simulation.skies import LARGE, is_fence, scans_in, world

SPAN = (START, START + 120 * SECOND_NS)
CAPE_COD = msgspec.structs.replace(
    LARGE,
    fence_revisit_s=2.5,
    boresight_azimuth_rad=0.0,
    beam_plan=BeamPlan(
        faces_count=2,
        fence_beams_count=120,
        listen_s=38e-3,
        volume_rows_rad=(math.radians(10.0), math.radians(20.0)),
        volume_revisit_s=30.0,
    ),
)


def test_without_a_plan_one_beam_passes_steadily() -> None:
    """Time grows with azimuth from the left edge; outside is the far end."""
    row = fence_row(RADAR, SPAN, np.random.default_rng(1))
    degrees = np.array([230.000001, 260.0, 350.0, 10.0])
    seen = row.seen_tai_ns(np.zeros(4, dtype=np.intp), np.radians(degrees)) - row.start_tai_ns[0]
    expected = [0, 750_000_000, 3 * SECOND_NS, 3 * SECOND_NS]
    np.testing.assert_allclose(seen, expected, atol=100)
    assert not row.face(np.radians(degrees)).any()


def test_faces_work_at_the_same_time_each_dwell_in_turn() -> None:
    """PAVE PAWS: 120 azimuths, two faces, 2.5 s: 60 dwells of 41.7 ms each (NRC 11205, 2005)."""
    row = fence_row(CAPE_COD, SPAN, np.random.default_rng(1))
    azimuth = np.radians(-120.0 + 2.0 * np.arange(120) + 0.3)
    seen = row.seen_tai_ns(np.zeros(120, dtype=np.intp), azimuth) - row.start_tai_ns[0]
    np.testing.assert_array_equal(seen[:60], seen[60:])
    assert set(np.diff(seen[:60])) <= {41_666_666, 41_666_667}
    assert seen[0] == pytest.approx(20_833_333, abs=1)
    np.testing.assert_array_equal(row.face(azimuth), np.repeat([0, 1], 60))
    within = row.seen_tai_ns(np.zeros(2, dtype=np.intp), np.radians([-119.9, -118.1]))
    assert within[0] == within[1]


def test_rows_of_a_volume_follow_one_another() -> None:
    """Each takes its share of the volume's time, and comes back after the whole of it."""
    low, high = volume_rows(CAPE_COD, SPAN, np.random.default_rng(1))
    assert low.sweep_ns == high.sweep_ns == 15 * SECOND_NS
    assert high.start_tai_ns[0] - low.start_tai_ns[0] == 15 * SECOND_NS
    assert set(np.diff(low.start_tai_ns)) == {30 * SECOND_NS}
    bands = np.degrees(row_bands_rad(CAPE_COD))
    np.testing.assert_allclose(bands, [[1.9, 4.1], [8.9, 11.1], [18.9, 21.1]])
    assert np.degrees(low.sector.elevation_max_rad) == pytest.approx(11.1)
    assert volume_rows(RADAR, SPAN, np.random.default_rng(1)) == []


def test_a_volume_row_finds_what_the_fence_does_not_look_at() -> None:
    """A fence pointed above the flight finds nothing; a row at 3 degrees does, and says so."""
    blind = msgspec.structs.replace(
        LARGE,
        fence_elevation_rad=math.radians(80.0),
        fence_revisit_s=20.0,
        beam_plan=BeamPlan(faces_count=2, fence_beams_count=120, listen_s=38e-3),
    )
    assert not any(s.measurements for s in scans_in(world(blind)))
    assert blind.beam_plan is not None
    plan = msgspec.structs.replace(
        blind.beam_plan, volume_rows_rad=(math.radians(3.0),), volume_revisit_s=10.0
    )
    scans = scans_in(world(msgspec.structs.replace(blind, beam_plan=plan)))
    rows = [s for s in scans if s.end_tai_ns - s.start_tai_ns == 10 * SECOND_NS]
    assert any(s.measurements for s in rows)
    assert any(s.measurements for s in scans if not is_fence(s))
