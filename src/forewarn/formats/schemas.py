"""The JSON Schema of every format, generated from what reads it: the tables and the records.

``python -m forewarn.formats.schemas docs/reference`` writes the files; a test keeps them so.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import UnionType
from typing import Any

import msgspec

from forewarn.formats import areas, network, policy, scenario, vehicles
from forewarn.formats.claim import JudgedClaim
from forewarn.formats.fields import Table
from forewarn.records import Event, Output

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TABLES: dict[str, Table] = {
    scenario.HEADER: scenario.TABLE,
    network.HEADER: network.TABLE,
    areas.HEADER: areas.TABLE,
    policy.HEADER: policy.TABLE,
    vehicles.HEADER: vehicles.TABLE,
}


def file_schema(header: str) -> dict[str, Any]:
    """Return the JSON Schema of a configuration file, ``header`` being like ``scenario/1``."""
    schema = _TABLES[header].json_schema()
    stated = {"const": header, "description": "what this file is"}
    schema["properties"] = {"forewarn": stated} | schema["properties"]
    schema["required"] = ["forewarn", *schema["required"]]
    return {"$schema": _DIALECT, "title": f"forewarn {header}"} | schema


def _records_schema(records: UnionType | type, title: str) -> dict[str, Any]:
    return {"$schema": _DIALECT, "title": title} | msgspec.json.schema(records)


def schema_files() -> dict[str, str]:
    """Return the text of every schema file by its name."""
    schemas = {header.split("/")[0]: file_schema(header) for header in _TABLES}
    schemas["events"] = _records_schema(Event, "forewarn events, one a line")
    schemas["outputs"] = _records_schema(Output, "forewarn outputs, one a line")
    schemas["claim"] = _records_schema(JudgedClaim, "forewarn claim --json")
    return {
        f"{name}.schema.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in schemas.items()
    }


def write_schemas(folder: Path) -> None:
    """Write every schema file into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_files().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
