"""Motion and sensors in a plane: Jacobians, cubature, wrapping, densities, by other means."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from forewarn.tracking.hypotheses import Sensor, linearised
from forewarn.tracking.planar import Bearing, ConstantVelocity, Position, RangeBearing, places

Array = NDArray[np.float64]

MEANS = np.array([[30.0, 1.0, -40.0, 2.0], [-120.0, 0.0, 5.0, -3.0]])
NARROW = np.stack([np.diag([0.04, 0.01, 0.09, 0.02]), np.diag([0.02, 0.05, 0.01, 0.03])])
WIDE = np.stack([np.diag([4.0, 1.0, 9.0, 2.0]), np.diag([25.0, 1.0, 16.0, 1.0])])
PLACE_M = (3.0, -2.0)
BEARING = Bearing(PLACE_M, 0.01, 0.9, 0.5)
RADAR = RangeBearing(PLACE_M, 2.0, 0.02, 0.9, 1e-4)
POSITION = Position(2.0, 0.9, 1e-4)


def _exact(sensor: Sensor, state: Array) -> Array:
    """What each sensor measures, by plain trigonometry."""
    x, y = state[0] - PLACE_M[0], state[2] - PLACE_M[1]
    if isinstance(sensor, Bearing):
        return np.array([math.atan2(y, x)])
    if isinstance(sensor, RangeBearing):
        return np.array([math.hypot(x, y), math.atan2(y, x)])
    return state[[0, 2]]


@pytest.mark.parametrize("sensor", [BEARING, RADAR, POSITION])
def test_what_is_expected_is_the_measurement_and_its_slope(sensor: Sensor) -> None:
    """Means by trigonometry; covariances by a Jacobian of finite differences, at small spread."""
    expected, spread, cross = sensor.expected(MEANS, NARROW)
    for i, mean in enumerate(MEANS):
        J = np.stack(
            [
                (_exact(sensor, mean + d) - _exact(sensor, mean - d)) / 2e-4
                for d in 1e-4 * np.eye(4)
            ],
            axis=1,
        )
        by_hand, crossed = linearised(NARROW[i : i + 1], J[None])
        np.testing.assert_allclose(expected[i], _exact(sensor, mean), rtol=1e-4)
        np.testing.assert_allclose(spread[i], by_hand[0], rtol=1e-3, atol=1e-7)
        np.testing.assert_allclose(cross[i], crossed[0], rtol=1e-3, atol=1e-6)


def test_cubature_knows_that_a_range_bends() -> None:
    """At a spread as wide as a beam the mean and variance of a range are those of a sample."""
    rng = np.random.default_rng(3)
    expected, spread, _ = RADAR.expected(MEANS, WIDE)
    for i, mean in enumerate(MEANS):
        cloud = rng.multivariate_normal(mean, WIDE[i], 200_000)
        far = np.hypot(cloud[:, 0] - PLACE_M[0], cloud[:, 2] - PLACE_M[1])
        assert expected[i, 0] == pytest.approx(far.mean(), abs=5.0 * far.std() / 200_000**0.5)
        assert spread[i, 0, 0] == pytest.approx(far.var(), rel=0.03)


def test_bearings_differ_by_the_short_way() -> None:
    """Across pi the difference of two bearings is small, for both sensors that see bearings."""
    for sensor, column in ((BEARING, 0), (RADAR, 1)):
        a, b = np.zeros((1, column + 1)), np.zeros((1, column + 1))
        a[0, column], b[0, column] = math.pi - 0.01, -math.pi + 0.02
        assert sensor.residual(a, b)[0, column] == pytest.approx(-0.03)
        assert sensor.residual(b, a)[0, column] == pytest.approx(0.03)


def test_two_half_steps_are_one() -> None:
    """Prediction composes, and its process noise with it."""
    motion = ConstantVelocity(0.3, lasting_s=40.0)
    once = motion.predict(MEANS, WIDE, 3.0)
    twice = motion.predict(*motion.predict(MEANS, WIDE, 1.0), 2.0)
    for a, b in zip(once, twice, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
    assert motion.survival(3.0) == pytest.approx(motion.survival(1.0) * motion.survival(2.0))
    assert motion.survival(40.0) == pytest.approx(math.exp(-1.0))
    assert ConstantVelocity(0.3).survival(1e9) == 1.0


def test_a_range_and_a_bearing_are_a_place() -> None:
    """The place measured is the place, its covariance that of a sample, its stretch the range."""
    states = MEANS.copy()
    z = np.stack([_exact(RADAR, s) for s in states])
    points = RADAR.points(z)
    np.testing.assert_allclose(points.values, places(states), rtol=1e-12)
    np.testing.assert_allclose(points.matrix @ states.T, places(states).T)
    np.testing.assert_allclose(points.stretch, z[:, 0])
    rng = np.random.default_rng(4)
    noisy = z[0] + rng.standard_normal((200_000, 2)) * [2.0, 0.02]
    cloud = np.stack([noisy[:, 0] * np.cos(noisy[:, 1]), noisy[:, 0] * np.sin(noisy[:, 1])], axis=1)
    np.testing.assert_allclose(points.covariances[0], np.cov(cloud.T), rtol=0.05, atol=0.02)


def test_clutter_and_detection_are_as_stated() -> None:
    """Constant over space, one number a measurement and a state."""
    assert POSITION.clutter(np.zeros((3, 2))).tolist() == [1e-4] * 3
    assert BEARING.clutter(np.zeros((2, 1))).tolist() == [0.5] * 2
    assert RADAR.clutter(np.zeros((1, 2))).tolist() == [1e-4]
    for sensor in (POSITION, BEARING, RADAR):
        assert sensor.detection(MEANS).tolist() == [0.9, 0.9]
    assert BEARING.points(np.zeros((2, 1))) is None
    assert np.array_equal(POSITION.points(z := np.ones((2, 2))).values, z)
