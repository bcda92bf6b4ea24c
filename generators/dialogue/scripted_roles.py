"""The roles that need no model: they speak and act as the script says."""

import json

from generators.dialogue.roles import Move, PlannedCall, Utterance
from generators.dialogue.script import Script
from schemas.message import (
    ArgumentSource,
    AssistantMessage,
    FromDefault,
    FromResult,
    FromUser,
    Message,
    ToolMessage,
    UserMessage,
)
from schemas.task import GoldCall, Origin, Task


class ScriptedUser:
    """Says the user's beats one after the other."""

    def __init__(self, script: Script) -> None:
        self._beats = script.user

    async def speak(self, messages: tuple[Message, ...]) -> Utterance | None:
        """The next beat; None after the last."""
        number = sum(isinstance(message, UserMessage) for message in messages)
        if number >= len(self._beats):
            return None
        beat = self._beats[number]
        return Utterance(beat.text, beat.act, beat.turn, last=number == len(self._beats) - 1)


class ScriptedAssistant:
    """Makes the gold calls and says the assistant's beats."""

    def __init__(self, task: Task, script: Script) -> None:
        self._calls, self._script = task.calls, script

    async def move(self, messages: tuple[Message, ...]) -> Move:
        """The next beat, its calls with the source of every leaf."""
        number = sum(isinstance(message, AssistantMessage) for message in messages)
        beat = self._script.assistant[number]
        users = [m.index for m in messages if isinstance(m, UserMessage)]
        # Gold call → index of the tool message that holds its result.
        made = [m for m in messages if isinstance(m, AssistantMessage) and m.calls]
        beats = [beat for beat in self._script.assistant if beat.calls]
        answers = {
            m.call_id: m.index for m in messages if isinstance(m, ToolMessage) and not m.is_error
        }
        results = {
            number: answers[call.id]
            for message, beat in zip(made, beats, strict=False)
            for call, number in zip(message.calls, beat.calls, strict=True)
            if call.id in answers
        }
        calls = tuple(self._planned(self._calls[call], call, users, results) for call in beat.calls)
        return Move(beat.text, beat.act, calls)

    def _planned(
        self, gold: GoldCall, number: int, users: list[int], results: dict[int, int]
    ) -> PlannedCall:
        sources = (self._source(origin, number, users, results) for origin in gold.origins)
        return PlannedCall(
            gold.tool, json.loads(json.dumps(gold.arguments)), tuple(s for s in sources if s)
        )

    def _source(
        self, origin: Origin, call: int, users: list[int], results: dict[int, int]
    ) -> ArgumentSource | None:
        """None where the script never said the value: the provenance check will refuse the call."""
        if origin.kind == "default":
            return ArgumentSource(path=origin.path, source=FromDefault())
        if origin.kind == "result" and origin.call in results:
            source = FromResult(message=results[origin.call], path=origin.result_path or "")
            return ArgumentSource(path=origin.path, source=source)
        heard = self._script.heard.get((call, origin.path))
        if origin.kind != "user" or heard is None or heard.beat >= len(users):
            return None
        said = FromUser(message=users[heard.beat], span=heard.mention.span, rule=heard.mention.rule)
        return ArgumentSource(path=origin.path, source=said)
