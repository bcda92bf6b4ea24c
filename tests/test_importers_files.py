"""Files and folders: what is read of them, and what is said of one that holds no catalogue."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from generators.importers import FORMATS, NamedDocument, read_catalog
from generators.importers.documents import PythonSource, load_document
from schemas.errors import InputError
from tests.importing import (
    fault,
    flat,
    mcp,
    read_one,
    write,
)


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
    problem = "the folder holds no .json or .jsonl or .yaml or .yml file"
    assert str(fault(tmp_path)) == f"{tmp_path}: {problem}"


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("", "", "the file is empty"),
        (" \n", "", "the file is empty"),
        ('[\n {"a" 1}]', "line 2, column 7", "not JSON: expecting ':' delimiter"),
        (
            "{} {}",
            "line 1, column 4",
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
    assert str(fault(path)) == (
        f"{path}, tool 'bash', at number 1 of the list: is of type 'bash_1' and has no input schema"
    )


@pytest.mark.parametrize("document", [None, 3, '"text"', ["a"], [{"x": 1}]])
def test_an_unknown_form_is_told_with_the_known_ones(tmp_path: Path, document: Any) -> None:
    path = write(tmp_path, document)
    assert str(fault(path)) == (
        f"{path}: not a catalogue in a form that is understood, which are: "
        + "; ".join(form.forms for form in FORMATS)
    )


# JSON Lines, YAML, Python, documents


def test_json_lines_are_a_list_whatever_the_suffix(tmp_path: Path) -> None:
    text = "\n".join(json.dumps(flat(name)) for name in ("one", "two")) + "\n\n"
    for name in ("shop.json", "shop.jsonl"):
        catalog = read_catalog([write(tmp_path, text, name)])
        assert [tool.name for tool in catalog.tools] == ["one", "two"]
    error = fault(write(tmp_path, text + "{", "torn.jsonl"))
    assert (error.place, error.problem[:9]) == ("line 4, column 2", "not JSON:")


def test_yaml_is_read_as_json_would_hold_it(tmp_path: Path) -> None:
    text = """
    defaults: &city {enum: [on, no, 2024-01-31, 1_000, ~, true, 0x10, 1e2]}
    tools:
      - name: look
        inputSchema:
          type: object
          properties: {city: *city, zip: {<<: *city, description: again}, 200: {type: integer}}
    """
    for name in ("shop.yaml", "shop.yml", "shop.json"):
        tool = read_one(tmp_path, text.replace("\n    ", "\n"), name)
        options = ["on", "no", "2024-01-31", "1_000", True, 16, 100.0]
        assert tool.properties["city"] == {"enum": options}
        assert tool.properties["zip"]["description"] == "again"
        assert tool.properties["200"] == {"type": "integer"}


LAUGHS = "\n".join(
    ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))]
)


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        (LAUGHS, "", "its aliases unfold to more than 1,000,000 values"),
        ("a: &a [*a]", "", "nested more than 100 levels deep"),
        ("a: " + "[" * 200, "", "nested more than 100 levels deep"),
        ("a: !!python/object:os.system x", "line 1, column 4", "the tag 'python/object:os.system'"),
        ("a: 1\na: 2", "line 2, column 1", "the key 'a' is given twice"),
        ("a: .inf", "", "holds .inf, which JSON does not have"),
        ("a: 1e999", "", "holds the number 1e999, which is too large to be read"),
        ("a: b: c", "line 1, column 5", "not YAML: mapping values are not allowed here"),
        ("{a: 1}: 2", "line 1, column 1", "a key must be text"),
        ("--- 1\n--- 2", "line 2, column 1", "not YAML:"),
    ],
)
def test_yaml_that_is_none_is_told_with_its_place(
    tmp_path: Path, text: str, place: str, problem: str
) -> None:
    error = fault(write(tmp_path, text, "shop.yaml"))
    assert error.place == place
    assert error.problem.startswith(problem)


def test_a_document_that_was_not_a_file_is_read_like_one() -> None:
    catalog = read_catalog([], documents=[NamedDocument("time", {"tools": [mcp("now")]})])
    (tool,) = catalog.tools
    assert (tool.domain, tool.source.path) == ("time", "time")
    with pytest.raises(InputError, match=r"^clock: the catalogue has no tools$"):
        read_catalog([], documents=[NamedDocument("clock", {"tools": []})])


def test_python_is_handed_on_as_source_and_never_looked_for_in_a_folder(tmp_path: Path) -> None:
    path = write(tmp_path, "def look(): ...", "shop.py")
    assert load_document(path) == PythonSource("def look(): ...", str(path))
    assert load_document(path, run=True).run
    write(tmp_path, [flat("look")])
    assert len(read_catalog([tmp_path]).tools) == 1


def test_a_tool_that_is_nested_too_deep_costs_that_tool_alone(tmp_path: Path) -> None:
    deep = '{"type": "object", "properties": {"in": ' * 2000 + "{}" + "}}" * 2000
    fine = '{"name": "list_tides", "inputSchema": {"type": "object"}}'
    text = f'{{"tools": [{fine}, {{"name": "set_tide", "inputSchema": {deep}}}]}}'
    catalog = read_catalog([write(tmp_path, text)])
    assert [tool.name for tool in catalog.tools] == ["list_tides"]
    assert [(one.tool, one.reason) for one in catalog.skipped] == [
        ("set_tide", "nested more than 100 levels deep")
    ]


def test_a_key_that_stands_twice_is_noted(tmp_path: Path) -> None:
    text = '[{"name": "a", "name": "b", "inputSchema": {"type": "object"}}]'
    file = write(tmp_path, text)
    catalog = read_catalog([file])
    assert [tool.name for tool in catalog.tools] == ["b"]
    assert "'name' of 'b' stands twice" in catalog.notes[0]
    with pytest.raises(InputError, match="stands twice"):
        read_catalog([file], strict=True)


def test_a_page_that_is_an_error_is_listed(tmp_path: Path) -> None:
    pages: list[Any] = [
        {"result": {"tools": [{"name": name, "inputSchema": {"type": "object"}}]}}
        for name in ("get_a", "get_b")
    ]
    failed = {"jsonrpc": "2.0", "id": 2, "error": {"code": -32603, "message": "Internal error"}}
    catalog = read_catalog([write(tmp_path, json.dumps([pages[0], failed, pages[1]]))])
    assert len(catalog.tools) == 2
    assert [(one.place, one.reason) for one in catalog.skipped] == [
        ("answer 2", "the answer is an error: Internal error")
    ]
    with pytest.raises(InputError, match="the answer is an error: Internal error"):
        read_catalog([write(tmp_path, json.dumps(failed))])


def test_functions_beside_built_in_tools_are_read(tmp_path: Path) -> None:
    function = {"type": "function", "function": {"name": "get_tide", "parameters": None}}
    built_in = [{"type": "web_search"}, {"type": "computer_20250124", "name": "computer"}]
    catalog = read_catalog([write(tmp_path, json.dumps([function, *built_in]))])
    assert [tool.name for tool in catalog.tools] == ["get_tide"]
    assert len(catalog.skipped) == 2
    declared = [{"functionDeclarations": [{"name": "get_tide"}]}, {"googleSearch": {}}]
    asked = {"tools": declared, "toolConfig": {"functionCallingConfig": {"mode": "AUTO"}}}
    catalog = read_catalog([write(tmp_path, json.dumps(asked))])
    assert [tool.name for tool in catalog.tools] == ["get_tide"]
    kelp = {"name": "get_kelp", "parameterDefinitions": {"kelp_id": {"type": "str"}}}
    (tool,) = read_catalog([write(tmp_path, json.dumps([kelp]))]).tools
    assert list(tool.properties) == ["kelp_id"]
