"""The leaves of a JSON schema, the scalars that a call has to fill, and the rows of a result.

Knows objects, lists, pages and compositions; not what the leaves mean. The leaves of *values* are
`schemas.leaves`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from generators.identity_cache import remembered
from generators.lexicon.names import in_words, key_words, noun_words, snake, split_words
from generators.lexicon.tables import load_words
from schemas.record import JsonObject
from schemas.tool import ToolSpec

_words = partial(load_words, "inference")

SORTS: Mapping[str, JsonObject] = {
    "string": {"type": "string"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "email": {"type": "string", "format": "email"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
}
"""How the lexicon says of what sort a value is."""

_COMPOSITIONS = ("allOf", "anyOf", "oneOf")


@dataclass(frozen=True)
class Leaf:
    """One leaf of an object schema."""

    path: str
    """``items[].sku``."""
    schema: JsonObject
    required: bool
    """The leaf and all that it lies in must be given."""
    listed: str = ""
    """For an element of a list: what is said of the list."""
    called: str = ""
    """Its name, where the source tells more than the schema: ``rover_id`` for an ``id``."""

    @cached_property
    def top(self) -> str:
        """The argument that it lies in: ``items``."""
        return self.path.replace("[]", "").split(".", 1)[0]

    @cached_property
    def name(self) -> str:
        """The last name in the path: ``sku``."""
        return self.called or self.path.replace("[]", "").rsplit(".", 1)[-1]

    @cached_property
    def many(self) -> bool:
        """Lies in a list."""
        return "[]" in self.path

    @cached_property
    def plain(self) -> bool:
        """Is a text or a number."""
        return schema_type(plain_schema(self.schema)) in ("string", "integer", "number")


def path_top(path: str) -> str:
    """The field or argument that a path begins in: ``items`` of ``items[].sku``."""
    return path.partition(".")[0].partition("[")[0]


def as_schema(value: Any) -> JsonObject:
    """Read a schema as an object: ``True`` and ``False`` are schemas too, and say nothing."""
    if isinstance(value, dict):
        return value
    return dict(value) if isinstance(value, Mapping) else {}


_KINDS = {str: "string", bool: "boolean", int: "integer", float: "number"}


def schema_type(schema: JsonObject) -> str:
    """Name the first type that is not null: ``string``, ``object`` …; empty where none is told."""
    told = schema.get("type")
    if type(told) is str and told != "null":
        return told
    for kind in told if isinstance(told, list) else [told]:
        if isinstance(kind, str) and kind != "null":
            return kind
    if isinstance(schema.get("properties"), Mapping):
        return "object"
    if "items" in schema:
        return "array"
    examples = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    for value in examples:
        if type(value) in _KINDS:
            return _KINDS[type(value)]
    return next(filter(None, map(schema_type, branches_of(schema))), "")


def plain_schema(schema: JsonObject) -> JsonObject:
    """Leave the null branch out: ``anyOf: [string, null]`` → ``string``."""
    if "type" in schema:
        return schema
    branches = [branch for branch in branches_of(schema) if branch.get("type") != "null"]
    if not branches:
        return schema
    told: JsonObject = {key: schema[key] for key in ("description", "default") if key in schema}
    return plain_schema(branches[0]) | told


def listed_schema(schema: JsonObject) -> JsonObject:
    """That of the members of a list of scalars; empty for all else."""
    plain = plain_schema(schema)
    items = plain_schema(as_schema(plain.get("items"))) if schema_type(plain) == "array" else {}
    return items if schema_type(items) in _KINDS.values() else {}


def takes_null(schema: JsonObject) -> bool:
    """Whether a schema says that there may be no value."""
    told = schema.get("type")
    nothing = told == "null" or (isinstance(told, list) and "null" in told)
    return nothing or any(map(takes_null, branches_of(schema)))


def branches_of(schema: JsonObject) -> list[JsonObject]:
    """The alternatives that a schema has, and the parts that hold at once."""
    found = [schema[key] for key in _COMPOSITIONS if isinstance(schema.get(key), list)]
    return [as_schema(branch) for branches in found for branch in branches]


@remembered
def members(schema: JsonObject) -> dict[str, tuple[JsonObject, bool]]:
    """Property → (schema, required), through compositions; only ``allOf`` can add to required."""
    found: dict[str, tuple[JsonObject, bool]] = {}
    for key in _COMPOSITIONS:
        for branch in schema.get(key) or []:
            for name, (part, needed) in members(as_schema(branch)).items():
                found.setdefault(name, (part, needed and key == "allOf"))
    names = schema.get("required")
    required = frozenset(map(str, names)) if isinstance(names, list) else frozenset()
    for name, part in as_schema(schema.get("properties")).items():
        found[str(name)] = (as_schema(part), found.get(str(name), ({}, False))[1])
    return {name: (part, had or name in required) for name, (part, had) in found.items()}


@remembered
def leaves_of(schema: JsonObject) -> tuple[Leaf, ...]:
    """Every leaf in the order of the schema; free objects and lists are leaves of their own."""
    return tuple(_walk([("object", schema, "", True, "")]))


@remembered
def shown_names(schema: JsonObject) -> frozenset[str]:
    """The names, in words, that stand anywhere in a result."""
    steps = {step for leaf in leaves_of(schema) for step in leaf.path.split(".")}
    return frozenset(in_words(step.removesuffix("[]")) for step in steps)


_STEPS = re.compile(r"[^.\[\]]+|\[\d*\]")


def schema_at(schema: JsonObject, path: str) -> JsonObject:
    """The schema of what lies at a path of a value, under free keys too; {} where none is told."""
    for step in _STEPS.findall(path):
        plain = plain_schema(schema)
        part: Any = None
        if step.startswith("["):
            places, number = plain.get("prefixItems", ()), step[1:-1]
            inside = number.isdigit() and int(number) < len(places)
            part = places[int(number)] if inside else plain.get("items")
        elif step in (named := members(schema)):
            part = named[step][0]
        else:
            patterns = as_schema(plain.get("patternProperties")).items()
            matching = (rule for pattern, rule in patterns if re.search(pattern, step))
            part = next(matching, plain.get("additionalProperties"))
        schema = as_schema(part)
    return schema


def leaves_within(schema: JsonObject, path: str) -> Iterator[Leaf]:
    """The leaves of an object, or of the objects in a list; of a list of scalars none."""
    leaves = _walk([("", schema, path, True, "")])
    return (leaf for leaf in leaves if leaf.path.removesuffix("[]") != path)


def _walk(left: list[tuple[str, JsonObject, str, bool, str]]) -> Iterator[Leaf]:
    """The leaves of what is left to be looked at, the last first; "object" for the whole."""
    while left:
        told, schema, path, required, listed = left.pop()
        plain = schema if told else plain_schema(schema)
        kind = told or schema_type(plain)
        inner = members(plain) if kind == "object" else {}
        if inner:
            for name, (part, needed) in reversed(inner.items()):
                place = f"{path}.{name}" if path else name
                left.append(("", part, place, required and needed, ""))
        elif kind == "array" and as_schema(plain.get("items")):
            listed = str(schema.get("description") or "")
            left.append(("", as_schema(plain["items"]), f"{path}[]", required, listed))
        elif not told:
            yield Leaf(path, schema, required, listed)


# Rows of results -------------------------------------------------------------------------------


_UNTOLD: JsonObject = {}
"""The schema of a result that nobody tells: one and the same, as what is read of it is kept."""


@remembered
def call_parts(schema: JsonObject) -> frozenset[str]:
    """The properties of a result that say how the call went, beside those that hold its answer.

    ``status`` and ``message`` of ``{status: 200, message: …, success: […]}``: the list of that name
    is what was asked for. Where a number or a text of a row stands beside it, the status is that
    of the row.
    """
    parts = {name: plain_schema(part) for name, (part, _) in members(schema).items()}
    plain = {name for name, part in parts.items() if schema_type(part) not in ("array", "object")}
    held = {name for name in parts.keys() - plain if snake(name) in _words("page_rows")}
    codes = {name for name in plain if snake(name) in _words("call_codes")}
    around = _words("envelope") | _words("page")
    alone = all(snake(name) in around for name in plain - codes)
    told = codes if held else {name for name in codes if schema_type(parts[name]) == "integer"}
    told = told if alone and parts.keys() - plain else set()
    return frozenset({name for name in parts if name in _words("envelope")} - held | told)


@remembered
def page_place(schema: JsonObject) -> str:
    """Where a page of a longer list holds its rows: ``items``, ``albums.items``; "" for no page.

    A page is an object of one list of objects and of what says which part of the whole it is, or
    an object that holds one such page.
    """
    parts = {name: plain_schema(part) for name, (part, _) in members(schema).items()}
    how = call_parts(schema)
    rest = [name for name in parts if snake(name) not in _words("page") and name not in how]
    if len(rest) != 1 or "\n" in rest[0] or "." in rest[0]:
        return ""
    inner = parts[rest[0]]
    if _of_objects(inner):
        marked = len(_words("page_marks") & {snake(name) for name in parts}) > 1
        return rest[0] if marked or snake(rest[0]) in _words("page_rows") else ""
    within = page_place(inner) if schema_type(inner) == "object" else ""
    return f"{rest[0]}.{within}" if within and "." not in within else ""


def result_row(tool: ToolSpec, noun: str = "") -> JsonObject:
    """Find the schema of the rows in the source's own result; ``{}`` where it has none.

    A list of objects is looked for first, alone or in a page or called by the noun; then the
    one object within an envelope; then the result itself. Of ``{added_at, track: {…}}``, where
    tracks are listed, it is the track with what stands beside it.
    """
    row = plain_row(tool, noun)
    inner = wrapped_row(row, noun)
    if inner is None:
        return row
    name, held = inner
    beside = {key: part for key, (part, _) in members(row).items() if key != name}
    within = {key: part for key, (part, _) in members(held).items()}
    return {"type": "object", "properties": within | beside}


def wrapped_row(row: JsonObject, noun: str) -> tuple[str, JsonObject] | None:
    """Find the property that bears the row's noun and is the row, where no id stands beside it."""
    parts = members(row)
    if not noun or any(split_words(name)[-1:] == ("id",) for name in parts):
        return None
    inner = ((name, plain_schema(part)) for name, (part, _) in parts.items()
             if " ".join(split_words(name)) == noun)  # fmt: skip
    return next((one for one in inner if members(one[1])), None)


