"""The families are as wide as they claim."""

from __future__ import annotations

import math

import pytest

from forewarn.earth import STANDARD_GRAVITY_M_S2
from forewarn.missiles.families import FAMILIES


def sigmas(value: float, prior: tuple[float, float]) -> float:
    """How many standard deviations of the logarithm a value lies from the median."""
    median, sigma = prior
    return math.log(value / median) / sigma


@pytest.mark.parametrize("ratio", [1.2, 1.3, 1.5, 1.8])
def test_liquid_lift_offs_lie_within_two_sigma(ratio: float) -> None:
    """Thrust-to-weight of a space launcher, the open band 1.3 to 1.5, and a fast liquid."""
    liquid = next(f for f in FAMILIES if f.name == "liquid")
    thrust = liquid.thrust_acceleration_m_s2
    assert abs(sigmas(ratio * STANDARD_GRAVITY_M_S2, thrust)) < 2.0


@pytest.mark.parametrize("ratio", [2.0, 3.0, 4.0])
def test_solid_lift_offs_lie_within_two_sigma(ratio: float) -> None:
    """From twice the weight up."""
    solid = next(f for f in FAMILIES if f.name == "solid")
    thrust = solid.thrust_acceleration_m_s2
    assert abs(sigmas(ratio * STANDARD_GRAVITY_M_S2, thrust)) < 2.0


@pytest.mark.parametrize("speed_m_s", [2300.0, 3000.0])
def test_exhaust_velocities_of_the_handbook_lie_within_two_sigma(speed_m_s: float) -> None:
    """Sutton and Biblarz, 9th ed., tables 5-5 and 13-1, at low altitude, over the thrust left.


    Some family holds each end of the band.
    """
    held = [
        abs(sigmas(speed_m_s / (1.0 - f.sea_level_loss[0]), f.exhaust_velocity_m_s))
        for f in FAMILIES
    ]
    assert min(held) < 2.0


@pytest.mark.parametrize("loss", [0.05, 0.1, 0.18])
def test_losses_of_thrust_lie_within_two_sigma(loss: float) -> None:
    """First stages' nozzles are short: the low part of the handbook's 10 to 30 %, and below."""
    assert all(abs(loss - f.sea_level_loss[0]) < 2.0 * f.sea_level_loss[1] for f in FAMILIES)


@pytest.mark.parametrize("share", [0.6, 0.7, 0.9])
def test_mass_shares_of_stages_lie_within_two_sigma(share: float) -> None:
    """A first stage burns 60 to 90 % of what stands on the pad; some family holds each."""
    held = [abs(share - f.burnt_fraction[0]) / f.burnt_fraction[1] for f in FAMILIES]
    assert min(held) < 2.0
