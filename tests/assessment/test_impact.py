"""Where it can come down: regions that hold what they say, areas counted right."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forewarn.assessment.assess import Assessor, AssessorState
from forewarn.assessment.ground import GroundPoints, encloses, inside, mixed, region
from forewarn.assessment.impact import Question, falling_points, go_on, thrusting_ends
from forewarn.earth import ECCENTRICITY_SQUARED, MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.frames import places_from_plane_rad, plane_from_places_m, surface_distance_m
from forewarn.kernels.flight import fall, fly_out_all
from forewarn.missiles.many import fall_many
from forewarn.missiles.trajectory import Trajectory
from forewarn.records import HYPOTHESES, Realm
from forewarn.tracking.live import Posterior
from tests.tracking.stage import (
    ascending,
    flown,
    network_of,
    overflight,
    posterior_at,
    quiet_events,
    seen_by_telescopes,
    tracked,
)

START = overflight().start_tai_ns
RANDOM = np.random.default_rng(20_170_829)


def falling_truths(posterior: Posterior, count: int) -> GroundPoints:
    """Ground points of states drawn at random from the falling model of a posterior."""
    states = RANDOM.multivariate_normal(
        posterior.means[1, :8], posterior.covariances[1, :8, :8], count
    )
    inverse_beta = np.exp(np.clip(states[:, 6], -15.0, -2.0))
    return landed(states, inverse_beta)


def landed(states: np.ndarray, inverse_beta: np.ndarray) -> GroundPoints:
    """Ground points of states (n, 8) that fall, each flown to 5 cm."""
    flown = fall_many(states[:, :3], states[:, 3:6], inverse_beta_m2_kg=inverse_beta)
    down = flown.came_down
    x, y, z = flown.end_position_ecef_m[down].T
    return GroundPoints(
        latitude_rad=np.arctan2(z, (1.0 - ECCENTRICITY_SQUARED) * np.hypot(x, y)),
        longitude_rad=np.arctan2(y, x),
        after_s=flown.end_s[down],
        weight=np.full(len(x), 1.0 / len(states)),
        stays_up=1.0 - len(x) / len(states),
    )


@pytest.mark.parametrize(
    ("climb_deg", "speed_m_s", "longitude_deg"), [(35.0, 4_300.0, 130.0), (10.0, 5_200.0, 178.0)]
)
def test_the_region_of_a_falling_object_holds_nine_truths_in_ten(
    climb_deg: float, speed_m_s: float, longitude_deg: float
) -> None:
    posterior = posterior_at(
        40.0,
        longitude_deg,
        200e3,
        azimuth_deg=72.0,
        climb_deg=climb_deg,
        speed_m_s=speed_m_s,
        boosting=0.01,
    )
    found = region(falling_points(posterior), gaussian=True)
    assert found is not None
    truths = falling_truths(posterior, 20_000)
    share = inside(truths, found.polygon_rad).mean()
    assert 0.86 < share < 0.94
    plane = plane_from_places_m(
        truths.latitude_rad,
        truths.longitude_rad,
        latitude_rad=found.latitude_rad,
        longitude_rad=found.longitude_rad,
    )
    assert np.linalg.norm(plane.mean(axis=0)) < 0.1 * math.sqrt(np.trace(found.covariance_m2))
    assert np.allclose(np.cov(plane.T), found.covariance_m2, rtol=0.25, atol=1e6)
    assert found.after_s == pytest.approx(
        float(truths.after_s.mean()), abs=0.05 * truths.after_s.std()
    )
    assert found.after_sigma_s == pytest.approx(float(truths.after_s.std()), rel=0.15)


def corridor(flight: Trajectory, first_s: float) -> GroundPoints:
    """Where a flight comes down if it is cut off at any second from ``first_s`` to its burn-out."""
    states = np.zeros((0, 8))
    times_s = np.arange(first_s, flight.burnout_s, 1.0)
    for time_s in times_s:
        body = np.concatenate((*flight.state_ecef_at(time_s), (0.0, 0.0)))
        states = np.vstack((states, body))
    count = len(states)
    points = landed(states, np.full(count, math.exp(-8.5)))
    assert len(points.weight) == count
    return points


@pytest.mark.parametrize("seen_s", [75.0, 95.0, 120.0])
def test_the_region_of_a_thrusting_object_holds_its_corridor(seen_s: float) -> None:
    """Wherever the engine stops from now to the true burn-out, it falls inside the region."""
    network = network_of()
    flight = flown(39.3, 125.7, 72.0)
    events = seen_by_telescopes(
        quiet_events(network, duration_s=seen_s), network, [ascending("a", flight, START)]
    )
    _, tracks = tracked(network, events)
    (track,) = tracks.values()
    assert track.latest.weights[0] > 0.9
    found = Assessor(network, ()).assess(
        AssessorState(), track, notices=(), now_tai_ns=track.latest.tai_ns, realm=Realm.TEST
    )
    assert found.impact is not None
    now_s = (track.latest.tai_ns - START) / SECOND_NS
    ends = corridor(flight, now_s + 10.0)
    held = encloses(found.impact.polygon_rad, ends.latitude_rad, ends.longitude_rad)
    assert held.mean() > 0.9


def over_the_sea(**changes: float) -> Posterior:
    given = {"climb_deg": 40.0, "speed_m_s": 1_500.0, "height_m": 40e3, "boosting": 0.99} | changes
    return posterior_at(40.0, 130.0, given.pop("height_m"), azimuth_deg=72.0, **given)


def test_each_class_weighs_the_same_ends_by_its_own_energies() -> None:
    """Faster classes fall farther; nothing is cut off below the speed that it already has."""
    ends = thrusting_ends(over_the_sea())
    weights = dict(zip(HYPOTHESES, ends.weighed(90.0), strict=True))
    ranges_m = np.array(
        [
            surface_distance_m(math.radians(40.0), math.radians(130.0), a, b)
            for a, b in zip(ends.points.latitude_rad, ends.points.longitude_rad, strict=True)
        ]
    )
    landed, order = ends.landed, [n for n in HYPOTHESES if n.endswith("range")]
    middles = [np.average(ranges_m[landed], weights=weights[n][landed]) for n in order]
    assert sorted(middles) == middles
    for row in weights.values():
        assert row.sum() == pytest.approx(1.0)
    least = ends.reach_ln_m.min()
    now = thrusting_ends(over_the_sea(speed_m_s=3_000.0)).reach_ln_m.min()
    assert now > least + math.log(3.0)


def test_a_burn_too_long_for_a_class_moves_its_ends_nearer() -> None:
    """At 140 s a short-range engine is overdue: what it may still gain is little."""
    ends = thrusting_ends(over_the_sea())
    column = HYPOTHESES.index("short_range")
    early, late = (ends.weighed(t)[column] @ ends.reach_ln_m for t in (40.0, 140.0))
    assert late < early


def test_few_flights_tell_what_many_do() -> None:
    """Moments by cubature against 4,000 random states of the same posterior."""
    posterior = over_the_sea(height_m=300e3, speed_m_s=4_000.0, climb_deg=20.0, boosting=0.01)
    found = falling_points(posterior)
    truths = falling_truths(posterior, 4_000)
    centre = dict(zip(("latitude_rad", "longitude_rad"), truths.centre_rad(), strict=True))
    ours, theirs = (
        plane_from_places_m(p.latitude_rad, p.longitude_rad, **centre) for p in (found, truths)
    )
    assert np.linalg.norm(ours.mean(axis=0) - theirs.mean(axis=0)) < 0.1 * theirs.std(axis=0).max()
    assert ours.std(axis=0) == pytest.approx(theirs.std(axis=0), rel=0.08)


def test_a_wide_posterior_is_flown_point_by_point() -> None:
    """400 m/s of doubt in 3 km/s: the region is no ellipse, and still holds nine in ten."""
    posterior = over_the_sea(
        height_m=200e3, speed_m_s=3_000.0, climb_deg=10.0, boosting=0.001, sigma_m_s=250.0
    )
    (going,) = go_on([Question(posterior, may_thrust=False, may_fall=True)])
    assert going.falls is not None
    assert going.falls.scattered is not None
    found = region(going.falls.points, gaussian=False)
    assert found is not None
    truths = falling_truths(posterior, 2_000)
    held = encloses(found.polygon_rad, truths.latitude_rad, truths.longitude_rad)
    assert 0.85 < held.mean() < 0.98


def test_flights_together_are_flights_alone() -> None:
    """To the bit: a raid's forecasts do not depend on their company."""
    some = [over_the_sea(speed_m_s=v, height_m=200e3, boosting=0.01) for v in (2e3, 3e3, 4e3)]
    together = go_on([Question(p, may_thrust=True, may_fall=True) for p in some])
    for posterior, going in zip(some, together, strict=True):
        assert going.falls is not None
        assert going.burnouts is not None
        alone, ends = falling_points(posterior), thrusting_ends(posterior)
        assert alone.latitude_rad.tobytes() == going.falls.points.latitude_rad.tobytes()
        assert ends.points.longitude_rad.tobytes() == going.burnouts.points.longitude_rad.tobytes()


