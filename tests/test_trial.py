"""Every tool is tried when its catalogue is opened: values of a kind, legal, or left out."""

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generators.backends.trial import MIXED_LIST, NO_ANSWER, NO_CHANGE, try_tools
from generators.sandbox.possible_values import SECRET, UNNAMED, UNTOLD
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.sandbox.schema_validity import fits, keeps_format
from generators.sandbox.text_values import shown_examples
from generators.sandbox.times import told_form
from generators.sandbox.values import invent
from generators.world.infer import infer_world
from generators.world.semantics import semantic_type, told_choices, with_told_bounds
from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSource, ToolSpec
from tests.worlds import shop

CLOCK = "2026-01-15T09:00:00+00:00"
LAMP = {
    "type": "object",
    "properties": {"lamp_id": {"type": "string"}, "name": {"type": "string"}},
    "required": ["lamp_id"],
}


def tool(name: str, properties: JsonObject, *required: str, returns: Any = LAMP) -> ToolSpec:
    return ToolSpec(
        name=name,
        wire_name=name,
        parameters={"type": "object", "properties": properties, "required": list(required)},
        returns=returns,
        returns_from="source" if returns else None,
        domain="lamps",
        source=ToolSource(format="mcp", path="lamps.json"),
    )


def try_one(setting: Any, name: str = "setting", *, required: bool = True) -> Catalog:
    """A catalogue of a getter, and of an update with one parameter."""
    text = {"type": "string"}
    need = ("lamp_id", name) if required else ("lamp_id",)
    return try_tools(
        Catalog(
            tools=(
                tool("get_lamp", {"lamp_id": text}, "lamp_id"),
                tool("update_lamp", {"lamp_id": text, name: setting}, *need),
            )
        )
    )


@pytest.mark.parametrize(
    ("name", "schema", "reason"),
    [
        ("frob", {"type": "string"}, UNTOLD),
        ("frob", {"type": "array", "items": {"type": "string"}}, UNTOLD),
        ("frob", {"type": "object", "additionalProperties": {"type": "string"}}, "its keys"),
        ("sql", {"type": "string"}, "SQL is not made up"),
        ("rule", {"type": "string", "description": "A cron expression"}, "a cron expression"),
        ("password", {"type": "string"}, SECRET),
        ("frob", {"type": "null"}, "nothing but null"),
        ("frob", {"enum": []}, "enum is empty"),
        ("frob", {"type": "array", "items": {"type": "integer"}, "minItems": 10**8}, "minItems"),
        ("frob", {"type": "string", "pattern": "^(?!a)a$"}, "pattern"),
    ],
)
def test_what_has_no_value_is_skipped_or_left_out(
    name: str, schema: JsonObject, reason: str
) -> None:
    caught = try_one(schema, name)
    assert [one.name for one in caught.tools] == ["get_lamp"]
    assert name in caught.skipped[0].place
    assert reason in caught.skipped[0].reason


def test_an_optional_parameter_without_a_kind_is_left_out_with_a_note() -> None:
    catalog = try_one({"type": "string"}, "frob", required=False)
    (kept,) = (one for one in catalog.tools if one.name == "update_lamp")
    assert "frob" not in kept.properties
    assert f"parameters.frob: left out: {UNTOLD}" in kept.repairs


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "format": "ipv6"},
        {"type": "string", "pattern": "^(?=.*\\d)[a-z\\d]{8}$"},
        {"type": "string", "description": "e.g. 'warm' or 'cold'"},
        {"type": "string", "description": "8-digit code"},
        {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}], "minItems": 2},
        {"type": "object", "patternProperties": {"^[a-z]{2}$": {"type": "integer"}}},
        {"anyOf": [{"type": "null"}, {"type": "integer", "multipleOf": 5}]},
        {"type": "array", "contains": {"const": 3}, "items": {"type": "integer"}},
    ],
)
def test_what_has_a_value_is_offered_and_its_value_is_legal(schema: JsonObject) -> None:
    assert len(try_one(schema).tools) == 2
    for seed in range(5):
        semantic = semantic_type("setting", schema)
        made = invent(semantic, schema, Random(seed), name="setting", noun="lamp", clock=CLOCK)
        assert fits(made, schema)


