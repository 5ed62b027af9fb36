"""A run: events through the step, journaled, and everything that came of it in a folder.

Each group of events is committed to the journal before its first event is stepped. What is
stepped is what the journal gives back, so that a replay cannot differ by what the encoding lost.
Each record is encoded once; the run folder's lines are the journal's bytes.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from forewarn import __version__
from forewarn.epoch import DAY_NS, SECOND_NS
from forewarn.formats.cap import CapReference, cap_reference, encode_cap
from forewarn.formats.czml import encode_czml
from forewarn.formats.geojson import encode_geojson
from forewarn.formats.jsonl import encode_event, encode_output
from forewarn.frames import EarthOrientation
from forewarn.orbits import Catalogue
from forewarn.pipeline import Pipeline, initial_state, step
from forewarn.records import Event, Output, WarningDecision
from forewarn.service.folder import staged
from forewarn.service.journal import FORMAT_VERSION, Header, JournalWriter, decode_event
from forewarn.service.summary import About, Summary, configuration_entries
from forewarn.service.truth import encode_truth
from forewarn.simulation.truth import Truth

StepEvent = Callable[[Event], tuple[Output, ...]]

GROUP_NS = SECOND_NS
"""Events are committed in groups of this much event time; see `UNPACED_GROUP_NS`."""

UNPACED_GROUP_NS = 10 * SECOND_NS
"""The same for a run as fast as possible, where nobody waits for an event and a sync is dear."""

_ORIENTATION_MARGIN_NS = 2 * DAY_NS


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come, for whoever watches it."""

    event_tai_ns: int
    events: int
    tracks: int
    warned_areas: int


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run wrote, and its summary as in ``summary.json``."""

    folder: Path
    summary: dict[str, Any]


def stepper(pipeline: Pipeline) -> StepEvent:
    """Return the chain as one function of an event, which holds the state."""
    state = initial_state(pipeline)

    def step_event(event: Event) -> tuple[Output, ...]:
        nonlocal state
        state, outputs = step(pipeline, state, event)
        return outputs

    return step_event


def pipeline_of(header: Header) -> Pipeline:
    """Return the chain that a journal's header describes."""
    return Pipeline(
        header.network,
        header.areas,
        header.policy,
        header.orientation,
        header.realm,
        catalogue=Catalogue(header.catalogue) if header.catalogue else None,
    )


def orientation_between(
    orientation: EarthOrientation, first_tai_ns: int, last_tai_ns: int
) -> EarthOrientation:
    """Return the days of the table that matter between two instants, so that a journal is small.

    The angles inside are the same to the bit, because days are only ever interpolated between
    neighbours. Outside the table nothing is left out.
    """
    days = orientation.day_tai_ns
    wanted = range(first_tai_ns - _ORIENTATION_MARGIN_NS, last_tai_ns + _ORIENTATION_MARGIN_NS)
    kept = [index for index, day_tai_ns in enumerate(days) if day_tai_ns in wanted]
    if len(kept) < 2:
        return orientation
    part = slice(kept[0], kept[-1] + 1)
    return msgspec.structs.replace(
        orientation,
        day_tai_ns=days[part],
        ut1_minus_tai_s=orientation.ut1_minus_tai_s[part],
        pole_x_rad=orientation.pole_x_rad[part],
        pole_y_rad=orientation.pole_y_rad[part],
        celestial_dx_rad=orientation.celestial_dx_rad[part],
        celestial_dy_rad=orientation.celestial_dy_rad[part],
    )


def paced(speed_ratio: float) -> Callable[[int], None]:
    """Return a function that waits for an instant; time goes ``speed_ratio`` times as fast."""
    started: tuple[float, int] | None = None

    def wait(event_tai_ns: int) -> None:
        nonlocal started
        if started is None:
            started = (time.monotonic(), event_tai_ns)
        due_s = started[0] + (event_tai_ns - started[1]) / SECOND_NS / speed_ratio
        time.sleep(max(0.0, due_s - time.monotonic()))

    return wait


def groups(events: Iterable[Event], *, span_ns: int = GROUP_NS) -> Iterator[list[Event]]:
    """Yield the events in groups of ``span_ns`` of event time, in their order."""
    group: list[Event] = []
    for event in events:
        if group and event.received_tai_ns - group[0].received_tai_ns >= span_ns:
            yield group
            group = []
        group.append(event)
    if group:
        yield group


