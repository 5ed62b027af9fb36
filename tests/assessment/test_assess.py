"""The assessment of a track: areas, what lies behind, who is silent, and what it rests on."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from forewarn.assessment.assess import Assessor, AssessorState
from forewarn.assessment.ground import inside
from forewarn.assessment.impact import falling_points
from forewarn.epoch import SECOND_NS
from forewarn.kernels import filter as kernel
from forewarn.records import HARMLESS, Assessment, Notice, Physics, Realm, TrackStatus
from forewarn.sensors.domains import independent_domains
from forewarn.tracking.live import LiveTrack, Posterior, brief_of
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


def bare_track(
    posterior: Posterior,
    status: TrackStatus = TrackStatus.CONFIRMED,
    *,
    track_id: str = "track-0001",
    score: float = 50.0,
    parent_track_id: str | None = None,
    known_object: str | None = None,
) -> LiveTrack:
    """A track of one look at the posterior's instant, never seen thrusting."""
    return LiveTrack(
        track_id=track_id,
        origin=("scan", track_id),
        status=status,
        confirmed=status is not TrackStatus.TENTATIVE,
        latest=posterior,
        first_body=posterior.body()[0],
        score=score,
        sensor_ids={},
        silent={},
        launch_looks=[],
        scan_ids=(),
        first_seen_tai_ns=posterior.tai_ns,
        last_seen_tai_ns=posterior.tai_ns,
        last_thrust_tai_ns=0,
        falls_since_tai_ns=posterior.tai_ns,
        count=1,
        parent_track_id=parent_track_id,
        known_object=known_object,
    )


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
    points = falling_points(track.latest)
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


# ------------------------------------------------------------------- many at once


def assessed_all(
    tracks: list[LiveTrack],
    *,
    state: AssessorState | None = None,
    now_tai_ns: int = START,
    due: list[LiveTrack] | None = None,
) -> list[Assessment]:
    return Assessor(NETWORK, AREAS).assess_all(
        state or AssessorState(),
        tracks if due is None else due,
        notices=(),
        now_tai_ns=now_tai_ns,
        realm=Realm.TEST,
        every=[brief_of(track) for track in tracks],
    )


def test_a_raid_together_is_each_track_alone() -> None:
    """But for the id and the raid, the same records to the bit."""
    tracks = [
        bare_track(over_the_sea(boosting), track_id=f"track-{i}")
        for i, boosting in enumerate((0.001, 0.5, 0.99))
    ]
    together = assessed_all(tracks)
    for track, found in zip(tracks, together, strict=True):
        alone = msgspec.structs.replace(
            assessed(track), assessment_id=found.assessment_id, raid=found.raid
        )
        assert msgspec.json.encode(found) == msgspec.json.encode(alone)
        assert assessed(track).raid is None


def test_the_raid_counts_missiles_of_all_tracks() -> None:
    """Three that fall, one in the making that is hardly there, one that ended.

    They are not so surely falling that their launch is solved for, so that none is a sure missile.
    """
    tracks = [bare_track(over_the_sea(0.05), track_id=f"track-{i}") for i in range(3)]
    making = bare_track(over_the_sea(), TrackStatus.TENTATIVE, track_id="track-8", score=2.0)
    ended = bare_track(over_the_sea(), TrackStatus.ENDED, track_id="track-9")
    raid = assessed_all([*tracks, making, ended], due=tracks)[0].raid
    assert raid is not None
    each = 1.0 - sum(assessed(tracks[0]).hypotheses[n] for n in HARMLESS)
    assert raid.expected == pytest.approx(3.0 * each, abs=1e-3)
    assert raid.low <= raid.expected <= raid.high <= 3