def test_a_lookup_whose_answer_nobody_knows_is_out() -> None:
    weather = tool("get_horoscope", {"city": {"type": "string"}}, "city", returns=None)
    catalog = try_tools(Catalog(tools=(weather,)))
    assert not catalog.tools
    assert catalog.skipped[0].reason == NO_ANSWER


def test_descriptions_tell_values() -> None:
    assert told_form("Format: YYYY-MM-DD HH:MM:SS") == "%Y-%m-%d %H:%M:%S"
    assert told_form("the MM of it") == ""
    assert shown_examples("A code, e.g. 'BOS'") == ("BOS",)
    assert told_choices("Available values are: 'ads', 'mail'") == ["ads", "mail"]
    bounds = with_told_bounds({"type": "integer", "description": "between 1 and 100"})
    assert (bounds["minimum"], bounds["maximum"]) == (1, 100)
    assert semantic_type("recipient", {"type": "string", "description": "Email address"}) == "email"
    assert semantic_type("expires_at", {"type": "integer"}) == "datetime"


_LEAVES = st.sampled_from(
    [
        {"type": "string"}, {"type": "integer", "minimum": 3}, {"type": "boolean"}, {},
        {"type": "string", "format": "date-time"}, {"type": ["string", "null"]}, {"type": "null"},
        {"type": "string", "pattern": "^[A-Z]{3}$"}, {"enum": [1, "a", None]}, {"not": {}},
        {"type": "string", "minLength": 30}, {"type": "number", "exclusiveMaximum": 0},
    ]
)  # fmt: skip
SCHEMAS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda one, n: {"type": "array", "items": one, "minItems": n}, inner,
                  st.integers(0, 4)),
        st.builds(lambda one: {"type": "object", "additionalProperties": one}, inner),
        st.builds(lambda one: {"type": "object", "properties": {"name": one, "size": one},
                               "required": ["name"]}, inner),
        st.builds(lambda one, two: {"anyOf": [one, two]}, inner, inner),
        st.builds(lambda one, two: {"oneOf": [one, two]}, inner, inner),
        st.builds(lambda one, two: {"allOf": [one, two]}, inner, inner),
        st.builds(lambda one, two: {"type": "array", "prefixItems": [one, two]}, inner, inner),
        st.builds(lambda one: {"type": "object", "propertyNames": {"enum": ["a", "b"]},
                               "additionalProperties": one, "minProperties": 1}, inner),
        st.builds(lambda one: {"if": {"type": "string"}, "then": one}, inner),
    ),
    max_leaves=5,
)  # fmt: skip


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(SCHEMAS)
def test_no_schema_makes_a_trial_raise(schema: JsonObject) -> None:
    catalog = try_one(schema, "colour")
    names = [*(one.name for one in catalog.tools), *(one.tool for one in catalog.skipped)]
    assert sorted(names) == ["get_lamp", "update_lamp"]


def test_a_name_that_nobody_gives_puts_the_tool_in_doubt() -> None:
    update = tool("create_gadget", {"gadget_name": {"type": "string"}}, "gadget_name")
    catalog = Catalog(tools=(tool("get_lamp", {"lamp_id": {"type": "string"}}, "lamp_id"), update))
    (out,) = try_tools(catalog).skipped
    assert UNNAMED in out.reason
    assert len(try_tools(catalog, include_doubtful=True).tools) == 2


def test_a_read_that_shows_only_ids_is_in_doubt() -> None:
    text = {"type": "string"}
    plain = tool("list_gadgets", {}, returns=None)
    named = tool("list_projects", {}, returns=None)
    catalog = try_tools(Catalog(tools=(plain, named, tool("get_lamp", {"lamp_id": text}))))
    assert [one.tool for one in catalog.skipped] == ["list_gadgets"]
    assert NO_ANSWER in catalog.skipped[0].reason


