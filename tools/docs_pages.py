"""Parts of the documentation that are made from what they describe, when mkdocs builds it.

A page asks with ``<!-- generated: records -->`` (or ``examples``), or takes a file from the root
with ``<!-- file: CONTRIBUTING.md -->``, whose links are then turned to the pages they mean.
Mermaid drawings become tables: drawing them in the browser would fetch a program from the network.
"""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import msgspec

from forewarn import records

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    "README.md": "../index.md",
    "ARCHITECTURE.md": "../explanation/architecture.md",
    "CHANGELOG.md": "../project/changes.md",
    "CONTRIBUTING.md": "../project/contributing.md",
}


def on_page_markdown(markdown: str, **_: Any) -> str:  # noqa: ANN401  (mkdocs calls it)
    """Put the generated parts in their places (called by mkdocs for every page)."""
    for marker, make in (("records", describe_records), ("examples", list_examples)):
        if f"<!-- generated: {marker} -->" in markdown:
            markdown = markdown.replace(f"<!-- generated: {marker} -->", make())
    markdown = re.sub(r"<!-- file: ([\w.]+) -->", lambda m: take_file(m[1]), markdown)
    return re.sub(r"```mermaid\n(.*?)```", lambda m: table_of(m[1]), markdown, flags=re.DOTALL)


def describe_records() -> str:
    """Describe every record: its docstring, and its fields with their types."""
    parts = []
    for name, record in vars(records).items():
        if not (isinstance(record, type) and issubclass(record, msgspec.Struct)):
            continue
        parts.append(f"## {name}\n\n{inspect.getdoc(record)}\n")
        types = inspect.get_annotations(record)
        rows = [
            f"| `{field.name}` | `{types[field.name]}` | {_default(field)} |"
            for field in msgspec.structs.fields(record)
            if field.name in types
        ]
        if rows:
            parts.append(
                "\n".join(("| field | type | if left out |", "| --- | --- | --- |", *rows))
            )
    return "\n\n".join(parts)


def list_examples() -> str:
    """Show every example: what it says it is, and its whole text."""
    parts = []
    for path in sorted((ROOT / "examples").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        says = ast.get_docstring(ast.parse(text)) or ""
        parts.append(f"## {path.name}\n\n{says}\n\n```python\n{text}```")
    return "\n\n".join(parts)


def take_file(name: str) -> str:
    """Return a file of the root, its links turned to pages, or to plain text if there is none."""

    def turn(link: re.Match[str]) -> str:
        words, target = link[1], link[2]
        if "://" in target:
            return link[0]
        page = PAGES.get(target) or (f"../{target[5:]}" if target.startswith("docs/") else None)
        return f"[{words}]({page})" if page else words

    return re.sub(r"\[([^\]]+)\]\(([^)]+)\)", turn, (ROOT / name).read_text(encoding="utf-8"))


def table_of(drawing: str) -> str:
    """Tell the arrows of a Mermaid state diagram as a table: from, on which event, to."""
    arrows = re.findall(r"^ *(\w+) --> (\w+) : (.+)$", drawing, flags=re.MULTILINE)
    rows = [f"| `{source}` | {event} | `{target}` |" for source, target, event in arrows]
    return "\n".join(("| in | on | goes to |", "| --- | --- | --- |", *rows))


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.default is not msgspec.NODEFAULT:
        return f"`{field.default!r}`"
    if field.default_factory is not msgspec.NODEFAULT:
        return f"`{field.default_factory()!r}`"
    return "must be given"
