"""What a careful reader holds against a backend: states, dates, sums and places that disagree."""

from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from random import Random
from typing import Any

import pytest

from benchmarks.catalogues import read_standing
from generators.importers.catalog_reader import read_catalog
from generators.sandbox.file_values import is_media
from generators.sandbox.people import People, places, streets
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.world.infer import infer_world
from tests.test_kin_rows import listing, tool
from tests.test_sandbox import CLOCK, SHARED, catalogs, fine, refused


def table(sandbox: Sandbox, key: str) -> list[dict[str, Any]]:
    return [dict(row) for row in sandbox.store.rows(sandbox.world.entities[key])]


def in_state(sandbox: Sandbox, key: str, *states: str) -> list[dict[str, Any]]:
    return [row for row in table(sandbox, key) if row["status"] in states]


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_changed_that_is_over(seed: int) -> None:
    sandbox = Sandbox(catalogs(), seed, CLOCK)
    for row in in_state(sandbox, "travel/stay", "cancelled", "completed"):
        said = refused(sandbox, "conflict", "change_stay", stay_id=row["stay_id"], guests=2)
        assert row["status"] in said
    for row in in_state(sandbox, "banking/transfer", "rejected", "completed", "cancelled"):
        refused(sandbox, "conflict", "cancel_transfer", transfer_id=row["transfer_id"])
    for row in in_state(sandbox, "shop/order", "shipped", "delivered"):
        refused(sandbox, "conflict", "cancel_order", order_id=row["order_id"],
                cancellation_reason="too_slow")  # fmt: skip


def test_no_money_leaves_a_closed_account_and_nothing_is_returned_that_never_came() -> None:
    refusals = 0
    for seed in range(4):
        sandbox = Sandbox(catalogs(), seed, CLOCK)
        payee = table(sandbox, "banking/payee")[0]["payee_id"]
        for row in in_state(sandbox, "banking/account", "closed"):
            refused(sandbox, "conflict", "send_transfer", account_id=row["account_id"],
                    payee_id=payee, amount=20, execution_date="2026-03-20")  # fmt: skip
            refusals += 1
        for row in in_state(sandbox, "shop/order", "pending", "cancelled"):
            refused(sandbox, "conflict", "request_return", order_id=row["order_id"],
                    product_ids=[row["items"][0]["product_id"]], reason="damaged",
                    refund_method="store_credit")  # fmt: skip
            refusals += 1
    assert refusals > 4


def test_only_what_was_ordered_is_returned_and_only_a_restaurants_own_dishes_are_ordered() -> None:
    sandbox = Sandbox(catalogs(), 3, CLOCK)
    order = in_state(sandbox, "shop/order", "delivered")[0]
    held = {line["product_id"] for line in order["items"]}
    strange = next(
        row["product_id"] for row in table(sandbox, "shop/product") if row["product_id"] not in held
    )
    refused(sandbox, "not_found", "request_return", order_id=order["order_id"],
            product_ids=[strange], reason="damaged", refund_method="store_credit")  # fmt: skip
    dish, *others = table(sandbox, "food_delivery/dish")
    place = next(o["restaurant_id"] for o in others if o["restaurant_id"] != dish["restaurant_id"])
    address = {"street": "4 Mill Lane", "postal_code": "10117", "city": "Berlin"}
    lines = [{"dish_id": dish["dish_id"], "quantity": 1}]
    refused(sandbox, "not_found", "place_food_order", restaurant_id=place, items=lines,
            address=address)  # fmt: skip
    fine(sandbox, "place_food_order", restaurant_id=dish["restaurant_id"], items=lines,
         address=address)  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_most_rows_are_live_and_every_state_that_a_tool_needs_occurs(seed: int) -> None:
    sandbox = Sandbox(catalogs(), seed, CLOCK)
    live = {
        "travel/stay": {"confirmed", "checked_in"}, "banking/transfer": {"scheduled"},
        "library/loan": {"active", "renewed", "overdue"}, "clinic/prescription": {"active"},
    }  # fmt: skip
    for key, states in live.items():
        rows = table(sandbox, key)
        assert sum(row["status"] in states for row in rows) >= 0.6 * len(rows)
    assert {"pending", "delivered"} <= {row["status"] for row in table(sandbox, "shop/order")}


