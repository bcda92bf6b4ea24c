"""What a leaf means, from its name, schema and description."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.lexicon.names import noun_words, snake, split_words
from generators.lexicon.nouns import plural, singular
from generators.lexicon.verbs import base_form
from generators.world.schema_leaves import leaves_of
from generators.world.semantics import element_semantic, semantic_type
from schemas.semantic import SEMANTIC_TYPES

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
REAL: dict[str, Any] = {"type": "number"}

CASES: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("order_id", TEXT, "The order id, such as '#W0000000'.", "opaque_id"),
    ("commentNodeID", TEXT, "", "opaque_id"),
    ("uuid", TEXT, "", "opaque_id"),
    ("issue_number", REAL, "", "number_id"),
    ("pullNumber", REAL, "Pull request number", "number_id"),
    ("ticket_id", WHOLE, "", "number_id"),
    ("flight_number", TEXT, "", "number_id"),
    ("owner", TEXT, "Repository owner", "handle"),
    ("repo", TEXT, "", "handle"),
    ("username", TEXT, "", "handle"),
    ("team_slug", TEXT, "", "handle"),
    ("first_name", TEXT, "", "first_name"),
    ("surname", TEXT, "", "last_name"),
    ("full_name", TEXT, "", "person_name"),
    ("name", TEXT, "Name of the passenger", "person_name"),
    ("name", TEXT, "Name of the playlist", "title"),
    ("hotel_name", TEXT, "", "title"),
    ("title", TEXT, "", "title"),
    ("company_name", TEXT, "", "company"),
    ("email", TEXT, "", "email"),
    ("contact", {"type": "string", "format": "email"}, "", "email"),
    ("phone_number", TEXT, "", "phone"),
    ("zip", TEXT, "", "zip"),
    ("zip_code", WHOLE, "", "zip"),
    ("address1", TEXT, "", "street"),
    ("shipping_address", TEXT, "", "address"),
    ("city", TEXT, "", "city"),
    ("origin", TEXT, "City to fly from", "city"),
    ("origin", TEXT, "IATA code of the airport", "airport"),
    ("country", TEXT, "", "country"),
    ("state", TEXT, "The state, such as 'CA'.", "state"),
    ("state", TEXT, "Whether the ticket is open or closed", "label"),
    ("state", {"type": "string", "enum": ["open", "closed"]}, "", "enum"),
    ("latitude", REAL, "", "latitude"),
    ("lng", REAL, "", "longitude"),
    ("source_timezone", TEXT, "IANA timezone name", "timezone"),
    ("currency", TEXT, "", "currency"),
    ("unit", TEXT, "ISO 4217 code", "currency"),
    ("language", TEXT, "", "language"),
    ("check_in", TEXT, "", "date"),
    ("departure_date", TEXT, "", "date"),
    ("starts", TEXT, "Day in the form YYYY-MM-DD", "date"),
    ("time", TEXT, "Time in 24-hour format (HH:MM)", "time"),
    ("created_at", TEXT, "", "datetime"),
    ("since", TEXT, "Only after this time (ISO 8601 timestamp)", "datetime"),
    ("when", {"type": "string", "format": "date-time"}, "", "datetime"),
    ("duration_minutes", WHOLE, "", "duration"),
    ("max_price", REAL, "", "money"),
    ("balance", REAL, "", "money"),
    ("daily_limit", REAL, "", "money"),
    ("discount_percent", REAL, "", "percent"),
    ("min_rating", REAL, "", "rating"),
    ("guests", WHOLE, "", "count"),
    ("per_page", REAL, "", "count"),
    ("num_rooms", WHOLE, "", "count"),
    ("weight_kg", REAL, "", "number"),
    ("is_open", {"type": "boolean"}, "", "boolean"),
    ("url", TEXT, "", "url"),
    ("path", TEXT, "", "path"),
    ("repo_path", TEXT, "", "path"),
    ("filename", TEXT, "", "path"),
    ("branch_name", TEXT, "", "branch"),
    ("base_ref", TEXT, "", "branch"),
    ("sha", TEXT, "", "sha"),
    ("color", TEXT, "", "color"),
    ("version", TEXT, "", "version"),
    ("expression", TEXT, "", "expression"),
    ("after", TEXT, "Cursor for pagination", "cursor"),
    ("page_token", TEXT, "", "cursor"),
    ("query", TEXT, "Words, such as 'since 2024-01-01'", "query"),
    ("body", TEXT, "", "text"),
    ("reason", TEXT, "", "text"),
    ("custom_instructions", TEXT, "", "text"),
    ("category", TEXT, "", "label"),
    ("filters", {"type": "object"}, "", "object"),
    ("things", {"type": "array"}, "", "list"),
    ("zzyzx", TEXT, "", "unknown"),
)


@pytest.mark.parametrize(("name", "schema", "said", "expected"), CASES)
def test_a_leaf_means_what_a_reader_would_say(
    name: str, schema: dict[str, Any], said: str, expected: str
) -> None:
    assert semantic_type(name, schema, said) == expected


def test_a_description_within_the_schema_counts_as_well() -> None:
    assert semantic_type("start", {**TEXT, "description": "in the form YYYY-MM-DD"}) == "date"


def test_a_nullable_leaf_means_what_its_other_branch_means() -> None:
    schema = {"anyOf": [{"type": "null"}, {"type": "string", "format": "date"}]}
    assert semantic_type("x", schema) == "date"


def test_a_list_field_means_what_its_elements_mean() -> None:
    assert element_semantic("item_ids", {"type": "array", "items": TEXT}) == "opaque_id"
    assert element_semantic("items", {"type": "array", "items": {"type": "object"}}) == "list"


JSON_SCHEMAS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "integer", "number", "boolean", "array", "object"]),
        "enum": st.lists(st.one_of(st.text(), st.integers(), st.none()), min_size=1),
        "format": st.text(max_size=8),
        "description": st.text(max_size=30),
        "anyOf": st.lists(st.one_of(st.booleans(), st.just({"type": "null"})), min_size=1),
    },
)


@given(st.text(max_size=20), JSON_SCHEMAS, st.text(max_size=30))
def test_any_leaf_has_one_of_the_known_meanings(
    name: str, schema: dict[str, Any], said: str
) -> None:
    assert semantic_type(name, schema, said) in SEMANTIC_TYPES


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pullNumber", ("pull", "number")),
        ("commentNodeIDs", ("comment", "node", "ids")),
        ("HTTPServer", ("http", "server")),
        ("list-all.things", ("list", "all", "things")),
        ("address1", ("address1",)),
        ("", ()),
    ],
)
def test_names_are_split_however_they_are_joined(name: str, words: tuple[str, ...]) -> None:
    assert split_words(name) == words


@pytest.mark.parametrize(
    ("many", "one"),
    [("branches", "branch"), ("entities", "entity"), ("addresses", "address"), ("movies", "movie")],
)
def test_singular_and_plural_undo_each_other(many: str, one: str) -> None:
    assert singular(many) == one
    assert plural(one) == many


@pytest.mark.parametrize("word", ["status", "address", "analysis", "canvas", "news", "sms", "id"])
def test_a_singular_that_looks_like_a_plural_stays(word: str) -> None:
    assert singular(word) == word


@given(st.text(max_size=25))
def test_splitting_a_name_again_changes_nothing(name: str) -> None:
    assert split_words(snake(name)) == split_words(name) or not split_words(name)
    assert len(noun_words(name)) == len(split_words(name))


@pytest.mark.parametrize(
    ("word", "verb"),
    [("Shows", "show"), ("cancelling", "cancel"), ("modifies", "modify"), ("blue", None)],
)
def test_a_verb_is_found_in_any_form(word: str, verb: str | None) -> None:
    assert base_form(word) == verb


def test_leaves_go_through_lists_objects_and_compositions() -> None:
    schema = {
        "type": "object",
        "properties": {
            "items": {
                "type": "array",
                "items": {"type": "object", "properties": {"sku": TEXT}, "required": ["sku"]},
            },
            "tags": {"type": "array", "items": TEXT},
            "extra": {"type": "object"},
        },
        "allOf": [{"properties": {"note": TEXT}, "required": ["note"]}],
        "anyOf": [{"properties": {"maybe": TEXT}, "required": ["maybe"]}],
        "required": ["items"],
    }
    found = {leaf.path: leaf.required for leaf in leaves_of(schema)}
    assert found == {
        "note": True,
        "maybe": False,
        "items[].sku": True,
        "tags[]": False,
        "extra": False,
    }
