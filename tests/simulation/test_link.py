"""Links: what is delayed, lost, garbled, repeated and overtaken, against the laws stated."""

from __future__ import annotations

import math
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from scipy import stats

from forewarn.epoch import SECOND_NS
from forewarn.records import Cone, Realm, Scan, Unreadable
from forewarn.simulation.faults import Gaps, LinkFault, Target
from forewarn.simulation.link import Message, carry, gap_edges_tai_ns, jitter_draws, numbered
from forewarn.simulation.streams import stream

COUNT = 20_000
START = 1_500_000_000 * SECOND_NS
SPAN = (START, START + COUNT * SECOND_NS)
SENT = START + np.arange(1, COUNT + 1) * SECOND_NS
PATH = Target("communications", "path")
SCANS: list[Message] = list(
    numbered(
        [
            Scan(
                scan_id="",
                realm=Realm.SIMULATION,
                sensor_id="S",
                sequence=0,
                start_tai_ns=end - SECOND_NS,
                end_tai_ns=end,
                received_tai_ns=end + SECOND_NS // 2,
                volume=Cone(axis_gcrf=(1.0, 0.0, 0.0), half_angle_rad=0.1),
                sensitivity=1e-12,
                measurements=(),
                position_gcrf_m=(4.2e7, 0.0, 0.0),
                velocity_gcrf_m_s=(0.0, 3e3, 0.0),
            )
            for end in SENT.tolist()
        ]
    )
)


def arrived(fault: LinkFault, *, seed: int = 1, sensor_id: str = "S") -> list[Message]:
    """What comes through, in order of sending."""
    return carry(
        SCANS,
        SENT,
        [(fault, ("fault", "link", fault.target.kind, fault.target.name, "1"))],
        seed=seed,
        span_tai_ns=SPAN,
        sensor_id=sensor_id,
    )


def delays_s(messages: list[Message]) -> np.ndarray:
    """Delay of each beyond the sensor's own half second."""
    return np.array([m.received_tai_ns - m.end_tai_ns for m in messages]) / SECOND_NS - 0.5


def sequences(messages: list[Message]) -> list[int]:
    """Which scans they are."""
    return [m.sequence for m in messages if isinstance(m, Scan)]


def test_a_link_without_fault_changes_nothing() -> None:
    """To the bit, and the same objects."""
    assert all(a is b for a, b in zip(arrived(LinkFault(target=PATH)), SCANS, strict=True))


def test_a_fixed_latency_is_that() -> None:
    """Every message, by the nanosecond."""
    late = arrived(LinkFault(target=PATH, latency_s=1.25))
    assert {m.received_tai_ns - m.end_tai_ns for m in late} == {1_750_000_000}


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        ("exponential", stats.expon(scale=2.0)),
        ("uniform", stats.uniform(0.0, 4.0)),
        ("heavy_tailed", stats.lomax(2.5, scale=3.0)),
    ],
)
def test_jitter_follows_its_law(law: str, expected: stats.rv_continuous) -> None:
    """Kolmogorov and Smirnov against scipy's laws of mean two."""
    assert expected.mean() == pytest.approx(2.0)
    found = delays_s(arrived(LinkFault(target=PATH, jitter_s=2.0, jitter_law=law)))
    assert stats.kstest(found, expected.cdf).pvalue > 1e-3


def test_the_heavy_tail_has_five_times_the_variance_of_its_mean_squared() -> None:
    """As documented: that of a Lomax law of index 2.5; scipy says the same."""
    assert stats.lomax(2.5, scale=1.5).var() == pytest.approx(5.0)
    draws = jitter_draws("heavy_tailed", stream(1, "tail"), 200_000)
    assert np.mean(draws) == pytest.approx(1.0, rel=0.03)
    rare = stats.lomax(2.5, scale=1.5).ppf(0.99)
    assert np.quantile(draws, 0.99) == pytest.approx(rare, rel=0.05)


