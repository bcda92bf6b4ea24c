"""What a text tells: quotations, names, ids, days, times, numbers and choices, in any usual form.

Reads more forms than `schemas.reading`, which has to say which value a call was told: here two
texts are compared, and what both tell is all that matters.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from generators.lexicon.tables import load_table, load_words
from schemas.reading import MONTHS, NUMBER_WORDS, WEEKDAYS

Kind = Literal[
    "quote", "name", "code", "date", "weekday", "month", "day", "time", "number", "selector"
]
Value = str | int | float | tuple[int | None, int, int]


class ToldValue(NamedTuple):
    """A value that stands in a text."""

    kind: Kind
    value: Value
    start: int
    end: int
    text: str


_MON = "|".join(f"{name}|{name[:3]}t?" for name in MONTHS).join(("(?:", r")\b\.?"))
_TH, _YEAR = "(?:st|nd|rd|th)", r"(?:,? (?P<y>\d{4})\b)?"
_DAYS = "|".join(WEEKDAYS)
_CAPITAL = re.compile(r"(?<![\w@#/._-])[A-Z][\w'-]*")
_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?:…\n]|[“\"(–—-] ?)\s*$")
_WORD = re.compile(r"[^\W\d_][\w'-]*")
_QUOTE = re.compile(r"“([^”]+)”|\"([^\"]+)\"")
_DATES: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\w-])(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})",
        rf"(?<![\w.,:])(?P<d>\d{{1,2}}){_TH}?(?: of)? (?P<mon>{_MON}){_YEAR}",
        rf"\b(?P<mon>{_MON}) (?:the )?(?P<d>\d{{1,2}}){_TH}?(?!\d|:\d){_YEAR}",
        r"\b(?P<near>the day after tomorrow|day after tomorrow|today|tonight|tomorrow|yesterday)\b",
        rf"\b(?P<which>this|next|last|coming) (?P<week>{_DAYS})\b",
    )
)
_WEEKDAY = re.compile(rf"\b({_DAYS})s?\b", re.IGNORECASE)
_MONTH_ALONE = re.compile(rf"\b({'|'.join(MONTHS)})\b(?: (\d{{4}}))?")
_DAY_ALONE = re.compile(r"\b(?:the|on) (\d{1,2})(?:st|nd|rd|th)\b", re.IGNORECASE)
_TIMES: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?P<h>\d{1,2})(?:[:.](?P<min>\d{2}))? ?(?P<half>[ap])\.?m\b\.?",
        r"\b(?P<h>\d{1,2}):(?P<min>\d{2})(?::\d{2})?\b(?! ?[ap]\.?m)",
        r"\b(?P<named>noon|midday|midnight)\b",
    )
)
_NEAR = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}
_CODE = re.compile(r"(?<!\w)([#@+]?[^\W_](?:[\w.+\-/:@#]*[^\W_])?)")
_TAKEN = "\0"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.]+)?(?:Z|[+-]\d\d:\d\d)?|[\d:]+|\d+[.,]\d+")
_ORDINARY = re.compile(
    r"\d+(?:[.,:]\d+)*(?:st|nd|rd|th|am|pm|a\.m|p\.m|x|k|kg|g|km|m|cm|mm|ml|l|h|hrs?|min|s|gb|mb|tb|%|nights?)"
    r"|\d+(?:[.,]\d+)*-[a-z]+(?:-[a-z]+)*|and/or|(?:s?he|his|him)/(?:s?he|hers?)"
    r"|yes/no|w/o|n/a|24/7|\d+/\d+",
    re.IGNORECASE,
)
_LONG = 7
"""Digits from which a number is no amount but a name."""
_NUMBER = re.compile(r"(?<![\w.])[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.])[-−]?\d+(?:\.\d+)?")
_TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES = {"hundred": 100, "thousand": 1000}
_WORDS = {word: n for n, word in enumerate((*NUMBER_WORDS, *_TEENS))}
_WORDS |= {word: 10 * n for n, word in enumerate(_TENS, 2)}
_ONE_WORD = f"(?:{'|'.join((*_WORDS, *_SCALES))})"
_IN_WORDS = re.compile(rf"\b(?:an? )?({_ONE_WORD}(?:(?:[ -]| and ){_ONE_WORD})*)\b", re.IGNORECASE)
_OTHER_NUMBERS = {"twice": 2, "both": 2, "a couple of": 2, "a pair of": 2,
                  "a dozen": 12, "half a dozen": 6}  # fmt: skip
_OTHER = re.compile(rf"\b({'|'.join(_OTHER_NUMBERS)})\b", re.IGNORECASE)


def plain(text: str) -> str:
    """The text with the marks of a keyboard: apostrophes straight, blanks single."""
    return re.sub(r"[ \u00a0\u202f\u2009]+", " ", text.replace("’", "'").replace("‘", "'"))


@lru_cache(maxsize=8192)
def joined(text: str) -> str:
    """The words alone, whatever their case and however joined."""
    return re.sub(r"[\s_\-./]+", " ", plain(text)).strip(" .,!?…:;").casefold()


def holds(text: str, words: str) -> bool:
    """Whether the text has these words one after the other: ``joined`` on both sides."""
    return bool(words) and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None


@dataclass
class Reading:
    """Reads texts of one conversation."""

    clock: datetime
    names: Sequence[str] = ()
    """Texts out of arguments and results that are no prose; longest first."""
    _read: dict[str, list[ToldValue]] = field(default_factory=dict)

    def read(self, text: str) -> list[ToldValue]:
        """All that it tells, in the order of the text."""
        if text not in self._read:
            scan = _Scan(plain(text), self.clock, self.names)
            self._read[text] = sorted(scan.find(), key=lambda one: one.start)
        return self._read[text]


@dataclass
class _Scan:
    """Looks for each kind in what the ones before have left."""

    text: str
    clock: datetime
    names: Sequence[str]

    def find(self) -> Iterator[ToldValue]:
        self.left = self.text
        for match in _QUOTE.finditer(self.text):
            if value := joined(match[1] or match[2]):
                yield self._take("quote", value, match)
        folded = self.left.casefold().replace("_", " ")
        for name in self.names:
            if name.casefold().replace("_", " ") in folded:
                for match in _pattern_of(name).finditer(self.left):
                    yield self._take("name", joined(name), match)
        for match in _CODE.finditer(self.left):
            if is_code(match[1]):
                yield self._take("code", joined(match[1]), match, 1)
        yield from self._days_and_times()
        for group, pattern in enumerate(_selectors()):
            yield from (self._take("selector", group, m) for m in pattern.finditer(self.left))
        for match in _NUMBER.finditer(self.left):
            yield self._take("number", float(match[0].replace(",", "").replace("−", "-")), match)
        for match in _OTHER.finditer(self.left):
            yield self._take("number", _OTHER_NUMBERS[match[1].lower()], match)
        for match in _IN_WORDS.finditer(self.left):
            yield self._take("number", _number_of(match[1]), match, 1)

    def _take(self, kind: Kind, value: Value, match: re.Match[str], group: int = 0) -> ToldValue:
        start, end = match.span(group)
        self.left = self.left[:start] + _TAKEN * (end - start) + self.left[end:]
        return ToldValue(kind, value, start, end, self.text[start:end])

    def _days_and_times(self) -> Iterator[ToldValue]:
        for match in (found for one in _DATES for found in one.finditer(self.left)):
            if self._is_free(match) and (day := self._day_of(match)):
                yield self._take("date", day, match)
        for match in (found for one in _TIMES for found in one.finditer(self.left)):
            if self._is_free(match) and (minutes := _minutes(match)) is not None:
                yield self._take("time", minutes, match)
        for match in _WEEKDAY.finditer(self.left):
            yield self._take("weekday", WEEKDAYS.index(match[1].capitalize()), match)
        for match in _MONTH_ALONE.finditer(self.left):
            if match[1] != "May" or match[2]:
                yield self._take("month", MONTHS.index(match[1]) + 1, match)
        for match in _DAY_ALONE.finditer(self.left):
            yield self._take("day", int(match[1]), match, 1)

    def _is_free(self, match: re.Match[str]) -> bool:
        return _TAKEN not in self.left[match.start() : match.end()]

    def _day_of(self, match: re.Match[str]) -> tuple[int | None, int, int] | None:
        found, today = match.groupdict(), self.clock.date()
        if near := found.get("near"):
            return _as_tuple(today + timedelta(days=_NEAR.get(near.lower(), 2)))
        if week := found.get("week"):
            ahead = (WEEKDAYS.index(week.capitalize()) - today.weekday()) % 7 or 7
            which = match["which"].lower()
            ahead += {"next": 7 if ahead < 7 else 0, "last": -14}.get(which, 0)
            return _as_tuple(today + timedelta(days=ahead))
        if found.get("mon") == "may" and match.start("d") < match.start("mon"):
            return None  # "2 may" is no day
        named = (n for n, name in enumerate(MONTHS, 1) if name[:3] == match["mon"][:3].capitalize())
        month = int(found["m"]) if found.get("m") else next(named)
        day = int(match["d"])
        year = int(found["y"]) if found.get("y") else None
        return (year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


def is_code(token: str) -> bool:
    """Whether it is spelt as no word is: ``#W21``, ``fix/login``, ``a@b.org``, ``v4.1``."""
    if _ORDINARY.fullmatch(token):
        return False
    if re.search(r"[@_#]|://|\w/\w", token):
        return True
    digits = re.sub(r"\D", "", token)
    if token.isdigit():
        return len(token) >= _LONG
    return bool(digits) and any(map(str.isalpha, token)) and not re.fullmatch(r"[\d.,:]+", token)


