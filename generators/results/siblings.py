"""Types that other tools of the domain give a name: ``flight_id`` is told, the parameter is typed."""

from collections import defaultdict
from collections.abc import Mapping

from generators.inference.naming_words import snake
from schemas.canonical import canonical_json
from schemas.record import JsonObject
from schemas.tool import Catalog

Types = Mapping[str, JsonObject]
"""A name as words → the schema of the scalar that every tool which has it agrees on."""
_KEPT = ("type", "format")
_SCALARS = ("string", "integer", "number", "boolean")


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


def typed_by_siblings(schema: JsonObject, types: Types) -> JsonObject:
    """Give fields that are left open the type of the parameters that are called like them."""
    if isinstance(schema.get("items"), dict):
        schema = {**schema, "items": typed_by_siblings(schema["items"], types)}
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return schema
    typed = {
        name: typed_by_siblings(part, types) if part else types.get(snake(name), {})
        for name, part in properties.items()
    }
    return {**schema, "properties": typed}
