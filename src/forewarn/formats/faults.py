"""The one error that reading a file can raise: it says what, where, which value, and what to do."""

from __future__ import annotations

import functools

_LONGEST_VALUE = 60


def excerpt(text: str, *, longest: int = _LONGEST_VALUE) -> str:
    """Return ``text`` on one printable line of at most ``longest`` characters."""
    shown = text if len(text) <= longest else text[: longest - 3] + "..."
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in shown)


class FormatError(ValueError):
    """A file, or a piece of text, that cannot be read as what it should be.

    ``line`` and ``column`` count from one and are None where the place has none; ``path`` is the
    field inside the file (``launches[0].range_km``); ``value`` is what was found there; ``mend`` is
    what to do about it. ``str()`` gives all of it as one sentence for a person.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str,
        line: int | None = None,
        column: int | None = None,
        path: str = "",
        value: str | None = None,
        mend: str = "",
    ) -> None:
        self.problem = problem
        self.file = file
        self.line = line
        self.column = column
        self.path = path
        self.value = None if value is None else excerpt(value)
        self.mend = mend
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        where = f"{place}: {self.path}" if self.path else place
        return f"{where}: {self.problem}" + (f"; {self.mend}" if self.mend else "")

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes, which an exception with keyword arguments cannot by itself."""
        make = functools.partial(
            FormatError,
            file=self.file,
            line=self.line,
            column=self.column,
            path=self.path,
            value=self.value,
            mend=self.mend,
        )
        return (make, (self.problem,))
