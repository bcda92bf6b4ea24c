"""What follows from what is known: sums, differences, ends of a span, days between, products.

Numbers meet by chance, the more of them there are. So only what belongs together is reckoned with:
values of one field in one answer, values of one object, and what stands in one sentence.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import combinations
from typing import Any

import data
from schemas.leaves import objects_in
from schemas.reading import BY_NAME, minutes_of, read_words
from schemas.record import JsonObject

_MOST = 40
"""Values of one field: of more, only the total and the extremes are reckoned with."""
_TIMES = re.compile(r"(?:^|T)([01]\d|2[0-3]):([0-5]\d)")
_DAY = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_DAYS = re.compile(r"^\d{4}-\d{2}-\d{2}")
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=\S)[^.!?\n]*)*")
_DIALLED = re.compile(r"\+\d+(?:[ ()/-]+\d+)+")
"""A telephone number: its groups of digits are no numbers."""
_DAY_MINUTES = minutes_of("day")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_EXACT = 2**53
"""Numbers below are reckoned with: others need not be whole where they are equal to an integer."""
_FAR = 10_000
"""Days, up to which others are looked for."""
_FEW = 20
"""Up to so many pieces of a thing are reckoned with."""


@dataclass
class Derived:
    """What has been told so far, and what can be worked out from it. Grows with a conversation."""

    clock: datetime
    wholes: list[Any] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    """What policies and descriptions say: it tells no number of pieces that somebody wants."""

    def learn(self, value: Any) -> None:
        """Take in arguments or a result."""
        self.wholes.append(value)
        self.__dict__.pop("figures", None)
        self.__dict__.pop("moments", None)

    def listen(self, text: str, *, rule: bool = False) -> None:
        """Take in words; ``rule``: of a policy, or a description."""
        (self.rules if rule else self.texts).append(text)
        self.__dict__.pop("figures", None)
        self.__dict__.pop("moments", None)

    def has_number(self, value: float) -> bool:
        """Whether a number can be worked out."""
        return abs(value) < _EXACT and round(float(value), 2) in self.figures

    def has_moment(self, value: str) -> bool:
        """Whether a time or a day can be worked out: ``13:55``, ``2026-03-12``."""
        plain = value.replace(" ", "T")
        parts = plain.partition("T")
        if parts[2]:
            return parts[0] in self.moments and parts[2][:5] in self.moments
        return plain[:5] in self.moments if _TIMES.match(plain) else plain in self.moments

    @cached_property
    def figures(self) -> frozenset[float]:
        """Totals, sums, differences and products of what belongs together."""
        found: set[float] = set()
        for whole in self.wholes:
            columns: dict[str, list[float]] = defaultdict(list)
            for row in objects_in(whole):
                own = _numbers(row)
                for name, value in own.items():
                    columns[name].append(value)
                money = {name: value for name, value in own.items() if _is_amount(name, value)}
                timed = any(map(_in_minutes, money))
                many = [b for name, b in own.items()
                        if name not in money and (timed or not _in_minutes(name))]  # fmt: skip
                found |= _sums([*money.values()])
                found |= {a * b for a in money.values() for b in many}
                found |= _between(row)
            for values in columns.values():
                found.add(sum(values))
                found |= _sums(values if len(values) <= _MOST else [min(values), max(values)])
                found.add(sum(values) / len(values))
        for spoken in _spoken_numbers(self.texts + self.rules, self.clock):
            found |= _sums(spoken)
        # Three of what one row says the price of.
        pieces = _spoken_numbers(self.texts, self.clock, dates=False)
        said = {few for spoken in pieces for few in spoken}
        found |= {few * price for few in said if 1 < few <= _FEW for price in self.amounts}
        return frozenset(round(one, 2) for one in found)

    @property
    def amounts(self) -> set[float]:
        """What may be added and multiplied, as results and arguments show it."""
        rows = (row for whole in self.wholes for row in objects_in(whole))
        return {one for row in rows for name, one in _numbers(row).items()
                if _is_amount(name, one)}  # fmt: skip

    def has_age(self, days: int) -> bool:
        """Whether something that was shown lies so many days from today."""
        rows = (row for whole in self.wholes for row in objects_in(whole))
        return any(
            abs((self.clock.date() - day).days) == days for row in rows for day in _days(row)
        )

    @cached_property
    def moments(self) -> frozenset[str]:
        """Times and days that are a span away from one that belongs to it."""
        found: set[str] = set()
        for whole in self.wholes:
            for row in objects_in(whole):
                spans = []  # numbers that are called by a unit of time, in minutes
                for name, value in _numbers(row).items():
                    words = _words(name)
                    if words[:1] == ["min"]:  # the least of something: min_nights
                        words = words[1:] or words
                    sizes = [size for word in words if (size := minutes_of(word))]
                    if sizes or "duration" in words:
                        spans.append(int(value * (sizes[-1] if sizes else 1)))
                found |= _away(_times(row), spans, [*_days(row)], _in_days(spans))
        for text in (*self.texts, *self.rules):
            for sentence in _SENTENCE.findall(text):
                times = [*_read(sentence, "time", self.clock)]
                spans = [int(one) for one in _read(sentence, "duration", self.clock)]
                days = [date.fromisoformat(one) for one in _read(sentence, "date", self.clock)]
                found |= _away(times, spans, days or [self.clock.date()], _in_days(spans))
        return frozenset(found)


def _spoken_numbers(
    texts: Sequence[str], clock: datetime, *, dates: bool = True
) -> Iterator[list[float]]:
    """The numbers of each sentence; without ``dates``, none that a date or a time has."""
    for text in texts:
        for sentence in _SENTENCE.findall(_DIALLED.sub(" ", text)):
            spans = [] if dates else [*_DAY.findall(sentence)]
            for rule in () if dates else ("datetime", "date", "time"):
                spans += BY_NAME[rule].spans(sentence)
            for span in spans:
                sentence = sentence.replace(span, " ")
            read = _read(sentence, "number", clock)
            # With 0, each would be a sum of itself.
            numbers = [float(one) for one in read if 0 < abs(one) < _EXACT]
            if len(numbers) <= _MOST // 4:
                yield numbers


def _numbers(row: JsonObject) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in row.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _EXACT
    }


def _is_amount(name: str, value: float) -> bool:
    """Whether it may be added and multiplied."""
    money: list[str] = data.table("lexicon/meanings.yaml")["numbers"]["money"]
    words = {one.removesuffix("s") for one in _words(name)}
    return value != int(value) or not words.isdisjoint(money)


def _in_minutes(name: str) -> bool:
    """Whether it is told in minutes, by which little is paid."""
    return any(minutes_of(word) == 1 for word in _words(name))


def _words(name: str) -> list[str]:
    return read_words(_HUMP.sub(" ", name), datetime.min).split()


def _sums(values: Sequence[float]) -> set[float]:
    pairs = [*combinations(values, 2)]
    return {a + b for a, b in pairs} | {abs(a - b) for a, b in pairs}


def _between(row: JsonObject) -> set[float]:
    """Days, and minutes, between the moments of one object."""
    days = [*_days(row)]
    found = {float(abs((a - b).days)) for a, b in combinations(days, 2)}
    minutes = [int(one[:2]) * 60 + int(one[3:]) for one in _times(row)]
    apart = {float(abs(a - b)) for a, b in combinations(minutes, 2)}
    return found | {one / 7 for one in found} | apart | {one / 60 for one in apart}


def _times(row: JsonObject) -> list[str]:
    texts = (value for value in row.values() if isinstance(value, str))
    return [f"{found[1]}:{found[2]}" for text in texts if (found := _TIMES.search(text))]


def _days(row: JsonObject) -> Iterator[date]:
    for value in row.values():
        if isinstance(value, str) and (found := _DAYS.match(value)):
            try:
                yield date.fromisoformat(found[0])
            except ValueError:
                continue


def _in_days(spans: Sequence[int]) -> list[int]:
    return [span // _DAY_MINUTES for span in spans if span % _DAY_MINUTES == 0]


def _away(
    times: Sequence[str], minutes: Sequence[int], days: Sequence[date], lengths: Sequence[int]
) -> set[str]:
    found = set()
    for time in times:
        start = int(time[:2]) * 60 + int(time[3:5])
        for span in minutes:
            for other in (start + span, start - span):
                found.add(f"{other // 60 % 24:02d}:{other % 60:02d}")
    for day in days:
        for length in lengths:
            for days_away in (length, -length) if abs(length) < _FAR else ():
                with suppress(OverflowError):  # a day that stands for never: 9999-12-31
                    found.add((day + timedelta(days=days_away)).isoformat())
    return found


def _read(sentence: str, rule: str, clock: datetime) -> Iterator[Any]:
    known = BY_NAME[rule]
    for span in known.spans(sentence):
        try:
            yield known.read(span, clock)
        except ValueError:  # the pattern also finds what is no date: 31 February
            continue
