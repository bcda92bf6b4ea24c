"""Dialects of others: foreign types, flat parameters, BFCL, xLAM, RapidAPI, and left secrets."""

import json
from pathlib import Path
from typing import Any

import pytest

from generators.importers import read_catalog
from generators.importers.example_schemas import schema_of_examples, schema_of_template
from generators.importers.foreign_types import is_optional, parse_type
from generators.importers.normalise import normalise_parameters
from tests.importing import CITY, fault, flat, mcp, properties, read_one, write

# Types


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ("str", {"type": "string"}),
        ("str, optional", {"type": "string"}),
        ("STRING", {"type": "string"}),
        ("ENUM", {"type": "string"}),
        ("DATE (YYYY-MM-DD)", {"type": "string", "format": "date"}),
        ("TIME (24-hour HH:MM)", {"type": "string"}),
        ("NUMBER", {"type": "number"}),
        ("long", {"type": "integer"}),
        ("any", {}),
        ("List[int]", {"type": "array", "items": {"type": "integer"}}),
        ("list(str)", {"type": "array", "items": {"type": "string"}}),
        ("String[]", {"type": "array", "items": {"type": "string"}}),
        ("ArrayList<Double>", {"type": "array", "items": {"type": "number"}}),
        ("Set[str]", {"type": "array", "uniqueItems": True, "items": {"type": "string"}}),
        ("Dict[str, int]", {"type": "object", "additionalProperties": {"type": "integer"}}),
        ("HashMap<String, Object>", {"type": "object", "additionalProperties": {"type": "object"}}),
        ("Union[str, int]", {"type": ["string", "integer"]}),
        ("List[Union[int, float]]", {"type": "array", "items": {"type": ["integer", "number"]}}),
        ("str | None", {"type": ["string", "null"]}),
        ("int or str", {"type": ["integer", "string"]}),
        ("Optional[List[str]]",
         {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]}),
        ("Tuple[int, str]", {"type": "array", "minItems": 2, "items": False,
                             "prefixItems": [{"type": "integer"}, {"type": "string"}]}),
        ("Tuple[int, ...]", {"type": "array", "items": {"type": "integer"}}),
        ("Literal['a', 'b']", {"type": "string", "enum": ["a", "b"]}),
        ("np.ndarray", {"type": "array"}),
        ("Union[str, any]", {}),
        ("Callable[[int], int]", None),
        ("strnig", None),
        ("", None),
        ("List[", None),
        ("[" * 500, None),
        ("List[" * 50 + "int" + "]" * 50, None),
    ],
)  # fmt: skip
def test_types_of_other_languages_are_translated(text: str, schema: Any) -> None:
    assert parse_type(text) == schema


def test_a_type_says_whether_it_may_be_left_out() -> None:
    optional = [text for text in ("int, optional", "Optional[int]", "int | None", "int",
                                  "List[Optional[int]]") if is_optional(text)]  # fmt: skip
    assert optional == ["int, optional", "Optional[int]", "int | None"]


@pytest.mark.parametrize("make", [mcp, flat])
def test_a_known_foreign_type_is_repaired_in_any_format(tmp_path: Path, make: Any) -> None:
    schema = properties(days={"type": "int"}, x={"type": "any"}, y={"type": ["str", "None"]})
    keyword = "inputSchema" if make is mcp else "parameters"
    tool = read_one(tmp_path, [make("look", **{keyword: schema})])
    assert tool.parameters == properties(days={"type": "integer"}, x={}, y={"type": "string"})
    assert tool.repairs[0] == f"{keyword}.properties.days: type 'int' became integer"


def test_an_unknown_type_is_a_fault_in_json_schema_and_anything_in_a_foreign_dialect() -> None:
    schema = {"type": "dict", "properties": {"f": {"type": "Callable"}, "g": {"type": ""}}}
    tidy, repairs = normalise_parameters(schema, foreign=True)
    assert tidy == properties(f={}, g={})
    assert "parameters.properties.f: type 'Callable' is not known and allows anything" in repairs
    assert normalise_parameters(tidy) == (tidy, ())


# Functions


