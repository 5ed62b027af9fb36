"""Measure the score card and write docs/explanation/scorecard.md.

    python -m benchmarks.scorecard            # about ten minutes on two cores

Every figure names its seeds and, where it is a proportion, its 95 % interval. What is not measured
yet is said to be so.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks import falcon, overflight, speed

PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "scorecard.md"
OVERFLIGHT_SEEDS = 200
FALCON_SEEDS = 5
SPEED_REPEATS = 5

_HEAD = """# Score card

Written by `make evidence` (`python -m benchmarks.scorecard`); not edited by hand. The estimator
never sees the truth nor the parameters it was made with: scenarios fly vehicles whose thrust rises
as the air thins and whose thrust and pitch stray, dispersed from seed to seed, or real telemetry;
the estimator believes in wide families of constant-thrust ascents. Sensors are notional.
"""

_GOALS = """
## Goals not measured yet

From the design's score card: detection probability per class over 2,995 trials, errors against the
information bound, false warnings in simulated years of background, history's false alarms, latency
under 1,000 tracks, throughput against other trackers, warning-time maps, kill tests and
retraction time. Each will appear here with its program.
"""


def page() -> str:
    """Measure everything and return the page."""
    parts = [_HEAD]
    for title, command, text in (
        (
            "The overflight of 29 August 2017",
            f"python -m benchmarks.overflight --seeds {OVERFLIGHT_SEEDS}",
            overflight.report(overflight.measure(OVERFLIGHT_SEEDS)),
        ),
        (
            "Ten real Falcon ascents",
            f"python -m benchmarks.falcon --seeds {FALCON_SEEDS}",
            falcon.report(falcon.measure(FALCON_SEEDS)),
        ),
        ("Speed", "python -m benchmarks.speed", speed.report(SPEED_REPEATS)),
    ):
        parts.append(f"\n## {title}\n\n`{command}`\n\n```text\n{text}\n```\n")
    parts.append(_GOALS)
    return "".join(parts)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
