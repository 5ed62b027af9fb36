"""The house rules hold over the repository, and each rule catches what it is there to catch."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tools.tidy import check_sources, check_texts, python_only, read_tree
from tools.tidy.finding import Finding

ROOT = Path(__file__).resolve().parents[2]
PATH = "src/forewarn/tracking/gate.py"

# For each rule: files that break it exactly once, and files beside the line that do not.
SOURCE_RULES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "function-length": (
        {PATH: '"""M."""\n\n\ndef f() -> None:\n    """D."""\n' + "    x = 1\n" * 69},
        {PATH: '"""M."""\n\n\ndef f() -> None:\n    """D."""\n' + "    x = 1\n" * 68},
    ),
    "module-length": (
        {PATH: '"""M."""\n' + "X = 1\n" * 800},
        {PATH: '"""M."""\n' + "X = 1\n" * 799},
    ),
    "columns": (
        {PATH: f'"""{"m" * 95}"""\n'},
        {PATH: f'"""{"m" * 94}"""\n'},
    ),
    "positional-arguments": (
        {PATH: '"""M."""\n\n\ndef _f(a, b, c, d, e, g):\n    pass\n'},
        {PATH: '"""M."""\n\n\nclass _C:\n    def f(self, a, b, c, d, e, *, g):\n        pass\n'},
    ),
    "annotation": (
        {PATH: '"""M."""\n\n\ndef f(a: int, *, b) -> int:\n    """D."""\n'},
        {PATH: '"""M."""\n\n\ndef f(a: int, *, b: int) -> int:\n    """D."""\n'},
    ),
    "docstring": (
        {PATH: '"""M."""\n\n\nclass C:\n    """D."""\n\n    def f(self) -> None:\n        pass\n'},
        {PATH: '"""M."""\n\n\nclass C:\n    """D."""\n\n    def _f(self) -> None:\n        pass\n'},
    ),
    "class-depth": (
        {
            "src/forewarn/records.py": '"""M."""\n\n\nclass Record:\n    """D."""\n',
            PATH: (
                '"""M."""\nfrom forewarn.records import Record\n\n\n'
                'class Track(Record):\n    """D."""\n\n\nclass Fast(Track):\n    """D."""\n'
            ),
        },
        {
            "src/forewarn/records.py": '"""M."""\n\n\nclass Record:\n    """D."""\n',
            PATH: (
                '"""M."""\nfrom typing import Protocol\nfrom forewarn.records import Record\n\n\n'
                'class Moving(Protocol):\n    """D."""\n\n\n'
                'class Track(Record, Moving):\n    """D."""\n'
            ),
        },
    ),
    "module-name": (
        {"src/forewarn/tracking/utils.py": '"""M."""\n'},
        {"src/forewarn/tracking/utilisation.py": '"""M."""\n'},
    ),
    "empty-package": (
        {"src/forewarn/tracking/__init__.py": '"""M."""\n'},
        {"src/forewarn/tracking/__init__.py": '"""M."""\n', PATH: '"""M."""\n'},
    ),
    "unit-suffix": (
        {PATH: '"""M."""\n\n\nclass C:\n    """D."""\n\n    height: float\n'},
        {PATH: '"""M."""\n\n\nclass C:\n    """D."""\n\n    height_m: float\n'},
    ),
}
TEXT_RULES = {
    "machine-path": ("see /ho" + "me/me/notes", "see docs/home/me"),
    "registry-host": ("from https://py" + "pi.org/simple", "from the package index"),
    "todo-number": ("TO" + "DO: later", "TO" + "DO(#12): later"),
}


@cache
def repository_findings() -> tuple[Finding, ...]:
    """Everything that the rules find in the repository."""
    texts = read_tree(ROOT)
    return (*check_sources(python_only(texts)), *check_texts(texts))


@pytest.mark.parametrize("rule", [*SOURCE_RULES, *TEXT_RULES])
def test_the_repository_keeps_the_rule(rule: str) -> None:
    """No file breaks the rule; the message lists those that do."""
    broken = [str(finding) for finding in repository_findings() if finding.rule == rule]
    assert not broken, "\n" + "\n".join(broken)


def test_every_rule_is_known() -> None:
    """A rule without a bad sample here would be a rule that nobody has seen fail."""
    assert {f.rule for f in repository_findings()} <= {*SOURCE_RULES, *TEXT_RULES}


@pytest.mark.parametrize("rule", SOURCE_RULES)
def test_a_bad_source_is_found_and_one_beside_the_line_is_not(rule: str) -> None:
    """Each sample breaks its own rule once and no other."""
    bad, good = SOURCE_RULES[rule]
    assert [f.rule for f in check_sources(bad) if f.rule != "annotation"] == (
        [rule] if rule != "annotation" else []
    )
    assert rule in {f.rule for f in check_sources(bad)}
    assert check_sources(good) == []


@pytest.mark.parametrize("rule", TEXT_RULES)
def test_a_bad_text_is_found_and_one_beside_the_line_is_not(rule: str) -> None:
    """Each sample breaks its own rule and no other."""
    bad, good = TEXT_RULES[rule]
    assert [f.rule for f in check_texts({"README.md": bad})] == [rule]
    assert check_texts({"README.md": good}) == []


def test_a_kernel_may_take_eight_arguments() -> None:
    """Numba cannot bind keyword-only arguments between kernels, so kernels have their own limit."""
    head = '"""M."""\n\n\n@kernel\ndef _f('
    assert check_sources({PATH: head + "a, b, c, d, e, f, g, h):\n    pass\n"}) == []
    nine = check_sources({PATH: head + "a, b, c, d, e, f, g, h, i):\n    pass\n"})
    assert [f.rule for f in nine] == ["positional-arguments"]


def test_vendored_files_and_test_vectors_are_left_alone(tmp_path: Path) -> None:
    """What others wrote is not judged by our rules; what we wrote is."""
    for folder in ("tests/vectors/cap", "tools/vendor", "tests/formats"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "note.txt").write_text("x")
    for folder in (".ci", "benchmarks", "docs", "examples", "src"):
        (tmp_path / folder).mkdir()
    assert list(read_tree(tmp_path)) == ["tests/formats/note.txt"]
