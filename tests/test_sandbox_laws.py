"""The laws of the sandbox, and random legal calls, on the project's own catalogues."""

from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from benchmarks.catalogues import CLOCK, OWN, Opened, opened
from benchmarks.legal_calls import run
from benchmarks.sandbox_laws import LAWS, stores, tried
from benchmarks.schema_values import draw
from generators.backends.trial import NO_RESULT, try_tools
from generators.importers import NamedDocument, read_catalog
from generators.sandbox.compute import reckon
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.sandbox.schema_validity import MISSING, fits
from generators.world.infer import infer_world
from schemas.errors import InputError
from schemas.tool import Catalog, ToolSource, ToolSpec
from tests.laws_of_rows import agree
from tests.laws_of_state import Law

TEXT = {"type": "string"}
MOST_EXEMPT = 0.1
"""Share of what is asked of calls that may be exempt from a law on the rows."""


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_law_holds_for_every_tool(law: Law) -> None:
    trial = tried(OWN, law, seeds=1)
    assert not trial.broken
    assert trial.held > 0
    spoilt = trial.exempt.pop("the spoilt call succeeds", 0)
    assert spoilt <= trial.held
    assert trial.exempt.total() <= MOST_EXEMPT * trial.held


def test_another_seed_makes_another_store() -> None:
    assert stores([OWN], 4) != stores([OWN], 5)


def test_legal_calls_never_raise_and_their_results_are_valid() -> None:
    tally = run(opened(OWN), 200, seed=1)
    assert tally.calls == 200
    assert not tally.faults
    assert not tally.none
    assert tally.proposed > 50
    assert tally.errors.keys() <= {"not_found", "conflict", "invalid_arguments"}


def test_a_copy_has_an_id_of_its_own() -> None:
    source = {"fileId": {"type": "string"}}
    tools = [
        ToolSpec(name=name, wire_name=name, domain="drive", description=said, effect=effect,
                 source=ToolSource(format="mcp", path="drive.json"),
                 parameters={"type": "object", "properties": given, "required": [*given]})
        for name, said, effect, given in (
            ("list_files", "List files.", "read", {}),
            ("get_file", "Get a file.", "read", source),
            ("batch_copy_files", "Copy files.", "write", {"operations": {
                "type": "array", "minItems": 1,
                "items": {"type": "object", "properties": source, "required": ["fileId"]}}}),
        )
    ]  # fmt: skip
    world = infer_world(tools)
    assert world.models["batch_copy_files"].operation == "create"
    tally = run(Opened({one.wire_name: one for one in tools}, world), 40, seed=1)
    assert tally.writes
    assert not tally.lost


def test_a_fault_of_the_sandbox_is_counted_and_fails_the_run() -> None:
    known = opened(OWN)
    wrong = {
        n: one.model_copy(update={"returns": {"type": "null"}}) for n, one in known.tools.items()
    }
    tally = run(Opened(wrong, known.world), 30, seed=1)
    assert tally.invalid.total() == tally.results > 0
    assert tally.faults


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (1, 1.0, True),
        ("12", 12, True),
        ("Cancelled", "cancelled", True),
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ([1, 2], [1], False),
        ({"a": [1]}, {"a": [2]}, False),
        (True, 1, False),
        ("a", ["a"], None),
        (None, "a", None),
    ],
)
def test_what_agrees(one: Any, other: Any, wanted: bool | None) -> None:
    assert agree(one, other) is wanted


