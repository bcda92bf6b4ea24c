"""Whether other words for a message are accepted: it tells what it told, nothing else, and does it.

Each message is looked at alone, with what was said before it in the same turn: whoever writes may
take that up again ("the 300 euros to Mitchell"), but nothing of other turns and nothing of results.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from generators.language.facts import kind_in_id
from generators.lexicon.names import split_words
from generators.lexicon.nouns import is_english
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import all_states, verb_place
from generators.rewriting.kept_acts import Spoken, find_turned
from generators.rewriting.kept_course import KeptCourse
from generators.rewriting.kept_rows import facts_of, find_lost_facts, find_mixed, list_rows, rows_of
from generators.rewriting.told_values import (
    Reading,
    ToldValue,
    Value,
    begins_sentence,
    capitalised,
    holds,
    joined,
    names_among,
    plain,
    same_day,
    selector_words,
    weekday_of,
    words_in,
)
from schemas.canonical import read_json
from schemas.leaves import leaves
from schemas.message import AssistantMessage, ToolMessage, UserMessage
from schemas.trajectory import Trajectory
from schemas.twists import Reference, Revision, find_twists

_CURRENCIES = {
    "euro": re.compile(r"€|\beuros?\b|\bEUR\b", re.IGNORECASE),
    "dollar": re.compile(r"\$|\bdollars?\b|\bUSD\b|\bbucks?\b", re.IGNORECASE),
    "pound": re.compile(r"£|\bpounds?\b|\bGBP\b|\bquid\b", re.IGNORECASE),
}
_NOTHING = re.compile(r"\b(no|none|zero|free|without|nothing|isn't any|n't (have|any))\b", re.I)
_STATE, _SHORT_STATE = re.compile(r"\b(?:status|state)\.enum\["), 5
"""Where a schema lists how things stand; letters beyond which such a word is no other."""
_FEW, _LONGER, _MORE = 12, 3, 300
"""Rows that may be counted; how much longer other words may be."""


class Fault(NamedTuple):
    """Why words are not accepted: a code of `schemas.reasons.REWRITING`, and what is wrong."""

    code: str
    told: str


@dataclass(frozen=True)
class Acceptance:
    """Accepts words for the messages of one scripted conversation."""

    scripted: Trajectory

    @cached_property
    def reading(self) -> Reading:
        """Reads its texts, and knows the names in its values."""
        brief = self.scripted.task.brief
        known = [one.value for wish in brief.wishes for one in (*wish.know, *wish.held_back)]
        wholes: list[object] = []  # all that calls were told, and results
        for message in self.scripted.messages:
            if isinstance(message, ToolMessage):
                wholes.append(read_json(message.content))
            elif isinstance(message, AssistantMessage):
                wholes += [call.arguments for call in message.calls]
        values = [value for whole in wholes for _, value in leaves(whole)]
        names = names_among([*values, *known, self.scripted.task.persona.name, brief.who])
        return Reading(datetime.fromisoformat(self.scripted.task.clock), names)

    @cached_property
    def _spelt(self) -> frozenset[str]:
        return frozenset(plain(name).replace("_", " ") for name in self.reading.names)

    def find_faults(self, message: Spoken, text: str) -> list[Fault]:
        """Why the message may not have these words; none: it may."""
        if not text.strip() or "\0" in text:
            return [Fault("no_words", "there are no words for it")]
        if len(text) > _LONGER * len(message.text) + _MORE:
            return [Fault("value_added", "it is much longer than what it told")]
        faults = []
        lost = [*self._find_dropped(message, text), *self._course.find_unsaid(message, text)]
        lost += find_lost_facts(message.text, text, self.reading)
        if lost:
            faults.append(Fault("value_dropped", f"it must tell {'; '.join(lost[:6])}"))
        added = [*self._find_added(message, text), *self._course.find_early(message, text)]
        if added:
            faults.append(Fault("value_added", f"it must not tell {'; '.join(added[:6])}"))
        own = self.reading.read(message.text)
        choices = [*self._find_choices(message)]
        if mixed := find_mixed(message.text, text, self.reading, own, choices):
            code = "rows_mixed" if list_rows(message.text) else "wrong_role"
            faults.append(Fault(code, mixed))
        reasons = [one.why for one in self.scripted.task.brief.wishes]
        reasons = reasons if isinstance(message, UserMessage) else []
        if turned := find_turned(message, text, self._deeds, reasons):
            faults.append(Fault("act_turned", turned))
        if unasked := [*self._course.find_unasked(message, text)]:
            faults.append(Fault("act_turned", f"it must ask for the {' and the '.join(unasked)}"))
        return faults

    def tells(self, message: Spoken) -> list[str]:
        """What the message tells, in the words of the script: what other words must tell."""
        own = [one.text for one in self.reading.read(message.text) if self._is_needed(one, message)]
        facts = (
            facts_of(message.text, self.reading) if isinstance(message, AssistantMessage) else ()
        )
        told: dict[str, str] = {}
        for text in (*own, *self._find_choices(message), *facts):
            told.setdefault(joined(text.strip('“”"')), text.rstrip(" ."))
        return [*told.values()]

    def _is_needed(self, one: ToldValue, message: Spoken) -> bool:
        """Whether it is a value, and no turn of speech."""
        if one.kind in ("weekday", "month", "day"):
            return False
        if one.kind == "date" and one.text in self.scripted.task.brief.situation:
            return False  # "I'm at home today"
        if one.kind == "selector":
            return isinstance(message, UserMessage)
        if one.kind == "name":  # what is spelt otherwise is a word like any other: "thank you"
            return one.text in self._spelt
        return one.kind != "number" or one.value != 1 or one.text.isdigit()

    def _find_choices(self, message: Spoken) -> Iterator[str]:
        """Plain words that it says of what calls are told, or which row it is: ``credit``."""
        own = (one for one in self.scripted.messages if one.turn == message.turn)
        turn = self.scripted.task.turns[message.turn]
        calls = [call.arguments for one in own for call in getattr(one, "calls", ())]
        calls += [call.arguments for call in turn.calls]  # those too that are not made
        values = [
            value for arguments in calls for path, value in leaves(arguments)
            if path not in load_words("inference", "methods")  # which deed it is, is no value
        ]  # fmt: skip
        values += [part.value for one in find_twists(turn, Reference) for part in one.conditions]
        values += [one.first for one in find_twists(turn, Revision)]
        values += map(kind_in_id, list(values))  # "my credit card"
        said = joined(message.text)
        for value in values:
            words = joined(value) if isinstance(value, str) and value.islower() else ""
            if len(words) > 2 and words.replace(" ", "").isalpha() and holds(said, words):
                yield words

    def _find_dropped(self, message: Spoken, text: str) -> Iterator[str]:
        new, words = self.reading.read(text), joined(text)
        for one in self.reading.read(message.text):
            if self._is_needed(one, message) and not self._is_told(one, new, words):
                yield one.text
        for choice in self._find_choices(message):
            stem = max(choice.split(), key=len)[:5]
            if not re.search(rf"(?<!\w){re.escape(stem)}", words):
                yield choice

    def _is_told(self, one: ToldValue, new: Sequence[ToldValue], words: str) -> bool:
        clock = self.reading.clock
        if one.kind in ("quote", "name", "code"):
            return holds(words, str(one.value)) or holds(words, str(one.value).lstrip("#"))
        if one.kind == "date":
            day = one.value
            assert isinstance(day, tuple)
            far = day[0] is not None and day[0] != clock.year
            same = [other for other in new if other.kind == "date" and same_day(day, other.value)]
            if any(not far or other.value[0] for other in same):  # type: ignore[index]
                return True
            near = one.text[-3:].lower() == "day" or one.text.lower() == "tomorrow"
            weekday = weekday_of(day, clock)
            return near and any(o.kind == "weekday" and o.value == weekday for o in new)
        if one.kind == "number" and one.value == 0:
            return _NOTHING.search(plain(" " + words)) is not None or _has(new, "number", 0)
        if (
            one.kind == "number"
            and one.value == 1
            and re.search(r"\b(an?|one|single|once)\b", words)
        ):
            return True
        return _has(new, one.kind, one.value)

    def _find_added(self, message: Spoken, text: str) -> Iterator[str]:
        before = [*self._heard(message)]
        known = [one for other in before for one in self.reading.read(other)]
        words = joined(" \n ".join(before))
        for one in self.reading.read(text):
            if not self._is_known(one, known, words, message, text):
                yield one.text
        heard = " ".join((*before, self.scripted.task.policy))
        for name, pattern in _CURRENCIES.items():
            if pattern.search(text) and not pattern.search(heard):
                yield f"{name}s: no currency is named"
        yield from self._find_strange_names(text, message)
        if isinstance(message, AssistantMessage):
            said = {match[1].lower() for match in self._stands.finditer(plain(text))}
            asked = (one.text for one in self.scripted.messages[: message.index]
                     if isinstance(one, UserMessage) and one.turn == message.turn)  # fmt: skip
            own = joined(" ".join((*asked, message.text)))
            yield from sorted(one for one in said if not holds(own, one))

    @cached_property
    def _stands(self) -> re.Pattern[str]:
        """How a thing stands: ``is frozen``, ``still scheduled``."""
        states = {one for one in all_states() if len(one) > _SHORT_STATE}
        for tool in self.scripted.tools:
            for path, value in leaves(tool.returns or {}):
                if _STATE.search(path) and isinstance(value, str) and value.islower():
                    states.add(value.replace("_", " "))
        told = "|".join(sorted(map(re.escape, states)))
        return re.compile(
            rf"(?:\b(?:is|are|was|were|still|remains?|stays?)|'s) (?:still |now )?({told})\b", re.I
        )

    def _heard(self, message: Spoken) -> Iterator[str]:
        """What was said in the turn until then, and what the user may say of their reasons."""
        for other in self.scripted.messages[: message.index + 1]:
            if other.turn == message.turn and isinstance(other, UserMessage | AssistantMessage):
                yield other.text
        brief = self.scripted.task.brief
        if isinstance(message, UserMessage):
            yield brief.situation
            yield brief.wishes[message.turn].why if message.turn < len(brief.wishes) else ""

    def _is_known(
        self, one: ToldValue, known: Sequence[ToldValue], words: str, message: Spoken, text: str
    ) -> bool:
        clock, days = self.reading.clock, [k.value for k in known if k.kind == "date"]
        if one.kind in ("quote", "code"):
            return holds(words, str(one.value)) or holds(words.replace("#", ""), str(one.value))
        if one.kind == "name":  # a name may be a word like any other: Travel
            plain_word = one.text.islower() and one.text.replace(" ", "").isalpha()
            begins = begins_sentence(plain(text), one.start) and one.text[1:].islower()
            if holds(words, str(one.value)) or plain_word or begins:
                return True
            called = str(one.value) in joined(self.scripted.task.brief.who)
            if not called or not isinstance(message, AssistantMessage):
                return False
            # What the user is called, where the assistant was told so.
            before = self.scripted.messages[1 : message.index]
            told = (m.content if isinstance(m, ToolMessage) else m.text for m in before)
            return any(holds(joined(text), str(one.value)) for text in told)
        if one.kind == "date":
            return any(same_day(one.value, day) for day in days) or one.text.lower() == "today"
        if one.kind == "weekday":
            return _has(known, "weekday", one.value) or any(
                weekday_of(day, clock) == one.value for day in days
            )
        if one.kind in ("month", "day"):
            at = 1 if one.kind == "month" else 2
            return _has(known, one.kind, one.value) or any(d[at] == one.value for d in days)  # type: ignore[index]
        if one.kind == "number":
            return self._is_known_number(one, known, message)
        if one.kind == "selector":
            assert isinstance(one.value, int)
            return any(holds(words, joined(other)) for other in selector_words()[one.value])
        return _has(known, one.kind, one.value)

    def _is_known_number(self, one: ToldValue, known: Sequence[ToldValue], message: Spoken) -> bool:
        if one.value == 1 and not one.text.isdigit():
            return True  # "that one"
        if _has(known, "number", one.value):
            return True
        times = [k.value for k in known if k.kind == "time"]
        if any(isinstance(t, int) and t % 60 == 0 and t // 60 % 12 == one.value for t in times):
            return True
        if any(isinstance(d, tuple) and d[0] == one.value for d in (k.value for k in known)):
            return True
        told = [k.kind for k in self.reading.read(message.text)]
        counted = {len(rows_of(message.text)), *(told.count(kind) for kind in ("code", "quote"))}
        calls = len(message.calls) if isinstance(message, AssistantMessage) else 0
        if one.text.lower() == "both":
            return True
        return 1 < float(str(one.value)) <= _FEW and one.value in {*counted, calls}

    def _find_strange_names(self, text: str, message: Spoken) -> Iterator[str]:
        own = {*joined(f"{self.scripted.task.brief.who} {self.scripted.task.persona.name}").split()}
        if isinstance(message, AssistantMessage):  # who has not heard what the user is called
            before = self.scripted.messages[: message.index]
            heard = (m.content if isinstance(m, ToolMessage) else m.text for m in before)
            said = joined(" ".join((*heard, message.text)))
            own = {one for one in own if not holds(said, one)}
        for word, whole, begins in capitalised(text):
            if isinstance(message, AssistantMessage) and word.lower() in own:
                yield word
            if word.lower() in self._vocabulary or len(word) < 2:
                continue
            short = word.isupper() and len(word) <= 4
            if not short and not (begins and (is_english(word.lower()) or "-" in word)):
                yield whole

    @cached_property
    def _course(self) -> KeptCourse:
        """Who tells what, and when."""
        return KeptCourse(self.scripted, self.reading)

    @cached_property
    def _deeds(self) -> frozenset[str]:
        """The verbs of the tools on offer."""
        names = (split_words(tool.wire_name) for tool in self.scripted.tools)
        return frozenset(found[1] for words in names if (found := verb_place(words)))

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        """Words of the conversation: whatever is called so is no new name."""
        task = self.scripted.task
        texts = [task.policy, task.persona.name, task.brief.who, task.brief.situation]
        texts += [wish.why for wish in task.brief.wishes]
        texts += [one.text for one in self.scripted.messages if not isinstance(one, ToolMessage)]
        return words_in(*texts)

    def is_founded(self, thought: str, message: AssistantMessage) -> bool:
        """Whether the reasoning holds only what was said, returned or is asked for by then."""
        heard: list[str] = []
        for other in self.scripted.messages[: message.index]:
            heard.append(other.content if isinstance(other, ToolMessage) else other.text)
        heard += [f"{call.name} {call.arguments}" for call in message.calls]
        heard += [message.text]
        words = joined(" \n ".join(heard))
        known = [one for text in heard for one in self.reading.read(text)]
        for one in self.reading.read(thought):
            if not self._is_known(one, known, words, message, thought):
                return False
        return len(thought) <= 2 * _MORE


def _has(told: Sequence[ToldValue], kind: str, value: Value) -> bool:
    return any(one.kind == kind and one.value == value for one in told)