def same_day(left: Value, right: Value) -> bool:
    """Whether two dates may be one: a year that is not said is any."""
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    return left[1:] == right[1:] and (left[0] == right[0] or None in (left[0], right[0]))


def weekday_of(day: Value, clock: datetime) -> int | None:
    """The day of the week of a date; of one without a year, as near as can be."""
    assert isinstance(day, tuple)
    try:
        return date(day[0] or clock.year, day[1], day[2]).weekday()
    except ValueError:
        return None


@cache
def selector_words() -> tuple[tuple[str, ...], ...]:
    """Groups of words that single a thing out in the same way."""
    return tuple(map(tuple, load_table("acts")["selectors"]))


@cache
def _selectors() -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(
            r"(?<!at )(?<!at the )(?<!all )\b(?:the|my|your|his|her|their|our|its)(?: very)? "
            rf"({'|'.join(map(re.escape, words))})\b(?! (?:of|time|thing|step|minute|name))",
            re.IGNORECASE,
        )
        for words in selector_words()
    )


@lru_cache(maxsize=4096)
def _pattern_of(name: str) -> re.Pattern[str]:
    words = re.escape(plain(name)).replace("\\ ", r"\s+").replace("_", r"[\s_-]+")
    before = r"(?<![\w])" if name[0].isalnum() else ""
    after = r"(?![\w])" if name[-1].isalnum() else ""
    return re.compile(before + words + after, re.IGNORECASE)


