"""The user's side of a task in plain words: what is wanted, known, held back and not known.

The model that plays the user acts by it, and the judge of the user's side judges by it.
"""

import re
from dataclasses import dataclass

from schemas.task import Fact, Outcome, Task, TaskTurn


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
    revised = turn.revision
    held = [fact for fact in facts if f"{fact.call}:{fact.path}" in turn.withheld]
    return Part(
        intent=turn.intent,
        known=_sayings([fact for fact in facts if fact not in held]),
        withheld=_sayings(held),
        unknown=turn.unknown,
        first=Saying(label(revised.path), _written(revised.first)) if revised else None,
        vague=turn.vague,
        outcome=turn.outcome,
        described=tuple(
            dict.fromkeys(
                Saying(label(one.field), _written(one.value))
                for reference in turn.references
                for one in reference.conditions
            )
        ),
        chosen=f"{turn.comparison.rule} {label(turn.comparison.field)}" if turn.comparison else "",
        hurried=turn.hurried,
    )


def _sayings(facts: list[Fact]) -> tuple[Saying, ...]:
    told = (Saying(label(fact.path), _written(fact.value)) for fact in facts)
    return tuple(dict.fromkeys(told))


def _written(value: str | int | float | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
