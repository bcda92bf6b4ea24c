"""What somebody was given, and which values in their words are none of it.

Numbers, days, times, names, ids and quotations are read in any usual form; so is what singles a
thing out ("the cheapest one"). What code finds may still be right: it cannot add up, nor know that
a word is nobody's name.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from generators.lexicon.nouns import is_english
from generators.rewriting.told_values import (
    Reading,
    ToldValue,
    capitalised,
    holds,
    joined,
    names_among,
    same_day,
    words_in,
)
from schemas.brief import Brief, Known, Wish
from schemas.leaves import leaves
from schemas.message import AssistantMessage, Message, UserMessage
from schemas.task import Task

_INNER = ("quote", "name", "code")


@dataclass(frozen=True)
class TaskGround:
    """Texts that were given."""

    reading: Reading
    texts: Sequence[str]
    around: str = ""
    """Words that are no news, though what they tell was not given."""

    def find_ungiven(self, text: str) -> list[str]:
        """Values and names in a text that stand in none of them, each once."""
        found = [
            one.text for one in self.reading.read(text)
            if not (is_told(one, self._known)
                    or (one.kind in _INNER and holds(self._words, str(one.value))))
        ]  # fmt: skip
        found += [  # capitalised words that begin no sentence and stand nowhere
            word for word, _, begins in capitalised(text)
            if not (len(word) < 2 or word.lower() in self._vocabulary)
            and not (begins and is_english(word.lower()))
        ]  # fmt: skip
        return list(dict.fromkeys(found))

    @cached_property
    def _known(self) -> list[ToldValue]:
        return [one for text in self.texts for one in self.reading.read(text)]

    @cached_property
    def _words(self) -> str:
        return joined(" \n ".join(self.texts))

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return words_in(*self.texts, self.around)


def is_told(one: ToldValue, known: Sequence[ToldValue]) -> bool:
    """Whether a value is among those that are known."""
    if one.kind == "number" and not one.text.isdigit() and float(str(one.value)) <= 2:
        return True  # "that one", "both of them": turns of speech
    for other in known:
        if one.kind == "date" == other.kind and same_day(other.value, one.value):
            return True
        alike = other.kind == one.kind or (one.kind in _INNER and other.kind in _INNER)
        if alike and other.value == one.value:
            return True
    return False


def read_task(task: Task) -> Reading:
    """Reads words about a task, and knows the names in all that was called and returned."""
    wholes = [whole for call in task.calls for whole in (call.arguments, json.loads(call.result))]
    told = (one.value for wish in task.brief.wishes for one in (*wish.know, *wish.held_back))
    values = [value for whole in wholes for _, value in leaves(whole)]
    names = names_among([*values, *told, task.brief.who])
    return Reading(datetime.fromisoformat(task.clock), names)


def find_ungiven(task: Task, messages: Sequence[Message], text: str) -> list[str]:
    """Values in a user's words that are neither in the brief nor in what was said before."""
    said = [one.text for one in messages if isinstance(one, UserMessage | AssistantMessage)]
    given = [*(f"{task.clock[:10]} today", *tell_all(task.brief)), *said]
    return TaskGround(read_task(task), given).find_ungiven(text)


def tell_all(brief: Brief) -> Iterator[str]:
    """All that a brief tells whoever plays the user."""
    yield from (brief.who, brief.situation, *map(tell_known, brief.proof))
    for wish in brief.wishes:
        yield from tell_openly(wish)
        yield from (wish.ends, *wish.manner, *wish.not_known, *map(tell_known, wish.held_back))
        yield from map(tell_known, (*wish.know, *filter(None, [wish.first])))


def tell_openly(wish: Wish) -> Iterator[str]:
    """What is said of a wish as soon as it is brought up, but for what is known of it."""
    yield from (wish.ask, wish.why, wish.prefer, *(one.words for one in wish.which))


def tell_known(known: Known) -> str:
    """A value with what people call it."""
    return f"{known.label} {known.written}"
