"""A tool as every stage after the importers sees it."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from pydantic import Field

from schemas.errors import InputError
from schemas.leaves import map_keys
from schemas.record import JsonObject, Record
from schemas.world_model import WorldSource

_LETTER = re.compile("[A-Za-z]")


@lru_cache(maxsize=20_000)
def _is_telling(name: str) -> bool:
    """Whether the words of a source's name can be read: every stage asks it of every tool."""
    return name.isascii() and len(name) <= 64 and _LETTER.search(name) is not None


Effect = Literal["read", "write", "unknown"]
ReturnsFrom = Literal["source", "documentation", "example", "observation", "model"]
"""Where the schema of a result was had from: all but ``source`` are inferred."""


class ToolSource(Record):
    """Where a tool was read from."""

    format: str
    """``openai``, ``mcp`` …"""
    path: str
    """The file's name, without the folders of the machine it lay on."""
    place: str = ""
    """Where in the file, if that tells more than the name: ``GET /albums/{id}``."""
    licence: str | None = None
    service: str = ""
    """What the source calls the whole service, in words: ``Slack``."""


class ToolSpec(Record):
    """One tool, normalised: schemas are JSON Schema 2020-12 without ``$ref``."""

    name: str
    """As the source has it."""
    wire_name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    """As a model sees it; one-to-one with ``(domain, name)`` within a catalogue."""
    title: str = ""
    description: str = ""
    parameters: JsonObject
    """An object schema that always has ``properties`` and ``required``."""
    returns: JsonObject | None = None
    """The schema of a result; None where nothing but other tools could tell."""
    returns_from: ReturnsFrom | None = None
    """None where there is no schema of a result."""
    effect: Effect = "unknown"
    destructive: bool = False
    """Loses something that cannot be had back: deletes, cancels, pays."""
    domain: str
    source: ToolSource
    inferred: tuple[str, ...] = ()
    """What was guessed, in words: ``effect from the verb 'list'``."""
    repairs: tuple[str, ...] = ()
    """What had to be repaired, in words: ``parameters.days: type 'int' became integer``."""
    page_rows: int | None = None
    """The most rows of its list that a result shows, where more would be too long; None: all."""
    renamed: Mapping[str, str] = Field(default_factory=dict)
    """Names, of parameters and in results, that no path could hold: here → in the source."""

    @property
    def clear_name(self) -> str:
        """The name whose words tell: the source's, if it is one of ASCII and not over-long."""
        return self.name if _is_telling(self.name) else self.wire_name

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.effect == "write" or self.destructive

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the parameters that a call must give."""
        return tuple(self.parameters.get("required", ()))

    @property
    def properties(self) -> dict[str, JsonObject]:
        """Parameter name → its schema."""
        properties: dict[str, JsonObject] = self.parameters.get("properties", {})
        return properties

    def fill(self, arguments: JsonObject) -> JsonObject:
        """Arguments with the defaults of the parameters that they leave out."""
        usual = {name: schema["default"] for name, schema in self.properties.items()
                 if isinstance(schema, dict) and "default" in schema}  # fmt: skip
        return usual | arguments


def source_arguments(tool: ToolSpec, arguments: JsonObject) -> JsonObject:
    """The arguments of a call as the source names them, at any depth: for a live call."""
    given: JsonObject = map_keys(arguments, lambda name: tool.renamed.get(name, name))
    return given


def plain_result(tool: ToolSpec, result: Any) -> Any:
    """A result of a live call with the names that the tool has here, at any depth."""
    here = {name: own for own, name in tool.renamed.items()}
    return map_keys(result, lambda name: here.get(name, name)) if here else result


class SkippedTool(Record):
    """An entry of a catalogue that could not be used, and why."""

    file: str
    """The file's name, without folders."""
    tool: str = ""
    """Its name, where it has one."""
    place: str = ""
    reason: str
    repairs: tuple[str, ...] = ()
    """What was done to it before it was left out, such as headers that were dropped."""

    def __str__(self) -> str:
        """One line: ``tools.json, tool 'a', at parameters.type: "strin" is not a type``."""
        return str(InputError(self.reason, file=self.file, tool=self.tool, place=self.place))


class MergedTool(Record):
    """A tool that is left out because another one is nearly the same."""

    name: str
    domain: str
    kept: str
    """Wire name of the tool that stands for both."""
    similarity: float
    """Cosine of their texts."""


class Catalog(Record):
    """Everything that was read from the files of one run."""

    tools: tuple[ToolSpec, ...]
    skipped: tuple[SkippedTool, ...] = ()
    merged: tuple[MergedTool, ...] = ()
    notes: tuple[str, ...] = ()
    """What else the user should know, one line each."""
    worlds: tuple[WorldSource, ...] = ()
    """What people and models say of the tools; later ones are the stronger."""

    @property
    def by_name(self) -> dict[str, ToolSpec]:
        """Wire name → tool."""
        return {tool.wire_name: tool for tool in self.tools}
