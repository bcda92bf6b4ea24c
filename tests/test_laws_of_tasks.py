"""Faults that readers once found in tasks: none is drawn any more, and each has its law here.

Each is asked of whatever is drawn, by what the calls, their results and the world's rows show;
where a stream would have it too seldom, of a case that is made for it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import pytest

from benchmarks.catalogues import CLOCK
from generators.embedding import HashEmbedder
from generators.operators import make_mix, script_of
from generators.sampling.goal_sense import GoalSense
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.studio import Studio, environment_factory, open_studio
from generators.tasks.brief_law import untold
from generators.world.infer import infer_world
from pipeline.config import Settings
from pipeline.opening import open_workshop
from schemas.environment import Environment
from schemas.leaves import leaves, objects_in, value_at
from schemas.task import GoldCall, Task
from schemas.tool import Catalog
from schemas.twists import Comparison, find_twists
from tests.studio import REAL, draw, own_studio, studio_of
from tests.test_kin_rows import NUMBER, STATE, TEXT, listing, tool
from tests.test_own_worlds import own_catalog, own_world

BENCHES = ("retail", "airline")
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the folder ../shared/real is absent")
KEYS = {"retail": ("order_id", "order_ids"), "airline": ("reservation_id", "reservation_ids")}
"""What is somebody's own: as a call names it, and as their row lists it."""


def bench(name: str) -> Studio:
    return studio_of(REAL / f"tau2_{name}" / f"{name}.json")


@cache
def drawn(name: str) -> tuple[Task, ...]:
    return draw(40, own_studio() if name == "own" else bench(name))


def world_of(studio: Studio, task: Task) -> Environment:
    return environment_factory(studio.backend)(task)


def made(name: str, *tools: str) -> Iterator[tuple[Task, GoldCall]]:
    """The calls of these tools that a stream makes, each with its task."""
    for task in drawn(name):
        yield from ((task, call) for call in task.calls if call.tool in tools and not call.skipped)


def find_row(rows: Any, **known: Any) -> dict[str, Any]:
    return next(row for row in rows if known.items() <= row.items())


def test_all_rows_that_are_found_are_compared_and_where_to_look_is_told() -> None:
    compared = 0
    studio = replace(own_studio(), mix=make_mix(compare=0.9))
    for task in (studio.task(5, index) for index in range(6)):
        for wish, turn in zip(task.brief.wishes, task.turns, strict=True):
            for one in find_twists(turn, Comparison):
                compared += 1
                said = " ".join([wish.ask, *(str(fact.value) for fact in wish.know)])
                for number in one.calls:
                    call, result = task.calls[number], json.loads(task.calls[number].result)
                    asked = [o.path for o in call.origins if o.kind == "user"]
                    told = {(fact.call, fact.path) for fact in (*wish.know, *wish.held_back)}
                    for path in asked:
                        assert (number, path) in told or str(value_at(call.arguments, path)) in said
                    rows = value_at(result, one.field.partition("[]")[0])
                    more = [
                        value
                        for path, value in leaves(result)
                        if path.rpartition(".")[2] in ("total", "total_count", "count")
                        and isinstance(value, int)
                    ]
                    assert all(value == len(rows) for value in more)
    assert compared


def test_a_book_is_not_lent_to_the_one_who_has_it() -> None:
    studio = open_studio(own_catalog("library"), HashEmbedder())
    lent = 0
    for task in draw(30, studio):
        environment = world_of(studio, task)
        for call in task.calls:
            if call.tool == "create_loan" and not call.skipped:
                lent += 1
                named = {name: call.arguments[name] for name in ("member_id", "book_id")}
                loans = environment.rows("library/loan")
                at_home = [one for one in loans if named.items() <= one.items()]
                assert all(one["status"] == "returned" for one in at_home)
    assert lent
    sandbox = Sandbox(own_world("library"), 3, CLOCK)
    loans = sandbox.store.rows(sandbox.world.entities["library/loan"])
    at_home = next(one for one in loans if one["status"] in ("active", "renewed"))
    again = {name: at_home[name] for name in ("member_id", "book_id")}
    assert propose_arguments(sandbox, "create_loan", Random(1), again) is None
    assert sandbox.call("create_loan", {**again, "weeks": 2}).is_error


