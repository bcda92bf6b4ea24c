"""Reads what a passage says of a result: ``a list of flights, each with an id and a price``.

Conservative: where it is not certain that fields are named, nothing is read, and inference from
the other tools does its work.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from generators.results.attributes import is_attribute, is_identifier
from generators.results.fields import NAMED_LINE, ToldField, read_fields
from generators.results.shapes import object_of, read_shape
from generators.results.statements import Statement
from generators.results.type_words import read_type
from generators.world.naming_words import plural, singular, snake, word_set
from schemas.record import JsonObject

_LIST = re.compile(
    r"^(?:an?\s+|the\s+|all\s+)?(?:[\w-]+\s+){0,3}?(?:lists?|arrays?|collection|sequence)"
    r"(?:\s+of\s+(?P<noun>.+))?$"
    r"|^(?:the\s+)?(?:json\s+)?(?:objects|dictionaries|dicts|records|rows|tuples)$",
    re.IGNORECASE,
)
_OBJECT = re.compile(
    r"^(?:an?\s+|the\s+)?(?:[\w-]+\s+){0,2}?(?:dict|dictionary|object|json|map|mapping|hash|"
    r"record|struct|tuple)$",
    re.IGNORECASE,
)
_FIELDS = r"(?:keys?|fields?|properties|attributes|columns|values|items|elements)"
_EXPLICIT = re.compile(
    rf"\s*,?\s*\(?(?:\b(?:with|containing|having|including|of|has|contains|includes)\b)?\s*"
    rf"(?:\b(?:the|these|its)\b\s*)?(?:following\s+)?\b{_FIELDS}\b\s*(?::|(?=[`'\"“‘\n]))",
    re.IGNORECASE,
)
_KEYED = re.compile(
    r"\s+(?:with|containing|having|including)\s+(?:the\s+)?(?:following\s+)?"
    r"(?:keys|fields|properties|attributes|columns)\s+(?=[a-z])",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"\s*\((?=\w+(?: \w+)?, [^()]+\)\.?$)")
"""``users (id, name, email)``"""
_CONNECTOR = re.compile(
    r"\s*,?\s*\(?\b(?:each(?: of (?:which|them))?(?: one| item| entry| element| row)?\s+"
    r"(?P<each>with|containing|having|including|has|contains|includes|holding|giving)"
    r"|(?P<holds>containing|including|includes?|contains?|consisting of|comprising|comprised of|"
    r"(?:that|which) (?:has|have|contains?|includes?|holds?)|along with|together with|namely|"
    r"such as|having)"
    r"|(?P<with>with)(?=\s))\b\s*:?\s*(?P<their>(?:its|their|the following)\s+)?",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(
    r"^(?:the|an?|each)\s+(?P<owner>[a-z]+(?: [a-z]+)?)['’]s?\s+(?P<rest>.+)$", re.I
)
_OF_OWNER = re.compile(
    r"\s+(?:of|for)\s+(?:the|a|an|each|every|this|that|your)\s+(?:[\w-]+\s?){1,4}$", re.IGNORECASE
)
_COLLECTIVE = word_set(
    "details results information statistics stats conditions settings news contents data metrics "
    "coordinates"
)
"""Plurals that stand for one thing."""
_WORTHLESS = re.compile(
    r"^(?:an?\s+)?(?:error|exception|none|null|nothing|void|undefined|empty|at least|up to|only|"
    r"early|immediately|it|them|\d)\b",
    re.IGNORECASE,
)
_TRUTH = re.compile(r"^(?:true|whether|`true`|a boolean|bool\b|boolean\b)", re.IGNORECASE)
_LEADING_TYPE = re.compile(
    r"^\s*(?:\{(?P<braced>[^{}]+)\}|(?P<typed>[A-Za-z][\w\[\], |.<>]*?)\s*(?::|\s[-–—](?=\s)|\n|$)"
    r"|(?P<bracketed>\([^()]+\))\s*:?)\s*",
)


def read_statement(statement: Statement) -> JsonObject | None:
    """Return the schema of the result that the passage describes; None where it is not certain."""
    body = statement.body.strip()
    if not body or _WORTHLESS.match(body):
        return None
    if body[0] in "[{" and (shape := _drawn(body)) is not None:
        return shape
    if statement.labelled:
        kind, rest = _leading_type(body)
        if kind is not None:
            return _typed(kind, rest)
    if statement.labelled and _is_lines(body):
        fields = read_fields(body)
        return _object(fields) if fields else None
    told = _described(body)
    if told is None and statement.labelled and re.search(r"[\n:(]", body):
        fields = read_fields(body)
        if fields and all(field.schema or _written(field, body) for field in fields):
            return _object(fields)
    if told is not None and statement.every and told.get("type") == "object":
        return {"type": "array", "items": told}
    return told


def _is_lines(body: str) -> bool:
    """Whether each line names a field; a line alone needs a type, else it may be any sentence."""
    lines = [line for line in body.splitlines() if line.strip()]
    named = all(NAMED_LINE.match(line) for line in lines)
    return named and (len(lines) > 1 or "(" in lines[0].split(":")[0])


def _drawn(body: str) -> JsonObject | None:
    last = max(body.rfind("}"), body.rfind("]"))
    shape = read_shape(body[: last + 1])
    return shape if shape and _tells(shape) else None


def _written(field: ToldField, body: str) -> bool:
    """Whether a field stands in the text as code does: quoted, or with an underscore."""
    return bool(re.search(rf"[`'\"]{re.escape(field.name)}[`'\"]", body)) or "_" in field.name


def _leading_type(body: str) -> tuple[JsonObject | None, str]:
    """Read a type that stands before a colon, a dash or a line's end, and what follows it."""
    found = _LEADING_TYPE.match(body)
    if found is None:
        return None, body
    text = found["braced"] or found["typed"] or (found["bracketed"] or "")[1:-1]
    kind = read_type(text)
    if kind is None and found["typed"] and ":" in text:
        kind = read_type(text.split(":")[-1])  # NumPy names what it returns
    return kind, body[found.end() :]