def four_models(posterior: Posterior, weights: tuple[float, ...]) -> Posterior:
    """The same knowledge in a filter of four models, the drag known to the third alone."""
    means = np.stack([posterior.means[0], *[posterior.means[1]] * 3])
    covariances = np.stack([posterior.covariances[0], *[posterior.covariances[1]] * 3])
    means[1, 6] = 99.0  # free fall keeps no drag: what stands there must not matter
    return Posterior(posterior.tai_ns, means, covariances, np.array(weights))


def test_free_fall_takes_its_drag_from_the_prior_and_re_entry_its_own() -> None:
    two = over_the_sea(height_m=200e3, speed_m_s=3_000.0, boosting=1e-6)
    free = falling_points(four_models(two, (1e-6, 1.0, 0.0, 0.0)))
    own = falling_points(four_models(two, (1e-6, 0.0, 1.0, 0.0)))
    same = falling_points(two)
    for found in (free, own):
        assert found.centre_rad() == pytest.approx(same.centre_rad(), abs=2e-5)
    glide_alone = falling_points(four_models(two, (1e-6, 0.0, 0.0, 1.0)))
    assert glide_alone.centre_rad() == pytest.approx(same.centre_rad(), abs=2e-5)


def test_what_is_too_fast_to_land_stays_up() -> None:
    posterior = posterior_at(
        10.0, 10.0, 300e3, azimuth_deg=90.0, climb_deg=0.0, speed_m_s=7_800.0, boosting=0.01
    )
    points = falling_points(posterior)
    assert points.stays_up == 1.0
    assert region(points, gaussian=True) is None


