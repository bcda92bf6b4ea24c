"""What a world model says of calls holds: needs, demands, changes, states, and what is proposed."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from generators.importers.catalog_reader import NamedDocument, read_catalog
from generators.sandbox.call_rules import find_broken_demand
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.demand import Demand, Side
from schemas.record import JsonObject
from schemas.world_model import Need

CLOCK = "2026-03-12T09:00:00+00:00"
TEXT = {"type": "string"}
ACCOUNT = {
    "account_id": TEXT,
    "owner_name": TEXT,
    "balance": {"type": "number", "minimum": 0, "maximum": 5000},
    "status": {"type": "string", "enum": ["active", "frozen", "closed"]},
}
TRANSFER = {
    "transfer_id": TEXT,
    "account_id": TEXT,
    "amount": {"type": "number", "minimum": 1, "maximum": 4000},
    "day": {"type": "string", "format": "date"},
    "note": TEXT,
    "status": {"type": "string", "enum": ["planned", "sent", "stopped"]},
}


def tool(name: str, given: JsonObject, shown: JsonObject, required: list[str]) -> JsonObject:
    result = {"type": "object", "properties": shown, "required": list(shown)}
    if name.startswith("list"):
        noun = name.removeprefix("list_")
        rows = {"type": "array", "items": result}
        result = {"type": "object", "properties": {noun: rows}, "required": [noun]}
    parameters = {"type": "object", "properties": given, "required": required}
    return {"name": name, "description": name.replace("_", " "), "inputSchema": parameters,
            "outputSchema": result}  # fmt: skip


def given(*names: str) -> JsonObject:
    return {name: {**ACCOUNT, **TRANSFER}[name] for name in names}


TOOLS = [
    tool("get_account", given("account_id"), ACCOUNT, ["account_id"]),
    tool("list_accounts", given("status"), ACCOUNT, []),
    tool("freeze_account", given("account_id"), ACCOUNT, ["account_id"]),
    tool("get_transfer", given("transfer_id"), TRANSFER, ["transfer_id"]),
    tool("list_transfers", given("account_id"), TRANSFER, []),
    tool("create_transfer", given("account_id", "amount", "day", "note"), TRANSFER,
         ["account_id", "amount", "day"]),
    tool("update_transfer", given("transfer_id", "amount", "note"), TRANSFER, ["transfer_id"]),
    tool("stop_transfer", given("transfer_id"), TRANSFER, ["transfer_id"]),
]  # fmt: skip


def bank(tool: str = "create_transfer", **said: Any) -> World:
    """The bank, with more said of one tool; ``follows`` and ``start`` are said of transfers."""
    catalog = read_catalog((), documents=[NamedDocument("bank.json", {"tools": TOOLS})])
    world = infer_world(catalog.tools)
    stated = {key: said.pop(key) for key in ("follows", "start") if key in said}
    entities = dict(world.entities)
    entities["bank/transfer"] = replace(entities["bank/transfer"], **stated)
    models = {**world.models, tool: replace(world.models[tool], **said)}
    return replace(world, models=models, entities=entities)


def account(sandbox: Sandbox, **wanted: Any) -> JsonObject:
    """The first account that has these values, planted if need be."""
    row = dict(sandbox.rows("bank/account")[0])
    entity = sandbox.world.entities["bank/account"]
    sandbox.store.put(entity, row | wanted)
    return row | wanted


def transfer(row: JsonObject, **more: Any) -> JsonObject:
    return {"account_id": row["account_id"], "amount": 100, "day": "2026-03-20", **more}


ENOUGH = Need(require="account.balance >= amount", code="no_money", message="Not enough money.")


def test_a_call_that_does_not_meet_a_need_fails_as_it_says_and_leaves_no_trace() -> None:
    sandbox = Sandbox(bank(needs=(ENOUGH,)), 1, CLOCK)
    row = account(sandbox, balance=50, status="active")
    before = sandbox.state_hash()
    outcome = sandbox.call("create_transfer", transfer(row))
    assert outcome.is_error
    assert outcome.content == {"error": {"code": "no_money", "message": "Not enough money."}}
    assert sandbox.state_hash() == before
    assert not sandbox.call("create_transfer", transfer(row, amount=50)).is_error


@pytest.mark.parametrize(
    ("require", "met", "unmet"),
    [
        ("day >= today", {}, {"day": "2026-03-11"}),
        ("day <= today + 30d", {}, {"day": "2026-05-01"}),
        ("none(transfer, account_id=account_id, amount=amount)", {}, {"amount": 77}),
        ("count(transfer, amount=77) < 1 or amount < 200", {}, {"amount": 300}),
        ("note is missing or note != account.owner_name", {"note": "Rent"}, {"note": "Ada Lane"}),
        ("now < '2026-03-12T12:00:00+00:00' and account.status == 'active'", {}, {"status": "x"}),
    ],
)
def test_needs_see_arguments_rows_queries_and_the_clock(
    require: str, met: JsonObject, unmet: JsonObject
) -> None:
    sandbox = Sandbox(bank(needs=(Need(require=require),)), 1, CLOCK)
    row = account(sandbox, balance=900, owner_name="Ada Lane", status="active")
    assert not sandbox.call("create_transfer", transfer(row, amount=77)).is_error
    sandbox.call("create_transfer", transfer(row, **met))
    if unmet.pop("status", ""):
        row = account(sandbox, status="frozen", balance=900)
    outcome = sandbox.call("create_transfer", transfer(row, **unmet))
    assert outcome.content["error"]["code"] == "conflict"


def test_what_is_unknown_forbids_nothing_and_who_is_unknown_is_not_found() -> None:
    needs = (Need(require="note != 'x'"), Need(require="account.mood == 'good'"), ENOUGH)
    sandbox = Sandbox(bank(needs=needs), 1, CLOCK)
    row = account(sandbox, balance=500, status="active")
    assert not sandbox.call("create_transfer", transfer(row)).is_error
    missing = sandbox.call("create_transfer", transfer({"account_id": "nobody"}))
    assert missing.content["error"]["code"] == "not_found"


def test_what_a_tool_changes_besides_follows_from_the_state_before() -> None:
    changes = {
        "account.balance": "account.balance - amount",
        "row.status": "'sent' if day == today else 'planned'",
        "transfer.note": "account.owner_name",
    }
    sandbox = Sandbox(bank(changes=changes), 1, CLOCK)
    row = account(sandbox, balance=500, owner_name="Ada Lane", status="active")
    sent = sandbox.call("create_transfer", transfer(row, day="2026-03-12"))
    assert (sent.content["status"], sent.content["note"]) == ("sent", "Ada Lane")
    later = sandbox.call("create_transfer", transfer(row))
    assert later.content["status"] == "planned"
    shown = sandbox.call("get_account", {"account_id": row["account_id"]})
    assert shown.content["balance"] == 300


def test_a_change_that_its_field_cannot_hold_is_refused() -> None:
    sandbox = Sandbox(bank(changes={"account.balance": "account.balance - amount"}), 1, CLOCK)
    row = account(sandbox, balance=50, status="active")
    before = sandbox.state_hash()
    outcome = sandbox.call("create_transfer", transfer(row))
    assert outcome.content["error"]["code"] == "conflict"
    assert sandbox.state_hash() == before


def test_an_update_reckons_with_the_row_as_it_was() -> None:
    changes = {"transfer.account.balance": "transfer.account.balance + transfer.amount - amount"}
    sandbox = Sandbox(bank("update_transfer", changes=changes), 1, CLOCK)
    row = account(sandbox, balance=500, status="active")
    made = sandbox.call("create_transfer", transfer(row)).content
    sandbox.call("update_transfer", {"transfer_id": made["transfer_id"], "amount": 40})
    shown = sandbox.call("get_account", {"account_id": row["account_id"]})
    assert shown.content["balance"] == 560


def test_new_rows_begin_in_their_state_and_go_where_their_states_lead() -> None:
    world = bank("stop_transfer", transition=("status", "stopped"), start="planned",
                 follows={"planned": ("sent", "stopped"), "sent": (), "stopped": ()})  # fmt: skip
    sandbox = Sandbox(world, 1, CLOCK)
    made = sandbox.call("create_transfer", transfer(account(sandbox, status="active"))).content
    assert made["status"] == "planned"
    stop = {"transfer_id": made["transfer_id"]}
    entity = world.entities["bank/transfer"]
    key = (made["transfer_id"],)
    row = sandbox.store.find(entity, key)
    assert row is not None
    sandbox.store.put(entity, {**row, "status": "sent"})
    assert sandbox.call("stop_transfer", stop).content["error"]["code"] == "conflict"
    sandbox.store.put(entity, {**row, "status": "planned"})
    assert sandbox.call("stop_transfer", stop).content["status"] == "stopped"


DEMANDS: list[tuple[Demand, JsonObject, JsonObject]] = [
    (Demand(kind="at_least_one", parameters=("amount", "note")), {"note": "Rent"}, {}),
    (Demand(kind="only_with", parameters=("note", "amount"), value=5),
     {"note": "Rent", "amount": 5}, {"note": "Rent", "amount": 6}),
    (Demand(kind="differ", parameters=("transfer_id", "note")), {"note": "Rent"}, {"note": "?"}),
    (Demand(kind="format", parameters=("note",), value="^[A-Z]"), {"note": "Rent"},
     {"note": "rent"}),
]  # fmt: skip


@pytest.mark.parametrize(("demand", "met", "broken"), DEMANDS, ids=lambda one: str(one)[:20])
def test_a_demand_that_is_broken_is_an_invalid_call(
    demand: Demand, met: JsonObject, broken: JsonObject
) -> None:
    sandbox = Sandbox(bank("update_transfer", demands=(demand,)), 1, CLOCK)
    made = sandbox.call("create_transfer", transfer(account(sandbox, status="active"))).content
    this = {"transfer_id": made["transfer_id"]}
    assert not sandbox.call("update_transfer", this | met).is_error
    same = {"note": this["transfer_id"]} if broken.get("note") == "?" else broken
    outcome = sandbox.call("update_transfer", this | same)
    assert outcome.content["error"]["code"] == "invalid_arguments"


def test_rows_that_must_agree_are_told_from_those_that_do() -> None:
    sides = (Side(table="bank/account", key="account_id", field="status"),
             Side(table="bank/transfer", key="transfer_id", field="status"))  # fmt: skip
    demand = Demand(kind="same", parameters=("account_id", "transfer_id"), sides=sides)
    world = bank("update_transfer", demands=(demand,))
    model = world.models["update_transfer"]
    rows = Sandbox(world, 1, CLOCK).store
    found = rows.rows(world.entities["bank/transfer"])
    assert find_broken_demand(model, rows, {"transfer_id": found[0]["transfer_id"]}) is None
    listed = Demand(kind="same", parameters=("transfer_id",), sides=sides[1:])
    states = {row["status"]: row["transfer_id"] for row in found}
    assert len(states) > 1
    model = replace(model, demands=(listed,))
    several: JsonObject = {"transfer_id": list(states.values())}
    assert find_broken_demand(model, rows, several) is listed


def test_a_tool_that_is_called_once_for_a_row_was_called_for_it() -> None:
    demand = Demand(kind="once", parameters=("transfer_id",))
    world = bank("stop_transfer", demands=(demand,))
    model, rows = world.models["stop_transfer"], Sandbox(world, 1, CLOCK).store
    earlier: list[tuple[str, JsonObject]] = [("stop_transfer", {"transfer_id": "t1"})]
    assert find_broken_demand(model, rows, {"transfer_id": "t1"}) is None
    assert find_broken_demand(model, rows, {"transfer_id": "t2"}, earlier) is None
    assert find_broken_demand(model, rows, {"transfer_id": "t1"}, earlier) is demand


@pytest.mark.parametrize("seed", range(8))
def test_proposed_calls_meet_needs_and_demands(seed: int) -> None:
    needs = (ENOUGH, Need(require="account.status == 'active'"), Need(require="day > today + 3d"))
    demand = Demand(kind="format", parameters=("note",), value="^INV-[0-9]{4}$")
    changes = {"account.balance": "round(account.balance - amount, 2)"}
    sandbox = Sandbox(bank(needs=needs, demands=(demand,), changes=changes), seed, CLOCK)
    for number in range(5):
        arguments = propose_arguments(sandbox, "create_transfer", Random(seed * 10 + number))
        assert arguments is not None
        assert not sandbox.call("create_transfer", arguments).is_error


@pytest.mark.parametrize("seed", range(8))
def test_proposed_updates_give_what_is_demanded(seed: int) -> None:
    demands = (
        Demand(kind="at_least_one", parameters=("amount", "note")),
        Demand(kind="only_with", parameters=("note", "amount"), value=12),
    )
    sandbox = Sandbox(bank("update_transfer", demands=demands), seed, CLOCK)
    arguments = propose_arguments(sandbox, "update_transfer", Random(seed), optional=0)
    assert arguments is not None
    assert {"amount", "note"} & arguments.keys()
    assert "note" not in arguments or arguments["amount"] == 12


def test_listed_rows_stand_in_the_order_that_the_tool_promises() -> None:
    sandbox = Sandbox(bank("list_transfers", sorted_by=("-day", "amount")), 3, CLOCK)
    listed = sandbox.call("list_transfers", {}).content["transfers"]
    days = [one["day"] for one in listed]
    assert len(set(days)) > 1
    assert days == sorted(days, reverse=True)
    plain = (
        Sandbox(bank("list_transfers"), 3, CLOCK).call("list_transfers", {}).content["transfers"]
    )
    assert plain != listed
    assert sorted(map(str, plain)) == sorted(map(str, listed))


def test_a_need_about_what_is_still_to_be_chosen_is_asked_of_nothing_less() -> None:
    need = Need(require="default(amount, transfer.amount) != transfer.amount", code="invalid")
    sandbox = Sandbox(bank("update_transfer", needs=(need,)), 3, CLOCK)
    known = {"transfer_id": sandbox.rows("bank/transfer")[0]["transfer_id"]}
    assert propose_arguments(sandbox, "update_transfer", Random(1), known) is not None
