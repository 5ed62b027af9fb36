"""``run``, ``process``, ``replay`` and ``report``: from files and options to run folders."""

from __future__ import annotations

import hashlib
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from forewarn.cli.scenarios import scenario_path, scenarios_folder
from forewarn.cli.story import tell_cases, tell_launches
from forewarn.cli.watching import Watch
from forewarn.epoch import DAY_NS, SECOND_NS
from forewarn.formats import FormatError
from forewarn.formats.areas import load_areas
from forewarn.formats.jsonl import Malformed, bounded_lines, decode_events
from forewarn.formats.network import load_network
from forewarn.formats.policy import load_policy
from forewarn.formats.scenario import load_scenario
from forewarn.frames import EarthOrientation
from forewarn.orbits import Catalogue
from forewarn.pipeline import Pipeline
from forewarn.records import Event, Realm, Tick, Unreadable
from forewarn.service.folder import check_free
from forewarn.service.replay import Replay, replay
from forewarn.service.runs import RunResult, orientation_between, paced, run_events
from forewarn.service.summary import About
from forewarn.simulation.observe import simulate
from forewarn.simulation.radar_sky import published_elements
from forewarn.simulation.scenario import Scenario

_SHOWN_FAULTS = 10
_TICKS_AFTER_S = 3_600
_LONGEST_RECORDING_NS = 400 * DAY_NS


@dataclass(frozen=True, slots=True)
class Configuration:
    """The files that set up a chain; what is None is taken from the shipped ones."""

    network: Path | None = None
    areas: Path | None = None
    policy: Path | None = None


def run_scenario(
    name: str,
    *,
    seed: int | None = None,
    out: Path | None = None,
    speed_ratio: float = 0.0,
    workers: int = 1,
    force: bool = False,
    quiet: bool = False,
) -> None:
    """Simulate a scenario as `simulate_scenario` does, and tell what happened."""
    result = simulate_scenario(
        name,
        seed=seed,
        out=out,
        speed_ratio=speed_ratio,
        workers=workers,
        force=force,
        quiet=quiet,
    )
    _tell(result, tell_launches(result), quiet=quiet)


def simulate_scenario(
    name: str,
    *,
    seed: int | None = None,
    out: Path | None = None,
    speed_ratio: float = 0.0,
    workers: int = 1,
    force: bool = False,
    quiet: bool = False,
) -> RunResult:
    """Simulate a scenario through the chain and write its run folder, report and all.

    ``workers`` is the number of processes that synthesise scans; it decides about time alone.
    Raises FormatError for bad input.
    """
    path = scenario_path(name)
    scenario = load_scenario(path)
    seed = scenario.seed if seed is None else seed
    folder = out or Path("runs") / f"{scenario.scenario_id}-seed-{seed}"
    check_free(folder, force=force)
    span_tai_ns = (scenario.start_tai_ns, scenario.end_tai_ns)
    try:
        orientation = orientation_between(EarthOrientation.from_iers(), *span_tai_ns)
        simulation = simulate(scenario, seed=seed, orientation=orientation, workers=workers)
    except ValueError as error:
        raise FormatError(
            f"cannot be simulated: {error}", file=str(path), mend="change the scenario"
        ) from error
    history = scenario.history
    about = About(
        title=scenario.title,
        scenario_id=scenario.scenario_id,
        description=scenario.description,
        seed=seed,
        cloud_top_m=scenario.cloud_top_m,
        command=_command(),
        history_note=history.note if history else None,
        history_alert_s=history.alert_s if history else None,
        input_digests={path.name: _digest(path)},
    )
    pipeline = Pipeline(
        scenario.network,
        scenario.areas,
        scenario.policy,
        orientation,
        Realm.SIMULATION,
        catalogue=_catalogue(scenario, seed),
    )
    with Watch(scenario.scenario_id, span_tai_ns=span_tai_ns, quiet=quiet) as watch:
        result = run_events(
            pipeline,
            simulation.events,
            folder,
            about=about,
            truth=simulation.truth,
            progress=watch,
            wait=paced(speed_ratio) if speed_ratio > 0.0 else None,
            force=force,
        )
    write_run_report(folder)
    return result


