"""The user is asked for an id that only a tool can find, and does not know it."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from generators.dialogue.script import Leaf
from generators.dialogue.turn_draft import TurnDraft
from generators.dialogue.write_script import distinct
from generators.identity_cache import Same
from generators.language.facts import is_spoken_id
from generators.language.phrase import concat
from generators.language.request_objects import needs
from generators.language.slot_phrases import Told, detail_sentences
from generators.lexicon.names import bare_label
from generators.lexicon.tables import load_words
from generators.operators.operator import Operator
from generators.sandbox.own_rows import find_user
from generators.tasks.plan import Plan, TurnPlan, shuffled
from generators.world.model import ParameterModel, ToolModel, World
from schemas import twists
from schemas.leaves import value_at
from schemas.twists import Comparison, LeansOn, Withheld, find_twist, has_twist


class Unknown(Operator):
    """The user is asked for an id and does not know it; the assistant finds it out."""

    name = "unknown"
    share = 0.25
    what = "the user is asked for an id and does not know it; the assistant finds it out"
    needs = "a call about a row whose ID nobody has in mind, and that a tool finds"
    claims = "read"

    def allows(self, world: World, model: ToolModel) -> bool:
        """A call that must be given an ID that people have, or might have."""
        opaque = [one for one in model.parameters if one.opaque and "[" not in one.path]
        spoken = load_words("telling", "spoken_ids")
        # A tool shows the row to whoever does not know its id.
        found = {one.entity for one in world.models.values() if not one.writes and not any(
            p.required and p.use == "identity" and p.opaque for p in one.parameters)}  # fmt: skip
        return any(_noun_of(world, one) in spoken and not _is_users(world, one)
                   and one.entity in found for one in opaque)  # fmt: skip

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """An id that a call of the turn takes from another of its calls is asked for."""
        for number, turn in shuffled(plan, rng):
            if has_twist(turn, Withheld, LeansOn, Comparison):
                continue
            telling = [call for call in turn.calls
                       if any(o.kind == "user" for o in plan.done[call].origins)]  # fmt: skip
            for call in turn.calls:
                for origin in plan.done[call].origins:
                    parameter = plan.done[call].model.parameter(origin.path)
                    if origin.call not in turn.calls or not parameter.opaque or "[" in origin.path:
                        continue
                    # Nobody is asked for the id of a doctor or of a restaurant, nor for their own:
                    # who can be found by an e-mail address is asked for that at once.
                    world = plan.setting.world
                    asked = value_at(plan.done[call].arguments, origin.path)
                    spoken = is_spoken_id(asked, _noun_of(world, parameter))
                    bare = (origin.result_path or "").endswith("]")  # known by nothing but the id?
                    if not spoken or bare or _is_users(world, parameter):
                        continue
                    if any(
                        asked in plan.done[one].arguments.values() for one in telling if one < call
                    ):
                        continue  # it is what the user finds the row by
                    told = any(other < call for other in telling)
                    if told and _finds_alone(plan, turn, origin.call, telling):
                        unknown = turn.with_twists(twists.Unknown(name=parameter.name))
                        return plan.with_turn(number, unknown, self.name)
        return plan

    def hold_back(self, turn: TurnDraft) -> Sequence[Leaf]:
        """What finds the row is told only after the question for its id."""
        if not has_twist(turn.turn, twists.Unknown) or turn.turn.outcome == "clarify":
            return ()
        implied = [call for call in turn.calls if call not in turn.sinks]
        return [(c, origin.path) for c in implied for origin, _, _ in turn.scene.told(c)]

    def ask_user(self, turn: TurnDraft) -> bool:
        """The assistant asks for the id; the user says instead what the row is known by."""
        asked = find_twist(turn.turn, twists.Unknown)
        if asked is None or turn.turn.outcome == "clarify":
            return False
        scene = turn.scene
        noun = bare_label(asked.name)
        question = turn.assistant_words("ask_unknown", noun=noun, label=f"{noun} ID")
        turn.say_as_assistant("clarify", question)
        unable = turn.user_words("unable").as_sentence()
        # Not by what is only looked at beside it: the flight that a booking is moved to.
        implied = [call for call in turn.calls
                   if call not in turn.sinks and not scene.calls[call].looks]  # fmt: skip
        hidden = turn.hidden()
        own = replace(hidden, seen=hidden.seen | set(implied))
        told = distinct(
            [
                item
                for call in implied
                for item in needs(scene, call, own)
                if not item.tail.text.startswith("of that ")  # the call before has its own turn
            ]
        )
        tails = [item.tail for item in told if not item.is_detail]
        which = [Told(value="the one " + concat(tails))] if tails else []
        details = [item for item in told if item.is_detail] + which
        phrase = concat([unable, *detail_sentences(scene, details)])
        turn.say_as_user("unable_to_inform", phrase)
        return False


def _is_users(world: World, parameter: ParameterModel) -> bool:
    """Whether it names the one who writes."""
    entity = world.entities.get(parameter.entity or "")
    return entity is not None and entity == find_user(Same(world), entity.domain)


def _noun_of(world: World, parameter: ParameterModel) -> str:
    """What kind of row it names; empty where none."""
    entity = world.entities.get(parameter.entity or "")
    return entity.noun if entity else ""


def _finds_alone(plan: Plan, turn: TurnPlan, source: int, telling: Sequence[int]) -> bool:
    """Whether all that is told (by ``telling``) for calls that others need helps to find one row.

    What the user says instead of the id would be taken for the row's, though it is another's.
    """
    own = set(turn.calls)
    serving, waiting = {source}, [source]
    while waiting:
        new = plan.done[waiting.pop()].sources & own - serving
        serving |= new
        waiting += new
    needed = {call for other in turn.calls for call in plan.done[other].sources & own}
    return not (needed - serving) & set(telling)
