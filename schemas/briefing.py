"""The user's side of a task in plain words: what is wanted, known, held back and not known.

The model that plays the user acts by it, and the judge of the user's side judges by it.
"""

import re
from dataclasses import dataclass

from schemas.task import Fact, Outcome, Task, TaskTurn
from schemas.twists import (
    Comparison,
    Hurry,
    Noted,
    Reference,
    Revision,
    Unknown,
    Vague,
    Withheld,
    find_twist,
    find_twists,
    has_twist,
)


@dataclass(frozen=True)
class Saying:
    """A value with a plain name."""

    label: str
    value: str


@dataclass(frozen=True)
class Part:
    """One thing that the user wants, with all that a player of the user may say about it."""

    intent: str
    known: tuple[Saying, ...]
    withheld: tuple[Saying, ...]
    """Said only when the assistant asks."""
    unknown: tuple[str, ...]
    first: Saying | None
    """Said first, by mistake, and corrected to the known value of the same label."""
    vague: bool
    outcome: Outcome
    described: tuple[Saying, ...] = ()
    """By what a row is told from all others, as its name is not known."""
    chosen: str = ""
    """The rule by which one of several rows is chosen: ``least price``."""
    hurried: bool = False
    """Urges that nothing be asked first."""
    notes: tuple[str, ...] = ()
    """What else the player is to do, in sentences said to "you"."""


def script(task: Task) -> tuple[Part, ...]:
    """One part for each turn of the task, in order."""
    parts, start = [], 0
    for turn in task.turns:
        end = start + len(turn.calls)
        parts.append(_part(turn, tuple(f for f in task.known if start <= f.call < end)))
        start = end
    return tuple(parts)


def label(path: str) -> str:
    """``passengers[0].firstName`` → "passengers 1 first name"."""
    counted = re.sub(r"\[(\d+)\]", lambda match: f" {int(match[1]) + 1} ", path)
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", counted)
    return re.sub(r"[\s_.\-\[\]]+", " ", spaced).strip().lower()


def _part(turn: TaskTurn, facts: tuple[Fact, ...]) -> Part:
    revised, compared = find_twist(turn, Revision), find_twist(turn, Comparison)
    leaves = {(one.call, one.path) for one in find_twists(turn, Withheld)}
    held = [fact for fact in facts if (fact.call, fact.path) in leaves]
    return Part(
        intent=turn.intent,
        known=_sayings([fact for fact in facts if fact not in held]),
        withheld=_sayings(held),
        unknown=tuple(one.name for one in find_twists(turn, Unknown)),
        first=Saying(label(revised.path), _written(revised.first)) if revised else None,
        vague=has_twist(turn, Vague),
        outcome=turn.outcome,
        described=tuple(
            dict.fromkeys(
                Saying(label(one.field), _written(one.value))
                for reference in find_twists(turn, Reference)
                for one in reference.conditions
            )
        ),
        chosen=f"{compared.rule} {label(compared.field)}" if compared else "",
        hurried=has_twist(turn, Hurry),
        notes=tuple(one.brief for one in find_twists(turn, Noted) if one.brief),
    )


def _sayings(facts: list[Fact]) -> tuple[Saying, ...]:
    told = (Saying(label(fact.path), _written(fact.value)) for fact in facts)
    return tuple(dict.fromkeys(told))


def _written(value: str | int | float | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
