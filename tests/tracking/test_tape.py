"""The tape: whatever the order of arrival, the state is that of sorted scans."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forewarn.epoch import SECOND_NS
from forewarn.tracking import tape as module
from forewarn.tracking.tape import Key, Tape

REACH_S = 70.0


@dataclass
class Chain:
    """A state that remembers the order of everything: each step mixes its number into a sum."""

    value: int = 1
    steps: int = 0

    def copy(self) -> Chain:
        return Chain(self.value, self.steps)


WORK = {"steps": 0}


def mix(state: Chain, number: int) -> None:
    state.value = (state.value * 6364136223846793005 + number + 1) % 2**64
    state.steps += 1
    WORK["steps"] += 1


def key_of(number: int, spacing_ns: int) -> Key:
    return (number * spacing_ns, f"sensor-{number % 3}", number)


def run(order: list[int], spacing_ns: int) -> tuple[Chain, Tape[Chain, int]]:
    state = Chain()
    tape: Tape[Chain, int] = Tape.beginning(state, REACH_S)
    for number in order:
        state = tape.take(state, key_of(number, spacing_ns), number, mix)
    return state, tape


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[list[int], int]:
    """Numbers 0..n-1 in an order in which none is later than 60 s after its time."""
    spacing_ns = draw(st.sampled_from([SECOND_NS // 5, SECOND_NS, 7 * SECOND_NS]))
    count = draw(st.integers(1, 120))
    delays = draw(st.lists(st.integers(0, 60), min_size=count, max_size=count))
    arrivals = [(i * spacing_ns + d * SECOND_NS, i) for i, d in enumerate(delays)]
    return [i for _, i in sorted(arrivals)], spacing_ns


@given(shuffled())
def test_any_order_within_a_minute_gives_the_sorted_state(case: tuple[list[int], int]) -> None:
    order, spacing_ns = case
    assert run(order, spacing_ns)[0] == run(sorted(order), spacing_ns)[0]


def test_lateness_costs_no_more_than_twice_itself() -> None:
    spacing_ns = SECOND_NS // 4
    for late_s in (0.5, 2.0, 8.0, 30.0, 60.0):
        state, tape = run(list(range(400)), spacing_ns)
        WORK["steps"] = 0
        at_ns = 399 * spacing_ns - round(late_s * SECOND_NS) + 1
        tape.take(state, (at_ns, "late", 0), 999, mix)
        assert WORK["steps"] <= 4 * (2.0 * late_s + 2.5)


def test_marks_are_few_and_scans_are_forgotten() -> None:
    """Sixty seconds need a handful of copies, and nothing older than the reach is kept for long."""
    _, tape = run(list(range(2_000)), SECOND_NS // 4)
    assert len(tape.marks) <= 12
    oldest_s = (tape.entries[-1][0][0] - tape.entries[0][0][0]) / SECOND_NS
    assert REACH_S - 1.0 <= oldest_s <= 2.5 * REACH_S
    assert tape.holds(key_of(1_999 - 4 * 60, SECOND_NS // 4))
    assert not tape.holds(key_of(0, SECOND_NS // 4))


def test_a_flood_of_scans_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many scans come in a minute, the tape holds about so many, and no scan is lost."""
    monkeypatch.setattr(module, "MOST_ENTRIES", 64)
    state, tape = run(list(range(3_000)), SECOND_NS // 40)
    assert len(tape.entries) <= 64 + 40
    assert state.steps == 3_000


def test_a_copy_goes_its_own_way() -> None:
    state, tape = run(list(range(0, 100, 2)), SECOND_NS)
    other_state, other = state.copy(), tape.copy()
    state = tape.take(state, key_of(91, SECOND_NS), 91, mix)
    assert other_state == run(list(range(0, 100, 2)), SECOND_NS)[0]
    other_state = other.take(other_state, key_of(91, SECOND_NS), 91, mix)
    assert other_state == state
