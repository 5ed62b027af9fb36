"""The words of a study of bounds: its headline and tables, for terminal, picture and page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from forewarn.studies.bounds_study import BoundsStudy, LaunchStudy, Moment, Score
from forewarn.studies.report_words import class_words, kilometres

HEADINGS = {
    "launch_place_m": "Launch place",
    "launch_time_s": "Launch time",
    "impact_place_m": "Impact place",
    "impact_time_s": "Impact time",
    "position_m": "Position of the track",
    "velocity_m_s": "Velocity of the track",
}
_WIDTH = 98
COLUMNS = ("", "runs", "bound", "achieved", "ratio", "NEES", "90 % held")
_OF_COLUMNS = (
    "Bound: the least median error of any estimator that knows which looks are of the launch, and "
    "beforehand only the class of its vehicle. Ratio: the median of error over bound; 1 is as good "
    "as can be. NEES: 1 if the stated errors are honest, more if they are too small."
)
_OF_BOUND = (
    "Silent looks but for the one that finds the plume gone, brightness and doubt about clutter "
    "are no information in this bound. While the engine burns, the bound of the impact is that of "
    "a vehicle that may stop at any time; where all launches fly one stated range, a guess can be "
    "better than that."
)
NOTES = (_OF_COLUMNS, _OF_BOUND)


def amount(quantity: str, value: float | None) -> str:
    """Return a value with the unit that the name of its quantity ends in."""
    if value is None:
        return "none"
    if quantity.endswith("_m_s"):
        return f"{_three(value)} m/s"
    if quantity.endswith("_s"):
        return f"{_three(value)} s"
    return f"{_three(value)} m" if value < 99.5 else kilometres(value)


def _three(value: float) -> str:
    """Return three digits, no more."""
    if value >= 99.5:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 9.95 else f"{value:.2f}"


def headline(launch: LaunchStudy) -> str:
    """Return what the study says of a launch in one line."""
    moment = next((m for m in launch.moments if m.name == "burn-out"), None)
    if moment is None:
        return f"{launch.launch_id}: the scenario ends before burn-out"
    score = moment.scores["launch_place_m"]
    possible = amount("launch_place_m", score.bound)
    if score.error is None:
        return f"{launch.launch_id}: no launch place by burn-out, where {possible} is possible"
    achieved = amount("launch_place_m", score.error)
    return f"{launch.launch_id}: launch known to {achieved} by burn-out; {possible} is possible"


def about(launch: LaunchStudy, run_count: int) -> str:
    """Return what was flown, and how often."""
    runs = "1 run" if run_count == 1 else f"{run_count} runs"
    return (
        f"{launch.vehicle_id}, {class_words(launch.vehicle_class).lower()}; it burns "
        f"{launch.burnout_s:.0f} s; {runs}"
    )


def looks_words(moment: Moment) -> str:
    """Return how many looks each sensor had given."""
    given = [f"{name}\u00a0{count:g}" for name, count in moment.looks.items() if count > 0]
    return ", ".join(given) or "none"


def tables(launch: LaunchStudy) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Yield each quantity's heading and rows, in the order of `COLUMNS`."""
    for quantity, heading in HEADINGS.items():
        rows = [
            (moment.name, *_cells(quantity, moment.scores[quantity], moment.run_count))
            for moment in launch.moments
            if quantity in moment.scores
        ]
        if rows:
            yield heading, rows


def _cells(quantity: str, score: Score, run_count: int) -> tuple[str, ...]:
    bound = amount(quantity, score.bound)
    if score.error is None:
        return (f"0 of {run_count}", bound, "no estimate", "", "", "")
    return (
        f"{score.estimate_count} of {run_count}",
        bound,
        amount(quantity, score.error),
        f"{score.ratio:.2f}" if score.ratio is not None else "",
        f"{score.nees:.2f}" if score.nees is not None else "infinite",
        f"{score.held_count} of {score.estimate_count}",
    )


def text(study: BoundsStudy) -> str:
    """Return a whole study as plain text."""
    found: list[str] = []
    for launch in study.launches:
        found += [*lines(launch, study.run_count), ""]
    for note in NOTES:
        found += textwrap.wrap(note, _WIDTH)
    return "\n".join(found)


def lines(launch: LaunchStudy, run_count: int) -> list[str]:
    """Return a launch's study as lines of plain text."""
    found = [headline(launch), about(launch, run_count), "", f"{'Looks by then':<20} {'after':>8}"]
    for moment in launch.moments:
        given = f"{moment.name:<20} {moment.since_launch_s:>6.0f} s   {looks_words(moment)}"
        found += textwrap.wrap(given, _WIDTH, subsequent_indent=" " * 32, break_on_hyphens=False)
    for heading, rows in tables(launch):
        found += ["", _line((heading, *COLUMNS[1:]))]
        found += [_line(row) for row in rows]
    return found


def _line(cells: tuple[str, ...]) -> str:
    name, runs, bound, achieved, ratio, nees, held = cells
    return (
        f"{name:<22} {runs:>8} {bound:>11} {achieved:>12} {ratio:>7} {nees:>9} {held:>11}"
    ).rstrip()