def test_flat_parameters_become_a_schema(tmp_path: Path) -> None:
    parameters = {
        "type": {"type": "str", "description": "kind", "default": ""},
        "properties": {"type": "int", "default": "10"},
        "near": {"type": "bool, optional", "default": "False"},
        "far": {"type": "int", "required": False, "default": "far"},
    }
    for entry in ({"name": "look"}, flat("look")):
        tool = read_one(tmp_path, [{**entry, "parameters": parameters}])
        assert tool.properties == {
            "type": {"type": "string", "description": "kind"},
            "properties": {"type": "integer", "default": 10},
            "near": {"type": "boolean", "default": False},
            "far": {"type": "integer"},
        }
        assert tool.required == ("type", "properties")
        assert 'parameters.properties.properties: default "10" became 10' in tool.repairs
        assert any("parameters.properties.far: default" in repair for repair in tool.repairs)


def test_what_is_required_may_be_said_beside_the_parameters(tmp_path: Path) -> None:
    two = {"a": {"type": "str"}, "b": {"type": "int"}}
    seal = {"api_name": "look", "api_description": "Look.", "field": "X", "parameters": two,
            "required": ["a"], "responses": {"id": {"type": "int"}}}  # fmt: skip
    tool = read_one(tmp_path, [seal])
    assert (tool.name, tool.description, tool.required) == ("look", "Look.", ("a",))
    assert tool.returns == {
        "type": "object", "properties": {"id": {"type": "integer"}}, "required": []
    }  # fmt: skip
    assert (tool.returns_from, tool.source.format) == ("source", "xlam")
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    tool = read_one(tmp_path, [flat("look", parameters=schema, required=["a"])])
    assert tool.required == ("a",)
    outer = {"type": "function", "function": {"name": "x", "parameters": schema}, "required": ["a"]}
    assert read_one(tmp_path, [outer]).required == ("a",)
    assert read_one(tmp_path, [flat("look", parameters=schema, required=None)]).required == ()


def test_flags_at_the_parameters_are_gathered(tmp_path: Path) -> None:
    schema = {
        "type": "dict",
        "properties": {
            "a": {"type": "string", "required": True},
            "b": {"type": "float", "optional": "True"},
            "required": {"type": "boolean"},
        },
        "required": ["b", "required"],
    }
    tool = read_one(tmp_path, [{"name": "math.sqrt", "parameters": schema, "response": {}}])
    assert (tool.required, tool.properties["b"]) == (("required", "a"), {"type": "number"})
    assert (tool.name, tool.wire_name) == ("math.sqrt", "math_sqrt")
    assert tool.source.format == "bfcl"


def test_java_and_javascript_types_and_a_response_are_read(tmp_path: Path) -> None:
    entry = {
        "name": "a.b",
        "parameters": {
            "type": "dict",
            "properties": {
                "m": {"type": "HashMap", "properties": {"k": {"type": "long"}}},
                "l": {"type": "ArrayList", "items": {"type": "String"}},
                "t": {"type": "tuple", "items": {"type": "float"}},
                "n": {"type": "any"},
                "e": {"type": "string", "enum": ["x"], "default": "dontcare"},
            },
        },
        "response": {"type": "dict", "properties": {"r": {"type": "Boolean"}}},
    }
    tool = read_one(tmp_path, json.dumps(entry) + "\n")
    assert tool.properties == {
        "m": {"type": "object", "properties": {"k": {"type": "integer"}}},
        "l": {"type": "array", "items": {"type": "string"}},
        "t": {"type": "array", "items": {"type": "number"}},
        "n": {},
        "e": {"type": "string", "enum": ["x"]},
    }
    assert tool.returns == {"type": "object", "properties": {"r": {"type": "boolean"}}}


# RapidAPI


def api(name: str = "Find it", **more: Any) -> dict[str, Any]:
    lists = {"required_parameters": [], "optional_parameters": []}
    return {"name": name, "description": "Finds.", "method": "GET", **lists, **more}


