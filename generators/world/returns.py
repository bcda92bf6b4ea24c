"""The results of tools whose source does not say what they return, inferred from the entity."""

from generators.lexicon.names import noun_words, snake
from generators.lexicon.nouns import plural
from generators.world.model import Entity, Field
from generators.world.schema_leaves import schema_type
from generators.world.tool_drafts import Draft
from schemas.record import JsonObject

MOST_COLUMNS = 8
"""Of a row in a list; identity and the state come first."""

_UNSHOWN = tuple((word,) for word in "log tree blame diff password secret passcode cvv".split())
"""Last words of fields that rows have and results leave out."""

_RESULTS: tuple[tuple[str, JsonObject], ...] = (
    (
        "calculate compute sum add multiply divide subtract count convert estimate measure round "
        "distance price rate temperature speed balance total average mean value score area volume "
        "deviation power root logarithm percentage amount weight height bmi tax fee cost",
        {"type": "number"},
    ),
    ("validate verify check compare detect available eligible", {"type": "boolean"}),
    ("time date", {"type": "string", "format": "date-time"}),
)
"""Words of a computation's verb or noun → what it gives; else text."""


def infer_returns(draft: Draft, entity: Entity | None) -> JsonObject:
    """Say what a tool returns: a row, a list of rows, what was deleted, a computation's result."""
    if entity is None or draft.operation == "compute":
        return _object({"result": _result(draft)})
    if draft.operation == "delete":
        return _object({**_columns(entity, entity.identity), "deleted": {"type": "boolean"}})
    if draft.operation == "list":
        rows = {"type": "array", "items": _object(_columns(entity, _main(entity)))}
        return _object({_plural(entity): rows, "total_count": {"type": "integer"}})
    if draft.operation == "get" and draft.facet:
        return _object(_columns(entity, _sided(draft, entity)))
    return _object(_columns(entity, tuple(name for name in entity.fields if not _is_heavy(name))))


def _is_heavy(name: str) -> bool:
    """Whether only those get to see the field who ask for it, a job's logs, or nobody does."""
    return noun_words(name)[-1:] in _UNSHOWN


def _object(properties: JsonObject) -> JsonObject:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _columns(entity: Entity, names: tuple[str, ...]) -> JsonObject:
    return {name: _column(entity.fields[name]) for name in names}


def _column(field: Field) -> JsonObject:
    """Give a field's schema a type, where the parameter that it comes from has none."""
    if schema_type(field.schema):
        return dict(field.schema)
    told = {key: value for key, value in field.schema.items() if key == "description"}
    return {"type": "string", **told}


def _plural(entity: Entity) -> str:
    return plural(entity.noun).replace(" ", "_")


def _sided(draft: Draft, entity: Entity) -> tuple[str, ...]:
    """Name the row and the side that is asked for: ``find_user_id`` gives the id alone."""
    side = next((name for name in entity.fields if snake(name) == snake(draft.facet)), None)
    return tuple(dict.fromkeys((*entity.identity, *([side] if side else []))))


def _main(entity: Entity) -> tuple[str, ...]:
    """Choose what a list shows of each row, in the order of the fields."""
    shown = [field for field in entity.fields.values() if not _is_heavy(field.name)]
    ranked = sorted(shown, key=lambda field: _rank(field, entity))
    chosen = {field.name for field in ranked[: max(MOST_COLUMNS, len(entity.identity) + 2)]}
    return tuple(name for name in entity.fields if name in chosen)


def _rank(field: Field, entity: Entity) -> int:
    """0 for what a list cannot do without, 6 for what it may leave out."""
    if field.name in entity.identity:
        return 0
    if field.semantic in ("title", "person_name", "first_name", "last_name"):
        return 1
    if snake(field.name) in ("status", "state"):
        return 1
    if field.entity or field.semantic == "opaque_id":
        return 2
    if field.shared or field.semantic in ("money", "date", "datetime", "rating", "email", "enum"):
        return 3
    kind = schema_type(field.schema)
    return {"object": 6, "array": 5}.get(kind, 5 if field.semantic == "text" else 4)


def _result(draft: Draft) -> JsonObject:
    words = {draft.reading.verb, *draft.noun.split(), *draft.tool.name.lower().split("_")}
    found = next((schema for signs, schema in _RESULTS if words & set(signs.split())), None)
    return dict(found) if found else {"type": "string"}
