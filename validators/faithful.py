"""Checks that the assistant reports nothing it was not told: numbers, quotations, a model's names.

What a scripted assistant says is made of what is known, so that anything else is wrong. A model may
have worked it out, or say it in other words: what code finds no ground for is suspected.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

import data
from schemas.check import CheckContext
from schemas.formats import FORMAT_OF, Format
from schemas.leaves import leaves
from schemas.message import AssistantMessage, SystemMessage, ToolMessage
from schemas.reading import BY_NAME, MONTHS, WEEKDAYS, Reader, write_counted
from schemas.reasons import reason
from schemas.tool import ToolSpec
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.derived import Derived
from validators.transcript import knows_acts, results

_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_RUN = re.compile(r"\d+")
_CLOCK = re.compile(r"(?<!\d)([01]\d|2[0-3]):[0-5]\d")
_QUOTE = re.compile(r"“([^”]+)”|\"([^\"]+)\"")
_NOT_A_COUNT = "|".join((*MONTHS, "am", "pm", "percent", "dollars?", "euros?", "pounds?"))
_COUNT = re.compile(rf"(?<![\w$€£#.,:/-])(\d{{1,2}}) (?!(?:{_NOT_A_COUNT})\b)[a-z]", re.IGNORECASE)
_SUM = re.compile(rf"({_NUMBER.pattern})[^\d,]* each, [^\d,]*({_NUMBER.pattern})[^\d,]* together")
_NUMBERED = re.compile(r"^[ \t>*-]*(\d{1,3})[.)](?= )", re.MULTILINE)
"""The head of a line of a numbered list."""
_TOKEN = re.compile(r"(?<!\w)(?=\w*\d)(?=\w*[^\W\d_])\w+")
_UNIT = re.compile(r"\d+(?:st|nd|rd|th|am|pm|[a-z]{1,3}|min|mins|hrs|pt)", re.IGNORECASE)
_SHORTENED = 6
"""Characters from which on the beginning of an id, or of a hash, tells which."""
_NAME = re.compile(r"(?<=[a-z,;:] )[A-Z][\w'’-]*[a-z][\w'’-]*(?: [A-Z][\w'’-]*[a-z][\w'’-]*)*"
                   r"|[A-Z][a-z'’-]+(?: [A-Z][a-z'’-]+)+")  # fmt: skip
_COMMON = frozenset(
    word.casefold() for word in (*MONTHS, *WEEKDAYS, *(one[:3] for one in MONTHS), *(
        one[:3] for one in WEEKDAYS), "I'm", "I'll", "I've", "I'd", "OK", "Okay", "Mr", "Mrs", "Ms",
        "Dr", "UTC", "Markdown", "ID", "IDs", "URL", "URLs",
        *data.table("lexicon/acts.yaml")["interjections"],
        *data.table("lexicon/acts.yaml")["openers"])
)  # fmt: skip
"""Capitalised, and nobody's name."""
_SPOKEN_NUMBERS = ("datetime", "date", "figures", "time", "duration", "number")
_SMALL = 12
_WORKED_OUT = 50
"""Numbers of a message that may be worked out: of more, the others are suspected as they stand."""
_LONG, _DAY = 120, 1440
"""Minutes from which on hours are told, and to which."""
_MILLISECONDS = re.compile(r"(?:\b|_|[a-z](?=M))(?:ms|Ms|millis|Millis|milliseconds|Milliseconds)$")
_PASSAGE = 20
"""Characters from which a text counts as a passage."""


@code_check("faithful", level="text")
def check(context: CheckContext) -> Iterator[Reason]:
    """Find numbers, quotations and names that nobody said, returned or gave before."""
    trajectory = context.trajectory
    modelled = not knows_acts(trajectory)
    values = results(trajectory.messages)
    clock = datetime.fromisoformat(trajectory.task.clock)
    known = _Known(clock, trajectory.tools, described=modelled)
    for told in trajectory.task.demands:  # what a description says of a call: "5-7 business days"
        if told.demand.kind == "said":
            known.listen(told.demand.text, rule=True)
    forms = [FORMAT_OF[one.rule] for one in trajectory.task.formats]
    for position, message in enumerate(trajectory.messages):
        if isinstance(message, ToolMessage):
            known.learn(values.get(position))
            continue
        if not isinstance(message, AssistantMessage):
            known.listen(message.text, rule=isinstance(message, SystemMessage))
            continue
        for call in message.calls:
            known.learn(call.arguments)
        if position < context.since:
            continue
        for code, said in _find_untold(known, message.text, forms, modelled=modelled):
            yield reason(code, position, "text", said, suspect=modelled)


