"""What a docstring tells, in Google's, NumPy's or Sphinx's style: text, parameters, result.

griffe takes the sections apart; types come out as they are written, for `annotations` to read.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import griffe

_QUIET: dict[str, Any] = {
    "google": {"warnings": False},
    "numpy": {"warnings": False},
    "sphinx": {"warnings": False},
}
_HEADER = re.compile(
    r"(?mi)^(args|arguments|parameters|params|returns?|raises|yields|examples?|attributes|"
    r"notes?|keyword args|keyword arguments|other parameters):[ \t]*(.*)$"
)
_BULLET = re.compile(r"^( *)[-*] +(\S[^:]*?) *\(([^()]*(?:\([^()]*\))?[^()]*)\) *: *(.*)$")


@dataclass(frozen=True)
class Described:
    """A parameter, or one of the values that come back."""

    name: str
    type: str = ""
    """As written: ``int``, ``list of str``; empty where nothing is said."""
    text: str = ""
    parts: tuple["Described", ...] = ()
    """What a list of bullets under it says of its keys."""


@dataclass(frozen=True)
class Documentation:
    """A docstring, taken apart."""

    text: str = ""
    """All but what is said of parameters, results and errors."""
    parameters: dict[str, Described] = field(default_factory=dict)
    """Of a class: its attributes too."""
    returns: tuple[Described, ...] = ()


def read_docstring(node: ast.AST) -> Documentation:
    """The docstring of a function or class."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return Documentation()
    text = ast.get_docstring(node)
    # An escape in the source may stand for half of a character, which nothing could write out.
    return parse_docstring(text.encode("utf-8", "replace").decode()) if text else Documentation()


def parse_docstring(text: str) -> Documentation:
    """The parts of a docstring in whichever style finds most in it."""
    docstring = griffe.Docstring(_HEADER.sub(_spaced, text), lineno=1)
    sections = griffe.parse_auto(docstring, method="max_sections", per_style_options=_QUIET)  # type: ignore[arg-type]
    texts: list[str] = []
    parameters: dict[str, Described] = {}
    returns: list[Described] = []
    for section in sections:
        kind = section.kind.value
        if kind in ("parameters", "other parameters", "attributes", "keyword arguments"):
            parameters |= {item.name.lstrip("*"): item for item in map(_described, section.value)}
        elif kind == "returns":
            returns += map(_described, section.value)
        else:
            texts += _told(kind, section)
    return Documentation("\n\n".join(texts), parameters, tuple(returns))


def _spaced(match: re.Match[str]) -> str:
    """Sections are found after an empty line only, and what stands beside a header never."""
    header, beside = match.groups()
    if header.lower() in ("return", "returns"):
        return "\nReturns:" + (f"\n    {beside}" if beside else "")
    return match[0] if beside else f"\n{header}:"


def _described(item: Any) -> Described:
    text, name = str(item.description or ""), str(item.name or "")
    kind = str(item.annotation) if item.annotation is not None else ""
    if ")" in kind.partition("(")[0]:  # "MA(5) (float)" is cut at the first bracket
        name, _, kind = f"{name}({kind}".partition(") (")
        name = f"{name})"
    parts = _bullets(text.splitlines())
    return Described(
        name=name,
        type=kind,
        text=text if not parts else text.splitlines()[0],
        parts=tuple(parts),
    )


def _bullets(lines: Iterable[str]) -> list[Described]:
    """``- key (type): text``, with further lists below by indentation."""
    found = [match.groups() for match in map(_BULLET.match, lines) if match]
    return list(_nested([(len(indent), *rest) for indent, *rest in found]))


def _nested(rows: list[tuple[Any, ...]]) -> Iterator[Described]:
    while rows:
        (indent, name, kind, text), *rows = rows
        depth = next((at for at, row in enumerate(rows) if row[0] <= indent), len(rows))
        yield Described(name, kind, text, tuple(_nested(rows[:depth])))
        rows = rows[depth:]


def _told(kind: str, section: Any) -> list[str]:
    if kind == "text":
        return [str(section.value)]
    if kind == "admonition":
        lines = str(section.value.description).splitlines()
        return [f"{section.title or section.value.kind}:\n" + "\n".join(f"    {x}" for x in lines)]
    return []
