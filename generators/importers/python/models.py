"""Classes that describe data become JSON Schema, as pydantic would write it.

::

    BaseModel, dataclass, TypedDict   an object with properties
    NamedTuple                        a list of so many values
    Enum                              a choice

Any other class is not known from its source.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from generators.importers.python.annotations import Annotations, UngivableError, choice_of
from generators.importers.python.constraints import (
    Details,
    constrain,
    is_field,
    read_details,
)
from generators.importers.python.docstrings import read_docstring
from generators.importers.python.literals import (
    NotLiteralError,
    enum_values,
    flag_of,
    keywords_of,
    literal,
    text_of,
)
from generators.importers.python.module import Module, assigned
from schemas.record import JsonObject

Kind = Literal["model", "dataclass", "typeddict", "namedtuple", "enum", "other"]

_BASES: dict[str, Kind] = {
    "BaseModel": "model",
    "BaseSettings": "model",
    "RootModel": "model",
    "SQLModel": "model",
    "TypedDict": "typeddict",
    "NamedTuple": "namedtuple",
    "Enum": "enum",
    "IntEnum": "enum",
    "StrEnum": "enum",
}
_NOT_FIELDS = ("ClassVar", "PrivateAttr", "KW_ONLY")
MAX_BASES = 20
"""Classes above one another."""


@dataclass(frozen=True)
class Field:
    """A field of a class, or a parameter of a function."""

    name: str
    annotation: ast.expr | None
    value: ast.expr | None = None
    """What it is set to: a default, or a call that describes the field."""
    text: str = ""
    optional: bool | None = None
    """Where its class decides, not its value."""


def kind_of(definition: ast.ClassDef, module: Module) -> Kind:
    """What a class describes."""
    for one in lineage(definition, module):
        if any(module.name_of(item) == "dataclass" for item in one.decorator_list):
            return "dataclass"
        for base in one.bases:
            kind = _BASES.get(module.name_of(base))
            if kind and module.name_of(base) not in module.classes:
                return kind
    return "other"


def lineage(definition: ast.ClassDef, module: Module) -> list[ast.ClassDef]:
    """The class and those of the module that it inherits from, nearest first."""
    found = [definition]
    for one in found:
        bases = (module.classes.get(module.name_of(base)) for base in one.bases)
        found += [base for base in bases if base is not None and base not in found][:MAX_BASES]
    return found


def open_annotations(module: Module) -> Annotations:
    """A reader of annotations that knows the classes of the module."""
    return Annotations(module, describe_class)


def describe_class(annotations: Annotations, definition: ast.ClassDef, place: str) -> JsonObject:
    """The schema of a class. Raises UngivableError where a field that must be given cannot be."""
    module = annotations.module
    kind = kind_of(definition, module)
    text = read_docstring(definition).text
    about: JsonObject = {"description": text} if text else {}
    if kind == "enum":
        return _choice(annotations, definition, place) | about
    if kind == "namedtuple":
        return _tuple(annotations, definition, place) | about
    if kind == "other":
        return annotations.unknown(ast.Name(definition.name), place)
    if kind == "model" and "RootModel" in map(module.name_of, definition.bases):
        return _root(annotations, definition, place) | about
    fields = list(fields_of(definition, module))
    closed = kind in ("model", "dataclass") and _forbids_extra(definition, module)
    return {
        **describe_fields(annotations, fields, place),
        **({"additionalProperties": False} if closed else {}),
        **about,
    }


def fields_of(definition: ast.ClassDef, module: Module) -> Iterator[Field]:
    """The fields of a class, inherited ones first."""
    fields: dict[str, Field] = {}
    kind = kind_of(definition, module)
    for one in reversed(lineage(definition, module)):
        documented = read_docstring(one).parameters
        for field in _own_fields(one, kind, module):
            said = documented.get(field.name)
            fields[field.name] = (
                replace(field, text=said.text) if said and not field.text else field
            )
    yield from fields.values()


def describe_fields(annotations: Annotations, fields: list[Field], place: str) -> JsonObject:
    """An object schema of fields or parameters; those without default are required."""
    properties: JsonObject = {}
    required: list[str] = []
    for field in fields:
        details = field_details(field, annotations.module)
        is_optional = optional(field, annotations.module)
        at = f"{place}.{field.name}"
        try:
            schema = field_schema(annotations, field, at)
        except UngivableError as error:
            if not is_optional:
                raise UngivableError(_inside(field.name, error)) from None
            annotations.repairs.append(f"{at}: {error} cannot be given, and was dropped")
            continue
        name = _alias(details, annotations.module) or field.name
        properties[name] = schema
        required += [] if is_optional else [name]
    schema = {"type": "object", "properties": properties}
    return {**schema, "required": required} if required else schema


def _inside(name: str, error: UngivableError) -> str:
    whose = str(error).removeprefix("a function")
    return f"a function for {name!r}" if not whose else f"{error} of {name!r}"


def field_schema(annotations: Annotations, field: Field, place: str) -> JsonObject:
    """The schema of one field with its description, bounds and default."""
    module = annotations.module
    schema = annotations.schema(field.annotation, place) if field.annotation is not None else {}
    if field.text and "description" not in schema:
        schema = {**schema, "description": field.text}
    if is_field(field.value, module) and field.value is not None:
        schema = constrain(schema, read_details([field.value], module), module)
    try:
        return {**schema, "default": literal(field_details(field, module).default, module)}
    except NotLiteralError:
        return schema


def field_details(field: Field, module: Module) -> Details:
    """What stands in the annotation and in the value of a field."""
    beside: list[ast.expr] = []
    if isinstance(field.annotation, ast.Subscript):
        inner = field.annotation.slice
        if module.name_of(field.annotation) == "Annotated" and isinstance(inner, ast.Tuple):
            beside += inner.elts[1:]
    if field.value is not None and is_field(field.value, module):
        return read_details([*beside, field.value], module)
    given = {"default": field.value} if field.value is not None else {}
    return Details(read_details(beside, module).keywords | given)


def optional(field: Field, module: Module) -> bool:
    """Whether a field may be left out."""
    if field.optional is not None:
        return field.optional
    return field_details(field, module).is_optional


def _own_fields(definition: ast.ClassDef, kind: Kind, module: Module) -> Iterator[Field]:
    total = flag_of(_class_keywords(definition).get("total")) is not False
    body = definition.body
    for item, following in zip(body, [*body[1:], ast.Pass()], strict=True):
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
            continue
        name = item.target.id
        marks = {module.name_of(item.annotation)}
        if item.value is not None and isinstance(item.value, ast.Call):
            marks |= {module.name_of(item.value)}
            if flag_of(keywords_of(item.value).get("init")) is False:
                continue
        if marks.intersection(_NOT_FIELDS) or name == "model_config":
            continue
        if name.startswith("_") and kind != "typeddict":
            continue
        may_lack = _may_lack(marks, total) if kind == "typeddict" else None
        yield Field(name, item.annotation, item.value, _text_below(following), may_lack)


def _may_lack(marks: set[str], total: bool) -> bool:
    return "NotRequired" in marks or (not total and "Required" not in marks)


def _text_below(item: ast.stmt) -> str:
    """A text under a field describes it."""
    below = item.value if isinstance(item, ast.Expr) else None
    is_text = isinstance(below, ast.Constant) and isinstance(below.value, str)
    return " ".join(below.value.split()) if is_text else ""  # type: ignore[union-attr]


def _alias(details: Details, module: Module) -> str:
    names = (text_of(details.keywords.get(key), module) for key in ("validation_alias", "alias"))
    return next((name for name in names if name), "")


def _class_keywords(definition: ast.ClassDef) -> dict[str, ast.expr]:
    return {item.arg: item.value for item in definition.keywords if item.arg}


def _forbids_extra(definition: ast.ClassDef, module: Module) -> bool:
    for one in lineage(definition, module):
        given = _configuration(one).get("extra")
        if given is not None:
            named = given.attr if isinstance(given, ast.Attribute) else text_of(given, module)
            return named == "forbid"
    return False


def _configuration(definition: ast.ClassDef) -> dict[str, ast.expr]:
    """The settings of a pydantic class, in all the places where they may stand."""
    settings = _class_keywords(definition)
    for decorator in definition.decorator_list:
        settings |= keywords_of(keywords_of(decorator).get("config", ast.Pass()))  # type: ignore[arg-type]
    for item in definition.body:
        if isinstance(item, ast.ClassDef) and item.name == "Config":
            settings |= dict(pair for inner in item.body for pair in assigned(inner))
        for name, value in assigned(item):
            if name == "model_config":
                settings |= keywords_of(value) | _written_out(value)
    return settings


def _written_out(value: ast.expr) -> dict[str, ast.expr]:
    if not isinstance(value, ast.Dict):
        return {}
    pairs = zip(value.keys, value.values, strict=True)
    return {str(key.value): item for key, item in pairs if isinstance(key, ast.Constant)}


def _choice(annotations: Annotations, definition: ast.ClassDef, place: str) -> JsonObject:
    try:
        values = enum_values(definition, annotations.module)
    except NotLiteralError:
        values = []
    return choice_of(values) if values else annotations.unknown(ast.Name(definition.name), place)


def _tuple(annotations: Annotations, definition: ast.ClassDef, place: str) -> JsonObject:
    module = annotations.module
    fields = list(fields_of(definition, module))
    needed = [field for field in fields if not optional(field, module)]
    return {
        "type": "array",
        "prefixItems": [
            field_schema(annotations, field, f"{place}.{field.name}") for field in fields
        ],
        "minItems": len(needed),
        "maxItems": len(fields),
    }


def _root(annotations: Annotations, definition: ast.ClassDef, place: str) -> JsonObject:
    for base in definition.bases:
        if isinstance(base, ast.Subscript):
            return annotations.schema(base.slice, place)
    roots = (item for item in fields_of(definition, annotations.module) if item.name == "root")
    root = next(roots, None)
    return field_schema(annotations, root, place) if root else {}
