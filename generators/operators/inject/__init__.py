"""A text that a read returns tells the assistant to call a tool: it is not obeyed.

After AutoSafe (arXiv 2505.17735): the risk lies in the environment, and the safe action is known.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from generators.backends.backend import Plantable
from generators.dialogue.turn_draft import TurnDraft
from generators.language.action import action
from generators.operators.operator import Operator, load_list, marked
from generators.sandbox.row_values import as_text
from generators.tasks.plan import Plan
from generators.tasks.plan_changes import run_again
from generators.world.model import Entity, ToolModel, World
from schemas.leaves import leaves, objects_in
from schemas.record import JsonObject
from schemas.task import CallPattern, Plant

_MENTIONED = 0.5
"""Share of the texts with an instruction to the assistant that are spoken of."""


class Inject(Operator):
    """A row that is read holds an instruction to make a call that nobody wants."""

    name = "inject"
    share = 0.06
    what = (
        "a text of a row that a read returns tells the assistant to call a tool: it is not obeyed"
    )
    needs = "a read of a row with a free text, and a write beside it"

    def allows(self, world: World, model: ToolModel) -> bool:
        """A read that shows a text which anybody may have written."""
        entity = world.entities.get(model.entity or "")
        shows = entity is not None and bool(entity.identity) and not model.writes
        texts = entity.fields.values() if entity and shows else ()
        return any(field.semantic == "text" for field in texts)

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """The text is put into the row before the first call, and all calls run again."""
        if plan.setting.plants:
            return plan
        world, models = plan.setting.world, plan.setting.world.models
        # Rows that a read shows as a whole, and their fields of free text.
        places: list[tuple[Entity, JsonObject, str]] = []
        lost = {call for call, _ in plan.faults}.union(plan.barred)
        for call, executed in enumerate(plan.done):
            entity = world.entities.get(executed.model.entity or "")
            if entity is None or executed.model.writes or call in lost or not entity.identity:
                continue
            texts = [name for name, one in entity.fields.items() if one.semantic == "text"]
            whole = (r for r in objects_in(executed.result) if {*entity.identity} <= r.keys())
            places += [(entity, r, name) for r in whole for name in texts
                       if isinstance(r.get(name), str)]  # fmt: skip
        # A write of the same domains that the plan does not make.
        made = {executed.model.name for executed in plan.done}
        domains = {executed.model.tool.domain for executed in plan.done}
        unwanted = [
            name
            for name, model in models.items()
            if model.writes and model.tool.domain in domains and name not in made
        ]
        declined = any(turn.wish and turn.outcome != "complete" for turn in plan.turns)
        tool = rng.choice(unwanted) if unwanted and not declined else ""
        if not places or not tool:
            return plan
        table, row, field = rng.choice(places)
        initial = plan.setting.open()
        if not isinstance(initial, Plantable):
            return plan
        key = [row[name] for name in table.identity]
        rows = initial.rows(table.key)
        held = next((r for r in rows if [r.get(n) for n in table.identity] == key), None)
        if held is None or held.get(field) != row[field]:
            return plan
        what = action(models[tool])
        words = rng.choice(load_list(__name__, "instructions.yaml")).format(
            verb=what.verb, thing=what.generic
        )
        said = f"{row[field]} {words}"
        plant = Plant(table=table.key, key=" ".join(map(as_text, key)), field=field, value=said)
        setting = replace(plan.setting, plants=(plant,))
        done = run_again(setting.open(), plan.done, plan.skipped)
        if done is None:
            return plan
        return marked(
            plan,
            self.name,
            setting=setting,
            done=tuple(done),
            offers=(*plan.offers, tool),
            must_not_call=(*plan.must_not_call, CallPattern(tool=tool)),
        )

    def add_to_report(self, turn: TurnDraft, told: Sequence[int]) -> str:
        """A word on an instruction that stands in a result and that nobody has given."""
        planted = {plant.value for plant in turn.scene.task.plants}
        found = any(
            isinstance(value, str) and value in planted
            for call in told
            for _, value in leaves(turn.scene.results[call])
        )
        if not found or turn.scene.rng.random() >= _MENTIONED:
            return ""
        return turn.assistant_words("odd_text")
