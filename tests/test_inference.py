"""What tools do, and to what: inferred from their specifications."""

import json
import re
import sys
from collections.abc import Container
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from benchmarks.catalogues import read_standing
from benchmarks.synthetic import synthesise_alike
from generators.importers import read_catalog
from generators.lexicon.names import split_words
from generators.lexicon.tables import load_words
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.sandbox.schema_validity import MISSING
from generators.sandbox.search import usual_filter
from generators.world import entity_drafts
from generators.world.infer import describe_world, infer_world
from generators.world.model import ToolModel, World
from generators.world.schema_leaves import leaves_of
from generators.world.semantics import told_choices, with_told_choices
from schemas.leaves import plain_name
from schemas.semantic import SEMANTIC_TYPES
from schemas.tool import ToolSource, ToolSpec

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "real"
LABELS = json.loads((ROOT / "tests" / "fixtures" / "operations.json").read_text(encoding="utf-8"))
TEXT: dict[str, Any] = {"type": "string"}
Json = dict[str, Any]

needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the folder ../shared/real is absent")


def tool(
    name: str,
    needed: Json | None = None,
    optional: Json | None = None,
    *,
    description: str = "",
    returns: Json | None = None,
    domain: str = "shop",
    effect: Any = "unknown",
) -> ToolSpec:
    return ToolSpec(
        name=name,
        wire_name=name,
        description=description,
        parameters={
            "type": "object",
            "properties": {**(needed or {}), **(optional or {})},
            "required": list(needed or {}),
        },
        returns=returns,
        effect=effect,
        domain=domain,
        source=ToolSource(format="openai", path="shop.json"),
    )


