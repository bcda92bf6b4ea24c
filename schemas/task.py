"""A blueprint: what will be done, executed and recorded before a word of it is written."""

from typing import Literal

from schemas.canonical import content_hash
from schemas.graph import ToolChain
from schemas.message import Fault
from schemas.persona import Persona
from schemas.record import JsonObject, Record
from schemas.semantic import SemanticType

Outcome = Literal["complete", "refuse"]
"""How a turn should end: with the work done, or with an honest no."""


class Origin(Record):
    """Where the gold value of one argument leaf comes from."""

    path: str
    kind: Literal["user", "result", "default"]
    call: int | None = None
    """For ``result``: the number of the gold call that gave it."""
    result_path: str | None = None
    """For ``result``: the concrete path, ``flights[0].flight_id``."""


class GoldCall(Record):
    """A call that was executed while the task was made."""

    tool: str
    arguments: JsonObject
    origins: tuple[Origin, ...]
    result: str
    """JSON text, as the sandbox returned it."""
    group: int = 0
    """Calls of one turn with the same group are independent and may be made at once."""
    fault: Fault | None = None
    """Injected at the first attempt; the recorded result is that of the attempt that succeeds."""


class Fact(Record):
    """A value that the user knows."""

    call: int
    """Number of the gold call, counted over the whole task."""
    path: str
    """The argument leaf that it fills."""
    value: str | int | float | bool
    semantic: SemanticType


class Revision(Record):
    """The user first says something else, and corrects it before anything is done."""

    call: int
    path: str
    first: str | int | float | bool


class TaskTurn(Record):
    """One thing that the user wants."""

    intent: str
    """In words, for a model that plays the user."""
    calls: tuple[GoldCall, ...] = ()
    withheld: tuple[str, ...] = ()
    """``call:path`` of facts that the user says only when asked."""
    unknown: tuple[str, ...] = ()
    """Labels of things that the user is asked for and does not know: ``order number``."""
    revision: Revision | None = None
    vague: bool = False
    confirm: bool = False
    """The assistant must ask before the writes of this turn."""
    outcome: Outcome = "complete"


class SamplerNote(Record):
    """How the chain was drawn."""

    policy: str
    seed: int


class Task(Record):
    """Everything that is decided before the dialogue."""

    domain: str
    tools: tuple[str, ...]
    """Wire names offered to the assistant, in the order in which they are offered."""
    persona: Persona
    policy: str
    """The assistant's instructions, the text of the system message."""
    clock: str
    """Now, ISO 8601 with offset."""
    environment_seed: int
    turns: tuple[TaskTurn, ...]
    known: tuple[Fact, ...] = ()
    chain: ToolChain
    operators: tuple[str, ...] = ()
    """Difficulty operators that were applied: ``parallel``, ``fault`` …"""
    sampler: SamplerNote
    initial_state: str
    """Hash of the environment's state before the first call."""
    final_state: str
    """Hash after the last gold call."""

    @property
    def id(self) -> str:
        """Content hash: equal tasks have equal ids."""
        return content_hash(self.model_dump(mode="json"))

    @property
    def calls(self) -> tuple[GoldCall, ...]:
        """All gold calls in order."""
        return tuple(call for turn in self.turns for call in turn.calls)
