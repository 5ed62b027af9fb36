"""Configuration files as tables: what fields there are, their kind, range and meaning.

One table serves twice: `Table.read` turns a YAML mapping into SI values with errors that teach,
and `Table.json_schema` writes the same rules down for editors. Each *kind* is a small final class
with the two methods of `Kind`; tables nest.
"""

from __future__ import annotations

import difflib
import math
import re
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from forewarn import epoch
from forewarn.formats import units
from forewarn.formats.document import Mapping, Node, Scalar, Sequence
from forewarn.formats.faults import FormatError, excerpt

JsonSchema = dict[str, Any]
Value = Any
"""What a field holds once read: its table says what, in a way that a type checker cannot."""

_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*|[0-9]*\.[0-9]+|[0-9]+\.)([eE][-+]?[0-9]+)?")
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_NUMBER_WITH_UNIT = re.compile(r"([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*([^\W\d]\S*)")
_NO_VALUE = ("", "~", "null", "Null", "NULL")
_BOOLEANS = {"true": True, "false": False}
# What XML 1.0 can carry, since names travel on into CAP messages.
_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LARGEST_INTEGER = 2**53
_LONGEST_UTC = 40
_MOST_ITEMS = 1_000_000


class Place(msgspec.Struct, frozen=True):
    """Where reading has got to: the file, and the path of fields inside it."""

    file: str
    path: str = ""

    def field(self, name: str) -> Place:
        """Return the place of a field here."""
        return Place(self.file, f"{self.path}.{name}" if self.path else name)

    def item(self, index: int) -> Place:
        """Return the place of a list item here."""
        return Place(self.file, f"{self.path}[{index}]")

    def fault(self, node: Node, problem: str, mend: str) -> FormatError:
        """Return the error for ``node`` at this place."""
        return FormatError(
            problem,
            file=self.file,
            line=node.line,
            column=node.column,
            path=self.path,
            value=node.text if isinstance(node, Scalar) else None,
            mend=mend,
        )


class Kind(Protocol):
    """What a field may hold."""

    def read(self, node: Node, place: Place) -> Value:
        """Return the value of ``node``. Raises FormatError."""
        ...

    def json_schema(self) -> JsonSchema:
        """Return the same rule as JSON Schema."""
        ...


def _scalar(node: Node, place: Place, wanted: str, example: str) -> Scalar:
    if not isinstance(node, Scalar):
        found = "a list" if isinstance(node, Sequence) else "a group of fields"
        raise place.fault(node, f"{found} where {wanted} belongs", f"write, for example, {example}")
    if node.plain and node.text in _NO_VALUE:
        raise place.fault(node, "has no value", f"write {wanted}, or leave the field out")
    return node


class Number(msgspec.Struct, frozen=True):
    """A finite number within [minimum, maximum], in the unit that the field's name ends in."""

    minimum: float
    maximum: float
    above_minimum: bool = False

    def read(self, node: Node, place: Place) -> float:
        """Return the number as it is written in the file."""
        scalar = _scalar(node, place, "a number", f"{self._example():g}")
        if not scalar.plain or not _NUMBER.fullmatch(scalar.text):
            raise place.fault(scalar, *_not_a_number(scalar))
        value = float(scalar.text)
        low = value <= self.minimum if self.above_minimum else value < self.minimum
        if low or not value <= self.maximum:
            least = "more than" if self.above_minimum else "at least"
            raise place.fault(
                scalar,
                f"{scalar.text} is out of range",
                f"it must be {least} {self.minimum:g} and at most {self.maximum:g}",
            )
        return value

    def _example(self) -> float:
        return min(max(self.minimum, 1.0), self.maximum)

    def json_schema(self) -> JsonSchema:
        """Return the rule as JSON Schema."""
        lower = "exclusiveMinimum" if self.above_minimum else "minimum"
        return {"type": "number", lower: self.minimum, "maximum": self.maximum}


