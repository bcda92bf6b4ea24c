"""What must agree within a row beside its times, and how rows are told apart by their names.

A mug is found in the kitchen, a least is not more than a most, a total is a sum of lines. What
fits a name is data: ``fitting`` of ``data/phrases/titles.yaml``, for a field's value the names that
go with it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from random import Random
from typing import Any

from generators.identity_cache import remembered
from generators.lexicon.names import in_words
from generators.lexicon.tables import word_set
from generators.sandbox.phrases import expand_text, read_phrases
from generators.sandbox.row_times import order_dates
from generators.sandbox.schema_validity import fits
from generators.world.model import Entity
from schemas.record import JsonObject

_PRICES = ("price", "unit_price", "amount", "cost")
_QUANTITIES = ("quantity", "qty", "count")
TOTALS = word_set("total total_price total_amount total_cost subtotal order_total amount")
"""Names of fields that sum up what the row holds."""
_LEAST, _MOST = frozenset({"min", "minimum"}), frozenset({"max", "maximum"})


def put_right(row: JsonObject, schemas: Mapping[str, JsonObject]) -> JsonObject:
    """The row with its dates in order, its bounds the right way round, its totals added up.

    ``schemas`` are those of the fields: a change that would violate one is not made.
    """
    order_dates(row, schemas)
    _order_bounds(row)
    _add_up(row, schemas)
    return row


def _order_bounds(row: JsonObject) -> None:
    for name, other in _pairs(tuple(row)):
        low, high = row[name], row[other]
        if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
            row[name], row[other] = high, low


@lru_cache(maxsize=4096)
def _pairs(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(lower bound, upper bound) of the same thing."""
    least = [name for name in names if _bounds(name, _LEAST)]
    most = [name for name in names if _bounds(name, _MOST)] if least else []
    return tuple((low, high) for low in least for high in most if _rest(low) == _rest(high))


def _bounds(name: str, words: frozenset[str]) -> bool:
    return bool(words & set(in_words(name).split()))


def _rest(name: str) -> tuple[str, ...]:
    return tuple(word for word in in_words(name).split() if word not in _LEAST | _MOST)


def _add_up(row: JsonObject, schemas: Mapping[str, JsonObject]) -> None:
    """A total is the sum over the row's lines, or price times quantity."""
    if TOTALS.isdisjoint(row):
        return
    totals = [name for name in row if name in TOTALS and isinstance(row[name], int | float)]
    if not totals:
        return
    lines = [value for value in row.values() if isinstance(value, list) and value]
    sums = [sum(costs) for costs in map(_costs, lines) if costs]
    own = _cost(row) if "amount" not in totals else None
    found = sums[0] if sums else own
    if found is not None:
        for name in totals:
            if fits(round(found, 2), schemas.get(name, {})):
                row[name] = round(found, 2)


def _costs(lines: list[Any]) -> list[float]:
    costs = [_cost(line) for line in lines if isinstance(line, dict)]
    return [cost for cost in costs if cost is not None] if None not in costs else []


def _cost(line: JsonObject) -> float | None:
    price = next((line[name] for name in _PRICES if name in line), None)
    quantity = next((line[name] for name in _QUANTITIES if name in line), None)
    numbers = isinstance(price, int | float) and isinstance(quantity, int | float)
    return price * quantity if numbers and price is not None and quantity is not None else None


@cache
def _table() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Field → value → templates of names."""
    raw: Mapping[str, Mapping[str, list[str]]] = read_phrases("titles")["fitting"]
    return {
        field: {value: tuple(names) for value, names in values.items()}
        for field, values in raw.items()
    }


@lru_cache(maxsize=4096)
def _kind(field: str) -> str:
    """The field's place in the table; "" where it has none."""
    said = in_words(field).replace(" ", "_")
    return said if said in _table() else ""