def scattered(latitude_deg: float, longitude_deg: float, *, count: int = 500) -> GroundPoints:
    """Points about a place, 300 km one sigma, of random weight."""
    plane = 300e3 * RANDOM.standard_normal((count, 2))
    places = places_from_plane_rad(
        plane, latitude_rad=math.radians(latitude_deg), longitude_rad=math.radians(longitude_deg)
    )
    weight = RANDOM.random(count)
    return GroundPoints(
        latitude_rad=places[:, 0],
        longitude_rad=places[:, 1],
        after_s=400.0 + RANDOM.random(count),
        weight=0.8 * weight / weight.sum(),
        stays_up=0.2,
    )


DENT_DEG = ((38.0, -4.0), (43.0, -3.0), (42.0, 5.0), (40.0, 0.0), (37.0, 4.0))


def winds_round(corners: np.ndarray, point: np.ndarray) -> bool:
    """Whether a polygon goes once round a point: the angles its edges show sum to a turn."""
    towards = corners - point
    angles = np.arctan2(towards[:, 1], towards[:, 0])
    steps = np.diff(np.append(angles, angles[0]))
    return abs(((steps + math.pi) % math.tau - math.pi).sum()) > math.pi


@pytest.mark.parametrize("middle_deg", [0.0, 130.0, 179.5, -179.9])
def test_an_area_counts_its_points_also_across_the_date_line(middle_deg: float) -> None:
    """A dented area, point by point by its winding number, on a map without a seam."""
    points = scattered(40.0, middle_deg)
    polygon = tuple(
        (math.radians(a), math.remainder(math.radians(middle_deg + b), 2.0 * math.pi))
        for a, b in DENT_DEG
    )
    east_deg = np.degrees(points.longitude_rad) - middle_deg
    east_deg = (east_deg + 180.0) % 360.0 - 180.0
    flat = np.column_stack((np.degrees(points.latitude_rad), east_deg))
    expected = np.array([winds_round(np.array(DENT_DEG), point) for point in flat])
    found = inside(points, polygon)
    assert 20 < found.sum() < 480
    assert (found == expected).all()
    assert (inside(points, polygon[::-1]) == expected).all()


def test_the_densest_hull_holds_nine_tenths_of_the_weight() -> None:
    points = scattered(40.0, 179.0)
    found = region(points, gaussian=False)
    assert found is not None
    held = points.weight[inside(points, found.polygon_rad)].sum() / points.weight.sum()
    assert 0.86 < held < 0.97  # points on the outline itself do not count as inside
    ellipse = region(points, gaussian=True)
    assert ellipse is not None
    held = points.weight[inside(points, ellipse.polygon_rad)].sum() / points.weight.sum()
    assert 0.86 < held < 0.94


