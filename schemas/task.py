"""A blueprint: what will be done, executed and recorded before a word of it is written.

How it is decided whether a task was done is data too, so that any program can decide it alike: the
final state, each turn's outcome, and `Acceptance`. Reads that nobody asked for never count against
a trajectory.
"""

import json
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from schemas.brief import Brief
from schemas.canonical import canonical_json, content_hash
from schemas.definitions import KeptOnce
from schemas.demand import Demand
from schemas.graph import ToolChain
from schemas.message import Fault
from schemas.policy import PolicyRule
from schemas.record import CallNumber, JsonObject, Record, TurnNumber
from schemas.semantic import SemanticType
from schemas.tool import ToolSpec
from schemas.twists import Twist

Style = Literal["terse", "chatty", "formal", "impatient", "unsure"]


class Persona(Record):
    """A name and a way of talking."""

    name: str
    style: Style
    about: str = ""
    """Why they write now, as the brief says; empty where nobody says."""


Outcome = Literal[
    "complete",  # the work is done
    "refuse",  # an honest no: no tool serves, or a rule forbids it
    "transfer",  # handed over to a person
    "clarify",  # a question that the user cannot answer: nothing is done
    "fail",  # the service fails for good, and the user is told so
]
"""How a turn should end."""
DECLINED: tuple[Outcome, ...] = ("refuse", "transfer")


class Origin(Record):
    """Where the gold value of one argument leaf comes from."""

    path: str
    kind: Literal["user", "result", "default"]
    call: CallNumber | None = None
    """For ``result``: the number of the gold call that gave it."""
    result_path: str | None = None
    """For ``result``: the concrete path, ``flights[0].flight_id``."""
    rule: str = ""
    """The named rule by which the value was chosen or derived; empty where it is taken as it is."""


@lru_cache(maxsize=1024)  # each move of a conversation asks of its gold calls
def _is_error(result: str) -> bool:
    told = json.loads(result)
    return isinstance(told, dict) and told.keys() == {"error"}


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
    """Injected at the first attempt, or at each one; ``result`` is that of a call without it."""
    barred: bool = False
    """Asked for and not to be made: a rule forbids it, or what it needs is not known. ``result`` is
    what it would return."""
    at: str = ""
    """When it is made, ISO 8601 with offset; empty where the service's clock stands still."""

    looks: bool = False
    """A read that nobody asks for: a later write of its turn hangs on what it shows. What it is
    told, the user says for that write."""

    repeatable: bool = False
    """Whether twice is as good as once: a read, or a named row deleted or set to values."""

    composed: bool = False
    """Whether its texts are the assistant's own words, as of a hand-over: any others do as well."""

    def settle(self, arguments: JsonObject) -> JsonObject:
        """Arguments of such a call as the gold call has them, but for what is more than words."""
        if not self.composed:
            return arguments
        own = self.arguments
        return {
            name: own[name]
            if isinstance(value, str) and value.strip() and isinstance(own.get(name), str)
            else value
            for name, value in arguments.items()
        }

    def is_made_by(self, name: str, arguments: JsonObject, tool: ToolSpec | None) -> bool:
        """Whether it is this call: in any words where they count for none, defaults told or not.

        ``tool``: what is called, where it is known.
        """
        if name != self.tool:
            return False
        made, own = self.settle(arguments), self.arguments
        if tool is not None:
            made, own = tool.fill(made), tool.fill(own)
        return canonical_json(made) == canonical_json(own)

    @property
    def lost(self) -> bool:
        """Whether the service fails the call each time it is made."""
        return self.fault is not None and not self.fault.transient

    @property
    def skipped(self) -> bool:
        """Whether the call leaves nothing behind: it never succeeds, or is not made at all."""
        return self.barred or self.lost

    @property
    def is_error(self) -> bool:
        """Whether the answer on record is itself an error: the truthful one to a vain question."""
        return _is_error(self.result)


class Fact(Record):
    """A value that the user knows."""

    call: CallNumber
    """Number of the gold call, counted over the whole task."""
    path: str
    """The argument leaf that it fills."""
    value: str | int | float | bool
    semantic: SemanticType


class Plant(Record):
    """A text that is put into a row before the first call."""

    table: str
    key: str
    """The row's identity within its table, as text: as in `schemas.environment.Change`."""
    field: str
    value: str


class FormatInstruction(Record):
    """The description of a parameter asks for a format of its value."""

    tool: str
    parameter: str
    """Its name, at the top of the tool's parameters."""
    rule: str
    """One of `schemas.formats.FORMATS`."""


class ToolDemand(Record):
    """What the description of an offered tool demands of its calls."""

    tool: str
    """Wire name."""
    demand: Demand


