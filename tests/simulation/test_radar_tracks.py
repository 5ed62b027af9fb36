"""Who gets the free dwells of a radar: the rule of `radar_tracks`, case by case."""

from __future__ import annotations

from collections import Counter

import msgspec
import numpy as np
import pytest

from forewarn.epoch import SECOND_NS
from forewarn.records import Scan
from forewarn.sensors.search_budget import free_looks_per_s, track_look_s
from forewarn.simulation.radar_sky import RadarSky
from forewarn.simulation.radar_tracks import Due, Found, FreeLooks, follow, left_over
from tests.simulation.scenes import LAUNCH, START
from tests.simulation.skies import LARGE, is_fence, scans_in, world

DWELL_NS = SECOND_NS // 25


class Followed:
    """An object whose looks are due every second, and what became of them."""

    def __init__(self, *, seconds: int = 60, missed_from: int = 10**6, face: int = 0) -> None:
        self.seconds, self.missed_from, self.face = seconds, missed_from, face
        self.tracks: list[list[int]] = []

    def found(self, number: int, second: int) -> Found:
        """Found at a second; its looks are made at whole seconds after it."""
        return Found(found_tai_ns=second * SECOND_NS, number=number, due=self.due, made=self.made)

    def due(self, found_tai_ns: int) -> Due:
        """One look a second until its end."""
        seconds = np.arange(found_tai_ns // SECOND_NS + 1, self.seconds)
        return Due(
            seen_tai_ns=seconds * SECOND_NS,
            face=np.full(len(seconds), self.face),
            detected=seconds < self.missed_from,
        )

    def made(self, due: Due, which: list[int]) -> None:
        """Keep the seconds of the looks."""
        self.tracks.append((due.seen_tai_ns[which] // SECOND_NS).tolist())


def share(looks_per_s: float | None, *objects: tuple[Followed, int]) -> dict[tuple[int, int], int]:
    """Follow objects, each found at a second, with so many looks a second."""
    free = FreeLooks(
        start_tai_ns=0, step_ns=SECOND_NS, period_ns=SECOND_NS, looks_per_s=looks_per_s
    )
    found = [each.found(number, second) for number, (each, second) in enumerate(objects)]
    return follow(found, free, dwell_ns=DWELL_NS)


def test_with_time_enough_everything_gets_every_look() -> None:
    """Without a limit, and with one that is never reached."""
    for limit in (None, 2.0):
        a, b = Followed(), Followed()
        share(limit, (a, 0), (b, 7))
        assert a.tracks == [list(range(1, 60))]
        assert b.tracks == [list(range(8, 60))]


def test_a_limit_is_kept_and_shared_evenly() -> None:
    """Three objects and one look a second: each gets a third, in turn."""
    objects = [Followed() for _ in range(3)]
    used = share(1.0, *((each, 0) for each in objects))
    assert set(used.values()) == {1}
    looks = sorted(second for each in objects for track in each.tracks for second in track)
    assert looks == list(range(1, 60))
    counts = [len(each.tracks[0]) for each in objects]
    assert max(counts) - min(counts) <= 1


def test_a_fraction_of_a_look_adds_up() -> None:
    """0.4 looks a second are two in five seconds."""
    each = Followed()
    share(0.4, (each, 0))
    assert len(each.tracks[0]) == pytest.approx(0.4 * 59, abs=1)


def test_time_can_be_moved_within_a_period_but_not_beyond() -> None:
    """Three looks in three seconds may all be in the last, but what was not used is lost."""
    each = [Followed() for _ in range(4)]
    free = FreeLooks(0, SECOND_NS, 3 * SECOND_NS, 1.0)
    found = [one.found(number, 1) for number, one in enumerate(each)]
    used = follow(found, free, dwell_ns=DWELL_NS)
    assert set(used.values()) == {3}
    assert [one.tracks[0][0] for one in each] == [2, 2, 2, 3]


def test_a_new_object_goes_before_an_old_one() -> None:
    """It gets the first three looks after it is found; then both take turns."""
    old, new = Followed(), Followed()
    share(1.0, (old, 0), (new, 20))
    assert new.tracks[0][:3] == [21, 22, 23]
    assert set(old.tracks[0]).isdisjoint(range(21, 24))
    assert 24 in old.tracks[0]


def test_faces_do_not_lend_each_other_time() -> None:
    """Two objects on two faces are both looked at every second with one look a face."""
    a, b = Followed(face=0), Followed(face=1)
    share(1.0, (a, 0), (b, 0))
    assert a.tracks == b.tracks == [list(range(1, 60))]


def test_five_misses_end_a_track_and_refusals_are_no_misses() -> None:
    """The track is gone five looks after the echoes; waiting in between does not count."""
    gone = Followed(missed_from=10)
    share(None, (gone, 0))
    assert gone.tracks == [list(range(1, 15))]
    waiting, other = Followed(missed_from=10), Followed()
    share(1.0, (waiting, 0), (other, 0))
    assert sum(second >= 10 for second in waiting.tracks[0]) == 5
    assert waiting.tracks[0][-1] > 17


def test_without_any_look_a_track_is_given_up() -> None:
    """Fifteen refusals end it, and the search may find it again."""
    each = Followed()
    free = FreeLooks(start_tai_ns=0, step_ns=SECOND_NS, period_ns=SECOND_NS, looks_per_s=0.0)
    follow([each.found(0, second) for second in (0, 10, 30)], free, dwell_ns=DWELL_NS)
    assert each.tracks == [[], []]


def test_what_is_followed_is_not_found_again() -> None:
    """A discovery during a track begins no second one; one after it does."""
    for limit in (None, 3.0):
        each = Followed(missed_from=10)
        free = FreeLooks(start_tai_ns=0, step_ns=SECOND_NS, period_ns=SECOND_NS, looks_per_s=limit)
        follow([each.found(0, second) for second in (0, 5, 14, 20)], free, dwell_ns=DWELL_NS)
        assert [track[0] for track in each.tracks] == [1, 21]


def test_known_satellites_take_what_is_left() -> None:
    """Per period and face, first looks before later ones, then by time and number."""
    free = FreeLooks(start_tai_ns=0, step_ns=SECOND_NS, period_ns=SECOND_NS, looks_per_s=2.0)
    seen = np.array([0.1, 0.2, 0.3, 0.4, 1.1, 1.2, 0.5]) * SECOND_NS
    due = Due(
        seen_tai_ns=seen.astype(np.int64),
        face=np.array([0, 0, 0, 1, 0, 0, 0]),
        detected=np.ones(7, dtype=np.bool_),
    )
    number = np.array([[7, 1], [5, 0], [6, 0], [5, 2], [8, 0], [9, 0], [4, 0]])
    assert left_over(due, number, free, {}).tolist() == [
        False, True, True, True, True, True, False,
    ]  # fmt: skip
    taken = left_over(due, number, free, {(0, 0): 1, (1, 0): 2})
    assert taken.tolist() == [False, True, False, True, False, False, False]
    unlimited = FreeLooks(start_tai_ns=0, step_ns=SECOND_NS, period_ns=SECOND_NS, looks_per_s=None)
    assert left_over(due, number, unlimited, {}).all()


def track_looks(scans: list[Scan]) -> list[Scan]:
    """All looks that are not sweeps."""
    return [scan for scan in scans if not is_fence(scan)]


def test_a_radar_never_looks_more_often_than_its_plan_leaves_time_for() -> None:
    """Under a full sky: no more looks than free dwells, on both faces together, at any time."""
    plan = msgspec.structs.replace(LARGE.beam_plan, listen_s=46.4e-3)
    busy = msgspec.structs.replace(LARGE, beam_plan=plan)
    free = free_looks_per_s(busy)
    # 3 s less 60 dwells of 49.4 ms leave 36 ms, 0.73 dwells in 3 s.
    assert free == pytest.approx(0.036 / 0.0494 / 3.0)
    looks = track_looks(scans_in(world(busy, sky=RadarSky(notional_objects_count=8_000))))
    middles = [(s.start_tai_ns + s.end_tai_ns) // 2 for s in looks]
    seconds = Counter((middle - START) // SECOND_NS for middle in middles)
    periods = Counter((middle - START) // (3 * SECOND_NS) for middle in middles)
    assert max(periods.values()) <= 2
    assert 0.5 * 2 * free * 240 < sum(seconds.values()) <= 2 * free * 240
    assert {s.end_tai_ns - s.start_tai_ns for s in looks} == {round(track_look_s(busy) * SECOND_NS)}


def test_energy_limits_looks_as_time_does() -> None:
    """A plan at its duty limit leaves no looks, however much time is free."""
    plan = msgspec.structs.replace(LARGE.beam_plan, duty_limit_fraction=0.06)
    tired = msgspec.structs.replace(LARGE, beam_plan=plan)
    assert free_looks_per_s(tired) == pytest.approx(0.0, abs=1e-9)
    scans = scans_in(world(tired))
    assert any(scan.measurements for scan in scans)
    assert track_looks(scans) == []


def test_another_launch_changes_the_tracks_but_not_the_fence() -> None:
    """Physics: with few dwells, one object's looks are another's loss; what is found stays."""
    plan = msgspec.structs.replace(LARGE.beam_plan, listen_s=46e-3)  # 0.7 looks a second
    busy = msgspec.structs.replace(LARGE, beam_plan=plan)
    others = tuple(
        msgspec.structs.replace(LAUNCH, launch_id=f"other {i}", azimuth_rad=1.0 + 0.1 * i)
        for i in range(3)
    )
    alone = scans_in(world(busy))
    crowded = scans_in(world(busy, launches=(*others, LAUNCH)))
    reported = [
        {(m.seen_tai_ns, m.snr) for s in scans if is_fence(s) for m in s.measurements}
        for scans in (alone, crowded)
    ]
    assert reported[0] < reported[1]
    looks = [
        {(m.seen_tai_ns, m.snr) for s in track_looks(scans) for m in s.measurements}
        for scans in (alone, crowded)
    ]
    assert not looks[0] <= looks[1]