def row(**properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def rows(name: str, **properties: Json) -> Json:
    return row(**{name: {"type": "array", "items": row(**properties)}})


def model_of(spec: ToolSpec, *others: ToolSpec) -> ToolModel:
    return infer_world([spec, *others]).models[spec.wire_name]


GET_ORDER = tool("get_order", {"order_id": TEXT})


@pytest.mark.parametrize(
    ("spec", "operation", "entity"),
    [
        (tool("get_order_details", {"order_id": TEXT}), "get", "order"),
        (tool("list_orders"), "list", "order"),
        (tool("get_orders"), "list", "order"),
        (tool("searchOrders", {"query": TEXT}), "list", "order"),
        (tool("cancel_pending_order", {"order_id": TEXT}), "update", "order"),
        (tool("modify_order_address", {"order_id": TEXT, "city": TEXT}), "update", "order"),
        (tool("order_cancel", {"order_id": TEXT}), "update", "order"),
        (tool("order_write", {"method": TEXT}, {"order_id": TEXT}), "create", "order"),
        (tool("delete_order", {"order_id": TEXT}), "delete", "order"),
        (tool("place_order", {"sku": TEXT}), "create", "order"),
        (tool("calculate", {"expression": TEXT}), "compute", None),
        (tool("convert_currency", {"amount": TEXT, "to": TEXT}), "compute", None),
        (tool("get_current_time", {"timezone": TEXT}), "compute", None),
        (tool("estimate_shipping", {"zip": TEXT}), "compute", None),
        (tool("get_weather", {"city": TEXT}), "compute", None),
        (tool("transfer_to_human_agents", {"summary": TEXT}), "create", "transfer"),
    ],
    ids=lambda value: value.name if isinstance(value, ToolSpec) else None,
)
def test_name_and_parameters_tell_what_a_tool_does(
    spec: ToolSpec, operation: str, entity: str | None
) -> None:
    model = model_of(spec, GET_ORDER)
    assert model.operation == operation
    assert model.entity == (f"shop/{entity}" if entity else None)
    assert model.why


def test_a_description_tells_the_verb_that_a_name_lacks() -> None:
    model = model_of(tool("directory_tree", {"path": TEXT}, description="Shows the tree of a path"))
    assert (model.operation, model.verb, model.entity) == ("get", "show", "shop/directory")


def test_a_name_without_words_is_understood_by_its_parameters() -> None:
    others = [tool(name) for name in ("get", "get_get", "get_get_get")]
    assert model_of(tool("_", {"email_id": TEXT}), *others).name == "_"


def test_a_state_alone_is_no_thing_where_an_id_names_one() -> None:
    others = tool("list_channels", effect="read"), tool("delete_channel", {"channel_id": TEXT})
    said = "Disconnect a connected channel from one or more workspaces."
    model = model_of(tool("disconnect_shared", {"channel_id": TEXT}, description=said), *others)
    assert (model.noun, model.entity) == ("channel", "shop/channel")
    assert model.parameter("channel_id").use == "identity"


def test_a_prefix_of_all_names_is_no_noun() -> None:
    path = {"repo_path": TEXT}
    world = infer_world(
        [
            tool("git_create_branch", {**path, "branch_name": TEXT}),
            tool(
                "git_log",
                path,
                {"max_count": TEXT},
                description="Shows the commit logs",
                effect="read",
            ),
            tool("git_commit", {**path, "message": TEXT}),
            tool("git_status", path, description="Shows the working tree status"),
        ]
    )
    found = {model.name: (model.operation, model.noun) for model in world.models.values()}
    assert found == {
        "git_create_branch": ("create", "branch"),
        "git_log": ("list", "commit"),
        "git_commit": ("create", "commit"),
        "git_status": ("get", "repository"),
    }


def test_booking_a_thing_makes_a_booking_and_refers_to_the_thing() -> None:
    world = infer_world(
        [
            tool("book_flight", {"flight_id": TEXT}),
            tool("search_flights", returns=rows("flights", flight_id=TEXT, price=TEXT)),
            tool("cancel_booking", {"booking_id": TEXT}),
        ]
    )
    model = world.models["book_flight"]
    assert model.entity == "shop/booking"
    assert model.parameter("flight_id").use == "reference"
    assert model.parameter("flight_id").entity == "shop/flight"


def test_the_results_first_id_tells_whose_row_it_is() -> None:
    stay = row(stay_id=TEXT, hotel_id=TEXT, status=TEXT)
    world = infer_world(
        [
            tool("book_hotel", {"hotel_id": TEXT}, returns=stay),
            tool("cancel_stay", {"stay_id": TEXT}, returns=stay),
            tool("get_hotel", {"hotel_id": TEXT}, returns=row(hotel_id=TEXT, name=TEXT)),
        ]
    )
    assert world.models["book_hotel"].entity == "shop/stay"
    assert world.entities["shop/stay"].fields["hotel_id"].entity == "shop/hotel"


def test_scope_and_key_name_a_row_together() -> None:
    scope = {"owner": TEXT, "repo": TEXT}
    world = infer_world(
        [
            tool("get_pull_request", {**scope, "pullNumber": {"type": "number"}}),
            tool("merge_pull_request", {**scope, "pullNumber": {"type": "number"}}),
            tool("list_pull_requests", scope, {"state": {"type": "string", "enum": ["open"]}}),
            tool("star_repository", scope),
        ]
    )
    assert world.entities["shop/pull request"].identity == ("owner", "repo", "pull_number")
    assert world.entities["shop/repository"].identity == ("owner", "repo")
    listing = world.models["list_pull_requests"]
    assert listing.parameter("owner").use == "reference"
    assert listing.parameter("owner").entity == "shop/repository"
    assert world.models["get_pull_request"].parameter("pullNumber").field == "pull_number"


def test_lists_are_narrowed_by_equality_bounds_and_words_and_shaped_by_options() -> None:
    found = model_of(
        tool(
            "search_products",
            {"query": TEXT},
            {
                "category": TEXT,
                "max_price": {"type": "number"},
                "min_rating": {"type": "number"},
                "added_after": {"type": "string", "format": "date"},
                "limit": {"type": "integer"},
                "sort_by": TEXT,
                "store_id": TEXT,
                "cursor": TEXT,
            },
            returns=rows(
                "products", product_id=TEXT, category=TEXT, price=TEXT, rating=TEXT, added_on=TEXT
            ),
        ),
        tool("get_store", {"store_id": TEXT}),
    )
    uses = {one.path: (one.use, one.field) for one in found.parameters}
    assert uses == {
        "query": ("query", None),
        "category": ("filter", "category"),
        "max_price": ("maximum", "price"),
        "min_rating": ("minimum", "rating"),
        "added_after": ("minimum", "added_on"),
        "limit": ("option", None),
        "sort_by": ("option", None),
        "store_id": ("reference", "store_id"),
        "cursor": ("option", None),
    }


def test_over_what_time_a_list_looks_back_is_no_field_of_its_rows() -> None:
    choices = {name: {"type": "string", "enum": ["low", "high"]} for name in ("since", "level")}
    found = model_of(tool("list_alerts", {}, choices, returns=rows("alerts", alert_id=TEXT)))
    assert [(one.path, one.use) for one in found.parameters] == [
        ("since", "option"), ("level", "filter"),
    ]  # fmt: skip


@pytest.mark.parametrize(("said", "is_given"), [("Ciudades por página.", False), ("", True)])
def test_what_shapes_a_page_is_known_in_other_languages(said: str, is_given: bool) -> None:
    city = {"city": {"type": "string", "description": said}}
    world = infer_world([tool("list_rooms", {}, city, returns=rows("rooms", room_id=TEXT))])
    sandbox = Sandbox(world, 1, "2026-03-12T09:00:00+00:00")
    made = [propose_arguments(sandbox, "list_rooms", Random(seed), optional=1) for seed in range(9)]
    assert any("city" in (one or {}) for one in made) == is_given


def test_what_people_know_of_a_row_is_not_sought_by_its_id() -> None:
    found = model_of(
        tool("search_customers", {}, {"customer_name": TEXT, "customer_email": TEXT}),
        tool("get_customer", {"customer_id": TEXT},
             returns=row(customer_id=TEXT, customer_name=TEXT, customer_email=TEXT)),
    )  # fmt: skip
    assert [(one.use, one.field) for one in found.parameters] == [
        ("filter", "customer_name"), ("filter", "customer_email"),
    ]  # fmt: skip
    found = model_of(
        tool("search_tasks", {}, {"task_name": TEXT}),
        tool("get_task", {"task_id": TEXT}, returns=row(task_id=TEXT, task_name=TEXT)),
    )
    assert [(one.use, one.field) for one in found.parameters] == [("filter", "task_name")]


def test_fields_that_lists_narrow_by_are_shared_and_ids_are_not() -> None:
    world = infer_world([tool("list_orders", {"status": TEXT, "customer_id": TEXT}), GET_ORDER])
    fields = world.entities["shop/order"].fields
    assert fields["status"].shared
    assert not fields["customer_id"].shared


def test_looking_a_row_up_by_another_field_names_it() -> None:
    world = infer_world(
        [tool("find_user_id_by_email", {"email": TEXT}), tool("get_user", {"user_id": TEXT})]
    )
    model = world.models["find_user_id_by_email"]
    assert (model.operation, model.entity) == ("get", "shop/user")
    assert (model.parameter("email").use, model.parameter("email").field) == ("identity", "email")
    assert list(model.returns["properties"]) == ["user_id"]


def test_an_id_beside_the_key_of_the_changed_row_is_the_same_row() -> None:
    lamp = row(lamp_id=TEXT, title=TEXT)
    spec = tool("rename_lamp", {"lampId": TEXT, "id": TEXT, "title": TEXT}, returns=lamp)
    world = infer_world([spec, tool("list_lamps", {}, returns=rows("lamps", lamp_id=TEXT))])
    assert [one.use for one in world.models["rename_lamp"].parameters][:2] == ["identity"] * 2
    sandbox = Sandbox(world, 3, "2026-01-15T09:00:00+00:00")
    made = propose_arguments(sandbox, "rename_lamp", Random(1))
    assert made is not None
    assert made["id"] == made["lampId"]


def test_of_two_descriptions_of_a_field_the_one_that_shows_values_is_kept() -> None:
    said = [{**TEXT, "description": one} for one in (
        "Status to begin with", "New status (e.g., 'ACTIVE', 'PAUSED')", "The status")]  # fmt: skip
    world = infer_world([
        tool("create_campaign", {"status": said[0]}),
        tool("update_campaign", {"campaign_id": TEXT, "status": said[1]}),
        tool("set_campaign_status", {"campaign_id": TEXT, "status": said[2]}),
    ])  # fmt: skip
    assert world.entities["shop/campaign"].fields["status"].schema == said[1]


def test_a_status_is_one_of_those_that_a_list_begins_with() -> None:
    said = {**TEXT, "description": "Update ad status (ACTIVE, PAUSED, etc.)"}
    world = infer_world([
        tool("list_ads"),
        tool("create_ad", {"name": TEXT}, {"status": {**TEXT, "description": "Initial status"}}),
        tool("update_ad", {"ad_id": TEXT, "status": said}),
    ])  # fmt: skip
    sandbox = Sandbox(world, 5, "2026-03-12T09:00:00+01:00")
    assert {ad["status"] for ad in sandbox.rows("shop/ad")} == {"ACTIVE", "PAUSED"}


@pytest.mark.parametrize("where", ["parameter", "column"])
def test_ids_have_the_form_that_is_told_where_other_tools_name_the_row(where: str) -> None:
    told = {**TEXT, "description": "Account ID (format: act_XXXXXXXXX)"}
    asked, shown = (told, TEXT) if where == "parameter" else (TEXT, told)
    ad = row(ad_id=TEXT, account_id=shown)
    world = infer_world([
        tool("get_ad_accounts", returns=rows("ad_accounts", ad_account_id=TEXT)),
        tool("get_ads", {"account_id": asked}, returns=rows("ads", **ad["properties"])),
    ])  # fmt: skip
    sandbox = Sandbox(world, 5, "2026-03-12T09:00:00+01:00")
    accounts = sandbox.call("get_ad_accounts", {}).content["ad_accounts"]
    ids = [one["ad_account_id"] for one in accounts]
    assert all(re.fullmatch(r"act_\d{9}", one) for one in ids)
    ads = [ad for one in ids for ad in sandbox.call("get_ads", {"account_id": one}).content["ads"]]
    assert ads
    assert {ad["account_id"] for ad in ads} <= {*ids}


@pytest.mark.parametrize("many", [False, True])
def test_a_change_names_its_row_by_id_and_a_name_beside_is_written(many: bool) -> None:
    change = row(id=TEXT, properties={**row(name=TEXT, website=TEXT), "required": []})
    given = {"inputs": {"type": "array", "items": change}} if many else change["properties"]
    said = model_of(
        tool("update_companies", given),
        tool("create_company", row(name=TEXT, website=TEXT)["properties"]),
    )
    at = "inputs[]." if many else ""
    assert said.parameter(f"{at}id").use == "identity"
    assert said.parameter(f"{at}properties.name").use == "field"


@pytest.mark.parametrize(
    ("name", "enum", "expected"),
    [
        ("cancel_order", ["PENDING", "CANCELED"], ("status", "CANCELED")),
        ("complete_order", ["todo", "done"], ("status", "done")),
        ("cancel_order", ["todo", "done"], None),
    ],
)
def test_a_change_of_state_is_spelled_as_the_rows_do(
    name: str, enum: list[str], expected: tuple[str, str] | None
) -> None:
    returns = row(order_id=TEXT, status={"type": "string", "enum": enum})
    assert model_of(tool(name, {"order_id": TEXT}, returns=returns)).transition == expected


def test_a_kind_whose_state_changes_gets_a_status_with_the_states_around() -> None:
    world = infer_world([tool("cancel_pending_order", {"order_id": TEXT}), GET_ORDER])
    assert world.models["cancel_pending_order"].transition == ("status", "cancelled")
    states = world.entities["shop/order"].fields["status"].schema["enum"]
    assert {"pending", "cancelled"} <= set(states)
    assert "status" in world.models["get_order"].returns["properties"]


def test_the_state_of_an_address_is_no_state_of_the_row() -> None:
    spec = tool("modify_order_address", {"order_id": TEXT, "city": TEXT, "state": TEXT})
    world = infer_world([spec, tool("cancel_order", {"order_id": TEXT})])
    assert world.models["cancel_order"].transition == ("status", "cancelled")


def test_inferred_results_hold_identity_and_what_is_written() -> None:
    world = infer_world(
        [
            tool("create_task", {"title": TEXT, "project_id": TEXT}),
            tool("list_tasks", {"project_id": TEXT}),
            tool("delete_task", {"task_id": TEXT}),
            tool("list_projects"),
        ]
    )
    created = world.models["create_task"].returns
    assert {"task_id", "title", "project_id", "created_at"} <= set(created["required"])
    listed = world.models["list_tasks"].returns["properties"]
    assert "task_id" in listed["tasks"]["items"]["properties"]
    assert listed["total_count"] == {"type": "integer"}
    assert list(world.models["delete_task"].returns["properties"]) == ["task_id", "deleted"]


def test_an_id_that_no_tool_lists_is_held_by_the_row_that_speaks_of_it() -> None:
    user = tool("get_user", {"user_id": TEXT}, description="Details of a user and their orders.")
    world = infer_world([user, GET_ORDER])
    held = world.entities["shop/user"].fields["order_ids"]
    assert held.entity == "shop/order"
    assert "order_ids" in world.models["get_user"].returns["properties"]


def test_given_results_are_kept_as_they_are() -> None:
    returns = {"type": "object", "properties": {"content": TEXT}, "required": ["content"]}
    model = model_of(tool("read_file", {"path": TEXT}, returns=returns))
    assert model.returns == returns
    assert not model.returns_inferred


def test_a_method_keeps_only_what_the_tool_was_taken_for() -> None:
    method = {"type": "string", "enum": ["create", "update", "delete"]}
    model = model_of(
        tool("task_write", {"method": method}, {"task_id": TEXT}, description="Create or update.")
    )
    assert model.operation == "create"
    assert model.parameter("method").schema["enum"] == ["create"]


@pytest.mark.parametrize("named", ["index", "weight"])
def test_what_is_counted_by_its_place_is_shown_without_an_id_that_nobody_asks_for(
    named: str,
) -> None:
    made = tool("add_slide", {}, {"url": TEXT, named: {"type": "number"}})
    assert ("slide_id" in model_of(made).returns["properties"]) == (named == "weight")
    turn = tool("open_slide", {"slide_id": TEXT})
    assert "slide_id" in model_of(made, turn).returns["properties"]


def test_choices_told_in_words_become_an_enum_and_examples_do_not() -> None:
    either = {**TEXT, "description": "Should be either 'too late' or 'by mistake'."}
    example = {**TEXT, "description": "Either form, such as 'a' or 'b'."}
    model = model_of(tool("cancel_order", {"order_id": TEXT, "reason": either, "note": example}))
    assert model.parameter("reason").schema["enum"] == ["too late", "by mistake"]
    assert "enum" not in model.parameter("note").schema


def test_choices_are_read_from_bullets_and_lists_and_not_from_the_text_around_them() -> None:
    bullets = (
        "The action. Options are:\n- 'add' - puts it in. Use 'after_id' or 'before_id'.\n"
        "- 'remove' - takes it out.\nSee 'parent'."
    )
    assert told_choices(bullets) == ["add", "remove"]
    assert told_choices("One of: low, medium or high. See 'notes'.") == ["low", "medium", "high"]
    for said in ("Turno. Valores posibles: 'día', 'noche'", "Einer von: \"día\", \"noche\"",
                 "Valeurs possibles : 'día', 'noche'", "Um dos valores: 'día', 'noche'",
                 "Valores permitidos: día, noche"):  # fmt: skip
        assert told_choices(said) == ["día", "noche"]
    assert told_choices("Una de las tiendas, por ejemplo 'Sol'") == []
    method = {**TEXT, "description": bullets}
    model = model_of(tool("create_part", {"method": method, "name": TEXT}))
    assert model.parameter("method").schema["enum"] == ["add"]


def test_codes_in_brackets_are_examples_and_levels_are_choices() -> None:
    said = {
        "airport": "FAA or ICAO airport identifier (KAVL or AVL)",
        "severity": "How bad (LOW, HIGH)",
    }
    needed = {name: {"type": "string", "description": one} for name, one in said.items()}
    read = with_told_choices(tool("list_charts", needed)).properties
    assert read["airport"] == {**needed["airport"], "examples": ["KAVL", "AVL"]}
    assert read["severity"] == {**needed["severity"], "enum": ["LOW", "HIGH"]}


def test_what_only_a_cancellation_writes_is_not_demanded_of_other_rows() -> None:
    status = {"type": "string", "enum": ["pending", "cancelled"]}
    world = infer_world(
        [
            tool("get_order", {"order_id": TEXT}),
            tool("list_orders", {"status": status}),
            tool("cancel_order", {"order_id": TEXT, "reason": TEXT}),
        ]
    )
    assert "reason" not in world.models["get_order"].returns["required"]
    assert "reason" in world.models["get_order"].returns["properties"]


def test_leaves_below_lists_and_wrappers_are_modelled() -> None:
    items = {"type": "array", "items": row(sku=TEXT, quantity={"type": "integer"})}
    wrapped = {"type": "object", "properties": {"status": TEXT}}
    world = infer_world(
        [tool("create_order", {"items": items}), tool("list_orders", {"filters": wrapped})]
    )
    leaf = world.models["create_order"].parameter("items[2].sku")
    assert (leaf.path, leaf.required, leaf.field) == ("items[].sku", True, "items[].sku")
    assert world.models["list_orders"].parameter("filters.status").field == "status"
    assert world.entities["shop/order"].fields["items"].schema["type"] == "array"


# Laws ---------------------------------------------------------------------------------------

VOCABULARY = (
    "get list create update delete cancel book order orders user items issue_id id name by email "
    "status all pending read write pull request Number path find search mark as done"
)
WORDS = st.sampled_from(VOCABULARY.split(" "))
NAMES = st.lists(WORDS, min_size=1, max_size=5).map("_".join)
ANY_NAMES = st.text(min_size=1, max_size=5).map(plain_name)
"""As importers hand names on: a path can hold each (``tests/test_plain_names.py``)."""
LEAVES = st.sampled_from(
    [
        TEXT,
        {"type": "integer"},
        {"type": ["string", "null"]},
        {"enum": ["open", None, 3]},
        {"const": "x"},
        {"anyOf": [{"type": "null"}, {"type": "number"}]},
        {},
        True,
        {"type": "object"},
        {"type": "array"},
        {"type": "array", "items": True},
    ]
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.dictionaries(NAMES, inner, max_size=3).map(
            lambda parts: {"type": "object", "properties": parts, "required": sorted(parts)[:1]}
        ),
        inner.map(lambda part: {"type": "array", "items": part}),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"oneOf": parts}),
    ),
    max_leaves=5,
)
RETURNS = st.one_of(
    st.none(),
    st.dictionaries(NAMES, SCHEMAS, max_size=3).map(
        lambda parts: {"type": "object", "properties": parts}
    ),
)


