"""Whether the values that the user has to say are such as a person says, and few enough.

An id that means nothing to people, a text of several lines, a switch or a list of objects dictated
field by field: a wish that needs one of these is no wish.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from generators.language.facts import is_spoken_id, looks_spoken
from generators.language.phrase import grammar
from generators.language.references import name_noun
from generators.language.request import count_details
from generators.language.scene import Scene
from generators.lexicon.names import split_words
from generators.lexicon.tables import load_words
from generators.sampling.answers import is_found_by_name, is_numbered
from generators.tasks.feeding import Executed
from generators.tasks.plan import Flaw, Plan
from generators.world.model import ParameterModel, World
from schemas.task import Task

_OPAQUE = frozenset({"opaque_id", "sha", "cursor"})
_ENDS = frozenset({"currency", "airport", "language", "timezone", "branch"})
"""Meanings of the two ends of a way: nobody converts euros into euros."""
_LONGEST = 120
"""Characters of a text that a user writes down in passing."""
_MOST, _MOST_UNTOLD = 6, 4
"""Things to say for one write, where somebody has said what the service is for, and where not."""


def value_flaws(world: World, task: Task) -> Iterator[Flaw]:
    """What no person would say, or not so much of it."""
    scene = Scene(world, task, grammar(), Random(0))
    for number, turn in enumerate(task.turns):
        if turn.outcome == "transfer" and not any(one.barred for one in turn.calls):
            continue
        for call in scene.numbers(number):
            model = scene.model(call)
            given = scene.calls[call].arguments
            ends = [_tell_end(one, str(given[one.name]), scene.clock) for one in model.parameters
                    if one.semantic in _ENDS and one.name in given]  # fmt: skip
            if len({*ends}) < len(ends):
                yield Flaw("unsayable_value", call, f"{model.name}: from {ends[0]} to the same")
            service = world.domains.get(model.tool.domain)
            known = service is not None and bool(service.service)
            for origin, parameter, value in scene.told(call):
                odd = "]." in origin.path or (isinstance(value, bool) and not parameter.required)
                if (odd and not known) or not _is_said(world, parameter, value):
                    yield Flaw("unsayable_value", call, f"{model.name} {origin.path}: {value}")
            told = [(call, origin, parameter) for origin, parameter, _ in scene.told(call)]
            if model.writes and count_details(told) > (_MOST if known else _MOST_UNTOLD):
                yield Flaw("unsayable_value", call, f"{model.name}: {len(told)} values")


def _tell_end(parameter: ParameterModel, value: str, now: datetime) -> str:
    """One end of a way; of a time zone what its clocks show: in Copenhagen the same as in Paris."""
    if parameter.semantic == "timezone":
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):
            return f"{now.astimezone(ZoneInfo(value)):%z}"
    return value


def find_unsaid(plan: Plan) -> Flaw | None:
    """A value that no person would say, in a plan that nothing has been made of yet.

    Told before the plan is made harder, recorded and proven, which costs most of an attempt.
    """
    world = plan.setting.world
    calls = (call for turn in plan.turns for call in turn.calls)
    unsaid = ((call, find_unsaid_in(world, plan.done[call])) for call in calls)
    return next((Flaw("unsayable_value", call, text) for call, text in unsaid if text), None)


def find_unsaid_in(world: World, executed: Executed) -> str:
    """The same in one call, in words; what a write hangs on is said by nobody."""
    for origin in executed.origins if not executed.looks else ():
        if origin.kind == "user":
            value = executed.said(origin.path)
            if not _is_said(world, executed.model.parameter(origin.path), value):
                return f"{executed.model.name} {origin.path}: {value}"
    return ""


def _is_said(world: World, parameter: ParameterModel, value: object) -> bool:
    """Whether a person would say the value: "order #W2378156", not "comment 11135"."""
    if load_words("unsayable", "places").intersection(split_words(parameter.name)[-1:]):
        return False
    if isinstance(value, str) and parameter.semantic in ("text", "title", "unknown"):
        return "\n" not in value and len(value) <= _LONGEST
    opaque = parameter.opaque or parameter.semantic in _OPAQUE
    if not opaque and parameter.semantic != "number_id":
        return True
    noun = name_noun(world, parameter)
    if opaque and looks_spoken(value) and not is_found_by_name(world, parameter.entity):
        return True  # what has no name is called by its number
    whole = " " not in noun or noun in load_words("telling", "spoken_ids")
    return is_numbered(parameter) or (whole and is_spoken_id(value, noun))
