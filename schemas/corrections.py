"""What people, or a model, say otherwise of a catalogue than was inferred.

Read from a YAML file beside the catalogue (`generators.importers.corrections`), applied in
`generators.world.correcting`, kept with the catalogue, so that a replay applies them again.
Names in them are checked where they are read and applied; here are only their types.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from schemas.acts import Act, Use
from schemas.record import Record
from schemas.semantic import SemanticType

Noun = Annotated[str, StringConstraints(pattern=r"^[^\W_A-Z]+( [^\W_A-Z]+)*$")]
"""Singular, lower case, words separated by spaces: ``order item``."""


def _nothing_is_empty(value: Any) -> Any:
    """A key under which everything is a comment says nothing."""
    return {} if value is None else value


_Empty = BeforeValidator(_nothing_is_empty)
Author = Literal["user", "model"]


class ParameterCorrection(Record):
    """What one parameter is for. What is not given stays as it was inferred."""

    use: Use | None = None
    entity: Noun | None = None
    """Whose row it names."""
    field: str | None = Field(default=None, min_length=1)
    """The row's field that it is compared with, or written to."""
    semantic: SemanticType | None = None


class ToolCorrection(Record):
    """What one tool does. What is not given stays as it was inferred."""

    operation: Act | None = None
    entity: Noun | None = None
    """The noun of the rows that it is about."""
    transition: Mapping[str, str] | None = Field(default=None, min_length=1, max_length=1)
    """The field that it sets by itself, and its value: ``{status: cancelled}``."""
    parameters: Annotated[Mapping[str, ParameterCorrection], _Empty] = Field(default_factory=dict)
    """By path: ``order_id``, ``items[].sku``."""
    exclude: bool = False
    """Leave the tool out of the catalogue."""


class FieldCorrection(Record):
    """What one field of an entity holds. What is not given stays as it was inferred."""

    semantic: SemanticType | None = None
    entity: Noun | None = None
    """The entity whose row the value names."""
    choices: tuple[str | int | float | bool, ...] | None = Field(default=None, min_length=1)
    """The only values."""
    min: float | None = None
    max: float | None = None
    """The least and the greatest number, both included."""

    @model_validator(mode="after")
    def _in_order(self) -> "FieldCorrection":
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min must not be above max")
        return self


class EntityCorrection(Record):
    """What one entity is. What is not given stays as it was inferred."""

    identity: tuple[str, ...] | None = Field(default=None, min_length=1)
    """The fields that name a row."""
    fields: Annotated[Mapping[str, FieldCorrection], _Empty] = Field(default_factory=dict)


class Corrections(Record):
    """All that one file, or one model, says otherwise."""

    tools: Annotated[Mapping[str, ToolCorrection], _Empty] = Field(default_factory=dict)
    """By wire name; in a file also by the name that the source has."""
    entities: Annotated[Mapping[str, EntityCorrection], _Empty] = Field(default_factory=dict)
    """By noun, or by domain and noun: ``order``, ``shop/order``."""


class CorrectionSet(Record):
    """Corrections as they are kept with a catalogue: whose they are, and of which tools."""

    file: str
    """The file's name as errors tell it, or the model's name."""
    author: Author = "user"
    domains: tuple[str, ...]
    """The domains whose entities are meant."""
    corrections: Corrections

    def of_entity(self, noun: str, domain: str) -> Iterator[EntityCorrection]:
        """What is said of an entity: by its noun, then by domain and noun."""
        for name in (noun, f"{domain}/{noun}"):
            if domain in self.domains and name in self.corrections.entities:
                yield self.corrections.entities[name]

    @property
    def deciding(self) -> dict[str, Any]:
        """What of it decides the data: all but the file's name."""
        return self.model_dump(mode="json", exclude={"file"}, exclude_defaults=True)
