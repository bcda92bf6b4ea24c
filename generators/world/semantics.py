"""What a leaf means to a person: the schema's own word first (format, enum), then its name.

What names and descriptions mean lies in `generators.lexicon.meanings`.
"""

from types import MappingProxyType

from generators.lexicon.meanings import number_meaning, text_meaning
from generators.world.schema_leaves import as_schema, plain_schema, schema_type
from schemas.record import JsonObject
from schemas.semantic import SemanticType

_FORMATS: MappingProxyType[str, SemanticType] = MappingProxyType(
    {
        "date": "date",
        "date-time": "datetime",
        "time": "time",
        "duration": "duration",
        "email": "email",
        "idn-email": "email",
        "uri": "url",
        "url": "url",
        "uri-reference": "url",
        "uuid": "opaque_id",
    }
)
"""JSON Schema's ``format``."""


def semantic_type(name: str, schema: JsonObject, description: str = "") -> SemanticType:
    """Say what a leaf of this name and schema means; ``unknown`` where nothing tells."""
    plain = plain_schema(schema)
    said = str(description or schema.get("description") or plain.get("description") or "")
    kind = schema_type(plain)
    if kind == "array":
        return "list"
    if kind in ("boolean", "object"):
        return "boolean" if kind == "boolean" else "object"
    values = plain.get("enum", [plain["const"]] if "const" in plain else None)
    if isinstance(values, list) and any(isinstance(value, str) for value in values):
        return "enum"
    if kind != "number" and (told := _FORMATS.get(str(plain.get("format", "")))):
        return told
    if kind in ("integer", "number"):
        return number_meaning(name, said, kind == "integer")
    return text_meaning(name, said)


def element_semantic(name: str, schema: JsonObject) -> SemanticType:
    """Say what a field means, and for a list of scalars what its elements mean."""
    plain = plain_schema(schema)
    items = as_schema(plain.get("items"))
    if schema_type(plain) != "array" or schema_type(plain_schema(items)) in ("", "array", "object"):
        return semantic_type(name, plain)
    return semantic_type(name, items, str(plain.get("description", "")))
