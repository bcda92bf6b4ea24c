"""What must agree across the rows of one kind, in catalogues of others, where no one says it."""

import re
from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from generators.backends.trial import try_tools
from generators.identity_cache import Same
from generators.lexicon.tables import read_phrases
from generators.sampling.wishes import find_objection
from generators.sandbox import file_values, phrases
from generators.sandbox.file_values import branch_for
from generators.sandbox.kin_rows import name_after_branch, take_from_owners
from generators.sandbox.people import People
from generators.sandbox.phrases import reword
from generators.sandbox.propose import choose_parameters
from generators.sandbox.row_links import owner_of
from generators.sandbox.row_sense import fit_texts, put_right
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.sandbox.text_values import Want, entitled
from generators.sandbox.values import invent
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.message import Fault
from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSource, ToolSpec
from schemas.world_model import WorldModel, WorldSource
from tests.worlds import entity, wants, world_of

CLOCK = "2026-06-09T14:44:00+00:00"
TEXT: JsonObject = {"type": "string"}
NUMBER: JsonObject = {"type": "integer"}
STATE: JsonObject = {"type": "string", "enum": ["open", "closed"]}
PLACE = {"owner": TEXT, "repo": TEXT}
ISO = {"type": "string", "format": "date-time"}


def tool(name: str, parameters: JsonObject, returns: Any = None, said: str = "") -> ToolSpec:
    source = ToolSource(format="mcp", path="tests.json")
    schema = {"type": "object", "properties": parameters, "required": [*parameters]}
    return ToolSpec(name=name, wire_name=name, description=said or name.replace("_", " "),
                    domain="code", parameters=schema, returns=returns, source=source)  # fmt: skip


def listing(of: str, row: JsonObject) -> JsonObject:
    return {"type": "object", "properties": {of: {"type": "array", "items": {
        "type": "object", "properties": row, "required": [*row]}}}, "required": [of]}  # fmt: skip


CHANGE = {**PLACE, "pull_number": NUMBER, "title": TEXT, "head": TEXT, "base": TEXT,
          "labels": {"type": "array", "items": TEXT}, "created_at": ISO,
          "state": {"type": "string", "enum": ["open", "closed", "merged"]}}  # fmt: skip
RELEASE = {**PLACE, "tag": TEXT, "name": TEXT, "published_at": ISO}


def code() -> World:
    one = {"type": "object", "properties": CHANGE, "required": [*CHANGE]}
    narrowed = {**PLACE, "head": TEXT, "labels": {"type": "array", "items": TEXT}}
    search = tool("list_pull_requests", PLACE, listing("pull_requests", CHANGE))
    search = search.model_copy(update={"parameters": search.parameters | {"properties": narrowed}})
    named = {**PLACE, "pull_number": NUMBER}
    return infer_world([
        search,
        tool("get_pull_request", named, one),
        tool("update_pull_request_state", named | {"state": STATE}, one),
        tool("merge_pull_request", named, one),
        tool("list_tags", PLACE, listing("tags", {**PLACE, "tag": TEXT, "sha": TEXT})),
        tool("get_tag", {**PLACE, "tag": TEXT},
             {"type": "object", "properties": {**PLACE, "tag": TEXT, "sha": TEXT}}),
        tool("list_releases", PLACE, listing("releases", RELEASE)),
        tool("get_release_by_tag", {**PLACE, "tag": TEXT},
             {"type": "object", "properties": RELEASE, "required": [*RELEASE]}),
        tool("search_repositories", {"query": TEXT},
             listing("repositories", {**PLACE, "description": TEXT})),
    ])  # fmt: skip


def rows(sandbox: Sandbox, noun: str) -> list[dict[str, Any]]:
    key = next(key for key in sandbox.world.entities if key.endswith(f"/{noun}"))
    return [dict(row) for row in sandbox.rows(key)]


