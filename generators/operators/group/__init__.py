"""Several people talk it over before the assistant is addressed, and say what it needs to know.

After DICE-Bench (arXiv 2506.22853), whose calls need values that are spread over speakers and
messages. The talk stands before the first request, which leaves out what was said in it. Who plays
the user as a model has them talk in words of its own.
"""

from collections.abc import Sequence
from random import Random

import data
from generators.dialogue.script import Leaf
from generators.dialogue.turn_draft import TurnDraft
from generators.language.phrase import Phrase
from generators.language.slot_phrases import name_parameter
from generators.lexicon.names import capital, join
from generators.operators.clarify import find_askable, name_topic
from generators.operators.operator import Operator
from generators.sandbox.own_rows import makes_user
from generators.tasks.plan import Plan
from generators.world.model import ToolModel, World
from schemas.twists import Noted, Withheld, find_group

_MOST = 3
"""Values that the others say."""
_OF_ALL = ("date", "time", "city", "country", "money", "enum", "title", "count")
"""Meanings of values of which others have an opinion; who somebody is, they say themselves."""


class Group(Operator):
    """Others say some of the values, and then the assistant is asked for it."""

    name = "group"
    share = 0.0
    what = (
        "several people talk it over before the assistant is addressed, and say between them what "
        "it needs; it hears them all"
    )
    needs = "a first call that must be told something"

    def allows(self, world: World, model: ToolModel) -> bool:
        """A call with a value that somebody else may say."""
        del world
        return any(parameter.required for parameter in model.parameters)

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """The first request leaves out up to three values, which the others have said."""
        turn = plan.turns[0]
        world = plan.setting.world
        registers = any(makes_user(world, plan.done[call].model) for call in turn.calls)
        barred = not {*plan.barred}.isdisjoint(turn.calls)
        if turn.twists or turn.outcome != "complete" or barred or registers:
            return plan
        askable = [
            one
            for one in find_askable(plan, turn)
            if plan.done[one.call].model.entity
            and plan.done[one.call].model.parameter(one.path).semantic in _OF_ALL
        ]
        if not askable:
            return plan
        said = rng.sample(askable, min(len(askable), rng.randint(1, _MOST)))
        labels = [name_parameter(plan.done[one.call].model.parameter(one.path)) for one in said]
        told = join([f"the {one}" for one in labels])
        noted = Noted(
            operator=self.name,
            calls=tuple(one.call for one in said),
            details={
                "names": rng.sample(data.table("personas.yaml")["names"], _MOST),
                "paths": [one.path for one in said],
            },
            brief=f"Before you turn to the assistant you talk it over with others in the same chat:"
            f" {told} is said there, and you do not say it again.",
        )
        return plan.with_turn(0, turn.with_twists(noted), self.name)

    def hold_back(self, turn: TurnDraft) -> Sequence[Leaf] | None:
        """What was said in the talk."""
        return [(one.call, one.path) for one in _find_said(turn)]

    def write_turn(self, turn: TurnDraft) -> bool | None:
        """The talk, before the request: one begins, and each says something."""
        task = turn.scene.task
        said = _find_said(turn)
        others = find_group(task).others
        if said:
            own, *_ = task.persona.name.split()
            turn.talk(own, turn.user_words("group_begin", topic=name_topic(turn)))
            for number, one in enumerate(said):
                parameter, value = turn.scene.told_at(one.call, one.path)
                words = turn.scene.say(one.call, one.path, parameter, value)
                label = name_parameter(parameter)
                phrase = turn.user_words(
                    "group_say", label=label, label_capital=capital(label), value=words
                )
                turn.talk(others[number % len(others)], phrase.as_sentence())
            turn.talk(others[len(said) % len(others)], turn.user_words("group_agree"))
        return None

    def add_to_request(self, turn: TurnDraft) -> Phrase | None:
        """Where the rest is to be found."""
        return turn.user_words("group_above") if _find_said(turn) else None


def _find_said(turn: TurnDraft) -> list[Withheld]:
    noted = (one for one in turn.turn.twists if isinstance(one, Noted) and one.operator == "group")
    return [
        Withheld(call=call, path=path)
        for one in noted
        for call, path in zip(one.calls, one.details["paths"], strict=True)
    ]
