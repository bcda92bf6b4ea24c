"""Choices that are told in a description's words, and methods that suit what a tool was taken for.

A leaf keeps its own schema; where its values are known better, an ``enum`` is added or narrowed,
so that whoever fills the parameter stays within what the tool really does.
"""

import re

from generators.inference.naming_words import split_words
from generators.inference.schema_leaves import plain_schema, schema_type
from generators.inference.verbs import OPERATIONS, base_form
from generators.world import Operation
from schemas.record import JsonObject

METHODS = frozenset({"method", "action", "operation", "mode"})
"""Names of parameters that choose among several tools in one."""

_CHOICE = re.compile(r"\b(?:either|one of|options are|options:|whether to)\b", re.IGNORECASE)
_EXAMPLE = re.compile(r"\b(?:such as|e\.g\.|for example|like)\b", re.IGNORECASE)
_QUOTED = re.compile(r"['\"`]([A-Za-z][\w +/-]{0,39})['\"`]")


def with_choices(name: str, schema: JsonObject, operation: Operation) -> JsonObject:
    """Add the choices that the description tells, then keep the methods that suit the operation."""
    plain = plain_schema(schema)
    values = plain.get("enum")
    if not isinstance(values, list):
        values = told_choices(str(schema.get("description", "")))
        if len(values) < 2 or schema_type(plain) != "string":
            return schema
        schema = {**schema, "enum": values}
    if name not in METHODS:
        return schema
    suiting = [value for value in values if _suits(value, operation)]
    return {**schema, "enum": suiting} if suiting else schema


def told_choices(description: str) -> list[str]:
    """Read "either 'a' or 'b'" as two choices; examples are none."""
    if not _CHOICE.search(description) or _EXAMPLE.search(description):
        return []
    return list(dict.fromkeys(_QUOTED.findall(description)))


def _suits(value: object, operation: Operation) -> bool:
    """Whether a method does what the tool was taken for: ``create`` of ``issue_write``."""
    words = split_words(value) if isinstance(value, str) else ()
    verb = base_form(words[0]) if words else None
    if verb is None or OPERATIONS[verb] != operation:
        return False
    return operation == "list" or len(words) == 1 or words[0] != "get"