def scoped(found: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    scopes: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in found:
        scopes.setdefault((row["owner"], row["repo"]), []).append(row)
    return [*scopes.values()]


@pytest.mark.parametrize("seed", range(4))
def test_the_higher_number_was_made_later_and_comes_first(seed: int) -> None:
    for group in scoped(rows(Sandbox(code(), seed, CLOCK), "pull request")):
        numbers, days = [row["pull_number"] for row in group], [row["created_at"] for row in group]
        assert numbers == sorted(numbers, reverse=True)
        assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("seed", range(4))
def test_each_change_is_made_on_a_branch_of_its_own_that_is_called_so(seed: int) -> None:
    for group in scoped(rows(Sandbox(code(), seed, CLOCK), "pull request")):
        assert len({row["head"] for row in group}) == len(group)
        assert all(row["head"] == branch_for(row["title"]) for row in group)
    assert branch_for("Fix the retry logic after review") == "fix/retry-logic"
    assert branch_for("Add tests for date parsing") == "feature/date-parsing"


@pytest.mark.parametrize("seed", range(4))
def test_the_tag_of_each_release_is_among_the_tags(seed: int) -> None:
    sandbox = Sandbox(code(), seed, CLOCK)
    tags = {(row["owner"], row["repo"], row["tag"]) for row in rows(sandbox, "tag")}
    released = [(row["owner"], row["repo"], row["tag"]) for row in rows(sandbox, "release")]
    assert released
    assert set(released) <= tags


def test_lists_by_which_rows_are_found_are_each_rows_own() -> None:
    labels = Counter(
        tuple(row["labels"]) for row in rows(Sandbox(code(), 1, CLOCK), "pull request")
    )
    assert len(labels) > 2


@pytest.mark.parametrize("seed", range(6))
def test_what_is_merged_is_not_opened_again(seed: int) -> None:
    sandbox = Sandbox(code(), seed, CLOCK)
    for row in rows(sandbox, "pull request"):
        named = {name: row[name] for name in ("owner", "repo", "pull_number")}
        wanted = "closed" if row["state"] == "open" else "open"
        outcome = sandbox.call("update_pull_request_state", {**named, "state": wanted})
        assert outcome.is_error == (row["state"] == "merged"), row


def test_what_is_still_a_draft_is_not_proposed_for_merging() -> None:
    change = {**CHANGE, "draft": {"type": "boolean"}}
    named = {**PLACE, "pull_number": NUMBER}
    one = {"type": "object", "properties": change, "required": [*change]}
    world = infer_world([
        tool("list_pull_requests", PLACE, listing("pull_requests", change)),
        tool("merge_pull_request", named, one),
    ])  # fmt: skip
    for seed in range(8):
        sandbox = Sandbox(world, seed, CLOCK)
        drafts = [row["pull_number"] for row in rows(sandbox, "pull request") if row["draft"]]
        asked = propose_arguments(sandbox, "merge_pull_request", Random(seed))
        assert asked is None or asked["pull_number"] not in drafts


def test_the_owner_of_two_bookings_was_born_on_one_day() -> None:
    owner = {"name": "Mia Larsen"}
    bookings: list[JsonObject] = [
        {"passengers": [{"first_name": "Al", "last_name": "Ros", "dob": born}]}
        for born in ("1971-02-03", "1988-11-30")
    ]
    for booking in bookings:
        take_from_owners(booking, ("booking_id",), [owner], lambda: Random(1))
    first, second = (booking["passengers"][0] for booking in bookings)
    assert first == second
    assert first["first_name"] == "Mia"


ITEM = {"item_id": TEXT, "name": TEXT, "price": {"type": "number"}}
PRODUCT = {"product_id": TEXT, "name": TEXT, "price": {"type": "number"},
           "item_ids": {"type": "array", "items": TEXT}}  # fmt: skip


def shop() -> Sandbox:
    item = {"type": "object", "properties": ITEM, "required": [*ITEM]}
    shown = {**PRODUCT, "items": {"type": "array", "items": item}}
    del shown["item_ids"]
    return Sandbox(infer_world([
        tool("list_products", {}, listing("products", PRODUCT)),
        tool("get_product_details", {"product_id": TEXT},
             {"type": "object", "properties": shown, "required": [*shown]}),
        tool("get_item_details", {"item_id": TEXT}, item),
    ]), 3, CLOCK)  # fmt: skip


def test_the_items_that_a_products_details_show_are_those_that_it_lists() -> None:
    sandbox = shop()
    for product in sandbox.call("list_products", {}).content["products"]:
        told = {"product_id": product["product_id"]}
        details = sandbox.call("get_product_details", told).content
        assert [one["item_id"] for one in details["items"]] == product["item_ids"]
        for one in details["items"]:
            assert sandbox.call("get_item_details", {"item_id": one["item_id"]}).content == one
            assert one["name"].startswith(f"{product['name']}, ")


def test_a_thing_costs_what_such_things_cost() -> None:
    prices = {row["name"]: row["price"] for row in rows(shop(), "product")}
    assert prices
    assert all(4 <= price <= 320 for price in prices.values())
    assert all(price <= 24 for name, price in prices.items() if "mug" in name)


def test_the_commit_of_a_merge_says_what_the_change_says() -> None:
    row: JsonObject = {"commit_title": "Speed up x", "commit_message": "Add the login form"}
    known = {"title": "Add tests for rate limiting"}
    fit_texts("pull request", row, {}, (), Random(1), known)
    assert set(row.values()) == {"Add tests for rate limiting"}


def test_an_issue_that_blocks_another_is_one_of_the_same_repository() -> None:
    parameters = {**PLACE, "issue_number": NUMBER, "related_issue_number": NUMBER}
    write = tool("add_issue_dependency", parameters)
    more = {**write.parameters["properties"], "related_owner": TEXT, "related_repo": TEXT}
    write = write.model_copy(update={"parameters": write.parameters | {"properties": more}})
    plan = Sandbox(infer_world([write]), 1, CLOCK).plan("add_issue_dependency")
    chosen = {one for seed in range(20)
              for one in choose_parameters(plan, Random(seed), {}, 3).chosen}  # fmt: skip
    assert chosen.isdisjoint({"related_owner", "related_repo"})


def test_a_comment_has_words_whatever_else_it_has() -> None:
    parameters = {"ticket_id": TEXT, "body": {**TEXT, "description": "Required unless reaction."},
                  "reaction": {"type": "string", "enum": ["+1", "heart"]}}  # fmt: skip
    said = "Add a comment. At least one of body or reaction is required."
    write = tool("add_ticket_comment", parameters, said=said)
    write = write.model_copy(update={"parameters": {**write.parameters, "required": ["ticket_id"]}})
    plan = Sandbox(infer_world([write]), 1, CLOCK).plan("add_ticket_comment")
    assert any(one.kind == "at_least_one" for one in plan.model.demands)
    for seed in range(12):
        assert "body" in choose_parameters(plan, Random(seed), {}, 1).chosen


STAMP: JsonObject = {"type": "string", "pattern": r"^\d{10}\.\d{6}$"}


def test_a_message_that_is_posted_bears_the_moment_and_none_bears_it_twice() -> None:
    message: JsonObject = {"ts": STAMP, "channel": TEXT, "text": TEXT}
    row = {"type": "object", "properties": message, "required": [*message]}
    world = infer_world([
        tool("post_message", {"channel": TEXT, "text": TEXT}, row),
        tool("list_messages", {"channel": TEXT}, listing("messages", message)),
    ])  # fmt: skip
    sandbox = Sandbox(world, seed=3, clock=CLOCK)
    given = {"channel": "general", "text": "Hello"}
    first, second = (sandbox.call("post_message", given).content["ts"] for _ in range(2))
    assert [first[:10], int(second[:10]) - int(first[:10])] == ["1781016240", 1]


def test_a_read_of_one_row_that_names_none_finds_none() -> None:
    room: JsonObject = {"room_id": TEXT, "name": TEXT}
    row = {"type": "object", "properties": room, "required": [*room]}
    info = tool("get_room", {"room_id": TEXT}, row)
    optional = {**info.parameters, "required": []}
    world = infer_world([
        info.model_copy(update={"parameters": optional}),
        tool("list_rooms", {}, listing("rooms", room)),
    ])  # fmt: skip
    sandbox = Sandbox(world, seed=3, clock=CLOCK)
    known = sandbox.call("list_rooms", {}).content["rooms"][0]
    assert sandbox.call("get_room", {"room_id": known["room_id"]}).content == known
    assert sandbox.call("get_room", {}).is_error


def test_a_list_that_is_not_there_yet_says_so() -> None:
    room: JsonObject = {"room_id": TEXT, "name": TEXT}
    sandbox = Sandbox(
        infer_world([tool("list_rooms", {}, listing("rooms", room))]), seed=3, clock=CLOCK
    )
    struck = sandbox.call("list_rooms", {}, Fault(kind="empty"))
    assert struck.is_error
    assert struck.content["partial"] == {"rooms": []}


@pytest.mark.parametrize("seed", range(6))
def test_what_is_called_by_a_word_of_a_list_is_there_once(seed: int) -> None:
    genre: JsonObject = {"genre_id": TEXT, "name": TEXT}
    world = infer_world([tool("list_genres", {}, listing("genres", genre))])
    listed = Sandbox(world, seed, CLOCK).call("list_genres", {}).content["genres"]
    names = [one["name"] for one in listed]
    assert len(set(names)) == len(names) > 2


def test_rows_belong_to_the_one_who_is_signed_in_and_have_handles_of_their_own() -> None:
    group = {"id": TEXT, "team_id": TEXT, "handle": TEXT}
    told = tool("get_team", {"team_id": TEXT}, {"type": "object", "properties": {"name": TEXT}})
    world = infer_world([tool("list_groups", {}, listing("groups", group)), told])
    rows = [*Sandbox(world, 5, CLOCK).store.rows(world.entities["code/group"])]
    assert len({row["team_id"] for row in rows}) == 1
    assert len({row["handle"] for row in rows}) == len(rows)


def test_who_is_listed_without_a_word_of_a_team_is_all_of_one_team() -> None:
    member, team = {"id": TEXT, "name": TEXT, "team_id": TEXT}, {"team_id": TEXT}
    invite = tool("invite_member", {**team, "name": TEXT})
    of_team = tool("list_members_of_team", team, listing("members", member))
    told = tool("get_team", team, {"type": "object", "properties": {"name": TEXT}})
    shown = tool("list_members", {}, listing("members", member))

    def count_teams(*tools: ToolSpec) -> int:
        world = infer_world([*tools, told, invite])
        rows = [*Sandbox(world, 5, CLOCK).store.rows(world.entities["code/member"])]
        return len({row["team_id"] for row in rows})

    assert count_teams(shown, of_team) == 1
    assert count_teams(shown) == 1
    assert count_teams(of_team) > 1  # whoever has to say which knows of several


def test_what_is_one_for_all_rows_is_so_in_whichever_form_a_result_shows_it() -> None:
    short, long = ({"type": "string", "pattern": f"^T[A-Z0-9]{{{n},}}$"} for n in (2, 12))
    badge, member = {"id": TEXT, "team_id": short}, {"id": TEXT, "name": TEXT, "team_id": long}
    world = infer_world([
        tool("get_member", {"id": TEXT}, {"type": "object", "properties": badge}),
        tool("list_members", {}, listing("members", member)),
    ])  # fmt: skip
    shown = Sandbox(world, 5, CLOCK).call("list_members", {}).content["members"]
    assert len({row["team_id"] for row in shown}) == 1 < len(shown)


def test_a_list_shows_of_another_kind_what_names_its_rows() -> None:
    node, edge = {"name": TEXT, "color": TEXT}, {"from": TEXT, "to": TEXT}
    both = listing("nodes", node)
    both["properties"] |= listing("edges", edge)["properties"]
    world = infer_world([
        tool("search_nodes", {"query": TEXT}, both),
        tool("create_edge", edge, {"type": "object", "properties": edge}),
        tool("list_edges", {}, listing("edges", edge)),
    ])  # fmt: skip
    sandbox = Sandbox(world, 5, CLOCK)
    name, other, *_ = [row["name"] for row in sandbox.store.rows(world.entities["code/node"])]
    sandbox.call("create_edge", {"from": name, "to": "x"})
    sandbox.call("create_edge", {"from": other, "to": "y"})
    edges = sandbox.call("search_nodes", {"query": name}).content["edges"]
    assert edges == [{"from": name, "to": "x"}]


def test_rows_that_no_source_shows_hold_only_what_is_understood() -> None:
    rule = tool("create_rule", {
        "id": TEXT, "message": TEXT, "recording_url": TEXT, "output_path": TEXT,
        "page_url": TEXT, "severity": {**TEXT, "description": "Severity (ERROR, INFO)"},
    })  # fmt: skip
    listed = {**tool("list_rules", {}).model_dump(), "returns": None}
    world = infer_world([rule, ToolSpec(**listed), tool("delete_rule", {"rule_id": TEXT})])
    shown = world.models["list_rules"].returns["properties"]["rules"]["items"]["properties"]
    assert [*shown] == ["rule_id", "page_url", "severity", "created_at"]
    assert shown["severity"]["enum"] == ["ERROR", "INFO"]


def test_choices_in_capitals_are_all_the_states_there_are() -> None:
    call = {"title": TEXT, "call_status": {**TEXT, "enum": ["BUSY", "COMPLETED"]}}
    made, kept = tool("create_call", call), tool("archive_call", {"call_id": TEXT})
    entity = infer_world([made, kept, tool("get_call", {"call_id": TEXT})]).entities["code/call"]
    assert entity.states == ("BUSY", "COMPLETED")


def test_what_a_list_is_asked_by_is_the_parents_id_and_is_written_as_is_told() -> None:
    world = infer_world([
        tool("get_file", {"file_key": TEXT}), tool("get_project_files", {"project_id": TEXT}),
        tool("get_team_projects", {"team_id": TEXT}), tool("clear_thoughts", {}),
        tool("close_order", {"order_id": {**TEXT, "description": "Numeric ID"}}),
        tool("add_item", {"uri": {**TEXT, "examples": ["spotify:track:4aaw"]}}),
    ])  # fmt: skip
    listed = [world.models[name] for name in ("get_project_files", "get_team_projects")]
    assert [one.entity for one in listed] == ["code/file", "code/team project"]
    assert [one.parameters[0].use for one in listed] == ["reference", "reference"]
    assert [*world.models["clear_thoughts"].returns["properties"]] == ["deleted"]
    assert world.models["add_item"].parameters[0].semantic == "opaque_id"
    store = Sandbox(world, 5, CLOCK).store
    assert all(row["order_id"].isdigit() for row in store.rows(world.entities["code/order"]))


def test_what_is_published_has_a_day_and_its_organisation_owns_the_repository() -> None:
    stage = {**TEXT, "enum": ["triage", "published", "closed"]}
    told = {"org": TEXT, "state": stage, "published": {"type": "string", "format": "date"}}
    world = infer_world([
        tool("get_repository", PLACE, {"type": "object", "properties": {**PLACE, "name": TEXT}}),
        tool("list_advisories", {}).model_copy(update={"parameters": {
            "type": "object", "properties": told}}),
        tool("get_advisory", {"advisory_id": TEXT}),
        tool("list_repository_advisories", PLACE),
    ])  # fmt: skip
    rows = [*Sandbox(world, 5, CLOCK).store.rows(world.entities["code/advisory"])]
    assert all(("published" in row) <= (row["state"] == "published") for row in rows)
    assert any("published" in row for row in rows)
    assert all(row["org"] == row["owner"] for row in rows)


def test_a_page_of_a_service_is_no_article_and_markets_are_codes() -> None:
    assert file_values.url(Random(1), "next", "album").startswith("https://api.example.com/albums")
    said = {"type": "array", "items": TEXT, "description": "Markets, as ISO 3166-1 alpha-2 codes"}
    made = invent("country", said, Random(1), name="available_markets", clock=CLOCK)
    assert all(len(one) == 2 for one in made)


def test_a_list_of_choices_narrows_by_any_of_them_and_choices_come_before_free_text() -> None:
    kinds = {"type": "array", "items": {**TEXT, "enum": ["small", "large"]}}
    listed = tool("list_jobs", {}).model_copy(update={"parameters": {
        "type": "object", "properties": {"sizes": kinds}}})  # fmt: skip
    world = infer_world([listed, tool("get_job", {"jobUid": NUMBER}), tool("delete_jobs", {})])
    entity = world.entities["code/job"]
    assert entity.identity == ("job_uid",)
    assert "size" in entity.fields
    assert "sizes" not in entity.fields
    assert [*world.models["delete_jobs"].returns["properties"]] == ["deleted"]
    voice = {"anyOf": [TEXT, {**TEXT, "enum": ["alloy", "ash"]}]}
    assert invent("text", voice, Random(1), name="voice", clock=CLOCK) in ("alloy", "ash")


def test_what_is_agreed_on_begins_on_the_half_hour_and_my_things_are_mine() -> None:
    event = {"event_id": TEXT, "event_name": TEXT, "event_start": ISO}
    mine = {"id": TEXT, "name": TEXT, "owner": {"type": "object", "properties": {"name": TEXT}}}
    said = {"ids": {**TEXT, "examples": ["11dFghVXANMlKmJXsNCbNl,7ouMYWpwJ896jRcDASZB7P"]}}
    world = infer_world([
        tool("list_events", {}, listing("events", event)),
        tool("get_my_lists", {}, listing("lists", mine)),
        tool("get_lists", said, listing("lists", mine)),
    ])  # fmt: skip
    store = Sandbox(world, 5, CLOCK).store
    events = [row["event_start"] for row in store.rows(world.entities["code/event"])]
    assert {start[14:16] for start in events} <= {"00", "30"}
    assert all("08" <= start[11:13] < "18" for start in events)
    rows = [*store.rows(world.entities["code/list"])]
    assert len({row["owner"]["name"] for row in rows}) == 1
    assert all("," not in row["id"] for row in rows)


def test_who_writes_is_not_who_reads_and_nothing_begins_in_a_state_that_is_guessed() -> None:
    people = People(Random(1))
    assert people.person("email_from_name") != people.person("email_to_name")
    assert people.person("from_email") == people.person("email_from_name")
    noted = {"title": TEXT, "download_path": TEXT}
    world = infer_world([
        tool("create_note", noted), tool("list_notes", {}), tool("archive_note", {"note_id": TEXT}),
    ])  # fmt: skip
    rows = [*Sandbox(world, 5, CLOCK).store.rows(world.entities["code/note"])]
    assert rows
    assert not any(row.get("status") == "archived" for row in rows)
    assert "download_path" not in world.entities["code/note"].fields


def test_each_repository_has_a_main_branch_that_is_made_of_none() -> None:
    made = {**PLACE, "branch": TEXT, "base_branch": TEXT}
    world = infer_world([
        tool("create_branch", made), tool("list_branches", PLACE),
        tool("delete_branch", {**PLACE, "branch": TEXT}),
        tool("get_repository", PLACE, {"type": "object", "properties": {**PLACE, "name": TEXT}}),
    ])  # fmt: skip
    entity = world.entities["code/branch"]
    rows = [*Sandbox(world, 5, CLOCK).store.rows(entity)]
    scopes = {tuple(row[name] for name in entity.identity[:-1]) for row in rows}
    assert rows
    assert sum(row[entity.identity[-1]] == "main" for row in rows) == len(scopes)
    shown = world.models["list_branches"].returns["properties"]["branches"]["items"]["properties"]
    assert "base_branch" not in shown


@pytest.mark.parametrize("seed", range(4))
def test_a_change_is_called_as_the_branch_on_which_it_is_made(seed: int) -> None:
    named = [wants("title", "field", None, "title")]
    made = {"title": "Speed up the upload handler", "head": "fix/error-messages", "base": "main"}
    name_after_branch("pull request", named, made, {}, Random(seed))
    assert branch_for(made["title"]) == "fix/error-messages"
    other = {"title": "Speed up the upload handler"}
    name_after_branch("pull request", named, other, made, Random(seed))
    assert branch_for(other["title"]) == "fix/error-messages"
    assert other["title"] != made["title"]


def test_a_share_costs_about_the_same_in_each_row_and_an_order_has_one_id() -> None:
    row = {"id": NUMBER, "symbol": TEXT, "price": {"type": "number"}}
    cancel = tool("cancel_order", {"order_id": NUMBER}, {"type": "object", "properties": {
        "order_id": NUMBER, "status": TEXT}})  # fmt: skip
    world = infer_world([tool("list_orders", {}, listing("orders", row)), cancel,
                         tool("get_order", {"order_id": NUMBER}, {"type": "object",
                                                                  "properties": row})])  # fmt: skip
    sandbox = Sandbox(world, 3, CLOCK)
    orders = rows(sandbox, "order")
    for symbol in {one["symbol"] for one in orders}:
        prices = [one["price"] for one in orders if one["symbol"] == symbol]
        assert max(prices) < 1.2 * min(prices)
    cancelled: Any = sandbox.call("cancel_order", {"order_id": orders[0]["id"]}).content
    assert cancelled["order_id"] == orders[0]["id"]


def test_what_a_node_is_of_suits_its_name() -> None:
    for name, kind in (("Harbor project", "project"), ("Tom Becker", "person"),
                       ("Blue Finch Studio", "organization"), ("North Pier", "place")):  # fmt: skip
        row = {"name": name, "entityType": "?"}
        fit_texts("entity", row, {}, ["name"], Random(1))
        assert row["entityType"] == kind


@pytest.mark.parametrize("drawn", [3.0, 58.25, 240.5])
def test_what_is_told_of_a_share_goes_with_its_price(drawn: float) -> None:
    names = ("price", "MA(5)", "day_high", "day_low", "percent_change", "volume")
    row: JsonObject = {"symbol": "OSKI", **dict.fromkeys(names, drawn)}
    put_right(row, {})
    price = row["price"]
    assert row["day_low"] < price < row["day_high"]
    assert abs(row["MA(5)"] / price - 1) < 0.1
    assert abs(row["percent_change"]) <= 4
    assert row["volume"] == drawn


@pytest.mark.parametrize(
    ("noun", "old", "stem"),
    [
        ("issue", "Pagination is very slow on Safari", "Pagination is very slow"),
        ("issue", "Memory leak in the audit log", "Memory leak in the audit log"),
        ("pull request", "Clean up token refresh to close a race", "Clean up token refresh"),
    ],
)
def test_a_thing_that_is_renamed_is_the_same_thing(noun: str, old: str, stem: str) -> None:
    others = reword(noun, old)
    assert len(others) > 3
    assert old not in others
    assert all(one.startswith(stem) for one in others)
    assert reword(noun, "Whatever somebody wrote") == ()


@pytest.mark.parametrize("seed", range(4))
def test_a_new_title_says_more_or_less_of_the_same(seed: int) -> None:
    issue = {**PLACE, "issue_number": NUMBER, "title": TEXT, "state": STATE}
    whole = {"type": "object", "properties": issue, "required": [*issue]}
    named = {**PLACE, "issue_number": NUMBER}
    world = infer_world([
        tool("list_issues", PLACE, listing("issues", issue)), tool("get_issue", named, whole),
        tool("update_issue_title", {**named, "title": TEXT}, whole),
    ])  # fmt: skip
    sandbox = Sandbox(world, seed, CLOCK)
    given = propose_arguments(sandbox, "update_issue_title", Random(seed))
    assert given is not None
    old = sandbox.call("get_issue", {name: given[name] for name in named}).content["title"]
    assert given["title"] in reword("issue", old)


@pytest.mark.parametrize("seed", range(4))
def test_a_firm_that_is_called_otherwise_becomes_no_other_firm(seed: int) -> None:
    company = {"company_id": TEXT, "name": TEXT, "phone": TEXT}
    named, whole = {"company_id": TEXT}, {"type": "object", "properties": company}
    world = infer_world([
        tool("list_companies", {}, listing("companies", company)),
        tool("get_company", named, whole),
        tool("update_company", {**named, "name": TEXT}, whole),
    ])  # fmt: skip
    sandbox = Sandbox(world, seed, CLOCK)
    given = propose_arguments(sandbox, "update_company", Random(seed))
    assert given is not None
    old = sandbox.call("get_company", {"company_id": given["company_id"]}).content["name"]
    assert given["name"] in reword("company", old)


def test_a_commit_says_what_is_done_to_its_file() -> None:
    world = infer_world([
        tool("delete_file", {**PLACE, "path": TEXT, "message": TEXT, "branch": TEXT}, None,
             "Delete a file from a repository"),
        tool("git_commit", {"repo_path": TEXT, "message": TEXT}, None, "Record changes"),
    ])  # fmt: skip
    for seed in range(4):
        given = propose_arguments(Sandbox(world, seed, CLOCK), "delete_file", Random(seed))
        assert given is not None
        assert given["message"] == f"Delete {given['path'].rpartition('/')[2]}"
        other = propose_arguments(Sandbox(world, seed, CLOCK), "git_commit", Random(seed))
        assert other is not None
        assert not other["message"].startswith("Commit ")


def test_a_reaction_suits_whatever_it_is_about() -> None:
    choices = {"type": "string", "enum": ["+1", "-1", "laugh", "confused", "heart", "eyes"]}
    made = {
        invent("enum", choices, Random(seed), name="content", clock=CLOCK) for seed in range(60)
    }
    assert made == {"+1", "heart", "eyes"}


@pytest.mark.parametrize(("said", "fits"), [("A text.", True), ("Should be URI encoded.", False)])
def test_what_is_to_be_encoded_is_sought_by_a_word_that_needs_no_encoding(
    said: str, fits: bool
) -> None:
    person = {"person_id": NUMBER, "name": TEXT}
    world = infer_world([
        tool("search_people", {"query": {**TEXT, "description": said}}, listing("people", person)),
        tool("get_person", {"person_id": NUMBER}, {"type": "object", "properties": person}),
    ])  # fmt: skip
    sandbox = Sandbox(world, 1, CLOCK)
    sought = [propose_arguments(sandbox, "search_people", Random(seed)) for seed in range(8)]
    assert any(" " in one["query"] for one in sought if one) == fits
    named = sandbox.rows("code/person")[0]["name"]
    assert sandbox.call("search_people", {"query": named}).is_error != fits
    assert all(not sandbox.call("search_people", one).is_error for one in sought if one)


@pytest.mark.parametrize("named", ["uid", "index_uid"])
@pytest.mark.parametrize("shown", [{"examples": ["movies"]}, {"description": 'E.g. "movies".'}])
def test_what_is_kept_under_a_word_is_called_by_it(named: str, shown: JsonObject) -> None:
    key = {**TEXT, **shown}
    index = {"uid": key, "name": TEXT, "created_at": ISO}
    world = infer_world([
        tool("list_indexes", {}, listing("indexes", index)),
        tool("get_index", {named: key}, {"type": "object", "properties": index}),
    ])  # fmt: skip
    for seed in range(4):
        rows = Sandbox(world, seed, CLOCK).rows("code/index")
        assert {(row["uid"], row["name"]) for row in rows} == {("movies", "Movies")}


def campaigns() -> World:
    said = {**TEXT, "description": "New status (e.g., 'ACTIVE', 'PAUSED')"}
    object_id = {**TEXT, "description": "ID of the campaign, ad set, board or account"}
    of = {"account_id": TEXT}
    return infer_world(
        (
            tool("list_accounts", {}),
            tool("list_campaigns", of),
            tool("create_campaign", {**of, "name": TEXT}),
            tool("update_campaign", {"campaign_id": TEXT, "status": said}),
            tool("list_boards", {**of, "campaign_id": TEXT}),
            tool("create_board", {**of, "campaign_id": TEXT, "name": TEXT}),
            tool("list_signs", {**of, "campaign_id": TEXT, "board_id": TEXT}),
            tool("create_sign", {**of, "campaign_id": TEXT, "board_id": TEXT, "name": TEXT}),
            tool("list_figures", {"object_id": object_id}),
        )
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_row_lies_where_those_lie_that_it_names(seed: int) -> None:
    sandbox = Sandbox(campaigns(), seed, "2026-05-15T10:00:00+00:00")
    known = {
        noun: {row[f"{noun}_id"]: row for row in rows(sandbox, noun)}
        for noun in ("campaign", "board")
    }
    for sign in rows(sandbox, "sign"):
        assert sign["campaign_id"] == known["board"][sign["board_id"]]["campaign_id"]
        assert sign["account_id"] == known["campaign"][sign["campaign_id"]]["account_id"]


@pytest.mark.parametrize("seed", range(3))
def test_rows_are_not_all_of_one_account_where_a_tool_lists_ad_accounts(seed: int) -> None:
    made = [
        tool("get_ad_accounts", {}),
        tool("get_ads", {"account_id": TEXT}),
        tool("create_ad", {"account_id": TEXT, "name": TEXT}),
        tool("get_ad_creatives", {"ad_id": TEXT}),
        tool("create_ad_creative", {"account_id": TEXT, "link_url": TEXT}),
    ]
    asks = [{**one.parameters, "required": []} for one in made]  # nothing must be given
    free = [one.model_copy(update={"parameters": p}) for one, p in zip(made, asks, strict=True)]
    sandbox = Sandbox(infer_world(free), seed, "2026-05-15T10:00:00+00:00")
    ads = {row["ad_id"]: row["account_id"] for row in rows(sandbox, "ad")}
    assert len({*ads.values()}) > 1
    for creative in rows(sandbox, "ad creative"):
        assert creative["account_id"] == ads[creative["ad_id"]]


def test_a_state_of_which_examples_are_told_is_shown_and_an_id_of_one_of_several_is_no_part() -> (
    None
):
    world = campaigns()
    for name in ("update_campaign", "list_campaigns"):
        assert "status" in str(world.models[name].returns)
    assert not any("object_ids" in entity.fields for entity in world.entities.values())


@pytest.mark.parametrize(
    ("name", "noun"), [("url", "emoji"), ("avatar_url", "user"), ("url", "sticker")]
)
def test_an_address_of_a_picture_is_that_of_an_image(name: str, noun: str) -> None:
    assert file_values.url(Random(1), name, noun).endswith(".jpg")


def test_nobody_sets_what_cannot_be_told() -> None:
    teams = {"target_team_ids": TEXT, "is_shared": {"type": "boolean"}}
    made = tool("set_channel_teams", {"channel_id": TEXT, **teams})
    parameters = {**made.parameters, "required": ["channel_id"]}
    world = infer_world(
        (
            tool("list_channels", {}, listing("channels", {"id": TEXT, "name": TEXT})),
            made.model_copy(update={"parameters": parameters}),
            tool("set_channel_name", {"channel_id": TEXT, "name": TEXT}),
        )
    )
    assert "what to change" in find_objection(world, world.models["set_channel_teams"])
    assert not find_objection(world, world.models["set_channel_name"])


def test_what_lies_in_a_row_is_gone_with_it() -> None:
    row = {"type": "object", "properties": CHANGE}
    world = infer_world([
        tool("get_repository", PLACE, {"type": "object", "properties": PLACE}),
        tool("delete_repository", PLACE, {"type": "object", "properties": PLACE}),
        tool("search_pull_requests", {"query": TEXT}, listing("pull_requests", CHANGE)),
        tool("get_pull_request", {**PLACE, "pull_number": NUMBER}, row),
    ])  # fmt: skip
    sandbox = Sandbox(world, 3, CLOCK)
    entity = next(one for one in world.entities.values() if one.noun == "pull request")
    first = sandbox.store.rows(entity)[0]
    named = {name: first[name] for name in entity.identity}
    assert not sandbox.call("get_pull_request", named).is_error
    gone = {name: named[name] for name in PLACE}
    assert not sandbox.call("delete_repository", gone).is_error
    assert sandbox.call("get_pull_request", named).is_error
    left = sandbox.store.rows(entity)
    assert left
    assert all(any(one[name] != gone[name] for name in gone) for one in left)


def test_a_number_is_one_that_may_be_written_and_a_change_one_that_is_shown() -> None:
    said = {"sid": TEXT, "code_length": NUMBER, "is_live": {"type": "boolean"}}
    length = {**NUMBER, "minimum": 4, "maximum": 10}
    hidden = {"type": "string", "description": "The name of the application."}
    change = tool("update_service", {"Sid": TEXT, "CodeLength": length, "AppName": hidden},
                  {"type": "object", "properties": said})  # fmt: skip
    required = {**change.parameters, "required": ["Sid"]}
    world = infer_world([
        tool("list_services", {}, listing("services", said)),
        change.model_copy(update={"parameters": required}),
    ])  # fmt: skip
    for seed in range(12):
        sandbox = Sandbox(world, seed, CLOCK)
        entity = next(iter(world.entities.values()))
        held = [one["code_length"] for one in sandbox.store.rows(entity)]
        assert held
        assert all(4 <= one <= 10 for one in held)
        asked = propose_arguments(sandbox, "update_service", Random(seed), optional=2)
        assert asked is not None
        assert "AppName" not in asked


def test_each_part_of_an_identity_that_names_rows_of_others_is_one_of_theirs() -> None:
    tools = [
        tool("list_clusters", {}, listing("clusters", {"cluster": TEXT})),
        tool("get_space", {"space": TEXT}, {"type": "object", "properties": {"space": TEXT}}),
        tool("get_pod", {"cluster": TEXT, "space": TEXT, "pod": TEXT},
             {"type": "object", "properties": {"pod": TEXT, "restarts": NUMBER}}),
    ]  # fmt: skip
    names = {"entity": "cluster", "semantic": "handle", "json_schema": TEXT}
    spaces = {"entity": "space", "semantic": "handle", "json_schema": TEXT}
    told = WorldModel.model_validate({
        "entities": {
            "cluster": {"identity": ["cluster"]},
            "space": {"identity": ["space"]},
            "pod": {"identity": ["cluster", "space", "pod"],
                    "fields": {"cluster": names, "space": spaces}},
        }
    })  # fmt: skip
    source = WorldSource(file="said", domains=("code",), world=told)
    world = infer_world(tools, [source])
    for seed in range(4):
        sandbox = Sandbox(world, seed, CLOCK)
        known = {row["cluster"] for row in sandbox.rows("code/cluster")}
        assert {row["cluster"] for row in sandbox.rows("code/pod")} <= known


def test_ids_that_are_said_to_be_those_of_one_thing_have_one_form() -> None:
    said = {"type": "string", "description": "The ID for the track."}
    shown = {**said, "examples": ["11dFghVXANMlKmJXsNCbNl"]}
    other = {"type": "string", "description": "The ID for the album."}
    track = {"id": said, "name": TEXT}
    world = infer_world([
        tool("get_album", {"id": other}, {"type": "object", "properties": {"id": other}}),
        tool("get_track", {"id": shown}, {"type": "object", "properties": track}),
        tool("list_album_tracks", {"id": TEXT}, listing("items", track)),
        tool("list_albums", {}, listing("items", {"id": other, "name": TEXT})),
    ])  # fmt: skip
    sandbox = Sandbox(world, 3, CLOCK)
    ids = {
        entity.noun: [row["id"] for row in sandbox.store.rows(entity)]
        for entity in world.entities.values()
    }
    assert {len(one) for one in ids["album track"]} == {22}
    assert all(one.startswith("ALB-") for one in ids["album"])


@pytest.mark.parametrize(
    ("noun", "said", "named"),
    [
        ("vector store", "The name of the vector store.", "vector store"),
        ("eval run", "The name of the evaluation run.", "eval run"),
        ("ticket", "The name of the customer who wrote.", "customer"),
        ("key", "", "key"),
    ],
)
def test_a_name_is_that_of_the_row_unless_another_thing_is_told(
    noun: str, said: str, named: str
) -> None:
    assert entitled(Want("title", {**TEXT, "description": said}, "name", noun)) == named


def test_what_is_over_or_on_air_has_begun_and_what_is_planned_has_not() -> None:
    states: JsonObject = {"type": "string", "enum": ["ended", "planned", "live", "active"]}
    row = {"stream_id": TEXT, "title": TEXT, "startTime": ISO, "endTime": ISO, "status": states}
    world = infer_world([tool("list_streams", {}, listing("streams", row))])
    lying = {"ended": "<<", "planned": ">>", "live": "<>", "active": "<>"}
    for seed in range(3):
        rows = Sandbox(world, seed, CLOCK).rows("code/stream")
        assert {one["status"] for one in rows} == {*lying}
        for one in rows:
            sides = "".join("<>"[one[name] > CLOCK] for name in ("startTime", "endTime"))
            assert sides == lying[one["status"]]


def test_what_is_asked_for_since_a_day_has_happened() -> None:
    row = {"firm_id": TEXT, "name": TEXT, "ineligible_from": {"type": "string", "format": "date"}}
    listed = tool("list_firms", {"ineligible_from_since": TEXT}, listing("firms", row))
    rows = Sandbox(infer_world([listed]), 2, CLOCK).rows("code/firm")
    assert all(one["ineligible_from"] < CLOCK[:10] for one in rows)


@pytest.mark.parametrize(("beside", "of_money"), [("transactions", True), ("posts", False)])
def test_accounts_are_called_like_savings_only_beside_money(beside: str, of_money: bool) -> None:
    row = {"account_id": TEXT, "name": TEXT}
    tools = [tool("list_accounts", {}, listing("accounts", row)),
             tool(f"list_{beside}", {}, listing(beside, {"id": TEXT, "text": TEXT}))]  # fmt: skip
    world = infer_world([*tools, tool("create_account", {"name": TEXT})])
    called = {one["name"] for one in Sandbox(world, 2, CLOCK).rows("code/account")}
    made = propose_arguments(Sandbox(world, 2, CLOCK), "create_account", Random(1))
    assert isinstance(made, dict)
    called.add(made["name"])
    money = {"checking", "savings", "expenses", "fund", "card"}
    assert all((one.rpartition(" ")[2] in money) == of_money for one in called)
    untold = infer_world([tool("get_accounts", {}), tools[1]])
    assert ("name" in untold.entities["code/account"].fields) == of_money


@pytest.mark.parametrize(("noun", "beside"), [
    ("card", "boards"), ("case", "tickets"), ("appointment", "meetings"),
])  # fmt: skip
def test_what_has_several_meanings_is_named_only_beside_what_tells_which(
    noun: str, beside: str
) -> None:
    row = {"id": NUMBER, "name": TEXT, "year": {"type": "integer", "minimum": 1990}}
    listed = tool(f"list_{noun}s", {}, listing(f"{noun}s", row))
    other = tool(f"list_{beside}", {}, listing(beside, {"id": TEXT, "name": TEXT}))
    for tools, known in (([listed, other], True), ([listed], False)):
        tried = try_tools(Catalog(tools=tuple(tools))).tools[0]
        shown = tried.returns or {}
        rows = shown["properties"][f"{noun}s"]["items"]["properties"]
        assert ("name" in rows) == known
        untold = infer_world([tool(f"get_{noun}", {"id": NUMBER}), *tools[1:]])
        assert ("name" in untold.entities[f"code/{noun.replace('_', ' ')}"].fields) == known


@pytest.mark.parametrize(("name", "beside"), [("state", "city"), ("branch", "commit")])
def test_regions_and_branches_of_a_history_stand_beside_their_like(name: str, beside: str) -> None:
    for other, known in ((beside, True), ("model", False)):
        row = {"id": NUMBER, name: TEXT, other: TEXT}
        world = infer_world([tool("list_ovens", {name: TEXT, other: TEXT}, listing("ovens", row))])
        parameter = world.models["list_ovens"].by_path[name]
        meanings = {world.entities["code/oven"].fields[name].semantic, parameter.semantic}
        assert meanings == {name if known else "label"}


@pytest.mark.parametrize(("verb", "kind"), [
    ("cancel", "cancellation"), ("return", "giving_back"), ("reschedule", "postponing"),
    ("flag", "reporting"), ("pause", "reason"),
])  # fmt: skip
def test_the_reason_that_is_given_is_one_of_the_deed(verb: str, kind: str) -> None:
    given = {"parcel_id": TEXT, "reason": {**TEXT, "description": "Reason"}}
    done = tool(f"{verb}_parcel", given).model_copy(
        update={"parameters": {"type": "object", "properties": given, "required": [*given]}}
    )
    sandbox = Sandbox(infer_world([tool("list_parcels", {}), done]), 2, CLOCK)
    known = read_phrases("texts")["kinds"][kind]["why"]
    for seed in range(8):
        made = propose_arguments(sandbox, f"{verb}_parcel", Random(seed))
        assert isinstance(made, dict)
        said = made["reason"].removesuffix(".")
        assert any(
            re.fullmatch(re.sub(r"\\{\w+\\}", r"\\w+", re.escape(one)), said) for one in known
        )


def test_the_only_name_that_is_known_is_that_of_one_row() -> None:
    dated = {**TEXT, "format": "date"}
    row: JsonObject = {"id": NUMBER, "title": {**TEXT, "examples": ["Lunch at the lake"]},
           "phrase": {**TEXT, "description": "what was said, for example 'old barn roof'"},
           "category": {**TEXT, "examples": ["food"]}, "day": dated}  # fmt: skip
    shown = listing("outlays", row)
    shown["properties"]["outlays"]["items"]["required"] = [*row]
    tried = try_tools(Catalog(tools=(tool("list_outlays", {}, shown),)))
    page = Sandbox(infer_world(tried.tools), 2, CLOCK).call("list_outlays", {}).content["outlays"]
    assert len(page) > 2
    for name in ("title", "phrase"):
        assert sum(name in one for one in page) == 1
    assert all({"category", "day"} <= one.keys() for one in page)
    required = tried.tools[0].returns["properties"]["outlays"]["items"]["required"]  # type: ignore[index]
    assert {*required} == {"id", "category", "day"}
    untold = infer_world([tool("add_outlay", {"phrase": row["phrase"]}), tool("list_outlays", {})])
    page = Sandbox(untold, 2, CLOCK).call("list_outlays", {}).content["outlays"]
    assert sum("phrase" in one for one in page) == 1 < len(page)


def test_firms_have_names_of_their_own_accord() -> None:
    world = infer_world([tool("list_firms", {"country": TEXT})])
    assert "name" in world.entities["code/firm"].fields
    row: JsonObject = {"firm_id": NUMBER, "country": {**TEXT, "description": "ISO code"}}
    for named, found in (({}, False), ({"name": TEXT}, True)):
        world = infer_world([tool("list_firms", {}, listing("firms", row | named))])
        assert (find_objection(world, world.models["list_firms"]) == "") == found


def test_what_another_tool_tells_of_a_value_holds_for_the_rows() -> None:
    row = {"ticket_id": TEXT, "subject": TEXT, "priority": TEXT, "severity": TEXT, "type": TEXT}
    colors: JsonObject = {**TEXT, "enum": ["blue", "yellow", "red"]}
    world = infer_world([
        tool("get_ticket", {"ticket_id": TEXT}, {"type": "object", "properties": row}),
        tool("list_tickets", {"severity": colors}, listing("tickets", row)),
        tool("create_ticket", {"subject": TEXT,
                               "type": {**TEXT, "description": "problem|incident|task"},
                               "priority": {**TEXT, "description": "low, normal, urgent"}}),
    ])  # fmt: skip
    told = {"priority": {"low", "normal", "urgent"}, "severity": {"blue", "yellow", "red"},
            "type": {"problem", "incident", "task"}}  # fmt: skip
    rows = Sandbox(world, 2, CLOCK).rows("code/ticket")
    assert all(one[name] in values for one in rows for name, values in told.items())


@pytest.mark.parametrize("noun", ["session", "call", "meeting"])
def test_a_summary_tells_how_it_went_and_never_what_is_to_come(noun: str) -> None:
    told = {phrases.text(Random(seed), noun, "summary") for seed in range(30)}
    said = " ".join(told)
    assert "was done" in said
    assert all(word not in said for word in ("Please", "agenda", "Coffee", "It should"))
    assert "Please" in " ".join(
        phrases.text(Random(s), "session", "description") for s in range(30)
    )


def test_a_warning_takes_effect_before_it_expires_and_what_is_made_is_said_to_be() -> None:
    row: JsonObject = {"warning_id": TEXT, "effective_at": ISO, "expires_at": ISO}
    answer = {"type": "object", "properties": {"created": {"type": "boolean"}, "warning_id": TEXT}}
    world = infer_world([
        tool("create_warning", {"title": TEXT, "effective_at": ISO, "expires_at": ISO}, answer),
        tool("list_warnings", {}, listing("warnings", row)),
    ])  # fmt: skip
    assert "created" not in world.entities["code/warning"].fields
    for seed in range(6):
        box = Sandbox(world, seed, CLOCK)
        made = propose_arguments(box, "create_warning", Random(seed))
        assert isinstance(made, dict)
        assert made["effective_at"] < made["expires_at"]
        told = box.call("create_warning", made).content
        assert isinstance(told, dict)
        assert told["created"] is True
        assert all(one["effective_at"] < one["expires_at"] for one in box.rows("code/warning"))


def test_what_was_due_is_so_after_it_was_made_and_what_came_last_did_not_come_first() -> None:
    states: JsonObject = {"type": "string", "enum": ["open", "pending", "solved", "closed"]}
    row = {"ticket_id": NUMBER, "subject": TEXT, "status": states, "due_at": ISO, "created_at": ISO}
    pause = {"warning_id": TEXT, "title": TEXT, "effective_at": ISO, "issued_at": ISO,
             "expires_at": ISO, "last_received_at": ISO}  # fmt: skip
    world = infer_world([tool("list_tickets", {}, listing("tickets", row)),
                         tool("list_warnings", {}, listing("warnings", pause))])  # fmt: skip
    for seed in range(24):
        box = Sandbox(world, seed, CLOCK)
        for one in box.rows("code/ticket"):
            assert one["created_at"][:10] <= one["due_at"][:10]
            assert (one["status"] in ("solved", "closed")) == (one["due_at"] < CLOCK)
        for one in box.rows("code/warning"):
            assert one["issued_at"] <= one["last_received_at"] <= CLOCK
            assert one["issued_at"] <= one["effective_at"] <= one["expires_at"]


@pytest.mark.parametrize(("own", "owner"), [
    ({"item_id": "opaque_id"}, ("shop/bag", "item_ids")),
    ({"item_id": "opaque_id", "bag_id": "shop/bag"}, ("shop/box", "held")),
])  # fmt: skip
def test_rows_stand_in_the_first_list_of_a_kind_that_they_do_not_name(
    own: dict[str, str], owner: tuple[str, str]
) -> None:
    item = entity("shop", "item", ["item_id"], own)
    bag = entity("shop", "bag", ["bag_id"], {"bag_id": "opaque_id", "item_ids": item.key})
    box = entity("shop", "box", ["box_id"], {"one": item.key, "held": item.key})
    listed = {"type": "array", "items": {"type": "string"}}
    kinds = [
        replace(one, fields={**one.fields, name: replace(one.fields[name], schema=listed)})
        for one, name in ((box, "held"), (bag, "item_ids"))
    ]
    world = world_of([], [*kinds, item])
    assert owner_of(Same(world), item.key) == owner
    assert owner_of(Same(world), bag.key) is None
