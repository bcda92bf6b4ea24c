"""A look-up before a call whose row the user would have to recite by number.

The list is searched with what the user says anyway; the number comes from its result.
"""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import NamedTuple

from generators.sandbox.errors import listed
from generators.tasks.feeding import Executed
from generators.tasks.needed_reads import has_idle_reads
from generators.tasks.plan import Plan
from generators.tasks.plan_changes import insert_calls
from generators.world.model import ToolModel
from schemas.leaves import leaves, value_at
from schemas.task import Origin
from schemas.twists import Comparison, Revision, Unknown, Withheld, has_twist

_MOST_ROWS = 20


class _Recited(NamedTuple):
    """A number that the user would recite."""

    call: int
    origin: Origin
    entity: str
    field: str


def with_look_up(plan: Plan, rng: Random) -> Plan:
    """The plan with one number looked up instead of recited, where that can be done."""
    recited = list(_recited(plan))
    rng.shuffle(recited)
    for one in recited:
        for model in _listers(plan, one):
            found = _found(plan, one, model)
            if found is None:
                continue
            number = plan.turn_of(one.call)
            longer = _fed(insert_calls(plan, number, one.call, [found[0]]), one, found[1])
            if not has_idle_reads(longer):
                return longer
    return plan


def _recited(plan: Plan) -> Iterator[_Recited]:
    for turn in plan.turns:
        if has_twist(turn, Withheld, Unknown, Comparison, Revision):
            continue
        for call, origin, parameter in plan.told(turn):
            names_row = parameter.use in ("identity", "reference") and parameter.entity
            number_like = parameter.semantic == "number_id" and "[" not in origin.path
            alone = names_row and number_like and not plan.has_twin(call)
            if alone and parameter.field and _is_first(plan, call, origin):
                yield _Recited(call, origin, parameter.entity or "", parameter.field)


def _is_first(plan: Plan, call: int, origin: Origin) -> bool:
    """Whether nothing before says or gives the number: it would be known from there."""
    value = value_at(plan.done[call].arguments, origin.path)
    return not any(
        held == value
        for earlier in plan.done[:call]
        for _, held in (*leaves(earlier.arguments), *leaves(earlier.result))
    )


def _listers(plan: Plan, one: _Recited) -> list[ToolModel]:
    return [
        model
        for model in plan.setting.world.models.values()
        if model.operation == "list" and model.entity == one.entity
    ]


def _found(plan: Plan, one: _Recited, model: ToolModel) -> tuple[Executed, Origin] | None:
    """The list's call, and where in its result the number stands; None where it does not."""
    call = plan.done[one.call]
    given, origins = {}, []
    for parameter in model.parameters:
        if not parameter.required:
            continue
        said = [
            origin
            for origin in call.origins
            if origin.kind == "user"
            and call.model.parameter(origin.path).name == parameter.name
            and origin.path != one.origin.path
        ]
        if not said or "[" in parameter.path or "." in parameter.path:
            return None
        given[parameter.path] = value_at(call.arguments, said[0].path)
        origins.append(Origin(path=parameter.path, kind="user"))
    environment = plan.environment(before=one.call)
    outcome = environment.call(model.name, given)
    if outcome.is_error:
        return None
    path = _place(outcome.content, one.field, value_at(call.arguments, one.origin.path))
    if path is None:
        return None
    made = Executed(model, given, tuple(origins), outcome.content, -1)
    source = Origin(path=one.origin.path, kind="result", call=one.call, result_path=path)
    return made, source


def _place(content: object, field: str, value: object) -> str | None:
    rows = listed(content) or []
    for path, held in leaves(content) if 1 < len(rows) <= _MOST_ROWS else ():
        if held == value and path.endswith(f"].{field}") and path.count("[") == 1:
            return path
    return None


def _fed(plan: Plan, one: _Recited, source: Origin) -> Plan:
    """The plan in which the number is taken from the list wherever the user would recite it."""
    value = value_at(plan.done[source.call or 0].result, source.result_path or "")
    done = tuple(
        _refed(executed, one, source, value) if number > one.call else executed
        for number, executed in enumerate(plan.done)
    )
    return replace(plan, done=done)


def _refed(executed: Executed, one: _Recited, source: Origin, value: object) -> Executed:
    return replace(
        executed,
        origins=tuple(
            source.model_copy(update={"path": origin.path})
            if origin.kind == "user"
            and executed.model.parameter(origin.path).entity == one.entity
            and executed.model.parameter(origin.path).field == one.field
            and value_at(executed.arguments, origin.path) == value
            else origin
            for origin in executed.origins
        ),
    )
