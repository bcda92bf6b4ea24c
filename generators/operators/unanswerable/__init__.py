"""Something is needed that neither the user knows nor any tool finds: nothing is done."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from generators.dialogue.questions import ask_for
from generators.dialogue.script import Leaf
from generators.dialogue.turn_draft import TurnDraft
from generators.language.request import deed
from generators.operators.operator import Operator, find_last_calls, leave_unmade
from generators.sandbox.own_rows import tells_who_asks
from generators.tasks.plan import Plan, shuffled
from generators.tasks.plan_changes import remove_call
from generators.world.model import ParameterModel, ToolModel, World
from schemas.semantic import SemanticType
from schemas.twists import Unknown, find_twists

_PERSONAL: frozenset[SemanticType] = frozenset(
    {"date", "time", "datetime", "count", "money", "phone", "email", "person_name", "duration"}
)
"""What only the user can say, and may not know."""


class Unanswerable(Operator):
    """The user is asked for a value of a write and cannot say it, so that it is not made."""

    name = "unanswerable"
    share = 0.5
    what = (
        "something is needed that neither the user knows nor a tool finds: the assistant asks, "
        "and nothing is done"
    )
    needs = "a write that needs a day, a number or a name which only the user can say"
    claims = "write"

    def allows(self, world: World, model: ToolModel) -> bool:
        """A write that needs what only the user can say."""
        return model.writes and any(_may_lack(one, model, world) for one in model.parameters)

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """A write that is all its turn is about, and that nothing needs, is not made."""
        if len(plan.done) < 2:
            return plan
        last, names = find_last_calls(plan), [executed.model.name for executed in plan.done]
        faulty = {call for call, _ in plan.faults}
        for _, turn in shuffled(plan, rng):
            call = turn.calls[-1]
            looks = [one for one in turn.calls if plan.done[one].looks]
            lone = turn.calls == (*looks, call) and names.count(names[call]) == 1
            needed = {source for n, one in enumerate(plan.done) if n not in looks
                      for source in one.sources}  # fmt: skip
            lone = lone and not turn.twists and not {*faulty, *needed} & {*looks}
            if not lone or call not in last or not plan.done[call].model.writes:
                continue
            parameters = [
                parameter
                for _, origin, parameter in plan.told(turn)
                if _may_lack(parameter, plan.done[call].model, plan.setting.world)
                and "[" not in origin.path
            ]
            if not parameters:
                continue
            unknown = Unknown(name=rng.choice(parameters).name)
            asked = replace(turn, outcome="clarify", confirm=False).with_twists(unknown)
            if left := leave_unmade(plan, call, asked, self.name, {}):
                for look in reversed(looks):  # it does not come to that
                    left = remove_call(left, look)
                return left
        return plan

    def hold_back(self, turn: TurnDraft) -> Sequence[Leaf]:
        """What the user does not know goes unsaid."""
        if turn.turn.outcome != "clarify":
            return ()
        names = {one.name for one in find_twists(turn.turn, Unknown)}
        return [
            (call, origin.path)
            for call in turn.calls
            for origin, parameter, _ in turn.scene.told(call)
            if parameter.name in names
        ]

    def ask_user(self, turn: TurnDraft) -> bool:
        """The assistant asks, hears that nobody knows it, and does nothing."""
        if turn.turn.outcome != "clarify":
            return False
        turn.say_as_assistant("clarify", ask_for(turn, self.hold_back(turn)))
        unable = turn.user_words("unable_at_all").as_sentence()
        turn.say_as_user("unable_to_inform", unable)
        wish = deed(turn.scene, turn.calls[-1])
        turn.say_as_assistant("say", turn.assistant_words("left_open", wish=wish))
        return True


def _may_lack(parameter: ParameterModel, model: ToolModel, world: World) -> bool:
    """Whether only the user can say it, and may not know it: not who they are themselves."""
    asked = parameter.required and parameter.use == "field" and "[" not in parameter.path
    personal = asked and parameter.semantic in _PERSONAL
    return personal and not tells_who_asks(world, model, parameter)
