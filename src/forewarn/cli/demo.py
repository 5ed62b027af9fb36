"""The guided first run: two launches, told second by second."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from forewarn.cli.runs import simulate_scenario
from forewarn.cli.story import launch_moments, tell_moments
from forewarn.records import Output, WarningDecision
from forewarn.service.runs import RunResult

OVERFLIGHT = "overflight-2017-08-29"
SPACE_LAUNCH = "falcon/ses-10"

_TOLD_EVIDENCE = 4


def show(out: Path) -> None:
    """Run the two launches into ``out`` and tell them. Raises FormatError if it is not free."""
    print("forewarn demo: two launches, as a warning centre would have seen them.")
    print("Sensors, areas and thresholds are notional; nothing here can become an actual warning.")
    _say("(the first time, kernels are compiled: about a minute)")
    overflight = simulate_scenario(OVERFLIGHT, out=out / "overflight", force=True)
    print(f"\n1. {overflight.summary['title']}\n")
    _tell(overflight)
    _tell_why(overflight)
    print(f"\n   {overflight.summary['history_note']}")
    ascent = simulate_scenario(SPACE_LAUNCH, out=out / "ses-10", force=True)
    print(f"\n2. {ascent.summary['title']}\n")
    _tell(ascent)
    print("\nRead the reports in a browser:")
    for result in (overflight, ascent):
        print(f"   {(result.folder / 'report.html').resolve()}")
    print("\nNext: forewarn run overflight-2017-08-29 --seed 7   (another seed, the same story)")
    print(f"      forewarn replay {overflight.folder} --verify   (the same bytes again)")


def _say(words: str) -> None:
    if sys.stderr.isatty():
        print(words, file=sys.stderr)


def _tell(result: RunResult) -> None:
    summary = result.summary
    for launch in summary["launches"]:
        for line in tell_moments(launch_moments(summary, launch)):
            print(f"   {line}")
    print(f"\n   {summary['simulated_s']:,.0f} s went by in {summary['wall_s']:.1f} s.")


def _tell_why(result: RunResult) -> None:
    """Print the reasons of the first public decision, in its own words."""
    decoder: msgspec.json.Decoder[Output] = msgspec.json.Decoder(Output)
    with (result.folder / "outputs.jsonl").open("rb") as lines:
        outputs = (decoder.decode(line) for line in lines)
        public = (o for o in outputs if isinstance(o, WarningDecision) and o.public)
        decision = next(public, None)
    if decision is None:
        return
    print("\n   Why the first warning went out, in decibans for (+) and against (-):")
    weightiest = sorted(decision.evidence, key=lambda e: -abs(e.decibans))[:_TOLD_EVIDENCE]
    for evidence in weightiest:
        print(f"   {evidence.decibans:+9.1f}  {evidence.hypothesis}: {evidence.text}")
    for missing in decision.missing:
        print(f"     missing  {missing}")
