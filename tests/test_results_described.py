"""Result schemas from descriptions: what examples and prose say, and what they do not."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.results import complete_returns
from generators.results.literals import bracketed, read_literal
from generators.results.shapes import read_shape
from generators.results.type_words import read_type
from schemas.record import JsonObject
from tests.descriptions import LABELLED, catalog, described, leaves

MISSED = {"random_joke"}
"""Too uncertain to be read: its words could as well narrow what is returned."""


def told(text: str, *parameters: str) -> dict[str, str] | None:
    tool = described("look_up", text, parameters)
    return leaves(complete_returns(catalog(tool)).tools[0].returns)


@pytest.mark.parametrize("case", LABELLED, ids=lambda case: case["name"])
def test_a_description_says_what_a_reader_says_that_it_says(case: JsonObject) -> None:
    tool = described(case["name"], case["description"], case["parameters"], wire_name="tool")
    found = complete_returns(catalog(tool)).tools[0]
    expected = None if case["name"] in MISSED else case["expected"]
    names, types = leaves(found.returns), expected or {}
    assert (names and set(names)) == (expected and set(expected))
    assert all((names or {})[path] == kind for path, kind in types.items() if kind)


def test_what_is_shown_and_what_is_told_are_told_apart() -> None:
    shown = described("a", 'Books a seat. Example response: {"seat": "4A"}')
    prose = described("b", "Books a seat. Returns the seat_number and the price.")
    silent = described("c", "Books a seat.")
    found = complete_returns(catalog(shown, prose, silent)).tools
    assert [tool.returns_from for tool in found] == ["example", "documentation", None]
    assert [tool.inferred for tool in found] == [
        ("result schema from an example in the description",),
        ("result schema from the words of the description",),
        (),
    ]


def test_an_example_stands_above_prose() -> None:
    text = 'Returns the seat_number and the price. Response: {"seat": "4A", "row": 4}'
    assert told(text) == {"seat": "string", "row": "integer"}


def test_optional_fields_are_not_required() -> None:
    tool = described("a", "Returns: dict with keys 'id' (int), 'nick' (str, optional)")
    (found,) = complete_returns(catalog(tool)).tools
    assert found.returns == {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "nick": {"type": "string"}},
        "required": ["id"],
    }


def test_several_examples_are_one_schema_and_errors_are_none() -> None:
    text = 'Response: {"id": 1, "note": "x"}\nResponse: {"id": 2.5}\nResponse: {"error": "gone"}'
    (found,) = complete_returns(catalog(described("a", text))).tools
    assert leaves(found.returns) == {"id": "number", "note": "string"}
    assert found.returns is not None
    assert found.returns["required"] == ["id"]


def test_a_json_schema_in_the_description_is_used_as_it_is() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 0}}}
    (found,) = complete_returns(catalog(described("a", f"Output: {json.dumps(schema)}"))).tools
    assert found.returns == schema
    assert found.returns_from == "documentation"


def test_a_schema_that_is_wrong_is_not_used_and_the_reason_is_noted() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "strin"}}}
    found = complete_returns(catalog(described("a", f"Output: {json.dumps(schema)}")))
    assert found.tools[0].returns is None
    (note,) = found.notes
    assert note.startswith("a: result schema from the words of the description is not used")
    assert '"strin" is not a type' in note


def test_an_open_field_has_the_type_of_the_parameter_that_other_tools_call_so() -> None:
    finds = described("find", "Returns a list of flights, each with flight_id, gate and fare.")
    books = described("book", "", ("flight_id", "gate"))
    other = described("move", "", domain="tests").model_copy(
        update={
            "parameters": {
                "type": "object",
                "properties": {"gate": {"type": "integer"}},
                "required": [],
            }
        }
    )
    elsewhere = described("pay", "", ("fare",), domain="elsewhere")
    (found, *_) = complete_returns(catalog(finds, books, other, elsewhere)).tools
    assert leaves(found.returns) == {"[].flight_id": "string", "[].gate": "", "[].fare": "number"}


def test_where_no_parameter_tells_a_type_only_a_plain_name_does() -> None:
    found = told("Returns the price, number of seats, is_open, departs_at, due_date and note.")
    assert found == {
        "price": "number",
        "number_of_seats": "integer",
        "is_open": "boolean",
        "departs_at": "string",
        "due_date": "string",
        "note": "",
    }


def test_a_source_schema_and_a_schema_found_before_stay() -> None:
    text = 'Returns: {"id": 1}'
    own = described("a", text, returns={"type": "string"}, returns_from="source")
    once = complete_returns(catalog(own, described("b", text)))
    assert once.tools[0] == own
    assert complete_returns(once) == once


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("int", {"type": "integer"}),
        ("List[str]", {"type": "array", "items": {"type": "string"}}),
        ("array of numbers", {"type": "array", "items": {"type": "number"}}),
        ("number[]", {"type": "array", "items": {"type": "number"}}),
        ("Optional[bool]", {"type": ["boolean", "null"]}),
        ("str | None", {"type": ["string", "null"]}),
        ("Dict[str, Any]", {"type": "object"}),
        ("int | str", {}),
        ("customer", None),
        ("int or customer", None),
    ],
)
def test_types_are_read_as_people_write_them(text: str, kind: JsonObject | None) -> None:
    assert read_type(text) == kind


def test_quotes_and_apostrophes_in_a_value_are_told_apart() -> None:
    text = """It's {'owner': "Ann's", "mark": "}"} and [not closed"""
    (found,) = bracketed(text)
    assert read_literal(found.text) == {"owner": "Ann's", "mark": "}"}


def test_what_json_does_not_have_is_no_value() -> None:
    for text in (
        "{'a': {1}}",
        "{1: 2}",
        '{"a": NaN}',
        '{"a": 1e999}',
        "{'a': b'x'}",
        "[" * 3000,
        "[" * 60 + "]" * 60,
    ):
        with pytest.raises(ValueError, match=r"."):
            read_literal(text)


WORDS = st.sampled_from(
    "Returns return : a list of flights each with id and ( ) { } [ ] , . ' \" ` name int dict "
    "keys following response -> … ... \n \n\n - the user's :returns: @return {number} Optional[ "
    "Args: -------- Each entry includes price".split(" ")
)


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=40).map(" ".join) | st.text(max_size=200))
def test_any_text_at_all_gives_a_valid_schema_or_none(text: str) -> None:
    found = complete_returns(catalog(described("a", text)))
    assert not found.notes
    again = complete_returns(catalog(described("a", text)))
    assert found == again


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{2,8}", fullmatch=True),
        st.sampled_from(["int", "str", "bool", "float"]),
        min_size=2,
    )
)
def test_a_shape_gives_its_names_in_order(fields: dict[str, str]) -> None:
    drawn = "{" + ", ".join(f"{name}: {kind}" for name, kind in fields.items()) + "}"
    schema = read_shape(drawn)
    assert schema is not None
    assert list(schema["properties"]) == list(fields)


def test_a_source_that_only_says_an_object_leaves_the_word_to_its_description() -> None:
    words = "dict with keys 'id' (int) and 'nick' (str)"
    bare = {"type": "object", "description": words, "additionalProperties": True}
    tool = described("a", "Looks a user up.").model_copy(
        update={"returns": bare, "returns_from": "source"}
    )
    (found,) = complete_returns(catalog(tool)).tools
    assert leaves(found.returns) == {"id": "integer", "nick": "string"}
    assert found.returns_from == "documentation"
    silent = tool.model_copy(update={"returns": {"type": "object"}})
    assert complete_returns(catalog(silent)).tools == (silent,)
