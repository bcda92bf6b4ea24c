"""What a docstring tells, in Google's, NumPy's or Sphinx's style: text, parameters, result.

griffe takes the sections apart; types come out as they are written, for `read_documented_type`.
Servers made of functions send the docstring as a tool's description: ``Args:`` with a line for each
parameter, ``Returns:`` with what comes back, and schemas that say nothing but types.
"""

import ast
import inspect
import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from generators.importers.foreign_types import parse_type
from generators.importers.found_tools import FoundTool, SchemaPlace
from schemas.record import JsonObject

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
    r"(?mi)^\s*(?:args|arguments|parameters|params|returns?)\s*:?\s*$"
    r"|^\s*(?:args|returns?)\s*:|^\s*:(?:param|returns?)\b"
)
_UNDERLINED = re.compile(r"(?m)^([ \t]*)(\w[\w ]*?):?[ \t]*\n[ \t]*(-{3,})[ \t]*$")
_TRUTH = re.compile(r"(?i)^(?:bool(?:ean)?\b|true (?:if|when|on)\b|whether\b)")
_COUNT = re.compile(r"(?i)^(?:the )?(?:total )?(?:number|count) of\b")


def read_docstring_texts(tool: FoundTool, longest: int) -> FoundTool:
    """The tool with parameters, and a result, as its description tells them; else as it was.

    ``longest``: characters of the description that are looked at.
    """
    if not _SECTION.search(tool.description[:longest]):
        return tool
    text = inspect.cleandoc(tool.description[:longest])
    told = parse_docstring(_UNDERLINED.sub(r"\1\2\n\1\3", text))
    parameters, described = _add_descriptions(tool.parameters.value, told)
    returns = _read_result(told.returns) if tool.returns is None else None
    place = tool.parameters.keyword
    notes = [f"{place}.{name}: described by the tool's text" for name in described]
    if returns is not None:
        notes.append("returns: as the tool's text tells it")
    return replace(
        tool,
        parameters=replace(tool.parameters, value=parameters) if described else tool.parameters,
        returns=SchemaPlace("returns", returns) if returns is not None else tool.returns,
        returns_from="documentation" if returns is not None else tool.returns_from,
        repairs=(*tool.repairs, *notes),
    )


def _add_descriptions(schema: Any, told: Documentation) -> tuple[Any, list[str]]:
    """The schema with descriptions where it has none, and the parameters that got one."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        return schema, []
    said = {name: " ".join(one.text.split()) for name, one in told.parameters.items()}
    bare = [
        name
        for name, rule in properties.items()
        if isinstance(rule, dict) and not rule.get("description") and said.get(name)
    ]
    named = {name: {**properties[name], "description": said[name]} for name in bare}
    return {**schema, "properties": {**properties, **named}}, bare


def _read_result(items: Sequence[Described]) -> JsonObject | None:
    """The schema of a truth or of a count; None where the text tells no such thing."""
    if len(items) != 1:
        return None
    kind, text = items[0].type or items[0].name, " ".join(items[0].text.split())
    if not kind and ":" in text:
        kind, _, text = (part.strip() for part in text.partition(":"))
    if _TRUTH.match(kind or text):
        part: JsonObject = {"type": "boolean"}
        name = "result"
    elif _COUNT.match(text):
        part, name = {"type": "integer", "minimum": 0}, "count"
    else:
        return None
    described = {"description": text} if text else {}
    properties = {name: {**part, **described}}
    return {"type": "object", "properties": properties, "required": [name]}
