"""The edges of the tool graph, and the chains that are drawn from it."""

from typing import Literal

from pydantic import Field

from schemas.record import Record


class Judgement(Record):
    """What a model thinks of a candidate edge."""

    score: int = Field(ge=0, le=9)
    reason: str
    model: str


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
    judgement: Judgement | None = None
    """None where no model was asked."""
    consumed: bool | None = None
    """Whether a call with the produced value ran; None where that was not tried."""


class Feed(Record):
    """Which earlier step gives a parameter its value."""

    parameter: str
    step: int = Field(ge=0)
    result_path: str


class ChainStep(Record):
    """One call of a chain: the tool, and the parameters that earlier steps feed."""

    tool: str
    feeds: tuple[Feed, ...] = ()


class Gap(Record):
    """A request that cannot be met as it is made: something is missing.

    After Magnet (arXiv 2503.07826): turns are split so that a parameter or a function is missing.
    """

    kind: Literal["missing_parameter", "missing_function", "chat"]
    turn: int = Field(ge=0)
    """The turn that it comes before; ``len(turns)`` stands for the end."""
    step: int | None = None
    """For a missing parameter: the step that waits for it."""
    parameter: str | None = None
    tool: str | None = None
    """For a missing function: the tool that is asked for and not offered."""


class ToolChain(Record):
    """A small directed acyclic graph of calls, in an order in which they can run."""

    steps: tuple[ChainStep, ...]
    turns: tuple[tuple[int, ...], ...]
    """Step numbers by user turn: a partition of the steps, in order."""
    gaps: tuple[Gap, ...] = ()
    implicit: tuple[int, ...] = ()
    """Steps that the user never speaks of: the assistant has to see that they are needed."""
    policy: str = "random_walk"
    """The sampler that drew it."""
    operators: tuple[str, ...] = ()
    """What was done to it afterwards."""
    goals: tuple[str, ...] = ()
    """The goal that each turn serves, by its id in the world model; empty: no goals were drawn."""
    seed: int
