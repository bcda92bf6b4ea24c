"""Types as other languages write them, in JSON Schema: the one table, and the grammar around it.

``dict``, ``List[int]``, ``Union[str, int]``, ``HashMap<String, Integer>``, ``str | None``,
``DATE (YYYY-MM-DD)``. Which type a tool's parameters are written in is the importers' business.
"""

import re
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
        reading = _Reading(text)
        schema = reading.choice()
    except _NotUnderstoodError:
        return None
    return schema if reading.at == len(reading.tokens) else None


def without_optional(text: str) -> str:
    """``str`` of ``str, optional``."""
    return _OPTIONAL.sub("", text) if len(text) <= _LONGEST else text


def is_optional(text: str) -> bool:
    """Whether the type says that the parameter may be left out: ``Optional[int]``."""
    return without_optional(text) != text or _allows_null(parse_type(text) or {})


def _allows_null(schema: JsonObject) -> bool:
    kind = schema.get("type")
    options = schema.get("anyOf", ())
    return (isinstance(kind, list) and "null" in kind) or any(map(_allows_null, options))


class _NotUnderstoodError(Exception):
    """The text is no type that is known."""


class _Reading:
    """One pass over the tokens of a type, from left to right."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        self.at = self.depth = 0
        place, end = 0, len(text.rstrip())
        while place < end:
            match = _TOKEN.match(text, place)
            if match is None:
                raise _NotUnderstoodError
            self.tokens.append(match.group(1))
            place = match.end()

    def choice(self) -> JsonObject:
        """One type, or several with ``|`` or ``or`` between them."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _NotUnderstoodError
        options = [self.one()]
        while self.take("|") or self.take("or"):
            options.append(self.one())
        self.depth -= 1
        return any_of(options)

    def one(self) -> JsonObject:
        """A name, with arguments or without, and what stands behind it: ``int[]``, ``int?``."""
        name = self.next().lower().removeprefix("typing.")
        opening = self.tokens[self.at : self.at + 1]
        if opening and opening[0] in _CLOSING and not self.is_empty_index():
            self.at += 1
            schema = self.literal() if name == "literal" else _generic(name, self.arguments())
            if self.next() != _CLOSING[opening[0]]:
                raise _NotUnderstoodError
        else:
            schema = _plain(name)
        while self.is_empty_index():
            self.at += 2
            schema = {"type": "array", "items": schema}
        return any_of([schema, {"type": "null"}]) if self.take("?") else schema

    def arguments(self) -> list[JsonObject]:
        """Types between commas; ``...`` is one as well."""
        arguments: list[JsonObject] = []
        while not arguments or self.take(","):
            arguments.append({"...": True} if self.take("...") else self.choice())
        return arguments

    def literal(self) -> JsonObject:
        """Texts and whole numbers between commas."""
        options: list[str | int] = []
        while not options or self.take(","):
            token = self.next()
            if token[0] in ("'", '"'):
                options.append(token[1:-1])
            elif re.fullmatch(r"[0-9]{1,15}", token):
                options.append(int(token))
            else:
                raise _NotUnderstoodError
        texts = all(isinstance(option, str) for option in options)
        return {**({"type": "string"} if texts else {}), "enum": list(dict.fromkeys(options))}

    def is_empty_index(self) -> bool:
        """Whether ``[]`` comes next."""
        return self.tokens[self.at : self.at + 2] == ["[", "]"]

    def next(self) -> str:
        """The token that comes next, which there must be."""
        if self.at >= len(self.tokens):
            raise _NotUnderstoodError
        self.at += 1
        return self.tokens[self.at - 1]

    def take(self, token: str) -> bool:
        """Whether that token comes next; it is then behind us."""
        taken = self.tokens[self.at : self.at + 1] == [token]
        self.at += taken
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