@st.composite
def tools(draw: st.DrawFn) -> list[ToolSpec]:
    names = draw(st.lists(st.one_of(NAMES, st.text("aB_é9-", min_size=1)), max_size=5, unique=True))
    return [
        tool(
            f"tool_{number}",
            draw(st.dictionaries(NAMES, SCHEMAS, max_size=3)),
            draw(st.dictionaries(ANY_NAMES, SCHEMAS, max_size=2)),
            description=draw(st.sampled_from(["", "List orders of the user", "Shows a commit"])),
            returns=draw(RETURNS),
            domain=draw(st.sampled_from(["shop", "code"])),
            effect=draw(st.sampled_from(["read", "write", "unknown"])),
        ).model_copy(update={"name": name})
        for number, name in enumerate(names)
    ]


def check_world(specs: list[ToolSpec], world: World) -> None:
    """All that graph, sampler and sandbox rely on."""
    for spec in specs:
        model = world.models[spec.wire_name]
        leaves = list(leaves_of(spec.parameters))
        assert [one.path for one in model.parameters] == [leaf.path for leaf in leaves]
        # What the schema asks for, and what a call would mean nothing without.
        pairs = zip(leaves, model.parameters, strict=True)
        assert all(one.required for leaf, one in pairs if leaf.required)
        assert (model.entity is None) == (model.operation == "compute")
        assert model.returns == spec.returns or model.returns_inferred
        Draft202012Validator.check_schema(model.returns)
        if model.entity is not None:
            check_fields(model, world)
        for parameter in model.parameters:
            assert parameter.semantic in SEMANTIC_TYPES
            assert parameter.entity is None or parameter.entity in world.entities
    for key, entity in world.entities.items():
        assert key == entity.key
        assert entity.identity
        assert set(entity.identity) <= set(entity.fields)
        for field in entity.fields.values():
            assert field.entity is None or field.entity in world.entities


