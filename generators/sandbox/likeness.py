"""What fits a name: a mug is found in the kitchen, a person works at a firm.

The tables are the ``fitting`` and ``relations`` of ``data/phrases/titles.yaml``: for a field's
value, the names that go with it; for two kinds of things, what they can be to each other.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from random import Random
from typing import Any

from generators.identity_cache import remembered
from generators.lexicon.names import in_words
from generators.sandbox.phrases import expand_text, read_phrases
from generators.sandbox.schema_validity import fits
from generators.world.model import Entity
from schemas.record import JsonObject

_MEAT = re.compile(r"salmon|chicken|lamb|cod\b|beef|prawn|tuna|duck", re.IGNORECASE)
_ROOM = re.compile(r"Room (\d)\.\d\d")
_BEDS = {"single": 1, "double": 2, "twin": 2}


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
    if "is_vegetarian" in row and "is_vegetarian" not in fixed and _MEAT.search(str(row[name])):
        row["is_vegetarian"] = False


def fit_details(row: JsonObject, fixed: Mapping[str, Any], rng: Random) -> None:
    """Lunch is at noon, room 3.02 on the third floor, and one guest in a single room."""
    if isinstance(row.get("floor"), int) and "floor" not in fixed:
        room = _ROOM.fullmatch(str(row.get("name", "")))
        row["floor"] = int(room[1]) if room else row["floor"]
    if row.get("kind") == "lunch" and "start_time" in row and "start_time" not in fixed:
        row["start_time"] = rng.choice(("12:00", "12:30", "13:00"))
    if isinstance(row.get("guests"), int) and "guests" not in fixed:
        most = _BEDS.get(str(row.get("room_type", "")))
        row["guests"] = min(row["guests"], most) if most else row["guests"]


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


def relate(value: Any) -> None:
    """Let every ``relationType`` within the value suit the two things that it stands between."""
    if isinstance(value, list):
        for item in value:
            relate(item)
    elif isinstance(value, dict):
        for item in value.values():
            if isinstance(item, dict | list):
                relate(item)
        if isinstance(value.get("from"), str) and isinstance(value.get("to"), str):
            named = [name for name in value if in_words(name) in ("relation type", "relation")]
            if named:
                value[named[0]] = relation(value["from"], value["to"])


def relation(first: str, second: str) -> str:
    """What the first thing can be to the second: ``works_at``."""
    kinds = [kind_of_name("entity_type", one) or "project" for one in (first, second)]
    known: Mapping[str, str] = read_phrases("titles")["relations"]
    return known.get("-".join(kinds), "related_to")
