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
