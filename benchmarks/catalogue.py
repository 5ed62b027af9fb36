"""How fast a full catalogue of satellites is moved: all positions once a second, and its reading.

    python -m benchmarks.catalogue [--data FILE] [--repeats 9]

``--data`` is a file of element sets (TLE or OMM, .gz too); without it 30,000 notional ones are
made. Processor time of one process, medians; machines are shared and noisy. Nothing is a test.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text
from forewarn.formats.elements import read_elements
from forewarn.frames import EarthOrientation
from forewarn.orbits import Catalogue, Elements, Satellite
from forewarn.simulation.notional_catalogue import notional_catalogue

OBJECTS = 30_000
EPOCH_TAI_NS = tai_ns_from_utc_text("2026-01-01T00:00:00Z")
GOAL_S = 0.050


def text_of(data: Path) -> str:
    """The text of a file of element sets, unpacked if its name ends in .gz."""
    if data.suffix == ".gz":
        return gzip.decompress(data.read_bytes()).decode()
    return data.read_text()


def median_s(work: Callable[[], object], repeats: int) -> float:
    """Median processor time [s] of a call; the first, which warms caches, is not counted."""
    times_s = []
    for _ in range(repeats + 1):
        started = time.process_time()
        work()
        times_s.append(time.process_time() - started)
    return statistics.median(times_s[1:])


def largest_difference_m(
    catalogue: Catalogue, instant: int, orientation: EarthOrientation
) -> float:
    """Largest distance [m] from a satellite propagated alone, of every hundredth object."""
    position, _, codes = catalogue.states_ecef(np.array([instant]), orientation)
    return max(
        float(
            np.abs(Satellite(catalogue.elements[i]).state_ecef(instant, orientation)[0] - p).max()
        )
        for i, p in list(enumerate(position[:, 0]))[::100]
        if not codes[i, 0]
    )


def report(elements: tuple[Elements, ...], read_s: float | None, repeats: int) -> str:
    """The measurement as a plain table."""
    orientation = EarthOrientation.from_iers()
    catalogue = Catalogue(elements)
    start = max(each.epoch_tai_ns for each in elements)
    seconds = iter(range(10 * (repeats + 2)))

    def a_second_later(count: int = 1) -> None:
        first = start + next(seconds) * SECOND_NS
        catalogue.states_ecef(first + np.arange(count, dtype=np.int64) * SECOND_NS, orientation)

    once_s = median_s(a_second_later, repeats)
    rows = [
        (f"{len(elements)} objects at one instant, ecef", f"{1e3 * once_s:.1f} ms", "goal 50 ms"),
        (
            "the same, ten instants a call",
            f"{1e2 * median_s(lambda: a_second_later(10), 3):.1f} ms",
            "an instant",
        ),
        ("ready for propagation", f"{median_s(lambda: Catalogue(elements), 2):.2f} s", ""),
        (
            "largest difference from one at a time",
            f"{largest_difference_m(catalogue, start, orientation):.1e} m",
            "",
        ),
    ]
    if read_s is not None:
        rows.insert(0, ("read from text", f"{read_s:.2f} s", ""))
    lines = [f"{what:44s} {value:>10s}  {note}" for what, value, note in rows]
    return "\n".join([*lines, "goal met" if once_s <= GOAL_S else "GOAL MISSED"])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    read_s = None
    if options.data is None:
        elements = notional_catalogue(OBJECTS, seed=1, epoch_tai_ns=EPOCH_TAI_NS)
    else:
        text = text_of(options.data)
        started = time.process_time()
        elements = read_elements(text, file=str(options.data))
        read_s = time.process_time() - started
    print(report(elements, read_s, options.repeats))


if __name__ == "__main__":
    main()
