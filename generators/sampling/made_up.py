"""How much of what a tool shows would have to be made up: what rules alone know nothing of.

A row of made-up facts of one kind is like many that exist; where a state, a day, a choice and a
count have to agree, they agree by chance. Two readers took 57 % of 167 conversations on catalogues
that nobody had described, where the rows had no such facts, 38 % of 122 where they had one kind,
and 26 % of 54 where they had more. So what has more is left to whoever describes the catalogue.
What is called by a name, written, paid or addressed is known by itself, and so is to which other
row one belongs. Things that are known by having been read are data: `known_rows`.
"""

from collections.abc import Iterator, Mapping, Sequence

from generators.lexicon.date_field_names import tells_making
from generators.lexicon.names import split_words
from generators.lexicon.tables import load_table, load_words
from generators.sampling.errands import Errand
from generators.world.model import Entity, ParameterModel
from schemas.semantic import SemanticType

_MOST = 1
"""Kinds of made-up facts in a row that still hang together."""
_TIMES = frozenset[SemanticType](("date", "datetime", "time"))
_AT_WILL = frozenset[SemanticType](
    ("boolean", "color", "count", "label", "list", "number", "percent", "rating", "timezone", "url")
)
"""Meanings of which any value would do, and only one is right beside the row's others."""
_NOTHING = "what nobody knows"
_WRITTEN = frozenset({"pattern", "format", "contentEncoding", "const", "examples", "default"})
"""What tells how a value is written whose meaning nobody knows."""


def is_made_up(errand: Errand) -> str:
    """The kinds of facts that would be made up for its rows, where they are too many; else ""."""
    service = errand.world.domains.get(errand.model.tool.domain)
    if errand.entity is None or errand.world.answered or (service and service.policy):
        return ""
    kinds = sorted({*_find_kinds(errand, errand.entity)})
    return ", ".join(kinds) if len(kinds) > _MOST or _NOTHING in kinds else ""


def _find_kinds(errand: Errand, entity: Entity) -> Iterator[str]:
    """What kind each field is of that the result shows, and that nobody tells who makes the row."""
    table: Mapping[str, Sequence[str]] = load_table("unsayable")["known_rows"]
    known = {*table.get(entity.noun, table.get(entity.noun.rpartition(" ")[2], ()))}
    for one in entity.fields.values():  # what is told with the values of a field
        known.update(name for facts in one.implies.values() for name in facts)
    made = errand.model.operation == "create"
    told = {one.field or one.name for one in errand.needed} if made else set[str]()
    for_some = errand.model.operation == "list" and any(
        map(_tells_for_whom, errand.model.parameters)
    )
    for name in () if entity.rows else errand.shown - told:
        field = entity.fields.get(name)
        if field is None or field.entity or field.examples or name in known:
            continue
        if field.semantic == "title" and for_some:
            yield from ("audience", "title")
        if name in entity.identity:
            continue
        if name == entity.state_field:
            yield "state"
        elif len(field.schema.get("enum", ())) > 1:
            yield "choice"
        elif field.semantic in _TIMES and not tells_making(name):
            yield "time"
        elif field.semantic in _AT_WILL:
            yield field.semantic
        elif field.semantic == "unknown" and field.schema.keys().isdisjoint(_WRITTEN):
            yield _NOTHING


def _tells_for_whom(parameter: ParameterModel) -> bool:
    """Whether rows are asked for by whom they suit: books for an age, courses of a level."""
    words = split_words(parameter.name)
    suits = not load_words("unsayable", "audiences").isdisjoint(words) or words == ("level",)
    return suits and parameter.use not in ("option", "identity", "query")