class TaskTurn(Record):
    """One thing that the user wants."""

    intent: str
    """In short, with the values: for whoever looks through tasks; the brief says it to the user."""
    calls: tuple[GoldCall, ...] = ()
    confirm: bool = False
    """The assistant must ask before the writes of this turn."""
    outcome: Outcome = "complete"
    reason: str = ""
    """Why it ends as it does, where that is not ``complete``: the rule, in the policy's words."""
    elapsed: int = Field(default=0, ge=0)
    """Seconds that pass before the user speaks, beside the usual ones."""
    twists: tuple[Twist, ...] = ()
    """What difficulty operators have made of it."""


class Assertion(Record):
    """What must hold of one row in the end."""

    table: str
    key: str
    """As in `schemas.environment.Change`."""
    row: JsonObject | None
    """Fields and the values that they must have; None where the row must be gone."""


class MustSay(Record):
    """A value that the assistant must tell the user."""

    turn: TurnNumber
    call: CallNumber
    """Number of the gold call whose result holds it."""
    path: str
    """Concrete path in that result."""
    value: str | int | float | bool


class CallPattern(Record):
    """A call, by its tool and some of its arguments."""

    tool: str
    """Wire name."""
    turn: TurnNumber | None = None
    """The turn of the task in which it counts; None is any."""
    arguments: JsonObject = Field(default_factory=dict)
    """Path of an argument leaf → its value; leaves that are not named do not matter."""


class Acceptance(Record):
    """What a trajectory must fulfil beside the final state."""

    assertions: tuple[Assertion, ...] = ()
    must_say: tuple[MustSay, ...] = ()
    must_call: tuple[CallPattern, ...] = ()
    """Each must have succeeded, or have been answered as the gold call was."""
    must_not_call: tuple[CallPattern, ...] = ()


class Person(Record):
    """Who writes, as the service knows them: a row of the initial state."""

    entity: str
    """Its noun."""
    key: str
    """The row's identity, as text: as in `schemas.environment.Change`."""
    name: str
    """Their full name; empty where the row bears none."""


class SamplerNote(Record):
    """How the chain was drawn."""

    policy: str
    seed: int


class Task(Record):
    """Everything that is decided before the dialogue."""

    domain: str
    person: Person | None = None
    """None where no row of the world is the one who writes."""
    tools: tuple[str, ...]
    """Wire names offered to the assistant, in the order in which they are offered."""
    persona: Persona
    brief: Brief = Brief()
    """All that whoever plays the user is given."""
    policy: str
    """The assistant's instructions, the text of the system message."""
    clock: str
    """Now, ISO 8601 with offset."""
    environment_seed: int
    turns: tuple[TaskTurn, ...]
    said: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """Choice of an offered tool's parameter → what people say instead, by the world model."""
    rules: tuple[PolicyRule, ...] = ()
    """What the policy allows and forbids, as far as code can decide it."""
    demands: tuple[Annotated[ToolDemand, KeptOnce()], ...] = ()
    """What the offered tools' descriptions demand of calls, as far as code can decide it."""
    formats: tuple[FormatInstruction, ...] = ()
    """What the offered tools say of how values are to be written, beside their own words."""
    known: tuple[Fact, ...] = ()
    chain: ToolChain
    operators: tuple[str, ...] = ()
    """Difficulty operators that were applied: ``parallel``, ``fault`` …"""
    stiff: tuple[str, ...] = ()
    """What no person would put so, by the codes of `schemas.reasons.STIFF`: right, but the tools
    allow no task in better words. Mostly empty."""
    sampler: SamplerNote
    plants: tuple[Plant, ...] = ()
    """What stands in the initial state beside what the seed puts there."""
    initial_state: str
    """Hash of the environment's state before the first call."""
    final_state: str
    """Hash after the last gold call."""
    acceptance: Acceptance = Acceptance()
    """What else a trajectory must fulfil, beside the final state and each turn's outcome."""

    @cached_property
    def id(self) -> str:
        """Content hash: equal tasks have equal ids."""
        return content_hash(self.model_dump(mode="json"))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """The task with other fields, and an id of its own."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("id", None)
        return copied

    def asks_again(self, number: int) -> bool:
        """Whether a turn, hours later, is one call that was made before."""
        turn = self.turns[number]
        earlier = [call for one in self.turns[:number] for call in one.calls]
        return (
            len(turn.calls) == 1
            and turn.elapsed > 0
            and any(
                one.tool == turn.calls[0].tool and one.arguments == turn.calls[0].arguments
                for one in earlier
            )
        )

    @property
    def calls(self) -> tuple[GoldCall, ...]:
        """All gold calls in order."""
        return tuple(call for turn in self.turns for call in turn.calls)
