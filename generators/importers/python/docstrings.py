"""What a docstring tells, in Google's, NumPy's or Sphinx's style: text, parameters, result.

griffe takes the sections apart; types come out as they are written, for `read_documented_type`.
Servers made of functions send the docstring as a tool's description: ``Args:`` with a line for each
parameter, and schemas that say nothing but types.
"""

import ast
import inspect
import re
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