def test_rows_that_bear_the_name_of_their_kind_alone_need_known_names() -> None:
    text = {"type": "string"}
    chains = tool("list_chains", {}, returns=None)
    fees = tool("get_fee", {"chain": text}, "chain")
    genres = tool("list_genres", {}, returns=None)
    films = tool("search_films", {"genre": text}, "genre")
    lamps = tool("get_lamp", {"lamp_id": text}, "lamp_id")
    catalog = try_tools(Catalog(tools=(chains, fees, genres, films, lamps)))
    assert "list_genres" in [one.name for one in catalog.tools]
    (out,) = (one for one in catalog.skipped if one.tool == "list_chains")
    assert NO_ANSWER in out.reason


def test_choices_of_another_result_are_none_of_this_one() -> None:
    text = {"type": "string"}
    lamp = {"lamp_id": text, "name": text, "status": {**text, "enum": ["lit", "dark"]}}
    bare = {**lamp, "status": text}
    shown = [{"type": "object", "properties": one} for one in (lamp, bare)]
    got = tool("get_lamp", {"lamp_id": text}, "lamp_id", returns=shown[0])
    latest = tool("get_latest_lamp", {}, returns=shown[1])
    catalog = try_tools(Catalog(tools=(got, latest)))
    kept = {one.name: one.returns["properties"] for one in catalog.tools if one.returns}
    assert "status" in kept["get_lamp"]
    assert "status" not in kept["get_latest_lamp"]


def test_a_passage_that_is_shown_of_one_row_is_not_said_of_all() -> None:
    text, passage = {"type": "string"}, "The road went up and up among the hills, and " * 4
    told = {"type": "object", "properties": {
        "lamp_id": text, "name": text, "description": {**text, "examples": [passage]},
        "story": {**text, "examples": ["It is small."]}}}  # fmt: skip
    (kept,) = try_tools(
        Catalog(tools=(tool("get_lamp", {"lamp_id": text}, "lamp_id", returns=told),))
    ).tools
    assert kept.returns is not None
    assert "description" not in kept.returns["properties"]
    assert "story" in kept.returns["properties"]


def test_a_read_that_is_to_tell_details_and_tells_only_a_name_is_in_doubt() -> None:
    text = {"type": "string"}
    lamp = tool("get_lamp", {"lamp_id": text}, "lamp_id")
    get = tool("get_paper", {"paper_id": text}, "paper_id", returns=None)
    for said, out in (("Get the details of a paper.", True), ("Get a paper.", False)):
        tools = (get.model_copy(update={"description": said}), lamp)
        kept = try_tools(Catalog(tools=tools))
        assert [one.tool for one in kept.skipped] == ["get_paper"] * out


def test_a_number_of_which_nothing_tells_what_it_measures_is_left_out_of_results() -> None:
    shown = {**LAMP, "properties": {**LAMP["properties"], "frob": {"type": "integer"}}}
    get = tool("get_lamp", {"lamp_id": {"type": "string"}}, "lamp_id", returns=shown)
    (kept,) = try_tools(Catalog(tools=(get,))).tools
    assert kept.returns is not None
    assert {*kept.returns["properties"]} == {"lamp_id", "name"}


def test_a_result_that_nobody_has_described_shows_what_is_sure_to_agree() -> None:
    row: JsonObject = {
        "type": "object",
        "required": ["id", "is_odd"],
        "properties": {
            "id": {"type": "string"},
            "name": {"type": "string", "description": "Name of the project"},
            "is_odd": {"type": "boolean"},
            "self_url": {"type": "string", "format": "uri"},
            "view_count": {"type": "integer"},
            "created_at": {"type": "string", "format": "date-time"},
            "stage": {"type": "string", "enum": ["early", "late"]},
            "badges": {"type": "array", "items": {"properties": {"name": {"type": "string"}}}},
            "owner": {"type": "object", "properties": {"id": {"type": "string"},
                      "name": {"type": "string"}}},
        },
    }  # fmt: skip
    listed = {"type": "object", "properties": {"total": {"type": "integer"},
              "results": {"type": "array", "items": row}}}  # fmt: skip
    tools = (
        tool("get_project", {"id": {"type": "string"}}, "id", returns=row),
        tool("list_projects", {"stage": row["properties"]["stage"]}, returns=listed),
    )
    get, all_of = try_tools(Catalog(tools=tools)).tools
    kept = {"id", "name", "created_at", "stage", "owner"}
    assert {*(get.returns or {})["properties"]} == kept
    assert {*(get.returns or {})["properties"]["owner"]["properties"]} == {"name"}
    shown = (all_of.returns or {})["properties"]
    assert {*shown} == {"total", "results"}
    assert {*shown["results"]["items"]["properties"]} == kept


