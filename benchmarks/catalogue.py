"""How fast a full catalogue is moved, and how fast twelve radars look at it and at 300 launches.

    python -m benchmarks.catalogue [--data FILE] [--repeats 9]

``--data`` is a file of element sets (TLE or OMM, .gz too); without it 30,000 notional ones are
made. Processor time of one process, medians; machines are shared and noisy. Nothing is a test.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import math
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmarks.overflight import SCENARIO
from forewarn.epoch import SECOND_NS, tai_ns_from_utc_text
from forewarn.formats.elements import read_elements
from forewarn.formats.scenario import load_scenario
from forewarn.frames import EarthOrientation
from forewarn.orbits import Catalogue, Elements, Satellite
from forewarn.sensors.network import BeamPlan, RadarSensor
from forewarn.simulation import Scenario
from forewarn.simulation.notional_catalogue import notional_catalogue
from forewarn.simulation.radar_looks import radar_scans
from forewarn.simulation.radar_sky import RadarSky, radar_surroundings
from forewarn.simulation.scenario import FlownLaunch
from forewarn.simulation.truth import make_truth

OBJECTS = 30_000
SPAN_S = 600
# In the proportions of PAVE PAWS (NRC report 11205, 2005), notional like all shipped radars.
LARGE: dict[str, Any] = {
    "azimuth_half_width_rad": math.radians(120.0),
    "range_max_m": 5_556e3,
    "frequency_hz": 435e6,
    "gain": 10**3.79,
    "peak_power_w": 582e3,
    "pulse_s": 3e-3,
    "noise_temperature_k": 450.0,
    "loss": 10**0.8,
    "beam_width_rad": math.radians(2.2),
    "fence_elevation_rad": math.radians(3.0),
    "fence_revisit_s": 3.0,
    "surface_refractivity": 300.0,
    "electron_content_per_m2": 30e16,
    "refraction_error_fraction": 0.05,
    "scan_loss_exponent": 1.5,
    "beam_plan": BeamPlan(faces_count=2, fence_beams_count=120, listen_s=38e-3),
}
EPOCH_TAI_NS = tai_ns_from_utc_text("2026-01-01T00:00:00Z")


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


def met(reached: bool, goal: str) -> str:
    """What to say of a goal."""
    return f"goal {goal}, {'met' if reached else 'MISSED'}"


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


def radar_world() -> tuple[Scenario, list[RadarSensor]]:
    """Ten minutes of twelve large radars, 300 launches about them, and a full catalogue."""
    scenario = load_scenario(SCENARIO)
    one = next(s for s in scenario.network.sensors if isinstance(s, RadarSensor))
    radars = [
        msgspec.structs.replace(
            one,
            **LARGE,
            sensor_id=f"radar-{i}",
            latitude_rad=math.radians(20.0 + 4.0 * i),
            longitude_rad=math.radians(90.0 + 10.0 * i),
        )
        for i in range(12)
    ]
    launch = scenario.launches[0]
    assert isinstance(launch, FlownLaunch)
    random = np.random.default_rng(1)
    launches = tuple(
        msgspec.structs.replace(
            launch,
            launch_id=f"launch-{i}",
            time_tai_ns=scenario.start_tai_ns + int(random.integers(300)) * SECOND_NS,
            azimuth_rad=float(random.uniform(0.0, 2.0 * math.pi)),
            latitude_rad=math.radians(30.0 + 20.0 * random.random()),
            longitude_rad=math.radians(100.0 + 50.0 * random.random()),
            range_m=None,
            apogee_m=None,
        )
        for i in range(300)
    )
    return msgspec.structs.replace(
        scenario,
        end_tai_ns=scenario.start_tai_ns + SPAN_S * SECOND_NS,
        launches=launches,
        notices=(),
        radar_sky=RadarSky(notional_objects_count=OBJECTS),
    ), radars


def radar_rows() -> list[tuple[str, str, str]]:
    """Rows of the table for the radars: the second of two runs, on one core."""
    orientation = EarthOrientation.from_iers()
    scenario, radars = radar_world()
    assert scenario.radar_sky is not None
    span = (scenario.start_tai_ns, scenario.end_tai_ns)
    scans = measurements = 0
    spent: list[float] = []
    for seed in (1, 2):
        times = [time.process_time()]
        truth = make_truth(scenario, seed=seed)
        times.append(time.process_time())
        around = radar_surroundings(
            scenario.radar_sky, radars, span_tai_ns=span, seed=seed, orientation=orientation
        )
        times.append(time.process_time())
        scans = measurements = 0
        for radar in radars:
            found = radar_scans(radar, truth=truth, span_tai_ns=span, around=around)
            scans += len(found)
            measurements += sum(len(scan.measurements) for scan in found)
        times.append(time.process_time())
        spent = [b - a for a, b in itertools.pairwise(times)]
    flown_s, crossings_s, scans_s = spent
    both_s = crossings_s + scans_s
    return [
        ("300 launches flown", f"{flown_s:.2f} s", ""),
        (
            "crossings, 12 radars, a simulated second",
            f"{1e3 * crossings_s / SPAN_S:.2f} ms",
            met(crossings_s <= 3e-3 * SPAN_S, "3 ms"),
        ),
        ("scans of 12 radars, 600 s", f"{scans_s:.2f} s", f"{scans} with {measurements} echoes"),
        (
            "crossings and scans, times real time",
            f"{SPAN_S / both_s:.0f} x",
            met(200 * both_s <= SPAN_S, "200 x"),
        ),
        ("with the launches flown", f"{SPAN_S / (both_s + flown_s):.0f} x", ""),
    ]


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
        (
            f"{len(elements)} objects at one instant, ecef",
            f"{1e3 * once_s:.1f} ms",
            met(once_s <= 0.050, "50 ms"),
        ),
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
    rows += radar_rows()
    lines = [f"{what:44s} {value:>10s}  {note}" for what, value, note in rows]
    return "\n".join(lines)


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
