"""Puts a proven scripted conversation into other words: calls, results and who tells what stay.

One request asks for all words; each message is accepted alone. What is not is asked for once more,
with the reason, and keeps its scripted words after that. The checks look at the whole as at any
other conversation: words that one of them objects to are taken back.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.prompts import SHIPPED, Prompts
from generators.dialogue.provenance import hear_value
from generators.rewriting.accept_words import Acceptance, Fault
from generators.rewriting.prompt import (
    Words,
    first_request,
    read_words,
    refusal,
    second_request,
    wants,
)
from schemas.chat import ChatModel, ChatReply, ask_again
from schemas.errors import RefusedRequestError
from schemas.formats import asked_of
from schemas.leaves import value_at
from schemas.message import (
    ArgumentSource,
    AssistantMessage,
    Call,
    FromUser,
    Message,
    UserMessage,
)
from schemas.trajectory import Trajectory
from schemas.writing import Reworded

Examine = Callable[[Trajectory], Trajectory]
"""The checks: the trajectory with their verdicts."""


async def rewrite(
    scripted: Trajectory,
    model: ChatModel,
    examine: Examine,
    seed: int,
    prompts: Prompts = SHIPPED,
) -> Trajectory:
    """The conversation in other words, with its verdicts: accepted, as ``scripted`` must be.

    Raises ProviderError.
    """
    draft = _Draft(Acceptance(scripted), examine)
    request = first_request(draft.accepts, seed, prompts)
    try:
        reply = await model.complete(request)
        draft.take(reply, draft.open)
        if draft.open:
            if draft.is_readable:
                told = [refusal(draft.accepts, n, draft.faults[n]) for n in draft.open]
                request = second_request(request, reply.text, told, prompts)
            else:
                request = ask_again(request, reply, 1)
            draft.take(await model.complete(request), draft.open)
    except RefusedRequestError:
        for number in draft.open:
            draft.refuse(number, [Fault("not_served", "")])
    return draft.finish()


@dataclass
class _Draft:
    """The words that were accepted so far, and what was wrong with the others."""

    accepts: Acceptance
    examine: Examine
    words: dict[int, str] = field(default_factory=dict)
    thoughts: dict[int, str] = field(default_factory=dict)
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    refused: dict[int, list[str]] = field(default_factory=dict)
    asked: dict[int, int] = field(default_factory=dict)
    is_readable: bool = True
    """Whether the last reply had words at all."""

    def __post_init__(self) -> None:
        self.found = self.scripted
        """With the words that were accepted so far, as the checks saw it."""

    @property
    def scripted(self) -> Trajectory:
        return self.accepts.scripted

    @property
    def open(self) -> list[int]:
        """Messages that have no other words yet."""
        spoken = (one.index for one in self.scripted.messages if "say" in wants(self.scripted, one))
        return [number for number in spoken if number not in self.words]

    def take(self, reply: ChatReply, numbers: Sequence[int]) -> None:
        """Accept of a reply what can be, message by message, and then as the checks see it."""
        given: Mapping[int, Words] = {}
        self.is_readable = False
        try:
            given = {} if reply.is_cut_off else read_words(reply.text)
            self.is_readable = bool(given)
        except ValueError:
            pass
        for number in numbers:
            self.asked[number] = self.asked.get(number, 0) + 1
            self._take_message(number, given.get(number, Words()).say)
        for number, one in given.items():
            known = 0 < number < len(self.scripted.messages)
            message = self.scripted.messages[number] if known else None
            if not (one.think and isinstance(message, AssistantMessage)):
                continue
            if "think" in wants(self.scripted, message):
                if self.accepts.is_founded(one.think, message):
                    self.thoughts[number] = one.think
                elif number not in self.thoughts:
                    self.refused.setdefault(number, []).append("thought_unfounded")
        self._check()

    def _take_message(self, number: int, text: str | None) -> None:
        message = self.scripted.messages[number]
        assert isinstance(message, UserMessage | AssistantMessage)
        if text is None:
            self.refuse(number, [Fault("no_words", "there are no words for it")])
            return
        text = text.replace("\r\n", "\n")
        faults = self.accepts.find_faults(message, text)
        if not faults and isinstance(message, UserMessage):
            faults = [*self._find_unreadable(message, text)]
        if faults:
            self.refuse(number, faults)
        else:
            self.words[number] = text

    def refuse(self, number: int, faults: Sequence[Fault]) -> None:
        """Take words back, and note why."""
        self.words.pop(number, None)
        self.faults[number] = list(faults)
        if faults:
            self.refused.setdefault(number, []).append(faults[0].code)

    def _find_unreadable(self, message: UserMessage, text: str) -> Iterable[Fault]:
        """Values of calls that could not be read out of the new words."""
        made = (one for one in self.scripted.messages if isinstance(one, AssistantMessage))
        for call in (call for one in made for call in one.calls):
            for one in call.provenance:
                told = one.source if isinstance(one.source, FromUser) else None
                if told and told.message == message.index and not self._hear(call, one, text):
                    said = f"say “{told.span}” so that it can be read as that"
                    yield Fault("value_unreadable", said)

    def _hear(self, call: Call, source: ArgumentSource, text: str) -> FromUser | None:
        """Where the new words say what the old ones said."""
        assert isinstance(source.source, FromUser)
        value: Any = value_at(call.arguments, source.path)
        tool = next((t for t in self.scripted.tools if t.wire_name == call.name), None)
        forms = asked_of(tool, source.path) if tool else ()
        clock = datetime.fromisoformat(self.scripted.task.clock)
        if (heard := hear_value(text, value, clock, forms)) is None:
            span = source.source.span
            return source.source if isinstance(value, bool) and span in text else None
        return FromUser(message=source.source.message, span=heard[0], rule=heard[1])

    def _check(self) -> None:
        """Take back words to which a check objects, until none does."""
        while self.words or self.thoughts:
            found = self.examine(self._written())
            if found.accepted:
                self.found = found
                return
            reasons = [one for verdict in found.verdicts if verdict.label != "good"
                       for one in verdict.reasons]  # fmt: skip
            # Message in other words → what the checks hold against it, or against its turn.
            blamed: dict[int, list[Fault]] = {}
            messages = self.scripted.messages
            for one in reasons:
                known = one.message is not None and one.message < len(messages)
                at = one.message if known else None
                turn = None if at is None else messages[at].turn
                own = [at] if at in self.words else []
                near = [n for n in self.words if turn is None or messages[n].turn == turn]
                for number in own or near or self.words:
                    blamed.setdefault(number, []).append(Fault(one.code, one.explanation))
            if not blamed:
                self.words.clear()
                self.thoughts.clear()
            for number, faults in blamed.items():
                self.refuse(number, faults)
        self.found = self.scripted

    def _written(self) -> Trajectory:
        """The conversation with the words that were accepted, and where values are said in them."""
        messages: list[Message] = []
        for message in self.scripted.messages:
            update: dict[str, Any] = {}
            if message.index in self.words:
                update["text"] = self.words[message.index]
            if message.index in self.thoughts:
                update["reasoning"] = self.thoughts[message.index]
            if isinstance(message, AssistantMessage) and message.calls:
                update["calls"] = tuple(map(self._with_sources, message.calls))
            messages.append(message.model_copy(update=update) if update else message)
        return self.scripted.model_copy(update={"messages": tuple(messages)})

    def _with_sources(self, call: Call) -> Call:
        found = []
        for one in call.provenance:
            if isinstance(one.source, FromUser) and (text := self.words.get(one.source.message)):
                heard = self._hear(call, one, text)
                one = one.model_copy(update={"source": heard or one.source})
            found.append(one)
        return call.model_copy(update={"provenance": tuple(found)})

    def finish(self) -> Trajectory:
        """The conversation as it is kept, and what became of each message."""
        noted = []
        for message in self.scripted.messages:
            if "say" in wants(self.scripted, message) or message.index in self.refused:
                assert isinstance(message, UserMessage | AssistantMessage)
                kept = message.index not in self.words
                noted.append(
                    Reworded(
                        message=message.index,
                        kept=kept and bool(message.text),
                        asked=max(1, self.asked.get(message.index, 1)),
                        refused=tuple(self.refused.get(message.index, ())),
                        scripted="" if kept else message.text,
                    )
                )
        return self.found.model_copy(update={"rewriting": tuple(noted)})