def test_the_elements_of_a_list_are_told_by_its_description() -> None:
    told = {"description": "List of recipient email addresses", "items": {"type": "string"}}
    people = {"type": "array", **told}
    send = infer_world([tool("send_mail", {"to": people}, "to")]).models["send_mail"]
    assert send.parameter("to[]").semantic == "email"


CALLED: dict[str, JsonObject] = {
    "names of keys": {"type": "object", "propertyNames": {"enum": ["hall", "attic"]},
                      "additionalProperties": {"type": "boolean"}, "minProperties": 1},
    "two of a kind": {"type": "array", "items": {"type": "integer"},
                      "contains": {"minimum": 90}, "minContains": 2},
    "objects that differ": {"type": "array", "uniqueItems": True, "minItems": 2, "items": {
        "type": "object", "required": ["day"], "properties": {"day": {"enum": ["mon", "tue"]}}}},
    "one asks for another": {"type": "object", "required": ["city"], "properties": {
        "city": {"type": "string"}, "zip": {"type": "string"}},
        "dependentRequired": {"city": ["zip"]}},
    "one asks for a schema": {"type": "object", "required": ["kind"], "properties": {
        "kind": {"enum": ["a"]}, "size": {"type": "integer"}},
        "dependentSchemas": {"kind": {"required": ["size"]}}},
    "if and then": {"type": "object", "required": ["mode"], "properties": {
        "mode": {"enum": ["timed"]}, "minutes": {"type": "integer", "minimum": 1}},
        "if": {"properties": {"mode": {"const": "timed"}}}, "then": {"required": ["minutes"]}},
    "nothing unevaluated": {"type": "object", "required": ["email"], "properties": {
        "email": {"type": "string", "format": "email"}}, "unevaluatedProperties": False},
    "between zero and one": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "steps of decimals": {"type": "number", "minimum": 0.05, "maximum": 0.95, "multipleOf": 0.05},
    "below zero": {"type": "integer", "maximum": -1},
    "the one multiple": {"type": "integer", "minimum": 7, "maximum": 13, "multipleOf": 6},
    "a host": {"type": "string", "format": "hostname"},
    "a duration": {"type": "string", "format": "duration"},
    "groups of digits": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{2}(?: ?[0-9]{4}){3,5}$"},
    "the same again": {"type": "string", "pattern": "^([ab])\\1$"},
    "but not that": {"enum": ["on", "off", "auto"], "not": {"enum": ["auto"]}},
    "either of two": {"type": "object", "properties": {
        "email": {"type": "string", "format": "email"}, "phone": {"type": "string"}},
        "anyOf": [{"required": ["email"]}, {"required": ["phone"]}]},
    "a tuple in a tuple": {"type": "array", "minItems": 2, "items": False, "prefixItems": [
        {"enum": ["km", "mi"]}, {"type": "array", "minItems": 2, "items": False,
                                 "prefixItems": [{"type": "number"}, {"type": "number"}]}]},
    "keys by pattern": {"type": "object", "minProperties": 1, "additionalProperties": False,
                        "patternProperties": {"^x-[a-z]+$": {"type": "integer"}}},
    "an object as it is": {"const": {"a": [1, None]}},
    "one of several objects": {"enum": [{"warm": 1}, {"warm": 2}]},
    "one of several lists": {"enum": [[1], [2, 3]]},
    "an object of the kind": {"type": "array", "items": {"type": "object", "properties": {
        "role": {"enum": ["lead", "help"]}, "watts": {"type": "integer"}},
        "required": ["role", "watts"]},
        "contains": {"properties": {"role": {"const": "lead"}}, "required": ["role"]}},
    "days for keys": {"type": "object", "propertyNames": {"format": "date"}, "minProperties": 1,
                      "additionalProperties": {"type": "integer"}},
    "without the other": {"type": "object", "required": ["warm"], "properties": {
        "warm": {"type": "integer"}, "cold": {"type": "integer"}}, "not": {"required": ["cold"]}},
    "a kind that needs what stands around": {"type": "object", "required": ["kind"], "properties": {
        "kind": {"enum": ["sail", "motor"]}, "masts": {"type": "integer"}}, "oneOf": [
        {"type": "object", "properties": {"kind": {"const": kind}}, "required": ["kind", *more]}
        for kind, more in (("sail", ["masts"]), ("motor", []))]},
    "an address of any script": {"type": "string", "format": "iri"},
}  # fmt: skip
LISTED: dict[str, JsonObject] = {
    "no multiple": {"type": "integer", "minimum": 8, "maximum": 11, "multipleOf": 6},
    "too short for its length": {"type": "string", "pattern": "^[a-z]{3}$", "minLength": 5},
    "nothing may be listed": {"type": "array", "items": {"type": "string"}, "maxItems": 0},
    "keys of no name": {"type": "object", "minProperties": 2,
                        "additionalProperties": {"type": "integer"}},
    "no list but the empty one": {"type": "array", "items": False},
    "a day of no such form": {"type": "string", "format": "date", "pattern": "^2027-"},
    "an address too short": {"type": "string", "format": "email", "maxLength": 9},
    "a text before numbers": {"type": "array", "prefixItems": [{"type": "string"}],
                              "items": {"type": "integer"}, "minItems": 3},
    "needed, and of no kind": {"type": "object", "properties": {"warm": {"type": "integer"}},
                               "required": ["warm", "zone"]},
    "parts that stay apart": {"unevaluatedProperties": False, "allOf": [
        {"type": "object", "properties": {"warm": {"type": "integer"}}, "required": ["warm"]},
        {"type": "object", "properties": {"frob": {"type": "string"}}, "required": ["frob"]}]},
}  # fmt: skip


