"""Types as people and programs write them: ``int``, ``List[str]``, ``array of numbers``."""

import re
from collections.abc import Iterator

from schemas.record import JsonObject

_NAMED: tuple[tuple[str, JsonObject], ...] = (
    ("str string text char varchar", {"type": "string"}),
    ("int integer long short bigint int32 int64", {"type": "integer"}),
    ("number float double decimal numeric real", {"type": "number"}),
    ("bool boolean flag", {"type": "boolean"}),
    ("dict dictionary object map mapping hash hashmap json record struct", {"type": "object"}),
    ("list array tuple sequence set iterable arraylist", {"type": "array", "items": {}}),
    ("date", {"type": "string", "format": "date"}),
    ("datetime date-time", {"type": "string", "format": "date-time"}),
    ("url uri", {"type": "string", "format": "uri"}),
    ("uuid guid", {"type": "string", "format": "uuid"}),
    ("any", {}),
)
_BY_WORD = {word: schema for words, schema in _NAMED for word in words.split()}
_NOTHING = frozenset({"none", "null", "undefined", "nil"})
_PYTHON_PREFIX = re.compile(r"\b(?:typing|datetime|collections\.abc)\.")
_LIST = re.compile(
    r"(?:list|array|sequence|set|iterable|collection|tuple)"
    r"(?:\s*[\[<(]\s*(?P<inside>.+?)\s*[\]>)]|\s+of\s+(?P<of>.+))"
)
_MAP = re.compile(r"(?:dict|dictionary|map|mapping|object|record|hashmap)\s*[\[<(].+[\]>)]")


def read_type(text: str) -> JsonObject | None:
    """Read a type; ``{}`` where any value fits, None where the text is no type."""
    text = _PYTHON_PREFIX.sub("", text.strip().strip("`'\"").strip())
    return _read(" ".join(text.lower().split())) if len(text) <= 120 else None


def _read(text: str) -> JsonObject | None:
    text = re.sub(r"^(?:an?|the|json)\s+(?=\w)", "", text)
    options = [option for option in _options(text) if option not in _NOTHING]
    if not options:
        return None
    if len(options) > 1:
        return _one_of(options)
    known = _read_one(options[0])
    nullable = options[0] != text and known is not None and isinstance(known.get("type"), str)
    return {**known, "type": [known["type"], "null"]} if known and nullable else known


def _one_of(options: list[str]) -> JsonObject | None:
    """Leave open which of several types it is, as long as all of them are types."""
    read = [_read_one(option) for option in options]
    return None if None in read else {}


def _options(text: str) -> Iterator[str]:
    """``Optional[int]``, ``int | None``, ``int or null``: the types between which it is left."""
    optional = re.fullmatch(r"optional\s*\[(.+)\]", text)
    if optional:
        yield from (optional[1].strip(), "none")
    elif re.search(r"[\[<(].*(?:\|| or ).*[\]>)]", text):
        yield text
    else:
        yield from (part.strip() for part in re.split(r"\||\bor\b", text))


def _read_one(text: str) -> JsonObject | None:
    if text in _BY_WORD:
        return dict(_BY_WORD[text])
    if text.endswith("[]"):
        return _array(text[:-2])
    if found := _LIST.fullmatch(text):
        inside = found["inside"] or found["of"] or ""
        return _array(inside)
    if _MAP.fullmatch(text):
        return {"type": "object"}
    for ending in (" object", " value", " id"):
        if text.endswith(ending) and text.removesuffix(ending) in _BY_WORD:
            return dict(_BY_WORD[text.removesuffix(ending)])
    return None


def _array(inside: str) -> JsonObject | None:
    items = _read(inside) or _read(inside.removesuffix("s")) or _irregular(inside)
    return None if items is None else {"type": "array", "items": items}


def _irregular(inside: str) -> JsonObject | None:
    return {"dictionaries": {"type": "object"}, "any": {}}.get(inside)
