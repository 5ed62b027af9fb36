"""The bound of a launch is a bound, and an efficient estimator meets it."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from forewarn.epoch import SECOND_NS
from forewarn.frames import enu_axes, geodetic_from_ecef
from forewarn.missiles.trajectory import Trajectory
from forewarn.sensors.sight import tangent_axes, unit
from forewarn.studies.bounds import evidence, least_errors
from forewarn.studies.bounds_flight import Ascent, Belief, Unknown, unknowns_of
from forewarn.studies.bounds_information import least_covariance
from forewarn.studies.bounds_looks import PlumeEnd, Sighting
from tests.missiles.vehicles import ONE

LAUNCH = 1_000 * SECOND_NS
SATELLITES = {"WEST": (-3.0e7, 2.5e7, 1.0e7), "EAST": (-3.6e7, -1.0e7, 1.5e7)}
SIGMA_RAD, BIAS_RAD = 10e-6, 8e-6
TIGHT = Belief(
    place_m=2e3,
    time_s=2.0,
    azimuth_rad=0.005,
    thrust_fraction=0.002,
    exhaust_velocity_fraction=0.001,
    burn_fraction=0.002,
    drag_area_fraction=0.02,
    sea_level_loss_fraction=0.02,
    rise_fraction=0.02,
    kick_fraction=0.01,
    ballistic_coefficient_fraction=0.05,
)
"""So little is unknown that all is linear."""


def ascent() -> Ascent:
    """A flight of a single stage from a place of no meaning."""
    return Ascent(
        vehicle=ONE,
        latitude_rad=math.radians(39.0),
        longitude_rad=math.radians(125.0),
        height_m=30.0,
        azimuth_rad=1.2,
    )


def pointing(position: np.ndarray, satellite: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the axes (2, 3) across the line to a place, and its distance."""
    line = position - SATELLITES[satellite]
    return np.array(tangent_axes(unit(line))), np.linalg.norm(line)


def looks(flown: Ascent, times_s: np.ndarray) -> list[Sighting]:
    """Both satellites look at those times; each report arrives a second later."""
    path = flown.flown()
    found = []
    for time_s in times_s:
        position, _ = path.state_ecef_at(time_s)
        for name in SATELLITES:
            axes, away_m = pointing(position, name)
            seen = LAUNCH + round(time_s * SECOND_NS)
            found.append(
                Sighting(
                    sensor_id=name,
                    seen_tai_ns=seen,
                    received_tai_ns=seen + SECOND_NS,
                    slope=np.hstack((axes / away_m, np.zeros((2, 3)))),
                    sigma=np.full(2, SIGMA_RAD),
                    bias_sigma=np.full(2, BIAS_RAD),
                )
            )
    return found


def at(time_s: float) -> int:
    """Return an instant since the launch."""
    return LAUNCH + round(time_s * SECOND_NS)


def test_without_a_look_there_is_the_belief() -> None:
    """Launch place and time are as they were believed, and nothing was seen."""
    (bound,) = least_errors(ascent(), LAUNCH, [], [at(50.0)], belief=TIGHT)
    np.testing.assert_allclose(
        np.sqrt(np.diag(bound.launch)), (TIGHT.place_m, TIGHT.place_m, TIGHT.time_s)
    )
    assert bound.looks == {}


def test_looks_count_when_they_have_arrived_and_only_ever_help() -> None:
    """A report counts from its arrival on; launch and impact are never known worse later."""
    given = looks(ascent(), np.arange(50.0, 150.0, 5.0))
    instants = [at(t) for t in (50.9, 51.0, 80.0, 120.0, 145.0, 170.0)]
    bounds = least_errors(ascent(), LAUNCH, given, instants)
    assert [sum(b.looks.values()) for b in bounds] == [0, 2, 12, 28, 38, 40]
    for earlier, later in itertools.pairwise(bounds):
        for name in ("launch", "impact"):
            gained = getattr(earlier, name) - getattr(later, name)
            size = np.sqrt(np.outer(*[np.diag(getattr(earlier, name))] * 2))
            assert np.linalg.eigvalsh(gained / size).min() > -1e-6
    assert bounds[-1].launch[0, 0] < 1e-3 * bounds[0].launch[0, 0]


def test_the_impact_is_open_until_the_engine_stops() -> None:
    """A hundred looks in the burn leave hundreds of kilometres; twenty after it, few."""
    given = looks(ascent(), np.arange(50.0, 250.0, 2.0))
    burning, falling = least_errors(ascent(), LAUNCH, given, [at(150.0), at(250.0)])
    assert math.sqrt(burning.impact[0, 0] + burning.impact[1, 1]) > 200e3
    assert math.sqrt(falling.impact[0, 0] + falling.impact[1, 1]) < 10e3


