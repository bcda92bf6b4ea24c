"""The parameters and the result of a function: from its signature, then from its docstring.

griffe takes the sections of a docstring apart, in Google's, NumPy's or Sphinx's style; types come
out as they are written, for `read_documented_type`. Servers made of functions send the docstring as
a tool's description: ``Args:`` with a line for each parameter, and schemas that say nothing but
types.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from generators.importers.foreign_types import parse_type
from generators.importers.found_tools import FoundTool, SchemaPlace
from generators.importers.python.annotations import TOLD, UngivableError, read_type
from generators.importers.python.definitions import (
    Function,
    Module,
    open_default,
    read_literal,
    read_text,
)
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import ReturnsFrom

_QUIET: dict[str, Any] = {
    "google": {"warnings": False},
    "numpy": {"warnings": False},
    "sphinx": {"warnings": False},
}
_HEADER = re.compile(
    r"(?mi)^(args|arguments|parameters|params|returns?|raises|yields|examples?|attributes|"
    r"notes?|keyword args|keyword arguments|other parameters):[ \t]*(.*)$"
)
_ASIDE = re.compile(r"(?i),?\s*\b(?:optional|required|default(?:s to)?[ :=].*|by default.*)\s*$")
_OF = re.compile(r"(?i)\b(?:list|array|set|tuple|sequence|iterable)s? of (.+)$")


@dataclass(frozen=True)
class Described:
    """A parameter, or one of the values that come back."""

    name: str
    type: str = ""
    """As written: ``int``, ``list of str``; empty where nothing is said."""
    text: str = ""


@dataclass(frozen=True)
class Documentation:
    """A docstring, taken apart."""

    text: str = ""
    """All but what is said of parameters, results and errors."""
    parameters: dict[str, Described] = field(default_factory=dict)
    returns: tuple[Described, ...] = ()


def read_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Documentation:
    """The docstring of a function or class."""
    text = ast.get_docstring(node)
    # An escape in the source may stand for half of a character, which nothing could write out.
    return parse_docstring(text.encode("utf-8", "replace").decode()) if text else Documentation()


def parse_docstring(text: str) -> Documentation:
    """The parts of a docstring in whichever style finds most in it."""
    import griffe  # here, as it takes long to import and most catalogues are no Python

    docstring = griffe.Docstring(_HEADER.sub(_set_apart, text), lineno=1)
    sections = griffe.parse_auto(docstring, method="max_sections", per_style_options=_QUIET)  # type: ignore[arg-type]
    texts: list[str] = []
    parameters: dict[str, Described] = {}
    returns: list[Described] = []
    for section in sections:
        kind = section.kind.value
        if kind in ("parameters", "other parameters", "attributes", "keyword arguments"):
            parameters |= {item.name.lstrip("*"): item for item in map(_describe, section.value)}
        elif kind == "returns":
            returns += map(_describe, section.value)
        elif kind == "text":
            texts.append(str(section.value))
        elif kind == "admonition":
            lines = str(section.value.description).splitlines()
            title = section.title or section.value.kind
            texts.append(f"{title}:\n" + "\n".join(f"    {line}" for line in lines))
    return Documentation("\n\n".join(texts), parameters, tuple(returns))


def read_documented_type(text: str) -> JsonObject | None:
    """The schema of a type in a docstring: ``list of str, optional``; None where it tells none."""
    text = _ASIDE.sub("", text.strip().strip("`")).strip().rstrip(".").strip()
    of = _OF.search(text)
    if of:
        items = read_documented_type(of[1])
        return None if items is None else {"type": "array", "items": items}
    if text.startswith("{") or (text.startswith(("'", '"')) and "," in text):
        text = f"Literal[{text.strip('{}')}]"
    schema = parse_type(text) or parse_type(text.removesuffix("s"))  # "list of strings"
    return deepcopy(schema) or None


def _set_apart(match: re.Match[str]) -> str:
    """Sections are found after an empty line only, and what stands beside a header never."""
    header, beside = match.groups()
    if header.lower() in ("return", "returns"):
        return "\nReturns:" + (f"\n    {beside}" if beside else "")
    return match[0] if beside else f"\n{header}:"


def _describe(item: Any) -> Described:
    name = str(item.name or "")
    kind = str(item.annotation) if item.annotation is not None else ""
    if ")" in kind.partition("(")[0]:  # "MA(5) (float)" is cut at the first bracket
        name, _, kind = f"{name}({kind}".partition(") (")
        name = f"{name})"
    return Described(name, kind, str(item.description or ""))


_SECTION = re.compile(
    r"(?mi)^\s*(?:args|arguments|parameters|params)\s*:?\s*$|^\s*args\s*:|^\s*:param\b"
)
_UNDERLINED = re.compile(r"(?m)^([ \t]*)(\w[\w ]*?):?[ \t]*\n[ \t]*(-{3,})[ \t]*$")


def describe_parameters(tool: FoundTool, longest: int) -> FoundTool:
    """The tool, whose parameters are described by its text where they have no description.

    ``longest``: characters of the text that are looked at.
    """
    schema, text = tool.parameters.value, tool.description[:longest]
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or not _SECTION.search(text):
        return tool
    told = parse_docstring(_UNDERLINED.sub(r"\1\2\n\1\3", inspect.cleandoc(text))).parameters
    said = {name: " ".join(one.text.split()) for name, one in told.items()}
    bare = [
        name
        for name, rule in properties.items()
        if isinstance(rule, dict) and not rule.get("description") and said.get(name)
    ]
    named = {name: {**properties[name], "description": said[name]} for name in bare}
    place = tool.parameters.keyword
    notes = (f"{place}.{name}: described by the tool's text" for name in bare)
    return replace(
        tool,
        parameters=SchemaPlace(place, {**schema, "properties": {**properties, **named}}),
        repairs=(*tool.repairs, *notes),
    )


INJECTED = frozenset(
    """
    AgentContext AsyncCallbackManagerForToolRun BackgroundTasks BaseStore CallbackContext
    CallbackManager CallbackManagerForToolRun Callbacks Context CurrentContext Depends
    InjectedState InjectedStore InjectedToolArg InjectedToolCallId Progress Request RunContext
    RunContextWrapper RunnableConfig ServerSession ToolContext ToolRuntime
    """.split()
)
"""Types of what a framework puts in itself: no part of a call."""


@dataclass(frozen=True)
class Argument:
    """A parameter that a call may name."""

    name: str
    annotation: ast.expr | None
    default: ast.expr | None
    """None where a call must give it."""
    said: dict[str, ast.expr]
    """What ``Annotated`` and ``Field`` say beside the type."""


def read_parameters(
    function: Function, is_method: bool, documentation: Documentation, module: Module
) -> tuple[JsonObject, tuple[str, ...]]:
    """The schema of the arguments, and in words what was dropped and what is not known.

    Raises UngivableError where a needed one cannot be given.
    """
    arguments = function.args
    repairs = [f"parameters: *{arguments.vararg.arg} was dropped"] if arguments.vararg else []
    properties: JsonObject = {}
    required: list[str] = []
    for one in _list_arguments(function, is_method, module):
        # The name by which a framework puts the argument in itself; empty for any other.
        marks: list[ast.expr] = [one.default] if isinstance(one.default, ast.Call) else []
        annotation = one.annotation
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                annotation = ast.parse(annotation.value, mode="eval").body
            except (SyntaxError, ValueError):
                annotation = None
        if annotation is not None:
            nodes = ast.walk(annotation)
            marks += [node for node in nodes if isinstance(node, ast.Name | ast.Attribute)]
        names = map(module.name_of, marks)
        framework = next((name for name in names if name in INJECTED - module.classes.keys()), "")
        if framework:
            note = f"is put in by the framework ({framework}) and was dropped"
            repairs.append(f"parameters.{one.name}: {note}")
            continue
        described = documentation.parameters.get(one.name)
        try:
            properties[one.name], notes = _read_argument(one, described, module)
        except UngivableError as error:
            if one.default is None:
                raise UngivableError(f"{error} for {one.name!r}") from None
            repairs.append(f"parameters.{one.name}: {error} cannot be given, and was dropped")
            continue
        repairs += (f"parameters.{one.name}: {note}" for note in notes)
        required += [one.name] if one.default is None else []
    schema: JsonObject = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    if arguments.kwarg:  # it takes whatever else is given
        rest = arguments.kwarg.annotation
        schema["additionalProperties"] = (read_type(rest, module).schema if rest else None) or True
    return schema, tuple(repairs)


def read_model(name: str, module: Module) -> tuple[JsonObject | None, tuple[str, ...]]:
    """The schema of the arguments that a model of the file holds; None where nothing is known."""
    schema, whole = read_type(ast.Name(name), module)
    return schema or None, () if whole else (f"parameters: {_say_unknown(ast.Name(name))}",)


def read_result(
    function: Function, documentation: Documentation, module: Module
) -> tuple[JsonObject | None, ReturnsFrom, tuple[str, ...]]:
    """The schema of the result, where it was told, and what is not known of it.

    A result that is no data is none that is told: no reason to leave the tool out.
    """
    items = documentation.returns
    if function.returns is None:
        if len(items) != 1:
            return None, "source", ()
        kind, text = items[0].type, items[0].text
        if not kind and items[0].name:  # "dict: what it holds" reads like a name
            kind = items[0].name
        elif not kind and ":" in text:
            kind, _, text = text.partition(":")
            text = text.strip()
        documented = read_documented_type(kind) if kind else None
        if not documented:
            return None, "source", ()
        return {**documented, **({"description": text} if text else {})}, "documentation", ()
    try:
        schema, whole = read_type(function.returns, module)
    except UngivableError as error:
        return None, "source", (f"returns: {error} is no data, left out",)
    notes = () if whole else (f"returns: {_say_unknown(function.returns)}",)
    if schema in ({}, {"type": "null"}):
        return None, "source", notes
    if schema.get("type") == "object":
        # The documentation of a mapping may list its keys with their types.
        properties = {
            item.name.strip("`'\""): {
                **(read_documented_type(item.type) or {}),
                **({"description": item.text} if item.text else {}),
            }
            for item in items
        }
        if items and all(item.name and item.type for item in items):
            keys = {"type": "object", "properties": properties, "required": list(properties)}
            return keys, "documentation", notes
    texts = [item.text for item in items if item.text]
    return schema | ({"description": texts[0]} if len(texts) == 1 else {}), "source", notes


def _list_arguments(function: Function, is_method: bool, module: Module) -> Iterator[Argument]:
    """The parameters that a call may name, without ``self``."""
    given = function.args
    placed = [*given.posonlyargs, *given.args]
    lacking = len(placed) - len(given.defaults)
    defaults = [*[None] * lacking, *given.defaults, *given.kw_defaults]
    static = any(module.name_of(mark) == "staticmethod" for mark in function.decorator_list)
    for number, item in enumerate([*placed, *given.kwonlyargs]):
        receiver = item.arg in ("self", "cls", "mcs") and item.annotation is None
        if number == 0 and (receiver or (is_method and not static)):
            continue
        default, said = open_default(item.annotation, defaults[number], module)
        yield Argument(item.arg, item.annotation, default, said)


def _read_argument(
    one: Argument, described: Described | None, module: Module
) -> tuple[JsonObject, list[str]]:
    """The schema of one argument, and what is not known of it. Raises UngivableError."""
    schema: JsonObject = {}
    notes: list[str] = []
    if one.annotation is not None:
        schema, whole = read_type(one.annotation, module, one.said)
        if not whole:
            allowed = "" if schema else ": allows anything"
            notes.append(f"{_say_unknown(one.annotation)}{allowed}")
    elif described and described.type:
        schema = read_documented_type(described.type) or {}
    text = read_text(one.said, ("description", "text"), module)
    text = text or (described.text if described else "")
    if text:
        schema["description"] = text
    bounds = one.said.keys() - TOLD - {"default", "default_factory", "text", "title"}
    if bounds:
        notes.append(f"{', '.join(sorted(bounds))}: known when the code is run only")
    if one.default is not None and "default_factory" not in one.said:
        try:
            schema["default"] = read_literal(one.default, module)
        except InputError:
            notes.append("its default is known when the code is run only")
    if one.annotation is None and schema.keys() <= {"description", "default"}:
        kinds: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}
        kind = kinds.get(type(schema.get("default")))
        told = f"the type of its default, {kind}" if kind else "allows anything"
        notes.append(f"has no annotation: {told}")
        schema |= {"type": kind} if kind else {}
    return schema, notes


def _say_unknown(annotation: ast.expr) -> str:
    written = " ".join(ast.unparse(annotation).split())
    shown = written if len(written) <= 60 else f"{written[:59]}…"
    return f"what {shown!r} is, is known when the code is run only"
