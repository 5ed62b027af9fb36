"""The JSON Schema files in the documentation are what the code reads, and they work."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from forewarn.formats.check import check_file
from forewarn.formats.jsonl import encode_event, encode_output
from forewarn.formats.schemas import schema_files, write_schemas
from tests.formats import samples

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
SHIPPED = sorted((ROOT / "scenarios").rglob("*.yaml"))


def as_json(text: str) -> dict[str, Any]:
    """YAML as editors read it, by version 1.2: instants are text, and 6.0e5 is a number."""

    class Loader(yaml.SafeLoader):
        """A loader without timestamps."""

    Loader.yaml_implicit_resolvers = {
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    number = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][0-9]+")
    Loader.add_implicit_resolver("tag:yaml.org,2002:float", number, list("+-0123456789"))
    loaded: dict[str, Any] = yaml.load(text, Loader=Loader)
    return loaded


def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(schema_files()[f"{name}.schema.json"])
    return loaded


@pytest.mark.parametrize("name", sorted(schema_files()))
def test_the_file_is_up_to_date(name: str) -> None:
    text = (REFERENCE / name).read_text(encoding="utf-8")
    lesson = "run python -m forewarn.formats.schemas docs/reference"
    assert text == schema_files()[name], lesson
    jsonschema.Draft202012Validator.check_schema(json.loads(text))


def test_write_schemas_writes_them_all(tmp_path: Path) -> None:
    write_schemas(tmp_path / "new")
    assert {p.name for p in (tmp_path / "new").iterdir()} == set(schema_files())


@pytest.mark.parametrize("name", ["scenario", "network", "areas", "policy", "vehicles"])
def test_a_good_file_passes_and_a_bad_one_does_not(name: str) -> None:
    validator = jsonschema.Draft202012Validator(schema(name))
    good = as_json(samples.FILES[f"{name}.yaml"])
    assert list(validator.iter_errors(good)) == []
    assert list(validator.iter_errors(good | {"surprise": 1}))
    assert list(validator.iter_errors(good | {"forewarn": "other/1"}))
    for field in schema(name)["required"]:
        assert list(validator.iter_errors({k: v for k, v in good.items() if k != field}))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_files_we_ship_are_right_by_schema_and_by_the_program(path: Path) -> None:
    kind = check_file(path).kind
    validator = jsonschema.Draft202012Validator(schema(kind.split("/")[0]))
    assert list(validator.iter_errors(as_json(path.read_text(encoding="utf-8")))) == []


def test_ranges_and_units_are_in_the_schema() -> None:
    site = schema("scenario")["properties"]["launches"]["items"]["oneOf"][0]["properties"]["site"]
    latitude = site["properties"]["latitude_deg"]
    assert (latitude["minimum"], latitude["maximum"]) == (-90.0, 90.0)
    assert latitude["description"].endswith("[degrees]")
    satellite = schema("network")["properties"]["satellites"]["items"]
    assert {"required": ["tle"]} in satellite["oneOf"]


def test_every_encoded_record_fits_its_schema() -> None:
    for name, lines in (
        ("events", [encode_event(event) for event in samples.events()]),
        ("outputs", [encode_output(output) for output in samples.outputs()]),
    ):
        validator = jsonschema.Draft202012Validator(schema(name))
        for line in lines:
            assert list(validator.iter_errors(msgspec.json.decode(line))) == []
        assert list(validator.iter_errors({"event": "nonsense"}))