def test_a_region_about_a_pole_encloses_it() -> None:
    """A hull of points all round the north pole, 20 degrees off."""
    turn = np.linspace(0.0, math.tau, 40, endpoint=False)
    points = GroundPoints(
        np.full(40, math.radians(70.0)), turn, np.ones(40), np.full(40, 0.025), 0.0
    )
    found = region(points, gaussian=False, parts=[points])
    assert found is not None
    places = np.radians(((89.0, 10.0), (75.0, -100.0), (60.0, 10.0), (-89.0, 0.0)))
    held = encloses(found.polygon_rad, places[:, 0], places[:, 1])
    assert held.tolist() == [True, True, False, False]


@pytest.mark.parametrize("west_deg", [-180.0, 20.0, 170.0])
def test_enclosing_is_lying_inside_where_the_map_has_no_seam(west_deg: float) -> None:
    points = scattered(10.0, west_deg)
    corners = tuple(
        (math.radians(10.0 + a), math.remainder(math.radians(west_deg + b), math.tau))
        for a, b in ((-3.0, -3.0), (-3.0, 3.0), (3.0, 3.0), (3.0, -3.0))
    )
    ours = encloses(corners, points.latitude_rad, points.longitude_rad)
    assert (ours == inside(points, corners)).mean() > 0.99


@pytest.mark.parametrize("spread", ["none", "a line"])
def test_points_that_span_no_area_still_have_a_region(spread: str) -> None:
    along = np.zeros(20) if spread == "none" else np.linspace(0.0, 0.1, 20)
    points = GroundPoints(
        latitude_rad=np.full(20, 0.0),
        longitude_rad=along,
        after_s=np.full(20, 100.0),
        weight=np.full(20, 0.05),
        stays_up=0.0,
    )
    found = region(points, gaussian=False)
    assert found is not None
    assert len(found.polygon_rad) >= 3
    assert np.isfinite(np.array(found.polygon_rad)).all()


def test_too_few_points_or_too_little_weight_is_no_region() -> None:
    points = scattered(0.0, 0.0, count=7)
    assert region(points, gaussian=True) is None
    light = mixed([(1e-12, scattered(0.0, 0.0))])
    assert region(light, gaussian=False) is None


def test_a_mixture_keeps_every_weight() -> None:
    a, b = scattered(0.0, 0.0), scattered(10.0, 10.0)
    both = mixed([(0.25, a), (0.75, b)])
    assert both.weight.sum() == pytest.approx(0.8)
    assert both.stays_up == pytest.approx(0.2)
    assert both.weight[: len(a.weight)].sum() == pytest.approx(0.2)


@given(st.floats(-1.5, 1.5), st.floats(-math.pi, math.pi))
def test_a_region_lies_on_the_map_wherever_it_is(latitude: float, longitude: float) -> None:
    points = scattered(math.degrees(latitude), math.degrees(longitude), count=64)
    for gaussian in (False, True):
        found = region(points, gaussian=gaussian)
        assert found is not None
        for lat, lon in ((found.latitude_rad, found.longitude_rad), *found.polygon_rad):
            assert abs(lat) <= math.pi / 2.0
            assert -math.pi <= lon <= math.pi
        off_m = surface_distance_m(latitude, longitude, found.latitude_rad, found.longitude_rad)
        assert off_m < 400e3


def test_draws_are_the_same_every_time() -> None:
    posterior = posterior_at(
        40.0, 130.0, 200e3, azimuth_deg=72.0, climb_deg=30.0, speed_m_s=4_000.0, boosting=0.01
    )
    first, again = falling_points(posterior), falling_points(posterior.copy())
    assert first.latitude_rad.tobytes() == again.latitude_rad.tobytes()


def test_a_flight_lands_where_one_step_at_a_time_lands() -> None:
    """`fly_out_all` without thrust is `fall`."""
    posterior = posterior_at(
        40.0, 130.0, 200e3, azimuth_deg=72.0, climb_deg=30.0, speed_m_s=4_000.0, boosting=0.01
    )
    states = posterior.means[1:2, :8].copy()
    alone = states[0, :6].copy()
    flown_s = np.empty(1)
    fly_out_all(states, np.zeros(1), np.array([2e-4]), 5_400.0, flown_s)
    assert fall(alone, 2e-4, 0.0, 5_400.0, np.empty((7, 6))) == pytest.approx(flown_s[0])
    assert states[0, :3] == pytest.approx(alone[:3], abs=1e-3)
    assert np.linalg.norm(alone[:3]) == pytest.approx(MEAN_RADIUS_M, rel=0.005)
