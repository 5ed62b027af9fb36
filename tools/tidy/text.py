"""Rules about the text of the repository: it speaks of the project, not of where it was made."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.tidy.finding import Finding

# The brackets keep the patterns from finding themselves.
RULES = (
    (
        "machine-path",
        re.compile(r"(?<![\w.~)}])/(?:work|root|home|farm|Users)/\w"),
        "a path of one machine: write it relative to the repository",
    ),
    (
        "registry-host",
        re.compile(r"(?:pypi[.]org|pythonhosted[.]org|registry[.]npmjs|conda[.]anaconda[.]org)"),
        "the address of a package registry: name the package, the installer knows where",
    ),
    (
        "todo-number",
        re.compile(r"\b(?:T[O]DO|F[I]XME)\b(?!\(#\d+\))"),
        "give it an issue number, as in (#12), or do it now",
    ),
)


def bad_text(path: str, text: str) -> Iterator[Finding]:
    """Paths of one machine, registry addresses, and promises without an issue number."""
    for number, line in enumerate(text.splitlines(), start=1):
        for rule, pattern, lesson in RULES:
            if pattern.search(line):
                yield Finding(path, number, rule, lesson)
