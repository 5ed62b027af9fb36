"""Satellites fly off their public elements, as far as published comparisons say."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from forewarn.epoch import SECOND_NS
from forewarn.orbits import Catalogue
from forewarn.records import RadarMeasurement
from forewarn.simulation.element_errors import flown_elements
from forewarn.simulation.notional_catalogue import notional_catalogue
from forewarn.simulation.radar_sky import RadarSky, published_elements
from tests.simulation.scenes import START
from tests.simulation.skies import FREE, is_fence, scans_in, world

Array = NDArray[np.float64]

PUBLISHED = notional_catalogue(1_500, seed=1, epoch_tai_ns=START)
DAY_NS = 86_400 * SECOND_NS


def errors_m(ratio: float, age_ns: int) -> Array:
    """Radial, along and cross errors (n, 3) of low satellites so long after the epoch."""
    flown = flown_elements(PUBLISHED, ratio=ratio, seed=1)
    instants = np.array([START + age_ns])
    (p, v, _), (q, _, _) = (Catalogue(e).states_teme(instants) for e in (PUBLISHED, flown))
    p, v, off = p[:, 0], v[:, 0], q[:, 0] - p[:, 0]
    up = p / np.linalg.norm(p, axis=1)[:, None]
    across = np.cross(p, v)
    across /= np.linalg.norm(across, axis=1)[:, None]
    low = np.linalg.norm(p, axis=1) < 8.0e6
    low &= np.array([e.eccentricity < 0.05 for e in PUBLISHED])
    parts = (np.sum(off * axis, axis=1) for axis in (up, np.cross(across, up), across))
    found: Array = np.stack(list(parts), axis=1)[low]
    return found


def test_errors_are_as_large_as_published_ones() -> None:
    """Flohrer 2008 (soft): some 100 m radial and across, 300 to 600 along; 1 to 3 km a day more."""
    at_epoch, later = errors_m(1.0, 0), errors_m(1.0, 3 * DAY_NS)
    radial, along, across = np.sqrt(np.mean(at_epoch**2, axis=0))
    assert 60.0 < radial < 250.0
    assert 300.0 < along < 1_000.0
    assert 60.0 < across < 250.0
    assert 2_000.0 < np.sqrt(np.mean(later[:, 1] ** 2)) < 9_000.0
    # Some are much worse than others: more beyond three times the usual than a normal law has.
    usual = 1.4826 * np.median(np.abs(later[:, 1]))
    assert np.mean(np.abs(later[:, 1]) > 3.0 * usual) > 3.0 * 0.0027


def test_the_ratio_scales_them() -> None:
    """Zero flies the elements to the bit; twice is twice as far."""
    assert flown_elements(PUBLISHED, ratio=0.0, seed=1) is PUBLISHED
    once, twice = errors_m(0.5, DAY_NS), errors_m(1.0, DAY_NS)
    size = np.linalg.norm(twice, axis=1) / np.linalg.norm(once, axis=1)
    assert 1.95 < np.median(size) < 2.05
    assert np.all(np.abs(errors_m(0.0, DAY_NS)) < 1e-6)


def test_seed_and_number_decide_each_error() -> None:
    """An object flies alike in whatever company; another seed flies it otherwise."""
    alone = flown_elements(PUBLISHED[7:8], ratio=1.0, seed=1)
    assert alone == flown_elements(PUBLISHED, ratio=1.0, seed=1)[7:8]
    assert alone != flown_elements(PUBLISHED[7:8], ratio=1.0, seed=2)


def test_what_a_centre_has_of_a_scenario_is_not_what_flies() -> None:
    """Old elements have an old epoch, and a run with errors sees other echoes than one without."""
    sky = RadarSky(notional_objects_count=800, notional_age_s=43_200.0)
    published = published_elements(sky, start_tai_ns=START, seed=1)
    assert {e.epoch_tai_ns for e in published} == {START - 43_200 * SECOND_NS}
    off = msgspec.structs.replace(sky, element_error_ratio=1.0)
    assert published_elements(off, start_tai_ns=START, seed=1) == published
    exact, wrong = (
        [s for s in scans_in(world(FREE, sky=s, launches=())) if is_fence(s)] for s in (sky, off)
    )
    exact_m, wrong_m = (
        np.array(
            [m.range_m for s in scans for m in s.measurements if isinstance(m, RadarMeasurement)]
        )
        for scans in (exact, wrong)
    )
    assert len(exact_m) > 5
    assert not np.array_equal(exact_m, wrong_m)
    # The objects are the same: most of the first is within some kilometres of one of the second.
    nearest = np.min(np.abs(exact_m[:, None] - wrong_m[None]), axis=1)
    assert np.median(nearest) < 3e3
