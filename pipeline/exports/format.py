"""What an export is: how a conversation becomes rows, and what the target cannot hold.

What is chosen at export are records, which the command line shows as options.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field, field_validator

from pipeline.exports.chat import Chat, Said
from pipeline.run.data_lines import Line
from schemas.masks import read_rule
from schemas.record import JsonObject, Record

Masked = Literal["refuse", "cut"]
Batches = Literal["keep", "split", "refuse"]
Beside = Literal["keep", "drop", "refuse"]


class Shape(Record):
    """What is chosen at export; the options of `export` are made of it (`pipeline.cli.app`)."""

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


Feature = Literal["reasoning", "masks"]
"""What conversations have and not every target."""
FEATURES: tuple[tuple[Feature, Callable[[Said], bool]], ...] = (
    ("reasoning", lambda said: said.reasoning != ""),
    ("masks", lambda said: said.role == "assistant" and not said.train),
)


OF_TASKS = frozenset({"mask_names", "irrelevant"})
"""Choices that make of a conversation what its record knows nothing of."""
ALL_CHOICES = frozenset(Shape.model_fields)
"""For rows that hold no message, or the record as it is."""


def _find_nothing(_: JsonObject) -> list[str]:
    return []


@dataclass(frozen=True)
class Format:
    """Rows of one target; a conversation gives none, one or several."""

    name: str
    """As ``--to`` takes it."""
    rows: Callable[[Chat], Iterable[JsonObject]]
    problems: Callable[[JsonObject], list[str]] = _find_nothing
    """What the target would refuse or misread of a row; nothing for a good one."""
    carries: frozenset[Feature] = frozenset()
    trains_on_all: bool = False
    """Every assistant's message is trained on: a conversation with one that must not be is refused,
    or cut before it."""
    one_call: bool = False
    """Takes a message with one call only: batches are split."""
    read: Callable[[Path], Iterator[Chat]] | None = None
    """Where its conversations come from if not from the accepted ones."""
    of_line: Callable[[Line], Iterable[JsonObject]] | None = None
    """Its rows straight from the line of a record, where no message needs to be read."""
    judged: bool = True
    """Whether the rules that hold for every chat are applied; not where rows are the records."""
    no_place_for: frozenset[str] = frozenset()
    """Choices of `Shape` that its rows could not show: they are refused."""
    columns: str = ""
    """Of Parquet, name and type of each column as DuckDB has them, between semicolons; empty: JSON
    lines."""

    @property
    def suffix(self) -> str:
        """How its files' names end."""
        return "parquet" if self.columns else "jsonl"