def plain_row(tool: ToolSpec, noun: str) -> JsonObject:
    """Find the schema of what stands for a row in the result, whatever is around the row in it."""
    if not tool.returns:
        return _UNTOLD
    schema = plain_schema(tool.returns)
    if place := page_place(schema):
        for name in place.split("."):
            schema = plain_schema(members(schema)[name][0])
        return _items(schema)
    if schema_type(schema) == "array":
        return _items(schema)
    parts = {name: plain_schema(part) for name, (part, _) in members(schema).items()}
    for name, part in parts.items():
        if noun and " ".join(noun_words(name)) == noun and _of_objects(part):
            return _items(part)
    if returns_rows(tool):
        return next(_items(part) for part in parts.values() if schema_type(part) == "array")
    telling = parts.keys() - call_parts(schema)
    objects = [parts[name] for name in telling if schema_type(parts[name]) == "object"]
    return objects[0] if len(objects) == len(telling) == 1 else schema


def listed_nouns(tool: ToolSpec) -> tuple[str, ...]:
    """Name what the source's own result lists, property by property: entities, relations."""
    schema = plain_schema(tool.returns or _UNTOLD)
    if place := page_place(schema):
        return (" ".join(noun_words(place.partition(".")[0])),)
    parts = {name: part for name, (part, _) in members(schema).items()}
    lists = [name for name, part in parts.items() if schema_type(part) == "array"]
    rows = [name for name in lists if _of_objects(plain_schema(parts[name]))]
    return tuple(" ".join(noun_words(name)) for name in rows)


def row_key(tool: ToolSpec) -> str:
    """Find the noun whose id stands first in the result's rows: ``stay_id`` → ``stay``."""
    words = key_words(next(iter(members(result_row(tool))), ""))
    return " ".join(words[:-1]) if words[-1:] == ("id",) else ""


def returns_rows(tool: ToolSpec) -> bool:
    """Whether the source's own result is a list of objects, alone or in an envelope."""
    schema = tool.returns
    if not schema:
        return False
    if schema_type(schema) == "array" or page_place(schema):
        return True
    parts = {name: part for name, (part, _) in members(schema).items()}
    rows = [one for one in parts.values() if schema_type(one) == "array" and _of_objects(one)]
    telling = [name for name in parts if _COUNTING.isdisjoint(split_words(name))]
    return len(rows) == len(telling) == 1


_COUNTING = frozenset({"count", "total", "page", "cursor", "next", "more"})


def _items(schema: JsonObject) -> JsonObject:
    return plain_schema(as_schema(schema.get("items")))


def _of_objects(schema: JsonObject) -> bool:
    return schema_type(_items(schema)) == "object"
