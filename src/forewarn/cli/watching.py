"""What is shown while a run goes on: a bar on a terminal, a few plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from forewarn.epoch import SECOND_NS, utc_text_from_tai_ns
from forewarn.service.runs import Progress as RunProgress

_PLAIN_LINES = 4


class Watch:
    """Told how a run goes; shows it on stderr. Use it as a context and as ``progress``.

    On a terminal it is a bar with simulated time, tracks, warned areas and the speed-up over real
    time; elsewhere a line at each quarter; with ``quiet`` nothing.
    """

    def __init__(self, title: str, *, span_tai_ns: tuple[int, int] | None, quiet: bool) -> None:
        """Prepare for a run between two instants, if they are known."""
        self._title = title
        self._span_tai_ns = span_tai_ns
        self._quiet = quiet
        self._bar: Progress | None = None
        self._exit = ExitStack()
        self._started_s = 0.0
        self._told = 0

    def __enter__(self) -> Watch:
        self._started_s = time.monotonic()
        if not self._quiet and sys.stderr.isatty():
            bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                TextColumn("{task.fields[words]}"),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            bar.add_task(self._title, total=None, words="preparing")
            self._bar = self._exit.enter_context(bar)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.__exit__(kind, error, trace)

    def __call__(self, progress: RunProgress) -> None:
        """Take note of how far the run is."""
        if self._quiet:
            return
        first, last = self._span_tai_ns or (progress.event_tai_ns, progress.event_tai_ns)
        passed_s = (progress.event_tai_ns - first) / SECOND_NS
        total_s = (last - first) / SECOND_NS
        wall_s = max(time.monotonic() - self._started_s, 1e-3)
        words = (
            f"{utc_text_from_tai_ns(progress.event_tai_ns, 0)}  {progress.tracks} tracks  "
            f"{progress.warned_areas} areas warned  {passed_s / wall_s:,.0f} x real time"
        )
        if self._bar is not None:
            task = self._bar.task_ids[0]
            self._bar.update(task, total=total_s or None, completed=passed_s, words=words)
        elif total_s > 0.0 and passed_s * _PLAIN_LINES >= (self._told + 1) * total_s:
            self._told = int(passed_s * _PLAIN_LINES / total_s)
            share = 100 * self._told // _PLAIN_LINES
            print(f"{self._title}: {share} %  {words}", file=sys.stderr, flush=True)