@pytest.mark.parametrize("seed", range(4))
def test_dates_agree_with_the_clock_with_each_other_and_with_the_state(seed: int) -> None:
    sandbox, today = Sandbox(catalogs(), seed, CLOCK), CLOCK[:10]
    for row in table(sandbox, "travel/booking"):
        assert row["booked_on"] <= today
    for loan in table(sandbox, "library/loan"):
        begun, due = (date.fromisoformat(loan[n]) for n in ("borrowed_on", "due_date"))
        assert loan["borrowed_on"] <= today
        assert (due - begun).days == 7 * loan["weeks"]
        assert (loan["status"] != "overdue") or loan["due_date"] < today
        assert (loan["status"] != "active") or loan["due_date"] >= today
    customers = {row["customer_id"]: row for row in table(sandbox, "shop/customer")}
    for order in table(sandbox, "shop/order"):
        assert customers[order["customer_id"]]["customer_since"] <= order["order_date"] <= today
        assert ("cancellation_reason" in order) == (order["status"] == "cancelled")
    accounts = {row["account_id"]: row for row in table(sandbox, "banking/account")}
    for one in table(sandbox, "banking/transaction"):
        assert accounts[one["account_id"]]["opened_on"] <= one["date"]


def test_a_new_loan_begins_today_is_not_renewed_yet_and_a_renewal_counts() -> None:
    sandbox = Sandbox(catalogs(), 3, CLOCK)
    member, book = (table(sandbox, f"library/{noun}")[0] for noun in ("member", "book"))
    loan = fine(sandbox, "create_loan", member_id=member["member_id"], book_id=book["book_id"],
                weeks=3)  # fmt: skip
    assert (loan["borrowed_on"], loan["due_date"]) == ("2026-03-12", "2026-04-02")
    assert loan["times_renewed"] == 0
    renewed = fine(sandbox, "renew_loan", loan_id=loan["loan_id"])
    assert (renewed["times_renewed"], renewed["due_date"]) == (1, "2026-04-23")


def test_rows_that_are_found_together_share_what_was_asked_for_and_nothing_else() -> None:
    mixed = 0
    for seed in range(6):
        sandbox = Sandbox(catalogs(), seed, CLOCK)
        by_day: dict[str, set[str]] = {}
        for row in table(sandbox, "calendar/event"):
            by_day.setdefault(row["date"], set()).add(row["kind"])
        mixed += sum(len(kinds) > 1 for kinds in by_day.values())
    assert mixed >= 6


def others(file: str, seed: int) -> Sandbox:
    return Sandbox(infer_world(read_standing(SHARED / file).tools), seed, CLOCK)


absent = pytest.mark.skipif(not SHARED.exists(), reason="the folder ../shared/real is absent")


@pytest.mark.shared
@absent
def test_an_adjective_in_a_tools_name_is_a_condition_and_every_item_is_one_products() -> None:
    sandbox = others("tau2_retail/retail.json", 3)
    row = in_state(sandbox, "retail/order", "confirmed", "exchanged", "cancelled")[0]
    pay = {"order_id": row["order_id"], "payment_method_id": "gift_card_1234567"}
    refused(sandbox, "conflict", "modify_pending_order_payment", **pay)
    back = "return_delivered_order_items"
    refused(sandbox, "conflict", back, item_ids=row["item_ids"][:1], **pay)
    done = in_state(sandbox, "retail/order", "delivered")[0]
    pay["order_id"] = done["order_id"]
    strange = next(
        item["item_id"]
        for item in table(sandbox, "retail/item")
        if item["item_id"] not in done["item_ids"]
    )
    refused(sandbox, "not_found", back, item_ids=[strange], **pay)
    products = table(sandbox, "retail/product")
    old, new = next(
        (item, other)
        for item in done["item_ids"]
        for product in products
        if item in product["item_ids"]
        for other in product["item_ids"]
        if other not in done["item_ids"]
    )
    swap = "exchange_delivered_order_items"
    refused(sandbox, "invalid_arguments", swap, item_ids=[old], new_item_ids=[old], **pay)
    swapped = fine(sandbox, swap, item_ids=[old], new_item_ids=[new], **pay)
    assert {new} <= {item["item_id"] for item in swapped["items"]}
    assert swapped["status"] != "delivered"
    done = in_state(sandbox, "retail/order", "delivered")[-1]
    pay["order_id"] = done["order_id"]
    fine(sandbox, back, item_ids=done["item_ids"][:1], **pay)
    names = {item["item_id"]: item["name"] for item in table(sandbox, "retail/item")}
    listed = [(p["name"], item) for p in table(sandbox, "retail/product") for item in p["item_ids"]]
    assert len({item for _, item in listed}) == len(listed)
    assert all(names[item].startswith(name.partition(",")[0]) for name, item in listed)


