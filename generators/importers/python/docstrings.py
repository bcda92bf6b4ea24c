"""What a docstring tells, in Google's, NumPy's or Sphinx's style: text, parameters, result.

griffe takes the sections apart; types come out as they are written, for `signatures` to read.
"""

import ast
import re
from dataclasses import dataclass, field
from typing import Any

_QUIET: dict[str, Any] = {
    "google": {"warnings": False},
    "numpy": {"warnings": False},
    "sphinx": {"warnings": False},
}
_HEADER = re.compile(
    r"(?mi)^(args|arguments|parameters|params|returns?|raises|yields|examples?|attributes|"
    r"notes?|keyword args|keyword arguments|other parameters):[ \t]*(.*)$"
)


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
