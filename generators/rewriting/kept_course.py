"""Whether the talk keeps its course: what comes out later is not told before, a question stays one.

A value that the user tells when asked would make the question senseless if it were told before; and
a question for something else would make the answer so.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from generators.lexicon.names import split_words
from generators.lexicon.tables import load_table
from generators.rewriting.kept_acts import Spoken, has
from generators.rewriting.told_values import Reading, holds, joined, plain
from schemas.leaves import value_at
from schemas.message import AssistantMessage, FromUser, UserMessage
from schemas.trajectory import Trajectory

_WORD = re.compile(r"[a-z]{4,}")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_PASSING = ("call", "clarify", "close", "say")
"""Acts of which nothing has to be left."""
_SHORTEST, _STEM = 4, 4
_SAID_AGAIN = 4
"""Of so many words of a sentence, one at least is said again."""
_MOST_TOLD = 3
"""Words from which a sentence without values says something of its own."""
_LIGHT = frozenset(
    "that this with from have will would could should what which there here your yours them they"
    " then than been being were when where please sure course happy help just also some more"
    " thank thanks sorry afraid like tell know need mean".split()
)


class KeptCourse:
    """Who tells what, and when, in one scripted conversation."""

    def __init__(self, scripted: Trajectory, reading: Reading) -> None:
        self._scripted, self._reading = scripted, reading

    @cached_property
    def _told(self) -> list[tuple[int, str, str]]:
        """Of each argument that the user tells: in which message, in which words, and its name."""
        found = []
        for message in self._scripted.messages:
            for call in message.calls if isinstance(message, AssistantMessage) else ():
                for one in call.provenance:
                    if isinstance(one.source, FromUser):
                        value = value_at(call.arguments, one.path)
                        words = value if isinstance(value, str) else one.source.span
                        found.append((one.source.message, words, one.path))
        return found

    def find_early(self, message: Spoken, text: str) -> Iterator[str]:
        """What the user tells only later, and the new words tell already."""
        if not isinstance(message, UserMessage):
            return
        old, new = joined(message.text), joined(text)
        messages = self._scripted.messages
        for number, words, _ in self._told:
            later = number > message.index and messages[number].turn == message.turn
            said = joined(words)
            if later and len(said) >= _SHORTEST and holds(new, said) and not holds(old, said):
                yield f"{words}: it is told later"

    def find_unasked(self, message: Spoken, text: str) -> Iterator[str]:
        """What the question is for, and the new words do not name."""
        if not isinstance(message, AssistantMessage) or message.act != "clarify":
            return
        old, new = _letters(message.text), _letters(text)
        answer = next((one.index for one in self._scripted.messages[message.index :]
                       if isinstance(one, UserMessage)), -1)  # fmt: skip
        names = {path for number, _, path in self._told if number == answer}
        asked = False
        for path in sorted(names):
            parts = [one for one in split_words(path) if len(one) >= _SHORTEST or one in _ways()]
            words = [one[:_SHORTEST] for one in parts]
            others = [way for one in parts for way in _ways().get(one, ())]
            ways = (*words, *others)
            asked |= any(one in old for one in ways)
            if any(one in old for one in ways) and not any(one in new for one in ways):
                yield path.replace("_", " ").rpartition(".")[2]
        # Where the answer names something else, some word of the question has to stay.
        stems = {one[:_STEM] for one in _WORD.findall(message.text.lower()) if one not in _LIGHT}
        if not asked and stems and not any(one in new for one in stems):
            yield "same thing"

    def find_unsaid(self, message: Spoken, text: str) -> Iterator[str]:
        """Sentences of the assistant without a value that nothing is left of."""
        if not isinstance(message, AssistantMessage) or message.act in _PASSING:
            return
        new = plain(text).lower()
        sentences = [
            (one.strip(), {w[:_STEM] for w in _WORD.findall(one.lower()) if w not in _LIGHT})
            for one in _SENTENCE.findall(plain(message.text))
        ]
        for number, (sentence, words) in enumerate(sentences):
            formal = sentence.startswith("- ") or sentence.endswith("?")
            if (
                formal
                or has("offers", sentence)
                or len(words) < _MOST_TOLD
                or self._reading.read(sentence)
            ):
                continue
            others = set().union(*(w for n, (_, w) in enumerate(sentences) if n != number))
            own = words - others or words
            if sum(one in new for one in own) < max(1, len(own) // _SAID_AGAIN):
                yield f"“{sentence}”"


def _ways() -> Mapping[str, Sequence[str]]:
    ways: Mapping[str, Sequence[str]] = load_table("acts")["asked_by"]
    return ways


def _letters(text: str) -> str:
    """The letters alone: e-mail is email."""
    return re.sub(r"[\W_]+", "", text.lower())
