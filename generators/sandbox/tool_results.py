"""What a call shows: rows projected on the schema of the tool's result, or told in words.

Every part comes from, in this order: the row, the arguments, what is known of the call (counts,
flags, sentences), and at last an invention that depends on nothing but the row. So the result
satisfies its schema by construction, and the same row is shown alike by every tool.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

from generators.identity_cache import Same
from generators.lexicon.names import in_words
from generators.lexicon.nouns import plural, singular
from generators.lexicon.tables import load_words, phrase_set, word_set
from generators.lexicon.verbs import participle
from generators.sandbox.compiled_tools import CompiledTool, pick
from generators.sandbox.errors_and_faults import call_error
from generators.sandbox.paging import Page, is_box, tell_page
from generators.sandbox.people import People
from generators.sandbox.row_states import is_untold
from generators.sandbox.row_values import Row, as_text, bare, is_filed, is_folder, key_of
from generators.sandbox.schema_validity import MISSING, adapt, fits, kind_of, readings, simple
from generators.sandbox.store import Rows
from generators.sandbox.values import invent
from generators.world.model import Entity, ToolModel
from generators.world.schema_leaves import call_parts
from generators.world.semantics import semantic_type
from schemas.leaves import plain_name
from schemas.record import JsonObject

_DONE = phrase_set(
    "success;ok;succeeded;deleted;updated;cancelled;canceled;done;accepted;sent;saved;created;"
    "removed;completed"
)
_STRIP = ("new ", "updated ", "current ", "created ", "original ")
_SENTENCES = word_set("message confirmation result detail details status_message info note")
_METADATA = word_set("info information detail details metadata stat stats status")
_TEXTS = ("content", "text", "body", "message", "description", "note", "notes", "summary")


def is_done(said: str) -> bool:
    """Whether a flag of this name says that a write went well: ``deleted``, ``sent status``."""
    return said in _DONE or said.endswith(" status")


@dataclass(frozen=True)
class Answer:
    """A call that has been carried out, about to be shown."""

    store: Rows
    tool: CompiledTool
    entity: Entity
    page: Page
    element: JsonObject
    """The arguments; those of the lone element where the call is dealt with by elements."""


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
    required, known, found = schema.it.get("required", ()), aliases(entity), []
    for name, rule in schema.it.get("properties", {}).items():
        said, rule = in_words(name), rule if isinstance(rule, dict) else {}
        names = [said, *(said.removeprefix(word) for word in _STRIP if said.startswith(word))]
        others = dict.fromkeys(known[one] for one in names if one in known)
        field = known.get(said)
        own = field if field in entity.it.fields else None
        found.append(Part(name, said, rule, name in required, tuple(others), own))
    return tuple(found)


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
    tool, rows, entity = answer.tool, answer.page.rows, answer.entity
    schema = tool.returns
    text, kind = lone_text(schema, entity), kind_of(schema)
    if text is not None:
        said = text_answer(answer.store, tool, rows, answer.element)
        return said if text == "" else {text: said}
    if kind == "array":
        return _list(schema, answer)
    if kind in ("object", "any") and schema.get("properties"):
        beside = tool.rows_at and (len(rows) != 1 or tool.model.operation == "list")
        return _object(schema, rows[0] if rows and not beside else None, answer, top=True)
    if kind in ("object", "any"):  # without named properties: rows by their names, or a noun
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict) and extra:
            titles = (name for name, field in entity.fields.items() if field.semantic == "title")
            name = next(titles, entity.identity[-1] if entity.identity else "")
            named = ((plain_name(str(row.get(name, "item"))), row) for row in rows)
            return {label: _element(extra, row, answer) for label, row in named}
        if tool.model.operation == "list" or len(rows) != 1:
            return {plural(entity.noun).replace(" ", "_"): [bare(row) for row in rows]}
        return bare(rows[0])
    if kind == "boolean":
        return bool(rows) if fits(bool(rows), schema) else True
    if kind in ("integer", "number") and tool.model.operation == "list":
        return answer.page.total
    return _element(schema, rows[0] if rows else {}, answer)


def _list(schema: JsonObject, answer: Answer) -> list[Any]:
    rule = schema.get("items", {})
    items = rule if isinstance(rule, dict) else {}
    shown = [*map(partial(_element, items, answer=answer), answer.page.rows)]
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
    return _invent("", schema, row, answer)


def _object(
    schema: JsonObject, row: Row | None, answer: Answer, *, top: bool = False
) -> JsonObject:
    shown: JsonObject = {}
    parts, around = parts_of(Same(schema), Same(answer.entity)), call_parts(schema) if top else ()
    for part in parts:
        value: Any = MISSING
        if part.name in around:  # the code of a success: the one that the schema tells, else 200
            rule = simple(part.rule)
            choices = sorted(rule.get("enum", ()), key=lambda one: str(one).lower() not in _DONE)
            coded = part.said.replace(" ", "_") in load_words("inference", "call_codes")
            usual = (rule.get("default"), *choices, 200, "success") if coded else ()
            told = (one for one in usual if one is not None and adapt(one, rule) is not MISSING)
            well = kind_of(rule) == "boolean" and is_done(part.said)
            value = True if well else next(told, MISSING)
        if value is MISSING:
            value = _part(part, row, answer, parts if top else ())
        if value is MISSING and part.required:
            lacking = row is not None and part.field is not None and fits(None, part.rule)
            value = None if lacking else _invent(part.name, part.rule, row, answer)
        if value is not MISSING:
            shown[part.name] = value
    return shown


def _part(part: Part, row: Row | None, answer: Answer, beside: Sequence[Part]) -> Any:
    """The value of one property; `MISSING` for one that is better left out.

    ``beside``: the parts of the whole result; none where the property lies deeper.
    """
    name, rule, held, top = part.name, part.rule, row or {}, bool(beside)
    at, _, within = answer.tool.rows_at.partition(".") if top else ("", "", "")
    listing = top and row is None and answer.tool.model.operation == "list"
    if listing and is_box(part.said, simple(rule)):
        inner = replace(answer, tool=replace(answer.tool, rows_at=""))
        return _object(simple(rule), None, inner, top=True)
    if top and name == at:
        if not within:
            return _list(simple(rule), answer)
        inner = replace(answer, tool=replace(answer.tool, rows_at=within))
        return _object(simple(rule), row, inner, top=True)
    if is_untold(answer.entity, held, name):
        return MISSING
    if row is not None and _wraps_row(part, answer, beside):
        return _object(simple(rule), row, answer)
    value = _fit(held[name], rule, row, answer) if name in held else MISSING
    if value is MISSING and top:
        value = _tell_call(part, answer, beside)
    for field in part.others:
        if value is MISSING and field in held:
            value = adapt(held[field], rule)
    if value is MISSING and name in answer.element:
        value = adapt(answer.element[name], rule)
    if value is not MISSING:
        return value
    if held and part.field is not None and name not in held:
        return MISSING
    return _nest(part, row, answer, top=top)


def _fit(held: Any, rule: JsonObject, row: Row | None, answer: Answer) -> Any:
    """What the row holds, made to fit; objects with what their schema requires besides."""
    value = adapt(held, rule)
    if value is not MISSING or not isinstance(held, dict):
        return value
    best, most = MISSING, -1
    for schema in readings(rule):
        rules, needed = schema.get("properties", {}), schema.get("required", ())
        inner = {name: _fit(one, rules[name], row, answer) if name in rules else one
                 for name, one in held.items()}  # fmt: skip
        kept = {name: one for name, one in inner.items() if one is not MISSING}
        lacking = [name for name in needed if name in rules and name not in kept]
        made = {name: _invent(name, rules[name], row, answer) for name in lacking}
        value = adapt(kept | made, rule) if len(kept) > most else MISSING
        if value is not MISSING:
            best, most = value, len(kept)
    return best


def _wraps_row(part: Part, answer: Answer, beside: Sequence[Part]) -> bool:
    """Whether it is the object around what was written: called by its noun, or the only object."""
    schema, entity = simple(part.rule), answer.entity
    if not answer.tool.model.writes or kind_of(schema) != "object":
        return False
    told = {slot.field.partition(".")[0] for slot in answer.tool.slots if slot.field}
    properties = schema.get("properties", {})
    if told.isdisjoint(properties):
        return False
    if part.said in (entity.noun, answer.tool.model.noun):
        return True
    if part.name in entity.fields:
        # A part of the row, unless what is written stands in it alone, among the row's others.
        written = {slot.field.partition(".")[0] for slot in answer.tool.of("field")}
        known = sum(name in entity.fields for name in properties)
        if not written.isdisjoint(one.name for one in beside) or 2 * known <= len(properties):
            return False
    objects = [one for one in beside if kind_of(simple(one.rule)) == "object"]
    return objects == [part] and part.name not in told


def _tell_call(part: Part, answer: Answer, beside: Sequence[Part]) -> Any:
    """What is known of the call as a whole; `MISSING` for anything else."""
    page, tool, said = answer.page, answer.tool, part.said
    wanted: Any = MISSING
    if tool.model.operation == "list":
        names = [one.said for one in beside]
        address = f"https://api.example.com/{plural(answer.entity.noun).replace(' ', '-')}"
        needed = part.required
        wanted = tell_page(said, part.rule, page, tool, names, address, needed=needed)
    elif tool.model.writes and is_done(said) and kind_of(simple(part.rule)) == "boolean":
        wanted = True
    elif tool.model.writes and said.replace(" ", "_") in _SENTENCES:
        # A note that a parameter gives is the caller's own.
        own = any(slot.field == part.name for slot in tool.slots)
        wanted = MISSING if own else sentence(tool, page.rows)
    return adapt(wanted, part.rule)


def _nest(part: Part, row: Row | None, answer: Answer, *, top: bool) -> Any:
    """An object around the row, rows of another entity, or an invention."""
    schema, entity, store = simple(part.rule), answer.entity, answer.store
    kind, properties = kind_of(schema), schema.get("properties")
    told = answer.element.get(part.name) if top and answer.tool.model.writes else None
    if kind == "string" and isinstance(told, str):
        # It was told in a form that it cannot be shown in: nothing else is shown in its place.
        if part.required:
            raise call_error("no_such_value", noun=entity.noun, field=part.said)
        return MISSING
    if kind == "object" and row is not None and properties:
        nouns = {entity.noun, answer.tool.model.noun, "data", "result", "item", "details"}
        nouns |= load_words("inference", "page_rows")
        overlap = sum(name in row for name in properties)
        if part.said in nouns or (top and overlap * 2 > len(properties)):
            return _object(schema, row, answer)
    if kind == "array" and top and row is not None:
        # Rows of another entity that this one lists by their ids: the items of an order.
        other = store.world.entities.get(f"{entity.domain}/{singular(part.said)}")
        listed = [f.name for f in entity.fields.values() if other and f.entity == other.key]
        ids = row.get(listed[0]) if listed else None
        if other is not None and isinstance(ids, list) and len(other.identity) == 1:
            found = [store.find(other, (as_text(one),)) for one in ids]
            inner, items = replace(answer, entity=other), schema.get("items", {})
            return [_element(items, one, inner) for one in found if one is not None]
    if kind == "array" and top and answer.tool.model.operation == "list":
        # A list also shows another entity's rows that name its own: a graph's relations.
        other = store.world.entities.get(f"{entity.domain}/{singular(part.said)}")
        if other is not None:
            items, inner = schema.get("items", {}), replace(answer, entity=other)
            keys = {key[-1] for row in answer.page.rows if (key := key_of(entity, row))}
            touching = (one for one in store.rows(other) if keys & {*map(as_text, one.values())})
            return [_element(items, one, inner) for one in touching]
        return [] if fits([], schema) else MISSING
    told = load_words("paging", "next") | load_words("paging", "previous")
    return MISSING if part.said in told else _invent(part.name, schema, row, answer)


def _invent(name: str, rule: JsonObject, row: Row | None, answer: Answer) -> Any:
    """A value that depends on the seed, the property and the row's identity, if rows differ."""
    entity, seeds, schema = answer.entity, answer.store.seeds, simple(rule)
    field = entity.fields.get(name)
    if field is not None and field.common:  # in another form than the row has it
        rng = seeds.stream("shown", entity.domain, name)
    else:
        key = key_of(entity, row) if row and entity.identity else ()
        rng = seeds.stream("shown", entity.key, key, name)
    return invent(
        semantic_type(name, schema), schema, rng, name=name, noun=entity.noun, clock=seeds.clock,
        scene=People(rng),
    )  # fmt: skip