@pytest.mark.parametrize("name", [*CALLED, *LISTED])
def test_each_schema_is_called_with_a_legal_value_or_listed(name: str) -> None:
    schema = CALLED.get(name) or LISTED[name]
    lid = {"lid_id": {"type": "string"}}
    fit = tool("fit_lid", {**lid, "setting": schema}, "lid_id", "setting")
    tried = try_tools(Catalog(tools=(tool("get_lid", lid, "lid_id"), fit)))
    if name in LISTED:
        assert [one.place[: len("parameters.setting")] for one in tried.skipped] == [
            "parameters.setting"
        ]
        return
    assert not tried.skipped
    world = infer_world(tried.tools)
    made = [propose_arguments(Sandbox(world, at, CLOCK), "fit_lid", Random(at)) for at in range(4)]
    given = [one["setting"] for one in made if one is not None]
    assert given
    assert all(keeps_format(one, schema) for one in given)


def test_the_kinds_that_a_tool_says_it_is_for_are_the_choices_of_a_type() -> None:
    scale = tool("scale", {"resource_type": {"type": "string"}}, "resource_type")
    scale = scale.model_copy(update={"description": "Scale a shelf, rack, or a cupboard."})
    model = infer_world([scale]).models["scale"]
    assert model.parameter("resource_type").schema["enum"] == ["shelf", "rack", "cupboard"]


