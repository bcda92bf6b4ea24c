"""The canonical record: one conversation with everything that is known about it.

What was said or called and does not stand is kept beside what stands in its place: moves that were
turned down, dialogues given up. With what stands there instead, each is the raw material of
recovery: the same beginning, a wrong move, why it is wrong, and the right one.
"""

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
from schemas.message import AssistantMessage, Call, Message, ToolMessage
from schemas.reasons import find_causes
from schemas.record import JsonObject, Record
from schemas.short_form import Passage, complete, shorten
from schemas.task import Task
from schemas.tool import ToolSpec
from schemas.verdict import Reason, TurnLabel, Verdict
from schemas.writing import Reworded, Written


class TurnedDown(Record):
    """A move of the assistant that a check turned down, most often before it was made."""

    message: int
    """Number of the message that stands in its place; the last one's and one more where the
    dialogue ended over it."""
    text: str = ""
    reasoning: str | None = None
    calls: tuple[Call, ...] = ()
    reasons: tuple[Reason, ...]
    answers: tuple[ToolMessage, ...] = ()
    """What its calls were answered, where they were made: in a dialogue that was given up."""


class GivenUp(Record):
    """A dialogue of the same task that failed, and was played again."""

    seed: int
    shared: int
    """It begins with so many messages of the one that was played after it …"""
    messages: tuple[Message, ...]
    """… and goes on with these: first the wrong one, then what came of it."""
    verdicts: tuple[Verdict, ...]
    labels: tuple[TurnLabel, ...] = ()
    turned_down: tuple[TurnedDown, ...] = ()

    @property
    def wrong_move(self) -> TurnedDown | None:
        """The assistant's message by which it parts from the next one, if it is the assistant's."""
        first = self.messages[0] if self.messages else None
        if not isinstance(first, AssistantMessage):
            return None
        reasons = (one for verdict in self.verdicts if verdict.label == "bad"
                   for one in verdict.reasons)  # fmt: skip
        called = {call.id for call in first.calls}
        answers = (one for one in self.messages if isinstance(one, ToolMessage))
        return TurnedDown(
            message=self.shared, text=first.text, reasoning=first.reasoning, calls=first.calls,
            reasons=tuple(one for one in reasons if one.message is not None
                          and self.shared <= one.message <= self.shared + len(called)),
            answers=tuple(one for one in answers if one.call_id in called),
        )  # fmt: skip


class Slip(Record):
    """Where a mistake stands, and whether the conversation goes on to put it right."""

    message: int
    """Index of the assistant message at fault."""
    kind: str
    """One of `generators.errors.KINDS`, by its name."""
    code: str | None
    """The reason code that a check should give; None where only a judge can decide."""
    of: str
    """Id of the clean trajectory that it was put into."""
    repaired: bool
    """The assistant notices and puts it right: what checks say of this message masks it, and no
    more. Otherwise the conversation is a violating twin, and must be rejected."""


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
