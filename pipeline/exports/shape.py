"""What is chosen at export, as records and on the command line."""

from typing import Literal, get_args

from pydantic import ConfigDict, Field, field_validator

from schemas.masks import read_rule
from schemas.record import Record

Masked = Literal["refuse", "cut"]
Batches = Literal["keep", "split", "refuse"]
Beside = Literal["keep", "drop", "refuse"]


class Shape(Record):
    """What is chosen at export; the options of `export` are made of it (`pipeline.cli.app`)."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    batches: Batches | None = None
    """Several calls in one message: as they are, one after the other with its result, or no row.
    (default: as the format needs it)"""
    beside: Beside = "keep"
    """Text in a message that calls."""
    masked: Masked = "refuse"
    """Conversations with a masked message, where the trainer trains on every one: no row, or what
    stands before it."""
    train: tuple[str, ...] = ()
    """Learn only from what a rule keeps: recovery, first:N, final, calls. Repeatable."""
    reasoning: bool = True
    """With the reasoning of models. (default: with)"""
    times: bool = False
    """Time stamps before what users say and tools answer."""
    mask_names: float = Field(default=0.0, ge=0, le=1)
    """Such a share with tools' names that tell nothing."""
    distractors: int = Field(default=0, ge=0)
    """N more tools on offer, of other domains."""
    irrelevant: float = Field(default=0.0, ge=0, le=1)
    """For such a share a row more in which no tool serves."""

    @field_validator("train")
    @classmethod
    def _known(cls, rules: tuple[str, ...]) -> tuple[str, ...]:
        for written in rules:
            read_rule(written)
        return rules


def tell_choices(kind: object) -> list[str]:
    """The words that a field of `Shape` may be; none where it is no choice between words."""
    inner = get_args(kind)
    return [kind] if isinstance(kind, str) else [w for one in inner for w in tell_choices(one)]


def tell_option(name: str) -> str:
    """How a choice of `Shape` is written on the command line."""
    told = {"beside": "text-beside-calls", "reasoning": "no-reasoning"}
    return f"--{told.get(name, name.replace('_', '-'))}"
