"""How soon does a liquid booster stand above the clouds? Thirty real Falcon ascents.

    python -m benchmarks.cloud_break                          # the table that the tests hold
    python -m benchmarks.cloud_break --data FOLDER            # from the telemetry itself
    python -m benchmarks.cloud_break --data FOLDER --write    # and write the table anew

FOLDER holds one folder a mission with ``analysed.json`` (time [s], altitude [km], velocity [m/s] at
1 Hz) and ``events.json`` (meco [s]), as in github shahar603/Telemetry-Data. Printed are the times
to altitudes at which cloud, and most of the water in the air, lies below, and the first stage's
cut-off: what an infrared satellite waits for, and what it then sees end.
"""

from __future__ import annotations

import argparse
import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "tests" / "vectors" / "telemetry" / "time_to_altitude.csv"
ALTITUDES_M = (7e3, 10e3, 12e3)
HEADER = ("mission", "to_7_km_s", "to_10_km_s", "to_12_km_s", "meco_s", "meco_km", "meco_m_s")


@dataclass(frozen=True, slots=True)
class Ascent:
    """One mission: seconds to each of `ALTITUDES_M`, and the first stage's cut-off."""

    mission: str
    climb_s: tuple[float, float, float]
    cut_off_s: float
    cut_off_altitude_m: float
    cut_off_speed_m_s: float


def times_to_s(times_s: Array, altitude_m: Array) -> tuple[float, float, float]:
    """Seconds from lift-off until each of `ALTITUDES_M` is first passed, linear between samples."""
    low, middle, high = (_passing_s(times_s, altitude_m, level_m) for level_m in ALTITUDES_M)
    return low, middle, high


def _passing_s(times_s: Array, altitude_m: Array, level_m: float) -> float:
    after = int(np.argmax(altitude_m >= level_m))
    pair = slice(after - 1, after + 1)
    return float(np.interp(level_m, altitude_m[pair], times_s[pair]))


def from_telemetry(folder: Path) -> list[Ascent]:
    """Every mission below ``folder``, by name."""
    ascents = []
    for file in sorted(folder.glob("*/analysed.json")):
        analysed = json.loads(file.read_text(encoding="utf-8"))
        cut_off_s = float(json.loads((file.parent / "events.json").read_text())["meco"])
        times_s = np.array(analysed["time"], dtype=np.float64)
        altitude_m = np.array(analysed["altitude"], dtype=np.float64) * 1e3
        speed_m_s = np.array(analysed["velocity"], dtype=np.float64)
        ascents.append(
            Ascent(
                mission=file.parent.name,
                climb_s=times_to_s(times_s, altitude_m),
                cut_off_s=cut_off_s,
                cut_off_altitude_m=float(np.interp(cut_off_s, times_s, altitude_m)),
                cut_off_speed_m_s=float(np.interp(cut_off_s, times_s, speed_m_s)),
            )
        )
    return ascents


def from_table(file: Path = TABLE) -> list[Ascent]:
    """Every mission of the table."""
    with file.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return [
        Ascent(
            mission=row["mission"],
            climb_s=(float(row[HEADER[1]]), float(row[HEADER[2]]), float(row[HEADER[3]])),
            cut_off_s=float(row["meco_s"]),
            cut_off_altitude_m=float(row["meco_km"]) * 1e3,
            cut_off_speed_m_s=float(row["meco_m_s"]),
        )
        for row in rows
    ]


def write_table(ascents: list[Ascent], file: Path = TABLE) -> None:
    """Write the table, its times to a tenth of a second."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER)
        for a in ascents:
            climb = [f"{t:.1f}" for t in a.climb_s]
            cut_off = (f"{a.cut_off_s:.0f}", f"{a.cut_off_altitude_m / 1e3:.1f}")
            writer.writerow([a.mission, *climb, *cut_off, f"{a.cut_off_speed_m_s:.0f}"])


def report(ascents: list[Ascent]) -> str:
    """Each mission, and least, median and most of all."""
    lines = [f"{'mission':16s} {'7 km':>6s} {'10 km':>6s} {'12 km':>6s}   first stage ends"]
    for a in ascents:
        climb = " ".join(f"{t:6.1f}" for t in a.climb_s)
        lines.append(
            f"{a.mission:16s} {climb}   {a.cut_off_s:3.0f} s, {a.cut_off_altitude_m / 1e3:4.1f} km,"
            f" {a.cut_off_speed_m_s:4.0f} m/s"
        )
    climbs = np.array([a.climb_s for a in ascents])
    for name, values in (
        ("least", climbs.min(axis=0)),
        ("median", np.median(climbs, axis=0)),
        ("most", climbs.max(axis=0)),
    ):
        lines.append(f"{name:16s} " + " ".join(f"{t:6.1f}" for t in values))
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="the folder of the telemetry")
    parser.add_argument("--write", action="store_true", help="write the table anew")
    arguments = parser.parse_args()
    ascents = from_telemetry(arguments.data) if arguments.data else from_table()
    if arguments.write:
        write_table(ascents)
    print(report(ascents))


if __name__ == "__main__":
    main()
