"""What an export is: how a conversation becomes rows, and what the target cannot hold."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.exports.chat import Chat, Said
from pipeline.exports.shape import Shape
from pipeline.run.data_lines import Line
from schemas.record import JsonObject

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