def check_fields(model: ToolModel, world: World) -> None:
    entity = world.entities[model.entity or ""]
    for parameter in model.parameters:
        if parameter.field is not None and parameter.use != "option":
            top = parameter.field.partition(".")[0].partition("[")[0]
            assert top in entity.fields, (model.name, parameter)
    if model.transition is not None:
        schema = entity.fields[model.transition[0]].schema
        assert model.transition[1] in schema.get("enum", [model.transition[1]])
    # What is counted by its place is shown without an id.
    counted = load_words("unsayable", "places") & {
        word for one in world.models.values() if one.entity == entity.key
        for parameter in one.parameters for word in split_words(parameter.name)[-1:]
    }  # fmt: skip
    if model.returns_inferred and model.operation == "create" and not counted:
        assert set(entity.identity) <= set(model.returns["required"])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tools(), st.randoms(use_true_random=False))
def test_any_valid_tools_make_a_sound_world_whatever_their_order(
    specs: list[ToolSpec], random: Any
) -> None:
    world = infer_world(specs)
    check_world(specs, world)
    shuffled = list(specs)
    random.shuffle(shuffled)
    again = infer_world(shuffled)
    assert again == world
    assert (list(again.models), list(again.entities)) == (list(world.models), list(world.entities))


def test_the_own_catalogues_make_a_sound_world() -> None:
    catalog = read_standing(ROOT / "data" / "catalogs")
    world = infer_world(catalog.tools)
    check_world(list(catalog.tools), world)
    assert {model.operation for model in world.models.values()} >= {"get", "list", "create"}
    for model in world.models.values():
        for parameter in model.parameters:
            if parameter.use == "identity":
                assert parameter.entity == model.entity


