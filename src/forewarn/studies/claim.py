"""Does a published apogee, range and flight time obey physics?

The engine-free arc of that apogee and range takes a time that no one can argue with. A real flight
takes longer, because an engine needs minutes to give the speed that the arc has at once. How much
longer is the learned band of `forewarn.studies.claim_band`. The published numbers are rounded, and
a verdict allows for twice what that can do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.optimize import brentq

from forewarn.formats.claim import BandFile, JudgedClaim, Verdict
from forewarn.formats.faults import FormatError
from forewarn.missiles import kepler
from forewarn.studies import claim_words as words
from forewarn.studies.claim_band import (
    Excess,
    excess_at,
    learned_apogees_m,
    real_flights_near,
    shipped_band,
)

ALLOWED_SIGMAS = 2.0

_LENGTH_STEPS_M = (100e3, 50e3, 10e3, 1e3, 100.0)
_TIME_STEPS_S = (60.0, 30.0, 1.0)
_METRES_MISTAKEN_M = 5e7  # a number of kilometres this large would do as metres
_MINUTES_MISTAKEN = (0.5, 2.0)  # times the arc's time, if the time is taken for minutes


@dataclass(frozen=True, slots=True)
class Claim:
    """What was published. Errors are one sigma; None takes what the rounding implies."""

    apogee_m: float
    range_m: float
    time_s: float
    apogee_error_m: float | None = None
    range_error_m: float | None = None
    time_error_s: float | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A claim held against its engine-free arc: the excess of its time, with one sigma."""

    arc: kepler.Arc
    excess_s: float
    excess_error_s: float
    apogee_error_m: float
    range_error_m: float
    time_error_s: float


def length_error_m(length_m: float) -> float:
    """Return the one-sigma error [m] of a length rounded as coarsely as it reads.

    The coarsest of 100, 50, 10, 1 and 0.1 km that divides it is taken as its step; a value rounded
    to a step is off by a uniform error, of one sigma step / sqrt(12).
    """
    return _coarsest(length_m, _LENGTH_STEPS_M) / math.sqrt(12.0)


def time_error_s(time_s: float) -> float:
    """Return the one-sigma error [s] of a flight time rounded as coarsely as it reads.

    The step is the coarsest of 60, 30 and 1 s that divides it. A flight time is the difference of
    two rounded instants, so its error is triangular, of one sigma step / sqrt(6).
    """
    return _coarsest(time_s, _TIME_STEPS_S) / math.sqrt(6.0)


def _coarsest(value: float, steps: tuple[float, ...]) -> float:
    for step in steps:
        if abs(value - step * round(value / step)) <= 1e-6 * step:
            return step
    return steps[-1]


def hold(claim: Claim) -> Held:
    """Return a sound claim beside its arc; `judge` says what sound is."""
    arc = kepler.arc(claim.apogee_m, claim.range_m)
    per_apogee, per_range = kepler.time_slopes(arc)
    apogee_m, range_m, time_s = claim.apogee_error_m, claim.range_error_m, claim.time_error_s
    apogee_m = length_error_m(claim.apogee_m) if apogee_m is None else apogee_m
    range_m = length_error_m(claim.range_m) if range_m is None else range_m
    time_s = time_error_s(claim.time_s) if time_s is None else time_s
    return Held(
        arc=arc,
        excess_s=claim.time_s - arc.time_s,
        excess_error_s=math.hypot(time_s, per_apogee * apogee_m, per_range * range_m),
        apogee_error_m=apogee_m,
        range_error_m=range_m,
        time_error_s=time_s,
    )


def judge(claim: Claim, band: BandFile | None = None) -> JudgedClaim:
    """Return the verdict on a claim, by the shipped band or another.

    *Too short* or *too long* is said where the excess is outside the band by more than twice its
    error. Raises FormatError for a number that is no flight, or that nothing was learned about.
    """
    band = shipped_band() if band is None else band
    check(claim, band)
    held = hold(claim)
    excess = excess_at(band, held.arc)
    assert excess is not None, "check() lets no arc through that the band does not know"
    verdict, by_error_only = _verdict(held, excess)
    fitting = None if verdict == "consistent" else fitting_apogee_m(claim, band)
    near = real_flights_near(band, held.arc)
    return JudgedClaim(
        apogee_m=claim.apogee_m,
        range_m=claim.range_m,
        time_s=claim.time_s,
        apogee_error_m=held.apogee_error_m,
        range_error_m=held.range_error_m,
        time_error_s=held.time_error_s,
        arc_time_s=held.arc.time_s,
        arc_speed_m_s=held.arc.speed_m_s,
        arc_angle_rad=held.arc.angle_rad,
        excess_s=held.excess_s,
        excess_error_s=held.excess_error_s,
        shortest_s=excess.shortest_s,
        solid_s=excess.solid_s,
        liquid_s=excess.liquid_s,
        longest_s=excess.longest_s,
        band_probability=band.probability,
        verdict=verdict,
        by_error_only=by_error_only,
        real_flights_near=near,
        fitting_apogee_m=fitting,
        reasons=words.reasons(
            held.arc,
            held.excess_s,
            excess,
            verdict,
            by_error=by_error_only,
            probability=band.probability,
        ),
        unknowns=words.unknowns(
            error_s=held.excess_error_s,
            time_error_s=held.time_error_s,
            near=near,
            apogee_m=claim.apogee_m,
        ),
    )


