"""The commands and their options. Everything heavy is imported when a command runs, not before.

`start` turns whatever happens into an exit status and, for bad input, one message that teaches.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

INTERNAL_ERROR = 1
BAD_INPUT = 2
VERIFICATION_FAILED = 3
INTERRUPTED = 130

EXIT_STATUS = """\b
Exit status:
  0    all is well
  1    an internal error: a bug in forewarn
  2    the input is bad; the message says what, where and what to do
  3    a verification failed: a replay differs, or a journal is broken
  130  stopped by Ctrl-C; nothing half-written is left
"""


def _epilog(*examples: str) -> str:
    """Return what stands at the end of a command's help, its lines kept as they are."""
    lines = "\n".join(f"  {example}" for example in examples)
    return f"\b\nExamples:\n{lines}\n\n{EXIT_STATUS}"


app = typer.Typer(
    name="forewarn",
    help="Open, purely defensive missile early warning: detect, track, forecast, warn.",
    epilog=EXIT_STATUS,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Out = Annotated[Path | None, typer.Option(help="Folder to write; it appears whole or not at all.")]
Force = Annotated[bool, typer.Option("--force", help="Replace an earlier run in that folder.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say only where the results are.")]


def start(arguments: list[str]) -> int:
    """Run a command and return the exit status."""
    from forewarn.formats.faults import FormatError

    try:
        app(args=arguments, prog_name="forewarn")
    except SystemExit as end:
        if end.code == INTERRUPTED:
            print("forewarn: stopped; nothing half-written was left behind", file=sys.stderr)
        return end.code if isinstance(end.code, int) else INTERNAL_ERROR
    except FormatError as error:
        print(f"forewarn: {error}", file=sys.stderr)
        return BAD_INPUT
    except Exception as error:  # noqa: BLE001  (the last resort: every other error is a bug)
        return _last_resort(error)
    return 0


def _last_resort(error: Exception) -> int:
    from forewarn.service.journal import JournalError

    if isinstance(error, JournalError):
        print(f"forewarn: {error}", file=sys.stderr)
        return BAD_INPUT if error.row is None else VERIFICATION_FAILED
    traceback.print_exception(error)
    print(
        "forewarn: internal error, a bug in forewarn and not in your input. Please report the "
        "lines above with the command that you ran.",
        file=sys.stderr,
    )
    return INTERNAL_ERROR


@app.command(
    epilog=_epilog(
        "forewarn run overflight-2017-08-29",
        "forewarn run scenarios/falcon/ses-10.yaml --out runs/ses-10",
        "forewarn run overflight-2017-08-29 --seed 7 --speed 10",
    )
)
def run(
    scenario: Annotated[str, typer.Argument(help="A scenario file, or the name of a shipped one.")],
    *,
    seed: Annotated[int | None, typer.Option(min=0, help="Instead of the scenario's own.")] = None,
    out: Out = None,
    speed_ratio: Annotated[
        float,
        typer.Option("--speed", min=0.0, help="Times as fast as life; 0 as fast as possible."),
    ] = 0.0,
    workers: Annotated[
        int, typer.Option(min=1, max=256, help="Processes that synthesise the sensors' scans.")
    ] = 1,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Simulate a scenario through the whole chain.

    The same scenario and seed give the same outputs, to the byte.
    """
    from forewarn.cli.runs import run_scenario

    run_scenario(
        scenario,
        seed=seed,
        out=out,
        speed_ratio=speed_ratio,
        workers=workers,
        force=force,
        quiet=quiet,
    )


@app.command(
    epilog=_epilog(
        "forewarn process scans.jsonl --out runs/mine",
        "forewarn process east.jsonl west.jsonl --network network.yaml --areas areas.yaml",
    )
)
def process(
    scans: Annotated[list[Path], typer.Argument(help="Files of events, JSON Lines.")],
    *,
    network: Annotated[
        Path | None, typer.Option(help="The sensors' network file; left out, a shipped one.")
    ] = None,
    areas: Annotated[
        Path | None, typer.Option(help="The defended areas; left out, shipped ones.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="The warning policy; left out, the shipped one.")
    ] = None,
    out: Out = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Take recorded detections through the same chain.

    Each line is an event as in docs/reference/events.schema.json. Events are taken in the order in
    which they were received, and time passes by a tick each second where the files have none. What
    was recorded live is taken as a replay, so that nothing made here can be an actual warning.
    """
    from forewarn.cli.runs import Configuration, process_scans

    configuration = Configuration(network=network, areas=areas, policy=policy)
    process_scans(scans, configuration, out=out, force=force, quiet=quiet)


@app.command(
    epilog=_epilog(
        "forewarn replay runs/overflight --verify",
        "forewarn replay runs/overflight/journal.db --out runs/again",
    )
)
def replay(
    journal: Annotated[Path, typer.Argument(help="A journal.db, or the run folder it is in.")],
    verify: Annotated[
        bool, typer.Option("--verify", help="Exit with 3 unless every byte is the same.")
    ] = False,
    out: Out = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Step a journal again and compare what comes out.

    The rows' hash chain is followed first. Of a torn journal the sound rows are stepped; with --out
    they make a whole run folder again.
    """
    from forewarn.cli.runs import replay_journal

    if not replay_journal(journal, out=out, force=force, quiet=quiet) and verify:
        raise typer.Exit(VERIFICATION_FAILED)


@app.command(epilog=_epilog("forewarn report runs/overflight"))
def report(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
) -> None:
    """Write the after-action report of a run anew.

    It is one HTML page without outside parts, report.html in the run folder.
    """
    from forewarn.cli.runs import write_run_report

    print(write_run_report(folder))


@app.command(epilog=_epilog("forewarn check scenarios/*.yaml scenarios/networks/*.yaml"))
def check(
    files: Annotated[list[Path], typer.Argument(help="Files to look at.", metavar="FILE...")],
) -> None:
    """Validate scenario, network, areas, policy or vehicles files.

    The files that they name are read too. Every file is looked at, also after one that is bad.
    """
    from forewarn.cli.checking import check_files

    if not check_files(files):
        raise typer.Exit(BAD_INPUT)


@app.command(
    epilog=_epilog(
        "forewarn claim --apogee-km 6040.9 --range-km 999.2 --time-s 4135",
        "forewarn claim --apogee-km 550 --range-km 2700 --time-s 840 --picture claim.svg",
        "forewarn claim --apogee-km 6248.5 --range-km 1090 --time-s 4052 --json",
    )
)
def claim(
    *,
    apogee_km: Annotated[float, typer.Option(help="Published height of the highest point.")],
    range_km: Annotated[float, typer.Option(help="Published distance along the ground.")],
    time_s: Annotated[float, typer.Option(help="Published flight time, in seconds.")],
    apogee_error_km: Annotated[
        float | None, typer.Option(help="One sigma; left out, what its rounding implies.")
    ] = None,
    range_error_km: Annotated[
        float | None, typer.Option(help="One sigma; left out, what its rounding implies.")
    ] = None,
    time_error_s: Annotated[
        float | None, typer.Option(help="One sigma; left out, what its rounding implies.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
    picture: Annotated[
        Path | None, typer.Option(help="Draw it too: a file that ends in .svg or .png.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier picture.")] = False,
) -> None:
    """Does a published apogee, range and flight time obey physics?

    Without an engine the arc takes a time that nobody can argue with; an engine adds some minutes
    to it, as a learned band says. The verdict is consistent, too short or too long, and any of them
    is exit status 0.
    """
    from forewarn.cli.claim import check_claim
    from forewarn.studies.claim import Claim

    published = Claim(
        apogee_m=apogee_km * 1e3,
        range_m=range_km * 1e3,
        time_s=time_s,
        apogee_error_m=None if apogee_error_km is None else apogee_error_km * 1e3,
        range_error_m=None if range_error_km is None else range_error_km * 1e3,
        time_error_s=time_error_s,
    )
    check_claim(published, as_json=as_json, picture=picture, force=force)


study = typer.Typer(
    name="study",
    help="Measure the chain itself, over many runs.",
    epilog=EXIT_STATUS,
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(study)


@study.command(
    epilog=_epilog(
        "forewarn study bounds overflight-2017-08-29",
        "forewarn study bounds overflight-2017-08-29 --seeds 100 --workers 4 --out studies/bounds",
        "forewarn study bounds mine.yaml --launch north-1",
    )
)
def bounds(
    scenario: Annotated[str, typer.Argument(help="A scenario file, or the name of a shipped one.")],
    *,
    seeds: Annotated[int, typer.Option(min=1, max=100_000, help="Runs, of seeds 1 and on.")] = 20,
    launch: Annotated[
        str | None, typer.Option(help="The id of one launch; left out, every one.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for numbers, picture and page; it must be new.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=256, help="Processes that share the runs.")
    ] = 1,
) -> None:
    """How near to the least possible error do launch and impact come?

    The posterior Cramer-Rao bound, from exactly the looks that were taken, beside the error that
    the chain achieved. With --out it writes bounds.json, bounds.html and a picture of each launch.
    """
    from forewarn.cli.study import study_bounds

    study_bounds(scenario, seeds=seeds, launch_id=launch, out=out, workers=workers)


@app.command(epilog=_epilog("forewarn demo --out runs/demo"))
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the two run folders.")] = Path("runs/demo"),
) -> None:
    """See two launches told second by second: the first run.

    First the missile that flew over Japan on 29 August 2017, then a real space launch that must
    warn nobody. Takes less than a minute, asks nothing, and leaves two run folders with reports.
    """
    from forewarn.cli.demo import show

    show(out)


@app.command(epilog=_epilog("forewarn warmup"))
def warmup() -> None:
    """Compile the kernels, so that the next start is quick.

    They are kept in FOREWARN_CACHE, else in XDG_CACHE_HOME, else in ~/.cache.
    """
    from time import monotonic

    from forewarn import kernels

    begun_s = monotonic()
    kernels.warmup()
    print(f"kernels are ready ({monotonic() - begun_s:.0f} s)")


@app.command(epilog=_epilog("forewarn version"))
def version() -> None:
    """Print the versions that decide about results."""
    from forewarn.cli.versions import versions

    for name, number in versions().items():
        print(f"{name} {number}")