def _typed(kind: JsonObject, rest: str) -> JsonObject | None:
    """Join the type that is told first with the words that follow it."""
    told = _described(rest) if rest else None
    if "object" in kind.get("type", ()):
        if told is None:
            fields = read_fields(rest) if ":" in rest or "(" in rest else ()
            return _object(fields) if fields and all(f.schema or f.sure for f in fields) else None
        return told if told.get("type") == "object" else None
    if kind.get("type") == "array":
        if told is not None:
            row = told["items"] if told.get("type") == "array" else told
            return {"type": "array", "items": row} if _tells(row) else None
        return kind if _tells(kind) else None
    return kind if kind and "format" not in kind else None


def _tells(schema: JsonObject) -> bool:
    """Whether a schema says more than that something is an object or a list."""
    if schema.get("type") == "array":
        return _tells(schema.get("items", {}))
    return bool(schema.get("properties")) if schema.get("type") == "object" else bool(schema)


def _object(fields: Sequence[ToldField]) -> JsonObject:
    return object_of(
        {field.name: field.schema for field in fields},
        frozenset(field.name for field in fields if field.optional),
    )


def _described(body: str) -> JsonObject | None:
    """Read prose: what it is, a connecting word, and the fields."""
    if _TRUTH.match(body):
        return {"type": "boolean"}
    explicit = _EXPLICIT.search(body) or _KEYED.search(body)
    if explicit:
        fields = read_fields(_until_prose(body[explicit.end() :]))
        return _held(body[: explicit.start()], fields) if fields else None
    connector = _CONNECTOR.search(body)
    if connector is None:
        return _bracketed(body) or _named(body)
    head, tail = body[: connector.start()], body[connector.end() :]
    fields = read_fields(_until_prose(tail))
    if not fields or not _certain(head, fields, connector):
        return None
    shared = (connector["their"] or "").lower().startswith("their")
    return _held(head, _of_one(fields) if shared else fields)


