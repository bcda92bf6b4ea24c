"""How a spoken value is read: named rules that turn a span of text back into a value.

A call's argument may be grounded in words that are not the value itself: "the 12th of March" for
``2026-03-12``. Provenance names the rule, and the check reads the span again. Speaking lies in
`generators.language`; that reading undoes it is a tested law.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from schemas.formats import FORMATS, Format

_COUNTED = 10**9
"""Seconds from 1970 to September 2001."""
Reader = Callable[[str, datetime], Any]
"""Span and clock → value. Raises ValueError where the span does not say one."""

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NUMBER_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six",
    "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
# "2 may" is a day only where it is spelled as one: anything may be.
_MONTH = "|".join(
    rf"(?-i:{name})" if name == "May" else rf"{name}|{name[:3]}(?:t\b)?\.?(?!\w)" for name in MONTHS
)
_DATE = re.compile(
    r"(?=\d|[adfjmnosty][aceohpu])(?:"  # what they begin with, looked at before all else
    rf"(?:the )?(?<![\d.,:])(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({_MONTH})(?:,? (\d{{4}}))?"
    rf"|({_MONTH}|May) (\d{{1,2}})(?!\d)(?:st|nd|rd|th)?(?:,? (\d{{4}}))?"
    r"|\b(today|tomorrow|the day after tomorrow|yesterday)\b"
    rf"|\b(this|next) ({'|'.join(WEEKDAYS)})\b)",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"(?<![\d/.-])(\d{1,2})([./])(\d{1,2})\2((?:19|20)\d\d)(?![\d/])")
_DAY_HINTS = ("day", "tomorrow", *(month[:3].casefold() for month in MONTHS))
_TIME = re.compile(
    r"(?=[\dmn])(?:"
    r"\b(\d{1,2})(?:[:.](\d{2}))? ?(am|pm|a\.m\.|p\.m\.)(?!\w)"
    r"|\b(\d{1,2}):(\d{2})\b|\b(noon|midnight)\b)",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?<!\w)(?=[-\defnostz])"
    r"(?:(?<!\.)-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<!\.)-?\d+(?:\.\d+)?|(?:"
    + "|".join(NUMBER_WORDS)
    + r")\b)",
    re.IGNORECASE,
)
_MINUTES = {"min": 1, "minute": 1, "h": 60, "hr": 60, "hour": 60, "day": 1440, "night": 1440,
            "week": 10_080}  # fmt: skip
_DURATION = re.compile(
    r"(?<!\w)(?=[\dahefnostz])"
    r"(?:(half an hour)\b|(?<!\.)((?:\d+(?:\.\d+)?)|an?|" + "|".join(NUMBER_WORDS) + r")[ -]?"
    r"(min(?:ute)?s?|h(?:ou)?rs?|h|days?|nights?|weeks?)\b( and a half)?)",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(not|no|don't|doesn't|without|never|off|leave out|skip)\b", re.IGNORECASE
)


_HUMPS, _JOINTS = re.compile("(?<=[a-z0-9])(?=[A-Z])"), re.compile(r"[\s_\-./]+")
"""Where words meet, by a capital or by what stands between them."""
_COMPACT = re.compile(r"(?:19|20)\d{6}")
_BEGINS, _ENDS, _ANYWHERE = re.compile(r"(?<!\w)"), re.compile(r"(?!\w)"), re.compile("")


def read_literal(span: str, clock: datetime) -> str:
    """The words themselves."""
    del clock
    return span


def read_words(span: str, clock: datetime) -> str:
    """The words, whatever their case and however joined: "in progress", ``IN_PROGRESS``."""
    del clock
    return _join_words(span)


@lru_cache(maxsize=1024)  # texts of a conversation are not asked for after it
def _join_words(span: str) -> str:
    return _JOINTS.sub(" ", _HUMPS.sub(" ", span)).strip().casefold()


def read_number(span: str, clock: datetime) -> int | float:
    """``1,250``, ``45.50``, "three": an int where it is whole."""
    del clock
    word = span.strip().casefold()
    if word in NUMBER_WORDS:
        return NUMBER_WORDS.index(word)
    plain = word.replace(",", "")
    if re.fullmatch(r"-?\d+", plain):
        return int(plain)  # a float would round long ones
    number = float(plain)
    return int(number) if number.is_integer() else number


def read_date(span: str, clock: datetime) -> str:
    """``2026-03-12`` from "the 12th of March", "12 Mar", "March 12", "tomorrow", "next Friday".

    A date without a year is the next such date, today included.
    """
    match = _DATE.fullmatch(span.strip())
    if not match:
        raise ValueError(f"no date in {span!r}")
    day, month, year, month2, day2, year2, relative, which, weekday = match.groups()
    today = clock.date()
    if relative:
        return (today + timedelta(days=_RELATIVE_DAYS[relative.lower()])).isoformat()
    if weekday:
        ahead = (WEEKDAYS.index(weekday.capitalize()) - today.weekday()) % 7 or 7
        later = which.lower() == "next" and ahead < 7
        return (today + timedelta(days=ahead + 7 if later else ahead)).isoformat()
    said = (month or month2)[:3].capitalize()
    number = next(n for n, name in enumerate(MONTHS, 1) if name.startswith(said))
    of_month = int(day or day2)
    if year or year2:
        return date(int(year or year2), number, of_month).isoformat()
    for ahead in range(9):  # 29 February comes at least every eighth year
        try:
            found = date(today.year + ahead, number, of_month)
        except ValueError:
            continue
        if found >= today:
            return found.isoformat()
    raise ValueError(f"no such day: {of_month}.{number}.")


_MONTHS_A_YEAR = 12
_RELATIVE_DAYS = {"today": 0, "tomorrow": 1, "the day after tomorrow": 2, "yesterday": -1}


def read_figures(span: str, clock: datetime) -> str:
    """``1973-12-19`` from "19.12.1973", "19/12/1973", "12/19/1973".

    3/4 is read otherwise on either side of an ocean: only what leaves no doubt is a day.
    """
    del clock
    match = _FIGURES.fullmatch(span.strip())
    if not match:
        raise ValueError(f"no date in {span!r}")
    first, mark, second, year = match.groups()
    day, month = int(first), int(second)
    if mark == "/" and month > _MONTHS_A_YEAR:
        day, month = month, day
    elif mark == "/" and day <= _MONTHS_A_YEAR and day != month:
        raise ValueError(f"no one day: {span}")
    return date(int(year), month, day).isoformat()


def read_time(span: str, clock: datetime) -> str:
    """``09:40`` from "9:40 am", "9.40 a.m.", "9:40", "noon"."""
    del clock
    match = _TIME.fullmatch(span.strip())
    if not match:
        raise ValueError(f"no time in {span!r}")
    hour, minute, half, hour24, minute24, named = match.groups()
    if named:
        return "12:00" if named.lower() == "noon" else "00:00"
    if half:
        return f"{int(hour) % 12 + (12 if half[0] in 'pP' else 0):02d}:{int(minute or 0):02d}"
    return f"{int(hour24):02d}:{int(minute24):02d}"


def read_datetime(span: str, clock: datetime) -> str:
    """``2026-03-12T09:40`` from "the 12th of March at 9:40 am", "9:40 am on 12 March"."""
    day, at, time = span.rpartition(" at ")
    if not at:
        time, _, day = span.partition(" on ")
    return f"{read_date(day, clock)}T{read_time(time, clock)}"


def minutes_of(unit: str) -> int:
    """The minutes of a unit of time, of one or several: 60 for ``hours``; 0 for another word."""
    return _MINUTES.get(unit.lower().removesuffix("s"), 0)


def read_duration(span: str, clock: datetime) -> int | float:
    """Minutes: 30 from "half an hour", 90 from "1.5 hours", 20160 from "two weeks"."""
    match = _DURATION.fullmatch(span.strip())
    if not match:
        raise ValueError(f"no duration in {span!r}")
    half, number, unit, more = match.groups()
    if half:
        return 30
    count = 1 if number.lower() in ("a", "an") else read_number(number, clock)
    count += 0.5 if more else 0
    minutes = count * minutes_of(unit)
    return int(minutes) if float(minutes).is_integer() else minutes


def read_flag(span: str, clock: datetime) -> bool:
    """True where the words affirm, False where they negate: "without a draft"."""
    del clock
    return not _NEGATION.search(span)


def reader_of(form: Format) -> Reader:
    """The words, written as a parameter's description asks."""

    def read(span: str, clock: datetime) -> str:
        del clock
        return form.apply(span)

    return read


