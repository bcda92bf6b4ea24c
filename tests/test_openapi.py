"""OpenAPI documents: which operations they hold, how these are named, and what is refused."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from generators.importers import openapi, read_catalog
from generators.importers.documents import load_document
from generators.importers.effect import influence
from generators.importers.found_tools import FoundTool, Remark, Skipped
from generators.importers.openapi.operations import spell_path
from generators.importers.texts import MAX_DESCRIPTION, clean_text, shorten
from generators.world.tool_names import telling_words
from schemas.errors import InputError
from schemas.tool import ToolSource, ToolSpec
from tests.openapi_documents import (
    DONE,
    NUMBER,
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
        ({"openapi": 4.1}, "4.1"),
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
    assert tool.name == "get_albums_tracks_json"
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
    found = read_all(document({"/a": item}, "3.2.0"))
    assert [(getattr(tool, "place", ""), getattr(tool, "read_only", None)) for tool in found] == [
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


def test_what_is_wrong_is_mended_operation_by_operation_and_told() -> None:
    wrong = {"name": "x", "in": "Query", "required": "no", "schema": TEXT, "cache": 1}
    given = document({"acts": {"GET": operation(parameters=[wrong], caching={"ttl": 5})}})
    tool = read_one(given)
    assert list(tool.parameters.value["properties"]) == ["x"]
    assert required(tool) == []
    assert tool.faults == (
        "GET /acts: methods written 'GET'",
        "GET /acts: the path 'acts' begins with no slash",
        "GET /acts: unknown keys dropped: caching",
        'GET /acts: parameters[0]: required "no" is no flag and was dropped',
        "GET /acts: parameters[0]: in 'Query' became 'query'",
        "GET /acts: parameters[0]: unknown keys dropped: cache",
    )


COUNT = {"type": "integer", "minimum": "1", "nullable": "true"}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"responses": {}}, "responses: none are described"),
        ({"responses": {"200": {}}}, "responses.200: has no description"),
        ({"responses": []}, "responses: an empty list became an empty object"),
        (
            {"parameters": {"id": {"in": "query", "schema": TEXT}}},
            "parameters are an object, read as a list",
        ),
        (
            {"parameters": [{"name": "id", "in": "path", "schema": TEXT}]},
            "parameters[0]: required, as it is part of the path",
        ),
        (
            {"requestBody": {"content": {"application/json": {"type": "object"}}}},
            "requestBody.content.application/json: a schema stands where the keyword schema should",
        ),
        (
            {"responses": {"200": {"description": "", "content": {"schema": TEXT}}}},
            "responses.200: content without a media type, read as JSON",
        ),
        (
            {"responses": {"200": {"description": "", "schema": TEXT}}},
            "responses.200: a schema without content, read as JSON",
        ),
        ({"parameters": [None]}, "parameters[0]: no parameter, but null: dropped"),
        (
            {"parameters": [{"name": "id", "schema": TEXT}]},
            "parameters[0]: where it belongs is not said: read as part of the path",
        ),
        (
            {"responses": answer({"$ref": "#/gone"})},
            "responses.200: '#/gone' leads nowhere; the schema of the result was left out",
        ),
        (
            {"parameters": [{"name": "n", "in": "query", "schema": COUNT}]},
            'parameters.n: minimum "1" became 1',
        ),
        (
            {"responses": answer({"type": "object", "additionalProperties": "true"})},
            'returns: additionalProperties "true" became true',
        ),
        (
            {"responses": answer({"items": [TEXT, {"type": "null"}]})},
            "returns: a list of items without type array became anyOf",
        ),
        (
            {"responses": answer({"type": "object", "properties": {"a": {"$recursiveRef": "#"}}})},
            "returns.properties.a: $recursiveRef leads back to what is around it and was cut",
        ),
        (
            {"responses": answer({"type": "object", "properties": {"a": "text"}})},
            "returns: the schema of 'a' is text, so that it may hold anything",
        ),
        (
            {"responses": answer({"type": "object", "properties": {"a": {"type": 7}}})},
            "returns.properties.a: type 7 cannot be read and was dropped",
        ),
    ],
)
def test_a_single_fault_is_mended_and_told_with_its_place(entry: dict[str, Any], said: str) -> None:
    tool = read_one(document({"/a/{id}": {"get": {**operation(), **entry}}}, "3.0.3"))
    assert f"GET /a/{{id}}: {said}" in tool.faults


@pytest.mark.parametrize("version", [3.0, 3.1, 2.0])
def test_a_version_that_is_a_number_is_read(version: float) -> None:
    keyword = "swagger" if version == 2.0 else "openapi"
    remark, tool = read_all({keyword: version, "paths": {"/a": {"get": operation()}}})
    assert remark == Remark(f"{keyword} {version} is a number, read as text", fault=True)
    assert isinstance(tool, FoundTool)


@pytest.mark.parametrize("paths", [None, "x", ["x"], 7])
def test_a_document_without_paths_is_refused(paths: Any) -> None:
    assert refusal(document(paths)).problem


@pytest.mark.parametrize("item", [None, "x", {"get": 1}])
def test_what_is_no_path_costs_itself_only(item: Any) -> None:
    bad, good = read_all(document({"/bad": item, "/good": {"get": operation()}}))
    assert isinstance(bad, Skipped)
    assert isinstance(good, FoundTool)


def test_strict_reading_refuses_what_was_mended(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(document({"/a": {"get": operation(caching=1)}})), "utf-8")
    assert read_catalog([file]).tools
    with pytest.raises(InputError, match="unknown keys dropped: caching"):
        read_catalog([file], strict=True)


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
    wrong = {"name": "x", "in": "query", "schema": {"$ref": reference}}
    bad = operation(operationId="bad", parameters=[wrong])
    return document({"/bad": {"get": bad}, "/good": {"get": operation(operationId="good")}})


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("#/components/schemas/Absent", "leads nowhere"),
        ("#anchor", "leads nowhere"),
        (
            "other.json#/Pet",
            "leads into another document, and there is none beside this one that can be read",
        ),
        ("https://example.com/pet.json", "leads into another document, and nothing is fetched"),
    ],
)
def test_only_the_operation_that_refers_wrongly_is_skipped(reference: str, reason: str) -> None:
    bad, good = read_all(referring(reference))
    assert bad == Skipped(f"{reference!r} {reason}", tool="bad", place="GET /bad parameters.x")
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
    assert isinstance(far, Skipped)
    assert far.reason.startswith("'far.json' leads into another document")
    assert far.place == "/far"
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


# Files beside the document


def write(folder: Path, **files: Any) -> Path:
    for name, value in files.items():
        path = folder / f"{name.replace('__', '/')}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(value), encoding="utf-8")
    return folder / "shop.json"


def test_files_beside_the_document_are_read(tmp_path: Path) -> None:
    pet = {"type": "object", "properties": {"id": TEXT, "tag": {"$ref": "deep/tag.json#/Tag"}}}
    tag = {"Tag": {"type": "string", "enum": ["a"]}, "Pet": {"$ref": "../pet.json"}}
    shop = document(
        {
            "/pets": {"get": operation(responses=answer({"$ref": "./pet.json"}))},
            "/far": {"$ref": "deep/path.json"},
        }
    )
    path = {"get": operation(operationId="far", responses=answer({"$ref": "../shop.json#/Local"}))}
    file = write(tmp_path, shop=shop | {"Local": NUMBER}, pet=pet, deep__tag=tag, deep__path=path)
    near, far = read_catalog([file]).tools
    assert near.returns is not None
    assert near.returns["properties"]["tag"] == {"type": "string", "enum": ["a"]}
    assert far.returns == NUMBER
    assert len(read_catalog([tmp_path]).tools) == 2


def test_nothing_outside_the_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out.json").write_text(json.dumps(TEXT), encoding="utf-8")
    (tmp_path / "in" / "link.json").symlink_to(tmp_path / "out.json")
    for reference in ("../out.json", "link.json", str(tmp_path / "out.json"), "absent.json"):
        file = write(tmp_path / "in", shop=referring(reference))
        (skipped,) = read_catalog([file]).skipped
        assert "leads into another document" in skipped.reason


# Names


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("get", "/v1/cranes", "get_cranes"),
        ("get", "/api/v3.1/cranes/{id}", "get_cranes"),
        ("get", "/v1/{+parent}/cranes", "get_cranes"),
        ("post", "/v2beta1/shelves/{name}:cancel", "cancel_shelves"),
        ("post", "/orders/{orderId}/cancel", "cancel_orders"),
        ("post", "/orders", "create_orders"),
        ("delete", "/orders/{orderId}", "delete_orders"),
        ("put", "/orders/{orderId}", "replace_orders"),
    ],
)
def test_a_name_made_of_a_path_says_what_is_done_to_what(method: str, path: str, name: str) -> None:
    assert spell_path(method.upper(), path) == name


def test_parameters_tell_apart_what_would_have_one_name() -> None:
    entry = {"responses": DONE}
    paths = {"/v1/cranes": {"get": entry}, "/v1/cranes/{crane_id}": {"get": entry}}
    found = [tool for tool in read_all(document(paths)) if isinstance(tool, FoundTool)]
    assert [tool.name for tool in found] == ["get_cranes", "get_cranes_by_crane_id"]


@pytest.mark.parametrize(
    ("name", "place", "words"),
    [
        ("GET_beds-bed_id", "GET /beds/{bed_id}", "get beds"),
        ("GET_beds-bed_id-images", "GET /3/beds/{bed_id}/images", "get beds images"),
        ("getV2BedsByBedId", "GET /v2/beds/{bed_id}", "get beds by bed id"),
        ("read_bed_beds__bed_id__get", "GET /beds/{bed_id}", "read bed"),
        ("v3.1_list_beds", "", "list beds"),
        ("getBed", "GET /beds/{bed_id}", "get bed"),
    ],
)
def test_versions_and_a_spelled_path_are_no_words_of_a_name(
    name: str, place: str, words: str
) -> None:
    source = ToolSource(format="openapi", path="x.json", place=place)
    tool = ToolSpec(name=name, wire_name="x", source=source, domain="x", description="",
                    parameters={"type": "object", "properties": {}, "required": []},
                    effect="read")  # fmt: skip
    assert " ".join(telling_words(tool)) == words


@pytest.mark.parametrize("keyword", ["$defs", "definitions"])
def test_a_component_is_read_with_its_own_definitions(keyword: str) -> None:
    size = {"type": "string", "enum": ["small", "large"]}
    lamp = {
        "type": "object",
        "properties": {name.lower(): {"$ref": f"#/{keyword}/{name}"} for name in ("Size", "Shade")},
        keyword: {"Size": size, "Shade": {"type": "object", "properties": {"size": size}}},
    }
    shade = {"type": "object", "properties": {"lamp": {"$ref": "#/components/schemas/La~1mp%25"}}}
    components = {"schemas": {"La/mp%": lamp, "Shade": shade}}
    given = document(
        {"/lamps": {"get": operation(operationId="getLamp", responses=answer(
            {"$ref": "#/components/schemas/Shade"}))}},
        components=components,
    )  # fmt: skip
    (tool,) = read_all(given)
    assert isinstance(tool, FoundTool)
    inner = returns(tool)["properties"]["lamp"]["properties"]
    assert inner["size"]["enum"] == inner["shade"]["properties"]["size"]["enum"] == size["enum"]