def _not_a_number(scalar: Scalar) -> tuple[str, str]:
    shown = excerpt(scalar.text)
    if scalar.text.strip().lstrip("+-").lower() in (".nan", "nan", ".inf", "inf", "infinity"):
        return f"'{shown}' is not a finite number", "write the value that is meant"
    with_unit = _NUMBER_WITH_UNIT.fullmatch(scalar.text.strip())
    if with_unit:
        number, unit = with_unit.groups()
        return (
            f"'{shown}' is text, not a number",
            f"the unit is in the field's name: write {number}, without '{excerpt(unit)}'",
        )
    if _NUMBER.fullmatch(scalar.text):
        return f"'{shown}' is text, not a number", "remove the quotes"
    return f"'{shown}' is not a number", "write digits with a point, for example 12.5"


class Integer(msgspec.Struct, frozen=True):
    """A whole number within [minimum, maximum]."""

    minimum: int
    maximum: int = _LARGEST_INTEGER

    def read(self, node: Node, place: Place) -> int:
        """Return the whole number."""
        scalar = _scalar(node, place, "a whole number", str(self.minimum))
        if not scalar.plain or not _INTEGER.fullmatch(scalar.text) or len(scalar.text) > 20:
            problem, mend = _not_a_number(scalar)
            if _NUMBER.fullmatch(scalar.text) and scalar.plain:
                problem, mend = f"'{excerpt(scalar.text)}' is not a whole number", "round it"
            raise place.fault(scalar, problem, mend)
        value = int(scalar.text)
        if not self.minimum <= value <= self.maximum:
            raise place.fault(
                scalar,
                f"{value} is out of range",
                f"it must be at least {self.minimum} and at most {self.maximum}",
            )
        return value

    def json_schema(self) -> JsonSchema:
        """Return the rule as JSON Schema."""
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


class Boolean(msgspec.Struct, frozen=True):
    """``true`` or ``false``, written so."""

    def read(self, node: Node, place: Place) -> bool:
        """Return the truth value."""
        scalar = _scalar(node, place, "true or false", "true")
        if not scalar.plain or scalar.text not in _BOOLEANS:
            problem = f"'{excerpt(scalar.text)}' is neither true nor false"
            raise place.fault(scalar, problem, "write true or false")
        return _BOOLEANS[scalar.text]

    def json_schema(self) -> JsonSchema:
        """Return the rule as JSON Schema."""
        return {"type": "boolean"}


class Text(msgspec.Struct, frozen=True):
    """Text of 1 to ``longest`` characters; ``pattern`` (with its meaning in words) narrows it."""

    longest: int = 2_000
    pattern: str = ""
    meaning: str = ""

    def read(self, node: Node, place: Place) -> str:
        """Return the text."""
        scalar = _scalar(node, place, "text", "'some text'")
        looks_otherwise = _NUMBER.fullmatch(scalar.text) or scalar.text in _BOOLEANS
        if scalar.plain and looks_otherwise:
            problem = f"{excerpt(scalar.text)} is not text"
            raise place.fault(scalar, problem, f"put it in quotes: '{excerpt(scalar.text)}'")
        if not 1 <= len(scalar.text) <= self.longest:
            problem = f"text of {len(scalar.text)} characters"
            raise place.fault(scalar, problem, f"write 1 to {self.longest} characters")
        if _UNPRINTABLE.search(scalar.text):
            raise place.fault(scalar, "holds a control character", "remove it")
        if self.pattern and not re.fullmatch(self.pattern, scalar.text):
            problem = f"'{excerpt(scalar.text)}' is not {self.meaning}"
            raise place.fault(scalar, problem, f"write {self.meaning}")
        return scalar.text

    def json_schema(self) -> JsonSchema:
        """Return the rule as JSON Schema."""
        schema: JsonSchema = {"type": "string", "minLength": 1, "maxLength": self.longest}
        return schema | ({"pattern": f"^(?:{self.pattern})$"} if self.pattern else {})


