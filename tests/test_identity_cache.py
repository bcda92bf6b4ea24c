"""What the sandbox works out once and remembers never shows: not in results, not in their order."""

import gc
from functools import _lru_cache_wrapper, cache
from typing import Any
from weakref import ref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from generators.identity_cache import remembered
from generators.sandbox.row_values import equal_to, equals
from generators.sandbox.sandbox import Sandbox
from generators.sandbox.schema_validity import MISSING, adapt, fits, simple
from generators.sandbox.seeding import Seeds
from generators.sandbox.store import State
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.canonical import copied
from schemas.environment import CallOutcome, call_at
from schemas.record import JsonObject
from schemas.task import GoldCall, Task
from tests.studio import own_catalog, own_studio, takes

SCALARS = (
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.text("ab1", max_size=4)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner),
    max_leaves=6,
)
BARE = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(
            ["string", "integer", "number", "boolean", "null", "object", "array"]
        )
        | st.lists(st.sampled_from(["string", "integer", "null"]), min_size=1, unique=True),
        "enum": st.lists(SCALARS, min_size=1, max_size=3),
        "minLength": st.integers(0, 2),
        "maxLength": st.integers(1, 4),
        "pattern": st.sampled_from(["^a", "b$", "[0-9]"]),
        "minimum": st.integers(-4, 4),
        "maximum": st.integers(-4, 4),
        "exclusiveMinimum": st.integers(-4, 4),
        "minItems": st.integers(0, 2),
        "maxItems": st.integers(0, 3),
        "required": st.lists(st.sampled_from("xyz"), max_size=2, unique=True),
        "description": st.just("What it is."),
        "uniqueItems": st.booleans(),
        "const": SCALARS,
    },
)
SCHEMAS: st.SearchStrategy[JsonObject] = st.recursive(
    BARE,
    lambda inner: st.tuples(
        BARE,
        st.fixed_dictionaries(
            {},
            optional={
                "properties": st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
                "additionalProperties": st.booleans() | inner,
                "items": inner,
                "anyOf": st.lists(inner, min_size=1, max_size=2),
                "allOf": st.lists(inner, min_size=1, max_size=2),
                "oneOf": st.lists(inner, min_size=1, max_size=2),
                "not": inner,
            },
        ),
    ).map(lambda both: both[0] | both[1]),
    max_leaves=5,
)


@given(schema=SCHEMAS, value=VALUES)
@settings(max_examples=40)
def test_a_value_fits_where_jsonschema_finds_nothing_wrong(schema: JsonObject, value: Any) -> None:
    assert fits(value, schema) == Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize(
    ("schema", "value", "wanted"),
    [
        ({"enum": [1]}, True, False),
        ({"const": 0}, False, False),
        ({"type": "integer"}, 1.0, True),
        ({"type": "integer"}, True, False),
        ({"oneOf": [{"type": "integer"}, {"minimum": 0}]}, 3, False),
        ({"not": {"type": "string"}}, "a", False),
        ({"multipleOf": 0.01}, 19.99, True),
        ({"pattern": r"^(?!00)\d+$"}, "0012", False),
        ({"pattern": r"^(?P<year>\d{4})\Z"}, "2026", True),
        ({"format": "date"}, "soon", True),
        ({"type": "string"}, "\ud800", True),
        ({"type": "object"}, {1: 2}, True),
    ],
)
def test_what_fits(schema: JsonObject, value: Any, wanted: bool) -> None:
    assert fits(value, schema) is wanted


@given(schema=SCHEMAS, value=VALUES)
@settings(max_examples=40)
def test_what_is_adapted_fits_and_shares_nothing_with_the_value(
    schema: JsonObject, value: Any
) -> None:
    before = copied(value)
    made = adapt(value, schema)
    if isinstance(made, dict | list):
        made.clear()
    assert value == before
    again = adapt(value, schema)
    assert again is MISSING or fits(again, schema) or fits(again, simple(schema))


@given(held=VALUES, wanted=VALUES)
@settings(max_examples=40)
def test_a_comparison_made_once_says_what_equals_says(held: Any, wanted: Any) -> None:
    assert equal_to(wanted)(held) == equals(held, wanted)


def test_remembered_work_is_done_once_for_each_object_and_not_for_equal_ones() -> None:
    seen: list[JsonObject] = []

    @remembered
    def count(schema: JsonObject) -> int:
        seen.append(schema)
        return len(seen)

    one, other = {"type": "string"}, {"type": "string"}
    assert [count(one), count(other), count(one), count(other)] == [1, 2, 1, 2]


@cache
def tasks() -> tuple[Task, ...]:
    drawn = (made.trajectory.task for made in takes(24))
    return tuple(task for task in drawn if not task.plants and all(map(_is_made, task.calls)))


def _is_made(call: GoldCall) -> bool:
    return not call.barred and (call.fault is None or call.fault.transient)


def results(world: World, task: Task, spoil: bool) -> list[Any]:
    """What the task's calls return; with ``spoil``, each is destroyed as soon as it is noted."""
    sandbox = Sandbox(world, task.environment_seed, task.clock)
    found = []
    for call in task.calls:
        arguments = copied(call.arguments)
        content = call_at(sandbox, call.at, call.tool, arguments).content
        found.append(copied(content))
        if spoil:
            _destroy(content)
            _destroy(arguments)
    return [*found, sandbox.state_hash()]


def _destroy(value: Any) -> None:
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            _destroy(item)
    value.clear()


def test_who_changes_a_result_or_his_arguments_changes_no_later_result() -> None:
    world = own_studio().world
    for task in tasks():
        before = results(world, task, spoil=True)
        assert results(world, task, spoil=False) == before
        assert before[-1] == task.final_state


def test_the_order_of_conversations_and_what_is_remembered_change_nothing() -> None:
    fresh = infer_world(own_catalog().tools, own_catalog().worlds)
    backwards = [results(fresh, task, spoil=False) for task in reversed(tasks())]
    forwards = [results(own_studio().world, task, spoil=False) for task in tasks()]
    assert backwards[::-1] == forwards


def test_what_is_remembered_of_values_does_not_add_up() -> None:
    # What is worked out for a schema or a name is kept for good. For a date or a word of a row it
    # would fill a cache of many thousands with rows of worlds that nobody comes back to.
    list(takes(20))
    before = _count_remembered()
    list(takes(50))
    grown = {name: count - before.get(name, 0) for name, count in _count_remembered().items()}
    assert {name: count for name, count in grown.items() if count > 200} == {}


def test_what_nobody_holds_is_gone_without_a_search_for_rings() -> None:
    # The program seldom looks for rings of garbage; a world of rows that waited for it would be
    # one of thousands in a long run.
    world = own_studio().world
    gc.disable()
    try:
        seeds, state = Seeds(world, 77, "2026-03-12T09:00:00+00:00"), State({})
        for key in world.entities:
            seeds.rows(key)
        state.keep(("get_order", "{}", ""), CallOutcome(content={}), state)
        assert state.recall(("get_order", "{}", "")) == (CallOutcome(content={}), state)
        gone = ref(seeds), ref(state)
        del seeds, state
        assert [one() for one in gone] == [None, None]
    finally:
        gc.enable()


def _count_remembered() -> dict[str, int]:
    """Entries of each cache that holds more than some thousands."""
    found = {}
    for one in gc.get_objects():
        if type(one) is _lru_cache_wrapper:  # what a proxy stands for is not asked: it would load
            told = one.cache_info()
            if told.maxsize is None or told.maxsize > 4096:
                found[f"{one.__module__}.{one.__qualname__}"] = told.currsize
    return found
