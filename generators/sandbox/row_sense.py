"""What must agree within a row beside its times, and how rows are told apart by their names.

A least is not more than a most, a total is a sum of lines, a mug costs no 200. Which words of a
title go with which text is data: ``data/phrases/subjects.yaml``.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, lru_cache
from random import Random
from typing import Any, NamedTuple

from generators.lexicon.date_field_names import is_birth
from generators.lexicon.meanings import is_price
from generators.lexicon.names import capital, in_words
from generators.lexicon.nouns import named_as
from generators.lexicon.relations import (
    counted_lists,
    halves_of_wholes,
    opposite_flags,
    parts_of_wholes,
)
from generators.lexicon.tables import load_table, load_words, read_phrases, word_set
from generators.sandbox.file_values import content, media_type
from generators.sandbox.phrases import reword
from generators.sandbox.row_values import is_filed, leading_fields
from generators.sandbox.schema_validity import fits
from generators.sandbox.text_values import is_being, is_derived, put_in_form, shown_examples
from generators.sandbox.times import is_dated, order_dates
from generators.world.model import Entity, Field
from schemas.record import JsonObject

_AVERAGES = frozenset({"ma", "sma", "ema", "average", "open", "close"})
_SWING = 8
"""Percent by which a share moves within a day, from the lowest to the highest."""
_YEAR = len("2026")
_SLOT = re.compile(r"\{(\w+)\}")
_PRICES = ("price", "unit_price", "amount", "cost")
_QUANTITIES = ("quantity", "qty", "count")
_TOTALS = word_set("total total_price total_amount total_cost subtotal order_total amount")
_LEAST, _MOST = frozenset({"min", "minimum"}), frozenset({"max", "maximum"})
_SPEAKING = ("name", "title", "subject", "message", "summary", "headline", "handle", "slug")
_WORDS = re.compile(r"[a-z]{3,}(?:[-_ ][a-z]+)*")
_RENAMED = ("title", "text", "handle")
_SENTENCE = re.compile(r".+?[.!?](?=\s|$)")
_RENAMINGS = 12
_ARTICLE = re.compile(r"(?:the|an?) ", re.IGNORECASE)
_DEARER = 4
"""What each further variant costs more."""


def put_right(row: JsonObject, schemas: Mapping[str, JsonObject]) -> JsonObject:
    """The row with its dates in order, its bounds the right way round, its totals added up.

    ``schemas`` are those of the fields: a change that would violate one is not made.
    """
    order_dates(row, schemas)
    for name, other in _bound_pairs(tuple(row)):
        low, high = row[name], row[other]
        if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
            row[name], row[other] = high, low
    _relate(row, schemas)
    # Let a share cost about the same in every row: what was drawn moves it by a few percent.
    symbol = next((row[name] for name in ("symbol", "ticker") if name in row), None)
    for name in ("price", "current_price", "purchase_price"):
        if isinstance(symbol, str) and isinstance(row.get(name), float):
            price = round(share_price(symbol) * (0.95 + row[name] % 10 / 100), 2)
            row[name] = price if fits(price, schemas.get(name, {})) else row[name]
    for name, value in [*row.items()] if isinstance(symbol, str) else ():
        near = _follow_price(share_price(str(symbol)), name, value)
        row[name] = near if fits(near, schemas.get(name, {})) else value
    if _TOTALS.isdisjoint(row):
        return row
    # A total is the sum over the row's lines, or price times quantity.
    totals = [name for name in row if name in _TOTALS and isinstance(row[name], int | float)]
    found = _cost(row) if "amount" not in totals else None
    for lines in [value for value in row.values() if isinstance(value, list)]:
        costs = [_cost(line) for line in lines if isinstance(line, dict)]
        if costs and None not in costs:
            found = sum(cost for cost in costs if cost is not None)
            break
    for name in totals if found is not None else ():
        if fits(round(found or 0, 2), schemas.get(name, {})):
            row[name] = round(found or 0, 2)
    return row


def share_price(symbol: str) -> int:
    """What one share of a firm costs about, whoever asks."""
    return 20 + sum(map(ord, symbol.upper())) % 240


def _follow_price(price: int, name: str, value: Any) -> Any:
    """What a figure of a share's course is like: the day's high and low, an average, a change."""
    words = in_words(name).split()
    if type(value) not in (int, float) or not words:
        return value
    if "percent" in words:
        return round(value % _SWING - _SWING / 2, 2)
    course = words[0] in _AVERAGES or words[-1] in _AVERAGES
    below, above = words[-1] == "low", words[-1] == "high"
    if not course and not below and not above:
        return value
    away = 5 + value % 4 if above or below else value % 5
    return round(price * (1 + (-away if below else away if above else away - 2.5) / 100), 2)


def _relate(row: JsonObject, schemas: Mapping[str, JsonObject]) -> None:
    """Let counts agree, copies repeat, and of two flags that exclude each other one be set."""
    names = tuple(row)
    _relate_counts(row, schemas, names)
    for year, date in years_of_dates(names):
        if is_dated(row[date]) and type(row[year]) in (int, str):
            said = type(row[year])(row[date][:_YEAR])
            row[year] = said if fits(said, schemas.get(year, {})) else row[year]
    for one, other in opposite_flags(names):  # what is public is not private
        if row[one] is True and row[other] is True and fits(False, schemas.get(other, {})):
            row[other] = False
    for name in [one for one in names if one.endswith("_type") and f"{one[:-5]}_name" in row]:
        kinds = schemas.get(name, {}).get("enum", ())  # ``account_holder_type`` of a person
        private = [one for one in kinds if one in load_words("inference", "private_persons")]
        if private and is_being(in_words(name[:-5])):
            row[name] = private[0]
    for name, path in load_table("relations")["copies"].items():
        value: Any = row if name in row else None
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        row |= {name: value} if isinstance(value, str) else {}


@lru_cache(maxsize=4096)
def years_of_dates(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(year, date) of the same thing: ``primary_release_year`` and ``release_date``."""
    words = {name: {*in_words(name).split()} for name in names}
    came_out = load_words("date_names", "came_out")
    return tuple(
        (year, date)
        for year in names
        if in_words(year).split()[-1:] == ["year"]
        for date in names
        if "date" in words[date]
        if words[year] - words[date] <= {"year", "primary", "original"}
        if words[year] & words[date] or words[date] & came_out
    )


