"""A tool as every stage after the importers sees it."""

from typing import Literal

from pydantic import Field

from schemas.record import JsonObject, Record

Effect = Literal["read", "write", "unknown"]


class ToolSource(Record):
    """Where a tool was read from."""

    format: str
    """``openai``, ``mcp`` …"""
    path: str
    """The file's name, without the folders of the machine it lay on."""
    licence: str | None = None


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
    """The schema of a result; None where the source does not say."""
    effect: Effect = "unknown"
    destructive: bool = False
    """Loses something that cannot be had back: deletes, cancels, pays."""
    domain: str
    source: ToolSource
    inferred: tuple[str, ...] = ()
    """What was guessed or repaired, in words: ``effect from the verb 'list'``."""

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the parameters that a call must give."""
        return tuple(self.parameters.get("required", ()))

    @property
    def properties(self) -> dict[str, JsonObject]:
        """Parameter name → its schema."""
        properties: dict[str, JsonObject] = self.parameters.get("properties", {})
        return properties


class Catalog(Record):
    """Everything that was read from the files of one run."""

    tools: tuple[ToolSpec, ...]
    notes: tuple[str, ...] = ()
    """What was repaired or skipped, one line each."""

    @property
    def by_name(self) -> dict[str, ToolSpec]:
        """Wire name → tool."""
        return {tool.wire_name: tool for tool in self.tools}
