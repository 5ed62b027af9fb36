"""YAML text as a tree of nodes that know their line and column.

Only the plain part of YAML is taken: mappings, lists and scalars. Anchors, aliases, tags and
several documents in one file are refused, because a configuration file that a person signs must
mean what it shows (and because aliases let a short file expand without end). Scalars stay text
here; `forewarn.formats.fields` gives them a meaning, so that ``no``, ``1e6``, ``12:30`` and
``010`` never turn into something else on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import yaml

from forewarn.formats.faults import FormatError

LARGEST_FILE_BYTES = 16 * 1024 * 1024
DEEPEST_NESTING = 32

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Scalar(msgspec.Struct, frozen=True):
    """A single value as it is written; ``plain`` says that it stands without quotes."""

    line: int
    column: int
    text: str
    plain: bool


class Sequence(msgspec.Struct, frozen=True):
    """A list of nodes."""

    line: int
    column: int
    items: tuple[Node, ...]


class Mapping(msgspec.Struct, frozen=True):
    """Fields in the order of the file; their names are unique."""

    line: int
    column: int
    entries: tuple[tuple[Scalar, Node], ...]

    def key(self, name: str) -> Scalar | None:
        """Return the node of the field's name, or None."""
        return next((key for key, _ in self.entries if key.text == name), None)

    def value(self, name: str) -> Node | None:
        """Return the node of the field's value, or None."""
        return next((value for key, value in self.entries if key.text == name), None)


Node = Scalar | Sequence | Mapping


def read_text(path: Path, *, largest_bytes: int = LARGEST_FILE_BYTES) -> str:
    """Return a file's text.

    Raises FormatError if the file is missing, too large, or not UTF-8.
    """
    file = str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(largest_bytes + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FormatError(
            f"cannot be read: {reason}", file=file, mend="check the path and its permissions"
        ) from None
    if len(data) > largest_bytes:
        raise FormatError(
            f"larger than {largest_bytes} bytes", file=file, mend="split it, or check what it is"
        )
    return decode_utf8(data, file=file)


def decode_utf8(data: bytes, *, file: str) -> str:
    """Return ``data`` as text without a byte order mark. Raises FormatError if it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        raise FormatError(
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            file=file,
            line=before.count(b"\n") + 1,
            column=error.start - before.rfind(b"\n"),
            mend="save the file as UTF-8",
        ) from None


def read_document(text: str, *, file: str) -> Mapping:
    """Return the fields of a YAML text.

    Raises FormatError for anything that is not one plain YAML mapping: broken or cut-off syntax,
    tabs in the indentation, duplicate fields, aliases, tags, nesting beyond `DEEPEST_NESTING`.
    """
    _refuse_tabs(text, file)
    try:
        node = _compose_document(text, file)
    except yaml.MarkedYAMLError as error:
        raise _syntax_fault(error, text, file) from None
    except yaml.reader.ReaderError as error:
        raise FormatError(
            f"character {error.character!r} is not allowed in YAML",
            file=file,
            mend="remove it; the file must be plain UTF-8 text",
        ) from None
    if not isinstance(node, Mapping):
        raise FormatError(
            "the file holds no fields" if node is None else "the file is not a mapping of fields",
            file=file,
            line=1,
            mend="begin it with, for example, 'forewarn: scenario/1'",
        )
    return node


def _refuse_tabs(text: str, file: str) -> None:
    for number, line in enumerate(text.split("\n"), start=1):
        indentation = line[: len(line) - len(line.lstrip())]
        if "\t" in indentation:
            raise FormatError(
                "a tab in the indentation",
                file=file,
                line=number,
                column=indentation.index("\t") + 1,
                mend="indent with spaces",
            )


def _syntax_fault(error: yaml.MarkedYAMLError, text: str, file: str) -> FormatError:
    mark = error.problem_mark or error.context_mark
    line = None if mark is None else mark.line + 1
    cut_off = line is not None and line >= text.rstrip().count("\n") + 1
    mend = "check brackets, quotes and indentation near here"
    if cut_off:
        mend = "the file seems cut off: check that it is complete, and its brackets and quotes"
    return FormatError(
        f"not valid YAML: {error.problem or error.context}",
        file=file,
        line=line,
        column=None if mark is None else mark.column + 1,
        mend=mend,
    )


def _compose_document(text: str, file: str) -> Node | None:
    events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
    root: Node | None = None
    documents = 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _fault(event, file, "a second document", "keep one document in a file")
        elif isinstance(event, yaml.NodeEvent):
            root = _compose(event, events, file, 1)
    return root


def _compose(event: yaml.Event, events: Iterator[yaml.Event], file: str, depth: int) -> Node:
    _refuse_indirection(event, file)
    if depth > DEEPEST_NESTING:
        raise _fault(event, file, f"nested deeper than {DEEPEST_NESTING}", "flatten the file")
    line, column = _position(event)
    if isinstance(event, yaml.ScalarEvent):
        return Scalar(line, column, event.value, not event.style)
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Node] = []
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            items.append(_compose(inner, events, file, depth + 1))
        return Sequence(line, column, tuple(items))
    entries: dict[str, tuple[Scalar, Node]] = {}
    while not isinstance(inner := next(events), yaml.MappingEndEvent):
        key = _compose(inner, events, file, depth + 1)
        if not isinstance(key, Scalar):
            raise _fault(inner, file, "a field name that is not text", "write 'name: value'")
        if key.text in entries:
            first = entries[key.text][0].line
            problem = f"field '{key.text}' is given twice, first on line {first}"
            raise _fault(inner, file, problem, "keep one of them")
        entries[key.text] = (key, _compose(next(events), events, file, depth + 1))
    return Mapping(line, column, tuple(entries.values()))


def _refuse_indirection(event: yaml.Event, file: str) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise _fault(event, file, "anchors and aliases are not allowed", "write the value out")
    tag = getattr(event, "tag", None)
    if tag is not None and tag != "!":
        raise _fault(event, file, f"the tag '{tag}' is not allowed", "remove it")


def _fault(event: yaml.Event, file: str, problem: str, mend: str) -> FormatError:
    line, column = _position(event)
    return FormatError(problem, file=file, line=line, column=column, mend=mend)


def _position(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    assert mark is not None, "every parsed event has its mark"
    return mark.line + 1, mark.column + 1
