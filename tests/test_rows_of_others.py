"""What rows of services that nobody described hold: each its own name, what is shown is found."""

from random import Random

import pytest

from generators.identity_cache import Same
from generators.language.slot_phrases import _look_up_slot
from generators.lexicon.nouns import plural
from generators.lexicon.relations import halves_of_wholes, opposite_flags
from generators.sampling.wishes import find_objection
from generators.sandbox.own_rows import find_user
from generators.sandbox.row_sense import parts_move_apart, put_right
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.sandbox.search import query_words
from generators.sandbox.values import invent
from generators.world.infer import infer_world
from generators.world.model import Entity
from schemas.record import JsonObject
from tests.test_kin_rows import CLOCK, NUMBER, STATE, TEXT, listing, rows, tool

SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_search_finds_what_shows_why_it_was_found(seed: int) -> None:
    shown = {"article_id": TEXT, "title": TEXT}
    one = {"type": "object", "properties": {**shown, "body": TEXT}, "required": [*shown, "body"]}
    world = infer_world([
        tool("search_articles", {"query": TEXT}, listing("articles", shown)),
        tool("get_article", {"article_id": TEXT}, one),
    ])  # fmt: skip
    sandbox = Sandbox(world, seed, CLOCK)
    texts = " ".join(row["body"] for row in rows(sandbox, "article"))
    for word in dict.fromkeys(query_words(texts)):
        found = sandbox.call("search_articles", {"query": word}).content["articles"]
        assert all(word in row["title"].lower() for row in found), word


@pytest.mark.parametrize("seed", SEEDS)
def test_no_two_films_differ_in_an_article_alone_and_saved_albums_are_different_ones(
    seed: int,
) -> None:
    album = {"type": "object", "properties": {"name": TEXT}, "required": ["name"]}
    world = infer_world([
        tool("list_movies", {}, listing("movies", {"movie_id": NUMBER, "title": TEXT})),
        tool("list_saved_albums", {}, listing("saved_albums", {"added_at": TEXT, "album": album})),
    ])  # fmt: skip
    sandbox = Sandbox(world, seed, CLOCK)
    titles = [row["title"].lower().removeprefix("the ") for row in rows(sandbox, "movie")]
    shown = sandbox.call("list_saved_albums", {}).content["saved_albums"]
    albums = [row["album"]["name"] for row in shown]
    assert len({*titles}) == len(titles)
    assert len({*albums}) == len(albums)


def test_a_page_begins_and_ends_with_rows_that_it_shows_and_an_account_has_few_devices() -> None:
    page = listing("data", {"id": TEXT, "name": TEXT})
    page["properties"] |= {"first_id": TEXT, "last_id": TEXT}
    world = infer_world([
        tool("list_files", {}, page), tool("delete_file", {"file_id": TEXT}),
        tool("list_devices", {}, listing("devices", {"id": TEXT, "name": TEXT})),
    ])  # fmt: skip
    sandbox = Sandbox(world, 5, CLOCK)
    shown = sandbox.call("list_files", {}).content
    assert shown["first_id"] == shown["data"][0]["id"]
    assert shown["last_id"] == shown["data"][-1]["id"]
    assert 1 < len(sandbox.call("list_devices", {}).content["devices"]) < 6


def test_what_is_promised_and_not_shown_is_not_asked_for() -> None:
    detail = {**TEXT, "enum": ["none", "stats"], "default": "stats",
              "description": "\"stats\" (default) includes the files."}  # fmt: skip
    commit = tool("get_commit", {"sha": TEXT}, said="Get details for a commit")
    options = {"sha": TEXT, "detail": detail}
    world = infer_world([
        commit.model_copy(update={
            "parameters": {"type": "object", "properties": options, "required": ["sha"]}}),
        tool("get_team_members", {"team_slug": TEXT}, said="Get member usernames of a team"),
        tool("get_group_members", {"group_slug": TEXT}, said="Get the members of a group"),
    ])  # fmt: skip
    said = {name: find_objection(world, model) for name, model in world.models.items()}
    assert "promises" in said["get_commit"]
    assert "promises" in said["get_team_members"]
    assert "promises" not in said["get_group_members"]


def test_a_code_that_invites_lies_in_no_repository() -> None:
    invites = tool("get_invite_code", {"group_id": TEXT}, said="Get the invite code of a group")
    sources = tool("search_code", {"query": TEXT}, said="Search code")
    shown = {
        one.noun: {"path", "repository"} <= one.fields.keys()
        for one in infer_world([invites, sources]).entities.values()
    }
    assert shown == {"invite code": False, "code": True}


