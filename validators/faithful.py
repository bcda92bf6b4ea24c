"""Checks that the assistant reports nothing it was not told: each number, each quotation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from schemas.check import CheckContext
from schemas.formats import FORMAT_OF, Format
from schemas.leaves import leaves
from schemas.message import AssistantMessage, ToolMessage
from schemas.reading import BY_NAME, MONTHS
from schemas.reasons import reason
from schemas.tool import ToolSpec
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.transcript import results

_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_RUN = re.compile(r"\d+")
_CLOCK = re.compile(r"(?<!\d)([01]\d|2[0-3]):[0-5]\d")
_QUOTE = re.compile(r"“([^”]+)”|\"([^\"]+)\"")
_NOT_A_COUNT = "|".join((*MONTHS, "am", "pm", "percent", "dollars?", "euros?", "pounds?"))
_COUNT = re.compile(rf"(?<![\w$€£#.,:/-])(\d{{1,2}}) (?!(?:{_NOT_A_COUNT})\b)[a-z]", re.IGNORECASE)
_SUM = re.compile(rf"({_NUMBER.pattern})[^\d,]* each, [^\d,]*({_NUMBER.pattern})[^\d,]* together")
_SPOKEN_NUMBERS = ("datetime", "date", "time", "number")
_SMALL = 12
_LONG, _DAY = 120, 1440
"""Minutes from which on hours are told, and to which."""
_PASSAGE = 20
"""Characters from which a text counts as a passage."""


@code_check("faithful", level="text")
def check(context: CheckContext) -> Iterator[Reason]:
    """Find numbers and quotations that were neither said nor returned nor given before."""
    trajectory = context.trajectory
    values = results(trajectory.messages)
    known = _Known(datetime.fromisoformat(trajectory.task.clock), trajectory.tools)
    for told in trajectory.task.demands:  # what a description says of a call: "5-7 business days"
        known.listen(told.demand.text if told.demand.kind == "said" else "")
    forms = [FORMAT_OF[one.rule] for one in trajectory.task.formats]
    for position, message in enumerate(trajectory.messages):
        if isinstance(message, ToolMessage):
            known.learn(values.get(position))
            continue
        if not isinstance(message, AssistantMessage):
            known.listen(message.text)
            continue
        for call in message.calls:
            known.learn(call.arguments)
        text = message.text
        counts = {found.start(1) for found in _COUNT.finditer(text) if int(found[1]) <= _SMALL}
        counts |= {
            found.start(2) for found in _SUM.finditer(text) if known.met_sum(*found.groups())
        }
        for found in _NUMBER.finditer(text):
            if found.start() not in counts and not known.met_number(found[0]):
                yield reason("unfaithful_number", position, "text", f"{found[0]} in {text!r}")
        # Code has quotes of its own: whole passages that were met before are left out.
        for words in sorted(known.words, key=len, reverse=True) if _QUOTE.search(text) else ():
            if len(words) > _PASSAGE and (passage := words.strip()) in text:
                text = text.replace(passage, " ")
        for found in _QUOTE.finditer(text):
            quote = found[1] or found[2]
            if not known.met_words(quote) and not any(known.met_form(quote, f) for f in forms):
                yield reason("unfaithful_quote", position, "text", repr(quote))


@dataclass
class _Known:
    """What the assistant has been told so far. Grows while a conversation is read."""

    clock: datetime
    tools: tuple[ToolSpec, ...] = ()
    numbers: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)

    @cached_property
    def defined(self) -> "_Known":
        """What the tools' definitions fix: asked only where the conversation does not tell."""
        fixed = _Known(self.clock)
        for schema in (schema for tool in self.tools for schema in tool.properties.values()):
            for key in ("default", "const", "enum", "minimum", "maximum"):
                if key in schema:
                    fixed.learn(schema[key])
        return fixed

    def listen(self, text: str) -> None:
        """Take in words, with the numbers, dates and times that they say."""
        self._take(text)
        for name in _SPOKEN_NUMBERS:
            rule = BY_NAME[name]
            for span in rule.spans(text):
                try:
                    self._take(str(rule.read(span, self.clock)))
                except ValueError:  # the pattern also finds what is no date: 31 February
                    continue

    def learn(self, value: Any) -> None:
        """Take in a JSON value: its scalars, and the lengths of its lists."""
        for _, item in leaves(value):
            if isinstance(item, str):
                self._take(item)
            elif isinstance(item, float):
                self._take(f"{item:f}" if "e" in repr(item) else repr(item))
            elif isinstance(item, int) and not isinstance(item, bool):
                self._take(str(item))
                if _LONG <= item < _DAY:  # 185 minutes are told as 3 hours 5 minutes
                    self.numbers |= {str(part) for part in divmod(item, 60)}
        within = [value]
        while within:
            holder = within.pop()
            if isinstance(holder, list):
                self.numbers.add(str(len(holder)))
                within.extend(holder)
            elif isinstance(holder, dict):
                within.extend(holder.values())

    def met_number(self, number: str) -> bool:
        """Whether this number was met before, however it is written."""
        return _plain(number) in self.numbers or bool(
            self.tools and self.defined.met_number(number)
        )

    def met_sum(self, price: str, total: str) -> bool:
        """Whether so many pieces as were spoken of cost that together: 2 of 79 are 158."""
        one, both = float(price.replace(",", "")), float(total.replace(",", ""))
        pieces = round(both / one) if one else 0
        return round(one * pieces, 2) == both and self.met_number(str(pieces))

    def met_words(self, quote: str) -> bool:
        """Whether these words were met before, whatever their case and how they are joined."""
        wanted = _joined(quote.strip(" .,!?…"))
        met = any(wanted in words for words in map(_joined, self.words))
        return met or bool(self.tools and self.defined.met_words(quote))

    def met_form(self, quote: str, form: Format) -> bool:
        """Whether it is what was met, written as a parameter's description asks for."""
        bare = quote.removeprefix(form.before).removesuffix(form.after)
        return self.met_words(bare) or any(bare in form.write(words) for words in self.words)

    def _take(self, text: str) -> None:
        self.words.append(text)
        if not _RUN.search(text):
            return
        self.numbers.update(_plain(found) for found in _NUMBER.findall(text))
        self.numbers.update(_plain(found) for found in _RUN.findall(text))
        for hour in map(int, _CLOCK.findall(text)):
            self.numbers.add(str(hour % 12 or 12))


def _plain(number: str) -> str:
    """``1,250`` → ``1250``, ``03`` → ``3``, ``45.50`` → ``45.5``, ``45.00`` → ``45``."""
    whole, _, fraction = number.replace(",", "").partition(".")
    fraction = fraction.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")


@lru_cache(maxsize=1024)  # texts of a conversation are not asked for after it
def _joined(text: str) -> str:
    return re.sub(r"[\s_\-./]+", " ", text).strip().casefold()