@dataclass(frozen=True)
class Rule:
    """A way of reading, and of finding what it can read."""

    name: str
    read: Reader
    pattern: re.Pattern[str] | None
    """Matches every span that the rule can read; None where any span will do."""
    hints: tuple[str, ...] = ("",)
    """Of which each such span holds one, in small letters: a text with none is not searched."""
    parts: tuple[str, ...] = ()
    """Rules of which each such span holds a span."""

    def spans(self, text: str) -> tuple[str, ...]:
        """Every span of ``text`` that this rule can read."""
        return () if self.pattern is None else _find_spans(self.name, text)


@lru_cache(maxsize=4096)  # one text is searched for many values
def _find_spans(name: str, text: str) -> tuple[str, ...]:
    rule, folded = BY_NAME[name], text.casefold()
    for hint in rule.hints:
        if hint in folded:
            break
    else:
        return ()
    if rule.pattern is None or not all(_find_spans(part, text) for part in rule.parts):
        return ()
    return tuple(match.group(0) for match in rule.pattern.finditer(text))


_DATETIME = re.compile(
    r"(?=[\dadfjmnosty])"
    rf"(?:(?:{_DATE.pattern}) at (?:{_TIME.pattern})|(?:{_TIME.pattern}) on (?:{_DATE.pattern}))",
    re.IGNORECASE,
)