# -- results in words


def lone_text(schema: JsonObject, entity: Entity | None) -> str | None:
    """The property that is the whole answer in words; "" for a bare string; None for neither."""
    if schema.get("type") == "string":
        return ""
    properties: dict[str, Any] = schema.get("properties", {})
    if len(properties) != 1:
        return None
    (name, rule), *_ = properties.items()
    # The lone string may be a field of the row: an identifier that was looked up.
    known = entity is not None and in_words(name) in aliases(Same(entity))
    known = known and name not in ("content", "text")
    return name if rule.get("type") == "string" and "enum" not in rule and not known else None


def sentence(tool: CompiledTool, rows: Sequence[Row]) -> str:
    """Say what a write did: ``The order ord_8f3k2m has been cancelled``."""
    entity, verb = tool.entity, participle(tool.model.verb)
    if entity is None or not rows:
        return f"The {tool.model.noun} has been {verb}."
    if len(rows) > 1:
        return f"{len(rows)} {plural(entity.noun)} have been {verb}."
    if verb in ("moved", "renamed", "written") and is_filed(entity):
        return f"The {entity.noun} has been {verb} to {_name(rows[0], entity)}."
    return f"The {entity.noun} {_name(rows[0], entity)} has been {verb}."


def _name(row: Row, entity: Entity) -> str:
    """What a row is called in a sentence: the last part of its identity."""
    return as_text(row.get(entity.identity[-1], "")) if entity.identity else ""