SCHEMAS = st.recursive(
    st.sampled_from(
        [
            TEXT, {"type": "integer", "minimum": 1, "maximum": 3}, {"type": ["number", "null"]},
            {"enum": ["a", 1, None]}, {"const": "x"}, {"type": "boolean"},
            {"type": "string", "minLength": 2, "maxLength": 5},
            {"type": "string", "pattern": "^[A-Z]{3}$"}, {"type": "number", "multipleOf": 0.5},
        ]
    ),
    lambda inner: st.one_of(
        st.builds(lambda part, least: {"type": "array", "items": part, "minItems": least},
                  inner, st.integers(0, 2)),
        st.builds(lambda parts: {"anyOf": parts}, st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda parts, free: {"type": "object", "properties": parts,
                                       "required": sorted(parts)[:1], "additionalProperties": free},
                  st.dictionaries(st.sampled_from(["id", "name", "items"]), inner), st.booleans()),
    ),
    max_leaves=6,
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(SCHEMAS, st.integers(0, 99))
def test_what_is_drawn_from_a_schema_is_allowed_by_it(schema: dict[str, Any], seed: int) -> None:
    made = draw(schema, Random(seed))
    assert made is None or Draft202012Validator(schema).is_valid(made)
    assert repr(made) == repr(draw(schema, Random(seed)))


def catalog_of(**returns: Any) -> Catalog:
    tools = [
        {"name": name, "description": "Does it.", "outputSchema": schema,
         "inputSchema": {"type": "object", "properties": {"note": TEXT}, "required": ["note"]}}
        for name, schema in returns.items()
    ]  # fmt: skip
    return read_catalog([], documents=[NamedDocument("odd", {"tools": tools})])


@settings(deadline=None, max_examples=20)
@given(SCHEMAS, st.sampled_from(["get_order", "list_orders", "create_order", "compute_total"]))
def test_a_result_is_valid_under_any_schema_or_the_call_fails(
    returns: dict[str, Any], name: str
) -> None:
    whole = {"type": "object", "properties": {"order": returns}, "required": ["order"]}
    catalog = catalog_of(**{name: whole})
    sandbox = Sandbox(infer_world(catalog.tools), 3, CLOCK)
    for seed in range(2):
        proposed = propose_arguments(sandbox, name, Random(seed)) or {"note": "x"}
        before = sandbox.state_hash()
        outcome = sandbox.call(name, proposed)
        if outcome.is_error:
            assert sandbox.state_hash() == before
        else:
            Draft202012Validator(whole).validate(outcome.content)


IMPOSSIBLE = {"type": "object", "properties": {
    "id": {"type": "string", "not": {"type": "string"}}}, "required": ["id"]}  # fmt: skip
POSSIBLE = {"type": "object", "properties": {
    "total": {"type": "number"}, "name": {"type": "string", "not": {"const": "y"}}}}  # fmt: skip


def test_a_tool_that_can_never_answer_is_skipped_with_its_reason() -> None:
    read = catalog_of(get_order=IMPOSSIBLE, get_total=POSSIBLE)
    catalog = try_tools(read)
    assert [tool.name for tool in catalog.tools] == ["get_total"]
    assert [str(one) for one in catalog.skipped] == [
        f"odd, tool 'get_order', at result.id: {NO_RESULT}"
    ]
    with pytest.raises(InputError, match="get_order"):
        try_tools(read, strict=True)
    assert try_tools(catalog) == catalog


def test_a_call_without_an_answer_fails_and_leaves_no_trace() -> None:
    sandbox = Sandbox(infer_world(catalog_of(create_order=IMPOSSIBLE).tools), 1, CLOCK)
    before = sandbox.state_hash()
    outcome = sandbox.call("create_order", {"note": "Ring twice"})
    assert outcome.is_error
    assert outcome.content["error"]["code"] == "server_error"
    assert sandbox.state_hash() == before


def test_one_new_row_is_no_list_of_two() -> None:
    orders = {"type": "array", "minItems": 2, "items": {
        "type": "object", "properties": {"id": TEXT}, "required": ["id"]}}  # fmt: skip
    whole = {"type": "object", "properties": {"order": orders}, "required": ["order"]}
    sandbox = Sandbox(infer_world(catalog_of(create_order=whole).tools), 3, CLOCK)
    assert sandbox.call("create_order", {"note": "x"}).is_error


def test_true_is_not_one() -> None:
    assert fits(1.0, {"enum": [1]})
    assert not fits(1, {"enum": [True]})
    assert not fits(True, {"const": 1})


@pytest.mark.parametrize(("number", "wanted"), [(5, 120), (2.5, MISSING), (171, MISSING),
                                                (2**62, MISSING), (-1, MISSING)])  # fmt: skip
def test_factorials_end_where_numbers_do(number: float, wanted: Any) -> None:
    assert reckon("factorial", {"number": number}) == wanted


def test_a_repost_is_a_row_of_its_own() -> None:
    row = {"type": "object", "properties": {"tweet_id": {"type": "integer"}, "text": TEXT},
           "required": ["tweet_id", "text"]}  # fmt: skip
    one = {"type": "object", "properties": {"tweet_id": {"type": "integer"}},
           "required": ["tweet_id"]}  # fmt: skip
    tools = [
        {"name": "get_tweet", "description": "Gets a tweet.", "inputSchema": one,
         "outputSchema": {"type": "object", "properties": {"id": {"type": "integer"},
                                                           "text": TEXT}}},
        {"name": "create_retweet", "description": "Retweets a tweet.", "inputSchema": one,
         "outputSchema": row},
    ]  # fmt: skip
    catalog = read_catalog([], documents=[NamedDocument("posts", {"tools": tools})])
    world = infer_world(catalog.tools)
    counts: Counter[str] = Counter()
    for seed in range(4):
        asked = propose_arguments(Sandbox(world, seed, CLOCK), "create_retweet", Random(seed))
        counts["proposed"] += asked is not None
    assert counts["proposed"] == 4


def test_a_tool_whose_pattern_nothing_is_found_for_is_skipped_with_place_and_pattern() -> None:
    odd = {**TEXT, "pattern": "^(?!a)a$"}
    read = catalog_of(get_order={"type": "object", "properties": {"x": odd}, "required": ["x"]})
    catalog = try_tools(read)
    assert not catalog.tools
    assert str(catalog.skipped[0]).endswith(
        "at result.x: no text was found that the pattern matches: ^(?!a)a$"
    )