class Choice(msgspec.Struct, frozen=True):
    """One word out of a fixed few."""

    words: tuple[str, ...]

    def read(self, node: Node, place: Place) -> str:
        """Return the word."""
        scalar = _scalar(node, place, f"one of {', '.join(self.words)}", self.words[0])
        if scalar.text not in self.words:
            problem = f"'{excerpt(scalar.text)}' is not known here"
            raise place.fault(scalar, problem, _suggestion(scalar.text, self.words))
        return scalar.text

    def json_schema(self) -> JsonSchema:
        """Return the rule as JSON Schema."""
        return {"enum": list(self.words)}


class Utc(msgspec.Struct, frozen=True):
    """An instant as ISO 8601 text with its zone; read as integer TAI nanoseconds."""

    def read(self, node: Node, place: Place) -> int:
        """Return TAI nanoseconds since 1970-01-01T00:00:00 TAI."""
        scalar = _scalar(node, place, "an instant", "2017-08-28T20:57:00Z")
        if len(scalar.text) > _LONGEST_UTC:
            problem = f"'{excerpt(scalar.text)}' is not an instant"
            raise place.fault(scalar, problem, "write it like 2017-08-28T20:57:00Z")
        try:
            return epoch.tai_ns_from_utc_text(scalar.text)
        except ValueError as error:
            raise place.fault(scalar, excerpt(str(error), longest=300), "") from None

    def json_schema(self) -> JsonSchema:
        """Return the rule as JSON Schema."""
        return {
            "type": "string",
            "format": "date-time",
            "pattern": r"T.*(Z|[+-]\d\d:?\d\d)$",
        }


class FilePath(msgspec.Struct, frozen=True):
    """Another file, named relative to the file that names it. It must exist."""

    def read(self, node: Node, place: Place) -> Path:
        """Return the path, joined to the folder of the naming file."""
        scalar = _scalar(node, place, "a file name", "network.yaml")
        path = Path(place.file).parent / scalar.text
        try:
            found = path.is_file()
        except (OSError, ValueError):
            found = False
        if not found:
            raise place.fault(
                scalar,
                f"there is no file '{excerpt(scalar.text)}' in {Path(place.file).parent}",
                "check the name; it is relative to this file",
            )
        return path

    def json_schema(self) -> JsonSchema:
        """Return the rule as JSON Schema."""
        return {"type": "string", "minLength": 1}


class ListOf(msgspec.Struct, frozen=True):
    """A list of ``least`` to ``most`` items of one kind, read as a tuple."""

    item: Kind
    least: int = 1
    most: int = _MOST_ITEMS

    def read(self, node: Node, place: Place) -> tuple[Any, ...]:
        """Return the items."""
        if not isinstance(node, Sequence):
            raise place.fault(node, "is not a list", "write the items as a list, each after '- '")
        if not self.least <= len(node.items) <= self.most:
            most = f" and at most {self.most}" if self.most < _MOST_ITEMS else ""
            problem = f"a list of {len(node.items)} items"
            raise place.fault(node, problem, f"it must have at least {self.least}{most}")
        return tuple(
            self.item.read(item, place.item(index)) for index, item in enumerate(node.items)
        )

    def json_schema(self) -> JsonSchema:
        """Return the rule as JSON Schema."""
        schema = {"type": "array", "items": self.item.json_schema(), "minItems": self.least}
        return schema | ({"maxItems": self.most} if self.most < _MOST_ITEMS else {})


class Pair(msgspec.Struct, frozen=True):
    """Two values in brackets, for example ``[latitude, longitude]``; read as a tuple."""

    names: tuple[str, str]
    first: Kind
    second: Kind

    def read(self, node: Node, place: Place) -> tuple[Any, Any]:
        """Return the two values."""
        if not isinstance(node, Sequence) or len(node.items) != 2:
            wanted = f"[{self.names[0]}, {self.names[1]}]"
            raise place.fault(node, "is not a pair of values", f"write {wanted}")
        first, second = node.items
        return (
            self.first.read(first, place.field(self.names[0])),
            self.second.read(second, place.field(self.names[1])),
        )

    def json_schema(self) -> JsonSchema:
        """Return the rule as JSON Schema."""
        items = [
            kind.json_schema() | {"description": name}
            for name, kind in zip(self.names, (self.first, self.second), strict=True)
        ]
        return {"type": "array", "prefixItems": items, "minItems": 2, "maxItems": 2}