def _verdict(held: Held, excess: Excess) -> tuple[Verdict, bool]:
    """The verdict, and whether only the error lets the excess into the band."""
    allowed_s = ALLOWED_SIGMAS * held.excess_error_s
    if held.excess_s < excess.shortest_s - allowed_s:
        return "too short", False
    if held.excess_s > excess.longest_s + allowed_s:
        return "too long", False
    return "consistent", not excess.shortest_s <= held.excess_s <= excess.longest_s


def fitting_apogee_m(claim: Claim, band: BandFile) -> tuple[float, float] | None:
    """Return the lowest and highest apogee [m] that fit a claim's range and time; None if none.

    An end that lies beyond what the band knows is given as the last it knows.
    """
    known = learned_apogees_m(band, claim.range_m)
    if known is None:
        return None

    def beyond(apogee_m: float, longest: bool) -> float:
        """Excess above an end of the band [s]: falls with the apogee."""
        arc = kepler.arc(apogee_m, claim.range_m)
        excess = excess_at(band, arc)
        if excess is None:
            return math.nan
        end_s = excess.longest_s if longest else excess.shortest_s
        return claim.time_s - arc.time_s - end_s

    ends = []
    for longest in (True, False):
        at = [beyond(apogee_m, longest) for apogee_m in known]
        if at[0] * at[1] < 0.0:
            ends.append(float(brentq(beyond, *known, args=(longest,), xtol=1.0)))
        else:
            ends.append(known[0] if at[0] < 0.0 else known[1])
    return None if ends[0] >= ends[1] else (ends[0], ends[1])


def check(claim: Claim, band: BandFile) -> None:
    """Raise FormatError unless a claim is a flight that the band can judge."""
    for name, value in (
        ("--apogee-km", claim.apogee_m / 1e3),
        ("--range-km", claim.range_m / 1e3),
        ("--time-s", claim.time_s),
    ):
        if not 0.0 < value < math.inf:
            raise _fault(name, value, "is not a number above 0", "give it as published")
    for name, error in (
        ("--apogee-error-km", claim.apogee_error_m),
        ("--range-error-km", claim.range_error_m),
        ("--time-error-s", claim.time_error_s),
    ):
        if error is not None and not 0.0 <= error < math.inf:
            shown = error if name.endswith("-s") else error / 1e3
            mend = "give one sigma, or leave it out for what the rounding implies"
            raise _fault(name, shown, "is not a number from 0 up", mend)
    if claim.range_m >= kepler.HALF_TURN_M:
        most = f"is over half the way round the Earth, {kepler.HALF_TURN_M / 1e3:,.0f} km"
        mend = "the unit is kilometres" + _in_metres("--range-km", claim.range_m)
        raise _fault("--range-km", claim.range_m / 1e3, most, mend)
    _check_arc(claim, band)
    _check_minutes(claim)


def _check_arc(claim: Claim, band: BandFile) -> None:
    arc = kepler.arc(claim.apogee_m, claim.range_m)
    if excess_at(band, arc) is not None:
        return
    known = learned_apogees_m(band, claim.range_m)
    shown = f"{claim.range_m / 1e3:,.6g} km"
    if known is None:
        mend = "the check knows no flight so short or so long; it cannot judge this one"
        raise _fault("--range-km", claim.range_m / 1e3, "has no apogee that was learned", mend)
    bound = f"{known[0] / 1e3:,.0f} to {known[1] / 1e3:,.0f} km"
    if arc.speed_m_s < band.speeds_m_s[0]:
        problem = f"at a range of {shown} needs {arc.speed_m_s / 1e3:.2f} km/s: too slow to judge"
        mend = f"the check knows arcs from {band.speeds_m_s[0] / 1e3:g} km/s up; there, {bound}"
    elif claim.apogee_m < known[0]:
        problem = f"is too low for a ballistic arc of {shown}: such arcs rise {bound}"
        mend = "an object that flew lower glided, flew in the air or was carried by its engine"
    elif claim.apogee_m > known[1]:
        problem = f"is higher than what can be judged at a range of {shown}: {bound}"
        mend = "the unit is kilometres" + _in_metres("--apogee-km", claim.apogee_m)
    else:
        problem = f"at a range of {shown} lies where too few generic flights came"
        mend = f"the check knows {bound} there, with gaps; it cannot judge this one"
    raise _fault("--apogee-km", claim.apogee_m / 1e3, problem, mend)


def _check_minutes(claim: Claim) -> None:
    arc_s = kepler.arc(claim.apogee_m, claim.range_m).time_s
    least, most = _MINUTES_MISTAKEN
    if least * arc_s <= 60.0 * claim.time_s <= most * arc_s:
        problem = f"looks like minutes: falling from that apogee alone takes {arc_s / 2.0:,.0f} s"
        raise _fault("--time-s", claim.time_s, problem, f"write --time-s {60.0 * claim.time_s:.6g}")


def _in_metres(option: str, value_m: float) -> str:
    """A hint for a number that would do had it been given in metres."""
    return (
        f"; if it was in metres, write {option} {value_m / 1e6:.6g}"
        if value_m > _METRES_MISTAKEN_M
        else ""
    )


def _fault(option: str, value: float, problem: str, mend: str) -> FormatError:
    shown = f"{value:,.10g}"
    return FormatError(f"{shown} {problem}", file="claim", path=option, value=shown, mend=mend)
