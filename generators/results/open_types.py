"""Types of fields that are told without one: those of parameters called so, else of the name.

A name gives a type only where text would be nonsense, a price or a count; other fields stay open.
"""

from collections import defaultdict
from collections.abc import Mapping

from generators.world.naming_words import snake, split_words, word_set
from schemas.canonical import canonical_json
from schemas.record import JsonObject
from schemas.tool import Catalog

Types = Mapping[str, JsonObject]
"""A name as words → the schema of the scalar that every tool which has it agrees on."""
_KEPT = ("type", "format")
_SCALARS = ("string", "integer", "number", "boolean")
_BY_LAST_WORD: tuple[tuple[frozenset[str], JsonObject], ...] = (
    (
        word_set(
            "price cost fare fee amount total subtotal tax balance rating score temperature "
            "humidity latitude longitude distance weight percentage percent salary"
        ),
        {"type": "number"},
    ),
    (word_set("count quantity followers"), {"type": "integer"}),
    (word_set("date"), {"type": "string", "format": "date"}),
)
_BY_FIRST_WORD: tuple[tuple[frozenset[str], JsonObject], ...] = (
    (word_set("is has can"), {"type": "boolean"}),
)


def known_types(catalog: Catalog) -> Mapping[str, Types]:
    """Domain → what its parameters are; names on which they differ are left out."""
    told: dict[str, dict[str, dict[str, JsonObject]]] = defaultdict(lambda: defaultdict(dict))
    for tool in catalog.tools:
        for name, schema in tool.properties.items():
            if schema.get("type") in _SCALARS:
                kept = {key: schema[key] for key in _KEPT if key in schema}
                told[tool.domain][snake(name)][canonical_json(kept)] = kept
    agreed: dict[str, Types] = defaultdict(dict)
    for domain, names in told.items():
        agreed[domain] = {
            name: next(iter(found.values())) for name, found in names.items() if len(found) == 1
        }
    return agreed


def with_types(schema: JsonObject, types: Types) -> JsonObject:
    """Give fields that are left open a type, where a parameter or the name has one."""
    if isinstance(schema.get("items"), dict):
        schema = {**schema, "items": with_types(schema["items"], types)}
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return schema
    typed = {
        name: with_types(part, types) if part else types.get(snake(name), _by_name(name))
        for name, part in properties.items()
    }
    return {**schema, "properties": typed}


def _by_name(name: str) -> JsonObject:
    words = split_words(name)
    if words[:2] == ("number", "of"):
        return {"type": "integer"}
    if words[-1:] == ("at",) and len(words) > 1:
        return {"type": "string", "format": "date-time"}
    ends = ((words[-1:], _BY_LAST_WORD), (words[:1] if len(words) > 1 else (), _BY_FIRST_WORD))
    for word, table in ends:
        for signs, schema in table:
            if signs & set(word):
                return dict(schema)
    return {}
