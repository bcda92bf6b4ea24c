"""Types as other languages write them, in JSON Schema: the one table, and the grammar around it.

``dict``, ``List[int]``, ``Union[str, int]``, ``HashMap<String, Integer>``, ``str | None``,
``DATE (YYYY-MM-DD)``. Which type a tool's parameters are written in is the importers' business.
"""

import re
from collections.abc import Iterator
from functools import cache

from schemas.record import JsonObject

JSON_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})

NAMES: tuple[tuple[str, JsonObject], ...] = (
    ("str string char character varchar enum binary bytes bytearray file time", {"type": "string"}),
    ("int integer long short byte bigint biginteger int32 int64 uint", {"type": "integer"}),
    ("float double number decimal bigdecimal numeric real float32 float64", {"type": "number"}),
    ("bool boolean", {"type": "boolean"}),
    ("none nonetype null", {"type": "null"}),
    ("list array arraylist linkedlist sequence iterable collection vector", {"type": "array"}),
    ("tuple ndarray np.ndarray numpy.ndarray np.array", {"type": "array"}),
    ("set frozenset hashset", {"type": "array", "uniqueItems": True}),
    ("dict dictionary object map hashmap hashtable treemap linkedhashmap", {"type": "object"}),
    ("mapping defaultdict ordereddict typeddict", {"type": "object"}),
    ("any mixed", {}),
    ("uuid", {"type": "string", "format": "uuid"}),
    ("path", {"type": "string", "format": "path"}),
    ("date", {"type": "string", "format": "date"}),
    ("datetime timestamp", {"type": "string", "format": "date-time"}),
)
"""Names, whatever their case, and what they mean; ``enum`` lists no values where it is a name."""

_BY_NAME = {name: meaning for names, meaning in NAMES for name in names.split()}
_OPTIONAL = re.compile(r"(?:\s*,\s*optional\.?|\s*\(optional\))\s*$", re.IGNORECASE)
_FORMAT_SAID = re.compile(r"^(date|time|datetime)\s*\([^()]*\)$", re.IGNORECASE)
_TOKEN = re.compile(r"\s*([\w.]+|\"[^\"]*\"|'[^']*'|[\[\](){}<>,|?])")
_CLOSING = {"[": "]", "(": ")", "<": ">"}
_LONGEST = 1000
"""Characters of a type; what is longer is not understood, and not searched."""
_DEEPEST = 20


@cache
def parse_type(text: str) -> JsonObject | None:
    """The schema that a type stands for; None where it is not understood. Not to be changed."""
    if len(text) > _LONGEST:
        return None
    text = without_optional(text).strip()
    said = _FORMAT_SAID.match(text)
    if said:
        return _BY_NAME[said.group(1).lower()]
    try:
        return _Reading(tuple(_tokens(text))).whole()
    except _NotUnderstoodError:
        return None


def without_optional(text: str) -> str:
    """``str`` of ``str, optional``."""
    return _OPTIONAL.sub("", text) if len(text) <= _LONGEST else text


def is_optional(text: str) -> bool:
    """Whether the type says that the parameter may be left out: ``Optional[int]``."""
    schema = parse_type(text)
    return without_optional(text) != text or (schema is not None and _allows_null(schema))


class _NotUnderstoodError(Exception):
    """The text is no type that is known."""


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _NotUnderstoodError
        yield match.group(1)
        at = match.end()


class _Reading:
    """One pass over the tokens of a type, from left to right."""

    def __init__(self, tokens: tuple[str, ...]) -> None:
        self._tokens, self._at, self._depth = tokens, 0, 0

    def whole(self) -> JsonObject:
        schema = self._choice()
        if self._at < len(self._tokens):
            raise _NotUnderstoodError
        return schema

    def _choice(self) -> JsonObject:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _NotUnderstoodError
        options = [self._one()]
        while self._take("|") or self._take("or"):
            options.append(self._one())
        self._depth -= 1
        return any_of(options)

    def _one(self) -> JsonObject:
        name = self._next().lower().removeprefix("typing.")
        opening = self._peek()
        if opening in _CLOSING and not self._is_empty_index():
            self._at += 1
            schema = self._literal() if name == "literal" else _generic(name, self._arguments())
            if self._next() != _CLOSING[opening]:
                raise _NotUnderstoodError
        else:
            schema = _plain(name)
        while self._is_empty_index():
            self._at += 2
            schema = {"type": "array", "items": schema}
        return any_of([schema, {"type": "null"}]) if self._take("?") else schema

    def _arguments(self) -> list[JsonObject]:
        arguments = [self._argument()]
        while self._take(","):
            arguments.append(self._argument())
        return arguments

    def _argument(self) -> JsonObject:
        if self._take("..."):
            return {"...": True}
        return self._choice()

    def _literal(self) -> JsonObject:
        options = [_value(self._next())]
        while self._take(","):
            options.append(_value(self._next()))
        schema: JsonObject = {"enum": list(dict.fromkeys(options))}
        return {"type": "string", **schema} if all(isinstance(o, str) for o in options) else schema

    def _is_empty_index(self) -> bool:
        return self._tokens[self._at : self._at + 2] == ("[", "]")

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise _NotUnderstoodError
        self._at += 1
        return token

    def _take(self, token: str) -> bool:
        taken = self._peek() == token
        self._at += taken
        return taken


def any_of(options: list[JsonObject]) -> JsonObject:
    """One schema for a choice; one that allows anything makes the others idle."""
    distinct = [option for at, option in enumerate(options) if option not in options[:at]]
    if len(distinct) == 1 or {} in distinct:
        return {} if {} in distinct else distinct[0]
    if all(option.keys() == {"type"} and isinstance(option["type"], str) for option in distinct):
        return {"type": [option["type"] for option in distinct]}
    return {"anyOf": distinct}


def _plain(name: str) -> JsonObject:
    if name not in _BY_NAME:
        raise _NotUnderstoodError
    return _BY_NAME[name]


def _generic(name: str, arguments: list[JsonObject]) -> JsonObject:
    if name == "optional":
        return any_of([*arguments, {"type": "null"}])
    if name == "union":
        return any_of(arguments)
    around = _plain(name)
    endless = arguments[-1] == {"...": True}
    inner = [argument for argument in arguments if argument != {"...": True}]
    if around.get("type") == "object":
        return {**around, "additionalProperties": inner[-1]} if inner and inner[-1] else around
    if around.get("type") != "array" or not inner:
        raise _NotUnderstoodError
    if name == "tuple" and not endless:
        return {"type": "array", "prefixItems": inner, "minItems": len(inner), "items": False}
    return {**around, "items": any_of(inner)}


def _value(token: str) -> str | int:
    if token[0] in "'\"":
        return token[1:-1]
    if re.fullmatch(r"[0-9]{1,15}", token):
        return int(token)
    raise _NotUnderstoodError


def _allows_null(schema: JsonObject) -> bool:
    kind = schema.get("type")
    options = schema.get("anyOf", ())
    return (isinstance(kind, list) and "null" in kind) or any(map(_allows_null, options))