REQUIRED: Any = object()
"""The default of a field that has none."""


class Field(msgspec.Struct, frozen=True):
    """A row of a table. ``name`` ends in the unit of the file; the value is read in SI."""

    name: str
    kind: Kind
    doc: str
    default: Any = REQUIRED


Built = TypeVar("Built")


class Row:
    """The fields of one mapping as read: values by their SI name, and where each one stands."""

    def __init__(self, values: dict[str, Any], node: Mapping, place: Place) -> None:
        self.values = values
        self.node = node
        self.place = place

    def __getitem__(self, name: str) -> Value:
        return self.values[name]

    def fault(self, name: str, problem: str, mend: str) -> FormatError:
        """Return the error for a field, ``name`` being its name in the file."""
        node = self.node.value(name) or self.node
        return self.place.field(name).fault(node, problem, mend)

    def build(self, record: type[Built], **changes: Value) -> Built:
        """Return a ``record`` from the values, after ``changes``."""
        return record(**(self.values | changes))


class Table(msgspec.Struct, frozen=True):
    """A group of fields. Of the optional fields in ``exactly_one``, one must be given."""

    fields: tuple[Field, ...]
    exactly_one: tuple[str, ...] = ()

    def read(self, node: Node, place: Place) -> Row:
        """Return the fields in SI, defaults filled in. Raises FormatError."""
        if not isinstance(node, Mapping):
            example = f"{self.fields[0].name}: ..."
            raise place.fault(node, "is not a group of fields", f"write fields, as '{example}'")
        for key, _ in node.entries:
            self._refuse_unknown(key, place)
        values: dict[str, Any] = {}
        for field in self.fields:
            value = node.value(field.name)
            if value is not None:
                read = field.kind.read(value, place.field(field.name))
                values[units.si_name(field.name)] = _in_si(field.name, read)
            elif field.default is not REQUIRED:
                values[units.si_name(field.name)] = field.default
            else:
                raise place.field(field.name).fault(
                    node, f"missing field '{field.name}'", f"add it: {field.doc}"
                )
        given = [name for name in self.exactly_one if node.value(name) is not None]
        if self.exactly_one and len(given) != 1:
            choice = ", ".join(self.exactly_one)
            problem = f"{' and '.join(given)} are given" if given else f"none of {choice} is given"
            raise place.fault(node, problem, "give exactly one of them")
        return Row(values, node, place)

    def _refuse_unknown(self, key: Scalar, place: Place) -> None:
        names = tuple(field.name for field in self.fields)
        if key.text in names:
            return
        shown = excerpt(key.text)
        raise place.field(shown).fault(
            key, f"unknown field '{shown}'", _suggestion(key.text, names)
        )

    def json_schema(self) -> JsonSchema:
        """Return the rules as JSON Schema."""
        properties: JsonSchema = {}
        for field in self.fields:
            unit = units.unit_of(field.name)
            suffix = f" [{unit.words}]" if unit else ""
            properties[field.name] = field.kind.json_schema() | {"description": field.doc + suffix}
        schema: JsonSchema = {
            "type": "object",
            "properties": properties,
            "required": [field.name for field in self.fields if field.default is REQUIRED],
            "additionalProperties": False,
        }
        if self.exactly_one:
            schema["oneOf"] = [{"required": [name]} for name in self.exactly_one]
        return schema


