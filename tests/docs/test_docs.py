"""The documentation tells the truth: commands exist, code is run, links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from forewarn.records import Scan, WarningDecision
from tools import docs_pages

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))


def blocks(page: Path, *languages: str) -> list[str]:
    """The fenced blocks of a page in the given languages."""
    return [body for language, body in FENCE.findall(page.read_text()) if language in languages]


@each_page
def test_python_in_the_documentation_is_an_executed_example(page: Path) -> None:
    """A Python block is one line that takes in a file of ``examples``, which a test runs."""
    for body in blocks(page, "python", "py"):
        taken = re.fullmatch(r'--8<-- "(examples/\w+\.py)"\n', body)
        assert taken, f"{page}: put this code into examples/ and take it in from there:\n{body}"
        assert (ROOT / taken[1]).is_file(), f"{page}: {taken[1]} is not there"


@each_page
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    """Each relative link is a file that is there."""
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page} links to {target}"


def documented_commands() -> list[str]:
    """Every NAME of ``forewarn NAME`` in a shell block, or in code within the text."""
    named = set()
    for page in PAGES:
        for body in blocks(page, "sh", "console"):
            named |= set(re.findall(r"^(?:\.venv/bin/)?forewarn ([a-z]\w*)", body, re.MULTILINE))
        named |= set(re.findall(r"`forewarn ([a-z]\w*)", page.read_text()))
    return sorted(named)


@pytest.mark.parametrize("command", documented_commands())
def test_a_command_named_in_the_documentation_exists(command: str) -> None:
    """The program knows it, and can tell how it is used."""
    cli = pytest.importorskip("forewarn.cli")
    if not hasattr(cli, "main"):
        pytest.skip("the command line is not there")
    result = subprocess.run(
        [sys.executable, "-m", "forewarn", command, "--help"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@each_page
def test_scenarios_named_in_the_documentation_exist(page: Path) -> None:
    """A path below ``scenarios`` in the text is a file that is there."""
    for path in re.findall(r"\bscenarios/[\w./-]+\.\w+", page.read_text()):
        assert (ROOT / path).is_file(), f"{page} names {path}"


@each_page
def test_every_make_target_named_exists(page: Path) -> None:
    """``make NAME`` in the documentation is a target of the Makefile."""
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^ *|`)make (\w+)", page.read_text(), re.MULTILINE))
    assert named <= targets, f"{page}: {sorted(named - targets)}"


def test_the_record_reference_is_whole() -> None:
    """Each record with its docstring and each field with its type is on the page."""
    text = docs_pages.describe_records()
    for record in (Scan, WarningDecision):
        assert f"## {record.__name__}\n" in text
        for name in record.__struct_fields__:
            assert f"| `{name}` | " in text
    assert "| `volume` | `Cone | Sector | Beams` | must be given |" in text
    assert "| `position_gcrf_m` | `Vector3 | None` | `None` |" in text


def test_links_of_a_root_file_are_turned_to_pages() -> None:
    """A file of the root shown as a page links to pages; what has no page stays as words."""
    text = docs_pages.take_file("CONTRIBUTING.md")
    assert "[CHANGELOG.md](../project/changes.md)" in text
    assert "[Apache-2.0](LICENSE)" not in text
    assert "Apache-2.0" in text


def test_a_drawing_becomes_a_table() -> None:
    """Arrows between states are rows; the begin and end marks are not states."""
    table = docs_pages.table_of(
        "stateDiagram-v2\n    [*] --> a\n    a --> b : x, y\n    b --> [*]\n"
    )
    assert table.splitlines()[2:] == ["| `a` | x, y | `b` |"]
