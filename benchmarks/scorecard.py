"""Measure the score card and write docs/explanation/scorecard.md.

    python -m benchmarks.scorecard            # about a quarter of an hour on two cores

Every figure names its seeds and, where it is a proportion, its 95 % interval. What is not measured
yet is said to be so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks import (
    catalogue,
    claim_band,
    cloud_break,
    falcon,
    flights,
    overflight,
    real_flights,
    scene,
    speed,
)
from forewarn.simulation.notional_catalogue import notional_catalogue
from forewarn.studies.claim_band import shipped_band

PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "scorecard.md"
OVERFLIGHT_SEEDS = 200
FALCON_SEEDS = 5
SPEED_REPEATS = 5
SCENE_REPEATS = 5
CATALOGUE_REPEATS = 9

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


def whole_chain() -> Iterator[tuple[str, str, str]]:
    """Title, command and text of the chain from scan to warning."""
    yield (
        "The overflight of 29 August 2017",
        f"python -m benchmarks.overflight --seeds {OVERFLIGHT_SEEDS}",
        overflight.report(overflight.measure(OVERFLIGHT_SEEDS)),
    )
    yield (
        "Ten real Falcon ascents",
        f"python -m benchmarks.falcon --seeds {FALCON_SEEDS}",
        falcon.report(falcon.measure(FALCON_SEEDS)),
    )


def world() -> Iterator[tuple[str, str, str]]:
    """Title, command and text of the world that is simulated, against published numbers."""
    yield (
        "Real flights, flown by generic vehicles",
        "python -m benchmarks.real_flights",
        real_flights.report(real_flights.measure()),
    )
    yield (
        "Published durations, judged by the shipped band",
        "python -m benchmarks.claim_band",
        claim_band.flight_table(shipped_band())
        + "\nthe program's last table; before it, learning the band takes it four minutes",
    )
    yield (
        "Thirty real boosters above the clouds",
        "python -m benchmarks.cloud_break",
        cloud_break.report(cloud_break.from_table()),
    )


def speeds() -> Iterator[tuple[str, str, str]]:
    """Title, command and text of how fast it is."""
    yield (
        "Speed",
        f"python -m benchmarks.speed --repeats {SPEED_REPEATS}",
        speed.report(SPEED_REPEATS),
    )
    yield (
        "Speed of a full sky of sensors",
        f"python -m benchmarks.scene --repeats {SCENE_REPEATS}",
        scene.report(SCENE_REPEATS),
    )
    objects = notional_catalogue(catalogue.OBJECTS, seed=1, epoch_tai_ns=catalogue.EPOCH_TAI_NS)
    yield (
        "Speed of a full catalogue, and of radars that look at it",
        f"python -m benchmarks.catalogue --repeats {CATALOGUE_REPEATS}",
        catalogue.report(objects, None, CATALOGUE_REPEATS),
    )
    yield (
        "Speed of whole flights, by the ten thousand",
        "python -m benchmarks.flights --flights 20000 --repeats 5 --checked 48",
        flights.report(20_000, 5, 48),
    )


def page() -> str:
    """Measure everything and return the page."""
    parts = [_HEAD]
    for measured in (whole_chain, world, speeds):
        for title, command, text in measured():
            parts.append(f"\n## {title}\n\n`{command}`\n\n```text\n{text}\n```\n")
    parts.append(_GOALS)
    return "".join(parts)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
