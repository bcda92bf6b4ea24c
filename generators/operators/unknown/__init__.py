"""The user is asked for an id that only a tool can find, and does not know it."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from generators.dialogue.script import Leaf
from generators.dialogue.turn_draft import TurnDraft
from generators.dialogue.user_style import styled
from generators.dialogue.write_script import distinct
from generators.language.details import detail_sentences
from generators.language.phrase import concat
from generators.language.request_objects import needs
from generators.language.slot_phrases import Told
from generators.lexicon.names import bare_label
from generators.operators.operator import Effect, Mark, Operator, count_turns
from generators.tasks.plan import Mix, Plan, TurnPlan, shuffled
from schemas import twists
from schemas.twists import Comparison, LeansOn, Withheld, find_twist, has_twist


class Unknown(Operator):
    """The user is asked for an id and does not know it; the assistant finds it out."""

    name = "unknown"
    marks = (
        Mark(
            "unknown",
            0.25,
            "the user is asked for an id and does not know it; the assistant finds it out",
        ),
    )
    effects = (
        Effect("unknown", "questions in vain",
               count_turns(lambda turn: has_twist(turn, twists.Unknown))),
    )  # fmt: skip

    def make_harder(self, plan: Plan, rng: Random, mix: Mix) -> Plan:
        """An id that a call of the turn takes from another of its calls is asked for."""
        del mix
        for number in shuffled(plan, rng):
            turn = plan.turns[number]
            if has_twist(turn, Withheld, LeansOn, Comparison):
                continue
            for call in turn.calls:
                for origin in plan.done[call].origins:
                    parameter = plan.done[call].model.parameter(origin.path)
                    if origin.call not in turn.calls or not parameter.opaque or "[" in origin.path:
                        continue
                    told = any(o.kind == "user" for other in turn.calls if other < call
                               for o in plan.done[other].origins)  # fmt: skip
                    if told and _finds_alone(plan, turn, origin.call):
                        asked = turn.with_twists(twists.Unknown(name=parameter.name))
                        return plan.with_turn(number, asked, "unknown")
        return plan

    def hold_back(self, turn: TurnDraft) -> Sequence[Leaf]:
        """What finds the row is told only after the question for its id."""
        if find_twist(turn.turn, twists.Unknown) is None or turn.turn.outcome == "clarify":
            return ()
        implied = [call for call in turn.calls if call not in turn.sinks]
        return [(c, origin.path) for c in implied for origin, _, _ in turn.scene.told(c)]

    def ask_user(self, turn: TurnDraft) -> bool:
        """The assistant asks for the id; the user says instead what the row is known by."""
        asked = find_twist(turn.turn, twists.Unknown)
        if asked is None or turn.turn.outcome == "clarify":
            return False
        scene = turn.scene
        question = turn.assistant_words("ask_unknown", label=f"{bare_label(asked.name)} ID")
        turn.say_as_assistant("clarify", question)
        unable = turn.user_words("unable").as_sentence()
        implied = [call for call in turn.calls if call not in turn.sinks]
        hidden = turn.hidden()
        own = replace(hidden, seen=hidden.seen | set(implied))
        told = [
            item
            for call in implied
            for item in needs(scene, call, own)
            if not item.tail.text.startswith("of that ")  # the call before has its own turn
        ]
        told = distinct(told)
        tails = [item.tail for item in told if not item.is_detail]
        which = [Told(value="the one " + concat(tails))] if tails else []
        details = [item for item in told if item.is_detail] + which
        phrase = concat([unable, *detail_sentences(scene, details)])
        turn.say_as_user("unable_to_inform", styled(scene, phrase))
        return False


def _finds_alone(plan: Plan, turn: TurnPlan, source: int) -> bool:
    """Whether all that is told for calls that others need helps to find this one row.

    What the user says instead of the id would be taken for the row's, though it is another's.
    """
    serving, waiting = {source}, [source]
    while waiting:
        for call in plan.done[waiting.pop()].sources & set(turn.calls) - serving:
            serving.add(call)
            waiting.append(call)
    needed = {
        call for other in turn.calls for call in plan.done[other].sources if call in turn.calls
    }
    return not any(
        origin.kind == "user" for call in needed - serving for origin in plan.done[call].origins
    )
