"""The parameters and the result of a function: from its signature, then from its docstring."""

import ast
from dataclasses import dataclass, replace

from generators.importers.python.annotations import Annotations, choice_of
from generators.importers.python.docstrings import Described, Documentation
from generators.importers.python.documented import documented_returns, documented_schema
from generators.importers.python.models import Field, describe_fields
from generators.importers.python.module import Function, Module
from schemas.record import JsonObject
from schemas.tool import ReturnsFrom

INJECTED = frozenset(
    """
    AgentContext AsyncCallbackManagerForToolRun BackgroundTasks BaseStore CallbackContext
    CallbackManager CallbackManagerForToolRun Callbacks Context CurrentContext Depends
    InjectedState InjectedStore InjectedToolArg InjectedToolCallId Progress Request RunContext
    RunContextWrapper RunnableConfig ServerSession ToolContext ToolRuntime
    """.split()
)
"""Types of what a framework puts in itself: no part of a call."""

_RECEIVERS = ("self", "cls", "mcs")


@dataclass(frozen=True)
class Result:
    """The schema of what a function gives back."""

    schema: JsonObject
    source: ReturnsFrom


def parameters_of(
    function: Function, is_method: bool, documentation: Documentation, annotations: Annotations
) -> JsonObject:
    """The schema of the arguments. Raises UngivableError where a needed one cannot be given."""
    fields = [
        _documented(field, documentation)
        for field in given_fields(function, is_method, annotations)
    ]
    schema = describe_fields(annotations, fields, "parameters")
    properties = schema["properties"]
    for field in fields:
        if field.annotation is None and field.name in properties:
            said = documentation.parameters.get(field.name)
            known = properties[field.name]
            properties[field.name] = _guessed(field, known, said, annotations) | known
    return schema | _open(function, annotations)


def given_fields(function: Function, is_method: bool, annotations: Annotations) -> list[Field]:
    """The parameters that a call may name: without ``self`` and what a framework puts in."""
    arguments = function.args
    placed = [*arguments.posonlyargs, *arguments.args]
    lacking = len(placed) - len(arguments.defaults)
    defaults = [*[None] * lacking, *arguments.defaults, *arguments.kw_defaults]
    fields = [
        Field(item.arg, item.annotation, value)
        for item, value in zip([*placed, *arguments.kwonlyargs], defaults, strict=True)
    ]
    takes_itself = is_method and not is_static(function, annotations.module)
    if fields and (takes_itself or _is_receiver(fields[0])):
        fields = fields[1:]
    if arguments.vararg:
        annotations.repairs.append(f"parameters: *{arguments.vararg.arg} was dropped")
    return [field for field in fields if not _is_injected(field, annotations)]


def result_of(
    function: Function, documentation: Documentation, annotations: Annotations
) -> Result | None:
    """The schema of the result, by annotation or docstring; None where neither tells one."""
    if function.returns is None:
        schema = documented_returns(documentation.returns, annotations, is_mapping=False)
        return Result(schema, "documentation") if schema else None
    schema = annotations.schema(function.returns, "returns")
    if schema in ({}, {"type": "null"}):
        return None
    if schema.get("type") == "object" and "properties" not in schema and documentation.returns:
        keys = documented_returns(documentation.returns, annotations, is_mapping=True)
        if keys and "properties" in keys:
            return Result(keys, "documentation")
    texts = [item.text for item in documentation.returns if item.text]
    if len(texts) == 1 and "description" not in schema:
        schema = {**schema, "description": texts[0]}
    return Result(schema, "source")


def is_static(function: Function, module: Module) -> bool:
    """Whether a method takes no ``self``."""
    return any(module.name_of(item) == "staticmethod" for item in function.decorator_list)


def _is_receiver(field: Field) -> bool:
    return field.name in _RECEIVERS and field.annotation is None


def _documented(field: Field, documentation: Documentation) -> Field:
    said = documentation.parameters.get(field.name)
    return replace(field, text=said.text) if said else field


def _guessed(
    field: Field, known: JsonObject, said: Described | None, annotations: Annotations
) -> JsonObject:
    """The type of a parameter without annotation: as documented, else that of its default."""
    typed = documented_schema(said.type, annotations) if said and said.type else None
    if typed is not None:
        return typed
    by_default = choice_of([known["default"]]).get("type") if "default" in known else None
    told = f"the type of its default, {by_default}" if by_default else "allows anything"
    annotations.repairs.append(f"parameters.{field.name}: has no annotation: {told}")
    return {"type": by_default} if by_default else {}


def _open(function: Function, annotations: Annotations) -> JsonObject:
    """``**kwargs`` takes whatever else is given."""
    rest = function.args.kwarg
    if rest is None:
        return {}
    annotation = rest.annotation
    if annotation is None or annotations.module.name_of(annotation) == "Unpack":
        return {"additionalProperties": True}
    return {"additionalProperties": annotations.schema(annotation, "parameters") or True}


def _is_injected(field: Field, annotations: Annotations) -> bool:
    module = annotations.module
    marks: list[ast.expr] = [field.value] if isinstance(field.value, ast.Call) else []
    marks += _names(field.annotation) if field.annotation is not None else []
    injected = [
        name
        for name in map(module.name_of, marks)
        if name in INJECTED and name not in module.classes
    ]
    if injected:
        note = f"is put in by the framework ({injected[0]}) and was dropped"
        annotations.repairs.append(f"parameters.{field.name}: {note}")
    return bool(injected)


def _names(annotation: ast.expr) -> list[ast.expr]:
    """All names in an annotation, those in a text too."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return []
    return [node for node in ast.walk(annotation) if isinstance(node, ast.Name | ast.Attribute)]
