"""forewarn beside Stone Soup and kalbee: the same plots, one scorer, one run.

    python -m benchmarks.peers [--kinds spread,cluster,tight] [--sizes 50,200] [--seed 0]
        [--peers ../shared/peers] [--python PYTHON] [--limit 120] [--peer-jpda]
    python -m benchmarks.peers --scene FILE --only forewarn --json

Scenes lie as files in the folder of the peers (``scenes/KIND_Nn_s0.npz``); with ``--seed`` other
than 0, or without that folder, they are made here (`benchmarks.peers.scenes`). The peers' programs
(mtt_stonesoup.py, mtt_others.py) are run by ``--python``, an interpreter that has stonesoup 1.9.1
and kalbee. Times are processor seconds of one process a tracker, measurements materialised outside
the clock; a machine that does other work shifts them, so that ratios of one run are what counts.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.ours import load_scene, track
from benchmarks.peers.scenes import SPREADS, make_scene
from benchmarks.peers.score import score

STONE_SOUP = "bal-ekf-kd-gnn2d-fm"  # the fastest fair set-up: see mtt_stonesoup.py
STONE_SOUP_JPDA = "bal-ekf-kd-ehm2-fm"
COLUMNS = (
    ("GOSPA/sqrtN", "gospa_per_sqrtN", "{:.0f}"),
    ("missed %", "missed_frac", "{:.2%}"),
    ("false %", "false_frac", "{:.2%}"),
    ("loc m", "loc_rms", "{:.0f}"),
    ("switches", "id_switches", "{:d}"),
    ("NEES", "nees", "{:.2f}"),
    ("scans/cpu-s", "scans_per_cpu_s", "{:.4g}"),
    ("worst ms", "worst_scan_cpu_s", "{:.3g}"),
    ("MB", "rss_mb", "{:.0f}"),
)


def forewarn_figures(path: Path) -> dict[str, Any]:
    """Our tracker's figures on a scene file."""
    scene = load_scene(path)
    estimates, cost = track(scene)
    figures = score(scene["truth"], estimates)
    return {"tracker": "forewarn", "scene": path.name, **figures, **cost}


def run_program(command: list[str]) -> dict[str, Any] | None:
    """The JSON that a program prints last, or None with its complaint on standard error."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        sys.stderr.write(f"{' '.join(command)}\n{done.stderr[-500:]}\n")
        return None
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def rivals(path: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    """The peers' figures on a scene file; those cut short by the limit say how far they came."""
    if not (options.peers / "mtt_stonesoup.py").is_file():
        sys.stderr.write(f"no peers' programs in {options.peers}: name their folder by --peers\n")
        return []
    wanted = [("mtt_stonesoup.py", STONE_SOUP)]
    if options.peer_jpda:
        wanted.append(("mtt_stonesoup.py", STONE_SOUP_JPDA))
    wanted.append(("mtt_others.py", "kalbee"))
    found = []
    for program, setting in wanted:
        command = [options.python, str(options.peers / program), str(path), setting]
        figures = run_program([*command, "--limit", str(options.limit)])
        if figures is not None:
            figures["tracker"] += f" {setting}" if "stonesoup" in program else ""
            found.append(figures)
    return found


def row(figures: dict[str, Any], ours: dict[str, Any]) -> str:
    """One line of the table; a figure that a tracker lacks is a dash."""
    cells = []
    for _, key, form in COLUMNS:
        value = figures.get(key)
        if value is None:
            cells.append("-")
        else:
            cells.append(form.format(value * 1e3 if key == "worst_scan_cpu_s" else value))
    slower = ours["scans_per_cpu_s"] / figures["scans_per_cpu_s"]
    done = figures.get("scans_done", 60)
    name = figures["tracker"] + ("" if done >= 60 else f" ({done} scans)")
    return " | ".join((f"{name:<42}", *(f"{c:>11}" for c in cells), f"{slower:>8.0f}"))


def scene_file(kind: str, count: int, options: argparse.Namespace, folder: Path) -> Path:
    """The shared file of a scene, or one made here."""
    shared: Path = options.peers / "scenes" / f"{kind}_N{count}_s{options.seed}.npz"
    if shared.is_file():
        return shared
    made = folder / f"{kind}_N{count}_made_s{options.seed}.npz"
    np.savez_compressed(made, **make_scene(kind, count, options.seed))
    return made


def main() -> None:
    """Run what is asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scene", type=Path, help="one scene file instead of kinds and sizes")
    parser.add_argument("--kinds", default=",".join(SPREADS))
    parser.add_argument("--sizes", default="50,200")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=["forewarn"])
    parser.add_argument("--json", action="store_true", help="one line of JSON a tracker")
    parser.add_argument("--peers", type=Path, default=Path("../shared/peers"))
    parser.add_argument("--peer-jpda", action="store_true", help="Stone Soup's JPDA as well")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--limit", type=float, default=120.0, help="processor seconds a peer")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = (
            [options.scene]
            if options.scene
            else [
                scene_file(kind, int(count), options, Path(folder))
                for kind in options.kinds.split(",")
                for count in options.sizes.split(",")
            ]
        )
        if not options.json:
            head = (f"{'tracker':<42}", *(f"{c[0]:>11}" for c in COLUMNS), f"{'ours x':>8}")
            print(" | ".join(head))
        for path in paths:
            # A process of its own each, so that memory is each tracker's own.
            alone = [sys.executable, "-m", "benchmarks.peers", "--scene", str(path)]
            whole = options.only and options.scene
            ours = (
                forewarn_figures(path)
                if whole
                else run_program([*alone, "--only", "forewarn", "--json"])
            )
            if ours is None:
                sys.exit(1)
            everyone = [ours] if options.only else [ours, *rivals(path, options)]
            if options.json:
                print("\n".join(json.dumps(figures) for figures in everyone))
            else:
                print(path.stem)
                print("\n".join(row(figures, ours) for figures in everyone), flush=True)


if __name__ == "__main__":
    main()
