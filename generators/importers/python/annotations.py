"""Type annotations, as they stand in the source, become JSON Schema.

`TYPES` are the names that mean one schema, `GENERICS` those that take arguments. A class of the
module becomes a definition that a reference leads to, so that classes may hold themselves. What
the source does not tell allows anything, and is noted.
"""

import ast
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field

from generators.importers.python.constraints import constrain, read_details
from generators.importers.python.literals import NotLiteralError, literal
from generators.importers.python.module import Module
from schemas.record import JsonObject

_ARRAY: JsonObject = {"type": "array", "items": {}}
_SET: JsonObject = {"type": "array", "items": {}, "uniqueItems": True}
_OBJECT: JsonObject = {"type": "object", "additionalProperties": True}
_NUMBERS: JsonObject = {"type": "array", "items": {"type": "number"}}

_LISTS = (
    "list List Sequence MutableSequence Iterable Iterator Collection deque Deque Generator "
    "AsyncIterator AsyncIterable AsyncGenerator KeysView ValuesView"
).split()
_SETS = "set Set frozenset FrozenSet AbstractSet MutableSet".split()
_MAPPINGS = "dict Dict Mapping MutableMapping OrderedDict defaultdict DefaultDict Counter".split()
_WRAPPERS = "Awaitable ClassVar Coroutine Final InitVar NotRequired ReadOnly Required".split()
"""Types that are what their argument is; of several arguments, one of them."""


def _text(kind: str) -> JsonObject:
    return {"type": "string", "format": kind}


TYPES: dict[str, JsonObject] = {
    "str": {"type": "string"},
    "AnyStr": {"type": "string"},
    "LiteralString": {"type": "string"},
    "StrictStr": {"type": "string"},
    "int": {"type": "integer"},
    "StrictInt": {"type": "integer"},
    "PositiveInt": {"type": "integer", "exclusiveMinimum": 0},
    "NonNegativeInt": {"type": "integer", "minimum": 0},
    "NegativeInt": {"type": "integer", "exclusiveMaximum": 0},
    "NonPositiveInt": {"type": "integer", "maximum": 0},
    "float": {"type": "number"},
    "StrictFloat": {"type": "number"},
    "FiniteFloat": {"type": "number"},
    "PositiveFloat": {"type": "number", "exclusiveMinimum": 0},
    "NonNegativeFloat": {"type": "number", "minimum": 0},
    "Decimal": {"type": "number"},
    "Number": {"type": "number"},
    "bool": {"type": "boolean"},
    "StrictBool": {"type": "boolean"},
    "bytes": _text("binary"),
    "datetime": _text("date-time"),
    "AwareDatetime": _text("date-time"),
    "NaiveDatetime": _text("date-time"),
    "date": _text("date"),
    "time": _text("time"),
    "timedelta": _text("duration"),
    "UUID": _text("uuid"),
    "UUID4": _text("uuid"),
    "Path": _text("path"),
    "PurePath": _text("path"),
    "FilePath": _text("file-path"),
    "DirectoryPath": _text("directory-path"),
    "PathLike": _text("path"),
    "Url": _text("uri"),
    "AnyUrl": _text("uri"),
    "AnyHttpUrl": _text("uri"),
    "HttpUrl": _text("uri"),
    "EmailStr": _text("email"),
    "IPv4Address": _text("ipv4"),
    "IPv6Address": _text("ipv6"),
    "SecretStr": _text("password"),
    "Pattern": _text("regex"),
    "None": {"type": "null"},
    "NoneType": {"type": "null"},
    "Any": {},
    "object": {},
    "JsonValue": {},
    "TypedDict": {"type": "object"},
    "tuple": _ARRAY,
    "Tuple": _ARRAY,
    "ndarray": _NUMBERS,
    "NDArray": _NUMBERS,
    "ArrayLike": _NUMBERS,
    **dict.fromkeys(_LISTS, _ARRAY),
    **dict.fromkeys(_SETS, _SET),
    **dict.fromkeys(_MAPPINGS, _OBJECT),
    "Counter": {"type": "object", "additionalProperties": {"type": "integer"}},
}
"""Names that mean one schema wherever they come from."""

CONSTRAINED = {"conint": "int", "confloat": "float", "constr": "str", "conlist": "list"}
"""pydantic's calls that make a type with bounds."""