def test_flags_that_exclude_each_other_and_halves_of_a_whole() -> None:
    assert opposite_flags(("collaborative", "public")) == (("collaborative", "public"),)
    told = ("total_attempts", "total_converted", "total_unconverted")
    assert halves_of_wholes(told) == (("total_converted", "total_unconverted", "total_attempts"),)
    row: JsonObject = {"is_public": True, "is_private": True, "total_attempts": 53,
                       "total_converted": 18, "total_unconverted": 38}  # fmt: skip
    put_right(row, {})
    assert (row["is_private"], row["is_public"], row["total_attempts"]) == (True, False, 56)


def test_code_is_not_counted_and_promo_codes_are() -> None:
    assert (plural("code"), plural("promo code")) == ("code", "promo codes")


def test_the_subject_of_a_task_is_no_letters() -> None:
    rng, letters = Random(1), ("Reminder: ", "Update on", "Your parcel", "Photos", "Next steps")
    said = [invent("title", TEXT, rng, name="hs_task_subject", clock=CLOCK) for _ in range(40)]
    assert not any(one.startswith(letters) for one in said)


def test_a_vote_is_of_ten_points_and_other_ratings_of_five() -> None:
    rng, number = Random(1), {"type": "number"}
    votes = [invent("rating", number, rng, name="vote_average", clock=CLOCK) for _ in range(40)]
    stars = [invent("rating", number, rng, name="rating", clock=CLOCK) for _ in range(40)]
    told = {**number, "examples": [8.4]}
    points = [invent("rating", told, rng, name="rating", clock=CLOCK) for _ in range(40)]
    assert max(votes) > 6 < max(points)
    assert max(stars) <= 5


def test_a_date_says_what_happens_then_unless_it_is_that_of_the_thing_itself() -> None:
    assert _look_up_slot("ship_date", "datetime", "field") == "to be shipped {on}"
    assert _look_up_slot("appointment_date", "date", "field") == "{on}"
    assert _look_up_slot("publication_date", "date", "field") == ""


@pytest.mark.parametrize("seed", SEEDS)
def test_a_new_name_is_like_the_old_one(seed: int) -> None:
    task = {"task_id": TEXT, "title": TEXT, "status": STATE}
    person = {"customer_id": TEXT, "firstName": TEXT, "lastName": TEXT, "email": TEXT}
    world = infer_world([
        tool("list_tasks", {}, listing("tasks", task)),
        tool("rename_task", {"task_id": TEXT, "title": TEXT}),
        tool("list_customers", {}, listing("customers", person)),
        tool("update_customer", {"customer_id": TEXT, "email": TEXT}),
    ])  # fmt: skip
    sandbox = Sandbox(world, seed, CLOCK)
    known = {row["task_id"]: row for row in rows(sandbox, "task")}
    given = propose_arguments(sandbox, "rename_task", Random(seed))
    assert given is not None
    old = known[given["task_id"]]["title"].lower().split()
    new = given["title"].lower().split()
    assert new != old
    assert {*old} & {*new}
    people = {row["customer_id"]: row for row in rows(sandbox, "customer")}
    given = propose_arguments(sandbox, "update_customer", Random(seed))
    assert given is not None
    assert people[given["customer_id"]]["lastName"].lower() in given["email"]


def test_a_part_goes_with_its_whole() -> None:
    old = {"total_baggages": 2, "nonfree_baggages": 1}
    for total, part, apart in ((3, 2, False), (3, 1, False), (1, 0, False), (3, 0, True),
                               (2, 2, True), (1, 2, True), (3, 3, True)):  # fmt: skip
        new = {"total_baggages": total, "nonfree_baggages": part}
        assert parts_move_apart(old, new) == apart, new
        assert parts_move_apart(old, new, bought=True) == ((total, part) != (3, 2)), new
    shrunk = {"total_baggages": 1, "nonfree_baggages": 1}
    assert parts_move_apart({"total_baggages": 4, "nonfree_baggages": 3}, shrunk)


def test_whoever_may_list_all_customers_is_none_of_them() -> None:
    def find(**asked: JsonObject) -> Entity | None:
        customer = {"customer_id": TEXT, "name": TEXT}
        world = infer_world([
            tool("find_customers", asked, listing("customers", customer)),
            tool("list_orders", {"customer_id": TEXT},
                 listing("orders", {"order_id": TEXT, "customer_id": TEXT, "name": TEXT})),
        ])  # fmt: skip
        return find_user(Same(world), world.models["list_orders"].tool.domain)

    assert find() is None
    asking = find(phone=TEXT)
    assert asking is not None
    assert asking.noun == "customer"