def tells_details(model: ToolModel) -> bool:
    """Whether a text tells what is known of a row, not what stands in it."""
    return bool(_METADATA & set(in_words(model.name).split()))


def text_answer(store: Rows, tool: CompiledTool, rows: Sequence[Row], element: JsonObject) -> str:
    """The whole answer as one text."""
    entity = tool.entity
    if entity is None or tool.model.writes:
        return sentence(tool, rows)
    listing = tool.model.operation == "list" and not tool.batch
    if is_filed(entity) and (listing or is_folder(entity)):
        return "\n".join(_list_folder(store, entity, tool, rows, element))
    if listing:
        # Identities, and the first words that say what each row is.
        telling = [n for n, field in entity.fields.items()
                   if field.semantic in ("title", "person_name", "text")]  # fmt: skip
        lines = []
        for row in rows:
            shown, title = _name(row, entity), next((row[n] for n in telling if n in row), "")
            lines.append(f"{shown}: {title}" if title and str(title) != shown else shown)
        return "\n".join(lines) if lines else f"No {plural(entity.noun)} were found."
    if tells_details(tool.model):
        return "\n\n".join(_sheet(row, entity) for row in rows)
    names = (*_TEXTS, *(n for n, field in entity.fields.items() if field.semantic == "text"))
    held = ([str(row[n]) for n in names if isinstance(row.get(n), str)] for row in rows)
    texts = [one[0] if one else _sheet(row, entity) for one, row in zip(held, rows, strict=True)]
    if len(texts) != 1:
        named = zip(rows, texts, strict=True)
        return "\n\n".join(f"{_name(row, entity)}:\n{text}" for row, text in named)
    lines, head, tail = texts[0].splitlines(keepends=True), element.get("head"), element.get("tail")
    if isinstance(head, int | float):
        return "".join(lines[: int(head)])
    return "".join(lines[-int(tail) :]) if isinstance(tail, int | float) and tail else texts[0]


