"""What a format finds in a document: tools as they stand there, and entries that are none.

Shared by the formats: how to read a name, a text, an object, and what to say where it is none.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from generators.importers.documents import json_kind
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import ReturnsFrom


@dataclass(frozen=True)
class SchemaPlace:
    """A value and the keyword that it stood under, for messages."""

    keyword: str
    value: Any


@dataclass(frozen=True)
class FoundTool:
    """One tool, nothing normalised but that its texts are text."""

    number: int
    """Position in the list, from 1."""
    name: str
    parameters: SchemaPlace
    returns: SchemaPlace | None = None
    title: str = ""
    description: str = ""
    foreign: bool = False
    """The types are another language's: one that nobody knows allows anything."""
    strict: bool = False
    """All parameters are listed as required; null stands for absent."""
    read_only: bool | None = None
    destructive: bool | None = None
    place: str = ""
    """Where in the document, if that tells more than the name: ``GET /albums/{id}``."""
    domain: str = ""
    """What part of the document it belongs to, where one document holds several services."""
    returns_from: ReturnsFrom = "source"
    """Where ``returns`` was had from."""
    repairs: tuple[str, ...] = ()
    """What the format itself repaired, in words."""


@dataclass(frozen=True)
class Skipped:
    """An entry that cannot be imported."""

    reason: str
    tool: str = ""
    place: str = ""
    fault: bool = True
    """Something is wrong with it; False for what was never meant to be imported."""


@dataclass(frozen=True)
class Remark:
    """Something about the document as a whole that its reader should know."""

    text: str


Found = FoundTool | Skipped | Remark


def open_answer(document: Any) -> Any:
    """The document, or what a JSON-RPC answer around a list of tools holds."""
    inner = document.get("result") if isinstance(document, dict) else None
    return inner if isinstance(inner, dict) and "tools" in inner else document


def find_list(document: Any, keywords: Iterable[str]) -> list[Any] | None:
    """The document, or what it holds under the first keyword that is there, if it is a list."""
    found = open_answer(document)
    if isinstance(found, dict):
        found = next((found[keyword] for keyword in keywords if keyword in found), None)
    return found if isinstance(found, list) else None


def read_each(
    entries: Iterable[Any], read: Callable[[JsonObject, int], FoundTool | Skipped]
) -> Iterator[FoundTool | Skipped]:
    """Reads entries with their positions from 1; one that cannot be read is skipped."""
    for number, entry in enumerate(entries, start=1):
        try:
            if not isinstance(entry, dict):
                problem = f"a tool must be an object, not {json_kind(entry)}"
                raise InputError(problem, place=say_position(number))
            yield read(entry, number)
        except InputError as error:
            yield Skipped(error.problem, error.tool, error.place)


def skip_other(entry: JsonObject, number: int, reason: str) -> Skipped:
    """An entry that was never meant to be a function: no fault of anybody's."""
    name = entry.get("name")
    return Skipped(reason, name if isinstance(name, str) else "", say_position(number), fault=False)


def say_position(number: int) -> str:
    """How messages name a position."""
    return f"number {number} of the list"


def name_of(tool: JsonObject, number: int, keywords: Iterable[str] = ("name",)) -> str:
    """The tool's name. Raises InputError where it has none."""
    name = next((tool[keyword] for keyword in keywords if tool.get(keyword) is not None), "")
    if not isinstance(name, str):
        problem = f"the name must be text, not {json_kind(name)}"
        raise InputError(problem, place=say_position(number))
    if not name.strip():
        raise InputError("the tool has no name", place=say_position(number))
    return name


def text_of(tool: JsonObject, keyword: str, name: str) -> str:
    """A text that may be absent. Raises InputError where something else stands there."""
    text = "" if tool.get(keyword) is None else tool[keyword]
    if not isinstance(text, str):
        raise InputError(f"must be text, not {json_kind(text)}", tool=name, place=keyword)
    return text


def first_place(tools: Iterable[JsonObject], keywords: Sequence[str]) -> SchemaPlace | None:
    """The first of several spellings that is given."""
    places = ((tool, keyword) for tool in tools for keyword in keywords)
    given = (
        SchemaPlace(keyword, tool[keyword])
        for tool, keyword in places
        if tool.get(keyword) is not None
    )
    return next(given, None)
