"""Whether rewritten words still tell what the script told: an opinion that shares no code.

Reads records as plain JSON. Of each value in calls, results and the brief it writes out the usual
forms; where one of them stands in the scripted words of a message, one must stand in the new ones.
"""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

_MONTHS = "January February March April May June July August September October November December"
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_SMALL = "zero one two three four five six seven eight nine ten eleven twelve".split()


def find_untold(record: dict[str, Any]) -> Iterator[str]:
    """What is told no more, a line for each value."""
    messages = record["messages"]
    now = date.fromisoformat(record["task"]["clock"][:10])
    values = {repr(value): value for value in _values(record)}
    for note in record.get("rewriting") or ():
        if note["kept"] or not note["scripted"]:
            continue
        before, after = _flat(note["scripted"]), _flat(messages[note["message"]]["text"])
        for value in values.values():
            forms = [_flat(form) for form in _forms(value, now)]
            was, still = (any(_stands(f, text) for f in forms) for text in (before, after))
            if was and not still:
                yield f"{record['index']}[{note['message']}] {value!r}: {after[:160]!r}"


def _values(record: dict[str, Any]) -> Iterator[Any]:
    for message in record["messages"]:
        for call in message.get("calls") or ():
            yield from _scalars(call["arguments"])
        if message["role"] == "tool":
            yield from _scalars(json.loads(message["content"]))
    for wish in record["task"]["brief"]["wishes"]:
        for part in (*wish["know"], *wish["held_back"]):
            yield part["value"]


def _scalars(whole: Any) -> Iterator[Any]:
    if isinstance(whole, dict):
        for part in whole.values():
            yield from _scalars(part)
    elif isinstance(whole, list):
        for part in whole:
            yield from _scalars(part)
    elif isinstance(whole, str | int | float) and not isinstance(whole, bool):
        yield whole


def _forms(value: Any, now: date) -> Iterator[str]:
    if isinstance(value, int | float):
        if value in (0, 1):
            return
        yield from {f"{value:g}", f"{value:,}", f"{value:,.2f}", f"{value:.2f}", str(value)}
        if value == int(value) and 1 < value < len(_SMALL):
            yield _SMALL[int(value)]
        return
    text = value.strip()
    if match := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d).*)?", text):
        yield from _days(date(*map(int, match.groups()[:3])), now)
        return
    if match := re.fullmatch(r"(\d\d):(\d\d)(?::\d\d)?", text):
        hour, minute = int(match[1]), match[2]
        half, short = "am" if hour < 12 else "pm", hour % 12 or 12
        yield from (f"{hour:02}:{minute}", f"{hour}:{minute}")
        for joint in (" ", ""):
            yield from (f"{short}:{minute}{joint}{half}", f"{short}.{minute}{joint}{half}")
            yield from (f"{short}{joint}{half}",) if minute == "00" else ()
        return
    # A short word may stand anywhere by chance, and as what it means.
    if len(text) > 3 and (not text.islower() or " " in text or "_" in text):
        yield text
        yield text.replace("_", " ")


def _days(day: date, now: date) -> Iterator[str]:
    month, number = _MONTHS.split()[day.month - 1], day.day
    ending = "th" if 10 < number < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    for name in (month, month[:3]):
        for figure in (f"{number}", f"{number}{ending}", f"{number}th"):
            yield from (f"{figure} {name}", f"{figure} of {name}", f"{name} {figure}")
    yield day.isoformat()
    ahead = (day - now).days
    if -1 <= ahead <= 2:
        yield ("yesterday", "today", "tomorrow", "the day after tomorrow")[ahead + 1]
    if 0 < ahead < 14:
        yield _DAYS[day.weekday()]


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("’", "'").replace("_", " ")).casefold()


def _stands(form: str, text: str) -> bool:
    return re.search(rf"(?<![\w.,:]){re.escape(form)}(?!\w|[.,:]\d)", text) is not None
