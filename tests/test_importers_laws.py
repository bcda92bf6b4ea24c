"""Whatever is read is sound, and whatever is refused is refused in one line."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from generators.importers import read_catalog
from generators.importers.schema_checks import check_schema
from schemas.errors import InputError
from schemas.tool import Catalog
from tests.importing import (
    assert_sound,
    flat,
    mcp,
    write,
)

many_files = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def assert_read_or_refused(folder: Path, document: Any) -> None:
    path = write(folder, json.dumps(document))
    outcome = read_or_refuse(path)
    if isinstance(outcome, Catalog):
        assert_sound(outcome)
    else:
        assert outcome.file == str(path)
        assert outcome.problem
        assert "\n" not in str(outcome)


def read_or_refuse(path: Path) -> Catalog | InputError:
    try:
        return read_catalog([path])
    except InputError as error:
        return error


scalars = st.none() | st.booleans() | st.integers(-9, 99) | st.floats() | st.text(max_size=5)
values = st.recursive(
    scalars | st.sampled_from(["string", "object", "integer", "null", "#/$defs/a", "#", "[a"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
keywords = st.sampled_from(
    [
        "type", "properties", "required", "items", "anyOf", "oneOf", "allOf", "$ref", "$defs",
        "definitions", "enum", "const", "default", "title", "description", "nullable",
        "minimum", "exclusiveMinimum", "multipleOf", "pattern", "patternProperties",
        "additionalProperties", "additionalItems", "prefixItems", "dependencies", "$schema",
        "$id", "$anchor", "not", "format", "name", "parameters", "inputSchema", "outputSchema",
        "function", "tools", "result", "annotations", "strict", "returns",
    ]
)  # fmt: skip
schemas = st.recursive(
    values | st.fixed_dictionaries({"type": st.sampled_from(["string", "object", "array"])}),
    lambda inner: (
        st.dictionaries(keywords, inner, max_size=4)
        | st.lists(inner, max_size=3)
        | st.fixed_dictionaries(
            {"properties": st.dictionaries(st.sampled_from(["a", "b"]), inner)},
            optional={
                "type": st.just("object"),
                "required": st.lists(st.sampled_from(["a", "b", "c"]), max_size=2),
                "$defs": st.fixed_dictionaries({"a": inner}),
            },
        )
    ),
    max_leaves=20,
)


@many_files
@given(document=values | schemas)
def test_any_json_is_read_or_refused(tmp_path: Path, document: Any) -> None:
    assert_read_or_refused(tmp_path, document)


@many_files
@given(raw=st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "raw.json"
    path.write_bytes(raw)
    with pytest.raises(InputError):
        read_catalog([path])


@many_files
@given(schema=schemas, returned=schemas, strict=st.booleans())
def test_any_schema_is_made_sound_or_refused(
    tmp_path: Path, schema: Any, returned: Any, strict: bool
) -> None:
    assert_read_or_refused(
        tmp_path, [flat("look", parameters=schema, returns=returned, strict=strict), flat("b")]
    )


WHOLE: dict[str, Any] = {
    "result": {
        "tools": [
            {
                "name": "book_table",
                "title": "Book",
                "description": "Book a table.",
                "inputSchema": {
                    "type": "object",
                    "$defs": {"Day": {"type": "string", "format": "date", "title": "Day"}},
                    "properties": {
                        "day": {"$ref": "#/$defs/Day"},
                        "size": {"type": "integer", "minimum": 1, "default": 2},
                        "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
                        "names": {"type": "array", "items": {"type": "string", "pattern": "^a"}},
                    },
                    "required": ["day"],
                },
                "outputSchema": {"type": "object", "properties": {"id": {"type": "string"}}},
                "annotations": {"readOnlyHint": False, "destructiveHint": True},
            },
            mcp("look"),
        ]
    }
}


def spots(value: Any) -> list[tuple[Any, Any]]:
    """Every container with each of its keys."""
    if not isinstance(value, dict | list):
        return []
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [(value, key) for key in keys] + [spot for key in keys for spot in spots(value[key])]


@many_files
@given(data=st.data())
def test_a_damaged_catalogue_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    document = json.loads(json.dumps(WHOLE))
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(spots(document)))
        action = data.draw(st.sampled_from(["replace", "remove", "rename"]))
        if action == "replace" or (action == "rename" and isinstance(container, list)):
            container[key] = data.draw(values | schemas)
        elif action == "rename":
            container[data.draw(keywords)] = container.pop(key)
        else:
            del container[key]
        if not spots(document):
            break
    assert_read_or_refused(tmp_path, document)


@many_files
@given(schema=schemas)
def test_schemas_are_sound_where_the_metaschema_says_so(schema: Any) -> None:
    if not isinstance(schema, dict):
        return
    checker = Draft202012Validator(
        Draft202012Validator.META_SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    try:
        check_schema(schema, "schema")
        sound = True
    except InputError:
        sound = False
    # How an address is written is a format, which is asked of where something is wrong besides.
    assert sound == checker.is_valid(schema) or (sound and "$id" in json.dumps(schema))
