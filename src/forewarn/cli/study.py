"""``study bounds``: what was achieved beside what is possible: tables, numbers and a picture."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from forewarn.cli.scenarios import scenario_path
from forewarn.formats import FormatError
from forewarn.formats.scenario import load_scenario
from forewarn.frames import EarthOrientation
from forewarn.service.folder import check_free, staged
from forewarn.service.runs import orientation_between
from forewarn.studies import bounds_words as words
from forewarn.studies.bounds_study import BoundsStudy, ScenarioError, bounded_launches, study


def study_bounds(
    name: str, *, seeds: int, launch_id: str | None, out: Path | None, workers: int
) -> None:
    """Study a scenario over seeds, print its tables, and write its files where asked.

    Raises FormatError for bad input, before anything is run.
    """
    if out is not None:
        check_free(out)
    path = scenario_path(name)
    scenario = load_scenario(path)
    try:
        bounded_launches(scenario, launch_id)
    except ValueError as error:
        raise FormatError(str(error), file=str(path)) from error
    span_tai_ns = scenario.start_tai_ns, scenario.end_tai_ns
    orientation = orientation_between(EarthOrientation.from_iers(), *span_tai_ns)
    try:
        done = study(
            scenario,
            orientation,
            run_count=seeds,
            launch_id=launch_id,
            workers=workers,
            progress=lambda count: _progress(count, seeds),
        )
    except ScenarioError as error:
        raise FormatError(
            f"cannot be simulated: {error}", file=str(path), mend="change the scenario"
        ) from error
    print(words.text(done))
    if out is not None:
        _write(done, out)
        print(f"\nwritten: {out}")


def _progress(done: int, seeds: int) -> None:
    """Say on a terminal how many runs are done, on one line that goes away."""
    if sys.stderr.isatty():
        end = "\r" if done < seeds else "\r\x1b[K"
        print(f"run {done} of {seeds}", end=end, file=sys.stderr, flush=True)


def _write(done: BoundsStudy, folder: Path) -> None:
    from forewarn.studies.bounds_page import page
    from forewarn.studies.bounds_picture import draw

    with staged(folder) as empty:
        numbers = msgspec.json.format(msgspec.json.encode(done), indent=1)
        (empty / "bounds.json").write_bytes(numbers + b"\n")
        (empty / "bounds.html").write_text(page(done), encoding="utf-8", newline="\n")
        for launch in done.launches:
            suffix = "" if len(done.launches) == 1 else f"-{launch.launch_id}"
            (empty / f"bounds{suffix}.svg").write_bytes(draw(launch, done.run_count))