# Real catalogues ----------------------------------------------------------------------------

FILES = (*sorted((REAL / "mcp").glob("*_tools_list.json")), REAL / "tau2_retail" / "retail.json")


@needs_real
def test_nine_of_ten_labelled_tools_are_understood() -> None:
    world = infer_world(read_standing(*FILES).tools)
    models = {model.tool.name: model for model in world.models.values()}
    wrong = []
    for label in LABELS:
        model = models[label["tool"]]
        noun = world.entities[model.entity].noun if model.entity else None
        if (model.operation, noun) != (label["operation"], label["entity"]):
            wrong.append(f"{model.name}: {model.operation} {noun}, labelled {label}")
    sys.stdout.write("\n".join(wrong))
    assert len(LABELS) >= 60
    assert 1 - len(wrong) / len(LABELS) >= 0.9, wrong


@needs_real
def test_the_real_catalogues_make_a_sound_world() -> None:
    specs = list(read_standing(*FILES).tools)
    check_world(specs, infer_world(specs))


def test_a_row_shows_what_is_its_own_and_not_how_something_is_done_to_it() -> None:
    flag, given = {"type": "boolean"}, {"request_id": TEXT}
    world = infer_world(
        [
            tool("create_repo", {"name": TEXT},
                 {"about": TEXT, "private": flag, "auto_init": flag, "organization": TEXT}),
            tool("get_repo", {"repo": TEXT}),
            tool("create_request", {"title": TEXT}, {"draft": flag}),
            tool("get_request", given),
            tool("merge_request", given, {"commit_title": TEXT}),
            tool("update_request_labels",
                 {**given, "labels": {"type": "array", "items": TEXT}, "payment_id": TEXT}),
        ]
    )  # fmt: skip
    repo = world.models["get_repo"].returns["properties"]
    assert {"about", "private"} <= repo.keys()
    assert repo.keys().isdisjoint({"auto_init", "organization"})
    request = world.models["get_request"].returns["properties"]
    assert {"title", "draft", "labels"} <= request.keys()
    assert request.keys().isdisjoint({"commit_title", "payment_id"})


def test_only_what_people_name_has_a_name_of_its_own_accord() -> None:
    world = infer_world([tool("list_airports"), tool("list_projects")])
    assert "name" not in world.entities["shop/airport"].fields
    assert "name" in world.entities["shop/project"].fields