def _find_untold(
    known: "_Known", text: str, forms: Sequence[Format], *, modelled: bool
) -> Iterator[tuple[str, str]]:
    """What a message of the assistant says without ground: reason code, and the words."""
    counts = {found.start(1) for found in _COUNT.finditer(text) if int(found[1]) <= _SMALL}
    sums = _SUM.finditer(text) if " each, " in text else ()
    counts |= {found.start(2) for found in sums if known.met_sum(*found.groups())}
    if modelled:  # the third line of a list is its third, whatever it tells
        heads = enumerate(_NUMBERED.finditer(text), 1)
        counts |= {found.start(1) for place, found in heads if int(found[1]) == place}
    ids = _TOKEN.finditer(text) if modelled else ()
    met = [one.span() for one in ids if not _UNIT.fullmatch(one[0]) and known.met_token(one[0])]
    left = _WORKED_OUT
    for found in _NUMBER.finditer(text):
        within = any(start <= found.start() < end for start, end in met)
        if found.start() in counts or within or known.met_number(found[0]):
            continue
        left -= modelled
        if not (modelled and left >= 0 and known.works_out(found, text)):
            yield "unfaithful_number", f"{found[0]} in {text!r}"
    for name in _NAME.findall(_QUOTE.sub(" ", text)) if modelled else ():
        if not known.met_name(name):
            yield "unfaithful_name", repr(name)
    # Code has quotes of its own: whole passages that were met before are left out.
    for words in known.passages() if _QUOTE.search(text) else ():
        if (passage := words.strip()) in text:
            text = text.replace(passage, " ")
    for found in _QUOTE.finditer(text):
        quote = found[1] or found[2]
        if not known.met_words(quote) and not any(known.met_form(quote, f) for f in forms):
            yield "unfaithful_quote", repr(quote)


