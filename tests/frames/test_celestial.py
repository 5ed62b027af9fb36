"""Frames against the full ERFA chain and against Vallado's published example."""

from __future__ import annotations

import math
import time

import erfa
import numpy as np
import pytest
from numpy.typing import NDArray

from forewarn.epoch import (
    DAY_NS,
    SECOND_NS,
    tai_ns_from_utc_text,
    tt_julian_date,
    ut1_julian_date,
)
from forewarn.frames import (
    EarthOrientation,
    ecef_state_from_gcrf,
    ecef_state_from_teme,
    gcrf_state_from_ecef,
    gcrf_state_from_teme,
    gcrf_to_ecef_matrix,
)

Array = NDArray[np.float64]

SHIPPED = EarthOrientation.from_iers()
GEOSTATIONARY_RADIUS_M = 42_164_000.0
FROM = tai_ns_from_utc_text("1975-01-01T00:00:00Z")
TO = tai_ns_from_utc_text("2027-01-01T00:00:00Z")


def constant_orientation(
    around_tai_ns: int,
    *,
    ut1_minus_tai_s: float,
    pole_arcsecond: tuple[float, float] = (0.0, 0.0),
    offset_arcsecond: tuple[float, float] = (0.0, 0.0),
    length_of_day_s: float = 0.0,
) -> EarthOrientation:
    """Return an orientation that holds one set of numbers at the instant given."""
    half = length_of_day_s / 2.0
    return EarthOrientation(
        source="test",
        day_tai_ns=(around_tai_ns - DAY_NS // 2, around_tai_ns + DAY_NS // 2),
        ut1_minus_tai_s=(ut1_minus_tai_s + half, ut1_minus_tai_s - half),
        pole_x_rad=(pole_arcsecond[0] * erfa.DAS2R,) * 2,
        pole_y_rad=(pole_arcsecond[1] * erfa.DAS2R,) * 2,
        celestial_dx_rad=(offset_arcsecond[0] * erfa.DAS2R,) * 2,
        celestial_dy_rad=(offset_arcsecond[1] * erfa.DAS2R,) * 2,
    )


def full_chain(tai_ns: int, orientation: EarthOrientation) -> Array:
    """Return the rotation by ERFA alone: no grid, no interpolation of X, Y, s."""
    angles = orientation.at(tai_ns)
    tt = tt_julian_date(tai_ns)
    x, y, s = erfa.xys06a(*tt)
    celestial = erfa.c2ixys(x + angles.celestial_dx_rad, y + angles.celestial_dy_rad, s)
    era = erfa.era00(*ut1_julian_date(tai_ns, angles.ut1_minus_tai_s))
    polar = erfa.pom00(angles.pole_x_rad, angles.pole_y_rad, erfa.sp00(*tt))
    matrix: Array = erfa.c2tcio(celestial, era, polar)
    return matrix


def random_instants(count: int) -> list[int]:
    return [int(t) for t in np.random.default_rng(1).integers(FROM, TO, count)]


def test_matrix_is_the_full_chain_to_a_millimetre() -> None:
    worst_rad = max(
        np.linalg.norm(gcrf_to_ecef_matrix(t, SHIPPED) - full_chain(t, SHIPPED), 2)
        for t in random_instants(300)
    )
    assert worst_rad * GEOSTATIONARY_RADIUS_M < 1e-3


def test_matrix_is_erfas_own_c2t06a_without_offsets() -> None:
    for t in random_instants(20):
        angles = SHIPPED.at(t)
        table = constant_orientation(
            t,
            ut1_minus_tai_s=angles.ut1_minus_tai_s,
            pole_arcsecond=(angles.pole_x_rad / erfa.DAS2R, angles.pole_y_rad / erfa.DAS2R),
        )
        ut1 = ut1_julian_date(t, angles.ut1_minus_tai_s)
        expected = erfa.c2t06a(*tt_julian_date(t), *ut1, angles.pole_x_rad, angles.pole_y_rad)
        # c2t06a has the same models by another route; 2e-11 rad is 1 mm at geostationary radius.
        np.testing.assert_allclose(gcrf_to_ecef_matrix(t, table), expected, rtol=0, atol=2e-11)


def test_matrix_is_a_rotation() -> None:
    matrix = gcrf_to_ecef_matrix(FROM, SHIPPED)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-15)
    assert np.linalg.det(matrix) == pytest.approx(1.0, abs=1e-14)


def test_pole_offsets_move_the_sky() -> None:
    plain = constant_orientation(FROM, ut1_minus_tai_s=-13.0)
    offset = constant_orientation(FROM, ut1_minus_tai_s=-13.0, offset_arcsecond=(0.1, 0.2))
    pole = gcrf_to_ecef_matrix(FROM, offset)[2] - gcrf_to_ecef_matrix(FROM, plain)[2]
    np.testing.assert_allclose(pole[:2], np.array((0.1, 0.2)) * erfa.DAS2R, rtol=1e-6)


