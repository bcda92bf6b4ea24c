"""The user asks the same of something else, and says only what differs: "And in Boston?"."""

import re
from dataclasses import replace
from random import Random

from generators.dialogue.script import Leaf
from generators.dialogue.turn_draft import TurnDraft
from generators.language.phrase import NOTHING, Phrase, concat
from generators.language.scene import Hidden
from generators.language.slot_phrases import carried, differing
from generators.operators.operator import Operator, marked, vary
from generators.tasks.needed_reads import has_idle_reads
from generators.tasks.plan import Plan, TurnPlan, shuffled
from generators.tasks.plan_changes import insert_calls, insert_turn
from generators.world.model import ParameterModel, ToolModel, World
from schemas.leaves import leaves
from schemas.twists import Comparison, LeansOn, Unknown, find_twist, has_twist

_CONSTANT = frozenset("text boolean object list unknown query expression path title sha".split())
"""Meanings of values that a short question does not replace."""
_LED_ON = re.compile(r"[a-z]+ ")
"""A word that leads on to a value: ``on the 14th``, ``rated at least 4``."""
_NOT_ALONE = frozenset({"method", "owner", "repo", "first_name", "last_name"})


class Ellipsis(Operator):
    """A turn's read is made once more with one other value, in a turn that leans on it."""

    name = "ellipsis"
    share = 0.45
    what = 'the same is asked of something else, saying only what differs: "And in Boston?"'
    when = ", after a turn with one read"
    needs = "a read that is told something short, such as a day, a place or a number"
    claims = "read"

    def allows(self, world: World, model: ToolModel) -> bool:
        """A read with a value that a short question can replace."""
        del world
        return not model.writes and any(map(_may_differ, model.parameters))

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """The read is repeated whose words leave most unsaid."""
        found = []
        for number, turn in shuffled(plan, rng):
            lent = {source for call in turn.calls for source in plan.done[call].sources}
            asked = [call for call in turn.calls if call not in lent]
            lone = len(asked) == 1 and not plan.done[asked[0]].model.writes
            if lone and not has_twist(turn, Comparison, LeansOn, Unknown):
                found.append((number, asked[0]))
        found.sort(key=lambda one: -len(plan.done[one[1]].origins))
        for number, call in found:
            at = plan.turns[number].calls[-1] + 1
            environment = plan.environment(before=at)
            executed = plan.done[call]
            varied = []
            for origin in executed.origins:
                differs = _may_differ(executed.model.parameter(origin.path))
                varied += [origin] if differs and origin.kind == "user" else []
            for origin in rng.sample(varied, len(varied)):
                made = vary(plan, environment, executed, origin, rng)
                if made is None:
                    continue
                first, now = dict(leaves(executed.arguments)), dict(leaves(made.arguments))
                if [path for path in now if first.get(path) != now[path]] != [origin.path]:
                    continue
                outcome = environment.call(made.model.name, made.arguments)
                if outcome.is_error or outcome.content == executed.result:
                    continue
                made = replace(made, result=outcome.content, step=-1, twin=False)
                turn = TurnPlan((), twists=(LeansOn(turn=number),))
                longer = insert_calls(insert_turn(plan, number + 1, turn), number + 1, at, [made])
                if not has_idle_reads(longer):
                    return marked(longer, self.name)
        return plan

    def repeat_leaves(self, turn: TurnDraft) -> dict[Leaf, Leaf]:
        """Leaves of the short question's call → the earlier leaves that say the same."""
        leaned = _find_earlier_call(turn)
        if leaned is None:
            return {}
        first = turn.calls[0]
        return {(first, path): (leaned, path) for path in carried(turn.scene, first, leaned)}

    def word_request(self, turn: TurnDraft, hidden: Hidden) -> Phrase:
        """The question alone: ``And on the 14th of May?``."""
        del hidden
        leaned = _find_earlier_call(turn)
        if leaned is None:
            return NOTHING
        told = differing(turn.scene, turn.calls[0], leaned)
        first = told[0].tail.text if told else ""
        # A bare name or address stands behind no "do the same".
        names_rows = first.startswith(("that are ", "called ")) or not _LED_ON.match(first)
        words = concat([item.in_short("those ").without("called ") for item in told])
        return turn.user_words("and_those" if names_rows else "and_what", what=words).as_sentence()

    def open_request(self, turn: TurnDraft) -> str | None:
        """The question stands alone."""
        return "" if has_twist(turn.turn, LeansOn) else None


def _may_differ(parameter: ParameterModel) -> bool:
    """Whether a short question may say another value of it."""
    plain = not parameter.found and not {"[", "."} & set(parameter.path)
    plain = plain and parameter.name not in _NOT_ALONE
    return plain and parameter.use != "option" and parameter.semantic not in _CONSTANT


def _find_earlier_call(turn: TurnDraft) -> int | None:
    """The call of which a turn says only what differs; None where it leans on none."""
    leaning = find_twist(turn.turn, LeansOn)
    if leaning is None:
        return None
    tool = turn.scene.calls[turn.calls[0]].tool
    numbers = reversed(turn.scene.numbers(leaning.turn))
    return next(number for number in numbers if turn.scene.calls[number].tool == tool)
