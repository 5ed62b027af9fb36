"""Which sensor to believe: liars and drifters are found by their innovations, and weighed down.

Two witnesses. The known sky: how far each pass of a satellite lies from what a radar's calibration
foretold, whitened; satellites are many and lie for nobody, so who strays from them strays alone.
And tracks that several sensors share: if all are sound, what they see of a track agrees within
noise and the biases that are known to be possible; those are common to all looks of a sensor, and
enter once. If they disagree, each sensor is left out in turn. Where one of three or more makes the
rest agree, it is the one; of two that contradict each other nobody can say which, so both are
doubted.

Every test is a sum of squares against chi-square's bounds. Doubt begins where an honest sensor
comes once in a million judgements, and ends when it has for half a minute been within what 99 of
100 honest ones are.

A sensor that repeats itself is known by its numbers: no two looks have the same noise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import NamedTuple, final

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, log_ndtr

from forewarn.epoch import SECOND_NS
from forewarn.tracking.calibration import Lesson

Array = NDArray[np.float64]

DOUBT_CHANCE = 1e-6  # of an honest sensor, a judgement
CLEAR_CHANCE = 1e-2
SINGLED_OUT = float(np.log(1e4))  # the odds by which one sensor explains a conflict better
WAIT_CHANCE = (
    1e-12  # of three or more, a conflict so young is left to grow until it shows its cause
)
PERSIST_S = 15.0
CLEAR_S = 30.0
SHARED_FOR_S = 120.0
SKY_FOR_S = 600.0
MOST_SHARED = 64
MOST_SKY = 48
LEAST_EVIDENCE = 8.0  # degrees of freedom below which nothing is said either way
MOST_INFLATION = 100.0
_DIGESTS_KEPT = 256


class Standing(str, Enum):
    """How far a sensor is believed."""

    TRUSTED = "trusted"
    DOUBTED = "doubted"  # its noise is taken to be as large as its innovations say
    DISTRUSTED = "distrusted"  # its plots start and confirm no track


class TrustHappening(str, Enum):
    """What a judgement can find."""

    FITS = "fits"
    UNSURE = "unsure"  # between the bounds, or too little to go by
    STRAYS = "strays"  # it, and no other
    CONFLICTS = "conflicts"  # it or another, and nobody can say which
    PERSISTS = "persists"  # it has strayed for a while
    REPEATS = "repeats"  # it sent an old look with a new time
    CLEARS = "clears"  # it has fitted for a while


_S = Standing
_H = TrustHappening
TRUST_TRANSITIONS: dict[tuple[Standing, TrustHappening], Standing] = {
    (_S.TRUSTED, _H.FITS): _S.TRUSTED,
    (_S.TRUSTED, _H.UNSURE): _S.TRUSTED,
    (_S.TRUSTED, _H.STRAYS): _S.DOUBTED,
    (_S.TRUSTED, _H.CONFLICTS): _S.DOUBTED,
    (_S.TRUSTED, _H.PERSISTS): _S.DISTRUSTED,
    (_S.TRUSTED, _H.REPEATS): _S.DISTRUSTED,
    (_S.TRUSTED, _H.CLEARS): _S.TRUSTED,
    (_S.DOUBTED, _H.FITS): _S.DOUBTED,
    (_S.DOUBTED, _H.UNSURE): _S.DOUBTED,
    (_S.DOUBTED, _H.STRAYS): _S.DOUBTED,
    (_S.DOUBTED, _H.CONFLICTS): _S.DOUBTED,
    (_S.DOUBTED, _H.PERSISTS): _S.DISTRUSTED,
    (_S.DOUBTED, _H.REPEATS): _S.DISTRUSTED,
    (_S.DOUBTED, _H.CLEARS): _S.TRUSTED,
    (_S.DISTRUSTED, _H.FITS): _S.DISTRUSTED,
    (_S.DISTRUSTED, _H.UNSURE): _S.DISTRUSTED,
    (_S.DISTRUSTED, _H.STRAYS): _S.DISTRUSTED,
    (_S.DISTRUSTED, _H.CONFLICTS): _S.DISTRUSTED,
    (_S.DISTRUSTED, _H.PERSISTS): _S.DISTRUSTED,
    (_S.DISTRUSTED, _H.REPEATS): _S.DISTRUSTED,
    (_S.DISTRUSTED, _H.CLEARS): _S.TRUSTED,
}


@final
@dataclass(frozen=True, slots=True, eq=False)
class SharedLook:
    """One sensor's look at a track: ``offset`` (k,) from where the track was foretold.

    ``by_state`` (k, d) is its derivative by the track's state, ``by_bias`` (k, b) by the sensor's
    biases, ``noise`` (k, k) the covariance of what is random in it.
    """

    sensor_id: str
    offset: Array
    by_state: Array
    by_bias: Array
    noise: Array


@final
@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """Looks of two or more sensors at one track, at about one time.

    ``prior_information`` (d, d) is what is known of the state without them; it must be far weaker
    than the looks, or a liar that has dragged the track along is among its own judges.
    """

    time_tai_ns: int
    looks: tuple[SharedLook, ...]
    prior_information: Array


@final
@dataclass(frozen=True, slots=True)
class Trust:
    """How one sensor stands: ``noise_factor`` is what its sigmas are to be multiplied by."""

    standing: Standing = Standing.TRUSTED
    noise_factor: float = 1.0
    strays_since_tai_ns: int | None = None
    fits_since_tai_ns: int | None = None
    reason: str = ""


class _Finding(NamedTuple):
    happening: TrustHappening
    noise_factor: float
    reason: str


@dataclass(slots=True, eq=False)
class TrustState:
    """How all sensors stand, and the evidence of the last minutes."""

    sensors: dict[str, Trust] = field(default_factory=dict)
    shared: tuple[Shared, ...] = ()
    sky: dict[str, tuple[Lesson, ...]] = field(default_factory=dict)
    digests: dict[str, tuple[tuple[bytes, int], ...]] = field(default_factory=dict)
    notes: dict[str, _Finding] = field(default_factory=dict)

    def copy(self) -> TrustState:
        """Return an independent, exact copy; what is in it is never changed."""
        return TrustState(
            dict(self.sensors), self.shared, dict(self.sky), dict(self.digests), dict(self.notes)
        )

    def of(self, sensor_id: str) -> Trust:
        """How a sensor stands; one never judged is trusted."""
        return self.sensors.get(sensor_id, Trust())


def share(state: TrustState, shared: Shared) -> None:
    """Take note of a track that several sensors saw."""
    if len({look.sensor_id for look in shared.looks}) >= 2:
        state.shared = (*state.shared, shared)[-MOST_SHARED:]


def hear(state: TrustState, lessons: Iterable[Lesson]) -> None:
    """Take note of what the calibration learned from known satellites."""
    for lesson in lessons:
        if lesson.white:
            held = state.sky.get(lesson.sensor_id, ())
            state.sky[lesson.sensor_id] = (*held, lesson)[-MOST_SKY:]


def note_jolt(state: TrustState, sensor_id: str) -> None:
    """Take note that most known objects no longer were where a radar had seen them before."""
    reason = (
        "most satellites are no longer where it saw them seconds before: it has moved, not they"
    )
    state.notes.setdefault(sensor_id, _Finding(_H.STRAYS, 1.0, reason))


def note_scan(state: TrustState, sensor_id: str, measured: Array, seen_tai_ns: int) -> None:
    """Look whether a sensor has sent the very numbers (n, k) before, at another time.

    Give all that is measured with noise, and no times. A look that saw nothing says nothing.
    """
    if not measured.size:
        return
    digest = hashlib.blake2b(np.ascontiguousarray(measured).tobytes(), digest_size=16).digest()
    held = state.digests.get(sensor_id, ())
    for known, before_tai_ns in held:
        if known == digest and before_tai_ns != seen_tai_ns:
            late_s = (seen_tai_ns - before_tai_ns) / SECOND_NS
            reason = f"it repeats, digit by digit, {len(measured)} plots of {late_s:.1f} s before"
            state.notes[sensor_id] = _Finding(_H.REPEATS, 1.0, reason)
            return
    state.digests[sensor_id] = (*held, (digest, seen_tai_ns))[-_DIGESTS_KEPT:]


def judge(
    state: TrustState, now_tai_ns: int, bias_covariance: Mapping[str, Array]
) -> dict[str, Trust]:
    """Weigh all evidence; return how those sensors stand whose standing has changed.

    ``bias_covariance`` gives each sensor's biases (b, b), of which its looks' offsets are free but
    for this. Meant for every few seconds; ``state`` is changed in place.
    """
    _age(state, now_tai_ns)
    conflict = blame(state.shared, bias_covariance)
    changed = {}
    names = {look.sensor_id for shared in state.shared for look in shared.looks}
    for name in sorted(names | set(state.sky) | set(state.notes) | set(state.sensors)):
        finding = state.notes.pop(name, None) or _graver(
            _sky_finding(state.sky.get(name, ())), conflict.get(name)
        )
        before = state.of(name)
        after = state.sensors[name] = _moved(before, finding, now_tai_ns)
        if after.standing is not before.standing:
            changed[name] = after
    return changed


def blame(shared: tuple[Shared, ...], bias_covariance: Mapping[str, Array]) -> dict[str, _Finding]:
    """Say of each sensor in shared tracks whether it fits, strays, or is in a conflict.

    Nothing is said where there is too little to go by.
    """
    names = sorted({look.sensor_id for s in shared for look in s.looks})
    out: frozenset[str] = frozenset()
    found: dict[str, _Finding] = {}
    while True:
        d2, freedom = misfit(shared, bias_covariance, without=out)
        left = [name for name in names if name not in out]
        if freedom < LEAST_EVIDENCE or len(left) < 2:
            return found
        if d2 <= _bound(freedom, DOUBT_CHANCE):
            fits = d2 <= _bound(freedom, CLEAR_CHANCE)
            words = f"agrees with others (misfit {d2:.1f} of {freedom:.0f})"
            rest = _Finding(_H.FITS if fits else _H.UNSURE, 1.0, words)
            return dict.fromkeys(left, rest) | found
        rests = {name: misfit(shared, bias_covariance, without=out | {name}) for name in left}
        ease = {name: _log_chance(*rest) for name, rest in rests.items()}
        first, second = sorted(ease, key=lambda name: (-ease[name], name))[:2]
        words = f"misfit {d2:.1f} of {freedom:.0f}, bound {_bound(freedom, DOUBT_CHANCE):.1f}"
        if len(left) < 3 or ease[first] - ease[second] < SINGLED_OUT:
            who = [name for name in left if ease[first] - ease[name] < SINGLED_OUT]
            factor = _factor(d2 / freedom)
            if len(left) >= 3 and d2 <= _bound(freedom, WAIT_CHANCE):
                who = []
            for name in left:
                others = " or ".join(other for other in who if other != name)
                lost = f"it or {others} is wrong, and nobody can say which ({words})"
                found[name] = (
                    _Finding(_H.CONFLICTS, factor, lost)
                    if name in who
                    else _Finding(_H.UNSURE, 1.0, words)
                )
            return found
        rest_d2, rest_freedom = rests[first]
        factor = _factor((d2 - rest_d2) / max(freedom - rest_freedom, 1.0))
        alone = (
            f"disagrees with the others ({words}; without it {rest_d2:.1f} of {rest_freedom:.0f})"
        )
        found[first] = _Finding(_H.STRAYS, factor, alone)
        out |= {first}


def misfit(
    shared: tuple[Shared, ...],
    bias_covariance: Mapping[str, Array],
    *,
    without: frozenset[str] = frozenset(),
) -> tuple[float, float]:
    """Return how ill the sensors agree: a sum of squares, and its degrees of freedom.

    Each track's state, and each sensor's biases once for all its looks, are estimated by least
    squares and taken out: y' S^-1 y of all offsets together, by the complement of Schur (A. Gelb,
    Applied Optimal Estimation, 1974, section 4.1, in information form).
    """
    sizes = {
        look.sensor_id: look.by_bias.shape[1]
        for s in shared
        for look in s.looks
        if look.sensor_id not in without
    }
    ends = dict(zip(sizes, np.cumsum(list(sizes.values())).tolist(), strict=True))
    count = sum(sizes.values())
    information, vector = np.zeros((count, count)), np.zeros(count)
    for name, end in ends.items():
        part = slice(end - sizes[name], end)
        information[part, part] = np.linalg.inv(bias_covariance[name])
    d2 = freedom = 0.0
    for each in shared:
        looks = [look for look in each.looks if look.sensor_id not in without]
        if not looks:
            continue
        by_state = np.concatenate([look.by_state for look in looks])
        by_bias = np.zeros((len(by_state), count))
        weight = np.zeros((len(by_state), len(by_state)))
        row = 0
        for look in looks:
            rows = slice(row, row + len(look.offset))
            end = ends[look.sensor_id]
            by_bias[rows, end - sizes[look.sensor_id] : end] = look.by_bias
            weight[rows, rows] = np.linalg.inv(look.noise)
            row += len(look.offset)
        offset = np.concatenate([look.offset for look in looks])
        seen = by_state.T @ weight
        told = seen @ by_state
        gain = np.linalg.solve(told + each.prior_information, seen)
        rest = weight - seen.T @ gain
        d2 += float(offset @ rest @ offset)
        freedom += len(offset) - float(np.trace(gain @ by_state))
        information += by_bias.T @ rest @ by_bias
        vector += by_bias.T @ rest @ offset
    if count:
        d2 -= float(vector @ np.linalg.solve(information, vector))
    return max(d2, 0.0), max(freedom, 0.0)


def _sky_finding(lessons: tuple[Lesson, ...]) -> _Finding | None:
    squares = [w * w for lesson in lessons for w in lesson.white]
    d2, freedom = sum(squares), len(squares)
    if freedom < LEAST_EVIDENCE:
        return None
    words = (
        f"{len(lessons)} satellites, misfit {d2:.1f} of {freedom}, "
        f"bound {_bound(freedom, DOUBT_CHANCE):.1f}"
    )
    if d2 > _bound(freedom, DOUBT_CHANCE):
        return _Finding(_H.STRAYS, _factor(d2 / freedom), f"strays from the known sky ({words})")
    fits = d2 <= _bound(freedom, CLEAR_CHANCE)
    return _Finding(_H.FITS if fits else _H.UNSURE, 1.0, f"known sky: {words}")


_GRAVITY = (_H.STRAYS, _H.CONFLICTS, _H.UNSURE, _H.FITS)


def _graver(sky: _Finding | None, conflict: _Finding | None) -> _Finding:
    """The graver of two findings. Who fits the sky is no party to a conflict of unknown fault."""
    if sky is None or conflict is None:
        return sky or conflict or _Finding(_H.UNSURE, 1.0, "nothing to go by")
    if conflict.happening is _H.CONFLICTS and sky.happening is _H.FITS:
        return sky._replace(happening=_H.UNSURE)
    return min(sky, conflict, key=lambda finding: _GRAVITY.index(finding.happening))


def _moved(before: Trust, finding: _Finding, now_tai_ns: int) -> Trust:
    """How a sensor stands after a judgement."""
    happening = finding.happening
    fits = strays = None
    if happening is _H.FITS:
        fits = before.fits_since_tai_ns or now_tai_ns
        if now_tai_ns - fits >= CLEAR_S * SECOND_NS:
            happening = _H.CLEARS
    elif happening is _H.STRAYS:
        strays = before.strays_since_tai_ns or now_tai_ns
        if now_tai_ns - strays >= PERSIST_S * SECOND_NS:
            happening = _H.PERSISTS
    elif happening is _H.UNSURE:  # neither clock runs backwards for want of evidence
        strays = before.strays_since_tai_ns
    after = TRUST_TRANSITIONS[before.standing, happening]
    factor = finding.noise_factor
    if after is not Standing.TRUSTED:
        factor = max(factor, before.noise_factor if happening is not _H.FITS else 1.0)
    reason = f"{after.value}: {finding.reason}"
    if after is before.standing and happening in (_H.FITS, _H.UNSURE):
        reason = before.reason
    elif after is not Standing.TRUSTED and factor > 1.0:
        reason += f"; its noise is taken as {factor:.1f} times what it states"
    return replace(
        before,
        standing=after,
        noise_factor=1.0 if after is Standing.TRUSTED else factor,
        strays_since_tai_ns=strays,
        fits_since_tai_ns=fits,
        reason=reason,
    )


def _age(state: TrustState, now_tai_ns: int) -> None:
    """Drop the evidence that is too old."""
    shared_since = now_tai_ns - round(SHARED_FOR_S * SECOND_NS)
    sky_since = now_tai_ns - round(SKY_FOR_S * SECOND_NS)
    state.shared = tuple(s for s in state.shared if s.time_tai_ns > shared_since)
    kept = {
        name: tuple(lesson for lesson in lessons if lesson.seen_tai_ns > sky_since)
        for name, lessons in state.sky.items()
    }
    state.sky = {name: lessons for name, lessons in kept.items() if lessons}


def _factor(ratio: float) -> float:
    return float(np.clip(np.sqrt(max(ratio, 1.0)), 1.0, MOST_INFLATION))


def _bound(freedom: float, chance: float) -> float:
    return float(chdtri(freedom, chance))


def _log_chance(d2: float, freedom: float) -> float:
    """Log of chi-square's upper tail, also where it underflows (E. Wilson, M. Hilferty, 1931)."""
    if freedom <= 0.0:
        return 0.0
    spread = 2.0 / (9.0 * freedom)
    z = ((d2 / freedom) ** (1.0 / 3.0) - (1.0 - spread)) / np.sqrt(spread)
    return float(log_ndtr(-z))
