"""The canonical record: one conversation with everything that is known about it."""

from typing import Annotated, Any, Literal

from pydantic import (
    SerializationInfo,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    model_serializer,
    model_validator,
)

from schemas.brief import Manner
from schemas.canonical import content_hash
from schemas.definitions import Definitions, KeptOnce
from schemas.message import Message
from schemas.reasons import find_causes
from schemas.record import JsonObject, Record
from schemas.short_form import Passage, complete, shorten
from schemas.slip import Slip
from schemas.task import Task
from schemas.tool import ToolSpec
from schemas.turned_down import GivenUp, TurnedDown
from schemas.verdict import TurnLabel, Verdict
from schemas.writing import Reworded, Written

SCHEMA_VERSION: Literal[1] = 1
ROLE_PLAY = "role_play"
"""The check that says for what a role could not go on: behind it, everything follows."""


class Roles(Record):
    """Who played whom: ``scripted`` or the name of a model."""

    user: str = "scripted"
    assistant: str = "scripted"
    tools: str = "sandbox"
    judge: str = "none"
    prompts: str = ""
    """Hash of the prompt templates, where a model played."""
    writer: str | None = None
    """The model that put a scripted dialogue, or a task's wishes, into other words."""
    reviewer: str | None = None
    """The model that had to come to a task's end by its wishes alone, where one wrote them."""


class Trajectory(Record):
    """Unsplit, with verdicts and a label for each assistant message."""

    schema_version: Literal[1] = SCHEMA_VERSION
    index: int
    """Number of the candidate in its run."""
    seed: int
    roles: Roles
    task: Task
    tools: tuple[Annotated[ToolSpec, KeptOnce()], ...]
    """The tools that the assistant was offered, in that order."""
    messages: tuple[Message, ...]
    final_state: str
    """Hash of the environment's state after the last message."""
    verdicts: tuple[Verdict, ...] = ()
    labels: tuple[TurnLabel, ...] = ()
    rewriting: tuple[Reworded, ...] = ()
    """What became of each message that was to have other words than the script's."""
    manner: Manner | None = None
    """How a modelled user was to be hard to serve; not written where they were not, as what
    follows."""
    slips: tuple[Slip, ...] = ()
    """Mistakes that code has put in, with their truth."""
    turned_down: tuple[TurnedDown, ...] = ()
    """Moves of a modelled assistant in whose place others stand."""
    given_up: tuple[GivenUp, ...] = ()
    """Dialogues of the same task that failed before this one was played, the first one first."""
    writing: Written | None = None
    """What became of the task's own words, where a model was to write them."""

    @model_serializer(mode="wrap")
    def _shorten(self, whole: SerializerFunctionWrapHandler, info: SerializationInfo) -> JsonObject:
        """With definitions as context, the short form."""
        made: JsonObject = whole(self)
        for seldom in ("manner", "slips", "turned_down", "given_up"):
            if not made.get(seldom):
                made.pop(seldom, None)
        known: Definitions | None = info.context
        return made if known is None else shorten(made, self.tools, known)

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, told: Any, info: ValidationInfo) -> Any:
        """Both forms are read."""
        known: Definitions | None = info.context
        if known is None:
            return told
        return complete(
            told,
            lambda key: known.find(Passage, key).text,
            lambda keys: [known.find(ToolSpec, key).wire_name for key in keys],
        )

    @property
    def id(self) -> str:
        """Stable under re-running: hash of task, seed, roles, prompts, and mistakes put in."""
        roles = self.roles.model_dump(mode="json", exclude_none=True)
        slips = [slip.model_dump(mode="json") for slip in self.slips]
        return content_hash([self.task.id, self.seed, roles, *slips])

    @property
    def wrong_moves(self) -> tuple[TurnedDown, ...]:
        """Each wrong move in whose place a message stands: of this dialogue, and of those before.

        With what stands before that message, and with the message, each is a recovery.
        """
        found = [*self.turned_down]
        for number, one in enumerate(self.given_up):
            kept = all(later.shared >= one.shared for later in self.given_up[number + 1 :])
            wrong = one.wrong_move if kept else None
            if wrong is not None and wrong.reasons:
                found.append(wrong)
        return tuple(one for one in found if one.message < len(self.messages))

    @property
    def accepted(self) -> bool:
        """At least one verdict, each good or ``recoverable``, and something to learn from.

        What is recoverable masks its message and no more: it has to name one.
        """
        passes = all(
            verdict.label == "good"
            or (
                verdict.label == "recoverable"
                and bool(verdict.reasons)
                and all(reason.message is not None for reason in verdict.reasons)
            )
            for verdict in self.verdicts
        )
        masked = bool(self.labels) and not any(label.train for label in self.labels)
        return bool(self.verdicts) and passes and not masked

    @property
    def reasons(self) -> tuple[str, ...]:
        """Distinct reason codes of all verdicts: causes, then what follows from them."""
        codes = (reason.code for verdict in self.verdicts for reason in verdict.reasons)
        return tuple(dict.fromkeys((*self.causes, *codes)))

    @property
    def causes(self) -> tuple[str, ...]:
        """Of the reason codes those that the others follow from."""
        ended = [one for one in self.verdicts if one.check == ROLE_PLAY]
        told = ended or self.verdicts
        return find_causes(reason.code for one in told for reason in one.reasons)
