"""The lists of other vendors are read, whatever is wrapped around them."""

import json
from pathlib import Path
from typing import Any

import pytest

from generators.importers import read_catalog
from generators.importers.documents import load_document
from tests.importing import CITY, fault, read_one, write

GEMINI = {"name": "look", "parameters": {"type": "OBJECT", "required": ["city"],
                                         "properties": {"city": {"type": "STRING"}}}}  # fmt: skip
SPEC = {"name": "look", "description": "Look.", "inputSchema": {"json": CITY}}
PLAIN = {"name": "look", "parameters": CITY}
API = {"openapi": "3.0.0", "info": {"title": "A", "version": "1"}, "paths": {"/x": {"get": {
    "operationId": "look", "responses": {"200": {"description": "x"}},
    "parameters": [{"name": "city", "in": "query", "required": True,
                    "schema": {"type": "string"}}]}}}}  # fmt: skip


@pytest.mark.parametrize(
    ("document", "form"),
    [
        ([{"functionDeclarations": [GEMINI]}], "gemini"),
        ({"functionDeclarations": [GEMINI]}, "gemini"),
        ({"contents": [], "tools": [{"function_declarations": [GEMINI]}, {"googleSearch": {}}]},
         "gemini"),
        ({"toolConfig": {"tools": [{"toolSpec": SPEC}, {"cachePoint": {"type": "default"}}]}},
         "bedrock"),
        ([{"toolSpec": {**SPEC, "inputSchema": {"json": json.dumps(CITY)}}}], "bedrock"),
        ([{"name": "look", "parameter_definitions": {"city": {"type": "str", "required": True}}}],
         "cohere"),
        ([{"name": "look", "inputs": {"city": {"type": "string"}}, "output_type": "any"}],
         "smolagents"),
        ([{"name": "look", "args_schema": {"title": "A", **CITY}}], "langchain"),
        ([{"name": "look", "args": {"city": {"title": "City", "type": "string"}}}], "langchain"),
        ([{"title": "look", "description": "d", **CITY}], "schemas"),
        ({"look": {"description": "d", "inputSchema": CITY}}, "mcp"),
        ({"tools": {"look": {"description": "d", "parameters": CITY}}}, "openai"),
        ([{"type": "function", "function": json.dumps(PLAIN)}], "openai"),
        ([{"name": "look", "parameters": json.dumps(CITY)}], "openai"),
        ([json.dumps(PLAIN)], "openai"),
        ([{"id": 1, "task": {"given": {"tools": [PLAIN]}}}] * 2, "openai"),
        ([{"Name": "A", "Documentation": json.dumps(API)}], "openapi"),
        ([{"jsonrpc": "2.0", "result": {"tools": [], "nextCursor": "x"}},
          {"jsonrpc": "2.0", "result": {"tools": [{"name": "look", "inputSchema": CITY}]}}], "mcp"),
    ],
)  # fmt: skip
def test_a_vendors_list_is_read(tmp_path: Path, document: Any, form: str) -> None:
    catalog = read_catalog([write(tmp_path, document)])
    (tool,) = catalog.tools
    assert (tool.name, tool.source.format) == ("look", form)
    assert tool.required == ("city",)
    assert tool.properties["city"]["type"] == "string"
    assert catalog.notes == ()


def test_what_may_be_left_out_is_as_each_vendor_says_it(tmp_path: Path) -> None:
    for entry in (
        {"parameter_definitions": {"n": {"type": "int"}}},
        {"inputs": {"n": {"type": "integer", "nullable": True}}},
        {"args": {"n": {"type": "integer", "default": 3}}},
    ):
        tool = read_one(tmp_path, [{"name": "look", **entry}])
        assert (tool.required, tool.properties["n"]["type"]) == ((), "integer")


def test_what_hugging_face_says_of_the_result_is_read(tmp_path: Path) -> None:
    function = {**PLAIN, "return": {"type": "number", "description": "Metres."}}
    tool = read_one(tmp_path, [{"type": "function", "function": function}])
    assert tool.returns == {"type": "number", "description": "Metres."}


@pytest.mark.parametrize(
    ("row", "hint"),
    [
        ({"id": 1, "question": [], "involved_classes": ["A"], "initial_config": {}},
         "multi_turn_func_doc"),
        ({"Instruction": "x", "Documentation": "prose"}, "under Documentation"),
        ({"messages": []}, "under tools"),
    ],
)  # fmt: skip
def test_rows_without_tools_tell_where_these_stand(tmp_path: Path, row: Any, hint: str) -> None:
    assert hint in fault(write(tmp_path, [row, row])).problem


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_what_windows_writes_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "shop.json"
    path.write_bytes(json.dumps([PLAIN]).encode(encoding))
    assert load_document(path) == [PLAIN]


def test_comments_and_last_commas_are_left_out_of_json(tmp_path: Path) -> None:
    text = '// tools\n[{"a": "// no, ]", /* x, */ "b": [1, 2,], }, // end\n]'
    assert load_document(write(tmp_path, text)) == [{"a": "// no, ]", "b": [1, 2]}]