def test_an_api_list_is_a_server_with_its_operations(tmp_path: Path) -> None:
    parameters = [
        {"name": "q", "type": "STRING", "description": "What.", "default": ""},
        {"name": "n", "type": "NUMBER", "default": "10"},
        {"name": "day", "type": "DATE (YYYY-MM-DD)", "default": "null"},
        {"name": "q", "type": "STRING"},
        {"name": "odd", "type": None},
    ]
    document = {
        "tool_name": "Found Things",
        "api_list": [
            api(required_parameters=parameters[:2], optional_parameters=parameters[2:],
                url="https://u:p@host/v1/find?key=12345678", schema={"type": "object",
                "properties": {"id": {"type": "integer"}}}),
            api("Other", schema="", body={"a": [1, None], "b": [{"c": "x"}, {"d": 1.5}]}),
            api("Broken", schema={"type": "object", "properties": {"a": {"properties": 3}}}),
        ],
    }  # fmt: skip
    first, second, third = read_catalog([write(tmp_path, document)]).tools
    assert (first.name, first.wire_name, first.domain) == ("Find it", "Find_it", "found_things")
    assert (first.source.place, first.source.format) == ("GET /v1/find", "rapidapi")
    assert first.properties == {
        "q": {"type": "string", "description": "What."},
        "n": {"type": "number", "default": 10},
        "day": {"type": "string", "format": "date"},
        "odd": {},
    }
    assert (first.required, first.effect) == (("q", "n"), "read")
    assert (first.returns_from, second.returns_from) == ("documentation", "example")
    assert second.returns == {
        "type": "object",
        "properties": {
            "a": {"type": "array", "items": {"type": ["integer", "null"]}},
            "b": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"c": {"type": "string"}, "d": {"type": "number"}},
                },
            },
        },
    }
    assert third.returns is None
    assert any("the schema of the result was left out" in repair for repair in third.repairs)


def test_servers_of_one_file_are_set_apart(tmp_path: Path) -> None:
    lists = [{"tool_name": tool, "api_name": "Search", **api(), "name": None}
             for tool in ("One", "Two", "One")]  # fmt: skip
    tools = read_catalog([write(tmp_path, [{"api_list": lists, "query": "?"}])]).tools
    assert [(tool.domain, tool.wire_name) for tool in tools] == [
        ("one", "one_Search"), ("two", "two_Search"),
    ]  # fmt: skip


def test_faulty_apis_are_told(tmp_path: Path) -> None:
    document = {"tool_name": "T", "api_list": [api(required_parameters=[{"type": "STRING"}])]}
    error = fault(write(tmp_path, document))
    assert (error.tool, error.place) == ("Find it", "parameters[0]")
    assert error.problem == "a parameter must be an object with a name"


def test_templates_and_examples_become_schemas() -> None:
    template = {"id": "str", "n": "NoneType", "t": ["list of int with length 5"],
                "s": [{"Step": "str", "_list_length": 3}]}  # fmt: skip
    assert schema_of_template(template)["properties"] == {
        "id": {"type": "string"},
        "n": {},
        "t": {"type": "array", "items": {"type": "integer"}},
        "s": {
            "type": "array",
            "items": {"type": "object", "properties": {"Step": {"type": "string"}}},
        },
    }
    assert schema_of_examples([[True, "a"]]) == {
        "type": "array", "items": {"type": ["boolean", "string"]}
    }  # fmt: skip


# Secrets

RAPID = "0123456789msh0123456789abcdefp1234567jsn0123456789ab"


def test_no_secret_is_kept(tmp_path: Path) -> None:
    secret = "hunter2hunter2hunter2"
    document = {
        "tool_name": "T",
        "api_list": [
            api(
                description=f"Use ?api_key={secret} or {RAPID}.",
                url=f"https://host/x?key={secret}",
                required_parameters=[
                    {"name": "X-RapidAPI-Key", "type": "STRING", "default": secret},
                    {"name": "Authorization", "type": "STRING", "default": f"Bearer {secret}"},
                    {"name": "api_key", "type": "STRING", "default": secret},
                    {"name": "password", "type": "STRING", "default": secret},
                    {"name": "id", "type": "STRING", "default": RAPID},
                    {"name": "link", "type": "STRING", "default": f"https://h/p?k={secret}"},
                ],
                headers={"Authorization": secret},
                code=f"key = '{secret}'",
            )
        ],
    }
    tool = read_one(tmp_path, document)
    assert list(tool.properties) == ["password", "id", "link"]
    assert "default" not in tool.properties["password"]
    assert tool.properties["link"]["default"] == "https://h/p"
    written = tool.model_dump_json()
    assert secret not in written
    assert RAPID not in written
    assert "parameters: default of 'password' may be a secret and was dropped" in tool.repairs
    assert "parameters.api_key is a credential: dropped" in tool.repairs


def test_a_password_left_as_a_default_goes_in_any_format(tmp_path: Path) -> None:
    schema = {**CITY, "properties": {**CITY["properties"], "password": {"default": "hunter2"}}}  # type: ignore[dict-item]
    tool = read_one(tmp_path, [mcp("look", inputSchema=schema)])
    assert tool.properties["password"] == {}
    assert "hunter2" not in tool.model_dump_json()
