"""Propagation against the official SGP4 verification, through our own reader and elements."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import msgspec
import numpy as np
import pytest
from sgp4.io import compute_checksum

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text
from forewarn.frames import EarthOrientation, gcrf_state_from_ecef
from forewarn.orbits import Elements, PropagationError, Satellite, read_tle

VECTORS = Path(__file__).parents[1] / "vectors" / "sgp4"
ORIENTATION = EarthOrientation.from_iers()
MINUTE_NS = 60 * SECOND_NS

# The runs of the verification that end in an error, in the file's order: the object and SGP4's
# code, from the package's own test (sgp4/tests.py, "test_satrec_against_tcppver").
EXPECTED_ERRORS = [
    (22312, 1), (28350, 1), (28872, 6), (29141, 6), (33333, 4), (33334, 3), (20413, 6),
]  # fmt: skip


def with_checksum(line: str) -> str:
    """Return the first 69 columns, their checksum put right: five of the file are wrong."""
    return line[:68] + str(compute_checksum(line[:68] + "0"))


def official_runs() -> Iterator[tuple[Elements, list[Fraction]]]:
    """Yield the elements of each run and the minutes from epoch that it was made for."""
    lines = [x for x in (VECTORS / "SGP4-VER.TLE").read_text().splitlines() if x[0] in "12"]
    for line_1, line_2 in zip(lines[::2], lines[1::2], strict=True):
        elements = read_tle(f"{with_checksum(line_1)}\n{with_checksum(line_2)}")
        start, stop, step = (Fraction(word) for word in line_2[69:].split())
        count = int((stop - start) / step)
        yield elements, [start + i * step for i in range(count + 1)]


def official_states() -> list[tuple[int, list[list[str]]]]:
    blocks = re.split(r"(?m)^(\d+) xx\s*$", (VECTORS / "tcppver.out").read_text())[1:]
    return [
        (int(number), [row.split()[:7] for row in body.strip().splitlines()])
        for number, body in zip(blocks[::2], blocks[1::2], strict=True)
    ]


def test_the_official_verification() -> None:
    compared = 0
    for (elements, _), (number, rows) in zip(official_runs(), official_states(), strict=True):
        assert elements.catalogue_number == number
        satellite = Satellite(elements)
        for row in rows:
            if number == 33334:
                continue  # has no state: its one row repeats the row before
            instant = elements.epoch_tai_ns + round(Fraction(row[0]) * MINUTE_NS)
            position_m, velocity_m_s = satellite.state_teme(instant)
            expected = np.array([float(word) for word in row[1:]])
            np.testing.assert_allclose(position_m / 1e3, expected[:3], rtol=0, atol=1e-6)
            np.testing.assert_allclose(velocity_m_s / 1e3, expected[3:], rtol=0, atol=2e-9)
            compared += 1
    assert compared == 666


def test_the_official_errors() -> None:
    found = []
    for (elements, minutes), (_, rows) in zip(official_runs(), official_states(), strict=True):
        satellite = Satellite(elements)
        last_minute = Fraction(rows[-1][0])
        for minute in minutes:
            try:
                satellite.state_teme(elements.epoch_tai_ns + round(minute * MINUTE_NS))
            except PropagationError as error:
                found.append((elements.catalogue_number, error.code))
                assert minute > last_minute or elements.catalogue_number == 33334
                break
    assert found == EXPECTED_ERRORS


def elements_of(number: int) -> Elements:
    return next(e for e, _ in official_runs() if e.catalogue_number == number)


def test_an_error_teaches() -> None:
    elements = elements_of(28872)
    instant = elements.epoch_tai_ns + 60 * MINUTE_NS
    with pytest.raises(
        PropagationError, match=r"'28872' .*to 60\.0 min from its epoch 2005-11-"
    ) as e:
        Satellite(elements).state_teme(instant)
    assert e.value.code == 6
    assert (e.value.object_name, e.value.tai_ns) == ("28872", instant)
    assert "decayed (code 6); use an element set whose epoch is nearer" in str(e.value)


def test_asking_changes_nothing() -> None:
    """SGP4 keeps its place in the resonance integration: the order of questions must not matter."""
    elements = elements_of(8195)
    instants = [elements.epoch_tai_ns + i * 1_237 * MINUTE_NS for i in range(-5, 20)]
    one, other = Satellite(elements), pickle.loads(pickle.dumps(Satellite(elements)))
    forwards = [one.state_teme(t) for t in instants]
    backwards = [other.state_teme(t) for t in reversed(instants)][::-1]
    np.testing.assert_array_equal(np.array(forwards), np.array(backwards))
    assert other.elements == elements


def test_gcrf_and_ecef_are_one_place() -> None:
    satellite = Satellite(elements_of(8195))
    instant = satellite.elements.epoch_tai_ns + 100 * MINUTE_NS
    position_m, velocity_m_s = satellite.state_gcrf(instant, ORIENTATION)
    ecef = satellite.state_ecef(instant, ORIENTATION)
    expected = gcrf_state_from_ecef(instant, ORIENTATION, *ecef)
    np.testing.assert_allclose(position_m, expected[0], rtol=0, atol=1e-6)
    np.testing.assert_allclose(velocity_m_s, expected[1], rtol=0, atol=1e-9)
    teme = satellite.state_teme(instant)[0]
    # 2006: precession since 2000 parts the frames by 6.5 years x 50 arcseconds.
    apart = np.linalg.norm(position_m - teme) / np.linalg.norm(teme)
    assert 0.5e-3 < apart < 2e-3


def test_time_is_counted_in_si_seconds() -> None:
    """Two sets that differ in nothing but a leap second in between have moved on equally."""
    plain = msgspec.structs.replace(
        elements_of(6251), epoch_tai_ns=tai_ns_from_utc_text("2016-12-30T00:00:00Z")
    )
    leap = msgspec.structs.replace(plain, epoch_tai_ns=tai_ns_from_utc_text("2016-12-31T00:00:00Z"))
    day_ns = 86_401 * SECOND_NS
    assert leap.epoch_tai_ns + day_ns == tai_ns_from_utc_text("2017-01-01T00:00:00Z")
    np.testing.assert_array_equal(
        np.array(Satellite(plain).state_teme(plain.epoch_tai_ns + day_ns)),
        np.array(Satellite(leap).state_teme(leap.epoch_tai_ns + day_ns)),
    )


def test_a_nine_digit_object_propagates() -> None:
    elements = elements_of(6251)
    renamed = msgspec.structs.replace(elements, catalogue_number=799_501_621)
    np.testing.assert_array_equal(
        Satellite(renamed).state_teme(elements.epoch_tai_ns)[0],
        Satellite(elements).state_teme(elements.epoch_tai_ns)[0],
    )


def test_an_instant_outside_the_earth_orientation_is_refused() -> None:
    elements = msgspec.structs.replace(
        elements_of(28626), epoch_tai_ns=tai_ns_from_utc_text("2050-01-01T00:00:00Z")
    )
    with pytest.raises(ValueError, match="no Earth orientation"):
        Satellite(elements).state_gcrf(elements.epoch_tai_ns, ORIENTATION)
