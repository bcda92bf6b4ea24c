"""What a call shows: rows projected on the schema of the tool's result.

Every part comes from, in this order: the row, the arguments, what is known of the call (counts,
flags, sentences), and at last an invention that depends on nothing but the row. So the result
satisfies its schema by construction, and the same row is shown alike by every tool.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from generators.identity_cache import Same
from generators.lexicon.names import in_words
from generators.lexicon.nouns import plural, singular
from generators.lexicon.tables import phrase_set
from generators.sandbox.compiled_tools import CompiledTool
from generators.sandbox.people import People
from generators.sandbox.row_values import Row, bare, key_of
from generators.sandbox.schema_validity import (
    MISSING,
    adapt,
    fits,
    kind_of,
    simple,
)
from generators.sandbox.search import Found
from generators.sandbox.store import Store
from generators.sandbox.text_results import is_sentence, lone_text, sentence, text_answer
from generators.sandbox.values import invent
from generators.world.model import Entity
from generators.world.semantics import semantic_type
from schemas.leaves import plain_name
from schemas.record import JsonObject

_COUNTS = phrase_set(
    "total;count;total count;total results;num results;number of results;"
    "total items;"
    "result count;matches;total found;found"
)
_MORE = phrase_set("has more;has next;truncated;incomplete results;more")
_NEXT = phrase_set(
    "previous;previous page;next;next page;next cursor;cursor;next page token;page token;next token"
)
_DONE = phrase_set(
    "success;ok;succeeded;deleted;updated;cancelled;canceled;done;accepted;sent;"
    "saved;"
    "created;removed;completed"
)
_STRIP = ("new ", "updated ", "current ", "created ", "original ")


@dataclass(frozen=True)
class Answer:
    """A call that has been carried out, about to be shown."""

    store: Store
    plan: CompiledTool
    entity: Entity
    found: Found

    @property
    def known(self) -> Mapping[str, str]:
        """Ways to say a field of the row → the field."""
        return aliases(Same(self.entity))


@dataclass(frozen=True)
class Part:
    """A property of a result that shows a row of some entity."""

    name: str
    said: str
    """The name in words."""
    rule: JsonObject
    required: bool
    others: tuple[str, ...]
    """The row's fields that hold it under another name."""
    field: str | None
    """The row's field that the name speaks of."""


@lru_cache(maxsize=8192)
def parts_of(schema: Same[JsonObject], entity: Same[Entity]) -> tuple[Part, ...]:
    """The properties of a simple schema, in order."""
    required = schema.it.get("required", ())
    return tuple(
        _part_of(name, rule if isinstance(rule, dict) else {}, name in required, entity)
        for name, rule in schema.it.get("properties", {}).items()
    )


def _part_of(name: str, rule: JsonObject, required: bool, entity: Same[Entity]) -> Part:
    known, said = aliases(entity), in_words(name)
    names = [said, *(said.removeprefix(word) for word in _STRIP if said.startswith(word))]
    others = dict.fromkeys(known[one] for one in names if one in known)
    field = known.get(said)
    own = field if field in entity.it.fields else None
    return Part(name, said, rule, required, tuple(others), own)


@lru_cache(maxsize=1024)
def aliases(entity: Same[Entity]) -> Mapping[str, str]:
    """``order id`` and ``id`` → the identity; ``issue number`` → ``number`` of an issue."""
    one = entity.it
    names: dict[str, str] = {}
    for name in (*one.fields, *one.identity):
        said = in_words(name)
        names.setdefault(f"{one.noun} {said}", name)
        names.setdefault(said.removeprefix(f"{one.noun} "), name)
    if one.identity:
        names.setdefault("id", one.identity[-1])
        names.setdefault(f"{one.noun} id", one.identity[-1])
    return names | {in_words(name): name for name in (*one.fields, *one.identity)}


def show(answer: Answer) -> Any:
    """The result of the call."""
    plan, rows, schema = answer.plan, answer.found.page.rows, answer.plan.returns
    text = lone_text(schema, answer.entity)
    if text is not None and not _shown_alone(answer, text):
        said = text_answer(answer.store, plan, rows, answer.found.element)
        return said if text == "" else {text: said}
    kind = kind_of(schema)
    if kind == "array":
        return _list(schema, answer)
    if kind in ("object", "any"):
        return _whole(schema, answer)
    return _scalar(schema, answer)


def _shown_alone(answer: Answer, name: str) -> bool:
    """Whether the lone string is a field of the row: an identifier that was looked up."""
    return name != "" and in_words(name) in answer.known and name not in ("content", "text")


def _whole(schema: JsonObject, answer: Answer) -> JsonObject:
    rows = answer.found.page.rows
    if not schema.get("properties"):
        return _free(schema, answer)
    if answer.plan.rows_at:
        return _object(schema, None if len(rows) != 1 else rows[0], answer, top=True)
    return _object(schema, rows[0] if rows else None, answer, top=True)


def _free(schema: JsonObject, answer: Answer) -> JsonObject:
    """A result without named properties: the row itself, or rows by their nouns or names."""
    rows, entity = answer.found.page.rows, answer.entity
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict) and extra:
        return {plain_name(str(_label(row, entity))): _element(extra, row, answer) for row in rows}
    if answer.plan.model.operation == "list" or len(rows) != 1:
        return {plural(entity.noun).replace(" ", "_"): [bare(row) for row in rows]}
    return bare(rows[0])


def _label(row: Row, entity: Entity) -> Any:
    titled = (name for name, field in entity.fields.items() if field.semantic == "title")
    return row.get(next(titled, entity.identity[-1] if entity.identity else ""), "item")


