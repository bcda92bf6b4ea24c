"""What the source's own result schemas say: where the rows are, and what names them.

Results that the source leaves open are inferred in `generators.world.returns`.
"""

from generators.lexicon.names import noun_words, snake, split_words
from generators.lexicon.tables import word_set
from generators.world.schema_leaves import as_schema, members, plain_schema, schema_type
from schemas.record import JsonObject
from schemas.tool import ToolSpec

ENVELOPE = frozenset({"success", "ok", "error", "message", "code", "deleted", "result", "count"})
"""Properties of results that say how the call went, not what the row holds."""

_PAGE = word_set(
    "href url self link links limit offset next previous prev first last total count cursor "
    "cursors page per_page page_size page_number pages total_pages total_count has_more has_next "
    "meta pagination paging message"
)
"""Properties of a page besides its rows, in snake case."""
_PAGE_MARKS = word_set("limit offset next previous prev cursor cursors total page_size per_page")


def page_place(schema: JsonObject) -> str:
    """Where a page of a longer list holds its rows: ``items``, ``albums.items``; "" for no page.

    A page is an object of one list of objects and of what says which part of the whole it is, or
    an object that holds one such page.
    """
    parts = {name: plain_schema(part) for name, (part, _) in members(schema).items()}
    rest = [name for name in parts if snake(name) not in _PAGE]
    if len(rest) != 1 or "\n" in rest[0] or "." in rest[0]:
        return ""
    inner = parts[rest[0]]
    if _of_objects(inner):
        marked = len(_PAGE_MARKS & {snake(name) for name in parts}) > 1
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
    telling = [name for name in parts if name not in ENVELOPE]
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
