"""How far a glider can go: the closed form of Eggers, Allen and Neice, and its symmetry."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forewarn.assessment import footprint
from forewarn.assessment.footprint import glide_points
from forewarn.earth import MEAN_RADIUS_M
from forewarn.frames import plane_from_places_m

PLACE = np.array((MEAN_RADIUS_M + 40e3, 0.0, 0.0))
EAST = np.array((0.0, 1.0, 0.0))


def plane_of(speed_m_s: float, *, fall_rad: float = 0.0, count: int = 512) -> np.ndarray:
    points = glide_points(PLACE, speed_m_s * EAST, fall_rad=fall_rad, count=count)
    assert points.weight.sum() == pytest.approx(1.0)
    return plane_from_places_m(
        points.latitude_rad, points.longitude_rad, latitude_rad=0.0, longitude_rad=0.0
    )


@pytest.mark.parametrize("speed_m_s", [3_000.0, 5_000.0, 6_500.0])
def test_without_bank_the_range_is_the_closed_form(
    speed_m_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NACA Report 1382 (1957): R (L/D) / 2 ln((1 - v1^2/vc^2) / (1 - v0^2/vc^2))."""
    monkeypatch.setattr(footprint, "MOST_BANK_RAD", 0.0)
    monkeypatch.setattr(footprint, "LIFT_TO_DRAG", (2.6, 0.0))
    plane = plane_of(speed_m_s)
    vc2 = footprint._CIRCULAR_M_S**2
    whole = 0.5 * MEAN_RADIUS_M * 2.6
    whole *= math.log((1.0 - 1_000.0**2 / vc2) / (1.0 - speed_m_s**2 / vc2))
    assert np.abs(plane[:, 1]).max() < 1.0
    assert plane[:, 0].max() == pytest.approx(whole, rel=0.01)
    assert plane[:, 0].min() < 0.02 * whole


def test_htv_2_flies_on_for_the_planned_distance() -> None:
    """FACTS 1.5: Mach 20 (about 6 km/s) and 30 minutes planned: some 7,000 km. Within a third."""
    points = glide_points(PLACE, 6_000.0 * EAST, fall_rad=0.0, count=512)
    far = np.argsort(points.after_s)[-40:]
    assert 20 * 60.0 < points.after_s[far].mean() < 45 * 60.0
    assert 5_000e3 < np.linalg.norm(plane_of(6_000.0), axis=1).max() < 11_000e3


def test_it_turns_as_readily_left_as_right_and_less_than_it_flies_on() -> None:
    plane = plane_of(5_000.0, count=1024)
    assert abs(plane[:, 1].mean()) < 0.05 * plane[:, 1].std()
    assert plane[:, 1].max() == pytest.approx(-plane[:, 1].min(), rel=0.15)
    assert 0.1 < plane[:, 1].max() / plane[:, 0].max() < 0.8


def test_a_steep_entry_costs_speed_and_so_range() -> None:
    assert plane_of(5_000.0, fall_rad=0.7)[:, 0].max() < 0.8 * plane_of(5_000.0)[:, 0].max()


def test_without_a_level_speed_there_is_still_a_footprint() -> None:
    points = glide_points(PLACE, np.array((-900.0, 0.0, 0.0)), fall_rad=1.5)
    assert np.isfinite(points.latitude_rad).all()
    assert np.isfinite(points.after_s).all()