@pytest.mark.shared
@absent
def test_observations_are_kept_in_their_entity() -> None:
    sandbox = others("mcp/ref_memory_tools_list.json", 2)
    one = table(sandbox, "memory/entity")[0]
    fresh = ["Prefers tea.", "Speaks Danish."]
    added = fine(sandbox, "add_observations",
                 observations=[{"entityName": one["name"], "contents": fresh}])  # fmt: skip
    assert added["results"] == [{"entityName": one["name"], "addedObservations": fresh}]
    node = fine(sandbox, "open_nodes", names=[one["name"]])["entities"][0]
    assert node["observations"] == [*one["observations"], *fresh]
    fine(sandbox, "delete_observations",
         deletions=[{"entityName": one["name"], "observations": fresh[:1]}])  # fmt: skip
    node = fine(sandbox, "open_nodes", names=[one["name"]])["entities"][0]
    assert node["observations"] == [*one["observations"], fresh[1]]
    asked = propose_arguments(
        sandbox, "create_relations", Random(2), {"relations[0].from": one["name"]}
    )
    assert asked is not None
    assert asked["relations"][0]["to"] != one["name"]
    names = {row["name"]: row["entityType"] for row in table(sandbox, "memory/entity")}
    for row in table(sandbox, "memory/relation"):
        assert {row["from"], row["to"]} <= set(names)
        assert row["from"] != row["to"]


@pytest.mark.shared
@absent
@pytest.mark.parametrize("seed", range(4))
def test_files_are_found_by_pattern_edited_in_place_and_keep_their_endings(seed: int) -> None:
    sandbox = others("mcp/ref_filesystem_tools_list.json", seed)
    asked = propose_arguments(sandbox, "search_files", Random(seed))
    assert asked is not None
    pattern = asked["pattern"]
    lines = fine(sandbox, "search_files", **asked)["content"].splitlines()
    assert all(fnmatchcase(line.rpartition("/")[2], pattern) for line in lines)
    file = table(sandbox, "filesystem/file")[0]["path"]
    refused(sandbox, "invalid_arguments", "search_files", path=file, pattern="*.md")
    edit = propose_arguments(sandbox, "edit_file", Random(seed))
    assert edit is not None
    before = fine(sandbox, "read_text_file", path=edit["path"])["content"]
    fine(sandbox, "edit_file", **edit)
    after = fine(sandbox, "read_text_file", path=edit["path"])["content"]
    assert edit["edits"][0]["oldText"] in before
    assert edit["edits"][0]["newText"] in after
    lost = [{"oldText": "no such line", "newText": "x"}]
    refused(sandbox, "invalid_arguments", "edit_file", path=edit["path"], edits=lost)
    moved = propose_arguments(sandbox, "move_file", Random(seed))
    assert moved is not None
    assert moved["source"].rpartition(".")[2] == moved["destination"].rpartition(".")[2]
    media = propose_arguments(sandbox, "read_media_file", Random(seed))
    assert media is None or media["path"].endswith((".jpg", ".png", ".mp3", ".wav"))