def test_losses_are_as_many_as_stated_and_leave_gaps_in_the_count() -> None:
    """A binomial share, and what is left keeps its numbers and ids."""
    left = arrived(LinkFault(target=PATH, loss_fraction=0.1))
    lost = COUNT - len(left)
    assert stats.binomtest(lost, COUNT, 0.1).pvalue > 1e-3
    assert set(left) <= set(SCANS)
    # After each that arrives, exactly one is lost with probability 0.1 x 0.9.
    single_gaps = int(np.sum(np.diff(sequences(left)) == 2))
    assert stats.binomtest(single_gaps, len(left), 0.09).pvalue > 1e-3


def test_gaps_follow_gilbert_and_elliott() -> None:
    """Share of time, and lengths of good and bad stays, as the two-state chain has them."""
    gaps = Gaps(good_mean_s=30.0, bad_mean_s=6.0)
    first, edges = gap_edges_tai_ns(gaps, stream(3, "gaps"), (START, START + 10**6 * SECOND_NS))
    stays_s = np.diff(edges) / SECOND_NS
    bad, good = (stays_s[1 - first :: 2], stays_s[first::2])
    # After the first turn the state is the other one.
    assert stats.kstest(bad if not first else good, stats.expon(scale=30.0).cdf).pvalue > 1e-3
    assert stats.kstest(good if not first else bad, stats.expon(scale=6.0).cdf).pvalue > 1e-3


def test_messages_are_lost_in_bursts() -> None:
    """One in six is lost; after a loss the next is lost with exp(-1/6 - 1/30) and more.

    For a two-state chain of rates a = 1/30 and b = 1/6, P(bad in 1 s | bad) =
    p + (1 - p) exp(-(a + b)), p = a / (a + b) (Gilbert 1960 in continuous time).
    """
    left = sequences(arrived(LinkFault(target=PATH, gaps=Gaps(good_mean_s=30.0, bad_mean_s=6.0))))
    lost = np.ones(COUNT, dtype=bool)
    lost[np.array(left) - 1] = False
    share = 1.0 / 6.0
    correlation = math.exp(-(1.0 / 30.0 + 1.0 / 6.0))
    # Correlated draws: the mean's sigma is that of COUNT (1 - c) / (1 + c) independent ones.
    sigma = math.sqrt(share * (1 - share) / (COUNT * (1 - correlation) / (1 + correlation)))
    assert np.mean(lost) == pytest.approx(share, abs=4.0 * sigma)
    again = np.mean(lost[1:][lost[:-1]])
    assert again == pytest.approx(share + (1 - share) * correlation, abs=0.03)


def test_a_gap_may_let_some_through_and_good_times_may_lose() -> None:
    """Elliott's general case: the long-run loss is the mean of both states' losses."""
    gaps = Gaps(good_mean_s=10.0, bad_mean_s=10.0, loss_fraction=0.5)
    left = arrived(LinkFault(target=PATH, loss_fraction=0.1, gaps=gaps))
    assert 1.0 - len(left) / COUNT == pytest.approx(0.3, abs=0.03)


def test_a_run_begins_in_the_long_run_state() -> None:
    """Over many seeds, one start in four is bad when a quarter of the time is."""
    gaps = Gaps(good_mean_s=30.0, bad_mean_s=10.0)
    firsts = [gap_edges_tai_ns(gaps, stream(seed, "g"), SPAN)[0] for seed in range(400)]
    assert stats.binomtest(sum(firsts), 400, 0.25).pvalue > 1e-3


def test_all_on_a_path_see_the_same_gaps_and_no_others_losses() -> None:
    """Gaps are the path's, other draws the sensor's own, and another path has other gaps."""
    gaps = LinkFault(target=PATH, gaps=Gaps(good_mean_s=30.0, bad_mean_s=6.0))
    assert sequences(arrived(gaps, sensor_id="A")) == sequences(arrived(gaps, sensor_id="B"))
    elsewhere = msgspec.structs.replace(gaps, target=Target("communications", "other"))
    assert sequences(arrived(gaps)) != sequences(arrived(elsewhere))
    losses = LinkFault(target=PATH, loss_fraction=0.1)
    assert sequences(arrived(losses, sensor_id="A")) != sequences(arrived(losses, sensor_id="B"))


