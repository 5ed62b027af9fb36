"""The bank on small scenes with truth: complete, honest, repeatable, bounded, never raising."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.peers.ours import scene_plots, track
from benchmarks.peers.scenes import make_scene
from benchmarks.peers.score import score
from forewarn.epoch import SECOND_NS
from forewarn.kernels import bank as kernel
from forewarn.kernels.bank import Plots
from forewarn.tracking.bank import Bank, BankRules, BankState, Scanned
from forewarn.tracking.plots import first_of, radar_plots, sight_axes, sight_plots

Array = NDArray[np.float64]


@pytest.fixture(scope="module")
def spread() -> dict[str, Any]:
    """Twenty objects far from each other, with clutter and misses."""
    return make_scene("spread", 20, 11)


@pytest.fixture(scope="module")
def scans(spread: dict[str, Any]) -> list[Plots]:
    """Its scans."""
    return scene_plots(spread)


def stepped(scans: list[Plots], bank: Bank | None = None) -> tuple[BankState, list[Scanned]]:
    """The state after scans, and what became of each."""
    bank = bank or Bank()
    state = bank.initial_state()
    return state, [bank.scan(state, plots) for plots in scans]


def same(a: BankState, b: BankState) -> bool:
    """Whether two states are equal to the last bit."""
    rows = all(
        np.array_equal(x[: a.count], y[: b.count], equal_nan=True)
        for x, y in zip(a.rows, b.rows, strict=True)
    )
    memories = a.memories.keys() == b.memories.keys() and all(
        np.array_equal(x, y, equal_nan=True)
        for name, memory in a.memories.items()
        for x, y in zip(memory, b.memories[name], strict=True)
    )
    return rows and memories and (a.count, a.started, a.scans) == (b.count, b.started, b.scans)


def test_every_object_is_followed_under_one_number(spread: dict[str, Any]) -> None:
    """One confirmed number an object, no switch, hardly a miss, hardly a false track."""
    estimates, _ = track(spread)
    figures = score(spread["truth"], estimates)
    assert figures["n_confirmed_ids"] == figures["n_truth"] == 20
    assert figures["id_switches"] == 0
    assert figures["missed_frac"] < 0.02
    assert figures["false_frac"] < 0.02


def test_the_covariance_is_honest() -> None:
    """NEES of position over three degrees within 15 % of one: 4 scenes, about 4,000 estimates."""
    found = [track(make_scene("spread", 20, seed))[1]["nees"] for seed in range(4)]
    assert 0.85 < np.mean(found) < 1.15


def test_groups_help_and_do_not_coalesce() -> None:
    """Forty objects in groups of ten, 2 km wide: all kept, apart as they are, better by company."""
    scene = make_scene("tight", 40, 1)
    bank = Bank()
    state = bank.initial_state()
    by_company, alone = [], []
    for plots in scene_plots(scene):
        bank.scan(state, plots)
        means, covariances, group = bank.estimates(state, plots.middle_tai_ns)
        rows = state.confirmed()
        for found, x in ((by_company, means), (alone, state.means)):
            enu = (x[rows, :3] - scene["sensor_ecef"]) @ scene["R_enu"].T
            found.append((state.numbers[rows].tolist(), enu))
    ours, own = score(scene["truth"], by_company), score(scene["truth"], alone)
    assert ours["missed_frac"] < 0.02
    assert ours["loc_rms"] < 0.85 * own["loc_rms"]
    assert ours["id_switches"] < 0.7 * own["id_switches"]
    truth = scene["truth"][-1, :, :3]
    truth = truth[~np.isnan(truth[:, 0])]
    assert abs(len(rows) - len(truth)) <= 2
    apart = [
        np.sort(np.linalg.norm(points[:, None] - points[None], axis=2), axis=1)[:, 1]
        for points in (by_company[-1][1], truth)
    ]
    assert np.median(apart[0]) > 0.7 * np.median(apart[1])
    together = group > 0
    assert (np.unique(group[together], return_counts=True)[1] >= 3).all()
    assert together.sum() > 25
    width = np.trace(state.covariances[together, 3:, 3:], axis1=1, axis2=2)
    assert (np.trace(covariances[together, 3:, 3:], axis1=1, axis2=2) < width).all()
    assert np.array_equal(means[~together], state.means[~together], equal_nan=True)


def test_a_copy_is_exact_and_independent(scans: list[Plots]) -> None:
    """A copy taken half way goes on to the same bits, and leaves the original as it was."""
    bank = Bank()
    state, _ = stepped(scans[:20], bank)
    twin, kept = state.copy(), state.copy()
    for plots in scans[20:30]:
        bank.scan(twin, plots)
    assert same(state, kept)
    for plots in scans[20:30]:
        bank.scan(state, plots)
    assert same(state, twin)
    assert same(state, stepped(scans[:30])[0])


def test_bad_numbers_change_nothing_but_themselves(scans: list[Plots]) -> None:
    """NaN, infinite, huge and negative plots beside the good ones: no error, the same tracks."""
    bad = np.array(
        (
            (math.nan, 0.1, 0.5, math.nan),
            (1e6, math.nan, 0.5, math.nan),
            (1e6, 0.1, math.inf, math.nan),
            (1e308, 0.1, 0.5, math.nan),
            (-1e6, 0.1, 0.5, math.nan),
            (0.0, 0.0, 0.0, math.nan),
        )
    )
    spoilt = [
        plots._replace(
            measured=np.concatenate((plots.measured, bad)),
            sigma=np.concatenate((plots.sigma, plots.sigma[:1].repeat(len(bad), axis=0))),
            tai_ns=np.concatenate((plots.tai_ns, plots.tai_ns[:1].repeat(len(bad)))),
            site=np.concatenate((plots.site, plots.site[:1].repeat(len(bad), axis=0))),
        )
        for plots in scans[:12]
    ]
    clean, _ = stepped(scans[:12])
    dirty, said = stepped(spoilt)
    assert np.array_equal(clean.means[clean.confirmed()], dirty.means[dirty.confirmed()])
    assert all((s.owner[-len(bad) :] == -1).all() for s in said)


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e200, -1.0, 0.0])
def test_a_broken_track_ends_with_a_reason(scans: list[Plots], value: float) -> None:
    """A state or a covariance that is no number, or no covariance: that track ends, others stay."""
    bank = Bank()
    state, _ = stepped(scans[:10], bank)
    victim, count = int(state.numbers[0]), len(state.confirmed())
    state.rows.P[0, 0, 0] = value
    if not math.isfinite(value):
        state.rows.x[0, 1] = value
    bank.scan(state, scans[10])
    row = int(np.flatnonzero(state.numbers == victim)[0])
    if value in {-1.0, 0.0}:
        # A lost rank may come back with the next plot; a negative variance never counts.
        assert state.statuses[row] != kernel.ENDED or state.reasons[row] != kernel.NONE
    else:
        assert state.statuses[row] == kernel.ENDED
        assert state.reasons[row] in {kernel.NO_NUMBER, kernel.TOO_WIDE}
    assert len(state.confirmed()) >= count - 1
    bank.forget_ended(state)
    assert victim not in state.numbers or value in {-1.0, 0.0}


def test_silence_counts_only_where_the_sensor_looked(scans: list[Plots]) -> None:
    """Empty scans end a track in view within its doubt; a mask or a sector elsewhere do not."""
    empty = [first_of(plots, 0) for plots in scans[20:36]]
    bank = Bank()
    state, _ = stepped(scans[:20], bank)
    bank.forget_ended(state)
    masked, elsewhere, count = state.copy(), state.copy(), len(state.confirmed())
    away = np.array((0.0, 1.0, 0.0, 0.1, 0.0, 0.1))
    for plots in empty:
        bank.scan(state, plots)
        bank.forget_ended(masked)
        bank.scan(masked, plots, unseen_if=np.zeros(masked.count))
        bank.scan(elsewhere, plots._replace(sector=away))
    assert len(state.confirmed()) == 0
    assert len(masked.confirmed()) == len(elsewhere.confirmed()) == count


def test_a_track_that_is_seen_again_keeps_its_number(scans: list[Plots]) -> None:
    """Four silent scans make it doubted, not confirmed; a plot brings it back as it was."""
    bank = Bank()
    state, _ = stepped(scans[:20], bank)
    numbers = set(state.numbers[state.confirmed()])
    for plots in scans[20:24]:
        bank.scan(state, first_of(plots, 0))
    assert len(state.confirmed()) == 0
    assert (state.statuses[np.isin(state.numbers, list(numbers))] == kernel.DOUBTED).all()
    for plots in scans[24:27]:
        bank.scan(state, plots)
    back = set(state.numbers[state.confirmed()])
    assert len(back & numbers) >= len(numbers) - 2
    assert not back - numbers or min(back - numbers) > max(numbers)


def test_two_tracks_of_one_object_become_one(scans: list[Plots]) -> None:
    """A second track of the same state, begun while the first was blind, is merged, not kept."""
    bank = Bank()
    state, _ = stepped(scans[:10], bank)
    bank.forget_ended(state)
    row = int(state.confirmed()[0])
    twin = kernel.Rows(*(np.concatenate((a[: state.count], a[row : row + 1])) for a in state.rows))
    twin.facts[row, kernel.HISTORY], twin.facts[-1, kernel.HISTORY] = 0b11111000, 0b111
    twin.facts[-1, kernel.NUMBER], twin.marks[-1, kernel.SCORE] = 999, 12.0
    now = int(state.tai_ns[row])
    assert kernel.merge_duplicates(twin, len(twin.x), 100 * SECOND_NS, now) == 1
    assert twin.facts[-1, kernel.STATUS] == kernel.ENDED
    assert twin.facts[-1, kernel.REASON] == kernel.DUPLICATE
    twin.facts[-1, kernel.STATUS], twin.facts[row, kernel.HISTORY] = kernel.CONFIRMED, 0b11111001
    assert kernel.merge_duplicates(twin, len(twin.x), 100 * SECOND_NS, now) == 0


def flood(count: int, seed: int) -> Plots:
    """A scan of nothing but clutter."""
    random = np.random.default_rng(seed)
    low, high = np.array((3e5, -1.0, 0.1)), np.array((3e6, 1.0, 1.2))
    return radar_plots(
        random.uniform(low, high, (count, 3)),
        np.array((50.0, 1e-3, 1e-3)),
        seed * SECOND_NS,
        site_ecef_m=np.array((6.4e6, 0.0, 0.0)),
        axes_enu=np.array(((0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0))),
        false_plots_per_volume=count / float(np.prod(high - low)),
        detection_probability=0.9,
    )


def test_a_flood_is_bounded_and_said() -> None:
    """30,000 plots a scan under budgets of hundreds: kept to, and counted."""
    rules = BankRules(most_plots=2_000, most_pairs=20, most_starts=5, most_tracks=40)
    bank = Bank(rules)
    state = bank.initial_state()
    said = [bank.scan(state, flood(30_000, t)) for t in range(1, 6)]
    assert all(len(s.owner) == 2_000 and s.plots_shed == 28_000 for s in said)
    assert any(s.ways_shed > 0 for s in said)
    assert all(s.born <= 5 for s in said)
    assert state.count <= 40


def test_confirmed_tracks_survive_a_budget(scans: list[Plots]) -> None:
    """With room for hardly more pairs than tracks, the confirmed ones stay; new ones wait."""
    bank = Bank()
    state, _ = stepped(scans[:15], bank)
    before = set(state.numbers[state.confirmed()])
    small = Bank(BankRules(most_pairs=30, most_starts=0))
    for plots in scans[15:20]:
        said = small.scan(state, plots)
        assert said.born == 0
    assert len(before & set(state.numbers[state.confirmed()])) >= len(before) - 1


def test_clutter_alone_confirms_nothing() -> None:
    """Five scans of 1,400 false plots: not one confirmed track."""
    bank = Bank()
    state = bank.initial_state()
    for t in range(1, 6):
        bank.scan(state, flood(1_400, t))
    assert len(state.confirmed()) == 0


def test_plots_of_a_sweep_are_met_at_their_own_time(spread: dict[str, Any]) -> None:
    """The same objects reported over a second, each with its own instant: as many, as honest."""
    axes, site = spread["R_enu"], spread["sensor_ecef"]
    random = np.random.default_rng(5)
    rows = np.flatnonzero(~np.isnan(spread["truth"][:20, :, 0]).any(axis=0))
    bank = Bank()
    state = bank.initial_state()
    nees = []
    density = scene_plots(spread)[0].clutter
    for t in range(20):
        truth = spread["truth"][t, rows]
        late_s = random.uniform(-0.5, 0.5, len(rows))
        enu = truth[:, :3] + truth[:, 3:] * late_s[:, None]
        enu -= 0.5 * 9.0 * late_s[:, None] ** 2 * (axes @ site / np.linalg.norm(site))
        r = np.linalg.norm(enu, axis=1)
        look = np.stack((r, np.arctan2(enu[:, 0], enu[:, 1]), np.arcsin(enu[:, 2] / r)), axis=1)
        bank.scan(
            state,
            radar_plots(
                look + random.normal(size=look.shape) * spread["sigma"],
                spread["sigma"],
                ((t + late_s) * SECOND_NS).astype(np.int64),
                site_ecef_m=site,
                axes_enu=axes,
                false_plots_per_volume=density,
                detection_probability=0.9,
                middle_tai_ns=t * SECOND_NS,
            ),
        )
    assert len(state.confirmed()) == len(rows)
    means, covariances, _ = bank.estimates(state, 19 * SECOND_NS)
    points = spread["truth"][19, rows, :3] @ axes + site
    for x, p in zip(means, covariances, strict=True):
        off = points[np.argmin(np.linalg.norm(points - x[:3], axis=1))] - x[:3]
        nees.append(off @ np.linalg.solve(p[:3, :3], off) / 3.0)
    assert np.mean(nees) < 2.5


def test_a_bias_is_learnt_and_not_believed() -> None:
    """A radar 3 mrad off in azimuth: with its bias in the state the error stays in its covariance.

    Without it the same tracks would be wrong by fifteen of their sigmas.
    """
    scene = make_scene("spread", 10, 3)
    scene["meas"][:, 2] += 3e-3
    for bias_columns, low, high in (((-1, 6, 7, -1), 0.1, 2.5), ((-1, -1, -1, -1), 4.0, 1e9)):
        bank = Bank(bias_sigmas=np.array((3e-3, 3e-3)))
        state = bank.initial_state()
        for plots in scene_plots(scene):
            bank.scan(state, plots._replace(bias=np.array(bias_columns)))
        rows = state.confirmed()
        truth = scene["truth"][-1, :, :3] @ scene["R_enu"] + scene["sensor_ecef"]
        truth = truth[~np.isnan(truth[:, 0])]
        nees = []
        for x, p in zip(state.means[rows], state.covariances[rows], strict=True):
            off = truth[np.argmin(np.linalg.norm(truth - x[:3], axis=1))] - x[:3]
            nees.append(off @ np.linalg.solve(p[:3, :3], off) / 3.0)
        assert low < np.mean(nees) < high


def test_a_telescope_feeds_tracks_and_begins_none(scans: list[Plots]) -> None:
    """Lines of sight from 36,000 km with 20 urad sharpen tracks that a radar began."""
    bank = Bank()
    state, _ = stepped(scans[:12], bank)
    bank.forget_ended(state)
    now = int(state.tai_ns[0])
    site = np.array((42.164e6, 1e6, 2e6))
    rows = state.confirmed()
    before = np.trace(state.covariances[rows, :3, :3], axis1=1, axis2=2)
    away = state.means[rows, :3] - site
    said = bank.scan(
        state,
        sight_plots(
            away / np.linalg.norm(away, axis=1, keepdims=True),
            20e-6,
            np.full(len(rows), now),
            sites_ecef_m=np.repeat(site[None], len(rows), axis=0),
            middle_site_ecef_m=site,
            middle_tai_ns=now,
            false_plots_per_sr=10.0,
            detection_probability=0.9,
        ),
    )
    assert said.born == 0
    assert (said.owner == rows).all()
    after = np.trace(state.covariances[rows, :3, :3], axis1=1, axis2=2)
    assert (after < before).all()
    axes = sight_axes(site)
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-12)
    assert axes[1] @ site == pytest.approx(-np.linalg.norm(site))


def test_the_earth_hides_a_track_from_a_telescope(scans: list[Plots]) -> None:
    """From the far side of the Earth the same lines of sight are no track's, and no miss counts."""
    bank = Bank()
    state, _ = stepped(scans[:12], bank)
    bank.forget_ended(state)
    now, scores = int(state.tai_ns[0]), state.scores.copy()
    site = -8.0 * state.means[0, :3]
    away = state.means[:, :3] - site
    said = bank.scan(
        state,
        sight_plots(
            away / np.linalg.norm(away, axis=1, keepdims=True),
            20e-6,
            np.full(state.count, now),
            sites_ecef_m=np.repeat(site[None], state.count, axis=0),
            middle_site_ecef_m=site,
            middle_tai_ns=now,
            false_plots_per_sr=10.0,
            detection_probability=0.9,
        ),
    )
    assert (said.owner == -1).all()
    assert np.array_equal(state.scores, scores)


def test_absurd_times_take_nothing_along(scans: list[Plots]) -> None:
    """A plot a century off is no one's; a scan a day ahead ends tracks, and does not hang."""
    bank = Bank()
    state, _ = stepped(scans[:12], bank)
    late = scans[12].tai_ns.copy()
    late[0] += 100 * 365 * 86_400 * SECOND_NS
    said = bank.scan(state, scans[12]._replace(tai_ns=late))
    assert said.owner[0] == -1
    assert (said.owner >= 0).sum() > 10
    day = scans[13].middle_tai_ns + 86_400 * SECOND_NS
    moved = scans[13]._replace(middle_tai_ns=day, tai_ns=np.full_like(scans[13].tai_ns, day))
    bank.scan(state, moved)
    assert len(state.confirmed()) == 0
