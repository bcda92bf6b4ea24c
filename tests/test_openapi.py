"""OpenAPI documents: which operations they hold, how these are named, and what is refused."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from generators.importers import openapi
from generators.importers.documents import load_document
from generators.importers.effect import influence
from generators.importers.found_tools import FoundTool, Skipped
from generators.importers.openapi.description_texts import MAX_DESCRIPTION, clean_text, shorten
from tests.openapi_documents import (
    DONE,
    TEXT,
    answer,
    document,
    operation,
    read_all,
    read_one,
    refusal,
    required,
    returns,
)


def tool_of(**more: Any) -> FoundTool:
    return read_one(document({"/acts": {"get": operation(**more)}}))


# Recognising


@pytest.mark.parametrize("keyword", ["openapi", "swagger", "swaggerVersion"])
def test_a_document_says_itself_that_it_is_openapi(keyword: str) -> None:
    assert openapi.recognises({keyword: "1"})


@pytest.mark.parametrize("other", [[], {}, None, "openapi", {"tools": []}, {"paths": {}}])
def test_other_documents_are_not_recognised(other: Any) -> None:
    assert not openapi.recognises(other)


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ({"openapi": "4.0.0"}, "'4.0.0'"),
        ({"swagger": "1.2"}, "'1.2'"),
        ({"swaggerVersion": "1.2"}, "'1.2'"),
        ({"openapi": 3.1}, "3.1"),
        ({"openapi": None}, "something else"),
        ({"openapi": "3.9.0"}, "'3.9.0'"),
    ],
)
def test_other_versions_are_refused_by_name(version: dict[str, Any], said: str) -> None:
    fault = refusal({**version, "info": {}, "paths": {}})
    assert f"version {said.replace(chr(39), chr(34))} is not read" in fault.problem
    assert fault.place in version


@pytest.mark.parametrize("version", ["3.0.0", "3.0.4", "3.1.0", "3.1.1", "3.2.0", "2.0"])
def test_each_version_is_read(version: str) -> None:
    assert read_one(document({"/acts": {"get": operation()}}, version)).name == "act"


@pytest.mark.parametrize("paths", [{}, {"/acts": {}}, {"/acts": {"parameters": []}}])
def test_a_document_without_operations_has_no_tools(paths: dict[str, Any]) -> None:
    assert refusal(document(paths)).problem == "the catalogue has no tools"


# Operations


def test_every_operation_is_a_tool_in_order() -> None:
    paths = {
        "/a": {"summary": "x", "get": {"operationId": "one", "responses": DONE}},
        "/b": {
            "put": {"operationId": "two", "responses": DONE},
            "delete": {"operationId": "three", "responses": DONE},
        },
    }
    found = [tool for tool in read_all(document(paths)) if isinstance(tool, FoundTool)]
    assert [(tool.number, tool.name, tool.place) for tool in found] == [
        (1, "one", "GET /a"),
        (2, "two", "PUT /b"),
        (3, "three", "DELETE /b"),
    ]


def test_a_name_is_kept_however_strange_it_is() -> None:
    assert tool_of(operationId="find pet/by id!").name == "find pet/by id!"


@pytest.mark.parametrize("blank", [{}, {"operationId": "  "}])
def test_an_operation_without_a_name_is_named_after_method_and_path(blank: dict[str, Any]) -> None:
    entry = {**blank, "responses": DONE}
    tool = read_one(document({"/albums/{album-id}/tracks.json": {"get": entry}}))
    assert tool.name == "get_albums_album_id_tracks_json"
    assert any("it has no operationId" in repair for repair in tool.repairs)


def test_operations_that_share_a_name_are_set_apart() -> None:
    paths = {f"/{name}": {"get": operation()} for name in "abc"}
    found = [tool for tool in read_all(document(paths)) if isinstance(tool, FoundTool)]
    assert [tool.name for tool in found] == ["act", "act_2", "act_3"]
    assert found[0].repairs == ()
    assert found[1].repairs == ("operationId 'act' is not unique: named 'act_2'",)


@pytest.mark.parametrize(
    ("method", "reads", "destroys"),
    [
        ("get", True, None),
        ("head", True, None),
        ("options", True, None),
        ("post", None, None),
        ("put", False, None),
        ("patch", False, None),
        ("delete", False, True),
    ],
)
def test_the_method_says_whether_a_tool_reads(
    method: str, reads: bool | None, destroys: Any
) -> None:
    tool = read_one(document({"/acts": {method: operation(operationId="remove_act")}}))
    assert (tool.read_only, tool.destructive) == (reads, destroys)
    assert influence(tool).effect == ("read" if reads else "write")


def test_the_query_method_and_further_methods_of_3_2_are_read() -> None:
    item = {
        "query": operation(operationId="look"),
        "additionalOperations": {"COPY": operation(operationId="copy")},
    }
    found = [tool for tool in read_all(document({"/a": item}, "3.2.0")) if tool]
    assert [(tool.place, getattr(tool, "read_only", None)) for tool in found] == [
        ("QUERY /a", True),
        ("COPY /a", False),
    ]


def test_a_path_may_refer_to_another_place() -> None:
    paths = {"/a": {"$ref": "#/components/pathItems/A"}}
    components = {"pathItems": {"A": {"get": operation()}}}
    assert read_one(document(paths, "3.1.0", components=components)).place == "GET /a"


def test_keys_that_look_like_numbers_in_yaml_are_text(tmp_path: Path) -> None:
    given = document({"/a": {"get": operation(responses=answer(TEXT))}})
    file = tmp_path / "shop.yaml"
    file.write_text(json.dumps(given, indent=1).replace('"200"', "200"), encoding="utf-8")
    assert "200: {" in file.read_text()
    assert returns(read_one(load_document(file))) == TEXT


# Texts


def test_the_description_is_summary_and_description_each_once() -> None:
    tool = tool_of(summary="List pets", description="Only those for sale.")
    assert tool.title == "List pets"
    assert tool.description == "List pets.\nOnly those for sale."
    assert tool_of(summary="List pets.", description="List pets for sale").description == (
        "List pets for sale"
    )
    assert tool_of(summary="List pets").description == "List pets."
    assert tool_of().description == ""


def test_markup_goes_and_placeholders_stay() -> None:
    text = (
        "<p>See <b>the</b> [guide](http://x.y/z) &amp; **more**<br/>\n## Notes\n```\nuse <id>\n```"
    )
    assert clean_text(text) == "See the guide & more\nNotes\nuse <id>"
    assert clean_text(None) == ""


def test_long_descriptions_are_cut_between_words() -> None:
    told = tool_of(description="word " * 400).description
    assert MAX_DESCRIPTION - 10 < len(told) <= MAX_DESCRIPTION
    assert told.endswith("word…")
    assert len(shorten("x" * 50, 20)) == 20


def test_deprecated_operations_are_tools_that_say_so() -> None:
    assert tool_of(summary="Old", deprecated=True).description == "Old.\nDeprecated."
    long = tool_of(description="word " * 400, deprecated=True).description
    assert long.endswith("…\nDeprecated.")
    assert len(long) <= MAX_DESCRIPTION


# Faults


def test_an_invalid_document_is_refused_with_the_places_of_its_first_faults() -> None:
    wrong = {"name": "x", "in": "query", "required": "no", "schema": TEXT}
    paths = {f"/p{number}": {"get": operation(parameters=[wrong])} for number in range(5)}
    fault = refusal(document(paths))
    assert fault.problem == (
        "not valid OpenAPI 3.0, 5 faults: "
        "paths./p0.get.parameters[0].required: must be of type boolean, not text; "
        "paths./p1.get.parameters[0].required: must be of type boolean, not text; "
        "paths./p2.get.parameters[0].required: must be of type boolean, not text; and 2 more"
    )


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"openapi": "3.0.3", "paths": {}}, "the document: 'info'"),
        (document({"acts": {"get": operation()}}), "paths: 'acts' does not match"),
        (document({"/a": {"get": {}}}), "paths./a.get: 'responses' is a required"),
        (document({"/a/{b": {"get": operation()}}), "paths./a/{b.get: "),
        (
            document({"/a": {"get": operation()}}, "2.0", definitions={"D": {"type": "strin"}}),
            "definitions.D",
        ),
        (
            document(
                {"/a": {"get": operation()}},
                components={"schemas": {"S": {"type": "integer", "default": "x"}}},
            ),
            "components.schemas.S: must be of type integer, not text",
        ),
        (
            document(
                {"/a": {"get": operation()}},
                "3.1.0",
                components={"schemas": {"S": {"type": "object", "required": "x"}}},
            ),
            "components.schemas.S.required: must be of type array",
        ),
    ],
)
def test_a_single_fault_is_told_with_its_place(given: dict[str, Any], place: str) -> None:
    assert place in refusal(given).problem


@pytest.mark.parametrize("paths", [None, [], "x", {"/a": None}, {"/a": []}, {"/a": {"get": 1}}])
def test_a_document_of_the_wrong_shape_is_refused(paths: Any) -> None:
    assert "not valid OpenAPI" in refusal(document(paths)).problem


def test_a_placeholder_of_the_path_that_nobody_describes_is_text() -> None:
    tool = read_one(document({"/a/{id}": {"get": operation()}}))
    assert tool.parameters.value["properties"] == {"id": TEXT}
    assert required(tool) == ["id"]
    assert tool.repairs == ("parameters: 'id' of the path is not described: read as text",)


def test_a_path_parameter_that_is_not_in_the_path_is_dropped() -> None:
    extra = {"name": "id", "in": "path", "required": True, "schema": TEXT}
    tool = tool_of(parameters=[extra])
    assert tool.parameters.value["properties"] == {}
    assert tool.repairs == ("parameters: path 'id' is not in the path: dropped",)


# References


def referring(reference: str) -> dict[str, Any]:
    bad = operation(operationId="bad", responses=answer({"$ref": reference}))
    return document({"/bad": {"get": bad}, "/good": {"get": operation(operationId="good")}})


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("#/components/schemas/Absent", "leads nowhere"),
        ("#anchor", "leads nowhere"),
        ("other.json#/Pet", "leads into another document, and nothing is fetched"),
        ("https://example.com/pet.json", "leads into another document, and nothing is fetched"),
    ],
)
def test_only_the_operation_that_refers_wrongly_is_skipped(reference: str, reason: str) -> None:
    bad, good = read_all(referring(reference))
    assert bad == Skipped(f"{reference!r} {reason}", tool="bad", place="GET /bad returns")
    assert isinstance(good, FoundTool)
    assert good.name == "good"


def test_a_reference_to_itself_costs_its_operation_only() -> None:
    given = referring("#/components/schemas/Loop")
    given["components"] = {"schemas": {"Loop": {"$ref": "#/components/schemas/Loop"}}}
    found = read_all(given)
    assert [getattr(tool, "name", "") for tool in found][-1] == "good"


@pytest.mark.parametrize("entry", [{"$ref": "#/paths/~1good"}, {"$ref": "gone.json"}])
def test_a_parameter_that_is_none_costs_its_operation_only(entry: dict[str, Any]) -> None:
    given = document(
        {
            "/bad": {"get": operation(operationId="bad", parameters=[entry])},
            "/good": {"get": operation(operationId="good")},
        }
    )
    bad, good = read_all(given)
    assert isinstance(bad, Skipped)
    assert bad.place == "GET /bad parameters[0]"
    assert isinstance(good, FoundTool)


def test_a_path_in_another_document_is_skipped() -> None:
    given = document({"/far": {"$ref": "far.json"}, "/good": {"get": operation()}})
    far, good = read_all(given)
    assert far == Skipped(
        "'far.json' leads into another document, and nothing is fetched", place="/far"
    )
    assert isinstance(good, FoundTool)


def test_nothing_is_fetched_from_the_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/pet.json"
        for version in ("3.0.3", "3.1.0"):
            given = {**referring(address), "openapi": version}
            given["components"] = {
                "schemas": {
                    "Far": {"$ref": address},
                    "Made": {
                        "type": "object",
                        "default": {},
                        "properties": {"x": {"$ref": address}},
                    },
                }
            }
            assert isinstance(read_all(given)[0], Skipped)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_nothing_is_read_from_other_files(tmp_path: Path) -> None:
    other = tmp_path / "pet.json"
    other.write_text('{"type": "no such type"}', encoding="utf-8")
    for reference in (other.as_uri(), str(other)):
        bad, good = read_all(referring(reference))
        assert isinstance(bad, Skipped)
        assert isinstance(good, FoundTool)


def test_a_document_that_is_a_reference_is_refused() -> None:
    given = document({"/a": {"get": operation()}}, **{"$ref": "#/gone"})
    assert "the document: " in refusal(given).problem
