"""The user leaves out something that is needed, or everything, and is asked for it."""

from collections.abc import Sequence
from random import Random

from generators.dialogue.script import Leaf
from generators.dialogue.turn_draft import TurnDraft
from generators.dialogue.user_style import styled
from generators.dialogue.write_script import clear_request
from generators.language.phrase import Phrase, concat
from generators.language.scene import Hidden
from generators.language.slot_phrases import Told
from generators.lexicon.names import join, label
from generators.lexicon.nouns import is_plural, plural
from generators.operators.operator import Effect, Mark, Operator, count_turns, count_user_messages
from generators.tasks.plan import Mix, Plan, shuffled
from schemas.twists import Comparison, LeansOn, Vague, Withheld, find_twists, has_twist

_QUESTIONS: dict[str, str] = {
    "person_name": "clarify_person", "date": "clarify_date", "query": "clarify_query",
    "expression": "clarify_expression",
}  # fmt: skip


class Clarify(Operator):
    """Values are held back until the assistant asks for them."""

    name = "clarify"
    marks = (
        Mark("clarify", 0.5, "the user leaves out something that is needed, and is asked for it",
             " of conversations"),
        Mark("vague", 0.3, "the user leaves out everything at first",
             " of those of `clarify` that allow it"),
    )  # fmt: skip
    effects = (
        Effect("clarify", "user messages", count_user_messages),
        Effect("clarify", "turns with withheld values",
               count_turns(lambda turn: has_twist(turn, Withheld))),
        Effect("vague", "turns begun vaguely", count_turns(lambda turn: has_twist(turn, Vague))),
    )  # fmt: skip

    def make_harder(self, plan: Plan, rng: Random, mix: Mix) -> Plan:
        """One turn holds back one or two of its values, or all where there are at most three."""
        for number in shuffled(plan, rng):
            turn = plan.turns[number]
            if has_twist(turn, Withheld, LeansOn, Comparison):
                continue
            askable = _find_askable(plan, number)
            if not askable:
                continue
            everything = len(plan.told(turn)) == len(askable) <= 3
            if everything and rng.random() < mix["vague"]:
                return plan.with_turn(number, turn.with_twists(*askable, Vague()), "vague")
            count = min(len(askable), 1 if rng.random() < 0.65 else 2)
            kept = set(rng.sample(range(len(askable)), count))
            held = [one for place, one in enumerate(askable) if place in kept]
            return plan.with_turn(number, turn.with_twists(*held), "clarify")
        return plan

    def hold_back(self, turn: TurnDraft) -> Sequence[Leaf]:
        """What is withheld."""
        return [(one.call, one.path) for one in find_twists(turn.turn, Withheld)]

    def word_request(self, turn: TurnDraft, hidden: Hidden) -> Phrase:
        """A vague request names its topic and nothing else."""
        del hidden
        if not has_twist(turn.turn, Vague):
            return Phrase("")
        return turn.user_words("vague", topic=_topic_of(turn)).as_sentence()

    def ask_user(self, turn: TurnDraft) -> bool:
        """The assistant does not guess: it asks for what is missing, and hears it."""
        if has_twist(turn.turn, Vague):
            asked = turn.assistant_words("clarify_open", topic=_topic_of(turn))
            turn.say_as_assistant("clarify", asked)
            said = clear_request(turn, turn.hidden())
            turn.say_as_user("inform", styled(turn.scene, said))
        elif leaves := self.hold_back(turn):
            turn.say_as_assistant("clarify", ask_for(turn, leaves))
            turn.say_as_user("inform", _answer(turn, leaves))
        return False


def _find_askable(plan: Plan, number: int) -> list[Withheld]:
    """Values that a question can be asked for, at most one of a name: two would be unclear."""
    turn = plan.turns[number]
    kept: dict[str, Withheld] = {}
    for call, origin, parameter in plan.told(turn):
        askable = (
            parameter.required
            and "[" not in origin.path
            and parameter.semantic != "boolean"
            and parameter.name != "method"
            and not plan.has_twin(call)
            and not plan.has_rival(turn, call, origin.path)
        )
        if askable:
            kept.setdefault(parameter.name, Withheld(call=call, path=origin.path))
    return list(kept.values())


def _topic_of(turn: TurnDraft) -> str:
    noun = turn.scene.model(turn.sinks[-1]).noun
    return plural(label(noun.replace(" ", "_"))) or "something"


def ask_for(turn: TurnDraft, leaves: Sequence[Leaf]) -> str:
    """The assistant's question for values of the turn's calls."""
    parameters = [turn.scene.model(call).parameter(path) for call, path in leaves]
    labels = list(dict.fromkeys(label(p.name) for p in parameters))
    if len(labels) > 1:
        return turn.assistant_words("clarify_many", labels=join([f"the {one}" for one in labels]))
    kind = parameters[0].semantic
    key = _QUESTIONS.get(kind, "clarify_one")
    if kind in ("count", "duration") and is_plural(labels[0]):
        key = "clarify_count"
    return turn.assistant_words(key, label=labels[0])


def _answer(turn: TurnDraft, leaves: Sequence[Leaf]) -> Phrase:
    """The user's answer with all values that were asked for."""
    values = []
    for call, path in leaves:
        parameter = turn.scene.model(call).parameter(path)
        value = next(v for o, _, v in turn.scene.told(call) if o.path == path)
        words = turn.scene.say(call, path, parameter, value)
        values.append(Told(label=label(parameter.name), value=words))
    if len(values) == 1:
        said = values[0].value
        phrase = turn.user_words("inform_one", value=said, value_again=said.text)
    else:
        parts = [f"the {item.label} is " + item.value for item in values]
        details = concat(parts[:-1], ", ") + " and " + parts[-1]
        phrase = turn.user_words("inform_many", details=details)
    return styled(turn.scene, phrase.as_sentence())