def run_events(
    pipeline: Pipeline,
    events: Iterable[Event],
    folder: Path,
    *,
    about: About | None = None,
    truth: Truth | None = None,
    step_event: StepEvent | None = None,
    progress: Callable[[Progress], None] | None = None,
    wait: Callable[[int], None] | None = None,
    force: bool = False,
) -> RunResult:
    """Step ``events`` in their order and write the run folder; it appears whole or not at all.

    ``truth`` is what really flew, if known: it goes to ``truth.json`` and into the summary, never
    into the step. ``progress`` is told after each group, ``wait`` (see `paced`) before each.
    ``step_event`` replaces the chain, for tests. ``force`` replaces an earlier run.

    Raises FormatError if the folder holds something, and ValueError for an event that cannot be
    written down (NaN); nothing is left behind then.
    """
    about = about or About()
    header = Header(
        format_version=FORMAT_VERSION,
        forewarn_version=__version__,
        realm=pipeline.realm,
        network=pipeline.network,
        areas=pipeline.areas,
        policy=pipeline.policy,
        catalogue=pipeline.catalogue,
        orientation=pipeline.orientation,
        scenario_id=about.scenario_id,
        seed=about.seed,
    )
    header = msgspec.json.decode(msgspec.json.encode(header), type=Header)
    with staged(folder, force=force) as partial:
        summary = Summary(truth)
        started_s = time.perf_counter()
        with (
            JournalWriter(partial / "journal.db", header) as journal,
            (partial / "outputs.jsonl").open("wb") as lines,
            _quiet_collector(),
        ):
            recorder = _Recorder(journal, lines, summary)
            recorder.record(events, step_event or stepper(pipeline_of(header)), progress, wait)
        wall_s = time.perf_counter() - started_s
        entries = _summary_entries(header, about, summary, wall_s)
        _write_exports(partial, header, entries)
        if truth is not None:
            (partial / "truth.json").write_bytes(encode_truth(truth))
        (partial / "summary.json").write_bytes(_pretty(entries))
    return RunResult(folder=folder, summary=entries)


@dataclass(slots=True)
class _Recorder:
    """The loop round the step: commit a group, step it, keep what comes out."""

    journal: JournalWriter
    lines: BinaryIO
    summary: Summary

    def record(
        self,
        events: Iterable[Event],
        step_event: StepEvent,
        progress: Callable[[Progress], None] | None,
        wait: Callable[[int], None] | None,
    ) -> None:
        count = 0
        span_ns = GROUP_NS if wait is not None else UNPACED_GROUP_NS
        for group in groups(events, span_ns=span_ns):
            if wait is not None:
                wait(group[0].received_tai_ns)
            bodies = [encode_event(event) for event in group]
            for body in bodies:
                self.journal.append_event(body)
            self.journal.commit()
            for body in bodies:
                self._step(decode_event(body), step_event)
            count += len(group)
            if progress is not None:
                tracks, warned = self.summary.tracks, self.summary.warned_areas
                progress(Progress(group[-1].received_tai_ns, count, tracks, warned))

    def _step(self, event: Event, step_event: StepEvent) -> None:
        outputs = step_event(event)
        for output in outputs:
            body = encode_output(output)
            self.journal.append_output(body)
            self.lines.write(body + b"\n")
        self.summary.take(event, outputs)


@contextmanager
def _quiet_collector() -> Iterator[None]:
    """Leave what exists already (the events, above all) out of garbage collection for a while."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _summary_entries(
    header: Header, about: About, summary: Summary, wall_s: float
) -> dict[str, Any]:
    facts = {key: value for key, value in msgspec.to_builtins(about).items() if value is not None}
    return {
        **facts,
        "realm": header.realm.value,
        "version": header.forewarn_version,
        "network_id": header.network.network_id,
        "policy_id": header.policy.policy_id,
        **summary.entries(),
        "wall_s": round(wall_s, 3),
        "real_time_ratio": round(summary.simulated_s / wall_s, 1),
        **configuration_entries(header.network, header.areas),
    }


def _pretty(entries: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(entries), indent=1) + b"\n"


def _write_exports(folder: Path, header: Header, entries: dict[str, Any]) -> None:
    """Write what other programs read: CAP messages, CZML, GeoJSON, from the output lines."""
    decoder: msgspec.json.Decoder[Output] = msgspec.json.Decoder(Output)
    with (folder / "outputs.jsonl").open("rb") as lines:
        outputs = [decoder.decode(line) for line in lines]
    title = entries.get("title") or header.network.title
    (folder / "tracks.czml").write_bytes(encode_czml(outputs, header.areas, title=title))
    (folder / "impact.geojson").write_bytes(encode_geojson(outputs, header.areas))
    (folder / "alerts").mkdir()
    # A sender under .invalid (RFC 2606) cannot be taken for an authority's.
    sender = f"forewarn@{header.realm.value}.invalid"
    sent: dict[str, list[CapReference]] = {}
    public = [o for o in outputs if isinstance(o, WarningDecision) and o.public]
    for number, decision in enumerate(public, start=1):
        previous = sent.setdefault(decision.case_id, [])
        message = encode_cap(decision, header.areas, sender=sender, previous=tuple(previous))
        previous.append(cap_reference(decision, sender=sender))
        name = "".join(c if c.isalnum() or c in "-_" else "-" for c in decision.decision_id)
        (folder / "alerts" / f"{number:04d}-{name}.xml").write_bytes(message)
