"""Whether an argument for which no source is on record follows from what was known all the same.

A model says what it calls with, and not why. In code is decided what can be: options that only say
how much is shown, what can be worked out, what the assistant proposed and the user took, and the
synonyms of a choice.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import data
from schemas.leaves import leaves
from schemas.message import AssistantMessage, Message, SystemMessage, ToolMessage, UserMessage
from schemas.reading import read_words, stands_in, tells
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from validators.derived import Derived
from validators.transcript import Exchange, results, writers

_MOST_SHOWN = 100
"""Rows of a page, where the schema sets no bound of its own."""
_QUALIFIER = re.compile(r"(?<!\S)[a-z_]+:([\w./-]+)")
"""A condition of a search: ``state:open``."""
_TAKING = ("affirm", "choose", "correct", "inform")
"""Acts by which a user may take what was proposed."""


def follows(trajectory: Trajectory, exchange: Exchange, path: str, value: Any) -> bool:
    """Whether an argument follows from what was known when its call was made."""
    before = trajectory.messages[: exchange.message]
    clock = datetime.fromisoformat(trajectory.task.clock)
    known = {one.wire_name: one.properties for one in trajectory.tools}
    schema = known.get(exchange.call.name, {}).get(re.sub(r"\[\d+\]", "", path), {})
    items = schema.get("items") if "[" in path else None
    schema = items if isinstance(items, dict) else schema
    looks = exchange.call.name not in writers(trajectory)
    return (
        (looks and _is_option(path, value, schema))
        or _is_taken(before, value, clock)
        or (value in schema.get("enum", ()) and _is_synonym(trajectory.task.said, before, value))
        or (looks and _is_narrowed(before, value))
        # Which of a tool's deeds it is, is what the call is for; whether it is wanted, is not asked
        # here.
        or (
            path in data.table("lexicon/inference.yaml")["methods"]
            and value in schema.get("enum", ())
        )
        or _is_joined(before, value, schema)
        or _is_worked_out(before, value, clock)
    )


def _is_option(path: str, value: Any, schema: JsonObject) -> bool:
    """Whether it only says how many rows are shown, or from where on, within its bounds."""
    if isinstance(value, bool) or not isinstance(value, int):
        return False
    paging = data.table("lexicon/paging.yaml")
    name = read_words(path, datetime.min)
    sized, counted = name in paging["sizes"], name in (*paging["numbers"], *paging["offsets"])
    least, most = schema.get("minimum", 0), schema.get("maximum", _MOST_SHOWN)
    return (sized or counted) and least <= value <= most


def _is_taken(before: Sequence[Message], value: Any, clock: datetime) -> bool:
    """Whether the assistant has proposed it, and the user has taken it."""
    proposed = False
    for message in before:
        if isinstance(message, AssistantMessage) and not proposed:
            known = isinstance(value, str | int | float)
            proposed = known and not isinstance(value, bool) and tells(message.text, value, clock)
        elif isinstance(message, UserMessage) and proposed and message.act in _TAKING:
            return message.act in ("affirm", "choose") or tells(message.text, value, clock)
    return False


def _is_synonym(told: Mapping[str, tuple[str, ...]], before: Sequence[Message], value: Any) -> bool:
    """Whether the user has said a choice in other words: "kids' doctor", "bookings"."""
    said = " ".join(one.text for one in before if isinstance(one, UserMessage)).casefold()
    said = read_words(said.replace("’", "'"), datetime.min)
    words = read_words(str(value), datetime.min)
    known = data.table("lexicon/choices.yaml").get(words, ())
    forms = (f"{words}s", words.removesuffix("s"), words.replace(" ", ""))  # of one, or of several
    return any(stands_in(one, said) for one in (*told.get(str(value), ()), *known, *forms))


def _is_narrowed(before: Sequence[Message], value: Any) -> bool:
    """Whether words that were said are looked for, with qualifiers that were: ``lamp is:open``."""
    if not isinstance(value, str) or not _QUALIFIER.search(value):
        return False
    said = " ".join(one.text for one in before if isinstance(one, UserMessage))
    plain = read_words(_QUALIFIER.sub(" ", value), datetime.min)
    parts = [*_QUALIFIER.findall(value), *([plain] if plain else [])]
    return all(stands_in(read_words(one, datetime.min), read_words(said, datetime.min))
               for one in parts)  # fmt: skip


def _is_joined(before: Sequence[Message], value: Any, schema: JsonObject) -> bool:
    """Whether it joins values that were said or shown by commas, as its description asks for."""
    asked = "comma" in str(schema.get("description", "")).casefold()
    parts = value.split(",") if isinstance(value, str) and asked else []
    shown = {str(one) for result in results(before).values() for _, one in leaves(result)}
    said = read_words(
        " ".join(one.text for one in before if isinstance(one, UserMessage)), datetime.min
    )
    return len(parts) > 1 and all(
        one.strip() in shown or stands_in(read_words(one, datetime.min), said) for one in parts
    )


def _is_worked_out(before: Sequence[Message], value: Any, clock: datetime) -> bool:
    """Whether it is a sum, a difference, the end of a span, a day so many days away."""
    derived = Derived(clock)
    values = results(before)
    for position, message in enumerate(before):
        if isinstance(message, ToolMessage):
            derived.learn(values.get(position))
        elif not isinstance(message, AssistantMessage):
            derived.listen(message.text, rule=isinstance(message, SystemMessage))
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return derived.has_number(value)
    return isinstance(value, str) and derived.has_moment(value)
