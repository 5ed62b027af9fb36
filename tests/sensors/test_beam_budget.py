"""The beam budget: published figures close, tighter plans are refused, and nobody starves."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forewarn.sensors.beam_budget import (
    BeamBudgetError,
    Budget,
    DwellRequest,
    FencePlan,
    allocate_dwells,
    close_budget,
    listening_s,
)

FENCE = FencePlan(
    name="fence",
    azimuth_width_rad=math.radians(240.0),
    row_elevations_rad=(math.radians(3.0),),
    beam_spacing_rad=math.radians(2.0),
    transmit_s=2e-3,
    listen_s=38e-3,
    revisit_s=2.5,
)
FRAME = Budget(frame_s=2.0, search_s=1.5, search_transmit_s=0.1, free_s=0.5, free_transmit_s=0.4)


def ask(
    name: str, priority: float = 0.0, due_s: float = 0.0, dwell_s: float = 0.1, sent_s: float = 0.0
) -> DwellRequest:
    """A request with the figures that a test is about."""
    return DwellRequest(
        request_id=name, priority=priority, due_s=due_s, dwell_s=dwell_s, transmit_s=sent_s
    )


def made(*requests: DwellRequest, budget: Budget = FRAME, patience_s: float = 10.0) -> list[str]:
    """Ids of the looks made in the frame from 0 s."""
    dwells = allocate_dwells(requests, budget, start_s=0.0, patience_s=patience_s)
    return [name for name, _ in dwells.made]


def test_a_lighter_fence_leaves_time_for_tracks() -> None:
    """40 ms instead of 41.67 leave 60 x 1.67 ms a face, and the duty cycle its share."""
    budget = close_budget([FENCE], faces=2)
    assert budget.free_s == pytest.approx(0.1)
    assert budget.search_fraction == pytest.approx(0.96)
    assert budget.duty_fraction == pytest.approx(60 * 2e-3 / 2.5)
    assert budget.free_transmit_s == pytest.approx(0.25 * 2.5 - 60 * 2e-3)


def test_one_face_cannot_do_the_work_of_two() -> None:
    """120 beams of 40 ms are 4.8 s: 2.3 s short."""
    with pytest.raises(BeamBudgetError, match=r"2300\.0 ms too long") as refusal:
        close_budget([FENCE])
    assert refusal.value.shortfall_s == pytest.approx(2.3)


def test_searches_add_up_over_the_longest_revisit() -> None:
    """A fence every 1 s and a volume every 4 s share a frame of 4 s."""
    fence = replace(FENCE, azimuth_width_rad=math.radians(20.0), revisit_s=1.0)
    rows = tuple(math.radians(e) for e in (3.0, 5.0, 60.0))
    volume = replace(fence, row_elevations_rad=rows, revisit_s=4.0)
    assert (fence.beams, volume.beams) == (10, 10 + 10 + 5)  # a row at 60 degrees is half as long
    budget = close_budget([fence, volume])
    assert budget.frame_s == 4.0
    assert budget.search_s == pytest.approx(4 * 10 * 40e-3 + 25 * 40e-3)
    assert budget.search_s + budget.free_s == pytest.approx(4.0)
    with pytest.raises(BeamBudgetError):
        close_budget([fence, volume, replace(volume, revisit_s=1.0, name="more")])


def test_faces_share_beams_and_an_odd_one_costs_a_whole_beam() -> None:
    """121 beams on two faces are 61 on the busier one."""
    wider = replace(FENCE, azimuth_width_rad=math.radians(241.5))
    assert wider.beams == 121
    assert close_budget([wider], faces=2).search_s == pytest.approx(61 * 40e-3)


def test_the_duty_limit_is_held() -> None:
    """16 ms pulses at short range would fit in time, not in power."""
    hot = replace(FENCE, transmit_s=16e-3, listen_s=10e-3)
    with pytest.raises(BeamBudgetError, match=r"38\.4%, and duty_limit = 25\.0%") as refusal:
        close_budget([hot], faces=2)
    assert refusal.value.shortfall_s == pytest.approx(60 * 16e-3 - 0.25 * 2.5)
    assert close_budget([hot], faces=2, duty_limit=0.5).free_transmit_s == pytest.approx(0.29)


def test_range_and_listening_are_one() -> None:
    """The range of a plan is the range whose echo its listening just catches."""
    assert listening_s(FENCE.range_max_m) == pytest.approx(FENCE.listen_s)


@pytest.mark.parametrize(
    ("change", "lesson"),
    [
        ({"revisit_s": 0.0}, "plan 'fence': revisit_s = 0 must be more than 0"),
        ({"beam_spacing_rad": math.nan}, "beam_spacing_rad = nan"),
        ({"row_elevations_rad": ()}, "row_elevations_rad is empty"),
    ],
)
def test_figures_that_cannot_be(change: dict[str, Any], lesson: str) -> None:
    """Named with plan, field, value and bound."""
    with pytest.raises(ValueError, match=lesson):
        close_budget([replace(FENCE, **change)])


def test_a_budget_needs_plans_faces_and_a_limit() -> None:
    """Each has its lesson."""
    with pytest.raises(ValueError, match="plans is empty"):
        close_budget([])
    with pytest.raises(ValueError, match="faces = 0"):
        close_budget([FENCE], faces=0)
    with pytest.raises(ValueError, match=r"duty_limit = 1\.5"):
        close_budget([FENCE], faces=2, duty_limit=1.5)


def test_priority_goes_first_and_equals_go_by_due_time_then_id() -> None:
    """Five looks of 0.1 s fit; the sixth waits."""
    requests = (
        ask("f"),
        ask("e", due_s=-1.0),
        ask("d", 2.0),
        ask("c"),
        ask("b", 1.0),
        ask("a", 1.0),
    )
    assert made(*requests) == ["d", "a", "b", "e", "c"]
    assert made(*requests, patience_s=0.1) == ["e", "d", "a", "b", "c"]  # waiting counts for more


def test_looks_lie_evenly_in_the_frame() -> None:
    """A quarter of the time is free, so looks of 0.1 s start 0.4 s apart."""
    requests = [ask(name) for name in "abc"]
    dwells = allocate_dwells(requests, FRAME, start_s=7.0, patience_s=1.0)
    assert dwells.made == (
        ("a", pytest.approx(7.0)),
        ("b", pytest.approx(7.4)),
        ("c", pytest.approx(7.8)),
    )


def test_time_in_which_nothing_is_due_is_lost() -> None:
    """A look due after three quarters of the frame leaves no room for two."""
    dwells = allocate_dwells(
        [ask("a", due_s=1.5), ask("b", due_s=1.5), ask("c", due_s=2.5)],
        FRAME,
        start_s=0.0,
        patience_s=1.0,
    )
    assert dwells.made == (("a", pytest.approx(1.5)),)
    assert dwells.waiting == ("b", "c")


def test_energy_limits_looks_as_time_does() -> None:
    """Two looks that send 0.15 s each fit into 0.4 s, a third does not, a short one passes it."""
    requests = [ask(name, sent_s=0.15) for name in "abc"]
    assert made(*requests, ask("d", -1.0, sent_s=0.05)) == ["a", "b", "d"]


def test_a_look_that_never_fits_is_refused() -> None:
    """It would wait for ever; the lesson gives both figures."""
    with pytest.raises(BeamBudgetError, match=r"dwell_s = 600\.00 ms, and a frame has 500\.00"):
        made(ask("a", dwell_s=0.6))
    with pytest.raises(BeamBudgetError, match="transmit_s") as refusal:
        made(ask("a", sent_s=0.5))
    assert refusal.value.shortfall_s == pytest.approx(0.1)
    with pytest.raises(ValueError, match="must be more than 0"):
        made(ask("a", dwell_s=0.0))
    with pytest.raises(ValueError, match="patience_s = 0"):
        made(ask("a"), patience_s=0.0)


def test_a_search_that_takes_all_leaves_no_look() -> None:
    """No free time: nothing to look at is fine, and any look is refused."""
    full = replace(FRAME, search_s=2.0, free_s=0.0)
    assert made(budget=full) == []
    with pytest.raises(BeamBudgetError):
        made(ask("a"), budget=full)


REQUESTS = st.lists(
    st.builds(
        ask,
        st.uuids().map(str),
        st.integers(0, 3).map(float),
        st.floats(-5.0, 3.0),
        st.floats(0.001, 0.4),
        st.floats(0.0, 0.3),
    ),
    max_size=12,
    unique_by=lambda r: r.request_id,
)


@given(REQUESTS, st.randoms(use_true_random=False))
def test_what_always_holds(requests: list[DwellRequest], random: Random) -> None:
    """All accounted for, none early, none outside the frame, no overlap, no limit passed."""
    dwells = allocate_dwells(requests, FRAME, start_s=0.0, patience_s=1.0)
    by_id = {r.request_id: r for r in requests}
    served = [by_id[name] for name, _ in dwells.made]
    assert sorted([*(r.request_id for r in served), *dwells.waiting]) == sorted(by_id)
    assert sum(r.dwell_s for r in served) <= FRAME.free_s + 1e-6
    assert sum(r.transmit_s for r in served) <= FRAME.free_transmit_s + 1e-6
    end_s = 0.0
    for request, (_, start_s) in zip(served, dwells.made, strict=True):
        assert max(request.due_s, end_s) - 1e-9 <= start_s
        end_s = start_s + request.dwell_s
        assert end_s <= FRAME.frame_s + 1e-6
    shuffled = random.sample(requests, len(requests))
    assert allocate_dwells(shuffled, FRAME, start_s=0.0, patience_s=1.0) == dwells


@given(REQUESTS)
def test_the_most_urgent_is_never_passed_over(requests: list[DwellRequest]) -> None:
    """Of those due at the start, the first by due time and priority is always looked at."""
    due = [r for r in requests if r.due_s <= 0.0]
    if due:
        first = min(due, key=lambda r: (r.due_s - r.priority, r.request_id))
        assert made(*requests, patience_s=1.0)[0] == first.request_id


@given(st.integers(0, 8), st.integers(1, 5))
def test_nobody_starves(rank: int, patience_frames: int) -> None:
    """A low look is made in time, though a crowd of higher ones asks for all the time, for ever.

    It waits for ``rank`` times the patience, until none of later due time can overtake it, and
    then for the looks that were before it: fewer than two frames.
    """
    patience_s = patience_frames * FRAME.frame_s
    waiting = [ask("low", dwell_s=0.4)]
    for frame in range(rank * patience_frames + 3):
        start_s = frame * FRAME.frame_s
        crowd = [ask(f"{frame}-{i}", float(rank), start_s, 0.25) for i in range(2)]
        dwells = allocate_dwells(waiting + crowd, FRAME, start_s=start_s, patience_s=patience_s)
        if "low" in {name for name, _ in dwells.made}:
            return
        waiting = [r for r in waiting + crowd if r.request_id in dwells.waiting]
    raise AssertionError(f"still waiting after {rank * patience_frames + 3} frames")
