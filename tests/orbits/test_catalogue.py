"""The catalogue: the same places as one satellite at a time, and no object spoils another."""

from __future__ import annotations

import math
import pickle

import msgspec
import numpy as np
import pytest

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text
from forewarn.frames import EarthOrientation
from forewarn.orbits import Catalogue, Satellite, geostationary, molniya, read_tle
from forewarn.orbits.catalogue import reasons

ORIENTATION = EarthOrientation.from_iers()
DAY_NS = 86_400 * SECOND_NS
# From the official SGP4 verification (AIAA 2006-6753): near-Earth with drag, one that decays.
LOW = read_tle(
    "1 06251U 62025E   06176.82412014  .00008885  00000-0  12808-3 0  3985\n"
    "2 06251  58.0579  54.0425 0030035 139.1568 221.1854 15.56387291  6774"
)
DECAYING = read_tle(
    "1 28350U 04020A   06167.21788666  .16154492  76267-5  18678-3 0  8894\n"
    "2 28350  64.9977 345.6130 0024870 260.7578  99.9590 16.47856722116490"
)
EPOCH = LOW.epoch_tai_ns
HIGH = geostationary("HIGH", math.radians(20.0), EPOCH)
ECCENTRIC = molniya("ECCENTRIC", math.radians(60.0), EPOCH)
INSTANTS = EPOCH + np.array([0, 33, 3_600, 86_400], dtype=np.int64) * SECOND_NS + 123_456_789


def test_the_same_states_as_one_satellite_at_a_time() -> None:
    """To a micrometre in both frames, at every instant, whatever the orbit."""
    catalogue = Catalogue([LOW, HIGH, ECCENTRIC])
    teme = catalogue.states_teme(INSTANTS)
    ecef = catalogue.states_ecef(INSTANTS, ORIENTATION)
    assert not teme[2].any()
    for i, elements in enumerate(catalogue.elements):
        satellite = Satellite(elements)
        for k, instant in enumerate(INSTANTS.tolist()):
            for mine, other in (
                (teme, satellite.state_teme(instant)),
                (ecef, satellite.state_ecef(instant, ORIENTATION)),
            ):
                np.testing.assert_allclose(mine[0][i, k], other[0], atol=1e-6)
                np.testing.assert_allclose(mine[1][i, k], other[1], atol=1e-9)


def test_a_leap_second_between_epoch_and_instant_moves_nothing() -> None:
    """Seconds since epoch are counted in TAI: in UTC days a low satellite would be 7.6 km off."""
    before = tai_ns_from_utc_text("2016-12-31T23:00:00Z")
    elements = msgspec.structs.replace(LOW, epoch_tai_ns=before)
    instant = before + 2 * 3_600 * SECOND_NS
    found = Catalogue([elements]).states_teme(np.array([instant]))[0][0, 0]
    np.testing.assert_allclose(found, Satellite(elements).state_teme(instant)[0], atol=1e-6)


def test_what_sgp4_cannot_propagate_is_marked_and_leaves_the_rest() -> None:
    """A decayed object has no numbers, a code and a reason; its neighbours are as without it."""
    later = np.array([EPOCH, EPOCH + 60 * DAY_NS])
    position, velocity, codes = Catalogue([LOW, DECAYING, HIGH]).states_ecef(later, ORIENTATION)
    assert codes[0].tolist() == codes[2].tolist() == [0, 0]
    assert codes[1, 1] != 0
    assert np.isnan(position[1, 1]).all()
    assert np.isnan(velocity[1, 1]).all()
    alone = Catalogue([HIGH]).states_ecef(later, ORIENTATION)[0]
    np.testing.assert_array_equal(position[2], alone[0])
    said = reasons(codes)
    assert sum(said.values()) == int(np.count_nonzero(codes))
    assert all(len(words) > 10 for words in said)


def test_an_empty_catalogue_has_no_states() -> None:
    """It answers with nothing, in the right shape."""
    position, velocity, codes = Catalogue([]).states_ecef(INSTANTS, ORIENTATION)
    assert position.shape == velocity.shape == (0, 4, 3)
    assert codes.shape == (0, 4)
    assert reasons(codes) == {}


def test_it_travels_between_processes() -> None:
    """As its elements; the copy gives the same bits."""
    catalogue = Catalogue([LOW, ECCENTRIC])
    copy = pickle.loads(pickle.dumps(catalogue))
    assert len(copy) == 2
    np.testing.assert_array_equal(copy.states_teme(INSTANTS)[0], catalogue.states_teme(INSTANTS)[0])


def test_instants_outside_the_earth_orientation_are_refused() -> None:
    """As one satellite alone does."""
    with pytest.raises(ValueError, match="no Earth orientation"):
        Catalogue([LOW]).states_ecef(np.array([EPOCH + 40_000 * DAY_NS]), ORIENTATION)
