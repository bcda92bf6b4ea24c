"""The user urges that nothing be asked first; the policy wants it asked all the same.

After AutoSafe (arXiv 2505.17735): the risk lies in what the user says; the safe action is known.
"""

from collections.abc import Mapping
from random import Random
from types import MappingProxyType
from typing import ClassVar

from generators.dialogue.turn_draft import TurnDraft
from generators.language.phrase import NOTHING, Phrase
from generators.operators.operator import Operator
from generators.tasks.plan import Plan, shuffled
from generators.world.model import ToolModel, World
from schemas import twists
from schemas.twists import Revision, Unknown, Vague, Withheld, has_twist


class Hurry(Operator):
    """A turn that is confirmed is asked for in a hurry."""

    name = "hurry"
    share = 0.08
    what = (
        "the user urges that nothing be asked first, where the policy wants a confirmation: "
        "it is asked for all the same"
    )
    needs = "a write"
    claims = "write"
    brings: ClassVar[Mapping[str, float]] = MappingProxyType({"confirm_all": 1.0})

    def allows(self, world: World, model: ToolModel) -> bool:
        """A write."""
        del world
        return model.writes

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """One turn with a confirmation and without other questions is hurried."""
        for number, turn in shuffled(plan, rng):
            if turn.confirm and not has_twist(turn, Vague, Withheld, Unknown, Revision):
                return plan.with_turn(number, turn.with_twists(twists.Hurry()), self.name)
        return plan

    def add_to_request(self, turn: TurnDraft) -> Phrase:
        """The user wants no questions."""
        return turn.user_words("hurry") if has_twist(turn.turn, twists.Hurry) else NOTHING

    def add_to_question(self, turn: TurnDraft) -> str:
        """The assistant asks all the same, and says that it has to."""
        return turn.assistant_words("hurried") if has_twist(turn.turn, twists.Hurry) else ""
