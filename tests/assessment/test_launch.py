"""Launch point, time and azimuth: errors as large as stated, and no fit where there is none."""

from __future__ import annotations

import dataclasses
import math
from functools import cache

import msgspec
import numpy as np
import pytest

from forewarn.assessment import launch
from forewarn.assessment.launch import launch_fit
from forewarn.assessment.launch_posterior import LaunchFit
from forewarn.earth import MEAN_RADIUS_M
from forewarn.epoch import SECOND_NS
from forewarn.frames import plane_from_places_m
from forewarn.missiles.families import FAMILIES
from forewarn.records import TrackStatus
from forewarn.simulation.scenario import FlownLaunch
from forewarn.simulation.truth import TruthObject, make_truth
from forewarn.tracking import ascent_modes, ascent_posterior
from forewarn.tracking.ascent_modes import parallel_radius_m
from forewarn.tracking.live import LiveTrack
from tests.tracking.stage import (
    ascending,
    flown,
    network_of,
    overflight,
    quiet_events,
    seen_by_telescopes,
    tracked,
)

ASCENTS = 12
LEAST_APOGEE_M = 100e3


def ascent(seed: int) -> TruthObject:
    """The shipped vehicle, dispersed as shipped, flown as it stands."""
    scenario = overflight()
    (shipped,) = scenario.launches
    assert isinstance(shipped, FlownLaunch)
    free = msgspec.structs.replace(shipped, range_m=None, apogee_m=None)
    return make_truth(msgspec.structs.replace(scenario, launches=(free,)), seed=seed).objects[0]


def error_of(fit: LaunchFit, truth: TruthObject) -> np.ndarray:
    """Truth less estimate: north, east [m], time [s], azimuth [rad]."""
    east, north = plane_from_places_m(
        np.array([truth.latitude_rad]),
        np.array([truth.longitude_rad]),
        latitude_rad=fit.latitude_rad,
        longitude_rad=fit.longitude_rad,
    )[0]
    late_s = (truth.launch_tai_ns - fit.time_tai_ns) / SECOND_NS
    turn = math.remainder(truth.azimuth_rad - float(fit.mean[3]), 2.0 * math.pi)
    return np.array((north, east, late_s, turn))


@cache
def fitted() -> tuple[tuple[LaunchFit, np.ndarray], ...]:
    """Fits of simulated ascents, each with its error, from a minute of all telescopes."""
    network = network_of()
    events = quiet_events(network, duration_s=140.0)
    found = []
    seed = 0
    while len(found) < ASCENTS:
        seed += 1
        truth = ascent(seed)
        if truth.apogee_m < LEAST_APOGEE_M:
            continue
        source = ascending("a", truth.trajectory, truth.launch_tai_ns)
        _, tracks = tracked(network, seen_by_telescopes(events, network, [source], seed=seed))
        (track,) = (t for t in tracks.values() if t.status is not TrackStatus.ENDED)
        fit = launch_fit(track, None)
        assert fit is not None
        found.append((fit, error_of(fit, truth)))
    return tuple(found)


def squared_distances(part: slice) -> np.ndarray:
    return np.array(
        [e[part] @ np.linalg.solve(fit.covariance[part, part], e[part]) for fit, e in fitted()]
    )


def test_the_launch_point_is_as_good_as_it_says() -> None:
    """Twelve ascents. Two is expected of the mean squared distance of a perfect model.

    The model error is sized by real ascents, which stray more than these: hence the lower bound.
    """
    distances = squared_distances(slice(0, 2))
    assert 0.7 < distances.mean() < 3.3
    errors_m = [float(np.linalg.norm(error[:2])) for _, error in fitted()]
    assert np.median(errors_m) < 1_000.0


def test_time_and_azimuth_are_found() -> None:
    late_s = np.array([error[2] for _, error in fitted()])
    turn_rad = np.array([error[3] for _, error in fitted()])
    assert np.abs(late_s).max() < 10.0
    assert abs(late_s.mean()) < 1.5
    assert np.degrees(np.median(np.abs(turn_rad))) < 2.0
    assert squared_distances(slice(2, 3)).mean() < 5.0
    assert squared_distances(slice(3, 4)).mean() < 2.0


@cache
def track_of_one(duration_s: float = 150.0) -> LiveTrack:
    network = network_of()
    source = ascending("a", flown(39.3, 125.7, 72.0), overflight().start_tai_ns)
    events = seen_by_telescopes(quiet_events(network, duration_s=duration_s), network, [source])
    _, tracks = tracked(network, events)
    (track,) = tracks.values()
    return track


def test_a_fit_is_current_until_looks_grow_or_its_minute_is_over() -> None:
    track = dataclasses.replace(track_of_one())
    looks = sorted(track.launch_looks, key=lambda k: k.seen_tai_ns)
    assert track.last_thrust_tai_ns > looks[-1].seen_tai_ns
    track.launch_looks = looks[:20]
    track.last_thrust_tai_ns = looks[19].seen_tai_ns
    first = launch_fit(track, None)
    assert first is not None
    assert not first.complete
    assert first.is_current(track)
    track.launch_looks = looks[:22]
    assert first.is_current(track)
    track.launch_looks = looks[:23]
    assert not first.is_current(track)
    track.launch_looks = looks[:22]
    track.last_thrust_tai_ns = looks[0].seen_tai_ns + 61 * SECOND_NS
    assert not first.is_current(track)
    last = launch_fit(track, first)
    assert last is not None
    assert last.complete
    track.launch_looks = looks
    assert last.is_current(track)


