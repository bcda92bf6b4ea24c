"""OpenAPI documents: how path, query, header, cookie and body become one object of arguments."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from generators.importers.normalise import normalise_parameters
from tests.openapi_documents import (
    NUMBER,
    TEXT,
    document,
    json_content,
    operation,
    properties,
    read_one,
    read_post,
    required,
)

FORM = "application/x-www-form-urlencoded"


def given(name: str, location: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": location, "schema": TEXT, **more}


def thing(*names: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": dict.fromkeys(names, TEXT), **more}


def body(schema: Any, needed: bool = True) -> dict[str, Any]:
    return {"requestBody": {"required": needed, **json_content(schema)}}


# Parameters


def test_path_and_query_stand_side_by_side_and_the_path_is_required() -> None:
    parameters = [given("q"), given("id", "path", required=True), given("n", required=True)]
    tool = read_post("3.0.3", "/acts/{id}", parameters=parameters)
    assert list(properties(tool)) == ["id", "q", "n"]
    assert required(tool) == ["id", "n"]
    assert tool.repairs == ()


def test_parameters_of_the_path_hold_unless_the_operation_says_otherwise() -> None:
    item = {
        "parameters": [given("a"), given("b")],
        "get": operation(parameters=[given("b", schema=NUMBER, required=True)]),
    }
    tool = read_one(document({"/acts": item}))
    assert properties(tool) == {"a": TEXT, "b": NUMBER}
    assert required(tool) == ["b"]


def test_parameters_and_their_schemas_may_be_referred_to() -> None:
    components = {
        "parameters": {"Page": given("page", schema={"$ref": "#/components/schemas/Page"})},
        "schemas": {"Page": {"type": "integer", "minimum": 0, "exclusiveMinimum": True}},
    }
    tool = read_post(parameters=[{"$ref": "#/components/parameters/Page"}], components=components)
    plain, _ = normalise_parameters(tool.parameters.value)
    assert plain["properties"] == {"page": {"type": "integer", "exclusiveMinimum": 0}}


def test_what_a_parameter_tells_of_itself_is_kept() -> None:
    schema = {"type": "string", "enum": ["a", "b"], "default": "a", "format": "word"}
    one = given("x", schema=schema, description="<b>Which</b>", example="b", deprecated=True)
    assert properties(read_post(parameters=[one]))["x"] == {
        **schema,
        "description": "Which",
        "examples": ["b"],
        "deprecated": True,
    }


def test_named_examples_become_a_list_and_those_elsewhere_are_left() -> None:
    examples = {"one": {"value": "a"}, "far": {"externalValue": "http://x.y"}}
    tool = read_post(parameters=[given("x", examples=examples)])
    assert properties(tool)["x"]["examples"] == ["a"]


def test_a_parameter_may_hold_content() -> None:
    one = {"name": "filter", "in": "query", **json_content(thing("a"))}
    assert properties(read_post(parameters=[one])) == {"filter": thing("a")}


def test_styles_of_serialisation_are_no_part_of_a_tool() -> None:
    schema = {"type": "array", "items": TEXT}
    one = given("ids", schema=schema, style="form", explode=False, allowReserved=True)
    assert properties(read_post(parameters=[one])) == {"ids": schema}


@pytest.mark.parametrize("name", ["Authorization", "X-API-Key", "token"])
def test_credentials_in_headers_are_dropped(name: str) -> None:
    tool = read_post(parameters=[given(name, "header", required=True)])
    assert properties(tool) == {}
    assert tool.repairs == (f"parameters: header {name!r} is a credential: dropped",)


@pytest.mark.parametrize(
    ("name", "told", "secured", "kept"),
    [
        ("token", "Authentication token. Requires the scope lamps:write.", True, []),
        ("token", "Authentication token. Requires the scope lamps:write.", False, ["token"]),
        ("token", "Where the next page begins.", True, ["token"]),
        ("key", "Under which the value is kept.", True, ["key"]),
        ("page_token", "An access token for the next page.", True, ["page_token"]),
    ],
)
def test_a_token_in_the_body_is_a_credential_where_the_operation_asks_for_one_and_says_so(
    name: str, told: str, secured: bool, kept: list[str]
) -> None:
    field = {**TEXT, "description": told}
    schema = {**thing("emoji"), "properties": {"emoji": TEXT, name: field}, "required": [name]}
    tool = read_post(**body(schema), security=[{"lampAuth": []}] if secured else [])
    assert list(properties(tool)) == ["emoji", *kept]
    assert required(tool) == kept


def test_parameters_that_repeat_a_security_scheme_are_dropped_wherever_they_are() -> None:
    schemes = {
        "a": {"type": "apiKey", "in": "query", "name": "sig"},
        "b": {"type": "apiKey", "in": "cookie", "name": "Session"},
    }
    parameters = [given("sig"), given("session", "cookie", required=True), given("q")]
    tool = read_post(parameters=parameters, components={"securitySchemes": schemes})
    assert list(properties(tool)) == ["q"]
    old = {"b": {"type": "apiKey", "in": "query", "name": "sig"}}
    one = {"name": "sig", "in": "query", "type": "string"}
    assert properties(read_post("2.0", parameters=[one], securityDefinitions=old)) == {}


def test_a_token_in_the_query_is_a_credential_only_where_one_is_asked_for() -> None:
    asking = {"security": [{"a": []}], "parameters": [given("token")]}
    assert properties(read_post(**asking)) == {}
    assert properties(read_post(parameters=[given("token")])) == {"token": TEXT}


def test_headers_are_kept_only_if_they_are_required_and_no_cookie_is() -> None:
    parameters = [
        given("If-Match", "header", required=True),
        given("Accept", "header", required=True),
        given("X-Tenant-Id", "header", required=True),
        given("X-Trace", "header"),
        given("theme", "cookie"),
    ]
    tool = read_post(parameters=parameters)
    assert list(properties(tool)) == ["X-Tenant-Id"]
    assert tool.repairs == (
        "parameters: header 'If-Match' is negotiated by the transport: dropped",
        "parameters: header 'Accept' is negotiated by the transport: dropped",
        "parameters: header 'X-Trace' may be left out: dropped",
        "parameters: cookie 'theme' is a cookie, which the transport keeps: dropped",
    )


@pytest.mark.parametrize(
    ("name", "location", "told"),
    [
        ("client_secret", "query", ""),
        ("webhookSecret", "query", ""),
        ("appid", "query", "Your unique API key (you can always find it on your account page)"),
        ("k", "query", "Required. The access token."),
        ("X-Request-ID", "header", ""),
        ("Idempotency-Key", "header", ""),
        ("traceparent", "header", ""),
        ("Accept-Language", "header", ""),
        ("User-Agent", "header", ""),
        ("session", "cookie", ""),
    ],
)
def test_what_the_transport_gives_nobody_is_asked_for(name: str, location: str, told: str) -> None:
    tool = read_post(parameters=[given(name, location, required=True, description=told)])
    assert properties(tool) == {}
    assert repr(name) in tool.repairs[0]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("name", "Name of the API key"),
        ("page_token", "The token of the next page."),
        ("secret_santa", "Who gives to whom"),
        ("key_id", "The ID of an access key to revoke"),
    ],
)
def test_what_only_speaks_of_credentials_is_asked_for(name: str, told: str) -> None:
    one = given(name, required=True, description=told)
    assert list(properties(read_post(parameters=[one]))) == [name]


# Names that occur twice


@pytest.mark.parametrize(
    ("method", "names"), [("put", ["id", "x"]), ("post", ["id", "new_id", "x"])]
)
def test_what_path_and_body_of_a_change_both_say_is_one_value(
    method: str, names: list[str]
) -> None:
    entry = operation(parameters=[given("id", "path", required=True)], **body(thing("id", "x")))
    tool = read_one(document({"/a/{id}": {method: entry}}))
    assert list(properties(tool)) == names


def test_what_is_said_of_fields_together_is_said_of_all_parameters() -> None:
    either = [{"required": ["a"]}, {"required": ["b"]}]
    tool = read_post(parameters=[given("q")], **body({**thing("a", "b"), "anyOf": either}))
    assert list(properties(tool)) == ["q", "a", "b"]
    assert tool.parameters.value["anyOf"] == either


def test_a_name_in_several_places_is_set_apart_by_its_place() -> None:
    parameters = [given("id", required=True), given("id", "path", required=True)]
    tool = read_post("3.0.3", "/a/{id}", parameters=parameters, **body(thing("id", "x")))
    assert list(properties(tool)) == ["id", "query_id", "new_id", "x"]
    assert required(tool) == ["id", "query_id"]
    assert tool.repairs == (
        "parameters: 'id' of the query is named 'query_id'",
        "parameters: 'id' of the body is named 'new_id'",
    )


def test_a_name_that_is_set_apart_never_meets_another() -> None:
    tool = read_post(parameters=[given("id"), given("new_id")], **body(thing("id", "new_id_2")))
    assert list(properties(tool)) == ["id", "new_id", "new_id_3", "new_id_2"]


# Kinds that a field tells apart


def kinds(named: bool) -> dict[str, Any]:
    mapping = {"lorry": "#/components/schemas/Truck", "bus": "Bus"}
    own = {"discriminator": {"propertyName": "kind", **({"mapping": mapping} if named else {})}}
    base = {"$ref": "#/components/schemas/Vehicle"}
    children = [{"$ref": f"#/components/schemas/{one}"} for one in ("Truck", "Bus")]
    return {
        "Vehicle": {**thing("kind", "plate", required=["kind"]), **own},
        "Truck": {"allOf": [base, thing("load", required=["load"])]},
        "Bus": {"allOf": [base, {"properties": {"seats": NUMBER, "next": base}}]},
        "Either": {"oneOf": children, **own},
    }


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("which", ["Vehicle", "Either"])
def test_the_kinds_of_a_discriminator_are_shown(named: bool, which: str) -> None:
    tool = read_post(
        components={"schemas": kinds(named)}, **body({"$ref": f"#/components/schemas/{which}"})
    )
    shown, _ = normalise_parameters(tool.parameters.value)
    values = ["lorry", "bus"] if named else ["Truck", "Bus"]
    assert shown["properties"]["kind"]["enum"] == values
    assert set(shown["properties"]) == {"kind", "plate", "load", "seats", "next"}
    assert shown["required"] == ["kind"]
    judge = Draft202012Validator(shown)
    assert judge.is_valid({"kind": values[0], "load": "x"})
    assert not judge.is_valid({"kind": values[0], "seats": 2})
    assert judge.is_valid({"kind": values[1], "seats": 2})


# Bodies


def test_the_fields_of_an_object_stand_beside_the_other_parameters() -> None:
    tool = read_post(parameters=[given("q")], **body(thing("a", "b", required=["b"])))
    assert list(properties(tool)) == ["q", "a", "b"]
    assert required(tool) == ["b"]


def test_a_body_that_may_be_left_out_is_asked_for_whole() -> None:
    tool = read_post(**body(thing("a", "b", required=["b"]), needed=False))
    assert required(tool) == ["b"]
    assert tool.repairs == ("parameters: the body may be left out, but is asked for",)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": TEXT},
        {"type": "string"},
        {"oneOf": [thing("a"), thing("b")]},
        {"type": "object", "additionalProperties": TEXT},
        {"type": "object"},
    ],
)
@pytest.mark.parametrize("needed", [True, False])
def test_any_other_body_is_one_parameter(schema: dict[str, Any], needed: bool) -> None:
    tool = read_post(**body(schema, needed))
    assert properties(tool) == {"body": schema}
    assert required(tool) == (["body"] if needed else [])


def test_json_is_preferred_then_forms_then_what_is_listed_first() -> None:
    def chosen(*names: str) -> list[str]:
        content = {name: {"schema": thing(name)} for name in names}
        return list(properties(read_post(requestBody={"content": content})))

    assert chosen("text/csv", FORM, "application/vnd.x+json; v=1") == [
        "application/vnd.x+json; v=1"
    ]
    assert chosen("application/xml", "multipart/form-data", FORM) == [FORM]
    assert chosen("application/hal+json", "application/json") == ["application/json"]
    assert chosen("text/b", "text/a") == ["text/b"]


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("application/octet-stream", {"type": "string", "format": "binary"}),
        ("image/png", {"type": "string", "format": "binary"}),
        ("text/plain", {"type": "string"}),
        ("application/json", {}),
    ],
)
def test_a_body_without_schema_is_what_its_media_type_says(name: str, schema: Any) -> None:
    tool = read_post(requestBody={"content": {name: {}}, "required": True})
    assert properties(tool) == {"body": schema}


def test_bodies_are_referred_to_and_described() -> None:
    components = {
        "requestBodies": {"B": {"description": "All.", **json_content({"type": "array"})}}
    }
    components["requestBodies"]["B"]["content"]["application/json"]["schema"]["items"] = TEXT
    tool = read_post(requestBody={"$ref": "#/components/requestBodies/B"}, components=components)
    assert properties(tool)["body"] == {"description": "All.", "type": "array", "items": TEXT}


# Swagger 2.0


def test_the_parameters_of_swagger_are_their_own_schemas() -> None:
    listed = {"type": "array", "items": TEXT}
    one = {"name": "ids", "in": "query", "collectionFormat": "csv", "required": True, **listed}
    other = {"name": "n", "in": "query", "type": "integer", "maximum": 9, "x-nullable": True}
    tool = read_post("2.0", parameters=[one, other])
    nullable = {"type": "integer", "maximum": 9, "nullable": True}
    assert properties(tool) == {"ids": listed, "n": nullable}
    assert required(tool) == ["ids"]


def test_the_body_of_swagger_is_flattened_too() -> None:
    one = {"name": "pet", "in": "body", "required": True, "schema": {"$ref": "#/definitions/P"}}
    definitions = {"P": thing("name", "tag", required=["name"])}
    tool = read_post("2.0", parameters=[one], definitions=definitions)
    assert properties(tool) == {"name": TEXT, "tag": TEXT}
    assert required(tool) == ["name"]


def test_the_fields_of_a_form_of_swagger_are_parameters() -> None:
    fields = [
        {"name": "file", "in": "formData", "type": "file", "required": True},
        {"name": "id", "in": "formData", "type": "integer"},
        {"name": "id", "in": "query", "type": "string"},
    ]
    tool = read_post("2.0", parameters=fields, consumes=["multipart/form-data"])
    assert properties(tool) == {
        "id": TEXT,
        "file": {"type": "string", "format": "binary"},
        "new_id": NUMBER,
    }
    assert required(tool) == ["file"]


# Whose properties they are


def test_what_only_the_server_writes_is_no_input() -> None:
    schemas = {"Stamp": {"type": "string", "readOnly": True}}
    schema = thing("name", required=["id", "at", "name"])
    schema["properties"] |= {
        "id": {"type": "integer", "readOnly": True},
        "at": {"$ref": "#/components/schemas/Stamp"},
        "secret": {"type": "string", "writeOnly": True},
    }
    tool = read_post(components={"schemas": schemas}, **body(schema))
    assert properties(tool) == {"name": TEXT, "secret": TEXT}
    assert required(tool) == ["name"]