def _catalogue(scenario: Scenario, seed: int) -> Catalogue | None:
    """The public elements of the satellites in a scenario's sky, as the chain is given them."""
    if scenario.radar_sky is None:
        return None
    elements = published_elements(scenario.radar_sky, start_tai_ns=scenario.start_tai_ns, seed=seed)
    return Catalogue(elements) if elements else None


def process_scans(
    files: list[Path],
    configuration: Configuration,
    *,
    out: Path | None = None,
    force: bool = False,
    quiet: bool = False,
) -> None:
    """Take recorded events through the chain and tell what came of it.

    Raises FormatError for files that cannot be read or hold no events.
    """
    folder = out or Path("runs") / files[0].stem
    check_free(folder, force=force)
    shipped = scenarios_folder()
    network = load_network(configuration.network or shipped / "networks/notional-pacific.yaml")
    areas = load_areas(configuration.areas or shipped / "areas/notional-north.yaml")
    policy = load_policy(configuration.policy or shipped / "policies/default.yaml")
    events, faults = read_events(files)
    span_tai_ns = (events[0].received_tai_ns, events[-1].received_tai_ns)
    # One wild clock must not stretch the table of Earth orientation over the centuries.
    middle_tai_ns = events[len(events) // 2].received_tai_ns
    orientation = orientation_between(
        EarthOrientation.from_iers(),
        max(span_tai_ns[0], middle_tai_ns - _LONGEST_RECORDING_NS),
        min(span_tai_ns[1], middle_tai_ns + _LONGEST_RECORDING_NS),
    )
    about = About(
        title=f"Recorded detections: {', '.join(file.name for file in files)}",
        command=_command(),
        input_digests={file.name: _digest(file) for file in files},
        malformed=tuple(faults),
    )
    pipeline = Pipeline(network, areas, policy, orientation, events[0].realm)
    with Watch(folder.name, span_tai_ns=span_tai_ns, quiet=quiet) as watch:
        result = run_events(
            pipeline, with_ticks(events), folder, about=about, progress=watch, force=force
        )
    write_run_report(folder)
    _tell_faults(faults)
    _tell(result, tell_cases(result), quiet=quiet)


def read_events(files: list[Path]) -> tuple[list[Event], list[Malformed]]:
    """Return the events of JSON Lines files in the order received, and what could not be read.

    What could not be read is among the events too, as `Unreadable`, received with the event
    before it. Live events come back in the realm REPLAY. Raises FormatError if a file cannot be
    read, holds no event at all, or if the events are of several realms.
    """
    events: list[Event] = []
    faults: list[Malformed] = []
    places: list[tuple[int, Malformed]] = []  # index in events of the neighbour each came with
    for file in files:
        before = len(events)
        try:
            with file.open("rb") as stream:
                for found in decode_events(bounded_lines(stream), source=file.name):
                    if isinstance(found, Malformed):
                        faults.append(found)
                        places.append((max(len(events) - 1, before), found))
                    else:
                        events.append(_not_live(found))
        except OSError as error:
            mend = "check the path and its permissions"
            raise FormatError(
                f"cannot be read: {error.strerror}", file=str(file), mend=mend
            ) from None
        if len(events) == before:
            why = f"; first: {faults[0].place}: {faults[0].reason}" if faults else ""
            raise FormatError(
                f"holds no event{why}",
                file=str(file),
                mend="write one event a line as docs/reference/events.schema.json says",
            )
    realms = sorted({event.realm.value for event in events})
    if len(realms) > 1:
        raise FormatError(
            f"events of several realms ({', '.join(realms)}) never mix",
            file=str(files[0]),
            mend="process each realm by itself",
        )
    events += [_unreadable(n, events[i], fault) for n, (i, fault) in enumerate(places, start=1)]
    return sorted(events, key=lambda event: event.received_tai_ns), faults


def _unreadable(number: int, neighbour: Event, fault: Malformed) -> Unreadable:
    return Unreadable(
        unreadable_id=f"unreadable-{number:06d}",
        realm=neighbour.realm,
        received_tai_ns=neighbour.received_tai_ns,
        sensor_id=fault.sensor_id,
        place=fault.place,
        reason=fault.reason,
        text_excerpt=fault.text_excerpt,
    )


def _not_live(event: Event) -> Event:
    if event.realm is not Realm.LIVE:
        return event
    return msgspec.structs.replace(event, realm=Realm.REPLAY)


def with_ticks(events: list[Event]) -> Iterator[Event]:
    """Yield the events with a tick each second between them, unless they hold ticks already.

    After an hour of silence ticks stop until the next event: by then every track is over.
    """
    if any(isinstance(event, Tick) for event in events):
        yield from events
        return
    count = 0
    before_tai_ns = events[0].received_tai_ns
    for event in events:
        due_tai_ns = before_tai_ns - before_tai_ns % SECOND_NS + SECOND_NS
        until_tai_ns = min(event.received_tai_ns, before_tai_ns + _TICKS_AFTER_S * SECOND_NS)
        for instant_tai_ns in range(due_tai_ns, until_tai_ns + 1, SECOND_NS):
            yield Tick(
                tick_id=f"TICK-{count:06d}", realm=event.realm, received_tai_ns=instant_tai_ns
            )
            count += 1
        yield event
        before_tai_ns = event.received_tai_ns


def replay_journal(
    journal: Path, *, out: Path | None = None, force: bool = False, quiet: bool = False
) -> bool:
    """Replay a journal and tell what was found; return whether it is identical."""
    if journal.is_dir():
        journal = journal / "journal.db"
    if out is not None and out.resolve() == journal.parent.resolve():
        raise FormatError(
            "is the run that is replayed", file=str(out), mend="name another folder with --out"
        )
    with Watch(f"replay of {journal}", span_tai_ns=None, quiet=quiet) as watch:
        found = replay(journal, folder=out, progress=watch, force=force)
    if out is not None:
        write_run_report(out)
    _tell_replay(found, quiet=quiet)
    if out is not None:
        print(f"run folder: {out}")
    return found.identical


def write_run_report(folder: Path) -> Path:
    """Write a run folder's report and return its path. Raises FormatError for a bad folder."""
    from forewarn.studies.report import write_report

    try:
        return write_report(folder)
    except (FileNotFoundError, ValueError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(str(error), file=str(folder), mend="give the folder of a run") from error


def _tell(result: RunResult, story: list[str], *, quiet: bool) -> None:
    if not quiet:
        summary = result.summary
        name = summary.get("title") or result.folder.name
        seed = f" (seed {summary['seed']})" if "seed" in summary else ""
        print(f"{name}{seed}")
        for line in story:
            print(f"  {line}")
        print(
            f"  {summary['simulated_s']:,.0f} s in {summary['wall_s']:.1f} s: "
            f"{summary['real_time_ratio']:,.0f} x real time"
        )
    print(f"run folder: {result.folder}")
    print(f"report:     {result.folder / 'report.html'}")


def _tell_faults(faults: list[Malformed]) -> None:
    for fault in faults[:_SHOWN_FAULTS]:
        print(f"forewarn: left out {fault.place}: {fault.reason}", file=sys.stderr)
    if len(faults) > _SHOWN_FAULTS:
        more = len(faults) - _SHOWN_FAULTS
        print(f"forewarn: and {more} more; summary.json lists them", file=sys.stderr)


def _tell_replay(found: Replay, *, quiet: bool) -> None:
    if not quiet:
        print(f"{found.events} events stepped, {found.outputs} outputs")
    if found.chain.reason is not None:
        print(f"forewarn: {found.chain.reason}", file=sys.stderr)
    elif not found.chain.complete:
        print(
            "forewarn: the journal has no end row: the run was cut off, or rows were taken off its "
            f"end. {found.unwritten} outputs of its last events had not been written.",
            file=sys.stderr,
        )
    if found.difference is None:
        print("identical: every journaled output came out again, byte for byte")
        return
    row = "" if found.difference.row is None else f", row {found.difference.row} of the journal"
    print(f"forewarn: output {found.difference.number}{row} differs", file=sys.stderr)
    print(f"  journaled: {found.difference.journaled or '(nothing)'}", file=sys.stderr)
    print(f"  replayed:  {found.difference.replayed or '(nothing)'}", file=sys.stderr)


def _command() -> str:
    return shlex.join(["forewarn", *sys.argv[1:]])


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
