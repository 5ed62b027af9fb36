"""What it is: sites, notices, burns and ranges, each with a weight of the right sign and size."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forewarn.assessment.classify import (
    Flight,
    classified,
    decibans_for_space,
    matching_notice,
    nearest_site,
    notice_log_likelihoods,
    probabilities,
    range_log_likelihoods,
)
from forewarn.assessment.impact import GroundPoints
from forewarn.assessment.launch import LaunchFit
from forewarn.assessment.launch_sites import LAUNCH_SITES, LaunchSite
from forewarn.assessment.vehicle_classes import PRIOR
from forewarn.epoch import SECOND_NS
from forewarn.frames import surface_destination_rad
from forewarn.records import VEHICLE_CLASSES, Notice, Realm

NOW = 1_800_000_000 * SECOND_NS
BURNING = Flight(speed_m_s=1_200.0, since_launch_s=80.0, pause_s=1.0, cut_off_probability=0.02)
STOPPED = Flight(speed_m_s=4_500.0, since_launch_s=220.0, pause_s=60.0, cut_off_probability=0.99)
NOWHERE = (math.radians(39.2674), math.radians(125.6752))


def fit_at(latitude_rad: float, longitude_rad: float, *, azimuth_rad: float = 1.0) -> LaunchFit:
    """A launch known to 500 m, a second and two degrees."""
    return LaunchFit(
        reference_latitude_rad=latitude_rad,
        reference_longitude_rad=longitude_rad,
        reference_tai_ns=NOW,
        mean=np.array((0.0, 0.0, 0.0, azimuth_rad)),
        covariance=np.diag((500.0**2, 500.0**2, 1.0, math.radians(2.0) ** 2)),
        available=30,
        complete=True,
        modes=(None, None),
    )


def notice_at(latitude_rad: float, longitude_rad: float, **changes: object) -> Notice:
    notice = Notice(
        notice_id="NOTICE-1",
        realm=Realm.TEST,
        received_tai_ns=NOW - 3_600 * SECOND_NS,
        source="an agency",
        vehicle_class="space_launch",
        window_start_tai_ns=NOW - 600 * SECOND_NS,
        window_end_tai_ns=NOW + 600 * SECOND_NS,
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
        radius_m=10e3,
        azimuth_rad=1.0,
    )
    return msgspec.structs.replace(notice, **changes)


def space_probability(fit: LaunchFit | None, flight: Flight = BURNING, *notices: Notice) -> float:
    return classified(flight, fit=fit, falling=None, notices=notices).space_probability


@pytest.mark.parametrize("site", LAUNCH_SITES, ids=lambda site: site.name)
def test_what_rises_from_a_known_site_is_a_space_launch(site: LaunchSite) -> None:
    fit = fit_at(site.latitude_rad, site.longitude_rad)
    assert space_probability(fit) > 0.9
    assert nearest_site(fit)[1] < 1.0


def test_what_rises_elsewhere_is_not() -> None:
    assert space_probability(fit_at(*NOWHERE)) < 0.05
    baikonur = LAUNCH_SITES[0]
    away = surface_destination_rad(baikonur.latitude_rad, baikonur.longitude_rad, 2.0, 300e3)
    assert space_probability(fit_at(*away)) < 0.05


def test_without_a_launch_fit_the_prior_and_the_burn_speak() -> None:
    assert space_probability(None) == pytest.approx(PRIOR["space_launch"], abs=0.05)


def test_a_notice_raises_the_space_launch_it_announces() -> None:
    fit = fit_at(*NOWHERE)
    without = space_probability(fit)
    verdict = classified(BURNING, fit=fit, falling=None, notices=(notice_at(*NOWHERE),))
    odds = verdict.space_probability / (1.0 - verdict.space_probability)
    assert odds == pytest.approx(300.0 * without / (1.0 - without), rel=1e-9)
    (line,) = [e for e in verdict.evidence if "an agency" in e.text]
    assert line.decibans == pytest.approx(24.8, abs=0.05)  # 10 log10 of 300
    assert line.input_ids == ("NOTICE-1",)


@pytest.mark.parametrize(
    "notice",
    [
        notice_at(NOWHERE[0] + 0.02, NOWHERE[1]),
        notice_at(*NOWHERE, window_end_tai_ns=NOW - 60 * SECOND_NS),
        notice_at(*NOWHERE, window_start_tai_ns=NOW + 60 * SECOND_NS),
        notice_at(*NOWHERE, azimuth_rad=1.0 + math.radians(25.0)),
        notice_at(*NOWHERE, azimuth_rad=1.0 - math.pi),
    ],
    ids=["elsewhere", "earlier", "later", "another azimuth", "backwards"],
)
def test_a_notice_of_something_else_changes_nothing(notice: Notice) -> None:
    fit = fit_at(*NOWHERE)
    assert matching_notice(fit, (notice,)) is None
    assert space_probability(fit, BURNING, notice) == space_probability(fit)


@pytest.mark.parametrize(
    "notice",
    [
        notice_at(*NOWHERE, azimuth_rad=None),
        notice_at(*NOWHERE, azimuth_rad=1.0 + math.radians(10.0)),
        notice_at(*NOWHERE, azimuth_rad=1.0 + 2.0 * math.pi),
        notice_at(NOWHERE[0] + 10.5e3 / 6.371e6, NOWHERE[1]),  # the launch point has its own spread
        notice_at(*NOWHERE, window_start_tai_ns=NOW + SECOND_NS),  # so has the launch time
    ],
    ids=["any azimuth", "a near azimuth", "a turn more", "on the rim", "on the second"],
)
def test_a_notice_matches_within_the_launchs_own_spread(notice: Notice) -> None:
    assert matching_notice(fit_at(*NOWHERE), (notice,)) is notice


def test_a_notice_of_a_missile_test_speaks_for_that_class() -> None:
    notice = notice_at(*NOWHERE, vehicle_class="intermediate_range")
    fit = fit_at(*NOWHERE)
    column = VEHICLE_CLASSES.index("intermediate_range")
    before = classified(BURNING, fit=fit, falling=None, notices=()).probabilities
    after = classified(BURNING, fit=fit, falling=None, notices=(notice,)).probabilities
    assert after[column] > 0.95 > before[column]
    assert notice_log_likelihoods(notice).argmax() == column


def test_a_long_pause_after_the_engine_stopped_speaks_against_a_space_launch() -> None:
    short = Flight(4_500.0, 220.0, 5.0, 0.99)
    assert space_probability(None, STOPPED) < 0.2 * space_probability(None, short)


def test_burning_on_past_every_missile_leaves_a_space_launch() -> None:
    fast = Flight(speed_m_s=7_900.0, since_launch_s=450.0, pause_s=1.0, cut_off_probability=0.01)
    assert space_probability(None, fast) > 0.95


def falling_at(range_m: float) -> GroundPoints:
    place = surface_destination_rad(*NOWHERE, 1.0, range_m)
    return GroundPoints(
        latitude_rad=np.full(10, place[0]),
        longitude_rad=np.full(10, place[1]),
        after_s=np.full(10, 500.0),
        weight=np.full(10, 0.1),
        stays_up=0.0,
    )


@pytest.mark.parametrize(
    ("range_m", "expected"),
    [
        (500e3, "short_range"),
        (2_000e3, "medium_range"),
        (4_000e3, "intermediate_range"),
        (8_000e3, "intercontinental"),
    ],
)
def test_the_range_it_falls_at_names_the_class(range_m: float, expected: str) -> None:
    fit = fit_at(*NOWHERE)
    parts = range_log_likelihoods(STOPPED, fit, falling_at(range_m))
    missiles = [name for name in VEHICLE_CLASSES if name not in ("space_launch", "unknown")]
    weights = {name: parts[VEHICLE_CLASSES.index(name)] for name in missiles}
    assert max(weights, key=lambda name: weights[name]) == expected
    verdict = classified(STOPPED, fit=fit, falling=falling_at(range_m), notices=())
    assert VEHICLE_CLASSES[int(verdict.probabilities.argmax())] == expected


def test_while_it_may_still_thrust_the_range_says_little() -> None:
    fit = fit_at(*NOWHERE)
    assert np.abs(range_log_likelihoods(BURNING, fit, falling_at(4_000e3))).max() < 0.03


def test_decibans_have_the_sign_and_size_of_a_likelihood_ratio() -> None:
    even = np.full(6, 1.0 / 6.0)
    space = VEHICLE_CLASSES.index("space_launch")
    for ratio, decibans in ((10.0, 10.0), (0.01, -20.0), (1.0, 0.0), (2.0, 3.0103)):
        logs = np.zeros(6)
        logs[space] = math.log(ratio)
        assert decibans_for_space(logs, even) == pytest.approx(decibans, abs=1e-4)
    near = classified(
        BURNING,
        fit=fit_at(LAUNCH_SITES[0].latitude_rad, LAUNCH_SITES[0].longitude_rad),
        falling=None,
        notices=(),
    )
    assert near.evidence[0].decibans > 15.0
    assert "Baikonur" in near.evidence[0].text
    far = classified(BURNING, fit=fit_at(*NOWHERE), falling=None, notices=())
    assert far.evidence[0].decibans == pytest.approx(10.0 * math.log10(0.02 / 0.99), abs=0.1)


def test_priors_and_classes_are_the_same_set() -> None:
    assert set(PRIOR) == set(VEHICLE_CLASSES)
    assert sum(PRIOR.values()) == pytest.approx(1.0)
    assert probabilities([np.zeros(6)]) == pytest.approx([PRIOR[n] for n in VEHICLE_CLASSES])


@given(
    st.builds(
        Flight,
        speed_m_s=st.floats(0.0, 2e4),
        since_launch_s=st.floats(-100.0, 5_000.0),
        pause_s=st.floats(0.0, 5_000.0),
        cut_off_probability=st.floats(0.0, 1.0),
    ),
    st.tuples(st.floats(-1.57, 1.57), st.floats(-3.14, 3.14)),
    st.floats(1e3, 2e7),
)
def test_probabilities_sum_to_one_whatever_is_seen(
    flight: Flight, place_rad: tuple[float, float], range_m: float
) -> None:
    verdict = classified(
        flight,
        fit=fit_at(*place_rad),
        falling=falling_at(range_m),
        notices=(notice_at(*NOWHERE),),
    )
    assert verdict.probabilities.sum() == pytest.approx(1.0, abs=1e-12)
    assert (verdict.probabilities > 0.0).all()
    assert all(type(line.decibans) is float for line in verdict.evidence)
    assert all(math.isfinite(line.decibans) for line in verdict.evidence)
