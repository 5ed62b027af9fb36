"""The contract between the rooms holds, and it is one that can be broken."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    ("cli",),
    ("service", "studies"),
    ("formats",),
    ("pipeline", "simulation"),
    ("warning",),
    ("assessment",),
    ("tracking",),
    ("sensors",),
    ("orbits", "missiles"),
    ("frames",),
    ("records",),
    ("epoch", "kernels"),
    ("earth",),
)


def lint(source: Path) -> subprocess.CompletedProcess[str]:
    """Run the contract of this repository over the package ``forewarn`` under ``source``."""
    program = Path(sys.executable).with_name("lint-imports")
    command = [str(program), "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    environment = {**os.environ, "PYTHONPATH": str(source)}
    return subprocess.run(
        command, cwd=source, env=environment, capture_output=True, text=True, check=False
    )


def write_package(folder: Path, sources: dict[str, str]) -> Path:
    """Write a small ``forewarn`` in which every room is one module, and return its parent."""
    package = folder / "forewarn"
    package.mkdir()
    (package / "__init__.py").write_text("")
    empty = {room: "" for level in ROOMS for room in level}
    for room, source in {**empty, **sources}.items():
        (package / f"{room}.py").write_text(source)
    return folder


def test_the_contract_is_the_design() -> None:
    """The layers in pyproject.toml are the rooms, in order, and nothing may stand outside."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (contract,) = settings["contracts"]
    assert tuple(tuple(level.split(" | ")) for level in contract["layers"]) == ROOMS
    assert contract["exhaustive"] is True
    assert contract["exhaustive_ignores"] == ["__main__"]


def test_the_package_keeps_the_contract() -> None:
    """Higher rooms import lower ones only."""
    result = lint(ROOT / "src")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("sources", "kept"),
    [
        ({}, True),
        ({"cli": "import forewarn.earth", "tracking": "import forewarn.kernels"}, True),
        ({"__main__": "import forewarn.cli"}, True),
        ({"earth": "import forewarn.cli"}, False),  # upwards
        ({"pipeline": "import forewarn.simulation"}, False),  # the estimator sees the truth
        ({"simulation": "import forewarn.pipeline"}, False),
        ({"tracking": "def f():\n    import forewarn.warning"}, False),  # hidden in a function
        ({"attic": ""}, False),  # a room that the design does not know
    ],
)
def test_the_contract_can_be_broken(tmp_path: Path, sources: dict[str, str], *, kept: bool) -> None:
    """Each way to break the import order is found; what the order allows is not."""
    result = lint(write_package(tmp_path, sources))
    assert (result.returncode == 0) is kept, result.stdout + result.stderr