def _relate_counts(
    row: JsonObject, schemas: Mapping[str, JsonObject], names: tuple[str, ...]
) -> None:
    """Let parts be no more than their wholes, halves make them, and counts count."""
    for part, whole in parts_of_wholes(names):
        less, more = row[part], row[whole]
        if isinstance(less, int | float) and isinstance(more, int | float) and less > more:
            row[part], row[whole] = more, less
    for count, listed in counted_lists(names):
        if isinstance(row[listed], list) and type(row[count]) is int:
            held = len(row[listed])
            row[count] = held if fits(held, schemas.get(count, {})) else row[count]
    for positive, negative, whole in halves_of_wholes(names):
        if type(row[positive]) is type(row[negative]) is type(row[whole]) is int:
            row[whole] = row[positive] + row[negative]


def order_legs(listed: list[Any]) -> list[Any]:
    """The list, the dates of its objects in their order, where each has one of the same name."""
    dated = [{n for n, v in one.items() if is_dated(v)} for one in listed if isinstance(one, dict)]
    alike = dated and len(dated) == len(listed) and all(one == dated[0] for one in dated)
    name = next(iter(dated[0])) if alike and len(dated[0]) == 1 else ""
    if name and not is_birth(name):
        for one, value in zip(listed, sorted(one[name] for one in listed), strict=True):
            one[name] = value
    return listed


