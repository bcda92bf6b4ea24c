"""What is known about a catalogue's world: entities, and what each tool does to them.

The records that inference fills in, and that graph, sampler, sandbox and language read. How they
are inferred is known in `generators.world.infer`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from schemas.acts import Use as Use
from schemas.record import JsonObject
from schemas.semantic import OPAQUE, SemanticType
from schemas.tool import ToolSpec

_INDEX = re.compile(r"\[[^\]]+")

Operation = Literal["get", "list", "create", "update", "delete", "compute"]
"""``list`` covers search; ``update`` covers state transitions such as cancel."""


@dataclass(frozen=True)
class ParameterModel:
    """One leaf of a tool's parameters."""

    path: str
    """``order_id``, ``items[].sku``, ``address.city``: ``[]`` is any element of a list."""
    schema: JsonObject
    """The leaf's own schema."""
    required: bool
    """The leaf and all that it lies in must be given."""
    semantic: SemanticType
    use: Use
    entity: str | None = None
    """For identity and reference: whose row is named."""
    field: str | None = None
    """The row's field that is compared with, or written."""

    @cached_property
    def name(self) -> str:
        """The last name in the path, without brackets: ``sku``."""
        return self.path.replace("[]", "").rsplit(".", 1)[-1]

    @cached_property
    def opaque(self) -> bool:
        """People do not carry such a value in mind."""
        return self.semantic in OPAQUE


@dataclass(frozen=True)
class ToolModel:
    """What a tool does, as far as can be told from its specification."""

    tool: ToolSpec
    operation: Operation
    verb: str
    """``cancel``: base form, lower case."""
    noun: str
    """``order``: singular, lower case, words separated by spaces."""
    entity: str | None
    """Key of the entity in the world; None for a computation."""
    parameters: tuple[ParameterModel, ...]
    returns: JsonObject
    """The result's schema: the source's own, or inferred."""
    returns_inferred: bool
    transition: tuple[str, str] | None = None
    """``("status", "cancelled")``: the field that an update sets by itself, and its value."""
    why: str = ""
    """How the operation was concluded, in words."""

    @cached_property
    def name(self) -> str:
        """Wire name."""
        return self.tool.wire_name

    @cached_property
    def writes(self) -> bool:
        """Changes the state."""
        return self.operation in ("create", "update", "delete")

    def parameter(self, path: str) -> ParameterModel:
        """The leaf at ``path``, with or without element numbers. Raises KeyError."""
        parameter = self._by_path.get(strip_indices(path))
        if parameter is None:
            raise KeyError(f"{self.name} has no parameter {path}")
        return parameter

    @cached_property
    def _by_path(self) -> dict[str, ParameterModel]:
        return {parameter.path: parameter for parameter in reversed(self.parameters)}


@dataclass(frozen=True)
class Field:
    """A column of an entity's rows."""

    name: str
    schema: JsonObject
    semantic: SemanticType
    entity: str | None = None
    """Where the value names a row of another entity."""
    shared: bool = False
    """Searched by: neighbouring rows share its value, so that a search finds several."""


@dataclass(frozen=True)
class Entity:
    """A kind of thing that the tools of one domain deal with."""

    key: str
    """``travel/flight``: unique in the world."""
    noun: str
    """Singular, lower case."""
    domain: str
    identity: tuple[str, ...]
    """The fields that name a row: ``(flight_id,)``, or ``(owner, repo, issue_number)``."""
    fields: Mapping[str, Field]


@dataclass(frozen=True)
class World:
    """All that the sandbox needs to know of a catalogue."""

    models: Mapping[str, ToolModel]
    """By wire name."""
    entities: Mapping[str, Entity]
    """By key."""


def strip_indices(path: str) -> str:
    """``items[3].sku`` → ``items[].sku``."""
    return _INDEX.sub("[", path) if "[" in path else path