def test_velocity_is_the_derivative_of_position() -> None:
    position_gcrf_m = np.array((30_000e3, -25_000e3, 15_000e3))
    velocity_gcrf_m_s = np.array((1_000.0, 2_500.0, -700.0))
    for t in random_instants(30):
        noon = t // DAY_NS * DAY_NS + DAY_NS // 2  # away from the corners of the daily table
        _, velocity = ecef_state_from_gcrf(noon, SHIPPED, position_gcrf_m, velocity_gcrf_m_s)
        step_s = 1.0
        before, after = (
            gcrf_to_ecef_matrix(noon + round(s * SECOND_NS), SHIPPED)
            @ (position_gcrf_m + velocity_gcrf_m_s * s)
            for s in (-step_s, step_s)
        )
        # The central difference itself is off by the third derivative, omega^3 r / 6: 3 um/s.
        np.testing.assert_allclose((after - before) / (2 * step_s), velocity, rtol=0, atol=1e-3)


def test_there_and_back() -> None:
    position_gcrf_m = np.array((30_000e3, -25_000e3, 15_000e3))
    velocity_gcrf_m_s = np.array((1_000.0, 2_500.0, -700.0))
    ecef = ecef_state_from_gcrf(FROM, SHIPPED, position_gcrf_m, velocity_gcrf_m_s)
    position, velocity = gcrf_state_from_ecef(FROM, SHIPPED, *ecef)
    np.testing.assert_allclose(position, position_gcrf_m, rtol=0, atol=1e-7)
    np.testing.assert_allclose(velocity, velocity_gcrf_m_s, rtol=0, atol=1e-11)


class TestVallado:
    """Vallado, Crawford, Hujsak, Kelso, AIAA 2006-6753, and Vallado, Fundamentals, example 3-15.

    The published numbers are consistent among themselves to about a centimetre: Earth orientation
    is given to 1e-7 s (0.6 mm), and TEME there has another equation of the equinoxes.
    """

    TAI_NS = tai_ns_from_utc_text("2004-04-06T07:51:28.386009Z")
    ORIENTATION = constant_orientation(
        TAI_NS,
        ut1_minus_tai_s=-0.4399619 - 32.0,
        pole_arcsecond=(-0.140682, 0.333309),
        offset_arcsecond=(-0.000205, -0.000136),
        length_of_day_s=0.0015563,
    )
    TEME = (
        np.array((5094.18016210, 6127.64465950, 6380.34453270)) * 1e3,
        np.array((-4.746131487, 0.785818041, 5.531931288)) * 1e3,
    )
    ECEF = (
        np.array((-1033.4793830, 7901.2952754, 6380.3565958)) * 1e3,
        np.array((-3.225636520, -2.872451450, 5.531924446)) * 1e3,
    )
    GCRF = (
        np.array((5102.508958, 6123.011401, 6378.136928)) * 1e3,
        np.array((-4.743220160, 0.790536500, 5.533755728)) * 1e3,
    )

    def assert_state(
        self, state: tuple[Array, Array], expected: tuple[Array, Array], tolerance_m: float = 0.01
    ) -> None:
        np.testing.assert_allclose(state[0], expected[0], rtol=0, atol=tolerance_m)
        np.testing.assert_allclose(state[1], expected[1], rtol=0, atol=1e-5)

    def test_teme_to_ecef(self) -> None:
        self.assert_state(
            ecef_state_from_teme(self.TAI_NS, self.ORIENTATION, *self.TEME), self.ECEF
        )

    def test_teme_to_gcrf(self) -> None:
        self.assert_state(
            gcrf_state_from_teme(self.TAI_NS, self.ORIENTATION, *self.TEME), self.GCRF
        )

    def test_ecef_to_gcrf(self) -> None:
        self.assert_state(
            gcrf_state_from_ecef(self.TAI_NS, self.ORIENTATION, *self.ECEF), self.GCRF
        )

    def test_gcrf_to_ecef(self) -> None:
        self.assert_state(
            ecef_state_from_gcrf(self.TAI_NS, self.ORIENTATION, *self.GCRF), self.ECEF
        )

    def test_the_shipped_table_gives_the_same_within_the_iers_revisions(self) -> None:
        state = ecef_state_from_teme(self.TAI_NS, SHIPPED, *self.TEME)
        np.testing.assert_allclose(state[0], self.ECEF[0], rtol=0, atol=0.5)


def test_length_of_day_slows_the_turning() -> None:
    position_m, still = np.array((GEOSTATIONARY_RADIUS_M, 0.0, 0.0)), np.zeros(3)
    slow = constant_orientation(FROM, ut1_minus_tai_s=-13.0, length_of_day_s=864.0)
    _, velocity = gcrf_state_from_ecef(FROM, slow, position_m, still)
    rate_rad_s = math.hypot(*velocity) / GEOSTATIONARY_RADIUS_M
    assert rate_rad_s == pytest.approx(7.292115146706979e-5 * 0.99, rel=1e-12)


def test_an_instant_outside_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no Earth orientation"):
        gcrf_to_ecef_matrix(tai_ns_from_utc_text("2040-01-01T00:00:00Z"), SHIPPED)


def test_the_matrix_is_quick() -> None:
    instants = [TO - DAY_NS + i * SECOND_NS for i in range(2_000)]
    gcrf_to_ecef_matrix(instants[0], SHIPPED)
    start = time.perf_counter()
    for t in instants:
        gcrf_to_ecef_matrix(t, SHIPPED)
    each_s = (time.perf_counter() - start) / len(instants)
    assert each_s < 100e-6  # 8 us on a quiet core; the goal is 30
