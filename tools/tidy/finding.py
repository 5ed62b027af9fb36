"""What a rule says when it is broken."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One broken rule: where, which rule, and what to do about it."""

    path: str
    line: int
    rule: str
    lesson: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.lesson}"
