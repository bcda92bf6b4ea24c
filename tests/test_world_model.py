"""World models: read from files beside catalogues, refused in one line, merged and bound."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generators.importers import read_catalog
from generators.sandbox.sandbox import Sandbox
from generators.world.infer import describe_world, infer_world
from generators.world.model import World
from schemas.errors import InputError
from schemas.tool import Catalog, ToolSpec
from schemas.world_model import WorldModel, WorldSource
from tests.test_inference import TEXT, check_world, row, rows, tool, tools

NOUN = re.compile(r"[a-z][a-z0-9]*( [a-z0-9]+)*")
NUMBER = {"type": "number"}
SHOP = [
    tool("get_order", {"order_id": TEXT}),
    tool("list_orders", {"customer_id": TEXT}, {"city": TEXT, "limit": {"type": "integer"}}),
    tool("handle_order", {"order_id": TEXT}, {"note": TEXT}),
    tool("create_order", {"customer_id": TEXT, "weight": NUMBER, "place": TEXT}),
    tool("list_customers", {"city": TEXT}),
    tool("get_customer", {"customer_id": TEXT}),
    tool("convert_money", {"amount": NUMBER}),
]


def said(author: Any = "user", **corrections: Any) -> WorldSource:
    checked = WorldModel.model_validate(corrections)
    return WorldSource(file="shop.sandbox.yaml", author=author, domains=("shop",), world=checked)


def corrected(*sets: WorldSource, specs: Sequence[ToolSpec] = SHOP) -> World:
    return infer_world(specs, sets)


def refused(*sets: WorldSource) -> str:
    with pytest.raises(InputError) as caught:
        corrected(*sets)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# What they do ---------------------------------------------------------------------------------


def test_no_correction_changes_nothing() -> None:
    assert corrected(said()) == infer_world(SHOP)


@pytest.mark.parametrize(
    ("name", "act", "operation"),
    [
        ("handle_order", "delete", "delete"),
        ("handle_order", "update", "update"),
        ("list_orders", "search", "list"),
        ("get_order", "list", "list"),
        ("get_order", "compute", "compute"),
        ("create_order", "update", "update"),
        ("list_customers", "get", "get"),
    ],
)
def test_an_operation_is_as_it_is_said_to_be(name: str, act: Any, operation: str) -> None:
    world = corrected(said(tools={name: {"operation": act}}))
    model = world.models[name]
    assert (model.act, model.operation) == (act, operation)
    assert (model.entity is None) == (act == "compute")
    assert model.why == "said by shop.sandbox.yaml"
    check_world(SHOP, world)


def test_a_transition_sets_its_state_and_the_rows_can_be_in_it() -> None:
    world = corrected(said(tools={"handle_order": {"transition": {"status": "packed"}}}))
    model = world.models["handle_order"]
    assert (model.act, model.transition) == ("transition", ("status", "packed"))
    assert "packed" in world.entities["shop/order"].fields["status"].schema["enum"]
    sandbox = Sandbox(world, 1, "2026-03-12T09:00:00+00:00")
    kept = sandbox.store.rows(world.entities["shop/order"])
    key = next(one["order_id"] for one in kept if one["status"] != "packed")
    assert sandbox.call("handle_order", {"order_id": key}).content["status"] == "packed"
    assert sandbox.call("handle_order", {"order_id": key}).is_error


def test_what_a_verb_or_a_description_sets_can_be_denied() -> None:
    spec = tool(
        "cancel_order", {"order_id": TEXT}, {"note": TEXT}, description="The status becomes 'void'."
    )
    world = infer_world([*SHOP, spec])
    assert world.models["cancel_order"].transition is not None
    world = corrected(said(tools={"cancel_order": {"operation": "update"}}), specs=[*SHOP, spec])
    model = world.models["cancel_order"]
    assert (model.transition, model.act) == (None, "update")


def test_a_tool_is_about_the_entity_that_is_named() -> None:
    told = {"handle_order": {"operation": "create", "entity": "hand over"}}
    world = corrected(said(tools=told))
    assert world.models["handle_order"].entity == "shop/hand over"
    assert "note" in world.entities["shop/hand over"].fields
    check_world(SHOP, world)


def test_parameters_get_uses_fields_entities_and_meanings() -> None:
    world = corrected(
        said(
            tools={
                "list_orders": {
                    "parameters": {
                        "city": {"use": "option"},
                        "limit": {"use": "minimum", "field": "weight"},
                    }
                },
                "create_order": {
                    "parameters": {
                        "place": {"entity": "customer"},
                        "weight": {"semantic": "count"},
                    }
                },
            }
        )
    )
    listing, making = world.models["list_orders"], world.models["create_order"]
    assert (listing.parameter("city").use, listing.parameter("city").field) == ("option", None)
    limit = listing.parameter("limit")
    assert (limit.use, limit.field) == ("minimum", "weight")
    place = making.parameter("place")
    assert (place.use, place.entity) == ("reference", "shop/customer")
    assert making.parameter("weight").semantic == "count"
    check_world(SHOP, world)


def test_an_entity_gets_identity_meanings_relations_choices_and_bounds() -> None:
    fields = {
        "place": {"semantic": "city", "choices": ["Lyon", "Nice"]},
        "weight": {"min": 2, "max": 3.5},
        "customer_id": {"entity": "customer"},
    }
    world = corrected(said(entities={"order": {"identity": ["order_id"], "fields": fields}}))
    order = world.entities["shop/order"]
    assert order.identity == ("order_id",)
    assert order.fields["place"].semantic == "city"
    assert world.models["create_order"].parameter("place").semantic == "city"
    for seed in range(5):
        sandbox = Sandbox(world, seed, "2026-03-12T09:00:00+00:00")
        for one in sandbox.store.rows(order):
            assert one["place"] in ("Lyon", "Nice")
            assert 2 <= one["weight"] <= 3.5
    check_world(SHOP, world)


def test_what_lies_within_a_field_is_told_by_its_path() -> None:
    line = {"type": "object", "properties": {"sku": TEXT, "price": NUMBER}}
    specs = [*SHOP, tool("place_order", {"lines": {"type": "array", "items": line}})]
    inferred = infer_world(specs).entities["shop/order"].parts
    assert inferred["lines[].price"].semantic == "money"
    told = {"lines[].sku": {"semantic": "label", "label": "goods", "examples": ["bread"]}}
    order = corrected(said(entities={"order": {"parts": told}}), specs=specs).entities["shop/order"]
    sku = order.parts["lines[].sku"]
    assert (sku.semantic, sku.label, sku.examples) == ("label", "goods", ("bread",))
    assert order.parts.keys() == inferred.keys() == {"lines[].sku", "lines[].price"}
    with pytest.raises(InputError, match=r"parts\.lines\[\]\.sky: order has no such part; did"):
        corrected(said(entities={"order": {"parts": {"lines[].sky": {}}}}), specs=specs)


def test_whether_rows_share_a_value_can_be_said() -> None:
    assert infer_world(SHOP).entities["shop/customer"].fields["city"].shared
    told = {"city": {"shared": False}, "customer_id": {"shared": True}}
    fields = corrected(said(entities={"customer": {"fields": told}})).entities["shop/customer"]
    assert not fields.fields["city"].shared
    assert fields.fields["customer_id"].shared


def test_another_identity_names_the_rows() -> None:
    specs = [tool("get_member", {"card": TEXT, "member_id": TEXT}), tool("list_members")]
    assert infer_world(specs).entities["shop/member"].identity == ("member_id",)
    told = said(entities={"member": {"identity": ["card"]}})
    world = corrected(told, specs=specs)
    assert world.entities["shop/member"].identity == ("card",)
    assert world.models["get_member"].parameter("card").use == "identity"
    check_world(specs, world)


def test_later_corrections_are_the_stronger() -> None:
    first = said("model", tools={"handle_order": {"operation": "delete"}})
    second = said(tools={"handle_order": {"operation": "get"}})
    assert corrected(first, second).models["handle_order"].act == "get"
    assert corrected(second, first).models["handle_order"].act == "delete"


def test_corrections_hold_for_their_own_domain() -> None:
    other = [spec.model_copy(update={"domain": "code", "wire_name": f"code_{spec.wire_name}"})
             for spec in SHOP]  # fmt: skip
    told = said(entities={"order": {"fields": {"weight": {"min": 5}}}})
    world = corrected(told, specs=[*SHOP, *other])
    assert world.entities["shop/order"].fields["weight"].schema["minimum"] == 5
    assert "minimum" not in world.entities["code/order"].fields["weight"].schema


GIVEN = [
    tool("get_order", {"order_id": TEXT},
         returns=row(order_id=TEXT, status={"type": "string", "enum": ["open", "shut"]})),
    tool("list_orders", returns=rows("orders", order_id=TEXT)),
    tool("shut_order", {"order_id": TEXT}),
]  # fmt: skip


def test_what_the_sources_own_results_refuse_is_refused() -> None:
    told = said(entities={"order": {"fields": {"status": {"choices": ["open", "closed"]}}}})
    with pytest.raises(InputError, match="'closed' is against the field's schema"):
        corrected(told, specs=GIVEN)
    wrong = said(tools={"shut_order": {"transition": {"status": "closed"}}})
    with pytest.raises(InputError, match="'closed' is no value of status; there is open, shut"):
        corrected(wrong, specs=GIVEN)
    right = said(tools={"shut_order": {"transition": {"status": "shut"}}})
    world = corrected(right, specs=GIVEN)
    assert world.models["shut_order"].transition == ("status", "shut")


def test_all_that_is_said_is_bound_to_tools_and_entities() -> None:
    need = {"require": "order.weight > 0", "code": "empty"}
    world = corrected(
        said(
            tools={
                "handle_order": {
                    "verb": "see to",
                    "effect": "write",
                    "needs": [need],
                    "demands": [{"kind": "at_least_one", "parameters": ["note"]}],
                    "changes": {"order.weight": "order.weight - 1"},
                    "parameters": {"note": {"role": "with", "label": "a note"}},
                }
            },
            entities={
                "order": {
                    "owner": "customer",
                    "named_by": ["place"],
                    "plural": "orders",
                    "constraints": [{"holds": "weight > 0"}],
                    "fields": {
                        "weight": {"unit": "kg", "label": "weight", "examples": [2, 3]},
                        "fragile": {"json_schema": {"type": "boolean"}, "semantic": "boolean"},
                    },
                },
                "van": {
                    "identity": ["plate"],
                    "fields": {"plate": {"json_schema": {"type": "string"}}},
                },
            },
            domains={"shop": {"name": "Corner Shop", "currency": "EUR"}},
        )
    )
    model, order = world.models["handle_order"], world.entities["shop/order"]
    assert (model.verb, model.needs[0].code, model.demands[0].kind) == (
        "see to", "empty", "at_least_one",
    )  # fmt: skip
    assert model.changes == {"order.weight": "order.weight - 1"}
    assert (model.parameter("note").role, model.parameter("note").label) == ("with", "a note")
    assert (order.owner, order.named_by) == ("shop/customer", ("place",))
    assert order.fields["weight"].unit == "kg"
    assert order.fields["fragile"].schema == {"type": "boolean"}
    assert world.entities["shop/van"].identity == ("plate",)
    assert world.domains["shop"].name == "Corner Shop"
    check_world(SHOP, world)


def test_each_value_tells_its_origin() -> None:
    told = {"operation": "update", "parameters": {"note": {"label": "a note"}}}
    model = describe_world(SHOP, [said(tools={"handle_order": told})])
    handle = model.tools["handle_order"]
    assert handle.origins["operation"].why == FILE
    assert handle.origins["entity"].source == "rules"
    note = handle.parameters["note"]
    assert (note.origins["label"].source, note.origins["use"].source) == ("file", "rules")
    guessed = describe_world([tool("zorp", {"order_id": TEXT})]).tools["zorp"]
    assert guessed.origins["doubt"].sure == "guess"


# What is refused ------------------------------------------------------------------------------

FILE = "shop.sandbox.yaml"
REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"tools": {"handle_order": {"operation": "transition"}}},
        f"{FILE}, tool 'handle_order', at operation: say which state it sets, such as "
        "'transition: {status: closed}'",
    ),
    (
        {"tools": {"handle_order": {"operation": "get", "transition": {"status": "x"}}}},
        f"{FILE}, tool 'handle_order', at transition: a tool whose operation is get sets no state",
    ),
    (
        {"tools": {"handle_order": {"transition": {"statu": "x"}}}},
        f"{FILE}, tool 'handle_order', at transition: order has no field 'statu'; did you mean "
        "'status'?",
    ),
    (
        {"tools": {"convert_money": {"entity": "order"}}},
        f"{FILE}, tool 'convert_money', at entity: a computation is about no entity",
    ),
    (
        {"tools": {"get_order": {"parameters": {"oder_id": {"use": "option"}}}}},
        f"{FILE}, tool 'get_order', at parameters.oder_id: there is no such parameter; did you "
        "mean 'order_id'?",
    ),
    (
        {"tools": {"get_order": {"parameters": {"order_id": {"entity": "costumer"}}}}},
        f"{FILE}, tool 'get_order', at parameters.order_id.entity: there is no entity 'costumer'; "
        "did you mean 'customer'?",
    ),
    (
        {"tools": {"list_orders": {"parameters": {"city": {"field": "wieght"}}}}},
        f"{FILE}, tool 'list_orders', at parameters.city.field: order has no field 'wieght'; "
        "did you mean 'weight'?",
    ),
    (
        {"tools": {"get_order": {"parameters": {"order_id": {"use": "input"}}}}},
        f"{FILE}, tool 'get_order', at parameters.order_id.use: only a computation has inputs",
    ),
    (
        {"tools": {"convert_money": {"parameters": {"amount": {"use": "filter"}}}}},
        f"{FILE}, tool 'convert_money', at parameters.amount.use: a computation has inputs and "
        "options, no filter",
    ),
    (
        {"tools": {"list_orders": {"parameters": {"city": {"use": "option", "field": "city"}}}}},
        f"{FILE}, tool 'list_orders', at parameters.city.field: has no meaning where the use is "
        "option",
    ),
    (
        {"entities": {"oder": {"identity": ["id"]}}},
        f"{FILE}, at entities.oder: there is no such entity; did you mean 'order'?",
    ),
    (
        {"entities": {"order": {"identity": ["ordre_id"]}}},
        f"{FILE}, at entities.order.identity: order has no field 'ordre_id'; did you mean "
        "'order_id'?",
    ),
    (
        {"entities": {"order": {"fields": {"wait": {"min": 1}}}}},
        f"{FILE}, at entities.order.fields.wait: order has no such field; did you mean 'weight'?",
    ),
    (
        {"entities": {"order": {"fields": {"place": {"min": 1}}}}},
        f"{FILE}, at entities.order.fields.place.min: only numbers have a least and a greatest; "
        "it is string",
    ),
    (
        {"entities": {"order": {"fields": {"weight": {"choices": ["much"]}}}}},
        f"{FILE}, at entities.order.fields.weight.choices: 'much' is against the field's schema",
    ),
    (
        {"entities": {"order": {"fields": {"weight": {"said": {"much": ["a lot"]}}}}}},
        f"{FILE}, at entities.order.fields.weight.said.much: 'much' is none of the field's choices",
    ),
    (
        {"tools": {"handle_order": {"needs": [{"require": "order.weight >"}]}}},
        f"{FILE}, tool 'handle_order', at needs.0.require: not an expression: invalid syntax, "
        "character 1 of 'order.weight >'",
    ),
    (
        {"tools": {"handle_order": {"needs": [{"require": "order.wieght > 1"}]}}},
        f"{FILE}, tool 'handle_order', at needs.0.require: order has no field 'wieght'; did you "
        "mean 'weight'?",
    ),
    (
        {"tools": {"handle_order": {"needs": [{"require": "nots == 'x'"}]}}},
        f"{FILE}, tool 'handle_order', at needs.0.require: nothing here is called 'nots'; did "
        "you mean 'note'?",
    ),
    (
        {"tools": {"handle_order": {"needs": [{"require": "exists(costumer, city='x')"}]}}},
        f"{FILE}, tool 'handle_order', at needs.0.require: there is no entity 'costumer'; did you "
        "mean 'customer'?",
    ),
    (
        {"tools": {"handle_order": {"needs": [{"require": "none(customer, town='x')"}]}}},
        f"{FILE}, tool 'handle_order', at needs.0.require: customer has no field 'town'; there is "
        "city, customer_id, name",
    ),
    (
        {"tools": {"handle_order": {"changes": {"order.weight": "order.weight -"}}}},
        f"{FILE}, tool 'handle_order', at changes.order.weight: not an expression: invalid "
        "syntax, character 1 of 'order.weight -'",
    ),
    (
        {"tools": {"handle_order": {"demands": [{"kind": "at_least_one",
                                                 "parameters": ["notes"]}]}}},
        f"{FILE}, tool 'handle_order', at demands.0: there is no parameter 'notes'; did you mean "
        "'note'?",
    ),
    (
        {"entities": {"order": {"start": "new", "states": ["open", "shut"]}}},
        f"{FILE}, at entities.order.start: 'new' is no state of order; there is open, shut",
    ),
    (
        {"entities": {"order": {"owner": "costumer"}}},
        f"{FILE}, at entities.order.owner: there is no entity 'costumer'; did you mean "
        "'customer'?",
    ),
    (
        {"entities": {"order": {"constraints": [{"holds": "wait > 1"}]}}},
        f"{FILE}, at entities.order.constraints.0.holds: nothing here is called 'wait'; did you "
        "mean 'weight'?",
    ),
    (
        {"domains": {"shop": {"rules": [{"id": "a", "text": "A.", "require": "order.wait > 1",
                                          "tools": ["handle_order"]}]}}},
        f"{FILE}, at domains.shop.rules.0.require: order has no field 'wait'; did you mean "
        "'weight'?",
    ),
    (
        {"domains": {"shop": {"rules": [{"id": "a", "text": "A.", "tools": ["handel_order"]}]}}},
        f"{FILE}, at domains.shop.rules.0: there is no tool 'handel_order'; did you mean "
        "'handle_order'?",
    ),
    (
        {"entities": {"order": {"fields": {"place": {"entity": "costumer"}}}}},
        f"{FILE}, at entities.order.fields.place.entity: there is no entity 'costumer'; did you "
        "mean 'customer'?",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("corrections", "line"), REFUSED, ids=lambda value: str(value)[-60:])
def test_what_cannot_be_is_refused_in_one_line(corrections: Any, line: str) -> None:
    assert refused(said(**corrections)) == line


# Files ----------------------------------------------------------------------------------------


def catalogue(folder: Path, name: str = "shop.json", *names: str) -> Path:
    listed = [
        {"name": one, "parameters": {"type": "object", "properties": {"order_id": TEXT},
                                     "required": ["order_id"]}}
        for one in names or ("get_order", "handle_order")
    ]  # fmt: skip
    path = folder / name
    path.write_text(json.dumps(listed), encoding="utf-8")
    return path


def beside(folder: Path, text: str, name: str = "shop.sandbox.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


DELETES = "tools:\n  handle_order: {operation: delete}\n"


def operation(catalog: Catalog, name: str = "handle_order") -> str:
    return infer_world(catalog.tools, catalog.worlds).models[name].operation


def test_the_file_beside_a_catalogue_is_read_with_it_and_kept(tmp_path: Path) -> None:
    path = catalogue(tmp_path)
    assert read_catalog([path]).worlds == ()
    beside(tmp_path, DELETES)
    catalog = read_catalog([path])
    assert operation(catalog) == "delete"
    (kept,) = catalog.worlds
    assert (kept.file, kept.domains) == ("shop.sandbox.yaml", ("shop",))
    again = Catalog.model_validate_json(catalog.model_dump_json())
    assert again == catalog
    assert operation(again) == "delete"


def test_a_folders_file_holds_for_all_of_it_and_none_is_read_as_a_catalogue(tmp_path: Path) -> None:
    catalogue(tmp_path, "a.json", "get_order")
    catalogue(tmp_path, "b.json", "handle_order", "get_order")
    beside(tmp_path, DELETES, "sandbox.yaml")
    beside(tmp_path, "tools:\n  get_order: {operation: list}\n", "b.sandbox.yaml")
    catalog = read_catalog([tmp_path])
    assert [tool.wire_name for tool in catalog.tools] == [
        "a_get_order", "handle_order", "b_get_order",
    ]  # fmt: skip
    assert operation(catalog) == "delete"
    assert operation(catalog, "b_get_order") == "list"
    assert operation(catalog, "a_get_order") == "get"


def test_files_that_are_named_are_the_stronger(tmp_path: Path) -> None:
    path = catalogue(tmp_path)
    beside(tmp_path, DELETES)
    named = beside(tmp_path, "tools:\n  handle_order: {operation: get}\n", "mine.yaml")
    assert operation(read_catalog([path], worlds=[named])) == "get"


def test_a_tool_can_be_left_out(tmp_path: Path) -> None:
    path = catalogue(tmp_path)
    beside(tmp_path, "tools:\n  handle_order: {exclude: true}\n")
    catalog = read_catalog([path])
    assert [tool.name for tool in catalog.tools] == ["get_order"]
    assert [str(one) for one in catalog.skipped] == [
        "shop.json, tool 'handle_order': excluded by shop.sandbox.yaml"
    ]
    assert infer_world(catalog.tools, catalog.worlds).models.keys() == {"get_order"}


def test_the_new_name_of_a_file_is_the_stronger(tmp_path: Path) -> None:
    path = catalogue(tmp_path)
    beside(tmp_path, DELETES)
    beside(tmp_path, "tools:\n  handle_order: {operation: get}\n", "shop.world.yaml")
    catalog = read_catalog([path])
    assert [one.file for one in catalog.worlds] == ["shop.sandbox.yaml", "shop.world.yaml"]
    assert operation(catalog) == "get"


def test_a_file_says_of_its_domain_all_that_is_kept(tmp_path: Path) -> None:
    path = catalogue(tmp_path)
    text = "domain: {name: Shop, open: {from: '08:00', to: '18:00'}, currency: EUR}\n"
    beside(tmp_path, text, "shop.world.yaml")
    catalog = read_catalog([path])
    assert Catalog.model_validate_json(catalog.model_dump_json()) == catalog
    told = catalog.worlds[0].world.domains["shop"]
    assert told.open is not None
    assert (told.name, told.open.start, told.open.end) == ("Shop", "08:00", "18:00")


def test_a_file_of_comments_says_nothing(tmp_path: Path) -> None:
    path = catalogue(tmp_path)
    beside(tmp_path, "# nothing yet\n")
    assert operation(read_catalog([path])) == operation(read_catalog([catalogue(tmp_path)]))


FILES = [
    ("tolls: {}", ", at tolls: unknown key; did you mean 'tools'?"),
    ("tools:\n  get_ordr: {}\n",
     ", tool 'get_ordr': there is no such tool; did you mean 'get_order'?"),
    ("tools:\n  get_order: {oparation: get}\n",
     ", tool 'get_order', at oparation: unknown key; did you mean 'operation'?"),
    ("tools:\n  get_order: {operation: gett}\n",
     ", tool 'get_order', at operation: input should be 'get', 'list', 'search', 'create', "
     "'update', 'delete', 'transition' or 'compute', not 'gett'"),
    ("tools:\n  get_order:\n    parameters:\n      order_id: {semantic: colour}\n",
     ", tool 'get_order', at parameters.order_id.semantic: 'colour' is no semantic type; did you "
     "mean 'color'?"),
    ("tools:\n  get_order:\n    parameters:\n      order_id: {used: query}\n",
     ", tool 'get_order', at parameters.order_id.used: unknown key; did you mean 'use'?"),
    ("entities:\n  order: {fields: {status: {chioces: [a]}}}\n",
     ", at entities.order.fields.status.chioces: unknown key; did you mean 'choices'?"),
    ("entities:\n  order: {fields: {price: {min: 2, max: 1}}}\n",
     ", at entities.order.fields.price: min must not be above max, not {'min': 2, 'max': 1}"),
    ("tools:\n  get_order: {needs: [{requires: x}]}\n",
     ", tool 'get_order', at needs.0.requires: unknown key; did you mean 'require'?"),
    ("domain: {nam: Shop}\n", ", at domain.nam: unknown key; did you mean 'name'?"),
    ("domain: {name: Shop}\ndomains: {shop: {name: Shop}}\n",
     ", at domain: say either 'domain' or 'domains'"),
    ("domains: {shap: {name: Shop}}\n",
     ", at domains.shap: there is no such domain; did you mean 'shop'?"),
    ("tools: [get_order]\n", ", at tools: must hold keys and values, not ['get_order']"),
    ("- a\n", ": must hold keys and values, not ['a']"),
    ("tools: {\n", ", at line 2, column 1: not YAML: expected the node content, but found "
     "'<stream end>'"),
    ("tools:\n  get_order: {exclude: true}\n  handle_order: {exclude: true}\n",
     ": excludes every tool"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), FILES, ids=lambda value: value[:40])
def test_a_fault_of_a_file_is_one_line(tmp_path: Path, text: str, problem: str) -> None:
    path = catalogue(tmp_path)
    file = beside(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_catalog([path])
    assert str(caught.value) in (f"{file}{problem}", f"{file.name}{problem}")


# Laws -----------------------------------------------------------------------------------------


@st.composite
def sets(draw: st.DrawFn, specs: list[ToolSpec], world: World) -> WorldSource:
    """Corrections that name only what there is."""
    acts = st.sampled_from(
        [None, "get", "list", "search", "create", "update", "delete", "transition", "compute"]
    )
    told: dict[str, Any] = {}
    for spec in specs:
        act = draw(acts)
        nouns = sorted({one.noun for one in world.entities.values() if one.domain == spec.domain})
        known = [noun for noun in nouns if NOUN.fullmatch(noun)]
        about = draw(st.sampled_from([None, "thing", *known]))
        about = None if act in (None, "compute") else about
        told[spec.wire_name] = {"operation": act, "entity": about}
        if act == "transition":
            told[spec.wire_name] |= {"transition": {"status": "done"}}
    domains = tuple(sorted({spec.domain for spec in specs}))
    return WorldSource(file="x", domains=domains, world=WorldModel.model_validate({"tools": told}))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tools(), st.data())
def test_any_operations_and_entities_make_a_sound_world_or_are_refused(
    specs: list[ToolSpec], data: st.DataObject
) -> None:
    told = data.draw(sets(specs, infer_world(specs)))
    try:
        world = infer_world(specs, [told])
    except InputError as error:
        problem = str(error)
    else:
        problem = ""
    if problem:
        assert "status" in problem or "say which entity" in problem
        return
    check_world(specs, world)
    for spec in specs:
        act = told.world.tools[spec.wire_name].operation
        found = world.models[spec.wire_name].act
        alike = {act, found} == {"list", "search"}  # which of the two is told from the parameters
        assert act is None or found == act or alike