def _list(schema: JsonObject, answer: Answer) -> list[Any]:
    items = schema.get("items", {})
    shown = [
        _element(items if isinstance(items, dict) else {}, r, answer)
        for r in answer.found.page.rows
    ]
    return shown[: schema.get("maxItems")]


def _element(rule: JsonObject, row: Row, answer: Answer) -> Any:
    """One row as an element of a list: an object, or the one value that names it."""
    schema = simple(rule)
    kind = kind_of(schema)
    if kind == "object" and schema.get("properties"):
        return _object(schema, row, answer)
    if kind in ("object", "any"):
        return bare(row)
    names = [*answer.entity.identity[-1:], *(n for n in row if n in ("name", "title"))]
    for name in [*names, *row]:
        value = adapt(row.get(name), schema)
        if value is not MISSING and value not in (None, []):
            return value
    return _invented("", schema, row, answer)


def _scalar(schema: JsonObject, answer: Answer) -> Any:
    rows = answer.found.page.rows
    if kind_of(schema) == "boolean":
        return bool(rows) if fits(bool(rows), schema) else True
    if kind_of(schema) in ("integer", "number") and answer.plan.model.operation == "list":
        return answer.found.page.total
    return _element(schema, rows[0] if rows else {}, answer)


def _object(
    schema: JsonObject, row: Row | None, answer: Answer, *, top: bool = False
) -> JsonObject:
    shown: JsonObject = {}
    for part in parts_of(Same(schema), Same(answer.entity)):
        value = _part(part, row, answer, top=top)
        if value is MISSING and part.required:
            value = _invented(part.name, part.rule, row, answer)
        if value is not MISSING:
            shown[part.name] = value
    return shown


def _part(part: Part, row: Row | None, answer: Answer, *, top: bool) -> Any:
    """The value of one property; `MISSING` for one that is better left out."""
    name, rule = part.name, part.rule
    if top and name == answer.plan.rows_at.partition(".")[0]:
        return _rows(rule, row, answer)
    if row is not None and name in row:
        value = adapt(row[name], part.rule)
        if value is not MISSING:
            return value
    if top:
        value = _about_call(part.said, name, rule, answer)
        if value is not MISSING:
            return value
    value = _held(part, row)
    if value is MISSING and name in answer.found.element:
        value = adapt(answer.found.element[name], part.rule)
    if value is not MISSING:
        return value
    if row and part.field is not None and name not in row:
        return MISSING
    return _nested(name, part.said, rule, row, answer, top=top)


def _rows(rule: JsonObject, row: Row | None, answer: Answer) -> Any:
    """The list of rows, or the object in which it lies."""
    within = answer.plan.rows_at.partition(".")[2]
    if not within:
        return _list(simple(rule), answer)
    inner = replace(answer, plan=replace(answer.plan, rows_at=within))
    return _object(simple(rule), row, inner, top=True)


def _about_call(said: str, name: str, rule: JsonObject, answer: Answer) -> Any:
    """What is known of the call as a whole; `MISSING` for anything else."""
    page, plan = answer.found.page, answer.plan
    wanted: Any = MISSING
    if said in _COUNTS or said == f"total {plural(answer.entity.noun)}":
        wanted = page.total
    elif said in _MORE:
        wanted = page.more
    elif said in _NEXT:
        wanted = None
    elif plan.model.writes and said in _DONE and kind_of(simple(rule)) == "boolean":
        wanted = True
    elif plan.model.writes and is_sentence(name) and not plan.asks_for(name):
        wanted = sentence(plan, page.rows)
    return adapt(wanted, rule) if wanted is not MISSING else MISSING


def _held(part: Part, row: Row | None) -> Any:
    """A field of the row under another name."""
    for field in part.others if row is not None else ():
        if row is not None and field in row:
            value = adapt(row[field], part.rule)
            if value is not MISSING:
                return value
    return MISSING


def _nested(
    name: str, said: str, rule: JsonObject, row: Row | None, answer: Answer, *, top: bool
) -> Any:
    """An object around the row, rows of another entity, or an invention."""
    schema = simple(rule)
    kind = kind_of(schema)
    if kind == "object" and row is not None and schema.get("properties"):
        nouns = {answer.entity.noun, answer.plan.model.noun, "data", "result", "item", "details"}
        overlap = sum(part in row for part in schema["properties"])
        if said in nouns or (top and overlap * 2 > len(schema["properties"])):
            return _object(schema, row, answer)
    if kind == "array" and top and answer.plan.model.operation == "list":
        return _others(said, schema, answer)
    if said in _NEXT:
        return MISSING
    return _invented(name, schema, row, answer)


def _others(said: str, schema: JsonObject, answer: Answer) -> Any:
    """Rows of the other entity that a list also shows: a graph's relations beside its nodes."""
    for other in answer.store.world.entities.values():
        if other.domain == answer.entity.domain and other.noun == singular(said):
            found = Answer(answer.store, answer.plan, other, answer.found)
            rows = answer.store.rows(other)
            return [_element(schema.get("items", {}), row, found) for row in rows]
    return [] if fits([], schema) else MISSING


def _invented(name: str, rule: JsonObject, row: Row | None, answer: Answer) -> Any:
    """A value that depends on the seed, the row's identity and the property alone."""
    entity, seeds = answer.entity, answer.store.seeds
    key = key_of(entity, row) if row and entity.identity else ()
    rng = seeds.stream("shown", entity.key, key, name)
    schema = simple(rule)
    return invent(
        semantic_type(name, schema),
        schema,
        rng,
        name=name,
        noun=entity.noun,
        clock=seeds.clock,
        scene=People(rng),
    )