@lru_cache(maxsize=4096)
def _bound_pairs(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(lower bound, upper bound) of the same thing."""
    said = {name: in_words(name).split() for name in names}
    least, most = (
        [(name, [one for one in words if one not in _LEAST | _MOST])
         for name, words in said.items() if not marks.isdisjoint(words)]
        for marks in (_LEAST, _MOST)
    )  # fmt: skip
    return tuple((low, high) for low, of in least for high, other in most if of == other)


def parts_move_apart(
    old: Mapping[str, Any], new: Mapping[str, Any], *, bought: bool = False
) -> bool:
    """Whether a change of a part is another than that of its whole: what is free stays free.

    Who adds a bag does not pay for fewer than before. ``bought``: there is more of both, for
    nobody pays for what they give up.
    """
    for part, whole in parts_of_wholes(tuple(new)):
        values = (new[whole], old.get(whole), new[part], old.get(part))
        if all(type(value) is int for value in values) and (bought or new[part] != old[part]):
            grown, added = new[whole] - old[whole], new[part] - old[part]
            if grown != added or (bought and grown < 0):
                return True
    return False


def _cost(line: JsonObject) -> float | None:
    """Price times quantity; None where one of them is not told."""
    price, quantity = (
        next((line[name] for name in names if name in line), None)
        for names in (_PRICES, _QUANTITIES)
    )
    if isinstance(price, int | float) and isinstance(quantity, int | float):
        return price * quantity
    return None


_NAMING = ("name", "title")
"""Last words of the names of fields that tell what a row is called."""


def fit_name(entity: Entity, row: JsonObject, fixed: Mapping[str, Any]) -> None:
    """Let the row's name be that of its handle, or of a word that is its id: the index "movies".

    And let its price suit the name, and what else is known by it.
    """
    fields, handle = entity.fields, entity.identity[-1] if entity.identity else ""
    titled = (one for one in row if one in ("name", "title") and one in fields)
    name = next((one for one in titled if fields[one].semantic == "title"), "")
    if not name or fields[name].examples:  # who says which names there are says what goes with them
        return
    key = fields.get(handle)
    told = key.schema if key else {}
    shown = (*told.get("examples", ()), *shown_examples(str(told.get("description", ""))))
    worded = row.get(handle) in shown and _WORDS.fullmatch(str(row[handle])) is not None
    called = key is not None and (key.semantic == "handle" or worded)
    if called and name not in fixed and isinstance(row.get(handle), str):
        kind, coded = named_as(entity.noun), any(map(str.isdigit, row[handle]))
        said = row[handle] if coded else in_words(row[handle])  # version 25.05 is called so
        if key and key.semantic == "handle" and kind in read_phrases("titles")["as_written"]:
            row[name] = row[handle]
        else:
            row[name] = said.title() if kind == "entity" else capital(said)
    _fit_price(entity, row, name, fixed)
    _fit_facts(entity, row, name, fixed)


def _fit_facts(entity: Entity, row: JsonObject, name: str, fixed: Mapping[str, Any]) -> None:
    """Let the row say of what it is called what everybody knows: there is no protein in honey."""
    known: Any = read_phrases("titles")["facts"].get(named_as(entity.noun), {"of": {}})
    figures = known["of"].get(str(row[name]).lower(), ())
    for called, figure in zip(known.get("fields", ()), figures, strict=False):
        for field in (one for one in row if in_words(one) in called and one not in fixed):
            held = entity.fields.get(field)
            row[field] = figure if held and fits(figure, held.schema) else row[field]


def _fit_price(entity: Entity, row: JsonObject, name: str, fixed: Mapping[str, Any]) -> None:
    """Let what the row costs be what such a thing costs: a mug is no 200."""
    told: Any = read_phrases("titles")["costs"].get(named_as(entity.noun), {})
    called = (
        (rest for words, rest in told.items() if re.search(words, str(row[name]).lower()))
        if isinstance(told, dict)
        else iter([told])
    )
    low, high = next(called, (0, 0))
    for field in (one for one in row if is_price(one) and one not in fixed and high):
        price, schema = row[field], entity.fields[field].schema if field in entity.fields else {}
        if type(price) in (int, float) and not low <= price <= high:
            within = round(low + price % (high - low), 2)
            row[field] = within if fits(within, schema) else price


def fit_handles(row: JsonObject, schemas: Mapping[str, Any], fixed: Collection[str]) -> None:
    """Let what is made of a row's name be made of it: ``support-team`` of the Support team.

    In the form that its description shows, or else in that of the value that it has.
    """
    held = {in_words(one): value for one, value in row.items() if isinstance(value, str)}
    for field in (one for one in row if is_derived(one) and one not in fixed):
        before = in_words(field).rpartition(" ")[0]
        shown = shown_examples(str(schemas.get(field, {}).get("description", "")))
        sample = shown[0] if len(shown) == 1 else str(row[field])
        names = [f"{before} {word}".strip() for word in _NAMING]  # of an owner's handle their own
        names += _NAMING if len(shown) == 1 else ()
        of = next((held[one] for one in names if held.get(one)), "")
        made = put_in_form(of, sample) if of else None
        if made and fits(made, schemas.get(field, {})):
            row[field] = made


def fit_file(entity: Entity, row: JsonObject, fixed: Collection[str], rng: Random) -> None:
    """Let a file's content, size and type agree with its ending."""
    filed = "file" in entity.noun.split() or "filename" in row
    held = (name for name in row if in_words(name) in ("content", f"{entity.noun} content"))
    text = next((name for name in held if isinstance(row[name], str)), "")
    if text and filed:
        names = ("path", "filename", *(entity.identity if is_filed(entity) else ()))
        path = next((str(row[name]) for name in names if name in row), "readme.md")
        if text not in fixed:
            row[text] = content(path, rng)
        if "size" in row and "size" not in fixed:
            row["size"] = len(row[text].encode())
    if is_filed(entity) and entity.identity[0] in row:
        kind = media_type(str(row[entity.identity[0]]))
        for name in [name for name in row if name not in fixed]:
            said = kind if in_words(name) == "mime type" else kind.partition("/")[0]
            if in_words(name) in ("mime type", "type") and fits(said, entity.fields[name].schema):
                row[name] = said


def _holders(row: JsonObject, path: str) -> list[JsonObject]:
    """The objects in a row that hold the last step of a path."""
    holders: list[Any] = [row]
    for step in path.split(".")[:-1]:
        held = [one.get(step.removesuffix("[]")) for one in holders]
        listed = step.endswith("[]")
        found = (one for part in held for one in (part if listed and part else [part]))
        holders = [one for one in found if isinstance(one, dict)]
    return holders


def draw_parts(entity: Entity, row: JsonObject, name: str, rng: Random) -> None:
    """Draw what lies within a field out of the examples that are said of its parts."""
    for path, part in entity.parts.items():
        last = path.rpartition(".")[2]
        if part.examples and part.semantic != "city" and path.startswith((f"{name}.", f"{name}[")):
            for one in _holders(row, path):
                if last in one:
                    one[last] = rng.choice(part.examples)


def leave_rare(
    row: JsonObject, fields: Mapping[str, Field], rng: Random
) -> None:  # fmt: skip
    """Take out of a row those of the fields, or parts, that only a share of the rows has."""
    for path, field in fields.items():
        for one in _holders(row, path) if field.share < 1 else ():
            if rng.random() >= field.share:
                one.pop(path.rpartition(".")[2], None)


def rename_alike(
    entity: Entity, rows: Sequence[JsonObject], rng: Random, draw: Callable[[str], Any]
) -> None:
    """Give things different names where that is easily had: two lamps are two lamps.

    A text is told from others by its first sentence, or at least as a whole.
    ``draw`` gives another value for a field. Of a field whose values the world model lists, one is
    taken that no row has yet; one that follows from another field follows it.
    """
    taken: set[str] = set()
    worded = entity.noun.rpartition(" ")[2] in load_words("inference", "worded")
    speaking = (*_SPEAKING, *(("content", "text", "body", "comment") if worded else ()))
    names = [n for n in speaking if n in entity.fields and n not in entity.identity]
    names += [
        n
        for n, field in entity.fields.items()
        if field.semantic == "object" and named_as(in_words(n))
    ]  # the album that is saved
    shown = [n for n, one in entity.fields.items() if one.examples]
    follows = {n for one in entity.fields.values() for told in one.implies.values() for n in told}
    follows |= {n for row in entity.rows for n in row}
    follows |= {field.name for field in leading_fields(entity)}
    names = [n for n in names if n not in follows]
    listed = {
        n: {
            _called(one): one
            for one in entity.fields[n].examples
            if fits(one, entity.fields[n].schema)
        }
        for n in names
        if n in shown
    }
    for row in rows:
        held = [(n, row[n], called) for n in names if (called := _called(row.get(n)))]
        for name, value, called in held:
            called = called if row[name] is value else _called(row[name])
            renamed = isinstance(row[name], dict) or entity.fields[name].semantic in _RENAMED
            tries = _RENAMINGS if renamed else 0
            wholes: list[Any] = []
            while called in taken and tries:
                tries -= 1
                if str(row[name]) not in taken:
                    wholes.append(row[name])
                if name in listed:
                    left = [one for said, one in listed[name].items() if said not in taken]
                    if not left:
                        break
                    row[name] = rng.choice(left)
                else:
                    row[name] = draw(name)
                fit_name(entity, row, {})
                fit_texts(entity.noun, row, {}, shown, rng)
                called = _called(row[name])
            if called in taken and wholes:
                row[name] = wholes[0]
                fit_name(entity, row, {})
                fit_texts(entity.noun, row, {}, shown, rng)
            taken |= {_called(row[name]), str(row[name])}


def _called(held: Any) -> str:
    """What tells a thing's name from others, or that of the one thing within: no article.

    Of a text its first sentence.
    """
    if isinstance(held, str) and (opening := _SENTENCE.match(held)):
        return opening[0].lower()
    if isinstance(held, dict):
        return next((_called(held[name]) for name in ("name", "title") if name in held), "")
    return _ARTICLE.sub("", _before_comma(held)).lower() if isinstance(held, str) else ""


def _before_comma(name: Any) -> str:
    return str(name).partition(",")[0]


def is_variant(entity: Entity) -> bool:
    """Whether its rows are the variants in which something is sold."""
    return entity.noun.rsplit(" ", 1)[-1] in read_phrases("titles")["variants"]["nouns"]


def name_whole(rows: Sequence[JsonObject]) -> None:
    """Take out of the names of things what only their variants say: a colour."""
    for row in rows:
        for name in [name for name in ("name", "title") if isinstance(row.get(name), str)]:
            row[name] = _before_comma(row[name])


def name_variants(entity: Entity, rows: Sequence[JsonObject], wholes: Sequence[JsonObject]) -> None:
    """Call items after the products that they are shared out to in turn, and price them so."""
    words = read_phrases("titles")["variants"]["words"]
    for number, row in enumerate(rows):
        whole, turn = wholes[number % len(wholes)], number // len(wholes)
        if "name" in row and "name" in whole and "name" not in entity.identity:
            row["name"] = f"{_before_comma(whole['name'])}, {words[turn % len(words)]}"
            price = whole.get("price")
            if "price" in row and isinstance(price, int | float):
                row["price"] = round(price + _DEARER * turn, 2)


# -- texts that belong to a title: what a report says is what its title names


class Subjects(NamedTuple):
    """What is written below the titles of one manner of naming."""

    fields: frozenset[str]
    repeating: frozenset[str]
    """Fields that say what the title says: a merge's commit."""
    pairs: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]