def test_work_grows_in_proportion_to_the_tools_that_are_alike(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = 0
    plain = entity_drafts.names_row

    def count(name: str, noun: str, known: Container[str] = ()) -> int:
        nonlocal asked
        asked += 1
        return plain(name, noun, known)

    monkeypatch.setattr(entity_drafts, "names_row", count)
    needed = []
    for size in (100, 200):
        asked, path = 0, tmp_path / f"{size}.json"
        path.write_text(json.dumps({"tools": synthesise_alike(size).tools}), encoding="utf-8")
        assert len(infer_world(read_catalog([path]).tools).models) == size
        needed.append(asked)
    assert needed[1] < 2.5 * needed[0]


def test_names_of_fields_tell_what_holds_between_them() -> None:
    whole, flag = {"type": "integer"}, {"type": "boolean"}
    legs = {"type": "array", "items": row(flight_number=TEXT, date={"type": "string"})}
    trip = {"user_id": TEXT, "origin": TEXT, "destination": TEXT, "total_bags": whole,
            "free_bags": whole, "kind": {"type": "string", "enum": ["one_way", "round_trip"]},
            "flights": legs}  # fmt: skip
    world = infer_world(
        [
            tool("book_trip", trip),
            tool("get_trip", {"trip_id": TEXT}),
            tool("create_request", {"title": TEXT}, {"draft": flag}),
            tool("merge_request", {"request_id": TEXT}),
        ]
    )
    trip_holds = [one.holds for one in world.entities["shop/trip"].constraints]
    assert {"free_bags <= total_bags", "origin != destination"} <= {*trip_holds}
    assert "count(flights) == 1" in trip_holds
    assert not world.entities["shop/trip"].binding
    (draft,) = world.entities["shop/request"].constraints
    assert (draft.field, draft.equals) == ("draft", "False")


def test_a_state_that_only_a_verb_suggests_is_not_shown() -> None:
    world = infer_world(
        [tool("cancel_trip", {"trip_id": TEXT}), tool("get_trip", {"trip_id": TEXT})]
    )
    status = world.entities["shop/trip"].fields["status"]
    assert status.only_in == ("cancelled",)
    assert "status" not in world.models["get_trip"].returns["required"]


def test_what_is_done_to_many_rows_and_a_whole_file_are_no_fields_of_a_row() -> None:
    each = {"type": "object", "properties": {"file_id": TEXT, "folder_id": TEXT}}
    data = {"type": "string", "description": "Base64 encoded data"}
    world = infer_world(
        [
            tool("copy_files", {"operations": {"type": "array", "items": each}}),
            tool("create_file", {"name": TEXT, "data": data}),
            tool("get_file", {"file_id": TEXT}),
        ]
    )
    shown = world.models["get_file"].returns["properties"]
    assert "name" in shown
    assert shown.keys().isdisjoint(("operations", "data"))


def test_a_list_is_narrowed_by_the_default_that_its_parameter_tells() -> None:
    told = {"type": "string", "enum": ["open", "shut", "all"], "description": "Defaults to open."}
    (state,) = model_of(tool("list_tickets", {}, {"state": told})).parameters
    assert usual_filter(state) == "open"
    wide = {**told, "default": "all"}
    (state,) = model_of(tool("list_tickets", {}, {"state": wide})).parameters
    assert usual_filter(state) is MISSING


def test_a_proposed_change_pays_with_what_the_owner_of_its_row_has() -> None:
    pay = {"type": "string", "description": "The payment ID stored in the user profile"}
    number = {"type": "integer"}
    world = infer_world(
        [
            tool("book_trip", {"user_id": TEXT, "bags": number}),
            tool("get_user_details", {"user_id": TEXT}),
            tool("get_trip_details", {"trip_id": TEXT}),
            tool("update_trip_bags", {"trip_id": TEXT, "bags": number, "payment_id": pay}),
        ]
    )
    assert "payment_ids" in world.entities["shop/user"].fields
    for seed in range(3):
        sandbox = Sandbox(world, seed, "2026-03-12T09:00:00+00:00")
        arguments = propose_arguments(sandbox, "update_trip_bags", Random(seed))
        assert arguments is not None
        (trip,) = (
            one for one in sandbox.rows("shop/trip") if one["trip_id"] == arguments["trip_id"]
        )
        (user,) = (one for one in sandbox.rows("shop/user") if one["user_id"] == trip["user_id"])
        assert arguments["payment_id"] in user["payment_ids"]


def test_tools_that_were_only_cut_to_pages_are_not_read_again() -> None:
    tools = [tool("list_orders"), tool("get_order", {"order_id": TEXT})]
    cut = [one.model_copy(update={"page_rows": 3}) for one in tools]
    renamed = [tools[0].model_copy(update={"description": "Cancels an order."}), tools[1]]
    read, again, other = (describe_world(each).tools for each in (tools, cut, renamed))
    assert all(again[name] is one for name, one in read.items())
    assert all(other[name] is not one for name, one in read.items())


@pytest.mark.parametrize("status", [["queued", "in_progress", "succeeded", "failed"], None])
def test_what_has_just_been_asked_for_is_not_over(status: list[str] | None) -> None:
    moment = {"type": "string", "format": "date-time"}
    state = {"status": {"type": "string", "enum": status}} if status else {}
    row = {"job_id": TEXT, "title": TEXT, **state, "created_at": moment, "finished_at": moment}
    shown = {"type": "object", "properties": row, "required": ["job_id", "created_at"]}
    looked = tool("get_job", {"job_id": TEXT}, returns=shown)
    world = infer_world([looked, tool("create_job", {"title": TEXT}, returns=shown)])
    box = Sandbox(world, 5, "2026-03-02T09:00:00Z")
    made = box.call("create_job", {"title": "Nightly copy"}).content
    assert isinstance(made, dict)
    assert "finished_at" not in made
    assert "created_at" in made
    rows = box.rows("shop/job")
    over = {"succeeded", "failed"}
    assert all(("finished_at" in one) == (one["status"] in over) for one in rows if status)
    assert any("finished_at" in one for one in rows)


def test_what_waits_has_not_started_and_the_last_word_of_a_bound_decides() -> None:
    states = {"type": "string", "enum": ["queued", "in_progress", "completed"]}
    dated = {"type": ["string", "null"], "format": "date-time"}
    row = {"run_id": TEXT, "status": states, "started_at": dated, "completed_at": dated}
    shown = {"type": "object", "properties": row, "required": [*row]}
    moment = {"type": "string", "format": "date-time"}
    world = infer_world(
        [
            tool("get_run", {"run_id": TEXT}, returns=shown),
            tool("create_run", {"title": TEXT}, returns=shown),
            tool("list_activities", {}, {"start_at_start": moment, "start_at_end": moment}),
        ]
    )
    fields = world.entities["shop/run"].fields
    assert fields["started_at"].only_in == ("in_progress", "completed")
    assert fields["completed_at"].only_in == ("completed",)
    bounds = {one.use: one.field for one in world.models["list_activities"].parameters}
    assert bounds == {"minimum": "start_at", "maximum": "start_at"}


@pytest.mark.parametrize(("beside", "known"), [("commit", True), ("task", False)])
def test_a_tag_is_a_mark_in_a_history_only_where_there_is_one(beside: str, known: bool) -> None:
    tools = (tool("list_tags"), tool("create_tag", {"name": TEXT}), tool(f"list_{beside}s"))
    assert ("sha" in infer_world(tools).entities["shop/tag"].fields) is known


@pytest.mark.parametrize(("beside", "known"), [("relation", True), ("scene", False)])
def test_an_entity_has_a_name_only_beside_what_it_stands_in(beside: str, known: bool) -> None:
    """The switch of a house is called like no firm."""
    tools = (tool("list_entities"), tool(f"list_{beside}s"))
    assert ("name" in infer_world(tools).entities["shop/entity"].fields) is known


def test_a_default_may_be_an_object() -> None:
    said = {"type": "object", "default": {}}
    assert model_of(tool("list_orders", optional={"q": said})).parameters[0].path == "q"


@pytest.mark.parametrize(("usual", "use"), [("me", "option"), ("usr_1", "filter")])
def test_whoever_is_signed_in_narrows_nothing(usual: str, use: str) -> None:
    user = {**TEXT, "default": usual}
    world = infer_world((tool("list_orders", optional={"user_id": user}),))
    assert [one.use for one in world.models["list_orders"].parameters] == [use]
    found = Sandbox(world, 1, "2026-05-15T10:00:00+00:00").call("list_orders", {}).content
    assert bool(found["orders"]) == (use == "option")


def test_an_id_that_results_call_by_a_longer_name_too_is_one() -> None:
    """``id`` in some results and ``parcel_id`` in others; not where a row has both."""
    tools = (
        tool("list_parcels", returns=rows("parcels", id=TEXT, title=TEXT)),
        tool("add_parcel_note", {"parcel_id": TEXT, "note": TEXT},
             returns=row(parcel_id=TEXT, note=TEXT)),
    )  # fmt: skip
    world = infer_world(tools)
    assert world.entities["shop/parcel"].identity == ("id",)
    assert "parcel_id" not in world.entities["shop/parcel"].fields
    both = tool("get_parcel", {"parcel_id": TEXT}, returns=row(id=TEXT, parcel_id=TEXT))
    assert infer_world((*tools, both)).entities["shop/parcel"].identity == ("parcel_id",)


def test_ids_are_written_as_each_of_several_results_asks() -> None:
    wide = {"type": "string", "pattern": "^[CGD][A-Z0-9]{8,}$"}
    narrow = {"type": "string", "pattern": "^C[A-Z0-9]{2,}$"}
    tools = (
        tool("list_parcels", returns=rows("parcels", id=narrow, title=TEXT)),
        tool("get_parcel", {"parcel_id": TEXT}, returns=row(id=wide, title=TEXT)),
    )
    world = infer_world(tools)
    for seed in range(8):
        sandbox = Sandbox(world, seed, "2026-01-15T09:00:00+00:00")
        for held in sandbox.rows("shop/parcel"):
            shown = sandbox.call("get_parcel", {"parcel_id": held["id"]}).content
            assert isinstance(shown, dict)
            assert shown["id"] == held["id"]


def test_which_id_of_a_row_an_id_is_names_no_thing() -> None:
    shown = {"external_id": TEXT, "severity": TEXT}
    tools = (
        tool("get_alerts", description="Search alerts", returns=rows("items", **shown)),
        tool("get_alert", {"external_id": TEXT}, description="Get an alert.", returns=row(**shown)),
    )
    world = infer_world(tools)
    assert {model.entity for model in world.models.values()} == {"shop/alert"}
    assert world.entities["shop/alert"].identity == ("external_id",)


def test_rows_are_called_what_descriptions_call_them_and_not_for_whom_the_tools_are() -> None:
    shown = {"user_id": TEXT, "email": TEXT}
    tools = (
        tool("get_admin_users", description="Get all users (paginated).",
             returns=rows("users", **shown)),
        tool("deactivate_admin_users", {"userId": TEXT}, description="Deactivate a user account.",
             returns=row(**shown)),
    )  # fmt: skip
    world = infer_world(tools)
    assert {(one.entity, one.noun) for one in world.models.values()} == {
        ("shop/admin user", "user")
    }
    assert world.entities["shop/admin user"].noun == "user"
    bare = infer_world((tools[0].model_copy(update={"returns": None}), tools[1]))
    assert "users" in bare.models["get_admin_users"].returns["properties"]
    told = "Get all users. Each admin user has an e-mail address."
    kept = tool("get_admin_users", description=told, returns=rows("users", **shown))
    assert infer_world((kept,)).models["get_admin_users"].noun == "admin user"


def test_a_deed_of_which_no_state_is_known_answers_that_it_went_well() -> None:
    """That a chart is zoomed does not tell that it is closed."""
    tools = (
        tool("open_chart", description="Open the chart."),
        tool("close_chart", description="Close the chart."),
        tool("chart_zoom", {"steps": {"type": "integer"}}, description="Zoom the chart."),
    )
    models = infer_world(tools).models
    assert models["close_chart"].transition
    assert "status" in models["close_chart"].returns["properties"]
    assert [*models["chart_zoom"].returns["properties"]] == ["success"]


def test_the_list_or_folder_beside_the_name_of_a_row_tells_where_it_lies_and_is_no_new_value() -> (
    None
):
    where, named = {"listName": TEXT}, {"listName": TEXT, "choreName": TEXT}
    others = (tool("getChores", where), tool("createChore", {**where, "title": TEXT}))
    world = infer_world((tool("completeChore", named), tool("deleteChore", named), *others))
    for name in ("completeChore", "deleteChore"):
        assert world.models[name].parameter("listName").use == "filter"
    sandbox = Sandbox(world, 1, "2026-03-12T09:00:00+00:00")
    chores = sandbox.store.rows(world.entities["shop/chore"])
    held = {(one["list_name"], one["chore_name"]) for one in chores}
    first = chores[0]
    other = next(one["list_name"] for one in chores if one["list_name"] != first["list_name"])
    for name in ("completeChore", "deleteChore"):
        proposed = [propose_arguments(sandbox, name, Random(seed)) for seed in range(5)]
        assert {(one["listName"], one["choreName"]) for one in proposed if one} <= held
        assert all(proposed)
        elsewhere = {"listName": other, "choreName": first["chore_name"]}
        assert sandbox.call(name, elsewhere).is_error
    done = sandbox.call(
        "completeChore", {"listName": first["list_name"], "choreName": first["chore_name"]}
    )
    assert done.content["list_name"] == first["list_name"]
    for name, needed in (("moveChore", named), ("updateChore", named), ("copyChore", {
        "targetList": TEXT, "choreName": TEXT})):  # fmt: skip
        model = model_of(tool(name, needed), *others)
        assert model.parameter(next(iter(needed))).use != "filter"
    changed = model_of(tool("updateChore", {**named, "title": TEXT}), *others)
    assert changed.parameter("listName").use == "filter"


@pytest.mark.parametrize(
    ("name", "place", "use", "about"),
    [
        ("send_letter", "POST /clubs/{id}/letters", "reference", "club"),
        ("list_letters", "GET /clubs/{id}/letters", "reference", "club"),
        ("delete_letter", "DELETE /letters/{id}", "identity", "letter"),
        ("archive_letter", "POST /letters/{id}/archive", "identity", "letter"),
        ("send_letter", "POST /clubs/{id}/send-letters", "reference", "club"),
    ],
)
def test_an_id_in_a_path_is_of_the_thing_that_stands_before_it(
    name: str, place: str, use: str, about: str
) -> None:
    def placed(name: str, needed: Json, place: str) -> ToolSpec:
        source = ToolSource(format="openapi", path="shop.json", place=place)
        return tool(name, needed).model_copy(update={"source": source})

    told = placed(name, {"id": TEXT}, place)
    club, letter = {"id": TEXT, "name": TEXT}, {"id": TEXT, "text": TEXT}
    others = [tool("get_club", {"id": TEXT}, returns=row(**club)),
              tool("get_letter", {"id": TEXT}, returns=row(**letter))]  # fmt: skip
    found = model_of(told, *others).parameter("id")
    assert (found.use, found.entity) == (use, f"shop/{about}")
    assert found.field == ("club_id" if about == "club" else "id")
    # Of two ids in one path the last is the row's own.
    path = "DELETE /clubs/{id}/letters/{letterId}"
    both = model_of(placed("remove_letter", {"id": TEXT, "letterId": TEXT}, path), *others)
    assert both.parameter("id").entity == "shop/club"
    assert (both.parameter("letterId").use, both.parameter("letterId").field) == ("identity", "id")


def test_the_id_of_another_thing_is_none_of_the_rows() -> None:
    cancel = tool("cancel_visit", {"visit_id": {"type": "integer"}})
    looked_up = tool("get_visit", {"guest_id": {"type": "integer"}})
    guest = model_of(looked_up, cancel).parameter("guest_id")
    assert (guest.use, guest.entity, guest.field) == ("identity", "shop/visit", "guest_id")
    own = model_of(tool("get_visit", {"visit_number": TEXT}), cancel).parameter("visit_number")
    assert own.field == "visit_id"


def test_a_row_is_found_by_what_the_description_says_though_none_of_it_must_be_given() -> None:
    said = "Find a visit by visit code or phone number. Provide at least one."
    either = {"visit_code": TEXT, "phone": TEXT, "language": TEXT}
    find = tool("lookup_visit", optional=either, description=said)
    make = tool("create_visit", {"guest_name": TEXT, "phone": TEXT})
    world = infer_world((find, make, tool("cancel_visit", {"visit_code": TEXT})))
    found = world.models["lookup_visit"]
    assert [one.use for one in found.parameters] == ["identity", "identity", "option"]
    assert found.parameter("phone").field == "phone"
    assert not found.suspect
    sandbox = Sandbox(world, 1, "2026-03-12T09:00:00+00:00")
    for seed in range(5):
        proposed = propose_arguments(sandbox, "lookup_visit", Random(seed))
        assert proposed
        given = [value for name, value in proposed.items() if name != "language"]
        shown = sandbox.call("lookup_visit", proposed).content
        assert given
        assert {*given} <= {*shown.values()}


def test_the_name_of_the_row_to_change_is_no_new_name() -> None:
    told = {"plant": {**TEXT, "description": "The name of the plant to update"}, "room": TEXT}
    make = tool("add_shelf_item", {"plant": TEXT, "room": TEXT})
    model = model_of(tool("update_shelf_item", told), make)
    assert [one.use for one in model.parameters] == ["identity", "field"]
    keyed = {"plant_id": TEXT, **told}
    other = model_of(tool("update_plant", keyed), tool("get_plant", {"plant_id": TEXT}))
    assert other.parameter("plant").use == "field"