class OneOf(msgspec.Struct, frozen=True):
    """A group of fields whose ``kind`` says which table it follows."""

    tables: dict[str, Table]

    def read(self, node: Node, place: Place) -> tuple[str, Row]:
        """Return the word that ``kind`` holds, and the other fields."""
        if not isinstance(node, Mapping):
            raise place.fault(node, "is not a group of fields", "write fields, as 'kind: ...'")
        word, words = node.value("kind"), tuple(self.tables)
        if word is None:
            mend = f"add 'kind', one of {', '.join(words)}"
            raise place.field("kind").fault(node, "missing field 'kind'", mend)
        kind = Choice(words).read(word, place.field("kind"))
        rest = tuple(entry for entry in node.entries if entry[0].text != "kind")
        return kind, self.tables[kind].read(Mapping(node.line, node.column, rest), place)

    def json_schema(self) -> JsonSchema:
        """Return the rules as JSON Schema."""
        branches = []
        for word, table in self.tables.items():
            schema = table.json_schema()
            schema["properties"] = {"kind": {"const": word}} | schema["properties"]
            schema["required"] = ["kind", *schema["required"]]
            branches.append(schema)
        return {"oneOf": branches}


class TextOrTable(msgspec.Struct, frozen=True):
    """Either a name or the thing itself, written out as a group of fields."""

    text: Text
    table: Table

    def read(self, node: Node, place: Place) -> str | Row:
        """Return the name, or the fields."""
        if isinstance(node, Mapping):
            return self.table.read(node, place)
        return self.text.read(node, place)

    def json_schema(self) -> JsonSchema:
        """Return the rules as JSON Schema."""
        return {"anyOf": [self.text.json_schema(), self.table.json_schema()]}


def _in_si(name: str, value: Value) -> Value:
    """Convert a number, or every number in nested tuples, from the unit of ``name`` to SI."""
    unit = units.unit_of(name)
    if unit is None or unit.si_suffix == "_tai_ns":
        return value
    if isinstance(value, tuple):
        return tuple(_in_si(name, item) for item in value)
    if isinstance(value, float):
        converted = unit.to_si(value)
        assert math.isfinite(converted), "the kind's range must keep the SI value finite"
        return converted
    return value


def _suggestion(word: str, words: tuple[str, ...]) -> str:
    """Return what to write instead of ``word``: the nearest of ``words``, or all of them."""
    stem = units.stem_of(word)
    for known in words:
        unit = units.unit_of(known)
        if unit is not None and units.stem_of(known) == stem:
            return f"did you mean '{known}'? This field is in {unit.words}"
    near = difflib.get_close_matches(word[:100], words, n=1)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"known here: {', '.join(words)}"


ID = Text(64, r"[A-Za-z0-9][A-Za-z0-9_.:-]*", "an id of letters, digits and _ . : -")
NAME = Text(200)
LATITUDE = Number(-90.0, 90.0)
LONGITUDE = Number(-180.0, 180.0)
AZIMUTH = Number(0.0, 360.0)
PROBABILITY = Number(0.0, 1.0)


def read_table(table: Table, node: Mapping, *, file: str, header: str) -> Row:
    """Return the fields of a file whose first field is ``forewarn: <header>``.

    Raises FormatError if the file is of another kind or version, or breaks the table's rules.
    """
    place = Place(file)
    kind = file_kind(node, file=file)
    if kind != header:
        stated = node.value("forewarn") or node
        mend = f"a '{header}' file belongs here"
        raise place.field("forewarn").fault(stated, f"this is a '{excerpt(kind)}' file", mend)
    rest = tuple(entry for entry in node.entries if entry[0].text != "forewarn")
    return table.read(Mapping(node.line, node.column, rest), place)


def file_kind(node: Mapping, *, file: str) -> str:
    """Return what the file says it is, for example ``scenario/1``. Raises FormatError."""
    stated = node.value("forewarn")
    if stated is None:
        raise (
            Place(file)
            .field("forewarn")
            .fault(
                node,
                "missing field 'forewarn'",
                "begin the file with, for example, 'forewarn: areas/1'",
            )
        )
    return Text(40).read(stated, Place(file).field("forewarn"))


def unique(rows: tuple[Row, ...], name: str) -> None:
    """Refuse a list in which two rows have the same id. Raises FormatError."""
    seen: dict[str, Row] = {}
    for row in rows:
        value = row[name]
        if value in seen:
            first = seen[value].place.path
            raise row.fault(name, f"'{value}' is already the id of {first}", "give it another id")
        seen[value] = row
