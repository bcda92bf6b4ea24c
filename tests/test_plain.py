"""Python's values as JSON: equal states hash alike, and what JSON cannot hold is told."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from generators.backends.python_environment import changes, id_field, tables_of
from generators.backends.python_tools import NotPlainError, plain
from schemas.canonical import canonical_json, content_hash

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=4)
SCALARS |= st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS,
    lambda part: (
        st.lists(part, max_size=4) | st.dictionaries(st.text(max_size=3), part, max_size=4)
    ),
    max_leaves=12,
)


class Colour(Enum):
    RED = "red"


@dataclass
class Folder:
    name: str
    parent: "Folder | None" = None
    inside: "list[Folder]" = field(default_factory=list)
    _seen_at: float = 0.0


class Price(BaseModel):
    amount: float
    currency: str = "EUR"


@given(VALUES)
def test_json_stays_as_it_is(value: Any) -> None:
    assert canonical_json(plain(value)) == canonical_json(value)


@given(st.lists(st.integers(), unique=True), st.randoms(use_true_random=False))
def test_sets_have_no_order(items: list[int], rng: Random) -> None:
    shuffled = items[:]
    rng.shuffle(shuffled)
    assert plain(set(items)) == plain(set(shuffled)) == plain(frozenset(items))


@given(st.dictionaries(st.text(max_size=3), SCALARS))
def test_equal_states_hash_alike_whatever_their_order(held: dict[str, Any]) -> None:
    turned = dict(reversed(held.items()))
    assert content_hash(plain(held)) == content_hash(plain(turned))


@given(st.integers(-(2**53), 2**53))
def test_equal_numbers_hash_alike(number: int) -> None:
    assert content_hash(plain({"n": number})) == content_hash(plain({"n": float(number)}))


def test_objects_become_their_fields() -> None:
    value = {
        Colour.RED: (Price(amount=2), {3, 1}),
        "at": datetime(2026, 3, 2, tzinfo=UTC),
        5: Folder("a"),
    }
    assert plain(value) == {
        "red": [{"amount": 2, "currency": "EUR"}, [1, 3]],
        "at": "2026-03-02T00:00:00+00:00",
        "5": {"name": "a", "parent": None, "inside": [], "_seen_at": 0.0},
    }


def test_what_lies_within_itself_is_written_as_the_way_back() -> None:
    top = Folder("top")
    top.inside.append(Folder("below", top))
    assert plain(top, without=frozenset({"_seen_at"})) == {
        "name": "top",
        "parent": None,
        "inside": [{"name": "below", "parent": {"^": 3}, "inside": []}],
    }


def test_generators_of_random_numbers_are_state() -> None:
    first, second = Random(1), Random(1)
    assert plain(first) == plain(second)
    second.random()
    assert plain(first) != plain(second)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), object(), print, int, b"x", {(1,): 2}]
)
def test_what_json_cannot_hold_is_told_with_its_place(value: Any) -> None:
    with pytest.raises(NotPlainError, match=r"^Shop\.held\[0\]"):
        plain([value], "Shop.held")


def test_depth_is_bounded() -> None:
    value: list[Any] = []
    for _ in range(200):
        value = [value]
    with pytest.raises(NotPlainError, match="nested more than"):
        plain(value, "Shop.deep")


def test_tables_are_maps_and_lists_of_objects() -> None:
    state = {
        "orders": {"o1": {"total": 2}},
        "work_orders": [{"work_order_id": "w1"}, {"work_order_id": "w2"}],
        "notes": [{"text": "a"}],
        "count": 3,
    }
    assert tables_of(state) == {
        "orders": {"o1": {"order_id": "o1", "total": 2}},
        "work_orders": {"w1": {"work_order_id": "w1"}, "w2": {"work_order_id": "w2"}},
        "notes": {"0": {"text": "a"}},
        "attributes": {"count": {"value": 3}},
    }
    assert id_field("boxes") == "box_id"


EXACT = st.integers(-(2**53), 2**53)
"""Whole numbers that a float holds as they are."""


@given(st.dictionaries(st.sampled_from("abc"), st.dictionaries(st.just("n"), EXACT)))
def test_nothing_has_changed_in_equal_tables(rows: dict[str, dict[str, Any]]) -> None:
    floats = {key: {name: float(n) for name, n in row.items()} for key, row in rows.items()}
    assert list(changes({"rows": rows}, {"rows": floats})) == []
    assert [one.key for one in changes({"rows": rows}, {})] == sorted(rows)
