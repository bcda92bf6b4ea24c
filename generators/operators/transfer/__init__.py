"""A request that the policy leaves to people: it is handed over, by a tool where there is one."""

from dataclasses import replace
from functools import cache
from importlib.resources import files
from random import Random

import yaml

from generators.dialogue.turn_draft import TurnDraft
from generators.dialogue.user_style import opened
from generators.language.phrase import Mention, Phrase
from generators.lexicon.names import split_words
from generators.operators.operator import Effect, Mark, Operator, count_turns
from generators.tasks.feeding import Executed
from generators.tasks.offered_tools import spoken_of
from generators.tasks.plan import Mix, Plan, TurnPlan
from generators.tasks.plan_changes import insert_calls
from generators.world.model import ToolModel
from schemas.task import Origin

_PEOPLE = frozenset("human humans agent agents person operator representative".split())
_HANDS = frozenset("transfer escalate handoff handover connect".split())


class Transfer(Operator):
    """The last request is for a matter that the policy leaves to people."""

    name = "transfer"
    marks = (
        Mark(
            "transfer",
            0.06,
            "the last request is for a matter that the system message leaves to people: it is "
            "handed over, by a tool where the catalogue has one",
        ),
    )
    effects = (
        Effect("transfer", "turns handed over", count_turns(lambda t: t.outcome == "transfer")),
    )

    def make_harder(self, plan: Plan, rng: Random, mix: Mix) -> Plan:
        """A matter of which no tool speaks is wanted at the end."""
        del mix
        if not plan.done:
            return plan
        world = plan.setting.world
        tool = next((model for model in world.models.values() if hands_over(model)), None)
        domains = {executed.model.tool.domain for executed in plan.done}
        spoken = spoken_of(
            model
            for model in world.models.values()
            if model is not tool and model.tool.domain in domains
        )
        open_matters = [one for one in _load_matters() if not one[2] & spoken]
        if not open_matters or any(executed.model is tool for executed in plan.done):
            return plan
        matter, wish, _ = rng.choice(open_matters)
        rule = f"{matter[:1].upper()}{matter[1:]} are for a person: hand them over at once."
        longer = replace(
            plan,
            turns=(*plan.turns, TurnPlan((), wish, outcome="transfer", reason=rule)),
            operators=(*plan.operators, "transfer"),
            sentences=(*plan.sentences, rule),
        )
        return longer if tool is None else _call_tool(longer, tool, wish) or plan

    def write_turn(self, turn: TurnDraft) -> bool:
        """The request, and what becomes of it."""
        if turn.turn.outcome != "transfer":
            return False
        scene, calls = turn.scene, turn.calls
        mentions = tuple(
            Mention(call, origin.path, turn.turn.intent, "literal")
            for call in calls
            for origin, _, _ in scene.told(call)
        )
        body = turn.user_words("want_person", wish=Phrase(turn.turn.intent, mentions))
        turn.say_as_user("request", opened(scene, turn.number, body.as_sentence()))
        if calls:
            turn.say_as_assistant("call", turn.assistant_words("lead_in_transfer"), calls)
        said = turn.assistant_words("handed_over" if calls else "hand_over")
        turn.say_as_assistant("transfer", said)
        return True


@cache
def _load_matters() -> tuple[tuple[str, str, frozenset[str]], ...]:
    text = (files(__name__) / "matters.yaml").read_text(encoding="utf-8")
    loaded: list[dict[str, str]] = yaml.safe_load(text)
    return tuple((one["matter"], one["wish"], frozenset(one["words"].split())) for one in loaded)


def hands_over(model: ToolModel) -> bool:
    """Whether a tool hands the user over to people, and needs no more than words for it."""
    words = set(split_words(model.tool.name))
    texts = [p for p in model.parameters if p.required]
    plain = len(texts) <= 1 and all(p.schema.get("type") == "string" for p in texts)
    return bool(words & _PEOPLE and words & _HANDS) and plain


def _call_tool(plan: Plan, tool: ToolModel, wish: str) -> Plan | None:
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
