"""Another row is chosen in a plan: every call that is about it runs again, and all that follows.

What the user says stays as it is; what comes from results is read from the new ones.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from generators.sandbox.faults import listed
from generators.sandbox.row_values import copied
from generators.tasks.feeding import Executed
from generators.tasks.plan import Plan
from schemas.environment import Environment
from schemas.leaves import value_at
from schemas.record import JsonObject
from schemas.task import Origin

Row = tuple[int, str]
"""A call, and where in its result the row stands: ``(2, "flights[1]")``."""


def rechosen(plan: Plan, old: Row, new: Row, kept: Collection[int]) -> Plan | None:
    """The plan with ``new`` meant wherever it was ``old``; None where a call fails that way.

    ``kept``: calls that look at every row, and so at the old one too.
    """
    environment = plan.setting.open()
    done: list[Executed] = []
    for number, executed in enumerate(plan.done):
        meant = executed if number in kept else _moved(executed, old, new)
        again = _run(environment, done, meant)
        if again is None:
            return None
        done.append(again)
    return replace(plan, done=tuple(done))


def _moved(executed: Executed, old: Row, new: Row) -> Executed:
    return replace(executed, origins=tuple(_origin(one, old, new) for one in executed.origins))


def _origin(origin: Origin, old: Row, new: Row) -> Origin:
    path = origin.result_path or ""
    if origin.call != old[0] or not path.startswith(f"{old[1]}."):
        return origin
    moved = new[1] + path[len(old[1]) :]
    return origin.model_copy(update={"call": new[0], "result_path": moved})


def _run(environment: Environment, done: list[Executed], executed: Executed) -> Executed | None:
    arguments: JsonObject = copied(executed.arguments)
    for origin in executed.origins:
        if origin.call is None or origin.result_path is None:
            continue
        if origin.call >= len(done):
            return None
        try:
            value = value_at(done[origin.call].result, origin.result_path)
        except KeyError:
            return None
        if value is None or isinstance(value, dict | list):
            return None
        _put(arguments, origin.path, value)
    outcome = environment.call(executed.model.name, arguments)
    empty = executed.model.operation == "list" and not listed(outcome.content)
    if outcome.is_error or (empty and listed(executed.result)):
        return None
    return replace(executed, arguments=arguments, result=outcome.content)


def _put(arguments: JsonObject, path: str, value: Any) -> None:
    """Set a leaf that is there already."""
    holder, dot, name = path.rpartition(".")
    inner = value_at(arguments, holder) if dot else arguments
    name, bracket, number = name.partition("[")
    if bracket:
        inner[name][int(number.rstrip("]"))] = value
    else:
        inner[name] = value


def with_call(plan: Plan, number: int, call: Executed) -> Plan | None:
    """The plan with another call in that place, run again with all that follows.

    None where a call fails that way, or where a later one would be made otherwise.
    """
    environment = plan.environment(before=number)
    skipped = {n for n, fault in plan.faults if not fault.transient} | set(plan.barred)
    done = list(plan.done[:number])
    for place, executed in enumerate((call, *plan.done[number + 1 :]), number):
        if place in skipped:
            done.append(executed)
            continue
        again = _run(environment, done, executed)
        if again is None or again.arguments != executed.arguments:
            return None
        done.append(again)
    return replace(plan, done=tuple(done))
