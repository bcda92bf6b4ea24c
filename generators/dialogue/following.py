"""A user who says what was said in a proven conversation, to an assistant who goes its own way.

What the assistant does with its words is not read. The user's next words are chosen by what has
been done: what answers a question is left out once all that the wish comes to is there; the next
wish comes when the user has nothing more to say of this one; and while something of it is owed,
they say so, twice at most. So a question that the proven conversation does not have is answered by
the next thing that they have to say, or by that they know no more.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile

from generators.dialogue.roles import Utterance
from generators.lexicon.tables import read_phrases
from schemas.message import AssistantMessage, Message, ToolMessage, UserMessage
from schemas.reading import tells
from schemas.task import GoldCall
from schemas.trajectory import Trajectory

_ANSWERS = frozenset({"inform", "unable_to_inform", "affirm", "choose", "correct"})
"""Acts that nobody misses once the wish is met."""


class FollowingUser:
    """Implements `UserRole`: says each thing of the proven conversation once, in its order."""

    def __init__(self, proven: Trajectory) -> None:
        self._task, self._tools = proven.task, {tool.wire_name: tool for tool in proven.tools}
        writes = (one.wire_name for one in proven.tools if one.effect == "write" or one.destructive)
        self._writers = frozenset(writes)
        self._words = list_utterances(proven.messages)
        self._next, self._turn = 0, 0
        self._reminded: Counter[int] = Counter()

    async def speak(self, messages: tuple[Message, ...]) -> Utterance | None:
        """The next thing, as `say` has it."""
        return self.say(messages)

    def say(self, messages: Sequence[Message]) -> Utterance | None:
        """The next thing, or None when everything was said."""
        words, turn = self._words, self._turn
        if self._next:
            calls, untold = self._find_open(turn, messages)
            wanted = self._task.turns[turn].calls
            # What fails or is declined leaves nothing behind that would tell its end.
            has_end = wanted and not any(one.skipped or one.is_error for one in wanted)
            if has_end and not calls and not untold:
                while self._is_own(turn) and words[self._next].act in _ANSWERS:
                    self._next += 1
            if not self._is_own(turn):
                # What is said where nothing is left to say, and something is owed.
                writes = any(one.tool in self._writers for one in calls)
                told = read_phrases("following")["go_on" if writes else "tell"]
                number = self._reminded[turn]
                self._reminded[turn] += 1
                if number < len(told) and (writes or untold):
                    return Utterance(told[number], "affirm" if writes else "ask", turn)
        if self._next >= len(words):
            return None
        said = words[self._next]
        self._next, self._turn = self._next + 1, said.turn
        return said

    def _is_own(self, turn: int) -> bool:
        """Whether the next thing is about the same wish."""
        return self._next < len(self._words) and self._words[self._next].turn == turn

    def _find_open(self, turn: int, messages: Sequence[Message]) -> tuple[list[GoldCall], bool]:
        """The calls of a wish that were not made, and whether a value of it was not told."""
        wanted = self._task.turns[turn]
        left = [one for one in wanted.calls if not one.skipped and not one.is_error]
        answers = {one.call_id: one for one in messages if isinstance(one, ToolMessage)}
        for message in messages:
            for call in message.calls if isinstance(message, AssistantMessage) else ():
                answer = answers.get(call.id)
                tool = self._tools.get(call.name)
                same = [] if answer is None or answer.is_error else [
                    one for one in left if one.is_made_by(call.name, call.arguments, tool)
                ]  # fmt: skip
                if same:
                    left.remove(same[0])
        clock = datetime.fromisoformat(self._task.clock)
        said = [one.text for one in messages
                if isinstance(one, AssistantMessage) and one.turn >= turn]  # fmt: skip
        untold = any(
            not any(tells(text, must.value, clock) for text in said)
            for must in self._task.acceptance.must_say if must.turn == turn
        )  # fmt: skip
        return left, untold


def list_utterances(messages: Sequence[Message]) -> list[Utterance]:
    """What the user of a conversation says, each with the talk before it."""
    said = [one for one in messages if isinstance(one, UserMessage)]
    found: list[Utterance] = []
    while said:
        talk = [*takewhile(lambda one: one.act == "talk", said)]
        if len(talk) == len(said):
            break
        one = said[len(talk)]
        before = tuple((other.speaker, other.text) for other in talk)
        found.append(Utterance(one.text, one.act, one.turn, before))
        said = said[len(talk) + 1 :]
    return found