@pytest.mark.parametrize("owned", [True, False])
def test_a_list_of_rows_that_the_changed_row_has_one_of_is_not_understood(owned: bool) -> None:
    text, status = {"type": "string"}, {"type": "string", "enum": ["on", "off"]}
    part = {"type": "object", "properties": {"contactId": text, "status": status},
            "required": ["contactId", "status"]}  # fmt: skip
    given = {"planId": text, "updates": {"type": "array", "items": part}}
    made = {"name": text, **({"contactId": text} if owned else {})}
    tools = (
        tool("update_plan_status", given, "planId", "updates", returns=None),
        tool("create_plan", made, *made, returns=None),
        tool("get_plan", {"planId": text}, "planId", returns=None),
        tool("get_contact", {"contactId": text}, "contactId", returns=None),
    )
    skipped = [one.reason for one in try_tools(Catalog(tools=tools)).skipped
               if one.tool == "update_plan_status"]  # fmt: skip
    assert (MIXED_LIST in skipped) is owned


def test_a_city_names_no_row_by_an_id() -> None:
    one = tool("get_live_queue", {"city_name": {"type": "string"}}, "city_name", returns=None)
    (model,) = infer_world((one,)).models.values()
    (parameter,) = model.parameters
    assert (parameter.use, parameter.field) == ("identity", "city_name")


ODD: tuple[JsonObject, ...] = (
    {"enum": [{"warm": 1}, {"warm": 2}]},
    {"enum": [[1], [2, 3]]},
    {"type": "integer", "minimum": 9, "maximum": 3},
)
PLACES: dict[str, Any] = {
    "nested": lambda odd: {"type": "object", "properties": {"part": odd}, "required": ["part"]},
    "listed": lambda odd: {"type": "array", "items": odd, "minItems": 1},
    "mapped": lambda odd: {"type": "object", "additionalProperties": odd, "minProperties": 1,
                           "propertyNames": {"pattern": "^[a-z]{3}$"}},
}  # fmt: skip


@pytest.mark.parametrize("place", [*PLACES, "shown"])
@pytest.mark.parametrize("odd", ODD)
def test_an_odd_schema_is_called_or_listed_wherever_it_stands(place: str, odd: JsonObject) -> None:
    lid = {"lid_id": {"type": "string"}}
    shown = {"type": "object", "properties": {**lid, "setting": odd}, "required": ["setting"]}
    given = {**lid, "setting": PLACES[place](odd)} if place in PLACES else lid
    returns = LAMP if place in PLACES else shown
    fit = tool("fit_lid", given, *given, returns=returns)
    tried = try_tools(Catalog(tools=(tool("get_lid", lid, "lid_id"), fit)))
    assert len([one for one in (*tried.tools, *tried.skipped) if "fit_lid" in str(one)]) == 1
    if "fit_lid" in tried.by_name:
        sandbox = Sandbox(infer_world(tried.tools), 3, CLOCK)
        made = propose_arguments(sandbox, "fit_lid", Random(1))
        assert made is not None
        assert fits(made, tried.by_name["fit_lid"].parameters)


def test_a_change_of_which_nothing_can_be_said_is_listed() -> None:
    tried = try_one({"type": "integer"}, required=False)
    assert [(one.tool, one.reason) for one in tried.skipped] == [("update_lamp", NO_CHANGE)]
    assert not try_one({"type": "integer", "maximum": 9}, required=False).skipped


def test_a_search_shows_files_by_name_and_neither_how_they_fit_nor_unnamed_keys() -> None:
    found = {"lamp_id": {"type": "string"}, "filename": {"type": "string"},
             "score": {"type": "number", "minimum": 0, "maximum": 1},
             "attributes": {"type": "object", "propertyNames": {"type": "string", "maxLength": 64},
                            "additionalProperties": {"type": "string"}},
             **{f"extra_{number}": {"type": "boolean"} for number in range(20)}}  # fmt: skip
    rows = {"type": "array", "items": {"type": "object", "properties": found,
                                       "required": [*found]}}  # fmt: skip
    returns = {"type": "object", "properties": {"lamps": rows}, "required": ["lamps"]}
    search = tool("search_lamps", {"query": {"type": "string"}}, "query", returns=returns)
    (kept,) = try_tools(Catalog(tools=(search,))).tools
    assert kept.returns is not None
    shown = kept.returns["properties"]["lamps"]["items"]["properties"]
    assert {*shown} == {"lamp_id", "filename"}