def test_no_reply_is_empty_though_the_schema_asks_for_nothing() -> None:
    place, which = {"owner": TEXT, "repo": TEXT}, {"issue_number": NUMBER}
    issue = {"type": "object", "properties": {**place, **which, "title": TEXT, "state": STATE}}
    comment = {"type": "object", "properties": {**place, **which, "id": NUMBER, "body": TEXT}}
    reply = tool("add_issue_comment", {**place, **which, "body": TEXT, "reaction": TEXT}, comment)
    reply = reply.model_copy(update={
        "description": "Reply to an issue. At least one of body or reaction is required.",
        "parameters": {**reply.parameters, "required": [*place, *which]}, "effect": "write",
    })  # fmt: skip
    shown = tool("list_issues", place, listing("issues", issue["properties"]))
    studio = open_studio(Catalog(tools=(reply, shown)), HashEmbedder())
    calls = [call for task in draw(10, studio) for call in task.calls if call.tool == reply.name]
    assert calls
    assert all(call.arguments.get("body") or call.arguments.get("reaction") for call in calls)


@needs_real
def test_what_an_order_is_paid_by_is_changed_to_another_method_of_the_same_customer() -> None:
    changed = 0
    for task, call in made("retail", "modify_pending_order_payment"):
        changed += 1
        environment = world_of(bench("retail"), task)
        given = call.arguments["payment_method_id"]
        order = find_row(environment.rows("retail/order"), order_id=call.arguments["order_id"])
        users = environment.rows("retail/user")
        owner = next(one for one in users if order["order_id"] in one["order_ids"])
        assert given != order["payment_method_id"]
        assert given in owner["payment_method_ids"]
    assert changed


@needs_real
def test_items_are_swapped_for_other_ones_of_the_same_product() -> None:
    swapped = 0
    for task, call in made(
        "retail", "exchange_delivered_order_items", "modify_pending_order_items"
    ):
        products = [*world_of(bench("retail"), task).rows("retail/product")]
        old, new = call.arguments["item_ids"], call.arguments["new_item_ids"]
        for one, other in zip(old, new, strict=True):
            swapped += 1
            (product,) = (row for row in products if one in row["item_ids"])
            assert other in product["item_ids"]
            assert other != one
    assert swapped


@needs_real
def test_a_real_exchange_is_made() -> None:
    sandbox = Sandbox(bench("retail").world, 3, CLOCK)
    rows = {name: list(sandbox.store.rows(sandbox.world.entities[f"retail/{name}"]))
            for name in ("order", "product", "user")}  # fmt: skip
    exchanged = 0
    for order in [one for one in rows["order"] if one["status"] == "delivered"][:8]:
        owner = next(one for one in rows["user"] if order["order_id"] in one["order_ids"])
        old = order["item_ids"][0]
        (product,) = (one for one in rows["product"] if old in one["item_ids"])
        for new in [one for one in product["item_ids"] if one not in order["item_ids"]][:1]:
            before = sandbox.snapshot()
            outcome = sandbox.call("exchange_delivered_order_items", {
                "order_id": order["order_id"], "item_ids": [old], "new_item_ids": [new],
                "payment_method_id": owner["payment_method_ids"][0],
            })  # fmt: skip
            sandbox.restore(before)
            assert not outcome.is_error, outcome.content
            exchanged += 1
    assert exchanged


@needs_real
@pytest.mark.parametrize("name", BENCHES)
def test_nobody_hears_of_another_customer(name: str) -> None:
    key, listed = KEYS[name]
    looked = 0
    for task in drawn(name):
        if task.person is None:
            continue
        users = world_of(bench(name), task).rows(f"{name}/user")
        own = find_row(users, user_id=task.person.key)[listed]
        for call in task.calls:
            shown = [call.arguments, *objects_in(json.loads(call.result))]
            assert {one["user_id"] for one in shown if "user_id" in one} <= {task.person.key}
            asked = {one[key] for one in shown if isinstance(one.get(key), str)}
            assert asked <= {*own}, (call.tool, asked)
            looked += len(asked)
    assert looked


