"""Traced rays against quadrature of Snell's law, which shares nothing with the tracing."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad

from forewarn.kernels.ray import trace_ray

Array = NDArray[np.float64]

SITE_RADIUS_M = 6_371_000.0
AIR = np.array((SITE_RADIUS_M, 315e-6, 7_350.0, 0.0, 0.0, 1.0))
PLASMA = np.array((SITE_RADIUS_M, 0.0, 7_350.0, 4e-4, 350e3, 60e3))
BOTH = np.array((SITE_RADIUS_M, 315e-6, 7_350.0, 4e-4, 350e3, 60e3))


def traced(elevation_rad: float, medium: Array, path_m: list[float]) -> Array:
    """Rows of error in elevation, delay and straight range."""
    out = np.empty((len(path_m), 3))
    trace_ray(elevation_rad, medium, np.array(path_m), out)
    return out


def index(height_m: float, medium: Array) -> tuple[float, float]:
    """Phase and group index, written out anew from the cited laws."""
    air = medium[1] * math.exp(-height_m / medium[2])
    u = (height_m - medium[4]) / medium[5]
    plasma = medium[3] * math.exp(0.5 * (1.0 - u - math.exp(min(-u, 100.0))))
    return 1.0 + air - plasma, 1.0 + air + plasma


def by_snell(elevation_rad: float, medium: Array, height_m: float) -> tuple[float, float, float]:
    """Path, error in elevation and delay to a height: n r cos E is constant, and three integrals.

    In t = sqrt(height), which takes the root out of the integrand at a level start.
    """
    constant = index(0.0, medium)[0] * SITE_RADIUS_M * math.cos(elevation_rad)

    def rates(t: float) -> tuple[float, float, float]:
        phase, group = index(t * t, medium)
        r = SITE_RADIUS_M + t * t
        cosine = constant / (phase * r)
        sine = math.sqrt((1.0 - cosine) * (1.0 + cosine))
        return 2.0 * t / sine, 2.0 * t * cosine / (sine * r), 2.0 * t * (group - 1.0) / sine

    edges = np.sqrt(np.array([0.0, 10.0, 1e3, 1e4, 5e4, 2e5, 4e5, 8e5, height_m]))
    edges = np.unique(np.minimum(edges, math.sqrt(height_m)))

    def integral(which: int) -> float:
        pieces = (
            quad(lambda t: rates(t)[which], a, b, epsrel=1e-10, epsabs=1e-13)[0]
            for a, b in pairwise(edges)
        )
        return sum(pieces)

    path, angle, gained = (integral(which) for which in range(3))
    x = (SITE_RADIUS_M + height_m) * math.sin(angle)
    # The rise above the antenna without the difference of two radii of the Earth.
    z = height_m - 2.0 * (SITE_RADIUS_M + height_m) * math.sin(0.5 * angle) ** 2
    return path, elevation_rad - math.atan2(z, x), gained + path - math.hypot(x, z)


@pytest.mark.parametrize("medium", [AIR, PLASMA, BOTH], ids=["air", "plasma", "both"])
@pytest.mark.parametrize("elevation_deg", [0.2, 1.0, 3.0, 5.0, 30.0, 89.0])
@pytest.mark.parametrize("height_m", [20e3, 300e3, 1_000e3])
def test_rays_against_quadrature(medium: Array, elevation_deg: float, height_m: float) -> None:
    """To 1e-8 rad and 1 mm, from low to steep, below, inside and above the layer."""
    elevation = math.radians(elevation_deg)
    path, error, delay = by_snell(elevation, medium, height_m)
    found = traced(elevation, medium, [path])[0]
    assert found[0] == pytest.approx(error, abs=1e-8)
    assert found[1] == pytest.approx(delay, abs=1e-3)


def test_a_ray_in_vacuum_is_straight() -> None:
    """No bending and no delay; the straight range is the path."""
    nothing = np.array((SITE_RADIUS_M, 0.0, 7_350.0, 0.0, 0.0, 1.0))
    path = [1e3, 1e5, 1e6, 4e7]
    found = traced(0.05, nothing, path)
    assert found[:, 0] == pytest.approx(np.zeros(4), abs=1e-12)
    assert found[:, 1] == pytest.approx(np.zeros(4), abs=1e-6)
    assert found[:, 2] == pytest.approx(path, rel=1e-13)


def test_the_zenith_delay_is_the_column() -> None:
    """A H for air, sqrt(2 pi e) X H_c for a Chapman layer; straight up nothing bends."""
    column = math.sqrt(2.0 * math.pi * math.e) * 4e-4 * 60e3
    for medium, expected in ((AIR, 315e-6 * 7_350.0), (PLASMA, column)):
        found = traced(0.5 * math.pi, medium, [3e6])[0]
        assert found[1] == pytest.approx(expected, rel=3e-4)
        assert found[0] == pytest.approx(0.0, abs=1e-12)


def test_points_on_the_way_do_not_move_the_end() -> None:
    """The same ray with one point and with many, as far as the integration goes."""
    alone = traced(0.05, BOTH, [1.5e6])[0]
    among = traced(0.05, BOTH, [*np.geomspace(1e3, 1.4e6, 40), 1.5e6])[-1]
    assert among == pytest.approx(alone, rel=1e-6, abs=1e-10)


def test_a_level_ray_bends_most_and_down() -> None:
    """Bending falls with elevation, and is regular at and just below the horizontal."""
    errors = [traced(math.radians(e), AIR, [1e6])[0, 0] for e in (-0.5, 0.0, 0.5, 3.0, 10.0)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] > 0.0
