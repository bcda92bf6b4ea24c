"""A request that the policy leaves to people: it is handed over, by a tool where there is one."""

from dataclasses import replace
from functools import cache
from random import Random

import yaml

import data
from generators.lexicon.names import split_words
from generators.tasks.feeding import Executed
from generators.tasks.mix import Mix
from generators.tasks.plan import Plan, TurnPlan
from generators.tasks.plan_changes import insert_calls
from generators.tasks.unservable_request import spoken_of
from generators.world.model import ToolModel
from schemas.task import Origin

_PEOPLE = frozenset("human humans agent agents person operator representative".split())
_HANDS = frozenset("transfer escalate handoff handover connect".split())


@cache
def _matters() -> tuple[tuple[str, str, frozenset[str]], ...]:
    loaded: list[dict[str, str]] = yaml.safe_load(data.text("phrases/transfers.yaml"))
    return tuple((one["matter"], one["wish"], frozenset(one["words"].split())) for one in loaded)


def transfer(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """The last request is for a matter that the policy leaves to people."""
    if rng.random() >= mix.transfer or not plan.done:
        return plan
    world = plan.setting.world
    tool = next((model for model in world.models.values() if hands_over(model)), None)
    domains = {executed.model.tool.domain for executed in plan.done}
    spoken = spoken_of(
        model for model in world.models.values()
        if model is not tool and model.tool.domain in domains
    )  # fmt: skip
    open_matters = [one for one in _matters() if not one[2] & spoken]
    if not open_matters:
        return plan
    matter, wish, _ = rng.choice(open_matters)
    rule = f"{matter[:1].upper()}{matter[1:]} are for a person: hand them over at once."
    turn = TurnPlan((), unsupported=wish, outcome="transfer", reason=rule)
    longer = replace(
        plan,
        turns=(*plan.turns, turn),
        operators=(*plan.operators, "transfer"),
        sentences=(*plan.sentences, rule),
    )
    if tool is None or any(executed.model is tool for executed in plan.done):
        return longer if tool is None else plan
    return _called(longer, tool, wish) or plan


def hands_over(model: ToolModel) -> bool:
    """Whether a tool hands the user over to people, and needs no more than words for it."""
    words = set(split_words(model.tool.name))
    texts = [p for p in model.parameters if p.required]
    plain = len(texts) <= 1 and all(p.schema.get("type") == "string" for p in texts)
    return bool(words & _PEOPLE and words & _HANDS) and plain


def _called(plan: Plan, tool: ToolModel, wish: str) -> Plan | None:
    """The plan with the tool called, in the user's words; None where it does not run."""
    paths = [p.path for p in tool.parameters if p.required]
    arguments = dict.fromkeys(paths, wish)
    outcome = plan.environment().call(tool.name, arguments)
    if outcome.is_error:
        return None
    origins = tuple(Origin(path=path, kind="user") for path in paths)
    last = max(executed.turn for executed in plan.done) + 1
    call = Executed(tool, arguments, origins, outcome.content, last)
    return insert_calls(plan, len(plan.turns) - 1, len(plan.done), [call])
