"""The plain words of this room: classes, spans of time, chances. No degrees, no UTC."""

from __future__ import annotations

from forewarn.epoch import SECOND_NS
from forewarn.records import AreaState, Assessment, CaseState, Physics

CLASS_WORDS = {
    "short_range": "short-range missile",
    "medium_range": "medium-range missile",
    "intermediate_range": "intermediate-range missile",
    "intercontinental": "intercontinental missile",
    "space_launch": "space launch",
    "unknown": "object of unknown class",
}

PHYSICS_WORDS = {Physics.INFRARED: "infrared satellite", Physics.RADAR: "radar"}

CASE_WORDS = {
    CaseState.WATCHING: "Watching",
    CaseState.POSSIBLE: "Possible",
    CaseState.PROBABLE: "Probable",
    CaseState.CONFIRMED: "Confirmed",
    CaseState.LOST: "Lost",
    CaseState.WITHDRAWN: "Withdrawn",
    CaseState.ENDED: "Ended",
}

AREA_WORDS = {
    AreaState.QUIET: "Not warned",
    AreaState.PREPARE: "Prepare",
    AreaState.SHELTER: "Take shelter",
    AreaState.EXTENDED: "Newly warned, prepare",
    AreaState.NARROWED: "No longer in the forecast, stay until the object has passed",
    AreaState.ALL_CLEAR: "All clear",
    AreaState.CANCELLED: "Cancelled",
}


HYPOTHESIS_WORDS = {
    "glider": "boost-glide vehicle",
    "sounding_rocket": "sounding rocket",
    "failed_boost": "rocket whose boost failed",
    "satellite": "satellite",
    "decaying_object": "satellite that comes down",
}
"""Of what has no class of its own."""

NAMED_FROM = 0.6  # a class less probable than this is not named in a headline


def class_words(assessment: Assessment) -> str:
    """Name the class if one is more likely than not, else say what all the likely ones are."""
    probabilities = assessment.class_probabilities
    if not probabilities:
        return CLASS_WORDS["unknown"]
    told = assessment.hypotheses
    for hypothesis, words in HYPOTHESIS_WORDS.items():
        if told.get(hypothesis, 0.0) >= NAMED_FROM:
            return words
    name = min(probabilities, key=lambda n: (-probabilities[n], n))
    if probabilities[name] < NAMED_FROM:
        innocent = probabilities.get("space_launch", 0.0)
        return "launch of a class not yet known" if innocent > 0.2 else "missile of unknown range"
    return CLASS_WORDS.get(name, name.replace("_", " "))


def origin_words(assessment: Assessment) -> str:
    """Say where it was launched, as far as that is known by name."""
    if assessment.launch is None:
        return "origin not known"
    if assessment.launch.site is None:
        return "origin away from known sites"
    return f"from near {assessment.launch.site}"


def span_words(span_ns: int) -> str:
    """Say a span of time in seconds below two minutes and in minutes and seconds above."""
    seconds = max(0, round(span_ns / SECOND_NS))
    if seconds < 120:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def percent_words(probability: float) -> str:
    """Say a probability in percent with two figures, and without rounding it to 0 or to 100."""
    if 0.0 < probability < 0.0001:
        return "below 0.01 %"
    if 0.995 <= probability < 1.0:
        return "above 99 %"
    percent = 100.0 * probability
    return f"{percent:.0f} %" if percent >= 10.0 else f"{percent:.2g} %"


def count_words(count: int, noun: str) -> str:
    """Count a noun that takes a plain s: ``1 area``, ``no areas``, ``3 areas``."""
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
