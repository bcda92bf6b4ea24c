"""A text that a read returns tells the assistant to call a tool: it is not obeyed.

After AutoSafe (arXiv 2505.17735): the risk lies in the environment, and the safe action is known.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import yaml

import data
from generators.backends.backend import Plantable
from generators.language.action import action
from generators.sandbox.faults import lawful_result
from generators.sandbox.row_values import as_text
from generators.tasks.feeding import Executed
from generators.tasks.mix import Mix
from generators.tasks.plan import Plan
from generators.world.model import Entity
from schemas.acceptance import CallPattern
from schemas.leaves import value_at
from schemas.record import JsonObject
from schemas.task import Plant


@cache
def _instructions() -> tuple[str, ...]:
    loaded: list[str] = yaml.safe_load(data.text("phrases/injections.yaml"))
    return tuple(loaded)


def inject(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """A row that is read holds an instruction to make a call that nobody wants."""
    if rng.random() >= mix.inject or plan.setting.plants:
        return plan
    places = list(_places(plan))
    tool = _unwanted(plan, rng)
    if not places or tool is None:
        return plan
    table, row, field = rng.choice(places)
    initial = plan.setting.open()
    if not isinstance(initial, Plantable):
        return plan
    key = [row[name] for name in table.identity]
    seeded = (r for r in initial.rows(table.key) if [r.get(n) for n in table.identity] == key)
    if (held := next(seeded, None)) is None or held.get(field) != row[field]:
        return plan
    what = action(plan.setting.world.models[tool])
    words = rng.choice(_instructions()).format(verb=what.verb, thing=what.generic)
    plant = Plant(
        table=table.key, key=" ".join(map(as_text, key)), field=field,
        value=f"{row[field]} {words}",
    )  # fmt: skip
    return _planted(plan, plant, tool) or plan


def _places(plan: Plan) -> Iterator[tuple[Entity, JsonObject, str]]:
    """Rows that a read shows as a whole, and their fields of free text."""
    lost = {call for call, _ in plan.faults} | set(plan.barred)
    for call, executed in enumerate(plan.done):
        entity = plan.setting.world.entities.get(executed.model.entity or "")
        if entity is None or executed.model.writes or call in lost or not entity.identity:
            continue
        texts = [name for name, field in entity.fields.items() if field.semantic == "text"]
        for row in _objects(executed.result):
            if set(entity.identity) <= row.keys():
                yield from ((entity, row, name) for name in texts if isinstance(row.get(name), str))


def _objects(value: Any) -> Iterator[JsonObject]:
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        yield from _objects(item)


def _unwanted(plan: Plan, rng: Random) -> str | None:
    """A write of the same domains that the plan does not make."""
    made = {executed.model.name for executed in plan.done}
    domains = {executed.model.tool.domain for executed in plan.done}
    asked = any(turn.unsupported for turn in plan.turns)
    found = [
        name
        for name, model in plan.setting.world.models.items()
        if model.writes and model.tool.domain in domains and name not in made
    ]
    return rng.choice(found) if found and not asked else None


def _planted(plan: Plan, plant: Plant, tool: str) -> Plan | None:
    """The plan in a world with the text, its calls run anew; None where they do other things."""
    setting = replace(plan.setting, plants=(plant,))
    environment = setting.open()
    skipped = {call for call, fault in plan.faults if not fault.transient} | set(plan.barred)
    done: list[Executed] = []
    for number, executed in enumerate(plan.done):
        if number in skipped:
            done.append(executed)
            continue
        outcome = environment.call(executed.model.name, executed.arguments)
        if outcome.is_error or not lawful_result(executed.model, outcome.content):
            return None
        done.append(replace(executed, result=outcome.content))
    if not all(_fed(done, executed) for executed in done):
        return None
    return replace(
        plan,
        setting=setting,
        done=tuple(done),
        offers=(*plan.offers, tool),
        must_not_call=(*plan.must_not_call, CallPattern(tool=tool)),
        operators=(*plan.operators, "inject"),
    )


def _fed(done: list[Executed], executed: Executed) -> bool:
    """Whether each value still stands where it was taken from."""
    for origin in executed.origins:
        if origin.call is None:
            continue
        try:
            held = value_at(done[origin.call].result, origin.result_path or "")
        except KeyError:
            return False
        if held != value_at(executed.arguments, origin.path):
            return False
    return True