def test_the_end_of_the_plume_dates_the_burn_out() -> None:
    """Without a look after it, silence alone: the impact is open before, and then known to a gap.

    The spread of the impact falls in proportion to the gap, 30 s or 10 s, and only when that silent
    look has arrived.
    """
    burnout_s = ascent().flown().burnout_s
    given = looks(ascent(), np.arange(50.0, burnout_s - 2.0, 2.0))
    instants = [at(burnout_s + 9.0), at(burnout_s + 10.0)]
    spreads_m = []
    for gap_s in (30.0, 10.0):
        end = PlumeEnd(at(burnout_s), at(burnout_s + gap_s), at(burnout_s + 10.0))
        early, late = least_errors(ascent(), LAUNCH, given, instants, ending=end)
        assert math.sqrt(np.trace(early.impact[:2, :2])) > 200e3
        spreads_m.append(math.sqrt(np.trace(late.impact[:2, :2])))
    assert spreads_m[0] / spreads_m[1] == pytest.approx(3.0, rel=0.1)
    (stage,) = ONE.stages
    more_kg = 0.1 * stage.propellant_kg / stage.burn_s
    longer = msgspec.structs.replace(
        stage,
        burn_s=stage.burn_s + 0.1,
        propellant_kg=stage.propellant_kg + more_kg,
        structure_kg=stage.structure_kg - more_kg,
    )
    vehicle = msgspec.structs.replace(ONE, stages=(longer,))
    ends = [
        one.flown().position_ecef_m[-1] for one in (ascent(), replace(ascent(), vehicle=vehicle))
    ]
    each_second_m = np.linalg.norm(ends[1] - ends[0]) / 0.1
    assert spreads_m[1] == pytest.approx(each_second_m * 10.0 / math.sqrt(12.0), rel=0.1)


def test_half_the_steps_leave_the_bounds_as_they_are() -> None:
    """To half a per cent, of launch, impact and state, in and after the burn."""
    given = looks(ascent(), np.arange(50.0, 250.0, 5.0))
    instants = [at(100.0), at(160.0), at(250.0)]
    whole, half = (
        least_errors(ascent(), LAUNCH, given, instants, step_ratio=ratio) for ratio in (1.0, 0.5)
    )
    for a, b in zip(whole, half, strict=True):
        for name in ("launch", "impact", "state"):
            first, second = (np.sqrt(np.diag(getattr(x, name))) for x in (a, b))
            np.testing.assert_allclose(second, first, rtol=0.005)


def test_biases_are_unknowns_with_their_stated_sigma() -> None:
    """Ever so many looks at a thing at rest leave the bias of each, as a textbook says.

    Two looks of one telescope at a point: variance sigma^2 / n + bias^2, in R^2.
    """
    position, _ = ascent().flown().state_ecef_at(0.0)
    axes, away_m = pointing(position, "EAST")
    n, size_m = 400, 1e6
    slope = np.hstack((axes / away_m, np.zeros((2, 3))))
    look = Sighting("EAST", 0, 0, slope, np.full(2, SIGMA_RAD), np.full(2, BIAS_RAD))
    known = evidence([look] * n, np.tile(np.eye(6) * size_m, (n, 1, 1)))
    assert known.rows.shape == (2 * n, 8)
    (root,) = known.roots(8, [0])
    across = np.hstack((axes * size_m, np.zeros((2, 5))))
    found = least_covariance(root, across)
    textbook = away_m**2 * (SIGMA_RAD**2 / n + BIAS_RAD**2)
    np.testing.assert_allclose(np.diag(found), textbook, rtol=1e-5)
    (sharp,) = evidence(
        [replace(look, bias_sigma=np.zeros(2))] * n, np.tile(np.eye(6) * size_m, (n, 1, 1))
    ).roots(6, [0])
    exact = least_covariance(sharp, across[:, :6])
    np.testing.assert_allclose(np.diag(exact), away_m**2 * SIGMA_RAD**2 / n, rtol=1e-5)


