"""The user leaves out something that is needed, or everything, and is asked for it."""

import re
from collections.abc import Sequence
from random import Random

from generators.dialogue.script import Leaf
from generators.dialogue.turn_draft import TurnDraft
from generators.dialogue.write_script import clear_request
from generators.identity_cache import Same
from generators.language.action import action
from generators.language.deed_words import is_deed
from generators.language.facts import is_spoken_id
from generators.language.phrase import NOTHING, Phrase
from generators.language.scene import Hidden
from generators.language.slot_phrases import find_pairs
from generators.lexicon.names import label
from generators.lexicon.nouns import plural
from generators.operators.operator import Mark, Operator, marked
from generators.sandbox.own_rows import find_user
from generators.tasks.plan import Mix, Plan, TurnPlan, leaf, shuffled
from generators.world.model import ParameterModel, ToolModel, World
from schemas.leaves import leaves
from schemas.semantic import ADDRESS
from schemas.task import Origin
from schemas.twists import Comparison, LeansOn, Vague, Withheld, find_twists, has_twist

_WHERE_UNTOLD = re.compile(r"\bif (?:no|none|not)\b[^.]* (?:provided|given|specified|told)\b", re.I)
"""What a description says of a value that need not be asked for."""


class Clarify(Operator):
    """Values are held back until the assistant asks for them."""

    name = "clarify"
    share = 0.5
    what = "the user leaves out something that is needed, and is asked for it"
    when = " of conversations"
    more_marks = (
        Mark(
            "vague",
            0.15,
            "the user leaves out everything at first",
            " of those of `clarify` that allow it",
        ),
    )
    needs = "a call that must be told something"

    def allows(self, world: World, model: ToolModel) -> bool:
        """A call with a value that a question can be asked for."""
        del world
        return any(map(_is_askable, model.parameters))

    def change_plan(self, plan: Plan, rng: Random, mix: Mix) -> Plan:
        """One turn holds back one or two of its values, or all where there are at most three."""
        if rng.random() >= mix["clarify"]:
            return plan
        for number, turn in shuffled(plan, rng):
            if not {*plan.barred}.isdisjoint(turn.calls):
                continue  # what is declined for what has been seen needs nothing more
            if turn.elapsed or has_twist(turn, Withheld, LeansOn, Comparison):
                continue  # who asks again has said it all before
            askable = find_askable(plan, turn)
            if not askable:
                continue
            everything = len(plan.told(turn)) == len(askable) <= 3
            # A sum to be worked out is "about" nothing that a person would name.
            everything = everything and all(plan.done[one].model.entity for one in turn.calls)
            if everything and rng.random() < mix["vague"]:
                vague = plan.with_turn(number, turn.with_twists(*askable, Vague()), self.name)
                return marked(vague, "vague")
            count = min(len(askable), 1 if rng.random() < 0.65 else 2)
            places = sorted(rng.sample(range(len(askable)), count))
            drawn = [askable[place] for place in places]
            named = {one.path for one in drawn}
            # With what is said in the same breath: an owner and their repository.
            pairs = find_pairs(plan.setting.world)
            halves = {name for pair in pairs if not named.isdisjoint(pair) for name in pair}
            held = [one for one in askable if one in drawn or one.path in halves]
            return plan.with_turn(number, turn.with_twists(*held), "clarify")
        return plan

    def hold_back(self, turn: TurnDraft) -> Sequence[Leaf]:
        """What is withheld."""
        return [(one.call, one.path) for one in find_twists(turn.turn, Withheld)]

    def word_request(self, turn: TurnDraft, hidden: Hidden) -> Phrase:
        """A vague request names its topic and nothing else."""
        del hidden
        if not has_twist(turn.turn, Vague):
            return NOTHING
        return turn.user_words("vague", topic=name_topic(turn)).as_sentence()

    def ask_user(self, turn: TurnDraft) -> bool:
        """The assistant does not guess what somebody means who only says what it is about."""
        if has_twist(turn.turn, Vague):
            asked = turn.assistant_words("clarify_open", topic=name_topic(turn))
            turn.say_as_assistant("clarify", asked)
            request = clear_request(turn, turn.hidden())
            turn.say_as_user("inform", request)
        return False


def find_askable(plan: Plan, turn: TurnPlan) -> list[Withheld]:
    """Values that a question can be asked for, one of a name: two would be unclear."""
    kept: dict[str, Withheld] = {}
    serving = {source for one in turn.calls for source in plan.done[one].sources}
    for call, origin, parameter in plan.told(turn):
        if parameter.use == "query" and call in serving:
            continue  # who names a thing is not asked for words to find it by
        parts = [p for p in plan.done[call].model.parameters if p.semantic in ADDRESS]
        said = [leaf(plan.done[one], at.path) for one, at, _ in plan.told(turn)]
        twice = said.count(leaf(plan.done[call], origin.path)) > 1
        if twice or (len(parts) > 1 and parameter in parts):
            continue  # an address is said in one breath, and its city with it
        user = find_user(Same(plan.setting.world), plan.done[call].model.tool.domain)
        finds = user is not None and plan.done[call].model.entity == user.key
        told = sum(other == call for other, _, _ in plan.told(turn))
        if finds and told > 1 and not plan.done[call].model.writes:
            continue  # so is who one is: a name and a zip code
        plain = _is_askable(parameter) and "[" not in origin.path
        names = parameter.use in ("identity", "reference")
        known = (names or parameter.semantic in ("email", "phone", "city")) and (
            _was_said(plan, call, origin) or _will_be_said(plan, call, origin)
        )
        if plain and not known and plan.may_ask(turn, call, origin.path):
            kept.setdefault(parameter.name, Withheld(call=call, path=origin.path))
    return [*kept.values()]


def _is_askable(parameter: ParameterModel) -> bool:
    plain = parameter.semantic != "boolean" and not is_deed(parameter)
    untold = _WHERE_UNTOLD.search(str(parameter.schema.get("description", "")))
    return plain and parameter.required and not untold


def _was_said(plan: Plan, call: int, origin: Origin) -> bool:
    """Whether an earlier call had the value or gave it: nobody would ask for it again."""
    value = leaf(plan.done[call], origin.path)
    earlier = (one for done in plan.done[:call] for one in (done.arguments, done.result))
    return any(held == value for one in earlier if one for _, held in leaves(one))


def _will_be_said(plan: Plan, call: int, origin: Origin) -> bool:
    """Whether the request names the row by this very number: "my order #W2489269"."""
    model = plan.done[call].model
    names = is_spoken_id(leaf(plan.done[call], origin.path), model.noun)
    turn = plan.turns[plan.turn_of(call)]
    return names and any(call in plan.done[other].sources for other in turn.calls)


def name_topic(turn: TurnDraft) -> str:
    """What the turn is about, in a word of people: ``appointments``."""
    model = turn.scene.model(turn.sinks[-1])
    article, _, thing = action(model).pattern.partition(" ")
    # What people ask for has their word, a row the one that its tool's name makes of it.
    noun = thing if article in ("a", "an") else label(model.noun.replace(" ", "_"))
    return plural(noun) or "something"
