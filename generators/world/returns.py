"""What tools give whose source has no schema of it: which fields of a row, what sort of value."""

from collections.abc import Iterable
from typing import Literal

from generators.lexicon.names import noun_words, snake
from generators.world.modelling import Modelled
from generators.world.schema_leaves import schema_type
from generators.world.tool_drafts import Draft
from schemas.semantic import SemanticType
from schemas.world_model import EntityMeaning

MOST_COLUMNS = 8
"""Of a row in a list; identity and the state come first."""

_UNSHOWN = tuple((word,) for word in "log tree blame diff password secret passcode cvv".split())
"""Last words of fields that rows have and results leave out."""
_UNLIKE = ("opaque_id", "number_id", "sha", "person_name", "first_name", "last_name", "email",
           "phone")  # fmt: skip
"""Meanings of which every row has its own value, whatever lists are narrowed by."""

Value = Literal["string", "number", "boolean", "datetime"]
_RESULTS: tuple[tuple[str, Value], ...] = (
    (
        "calculate compute sum add multiply divide subtract count convert estimate measure round "
        "distance price rate temperature speed balance total average mean value score area volume "
        "deviation power root logarithm percentage amount weight height bmi tax fee cost",
        "number",
    ),
    ("validate verify check compare detect available eligible", "boolean"),
    ("time date", "datetime"),
)
"""Words of a computation's verb or noun → what it gives; else text."""


def choose_value(draft: Draft) -> Value:
    """Say what a tool without rows gives."""
    words = {draft.reading.verb, *draft.noun.split(), *draft.tool.name.lower().split("_")}
    return next((value for signs, value in _RESULTS if words & set(signs.split())), "string")


def choose_shown(draft: Draft, entity: EntityMeaning, searched: frozenset[str]) -> tuple[str, ...]:
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
    shown = [name for name in entity.fields if noun_words(name)[-1:] not in _UNSHOWN]
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


def searched_fields(own: Iterable[Modelled]) -> frozenset[str]:
    """Gather the fields that an entity's lists narrow by equality."""
    return frozenset(
        model.field.partition(".")[0].partition("[")[0]
        for draft, models in own
        if draft.operation == "list"
        for model in models
        if model.use == "filter" and model.field
    )