def test_an_estimator_that_believes_as_much_meets_the_bound() -> None:
    """Truths drawn from a narrow belief, looked at with noise and bias, fitted by Gauss and Newton.

    Over 200 flights the squared errors of launch and impact over their bounds, by dimension, are 1
    on average within 0.2 (one sigma of the mean: 0.06): neither is the bound too low for what can
    be reached, nor is better reached than it allows.
    """
    rng, count = np.random.default_rng(9), 200
    middle = ascent()
    given = looks(middle, np.arange(50.0, 170.0, 4.0))
    unknowns = unknowns_of(middle, TIGHT, 158.0)
    (bound,) = least_errors(middle, LAUNCH, given, [at(200.0)], belief=TIGHT)
    view = View(middle, given)
    h = view.slopes(unknowns)
    gain = np.linalg.inv(np.eye(h.shape[1]) + h.T @ h)
    place = geodetic_from_ecef(middle.flown().position_ecef_m[-1])
    east, north, _ = enu_axes(float(place[0]), float(place[1]))
    misses = np.empty((count, 2))
    for run in range(count):
        drawn = rng.standard_normal(len(unknowns))
        truth, truth_late_s = moved(middle, unknowns, drawn)
        errors = SIGMA_RAD * rng.standard_normal((len(given), 2))
        errors += view.bias(BIAS_RAD * rng.standard_normal((2, 2)))
        seen = view.offsets(truth.flown(), truth_late_s) + errors
        fitted = np.zeros(h.shape[1])
        for _ in range(2):
            guess, late_s = moved(middle, unknowns, fitted[: len(unknowns)])
            expected = view.offsets(guess.flown(), late_s)
            expected += view.bias(BIAS_RAD * fitted[len(unknowns) :].reshape(2, 2))
            left = ((seen - expected) / SIGMA_RAD).ravel()
            fitted += gain @ (h.T @ left - fitted)
        guess, late_s = moved(middle, unknowns, fitted[: len(unknowns)])
        launch = (fitted[:3] - drawn[:3]) * (TIGHT.place_m, TIGHT.place_m, TIGHT.time_s)
        ends = [one.flown() for one in (guess, truth)]
        apart_m = ends[0].position_ecef_m[-1] - ends[1].position_ecef_m[-1]
        later_s = ends[0].times_s[-1] + late_s - ends[1].times_s[-1] - truth_late_s
        impact = np.array([north @ apart_m, east @ apart_m, later_s])
        misses[run, 0] = launch @ np.linalg.solve(bound.launch, launch) / 3.0
        misses[run, 1] = impact @ np.linalg.solve(bound.impact, impact) / 3.0
    np.testing.assert_allclose(misses.mean(axis=0), 1.0, atol=0.2)


def moved(middle: Ascent, unknowns: list[Unknown], drawn: np.ndarray) -> tuple[Ascent, float]:
    """Return the flight of a draw, and how late it is launched."""
    late_s = 0.0
    for unknown, draw in zip(unknowns, drawn, strict=True):
        if unknown.moved is None:
            late_s = unknown.sigma * draw
        else:
            middle = unknown.moved(middle, unknown.sigma * draw)
    return middle, late_s


class View:
    """Where a flight is seen (k, 2) [rad], from where the middle one would be."""

    def __init__(self, middle: Ascent, given: list[Sighting]) -> None:
        self.middle = middle
        self.times_s = [(look.seen_tai_ns - LAUNCH) / SECOND_NS for look in given]
        self.names = np.array([look.sensor_id for look in given])
        self.satellites = np.array([SATELLITES[name] for name in self.names])
        lines = self.positions(middle.flown(), 0.0) - self.satellites
        self.away_m = np.linalg.norm(lines, axis=1)
        self.axes = np.stack(tangent_axes(unit(lines)), axis=1)

    def positions(self, flown: Trajectory, late_s: float) -> np.ndarray:
        """Return where it is at each look (k, 3)."""
        return np.array([flown.state_ecef_at(t - late_s)[0] for t in self.times_s])

    def offsets(self, flown: Trajectory, late_s: float) -> np.ndarray:
        """Return how far aside a flight is seen."""
        lines = self.positions(flown, late_s) - self.satellites
        return np.einsum("kij,kj->ki", self.axes, lines) / self.away_m[:, None]

    def bias(self, by_satellite: np.ndarray) -> np.ndarray:
        """Return what biases (2, 2) add."""
        return by_satellite[[list(SATELLITES).index(name) for name in self.names]]

    def slopes(self, unknowns: list[Unknown]) -> np.ndarray:
        """Return the slopes (2 k, p) by unknowns and biases over the noise, by differences."""
        columns = []
        for i in range(len(unknowns)):
            step = np.zeros(len(unknowns))
            step[i] = 0.2
            high, low = (moved(self.middle, unknowns, sign * step) for sign in (1.0, -1.0))
            ends = [self.offsets(one.flown(), late_s) for one, late_s in (high, low)]
            columns.append((ends[0] - ends[1]) / 0.4)
        columns += [self.bias(BIAS_RAD * e.reshape(2, 2)) for e in np.eye(4)]
        return np.stack([c.ravel() for c in columns], axis=1) / SIGMA_RAD


def test_instants_must_ascend() -> None:
    """Asked in another order it is a mistake of the program."""
    with pytest.raises(AssertionError, match="ascend"):
        least_errors(ascent(), LAUNCH, [], [at(100.0), at(99.0)])
