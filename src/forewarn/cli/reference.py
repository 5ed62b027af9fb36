"""``docs/reference/cli.md``, made from the commands themselves.

Write it anew with ``python -m forewarn.cli.reference > docs/reference/cli.md``; a test compares.
"""

from __future__ import annotations

import typer

from forewarn.cli.app import app

_HEAD = """\
# Command line

Made from `forewarn COMMAND --help`. Write it anew with
`python -m forewarn.cli.reference > docs/reference/cli.md`.
"""


def reference_markdown() -> str:
    """Return the page: every command's help, word for word."""
    group = typer.main.get_command(app)
    context = typer.Context(group, info_name="forewarn", terminal_width=88)
    parts = [_HEAD, _block(group.get_help(context))]
    _add(parts, context, "")
    return "\n".join(parts)


def _add(parts: list[str], context: typer.Context, before: str) -> None:
    """Add the help of each command of a group, and of those of each group within."""
    for name, command in getattr(context.command, "commands", {}).items():
        inner = typer.Context(command, info_name=name, parent=context, terminal_width=88)
        parts += [f"\n## {before}{name}\n", _block(command.get_help(inner))]
        _add(parts, inner, f"{before}{name} ")


def _block(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return f"```text\n{lines}\n```"


if __name__ == "__main__":
    print(reference_markdown())
