"""Why somebody wants something, and on which occasion they write: what the world model says of it.

A reason or a situation never changes what is to be done, and holds no value.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import Any

import data
from generators.lexicon.names import split_words
from generators.lexicon.verbs import base_form
from generators.tasks.asked_aloud import asked_calls
from generators.world.model import ToolModel, World
from schemas.task import Task
from schemas.twists import LeansOn, Recall, SmallTalk, has_twist

_SITUATIONS = 0.3
"""Share of the tasks whose user says on which occasion they write, where the world has one."""


def find_reasons(world: World, task: Task, goals: Sequence[str], rng: Random) -> tuple[str, ...]:
    """A reason for each turn, or an empty text; none is given twice.

    ``goals``: the ids of those that the turns serve; empty where none was drawn.
    """
    asked, found, start = set(asked_calls(task)), [], 0
    for number, turn in enumerate(task.turns):
        calls = range(start, start + len(turn.calls))
        start += len(turn.calls)
        wanted = [task.calls[call].tool for call in calls if call in asked]
        if any(finds_person(world, task, call) for call in wanted):
            wanted = []  # on the way to what they want
        plain = not has_twist(turn, LeansOn, Recall, SmallTalk) and turn.outcome != "transfer"
        reasons: Sequence[str] = ()
        if len(wanted) == 1 and plain:
            made = [call.tool for call in task.calls[:start]]
            reasons = _reasons_of(world, wanted[0], made, goals[number] if goals else "")
        fresh = [one for one in reasons if one not in found]
        found.append(rng.choice(fresh) if fresh else "")
    return tuple(found)


def finds_person(world: World, task: Task, tool: str) -> bool:
    """Whether a tool looks up such people as the one who writes."""
    model = world.models[tool]
    entity = world.entities.get(model.entity or "")
    same = task.person is not None and entity is not None and entity.noun == task.person.entity
    return same and not model.writes


def find_situation(world: World, task: Task, rng: Random) -> str:
    """On which occasion the user writes; mostly empty."""
    service = world.domains.get(task.domain)
    situations = service.situations if service else ()
    return rng.choice(situations) if situations and rng.random() < _SITUATIONS else ""


def _reasons_of(world: World, tool: str, made: Sequence[str], goal: str) -> Sequence[str]:
    """Of the goal that is served; else of the fullest one that the calls would serve."""
    model = world.models[tool]
    service = world.domains.get(model.tool.domain)
    goals = service.goals if service else ()
    if not goals:
        return () if _asks_for_reason(model) else _usual_reasons(model)
    named = [one for one in goals if one.id == goal and one.tools[-1] == tool]
    fitting = [one for one in goals if one.tools[-1] == tool and set(one.tools) <= set(made)]
    best = max(named or fitting, key=lambda one: len(one.tools), default=None)
    return best.why if best else ()


def _asks_for_reason(model: ToolModel) -> bool:
    """Whether the tool takes a reason of its own: another one beside it would contradict it."""
    return any("reason" in split_words(parameter.name) for parameter in model.parameters)


def _usual_reasons(model: ToolModel) -> Sequence[str]:
    words = split_words(model.tool.clear_name)
    verbs = {model.verb, base_form(model.verb.split()[0]) or "", words[0]} if model.verb else set()
    for row in _table():
        if verbs & set(row["verbs"]) and set(words) & set(row.get("words", words)):
            reasons: list[str] = row["say"]
            return reasons
    return ()


@cache
def _table() -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = data.table("phrases/reasons.yaml")
    return rows
