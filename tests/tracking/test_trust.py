"""Liars and drifters are found, honest sensors are left in peace, and of two nobody says which."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2

from forewarn.epoch import SECOND_NS
from forewarn.tracking.calibration import Lesson
from forewarn.tracking.trust import (
    CLEAR_S,
    MOST_SHARED,
    TRUST_TRANSITIONS,
    Shared,
    SharedLook,
    Standing,
    TrustHappening,
    TrustState,
    hear,
    judge,
    misfit,
    note_jolt,
    note_scan,
    share,
)

Array = NDArray[np.float64]

# Sensors that each see two directions of a point; all in metres, for simplicity.
NAMES = ("A", "B", "C")
NOISE_M, BIAS_M = 100.0, 80.0
BIASES = {name: BIAS_M**2 * np.eye(2) for name in (*NAMES, "D")}
VIEWS = {
    "A": np.array(((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))),
    "B": np.array(((0.0, 1.0, 0.0), (0.0, 0.0, 1.0))),
    "C": np.array(((1.0, 0.0, 0.0), (0.0, 0.0, 1.0))),
    "D": np.array(((1.0, 1.0, 0.0), (0.0, 1.0, 1.0))) / np.sqrt(2.0),
}
WEAK = np.eye(3) / 50e3**2
Lie = Callable[[str, float], Array]


def honest(name: str, time_s: float) -> Array:
    """No lie."""
    return np.zeros(2)


def run(
    lie: Lie,
    *,
    names: tuple[str, ...] = NAMES,
    duration_s: int = 120,
    seed: int = 1,
    sky: Callable[[str, float], float] | None = None,
) -> list[dict[str, Standing]]:
    """Judgements every five seconds of a track seen by all every two; the standing after each.

    Biases are constant and of the stated size. ``sky`` says by how many sigmas satellites are off.
    """
    randomness = np.random.default_rng(seed)
    biases = {name: BIAS_M * randomness.standard_normal(2) for name in names}
    state, said = TrustState(), []
    for second in range(duration_s):
        now = second * SECOND_NS
        if second % 2 == 0:
            where = 300.0 * randomness.standard_normal(3)
            looks = tuple(
                SharedLook(
                    sensor_id=name,
                    offset=VIEWS[name] @ where
                    + biases[name]
                    + lie(name, float(second))
                    + NOISE_M * randomness.standard_normal(2),
                    by_state=VIEWS[name],
                    by_bias=np.eye(2),
                    noise=NOISE_M**2 * np.eye(2),
                )
                for name in names
            )
            share(state, Shared(now, looks, WEAK))
        if sky is not None:
            for name in names:
                white = randomness.standard_normal(4) + sky(name, float(second))
                hear(state, [Lesson(name, second, now, tuple(white.tolist()))])
        if second % 5 == 4:
            judge(state, now, BIASES)
            said.append({name: state.of(name).standing for name in names})
    said.append({name: state.of(name).standing for name in names})
    return said


def test_every_standing_answers_everything() -> None:
    """The table is complete, and only agreement leads back to trust."""
    assert set(TRUST_TRANSITIONS) == {(s, h) for s in Standing for h in TrustHappening}
    for (before, happening), after in TRUST_TRANSITIONS.items():
        if after is Standing.TRUSTED and before is not Standing.TRUSTED:
            assert happening is TrustHappening.CLEARS
        if after is Standing.DISTRUSTED and before is not Standing.DISTRUSTED:
            assert happening in (TrustHappening.PERSISTS, TrustHappening.REPEATS)


def test_the_misfit_of_honest_sensors_is_chi_square() -> None:
    """200 seeds with biases that all looks share: by Kolmogorov's test, and its mean within 3 %.

    Were the biases counted anew for each look, the sums would be far wider.
    """
    levels = []
    for seed in range(200):
        state = TrustState()
        randomness = np.random.default_rng(seed)
        biases = {name: BIAS_M * randomness.standard_normal(2) for name in NAMES}
        for number in range(10):
            where = 300.0 * randomness.standard_normal(3)
            looks = tuple(
                SharedLook(
                    name,
                    VIEWS[name] @ where + biases[name] + NOISE_M * randomness.standard_normal(2),
                    VIEWS[name],
                    np.eye(2),
                    NOISE_M**2 * np.eye(2),
                )
                for name in NAMES
            )
            share(state, Shared(number, looks, WEAK))
        d2, freedom = misfit(state.shared, BIASES)
        # Six measurements a time, three of them spent on where the track is.
        assert freedom == pytest.approx(30.0, abs=0.1)
        levels.append(float(chi2.cdf(d2, freedom)))
    ordered = np.sort(levels)
    apart = np.max(np.abs(ordered - (np.arange(200) + 0.5) / 200.0))
    assert apart < 1.63 / np.sqrt(200.0)  # at 1 %: Kolmogorov's critical value
    assert np.mean(levels) == pytest.approx(0.5, abs=0.07)


def test_200_honest_seeds_without_an_accusation() -> None:
    """8 judgements of three sensors each, sky and tracks together: none of 4,800 is a doubt.

    The stated rate is one in a million a test, so that 0.01 were to be expected.
    """
    for seed in range(200):
        for standing in run(honest, seed=seed, duration_s=40, sky=lambda *_: 0.0):
            assert set(standing.values()) == {Standing.TRUSTED}


def test_a_sudden_offset_is_found_and_nobody_else_accused() -> None:
    """C steps by 1 km at 60 s: doubted within 10 s, distrusted within 30, the others never."""

    def lie(name: str, time_s: float) -> Array:
        return np.full(2, 1_000.0 if name == "C" and time_s >= 60.0 else 0.0)

    for seed in range(3):
        said = run(lie, seed=seed)
        assert all(s[name] is Standing.TRUSTED for s in said for name in "AB")
        assert all(s["C"] is Standing.TRUSTED for s in said[:12])
        assert said[13]["C"] is not Standing.TRUSTED
        assert said[17]["C"] is Standing.DISTRUSTED


def test_a_drifting_sensor_is_found() -> None:
    """B drifts by 10 m a second: found before it is off by 1 km, 7 sigmas of a look, among four."""

    def lie(name: str, time_s: float) -> Array:
        return np.array((10.0, -10.0)) * time_s * (name == "B")

    for seed in range(2):
        said = run(lie, names=("A", "B", "C", "D"), seed=seed)
        first = next(i for i, s in enumerate(said) if s["B"] is not Standing.TRUSTED)
        assert 5 * (first + 1) <= 100
        assert said[-1]["B"] is Standing.DISTRUSTED
        assert all(s[name] is Standing.TRUSTED for s in said for name in "ACD")


def test_trust_comes_back() -> None:
    """A step that ends: distrusted while it lasts, trusted when its looks are two minutes old."""

    def lie(name: str, time_s: float) -> Array:
        return np.full(2, 1_000.0 if name == "A" and 20.0 <= time_s < 60.0 else 0.0)

    said = run(lie, duration_s=260)
    assert said[11]["A"] is Standing.DISTRUSTED
    assert said[35]["A"] is Standing.DISTRUSTED  # not before the evidence is gone
    assert said[-1]["A"] is Standing.TRUSTED
    back = next(i for i in range(12, len(said)) if said[i]["A"] is Standing.TRUSTED)
    assert 5 * (back + 1) >= 60 + CLEAR_S


def test_two_that_contradict_each_other_are_both_doubted() -> None:
    """And it is said that nobody can say which; neither is distrusted, both get more noise."""

    def lie(name: str, time_s: float) -> Array:
        return np.full(2, 2_000.0 if name == "B" and time_s >= 30.0 else 0.0)

    said = run(lie, names=("A", "B"))
    assert said[-1] == {"A": Standing.DOUBTED, "B": Standing.DOUBTED}
    assert not any(Standing.DISTRUSTED in s.values() for s in said)
    state = TrustState()
    for second in range(20):
        looks = tuple(
            SharedLook(name, np.full(2, off), VIEWS[name], np.eye(2), NOISE_M**2 * np.eye(2))
            for name, off in (("A", 0.0), ("B", 2_000.0))
        )
        share(state, Shared(second, looks, WEAK))
    changed = judge(state, SECOND_NS, BIASES)
    assert set(changed) == {"A", "B"}
    for name, other in (("A", "B"), ("B", "A")):
        assert f"it or {other} is wrong, and nobody can say which" in changed[name].reason
        assert changed[name].noise_factor > 2.0
        assert "times what it states" in changed[name].reason


def test_the_sky_breaks_the_tie() -> None:
    """Of two that contradict each other the one that strays from satellites is distrusted alone."""

    def lie(name: str, time_s: float) -> Array:
        return np.full(2, 2_000.0 if name == "B" and time_s >= 30.0 else 0.0)

    said = run(lie, names=("A", "B"), sky=lambda name, t: 3.0 if name == "B" and t >= 30.0 else 0.0)
    assert said[-1] == {"A": Standing.TRUSTED, "B": Standing.DISTRUSTED}
    assert all(s["A"] is Standing.TRUSTED for s in said)


def test_two_liars_among_four_are_both_found() -> None:
    """Left out one after the other; the two honest ones stay trusted."""

    def lie(name: str, time_s: float) -> Array:
        return {"C": np.array((3e3, -1e3)), "D": np.array((-1e3, 9e3))}.get(name, np.zeros(2))

    said = run(
        lie, names=("A", "B", "C", "D"), duration_s=60, sky=lambda name, _: 4.0 * (name in "CD")
    )
    assert said[-1]["C"] is Standing.DISTRUSTED
    assert said[-1]["D"] is Standing.DISTRUSTED
    assert said[-1]["A"] is Standing.TRUSTED
    assert said[-1]["B"] is Standing.TRUSTED


def test_old_scans_with_new_times_are_known_again() -> None:
    """The same digits at another time: distrusted at once. The same scan again is no lie."""
    state, randomness = TrustState(), np.random.default_rng(1)
    tape = [randomness.standard_normal((3, 5)) for _ in range(20)]
    for number, plots in enumerate(tape):
        note_scan(state, "A", plots, number * SECOND_NS)
    note_scan(state, "A", tape[4], 4 * SECOND_NS)
    assert not judge(state, 20 * SECOND_NS, {})
    note_scan(state, "B", tape[4], 25 * SECOND_NS)  # another sensor's noise is its own
    assert not judge(state, 26 * SECOND_NS, {})
    note_scan(state, "A", np.empty((0, 5)), 27 * SECOND_NS)
    note_scan(state, "A", np.empty((0, 5)), 28 * SECOND_NS)
    assert not judge(state, 29 * SECOND_NS, {})
    note_scan(state, "A", tape[4], 34 * SECOND_NS)
    changed = judge(state, 35 * SECOND_NS, {})
    assert changed["A"].standing is Standing.DISTRUSTED
    assert "repeats, digit by digit, 3 plots of 30.0 s before" in changed["A"].reason


def test_a_jolt_is_doubt() -> None:
    """What the claims say of a radar that moved is taken up at the next judgement, once."""
    state = TrustState()
    note_jolt(state, "A")
    changed = judge(state, SECOND_NS, {})
    assert changed["A"].standing is Standing.DOUBTED
    assert "satellites" in changed["A"].reason
    assert not judge(state, 6 * SECOND_NS, {})


def test_what_is_remembered_is_bounded_and_copied() -> None:
    """The newest looks alone are kept, old ones go, and a copy goes its own way."""
    state = TrustState()
    look = SharedLook("A", np.zeros(2), VIEWS["A"], np.eye(2), np.eye(2))
    other = SharedLook("B", np.zeros(2), VIEWS["B"], np.eye(2), np.eye(2))
    for number in range(500):
        share(state, Shared(number, (look, other), WEAK))
        share(state, Shared(number, (look,), WEAK))  # nobody to compare with
        hear(state, [Lesson("A", number, number, (0.1,)), Lesson("A", number, number, ())])
        note_scan(state, "A", np.full((1, 1), float(number)), number)
    assert len(state.shared) == MOST_SHARED
    assert len(state.sky["A"]) < 100
    assert len(state.digests["A"]) <= 256
    copied = state.copy()
    judge(state, 10**13, BIASES)
    assert not state.shared
    assert not state.sky
    assert len(copied.shared) == MOST_SHARED
    assert not copied.sensors