def test_a_raid_is_counted_once_a_second_and_when_a_track_comes() -> None:
    state = AssessorState()
    tracks = [bare_track(over_the_sea(), track_id=f"track-{i}") for i in range(2)]
    first = assessed_all(tracks, state=state)[0].raid
    same = assessed_all(tracks, state=state, now_tai_ns=START + SECOND_NS // 2)[0].raid
    assert same is first
    tracks.append(bare_track(over_the_sea(), track_id="track-2"))
    more = assessed_all(tracks, state=state, now_tai_ns=START + SECOND_NS // 2)[0].raid
    later = assessed_all(tracks, state=state, now_tai_ns=START + 3 * SECOND_NS)[0].raid
    assert more is not None
    assert first is not None
    assert more.expected == pytest.approx(1.5 * first.expected, rel=0.01)
    assert later is not more
    assert assessed_all(tracks, state=state, due=[]) == []


def test_what_fell_off_a_thrusting_track_threatens_as_debris() -> None:
    parent = bare_track(over_the_sea(0.99), track_id="track-1")
    child = bare_track(over_the_sea(), track_id="track-2", parent_track_id="track-1")
    _, found = assessed_all([parent, child])
    assert found.object_kinds["stage_or_fragment"] > 0.9
    wide = next(t for t in found.areas if t.area_id == "wide")
    assert wide.debris_probability > 9.0 * wide.probability
    (line,) = [e for e in found.evidence if e.hypothesis == "stage_or_fragment"]
    assert line.decibans > 10.0
    assert "track-1" in line.text
    assert "track-1" in found.input_ids
    lone = assessed(bare_track(over_the_sea(), track_id="track-2"))
    assert next(t for t in lone.areas if t.area_id == "wide").debris_probability < 0.02


def test_a_lone_track_stands_for_its_missile_whatever_part_is_seen() -> None:
    """What air slows soon looks like an empty stage; the warhead flies beside it."""
    light = over_the_sea()
    light.weights[:] = 0.001, 0.0, 0.999, 0.0
    light.means[kernel.REENTRY, 6], light.covariances[kernel.REENTRY, 6, 6] = -4.8, 0.2**2
    found, usual = assessed(bare_track(light)), assessed(bare_track(over_the_sea()))
    assert found.object_kinds["stage_or_fragment"] > usual.object_kinds["stage_or_fragment"]
    points = falling_points(light)
    hostile = 1.0 - sum(found.hypotheses[name] for name in HARMLESS)
    for (_, polygon), threat in zip(AREAS, found.areas, strict=True):
        share = points.weight[inside(points, polygon)].sum()
        assert threat.probability == pytest.approx(hostile * share)


def test_a_catalogued_object_is_no_threat() -> None:
    posterior = posterior_at(
        40.0, 133.0, 500e3, azimuth_deg=45.0, climb_deg=0.0, speed_m_s=7_300.0, boosting=1e-6
    )
    found = assessed(bare_track(posterior, track_id="track-1", known_object="Notional Satellite 7"))
    assert found.hypotheses["satellite"] > 0.9
    assert found.class_probabilities["unknown"] > 0.9
    assert max(t.probability for t in found.areas) < 0.01
    assert "Notional Satellite 7" in found.input_ids


def test_flights_are_remembered_until_there_is_a_new_look() -> None:
    """Two seconds later without a look the same region stands; with one it is flown anew."""
    state, track = AssessorState(), bare_track(over_the_sea(), track_id="track-1")
    first = assessed(track, state=state)
    later = assessed(track, state=state, now_tai_ns=START + 2 * SECOND_NS)
    assert first.impact is not None
    assert later.impact is not None
    assert later.impact.region == first.impact.region
    assert later.impact.time_tai_ns == first.impact.time_tai_ns
    copied = state.copy()
    track.count, track.last_seen_tai_ns = 2, START + 2 * SECOND_NS
    anew = assessed(track, state=state, now_tai_ns=START + 2 * SECOND_NS)
    assert anew.impact is not None
    assert anew.impact.region != first.impact.region
    assert anew.impact.time_tai_ns == pytest.approx(first.impact.time_tai_ns, abs=5 * SECOND_NS)
    old = assessed(track, state=copied, now_tai_ns=START + 200 * SECOND_NS)
    assert old.impact is not None
    state.forget(["track-1"])
    assert not state.memories


def test_every_number_says_when_its_evidence_was_seen() -> None:
    track = watched(120.0)
    found = assessed(track, now_tai_ns=track.latest.tai_ns + 30 * SECOND_NS)
    assert found.launch is not None
    assert found.impact is not None
    assert found.launch.last_evidence_tai_ns == max(k.seen_tai_ns for k in track.launch_looks)
    assert found.launch.last_evidence_tai_ns < track.last_seen_tai_ns
    assert found.impact.last_evidence_tai_ns == track.last_seen_tai_ns
    assert found.class_evidence_tai_ns == track.last_seen_tai_ns
    assert sum(found.hypotheses.values()) == pytest.approx(1.0)
    assert sum(found.object_kinds.values()) == pytest.approx(1.0)


def test_models_that_fall_are_assessed_alike_and_a_glide_is_not() -> None:
    """Free fall and re-entry that know the same say the same; a glide widens the region."""
    known = over_the_sea(1e-6)

    def weighed(*weights: float) -> Assessment:
        return assessed(bare_track(replace(known, weights=np.array(weights))))

    plain, same = weighed(1e-6, 1.0, 0.0, 0.0), weighed(1e-6, 0.0, 1.0, 0.0)
    assert same.impact is not None
    assert plain.impact is not None
    assert same.impact.region.latitude_rad == pytest.approx(
        plain.impact.region.latitude_rad, abs=1e-4
    )
    gliding = weighed(1e-6, 0.05, 0.05, 0.9)
    assert gliding.impact is not None
    assert gliding.impact.manoeuvre_probability > 0.8
    assert gliding.hypotheses["glider"] > 3.0 * plain.hypotheses["glider"]
    ours, theirs = (np.trace(a.impact.region.covariance_m2) for a in (gliding, plain))
    assert ours > 4.0 * theirs


def test_a_failed_descent_keeps_the_energy_it_had_in_space() -> None:
    """Slowed by the air it is no lesser class: what was seen above is remembered."""
    state, track = AssessorState(), bare_track(over_the_sea(1e-6), track_id="track-1")
    above = assessed(track, state=state)
    low = posterior_at(
        41.0, 140.0, 30e3, azimuth_deg=72.0, climb_deg=-40.0, speed_m_s=1_200.0, boosting=1e-6
    )
    track.latest, track.count = low, 2
    below = assessed(track, state=state)
    alone = assessed(bare_track(low, track_id="track-2"))
    for name in ("medium_range", "intermediate_range"):
        assert below.hypotheses[name] > 0.3 * above.hypotheses[name]
    assert alone.hypotheses["intercontinental"] > 0.01  # nothing is known of its first energy
