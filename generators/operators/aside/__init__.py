"""Asked to confirm, the user first wants to know something that an earlier result tells."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from types import MappingProxyType
from typing import ClassVar

from generators.dialogue.turn_draft import TurnDraft
from generators.language.rows import SpokenField, may_be_asked, telling
from generators.lexicon.names import label
from generators.operators.operator import Operator, find_listed, names_rows
from generators.operators.recall import find_asked_fields, is_clear, tell_again
from generators.tasks.needed_reads import HOLDS_FOR
from generators.tasks.plan import Plan, shuffled
from generators.world.model import ToolModel, World
from schemas.leaves import leaves, value_at
from schemas.task import MustSay
from schemas.twists import Comparison, Hurry, Noted, Revision, find_twists, has_twist

_TOLD = 3
"""Values of a row that are told when it is found, those that tell most."""


class Aside(Operator):
    """A side question is answered without a call, and what was pending is not forgotten."""

    name = "aside"
    share = 0.25
    what = (
        "asked to confirm, the user first wants to know something that a result tells; it is "
        "answered without a call, and the user is asked again"
    )
    when = ", where something is confirmed"
    needs = "a write about a row that a read shows, with a value that somebody would ask for"
    claims = "write"
    shown_by = frozenset({"get", "list"})
    brings: ClassVar[Mapping[str, float]] = MappingProxyType({"confirm_all": 1.0})

    def allows(self, world: World, model: ToolModel) -> bool:
        """A write about something that can be looked up."""
        shown = (*names_rows(world, model, "get"), *names_rows(world, model, "list"))
        return model.writes and any(map(may_be_asked, (f for key in shown
                                    for f in world.entities[key].fields.values())))  # fmt: skip

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """The question is about the row that the write is about, as it was looked up before."""
        for number, turn in shuffled(plan, rng):
            writes = [call for call in turn.calls if plan.done[call].model.writes]
            answers = has_twist(turn, Revision, Hurry, Comparison, Noted)
            if answers or turn.outcome != "complete" or not (turn.confirm and writes):
                continue
            # What may be asked of the row that the write is about, as it was looked up in this turn
            # or the one before; nothing that is told with the question whether to go ahead.
            asked: list[tuple[int, SpokenField]] = []
            before, write = plan.turns[max(0, number - 1)], writes[0]
            lent = {source for call in turn.calls for source in plan.done[call].sources}
            own = [call for call in turn.calls if call < write]
            near = number > 0 and before.outcome == "complete" and turn.elapsed < HOLDS_FOR
            earlier = before.calls if near else ()
            given = [value for _, value in leaves(plan.done[write].arguments)]
            for call in (*(c for c in own if c in lent), *earlier):
                executed = plan.done[call]
                keys = [one.path for one in executed.model.parameters if one.use == "identity"]
                wanted = plan.done[write].arguments
                about = any(executed.arguments.get(key) in given for key in keys) and all(
                    wanted.get(key, value) == value
                    for key, value in executed.arguments.items()
                    if key in keys
                )
                if about and _holds(plan, call, write) and is_clear(plan, call, number + 1):
                    asked += ((call, field) for field in _find_untold(plan, call, told=call in own))
            looked_up = [value for call in own for value in plan.done[call].arguments.values()]
            for row in find_listed(plan, write):
                fresh = value_at(plan.done[row.list].result, f"{row.row}.{row.key}")
                listed = fresh not in looked_up and row.list in (*own, *earlier)
                if listed and _holds(plan, row.list, write):
                    asked += ((row.list, field) for field in _find_untold(plan, row.list, row.row))
            if not asked:
                continue
            call, field = rng.choice(asked)
            what = f"the {label(field.name.rpartition('.')[2])} of the {plan.done[call].model.noun}"
            want = "to be reminded of" if call in earlier else "to know"
            brief = f"Asked whether to go ahead, you first want {want} {what}; then you say yes."
            noted = Noted(operator=self.name, calls=(call,), brief=brief, speaks=True)
            must = MustSay(turn=number, call=call, path=field.name, value=field.value)
            harder = plan.with_turn(number, turn.with_twists(noted), self.name)
            return replace(harder, must_say=(*plan.must_say, must))
        return plan

    def answer_question(self, turn: TurnDraft) -> str | None:
        """Question, answer with the question whether to go ahead, and a yes."""
        noted = find_twists(turn.turn, Noted)
        aside = next((one for one in noted if one.operator == self.name), None)
        if aside is None:
            return None
        asked = turn.scene.task.acceptance.must_say
        must = next(one for one in asked if (one.turn, (one.call,)) == (turn.number, aside.calls))
        told = turn.scene.turn_of(must.call) < turn.number
        tell_again(turn, must, "aside_again" if told else "aside", "aside_answered", "confirm")
        turn.say_as_user("affirm", turn.user_words("affirm"))
        return ""


def _holds(plan: Plan, call: int, write: int) -> bool:
    return not any(executed.model.writes for executed in plan.done[call:write])


def _find_untold(
    plan: Plan, call: int, row: str = "", *, told: bool = True
) -> Iterator[SpokenField]:
    """The values that somebody would ask for; where some are ``told``, those are not asked for."""
    asked = find_asked_fields(plan, call, row)
    most = {one.name for one in telling(asked, frozenset(), _TOLD)} if told else set()
    return (field for field in asked if field.name not in most)