@cache
def _read_subjects() -> Mapping[str, Subjects]:
    read = {}
    for kind, told in read_phrases("subjects")["kinds"].items():
        found = [*told["pairs"].items(), *([("", told["other"])] if "other" in told else ())]
        pairs = tuple((re.compile(words, re.IGNORECASE), tuple(text.split(" | ")))
                      for words, text in found)  # fmt: skip
        read[kind] = Subjects(
            frozenset(told["fields"]), frozenset(told.get("repeating", ())), pairs
        )
    return read


def fit_texts(
    noun: str, row: JsonObject, schemas: Mapping[str, Any], fixed: Collection[str], rng: Random,
    known: Mapping[str, Any] | None = None, taken: Collection[Any] = (),
) -> None:  # fmt: skip
    """Let the text of a row say what its title names, and what is not ``fixed`` give way.

    ``known``: the row that is changed. Its title counts where no other is written, and a new title
    suits the text that it keeps, and is none of those ``taken``.
    """
    subjects = _read_subjects().get(named_as(noun))
    if subjects is None:
        return
    if known and not any(in_words(name) in subjects.fields for name in row):
        # The new title says the old one in other words.
        for name in read_phrases("subjects")["titles"]:
            if (
                name in fixed
                or " " not in str(row.get(name))
                or not isinstance(known.get(name), str)
            ):
                continue
            same = [one for one in reword(noun, known[name])
                    if one not in taken and fits(one, schemas.get(name, {}))]  # fmt: skip
            row[name] = rng.choice(same) if same else row[name]
    texts = [name for name in row if in_words(name) in subjects.fields | subjects.repeating]
    texts = [one for one in texts if isinstance(row[one], str) and one not in fixed]
    for name in texts:
        titles = [title for title in read_phrases("subjects")["titles"] if title != name]
        head = next((str(one[t]) for one in (row, known or {}) for t in titles if one.get(t)), "")
        matches = ((words.search(head), written) for words, written in subjects.pairs)
        match, written = next(((m, w) for m, w in matches if m), (None, ()))
        text = _write(rng.choice(written), head, match, rng) if head and match else row[name]
        text = head if head and in_words(name) in subjects.repeating else text
        row[name] = text if fits(text, schemas.get(name, {})) else row[name]


def _write(text: str, head: str, match: re.Match[str], rng: Random) -> str:
    """The text with its slots filled: the title, what was found in it, or a word that is drawn."""

    def fill(slot: re.Match[str]) -> str:
        if slot[1] == "title":
            return head
        return match[int(slot[1])] if slot[1].isdigit() else rng.choice(
            read_phrases("subjects")[slot[1]]
        )  # fmt: skip

    return capital(_SLOT.sub(fill, text)) if text.startswith("{") else _SLOT.sub(fill, text)