def test_a_duplicate_is_the_same_record_later() -> None:
    """Same ids and numbers, received as much later as stated, as often as stated."""
    fault = LinkFault(target=PATH, duplicate_fraction=0.2, duplicate_delay_s=3.0)
    twice = arrived(fault)
    assert stats.binomtest(len(twice) - COUNT, COUNT, 0.2).pvalue > 1e-3
    for first, second in pairwise(twice):
        if first.scan_id == second.scan_id:
            later = first.received_tai_ns + 3 * SECOND_NS
            assert second == msgspec.structs.replace(first, received_tai_ns=later)


def test_the_held_are_overtaken() -> None:
    """One in ten comes ten seconds late, behind the nine sent after it."""
    held = arrived(LinkFault(target=PATH, held_fraction=0.1, held_s=9.5))
    late = delays_s(held) > 9.0
    assert stats.binomtest(int(late.sum()), COUNT, 0.1).pvalue > 1e-3
    order = sorted(held, key=lambda m: m.received_tai_ns)
    assert sequences(order) != sequences(held)
    assert sorted(sequences(order)) == sequences(held)


def test_what_is_garbled_cannot_be_read() -> None:
    """It comes in time, as an event that names no sensor, since nothing in it can be trusted."""
    found = arrived(LinkFault(target=PATH, garbled_fraction=0.1, latency_s=1.0))
    garbled = [m for m in found if isinstance(m, Unreadable)]
    assert stats.binomtest(len(garbled), COUNT, 0.1).pvalue > 1e-3
    assert {m.sensor_id for m in garbled} == {None}
    assert {m.place for m in garbled} == {"communications path"}
    assert len({m.unreadable_id for m in garbled}) == len(garbled)
    one = next(i for i, m in enumerate(found) if isinstance(m, Unreadable))
    assert found[one].received_tai_ns == SCANS[one].received_tai_ns + SECOND_NS


def test_when_a_fault_is_moves_no_draw_of_what_it_strikes() -> None:
    """Struck for half the time, a link loses in that half what it lost when always struck."""
    always = LinkFault(
        target=PATH, jitter_s=1.0, loss_fraction=0.2, gaps=Gaps(good_mean_s=9.0, bad_mean_s=3.0)
    )
    middle = SPAN[0] + COUNT // 2 * SECOND_NS
    half = msgspec.structs.replace(always, from_tai_ns=middle)
    late = [m for m in arrived(half) if m.end_tai_ns >= middle]
    assert late == [m for m in arrived(always) if m.end_tai_ns >= middle]
    assert [m for m in arrived(half) if m.end_tai_ns < middle] == SCANS[: COUNT // 2 - 1]


def test_two_faults_on_one_path_lose_independently() -> None:
    """Ten per cent and twenty per cent together are 28 per cent."""
    first, second = (LinkFault(target=PATH, loss_fraction=p) for p in (0.1, 0.2))
    faults = [(first, ("fault", "1")), (second, ("fault", "2"))]
    left = carry(SCANS, SENT, faults, seed=1, span_tai_ns=SPAN, sensor_id="S")
    assert stats.binomtest(COUNT - len(left), COUNT, 0.28).pvalue > 1e-3


def test_a_path_that_is_gone_says_nothing() -> None:
    """MS-4: a warning path can fail without a word; nothing arrives, nothing is made up."""
    assert arrived(LinkFault(target=PATH, loss_fraction=1.0)) == []


def test_out_of_a_messy_link_comes_what_went_in() -> None:
    """Late by up to a minute, doubled, overtaken, but none lost: sorted, it is what was sent."""
    fault = LinkFault(
        target=PATH,
        latency_s=1.0,
        jitter_s=15.0,
        jitter_law="uniform",
        duplicate_fraction=0.3,
        duplicate_delay_s=7.0,
        held_fraction=0.2,
        held_s=20.0,
    )
    found = sorted(arrived(fault), key=lambda m: m.received_tai_ns)
    assert len(found) > COUNT
    assert max(delays_s(found)) < 60.0
    first: dict[int, Scan] = {}
    for message in found:
        first.setdefault(message.sequence, message)
    sent = [
        msgspec.structs.replace(first[number], received_tai_ns=SCANS[number - 1].received_tai_ns)
        for number in sorted(first)
    ]
    assert sent == SCANS