SNIPPETS = """[{"name": "create_snippet", "description": "Create a new snippet.", "inputSchema": {
    "type": "object", "required": ["filename", "content"], "properties": {
        "filename": {"type": "string", "description": "Filename of the snippet"},
        "content": {"type": "string", "description": "Content of the snippet file"}}}},
 {"name": "get_snippet", "description": "Get one snippet by its ID.", "inputSchema": {
    "type": "object", "required": ["snippet_id"], "properties": {
        "snippet_id": {"type": "string", "description": "The ID of the snippet"}}}}]"""


def test_nobody_writes_words_into_a_sound(tmp_path: Path) -> None:
    (tmp_path / "snippets.json").write_text(SNIPPETS)
    sandbox = Sandbox(infer_world(read_catalog([tmp_path / "snippets.json"]).tools), 1, CLOCK)
    drawn = [propose_arguments(sandbox, "create_snippet", Random(seed)) for seed in range(60)]
    made = [asked for asked in drawn if asked is not None]
    assert len(made) > 30
    assert not [one["filename"] for one in made if is_media(one["filename"])]


@pytest.mark.shared
@absent
def test_files_of_a_repository_are_named_from_its_root() -> None:
    sandbox = others("mcp/ref_git_tools_list.json", 1)
    for row in table(sandbox, "git/repository"):
        assert not any(path.startswith("/") for path in row["files"])


@pytest.mark.parametrize("seed", range(20))
def test_an_address_that_is_written_is_one_places(seed: int) -> None:
    countries = {place.city: place.country for place in places()}
    sandbox = Sandbox(catalogs(), seed, CLOCK)
    asked = propose_arguments(sandbox, "change_delivery_address", Random(seed))
    assert asked is not None
    address = asked["delivery_address"]
    assert countries[address["city"]] == address["country"]


@pytest.mark.parametrize("city", [place.city for place in places()])
def test_a_street_is_one_of_the_citys_country(city: str) -> None:
    people = People(Random(5))
    people.settle("city", city)
    place = people.place("street")
    number = "".join(filter(str.isdigit, place.street))
    written, known = streets(place.country_code)
    assert place.street in {written.format(number=number, street=street) for street in known}


@pytest.mark.shared
@absent
@pytest.mark.parametrize("seed", range(3))
def test_what_lies_in_another_repository_is_not_found_in_this_one(seed: int) -> None:
    sandbox = others("mcp/github_mcp_server_tools_list.json", seed)
    asked = propose_arguments(sandbox, "add_issue_comment_reaction", Random(seed))
    assert asked is not None
    fine(sandbox, "add_issue_comment_reaction", **asked)
    elsewhere = next(
        row
        for row in table(sandbox, "github/repository")
        if (row["owner"], row["repo"]) != (asked["owner"], asked["repo"])
    )
    strange = asked | {"owner": elsewhere["owner"], "repo": elsewhere["repo"]}
    refused(sandbox, "not_found", "add_issue_comment_reaction", **strange)


@pytest.mark.parametrize(("deed", "more"), [("like", 1), ("unlike", -1)])
def test_a_row_counts_the_deeds_that_are_done_to_it(deed: str, more: int) -> None:
    idea = {"idea_id": {"type": "string"}, "title": {"type": "string"}}
    idea["likes"] = {"type": "integer", "minimum": 0}
    world = infer_world((
        tool("list_ideas", {}, listing("ideas", idea), "List ideas."),
        tool(f"{deed}_idea", {"idea_id": idea["idea_id"]}, None, f"{deed.title()} an idea."),
    ))  # fmt: skip
    sandbox = Sandbox(world, 1, "2026-05-15T10:00:00+00:00")
    first, *_ = sandbox.call("list_ideas", {}).content["ideas"]
    assert not sandbox.call(f"{deed}_idea", {"idea_id": first["idea_id"]}).is_error
    again = {one["idea_id"]: one for one in sandbox.call("list_ideas", {}).content["ideas"]}
    assert again[first["idea_id"]]["likes"] == first["likes"] + more
