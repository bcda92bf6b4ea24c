"""Which fields some rows lack: a reason where nothing is cancelled, a note that nobody made.

What a row has only in some of its states is told from names, and from the tools that write a field
and change the state at once; what a create need not be told, from its parameters. Rows of the
sandbox leave such fields out, so results that are inferred do not demand them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from generators.lexicon.names import split_words
from generators.lexicon.tables import word_set
from generators.world.model import Entity, ToolModel
from generators.world.result_rows import result_row
from generators.world.schema_leaves import as_schema, plain_schema
from generators.world.transitions import status_field
from schemas.record import JsonObject

ENDED = word_set(
    "cancelled canceled closed rejected returned declined dismissed resolved fixed exchanged "
    "refunded expired merged archived"
)
"""States that somebody gave a reason for."""
_WHY = word_set("reason resolution")
_WHEN = word_set("at on date by")
_STEM = 4


def conditions(entity: Entity, models: Iterable[ToolModel]) -> Mapping[str, frozenset[str]]:
    """Field → the states in which a row has it; fields that a row always has are left out."""
    own = [model for model in models if model.entity == entity.key]
    name = status_field({n: field.schema for n, field in entity.fields.items()})
    values = plain_schema(entity.fields[name].schema).get("enum") if name else None
    states = [one for one in values or () if isinstance(one, str)]
    shown = always_shown(own)
    found: dict[str, frozenset[str]] = {}
    for field in entity.fields:
        if states and field not in (*entity.identity, name) and field not in shown:
            fitting = _by_name(field, states) or _by_writers(field, own)
            if fitting:
                found[field] = frozenset(fitting)
    return found


def _by_name(field: str, states: list[str]) -> list[str]:
    words = split_words(field)
    ended = [one for one in states if one.lower() in ENDED]
    if words == ("duplicate", "of") or words in (("state", "reason"), ("resolution",)):
        return ended
    if len(words) == 2 and words[1] == "reason":
        return [one for one in ended if one.lower()[:_STEM] == words[0][:_STEM]]
    if len(words) == 2 and words[1] in _WHEN:
        return [one for one in states if one.lower() == words[0] and words[0] in ENDED]
    return []


def _by_writers(field: str, own: list[ToolModel]) -> list[str]:
    """The states that the writing tools lead to, where every tool that writes it leads to one."""
    if not _WHY & set(split_words(field)) and not field.endswith("_method"):
        return []
    writing = [m for m in own if any(p.field == field and p.use == "field" for p in m.parameters)]
    led = [model.transition[1] for model in writing if model.transition is not None]
    return led if len(led) == len(writing) else []


def always_shown(own: Iterable[ToolModel]) -> frozenset[str]:
    """Fields that a result of the source itself always shows."""
    given = [model for model in own if not model.returns_inferred]
    rows = [result_row(model.tool, model.noun) for model in given]
    return frozenset(name for row in rows for name in row.get("required", ()))


def untold(entity: Entity, models: Iterable[ToolModel]) -> frozenset[str]:
    """The fields that a create need not be told, so that a row may lack them."""
    own = list(models)
    creates = [model for model in own if model.operation == "create"]
    if not creates:
        return frozenset()
    certain = frozenset.intersection(*(told_fields(model, certain=True) for model in creates))
    told = frozenset[str]().union(
        *(told_fields(model) for model in own if model.operation in ("create", "update"))
    )
    state = status_field({name: field.schema for name, field in entity.fields.items()})
    kept = certain.union(entity.identity, [state or ""], always_shown(own))
    return told & entity.fields.keys() - kept


def told_fields(model: ToolModel, *, certain: bool = False) -> frozenset[str]:
    """The fields that a tool's arguments give to its row; ``certain``: in every call."""
    return frozenset(
        place.partition(".")[0].partition("[")[0]
        for parameter in model.parameters
        if parameter.use in ("field", "reference", "filter")
        if parameter.required or not certain
        for place in (parameter.field or "", parameter.path)
    )


def relax(model: ToolModel, optional: frozenset[str]) -> ToolModel:
    """The tool with a result that does not demand the fields that only some rows have."""
    if not model.returns_inferred or not optional:
        return model
    return replace(model, returns=_relaxed(model.returns, optional))


def _relaxed(schema: JsonObject, optional: frozenset[str]) -> JsonObject:
    if not schema.keys() & {"required", "properties", "items"}:
        return schema
    made = dict(schema)
    if "required" in made:
        made["required"] = [name for name in made["required"] if name not in optional]
    if parts := as_schema(schema.get("properties")):
        made["properties"] = {n: _relaxed(as_schema(part), optional) for n, part in parts.items()}
    if "items" in schema:
        made["items"] = _relaxed(as_schema(schema["items"]), optional)
    return made
