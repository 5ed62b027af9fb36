"""Impossible policies and areas are found, and the message teaches."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import pytest

from forewarn.warning import area_faults, policy_faults
from tests.warning.stage import AREAS, POLICY, area


def test_a_sound_policy_and_sound_areas_have_no_faults() -> None:
    assert policy_faults(POLICY) == ()
    assert area_faults(AREAS) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"threat_probability": 0.0}, "threat_probability is 0.0"),
        ({"threat_probability": math.nan}, "threat_probability is nan"),
        ({"shelter_probability": 1.0}, "shelter_probability is 1.0"),
        ({"orbital_probability": 1.5}, "orbital_probability is 1.5"),
        ({"release_probability": 0.01}, "is not below prepare_probability"),
        ({"shelter_probability": 0.005}, "is below prepare_probability"),
        ({"probable_domains": 1}, "at least 2"),
        ({"probable_domains": 4}, "confirmed_domains 3 is below probable_domains 4"),
        ({"confirmed_physics": 3}, "set 1 or 2"),
        ({"confirmed_physics": 0}, "set 1 or 2"),
        ({"minimum_measurements": 0}, "set 1 or more"),
        ({"lost_after_s": 0.0}, "lost_after_s is 0"),
        ({"lost_after_s": -1.0}, "lost_after_s is -1.0"),
        ({"all_clear_after_s": math.inf}, "all_clear_after_s is inf"),
        ({"extrapolation_limit_s": 60.0}, "is not above lost_after_s"),
    ],
)
def test_an_impossible_policy_is_told_what_to_do(changes: dict[str, Any], words: str) -> None:
    (fault,) = policy_faults(msgspec.structs.replace(POLICY, **changes))
    assert words in fault
    assert any(sign in fault for sign in (":", ";")), "what is wrong, and then what to do"


def shaped(*corners: tuple[float, float]) -> tuple[str, ...]:
    """The faults of an area of that outline."""
    return area_faults((msgspec.structs.replace(AREAS[0], polygon_rad=corners),))


@pytest.mark.parametrize(
    ("corners", "words"),
    [
        (((0.0, 0.0), (0.0, 0.1)), "2 corners"),
        (((0.0, 0.0), (0.1, 0.1), (0.0, 0.1), (0.1, 0.0)), "edges after corners 1 and 3 cross"),
        (((0.0, 0.0), (0.0, 0.2), (0.1, 0.2), (0.0, 0.1), (0.1, 0.0)), "cross or touch"),
        (((0.0, 0.0), (0.1, 0.1), (0.2, 0.2)), "on one line"),
        (((0.0, 0.0), (0.0, 0.1), (0.1, 0.1), (0.0, 0.0)), "do not repeat the first corner"),
        (((0.0, 0.0), (0.0, 0.1), (0.0, 0.1), (0.1, 0.1)), "corner 2 is given twice"),
        (((35.0, 139.0), (36.0, 139.0), (36.0, 140.0)), "turn degrees into radians"),
        (((0.0, 0.0), (0.1, math.nan), (0.1, 0.1)), "corner 2 is not on the Earth"),
        (((1.4, 0.0), (1.4, 2.1), (1.4, -2.1)), "round a pole"),
        (((0.0, -1.6), (0.0, 0.0), (0.0, 1.6), (0.1, 0.0)), "half the globe"),
    ],
)
def test_an_impossible_outline_is_told(corners: tuple[Any, ...], words: str) -> None:
    (fault,) = shaped(*corners)
    assert words in fault
    assert fault.startswith("area 'west': ")


def test_an_outline_may_cross_the_antimeridian_and_be_hollow_on_one_side() -> None:
    assert shaped((0.0, 3.1), (0.0, -3.1), (0.1, -3.1), (0.1, 3.1)) == ()
    assert shaped((0.0, 0.0), (0.0, 0.2), (0.1, 0.2), (0.05, 0.1), (0.1, 0.0)) == ()
    crossed = shaped((0.0, 3.1), (0.1, -3.1), (0.0, -3.1), (0.1, 3.1))
    assert "cross or touch" in crossed[0]


def test_a_long_coast_line_is_checked_in_a_moment() -> None:
    angle_rad = np.linspace(0.0, 2.0 * np.pi, 2000, endpoint=False)
    radius_rad = 0.1 + 0.01 * np.cos(50.0 * angle_rad)
    latitudes_rad, longitudes_rad = radius_rad * np.sin(angle_rad), radius_rad * np.cos(angle_rad)
    coast = list(zip(latitudes_rad.tolist(), longitudes_rad.tolist(), strict=True))
    assert shaped(*coast) == ()
    coast[500], coast[503] = coast[503], coast[500]
    assert "cross or touch" in shaped(*coast)[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"area_id": " "}, "the id is empty"),
        ({"name": ""}, "the name is empty"),
        ({"population": -1}, "population is -1"),
        ({"time_to_shelter_s": -1.0}, "time_to_shelter_s is -1.0"),
        ({"time_to_shelter_s": math.nan}, "time_to_shelter_s is nan"),
    ],
)
def test_an_impossible_area_is_told(changes: dict[str, Any], words: str) -> None:
    (fault,) = area_faults((msgspec.structs.replace(AREAS[0], **changes),))
    assert words in fault


def test_ids_are_given_once() -> None:
    twins = (*AREAS, area("west", "Another", 0.5))
    assert area_faults(twins) == ("area id 'west' is given 2 times; every area needs its own id",)
