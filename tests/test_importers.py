"""Importers: what is read, what is repaired, and what is said of a file that cannot be used."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from generators.importers import read_catalog
from generators.importers.effect import verb_of
from generators.importers.naming import name_domain, name_on_wire
from generators.importers.normalise import normalise_parameters, normalise_returns
from schemas.errors import InputError
from schemas.tool import Catalog, ToolSpec

REAL = Path(__file__).resolve().parents[1].parent / "shared" / "real"
EMPTY = {"type": "object", "properties": {}, "required": []}
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WIRE_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
many_files = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def write(folder: Path, document: Any, name: str = "shop.json") -> Path:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    return path


def read_one(folder: Path, document: Any, name: str = "shop.json") -> ToolSpec:
    (tool,) = read_catalog([write(folder, document, name)]).tools
    return tool


def flat(name: Any, **more: Any) -> dict[str, Any]:
    return {"type": "function", "name": name, **more}


def mcp(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "inputSchema": CITY, **more}


def fault(*paths: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_catalog(paths)
    assert "\n" not in str(caught.value)
    return caught.value


# Formats


@pytest.mark.parametrize(
    "document",
    [
        [{"type": "function", "function": {"name": "look", "parameters": CITY}}],
        {"tools": [{"type": "function", "function": {"name": "look", "parameters": CITY}}]},
        [flat("look", parameters=CITY, strict=False)],
        {"functions": [{"name": "look", "description": "Look.", "parameters": CITY}]},
        [{"name": "look", "parameters": CITY}],
    ],
)
def test_every_openai_form_gives_the_same_tool(tmp_path: Path, document: Any) -> None:
    tool = read_one(tmp_path, document)
    assert (tool.name, tool.parameters, tool.source.format) == ("look", CITY, "openai")
    assert (tool.domain, tool.source.path, tool.returns) == ("shop", "shop.json", None)


@pytest.mark.parametrize(
    "document",
    [
        {"tools": [mcp("look")]},
        [mcp("look")],
        {"jsonrpc": "2.0", "id": 1, "result": {"tools": [mcp("look")]}},
        [{"name": "look", "input_schema": CITY}],
    ],
)
def test_every_mcp_form_gives_the_same_tool(tmp_path: Path, document: Any) -> None:
    tool = read_one(tmp_path, document)
    assert (tool.name, tool.parameters, tool.source.format) == ("look", CITY, "mcp")


@pytest.mark.parametrize("keyword", ["returns", "output_schema", "response"])
def test_result_schemas_are_read_from_either_side_of_the_function(
    tmp_path: Path, keyword: str
) -> None:
    result = {"type": "array", "items": {"type": "string", "title": "Name"}}
    tidy = {"type": "array", "items": {"type": "string"}}
    inner = [{"type": "function", "function": {"name": "look", keyword: result}}]
    outer = [{"type": "function", "function": {"name": "look"}, keyword: result}]
    assert read_one(tmp_path, inner).returns == tidy
    assert read_one(tmp_path, outer).returns == tidy


def test_an_example_in_place_of_a_result_schema_is_left_out_with_a_note(tmp_path: Path) -> None:
    tool = read_one(tmp_path, [flat("look", returns={"status": "ok"})])
    assert tool.returns is None
    assert "returns: not a JSON Schema, left out" in tool.repairs


def test_a_tool_without_parameters_has_an_empty_object_schema(tmp_path: Path) -> None:
    assert read_one(tmp_path, [flat("ping")]).parameters == EMPTY
    assert read_one(tmp_path, [flat("ping", parameters={})]).parameters == EMPTY
    assert read_one(tmp_path, [{"name": "ping", "inputSchema": None}]).parameters == EMPTY


def test_built_in_and_custom_tools_are_skipped_with_a_note(tmp_path: Path) -> None:
    document = [{"type": "web_search"}, {"type": "custom", "name": "sql"}, flat("look")]
    catalog = read_catalog([write(tmp_path, document)])
    assert [tool.name for tool in catalog.tools] == ["look"]
    assert catalog.notes == (
        "shop.json: number 1 of the list is of type 'web_search', not a function, and was skipped",
        "shop.json: number 2 of the list is of type 'custom', not a function, and was skipped",
    )


def test_an_unread_next_page_is_noted(tmp_path: Path) -> None:
    catalog = read_catalog([write(tmp_path, {"tools": [mcp("look")], "nextCursor": "p2"})])
    assert catalog.notes == (
        "shop.json: only one page of a longer list is here: the answer has a nextCursor",
    )


def test_titles_and_descriptions_are_tidied_and_kept(tmp_path: Path) -> None:
    hints = {"title": "Second  choice"}
    text = "  Look.  \r\n\r\n\r\n\r\n    - one\n    - two \n"
    tool = read_one(tmp_path, [mcp("look", description=text, annotations=hints)])
    assert tool.title == "Second choice"
    assert tool.description == "Look.\n\n- one\n- two"
    assert read_one(tmp_path, [mcp("look", title="First", annotations=hints)]).title == "First"


# Files and folders


def test_a_folder_is_read_in_order_of_file_name(tmp_path: Path) -> None:
    write(tmp_path, [flat("second")], "b.json")
    write(tmp_path, [flat("first")], "a.json")
    write(tmp_path, "not for us", "readme.txt")
    assert [tool.name for tool in read_catalog([tmp_path]).tools] == ["first", "second"]


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path, [flat("look")])
    assert len(read_catalog([path, tmp_path]).tools) == 1


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "shop.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps([flat("look")]).encode())
    assert len(read_catalog([path]).tools) == 1


# Faults of files


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "none.json"
    assert str(fault(path)) == f"{path}: no such file or folder"


def test_a_run_without_files_is_refused() -> None:
    assert str(fault()) == "no file of tools was given"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, [flat("look")])
    path.chmod(0)
    assert str(fault(path)) == f"{path}: cannot be read: Permission denied"


def test_a_path_through_a_file_is_an_input_error(tmp_path: Path) -> None:
    path = write(tmp_path, [flat("look")]) / "inner.json"
    assert str(fault(path)) == f"{path}: cannot be read: Not a directory"


def test_an_impossible_file_name_is_an_input_error() -> None:
    assert fault(Path("a\0b")).problem == "is not a possible file name"


def test_a_folder_without_json_is_named(tmp_path: Path) -> None:
    assert str(fault(tmp_path)) == f"{tmp_path}: the folder holds no .json file"


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("", "", "the file is empty"),
        (" \n", "", "the file is empty"),
        ('[\n {"a" 1}]', "line 2, column 7", "not JSON: expecting ':' delimiter"),
        (
            "{}\n{}",
            "line 2, column 1",
            "not JSON: more text after the end of the document (a file holds one document)",
        ),
        ("[NaN]", "", "holds NaN, which JSON does not have"),
        ("[1e999]", "", "holds the number 1e999, which is too large to be read"),
        ("[" + "1" * 5000 + "]", "", "holds a whole number that is too long to be read"),
        ("[" * 200 + "]" * 200, "", "nested more than 100 levels deep"),
        ("[" * 200_000, "", "nested more than 100 levels deep"),
        ('["\\ud83d"]', "", "holds \\ud83d, which is half of a character"),
        ("[]", "", "the catalogue has no tools"),
        ('{"tools": []}', "", "the catalogue has no tools"),
        ('{"result": {"tools": []}}', "", "the catalogue has no tools"),
    ],
)
def test_a_file_that_holds_no_catalogue_is_told_in_one_line(
    tmp_path: Path, text: str, place: str, problem: str
) -> None:
    path = write(tmp_path, text)
    error = fault(path)
    assert (error.file, error.tool, error.place) == (str(path), "", place)
    assert error.problem == problem


def test_another_encoding_is_told_with_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "shop.json"
    path.write_bytes('["é"]'.encode("latin-1"))
    assert str(fault(path)) == f"{path}: not UTF-8 text: byte 0xe9 at offset 2"


def test_a_catalogue_of_built_in_tools_only_has_no_tools(tmp_path: Path) -> None:
    path = write(tmp_path, {"tools": [{"type": "custom", "name": "sql"}, {"type": "function"}]})
    assert fault(path).problem == "the tool has no name"
    path = write(tmp_path, [{"type": "web_search", "name": "w", "input_schema": None}, mcp("x")])
    assert read_catalog([path]).tools[0].name == "w"
    path = write(tmp_path, {"result": {"tools": [{"type": "bash_1", "name": "bash"}]}})
    assert fault(path).problem == (
        "no tools in it: number 1 of the list is of type 'bash_1' and has no input schema, "
        "and was skipped"
    )


@pytest.mark.parametrize("document", [None, 3, '"text"', {"openapi": "3.1.0"}, ["a"], [{"x": 1}]])
def test_an_unknown_form_is_told_with_the_known_ones(tmp_path: Path, document: Any) -> None:
    path = write(tmp_path, document)
    assert str(fault(path)) == (
        f"{path}: not a catalogue in a form that is understood, which are: "
        "MCP tools/list (the list, {tools: …}, or a JSON-RPC answer); "
        "OpenAI tools (chat, responses or legacy functions)"
    )


def test_flat_parameters_are_not_taken_for_a_schema(tmp_path: Path) -> None:
    parameters = {"type": {"type": "str", "description": "kind"}, "n": {"type": "int"}}
    error = fault(write(tmp_path, [{"name": "look", "parameters": parameters}]))
    assert error.problem.startswith("not a catalogue in a form that is understood")
    error = fault(write(tmp_path, [flat("look", parameters=parameters)]))
    assert (error.tool, error.place) == ("look", "parameters")
    assert error.problem == "not a JSON Schema: neither type nor properties"


# Faults of tools


@pytest.mark.parametrize(
    ("bad", "tool", "place", "problem"),
    [
        (flat(""), "", "number 3 of the list", "the tool has no name"),
        ({"type": "function"}, "", "number 3 of the list", "the tool has no name"),
        (flat(5), "", "number 3 of the list", "the name must be text, not a number"),
        ("look", "", "number 3 of the list", "a tool must be an object, not text"),
        (
            {"function": []},
            "",
            "number 3 of the list",
            "function must be an object, not a list",
        ),
        (flat("a"), "a", "numbers 1 and 3 of the list", "two tools have this name"),
        (flat("x", description=1), "x", "description", "must be text, not a number"),
        (flat("x", parameters=[]), "x", "parameters", "a schema must be an object, not a list"),
        (
            flat("x", parameters={"type": "string"}),
            "x",
            "parameters.type",
            'parameters must be an object, not "string"',
        ),
        (
            flat("x", parameters={"type": "object", "properties": {"city": {"type": "any"}}}),
            "x",
            "parameters.properties.city.type",
            '"any" is not a type; types are array, boolean, integer, null, number, object, string',
        ),
        (
            flat("x", parameters={"type": "object", "properties": {"type": {"enum": "a"}}}),
            "x",
            "parameters.properties.type.enum",
            "must be of type array, not text",
        ),
        (
            flat("x", parameters={"type": "object", "properties": {"type": 5}}),
            "x",
            "parameters.properties.type",
            "must be of type object or boolean, not a number",
        ),
        (
            flat("x", parameters={"type": "object", "anyOf": [{"minLength": -1}]}),
            "x",
            "parameters.anyOf[0].minLength",
            "-1 is less than the minimum of 0",
        ),
        (
            flat("x", parameters={"type": "object", "required": "city"}),
            "x",
            "parameters.required",
            "must be of type array, not text",
        ),
        (
            flat("x", parameters={"properties": {"a": {"$ref": "#/$defs/A"}}}),
            "x",
            "parameters.properties.a.$ref",
            "'#/$defs/A' leads to no schema",
        ),
        (
            flat("x", parameters={"properties": {"a": {"$ref": "other.json"}}}),
            "x",
            "parameters.properties.a.$ref",
            "'other.json' is another document; only references inside the schema are read",
        ),
        (
            flat("x", returns={"type": "list"}),
            "x",
            "returns.type",
            '"list" is not a type; types are array, boolean, integer, null, number, object, string',
        ),
    ],
)
def test_a_faulty_tool_is_named_with_the_place(
    tmp_path: Path, bad: Any, tool: str, place: str, problem: str
) -> None:
    path = write(tmp_path, [flat("a"), flat("b"), bad])
    error = fault(path)
    assert (error.file, error.tool, error.place) == (str(path), tool, place)
    assert error.problem == problem


def test_places_use_the_words_of_the_file(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "text"}}}
    error = fault(write(tmp_path, {"tools": [{"name": "look", "inputSchema": schema}]}))
    assert error.place == "inputSchema.properties.city.type"
    error = fault(write(tmp_path, [mcp("look", annotations=[])]))
    assert (error.tool, error.place) == ("look", "annotations")


def test_a_line_break_in_a_name_does_not_break_the_message(tmp_path: Path) -> None:
    schema = properties(**{"a\nb": {"type": "text"}})
    error = fault(write(tmp_path, [flat("x\ny", parameters=schema)]))
    assert (error.tool, error.place) == ("x\ny", "parameters.properties.a\\nb.type")


def test_definitions_that_double_without_end_are_refused() -> None:
    doubled: dict[str, Any] = {
        f"d{level}": {"properties": {side: {"$ref": f"#/$defs/d{level + 1}"} for side in "abcde"}}
        for level in range(10)
    }
    schema = {"$ref": "#/$defs/d0", "$defs": {**doubled, "d10": {"type": "string"}}}
    with pytest.raises(InputError, match="unfolds to more than 20,000 schemas"):
        normalise_parameters(schema)


def test_schemas_nested_without_reason_are_refused() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(40):
        schema = {"type": "object", "properties": {"a": schema}}
    with pytest.raises(InputError, match="nested more than 32 deep"):
        normalise_parameters(schema)


# Normalising


def properties(**schemas: Any) -> dict[str, Any]:
    return {"type": "object", "properties": schemas, "required": []}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"title": "A", "type": "string"}, {"type": "string"}),
        ({"type": "integer", "minimum": 0, "exclusiveMinimum": True},
         {"type": "integer", "exclusiveMinimum": 0}),
        ({"type": "integer", "maximum": 9, "exclusiveMaximum": False},
         {"type": "integer", "maximum": 9}),
        ({"type": "array", "items": [{"type": "string"}], "additionalItems": False},
         {"type": "array", "prefixItems": [{"type": "string"}], "items": False}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"$ref": "#/definitions/A", "description": "here"},
         {"type": "string", "description": "here"}),
        ({"$ref": "#/definitions/A", "minLength": 1},
         {"minLength": 1, "allOf": [{"type": "string"}]}),
        ({"$ref": "#named"}, {"type": "integer"}),
        ({"$ref": "#/definitions/a~1b%25"}, {"type": "boolean"}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}, {"type": "string"}),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
         {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"type": ["string", "null"], "enum": ["a", None]}, {"type": "string", "enum": ["a"]}),
        ({"type": "string", "nullable": True}, {"type": "string"}),
        ({"type": "null"}, {"type": "null"}),
        ({"type": "integer", "default": "ten"}, {"type": "integer"}),
        ({"type": "integer", "default": 10}, {"type": "integer", "default": 10}),
        ({"type": "string", "enum": ["a"], "default": ""}, {"type": "string", "enum": ["a"]}),
        ({"type": "string", "pattern": r"^\p{L}+$"}, {"type": "string"}),
        ({"type": "string", "enum": None, "description": None}, {"type": "string"}),
        ({"dependencies": {"a": ["b"], "c": {"title": "C", "required": ["d"]}}},
         {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"required": ["d"]}}}),
        (True, {}),
        (False, {"not": {}}),
    ],
)  # fmt: skip
def test_older_dialects_become_the_present_one(before: Any, after: Any) -> None:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {
            "A": {"type": "string", "title": "A"},
            "n": {"$anchor": "named", "type": "integer"},
            "a/b%": {"type": "boolean"},
        },
        **properties(x=before),
    }
    assert normalise_parameters(schema)[0] == properties(x=after)


def test_null_stays_where_a_value_must_be_given() -> None:
    either = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    schema = {"type": "object", "properties": {"a": either, "b": either}, "required": ["a"]}
    tidy, repairs = normalise_parameters(schema)
    assert tidy["properties"] == {"a": either, "b": {"type": "string"}}
    assert repairs == ("parameters: null means absent for 'b'",)
    nullable = {**CITY, "properties": {"city": {"type": "string", "nullable": True}}}
    kept = normalise_parameters(nullable)[0]["properties"]
    assert kept == {"city": {"type": ["string", "null"]}}


def test_null_stays_in_results() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "nullable": True}}}
    tidy, _ = normalise_returns(schema)
    assert tidy == {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}


def test_strict_schemas_get_their_optional_parameters_back(tmp_path: Path) -> None:
    names = {"a": {"type": "string"}, "b": {"type": ["integer", "null"]}}
    schema = {"type": "object", "properties": names, "required": ["a", "b"]}
    tool = read_one(tmp_path, [flat("look", parameters=schema, strict=True)])
    assert (tool.required, tool.properties["b"]) == (("a",), {"type": "integer"})
    assert "parameters: optional because null is allowed: b" in tool.repairs
    loose = read_one(tmp_path, [flat("look", parameters=schema, strict=False)])
    assert loose.required == ("a", "b")


def test_unknown_required_names_are_dropped_with_a_note() -> None:
    tidy, repairs = normalise_parameters({**CITY, "required": ["city", "ghost"]})
    assert tidy == CITY
    assert repairs == ("parameters: 'ghost' is required but not described, and was dropped",)


def test_parameters_may_be_called_like_keywords() -> None:
    names = {
        name: {"type": "string"}
        for name in ("title", "$ref", "$schema", "default", "properties", "type", "nullable")
    }
    assert normalise_parameters(properties(**names))[0] == properties(**names)


def test_data_inside_a_schema_is_not_rewritten() -> None:
    data = {"title": "T", "nullable": True, "$ref": "#"}
    schema = {"default": data, "enum": [data], "examples": [data], "const": data}
    assert normalise_parameters(properties(x=schema))[0] == properties(x=schema)


def test_a_reference_into_itself_is_cut() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/N", "description": "on"}}}
    schema = {**properties(first={"$ref": "#/$defs/N"}), "$defs": {"N": node}}
    tidy, repairs = normalise_parameters(schema)
    cut = {"type": "object", "properties": {"next": {"description": "on"}}}
    assert tidy == properties(first=cut)
    assert any("leads back into itself" in repair for repair in repairs)


def test_repairs_are_told_in_words_with_the_place(tmp_path: Path) -> None:
    schema = properties(n={"type": "integer", "default": "ten"})
    tool = read_one(tmp_path, [flat("get it", parameters=schema)])
    assert tool.inferred == ("effect from the verb 'get'",)
    assert tool.repairs == (
        "wire name 'get_it'",
        'parameters.properties.n: default "ten" does not satisfy its schema and was dropped',
    )


# Domains and names


@pytest.mark.parametrize(
    ("stem", "domain"),
    [
        ("github_mcp_server_tools_list", "github"),
        ("ref_filesystem_tools_list", "filesystem"),
        ("retail", "retail"),
        ("food_delivery", "food_delivery"),
        ("Food-Delivery.v2", "food_delivery"),
        ("openai-tools-v1", "openai_tools_v1"),
        ("städte", "städte"),
        ("___", "___"),
    ],
)
def test_a_domain_is_what_a_file_is_about(stem: str, domain: str) -> None:
    assert name_domain(stem) == domain


def test_domains_of_one_name_are_numbered(tmp_path: Path) -> None:
    paths = []
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        paths.append(write(tmp_path / folder, [flat("look")]))
    tools = read_catalog(paths).tools
    assert [tool.domain for tool in tools] == ["shop", "shop_2", "shop_3"]
    assert [tool.wire_name for tool in tools] == ["shop_look", "shop_2_look", "shop_3_look"]


@pytest.mark.parametrize(
    ("tools", "names"),
    [
        ([("git", "status"), ("svn", "status")], ("git_status", "svn_status")),
        ([("git", "git_log"), ("svn", "git_log")], ("git_log", "svn_git_log")),
        ([("a", "find pet"), ("a", "find_pet")], ("find_pet_2", "find_pet")),
        ([("a", "Slack.send"), ("a", "größe"), ("a", "日本")], ("Slack_send", "groe", "tool")),
        ([("a", "x" * 70), ("a", "x" * 71)], ("x" * 64, "x" * 62 + "_2")),
        ([("a", "x"), ("a", "x!"), ("a", "x_2")], ("x", "x_3", "x_2")),
    ],
)
def test_wire_names_are_made_as_promised(
    tools: list[tuple[str, str]], names: tuple[str, ...]
) -> None:
    assert name_on_wire(tools) == names


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["git", "svn", "a b", "git_2"]),
            st.text("ab_. 2é", min_size=1, max_size=4) | st.text(min_size=60, max_size=80),
        ),
        unique=True,
        max_size=25,
    )
)
def test_wire_names_are_legal_and_one_to_one(tools: list[tuple[str, str]]) -> None:
    names = name_on_wire(tools)
    assert len(set(names)) == len(tools)
    assert all(WIRE_NAME.fullmatch(name) for name in names)


@given(st.lists(st.from_regex(WIRE_NAME, fullmatch=True), unique=True, max_size=25))
def test_legal_names_of_one_file_stay_as_they_are(names: list[str]) -> None:
    assert name_on_wire([("git", name) for name in names]) == tuple(names)


# Effects


@pytest.mark.parametrize(
    ("name", "description", "verb"),
    [
        ("list_orders", "", "list"),
        ("actions_list", "", "list"),
        ("getUserDetails", "", "get"),
        ("git_create_branch", "", "create"),
        ("find_or_create_user", "", "create"),
        ("order_status", "Gets the status of an order.", "get"),
        ("order_pizza", "Orders a pizza.", "order"),
        ("return_items", "Return some items.", "return"),
        ("weather", "Returns the weather.", "get"),
        ("directory_tree", "Searches a folder.", "search"),
        ("weather", "Sunny or not.", ""),
    ],
)
def test_the_verb_is_heard(name: str, description: str, verb: str) -> None:
    assert verb_of(name, description) == verb


@pytest.mark.parametrize(
    ("name", "hints", "effect", "destructive"),
    [
        ("get_it", None, "read", False),
        ("delete_it", None, "write", True),
        ("pay_bill", None, "write", True),
        ("create_it", None, "write", False),
        ("thing", None, "unknown", False),
        ("transfer_to_human_agents", None, "write", False),
        ("transfer_money", None, "write", True),
        ("delete_agent", None, "write", True),
        ("create_it", {"readOnlyHint": False, "destructiveHint": True}, "write", False),
        ("delete_it", {"readOnlyHint": False, "destructiveHint": True}, "write", True),
        ("delete_it", {"readOnlyHint": False}, "write", True),
        ("delete_it", {"destructiveHint": False}, "write", False),
        ("delete_it", {"readOnlyHint": True, "destructiveHint": True}, "read", False),
        ("thing", {"readOnlyHint": True}, "read", False),
    ],
)
def test_effects_follow_the_hint_and_then_the_verb(
    tmp_path: Path, name: str, hints: Any, effect: str, destructive: bool
) -> None:
    tool = read_one(tmp_path, [mcp(name, annotations=hints)])
    assert (tool.effect, tool.destructive) == (effect, destructive)
    guessed = [note for note in tool.inferred if note.startswith("effect")]
    assert bool(guessed) == ("readOnlyHint" not in (hints or {}))


# Real files


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "domain", "count"),
    [
        ("mcp/github_mcp_server_tools_list.json", "github", 117),
        ("mcp/ref_filesystem_tools_list.json", "filesystem", 14),
        ("mcp/ref_memory_tools_list.json", "memory", 9),
        ("mcp/ref_git_tools_list.json", "git", 12),
        ("mcp/ref_time_tools_list.json", "time", 2),
        ("tau2_retail/retail.json", "retail", 16),
    ],
)
def test_real_catalogues_are_read_whole(file: str, domain: str, count: int) -> None:
    if not (REAL / file).exists():
        pytest.skip("the folder ../shared/real is not here")
    catalog = read_catalog([REAL / file])
    assert len(catalog.tools) == count
    assert {tool.domain for tool in catalog.tools} == {domain}
    assert all(tool.name == tool.wire_name and tool.effect != "unknown" for tool in catalog.tools)
    assert catalog.notes == ()
    assert_sound(catalog)


# Laws


def assert_sound(catalog: Catalog) -> None:
    names = [tool.wire_name for tool in catalog.tools]
    assert len(set(names)) == len(names) > 0
    for tool in catalog.tools:
        Draft202012Validator.check_schema(tool.parameters)
        assert tool.parameters["type"] == "object"
        assert set(tool.required) <= set(tool.properties)
        assert normalise_parameters(tool.parameters)[0] == tool.parameters
        if tool.returns is not None:
            Draft202012Validator.check_schema(tool.returns)
            assert normalise_returns(tool.returns)[0] == tool.returns
    assert Catalog.model_validate_json(catalog.model_dump_json()) == catalog


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