@lru_cache(maxsize=4096)
def _kinds(fields: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The fields that the table knows, with their places in it."""
    return tuple((one, _kind(one)) for one in fields if _kind(one))


@remembered
def _name_field(entity: Entity) -> str:
    named = ("name", "title")
    return next(
        (n for n, f in entity.fields.items() if n in named and f.semantic == "title"), ""
    )  # fmt: skip


@remembered
def _handle_field(entity: Entity) -> str:
    """The handle that tells a row from its neighbours, and so says what it is called."""
    last = entity.identity[-1] if entity.identity else ""
    return last if last in entity.fields and entity.fields[last].semantic == "handle" else ""


def fit_name(entity: Entity, row: JsonObject, fixed: Mapping[str, Any], rng: Random) -> None:
    """Let the row's name suit its kind; where the name is fixed, let the kind suit the name."""
    name = _name_field(entity)
    if not name or name not in row:
        return
    handle = _handle_field(entity)
    if handle and name not in fixed and isinstance(row.get(handle), str):
        row[name] = _capital(in_words(row[handle]))
    for field, kind_of_thing in _kinds(tuple(row)):
        templates = _table()[kind_of_thing].get(str(row[field]), ())
        if name not in fixed and templates:
            row[name] = _capital(expand_text(rng.choice(templates), "product", rng))
        elif field not in fixed:
            kind = kind_of_name(kind_of_thing, str(row[name]))
            if kind and fits(kind, entity.fields[field].schema):
                row[field] = kind


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def kind_of_name(field: str, name: str) -> str:
    """The value that goes with a name; "" where no table knows it."""
    for value, patterns in _patterns().get(field, {}).items():
        if any(pattern.fullmatch(name) for pattern in patterns):
            return value
    return ""


@cache
def _patterns() -> Mapping[str, Mapping[str, tuple[re.Pattern[str], ...]]]:
    return {
        field: {value: tuple(map(_pattern, names)) for value, names in values.items()}
        for field, values in _table().items()
    }


def _pattern(template: str) -> re.Pattern[str]:
    literal = "(.+)".join(map(re.escape, re.split(r"\{\w+\}", template)))
    return re.compile(literal, re.IGNORECASE)


_RENAMINGS = 6


def rename_alike(
    entity: Entity, rows: Sequence[JsonObject], rng: Random, draw: Callable[[str], Any]
) -> None:
    """Give things different names where that is easily had: two lamps are two lamps.

    ``draw`` gives another value for a field.
    """
    taken: set[str] = set()
    names = [n for n in ("name", "title") if n in entity.fields and n not in entity.identity]
    for row in rows:
        for name in [name for name in names if name in row]:
            tries = _RENAMINGS if entity.fields[name].semantic == "title" else 0
            while _plain(row, name) in taken and tries:
                tries -= 1
                row[name] = draw(name)
                fit_name(entity, row, {}, rng)
            taken.add(_plain(row, name))


def _plain(row: JsonObject, name: str) -> str:
    """A name without what follows a comma."""
    return str(row[name]).partition(",")[0]


_DEARER = 4
"""What each further variant costs more."""


def is_variant(entity: Entity) -> bool:
    """Whether its rows are the variants in which something is sold."""
    return entity.noun.rsplit(" ", 1)[-1] in read_phrases("titles")["variants"]["nouns"]


def name_variants(entity: Entity, rows: Sequence[JsonObject], wholes: Sequence[JsonObject]) -> None:
    """Call items after the products that they are shared out to in turn, and price them so."""
    words = read_phrases("titles")["variants"]["words"]
    for number, row in enumerate(rows):
        whole, turn = wholes[number % len(wholes)], number // len(wholes)
        if "name" in row and "name" in whole and "name" not in entity.identity:
            row["name"] = f"{_plain(whole, 'name')}, {words[turn % len(words)]}"
            price = whole.get("price")
            if "price" in row and isinstance(price, int | float):
                row["price"] = round(price + _DEARER * turn, 2)