def _bracketed(body: str) -> JsonObject | None:
    opening = _IN_BRACKETS.search(body)
    if opening is None:
        return None
    fields = read_fields(body[opening.end() :].rstrip(".").removesuffix(")"))
    certain = fields and all(field.sure for field in fields)
    return _held(body[: opening.start()], fields) if certain else None


def _of_one(fields: Sequence[ToldField]) -> Sequence[ToldField]:
    """``flights with their prices``: of each flight, one price."""
    return [
        field if field.exact else replace(field, name=_singular(field.name)) for field in fields
    ]


def _singular(name: str) -> str:
    head, line, last = name.rpartition("_")
    return f"{head}{line}{singular(last)}"


def _until_prose(tail: str) -> str:
    """Cut after the sentence, unless lines of a list follow."""
    if re.search(r"\n\s*(?:[-*•+]|\d+[.)])\s", tail) or re.match(r"\s*\n", tail):
        return tail.split("\n\n")[0] if "\n\n" in tail.strip() else tail
    sentence = re.split(r"(?<!e\.g)(?<!i\.e)\.(?:\s|$)", tail, maxsplit=1)[0].rstrip()
    is_open = sentence.count(")") > sentence.count("(")
    return sentence.removesuffix(")") if is_open else sentence


def _certain(head: str, fields: Sequence[ToldField], connector: re.Match[str]) -> bool:
    """Whether these are fields, not a phrase that narrows: ``hotels with a pool and parking``."""
    sure = sum(field.sure for field in fields)
    if _OBJECT.match(head.strip()):
        return sure * 2 >= len(fields)
    if connector["with"] and not connector["their"]:
        return sure == len(fields) and (len(fields) > 1 or "_" in fields[0].name)
    if connector["each"] or connector["their"]:
        return sure * 2 >= len(fields)
    return sure * 3 >= len(fields) * 2 and len(fields) > 1


def _held(head: str, fields: Sequence[ToldField]) -> JsonObject:
    """Put the fields into what holds them: an object, a list, or a property in the plural."""
    head = head.strip(" ,:(")
    row = _object(fields)
    if _LIST.match(head):
        return {"type": "array", "items": row}
    noun = _many(head)
    return object_of({noun: {"type": "array", "items": row}}) if noun else row


def _many(head: str) -> str | None:
    """Name the things that are returned, where there are several: ``the matching flights``."""
    words = re.findall(r"[A-Za-z][\w-]*", re.split(r"\s(?:for|in|of|by|from|at|that)\s", head)[0])
    last = words[-1].lower() if words else ""
    is_several = last and singular(last) != last and plural(singular(last)) == last
    return snake(last) if is_several and last not in _COLLECTIVE else None


def _named(body: str) -> JsonObject | None:
    """Read fields without a connecting word: ``the user's id``, ``name, email and age``."""
    sentence = re.split(r"\.(?:\s|$)|\n", body, maxsplit=1)[0].strip()
    listed = _LIST.match(sentence)
    if listed:
        kind = read_type(f"list of {listed['noun']}") if listed["noun"] else None
        return kind if kind and _tells(kind) else None
    owner = _POSSESSIVE.match(sentence)
    rest = owner["rest"] if owner else _OF_OWNER.sub("", sentence)
    kind = read_type(rest)
    if kind is not None and "type" in kind and kind["type"] not in ("object", "array"):
        return kind if re.match(r"^(?:an?\s)?\w+$", rest) and kind.get("format") is None else None
    fields = read_fields(rest)
    if not fields or not all(field.sure for field in fields):
        return None
    if len(fields) > 1:
        return _object(fields)
    return _single(fields[0], snake(owner["owner"]) if owner else "", rest)


def _single(field: ToldField, owner: str, text: str) -> JsonObject | None:
    """One field counts where it is an identifier, or somebody's: ``the user's id``."""
    words = field.name.replace("_", " ")
    if len(text.split()) > 5 or not (is_identifier(words) or (owner and is_attribute(words))):
        return None
    bare = words in ("id", "name", "number", "key", "code", "url") and owner
    return object_of({f"{owner}_{field.name}" if bare else field.name: field.schema})
