"""The house rules, as a program: ``python -m tools.tidy`` prints every broken one.

`check_sources` judges Python files, `check_texts` all text; `read_tree` finds both on disk.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

from tools.tidy import shape
from tools.tidy.finding import Finding
from tools.tidy.text import bad_text
from tools.tidy.units import names_without_unit

PACKAGE = "src/forewarn/"
FOLDERS = (".ci", "benchmarks", "docs", "examples", "scenarios", "src", "tests", "tools")
SKIPPED = frozenset({"__pycache__", "vectors", "vendor"})


def check_sources(sources: Mapping[str, str]) -> list[Finding]:
    """Judge Python files. ``sources`` maps each path from the repository root to its text.

    Sizes bind every file; types, docstrings, units and the shape of classes bind the package.
    """
    findings: list[Finding] = list(shape.forbidden_names(sources))
    findings += shape.empty_packages({p: s for p, s in sources.items() if p.startswith(PACKAGE)})
    modules: dict[str, tuple[str, ast.Module]] = {}
    for path, source in sources.items():
        tree = ast.parse(source, filename=path)
        findings += shape.long_module(path, source)
        findings += shape.wide_lines(path, source)
        findings += shape.long_functions(path, tree)
        findings += shape.many_arguments(path, tree)
        if path.startswith(PACKAGE):
            modules[_dotted(path)] = (path, tree)
            findings += shape.unannotated(path, tree)
            findings += shape.undocumented(path, tree)
            findings += names_without_unit(path, tree)
    findings += shape.deep_classes(modules)
    return sorted(findings)


def check_texts(texts: Mapping[str, str]) -> list[Finding]:
    """Judge every text of the repository, by path."""
    return sorted(f for path, text in texts.items() for f in bad_text(path, text))


def read_tree(root: Path) -> dict[str, str]:
    """Read the repository's own text files, by path from ``root``; data and vendored code not."""
    found = [p for p in root.iterdir() if p.is_file()]
    for folder in FOLDERS:
        found += [p for p in (root / folder).rglob("*") if p.is_file()]
    texts = {}
    for path in sorted(found):
        relative = path.relative_to(root)
        if SKIPPED.intersection(relative.parts):
            continue
        try:
            texts[relative.as_posix()] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # not text
    return texts


def python_only(texts: Mapping[str, str]) -> dict[str, str]:
    """Keep the Python files."""
    return {path: text for path, text in texts.items() if path.endswith(".py")}


def _dotted(path: str) -> str:
    return path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
