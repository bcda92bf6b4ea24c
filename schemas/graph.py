"""The edges of the tool graph, and the chains that are drawn from it."""

from typing import Literal

from pydantic import Field

from schemas.record import Record


class Edge(Record):
    """A value at ``result_path`` of the producer's result can serve as the consumer's parameter."""

    producer: str
    """Wire name."""
    result_path: str
    """``flights[].flight_id``: ``[]`` stands for any element."""
    consumer: str
    parameter: str
    """``flight_id``, or ``item_ids[]`` for the elements of a list."""
    score: float = Field(ge=0, le=1)
    method: str
    evidence: str = ""


class Feed(Record):
    """Which earlier step gives a parameter its value."""

    parameter: str
    step: int = Field(ge=0)
    result_path: str


class ChainStep(Record):
    """One call of a chain: the tool, and the parameters that earlier steps feed."""

    tool: str
    feeds: tuple[Feed, ...] = ()


class ToolChain(Record):
    """A small directed acyclic graph of calls, in an order in which they can run."""

    steps: tuple[ChainStep, ...]
    turns: tuple[tuple[int, ...], ...]
    """Step numbers by user turn: a partition of the steps, in order."""
    policy: Literal["random_walk"] = "random_walk"
    seed: int
