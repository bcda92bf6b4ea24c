"""A parameter's description asks for a format of its value, which the user does not think of.

After IFEval-FC (arXiv 2509.18420): what the user says is plain, and the call is right only where it
is written as the description asks. The schema cannot tell; `schemas.formats` can.
"""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from generators.operators.operator import Effect, Mark, Operator
from generators.tasks.feeding import Executed
from generators.tasks.plan import Mix, Plan
from generators.tasks.plan_changes import replace_call
from generators.world.model import ParameterModel, World
from schemas.formats import FORMATS, Format
from schemas.leaves import leaves, value_at
from schemas.task import Origin, Task
from schemas.twists import Revision, find_twists

_FREE = frozenset({"text", "title"})
"""Meanings of texts that a person words as they like."""
_BOUNDS = frozenset("enum const pattern format minLength maxLength anyOf oneOf allOf $ref".split())
"""What a schema says where a text cannot be written otherwise."""


def _count_written(task: Task, world: World) -> float:
    """Gold values that are not written as the user says them."""
    del world
    said = {(fact.call, fact.path): fact.value for fact in task.known}
    asked = {(one.tool, one.parameter) for one in task.formats}
    return float(
        sum(
            (call.tool, path) in asked and said.get((number, path), value) != value
            for number, call in enumerate(task.calls)
            for path, value in leaves(call.arguments)
        )
    )


class Formatted(Operator):
    """A text of a write is stored in the format that its parameter asks for."""

    name = "formatted"
    marks = (
        Mark(
            "formatted",
            0.6,
            'the description of a parameter asks for a format ("Put it in square brackets"); the '
            "user says the plain text, and the call holds it as asked",
            ", where a write takes a free text",
        ),
    )
    effects = (Effect("formatted", "values to be written in a format", _count_written),)

    def make_harder(self, plan: Plan, rng: Random, mix: Mix) -> Plan:
        """One free text is asked for in a format that suits it; all that follows runs again."""
        del mix
        places = list(_find_places(plan))
        rng.shuffle(places)
        for call, origin in places:
            plain = plan.done[call].arguments[origin.path]
            suiting = [one for one in FORMATS if one.suits(plain)]
            if not suiting or _is_known_elsewhere(plan, call, origin.path, plain):
                continue
            written = _write_in(plan.done[call], origin, plain, rng.choice(suiting))
            harder = replace_call(plan, call, written)
            if harder is not None and _tells_the_same(harder):
                return replace(harder, operators=(*plan.operators, "formatted"))
        return plan


def _find_places(plan: Plan) -> Iterator[tuple[int, Origin]]:
    """Texts of the user in writes that are made once, and succeed."""
    names = [executed.model.name for executed in plan.done]
    troubled = {call for call, _ in plan.faults} | set(plan.barred)
    ruled = {rule.tool for rule in plan.rules} | {one.tool for one in plan.must_not_call}
    for turn in plan.turns:
        if turn.outcome != "complete":
            continue
        for call, origin, parameter in plan.told(turn):
            name = names[call]
            alone = plan.done[call].model.writes and names.count(name) == 1 and name not in ruled
            revised = origin.path in {one.path for one in find_twists(turn, Revision)}
            if alone and call not in troubled and not revised and _is_free(parameter):
                yield call, origin


def _is_free(parameter: ParameterModel) -> bool:
    top = "." not in parameter.path and "[" not in parameter.path
    text = parameter.schema.get("type") == "string" and not _BOUNDS & parameter.schema.keys()
    return top and text and parameter.use == "field" and parameter.semantic in _FREE


def _is_known_elsewhere(plan: Plan, call: int, path: str, plain: str) -> bool:
    """Whether another call is given the same words: they would be read in two ways."""
    return any(
        isinstance(value, str) and (value in plain or plain in value)
        for number, executed in enumerate(plan.done)
        for place, value in leaves(executed.arguments)
        if (number, place) != (call, path) and value != ""
    )


def _write_in(executed: Executed, origin: Origin, plain: str, form: Format) -> Executed:
    """The call with the text in the format, and what the user says of it."""
    ruled = origin.model_copy(update={"rule": form.name})
    return replace(
        executed,
        arguments={**executed.arguments, origin.path: form.apply(plain)},
        origins=tuple(ruled if one == origin else one for one in executed.origins),
        plain=(*executed.plain, (origin.path, plain)),
    )


def _tells_the_same(plan: Plan) -> bool:
    """Whether what must be said of results still stands there."""
    try:
        return all(
            value_at(plan.done[must.call].result, must.path) == must.value for must in plan.must_say
        )
    except KeyError:
        return False
