"""After hours the user asks for something again: what was looked up holds no longer (TicToc).

After arXiv 2510.23853, in which an assistant has to tell from the clock whether to call again.
"""

from dataclasses import replace
from random import Random

from generators.dialogue.turn_draft import TurnDraft
from generators.dialogue.write_script import asks_again
from generators.language.phrase import NOTHING, Phrase
from generators.language.request_objects import is_object, object_of
from generators.language.scene import Hidden
from generators.lexicon.numbers import hours_in_words
from generators.operators.operator import Effect, Mark, Operator
from generators.tasks.needed_reads import has_idle_reads, pause_before
from generators.tasks.plan import Mix, Plan, TurnPlan
from generators.tasks.plan_changes import insert_calls, insert_turn
from schemas.twists import LeansOn, has_twist

_HOUR = 3600


class Stale(Operator):
    """The conversation goes on after some hours, with a read that was made before."""

    name = "stale"
    marks = (
        Mark(
            "stale",
            0.12,
            "after hours the user asks for something again; earlier answers hold no longer, as the "
            "system message says",
            ", and some of the reads that nothing else needs",
        ),
    )
    effects = (
        Effect("stale", "seconds that pass",
               lambda task, _: float(sum(turn.elapsed for turn in task.turns))),
    )  # fmt: skip

    def make_harder(self, plan: Plan, rng: Random, mix: Mix) -> Plan:
        """A read that the user asked for is made again at the end."""
        del mix
        if any(turn.elapsed for turn in plan.turns):
            return plan
        pause = pause_before(plan, rng)
        asked = [call for call in range(len(plan.done)) if _may_be_asked_again(plan, call)]
        if not asked or not pause:
            return plan
        executed = plan.done[rng.choice(asked)]
        outcome = plan.environment().call(executed.model.name, executed.arguments)
        if outcome.is_error:
            return plan
        again = replace(executed, result=outcome.content, twin=False, step=-1)
        longer = insert_turn(plan, len(plan.turns), TurnPlan((), elapsed=pause))
        longer = insert_calls(longer, len(plan.turns), len(plan.done), [again])
        if has_idle_reads(longer):
            return plan
        return replace(longer, operators=(*plan.operators, "stale"))

    def open_request(self, turn: TurnDraft) -> str | None:
        """The user says that they come back after hours."""
        hours = turn.turn.elapsed // _HOUR
        if not hours:
            return None
        time = hours_in_words(hours)
        return turn.user_words("back", time=time).text

    def word_request(self, turn: TurnDraft, hidden: Hidden) -> Phrase:
        """The user asks how a thing stands now, where nothing else has to be said of it."""
        scene, first = turn.scene, turn.calls[0]
        silent = all(hidden.silent(first, origin.path) for origin, _, _ in scene.told(first))
        if not (silent and asks_again(turn) and is_object(scene, first)):
            return NOTHING
        thing = object_of(scene, first, hidden)
        if not thing.words or thing.needs:
            return NOTHING
        return turn.user_words("now_one", thing=thing.words).as_sentence()


def _may_be_asked_again(plan: Plan, call: int) -> bool:
    """Whether the user asked for the read itself, about one thing."""
    executed, turn = plan.done[call], plan.turns[plan.turn_of(call)]
    lent = any(call in plan.done[other].sources for other in turn.calls)
    reads = executed.model.operation in ("get", "list")
    return reads and not lent and not plan.has_twin(call) and not has_twist(turn, LeansOn)