def test_an_earlier_fit_is_a_start_and_not_evidence() -> None:
    """The same looks give the same fit from a fresh start and from an earlier fit."""
    track = track_of_one()
    fresh = launch_fit(track, None)
    looks = sorted(track.launch_looks, key=lambda k: k.seen_tai_ns)
    early = dataclasses.replace(track, launch_looks=looks[:25])
    again = launch_fit(track, launch_fit(early, None))
    assert fresh is not None
    assert again is not None
    sigmas = np.sqrt(np.diag(fresh.covariance))
    assert abs(again.latitude_rad - fresh.latitude_rad) * 6.4e6 < 0.2 * sigmas[0]
    assert abs(again.longitude_rad - fresh.longitude_rad) * 6.4e6 < 0.2 * sigmas[1]
    assert np.allclose(again.covariance, fresh.covariance, rtol=0.3, atol=1e-3)


def test_two_lines_of_sight_are_no_fit() -> None:
    track = dataclasses.replace(track_of_one())
    track.launch_looks = track.launch_looks[:2]
    assert launch_fit(track, None) is None
    track.launch_looks = []
    assert launch_fit(track, None) is None


@pytest.mark.parametrize("trouble", ["nan", "no_noise", "centre_of_the_earth", "far_away"])
def test_hopeless_looks_are_no_fit_or_a_finite_one(trouble: str) -> None:
    track = dataclasses.replace(track_of_one())
    spoiled = []
    for look in track.launch_looks:
        geometry = look.geometry.copy()
        if trouble == "nan":
            geometry[1] = math.nan
        elif trouble == "no_noise":
            geometry[6] = 0.0
        elif trouble == "centre_of_the_earth":
            geometry[0] = 0.0
        else:
            geometry[0] *= 1e6
        spoiled.append(dataclasses.replace(look, geometry=geometry, bias_sigma_rad=0.0))
    track.launch_looks = spoiled
    fit = launch_fit(track, None)
    if fit is not None:
        assert np.isfinite(fit.mean).all()
        assert np.isfinite(fit.covariance).all()
    assert fit is None or trouble != "nan"


def test_a_wild_trial_is_held_back_and_never_raises() -> None:
    """Trial parameters far outside any family give finite residuals in little time."""
    looks = launch.window(track_of_one().launch_looks)
    evidence = ascent_modes.evidence_by_family(
        looks, latitude_rad=0.68, longitude_rad=2.19, reference_tai_ns=looks[0].seen_tai_ns
    )
    assert evidence is not None
    problem = ascent_modes.Problem(evidence[0], FAMILIES[0], *ascent_modes.prior_of(FAMILIES[0]))
    wild = np.array([[x] * 11 for x in (1e3, -1e3, 1e9, -1e9)])
    residuals = problem.residuals(wild)
    assert residuals.shape == (4, 2 * len(looks) + 11)
    assert np.isfinite(residuals).all()


def test_the_draws_are_the_posterior() -> None:
    """Their moments are the stated ones, and the smallest region of 90 % holds 90 % of them."""
    fit = fitted()[0][0]
    assert fit.weights.sum() == pytest.approx(1.0)
    assert fit.weights @ fit.draws == pytest.approx(fit.mean, rel=1e-9, abs=1e-9)
    assert fit.family_weights.sum() == pytest.approx(1.0)
    assert 1.0 / float(fit.weights @ fit.weights) > 15.0
    east = parallel_radius_m(fit.reference_latitude_rad)
    held = [
        fit.holds(
            fit.reference_latitude_rad + float(d[0]) / MEAN_RADIUS_M,
            fit.reference_longitude_rad + float(d[1]) / east,
            0.9,
        )
        for d in fit.draws
    ]
    assert float(fit.weights @ held) == pytest.approx(0.9, abs=0.05)


def test_the_same_looks_give_the_same_draws() -> None:
    """There is no chance in a fit."""
    track = track_of_one()
    a, b = launch_fit(track, None), launch_fit(track, None)
    assert a is not None
    assert b is not None
    assert (a.draws == b.draws).all()
    assert (a.weights == b.weights).all()


def test_a_launch_by_the_date_line_stays_on_the_map() -> None:
    fit = fitted()[0][0]
    east = dataclasses.replace(
        fit, reference_longitude_rad=math.pi - 1e-5, mean=np.array((0.0, 5_000.0, 0.0, 0.0))
    )
    assert -math.pi <= east.longitude_rad < -math.pi + 1e-2
    north = dataclasses.replace(
        fit, reference_latitude_rad=1.5707, mean=np.array((5_000.0, 0.0, 0.0, 0.0))
    )
    assert north.latitude_rad == pytest.approx(0.5 * math.pi)


def test_where_no_proposal_fits_the_mode_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Laplace's normal has nearly the moments of the draws, and a fit never raises."""
    track = track_of_one()
    drawn = launch_fit(track, None)
    assert drawn is not None

    def fail(*_: object) -> None:
        raise np.linalg.LinAlgError

    monkeypatch.setattr(ascent_posterior, "_crowd", fail)
    stood_in = launch_fit(track, None)
    assert stood_in is not None
    sigmas = np.sqrt(np.diag(drawn.covariance))
    assert (np.abs(stood_in.mean - drawn.mean)[:2] < sigmas[:2]).all()
    assert np.sqrt(np.diag(stood_in.covariance)) == pytest.approx(sigmas, rel=0.6)
    assert stood_in.log_evidence == pytest.approx(drawn.log_evidence, abs=2.0)
