"""The assessment of a track: areas, what lies behind, who is silent, and what it rests on."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from forewarn.assessment.assess import Assessor, AssessorState
from forewarn.assessment.ground import inside
from forewarn.assessment.impact import falling_points
from forewarn.epoch import SECOND_NS
from forewarn.records import HARMLESS, Assessment, Notice, Physics, Realm, TrackStatus
from forewarn.sensors.domains import independent_domains
from forewarn.tracking.live import LiveTrack, Posterior
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
NETWORK = network_of()


def box_deg(
    south: float, west: float, north: float, east: float
) -> tuple[tuple[float, float], ...]:
    corners = ((south, west), (south, east), (north, east), (north, west))
    return tuple((math.radians(a), math.radians(b)) for a, b in corners)


AREAS = (
    ("ahead", box_deg(41.0, 143.0, 43.0, 147.0)),
    ("behind", box_deg(38.0, 126.0, 39.0, 127.0)),
    ("beside", box_deg(20.0, 140.0, 21.0, 141.0)),
    ("wide", box_deg(35.0, 120.0, 45.0, 170.0)),
)


def over_the_sea(boosting: float = 0.001) -> Posterior:
    """At 40 N 133 E, falling towards the east."""
    return posterior_at(
        40.0,
        133.0,
        150e3,
        azimuth_deg=72.0,
        climb_deg=10.0,
        speed_m_s=3_000.0,
        boosting=boosting,
        sigma_m=2e3,
        sigma_m_s=30.0,
    )


def bare_track(posterior: Posterior, status: TrackStatus = TrackStatus.CONFIRMED) -> LiveTrack:
    track = LiveTrack("track-0001", status, posterior, base_score=50.0)
    track.first_seen_tai_ns = track.last_seen_tai_ns = posterior.tai_ns
    return track


def assessed(
    track: LiveTrack,
    *,
    notices: tuple[Notice, ...] = (),
    now_tai_ns: int = START,
    state: AssessorState | None = None,
) -> Assessment:
    return Assessor(NETWORK, AREAS).assess(
        state or AssessorState(), track, notices=notices, now_tai_ns=now_tai_ns, realm=Realm.TEST
    )


def test_an_areas_probability_is_its_share_of_the_landings() -> None:
    """Counted by hand over the same ground points, and against what cannot be a missile."""
    track = bare_track(over_the_sea())
    found = assessed(track)
    points = falling_points(track.base)
    harmless = sum(found.hypotheses[name] for name in HARMLESS)
    for (area_id, polygon), threat in zip(AREAS, found.areas, strict=True):
        assert threat.area_id == area_id
        hits = inside(points, polygon)
        assert threat.probability == pytest.approx((1.0 - harmless) * points.weight[hits].sum())
        if hits.any():
            assert threat.earliest_tai_ns == START + round(points.after_s[hits].min() * SECOND_NS)
            assert threat.expected_tai_ns is not None
            assert threat.earliest_tai_ns <= threat.expected_tai_ns
        else:
            assert threat.earliest_tai_ns is threat.expected_tai_ns is None
    by_id = {t.area_id: t.probability for t in found.areas}
    assert by_id["wide"] > 0.5
    assert by_id["beside"] == 0.0


def test_an_area_is_overflown_when_all_of_it_lies_behind() -> None:
    by_id = {t.area_id: t.overflown for t in assessed(bare_track(over_the_sea())).areas}
    assert by_id == {"ahead": False, "behind": True, "beside": False, "wide": False}
    turned = posterior_at(
        40.0, 133.0, 150e3, azimuth_deg=252.0, climb_deg=10.0, speed_m_s=3_000.0, boosting=0.001
    )
    by_id = {t.area_id: t.overflown for t in assessed(bare_track(turned)).areas}
    assert by_id == {"ahead": True, "behind": False, "beside": True, "wide": False}


def test_what_rises_straight_up_has_overflown_nothing() -> None:
    up = posterior_at(
        40.0, 133.0, 50e3, azimuth_deg=0.0, climb_deg=90.0, speed_m_s=1_000.0, boosting=0.001
    )
    assert not any(t.overflown for t in assessed(bare_track(up)).areas)


def test_the_share_that_may_still_thrust_widens_the_region() -> None:
    tight, wide = (
        assessed(bare_track(over_the_sea(boosting)), state=AssessorState()).impact
        for boosting in (0.001, 0.5)
    )
    assert tight is not None
    assert wide is not None
    assert tight.cut_off_probability == pytest.approx(0.999)
    assert np.trace(wide.region.covariance_m2) > 10.0 * np.trace(tight.region.covariance_m2)


def watched(duration_s: float) -> LiveTrack:
    source = ascending("a", flown(39.3, 125.7, 72.0), START)
    events = seen_by_telescopes(quiet_events(NETWORK, duration_s=duration_s), NETWORK, [source])
    _, tracks = tracked(NETWORK, events)
    (track,) = tracks.values()
    return track


def test_an_assessment_says_who_saw_what_and_what_it_rests_on() -> None:
    track = watched(120.0)
    now = track.latest.tai_ns + SECOND_NS
    found = assessed(track, now_tai_ns=now)
    assert found.measurement_count == track.count
    assert found.last_evidence_tai_ns == track.last_seen_tai_ns
    assert found.time_tai_ns == now
    assert found.physics == (Physics.INFRARED,)
    assert found.domains == independent_domains(NETWORK, track.sensor_ids)
    assert found.input_ids[0] == track.track_id
    assert found.input_ids[1:] == tuple(track.scan_ids)[-3:]
    assert sum(found.class_probabilities.values()) == pytest.approx(1.0)
    assert found.launch is not None
    assert found.launch.site is None
    (line,) = [e for e in found.evidence if e.hypothesis == "object"]
    assert line.decibans == pytest.approx(10.0 / math.log(10.0) * track.score, abs=0.05)
    assert not found.down


def test_a_notice_that_was_used_is_named() -> None:
    track = watched(120.0)
    now = track.latest.tai_ns + SECOND_NS
    launch = assessed(track, now_tai_ns=now).launch
    assert launch is not None
    notice = Notice(
        notice_id="NOTICE-7",
        realm=Realm.TEST,
        received_tai_ns=START,
        source="an agency",
        vehicle_class="space_launch",
        window_start_tai_ns=launch.time_tai_ns - 60 * SECOND_NS,
        window_end_tai_ns=launch.time_tai_ns + 60 * SECOND_NS,
        latitude_rad=launch.region.latitude_rad,
        longitude_rad=launch.region.longitude_rad,
        radius_m=20e3,
    )
    found = assessed(track, notices=(notice,), now_tai_ns=now)
    assert "NOTICE-7" in found.input_ids
    assert found.class_probabilities["space_launch"] > 0.5


def test_three_silent_looks_make_a_sensor_silent() -> None:
    track = bare_track(over_the_sea())
    track.silent = {"HEO-A-SCAN": 3, "HEO-B-SCAN": 2, "GEO-MID-SCAN": 9}
    track.sensor_ids = {"GEO-MID-SCAN": 4}
    assert assessed(track).silent_sensor_ids == ("HEO-A-SCAN",)


def test_down_is_said_of_an_ended_track_at_the_ground_only() -> None:
    low = posterior_at(
        40.0, 133.0, 2e3, azimuth_deg=72.0, climb_deg=-60.0, speed_m_s=2_000.0, boosting=1e-6
    )
    later = START + 3 * SECOND_NS
    assert assessed(bare_track(low, TrackStatus.ENDED), now_tai_ns=later).down
    assert not assessed(bare_track(low, TrackStatus.COASTING), now_tai_ns=later).down
    assert not assessed(bare_track(over_the_sea(), TrackStatus.ENDED), now_tai_ns=later).down


def test_a_track_too_old_to_predict_is_assessed_as_last_known() -> None:
    track = bare_track(over_the_sea(), TrackStatus.ENDED)
    now = START + 20_000 * SECOND_NS
    found = assessed(track, now_tai_ns=now)
    assert found.time_tai_ns == now
    assert found.impact is not None
    assert found.impact.time_tai_ns < START + 2_000 * SECOND_NS


def test_a_launch_fit_is_kept_by_track_and_ids_count_up() -> None:
    track = watched(120.0)
    state = AssessorState()
    first = assessed(track, now_tai_ns=track.latest.tai_ns, state=state)
    fit = state.fits[track.track_id]
    copied = state.copy()
    second = assessed(track, now_tai_ns=track.latest.tai_ns + 1, state=state)
    assert state.fits[track.track_id] is fit
    assert (first.assessment_id, second.assessment_id) == ("assessment-000001", "assessment-000002")
    assert copied.given == 1
    again = assessed(track, now_tai_ns=track.latest.tai_ns + 1, state=copied)
    assert msgspec.json.encode(again) == msgspec.json.encode(second)
