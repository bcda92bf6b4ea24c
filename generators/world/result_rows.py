"""What results hold: where the source's own schemas have rows, and what names them.

Where the source has no schema of a result, the fields that it shows are chosen here, or the sort of
value that a tool without rows gives.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Literal

from generators.lexicon.names import noun_words, snake, split_words
from generators.lexicon.tables import load_table, load_words
from generators.lexicon.verbs import Operation
from generators.world.model import ParameterModel
from generators.world.schema_leaves import as_schema, members, path_top, plain_schema, schema_type
from generators.world.tool_drafts import ToolDraft
from schemas.record import JsonObject
from schemas.semantic import SemanticType
from schemas.tool import ToolSpec
from schemas.world_model import EntityMeaning

_words = partial(load_words, "inference")


def page_place(schema: JsonObject) -> str:
    """Where a page of a longer list holds its rows: ``items``, ``albums.items``; "" for no page.

    A page is an object of one list of objects and of what says which part of the whole it is, or
    an object that holds one such page.
    """
    parts = {name: plain_schema(part) for name, (part, _) in members(schema).items()}
    rest = [name for name in parts if snake(name) not in _words("page")]
    if len(rest) != 1 or "\n" in rest[0] or "." in rest[0]:
        return ""
    inner = parts[rest[0]]
    if _of_objects(inner):
        marked = len(_words("page_marks") & {snake(name) for name in parts}) > 1
        return rest[0] if marked else ""
    within = page_place(inner) if schema_type(inner) == "object" else ""
    return f"{rest[0]}.{within}" if within and "." not in within else ""


def page_rows(schema: JsonObject) -> JsonObject | None:
    """The schema of a page's rows; None where it is no page."""
    place = page_place(schema)
    for name in place.split(".") if place else ():
        schema = plain_schema(members(schema)[name][0])
    return plain_schema(as_schema(schema.get("items"))) if place else None


def result_row(tool: ToolSpec, noun: str = "") -> JsonObject:
    """Find the schema of the rows in the source's own result; ``{}`` where it has none.

    A list of objects is looked for first, alone or in a page or called by the noun; then the
    one object within an envelope; then the result itself.
    """
    schema = plain_schema(tool.returns or {})
    if (paged := page_rows(schema)) is not None:
        return paged
    if schema_type(schema) == "array":
        return plain_schema(as_schema(schema.get("items")))
    parts = {name: plain_schema(part) for name, (part, _) in members(schema).items()}
    for name, part in parts.items():
        if noun and " ".join(noun_words(name)) == noun and _of_objects(part):
            return plain_schema(as_schema(part.get("items")))
    if returns_rows(tool):
        lists = [part for part in parts.values() if schema_type(part) == "array"]
        return plain_schema(as_schema(lists[0].get("items")))
    objects = [part for part in parts.values() if schema_type(part) == "object"]
    telling = [name for name in parts if name not in _words("envelope")]
    return objects[0] if len(objects) == len(telling) == 1 else schema


def listed_nouns(tool: ToolSpec) -> tuple[str, ...]:
    """Name what the source's own result lists, property by property: entities, relations."""
    schema = plain_schema(tool.returns or {})
    if place := page_place(schema):
        return (" ".join(noun_words(place.partition(".")[0])),)
    parts = members(schema)
    lists = [name for name, (part, _) in parts.items() if schema_type(part) == "array"]
    rows = [name for name in lists if _of_objects(plain_schema(parts[name][0]))]
    return tuple(" ".join(noun_words(name)) for name in rows)


def _of_objects(schema: JsonObject) -> bool:
    return schema_type(plain_schema(as_schema(schema.get("items")))) == "object"


def row_key(tool: ToolSpec) -> str:
    """Find the noun whose id stands first in the result's rows: ``stay_id`` → ``stay``."""
    first = next(iter(members(result_row(tool))), "")
    words = noun_words(first)
    return " ".join(words[:-1]) if words[-1:] == ("id",) else ""


def returns_rows(tool: ToolSpec) -> bool:
    """Whether the source's own result is a list of objects, alone or in an envelope."""
    schema = tool.returns or {}
    if schema_type(schema) == "array" or page_place(schema):
        return True
    parts = [part for part, _ in members(schema).values()]
    lists = [part for part in parts if schema_type(part) == "array"]
    rows = [part for part in lists if schema_type(as_schema(part.get("items"))) == "object"]
    scalars = [
        name
        for name in members(schema)
        if not bool({"count", "total", "page", "cursor", "next", "more"} & set(split_words(name)))
    ]
    return len(rows) == 1 and len(scalars) == 1


MOST_COLUMNS = 8
"""Of a row in a list; identity and the state come first."""

_UNLIKE = ("opaque_id", "number_id", "sha", "person_name", "first_name", "last_name", "email",
           "phone")  # fmt: skip
"""Meanings of which every row has its own value, whatever lists are narrowed by."""

Value = Literal["string", "number", "boolean", "datetime"]


def choose_value(draft: ToolDraft) -> Value:
    """Say what a tool without rows gives."""
    words = {draft.reading.verb, *draft.noun.split(), *draft.tool.name.lower().split("_")}
    gives: Mapping[Value, list[str]] = load_table("inference")["gives"]
    return next((value for value, signs in gives.items() if words & set(signs)), "string")


def choose_shown(
    draft: ToolDraft, entity: EntityMeaning, searched: frozenset[str]
) -> tuple[str, ...]:
    """Name the fields of a row that the tool's result shows.

    A list leaves out what only those get to see who ask for it, such as a job's logs, and what is
    too much; a tool that gets one side of a row shows that side alone.
    """
    identity = entity.identity or ()
    if draft.operation == "delete":
        return identity
    if draft.operation == "get" and draft.facet:
        side = [name for name in entity.fields if snake(name) == snake(draft.facet)]
        return tuple(dict.fromkeys((*identity, *side[:1])))
    shown = [name for name in entity.fields if _words("unshown").isdisjoint(noun_words(name)[-1:])]
    if draft.operation != "list":
        return tuple(shown)
    ranked = sorted(shown, key=lambda name: _rank_field(name, entity, name in searched))
    chosen = set(ranked[: max(MOST_COLUMNS, len(identity) + 2)])
    return tuple(name for name in entity.fields if name in chosen)


def _rank_field(name: str, entity: EntityMeaning, searched: bool) -> int:
    """0 for what a list cannot do without, 6 for what it may leave out."""
    field = entity.fields[name]
    if name in (entity.identity or ()):
        return 0
    if field.semantic in ("title", "person_name", "first_name", "last_name"):
        return 1
    if snake(name) in ("status", "state"):
        return 1
    if field.entity or field.semantic == "opaque_id":
        return 2
    shared = searched and is_shared(field.semantic)
    if shared or field.semantic in ("money", "date", "datetime", "rating", "email", "enum"):
        return 3
    kind = schema_type(dict(field.json_schema or {}))
    return {"object": 6, "array": 5}.get(kind, 5 if field.semantic == "text" else 4)


def is_shared(semantic: SemanticType | None) -> bool:
    """Whether rows may have the same value of this meaning, so that a search finds several."""
    return semantic not in _UNLIKE


def searched_fields(
    own: Iterable[tuple[Operation, Iterable[ParameterModel]]],
) -> frozenset[str]:
    """Gather the fields that an entity's lists narrow by equality."""
    return frozenset(
        path_top(model.field)
        for operation, models in own
        if operation == "list"
        for model in models
        if model.use == "filter" and model.field
    )
