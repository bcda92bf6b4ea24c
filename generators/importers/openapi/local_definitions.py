"""Leads references into a schema's own definitions there, from the root of the document.

Programs write whole JSON Schemas into a document: ``#/$defs/Size`` then means the definitions of
the component that it stands in, though a document's references begin at its root.
"""

from operator import is_
from typing import Any
from urllib.parse import unquote

from generators.importers.subschemas import DEFINITIONS, by_pointer
from schemas.record import JsonObject

_Scope = tuple[str, JsonObject]
"""Where a schema with definitions stands, as a pointer, and the schema."""


def lead_to_definitions(root: JsonObject) -> JsonObject:
    """The document with such references led; itself where there are none."""

    def lead(reference: str, scopes: tuple[_Scope, ...]) -> str:
        pointer = unquote(reference[1:])
        if not scopes or reference[:2] != "#/" or by_pointer(root, pointer) is not None:
            return reference
        holding = (at for at, one in reversed(scopes) if by_pointer(one, pointer) is not None)
        place = next(holding, None)
        return reference if place is None else f"#{place}{reference[1:]}"

    def walk(node: Any, place: str, scopes: tuple[_Scope, ...]) -> Any:
        if isinstance(node, list):
            items = [walk(one, f"{place}/{at}", scopes) for at, one in enumerate(node)]
            return node if all(map(is_, items, node)) else items
        if not isinstance(node, dict):
            return node
        if place and any(isinstance(node.get(key), dict) for key in DEFINITIONS):
            scopes = (*scopes, (place, node))
        made = {key: walk(one, f"{place}/{_escape(key)}", scopes) for key, one in node.items()}
        if isinstance(node.get("$ref"), str):
            made["$ref"] = lead(node["$ref"], scopes)
        mapping = node.get("mapping")
        if "propertyName" in node and isinstance(mapping, dict):
            made["mapping"] = {
                key: lead(to, scopes) if isinstance(to, str) else to for key, to in mapping.items()
            }
            made["mapping"] = mapping if made["mapping"] == mapping else made["mapping"]
        return node if all(made[key] is one for key, one in node.items()) else made

    found: JsonObject = walk(root, "", ())
    return found


def _escape(key: Any) -> str:
    """A step of a pointer in the fragment of an address."""
    return str(key).replace("~", "~0").replace("/", "~1").replace("%", "%25")
