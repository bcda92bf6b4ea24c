"""The beats of a scripted dialogue, where each value was said, and the roles that say them."""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile

from generators.dialogue.roles import Move, PlannedCall, Utterance
from generators.language.phrase import Mention
from generators.language.scene import Scene
from schemas.canonical import copied
from schemas.message import (
    ArgumentSource,
    AssistantAct,
    AssistantMessage,
    FromDefault,
    FromResult,
    FromUser,
    Message,
    ToolMessage,
    UserAct,
    UserMessage,
)
from schemas.task import Origin, Task


@dataclass(frozen=True)
class UserBeat:
    """Something that the user says."""

    turn: int
    act: UserAct
    text: str
    mentions: tuple[Mention, ...] = ()
    speaker: str = ""
    """Who says it, where several people are in the chat."""


@dataclass(frozen=True)
class AssistantBeat:
    """Something that the assistant says or does. ``calls`` are numbers of gold calls."""

    turn: int
    act: AssistantAct
    text: str
    calls: tuple[int, ...] = ()


Beat = UserBeat | AssistantBeat
Leaf = tuple[int, str]


@dataclass(frozen=True)
class Heard:
    """Where the user said the value of a leaf."""

    beat: int
    """Number of the user's beat, from 0."""
    mention: Mention


@dataclass(frozen=True)
class Script:
    """All beats, and where each of the user's values was said."""

    beats: tuple[Beat, ...]
    heard: dict[Leaf, Heard]

    @cached_property
    def user(self) -> tuple[UserBeat, ...]:
        """The user's beats."""
        return tuple(beat for beat in self.beats if isinstance(beat, UserBeat))

    @cached_property
    def assistant(self) -> tuple[AssistantBeat, ...]:
        """The assistant's beats."""
        return tuple(beat for beat in self.beats if isinstance(beat, AssistantBeat))


@dataclass
class ScriptDraft:
    """A script that is being written."""

    scene: Scene
    beats: list[Beat] = field(default_factory=list)
    heard: dict[Leaf, Heard] = field(default_factory=dict)
    values: dict[tuple[str, str], Heard] = field(default_factory=dict)
    """Name and value of identities that were said → where."""
    seen: set[int] = field(default_factory=set)
    waiting: list[int] = field(default_factory=list)
    """Calls whose answers were not ready."""


@dataclass(frozen=True)
class ScriptedUser:
    """Says the user's beats one after the other."""

    script: Script

    async def speak(self, messages: tuple[Message, ...]) -> Utterance | None:
        """The next beat, and the talk before it; None after the last."""
        beats = self.script.user
        number = sum(isinstance(message, UserMessage) for message in messages)
        if number >= len(beats):
            return None
        talk = [*takewhile(lambda one: one.act == "talk", beats[number:])]
        beat = beats[number + len(talk)]
        before = tuple((one.speaker, one.text) for one in talk)
        return Utterance(beat.text, beat.act, beat.turn, before)


@dataclass(frozen=True)
class ScriptedAssistant:
    """Makes the gold calls and says the assistant's beats."""

    task: Task
    script: Script

    async def move(self, messages: tuple[Message, ...]) -> Move:
        """The next beat, its calls with the source of every leaf."""
        spoken = [message for message in messages if isinstance(message, AssistantMessage)]
        beat = self.script.assistant[len(spoken)]
        users = [m.index for m in messages if isinstance(m, UserMessage)]
        answers = {
            m.call_id: m.index for m in messages if isinstance(m, ToolMessage) and not m.is_error
        }
        # Gold call → index of the tool message that holds its result.
        results = {
            number: answers[call.id]
            for message, said in zip(spoken, self.script.assistant, strict=False)
            for call, number in zip(message.calls, said.calls, strict=True)
            if call.id in answers
        }
        calls = []
        for number in beat.calls:
            gold = self.task.calls[number]
            found = (self._find_source(one, number, users, results) for one in gold.origins)
            sources = tuple(source for source in found if source)
            calls.append(PlannedCall(gold.tool, copied(gold.arguments), sources))
        return Move(beat.text, beat.act, tuple(calls))

    def _find_source(
        self, origin: Origin, call: int, users: list[int], results: dict[int, int]
    ) -> ArgumentSource | None:
        """None where the script never said the value: the provenance check will refuse the call."""
        if origin.kind == "default":
            return ArgumentSource(path=origin.path, source=FromDefault())
        if origin.kind == "result" and origin.call in results:
            source = FromResult(message=results[origin.call], path=origin.result_path or "")
            return ArgumentSource(path=origin.path, source=source)
        heard = self.script.heard.get((call, origin.path))
        if origin.kind != "user" or heard is None or heard.beat >= len(users):
            return None
        said = FromUser(message=users[heard.beat], span=heard.mention.span, rule=heard.mention.rule)
        return ArgumentSource(path=origin.path, source=said)