MAX_TYPES = 20_000
"""Names for types that use one another twice double at each step: reading them must end."""


class TooLargeError(Exception):
    """The types of one tool unfold to too many."""


class UngivableError(Exception):
    """A value of this type cannot be written as JSON: the message says what it is."""


@dataclass
class Annotations:
    """Reads the annotations of one tool, and gathers what they refer to and what was repaired."""

    module: Module
    describe: Callable[["Annotations", ast.ClassDef, str], JsonObject]
    """Makes the schema of a class of the module."""
    definitions: dict[str, JsonObject] = field(default_factory=dict)
    """Schemas of the classes that were met, as ``$defs`` holds them."""
    repairs: list[str] = field(default_factory=list)
    _unfolding: list[str] = field(default_factory=list)
    _count: int = 0

    def schema(self, node: ast.expr, place: str) -> JsonObject:
        """The schema of a type. Raises UngivableError for functions and the like, TooLargeError."""
        self._count += 1
        if self._count > MAX_TYPES:
            raise TooLargeError
        if isinstance(node, ast.Constant):
            return self._constant(node, place)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._union([node.left, node.right], place)
        if isinstance(node, ast.Subscript):
            return self._generic(node, place)
        if isinstance(node, ast.Call):
            return self._called(node, place)
        if isinstance(node, ast.Name | ast.Attribute):
            return self._named(node, place)
        return self.unknown(node, place)

    def complete(self, schema: JsonObject) -> JsonObject:
        """The schema with the definitions that its references lead to."""
        return {**schema, "$defs": deepcopy(self.definitions)} if self.definitions else schema

    def unknown(self, node: ast.expr, place: str) -> JsonObject:
        """What allows anything, noted."""
        written = " ".join(ast.unparse(node).split())
        shown = written if len(written) <= 60 else f"{written[:59]}…"
        self.repairs.append(f"{place}: the source does not tell what {shown!r} is: allows anything")
        return {}

    def _constant(self, node: ast.Constant, place: str) -> JsonObject:
        if node.value is None:
            return {"type": "null"}
        if isinstance(node.value, str):
            try:
                return self.schema(ast.parse(node.value.strip(), mode="eval").body, place)
            except (SyntaxError, ValueError):
                return self.unknown(node, place)
        return {} if node.value is ... else self.unknown(node, place)

    def _named(self, node: ast.Name | ast.Attribute, place: str) -> JsonObject:
        name = self.module.name_of(node)
        if name in self.module.classes:
            return self._defined(self.module.classes[name])
        if isinstance(node, ast.Name) and name in self.module.values:
            return self._alias(name, place)
        if name == "Callable":
            raise UngivableError("a function")
        known = TYPES.get(name)
        return self.unknown(node, place) if known is None else deepcopy(known)

    def _defined(self, definition: ast.ClassDef) -> JsonObject:
        name = definition.name
        if name not in self.definitions:
            self.definitions[name] = {}  # a class that holds itself finds it begun
            try:
                self.definitions[name].update(self.describe(self, definition, name))
            except UngivableError:
                del self.definitions[name]
                raise
        return {"$ref": f"#/$defs/{name}"}

    def _alias(self, name: str, place: str) -> JsonObject:
        if name in self._unfolding:
            self.repairs.append(f"{place}: {name!r} leads back into itself and was cut")
            return {}
        self._unfolding.append(name)
        try:
            return self.schema(self.module.values[name], place)
        finally:
            self._unfolding.remove(name)

    def _called(self, node: ast.Call, place: str) -> JsonObject:
        """``NewType("UserId", int)``, ``TypeVar("T", bound=int)``, ``conint(ge=1)``."""
        name = self.module.name_of(node)
        if name in CONSTRAINED:
            inner = self.schema(ast.Name(CONSTRAINED[name]), place)
            if name == "conlist" and node.args:
                inner["items"] = self.schema(node.args[0], place)
            field_call = ast.Call(ast.Name("Field"), [], node.keywords)
            return constrain(inner, read_details([field_call], self.module), self.module)
        keywords = {item.arg: item.value for item in node.keywords}
        if name in ("NewType", "TypeAliasType") and len(node.args) > 1:
            return self.schema(node.args[1], place)
        if name == "TypeVar" and "bound" in keywords:
            return self.schema(keywords["bound"], place)
        return self.unknown(node, place)

    def _generic(self, node: ast.Subscript, place: str) -> JsonObject:
        name = self.module.name_of(node)
        inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name == "Callable":
            raise UngivableError("a function")
        if name in self.module.classes or not inner:
            return self.schema(node.value, place)
        if name == "Annotated":
            details = read_details(inner[1:], self.module)
            return constrain(self.schema(inner[0], place), details, self.module)
        if name == "Optional":
            return self._union([inner[0], ast.Constant(None)], place)
        if name == "Union":
            return self._union(inner, place)
        if name == "Literal":
            return self._choice(node, inner, place)
        return self._container(name, node, inner, place)

    def _container(
        self, name: str, node: ast.Subscript, inner: list[ast.expr], place: str
    ) -> JsonObject:
        if name in _WRAPPERS:
            return self.schema(inner[-1 if name == "Coroutine" else 0], place)
        if name in ("tuple", "Tuple"):
            return self._tuple(inner, place)
        if name in _LISTS or name in _SETS:
            return {**TYPES[name], "items": self.schema(inner[0], f"{place}.items")}
        if name in _MAPPINGS and len(inner) == 2:
            values = self.schema(inner[1], f"{place}.additionalProperties")
            return {"type": "object", "additionalProperties": values or True}
        if name in TYPES:
            return deepcopy(TYPES[name])
        return self.unknown(node, place)

    def _tuple(self, inner: list[ast.expr], place: str) -> JsonObject:
        if len(inner) == 2 and isinstance(inner[1], ast.Constant) and inner[1].value is ...:
            return {"type": "array", "items": self.schema(inner[0], f"{place}.items")}
        if len(inner) == 1 and isinstance(inner[0], ast.Tuple):
            return {"type": "array", "maxItems": 0, "minItems": 0}
        return {
            "type": "array",
            "prefixItems": [
                self.schema(item, f"{place}.prefixItems[{at}]") for at, item in enumerate(inner)
            ],
            "minItems": len(inner),
            "maxItems": len(inner),
        }

    def _choice(self, node: ast.expr, inner: list[ast.expr], place: str) -> JsonObject:
        try:
            values = [value for item in inner for value in self._choices(item)]
        except NotLiteralError:
            return self.unknown(node, place)
        return choice_of(values)

    def _choices(self, item: ast.expr) -> list[object]:
        """A ``Literal`` may hold names of others."""
        named = self.module.values.get(item.id) if isinstance(item, ast.Name) else item
        if isinstance(named, ast.Subscript) and self.module.name_of(named) == "Literal":
            more = named.slice.elts if isinstance(named.slice, ast.Tuple) else [named.slice]
            return [literal(node, self.module) for node in more]
        return [literal(item, self.module)]

    def _union(self, members: list[ast.expr], place: str) -> JsonObject:
        schemas: list[JsonObject] = []
        ungivable: list[UngivableError] = []
        for member in members:
            try:
                schema = self.schema(member, place)
            except UngivableError as error:
                ungivable.append(error)
                continue
            parts = schema["anyOf"] if schema.keys() == {"anyOf"} else [schema]
            schemas += [part for part in parts if part not in schemas]
        if ungivable:
            if all(schema == {"type": "null"} for schema in schemas):
                raise ungivable[0]
            self.repairs.append(f"{place}: {ungivable[0]} cannot be given and was left out")
        schemas.sort(key=lambda schema: schema == {"type": "null"})
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def choice_of(values: list[object]) -> JsonObject:
    """An ``enum``, or a ``const``, with its type where all values have the same."""
    distinct = [value for at, value in enumerate(values) if not _among(value, values[:at])]
    kinds = {_KINDS.get(type(value), "") for value in distinct}
    schema: JsonObject = {"const": distinct[0]} if len(distinct) == 1 else {"enum": distinct}
    kind = kinds.pop() if len(kinds) == 1 else ""
    return {**schema, "type": kind} if kind else schema


_KINDS: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}


def _among(value: object, others: list[object]) -> bool:
    """Whether it is there already: for JSON, True is not 1."""
    return any(type(value) is type(other) and value == other for other in others)
