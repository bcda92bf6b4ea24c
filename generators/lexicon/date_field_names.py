"""What the name of a date tells: past or future, before or after which other, at what hours.

``borrowed_on`` has happened, ``due_date`` lies ahead, a start comes before an end. The words are
data (``data/lexicon/date_names.yaml``); participles of known verbs are told from the verb table.
"""

from collections.abc import Collection
from functools import lru_cache
from itertools import pairwise

from generators.lexicon.names import split_words, words_before
from generators.lexicon.tables import load_table, load_words
from generators.lexicon.verbs import find_verb, participle, verbs_by_participle

_REMEMBERED = 4096
_BIRTH, _BEGUN, _CHANGED, _FINISHED, START, _END = range(6)
"""Stages of the course of events."""
_BY_DAY = tuple(range(7, 21))


@lru_cache(maxsize=_REMEMBERED)
def _has(name: str, key: str) -> bool:
    """Whether a name has one of the words of a list of the table."""
    return not load_words("date_names", key).isdisjoint(split_words(name))


def _joined(name: str) -> frozenset[str]:
    """The words of a name, and each two of them as one: ``check_in`` is "checkin"."""
    words = split_words(name)
    return frozenset(words) | {one + other for one, other in pairwise(words)}


@lru_cache(maxsize=_REMEMBERED)
def stage_of(name: str) -> int | None:
    """Place of a date in the course of events: start before end; None where it says nothing."""
    words, joined = split_words(name), _joined(name)
    stages: list[list[str]] = load_table("date_names")["stages"]
    if joined & {"checkin", "checkout"}:
        return START if "checkin" in joined else _END
    if words[-1:] == ("date",) and words[0] in load_words("date_names", "begun_by"):
        return _BEGUN
    if joined & load_words("date_names", "not_yet") and joined & set(stages[-1]):
        return len(stages) - 1
    found = next((number for number, marks in enumerate(stages) if joined & set(marks)), None)
    return _CHANGED if found == _BEGUN and "last" in words else found  # ``last_received_at``


def is_birth(name: str) -> bool:
    """Whether a field holds a birthday."""
    return stage_of(name) == _BIRTH


def has_happened(name: str) -> bool:
    """Whether a date is of something that is done: ``borrowed_on``, ``updated_at``."""
    stage = stage_of(name)
    return stage is not None and stage <= _FINISHED


def is_expiry(name: str) -> bool:
    """Whether a date says until when something is valid."""
    return _has(name, "expiry")


@lru_cache(maxsize=_REMEMBERED)
def is_short_lived(name: str, noun: str) -> bool:
    """Whether what a date is of is valid for hours or days: a warning, a code, an invitation."""
    words = {*split_words(name), noun.rpartition(" ")[2]}
    return not load_words("date_names", "short_lived").isdisjoint(words)


@lru_cache(maxsize=_REMEMBERED)
def tells_begin(name: str) -> bool:
    """Whether a date says when its row begins, and not when somebody comes: ``start_time``."""
    return stage_of(name) == START and _has(name, "begins")


@lru_cache(maxsize=_REMEMBERED)
def tells_making(name: str) -> bool:
    """Whether a date says when its row was made or last changed: now, for a new row."""
    words = split_words(name)
    if stage_of(name) not in (_BEGUN, _CHANGED):
        return False
    around = ("at", "on", "date", "time")
    alone = len(words) == 2 and words[0] in around  # ``date_created``
    return words[-1] in (*around, *words[:1]) or alone or tells_change(name)


def came_out(name: str) -> bool:
    """Whether a date says when a work came out: ``release_date``."""
    return _has(name, "came_out")


def tells_having(name: str) -> bool:
    """Whether a date says since when somebody has a work that was there before: ``added_at``."""
    return _has(name, "had")


def tells_past(name: str) -> bool:
    """Whether a date says when a thing came to be, was changed or begins: each has such a day."""
    return stage_of(name) in (_BIRTH, _BEGUN, _CHANGED, START)


@lru_cache(maxsize=_REMEMBERED)
def tells_change(name: str) -> bool:
    """Whether a date says when its row was last changed: ``updated_at``, ``last_modified``."""
    return tells_deed(name, ("updated", "modified", "changed", "edited"))


def tells_deed(name: str, done: Collection[str]) -> bool:
    """Whether a date says when one of these was done last: ``last_read_at``, ``closed_on``."""
    words = [word for word in split_words(name) if word not in ("at", "on", "last", "time", "date")]
    return len(words) == 1 and words[0] in done and stage_of(name) != _BEGUN


@lru_cache(maxsize=_REMEMBERED)
def lies_ahead(name: str, noun: str) -> bool:
    """Whether a date of such a thing is planned, not past: ``start_time`` of an event."""
    past = _has(name, "past") or any(is_deed(word) for word in split_words(name))
    if has_happened(name) or (past and not _has(name, "not_yet")):
        return False
    return _has(name, "future") or bool(load_words("date_names", "planned") & set(noun.split()))


@lru_cache(maxsize=_REMEMBERED)
def is_long_ago(name: str, noun: str) -> bool:
    """Whether a date lies years back: when an account was opened, when somebody joined."""
    lasting = noun.rpartition(" ")[2] in load_words("date_names", "lasting")
    return (stage_of(name) == _BEGUN and lasting) or _has(name, "long_ago")


@lru_cache(maxsize=_REMEMBERED)
def usual_hours(name: str) -> tuple[int, ...]:
    """The hours of the day at which such things happen."""
    hours: dict[str, list[int]] = load_table("date_names")["hours"]
    return next((tuple(hours[word]) for word in hours if word in _joined(name)), _BY_DAY)


@lru_cache(maxsize=_REMEMBERED)
def deed_in(name: str) -> str:
    """What the name of a date says was done; empty for a noun.

    ``borrowed`` of ``borrowed_on``, and ``ordered`` of ``order_date``.
    """
    noun = words_before(name, frozenset({"date"}))
    if noun in load_words("date_names", "begun_by") and find_verb(noun):
        return participle(noun)
    words = [word for word in split_words(name) if word not in ("at", "on", "date", "time")]
    return words[0] if len(words) == 1 and is_deed(words[0]) else ""


def tells_end(name: str) -> bool:
    """Whether a date says when its row was over: nobody knows it of what has just been begun."""
    return deed_in(name) in load_words("date_names", "ended")


def is_deed(word: str) -> bool:
    """Whether a word is the participle of what has been done: ``created``, not ``due``."""
    return word in verbs_by_participle() and word not in load_words("date_names", "not_yet")
