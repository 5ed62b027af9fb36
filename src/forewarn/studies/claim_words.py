"""The plain words of a verdict: why, and what is not known."""

from __future__ import annotations

import math

from forewarn.formats.claim import JudgedClaim, Verdict
from forewarn.missiles.kepler import Arc
from forewarn.studies.claim_band import Excess

IN_THE_AIR_M = 100e3  # the Karman line, FAI; below it drag and lift shape much of the flight


def clock(time_s: float) -> str:
    """Return a duration as people say it: ``67 min 32 s``."""
    minutes, seconds = divmod(round(time_s), 60)
    if minutes == 0:
        return f"{seconds} s"
    return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"


def headline(judged: JudgedClaim) -> str:
    """Return the verdict as one sentence."""
    if judged.verdict == "too short":
        if judged.excess_s < 0.0:
            lacking = f"{-judged.excess_s:,.0f} s less than the engine-free arc"
            return f"Too short: {clock(judged.time_s)} is {lacking}"
        over = f"{judged.excess_s:,.0f} s over the engine-free arc leave no time for the boost"
        return f"Too short: {over}"
    if judged.verdict == "too long":
        return f"Too long: {judged.excess_s:,.0f} s over the engine-free arc is more than a boost"
    return f"Consistent: {judged.excess_s:,.0f} s over the engine-free arc" + (
        ", within its error only" if judged.by_error_only else ", as a boost takes"
    )


def reasons(
    arc: Arc,
    excess_s: float,
    excess: Excess,
    verdict: Verdict,
    *,
    by_error: bool,
    probability: float,
) -> tuple[str, ...]:
    """Return why the verdict is what it is."""
    of = round(1.0 / (1.0 - probability))
    fall = (
        f"Without an engine or air, from the ground up to {arc.apogee_m / 1e3:,.6g} km and down "
        f"again {arc.range_m / 1e3:,.6g} km away takes {arc.time_s:,.0f} s "
        f"({clock(arc.time_s)}); the arc leaves the ground at {arc.speed_m_s / 1e3:.2f} km/s, "
        f"{math.degrees(arc.angle_rad):.0f} degrees above the horizon."
    )
    boost = (
        f"An engine takes time to give that speed: {of - 1} in {of} generic flights take "
        f"{excess.shortest_s:.0f} to {excess.longest_s:.0f} s longer than their arc "
        f"(solid about {excess.solid_s:.0f} s, liquid about {excess.liquid_s:.0f} s)."
    )
    told = [fall, boost]
    if by_error:
        told.append(
            f"The published excess, {excess_s:+,.0f} s, is outside that band; twice the error of "
            "the published numbers reaches into it. A number rounded less could decide."
        )
    elif verdict == "consistent":
        told.append(f"The published excess, {excess_s:+,.0f} s, is within that band.")
    elif verdict == "too short":
        told.append(
            f"The published excess, {excess_s:+,.0f} s, is below that band by "
            f"{excess.shortest_s - excess_s:,.0f} s, more than twice its error. At least one of "
            "the three numbers is wrong, or they are not of one flight."
        )
    else:
        told.append(
            f"The published excess, {excess_s:+,.0f} s, is above that band by "
            f"{excess_s - excess.longest_s:,.0f} s, more than twice its error. A number is wrong, "
            "or the object did not fly an arc: it glided, was lifted, or burnt unusually long."
        )
    return tuple(told)


def unknowns(*, error_s: float, time_error_s: float, near: int, apogee_m: float) -> tuple[str, ...]:
    """Return what the verdict does not know, in the order of its weight."""
    good_to = f"The published numbers are good to {error_s:.1f} s of excess (one sigma), "
    told = [good_to + f"{time_error_s:.1f} s of it from the time."]
    if near == 0:
        told.append(
            "No real flight to 2021 had an arc of like speed and angle: the band rests on generic "
            "vehicles alone here."
        )
    else:
        flights = "one real flight" if near == 1 else f"{near} real flights"
        told.append(
            f"The band is backed here by {flights} to 2021 of like speed and angle, the claimed "
            "one perhaps among them."
        )
    if apogee_m < IN_THE_AIR_M:
        told.append(
            "The object stayed below 100 km, where drag and lift count: a missile that pulls up "
            "or glides flies no arc, and this check does not apply to it."
        )
    told.append(
        "The launch site and direction are not asked for; the turning of the Earth is in the "
        "band's width. A consistent claim can still be false."
    )
    return tuple(told)