def search_by(**described: str) -> Catalog:
    """A catalogue of a getter, and of a search with optional texts."""
    rows = {"type": "array", "items": LAMP}
    returns = {"type": "object", "properties": {"lamps": rows}, "required": ["lamps"]}
    given = {name: {"type": "string", "description": said} for name, said in described.items()}
    get = tool("get_lamp", {"lamp_id": {"type": "string"}}, "lamp_id")
    return try_tools(Catalog(tools=(get, tool("search_lamps", given, returns=returns))))


def test_a_search_that_nobody_can_tell_what_to_search_for_is_out() -> None:
    pattern = "Regular expression to search for."
    plain = "Plain text to search for. Provide either text or regex, not both."
    composed = "Query pattern (e.g. 'lit(//hall/lamp:all)')"
    (kept,) = (one for one in search_by(text=plain, regex=pattern).tools
               if one.name == "search_lamps")  # fmt: skip
    assert {*kept.properties} == {"text"}
    for said, reason in ((pattern, "a regular expression"), (composed, "a query language")):
        (out,) = search_by(query=said).skipped
        assert (out.tool, out.reason) == ("search_lamps", f"{reason} is not made up")


def test_a_list_has_the_order_that_its_parameter_tells_by_default_and_when_asked() -> None:
    lamp = {"lamp_id": {"type": "string"}, "name": {"type": "string"},
            "created_at": {"type": "string", "format": "date-time"}}  # fmt: skip
    rows = {"type": "array", "items": {"type": "object", "properties": lamp,
                                       "required": [*lamp]}}  # fmt: skip
    returns = {"type": "object", "properties": {"lamps": rows}, "required": ["lamps"]}
    said = "Sort order by the `created_at` timestamp of the objects. `asc` for ascending order."
    way = {"type": "string", "enum": ["asc", "desc"], "default": "desc", "description": said}
    sandbox = Sandbox(infer_world([tool("list_lamps", {"order": way}, returns=returns)]), 1, CLOCK)
    for arguments, down in (({}, True), ({"order": "asc"}, False)):
        lamps = sandbox.call("list_lamps", arguments).content["lamps"]
        times = [one["created_at"] for one in lamps]
        assert len(times) > 2
        assert times == sorted(times, reverse=down)


def test_a_bare_address_of_the_thing_itself_is_left_out_of_results_unless_callers_give_it() -> None:
    text: JsonObject = {"type": "string"}
    shown = {"lamp_id": text, "name": text, "url": {"type": "string", "format": "uri"}}
    one: JsonObject = {"type": "object", "properties": shown, "required": ["lamp_id"]}
    get = tool("get_lamp", {"lamp_id": text}, "lamp_id", returns=one)
    make = tool("add_lamp", {"name": text, "url": text}, "name", returns=one)
    (alone,) = try_tools(Catalog(tools=(get,))).tools
    assert {*(alone.returns or {})["properties"]} == {"lamp_id", "name"}
    both = try_tools(Catalog(tools=(get, make))).tools
    assert all("url" in (one.returns or {})["properties"] for one in both)


def test_a_value_keeps_a_format_as_often_as_it_is_asked_and_any_pattern() -> None:
    day = {"type": "string", "format": "date"}
    twice = {"type": "string", "pattern": "(?P<mark>x)(?P=mark)"}  # in Python's own dialect
    for _ in range(2):
        assert [keeps_format(one, day) for one in ("2026-03-12", "soon", 7)] == [True, False, False]
        assert [keeps_format(one, twice) for one in ("xx", "x", "\ud800")] == [True, False, False]
    assert fits("soon", day)
    assert keeps_format("\ud800", day)


def test_tools_are_known_by_what_they_are_about_in_their_order() -> None:
    world = shop()
    for key, models in world.by_entity.items():
        assert list(models) == [one for one in world.models.values() if one.entity == key]
    assert {one.entity for one in world.models.values()} == world.by_entity.keys()
