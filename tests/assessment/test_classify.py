"""What it is: sites, notices, burns and ranges, each with a weight of the right sign and size."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forewarn.assessment.classify import (
    HYPOTHESES,
    INDEX,
    MODEL_DOUBT,
    Fall,
    Flight,
    Verdict,
    burn_log_likelihoods,
    classified,
    decibans,
    matching_notice,
    nearest_site,
    notice_log_likelihoods,
    probabilities,
    shadowed,
    slant_log_likelihoods,
)
from forewarn.assessment.launch import LaunchFit
from forewarn.assessment.launch_sites import LAUNCH_SITES, LaunchSite
from forewarn.assessment.vehicle_classes import CLASS_OF, PRIOR
from forewarn.epoch import SECOND_NS
from forewarn.frames import surface_destination_rad
from forewarn.records import VEHICLE_CLASSES, Notice, Realm

NOW = 1_800_000_000 * SECOND_NS
BURNING = Flight(
    speed_m_s=1_200.0,
    range_m=150e3,
    since_launch_s=80.0,
    pause_s=1.0,
    cut_off_probability=0.02,
    burnt_s=79.0,
)
STOPPED = Flight(
    speed_m_s=4_500.0,
    range_m=2_500e3,
    since_launch_s=220.0,
    pause_s=60.0,
    cut_off_probability=0.99,
    burnt_s=90.0,
)
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
    return classified(flight, fit=fit, fall=None, notices=notices).space_probability


def fall_of(range_m: float, *, slant_deg: float | None = None, **changes: object) -> Fall:
    """A fall of the energy that reaches a range, at its best slant if none is given."""
    best = 0.25 * (math.pi - range_m / 6.371e6)
    slant = best if slant_deg is None else math.radians(slant_deg)
    fall = Fall(
        reach_ln_m=(math.log(range_m), 0.03),
        slant_rad=(slant, math.radians(1.0)),
        best_slant_rad=best,
        perigee_m=(-5_000e3, 20e3),
        apogee_m=(600e3, 10e3),
    )
    return replace(fall, **changes)


def told(flight: Flight, fall: Fall | None, **given: object) -> dict[str, float]:
    """The probability of each hypothesis, launched far from any site."""
    verdict = classified(
        flight,
        fit=given.pop("fit", fit_at(*NOWHERE)),  # type: ignore[arg-type]
        fall=fall,
        notices=(),
        known_object=given.pop("known_object", None),  # type: ignore[arg-type]
    )
    return dict(zip(HYPOTHESES, verdict.hypotheses.tolist(), strict=True))


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
    verdict = classified(BURNING, fit=fit, fall=None, notices=(notice_at(*NOWHERE),))
    before = classified(BURNING, fit=fit, fall=None, notices=()).hypotheses
    missile = INDEX["short_range"]
    gained = verdict.space_probability / verdict.hypotheses[missile]
    assert gained == pytest.approx(300.0 * without / before[missile], rel=1e-9)
    (line,) = [e for e in verdict.evidence if "an agency" in e.text]
    assert 18.0 < line.decibans <= 24.8  # 10 log10 of 300, less what a failed launch shares
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
    before = classified(BURNING, fit=fit, fall=None, notices=()).of("intermediate_range")
    after = classified(BURNING, fit=fit, fall=None, notices=(notice,)).of("intermediate_range")
    assert after > 0.93 > before
    assert notice_log_likelihoods(notice).argmax() == INDEX["intermediate_range"]


def test_a_long_pause_after_the_engine_stopped_speaks_against_a_space_launch() -> None:
    short = replace(STOPPED, pause_s=5.0)
    assert space_probability(None, STOPPED) < 0.2 * space_probability(None, short)


def test_burning_on_past_every_missile_leaves_a_space_launch() -> None:
    fast = replace(BURNING, speed_m_s=7_700.0, range_m=19_900e3, since_launch_s=450.0)
    assert space_probability(None, fast) > 0.95


@pytest.mark.parametrize(
    ("range_m", "expected"),
    [
        (500e3, "short_range"),
        (2_000e3, "medium_range"),
        (4_500e3, "intermediate_range"),
        (8_000e3, "intercontinental"),
    ],
)
def test_the_energy_it_falls_with_names_the_class(range_m: float, expected: str) -> None:
    found = told(STOPPED, fall_of(range_m))
    assert max(found, key=lambda name: found[name]) == expected
    # A lofted test of the same energy is of the same class, though it lands near.
    lofted = told(STOPPED, fall_of(range_m, slant_deg=70.0))
    assert lofted[expected] > 2.0 * max(
        p
        for n, p in lofted.items()
        if n in PRIOR and n.endswith(("range", "tal")) and n != expected
    )


@pytest.mark.parametrize("range_m", [1_000e3, 3_000e3, 5_500e3])
def test_at_the_edge_of_two_bands_neither_class_is_sure(range_m: float) -> None:
    for factor in (0.95, 1.0, 1.05):
        found = told(STOPPED, fall_of(range_m * factor))
        assert max(found.values()) < 0.9


def test_an_intermediate_missile_may_fly_2700_km() -> None:
    """The flight of 29 August 2017: 2,700 km, 550 km high, by a missile that can do more."""
    found = told(STOPPED, fall_of(2_700e3))
    assert found["intermediate_range"] > 0.2
    assert found["medium_range"] > 0.2


def test_while_it_may_still_thrust_the_energy_says_only_what_lies_behind() -> None:
    """Nothing is excluded above the energy now; a short range one that passed it is."""
    slow = burn_log_likelihoods(BURNING, None)
    assert np.abs(slow).max() < 1.0
    fast = burn_log_likelihoods(replace(BURNING, range_m=2_000e3), None)
    assert fast[INDEX["short_range"]] < -3.0 < fast[INDEX["medium_range"]]
    assert fast[INDEX["intercontinental"]] > 0.0


def test_burning_longer_than_a_class_can_speaks_against_it() -> None:
    late = burn_log_likelihoods(replace(BURNING, since_launch_s=200.0), None)
    assert late[INDEX["short_range"]] < -3.0
    assert late[INDEX["space_launch"]] > 0.0


# ------------------------------------------------------------------- innocent explanations


# Watched by radar for half a minute, and no plume of it ever seen.
UNSEEN = replace(STOPPED, thrust_seen=False, pause_s=30.0, burnt_s=0.0, cut_off_probability=0.999)


def test_what_stays_above_the_air_is_a_satellite_or_a_space_launch() -> None:
    """A perigee of 400 km: nothing comes down, whatever it is."""
    aloft = fall_of(20_000e3, slant_deg=1.0, perigee_m=(400e3, 10e3), apogee_m=(420e3, 10e3))
    seen_only_by_radar = told(UNSEEN, aloft, fit=None)
    assert seen_only_by_radar["satellite"] > 0.6
    innocent = sum(seen_only_by_radar[n] for n in ("satellite", "space_launch", "decaying_object"))
    assert innocent > 0.9
    launched = told(replace(STOPPED, pause_s=5.0), aloft, fit=None)
    assert launched["space_launch"] > 0.8
    assert launched["satellite"] < 0.05


def test_a_decaying_satellite_is_told_by_its_round_orbit() -> None:
    """FACTS FA-4: a rocket body at its end, taken for a missile off Oregon in 1979.

    Orbital speed and a perigee in the air, no launch seen; with the catalogue's word it is sure.
    """
    ending = fall_of(19_500e3, slant_deg=1.0, perigee_m=(60e3, 20e3), apogee_m=(160e3, 10e3))
    found = told(UNSEEN, ending, fit=None)
    assert found["decaying_object"] == max(found.values())
    known = told(UNSEEN, ending, fit=None, known_object="Notional Rocket Body 1")
    assert known["decaying_object"] == max(known.values())
    assert known["decaying_object"] + known["satellite"] > 0.9
    missile = told(UNSEEN, fall_of(9_000e3), fit=None)
    assert missile["decaying_object"] < 0.01


def test_a_steep_rise_without_range_may_be_a_sounding_rocket() -> None:
    """FACTS FA-9: the Norwegian rocket of 1995, 1,450 km high and 1,000 km far: 77 degrees."""
    steep = told(STOPPED, fall_of(3_000e3, slant_deg=77.0))
    usual = told(STOPPED, fall_of(3_000e3))
    assert steep["sounding_rocket"] > 5.0 * usual["sounding_rocket"]
    assert steep["sounding_rocket"] > 0.1
    assert max(steep.values()) < 0.9


def test_a_launch_from_a_space_port_that_stops_short_is_a_failed_boost() -> None:
    """Silent for two minutes at 2 km/s: it is not on its way to an orbit; some failed one is."""
    site = LAUNCH_SITES[0]
    stopped = replace(STOPPED, pause_s=120.0, burnt_s=150.0)
    found = told(stopped, fall_of(600e3), fit=fit_at(site.latitude_rad, site.longitude_rad))
    assert found["failed_boost"] > 0.25 > 0.1 > found["space_launch"]
    elsewhere = told(stopped, fall_of(600e3))
    assert elsewhere["failed_boost"] < 0.1 * found["failed_boost"]


def test_lift_speaks_for_a_glider_alone() -> None:
    lifting = told(replace(STOPPED, lift_probability=0.99), fall_of(5_000e3, slant_deg=8.0))
    assert lifting["glider"] > 0.8
    assert told(STOPPED, fall_of(5_000e3))["glider"] < 0.05


def test_unknown_rises_where_nothing_fits() -> None:
    """A cut-off at an energy far below all: not even a failed boost expects much of it."""
    odd = told(STOPPED, fall_of(25e3, slant_deg=20.0))
    assert odd["unknown"] > 4.0 * PRIOR["unknown"]
    assert max(p for n, p in odd.items() if CLASS_OF[n] != "unknown") < 0.9


def test_what_flies_as_a_missile_may_be_none() -> None:
    """One in eleven by the flight alone; a notice of the class speaks against that, too."""
    fall, fit = fall_of(8_000e3), fit_at(*NOWHERE)
    found = told(STOPPED, fall)
    assert found["unknown"] / found["intercontinental"] == pytest.approx(0.1, rel=0.4)
    notice = notice_at(*NOWHERE, vehicle_class="intercontinental")
    after = classified(STOPPED, fit=fit, fall=fall, notices=(notice,))
    assert after.of("intercontinental") > 0.95
    logs = np.zeros(len(HYPOTHESES))
    logs[INDEX["short_range"]] = -2.0
    assert (np.delete(shadowed(logs), INDEX["unknown"]) == np.delete(logs, INDEX["unknown"])).all()


def test_no_class_is_ever_surer_than_the_models_deserve() -> None:
    found = told(STOPPED, fall_of(8_000e3), known_object=None)
    assert found["intercontinental"] < 1.0 - MODEL_DOUBT
    assert found["unknown"] >= MODEL_DOUBT


def test_the_slant_of_a_lofted_test_does_not_speak_against_a_missile_much() -> None:
    best = math.radians(38.0)
    column = INDEX["medium_range"]
    for slant_deg, least, most in ((38.0, 1.0, 3.0), (70.0, -2.0, 0.0), (12.0, -2.0, 0.0)):
        logs = slant_log_likelihoods((math.radians(slant_deg), 0.01), best)
        assert least < logs[column] < most


def test_decibans_have_the_sign_and_size_of_a_likelihood_ratio() -> None:
    space = INDEX["space_launch"]
    for ratio, expected in ((10.0, 10.0), (0.01, -20.0), (1.0, 0.0), (2.0, 3.0103)):
        logs = np.zeros(len(HYPOTHESES))
        logs[space] = math.log(ratio)
        assert decibans(logs, space) == pytest.approx(expected, abs=1e-4)
    near = classified(
        BURNING,
        fit=fit_at(LAUNCH_SITES[0].latitude_rad, LAUNCH_SITES[0].longitude_rad),
        fall=None,
        notices=(),
    )
    assert near.evidence[0].decibans > 15.0
    assert "Baikonur" in near.evidence[0].text
    far = classified(BURNING, fit=fit_at(*NOWHERE), fall=None, notices=())
    assert far.evidence[0].decibans == pytest.approx(10.0 * math.log10(0.02 / 0.99), abs=0.2)


def test_priors_and_hypotheses_are_the_same_set() -> None:
    assert set(PRIOR) == set(HYPOTHESES) == set(CLASS_OF)
    assert set(CLASS_OF.values()) == set(VEHICLE_CLASSES)
    assert sum(PRIOR.values()) == pytest.approx(1.0)
    expected = [(1.0 - MODEL_DOUBT) * PRIOR[n] + MODEL_DOUBT * (n == "unknown") for n in HYPOTHESES]
    assert probabilities([np.zeros(len(HYPOTHESES))]) == pytest.approx(expected)


@given(
    st.builds(
        Flight,
        speed_m_s=st.floats(0.0, 2e4),
        range_m=st.floats(0.0, 2.1e7),
        since_launch_s=st.floats(-100.0, 5_000.0),
        pause_s=st.floats(0.0, 5_000.0),
        cut_off_probability=st.floats(0.0, 1.0),
        burnt_s=st.floats(0.0, 2_000.0),
        thrust_seen=st.booleans(),
        lift_probability=st.floats(0.0, 1.0),
    ),
    st.tuples(st.floats(-1.57, 1.57), st.floats(-3.14, 3.14)),
    st.builds(
        Fall,
        reach_ln_m=st.tuples(st.floats(0.0, 17.0), st.floats(0.0, 3.0)),
        slant_rad=st.tuples(st.floats(0.0, 1.571), st.floats(0.0, 1.0)),
        best_slant_rad=st.floats(0.0, 0.8),
        perigee_m=st.tuples(st.floats(-6.4e6, 1e7), st.floats(0.0, 1e6)),
        apogee_m=st.tuples(st.floats(-1e5, 1e12), st.floats(0.0, 1e12)),
        slowed=st.booleans(),
    ),
)
def test_probabilities_sum_to_one_whatever_is_seen(
    flight: Flight, place_rad: tuple[float, float], fall: Fall
) -> None:
    verdict: Verdict = classified(
        flight, fit=fit_at(*place_rad), fall=fall, notices=(notice_at(*NOWHERE),)
    )
    assert verdict.hypotheses.sum() == pytest.approx(1.0, abs=1e-12)
    assert verdict.probabilities.sum() == pytest.approx(1.0, abs=1e-12)
    assert (verdict.hypotheses > 0.0).all()
    assert all(type(line.decibans) is float for line in verdict.evidence)
    assert all(math.isfinite(line.decibans) for line in verdict.evidence)