def _list_folder(
    store: Rows, entity: Entity, tool: CompiledTool, rows: Sequence[Row], element: JsonObject
) -> list[str]:
    """What lies directly in the folder, folders first; all paths below where a search asks."""
    given = [pick(element, slot.path) for slot in tool.of("identity", "reference", "filter")]
    folder = next((str(one).rstrip("/") for one in given if isinstance(one, str)), "")
    if not folder or tool.of("query"):
        return sorted(_name(row, entity) for row in rows)
    inside = [
        (_name(row, other)[len(folder) + 1 :].split("/"), is_folder(other))
        for other in store.world.entities.values()
        if other.domain == entity.domain and is_filed(other)
        for row in store.rows(other)
        if _name(row, other).startswith(f"{folder}/")
    ]
    folders = sorted({parts[0] for parts, is_dir in inside if len(parts) > 1 or is_dir})
    names = sorted({parts[0] for parts, is_dir in inside if len(parts) == 1 and not is_dir})
    lines = [f"[DIR] {name}" for name in folders] + [f"[FILE] {name}" for name in names]
    return lines or ["The folder is empty."]


def _sheet(row: Row, entity: Entity) -> str:
    """One line a field; of a file, its size in the place of its content."""
    shown = {name: value for name, value in row.items() if not isinstance(value, dict | list)}
    if is_filed(entity) and isinstance(row.get("content"), str):
        known = {name: value for name, value in shown.items() if name in entity.identity}
        times = {n: v for n, v in shown.items() if entity.fields[n].semantic == "datetime"}
        size = f"{len(row['content'].encode())} bytes"
        shown = known | {"size": size, "type": "file"} | times
    lines = (f"{in_words(name)}: {as_text(value)}" for name, value in shown.items())
    return "\n".join(line for line in lines if "\n" not in line)
