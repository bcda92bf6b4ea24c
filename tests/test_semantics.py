"""What a leaf means, from its name, schema and description."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from generators.world.schema_leaves import leaves_of
from generators.world.semantics import element_semantic, semantic_type
from schemas.semantic import SEMANTIC_TYPES

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
REAL: dict[str, Any] = {"type": "number"}


def test_a_description_within_the_schema_counts_as_well() -> None:
    assert semantic_type("start", {**TEXT, "description": "in the form YYYY-MM-DD"}) == "date"
    timed = {**TEXT, "description": "Start of the lesson. Format: YYYY-MM-DD HH:MM:SS"}
    assert semantic_type("lesson_start", timed) == "datetime"


def test_a_nullable_leaf_means_what_its_other_branch_means() -> None:
    schema = {"anyOf": [{"type": "null"}, {"type": "string", "format": "date"}]}
    assert semantic_type("x", schema) == "date"


def test_an_average_of_votes_is_a_rating_and_no_count() -> None:
    assert semantic_type("vote_average", REAL) == semantic_type("averageVote", REAL) == "rating"


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