RULES: tuple[Rule, ...] = (
    Rule("literal", read_literal, None),
    Rule("words", read_words, None),
    Rule("number", read_number, _NUMBER),
    Rule("datetime", read_datetime, _DATETIME, (" at ", " on "), ("date", "time")),
    Rule("date", read_date, _DATE, _DAY_HINTS),
    Rule("figures", read_figures, _FIGURES, ("/19", "/20", ".19", ".20")),
    Rule("time", read_time, _TIME),
    Rule("duration", read_duration, _DURATION, ("min", "h", "day", "night", "week")),
    Rule("flag", read_flag, None),
    *(Rule(form.name, reader_of(form), None) for form in FORMATS),
)
BY_NAME: dict[str, Rule] = {rule.name: rule for rule in RULES}


def says(rule: str, span: str, value: Any, clock: datetime) -> bool:
    """Whether ``span``, read by ``rule`` at ``clock``, says ``value``.

    A date-time is compared to the minute and without its offset; an unknown rule says nothing.
    """
    known = BY_NAME.get(rule)
    if known is None or value is None:
        return False
    try:
        found = known.read(span, clock)
    except (ValueError, KeyError, OverflowError):
        return False
    if rule == "words":
        return isinstance(value, str) and _squeeze(found) == _squeeze(
            read_words(value, datetime.min)
        )
    if rule == "datetime":
        return isinstance(value, str) and value.replace(" ", "T")[:16] == found
    if rule == "number":
        if isinstance(value, bool):
            return False
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                return False
        return bool(found == value)
    if isinstance(value, bool) or isinstance(found, bool):
        return found is value
    return bool(found == (spread_date(value) if rule == "date" else value))


def spread_date(value: Any) -> Any:
    """A day that is written without joints, ``20260312``, as ISO has it; all else as it is."""
    if not (isinstance(value, str) and _COMPACT.fullmatch(value)):
        return value
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return value


def _squeeze(words: str) -> str:
    """Without what joins them: ``StatefulSet`` is said as "statefulset" and as "stateful set"."""
    return words.replace(" ", "")


class _Read(NamedTuple):
    """All that the rules read from the spans that they find in a text."""

    numbers: frozenset[int | float]
    minutes: frozenset[int | float]
    """Durations."""
    moments: frozenset[str]
    """Dates with a time of day, to the minute."""
    words: frozenset[str]
    """All else that is said as a text: dates, times of day."""


_READ_AS = {"number": "numbers", "duration": "minutes", "datetime": "moments"}


@lru_cache(maxsize=4096)  # one text is asked for many values
def _read_all(text: str, *days: date) -> _Read:
    """Read as on any of the days: what is read hangs on nothing else of a clock."""
    found: dict[str, set[Any]] = {one: set() for one in _Read._fields}
    for rule in RULES:
        values = found[_READ_AS.get(rule.name, "words")]
        for span in rule.spans(text):
            for day in days:
                with suppress(ValueError, KeyError, OverflowError):
                    values.add(rule.read(span, datetime.combine(day, time())))
    return _Read(**{kind: frozenset(values) for kind, values in found.items()})


def is_read_from(text: str, value: Any, *days: date) -> bool:
    """Whether a rule finds a span that says the value on one of the days, as `says` has it."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return False
    read = _read_all(text, *days)
    if isinstance(value, str):
        if spread_date(value) in read.words or (
            read.moments and value.replace(" ", "T")[:16] in read.moments
        ):
            return True
        try:
            return bool(read.numbers) and float(value) in read.numbers
        except ValueError:
            return False
    return value in read.numbers or value in read.minutes


Value = str | int | float | bool


def write_counted(count: float) -> str:
    """A moment that is counted in seconds since 1970, or in milliseconds, as it is written down.

    Empty for what counts no moment of our days: from 2001 to 2033.
    """
    seconds = next((one for one in (count, count // 1000) if _COUNTED <= one < 2 * _COUNTED), None)
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def tells(text: str, value: Value, clock: datetime) -> bool:
    """Whether the text says the value: "82.99 euros", "the 12th of March", "in progress".

    A truth value is told by yes or no alone, as any other sentence would affirm it.
    """
    if isinstance(value, bool):
        return stands_in("yes" if value else "no", text.casefold())
    if isinstance(value, str):
        if not value.strip():
            return False
        if stands_in(value, text) or stands_in(read_words(value, clock), read_words(text, clock)):
            return True
    today = clock.date()  # a day that is told may lie behind, this year
    return is_read_from(text, value, today, today.replace(month=1, day=1))


def stands_in(words: str, text: str) -> bool:
    """Whether the words stand in the text as whole words: "Oak" does not stand in "Oakland"."""
    if not words or words not in text:  # most do not: no pattern is made for them
        return False
    # A pattern for each of the words would take longer to make than to use.
    before = _BEGINS if words[0].isalnum() else _ANYWHERE
    after = _ENDS if words[-1].isalnum() else _ANYWHERE
    return stands_between(words, text, before, after)


def stands_between(words: str, text: str, before: re.Pattern[str], after: re.Pattern[str]) -> bool:
    """Whether the words stand anywhere where ``before`` holds, and ``after`` behind them."""
    at = text.find(words)
    while at >= 0:
        if before.match(text, at) and after.match(text, at + len(words)):
            return True
        at = text.find(words, at + 1)
    return False