@needs_real
@pytest.mark.parametrize("name", BENCHES)
def test_every_leaf_of_every_write_is_told(name: str) -> None:
    assert [one for task in drawn(name) for one in untold(bench(name).world, task)] == []


@pytest.mark.parametrize("name", ["own", *(pytest.param(one, marks=needs_real) for one in BENCHES)])
def test_nobody_is_asked_to_read_out_what_a_new_row_is_filed_under(name: str) -> None:
    """An order has a number that people quote; of a contact nobody tells ``con_q3x5h6``."""
    said = [one.value for task in drawn(name) for one in task.acceptance.must_say]
    assert not [
        one for one in said if isinstance(one, str) and re.fullmatch(r"[a-z]+_(?=\w*\d)\w+", one)
    ]


def test_nobody_ends_what_they_have_just_worked_on() -> None:
    place, which = {"owner": TEXT, "repo": TEXT}, {"pull_number": NUMBER}
    named = {**place, **which}
    change = {"type": "object", "properties": {**named, "title": TEXT, "state": STATE}}
    review = {"type": "object", "properties": {**named, "review_id": NUMBER, "body": TEXT}}
    sense = GoalSense(infer_world([
        tool("list_pull_requests", place, listing("pull_requests", change["properties"])),
        tool("create_pull_request_review", {**named, "body": TEXT}, review),
        tool("update_pull_request_title", {**named, "title": TEXT}, change),
        tool("update_pull_request_state", {**named, "state": STATE}, change),
    ]))  # fmt: skip
    assert sense.is_idle("create_pull_request_review", "update_pull_request_state")
    assert sense.is_idle("update_pull_request_title", "update_pull_request_state")
    assert not sense.is_idle("create_pull_request_review", "update_pull_request_title")


def test_whoever_lists_whatever_there_is_says_what_for() -> None:
    shown = {name: {"name": TEXT, f"{name[:-1]}_id": TEXT} for name in ("teams", "badges", "tags")}
    lists = [tool(f"list_{name}", {}, listing(name, row)) for name, row in shown.items()]
    named = tool("get_team", {"team_id": TEXT}, {"type": "object", "properties": shown["teams"]})
    studio = open_studio(Catalog(tools=(*lists, named)), HashEmbedder())
    plain = 0
    for task in draw(16, studio):
        script = script_of(studio.world, task)
        for number, turn in enumerate(task.turns):
            why = task.brief.wishes[number].why
            if why and turn.calls and not any(call.arguments for call in turn.calls):
                said = " ".join(one.text for one in script.user if one.turn == number)
                assert why.casefold() in said.casefold()
                plain += 1
    assert plain


def test_a_vague_request_is_for_what_people_call_it() -> None:
    needed = {"channel": TEXT, "user": TEXT, "text": TEXT}
    post = tool("chat_postEphemeral", needed, {"type": "object", "properties": {"ok": TEXT}},
                "Sends an ephemeral message to a user in a channel.")  # fmt: skip
    post = post.model_copy(update={"effect": "write"})
    studio = open_studio(Catalog(tools=(post,)), HashEmbedder())
    vague = [
        one.text
        for task in draw(16, studio, clarify=1.0)
        for one in script_of(studio.world, task).user
        if one.act == "vague_request"
    ]
    assert vague
    assert all("ephemeral message" in one for one in vague)


@needs_real
def test_nothing_is_known_by_itself() -> None:
    """Of two reservations one is "my reservation ZFA61Y", not the one "with my reservation"."""
    folder = REAL / "tau2_airline"
    settings = Settings(tools=(folder / "airline.json",), policy=folder / "policy.md")
    tasks = draw(8, open_workshop(settings).studio)
    asked = [one.ask for task in tasks for one in task.brief.wishes]
    assert not [one for one in asked if re.search(r"\b(\w+) with (?:my|the|that) \1\b", one)]
