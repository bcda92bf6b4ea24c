"""Rows that the examples of a catalogue's own results show, where nobody could make such up.

A document gives with a result what one looks like: twenty shows with their names and what they are
about. Where the name of such a thing cannot be invented, a world holds the rows that are shown,
each as it is; of other things rows are drawn, as there are more than a document shows.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generators.backends.plain_result import is_name
from generators.sandbox.possible_values import UNNAMED, find_untold
from generators.sandbox.schema_validity import fits, simple
from generators.sandbox.text_values import Want
from generators.world.infer import infer_world
from generators.world.model import Entity
from generators.world.schema_leaves import (
    as_schema,
    members,
    plain_row,
    plain_schema,
    wrapped_row,
)
from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSpec
from schemas.world_model import EntityMeaning, FieldMeaning, WorldModel, WorldSource

_FEWEST, _MOST = 2, 14
"""Rows that a world begins with, of those that are shown."""
_USUAL = 0.7
"""The share of the rows of one tool that have a field which is told; others are left out."""
_LONGEST = 600
"""Characters of a text beyond which no row shows it."""
_TELLING = frozenset(
    "title person_name first_name last_name company text label enum date datetime country city "
    "language currency rating money duration handle unknown".split()
)
"""Meanings of what a row is shown with, beside its id."""


def take_shown_rows(catalog: Catalog) -> Catalog:
    """The catalogue with its shown rows as a source of the world model, the weakest of all.

    Where there are such, the examples leave the results' schemas. Raises as `infer_world`.
    """
    if not any((tool.returns or {}).get("examples") for tool in catalog.tools):
        return catalog
    world = infer_world(catalog.tools, catalog.worlds)
    shown: dict[str, list[list[JsonObject]]] = {}
    for tool in catalog.tools:
        model = world.models[tool.wire_name]
        returns = tool.returns or {}
        if model.entity is None or model.operation == "delete" or "examples" not in returns:
            continue
        schema, row = plain_schema(returns), plain_row(tool, model.noun)
        rows = [one for value in returns["examples"]
                for one in _find_rows(value, schema, row, model.noun)]  # fmt: skip
        shown.setdefault(model.entity, []).extend([rows] if rows else [])
    entities: dict[str, EntityMeaning] = {}
    for key, groups in sorted(shown.items()):
        told = _tell_rows(world.entities[key], groups)
        entities |= {key: told} if told is not None else {}
    if not entities:  # the same tools are not inferred again
        return catalog
    source = WorldSource(
        file="examples of results",
        author="catalogue",
        domains=tuple(dict.fromkeys(tool.domain for tool in catalog.tools)),
        world=WorldModel(entities=entities),
    )
    return catalog.model_copy(
        update={
            "tools": tuple(map(_without_examples, catalog.tools)),
            "worlds": (source, *catalog.worlds),
        }
    )


def _without_examples(tool: ToolSpec) -> ToolSpec:
    if "examples" not in (tool.returns or {}):
        return tool
    returns = {key: part for key, part in (tool.returns or {}).items() if key != "examples"}
    return tool.model_copy(update={"returns": returns})


def _find_rows(value: Any, schema: JsonObject, row: JsonObject, noun: str) -> Iterator[JsonObject]:
    """The rows that a value holds where its schema has that of a row; ``{track: {…}}`` is one."""
    plain = plain_schema(schema)
    if isinstance(value, dict) and plain is row:
        wrapped = wrapped_row(row, noun)
        inner = value.get(wrapped[0]) if wrapped else None
        yield value if not isinstance(inner, dict) else {**inner, **value}
    elif isinstance(value, list):
        for one in value:
            yield from _find_rows(one, as_schema(plain.get("items")), row, noun)
    elif isinstance(value, dict):
        for name, (part, _) in members(plain).items():
            yield from _find_rows(value.get(name), part, row, noun)


def _tell_rows(entity: Entity, groups: Sequence[Sequence[JsonObject]]) -> EntityMeaning | None:
    """What is said of an entity whose rows are shown; None where they can be made up, or are few.

    A field is told of all rows or of none: most of the rows that one tool shows decide which.
    """
    if len(entity.identity) != 1 or entity.number is not None:
        return None
    key = entity.identity[0]
    lead = next(filter(lambda one: _is_unnamed(entity, one), entity.fields), None)
    if lead is None or not groups:
        return None

    def tells(row: Mapping[str, Any], name: str) -> bool:
        field, value = entity.fields[name], row.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
            return False
        told = name in (key, lead) or field.semantic in _TELLING
        measured = isinstance(value, str) or not find_untold(
            Want(field.semantic, simple(field.schema), name, entity.noun)
        )
        return told and measured and len(str(value)) <= _LONGEST and fits(value, field.schema)

    first = max(groups, key=lambda rows: len({str(row.get(key)) for row in rows}))
    enough = len(first) * _USUAL
    told = [one for one in entity.fields if sum(tells(row, one) for row in first) >= enough]
    if key not in told or lead not in told:
        return None
    ids: set[Any] = set()
    implies: dict[str, JsonObject] = {}
    for row in [*first, *(row for rows in groups for row in rows)]:
        whole = all(tells(row, name) for name in told)
        if whole and row[key] not in ids and str(row[lead]) not in implies:
            implies[str(row[lead])] = {name: row[name] for name in told if name != lead}
            ids.add(row[key])
    if len(implies) < _FEWEST:
        return None
    fields = {name: FieldMeaning() for name in told}
    fields[lead] = FieldMeaning(implies=implies)
    number = (min(len(implies), _MOST // 2), min(len(implies), _MOST))
    return EntityMeaning(fields=fields, number=number)


def _is_unnamed(entity: Entity, name: str) -> bool:
    """Whether rows are called by it, and nobody could make up how such a thing is called."""
    field = entity.fields[name]
    want = Want(field.semantic, simple(field.schema), name, entity.noun)
    return is_name(name) and not field.examples and find_untold(want) == UNNAMED
