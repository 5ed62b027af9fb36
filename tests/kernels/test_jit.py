"""Compiling: the same numbers with and without, a cache that is never stale, a complete warm-up."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from forewarn.kernels import jit
from tests.kernels import every_kernel

HERE = Path(__file__).parent
PACKAGE = Path(jit.__file__).resolve().parents[1]
ROOT = HERE.parents[1]


def python(*arguments: str, **environment: str) -> str:
    """Run this Python with these arguments and environment; return what it prints."""
    result = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_compiled_equals_interpreted() -> None:
    """To 1e-12, relative, or absolute where numbers are in units of sigma."""
    plain = json.loads(python(str(HERE / "every_kernel.py"), NUMBA_DISABLE_JIT="1"))
    for name, values in every_kernel.numbers().items():
        ours = np.array([float.fromhex(v) for v in values])
        theirs = np.array([float.fromhex(v) for v in plain[name]])
        assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-12), name


def test_the_same_bits_twice() -> None:
    """In one process, and in another."""
    once = every_kernel.numbers()
    assert every_kernel.numbers() == once
    assert json.loads(python(str(HERE / "every_kernel.py"), NUMBA_DISABLE_JIT="0")) == once


AIR = PACKAGE / "kernels" / "air.py"
SOURCES = sorted(
    path.relative_to(PACKAGE).as_posix()
    for room in ("kernels", "earth")
    for path in (PACKAGE / room).glob("*.py")
)


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sources, whose kernels are cached beside it."""
    for room in ("kernels", "earth"):
        shutil.copytree(PACKAGE / room, tmp_path / "forewarn" / room)
    monkeypatch.setattr(jit, "_ROOMS", tmp_path / "forewarn")
    monkeypatch.setenv("FOREWARN_CACHE", str(tmp_path / "cache"))
    jit._cache_directory.cache_clear()
    return tmp_path / "forewarn"


def directories(copied: Path) -> dict[str, Path]:
    """Where the kernels of every file are kept, found anew."""
    jit._cache_directory.cache_clear()
    found = {}
    for path in sorted((copied / "kernels").glob("*.py")):
        directory = jit._cache_directory(path)
        assert directory is not None
        found[path.stem] = directory
    return found


@pytest.mark.parametrize("changed", SOURCES)
def test_the_cache_moves_when_a_source_changes(changed: str, copied: Path) -> None:
    """One blank line: another directory for that file and for all that see it."""
    before = directories(copied)
    assert directories(copied) == before
    with (copied / changed).open("a") as source:
        source.write("\n")
    after = directories(copied)
    moved = {name for name in before if after[name] != before[name]}
    room, name = changed.removesuffix(".py").split("/")
    if room == "kernels":
        assert name in moved
    else:
        assert {"flight", "filter", "mass_flight"} & moved
    if name == "jit":
        assert moved == set(before)
    assert {p.parent for p in after.values()} == {p.parent for p in before.values()}


def test_the_cache_moves_with_what_is_seen_through_others(copied: Path) -> None:
    """The filter flies by `flight`, which asks `air`; rays know of neither."""
    before = directories(copied)
    with (copied / "kernels" / "air.py").open("a") as source:
        source.write("\n")
    after = directories(copied)
    assert after["filter"] != before["filter"]
    assert after["ray"] == before["ray"]


def test_where_the_cache_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FOREWARN_CACHE, else XDG_CACHE_HOME, else ~/.cache; the folder is made."""
    places = {
        "FOREWARN_CACHE": tmp_path / "own",
        "XDG_CACHE_HOME": tmp_path / "xdg",
        "HOME": tmp_path / "home",
    }
    for variable, root in places.items():
        monkeypatch.setenv(variable, str(root))
    for variable, root in places.items():
        jit._cache_directory.cache_clear()
        found = jit._cache_directory(AIR)
        assert found is not None
        assert found.is_dir()
        own = root / ".cache" if variable == "HOME" else root
        assert found.parent == own / "forewarn"
        monkeypatch.delenv(variable)


def test_without_a_place_for_the_cache_kernels_still_run(tmp_path: Path) -> None:
    """A file where the folder should be: nothing is kept, and the numbers are the same."""
    (tmp_path / "file").touch()
    program = (
        "from forewarn.kernels import jit, air\n"
        "assert not jit._is_cached(air.density_kg_m3)\n"
        "print(air.density_kg_m3(0.0))\n"
    )
    printed = python("-c", program, FOREWARN_CACHE=str(tmp_path / "file"))
    assert float(printed) == pytest.approx(1.225, rel=1e-4)


def test_kernels_are_kept_where_the_environment_says(tmp_path: Path) -> None:
    """One small kernel, compiled into an empty cache, is found there by the next process."""
    program = (
        "from forewarn.kernels.air import density_kg_m3 as d\n"
        "d(0.0)\n"
        "print(sum(d.stats.cache_hits.values()), sum(d.stats.cache_misses.values()))\n"
    )
    kept = {"FOREWARN_CACHE": str(tmp_path), "NUMBA_DISABLE_JIT": "0"}
    assert python("-c", program, **kept).split() == ["0", "1"]
    assert python("-c", program, **kept).split() == ["1", "0"]
    assert list(tmp_path.rglob("*.nbi"))


def test_the_package_is_light() -> None:
    """Importing it, as the command line does for its help, loads neither compiler nor numpy."""
    program = "import sys, forewarn.kernels; print({'numba', 'numpy'} & set(sys.modules))"
    assert python("-c", program).strip() == "set()"


WARM = """
from pathlib import Path

from forewarn import kernels

kernels.warmup()

from forewarn.kernels import (
    air, ascents, bank, births, burn_on, calm, clusters, company, density, drag, filter, flight,
    known_sky, mass_flight, measure, mixed, motion, pairing, planar, radar_view, ray, sights,
    trajectory, unscented,
)

ROOMS = (
    air, ascents, bank, births, burn_on, calm, clusters, company, density, drag, filter, flight,
    known_sky, mass_flight, measure, mixed, motion, pairing, planar, radar_view, ray, sights,
    trajectory, unscented,
)
KERNELS = {k.__name__: k for r in ROOMS for k in vars(r).values() if hasattr(k, "signatures")}

def compiled():
    return {name: set(k.signatures) for name, k in KERNELS.items()}

warm = compiled()

from forewarn.formats.scenario import load_scenario
from forewarn.frames import EarthOrientation
from forewarn.pipeline import Pipeline, initial_state, step
from forewarn.records import Realm
from forewarn.simulation.observe import simulate

scenario = load_scenario(Path("scenarios/overflight-2017-08-29.yaml"))
earth = EarthOrientation.from_iers()
chain = Pipeline(scenario.network, scenario.areas, scenario.policy, earth, Realm.SIMULATION)
state, kinds = initial_state(chain), set()
for event in simulate(scenario, seed=1, orientation=earth).events:
    state, outputs = step(chain, state, event)
    kinds |= {type(output).__name__ for output in outputs}
assert {"Assessment", "WarningDecision"} <= kinds, kinds
late = {name: found - warm[name] for name, found in compiled().items() if found - warm[name]}
print(len(warm), late or "none")
"""


def test_after_the_warm_up_nothing_is_left_to_compile() -> None:
    """A whole scenario, simulated and stepped, adds no signature to any kernel."""
    result = subprocess.run(
        [sys.executable, "-c", WARM],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "NUMBA_DISABLE_JIT": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    count, late = result.stdout.split(maxsplit=1)
    assert int(count) > 30
    assert late.strip() == "none"