def _as_tuple(day: date) -> tuple[int, int, int]:
    return day.year, day.month, day.day


def _minutes(match: re.Match[str]) -> int | None:
    found = match.groupdict()
    if named := found.get("named"):
        return 0 if named.lower() == "midnight" else 720
    hour, minute = int(match["h"]), int(found["min"] or 0)
    if half := found.get("half"):
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def _number_of(words: str) -> float:
    total = current = 0
    for word in re.findall(r"[a-z]+", words.lower()):
        if word in _SCALES:
            current = max(current, 1) * _SCALES[word]
            if word == "thousand":
                total, current = total + current, 0
        elif word in _WORDS:
            current += _WORDS[word]
    return float(total + current)


def names_among(values: Iterable[object]) -> tuple[str, ...]:
    """Texts that name something: neither prose, nor days, times and numbers; longest first."""
    found = set()
    for value in values:
        text = plain(value).strip() if isinstance(value, str) else ""
        if not 2 < len(text) <= 80 or "\n" in text or _MOMENT.fullmatch(text):
            continue
        if text.islower() and text.isalpha():
            continue  # a word like any other
        found.add(text)
    return tuple(sorted(found, key=lambda one: (-len(one), one)))


def begins_sentence(text: str, at: int) -> bool:
    """Whether a sentence, a line or a quotation begins at a place of a text."""
    return _SENTENCE_BEGINS.search(text[:at]) is not None


def words_in(*texts: str) -> frozenset[str]:
    """The words of texts, and those that name nothing anywhere: months, greetings."""
    usual = (one.lower() for one in (*MONTHS, *WEEKDAYS, "OK"))
    told = (word.lower() for text in texts for word in _WORD.findall(plain(text)))
    return load_words("acts", "interjections").union(usual, told)


def capitalised(text: str) -> Iterator[tuple[str, str, bool]]:
    """Each word with a capital: without its end, as it stands, and whether it begins a sentence."""
    flat = plain(text)
    for match in _CAPITAL.finditer(flat):
        word = match[0].rstrip("'").removesuffix("'s").split("'")[0]
        yield word, match[0], begins_sentence(flat, match.start())
