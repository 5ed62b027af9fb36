"""The after-action report of a run: one HTML page that opens anywhere, with nothing to fetch."""

from __future__ import annotations

from pathlib import Path

from forewarn.studies.report_page import page
from forewarn.studies.report_run import read_run


def write_report(run_folder: Path) -> Path:
    """Write ``report.html`` into ``run_folder`` and return its path.

    The folder must hold ``outputs.jsonl``; ``summary.json``, ``truth.json`` and ``alerts/`` are
    used if they are there. The same folder always gives the same bytes. Raises FileNotFoundError
    if there are no outputs and ValueError, naming file and line, for what cannot be read.
    """
    target = run_folder / "report.html"
    target.write_text(page(read_run(run_folder)), encoding="utf-8", newline="\n")
    return target