@dataclass
class _Known:
    """What the assistant has been told so far. Grows while a conversation is read."""

    clock: datetime
    tools: tuple[ToolSpec, ...] = ()
    described: bool = False
    """Whether what the tools' descriptions say is known, too: ``under 128KB``."""
    numbers: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    shown: list[Any] = field(default_factory=list)

    @cached_property
    def defined(self) -> "_Known":
        """What the tools' definitions fix: asked only where the conversation does not tell."""
        fixed = _Known(self.clock)
        for tool in self.tools if self.described else ():
            fixed.listen(tool.description)
        for schema in (schema for tool in self.tools for schema in tool.properties.values()):
            if self.described:
                fixed.listen(str(schema.get("description", "")))
            for key in ("default", "const", "enum", "minimum", "maximum"):
                if key in schema:
                    fixed.learn(schema[key])
        return fixed

    def listen(self, text: str, *, rule: bool = False) -> None:
        """Take in words, with the numbers, dates and times that they say; see `Derived.listen`."""
        words, numbers = _hear(text, self.clock)
        self.words += words
        (self.rules if rule else self.heard).append(text)
        self.numbers |= numbers

    def learn(self, value: Any) -> None:
        """Take in a JSON value: its scalars, and the lengths of its lists."""
        self.shown.append(value)
        for path, item in leaves(value):
            if isinstance(item, str):
                self._take(item)
            elif isinstance(item, float):
                self._take(f"{item:f}" if "e" in repr(item) else repr(item))
            elif isinstance(item, int) and not isinstance(item, bool):
                self._take(str(item))
                if moment := write_counted(item):  # seconds since 1970 are told as a day
                    self._take(moment)
                if _LONG <= item < _DAY:  # 185 minutes are told as 3 hours 5 minutes
                    self.numbers |= {str(part) for part in divmod(item, 60)}
                if _MILLISECONDS.search(path):  # and a song of 288765 as 4 minutes 48 seconds
                    minutes, seconds = divmod(item // 1000, 60)
                    self.numbers |= {str(one) for one in (minutes, seconds, *divmod(minutes, 60))}
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
        bare = quote.strip(" .,!?…")
        known = (*self.words, *self._names())
        # Most are quoted as they are, which takes no other form of all that is known.
        met = any(bare in words for words in known)
        if not met:
            wanted = _joined(bare)
            met = any(wanted in words for words in map(_joined, known))
        return met or bool(self.tools and self.defined.met_words(quote))

    def met_token(self, token: str) -> bool:
        """Whether it is an id that was met before, or the beginning of one."""
        known = (*self.words, *self._names())
        if len(token) < _SHORTENED:
            return any(token in word for word in known)
        # The beginning of an id will do, where a word begins with it.
        return any(f" {token}" in " " + re.sub(r"[^\w]+", " ", word) for word in known)

    def met_name(self, name: str) -> bool:
        """Whether each word of a name was met before, or is nobody's name."""
        parts = [part.removesuffix("'s").casefold() for part in name.replace("’", "'").split()]
        every = " ".join(self.words + self._names()).casefold()
        odd = [part for part in parts if not (part in _COMMON or part in every)]
        # "Then I'll": the first word of a sentence, and a word that nobody is called by.
        return not odd or (odd == parts[:1] and {*parts[1:]} & _COMMON == {*parts[1:]} != set())

    def works_out(self, found: re.Match[str], text: str) -> bool:
        """Whether a number follows from what is known: a sum, the end of a span, a count of days.

        Among what is known is what the text says beside it: ``8:25 pm for 30 minutes``.
        """
        number, beside = found[0], f"{text[: found.start()]} {text[found.end() :]}"
        derived = Derived(self.clock, [*self.shown], [*self.heard, beside], self.rules)
        value = float(number.replace(",", ""))
        if derived.has_number(value):
            return True
        if number.isdigit() and re.search(rf"(?<!\d){number} days? (?:ago|old|away|from)\b", text):
            return derived.has_age(int(number))
        if "." in number or _is_money(number, text):
            # The lines of a message may add up to it, or an amount and one of them.
            parts = []
            for one in _NUMBER.finditer(text):
                part = float(one[0].replace(",", ""))
                money = part in derived.amounts or "." in one[0] or _is_money(one[0], text)
                if money and (self.met_number(one[0]) or derived.has_number(part)):
                    parts.append(part)
            pairs = {a + sign * b for a in parts for b in parts for sign in (1, -1)}
            moved = {one + sign * b for one in derived.amounts for b in parts for sign in (1, -1)}
            running = {sum(parts[start:end]) for start in range(len(parts))
                       for end in range(start + 3, len(parts) + 1)}  # fmt: skip
            if round(value, 2) in {round(each, 2) for each in pairs | moved | running}:
                return True
        plain = {part for moment in derived.moments for part in map(_plain, _RUN.findall(moment))}
        hours = (one[:2] for one in derived.moments if ":" in one)
        return _plain(number) in plain | {str(int(hour) % 12 or 12) for hour in hours}

    def _names(self) -> list[str]:
        """What the tools are called, and what they say of themselves."""
        return [text for tool in self.tools for text in (tool.name, tool.description)]

    def passages(self) -> list[str]:
        """Whole passages that were met, the longest first."""
        known = [words for words in self.words if len(words) > _PASSAGE]
        return sorted(known, key=len, reverse=True)

    def met_form(self, quote: str, form: Format) -> bool:
        """Whether it is what was met, written as a parameter's description asks for."""
        bare = quote.removeprefix(form.before).removesuffix(form.after)
        return self.met_words(bare) or any(bare in form.write(words) for words in self.words)

    def _take(self, text: str) -> None:
        self.words.append(text)
        if _RUN.search(text):
            self.numbers |= _find_numbers(text)


def _is_money(number: str, text: str) -> bool:
    """Whether a number stands there with a currency."""
    said = re.escape(number)
    return bool(re.search(rf"[$€£] ?{said}(?!\d)|(?<!\d){said} (?:euros?|dollars?)\b", text))


def _plain(number: str) -> str:
    """``1,250`` → ``1250``, ``03`` → ``3``, ``45.50`` → ``45.5``, ``45.00`` → ``45``."""
    whole, _, fraction = number.replace(",", "").partition(".")
    fraction = fraction.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")


@lru_cache(maxsize=1024)  # a policy is the same in many conversations
def _hear(text: str, clock: datetime) -> tuple[tuple[str, ...], frozenset[str]]:
    """A text with the numbers, dates and times that it says, and all numbers of these."""
    words = [text]
    for line in text.split("\n"):
        for read, span in _find_spoken(line):
            with suppress(ValueError):  # the pattern also finds what is no date: 31 February
                words.append(str(read(span, clock)))
    return tuple(words), frozenset().union(*map(_find_numbers, words))


@lru_cache(maxsize=1024)  # most lines of a policy are the same on any day
def _find_spoken(line: str) -> tuple[tuple[Reader, str], ...]:
    """The numbers, dates and times that a line says, and how each is read."""
    rules = [BY_NAME[name] for name in _SPOKEN_NUMBERS]
    return tuple((rule.read, span) for rule in rules for span in rule.spans(line))


@lru_cache(maxsize=4096)
def _find_numbers(text: str) -> frozenset[str]:
    """The numbers that stand in a text in figures, written alike; hours on a clock of twelve."""
    figures = (*_NUMBER.findall(text), *_RUN.findall(text))
    clocks = _CLOCK.findall(text) if ":" in text else ()
    hours = (str(int(hour) % 12 or 12) for hour in clocks)
    return frozenset((*map(_plain, figures), *hours))


@lru_cache(maxsize=1024)  # texts of a conversation are not asked for after it
def _joined(text: str) -> str:
    return re.sub(r"[\s_\-./]+", " ", text).strip().casefold()
